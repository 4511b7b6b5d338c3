//! Every table gives back what was put into it, in the order that its readers rely on.

use std::sync::Arc;

use jiff::civil::date;
use store::{Change, Disclosed, Outcome, StoreError, rows::*};

use super::world::*;

pub fn rows_come_back_as_they_were_written(place: &impl Place) {
    let store = place.create().unwrap();
    let s = submission("s-1", digest("message"), "yes");
    let l = List { arrives_at: Some(at(90)), parcel: Some("parcel-9".into()), ..list("list-1") };
    let h = hit("hit-1", "list-1", "QDi.001");
    let (out, inn) = (outgoing("parcel-1", 1), incoming("parcel-2", 1));
    let r = RefusalRow {
        at: at(5),
        partner: "TUR".into(),
        mode: "list".into(),
        list: Some("list-1".into()),
        hit: None,
        rules: "AG-02, EU-25".into(),
        direction: "out".into(),
    };
    done(
        &store,
        vec![
            Change::Submission(s.clone()),
            Change::List(l.clone()),
            Change::Hit(h.clone()),
            Change::Queue(out.clone()),
            Change::Inbox(inn.clone()),
            Change::Refused(r.clone()),
        ],
    );
    drop(store);
    let store = place.open();
    assert_eq!(store.submission("s-1").unwrap(), Some(s.clone()));
    assert_eq!(store.submission_by("TK", &s.digest).unwrap(), Some(s));
    assert_eq!(store.list("list-1").unwrap(), Some(l));
    assert_eq!(store.hit("hit-1").unwrap(), Some(h.clone()));
    assert_eq!(store.hits_of_list("list-1").unwrap(), [h]);
    assert_eq!(store.outgoing(&out.agreement, 1).unwrap(), Some(out.clone()));
    assert_eq!(store.outbox().unwrap(), [out]);
    assert_eq!(store.incoming("TUR", "parcel-2").unwrap(), Some(inn.clone()));
    assert_eq!(store.inbox().unwrap(), [inn]);
    assert_eq!(store.refusals(9).unwrap(), [r]);
    assert_eq!(store.list("nothing").unwrap(), None);
    assert_eq!(store.integrity().unwrap(), Vec::<String>::new());
}

pub fn a_request_is_decided_on_once_and_forgotten_with_its_day(place: &impl Place) {
    let store = place.create().unwrap();
    let (scope, day) = ("requests", day());
    let seal = |what, plain: &[u8]| store.seal((scope, day), (what, "q-1"), plain, at(1)).unwrap();
    let asked = RequestRow { sealed: seal("request", b"about whom"), ..request("q-1") };
    done(&store, vec![Change::Request(asked.clone())]);
    assert_eq!(store.requests(9).unwrap().first(), Some(&asked));
    assert_eq!(store.open_request(&asked).unwrap(), b"about whom");
    let decide = |outcome: &str| Change::RequestDecided {
        partner: "TUR".into(),
        id: "q-1".into(),
        outcome: outcome.into(),
        officer: "a.smith".into(),
        reason: seal("request reason", b"why"),
        at: at(2),
    };
    done(&store, vec![decide("given")]);
    let again = store.commit(batch(vec![decide("nothing")]));
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let answer = AnswerRow {
        partner: "TUR".into(),
        request: "q-1".into(),
        number: 1,
        parts: 2,
        parcel: "parcel-1".into(),
        list: None,
        outcome: "given".into(),
        rules: "AG-15 EU-08".into(),
        at: at(3),
    };
    done(&store, vec![Change::Answer(answer.clone())]);
    assert_eq!(store.answers("TUR", "q-1").unwrap(), [answer]);
    let row = store.request("TUR", "q-1").unwrap().unwrap();
    assert_eq!((row.outcome.as_deref(), row.decided_at), (Some("given"), Some(at(2))));
    assert_eq!(store.open_request_reason(&row).unwrap().as_deref(), Some("why"));
    let justified = Change::RequestJustified {
        partner: "TUR".into(),
        id: "q-1".into(),
        statement: seal("justification", b"it could not wait"),
        at: at(4),
    };
    let none = store.commit(batch(vec![justified]));
    assert!(matches!(none, Err(StoreError::Conflict(_))), "it was made in no emergency");
    store.erase_day(scope, day, (&[], at(4))).unwrap();
    store.purge_day(scope, day, at(5)).unwrap();
    let gone = store.request("TUR", "q-1").unwrap().unwrap();
    assert!(gone.sealed.is_empty() && gone.reason == Some(Vec::new()));
    assert!(store.open_request(&gone).is_err());
}

