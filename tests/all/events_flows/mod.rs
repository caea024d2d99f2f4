//! Which events each operation yields, in which order: the reference's tables (core-payments 10.2 to 10.4,
//! intents-and-checkout 1.13 and 2.3). One table for each subject.

mod customers;
mod payments;
mod setups;

use serde_json::Value;

use crate::client::{Client, sandbox};
use crate::events::{events, types};
use crate::flows::{Params, customer, text};

/// All tables.
static TABLES: &[&[Flow]] = &[customers::FLOWS, payments::FLOWS, setups::FLOWS];

/// Something that is done, and what it announces.
struct Flow {
    /// The row of the reference.
    rule: &'static str,
    /// What is there before; returns the id that the act is about.
    given: fn(&Client) -> String,
    /// The act.
    act: fn(&Client, &str),
    /// The events of the act, in order, those of what happens at once after it included.
    events: &'static [&'static str],
}

fn nothing(_: &Client) -> String {
    String::new()
}

fn a_customer(api: &Client) -> String {
    customer(api, &[])
}

fn post(api: &Client, path: &str, params: Params<'_>) -> Value {
    api.post(path, params).ok()
}

/// The page that an object waits for.
fn page(waiting: &Value) -> String {
    let link = &waiting["next_action"]["redirect_to_url"]["url"];
    link.as_str().or(waiting["redirect"]["url"].as_str()).unwrap_or_else(|| panic!("no page in {waiting}")).to_owned()
}

#[test]
fn each_operation_yields_the_documented_events_in_order() {
    let mut faults = Vec::new();
    for (number, flow) in TABLES.iter().copied().flatten().enumerate() {
        let api = sandbox(&format!("events-flow-{number}"));
        let given = (flow.given)(&api);
        let before = events(&api, &[]).len();
        (flow.act)(&api, &given);
        let after = events(&api, &[]);
        let found = types(&after[before..]);
        if found != flow.events {
            faults.push(format!("{}\n  expected {:?}\n  found    {found:?}", flow.rule, flow.events));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_event_of_a_flow_is_of_a_type_that_may_hold_its_object() {
    for (number, flow) in TABLES.iter().copied().flatten().enumerate() {
        for name in flow.events {
            let known = pinstripe::catalogue::event_types().iter().find(|known| known.name == *name);
            assert!(known.is_some(), "{}: {name} is no type of event", flow.rule);
        }
        let api = sandbox(&format!("events-types-{number}"));
        let given = (flow.given)(&api);
        (flow.act)(&api, &given);
        for event in events(&api, &[]) {
            let known = pinstripe::catalogue::event_types().iter().find(|known| known.name == event["type"]).unwrap();
            let object = text(&event["data"]["object"], "object");
            assert!(known.objects.contains(&object), "{}: {} holds a {object}", flow.rule, known.name);
        }
    }
}
