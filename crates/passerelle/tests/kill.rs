//! kill -9, again and again, and nothing that was answered is lost (promise 1).
//!
//! Two real nodes, made by `passerelle init`, run as processes of their own with an
//! agreement between them. Carriers push lists into both, officers uphold what
//! screening raises, and one node or the other (or both) is killed at random moments,
//! also while it starts. Senders keep a ledger of what they were answered. At the end
//! the invariant checker looks at both stores and compares.
//!
//! `PASSERELLE_KILLS` says how often; 5 when it is not set, 100 in the full tier
//! (`PASSERELLE_TEST=all`). The random moments are drawn from `PASSERELLE_SEED`.
#![allow(clippy::unwrap_used)]

#[path = "../../store/tests/conformance"]
#[allow(dead_code)]
mod conformance {
    pub mod world;
}
#[path = "kill/senders.rs"]
mod senders;
#[path = "../../store/tests/server/mod.rs"]
mod server;
mod support;

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, atomic::Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use passerelle::{
    clock,
    invariants::{self, NodeAt},
};
use rusqlite::{Connection, OpenFlags};
use senders::{Random, Seen, Wanted};
use support::{Serving, TestNode, ally, program};

/// Carriers' connections into each node.
const CARRIERS: usize = 3;
/// How long the work that is left may stand still once both nodes stay up: a courier that met
/// a dead partner comes back after a minute at the latest.
const SETTLE: Duration = Duration::from_secs(180);

const WATCHLIST: &str = "id,name,alias,birth_date,sex,nationality,documents,reason
S-1,Testov Example Ivanovich,Testoff Example,1980-05-17,M,UTO,PASSPORT:UTO:L898902C3,invented for this test
";

#[test]
fn a_node_killed_at_any_moment_loses_and_doubles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    kill_again_and_again(pair(dir.path(), None), "SQLite");
}

#[test]
fn nodes_killed_on_a_server_lose_and_double_nothing() {
    let Some(server) = server::shared() else { return };
    let dir = tempfile::tempdir().unwrap();
    kill_again_and_again(pair(dir.path(), Some(server)), "PostgreSQL");
}

