//! `passerelle init`: a new node, from a few questions or from flags.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, BufRead, IsTerminal, Write},
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::{rand, signature::Ed25519KeyPair};
use travel::Country;

use crate::{
    cli::{OrWrongUse, WrongUse},
    clock,
    config::{Config, Layout, Pkcs11},
    node, node_key, tls,
};

/// What a new node is to be.
#[derive(Clone, Debug)]
pub struct NewNode {
    /// The state.
    pub state: Country,
    /// Where carriers send to.
    pub intake: SocketAddr,
    /// Where partners send to.
    pub exchange: SocketAddr,
    /// Where officers sign in.
    pub console: SocketAddr,
    /// Host names under which the node is reached, for its certificate.
    pub names: Vec<String>,
    /// Law packs.
    pub regimes: Vec<String>,
    /// A line on top of every console page.
    pub notice: Option<String>,
    /// The first officer, who administers the node, and the password.
    pub administrator: Option<(String, String)>,
    /// The address of the server that keeps the store, where none of its own does.
    pub store: Option<String>,
    /// The token under whose key the node key is to be, where it is not to be in a file.
    pub token: Option<Pkcs11>,
}

/// `passerelle init`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  passerelle init gbr                      asks for what it needs
  passerelle init gbr --state GBR --administrator a.smith --password-file pw.txt
  passerelle init gbr --store store.url …  keeps its state on a PostgreSQL server: the file's
      first line is postgres://user:password@host/database; where the server is not on this
      machine, the certificate (PEM) of the authority that answers for it follows
  passerelle init gbr --pkcs11-module /usr/lib/softhsm/libsofthsm2.so --pkcs11-token border …
      keeps the node key under a key of a PKCS#11 token: it is never on a disk in clear")]
pub struct InitArgs {
    /// The directory to make; it must not exist, or be empty.
    pub dir: PathBuf,
    /// The state whose node this is: three letters, as in passports (GBR, TUR, DEU …).
    #[arg(long)]
    pub state: Option<String>,
    /// Where carriers send to.
    #[arg(long, default_value = "127.0.0.1:7441", value_name = "ADDRESS")]
    pub intake: SocketAddr,
    /// Where partners send to.
    #[arg(long, default_value = "127.0.0.1:7442", value_name = "ADDRESS")]
    pub exchange: SocketAddr,
    /// Where officers sign in.
    #[arg(long, default_value = "127.0.0.1:7443", value_name = "ADDRESS")]
    pub console: SocketAddr,
    /// A host name under which the node is reached; may be given several times.
    #[arg(long = "name", value_name = "HOST")]
    pub names: Vec<String>,
    /// A law pack that binds the node; may be given several times. Chosen by state when absent.
    #[arg(long = "regime", value_name = "PACK")]
    pub regimes: Vec<String>,
    /// User name of the first officer, who administers the node.
    #[arg(long, value_name = "NAME")]
    pub administrator: Option<String>,
    /// A file whose first line is the administrator's password.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// A PostgreSQL server that keeps the state, instead of a file of this machine: its
    /// address (postgres://…), or a file that holds it with its password.
    #[arg(long, value_name = "ADDRESS|FILE")]
    pub store: Option<String>,
    #[command(flatten)]
    pub token: TokenArgs,
}

/// The token under whose key the node key is to be.
#[derive(Debug, clap::Args)]
pub struct TokenArgs {
    /// The library of a PKCS#11 token under whose key the node key is to be.
    #[arg(long, value_name = "FILE", requires = "pkcs11_token")]
    pub pkcs11_module: Option<PathBuf>,
    /// The label of the token.
    #[arg(long, value_name = "LABEL", requires = "pkcs11_module")]
    pub pkcs11_token: Option<String>,
    /// The label of the AES key in it; made when there is none.
    #[arg(long, value_name = "LABEL", requires = "pkcs11_module", default_value = "passerelle")]
    pub pkcs11_key: String,
    /// A file whose first line is its PIN. Without it PASSERELLE_PIN is, or it is asked for.
    #[arg(long, value_name = "FILE", requires = "pkcs11_module")]
    pub pkcs11_pin_file: Option<PathBuf>,
}

