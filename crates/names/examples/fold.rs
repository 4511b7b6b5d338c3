//! Folds each line of standard input: what the scripts that make the tables of this
//! crate use, so that tables and program fold alike.
use std::io::{BufRead, Write};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        writeln!(out, "{}", names::fold(&line?))?;
    }
    out.flush()
}
