//! Every operation with every role, as the table says, as a file says, and as it is; and
//! the event that each leaves.
#![allow(clippy::unwrap_used)]

mod world;

use api::{
    Api, Caller, Error, Operation, QueueState, Role, Verdict,
    rights::{OPERATIONS, Right},
};
use expect_test::expect_file;
use jiff::Timestamp;
use world::{DESK, PASSWORD, World};

fn now() -> Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

#[test]
fn the_table_of_rights_is_the_file_that_people_read() {
    let mut text = String::new();
    let names: Vec<&str> = Role::ALL.iter().map(|r| r.name()).collect();
    text += &format!("{:<22}{}  events\n", "operation", pad(&names));
    for Right { operation, roles, events } in OPERATIONS {
        let marks: Vec<&str> =
            Role::ALL.iter().map(|r| if roles.contains(r) { "yes" } else { "-" }).collect();
        text += format!("{:<22}{}  {events}", operation.name(), pad(&marks)).trim_end();
        text.push('\n');
    }
    expect_file!["rights.txt"].assert_eq(&text);
}

fn pad(cells: &[&str]) -> String {
    cells.iter().map(|c| format!("{c:<14}")).collect::<String>().trim_end().to_owned()
        + &" ".repeat(13usize.saturating_sub(cells.last().map_or(0, |c| c.len())))
}

/// The version of the criteria that a busy node has.
fn proposed() -> String {
    let document = world::CRITERIA.replace("minors", "strangers");
    audit::Digest::of(document.as_bytes()).to_string()
}

/// Does an operation for real, on a node of its own. What it needs is prepared by
/// somebody who may.
fn attempt(world: &World, api: &Api, caller: &Caller, operation: Operation) -> Result<(), Error> {
    let at = world.now;
    let hit = world.store.hits_in(&["open"], None, 1).unwrap().remove(0);
    let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    match operation {
        Operation::SignOut => api.sign_out(caller, at),
        Operation::Summary => api.summary(caller, at).map(drop),
        Operation::Flights => api.flights(caller, day).map(drop),
        Operation::Flight => {
            let key = world.store.list(&hit.list).unwrap().unwrap().flight;
            api.flight(caller, (&key, None), (0, 10)).map(drop)
        }
        Operation::OpenTraveller => {
            api.open_traveller(caller, (&hit.list, 0), ("terrorism", "file 12"), at).map(drop)
        }
        Operation::Search => {
            let (document, purpose) = ("L898902C3".to_owned(), "terrorism".to_owned());
            api.search(caller, &api::Search { document, purpose, ..Default::default() }, at)
                .map(drop)
        }
        Operation::Hits => api.hits(caller, QueueState::Open, (None, 10)).map(drop),
        Operation::Hit => api.hit(caller, &hit.id, at).map(drop),
        Operation::Decide => {
            api.decide(caller, &hit.id, (Verdict::Dismiss, "another person"), at).map(drop)
        }
        Operation::ReceivedHits => api.received_hits(caller, 10).map(drop),
        Operation::ReceivedHit => {
            let id = world.store.received_hits(1).unwrap().remove(0).id;
            api.received_hit(caller, &id, at).map(drop)
        }
        Operation::Recall => api.recall(caller, "p-1", (true, "ordered"), at).map(drop),
        Operation::Requests => api.requests(caller, 10).map(drop),
        Operation::OpenRequest => api.request(caller, ("TUR", "r-1"), at).map(drop),
        Operation::Ask => api.ask(caller, &World::asking(), at).map(drop),
        Operation::Justify => {
            let justifying = api::Justifying {
                legal_ground: "art. 5".into(),
                reason: "a child was taken abroad within the hour".into(),
                reference: "2026/18".into(),
            };
            api.justify(caller, ("TUR", "r-2"), &justifying, at)
        }
        Operation::AnswerRequest => {
            let answering = api::Answering {
                outcome: "nothing".into(),
                reason: "nobody is here".into(),
                ..api::Answering::default()
            };
            api.answer_request(caller, ("TUR", "r-1"), &answering, at)
        }
        Operation::Tellings => api.tellings(caller, 10).map(drop),
        Operation::OpenTelling => {
            let parcel = world.store.tellings(1).unwrap().remove(0).parcel;
            api.telling(caller, ("TUR", &parcel), at).map(drop)
        }
        Operation::Tell => api
            .before_telling(caller, (&hit.list, 0), at)
            .and_then(|_| api.tell(caller, &World::telling(&hit.list), at))
            .map(drop),
        Operation::Partners => api
            .partners(caller, at)
            .and_then(|_| api.alarms(caller, 10))
            .and_then(|_| api.refusals(caller, 10))
            .and_then(|_| api.map(caller))
            .map(drop),
        Operation::Statistics => {
            api.statistics(caller, api::statistics::Period::of(day, false)).map(drop)
        }
        Operation::SettleAlarm => {
            let id = world.store.alarms(1).unwrap()[0].id;
            api.settle_alarm(caller, id, "a parcel was restored from a backup", at)
        }
        Operation::ResumeStream => {
            api.resume_stream(caller, ("TUR", None), "they restored the right backup", at)
        }
        Operation::Agreements => {
            let id = world.store.agreements().unwrap().remove(0).id;
            api.agreements(caller).and_then(|_| api.agreement(caller, &id)).map(drop)
        }
        Operation::CheckAgreement => {
            let id = world.store.agreements().unwrap().remove(0).id;
            api.check_stored(caller, &id, 7, at).map(drop)
        }
        Operation::ProposeAgreement => {
            let signed = api::agreements::read_file(world.next_version("TUR").as_bytes())?;
            api.propose_agreement(caller, &signed, at).map(drop)
        }
        Operation::SignAgreement => {
            let signed = api::agreements::read_file(world.next_version("TUR").as_bytes())?;
            api.sign_agreement(caller, &signed, at).map(drop)
        }
        Operation::AcceptAgreement => {
            let id = world.store.agreements().unwrap().remove(0).id;
            api.accept_agreement(caller, &id, at)
        }
        Operation::SuspendAgreement => {
            let id = world.store.agreements().unwrap().remove(0).id;
            api.suspend_agreement(caller, (&id, "their node was broken into"), at)
        }
        Operation::ResumeAgreement => {
            let id = world.store.agreements().unwrap().remove(0).id;
            api.resume_agreement(caller, (&id, "it is put right"), at)
        }
        Operation::OwnOffer => api.own_offer(caller).map(drop),
        Operation::MeetPartner => {
            let offer = world::offer("FRA", world.partners.public());
            let spoken = offer.fingerprint().digits;
            let text = offer.to_toml();
            api.read_offer(caller, &text, at)
                .and_then(|_| api.meet_partner(caller, (&text, &spoken), at))
                .map(drop)
        }
        Operation::Log => api.log(caller, None, 10).map(drop),
        Operation::VerifyLog => api.verify_log(caller, at).map(drop),
        Operation::Watchlists => api.watchlists(caller).map(drop),
        Operation::Criteria => api.criteria(caller, at).map(drop),
        Operation::ProposeCriteria => api.propose_criteria(caller, world::CRITERIA, at).map(drop),
        Operation::ApproveCriteria => api.approve_criteria(caller, ("strangers", &proposed()), at),
        Operation::WithdrawCriteria => {
            api.withdraw_criteria(caller, ("strangers", &proposed()), "too wide", at)
        }
        Operation::RehearseThresholds => {
            api.rehearse_thresholds(caller, "national", (9.0, 14.0)).map(drop)
        }
        Operation::SetThresholds => api.set_thresholds(caller, "national", (9.0, 14.0), at),
        Operation::Findings => api
            .quality(caller, at)
            .and_then(|_| api.submissions(caller, None, (0, 10)))
            .and_then(|lines| api.submission(caller, &lines[0].id))
            .map(drop),
        Operation::OpenSubmission => {
            let id = world.store.submissions(1).unwrap().remove(0).id;
            api.open_submission(caller, &id, at).map(drop)
        }
        Operation::Node => api.node(caller).map(drop),
    }
}

