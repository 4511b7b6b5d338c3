//! The node: its configuration, keys, store, law, agreements and watchlists, opened
//! together. The command line and the listeners both work through it.

mod proven;
mod state_keys;
mod watchlists;

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result, anyhow, ensure};
use argon2::{Argon2, PasswordHasher, password_hash::phc::PasswordHash};
use audit::{Actor, Digest, Event, LogKey, Logged};
use exchange::{PublicKeys, StateKeys};
use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};
use policy::{InForce, Regime};
use store::{
    Batch, Change, Secret, Store,
    rows::{self, Carrier, Officer},
};
use travel::Country;

pub use self::watchlists::{Against, Loaded};
use crate::{
    bodies::Bodies,
    cli::{OrWrongUse, WrongUse},
    clock,
    config::{Config, Layout},
    known, node_key,
    tls::{self, Fingerprint},
};

/// Roles that an officer can have.
pub const ROLES: [&str; 5] = ["officer", "supervisor", "dpo", "liaison", "administrator"];

/// A node, opened.
pub struct Node {
    layout: Layout,
    config: RwLock<Arc<Config>>,
    state: Country,
    store: Arc<Store>,
    keys: RwLock<Arc<StateKeys>>,
    regimes: RwLock<Arc<Vec<Regime>>>,
    index: RwLock<Arc<Loaded>>,
    criteria: RwLock<Arc<Vec<CriteriaInUse>>>,
    bodies: Bodies,
    proven: proven::Proven,
    pseudonyms: [u8; 32],
    /// One sealer at a time: a stream's sequence is given out in order.
    pub(crate) sealing: Mutex<()>,
    /// Held while a list that is large in memory is screened.
    pub(crate) large: Mutex<()>,
    /// Held while parts of a list are kept or joined: one after the other.
    pub(crate) joining: Mutex<()>,
}

/// Criteria that are approved and not withdrawn.
#[derive(Debug)]
pub struct CriteriaInUse {
    /// The document.
    pub criteria: screening::Criteria,
    /// SHA-256 of the document, hexadecimal.
    pub digest: String,
    /// The beginning of the digest: the version on hits.
    pub version: String,
    /// Of how many travellers one met each criterion when it was tried.
    pub measured: Vec<u64>,
}

impl Node {
    /// Makes the store of a new node; everything else is there already.
    pub fn create(dir: &Path) -> Result<Self> {
        let (layout, config, node_key, log_key) = open_keys(dir)?;
        let pseudonyms = pseudonyms(&node_key);
        let store = Store::create(&layout.store(), &config.state, node_key, log_key, clock::now())?;
        Self::with(layout, config, (store, pseudonyms))
    }

    /// Opens a node.
    pub fn open(dir: &Path) -> Result<Self> {
        let (layout, config, node_key, log_key) = open_keys(dir)?;
        let pseudonyms = pseudonyms(&node_key);
        let store = Store::open(&layout.store(), node_key, log_key)?;
        let node = Self::with(layout, config, (store, pseudonyms))?;
        // Before anything is written that would hide it.
        known::tell(&node)?;
        Ok(node)
    }

    fn with(
        layout: Layout,
        config: Config,
        (store, pseudonyms): (Store, [u8; 32]),
    ) -> Result<Self> {
        let state = config.country();
        ensure!(
            store.state()? == state.code(),
            "the configuration is of {state}, the store of {}",
            store.state()?
        );
        store.set_lake(lake::place(&config.lake.place, layout.root()).or_wrong_use()?);
        let keys = state_keys::read(&layout)?;
        let regimes = regimes(&config)?;
        let at_once = config.intake.at_once.max(1);
        Ok(Self {
            layout,
            config: RwLock::new(Arc::new(config)),
            state,
            store: Arc::new(store),
            keys: RwLock::new(Arc::new(keys)),
            regimes: RwLock::new(Arc::new(regimes)),
            index: RwLock::new(Arc::new(Loaded::nothing())),
            criteria: RwLock::default(),
            bodies: Bodies::new(at_once),
            proven: proven::Proven::default(),
            pseudonyms,
            sealing: Mutex::new(()),
            large: Mutex::new(()),
            joining: Mutex::new(()),
        })
    }

