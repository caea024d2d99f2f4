//! API versions: which are released, and what each changed (platform 6).
//!
//! May use: the catalogue's list of versions, other objects. Invariant: objects and rules have the newest shape; whatever
//! an older version shows differently is a [`Change`] in one list, walked from newest to oldest.

use crate::contract::Version;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Tx};

/// One difference between a version and the one before it.
struct Change {
    /// The version that made it.
    version: &'static str,
    /// The kind of object that looked different before; lists inside objects stand in the registry's
    /// includes instead.
    kind: Kind,
    /// Turns the newer form into the older one, with what other objects say; `None` when that is known but not built.
    older: Option<fn(&Tx, &mut Map)>,
    /// What differs, in the words of a response header.
    what: &'static str,
}

/// Newest first.
static CHANGES: &[Change] = &[
    Change {
        version: "2026-03-25.dahlia",
        kind: Kind("checkout.session"),
        older: Some(ui_mode_was_short),
        what: "checkout.session.ui_mode names",
    },
    Change {
        version: "2025-09-30.clover",
        kind: Kind("promotion_code"),
        older: Some(promotion_code_showed_its_coupon),
        what: "promotion_code.coupon was the coupon that promotion.coupon names",
    },
    Change {
        version: "2025-03-31.basil",
        kind: Kind("checkout.session"),
        older: Some(shipping_details_stood_alone),
        what: "checkout.session.shipping_details",
    },
    Change { version: "2025-03-31.basil", kind: Kind("charge"), older: Some(shows_no_invoice), what: "charge.invoice" },
    Change {
        version: "2025-03-31.basil",
        kind: Kind("plan"),
        older: Some(plan_said_how_usage_adds_up),
        what: "plan.aggregate_usage",
    },
    Change {
        version: "2025-03-31.basil",
        kind: Kind("price"),
        older: Some(price_said_how_usage_adds_up),
        what: "price.recurring.aggregate_usage",
    },
    Change {
        version: "2025-03-31.basil",
        kind: Kind("payment_intent"),
        older: Some(shows_no_invoice),
        what: "payment_intent.invoice",
    },
    Change {
        version: "2019-10-17",
        kind: Kind("customer"),
        older: Some(balance_was_account_balance),
        what: "customer.account_balance",
    },
    Change {
        version: "2019-02-11",
        kind: Kind("payment_intent"),
        older: Some(intent_asked_for_sources),
        what: "payment_intent.status names",
    },
    Change {
        version: "2017-08-15",
        kind: Kind("source"),
        older: None,
        what: "source.redirect.status was succeeded where it is not_required",
    },
    Change {
        version: "2017-05-25",
        kind: Kind("event"),
        older: Some(event_named_request_and_user),
        what: "event.request and event.user_id",
    },
    Change {
        version: "2017-02-14",
        kind: Kind("charge"),
        older: None,
        what: "charge.dispute was an object, not an id",
    },
];

fn ui_mode_was_short(_: &Tx, session: &mut Map) {
    let old = match session.str("ui_mode") {
        Some("hosted_page") => "hosted",
        Some("embedded_page") => "embedded",
        Some("elements") => "custom",
        _ => return,
    };
    session.set("ui_mode", old);
}

fn shipping_details_stood_alone(_: &Tx, session: &mut Map) {
    let details = session.map("collected_information").and_then(|collected| collected.get("shipping_details")).cloned();
    session.set("shipping_details", details.unwrap_or_default());
}

/// Objects that were made without an invoice said so.
fn shows_no_invoice(_: &Tx, object: &mut Map) {
    if !object.has("invoice") {
        object.set("invoice", Doc::Null);
    }
}

fn plan_said_how_usage_adds_up(_: &Tx, plan: &mut Map) {
    let metered = plan.str("usage_type") == Some("metered");
    plan.set("aggregate_usage", metered.then_some("sum"));
}

fn price_said_how_usage_adds_up(tx: &Tx, price: &mut Map) {
    if let Some(Doc::Map(recurring)) = price.get_mut("recurring") {
        plan_said_how_usage_adds_up(tx, recurring);
    }
}

fn promotion_code_showed_its_coupon(tx: &Tx, code: &mut Map) {
    let promotion = code.remove("promotion");
    let coupon = promotion.as_ref().and_then(Doc::as_map).and_then(|promotion| promotion.str("coupon"));
    // What its coupon was is kept when it is deleted.
    let shown = coupon.and_then(|id| tx.record(Kind("coupon"), id)).map(|record| record.object.to_doc());
    code.set("coupon", shown);
}

fn event_named_request_and_user(_: &Tx, event: &mut Map) {
    let request = event.map("request").and_then(|request| request.get("id")).cloned();
    event.set("request", request);
    if let Some(account) = event.remove("account") {
        event.set("user_id", account);
    }
}

fn balance_was_account_balance(_: &Tx, customer: &mut Map) {
    if let Some(balance) = customer.remove("balance") {
        customer.set("account_balance", balance);
    }
}

fn intent_asked_for_sources(_: &Tx, intent: &mut Map) {
    let status = match intent.str("status") {
        Some("requires_payment_method") => Some("requires_source"),
        Some("requires_action") => Some("requires_source_action"),
        _ => None,
    };
    if let Some(status) = status {
        intent.set("status", status);
    }
    if let Some(Doc::Map(action)) = intent.get_mut("next_action")
        && let Some(redirect) = action.remove("redirect_to_url")
    {
        action.set("authorize_with_url", redirect);
        action.set("type", "authorize_with_url");
    }
    for (new, old) in [("next_action", "next_source_action"), ("payment_method_types", "allowed_source_types")] {
        if let Some(value) = intent.remove(new) {
            intent.set(old, value);
        }
    }
}

/// Whether this kind looks the same in this version as in the newest, lists inside it aside.
pub fn is_newest_form(kind: Kind, version: Version) -> bool {
    !CHANGES.iter().any(|change| change.kind == kind && version.is_before(change.version))
}

/// Turns an object in the newest form into the form of a version.
pub fn convert(tx: &Tx, kind: Kind, object: &mut Map, version: Version) {
    for change in CHANGES.iter().filter(|change| change.kind == kind && version.is_before(change.version)) {
        if let Some(older) = change.older {
            older(tx, object);
        }
    }
}

/// What this version shows differently for this kind and Pinstripe does not, for a response header.
pub fn not_built(kind: Kind, version: Version) -> Vec<&'static str> {
    CHANGES
        .iter()
        .filter(|change| change.kind == kind && change.older.is_none() && version.is_before(change.version))
        .map(|change| change.what)
        .collect()
}
