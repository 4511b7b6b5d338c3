//! Lists that come again, watchlists that change, officers who say no.
#![allow(clippy::unwrap_used)]

mod documents;

use std::{net::IpAddr, path::PathBuf, sync::Arc};

use jiff::SignedDuration;
use store::Outcome;
use tempfile::TempDir;
use travel::{Country, PartialDate};

use super::*;
use crate::{
    clock,
    commands::watchlist,
    courier::tests,
    pipeline::{self, hunt_some},
};

const HEAD: &str = "id,name,alias,birth_date,sex,nationality,documents,reason\n";
const YILMAZ: &str = "S-1,Deniz Yilmaz,,1980-05-17,F,TUR,,wanted\n";
const YILMAZ_KNOWN_BETTER: &str = "S-1,Deniz Yilmaz,,1980-05-17|1981-05-17,F,TUR,,wanted\n";
const DEMIR: &str = "S-2,Ayse Demir,,1980-05-17,F,TUR,,wanted\n";
const PASSWORD: &str = "a long enough password";

struct World {
    node: Arc<Node>,
    dir: TempDir,
    now: Timestamp,
}

struct Nothing(Arc<store::Store>);

impl api::AfterUphold for Nothing {
    fn disclose(
        &self,
        _: screening::UpheldHit,
        _: &HitRow,
        decided: Batch,
        _: Timestamp,
    ) -> Result<Outcome, StoreError> {
        self.0.commit(decided)
    }
}

impl World {
    fn new(entries: &[&str]) -> Self {
        let dir = TempDir::new().unwrap();
        let node = tests::node(&dir, Country::new("TUR"));
        node.add_officer("ayla", PASSWORD, &["officer"], "test").unwrap();
        let world = Self { node, dir, now: clock::now() };
        world.watch(entries).unwrap();
        world
    }

    fn watch(&self, entries: &[&str]) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let file: PathBuf = self.dir.path().join("list.csv");
        std::fs::write(&file, format!("{HEAD}{}", entries.concat())).unwrap();
        watchlist::load(&self.node, "national", &[file], None, false)?;
        self.node.load_watchlists().unwrap();
        Ok(())
    }

    /// The same three travellers on the same flight, kept and screened.
    fn list(&self) -> (String, usize) {
        self.keeps(&tests::list(self.now))
    }

    fn keeps(&self, list: &PassengerList) -> (String, usize) {
        let from = pipeline::Provenance { submission: None, parcel: None, agreed: None };
        let (row, event) = pipeline::keep(&self.node, list, CARRIERS, from, self.now).unwrap();
        let id = row.id.clone();
        self.node.record(vec![Change::List(row)], Actor::Node, vec![event]).unwrap();
        let raised = screen_kept(&self.node, &id, self.now).unwrap();
        (id, raised)
    }

    /// Everything that waits to be screened again.
    fn rescreen(&self) -> usize {
        let digest = self.node.watchlists().digest.to_string();
        let waiting = self.node.store().to_rescreen(&digest, 100).unwrap();
        waiting.iter().for_each(|id| rescreen(&self.node, id, self.now).unwrap());
        assert_eq!(self.node.store().left_to_rescreen(&digest).unwrap(), 0);
        waiting.len()
    }

    fn hits(&self, list: &str) -> Vec<(String, String)> {
        let rows = self.node.store().hits_of_list(list).unwrap().into_iter();
        let mut seen: Vec<_> =
            rows.filter(|h| h.band != "silent").map(|h| (h.entry, h.state)).collect();
        seen.sort();
        seen
    }

    /// What officer Ayla is asked through.
    fn api(&self) -> (api::Api, api::Caller) {
        let settings =
            api::Settings { pseudonym_key: [1; 32], version: "test".into(), started_at: self.now };
        let store = self.node.store().clone();
        let around =
            (self.node.clone() as Arc<dyn api::Office>, Arc::new(Nothing(store.clone())) as _);
        let api = api::Api::new(store, settings, around);
        let here: IpAddr = "127.0.0.1".parse().unwrap();
        let signed_in = api.sign_in(("ayla", PASSWORD), here, self.now).unwrap();
        let caller = api.authenticate(&signed_in.token, self.now).unwrap();
        (api, caller)
    }

    fn dismiss(&self, list: &str) {
        let (api, caller) = self.api();
        for hit in self.node.store().hits_of_list(list).unwrap() {
            let said = (api::Verdict::Dismiss, "another person");
            api.decide(&caller, &hit.id, said, self.now).unwrap();
        }
    }

    fn events(&self, kind: &str) -> usize {
        let events = self.node.store().events(0, 10_000).unwrap();
        let logged = events.iter().map(|(_, bytes)| Logged::decode(bytes).unwrap());
        logged.filter(|l| l.event.kind() == kind).count()
    }
}

