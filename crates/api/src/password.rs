//! Passwords: argon2id in PHC form, checked in the same time whether or not the
//! account exists.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};

use crate::Error;

/// A hash of nothing anybody knows, for accounts that do not exist.
fn nobody() -> Result<String, Error> {
    let bytes = store::Secret::random()?;
    hash(bytes.bytes())
}

fn hash(password: &[u8]) -> Result<String, Error> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password)
        .map_err(|e| Error::Ours(format!("the password cannot be hashed: {e}")))?;
    Ok(hash.to_string())
}

/// Whether the password is the one hashed. With no hash it takes as long, and it is not.
///
/// # Errors
/// The system gives no randomness.
pub fn check(password: &str, phc: Option<&str>) -> Result<bool, Error> {
    static NOBODY: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let stand_in = match NOBODY.get() {
        Some(known) => known,
        None => {
            let made = nobody()?;
            NOBODY.get_or_init(|| made)
        }
    };
    let parsed = PasswordHash::new(phc.unwrap_or(stand_in));
    let fits = match parsed {
        Ok(hash) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        Err(_) => false,
    };
    Ok(fits && phc.is_some())
}
