//! The bank account of a setup intent, told in a session instead of typed in the shop (connect-accounts 12).
//!
//! May use: sessions of Financial Connections, payment methods. Invariant: an intent takes what was told in its own session alone.

use super::create::{check_use, reference};
use super::update::leave;
use super::{SetupIntent, SetupStatus};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::resources::payments::bank_sessions::{self, DEBIT};
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Id, Tx};

/// `POST /v1/setup_intents/:id/link_account_sessions`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = require::<SetupIntent>(tx, call.arg(0), In::Path)?;
    check(&intent)?;
    let options = intent.rest.map("payment_method_options").and_then(|options: &Map| options.map(DEBIT));
    let types = intent.texts("payment_method_types");
    bank_sessions::open(tx, ctx, call, (&intent.id, intent.customer.as_deref()), (&types, options))
}

fn check(intent: &SetupIntent) -> Result<()> {
    match intent.is_open() {
        true => Ok(()),
        false => {
            Err(ApiError::setup_cannot_update(intent.status.as_str()).embed("setup_intent", reference(&intent.id)))
        }
    }
}

/// `POST /v1/setup_intents/:id/link_account_sessions/:session/attach`.
pub(super) fn attach(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = require::<SetupIntent>(tx, call.arg(0), In::Path)?;
    check(&intent)?;
    let method = bank_sessions::method_of(tx, ctx, call, &intent.id)?;
    check_use(tx, &method, intent.customer.as_ref())?;
    let id = Id::clone(&intent.id);
    if intent.status == SetupStatus::RequiresAction {
        leave(tx, &intent);
    }
    let mut changed = Edit::of(intent);
    changed.payment_method = Some(Id::clone(method.id()));
    changed.status = SetupStatus::RequiresConfirmation;
    changed.next_action = Doc::Null;
    changed.save(tx);
    Ok(Outcome::Done(reference(&id)))
}