fn of(hits: &[(&str, &str)]) -> Vec<(String, String)> {
    hits.iter().map(|(e, s)| ((*e).to_owned(), (*s).to_owned())).collect()
}

#[test]
fn a_list_that_is_sent_again_makes_no_second_hit() {
    let world = World::new(&[YILMAZ]);
    let (first, raised) = world.list();
    assert_eq!((world.hits(&first), raised), (of(&[("S-1", "open")]), 1));
    let (second, raised) = world.list();
    assert_eq!((world.hits(&second), raised), (vec![], 0));
    assert_eq!(world.events("hit_known"), 1);
}

#[test]
fn thresholds_that_somebody_has_set_band_what_is_screened_from_then_on() {
    let world = World::new(&[YILMAZ]);
    let set = store::rows::ThresholdsRow {
        watchlist: "national".into(),
        possible: 90.0,
        hit: 99.0,
        set_by: "ayla".into(),
        set_at: world.now,
    };
    let event = Event::ThresholdsSet {
        watchlist: "national".into(),
        possible: "90".into(),
        hit: "99".into(),
        appear: 0,
        vanish: 0,
    };
    world.node.record(vec![Change::Thresholds(set)], Actor::Node, vec![event]).unwrap();
    let (list, _) = world.list();
    assert_eq!(world.hits(&list), vec![], "below the threshold nothing is put before officers");
    let stored = world.node.store().hits_of_list(&list).unwrap();
    assert!(stored.iter().all(|h| h.band == "silent"));
}

#[test]
fn who_was_dismissed_does_not_come_back_until_the_entry_changes() {
    let world = World::new(&[YILMAZ]);
    let (first, _) = world.list();
    world.dismiss(&first);
    assert_eq!(world.events("pair_cleared"), 1);
    assert_eq!(world.list().1, 0, "nothing has changed");
    world.watch(&[YILMAZ_KNOWN_BETTER]).unwrap();
    assert_eq!(world.list().1, 1, "the entry has changed");
}

#[test]
fn a_cleared_pair_is_forgotten_with_the_list_that_it_was_found_on() {
    let world = World::new(&[YILMAZ]);
    let (first, _) = world.list();
    world.dismiss(&first);
    let row = world.node.store().list(&first).unwrap().unwrap();
    let store = world.node.store();
    let last = row.keep_until.yesterday().unwrap();
    assert_eq!(store.cleared_pairs(last).unwrap(), 1);
    assert_eq!(store.cleared_pairs(row.keep_until).unwrap(), 0);
}

#[test]
fn a_new_entry_is_screened_against_what_is_kept_and_a_known_one_is_not_raised_twice() {
    let world = World::new(&[YILMAZ]);
    let (list, _) = world.list();
    assert_eq!(world.rescreen(), 0, "nothing has changed");
    world.watch(&[YILMAZ, DEMIR]).unwrap();
    assert_eq!(world.rescreen(), 1);
    assert_eq!(world.hits(&list), of(&[("S-1", "open"), ("S-2", "open")]));
    assert_eq!((world.rescreen(), world.events("rescreened")), (0, 1));
}

