//! Writing a PNRGOV: identity, documents, itinerary and locator of each booking.

use jiff::civil::Date;
use travel::{
    Booking, DocumentKind, Flight, Function, Kind, Leg, LocalTime, PartialDate, Report, Status,
    TravelDocument, Traveller,
};

use crate::answer::Outgoing;
use crate::output::Output;
use crate::text::{self, Century};

/// One interchange with one PNRGOV that says what `report` says.
///
/// Reading it back gives the report again, as far as it holds identity, documents (the
/// date of issue of visas only), contacts, itinerary, seats and locators. Travellers
/// without a booking share one without a locator.
pub fn write(report: &Report, out: &Outgoing) -> Vec<u8> {
    let mut w = Output::open(out, "PNRGOV");
    let (version, release) = out.release.split_once(':').unwrap_or((&out.release, "1"));
    w.segment("UNH", &[&[&out.message_reference], &["PNRGOV", version, release, "IA"]]);
    let function = if report.function == Function::Full { "22" } else { "141" };
    w.segment("MSG", &[&["", function]]);
    w.segment("ORG", &[&[&out.sender]]);
    for flight in &report.flights {
        let leg = whole(flight);
        write_leg(&mut w, flight, &leg);
    }
    let loose = report.travellers.iter().any(|t| t.booking.is_none());
    let bookings = report.bookings.len() + usize::from(loose);
    let stated = report.stated_bookings.map_or(bookings, |stated| stated as usize);
    w.segment("EQN", &[&[&stated.to_string()]]);
    let today = out.made_at.date();
    let mut members = vec![Vec::new(); bookings];
    for t in &report.travellers {
        let at = t.booking.map_or(bookings.saturating_sub(1), |b| b as usize);
        if let Some(list) = members.get_mut(at) {
            list.push(t);
        }
    }
    let none = Booking::default();
    for (i, people) in members.iter().enumerate() {
        write_booking(&mut w, report.bookings.get(i).unwrap_or(&none), people, today);
    }
    w.close()
}

/// The flight as one leg, from its first airport to its last: TVL has room for no more.
fn whole(flight: &Flight) -> Leg {
    let (from, to) = flight.ends();
    Leg {
        from: from.into(),
        to: to.into(),
        departs: flight.legs.first().and_then(|l| l.departs),
        arrives: flight.legs.last().and_then(|l| l.arrives),
    }
}

fn write_leg(w: &mut Output, flight: &Flight, leg: &Leg) {
    let (from_day, from_hour) = day_and_hour(leg.departs);
    let (to_day, to_hour) = day_and_hour(leg.arrives);
    w.segment(
        "TVL",
        &[
            &[&from_day, &from_hour, &to_day, &to_hour],
            &[&leg.from],
            &[&leg.to],
            &[&flight.carrier],
            &[&flight.number],
        ],
    );
}

fn day_and_hour(time: Option<LocalTime>) -> (String, String) {
    time.map_or_else(Default::default, |t| {
        (t.0.strftime("%d%m%y").to_string(), t.0.strftime("%H%M").to_string())
    })
}

fn write_booking(w: &mut Output, b: &Booking, people: &[&Traveller], today: Date) {
    w.segment("SRC", &[]);
    let made = b.made.and_then(PartialDate::whole);
    let made = made.map_or_else(String::new, |d| d.strftime("%d%m%y").to_string());
    if !b.locator.is_empty() || !made.is_empty() {
        w.segment("RCI", &[&[&b.carrier, &b.locator, "", &made]]);
    }
    match (&b.agency, b.cancelled) {
        (_, true) => w.segment("ORG", &[]),
        (Some(agency), _) => w.segment("ORG", &[&[agency]]),
        (None, _) => {}
    }
    for contact in &b.contacts {
        w.segment("ADD", &[&[""], &["700", &contact.text]]);
    }
    for payment in &b.payments {
        w.segment("FOP", &[&[payment]]);
    }
    for (i, t) in people.iter().enumerate() {
        write_traveller(w, t, &(i + 1).to_string(), today);
    }
    for (i, flight) in b.itinerary.iter().enumerate() {
        for leg in &flight.legs {
            write_leg(w, flight, leg);
        }
        write_progress(w, b, i);
    }
    let checked_in = people.iter().enumerate().filter(|(_, t)| has_checked_in(t));
    for (i, t) in checked_in {
        check_in(w, t, &(i + 1).to_string(), b.itinerary.is_empty());
    }
    for other in &b.split {
        let (carrier, locator) = other.split_once(' ').unwrap_or(("", other));
        w.segment("EQN", &[&["1"]]);
        w.segment("RCI", &[&[carrier, locator]]);
    }
}

