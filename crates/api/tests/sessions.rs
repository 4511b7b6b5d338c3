//! Signing in: limited tries, sessions that end, nothing that tells who exists.
#![allow(clippy::unwrap_used)]

mod world;

use api::{Api, Error};
use jiff::{SignedDuration, Timestamp};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};
use world::{DESK, PASSWORD, World};

fn node() -> (tempfile::TempDir, World, Arc<Api>, Timestamp) {
    let dir = tempfile::tempdir().unwrap();
    let now = "2026-11-23T09:00:00Z".parse().unwrap();
    let world = World::empty(dir.path(), now);
    let api = world.api();
    (dir, world, api, now)
}

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

fn why<T>(result: Result<T, Error>) -> String {
    result.map(drop).unwrap_err().to_string()
}

#[test]
fn a_wrong_password_and_an_unknown_account_are_answered_alike() {
    let (_dir, world, api, now) = node();
    let before = world.store.log_size().unwrap();
    let wrong = why(api.sign_in(("a.smith", "a guess at it"), DESK, now));
    assert_eq!(wrong, why(api.sign_in(("nobody", "a guess at it"), DESK, now)));
    assert_eq!(wrong, "the user name or the password is not right");
    assert_eq!(world.events_from(before), ["sign_in_failed", "sign_in_failed"]);
}

#[test]
fn after_five_wrong_tries_even_the_right_password_waits_five_minutes() {
    let (_dir, _world, api, now) = node();
    for _ in 0..5 {
        assert!(matches!(
            api.sign_in(("a.smith", "a guess at it"), DESK, now),
            Err(Error::WrongPassword)
        ));
    }
    assert!(matches!(
        api.sign_in(("a.smith", PASSWORD), DESK, now),
        Err(Error::Locked { minutes: 5 })
    ));
    assert!(api.sign_in(("b.jones", PASSWORD), DESK, now).is_ok(), "others are not locked");
    assert!(matches!(
        api.sign_in(("a.smith", PASSWORD), DESK, now + minutes(4)),
        Err(Error::Locked { minutes: 1 })
    ));
    assert!(api.sign_in(("a.smith", PASSWORD), DESK, now + minutes(5)).is_ok());
}

/// Addresses of strangers.
fn stranger(n: u8) -> IpAddr {
    Ipv4Addr::new(203, 0, 113, n).into()
}

/// Wrong tries of `account`, five from each of `addresses` strangers.
fn besiege(api: &Api, account: &str, addresses: u8, at: Timestamp) {
    for n in 0..addresses {
        for _ in 0..5 {
            api.sign_in((account, "a guess at it"), stranger(n), at).map(drop).unwrap_err();
        }
    }
}

#[test]
fn a_stranger_who_tries_an_officers_account_keeps_the_officer_out_nowhere_else() {
    let (_dir, _world, api, now) = node();
    besiege(&api, "a.smith", 1, now);
    assert!(matches!(
        api.sign_in(("a.smith", PASSWORD), stranger(0), now),
        Err(Error::Locked { minutes: 5 })
    ));
    assert!(api.sign_in(("a.smith", PASSWORD), DESK, now).is_ok());
}

#[test]
fn however_many_strangers_try_an_officer_signs_in_where_she_did_before() {
    let (_dir, world, api, now) = node();
    assert!(api.sign_in(("a.smith", PASSWORD), DESK, now).is_ok());
    besiege(&api, "a.smith", 5, now);
    let officer = world.store.officer("a.smith").unwrap().unwrap();
    assert!(officer.locked_until.is_some_and(|until| until > now), "supervisors see it");
    for elsewhere in [stranger(77), "2001:db8::7".parse().unwrap()] {
        assert!(matches!(
            api.sign_in(("a.smith", PASSWORD), elsewhere, now),
            Err(Error::Locked { minutes: 5 })
        ));
    }
    assert!(api.sign_in(("a.smith", PASSWORD), DESK, now).is_ok());
}

#[test]
fn an_account_that_does_not_exist_is_closed_to_strangers_as_one_that_does() {
    let (_dir, _world, api, now) = node();
    for account in ["a.smith", "nobody"] {
        besiege(&api, account, 5, now);
        let refused = api.sign_in((account, "a guess at it"), stranger(77), now);
        assert!(matches!(refused, Err(Error::Locked { minutes: 5 })), "{account}");
    }
}

#[test]
fn an_address_that_tries_many_accounts_waits_but_not_those_who_are_at_home_there() {
    let (_dir, _world, api, now) = node();
    assert!(api.sign_in(("a.smith", PASSWORD), DESK, now).is_ok());
    for n in 0..50 {
        api.sign_in((&format!("nobody{n}"), "a guess at it"), DESK, now).map(drop).unwrap_err();
    }
    let wait = |e: Error| e.retry_after_s();
    assert_eq!(
        api.sign_in(("b.jones", PASSWORD), DESK, now).map(drop).map_err(wait),
        Err(Some(300))
    );
    assert!(api.sign_in(("a.smith", PASSWORD), DESK, now).is_ok());
    assert!(api.sign_in(("b.jones", PASSWORD), stranger(1), now).is_ok());
}

