//! The receiver's decision: what becomes of a parcel whose signatures hold.
//!
//! [`Desk::receive`] is handed everything that it may go by: the agreements and the law
//! at this moment, and the [`Facts`] that the store holds about the parcel's place. What
//! it gives is a [`Reception`]: the effects, as values. The caller does them in one
//! transaction and only then gives [`Reception::answer`] to the partner. The law is asked
//! twice: on what stands on the outside, before anything is opened, and on what was in it.

mod keys;
mod requests;
mod totals;

use jiff::Timestamp;
use policy::{AgreementId, InForce, Mode, Permit, Regime, Request};
use travel::{Country, ElementSet, PassengerList};

use crate::{
    Alarm, Answer, Asked, Cause, Counting, Delivery, ExchangeError, Header, Incoming, Inquiry,
    Kept, Kind, Known, Opened, ParcelId, PublicKeys, Reason, Receipt, ReceiptVerdict, Reckoning,
    Refusal, Response, StateKeys, Statement, Total, Verdict, Verified,
};

/// By what a node judges the parcels that come to it.
pub struct Desk<'a> {
    /// The node's state.
    pub us: Country,
    /// Its keys.
    pub keys: &'a StateKeys,
    /// Its agreements, those suspended among them.
    pub agreements: &'a [InForce],
    /// Those that a later version has ended: what was sealed under them is still taken,
    /// as far as an agreement in force permits the same.
    pub ended: &'a [InForce],
    /// The law that binds it.
    pub regimes: &'a [Regime],
    /// Reads the one list of a payload, with everything that stands in it.
    pub read: &'a dyn Fn(&[u8]) -> Option<PassengerList>,
}

/// What the store holds about a parcel's place.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Where its stream stands; `None` before the first parcel.
    pub stream: Option<Incoming>,
    /// The parcel of this sender with the same id.
    pub by_id: Option<Kept>,
    /// The earlier parcel of this sender that this one corrects, takes back or justifies;
    /// `None` when none came.
    pub earlier: Option<Earlier>,
    /// Whether the earlier parcel is a request of this sender that was made in an emergency and
    /// is not justified yet.
    pub unjustified: bool,
    /// The request that went to this sender and that this one answers; `None` when none did.
    pub asked: Option<Asked>,
    /// For a daily total: what is here of its stream since the one before.
    pub counting: Option<Counting>,
    /// For new keys: those of the sender that are known.
    pub sender: Option<PublicKeys>,
    /// The newest checkpoint of the log, for the receipt.
    pub checkpoint: Option<String>,
}

/// What is known of an earlier parcel that another is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Earlier {
    /// Under which agreement it came.
    pub agreement: AgreementId,
    /// What it was; of a correction, what the first was that it corrects.
    pub kind: Kind,
    /// The flight of the record that came with it and is held: not refused, not taken back, not
    /// replaced by a correction, not past its time. `None` when none is.
    pub holds: Option<String>,
}

/// Why a parcel in its right place is refused for good, with a receipt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// A short name: `policy`, `sealed`, `unreadable`.
    pub reason: &'static str,
    /// The rules that forbid it, where it was the law or the agreement.
    pub rules: Vec<String>,
    /// Whether a person has to look at it.
    pub alarm: bool,
}

impl Wrong {
    const fn because(reason: &'static str) -> Self {
        Self { reason, rules: Vec::new(), alarm: false }
    }
}

impl From<policy::Refusal> for Wrong {
    fn from(refusal: policy::Refusal) -> Self {
        let rules = refusal.rules.iter().map(ToString::to_string).collect();
        Self { reason: "policy", rules, alarm: false }
    }
}

/// What to do with a parcel, and what to answer.
#[derive(Debug)]
#[must_use]
pub enum Reception {
    /// It is here already; the same receipt again.
    Repeat {
        /// The receipt that was given, byte for byte.
        receipt: Vec<u8>,
    },
    /// Something before it has not come.
    Gap {
        /// The number that is to come next.
        expected: u64,
    },
    /// The stream waits for a person already.
    Stopped {
        /// For what.
        alarm: Alarm,
    },
    /// Nothing is kept of it; the sender keeps it.
    NotNow {
        /// A short name: `unknown_agreement`, `suspended`, `clock_ahead`.
        reason: &'static str,
        /// The rules that say so.
        rules: Vec<&'static str>,
    },
    /// The stream stops and waits for a person.
    Stop {
        /// What happened.
        alarm: Alarm,
        /// The stream, stopped: to be stored.
        stopped: Incoming,
    },
    /// In its place, and refused for good: it has its number and its receipt.
    Refused {
        /// Why.
        wrong: Wrong,
        /// The stream after it: to be stored.
        after: Incoming,
        /// Its receipt: to be stored.
        receipt: Vec<u8>,
    },
    /// Opened, checked, taken.
    Taken {
        /// What is to be done with it.
        what: Taken,
        /// The stream after it: to be stored.
        after: Incoming,
        /// Its receipt: to be stored.
        receipt: Vec<u8>,
    },
}

