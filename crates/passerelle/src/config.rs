//! `passerelle.toml`: what an administrator decides about a node.
//!
//! The file is written once by `passerelle init`, with a comment on every line
//! that somebody may want to change, and read at start and on SIGHUP. Unknown keys
//! are errors, so that a misspelt one does not pass for a default.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use messages::{Reading, Terms};
use screening::Thresholds;
use serde::Deserialize;
use travel::Country;

use crate::bodies;

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// ICAO code of the state whose node this is.
    pub state: String,
    /// Where carriers, partners and officers are listened for.
    pub listen: Listen,
    /// What carriers may send.
    #[serde(default)]
    pub intake: Intake,
    /// What partners may send.
    #[serde(default)]
    pub exchange: Exchange,
    /// The law that binds what is kept here.
    pub law: Law,
    /// When a match is put before officers.
    #[serde(default)]
    pub screening: Screening,
    /// The officers' pages.
    #[serde(default)]
    pub console: Console,
    /// What statistics show.
    #[serde(default)]
    pub statistics: Statistics,
    /// Where lists of days past are looked through.
    #[serde(default)]
    pub lake: Lake,
    /// What keeps the node key.
    #[serde(default)]
    pub keys: Keys,
}

/// What keeps the node key, where it is not in a file.
#[derive(Clone, Default, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// A token under whose key it is wrapped.
    pub pkcs11: Option<Pkcs11>,
}

/// A PKCS#11 token.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pkcs11 {
    /// The maker's library.
    pub module: PathBuf,
    /// The label of the token.
    pub token: String,
    /// The label of the AES key in it.
    #[serde(default = "Pkcs11::usual_key")]
    pub key: String,
    /// A file whose first line is the PIN, below the node's directory unless it is absolute.
    pub pin_file: Option<PathBuf>,
}

impl Pkcs11 {
    /// What the key is called unless it is said.
    pub fn usual_key() -> String {
        "passerelle".to_owned()
    }
}

/// The lake: what lists of days past are found by.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lake {
    /// `file:PATH`, below the node's directory unless it is absolute; or `s3://BUCKET/PREFIX`.
    pub place: String,
    /// Days after a flight on which its lists go there.
    pub after_days: u16,
}

impl Default for Lake {
    fn default() -> Self {
        Self { place: "file:store/lake".into(), after_days: 3 }
    }
}

impl Lake {
    /// The last day whose lists go there at a time.
    pub fn until(&self, now: Timestamp) -> Date {
        let today = now.to_zoned(TimeZone::UTC).date();
        today.saturating_sub(Span::new().days(i64::from(self.after_days)))
    }
}

/// What statistics show.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Statistics {
    /// Counts below it are withheld, the others rounded down to multiples of it; at least 2.
    pub threshold: u64,
}

impl Default for Statistics {
    fn default() -> Self {
        Self { threshold: api::statistics::THRESHOLD }
    }
}

/// When a match is put before officers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Screening {
    /// Thresholds of a watchlist, by its name; lists that are not named have those of
    /// the scorer.
    pub lists: BTreeMap<String, ListThresholds>,
}

/// Thresholds of one watchlist, in nats.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListThresholds {
    /// From here on one officer looks at it.
    pub possible: f64,
    /// From here on two do.
    pub hit: f64,
}

impl Screening {
    /// The thresholds that the state has set for a watchlist.
    pub fn thresholds(&self, list: &str) -> Option<Thresholds> {
        let set = self.lists.get(list)?;
        Thresholds::new(set.possible, set.hit).ok()
    }
}

/// The three listeners, all TLS.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// Carriers post their messages here.
    pub intake: SocketAddr,
    /// Partners' nodes post their parcels here (mutual TLS).
    pub exchange: SocketAddr,
    /// The address that partners are told, when it differs from `exchange`.
    pub exchange_url: Option<String>,
    /// Officers sign in here.
    pub console: SocketAddr,
}

