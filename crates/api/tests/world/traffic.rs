//! What carriers sent, and what screening raised from it.

use super::*;

const WATCHLIST: &str = "\
id,name,alias,birth_date,sex,nationality,documents,reason
SY-0117,Farid al-Khalidi,Fareed Alkhalidi|?Abu Samir,1979-03-11,M,SYR,PASSPORT:SYR:N00412877,Facilitates travel of foreign fighters (invented)
SY-0204,Ivan Sergeyevich Morozov,Иван Морозов|Iwan Morosow,1968-10-30,M,RUS,,Trafficking in firearms (invented)
SY-0311,Ngozi Okonkwo-Bright,,1985,F,NGA,,Financing of terrorism (invented)
SY-0406,Mehmet Yıldırım,Memet Yildirim,1990-01-05|1991,M,TUR,,Wanted for a violent robbery (invented)
SY-0512,Carlos Ruiz Medina,,1972-07-01,M,COL,,Trafficking in drugs (invented)
";

const CARRIERS: &[(&str, &str)] =
    &[("TK", "Turkish Airlines"), ("BA", "British Airways"), ("PC", "Pegasus")];

/// A list with a count that is wrong and a date of birth that is none.
const FAULTY: &str = "\
UNB+UNOA:4+TK+GBR+260301:0900+1++APIS'
UNH+1+PAXLST:D:05B:UN:IATA'
BGM+745'
TDT+20+TK1980+++TK'
LOC+125+IST'
DTM+189:2603011130:201'
LOC+87+LHR'
DTM+232:2603011330:201'
NAD+FL+++BLENKINSOP:AYSE'
ATT+2++F'
DTM+329:991300'
DOC+P+U1234567'
CNT+42:3'
UNT+12+1'
UNZ+1+1'
";

impl World {
    pub(super) fn carriers(&self) {
        for (id, name) in CARRIERS {
            let carrier = rows::Carrier {
                id: (*id).into(),
                name: (*name).into(),
                token_hash: Some(Digest::of(id.as_bytes()).to_string()),
                certificate: None,
                flights: String::new(),
                enabled: true,
                added_at: self.now - minutes(60 * 24 * 20),
            };
            let event = Event::CarrierAdded { carrier: (*id).into() };
            self.commit(vec![Change::Carrier(carrier)], vec![event]);
        }
    }

    /// What carriers sent with faults in it, one a week.
    pub(super) fn submissions(&self) {
        for n in 0..6i64 {
            let (id, carrier) = (uuid::Uuid::now_v7().to_string(), CARRIERS[n as usize % 2].0);
            let text = FAULTY.replace("BLENKINSOP", &format!("BLENKINSOP{n}"));
            let received_at = self.now - minutes(60 * 24 * 7 * n + 30);
            let day = received_at.to_zoned(TimeZone::UTC).date();
            let key = ("carrier", day);
            let seal =
                |what, plain: &[u8]| self.store.seal(key, (what, &id), plain, received_at).unwrap();
            let digest = Digest::of(text.as_bytes());
            let row = rows::Submission {
                carrier: carrier.into(),
                digest: digest.to_string(),
                received_at,
                bytes: text.len() as u64,
                scope: "carrier".into(),
                day,
                keep_until: day + jiff::ToSpan::days(180),
                original: seal("original", text.as_bytes()),
                status: if n == 4 { 422 } else { 200 },
                media_type: "text/plain".into(),
                answer: seal("answer", b"answer"),
                faults: 1 + n as u32 % 3,
                lists: 0,
                repeats: 0,
                id,
            };
            let event = Event::SubmissionReceived { submission: digest, bytes: row.bytes };
            self.commit(vec![Change::Submission(row)], vec![event]);
        }
    }

    pub(super) fn watchlist(&self) -> Index {
        let (list, _) =
            screening::read_list("national", "2026-11-20", WATCHLIST.as_bytes()).unwrap();
        let digest = Digest::of(WATCHLIST.as_bytes());
        let row = rows::WatchlistRow {
            name: "national".into(),
            version: "2026-11-20".into(),
            digest: digest.to_string(),
            entries: list.entries.len() as u64,
            file: "national.csv".into(),
            loaded_at: self.now - minutes(60 * 50),
        };
        let event = Event::WatchlistLoaded {
            watchlist: "national".into(),
            version: "2026-11-20".into(),
            digest,
            entries: row.entries,
        };
        self.commit(vec![Change::Watchlist(row)], vec![event]);
        Index::build(vec![list])
    }

