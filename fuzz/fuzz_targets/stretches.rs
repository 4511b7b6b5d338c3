//! What is read in pieces is what is read whole, wherever the pieces are cut: `check` reads
//! large files so. And a line that is broken in a segment is seen wherever it is cut.
#![no_main]

use edifact::{Breaks, Mode};
use libfuzzer_sys::fuzz_target;
use messages::{Format, Reading, Stream};
use passerelle_fuzz::{enveloped, today};

fuzz_target!(|bytes: &[u8]| {
    let Some((cut, bytes)) = bytes.split_first_chunk::<2>() else { return };
    let (chunk, stretch) = (1 + usize::from(cut[0]), 1 + usize::from(cut[1]) * 8);
    for bytes in [bytes.to_vec(), enveloped("PAXLST:D:05B:UN:IATA", bytes)] {
        let wrapped = edifact::straighten(&bytes).is_some();
        if let Some(mut breaks) = Breaks::of(&bytes)
            && !is_wide(&bytes)
        {
            let seen = bytes.chunks(chunk).fold(false, |_, piece| breaks.feed(piece));
            assert_eq!(seen, wrapped, "a break is one however the text is cut");
        }
        let whole = messages::read(&bytes, Mode::Tolerant, today());
        if whole.format == Format::Edifact && !wrapped {
            let mut stream = Stream::new(Mode::Tolerant, today()).gathering(stretch);
            let mut pieces = Vec::new();
            bytes.chunks(chunk).for_each(|piece| stream.feed(piece, |r| pieces.push(r)));
            stream.end(|r| pieces.push(r));
            assert_eq!(people(&pieces), people(&[whole]), "nobody is lost between two pieces");
        }
    }
});

/// UTF-16, which is not read in pieces.
fn is_wide(bytes: &[u8]) -> bool {
    bytes.iter().take(4).any(|b| matches!(b, 0 | 0xfe | 0xff))
}

fn people(readings: &[Reading]) -> usize {
    readings.iter().flat_map(|r| &r.messages).map(|m| m.report.travellers.len()).sum()
}
