//! What outside bytes must not do: each kind of bad input gets a clear answer with the
//! right status, its original is kept where it is a carrier's, nothing is half-stored,
//! and memory stays bounded. Against a real node, over real TLS.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    collections::HashMap,
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use passerelle::node::Node;
use rusqlite::{Connection, OpenFlags};
use store::inspect::Inspector;
use support::{Serving, TestNode};
use tokio::runtime::Runtime;

const PEOPLE: &[(&str, &str, &str)] =
    &[("ESPECIMEN", "ANNA MARIA", "900101"), ("TESTOFF", "EXAMPLE", "800517")];

/// A served node, a carrier's token, and what was sent so far.
struct Door {
    _base: tempfile::TempDir,
    node: TestNode,
    serving: Serving,
    token: String,
    client: reqwest::Client,
    runtime: Runtime,
}

struct Answered {
    status: u16,
    text: String,
    repeat: bool,
}

impl Door {
    fn open() -> Self {
        let base = tempfile::tempdir().unwrap();
        let node = TestNode::init(base.path(), "GBR");
        let token = node.carrier("TK");
        let serving = node.serve();
        let client = node.client();
        let runtime = Runtime::new().unwrap();
        Self { _base: base, node, serving, token, client, runtime }
    }

    fn url(&self) -> String {
        format!("https://localhost:{}/intake", self.node.intake.port())
    }

    fn post(&self, bytes: impl Into<reqwest::Body>) -> Answered {
        self.send(self.client.post(self.url()).bearer_auth(&self.token).body(bytes))
    }

    fn send(&self, request: reqwest::RequestBuilder) -> Answered {
        self.runtime.block_on(async {
            let response = request.send().await.unwrap();
            let repeat = response.headers().get("passerelle-repeat").is_some_and(|v| v == "true");
            let status = response.status().as_u16();
            Answered { status, text: response.text().await.unwrap(), repeat }
        })
    }

    /// Submissions and lists that the store holds.
    fn held(&self) -> (usize, usize) {
        let store = Inspector::open(&self.node.dir.join("store")).unwrap();
        (store.submissions().unwrap().len(), store.lists().unwrap().len())
    }

    /// Waits until every list that is kept was screened.
    fn all_screened(&self) {
        let path = self.node.dir.join("store/passerelle.db");
        let end = Instant::now() + Duration::from_secs(120);
        let waits = || -> u32 {
            let db = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
            let sql = "SELECT COUNT(*) FROM lists WHERE screened_at IS NULL";
            db.query_row(sql, [], |row| row.get(0)).unwrap()
        };
        while waits() > 0 {
            assert!(Instant::now() < end, "a list is not screened");
            sleep(Duration::from_millis(50));
        }
    }

    /// Stops the node, and opens every original that it kept, by digest.
    fn originals(self) -> HashMap<String, Vec<u8>> {
        assert_eq!(self.serving.stop().code(), Some(0), "SIGTERM ends a node cleanly");
        let node = Node::open(&self.node.dir).unwrap();
        let store = node.store();
        let all = store.submissions(1000).unwrap();
        let open =
            |s: &store::rows::Submission| (s.digest.clone(), store.open_original(s).unwrap());
        all.iter().map(open).collect()
    }
}

fn digest(bytes: &[u8]) -> String {
    audit::Digest::of(bytes).to_string()
}

fn list(reference: &str) -> Vec<u8> {
    support::paxlst(reference, "IST", "LHR", PEOPLE)
}

fn replace(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.contains(from), "{from} is not there to be damaged");
    text.replace(from, to).into_bytes()
}

