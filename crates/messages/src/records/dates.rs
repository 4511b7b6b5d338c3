//! Dates with slashes or hyphens that have the year last (`03/04/1988`): whether the day or the month stands first.
//!
//! A date of which one number is greater than twelve tells it, for its own column and, where
//! that has none, for the others of the same list. Where nothing tells it, or dates tell
//! different things, the receiver's terms do ([`crate::Terms::month_first`]); and where they
//! say nothing, of such a date the year alone is read: which day it is, is not guessed.
//! Dates with dots have their day first, wherever they are written.

use edifact::Span;
use travel::PartialDate;

use super::Field;
use crate::codes;
use crate::reading::Finding;
use crate::sink::Sink;

/// A date with slashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Slashed {
    first: u8,
    second: u8,
    year: i16,
}

/// What a date tells of the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    DayFirst,
    MonthFirst,
}

impl Slashed {
    /// `25/10/2031` or `25-10-2031`; nothing else.
    pub(super) fn read(value: &str) -> Option<Self> {
        let sign = if value.contains('/') { '/' } else { '-' };
        let mut parts = value.split(sign).map(str::trim);
        let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
        if year.len() != 4 || parts.next().is_some() {
            return None;
        }
        let digits = |text: &str| text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
        let number = |text: &str| text.parse::<u8>().ok().filter(|n| (1..=31).contains(n));
        if !digits(first) || !digits(second) {
            return None;
        }
        Some(Slashed { first: number(first)?, second: number(second)?, year: year.parse().ok()? })
    }

    fn order(self) -> Option<Order> {
        match (self.first > 12, self.second > 12) {
            (true, false) => Some(Order::DayFirst),
            (false, true) => Some(Order::MonthFirst),
            _ => None,
        }
    }

    /// The date, if it is the same in either order, or in the one that it tells by itself.
    pub(super) fn settled(self) -> Option<PartialDate> {
        match self.order() {
            Some(order) => self.by(order),
            None if self.first == self.second => self.by(Order::DayFirst),
            None => None,
        }
    }

    /// Whether either order makes a date of it.
    pub(super) fn is_ambiguous(self) -> bool {
        self.order().is_none() && self.first != self.second && self.first <= 12
    }

    fn by(self, order: Order) -> Option<PartialDate> {
        let (day, month) = match order {
            Order::DayFirst => (self.first, self.second),
            Order::MonthFirst => (self.second, self.first),
        };
        PartialDate::ymd(self.year, month, day)
    }
}

/// What is to be settled once all is read.
struct Waiting {
    field: Field,
    date: Slashed,
    traveller: usize,
    document: usize,
    span: Span,
    written: String,
}

/// What the dates of a list tell of their order, and those that tell nothing themselves.
#[derive(Default)]
pub(super) struct Dates {
    told: Vec<(Field, Order)>,
    waiting: Vec<Waiting>,
    /// By the receiver's terms.
    month_first: Option<bool>,
}

impl Dates {
    /// With what the receiver's terms say.
    pub(super) fn by_terms(month_first: Option<bool>) -> Self {
        Self { month_first, ..Self::default() }
    }

    /// Takes note of what a date tells.
    pub(super) fn heard(&mut self, field: Field, date: Slashed) {
        if let Some(order) = date.order()
            && !self.told.contains(&(field, order))
        {
            self.told.push((field, order));
        }
    }

    /// Keeps a date of a traveller, or of one of their documents, until all is read.
    pub(super) fn wait(
        &mut self,
        (field, date): (Field, Slashed),
        (traveller, document): (usize, usize),
        (span, written): (Span, &str),
    ) {
        let written = written.to_owned();
        self.waiting.push(Waiting { field, date, traveller, document, span, written });
    }

    /// The one order of which those dates tell.
    fn one(&self, which: impl Fn(Field) -> bool) -> Result<Option<Order>, Several> {
        let mut orders = self.told.iter().filter(|(f, _)| which(*f)).map(|(_, order)| *order);
        let first = orders.next();
        match orders.all(|order| Some(order) == first) {
            true => Ok(first),
            false => Err(Several),
        }
    }

    /// The order in a column, and whether other dates of the list told it.
    fn order_of(&self, field: Field) -> Option<(Order, bool)> {
        let own = self.one(|f| f == field);
        let told = match own {
            Ok(None) => self.one(|_| true).ok().flatten(),
            Ok(order) => order,
            Err(Several) => None,
        };
        let agreed = || {
            let order = if self.month_first? { Order::MonthFirst } else { Order::DayFirst };
            Some((order, false))
        };
        told.map(|order| (order, true)).or_else(agreed)
    }

    /// Settles what waits: `put` takes the field, the traveller, their document and the date.
    pub(super) fn settle(
        self,
        sink: &mut Sink<'_>,
        mut put: impl FnMut(Field, (usize, usize), PartialDate),
    ) {
        let mut said: Vec<Field> = Vec::new();
        for w in &self.waiting {
            let order = self.order_of(w.field);
            let whole = order.and_then(|(order, _)| w.date.by(order));
            let date = whole.unwrap_or_else(|| PartialDate::year(w.date.year));
            put(w.field, (w.traveller, w.document), date);
            let code = match order {
                None => codes::DATE_ORDER,
                Some((_, true)) if !said.contains(&w.field) => {
                    said.push(w.field);
                    codes::DATE_ORDER_TOLD
                }
                Some(_) => continue,
            };
            let mut finding = Finding::new(code, w.span, w.written.as_str());
            finding.traveller = Some(w.traveller);
            sink.push(finding);
        }
    }
}

/// Dates of one list have both orders.
struct Several;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_over_twelve_tells_the_order_and_no_other_does() {
        let order = |text| Slashed::read(text).and_then(Slashed::order);
        assert_eq!(order("25/10/1988"), Some(Order::DayFirst));
        assert_eq!(order("10/25/1988"), Some(Order::MonthFirst));
        for text in ["03/04/1988", "25/25/1988", "1988/03/04", "3/4", "3/4/88", "0/4/1988", ""] {
            assert_eq!(order(text), None, "{text}");
        }
        assert!(Slashed::read("03/04/1988").is_some_and(Slashed::is_ambiguous));
        assert!(!Slashed::read("05/05/1988").is_some_and(Slashed::is_ambiguous));
    }
}
