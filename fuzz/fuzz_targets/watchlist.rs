//! `screening::read_list` on any bytes; what was read is indexed.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok((list, findings)) = screening::read_list("fuzz", "1", bytes) else { return };
    for finding in &findings {
        assert!(!finding.text.is_empty());
    }
    let entries = list.entries.len();
    let index = screening::Index::build(vec![list]);
    assert!(index.len() <= entries);
});
