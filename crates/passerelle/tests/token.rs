//! The node key under a key of a PKCS#11 token, with a real module: SoftHSM (Debian's `softhsm2`).
//! Skipped where it is not installed, unless `PASSERELLE_TEST=all` demands it.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use support::{PASSWORD, program};

const PIN: &str = "84512907";

/// Where distributions put the module.
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

/// A folder with a token `border` and nothing else.
struct Token {
    base: tempfile::TempDir,
    module: PathBuf,
}

impl Token {
    fn new() -> Option<Self> {
        let module = MODULES.iter().map(PathBuf::from).find(|path| path.exists());
        let util = Command::new("softhsm2-util").arg("--version").output().is_ok();
        let (Some(module), true) = (module, util) else {
            support::skip("the node key in a token", "SoftHSM (softhsm2) is not installed");
            return None;
        };
        let token = Self { base: tempfile::tempdir().unwrap(), module };
        std::fs::create_dir(token.path("tokens")).unwrap();
        let text = format!("directories.tokendir = {}\n", token.path("tokens").display());
        std::fs::write(token.path("softhsm.conf"), text).unwrap();
        std::fs::write(token.path("pin"), format!("{PIN}\n")).unwrap();
        std::fs::write(token.path("password"), PASSWORD).unwrap();
        token.make("border");
        Some(token)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.base.path().join(name)
    }

    fn make(&self, label: &str) {
        let made = Command::new("softhsm2-util")
            .env("SOFTHSM2_CONF", self.path("softhsm.conf"))
            .args([
                "--init-token",
                "--free",
                "--so-pin",
                "12345678",
                "--pin",
                PIN,
                "--label",
                label,
            ])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
    }

    /// `passerelle WORDS…`, with this token within reach.
    fn run(&self, words: &[&str], env: &[(&str, &str)]) -> Output {
        let mut command = Command::new(program());
        command.env_remove("PASSERELLE_SHARES").env_remove("PASSERELLE_PIN");
        command.env("SOFTHSM2_CONF", self.path("softhsm.conf")).envs(env.iter().copied());
        let out = command.args(words).stdin(std::process::Stdio::null()).output().unwrap();
        assert!(!said(&out).contains(PIN), "the PIN is shown: {}", said(&out));
        out
    }

    /// The same; it must work.
    fn works(&self, words: &[&str]) -> String {
        let out = self.run(words, &[]);
        assert!(out.status.success(), "{words:?}: {}", said(&out));
        said(&out)
    }

    /// The same; it must not, and say why.
    fn fails(&self, words: &[&str], env: &[(&str, &str)], why: &str) {
        let out = self.run(words, env);
        assert!(!out.status.success() && said(&out).contains(why), "{words:?}: {}", said(&out));
    }

    /// `passerelle init`, with the node key in the token or in a file.
    fn node(&self, name: &str, in_token: bool) -> String {
        let dir = self.path(name).to_str().unwrap().to_owned();
        let (password, pin) = (self.path("password"), self.path("pin"));
        let mut words = vec!["init", &dir, "--state", "GBR", "--administrator", "admin"];
        words.extend(["--password-file", password.to_str().unwrap()]);
        if in_token {
            words.extend(["--pkcs11-module", self.module.to_str().unwrap()]);
            words.extend(["--pkcs11-token", "border", "--pkcs11-key", name]);
            words.extend(["--pkcs11-pin-file", pin.to_str().unwrap()]);
        }
        self.works(&words);
        dir
    }
}