    /// The state whose node this is.
    pub fn state(&self) -> Country {
        self.state
    }
    /// Where things lie.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }
    /// The configuration in force.
    pub fn config(&self) -> Arc<Config> {
        self.config.read().clone()
    }
    /// The store.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }
    /// The law packs that bind.
    pub fn regimes(&self) -> Arc<Vec<Regime>> {
        self.regimes.read().clone()
    }
    /// The watchlists in use.
    pub fn watchlists(&self) -> Arc<Loaded> {
        self.index.read().clone()
    }
    /// What carriers post, as it is read and worked on.
    pub fn bodies(&self) -> &Bodies {
        &self.bodies
    }

    /// Writes what waits, and takes nothing more.
    pub fn close(&self) {
        self.store.close();
    }

    /// Commits changes that tell of one event each.
    pub fn record(&self, changes: Vec<Change>, actor: Actor, events: Vec<Event>) -> Result<()> {
        let at = clock::now();
        let events = events.into_iter().map(|e| Logged::new(at, actor.clone(), e)).collect();
        self.store.commit(Batch::new(changes, events))?;
        Ok(())
    }

    /// Reads the configuration again; a file with a mistake changes nothing.
    pub fn reload(&self) -> Result<()> {
        let config = Config::read(self.layout.root())?;
        ensure!(config.country() == self.state, "`state` cannot be changed");
        let regimes = regimes(&config)?;
        let digest = digest_of_file(&self.layout.root().join("passerelle.toml"))?;
        *self.regimes.write() = Arc::new(regimes);
        let old = self.config();
        if old.listen != config.listen || old.intake.at_once != config.intake.at_once {
            tracing::warn!("[listen] and intake.at_once are taken up at the next start alone");
        }
        *self.config.write() = Arc::new(config);
        self.record(Vec::new(), Actor::Node, vec![Event::ConfigChanged { config: digest }])
    }

    /// A line of JSON for whoever asks whether the node is well.
    pub fn health(&self) -> Result<String> {
        let size = self.store.log_size()?;
        Ok(format!("{{\"ok\":true,\"state\":\"{}\",\"log_size\":{size}}}\n", self.state))
    }

    // Officers.

    /// Adds an officer, or gives one other roles and another password.
    pub fn add_officer(&self, name: &str, password: &str, roles: &[&str], by: &str) -> Result<()> {
        check_officer_name(name).or_wrong_use()?;
        check_password(password).or_wrong_use()?;
        for role in roles {
            let known = ROLES.join(", ");
            ensure!(
                ROLES.contains(role),
                WrongUse(format!("{role:?} is no role; roles are {known}"))
            );
        }
        let officer = Officer {
            id: name.to_owned(),
            roles: roles.join(","),
            password: hash_password(password)?,
            enabled: true,
            failed: 0,
            locked_until: None,
            added_at: clock::now(),
        };
        let mut events =
            vec![Event::OfficerAdded { officer: name.to_owned(), role: roles.join(",") }];
        if self.store.officer(name)?.is_some() {
            events.push(Event::PasswordChanged { officer: name.to_owned() });
        }
        self.record(vec![Change::Officer(officer)], Actor::Officer(by.to_owned()), events)
    }

    // Carriers.

    /// The carrier that shows this token or certificate.
    pub fn carrier(
        &self,
        token: Option<&str>,
        certificate: Option<&Fingerprint>,
    ) -> Result<Option<Carrier>> {
        let token = token.map(|t| Digest::of(t.trim().as_bytes()).to_string());
        let certificate = certificate.map(|c| c.0.as_str());
        Ok(self.store.carrier_by(token.as_deref(), certificate)?)
    }

    /// The key of the pseudonyms under which failed sign-ins stand in the log: derived from
    /// the node key, so that it is the same after a restart and known to nobody else.
    pub fn pseudonym_key(&self) -> [u8; 32] {
        self.pseudonyms
    }

    // Partners and agreements.

    /// A partner's public keys.
    pub fn partner_keys(&self, partner: &rows::Partner) -> Result<PublicKeys> {
        self.proven.keys(&partner.keys)
    }

    /// The agreements that both parties have signed, suspended ones among them.
    pub fn agreements(&self) -> Result<Vec<InForce>> {
        self.agreements_that_are(&["in_force", "suspended"])
    }

    /// Those that a later version has ended. Nothing is sealed under them any more; what
    /// was sealed before still goes and comes, as far as the later version permits it.
    ///
    /// # Errors
    /// As [`agreements`](Self::agreements).
    pub fn ended(&self) -> Result<Vec<InForce>> {
        self.agreements_that_are(&["ended"])
    }

