//! Certificates and TLS: the node's own authority, its listeners, its calls to partners.
//!
//! A node has a small certificate authority of its own. It issues the node's
//! certificate (shown to carriers, officers and partners, and presented to
//! partners when calling them) and carriers' client certificates. A partner's
//! authority becomes trusted when an administrator accepts the partner's offer,
//! for the exchange listener alone, and the very certificate is pinned besides.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use anyhow::{Context, Result, anyhow};
use axum_server::{
    accept::Accept,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use jiff::ToSpan;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{clock, config::Layout};

/// How long certificates are valid.
const YEARS: i16 = 10;

/// SHA-256 of a certificate's DER bytes, in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub String);

impl Fingerprint {
    /// The fingerprint of a certificate.
    pub fn of(der: &[u8]) -> Self {
        Self(hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der).as_ref()))
    }
    /// The fingerprint of the first certificate of a PEM text.
    pub fn of_pem(pem: &str) -> Result<Self> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|e| anyhow!("no certificate in this PEM text: {e}"))?;
        Ok(Self::of(&der))
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Who calls, as far as TLS knows: the client certificate, if one was shown.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Fingerprint of the client certificate; its chain has been verified.
    pub certificate: Option<Fingerprint>,
}

/// Makes the authority and the node's certificate. Names are what the node is
/// reached by; loopback names are always among them.
pub fn make_certificates(layout: &Layout, state: &str, names: &[String]) -> Result<()> {
    let key = KeyPair::generate()?;
    let certificate = authority(state)?.self_signed(&key)?;
    let (ca_pem, ca_key) = layout.ca();
    write_public(&ca_pem, certificate.pem().as_bytes())?;
    write_secret(&ca_key, key.serialize_pem().as_bytes())?;

    let mut all: Vec<String> = vec!["localhost".into(), "127.0.0.1".into(), "::1".into()];
    all.extend(names.iter().filter(|n| !all.contains(n)).cloned().collect::<Vec<_>>());
    let (pem, key) = issue((layout, state), &format!("Passerelle {state} node"), &all)?;
    let (node_pem, node_key) = layout.certificate();
    write_public(&node_pem, pem.as_bytes())?;
    write_secret(&node_key, key.as_bytes())
}

/// What a node's authority is called, and what it may sign.
fn authority(state: &str) -> Result<CertificateParams> {
    let mut params = valid(CertificateParams::new(Vec::new())?);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, format!("Passerelle {state} authority"));
    Ok(params)
}

/// From yesterday, for clocks differ, for [`YEARS`].
fn valid(mut params: CertificateParams) -> CertificateParams {
    let today = clock::utc().date();
    let at = |years: i16, days: i8| {
        let day = today.saturating_add(years.years()).saturating_add(days.days());
        date_time_ymd(day.year().into(), day.month() as u8, day.day() as u8)
    };
    params.not_before = at(0, -1);
    params.not_after = at(YEARS, 0);
    params
}

/// Issues a certificate for a server and client, signed by the authority of that state's
/// node. Returns certificate and key, both PEM.
pub fn issue(
    (layout, state): (&Layout, &str),
    common_name: &str,
    names: &[String],
) -> Result<(String, String)> {
    // The authority is made above and nowhere else: its name is known without reading
    // its certificate, and no parser of certificates has to be built for it.
    let key = KeyPair::from_pem(&read_text(&layout.ca().1)?)?;
    let issuer = Issuer::new(authority(state)?, key);
    let mut params = valid(CertificateParams::new(names.to_vec())?);
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &issuer)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

/// How a listener treats client certificates.
pub enum Clients<'a> {
    /// No client certificate is asked for (console).
    None,
    /// One of the node's own authority may be shown (carriers).
    Own,
    /// One of the given authorities (PEM) must be shown (partners).
    Partners(&'a [String]),
}

