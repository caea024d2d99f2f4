//! What both kinds of intents have in common where a bank account is told in a session (connect-accounts 12).
//!
//! May use: sessions of Financial Connections, payment methods. Invariant: the payment method of a session is made when it is
//! attached, not before.

use crate::contract::{Call, Ctx, In, Outcome, missing};
use crate::error::{ApiError, Result};
use crate::resources::financial_connections::sessions::{self, FinancialSession, NewIntentSession};
use crate::resources::instruments::payment_methods::{self, Instrument};
use crate::state::document::Map;
use crate::state::{Id, Tx};

/// The type of payment method that is made of a bank account.
pub(super) const DEBIT: &str = "us_bank_account";

/// Opens the session of an intent with this customer, these types and these options for debits.
///
/// # Errors
/// The intent takes no debits, or a payment method of another type is described.
pub(super) fn open(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    call: &Call<'_>,
    (intent, customer): (&Id, Option<&str>),
    (types, options): (&[&str], Option<&Map>),
) -> Result<Outcome> {
    if !types.contains(&DEBIT) {
        return Err(ApiError::session_type_not_taken(DEBIT));
    }
    let method = call.params.map("payment_method_data");
    let kind = method.and_then(|method| method.str("type")).unwrap_or(DEBIT);
    if kind != DEBIT {
        return Err(ApiError::session_of_other_type(kind));
    }
    sessions::open_for_intent(tx, ctx, &NewIntentSession { intent, customer, options, method }).map(Outcome::Done)
}

/// The payment method of what was told in the session of an intent; the session is the last part of the path.
///
/// # Errors
/// There is no such session, it belongs to another intent, nothing was told, or it cannot be debited.
pub(super) fn method_of(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>, intent: &Id) -> Result<Instrument> {
    let id = call.arg(1);
    let session = tx.get::<FinancialSession>(id).ok_or_else(|| missing(sessions::KIND, id, In::Path))?;
    if session.intent.as_ref() != Some(intent) {
        return Err(ApiError::session_not_of_intent(id));
    }
    let data = session.method_data(tx)?;
    let method = payment_methods::create_from(tx, ctx, &data, "payment_method_data")?;
    payment_methods::obtain(tx, ctx, &method, "payment_method")
}
