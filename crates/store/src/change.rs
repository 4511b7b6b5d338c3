//! What can be done to the store: one enumerable list of write points.

use audit::Logged;
use jiff::{Timestamp, civil::Date};

use crate::{
    cold::NewPart,
    postings::Segment,
    removing::{ListAnew, SubmissionAnew},
    rows::*,
};

/// Some changes and the events that tell of them: all of it is done, or none.
#[derive(Debug, Default)]
pub struct Batch {
    /// The changes, applied in order.
    pub changes: Vec<Change>,
    /// The events. Every batch has at least one, but for heartbeat changes (a
    /// session's last use, an attempt's counter) that tell of nothing.
    pub events: Vec<Logged>,
    /// Scope and day of the keys under which what it holds is sealed, beside those of its lists
    /// and submissions; see [`rests_on`](Self::rests_on).
    pub under: Vec<(String, Date)>,
}

impl Batch {
    /// Changes with their events.
    pub fn new(changes: Vec<Change>, events: Vec<Logged>) -> Self {
        Self { changes, events, under: Vec::new() }
    }

    /// What is in it was sealed under these keys, or made of a list that is. Where their day has
    /// gone over to new ones by then, the batch is refused ([`crate::StoreError::Conflict`]):
    /// nobody could open what was sealed, and whoever was removed would be in what was made.
    pub fn rests_on(&mut self, scope: &str, day: Date) {
        self.under.push((scope.to_owned(), day));
    }
}

