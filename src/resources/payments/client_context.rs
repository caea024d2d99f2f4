//! What the Elements of a page were made for, which must be what the intent is that they confirm (stripe-js 8.1).
//!
//! May use: documents, customers, payment methods. Invariant: both kinds of intents take what a browser alone says in the same way.

use crate::contract::Marked;
use crate::error::{ApiError, Result};
use crate::resources::customers::customer::Customer;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::state::document::Map;
use crate::state::{Id, Tx};

const CONTEXT: &str = "client_context";
const MAKES_DEFAULT: &str = "set_as_default_payment_method";
const USAGE: &str = "setup_future_usage";

/// What a browser alone says.
pub(in crate::resources) const PARAMS: &[&str] = &[CONTEXT, MAKES_DEFAULT];

/// What the page knew, and the intent decides.
pub(super) const DECIDED_BY_THE_INTENT: Marked = Marked::neutral(
    &["client_context.customer", "client_context.payment_method_options", "client_context.payment_method_types"],
    "the intent decides who pays and what can pay, whatever the page offered",
);

/// What a setup intent has of it: nothing, as its usage is the same whatever the page says (intents-and-checkout 2.1).
pub(super) const OF_SETUPS: Marked =
    Marked::neutral(&[CONTEXT], "it tells of a payment, and a setup intent has neither amount nor capture");

/// What Elements have to be made for to confirm a payment.
pub(super) struct ElementsTerms<'i> {
    /// Three letters, lower case.
    pub(super) currency: &'i str,
    /// When the money is captured.
    pub(super) capture_method: &'i str,
    /// What the payment method is saved for.
    pub(super) usage: Option<&'i str>,
}

impl ElementsTerms<'_> {
    /// Checks the parameters of a confirmation.
    ///
    /// # Errors
    /// Elements were made for something else.
    pub(super) fn check(&self, params: &Map) -> Result<()> {
        let Some(context) = params.map(CONTEXT) else { return Ok(()) };
        let same = |key, own: Option<&str>, wanted: Option<&str>| match own == wanted {
            true => Ok(()),
            false => Err(ApiError::intent_of_other_elements(key, own, wanted)),
        };
        if let Some(wanted) = context.str("currency") {
            same("currency", Some(self.currency), Some(&wanted.to_lowercase()))?;
        }
        // Elements of a payment that are told nothing save nothing; those of a subscription leave it to the server.
        if context.present(USAGE).is_some() || context.str("mode") == Some("payment") {
            same(USAGE, self.usage, context.str(USAGE))?;
        }
        match context.str("capture_method") {
            Some(wanted) if is_held(self.capture_method) != is_held(wanted) => {
                same("capture_method", Some(self.capture_method), Some(wanted))
            }
            _ => Ok(()),
        }
    }
}

/// Whether money is captured later: the two ways to capture it at once are one for a page.
fn is_held(capture_method: &str) -> bool {
    capture_method == "manual"
}

/// Whether a confirmation makes its payment method the customer's default.
pub(super) fn makes_default(params: &Map) -> bool {
    params.bool(MAKES_DEFAULT) == Some(true)
}

/// Makes a payment method the one with which its customer's invoices are paid, if it is this customer's.
pub(super) fn make_default(tx: &mut Tx, customer: Option<&Id>, method: &str) {
    let Some(customer) = customer else { return };
    let is_theirs = |method: &PaymentMethod| method.customer.as_ref() == Some(customer);
    if tx.get::<PaymentMethod>(method).is_some_and(|method| is_theirs(&method)) {
        let settings = Map::from([("default_payment_method", method.to_owned())]);
        tx.update::<Customer>(customer, |customer| customer.rest.merge(&Map::from([("invoice_settings", settings)])));
    }
}
