//! Subscriptions that renew while a sandbox's clock moves: a year of one, ten thousand in one advance, and what others notice.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Fallible;
use crate::compare::median;
use crate::http::{Call, Client};
use crate::process::{Server, Stderr};
use crate::report::{Report, Target};
use crate::settings::Settings;
use crate::throughput::customers;

/// Sandboxes with one subscription each, for the year of one: CPU time is read in steps of 10 ms.
const YEARS: usize = 50;
/// Milliseconds of CPU time that a year of one subscription may take.
const YEAR_MS: f64 = 10.0;
/// Invoices that the year of a monthly subscription makes.
const INVOICES: usize = 12;
/// Subscriptions that one advance renews.
const SUBSCRIPTIONS: usize = 10_000;
/// Renewals a second of CPU time.
const RATE: f64 = 1_500.0;
/// When the clocks stand at first, in Unix seconds: the first of a month.
const BEGIN: i64 = 1_767_225_600;
const DAY: i64 = 86_400;
/// A year and a day: the draft of the last renewal is finalized and paid an hour after it.
const YEAR: i64 = 366 * DAY;
/// How long an advance may take at all.
const PATIENCE: Duration = Duration::from_mins(2);
/// Milliseconds that another sandbox may take to answer.
const OTHER_MS: f64 = 100.0;
/// Seconds of CPU time that the preset `@saas` may take.
const SAAS_SECONDS: f64 = 1.5;
/// Between two requests to the other sandbox.
const PAUSE: Duration = Duration::from_millis(2);

/// Measures the year, then the ten thousand.
pub(crate) fn run(settings: &Settings, report: &mut Report) -> Fallible<()> {
    year(settings, report)?;
    many(settings, report)
}

/// The year of one subscription, in a sandbox of its own, as the mean of many.
fn year(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let server = Server::pinstripe(settings, &["--log", "off"], Stderr::Read)?;
    let mut client = Client::connect_for(server.address, PATIENCE)?;
    let names: Vec<String> = (0..YEARS).map(|number| format!("year-{number}")).collect();
    for name in &names {
        subscribe(&mut client, name, 1)?;
    }
    let before = server.settle()?;
    for name in &names {
        advance(&mut client, name, YEAR)?;
    }
    let used = server.settle()?.saturating_sub(before).as_secs_f64() * 1000.0 / YEARS as f64;
    for name in &names {
        // The first period was paid for at once.
        let invoices = client.expect_200(&Call::get(name, "/v1/invoices?status=paid&limit=100"))?.body;
        let found = rows(&invoices)?;
        if found != INVOICES + 1 {
            return Err(format!("{found} paid invoices after a year").into());
        }
    }
    let detail = format!("{INVOICES} renewals, all paid");
    report.figure("a year of one monthly subscription", used, " ms of CPU", &detail, Target::Under(YEAR_MS));
    Ok(())
}

/// Ten thousand subscriptions, renewed by one advance, while another sandbox is asked.
fn many(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let server = Server::pinstripe(settings, &["--log", "off"], Stderr::Read)?;
    let mut client = Client::connect_for(server.address, PATIENCE)?;
    eprintln!("  filling a sandbox with {SUBSCRIPTIONS} subscriptions");
    subscribe(&mut client, "many", SUBSCRIPTIONS)?;
    let (before, memory) = (server.settle()?, server.memory_kb("VmRSS")?);
    let is_over = AtomicBool::new(false);
    let (advanced, slowest, wall) = std::thread::scope(|scope| {
        let other = scope.spawn(|| slowest_answer(&server, &is_over));
        let begun = Instant::now();
        let advanced = advance(&mut client, "many", 32 * DAY);
        let wall = begun.elapsed();
        is_over.store(true, Ordering::Relaxed);
        (advanced, other.join().unwrap_or_else(|_| Err("a thread panicked".into())), wall)
    });
    let (advanced, slowest) = (advanced?, slowest?);
    let cpu = server.settle()?.saturating_sub(before).as_secs_f64();
    let grown = server.memory_kb("VmRSS")?.saturating_sub(memory) as f64 / SUBSCRIPTIONS as f64;
    let detail = format!("{SUBSCRIPTIONS} in {:.1} s, with the requests to another sandbox", wall.as_secs_f64());
    report.figure("renewals a second of CPU", SUBSCRIPTIONS as f64 / cpu, "", &detail, Target::AtLeast(RATE));
    report.figure("slowest answer of another sandbox meanwhile", slowest, " ms", "", Target::Under(OTHER_MS));
    report.figure("kept by a renewal, with its events", grown, " kB", "", Target::None);
    report.figure("events of it that bounds dropped", lost(&mut client, &advanced)?, "", "", Target::Under(1.0));
    Ok(())
}

