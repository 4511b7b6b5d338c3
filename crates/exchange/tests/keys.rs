//! Keys: what is written can be read, and only that.
#![allow(clippy::unwrap_used)]

mod common;

use common::{BRITISH, TURKISH, now};
use exchange::{PublicKeys, StateKeys};

#[test]
fn keys_survive_the_key_file() {
    let again = StateKeys::decode(&BRITISH.encode()).unwrap();
    assert_eq!(again.encode(), BRITISH.encode());
    assert_eq!(again.public().digest(), BRITISH.public().digest());
    let signatures = again.sign_both(b"x").unwrap();
    assert!(BRITISH.public().verify_both(b"x", &signatures));
    assert!(!BRITISH.public().verify_both(b"y", &signatures));
    assert!(!TURKISH.public().verify_both(b"x", &signatures));
}

#[test]
fn a_fingerprint_is_eight_words_that_can_be_read_out() {
    let words = BRITISH.public().fingerprint();
    assert_eq!(words.split(' ').count(), 8, "{words}");
    assert!(words.split(' ').all(|w| w.len() == 5 && w.bytes().all(|b| b.is_ascii_lowercase())));
    assert_ne!(words, TURKISH.public().fingerprint());
}

#[test]
fn a_new_epoch_keeps_the_identity_and_its_fingerprint() {
    let keys = StateKeys::decode(&BRITISH.encode()).unwrap();
    let before = keys.public().clone();
    let after = keys.next_epoch(0, now()).unwrap();
    assert_eq!(after.public().epoch().epoch, 2);
    let again = StateKeys::decode(&after.encode()).unwrap();
    let epochs: Vec<_> = again.epochs().iter().map(|e| (e.number, e.made_at)).collect();
    assert_eq!(epochs, [(1, None), (2, Some(now()))]);
    let above = again.next_epoch(6, now()).unwrap();
    assert_eq!(above.public().epoch().epoch, 7, "above what a partner may know");
    let last = above.keep_from(99).unwrap();
    assert_eq!(last.epochs().len(), 1, "the newest stays");
    assert_eq!(after.public().fingerprint(), before.fingerprint());
    assert_ne!(after.public().encode(), before.encode());
    PublicKeys::decode(&after.public().encode()).unwrap();
}

#[test]
fn an_epoch_key_that_the_identity_has_not_certified_is_refused() {
    let bytes = BRITISH.public().encode();
    assert_eq!(PublicKeys::decode(&bytes).unwrap(), *BRITISH.public());
    let epoch = &BRITISH.public().epoch().x25519;
    let at = bytes.windows(32).position(|w| w == epoch).unwrap();
    let mut other = bytes.clone();
    other[at..at + 32].copy_from_slice(&TURKISH.public().epoch().x25519);
    assert_eq!(
        PublicKeys::decode(&other).unwrap_err().to_string(),
        "not keys in the form of this version: the epoch key is not certified by the identity"
    );
}

#[test]
fn public_keys_with_any_byte_changed_are_refused_or_other_keys() {
    let bytes = BRITISH.public().encode();
    for at in (0..bytes.len()).step_by(37) {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert!(PublicKeys::decode(&other).is_err(), "byte {at}");
    }
    for end in (0..bytes.len()).step_by(101) {
        assert!(PublicKeys::decode(&bytes[..end]).is_err());
        assert!(StateKeys::decode(&bytes[..end]).is_err());
    }
}
