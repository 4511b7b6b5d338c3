//! What happens when: one queue of events, in simulated time, decided by one seed.

mod list;
mod people;
mod plan;

use std::{collections::BTreeMap, time::Duration};

use audit::{Digest, Event};
use exchange::{Answer, Arrived, Happened, Header, Reply, Sender, read_together, write_answers};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use testkit::Rng;
use travel::Country;

use crate::{
    Options, Report,
    books::{Status, Write},
    check, malice,
    node::{Down, Line, Node, Wanted},
    parties,
};

pub(crate) use list::list;

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
    TakeBack(usize),
    Correct(usize),
    Ask { node: usize, of: usize, about: u64 },
    Decide(usize),
    Total(usize),
    TellKeys { node: usize, with: usize },
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
            What::TakeBack(node) => {
                if self.nodes[node].up && self.nodes[node].take_back(now).is_err() {
                    self.went_down(node);
                }
                self.after(SECOND, What::Bell(node));
            }
            What::Correct(node) => {
                if self.nodes[node].up && self.nodes[node].correct(now).is_err() {
                    self.went_down(node);
                }
                self.after(SECOND, What::Bell(node));
            }
            What::Ask { node, of, about } => {
                let (to, flight) = (self.nodes[of].state, format!("ZZ{about}/"));
                if self.nodes[node].up && self.nodes[node].ask(to, flight, now).is_err() {
                    self.went_down(node);
                }
                self.after(SECOND, What::Bell(node));
            }
            What::Decide(node) => {
                if self.nodes[node].up && self.nodes[node].decide(now).is_err() {
                    self.went_down(node);
                }
                self.after(SECOND, What::Bell(node));
            }
            What::Total(node) => {
                if self.nodes[node].up && self.nodes[node].state_totals(now).is_err() {
                    self.went_down(node);
                }
                self.after(SECOND, What::Bell(node));
            }
            What::TellKeys { node, with } => {
                let to = self.nodes[with].state;
                if !self.nodes[node].up || self.nodes[node].tell_keys(to, now).is_err() {
                    if self.nodes[node].up {
                        self.went_down(node);
                    }
                    // The keeper tells whoever was not told.
                    self.after(600 * SECOND, What::TellKeys { node, with });
                }
                self.after(SECOND, What::Bell(node));
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
    fn carry(&mut self, node: usize, asked: Result<Vec<Wanted>, Down>) {
        let Ok(asked) = asked else { return self.went_down(node) };
        for asked in asked {
            match asked {
                Wanted::Wake { to, after } => {
                    let turn = self.nodes[node].lines[&to].turn;
                    let after = i64::try_from(after.as_micros()).unwrap_or(DAY);
                    self.after(after, What::Wake { node, to, turn });
                }
                Wanted::Post { to, body } => self.post(node, to, body),
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

    fn note_sent(&mut self, node: usize, to: Country, body: &[u8]) {
        let parcels = read_together(body).unwrap_or_default();
        if parcels.len() > 1 {
            self.report.together += parcels.len() as u64;
        }
        let sender = &self.nodes[node];
        for bytes in parcels {
            let Ok(arrived) = Arrived::read(bytes) else { continue };
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
            let Ok(answers) = self.nodes[to].take(sender, bytes, now) else {
                return self.went_down(to);
            };
            for answer in &answers {
                self.tell(to, &format!("answers {sender} {}", named(answer)));
            }
            if self.nodes[to].delays() {
                let after = self.rng.below(8 * SECOND as u64) as i64;
                self.after(after, What::Delayed(to));
            }
            let parcels = read_together(bytes).unwrap_or_default();
            let answered = |(parcel, answer): (&[u8], _)| self.answered(to, sender, parcel, answer);
            let together = parcels.len().max(1);
            let answers: Vec<Answer> = match parcels.is_empty() {
                true => answers,
                false => parcels.into_iter().zip(answers).map(answered).collect(),
            };
            let status = if together == 1 { answers[0].status() } else { 200 };
            Reply { status, retry_after: None, body: write_answers(&answers, together) }
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
            .filter(|(_, line)| line.hears && line.posting.is_empty())
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
}

fn named(answer: &Answer) -> String {
    match answer {
        Answer::Receipt(_) => "with a receipt".to_owned(),
        Answer::Gap { expected } => format!("that {expected} is next"),
        Answer::Stopped { alarm } => format!("that the stream is stopped: {alarm}"),
        Answer::Refused { reason } => format!("no: {reason}"),
    }
}