pub fn an_emergency_is_justified_once_or_a_person_is_told_once(place: &impl Place) {
    let store = place.create().unwrap();
    let (scope, day) = ("requests", day());
    let urgent = |id: &str| RequestRow { justify_by: Some(at(50)), ..request(id) };
    done(&store, vec![Change::Request(urgent("q-1")), Change::Request(urgent("q-2"))]);
    done(&store, vec![Change::Request(request("q-3"))]);
    let said = store.seal((scope, day), ("justification", "q-1"), b"it could not wait", at(1));
    let said = said.unwrap();
    let justified = || Change::RequestJustified {
        partner: "TUR".into(),
        id: "q-1".into(),
        statement: said.clone(),
        at: at(4),
    };
    done(&store, vec![justified()]);
    let again = store.commit(batch(vec![justified()]));
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    drop(store);
    let store = place.open();
    let row = store.request("TUR", "q-1").unwrap().unwrap();
    assert_eq!(row.justified_at, Some(at(4)));
    assert_eq!(store.open_justification(&row).unwrap().as_deref(), Some(&b"it could not wait"[..]));
    assert!(store.unjustified(at(50)).unwrap().is_empty(), "there is time");
    let late: Vec<String> = store.unjustified(at(51)).unwrap().into_iter().map(|r| r.id).collect();
    assert_eq!(late, ["q-2"]);
    done(&store, vec![Change::RequestLate { partner: "TUR".into(), id: "q-2".into(), at: at(51) }]);
    assert!(store.unjustified(at(52)).unwrap().is_empty(), "a person was told");
}

pub fn an_emergency_that_is_not_answered_wholly_is_told_once(place: &impl Place) {
    let store = place.create().unwrap();
    let urgent =
        |id: &str, outgoing| RequestRow { answer_by: Some(at(50)), outgoing, ..request(id) };
    let waiting = [urgent("q-1", true), urgent("q-2", false), urgent("q-3", false)];
    done(&store, waiting.into_iter().map(Change::Request).collect());
    let part = |number| {
        Change::Answer(AnswerRow {
            partner: "TUR".into(),
            request: "q-1".into(),
            number,
            parts: 2,
            parcel: format!("p-{number}"),
            list: None,
            outcome: "given".into(),
            rules: String::new(),
            at: at(5),
        })
    };
    let decided = Change::RequestDecided {
        partner: "TUR".into(),
        id: "q-2".into(),
        outcome: "nothing".into(),
        officer: "a.smith".into(),
        reason: vec![9; 32],
        at: at(2),
    };
    done(&store, vec![part(1), decided]);
    let late = |now| -> Vec<String> {
        store.unanswered(at(now)).unwrap().into_iter().map(|r| r.id).collect()
    };
    assert!(late(50).is_empty(), "there is time");
    assert_eq!(late(51), ["q-1", "q-3"], "half an answer is none");
    let told = Change::RequestUnanswered { partner: "TUR".into(), id: "q-3".into(), at: at(51) };
    done(&store, vec![part(2), told]);
    assert!(late(52).is_empty(), "the other half came, and a person was told");
}

