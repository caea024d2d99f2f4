//! Bank transfers: the intent is paid from its customer's cash balance, which a transfer fills (core-payments 3.8,
//! intents-and-checkout 1.7).
//!
//! May use: cash balances. Invariant: an intent takes at most what it needs.

use std::sync::Arc;

use super::{PaymentRail, Progress, Trial, check, check_receivers, pay};
use crate::contract::{Asked, Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::resources::customers::cash_balances::{self, instructions};
use crate::resources::instruments::payment_methods;
use crate::resources::payments::payment_intents::confirm::reference;
use crate::resources::payments::payment_intents::{IntentStatus, PaymentIntent, action, outcome};
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Id, Tx};

/// The rail of bank transfers.
pub(super) static RAIL: PaymentRail = PaymentRail { attempt, resume, asked: Asked::Authorization };

const INSTRUCTIONS: &str = "display_bank_transfer_instructions";

/// The rest of an intent's amount.
fn remaining(tx: &Tx, intent: &PaymentIntent) -> i64 {
    intent.amount - cash_balances::applied(tx, &intent.id)
}

/// The customer whose cash balance pays.
fn payer(intent: &PaymentIntent) -> Result<&Id> {
    let missing = || ApiError::intent_transfer_needs_customer().embed("payment_intent", reference(&intent.id));
    intent.customer.as_ref().ok_or_else(missing)
}

fn attempt(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial) -> Result<Progress> {
    check(trial)?;
    let intent = &trial.intent;
    let customer = payer(intent)?;
    let lacking = remaining(tx, intent);
    let available = if cash_balances::reconciles_automatically(tx, customer) {
        cash_balances::available(tx, customer, &intent.currency)
    } else {
        0
    };
    let transfer = trial.options().filter(|options| options.str("funding_type") == Some("bank_transfer"));
    if available < lacking && transfer.is_none() {
        return Ok(Progress::Declined { charge: None, error: ApiError::cash_balance_insufficient() });
    }
    // Checked before any money moves.
    let kind =
        instructions::TransferType::of(&intent.currency, transfer.and_then(|options| options.map("bank_transfer")))
            .map_err(|error| trial.refused(error))?;
    let taken = available.min(lacking);
    if taken > 0 {
        cash_balances::apply(tx, ctx, customer, &intent.id, &intent.currency, taken);
    }
    if taken == lacking {
        return Ok(pay(tx, ctx, trial));
    }
    let details = Map::from([
        ("amount_remaining", Doc::from(lacking - taken)),
        ("currency", intent.currency.clone().into()),
        ("financial_addresses", kind.addresses(customer, &tx.account_id()).into()),
        ("hosted_instructions_url", action::page(ctx, intent).into()),
        ("reference", instructions::reference(&intent.id).into()),
        ("type", kind.name().into()),
    ]);
    Ok(Progress::RequiresAction(Map::from([("type", Doc::from(INSTRUCTIONS)), (INSTRUCTIONS, details.into())])))
}

/// The customer sends the rest.
fn resume(tx: &mut Tx, ctx: &Ctx<'_>, trial: &Trial, agreed: bool) -> Result<Progress> {
    if !agreed {
        return Err(ApiError::transfer_cannot_fail());
    }
    let intent = &trial.intent;
    let customer = payer(intent)?;
    let lacking = remaining(tx, intent);
    cash_balances::receive(tx, ctx, customer, &intent.currency, lacking, Some(instructions::reference(&intent.id)));
    cash_balances::apply(tx, ctx, customer, &intent.id, &intent.currency, lacking);
    Ok(pay(tx, ctx, trial))
}

/// An intent that waits for a transfer: its rest, and the reference of its transfer.
#[derive(Debug)]
pub(super) struct WaitingIntent {
    /// The intent.
    pub(super) intent: Id,
    /// In the currency's smallest unit.
    pub(super) lacking: i64,
    /// The reference.
    pub(super) reference: String,
}

/// The intents of a customer that wait for a transfer in a currency, oldest first.
pub(super) fn waiting(tx: &Tx, customer: &str, currency: &str) -> Vec<WaitingIntent> {
    let mut found = tx.having::<PaymentIntent>("customer", customer);
    found.retain(|intent| {
        let shown = intent.rest.map("next_action").and_then(|next_action| next_action.map(INSTRUCTIONS));
        intent.status == IntentStatus::RequiresAction && intent.currency == currency && shown.is_some()
    });
    let rows = found.iter().rev().map(|intent| WaitingIntent {
        intent: Id::clone(&intent.id),
        lacking: remaining(tx, intent),
        reference: instructions::reference(&intent.id),
    });
    rows.collect()
}

