//! `cargo xtask coverage`: rows of the tables that tests keep, and what has no test.
//!
//! | table | a row is | kept by |
//! |---|---|---|
//! | `segments` | a segment in a release: tested, read, written | `messages/tests/segments.txt` |
//! | `rights` | an operation and a role: allowed or not, and the events it leaves | `api/tests/rights.txt` |
//! | `rules` | a rule of law, and the tests that bear its name | `policy/src/rules.rs` |
//! | `faults` | a fault of syntax, and the interchanges that have it and no other | `edifact/src/fault.rs` |
//! | `findings` | a finding on content, and the messages and tests in which it stands | `messages/src/codes.rs` |
//! | `points` | a write point of the store, each statement of which is failed in every way | `store/src/change.rs` |
//! | `plants` | a bug put into simulated worlds on purpose, which has to be found | `simulation/src/plants.rs` |
//!
//! A row with nothing to show for it, and no reason beside it, is a hole; one hole fails.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// One row.
struct Row {
    table: &'static str,
    /// What the row is about, in words.
    about: String,
    fields: Value,
    /// Whether a test shows it.
    shown: bool,
    /// Why none does.
    reason: String,
}

/// Findings that no golden message can show, and why.
const ELSEWHERE: &[(&str, &str)] = &[];

/// Prints the tables; fails on a hole.
pub fn run(root: &Path, options: &[&str]) -> Result<ExitCode> {
    let json = match options {
        [] => false,
        ["--json"] => true,
        _ => anyhow::bail!("coverage takes --json and nothing else"),
    };
    let mut rows = segments(root)?;
    rows.extend(rights(root)?);
    rows.extend(rules(root)?);
    rows.extend(faults(root)?);
    rows.extend(findings(root)?);
    rows.extend(points(root)?);
    rows.extend(plants(root)?);
    let holes = rows.iter().filter(|r| is_hole(r)).count();
    if json {
        rows.iter().for_each(|row| println!("{}", shape(row)));
    } else {
        print(&rows);
    }
    Ok(ExitCode::from(u8::from(holes > 0)))
}

fn is_hole(row: &Row) -> bool {
    !row.shown && row.reason.is_empty()
}

fn shape(row: &Row) -> Value {
    let mut shape = json!({"table": row.table, "hole": is_hole(row)});
    if let (Some(all), Some(own)) = (shape.as_object_mut(), row.fields.as_object()) {
        all.extend(own.clone());
        if !row.reason.is_empty() {
            all.insert("reason".to_owned(), row.reason.clone().into());
        }
    }
    shape
}

fn print(rows: &[Row]) {
    for table in ["segments", "rights", "rules", "faults", "findings", "points", "plants"] {
        let mine: Vec<&Row> = rows.iter().filter(|r| r.table == table).collect();
        let shown = mine.iter().filter(|r| r.shown).count();
        let holes = mine.iter().filter(|r| is_hole(r)).count();
        println!(
            "{table:<9} {:>4} rows, {shown:>4} shown, {holes} without test or reason",
            mine.len()
        );
        mine.iter().filter(|r| is_hole(r)).for_each(|r| println!("          HOLE {}", r.about));
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        mine.iter().filter(|r| !r.shown).for_each(|r| *reasons.entry(&r.reason).or_default() += 1);
        for (reason, n) in reasons.into_iter().filter(|(reason, _)| !reason.is_empty()) {
            println!("          {n:>4} {reason}");
        }
    }
}