/// What a parcel in its right place turns out to be: to be stored with its receipt.
#[derive(Debug)]
pub enum Taken {
    /// Travellers: a list, a hit, what was asked for or is told unasked.
    List {
        /// What is kept: never more than the permit covers.
        list: Box<PassengerList>,
        /// What was in the parcel.
        opened: Box<Opened>,
    },
    /// What came with an earlier parcel is replaced, in the same transaction, and looked at
    /// anew.
    Corrected {
        /// The earlier parcel of this sender.
        earlier: ParcelId,
        /// What that was.
        kind: Kind,
        /// Why it was wrong.
        cause: Cause,
        /// What is kept in its place: never more than the permit covers.
        list: Box<PassengerList>,
        /// What was in the parcel.
        opened: Box<Opened>,
    },
    /// What came with an earlier parcel is to go, in the same transaction.
    TakenBack {
        /// The earlier parcel of this sender.
        earlier: ParcelId,
        /// Why.
        reason: Reason,
    },
    /// A request: an officer decides on it, nobody else.
    Asked {
        /// What is asked.
        inquiry: Box<Inquiry>,
        /// The rules that let it be asked.
        rules: Vec<String>,
    },
    /// A request of ours was answered, without data.
    Answered {
        /// The request.
        request: ParcelId,
        /// What became of it.
        response: Response,
    },
    /// A partner's daily total, and what this side counts.
    Totalled {
        /// What the partner says.
        total: Box<Total>,
        /// The same, signed.
        signed: Vec<u8>,
        /// What is here; it stands in the receipt.
        reckoning: Reckoning,
        /// Whether they are the same; if not, a person has to look.
        agrees: bool,
    },
    /// The sender's keys, at least as new as those that are known: from now on parcels are sealed
    /// to them.
    RolledOver {
        /// The same identity, and its newest epoch key.
        keys: Box<PublicKeys>,
        /// Whether the epoch is newer than what was known.
        newer: bool,
    },
    /// A partner's emergency request is justified afterwards.
    Justified {
        /// The request.
        request: ParcelId,
        /// On what law and why.
        statement: Box<Statement>,
    },
}

impl Reception {
    /// What the partner is answered, once the effects are durable.
    pub fn answer(&self) -> Answer {
        match self {
            Reception::Repeat { receipt }
            | Reception::Refused { receipt, .. }
            | Reception::Taken { receipt, .. } => Answer::Receipt(receipt.clone()),
            Reception::Gap { expected } => Answer::Gap { expected: *expected },
            Reception::Stopped { alarm } | Reception::Stop { alarm, .. } => {
                Answer::Stopped { alarm: alarm.name().to_owned() }
            }
            Reception::NotNow { reason, .. } => Answer::Refused { reason: (*reason).to_owned() },
        }
    }

    /// Whether the next parcel of the same delivery is looked at: one without a receipt ends
    /// it, since what follows is not the next of its stream any more.
    pub const fn goes_on(&self) -> bool {
        matches!(
            self,
            Reception::Repeat { .. } | Reception::Refused { .. } | Reception::Taken { .. }
        )
    }
}

