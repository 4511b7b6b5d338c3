//! Correcting what went to a partner: the right record, in place of the one that was wrong.
//!
//! It names the parcel of before on its outside, tells what that told as it should have been
//! told, whole, and says why in one word. Whoever receives it replaces the record and looks at
//! it anew: what was concluded from the wrong one does not hold for the right one. A correction
//! takes leave like what it corrects, for it tells of people; whoever was told something wrong
//! is to be told what is right (Directive (EU) 2016/680, arts. 7(3) and 16(6); EU-29).

use crate::{Content, Disclosure, DisclosureError, Header, Kind};

macro_rules! causes {
    ($($(#[$doc:meta])* $variant:ident $name:literal;)*) => {
        /// Why something is corrected: a closed list, so that no person is described in it.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Cause { $($(#[$doc])* $variant,)* }

        impl Cause {
            /// Every cause.
            pub const ALL: &'static [Cause] = &[$(Cause::$variant),*];

            /// Its word on the wire and in the log.
            ///
            /// ```
            /// use exchange::Cause;
            /// assert!(Cause::ALL.iter().all(|c| Cause::named(c.name()) == Some(*c)));
            /// ```
            pub const fn name(self) -> &'static str {
                match self { $(Cause::$variant => $name),* }
            }
        }
    };
}

causes! {
    /// The state itself had it wrong.
    Mistake "mistake";
    /// Something or somebody was missing.
    Incomplete "incomplete";
    /// The carrier has corrected what it had sent.
    Carrier "carrier";
    /// Somebody whom it is about has had it rectified.
    Rectified "rectified";
    /// A court or the data protection authority ordered it.
    Ordered "ordered";
}

impl Cause {
    /// The cause of that word.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|cause| cause.name() == name)
    }
}

impl Content {
    /// What is right, in place of what went with the parcel with that outside. `kind` is what
    /// that parcel was; where it was a correction itself, what the first was.
    ///
    /// # Errors
    /// It took leave for another stream, form, flight or dataset than what it corrects, or that
    /// is nothing that is corrected.
    pub fn correction(
        disclosure: Disclosure,
        (earlier, kind): (&Header, Kind),
        cause: Cause,
    ) -> Result<Self, DisclosureError> {
        let permit = disclosure.permit();
        if !kind.is_corrected() || (earlier.kind != kind && earlier.kind != Kind::Correction) {
            return Err(DisclosureError::WrongList);
        }
        if kind.mode() != Some(permit.mode()) {
            let wanted = kind.mode().unwrap_or(policy::Mode::List);
            return Err(DisclosureError::WrongMode { permitted: permit.mode(), wanted });
        }
        let stream = (permit.agreement(), permit.from(), permit.to());
        let of = (disclosure.restricted().flight().key(), disclosure.restricted().dataset());
        if stream != (earlier.agreement, earlier.from, earlier.to)
            || of != (earlier.flight.key(), earlier.dataset)
        {
            return Err(DisclosureError::WrongList);
        }
        Ok(Self::from(disclosure).correcting(earlier.parcel, cause))
    }
}
