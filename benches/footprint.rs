//! Resident memory after a thousand mixed requests, with the example shop loaded.

use crate::Fallible;
use crate::http::{Call, Client};
use crate::load::{self, Script, Stop};
use crate::process::{Server, Stderr};
use crate::report::{Report, Target};
use crate::settings::Settings;
use crate::throughput::customers;

/// Megabytes after the start: 12 MiB.
const START_MB: f64 = 12.6;
const REQUESTS: u64 = 1_000;
/// Customers made first; their creation counts as requests.
const CUSTOMERS: usize = 20;
/// The sandbox that the fixtures were loaded into.
const SANDBOX: &str = "default";

/// Sends the requests and reads `VmRSS`.
pub(crate) fn run(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let flags = ["--log", "off", "--fixtures", "@shop"];
    let server = Server::pinstripe(settings, &flags, Stderr::Read)?;
    let at_start = megabytes(server.memory_kb("VmRSS")?);
    let mut client = Client::connect(server.address)?;
    let ids = customers(&mut client, SANDBOX, CUSTOMERS)?;
    let requests = ids.iter().flat_map(|id| mixed(id)).map(|call| call.to_bytes(server.address));
    let script = Script::spread(requests.collect());
    load::run(settings, server.address, &script, Stop::Count(REQUESTS - CUSTOMERS as u64))?;
    server.settle()?;
    let after = megabytes(server.memory_kb("VmRSS")?);
    let detail = format!("{:.1} at most", megabytes(server.memory_kb("VmHWM")?));
    report.figure("resident after the start", at_start, " MB", "with @shop", Target::Under(START_MB));
    report.figure("resident after 1,000 requests", after, " MB", &detail, Target::Under(20.0));
    Ok(())
}

/// What a client does around one customer.
fn mixed(customer: &str) -> Vec<Call> {
    let get = |path: String| Call::get(SANDBOX, path);
    let post = |path: String, form: String| Call::post(SANDBOX, path, form);
    let charges = || "/v1/charges".to_owned();
    let intent = "amount=1500&currency=eur&payment_method_types[]=card&payment_method=pm_card_visa&confirm=true";
    vec![
        get(format!("/v1/customers/{customer}")),
        post(format!("/v1/customers/{customer}"), "metadata[visits]=7".to_owned()),
        get("/v1/customers?limit=10".to_owned()),
        post(charges(), format!("amount=2000&currency=usd&customer={customer}")),
        get(format!("/v1/charges?limit=10&customer={customer}")),
        post(charges(), "amount=999&currency=usd&source=tok_mastercard".to_owned()),
        post("/v1/customers".to_owned(), "email=new%40example.com&source=tok_visa".to_owned()),
        post("/v1/payment_methods".to_owned(), "type=card&card[token]=tok_visa".to_owned()),
        post("/v1/payment_intents".to_owned(), intent.to_owned()),
        get("/v1/payment_intents?limit=10".to_owned()),
    ]
}

fn megabytes(kilobytes: u64) -> f64 {
    kilobytes as f64 / 1000.0 * 1.024
}
