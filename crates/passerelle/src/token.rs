//! The node key under a key that never leaves a PKCS#11 token: a hardware module, a smart card,
//! or SoftHSM.
//!
//! ```text
//! keys/node.wrapped = "passerelle-wrapped" STATE "key" FINGERPRINT ":" HEX
//! HEX = nonce (12 bytes) ‖ node key, AES-256-GCM by the token (CKM_AES_GCM) ‖ tag (16 bytes)
//! associated data = "passerelle node key v1 " ‖ STATE ‖ " " ‖ FINGERPRINT
//! ```
//! The token's key is AES-256, private, sensitive and not extractable; one that could leave the
//! token is refused. Who copies the disk has nothing, who has the token without its PIN neither.
//! The PIN is never written, logged or shown.

use std::{fmt, path::Path};

use anyhow::{Context, Result, anyhow, bail, ensure};
use aws_lc_rs::rand;
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    mechanism::{Mechanism, MechanismType, aead::GcmParams},
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::{Slot, TokenInfo},
    types::AuthPin,
};
use store::Secret;

use crate::{config, shares, tls};

/// Holds the PIN of the token, where no file does and nobody can be asked.
pub const PIN: &str = "PASSERELLE_PIN";

const NONCE: usize = 12;
const TAG_BITS: u64 = 128;

/// The node key as it is written: nothing without the token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrapped {
    /// The state whose node's it is.
    pub state: String,
    /// Which key it is.
    pub key: String,
    bytes: Vec<u8>,
}

impl Wrapped {
    /// Reads the line of a file.
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let ["passerelle-wrapped", state, "key", key, ":", hex] = words[..] else { return None };
        let bytes = shares::from_hex(hex)?;
        (bytes.len() == NONCE + 32 + 16).then(|| Self {
            state: state.into(),
            key: key.into(),
            bytes,
        })
    }

    fn associated(state: &str, key: &str) -> String {
        format!("passerelle node key v1 {state} {key}")
    }
}

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { state, key, bytes } = self;
        writeln!(f, "passerelle-wrapped {state} key {key} : {}", tls::hex(bytes))
    }
}

/// A token, found and unlocked, and what it is called.
struct Unlocked<'a> {
    session: Session,
    of: &'a config::Pkcs11,
}

/// Does something with the token that the configuration names. `root` is the node's directory.
fn unlocked<T>(
    of: &config::Pkcs11,
    root: &Path,
    act: impl FnOnce(&Unlocked<'_>) -> Result<T>,
) -> Result<T> {
    loaded(of, |module, slot, info| {
        usable(of, info)?;
        // Whoever types at the token itself (a keypad) gives no PIN here.
        let pin = if info.protected_authentication_path() { None } else { Some(pin(of, root)?) };
        let session = module.open_rw_session(slot).map_err(|e| said(of, "is not opened", e))?;
        match session.login(UserType::User, pin.as_ref()) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(e) => return Err(refused_pin(of, e)),
        }
        act(&Unlocked { session, of })
    })
}

/// Loads the module, finds the token, and puts the module away again.
fn loaded<T>(
    of: &config::Pkcs11,
    act: impl FnOnce(&Pkcs11, Slot, &TokenInfo) -> Result<T>,
) -> Result<T> {
    let path = of.module.display();
    let module = Pkcs11::new(&of.module).map_err(|e| {
        anyhow!("{path} cannot be loaded as a PKCS#11 module ({e}): [keys] pkcs11.module names it")
    })?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(e) => bail!("the PKCS#11 module {path} does not start: {e}"),
    }
    let done = find(of, &module).and_then(|(slot, info)| act(&module, slot, &info));
    let _ = module.finalize();
    done
}

fn find(of: &config::Pkcs11, module: &Pkcs11) -> Result<(Slot, TokenInfo)> {
    let slots = module.get_slots_with_initialized_token();
    let slots = slots.map_err(|e| said(of, "is not looked for", e))?;
    let mut there = Vec::new();
    for slot in slots {
        let info = module.get_token_info(slot).map_err(|e| said(of, "is not read", e))?;
        there.push((slot, info));
    }
    let named = there.iter().filter(|(_, info)| info.label() == of.token).count();
    ensure!(named < 2, "{named} tokens are called {:?}: give one of them another label", of.token);
    if named == 0 {
        let all: Vec<_> = there.iter().map(|(_, info)| format!("{:?}", info.label())).collect();
        let all = if all.is_empty() { "no token at all".to_owned() } else { all.join(", ") };
        bail!(
            "{} shows no token {:?}, but {all}: is it plugged in, and may this user reach it?",
            of.module.display(),
            of.token
        );
    }
    there.into_iter().find(|(_, info)| info.label() == of.token).context("it was there")
}

