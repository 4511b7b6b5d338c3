//! A parcel of several chunks between two real nodes, over real TLS: the line is cut in the
//! middle, then the receiver and the sender are killed, and it goes on where it stopped.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
    },
    thread::{sleep, spawn},
    time::{Duration, Instant},
};

use passerelle::{
    clock,
    invariants::{self, NodeAt},
    node::Node,
    pipeline,
};
use store::Change;
use support::{TestNode, ally};

/// Enough for a parcel of more than two chunks.
const TRAVELLERS: usize = 22_000;
const MIB: u64 = 1 << 20;

/// A list as long as that, for tomorrow.
fn message() -> Vec<u8> {
    let tomorrow = clock::utc().date().tomorrow().unwrap();
    let day = tomorrow.strftime("%y%m%d").to_string();
    let mut text = format!(
        "UNB+UNOA:4+TK+NODE+{day}:0800+LARGE++APIS'UNH+1+PAXLST:D:15B:UN:IATA'BGM+745'\
         NAD+MS+++DESK'TDT+20+TK1980+++TK'LOC+125+IST'DTM+189:{day}1100:201'LOC+87+LHR'\
         DTM+232:{day}1400:201'"
    );
    for n in 0..TRAVELLERS {
        write!(
            text,
            "NAD+FL+++ESPECIMEN:ANNA{n}'ATT+2++F'DTM+329:900102'NAT+2+UTO'\
             DOC+P:110:111+T{n:08}'LOC+91+UTO'"
        )
        .unwrap();
    }
    write!(text, "CNT+42:{TRAVELLERS}'UNT+{}+1'UNZ+1+LARGE'", TRAVELLERS * 6 + 10).unwrap();
    text.into_bytes()
}

/// Two nodes with an agreement.
fn pair(base: &Path) -> [TestNode; 2] {
    let pair = ["GBR", "TUR"].map(|state| TestNode::init(base, state));
    ally(base, &pair);
    pair
}

/// A line that can be cut: so many more bytes go to the receiver, and then it breaks.
struct Line {
    address: SocketAddr,
    left: AtomicI64,
    went: AtomicU64,
    cuts: AtomicU64,
}

impl Line {
    fn to(receiver: SocketAddr, left: i64) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Arc::new(Self {
            address: listener.local_addr().unwrap(),
            left: AtomicI64::new(left),
            went: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
        });
        let of = line.clone();
        spawn(move || {
            for sender in listener.incoming().map_while(Result::ok) {
                let Ok(receiver) = TcpStream::connect(receiver) else { continue };
                let (back, forth) = (receiver.try_clone().unwrap(), sender.try_clone().unwrap());
                let of = of.clone();
                spawn(move || of.carry(sender, receiver));
                spawn(move || carry_back(back, forth));
            }
        });
        line
    }

    fn carry(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut some = [0; 16 << 10];
        while let Ok(n) = from.read(&mut some)
            && n > 0
        {
            self.went.fetch_add(n as u64, SeqCst);
            if self.left.fetch_sub(n as i64, SeqCst) < n as i64 {
                self.cuts.fetch_add(1, SeqCst);
                break;
            }
            if to.write_all(&some[..n]).is_err() {
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}

fn carry_back(mut from: TcpStream, mut to: TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
}

/// Turkey takes a large list, whose parcel goes by that line; gives how long that is.
fn queue(tur: &TestNode, line: &Line) -> u64 {
    tur.carrier("TK");
    let node = Node::open(&tur.dir).unwrap();
    let mut partner = node.store().partner("GBR").unwrap().unwrap();
    let (host, _) = partner.url.rsplit_once(':').unwrap();
    partner.url = format!("{host}:{}", line.address.port());
    node.record(vec![Change::Partner(partner)], audit::Actor::Node, vec![]).unwrap();
    let carriers = node.store().carriers().unwrap();
    let answer = pipeline::submit(&node, &carriers[0], &message(), clock::now()).unwrap();
    assert_eq!(answer.kept.len(), 1, "{}", String::from_utf8_lossy(&answer.body));
    pipeline::screen_kept(&node, &answer.kept[0], clock::now()).unwrap();
    let outbox = node.store().outbox().unwrap();
    let bytes = outbox[0].bytes.as_ref().unwrap().len() as u64;
    node.close();
    bytes
}

/// The bytes of the parcel that are here.
fn stored(gbr: &TestNode) -> u64 {
    let Ok(files) = std::fs::read_dir(gbr.dir.join("transfers/TUR")) else { return 0 };
    files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !holds() {
        assert!(Instant::now() < end, "not in two minutes: {what}");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_large_parcel_goes_on_where_a_cut_line_and_killed_nodes_ended_it() {
    let dir = tempfile::tempdir().unwrap();
    let [gbr, tur] = pair(dir.path());
    // The first chunk arrives, and a part of the second.
    let line = Line::to(gbr.exchange, (MIB + MIB / 2) as i64);
    let bytes = queue(&tur, &line);
    assert!(bytes > 2 * MIB, "{bytes} bytes");
    let (mut receiver, mut sender) = (gbr.serve(), tur.serve());
    until("the line is cut", || line.cuts.load(SeqCst) > 0);
    assert_eq!(stored(&gbr), MIB, "what is whole of it is on the disk");
    receiver.kill();
    sender.kill();
    assert_eq!(stored(&gbr), MIB);
    line.left.store(i64::MAX, SeqCst);
    let (receiver, sender) = (gbr.serve(), tur.serve());
    let node = Node::open(&tur.dir).unwrap();
    until("it is receipted", || node.store().outbox().unwrap()[0].status != "queued");
    assert_eq!(node.store().outbox().unwrap()[0].status, "receipted");
    node.close();
    let went = line.went.load(SeqCst);
    assert!(went < bytes + MIB, "{went} bytes went of a parcel of {bytes}: it began anew");
    assert_eq!(stored(&gbr), 0, "what was taken lies nowhere else");
    assert!(sender.stop().success() && receiver.stop().success());
    let both = [&gbr, &tur].map(|node| NodeAt::of(&node.dir).unwrap());
    let report = invariants::check(&both, &[], clock::now()).unwrap();
    assert!(report.ok(), "{:?}", report.promises);
    assert_eq!((report.lost, report.doubled), (0, 0));
}
