//! The ledger while it is being written: lines that point at words instead of copying
//! them, so that the thousands of entries that come to nothing cost nothing. What comes
//! to something is written out, line by line, from the very same lines ([`Evidence`]).

use crate::{Evidence, Feature};

/// Words of one side, a bit each.
pub(crate) type Words = u16;

/// What a line says besides its weight.
#[derive(Clone, Copy)]
pub(crate) enum About {
    /// Words of the traveller's name, and of the entry's.
    Names(Words, Words),
    /// Something else, of which the entry's number so many.
    Other(u16, u16),
}

/// One line.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub feature: Feature,
    pub about: About,
    pub relation: &'static str,
    pub nats: f32,
}

/// Lines, and their sum.
#[derive(Default)]
pub(crate) struct Ledger {
    lines: Vec<Line>,
}

impl Ledger {
    pub fn clear(&mut self) {
        self.lines.clear();
    }

    /// Writes a line. Weights are kept to the hundredth: what is shown is what is summed.
    pub fn write(&mut self, feature: Feature, about: About, relation: &'static str, nats: f32) {
        let nats = (nats * 100.0).round() / 100.0;
        self.lines.push(Line { feature, about, relation, nats });
    }

    pub fn extend(&mut self, lines: impl IntoIterator<Item = Line>) {
        self.lines.extend(lines);
    }

    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub fn lines_mut(&mut self) -> &mut [Line] {
        &mut self.lines
    }

    /// What the first line of a feature is worth.
    pub fn of(&self, feature: Feature) -> Option<f32> {
        self.lines.iter().find(|l| l.feature == feature).map(|l| l.nats)
    }

    /// What names that agree come to.
    pub fn of_names(&self) -> f32 {
        self.lines.iter().filter(|l| l.feature == Feature::Name).map(|l| l.nats).sum()
    }

    /// What names left over on either side come to, less what was taken back of it.
    pub fn of_names_left_over(&self) -> f32 {
        let is = |l: &&Line| {
            matches!(l.feature, Feature::ExtraName | Feature::MissingName | Feature::Alias)
        };
        self.lines.iter().filter(is).map(|l| l.nats).sum()
    }

    /// The score: the sum of the lines, in hundredths so that no order of summing shows.
    pub fn hundredths(&self) -> i64 {
        self.lines.iter().map(Line::hundredths).sum()
    }

    pub fn nats(&self) -> f64 {
        self.hundredths() as f64 / 100.0
    }
}

impl Line {
    fn hundredths(&self) -> i64 {
        (self.nats * 100.0).round() as i64
    }

    /// Written out.
    pub fn evidence(&self, traveller: String, entry: String) -> Evidence {
        Evidence {
            feature: self.feature,
            traveller,
            entry,
            relation: self.relation.to_owned(),
            nats: self.hundredths() as f64 / 100.0,
        }
    }
}
