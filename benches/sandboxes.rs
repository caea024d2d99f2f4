//! What snapshots, restores and forks cost: the same whatever the size, and memory for what has changed alone.

use std::time::Instant;

use crate::Fallible;
use crate::compare::{Ratio, median};
use crate::http::{Call, Client};
use crate::load::{self, Script, Stop};
use crate::process::{Server, Stderr};
use crate::report::{Report, Target};
use crate::settings::Settings;
use crate::throughput::creations;

const SIZES: [u64; 3] = [1_000, 10_000, 100_000];
/// A large sandbox may take this much longer than a small one and still count as "the same": what is measured is some
/// hundred microseconds, most of it HTTP.
const SAME: f64 = 0.7;
/// Calls of each kind in a round.
const CALLS: usize = 200;
/// Snapshots whose memory is measured.
const SNAPSHOTS: u64 = 5_000;
/// Kilobytes that a snapshot may hold: one changed customer, the event that tells of it, and the paths to both.
const SNAPSHOT_KB: f64 = 8.0;

/// The operations, with the call that each is made by.
const OPERATIONS: [(&str, &str); 3] =
    [("snapshot", "snapshots/bench?"), ("restore", "snapshots/bench/restore?"), ("fork", "fork?into=bench-copy&")];

/// A sandbox of some size, and a customer in it.
struct Filled {
    name: String,
    customer: String,
}

/// Measures times, then memory.
pub(crate) fn run(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let server = Server::pinstripe(settings, &["--log", "off"], Stderr::Read)?;
    let mut client = Client::connect(server.address)?;
    let filled: Vec<Filled> =
        SIZES.iter().map(|size| fill(settings, &server, &mut client, *size)).collect::<Fallible<_>>()?;
    for (operation, call) in OPERATIONS {
        let mut times = [(); SIZES.len()].map(|()| Vec::new());
        for round in 0..settings.rounds {
            // Each round begins with another size.
            for turn in 0..SIZES.len() {
                let size = (round + turn) % SIZES.len();
                times[size].push(time(&mut client, &filled[size], call)?);
            }
        }
        tell(report, operation, &times);
    }
    memory(report, &server, &mut client, &filled[SIZES.len() - 1])
}

fn fill(settings: &Settings, server: &Server, client: &mut Client, size: u64) -> Fallible<Filled> {
    eprintln!("  filling a sandbox with {size} customers");
    let name = format!("size-{size}");
    let calls = creations(&name, 1000);
    let script = Script::spread(calls.iter().map(|call| call.to_bytes(server.address)).collect());
    load::run(settings, server.address, &script, Stop::Count(size - 1))?;
    let customer = client.id_of(&calls[0])?;
    // What a restore returns to.
    client.expect_200(&control(&name, OPERATIONS[0].1))?;
    Ok(Filled { name, customer })
}

fn control(sandbox: &str, call: &str) -> Call {
    Call::post(sandbox, format!("/_pinstripe/{call}sandbox={sandbox}"), "")
}

fn change(filled: &Filled, n: usize) -> Call {
    let Filled { name, customer } = filled;
    Call::post(name, format!("/v1/customers/{customer}"), format!("metadata[n]={n}"))
}

/// Microseconds of a call, as the median of many; a customer changes before each.
fn time(client: &mut Client, filled: &Filled, call: &str) -> Fallible<f64> {
    let call = control(&filled.name, call);
    let mut times = Vec::with_capacity(CALLS);
    for n in 0..CALLS {
        client.expect_200(&change(filled, n))?;
        let begun = Instant::now();
        client.expect_200(&call)?;
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    Ok(median(&times))
}

fn tell(report: &mut Report, operation: &str, times: &[Vec<f64>; SIZES.len()]) {
    for (size, times) in SIZES.iter().zip(times) {
        report.figure(&format!("{operation} at {size} customers"), median(times), " µs", "", Target::None);
    }
    let [small, .., large] = times;
    let ratios: Vec<f64> = small.iter().zip(large).map(|(small, large)| small / large).collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    let ratio = Ratio { median: median(&ratios), least, most };
    report.ratio(&format!("{operation}: speed at 100,000 / at 1,000"), ratio, Target::AtLeast(SAME));
}

/// What a snapshot holds that the sandbox does not.
fn memory(report: &mut Report, server: &Server, client: &mut Client, filled: &Filled) -> Fallible<()> {
    server.settle()?;
    let before = server.memory_kb("VmRSS")?;
    for n in 0..SNAPSHOTS {
        client.expect_200(&change(filled, n as usize))?;
        client.expect_200(&control(&filled.name, &format!("snapshots/kept-{n}?")))?;
    }
    server.settle()?;
    let each = server.memory_kb("VmRSS")?.saturating_sub(before) as f64 / SNAPSHOTS as f64;
    let detail = format!("{SNAPSHOTS} of them; the server had {:.0} MB before", before as f64 / 1000.0);
    report.figure("a snapshot of 100,000 customers, one changed", each, " kB", &detail, Target::Under(SNAPSHOT_KB));
    Ok(())
}
