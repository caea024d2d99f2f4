//! Schedules of subscriptions (billing 5.3).
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

mod schedules;

use super::declaration::{Declaration, Filtered, PLAIN, SHAPE};
use super::verb::{CANCELED, verb};
use crate::contract::Fill::{Now, Null, Of, Own, Random, Text};
use crate::contract::{Entry, Trigger};
use crate::generic::filters::{RowCheck, asks};
use crate::state::document::Doc;

pub(super) static KINDS: &[Declaration] = &[Declaration {
    entry: Entry {
        kind: crate::kind!("subscription_schedule"),
        defaults: &[
            ("billing_mode.type", Text("flexible")),
            ("pause_schedules.key", Random("", 16)),
            ("pause_schedules.pause.settings.bill_for.outstanding_usage_through.type", Text("now")),
            ("pause_schedules.pause.settings.bill_for.unused_time_from.type", Text("now")),
            ("pause_schedules.pause.settings.invoicing_behavior", Text("pending_invoice_item")),
            ("pause_schedules.pause.settings.type", Text("subscription")),
            ("pause_schedules.pause.status.type", Text("scheduled")),
            ("pause_schedules.resume.settings.billing_cycle_anchor", Text("resume_at")),
            ("pause_schedules.resume.settings.payment_behavior", Text("resume_on_payment_attempt")),
            ("pause_schedules.resume.settings.proration_behavior", Text("create_prorations")),
            ("pause_schedules.resume.status.type", Text("pending")),
            ("phases.add_invoice_items.period.end.type", Text("min_item_period_end")),
            ("phases.add_invoice_items.period.start.type", Text("max_item_period_start")),
            ("phases.proration_behavior", Text("create_prorations")),
            ("customer", Of(crate::kind!("subscription"), "from_subscription", "customer")),
            ("default_settings.billing_cycle_anchor", Text("automatic")),
            ("default_settings.collection_method", Text("charge_automatically")),
            ("default_settings.invoice_settings.issuer.type", Text("self")),
            ("end_behavior", Text("release")),
            ("status", Text("not_started")),
        ],
        triggers: &[
            Trigger::update("subscription_schedule.updated", "/v1/subscription_schedules/{id}"),
            Trigger::post("subscription_schedule.canceled", "/v1/subscription_schedules/{id}/cancel", &[]),
            Trigger::post("subscription_schedule.released", "/v1/subscription_schedules/{id}/release", &[]),
        ],
        ..SHAPE
    },
    filters: &[Filtered::by("scheduled", scheduled)],
    verbs: &[
        verb("subscription_schedules.cancel", &["active", "not_started"], &[CANCELED, ("canceled_at", Now)])
            .announcing("subscription_schedule.canceled"),
        verb(
            "subscription_schedules.release",
            &["active", "not_started"],
            &[
                ("released_subscription", Own("subscription")),
                ("released_at", Now),
                ("status", Text("released")),
                ("subscription", Null),
            ],
        )
        .announcing("subscription_schedule.released"),
    ],
    before: Some(schedules::before),
    derive: Some(schedules::fields),
    changed: Some(|source, body| {
        if source.sent.has("phases") {
            schedules::fields(source, body);
        }
    }),
    ..PLAIN
}];

fn scheduled(sent: Option<&Doc>) -> Option<RowCheck> {
    let scheduled = sent?.as_bool();
    asks(move |schedule| Some(schedule.str("status") == Some("not_started")) == scheduled)
}
