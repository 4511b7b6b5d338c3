//! COSE (RFC 9052) as parcels and receipts use it: COSE_Sign with exactly two
//! signatures, Ed25519 then ML-DSA-65, nothing unprotected, one encoding.

use coset::{
    CoseSign, CoseSignBuilder, CoseSignature, CoseSignatureBuilder, Header, HeaderBuilder,
    TaggedCborSerializable, iana,
};

use crate::{ExchangeError, PublicKeys, StateKeys};

/// Which signature does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Broken {
    Form,
    Ed25519,
    MlDsa65,
}

fn by(algorithm: iana::Algorithm) -> Header {
    HeaderBuilder::new().algorithm(algorithm).build()
}

/// Signs `payload` under a protected header; `context` separates uses.
pub(crate) fn sign(
    keys: &StateKeys,
    context: &[u8],
    protected: Header,
    payload: Vec<u8>,
) -> Result<Vec<u8>, ExchangeError> {
    let mut signed = CoseSignBuilder::new().protected(protected).payload(payload).build();
    let mut both = [iana::Algorithm::EdDSA, iana::Algorithm::ML_DSA_65]
        .map(|a| CoseSignatureBuilder::new().protected(by(a)).build());
    both[0].signature = keys.sign_ed25519(&signed.tbs_data(context, &both[0]));
    both[1].signature = keys.sign_ml_dsa_65(&signed.tbs_data(context, &both[1]))?;
    signed.signatures = both.into();
    signed.to_tagged_vec().map_err(|_| ExchangeError::Crypto("COSE cannot be written"))
}

/// Reads a COSE_Sign in the one form that [`sign`] writes.
pub(crate) fn read(bytes: &[u8]) -> Option<CoseSign> {
    let signed = CoseSign::from_tagged_slice(bytes).ok()?;
    let two = signed.signatures.len() == 2
        && is(&signed.signatures[0], iana::Algorithm::EdDSA)
        && is(&signed.signatures[1], iana::Algorithm::ML_DSA_65);
    let plain = two && signed.unprotected.is_empty() && signed.payload.is_some();
    (plain && signed.clone().to_tagged_vec().ok()? == bytes).then_some(signed)
}

fn is(signature: &CoseSignature, algorithm: iana::Algorithm) -> bool {
    signature.protected.header == by(algorithm) && signature.unprotected.is_empty()
}

/// Whether both signatures hold.
pub(crate) fn verify(signed: &CoseSign, context: &[u8], keys: &PublicKeys) -> Result<(), Broken> {
    let [classic, post_quantum] = signed.signatures.as_slice() else { return Err(Broken::Form) };
    if !keys.verify_ed25519(&signed.tbs_data(context, classic), &classic.signature) {
        return Err(Broken::Ed25519);
    }
    if !keys.verify_ml_dsa_65(&signed.tbs_data(context, post_quantum), &post_quantum.signature) {
        return Err(Broken::MlDsa65);
    }
    Ok(())
}
