//! Who may do what: one table of operations, roles and the events they leave.
//!
//! `tests/rights.txt` is this table as people read it; a test keeps the two alike.

use std::fmt;

use serde::Serialize;

macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $words:literal;)*) => {
        /// What an officer is there for.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Role { $($(#[$doc])* $variant),* }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Role] = &[$(Role::$variant),*];

            /// The name in accounts and events.
            pub const fn name(self) -> &'static str {
                match self { $(Role::$variant => $name),* }
            }

            /// The name for people.
            pub const fn words(self) -> &'static str {
                match self { $(Role::$variant => $words),* }
            }

            /// The role of that name.
            pub fn named(name: &str) -> Option<Role> {
                Role::ALL.iter().copied().find(|r| r.name() == name)
            }
        }
    };
}

roles! {
    /// Compares, decides, opens records for a purpose.
    Officer = "officer", "Officer";
    /// Second pair of eyes; settles alarms.
    Supervisor = "supervisor", "Supervisor";
    /// Reads everything, changes nothing.
    Dpo = "dpo", "Data protection officer";
    /// Deals with partners under agreements.
    Liaison = "liaison", "Liaison officer";
    /// Runs the node; sees no passenger.
    Administrator = "administrator", "Administrator";
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Right {
    /// What is done.
    pub operation: Operation,
    /// Which roles may.
    pub roles: &'static [Role],
    /// The kinds of event that doing it leaves, `|` between alternatives; none for
    /// what shows nobody's data and changes nothing.
    pub events: &'static str,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $variant:ident $name:literal [$($role:ident)*] $events:literal;)*) => {
        /// What can be asked of a node.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Operation { $($(#[$doc])* $variant),* }

        impl Operation {
            /// Its name in the table.
            pub const fn name(self) -> &'static str {
                match self { $(Operation::$variant => $name),* }
            }
        }

        /// Every operation with the roles that may ask for it.
        pub const OPERATIONS: &[Right] = &[$(Right {
            operation: Operation::$variant, roles: &[$(Role::$role),*], events: $events,
        }),*];
    };
}

