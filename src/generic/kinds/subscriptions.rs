//! Subscriptions, their items and schedules (billing 2, 5.3).
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

mod schedules;

use super::checkout::{self, PRICE};
use super::declaration::{Declaration, Filtered, PLAIN, SHAPE};
use super::older;
use super::verb::{ACTIVE, CANCELED, Sets, verb};
use crate::contract::Fill::{
    self, EmptyList, First, Flag, Format, Int, Now, Null, Object, Of, Own, Random, Sent, Text,
};
use crate::contract::{self, Ctx, Entry, Expand, Owner, SearchField, Searched, Trigger};
use crate::error::{ApiError, Result};
use crate::generic::described;
use crate::generic::filters::{RowCheck, asks};
use crate::object::fill::FillInput;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::time::calendar::{DAY, Interval};

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("subscription"),
            by_clock_only: true,
            changes: older::SUBSCRIPTION,
            path_param: "id",
            expands: &[Expand::reference("discount", &["discount"])],
            search: Some(&Searched {
                plural: "subscriptions",
                fields: &[
                    SearchField::number("canceled_at"),
                    SearchField::number("created"),
                    SearchField::token("status"),
                ],
            }),
            named_by: &["subscription"],
            defaults: &[
                ("billing_schedules.bill_until.computed_timestamp", First(&[Own("timestamp"), Now])),
                ("billing_schedules.key", Random("", 16)),
                ("automatic_tax.enabled", Flag(false)),
                ("billing_cycle_anchor", Now),
                ("billing_mode.flexible", Object(&[("proration_discounts", Text("included"))])),
                ("billing_mode.type", Text("flexible")),
                ("billing_mode.updated_at", Now),
                ("cancel_at_period_end", Flag(false)),
                (
                    "cancellation_details",
                    Object(&[("comment", Null), ("feedback", Null), ("feedback_option", Null), ("reason", Null)]),
                ),
                ("collection_method", Text("charge_automatically")),
                ("currency", Text("usd")),
                ("customer", Sent("customer")),
                ("default_tax_rates", EmptyList),
                ("invoice_settings.issuer.type", Text("self")),
                ("items", NO_ITEMS),
                ("payment_settings.payment_method_options.bancontact.preferred_language", Text("en")),
                ("pending_invoice_item_interval.interval_count", Int(1)),
                ("trial_settings.end_behavior.missing_payment_method", Text("create_invoice")),
                (
                    "payment_settings",
                    Object(&[
                        ("payment_method_options", Null),
                        ("payment_method_types", Null),
                        ("save_default_payment_method", Text("off")),
                    ]),
                ),
                ("start_date", Now),
                ("status", Text("active")),
                (
                    "trial_settings",
                    Object(&[(
                        "end_behavior",
                        Object(&[("billing_cycle_anchor", Null), ("missing_payment_method", Text("create_invoice"))]),
                    )]),
                ),
            ],
            triggers: &[
                Trigger::update("customer.subscription.updated", "/v1/subscriptions/{id}"),
                Trigger::post("customer.subscription.resumed", "/v1/subscriptions/{id}/resume", &[]),
                Trigger::delete("customer.subscription.deleted", "/v1/subscriptions/{id}"),
            ],
            ..SHAPE
        },
        filters: &[
            Filtered::by_path("plan", "items.data.plan.id"),
            Filtered::by_path("price", "items.data.price.id"),
            Filtered::by("status", by_status),
        ],
        verbs: &[
            verb("customers.subscriptions.delete", NOT_ENDED, ENDED).announcing("customer.subscription.deleted"),
            verb("subscriptions.cancel", NOT_ENDED, ENDED).taking().announcing("customer.subscription.deleted"),
            verb("subscriptions.migrate", NOT_ENDED, &[("billing_mode.updated_at", Now)]).taking(),
            verb("subscriptions.pause", &["active", "trialing"], &[("status", Text("paused"))])
                .announcing("customer.subscription.paused"),
            verb("subscriptions.resume", &["paused"], &[ACTIVE]).announcing("customer.subscription.resumed"),
        ],
        derive: Some(status),
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("subscription_item"),
            id: IdForm::short("si_"),
            part_of: &[Owner { kind: crate::kind!("subscription"), param: "items", link: Some("subscription") }],
            named_by: &["subscription_item"],
            defaults: &[
                ("current_trial.end_date", Now),
                ("current_trial.start_date", Now),
                ("current_period_end", Now),
                ("current_period_start", Now),
                ("quantity", Int(1)),
            ],
            ..SHAPE
        },
        before: Some(recurring),
        derive: Some(price_and_period),
        ..PLAIN
    },
    Declaration {
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
    },
];