#[test]
fn a_customer_of_ipv6_is_one_address_however_many_are_used() {
    let (_dir, _world, api, now) = node();
    for n in 1..=5 {
        let from = format!("2001:db8::{n}").parse().unwrap();
        api.sign_in(("a.smith", "a guess at it"), from, now).map(drop).unwrap_err();
    }
    let from = |text: &str| api.sign_in(("a.smith", PASSWORD), text.parse().unwrap(), now);
    assert!(matches!(from("2001:db8::ffff"), Err(Error::Locked { .. })));
    assert!(from("2001:db8:0:1::1").is_ok());
}

#[test]
fn an_account_that_does_not_exist_is_locked_like_one_that_does() {
    let (_dir, _world, api, now) = node();
    for _ in 0..5 {
        assert!(matches!(
            api.sign_in(("nobody", "a guess at it"), DESK, now),
            Err(Error::WrongPassword)
        ));
    }
    assert!(matches!(
        api.sign_in(("nobody", "a guess at it"), DESK, now),
        Err(Error::Locked { minutes: 5 })
    ));
}

#[test]
fn tries_are_counted_anew_after_a_lock_and_after_a_success() {
    let (_dir, _world, api, now) = node();
    for _ in 0..5 {
        api.sign_in(("a.smith", "a guess at it"), DESK, now).map(drop).unwrap_err();
    }
    let later = now + minutes(6);
    for _ in 0..4 {
        api.sign_in(("a.smith", "a guess at it"), DESK, later).map(drop).unwrap_err();
    }
    assert!(api.sign_in(("a.smith", PASSWORD), DESK, later).is_ok());
    for _ in 0..4 {
        api.sign_in(("a.smith", "a guess at it"), DESK, later).map(drop).unwrap_err();
    }
    assert!(api.sign_in(("a.smith", PASSWORD), DESK, later).is_ok());
}

#[test]
fn a_session_ends_a_quarter_of_an_hour_after_its_last_use() {
    let (_dir, _world, api, now) = node();
    let token = api.sign_in(("a.smith", PASSWORD), DESK, now).unwrap().token;
    let mut at = now;
    for _ in 0..4 {
        at += minutes(14);
        assert_eq!(api.authenticate(&token, at).unwrap().officer(), "a.smith");
    }
    assert!(matches!(api.authenticate(&token, at + minutes(15)), Err(Error::SignedOut)));
    assert!(matches!(api.authenticate(&token, at), Err(Error::SignedOut)), "it does not come back");
}

#[test]
fn a_session_ends_after_eight_hours_however_much_it_is_used() {
    let (_dir, _world, api, now) = node();
    let token = api.sign_in(("a.smith", PASSWORD), DESK, now).unwrap().token;
    for n in 1..48 {
        api.authenticate(&token, now + minutes(n * 10)).unwrap();
    }
    assert!(matches!(api.authenticate(&token, now + minutes(480)), Err(Error::SignedOut)));
}

#[test]
fn a_session_ends_when_its_officer_signs_out_or_the_account_is_closed() {
    let (_dir, world, api, now) = node();
    let token = api.sign_in(("a.smith", PASSWORD), DESK, now).unwrap().token;
    let caller = api.authenticate(&token, now).unwrap();
    api.sign_out(&caller, now).unwrap();
    assert!(matches!(api.authenticate(&token, now), Err(Error::SignedOut)));

    let token = api.sign_in(("b.jones", PASSWORD), DESK, now).unwrap().token;
    world.close_account("b.jones");
    assert!(matches!(api.authenticate(&token, now), Err(Error::SignedOut)));
    assert!(matches!(api.sign_in(("b.jones", PASSWORD), DESK, now), Err(Error::WrongPassword)));
}

#[test]
fn another_password_ends_the_sessions_of_the_old_one() {
    let (_dir, world, api, now) = node();
    let token = api.sign_in(("a.smith", PASSWORD), DESK, now).unwrap().token;
    let other = api.sign_in(("b.jones", PASSWORD), DESK, now).unwrap().token;
    world.change_password("a.smith", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAA");
    assert!(matches!(api.authenticate(&token, now), Err(Error::SignedOut)));
    assert!(api.authenticate(&other, now).is_ok(), "others stay");
}

#[test]
fn many_tries_on_accounts_that_do_not_exist_are_a_line_a_minute() {
    let (_dir, world, api, now) = node();
    let before = world.store.log_size().unwrap();
    for n in 0..20 {
        api.sign_in((&format!("nobody{n}"), "a guess at it"), DESK, now).map(drop).unwrap_err();
    }
    assert_eq!(world.events_from(before), ["sign_in_failed"]);
    api.sign_in(("nobody", "a guess at it"), DESK, now + minutes(1)).map(drop).unwrap_err();
    assert_eq!(world.events_from(before).len(), 2);
}

#[test]
fn the_store_does_not_hold_what_opens_a_session() {
    let (dir, _world, api, now) = node();
    let token = api.sign_in(("a.smith", PASSWORD), DESK, now).unwrap().token;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|w| w == token.as_bytes()));
    }
}

#[test]
fn a_form_of_another_session_is_refused() {
    let (_dir, _world, api, now) = node();
    let caller = |name| {
        let token = api.sign_in((name, PASSWORD), DESK, now).unwrap().token;
        api.authenticate(&token, now).unwrap()
    };
    let (one, other) = (caller("a.smith"), caller("a.smith"));
    assert!(one.check_form(one.csrf()).is_ok());
    assert!(matches!(one.check_form(other.csrf()), Err(Error::Forged)));
    assert!(matches!(one.check_form(""), Err(Error::Forged)));
}
