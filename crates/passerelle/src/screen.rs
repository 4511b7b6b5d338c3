//! `passerelle screen`: the travellers of messages compared with watchlists, without a
//! node.

use std::{
    collections::HashSet,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, Result};
use audit::Digest;
use messages::MessageType;
use screening::{
    Band, Hit, Index,
    documents::{DocumentList, InMemory, RunsInMemory, Sorter},
};
use serde::Serialize;
use travel::Traveller;

use crate::{cli, clock, node::Against};

/// `passerelle screen`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Reads the lists of the UN (XML), OFAC (CSV, XML, advanced XML), the EU (XML), the UK (CSV),
OpenSanctions (FollowTheMoney JSON lines), and our CSV; and lists of lost, stolen or revoked
documents (CSV with the header number,issuing_state,type). A list is called by its file's name, or as you say: --watchlist un=consolidated.xml
Exit code: 0 nobody may be listed; 1 possible matches; 2 a file that cannot be read or holds no
list of people: it is named, and the others are screened.

Examples:
  passerelle screen --watchlist un.xml message.edi
  passerelle screen --json --watchlist un=un.xml --watchlist ofac=sdn.csv *.edi"
)]
pub struct ScreenArgs {
    /// A watchlist, as FILE or NAME=FILE; may be given several times.
    #[arg(long = "watchlist", required = true, value_name = "LIST")]
    watchlists: Vec<String>,
    /// Print one JSON object for each possible match.
    #[arg(long)]
    json: bool,
    /// Show weak resemblances too, which no officer would be shown.
    #[arg(long)]
    silent: bool,
    /// Messages: PAXLST or PNRGOV.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Runs it.
pub fn run(args: ScreenArgs) -> ExitCode {
    match work(&args) {
        Ok((_, unread)) if unread > 0 => ExitCode::from(cli::WRONG_USE),
        Ok((0, _)) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        // Nobody reads any more (`| head`): that is the reader's choice.
        Err(e) if is_closed_pipe(&e) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("passerelle: {e:#}");
            ExitCode::from(cli::WRONG_USE)
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// How many possible matches there are, and how many files had no list of people.
fn work(args: &ScreenArgs) -> Result<(usize, usize)> {
    let against = load(&args.watchlists)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut found, mut weaker, mut travellers, mut unread) = (0, 0, 0, 0);
    for file in &args.files {
        let mut passed_over = |why: &str| {
            eprintln!("{}: {why}", file.display());
            unread += 1;
        };
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(e) => {
                passed_over(&format!("cannot be read: {e}"));
                continue;
            }
        };
        let reading = messages::read(&bytes, edifact::Mode::Tolerant, clock::utc().date());
        if reading.fatal {
            passed_over(reading.findings.first().map_or("cannot be understood", |f| &f.text));
            continue;
        }
        // Travellers are numbered through the file, as `check` lists them.
        let (mut before, mut lists) = (0, 0);
        for message in reading.messages {
            if !matches!(message.kind, MessageType::Paxlst | MessageType::Pnrgov) {
                continue;
            }
            lists += 1;
            let people = &message.report.travellers;
            travellers += people.len();
            // Whoever is named is compared: a flight that cannot be made out changes nothing.
            for hit in &compared(people, &against)? {
                if hit.band > Band::Silent || args.silent {
                    let traveller = &people[hit.traveller as usize];
                    let number = before + hit.traveller as usize;
                    show(&mut out, args.json, file, (number, traveller), hit)?;
                    found += 1;
                } else {
                    weaker += 1;
                }
            }
            before += people.len() + message.repeated.len();
        }
        if lists == 0 {
            passed_over("there is no passenger list (PAXLST or PNRGOV) in it");
        }
    }
    out.flush()?;
    if !args.json {
        println!(
            "{} compared with {} of {}: {}.",
            plural(travellers, "traveller"),
            entries(&against),
            plural(against.index.lists().len() + against.documents.len(), "list"),
            if found == 0 {
                "nobody may be listed".into()
            } else {
                plural(found, "possible match")
            }
        );
    }
    if weaker > 0 {
        eprintln!("{}: --silent shows them", plural(weaker, "weaker resemblance"));
    }
    Ok((found, unread))
}

/// Hits on lists of persons and of documents, by traveller.
fn compared(people: &[Traveller], against: &Against) -> Result<Vec<Hit>> {
    let mut hits = screening::screen_travellers(people, &against.index).hits;
    for list in &against.documents {
        hits.extend(list.screen(people)?);
    }
    hits.sort_by_key(|hit| hit.traveller);
    Ok(hits)
}

fn entries(against: &Against) -> String {
    let persons = plural(against.index.len(), "person");
    let documents = against.documents.iter().flat_map(|list| list.set.entries()).count();
    match documents {
        0 => persons,
        n => format!("{persons} and {}", plural(n, "document")),
    }
}

fn plural(n: usize, what: &str) -> String {
    match (n, what) {
        (1, _) => format!("1 {what}"),
        (_, "possible match") => format!("{n} possible matches"),
        _ => format!("{n} {what}s"),
    }
}

fn load(given: &[String]) -> Result<Against> {
    let (mut lists, mut documents) = (Vec::new(), Vec::new());
    let mut names = HashSet::new();
    for list in given {
        let (name, path) = match list.split_once('=') {
            Some((name, path)) => (name.to_owned(), PathBuf::from(path)),
            None => {
                let path = PathBuf::from(list);
                let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned());
                (stem.unwrap_or_default(), path)
            }
        };
        anyhow::ensure!(names.insert(name.clone()), "two lists are called {name}; say NAME=FILE");
        let bytes =
            std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let version = Digest::of(&bytes).to_string()[..12].to_owned();
        if screening::documents::looks_like(&bytes) {
            documents.push(Arc::new(of_documents((name, version), &path, &bytes)?));
            continue;
        }
        let (list, findings) = screening::read_list(&name, &version, &bytes)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        eprintln!(
            "{}: {} read, {}",
            path.display(),
            plural(list.entries.len(), "person"),
            plural(findings.len(), "finding")
        );
        lists.push(list);
    }
    Ok(Against { index: Index::build(lists), documents })
}