fn usable(of: &config::Pkcs11, info: &TokenInfo) -> Result<()> {
    ensure!(
        !info.user_pin_locked(),
        "the PIN of token {:?} is locked after too many wrong ones: whoever has its security \
         officer's PIN sets a new one",
        of.token
    );
    ensure!(info.user_pin_initialized(), "token {:?} has no user PIN yet: set one", of.token);
    Ok(())
}

/// The PIN: of the environment, of a file, or asked for.
fn pin(of: &config::Pkcs11, root: &Path) -> Result<AuthPin> {
    if let Ok(pin) = std::env::var(PIN) {
        return Ok(pin.into());
    }
    if let Some(file) = &of.pin_file {
        let text = tls::read_text(&root.join(file))?;
        let line = text.lines().next().unwrap_or_default();
        ensure!(!line.is_empty(), "{} is empty: the token's PIN is its first line", file.display());
        return Ok(line.to_owned().into());
    }
    use std::io::IsTerminal;
    ensure!(
        std::io::stdin().is_terminal(),
        "token {:?} wants its PIN: name a file in [keys] pkcs11.pin_file, set {PIN}, or start from \
         a terminal",
        of.token
    );
    Ok(rpassword::prompt_password(format!("PIN of token {:?}: ", of.token))?.into())
}

fn refused_pin(of: &config::Pkcs11, error: Error) -> anyhow::Error {
    match error {
        Error::Pkcs11(RvError::PinIncorrect | RvError::PinLenRange | RvError::PinInvalid, _) => {
            anyhow!(
                "token {:?} refuses the PIN. A few wrong ones lock it: look before you try again",
                of.token
            )
        }
        Error::Pkcs11(RvError::PinLocked, _) => anyhow!(
            "token {:?} is locked after too many wrong PINs: whoever has its security officer's \
             PIN sets a new one",
            of.token
        ),
        e => said(of, "does not let this node in", e),
    }
}

fn said(of: &config::Pkcs11, what: &str, error: Error) -> anyhow::Error {
    anyhow!("token {:?} {what}: {error}", of.token)
}

impl Unlocked<'_> {
    /// The wrapping key, if there is one by that name.
    fn key(&self) -> Result<Option<ObjectHandle>> {
        let Self { session, of } = self;
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::Label(of.key.as_bytes().to_vec()),
        ];
        let found = session.find_objects(&template);
        let found = found.map_err(|e| said(of, "does not show its keys", e))?;
        ensure!(
            found.len() < 2,
            "token {:?} has {} keys {:?}: name one that is alone in [keys] pkcs11.key",
            of.token,
            found.len(),
            of.key
        );
        let Some(&key) = found.first() else { return Ok(None) };
        let kinds = [AttributeType::Sensitive, AttributeType::Extractable];
        let attributes = session.get_attributes(key, &kinds);
        stays(of, &attributes.map_err(|e| said(of, "does not describe its key", e))?)?;
        Ok(Some(key))
    }

    fn key_or_new(&self) -> Result<ObjectHandle> {
        if let Some(key) = self.key()? {
            return Ok(key);
        }
        let template = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::ValueLen(32.into()),
            Attribute::Label(self.of.key.as_bytes().to_vec()),
        ];
        let made = self.session.generate_key(&Mechanism::AesKeyGen, &template);
        made.map_err(|e| said(self.of, "makes no AES key", e))
    }

    fn wrap(&self, state: &str, node: &Secret) -> Result<Wrapped> {
        let key = self.key_or_new()?;
        let fingerprint = shares::fingerprint(node);
        let associated = Wrapped::associated(state, &fingerprint);
        let mut nonce = [0u8; NONCE];
        rand::fill(&mut nonce).map_err(|_| anyhow!("the system gives no randomness"))?;
        let sealed = {
            let params = GcmParams::new(&mut nonce, associated.as_bytes(), TAG_BITS.into())?;
            self.session.encrypt(&Mechanism::AesGcm(params), key, node.bytes())
        };
        let sealed = sealed.map_err(|e| said(self.of, "does not encrypt with AES-GCM", e))?;
        // A token that chooses its own nonce has written it there.
        let bytes = [nonce.as_slice(), &sealed].concat();
        let wrapped = Wrapped { state: state.to_owned(), key: fingerprint, bytes };
        let again = self.unwrap(&wrapped)?;
        ensure!(again.bytes() == node.bytes(), "what the token wrapped does not open as it was");
        Ok(wrapped)
    }

    fn unwrap(&self, wrapped: &Wrapped) -> Result<Secret> {
        let Self { session, of } = self;
        let key = self.key()?.with_context(|| {
            format!("token {:?} has no AES key {:?}: is it another token?", of.token, of.key)
        })?;
        let associated = Wrapped::associated(&wrapped.state, &wrapped.key);
        let (nonce, sealed) = wrapped.bytes.split_at(NONCE);
        let mut nonce = nonce.to_vec();
        let params = GcmParams::new(&mut nonce, associated.as_bytes(), TAG_BITS.into())?;
        let plain = session.decrypt(&Mechanism::AesGcm(params), key, sealed);
        let mut plain = plain.map_err(|e| {
            said(of, "does not open keys/node.wrapped; it is of another key, or was changed", e)
        })?;
        let node = Secret::from_slice(&plain);
        plain.fill(0);
        node.filter(|node| shares::fingerprint(node) == wrapped.key)
            .context("what the token opened is not the node key")
    }
}

