//! `cargo xtask deny`: the rules of `deny.toml` that need nothing but this machine.
//!
//! cargo-deny checks them too, and the advisories besides, but takes minutes to build and
//! fetches a database. What may come into the build (licences, banned crates, sources) is
//! therefore checked here, from what cargo itself says of each crate, in every run; CI runs
//! cargo-deny as well where it is installed.

use std::{collections::BTreeMap, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::tidy::Finding;

/// What `deny.toml` says.
struct Rules {
    targets: Vec<String>,
    licences: Vec<String>,
    banned: Vec<Ban>,
}

/// A crate that may not come in, but for those that may bring it.
struct Ban {
    name: String,
    reason: String,
    wrappers: Vec<String>,
}

/// A crate in the build.
struct Package {
    name: String,
    version: String,
    licence: Option<String>,
    /// `None` for the workspace's own.
    source: Option<String>,
    /// Who asks for it, by name.
    used_by: Vec<String>,
}

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks every crate that is built for the targets of `deny.toml`.
pub fn check(root: &Path) -> Result<Vec<Finding>> {
    let text = std::fs::read_to_string(root.join("deny.toml")).context("deny.toml")?;
    let rules = rules(&text.parse().context("deny.toml")?)?;
    let mut packages = BTreeMap::new();
    for target in &rules.targets {
        packages
            .extend(metadata(root, target)?.into_iter().map(|p| (p.name.clone() + &p.version, p)));
    }
    ensure!(!packages.is_empty(), "cargo names no crate for the targets of deny.toml");
    Ok(packages.values().flat_map(|p| judge(p, &rules)).collect())
}

fn rules(deny: &toml::Table) -> Result<Rules> {
    let texts = |section: &str, key: &str| -> Result<Vec<String>> {
        let list = deny.get(section).and_then(|s| s.get(key)).and_then(toml::Value::as_array);
        let list = list.with_context(|| format!("deny.toml has no list {section}.{key}"))?;
        Ok(list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
    };
    let bans = deny.get("bans").and_then(|b| b.get("deny")).and_then(toml::Value::as_array);
    let words = |list: Option<&toml::Value>| {
        let list = list.and_then(toml::Value::as_array).into_iter().flatten();
        list.filter_map(|v| v.as_str().map(str::to_owned)).collect()
    };
    let word = |ban: &toml::Value, key: &str| {
        ban.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned()
    };
    Ok(Rules {
        targets: texts("graph", "targets")?,
        licences: texts("licenses", "allow")?,
        banned: bans
            .into_iter()
            .flatten()
            .map(|b| Ban {
                name: word(b, "crate"),
                reason: word(b, "reason"),
                wrappers: words(b.get("wrappers")),
            })
            .collect(),
    })
}

/// The crates that are built for one target.
fn metadata(root: &Path, target: &str) -> Result<Vec<Package>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root)
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", target])
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo metadata failed for {target}:\n{said}");
    let all: Value = serde_json::from_slice(&output.stdout)?;
    let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
    let built = list(&all["resolve"]["nodes"]);
    let text = |v: &Value| v.as_str().map(str::to_owned);
    let names: BTreeMap<String, String> = list(&all["packages"])
        .iter()
        .filter_map(|p| Some((text(&p["id"])?, text(&p["name"])?)))
        .collect();
    let name = |node: &Value| text(&node["id"]).and_then(|id| names.get(&id).cloned());
    let asks = |node: &Value, id: &Value| list(&node["deps"]).iter().any(|d| d["pkg"] == *id);
    let used_by = |id: &Value| built.iter().filter(|n| asks(n, id)).filter_map(name).collect();
    let is_built = |p: &Value| built.iter().any(|node| node["id"] == p["id"]);
    Ok(list(&all["packages"])
        .into_iter()
        .filter(is_built)
        .map(|p| Package {
            used_by: used_by(&p["id"]),
            name: text(&p["name"]).unwrap_or_default(),
            version: text(&p["version"]).unwrap_or_default(),
            licence: text(&p["license"]),
            source: text(&p["source"]),
        })
        .collect())
}

