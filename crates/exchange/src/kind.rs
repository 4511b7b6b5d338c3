//! The kinds of parcel: one table, from which names, numbers and forms are read.

use minicbor::{Decode, Encode};
use policy::Mode;

/// What the content of a parcel is written in.
pub(crate) const MEDIA_TYPE: &str = "application/edifact";
/// One word: of why, or of what became of a request.
pub(crate) const WORD: &str = "text/plain";
/// What no standard message says.
pub(crate) const CBOR: &str = "application/cbor";

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $number:literal $name:literal $mode:expr;)*) => {
        /// What a parcel is. Numbers are for ever.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Kind {
            $($(#[$doc])* $variant,)*
            /// One that this version does not know.
            Other(u32),
        }

        impl Kind {
            /// Every kind that this version knows.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant),*];

            /// The mode of the agreement under which it goes, where it tells of travellers.
            pub const fn mode(self) -> Option<Mode> {
                match self { $(Kind::$variant => $mode,)* Kind::Other(_) => None }
            }

            /// Its name in rows and events: `list`, `withdrawal`.
            ///
            /// ```
            /// use exchange::Kind;
            /// assert!(Kind::ALL.iter().all(|k| Kind::named(k.name()) == Some(*k)));
            /// ```
            pub const fn name(self) -> &'static str {
                match self { $(Kind::$variant => $name,)* Kind::Other(_) => "other" }
            }

            pub(crate) const fn number(self) -> u32 {
                match self { $(Kind::$variant => $number,)* Kind::Other(n) => n }
            }
        }
    };
}

kinds! {
    /// A whole list (0).
    List 0 "list" Some(Mode::List);
    /// One traveller under an upheld hit (1).
    Hit 1 "hit" Some(Mode::Hit);
    /// What an earlier parcel told, as it is right (2). It goes by the mode of that.
    Correction 2 "correction" None;
    /// An earlier parcel should not have been sent: what came with it goes (3).
    Withdrawal 3 "withdrawal" None;
    /// Nobody may hold any more what came with an earlier parcel: it goes (4).
    Erasure 4 "erasure" None;
    /// A reasoned request about somebody, a document or a flight (5).
    Request 5 "request" None;
    /// What an officer answers to one (6).
    Answer 6 "answer" Some(Mode::Answer);
    /// What an officer tells unasked (7).
    Spontaneous 7 "spontaneous" Some(Mode::Spontaneous);
    /// Why a request of before could not wait (8).
    Justification 8 "justification" None;
    /// What a day of the stream carried (10).
    Total 10 "total" None;
    /// The sender's new epoch key (11).
    Keys 11 "keys" None;
}

impl Kind {
    /// Whether it takes back what came with an earlier parcel.
    pub const fn takes_back(self) -> bool {
        matches!(self, Kind::Withdrawal | Kind::Erasure)
    }

    /// Whether it tells of travellers.
    pub const fn tells(self) -> bool {
        self.mode().is_some() || matches!(self, Kind::Correction)
    }

    /// Whether what it told can be corrected. An answer is taken back and asked for anew, what
    /// was told unasked taken back and told anew: their reasons go with them.
    pub const fn is_corrected(self) -> bool {
        matches!(self, Kind::List | Kind::Hit)
    }

    /// Whether it tells of nobody and is owed to the partner, so that it goes in its turn also
    /// when its agreement has ended.
    pub const fn is_owed(self) -> bool {
        self.takes_back() || matches!(self, Kind::Justification | Kind::Total | Kind::Keys)
    }

    /// Whether it names another parcel: of its own stream the one that it corrects, takes back
    /// or justifies, of the other way the request that it answers.
    pub const fn is_about(self) -> bool {
        self.takes_back() || matches!(self, Kind::Justification | Kind::Answer | Kind::Correction)
    }

    /// Whether it may hold what is written in that; an answer without data is one word.
    pub(crate) fn may_hold(self, media_type: &str) -> bool {
        match self {
            Kind::Withdrawal | Kind::Erasure => media_type == WORD,
            Kind::Request | Kind::Justification | Kind::Total | Kind::Keys => media_type == CBOR,
            Kind::Answer => media_type != CBOR,
            _ => media_type != WORD,
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl<C> Encode<C> for Kind {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u32(self.number())?.ok()
    }
}

impl<C> Decode<'_, C> for Kind {
    fn decode(d: &mut minicbor::Decoder<'_>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let number = d.u32()?;
        let known = Self::ALL.iter().copied().find(|kind| kind.number() == number);
        Ok(known.unwrap_or(Kind::Other(number)))
    }
}
