//! The second view of an account follows the account, and announces what changed in it by thin events (platform 7.1).
//!
//! May use: the views, thin events. Invariant: the stored view is that of the stored account; a change that it does not show
//! is announced by nothing.

use super::super::requirements::Facts;
use super::super::{Account, persons};
use super::configurations::{self, Configuration};
use super::persons::CorePerson;
use super::{CoreAccount, KIND, PERSON};
use super::{told, view};
use crate::contract::Ctx;
use crate::error::Result;
use crate::generic::{ThinEvent, announce_thin};
use crate::object::fill::at;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object as _, Resource};
use crate::state::{AccountKey, Id, Kind, Tx};

/// Brings the view into line with its account, and announces what that changes.
pub(super) fn account(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let before = tx.get::<CoreAccount>(id).map(|view| view.to_doc());
    store(tx, id);
    let after = tx.get::<CoreAccount>(id).map(|view| view.to_doc());
    let (Some(after), false) = (&after, before == after) else { return Ok(()) };
    if is_disconnected(tx, id) {
        return Ok(());
    }
    for (name, data) in news(before.as_ref(), after) {
        let related = Some((KIND, id.to_string(), format!("/v2/core/accounts/{id}")));
        announce_thin(tx, ctx, ThinEvent { name, related, data, by_request: !ctx.request_id.is_empty() })?;
    }
    Ok(())
}

/// Whether an account is not connected, or no longer, which closes it for nobody but the platform: one that OAuth connects, or a
/// standard account that was deleted.
fn is_disconnected(tx: &Tx, id: &str) -> bool {
    let record = tx.record(Account::KIND, id).filter(|record| record.deleted);
    let account = record.and_then(|record| record.get::<Account>());
    account.is_some_and(|account| account.joined || account.disconnected.0)
}

/// Stores the view of an account of the platform, which is the current account.
pub(in crate::resources::connect::accounts) fn store(tx: &mut Tx, id: &str) {
    let Some(record) = tx.record(Account::KIND, id).cloned() else { return };
    let Some(account) = record.get::<Account>() else { return };
    let known = tx.get::<CoreAccount>(id);
    let mut rest = match &known {
        // Of an account that is gone its view is what it was.
        Some(known) if record.deleted => known.rest.clone(),
        _ => view::account(&account),
    };
    for key in ["id", "object"] {
        let _ = rest.remove(key);
    }
    match known {
        Some(known) if known.rest == rest && known.closed == record.deleted => {}
        Some(known) => {
            tx.save(&known, CoreAccount { closed: record.deleted, rest, ..CoreAccount::clone(&known) });
        }
        None => {
            tx.insert(CoreAccount { id: id.into(), closed: record.deleted, created: account.created, rest });
        }
    }
}

/// Stores the views of all accounts of a state file, which contains none, in the order of the accounts.
pub(super) fn recount(tx: &mut Tx) {
    if tx.account() != AccountKey::PLATFORM {
        return;
    }
    let views: Vec<_> = ids(tx, KIND).iter().filter_map(|id| tx.get::<CoreAccount>(id)).collect();
    tx.quietly(|tx| {
        // Before accounts were shared by both namespaces, those of `/v2` were only what was told of them.
        for view in &views {
            if tx.record(Account::KIND, &view.id).is_none() {
                super::super::insert(tx, &told::adopted(view));
                if view.closed {
                    tx.delete::<Account>(&view.id);
                }
            }
        }
        ids(tx, Account::KIND).iter().for_each(|id| store(tx, id));
    });
}

/// The ids of a kind's objects in the current account, deleted ones too, the oldest first.
fn ids(tx: &Tx, kind: Kind) -> Vec<Id> {
    let table = tx.state().table(tx.account(), kind);
    let mut records: Vec<_> = table.into_iter().flat_map(|table| table.live().chain(table.deleted())).collect();
    records.sort_by_key(|record| record.place);
    records.into_iter().map(|record| Id::clone(record.object.id())).collect()
}

/// What a change of a view is told as, in order, each with what only the event itself shows.
fn news(before: Option<&Map>, after: &Map) -> Vec<(&'static str, Option<Map>)> {
    let Some(before) = before else { return vec![("v2.core.account.created", None)] };
    match (before.bool("closed"), after.bool("closed")) {
        (Some(true), Some(false)) => return vec![("v2.core.account.created", None)],
        (Some(false), Some(true)) => return vec![("v2.core.account.closed", None)],
        _ => {}
    }
    let mut all = Vec::new();
    let own = |map: &Map| {
        let mut own = map.clone();
        for key in view::ON_REQUEST.into_iter().chain(["configuration"]) {
            let _ = own.remove(key);
        }
        own
    };
    if own(before) != own(after) {
        all.push(("v2.core.account.updated", None));
    }
    for (key, name) in PARTS {
        if before.get(key) != after.get(key) {
            all.push((name, None));
        }
    }
    for configuration in configurations::ALL {
        of_configuration(configuration, before, after, &mut all);
    }
    all
}

/// The parts that are announced by themselves.
const PARTS: [(&str, &str); 4] = [
    ("defaults", "v2.core.account[defaults].updated"),
    ("identity", "v2.core.account[identity].updated"),
    ("requirements", "v2.core.account[requirements].updated"),
    ("future_requirements", "v2.core.account[future_requirements].updated"),
];

