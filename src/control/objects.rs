//! The control calls that list what a sandbox holds: the kinds of objects with their numbers, and the objects of a kind.
//!
//! May use: axum, the app, the state, the catalogue. Invariant: a page costs the same whatever the number of objects is, and an object
//! looks as in an answer of the API in the newest version.

use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::sync::{Arc, LazyLock};

use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{ControlCall, SANDBOX};
use super::{InSandbox, Limit, answer, base_url, inspect, refuse};
use crate::api::render::Renderer;
use crate::app::App;
use crate::catalogue::{self, Method, Operation, Returns};
use crate::contract;
use crate::contract::version::Version;
use crate::error::ApiError;
use crate::limits::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX};
use crate::links;
use crate::pages::respond::{answer_in_order, refused_as};
use crate::state::document::{Doc, Map};
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Id, Kind, Place, Record, Ref, State, Table, Tx};

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "GET",
        path: "/_pinstripe/objects",
        handler: || get(list),
        what: "Lists the kinds of objects in a sandbox with their numbers, and with the path where the API lists them; with `kind`, \
               the objects of that kind in all accounts, newest first, in the newest version. Events are not objects here",
        parameters: &[
            SANDBOX,
            ("kind", "the kind, such as `customer`"),
            ("account", "only the objects of this account"),
            ("limit", "how many objects at most, from 1 to 100 (default: 10)"),
            ("after", "the `next` of the answer before, for the objects that follow"),
        ],
        body: None,
        example: "curl 'localhost:12111/_pinstripe/objects?kind=customer'",
    },
    ControlCall {
        method: "GET",
        path: "/_pinstripe/objects/{id}",
        handler: || get(inspect::show),
        what: "Shows an object of any kind with what surrounds it: the objects that name it (`linked_from`; if `linked_from_all` is \
               false there may be more), those that it names (`links`), its `history` as far as it is known (with the web page), what is due, \
               the events that can be triggered for it now, and the address of its page",
        parameters: &[
            ("sandbox", "the sandbox of the object; every sandbox is searched when not sent"),
            ("account", "its account, where several accounts have an object with the id"),
            ("kind", "its kind, where objects of several kinds have the id"),
        ],
        body: None,
        example: "curl localhost:12111/_pinstripe/objects/cus_123",
    },
];

/// The parameters of the list.
#[derive(Debug, Deserialize)]
pub(super) struct ObjectsAsked {
    kind: Option<String>,
    account: Option<String>,
    after: Option<String>,
}

/// `GET /_pinstripe/objects`.
pub(super) async fn list(
    Shared(app): Shared<Arc<App>>,
    InSandbox(sandbox): InSandbox,
    Query(asked): Query<ObjectsAsked>,
    Query(limit): Query<Limit>,
    headers: HeaderMap,
) -> Response {
    let state = sandbox.state();
    let limit = match limit.read(PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX) {
        Ok(limit) => limit,
        Err(error) => return refused_as(&error),
    };
    let account = match asked.account.as_deref().map(|id| account_of(&state, id)).transpose() {
        Ok(account) => account,
        Err(refusal) => return *refusal,
    };
    let Some(kind) = asked.kind.as_deref() else { return answer(StatusCode::OK, &kinds(&sandbox, &state, account)) };
    let Some(kind) = Kind::named(kind).filter(|kind| kind.object().is_some()) else {
        let message = format!("There is no kind of object `{kind}`. GET /_pinstripe/objects lists those of a sandbox.");
        return refuse(StatusCode::BAD_REQUEST, &message);
    };
    let until = match asked.after.as_deref().map(before).transpose() {
        Ok(until) => until.unwrap_or(LAST),
        Err(error) => return refused_as(&error),
    };
    let mut rows = newest(&state, kind, account, until, limit + 1);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let base_url = base_url(&app, &headers);
    let next = rows.last().filter(|_| has_more).map(|(_, record)| cursor(record.place));
    let show = |(account, record): &(AccountKey, &Arc<Record>)| {
        json!({
            "id": &**record.object.id(),
            "account": state.connected_id(*account).map(|id| &**id),
            "object": shown(&sandbox, &state, *account, record, &base_url),
        })
    };
    answer_in_order(json!({
        "sandbox": sandbox.name(),
        "kind": kind.name(),
        "objects": rows.iter().map(show).collect::<Vec<Value>>(),
        "has_more": has_more,
        "next": next,
    }))
}

/// The account with an id.
pub(super) fn account_of(state: &State, id: &str) -> Result<AccountKey, Box<Response>> {
    let missing = || Box::new(refuse(StatusCode::NOT_FOUND, &format!("The sandbox has no account '{id}'.")));
    state.account(id).ok_or_else(missing)
}

/// The kinds in a sandbox, with their numbers.
fn kinds(sandbox: &Sandbox, state: &State, account: Option<AccountKey>) -> Value {
    let mut counts = BTreeMap::<Kind, usize>::new();
    let is_asked = |of: AccountKey, kind: Kind| account.is_none_or(|account| account == of) && kind.object().is_some();
    for (_, kind, table) in state.tables().filter(|(account, kind, _)| is_asked(*account, *kind)) {
        *counts.entry(kind).or_default() += table.live_len();
    }
    let row = |(kind, count): (&Kind, &usize)| {
        let lists = LISTS.get(kind);
        json!({
            "object": kind.name(),
            "count": count,
            "list": lists.and_then(|lists| lists.list),
            "search": lists.is_some_and(|lists| lists.search),
        })
    };
    let rows: Vec<Value> = counts.iter().filter(|(_, count)| **count > 0).map(row).collect();
    json!({"sandbox": sandbox.name(), "kinds": rows})
}

