//! Operations against the bare handler: retrieve a customer, create one, list ten, charge a customer's card, confirm an
//! intent; the same of a value list, which has no rules.

use crate::compare::{self, Contestant};
use crate::http::{Call, Client, Response};
use crate::load::{Script, Stop};
use crate::process::{Server, Stderr};
use crate::report::{Report, Target};
use crate::settings::Settings;
use crate::{Fallible, bare};

/// Objects over which retrieves and charges are spread.
const CUSTOMERS: usize = 100;
/// Customers of the sandbox whose pages are listed.
const LISTED: usize = 10_000;
/// The sandbox that these measurements use.
const SANDBOX: &str = "throughput";

/// The noise of the machine and of the method: a bare server against another one. The ratio should be 1;
/// how far it is from it says how far to trust the others.
pub(crate) fn noise(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let model = Response {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: format!("{{\"padding\": \"{}\"}}", "x".repeat(1000)),
    };
    let call = Call::get(SANDBOX, "/v1/customers/cus_123456789012345678901234");
    let servers = [bare::start(&model, &call)?, bare::start(&model, &call)?];
    let contestants: Vec<_> = servers
        .iter()
        .zip(["bare axum", "bare axum again"])
        .map(|(server, label)| contestant(label, server, std::slice::from_ref(&call), 1000))
        .collect();
    let tallies = compare::rounds(settings, &contestants, Stop::After(settings.round))?;
    report.tallies("noise", &tallies);
    report.ratio("noise: bare axum / bare axum", tallies[1].ratio_to(&tallies[0]), Target::None);
    Ok(())
}

/// `GET /v1/customers/:id`, over a hundred customers.
pub(crate) fn retrieve(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let target = Target::AtLeast(0.5);
    against_bare(settings, report, "retrieve a customer", target, |client| {
        let ids = customers(client, SANDBOX, CUSTOMERS)?;
        Ok(ids.iter().map(|id| Call::get(SANDBOX, format!("/v1/customers/{id}"))).collect())
    })
}

/// `POST /v1/customers` with a few fields; the sandbox grows all the while.
pub(crate) fn create(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let target = Target::AtLeast(0.28);
    against_bare(settings, report, "create a customer", target, |_| Ok(creations(SANDBOX, CUSTOMERS)))
}

/// `POST /v1/charges` of customers whose default source is a card; the sandbox grows all the while.
pub(crate) fn charge(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let target = Target::AtLeast(0.15);
    against_bare(settings, report, "charge a customer's card", target, |client| {
        let ids = customers(client, SANDBOX, CUSTOMERS)?;
        let form = |id| format!("amount=2000&currency=usd&customer={id}");
        Ok(ids.iter().map(|id| Call::post(SANDBOX, "/v1/charges", form(id))).collect())
    })
}

/// `POST /v1/payment_intents` with a test card, confirmed at once; the sandbox grows all the while.
pub(crate) fn intent(settings: &Settings, report: &mut Report) -> Fallible<()> {
    against_bare(settings, report, "confirm an intent", Target::AtLeast(0.1), |_| {
        let form = "amount=2000&currency=usd&payment_method=pm_card_visa&payment_method_types[]=card&confirm=true";
        Ok(vec![Call::post(SANDBOX, "/v1/payment_intents", form)])
    })
}

/// `GET /v1/customers?limit=10` of ten thousand.
pub(crate) fn list(settings: &Settings, report: &mut Report) -> Fallible<()> {
    against_bare(settings, report, "list 10 of 10,000 customers", Target::AtLeast(0.5), |client| {
        for call in creations(SANDBOX, LISTED) {
            client.expect_200(&call)?;
        }
        Ok(vec![Call::get(SANDBOX, "/v1/customers?limit=10")])
    })
}

/// `GET /v1/radar/value_lists/:id` and `POST /v1/radar/value_list_items`: kinds without rules, which the generic
/// operations serve. Lists are not made over and over, as no two of them share an alias.
pub(crate) fn generic(settings: &Settings, report: &mut Report) -> Fallible<()> {
    let list = |index| {
        let form = format!("alias=blocked_{index:06}&name=Blocked&metadata[order_id]=order_{index:06}");
        Call::post(SANDBOX, "/v1/radar/value_lists", form)
    };
    against_bare(settings, report, "retrieve a value list", Target::AtLeast(0.5), |client| {
        let ids: Fallible<Vec<String>> = (0..CUSTOMERS).map(|index| client.id_of(&list(index))).collect();
        Ok(ids?.iter().map(|id| Call::get(SANDBOX, format!("/v1/radar/value_lists/{id}"))).collect())
    })?;
    against_bare(settings, report, "create a value list item", Target::AtLeast(0.28), |client| {
        let list = client.id_of(&list(0))?;
        let item = |index| {
            let form = format!("value_list={list}&value=blocked_{index:06}");
            Call::post(SANDBOX, "/v1/radar/value_list_items", form)
        };
        Ok((0..CUSTOMERS).map(item).collect())
    })
}

/// Measures calls on a fresh Pinstripe beside a bare handler that answers with what Pinstripe answered to
/// the first of them.
fn against_bare(
    settings: &Settings,
    report: &mut Report,
    measure: &str,
    target: Target,
    prepare: impl Fn(&mut Client) -> Fallible<Vec<Call>>,
) -> Fallible<()> {
    let pinstripe = Server::pinstripe(settings, &["--log", "off"], Stderr::Read)?;
    let mut client = Client::connect(pinstripe.address)?;
    let calls = prepare(&mut client)?;
    let first = calls.first().ok_or("nothing to measure")?;
    let model = client.expect_200(first)?;
    let bare = bare::start(&model, first)?;
    eprintln!("  {measure}: {} headers, body of {} bytes", model.headers.len(), model.body.len());
    let least_body = model.body.len() * 9 / 10;
    let contestants =
        [contestant("bare axum", &bare, &calls, least_body), contestant("Pinstripe", &pinstripe, &calls, least_body)];
    let tallies = compare::rounds(settings, &contestants, Stop::After(settings.round))?;
    report.tallies(measure, &tallies);
    report.ratio(&format!("{measure}: Pinstripe / bare axum"), tallies[1].ratio_to(&tallies[0]), target);
    Ok(())
}

/// A server and the calls it gets, spread over the connections; every answer must have a body of at
/// least so many bytes.
pub(crate) fn contestant<'a>(label: &str, server: &'a Server, calls: &[Call], least_body: usize) -> Contestant<'a> {
    let requests = calls.iter().map(|call| call.to_bytes(server.address)).collect();
    Contestant { label: label.to_owned(), server, script: Script::spread(requests).expecting(least_body) }
}

/// Creates customers with a card each, and gives their ids.
pub(crate) fn customers(client: &mut Client, sandbox: &str, count: usize) -> Fallible<Vec<String>> {
    let form = |index| format!("{}&source=tok_visa", customer_form(index));
    (0..count).map(|index| client.id_of(&Call::post(sandbox, "/v1/customers", form(index)))).collect()
}

/// Calls that create customers, all of the same size.
pub(crate) fn creations(sandbox: &str, count: usize) -> Vec<Call> {
    (0..count).map(|index| Call::post(sandbox, "/v1/customers", customer_form(index))).collect()
}

fn customer_form(index: usize) -> String {
    format!(
        "name=Jenny+Rosen&email=jenny{index:06}%40example.com&description=Regular+customer\
         &metadata[order_id]=order_{index:06}"
    )
}