/// Who flies a flight of the itinerary, and whether it is confirmed. Of flights that bear one
/// number, the first has what is said of it first, and the last all that is left.
fn write_progress(w: &mut Output, b: &Booking, index: usize) {
    let flight = b.itinerary[index].name();
    let alike = |flights: &[Flight]| flights.iter().filter(|f| f.name() == flight).count();
    let before = alike(&b.itinerary[..index]);
    let last = alike(&b.itinerary[index + 1..]) == 0;
    let most = if last { usize::MAX } else { 1 };
    let shares = b.code_shares.iter().filter(|c| c.marketed == flight);
    for share in shares.skip(before).take(most) {
        match Flight::designator(&share.operated, None) {
            (carrier, number) if !carrier.is_empty() => {
                w.segment("TRA", &[&[&carrier], &[&number]]);
            }
            _ => w.segment("TRA", &[&[&share.operated]]),
        }
    }
    let own = b.confirmations.iter().filter_map(|c| c.rsplit_once(' '));
    let own = own.filter(|(of, _)| *of == flight).skip(before).take(most);
    for (_, code) in own {
        w.segment("RPI", &[&["1"], &[code]]);
    }
}

/// Whether what is known of somebody is known of check-in. A seat alone is one that was
/// booked, when they are not said to have been there.
fn has_checked_in(t: &Traveller) -> bool {
    let bags = t.bags.weight_kg.is_some() || !t.bags.tags.is_empty();
    let came = !matches!(t.status, None | Some(Status::NoShow));
    bags || (came && t.seat.is_some())
}

fn check_in(w: &mut Output, t: &Traveller, number: &str, no_flight: bool) {
    if no_flight {
        w.segment("TVL", &[]);
    }
    w.segment("DAT", &[]);
    w.segment("TRI", &[&[""], &["", "", "", number]]);
    w.segment("TIF", &[&[&t.surname], &[&t.given, role(t), number]]);
    if let Some(seat) = &t.seat {
        w.segment("SSD", &[&[seat]]);
    }
    let bags = &t.bags;
    if bags.weight_kg.is_some() || !bags.tags.is_empty() {
        let text = |n: Option<u16>| n.map(|n| n.to_string()).unwrap_or_default();
        let (count, weight) = (text(bags.count), text(bags.weight_kg));
        let sum: &[&str] = &[&count, &weight, "700"];
        let tags: Vec<[&str; 3]> = bags.tags.iter().map(|tag| ["", tag.as_str(), "1"]).collect();
        let mut elements: Vec<&[&str]> = vec![&[""], sum, &[""], &[""]];
        elements.extend(tags.iter().map(|tag| &tag[..]));
        w.segment("TBD", &elements);
    }
}

fn role(t: &Traveller) -> &'static str {
    match t.kind {
        Kind::Infant => "IN",
        Kind::Unnamed | Kind::Removed => "G",
        _ => "A",
    }
}

