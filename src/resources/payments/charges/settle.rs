//! Charges of rails that settle later: they are `pending` until the customer's bank has answered (core-payments 7.6,
//! 10.3.7).
//!
//! May use: the form of a charge, the balance, the test banks. Invariant: a charge leaves `pending` once, and a failed
//! one leaves nothing in the balance.

use std::sync::Arc;

use super::Charge;
use super::flow::{self, ChargeAttempt};
use super::{ChargeStatus, connect, shape};
use crate::contract::Ctx;
use crate::error::ApiError;
use crate::issuers::{self, BANK_DELAY_SECONDS, BankOutcome, TestBank};
use crate::resources::connect::standing;
use crate::resources::ledger::balance::{self, BalanceTransaction, Posting, RowKind};
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Flag};
use crate::state::{Id, Tx};

/// Makes the charge of a plan whose rail settles later; the test bank account of the instrument decides how and when it
/// ends. Without a test bank account it succeeds at once, which is after the answer.
pub fn begin(tx: &mut Tx, ctx: &Ctx<'_>, plan: ChargeAttempt) -> Id {
    let id = flow::new_id(ctx, &plan);
    let direct = plan.payment_intent.is_none();
    let account_number = plan.instrument.account_number().map(str::to_owned);
    let mut charge = shape::charge(ctx, plan, Id::clone(&id), None, None);
    connect::name_application(tx, &mut charge.rest);
    charge.paid = false;
    charge.status = ChargeStatus::Pending;
    charge.account_number = account_number;
    charge.rest.set("receipt_url", Doc::Null);
    let bank = test_bank(&charge);
    if direct {
        charge.balance_transaction = Some(flow::post(tx, ctx, &charge, charge.amount_captured));
    }
    if bank.is_none_or(|bank| bank.outcome != BankOutcome::StayProcessing) {
        let delay = if bank.is_some_and(|bank| bank.delayed) { BANK_DELAY_SECONDS } else { 0 };
        charge.settle_at = Absent(Some(ctx.now + delay));
    }
    if !direct {
        // A moment later: what fails at once never had a row (recorded).
        charge.post_at = Absent(Some(ctx.now));
    }
    tx.insert(charge);
    id
}

/// The test account that was charged; `None` for an ordinary account.
fn test_bank(charge: &Charge) -> Option<&'static TestBank> {
    issuers::bank_of(charge.rail(), charge.account_number.as_deref()?)
}

/// The bank answers: the charge ends.
pub(super) fn settle(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Arc<Charge>) {
    match test_bank(charge).map(|bank| bank.outcome) {
        Some(BankOutcome::Fail(code)) => fail(tx, ctx, charge, Some(code)),
        Some(BankOutcome::FailUnexplained | BankOutcome::RefuseMandate) => fail(tx, ctx, charge, None),
        bank => succeed(tx, ctx, charge, bank == Some(BankOutcome::Dispute)),
    }
}

/// Why a charge failed that was pending.
pub fn failure(charge: &Charge) -> ApiError {
    match test_bank(charge).map(|bank| bank.outcome) {
        Some(BankOutcome::Fail(code)) if charge.rest.str("failure_code") == Some(code) => ApiError::debit_failed(code),
        _ => ApiError::payment_attempt_failed(),
    }
}

/// The money comes, unless the account that it was for has ended meanwhile; `contested` says whether the account's holder takes
/// it back at once.
fn succeed(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Arc<Charge>, contested: bool) {
    if standing::check_open(tx).is_err() {
        return fail(tx, ctx, charge, None);
    }
    let mut paid = Charge::clone(charge);
    paid.contested = Flag(contested);
    paid.status = ChargeStatus::Succeeded;
    paid.paid = true;
    (paid.settle_at, paid.post_at) = (Absent(None), Absent(None));
    paid.rest.set("receipt_url", shape::receipt_url(ctx, &charge.id));
    if paid.balance_transaction.is_none() {
        paid.balance_transaction = Some(flow::post(tx, ctx, &paid, paid.amount_captured));
    }
    set_payment_reference(ctx, &mut paid.rest);
    connect::share(tx, ctx, &mut paid);
    tx.save(charge, paid);
}

/// The number of an ACH debit in both banks, which exists only after it succeeded.
fn set_payment_reference(ctx: &Ctx<'_>, rest: &mut Map) {
    let reference = format!("091000{:09}", ctx.ids.number(1_000_000_000));
    let Some(Doc::Map(details)) = rest.get_mut("payment_method_details") else { return };
    if let Some(Doc::Map(bank)) = details.get_mut("us_bank_account") {
        bank.set("payment_reference", reference);
    }
}

/// Fails a pending charge: its balance transaction is reversed. `code` is the bank's reason, if it gives one.
pub fn fail(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge, code: Option<&'static str>) {
    let row = charge.balance_transaction.as_ref().and_then(|id| tx.get::<BalanceTransaction>(id));
    let taken_back = row.map(|row| take_back(tx, ctx, charge, &row));
    let error = code.map(ApiError::debit_failed);
    let text = |key: &str| error.as_ref().and_then(|error| error.field(key)).map(str::to_owned);
    let (code, message) = (text("code"), text("message"));
    tx.update::<Charge>(&charge.id, |charge| {
        charge.status = ChargeStatus::Failed;
        charge.rest.set("failure_code", code);
        charge.rest.set("failure_message", message);
        charge.rest.set("failure_balance_transaction", taken_back.map(|row| row.to_string()));
    });
}

/// The reversal of a balance transaction, with its fees.
fn take_back(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge, row: &BalanceTransaction) -> Id {
    let application_fee = row.application_fee();
    let about = charge.description.as_ref().map_or(String::new(), |text| format!(" ({text})"));
    let available_on = row.available_on.max(ctx.now);
    let posting = Posting {
        fee: -row.fee + application_fee,
        application_fee: -application_fee,
        description: Some(format!("REFUND FOR FAILED PAYMENT{about}")),
        ..row.undone(RowKind::PaymentFailureRefund, &charge.id, available_on)
    };
    balance::post(tx, ctx, &posting)
}