/// The TLS configuration of one listener.
pub fn server(layout: &Layout, clients: Clients<'_>) -> Result<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let roots = |pems: &[String]| -> Result<Option<RootCertStore>> {
        let mut store = RootCertStore::empty();
        for pem in pems {
            for der in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                store.add(der.map_err(|e| anyhow!("bad certificate: {e}"))?)?;
            }
        }
        Ok((!store.is_empty()).then_some(store))
    };
    let verifier = |store: RootCertStore| {
        WebPkiClientVerifier::builder_with_provider(Arc::new(store), provider.clone())
    };
    let client_verifier: Arc<dyn ClientCertVerifier> = match clients {
        Clients::None => WebPkiClientVerifier::no_client_auth(),
        Clients::Own => {
            let own = read_text(&layout.ca().0)?;
            let store = roots(&[own])?.context("the node's authority has no certificate")?;
            verifier(store).allow_unauthenticated().build()?
        }
        // With no partner yet, the node's own authority stands in: it never signed a
        // partner's certificate, so that nobody is let in.
        Clients::Partners(pems) => {
            let store = match roots(pems)? {
                Some(store) => store,
                None => roots(&[read_text(&layout.ca().0)?])?
                    .context("the node's authority has no certificate")?,
            };
            verifier(store).build()?
        }
    };
    let (chain, key) = identity(layout)?;
    let versions: &[&rustls::SupportedProtocolVersion] = match clients {
        Clients::Partners(_) => &[&rustls::version::TLS13],
        _ => &[&rustls::version::TLS13, &rustls::version::TLS12],
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .with_client_cert_verifier(client_verifier)
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// A client that trusts `ca_pem` alone and shows the node's certificate: for calls
/// to one partner.
pub fn partner_client(layout: &Layout, ca_pem: &str) -> Result<reqwest::Client> {
    let (chain, key) = identity(layout)?;
    let config = client_builder(ca_pem, true)?.with_client_auth_cert(chain, key)?;
    client(config)
}

/// A client that trusts `ca_pem` alone and shows no certificate: for carriers and tests.
pub fn plain_client(ca_pem: &str) -> Result<reqwest::Client> {
    client(client_builder(ca_pem, false)?.with_no_client_auth())
}

fn client_builder(
    ca_pem: &str,
    only_13: bool,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    for der in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
        roots.add(der.map_err(|e| anyhow!("bad authority certificate: {e}"))?)?;
    }
    let versions: &[&rustls::SupportedProtocolVersion] = if only_13 {
        &[&rustls::version::TLS13]
    } else {
        &[&rustls::version::TLS13, &rustls::version::TLS12]
    };
    Ok(ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .with_root_certificates(roots))
}

fn client(config: ClientConfig) -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .use_preconfigured_tls(config)
        .no_proxy()
        .connect_timeout(std::time::Duration::from_secs(5))
        .timeout(std::time::Duration::from_secs(60))
        .build()?)
}

fn identity(layout: &Layout) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let (pem, key) = layout.certificate();
    let chain = CertificateDer::pem_slice_iter(read_text(&pem)?.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| anyhow!("{} holds no certificate: {e}", pem.display()))?;
    let key = PrivateKeyDer::from_pem_slice(read_text(&key)?.as_bytes())
        .map_err(|e| anyhow!("{} holds no key: {e}", key.display()))?;
    Ok((chain, key))
}

/// Accepts TLS and hands the client certificate's fingerprint to the handlers as
/// an axum extension [`Caller`].
#[derive(Clone)]
pub struct CallerAcceptor {
    inner: RustlsAcceptor,
}

impl CallerAcceptor {
    /// An acceptor over a configuration that can be exchanged while it runs.
    pub fn new(config: RustlsConfig) -> Self {
        Self { inner: RustlsAcceptor::new(config) }
    }
}

impl<I, S> Accept<I, S> for CallerAcceptor
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Send + 'static,
{
    type Stream = tokio_rustls::server::TlsStream<I>;
    type Service =
        axum::middleware::AddExtension<<RustlsAcceptor as Accept<I, S>>::Service, Caller>;
    type Future =
        std::pin::Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let acceptor = self.inner.clone();
        Box::pin(async move {
            let (stream, service) = acceptor.accept(stream, service).await?;
            let certificate = stream
                .get_ref()
                .1
                .peer_certificates()
                .and_then(|chain| chain.first())
                .map(|der| Fingerprint::of(der));
            let service = tower::Layer::layer(&axum::Extension(Caller { certificate }), service);
            Ok((stream, service))
        })
    }
}

/// Reads a text file, naming it when that fails.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Writes a file that everybody may read.
pub fn write_public(path: &Path, bytes: &[u8]) -> Result<()> {
    write_file(path, bytes, 0o644)
}

/// Writes a file that its owner alone may read, and waits until it is on the disk.
pub fn write_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    write_file(path, bytes, 0o600)
}

/// The same for a file that may be the only copy: the new one is whole on the disk before it takes
/// the old one's place.
pub fn replace_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = path.with_extension("part");
    write_secret(&part, bytes)?;
    fs::rename(&part, path)?;
    if let Some(dir) = path.parent() {
        fs::File::open(dir)?.sync_all()?;
    }
    Ok(())
}

fn write_file(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)
            .with_context(|| format!("{} cannot be made", parent.display()))?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}