fn kill_again_and_again(pair: [TestNode; 2], store: &str) {
    let kills = kills();
    let seed = std::env::var("PASSERELLE_SEED").ok().and_then(|s| s.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| clock::now().as_nanosecond() as u64);
    let began = Instant::now();
    let mut serving: [Serving; 2] = [pair[0].serve(), pair[1].serve()];

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let seen = Arc::new(Seen::default());
    let mut tasks = Vec::new();
    for (i, node) in pair.iter().enumerate() {
        let wanted = Arc::new(Wanted::of(node));
        for carrier in 0..CARRIERS {
            let random = Random::new(seed ^ ((i * CARRIERS + carrier + 1) as u64) << 32);
            tasks.push(runtime.spawn(senders::carrier(
                wanted.clone(),
                seen.clone(),
                carrier,
                random,
            )));
        }
        tasks.push(runtime.spawn(senders::officers(wanted, seen.clone())));
    }

    let mut random = Random::new(seed);
    let mut killed = [0u32; 2];
    let mut starting = 0;
    while killed.iter().sum::<u32>() < kills {
        sleep(Duration::from_millis(random.below(700)));
        let victims: &[usize] = match random.below(10) {
            0 => &[0, 1],
            n if n % 2 == 0 => &[0],
            _ => &[1],
        };
        for &i in victims {
            serving[i].kill();
            killed[i] += 1;
        }
        sleep(Duration::from_millis(random.below(300)));
        for &i in victims {
            if random.below(4) == 0 && killed.iter().sum::<u32>() < kills {
                kill_while_it_starts(&pair[i], Duration::from_millis(random.below(250)));
                killed[i] += 1;
                starting += 1;
            }
            serving[i] = pair[i].serve();
        }
    }

    seen.stop.store(true, Ordering::Relaxed);
    for task in tasks {
        runtime.block_on(task).unwrap();
    }
    settle(&pair);
    for node in serving {
        assert!(node.stop().success(), "a node did not end cleanly");
    }
    let summary = judge(&pair, &seen);
    let [gbr, tur] = killed;
    let line = format!(
        "kill -9 on {store}: {} kills (GBR {gbr}, TUR {tur}; {starting} while starting) in {:.0} s; {summary}; seed {seed}\n",
        killed.iter().sum::<u32>(),
        began.elapsed().as_secs_f64()
    );
    // Not `eprintln!`: the line is to be seen when the test passes, too.
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

fn kills() -> u32 {
    match std::env::var("PASSERELLE_KILLS") {
        Ok(n) => n.parse().expect("PASSERELLE_KILLS is a number"),
        Err(_) if support::everything() => 100,
        Err(_) => 5,
    }
}

/// Two nodes that know each other and have signed the agreement of the demo.
fn pair(base: &Path, server: Option<&server::Server>) -> [TestNode; 2] {
    let node = |state| TestNode::init_on(base, state, server.map(server::Server::database));
    let pair = [node("GBR"), node("TUR")];
    let watchlist = base.join("persons.csv");
    std::fs::write(&watchlist, WATCHLIST).unwrap();
    for node in &pair {
        node.command(&["watchlist", "load"], &["national", watchlist.to_str().unwrap()]);
    }
    ally(base, &pair);
    pair
}

fn kill_while_it_starts(node: &TestNode, after: Duration) {
    let mut child = Command::new(program())
        .arg("serve")
        .arg(&node.dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Asks the store of a node for one number.
fn number(node: &TestNode, sql: &str) -> u64 {
    if let Some(database) = &node.database {
        let server = server::shared().unwrap();
        let sql = format!("SET search_path TO passerelle; {sql}");
        return server.psql(database, &sql).unwrap().parse().unwrap();
    }
    let path = node.dir.join("store/passerelle.db");
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    db.busy_timeout(Duration::from_secs(10)).unwrap();
    db.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap() as u64
}

/// Waits until both nodes have done what they have to do by themselves.
fn settle(pair: &[TestNode; 2]) {
    const WAITS: &str = "SELECT (SELECT COUNT(*) FROM lists WHERE screened_at IS NULL)
        + (SELECT COUNT(*) FROM hits WHERE state = 'upheld' AND disclosed_at IS NULL)
        + (SELECT COUNT(*) FROM outbox WHERE status = 'queued')";
    let (mut least, mut since) = (u64::MAX, Instant::now());
    loop {
        let waits = pair.each_ref().map(|n| number(n, WAITS));
        let left: u64 = waits.iter().sum();
        if left == 0 {
            return;
        }
        if left < least {
            (least, since) = (left, Instant::now());
        }
        assert!(since.elapsed() < SETTLE, "work is left over in the two nodes: {waits:?}");
        sleep(Duration::from_millis(200));
    }
}

/// Whether every promise was kept; what there was, in a few words.
fn judge(pair: &[TestNode; 2], seen: &Seen) -> String {
    let ledger = seen.ledger.lock();
    let nodes = pair.each_ref().map(|n| NodeAt::of(&n.dir).unwrap());
    let report = invariants::check(&nodes, &ledger, clock::now()).unwrap();
    assert!(report.ok(), "{:#}", report.json());
    assert_eq!((report.lost, report.doubled), (0, 0));
    for log in &report.logs {
        assert!(log.verification.ok, "the log of {}: {:?}", log.node, log.verification);
    }
    exactly_the_parcels_that_the_agreement_asks_for(pair);
    let upheld = seen.upheld.lock();
    for (state, hit) in upheld.iter() {
        let node = pair.iter().find(|n| n.state == *state).unwrap();
        let sql = format!("SELECT COUNT(*) FROM hits WHERE id = '{hit}' AND state = 'upheld'");
        assert_eq!(number(node, &sql), 1, "the hit {hit} was answered as upheld and is not");
    }

    let both = |sql| pair.iter().map(|n| number(n, sql)).sum::<u64>();
    let parcels = both("SELECT COUNT(*) FROM outbox");
    let taken = both("SELECT COUNT(*) FROM inbox WHERE verdict = 'accepted'");
    assert_eq!(parcels, taken, "sealed and taken");
    assert!(ledger.len() >= CARRIERS * 2 && parcels > 0 && !upheld.is_empty(), "nothing happened");
    format!(
        "{} lists answered, {} of them asked for again, {} of these kept before; {} answers given \
         twice alike; {} hits upheld; {parcels} parcels sealed, {taken} taken; {} log events verified; \
         lost {}, doubled {}",
        ledger.len(),
        seen.again.load(Ordering::Relaxed),
        seen.kept_before.load(Ordering::Relaxed),
        seen.repeats.load(Ordering::Relaxed),
        upheld.len(),
        both("SELECT COUNT(*) FROM log_events"),
        report.lost,
        report.doubled
    )
}

/// A list that the agreement covers is disclosed once, any other never; an upheld hit
/// of a flight of which no lists go is disclosed once.
fn exactly_the_parcels_that_the_agreement_asks_for(pair: &[TestNode; 2]) {
    let lists = |flights: &str, wanted: u8| {
        format!(
            "SELECT COUNT(*) FROM lists LEFT JOIN
             (SELECT list, COUNT(*) AS parcels FROM outbox WHERE mode = 'list' GROUP BY list) AS sent
             ON sent.list = lists.id
             WHERE origin = 'carrier' AND {flights} AND COALESCE(parcels, 0) <> {wanted}"
        )
    };
    let [gbr, tur] = pair;
    assert_eq!(number(gbr, &lists("destination = 'IST'", 1)), 0, "lists to Istanbul go once");
    assert_eq!(number(gbr, &lists("destination <> 'IST'", 0)), 0, "other lists do not go");
    assert_eq!(number(tur, &lists("destination = 'LHR'", 1)), 0, "lists to London go once");
    let hits = "SELECT COUNT(*) FROM hits JOIN lists ON lists.id = hits.list LEFT JOIN
        (SELECT hit, COUNT(*) AS parcels FROM outbox WHERE mode = 'hit' GROUP BY hit) AS sent
        ON sent.hit = hits.id
        WHERE origin = 'carrier' AND destination = 'AYT'
        AND CASE WHEN state = 'upheld' THEN 1 ELSE 0 END <> COALESCE(parcels, 0)";
    assert_eq!(number(gbr, hits), 0, "upheld hits to Antalya go once");
}
