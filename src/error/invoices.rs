//! Errors about invoices, their items and payments, and credit notes (billing 3.9, billing-2 15).

use super::{ApiError, ErrorType};

impl ApiError {
    /// A change of what is frozen of an item (billing-2 5.4).
    pub fn invoice_item_is_frozen(param: &'static str) -> Self {
        Self::about_param(param, format!("`{param}` cannot be changed on an invoice item that is a proration."))
    }

    /// A recurring price on an invoice item (billing-2 15).
    pub fn price_is_recurring(param: &str) -> Self {
        Self::about_param(
            param.to_owned(),
            "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`",
        )
    }

    /// A price whose amount the customer chooses, where nobody does (billing 1.2).
    pub fn price_is_chosen_by_the_customer(param: &str) -> Self {
        Self::about_param(
            param.to_owned(),
            "The price has a `custom_unit_amount`, which a customer chooses at Checkout; an invoice item needs an amount.",
        )
    }

    /// A price that is no longer for sale (billing 2.4).
    pub fn price_is_inactive(param: &str) -> Self {
        Self::about_param(param.to_owned(), "The price specified is inactive. This field only accepts active prices.")
    }

    /// The lines of an invoice that is no draft do not change (billing 3.9).
    pub fn invoice_not_editable() -> Self {
        Self::invalid("Invalid invoice: This invoice is no longer editable").code("invoice_not_editable")
    }

    /// An item that went with its draft (billing 3.5).
    pub fn invoice_item_is_deleted() -> Self {
        Self::invalid("This invoice item has been deleted.")
    }

    /// An item of an invoice that is no draft (billing 3.5).
    pub fn invoice_item_is_billed() -> Self {
        Self::invalid("Can't delete an invoice item that is attached to an invoice that is no longer editable")
    }

    /// An item for the invoice of somebody else (billing 3.5).
    pub fn invoice_of_other_customer() -> Self {
        Self::about_param("invoice", "The invoice belongs to another customer than the invoice item.")
    }

    /// An item in another currency than its invoice (billing 3.5).
    pub fn invoice_currencies_differ(of_item: &str, of_invoice: &str) -> Self {
        Self::about_param(
            "currency",
            format!("The currency of the invoice item is {of_item}, but that of the invoice is {of_invoice}."),
        )
    }

    /// A period that ends before it starts (billing 3.5).
    pub fn period_ends_before_it_starts(param: &'static str) -> Self {
        Self::about_param(param, "The end of a period must not be before its start.")
    }

    /// An item that is on an invoice already, or somebody else's (billing 3.5).
    pub fn invoice_item_is_taken(item: &str) -> Self {
        Self::about_param(
            "invoice_item",
            format!("The invoice item {item} is on an invoice already, or belongs to another customer."),
        )
    }

    /// More items than an invoice has (billing 3.5).
    pub fn invoice_items_too_many(most: usize) -> Self {
        Self::invalid(format!("An invoice has at most {most} invoice items."))
    }

    /// An invoice for which there is nothing (billing 3.9).
    pub fn nothing_to_invoice() -> Self {
        Self::invalid("Nothing to invoice for customer").code("invoice_no_customer_line_items")
    }

    /// Only an open invoice can be revised (billing 3.1).
    pub fn invoice_cannot_be_revised() -> Self {
        Self::about_param("from_invoice[invoice]", "Only an open invoice can be revised.")
    }

    /// An invoice that is sent without a date (billing 3.9).
    pub fn sending_needs_due_date() -> Self {
        Self::invalid(
            "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'.",
        )
    }

    /// A date for an invoice that is charged (billing 3.9).
    pub fn due_date_needs_sending() -> Self {
        Self::invalid(
            "You can only specify 'due_date' or 'days_until_due' if invoice collection method is 'send_invoice'.",
        )
    }

    /// An invoice that is sent to a customer without an address (billing-2 15, shapes 3.7).
    pub fn sending_needs_email() -> Self {
        Self::invalid(
            "Missing email. In order to create invoices that are sent to the customer, the customer must have a valid \
             email.",
        )
    }