fn write_traveller(w: &mut Output, t: &Traveller, number: &str, today: Date) {
    w.segment("TIF", &[&[&t.surname], &[&t.given, role(t), number]]);
    for number in &t.frequent_flyer {
        let (airline, number) = number.split_once(' ').unwrap_or(("", number));
        w.segment("FTI", &[&[airline, number]]);
    }
    if let Some(reference) = &t.reference {
        w.segment("REF", &[&["", reference]]);
    }
    let words = match t.status {
        Some(Status::GoShow) => "GO SHOW",
        Some(Status::NoShow) => "NO SHOW",
        Some(Status::Boarded) => "BOARDED",
        Some(Status::NotBoarded) => "NOT BOARDED",
        Some(Status::CheckedIn) => "CHECKED IN",
        None => "",
    };
    if !words.is_empty() {
        w.segment("IFT", &[&["4", "63"], &[words]]);
    }
    if let Some(count) = t.bags.count {
        w.segment("EBD", &[&[""], &[&count.to_string(), "", "N"]]);
    }
    documents(w, t, number, today);
    if let Some(seat) = t.seat.as_ref().filter(|_| !has_checked_in(t)) {
        w.segment("SSR", &[&["SEAT", "HK", "1"], &[seat, "", number]]);
    }
    for contact in &t.contacts {
        w.segment("ADD", &[&[""], &["700", &contact.text]]);
    }
    for ticket in &t.tickets {
        w.segment("TKT", &[&[ticket, "T", "1"]]);
    }
}

fn documents(w: &mut Output, t: &Traveller, number: &str, today: Date) {
    for document in &t.documents {
        ssr(w, "DOCS", &docs(t, Some(document), today), number);
        // DOCS has no place for the day of issue; of a visa, DOCO has.
        if let (DocumentKind::Visa, Some(issued)) = (document.kind, document.issued) {
            let issuer = document.issuer.map(|c| c.code().to_owned()).unwrap_or_default();
            let issued = dmmmy(issued, Century::Near, today);
            let text = format!("//V/{}//{issued}/{issuer}", field(&document.number));
            ssr(w, "DOCO", &text, number);
        }
    }
    let known = t.birth_date.is_some() || t.nationality.is_some() || t.sex != travel::Sex::Unknown;
    if t.documents.is_empty() && known {
        ssr(w, "DOCS", &docs(t, None, today), number);
    }
    if let Some(place) = &t.birth_place {
        ssr(w, "DOCO", &format!("/{}", field(place)), number);
    }
    if let Some(country) = t.residence {
        ssr(w, "DOCA", &format!("/R/{country}"), number);
    }
}

fn ssr(w: &mut Output, code: &str, text: &str, number: &str) {
    let blank = "";
    let first: &[&str] = &[code, "HK", "1", blank, blank, blank, blank, blank, text];
    w.segment("SSR", &[first, &["", "", number]]);
}

fn docs(t: &Traveller, document: Option<&TravelDocument>, today: Date) -> String {
    let country = |c: Option<travel::Country>| c.map(|c| c.code().to_owned()).unwrap_or_default();
    let day = |d: Option<PartialDate>, century| d.map(|d| dmmmy(d, century, today));
    let (kind, issuer, number, expires) = match document {
        Some(d) => (text::document_code(d.kind), country(d.issuer), d.number.as_str(), d.expires),
        None => ("", String::new(), "", None),
    };
    let sex = match (text::sex_code(t.sex), t.kind) {
        ("U", _) => String::new(),
        (code @ ("M" | "F"), Kind::Infant) => format!("{code}I"),
        (code, _) => code.to_owned(),
    };
    format!(
        "/{kind}/{issuer}/{}/{}/{}/{sex}/{}/{}/{}",
        field(number),
        country(t.nationality),
        day(t.birth_date, Century::Past).unwrap_or_default(),
        day(expires, Century::Near).unwrap_or_default(),
        field(&t.surname),
        field(&t.given),
    )
}

/// A field's text: the slash separates fields and cannot stand in one.
fn field(text: &str) -> String {
    text.replace('/', " ")
}

/// `DDMMMYY`; with four digits of the year when two would be misread; digits alone, with
/// zeros, when only a part is known.
fn dmmmy(date: PartialDate, century: Century, today: Date) -> String {
    let Some(whole) = date.whole() else {
        return format!(
            "{:04}{:02}{:02}",
            date.year,
            date.month.unwrap_or(0),
            date.day.unwrap_or(0)
        );
    };
    let short = whole.strftime("%d%b%y").to_string().to_uppercase();
    if text::date_dmmmy(&short, century, today) == Some(date) {
        short
    } else {
        whole.strftime("%d%b%Y").to_string().to_uppercase()
    }
}