impl Desk<'_> {
    /// Judges a parcel that is proven to be the sender's, the next of its delivery. All that
    /// a delivery brings is to be stored in one transaction before any of it is answered.
    ///
    /// # Errors
    /// A key of ours is refused.
    pub fn receive(
        &self,
        delivery: &mut Delivery,
        verified: Verified,
        facts: Facts,
        now: Timestamp,
    ) -> Result<Reception, ExchangeError> {
        let (header, digest) = (verified.header().clone(), verified.digest());
        let reception = self.judge(verified, delivery.over(&header, facts), now)?;
        delivery.note(&header, digest, &reception);
        Ok(reception)
    }

    fn judge(
        &self,
        verified: Verified,
        facts: Facts,
        now: Timestamp,
    ) -> Result<Reception, ExchangeError> {
        let header = verified.header().clone();
        let by_id = |a: &&InForce| a.id() == header.agreement;
        let ended = self.ended.iter().any(|a| a.id() == header.agreement);
        let Some(agreed) = self.agreements.iter().chain(self.ended).find(by_id) else {
            return Ok(not_now("unknown_agreement", vec!["AG-01"]));
        };
        let stream = facts
            .stream
            .clone()
            .unwrap_or_else(|| Incoming::new(header.agreement, header.from, header.to));
        let known = Known { by_id: facts.by_id.clone(), by_sequence: None };
        match stream.receive(&header, verified.digest(), &known, now) {
            Verdict::Repeat { receipt } => Ok(Reception::Repeat { receipt }),
            Verdict::Gap { expected } => Ok(Reception::Gap { expected }),
            Verdict::Alarm { alarm, stopped } => Ok(Reception::Stop { alarm, stopped }),
            Verdict::Refuse(Refusal::Stopped(alarm)) => Ok(Reception::Stopped { alarm }),
            Verdict::Refuse(refusal) => Ok(not_now(refusal.name(), Vec::new())),
            // What is suspended keeps its place in the partner's queue.
            Verdict::Accept { .. } if !ended && agreed.suspended_by().is_some() => {
                Ok(not_now("suspended", vec!["AG-05"]))
            }
            // Whoever sealed it knows a key of ours that is not here: an older key file was put
            // back. What a person can mend is not refused for good.
            Verdict::Accept { .. } if header.epoch > self.keys.public().epoch().epoch => {
                Ok(not_now(NEWER_EPOCH, Vec::new()))
            }
            Verdict::Accept { after } => {
                let asked_at = if ended { now } else { header.made_at };
                self.next(verified, after, facts, (asked_at, now))
            }
        }
    }

    /// The next parcel of its stream: kept, or refused for good.
    fn next(
        &self,
        verified: Verified,
        after: Incoming,
        facts: Facts,
        (asked_at, now): (Timestamp, Timestamp),
    ) -> Result<Reception, ExchangeError> {
        let (header, digest) = (verified.header().clone(), verified.digest());
        let looked = match (header.kind, header.about) {
            (Kind::Answer, Some(_)) => self.answered(verified, facts.asked, asked_at),
            (Kind::Justification, Some(about)) => {
                let came = facts.earlier.filter(|_| facts.unjustified).map(|e| e.agreement);
                self.justified(verified, (about, came))
            }
            (Kind::Correction, Some(about)) => {
                self.corrected(verified, (about, facts.earlier), asked_at)
            }
            (_, Some(about)) => {
                self.take_back(verified, (about, facts.earlier.map(|e| e.agreement)))
            }
            (Kind::Total, None) => self.totalled(verified, facts.counting),
            (Kind::Keys, None) => self.rolled_over(verified, facts.sender),
            (Kind::Request, None) => self.asked(verified, asked_at),
            (kind, None) => {
                let looked = self.look(verified, kind, asked_at);
                looked.map(|(list, opened)| Taken::List { list, opened })
            }
        };
        let verdict = match &looked {
            Ok(_) => ReceiptVerdict::Accepted,
            Err(wrong) => ReceiptVerdict::Refused {
                reason: wrong.reason.to_owned(),
                rules: wrong.rules.clone(),
            },
        };
        let mut receipt = Receipt::of(&header, digest, verdict, now, facts.checkpoint);
        if let Ok(Taken::Totalled { reckoning, .. }) = &looked {
            receipt.reckoning = Some(reckoning.clone());
        }
        let receipt = receipt.sign(self.keys)?;
        Ok(match looked {
            Ok(what) => Reception::Taken { what, after, receipt },
            Err(wrong) => Reception::Refused { wrong, after, receipt },
        })
    }

    /// Asks the law about the outside, opens, and holds the inside against it; `kind` is what
    /// it counts as.
    fn look(&self, verified: Verified, kind: Kind, at: Timestamp) -> Result<Looked, Wrong> {
        let permitted = self.permitted(verified.header(), kind, at)?;
        let opened = verified.open(self.keys).map_err(|unread| Wrong::because(unread.name()))?;
        let whole = (self.read)(&opened.payload).ok_or(Wrong::because("unreadable"))?;
        let header = &opened.header;
        if whole.flight().key() != header.flight.key() {
            return Err(Wrong::because("another_flight"));
        }
        if opened.ground.is_some() != (kind == Kind::Hit) {
            return Err(Wrong::because("body"));
        }
        if kind == Kind::Hit && whole.travellers().len() != 1 {
            return Err(Wrong::because("not_one_traveller"));
        }
        if opened.ground.as_ref().is_some_and(|ground| ground.officers == 0) {
            return Err(Wrong::because("nobody_upheld_it"));
        }
        let said = whole.restricted_to(header.elements, None);
        if said.travellers() != whole.travellers() || said.bookings() != whole.bookings() {
            let rules = vec!["AG-10".to_owned()];
            return Err(Wrong { reason: "element_outside", rules, alarm: true });
        }
        let list = Box::new(said.restricted_to(permitted, None));
        Ok((list, Box::new(opened)))
    }

    /// The right record in place of a wrong one: under the agreement under which that came, and
    /// only while that is held, so that nothing comes back that was taken back or erased.
    fn corrected(
        &self,
        verified: Verified,
        (about, came): (ParcelId, Option<Earlier>),
        at: Timestamp,
    ) -> Result<Taken, Wrong> {
        let header = verified.header();
        let came = came.filter(|came| came.agreement == header.agreement);
        let Earlier { kind, holds, .. } = came.ok_or(Wrong::because("unknown_parcel"))?;
        let flight = holds.filter(|_| kind.is_corrected());
        let flight = flight.ok_or(Wrong::because("nothing_to_correct"))?;
        if flight != header.flight.key() {
            return Err(Wrong::because("another_flight"));
        }
        let (list, opened) = self.look(verified, kind, at)?;
        let cause = opened.cause.ok_or(Wrong::because("body"))?;
        Ok(Taken::Corrected { earlier: about, kind, cause, list, opened })
    }

    /// Something of before is taken back: whoever sent it may, under the agreement under
    /// which it came.
    fn take_back(
        &self,
        verified: Verified,
        (about, came): (ParcelId, Option<AgreementId>),
    ) -> Result<Taken, Wrong> {
        let header = verified.header();
        recalled(header, self.agreements.iter().chain(self.ended))?;
        if came != Some(header.agreement) {
            return Err(Wrong::because("unknown_parcel"));
        }
        let opened = verified.open(self.keys).map_err(|unread| Wrong::because(unread.name()))?;
        let word = std::str::from_utf8(&opened.payload).ok().and_then(Reason::named);
        let reason = word.ok_or(Wrong::because("unreadable"))?;
        Ok(Taken::TakenBack { earlier: about, reason })
    }

    /// The same question that the sender asked before it sealed.
    fn permitted(&self, header: &Header, kind: Kind, at: Timestamp) -> Result<ElementSet, Wrong> {
        let permit = carried((header, kind), self.agreements, self.regimes, at)?;
        let ended = self.ended.iter().any(|a| a.id() == header.agreement);
        if permit.agreement() != header.agreement && !ended {
            return Err(Wrong::because("another_agreement"));
        }
        Ok(permit.elements())
    }
}

