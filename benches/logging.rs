//! What the request log costs when it goes to a pipe: one that is read, as `docker logs` does, and one
//! that nobody reads, where a writer that blocks would stop the server altogether.

use crate::Fallible;
use crate::compare;
use crate::http::{Call, Client};
use crate::load::Stop;
use crate::process::{Server, Stderr};
use crate::report::{Report, Target};
use crate::settings::Settings;
use crate::throughput::{contestant, customers};

const CUSTOMERS: usize = 100;
const SANDBOX: &str = "logging";
/// The log may cost less than a tenth of the throughput.
const KEPT: f64 = 0.9;

/// Retrieves customers from three servers in turn that differ only in their log.
pub(crate) fn run(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let variants = [
        ("log off", "off", Stderr::Read),
        ("log to a pipe, read", "requests", Stderr::Read),
        ("log to a pipe, not read", "requests", Stderr::Unread),
    ];
    let mut servers = Vec::new();
    for (label, log, stderr) in variants {
        let server = Server::pinstripe(settings, &["--log", log], stderr)?;
        let mut client = Client::connect(server.address)?;
        let calls: Vec<Call> = customers(&mut client, SANDBOX, CUSTOMERS)?
            .iter()
            .map(|id| Call::get(SANDBOX, format!("/v1/customers/{id}")))
            .collect();
        servers.push((label, server, calls));
    }
    let contestants: Vec<_> =
        servers.iter().map(|(label, server, calls)| contestant(label, server, calls, 1)).collect();
    let tallies = compare::rounds(settings, &contestants, Stop::After(settings.round))?;
    report.tallies("retrieve, request log", &tallies);
    for tally in &tallies[1..] {
        let measure = format!("{}: rate / log off", tally.label);
        report.ratio(&measure, tally.ratio_to(&tallies[0]), Target::AtLeast(KEPT));
    }
    let lines = |index: usize| servers.get(index).map_or(0, |(_, server, _)| server.lines_logged());
    if lines(1) < lines(0) + CUSTOMERS as u64 {
        return Err(format!("the log that was read has only {} lines", lines(1)).into());
    }
    eprintln!("  {} log lines were read", lines(1));
    Ok(())
}
