//! No parameter is swallowed: each parameter of each operation with rules is added to the calls of the scripts, until one
//! answer shows what becomes of it.
//!
//! A parameter without a mark in its kind's entry must be shown or change the answer, or an error must name it. One with a
//! mark must do what the mark says. A call is sent again in the state that it was sent in, with the same ids and at the
//! same time, so that two answers differ by the parameter alone.

mod leaf;
mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use pinstripe::catalogue::{self, Find, Method, Operation};
use pinstripe::contract::{self, Behaviour, Treatment};
use pinstripe::generic::coverage::{self, Coverage};
use pinstripe::resources;
use serde_json::Value;

use leaf::{Leaf, leaves, numbered};

use super::play::{self, Player, Seen};
use super::{names, script};
use crate::support::client::Answer;
use crate::tidy::root;

/// How many calls of one operation are sent again.
const CALLS_MAX: usize = 25;

/// What the answers show of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    /// Only errors about something else.
    Unclear(String),
    /// Nothing: all answers are the same.
    Nothing,
    /// An error names it.
    Named,
    /// The answer is another one.
    Answer,
    /// The answer has the value that was sent, at the same path.
    Shown,
    /// 501, which names it.
    Refused,
}

type Effects = BTreeMap<(&'static str, String), Effect>;

/// Adds a parameter to a call, and compares the answers with each other and with that of the call without it.
fn effect(player: &Player, seen: &Seen, operation: &Operation, leaf: &Leaf) -> Effect {
    let mut base = numbered(&seen.pairs);
    leaf.accompany(operation.name, &mut base);
    let without = player.again(seen, &base);
    let showed = |value: &str| without.status == 200 && shows(&without.body, &leaf.path, value);
    // Whether one value is taken and another one asks for a parameter beside it.
    let (mut is_taken, mut asks_more) = (false, false);
    let mut best = Effect::Unclear(String::new());
    let mut bodies: BTreeSet<String> = (without.status == 200).then(|| without.text.clone()).into_iter().collect();
    for value in leaf.values() {
        let mut pairs = base.clone();
        leaf.put(&value, &mut pairs);
        let answer = player.again(seen, &pairs);
        is_taken |= answer.status == 200;
        asks_more |= answer.status == 400 && answer.text.contains("Missing required param");
        let found = match answer.status {
            200 if shows(&answer.body, &leaf.path, &value) && !showed(&value) => return Effect::Shown,
            200 => {
                bodies.insert(answer.text);
                if bodies.len() > 1 { Effect::Answer } else { Effect::Nothing }
            }
            501 if names_it(&answer, leaf, &value) => Effect::Refused,
            _ if names_it(&answer, leaf, &value) && !answer.text.contains("Missing required param") => Effect::Named,
            _ => Effect::Unclear(format!("{pairs:?}: {}", answer.text.replace(['\n', ' '], ""))),
        };
        best = best.max(found);
    }
    if is_taken && asks_more { best.max(Effect::Answer) } else { best }
}

/// Whether an error is about a parameter, by its name, or by a part of it that is refused as a whole.
fn names_it(answer: &Answer, leaf: &Leaf, value: &str) -> bool {
    let error = &answer.body["error"];
    let param = error["param"].as_str().unwrap_or_default();
    if answer.status == 501 || error["code"] == "parameter_unknown" {
        return leaf.is_in(param);
    }
    let mut parts = param.split(['[', ']']).filter(|part| !part.is_empty() && part.parse::<usize>().is_err());
    let says = |text: &str| text.contains(leaf.name()) || value.len() > 2 && text.contains(&format!("'{value}'"));
    parts.next_back() == Some(leaf.name())
        || error["message"].as_str().map(str::to_lowercase).is_some_and(|text| says(&text))
}

/// The values at one step of a path.
fn below<'v>(value: &'v Value, part: &str) -> Vec<&'v Value> {
    match (part, value) {
        ("*", Value::Array(all)) => all.iter().collect(),
        ("*", Value::Object(all)) => match all.get("data") {
            Some(Value::Array(rows)) => rows.iter().collect(),
            _ => all.values().collect(),
        },
        (part, one) => one.get(part).into_iter().collect(),
    }
}

/// Whether an answer has a value at a path.
fn shows(body: &Value, path: &str, value: &str) -> bool {
    path.split('.')
        .fold(vec![body], |found, part| found.into_iter().flat_map(|one| below(one, part)).collect())
        .into_iter()
        .any(|found| match found {
            Value::String(text) => text == value,
            Value::Object(map) => {
                map.get("id").is_some_and(|id| id == value) || map.values().any(|inner| inner == value)
            }
            Value::Bool(_) | Value::Number(_) => serde_json::from_str::<Value>(value).is_ok_and(|sent| sent == *found),
            _ => false,
        })
}