/// What is sent, the status it must get, what the answer must say, how many lists it is.
type Case = (&'static str, Vec<u8>, u16, &'static [&'static str], usize);

#[test]
fn every_kind_of_bad_message_is_answered_and_its_original_kept() {
    let door = Door::open();
    let whole = list("WHOLE");
    let cut = whole.len() - 40;
    let mut zip = b"PK\x03\x04\x14\x00".to_vec();
    zip.resize(400, 7);
    let cases: Vec<Case> = vec![
        ("a good list", whole.clone(), 200, &["UCI+WHOLE", "CUSRES"], 1),
        // One whole traveller stands in what is left; to say "accepted" would be untrue.
        (
            "bytes cut off at the end",
            list("CUT")[..cut].to_vec(),
            422,
            &["13+UNZ", "UCS+20+13", "P-CUT-OFF", "ERC+1", "send it again"],
            0,
        ),
        ("cut off inside UNB", whole[..30].to_vec(), 422, &["UCI", "CONTRL"], 0),
        ("a wrong count", replace(&list("COUNT"), "UNT+22+", "UNT+99+"), 200, &["UCD+29+1:1"], 1),
        (
            "unknown segments",
            replace(&list("UNKNOWN"), "NAT+2+UTO'", "NAT+2+UTO'XYZ+WHO:KNOWS'Q1Z'"),
            200,
            &["UCI+UNKNOWN", "CUSRES"],
            1,
        ),
        (
            "a traveller whose data are wrong",
            replace(&list("WRONG"), "NAT+2+UTO'", "NAT+2+U1'RFF+AVF:ZZTOPX'"),
            200,
            &["RFF+AVF:ZZTOPX", "P-COUNTRY-FORM"],
            1,
        ),
        (
            "a list for another state",
            support::paxlst("ABROAD", "IST", "CDG", PEOPLE),
            422,
            &["CUSRES", "IST", "CDG"],
            0,
        ),
        (
            "another kind of message",
            replace(&list("OTHER"), "PAXLST", "IFTMIN"),
            422,
            &["CONTRL"],
            0,
        ),
        ("a ZIP archive", zip, 415, &["P-COMPRESSED", "archive"], 0),
        ("a web page", b"<!doctype html><p>Hello".to_vec(), 415, &["P-DOCUMENT"], 0),
        ("noise", (0..=255u8).cycle().take(5000).collect(), 415, &["P-FORMAT"], 0),
    ];
    for (what, bytes, status, says, lists) in &cases {
        let (submissions_before, lists_before) = door.held();
        let answer = door.post(bytes.clone());
        assert_eq!(answer.status, *status, "{what}: {}", answer.text);
        for said in *says {
            assert!(answer.text.contains(said), "{what}: no {said} in {}", answer.text);
        }
        let held = (submissions_before + 1, lists_before + lists);
        assert_eq!(door.held(), held, "{what}: one submission more, and {lists} lists");
        // A replay: the same answer, and nothing more is there.
        let again = door.post(bytes.clone());
        assert!(again.repeat, "{what}: not recognised");
        assert_eq!((again.status, &again.text), (answer.status, &answer.text), "{what}");
        assert_eq!(door.held(), held, "{what}: sent twice, kept once");
    }
    let sent = cases.len();
    let files = fs::read_dir(door.node.dir.join("store")).unwrap().map(|f| f.unwrap().path());
    let log = door.node.dir.with_extension("log");
    for file in files.chain([log]) {
        let bytes = fs::read(&file).unwrap();
        for planted in ["ESPECIMEN", "ANNA MARIA", "ZZTOPX", "TCUT0"] {
            let found = bytes.windows(planted.len()).any(|w| w == planted.as_bytes());
            assert!(!found, "{planted} stands in clear in {}", file.display());
        }
    }
    let originals = door.originals();
    assert_eq!(originals.len(), sent);
    for (what, bytes, ..) in &cases {
        assert_eq!(originals.get(&digest(bytes)), Some(bytes), "the original of {what}");
    }
}

#[test]
fn who_is_not_let_in_leaves_nothing_behind() {
    let door = Door::open();
    let url = door.url();
    let with = |token: &str| door.client.post(&url).bearer_auth(token).body(list("STRANGER"));
    let nobody = door.send(door.client.post(&url).body(list("STRANGER")));
    let guessed = door.send(with("0123456789abcdef0123456789abcdef"));
    let odd = door.send(with(&"\u{e9}".repeat(2000)));
    let empty = door.post("");
    let wrong_verb = door.send(door.client.get(&url));
    let elsewhere = door.send(door.client.post(url.replace("/intake", "/lists")).body("x"));
    door.node.command(&["carrier", "remove"], &["TK"]);
    let removed = door.post(list("REMOVED"));
    for (what, answer, status, says) in [
        ("no token", nobody, 401, "token"),
        ("a guessed token", guessed, 401, "token"),
        ("a long token of no alphabet of ours", odd, 401, "token"),
        ("nothing", empty, 400, "no body"),
        ("a GET", wrong_verb, 405, "POST /intake"),
        ("another path", elsewhere, 404, "POST /intake"),
        ("a carrier that was removed", removed, 401, "token"),
    ] {
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        assert!(answer.text.contains(says), "{what}: {}", answer.text);
    }
    assert_eq!(door.held(), (0, 0));
    assert!(door.originals().is_empty());
}

#[test]
fn two_hundred_megabytes_are_refused_and_memory_stays_bounded() {
    let door = Door::open();
    assert_eq!(door.post(list("BEFORE")).status, 200);
    let before = peak_rss(&door.serving);
    let size = 200 << 20;
    // Its size is said beforehand.
    let mut large = list("LARGE");
    large.resize(size, b' ');
    let said = door.post(large.clone());
    // It is not said: sent in chunks, by six carriers at once.
    let unsaid: Vec<(u16, String, bool)> = std::thread::scope(|scope| {
        let senders: Vec<_> =
            (0..6).map(|_| scope.spawn(|| post_in_chunks(&door, &large))).collect();
        senders.into_iter().map(|s| s.join().unwrap()).collect()
    });
    for (status, text, cut) in std::iter::once((said.status, said.text, false)).chain(unsaid) {
        // A sender that still writes when nobody reads any more does not see its answer.
        if status == 0 && cut {
            continue;
        }
        // Four are read at a time; who has to wait too long is asked to come again.
        assert!(status == 413 || status == 503, "{status}: {text}");
        assert!(text.contains("nothing was kept") || text.contains("as many"), "{text}");
    }
    let grown = peak_rss(&door.serving).saturating_sub(before);
    // Four messages of 32 MiB, each held twice while its buffer grows.
    assert!(grown < 300 << 20, "the node grew by {} MiB", grown >> 20);
    assert_eq!(door.held(), (1, 1));
    assert_eq!(door.post(list("AFTER")).status, 200, "and goes on");
}

#[test]
fn large_lists_at_the_same_time_are_worked_on_one_by_one() {
    let door = Door::open();
    assert_eq!(door.post(list("BEFORE")).status, 200);
    let before = peak_rss(&door.serving);
    let names: Vec<String> = (0..45_000).map(|i| format!("ESPECIMEN{i}")).collect();
    let people: Vec<(&str, &str, &str)> =
        names.iter().map(|n| (n.as_str(), "ANNA", "900101")).collect();
    let large: Vec<Vec<u8>> =
        (0..5).map(|i| support::paxlst(&format!("BIG{i}"), "IST", "LHR", &people)).collect();
    let size = large[0].len();
    assert!(size > 4 << 20 && size < 16 << 20, "{size}");
    // What one takes is the measure: it is another on every machine and in every build.
    assert_eq!(door.post(large[4].clone()).status, 200);
    door.all_screened();
    let one = peak_rss(&door.serving).saturating_sub(before);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let posts: Vec<_> = large[..4]
            .iter()
            .map(|bytes| {
                let request =
                    door.client.post(door.url()).bearer_auth(&door.token).body(bytes.clone());
                scope.spawn(|| {
                    door.runtime.block_on(async { request.send().await.unwrap().status().as_u16() })
                })
            })
            .collect();
        posts.into_iter().map(|p| p.join().unwrap()).collect()
    });
    // Who had to wait for too long is asked to come again.
    assert!(
        statuses.iter().all(|s| matches!(s, 200 | 503)) && statuses.contains(&200),
        "{statuses:?}"
    );
    let grown = peak_rss(&door.serving).saturating_sub(before);
    // One is read while another is screened; four at the same time would take four times.
    assert!(grown < one * 5 / 2, "{} MiB for four, {} MiB for one", grown >> 20, one >> 20);
    assert_eq!(door.held().0, 2 + statuses.iter().filter(|s| **s == 200).count());
}

