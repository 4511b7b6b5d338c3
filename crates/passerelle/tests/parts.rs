//! Parts of a list that come in interchanges of their own, against a real node that is killed
//! between them: each is answered and kept, the last makes one list, and what did not come is
//! told when its time is over.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    path::Path,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use store::inspect::{Inspector, SeenList};
use support::{TestNode, program};
use tokio::runtime::Runtime;

/// Long enough for a node to be killed and started, short enough to be waited for.
const WAIT_S: u32 = 8;

/// A part of a list for tomorrow: `01:C`, `02`, `03:F`.
fn part(series: &str, sequence: &str, people: &[&str], total: usize) -> Vec<u8> {
    let tomorrow = passerelle::clock::utc().date().tomorrow().unwrap();
    let day = tomorrow.strftime("%y%m%d").to_string();
    let reference = format!("{series}{}", &sequence[..2]);
    let mut text = format!(
        "UNB+UNOA:4+TK+NODE+{day}:0800+{reference}++APIS'UNH+1+PAXLST:D:15B:UN:IATA+{series}+{sequence}'\
         BGM+745'NAD+MS+++DESK'TDT+20+TK1980+++TK'LOC+125+IST'DTM+189:{day}1100:201'LOC+87+LHR'\
         DTM+232:{day}1400:201'"
    );
    for (i, name) in people.iter().enumerate() {
        text += &format!(
            "NAD+FL+++ESPECIMEN:{name}'ATT+2++M'DTM+329:90010{}'NAT+2+UTO'DOC+P:110:111+T{reference}{i}'LOC+91+UTO'",
            i + 1
        );
    }
    text += &format!("CNT+42:{total}'UNT+{}+1'UNZ+1+{reference}'", people.len() * 6 + 10);
    text.into_bytes()
}

struct Carrier<'n> {
    node: &'n TestNode,
    token: String,
    runtime: Runtime,
}

impl Carrier<'_> {
    fn send(&self, bytes: Vec<u8>) -> (u16, String) {
        let url = format!("https://localhost:{}/intake", self.node.intake.port());
        let client = self.node.client();
        self.runtime.block_on(async {
            let answer =
                client.post(url).bearer_auth(&self.token).body(bytes).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        })
    }

    /// Sends what must be taken, and said to be.
    fn taken(&self, bytes: Vec<u8>, says: &[&str]) {
        let (status, text) = self.send(bytes);
        assert_eq!(status, 200, "{text}");
        for said in says.iter().chain(&["UCM+1+PAXLST:D:15B:UN+7", "ERC+0"]) {
            assert!(text.contains(said), "no {said} in {text}");
        }
        assert!(!text.contains("P-PARTS"), "parts that are to come are no fault: {text}");
    }
}

fn lists(dir: &Path) -> Vec<SeenList> {
    Inspector::open(&dir.join("store")).unwrap().lists().unwrap()
}

/// Waits for so many lists.
fn until(dir: &Path, lists_: usize) -> Vec<SeenList> {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        let found = lists(dir);
        if found.len() >= lists_ {
            return found;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("{} lists, not {lists_}", lists(dir).len());
}

#[test]
fn parts_are_kept_over_a_crash_joined_by_the_last_and_missed_when_time_is_over() {
    let base = tempfile::tempdir().unwrap();
    let node = TestNode::init(base.path(), "GBR");
    let toml = node.dir.join("passerelle.toml");
    let config = std::fs::read_to_string(&toml).unwrap();
    assert!(config.contains("parts_wait_s = 300"));
    let config = config.replace("parts_wait_s = 300", &format!("parts_wait_s = {WAIT_S}"));
    std::fs::write(&toml, config).unwrap();
    let carrier =
        Carrier { node: &node, token: node.carrier("TK"), runtime: Runtime::new().unwrap() };
    let mut serving = node.serve();

    // The last comes first; the second, after a crash; the first makes it whole.
    carrier.taken(part("A", "03:F", &["EVA"], 4), &["KEPT?: PART 3. PARTS 1, 2 AWAITED UNTIL"]);
    serving.kill();
    let mut serving = node.serve();
    carrier.taken(part("A", "02", &["BERTA", "CARLA"], 4), &["PART 2. PART 1 AWAITED"]);
    assert_eq!(lists(&node.dir).len(), 0, "no list before the last part");
    let first = part("A", "01:C", &["ANNA"], 4);
    carrier.taken(first.clone(), &["ALL 3 PARTS ARE HERE?: 4 TRAVELLERS."]);
    let whole = until(&node.dir, 1);
    assert_eq!(whole[0].travellers, 4);
    // The same bytes again: the same answer, and no second list.
    carrier.taken(first, &["ALL 3 PARTS ARE HERE?: 4 TRAVELLERS."]);

    // Two parts in one interchange's order, one of which never comes; a crash in between.
    let before = Instant::now();
    carrier.taken(part("B", "01:C", &["DORA", "ELSA"], 5), &["PART 1. THE OTHER PARTS AWAITED"]);
    carrier.taken(part("B", "03:F", &["FRIDA"], 5), &["PART 3. PART 2 AWAITED"]);
    serving.kill();
    let serving = node.serve();
    let both = until(&node.dir, 2);
    assert!(before.elapsed() >= Duration::from_secs(u64::from(WAIT_S)), "not before its time");
    assert_eq!(both[1].travellers, 3);
    let alarms = Inspector::open(&node.dir.join("store")).unwrap().open_alarms().unwrap();
    assert_eq!(alarms.len(), 1);

    // A total that is wrong is told with the last part.
    carrier.taken(part("C", "01:C", &["GRETA"], 9), &["PART 1"]);
    carrier.taken(part("C", "02:F", &["HANNA"], 9), &["2 TRAVELLERS. P-COUNT?:", "Found 9"]);
    assert_eq!(until(&node.dir, 3)[2].travellers, 2);

    assert_eq!(serving.stop().code(), Some(0));
    let doctor =
        Command::new(program()).arg("doctor").arg(&node.dir).arg("--json").output().unwrap();
    let report = String::from_utf8(doctor.stdout).unwrap();
    for said in
        ["\"1\":\"kept\"", "\"4\":\"kept\"", "alarm 1 (parts_missing) waits: TK sent parts 1, 3"]
    {
        assert!(report.contains(said), "no {said} in {report}");
    }
    let carriers = node.command(&["carrier", "list"], &[]);
    assert!(carriers.contains("of 100"), "{carriers}");
}
