//! `passerelle serve`: start, listen, stop.
//!
//! Three listeners (carriers, partners, officers), and four things that move by
//! themselves: screening of what is kept, disclosure of what is upheld, the courier,
//! and the folder that carriers drop files into. Each finds its work in the store, so
//! that a start after a crash goes on where the crash was.

mod holding;
mod knowing;
mod work;

use std::{
    io::IsTerminal,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use audit::{Actor, Event};
use axum::Router;
use axum_server::{Handle, tls_rustls::RustlsConfig};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{Notify, watch},
    task::JoinSet,
};

use crate::{
    cli::{self, NodeDir},
    config::Listen,
    courier, folder, intake, known,
    node::{self, Node},
    officers,
    stages::{self, Stage},
    tls::{self, CallerAcceptor, Clients},
};

/// `passerelle serve`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Prints a line that begins with `ready` when it listens. SIGTERM and Ctrl-C stop it
cleanly, SIGHUP makes it read its configuration again.

Example:
  passerelle serve gbr"
)]
pub struct ServeArgs {
    #[command(flatten)]
    node: NodeDir,
    /// What to log on standard error: error, warn, info, debug, or or by module: passerelle=debug,hyper=warn.
    #[arg(long, default_value = "info", env = "PASSERELLE_LOG")]
    log: String,
    /// When it stops, write there how much processor time each stage took.
    #[arg(long, hide = true, value_name = "FILE")]
    stages: Option<PathBuf>,
    /// Log as JSON, one object per line.
    #[arg(long)]
    log_json: bool,
}

/// Runs a node until it is told to stop.
pub fn run(args: ServeArgs) -> ExitCode {
    let started = Instant::now();
    log_to_stderr(&args.log, args.log_json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("passerelle: no threads can be started: {e}");
            return ExitCode::from(cli::OUR_FAILURE);
        }
    };
    let result = runtime.block_on(async {
        let node = Arc::new(Node::open(&args.node.dir)?);
        serve(node, started).await
    });
    runtime.shutdown_timeout(Duration::from_secs(5));
    cli::done(result.and_then(|()| args.stages.as_deref().map_or(Ok(()), write_stages)))
}

fn write_stages(file: &Path) -> Result<()> {
    let spent: serde_json::Map<String, serde_json::Value> =
        Stage::ALL.into_iter().map(|s| (s.name().to_owned(), stages::spent_s(s).into())).collect();
    tls::write_public(file, serde_json::Value::Object(spent).to_string().as_bytes())
}

fn log_to_stderr(filter: &str, json: bool) {
    use tracing_subscriber::{
        Layer,
        filter::{LevelFilter, Targets},
        fmt,
        layer::SubscriberExt,
        registry,
        util::SubscriberInitExt,
    };
    let filter: Targets =
        filter.parse().unwrap_or_else(|_| Targets::new().with_default(LevelFilter::INFO));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = lines.with_ansi(std::io::stderr().is_terminal());
    let lines = if json { lines.json().boxed() } else { lines.boxed() };
    // A second subscriber (tests in one process) is not installed; the first stays.
    let _ = registry().with(lines.with_filter(filter)).try_init();
}

/// What wakes the workers, besides their own look at the store.
#[derive(Default)]
pub struct Bell {
    /// A list was kept.
    pub kept: Notify,
    /// A message came that may be the last part of a list.
    pub parts: Notify,
    /// Other watchlists were taken up.
    pub watchlists: Notify,
    /// The same, for whoever looks through the lake.
    pub watchlists_cold: Notify,
    /// A hit was upheld.
    pub upheld: Notify,
    /// A parcel was queued.
    pub queued: Notify,
}

/// A node that serves, with the bell that wakes its workers.
#[derive(Clone)]
pub struct Served {
    /// The node.
    pub node: Arc<Node>,
    /// Its bell.
    pub bell: Arc<Bell>,
}