impl TokenArgs {
    fn token(self) -> Result<Option<Pkcs11>> {
        let (Some(module), Some(token)) = (self.pkcs11_module, self.pkcs11_token) else {
            return Ok(None);
        };
        // In the configuration it is read from the node's directory.
        let pin_file = self.pkcs11_pin_file.map(std::path::absolute).transpose()?;
        Ok(Some(Pkcs11 { module, token, key: self.pkcs11_key, pin_file }))
    }
}

/// Runs `passerelle init`.
pub fn run(args: InitArgs) -> Result<()> {
    let asking = io::stdin().is_terminal();
    let state = match args.state {
        Some(s) => s,
        None if asking => ask("State (three letters, as in passports)", None)?,
        None => bail!(WrongUse("--state is missing (for instance --state GBR)".into())),
    };
    let state = country(&state)?;
    let name = match args.administrator {
        Some(name) => name,
        None if asking => ask("User name of the administrator", Some("administrator"))?,
        None => {
            bail!(WrongUse("--administrator is missing: the user name of the first officer".into()))
        }
    };
    let password = match &args.password_file {
        Some(file) => first_line(file)?,
        None if asking => ask_password(&name)?,
        None => bail!(WrongUse(
            "--password-file is missing: a file with the administrator's password".into()
        )),
    };
    let regimes = if args.regimes.is_empty() { usual_regimes(state) } else { args.regimes };
    make(
        &args.dir,
        &NewNode {
            state,
            intake: args.intake,
            exchange: args.exchange,
            console: args.console,
            names: args.names,
            regimes,
            notice: None,
            administrator: Some((name, password)),
            store: args.store.map(address).transpose()?,
            token: args.token.token()?,
        },
    )?;
    let dir = args.dir.display();
    println!("The node of {state} is made in {dir}.");
    println!("  configuration   {dir}/passerelle.toml");
    println!("  keys            {dir}/keys   back these up apart from everything else");
    println!(
        "  authority       {dir}/authority.key   give it to the court or body that decides on"
    );
    println!("                  unmasking, and remove it here: nobody unmasks for himself");
    println!("Next:");
    println!("  passerelle watchlist load {dir} NAME FILE");
    println!("  passerelle carrier add {dir} TK");
    println!("  passerelle serve {dir}");
    Ok(())
}

/// The address of a server, given as such or in a file.
fn address(given: String) -> Result<String> {
    if given.contains("://") {
        return Ok(given);
    }
    tls::read_text(Path::new(&given))
        .with_context(|| format!("{given:?} is neither an address (postgres://…) nor a file"))
        .or_wrong_use()
}