    pub(super) fn flights(&self, index: &Index) {
        let listed = [
            (1, person("ALKHALIDI", "FARID", (1979, 3, 11), Sex::Male, "SYR", "N00412877")),
            (3, person("MOROZOV", "IVAN SERGEEVICH", (1968, 10, 30), Sex::Male, "RUS", "7315590")),
            (5, person("YILDIRIM", "MEHMET", (1990, 5, 1), Sex::Male, "TUR", "U1822340")),
            (8, person("OKONKWO BRIGHT", "NGOZI", (1985, 6, 19), Sex::Female, "NGA", "A0448201")),
        ];
        let routes =
            [("IST", "LHR"), ("LHR", "IST"), ("ESB", "LGW"), ("AYT", "MAN"), ("LHR", "AYT")];
        for i in 0..14i64 {
            let (from, to) = routes[i as usize % routes.len()];
            let carrier = CARRIERS[i as usize % CARRIERS.len()].0;
            let flight = flight(carrier, 1900 + i, (from, to), self.now + minutes(35 + i * 40));
            let extra: Vec<Traveller> =
                listed.iter().filter(|(n, _)| *n == i).map(|(_, t)| t.clone()).collect();
            let travellers = passengers(20 + i as usize * 3, i as usize, extra);
            self.list(flight, travellers, index, ("carrier", i));
        }
        let received = flight("TK", 1995, ("IST", "LHR"), self.now + minutes(300));
        self.list(received, passengers(40, 5, vec![listed[3].1.clone()]), index, ("TUR", 0));
    }

    /// Keeps and screens a list, received `hours` ago.
    pub(super) fn list(
        &self,
        flight: Flight,
        travellers: Vec<Traveller>,
        index: &Index,
        (origin, hours): (&str, i64),
    ) -> String {
        let received_at = self.now - minutes(5 + hours * 55);
        let report = Report {
            dataset: Dataset::Api,
            flights: vec![flight],
            travellers,
            bookings: vec![Booking {
                locator: "K7QX2M".into(),
                carrier: "TK".into(),
                travellers: 1,
                ..Booking::default()
            }],
            ..Report::default()
        };
        let admission = Admission {
            state: country("GBR"),
            permitted: ElementSet::ALL,
            received_at,
            must_touch: false,
        };
        let list = PassengerList::admit(report, &admission).unwrap();
        let id = uuid::Uuid::now_v7().to_string();
        let day = self.now.to_zoned(TimeZone::UTC).date();
        let sealed =
            self.store.seal((origin, day), ("list", &id), &list.encode(), self.now).unwrap();
        let flight = list.flight();
        let (from, to) = flight.ends();
        let row = rows::List {
            id: id.clone(),
            submission: None,
            parcel: None,
            origin: origin.into(),
            agreement: None,
            flight: flight.key(),
            carrier: flight.carrier.to_string(),
            number: flight.number.to_string(),
            origin_airport: from.into(),
            destination: to.into(),
            departs_at: flight.departs_at(),
            arrives_at: flight.arrives_at(),
            dataset: "api".into(),
            function: "full".into(),
            travellers: list.travellers().len() as u32,
            dropped: 0,
            received_at,
            keep_until: day + jiff::ToSpan::days(180),
            mask_due: None,
            leave_due: None,
            clock: "DF-03".into(),
            scope: origin.into(),
            day,
            remainder: Vec::new(),
            digest: Digest::of(&sealed).to_string(),
            sealed: sealed.clone(),
            screened_at: None,
            watchlists: None,
        };
        let departs_at = row.departs_at;
        let kept = Event::ListKept {
            list: id.clone(),
            submission: Digest::of(id.as_bytes()),
            digest: Digest::of(&sealed),
            travellers: list.travellers().len() as u64,
            key: format!("{origin}/{day}"),
            dropped: 0,
        };
        self.commit(vec![Change::List(row)], vec![kept]);
        self.screen(&id, &list, index, ((origin, day), departs_at));
        id
    }

    pub(super) fn screen(
        &self,
        id: &str,
        list: &PassengerList,
        index: &Index,
        (key, departs_at): ((&str, jiff::civil::Date), Option<Timestamp>),
    ) {
        let mut changes = Vec::new();
        let mut events = Vec::new();
        let hits = screening::screen(list, index).hits;
        let digest = Digest::of(WATCHLIST.as_bytes());
        let count = hits.len() as u64;
        for hit in hits {
            let hit_id = uuid::Uuid::now_v7().to_string();
            let sealed = self.store.seal(key, ("hit", &hit_id), &hit.encode(), self.now).unwrap();
            events.push(Event::HitRaised {
                hit: hit_id.clone(),
                list: id.into(),
                band: hit.band.name().into(),
                needs: if hit.band == screening::Band::Hit { 2 } else { 1 },
            });
            changes.push(Change::Hit(rows::HitRow {
                id: hit_id,
                list: id.into(),
                traveller: hit.traveller,
                watchlist: hit.entry.list.clone(),
                entry: hit.entry.id.clone(),
                entry_version: String::new(),
                pair: None,
                band: hit.band.name().into(),
                nats: hit.nats,
                state: "open".into(),
                raised_at: self.now - minutes(3),
                departs_at,
                disclosed_at: None,
                sealed,
            }));
        }
        changes.push(Change::Screened {
            list: id.into(),
            watchlists: digest.to_string(),
            at: self.now,
        });
        events.push(Event::Screened {
            list: id.into(),
            watchlists: digest,
            travellers: list.travellers().len() as u64,
            hits: count,
        });
        self.commit(changes, events);
    }
}
