//! Review: the only road from a hit to something that may leave.
//!
//! ```text
//!            uphold (possible)
//!   Hit ───────────────────────────▶ UpheldHit
//!    │ └─ uphold (hit) ▶ HalfUpheld ─confirm, another officer─▶ UpheldHit
//!    └─ dismiss ▶ DismissedHit ◀─ dismiss ─┘
//! ```
//! Nothing outside this file can make an [`UpheldHit`]:
//!
//! ```compile_fail
//! let hit: screening::Hit = todo!();
//! let upheld = screening::UpheldHit { hit, decisions: vec![] }; // private fields
//! ```
//! and one officer cannot be two:
//!
//! ```compile_fail
//! fn alone(half: screening::HalfUpheld) -> screening::UpheldHit { half.into() }
//! ```
//! What is recorded are decisions; [`Hit::replay`] applies them again, through the
//! same functions.

use jiff::Timestamp;

use crate::{Band, Hit};

/// An officer's account id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OfficerId(pub String);

/// Why an officer decided as they did: something, and not a book. `Debug` does not
/// show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Reason(String);

/// No reason, or a book.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReasonError {
    /// Nothing was said.
    #[error("a decision needs a reason")]
    Empty,
    /// More than 2,000 characters.
    #[error("a reason has at most 2,000 characters")]
    TooLong,
}

impl Reason {
    /// A reason of 1 to 2,000 characters.
    ///
    /// # Errors
    /// [`ReasonError`].
    pub fn new(text: &str) -> Result<Self, ReasonError> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(ReasonError::Empty),
            1..=2000 => Ok(Self(text.to_owned())),
            _ => Err(ReasonError::TooLong),
        }
    }

    /// The words.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reason(..)")
    }
}

/// What an officer said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is the listed person, as far as can be told.
    Uphold,
    /// It is not.
    Dismiss,
}

/// A decision as recorded.
#[derive(Clone, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub officer: OfficerId,
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

impl std::fmt::Debug for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decision")
            .field("officer", &self.officer)
            .field("verdict", &self.verdict)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// The second officer is the first.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this hit needs two different officers, and {0} has upheld it already")]
pub struct SameOfficer(pub String);

/// Recorded decisions make no review.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReviewError {
    /// The same officer twice.
    #[error(transparent)]
    SameOfficer(#[from] SameOfficer),
    /// A decision without a reason.
    #[error(transparent)]
    Reason(#[from] ReasonError),
    /// A decision on something decided.
    #[error("a decision was recorded on a hit that was decided already")]
    Decided,
}

/// A match that as many officers as it needs have looked at and upheld.
///
/// [`Hit::uphold`] and [`HalfUpheld::confirm`] are the only ways to one, so whatever
/// takes an `UpheldHit` cannot be reached by a machine's word alone (promise 2).
#[derive(Debug)]
pub struct UpheldHit {
    hit: Hit,
    decisions: Vec<Decision>,
}

/// A hit of the highest band that one officer has upheld.
#[derive(Debug)]
pub struct HalfUpheld {
    hit: Hit,
    first: Decision,
}

/// A hit that an officer has dismissed.
#[derive(Debug)]
pub struct DismissedHit {
    hit: Hit,
    decisions: Vec<Decision>,
}

/// What upholding makes of a hit.
#[derive(Debug)]
#[must_use]
pub enum Upholding {
    /// One officer was enough.
    Upheld(UpheldHit),
    /// A second one has to look.
    NeedsSecond(HalfUpheld),
}

/// What recorded decisions make of a hit.
#[derive(Debug)]
#[must_use]
pub enum Reviewed {
    /// Nobody has decided.
    Open(Hit),
    /// One of two has upheld it.
    HalfUpheld(HalfUpheld),
    /// Upheld.
    Upheld(UpheldHit),
    /// Dismissed.
    Dismissed(DismissedHit),
}

fn decision(officer: OfficerId, verdict: Verdict, reason: Reason, at: Timestamp) -> Decision {
    Decision { officer, verdict, reason: reason.0, at }
}

impl Hit {
    /// An officer upholds it.
    pub fn uphold(self, officer: OfficerId, reason: Reason, at: Timestamp) -> Upholding {
        let first = decision(officer, Verdict::Uphold, reason, at);
        match self.band {
            Band::Hit => Upholding::NeedsSecond(HalfUpheld { hit: self, first }),
            Band::Possible | Band::Silent => {
                Upholding::Upheld(UpheldHit { hit: self, decisions: vec![first] })
            }
        }
    }

    /// An officer dismisses it.
    pub fn dismiss(self, officer: OfficerId, reason: Reason, at: Timestamp) -> DismissedHit {
        let decisions = vec![decision(officer, Verdict::Dismiss, reason, at)];
        DismissedHit { hit: self, decisions }
    }

    /// Applies recorded decisions again, in their order.
    ///
    /// # Errors
    /// They cannot have been made: [`ReviewError`].
    pub fn replay(self, decisions: &[Decision]) -> Result<Reviewed, ReviewError> {
        let mut review = Reviewed::Open(self);
        for d in decisions {
            let (officer, reason) = (d.officer.clone(), Reason::new(&d.reason)?);
            review = match (review, d.verdict) {
                (Reviewed::Open(hit), Verdict::Uphold) => match hit.uphold(officer, reason, d.at) {
                    Upholding::Upheld(upheld) => Reviewed::Upheld(upheld),
                    Upholding::NeedsSecond(half) => Reviewed::HalfUpheld(half),
                },
                (Reviewed::Open(hit), Verdict::Dismiss) => {
                    Reviewed::Dismissed(hit.dismiss(officer, reason, d.at))
                }
                (Reviewed::HalfUpheld(half), Verdict::Uphold) => {
                    Reviewed::Upheld(half.confirm(officer, reason, d.at)?)
                }
                (Reviewed::HalfUpheld(half), Verdict::Dismiss) => {
                    Reviewed::Dismissed(half.dismiss(officer, reason, d.at))
                }
                (Reviewed::Upheld(_) | Reviewed::Dismissed(_), _) => {
                    return Err(ReviewError::Decided);
                }
            };
        }
        Ok(review)
    }
}

impl HalfUpheld {
    /// Another officer upholds it too.
    ///
    /// # Errors
    /// [`SameOfficer`].
    pub fn confirm(
        self,
        officer: OfficerId,
        reason: Reason,
        at: Timestamp,
    ) -> Result<UpheldHit, SameOfficer> {
        if officer == self.first.officer {
            return Err(SameOfficer(officer.0));
        }
        let second = decision(officer, Verdict::Uphold, reason, at);
        Ok(UpheldHit { hit: self.hit, decisions: vec![self.first, second] })
    }

    /// The second officer, or the first on second thoughts, dismisses it.
    pub fn dismiss(self, officer: OfficerId, reason: Reason, at: Timestamp) -> DismissedHit {
        let second = decision(officer, Verdict::Dismiss, reason, at);
        DismissedHit { hit: self.hit, decisions: vec![self.first, second] }
    }

    /// The officer who upheld it.
    pub fn first(&self) -> &Decision {
        &self.first
    }
}

impl UpheldHit {
    /// The hit.
    pub fn hit(&self) -> &Hit {
        &self.hit
    }
    /// The decisions that uphold it, in order.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }
}

impl DismissedHit {
    /// The hit.
    pub fn hit(&self) -> &Hit {
        &self.hit
    }
    /// The decisions, in order.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }
}
