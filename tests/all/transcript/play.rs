//! Plays a script against a server of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pinstripe::Config;
use pinstripe::catalogue::{self, Find, Method};
use pinstripe::state::sandbox::Listener;
use pinstripe::time::clock::Clock;
use pinstripe::webhooks::settings::{Mode, Timestamps};
use serde_json::Value;

use super::frozen::{Frozen, Kept};
use super::record::{self, Shown};
use super::script::{Call, Script};
use super::visits::Visits;
use crate::support::client::{Answer, encode, raw, start_with};
use crate::support::flows::{id, rows};
use crate::support::shape;

/// Where links in answers point, whatever the port is.
pub(super) const PUBLIC_URL: &str = "http://stripe.test";

/// What came of a script.
#[derive(Debug)]
pub(super) struct Played {
    pub name: String,
    /// The blocks of all calls.
    pub text: String,
    /// The operations that answered 200.
    pub succeeded: BTreeSet<&'static str>,
    /// The server, which goes on running.
    pub url: String,
    /// The calls that read from the default sandbox.
    pub reads: Vec<Read>,
    /// Placeholders that no answer has a value for, and answers that are not what the catalogue says.
    pub faults: Vec<String>,
    /// What its events showed at the end.
    pub kept: Kept,
}

/// A call that reads.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub target: String,
    pub headers: Vec<(String, String)>,
}

impl Read {
    /// A call with the key of the transcript and no other header.
    pub(super) fn of(target: String) -> Self {
        Read { target, headers: vec![key()] }
    }
}

fn key() -> (String, String) {
    ("Authorization".to_owned(), "Bearer sk_test_transcript".to_owned())
}

/// How every server of a transcript is started.
pub(super) fn config() -> Config {
    Config {
        seed: Some(1),
        clock: Clock::Frozen(1_800_000_000),
        public_url: Some(PUBLIC_URL.to_owned()),
        webhook_mode: Mode::Collect,
        webhook_timestamps: Timestamps::Sandbox,
        ..Config::default()
    }
}

/// A call of a script that succeeded, so that it can be sent again.
#[derive(Debug)]
pub(super) struct Seen {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    /// Its parameters.
    pub pairs: Vec<(String, String)>,
}

/// A script under way.
#[derive(Debug)]
pub(super) struct Player {
    url: String,
    answers: BTreeMap<String, Answer>,
    calls: usize,
    shown: Shown,
    played: Played,
    /// What opens the links in answers, if they are opened.
    visits: Option<Visits>,
}

/// Plays a script from its beginning.
pub(super) fn play(script: &Script) -> Played {
    let frozen = Arc::new(Frozen::default());
    let listener: Arc<dyn Listener> = Arc::clone(&frozen) as _;
    let url = start_with(config(), move |server| server.listen(listener));
    let mut player = Player::new(&script.name, url);
    for call in &script.calls {
        let at = format!("{}.txt:{}", script.name, call.line);
        if call.method == "EVENTS" {
            player.events(call, &at);
        } else {
            player.call(call, &at);
        }
    }
    player.played.kept = frozen.compare();
    player.played
}

/// Plays a script from its beginning, and opens each link as soon as an answer shows it.
pub(super) fn play_visiting(script: &Script) -> Visits {
    let url = start_with(config(), |_| {});
    let mut player = Player { visits: Some(Visits::default()), ..Player::new(&script.name, url) };
    for call in script.calls.iter().filter(|call| call.method != "EVENTS") {
        let _ = player.call(call, &format!("{}.txt:{}", script.name, call.line));
    }
    player.visits.unwrap_or_default()
}

/// Plays a script from its beginning; after each call that succeeded, `probe` may send it again with other parameters.
pub(super) fn play_probing(script: &Script, probe: &mut dyn FnMut(&Player, &Seen)) {
    let url = start_with(config(), |_| {});
    let mut player = Player::new(&script.name, url);
    for call in script.calls.iter().filter(|call| call.method != "EVENTS") {
        let at = format!("{}.txt:{}", script.name, call.line);
        let pairs = player.filled(&call.body, &at);
        let seen = Seen {
            method: call.method.clone(),
            path: player.filled(&call.path, &at),
            headers: player.headers(call, &at),
            pairs: match serde_json::from_str(&pairs) {
                Ok(Value::Object(body)) => flat(&Value::Object(body)),
                _ => serde_urlencoded::from_str(&encode(&split(&pairs))).unwrap(),
            },
        };
        let has_params = match seen.path.starts_with("/v2/") && seen.method == "POST" {
            true => call.body.starts_with('{'),
            false => !call.body.starts_with(['{', '[', '"']) && !seen.path.contains('?'),
        };
        let is_own = seen.headers.iter().all(|(name, _)| name != "Idempotency-Key");
        let probed = has_params && is_own && call.path.starts_with("/v");
        if probed {
            player.control("before");
        }
        let succeeded = player.call(call, &at);
        if probed && succeeded {
            player.control("after");
            probe(&player, &seen);
            player.control("after/restore");
        }
    }
}

