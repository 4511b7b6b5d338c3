//! The kinds of event: one table, from which the type, its CBOR form, the console's
//! words and `docs/events.md` are made.
//!
//! Numbers are for ever: a kind or field that is no longer written keeps its number.
//! Fields are numbered from 0 in the order in which they stand; new ones go last and
//! are optional.

use minicbor::{Decoder, decode};

use crate::{
    Digest, Pseudonym,
    field::{Field, Out},
};

/// One row of the table of events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kind {
    /// Its number in the CBOR form.
    pub number: u32,
    /// Its name: `list_kept`.
    pub name: &'static str,
    /// What it says, in a sentence.
    pub sentence: &'static str,
    /// The names of its fields, in order.
    pub fields: &'static [&'static str],
}

impl Kind {
    /// The row of that name.
    pub fn named(name: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|k| k.name == name)
    }
}

macro_rules! events {
    ($($number:literal $name:literal $variant:ident { $($(#[$fdoc:meta])* $field:ident : $type:ty),* $(,)? } $sentence:literal;)*) => {
        /// What happened. Ids, digests, counts and pseudonyms only, never a person.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum Event {
            $(#[doc = $sentence] $variant { $($(#[$fdoc])* #[doc = concat!("`", stringify!($field), "`")] $field: $type),* },)*
        }

        /// Every kind of event.
        pub const KINDS: &[Kind] = &[$(Kind {
            number: $number, name: $name, sentence: $sentence, fields: &[$(stringify!($field)),*],
        }),*];

        impl Event {
            /// The name of its kind: `list_kept`.
            pub fn kind(&self) -> &'static str {
                match self { $(Event::$variant { .. } => $name,)* }
            }

            pub(crate) fn number(&self) -> u32 {
                match self { $(Event::$variant { .. } => $number,)* }
            }

            /// Its fields by name, written for people; absent ones are left out.
            pub fn fields(&self) -> Vec<(&'static str, String)> {
                match self { $(Event::$variant { $($field),* } => {
                    #[allow(unused_mut)]
                    let mut shown = Vec::new();
                    $(if !$field.absent() { shown.push((stringify!($field), $field.show())); })*
                    shown
                })* }
            }

            #[allow(unused_assignments, unused_variables, unused_mut)]
            pub(crate) fn write_fields(&self, out: &mut Out) {
                match self { $(Event::$variant { $($field),* } => {
                    let mut present = 0u64;
                    $(if !$field.absent() { present += 1; })*
                    out.map(present).expect("writing to memory cannot fail");
                    let mut key = 0u32;
                    $(if !$field.absent() {
                        out.u32(key).expect("writing to memory cannot fail");
                        $field.write(out);
                    }
                    key += 1;)*
                })* }
            }

            #[allow(unused_assignments, unused_variables, unused_mut)]
            pub(crate) fn read_fields(number: u32, d: &mut Decoder<'_>) -> Result<Event, decode::Error> {
                match number {
                    $($number => {
                        let mut left = d.map()?.ok_or_else(|| decode::Error::message("map of indefinite length"))?;
                        let mut next = next_key(&mut left, d)?;
                        let mut key = 0u32;
                        $(let $field = if next == Some(key) {
                            let value = <$type as Field>::read(d)?;
                            next = next_key(&mut left, d)?;
                            value
                        } else {
                            <$type as Field>::missing()
                                .ok_or_else(|| decode::Error::message(concat!($name, ": no ", stringify!($field))))?
                        };
                        key += 1;)*
                        match next {
                            None => Ok(Event::$variant { $($field),* }),
                            Some(_) => Err(decode::Error::message(concat!($name, ": a field too many"))),
                        }
                    })*
                    _ => Err(decode::Error::message("an event of an unknown kind")),
                }
            }
        }
    };
}

fn next_key(left: &mut u64, d: &mut Decoder<'_>) -> Result<Option<u32>, decode::Error> {
    if *left == 0 {
        return Ok(None);
    }
    *left -= 1;
    d.u32().map(Some)
}

events! {
    // The node and its keys.
    1 "node_started" NodeStarted { version: String, config: Digest }
        "The node started, with this version and this configuration.";
    2 "node_stopped" NodeStopped {}
        "The node stopped as it was told to.";
    3 "config_changed" ConfigChanged { config: Digest }
        "The configuration was changed; the digest is that of the new one.";
    4 "key_made" KeyMade { key: String }
        "A key was made.";
    5 "key_destroyed" KeyDestroyed { key: String, reason: String }
        "A key was destroyed; what it sealed can no longer be read by anybody.";

    // Who may do what.
    10 "carrier_added" CarrierAdded { carrier: String }
        "A carrier was admitted to send lists.";
    11 "partner_added" PartnerAdded { partner: String, keys: Digest }
        "A partner state was added, with the digest of its public keys.";
    12 "officer_added" OfficerAdded { officer: String, role: String }
        "An officer was given an account and a role.";
    13 "officer_removed" OfficerRemoved { officer: String }
        "An officer's account was closed.";
    14 "signed_in" SignedIn {}
        "An officer signed in.";
    15 "sign_in_failed" SignInFailed { account: Pseudonym, reason: String }
        "An attempt to sign in was turned away.";
    16 "signed_out" SignedOut {}
        "An officer signed out.";
    17 "carrier_removed" CarrierRemoved { carrier: String }
        "A carrier may no longer send lists.";
    18 "password_changed" PasswordChanged { officer: String }
        "An officer's password was changed.";
    19 "carrier_flights" CarrierFlights { carrier: String, flights: String }
        "It was set whose flights a carrier may report besides its own; * is everybody's.";

    // From a carrier's message to a screened list.
    20 "watchlist_loaded" WatchlistLoaded { watchlist: String, version: String, digest: Digest, entries: u64 }
        "A version of a watchlist was loaded and is screened against from now on.";
    72 "documents_loaded" DocumentsLoaded { watchlist: String, version: String, source: Digest, digest: Digest, entries: u64, added: u64, removed: u64 }
        "A version of a list of documents was loaded and is screened against from now on; source is the digest of the file it was read from, digest that of the list as it is held.";
    70 "thresholds_set" ThresholdsSet { watchlist: String, possible: String, hit: String, appear: u64, vanish: u64 }
        "The thresholds of a watchlist were set, in nats, after it was shown how many stored alerts would appear or vanish.";
    71 "hunted" Hunted { part: String, key: String, watchlists: Digest, lists: u64, hits: u64 }
        "A part of the lake, of that many lists, was compared with the watchlists of this digest; so many alerts are on them, and the lists that have one were screened again by themselves.";
    21 "submission_received" SubmissionReceived { submission: Digest, bytes: u64 }
        "A carrier's message arrived; the digest is that of its bytes.";
    22 "submission_rejected" SubmissionRejected { submission: Digest, reason: String, faults: u64 }
        "A carrier's message was no list for this node and was answered so.";
    23 "submission_repeated" SubmissionRepeated { submission: Digest }
        "A message that was here already arrived again and got the same answer.";
    24 "list_kept" ListKept { list: String, submission: Digest, digest: Digest, travellers: u64, key: String, dropped: u64 }
        "A list was sealed and kept; the digest is that of its sealed form.";
    25 "screened" Screened { list: String, watchlists: Digest, travellers: u64, hits: u64 }
        "A list was screened against the watchlists of this digest.";
    26 "hit_raised" HitRaised { hit: String, list: String, band: String, needs: u32 }
        "Screening raised a hit; that many officers have to uphold it.";

    27 "hit_known" HitKnown { list: String, hit: String, state: String }
        "A list shows what that hit tells already, and nothing about it has changed; no second hit was raised.";
    28 "rescreened" Rescreened { list: String, watchlists: Digest, hits: u64 }
        "A kept list was screened again, against the watchlists of this digest.";
    29 "part_held" PartHeld { submission: Digest, series: String, number: u64, parts: u64 }
        "A part of a list, or several from that number on, was kept; the others are awaited.";

    // What people did about it.
    30 "decision_made" DecisionMade { hit: String, ordinal: u32, verdict: String, reason: Digest }
        "An officer decided on a hit, as the first or the second; the digest is that of the reason.";
    31 "hit_upheld" HitUpheld { hit: String, officers: u32 }
        "A hit was upheld by as many different officers as it needed.";
    32 "hit_dismissed" HitDismissed { hit: String }
        "A hit was dismissed.";
    38 "pair_cleared" PairCleared { hit: String, until: String }
        "What that dismissed hit compared is not raised again until that day, unless the entry or the traveller's data change.";
    33 "record_opened" RecordOpened { list: String, traveller: Option<u32>, purpose: String }
        "Somebody opened a list, or one traveller of it, for a purpose.";
    34 "searched" Searched { purpose: String, query: Pseudonym, found: u64 }
        "Somebody searched; the query is a pseudonym.";
    35 "case_opened" CaseOpened { case: String, hit: Option<String> }
        "A case was opened and the traveller's record copied to it.";
    36 "case_closed" CaseClosed { case: String }
        "A case was closed.";
    37 "exported" Exported { what: String, digest: Digest, purpose: String }
        "Something was taken out of the node as a file.";
    39 "submission_opened" SubmissionOpened { submission: Digest }
        "Somebody opened what a carrier sent, to see what is wrong with it.";

    // Agreements.
    40 "agreement_proposed" AgreementProposed { agreement: Digest, partner: String }
        "An agreement was proposed to, or by, a partner.";
    41 "agreement_signed" AgreementSigned { agreement: Digest, party: String }
        "A party signed an agreement.";
    42 "agreement_accepted" AgreementAccepted { agreement: Digest, partner: String }
        "An agreement signed by both parties is in force here from its first day on.";
    43 "agreement_suspended" AgreementSuspended { agreement: Digest, by: String, reason: Option<Digest> }
        "A party suspended an agreement; nothing leaves under it. The digest is that of the reason.";
    44 "agreement_resumed" AgreementResumed { agreement: Digest, by: String, reason: Option<Digest> }
        "A party took back its suspension of an agreement; the digest is that of the reason.";

    // Permit, disclosure, exchange.
    50 "permitted" Permitted { list: String, partner: String, agreement: Digest, mode: String, elements: u32, rules: Vec<String>, hit: Option<String> }
        "The rules named let these elements go to a partner.";
    51 "refused" Refused { list: String, partner: String, mode: String, rules: Vec<String>, hit: Option<String> }
        "The rules named kept something from going to a partner.";
    52 "parcel_queued" ParcelQueued { parcel: String, partner: String, agreement: Digest, sequence: u64, digest: Digest, mode: String, elements: u32, list: String, hit: Option<String> }
        "A parcel was sealed and put into the outbox.";
    53 "parcel_sent" ParcelSent { parcel: String, partner: String, attempt: u32 }
        "A parcel was handed to the partner's node.";
    54 "receipt_received" ReceiptReceived { parcel: String, partner: String, receipt: Digest }
        "The partner's signed receipt for a parcel arrived and is valid.";
    55 "parcel_received" ParcelReceived { parcel: String, partner: String, agreement: Digest, sequence: u64, digest: Digest, mode: String, list: Option<String> }
        "A partner's parcel was opened, checked, kept and receipted.";
    56 "parcel_refused" ParcelRefused { partner: String, digest: Digest, reason: String, rules: Vec<String>, parcel: Option<String> }
        "A partner's parcel was refused.";
    57 "parcel_repeated" ParcelRepeated { parcel: String, partner: String, digest: Digest }
        "A parcel that was here already came again and got the same receipt.";
    58 "checkpoint_witnessed" CheckpointWitnessed { partner: String, size: u64, root: Digest }
        "A partner's checkpoint was seen and is consistent with the last one seen.";
    59 "stream_resumed" StreamResumed { partner: String, agreement: Digest, sequence: u64, alarm: String, reason: Digest }
        "A person let a partner's stream, stopped by that alarm, go on with the parcel of that number.";

    // What must be looked at, and what is forgotten.
    60 "alarm" Alarm { alarm: String, subject: String, digest: Option<Digest> }
        "Something happened that must not: a person has to look at it.";
    61 "masked" Masked { key: String, lists: u64 }
        "The identity part of a day was masked.";
    62 "unmasked" Unmasked { list: String, case: String, authority: String }
        "One list was unmasked on the word of the independent authority.";
    63 "erased" Erased { key: String, lists: u64, rules: Vec<String>, travellers: Vec<String> }
        "The keys of a day were destroyed; the rules named demanded it. Where travellers are named, by list and numbers, they alone are gone, and the others are under the day's next keys.";
    103 "sealed_anew" SealedAnew { list: String, digest: Digest, key: String }
        "A list was sealed anew under the next keys of its day, without who is removed from it; the digest is that of its sealed form from now on.";
    69 "removal_begun" RemovalBegun { key: String, rules: Vec<String>, travellers: Vec<String> }
        "These travellers, by list and numbers, are to go before their day does; the rules named demanded it, and the day goes over to new keys.";
    64 "held" Held { subject: String, case: String, until: String }
        "Deletion of a record was stopped for a case, until that day.";
    65 "alarm_settled" AlarmSettled { alarm: u64, reason: Digest }
        "A person looked at an alarm, counted by its position, and settled it.";
    66 "unmasking_asked" UnmaskingAsked { list: String, case: String }
        "An officer asked the independent authority to let one masked list be opened.";
    67 "backed_up" BackedUp { digest: Digest, size: u64 }
        "The store was copied, without a key, when the log had that size.";
    68 "restored" Restored { digest: Digest, size: u64 }
        "The store was put back from the copy of that digest, made at that size of the log.";
    80 "taken_back" TakenBack { partner: String, parcel: String, earlier: String, how: String, reason: String, list: Option<String> }
        "A partner withdrew or erased what it had sent with an earlier parcel; it is gone here.";
    81 "requested" Requested { request: String, partner: String, agreement: Digest, purpose: String, elements: u32, answer_by: Option<String>, rules: Vec<String> }
        "An officer asked a partner about somebody, a document or a flight; the rules named let it be asked.";
    82 "request_received" RequestReceived { request: String, partner: String, purpose: String, answer_by: Option<String>, rules: Vec<String> }
        "A partner asked about somebody, a document or a flight; an officer has to decide.";
    83 "request_opened" RequestOpened { request: String, partner: String, found: u64 }
        "An officer read a request, and so many records that it may mean.";
    84 "request_answered" RequestAnswered { request: String, partner: String, outcome: String, parcels: Vec<String>, reason: Digest, rules: Vec<String> }
        "An officer decided on a partner's request; the digest is that of the reason.";
    85 "answer_received" AnswerReceived { request: String, partner: String, parcel: String, outcome: String, number: u32, of: u32, rules: Vec<String>, list: Option<String> }
        "A partner answered a request of this state, with one parcel of so many.";
    86 "told" Told { parcel: String, partner: String, list: String, travellers: u64, purpose: String, reason: Digest, rules: Vec<String> }
        "An officer told a partner, unasked, of so many travellers of a list; the digest is that of the sealed reason.";
    87 "told_by_partner" ToldByPartner { parcel: String, partner: String, purpose: String, list: String }
        "A partner told this state, unasked, of travellers whom it finds to concern it.";
    88 "justified" Justified { request: String, partner: String, parcel: String, reason: Digest, rules: Vec<String> }
        "An officer justified a request that was made of a partner in an emergency; the digest is that of the sealed statement.";
    89 "justified_by_partner" JustifiedByPartner { request: String, partner: String, parcel: String }
        "A partner justified a request that it had made in an emergency.";
    96 "total_stated" TotalStated { parcel: String, partner: String, agreement: Digest, day: String, first: u64, last: u64, digest: Digest }
        "This state said what a day of a stream to a partner carried: from which number to which, with a digest over all parcels.";
    97 "total_counted" TotalCounted { parcel: String, partner: String, agreement: Digest, day: String, first: u64, last: u64, digest: Digest, outcome: String }
        "A partner said what a day of its stream carried, and this state counted the same parcels; the digest is over those that are here.";
    98 "total_answered" TotalAnswered { parcel: String, partner: String, outcome: String }
        "A partner countersigned a daily total of this state, or counts otherwise.";
    100 "epoch_made" EpochMade { epoch: u32, key: Digest }
        "A new epoch key of this state was made; partners are told by parcels of their own, and seal to it then.";
    101 "partner_rolled_over" PartnerRolledOver { partner: String, parcel: String, epoch: u32, key: Digest }
        "A partner told its new epoch key, certified by the identity that people compared; from here on parcels are sealed to it.";

    // Criteria.
    90 "criteria_proposed" CriteriaProposed { criteria: String, digest: Digest, lists: u64, travellers: u64 }
        "Criteria were proposed, and tried on that many stored lists and travellers.";
    91 "criteria_approved" CriteriaApproved { criteria: String, digest: Digest, until: String }
        "Criteria were approved by another than their author; they are used until that day.";
    92 "criteria_withdrawn" CriteriaWithdrawn { criteria: String, digest: Digest, reason: Digest }
        "Criteria were taken out of use, or a proposal back.";
    93 "criteria_applied" CriteriaApplied { list: String, criteria: Digest, hits: u64 }
        "The criteria in use were looked for on a list; the digest names all of them.";

    // Corrections.
    94 "corrected" Corrected { partner: String, parcel: String, earlier: String, cause: String, replaced: String, list: String }
        "What went to a partner with an earlier parcel was wrong: a list of this state was replaced by another, and so it is there.";
    95 "corrected_by_partner" CorrectedByPartner { partner: String, parcel: String, earlier: String, cause: String, replaced: String, list: String }
        "A partner corrected what it had sent with an earlier parcel: until now the list that was replaced was believed here.";
    102 "list_corrected" ListCorrected { replaced: String, list: String, cause: String }
        "A list of this state was wrong, for the cause named, and another stands in its place; whoever had it is told apart from this.";
}
