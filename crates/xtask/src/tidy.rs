//! House rules that a compiler does not know: which crate may know which, what a pure
//! crate must not reach for, and how a file begins.
//!
//! The tables below are the rules; ARCHITECTURE.md explains them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Who may know whom. What a neighbour knows may be named too (it is the neighbour's
/// vocabulary), unless [`WALLS`] forbids it.
const ARROWS: &[(&str, &[&str])] = &[
    ("edifact", &[]),
    ("travel", &[]),
    ("names", &[]),
    ("audit", &[]),
    ("messages", &["edifact", "travel"]),
    ("screening", &["travel", "names"]),
    ("policy", &["travel"]),
    ("proofs", &["policy"]),
    ("exchange", &["travel", "screening", "policy", "audit"]),
    ("lake", &["travel"]),
    ("store", &["travel", "lake", "screening", "policy", "audit"]),
    ("api", &["store", "screening", "policy", "exchange", "messages"]),
    ("console", &["api"]),
    ("testkit", &["messages", "exchange"]),
    ("simulation", &["exchange", "testkit"]),
    ("evaluation", &["screening", "testkit"]),
    ("passerelle", &["console", "testkit", "evaluation", "proofs"]),
    ("xtask", &["messages", "screening"]),
];

/// What a crate must not know although a neighbour does.
const WALLS: &[(&str, &str, &str)] = &[
    ("console", "store", "pages are drawn from what `api` answers"),
    ("console", "lake", "pages are drawn from what `api` answers"),
    ("exchange", "names", "parcels carry hits, they do not make them"),
    ("store", "names", "a store keeps hits, it does not make them"),
];

/// Crates without input or output, clock, or threads of control of their own.
const PURE: &[&str] =
    &["edifact", "travel", "names", "audit", "messages", "screening", "policy", "exchange"];

/// What must not stand in a pure crate.
const EFFECTS: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::env",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "tokio",
    "async fn",
    "println!",
    "unsafe {",
];

/// What must not stand anywhere.
const UNFINISHED: &[&str] = &["todo!", "unimplemented!", "dbg!("];

/// Something out of order, as a line for people.
pub type Finding = String;

/// Checks the workspace at `root`; an empty list is a tidy house.
pub fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = table_runs_in_circles();
    let mut seen = BTreeSet::new();
    for directory in entries(&root.join("crates"))? {
        if !directory.join("Cargo.toml").exists() {
            continue;
        }
        let manifest = manifest(&directory)?;
        let name = manifest["package"]["name"].as_str().unwrap_or_default().to_owned();
        findings.extend(arrows(&name, &manifest));
        findings.extend(heads(&name, &manifest, &directory)?);
        for file in rust_files(&directory)? {
            let text = fs::read_to_string(&file)?;
            let shown = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            let product = file.starts_with(directory.join("src"));
            findings.extend(words(&shown, &text, product && PURE.contains(&name.as_str())));
        }
        seen.insert(name);
    }
    for (name, _) in ARROWS.iter().filter(|(name, _)| !seen.contains(*name)) {
        findings.push(format!("crates/{name}: stands in the table of arrows, but is not there"));
    }
    Ok(findings)
}

fn manifest(directory: &Path) -> Result<toml::Table> {
    let path = directory.join("Cargo.toml");
    let text = fs::read_to_string(&path)?;
    text.parse().with_context(|| format!("reading {}", path.display()))
}

/// The allowed neighbours of a crate: those of the table and all that they know.
fn allowed(name: &str) -> Option<BTreeSet<&'static str>> {
    let (_, direct) = ARROWS.iter().find(|(crate_, _)| *crate_ == name)?;
    let mut all = BTreeSet::new();
    let mut open = direct.to_vec();
    while let Some(next) = open.pop() {
        if all.insert(next) {
            open.extend(ARROWS.iter().filter(|(c, _)| *c == next).flat_map(|(_, to)| *to));
        }
    }
    all.retain(|to| !WALLS.iter().any(|(from, wall, _)| *from == name && wall == to));
    Some(all)
}

fn table_runs_in_circles() -> Vec<Finding> {
    let circle = |name: &&&str| allowed(name).is_some_and(|all| all.contains(**name));
    let names: Vec<&&str> = ARROWS.iter().map(|(name, _)| name).collect();
    names
        .iter()
        .filter(|name| circle(name))
        .map(|name| format!("{name}: the table of arrows runs in a circle"))
        .collect()
}