/// The events of a configuration: of what it is, and of each capability with another status.
fn of_configuration(
    configuration: Configuration,
    before: &Map,
    after: &Map,
    all: &mut Vec<(&'static str, Option<Map>)>,
) {
    let (updated, turned) = match configuration {
        Configuration::Customer => (
            "v2.core.account[configuration.customer].updated",
            "v2.core.account[configuration.customer].capability_status_updated",
        ),
        Configuration::Merchant => (
            "v2.core.account[configuration.merchant].updated",
            "v2.core.account[configuration.merchant].capability_status_updated",
        ),
        Configuration::Recipient => (
            "v2.core.account[configuration.recipient].updated",
            "v2.core.account[configuration.recipient].capability_status_updated",
        ),
    };
    let path = format!("configuration.{}", configuration.as_str());
    let part = |map: &Map| {
        let mut part = at(map, &path).and_then(Doc::as_map).cloned().unwrap_or_default();
        let mut statuses = Vec::new();
        list(part.map("capabilities").unwrap_or(&Map::new()), "", &mut statuses);
        let _ = part.remove("capabilities");
        (part, statuses)
    };
    let ((was, had), (is, has)) = (part(before), part(after));
    if was != is {
        all.push((updated, None));
    }
    for (capability, _) in has.iter().filter(|one| !had.contains(one)) {
        all.push((turned, Some(Map::from([("updated_capability", capability.clone())]))));
    }
}

/// The capabilities of a configuration by their paths, each with its status.
fn list(capabilities: &Map, outer: &str, all: &mut Vec<(String, String)>) {
    for (name, capability) in capabilities.iter().filter_map(|(name, doc)| Some((name, doc.as_map()?))) {
        let path = if outer.is_empty() { name.to_owned() } else { format!("{outer}.{name}") };
        match capability.str("status") {
            Some(status) => all.push((path, status.to_owned())),
            None => list(capability, &path, all),
        }
    }
}

/// Brings the view of a person into line with the person, and announces what that changes.
pub(super) fn person(tx: &mut Tx, ctx: &Ctx<'_>, id: &Id) -> Result<()> {
    let known = tx.get::<CorePerson>(id);
    let record = tx.record(persons::KIND, id).cloned();
    let person = record.as_ref().filter(|record| !record.deleted).and_then(|record| record.get::<persons::Person>());
    let (name, account) = match (&known, &person) {
        (None, None) => return Ok(()),
        (Some(known), None) => {
            tx.delete::<CorePerson>(id);
            ("v2.core.account_person.deleted", Id::clone(&known.account))
        }
        (known, Some(person)) => {
            let rest = shown(tx, person);
            let account = Id::clone(&person.account);
            match known {
                Some(known) if known.rest == rest => return Ok(()),
                Some(known) => {
                    tx.save(known, CorePerson { rest, ..CorePerson::clone(known) });
                    ("v2.core.account_person.updated", account)
                }
                None => {
                    let created = person.created;
                    tx.insert(CorePerson { id: Id::clone(id), account: Id::clone(&account), created, rest });
                    ("v2.core.account_person.created", account)
                }
            }
        }
    };
    let related = Some((PERSON, id.to_string(), format!("/v2/core/accounts/{account}/persons/{id}")));
    let data = Some(Map::from([("account_id", account.to_string())]));
    let event = ThinEvent { name, related, data, by_request: !ctx.request_id.is_empty() };
    tx.within(AccountKey::PLATFORM, |tx| announce_thin(tx, ctx, event).map(drop))
}

/// What a person shows, without its id and its account.
fn shown(tx: &Tx, person: &persons::Person) -> Map {
    // The people of an account that was closed are shown, too.
    let record = tx.state().record(AccountKey::PLATFORM, Account::KIND, &person.account);
    let account = record.and_then(|record| record.get::<Account>());
    let country = account.as_ref().map(|account| Facts::of(account).country());
    let country = country.unwrap_or_default().to_lowercase();
    let mut fact = persons::fact(person);
    if let Some(agreed) = person.rest.get("additional_tos_acceptances") {
        fact.set("additional_tos_acceptances", agreed.clone());
    }
    let mut shown = view::person(&person.account, &country, &person.id, &fact);
    for key in ["id", "object", "account"] {
        let _ = shown.remove(key);
    }
    shown.with("livemode", false)
}

/// Stores the view of a person of the current account, without news.
pub(in crate::resources::connect::accounts) fn store_person(tx: &mut Tx, id: &str) {
    let Some(person) = tx.get::<persons::Person>(id) else { return };
    let rest = shown(tx, &person);
    match tx.get::<CorePerson>(id) {
        Some(known) if known.rest == rest => {}
        Some(known) => tx.save(&known, CorePerson { rest, ..CorePerson::clone(&known) }),
        None => {
            let (id, account) = (Id::clone(&person.id), Id::clone(&person.account));
            tx.insert(CorePerson { id, account, created: person.created, rest });
        }
    }
}

/// Stores the views of the people of the current account: those of a state file, which contains none.
pub(super) fn recount_people(tx: &mut Tx) {
    let ids = ids(tx, persons::KIND);
    tx.quietly(|tx| ids.iter().for_each(|id| store_person(tx, id)));
}