#[test]
fn senders_that_stop_in_the_middle_do_not_stop_the_others() {
    let door = Door::open();
    let other = door.node.carrier("BA");
    door.node.command(&["carrier", "flights"], &["BA", "TK"]);
    let bytes = list("SLOW");
    let stalled: Vec<RawTls> = (0..40)
        .map(|_| {
            let mut stream = raw_tls(&door.node);
            let head = format!(
                "POST /intake HTTP/1.1\r\nHost: localhost\r\nAuthorization: bearer {}\r\nContent-Length: {}\r\n\r\nU",
                door.token,
                bytes.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.flush().unwrap();
            stream
        })
        .collect();
    sleep(Duration::from_millis(500));
    let theirs = door.send(door.client.post(door.url()).bearer_auth(&other).body(list("OTHER")));
    assert_eq!(theirs.status, 200, "another carrier is served meanwhile: {}", theirs.text);
    // Their own sender has so many under way; it is told, and then they are given up.
    let (status, text) = answer_to(stalled.into_iter().next().unwrap());
    assert!(status == 408 || status == 503, "{status}: {text}");
    assert_eq!(door.post(bytes).status, 200);
    assert_eq!(door.held(), (2, 2));
}

/// Sends `bytes` over HTTP/1.1 without saying how many there are; the status and the answer.
/// Status and answer, and whether the connection was closed before everything was sent.
fn post_in_chunks(door: &Door, bytes: &[u8]) -> (u16, String, bool) {
    let mut stream = raw_tls(&door.node);
    let head = format!(
        "POST /intake HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        door.token
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut cut = false;
    for piece in bytes.chunks(1 << 20) {
        let sent = stream
            .write_all(format!("{:x}\r\n", piece.len()).as_bytes())
            .and_then(|()| stream.write_all(piece))
            .and_then(|()| stream.write_all(b"\r\n"));
        cut = sent.is_err();
        if cut {
            break;
        }
    }
    cut |= stream.write_all(b"0\r\n\r\n").is_err();
    let (status, text) = answer_to(stream);
    (status, text, cut)
}

/// The status and the answer that come over a connection.
fn answer_to(mut stream: RawTls) -> (u16, String) {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok());
    (status.unwrap_or(0), answer)
}

/// The most memory that the node has had, in bytes.
fn peak_rss(serving: &Serving) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", serving.child.id())).unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn a_connection_that_breaks_off_leaves_nothing_behind() {
    let door = Door::open();
    let token = &door.token;
    let bytes = list("BROKEN");
    for sent in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        let mut stream = raw_tls(&door.node);
        let head = format!(
            "POST /intake HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n",
            bytes.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&bytes[..sent]).unwrap();
        stream.flush().unwrap();
        sleep(Duration::from_millis(100));
        drop(stream);
    }
    // What is no HTTP, and what is no TLS.
    let mut stream = raw_tls(&door.node);
    stream.write_all(b"UNB+UNOA:4+TK'\r\n\r\n").unwrap();
    let mut said = String::new();
    let _ = stream.read_to_string(&mut said);
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 400"), "{said}");
    let mut plain = TcpStream::connect(door.node.intake).unwrap();
    plain.write_all(b"POST /intake HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP"), "nothing is said without TLS");
    assert_eq!(door.held(), (0, 0));
    assert_eq!(door.post(bytes).status, 200, "the whole message is taken afterwards");
    assert_eq!(door.held(), (1, 1));
}

