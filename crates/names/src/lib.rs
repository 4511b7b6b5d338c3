//! Written names: how airlines and lists write them, and how alike two are.
//!
//! A name is folded to A–Z ([`fold`]), split into [`Token`]s ([`tokens`]), and made into
//! [`Word`]s that are compared one by one ([`compare`]); every comparison says in words
//! how the two stand to each other. Knows no lists and no travellers.
//!
//! ```
//! use names::{Word, compare};
//! let alike = compare(&Word::new("MOHAMED"), &Word::new("MUHAMMAD")).unwrap();
//! assert_eq!(alike.relation, "same consonants");
//! assert!(compare(&Word::new("SMITH"), &Word::new("GARCIA")).is_none());
//! ```
//!
//! This crate is pure.
#![warn(missing_docs)]

mod distance;
mod fold;
mod frequency;
mod population;
mod similar;
mod tables;
mod token;
mod word;

pub use distance::osa;
pub use fold::fold;
pub use frequency::information;
pub use population::{Population, population};
pub use similar::{Similarity, compare, skeleton, sound};
pub use token::{Token, TokenKind, is_byname, is_byname_of, join, split_titles, stay, tokens};
pub use word::{Sketch, Word, hash_of, words};
