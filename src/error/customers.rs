//! Errors about customers and their sources (core-payments 3, 5.3).

use super::ApiError;

impl ApiError {
    /// The id that the caller chose is taken (core-payments 2).
    pub fn customer_exists() -> Self {
        Self::invalid("Customer already exists.").code("resource_already_exists")
    }

    /// An invoice prefix of another form (core-payments 3.1).
    pub fn invoice_prefix_invalid() -> Self {
        Self::invalid("Invoice number prefix must be 1–12 uppercase letters or numbers.")
    }

    /// A customer without a discount (billing 1.6).
    pub fn no_active_discount() -> Self {
        Self::invalid("No active discount for customer").code("resource_missing").status_code(404)
    }

    /// An invoice prefix that another customer has (core-payments 3.1).
    pub fn invoice_prefix_taken(customer: &str) -> Self {
        Self::about_param(
            "invoice_prefix",
            format!("This invoice number prefix is taken by customer: {customer}. Please enter a different prefix."),
        )
    }

    /// A tax id whose value does not fit its type (core-payments 3.8).
    pub fn tax_id_invalid(param: &str, kind: &str) -> Self {
        Self::about_param(param.to_owned(), format!("Invalid value for {kind}.")).code("tax_id_invalid")
    }

    /// An address for tax with `validate_location: immediately` that cannot be located (core-payments 3.1).
    pub fn tax_location_invalid() -> Self {
        Self::invalid("We could not determine the customer's tax location based on the provided customer address.")
            .code("customer_tax_location_invalid")
    }

    /// Text that is not an IP address (core-payments 3.1).
    pub fn ip_address_invalid(param: &'static str, value: &str) -> Self {
        Self::about_param(param, format!("Invalid IP address: {value}"))
    }

    /// A default payment method that is not attached (core-payments 3.3.6).
    pub fn default_payment_method_not_attached(method: &str, param: &'static str) -> Self {
        Self::about_param(
            param,
            format!(
                "The customer does not have a payment method with the ID {method}. The payment method must be attached \
                 to the customer."
            ),
        )
        .code("resource_missing")
    }

    /// A payment method in `source` (core-payments 3.3.10).
    pub fn source_is_payment_method() -> Self {
        Self::invalid(
            "You cannot use a PaymentMethod as a source for Customers. Instead, use the PaymentMethods API to Attach a \
             Customer to a PaymentMethod. See https://stripe.com/docs/api/payment_methods/attach",
        )
    }

    /// Text that is not the id of a source (core-payments 5.3.5).
    pub fn source_unsupported(value: &str) -> Self {
        Self::invalid(format!("'{value}' is not a supported source object."))
    }

    /// The same bank account twice (core-payments 5.3.8).
    pub fn bank_account_exists() -> Self {
        Self::invalid("A bank account with that routing number and account number already exists for this customer.")
            .code("bank_account_exists")
    }

    /// The bank account was verified before (core-payments 5.3.16).
    pub fn bank_account_already_verified() -> Self {
        Self::invalid("This bank account has already been verified.")
    }

    /// The amounts are not those of the microdeposits (core-payments 5.3.16).
    pub fn bank_account_verification_failed() -> Self {
        Self::invalid("The amounts provided do not match the amounts that were sent to the bank account.")
            .code("bank_account_verification_failed")
    }
}