type RawTls = rustls::StreamOwned<rustls::ClientConnection, TcpStream>;

/// A TLS connection without HTTP above it.
fn raw_tls(node: &TestNode) -> RawTls {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let mut roots = rustls::RootCertStore::empty();
    for der in CertificateDer::pem_slice_iter(node.authority().as_bytes()) {
        roots.add(der.unwrap()).unwrap();
    }
    let config =
        rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = "localhost".try_into().unwrap();
    let connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let tcp = TcpStream::connect(node.intake).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    rustls::StreamOwned::new(connection, tcp)
}

#[test]
fn a_client_certificate_lets_a_carrier_in() {
    let door = Door::open();
    let file = door.node.dir.with_file_name("ba");
    door.node.command(
        &["carrier", "add"],
        &["BA", "--certificate", file.to_str().unwrap(), "--flights", "TK"],
    );
    let with = |extension: &str| file.with_extension(extension).display().to_string();
    let Ok(version) = Command::new("curl").arg("--version").output() else {
        return support::skip("client certificates", "there is no curl on this machine");
    };
    assert!(version.status.success());
    let (list, answer) = (file.with_extension("edi"), file.with_extension("answer"));
    fs::write(&list, self::list("BYCERT")).unwrap();
    let post = |certificate: bool| {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--write-out", "%{http_code}", "--output"])
            .arg(&answer);
        curl.arg("--cacert").arg(door.node.dir.join("tls/ca.pem"));
        if certificate {
            curl.args(["--cert", &with("pem"), "--key", &with("key")]);
        }
        curl.arg("--data-binary").arg(format!("@{}", list.display())).arg(door.url());
        support::run(&mut curl)
    };
    assert_eq!(post(false), "401");
    assert_eq!(post(true), "200");
    assert!(fs::read_to_string(&answer).unwrap().contains("UCI+BYCERT"));
    // A token is a carrier's own: with BA's list under TK's token, both are kept apart.
    assert!(
        !door.post(self::list("BYCERT")).repeat,
        "the same bytes of another carrier are its own"
    );
    assert_eq!(door.held(), (2, 2));
}

