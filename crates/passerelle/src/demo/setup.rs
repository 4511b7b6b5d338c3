//! The nodes of the demonstration, made by the same functions as the commands.
//!
//! What is made once and needed at every start (addresses, tokens of the synthetic
//! airlines) is kept in `demo.json`; while that is missing, nothing was finished.

use std::{
    collections::BTreeMap,
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use api::Offer;
use policy::SignedAgreement;
use serde::{Deserialize, Serialize};
use testkit::{AIRLINES, World};
use travel::Country;

use super::{coalition::Coalition, fleet::at_once};
use crate::{
    commands::{agreement, carrier, partner, watchlist},
    init::{self, NewNode},
    node::Node,
    tls,
};

/// On top of every page of the demonstration's consoles.
const NOTICE: &str = "DEMONSTRATION – everybody here is made up";

/// An account of the demonstration: name, roles, and for whom it is.
pub struct Account {
    /// User name.
    pub name: &'static str,
    /// Roles.
    pub roles: &'static [&'static str],
    /// Whether the program signs in with it.
    pub synthetic: bool,
}

/// The accounts of each node.
pub const ACCOUNTS: [Account; 5] = [
    Account { name: "synthetic-officer", roles: &["officer"], synthetic: true },
    Account { name: "synthetic-supervisor", roles: &["officer", "supervisor"], synthetic: true },
    Account { name: "officer", roles: &["officer"], synthetic: false },
    Account { name: "supervisor", roles: &["officer", "supervisor"], synthetic: false },
    Account { name: "administrator", roles: &["administrator"], synthetic: false },
];

/// The password of an account; fixed, for nobody here is real.
pub fn password(account: &str) -> String {
    format!("demo {account} password")
}

/// One state's node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StateSetup {
    /// The state.
    pub state: String,
    /// Where airlines send to.
    pub intake: SocketAddr,
    /// Where the partner sends to.
    pub exchange: SocketAddr,
    /// Where officers sign in.
    pub console: SocketAddr,
    /// The airlines' tokens.
    pub tokens: BTreeMap<String, String>,
}

impl StateSetup {
    /// The node's directory.
    pub fn dir(&self, base: &Path) -> PathBuf {
        base.join(self.state.to_lowercase())
    }

    /// A client that trusts the node.
    pub fn client(&self, base: &Path) -> Result<reqwest::Client> {
        let layout = crate::config::Layout::of(&self.dir(base));
        tls::plain_client(&tls::read_text(&layout.ca().0)?)
    }

    /// The state.
    pub fn country(&self) -> Result<Country> {
        Country::parse(&self.state).context("demo.json names no state")
    }
}

/// The whole demonstration as kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Setup {
    /// Decides everything that is made up.
    pub seed: u64,
    /// The nodes.
    pub states: Vec<StateSetup>,
}

/// The files of a demonstration, apart from its nodes.
const FILES: [&str; 5] =
    ["demo.json", "making", "ledger.ndjson", "truths.ndjson", "agreement.signed"];

/// Keeps a second demonstration out of the directory for as long as the file is open.
pub fn lock(base: &Path) -> Result<fs::File> {
    fs::create_dir_all(base).with_context(|| format!("{} cannot be made", base.display()))?;
    let file = fs::File::create(base.join("lock"))?;
    file.try_lock().with_context(|| {
        format!("another demonstration runs in {}; --dir names another place", base.display())
    })?;
    Ok(file)
}

/// Takes up the demonstration in `base`, or makes one. Gives it, and whether it is new.
pub fn open(
    base: &Path,
    coalition: &Coalition,
    seed: Option<u64>,
    fresh: bool,
) -> Result<(Setup, bool)> {
    let kept = base.join("demo.json");
    if fresh || base.join("making").exists() {
        remove(base)?;
    }
    let states: Vec<String> = coalition.states().map(|s| s.to_string()).collect();
    if kept.exists() {
        let setup = read(&kept)?;
        ensure!(
            seed.is_none_or(|s| s == setup.seed),
            "the demonstration in {} has seed {}; --fresh begins anew with another",
            base.display(),
            setup.seed
        );
        ensure!(
            setup.states.iter().map(|s| &s.state).eq(&states),
            "the demonstration in {} has {} states; --fresh begins anew with {}",
            base.display(),
            setup.states.len(),
            states.len()
        );
        return Ok((setup, false));
    }
    for state in &states {
        let dir = base.join(state.to_lowercase());
        ensure!(
            !dir.exists(),
            "{} is there already and no demonstration made it; --dir names another place",
            dir.display()
        );
    }
    tls::write_public(&base.join("making"), states.join("\n").as_bytes())?;
    let setup = make(base, coalition, seed.unwrap_or(1))?;
    tls::write_secret(&kept, serde_json::to_string_pretty(&setup)?.as_bytes())?;
    fs::remove_file(base.join("making"))?;
    Ok((setup, true))
}

fn read(kept: &Path) -> Result<Setup> {
    serde_json::from_str(&tls::read_text(kept)?)
        .with_context(|| format!("{} is damaged; --fresh begins anew", kept.display()))
}

