//! JSON as it is written, with the place of everything, and what is wrong with it.
//!
//! Reading goes on behind every fault, from left to right and never back: a list that is
//! broken in one place names everybody else as well as before. What is evident is read so
//! (a comment, a comma too many, a text without quotes); a text whose quote nothing closes
//! ends with its line, or before the signs that part it from what comes next.

use std::borrow::Cow;
use std::collections::HashMap;

use edifact::Span;

/// A value, and where it stands.
pub(super) struct Node<'s> {
    pub(super) span: Span,
    pub(super) value: Value<'s>,
}

pub(super) enum Value<'s> {
    /// Nothing, or nothing that could be read.
    Null,
    Text(Cow<'s, str>),
    /// A number, a truth, or a text without quotes.
    Word(&'s str),
    List(Vec<Node<'s>>),
    Object(Vec<Member<'s>>),
}

pub(super) struct Member<'s> {
    pub(super) key: Cow<'s, str>,
    pub(super) at: Span,
    pub(super) value: Node<'s>,
}

impl<'s> Node<'s> {
    /// What a value says that is no list and no object.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Word(word) if !matches!(*word, "true" | "false") => Some(word),
            _ => None,
        }
    }

    pub(super) fn members(&self) -> &[Member<'s>] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }
}

/// What is wrong at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Flaw {
    /// Not of the standard, but evident.
    Loose,
    /// A quote that nothing closes, or one in the middle of a text.
    Quote,
    /// A comma or colon is missing.
    Comma,
    /// The key stood in its object before.
    Twice,
    /// What stands there is passed over.
    Broken,
    /// The text ends too early.
    Cut,
}

/// What a text holds.
pub(super) struct Tree<'s> {
    /// The values, one behind the other.
    pub(super) values: Vec<Node<'s>>,
    pub(super) flaws: Vec<(Flaw, Span)>,
    /// How many bytes were looked at more than once.
    #[cfg(test)]
    pub(super) again: usize,
}

/// Nested deeper than this is no list.
const DEEPEST: usize = 100;
/// So far signs are sought around the end of a line, in bytes.
const NEAR: usize = 256;
/// So many flaws are told.
const MOST_FLAWS: usize = 10_000;

/// Reads a text.
pub(super) fn read(source: &str) -> Tree<'_> {
    let mut reader = Reader::of(source);
    let mut values = Vec::new();
    loop {
        reader.blanks();
        match reader.byte() {
            None => break,
            Some(b'{' | b'[') => values.push(reader.value()),
            // Between the values of a stream there may be commas.
            Some(b',') => reader.at += 1,
            Some(_) => reader.skip(),
        }
    }
    Tree {
        values,
        flaws: reader.flaws,
        #[cfg(test)]
        again: reader.again,
    }
}

struct Reader<'s> {
    source: &'s str,
    at: usize,
    depth: usize,
    flaws: Vec<(Flaw, Span)>,
    /// Up to here, no quote (double, single; of a value, of a key) ends a text as it should.
    hopeless: [usize; 4],
    #[cfg(test)]
    again: usize,
}

impl<'s> Reader<'s> {
    fn of(source: &'s str) -> Self {
        Reader {
            source,
            at: 0,
            depth: 0,
            flaws: Vec::new(),
            hopeless: [0; 4],
            #[cfg(test)]
            again: 0,
        }
    }

