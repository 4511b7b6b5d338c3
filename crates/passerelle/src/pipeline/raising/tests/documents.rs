//! Lists of documents, from the file to the officer.

use super::*;
use crate::node::Node;

const HEAD: &str = "number,issuing_state,type,reported,reason\n";
/// Of the second of the three travellers.
const DEMIRS: &str = "U00000001,TUR,P,2026-03-01,stolen\n";
const DEMIRS_FOUND_REVOKED: &str = "U00000001,TUR,P,2026-04-01,revoked\n";
const OF_THE_THIRD: &str = "U00000002,TUR,P,,lost\n";
/// As near as a number can be, and the same number of another state.
const NEAR: &str = "U00000010,TUR,P,,lost\nU0000000,TUR,P,,lost\nU00000000,UTO,P,,lost\n";

impl World {
    fn list_documents(&self, lines: &[&str], confirm: bool) -> Result<()> {
        let file = self.dir.path().join("documents.csv");
        std::fs::write(&file, format!("{HEAD}{}", lines.concat())).unwrap();
        watchlist::load(&self.node, "sltd", &[file], None, confirm)?;
        self.node.load_watchlists().unwrap();
        Ok(())
    }

    /// Numbers of the travellers who have open hits.
    fn listed(&self, list: &str) -> Vec<u32> {
        let hits = self.node.store().hits_of_list(list).unwrap();
        let mut listed: Vec<u32> =
            hits.iter().filter(|h| h.state == "open").map(|h| h.traveller).collect();
        listed.sort_unstable();
        listed
    }
}

#[test]
fn a_listed_document_is_put_before_an_officer_and_a_near_number_is_not() {
    let world = World::new(&[]);
    world.list_documents(&[DEMIRS, NEAR], false).unwrap();
    assert_eq!(world.events("documents_loaded"), 1);
    let (list, raised) = world.list();
    assert_eq!((raised, world.listed(&list)), (1, vec![1]));
    let (api, caller) = world.api();
    let queue = api.hits(&caller, api::QueueState::Open, (None, 9)).unwrap();
    let [line] = queue.hits.as_slice() else { panic!("one hit waits") };
    assert_eq!((line.band.as_str(), line.needs, line.of_documents), ("hit", 2, true));
    let page = api.hit(&caller, &line.id, world.now).unwrap();
    assert_eq!(page.line.entry, "passport U00000001 of TUR");
    assert_eq!(page.entry_reason, "stolen, reported on 2026-03-01");
    assert_eq!(page.evidence.len(), 1);
    assert_eq!(page.evidence[0].relation, "same number, issuing state and type");
    // A number is a traveller's: it stands in nothing that outlives the day.
    let row = world.node.store().hit(&line.id).unwrap().unwrap();
    assert!(!format!("{:?}", (row.entry, row.entry_version, row.pair)).contains("00000001"));
}

#[test]
fn a_new_version_is_screened_against_what_is_kept_and_in_the_lake() {
    let world = World::new(&[]);
    world.list_documents(&[DEMIRS, NEAR], false).unwrap();
    let ids = [world.list().0, world.list().0];
    assert_eq!(world.rescreen(), 0, "nothing has changed");
    world.list_documents(&[DEMIRS, NEAR, OF_THE_THIRD], false).unwrap();
    assert_eq!(world.rescreen(), 2);
    assert_eq!(world.listed(&ids[0]).len() + world.listed(&ids[1]).len(), 2);

    let store = world.node.store();
    let far = jiff::civil::date(9000, 1, 1);
    while store.move_to_lake(far, world.now).unwrap() > 0 {}
    assert!(!hunt_some(&world.node, world.now).unwrap(), "nothing has changed");
    let first = "U00000000,TUR,P,,lost\n";
    world.list_documents(&[DEMIRS, NEAR, OF_THE_THIRD, first], false).unwrap();
    while hunt_some(&world.node, world.now).unwrap() {}
    let mut listed = [world.listed(&ids[0]), world.listed(&ids[1])].concat();
    listed.sort_unstable();
    assert_eq!(listed, [0, 1, 2], "each once, for it is one flight");
}

#[test]
fn after_a_restart_and_beside_a_list_of_persons_it_is_the_same() {
    let world = World::new(&[YILMAZ]);
    world.list_documents(&[NEAR], false).unwrap();
    let (list, _) = world.list();
    world.list_documents(&[NEAR, DEMIRS], false).unwrap();
    let node = Node::open(world.node.layout().root()).unwrap();
    node.load_watchlists().unwrap();
    let world = World { node: Arc::new(node), ..world };
    assert_eq!(world.rescreen(), 1);
    assert_eq!(world.listed(&list), [0, 1]);
}

#[test]
fn a_document_that_was_dismissed_does_not_come_back_until_the_list_says_otherwise() {
    let world = World::new(&[]);
    world.list_documents(&[DEMIRS], false).unwrap();
    let (first, _) = world.list();
    world.dismiss(&first);
    assert_eq!(world.list().1, 0, "nothing has changed");
    world.list_documents(&[DEMIRS, NEAR], false).unwrap();
    assert_eq!(world.list().1, 0, "nothing of this document");
    world.list_documents(&[DEMIRS_FOUND_REVOKED, NEAR], false).unwrap();
    assert_eq!(world.list().1, 1, "another report");
}

#[test]
fn a_list_of_documents_that_has_shrunk_waits_for_a_person() {
    let world = World::new(&[YILMAZ]);
    let lines: Vec<String> = (0..10).map(|n| format!("X1234567{n},UTO,P,,lost\n")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    world.list_documents(&lines, false).unwrap();
    assert!(world.list_documents(&lines[..9], false).is_ok(), "a tenth");
    let refused = world.list_documents(&lines[..8], false).unwrap_err();
    assert!(refused.to_string().contains("--confirm-shrunk"), "{refused}");
    assert_eq!(world.node.store().watchlist_versions("sltd").unwrap().len(), 2);
    world.list_documents(&lines[..8], true).unwrap();
    world.list_documents(&lines[..8], true).unwrap();
    let kept = std::fs::read_dir(world.node.layout().watchlists()).unwrap().flatten();
    let kept = kept.filter(|f| f.file_name().to_string_lossy().ends_with(".documents")).count();
    assert!(kept <= 2, "older versions go");

    let file = world.dir.path().join("documents.csv");
    let refused = watchlist::load(&world.node, "national", &[file], None, true).unwrap_err();
    assert!(refused.to_string().contains("another name"), "{refused}");
    let refused = world.list_documents(&["\n"], true).unwrap_err();
    assert!(refused.to_string().contains("lists no document"), "{refused}");
}

#[test]
fn a_list_that_is_damaged_stops_screening_and_does_not_let_anybody_pass() {
    let world = World::new(&[]);
    world.list_documents(&[DEMIRS], false).unwrap();
    let row = world.node.store().watchlists().unwrap().remove(0);
    let path = world.node.layout().watchlists().join(row.file);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[500] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let from = pipeline::Provenance { submission: None, parcel: None, agreed: None };
    let list = tests::list(world.now);
    let (row, event) = pipeline::keep(&world.node, &list, CARRIERS, from, world.now).unwrap();
    let id = row.id.clone();
    world.node.record(vec![Change::List(row)], Actor::Node, vec![event]).unwrap();
    let failed = screen_kept(&world.node, &id, world.now).unwrap_err();
    assert!(format!("{failed:#}").contains("sltd cannot be read"), "{failed:#}");
    assert_eq!(world.node.store().unscreened(9).unwrap(), [id]);
}