/// Removes what a demonstration made, and nothing else that lies there. What says that it
/// made the nodes (`demo.json`, or `making` while it did) was written when their places
/// were free.
fn remove(base: &Path) -> Result<()> {
    let (kept, making) = (base.join("demo.json"), base.join("making"));
    let states: Vec<String> = if making.exists() {
        tls::read_text(&making)?.lines().map(str::to_owned).collect()
    } else if kept.exists() {
        read(&kept)?.states.into_iter().map(|s| s.state).collect()
    } else {
        return Ok(());
    };
    // A name that is no state is no directory of ours.
    for state in states.iter().filter(|s| Country::parse(s).is_some()) {
        let name = state.to_lowercase();
        let dir = base.join(&name);
        if dir.exists() {
            fs::remove_dir_all(&dir)
                .with_context(|| format!("{} cannot be removed", dir.display()))?;
        }
        for file in [format!("{name}.log"), format!("{name}.pid"), format!("{name}-watchlist.csv")]
        {
            remove_file(&base.join(file))?;
        }
    }
    FILES.iter().try_for_each(|file| remove_file(&base.join(file)))
}

fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("{} cannot be removed", path.display()))
        }
        _ => Ok(()),
    }
}

fn make(base: &Path, coalition: &Coalition, seed: u64) -> Result<Setup> {
    let world = coalition.world(seed);
    let mut states = Vec::new();
    for (state, first) in coalition.states().zip((first_port()..).step_by(10)) {
        let [intake, exchange, console] = free_addresses(first)?;
        let tokens = BTreeMap::new();
        let state = state.to_string();
        states.push(StateSetup { state, intake, exchange, console, tokens });
    }
    let made = at_once(&states, |setup| {
        let mut setup = setup.clone();
        let node = make_node(base, &mut setup, &world)?;
        Ok((setup, node))
    })?;
    let (states, nodes): (Vec<StateSetup>, Vec<Node>) = made.into_iter().unzip();
    agree(&nodes, coalition)?;
    nodes.iter().for_each(Node::close);
    Ok(Setup { seed, states })
}

fn make_node(base: &Path, setup: &mut StateSetup, world: &World) -> Result<Node> {
    let (dir, state) = (setup.dir(base), setup.country()?);
    init::make(
        &dir,
        &NewNode {
            state,
            intake: setup.intake,
            exchange: setup.exchange,
            console: setup.console,
            names: Vec::new(),
            regimes: init::usual_regimes(state),
            notice: Some(NOTICE.to_owned()),
            administrator: None,
            store: None,
            token: None,
        },
    )?;
    let node = Node::open(&dir)?;
    for account in &ACCOUNTS {
        node.add_officer(account.name, &password(account.name), account.roles, "demo")?;
    }
    for airline in &AIRLINES {
        let token = carrier::add(&node, airline.code, Some(airline.name))?;
        setup.tokens.insert(airline.code.to_owned(), token);
    }
    let file = base.join(format!("{}-watchlist.csv", setup.state.to_lowercase()));
    tls::write_public(&file, testkit::to_csv(world.list(state)).as_bytes())?;
    watchlist::load(&node, "synthetic", &[file], None, false)?;
    Ok(node)
}

/// Each accepts the offers of all others; each pair signs its agreement and takes it up.
fn agree(nodes: &[Node], coalition: &Coalition) -> Result<()> {
    let offers: Vec<(Country, Offer)> =
        nodes.iter().map(|n| Ok((n.state(), partner::offer(n)?))).collect::<Result<_>>()?;
    at_once(&nodes.iter().collect::<Vec<_>>(), |node| {
        let others = offers.iter().filter(|(state, _)| *state != node.state());
        others.map(|(_, offer)| partner::accept(node, offer)).try_for_each(|done| done)
    })?;
    let agreements = coalition.agreements()?;
    at_once(&agreements, |(pair, agreement)| {
        let of =
            |state| nodes.iter().find(|n| n.state() == state).context("a state without a node");
        let both = [of(pair[0])?, of(pair[1])?];
        let mut document = SignedAgreement::unsigned(agreement);
        for node in both {
            document = agreement::sign(node, &document)?;
        }
        both.iter().try_for_each(|node| agreement::accept(node, &document).map(drop))
    })?;
    Ok(())
}

/// Where the demonstration looks for ports: elsewhere than another one beside it.
fn first_port() -> u16 {
    7500 + std::process::id() as u16 % 1000 * 20
}

/// Three addresses for a node that is there for a while.
pub(crate) fn some_addresses() -> Result<[SocketAddr; 3]> {
    free_addresses(first_port())
}

/// Three addresses on loopback that nobody listens on, from `first` on. Far from the ports
/// that connections going out are given: the next start wants the same ones again.
fn free_addresses(first: u16) -> Result<[SocketAddr; 3]> {
    let free = |port| TcpListener::bind(("127.0.0.1", port))?.local_addr();
    let mut found = (first..30_000).filter_map(|port| free(port).ok());
    let mut next = || found.next().context("no port below 30000 is free");
    Ok([next()?, next()?, next()?])
}