    fn byte(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn flaw(&mut self, flaw: Flaw, start: usize, end: usize) {
        // The end of all is told once, however much is open there.
        let again = flaw == Flaw::Cut && self.flaws.last().is_some_and(|(f, _)| *f == flaw);
        let end = self.source.ceil_char_boundary(end.min(self.source.len()));
        if self.flaws.len() < MOST_FLAWS && !again {
            self.flaws.push((flaw, Span { start, end: end.max(start) }));
        }
    }

    /// Passes blanks and comments.
    fn blanks(&mut self) {
        let bytes = self.source.as_bytes();
        loop {
            self.at += blanks(&bytes[self.at..]);
            let (start, rest) = (self.at, &bytes[self.at..]);
            let end = match rest {
                [b'/', b'/', ..] => memchr::memchr2(b'\r', b'\n', rest),
                [b'/', b'*', ..] => memchr::memmem::find(rest, b"*/").map(|n| n + 2),
                _ => return,
            };
            self.at = end.map_or(bytes.len(), |n| start + n);
            self.flaw(Flaw::Loose, start, self.at);
        }
    }

    /// Passes over what belongs nowhere, up to what may be the next thing.
    fn skip(&mut self) {
        let start = self.at;
        let rest = &self.source.as_bytes()[start..];
        let stops = |b: &u8| matches!(b, b'{' | b'[' | b'}' | b']' | b',' | b'"' | b'\n');
        let first = 1 + rest.get(1..).unwrap_or_default().iter().take_while(|b| !stops(b)).count();
        self.at = start + first.min(rest.len());
        self.flaw(Flaw::Broken, start, self.at);
    }

    fn value(&mut self) -> Node<'s> {
        self.blanks();
        let start = self.at;
        let value = match self.byte() {
            Some(b'{' | b'[') if self.depth >= DEEPEST => self.too_deep(),
            Some(b'{') => self.object(),
            Some(b'[') => self.list(),
            Some(b'"') => self.text(false).map_or(Value::Null, Value::Text),
            Some(b'\'') => self.single(false).map_or_else(|| self.word(), Value::Text),
            None | Some(b',' | b'}' | b']' | b':') => {
                self.flaw(Flaw::Comma, start, (start + 1).min(self.source.len()));
                Value::Null
            }
            Some(_) => self.word(),
        };
        Node { span: Span { start, end: self.at.max(start) }, value }
    }

    /// Passes over what is nested too deep.
    fn too_deep(&mut self) -> Value<'s> {
        let (start, bytes) = (self.at, self.source.as_bytes());
        let (mut depth, mut in_text) = (0_usize, false);
        while let Some(byte) = bytes.get(self.at) {
            self.at += 1;
            match (byte, in_text) {
                (b'\\', true) => self.at += 1,
                (b'"', _) => in_text = !in_text,
                (b'{' | b'[', false) => depth += 1,
                (b'}' | b']', false) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        self.at = self.source.ceil_char_boundary(self.at.min(bytes.len()));
        self.flaw(Flaw::Broken, start, start + 1);
        Value::Null
    }

    fn list(&mut self) -> Value<'s> {
        let mut all = Vec::new();
        (self.at, self.depth) = (self.at + 1, self.depth + 1);
        let mut parted = true;
        loop {
            self.blanks();
            match self.byte() {
                None => {
                    self.flaw(Flaw::Cut, self.at, self.at);
                    break;
                }
                Some(b']') => {
                    self.trailing(parted && !all.is_empty());
                    self.at += 1;
                    break;
                }
                Some(b',') => parted = self.comma(parted),
                // The list was not closed; whoever is open around it was.
                Some(b'}') => {
                    self.flaw(Flaw::Comma, self.at, self.at + 1);
                    break;
                }
                Some(b':') => self.skip(),
                Some(_) => {
                    if !parted {
                        self.flaw(Flaw::Comma, self.at, self.at + 1);
                    }
                    let before = self.at;
                    all.push(self.value());
                    self.go_on(before);
                    parted = false;
                }
            }
        }
        self.depth -= 1;
        Value::List(all)
    }

    /// A comma; a second one parts nothing.
    fn comma(&mut self, parted: bool) -> bool {
        if parted {
            self.flaw(Flaw::Loose, self.at, self.at + 1);
        }
        self.at += 1;
        true
    }

    fn trailing(&mut self, parted: bool) {
        if parted {
            self.flaw(Flaw::Loose, self.at, self.at + 1);
        }
    }

    /// Whatever was read, something was.
    fn go_on(&mut self, before: usize) {
        if self.at == before {
            self.at = self.source.ceil_char_boundary((before + 1).min(self.source.len()));
        }
    }

