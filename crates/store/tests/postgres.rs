//! The conformance suite on a real PostgreSQL server, and what is a server's alone.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod conformance;
mod server;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use conformance::world::*;
use server::{Postgres, Server};
use store::{Change, Store, StoreError};

every_rule!(super::Postgres);

#[test]
fn a_server_that_fails_under_load_loses_nothing_that_was_answered() {
    let Some(server) = Server::start() else { return };
    let (address, _) = server.database();
    nothing_is_lost(&address, || {
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(300));
            server.crash_and_start();
        }
    });
}

#[test]
fn a_standby_that_takes_over_under_load_has_all_that_was_answered() {
    let Some(server) = Server::start() else { return };
    let (_, name) = server.database();
    let standby = server.standby();
    let (one, two) = (server.host(), standby.host());
    let address =
        format!("postgres://passerelle@{one},{two}/{name}?target_session_attrs=read-write");
    nothing_is_lost(&address, || {
        std::thread::sleep(Duration::from_millis(600));
        server.crash();
        // Nobody takes writes for a while: whoever asks is told to come again.
        std::thread::sleep(Duration::from_millis(300));
        standby.promote();
    });
}

/// Commits from several threads, as carriers send, while something happens to the server; what was
/// answered is there, once.
fn nothing_is_lost(address: &str, happens: impl FnOnce()) {
    let dir = tempfile::tempdir().unwrap();
    store::set_address(dir.path(), address).unwrap();
    let log = log_key("gw.gbr.example/log");
    let store = Arc::new(Store::create(dir.path(), "GBR", node_key(1), log, at(0)).unwrap());
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let work = |thread: usize| {
        let (store, stop, done) = (store.clone(), stop.clone(), done.clone());
        move || {
            let mut answered = Vec::new();
            for i in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let name = format!("{thread}-{i}");
                // As a carrier does: again, until there is an answer.
                loop {
                    let s = submission(&format!("s-{name}"), digest(&name), "yes");
                    let l = list(&format!("list-{name}"));
                    match store.commit(batch(vec![Change::Submission(s), Change::List(l)])) {
                        Ok(_) => break answered.push(format!("list-{name}")),
                        Err(e) => assert!(e.is_busy_or_full(), "{e}"),
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
            answered
        }
    };
    let threads: Vec<_> = (0..4).map(|t| std::thread::spawn(work(t))).collect();
    happens();
    // It goes on by itself.
    let (before, end) = (done.load(Ordering::Relaxed), Instant::now() + Duration::from_secs(60));
    while done.load(Ordering::Relaxed) < before + 8 {
        assert!(Instant::now() < end, "nothing is kept any more");
        std::thread::sleep(Duration::from_millis(20));
    }
    stop.store(true, Ordering::Relaxed);
    let answered: Vec<String> = threads.into_iter().flat_map(|t| t.join().unwrap()).collect();
    let kept: BTreeSet<String> =
        store.lists_between(at(0), at(100), u32::MAX).unwrap().into_iter().map(|l| l.id).collect();
    assert_eq!(kept.len(), answered.len(), "once each");
    assert!(before > 0 && answered.iter().all(|id| kept.contains(id)));
    log_is_whole(&store);
}

#[test]
fn two_nodes_on_one_store_write_one_log() {
    let Some(place) = Postgres::fresh() else { return };
    let nodes = [Arc::new(place.create().unwrap()), Arc::new(place.open())];
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let store = nodes[thread % 2].clone();
            std::thread::spawn(move || {
                for i in 0..20 {
                    // The same of both: one is told what the other answered.
                    let s = submission(&format!("s-{thread}-{i}"), digest(&i.to_string()), "yes");
                    let l = list(&format!("list-{thread}-{i}"));
                    store.commit(batch(vec![Change::Submission(s), Change::List(l)])).unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
    let counts = nodes[0].counts().unwrap();
    assert_eq!((counts.submissions, counts.lists), (20, 20));
    log_is_whole(&nodes[1]);
}

#[test]
fn both_kinds_of_store_have_the_same_tables_and_columns() {
    let Some(place) = Postgres::fresh() else { return };
    drop(place.create().unwrap());
    let columns = place.psql(
        "SELECT table_name || ' ' || column_name || ' ' || CASE is_nullable WHEN 'YES' THEN 0 ELSE 1 END
         FROM information_schema.columns WHERE table_schema = 'passerelle' AND table_name <> 'schema_version'",
    );
    let dir = tempfile::tempdir().unwrap();
    drop(Store::create(dir.path(), "GBR", node_key(1), log_key("o"), at(0)).unwrap());
    let db = rusqlite::Connection::open(dir.path().join("passerelle.db")).unwrap();
    let sql = "SELECT t.name || ' ' || c.name || ' ' || MAX(c.\"notnull\", c.pk > 0)
               FROM sqlite_schema t JOIN pragma_table_info(t.name) c
               WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";
    let mut statement = db.prepare(sql).unwrap();
    let ours: BTreeSet<String> =
        statement.query_map([], |r| r.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let theirs: BTreeSet<String> = columns.lines().map(str::to_owned).collect();
    assert_eq!(ours, theirs);
    let indexes = |text: Vec<String>| text.into_iter().collect::<BTreeSet<_>>();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
    let mut statement = db.prepare(sql).unwrap();
    let ours = statement.query_map([], |r| r.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let theirs = place.psql(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'passerelle' AND indexname NOT LIKE '%key'
         AND indexname NOT LIKE '%pkey' OR indexname IN ('lists_key', 'submissions_key', 'segments_key', 'requests_key')",
    );
    assert_eq!(indexes(ours), indexes(theirs.lines().map(str::to_owned).collect()));
}

#[test]
fn a_store_goes_from_a_file_to_a_server_and_is_put_aside_there() {
    let Some(place) = Postgres::fresh() else { return };
    let dir = tempfile::tempdir().unwrap();
    let log = || log_key("gw.gbr.example/log");
    let file = Store::create(dir.path(), "GBR", node_key(1), log(), at(0)).unwrap();
    let row = sealed_list(&file, "list-1", &passengers());
    let raise = |what: &str| Change::Alarm {
        partner: None,
        kind: "gap".into(),
        what: what.into(),
        at: at(1),
    };
    done(&file, vec![Change::List(row), raise("one"), raise("two")]);
    let copy = dir.path().join("copy.db");
    file.backup(&copy, |_| {}, at(2)).unwrap();
    let restored = store::restore(&copy, place.dir(), &file.kept_keys().unwrap()).unwrap();
    assert_eq!(restored, store::Restored::default());
    let server = place.open();
    let row = server.list("list-1").unwrap().unwrap();
    assert!(server.open_list(&row).unwrap() == passengers());
    // Numbers go on where they were.
    done(&server, vec![raise("three")]);
    assert_eq!(server.alarms(1).unwrap()[0].id, 3);
    log_is_whole(&server);
    assert!(store::restore(&copy, place.dir(), &[]).is_err(), "nothing is written over");
    drop(server);
    assert!(store::put_aside(place.dir()).unwrap().contains("passerelle_replaced"));
    assert!(store::place(place.dir()).unwrap().is_none());
    assert!(matches!(place.open_with(node_key(1), log()), Err(StoreError::Place(_))));
    // Half a copy is no store: the place is as free as before.
    let bad = dir.path().join("bad.db");
    std::fs::copy(&copy, &bad).unwrap();
    let sql = "UPDATE alarms SET at = 'nonsense' WHERE id = 2";
    rusqlite::Connection::open(&bad).unwrap().execute(sql, []).unwrap();
    assert!(store::restore(&bad, place.dir(), &[]).is_err());
    assert!(store::place(place.dir()).unwrap().is_none());
    store::restore(&copy, place.dir(), &[]).unwrap();
}

#[test]
fn a_server_that_is_not_there_is_named_and_nothing_of_the_password_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let address = "postgres://gbr:hunter2@localhost:1/gbr";
    store::set_address(dir.path(), address).unwrap();
    let none = Store::open(dir.path(), node_key(1), log_key("o")).err().unwrap();
    assert!(none.is_busy_or_full(), "{none}");
    assert!(!format!("{none} {none:?}").contains("hunter2"));
    // In clear over a network is nobody's default.
    let far = tempfile::tempdir().unwrap();
    let far = |address: &str| store::set_address(far.path(), address).map_err(|e| e.to_string());
    assert!(far("postgres://gbr:hunter2@db.gbr.example/gbr").unwrap_err().contains("certificate"));
    assert!(far("mysql://db").is_err());
    // Where it goes counts, not what it is called.
    for address in ["10.2.3.4", "127.0.0.1,10.2.3.4"] {
        let there = format!("host=localhost,localhost hostaddr={address} user=gbr dbname=gbr");
        let there = if address.contains(",") {
            there
        } else {
            there.replace("localhost,localhost", "localhost")
        };
        assert!(far(&there).unwrap_err().contains("certificate"), "{address}");
    }
    far("postgres://gbr@db.gbr.example/gbr?sslmode=disable").unwrap();
}
