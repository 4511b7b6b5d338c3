//! What will happen, as far as it is decided at the beginning.

use super::*;

impl World {
    pub(super) fn plan(&mut self) {
        self.settle_weather();
        let count = self.nodes.len();
        for a in 0..count {
            for b in (0..count).filter(|b| *b != a) {
                let to = self.nodes[b].state;
                let core = Sender::new(to);
                let line = Line { core, turn: 0, posting: Vec::new(), hears: true };
                self.nodes[a].lines.insert(to, line);
                self.after(0, What::Agree { node: a, with: b, version: 1 });
            }
        }
        let lists = if count > 6 { 2 } else { self.rng.between(3, 12) };
        for node in 0..count {
            // Some carriers send many at once, so that parcels wait for each other.
            let at_once = self.rng.percent(50);
            let mut at = 0;
            for _ in 0..lists {
                let anew = SECOND + self.some_time();
                let soon = at + self.rng.below(3 * SECOND as u64) as i64;
                at = if at > 0 && at_once && self.rng.percent(70) { soon } else { anew };
                let number = self.number();
                self.after(at, What::Submit { node, number });
            }
        }
        self.disasters();
        let heal = self.heals_at;
        self.after(heal, What::Heal);
    }

    pub(super) fn some_time(&mut self) -> i64 {
        self.rng.below(self.heals_at as u64) as i64
    }

    pub(super) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub(super) fn settle_weather(&mut self) {
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

    pub(super) fn disasters(&mut self) {
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
            for day in 0..=self.heals_at / DAY {
                let at = day * DAY + self.rng.below(DAY as u64) as i64;
                self.after(at, What::Total(node));
            }
            for _ in 0..self.rng.below(4) {
                let at = self.some_time();
                self.after(at, What::TakeBack(node));
            }
            for _ in 0..self.rng.below(4) {
                let at = self.some_time();
                self.after(at, What::Correct(node));
            }
            for _ in 0..self.rng.below(3) {
                let (at, of) = (self.some_time(), self.rng.below(count as u64) as usize);
                let about = self.rng.between(1, self.numbers.max(1));
                if of != node {
                    self.after(at, What::Ask { node, of, about });
                }
                let at = self.some_time();
                self.after(at, What::Decide(node));
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
}
