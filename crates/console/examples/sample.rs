//! Serves the pages of an invented node over plain HTTP on this machine, to look at
//! them while working on them: `cargo run -p console --example sample`.
//!
//! Sign in as `a.smith`, `b.jones`, `d.green`, `l.white` or `root`; the password is
//! printed. Browsers take the session's cookie from `localhost` without TLS.

#[path = "../../api/tests/world/mod.rs"]
mod world;

use std::{net::SocketAddr, sync::Arc};

#[tokio::main(flavor = "multi_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let address: SocketAddr = args.next().unwrap_or("127.0.0.1:8080".into()).parse()?;
    let dir = tempfile::tempdir()?;
    #[allow(clippy::disallowed_methods, reason = "an example has no clock handed in")]
    let now = jiff::Timestamp::now();
    let world = match args.next().as_deref() {
        Some("empty") => world::World::empty(dir.path(), now),
        _ => world::World::busy(dir.path(), now),
    };
    let site = console::Site {
        api: world.api(),
        clock: Arc::new(move || now),
        notice: Arc::new(|| Some("Example: everybody here is invented.".to_owned())),
    };
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://localhost:{}  password: {}", listener.local_addr()?.port(), world::PASSWORD);
    axum::serve(listener, console::router(site)).await?;
    Ok(())
}
