//! `passerelle verify-erasure`: is what had to go gone, and can an outsider tell?
//!
//! For every masked or erased day: the certificate stands in the log, under a signed
//! checkpoint; no key of it is in the store; with the node's own key nothing under it
//! opens. For every traveller who was removed before that: a certificate names their place, and
//! the list, opened with all that the node has, shows nobody there. For a copy of the store: it holds no key at all.

use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context, Result};
use audit::{Checkpoint, Event, Logged};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use store::{StoreError, inspect::Inspector};
use travel::Traveller;

use crate::{cli, clock, invariants::NodeAt, node::Node};

/// `passerelle verify-erasure`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit code: 0 all that was due is gone, 1 something is not, 3 the store cannot be read.

Examples:
  passerelle verify-erasure gbr
  passerelle verify-erasure gbr --backup /backup/gbr-2026-09-22.db"
)]
pub struct VerifyArgs {
    #[command(flatten)]
    pub node: cli::NodeDir,
    /// A copy of the store to look into as well; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub backup: Vec<PathBuf>,
    /// One JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Default)]
struct Found {
    checked: u64,
    findings: Vec<String>,
    certificates: Vec<Value>,
}

impl Found {
    fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        self.checked += 1;
        if !holds {
            self.findings.push(what());
        }
    }
}

/// Runs it.
pub fn run(args: VerifyArgs) -> ExitCode {
    match verify(&args) {
        Ok(found) => {
            let ok = found.findings.is_empty();
            if args.json {
                let Found { checked, findings, certificates } = found;
                println!(
                    "{}",
                    json!({"ok": ok, "checked": checked, "findings": findings, "certificates": certificates})
                );
            } else {
                for c in &found.certificates {
                    let text = |k: &str| c[k].as_str().unwrap_or_default().to_owned();
                    println!(
                        "{}  {}  event {}  {}",
                        text("what"),
                        text("key"),
                        c["position"],
                        text("at")
                    );
                    let gone = c["travellers"].as_array().into_iter().flatten();
                    gone.filter_map(Value::as_str).for_each(|place| println!("    {place}"));
                }
                found.findings.iter().for_each(|f| println!("NOT GONE  {f}"));
                let word = if ok { "all that was due is gone" } else { "something is left" };
                println!("{} checked: {word}", found.checked);
            }
            ExitCode::from(u8::from(!ok))
        }
        Err(e) => cli::done(Err(e)),
    }
}

fn verify(args: &VerifyArgs) -> Result<Found> {
    let at = NodeAt::of(&args.node.dir)?;
    let mut found = Found::default();
    certificates(&at, &mut found)?;
    let node = Node::open(&args.node.dir)?;
    keys(&node, &mut found)?;
    sealed(&node, &mut found)?;
    removed(&node, &mut found)?;
    node.close();
    for copy in &args.backup {
        let holds = Inspector::open_file(copy)
            .and_then(|copy| copy.day_keys())
            .with_context(|| format!("{} cannot be read", copy.display()))?;
        for key in holds {
            found.expect(!key.present, || {
                format!("{} holds the key {}", copy.display(), store::key_name(&key.scope, key.day))
            });
        }
    }
    Ok(found)
}

/// The events that tell of it, each with the first signed checkpoint that covers it.
fn certificates(at: &NodeAt, found: &mut Found) -> Result<()> {
    let seen = Inspector::open(&at.store)?;
    let notes = seen.checkpoints()?;
    let mut told = Vec::new();
    let verification = seen.events(|events| {
        let events = events.inspect(|(position, bytes)| {
            let Ok(logged) = Logged::decode(bytes) else { return };
            let (what, key, rules, travellers) = match &logged.event {
                Event::Erased { key, rules, travellers, .. } => {
                    ("erased", key, rules.clone(), travellers.clone())
                }
                Event::Masked { key, .. } => ("masked", key, Vec::new(), Vec::new()),
                _ => return,
            };
            let at = logged.at.to_string();
            let mut one = json!({"what": what, "key": key, "rules": rules, "at": at});
            if !travellers.is_empty() {
                one["travellers"] = travellers.into();
            }
            told.push((*position, one));
        });
        audit::verify(&at.log_key, events, notes.clone())
    })?;
    found.expect(verification.ok, || {
        "the log does not verify: its certificates prove nothing".into()
    });
    let sizes: Vec<u64> = notes
        .iter()
        .filter_map(|n| Checkpoint::verify(n, &at.log_key).ok().map(|c| c.size))
        .collect();
    for (position, mut certificate) in told {
        let covered = sizes.iter().copied().filter(|s| *s > position).min();
        found.expect(covered.is_some(), || {
            format!("event {position} is under no signed checkpoint")
        });
        certificate["position"] = position.into();
        certificate["checkpoint"] = covered.into();
        found.certificates.push(certificate);
    }
    Ok(())
}

