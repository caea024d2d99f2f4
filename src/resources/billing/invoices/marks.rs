//! What becomes of the parameters of invoices that no answer shows.
//!
//! May use: the marks. Invariant: data alone.

use crate::contract::Marked;

pub(super) const MARKS: &[Marked] = &[
    Marked::describes(&["lines.*.price_data"], "prices.create"),
    Marked::describes(&["lines.*.price_data.product_data"], "products.create"),
    Marked::describes(&["shipping_cost.shipping_rate_data"], "shipping_rates.create"),
    Marked::refused(&["forgive", "lines.*.quantity_decimal"]),
    Marked::refused(&["payment_record", "payment_settings.payment_method_options.card.installments.plan"]),
    Marked::neutral(&["from_invoice.action"], "it has one value"),
    Marked::acts(&["lines.*.price", "lines.*.pricing"], "billing::invoice_items::what_an_item_bills_is_named_once"),
    Marked::acts(&["lines.*.tax_amounts"], "billing::invoices::lines::the_amounts_of_taxes_may_be_given"),
    Marked::acts(&["lines.*.behavior"], "billing::invoices::lines::lines_are_added_in_front_changed_and_removed"),
    Marked::acts(&["off_session"], "billing::invoices::pay::a_card_that_was_set_up_pays_without_the_customer"),
    Marked::acts(
        &["application_fee_amount", "transfer_data"],
        "billing::invoices::pay::the_intent_of_an_invoice_sends_its_money_on",
    ),
];
