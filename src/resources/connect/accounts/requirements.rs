//! The requirements of an account, and what follows from them (billing 6.1).
//!
//! May use: the account's own fields. Invariant: an account that has supplied everything and was not rejected can
//! charge and be paid out, and its requested capabilities are active; any other account can do neither.

use super::Account;
use crate::state::document::{Doc, Map};

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
    DUE.into_iter().filter(|path| !is_told(&account.rest, path)).collect()
}

fn is_told(rest: &Map, path: &str) -> bool {
    let Some((outer, field)) = path.split_once('.') else {
        let list = rest.map("external_accounts").and_then(|accounts| accounts.list("data"));
        return list.is_some_and(|list| !list.is_empty());
    };
    // A website can replace the description of the product, and the reverse.
    let fields: &[&str] = match field {
        "product_description" | "url" => &["product_description", "url"],
        _ => &[field],
    };
    rest.map(outer).is_some_and(|told| fields.iter().any(|field| told.present(field).is_some()))
}

/// Updates what follows from the requirements.
pub(super) fn follow(account: &mut Account) {
    let due = due(account);
    let rejected = account.rejected.clone();
    let open = due.is_empty() && rejected.is_none();
    let reason = rejected.as_deref().or((!due.is_empty()).then_some("requirements.past_due"));
    account.rest.set("requirements", hash(&due, reason));
    for flag in ["charges_enabled", "payouts_enabled"] {
        account.rest.set(flag, open);
    }
    account.rest.set("details_submitted", due.is_empty());
    let asked = account.rest.map("capabilities").cloned().unwrap_or_default();
    let state = if open { "active" } else { "inactive" };
    let capabilities = asked.iter().map(|(name, _)| (name.to_owned().into(), Doc::from(state))).collect();
    account.rest.set("capabilities", Map::from_entries(capabilities));
}
