//! Agreements from the first draft to their end, and two states that meet: the rows, the
//! events, and what is refused.
#![allow(clippy::unwrap_used)]

mod world;

use api::{Api, Caller, Error, Known, Stands, agreements::read_file};
use exchange::StateKeys;
use policy::SignedAgreement;
use travel::Country;
use world::{DESK, PASSWORD, World};

fn now() -> jiff::Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

fn later(seconds: i64) -> jiff::Timestamp {
    now() + jiff::SignedDuration::from_secs(seconds)
}

fn caller(api: &Api, who: &str) -> Caller {
    let signed = api.sign_in((who, PASSWORD), DESK, now()).unwrap();
    api.authenticate(&signed.token, now()).unwrap()
}

/// The document as the partner has signed it.
fn theirs(world: &World, keys: &StateKeys) -> SignedAgreement {
    let mut signed = read_file(world.next_version("TUR").as_bytes()).unwrap();
    signed.add(keys.sign_agreement(Country::new("TUR"), &signed.document).unwrap());
    signed
}

#[test]
fn a_new_version_is_taken_in_read_signed_and_taken_up_and_the_old_one_ends() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let (api, before) = (world.api(), world.store.agreements().unwrap().remove(0));
    let liaison = caller(&api, "l.white");
    let size = world.store.log_size().unwrap();

    let file = theirs(&world, &world.partners).to_cbor();
    let (draft, signed) = api.read_draft(&liaison, &file).unwrap();
    assert_eq!(draft.against.unwrap().old.version, 1);
    let id = api.propose_agreement(&liaison, &signed, later(1)).unwrap();
    let page = api.agreement(&liaison, &id).unwrap();
    let stands: Vec<Stands> = page.signatures.iter().map(|s| s.stands).collect();
    assert_eq!(stands, [Stands::Missing, Stands::Holds]);
    assert!(page.next.sign && !page.next.accept);
    assert!(matches!(api.accept_agreement(&liaison, &id, later(2)), Err(Error::Conflict(_))));

    api.sign_stored(&liaison, &id, later(3)).unwrap();
    assert!(api.agreement(&liaison, &id).unwrap().next.accept);
    api.accept_agreement(&liaison, &id, later(4)).unwrap();
    let kinds = world.events_from(size);
    assert_eq!(kinds, ["agreement_proposed", "agreement_signed", "agreement_accepted"]);
    let old = api.agreement(&liaison, &before.id).unwrap();
    assert_eq!(old.line.status, "ended");
    let acts: Vec<String> =
        api.agreement(&liaison, &id).unwrap().acts.into_iter().map(|a| a.act).collect();
    assert_eq!(acts, ["proposed", "signed", "accepted"]);
    // The file that goes back bears both.
    let (name, bytes) = api.agreement_file(&liaison, &id).unwrap();
    assert!(name.starts_with("GBR-TUR-v2-"), "{name}");
    assert_eq!(SignedAgreement::from_cbor(&bytes).unwrap().signatures.len(), 2);
}

#[test]
fn signing_a_text_keeps_the_signature_that_the_partner_gave_before() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let (api, liaison) = (world.api(), caller(&world.api(), "l.white"));
    api.propose_agreement(&liaison, &theirs(&world, &world.partners), later(1)).unwrap();
    let text = read_file(world.next_version("TUR").as_bytes()).unwrap();
    let id = api.sign_agreement(&liaison, &text, later(2)).unwrap();
    assert!(api.agreement(&liaison, &id).unwrap().next.accept);
}

#[test]
fn a_draft_is_the_version_that_comes_next() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let (api, id) = (world.api(), world.store.agreements().unwrap().remove(0).id);
    let liaison = caller(&api, "l.white");
    for (from, version) in [
        ((Some("TUR"), None), "version = 2"),
        ((None, Some(&*id)), "version = 2"),
        ((Some("FRA"), None), "version = 1"),
    ] {
        let text = api.new_draft(&liaison, from, now()).unwrap();
        assert!(text.lines().any(|line| line == version), "{from:?}: {text}");
    }
    assert!(api.new_draft(&liaison, (Some("XXX"), None), now()).is_err());
}

