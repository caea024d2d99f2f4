//! What becomes of the parameters of schedules and of previews that no answer shows.
//!
//! May use: the marks. Invariant: data alone.

use crate::contract::Marked;

/// The operations that show what would be billed.
const PREVIEWS: &[&str] = &["invoices.create_preview", "invoices.upcoming.retrieve", "invoices.upcoming.lines.list"];

pub(super) const MARKS: &[Marked] = &[
    Marked::describes(&["phases.*.items.*.price_data", "phases.*.add_invoice_items.*.price_data"], "prices.create"),
    // Pauses that are planned have no rule.
    Marked::refused(&["customer_account", "pause_schedules"]),
    Marked::acts(
        &["proration_behavior"],
        "billing::schedules::updating::a_change_of_the_current_phase_prorates_as_the_call_says",
    )
    .on(&["subscription_schedules.update"]),
    Marked::acts(
        &["invoice_now", "prorate"],
        "billing::schedules::ending::a_cancel_bills_and_prorates_unless_it_is_told_not_to",
    )
    .on(&["subscription_schedules.cancel"]),
    Marked::acts(
        &["preserve_cancel_date"],
        "billing::schedules::ending::a_release_clears_the_cancel_date_unless_it_is_preserved",
    )
    .on(&["subscription_schedules.release"]),
    Marked::describes(&["invoice_items.*.price_data"], "prices.create").on(PREVIEWS),
    Marked::describes(&["subscription_details.items.*.price_data", "subscription_items.*.price_data"], "prices.create")
        .on(PREVIEWS),
    Marked::refused(&[
        "customer_account",
        "customer_details.tax",
        "invoice_items.*.quantity_decimal",
        "schedule_details.pause_schedules",
        "subscription_details.billing_schedules",
        "subscription_trial_from_plan",
    ])
    .on(PREVIEWS),
    Marked::describes(
        &["schedule_details.phases.*.items.*.price_data", "schedule_details.phases.*.add_invoice_items.*.price_data"],
        "prices.create",
    )
    .on(PREVIEWS),
    Marked::acts(&["schedule"], "billing::schedules::previewing::the_next_invoice_of_a_schedule_is_shown").on(PREVIEWS),
    Marked::acts(&["schedule_details"], "billing::schedules::previewing::a_schedule_is_previewed_before_it_is_made")
        .on(PREVIEWS),
    Marked::acts(
        &["subscription_details.resume_at", "subscription_resume_at"],
        "billing::subscriptions::preview::what_resuming_costs_is_shown",
    )
    .on(PREVIEWS),
    Marked::acts(
        &["subscription_details.items.*.clear_usage", "subscription_items.*.clear_usage"],
        "billing::subscriptions::metered::usage_of_a_removed_item_may_be_cleared",
    )
    .on(PREVIEWS),
    Marked::neutral(
        &["automatic_tax.liability.account", "customer_details", "issuer.account", "on_behalf_of"],
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