pub fn daily_totals_are_kept_and_counted_from_where_the_last_ended(place: &impl Place) {
    let store = place.create().unwrap();
    let agreement = digest("agreement").to_string();
    let total = |parcel: &str, outgoing, last_number| DayTotal {
        partner: "TUR".into(),
        parcel: parcel.into(),
        agreement: agreement.clone(),
        outgoing,
        day: day(),
        first_number: 1,
        last_number,
        total: b"signed".to_vec(),
        receipt: None,
        agrees: None,
        at: at(3),
        answered_at: None,
    };
    let out: Vec<Change> = (1..4).map(|n| Change::Queue(outgoing(&format!("p-{n}"), n))).collect();
    done(&store, out);
    done(&store, (1..3).map(|n| Change::Inbox(incoming(&format!("i-{n}"), n))).collect());
    assert_eq!(store.counted_up_to(&agreement, true).unwrap(), 0, "before the first");
    done(&store, vec![Change::DayTotal(total("t-1", true, 2))]);
    done(&store, vec![Change::DayTotal(total("t-2", false, 1))]);
    let answered = |agrees| Change::DayTotalAnswered {
        partner: "TUR".into(),
        parcel: "t-1".into(),
        receipt: b"receipt".to_vec(),
        agrees,
        at: at(4),
    };
    done(&store, vec![answered(Some(false))]);
    done(&store, vec![answered(Some(true))]);
    drop(store);
    let store = place.open();
    let kept = store.day_total("TUR", "t-1").unwrap().unwrap();
    assert_eq!((kept.agrees, kept.answered_at), (Some(false), Some(at(4))), "the first word stays");
    assert_eq!(store.day_totals("TUR", 9).unwrap().len(), 2);
    let up_to = [true, false].map(|out| store.counted_up_to(&agreement, out).unwrap());
    assert_eq!(up_to, [2, 1]);
    let numbers = |rows: Vec<CountedRow>| rows.iter().map(|r| r.sequence).collect::<Vec<_>>();
    assert_eq!(numbers(store.sent_after(&agreement, (2, 9)).unwrap()), [3]);
    assert_eq!(numbers(store.came_after(&agreement, 1).unwrap()), [2]);
}

pub fn parts_wait_until_they_are_whole_or_due_and_are_joined_once(place: &impl Place) {
    let store = place.create().unwrap();
    let part = |series: &str, number: u32, last: bool, due: i64| PartRow {
        series: series.into(),
        number,
        last,
        base: "base".into(),
        submission: "s-1".into(),
        message: number,
        received_at: at(1),
        due_at: at(due),
    };
    let whole = [part("a", 1, false, 50), part("a", 2, true, 50)];
    let late = [part("b", 1, false, 9), part("b", 3, true, 9)];
    let open = [part("c", 1, false, 60)];
    let all = [&whole[..], &late[..], &open[..]].concat();
    let parts = all.iter().cloned().map(Change::Part);
    let of = Change::Submission(submission("s-1", digest("message"), "yes"));
    done(&store, std::iter::once(of).chain(parts).collect());
    drop(store);
    let store = place.open();
    assert_eq!(store.parts_of("a").unwrap(), whole);
    assert_eq!(store.parts_like("base").unwrap(), all);
    assert_eq!(store.series_ready(at(5), 9).unwrap(), ["a"]);
    assert_eq!(store.series_ready(at(9), 9).unwrap(), ["b", "a"]);
    let twice = store.commit(batch(vec![Change::Part(part("a", 2, true, 50))]));
    assert!(matches!(twice, Err(StoreError::Conflict(_))));

    let joined =
        |parts| Change::PartsJoined { series: "a".into(), parts, submission: Some("s-1".into()) };
    let early = store.commit(batch(vec![joined(3)]));
    assert!(matches!(early, Err(StoreError::Conflict(_))));
    let lists = store.submission("s-1").unwrap().unwrap().lists;
    done(&store, vec![joined(2)]);
    assert_eq!(store.submission("s-1").unwrap().unwrap().lists, lists + 1);
    assert_eq!(store.parts_of("a").unwrap(), []);
    let again = store.commit(batch(vec![joined(2)]));
    assert!(matches!(again, Err(StoreError::Conflict(_))));
}

