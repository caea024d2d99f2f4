//! What each operation announces: the flows of `tests/flows`, which events come of each and in which order, what they say
//! of what was before, and how they are delivered.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::events::resource::{events, types};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, text};
use crate::support::receiver::Receiver;
use crate::webhooks::deliveries::{endpoint, wait};

/// Something that is done, and what it announces; `tests/flows/README.md` tells what the fields are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Flow {
    rule: String,
    given: Vec<Step>,
    act: Vec<Step>,
    events: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    r#do: String,
    #[serde(default)]
    form: String,
    r#as: Option<String>,
    status: Option<u16>,
    version: Option<String>,
}

/// Answers by their names.
type Names = Map<String, Value>;

/// All flows.
fn flows() -> Vec<Flow> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flows");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    assert!(!files.is_empty());
    let read = |path| serde_json::from_str::<Vec<Flow>>(&fs::read_to_string(path).unwrap()).unwrap();
    files.iter().flat_map(read).collect()
}

impl Flow {
    /// Carries out what is before in an empty sandbox.
    fn begin(&self, sandbox: &Client) -> Names {
        let mut names = Names::from_iter([("sandbox".to_owned(), json!(sandbox.sandbox()))]);
        run(&self.given, sandbox, &mut names, &self.rule);
        names
    }

    /// Acts, and returns the events of the act, oldest first.
    fn act(&self, sandbox: &Client, names: &mut Names) -> Vec<Value> {
        let before = events(sandbox, &[]).len();
        run(&self.act, sandbox, names, &self.rule);
        events(sandbox, &[]).split_off(before)
    }
}

fn run(steps: &[Step], api: &Client, names: &mut Names, rule: &str) {
    for step in steps {
        let (method, path) = step.r#do.split_once(' ').unwrap();
        let path = filled(path, names);
        let form = filled(&step.form, names);
        let pairs: Vec<(&str, &str)> = form.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let api = step.version.as_deref().map_or_else(|| api.clone(), |version| api.version(version));
        let answer = match method {
            "POST" if path.starts_with("/v1/") => api.post(&path, &pairs),
            "GET" => api.get(&path, &pairs),
            _ => api.send(method, &path, None),
        };
        assert_eq!(answer.status, step.status.unwrap_or(200), "{rule}: {} {}", step.r#do, answer.text);
        if let Some(name) = &step.r#as {
            names.insert(name.clone(), answer.body);
        }
    }
}

/// A text with its `{name.key}` filled in.
fn filled<'n>(text: &str, names: &'n Names) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (path, after) = after.split_once('}').unwrap();
        let (name, keys) = path.split_once('.').unwrap_or((path, ""));
        let inside = |value: &'n Value, key: &str| key.parse::<usize>().map_or_else(|_| &value[key], |n| &value[n]);
        let value = keys.split('.').filter(|key| !key.is_empty()).fold(&names[name], inside);
        out.push_str(before);
        out.push_str(value.as_str().unwrap_or_else(|| panic!("{{{path}}} is no text: {value}")));
        rest = after;
    }
    out + rest
}

