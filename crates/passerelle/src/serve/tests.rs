//! A node that starts, and what it does by itself.
#![allow(clippy::unwrap_used)]

use audit::Logged;
use store::{CARRIERS, Change, rows::Partner};
use tempfile::TempDir;
use travel::Country;

use super::*;
use crate::{
    clock,
    courier::tests::{list, node},
    init,
    pipeline::{self, Provenance},
};

const GBR: Country = Country::new("GBR");

fn kinds(node: &Node) -> Vec<&'static str> {
    let events = node.store().events(0, 1000).unwrap();
    events.iter().map(|(_, e)| Logged::decode(e).unwrap().event.kind()).collect()
}

#[tokio::test]
async fn a_node_whose_address_is_taken_writes_nothing() {
    cli::install_crypto();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let dir = TempDir::new().unwrap();
    let new = init::NewNode {
        state: GBR,
        intake: any,
        exchange: any,
        console: taken.local_addr().unwrap(),
        names: vec!["localhost".into()],
        regimes: init::usual_regimes(GBR),
        notice: None,
        administrator: None,
        store: None,
        token: None,
    };
    init::make(&dir.path().join("gbr"), &new).unwrap();
    let node = Arc::new(Node::open(&dir.path().join("gbr")).unwrap());
    let before = kinds(&node);
    let error = serve(node.clone(), Instant::now()).await.unwrap_err();
    assert!(format!("{error:#}").contains("is another node running?"), "{error:#}");
    assert_eq!(kinds(&node), before);
}

fn partner(of: &Node) -> Partner {
    Partner {
        state: of.state().to_string(),
        name: of.state().to_string(),
        url: "https://localhost".into(),
        authority: tls::read_text(&of.layout().ca().0).unwrap(),
        certificate: of.state().to_string(),
        keys: of.keys().public().encode(),
        enabled: true,
        added_at: clock::now(),
        last_answer: None,
        last_answer_at: None,
    }
}

#[test]
fn a_partner_is_taken_up_when_it_is_new_when_it_changes_and_when_it_goes() {
    cli::install_crypto();
    let (dir, old, new) =
        (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let here = node(&dir, GBR);
    let [old, new] = [old, new].map(|dir| partner(&node(&dir, Country::new("TUR"))));
    let off = Partner { enabled: false, ..new.clone() };
    let mut known = work::authorities(&here).unwrap();
    for (row, authorities) in [(old, 1), (new, 1), (off, 0)] {
        here.record(vec![Change::Partner(row)], Actor::Node, vec![]).unwrap();
        let (now, _) = work::changed(&here, &known).unwrap().expect("it is taken up");
        assert_eq!(now.len(), authorities);
        assert!(work::changed(&here, &now).unwrap().is_none(), "once");
        known = now;
    }
}

#[test]
fn a_list_that_cannot_be_opened_does_not_keep_the_others_waiting() {
    let dir = TempDir::new().unwrap();
    let node = node(&dir, Country::new("TUR"));
    let keep = || {
        let from = Provenance { submission: None, parcel: None, agreed: None };
        let (row, event) =
            pipeline::keep(&node, &list(clock::now()), CARRIERS, from, clock::now()).unwrap();
        let id = row.id.clone();
        node.record(vec![Change::List(row)], Actor::Node, vec![event]).unwrap();
        id
    };
    let [bad, good] = [keep(), keep()];
    let db = node.layout().store().join("passerelle.db");
    let db = rusqlite::Connection::open(db).unwrap();
    db.execute("UPDATE lists SET sealed = x'00' WHERE id = ?1", [&bad]).unwrap();
    let served = Served { node: node.clone(), bell: Arc::default() };
    let mut screening = work::Work::screening();
    assert_eq!(screening.round(&served).unwrap(), 1);
    assert_eq!(node.store().unscreened(10).unwrap(), std::slice::from_ref(&bad));
    assert!(node.store().list(&good).unwrap().unwrap().screened_at.is_some());
    let alarms = node.store().alarms(10).unwrap();
    assert_eq!(alarms.len(), 1);
    assert!(alarms[0].kind == "not_screened" && alarms[0].what.contains(&bad));
    // It rests; and when it is tried again, one alarm is enough.
    assert_eq!(screening.round(&served).unwrap(), 0);
    assert_eq!(work::Work::screening().round(&served).unwrap(), 0);
    assert_eq!(node.store().alarms(10).unwrap().len(), 1);
    assert_eq!(kinds(&node).iter().filter(|k| **k == "alarm").count(), 1);
}