/// Sends the calls of a script again with more parameters.
fn probe(name: &str, effects: &Mutex<Effects>) {
    let mut known: BTreeMap<&str, (usize, BTreeSet<String>)> = BTreeMap::new();
    play::play_probing(&script(name), &mut |player: &Player, seen: &Seen| {
        let method = match seen.method.as_str() {
            "GET" => Method::Get,
            "POST" => Method::Post,
            _ => Method::Delete,
        };
        let Find::Operation(found) = catalogue::find(method, &seen.path) else { return };
        let operation = found.operation;
        let Some((entry, _)) = resources::behaviour(operation) else { return };
        let names: Vec<&str> = seen.pairs.iter().map(|(name, _)| name.as_str()).collect();
        let (calls, sent) = known.entry(operation.name).or_default();
        let is_new = sent.insert(names.join("&")) || method == Method::Get;
        if coverage::of(operation) != Coverage::Rules || *calls >= CALLS_MAX || !is_new {
            return;
        }
        *calls += 1;
        for leaf in leaves(operation) {
            let key = (operation.name, leaf.path.clone());
            let mark = contract::mark(entry, operation, &leaf.path);
            let before = effects.lock().unwrap().get(&key).cloned();
            let is_done = match mark {
                None => before >= Some(Effect::Named),
                Some(Treatment::Refused) => before == Some(Effect::Refused),
                Some(Treatment::Acts(_) | Treatment::Describes(_)) => true,
                Some(Treatment::Neutral(_)) => {
                    before >= Some(Effect::Nothing) && !matches!(before, Some(Effect::Unclear(_)))
                }
            };
            if !is_done {
                let found = effect(player, seen, operation, &leaf);
                let mut all = effects.lock().unwrap();
                let slot = all.entry(key).or_insert(Effect::Unclear(String::new()));
                *slot = slot.clone().max(found);
            }
        }
    });
}

/// Whether a test of this path is there: its modules and its name.
fn is_test(path: &str) -> bool {
    let (modules, name) = path.rsplit_once("::").unwrap_or(("", path));
    let file = format!("tests/all/{}", modules.replace("::", "/"));
    let declared = format!("fn {name}(");
    let files = [root().join(format!("{file}.rs")), root().join(format!("{file}/mod.rs"))];
    files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).any(|text| text.contains(&declared))
}

/// Whether an operation has a parameter of this name, at any place.
fn has_parameter(operation: &str, name: &str) -> bool {
    catalogue::operation(operation)
        .is_some_and(|found| leaves(found).iter().any(|leaf| leaf.path.split('.').any(|part| part == name)))
}

/// Whether an operation is a list that its kind only declares: every such list has the same limit.
fn lists(operation: &Operation) -> bool {
    let bound = resources::behaviour(operation).map(|(_, behaviour)| behaviour);
    matches!(bound, Some(Behaviour::List | Behaviour::ListUnder(_) | Behaviour::Search))
}

/// What is wrong with a parameter.
fn fault(operation: &Operation, leaf: &Leaf, found: Option<&Effect>) -> Option<String> {
    let (entry, _) = resources::behaviour(operation)?;
    let wrong = |what: String| Some(format!("{} {}: {what}", operation.name, leaf.path));
    match (contract::mark(entry, operation, &leaf.path), found) {
        (Some(Treatment::Acts(test)), _) if !is_test(test) => wrong(format!("there is no test {test}")),
        (Some(Treatment::Describes(other)), _)
            if !matches!(leaf.name(), "object" | "token")
                && leaf.path.contains('.')
                && !has_parameter(other, leaf.name()) =>
        {
            wrong(format!("{other} has no such parameter"))
        }
        (Some(Treatment::Acts(_) | Treatment::Describes(_)), _) => None,
        (None, _) if leaf.path == "limit" && lists(operation) => None,
        (_, None) => wrong("no call of the scripts can be sent with it".to_owned()),
        (Some(Treatment::Neutral(_)), Some(Effect::Nothing | Effect::Named))
        | (Some(Treatment::Refused), Some(Effect::Refused)) => None,
        (None, Some(Effect::Shown | Effect::Answer | Effect::Named | Effect::Refused)) => None,
        (None, Some(Effect::Nothing)) => wrong("it is swallowed, and has no mark".to_owned()),
        (mark, Some(found)) => wrong(format!("{mark:?}, but {found:?}")),
    }
}

#[test]
fn every_parameter_is_shown_or_acts_or_is_neutral_or_refused() {
    resources::install();
    let names: Vec<String> = names("scripts").into_iter().collect();
    let effects = Mutex::new(Effects::new());
    let open = Mutex::new(names.iter());
    std::thread::scope(|scope| {
        let work = || {
            while let Some(name) = { open.lock().unwrap().next() } {
                probe(name, &effects);
            }
        };
        scope.spawn(work);
        work();
    });
    let effects = effects.into_inner().unwrap();
    let mut faults = Vec::new();
    for operation in catalogue::operations().iter().filter(|operation| coverage::of(operation) == Coverage::Rules) {
        let leaves = leaves(operation);
        let found = |leaf: &Leaf| effects.get(&(operation.name, leaf.path.clone()));
        faults.extend(leaves.iter().filter_map(|leaf| fault(operation, leaf, found(leaf))));
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}:\n{}", faults.len(), faults.join("\n"));
}
