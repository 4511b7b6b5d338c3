//! Machine-readable zones in any text: places lie inside, and what was read without a fault
//! is written as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::today;
use travel::mrz;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (zone, faults) = mrz::read(&text, today());
    for fault in &faults {
        assert!(fault.line > 0 && fault.column > 0 && !fault.to_string().is_empty());
    }
    let Some(zone) = zone else {
        return assert!(!faults.is_empty(), "what is no zone is said to be none");
    };
    let _ = (zone.kind(), zone.document());
    if faults.is_empty() {
        let written = mrz::write(&zone).expect("what has no fault can be written");
        let (again, _) = mrz::read(&written, today());
        assert!(again.as_ref() == Some(&zone), "what is written is read again");
    }
});
