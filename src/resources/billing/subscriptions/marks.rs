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
    Marked::refused(&["items", "add_invoice_items", "billing_cycle_anchor", "proration_date", "trial_from_plan"])
        .on(&["subscriptions.update", "customers.subscriptions.update"]),
    Marked::refused(&["prorate"]).on(&["subscriptions.cancel", "customers.subscriptions.delete"]),
    // What a pause gives back is not computed.
    Marked::refused(&["bill_for", "invoicing_behavior"]).on(&["subscriptions.pause"]),
    Marked::refused(&["proration_date"]).on(&["subscriptions.resume"]),
];