    fn object(&mut self) -> Value<'s> {
        let mut all: Vec<Member<'s>> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        (self.at, self.depth) = (self.at + 1, self.depth + 1);
        let mut parted = true;
        loop {
            self.blanks();
            let start = self.at;
            match self.byte() {
                None => {
                    self.flaw(Flaw::Cut, start, start);
                    break;
                }
                Some(b'}') => {
                    self.trailing(parted && !all.is_empty());
                    self.at += 1;
                    break;
                }
                Some(b',') => parted = self.comma(parted),
                Some(b']') => {
                    self.flaw(Flaw::Comma, start, start + 1);
                    break;
                }
                // Somebody begins where a key should: the object before was not closed.
                Some(b'{') => {
                    self.flaw(Flaw::Comma, start, start + 1);
                    break;
                }
                Some(b':' | b'[') => self.skip(),
                Some(_) => {
                    if !parted {
                        self.flaw(Flaw::Comma, start, start + 1);
                    }
                    if let Some(member) = self.member() {
                        self.keep(member, &mut all, &mut known);
                    }
                    self.go_on(start);
                    parted = false;
                }
            }
        }
        self.depth -= 1;
        Value::Object(all)
    }

    fn member(&mut self) -> Option<Member<'s>> {
        let start = self.at;
        let key: Cow<'s, str> = match self.byte()? {
            b'"' => self.text(true).unwrap_or_default(),
            b'\'' => match self.single(true) {
                Some(text) => text,
                None => self.bare().into(),
            },
            _ => {
                let word = self.bare();
                self.flaw(Flaw::Loose, start, self.at);
                word.into()
            }
        };
        let at = Span { start, end: self.at };
        self.blanks();
        match self.byte() {
            Some(b':' | b'=') => self.at += 1,
            // A key alone, or a value without one: nothing that can be read.
            None | Some(b',' | b'}' | b']') => {
                self.flaw(Flaw::Broken, at.start, at.end);
                return None;
            }
            Some(_) => self.flaw(Flaw::Comma, self.at, self.at + 1),
        }
        Some(Member { key, at, value: self.value() })
    }

    /// Keeps a member: of two with one key the first, and of lists both.
    fn keep(
        &mut self,
        member: Member<'s>,
        all: &mut Vec<Member<'s>>,
        known: &mut HashMap<String, usize>,
    ) {
        let Some(first) = known.get(&*member.key).and_then(|at| all.get_mut(*at)) else {
            known.insert(member.key.to_string(), all.len());
            return all.push(member);
        };
        let of_people = super::people::is_of_people(&member.key);
        match (&mut first.value.value, member.value.value) {
            (Value::List(all), Value::List(more)) => all.extend(more),
            (Value::List(all), value @ Value::Object(_)) => {
                all.push(Node { span: member.value.span, value });
            }
            (one, value @ (Value::Object(_) | Value::List(_))) if of_people => {
                let before =
                    Node { span: first.value.span, value: std::mem::replace(one, Value::Null) };
                let more = match value {
                    Value::List(more) => more,
                    value => vec![Node { span: member.value.span, value }],
                };
                *one = Value::List(std::iter::once(before).chain(more).collect());
            }
            _ => {}
        }
        self.flaw(Flaw::Twice, member.at.start, member.at.end);
    }

    /// Whether what stands at a place ends a value, or a key.
    fn ends(&self, at: usize, key: bool) -> bool {
        let rest = &self.source.as_bytes()[at..];
        match rest.get(blanks(rest)) {
            Some(b':') => key,
            Some(b',' | b'}' | b']') => !key,
            next => next.is_none() && !key,
        }
    }

    /// A text in quotes; `None` where the end of all came first.
    fn text(&mut self, key: bool) -> Option<Cow<'s, str>> {
        let (open, bytes) = (self.at, self.source.as_bytes());
        let (mut at, mut broken_lines) = (open + 1, false);
        loop {
            let Some(n) = memchr::memchr3(b'"', b'\\', b'\n', &bytes[at.min(bytes.len())..]) else {
                self.at = bytes.len();
                self.flaw(Flaw::Quote, open, open + 1);
                return None;
            };
            at += n;
            match bytes[at] {
                b'\\' => at += 2,
                b'\n' if self.ends_with_line(open, at) => {
                    let end = self.before_signs(open + 1, at).unwrap_or(at);
                    return Some(self.unclosed(open, end));
                }
                b'\n' => (at, broken_lines) = (at + 1, true),
                _ => break,
            }
        }
        if !self.ends(at + 1, key) {
            if let Some(end) = self.before_signs(open + 1, at) {
                return Some(self.unclosed(open, end));
            }
            if bytes.get(at + 1).is_some_and(|b| !b.is_ascii() || b.is_ascii_alphanumeric())
                && let Some(end) = self.later_quote(b'"', at + 1, key)
            {
                self.flaw(Flaw::Quote, at, at + 1);
                at = end;
            }
        }
        self.at = at + 1;
        if broken_lines {
            self.flaw(Flaw::Loose, open, open + 1);
        }
        Some(unescaped(&self.source[open + 1..at]))
    }

    fn unclosed(&mut self, open: usize, end: usize) -> Cow<'s, str> {
        self.flaw(Flaw::Quote, open, open + 1);
        self.at = end;
        unescaped(self.source[open + 1..end].trim_end())
    }

    /// Whether a text ends with its line: signs that part values stand at its end, or the next
    /// line begins with some.
    fn ends_with_line(&self, open: usize, end: usize) -> bool {
        let rest = &self.source.as_bytes()[end..];
        let rest = &rest[..rest.len().min(NEAR)];
        self.before_signs(open + 1, end).is_some()
            || matches!(rest.get(blanks(rest)), Some(b'"' | b'}' | b']' | b'{'))
    }

    /// Where the signs begin with which a stretch ends, if these part values.
    fn before_signs(&self, start: usize, end: usize) -> Option<usize> {
        let stretch = &self.source.as_bytes()[start.max(end.saturating_sub(NEAR))..end];
        let sign = |b: &u8| matches!(b, b',' | b':' | b'{' | b'}' | b'[' | b']');
        let signs = |b: &&u8| sign(b) || b.is_ascii_whitespace();
        let count = stretch.iter().rev().take_while(signs).count();
        let run = &stretch[stretch.len() - count..];
        let first = run.iter().position(sign)?;
        Some(end - count + first)
    }

    /// A quote later in the line that ends a text as it should.
    fn later_quote(&mut self, quote: u8, from: usize, key: bool) -> Option<usize> {
        let known = 2 * usize::from(quote == b'\'') + usize::from(key);
        if from < self.hopeless[known] {
            return None;
        }
        let rest = &self.source.as_bytes()[from..];
        let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let mut quotes = memchr::memchr_iter(quote, &rest[..line]);
        let found = quotes.find(|n| self.ends(from + n + 1, key));
        if found.is_none() {
            self.hopeless[known] = from + line;
        }
        #[cfg(test)]
        {
            self.again += if found.is_none() { line } else { 0 };
        }
        found.map(|n| from + n)
    }

    /// A text in single quotes.
    fn single(&mut self, key: bool) -> Option<Cow<'s, str>> {
        let open = self.at;
        let end = self.later_quote(b'\'', open + 1, key)?;
        self.flaw(Flaw::Loose, open, end + 1);
        self.at = end + 1;
        Some(self.source[open + 1..end].into())
    }

    /// What stands without quotes up to a sign.
    fn bare(&mut self) -> &'s str {
        let start = self.at;
        let rest = &self.source.as_bytes()[start..];
        let stops = |b: &u8| {
            matches!(b, b',' | b':' | b'=' | b'{' | b'}' | b'[' | b']' | b'"' | b'\r' | b'\n')
        };
        self.at = start + rest.iter().take_while(|b| !stops(b)).count();
        self.source[start..self.at].trim_end()
    }

    /// A number, a truth, nothing, or a text without quotes.
    fn word(&mut self) -> Value<'s> {
        let start = self.at;
        let rest = &self.source.as_bytes()[start..];
        let stops = |b: &u8| matches!(b, b',' | b'{' | b'}' | b'[' | b']' | b'"' | b'\r' | b'\n');
        self.at = start + rest.iter().take_while(|b| !stops(b)).count();
        let word = self.source[start..self.at].trim_end();
        let number = || word.parse::<f64>().is_ok() && word.len() < 40;
        if word == "null" {
            return Value::Null;
        }
        if !(matches!(word, "true" | "false") || number()) {
            // A quote behind it would have closed the text.
            let closed = self.byte() == Some(b'"') && self.ends(self.at + 1, false);
            self.flaw(if closed { Flaw::Quote } else { Flaw::Loose }, start, start + word.len());
            self.at += usize::from(closed);
        }
        Value::Word(word)
    }
}

