//! What the number of objects costs: a list page and a creation at 100 and at 100,000 customers, or at as many as `BENCH_LARGE`
//! says, and what each customer holds.

use crate::Fallible;
use crate::compare::{self, Contestant, Tally};
use crate::http::{Call, Client};
use crate::load::{self, Script, Stop};
use crate::process::{Server, Stderr};
use crate::report::{Report, Target};
use crate::settings::Settings;
use crate::throughput::{contestant, creations};

const SMALL: u64 = 100;
/// A page of the large sandbox may be this much slower than of the small one and still count as "the same
/// time within noise".
const SAME: f64 = 0.9;

/// Creations in one round: few enough that a sandbox of the large size keeps its order of magnitude.
const CREATIONS: u64 = 20_000;
/// Creations would soon make a small sandbox a large one, so they go to many small ones in turn, ...
const SMALL_SANDBOXES: usize = 200;
/// ... this many times from each connection, before all go on to the next: as in the large one, the
/// connections meet at the same lock.
const BLOCK: usize = 8;

/// Measures pages, then creations.
pub(crate) fn run(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let server = Server::pinstripe(settings, &["--log", "off"], Stderr::Read)?;
    let mut client = Client::connect(server.address)?;
    let small = fill(settings, &server, &mut client, "small", SMALL)?;
    let before = server.memory_kb("VmRSS")?;
    let large = fill(settings, &server, &mut client, "large", settings.large)?;
    server.settle()?;
    let grown = server.memory_kb("VmRSS")?.saturating_sub(before) as f64 / settings.large as f64;
    let detail = format!("the mean of {}, with its event while that is kept", settings.large);
    report.figure("kept by a customer", grown, " kB", &detail, Target::None);

    let at_large = format!("at {}", settings.large);
    let mut least_body = usize::MAX;
    for call in pages("small", &small).iter().chain(&pages("large", &large)) {
        let body = client.expect_200(call)?.body;
        check_page(&body)?;
        least_body = least_body.min(body.len() * 9 / 10);
    }
    let contestants = [
        contestant("at 100", &server, &pages("small", &small), least_body),
        contestant(&at_large, &server, &pages("large", &large), least_body),
    ];
    let tallies = compare::rounds(settings, &contestants, Stop::After(settings.round))?;
    report.tallies("list page of 10", &tallies);
    compare_sizes(report, "list page of 10", &tallies, Target::AtLeast(SAME));

    let names: Vec<String> = (0..SMALL_SANDBOXES).map(|index| format!("small-{index}")).collect();
    let spread: Vec<Vec<u8>> =
        names.iter().flat_map(|name| creations(name, 1)).map(|call| call.to_bytes(server.address)).collect();
    let total = SMALL * SMALL_SANDBOXES as u64;
    load::run(settings, server.address, &Script::spread(spread.clone()), Stop::Count(total))?;
    let contestants = [
        Contestant { label: "at 100".to_owned(), server: &server, script: Script::in_blocks(spread, BLOCK) },
        contestant(&at_large, &server, &creations("large", 100), 1),
    ];
    let tallies = compare::rounds(settings, &contestants, Stop::Count(CREATIONS))?;
    report.tallies("create a customer", &tallies);
    compare_sizes(report, "create a customer", &tallies, Target::None);
    Ok(())
}

fn compare_sizes(report: &mut Report, measure: &str, tallies: &[Tally], target: Target) {
    report.ratio(
        &format!("{measure}: {} / {}", tallies[1].label, tallies[0].label),
        tallies[1].ratio_to(&tallies[0]),
        target,
    );
}

/// Fills a sandbox through the API and gives the id of the customer in the middle of it.
fn fill(settings: &Settings, server: &Server, client: &mut Client, sandbox: &str, size: u64) -> Fallible<String> {
    eprintln!("  filling a sandbox with {size} customers");
    let calls = creations(sandbox, 1000);
    let script = Script::spread(calls.iter().map(|call| call.to_bytes(server.address)).collect());
    load::run(settings, server.address, &script, Stop::Count(size / 2 - 1))?;
    let middle = client.id_of(&calls[0])?;
    load::run(settings, server.address, &script, Stop::Count(size / 2))?;
    Ok(middle)
}

/// The first page, and one from the middle on: both ways to start a page.
fn pages(sandbox: &str, middle: &str) -> Vec<Call> {
    vec![
        Call::get(sandbox, "/v1/customers?limit=10"),
        Call::get(sandbox, format!("/v1/customers?limit=10&starting_after={middle}")),
    ]
}

/// A page that is not full would be quick for the wrong reason.
fn check_page(body: &str) -> Fallible<()> {
    let page: serde_json::Value = serde_json::from_str(body)?;
    let full = page["data"].as_array().is_some_and(|data| data.len() == 10);
    if full && page["has_more"] == true { Ok(()) } else { Err(format!("not a full page: {body}").into()) }
}