#[test]
fn each_operation_yields_the_documented_events_in_order() {
    let mut faults = Vec::new();
    for (number, flow) in flows().iter().enumerate() {
        let api = sandbox(&format!("events-flow-{number}"));
        let mut names = flow.begin(&api);
        let told = flow.act(&api, &mut names);
        if types(&told) != flow.events {
            faults.push(format!("{}\n  expected {:?}\n  found    {:?}", flow.rule, flow.events, types(&told)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_event_of_a_flow_is_of_a_type_that_may_hold_its_object() {
    for (number, flow) in flows().iter().enumerate() {
        for name in &flow.events {
            let known = pinstripe::catalogue::event_types().iter().find(|known| known.name == *name);
            assert!(known.is_some(), "{}: {name} is no type of event", flow.rule);
        }
        let api = sandbox(&format!("events-types-{number}"));
        let mut names = flow.begin(&api);
        let _ = flow.act(&api, &mut names);
        for event in events(&api, &[]) {
            let known = pinstripe::catalogue::event_types().iter().find(|known| known.name == event["type"]).unwrap();
            let object = text(&event["data"]["object"], "object");
            assert!(known.objects.contains(&object), "{}: {} holds a {object}", flow.rule, known.name);
        }
    }
}

/// The types, besides every `….updated`, that tell what was before.
const TELL_BEFORE: [&str; 5] =
    ["application_fee.refunded", "charge.captured", "charge.refunded", "payment_method.detached", "transfer.reversed"];

#[test]
fn the_object_with_its_previous_attributes_is_what_it_was() {
    let mut faults = Vec::new();
    for (number, flow) in flows().iter().enumerate() {
        let api = sandbox(&format!("events-previous-{number}"));
        let mut names = flow.begin(&api);
        // What is known of each object: how it was, and how it is since the last event about it.
        let mut known: HashMap<String, (Value, Value)> = HashMap::new();
        for event in events(&api, &[]) {
            let object = &event["data"]["object"];
            if let Some(path) = path_of(object) {
                let is = without_nulls(&api.get(&path, &[]).body);
                known.insert(key(object), (Value::Null, is));
            }
        }
        for event in flow.act(&api, &mut names) {
            let (kind, object) = (text(&event, "type"), &event["data"]["object"]);
            let (was, is) = known.remove(&key(object)).unwrap_or_default();
            let (shown, previous) = (without_nulls(object), event["data"].get("previous_attributes"));
            // One change may be told of under several names.
            let was = if shown == is && !was.is_null() { was } else { is };
            let tells = (kind.ends_with(".updated") || TELL_BEFORE.contains(&kind)) && was != shown;
            if previous.is_some() != tells {
                faults.push(format!("{}: {kind} has previous_attributes {previous:?}", flow.rule));
            }
            if let Some(previous) = previous {
                faults.extend(unchanged(previous, object).map(|key| format!("{}: {kind}: `{key}`", flow.rule)));
                let restored = without_nulls(&restored(object, previous));
                // A mandate is made without a word, so what it was at first is not known here.
                if was != restored && kind != "mandate.updated" {
                    faults.push(format!("{}: {kind} {previous}\n  was      {was}\n  restored {restored}", flow.rule));
                }
            }
            known.insert(key(object), (was, shown));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What tells an object apart; a cash balance has no id.
fn key(object: &Value) -> String {
    format!("{} {}", object["object"], object.get("id").unwrap_or(&object["customer"]))
}

/// Where an object is retrieved.
fn path_of(object: &Value) -> Option<String> {
    let id = object["id"].as_str()?;
    let folder = match object["object"].as_str()? {
        "card" | "bank_account" => match object["customer"].as_str() {
            Some(customer) => format!("customers/{customer}/sources"),
            None => format!("accounts/{}/external_accounts", object["account"].as_str()?),
        },
        "radar.early_fraud_warning" => "radar/early_fraud_warnings".to_owned(),
        kind => format!("{kind}s"),
    };
    Some(format!("/v1/{folder}/{id}"))
}

/// The object before: the old values in place of the new ones.
fn restored(object: &Value, previous: &Value) -> Value {
    let (Value::Object(new), Value::Object(old)) = (object, previous) else { return previous.clone() };
    let mut whole = new.clone();
    for (key, old) in old {
        let value = new.get(key).map_or_else(|| old.clone(), |new| restored(new, old));
        whole.insert(key.clone(), value);
    }
    Value::Object(whole)
}

/// The keys of what is said to have changed and has not; an empty object changes nothing.
fn unchanged(previous: &Value, object: &Value) -> Box<dyn Iterator<Item = String>> {
    let (Value::Object(old), Value::Object(new)) = (previous, object) else { return Box::new(std::iter::empty()) };
    let mut found = Vec::new();
    if old.is_empty() && !new.is_empty() {
        found.push("nothing".to_owned());
    }
    for (key, old) in old {
        match new.get(key) {
            Some(new) if new == old => found.push(key.clone()),
            Some(new) => found.extend(unchanged(old, new).map(|inner| format!("{key}.{inner}"))),
            None => {}
        }
    }
    Box::new(found.into_iter())
}

/// A key that is not there is told of as null.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        other => other.clone(),
    }
}

#[test]
fn every_event_of_every_flow_is_delivered_once_in_order_and_signed() {
    let receiver = Receiver::start();
    let mut seen = 0;
    for (number, flow) in flows().iter().enumerate() {
        let api = sandbox(&format!("events-delivered-{number}"));
        let secret = text(&endpoint(&api, &receiver, &["*"], &[]), "secret").to_owned();
        let mut names = flow.begin(&api);
        let _ = flow.act(&api, &mut names);
        wait(&api);
        let hits = receiver.hits();
        let listed: Vec<String> = events(&api, &[]).iter().map(id).collect();
        let arrived: Vec<String> = hits[seen..].iter().map(|hit| hit.id()).collect();
        assert_eq!(arrived, listed, "{}", flow.rule);
        hits[seen..].iter().for_each(|hit| hit.assert_signed(&secret));
        seen = hits.len();
    }
    assert!(seen > flows().len(), "{seen} events");
}