pub fn people_partners_and_documents_come_back_and_change(place: &impl Place) {
    let store = place.create().unwrap();
    let carrier = Carrier {
        id: "TK".into(),
        name: "Example Air".into(),
        token_hash: Some(digest("token").to_string()),
        certificate: None,
        flights: "BA,LH".into(),
        enabled: true,
        added_at: at(1),
    };
    let partner = Partner {
        state: "TUR".into(),
        name: "Türkiye".into(),
        url: "https://gw.tur.example".into(),
        authority: "PEM".into(),
        certificate: "ab".into(),
        keys: vec![1],
        enabled: true,
        added_at: at(1),
        last_answer: None,
        last_answer_at: None,
    };
    let agreement = AgreementRow {
        id: digest("agreement").to_string(),
        partner: "TUR".into(),
        version: 1,
        signed: vec![2],
        status: "proposed".into(),
        suspended_by: None,
        changed_at: at(1),
    };
    let act = AgreementAct {
        agreement: agreement.id.clone(),
        at: at(1),
        officer: "l.white".into(),
        act: "suspended".into(),
        reason: Some(vec![4]),
    };
    let set = ThresholdsRow {
        watchlist: "un".into(),
        possible: 9.5,
        hit: 16.25,
        set_by: "b.jones".into(),
        set_at: at(1),
    };
    let watchlist = WatchlistRow {
        name: "un".into(),
        version: "2026-09-01".into(),
        digest: digest("list").to_string(),
        entries: 732,
        file: "un-1".into(),
        loaded_at: at(1),
    };
    done(
        &store,
        vec![
            Change::Carrier(carrier.clone()),
            Change::Partner(partner.clone()),
            Change::Agreement(agreement.clone()),
            Change::AgreementAct(act.clone()),
            Change::Thresholds(ThresholdsRow { hit: 12.0, ..set.clone() }),
            Change::Thresholds(set.clone()),
            Change::Watchlist(watchlist.clone()),
        ],
    );
    assert_eq!(store.carriers().unwrap(), std::slice::from_ref(&carrier));
    assert_eq!(
        store.carrier_by(carrier.token_hash.as_deref(), None).unwrap(),
        Some(carrier.clone())
    );
    assert_eq!(store.carrier_by(Some("other"), None).unwrap(), None);
    assert_eq!(store.partners().unwrap(), std::slice::from_ref(&partner));
    assert_eq!(store.partner_by_certificate("ab").unwrap(), Some(partner.clone()));
    assert_eq!(store.agreement(&agreement.id).unwrap(), Some(agreement.clone()));
    assert_eq!(store.watchlists().unwrap(), std::slice::from_ref(&watchlist));
    assert_eq!(store.agreement_acts(&act.agreement).unwrap(), [act]);
    assert_eq!(store.thresholds().unwrap(), [set]);

    let in_force = AgreementRow { status: "in_force".into(), signed: vec![3], ..agreement };
    let newer = WatchlistRow { version: "2026-09-08".into(), entries: 740, ..watchlist };
    done(
        &store,
        vec![
            Change::Carrier(Carrier { enabled: false, token_hash: None, ..carrier.clone() }),
            Change::Agreement(in_force.clone()),
            Change::Watchlist(newer.clone()),
            Change::PartnerAnswered { state: "TUR".into(), answer: "receipted".into(), at: at(2) },
        ],
    );
    assert_eq!(store.carrier_by(carrier.token_hash.as_deref(), None).unwrap(), None, "shut out");
    assert_eq!(store.agreements().unwrap(), [in_force]);
    assert_eq!(store.watchlists().unwrap(), [newer]);
    let answered = store.partner("TUR").unwrap().unwrap();
    assert_eq!(
        (answered.last_answer.as_deref(), answered.last_answer_at),
        (Some("receipted"), Some(at(2)))
    );
}

pub fn officers_and_sessions_come_and_go(place: &impl Place) {
    let store = place.create().unwrap();
    let officer = Officer {
        id: "a.smith".into(),
        roles: "officer".into(),
        password: "$argon2id$".into(),
        enabled: true,
        failed: 0,
        locked_until: None,
        added_at: at(1),
    };
    let session = Session {
        token_hash: digest("token").to_string(),
        officer: "a.smith".into(),
        csrf: "form".into(),
        started_at: at(1),
        seen_at: at(1),
    };
    done(&store, vec![Change::Officer(officer.clone()), Change::Session(session.clone())]);
    assert_eq!(store.officers().unwrap(), [officer]);
    let hash = session.token_hash.clone();
    assert_eq!(store.session(&hash).unwrap(), Some(session));
    let tried =
        Change::SignInTried { officer: "a.smith".into(), failed: 5, locked_until: Some(at(900)) };
    let seen = Change::SessionSeen { token_hash: hash.clone(), at: at(60) };
    done(&store, vec![tried, seen]);
    let officer = store.officer("a.smith").unwrap().unwrap();
    assert_eq!((officer.failed, officer.locked_until), (5, Some(at(900))));
    assert_eq!(store.session(&hash).unwrap().unwrap().seen_at, at(60));
    done(&store, vec![Change::SessionEnded { token_hash: hash.clone() }]);
    assert_eq!(store.session(&hash).unwrap(), None);
}