fn read(root: &Path, path: &str) -> Result<String> {
    let path = root.join(path);
    fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Lines of `messages/tests/segments.txt`: message, release, segment, how often it was met,
/// whether it is read and written; reasons for holes behind.
fn segments(root: &Path) -> Result<Vec<Row>> {
    let text = read(root, "crates/messages/tests/segments.txt")?;
    let row = |line: &str| {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or_default().to_owned();
        let (message, release, segment) = (next(), next(), next());
        let (tested, reads, writes, reason) = (next() == "met", next(), next(), next());
        let (read, written) = (reads == "read", writes == "written");
        Row {
            table: "segments",
            about: format!("{message} {release} {segment}"),
            fields: json!({"message": message, "release": release, "segment": segment,
                "tested": tested, "read": read, "written": written}),
            shown: tested && read && written,
            reason,
        }
    };
    Ok(text.lines().skip(1).map(row).collect())
}

/// The table of rights, operation by role. Each cell is tried by a test.
fn rights(root: &Path) -> Result<Vec<Row>> {
    let text = read(root, "crates/api/tests/rights.txt")?;
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    let roles = head.get(1..head.len().saturating_sub(1)).unwrap_or_default();
    let mut rows = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let events = cells.get(roles.len() + 1).copied().unwrap_or_default();
        for (i, role) in roles.iter().enumerate() {
            let cell = cells.get(i + 1).copied();
            rows.push(Row {
                table: "rights",
                about: format!("{} {role}", cells[0]),
                fields: json!({"operation": cells[0], "role": role, "allowed": cell == Some("yes"),
                    "events": events.split('|').filter(|e| !e.is_empty()).collect::<Vec<_>>()}),
                shown: cell.is_some(),
                reason: String::new(),
            });
        }
    }
    Ok(rows)
}

/// Quoted words of each row of a table in code that begins with a name.
fn table(text: &str, opening: &str) -> Vec<(String, Vec<String>)> {
    let begin = text.find(opening).map_or(text.len(), |at| at + opening.len());
    let body = &text[begin..];
    let body = &body[..body.find("\n}").unwrap_or(body.len())];
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for line in body.lines().map(str::trim).filter(|l| !l.starts_with("//")) {
        let name: String = line.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let words = line.split('"').skip(1).step_by(2).map(str::to_owned);
        match (name.is_empty(), rows.last_mut()) {
            (true, Some(last)) => last.1.extend(words),
            (true, None) => {}
            (false, _) => rows.push((name, words.collect())),
        }
    }
    rows
}

fn rules(root: &Path) -> Result<Vec<Row>> {
    let tests = read(root, "crates/policy/tests/rules.rs")?;
    let row = |(_, words): (String, Vec<String>)| {
        let id = words.first().cloned().unwrap_or_default();
        let prefix = format!("{}_", id.to_lowercase().replace('-', "_"));
        let names = tests.lines().filter_map(|l| l.trim().strip_prefix("fn "));
        let names: Vec<&str> =
            names.filter(|n| n.starts_with(&prefix)).filter_map(|n| n.split('(').next()).collect();
        Row {
            table: "rules",
            about: id.clone(),
            shown: !names.is_empty(),
            fields: json!({"rule": id, "sentence": words.get(1), "tests": names}),
            reason: String::new(),
        }
    };
    let source = read(root, "crates/policy/src/rules.rs")?;
    Ok(table(&source, "\nrules! {").into_iter().map(row).collect())
}

fn faults(root: &Path) -> Result<Vec<Row>> {
    let tests = read(root, "crates/edifact/tests/faults.rs")?;
    let row = |(kind, _): (String, Vec<String>)| {
        let shown = tests.matches(&format!("K::{kind},")).count();
        Row {
            table: "faults",
            about: kind.clone(),
            shown: shown > 0,
            fields: json!({"fault": kind, "tests": shown}),
            reason: String::new(),
        }
    };
    let source = read(root, "crates/edifact/src/fault.rs")?;
    Ok(table(&source, "\nkinds! {").into_iter().map(row).collect())
}

/// The kinds of change to the store, and whether its fault tests have a sample of each.
fn points(root: &Path) -> Result<Vec<Row>> {
    let tests = read(root, "crates/store/src/faults.rs")?;
    let row = |(variant, words): (String, Vec<String>)| {
        let made = [" {", "("].iter().any(|e| tests.contains(&format!("Change::{variant}{e}")));
        // A decision is made by a function that other tests use, too.
        let shown = made || (variant == "Decision" && tests.contains("decision(\"hit-1\""));
        Row {
            table: "points",
            about: variant,
            shown,
            fields: json!({"point": words.first(), "fails": ["not done", "done but unanswered", "connection gone"],
                "stores": ["SQLite", "PostgreSQL"]}),
            reason: String::new(),
        }
    };
    let source = read(root, "crates/store/src/change.rs")?;
    Ok(table(&source, "\npoints! {").into_iter().map(row).collect())
}

