//! Signing in and out, and sessions that end.
//!
//! A session is a random token of 256 bits, of which the store keeps the SHA-256. It
//! ends fifteen minutes after its last use, eight hours after it began, when its
//! officer signs out or gets another password, and when the account is closed. After some
//! wrong tries nobody is looked at for five minutes (`tries.rs` says who), whether or not
//! the account exists; each try takes an argon2 computation, one at a time, so that guessing
//! is slow and tells nothing. Tries on accounts that do not exist are one line a minute in
//! the log, however many there are.

use std::net::IpAddr;

use audit::{Actor, Digest, Event, Logged, Pseudonym};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::{
    Batch, Change, Secret,
    rows::{Officer, Session},
};

use crate::{
    Api, Error, Operation, Role, password,
    tries::{self, Count, Tries, Who},
};

/// Without use, a session ends after this time.
pub const IDLE: SignedDuration = SignedDuration::from_mins(15);
/// However much it is used, it ends after this time.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(8);
/// Tries on accounts that do not exist are a line in the log at most this often.
const STRANGERS_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// The last use is written down at most this often.
const SEEN_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// An officer who is signed in. Only this crate makes one.
#[derive(Clone, Debug)]
pub struct Caller {
    officer: String,
    roles: Vec<Role>,
    csrf: String,
    token_hash: String,
}

impl Caller {
    /// Account id.
    pub fn officer(&self) -> &str {
        &self.officer
    }
    /// What the officer may act as.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }
    /// The token that each form of this session carries.
    pub fn csrf(&self) -> &str {
        &self.csrf
    }
    /// Whether one of the roles may do it.
    pub fn may(&self, operation: Operation) -> bool {
        operation.allows(&self.roles)
    }
    /// Whether a form came from this session.
    ///
    /// # Errors
    /// [`Error::Forged`].
    pub fn check_form(&self, csrf: &str) -> Result<(), Error> {
        // Equal digests mean equal tokens, and comparing them tells nothing of either.
        match Digest::of(csrf.as_bytes()) == Digest::of(self.csrf.as_bytes()) {
            true => Ok(()),
            false => Err(Error::Forged),
        }
    }
    pub(crate) fn demand(&self, operation: Operation) -> Result<(), Error> {
        match self.may(operation) {
            true => Ok(()),
            false => Err(Error::Forbidden { operation, roles: self.roles.clone() }),
        }
    }
}

/// A session that has begun.
#[derive(Clone, Serialize)]
pub struct SignedIn {
    /// The secret that every later call carries.
    pub token: String,
    /// Account id.
    pub officer: String,
    /// Its roles.
    pub roles: Vec<Role>,
}

fn hex(secret: &Secret) -> String {
    secret.bytes().iter().map(|b| format!("{b:02x}")).collect()
}

fn hash(token: &str) -> String {
    Digest::of(token.as_bytes()).to_string()
}