/// Limits of the intake.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intake {
    /// The largest message taken, in bytes.
    pub max_bytes: usize,
    /// How patient the reader is: `strict`, `tolerant` or `cleaning`.
    pub mode: String,
    /// How many messages are read at the same time; the others wait, then get 503.
    pub at_once: usize,
    /// How long the parts of a list are waited for after the first of them, in seconds.
    pub parts_wait_s: u32,
    /// Whether files put into `inbox/CARRIER/` are taken as that carrier's.
    pub watch_folder: bool,
    /// The guide that carriers' PAXLST follow, by its state and name (`CZE`, `CHN
    /// interactive`), where that guide changes what a field means.
    pub guide: Option<String>,
    /// What the attributes of PNRGOV XML are called, where that is not as in the table of
    /// `messages::pnrgov::ATTRIBUTES`, by its keys.
    pub xml_names: BTreeMap<String, Vec<String>>,
    /// What stands first in dates such as `03/04/1988` of tables and JSON, where nothing else
    /// in the list tells: `day` or `month`. Without it, the year alone of such a date is read.
    pub dates_begin_with: Option<DatePart>,
}

/// What a date may begin with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatePart {
    /// `25/10/2031`.
    Day,
    /// `10/25/2031`.
    Month,
}

impl Intake {
    /// On what terms carriers' messages are read.
    pub fn terms(&self) -> Result<Terms> {
        let mut terms = Terms::default();
        if let Some(guide) = &self.guide {
            let (state, name) = guide.split_once(' ').unwrap_or((guide, ""));
            let known =
                Country::parse(state).and_then(|s| messages::dialect::named(s, name.trim()));
            terms.dialect = Some(known.with_context(|| {
                let all = messages::dialect::DIALECTS.iter();
                let all = all.map(|d| format!("{} {}", d.state, d.name).trim_end().to_owned());
                let all = all.collect::<Vec<_>>().join(", ");
                format!("intake.guide = {guide:?} is none of those that are known: {all}")
            })?);
        }
        for (key, names) in &self.xml_names {
            terms.names.set(key, names.clone()).context("[intake.xml_names]")?;
        }
        terms.month_first = self.dates_begin_with.map(|part| part == DatePart::Month);
        Ok(terms)
    }
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            max_bytes: 16 << 20,
            mode: "tolerant".into(),
            at_once: 4,
            parts_wait_s: 300,
            watch_folder: true,
            guide: None,
            xml_names: BTreeMap::new(),
            dates_begin_with: None,
        }
    }
}

/// Limits of the exchange.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Exchange {
    /// How many parcels each partner may hand over in a minute; the others are answered 429
    /// and come again.
    pub parcels_per_minute: u32,
}

impl Default for Exchange {
    fn default() -> Self {
        Self { parcels_per_minute: 30_000 }
    }
}

/// The law of the state.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    /// Names of law packs; all of them bind (deny wins, shortest clock wins).
    pub regimes: Vec<String>,
}

/// The officers' pages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Console {
    /// A line shown on top of every page, for instance on a training system.
    pub notice: Option<String>,
}

impl Config {
    /// Reads the configuration of the node in `dir`.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join("passerelle.toml");
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!(
                "{} cannot be read: is {} a node? `passerelle init {}` makes one",
                path.display(),
                dir.display(),
                dir.display()
            )
        })?;
        Self::parse(&text).with_context(|| format!("{} is not valid", path.display()))
    }

    /// Reads the text of a configuration.
    pub fn parse(text: &str) -> Result<Self> {
        let config: Self = toml::from_str(text)?;
        config.check()?;
        Ok(config)
    }

    /// Reads what a carrier sent, as patiently and on the terms that are set here.
    pub fn understand(&self, bytes: &[u8], received_on: Date) -> Result<Reading> {
        Ok(messages::read_on(bytes, self.mode()?, received_on, &self.intake.terms()?))
    }

    fn check(&self) -> Result<()> {
        if Country::parse(&self.state).is_none_or(|c| !travel::is_state(c)) {
            bail!("state = {:?} is not an ICAO country code of three letters", self.state);
        }
        self.mode()?;
        self.intake.terms()?;
        for (list, set) in &self.screening.lists {
            Thresholds::new(set.possible, set.hit)
                .with_context(|| format!("[screening.lists.{list}]"))?;
        }
        if self.intake.max_bytes < 1024 {
            bail!("intake.max_bytes = {} is too small for any message", self.intake.max_bytes);
        }
        if self.intake.max_bytes > bodies::READ {
            bail!("intake.max_bytes is more than {}, which the node never holds", bodies::READ);
        }
        if self.exchange.parcels_per_minute == 0 {
            bail!("exchange.parcels_per_minute = 0: no parcel would ever be taken");
        }
        if self.statistics.threshold < 2 {
            bail!("statistics.threshold = {}: 2 is the least", self.statistics.threshold);
        }
        if self.intake.at_once == 0 {
            bail!("intake.at_once = 0: no message would ever be taken");
        }
        Ok(())
    }

    /// The state.
    pub fn country(&self) -> Country {
        Country::parse(&self.state).expect("checked when the file was read")
    }

    /// How patient the reader is.
    pub fn mode(&self) -> Result<edifact::Mode> {
        Ok(match self.intake.mode.as_str() {
            "strict" => edifact::Mode::Strict,
            "tolerant" => edifact::Mode::Tolerant,
            "cleaning" => edifact::Mode::Cleaning,
            other => bail!("intake.mode = {other:?} is none of strict, tolerant, cleaning"),
        })
    }

    /// The address that partners are told.
    pub fn exchange_url(&self) -> String {
        self.listen
            .exchange_url
            .clone()
            .unwrap_or_else(|| format!("https://{}", self.listen.exchange))
    }
}

