//! The wire, read by other means: `docs/wire/checker/check.py` reads the vectors from the
//! specification alone and finds every tampering.
#![allow(clippy::unwrap_used)]

use std::{path::Path, process::Command};

#[test]
fn another_program_reads_the_vectors_and_finds_each_tampering() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let python = root.join("target/wire/bin/python");
    let all = std::env::var("PASSERELLE_TEST").is_ok_and(|v| v == "all");
    if !python.exists() {
        assert!(!all, "there is no {}", python.display());
        eprintln!(
            "skipped: the wire's second reader. It runs with `python3 -m venv target/wire && \
             target/wire/bin/pip install cryptography`"
        );
        return;
    }
    let ran = Command::new(python)
        .args(["docs/wire/checker/check.py", "docs/wire/vectors.json"])
        .current_dir(root)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    if ran.status.code() == Some(2) && !all {
        return eprintln!("{said}");
    }
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    let refused = said.lines().filter(|line| line.starts_with("refused, as it must be")).count();
    assert!(refused >= 20, "only {refused} tamperings were tried");
}