pub fn a_list_is_screened_once_and_a_hit_disclosed_once(place: &impl Place) {
    let store = place.create().unwrap();
    let mut h = hit("hit-1", "list-1", "QDi.001");
    h.state = "upheld".into();
    done(&store, vec![Change::List(list("list-1")), Change::Hit(h)]);
    assert_eq!(store.unscreened(9).unwrap(), ["list-1"]);
    assert_eq!(store.undisclosed(9).unwrap(), ["hit-1"]);
    let screened = |parcel| {
        let mark = Change::Screened { list: "list-1".into(), watchlists: "w".into(), at: at(2) };
        batch(vec![mark, Change::Queue(outgoing(parcel, 1))])
    };
    store.commit(screened("parcel-1")).unwrap();
    conflict(store.commit(screened("parcel-2")));
    let disclosed = || batch(vec![Change::Disclosed { hit: "hit-1".into(), at: at(3) }]);
    store.commit(disclosed()).unwrap();
    conflict(store.commit(disclosed()));
    assert!(store.unscreened(9).unwrap().is_empty() && store.undisclosed(9).unwrap().is_empty());
    let row = store.list("list-1").unwrap().unwrap();
    assert_eq!((row.screened_at, row.watchlists.as_deref()), (Some(at(2)), Some("w")));
    assert_eq!(store.outbox().unwrap().len(), 1);
}

fn conflict(outcome: Result<Outcome, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Conflict(_))), "{outcome:?}");
}

pub fn of_two_officers_who_decide_at_once_one_is_told_to_look_again(place: &impl Place) {
    let store = Arc::new(place.create().unwrap());
    done(&store, vec![Change::List(list("list-1")), Change::Hit(hit("hit-1", "list-1", "Q"))]);
    let decide = |officer: &'static str| {
        let store = store.clone();
        move || store.commit(batch(vec![decision("hit-1", 1, officer)])).is_ok()
    };
    let threads = [std::thread::spawn(decide("first")), std::thread::spawn(decide("second"))];
    let taken: Vec<bool> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(taken.iter().filter(|t| **t).count(), 1);
    conflict(store.commit(batch(vec![decision("hit-1", 3, "third")])));
    done(&store, vec![decision("hit-1", 2, "other")]);
    let row = store.hit("hit-1").unwrap().unwrap();
    assert_eq!((row.state.as_str(), store.decisions("hit-1").unwrap().len()), ("upheld", 2));
}

pub fn the_queue_of_hits_is_read_in_pages_by_departure(place: &impl Place) {
    let store = place.create().unwrap();
    let mut changes = vec![Change::List(list("list-1"))];
    for i in 0..7 {
        let mut h = hit(&format!("hit-{i}"), "list-1", &format!("entry-{i}"));
        h.departs_at = Some(at(100 - i));
        h.band = if i == 3 { "silent" } else { "possible" }.into();
        h.state = if i == 5 { "half" } else { "open" }.into();
        changes.push(Change::Hit(h));
    }
    done(&store, changes);
    let ids = |hits: Vec<HitRow>| hits.into_iter().map(|h| h.id).collect::<Vec<_>>().join(" ");
    let waiting = ["open", "half"];
    let first = store.hits_in(&waiting, None, 4).unwrap();
    assert_eq!(ids(first), "hit-6 hit-5 hit-4 hit-2");
    assert_eq!(ids(store.hits_in(&waiting, Some("hit-2"), 4).unwrap()), "hit-1 hit-0");
    assert_eq!(ids(store.hits_in(&["half"], None, 4).unwrap()), "hit-5");
}

pub fn the_same_hit_is_raised_once(place: &impl Place) {
    let store = place.create().unwrap();
    let twice = ["hit-1", "hit-2"].map(|id| Change::Hit(hit(id, "list-1", "QDi.001")));
    done(&store, std::iter::once(Change::List(list("list-1"))).chain(twice).collect());
    let found = store.hits_of_list("list-1").unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, "hit-1");
}