fn findings(root: &Path) -> Result<Vec<Row>> {
    let mut texts = Vec::new();
    for folder in ["crates/messages/testdata", "crates/messages/tests", "crates/passerelle/tests"] {
        walk(&root.join(folder), &mut texts)?;
    }
    for file in [
        "crates/messages/src/dialect.rs",
        "crates/messages/src/sniff.rs",
        "crates/passerelle/src/check/told.rs",
    ] {
        // Of a module, what its tests say.
        let text = read(root, file)?;
        let tests = text.find("mod tests").map_or("", |at| &text[at..]);
        texts.push((root.join(file), tests.to_owned()));
    }
    let row = |(_, words): (String, Vec<String>)| {
        let code = words.first().cloned().unwrap_or_default();
        let goldens = texts.iter().filter(|(path, text)| {
            path.extension().is_some_and(|e| e == "expected") && has_word(text, &code)
        });
        let tests = texts.iter().filter(|(path, text)| {
            let rust = path.extension().is_some_and(|e| e == "rs");
            rust && has_word(text, &code)
        });
        let (goldens, tests) = (goldens.count(), tests.count());
        let reason = ELSEWHERE.iter().find(|(c, _)| *c == code).map_or("", |(_, why)| why);
        Row {
            table: "findings",
            about: code.clone(),
            shown: goldens + tests > 0,
            fields: json!({"code": code, "goldens": goldens, "tests": tests}),
            reason: reason.to_owned(),
        }
    };
    let source = read(root, "crates/messages/src/codes.rs")?;
    Ok(table(&source, "\ncodes! {").into_iter().map(row).collect())
}

/// Whether a code stands there, and not as the beginning of a longer one.
fn has_word(text: &str, code: &str) -> bool {
    text.match_indices(code).any(|(at, _)| {
        !text[at + code.len()..].starts_with(|c: char| c == '-' || c.is_ascii_uppercase())
    })
}

fn walk(folder: &Path, texts: &mut Vec<(PathBuf, String)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, texts)?;
        } else if let Ok(text) = fs::read_to_string(&path) {
            texts.push((path, text));
        }
    }
    Ok(())
}

fn plants(root: &Path) -> Result<Vec<Row>> {
    let source = read(root, "crates/simulation/src/plants.rs")?;
    let row = |(_, words): (String, Vec<String>)| Row {
        table: "plants",
        about: words.first().cloned().unwrap_or_default(),
        fields: json!({"plant": words.first(), "sentence": words.get(1),
            "tests": ["cargo xtask simulate --plant all"]}),
        shown: true,
        reason: String::new(),
    };
    Ok(table(&source, "\nplants! {").into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn no_row_is_without_a_test_or_a_reason() {
        let root = crate::root();
        let all = [segments, rights, rules, faults, findings, plants];
        for rows in all.map(|table| table(root).unwrap()) {
            assert!(rows.len() > 10, "{} rows", rows.len());
            let holes: Vec<&str> = rows.iter().filter(|r| is_hole(r)).map(|r| &*r.about).collect();
            assert!(holes.is_empty(), "{}: {holes:?}", rows[0].table);
        }
    }

    #[test]
    fn a_row_without_a_test_is_a_hole_until_there_is_a_reason() {
        let source = "\nrules! {\n    AG_01 \"AG-01\" \"It is so.\";\n    // none\n    B \"B-1\"\n \"x\";\n}\n";
        let rows = table(source, "\nrules! {");
        assert_eq!(rows[1], ("B".to_owned(), vec!["B-1".to_owned(), "x".to_owned()]));
        let mut row = Row {
            table: "rules",
            about: "B-1".into(),
            fields: json!({"rule": "B-1"}),
            shown: false,
            reason: String::new(),
        };
        assert_eq!(shape(&row)["hole"], true);
        row.reason = "why".into();
        assert_eq!(
            shape(&row),
            json!({"table": "rules", "hole": false, "rule": "B-1", "reason": "why"})
        );
        assert!(
            has_word("P-CUT-OFF at", "P-CUT-OFF") && !has_word("P-CUT-OFF-HEADER", "P-CUT-OFF")
        );
    }
}
