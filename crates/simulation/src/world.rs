//! What happens when: one queue of events, in simulated time, decided by one seed.

use std::{collections::BTreeMap, time::Duration};

use audit::{Digest, Event};
use exchange::{Answer, Arrived, Happened, Header, Reply, Sender};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use testkit::Rng;
use travel::{
    Admission, Country, DocumentKind, ElementSet, Flight, Leg, LocalTime, PartialDate,
    PassengerList, Report as CarrierReport, Sex, TravelDocument, Traveller,
};

use crate::{
    Options, Report,
    books::{Status, Write},
    check, malice,
    node::{Asked, Down, Line, Node},
    parties,
};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;
/// How long a node waits for an answer.
const PATIENCE: i64 = 60 * SECOND;

/// What the world saw and no node wrote: what left one node for another.
pub(crate) struct Sent {
    pub(crate) from: Country,
    pub(crate) to: Country,
    pub(crate) header: Header,
    /// How many transactions the sender had on its disk.
    pub(crate) records: usize,
    /// The day on the sender's clock.
    pub(crate) day: jiff::civil::Date,
}

/// What a node answered with a receipt.
pub(crate) struct Receipted {
    pub(crate) from: Country,
    pub(crate) by: Country,
    /// SHA-256 of the bytes that were handed over.
    pub(crate) digest: Digest,
    pub(crate) receipt: Vec<u8>,
}

/// What a carrier was answered.
pub(crate) struct Acknowledged {
    pub(crate) by: Country,
    pub(crate) number: u64,
}

enum What {
    Submit { node: usize, number: u64 },
    Bell(usize),
    Wake { node: usize, to: Country, turn: u64 },
    Arrive { from: usize, to: usize, turn: u64, bytes: Vec<u8> },
    Reply { node: usize, to: Country, turn: u64, reply: Reply },
    Timeout { node: usize, to: Country, turn: u64 },
    Crash(usize),
    Start(usize),
    Part(usize, usize, i64),
    Clock(usize, i64),
    Agree { node: usize, with: usize, version: u32 },
    Suspend { node: usize, with: usize, on: bool },
    Rollover(usize),
    Learn { node: usize, of: Country, epoch: u32 },
    Lie(usize),
    Flip(usize),
    Person(usize),
    Attack(usize),
    Delayed(usize),
    Heal,
}

/// What fails how often, in a hundred.
#[derive(Default)]
struct Weather {
    dropped: u64,
    doubled: u64,
    late: u64,
    busy: u64,
    forged: u64,
}

pub(crate) struct World {
    now: i64,
    start: Timestamp,
    rng: Rng,
    nodes: Vec<Node>,
    queue: BTreeMap<(i64, u64), What>,
    tie: u64,
    weather: Weather,
    parted: BTreeMap<(usize, usize), i64>,
    malicious: Option<usize>,
    healed: bool,
    heals_at: i64,
    numbers: u64,
    mirrors: BTreeMap<usize, Vec<u8>>,
    overheard: Vec<Vec<u8>>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) receipted: Vec<Receipted>,
    pub(crate) acknowledged: Vec<Acknowledged>,
    report: Report,
    tracing: bool,
}