fn split(body: &str) -> Vec<(&str, &str)> {
    let pairs = body.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect()
}

/// The parameters of a body of `/v2`, by the names that a form would have for them.
fn flat(body: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    walk(String::new(), body, &mut all);
    all
}

fn walk(name: String, value: &Value, all: &mut Vec<(String, String)>) {
    let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}[{key}]") };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| walk(below(key), value, all)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| walk(below(&i.to_string()), item, all)),
        Value::String(text) => all.push((name, text.clone())),
        Value::Null => {}
        other => all.push((name, other.to_string())),
    }
}

/// The body of `/v2` with some parameters, by the names that a form would have for them; every value is a text.
fn whole(pairs: &[(&str, &str)]) -> Value {
    let mut body = Value::Object(serde_json::Map::new());
    for (name, value) in pairs {
        let mut at = &mut body;
        for part in name.split(['[', ']']).filter(|part| !part.is_empty()) {
            at = match part.parse::<usize>() {
                Ok(index) => {
                    if !at.is_array() {
                        *at = Value::Array(Vec::new());
                    }
                    let items = at.as_array_mut().unwrap();
                    if items.len() <= index {
                        items.resize(index + 1, Value::Null);
                    }
                    &mut items[index]
                }
                Err(_) => {
                    if !at.is_object() {
                        *at = Value::Object(serde_json::Map::new());
                    }
                    at.as_object_mut().unwrap().entry(part).or_insert(Value::Null)
                }
            };
        }
        *at = Value::String((*value).to_owned());
    }
    body
}

impl Player {
    fn new(name: &str, url: String) -> Self {
        let played = Played {
            name: name.to_owned(),
            text: String::new(),
            succeeded: BTreeSet::new(),
            url: url.clone(),
            reads: Vec::new(),
            faults: Vec::new(),
            kept: Kept::default(),
        };
        Player { url, answers: BTreeMap::new(), calls: 0, shown: Shown::new(), played, visits: None }
    }

    fn control(&self, call: &str) {
        let answer = raw(&self.url, "POST", &format!("/_pinstripe/snapshots/{call}"), &[], None);
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// A value; `{price}` is the id of a price that an answer has shown.
    fn known<'v>(&'v self, value: &'v str) -> &'v str {
        let Some(kind) = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return value };
        let mut shown = self.answers.values().filter(|answer| answer.body["object"] == kind);
        shown.find_map(|answer| answer.body["id"].as_str()).unwrap_or(value)
    }

