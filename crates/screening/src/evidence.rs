//! The ledger: one line for each thing compared, from which score and explanation are
//! both read.

use std::fmt;

use minicbor::{Decode, Encode};

macro_rules! features {
    ($($n:literal $variant:ident $name:literal;)*) => {
        /// What was compared.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Encode, Decode)]
        #[cbor(index_only)]
        #[allow(missing_docs, reason = "the names say it")]
        pub enum Feature { $(#[n($n)] $variant,)* }

        impl Feature {
            /// In words.
            pub const fn name(self) -> &'static str {
                match self { $(Feature::$variant => $name),* }
            }
        }
    };
}

features! {
    0 Name "name";
    1 MissingName "name not in the booking";
    2 ExtraName "name not on the list";
    3 Redundancy "names that go together";
    4 BirthDate "birth date";
    5 Sex "sex";
    6 Nationality "nationality";
    7 Document "document";
    8 Alias "kind of alias";
    20 Criterion "criterion";
    21 Exonerating "exonerating circumstance";
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One line of the ledger. `Debug` shows what was compared and its weight, not whom.
#[derive(Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Evidence {
    /// What was compared.
    #[n(0)]
    pub feature: Feature,
    /// What the booking says.
    #[n(1)]
    pub traveller: String,
    /// What the list says.
    #[n(2)]
    pub entry: String,
    /// How the two stand to each other.
    #[n(3)]
    pub relation: String,
    /// Its weight, in nats: above zero for the match, below against it.
    #[n(4)]
    pub nats: f64,
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("feature", &self.feature)
            .field("relation", &self.relation)
            .field("nats", &self.nats)
            .finish_non_exhaustive()
    }
}
