//! What the guides of states say to any bytes, and to any bytes as the body of a PAXLST; and
//! that reading by a guide loses nobody.
#![no_main]

use edifact::Mode;
use libfuzzer_sys::fuzz_target;
use messages::Terms;
use messages::dialect::{self, DIALECTS};
use passerelle_fuzz::{enveloped, today};

fuzz_target!(|bytes: &[u8]| {
    let body = enveloped("PAXLST:D:05B:UN:IATA", bytes);
    for bytes in [bytes, &body[..]] {
        let plain = messages::read(bytes, Mode::Tolerant, today());
        for guide in DIALECTS {
            for finding in dialect::findings(bytes, Mode::Tolerant, guide.state) {
                assert!(finding.span.start <= finding.span.end && finding.span.end <= bytes.len());
                assert!(!finding.expected.is_empty());
            }
            let terms = Terms { dialect: Some(guide), ..Terms::default() };
            let read = messages::read_on(bytes, Mode::Tolerant, today(), &terms);
            let people = |r: &messages::Reading| -> usize {
                r.messages.iter().map(|m| m.report.travellers.len()).sum()
            };
            assert_eq!(people(&read), people(&plain));
        }
    }
});
