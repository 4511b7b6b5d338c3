//! The rows of the tables, as plain values.
//!
//! A row struct is what is written and what is read. Sealed columns are bytes here;
//! [`crate::Store`] opens them. `Debug` shows which table a row is of and nothing else: rows
//! hold officers' names, secrets' digests, and flights of people.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident : $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type),* }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

rows! {
    /// A carrier that may send lists.
    Carrier {
        /// Designator under which it sends: `TK`.
        id: String,
        /// Its name, for people.
        name: String,
        /// SHA-256 of its token, in hexadecimal.
        token_hash: Option<String>,
        /// Fingerprint of its client certificate.
        certificate: Option<String>,
        /// Designators of the flights that it may report besides its own, comma-separated;
        /// `*` for every carrier's.
        flights: String,
        /// Whether it may send now.
        enabled: bool,
        /// When it was added.
        added_at: Timestamp,
    }
    /// What a carrier sent, and what it was answered.
    Submission {
        /// UUIDv7.
        id: String,
        /// [`Carrier::id`].
        carrier: String,
        /// SHA-256 of its bytes, in hexadecimal.
        digest: String,
        /// When it arrived.
        received_at: Timestamp,
        /// How long the original is.
        bytes: u64,
        /// The scope of the key that seals original and answer.
        scope: String,
        /// The day of that key.
        day: Date,
        /// The first day on which original and answer must be gone.
        keep_until: Date,
        /// The sealed original.
        original: Vec<u8>,
        /// HTTP status of the answer.
        status: u16,
        /// Media type of the answer.
        media_type: String,
        /// The answer, sealed: it holds the carrier's references to travellers.
        answer: Vec<u8>,
        /// Faults and findings of severity warning and above.
        faults: u32,
        /// How many lists came of it.
        lists: u32,
        /// How often the same bytes came again.
        repeats: u32,
    }
    /// A kept list.
    List {
        /// UUIDv7.
        id: String,
        /// The submission of which it came, when a carrier sent it.
        submission: Option<String>,
        /// The parcel with which it came, when a partner sent it.
        parcel: Option<String>,
        /// `carrier`, or the state of the partner.
        origin: String,
        /// The agreement under which it came.
        agreement: Option<String>,
        /// [`travel::Flight::key`].
        flight: String,
        /// Carrier designator of the flight.
        carrier: String,
        /// Flight number.
        number: String,
        /// First airport.
        origin_airport: String,
        /// Last airport.
        destination: String,
        /// Scheduled departure.
        departs_at: Option<Timestamp>,
        /// Scheduled arrival.
        arrives_at: Option<Timestamp>,
        /// `api`, `crew`, `pnr`.
        dataset: String,
        /// `full`, `change` …
        function: String,
        /// How many travellers.
        travellers: u32,
        /// How many sensitive elements the door dropped.
        dropped: u32,
        /// When it arrived here.
        received_at: Timestamp,
        /// The first day on which it must be gone.
        keep_until: Date,
        /// The first day on which its identity must be masked, where that comes before.
        mask_due: Option<Date>,
        /// The first day on which those of its travellers must be gone whom nothing holds, where a
        /// law says so.
        leave_due: Option<Date>,
        /// The rules that set them: `CJ-08` or `UK-19 UK-21`.
        clock: String,
        /// The scope of the keys that seal it: all lists under one have the same clocks.
        scope: String,
        /// The day of those keys.
        day: Date,
        /// Its identity part, sealed; of an older store the whole list.
        sealed: Vec<u8>,
        /// The part that masking leaves, sealed.
        remainder: Vec<u8>,
        /// SHA-256 of the two sealed parts, one after the other.
        digest: String,
        /// When it was screened; `None` until then.
        screened_at: Option<Timestamp>,
        /// Digest over the watchlists that it was screened against.
        watchlists: Option<String>,
    }
    /// A part of a list, until all of them are one.
    PartRow {
        /// The series that it is of.
        series: String,
        /// Its number (UNH S010 0070).
        number: u32,
        /// Whether it says that it is the last.
        last: bool,
        /// Digest of the carrier, the kind of message and the common access reference, which
        /// several series may share one after the other.
        base: String,
        /// [`Submission::id`].
        submission: String,
        /// Index of the message in that submission, from 0.
        message: u32,
        /// When it came.
        received_at: Timestamp,
        /// When the series is not waited for any longer.
        due_at: Timestamp,
    }
    /// A hit.
    HitRow {
        /// UUIDv7.
        id: String,
        /// [`List::id`].
        list: String,
        /// Number of the traveller on the list, from 0.
        traveller: u32,
        /// Name of the watchlist.
        watchlist: String,
        /// Id of the entry.
        entry: String,
        /// Digest of what the list said of the entry; empty when that is not known.
        entry_version: String,
        /// Keyed digest of traveller and entry ([`crate::Store::pair`]).
        pair: Option<String>,
        /// `hit`, `possible`, `silent`.
        band: String,
        /// Evidence, in nats.
        nats: f64,
        /// `open`, `half`, `upheld`, `dismissed`.
        state: String,
        /// When screening raised it.
        raised_at: Timestamp,
        /// Departure of its flight.
        departs_at: Option<Timestamp>,
        /// When the pipeline had asked every partner's agreement about it.
        disclosed_at: Option<Timestamp>,
        /// The sealed hit with its explanation.
        sealed: Vec<u8>,
    }
    /// One officer's decision on a hit.
    DecisionRow {
        /// [`HitRow::id`].
        hit: String,
        /// 1 for the first, 2 for the second.
        ordinal: u32,
        /// Who.
        officer: String,
        /// `uphold` or `dismiss`.
        verdict: String,
        /// The reason, sealed.
        reason: Vec<u8>,
        /// When.
        at: Timestamp,
    }
    /// An officer's account.
    Officer {
        /// User name.
        id: String,
        /// Roles, comma-separated.
        roles: String,
        /// argon2id, in PHC form.
        password: String,
        /// Whether the account may sign in.
        enabled: bool,
        /// Failed tries since the last success.
        failed: u32,
        /// Until when no try is looked at.
        locked_until: Option<Timestamp>,
        /// When it was added.
        added_at: Timestamp,
    }
    /// A signed-in session.
    Session {
        /// SHA-256 of the token, in hexadecimal.
        token_hash: String,
        /// [`Officer::id`].
        officer: String,
        /// The token that every form carries.
        csrf: String,
        /// When it began.
        started_at: Timestamp,
        /// When it was last used.
        seen_at: Timestamp,
    }
    /// A partner state.
    Partner {
        /// ICAO code.
        state: String,
        /// Its name, for people.
        name: String,
        /// Where its node takes parcels.
        url: String,
        /// Its authority's certificate, PEM.
        authority: String,
        /// Fingerprint of the very certificate it shows.
        certificate: String,
        /// Its public keys, as crate `exchange` encodes them.
        keys: Vec<u8>,
        /// Whether anything is sent to it or taken from it.
        enabled: bool,
        /// When it was added.
        added_at: Timestamp,
        /// What it answered last, in words.
        last_answer: Option<String>,
        /// When.
        last_answer_at: Option<Timestamp>,
    }
    /// An agreement with its signatures.
    AgreementRow {
        /// Digest of the document, hexadecimal.
        id: String,
        /// The partner.
        partner: String,
        /// Version that the document names.
        version: u32,
        /// `policy::SignedAgreement`, CBOR.
        signed: Vec<u8>,
        /// `proposed` (a signature is missing), `in_force`, `suspended`, `ended`.
        status: String,
        /// Who suspended it.
        suspended_by: Option<String>,
        /// When the status changed last.
        changed_at: Timestamp,
    }
    /// What somebody did about an agreement.
    AgreementAct {
        /// [`AgreementRow::id`].
        agreement: String,
        /// When.
        at: Timestamp,
        /// Who.
        officer: String,
        /// `proposed`, `signed`, `accepted`, `suspended`, `resumed`, `ended`.
        act: String,
        /// Why, sealed under the key of that day; where a reason was given.
        reason: Option<Vec<u8>>,
    }
    /// Thresholds of a watchlist, in nats.
    ThresholdsRow {
        /// [`WatchlistRow::name`].
        watchlist: String,
        /// From here on one officer looks at a match.
        possible: f64,
        /// From here on two do.
        hit: f64,
        /// Who set them.
        set_by: String,
        /// When.
        set_at: Timestamp,
    }
    /// A parcel on its way out.
    Outgoing {
        /// UUIDv7.
        parcel: String,
        /// State of the partner.
        partner: String,
        /// Agreement, hexadecimal.
        agreement: String,
        /// Number in its stream.
        sequence: u64,
        /// `list` or `hit`.
        mode: String,
        /// The list of which it was made.
        list: String,
        /// The hit, in mode `hit`.
        hit: Option<String>,
        /// The elements that it carries, as bits of `travel::ElementSet`.
        elements: u32,
        /// SHA-256 of its bytes.
        digest: String,
        /// The parcel; gone once it is receipted and its clock has struck.
        bytes: Option<Vec<u8>>,
        /// `queued`, `receipted`, `refused`.
        status: String,
        /// How often it was sent.
        attempts: u32,
        /// When it may be sent next.
        not_before: Timestamp,
        /// When it was sealed.
        queued_at: Timestamp,
        /// When its receipt came.
        receipted_at: Option<Timestamp>,
        /// The partner's receipt.
        receipt: Option<Vec<u8>>,
    }
    /// A parcel that came in.
    Incoming {
        /// Its id.
        parcel: String,
        /// State of the partner.
        partner: String,
        /// Agreement, hexadecimal.
        agreement: String,
        /// Number in its stream.
        sequence: u64,
        /// `list` or `hit`.
        mode: String,
        /// SHA-256 of its bytes.
        digest: String,
        /// The list that was kept of it.
        list: Option<String>,
        /// `accepted` or `refused`.
        verdict: String,
        /// The receipt that was given, and is given again.
        receipt: Vec<u8>,
        /// When it came.
        received_at: Timestamp,
    }
    /// A request to a partner, or of one.
    RequestRow {
        /// The id of its parcel.
        id: String,
        /// State of the partner.
        partner: String,
        /// Whether this state asked.
        outgoing: bool,
        /// Agreement, hexadecimal.
        agreement: String,
        /// SHA-256 of the parcel's bytes, to which the answer is bound.
        digest: String,
        /// For what the answer is used.
        purpose: String,
        /// `api`, `crew`, `pnr`.
        dataset: String,
        /// What is asked for of a record, bits.
        elements: u32,
        /// In an emergency: until when it is to be decided on.
        answer_by: Option<Timestamp>,
        /// In an emergency: until when the asking state justifies it.
        justify_by: Option<Timestamp>,
        /// The officer who asked, where this state did.
        asked_by: Option<String>,
        /// When it was sealed, or came.
        at: Timestamp,
        /// The scope of the key that seals it.
        scope: String,
        /// The day of that key.
        day: Date,
        /// About whom, on what ground, why: sealed.
        sealed: Vec<u8>,
        /// What an officer here decided on it.
        outcome: Option<String>,
        /// Who.
        decided_by: Option<String>,
        /// When.
        decided_at: Option<Timestamp>,
        /// Why, sealed under the same key.
        reason: Option<Vec<u8>>,
        /// In an emergency: when it was justified.
        justified_at: Option<Timestamp>,
        /// By what statement, sealed under the same key.
        justification: Option<Vec<u8>>,
        /// When a person was told that the time for it had passed.
        late_at: Option<Timestamp>,
        /// When a person was told that it was not answered in its time.
        unanswered_at: Option<Timestamp>,
    }
    /// A parcel of an answer, given or received.
    AnswerRow {
        /// State of the partner.
        partner: String,
        /// [`RequestRow::id`].
        request: String,
        /// Which parcel of the answer, from 1.
        number: u32,
        /// Of how many.
        parts: u32,
        /// The parcel.
        parcel: String,
        /// The list of which it was made, or that was kept of it.
        list: Option<String>,
        /// What became of the request.
        outcome: String,
        /// The rules that decided, blanks between.
        rules: String,
        /// When.
        at: Timestamp,
    }
    /// A record that was replaced by the right one: a partner's here, or this state's there.
    CorrectionRow {
        /// State of the partner.
        partner: String,
        /// The parcel that corrects.
        parcel: String,
        /// The parcel that is corrected.
        earlier: String,
        /// Whether this state corrected what it had sent.
        outgoing: bool,
        /// What was corrected: `list` or `hit`.
        mode: String,
        /// Why, in one word.
        cause: String,
        /// The list that was wrong.
        replaced: String,
        /// The one in its place.
        list: String,
        /// Since when the wrong one was here.
        believed_from: Timestamp,
        /// When it was replaced: until then it was believed.
        at: Timestamp,
    }
    /// Travellers of whom a partner was told unasked, or of whom it told this state.
    TellingRow {
        /// State of the partner.
        partner: String,
        /// The parcel.
        parcel: String,
        /// Whether this state told.
        outgoing: bool,
        /// For what the receiver may use it.
        purpose: String,
        /// The list of which it was made, or that was kept of it.
        list: String,
        /// Who of the list, by number, blanks between.
        travellers: String,
        /// The officer who told, where this state did.
        told_by: Option<String>,
        /// When it was sealed, or came.
        at: Timestamp,
        /// The officer here who opened it first, where a partner told.
        seen_by: Option<String>,
        /// When.
        seen_at: Option<Timestamp>,
        /// On what ground and why, sealed.
        sealed: Vec<u8>,
    }
    /// A day of a stream: what its sender says that it carried, and what the receiver counts.
    DayTotal {
        /// State of the partner.
        partner: String,
        /// The parcel that brings it.
        parcel: String,
        /// The stream's agreement.
        agreement: String,
        /// Whether this state is the sender.
        outgoing: bool,
        /// The day, UTC, by the sender's clock.
        day: Date,
        /// The number of the first parcel that it counts.
        first_number: u64,
        /// That of the last.
        last_number: u64,
        /// What the sender says, signed.
        total: Vec<u8>,
        /// The receipt with what the receiver counts, signed.
        receipt: Option<Vec<u8>>,
        /// Whether both say the same; nothing while there is no count of the receiver.
        agrees: Option<bool>,
        /// When it was sealed, or came.
        at: Timestamp,
        /// When the receipt was made, or came.
        answered_at: Option<Timestamp>,
    }
    /// A parcel of a stream, as far as it is counted.
    CountedRow {
        /// Its number.
        sequence: u64,
        /// What it is.
        mode: String,
        /// SHA-256 of its bytes.
        digest: String,
        /// Of the outbox `queued`, `receipted`, `refused`; of the inbox `accepted`, `refused`.
        status: String,
        /// When it was sealed, or came.
        at: Timestamp,
    }
    /// A hit that a partner disclosed.
    ReceivedHit {
        /// UUIDv7.
        id: String,
        /// State of the partner.
        partner: String,
        /// The parcel.
        parcel: String,
        /// The list of one traveller that was kept of it.
        list: String,
        /// When it came.
        received_at: Timestamp,
        /// The officer who opened it first.
        seen_by: Option<String>,
        /// When.
        seen_at: Option<Timestamp>,
        /// The ground on which it came, sealed.
        sealed: Vec<u8>,
    }
    /// Something that was not sent, or not taken, and why.
    RefusalRow {
        /// When.
        at: Timestamp,
        /// State of the partner.
        partner: String,
        /// `list` or `hit`.
        mode: String,
        /// The list.
        list: Option<String>,
        /// The hit.
        hit: Option<String>,
        /// Rule ids, comma-separated.
        rules: String,
        /// `out` or `in`.
        direction: String,
    }
    /// Somebody opened a traveller's record.
    Opening {
        /// When.
        at: Timestamp,
        /// Who.
        officer: String,
        /// The list.
        list: String,
        /// The traveller.
        traveller: Option<u32>,
        /// Purpose, one of the law's.
        purpose: String,
        /// Why, in the officer's words, sealed.
        reason: Vec<u8>,
    }
    /// A watchlist that is loaded.
    WatchlistRow {
        /// Its name here.
        name: String,
        /// Version: what the publisher says, or the digest.
        version: String,
        /// SHA-256 of the file.
        digest: String,
        /// How many entries.
        entries: u64,
        /// File name in the node's folder of watchlists.
        file: String,
        /// When it was loaded.
        loaded_at: Timestamp,
    }
    /// A version of criteria.
    CriteriaRow {
        /// Its name.
        name: String,
        /// SHA-256 of the document: the version.
        digest: String,
        /// The document, TOML. It names nobody.
        document: String,
        /// The last day on which it may be used without being looked at again.
        review_by: Date,
        /// On how many stored lists it was tried.
        lists: u64,
        /// How many travellers stood on those.
        travellers: u64,
        /// How many of them met each criterion, in order, blanks between.
        met: String,
        /// Who proposed it.
        proposed_by: String,
        /// When.
        proposed_at: Timestamp,
        /// Who approved it: another.
        approved_by: Option<String>,
        /// When.
        approved_at: Option<Timestamp>,
        /// Who took it out of use; the node has no name when a later version did.
        withdrawn_by: Option<String>,
        /// When.
        withdrawn_at: Option<Timestamp>,
        /// Why, sealed.
        reason: Option<Vec<u8>>,
    }
    /// Something that a person has to look at.
    Alarm {
        /// Number.
        id: i64,
        /// When.
        at: Timestamp,
        /// The partner concerned.
        partner: Option<String>,
        /// One word.
        kind: String,
        /// A sentence.
        what: String,
        /// Who settled it.
        settled_by: Option<String>,
        /// When.
        settled_at: Option<Timestamp>,
        /// What it was, in that officer's words, sealed under the key of the day on which it
        /// was raised.
        reason: Option<Vec<u8>>,
    }
    /// A case: what may outlive the day on which a traveller came.
    CaseRow {
        /// Its id, as its authority names it.
        id: String,
        /// The day on which it was opened: with `case:` and the id the name of its key.
        day: Date,
        /// The legal ground, sealed.
        ground: Vec<u8>,
        /// Whether it is a hold: nobody is under suspicion, the record must stay as it is.
        hold: bool,
        /// Who opened it.
        opened_by: String,
        /// When.
        opened_at: Timestamp,
        /// The first day on which it must be gone.
        keep_until: Date,
        /// When it was closed before that.
        closed_at: Option<Timestamp>,
    }
    /// One traveller's record, copied to a case.
    CaseRecord {
        /// [`CaseRow::id`].
        case_id: String,
        /// [`List::id`].
        list: String,
        /// Number of the traveller on the list.
        traveller: u32,
        /// A list of that one traveller, sealed under the case's key.
        sealed: Vec<u8>,
        /// When it was copied.
        copied_at: Timestamp,
    }
    /// A request to unmask one list.
    Unmasking {
        /// Its id.
        id: String,
        /// [`List::id`].
        list: String,
        /// For which case.
        case_id: String,
        /// The key to which the authority seals its answer, under the node key; gone once
        /// it was used.
        secret: Option<Vec<u8>>,
        /// Who asked.
        asked_by: String,
        /// When.
        asked_at: Timestamp,
        /// When the list was opened.
        used_at: Option<Timestamp>,
    }
    /// Travellers of a list who were removed from it, or are to be.
    Removal {
        /// [`List::id`].
        list: String,
        /// The scope of the keys that had to go for it: those of the list, or of the message that
        /// brought it.
        scope: String,
        /// The day of those keys.
        day: Date,
        /// Their numbers on the list, as [`crate::numbers`] writes them.
        travellers: String,
        /// The rules that asked for it, blanks between.
        rules: String,
        /// The officer who ordered it; the node has no name.
        asked_by: Option<String>,
        /// When it was begun.
        begun_at: Timestamp,
        /// When those keys were destroyed.
        removed_at: Option<Timestamp>,
    }
    /// A pair of day keys, without the keys.
    DayKeyRow {
        /// What it is for: all lists under one scope have the same clocks.
        scope: String,
        /// The day.
        day: Date,
        /// Whether both keys can be opened.
        live: bool,
        /// When its identity key was taken away.
        masked_at: Option<Timestamp>,
        /// When it was marked as going over to new keys.
        going_at: Option<Timestamp>,
        /// When both were destroyed.
        erased_at: Option<Timestamp>,
        /// The first day on which it must be masked.
        mask_due: Option<Date>,
        /// The first day on which it must be gone.
        erase_due: Date,
    }
}

impl WatchlistRow {
    /// What the files of lists of documents end in.
    pub const DOCUMENTS: &str = ".documents";

    /// Whether documents are on it, and no persons.
    pub fn holds_documents(&self) -> bool {
        self.file.ends_with(Self::DOCUMENTS)
    }
}

impl AgreementAct {
    /// The day whose key seals the reason.
    pub fn day(&self) -> Date {
        self.at.to_zoned(TimeZone::UTC).date()
    }

    /// Under what the reason is sealed.
    pub fn name(&self) -> String {
        format!("{}/{}", self.agreement, self.at.as_microsecond())
    }
}

impl Alarm {
    /// The day whose key seals the reason: that on which it was raised.
    pub fn day(&self) -> Date {
        self.at.to_zoned(TimeZone::UTC).date()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_officer_and_no_secret() {
        let officer = Officer {
            id: "a.smith".into(),
            roles: "officer".into(),
            password: "$argon2id$".into(),
            enabled: true,
            failed: 0,
            locked_until: None,
            added_at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(format!("{officer:?}"), "Officer { .. }");
    }
}