#[test]
fn what_others_have_signed_or_agreed_is_not_taken_in() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let (api, liaison) = (world.api(), caller(&world.api(), "l.white"));
    let stranger = StateKeys::generate().unwrap();
    let forged = theirs(&world, &stranger);
    let size = world.store.log_size().unwrap();
    let refused = api.propose_agreement(&liaison, &forged, later(1)).unwrap_err();
    assert!(refused.to_string().contains("TUR"), "{refused}");
    let others = world.next_version("TUR").replace("GBR", "FRA");
    let refused = api.read_draft(&liaison, others.as_bytes()).err().unwrap();
    assert!(refused.to_string().contains("this node is of GBR"), "{refused}");
    let unknown = read_file(world.next_version("XXX").as_bytes()).unwrap();
    let refused = api.sign_agreement(&liaison, &unknown, later(1)).unwrap_err();
    assert!(refused.to_string().contains("XXX"), "{refused}");
    for nonsense in ["", "title = 1", "\u{1}\u{2}"] {
        assert!(api.read_draft(&liaison, nonsense.as_bytes()).is_err());
    }
    assert_eq!(world.store.log_size().unwrap(), size);
}

#[test]
fn a_suspension_says_who_and_why_and_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let (api, id) = (world.api(), world.store.agreements().unwrap().remove(0).id);
    let liaison = caller(&api, "l.white");
    let empty = api.suspend_agreement(&liaison, (&id, "  "), later(1));
    assert!(matches!(empty, Err(Error::Invalid { field: "reason", .. })));
    api.suspend_agreement(&liaison, (&id, "their node was broken into"), later(2)).unwrap();
    let page = api.agreement(&liaison, &id).unwrap();
    assert!(page.line.suspended_by.unwrap().starts_with("United Kingdom"));
    let act = page.acts.last().unwrap();
    assert_eq!((&*act.officer, &*act.act), ("l.white", "suspended"));
    assert_eq!(act.reason.as_deref(), Some("their node was broken into"));
    let again = api.suspend_agreement(&liaison, (&id, "once more"), later(3));
    assert!(matches!(again, Err(Error::Conflict(_))));
    // The log has the digest of the reason alone.
    let log = api.log(&liaison, None, 5).unwrap();
    let fields = &log.events.iter().find(|e| e.kind == "agreement_suspended").unwrap().fields;
    let reason = audit::Digest::of(b"their node was broken into").to_string();
    assert!(fields.contains(&("reason", reason)), "{fields:?}");

    api.resume_agreement(&liaison, (&id, "they have new keys"), later(4)).unwrap();
    assert!(api.agreement(&liaison, &id).unwrap().next.suspend);
}

#[test]
fn nothing_is_trusted_before_the_fingerprint_was_read_aloud_and_other_keys_ask_again() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let (api, root) = (world.api(), caller(&world.api(), "root"));
    let keys = StateKeys::generate().unwrap();
    let text = world::offer("FRA", keys.public()).to_toml();
    let size = world.store.log_size().unwrap();
    let view = api.read_offer(&root, &text, now()).unwrap();
    assert_eq!(view.known, Known::New);
    for said in ["", "00000 00000", &view.fingerprint.digits[6..]] {
        assert!(api.meet_partner(&root, (&text, said), now()).is_err(), "{said}");
    }
    assert!(world.store.partner("FRA").unwrap().is_none());
    assert_eq!(world.store.log_size().unwrap(), size, "nothing was done");

    api.meet_partner(&root, (&text, &view.fingerprint.in_words()), now()).unwrap();
    assert_eq!(world.events_from(size), ["partner_added"]);
    assert_eq!(api.read_offer(&root, &text, now()).unwrap().known, Known::Same);
    let others = StateKeys::generate().unwrap();
    let changed = world::offer("FRA", others.public()).to_toml();
    assert_eq!(api.read_offer(&root, &changed, now()).unwrap().known, Known::OtherKeys);
    let old = &view.fingerprint.digits;
    assert!(api.meet_partner(&root, (&changed, old), now()).is_err(), "the old one is no more");
    let own = world::offer("GBR", keys.public()).to_toml();
    assert!(api.read_offer(&root, &own, now()).is_err(), "of this state itself");
}
