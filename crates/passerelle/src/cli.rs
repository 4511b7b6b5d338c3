//! The command line: every subcommand, what it is given, and how it ends.
//!
//! Exit codes are the same everywhere (`docs/outputs.md`): 0 done and clean, 1 done
//! with faults or hits found, 2 wrong use or unreadable input, 3 the node or the
//! store refused, 70 our own failure.

use std::{fmt, io, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{bench, check, commands, demo, evaluate, init, log, screen, serve};

/// Wrong use or unreadable input.
pub const WRONG_USE: u8 = 2;
/// The node or the store refused.
pub const REFUSED: u8 = 3;
/// Our own failure.
pub const OUR_FAILURE: u8 = 70;

/// Receives the passenger lists of flights, screens them against watchlists, puts every
/// possible hit before an officer, and exchanges with partner states what an agreement permits.
#[derive(Debug, Parser)]
#[command(
    name = "passerelle",
    version,
    after_help = "Examples:
  passerelle demo                                    two states exchange; opens their consoles to you
  passerelle check message.edi                       what a carrier's message holds, and every fault in it
  passerelle screen --watchlist un.xml message.edi   possible matches, explained
  passerelle init gbr && passerelle serve gbr        a node of your own (docs/first-node.md)"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Two states exchange passenger lists in a synthetic world
    Demo(demo::DemoArgs),
    /// Read messages and show what they hold and every fault in them
    Check(check::CheckArgs),
    /// Compare the travellers of messages with watchlists
    Screen(screen::ScreenArgs),
    /// Measure the screening: who is found, at how many false alerts, how fast
    Evaluate(evaluate::EvaluateArgs),
    /// Make a new node
    Init(init::InitArgs),
    /// Run a node
    Serve(serve::ServeArgs),
    /// Carriers that may send lists
    #[command(subcommand)]
    Carrier(commands::carrier::CarrierCommand),
    /// Officers who may sign in
    #[command(subcommand)]
    Officer(commands::officer::OfficerCommand),
    /// Partner states
    #[command(subcommand)]
    Partner(commands::partner::PartnerCommand),
    /// Requests about somebody, to partner states and of them
    #[command(subcommand)]
    Request(commands::request::RequestCommand),
    /// Travellers of whom partners are told unasked, and of whom they tell
    #[command(subcommand)]
    Tell(commands::tell::TellCommand),
    /// Agreements with partner states
    #[command(subcommand)]
    Agreement(commands::agreement::AgreementCommand),
    /// Watchlists that travellers are compared with
    #[command(subcommand)]
    Watchlist(commands::watchlist::WatchlistCommand),
    /// Criteria that are looked for in bookings and journeys
    #[command(subcommand)]
    Criteria(commands::criteria::CriteriaCommand),
    /// The log of everything that the node did
    #[command(subcommand)]
    Log(log::LogCommand),
    /// Check a node's store, log and promises
    Doctor(commands::doctor::DoctorArgs),
    /// Look somebody or a flight up in what is kept, for a purpose
    Search(commands::search::SearchArgs),
    /// The lake: what lists of days past are found by
    #[command(subcommand)]
    Lake(commands::lake::LakeCommand),
    /// Mask and erase what is due
    #[command(subcommand)]
    Keep(commands::keep::KeepCommand),
    /// Check that what had to go is gone
    VerifyErasure(commands::verify_erasure::VerifyArgs),
    /// The node key in shares, so that several people start a node together
    #[command(subcommand)]
    Keys(commands::keys::KeysCommand),
    /// Cases: who may outlive the clock, on what ground, until when
    #[command(subcommand)]
    Case(commands::case::CaseCommand),
    /// The independent authority, and the unmasking of single lists
    #[command(subcommand)]
    Authority(commands::authority::AuthorityCommand),
    /// Copy a node's store while it runs, without its keys
    Backup(commands::backup::BackupArgs),
    /// Put a copy back
    Restore(commands::backup::RestoreArgs),
    /// Travellers by nationality and route, small counts withheld
    Statistics(commands::statistics::StatisticsArgs),
    /// Measure this program on this machine
    #[command(subcommand)]
    Bench(bench::BenchCommand),
    /// What the law packs say
    Law(commands::law::LawArgs),
}

/// The argument that names a node.
#[derive(Clone, Debug, clap::Args)]
pub struct NodeDir {
    /// The node's directory, as given to `passerelle init`.
    pub dir: PathBuf,
}