/// One write.
#[derive(Debug)]
#[allow(missing_docs, reason = "each variant is named for the row that it writes")]
pub enum Change {
    /// The first change of the first batch.
    Node {
        origin: String,
        state: String,
        at: Timestamp,
    },
    /// The two keys of a scope and day, wrapped.
    DayKey {
        scope: String,
        day: Date,
        identity: Vec<u8>,
        remainder: Vec<u8>,
        at: Timestamp,
    },
    /// Takes away the identity key of a day. What is left of it, if anything, opens with the
    /// independent authority's key alone. A second time is a conflict.
    MaskDay {
        scope: String,
        day: Date,
        masked: Option<Vec<u8>>,
        at: Timestamp,
    },
    /// Destroys both keys of a day; the row stays, empty. A second time is a conflict.
    EraseDay {
        scope: String,
        day: Date,
        at: Timestamp,
    },
    /// Takes one list off the disk, with what was found on it: its partner takes it back.
    /// What was copied to a case stays there.
    TakeBack {
        list: String,
        at: Timestamp,
    },
    /// Marks a day as going over to new keys, for travellers who are to go; a conflict when it is
    /// masked, goes already, or something about their lists is under way.
    GoOver {
        scope: String,
        day: Date,
        removals: Vec<Removal>,
        at: Timestamp,
    },
    /// A list comes under the next keys of its day; a conflict when it is there already.
    ListAnew(ListAnew),
    /// A submission comes under the next keys of its day; a conflict when it is there already.
    SubmissionAnew(SubmissionAnew),
    /// Everybody on a list who was to go by then is held: looked at again on that day.
    LeaveLater {
        list: String,
        due: Date,
    },
    /// Destroys the old keys of a day that went over; a conflict while anything is under them.
    GoneOver {
        scope: String,
        day: Date,
        at: Timestamp,
    },
    /// Takes what no key opens any more off the disk.
    PurgeDay {
        scope: String,
        day: Date,
        at: Timestamp,
    },
    /// A case; its key lives as long as it does.
    Case(CaseRow),
    CaseRecord(CaseRecord),
    CaseClosed {
        id: String,
        at: Timestamp,
    },
    Unmasking(Unmasking),
    /// The authority's answer was used; it cannot be used again.
    Unmasked {
        id: String,
        at: Timestamp,
    },
    Carrier(Carrier),
    /// A submission. When the carrier sent these bytes before, the batch ends here:
    /// nothing else of it is done, and the outcome is [`Outcome::Repeat`].
    Submission(Submission),
    List(List),
    /// A part of a list whose other parts are awaited.
    Part(PartRow),
    /// So many parts are one list now, which counts as that submission's; a conflict when
    /// they are not all there any more.
    PartsJoined {
        series: String,
        parts: usize,
        /// `None` when no list could be made of them.
        submission: Option<String>,
    },
    /// Marks a list as screened; a second time is a conflict, so that two nodes on one
    /// store never raise or disclose the same twice.
    Screened {
        list: String,
        watchlists: String,
        at: Timestamp,
    },
    /// Marks that a list was screened again, against these watchlists; a conflict when
    /// somebody else did it since they were `before`.
    Rescreened {
        list: String,
        before: String,
        watchlists: String,
    },
    /// A traveller and a version of an entry that an officer found to be two: not raised
    /// again until that day. Pairs whose day has come are forgotten with it.
    Cleared {
        pair: String,
        entry_version: String,
        hit: String,
        until: Date,
        at: Timestamp,
    },
    /// Where the marks of some lists' travellers stand; a conflict when somebody else has
    /// done it, or their day was masked meanwhile.
    Projected(Segment),
    /// All projections are gone, and are to be made again.
    Unprojected {},
    /// A part of the lake takes the place of segments, or of other parts; a conflict when
    /// somebody else has done it, or its day was masked meanwhile. Its files are there.
    Laked(NewPart),
    /// A part of the lake was compared with the watchlists of this digest; a conflict when
    /// somebody else did it since they were `before`.
    Hunted {
        part: String,
        before: String,
        watchlists: String,
    },
    /// The whole lake is gone, and is to be made again.
    Unlaked {},
    /// The files of a part that is gone were removed.
    Swept {
        part: String,
    },
    /// Which node serves this store, until when; a conflict while another one does.
    Serving {
        holder: String,
        at: Timestamp,
        until: Timestamp,
    },
    /// A hit; nothing when the same traveller and entry were raised before.
    Hit(HitRow),
    /// A decision, and the state of the hit after it. A second decision under one
    /// ordinal is a conflict.
    Decision {
        decision: DecisionRow,
        state: String,
    },
    /// Marks that every partner's agreement was asked about an upheld hit; a second time
    /// is a conflict.
    Disclosed {
        hit: String,
        at: Timestamp,
    },
    Officer(Officer),
    /// Counts a failed or successful try to sign in.
    SignInTried {
        officer: String,
        failed: u32,
        locked_until: Option<Timestamp>,
    },
    Session(Session),
    SessionSeen {
        token_hash: String,
        at: Timestamp,
    },
    SessionEnded {
        token_hash: String,
    },
    /// Somebody tried to sign in with an account that does not exist.
    StrangerTried {},
    Partner(Partner),
    /// A partner's newer epoch key; a conflict when its keys are not those of before any more.
    PartnerKeys {
        state: String,
        before: Vec<u8>,
        keys: Vec<u8>,
    },
    /// What a partner answered last.
    PartnerAnswered {
        state: String,
        answer: String,
        at: Timestamp,
    },
    Agreement(AgreementRow),
    AgreementAct(AgreementAct),
    Thresholds(ThresholdsRow),
    /// Where an outgoing stream stands.
    StreamOut {
        agreement: String,
        partner: String,
        state: Vec<u8>,
    },
    /// Where an incoming stream stands; `stopped` says why nothing more is taken.
    StreamIn {
        agreement: String,
        partner: String,
        state: Vec<u8>,
        stopped: Option<String>,
    },
    /// Lets a stopped incoming stream go on; a conflict when it is not stopped any more,
    /// or does not stand as it was seen.
    ResumeStreamIn {
        agreement: String,
        seen: Vec<u8>,
        state: Vec<u8>,
    },
    Queue(Outgoing),
    /// The parcel could not be handed over; try again then.
    Retry {
        parcel: String,
        not_before: Timestamp,
    },
    /// The partner's receipt.
    Receipted {
        parcel: String,
        status: String,
        receipt: Vec<u8>,
        at: Timestamp,
    },
    Inbox(Incoming),
    /// A request to a partner, or of one.
    Request(RequestRow),
    /// What an officer decided on a partner's request; a second time is a conflict.
    RequestDecided {
        partner: String,
        id: String,
        outcome: String,
        officer: String,
        reason: Vec<u8>,
        at: Timestamp,
    },
    /// The statement that justifies a request made in an emergency; a second time is a conflict.
    RequestJustified {
        partner: String,
        id: String,
        statement: Vec<u8>,
        at: Timestamp,
    },
    /// A person was told that nobody justified it in time.
    RequestLate {
        partner: String,
        id: String,
        at: Timestamp,
    },
    /// A person was told that nobody answered it in time.
    RequestUnanswered {
        partner: String,
        id: String,
        at: Timestamp,
    },
    /// A parcel of an answer to a request.
    Answer(AnswerRow),
    /// A list was replaced by another; a second time for one parcel is a conflict.
    Correction(CorrectionRow),
    /// Travellers of whom somebody is told unasked.
    Telling(TellingRow),
    /// An officer opened what a partner told; the first one counts.
    TellingSeen {
        partner: String,
        parcel: String,
        officer: String,
        at: Timestamp,
    },
    /// A daily total, of this state or of a partner.
    DayTotal(DayTotal),
    /// What the receiver counts of a daily total of this state.
    DayTotalAnswered {
        partner: String,
        parcel: String,
        receipt: Vec<u8>,
        agrees: Option<bool>,
        at: Timestamp,
    },
    ReceivedHit(ReceivedHit),
    ReceivedHitSeen {
        id: String,
        officer: String,
        at: Timestamp,
    },
    Refused(RefusalRow),
    Opened(Opening),
    Watchlist(WatchlistRow),
    /// Criteria that somebody proposes; once more, with new figures, as long as nobody has
    /// decided on them.
    Criteria(CriteriaRow),
    /// Approves criteria, which ends the version before; only by another than who proposed
    /// them.
    CriteriaApproved {
        name: String,
        digest: String,
        officer: String,
        at: Timestamp,
    },
    /// Takes criteria out of use, or a proposal back.
    CriteriaWithdrawn {
        name: String,
        digest: String,
        officer: String,
        reason: Vec<u8>,
        at: Timestamp,
    },
    Alarm {
        partner: Option<String>,
        kind: String,
        what: String,
        at: Timestamp,
    },
    /// Settles an alarm, with the sealed reason; nothing when somebody has already.
    SettleAlarm {
        id: i64,
        officer: String,
        reason: Vec<u8>,
        at: Timestamp,
    },
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// All of it is durable; the log is this long.
    Done {
        /// Events in the log.
        log_size: u64,
    },
    /// The same submission was here before; this is how it was answered.
    Repeat {
        /// HTTP status.
        status: u16,
        /// Media type.
        media_type: String,
        /// The answer, sealed; [`crate::Store::open_answer`] opens it.
        answer: Vec<u8>,
        /// [`Submission::id`].
        submission: String,
    },
}

