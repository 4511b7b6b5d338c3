//! Submissions as bytes, in the releases that carriers use, some of them damaged.

use jiff::civil::DateTime;
use messages::Outgoing;
use travel::{Country, Dataset};

use crate::{Rng, Submission};

/// The message that the airline sends to `state`.
pub fn render(
    submission: &Submission,
    state: Country,
    position: u64,
    made_at: DateTime,
) -> Vec<u8> {
    let mut rng = Rng::new(position, 0x3E5D);
    let pnr = submission.report.dataset == Dataset::Pnr;
    let release = if pnr { "13:1" } else { rng.pick(&["02B", "05B", "12B", "15B", "15B"]) };
    let out = Outgoing {
        sender: submission.airline.code.to_owned(),
        recipient: state.code().to_owned(),
        reference: format!("{position:09}"),
        message_reference: "1".to_owned(),
        made_at,
        test: false,
        release: release.to_owned(),
    };
    let bytes = if pnr {
        messages::pnrgov::write(&submission.report, &out)
    } else {
        messages::paxlst::write(&submission.report, &out)
    };
    if pnr { bytes } else { damage(bytes, rng.below(24)) }
}

/// What goes wrong at real carriers: a wrong count, small letters, a segment of their own.
fn damage(bytes: Vec<u8>, how: u64) -> Vec<u8> {
    let Ok(text) = String::from_utf8(bytes.clone()) else { return bytes };
    match how {
        0 => miscounted(&text).into_bytes(),
        1 => small(&text).into_bytes(),
        2 => text.replacen("CNT+", "XQX+7+OWN:USE'CNT+", 1).into_bytes(),
        _ => bytes,
    }
}

/// UNT says one segment more than there are.
fn miscounted(text: &str) -> String {
    let Some(at) = text.find("UNT+").map(|i| i + 4) else { return text.to_owned() };
    let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
    let count: u32 = text[at..at + digits].parse().unwrap_or(0);
    format!("{}{}{}", &text[..at], count + 1, &text[at + digits..])
}

/// Names in small letters, tags as they must be.
fn small(text: &str) -> String {
    let lines = text.split_inclusive('\'');
    lines
        .map(|s| match s.split_once("NAD+FL") {
            Some((before, name)) => format!("{before}NAD+FL{}", name.to_ascii_lowercase()),
            None => s.to_owned(),
        })
        .collect()
}
