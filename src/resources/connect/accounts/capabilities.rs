//! Capabilities of accounts (billing 6.2).
//!
//! May use: accounts. Invariant: a stored capability follows from the fields of its account, so that every change emits
//! an event.

use super::requirements::{self, Standing};
use super::{Account, change_stored, check_path, shape, stored};
use crate::api::list;
use crate::contract::{Call, Ctx, Entry, Events, In, Outcome, missing};
use crate::error::Result;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource};
use crate::state::{Edit, Id, Tx};

crate::values! {
    /// Whether an account can use a capability (billing 6.2).
    pub enum CapabilityStatus {
        Active = "active",
        Inactive = "inactive",
        Pending = "pending",
        Unrequested = "unrequested",
    }
}

crate::resource! {
    /// A capability, with its name as the id, in the account that requested it.
    Capability = "capability" {
        /// The account.
        account: Id,
        /// Whether the account can use it.
        status: CapabilityStatus,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
    }
}

/// `GET /v1/accounts/:account/capabilities`: the requested ones.
pub(super) fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_path(tx, call.arg(0))?;
    let account = stored(tx, call.arg(0))?;
    let names = account.rest.map("capabilities").into_iter().flat_map(Map::iter).map(|(name, _)| name.to_owned());
    let rows: Vec<Doc> = names.map(|name| Doc::Map(of(&account, &name).to_doc())).collect();
    let total = rows.len();
    Ok(Outcome::Value(list::page_envelope(call, rows, false, total).into()))
}

/// `GET /v1/accounts/:account/capabilities/:capability`.
pub(super) fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_path(tx, call.arg(0))?;
    let account = stored(tx, call.arg(0))?;
    check_name(call.arg(1))?;
    Ok(Outcome::Value(of(&account, call.arg(1)).to_doc().into()))
}

/// `POST /v1/accounts/:account/capabilities/:capability`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_path(tx, call.arg(0))?;
    check_name(call.arg(1))?;
    let mut account = Edit::of(stored(tx, call.arg(0))?);
    if let Some(requested) = call.params.bool("requested") {
        request(&mut account, call.arg(1), requested, ctx.now);
        change_stored(tx, account);
    }
    let account = stored(tx, call.arg(0))?;
    Ok(Outcome::Value(of(&account, call.arg(1)).to_doc().into()))
}

/// Requests a capability, or withdraws the request.
pub(super) fn request(account: &mut Account, name: &str, requested: bool, now: i64) {
    let mut capabilities = account.rest.map("capabilities").cloned().unwrap_or_default();
    let mut asked = account.asked.clone().unwrap_or_default();
    match requested {
        true if !capabilities.has(name) => {
            capabilities.set(name.to_owned(), CapabilityStatus::Inactive);
            asked.set(name.to_owned(), now);
        }
        true => {}
        false => {
            let _ = capabilities.remove(name);
            let _ = asked.remove(name);
        }
    }
    account.rest.set("capabilities", capabilities);
    account.asked = Some(asked);
}

/// Whether there is a capability of this name.
pub(super) fn is_known(name: &str) -> bool {
    crate::catalogue::field(shape::fields("capabilities"), name).is_some()
}

fn check_name(name: &str) -> Result<()> {
    if is_known(name) { Ok(()) } else { Err(missing(Capability::KIND, name, In::Path)) }
}

/// Stores the capabilities that follow from an account; a changed one emits its event.
pub(super) fn follow(tx: &mut Tx, account: &Account) {
    let Some(place) = tx.state().account(&account.id) else { return };
    tx.within(place, |tx| {
        for field in shape::fields("capabilities") {
            let is = of(account, field.name);
            match tx.get::<Capability>(field.name) {
                None if is.status == CapabilityStatus::Unrequested => {}
                None => {
                    let _ = tx.insert(is);
                }
                Some(was) if was.shows_as(&is) => {}
                Some(was) => tx.save(&was, is),
            }
        }
    });
}

/// Capabilities that are active whatever is due, and one that never is (connect-accounts 3.6).
const ALWAYS: [&str; 2] = ["tax_reporting_us_1099_k", "tax_reporting_us_1099_misc"];
const NEVER: &str = "legacy_payments";

/// The state of a requested capability.
pub(super) fn state(name: &str, standing: &Standing) -> CapabilityStatus {
    match name {
        NEVER => CapabilityStatus::Inactive,
        name if ALWAYS.contains(&name) => CapabilityStatus::Active,
        _ => standing.state,
    }
}

/// A capability, from the fields of its account.
fn of(account: &Account, name: &str) -> Capability {
    let requested = account.rest.map("capabilities").and_then(|all| all.str(name));
    let status = requested.and_then(CapabilityStatus::parse).unwrap_or(CapabilityStatus::Unrequested);
    let reason = (status == CapabilityStatus::Inactive).then_some("requirements.fields_needed");
    let rest = Map::from([
        ("future_requirements", Doc::from(due(account, "future_requirements", name, status))),
        ("requested", requested.is_some().into()),
        ("requested_at", account.asked.as_ref().and_then(|asked| asked.int(name)).into()),
        ("requirements", due(account, "requirements", name, status).with("disabled_reason", reason).into()),
    ]);
    Capability { id: name.into(), account: Id::clone(&account.id), status, created: account.created, rest }
}

/// What a capability waits for: everything that the account does but for a bank account.
fn due(account: &Account, key: &str, name: &str, status: CapabilityStatus) -> Map {
    let is_waiting = match status {
        CapabilityStatus::Active => true,
        CapabilityStatus::Inactive | CapabilityStatus::Pending => name != NEVER,
        CapabilityStatus::Unrequested => false,
    };
    let Some(all) = account.rest.map(key).filter(|_| is_waiting) else { return requirements::none() };
    let lists = all.iter().map(|(key, value)| {
        let own = |path: &&Doc| path.as_str() != Some("external_account");
        let kept = value.as_list().map(|list| Doc::List(list.iter().filter(own).cloned().collect()));
        (key.to_owned().into(), kept.unwrap_or_else(|| value.clone()))
    });
    Map::from_entries(lists.collect()).with("disabled_reason", Doc::Null)
}

/// The registry's entry; the operations are the account's.
pub static ENTRY: Entry = Entry {
    kind: Capability::KIND,
    fields: Capability::FIELDS,
    noun: "capability",
    path_param: "capability",
    import: crate::contract::import::<Capability>,
    derived: true,
    events: Events { created: Some("capability.updated"), updated: &["capability.updated"], ..Events::NONE },
    ..Entry::PLAIN
};