#[test]
fn a_new_entry_is_found_in_the_lake_and_lists_of_others_are_not_opened() {
    let world = World::new(&[YILMAZ]);
    let ids = [world.list().0, world.list().0];
    // A third list, of nobody whom the new entry may be.
    let only: Vec<usize> = vec![0];
    let other = tests::list(world.now).restricted_to(travel::ElementSet::ALL, Some(&only));
    let (other, _) = world.keeps(&other);
    let store = world.node.store();
    let far = jiff::civil::date(9000, 1, 1);
    while store.move_to_lake(far, world.now).unwrap() > 0 {}
    assert_eq!(store.lake_status(far).unwrap().lists, 3);
    assert!(!hunt_some(&world.node, world.now).unwrap(), "nothing has changed");

    world.watch(&[YILMAZ, DEMIR]).unwrap();
    let digest = world.node.watchlists().digest.to_string();
    assert_eq!(store.to_rescreen(&digest, 9).unwrap(), [""; 0], "not one by one");
    assert_eq!(store.left_to_rescreen(&digest).unwrap(), 3);
    while hunt_some(&world.node, world.now).unwrap() {}
    assert_eq!(store.left_to_rescreen(&digest).unwrap(), 0);
    assert_eq!(world.hits(&ids[0]), of(&[("S-1", "open"), ("S-2", "open")]));
    assert!(world.hits(&other).iter().all(|(entry, _)| entry != "S-2"));
    assert_eq!(world.events("hunted"), 1);
    assert_eq!(world.events("rescreened"), 2, "the list of others was left alone");
    // And the same again says nothing new.
    assert!(!hunt_some(&world.node, world.now).unwrap());
}

#[test]
fn screening_again_goes_on_after_a_restart_without_knowing_what_was_loaded_before() {
    let world = World::new(&[YILMAZ]);
    let (list, _) = world.list();
    world.dismiss(&list);
    world.watch(&[YILMAZ_KNOWN_BETTER, DEMIR]).unwrap();
    let node = Node::open(world.node.layout().root()).unwrap();
    node.load_watchlists().unwrap();
    let world = World { node: Arc::new(node), ..world };
    assert_eq!(world.rescreen(), 1);
    let expected = of(&[("S-1", "dismissed"), ("S-1", "open"), ("S-2", "open")]);
    assert_eq!(world.hits(&list), expected);
}

#[test]
fn a_list_that_has_shrunk_by_more_than_a_tenth_waits_for_a_person() {
    let entries: Vec<String> = (0..10).map(|n| format!("S-{n},Person Number{n},,,,,,\n")).collect();
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    let world = World::new(&entries);
    assert!(world.watch(&entries[..9]).is_ok(), "a tenth");
    let refused = world.watch(&entries[..8]).unwrap_err();
    assert!(refused.to_string().contains("--confirm-shrunk"), "{refused}");
    assert_eq!(world.node.store().watchlist_versions("national").unwrap().len(), 2);
}