fn judge(package: &Package, rules: &Rules) -> Vec<Finding> {
    let shown = format!("{} {}", package.name, package.version);
    let mut findings = Vec::new();
    if let Some(ban) = rules.banned.iter().find(|ban| ban.name == package.name) {
        let others: Vec<&String> =
            package.used_by.iter().filter(|user| !ban.wrappers.contains(user)).collect();
        if package.used_by.is_empty() || !others.is_empty() {
            let by = others.iter().map(|user| format!(", for {user}")).collect::<String>();
            findings.push(format!("{shown}: banned: {}{by}", ban.reason));
        }
    }
    if let Some(source) = package.source.as_ref().filter(|s| *s != REGISTRY) {
        findings.push(format!("{shown}: comes from {source}, not from the registry"));
    }
    let licence = package.licence.as_deref().unwrap_or_default();
    if !permitted(licence, &rules.licences) {
        findings.push(format!("{shown}: its licence {licence:?} is not in deny.toml"));
    }
    findings
}

/// Whether an SPDX expression can be met with the licences allowed.
fn permitted(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest, allowed) == Some(true) && rest.is_empty()
}

fn any_of(words: &mut &[&str], allowed: &[String]) -> Option<bool> {
    let mut met = all_of(words, allowed)?;
    while let ["OR", rest @ ..] = *words {
        *words = rest;
        met |= all_of(words, allowed)?;
    }
    Some(met)
}

fn all_of(words: &mut &[&str], allowed: &[String]) -> Option<bool> {
    let mut met = one(words, allowed)?;
    while let ["AND", rest @ ..] = *words {
        *words = rest;
        met &= one(words, allowed)?;
    }
    Some(met)
}

fn one(words: &mut &[&str], allowed: &[String]) -> Option<bool> {
    match *words {
        ["(", rest @ ..] => {
            *words = rest;
            let met = any_of(words, allowed)?;
            let [")", rest @ ..] = *words else { return None };
            *words = rest;
            Some(met)
        }
        [licence, "WITH", exception, rest @ ..] => {
            *words = rest;
            Some(allowed.contains(&format!("{licence} WITH {exception}")))
        }
        ["AND" | "OR" | "WITH" | ")", ..] | [] => None,
        [licence, rest @ ..] => {
            *words = rest;
            Some(allowed.iter().any(|a| a == licence))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, licence: Option<&str>, source: &str) -> Vec<Finding> {
        used(name, licence, source, &[])
    }

    fn used(name: &str, licence: Option<&str>, source: &str, by: &[&str]) -> Vec<Finding> {
        let rules = Rules {
            targets: Vec::new(),
            licences: vec!["MIT".into(), "Apache-2.0 WITH LLVM-exception".into(), "ISC".into()],
            banned: vec![Ban {
                name: "chrono".into(),
                reason: "one time library: jiff".into(),
                wrappers: vec!["parquet".into()],
            }],
        };
        let package = Package {
            name: name.into(),
            version: "1.0.0".into(),
            licence: licence.map(Into::into),
            source: Some(source.into()),
            used_by: by.iter().map(|user| (*user).to_owned()).collect(),
        };
        judge(&package, &rules)
    }

    #[test]
    fn a_licence_that_is_not_allowed_is_found_however_it_is_written() {
        for fine in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "GPL-3.0-only/MIT",
            "(MIT OR Apache-2.0) AND ISC",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0-only",
        ] {
            assert_eq!(with("a", Some(fine), REGISTRY), Vec::<String>::new(), "{fine}");
        }
        for not in
            ["GPL-3.0-only", "MIT AND GPL-3.0-only", "Apache-2.0", "(MIT", "MIT OR", "", "MIT ISC"]
        {
            assert_eq!(
                with("a", Some(not), REGISTRY),
                [format!("a 1.0.0: its licence {not:?} is not in deny.toml")]
            );
        }
        assert_eq!(with("a", None, REGISTRY).len(), 1);
    }

    #[test]
    fn a_banned_crate_and_a_foreign_source_are_found() {
        assert_eq!(
            with("chrono", Some("MIT"), REGISTRY),
            ["chrono 1.0.0: banned: one time library: jiff"]
        );
        assert_eq!(with("a", Some("MIT"), "git+https://git.example/a").len(), 1);
    }

    #[test]
    fn a_banned_crate_comes_in_with_those_that_may_bring_it_alone() {
        let chrono = |by| used("chrono", Some("MIT"), REGISTRY, by);
        assert_eq!(chrono(&["parquet"]), Vec::<String>::new());
        assert_eq!(
            chrono(&["parquet", "store"]),
            ["chrono 1.0.0: banned: one time library: jiff, for store"]
        );
    }
}
