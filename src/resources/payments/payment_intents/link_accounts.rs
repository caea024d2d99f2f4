//! The bank account of an intent, told in a session instead of typed in the shop (connect-accounts 12).
//!
//! May use: sessions of Financial Connections, payment methods. Invariant: an intent takes what was told in its own session alone.

use super::confirm::reference;
use super::{IntentStatus, PaymentIntent};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::resources::instruments::payment_methods;
use crate::resources::payments::bank_sessions::{self, DEBIT};
use crate::state::document::Doc;
use crate::state::{Edit, Id, Tx};

/// `POST /v1/payment_intents/:id/link_account_sessions`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = require::<PaymentIntent>(tx, call.arg(0), In::Path)?;
    check(&intent).map_err(|error| error.embed("payment_intent", reference(&intent.id)))?;
    let types: Vec<&str> = intent.types().collect();
    bank_sessions::open(tx, ctx, call, (&intent.id, intent.customer.as_deref()), (&types, intent.options(DEBIT)))
}

fn check(intent: &PaymentIntent) -> Result<()> {
    let status = intent.status.as_str();
    if intent.is_open() { Ok(()) } else { Err(ApiError::intent_param_frozen("payment_method", status)) }
}

/// `POST /v1/payment_intents/:id/link_account_sessions/:session/attach`.
pub(super) fn attach(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = require::<PaymentIntent>(tx, call.arg(0), In::Path)?;
    check(&intent).map_err(|error| error.embed("payment_intent", reference(&intent.id)))?;
    let method = bank_sessions::method_of(tx, ctx, call, &intent.id)?;
    let customer = intent.customer.clone();
    payment_methods::check_use(tx, &method, customer.as_ref())?;
    let id = Id::clone(&intent.id);
    let mut changed = Edit::of(intent);
    changed.choose(method.id());
    changed.status = IntentStatus::RequiresConfirmation;
    changed.authenticated = false;
    changed.rest.set("next_action", Doc::Null);
    changed.save(tx);
    Ok(Outcome::Done(reference(&id)))
}