#[test]
fn thresholds_of_a_list_decide_what_an_officer_sees() {
    let world = World::new(&[YILMAZ]);
    let path = world.node.layout().root().join("passerelle.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    text += "\n[screening.lists.national]\npossible = 90.0\nhit = 95.0\n";
    std::fs::write(&path, text).unwrap();
    let node = Node::open(world.node.layout().root()).unwrap();
    node.load_watchlists().unwrap();
    let world = World { node: Arc::new(node), now: world.now + SignedDuration::ZERO, ..world };
    let (list, raised) = world.list();
    assert_eq!((raised, world.hits(&list)), (1, vec![]), "kept, and shown to nobody");
}

#[test]
fn a_namesake_on_another_flight_is_not_cleared_with_somebody_who_is_but_a_name() {
    let same = |t: &Traveller| known_as(t, "TK1980-1") == known_as(t, "TK1981-2");
    let list = tests::list(clock::now());
    let documented = &list.travellers()[0];
    assert!(same(documented));
    let mut dated = documented.clone();
    dated.documents.clear();
    assert!(same(&dated));
    for born in [None, PartialDate::ymd(1980, 1, 1), Some(PartialDate::year(1980))] {
        let mut named = dated.clone();
        named.birth_date = born;
        assert!(!same(&named), "{born:?}");
        assert_eq!(known_as(&named, "TK1980-1"), known_as(&named, "TK1980-1"));
    }
}

const MINORS: &str = r#"name = "minors"
title = "Minors"
purpose = "serious_crime"
review_by = DAY

[[criterion]]
id = "adult-of-the-flight"
title = "Somebody who is no minor"
why = "To see that criteria are looked for."
when = ["not minor"]
unless = ["crew"]
"#;

impl World {
    /// Two supervisors: one proposes, the other approves.
    fn agree_on_criteria(&self, document: &str) {
        let review_by = self.now.to_zoned(TimeZone::UTC).date().tomorrow().unwrap().to_string();
        let api = crate::officers::at_the_machine(&self.node).unwrap();
        let here: IpAddr = "127.0.0.1".parse().unwrap();
        let caller = |name: &str| {
            self.node.add_officer(name, PASSWORD, &["supervisor"], "test").unwrap();
            let signed_in = api.sign_in((name, PASSWORD), here, self.now).unwrap();
            api.authenticate(&signed_in.token, self.now).unwrap()
        };
        let (author, other) = (caller("bora"), caller("cem"));
        let document = document.replace("DAY", &review_by);
        let (digest, trial) = api.propose_criteria(&author, &document, self.now).unwrap();
        assert_eq!((trial.lists, trial.travellers), (1, 3));
        let name = document.split('"').nth(1).unwrap();
        let own = api.approve_criteria(&author, (name, &digest), self.now);
        assert!(matches!(own, Err(api::Error::Conflict(_))), "the author cannot approve it");
        api.approve_criteria(&other, (name, &digest), self.now).unwrap();
        assert!(self.node.load_criteria().unwrap());
        assert!(!self.node.load_criteria().unwrap());
    }
}

#[test]
fn who_meets_criteria_in_use_is_put_before_an_officer_once_for_each_flight() {
    let world = World::new(&[]);
    let (first, _) = world.list();
    assert_eq!(world.hits(&first), vec![], "nothing is looked for yet");
    world.agree_on_criteria(MINORS);
    let adults = of(&[("adult-of-the-flight", "open"); 3]);
    let (second, _) = world.list();
    assert_eq!(world.hits(&second), adults);
    assert_eq!(world.events("criteria_applied"), 1);
    let (third, _) = world.list();
    assert_eq!(world.hits(&third), vec![], "they wait already");
    assert_eq!(world.events("hit_known"), 3);
}

const ONWARD: &str = r#"name = "onward"
title = "Onward"
purpose = "terrorism"
review_by = DAY

[[criterion]]
id = "second-leg"
title = "A journey of two legs that ends in Türkiye"
why = "To see that legs on other lists are known."
when = ["to in [TUR]", "legs >= 2", "journey_from in [FRA]"]
unless = ["crew"]
"#;

#[test]
fn a_leg_on_another_list_makes_the_journey_whole_before_and_after_it_is_projected() {
    let world = World::new(&[]);
    world.list();
    world.agree_on_criteria(ONWARD);
    let hours = |n| world.now + SignedDuration::from_hours(n);
    // Paris to London is somebody's way to London to Istanbul.
    let (out, on) = ("CDG LHR", "LHR IST");
    let between = |route: &str, at| {
        let (from, to) = route.split_once(' ').unwrap();
        tests::list_between((from, to), at, false)
    };
    let (first, raised) = world.keeps(&between(out, hours(0)));
    assert_eq!((world.hits(&first), raised), (vec![], 0));
    let whole = of(&[("second-leg", "open"); 3]);
    let (second, _) = world.keeps(&between(on, hours(10)));
    assert_eq!(world.hits(&second), whole);
    while world.node.store().project().unwrap() > 0 {}
    let (third, _) = world.keeps(&between(on, hours(40)));
    assert_eq!(world.hits(&third), whole);
    let (late, _) = world.keeps(&between(on, hours(24 * 5)));
    assert_eq!(world.hits(&late), vec![], "no journey stops for five days");
}