/// A list of documents, held in memory.
fn of_documents(
    (name, version): (String, String),
    path: &Path,
    bytes: &[u8],
) -> Result<DocumentList> {
    let mut sorter = Sorter::new(RunsInMemory::default(), 1 << 20);
    let read = screening::documents::read(bytes, &mut |document| sorter.add(document))
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let mut pages = InMemory::default();
    let sorted = sorter.finish(&mut pages)?;
    eprintln!(
        "{}: {} read, {}",
        path.display(),
        plural(sorted.entries as usize, "document"),
        plural(read.noted as usize, "finding")
    );
    Ok(DocumentList { name, version, set: pages.set()? })
}

#[derive(Serialize)]
struct EntryOut<'h> {
    list: &'h str,
    id: &'h str,
    name: &'h str,
    alias: &'h str,
    alias_quality: &'static str,
    reason: &'h str,
    version: &'h str,
}

#[derive(Serialize)]
struct EvidenceOut<'h> {
    feature: &'static str,
    traveller: &'h str,
    entry: &'h str,
    relation: &'h str,
    nats: f64,
}

#[derive(Serialize)]
struct HitOut<'h> {
    file: String,
    traveller: usize,
    name: String,
    birth_date: Option<String>,
    entry: EntryOut<'h>,
    band: &'static str,
    nats: f64,
    probability: f64,
    one_in: u64,
    evidence: Vec<EvidenceOut<'h>>,
    weights: &'h str,
}

fn show(
    out: &mut impl Write,
    json: bool,
    file: &Path,
    (number, traveller): (usize, &Traveller),
    hit: &Hit,
) -> Result<()> {
    let nats = (hit.nats * 100.0).round() / 100.0;
    let birth_date = traveller.birth_date.map(|d| d.to_string());
    let entry = &hit.entry;
    if json {
        let line = HitOut {
            file: file.display().to_string(),
            traveller: number,
            name: traveller.written_name(),
            birth_date,
            entry: EntryOut {
                list: &entry.list,
                id: &entry.id,
                name: &entry.name,
                alias: &entry.alias,
                alias_quality: entry.alias_quality.name(),
                reason: &entry.reason,
                version: &entry.list_version,
            },
            band: hit.band.name(),
            nats,
            probability: hit.probability,
            one_in: hit.one_in,
            evidence: hit
                .evidence
                .iter()
                .map(|e| EvidenceOut {
                    feature: e.feature.name(),
                    traveller: &e.traveller,
                    entry: &e.entry,
                    relation: &e.relation,
                    nats: e.nats,
                })
                .collect(),
            weights: &hit.weights,
        };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
        return Ok(());
    }
    writeln!(
        out,
        "{}  traveller {}  {}  {}",
        file.display(),
        number + 1,
        traveller.written_name(),
        birth_date.as_deref().unwrap_or("no birth date")
    )?;
    writeln!(
        out,
        "  {} {} of {}: {}",
        hit.band.name().to_uppercase(),
        entry.id,
        entry.list,
        entry.alias
    )?;
    writeln!(out, "  {:<28}{:<28}{:<36}{:>7}", "BOOKING", "LIST", "", "NATS")?;
    for e in &hit.evidence {
        let what = match e.feature {
            screening::Feature::Name => e.relation.clone(),
            feature => format!("{feature}: {}", e.relation),
        };
        writeln!(out, "  {:<28}{:<28}{:<36}{:>+7.1}", e.traveller, e.entry, what, e.nats)?;
    }
    writeln!(
        out,
        "  {:<92}{:>+7.1}\n  By chance: {} of innocent travellers of such names would score as high. {}\n",
        "",
        nats,
        screening::rarity(hit.one_in),
        hit.would_settle()
    )?;
    Ok(())
}
