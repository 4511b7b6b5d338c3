//! CUSRES, ACKRES and CONTRL on any bytes; what was read of a CUSRES is written and read again.
#![no_main]

use edifact::Mode;
use libfuzzer_sys::fuzz_target;
use messages::{Outgoing, cusres};
use passerelle_fuzz::{enveloped, read_and_answer, today};

fuzz_target!(|bytes: &[u8]| {
    for kind in ["CUSRES:D:05B:UN:IATA", "ACKRES:11:1:IA", "CONTRL:D:4:UN"] {
        read_and_answer(&enveloped(kind, bytes));
    }
    let bytes = enveloped("CUSRES:D:05B:UN:IATA", bytes);
    let _ = edifact::contrl::reports(&bytes);
    let (interchange, _) = edifact::read(&bytes, Mode::Tolerant);
    for message in interchange.messages() {
        let said = cusres::read(message, today());
        let out = Outgoing {
            sender: "GBR".into(),
            recipient: "TK".into(),
            reference: "R1".into(),
            message_reference: "M1".into(),
            made_at: jiff::civil::datetime(2026, 3, 1, 9, 0, 0, 0),
            test: false,
            release: "05B".into(),
        };
        let written = cusres::write(&said, &out);
        let (again, _) = edifact::read(&written, Mode::Tolerant);
        let again = cusres::read(&again.messages()[0], today());
        assert_eq!(again.outcomes.len(), said.outcomes.len());
    }
});
