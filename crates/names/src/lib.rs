//! Written names: how airlines and lists write them, and how alike two are.
//!
//! A name is folded to A–Z ([`fold`]), split into [`Token`]s ([`tokens`]), and tokens
//! are compared one by one ([`compare`]); every comparison says in words how the two
//! stand to each other. Knows no lists and no travellers.
//!
//! ```
//! let alike = names::compare("MOHAMED", "MUHAMMAD").unwrap();
//! assert_eq!(alike.relation, "same consonants");
//! assert!(names::compare("SMITH", "GARCIA").is_none());
//! ```
//!
//! This crate is pure.
#![warn(missing_docs)]

mod distance;
mod fold;
mod frequency;
mod similar;
mod token;

pub use distance::osa;
pub use fold::fold;
pub use frequency::information;
pub use similar::{Similarity, compare, skeleton, worth};
pub use token::{Token, TokenKind, split_titles, tokens};