/// Where things lie in a node's directory.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout of the node in `dir`.
    pub fn of(dir: &Path) -> Self {
        Self { root: dir.to_owned() }
    }
    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// The state store: SQLite and its write-ahead log.
    pub fn store(&self) -> PathBuf {
        self.root.join("store")
    }
    /// The key that wraps the day keys; never in a backup.
    pub fn node_key(&self) -> PathBuf {
        self.root.join("keys/node.key")
    }
    /// What is said of the node key when it is in shares.
    pub fn divided(&self) -> PathBuf {
        self.root.join("keys/node.divided")
    }
    /// The node key under a key of a token.
    pub fn wrapped(&self) -> PathBuf {
        self.root.join("keys/node.wrapped")
    }
    /// The state's signing and epoch keys.
    pub fn state_key(&self) -> PathBuf {
        self.root.join("keys/state.key")
    }
    /// The key that signs the log's checkpoints.
    pub fn log_key(&self) -> PathBuf {
        self.root.join("keys/log.key")
    }
    /// The public key of the independent authority that unmasking needs.
    pub fn authority(&self) -> PathBuf {
        self.root.join("keys/authority.pub")
    }
    /// Its private key, until somebody has handed it over.
    pub fn authority_key(&self) -> PathBuf {
        self.root.join("authority.key")
    }
    /// The node's own certificate authority.
    pub fn ca(&self) -> (PathBuf, PathBuf) {
        (self.root.join("tls/ca.pem"), self.root.join("keys/ca.key"))
    }
    /// The certificate that the node shows, and its key.
    pub fn certificate(&self) -> (PathBuf, PathBuf) {
        (self.root.join("tls/node.pem"), self.root.join("keys/node-tls.key"))
    }
    /// Watchlists as loaded, one file each.
    pub fn watchlists(&self) -> PathBuf {
        self.root.join("watchlists")
    }
    /// Where carriers drop files, one folder each.
    pub fn inbox(&self) -> PathBuf {
        self.root.join("inbox")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn intake(text: &str) -> Result<Terms> {
        toml::from_str::<Intake>(text).unwrap().terms()
    }

    #[test]
    fn what_was_agreed_on_beside_the_standard_is_set_in_the_file() {
        assert_eq!(intake("").unwrap(), Terms::default());
        let guide = |words| intake(&format!("guide = {words:?}")).map(|t| t.dialect.unwrap().name);
        assert_eq!(guide("CZE").unwrap(), "");
        assert_eq!(guide("CHN interactive").unwrap(), "interactive");
        assert!(guide("CHN").unwrap_err().to_string().contains("CHN batch, CHN interactive"));
        let named = intake("[xml_names]\n\"bag.weight\" = [\"Kilos\"]").unwrap();
        assert_ne!(named.names, Terms::default().names);
        let order = |word| intake(&format!("dates_begin_with = {word:?}")).map(|t| t.month_first);
        assert_eq!([order("day").unwrap(), order("month").unwrap()], [Some(false), Some(true)]);
        let unknown = intake("[xml_names]\n\"bag\" = []").unwrap_err();
        assert!(format!("{unknown:#}").contains("[intake.xml_names]"), "{unknown:#}");
    }
}
