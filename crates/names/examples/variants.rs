//! Of groups of spellings on standard input (one group a line), those that the rules of
//! this crate do not find by themselves: what `src/variants.txt` is made with.
use std::io::{BufRead, Write};

use names::{Word, compare};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<Word> = line.split(' ').filter(|w| w.len() > 2).map(Word::new).collect();
        let found = |a: &Word, b: &Word| compare(a, b).is_some_and(|s| s.share >= 0.86);
        let needed = |w: &&Word| words.iter().any(|o| o.text != w.text && !found(w, o));
        let kept: Vec<&str> = words.iter().filter(needed).map(|w| &*w.text).collect();
        // Long lines are not spellings of a name but translations of a word.
        if (2..=40).contains(&kept.len()) {
            writeln!(out, "{}", kept.join(" "))?;
        }
    }
    out.flush()
}