/// An empty list of a subscription's items, whose URL has a filter.
const NO_ITEMS: Fill = Object(&[
    ("object", Text("list")),
    ("data", EmptyList),
    ("has_more", Flag(false)),
    ("url", Format("/v1/subscription_items?subscription={id}")),
]);

/// Ends a subscription (billing 2.11).
const ENDED: Sets = &[
    CANCELED,
    ("canceled_at", Now),
    ("ended_at", Now),
    ("cancel_at_period_end", Flag(false)),
    ("cancellation_details.reason", Text("cancellation_requested")),
];

const NOT_ENDED: &[&str] = &["active", "incomplete", "past_due", "paused", "trialing", "unpaid"];

/// Without `status`, ended subscriptions are not listed (billing 2.13).
fn by_status(sent: Option<&Doc>) -> Option<RowCheck> {
    let wanted = sent.and_then(Doc::as_str).map(str::to_owned);
    asks(move |subscription| {
        let status = subscription.str("status").unwrap_or_default();
        let ended = matches!(status, "canceled" | "incomplete_expired");
        match wanted.as_deref() {
            None => !ended,
            Some("all") => true,
            Some("ended") => ended,
            Some(wanted) => status == wanted,
        }
    })
}

fn scheduled(sent: Option<&Doc>) -> Option<RowCheck> {
    let scheduled = sent?.as_bool();
    asks(move |schedule| Some(schedule.str("status") == Some("not_started")) == scheduled)
}

/// Only recurring prices are allowed (billing 2.4).
fn recurring(tx: &mut Tx, ctx: &Ctx<'_>, sent: &Map) -> Result<Map> {
    let price = sent.str("price").and_then(|id| contract::resolve(tx, PRICE.kind, id));
    let price = price.and_then(|record| contract::show(record, PRICE.kind));
    match price {
        Some(price) if price.str("type") == Some("one_time") => Err(ApiError::price_not_recurring()),
        Some(price) if price.bool("active") == Some(false) => Err(ApiError::price_inactive()),
        _ => described::one(tx, ctx, sent, PRICE),
    }
}

/// The first status: a trial, or waiting for the first payment (billing 2.5).
fn status(source: &FillInput<'_>, body: &mut Map) {
    let trial = source.sent.int("trial_period_days").filter(|days| *days > 0);
    let end = trial.map(|days| source.ctx.now + days * DAY).or(source.sent.int("trial_end"));
    if let Some(end) = end.filter(|end| *end > source.ctx.now) {
        body.set("status", "trialing");
        body.set("trial_start", source.ctx.now);
        body.set("trial_end", end);
        body.set("billing_cycle_anchor", end);
    } else if source.sent.str("payment_behavior") == Some("default_incomplete") {
        body.set("status", "incomplete");
    }
}

/// Shows an item's price as its plan, and its current period.
fn price_and_period(source: &FillInput<'_>, body: &mut Map) {
    let Some((price, plan)) = checkout::price_and_plan(source, body) else { return };
    body.set("plan", plan.unwrap_or_default());
    let interval = price.map("recurring").cloned().unwrap_or_default();
    body.set("price", price);
    let months = interval.int("interval_count").unwrap_or(1);
    let unit = interval.str("interval").and_then(Interval::parse).unwrap_or(Interval::Month);
    body.set("current_period_start", source.ctx.now);
    body.set("current_period_end", unit.after(source.ctx.now, months).unwrap_or(source.ctx.now));
}
