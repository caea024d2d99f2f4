//! Making an event happen to an object of the user's own: what is done for each event, and trying it.
//!
//! May use: the dispatch, the registry's rules, decisions and due work. Invariant: no event is made by hand. What happens
//! is an operation of the API, a decision that a person could take, work that is due later, or a rule of a resource; it is
//! tried on a copy first, and done only if the event comes of it.

use std::sync::Arc;

use crate::catalogue::{self, Method};
use crate::contract::{self, Act, Ctx, Question, Trigger};
use crate::dispatch::{self, Request};
use crate::engine;
use crate::error::{ApiError, Result};
use crate::form;
use crate::state::document::{Doc, Map};
use crate::state::event::Event;
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Kind, Place, Ref, Tx};

/// One way to make an event happen to an object of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// The kind of object that is named.
    pub kind: Kind,
    /// What is done.
    pub trigger: &'static Trigger,
}

/// All ways, as the entries declare them.
pub fn ways() -> impl Iterator<Item = Way> {
    contract::all_entries()
        .flat_map(|entry| entry.triggers.iter().map(|trigger| Way { kind: trigger.of.unwrap_or(entry.kind), trigger }))
}

impl Way {
    /// What is done, in words, for the list of triggers.
    pub fn describe(&self) -> String {
        let Trigger { on: field, act, .. } = *self.trigger;
        let on = if field == "id" { String::new() } else { format!(" of its `{field}`") };
        match act {
            Act::Call(method, path, params) => {
                let params: Vec<String> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let id = if field == "id" { "{id}".to_owned() } else { format!("{{{field}}}") };
                format!("{} {path} {}", method.as_str(), params.join(" ")).trim_end().replace("{id}", &id)
            }
            Act::Decide(true) => format!("The customer agrees on the page{on}"),
            Act::Decide(false) => format!("The customer declines on the page{on}"),
            Act::Due(_) => format!("What is to happen later{} happens now", on.replace(" of", " to")),
            Act::Rule(_, what) => format!("{what}{on}"),
        }
    }
}