    /// A shipping rate without an amount in the invoice's currency (billing 1.9).
    pub fn shipping_cost_currency(rate: &str, currency: &str) -> Self {
        Self::about_param(
            "shipping_cost[shipping_rate]",
            format!("The shipping rate '{rate}' has no amount in {currency}, the currency of this invoice."),
        )
    }

    /// Finalizing what is no draft (billing 3.9).
    pub fn invoice_already_final() -> Self {
        Self::invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    }

    /// Paying a paid invoice (billing 3.9).
    pub fn invoice_already_paid() -> Self {
        Self::invalid("Invoice is already paid")
    }

    /// Paying a void invoice (billing 3.9).
    pub fn invoice_cannot_be_paid() -> Self {
        Self::invalid("This invoice can no longer be paid.")
    }

    /// An invoice without a payment method (billing 2.4, billing-2 16).
    pub fn invoice_lacks_method() -> Self {
        Self::invalid(
            "This customer has no attached payment source or default payment method. Please consider adding a default \
             payment method. For more information, visit \
             https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
        )
        .code("resource_missing")
    }

    /// Paying needs the customer (billing-2 5.6).
    pub fn invoice_needs_action() -> Self {
        let message = "This payment requires additional user action before it can be completed successfully. Payment \
                       can be completed using the PaymentIntent associated with the invoice. For more details see: \
                       https://stripe.com/docs/billing/subscriptions/overview#requires-action";
        Self::new(402, ErrorType::Card, message).code("invoice_payment_intent_requires_action")
    }

    /// An invoice that is not open, where it has to be (billing 3.9).
    pub fn invoice_is_not_open() -> Self {
        Self::invalid("You can only pass in open invoices. This invoice isn't open.")
    }

    /// Voiding what was paid (billing 3.9).
    pub fn invoice_is_paid_for_good() -> Self {
        Self::invalid("Invoices with `paid` payments cannot be voided.")
    }

    /// Writing an invoice off twice (billing 3.9).
    pub fn invoice_is_written_off() -> Self {
        Self::invalid("This invoice has already been marked uncollectible.")
    }

    /// Deleting what is no draft (billing 3.9).
    pub fn invoice_is_no_draft() -> Self {
        Self::invalid("You can only delete draft invoices.")
    }

    /// Deleting the draft of a subscription (billing 3.9).
    pub fn invoice_of_subscription() -> Self {
        Self::invalid("Draft invoices of a subscription cannot be deleted. Finalize this one, then void it.")
    }

    /// Changing what does not change any more (billing 3.9).
    pub fn invoice_is_finalized(field: &str) -> Self {
        Self::about_param(field.to_owned(), "Finalized invoices can't be updated in this way")
    }

    /// Sending what cannot be sent (billing 3.9).
    pub fn invoice_cannot_be_sent() -> Self {
        Self::invalid(
            "This invoice cannot be sent right now. Please contact us via https://support.stripe.com/contact with \
             details, so we can help.",
        )
    }

    /// A preview for nobody (billing 3.8).
    pub fn preview_needs_customer() -> Self {
        Self::invalid("Missing required param: customer if subscription is not provided")
    }

    /// The same in older versions (billing-2 5.8).
    pub fn upcoming_needs_customer() -> Self {
        Self::invalid("You must either provide a `customer` or a `subscription` to the upcoming invoice endpoint.")
    }

    /// Nothing will be billed (billing 3.8).
    pub fn nothing_upcoming(customer: &str) -> Self {
        Self::invalid(format!("No upcoming invoices for customer: {customer}"))
            .code("invoice_upcoming_none")
            .status_code(404)
    }

    /// A payment of another customer or in another currency (billing 3.10).
    pub fn payment_does_not_fit_invoice() -> Self {
        Self::about_param("payment_intent", "The payment has another customer or another currency than the invoice.")
    }

    /// A rendering template that was archived (billing 3.1).
    pub fn template_is_archived(param: &str) -> Self {
        Self::about_param(param.to_owned(), "This invoice rendering template is archived.")
    }

    /// A payment that was canceled, or pays an invoice already (billing 3.10).
    pub fn payment_is_attached() -> Self {
        Self::about_param("payment_intent", "The payment was canceled, or pays an invoice already.")
    }
}
