//! API versions: which are released, and what each changed (platform 6, design 5).
//!
//! May use: the catalogue's list of versions. Invariant: objects and rules have the newest shape; whatever
//! an older version shows differently is a [`Change`] in one list, walked from newest to oldest.

use crate::api::error::{ApiError, Result};
use crate::catalogue::{API_VERSION, RELEASED_VERSIONS};
use crate::state::Kind;
use crate::state::document::{Doc, Map};

/// A released version, such as `2024-04-10` or `2026-10-28.endive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(&'static str);

/// The first version in which a rule is as it is today.
#[derive(Clone, Copy, Debug)]
pub struct Gate(&'static str);

/// Intents take automatic payment methods unless told otherwise, so confirming needs a `return_url`.
pub const AUTOMATIC_PAYMENT_METHODS: Gate = Gate("2023-08-16");
/// A payment intent's `capture_method` is `automatic_async` unless told otherwise.
pub const CAPTURE_ASYNC: Gate = Gate("2024-04-10");
/// A setup intent's `usage` is `off_session`, whatever is asked for (intents-and-checkout 2.1); the version is that
/// of the recording.
pub const SETUP_USAGE_IGNORED: Gate = Gate("2026-08-26.dahlia");
/// Listing payment methods needs no `type`.
pub const PAYMENT_METHOD_LIST_ALL_TYPES: Gate = Gate("2022-11-15");
/// An id that the caller chooses has letters, digits, `_` and `-` alone.
pub const OWN_ID_CHARACTERS: Gate = Gate("2018-05-21");
/// Objects can be searched.
pub const SEARCH: Gate = Gate("2020-08-27");

impl Version {
    /// The newest version that the catalogue describes.
    pub fn newest() -> Self {
        Version(API_VERSION)
    }

    /// The version of this name.
    ///
    /// # Errors
    /// One that was never released (core-payments 1.11).
    pub fn parse(name: &str) -> Result<Self> {
        RELEASED_VERSIONS
            .iter()
            .copied()
            .find(|released| *released == name)
            .map(Version)
            .ok_or_else(|| ApiError::version_invalid(name))
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether a rule is as it is today.
    pub fn has(self, gate: Gate) -> bool {
        self.0 >= gate.0
    }

    /// Whether this version is older than the one of this name.
    pub fn is_before(self, name: &str) -> bool {
        self.0 < name
    }
}

/// One difference between a version and the one before it.
struct Change {
    /// The version that made it.
    version: &'static str,
    /// The kind of object that looked different before; lists inside objects stand in the registry's
    /// includes instead.
    kind: Kind,
    /// Turns the newer form into the older one; `None` when that is known but not built.
    older: Option<fn(&mut Map)>,
    /// What differs, in the words of a response header.
    what: &'static str,
}

/// Newest first.
static CHANGES: &[Change] = &[
    Change {
        version: "2025-09-30.clover",
        kind: Kind("promotion_code"),
        older: None,
        what: "promotion_code.coupon was the coupon that promotion.coupon names",
    },
    Change { version: "2025-03-31.basil", kind: Kind("charge"), older: Some(shows_no_invoice), what: "charge.invoice" },
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

/// Objects that were made without an invoice said so.
fn shows_no_invoice(object: &mut Map) {
    if !object.has("invoice") {
        object.set("invoice", Doc::Null);
    }
}

fn event_named_request_and_user(event: &mut Map) {
    let request = event.map("request").and_then(|request| request.get("id")).cloned();
    event.set("request", request);
    if let Some(account) = event.remove("account") {
        event.set("user_id", account);
    }
}

fn balance_was_account_balance(customer: &mut Map) {
    if let Some(balance) = customer.remove("balance") {
        customer.set("account_balance", balance);
    }
}

fn intent_asked_for_sources(intent: &mut Map) {
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
pub fn convert(kind: Kind, object: &mut Map, version: Version) {
    for change in CHANGES.iter().filter(|change| change.kind == kind && version.is_before(change.version)) {
        if let Some(older) = change.older {
            older(object);
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
