//! What evidence beyond the name could bring a person at most, told at a glance.

use travel::{PartialDate, Sex};

use crate::{
    Candidate, Index, birth,
    index::{Born, Glimpse, Nationality},
    weights::Weights,
};

/// A traveller, ready to be held against many persons.
pub(crate) struct Glance<'i> {
    index: &'i Index,
    weights: &'i Weights,
    born: Option<PartialDate>,
    /// The date as a glimpse keeps it.
    date: (i16, u8, u8),
    sex: Sex,
    nationality: Nationality,
}

impl<'i> Glance<'i> {
    pub fn of(candidate: &Candidate, index: &'i Index) -> Self {
        let (sex, nationality) = (candidate.sex, candidate.nationality);
        Self::beside((candidate.birth_date, sex, nationality), index)
    }

    /// Of birth date, sex and nationality.
    pub fn beside(
        (born, sex, nationality): (Option<PartialDate>, Sex, Option<travel::Country>),
        index: &'i Index,
    ) -> Self {
        let part = |p: Option<u8>| p.unwrap_or(0);
        let date = born.map_or((0, 0, 0), |d| (d.year, part(d.month), part(d.day)));
        let nationality = nationality.map_or(Nationality::UNKNOWN, Nationality::one);
        Self { index, weights: &index.weights, born, date, sex, nationality }
    }

    /// The traveller's birth date.
    pub const fn born(&self) -> Option<PartialDate> {
        self.born
    }

    /// At most what [`judge`](crate::score::judge) writes for birth date, sex and
    /// nationality of the seat, and just that where the entry has one of each.
    pub fn most(&self, seat: u32) -> f32 {
        self.most_of(seat, self.index.seats.glimpse(seat))
    }

    /// The same, of a seat whose glimpse is at hand.
    pub fn most_of(&self, seat: u32, theirs: Glimpse) -> f32 {
        let weights = self.weights;
        let sex = match (self.sex, theirs.sex()) {
            (Sex::Male, Sex::Male) | (Sex::Female, Sex::Female) => weights.sex_same,
            (Sex::Male, Sex::Female) | (Sex::Female, Sex::Male) => weights.sex_differs,
            _ => 0.0,
        };
        let nationality = match (self.nationality, theirs.nationality()) {
            (Nationality::UNKNOWN, _) | (_, Nationality::UNKNOWN) => 0.0,
            (_, Nationality::SEVERAL) => weights.nationality_same,
            (ours, theirs) if ours == theirs => weights.nationality_same,
            _ => weights.nationality_differs,
        };
        let Some(ours) = self.born else { return sex + nationality };
        let (year, month, day) = theirs.date();
        // By far the most: two years or more apart, and another day. Of such dates two
        // digits differ at least, and what `birth` says is always the same.
        let apart = self.date.0.abs_diff(year) > 1 && (month, day) != (self.date.1, self.date.2);
        let born = match theirs.born() {
            Born::Unknown => 0.0,
            Born::On(_) if apart => weights.born_apart,
            Born::On(date) => birth::compare(ours, crate::BirthDate::On(date), weights).0,
            Born::Open => {
                let person = self.index.seats.person(seat);
                let dates = &self.index.persons[person as usize].entry.birth_dates;
                birth::best(ours, dates, weights).map_or(0.0, |b| b.1)
            }
        };
        sex + nationality + born
    }

    /// At most that of a seat whose birth date is apart.
    pub fn most_apart(&self) -> f32 {
        let w = self.weights;
        w.born_apart
            + w.sex_same.max(w.sex_differs).max(0.0)
            + w.nationality_same.max(w.nationality_differs).max(0.0)
    }
}