/// How many of its events an advance has lost at the most: the oldest leave first, so that it has lost none while one from before
/// is left.
fn lost(client: &mut Client, advanced: &Value) -> Fallible<f64> {
    let earlier = client.expect_200(&Call::get("many", format!("/v1/events?limit=1&created[lte]={BEGIN}")))?.body;
    let dropped = advanced["dropped"]["events"].as_f64().ok_or("no count of what was dropped")?;
    Ok(if rows(&earlier)? > 0 { 0.0 } else { dropped })
}

/// The preset with a past of eighteen months, which the server makes when it is loaded.
pub(crate) fn presets(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let server = Server::pinstripe(settings, &["--log", "off"], Stderr::Read)?;
    let mut client = Client::connect_for(server.address, PATIENCE)?;
    let mut seconds = Vec::new();
    for round in 0..settings.rounds {
        let before = server.settle()?;
        let path = format!("/_pinstripe/fixtures?preset=saas&sandbox=saas-{round}");
        client.expect_200(&Call::post("default", path, ""))?;
        seconds.push(server.settle()?.saturating_sub(before).as_secs_f64());
    }
    report.figure("loading the preset @saas", median(&seconds), " s of CPU", "", Target::Under(SAAS_SECONDS));
    Ok(())
}

/// Fills a sandbox with monthly subscriptions, each of a customer with a card.
fn subscribe(client: &mut Client, sandbox: &str, count: usize) -> Fallible<()> {
    client.expect_200(&Call::post(sandbox, format!("/_pinstripe/clock?freeze={BEGIN}&sandbox={sandbox}"), ""))?;
    let price = "unit_amount=2000&currency=usd&recurring[interval]=month&product_data[name]=Pro";
    let price = client.id_of(&Call::post(sandbox, "/v1/prices", price))?;
    for customer in customers(client, sandbox, count)? {
        let form = format!("customer={customer}&items[0][price]={price}");
        client.expect_200(&Call::post(sandbox, "/v1/subscriptions", form))?;
    }
    Ok(())
}

fn advance(client: &mut Client, sandbox: &str, seconds: i64) -> Fallible<Value> {
    let call = Call::post(sandbox, format!("/_pinstripe/clock?advance={seconds}&sandbox={sandbox}"), "");
    Ok(serde_json::from_str(&client.expect_200(&call)?.body)?)
}

/// The milliseconds of the slowest of many writes to another sandbox, until it is over.
fn slowest_answer(server: &Server, is_over: &AtomicBool) -> Fallible<f64> {
    let mut client = Client::connect(server.address)?;
    let call = Call::post("other", "/v1/customers", "name=Jenny+Rosen");
    let mut slowest = Duration::ZERO;
    while !is_over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        client.expect_200(&call)?;
        slowest = slowest.max(begun.elapsed());
        std::thread::sleep(PAUSE);
    }
    Ok(slowest.as_secs_f64() * 1000.0)
}

/// How many rows a list page has.
fn rows(page: &str) -> Fallible<usize> {
    let page: Value = serde_json::from_str(page)?;
    Ok(page["data"].as_array().ok_or("no list")?.len())
}