impl World {
    pub(crate) fn new(seed: u64, options: &Options) -> Self {
        let mut rng = Rng::new(seed, 4);
        let few = [2, 2, 2, 2, 3, 3, 3, 4, 5];
        let states = options.states.unwrap_or_else(|| match rng.below(150) {
            0 => rng.between(6, parties::MOST_STATES as u64) as usize,
            _ => *rng.pick(&few),
        });
        let states = states.clamp(2, parties::MOST_STATES);
        // Which of the states: so that all kinds of agreement come up.
        let first = rng.below(parties::MOST_STATES as u64) as usize;
        let node = |i: usize| {
            let state = parties::state(first + i);
            Node::new(state, Rng::new(seed, 100 + i as u64), options.plant)
        };
        let nodes: Vec<Node> = (0..states).map(node).collect();
        let malicious = (rng.percent(35) && states > 1).then_some(states - 1);
        let mut world = Self {
            now: 0,
            start: "2026-03-03T00:00:00Z".parse().expect("an instant"),
            heals_at: rng.between(1, 6) as i64 * DAY + rng.below(DAY as u64) as i64,
            rng,
            nodes,
            queue: BTreeMap::new(),
            tie: 0,
            weather: Weather::default(),
            parted: BTreeMap::new(),
            malicious,
            healed: false,
            numbers: 0,
            mirrors: BTreeMap::new(),
            overheard: Vec::new(),
            sent: Vec::new(),
            receipted: Vec::new(),
            acknowledged: Vec::new(),
            report: Report::default(),
            tracing: options.trace,
        };
        if let Some(malicious) = malicious {
            world.nodes[malicious].plant = None;
        }
        world.plan();
        world
    }

    fn at(&self, micros: i64) -> Timestamp {
        self.start + SignedDuration::from_micros(micros)
    }

    fn time(&self) -> Timestamp {
        self.at(self.now)
    }

    fn after(&mut self, micros: i64, what: What) {
        self.tie += 1;
        self.queue.insert((self.now + micros.max(0), self.tie), what);
    }

    fn tell(&mut self, node: usize, what: &str) {
        if self.tracing {
            let line = format!("{} {} {what}", self.time(), self.nodes[node].state);
            self.report.trace.push(line);
        }
    }

    // What will happen, as far as it is decided at the beginning.

    fn plan(&mut self) {
        self.settle_weather();
        let count = self.nodes.len();
        for a in 0..count {
            for b in (0..count).filter(|b| *b != a) {
                let to = self.nodes[b].state;
                let core = Sender::new(to);
                let line = Line { core, turn: 0, posting: None, hears: true };
                self.nodes[a].lines.insert(to, line);
                self.after(0, What::Agree { node: a, with: b, version: 1 });
            }
        }
        let lists = if count > 6 { 2 } else { self.rng.between(3, 12) };
        for node in 0..count {
            for _ in 0..lists {
                let at = SECOND + self.some_time();
                let number = self.number();
                self.after(at, What::Submit { node, number });
            }
        }
        self.disasters();
        let heal = self.heals_at;
        self.after(heal, What::Heal);
    }

