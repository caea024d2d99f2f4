//! Errors about Checkout Sessions and their payment (intents-and-checkout 3).

use super::ApiError;
use crate::money;

/// The longest id of a session, in characters.
const SESSION_ID_MAX: u32 = 66;

/// The parameters and the state of a session.
impl ApiError {
    /// The error for an unknown session differs from that of other kinds: no quotes, no parameter (intents-and-checkout
    /// 0); an id that is too long is one with the fragment of its page (shapes 3.10).
    pub fn session_missing(id: &str) -> Self {
        if id.chars().count() > SESSION_ID_MAX as usize {
            return Self::param_too_long("session", id, SESSION_ID_MAX).status_code(404);
        }
        Self::invalid(format!("No such checkout.session: {id}")).code("resource_missing").status_code(404)
    }

    /// A session that is not open cannot expire (intents-and-checkout 3.1).
    pub fn session_not_open(status: &str) -> Self {
        Self::invalid(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of \
             `{status}`."
        ))
    }

    /// A session that is complete or expired can be neither paid nor changed (intents-and-checkout 3.3).
    pub fn session_inactive() -> Self {
        Self::invalid("This Checkout Session is no longer active.").code("checkout_not_active_session")
    }

    /// A payment of another amount than the session's; the wording is not recorded (intents-and-checkout 3.3).
    pub fn session_amount_differs() -> Self {
        Self::about_param("expected_amount", "The amount of this Checkout Session is not the expected amount.")
            .code("checkout_amount_mismatch")
    }

    /// A way of shipping that was archived; the wording is not recorded (billing 1.9).
    pub fn shipping_rate_inactive(param: &str) -> Self {
        Self::param_refused(
            param.to_owned(),
            "The shipping rate specified is inactive. This field only accepts active shipping rates.",
        )
    }

    /// A way of shipping that costs nothing known in the session's currency; the wording is not recorded (billing 1.9).
    pub fn shipping_rate_currency(index: usize, rate: &str, currency: &str) -> Self {
        Self::param_refused(
            format!("shipping_options[{index}][shipping_rate]"),
            format!(
                "The shipping rate '{rate}' has no amount in {currency}, the currency of this Checkout Session. Add one \
                 with `fixed_amount[currency_options]`."
            ),
        )
    }

    /// A parameter that belongs to another mode (intents-and-checkout 3.1).
    pub fn session_param_of_other_mode(param: &'static str, mode: &str) -> Self {
        Self::about_param(param, format!("You can not pass `{param}` in `{mode}` mode."))
    }

    /// A parameter that does not fit the `ui_mode` (intents-and-checkout 3.1).
    pub fn session_param_of_other_page(param: &'static str, ui_mode: &str) -> Self {
        Self::about_param(param, format!("`{param}` is not allowed if `ui_mode` is `{ui_mode}`."))
    }

    /// A recurring price in a session of the mode `payment` (intents-and-checkout 3.1).
    pub fn session_payment_is_recurring(param: &'static str) -> Self {
        Self::about_param(
            param,
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only \
             one-time prices.",
        )
    }

    /// A session of the mode `subscription` without a recurring price (intents-and-checkout 3.1).
    pub fn session_subscribes_to_nothing() -> Self {
        Self::about_param(
            "line_items",
            "You must provide at least one recurring price in `subscription` mode when using prices.",
        )
    }

    /// A line without a quantity (intents-and-checkout 3.1).
    pub fn line_needs_quantity(index: usize) -> Self {
        let line = format!("line_items[{index}]");
        let message = format!("Quantity is required. Add `quantity` to `{line}`");
        Self::about_param(line, message)
    }

    /// Lines in several currencies, or in a currency other than the session's (intents-and-checkout 3.1).
    pub fn session_currencies_differ(param: &'static str) -> Self {
        Self::about_param(param, "All line items must have the same currency.")
    }

    /// Less than can be charged (intents-and-checkout 3.1).
    pub fn session_total_too_small(minimum: i64, currency: &str) -> Self {
        let least = money::display(minimum, currency);
        let text = format!("The Checkout Session's total amount due must add up to at least {least} {currency}");
        Self::invalid(text).code("amount_too_small")
    }

    /// A session that would expire too soon (intents-and-checkout 3.1).
    pub fn session_expires_too_soon() -> Self {
        Self::invalid("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.")
    }

    /// A session that would expire too late (intents-and-checkout 3.1).
    pub fn session_expires_too_late() -> Self {
        Self::invalid("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.")
    }

    /// `customer_update` without a customer (intents-and-checkout 3.1).
    pub fn session_updates_no_customer() -> Self {
        Self::about_param("customer_update", "`customer_update` can only be used with `customer`.")
    }

    /// Automatic tax for a customer without an address, which is not to be entered; from memory (intents-and-checkout 3.7).
    pub fn session_customer_lacks_place() -> Self {
        Self::invalid(
            "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the \
             Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto' to save \
             the address entered in Checkout to the Customer.",
        )
        .code("customer_tax_location_invalid")
    }

    /// A promotion code on the page of a session that takes none; the wording is not recorded (intents-and-checkout 3.7).
    pub fn session_takes_no_codes() -> Self {
        Self::about_param("promotion_code", "This Checkout Session does not take promotion codes.")
    }

    /// A promotion code that nobody can redeem; the wording is not recorded (intents-and-checkout 3.7).
    pub fn session_code_unknown(code: &str) -> Self {
        Self::about_param("promotion_code", format!("The promotion code '{code}' is invalid."))
    }

    /// An answer that the page does not ask for; the wording is ours, as no page sends it.
    pub fn session_asks_not(name: &str) -> Self {
        Self::about_param(name.to_owned(), format!("This Checkout Session does not ask for `{name}`."))
    }

    /// An answer that does not fit its field; the wording is ours, as the page shows it beside the field.
    pub fn session_answer_unfit(name: &str) -> Self {
        Self::about_param(name.to_owned(), "This value is not valid.")
    }

    /// A country to which a session does not send; the wording is ours, as the page offers no other.
    pub fn session_ships_elsewhere(country: &str) -> Self {
        Self::about_param("shipping[address][country]", format!("This Checkout Session does not ship to '{country}'."))
    }

    /// A card of a brand that a session does not take; the wording is ours (intents-and-checkout 3.1).
    pub fn session_card_brand_blocked() -> Self {
        Self::about_param("payment_method", "Cards of this brand are not accepted here.")
    }

    /// A card of a funding that a session does not take; the wording is ours (intents-and-checkout 3.1).
    pub fn session_card_funding_blocked(funding: &str) -> Self {
        Self::about_param("payment_method", format!("Cards with the funding type '{funding}' are not accepted here."))
    }

    /// A purchase without a payment method (intents-and-checkout 3.3).
    pub fn session_lacks_method() -> Self {
        Self::param_missing("payment_method")
    }

    /// An amount for a session without a price that lets the customer choose (intents-and-checkout 3.8).
    pub fn session_amount_is_fixed() -> Self {
        Self::about_param("amount", "The customer chooses no amount of this Checkout Session.")
    }

    /// A session whose amount the customer has yet to choose (intents-and-checkout 3.8).
    pub fn session_lacks_amount() -> Self {
        Self::about_param("amount", "The customer has not chosen the amount of this Checkout Session yet.")
    }
}