/// Makes a node in `dir`.
pub fn make(dir: &Path, new: &NewNode) -> Result<()> {
    if dir.exists() && fs::read_dir(dir)?.next().is_some() {
        let text =
            format!("{} is not empty: a new node needs a directory of its own", dir.display());
        bail!(WrongUse(text));
    }
    check_regimes(&new.regimes)?;
    if let Some((name, password)) = &new.administrator {
        node::check_officer_name(name)?;
        node::check_password(password)?;
    }
    let layout = Layout::of(dir);
    for folder in [layout.watchlists(), layout.inbox(), layout.store(), dir.join("keys")] {
        fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    private(&dir.join("keys"))?;
    private(&layout.store())?;
    private(&layout.watchlists())?;
    if let Some(address) = &new.store {
        store::set_address(&layout.store(), address).or_wrong_use()?;
    }
    let text = configuration(new);
    // The token comes first: it is the likeliest to refuse.
    make_node_key(&layout, &Config::parse(&text)?)?;
    make_keys(&layout)?;
    let names: Vec<String> = hosts(new).into_iter().collect();
    tls::make_certificates(&layout, new.state.code(), &names)?;
    // The configuration comes last but the store: a directory with a configuration
    // has all its keys.
    tls::write_public(&dir.join("passerelle.toml"), text.as_bytes())?;
    let node = node::Node::create(dir)?;
    if let Some((name, password)) = &new.administrator {
        node.add_officer(name, password, &["administrator"], "init")?;
    }
    node.close();
    Ok(())
}

fn make_node_key(layout: &Layout, config: &Config) -> Result<()> {
    let key = store::Secret::random()?;
    match config.keys.pkcs11 {
        Some(_) => node_key::wrap(layout, config, &key),
        None => tls::write_secret(&layout.node_key(), key.bytes()),
    }
}

fn make_keys(layout: &Layout) -> Result<()> {
    let state = exchange::StateKeys::generate()?;
    tls::write_secret(&layout.state_key(), &state.encode())?;
    let authority = store::authority::AuthorityKey::generate()?;
    tls::write_secret(&layout.authority_key(), &authority.encode())?;
    tls::write_public(&layout.authority(), &authority.public().encode())?;
    let log = Ed25519KeyPair::generate_pkcs8(&rand::SystemRandom::new())
        .map_err(|_| anyhow::anyhow!("no log key could be made"))?;
    tls::write_secret(&layout.log_key(), log.as_ref())
}

fn private(dir: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?)
}

/// Every host by which the node says it is reached.
fn hosts(new: &NewNode) -> BTreeSet<String> {
    let addresses = [new.intake, new.exchange, new.console].map(|a| a.ip());
    let shown =
        addresses.into_iter().filter(|ip| !ip.is_unspecified()).map(|ip: IpAddr| ip.to_string());
    new.names.iter().cloned().chain(shown).collect()
}

/// A country code that is known, in any case.
pub fn country(text: &str) -> Result<Country> {
    let code = Country::parse(text).filter(|c| travel::is_state(*c));
    code.with_context(|| {
        format!("{text:?} is not the code of a state: three letters, as in passports")
    })
    .or_wrong_use()
}

fn check_regimes(regimes: &[String]) -> Result<()> {
    ensure!(!regimes.is_empty(), "a node needs at least one law pack");
    for name in regimes {
        policy::Regime::named(name)
            .with_context(|| {
                let known: Vec<_> = policy::Regime::all().iter().map(|r| r.name.clone()).collect();
                format!("there is no law pack {name:?}; known are {}", known.join(", "))
            })
            .or_wrong_use()?;
    }
    Ok(())
}

/// The packs that usually bind a node of that state.
pub fn usual_regimes(state: Country) -> Vec<String> {
    const EU: [&str; 26] = [
        "AUT", "BEL", "BGR", "HRV", "CYP", "CZE", "EST", "FIN", "FRA", "DEU", "GRC", "HUN", "IRL",
        "ITA", "LVA", "LTU", "LUX", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "ESP", "SWE",
    ];
    let own: &[&str] = match state.code() {
        "GBR" => &["uk_domestic"],
        code if EU.contains(&code) => &["eu_pnr", "eu_pnr_cjeu"],
        _ => &[],
    };
    own.iter().chain(&["icao_annex9"]).map(|s| (*s).to_owned()).collect()
}

fn ask(question: &str, usual: Option<&str>) -> Result<String> {
    let mut out = io::stderr();
    match usual {
        Some(u) => write!(out, "{question} [{u}]: ")?,
        None => write!(out, "{question}: ")?,
    }
    out.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let line = line.trim();
    match (line, usual) {
        ("", Some(u)) => Ok(u.to_owned()),
        ("", None) => bail!("no answer was given"),
        (answer, _) => Ok(answer.to_owned()),
    }
}

/// Asks for a password without showing it.
pub fn ask_password(name: &str) -> Result<String> {
    let password =
        rpassword::prompt_password(format!("Password of {name} (12 characters or more): "))?;
    node::check_password(&password)?;
    let again = rpassword::prompt_password("Once more: ")?;
    ensure!(password == again, "the two passwords differ");
    Ok(password)
}