/// Why an event was not made to happen. Nothing was done.
#[derive(Debug)]
pub enum Refusal {
    /// There is no such event.
    UnknownEvent,
    /// Nothing here makes it happen.
    NoWay,
    /// There is no such object among the kinds that it can happen to.
    NoObject(Vec<&'static str>),
    /// The account with the id has no object of the kinds that it can happen to.
    NoObjectIn(Vec<&'static str>),
    /// It can't happen to the object as it is: what was tried, and why it did not work.
    Impossible {
        /// The object's kind.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Each way with what became of it.
        tried: Vec<(String, String)>,
    },
}

/// Makes an event happen to the object with this id; that of an account stands for the newest object in it to which the
/// event can happen. Returns the events that came of it, in order. `base_url` is where links in objects point.
///
/// # Errors
/// It can't; nothing was done.
pub fn fire(sandbox: &Sandbox, event: &str, id: &str, base_url: &str) -> Result<Vec<Arc<Event>>, Refusal> {
    if catalogue::event_types().binary_search_by(|known| known.name.cmp(event)).is_err() {
        return Err(Refusal::UnknownEvent);
    }
    let rows: Vec<Way> = ways().filter(|way| way.trigger.event == event).collect();
    if rows.is_empty() {
        return Err(Refusal::NoWay);
    }
    engine::run_due(sandbox);
    if let Some(found) = rows.iter().find_map(|row| find(sandbox, row.kind, id)) {
        return try_on(sandbox, &rows, &found, base_url);
    }
    let mut kinds: Vec<&str> = rows.iter().map(|row| row.kind.name()).collect();
    kinds.dedup();
    let Some(account) = dispatch::account_of(&sandbox.state(), id) else { return Err(Refusal::NoObject(kinds)) };
    let mut refusal = Refusal::NoObjectIn(kinds);
    for found in inside(sandbox, account, &rows) {
        match try_on(sandbox, &rows, &found, base_url) {
            Ok(events) => return Ok(events),
            // What is wrong with the newest one is told.
            Err(why) if matches!(refusal, Refusal::NoObjectIn(_)) => refusal = why,
            Err(_) => {}
        }
    }
    Err(refusal)
}

/// The events that can happen to an object now, each with the first way that works; every one is tried on a copy.
pub fn possible(sandbox: &Sandbox, account: AccountKey, kind: Kind, id: &str, base_url: &str) -> Vec<Way> {
    let state = sandbox.state();
    let Some(object) = state.record(account, kind, id).and_then(|record| contract::show(record, kind)) else {
        return Vec::new();
    };
    let mut found: Vec<Way> = Vec::new();
    for row in ways().filter(|way| way.kind == kind) {
        let is_known = found.iter().any(|known| known.trigger.event == row.trigger.event);
        let attempt = TriedWay { row, account, object: &object, base_url };
        if !is_known && attempt.rehearse(sandbox).is_ok() {
            found.push(row);
        }
    }
    found
}

/// Tries the ways of an event on an object, one after another.
fn try_on(
    sandbox: &Sandbox,
    rows: &[Way],
    found: &TriggeredObject,
    base_url: &str,
) -> Result<Vec<Arc<Event>>, Refusal> {
    let mut tried = Vec::new();
    for row in rows.iter().filter(|row| row.kind == found.kind) {
        let attempt = TriedWay { row: *row, account: found.account, object: &found.object, base_url };
        match attempt.rehearse(sandbox) {
            Ok(()) => return Ok(attempt.carry_out(sandbox).0),
            Err(reason) => tried.push((row.describe(), reason)),
        }
    }
    let id = found.object.str("id").unwrap_or_default().to_owned();
    Err(Refusal::Impossible { kind: found.kind.name(), id, tried })
}

/// An object to which an event is to happen.
struct TriggeredObject {
    account: AccountKey,
    kind: Kind,
    /// The object as the API shows it.
    object: Map,
}

/// How many objects of an account are tried.
const TRIED_MAX: usize = 20;

/// The newest objects in an account to which the ways apply, each kind after the other.
fn inside(sandbox: &Sandbox, account: AccountKey, rows: &[Way]) -> Vec<TriggeredObject> {
    let state = sandbox.state();
    let mut kinds: Vec<Kind> = Vec::new();
    for row in rows {
        if !kinds.contains(&row.kind) {
            kinds.push(row.kind);
        }
    }
    let newest = kinds.into_iter().flat_map(|kind| {
        let records = state.table(account, kind).into_iter().flat_map(|table| table.live().rev().take(TRIED_MAX));
        records.filter_map(move |record| Some(TriggeredObject { account, kind, object: contract::show(record, kind)? }))
    });
    newest.collect()
}

/// The object of this kind and id in any account, as the API shows it.
fn find(sandbox: &Sandbox, kind: Kind, id: &str) -> Option<TriggeredObject> {
    let state = sandbox.state();
    let mut accounts = state.accounts();
    accounts.find_map(|account| {
        let tx = Tx::new(&state, account, contract::indexes);
        let record = contract::resolve(&tx, kind, id).filter(|record| !record.deleted)?;
        Some(TriggeredObject { account, kind, object: contract::show(record, kind)? })
    })
}

/// A way that is tried on an object.
struct TriedWay<'a> {
    row: Way,
    account: AccountKey,
    object: &'a Map,
    base_url: &'a str,
}

impl TriedWay<'_> {
    /// Tries it on a copy of the sandbox; the reason if the event does not come of it.
    fn rehearse(&self, sandbox: &Sandbox) -> Result<(), String> {
        let (events, refused) = self.carry_out(&sandbox.fork(sandbox.name(), None));
        if events.iter().any(|event| event.name == self.row.trigger.event) {
            return Ok(());
        }
        Err(refused.unwrap_or_else(|| match events.as_slice() {
            [] => "nothing happens".to_owned(),
            other => format!("{} happens", other.iter().map(|event| event.name).collect::<Vec<_>>().join(", ")),
        }))
    }

    /// Does it. Returns the events and, if it was refused, why.
    fn carry_out(&self, sandbox: &Sandbox) -> (Vec<Arc<Event>>, Option<String>) {
        let before = last(sandbox);
        let refused = match self.row.trigger.act {
            Act::Call(method, path, params) => self.call(sandbox, method, path, params),
            Act::Decide(agreed) => self.decide(sandbox, agreed),
            Act::Due(kind) => self.hasten(sandbox, kind.unwrap_or(self.row.kind)),
            Act::Rule(rule, _) => self.target().and_then(|id| self.apply(sandbox, |tx, ctx| rule(tx, ctx, &id))),
        };
        // What comes a moment later belongs to it.
        engine::run_due(sandbox);
        (since(sandbox, before), refused.err())
    }

