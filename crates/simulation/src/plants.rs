//! Bugs put in on purpose. A checker that has never found anything proves nothing: each of
//! these has to be found, and it is counted how many seeds that takes.

macro_rules! plants {
    ($($variant:ident $name:literal $sentence:literal;)*) => {
        /// A bug put in on purpose.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[allow(missing_docs, reason = "each has its sentence in the table")]
        pub enum Plant { $($variant),* }

        /// Every bug, with its name and what it does.
        pub const PLANTS: &[PlantRow] = &[$(PlantRow {
            plant: Plant::$variant, name: $name, sentence: $sentence,
        }),*];
    };
}

/// A row of the table of bugs.
#[derive(Clone, Copy, Debug)]
pub struct PlantRow {
    /// The bug.
    pub plant: Plant,
    /// Its name on the command line.
    pub name: &'static str,
    /// What a node with it does.
    pub sentence: &'static str,
}

impl Plant {
    /// The bug of that name.
    pub fn named(name: &str) -> Option<Plant> {
        PLANTS.iter().find(|row| row.name == name).map(|row| row.plant)
    }
}

plants! {
    CarrierAnsweredFirst "carrier-answered-first" "answers a carrier before its list is durable";
    PartnerAnsweredFirst "partner-answered-first" "gives a receipt before the parcel is durable";
    ReceiptMadeAnew "receipt-made-anew" "signs another receipt when a parcel comes again";
    HalfKept "half-kept" "keeps the first of the parcels that came together, and receipts them all";
    FirstForAll "first-for-all" "takes the first receipt for those of all that went together";
    ErasureShrugged "erasure-shrugged" "receipts an erasure and keeps what was to go";
    CorrectionShrugged "correction-shrugged" "receipts a correction and keeps the wrong record beside the right one";
    CorrectionDropped "correction-dropped" "receipts a correction and keeps neither record";
    AnswersByItself "answers-by-itself" "answers a request that nobody has decided on";
    AnswersAnother "answers-another" "binds an answer to other bytes than the request's";
    RequestForgotten "request-forgotten" "receipts a request and keeps nothing for an officer to decide on";
    StreamStoredLater "stream-stored-later" "stores where a stream stands in a transaction of its own";
    CounterInMemory "counter-in-memory" "stores a parcel's number after the parcel, not with it";
    EventsLater "events-later" "writes events after the effect that they tell of";
    EventForgotten "event-forgotten" "takes a parcel without an event";
    DoneWhenPosted "done-when-posted" "takes a parcel for done when it was posted";
    ReceiptUnread "receipt-unread" "takes any receipt for the right one";
    GapOverlooked "gap-overlooked" "takes a parcel although one before it is missing";
    ForkOverlooked "fork-overlooked" "takes a parcel that follows another history";
    IdTakenTwice "id-taken-twice" "takes another parcel under an old id for a repeat";
    TotalFromMemory "total-from-memory" "remembers up to where totals were stated, and stores it nowhere";
    TotalGuessed "total-guessed" "states a total of other parcels than those that went";
    RefusedUncounted "refused-uncounted" "leaves what it refused out when it counts a partner's day";
    EpochDestroyedEarly "epoch-destroyed-early" "opens nothing that was sealed to its epoch key of before";
    SendsSuspended "sends-suspended" "sends under an agreement that it has suspended";
    TakesSuspended "takes-suspended" "takes under an agreement that it has suspended";
    SendsExpired "sends-expired" "sends after the last day of an agreement";
    SendsUncut "sends-uncut" "sends the whole list where some elements are agreed";
    SealedAgain "sealed-again" "seals a parcel anew for another attempt";
    GivesUp "gives-up" "forgets a parcel after three attempts";
    DiskBelieved "disk-believed" "does not look at checksums when it starts";
    AlarmUntold "alarm-untold" "stops a stream and tells nobody";
    AlarmShrugged "alarm-shrugged" "goes on after an alarm by itself";
}
