//! Name cultures, measured on made-up innocent travellers.
//!
//! `cargo run --release -p evaluation --example populations -- words` prints the words of each,
//! and how rare they are, as `crates/names/src/populations.txt` has them; `-- DIR [TRAVELLERS]
//! [SEED]` screens travellers against the list in DIR, and prints how much more or less than
//! others each culture scores by chance, as `screening::weights::ALLOWANCES` has it.
use std::{collections::BTreeMap, path::Path};

use evaluation::{Data, cultures, innocent};
use names::TokenKind;
use screening::{Index, Screener, weights};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().unwrap_or_default().as_str() {
        "words" => words(),
        dir => {
            let mut number = |or| arguments.next().and_then(|r| r.parse().ok()).unwrap_or(or);
            allowances(Path::new(dir), number(1_500_000), number(5))?;
        }
    }
    Ok(())
}

/// So many travellers of each culture are looked at for its words.
const EACH: u64 = 40_000;

fn words() {
    let all = cultures();
    let mut words: Vec<BTreeMap<String, u32>> = vec![BTreeMap::new(); all.len()];
    let mut states: Vec<BTreeMap<String, u32>> = vec![BTreeMap::new(); all.len()];
    for number in 0..EACH * all.len() as u64 {
        let one = innocent(99, number);
        let t = &one.traveller;
        let mut tokens = names::tokens(&t.surname);
        tokens.append(&mut names::tokens(&t.given));
        names::join(&mut tokens);
        let mut texts: Vec<String> =
            tokens.into_iter().filter(|t| t.kind == TokenKind::Word).map(|t| t.text).collect();
        texts.sort_unstable();
        texts.dedup();
        for text in texts {
            *words[one.culture].entry(text).or_default() += 1;
        }
        let state = t.nationality.map(|n| n.code().to_owned()).unwrap_or_default();
        *states[one.culture].entry(state).or_default() += 1;
    }
    for (culture, (words, states)) in all.iter().zip(words.iter().zip(&states)) {
        let states: Vec<&str> = states.keys().map(String::as_str).collect();
        println!("= {culture}: {}", states.join(" "));
        for (word, n) in words.iter().filter(|w| *w.1 >= 8) {
            println!("{word} {:.0}", -10.0 * (f64::from(*n) / EACH as f64).ln());
        }
    }
}

/// Innocent travellers of whom one is put before an officer.
const ONE_IN: f64 = 4_000.0;

fn allowances(dir: &Path, travellers: u64, seed: u64) -> anyhow::Result<()> {
    let data = Data::read(dir)?;
    let index = Index::build(data.watchlist.into_iter().collect());
    let mut screener = Screener::new(&index);
    let names = cultures();
    let mut best: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
    for number in 0..travellers {
        let one = innocent(seed, number);
        let found = screener.screen(&one.traveller);
        let most = found.iter().map(|h| h.standing() + h.allowance).fold(0.0, f64::max);
        best[one.culture].push(most);
    }
    for (name, all) in names.iter().zip(&mut best) {
        all.sort_by(|a, b| b.total_cmp(a));
        let at = |one_in: f64| all[(all.len() as f64 / one_in) as usize];
        let allowance = at(ONE_IN) - weights::POSSIBLE;
        let others: Vec<String> =
            [100.0, 300.0, 1000.0, 10_000.0].map(|n| format!("{:.1}", at(n))).to_vec();
        println!("    (\"{name}\", {allowance:.1}), // {}", others.join(" "));
    }
    Ok(())
}