/// What is kept of a parcel, and what was in it.
type Looked = (Box<PassengerList>, Box<Opened>);

/// A parcel is not taken now: it is sealed to an epoch key of ours that is not here yet.
pub const NEWER_EPOCH: &str = "newer_epoch";

const fn not_now(reason: &'static str, rules: Vec<&'static str>) -> Reception {
    Reception::NotNow { reason, rules }
}

/// Whether the agreements in force let a parcel with this outside go or come, whole, at
/// that moment, where it counts as one of that kind: of its own, or, a correction, of that of
/// what it corrects. Sender and receiver ask it about what was sealed under a version that has
/// ended since.
///
/// # Errors
/// The rules that say no: `AG-10` when the parcel may hold more than is agreed.
pub fn carried(
    (header, kind): (&Header, Kind),
    agreements: &[InForce],
    regimes: &[Regime],
    at: Timestamp,
) -> Result<Permit, Wrong> {
    let request = Request {
        from: header.from,
        to: header.to,
        mode: kind.mode().ok_or(Wrong::because("kind"))?,
        flight: &header.flight,
        dataset: header.dataset,
        elements: header.elements,
        origin: None,
        origin_consents: false,
        masked: false,
        // A hit without a ground does not open; a ground counts its officers. That officers
        // chose what is answered or told is the sender's word, in its log.
        reviewed: kind.mode().is_some_and(Mode::by_officer),
        sensitive: false,
        purpose: header.purpose,
        at,
    };
    let permit = policy::decide(&request, agreements, regimes)?;
    if permit.rules().iter().any(|r| r.as_str() == "AG-10") {
        return Err(Wrong { reason: "policy", rules: vec!["AG-10".to_owned()], alarm: false });
    }
    Ok(permit)
}

/// Whether a parcel with this outside may take something back.
fn recalled<'a>(
    header: &Header,
    agreements: impl Iterator<Item = &'a InForce>,
) -> Result<(), Wrong> {
    let signed: Vec<InForce> = agreements.filter(|a| a.id() == header.agreement).cloned().collect();
    policy::recall(header.agreement, (header.from, header.to), &signed)?;
    Ok(())
}
