//! What becomes of the parameters of subscriptions that no answer shows.
//!
//! May use: the marks. Invariant: data alone.

use crate::contract::Marked;

/// The operations that update a subscription.
const UPDATES: &[&str] = &["subscriptions.update", "customers.subscriptions.update"];

const OF_ENDED_TRIALS: &str = "billing::subscriptions::trials::a_trial_that_is_ended_early_is_billed_at_once";

pub(super) const MARKS: &[Marked] = &[
    Marked::describes(&["items.*.price_data"], "prices.create"),
    Marked::describes(&["add_invoice_items.*.price_data"], "prices.create"),
    // Trials of single items are a preview.
    Marked::refused(&["items.*.current_trial"]),
    Marked::refused(&["billing_schedules", "customer_account"]),
    // What changes the items of a subscription is not built.
    Marked::refused(&["items", "add_invoice_items", "billing_cycle_anchor", "proration_date", "trial_from_plan"])
        .on(UPDATES),
    Marked::refused(&["prorate"]).on(&["subscriptions.cancel", "customers.subscriptions.delete"]),
    // What a pause gives back is not computed.
    Marked::refused(&["bill_for", "invoicing_behavior"]).on(&["subscriptions.pause"]),
    Marked::refused(&["proration_date"]).on(&["subscriptions.resume"]),
    Marked::acts(
        &["add_invoice_items.*.discountable", "add_invoice_items.*.metadata", "add_invoice_items.*.period"],
        "billing::subscriptions::create::one_off_items_come_before_the_subscription",
    ),
    Marked::acts(
        &["add_invoice_items.*.quantity"],
        "billing::subscriptions::create::one_off_items_come_before_the_subscription",
    ),
    Marked::acts(
        &["off_session"],
        "billing::subscriptions::create::a_card_that_was_set_up_pays_while_the_customer_is_away",
    ),
    Marked::acts(&["off_session", "payment_behavior", "trial_end"], OF_ENDED_TRIALS).on(UPDATES),
    Marked::acts(
        &["proration_behavior"],
        "billing::subscriptions::anchors::until_a_later_anchor_a_part_is_billed_or_nothing",
    ),
    Marked::neutral(&["proration_behavior"], "what may be updated is never prorated").on(UPDATES),
    Marked::acts(
        &["invoice_now"],
        "billing::subscriptions::ends::what_is_pending_at_the_end_is_billed_when_it_is_asked_for",
    ),
    Marked::neutral(&["billing_mode.type"], "it has one value").on(&["subscriptions.migrate"]),
    Marked::neutral(&["type"], "it has one value").on(&["subscriptions.pause"]),
];
