//! Tables: as they are, and as the rows below a header that is known, with each of the signs
//! that may part columns.
#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::read_and_answer;

const HEADER: &str = "surname;given;dob;sex;nat;doctype;docno;issuer;expiry;issued;pnr;seat;\
    flight;from;to;departs;arrives;tags;bags;meal;kind\n";

fuzz_target!(|bytes: &[u8]| {
    read_and_answer(bytes);
    let sign = [";", ",", "\t", "|"][bytes.len() % 4];
    read_and_answer(&[HEADER.replace(';', sign).as_bytes(), bytes].concat());
});
