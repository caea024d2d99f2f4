//! Where users wait: the first request and the first page of a server, a reset, lists with expansions, searches, many
//! connections at once, and a suite of tests with a sandbox each.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Fallible;
use crate::compare::median;
use crate::http::{Call, Client};
use crate::load::{self, Script, Stop};
use crate::process::{Server, Stderr};
use crate::report::{Report, Target};
use crate::settings::Settings;
use crate::throughput::{creations, customers};

/// Servers whose first request and page are measured.
const STARTS: usize = 10;
/// Connections that ask at once.
const CONNECTIONS: usize = 64;
/// The slowest hundredth of their answers may take so many times the median.
const SPREAD: f64 = 3.0;
/// Searches, lists and resets of which the median counts.
const TIMES: usize = 20;
/// Charges of a list page.
const PAGE: usize = 100;
/// Sandboxes of the suite.
const SUITE: usize = 5_000;

/// Measures all of them.
pub(crate) fn run(settings: &Settings, report: &mut Report) -> Fallible<()> {
    first(settings, report)?;
    let server = Server::pinstripe(settings, &["--log", "off"], Stderr::Read)?;
    let mut client = Client::connect(server.address)?;
    expansions(report, &mut client)?;
    search(settings, report, &server, &mut client)?;
    reset(report, &mut client)?;
    at_once(settings, report, &server, &mut client)?;
    suite(settings, report)
}

/// The first request of a server, and its first page, with the example shop.
fn first(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let (mut requests, mut pages) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let server = Server::pinstripe(settings, &["--log", "off", "--fixtures", "@shop"], Stderr::Null)?;
        let mut client = Client::connect(server.address)?;
        requests.push(time(&mut client, &Call::post("default", "/v1/customers", "name=Jenny+Rosen"))?);
        let form = "mode=payment&line_items[0][quantity]=1&line_items[0][price_data][currency]=usd\
                    &line_items[0][price_data][unit_amount]=2000&line_items[0][price_data][product_data][name]=Tea\
                    &success_url=https%3A%2F%2Fexample.com";
        let session = client.expect_200(&Call::post("default", "/v1/checkout/sessions", form))?.body;
        let session: Value = serde_json::from_str(&session)?;
        let url = session["url"].as_str().ok_or("a session without a URL")?;
        let path = url.split_once("//").and_then(|(_, rest)| rest.split_once('/')).ok_or("no path")?.1;
        let path = path.split('#').next().unwrap_or_default();
        pages.push(time(&mut client, &Call::get("default", format!("/{path}")))?);
    }
    report.figure("first request of a server", median(&requests), " ms", "", Target::None);
    report.figure("first page of a server", median(&pages), " ms", "", Target::None);
    Ok(())
}

/// A page of a hundred charges with what they refer to.
fn expansions(report: &mut Report, client: &mut Client) -> Fallible<()> {
    for customer in customers(client, "expanded", PAGE)? {
        let form = format!("amount=2000&currency=usd&customer={customer}");
        client.expect_200(&Call::post("expanded", "/v1/charges", form))?;
    }
    let plain = format!("/v1/charges?limit={PAGE}");
    let expanded = format!("{plain}&expand[]=data.customer&expand[]=data.balance_transaction");
    let [plain, expanded] = [plain, expanded].map(|path| median_time(client, &Call::get("expanded", path)));
    let detail = format!("{:.1} without expansions", plain?);
    report.figure("a page of 100 charges, with their customers", expanded?, " ms", &detail, Target::None);
    Ok(())
}

