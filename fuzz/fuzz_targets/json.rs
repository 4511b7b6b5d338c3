//! JSON: as it is, as the people of a list, as members of one person, and with whatever
//! stands behind a break.
#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::read_and_answer;

fuzz_target!(|bytes: &[u8]| {
    read_and_answer(bytes);
    read_and_answer(&[b"{\"flight\":{},\"travellers\":[", bytes, b"]}"].concat());
    read_and_answer(&[b"{\"crew\":[{\"surname\":\"A\",", bytes, b"}]}"].concat());
});
