//! What people decide: agreements, suspensions, new keys, and what to do after an alarm;
//! an attacker, and the end of all trouble.

use super::*;

impl World {
    /// Writes something that a person decided; again later, when the node is down.
    pub(super) fn write(
        &mut self,
        node: usize,
        writes: Vec<Write>,
        events: Vec<Event>,
        again: What,
    ) {
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

    pub(super) fn agree(&mut self, node: usize, with: usize, version: u32) {
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

    pub(super) fn suspend(&mut self, node: usize, with: usize, on: bool) {
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
                true => Event::AgreementSuspended { agreement, by, reason: None },
                false => Event::AgreementResumed { agreement, by, reason: None },
            };
            let again = What::Suspend { node, with, on };
            return self.write(node, vec![Write::Agreement(id, to)], vec![event], again);
        }
        if !on && !self.nodes[node].up {
            self.after(600 * SECOND, What::Suspend { node, with, on });
        }
    }

    pub(super) fn rollover(&mut self, node: usize) {
        let state = self.nodes[node].state;
        let epoch = self.nodes[node].books.epochs.get(&state).copied().unwrap_or(1) + 1;
        if epoch as usize > parties::EPOCHS {
            return;
        }
        let made = Event::KeyMade { key: format!("epoch {epoch}") };
        let write = vec![Write::Epoch(state, epoch)];
        self.write(node, write, vec![made], What::Rollover(node));
        // Each partner is told by a parcel; until it comes, it seals to the old one.
        if self.nodes[node].books.epochs.get(&state) == Some(&epoch) {
            for with in (0..self.nodes.len()).filter(|o| *o != node) {
                let later = self.rng.below(HOUR as u64) as i64;
                self.after(later, What::TellKeys { node, with });
            }
        }
    }

    /// A person looks at what waits, and lets it go on.
    pub(super) fn person(&mut self, node: usize) {
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

    pub(super) fn attack(&mut self, victim: usize) {
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
    pub(super) fn heal(&mut self) {
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
            // Officers come to what waits.
            self.after(9 * HOUR, What::Decide(node));
            // Totals of what the bad days carried.
            self.after(34 * HOUR, What::Total(node));
            // A last list, so that what is missing before it is seen.
            let number = self.number();
            self.after(10 * HOUR, What::Submit { node, number });
        }
    }
}
