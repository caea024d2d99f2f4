//! What becomes of the parameters of subscriptions that no answer shows.
//!
//! May use: the marks. Invariant: data alone.

use crate::contract::Marked;

pub(super) const MARKS: &[Marked] = &[
    Marked::describes(&["items.*.price_data"], "prices.create"),
    Marked::describes(&["add_invoice_items.*.price_data"], "prices.create"),
    // Trials of single items are a preview.
    Marked::refused(&["items.*.current_trial"]),
    Marked::refused(&["billing_schedules", "customer_account"]),
    // What changes the items of a subscription is not built.
    Marked::refused(&[
        "items",
        "add_invoice_items",
        "billing_cycle_anchor",
        "cancel_at",
        "cancel_at_period_end",
        "cancellation_details",
        "pause_collection",
        "proration_date",
        "trial_end",
        "trial_from_plan",
    ])
    .on(&["subscriptions.update"]),
    Marked::refused(&["cancel_at", "cancel_at_period_end"])
        .on(&["subscriptions.create", "customers.subscriptions.create"]),
    Marked::refused(&["invoice_now", "prorate"]).on(&["subscriptions.cancel"]),
];
