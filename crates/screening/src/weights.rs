//! The weights, in nats: one table, versioned. Nothing learns while running.
//!
//! A weight is what a piece of evidence is worth: the logarithm of how much more often it
//! is seen when traveller and entry are one person than when they are two. The first
//! guess of each was that ratio; they were then moved, all together, on the half of the
//! labelled persons that `passerelle evaluate` calls tuned
//! (`crates/evaluation/examples/tune.rs`), for the most people found at one false alert
//! of a thousand travellers.

macro_rules! weights {
    ($($(#[$doc:meta])* $name:ident $value:literal $low:literal ..= $high:literal;)*) => {
        /// What each piece of evidence is worth, in nats, unless it says otherwise.
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub struct Weights { $($(#[$doc])* pub $name: f32,)* }

        /// The weights in force.
        pub const STANDARD: Weights = Weights { $($name: $value,)* };

        impl Weights {
            /// Name, value, and what it may reasonably be: for the page of weights, and
            /// for whoever tunes.
            pub fn rows(&self) -> Vec<(&'static str, f32, f32, f32)> {
                vec![$((stringify!($name), self.$name, $low, $high)),*]
            }

            /// Changes one, by its name.
            pub fn set(&mut self, name: &str, value: f32) {
                match name {
                    $(stringify!($name) => self.$name = value,)*
                    _ => {}
                }
            }
        }
    };
}

weights! {
    /// The power to which the likeness of two words is raised.
    likeness_power 2.8 0.5..=3.0;
    /// A traveller's name that the list does not have: this share of its information.
    extra_name -0.77 -0.9..=-0.05;
    /// A listed name that the booking does not have, and the booking has nothing else:
    /// this share.
    omitted_name -0.27 -0.4..=-0.02;
    /// The same, when both sides have names left over that do not agree.
    contradicting_name -0.27 -0.9..=-0.1;
    /// A traveller's name, when both sides have names left over: this share.
    contradicted_name -0.56 -1.2..=-0.1;
    /// Names left over on both sides that do not agree, besides: once. Namesakes who share
    /// the common part of a name differ so, and spellings of one name hardly ever do.
    contradiction -4.0 -6.0..=0.0;
    /// It is taken back where the day of birth is the same: people are listed under more
    /// than one name, and two namesakes seldom share a birthday.
    contradiction_same_birth 4.0 0.0..=6.0;
    /// A byname (`Abu Ismail`) in the booking does not resemble the names of its bearer: where
    /// the day of birth is the same and a name agrees, names left over count for no more than
    /// this.
    byname -3.0 -9.0..=0.0;
    /// The same, where no name agrees: too little to be noted by itself.
    byname_alone -4.0 -9.0..=0.0;
    /// All names left over together count for no more than this.
    most_left_over -9.0 -20.0..=-4.0;
    /// Particles (`AL`, `BIN`, `VAN`), when both have them.
    particle 0.3 0.0..=1.0;
    /// An initial, when the other side has a name that begins so.
    initial 1.6 0.5..=2.5;
    /// Several words written together: this share of their information.
    joined 0.9 0.7..=1.0;
    /// The beginning of a word, where a field was full: this share.
    cut_off 0.91 0.4..=0.95;
    /// Only one name of several agrees.
    single_name 0.0 -5.0..=0.0;
    /// A name of one word on either side agrees, and there is nothing else to agree.
    mononym 0.0 -4.0..=0.0;
    /// Names beyond this sum count for less: they are not independent of each other.
    names_full 15.0 9.0..=22.0;
    /// This share.
    names_beyond 0.2 0.1..=0.9;
    /// A former name.
    former_alias -0.3 -1.0..=0.0;
    /// The same day of birth.
    born_same 10.0 5.0..=10.1;
    /// The same, but 1 January, which often stands for the whole year.
    born_same_january 6.5 2.0..=6.5;
    /// Day and month swapped.
    born_swapped 3.8 1.0..=7.0;
    /// One digit differs.
    born_one_digit 2.36 0.0..=5.5;
    /// The year agrees, and more is not known on one side.
    born_year 2.0 1.0..=4.5;
    /// The same day and month, the year is one off.
    born_year_off 2.5 0.0..=5.5;
    /// The same day and month, the year is two to ten off.
    born_anniversary 0.5 -3.0..=3.5;
    /// A day or two off: a date that was turned from another calendar.
    born_days_off 1.5 -2.0..=4.5;
    /// An approximate date or a range fits.
    born_about 1.5 0.0..=3.0;
    /// The year is one off, and more is not known.
    born_year_near -0.34 -2.0..=2.0;
    /// The year agrees, day and month do not.
    born_same_year -2.6 -4.0..=1.0;
    /// The same month and day of the month swapped over digits, or a year near: little.
    born_near_year -3.0 -7.0..=0.0;
    /// They are apart.
    born_apart -11.1 -12.0..=-3.0;
    /// Sex agrees.
    sex_same 0.4 0.1..=0.7;
    /// Sex differs.
    sex_differs -3.0 -5.0..=-1.0;
    /// Nationality agrees.
    nationality_same 0.9 0.5..=3.0;
    /// Nationality differs; people have two.
    nationality_differs -1.39 -3.0..=-0.1;
    /// Document number and issuer agree.
    document_same 16.0 12.0..=20.0;
    /// The number agrees, the issuer is not known on one side.
    document_number 12.0 9.0..=16.0;
}

/// The version that every hit carries.
pub const VERSION: &str = "2026-11-5";

/// Evidence from which on an officer looks at it.
pub const POSSIBLE: f64 = 11.4;
/// Evidence from which on two officers do.
pub const HIT: f64 = 16.5;
/// Below this, nothing is noted at all.
pub const SILENT: f64 = 7.4;

/// A document that stands on a list of documents, by number and issuing state. There is nothing
/// to weigh: it is that document, or its number was written wrong. So it is a hit by itself.
pub const LISTED_DOCUMENT: f64 = 20.0;
/// The same, where something else speaks against it: another type of document, or an issuing state that
/// nobody gave. By itself it is a possible match.
pub const LISTED_DOCUMENT_PERHAPS: f64 = 14.0;

/// What innocent travellers of a population of names score by chance beyond others, in nats.
///
/// A list holds many of some populations and few of others, and its names are common in some:
/// the same evidence is met by chance in one traveller of a hundred here and of ten thousand
/// there. So much is taken off before a band is read, so that the innocent are put before an
/// officer equally often whatever their names are. It moves bands, not scores. Measured by
/// `crates/evaluation/examples/populations.rs` on 30,000 made-up travellers of each population;
/// what is not in the table has none.
pub const ALLOWANCES: &[(&str, f64)] = &[
    ("Albanian", -3.2),
    ("Baltic", -3.4),
    ("Caucasian", -2.7),
    ("Chinese", 2.7),
    ("Dutch", -2.2),
    ("East Slavic", 0.3),
    ("English", -3.2),
    ("Filipino", -2.2),
    ("French", -2.9),
    ("German", -2.9),
    ("Gulf Arabic", 3.5),
    ("Hebrew", -1.1),
    ("Hungarian", -11.4),
    ("Indian", -11.4),
    ("Italian", -3.2),
    ("Japanese", -1.4),
    ("Kazakh", -0.4),
    ("Korean", -1.8),
    ("Levant and Egypt Arabic", 2.2),
    ("Maghreb Arabic", 1.4),
    ("Nordic", -11.4),
    ("Pakistani", 2.6),
    ("Persian", 3.1),
    ("Portuguese", -1.8),
    ("Romanian", -3.5),
    ("South Slavic", -1.8),
    ("Spanish", -1.0),
    ("Thai", -11.4),
    ("Turkish", 0.4),
    ("West Slavic", -3.1),
];

/// No population is allowed less than this: evidence that weak is not noted at all.
const LEAST_ALLOWANCE: f64 = SILENT - POSSIBLE;

/// The allowance of a population of names.
///
/// ```
/// use screening::weights::allowance;
/// assert!(allowance("Levant and Egypt Arabic") > allowance("Dutch"));
/// assert_eq!(allowance("of nobody"), 0.0);
/// ```
pub fn allowance(population: &str) -> f64 {
    let row = ALLOWANCES.iter().find(|(name, _)| *name == population);
    row.map_or(0.0, |(_, nats)| nats.max(LEAST_ALLOWANCE))
}

/// A standing ([`Hit::standing`](crate::Hit::standing)) that is shown as a probability of one
/// half, and how many nats more make it e times as likely. Fitted to what came true
/// (`passerelle evaluate`, *calibration*) in traffic of which one traveller in a thousand is
/// listed. No band is made by it.
pub const EVEN: f64 = 14.1;
/// See [`EVEN`].
pub const SPREAD: f64 = 1.2;

/// Innocent travellers per one who stands as high ([`Hit::standing`](crate::Hit::standing)):
/// nats, one in so many. It is the same for all names, for what is allowed for names is off.
///
/// Measured by `passerelle evaluate` on 600,000 synthetic travellers of 30 name cultures
/// against 24,319 listed persons; between the rows by straight lines of the logarithm.
/// Beyond the last row nothing was measured: what stands higher is rarer than that, and
/// no number is made up for it.
pub const ONE_IN: &[(f64, f64)] = &[
    (-1.2, 100.0),
    (5.4, 330.0),
    (8.5, 1_000.0),
    (11.2, 3_300.0),
    (12.6, 10_000.0),
    (14.2, 33_000.0),
];
