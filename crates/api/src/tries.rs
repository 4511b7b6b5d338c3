//! Wrong tries to sign in, counted, and who has to wait because of them.
//!
//! A stranger who knows an officer's user name must not be able to keep the officer out, and
//! must not be able to guess for ever. So the tries are counted three ways:
//!
//! | counted by | wrong tries | then, for five minutes, nobody is looked at who |
//! |---|---|---|
//! | account and address | 5 | uses that account from that address |
//! | account | 25 | uses that account from an address where it never signed in |
//! | address | 50 | uses that address with an account that never signed in there |
//!
//! An officer who signed in from a desk before is thus kept out by wrong tries at that very
//! desk alone. Accounts that do not exist are counted like those that do. Counts of accounts
//! that exist are in the store; the others, and where an account has signed in, are memory:
//! after a start an officer counts as a stranger once.
//!
//! An address is what the listener sees: behind a proxy all officers share one, and the
//! first row alone keeps them apart.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use jiff::{SignedDuration, Timestamp};

/// Wrong tries of one account from one address.
const AT_ONE_DESK: u32 = 5;
/// Wrong tries of one account from everywhere.
const OF_AN_ACCOUNT: u32 = 25;
/// Wrong tries of all accounts from one address.
const FROM_AN_ADDRESS: u32 = 50;
/// How long nobody is looked at then.
const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(5);
/// How many counts are remembered.
const REMEMBERED: usize = 20_000;

/// Failed tries of one kind.
#[derive(Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) failed: u32,
    pub(crate) locked_until: Option<Timestamp>,
}

impl Count {
    fn one_more(self, most: u32, at: Timestamp) -> Self {
        // A lock that has run out starts the count again.
        let before =
            if self.locked_until.is_some_and(|until| until <= at) { 0 } else { self.failed };
        let failed = before + 1;
        let locked_until = (failed >= most).then(|| at.checked_add(LOCKED_FOR).unwrap_or(at));
        Self { failed, locked_until }
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Of {
    Desk(String, IpAddr),
    Account(String),
    Address(IpAddr),
}

/// Who tries: an account, from an address.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(crate) account: &'a str,
    pub(crate) from: IpAddr,
}

/// What one more wrong try came to.
pub(crate) struct Counted {
    /// The count of the account.
    pub(crate) account: Count,
    /// Whether somebody has to wait from now on who did not before.
    pub(crate) locked: bool,
}

/// The counts.
#[derive(Default)]
pub(crate) struct Tries {
    counts: HashMap<Of, Count>,
    /// Where an account has signed in.
    desks: HashSet<(String, IpAddr)>,
}

impl Tries {
    /// Until when nobody looks at a try of this kind; `stored` is the count of an account
    /// that exists.
    pub(crate) fn waits(
        &self,
        who: Who<'_>,
        stored: Option<Count>,
        at: Timestamp,
    ) -> Option<Timestamp> {
        let (desk, account, address) = keys(who);
        let until = |of: &Of| self.counts.get(of).and_then(|c| c.locked_until);
        let mut locks = vec![until(&desk)];
        if !self.desks.contains(&(who.account.to_owned(), who.from)) {
            locks.push(stored.map_or_else(|| until(&account), |c| c.locked_until));
            locks.push(until(&address));
        }
        locks.into_iter().flatten().filter(|&until| until > at).max()
    }

    /// Counts one more wrong try.
    pub(crate) fn wrong(&mut self, who: Who<'_>, stored: Option<Count>, at: Timestamp) -> Counted {
        if self.counts.len() >= REMEMBERED {
            self.counts.retain(|_, c| c.locked_until.is_some_and(|until| until > at));
        }
        if self.counts.len() >= REMEMBERED {
            self.counts.clear();
        }
        let (desk, account, address) = keys(who);
        let desk = self.add(desk, None, AT_ONE_DESK, at);
        let account = self.add(account, stored, OF_AN_ACCOUNT, at);
        let address = self.add(address, None, FROM_AN_ADDRESS, at);
        let locked = [desk, account, address].iter().any(|c| c.locked_until.is_some());
        Counted { account, locked }
    }

    fn add(&mut self, of: Of, stored: Option<Count>, most: u32, at: Timestamp) -> Count {
        let before = stored.or_else(|| self.counts.get(&of).copied()).unwrap_or_default();
        let after = before.one_more(most, at);
        if stored.is_none() {
            self.counts.insert(of, after);
        }
        after
    }

    /// Somebody signed in: the account is at home there.
    pub(crate) fn right(&mut self, who: Who<'_>) {
        if self.desks.len() >= REMEMBERED {
            self.desks.clear();
        }
        self.counts.remove(&keys(who).0);
        self.desks.insert((who.account.to_owned(), who.from));
    }
}

fn keys(who: Who<'_>) -> (Of, Of, Of) {
    let account = who.account.to_owned();
    (Of::Desk(account.clone(), who.from), Of::Account(account), Of::Address(who.from))
}

/// The address as it is counted: an IPv6 customer has a whole /64 to try from.
pub(crate) fn counted(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => {
            let network = v6.to_bits() & !u128::from(u64::MAX);
            std::net::Ipv6Addr::from_bits(network).into()
        }
    }
}
