//! Errors about tokens and Source objects (core-payments 5).

use super::ApiError;

/// Tokens.
impl ApiError {
    /// A token of nothing: no card, bank account or other data (core-payments 5.1.2).
    pub fn token_of_nothing() -> Self {
        Self::invalid("You must supply either a card, customer, or bank account to create a token.")
    }

    /// A token that was used before (core-payments 5.1.6).
    pub fn token_already_used(token: &str) -> Self {
        Self::invalid(format!("You cannot use a Stripe token more than once: {token}.")).code("token_already_used")
    }
}

/// Creating sources.
impl ApiError {
    /// A `usage` that the type of source does not support (core-payments 5.4.5).
    pub fn source_usage(kind: &str, usage: &str) -> Self {
        Self::about_param("usage", format!("Sources of type {kind} are always {usage}."))
    }

    /// A `flow` that the type of source does not support (core-payments 5.4).
    pub fn source_flow(kind: &str, flow: &str) -> Self {
        Self::about_param("flow", format!("Sources of type {kind} always have the flow {flow}."))
    }

    /// A currency that the type of source does not support (core-payments 5.4).
    pub fn source_currency_unsupported(kind: &str, currency: &str, supported: &[&str]) -> Self {
        let supported = supported.join(", ");
        Self::about_param(
            "currency",
            format!("Sources of type {kind} do not support the currency {currency}. Supported: {supported}."),
        )
    }

    /// A token of another kind than the type of source needs (core-payments 5.4.6).
    pub fn source_token_of_other_kind(token: &str, kind: &str) -> Self {
        Self::about_param("token", format!("The token {token} cannot be used for a source of type {kind}."))
    }

    /// An account number with wrong check digits (core-payments 7.6).
    pub fn source_iban_invalid(param: &'static str) -> Self {
        Self::about_param(param, "The IBAN you provided is invalid.").code("invalid_bank_account_iban")
    }

    /// A test account that is refused with this code (core-payments 7.6).
    pub fn source_account_refused(code: &'static str, param: &'static str) -> Self {
        Self::about_param(param, "The bank account you provided cannot be used.").code(code)
    }
}

/// Using sources.
impl ApiError {
    /// A reusable source that was charged without a customer, or was detached (core-payments 5.6.3).
    pub fn source_reusable_consumed() -> Self {
        Self::invalid(
            "The reusable source you provided is consumed because it was previously charged without being attached \
             to a customer or was detached from a customer. To charge a reusable source multiple time you must \
             attach it to a customer first.",
        )
    }

    /// A source that is pending, failed or consumed (core-payments 5.6.4).
    pub fn source_not_chargeable() -> Self {
        Self::invalid("The source you provided is not in a chargeable state.").code("invalid_source_usage")
    }

    /// A source of a customer, charged without the customer (core-payments 5.6.6).
    pub fn source_belongs_to_customer(source: &str, customer: &str) -> Self {
        Self::invalid(format!(
            "The source supplied ({source}) belongs to the Customer {customer}. Please include the Customer in the \
             `customer` parameter."
        ))
    }

    /// A source of another customer (core-payments 5.6.11, as 6.4.3).
    pub fn source_of_other_customer(source: &str, customer: &str) -> Self {
        Self::about_param("source", format!("Customer {customer} does not have a linked source with ID {source}."))
            .code("missing")
            .status_code(404)
    }

    /// A token, charged with a customer (core-payments 5.1.12).
    pub fn card_of_other_customer(token: &str, customer: &str) -> Self {
        Self::about_param("card", format!("Customer {customer} does not have card with ID {token}"))
            .code("resource_missing")
            .status_code(404)
    }

    /// A source that is attached already (core-payments 5.3.6).
    pub fn source_already_attached() -> Self {
        Self::invalid("The source you provided has already been attached to a customer.")
    }

    /// A charge that is larger than the source's amount (core-payments 5.6.14).
    pub fn charge_exceeds_source() -> Self {
        Self::about_param("amount", "The amount of the charge is greater than the amount of the source.")
            .code("charge_exceeds_source_limit")
    }

    /// A charge in another currency than the source's (core-payments 5.6.15).
    pub fn source_currency_differs(currency: &str) -> Self {
        Self::about_param("currency", format!("The source you provided can only be charged in {currency}."))
    }
}