/// Pays a part of a waiting intent from its customer's cash balance, which is large enough.
///
/// # Errors
/// Those of finishing an attempt.
pub(super) fn fund(tx: &mut Tx, ctx: &Ctx<'_>, intent: &str, amount: i64) -> Result<()> {
    let Some(trial) = outcome::pending(tx, ctx, intent)? else { return Ok(()) };
    if let Err(error) = check_receivers(tx, &trial.intent) {
        let progress = Progress::Declined { charge: None, error };
        return outcome::conclude(tx, ctx, trial, progress).map(|_| ());
    }
    cash_balances::apply(tx, ctx, payer(&trial.intent)?, &trial.intent.id, &trial.intent.currency, amount);
    let lacking = remaining(tx, &trial.intent);
    if lacking == 0 {
        let progress = pay(tx, ctx, &trial);
        return outcome::conclude(tx, ctx, trial, progress).map(|_| ());
    }
    let change = Map::from([(INSTRUCTIONS, Map::from([("amount_remaining", lacking)]))]);
    let change = Map::from([("next_action", change)]);
    tx.update::<PaymentIntent>(intent, |intent| intent.rest.merge(&change));
    tx.announce("payment_intent.partially_funded", &reference(&trial.intent.id));
    Ok(())
}

/// `POST /v1/payment_intents/:id/apply_customer_balance`.
pub(in crate::resources::payments::payment_intents) fn apply_customer_balance(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    call: &Call<'_>,
) -> Result<Outcome> {
    let intent = require::<PaymentIntent>(tx, call.arg(0), In::Path)?;
    let id = Id::clone(&intent.id);
    let amount = check_application(tx, &intent, &call.params).map_err(|e| e.embed("payment_intent", reference(&id)))?;
    if intent.status == IntentStatus::RequiresPaymentMethod {
        // The intent does not yet have the type of a cash balance.
        let data = Map::from([("type", "customer_balance")]);
        let method = payment_methods::create_from(tx, ctx, &data, "")?;
        let instrument = payment_methods::obtain(tx, ctx, &method, "payment_method")?;
        let trial = Trial { intent: Edit::of(Arc::clone(&intent)), instrument, terms: super::PaymentTerms::default() };
        cash_balances::apply(tx, ctx, payer(&intent)?, &intent.id, &intent.currency, amount);
        let progress = pay(tx, ctx, &trial);
        return outcome::conclude(tx, ctx, trial, progress);
    }
    fund(tx, ctx, &id, amount)?;
    Ok(Outcome::Done(reference(&id)))
}

/// The amount to apply, if it is possible.
fn check_application(tx: &Tx, intent: &PaymentIntent, params: &Map) -> Result<i64> {
    let types = intent.rest.list("payment_method_types").unwrap_or_default();
    let takes_transfers = types.iter().filter_map(Doc::as_str).any(|kind| kind == "customer_balance");
    let waits = match intent.status {
        IntentStatus::RequiresAction => intent.rest.map("next_action").is_some_and(|action| action.has(INSTRUCTIONS)),
        IntentStatus::RequiresPaymentMethod => takes_transfers,
        _ => false,
    };
    if !waits {
        return Err(ApiError::intent_cannot_apply_balance(intent.status.as_str()));
    }
    if let Some(currency) = params.str("currency").filter(|currency| !currency.eq_ignore_ascii_case(&intent.currency)) {
        return Err(ApiError::apply_balance_currency(currency, &intent.currency));
    }
    check_receivers(tx, intent)?;
    let customer = payer(intent)?;
    let lacking = remaining(tx, intent);
    let amount = params.int("amount").unwrap_or(lacking);
    let whole_only = intent.status == IntentStatus::RequiresPaymentMethod;
    if amount < 1 {
        return Err(ApiError::param_below("amount", 1));
    }
    if amount > lacking || (whole_only && amount < lacking) {
        return Err(ApiError::apply_balance_amount(lacking, &intent.currency));
    }
    if amount > cash_balances::available(tx, customer, &intent.currency) {
        return Err(ApiError::cash_balance_insufficient());
    }
    Ok(amount)
}