/// The first line of a file, as a password.
pub fn first_line(file: &Path) -> Result<String> {
    let text = tls::read_text(file)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn configuration(new: &NewNode) -> String {
    let regimes = new.regimes.iter().map(|r| format!("{r:?}")).collect::<Vec<_>>().join(", ");
    let notice = match &new.notice {
        Some(text) => format!("notice = {text:?}"),
        None => "# notice = \"TRAINING SYSTEM\"".to_owned(),
    };
    let keys = match &new.token {
        Some(t) => {
            let pin = t.pin_file.as_ref().map(|file| format!(", pin_file = {:?}", file.display().to_string()));
            format!(
                "pkcs11 = {{ module = {:?}, token = {:?}, key = {:?}{} }}",
                t.module.display().to_string(),
                t.token,
                t.key,
                pin.unwrap_or_default()
            )
        }
        None => "# pkcs11 = { module = \"/usr/lib/softhsm/libsofthsm2.so\", token = \"border\", pin_file \
                 = \"/run/secrets/pin\" }"
            .to_owned(),
    };
    let NewNode { state, intake, exchange, console, .. } = new;
    let made = clock::utc().date();
    format!(
        "# Passerelle: the node of {state}, made on {made}.
# Read at start and on SIGHUP (`kill -HUP`). Unknown keys are refused.
# The state is in store/passerelle.db, or on the server that store/postgres.url names.

# Whose node this is. Never changes: keys and agreements are bound to it.
state = \"{state}\"

[listen]
# Carriers send their messages here: HTTPS, client certificate or token.
intake = \"{intake}\"
# Partners' nodes send their parcels here: HTTPS, mutual TLS 1.3.
exchange = \"{exchange}\"
# What partners are told to call, when it is not the address above
# (a public name, a port forwarded).
# exchange_url = \"https://gateway.example:7442\"
# Officers sign in here: HTTPS.
console = \"{console}\"

[intake]
# The largest message taken, in bytes. A larger one is answered 413.
max_bytes = 16_777_216
# How patient the reader is: strict, tolerant or cleaning.
mode = \"tolerant\"
# How many messages are worked on at the same time (read at start).
at_once = 4
# How long the parts of a list (UNH S010) are waited for after the first of them, in
# seconds; then the list is made of what came, and an alarm says what did not.
parts_wait_s = 300
# Whether files put into inbox/CARRIER/ are taken as that carrier's.
watch_folder = true
# The guide that carriers' PAXLST follow, where it changes what a field means: with CZE, LTU and
# USA a sex that is M may not be known, with \"CHN interactive\" GEI says where somebody checked in.
# guide = \"CZE\"
# What stands first in dates such as 03/04/1988 of tables and JSON, where nothing else in the
# list tells: \"day\" or \"month\". Without it, the year alone of such a date is read.
# dates_begin_with = \"day\"

# What attributes of PNRGOV XML are called, where carriers name them otherwise than is tried.
# [intake.xml_names]
# \"loyalty.number\" = [\"MembershipID\", \"CardNo\"]

[exchange]
# How many parcels each partner may hand over in a minute; more are answered 429, and come
# again. A quarter of that may come at once.
parcels_per_minute = 30000

[law]
# The law packs that bind what is kept here. Deny wins, the shortest clock wins.
# `passerelle law` shows what each of them says.
regimes = [{regimes}]

[keys]
# A PKCS#11 token under whose key the node key is, instead of in keys/node.key (read at start).
# Without pin_file the PIN is in PASSERELLE_PIN, or asked for. `passerelle keys to-token` puts it there.
{keys}

[statistics]
# Counts of travellers below this are withheld, the others rounded down to multiples of it
# (read at start).
threshold = 10

[console]
# A line shown on top of every page.
{notice}
"
    )
}
