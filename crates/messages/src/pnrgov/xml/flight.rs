//! `FlightLeg` and `Flight`: what flies, who flies it, and whether it is confirmed.

use quick_xml::events::BytesStart;
use travel::{CodeShare, Flight, Leg};

use super::Document;
use super::names::Said as Attribute;
use super::value::{attribute, time};
use crate::records::Field;
use crate::{codes, text};

/// What a `Flight` says of itself, until it ends: under which number it is sold, one of its
/// children tells.
#[derive(Default)]
pub(super) struct Said {
    status: String,
    operator: String,
    operating_number: String,
}

impl Document<'_> {
    /// A flight of the itinerary begins.
    pub(super) fn itinerary(&mut self, e: &BytesStart<'_>) {
        let flight = self.flight(e, "MarketingAirline");
        if let Some(b) = self.reader.report.bookings.last_mut() {
            b.itinerary.push(flight);
        }
        self.said = Said { status: attribute(e, "Status").unwrap_or_default(), ..Said::default() };
    }

    pub(super) fn operating(&mut self, e: &BytesStart<'_>) {
        if self.parent() == "Flight" {
            self.said.operator = self.one(e, Attribute::OperatingCarrier).to_uppercase();
            self.said.operating_number = self.one(e, Attribute::OperatingNumber);
        }
    }

    /// All of a flight is said.
    pub(super) fn close_flight(&mut self) {
        let Said { status, operator, operating_number } = std::mem::take(&mut self.said);
        let Some(booking) = self.reader.report.bookings.last_mut() else { return };
        let Some(flight) = booking.itinerary.last() else { return };
        let (name, same) = (flight.name(), operator == *flight.carrier);
        if !status.is_empty() {
            booking.confirmations.push(format!("{name} {status}").into());
        }
        if !operator.is_empty() && (!same || !operating_number.is_empty()) {
            let operated = format!("{operator}{operating_number}").into();
            if operated != name.as_str() {
                booking.code_shares.push(CodeShare { marketed: name.into(), operated });
            }
        }
    }

    /// A flight from attributes; its airports come as children.
    pub(super) fn flight(&mut self, e: &BytesStart<'_>, carrier: &str) -> Flight {
        for (name, field) in
            [("DepartureDateTime", Field::Departs), ("ArrivalDateTime", Field::Arrives)]
        {
            let written = attribute(e, name).filter(|t| !t.is_empty() && time(t).is_none());
            if let Some(written) = written {
                let mut finding = self.doubt(codes::TIME_INVALID, (field, &written));
                finding.traveller = None;
                self.reader.sink.push(finding);
            }
        }
        let carrier = attribute(e, carrier);
        let number = attribute(e, "FlightNumber").unwrap_or_default();
        let (carrier, number) = Flight::designator(&number, carrier.as_deref());
        let leg = Leg {
            departs: attribute(e, "DepartureDateTime").and_then(|t| time(&t)),
            arrives: attribute(e, "ArrivalDateTime").and_then(|t| time(&t)),
            ..Leg::default()
        };
        Flight { carrier, number, legs: [leg].into(), ..Flight::default() }
    }

    pub(super) fn flight_part(&mut self, e: &BytesStart<'_>) {
        let report = &mut self.reader.report;
        let flight = match self.path.last().map(String::as_str) {
            Some("FlightLeg") => report.flights.last_mut(),
            Some("Flight") => report.bookings.last_mut().and_then(|b| b.itinerary.last_mut()),
            _ => None,
        };
        let Some(flight) = flight else { return };
        let place = text::airport(&attribute(e, "LocationCode").unwrap_or_default());
        match (e.local_name().as_ref(), flight.legs.first_mut()) {
            ("DepartureAirport", Some(leg)) => leg.from = place,
            ("ArrivalAirport", Some(leg)) => leg.to = place,
            ("MarketingAirline", _) => {
                flight.carrier = attribute(e, "Code").unwrap_or_default().to_uppercase().into();
            }
            _ => {}
        }
    }
}
