//! The project's own chores: `cargo xtask tidy`, `deny`, `coverage`, `bench readers` and `simulate`.
//!
//! `tidy` is also a test, so that `cargo test --workspace` keeps the walls.

mod coverage;
mod deny;
mod tidy;

use std::{
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::Result;

const USAGE: &str = "\
usage: cargo xtask tidy                    check the walls between crates, and the house rules
       cargo xtask deny                    check licences, sources and bans of every crate in the build
       cargo xtask coverage [--json]       what tests show: segments, rights, rules, faults; and holes
       cargo xtask bench readers [--json]  measure the readers beside a rival, in a release build
       cargo xtask bench screening [--json] measure the screening beside rivals, in a release build
       cargo xtask bench exchange [--json] measure two nodes over TLS, in a release build
       cargo xtask bench lake [--scale 1]  measure a lake of 100 million travellers, or a part of it
       cargo xtask bench documents [--json] measure a list of 100 million documents, in a release build
       cargo xtask simulate --seeds N [--from N] [--states N] [--plant BUG|all] [--json]
       cargo xtask simulate --seed N [--trace]
                                           worlds of nodes that fail, and what they broke";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["tidy"] => tidy::check(root()).map(told),
        ["deny"] => deny::check(root()).map(told),
        ["coverage", options @ ..] => coverage::run(root(), options),
        ["bench", name @ ("readers" | "screening"), options @ ..] => example(name, options),
        ["bench", name @ ("documents" | "exchange" | "lake"), options @ ..] => {
            program(&["bench", name], options)
        }
        ["simulate", options @ ..] => example("simulate", options),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        ExitCode::from(2)
    })
}

/// The workspace's root.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// Runs an example of this crate, as a release is built. Its exit code is passed on.
fn example(name: &str, options: &[&str]) -> Result<ExitCode> {
    cargo_run(&["--package", "xtask", "--example", name, "--"], options)
}

/// Runs the program, as a release is built. Its exit code is passed on.
fn program(command: &[&str], options: &[&str]) -> Result<ExitCode> {
    let words = [&["--package", "passerelle", "--"], command].concat();
    cargo_run(&words, options)
}

fn cargo_run(words: &[&str], options: &[&str]) -> Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root())
        .args(["run", "--quiet", "--release"])
        .args(words)
        .args(options)
        .status()?;
    Ok(status.code().and_then(|c| u8::try_from(c).ok()).map_or(ExitCode::from(70), ExitCode::from))
}

fn told(findings: Vec<tidy::Finding>) -> ExitCode {
    for finding in &findings {
        println!("{finding}");
    }
    ExitCode::from(u8::from(!findings.is_empty()))
}
