//! From spawn to the first 200 on `GET /healthz`, fixtures loaded.

use std::process::Command;
use std::time::Instant;

use crate::Fallible;
use crate::bare;
use crate::compare::median;
use crate::process::{Server, Stderr, free_port, pinstripe_command};
use crate::report::{Report, Target};
use crate::settings::Settings;

const RUNS: usize = 20;
/// Attempts to connect between two looks at whether the process is still alive.
const ATTEMPTS_PER_LOOK: usize = 512;

/// Starts Pinstripe with its example shop, and for scale the bare server, in turn.
pub(crate) fn run(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let flags = ["--log", "off", "--fixtures", "@shop"];
    let mut pinstripe = Vec::new();
    let mut bare = Vec::new();
    for _ in 0..RUNS {
        let port = free_port()?;
        pinstripe.push(time_to_ready(pinstripe_command(settings, port, &flags), port, None)?);
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args([bare::ARGUMENT, &port.to_string()]);
        bare.push(time_to_ready(command, port, Some(b"{\"headers\": [], \"body\": \"{}\"}\n"))?);
    }
    let mut add = |name: &str, times: &[f64], target| {
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        let most = times.iter().copied().fold(0.0, f64::max);
        let detail = format!("{least:.1} to {most:.1} in {RUNS} runs");
        report.figure(&format!("start-up: {name}"), median(times), " ms", &detail, target);
    };
    add("Pinstripe with @shop", &pinstripe, Target::Under(10.0));
    add("bare axum", &bare, Target::None);
    Ok(())
}

/// Milliseconds from just before the spawn to the first 200, asking again without a pause. A refused
/// connection costs some 20 µs, so that is the resolution.
fn time_to_ready(command: Command, port: u16, input: Option<&[u8]>) -> Fallible<f64> {
    let started = Instant::now();
    let server = Server::start(command, port, Stderr::Null, input)?;
    for attempt in 1.. {
        if server.is_ready() {
            break;
        }
        if attempt % ATTEMPTS_PER_LOOK == 0 {
            server.check_alive(started)?;
        }
    }
    Ok(started.elapsed().as_secs_f64() * 1e3)
}
