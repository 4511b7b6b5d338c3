//! A PostgreSQL server of the test's own, with a database for each test.
//!
//! Of the programs that Debian installs (`/usr/lib/postgresql/*/bin`) or that
//! `PASSERELLE_POSTGRES` names. A server refuses to run as root: then it runs as `nobody`.
//! It ends with the test's process, however that ends: its shell waits for the end of a pipe.
#![allow(dead_code)]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use store::{Secret, Store, StoreError};

use crate::conformance::world::{Place, at, log_key, node_key};

/// Settings of the server: durable, silent, and leaving no files of its log lying about.
const SETTINGS: &str = "listen_addresses = ''
fsync = on
wal_recycle = off
wal_keep_size = 0
max_connections = 200
shared_buffers = 16MB
autovacuum = off
logging_collector = off
";

/// A running server.
pub struct Server {
    /// What it has on the disk, and its socket.
    pub dir: PathBuf,
    bin: PathBuf,
    user: Option<(u32, u32)>,
    child: Child,
}

/// The directory of the server's programs, where they are installed.
fn programs() -> Option<PathBuf> {
    let given = std::env::var_os("PASSERELLE_POSTGRES").map(PathBuf::from);
    let installed = || {
        let found = fs::read_dir("/usr/lib/postgresql").ok()?;
        let mut found: Vec<PathBuf> = found.flatten().map(|e| e.path().join("bin")).collect();
        found.sort();
        found.pop()
    };
    given.or_else(installed).filter(|bin| bin.join("postgres").exists())
}

