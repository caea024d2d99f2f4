//! An invoice by hand: created, given ten lines, finalized and paid, in three calls that depend on each other; and what the number
//! of invoices costs.

use std::time::{Duration, Instant};

use crate::Fallible;
use crate::bare;
use crate::compare::{Ratio, median};
use crate::http::{Call, Client};
use crate::load::{self, Script, Stop};
use crate::process::{Server, Stderr};
use crate::report::{Report, Target};
use crate::settings::Settings;
use crate::throughput::customers;

const SANDBOX: &str = "invoices";
const LINES: usize = 10;
/// Customers over which the invoices are spread.
const CUSTOMERS: usize = 1_000;

/// Measures a bill against three calls of the bare handler, and at 100,000 invoices against 1,000.
pub(crate) fn run(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let pinstripe = Server::pinstripe(settings, &["--log", "off"], Stderr::Read)?;
    let mut client = Client::connect(pinstripe.address)?;
    let small = customers(&mut client, SANDBOX, CUSTOMERS)?;
    let large = customers(&mut client, "many-invoices", CUSTOMERS)?;
    fill(settings, &pinstripe, SANDBOX, &small, 1_000)?;
    fill(settings, &pinstripe, "many-invoices", &large, 100_000)?;

    let first = Call::post(SANDBOX, "/v1/invoices", format!("customer={}", small[0]));
    let model = client.expect_200(&first)?;
    let handler = bare::start(&model, &first)?;
    let mut rates = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..settings.rounds {
        rates[0].push(rate(settings, &handler, |client, _| three_calls(client, &first))?);
        rates[1].push(rate(settings, &pinstripe, |client, turn| bill(client, SANDBOX, &small[turn % CUSTOMERS]))?);
        rates[2]
            .push(rate(settings, &pinstripe, |client, turn| bill(client, "many-invoices", &large[turn % CUSTOMERS]))?);
    }
    let [bare, few, many] = rates;
    report.ratio("invoice of ten lines: Pinstripe / bare axum", ratio(&few, &bare), Target::None);
    report.ratio("invoice of ten lines: at 100,000 / at 1,000", ratio(&many, &few), Target::AtLeast(0.9));
    Ok(())
}

fn fill(settings: &Settings, server: &Server, sandbox: &str, customers: &[String], count: u64) -> Fallible<()> {
    eprintln!("  filling a sandbox with {count} invoices");
    let draft = |id: &String| Call::post(sandbox, "/v1/invoices", format!("customer={id}")).to_bytes(server.address);
    load::run(settings, server.address, &Script::spread(customers.iter().map(draft).collect()), Stop::Count(count))?;
    Ok(())
}

/// One invoice from its creation to its payment.
fn bill(client: &mut Client, sandbox: &str, customer: &str) -> Fallible<()> {
    let invoice = client.id_of(&Call::post(sandbox, "/v1/invoices", format!("customer={customer}")))?;
    let line = |n: usize| format!("lines[{n}][amount]={}&lines[{n}][description]=Line+{n}", 100 + n);
    let lines: Vec<String> = (0..LINES).map(line).collect();
    client.expect_200(&Call::post(sandbox, format!("/v1/invoices/{invoice}/add_lines"), lines.join("&")))?;
    let paid = client.expect_200(&Call::post(sandbox, format!("/v1/invoices/{invoice}/pay"), ""))?;
    if paid.body.contains("\"status\": \"paid\"") { Ok(()) } else { Err(format!("not paid: {}", paid.body).into()) }
}

fn three_calls(client: &mut Client, call: &Call) -> Fallible<()> {
    (0..3).try_for_each(|_| client.expect_200(call).map(drop))
}

/// How many bills a second, from as many threads as there are connections.
fn rate(
    settings: &Settings,
    server: &Server,
    bill: impl Fn(&mut Client, usize) -> Fallible<()> + Sync,
) -> Fallible<f64> {
    let begun = Instant::now();
    let until = begun + settings.round;
    let bill = &bill;
    let counts: Vec<Fallible<usize>> = std::thread::scope(|scope| {
        let begin = |first: usize| scope.spawn(move || bills(server, until, first, settings.connections, bill));
        let threads: Vec<_> = (0..settings.connections).map(begin).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a thread panicked".into()))).collect()
    });
    let elapsed: Duration = begun.elapsed();
    let all = counts.into_iter().sum::<Fallible<usize>>()?;
    Ok(all as f64 / elapsed.as_secs_f64())
}

fn bills(
    server: &Server,
    until: Instant,
    first: usize,
    step: usize,
    bill: impl Fn(&mut Client, usize) -> Fallible<()>,
) -> Fallible<usize> {
    let mut client = Client::connect(server.address)?;
    let mut done = 0;
    while Instant::now() < until {
        bill(&mut client, first + done * step)?;
        done += 1;
    }
    Ok(done)
}

fn ratio(own: &[f64], other: &[f64]) -> Ratio {
    let ratios: Vec<f64> = own.iter().zip(other).map(|(own, other)| own / other).collect();
    Ratio {
        median: median(&ratios),
        least: ratios.iter().copied().fold(f64::INFINITY, f64::min),
        most: ratios.iter().copied().fold(0.0, f64::max),
    }
}