pub fn parcels_wait_in_order_until_they_are_receipted(place: &impl Place) {
    let store = place.create().unwrap();
    let queued = [2, 1, 3].map(|n| Change::Queue(outgoing(&format!("parcel-{n}"), n)));
    done(&store, queued.into());
    let agreement = digest("agreement").to_string();
    let due = |most, bytes| {
        let due = store.queued((&agreement, 0), (most, bytes)).unwrap();
        due.into_iter().map(|p| p.sequence).collect::<Vec<_>>()
    };
    assert_eq!((due(9, 1000), due(2, 1000)), (vec![1, 2, 3], vec![1, 2]));
    let each = outgoing("parcel-1", 1).bytes.unwrap().len() as u64;
    assert_eq!((due(9, 2 * each), due(9, 2 * each - 1), due(9, 0)), (vec![1, 2], vec![1], vec![1]));
    assert!(store.is_queued("TUR").unwrap() && !store.is_queued("GBR").unwrap());
    let retry = Change::Retry { parcel: "parcel-1".into(), not_before: at(50) };
    let receipted = |status: &str, receipt: &[u8]| Change::Receipted {
        parcel: "parcel-1".into(),
        status: status.into(),
        receipt: receipt.into(),
        at: at(60),
    };
    done(&store, vec![retry, receipted("receipted", b"receipt")]);
    assert_eq!(due(9, 1000), [2, 3]);
    // What is receipted stays as it is.
    done(&store, vec![receipted("refused", b"another")]);
    let row = store.outgoing(&agreement, 1).unwrap().unwrap();
    assert_eq!((row.status.as_str(), row.attempts), ("receipted", 2));
    assert_eq!((row.receipt.as_deref(), row.receipted_at), (Some(&b"receipt"[..]), Some(at(60))));
    let queued = store.queued((&agreement, 0), (1, 1000)).unwrap();
    assert_eq!(queued[0].parcel, "parcel-2");
}

pub fn which_version_was_believed_when_outlives_both(place: &impl Place) {
    let store = place.create().unwrap();
    let correction = |parcel: &str, replaced: &str, list: &str, times: (i64, i64)| CorrectionRow {
        partner: "TUR".into(),
        parcel: parcel.into(),
        earlier: format!("before {parcel}"),
        outgoing: false,
        mode: "list".into(),
        cause: "rectified".into(),
        replaced: replaced.into(),
        list: list.into(),
        believed_from: at(times.0),
        at: at(times.1),
    };
    let lists = ["list-1", "list-2", "list-3"].map(|id| Change::List(list(id)));
    let first = correction("parcel-2", "list-1", "list-2", (1, 5));
    let second = correction("parcel-3", "list-2", "list-3", (5, 9));
    done(&store, lists.into());
    for row in [&first, &second] {
        let gone = Change::TakeBack { list: row.replaced.clone(), at: row.at };
        done(&store, vec![gone, Change::Correction(row.clone())]);
    }
    assert_eq!(store.correction("TUR", "parcel-2").unwrap(), Some(first.clone()));
    assert_eq!(store.correction("GBR", "parcel-2").unwrap(), None);
    assert_eq!(store.corrections_of("list-1").unwrap(), std::slice::from_ref(&first));
    assert_eq!(store.corrections_of("list-2").unwrap(), [first.clone(), second.clone()]);
    assert_eq!(store.corrections(9).unwrap(), [second, first]);
}

pub fn a_list_that_is_taken_back_is_gone_with_its_hits_and_no_other_is(place: &impl Place) {
    let store = place.create().unwrap();
    let lists = ["list-1", "list-2"].map(|id| Change::List(list(id)));
    let hits = [hit("hit-1", "list-1", "QDi.001"), hit("hit-2", "list-2", "QDi.001")];
    done(&store, lists.into_iter().chain(hits.map(Change::Hit)).collect());
    done(&store, vec![Change::TakeBack { list: "list-1".into(), at: at(9) }]);
    let gone = store.list("list-1").unwrap().unwrap();
    assert!(gone.sealed.is_empty() && gone.remainder.is_empty());
    let lapsed = store.hit("hit-1").unwrap().unwrap();
    assert_eq!((lapsed.state.as_str(), lapsed.sealed.len()), ("lapsed", 0));
    assert_eq!(store.unscreened(9).unwrap(), ["list-2"]);
    assert_eq!(store.list("list-2").unwrap().unwrap().sealed, list("list-2").sealed);
    assert_eq!(store.hit("hit-2").unwrap().unwrap().state, "open");
}