fn roles_of(officer: &Officer) -> Vec<Role> {
    officer.roles.split(',').filter_map(|r| Role::named(r.trim())).collect()
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

impl Api {
    /// Begins a session, for somebody who calls from that address.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::Locked`], [`Error::Busy`].
    pub fn sign_in(
        &self,
        (account, password): (&str, &str),
        from: IpAddr,
        at: Timestamp,
    ) -> Result<SignedIn, Error> {
        let who = Who { account: account.trim(), from: tries::counted(from) };
        let officer = self.account(who.account)?;
        // Before the password: who waits costs nothing, and learns nothing of it.
        not_locked(&self.strangers.lock().tries, who, officer.as_ref(), at)?;
        let hash = officer.map(|o| o.password);
        let right = password::check(password, hash.as_deref())?;
        // Counted one by one; and accounts that do not exist are locked like those that do.
        let mut strangers = self.strangers.lock();
        let found = self.account(who.account)?;
        let right = right && found.as_ref().map(|o| &o.password) == hash.as_ref();
        not_locked(&strangers.tries, who, found.as_ref(), at)?;
        if let Some(officer) = found.as_ref().filter(|_| right) {
            strangers.tries.right(who);
            return self.begin(officer, at);
        }
        self.wrong(&mut strangers, who, found, at)?;
        Err(Error::WrongPassword)
    }

    fn account(&self, id: &str) -> Result<Option<Officer>, Error> {
        Ok(self.store.officer(id)?.filter(|o| o.enabled))
    }

    /// Counts a wrong try, and writes it down.
    fn wrong(
        &self,
        strangers: &mut Strangers,
        who: Who<'_>,
        found: Option<Officer>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let counted = strangers.tries.wrong(who, found.as_ref().map(count), at);
        let Some(officer) = found else {
            // Written down each time, so that it takes as long as for one that exists.
            let changes = vec![Change::StrangerTried {}];
            return match strangers.one_more(at) {
                Some(n) => {
                    let reason = format!("no such account, {n} tried");
                    self.turned_away(who.account, reason, changes, at)
                }
                None => {
                    self.store.commit(Batch::new(changes, Vec::new()))?;
                    Ok(())
                }
            };
        };
        let reason = if counted.locked { "wrong, locked" } else { "wrong" };
        let Count { failed, locked_until } = counted.account;
        let tried = Change::SignInTried { officer: officer.id, failed, locked_until };
        self.turned_away(who.account, reason.to_owned(), vec![tried], at)
    }

    fn begin(&self, officer: &Officer, at: Timestamp) -> Result<SignedIn, Error> {
        let token = hex(&Secret::random()?);
        let session = Session {
            token_hash: hash(&token),
            officer: officer.id.clone(),
            csrf: hex(&Secret::random()?),
            started_at: at,
            seen_at: at,
        };
        let tried =
            Change::SignInTried { officer: officer.id.clone(), failed: 0, locked_until: None };
        let by = Actor::Officer(officer.id.clone());
        self.store.commit(Batch::new(
            vec![tried, Change::Session(session)],
            vec![Logged::new(at, by, Event::SignedIn {})],
        ))?;
        Ok(SignedIn { token, officer: officer.id.clone(), roles: roles_of(officer) })
    }

    fn turned_away(
        &self,
        account: &str,
        reason: String,
        changes: Vec<Change>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let account = Pseudonym::of(&self.settings.pseudonym_key, account);
        let event = Event::SignInFailed { account, reason };
        self.store.commit(Batch::new(changes, vec![Logged::new(at, Actor::Node, event)]))?;
        Ok(())
    }

    /// Who calls, by the session's token.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub fn authenticate(&self, token: &str, at: Timestamp) -> Result<Caller, Error> {
        let token_hash = hash(token);
        let session = self.store.session(&token_hash)?.ok_or(Error::SignedOut)?;
        let officer = self.store.officer(&session.officer)?.filter(|o| o.enabled);
        let over = later(session.seen_at, IDLE) <= at || later(session.started_at, LONGEST) <= at;
        let Some(officer) = officer.filter(|_| !over) else {
            self.store.commit(Batch::new(vec![Change::SessionEnded { token_hash }], Vec::new()))?;
            return Err(Error::SignedOut);
        };
        if later(session.seen_at, SEEN_EVERY) <= at {
            let seen = Change::SessionSeen { token_hash: token_hash.clone(), at };
            self.store.commit(Batch::new(vec![seen], Vec::new()))?;
        }
        let roles = roles_of(&officer);
        Ok(Caller { officer: officer.id, roles, csrf: session.csrf, token_hash })
    }

    /// Ends the caller's session.
    ///
    /// # Errors
    /// The store refuses.
    pub fn sign_out(&self, caller: &Caller, at: Timestamp) -> Result<(), Error> {
        caller.demand(Operation::SignOut)?;
        let ended = Change::SessionEnded { token_hash: caller.token_hash.clone() };
        self.commit(caller, vec![ended], vec![Event::SignedOut {}], at)
    }
}

fn count(officer: &Officer) -> Count {
    Count { failed: officer.failed, locked_until: officer.locked_until }
}

/// The lock itself is in the log: the last of the wrong tries.
fn not_locked(
    tries: &Tries,
    who: Who<'_>,
    officer: Option<&Officer>,
    at: Timestamp,
) -> Result<(), Error> {
    match tries.waits(who, officer.map(count), at) {
        Some(until) => {
            let minutes = (until.duration_since(at).as_secs() + 59).div_euclid(60);
            Err(Error::Locked { minutes })
        }
        None => Ok(()),
    }
}

/// Wrong tries, and those on accounts that do not exist.
#[derive(Default)]
pub(crate) struct Strangers {
    tries: Tries,
    /// Since the last line in the log.
    unsaid: u64,
    said_at: Option<Timestamp>,
}

impl Strangers {
    /// Counts one more; how many there were, when it is time for a line in the log.
    fn one_more(&mut self, at: Timestamp) -> Option<u64> {
        self.unsaid += 1;
        if self.said_at.is_some_and(|said| at < later(said, STRANGERS_EVERY)) {
            return None;
        }
        self.said_at = Some(at);
        Some(std::mem::take(&mut self.unsaid))
    }
}