    /// Sends a call again as it was sent before, in the same state, with other parameters.
    pub(super) fn again(&self, seen: &Seen, pairs: &[(String, String)]) -> Answer {
        self.control("before/restore");
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), self.known(value))).collect();
        let form = encode(&pairs);
        let mut headers = seen.headers.clone();
        if !headers.iter().any(|(name, _)| name == "Authorization") {
            headers.push(key());
        }
        if seen.method == "POST" && seen.path.starts_with("/v2/") {
            let body = whole(&pairs).to_string();
            return raw(&self.url, &seen.method, &seen.path, &headers, Some(("application/json", body.as_bytes())));
        }
        if seen.method == "POST" {
            let body = Some(("application/x-www-form-urlencoded", form.as_bytes()));
            return raw(&self.url, &seen.method, &seen.path, &headers, body);
        }
        raw(&self.url, &seen.method, &format!("{}?{form}", seen.path), &headers, None)
    }

    fn call(&mut self, call: &Call, at: &str) -> bool {
        let mut target = self.filled(&call.path, at);
        let headers = self.headers(call, at);
        let body = self.filled(&call.body, at);
        let sent = if body.is_empty() {
            None
        } else if body.starts_with(['{', '[']) {
            Some(("application/json", body))
        } else if body.starts_with('"') {
            Some(("", serde_json::from_str(&body).unwrap()))
        } else {
            let pairs: Vec<_> = body.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
            Some(("application/x-www-form-urlencoded", encode(&pairs)))
        };
        let sent = match sent {
            Some((kind, form)) if kind.ends_with("urlencoded") && call.method != "POST" => {
                target = format!("{target}?{form}");
                None
            }
            sent => sent,
        };
        let answer = self.send(&call.method, &target, &headers, sent.as_ref().map(|(kind, body)| (*kind, &**body)));
        let mut noted: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        noted.extend(sent.map(|(_, body)| body));
        // A whole answer that is sent back is in the transcript already.
        if call.body.starts_with("{{") {
            noted.pop();
            noted.push(call.body.clone());
        }
        self.note(&call.method, &target, &noted, &answer);
        if let Some(visits) = &mut self.visits {
            visits.follow(&self.url, &format!("{at}: {} {target}", call.method), &answer.text);
        }
        let succeeded = answer.status == 200;
        if let Some(name) = &call.name {
            self.answers.insert(name.clone(), answer);
        }
        succeeded
    }

    fn send(&mut self, method: &str, target: &str, headers: &[(String, String)], body: Option<(&str, &str)>) -> Answer {
        let mut all = headers.to_vec();
        if !headers.iter().any(|(name, _)| name == "Authorization") {
            all.push(key());
            // Reading a test id makes a payment method of it (core-payments 4.3).
            if method == "GET" && target.starts_with("/v") && !target.contains("/pm_card_") {
                self.played.reads.push(Read { target: target.to_owned(), headers: all.clone() });
            }
        }
        let chosen = headers.iter().find(|(name, _)| name == "Content-Type");
        let kind = |kind| chosen.map_or(kind, |(_, chosen)| chosen.as_str());
        all.retain(|(name, _)| name != "Content-Type" || body.is_none());
        raw(&self.url, method, target, &all, body.map(|(usual, body)| (kind(usual), body.as_bytes())))
    }

    fn note(&mut self, method: &str, target: &str, sent: &[String], answer: &Answer) {
        self.calls += 1;
        self.played.text.push_str(&record::block(self.calls, method, target, sent, answer, &mut self.shown));
        let known = match method {
            "GET" => Some(Method::Get),
            "POST" => Some(Method::Post),
            "DELETE" => Some(Method::Delete),
            _ => None,
        };
        let path = target.split('?').next().unwrap_or_default();
        let found = known.filter(|_| answer.status == 200).map(|method| catalogue::find(method, path));
        if let Some(Find::Operation(found)) = found {
            self.played.succeeded.insert(found.operation.name);
            let is_newest = !sent.iter().any(|line| line.starts_with("Stripe-Version: "));
            // A browser is shown a part of some objects.
            let is_browser = sent.iter().any(|line| line.starts_with("Authorization: Bearer pk_"));
            let faults = shape::check_answer(found.operation, &answer.body, is_newest);
            let faults = faults.iter().filter(|fault| !is_browser || !fault.ends_with(": is missing"));
            self.played.faults.extend(faults.map(|fault| format!("{method} {target}: {fault}")));
        }
    }

    fn headers(&mut self, call: &Call, at: &str) -> Vec<(String, String)> {
        call.headers.iter().map(|(name, value)| (name.clone(), self.filled(value, at))).collect()
    }

    /// A text with its `{{name.key}}` filled in.
    fn filled(&mut self, text: &str, at: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (place, after) = after.split_once("}}").unwrap_or_else(|| panic!("{at}: no end of a placeholder"));
            let (name, keys) = place.split_once('.').unwrap_or((place, ""));
            let answer = self.answers.get(name);
            let found = answer.and_then(|answer| value(answer, keys)).unwrap_or_else(|| {
                let answered = answer.map_or("no answer is named so", |answer| answer.text.as_str());
                self.played.faults.push(format!("{at}: no {place}: {answered}"));
                String::new()
            });
            out.push_str(before);
            out.push_str(&found);
            rest = after;
        }
        out + rest
    }

    /// Lists all events and retrieves each.
    fn events(&mut self, call: &Call, at: &str) {
        let headers = self.headers(call, at);
        let sent: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let mut after = String::new();
        loop {
            let target = format!("/v1/events?limit=100{after}");
            let page = self.send("GET", &target, &headers, None);
            self.note("GET", &target, &sent, &page);
            for row in rows(&page.body) {
                let target = format!("/v1/events/{}", id(row));
                let answer = self.send("GET", &target, &headers, None);
                self.note("GET", &target, &sent, &answer);
                after = format!("&starting_after={}", id(row));
            }
            if page.body["has_more"] != true {
                return;
            }
        }
    }
}

/// The value at keys joined by dots, as it is sent; all of the answer without keys.
fn value(answer: &Answer, keys: &str) -> Option<String> {
    if keys.is_empty() {
        return Some(answer.text.clone());
    }
    let found = keys.split('.').try_fold(&answer.body, |value, key| match key.parse::<usize>() {
        Ok(index) => value.get(index),
        Err(_) => value.get(key),
    })?;
    found.as_str().map(str::to_owned).or_else(|| found.as_i64().map(|n| n.to_string()))
}
