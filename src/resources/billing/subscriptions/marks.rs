//! What becomes of the parameters of subscriptions that no answer shows.
//!
//! May use: the marks. Invariant: data alone.

use crate::contract::Marked;

/// The operations that update a subscription.
const UPDATES: &[&str] = &["subscriptions.update", "customers.subscriptions.update"];

const OF_ENDED_TRIALS: &str = "billing::subscriptions::trials::a_trial_that_is_ended_early_is_billed_at_once";
/// The operations that show what would be billed.
const PREVIEWS: &[&str] = &["invoices.create_preview", "invoices.upcoming.retrieve", "invoices.upcoming.lines.list"];

pub(super) const MARKS: &[Marked] = &[
    Marked::describes(&["items.*.price_data"], "prices.create"),
    Marked::describes(&["add_invoice_items.*.price_data"], "prices.create"),
    // Trials of single items are a preview.
    Marked::refused(&["items.*.current_trial"]),
    Marked::refused(&["billing_schedules", "customer_account"]),
    Marked::acts(&["items.*.clear_usage"], "billing::subscriptions::metered::usage_of_a_removed_item_may_be_cleared")
        .on(UPDATES),
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
    Marked::describes(&["invoice_items.*.price_data"], "prices.create").on(PREVIEWS),
    Marked::describes(&["subscription_details.items.*.price_data", "subscription_items.*.price_data"], "prices.create")
        .on(PREVIEWS),
    // What schedules bill, and what resuming costs, is not computed.
    Marked::refused(&[
        "customer_account",
        "customer_details.tax",
        "invoice_items.*.quantity_decimal",
        "schedule",
        "schedule_details",
        "subscription_details.billing_schedules",
        "subscription_details.resume_at",
        "subscription_resume_at",
        "subscription_trial_from_plan",
    ])
    .on(PREVIEWS),
    Marked::acts(
        &["subscription_details.items.*.clear_usage", "subscription_items.*.clear_usage"],
        "billing::subscriptions::metered::usage_of_a_removed_item_may_be_cleared",
    )
    .on(PREVIEWS),
    Marked::neutral(
        &["automatic_tax.liability", "customer_details", "issuer", "on_behalf_of"],
        "the lines do not show it",
    )
    .on(&["invoices.upcoming.lines.list"]),
    Marked::acts(&["invoice_items.*.price"], "billing::invoice_items::what_an_item_bills_is_named_once").on(PREVIEWS),
    Marked::acts(
        &["invoice_items.*.tax_behavior", "invoice_items.*.tax_code"],
        "billing::invoice_items::the_price_of_an_amount_has_the_tax_behavior_and_the_product_the_tax_code",
    )
    .on(PREVIEWS),
    Marked::neutral(
        &[
            "subscription_details.items.*.billing_thresholds",
            "subscription_details.items.*.metadata",
            "subscription_items.*.billing_thresholds",
            "subscription_items.*.metadata",
        ],
        "an invoice shows nothing of it",
    )
    .on(PREVIEWS),
    Marked::acts(&["currency"], "billing::subscriptions::preview::what_a_preview_of_subscriptions_cannot_do_is_said")
        .on(PREVIEWS),
    Marked::acts(
        &["subscription_cancel_at", "subscription_cancel_at_period_end"],
        "billing::subscriptions::preview::a_subscription_that_ends_has_no_next_invoice",
    )
    .on(PREVIEWS),
    Marked::acts(
        &["subscription_start_date", "subscription_trial_end"],
        "billing::subscriptions::preview::a_new_subscription_is_shown_with_its_first_invoice",
    )
    .on(PREVIEWS),
    Marked::acts(
        &["preview_mode", "subscription_details", "subscription_proration_date"],
        "billing::subscriptions::preview::a_change_is_shown_as_it_would_be_billed",
    )
    .on(PREVIEWS),
];
