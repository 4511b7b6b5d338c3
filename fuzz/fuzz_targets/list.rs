//! `travel::PassengerList::decode` and `screening::Hit::decode` on any bytes; what was
//! decoded is encoded again, to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use travel::PassengerList;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(list) = PassengerList::decode(bytes) {
        let encoded = list.encode();
        let again = PassengerList::decode(&encoded).expect("what was encoded can be decoded");
        assert_eq!(again.encode(), encoded);
        let _ = list.to_report();
    }
    if let Ok(hit) = screening::Hit::decode(bytes) {
        let encoded = hit.encode();
        let again = screening::Hit::decode(&encoded).expect("what was encoded can be decoded");
        assert_eq!(again.encode(), encoded);
    }
});