/// A search that one of many customers answers.
fn search(settings: &Settings, report: &mut Report, server: &Server, client: &mut Client) -> Fallible<()> {
    eprintln!("  filling a sandbox with {} customers", settings.large);
    let calls: Vec<_> = creations("searched", 1_000).iter().map(|call| call.to_bytes(server.address)).collect();
    load::run(settings, server.address, &Script::spread(calls), Stop::Count(settings.large))?;
    let one = Call::post("searched", "/v1/customers", "email=sought%40example.com");
    client.expect_200(&one)?;
    let sought = Call::get("searched", "/v1/customers/search?query=email%3A%27sought%40example.com%27");
    let found: Value = serde_json::from_str(&client.expect_200(&sought)?.body)?;
    if found["data"].as_array().is_none_or(|data| data.len() != 1) {
        return Err(format!("found {found}").into());
    }
    let took = median_time(client, &sought)?;
    report.figure(&format!("a search over {} customers", settings.large), took, " ms", "", Target::None);
    Ok(())
}

/// A reset of a sandbox with a few objects, as between two tests.
fn reset(report: &mut Report, client: &mut Client) -> Fallible<()> {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        customers(client, "reset", 10)?;
        times.push(time(client, &Call::post("reset", "/_pinstripe/reset?sandbox=reset", ""))?);
    }
    report.figure("a reset", median(&times), " ms", "", Target::None);
    Ok(())
}

/// Many connections at once: the slowest answers beside the median.
fn at_once(settings: &Settings, report: &mut Report, server: &Server, client: &mut Client) -> Fallible<()> {
    let ids = customers(client, "at-once", 100)?;
    let calls = ids.iter().map(|id| Call::get("at-once", format!("/v1/customers/{id}")).to_bytes(server.address));
    let script = Script::spread(calls.collect());
    let settings = settings.with_connections(CONNECTIONS);
    let mut sample = load::run(&settings, server.address, &script, Stop::After(settings.round))?;
    sample.latencies.sort_unstable();
    let percentile = |percent: usize| {
        let latencies = &sample.latencies;
        latencies.get(latencies.len() * percent / 100).map_or(f64::NAN, |nanos| f64::from(*nanos) / 1e3)
    };
    let (half, most) = (percentile(50), percentile(99));
    let detail = format!("{half:.0} and {most:.0} µs");
    let measure = format!("p99 / median of {CONNECTIONS} connections at once");
    report.figure(&measure, most / half, "", &detail, Target::Under(SPREAD));
    Ok(())
}

/// A suite whose tests each have a sandbox, in which they make a customer, charge it and look at both.
fn suite(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let server = Server::pinstripe(settings, &["--log", "off"], Stderr::Read)?;
    let mut client = Client::connect(server.address)?;
    let (before, memory, begun) = (server.settle()?, server.memory_kb("VmRSS")?, Instant::now());
    for test in 0..SUITE {
        let sandbox = format!("test-{test}");
        for customer in customers(&mut client, &sandbox, 1)? {
            let form = format!("amount=2000&currency=usd&customer={customer}");
            client.expect_200(&Call::post(&sandbox, "/v1/charges", form))?;
            client.expect_200(&Call::get(&sandbox, format!("/v1/customers/{customer}")))?;
            client.expect_200(&Call::get(&sandbox, "/v1/events?limit=10"))?;
        }
    }
    let wall = begun.elapsed();
    let cpu = server.settle()?.saturating_sub(before);
    let grown = server.memory_kb("VmRSS")?.saturating_sub(memory);
    let each = |whole: Duration| whole.as_secs_f64() * 1e3 / SUITE as f64;
    let detail = format!("{:.2} ms of time, {SUITE} tests of four calls", each(wall));
    report.figure("a test with a sandbox of its own", each(cpu), " ms of CPU", &detail, Target::None);
    report.figure("kept by its sandbox", grown as f64 / SUITE as f64, " kB", "", Target::None);
    Ok(())
}

/// The median of the milliseconds that a call takes.
fn median_time(client: &mut Client, call: &Call) -> Fallible<f64> {
    let times = (0..TIMES).map(|_| time(client, call)).collect::<Fallible<Vec<f64>>>()?;
    Ok(median(&times))
}

/// The milliseconds that a call takes.
fn time(client: &mut Client, call: &Call) -> Fallible<f64> {
    let begun = Instant::now();
    client.expect_200(call)?;
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}
