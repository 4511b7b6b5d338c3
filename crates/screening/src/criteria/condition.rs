//! One condition: a fact and a test of it, as an author writes it.
//!
//! ```text
//! condition = [ "not" ] truth | number ( "<" | "<=" | "=" | ">=" | ">" ) integer
//!           | place [ "not" ] "in" "[" code { "," code } "]"
//! ```

use travel::{Airport, Country, Text};

use super::{
    facts::{Fact, FactKind, Situation, Value},
    protected::protected,
};

#[derive(Clone, PartialEq, Eq, Debug)]
enum Test {
    Is(bool),
    Compares(Order, i64),
    Among { any: Vec<Text>, turned: bool },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

/// What a condition is for a traveller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Holds {
    Yes(String),
    No,
    NotKnown,
}

/// A condition on a fact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    fact: Fact,
    test: Test,
    written: String,
}

/// Why something is no condition.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ConditionError {
    /// A protected attribute, or what stands in for one.
    #[error("`{word}` may not be used ({rule}): it would decide by {what}")]
    Protected {
        /// The word.
        word: String,
        /// What is protected.
        what: &'static str,
        /// EU-07 or CJ-05.
        rule: &'static str,
    },
    /// No fact has that name.
    #[error("there is no fact called `{word}`; there are {}", names())]
    Unknown {
        /// The word.
        word: String,
    },
    /// The test does not go with the fact.
    #[error("`{fact}` is {}", wanted(*kind))]
    Mismatch {
        /// The fact.
        fact: &'static str,
        /// Its kind.
        kind: FactKind,
    },
    /// No such country or airport.
    #[error("`{0}` is no code that is known: countries have three letters, airports IATA's three")]
    NoPlace(String),
}

fn names() -> String {
    let names: Vec<&str> = Fact::ALL.iter().map(|f| f.name()).collect();
    names.join(", ")
}

fn wanted(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Truth => "so or not: write it alone, or `not` before it",
        FactKind::Number => "a number: write < <= = >= or > and a whole number after it",
        FactKind::Countries => "countries: write `in [TUR, SYR]` or `not in [TUR]` after it",
        FactKind::Airport => "an airport: write `in [IST, SAW]` or `not in [IST]` after it",
    }
}

impl Condition {
    /// Reads a condition.
    ///
    /// ```
    /// use screening::Condition;
    /// assert!(Condition::parse("booked_before <= 3").is_ok());
    /// let refused = Condition::parse("nationality in [XXA]").unwrap_err().to_string();
    /// assert!(refused.contains("CJ-05"));
    /// ```
    ///
    /// # Errors
    /// [`ConditionError`].
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        let text = text.trim();
        let (turned, rest) = match text.strip_prefix("not ") {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text),
        };
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.');
        let (word, test) = rest.split_at(end.unwrap_or(rest.len()));
        if let Some((what, rule)) = protected(word) {
            return Err(ConditionError::Protected { word: word.to_owned(), what, rule });
        }
        let fact =
            Fact::named(word).ok_or_else(|| ConditionError::Unknown { word: word.to_owned() })?;
        let test = match (fact.kind(), turned) {
            (FactKind::Truth, _) if test.trim().is_empty() => Some(Test::Is(!turned)),
            (FactKind::Number, false) => compares(test.trim()),
            (kind @ (FactKind::Countries | FactKind::Airport), false) => among(kind, test.trim())?,
            _ => None,
        };
        let test = test.ok_or(ConditionError::Mismatch { fact: fact.name(), kind: fact.kind() })?;
        Ok(Self { fact, test, written: text.to_owned() })
    }

    /// The fact that it is about.
    pub fn fact(&self) -> Fact {
        self.fact
    }

    /// As the author wrote it.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// What is not known accuses nobody and excuses nobody: it is said to be unknown.
    pub(super) fn holds(&self, situation: &Situation<'_>) -> Holds {
        let Some(value) = situation.value(self.fact) else { return Holds::NotKnown };
        let holds = match (&self.test, &value) {
            (Test::Is(wanted), Value::Truth(is)) => wanted == is,
            (Test::Compares(order, bound), Value::Number(n)) => match order {
                Order::Less => n < bound,
                Order::AtMost => n <= bound,
                Order::Equal => n == bound,
                Order::AtLeast => n >= bound,
                Order::More => n > bound,
            },
            (Test::Among { any, turned }, Value::Places(places)) => {
                places.iter().any(|p| any.contains(p)) != *turned
            }
            _ => false,
        };
        if holds { Holds::Yes(value.to_string()) } else { Holds::No }
    }
}

