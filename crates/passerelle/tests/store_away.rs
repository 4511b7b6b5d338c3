//! A real node whose store is away, slow, or went back in time: carriers are told to come again
//! before anything false is said, and the node goes on by itself or says what it needs.
#![allow(clippy::unwrap_used)]

#[path = "../../store/tests/conformance"]
#[allow(dead_code)]
mod conformance {
    pub mod world;
}
#[path = "../../store/tests/server/mod.rs"]
mod server;
mod support;

use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::{Duration, Instant},
};

use passerelle::node::Node;
use server::Server;
use support::{TestNode, program};

/// Posts until it is taken, as carriers do.
fn taken(node: &TestNode, token: &str, reference: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        match node.post(token, reference) {
            (200, _) => return,
            (503, retry) => assert!(retry.is_some(), "503 without Retry-After"),
            other => panic!("{other:?}"),
        }
        assert!(Instant::now() < end, "the node does not go on by itself");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Posts once; the store does not answer.
fn refused(node: &TestNode, token: &str, reference: &str) {
    let (status, retry) = node.post(token, reference);
    assert!(status == 503 && retry.is_some(), "{status} {retry:?}");
}

fn lists(node: &TestNode) -> u64 {
    let opened = Node::open(&node.dir).unwrap();
    let lists = opened.store().counts().unwrap().lists;
    opened.close();
    lists
}

fn doctor(node: &TestNode) -> (bool, String) {
    let out = Command::new(program()).arg("doctor").arg(&node.dir).output().unwrap();
    (out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned())
}

#[test]
fn a_file_that_somebody_holds_makes_carriers_come_again_and_loses_nothing() {
    let base = tempfile::tempdir().unwrap();
    let node = TestNode::init(base.path(), "GBR");
    let token = node.carrier("TK");
    let serving = node.serve();
    taken(&node, &token, "R0");
    // What a disk looks like that does not come to an end with a write.
    let other = rusqlite::Connection::open(node.dir.join("store/passerelle.db")).unwrap();
    other.busy_timeout(Duration::from_secs(10)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    refused(&node, &token, "R1");
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    taken(&node, &token, "R1");
    assert!(serving.stop().success());
    assert_eq!(lists(&node), 2, "each once");
    assert!(doctor(&node).0);
}

#[test]
fn a_server_that_is_away_or_slow_makes_carriers_come_again_and_loses_nothing() {
    let Some(server) = Server::start() else { return };
    let base = tempfile::tempdir().unwrap();
    let (address, database) = server.database();
    let node = TestNode::init_on(base.path(), "GBR", Some((address, database.clone())));
    let token = node.carrier("TK");
    let serving = node.serve();
    taken(&node, &token, "R0");
    server.crash();
    refused(&node, &token, "R1");
    server.crash_and_start();
    taken(&node, &token, "R1");
    let let_go = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let hold =
            "BEGIN; SELECT 1 FROM passerelle.log_tree FOR UPDATE; SELECT pg_sleep(14); COMMIT";
        let (let_go, server, database) = (&let_go, &server, &database);
        let holding = scope.spawn(move || {
            server.psql(database, hold).unwrap();
            let_go.store(true, SeqCst);
        });
        let locked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(14)%' AND wait_event = 'PgSleep'";
        while server.psql(database, locked).as_deref() != Some("1") {
            std::thread::sleep(Duration::from_millis(50));
        }
        // It waits for a while, or says that it cannot: what it says is true.
        let (status, retry) = node.post(&token, "R2");
        assert!(status == 503 && retry.is_some() || let_go.load(SeqCst), "{status} {retry:?}");
        holding.join().unwrap();
    });
    taken(&node, &token, "R2");
    assert!(serving.stop().success());
    assert_eq!(lists(&node), 3, "each once");
    assert!(doctor(&node).0);
}

#[test]
fn a_server_whose_disk_is_full_makes_carriers_come_again_and_loses_nothing() {
    let Some(server) = Server::start() else { return };
    let base = tempfile::tempdir().unwrap();
    let (address, database) = server.database();
    let node = TestNode::init_on(base.path(), "GBR", Some((address, database.clone())));
    let token = node.carrier("TK");
    let serving = node.serve();
    taken(&node, &token, "R0");
    let sql = |text: &str| assert!(server.psql(&database, text).is_some(), "{text}");
    // What a server says whose disk is full, and one whose disk cannot be read.
    for (number, code) in ["53100", "58030"].into_iter().enumerate() {
        sql(&format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '{code}'; END$$;
             CREATE TRIGGER refuse BEFORE INSERT ON passerelle.lists EXECUTE FUNCTION refuse()"
        ));
        let reference = format!("R{}", number + 1);
        refused(&node, &token, &reference);
        sql("DROP FUNCTION refuse CASCADE");
        taken(&node, &token, &reference);
    }
    assert!(serving.stop().success());
    assert_eq!(lists(&node), 3, "each once");
    assert!(doctor(&node).0);
}

/// Keeps a list, lets `save` copy the store, keeps another one, lets `back` put the copy back.
fn goes_back(node: &TestNode, save: impl FnOnce(), back: impl FnOnce()) {
    let token = node.carrier("TK");
    let serve = |reference| {
        let serving = node.serve();
        taken(node, &token, reference);
        assert!(serving.stop().success());
    };
    serve("R0");
    save();
    serve("R1");
    assert!(doctor(node).0);
    back();
    let (well, said) = doctor(node);
    assert!(!well && said.contains("what was answered with them are gone"), "{said}");
    // The carrier sends again what is missing, the alarm waits for a person, and comes once.
    serve("R1");
    serve("R2");
    let (well, said) = doctor(node);
    assert!(!well && said.contains("alarm 1 (answers_lost) waits"), "{said}");
    assert!(!said.contains("database:"), "what is known is what is there: {said}");
    let opened = Node::open(&node.dir).unwrap();
    let alarms = opened.store().alarms(9).unwrap();
    let lost = alarms.iter().filter(|alarm| alarm.kind == "answers_lost").count();
    opened.close();
    assert_eq!((lost, lists(node)), (1, 3));
}

#[test]
fn a_file_that_went_back_in_time_is_found_out_and_the_node_goes_on() {
    let base = tempfile::tempdir().unwrap();
    let node = TestNode::init(base.path(), "GBR");
    let files = ["passerelle.db", "passerelle.db-wal"];
    let copy = |from: &Path, to: &Path| {
        for name in files {
            let _ = std::fs::remove_file(to.join(name));
            if from.join(name).exists() {
                std::fs::copy(from.join(name), to.join(name)).unwrap();
            }
        }
    };
    let (store, aside) = (node.dir.join("store"), base.path().join("aside"));
    std::fs::create_dir(&aside).unwrap();
    goes_back(&node, || copy(&store, &aside), || copy(&aside, &store));
}

#[test]
fn a_server_that_went_back_in_time_is_found_out_and_the_node_goes_on() {
    let Some(server) = Server::start() else { return };
    let base = tempfile::tempdir().unwrap();
    let (address, name) = server.database();
    let node = TestNode::init_on(base.path(), "GBR", Some((address, name.clone())));
    let sql = |text: String| assert!(server.psql("postgres", &text).is_some(), "{text}");
    let save = || sql(format!("CREATE DATABASE copy TEMPLATE {name}"));
    goes_back(&node, save, || {
        sql(format!("DROP DATABASE {name}"));
        sql(format!("ALTER DATABASE copy RENAME TO {name}"));
    });
}