    /// The id of the object acted on.
    fn target(&self) -> Result<String, String> {
        self.field(self.row.trigger.on)
    }

    fn field(&self, name: &str) -> Result<String, String> {
        let found = self.object.get(name).and_then(|value| match value {
            Doc::Int(number) => Some(number.to_string()),
            Doc::Map(map) => map.str("id").map(str::to_owned),
            value => value.as_str().map(str::to_owned),
        });
        found.filter(|text| !text.is_empty()).ok_or_else(|| format!("it has no `{name}`"))
    }

    /// A text with its `{…}` filled in.
    fn fill(&self, sandbox: &Sandbox, text: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            out.push_str(before);
            out.push_str(&match name {
                "id" => self.target()?,
                "unique" => sandbox.ids().id("", 8),
                name => self.field(name)?,
            });
            rest = after;
        }
        Ok(out + rest)
    }

    fn call(&self, sandbox: &Sandbox, method: Method, path: &str, params: &[(&str, &str)]) -> Result<(), String> {
        let path = self.fill(sandbox, path)?;
        let mut pairs = Vec::new();
        for (name, value) in params {
            pairs.push(((*name).to_owned(), self.fill(sandbox, value)?));
        }
        let form = serde_urlencoded::to_string(&pairs).unwrap_or_default();
        let state = sandbox.state();
        let account = state.connected_id(self.account);
        let ids = sandbox.ids();
        let request_id = ids.id("req_", 14);
        let form = form::decode(form.as_bytes()).map_err(|error| message(&error))?;
        let request = Request {
            account: account.map(|id| &**id),
            request_id: &request_id,
            ..Request::internal(method, &path, form, self.base_url, ids)
        };
        let answer = dispatch::handle(sandbox, request);
        match answer.refusal {
            None => Ok(()),
            Some(error) => Err(error.str("message").unwrap_or_default().to_owned()),
        }
    }

    fn decide(&self, sandbox: &Sandbox, agreed: bool) -> Result<(), String> {
        let id = self.target()?;
        let decision = contract::entry(self.row.kind).and_then(|entry| entry.decision);
        let decision = decision.ok_or("there is nothing to decide")?;
        let decided = self.apply(sandbox, |tx, ctx| match (decision.ask)(tx, &id) {
            Some(Question { is_open: true, .. }) => (decision.decide)(tx, ctx, &id, agreed).map(|_| true),
            _ => Ok(false),
        })?;
        if decided { Ok(()) } else { Err("there is nothing to decide".to_owned()) }
    }

    /// Brings forward what is to happen to the object, and to what belongs to it.
    fn hasten(&self, sandbox: &Sandbox, kind: Kind) -> Result<(), String> {
        let about = Ref { kind, id: self.target()?.into() };
        match engine::run_early(sandbox, self.account, &about) {
            0 => Err("nothing is to happen later".to_owned()),
            _ => Ok(()),
        }
    }

    fn apply<T>(&self, sandbox: &Sandbox, work: impl FnOnce(&mut Tx, &Ctx<'_>) -> Result<T>) -> Result<T, String> {
        engine::apply(sandbox, self.account, self.base_url, work).map_err(|error| message(&error))
    }
}

fn message(error: &ApiError) -> String {
    error.field("message").unwrap_or_default().to_owned()
}

const FIRST: Place = Place { created: i64::MIN, sequence: 0 };
const LAST: Place = Place { created: i64::MAX, sequence: u64::MAX };

/// How many of the last events are looked at: no way makes more.
const LOOKED_AT: usize = 1_000;

/// The sequence of the last event.
fn last(sandbox: &Sandbox) -> u64 {
    let state = sandbox.state();
    let latest = state.events().between(FIRST, LAST).rev().take(LOOKED_AT);
    latest.map(|event| event.place.sequence).max().unwrap_or(0)
}

/// The events after one, in order.
fn since(sandbox: &Sandbox, sequence: u64) -> Vec<Arc<Event>> {
    let state = sandbox.state();
    let latest = state.events().between(FIRST, LAST).rev().take(LOOKED_AT);
    let mut found: Vec<_> = latest.filter(|event| event.place.sequence > sequence).cloned().collect();
    found.reverse();
    found
}
