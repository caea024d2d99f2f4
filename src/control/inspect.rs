//! One object with what surrounds it, for a person who looks at it.
//!
//! May use: axum, the app, the state, the triggers. Invariant: nothing is changed, and what is looked at is bounded, whatever the number
//! of objects is.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::objects::{FIRST, LAST, account_of, shown};
use super::{base_url, due, refuse};
use crate::activity::{Activity, HistoryEntry};
use crate::app::App;
use crate::contract;
use crate::engine;
use crate::limits::{
    BACK_LINKS_MAX, BACK_LINKS_SEARCHED_MAX, BACK_LINKS_SEARCHED_OF_KIND_MAX, HISTORY_SHOWN_MAX, LINKS_SHOWN_MAX,
};
use crate::links;
use crate::pages::respond::answer_in_order;
use crate::state::document::{Doc, Map};
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Id, Kind, Record, Ref, State, Tx};
use crate::triggers;

/// Which object is meant.
#[derive(Debug, Deserialize)]
pub(super) struct ObjectAsked {
    sandbox: Option<String>,
    account: Option<String>,
    kind: Option<String>,
}

/// `GET /_pinstripe/objects/{id}`.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(asked): Query<ObjectAsked>,
    headers: HeaderMap,
) -> Response {
    let sandboxes = match asked.sandbox.as_deref() {
        Some(name) => vec![app.look_at(name)],
        None => app.all_sandboxes(),
    };
    let kind = asked.kind.as_deref().map(|name| Kind::named(name).unwrap_or(Kind::NONE));
    for sandbox in sandboxes {
        engine::catch_up(&sandbox);
        let state = sandbox.state();
        let account = match asked.account.as_deref().map(|id| account_of(&state, id)).transpose() {
            Ok(account) => account,
            // Another sandbox may have it.
            Err(_) if asked.sandbox.is_none() => continue,
            Err(refusal) => return *refusal,
        };
        if let Some((account, record)) = find(&state, &id, account, kind) {
            let seen = SeenObject { sandbox: &sandbox, state: &state, account, record };
            let mut told = seen.told(&base_url(&app, &headers));
            told["history"] = app.activity().map_or_else(|| json!([]), |activity| seen.history(activity));
            return answer_in_order(told);
        }
    }
    refuse(StatusCode::NOT_FOUND, "There is no object with that id.")
}

/// The object with an id, of any kind that the API shows.
fn find<'s>(
    state: &'s State,
    id: &str,
    account: Option<AccountKey>,
    kind: Option<Kind>,
) -> Option<(AccountKey, &'s Arc<Record>)> {
    let tables = state.tables().filter(|(of, is, _)| {
        account.is_none_or(|account| account == *of) && kind.is_none_or(|kind| kind == *is) && is.object().is_some()
    });
    let mut found = tables.filter_map(|(account, _, table)| Some((account, table.get(id)?)));
    found.next()
}

/// An object that is looked at.
struct SeenObject<'a> {
    sandbox: &'a Sandbox,
    state: &'a State,
    account: AccountKey,
    record: &'a Arc<Record>,
}

/// Another object that names the one that is looked at.
struct BackLink {
    account: AccountKey,
    about: Ref,
    /// Where in it.
    path: String,
}