/// How the API lists the objects of a kind.
#[derive(Clone, Copy, Debug, Default)]
struct ListsOfKind {
    /// The path of the list of all.
    list: Option<&'static str>,
    /// How far the path is from what the API's documents name: whether it is legacy, and its length.
    rank: (bool, usize),
    /// Whether they can be searched.
    search: bool,
}

static LISTS: LazyLock<HashMap<Kind, ListsOfKind>> = LazyLock::new(|| {
    let mut all = HashMap::<Kind, ListsOfKind>::new();
    let is_of_all = |operation: &&Operation| operation.method == Method::Get && operation.path_params.is_empty();
    for operation in catalogue::operations().iter().filter(is_of_all) {
        let (names, search): (&[&str], bool) = match operation.returns {
            Returns::List(names) => (names, false),
            Returns::SearchResult(names) => (names, true),
            // The lists of v2.
            Returns::Other => (&[], false),
            Returns::Object(_) | Returns::Deleted(_) | Returns::Stream => continue,
        };
        let bound = || contract::behaviour(operation).map(|(entry, _)| entry.kind);
        let of_v2 = Some(operation).filter(|operation| names.is_empty() && catalogue::is_v2(operation.path));
        let kinds = names.iter().filter_map(|name| Kind::named(name)).chain(of_v2.and_then(|_| bound()));
        for kind in kinds {
            let lists = all.entry(kind).or_default();
            let rank = (operation.legacy, operation.path.len());
            if search {
                lists.search = true;
            } else if lists.list.is_none() || rank < lists.rank {
                (lists.list, lists.rank) = (Some(operation.path), rank);
            }
        }
    }
    all
});

/// Before every place, and after every place.
pub(super) const FIRST: Place = Place { created: i64::MIN, sequence: 0 };
pub(super) const LAST: Place = Place { created: i64::MAX, sequence: u64::MAX };

/// The newest objects of a kind until a place, which is included, in one account or in all.
pub(super) fn newest(
    state: &State,
    kind: Kind,
    account: Option<AccountKey>,
    until: Place,
    most: usize,
) -> Vec<(AccountKey, &Arc<Record>)> {
    let accounts: Vec<AccountKey> = account.map_or_else(|| state.accounts().collect(), |account| vec![account]);
    let table = |account: AccountKey| Some((account, state.table(account, kind)?));
    merged(accounts.into_iter().filter_map(table), most, |table| table.between(FIRST, until).rev())
}

/// The first of the rows of several tables, each with its newest first, newest first.
pub(super) fn merged<'t, I: Iterator<Item = &'t Arc<Record>>>(
    tables: impl Iterator<Item = (AccountKey, &'t Arc<Table>)>,
    most: usize,
    rows: impl Fn(&'t Table) -> I,
) -> Vec<(AccountKey, &'t Arc<Record>)> {
    let mut sources: Vec<(AccountKey, I)> = Vec::new();
    let mut heads = BinaryHeap::new();
    let mut records: Vec<Option<&Arc<Record>>> = Vec::new();
    for (account, table) in tables {
        let mut of_table = rows(table);
        if let Some(first) = of_table.next() {
            heads.push((first.place, sources.len()));
            sources.push((account, of_table));
            records.push(Some(first));
        }
    }
    let mut found = Vec::new();
    while let Some((_, number)) = heads.pop().filter(|_| found.len() < most) {
        let (account, of_table) = &mut sources[number];
        let next = of_table.next();
        if let Some(next) = next {
            heads.push((next.place, number));
        }
        found.extend(std::mem::replace(&mut records[number], next).map(|record| (*account, record)));
    }
    found
}

/// A place as a `next`.
fn cursor(place: Place) -> String {
    format!("{}.{}", place.created, place.sequence)
}

/// The last place before the one that a `next` names.
fn before(next: &str) -> Result<Place, ApiError> {
    let place = next.split_once('.').and_then(|(created, sequence)| {
        Some(Place { created: created.parse().ok()?, sequence: sequence.parse::<u64>().ok()?.checked_sub(1)? })
    });
    place.ok_or_else(|| ApiError::place_unknown("after", "next"))
}

/// An object as the API shows it.
pub(super) fn shown(sandbox: &Sandbox, state: &State, account: AccountKey, record: &Record, base_url: &str) -> Value {
    let tx = Tx::new(state, account, contract::indexes);
    let reference = Ref { kind: record.object.kind(), id: Id::clone(record.object.id()) };
    let object = Renderer::new(&tx, Version::newest(), &[], None).object(&reference, &[]);
    value(sandbox, object.unwrap_or_default(), base_url)
}

/// An object whose links lead to the sandbox that it is in.
fn value(sandbox: &Sandbox, object: Map, base_url: &str) -> Value {
    let json = Doc::Map(object).to_json();
    let named =
        links::name_at(base_url, sandbox.name()).and_then(|name| links::in_sandbox(&json, name, Some(base_url)));
    serde_json::from_slice(named.as_deref().unwrap_or(&json)).unwrap_or_default()
}