operations! {
    /// End one's session.
    SignOut "sign_out" [Officer Supervisor Dpo Liaison Administrator] "signed_out";
    /// Totals, without anybody's data.
    Summary "summary" [Officer Supervisor Dpo Liaison Administrator] "";
    /// The flights of a day.
    Flights "flights" [Officer Supervisor Dpo Liaison] "";
    /// One flight; names only of those with a hit.
    Flight "flight" [Officer Supervisor Dpo Liaison] "";
    /// Open the record of a traveller, for a purpose.
    OpenTraveller "open_traveller" [Officer Supervisor Dpo] "record_opened";
    /// Look somebody or a flight up, for a purpose.
    Search "search" [Officer Supervisor Dpo] "searched";
    /// The hit queue.
    Hits "hits" [Officer Supervisor Dpo] "";
    /// One hit: booking beside list entry.
    Hit "hit" [Officer Supervisor Dpo] "record_opened";
    /// Uphold or dismiss a hit.
    Decide "decide" [Officer Supervisor] "decision_made|hit_upheld|hit_dismissed|pair_cleared";
    /// Hits that partners disclosed.
    ReceivedHits "received_hits" [Officer Supervisor Dpo Liaison] "";
    /// One of them, with its ground.
    ReceivedHit "received_hit" [Officer Supervisor Dpo Liaison] "record_opened";
    /// Requests of partners, and to partners; nobody is named.
    Requests "requests" [Officer Supervisor Dpo Liaison] "";
    /// One of them, with the records here that it may mean.
    OpenRequest "open_request" [Officer Supervisor Dpo] "request_opened";
    /// Ask a partner about somebody, a document or a flight.
    Ask "ask" [Officer Supervisor] "requested";
    /// Justify a request that was made in an emergency.
    Justify "justify" [Officer Supervisor] "justified";
    /// Decide on a partner's request.
    AnswerRequest "answer_request" [Officer Supervisor] "request_answered";
    /// What was told unasked, by partners and to them; nobody is named.
    Tellings "tellings" [Officer Supervisor Dpo Liaison] "";
    /// One of them, with the travellers and the reason.
    OpenTelling "open_telling" [Officer Supervisor Dpo] "record_opened";
    /// Tell a partner of travellers who concern it.
    Tell "tell" [Officer Supervisor] "told";
    /// Partners and their streams.
    Partners "partners" [Officer Supervisor Dpo Liaison Administrator] "";
    /// Travellers by nationality and route, small counts withheld.
    Statistics "statistics" [Officer Supervisor Dpo Liaison Administrator] "";
    /// Settle an alarm after looking at it.
    SettleAlarm "settle_alarm" [Supervisor Liaison Administrator] "alarm_settled";
    /// Take back what went to partners.
    Recall "recall" [Supervisor Liaison] "parcel_queued";
    /// Let a partner's stopped stream go on.
    ResumeStream "resume_stream" [Supervisor Liaison] "stream_resumed|alarm_settled";
    /// Agreements, as readable pages.
    Agreements "agreements" [Officer Supervisor Dpo Liaison Administrator] "";
    /// Show on stored lists what would leave under an agreement; nobody is shown.
    CheckAgreement "check_agreement" [Supervisor Dpo Liaison Administrator] "";
    /// Note what a partner has proposed.
    ProposeAgreement "propose_agreement" [Liaison Administrator] "agreement_proposed";
    /// Sign an agreement in the name of the state.
    SignAgreement "sign_agreement" [Liaison Administrator] "agreement_proposed|agreement_signed";
    /// Take up one that both have signed.
    AcceptAgreement "accept_agreement" [Liaison Administrator] "agreement_accepted";
    /// Let nothing more leave under an agreement.
    SuspendAgreement "suspend_agreement" [Supervisor Liaison Administrator] "agreement_suspended";
    /// Take back one's suspension.
    ResumeAgreement "resume_agreement" [Liaison Administrator] "agreement_resumed";
    /// What partners are told of this node.
    OwnOffer "own_offer" [Liaison Administrator] "";
    /// Read a partner's offer, and trust it once its fingerprint was compared.
    MeetPartner "meet_partner" [Administrator] "partner_added";
    /// The log: ids and digests, never a person.
    Log "log" [Officer Supervisor Dpo Liaison Administrator] "";
    /// Recompute the whole log.
    VerifyLog "verify_log" [Officer Supervisor Dpo Administrator] "";
    /// Watchlists in use.
    Watchlists "watchlists" [Officer Supervisor Dpo Liaison Administrator] "";
    /// Criteria, proposed, in use, and past.
    Criteria "criteria" [Officer Supervisor Dpo] "";
    /// Try criteria on stored lists, and propose them.
    ProposeCriteria "propose_criteria" [Officer Supervisor] "criteria_proposed";
    /// Approve what somebody else proposed.
    ApproveCriteria "approve_criteria" [Supervisor] "criteria_approved";
    /// Take criteria out of use.
    WithdrawCriteria "withdraw_criteria" [Supervisor Dpo] "criteria_withdrawn";
    /// Which stored alerts other thresholds would raise or drop; nobody is named.
    RehearseThresholds "rehearse_thresholds" [Supervisor Dpo Administrator] "";
    /// Set the thresholds of a watchlist.
    SetThresholds "set_thresholds" [Supervisor] "thresholds_set";
    /// What was wrong with carriers' messages, and their quality; no text of theirs.
    Findings "findings" [Supervisor Dpo Liaison Administrator] "";
    /// The same with the carrier's text, in which travellers' data may stand.
    OpenSubmission "open_submission" [Supervisor Dpo] "submission_opened";
    /// The node's own health.
    Node "node" [Supervisor Dpo Administrator] "";
}

impl Operation {
    /// Its row.
    pub fn right(self) -> &'static Right {
        OPERATIONS
            .iter()
            .find(|r| r.operation == self)
            .expect("the macro writes a row for every operation")
    }

    /// Whether one of these roles may.
    pub fn allows(self, roles: &[Role]) -> bool {
        roles.iter().any(|r| self.right().roles.contains(r))
    }
}