/// Where a text begins behind blanks and comments.
pub(super) fn behind_comments(source: &str) -> usize {
    let mut reader = Reader::of(source);
    reader.blanks();
    reader.at
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// A text without what releases signs in it.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let plain = text.replace(['\n', '\r', '\t'], " ");
    let whole = serde_json::from_str(&format!("\"{plain}\""));
    whole.map_or_else(|_| text.replace('\\', "").into(), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// As another parser has it.
    fn plain(node: &Node<'_>) -> serde_json::Value {
        match &node.value {
            Value::Null => serde_json::Value::Null,
            Value::Text(text) => text.as_ref().into(),
            Value::Word(word) => serde_json::from_str(word).unwrap_or_else(|_| json!(word)),
            Value::List(all) => all.iter().map(plain).collect(),
            Value::Object(all) => {
                let members = all.iter().map(|m| (m.key.to_string(), plain(&m.value)));
                serde_json::Value::Object(members.collect())
            }
        }
    }

    fn first(text: &str) -> (serde_json::Value, Vec<(Flaw, &str)>) {
        let tree = read(text);
        let flaws = tree.flaws.iter().map(|(flaw, s)| (*flaw, &text[s.start..s.end])).collect();
        (tree.values.first().map_or(json!(null), plain), flaws)
    }

    #[test]
    fn what_is_evident_is_read_and_told() {
        let smith = json!({"a": "SMITH", "b": "JOHN"});
        let of_text = |text: &str| first(text).0;
        for text in [
            r#"{"a":"SMITH",/* x */"b":"JOHN",} // y"#,
            r#"{a: SMITH, 'b': 'JOHN'}"#,
            r#"{"a":"SMITH" "b":"JOHN"}"#,
            r#"{"a":"SMITH,"b":"JOHN"}"#,
            "{\"a\":\"SMITH,\n\"b\":\"JOHN\"}",
            "{\"a\":\"SMITH\n,\"b\":\"JOHN\"}",
            r#"{"a:"SMITH","b":"JOHN"}"#,
            r#"{"a":SMITH","b":"JOHN"}"#,
            "{\"a\":\"SMITH\",\"b\":\"JOHN}\n",
        ] {
            assert_eq!(of_text(text), smith, "{text}");
            assert!(!first(text).1.is_empty(), "{text}");
        }
        assert_eq!(
            of_text(r#"{"a":"ANN "NAN" MAY","b":1}"#),
            json!({"a": "ANN \"NAN\" MAY", "b": 1})
        );
        assert_eq!(of_text(r#"[{"a":"X},{"a":"Y"}]"#), json!([{"a": "X"}, {"a": "Y"}]));
        assert_eq!(
            of_text("{\"a\":\"12 High St\nLondon\",\"b\":1}"),
            json!({"a": "12 High St\nLondon", "b": 1})
        );
    }

    #[test]
    fn the_place_of_a_quote_that_nothing_closes_is_told() {
        assert_eq!(first(r#"{"a":"SMITH,"b":"JOHN"}"#).1, [(Flaw::Quote, "\"")]);
        let cut = read("[{\"a\":\"SMITH\"},{\"a\":\"J");
        assert!(cut.flaws.iter().any(|(flaw, _)| *flaw == Flaw::Cut));
        assert_eq!(plain(&cut.values[0]), json!([{"a": "SMITH"}, {"a": null}]));
    }

    #[test]
    fn the_first_of_two_counts_and_lists_are_put_together() {
        let (value, flaws) = first(
            r#"{"a":1,"b":{"a":2,"\u0061":3},"a":[4],"pax":{"c":1},"pax":{"c":2},"l":[1],"l":[2]}"#,
        );
        assert_eq!(value, json!({"a": 1, "b": {"a": 2}, "pax": [{"c": 1}, {"c": 2}], "l": [1, 2]}));
        let twice: Vec<&str> = flaws.iter().map(|(_, text)| *text).collect();
        assert_eq!(twice, [r#""\u0061""#, r#""a""#, r#""pax""#, r#""l""#]);
    }

    #[test]
    fn no_text_is_looked_at_again_and_again() {
        for piece in [
            "\"a",
            "\"a\"",
            "'a",
            "{\"a\":",
            "[",
            "{\"a\":\"b",
            "\"a\":1,",
            "a\"b'",
            "\\\"",
            "/*",
            ",,",
        ] {
            let text = piece.repeat(20_000);
            for text in [format!("{{{text}"), format!("[{text}"), format!("[\"x\",\n{text}")] {
                let again = read(&text).again;
                assert!(again <= 3 * text.len(), "{piece}: {again} of {}", text.len());
            }
        }
    }

    fn value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            "[ -~\u{e9}\u{1f600}]{0,6}".prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
                prop::collection::vec(("[a-d\"\\\\]{1,2}", inner), 0..4)
                    .prop_map(|all| serde_json::Value::Object(all.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_without_a_fault_is_read_as_any_parser_does(value in value()) {
            let value = json!([value]);
            for text in [value.to_string(), format!("{value:#}")] {
                let (read, flaws) = first(&text);
                prop_assert_eq!(flaws, []);
                prop_assert_eq!(read, value.clone());
            }
        }

        #[test]
        fn every_place_lies_inside(text in "[{}\\[\\]\",:'a\\\\ \n/*é0]{0,60}") {
            let tree = read(&text);
            for (_, span) in tree.flaws {
                prop_assert!(text.get(span.start..span.end).is_some());
            }
        }
    }
}
