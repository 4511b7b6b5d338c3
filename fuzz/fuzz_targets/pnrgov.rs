//! `messages::read` and `answer` on any bytes, and on any bytes as the body of a
//! PNRGOV.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    passerelle_fuzz::read_and_answer(bytes);
    passerelle_fuzz::read_and_answer(&passerelle_fuzz::enveloped("PNRGOV:11:1:IA", bytes));
});
