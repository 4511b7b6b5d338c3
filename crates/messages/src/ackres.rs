//! ACKRES: a state's answer to a PNRGOV, as far as checking and tests read it.

use edifact::Message;

use crate::text::few;

/// What an ACKRES says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ackres {
    /// MSG 1225: 23 is an acknowledgement.
    pub function: String,
    /// Error codes (ERC 9321); none when the push was taken.
    pub codes: Vec<String>,
    /// Texts for people (IFT).
    pub texts: Vec<String>,
}

/// Reads an ACKRES.
pub fn read(message: &Message<'_>) -> Ackres {
    let mut out = Ackres::default();
    for s in message.segments() {
        match s.tag() {
            "MSG" => out.function = s.text(1, 2).into_owned(),
            "ERC" => out.codes.push(s.text(1, 1).into_owned()),
            "IFT" => {
                let words: Vec<_> = (2..=few(s.elements())).map(|e| s.text(e, 1)).collect();
                out.texts.push(words.join(" "));
            }
            _ => {}
        }
    }
    out
}