/// Refuses a key that could leave its token.
fn stays(of: &config::Pkcs11, attributes: &[Attribute]) -> Result<()> {
    ensure!(
        attributes.contains(&Attribute::Sensitive(true))
            && attributes.contains(&Attribute::Extractable(false)),
        "key {:?} of token {:?} may leave it: name another in [keys] pkcs11.key, and it is made",
        of.key,
        of.token
    );
    Ok(())
}

/// Wraps the node key under the token's key, which is made when there is none by that name.
///
/// # Errors
/// The token cannot be used; each error says what to do.
pub fn wrap(of: &config::Pkcs11, root: &Path, (state, node): (&str, &Secret)) -> Result<Wrapped> {
    unlocked(of, root, |token| token.wrap(state, node))
}

/// Opens the node key.
///
/// # Errors
/// The token cannot be used, or is not the one that wrapped it.
pub fn unwrap(of: &config::Pkcs11, root: &Path, wrapped: &Wrapped) -> Result<Secret> {
    unlocked(of, root, |token| token.unwrap(wrapped))
}

/// What is to be said of a token without its PIN.
///
/// # Errors
/// Module or token are not there, or its PIN is locked.
pub fn look(of: &config::Pkcs11) -> Result<Vec<String>> {
    loaded(of, |module, slot, info| {
        usable(of, info)?;
        let mut notes = Vec::new();
        if info.user_pin_final_try() || info.user_pin_count_low() {
            notes
                .push(format!("wrong PINs were given to token {:?}: a few more lock it", of.token));
        }
        let known = module.get_mechanism_list(slot).map_err(|e| said(of, "is not read", e))?;
        if !known.contains(&MechanismType::AES_GCM) {
            notes.push(format!("token {:?} knows no AES-GCM (CKM_AES_GCM)", of.token));
        }
        Ok(notes)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of() -> config::Pkcs11 {
        config::Pkcs11 {
            module: "/nowhere/module.so".into(),
            token: "T".into(),
            key: "K".into(),
            pin_file: None,
        }
    }

    #[test]
    fn a_wrapped_key_reads_as_it_was_written_and_a_cut_one_does_not() {
        let wrapped = Wrapped { state: "GBR".into(), key: "5f0c".into(), bytes: vec![7; 60] };
        let text = wrapped.to_string();
        assert_eq!(Wrapped::parse(&text), Some(wrapped));
        assert_eq!(Wrapped::parse(&text[..text.len() - 3]), None);
        assert_eq!(Wrapped::parse("passerelle-share GBR"), None);
    }

    #[test]
    fn a_key_that_may_leave_its_token_is_refused() {
        let attributes = |sensitive, extractable| {
            [Attribute::Sensitive(sensitive), Attribute::Extractable(extractable)]
        };
        assert!(stays(&of(), &attributes(true, false)).is_ok());
        assert!(stays(&of(), &attributes(true, true)).is_err());
        assert!(stays(&of(), &attributes(false, false)).is_err());
        assert!(stays(&of(), &[]).is_err());
    }

    #[test]
    fn a_module_that_is_not_there_is_named() {
        let error = look(&of()).unwrap_err().to_string();
        assert!(error.contains("/nowhere/module.so") && error.contains("pkcs11.module"), "{error}");
    }
}