#[test]
fn a_list_of_another_carriers_flight_is_refused_until_the_carrier_may_report_it() {
    let door = Door::open();
    let theirs =
        |reference: &str| replace(&list(reference), "TDT+20+TK1980+++TK'", "TDT+20+BA676+++BA'");
    let may = |designators: &[&str]| {
        door.node.command(&["carrier", "flights"], &[&["TK"], designators].concat());
    };
    let refused = door.post(theirs("FIRST"));
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(
        refused.text.contains("TK is not known here to report flights of BA"),
        "{}",
        refused.text
    );
    assert_eq!(door.held(), (1, 0), "the original is kept, and no list");
    for (reference, designators, status) in [
        ("OTHERS", &["LH", "AJ"][..], 422),
        ("NAMED", &["LH", "BA"], 200),
        ("ANY", &["any"], 200),
        ("OWN", &[], 422),
    ] {
        may(designators);
        assert_eq!(door.post(theirs(reference)).status, status, "{reference}");
    }
    assert_eq!(door.held(), (5, 2));
    assert_eq!(door.post(list("TK")).status, 200, "its own it always may");
    may(&["BA"]);
    door.node.command(&["carrier", "add"], &["TK"]);
    let carriers = door.node.command(&["carrier", "list"], &[]);
    assert!(carriers.contains("TK,BA"), "another token is not another right: {carriers}");
}

