//! An interchange being written: the envelope around, counts and references kept.

use edifact::{Separators, Writer};
use jiff::civil::DateTime;

use crate::Outgoing;

/// What stands in `UNB`, apart from the syntax identifier.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// Sender and its qualifier.
    pub(crate) sender: (String, String),
    /// Recipient and its qualifier.
    pub(crate) recipient: (String, String),
    pub(crate) made_at: DateTime,
    pub(crate) reference: String,
    pub(crate) application: String,
    pub(crate) test: bool,
}

/// Segments of one interchange. The syntax identifier is the narrowest repertoire that
/// holds what was written.
pub(crate) struct Output {
    head: Head,
    body: Writer,
    open: Option<(String, usize)>,
    messages: usize,
}

impl Output {
    /// An interchange for a message of ours.
    pub(crate) fn open(out: &Outgoing, application: &str) -> Self {
        Output::new(Head {
            sender: (out.sender.clone(), String::new()),
            recipient: (out.recipient.clone(), String::new()),
            made_at: out.made_at,
            reference: out.reference.clone(),
            application: application.to_owned(),
            test: out.test,
        })
    }

    pub(crate) fn new(head: Head) -> Self {
        Output { head, body: Writer::new(Separators::default()), open: None, messages: 0 }
    }

    /// Writes a segment; `UNH` closes the message before.
    pub(crate) fn segment(&mut self, tag: &str, elements: &[&[&str]]) {
        if tag == "UNH" {
            self.end_message();
            let reference = elements.first().and_then(|e| e.first()).map_or("", |r| *r);
            self.open = Some((reference.to_owned(), self.body.segments()));
            self.messages += 1;
        }
        self.body.segment(tag, elements);
    }

    fn end_message(&mut self) {
        if let Some((reference, first)) = self.open.take() {
            let count = self.body.segments() - first + 1;
            self.body.segment("UNT", &[&[&count.to_string()], &[&reference]]);
        }
    }

    /// The interchange.
    pub(crate) fn close(mut self) -> Vec<u8> {
        self.end_message();
        let body = self.body.finish();
        let h = &self.head;
        let padis = h.application == "PNRGOV";
        let (id, version) = match (repertoire(&body), padis) {
            ("UNOA", true) => ("IATA", "1"),
            ("UNOB", true) => ("IATB", "1"),
            (id, _) => (id, "4"),
        };
        let day = h.made_at.strftime("%y%m%d").to_string();
        let hour = h.made_at.strftime("%H%M").to_string();
        let mut w = Writer::new(Separators::default());
        w.advice();
        let test = if h.test { "1" } else { "" };
        w.segment(
            "UNB",
            &[
                &[id, version],
                &[&h.sender.0, &h.sender.1],
                &[&h.recipient.0, &h.recipient.1],
                &[&day, &hour],
                &[&h.reference],
                &[],
                &[&h.application],
                &[],
                &[],
                &[],
                &[test],
            ],
        );
        let mut out = w.finish();
        out.extend_from_slice(&body);
        let mut w = Writer::new(Separators::default());
        w.segment("UNZ", &[&[&self.messages.to_string()], &[&h.reference]]);
        out.extend_from_slice(&w.finish());
        out
    }
}

/// The narrowest syntax identifier for these bytes.
fn repertoire(body: &[u8]) -> &'static str {
    let a = |b: &u8| {
        b.is_ascii_uppercase() || b.is_ascii_digit() || b" .,-()/=!\"%&*;<>'+:?".contains(b)
    };
    if body.iter().all(a) {
        "UNOA"
    } else if body.is_ascii() {
        "UNOB"
    } else {
        "UNOW"
    }
}
