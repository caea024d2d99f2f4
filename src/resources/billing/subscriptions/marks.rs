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
    Marked::acts(&["items.*.clear_usage"], "billing::subscriptions::metered::usage_of_a_removed_item_may_be_cleared")
        .on(UPDATES),
    Marked::acts(
        &["bill_for", "invoicing_behavior"],
        "billing::subscriptions::pause::a_pause_gives_back_what_is_paid_and_bills_what_was_used",
    )
    .on(&["subscriptions.pause"]),
    Marked::acts(&["payment_behavior"], "billing::subscriptions::pause::what_is_not_paid_stays_paused_and_is_given_up")
        .on(&["subscriptions.resume"]),
    Marked::acts(&["proration_date"], "billing::subscriptions::pause::resuming_prorates_from_a_date_of_the_period")
        .on(&["subscriptions.resume"]),
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
    Marked::acts(&["add_invoice_items"], "billing::subscriptions::update::what_is_added_once_is_on_the_next_invoice")
        .on(UPDATES),
    Marked::acts(&["off_session", "payment_behavior", "trial_end"], OF_ENDED_TRIALS).on(UPDATES),
    Marked::acts(
        &["proration_behavior"],
        "billing::subscriptions::anchors::until_a_later_anchor_a_part_is_billed_or_nothing",
    ),
    Marked::acts(
        &["proration_behavior", "proration_date"],
        "billing::subscriptions::update::an_invoice_for_a_change_is_paid_at_once",
    )
    .on(UPDATES),
    Marked::acts(&["prorate"], "billing::subscriptions::update::a_cancellation_may_give_back_the_rest"),
    Marked::acts(
        &["invoice_now"],
        "billing::subscriptions::ends::what_is_pending_at_the_end_is_billed_when_it_is_asked_for",
    ),
    Marked::neutral(&["billing_mode.type"], "it has one value").on(&["subscriptions.migrate"]),
    Marked::neutral(&["type"], "it has one value").on(&["subscriptions.pause"]),
];
