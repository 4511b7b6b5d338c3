//! JSON in which a key may stand twice in one object. Parsers differ in which of the two they
//! believe, so that two readers of one text could see two different people: it is a fault,
//! with its place. The first counts, whatever comes behind it; lists under one key are put
//! together, so that nobody who stands in one of them is lost.

use std::{collections::HashSet, fmt};

use edifact::Span;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, map::Entry};

/// A value that keeps the first of two members with one key.
pub(super) struct Once(pub(super) Value);

/// The value of a text.
pub(super) fn parse(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str::<Once>(text).map(|Once(value)| value)
}

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Parts).map(Once)
    }
}

struct Parts;

impl<'de> Visitor<'de> for Parts {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Once(value)) = parts.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Once(value))) = parts.next_entry::<String, Once>()? {
            match object.entry(key) {
                Entry::Vacant(place) => drop(place.insert(value)),
                Entry::Occupied(mut known) => {
                    if let (Value::Array(all), Value::Array(more)) = (known.get_mut(), value) {
                        all.extend(more);
                    }
                }
            }
        }
        Ok(Value::Object(object))
    }
}

/// Where each key stands that its object has had before. The text is JSON as far as it goes.
pub(super) fn repeated_keys(source: &str) -> Vec<Span> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    // The keys of each open object; a list has none.
    let mut open: Vec<Option<HashSet<String>>> = Vec::new();
    let (mut at, mut awaits_key) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = end_of_text(bytes, at);
                if let (true, Some(Some(keys))) = (awaits_key, open.last_mut()) {
                    let span = Span { start: at, end };
                    let key = source.get(at..end).and_then(|key| serde_json::from_str(key).ok());
                    if key.is_some_and(|key: String| !keys.insert(key)) {
                        found.push(span);
                    }
                    awaits_key = false;
                }
                at = end;
                continue;
            }
            b'{' => {
                open.push(Some(HashSet::new()));
                awaits_key = true;
            }
            b'[' => open.push(None),
            b'}' | b']' => drop(open.pop()),
            b',' => awaits_key = matches!(open.last(), Some(Some(_))),
            _ => {}
        }
        at += 1;
    }
    found
}

/// One past the quote that ends the text that begins at `at`.
fn end_of_text(bytes: &[u8], at: usize) -> usize {
    let mut i = at + 1;
    while let Some(byte) = bytes.get(i) {
        match byte {
            b'\\' => i += 1,
            b'"' => return i + 1,
            _ => {}
        }
        i += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn twice(source: &str) -> Vec<(usize, &str)> {
        repeated_keys(source).iter().map(|s| (s.start, &source[s.start..s.end])).collect()
    }

    #[test]
    fn the_first_of_two_counts_and_the_second_has_its_place() {
        let source = r#"{"a":1,"b":{"a":2,"\u0061":3},"a":[4],"c":["a","a"]}"#;
        assert_eq!(parse(source).unwrap(), json!({"a":1,"b":{"a":2},"c":["a","a"]}));
        assert_eq!(twice(source), [(18, r#""\u0061""#), (30, r#""a""#)]);
    }

    #[test]
    fn nobody_in_a_list_under_a_key_that_comes_twice_is_lost() {
        let source = r#"{"travellers":[1],"x":"\"}{,","travellers":[2,3]}"#;
        assert_eq!(parse(source).unwrap()["travellers"], json!([1, 2, 3]));
        assert_eq!(twice(source).len(), 1);
    }

    fn value() -> impl Strategy<Value = Value> {
        let plain = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ -~\u{e9}\u{1f600}]{0,6}".prop_map(Value::from),
        ];
        plain.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-d\"\\\\]{1,2}", inner), 0..4)
                    .prop_map(|all| Value::Object(all.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_has_no_key_twice_is_read_as_any_parser_does(value in value()) {
            for text in [value.to_string(), format!("{value:#}")] {
                prop_assert_eq!(repeated_keys(&text), []);
                prop_assert_eq!(parse(&text).unwrap(), value.clone());
            }
        }
    }
}