    fn agreements_that_are(&self, statuses: &[&str]) -> Result<Vec<InForce>> {
        let own = self.keys().public().party_keys(self.state);
        let partners = self.store.partners()?;
        let mut agreements = Vec::new();
        for row in self.store.agreements()? {
            let partner = partners.iter().find(|p| p.state == row.partner);
            let (true, Some(partner)) = (statuses.contains(&row.status.as_str()), partner) else {
                continue;
            };
            let party = Country::parse(&partner.state).context("a partner without a state")?;
            let keys = [own.clone(), self.partner_keys(partner)?.party_keys(party)];
            let by = row.suspended_by.as_deref().and_then(Country::parse);
            // A stored agreement that does not verify any more (its partner's keys
            // changed) binds nobody until it is signed again.
            match self.proven.agreement(&row.signed, &keys) {
                Ok(in_force) => agreements.push(in_force.suspended(by)),
                Err(e) => tracing::warn!(agreement = %row.id, error = %e, "agreement not in force"),
            }
        }
        Ok(agreements)
    }
}

impl Node {
    /// The criteria that are looked for at the moment.
    pub fn criteria(&self) -> Arc<Vec<CriteriaInUse>> {
        self.criteria.read().clone()
    }

    /// Takes up the criteria that are in force. Gives whether anything changed.
    ///
    /// # Errors
    /// The store, or a document that cannot be read any more.
    pub fn load_criteria(&self) -> Result<bool> {
        let today = clock::utc().date();
        let rows = self.store.criteria_in_force(today)?;
        let before = self.criteria();
        if rows.iter().map(|r| &r.digest).eq(before.iter().map(|c| &c.digest)) {
            return Ok(false);
        }
        let in_use = |row: rows::CriteriaRow| {
            let criteria = api::criteria::read(&row)
                .with_context(|| format!("criteria {} cannot be read", row.name))?;
            let measured = api::criteria::one_in(&row);
            let version = row.digest[..16].to_owned();
            Ok(CriteriaInUse { criteria, version, measured, digest: row.digest })
        };
        let loaded = rows.into_iter().map(in_use).collect::<Result<Vec<_>>>()?;
        *self.criteria.write() = Arc::new(loaded);
        Ok(true)
    }
}

fn pseudonyms(node_key: &Secret) -> [u8; 32] {
    Digest::of_parts(&[b"passerelle pseudonyms", node_key.bytes()]).0
}

fn regimes(config: &Config) -> Result<Vec<Regime>> {
    config.law.regimes.iter().map(|name| Ok(Regime::named(name)?)).collect()
}

fn open_keys(dir: &Path) -> Result<(Layout, Config, Secret, LogKey)> {
    let layout = Layout::of(dir);
    let config = Config::read(dir)?;
    let node_key = node_key::open(&layout, &config)?;
    let path = layout.log_key();
    let bytes =
        std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let origin = format!("passerelle/{}", config.country());
    let log_key = LogKey::from_pkcs8(&origin, &bytes)
        .with_context(|| format!("{} holds no key", path.display()))?;
    Ok((layout, config, node_key, log_key))
}

/// SHA-256 of a file.
pub fn digest_of_file(path: &Path) -> Result<Digest> {
    let bytes =
        std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(Digest::of(&bytes))
}

/// User names are short and plain, for they stand in the log.
pub fn check_officer_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    ensure!(
        (1..=40).contains(&name.len()) && name.chars().all(plain),
        "{name:?} is no user name: up to 40 letters, digits, points, hyphens"
    );
    Ok(())
}

/// Long rather than intricate (NIST SP 800-63B).
pub fn check_password(password: &str) -> Result<()> {
    ensure!(password.chars().count() >= 12, "a password has twelve characters or more");
    ensure!(password.len() <= 1024, "a password has at most a thousand characters");
    Ok(())
}

/// argon2id with the library's parameters, in PHC form.
pub fn hash_password(password: &str) -> Result<String> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|e| anyhow!("the password cannot be hashed: {e}"))?;
    Ok(hash.to_string())
}

/// What an interval of this length adds to a time; times near the end of time stay.
pub fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// Keeps a client that trusts one partner.
pub fn partner_client(node: &Node, partner: &rows::Partner) -> Result<reqwest::Client> {
    tls::partner_client(node.layout(), &partner.authority)
}
