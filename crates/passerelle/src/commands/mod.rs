//! The commands that grow and look at a node, one file each.

pub mod agreement;
pub mod authority;
pub mod backup;
pub mod carrier;
pub mod case;
pub mod criteria;
pub mod doctor;
pub mod keep;
pub mod keys;
pub mod lake;
pub mod law;
pub mod officer;
pub mod partner;
pub mod request;
pub mod search;
pub mod statistics;
pub mod tell;
pub mod verify_erasure;
pub mod watchlist;

use crate::{cli::OrWrongUse, clock, node::Node};

/// Who the log says did it, for commands run on the node's own machine.
pub const AT_THE_MACHINE: &str = "administrator-at-the-machine";

/// What an operation said, as the command line says it: what was given wrongly is wrong use.
///
/// # Errors
/// That of the operation.
pub fn said<T>(result: Result<T, api::Error>) -> anyhow::Result<T> {
    match result {
        Err(e @ api::Error::Invalid { .. }) => Err(e).or_wrong_use(),
        other => Ok(other?),
    }
}

/// Whoever sits at the node's own machine, acting for the state.
pub fn acting(node: &Node) -> api::Acting<'_> {
    api::Acting { store: node.store(), office: node, officer: AT_THE_MACHINE, at: clock::now() }
}

/// Prints rows with columns as wide as they need to be.
pub fn table(header: &[&str], rows: &[Vec<String>]) {
    let mut widths: Vec<usize> = header.iter().map(|h| h.chars().count()).collect();
    for row in rows {
        for (w, cell) in widths.iter_mut().zip(row) {
            *w = (*w).max(cell.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (cell, w) in cells.zip(&widths) {
            text += &format!("{cell:w$}  ");
        }
        println!("{}", text.trim_end());
    };
    line(&mut header.iter().copied());
    for row in rows {
        line(&mut row.iter().map(String::as_str));
    }
}