/// Runs the program.
pub fn main() -> ExitCode {
    end_with_the_reader();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            let _ = e.print();
            return if e.use_stderr() { ExitCode::from(WRONG_USE) } else { ExitCode::SUCCESS };
        }
    };
    install_crypto();
    match cli.command {
        Command::Demo(args) => demo::run(args),
        Command::Check(args) => check::run(args),
        Command::Screen(args) => screen::run(args),
        Command::Evaluate(args) => evaluate::run(args),
        Command::Init(args) => done(init::run(args)),
        Command::Serve(args) => serve::run(args),
        Command::Carrier(c) => done(commands::carrier::run(c)),
        Command::Officer(c) => done(commands::officer::run(c)),
        Command::Partner(c) => done(commands::partner::run(c)),
        Command::Request(c) => done(commands::request::run(c)),
        Command::Tell(c) => done(commands::tell::run(c)),
        Command::Agreement(c) => commands::agreement::run(c),
        Command::Watchlist(c) => done(commands::watchlist::run(c)),
        Command::Criteria(c) => done(commands::criteria::run(c)),
        Command::Log(c) => log::run(c),
        Command::Doctor(args) => commands::doctor::run(args),
        Command::Search(args) => commands::search::run(args),
        Command::Lake(c) => commands::lake::run(c),
        Command::Keep(c) => done(commands::keep::run(c)),
        Command::VerifyErasure(args) => commands::verify_erasure::run(args),
        Command::Keys(c) => done(commands::keys::run(c)),
        Command::Case(c) => done(commands::case::run(c)),
        Command::Authority(c) => done(commands::authority::run(c)),
        Command::Backup(args) => done(commands::backup::backup(args)),
        Command::Restore(args) => done(commands::backup::restore(args)),
        Command::Statistics(args) => done(commands::statistics::run(args)),
        Command::Bench(c) => bench::run(c),
        Command::Law(args) => done(commands::law::run(args)),
    }
}

/// A reader that closes the pipe early (`| head`) ends the program without a word, as
/// everywhere else; `println!` would have it panic.
fn end_with_the_reader() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload_as_str().unwrap_or_default();
        if said.starts_with("failed printing to stdout") && said.contains("Broken pipe") {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

/// TLS uses one cryptographic library, chosen here.
pub fn install_crypto() {
    // A second call (tests) finds it installed already; that is the same choice.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Something that was given cannot be used: a word that is none, a file that is not there.
#[derive(Debug)]
pub struct WrongUse(pub String);

impl fmt::Display for WrongUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUse {}

/// What was asked is done, and something was found that a person has to look at.
#[derive(Debug)]
pub struct Found(pub String);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Found {}

/// Marks an error as one of [`WrongUse`].
pub trait OrWrongUse<T> {
    /// The same, as wrong use.
    fn or_wrong_use(self) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> OrWrongUse<T> for Result<T, E> {
    fn or_wrong_use(self) -> anyhow::Result<T> {
        self.map_err(|e| anyhow::Error::new(WrongUse(format!("{:#}", e.into()))))
    }
}

/// Prints an error chain once, at the edge, and gives the exit code.
pub fn done(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("passerelle: {e:#}");
            ExitCode::from(code_of(&e))
        }
    }
}

fn code_of(error: &anyhow::Error) -> u8 {
    if error.is::<Found>() {
        return 1;
    }
    let missing = |e: &io::Error| e.kind() == io::ErrorKind::NotFound;
    let wrong = error.chain().any(|cause| {
        cause.is::<WrongUse>() || cause.downcast_ref::<io::Error>().is_some_and(missing)
    });
    if wrong { WRONG_USE } else { REFUSED }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn no_two_arguments_of_a_command_share_a_name() {
        super::Cli::command().debug_assert();
    }

    fn without_example(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        let path = format!("{path} {}", command.get_name());
        let mut below = command.get_subcommands().peekable();
        if below.peek().is_none() {
            let said = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            if !said.contains(path.trim()) {
                found.push(path.clone());
            }
        }
        below.for_each(|c| without_example(c, &path, found));
    }

    #[test]
    fn the_help_of_every_command_shows_it_in_an_example() {
        let mut found = Vec::new();
        without_example(&super::Cli::command(), "", &mut found);
        assert!(found.is_empty(), "{found:?}");
    }
}
