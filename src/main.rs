//! The program: flags and environment make a configuration, and the configuration makes a server.

mod announce;
mod exec;
mod signals;
mod stdio;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use pinstripe::Server;
use pinstripe::app::App;
use pinstripe::config::{Cli, Command, Config, PullOrder};
use pinstripe::fixtures::pulled::LeftOut;
use pinstripe::fixtures::{Checked, FixtureError};
use pinstripe::limits::{REACTOR_THREADS_MIN, STDERR_FLUSH_MILLISECONDS_MAX};
use pinstripe::pull::Pulled;
use pinstripe::request_log::log::LogFormat;
use pinstripe::request_log::stderr::{self, Stderr};
use pinstripe::tls::Authority;

use crate::signals::Signals;

/// Writer threads free each other's memory and keep most of what they allocate; glibc's allocator spent 20 % of a write on
/// that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::read();
    match cli.command {
        Some(Command::Ca { path }) => show_authority(&cli.config, path),
        Some(Command::Healthcheck) => healthcheck(&cli.config),
        Some(Command::CheckFixtures { paths }) => check_fixtures(&cli.config, &paths),
        Some(Command::Pull(order)) => run(&cli.config, pull(&cli.config, &order)),
        Some(Command::Mcp(order)) => run(&cli.config, stdio::run(&cli.config, &order)),
        Some(Command::Exec { no_redirect, command }) => {
            run(&cli.config, exec::run(&cli.config, &command, !no_redirect))
        }
        None => run(&cli.config, serve(&cli.config)),
    }
}

/// How long a failed process waits for the reader of its last words.
const LAST_WORDS: Duration = Duration::from_secs(2);

fn run(config: &Config, work: impl Future<Output = Result<ExitCode, String>>) -> ExitCode {
    log_through_the_queue(config.log_format);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).max(REACTOR_THREADS_MIN);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}")),
    };
    let (code, patience) = match runtime.block_on(work) {
        Ok(code) => (code, Duration::from_millis(STDERR_FLUSH_MILLISECONDS_MAX)),
        Err(reason) => {
            complain(&reason);
            (ExitCode::FAILURE, LAST_WORDS)
        }
    };
    stderr::flush(patience);
    // Work that still runs ends with the process.
    runtime.shutdown_background();
    code
}

/// Everything that the process writes to stderr goes through one queue: whoever writes there directly waits for its reader.
fn log_through_the_queue(format: LogFormat) {
    let log = tracing_subscriber::fmt().with_writer(|| Stderr).with_target(false);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    std::panic::set_hook(Box::new(|panic| complain(&format!("panic: {panic}"))));
}

async fn serve(config: &Config) -> Result<ExitCode, String> {
    // Registered before anything is loaded, so that an early signal does not end the process halfway.
    let mut signals = Signals::new().map_err(|error| format!("cannot wait for signals: {error}"))?;
    let server = tokio::select! {
        started = Server::start(config.clone()) => started.map_err(|error| error.to_string())?,
        _ = signals.next() => return Ok(ExitCode::SUCCESS),
    };
    announce::announce(&server, config);
    signals.next().await;
    server.stop().await.map_err(|error| error.to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// Pulls, and says what was written and what was left out.
async fn pull(config: &Config, order: &PullOrder) -> Result<ExitCode, String> {
    let Pulled { objects, left_out } = pinstripe::pull::pull(config, order).await?;
    for LeftOut { what, why } in &left_out {
        complain(&format!("left out: {what}: {why}"));
    }
    let _ = writeln!(std::io::stdout(), "Wrote {}: {objects} objects", order.output.display());
    Ok(ExitCode::SUCCESS)
}

/// Loads fixtures as a server does, and prints the result.
fn check_fixtures(config: &Config, paths: &[PathBuf]) -> ExitCode {
    let Checked { documents, objects, wrong } = pinstripe::fixtures::check(&App::new(config), paths);
    for line in wrong.iter().flat_map(|error| error.to_string().lines().map(str::to_owned).collect::<Vec<_>>()) {
        fail(&line);
    }
    let outcome = match wrong.iter().map(FixtureError::faults).sum() {
        0_usize => "OK".to_owned(),
        1 => "1 error".to_owned(),
        faults => format!("{faults} errors"),
    };
    let documents = if documents == 1 { "1 document".to_owned() } else { format!("{documents} documents") };
    let objects = if objects == 1 { "1 object".to_owned() } else { format!("{objects} objects") };
    let _ = writeln!(std::io::stdout(), "{outcome}: {documents}, {objects}");
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints the certificate of the local authority, or the path of its file. What is told besides goes to stderr, so that the output can
/// be a file.
fn show_authority(config: &Config, path: bool) -> ExitCode {
    let authority = match Authority::open(&config.authority_settings()) {
        Ok(authority) => authority,
        Err(error) => return fail(&error.to_string()),
    };
    let Some(file) = authority.file() else {
        let nowhere =
            "the authority is kept nowhere (no folder is known); a running server shows its own at /_pinstripe/ca.pem";
        return fail(&authority.unkept().map_or_else(|| nowhere.to_owned(), ToString::to_string));
    };
    let mut out = std::io::stdout();
    let printed = match path {
        true => writeln!(out, "{}", file.display()),
        false => out.write_all(authority.certificate_pem().as_bytes()),
    };
    if !path {
        let _ = writeln!(std::io::stderr(), "pinstripe: the certificate is in {}", file.display());
    }
    if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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

/// Says why a command without a server failed.
fn fail(reason: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "pinstripe: {reason}");
    ExitCode::FAILURE
}

/// Says something of a server, which never waits for the reader of stderr.
fn complain(reason: &str) {
    stderr::write(format!("pinstripe: {reason}\n").as_bytes());
}
