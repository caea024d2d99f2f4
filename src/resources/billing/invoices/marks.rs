//! What becomes of the parameters of invoices that no answer shows.
//!
//! May use: the marks. Invariant: data alone.

use crate::contract::Marked;

/// Parameters about what a subscription bills.
const OF_SUBSCRIPTIONS: &[&str] = &[
    "schedule",
    "schedule_details",
    "subscription",
    "subscription_billing_cycle_anchor",
    "subscription_cancel_at",
    "subscription_cancel_at_period_end",
    "subscription_cancel_now",
    "subscription_default_tax_rates",
    "subscription_details",
    "subscription_items",
    "subscription_proration_behavior",
    "subscription_proration_date",
    "subscription_resume_at",
    "subscription_start_date",
    "subscription_trial_end",
    "subscription_trial_from_plan",
];

pub(super) const MARKS: &[Marked] = &[
    Marked::describes(&["lines.*.price_data"], "prices.create"),
    Marked::describes(&["lines.*.price_data.product_data"], "products.create"),
    Marked::describes(&["shipping_cost.shipping_rate_data"], "shipping_rates.create"),
    Marked::describes(&["invoice_items.*.price_data"], "prices.create"),
    Marked::refused(&["forgive", "lines.*.quantity_decimal", "invoice_items.*.quantity_decimal"]),
    // What subscriptions bill is not computed.
    Marked::refused(OF_SUBSCRIPTIONS).on(&[
        "invoices.create_preview",
        "invoices.upcoming.retrieve",
        "invoices.upcoming.lines.list",
    ]),
    Marked::refused(&[
        "customer_details.tax",
        "payment_record",
        "payment_settings.payment_method_options.card.installments.plan",
    ]),
    Marked::refused(&["customer_account"]).on(&["invoices.create_preview"]),
    Marked::neutral(&["from_invoice.action"], "it has one value"),
    Marked::neutral(
        &["automatic_tax.liability", "customer_details", "issuer", "on_behalf_of"],
        "the lines do not show it",
    )
    .on(&["invoices.upcoming.lines.list"]),
    Marked::acts(
        &["invoice_items.*.price", "lines.*.price", "lines.*.pricing"],
        "billing::invoice_items::what_an_item_bills_is_named_once",
    ),
    Marked::acts(
        &["invoice_items.*.tax_behavior", "invoice_items.*.tax_code"],
        "billing::invoice_items::the_price_of_an_amount_has_the_tax_behavior_and_the_product_the_tax_code",
    ),
    Marked::acts(&["lines.*.tax_amounts"], "billing::invoices::lines::the_amounts_of_taxes_may_be_given"),
    Marked::acts(&["lines.*.behavior"], "billing::invoices::lines::lines_are_added_in_front_changed_and_removed"),
    Marked::acts(&["off_session"], "billing::invoices::pay::a_card_that_was_set_up_pays_without_the_customer"),
    Marked::neutral(&["preview_mode"], "without a subscription there is one bill in any mode"),
    Marked::acts(
        &["application_fee_amount", "transfer_data"],
        "billing::invoices::pay::the_intent_of_an_invoice_sends_its_money_on",
    ),
];