async fn serve(node: Arc<Node>, started: Instant) -> Result<()> {
    let signals = Signals::listen()?;
    node.load_watchlists()?;
    node.load_criteria()?;
    let config = node.config();
    // A second `serve` of a node that runs ends here, before it writes anything.
    let doors = Doors::bind(&config.listen)?;
    let holder = holding::holder(&node)?;
    holding::hold(&node, &holder)?;
    work::keep_now(&node);
    let layout = node.layout();
    let carriers = RustlsConfig::from_config(Arc::new(tls::server(layout, Clients::Own)?));
    let authorities = work::authorities(&node)?;
    let partners = tls::server(layout, Clients::Partners(&authorities))?;
    let partners = RustlsConfig::from_config(Arc::new(partners));
    let officers = RustlsConfig::from_config(Arc::new(tls::server(layout, Clients::None)?));
    let pseudonyms = node.pseudonym_key();
    let config_digest = node::digest_of_file(&node.layout().root().join("passerelle.toml"))?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    node.record(
        Vec::new(),
        Actor::Node,
        vec![Event::NodeStarted { version, config: config_digest }],
    )?;
    let served = Served { node: node.clone(), bell: Arc::default() };
    let (stop, stopping) = watch::channel(false);
    let handle = Handle::new();
    let mut tasks = JoinSet::new();

    let exchange = courier::router(served.clone());
    let console = officers::router(served.clone(), pseudonyms);
    open(&mut tasks, (doors.intake, carriers), intake::router(served.clone()), &handle)?;
    open(&mut tasks, (doors.exchange, partners.clone()), exchange, &handle)?;
    open(&mut tasks, (doors.console, officers), console, &handle)?;
    tasks.spawn(work::screening(served.clone(), stopping.clone()));
    tasks.spawn(work::joining(served.clone(), stopping.clone()));
    tasks.spawn(work::rescreening(served.clone(), stopping.clone()));
    tasks.spawn(holding::holding(served.clone(), holder.clone(), stopping.clone()));
    tasks.spawn(work::projecting(served.clone(), stopping.clone()));
    tasks.spawn(work::laking(served.clone(), stopping.clone()));
    tasks.spawn(work::disclosing(served.clone(), stopping.clone()));
    tasks.spawn(work::refreshing(served.clone(), (partners, authorities), stopping.clone()));
    tasks.spawn(work::keeping(served.clone(), stopping.clone()));
    tasks.spawn(knowing::knowing(served.clone(), stopping.clone()));
    tasks.spawn(courier::run(served.clone(), stopping.clone()));
    tasks.spawn(folder::watch(served.clone(), stopping.clone()));

    println!(
        "ready in {:.3} s: {} · carriers https://{} · partners https://{} · officers https://{}/",
        started.elapsed().as_secs_f64(),
        node.state(),
        config.listen.intake,
        config.listen.exchange,
        config.listen.console
    );
    let result = until_told(&node, signals, &mut tasks).await;
    tracing::info!("stopping");
    let _ = stop.send(true);
    served.bell.kept.notify_waiters();
    handle.graceful_shutdown(Some(Duration::from_secs(10)));
    let end = tokio::time::timeout(Duration::from_secs(15), async {
        while tasks.join_next().await.is_some() {}
    });
    if end.await.is_err() {
        tracing::warn!("some work did not end in time; it is found again at the next start");
    }
    node.record(Vec::new(), Actor::Node, vec![Event::NodeStopped {}])?;
    holding::release(&node, &holder);
    if let Err(e) = known::note(&node) {
        tracing::warn!(error = %format!("{e:#}"), "how far the log goes was not written down");
    }
    node.close();
    result
}

/// What the node is told from outside. Listened for from the beginning: a signal that comes
/// while it starts waits until it has.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

/// Waits for SIGTERM or Ctrl-C; reloads on SIGHUP; a worker that ends is a failure.
async fn until_told(
    node: &Arc<Node>,
    mut signals: Signals,
    tasks: &mut JoinSet<Result<()>>,
) -> Result<()> {
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => return Ok(()),
            _ = signals.interrupt.recv() => return Ok(()),
            _ = signals.hangup.recv() => match node.reload() {
                Ok(()) => tracing::info!("the configuration was read again"),
                Err(e) => tracing::error!(
                    error = %format!("{e:#}"),
                    "the configuration was not taken; the old one goes on"
                ),
            },
            ended = tasks.join_next() => {
                return match ended {
                    Some(Ok(Ok(()))) | None => Err(anyhow::anyhow!("a part of the node ended by itself")),
                    Some(Ok(Err(e))) => Err(e),
                    Some(Err(e)) => Err(anyhow::anyhow!("a part of the node failed: {e}")),
                };
            }
        }
    }
}

/// The three addresses, taken.
struct Doors {
    intake: TcpListener,
    exchange: TcpListener,
    console: TcpListener,
}

impl Doors {
    fn bind(listen: &Listen) -> Result<Self> {
        Ok(Self {
            intake: bind(listen.intake)?,
            exchange: bind(listen.exchange)?,
            console: bind(listen.console)?,
        })
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener> {
    let listener = TcpListener::bind(address)
        .with_context(|| format!("{address} cannot be listened on; is another node running?"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn open(
    tasks: &mut JoinSet<Result<()>>,
    (listener, tls): (TcpListener, RustlsConfig),
    routes: Router,
    handle: &Handle<SocketAddr>,
) -> Result<()> {
    let mut server =
        axum_server::from_tcp(listener)?.acceptor(CallerAcceptor::new(tls)).handle(handle.clone());
    server.http_builder().http1().header_read_timeout(Duration::from_secs(20));
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    tasks.spawn(async move { Ok(server.serve(service).await?) });
    Ok(())
}

#[cfg(test)]
mod tests;
