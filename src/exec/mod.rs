//! `pinstripe exec`: a server for as long as a command runs, which the command reaches by the API's own names.
//!
//! May use: the library's server, tokio's processes and signals. Invariant: the server starts before the command and
//! stops after it, and the program exits with the command's status.

mod environment;
mod folder;
mod proxy;
mod redirect;
mod trust;
mod upstream;

use std::ffi::{OsStr, OsString};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};

use pinstripe::Server;
use pinstripe::config::Config;
use pinstripe::request_log::stderr;
use rustix::process::{Pid, Signal};
use rustix::{process, termios};
use tokio::process::{Child, Command};

use self::redirect::{ApiPorts, Redirect};
use crate::signals::Signals;

/// The key in the command's environment; any other test key works as well.
const KEY: &str = "sk_test_pinstripe";

/// The exit codes of shells for a command that does not exist, and for one that cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_RUNNABLE: u8 = 126;

/// Serves while the command runs, and exits with its status: 128 plus the signal's number if a signal ended it.
pub(crate) async fn run(config: &Config, command: &[OsString], redirects: bool) -> Result<ExitCode, String> {
    // Registered before the command starts, so that an early signal reaches it too.
    let mut signals = Signals::new().map_err(|error| format!("cannot wait for signals: {error}"))?;
    let config = Config { own_links: redirects, ..config.clone() };
    let server = tokio::select! {
        started = Server::start(config.clone()) => started.map_err(|error| error.to_string())?,
        told = signals.next() => return Ok(ended_by(told.as_raw())),
    };
    let redirect = if redirects { Some(redirect(&config, &server, command).await?) } else { None };
    let variables = redirect.as_ref().map_or(&[][..], |redirect| &redirect.variables);
    let code = match start(&server, command, variables) {
        Ok(child) => wait(child, &mut signals).await.map(exit_code).map_err(|error| error.to_string()),
        Err((code, reason)) => {
            crate::complain(&reason);
            Ok(ExitCode::from(code))
        }
    };
    server.stop().await.map_err(|error| error.to_string())?;
    code
}

/// Makes the API's names lead to the server.
async fn redirect(config: &Config, server: &Server, command: &[OsString]) -> Result<Redirect, String> {
    let cannot = |reason: String| {
        format!("cannot lead Stripe's names to this server: {reason}; --no-redirect runs the command without that")
    };
    if config.host.ip().is_some_and(|ip| !ip.is_unspecified() && ip != IpAddr::V4(Ipv4Addr::LOCALHOST)) {
        return Err(cannot("with --host it is not at 127.0.0.1".to_owned()));
    }
    let program = command.first().map_or(OsStr::new(""), OsString::as_os_str);
    let port_of = |url: &str| url.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    let (Some(http), Some(https)) = (port_of(server.url()), server.https_url().and_then(port_of)) else {
        return Err(cannot("it has no port for https".to_owned()));
    };
    let authority = server.authority().map_or("", |authority| authority.certificate_pem());
    let redirect = Redirect::start(ApiPorts { https, http }, authority, program).await;
    let redirect = redirect.map_err(|error| cannot(error.to_string()))?;
    for notice in &redirect.notices {
        crate::complain(notice);
    }
    // Before the command writes to the same place.
    stderr::flush(crate::LAST_WORDS);
    Ok(redirect)
}

fn start(server: &Server, command: &[OsString], variables: &[(&str, OsString)]) -> Result<Child, (u8, String)> {
    let (program, arguments) = command.split_first().map_or((OsStr::new(""), command), |(first, rest)| (first, rest));
    let url = server.url();
    let port = url.rsplit_once(':').map_or("", |(_, port)| port);
    let started = Command::new(program)
        .args(arguments)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .envs(server.variables().iter().map(|(name, value)| (name, value)))
        .env("STRIPE_API_BASE", url)
        .env("STRIPE_API_KEY", KEY)
        .env("STRIPE_WEBHOOK_SECRET", &server.webhooks().secret)
        .env("PINSTRIPE_URL", url)
        .env("PINSTRIPE_PORT", port)
        .spawn();
    started.map_err(|error| {
        let code = if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_RUNNABLE };
        (code, format!("cannot run {}: {error}", program.display()))
    })
}

/// Waits for the command, and passes signals on to it.
async fn wait(mut child: Child, signals: &mut Signals) -> io::Result<ExitStatus> {
    loop {
        let told = tokio::select! {
            ended = child.wait() => return ended,
            told = signals.next() => told,
        };
        if matches!(told, Signal::INT | Signal::QUIT) && terminal_tells_both() {
            continue;
        }
        let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(pid) = pid {
            // The command may have just ended.
            let _ = process::kill_process(pid, told);
        }
    }
}

/// Whether Ctrl-C or Ctrl-\ already reaches the command: a terminal interrupts all processes in its foreground, and a second
/// interrupt makes many programs stop without cleaning up.
fn terminal_tells_both() -> bool {
    termios::tcgetpgrp(io::stdin()).is_ok_and(|foreground| foreground == process::getpgrp())
}

fn exit_code(status: ExitStatus) -> ExitCode {
    match (status.code(), status.signal()) {
        (Some(code), _) => u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from),
        (None, Some(signal)) => ended_by(signal),
        (None, None) => ExitCode::FAILURE,
    }
}

fn ended_by(signal: i32) -> ExitCode {
    u8::try_from(128 + signal).map_or(ExitCode::FAILURE, ExitCode::from)
}
