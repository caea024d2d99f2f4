//! The requirements of an account, and what follows from them (billing 6.1).
//!
//! May use: the account's own fields. Invariant: an account that has supplied everything and was not rejected can
//! charge and be paid out, and its requested capabilities are active; any other account can do neither.

use std::sync::Arc;

use super::Account;
use super::capabilities::CapabilityStatus;
use crate::contract;
use crate::state::document::{Doc, Map};
use crate::state::object::{FieldError, Object, downcast};

/// The requirements of a new account.
const DUE: [&str; 6] = [
    "business_profile.product_description",
    "business_profile.support_phone",
    "business_profile.url",
    "external_account",
    "tos_acceptance.date",
    "tos_acceptance.ip",
];

/// What is due in the form of the answer.
pub(super) fn hash(due: &[&'static str], disabled_reason: Option<&str>) -> Map {
    let none = || Doc::List(Vec::new());
    Map::from([
        ("alternatives", none()),
        ("current_deadline", Doc::Null),
        ("currently_due", due.to_vec().into()),
        ("disabled_reason", disabled_reason.map(str::to_owned).into()),
        ("errors", none()),
        ("eventually_due", due.to_vec().into()),
        ("past_due", none()),
        ("pending_verification", none()),
    ])
}

/// The requirements that an account has not met.
pub(super) fn due(account: &Account) -> Vec<&'static str> {
    if account.rest.bool("details_submitted") == Some(true) {
        return Vec::new();
    }
    DUE.into_iter().filter(|path| !is_supplied(&account.rest, path)).collect()
}

fn is_supplied(rest: &Map, path: &str) -> bool {
    let Some((outer, field)) = path.split_once('.') else {
        let list = rest.map("external_accounts").and_then(|accounts| accounts.list("data"));
        return list.is_some_and(|list| !list.is_empty());
    };
    // A website can replace the description of the product, and the reverse.
    let fields: &[&str] = match field {
        "product_description" | "url" => &["product_description", "url"],
        _ => &[field],
    };
    rest.map(outer).is_some_and(|sent| fields.iter().any(|field| sent.present(field).is_some()))
}

/// An account with what follows from its requirements.
pub(super) fn derived(account: &Account) -> Account {
    let mut account = account.clone();
    let due = due(&account);
    let rejected = account.rejected.clone();
    let open = due.is_empty() && rejected.is_none();
    let reason = rejected.as_deref().or((!due.is_empty()).then_some("requirements.past_due"));
    account.rest.set("requirements", hash(&due, reason));
    for flag in ["charges_enabled", "payouts_enabled"] {
        account.rest.set(flag, open);
    }
    account.rest.set("details_submitted", due.is_empty());
    let asked = account.rest.map("capabilities").cloned().unwrap_or_default();
    let state = if open { CapabilityStatus::Active } else { CapabilityStatus::Inactive };
    let capabilities = asked.iter().map(|(name, _)| (name.to_owned().into(), Doc::from(state))).collect();
    account.rest.set("capabilities", Map::from_entries(capabilities));
    account
}

/// The registry's [`Derive`](crate::contract::Derive).
pub(super) fn derives(object: &dyn Object) -> Option<Arc<dyn Object>> {
    let derived = derived(downcast::<Account>(object)?);
    (!derived.shows_as(object)).then(|| Arc::new(derived) as Arc<dyn Object>)
}

/// Reads an account. A dump of the API shows what followed from facts that it does not show: an account that could
/// charge has supplied everything, and one that could not although it has is rejected.
///
/// # Errors
/// A field that does not fit its type.
pub(super) fn import(mut visible: Map, mut hidden: Map, created: i64) -> Result<Arc<dyn Object>, FieldError> {
    if hidden.is_empty() {
        let reason = visible.map("requirements").and_then(|requirements| requirements.str("disabled_reason"));
        let reason = reason.filter(|reason| !reason.starts_with("requirements.")).map(str::to_owned);
        match (visible.bool("charges_enabled"), visible.bool("details_submitted")) {
            (Some(true), _) => visible.set("details_submitted", true),
            (Some(false), Some(true)) => hidden.set("rejected", reason.unwrap_or_else(|| "other".to_owned())),
            _ => {}
        }
    }
    contract::import::<Account>(visible, hidden, created)
}