#[test]
fn files_that_a_carrier_drops_go_the_same_way() {
    let door = Door::open();
    let inbox = door.node.dir.join("inbox/TK");
    fs::create_dir_all(&inbox).unwrap();
    let drop_file = |name: &str, bytes: &[u8]| {
        // As a careful sender does: written under another name, then moved.
        fs::write(inbox.join(format!("{name}.part")), bytes).unwrap();
        fs::rename(inbox.join(format!("{name}.part")), inbox.join(name)).unwrap();
    };
    let good = list("DROPPED");
    drop_file("good.edi", &good);
    drop_file("packed.zip", b"PK\x03\x04 something packed");
    drop_file("empty.edi", b"");
    drop_file("abroad.edi", &support::paxlst("ABROAD", "IST", "CDG", PEOPLE));
    drop_file("twice.edi", &good);
    // A file that cannot be taken does not keep the others waiting.
    fs::create_dir_all(inbox.join("taken/stuck.edi.answer")).unwrap();
    drop_file("stuck.edi", &list("STUCK"));
    let taken = |name: &str| answer_of(&inbox.join("taken"), name);
    let refused = |name: &str| answer_of(&inbox.join("refused"), name);
    assert!(taken("good.edi").contains("UCI+DROPPED"));
    assert_eq!(taken("twice.edi"), taken("good.edi"), "the same bytes, the same answer");
    assert!(refused("packed.zip").contains("P-COMPRESSED"));
    assert!(refused("empty.edi").contains("0 bytes"));
    assert!(refused("abroad.edi").contains("CUSRES"));
    assert!(!inbox.join("taken/good.edi").exists(), "no list lies about in clear");
    assert_eq!(door.held(), (4, 2));
    // A folder of nobody's is not looked into.
    let stranger = door.node.dir.join("inbox/ZZ");
    fs::create_dir_all(&stranger).unwrap();
    fs::write(stranger.join("list.edi"), list("STRANGER")).unwrap();
    sleep(Duration::from_millis(2500));
    assert!(stranger.join("list.edi").is_file());
    assert_eq!(door.held(), (4, 2));
    assert_eq!(door.originals().get(&digest(&good)), Some(&good));
}

/// Waits until the answer to a dropped file stands in `folder`, and the file is gone.
fn answer_of(folder: &Path, name: &str) -> String {
    let end = Instant::now() + Duration::from_secs(20);
    let answer: PathBuf = folder.join(format!("{name}.answer"));
    let dropped = folder.with_file_name(name);
    while dropped.exists() || !answer.is_file() {
        assert!(Instant::now() < end, "{name} was not taken within twenty seconds");
        sleep(Duration::from_millis(50));
    }
    fs::read_to_string(answer).unwrap()
}

#[test]
fn a_broken_configuration_is_refused_and_the_node_goes_on() {
    let door = Door::open();
    let file = door.node.dir.join("passerelle.toml");
    let good = fs::read_to_string(&file).unwrap();
    // Each look at the configuration leaves a line in the log.
    let said = || fs::read_to_string(door.node.dir.with_extension("log")).unwrap_or_default();
    let hang_up = || {
        let (before, end) = (said().len(), Instant::now() + Duration::from_secs(20));
        let id = door.serving.child.id().to_string();
        support::run(Command::new("kill").args(["-HUP", &id]));
        while !said()[before..].contains("configuration") {
            assert!(Instant::now() < end, "SIGHUP had no effect: {}", said());
            sleep(Duration::from_millis(20));
        }
    };
    let wrong = good.replace("max_bytes = 16_777_216", "max_bytes = \"many\"");
    fs::write(&file, wrong).unwrap();
    hang_up();
    assert!(said().contains("max_bytes"), "the log says what is wrong: {}", said());
    assert_eq!(door.post(list("STILL")).status, 200, "as it was configured before");
    fs::write(&file, good.replace("max_bytes = 16_777_216", "max_bytes = 2000")).unwrap();
    hang_up();
    let mut long = list("LONG");
    long.resize(3000, b'\n');
    assert_eq!(door.post(long).status, 413, "as it is configured now");
    assert_eq!(door.post(list("SHORT")).status, 200);
    // A node whose configuration is broken does not start, and says where.
    let Door { node, serving, _base, .. } = door;
    assert_eq!(serving.stop().code(), Some(0));
    fs::write(&file, good.replace("max_bytes = 16_777_216", "max_bites = 1")).unwrap();
    let output = Command::new(support::program()).arg("serve").arg(&node.dir).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("max_bites") && said.contains("passerelle.toml"), "{said}");
}

#[test]
fn a_reader_that_goes_away_ends_the_program_without_a_word() {
    use std::{
        io::Read as _,
        process::{Command, Stdio},
    };
    let mut running = Command::new(support::program())
        .arg("law")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(running.stdout.take());
    let mut said = String::new();
    running.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((running.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}