fn said(out: &Output) -> String {
    [&out.stdout, &out.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

/// Writes `[keys]` anew.
fn name_token(dir: &str, line: &str) {
    let path = Path::new(dir).join("passerelle.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|l| if l.contains("pkcs11 = {") { line } else { l });
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
}

fn holds(dir: &Path, secret: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holds(&path, secret));
        } else if std::fs::read(&path).unwrap().windows(secret.len()).any(|w| w == secret) {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_node_whose_key_is_in_a_token_starts_with_it_and_its_pin_alone() {
    let Some(token) = Token::new() else { return };
    let gbr = token.node("gbr", true);
    assert!(!Path::new(&gbr).join("keys/node.key").exists(), "it never lay on the disk");
    assert!(!token.works(&["carrier", "add", &gbr, "TK"]).trim().is_empty());
    let status = ["keep", "status", &gbr];
    assert!(token.works(&status).contains("No list was kept yet"));
    assert!(
        token.works(&["keys", "status", &gbr]).contains("under key \"gbr\" of token \"border\"")
    );

    let line = |token_label: &str, key: &str, pin: &str| {
        let module = token.module.display();
        format!(
            "pkcs11 = {{ module = \"{module}\", token = \"{token_label}\", key = \"{key}\"{pin} }}"
        )
    };
    name_token(&gbr, &line("border", "gbr", ""));
    token.fails(&status, &[], "set PASSERELLE_PIN");
    token.fails(&status, &[("PASSERELLE_PIN", "0000")], "refuses the PIN");
    assert!(token.run(&status, &[("PASSERELLE_PIN", PIN)]).status.success());
    let pin = [("PASSERELLE_PIN", PIN)];
    name_token(&gbr, &line("harbour", "gbr", ""));
    token.fails(&status, &pin, "shows no token \"harbour\", but \"border\"");
    name_token(&gbr, &line("border", "another", ""));
    token.fails(&status, &pin, "has no AES key \"another\"");
    name_token(&gbr, "");
    token.fails(&status, &pin, "write [keys] pkcs11 again");
    name_token(&gbr, &line("border", "gbr", ""));
    let doctor = said(&token.run(&["doctor", &gbr], &[]));
    assert!(doctor.contains("if the token is lost, so is every list"), "{doctor}");
}

#[test]
fn a_token_of_the_same_name_that_did_not_wrap_the_key_does_not_open_it() {
    let Some(token) = Token::new() else { return };
    let gbr = token.node("gbr", true);
    // Another key under the name of the first, as on a token that was set up again.
    let tur = token.path("tur").to_str().unwrap().to_owned();
    token.node("tur", true);
    let wrapped = |dir: &str| Path::new(dir).join("keys/node.wrapped");
    let text = std::fs::read_to_string(wrapped(&gbr)).unwrap();
    std::fs::copy(wrapped(&tur), wrapped(&gbr)).unwrap();
    token.fails(&["keep", "status", &gbr], &[], "it is of another key, or was changed");
    let (head, hex) = text.trim_end().rsplit_once(' ').unwrap();
    let last = if hex.ends_with('0') { '1' } else { '0' };
    let changed = format!("{head} {}{last}\n", &hex[..hex.len() - 1]);
    std::fs::write(wrapped(&gbr), changed).unwrap();
    token.fails(&["keep", "status", &gbr], &[], "it is of another key, or was changed");
    std::fs::write(wrapped(&gbr), &text[..text.len() / 2]).unwrap();
    token.fails(&["keep", "status", &gbr], &[], "node.wrapped is damaged");
    std::fs::write(wrapped(&gbr), text).unwrap();
    token.works(&["keep", "status", &gbr]);
}

#[test]
fn a_key_goes_from_its_file_into_a_token_and_back_and_shares_do_without_the_token() {
    let Some(token) = Token::new() else { return };
    let gbr = token.node("gbr", false);
    token.fails(&["keys", "to-token", &gbr], &[], "names no token");
    let key = std::fs::read(Path::new(&gbr).join("keys/node.key")).unwrap();
    let path = Path::new(&gbr).join("passerelle.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let line = format!(
        "pkcs11 = {{ module = \"{}\", token = \"border\", pin_file = \"../pin\" }}",
        token.module.display()
    );
    std::fs::write(&path, text.replace("\n[keys]\n", &format!("\n[keys]\n{line}\n"))).unwrap();
    let doctor = said(&token.run(&["doctor", &gbr], &[]));
    assert!(doctor.contains("lies there in clear"), "{doctor}");

    token.works(&["keys", "to-token", &gbr]);
    assert_eq!(holds(token.base.path(), &key), Vec::<PathBuf>::new(), "neither here nor there");
    token.works(&["keep", "status", &gbr]);
    let shares = token.path("shares").to_str().unwrap().to_owned();
    std::fs::create_dir(&shares).unwrap();
    let said =
        token.works(&["keys", "divide", &gbr, "--shares", "3", "--needed", "2", "--to", &shares]);
    assert!(said.contains("the token opens it as before"), "{said}");
    token.works(&["keep", "status", &gbr]);

    std::fs::rename(token.path("tokens"), token.path("lost")).unwrap();
    std::fs::create_dir(token.path("tokens")).unwrap();
    token.fails(&["keep", "status", &gbr], &[], "but no token at all");
    let two = format!("{shares}/gbr-share-1.txt:{shares}/gbr-share-3.txt");
    let spare = [("PASSERELLE_SHARES", two.as_str())];
    assert!(token.run(&["keep", "status", &gbr], &spare).status.success());

    // A new token takes the place of the lost one.
    token.make("border");
    assert!(token.run(&["keys", "to-token", &gbr], &spare).status.success());
    token.works(&["keep", "status", &gbr]);
    token.works(&["keys", "from-token", &gbr]);
    assert_eq!(std::fs::read(Path::new(&gbr).join("keys/node.key")).unwrap(), key);
}
