//! A real node as a process of its own, for the tests of this folder.
#![allow(dead_code, clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

/// The program under test.
pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_passerelle")
}

/// Whether nothing may be skipped.
pub fn everything() -> bool {
    std::env::var("PASSERELLE_TEST").is_ok_and(|v| v == "all")
}

/// Says that a test is skipped, or fails when nothing may be.
pub fn skip(what: &str, why: &str) {
    assert!(!everything(), "{what} may not be skipped here: {why}");
    // Not `eprintln!`, which is shown of failing tests alone.
    let _ = writeln!(std::io::stderr(), "skipped: {what}: {why}");
}

/// An address on loopback that nothing listens on. Below the ports that the system gives
/// to connections going out, so that none takes it while a node is down.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id() as u16 % 100 * 100;
    loop {
        let port = 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return listener.local_addr().unwrap();
        }
    }
}

/// A node's directory and its three addresses.
pub struct TestNode {
    pub dir: PathBuf,
    pub state: String,
    pub intake: SocketAddr,
    pub exchange: SocketAddr,
    pub console: SocketAddr,
    /// The database that its store is in, where a server has it.
    pub database: Option<String>,
}

pub const PASSWORD: &str = "only for tests 123";

impl TestNode {
    /// `passerelle init`, with an administrator `admin` and officers `first` and `second`.
    pub fn init(base: &Path, state: &str) -> Self {
        Self::init_on(base, state, None)
    }

    /// The same, with its store on a server: its address, and the name of the database.
    pub fn init_on(base: &Path, state: &str, server: Option<(String, String)>) -> Self {
        let dir = base.join(state.to_lowercase());
        let (intake, exchange, console) = (free_address(), free_address(), free_address());
        let password = base.join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        let mut init = Command::new(program());
        init.args(["init"]).arg(&dir);
        if let Some((address, _)) = &server {
            let file = base.join(format!("{state}.url"));
            std::fs::write(&file, address).unwrap();
            init.arg("--store").arg(file);
        }
        run(init
            .args(["--state", state, "--administrator", "admin", "--password-file"])
            .arg(&password)
            .args(["--intake", &intake.to_string(), "--exchange", &exchange.to_string()])
            .args(["--console", &console.to_string()]));
        let database = server.map(|(_, name)| name);
        let node = Self { dir, state: state.to_owned(), intake, exchange, console, database };
        for (name, role) in [("first", "officer"), ("second", "supervisor")] {
            node.command(
                &["officer", "add"],
                &[name, "--role", role, "--password-file", password.to_str().unwrap()],
            );
        }
        node
    }

    /// Runs `passerelle WORDS… DIR REST…` and gives what it printed.
    pub fn command(&self, words: &[&str], rest: &[&str]) -> String {
        run(Command::new(program()).args(words).arg(&self.dir).args(rest))
    }

    /// `passerelle carrier add`: the token.
    pub fn carrier(&self, carrier: &str) -> String {
        self.command(&["carrier", "add"], &[carrier]).trim().to_owned()
    }

    /// What a POST of a list is answered: status, and Retry-After.
    pub fn post(&self, token: &str, reference: &str) -> (u16, Option<String>) {
        let body = paxlst(reference, "IST", "LHR", &[("ESPECIMEN", "ANNA", "900102")]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let url = format!("https://{}/intake", self.intake);
            let sent = self.client().post(url).bearer_auth(token).body(body).send().await.unwrap();
            let retry = sent.headers().get("retry-after").map(|v| v.to_str().unwrap().to_owned());
            (sent.status().as_u16(), retry)
        })
    }

    /// Starts `passerelle serve` and waits for the ready line.
    pub fn serve(&self) -> Serving {
        let mut child = Command::new(program())
            .arg("serve")
            .arg(&self.dir)
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(self.dir.with_extension("log")).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let started = Instant::now();
        let ready = lines.by_ref().map_while(Result::ok).any(|line| line.starts_with("ready"));
        if !ready {
            let log = std::fs::read_to_string(self.dir.with_extension("log")).unwrap_or_default();
            panic!("the node of {} ended before it was ready:\n{log}", self.state);
        }
        std::thread::spawn(move || lines.for_each(drop));
        Serving { child, ready: started.elapsed() }
    }

    /// The node's own authority.
    pub fn authority(&self) -> String {
        std::fs::read_to_string(self.dir.join("tls/ca.pem")).unwrap()
    }

    /// A client that trusts this node.
    pub fn client(&self) -> reqwest::Client {
        passerelle::cli::install_crypto();
        passerelle::tls::plain_client(&self.authority()).unwrap()
    }
}

/// Makes two nodes partners, under the agreement of the demo that both have signed.
pub fn ally(base: &Path, pair: &[TestNode; 2]) {
    for (node, other) in [(&pair[0], &pair[1]), (&pair[1], &pair[0])] {
        let offer = base.join(format!("{}.offer", node.state));
        let offer = offer.to_str().unwrap();
        let said = node.command(&["partner", "offer"], &[offer]);
        let fingerprint = said.lines().nth(1).unwrap().trim();
        other.command(&["partner", "accept"], &[offer, "--fingerprint", fingerprint]);
    }
    let text = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/agreements/gbr-tur.toml");
    let (once, both) = (base.join("once.agreement"), base.join("both.agreement"));
    for (node, from, to) in [(&pair[0], &text, &once), (&pair[1], &once, &both)] {
        node.command(&["agreement", "sign"], &[from.to_str().unwrap(), to.to_str().unwrap()]);
    }
    for node in pair {
        node.command(&["agreement", "accept"], &[both.to_str().unwrap()]);
    }
}

/// A running node; killed when dropped.
pub struct Serving {
    pub child: Child,
    pub ready: Duration,
}

impl Serving {
    /// SIGKILL.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM, and how it ended.
    pub fn stop(mut self) -> std::process::ExitStatus {
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the node did not stop within twenty seconds of SIGTERM");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs a command that must succeed; its standard output.
pub fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(
        status.success(),
        "{command:?} ended with {status}\n{}{}",
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr)
    );
    String::from_utf8(stdout).unwrap()
}

/// A PAXLST of one flight with invented travellers, for tomorrow.
pub fn paxlst(reference: &str, from: &str, to: &str, people: &[(&str, &str, &str)]) -> Vec<u8> {
    let tomorrow = passerelle::clock::utc().date().tomorrow().unwrap();
    let day = tomorrow.strftime("%y%m%d").to_string();
    let mut text = format!(
        "UNB+UNOA:4+TK+NODE+{day}:0800+{reference}++APIS'UNH+1+PAXLST:D:15B:UN:IATA'BGM+745'\
         NAD+MS+++DESK'TDT+20+TK1980+++TK'LOC+125+{from}'DTM+189:{day}1100:201'LOC+87+{to}'\
         DTM+232:{day}1400:201'"
    );
    let mut segments = 8;
    for (i, (surname, given, born)) in people.iter().enumerate() {
        text += &format!(
            "NAD+FL+++{surname}:{given}'ATT+2++M'DTM+329:{born}'NAT+2+UTO'DOC+P:110:111+T{reference}{i}'LOC+91+UTO'"
        );
        segments += 6;
    }
    text += &format!("CNT+42:{}'UNT+{}+1'UNZ+1+{reference}'", people.len(), segments + 2);
    text.into_bytes()
}
