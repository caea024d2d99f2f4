//! Entitlements, the customer portal and test clocks (billing 4, 5).
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, Filtered, PLAIN, SHAPE, Unique};
use super::verb::{INACTIVE, verb};
use crate::contract::Fill::{Flag, Format, Int, Random, Text};
use crate::contract::{Entry, Trigger};
use crate::generic::filters::{RowCheck, asks};
use crate::state::document::Doc;
use crate::state::ids::IdForm;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("billing.feedback_option"),
            id: IdForm::of("bfo_"),
            defaults: &[("status", Text("active"))],
            ..SHAPE
        },
        verbs: &[verb("billing.feedback_options.deactivate", &["active"], &[INACTIVE])],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("billing_portal.configuration"),
            defaults: &[
                ("active", Flag(true)),
                ("is_default", Flag(false)),
                ("features.customer_update.enabled", Flag(false)),
                ("features.invoice_history.enabled", Flag(false)),
                ("features.payment_method_update.enabled", Flag(false)),
                ("features.subscription_cancel.enabled", Flag(false)),
                ("features.subscription_cancel.cancellation_reason.enabled", Flag(false)),
                ("features.subscription_cancel.mode", Text("at_period_end")),
                ("features.subscription_cancel.proration_behavior", Text("none")),
                ("features.subscription_pause.duration.interval_options.interval_count", Int(1)),
                ("features.subscription_pause.duration.type", Text("interval_options")),
                ("features.subscription_pause.enabled", Flag(false)),
                ("features.subscription_update.enabled", Flag(false)),
                ("features.subscription_update.products.adjustable_quantity.enabled", Flag(false)),
                ("features.subscription_update.products.adjustable_quantity.minimum", Int(1)),
                ("features.subscription_update.billing_cycle_anchor", Text("unchanged")),
                ("features.subscription_update.proration_behavior", Text("none")),
                ("features.subscription_update.trial_update_behavior", Text("end_trial")),
                ("login_page.enabled", Flag(false)),
            ],
            triggers: &[Trigger::update(
                "billing_portal.configuration.updated",
                "/v1/billing_portal/configurations/{id}",
            )],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("billing_portal.session"),
            defaults: &[
                ("configuration", Random("bpc_1", 23)),
                ("url", Format("https://billing.stripe.com/p/session/test_{random}")),
            ],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("entitlements.feature"),
            named_by: &["entitlement_feature"],
            defaults: &[("active", Flag(true))],
            ..SHAPE
        },
        filters: &[Filtered::by("archived", archived)],
        unique: Some(Unique::always("lookup_key")),
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("product_catalog.trial_offer"),
            id: IdForm::of("toffer_"),
            defaults: &[("end_behavior.type", Text("transition")), ("active", Flag(true))],
            ..SHAPE
        },
        filters: &[Filtered::by_path("prices", "price")],
        ..PLAIN
    },
];

/// Filters features by whether they are archived.
fn archived(sent: Option<&Doc>) -> Option<RowCheck> {
    let archived = sent?.as_bool();
    asks(move |feature| feature.bool("active").map(|active| !active) == archived)
}
