//! Passwords: argon2id in PHC form, checked in the same time whether or not the
//! account exists.
//!
//! One thread does all of it, one password after the other, for each takes 19 MiB and much
//! work: however many strangers try, the node's memory and its other threads are not
//! theirs. Who would have to wait behind too many is told to come again.

use std::sync::{
    OnceLock,
    mpsc::{SyncSender, TrySendError, sync_channel},
};

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

/// How many passwords wait at most.
const WAITING: usize = 16;

struct Job {
    password: String,
    phc: Option<String>,
    answer: SyncSender<bool>,
}

/// The way to the thread that checks; `None` when there is none and none can be made.
fn checker() -> Option<&'static SyncSender<Job>> {
    static CHECKER: OnceLock<Option<SyncSender<Job>>> = OnceLock::new();
    CHECKER.get_or_init(start).as_ref()
}

fn start() -> Option<SyncSender<Job>> {
    let (jobs, queue) = sync_channel::<Job>(WAITING);
    let work = move || {
        let Ok(stand_in) = nobody() else { return };
        for job in queue {
            let right = fits(&job.password, job.phc.as_deref(), &stand_in);
            // Whoever asked may have gone.
            let _ = job.answer.send(right);
        }
    };
    std::thread::Builder::new().name("passwords".into()).spawn(work).ok()?;
    Some(jobs)
}

fn fits(password: &str, phc: Option<&str>, stand_in: &str) -> bool {
    let fits = PasswordHash::new(phc.unwrap_or(stand_in))
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    fits && phc.is_some()
}

/// Whether the password is the one hashed. With no hash it takes as long, and it is not.
///
/// # Errors
/// [`Error::Busy`] when too many wait already; the system gives no randomness or no thread.
pub fn check(password: &str, phc: Option<&str>) -> Result<bool, Error> {
    let (answer, answered) = sync_channel(1);
    let job = Job { password: password.to_owned(), phc: phc.map(str::to_owned), answer };
    let ended = || Error::Ours("the thread for passwords has ended".to_owned());
    checker().ok_or_else(ended)?.try_send(job).map_err(|e| match e {
        TrySendError::Full(_) => Error::Busy,
        TrySendError::Disconnected(_) => ended(),
    })?;
    answered.recv().map_err(|_| ended())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_at_once_most_are_told_to_come_again() {
        let results: Vec<_> = std::thread::scope(|scope| {
            let tries: Vec<_> =
                (0..WAITING * 8).map(|_| scope.spawn(|| check("a guess at it", None))).collect();
            tries.into_iter().filter_map(|t| t.join().ok()).collect()
        });
        let busy = results.iter().filter(|r| matches!(r, Err(Error::Busy))).count();
        let wrong = results.iter().filter(|r| matches!(r, Ok(false))).count();
        assert_eq!(busy + wrong, WAITING * 8);
        assert!(busy > 0 && wrong > 0, "{busy} were sent away, {wrong} checked");
    }
}