/// Dependencies of the manifest against the table. What tests alone use may come from
/// anywhere: cargo itself forbids circles.
fn arrows(name: &str, manifest: &toml::Table) -> Vec<Finding> {
    let Some(allowed) = allowed(name) else {
        return vec![format!("crates/{name}: give it a row in xtask's table of arrows")];
    };
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    let mut findings = Vec::new();
    for to in dependencies.into_iter().flat_map(toml::Table::keys) {
        let ours = ARROWS.iter().any(|(crate_, _)| crate_ == to);
        if ours && !allowed.contains(to.as_str()) {
            let wall = WALLS.iter().find(|(from, wall, _)| *from == name && wall == to);
            let why = wall.map_or("no arrow goes there", |(_, _, why)| why);
            findings.push(format!("crates/{name}/Cargo.toml: must not know `{to}`: {why}"));
        }
        if PURE.contains(&name) && EFFECTS.contains(&to.as_str()) {
            findings.push(format!("crates/{name}/Cargo.toml: a pure crate has no use for `{to}`"));
        }
    }
    findings
}

/// Lints are the workspace's, and a pure crate documents all that is public.
fn heads(name: &str, manifest: &toml::Table, directory: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let lints = manifest.get("lints").and_then(|l| l.get("workspace"));
    if lints.and_then(toml::Value::as_bool) != Some(true) {
        findings.push(format!("crates/{name}/Cargo.toml: add `[lints] workspace = true`"));
    }
    if PURE.contains(&name) {
        let lib = fs::read_to_string(directory.join("src/lib.rs"))?;
        if !lib.contains("#![warn(missing_docs)]") {
            findings.push(format!("crates/{name}/src/lib.rs: add `#![warn(missing_docs)]`"));
        }
    }
    Ok(findings)
}

/// Head and forbidden words of one file.
fn words(shown: &str, text: &str, pure: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !text.starts_with("//!") {
        findings.push(format!("{shown}:1: begin with `//!`: what is this file for?"));
    }
    let rules_themselves = shown.ends_with("xtask/src/tidy.rs");
    let mut in_tests = shown.ends_with("tests.rs");
    for (number, line) in text.lines().enumerate() {
        in_tests |= line.trim_start().starts_with("#[cfg(test)]");
        let code = line.split("//").next().unwrap_or_default();
        let mut forbid = |list: &[&str], why: &str| {
            for word in list.iter().filter(|word| has_word(code, word)) {
                findings.push(format!("{shown}:{}: `{word}`: {why}", number + 1));
            }
        };
        if !rules_themselves {
            forbid(UNFINISHED, "finish it, or say in an issue what is missing");
        }
        if pure && !in_tests {
            forbid(EFFECTS, "a pure crate is handed what it needs");
        }
    }
    findings
}

/// Whether `word` stands in `code` by itself, not as the end of a longer name.
fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let listed = fs::read_dir(directory).with_context(|| directory.display().to_string())?;
    let mut paths = listed.map(|e| Ok(e?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Every Rust file below `directory`.
fn rust_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for path in entries(&next)? {
            let name = path.file_name().unwrap_or_default();
            if path.is_dir() && name != "node_modules" && name != "target" {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        let findings = check(crate::root()).unwrap();
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
    }

    #[test]
    fn an_arrow_that_runs_up_is_found() {
        let manifest = "[dependencies]\nstore.workspace = true\nserde.workspace = true";
        let manifest: toml::Table = manifest.parse().unwrap();
        assert_eq!(
            arrows("travel", &manifest),
            ["crates/travel/Cargo.toml: must not know `store`: no arrow goes there"]
        );
        assert_eq!(
            arrows("console", &manifest),
            [
                "crates/console/Cargo.toml: must not know `store`: pages are drawn from what `api` answers"
            ]
        );
        assert!(arrows("api", &manifest).is_empty());
    }

    #[test]
    fn a_pure_crate_that_reaches_for_a_clock_is_found() {
        let text = "//! Head.\nfn f() { Instant::now(); } // tokio\n#[cfg(test)]\nuse std::fs;";
        assert_eq!(
            words("a.rs", text, true),
            ["a.rs:2: `Instant::now`: a pure crate is handed what it needs"]
        );
        assert!(words("a.rs", text, false).is_empty());
    }

    #[test]
    fn a_file_without_a_head_is_found() {
        assert_eq!(words("a.rs", "fn f() {}", false).len(), 1);
    }
}