macro_rules! points {
    ($($variant:ident $name:literal;)*) => {
        /// Every write point of the store, by its name: the kinds of [`Change`].
        pub const POINTS: &[&str] = &[$($name),*];

        impl Change {
            /// The name of its kind.
            pub const fn point(&self) -> &'static str {
                match self { $(Change::$variant { .. } => $name),* }
            }
        }
    };
}

points! {
    Node "node";
    DayKey "day key";
    TakeBack "take back";
    MaskDay "mask day";
    EraseDay "erase day";
    PurgeDay "purge day";
    GoOver "go over";
    ListAnew "list anew";
    SubmissionAnew "submission anew";
    GoneOver "gone over";
    LeaveLater "leave later";
    Case "case";
    CaseRecord "case record";
    CaseClosed "case closed";
    Unmasking "unmasking";
    Unmasked "unmasked";
    Carrier "carrier";
    Submission "submission";
    List "list";
    Part "part";
    PartsJoined "parts joined";
    Screened "screened";
    Rescreened "rescreened";
    Cleared "cleared";
    Projected "projected";
    Unprojected "unprojected";
    Laked "laked";
    Hunted "hunted";
    Unlaked "unlaked";
    Swept "swept";
    Serving "serving";
    Hit "hit";
    Decision "decision";
    Disclosed "disclosed";
    Officer "officer";
    SignInTried "sign in tried";
    Session "session";
    SessionSeen "session seen";
    SessionEnded "session ended";
    StrangerTried "stranger tried";
    Partner "partner";
    PartnerKeys "partner keys";
    PartnerAnswered "partner answered";
    Agreement "agreement";
    AgreementAct "agreement act";
    Thresholds "thresholds";
    StreamOut "stream out";
    StreamIn "stream in";
    ResumeStreamIn "resume stream in";
    Queue "queue";
    Retry "retry";
    Receipted "receipted";
    Inbox "inbox";
    Request "request";
    RequestDecided "request decided";
    RequestJustified "request justified";
    RequestLate "request late";
    RequestUnanswered "request unanswered";
    Answer "answer";
    Correction "correction";
    Telling "telling";
    TellingSeen "telling seen";
    DayTotal "day total";
    DayTotalAnswered "day total answered";
    ReceivedHit "received hit";
    ReceivedHitSeen "received hit seen";
    Refused "refused";
    Opened "opened";
    Watchlist "watchlist";
    Criteria "criteria";
    CriteriaApproved "criteria approved";
    CriteriaWithdrawn "criteria withdrawn";
    Alarm "alarm";
    SettleAlarm "settle alarm";
}