pub fn a_place_in_a_stream_is_taken_once(place: &impl Place) {
    let store = place.create().unwrap();
    done(&store, vec![Change::Queue(outgoing("parcel-1", 1)), Change::Inbox(incoming("p-1", 1))]);
    assert!(store.commit(batch(vec![Change::Queue(outgoing("parcel-2", 1))])).is_err());
    assert!(store.commit(batch(vec![Change::Inbox(incoming("p-1", 2))])).is_err());
    assert_eq!((store.outbox().unwrap().len(), store.inbox().unwrap().len()), (1, 1));
}

pub fn streams_stand_where_they_were_left(place: &impl Place) {
    let store = place.create().unwrap();
    let id = digest("agreement").to_string();
    assert_eq!((store.stream_out(&id).unwrap(), store.stream_in(&id).unwrap()), (None, None));
    for state in [vec![1], vec![2]] {
        let (agreement, partner) = (id.clone(), "TUR".to_owned());
        let out = Change::StreamOut { agreement, partner, state: state.clone() };
        let (agreement, partner) = (id.clone(), "TUR".to_owned());
        let stopped = (state == [2]).then(|| "a parcel under an old number".to_owned());
        done(&store, vec![out, Change::StreamIn { agreement, partner, state, stopped }]);
    }
    assert_eq!(store.stream_out(&id).unwrap(), Some(vec![2]));
    let (state, stopped) = store.stream_in(&id).unwrap().unwrap();
    assert_eq!((state, stopped.as_deref()), (vec![2], Some("a parcel under an old number")));
}

pub fn alarms_wait_until_somebody_settles_them(place: &impl Place) {
    let store = place.create().unwrap();
    let raise = |what: &str| Change::Alarm {
        partner: Some("TUR".into()),
        kind: "gap".into(),
        what: what.into(),
        at: at(1),
    };
    done(&store, vec![raise("one"), raise("two")]);
    assert_eq!(store.counts().unwrap().alarms, 2);
    let newest = store.alarms(1).unwrap().remove(0);
    assert_eq!(newest.what, "two");
    let settle = |officer: &str| {
        let sealed = (store::CARRIERS, newest.day());
        let purpose = ("alarm", &*newest.id.to_string());
        let reason = store.seal(sealed, purpose, officer.as_bytes(), at(9)).unwrap();
        vec![Change::SettleAlarm { id: newest.id, officer: officer.into(), reason, at: at(9) }]
    };
    done(&store, settle("first"));
    done(&store, settle("second"));
    let settled = store.alarms(1).unwrap().remove(0);
    assert_eq!((settled.settled_by.as_deref(), settled.settled_at), (Some("first"), Some(at(9))));
    assert_eq!(store.open_alarm_reason(&settled).unwrap().as_deref(), Some("first"));
    assert_eq!(store.open_alarm_reason(&store.alarms(2).unwrap()[1]).unwrap(), None);
    assert_eq!(store.counts().unwrap().alarms, 1);
}

