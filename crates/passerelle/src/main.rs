//! `passerelle`: see `passerelle --help`.

use std::process::ExitCode;

/// Gives back what a large message took, whichever thread worked on it; glibc keeps as much for
/// each thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    passerelle::cli::main()
}