fn compares(test: &str) -> Option<Test> {
    const ORDERS: [(&str, Order); 5] = [
        ("<=", Order::AtMost),
        (">=", Order::AtLeast),
        ("<", Order::Less),
        (">", Order::More),
        ("=", Order::Equal),
    ];
    let (sign, order) = ORDERS.iter().find(|(sign, _)| test.starts_with(sign))?;
    Some(Test::Compares(*order, test[sign.len()..].trim().parse().ok()?))
}

fn among(kind: FactKind, test: &str) -> Result<Option<Test>, ConditionError> {
    let (turned, test) = match test.strip_prefix("not ") {
        Some(rest) => (true, rest.trim_start()),
        None => (false, test),
    };
    let listed = test
        .strip_prefix("in")
        .and_then(|t| t.trim_start().strip_prefix('['))
        .and_then(|t| t.strip_suffix(']'));
    let Some(listed) = listed else { return Ok(None) };
    let mut any = Vec::new();
    for code in listed.split(',').map(str::trim) {
        let known = match kind {
            FactKind::Airport => code.len() == 3 && Airport::find(code).is_some(),
            _ => Country::parse(code).is_some_and(travel::is_country_code),
        };
        if !known {
            return Err(ConditionError::NoPlace(code.to_owned()));
        }
        any.push(Text::from(code));
    }
    Ok(Some(Test::Among { any, turned }))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(lines: &[&str], expected: &Expect) {
        let read = |line: &&str| match Condition::parse(line) {
            Ok(condition) => format!("{line}: {}\n", condition.fact().words()),
            Err(e) => format!("{line}: {e}\n"),
        };
        let text: String = lines.iter().map(read).collect();
        expected.assert_eq(&text.replace(&names(), "…"));
    }

    #[test]
    fn what_is_no_condition_says_what_is_wrong() {
        let lines = [
            "minor",
            "not accompanied",
            "booked_before<=3",
            "to in [TUR, SYR]",
            "to_airport not in [IST]",
            "minor >= 3",
            "not bags <= 3",
            "bags",
            "bags <= many",
            "to in [TURKEY]",
            "to_airport in [QQQ]",
            "to TUR",
            "shoe_size > 45",
            "",
        ];
        check(
            &lines,
            &expect![[r#"
            minor: under 18 on the day of departure
            not accompanied: an adult is in the same booking
            booked_before<=3: days from booking to departure
            to in [TUR, SYR]: country in which the flight ends
            to_airport not in [IST]: airport where the flight ends
            minor >= 3: `minor` is so or not: write it alone, or `not` before it
            not bags <= 3: `bags` is a number: write < <= = >= or > and a whole number after it
            bags: `bags` is a number: write < <= = >= or > and a whole number after it
            bags <= many: `bags` is a number: write < <= = >= or > and a whole number after it
            to in [TURKEY]: `TURKEY` is no code that is known: countries have three letters, airports IATA's three
            to_airport in [QQQ]: `QQQ` is no code that is known: countries have three letters, airports IATA's three
            to TUR: `to` is countries: write `in [TUR, SYR]` or `not in [TUR]` after it
            shoe_size > 45: there is no fact called `shoe_size`; there are …
            : there is no fact called ``; there are …
        "#]],
        );
    }

    #[test]
    fn protected_attributes_and_what_stands_in_for_them_are_refused_with_the_rule() {
        let lines = ["nationality in [TUR]", "not sex", "meal", "traveller.religion", "age < 30"];
        check(
            &lines,
            &expect![[r#"
            nationality in [TUR]: `nationality` may not be used (CJ-05): it would decide by national and ethnic origin
            not sex: `sex` may not be used (CJ-05): it would decide by sex
            meal: `meal` may not be used (CJ-05): it would decide by religion and health, which a meal gives away
            traveller.religion: `traveller.religion` may not be used (EU-07): it would decide by religion
            age < 30: `age` may not be used (CJ-05): it would decide by age; `minor` is there to protect children
        "#]],
        );
    }
}