pub fn counts_tell_what_is_there(place: &impl Place) {
    let store = place.create().unwrap();
    let mut changes = vec![Change::Submission(submission("s-1", digest("message"), "yes"))];
    changes.push(Change::List(List { travellers: 180, ..list("list-1") }));
    changes.push(Change::List(List {
        origin: "TUR".into(),
        submission: None,
        travellers: 9,
        ..list("list-2")
    }));
    for (i, state) in ["open", "half", "upheld", "dismissed"].into_iter().enumerate() {
        let mut h = hit(&format!("hit-{i}"), "list-1", &i.to_string());
        h.state = state.into();
        changes.push(Change::Hit(h));
    }
    let mut disclosed = outgoing("parcel-2", 2);
    disclosed.mode = "hit".into();
    changes.push(Change::Queue(outgoing("parcel-1", 1)));
    changes.push(Change::Queue(disclosed));
    changes.push(Change::Inbox(incoming("parcel-3", 1)));
    done(&store, changes);
    let c = store.counts().unwrap();
    assert_eq!((c.submissions, c.faults, c.lists, c.carrier_lists), (1, 2, 2, 1));
    assert_eq!((c.flights, c.travellers), (1, 180));
    assert_eq!((c.hits, c.open, c.half, c.upheld, c.dismissed), (4, 1, 1, 1, 1));
    assert_eq!(c.disclosed, Disclosed { list: 1, hit: 1 });
    assert_eq!((c.receipted, c.queued, c.received, c.refused), (0, 2, 1, 0));
    assert_eq!(c.events, store.log_size().unwrap());
}

pub fn lists_are_found_by_flight_submission_and_day(place: &impl Place) {
    let store = place.create().unwrap();
    let other = List { flight: "BA676/2026-09-22/LHR-IST".into(), ..list("list-2") };
    let unknown = List { departs_at: None, received_at: at(5000), ..list("list-3") };
    done(&store, [list("list-1"), other, unknown].map(Change::List).into());
    let ids = |lists: Vec<List>| lists.into_iter().map(|l| l.id).collect::<Vec<_>>().join(" ");
    let between = |from, to| ids(store.lists_between(at(from), at(to), 9).unwrap());
    assert_eq!(between(0, 100), "list-2 list-1");
    assert_eq!(between(61, 9000), "list-3", "by its arrival, when the departure is not known");
    assert_eq!(ids(store.lists_of_flight("BA676/2026-09-22/LHR-IST").unwrap()), "list-2");
    assert_eq!(ids(store.lists_of_submission("submission of list-1").unwrap()), "list-1");
}

pub fn criteria_are_approved_by_another_and_end_the_version_before(place: &impl Place) {
    let store = place.create().unwrap();
    let criteria = |digest: &str, at_: i64| CriteriaRow {
        name: "minors".into(),
        digest: digest.into(),
        document: "name = \"minors\"".into(),
        review_by: date(2026, 6, 1),
        lists: 7,
        travellers: 900,
        met: "3 0".into(),
        proposed_by: "bora".into(),
        proposed_at: at(at_),
        approved_by: None,
        approved_at: None,
        withdrawn_by: None,
        withdrawn_at: None,
        reason: None,
    };
    let approved = |digest: &str, officer: &str| Change::CriteriaApproved {
        name: "minors".into(),
        digest: digest.into(),
        officer: officer.into(),
        at: at(9),
    };
    let in_force = |day| -> Vec<String> {
        store.criteria_in_force(day).unwrap().into_iter().map(|c| c.digest).collect()
    };
    let refused =
        |change| matches!(store.commit(batch(vec![change])), Err(StoreError::Conflict(_)));
    done(&store, vec![Change::Criteria(criteria("one", 1))]);
    let newer = CriteriaRow { travellers: 950, ..criteria("one", 2) };
    done(&store, vec![Change::Criteria(newer.clone())]);
    assert_eq!(store.criteria().unwrap(), [newer]);
    assert!(refused(approved("one", "bora")), "its author");
    assert!(refused(approved("none", "cem")));
    done(&store, vec![approved("one", "cem")]);
    assert!(refused(approved("one", "cem")), "twice");
    assert!(refused(Change::Criteria(criteria("one", 3))), "decided on");
    assert_eq!(in_force(date(2026, 6, 1)), ["one"]);
    assert_eq!(in_force(date(2026, 6, 2)), [""; 0], "to be reviewed");
    done(&store, vec![Change::Criteria(criteria("two", 4)), approved("two", "cem")]);
    assert_eq!(in_force(date(2026, 6, 1)), ["two"]);
    let withdrawn = || Change::CriteriaWithdrawn {
        name: "minors".into(),
        digest: "two".into(),
        officer: "cem".into(),
        reason: vec![1, 2],
        at: at(10),
    };
    done(&store, vec![withdrawn()]);
    assert!(refused(withdrawn()));
    assert_eq!(in_force(date(2026, 6, 1)), [""; 0]);
}
