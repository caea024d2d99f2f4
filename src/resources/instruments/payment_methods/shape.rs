//! The form of a payment method, and a legacy source as a payment method (core-payments 4.1, 4.8, 4.10).
//!
//! May use: the types' table, the legacy sources. Invariant: `billing_details.address` always has all its members.

use std::sync::{Arc, LazyLock};

use super::Instrument;
use super::{PaymentMethod, types};
use crate::contract::Ctx;
use crate::error::Result;
use crate::object::template;
use crate::resources::instruments::bank_accounts::BankAccount;
use crate::resources::instruments::card_details::LEGACY_ADDRESS;
use crate::resources::instruments::cards::Card;
use crate::resources::instruments::sources::Source;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource, downcast};
use crate::state::{Ref, Tx};

/// The fields of every payment method besides its typed ones, with their defaults.
pub(super) fn empty() -> Map {
    static EMPTY: LazyLock<Map> = LazyLock::new(|| {
        let mut rest = template::template(PaymentMethod::KIND);
        for typed in ["customer", "metadata"] {
            let _ = rest.remove(typed);
        }
        rest.set("billing_details", empty_billing_details());
        rest.into_base()
    });
    EMPTY.clone()
}

fn empty_address() -> Map {
    static EMPTY: LazyLock<Map> = LazyLock::new(|| {
        Map::from(["city", "country", "line1", "line2", "postal_code", "state"].map(|key| (key, Doc::Null))).into_base()
    });
    EMPTY.clone()
}

fn empty_billing_details() -> Map {
    static EMPTY: LazyLock<Map> = LazyLock::new(|| {
        let mut details = Map::from(["email", "name", "phone", "tax_id"].map(|key| (key, Doc::Null)));
        details.set("address", empty_address());
        details.into_base()
    });
    EMPTY.clone()
}

/// Merges billing details into those of `rest`, leaf by leaf (core-payments 4.6.3); an unset address returns to its
/// empty form.
pub(super) fn merge_billing_details(rest: &mut Map, change: &Map) {
    let mut details = rest.map("billing_details").cloned().unwrap_or_else(empty_billing_details);
    details.merge(change);
    if details.map("address").is_none() {
        details.set("address", empty_address());
    }
    rest.set("billing_details", details);
}

/// The billing details from the holder of a token's card: `name` and `address_*`.
pub(super) fn billing_details_of_holder(holder: &Map) -> Map {
    let mut address = Map::new();
    for (shown, legacy) in LEGACY_ADDRESS {
        address.set(shown, holder.get(legacy).cloned().unwrap_or_default());
    }
    Map::from([("address", Doc::from(address)), ("name", holder.get("name").cloned().unwrap_or_default())])
}

/// A legacy card, bank account or source as a payment method with its own id; `None` for a source of a type
/// that has no such form, and for what an account is paid out to, which pays nothing.
pub(super) fn of_legacy(object: &dyn Object) -> Option<Map> {
    if let Some(card) = downcast::<Card>(object) {
        if card.account.is_some() {
            return None;
        }
        let hash = card.details.payment_method_hash();
        return Some(view(&Instrument::Card(Arc::new(card.clone())), "card", hash, object));
    }
    if let Some(bank) = downcast::<BankAccount>(object) {
        if bank.account.0.is_some() {
            return None;
        }
        let hash = types::hash("us_bank_account", &types::HashInput::legacy(&bank.rest));
        return Some(view(&Instrument::BankAccount(Arc::new(bank.clone())), "us_bank_account", hash, object));
    }
    let source = downcast::<Source>(object)?;
    let kind = match source.kind.as_str() {
        "card" => "card",
        "ach_debit" => "us_bank_account",
        "sepa_debit" => "sepa_debit",
        _ => return None,
    };
    let hash = match &source.card_details {
        Some(card) => card.payment_method_hash(),
        None => types::hash(kind, &types::HashInput::legacy(source.rest.map(&source.kind)?)),
    };
    Some(view(&Instrument::Source(Arc::new(source.clone())), kind, hash, object))
}

fn view(legacy: &Instrument, kind: &'static str, hash: Map, object: &dyn Object) -> Map {
    let metadata = object.to_doc().map("metadata").cloned().unwrap_or_default();
    let mut doc = empty();
    merge_billing_details(&mut doc, &legacy.billing_details());
    doc.set("id", object.id().to_string());
    doc.set("object", PaymentMethod::KIND.name());
    doc.set("created", object.created());
    doc.set("customer", legacy.customer().map(|id| id.to_string()));
    doc.set("metadata", metadata);
    doc.set("type", kind);
    doc.set(kind, hash);
    doc
}

/// Completes a payment method of a dump, which may have an older form or be written by hand.
pub(super) fn complete_imported(tx: &mut Tx, _: &Ctx<'_>, imported: &Ref) -> Result<()> {
    tx.update::<PaymentMethod>(&imported.id, |method| {
        let mut rest = empty();
        if let Some(billing) = method.rest.remove("billing_details").as_ref().and_then(Doc::as_map) {
            merge_billing_details(&mut rest, billing);
        }
        if method.card.0.is_none() {
            let sent = method.rest.remove(&method.kind);
            let sent = sent.as_ref().and_then(Doc::as_map).cloned().unwrap_or_default();
            rest.set(method.kind.clone(), types::hash(&method.kind, &types::HashInput::legacy(&sent)));
        }
        rest.merge(&method.rest);
        method.rest = rest;
    });
    Ok(())
}