/// The user as whom the server runs where the tests run as root.
fn nobody() -> Option<(u32, u32)> {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    if String::from_utf8_lossy(&id.stdout).trim() != "0" {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("there are users");
    let line = users.lines().find(|l| l.starts_with("nobody:")).expect("there is nobody");
    let field = |n: usize| line.split(':').nth(n).and_then(|f| f.parse().ok());
    Some((field(2).expect("a user's number"), field(3).expect("a group's number")))
}

impl Server {
    /// Starts one; nothing where the programs are not there. `PASSERELLE_TEST=all` demands
    /// them.
    pub fn start() -> Option<Self> {
        let Some(bin) = programs() else {
            let all = std::env::var("PASSERELLE_TEST").is_ok_and(|t| t == "all");
            assert!(!all, "PostgreSQL is not installed, and PASSERELLE_TEST=all demands it");
            // Past the harness, which keeps what a test prints that passes.
            let _ = writeln!(std::io::stderr(), "skipped: PostgreSQL is not installed here");
            return None;
        };
        let user = nobody();
        let dir = tempfile::tempdir().expect("a directory for the server").keep();
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(&dir, Some(uid), Some(gid)).expect("root may do so");
        }
        let data = dir.join("data");
        let made = as_user(Command::new(bin.join("initdb")), user)
            .args(["--no-sync", "--auth=trust", "--username=passerelle", "--encoding=UTF8"])
            .args(["--locale=C", "--pgdata"])
            .arg(&data)
            .current_dir(&dir)
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut settings = fs::read_to_string(data.join("postgresql.conf")).expect("settings");
        settings.push_str(SETTINGS);
        fs::write(data.join("postgresql.conf"), settings).expect("the disk takes settings");
        Some(Self::run(dir, bin, user))
    }

    /// Starts what lies in a directory.
    fn run(dir: PathBuf, bin: PathBuf, user: Option<(u32, u32)>) -> Self {
        // Ends the server, and takes away what it had, when the pipe from here ends.
        let script = "bin=$1; dir=$2; \"$bin/pg_ctl\" -D \"$dir/data\" -l \"$dir/log\" -o \"-k '$dir'\" -w start >/dev/null
            read end; \"$bin/pg_ctl\" -D \"$dir/data\" -m immediate -w stop >/dev/null 2>&1; rm -rf \"$dir\"";
        let child = as_user(Command::new("sh"), user)
            .args(["-c", script, "sh"])
            .arg(&bin)
            .arg(&dir)
            .current_dir(&dir)
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        let server = Self { dir, bin, user, child };
        server.wait();
        server
    }

    /// Starts a second server that follows this one, which from then on answers no commit that
    /// the second has not on its disk, too.
    pub fn standby(&self) -> Self {
        let dir = tempfile::tempdir().expect("a directory for the standby").keep();
        if let Some((uid, gid)) = self.user {
            std::os::unix::fs::chown(&dir, Some(uid), Some(gid)).expect("root may do so");
        }
        let made = as_user(Command::new(self.bin.join("pg_basebackup")), self.user)
            .args(["-R", "-X", "stream", "-c", "fast", "-U", "passerelle", "-h"])
            .arg(&self.dir)
            .arg("-D")
            .arg(dir.join("data"))
            .current_dir(&dir)
            .output()
            .expect("pg_basebackup runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let standby = Self::run(dir, self.bin.clone(), self.user);
        let both = "ALTER SYSTEM SET synchronous_standby_names = '*'";
        assert!(self.psql("postgres", both).is_some(), "the server waits for its standby");
        self.psql("postgres", "SELECT pg_reload_conf()");
        let sync = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        let began = Instant::now();
        while self.psql("postgres", sync).as_deref() != Some("1") {
            assert!(began.elapsed() < Duration::from_secs(60), "the standby does not follow");
            std::thread::sleep(Duration::from_millis(50));
        }
        standby
    }

    /// Makes a standby the server.
    pub fn promote(&self) {
        assert_eq!(self.psql("postgres", "SELECT pg_promote()").as_deref(), Some("t"));
    }

    /// Kills it with everything it has in memory.
    pub fn crash(&self) {
        let done = as_user(Command::new(self.bin.join("pg_ctl")), self.user)
            .args(["-m", "immediate", "-w", "stop", "-D"])
            .arg(self.dir.join("data"))
            .current_dir(&self.dir)
            .stdout(Stdio::null())
            .status()
            .expect("pg_ctl runs");
        assert!(done.success());
    }

    /// Waits until it takes statements.
    pub fn wait(&self) {
        let began = Instant::now();
        while self.psql("postgres", "SELECT 1").is_none() {
            assert!(began.elapsed() < Duration::from_secs(60), "the server does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What a statement gives, by the server's own program.
    pub fn psql(&self, database: &str, sql: &str) -> Option<String> {
        let done = Command::new(self.bin.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-U", "passerelle", "-h"])
            .arg(&self.dir)
            .args(["-d", database, "-c", sql])
            .output()
            .expect("psql runs");
        done.status.success().then(|| String::from_utf8_lossy(&done.stdout).trim().to_owned())
    }

    /// Kills it with everything it has in memory, and starts it again.
    pub fn crash_and_start(&self) {
        let done = as_user(Command::new(self.bin.join("pg_ctl")), self.user)
            .args(["-m", "immediate", "-w", "restart", "-D"])
            .arg(self.dir.join("data"))
            .arg("-l")
            .arg(self.dir.join("log"))
            .arg("-o")
            .arg(format!("-k '{}'", self.dir.display()))
            .current_dir(&self.dir)
            .stdout(Stdio::null())
            .status()
            .expect("pg_ctl runs");
        assert!(done.success());
        self.wait();
    }

    /// The address of a new database.
    pub fn database(&self) -> (String, String) {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let made = self.psql("postgres", &format!("CREATE DATABASE {name}"));
        assert!(made.is_some(), "the database cannot be made");
        (format!("postgres://passerelle@{}/{name}", self.host()), name)
    }

    /// Where its socket is, as it stands in an address.
    pub fn host(&self) -> String {
        self.dir.display().to_string().replace('/', "%2F")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn as_user(mut command: Command, user: Option<(u32, u32)>) -> Command {
    if let Some((uid, gid)) = user {
        std::os::unix::process::CommandExt::uid(&mut command, uid);
        std::os::unix::process::CommandExt::gid(&mut command, gid);
    }
    command
}

/// The one server of this process; nothing where there is none to be had.
pub fn shared() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref()
}

/// A database of its own, on the shared server.
pub struct Postgres {
    server: &'static Server,
    dir: tempfile::TempDir,
    name: String,
}

impl Postgres {
    /// The node's directory: it holds the address alone.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What a statement gives in this database.
    pub fn psql(&self, sql: &str) -> String {
        self.server.psql(&self.name, sql).expect("the statement is right")
    }
}

impl Place for Postgres {
    fn fresh() -> Option<Self> {
        let server = shared()?;
        let (address, name) = server.database();
        let dir = tempfile::tempdir().expect("a directory for the test");
        store::set_address(dir.path(), &address).expect("an address");
        Some(Self { server, dir, name })
    }

    fn create(&self) -> Result<Store, StoreError> {
        Store::create(self.dir.path(), "GBR", node_key(1), log_key("gw.gbr.example/log"), at(0))
    }

    fn open_with(&self, node_key: Secret, log_key: audit::LogKey) -> Result<Store, StoreError> {
        Store::open(self.dir.path(), node_key, log_key)
    }

    fn overwrites(&self) -> bool {
        false
    }

    /// The tables' files, and the server's write-ahead log.
    fn disk(&self) -> Vec<u8> {
        self.psql("CHECKPOINT");
        let oid = self.psql("SELECT oid FROM pg_database WHERE datname = current_database()");
        let data = self.server.dir.join("data");
        let mut bytes = Vec::new();
        for folder in [data.join("base").join(oid), data.join("pg_wal")] {
            for file in fs::read_dir(folder).expect("the folder is there").flatten() {
                // Files come and go; folders hold nothing of ours.
                bytes.extend(fs::read(file.path()).unwrap_or_default());
            }
        }
        bytes
    }
}
