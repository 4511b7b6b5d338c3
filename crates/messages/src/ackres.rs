//! ACKRES: a state's answer to a PNRGOV. Without an error code the push was taken.

use edifact::Message;

use crate::answer::Outgoing;
use crate::output::Output;
use crate::text::few;

/// What an ACKRES says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ackres {
    /// MSG 1225: 23 is an acknowledgement.
    pub function: String,
    /// The push's common access reference (UNH 0068).
    pub access_reference: String,
    /// Error codes (ERC 9321); none when the push was taken.
    pub codes: Vec<String>,
    /// Texts for people (IFT).
    pub texts: Vec<String>,
}

/// Reads an ACKRES.
pub fn read(message: &Message<'_>) -> Ackres {
    let mut out = Ackres {
        access_reference: message.access_reference().unwrap_or("").to_owned(),
        ..Ackres::default()
    };
    for s in message.segments() {
        match &s.code() {
            b"MSG" => out.function = s.text(1, 2).into_owned(),
            b"ERC" => out.codes.push(s.text(1, 1).into_owned()),
            b"IFT" => {
                let words: Vec<_> = (2..=few(s.elements())).map(|e| s.text(e, 1)).collect();
                out.texts.push(words.join(" "));
            }
            _ => {}
        }
    }
    out
}

/// One interchange with one ACKRES; `out.release` is that of the push, `11:1`.
///
/// ```
/// use messages::{Outgoing, ackres};
/// # let out = Outgoing {
/// #     sender: "GBR".into(), recipient: "TK".into(), reference: "R1".into(),
/// #     message_reference: "M1".into(), made_at: jiff::civil::datetime(2026, 3, 1, 9, 0, 0, 0),
/// #     test: false, release: "17:1".into(),
/// # };
/// let said = ackres::Ackres {
///     function: "23".into(), codes: vec!["114".into()], texts: vec!["NO SUCH FLIGHT".into()],
///     ..Default::default()
/// };
/// let bytes = ackres::write(&said, &out);
/// let (interchange, faults) = edifact::read(&bytes, edifact::Mode::Strict);
/// assert!(faults.is_empty());
/// assert_eq!(ackres::read(&interchange.messages()[0]), said);
/// ```
pub fn write(ackres: &Ackres, out: &Outgoing) -> Vec<u8> {
    let mut w = Output::open(out, "PNRGOV");
    put(&mut w, &out.message_reference, &out.release, ackres);
    w.close()
}

/// Writes the message, `UNH` on.
pub(crate) fn put(w: &mut Output, reference: &str, release: &str, said: &Ackres) {
    let (version, release) = release.split_once(':').unwrap_or(("11", "1"));
    w.segment(
        "UNH",
        &[&[reference], &["ACKRES", version, release, "IA"], &[&said.access_reference]],
    );
    w.segment("MSG", &[&["", &said.function]]);
    for code in &said.codes {
        w.segment("ERC", &[&[code]]);
    }
    for text in &said.texts {
        w.segment("IFT", &[&["4"], &[text]]);
    }
}