    fn some_time(&mut self) -> i64 {
        self.rng.below(self.heals_at as u64) as i64
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn settle_weather(&mut self) {
        let bad = |rng: &mut Rng, most: u64| if rng.percent(50) { rng.below(most) } else { 0 };
        let rng = &mut self.rng;
        self.weather = Weather {
            dropped: bad(rng, 40),
            doubled: bad(rng, 30),
            late: bad(rng, 20),
            busy: bad(rng, 20),
            forged: if self.malicious.is_some() { rng.below(30) } else { 0 },
        };
        let rate = if rng.percent(60) { rng.between(20, 800) } else { 0 };
        self.nodes.iter_mut().for_each(|node| node.crash_rate = rate);
    }

    fn disasters(&mut self) {
        let count = self.nodes.len();
        for node in 0..count {
            if self.rng.percent(20) {
                let at = self.some_time();
                self.after(at, What::Crash(node));
            }
            if self.rng.percent(25) {
                let far = if self.rng.percent(20) { 26 * HOUR } else { HOUR };
                let off = self.rng.below(2 * far as u64) as i64 - far;
                let at = self.some_time();
                self.after(at, What::Clock(node, off));
            }
            if self.rng.percent(6) {
                let at = self.some_time();
                self.after(at, What::Lie(node));
            }
            if self.rng.percent(6) {
                let at = self.some_time();
                self.after(at, What::Flip(node));
            }
            if self.rng.percent(20) {
                let at = self.some_time();
                self.after(at, What::Rollover(node));
            }
            let with = self.rng.below(count as u64) as usize;
            if with != node && self.rng.percent(25) {
                let at = self.some_time();
                let length = self.rng.below(40 * HOUR as u64) as i64;
                self.after(at, What::Suspend { node, with, on: true });
                self.after(at + length, What::Suspend { node, with, on: false });
            }
            if with != node && self.rng.percent(40) {
                let (at, long) = (self.some_time(), self.rng.below(3 * DAY as u64) as i64);
                self.after(at, What::Part(node.min(with), node.max(with), at + long));
            }
            if with != node && self.rng.percent(25) {
                let at = self.some_time();
                let late = self.rng.below(12 * HOUR as u64) as i64;
                self.after(at, What::Agree { node, with, version: 2 });
                self.after(at + late, What::Agree { node: with, with: node, version: 2 });
            }
        }
        if self.malicious.is_some() {
            for _ in 0..self.rng.between(2, 12) {
                let (at, victim) = (self.some_time(), self.rng.below(count as u64 - 1) as usize);
                self.after(at, What::Attack(victim));
            }
        }
    }

    // The course of events.

    pub(crate) fn run(mut self) -> Report {
        let end = self.heals_at + 4 * DAY;
        while let Some(((at, _), what)) = self.queue.pop_first() {
            if at > end {
                break;
            }
            self.now = at;
            self.report.events += 1;
            self.happens(what);
        }
        self.report.simulated_s = (self.now / SECOND) as u64;
        self.report.posted = self.sent.len() as u64;
        let nodes = self.nodes.iter().enumerate().map(|(i, node)| check::Evidence {
            state: node.state,
            journal: node.disk.journal(),
            lost: node.disk.lost > 0,
            malicious: self.malicious == Some(i),
        });
        let nodes: Vec<check::Evidence<'_>> = nodes.collect();
        let found = check::check(&nodes, &self.sent, &self.receipted, &self.acknowledged);
        (self.report.delivered, self.report.alarms) = (found.delivered, found.alarms);
        self.report.violations = found.violations;
        self.report
    }

    fn happens(&mut self, what: What) {
        let now = self.time();
        match what {
            What::Submit { node, number } => self.submit(node, number),
            What::Bell(node) => self.bell(node),
            What::Wake { node, to, turn } => {
                if self.waits_for(node, to, turn) {
                    let asked = self.nodes[node].wake(to, now);
                    self.carry(node, asked);
                }
            }
            What::Arrive { from, to, turn, bytes } => self.arrive(from, to, turn, &bytes),
            What::Reply { node, to, turn, reply } => {
                if self.waits_for(node, to, turn) {
                    let asked = self.nodes[node].replied(to, reply, now);
                    self.carry(node, asked);
                }
            }
            What::Timeout { node, to, turn } => {
                if self.waits_for(node, to, turn) {
                    let why = Happened::Unreached("no answer".to_owned());
                    let asked = self.nodes[node].go_on(to, why, now);
                    self.carry(node, asked);
                }
            }
            What::Crash(node) if self.nodes[node].up => self.went_down(node),
            What::Crash(_) => {}
            What::Start(node) => self.start(node),
            What::Part(a, b, until) => {
                self.report.partitions += 1;
                self.parted.insert((a, b), until);
            }
            What::Clock(node, off) if !self.healed => {
                self.tell(node, &format!("its clock is off by {} s", off / SECOND));
                self.nodes[node].clock_off = SignedDuration::from_micros(off);
            }
            What::Clock(..) => {}
            What::Agree { node, with, version } => self.agree(node, with, version),
            What::Suspend { node, with, on } => self.suspend(node, with, on),
            What::Rollover(node) => self.rollover(node),
            What::Learn { node, of, epoch } => {
                let write = vec![Write::Epoch(of, epoch)];
                let keys = parties::keys(of, epoch).public().digest();
                let event = Event::PartnerAdded { partner: of.to_string(), keys };
                self.write(node, write, vec![event], What::Learn { node, of, epoch });
            }
            What::Lie(node) if !self.healed => {
                self.tell(node, "its disk keeps nothing from now on");
                self.nodes[node].disk.begin_to_lie();
            }
            What::Flip(node) if !self.healed && self.nodes[node].up => {
                self.mirrors.insert(node, self.nodes[node].disk.journal().to_vec());
                let at = self.rng.next();
                if self.nodes[node].disk.flip(at) {
                    self.tell(node, "a bit of its disk turns");
                    self.went_down(node);
                }
            }
            What::Lie(_) | What::Flip(_) => {}
            What::Person(node) => self.person(node),
            What::Attack(victim) => self.attack(victim),
            What::Delayed(node) => {
                if self.nodes[node].up && self.nodes[node].commit_delayed().is_err() {
                    self.went_down(node);
                }
            }
            What::Heal => self.heal(),
        }
    }

    fn waits_for(&self, node: usize, to: Country, turn: u64) -> bool {
        let node = &self.nodes[node];
        node.up && node.lines.get(&to).is_some_and(|line| line.turn == turn)
    }

    fn index(&self, state: Country) -> usize {
        self.nodes.iter().position(|n| n.state == state).unwrap_or(0)
    }

    /// Does what a node asked for, or lets it lie where it went down.
    fn carry(&mut self, node: usize, asked: Result<Vec<Asked>, Down>) {
        let Ok(asked) = asked else { return self.went_down(node) };
        for asked in asked {
            match asked {
                Asked::Wake { to, after } => {
                    let turn = self.nodes[node].lines[&to].turn;
                    let after = i64::try_from(after.as_micros()).unwrap_or(DAY);
                    self.after(after, What::Wake { node, to, turn });
                }
                Asked::Post { to, bytes } => self.post(node, to, bytes),
            }
        }
        if self.nodes[node].delays() {
            let after = self.rng.below(8 * SECOND as u64) as i64;
            self.after(after, What::Delayed(node));
        }
    }

    fn post(&mut self, node: usize, to: Country, bytes: Vec<u8>) {
        let (other, turn) = (self.index(to), self.nodes[node].lines[&to].turn);
        let pair = (node.min(other), node.max(other));
        let parted = self.parted.get(&pair).is_some_and(|until| *until > self.now);
        if parted || !self.nodes[other].up {
            let refused = self.rng.between(1, 3) as i64 * SECOND;
            return self.after(refused, What::Timeout { node, to, turn });
        }
        self.note_sent(node, to, &bytes);
        self.after(PATIENCE, What::Timeout { node, to, turn });
        if !self.rng.percent(self.weather.dropped) {
            let delay = self.delay();
            let times = 1 + usize::from(self.rng.percent(self.weather.doubled));
            for again in 0..times {
                let late = if again == 0 { 0 } else { self.rng.below(300 * SECOND as u64) as i64 };
                let bytes = bytes.clone();
                self.after(delay + late, What::Arrive { from: node, to: other, turn, bytes });
            }
        }
    }

    fn note_sent(&mut self, node: usize, to: Country, bytes: &[u8]) {
        let sender = &self.nodes[node];
        if let Ok(arrived) = Arrived::read(bytes) {
            let clock = self.time() + sender.clock_off;
            self.sent.push(Sent {
                from: sender.state,
                to,
                header: arrived.header().clone(),
                records: sender.disk.records(),
                day: clock.to_zoned(TimeZone::UTC).date(),
            });
            if self.overheard.len() < 8 {
                self.overheard.push(bytes.to_vec());
            }
        }
    }

    fn delay(&mut self) -> i64 {
        if self.rng.percent(self.weather.late) {
            return self.rng.below(200 * SECOND as u64) as i64;
        }
        self.rng.between(2_000, 400_000) as i64
    }

    fn arrive(&mut self, from: usize, to: usize, turn: u64, bytes: &[u8]) {
        if !self.nodes[to].up {
            return;
        }
        let now = self.time();
        let (sender, receiver) = (self.nodes[from].state, self.nodes[to].state);
        let reply = if self.rng.percent(self.weather.busy) {
            let retry_after = self.rng.percent(50).then(|| Duration::from_secs(self.rng.below(20)));
            Reply { status: 503, retry_after, body: Vec::new() }
        } else {
            let Ok(answer) = self.nodes[to].take(sender, bytes, now) else {
                return self.went_down(to);
            };
            self.tell(to, &format!("answers {sender} {}", named(&answer)));
            if self.nodes[to].delays() {
                let after = self.rng.below(8 * SECOND as u64) as i64;
                self.after(after, What::Delayed(to));
            }
            let answer = self.answered(to, sender, bytes, answer);
            Reply { status: answer.status(), retry_after: None, body: answer.encode() }
        };
        if !self.rng.percent(self.weather.dropped) {
            let delay = self.delay();
            self.after(delay, What::Reply { node: from, to: receiver, turn, reply });
        }
    }

    /// Notes a receipt that leaves; a malicious receiver forges it now and then.
    fn answered(&mut self, to: usize, sender: Country, bytes: &[u8], answer: Answer) -> Answer {
        if self.malicious == Some(to) {
            if self.rng.percent(self.weather.forged) {
                let before = self.receipted.last().map(|r| &r.receipt);
                return malice::forged(&mut self.rng, answer, before);
            }
            return answer;
        }
        if let Answer::Receipt(receipt) = &answer {
            self.receipted.push(Receipted {
                from: sender,
                by: self.nodes[to].state,
                digest: Digest::of(bytes),
                receipt: receipt.clone(),
            });
        }
        answer
    }

    fn submit(&mut self, node: usize, number: u64) {
        let now = self.time();
        let again = What::Submit { node, number };
        if !self.nodes[node].up {
            return self.after(60 * SECOND, again);
        }
        let list = list(number, now);
        if self.nodes[node].submit(number, &list, now).is_err() {
            self.went_down(node);
            return self.after(60 * SECOND, again);
        }
        let by = self.nodes[node].state;
        self.acknowledged.push(Acknowledged { by, number });
        self.after(SECOND, What::Bell(node));
        if self.nodes[node].delays() {
            let after = self.rng.below(8 * SECOND as u64) as i64;
            self.after(after, What::Delayed(node));
        }
    }

    /// Something is to be disclosed, or may go: senders that hear are woken.
    fn bell(&mut self, node: usize) {
        let now = self.time();
        if !self.nodes[node].up {
            return;
        }
        if self.nodes[node].disclose(now).is_err() {
            return self.went_down(node);
        }
        let listening: Vec<Country> = self.nodes[node]
            .lines
            .iter()
            .filter(|(_, line)| line.hears && line.posting.is_none())
            .map(|(to, _)| *to)
            .collect();
        for to in listening {
            if !self.nodes[node].up {
                return;
            }
            let asked = self.nodes[node].wake(to, now);
            self.carry(node, asked);
        }
    }

    fn went_down(&mut self, node: usize) {
        self.tell(node, "goes down");
        self.report.crashes += 1;
        self.nodes[node].crash();
        let away = if self.healed { 30 * SECOND } else { self.rng.below(HOUR as u64) as i64 };
        self.after(away, What::Start(node));
    }

    fn start(&mut self, node: usize) {
        if self.nodes[node].up {
            return;
        }
        if self.nodes[node].start().is_ok() {
            for line in self.nodes[node].lines.values_mut() {
                line.hears = true;
            }
            self.after(SECOND, What::Bell(node));
            return;
        }
        // It does not start on a disk that has changed; a person brings the mirror.
        self.tell(node, "does not start: its disk is not what it wrote");
        if let Some(mirror) = self.mirrors.remove(&node) {
            self.nodes[node].disk.replace(mirror);
        }
        self.after(6 * HOUR, What::Start(node));
    }

    /// Writes something that a person decided; again later, when the node is down.
    fn write(&mut self, node: usize, writes: Vec<Write>, events: Vec<Event>, again: What) {
        if !self.nodes[node].up {
            return self.after(600 * SECOND, again);
        }
        let transaction = self.nodes[node].transaction(writes, events, self.time());
        if self.nodes[node].commit(transaction).is_err() {
            self.went_down(node);
            return self.after(600 * SECOND, again);
        }
        self.after(0, What::Bell(node));
    }

    fn agree(&mut self, node: usize, with: usize, version: u32) {
        let (us, them) = (self.nodes[node].state, self.nodes[with].state);
        let (a, b) = (parties::index(us), parties::index(them));
        let new = parties::agreement(a, b, version);
        if self.nodes[node].up && self.nodes[node].books.agreements.contains_key(&new.id()) {
            return;
        }
        let agreement = Digest(new.id().0);
        let accepted = Event::AgreementAccepted { agreement, partner: them.to_string() };
        let mut writes = vec![Write::Agreement(new.id(), Status::InForce)];
        if version == 2 {
            let old = parties::agreement(a, b, 1).id();
            // What is suspended is resumed before another version is taken up.
            if self.nodes[node].books.agreements.get(&old) == Some(&Status::Suspended) {
                return self.after(HOUR, What::Agree { node, with, version });
            }
            writes.push(Write::Agreement(old, Status::Ended));
        }
        self.tell(node, &format!("takes up version {version} with {them}"));
        self.write(node, writes, vec![accepted], What::Agree { node, with, version });
    }

    fn suspend(&mut self, node: usize, with: usize, on: bool) {
        let (us, them) = (self.nodes[node].state, self.nodes[with].state);
        let pair = (parties::index(us), parties::index(them));
        let (from, to) = match on {
            true => (Status::InForce, Status::Suspended),
            false => (Status::Suspended, Status::InForce),
        };
        for version in [1, 2] {
            let id = parties::agreement(pair.0, pair.1, version).id();
            if self.nodes[node].books.agreements.get(&id) != Some(&from) {
                continue;
            }
            self.tell(node, &format!("{} {them}", if on { "suspends" } else { "resumes" }));
            let (agreement, by) = (Digest(id.0), us.to_string());
            let event = match on {
                true => Event::AgreementSuspended { agreement, by },
                false => Event::AgreementResumed { agreement, by },
            };
            let again = What::Suspend { node, with, on };
            return self.write(node, vec![Write::Agreement(id, to)], vec![event], again);
        }
        if !on && !self.nodes[node].up {
            self.after(600 * SECOND, What::Suspend { node, with, on });
        }
    }

    fn rollover(&mut self, node: usize) {
        let state = self.nodes[node].state;
        let epoch = self.nodes[node].books.epochs.get(&state).copied().unwrap_or(1) + 1;
        if epoch as usize > parties::EPOCHS {
            return;
        }
        let made = Event::KeyMade { key: format!("epoch {epoch}") };
        let write = vec![Write::Epoch(state, epoch)];
        self.write(node, write, vec![made], What::Rollover(node));
        // Partners hear of it in their own time; until then they seal to the old one.
        if self.nodes[node].books.epochs.get(&state) == Some(&epoch) {
            for other in (0..self.nodes.len()).filter(|o| *o != node) {
                let later = self.rng.below(DAY as u64) as i64;
                self.after(later, What::Learn { node: other, of: state, epoch });
            }
        }
    }

    /// A person looks at what waits, and lets it go on.
    fn person(&mut self, node: usize) {
        if !self.nodes[node].up {
            return self.after(HOUR, What::Person(node));
        }
        let books = &self.nodes[node].books;
        let partners: Vec<Country> = books.alarms.iter().map(|(partner, _)| *partner).collect();
        let (mut writes, mut events) = (Vec::new(), Vec::new());
        for stream in books.streams_in.values() {
            let Some(alarm) = stream.stopped else { continue };
            writes.push(Write::StreamIn(stream.agreement, stream.resumed().encode()));
            events.push(Event::StreamResumed {
                partner: stream.from.to_string(),
                agreement: Digest(stream.agreement.0),
                sequence: stream.next_sequence,
                alarm: alarm.name().to_owned(),
                reason: Digest([0; 32]),
            });
        }
        writes.extend(partners.into_iter().map(Write::Settled));
        events.push(Event::AlarmSettled { alarm: 0, reason: Digest([0; 32]) });
        self.write(node, writes, events, What::Person(node));
    }

    fn attack(&mut self, victim: usize) {
        let Some(attacker) = self.malicious else { return };
        if !self.nodes[victim].up || !self.nodes[attacker].up {
            return;
        }
        let (number, now) = (self.number(), self.time());
        let to = self.nodes[victim].state;
        let overheard = std::mem::take(&mut self.overheard);
        let made = malice::attack(&mut self.nodes[attacker], (to, number), &overheard, now);
        self.overheard = overheard;
        let Some((name, bytes)) = made else { return };
        self.tell(attacker, &format!("attacks {to}: {name}"));
        let turn = u64::MAX;
        for _ in 0..self.rng.between(1, 3) {
            self.arrive(attacker, victim, turn, &bytes);
        }
        let person = self.rng.below(DAY as u64) as i64;
        self.after(person, What::Person(victim));
    }

    /// From now on nothing fails: everything has to come to rest.
    fn heal(&mut self) {
        self.healed = true;
        self.weather = Weather::default();
        self.parted.clear();
        for node in 0..self.nodes.len() {
            self.nodes[node].crash_rate = 0;
            self.nodes[node].clock_off = SignedDuration::ZERO;
            self.nodes[node].disk.end_lying();
            self.after(SECOND, What::Start(node));
            for with in (0..self.nodes.len()).filter(|w| *w != node) {
                let theirs = self.nodes[with].state;
                let pair = (parties::index(self.nodes[node].state), parties::index(theirs));
                let second = parties::agreement(pair.0, pair.1, 2).id();
                if self.nodes[with].books.agreements.contains_key(&second) {
                    self.after(8 * HOUR, What::Agree { node, with, version: 2 });
                }
                self.after(7 * HOUR, What::Suspend { node, with, on: false });
            }
            // A last list, so that what is missing before it is seen.
            let number = self.number();
            self.after(10 * HOUR, What::Submit { node, number });
        }
    }
}

fn named(answer: &Answer) -> String {
    match answer {
        Answer::Receipt(_) => "with a receipt".to_owned(),
        Answer::Gap { expected } => format!("that {expected} is next"),
        Answer::Stopped { alarm } => format!("that the stream is stopped: {alarm}"),
        Answer::Refused { reason } => format!("no: {reason}"),
    }
}

/// A carrier's list: a flight of its own, two travellers whom nobody knows.
pub(crate) fn list(number: u64, now: Timestamp) -> PassengerList {
    let at = |hours: i64| {
        let at = now + SignedDuration::from_hours(hours);
        Some(LocalTime(at.to_zoned(TimeZone::UTC).datetime()))
    };
    let traveller = |n: usize| Traveller {
        surname: format!("TRAVELLER{number}").into(),
        given: ["A", "B"][n].into(),
        birth_date: PartialDate::parse("1980-05-17"),
        sex: Sex::Female,
        nationality: Some(Country::new("UTO")),
        documents: vec![TravelDocument {
            kind: DocumentKind::Passport,
            number: format!("U{number:08}").into(),
            issuer: Some(Country::new("UTO")),
            expires: None,
            issued: None,
        }],
        seat: Some(format!("{}C", n + 11).into()),
        ..Traveller::default()
    };
    let leg = Leg { from: "IST".into(), to: "LHR".into(), departs: at(5), arrives: at(8) };
    let flight = Flight {
        carrier: "ZZ".into(),
        number: number.to_string().into(),
        legs: vec![leg],
        ..Flight::default()
    };
    let report = CarrierReport {
        flights: vec![flight],
        travellers: (0..2).map(traveller).collect(),
        ..CarrierReport::default()
    };
    let admission = Admission {
        state: Country::new("UTO"),
        permitted: ElementSet::ALL,
        received_at: now,
        must_touch: false,
    };
    PassengerList::admit(report, &admission).expect("a list with a flight and travellers")
}