fn keys(node: &Node, found: &mut Found) -> Result<()> {
    let today = clock::now().to_zoned(TimeZone::UTC).date();
    let certified = |what: &str, name: &str, found: &Found| {
        found.certificates.iter().any(|c| c["what"] == what && c["key"] == name)
    };
    for key in node.store().day_keys()? {
        let name = store::key_name(&key.scope, key.day);
        let due = key.erase_due <= today;
        found.expect(!due || key.erased_at.is_some(), || {
            format!("{name} was due on {}; `passerelle keep run` erases it", key.erase_due)
        });
        let mask = key.mask_due.is_some_and(|due| due <= today);
        found.expect(!mask || !key.live, || format!("{name} was to be masked and is not"));
        if key.erased_at.is_some() {
            let certified = certified("erased", &name, found);
            found.expect(certified, || format!("{name} is erased and has no certificate"));
            found.expect(!key.live, || format!("{name} counts as erased and its key is there"));
        } else if key.masked_at.is_some() {
            let certified = certified("masked", &name, found);
            found.expect(certified, || format!("{name} is masked and has no certificate"));
        }
    }
    for (scope, day) in node.store().unpurged()? {
        let name = store::key_name(&scope, day);
        found.expect(false, || format!("{name}: sealed bytes are still on the disk, unreadable"));
    }
    Ok(())
}

/// Tries to open every list of a masked or erased day, with all that the node has.
fn sealed(node: &Node, found: &mut Found) -> Result<()> {
    let store = node.store();
    for key in store.day_keys()?.iter().filter(|k| !k.live) {
        for id in store.ids_under(&key.scope, key.day)? {
            let Some(row) = store.list(&id)? else { continue };
            let closed = |r: Result<bool, StoreError>| match r {
                Err(StoreError::Sealed { .. }) => Ok(true),
                Ok(opens) => Ok(!opens),
                Err(e) => Err(e),
            };
            let identity = closed(store.open_list(&row).map(|_| true))?;
            found.expect(identity, || format!("list {id} shows who is on it"));
            if key.erased_at.is_some() {
                let rest = closed(store.open_remainder(&row).map(|r| r.is_some()))?;
                found.expect(rest, || format!("list {id} can still be read in part"));
            }
        }
    }
    Ok(())
}

/// Holds every removal against the certificates and against what can still be opened.
fn removed(node: &Node, found: &mut Found) -> Result<()> {
    let store = node.store();
    for (scope, day) in store.going()? {
        let name = store::key_name(&scope, day);
        found.expect(false, || {
            format!(
                "{name} goes over to new keys and is not through; `passerelle keep run` goes on"
            )
        });
    }
    let certificates = found.certificates.clone();
    let certified = certified(&certificates);
    for removal in store.removals()?.iter().filter(|r| r.removed_at.is_some()) {
        let (id, name) = (&removal.list, store::key_name(&removal.scope, removal.day));
        let numbers = store::numbered(&removal.travellers);
        let named = certified.get(&(name.as_str(), id.as_str()));
        let all = numbers.iter().all(|n| named.is_some_and(|named| named.contains(n)));
        // Where the whole day went meanwhile, they went with it.
        let whole = certified.contains_key(&(name.as_str(), ""));
        found.expect(all || whole, || {
            format!("{id}/{} is removed and has no certificate", removal.travellers)
        });
        for hit in store.hits_of_list(id)?.iter().filter(|h| numbers.contains(&h.traveller)) {
            found.expect(hit.sealed.is_empty() && hit.entry.is_empty(), || {
                format!("hit {} is about {id}/{}, who was removed", hit.id, hit.traveller)
            });
        }
        let Some(row) = store.list(id)? else { continue };
        let list = match store.open_list(&row) {
            Ok(list) => list,
            Err(StoreError::Sealed { .. }) => continue,
            Err(e) => return Err(e.into()),
        };
        let mut shown = numbers.iter().filter_map(|n| list.travellers().get(*n as usize));
        found.expect(shown.all(|t| *t == Traveller::removed()), || {
            format!("list {id} shows one of {}, who were removed", removal.travellers)
        });
        let original = row.submission.as_deref().map(|s| store.submission(s)).transpose()?;
        if let Some(original) = original.flatten() {
            found.expect(store.open_original(&original).is_err(), || {
                format!("the message that brought {id} can be read, and names who was removed")
            });
        }
    }
    Ok(())
}

/// Numbers that certificates name, by key and list; under no list, a key that went with a day.
fn certified(certificates: &[Value]) -> HashMap<(&str, &str), BTreeSet<u32>> {
    let mut named: HashMap<(&str, &str), BTreeSet<u32>> = HashMap::new();
    for c in certificates.iter().filter(|c| c["what"] == "erased") {
        let key = c["key"].as_str().unwrap_or_default();
        let Some(places) = c["travellers"].as_array() else {
            named.entry((key, "")).or_default();
            continue;
        };
        for (list, numbers) in places.iter().filter_map(|p| p.as_str()?.split_once('/')) {
            named.entry((key, list)).or_default().extend(store::numbered(numbers));
        }
    }
    named
}
