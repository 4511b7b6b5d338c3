//! Tables and JSON: as they are, behind a header that is known, and as the people of a list.
#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::read_and_answer;

fuzz_target!(|bytes: &[u8]| {
    read_and_answer(bytes);
    let table: &[u8] = b"surname;given;dob;sex;nat;docno;expiry;flight;from;to;departs;tags\n";
    read_and_answer(&[table, bytes].concat());
    read_and_answer(&[b"{\"flight\":{},\"travellers\":[", bytes, b"]}"].concat());
});