impl SeenObject<'_> {
    fn told(&self, base_url: &str) -> Value {
        let id = self.id();
        let kind = self.record.object.kind();
        let object = shown(self.sandbox, self.state, self.account, self.record, base_url);
        let (linked_from, all) = self.linked_from();
        let possible = match self.record.deleted {
            true => Vec::new(),
            false => triggers::possible(self.sandbox, self.account, kind, id, base_url),
        };
        let possible: Vec<Value> =
            possible.iter().map(|way| json!({"event": way.trigger.event, "what": way.describe()})).collect();
        let back = |link: &BackLink| {
            let account = self.state.connected_id(link.account).map(|id| &**id);
            json!({"object": link.about.kind.name(), "id": &*link.about.id, "account": account, "path": link.path})
        };
        json!({
            "id": &**id,
            "kind": kind.name(),
            "account": self.state.connected_id(self.account).map(|id| &**id),
            "sandbox": self.sandbox.name(),
            "page": page_of(id, &object),
            "links": self.links(&object),
            "object": object,
            "linked_from": linked_from.iter().map(back).collect::<Vec<Value>>(),
            "linked_from_all": all,
            "due": self.due(&linked_from),
            "triggers": possible,
        })
    }

    /// What is still known of how it changed, newest first.
    fn history(&self, activity: &Activity) -> Value {
        let mut entries = activity.history(self.sandbox.name(), self.id());
        entries.truncate(HISTORY_SHOWN_MAX);
        let row = |entry: &HistoryEntry| {
            json!({
                "seq": entry.seq,
                "at": entry.at,
                "type": entry.row_type,
                "what": entry.what,
                "request": entry.request,
                "fields": entry.fields,
            })
        };
        entries.iter().map(row).collect()
    }

    fn id(&self) -> &Id {
        self.record.object.id()
    }

    /// The accounts in which is looked for objects that name it, or are named by it: its own, and the platform.
    fn accounts(&self) -> Vec<AccountKey> {
        let mut accounts = vec![self.account];
        if self.account != AccountKey::PLATFORM {
            accounts.push(AccountKey::PLATFORM);
        }
        accounts
    }

    /// The objects that name it, by the indexes of lists and then by a look at the newest of each kind; and whether there are no more.
    fn linked_from(&self) -> (Vec<BackLink>, bool) {
        let mut found = Vec::new();
        let mut known = HashSet::from([(self.account, self.record.object.kind(), Id::clone(self.id()))]);
        let mut add = |account: AccountKey, record: &Arc<Record>| {
            let key = (account, record.object.kind(), Id::clone(record.object.id()));
            if found.len() > BACK_LINKS_MAX || known.contains(&key) {
                return;
            }
            if let Some(path) = path_to(&record.object.to_doc(), self.id()) {
                found.push(BackLink { account, about: Ref { kind: key.1, id: Id::clone(&key.2) }, path });
                known.insert(key);
            }
        };
        let mut complete = true;
        for account in self.accounts() {
            self.each_indexed(account, &mut add);
            complete &= self.each_recent(account, |record| add(account, record));
        }
        // A connected account's objects may name one of the platform, such as the transfer that paid it.
        let elsewhere = self.account == AccountKey::PLATFORM && self.state.accounts().count() > 1;
        let all = complete && !elsewhere && found.len() <= BACK_LINKS_MAX;
        found.truncate(BACK_LINKS_MAX);
        (found, all)
    }

    /// Passes on the objects of an account that an index finds by the id, the newest of each first.
    fn each_indexed(&self, account: AccountKey, add: &mut impl FnMut(AccountKey, &Arc<Record>)) {
        for entry in contract::all_entries().filter(|entry| entry.kind.object().is_some()) {
            let Some(table) = self.state.table(account, entry.kind) else { continue };
            for (position, filter) in entry.filters.iter().enumerate() {
                let rows = table.having(position, filter, self.id(), FIRST, LAST).rev();
                rows.take(BACK_LINKS_MAX + 1).for_each(|record| add(account, record));
            }
        }
    }

    /// Passes on the newest objects of each kind in an account; whether these were all.
    fn each_recent(&self, account: AccountKey, mut add: impl FnMut(&Arc<Record>)) -> bool {
        let mut left = BACK_LINKS_SEARCHED_MAX;
        let mut complete = true;
        let tables = self.state.tables().filter(|(of, kind, _)| *of == account && kind.object().is_some());
        for (_, _, table) in tables {
            let most = left.min(BACK_LINKS_SEARCHED_OF_KIND_MAX);
            let mut looked_at = 0;
            for record in table.live().rev().take(most) {
                add(record);
                looked_at += 1;
            }
            left -= looked_at;
            complete &= looked_at == table.live_len();
        }
        complete
    }

    /// The ids in it of objects that are here.
    fn links(&self, object: &Value) -> Vec<String> {
        let tables: Vec<_> = self.state.tables().filter(|(account, _, _)| self.accounts().contains(account)).collect();
        let is_here =
            |id: &str| tables.iter().any(|(_, kind, table)| kind.object().is_some() && table.get(id).is_some());
        let mut found: Vec<String> = Vec::new();
        each_text(object, "", &mut |key, text| {
            // An id that somebody chose may be any word, but stands where an object of the kind is named.
            let may_be = text.contains('_') || Kind::named(key).is_some();
            let is_new = may_be && text != &**self.id() && !found.iter().any(|known| known == text);
            if is_new && found.len() < LINKS_SHOWN_MAX && is_here(text) {
                found.push(text.to_owned());
            }
        });
        found
    }

    /// What is to happen later to it, and to the objects that name it.
    fn due(&self, linked_from: &[BackLink]) -> Vec<Value> {
        let own = Ref { kind: self.record.object.kind(), id: Id::clone(self.id()) };
        let of_others = linked_from.iter().filter(|link| link.account == self.account).map(|link| link.about.clone());
        let about: Vec<Ref> = std::iter::once(own).chain(of_others).collect();
        let dues = Tx::new(self.state, self.account, contract::indexes).dues(&about);
        dues.iter().take(BACK_LINKS_MAX).map(|item| due::row(self.state, item)).collect()
    }
}

/// Where in an object an id stands, besides its own: `a[b]`, as in `GET /_pinstripe/diff`.
fn path_to(object: &Map, id: &str) -> Option<String> {
    let is_it = |value: &Doc| value.as_str() == Some(id);
    object.iter().filter(|(key, _)| *key != "id").find_map(|(key, value)| match value {
        value if is_it(value) => Some(key.to_owned()),
        value => inside(value, id).map(|rest| format!("{key}{rest}")),
    })
}

fn inside(value: &Doc, id: &str) -> Option<String> {
    let step = |key: &str, value: &Doc| match value.as_str() {
        Some(text) => (text == id).then(|| format!("[{key}]")),
        None => inside(value, id).map(|rest| format!("[{key}]{rest}")),
    };
    match value {
        Doc::Map(map) => map.iter().find_map(|(key, value)| step(key, value)),
        Doc::List(items) => items.iter().enumerate().find_map(|(at, item)| step(&at.to_string(), item)),
        Doc::Null | Doc::Bool(_) | Doc::Int(_) | Doc::Float(_) | Doc::Text(_) => None,
    }
}

/// Passes each text of a value to a function, with the name of the member that it stands in.
fn each_text(value: &Value, key: &str, out: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => out(key, text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, key, out)),
        Value::Object(members) => members.iter().for_each(|(key, value)| each_text(value, key, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The address of an object's page: the first in it that leads to a page about it, and is not printed.
pub(super) fn page_of(id: &str, object: &Value) -> Option<String> {
    let mut found = Vec::new();
    each_text(object, "", &mut |key, text| {
        if links::path(text).is_some() && !key.contains("pdf") && !key.starts_with("image_") {
            found.push(text.to_owned());
        }
    });
    let about = found.iter().position(|url| url.contains(id));
    match about {
        Some(at) => Some(found.swap_remove(at)),
        // The address of a payment link, or of a session, has no id of the object.
        None => object.get("url").and_then(Value::as_str).filter(|url| links::path(url).is_some()).map(str::to_owned),
    }
}
