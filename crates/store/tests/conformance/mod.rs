//! What any adapter of the store has to do, as functions over [`Store`].
//!
//! `tests/sqlite.rs` runs all of them on SQLite; a second adapter lists the same names.
#![allow(clippy::unwrap_used, dead_code)]

pub mod forgetting;
pub mod keeping;
pub mod sealing;
pub mod tables;
pub mod world;

/// Makes a `#[test]` of each function, on a fresh place of the adapter.
#[allow(unused_macros)]
macro_rules! conformance {
    ($adapter:ty: $($module:ident { $($name:ident),* $(,)? })*) => {$(
        mod $module {
            $(#[test] fn $name() {
                let place = <$adapter as crate::conformance::world::Place>::fresh();
                crate::conformance::$module::$name(&place);
            })*
        }
    )*};
}