/// What an operation needs is there.
fn prepare(world: &World, operation: Operation) {
    if operation == Operation::ResumeAgreement {
        let (id, office) = (world.store.agreements().unwrap().remove(0).id, world.office());
        let (store, at) = (&*world.store, world.now);
        // Somebody before may have left it suspended.
        let _ = api::Acting { office: &*office, store, officer: "root", at }.suspend(&id, None);
    }
}

#[test]
fn each_role_may_do_what_its_column_says_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let api = world.api();
    for &role in Role::ALL {
        world.officer(&format!("only-{role:?}"), role.name());
    }
    for Right { operation, roles, .. } in OPERATIONS {
        for &role in Role::ALL {
            let signed = api.sign_in((&format!("only-{role:?}"), PASSWORD), DESK, now()).unwrap();
            let caller = api.authenticate(&signed.token, now()).unwrap();
            prepare(&world, *operation);
            let done = attempt(&world, &api, &caller, *operation);
            // A second officer finds the alarm settled; that is no question of rights.
            let refused = matches!(done, Err(Error::Forbidden { .. }));
            assert_eq!(!refused, roles.contains(&role), "{operation:?} by {role:?}: {done:?}");
            assert_eq!(caller.may(*operation), roles.contains(&role), "{operation:?} by {role:?}");
        }
    }
}

#[test]
fn whatever_shows_a_person_or_changes_something_leaves_its_event() {
    for Right { operation, roles, events } in OPERATIONS {
        let dir = tempfile::tempdir().unwrap();
        let world = World::busy(dir.path(), now());
        let api = world.api();
        world.officer("somebody", roles[0].name());
        let signed = api.sign_in(("somebody", PASSWORD), DESK, now()).unwrap();
        let caller = api.authenticate(&signed.token, now()).unwrap();
        prepare(&world, *operation);
        let before = world.store.log_size().unwrap();
        attempt(&world, &api, &caller, *operation).unwrap();
        let left = world.events_from(before);
        let named: Vec<&str> = events.split('|').filter(|e| !e.is_empty()).collect();
        assert_eq!(left.is_empty(), named.is_empty(), "{operation:?} left {left:?}");
        assert!(left.iter().all(|e| named.contains(e)), "{operation:?} left {left:?}");
    }
}
