//! The program: flags and environment make a configuration, and the configuration makes a server.

mod exec;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use pinstripe::Server;
use pinstripe::app::App;
use pinstripe::config::{Cli, Command, Config};
use pinstripe::fixtures::Checked;
use pinstripe::time::clock::Clock;
use tokio::signal::unix::{SignalKind, signal};

/// Writer threads free each other's memory and keep most of what they allocate; glibc's allocator spent 20 % of a write on
/// that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::read();
    match cli.command {
        Some(Command::Healthcheck) => healthcheck(&cli.config),
        Some(Command::CheckFixtures { paths }) => check_fixtures(&cli.config, &paths),
        Some(Command::Exec { command }) => run(exec::run(&cli.config, &command)),
        None => run(serve(&cli.config)),
    }
}

fn run(work: impl Future<Output = ExitCode>) -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).init();
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => fail(&format!("cannot start: {error}")),
    }
}

async fn serve(config: &Config) -> ExitCode {
    let mut server = match Server::bind(config).await {
        Ok(server) => server,
        Err(error) => return fail(&error.to_string()),
    };
    announce(&server, config);
    if let Err(error) = server.load(config) {
        return fail(&error.to_string());
    }
    let mut out = std::io::stdout().lock();
    for (name, value) in server.variables() {
        let _ = writeln!(out, "{name}={value}");
    }
    drop(out);
    wait_for_end().await;
    match server.stop().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("cannot save the state: {error}")),
    }
}

/// Prints the first lines, beginning with the address.
fn announce(server: &Server, config: &Config) {
    let mut out = std::io::stdout().lock();
    let version = env!("CARGO_PKG_VERSION");
    // The server runs even if standard output is closed.
    let _ = writeln!(out, "Pinstripe {version} listens on {}", server.urls().join(" and "));
    let _ = writeln!(out, "API version {}; any sk_test_… key works", config.api_version.as_str());
    let settings = settings(config);
    if !settings.is_empty() {
        let _ = writeln!(out, "With {}", settings.join(", "));
    }
    let webhooks = server.webhooks();
    for url in &webhooks.urls {
        let _ = writeln!(out, "Every event goes to {url}, signed with {}", webhooks.secret);
    }
    let _ = out.flush();
}

/// The flags that change answers, for the first lines on the standard output.
fn settings(config: &Config) -> Vec<String> {
    let clock = match config.clock {
        Clock::Real => None,
        Clock::Frozen(at) => Some(format!("the clock frozen at {}", time(at))),
        Clock::Ahead(by) => Some(format!("the clock {by} seconds ahead")),
    };
    let seed = config.seed.map(|seed| format!("ids from seed {seed}"));
    let strict = config.strict.then(|| "shape-only operations refused (--strict)".to_owned());
    [clock, seed, strict].into_iter().flatten().collect()
}

/// A time in Unix seconds, with its date.
fn time(at: i64) -> String {
    jiff::Timestamp::from_second(at).map_or_else(|_| at.to_string(), |time| format!("{at} ({time})"))
}

async fn wait_for_end() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without the handler, the system's default ends the process.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Loads fixtures as a server does, and prints the result.
fn check_fixtures(config: &Config, paths: &[PathBuf]) -> ExitCode {
    let Checked { documents, objects, wrong } = pinstripe::fixtures::check(&App::new(config), paths);
    for error in &wrong {
        complain(&error.to_string());
    }
    let outcome = if wrong.is_empty() { "OK".to_owned() } else { format!("{} errors", wrong.len()) };
    let documents = if documents == 1 { "1 document".to_owned() } else { format!("{documents} documents") };
    let objects = if objects == 1 { "1 object".to_owned() } else { format!("{objects} objects") };
    let _ = writeln!(std::io::stdout(), "{outcome}: {documents}, {objects}");
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Asks the server on this machine whether it is ready, with the port of the environment.
fn healthcheck(config: &Config) -> ExitCode {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, config.port));
    let answer = TcpStream::connect_timeout(&address, Duration::from_secs(1)).and_then(|mut stream| {
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    });
    match answer {
        Ok(answer) if answer.starts_with("HTTP/1.1 200") => ExitCode::SUCCESS,
        Ok(_) => fail("not ready"),
        Err(error) => fail(&format!("no answer on port {}: {error}", config.port)),
    }
}

fn fail(reason: &str) -> ExitCode {
    complain(reason);
    ExitCode::FAILURE
}

fn complain(reason: &str) {
    let _ = writeln!(std::io::stderr(), "pinstripe: {reason}");
}
