//! Errors about credit notes (billing 5.4, billing-2 11.1, 15).

use super::ApiError;
use crate::money;

impl ApiError {
    /// The parts do not add up to what was paid of the amount (billing-2 15).
    pub fn credit_note_does_not_add_up(sum: i64, amount: i64, currency: &str) -> Self {
        let (sum, amount) = (money::display(sum, currency), money::display(amount, currency));
        Self::invalid(format!(
            "The sum of credit amount, refund amount and out of band amount ({sum}) must equal the credit note amount \
             ({amount})."
        ))
    }

    /// Voiding a note of an invoice that is not open (billing-2 15).
    pub fn credit_note_needs_open_invoice() -> Self {
        Self::invalid("You can only void a credit note if the associated invoice is open.")
    }

    /// Voiding twice (billing-2 11.1; no wording is recorded).
    pub fn credit_note_is_void() -> Self {
        Self::invalid("This credit note is void already.")
    }

    /// A note for a draft or a void invoice (billing 5.4; no wording is recorded).
    pub fn credit_note_needs_final_invoice() -> Self {
        Self::about_param("invoice", "Only an open, paid or uncollectible invoice can have a credit note.")
    }

    /// Neither an amount nor lines nor shipping (billing 5.4; no wording is recorded).
    pub fn credit_note_of_nothing() -> Self {
        Self::invalid("A credit note needs one of `amount`, `lines` and `shipping_cost`.")
    }

    /// Nothing is credited (billing-2 11.1; no wording is recorded).
    pub fn credit_note_of_zero() -> Self {
        Self::invalid("The amount of a credit note must be above zero.")
    }

    /// An amount besides lines that is not their total (billing 5.4; no wording is recorded).
    pub fn credit_note_amount_differs(amount: i64, total: i64, currency: &str) -> Self {
        let (amount, total) = (money::display(amount, currency), money::display(total, currency));
        Self::about_param("amount", format!("The amount is {amount}, but what is credited comes to {total}."))
    }

    /// More than is left of the invoice (billing 5.4; no wording is recorded).
    pub fn credit_note_too_large(amount: i64, left: i64, currency: &str) -> Self {
        let (amount, left) = (money::display(amount, currency), money::display(left, currency));
        Self::invalid(format!(
            "The credit note amount ({amount}) must not be more than what is left of the invoice after its credit notes \
             and refunds ({left})."
        ))
    }

    /// More than is left of a line (billing-2 11.1; no wording is recorded).
    pub fn credit_note_line_too_large(param: &'static str, sent: i64, left: i64) -> Self {
        Self::about_param(
            param,
            format!("The {param} ({sent}) must not be more than what is left of the line ({left})."),
        )
    }

    /// A line that is credited by its quantity and by an amount (billing-2 11.1; no wording is recorded).
    pub fn credit_note_line_is_mixed() -> Self {
        Self::about_param(
            "invoice_line_item",
            "A line is credited either by its quantity or by its amount, in all credit notes of its invoice.",
        )
    }

    /// A parameter of the other type of line (billing 5.4; no wording is recorded).
    pub fn credit_note_line_param(param: &'static str, only_for: &'static str) -> Self {
        Self::about_param(param, format!("This parameter is only for lines with `type={only_for}`."))
    }

    /// The shipping of another invoice (billing 5.4; no wording is recorded).
    pub fn credit_note_other_shipping(rate: &str) -> Self {
        Self::about_param("shipping_cost[shipping_rate]", format!("The invoice has no shipping by the rate '{rate}'."))
    }

    /// The shipping was credited (billing 5.4; no wording is recorded).
    pub fn credit_note_shipping_is_credited() -> Self {
        Self::about_param("shipping_cost", "The shipping of the invoice was credited already.")
    }

    /// A refund of another payment, or one that failed (billing 5.4; no wording is recorded).
    pub fn credit_note_other_refund(refund: &str) -> Self {
        Self::about_param("refund", format!("The refund '{refund}' returns nothing that was paid for this invoice."))
    }

    /// More than was paid by cards and the like (billing 5.4; no wording is recorded).
    pub fn credit_note_refund_too_large(most: i64, currency: &str) -> Self {
        let most = money::display(most, currency);
        Self::about_param("refund_amount", format!("Of the payments of this invoice, {most} can be refunded."))
    }
}
