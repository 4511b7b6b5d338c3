//! PNRGOV in XML: as it is, as the content of a booking, and as that of a traveller in it, so
//! that every heading of the schema is met.
#![no_main]

use libfuzzer_sys::fuzz_target;
use passerelle_fuzz::read_and_answer;

const HEAD: &[u8] = b"<IATA_PNRGOV_NotifRQ Version=\"14.1\" Function=\"22\"><PNRs NumberOfPnrs=\"1\"><PNR>\
    <BookingRefID ID=\"K7XQ2M\"><CompanyName Code=\"ZZ\"/></BookingRefID>";
const TAIL: &[u8] = b"</PNR></PNRs></IATA_PNRGOV_NotifRQ>";

fuzz_target!(|bytes: &[u8]| {
    read_and_answer(bytes);
    read_and_answer(&[HEAD, bytes, TAIL].concat());
    let (open, close) = (b"<Passenger RPH=\"1\"><Surname>A</Surname>", b"</Passenger>");
    read_and_answer(&[HEAD, open, bytes, close, TAIL].concat());
});
