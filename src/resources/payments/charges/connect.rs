//! What of a charge goes to others: the transfer to its destination, and the platform's fee (billing 6.4).
//!
//! May use: transfers, application fees, the ledger. Invariant: a charge is shared once, when its money is there, and
//! never more of it than was captured.

use super::Charge;
use crate::contract::{Ctx, In, missing_as};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::resources::connect::accounts;
use crate::resources::instruments::instrument;
use crate::resources::ledger::application_fees::{self, Fee};
use crate::resources::ledger::balance::BalanceTransaction;
use crate::resources::ledger::transfers::{self, Shipment};
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Flag, Resource};
use crate::state::{Account, Id, Tx};

/// What a charge keeps of how it is shared, as parameters name it.
pub(super) const SHARING: &[&str] = &["application_fee_amount", "on_behalf_of", "transfer_data"];

/// The account that money goes to.
///
/// # Errors
/// There is none with this id, it is the platform itself, or no platform asks.
pub fn destination(tx: &Tx, id: &str, param: &'static str) -> Result<Account> {
    match accounts::find(tx, id).filter(|_| tx.account() == Account::PLATFORM) {
        None => Err(missing_as("destination", id, In::Param(param))),
        Some(Account::PLATFORM) => Err(ApiError::destination_is_own(param)),
        Some(account) => Ok(account),
    }
}

/// Checks how a payment of `amount` (in the currency's smallest unit) is to be shared; `kept` is what is said of it
/// with what was said before (billing 6.3, 6.4).
///
/// # Errors
/// An account that is not there, a fee that nobody pays, or more than there is.
pub fn check(tx: &Tx, kept: &Map, amount: i64) -> Result<()> {
    let transfer = kept.map("transfer_data");
    if let Some(id) = transfer.and_then(|data| data.str("destination")) {
        destination(tx, id, "transfer_data[destination]")?;
    }
    if let Some(id) = kept.str("on_behalf_of").filter(|id| !accounts::is_known(tx, id)) {
        return Err(missing_as("on_behalf_of", id, In::Param("on_behalf_of")));
    }
    let part = transfer.and_then(|data| data.int("amount"));
    match part {
        Some(..=0) => return Err(ApiError::param_below("transfer_data[amount]", 1)),
        Some(part) if part > amount => return Err(ApiError::transfer_data_too_large()),
        _ => {}
    }
    let Some(fee) = kept.int("application_fee_amount") else { return Ok(()) };
    if fee < 0 {
        return Err(ApiError::param_negative("application_fee_amount"));
    }
    if part.is_some() {
        return Err(ApiError::params_exclusive("application_fee_amount", "transfer_data[amount]"));
    }
    let for_another = ["on_behalf_of", "transfer_data"].iter().any(|key| kept.present(key).is_some());
    if tx.account() == Account::PLATFORM && !for_another {
        return Err(ApiError::intent_fee_for_nobody());
    }
    if fee > amount { Err(ApiError::intent_fee_too_large()) } else { Ok(()) }
}

/// What a capture says anew of how its charge is shared.
pub fn reconsider(tx: &mut Tx, charge: &Id, kept: &Map) {
    let said: Vec<_> = SHARING.iter().filter_map(|key| Some((*key, kept.present(key)?.clone()))).collect();
    if said.is_empty() {
        return;
    }
    tx.quietly(|tx| {
        tx.update::<Charge>(charge, |charge| {
            for (key, value) in said {
                let mut merged = Map::from([(key, charge.rest.remove(key))]);
                merged.merge(&Map::from([(key, value)]));
                charge.rest.set(key, merged.remove(key));
            }
            if let Some(Doc::Map(data)) = charge.rest.get_mut("transfer_data") {
                // The charge shows less of it than the intent.
                let _ = (data.remove("description"), data.remove("metadata"), data.remove("payment_data"));
            }
        });
    });
}

/// The platform's fee that the next row of a connected account's own charge pays: what the rows before it left of the
/// fee, as far as `amount` (in the currency's smallest unit) covers it.
pub(super) fn fee_in_row(tx: &Tx, charge: &Charge, amount: i64) -> i64 {
    match fee_of(charge) {
        fee if fee > 0 && tx.account() != Account::PLATFORM => (fee - fee_in_rows(tx, charge)).min(amount).max(0),
        _ => 0,
    }
}

/// What the rows of a charge have paid of the platform's fee.
fn fee_in_rows(tx: &Tx, charge: &Charge) -> i64 {
    tx.having::<BalanceTransaction>("source", &charge.id).iter().map(|row| row.application_fee()).sum()
}

fn fee_of(charge: &Charge) -> i64 {
    charge.rest.int("application_fee_amount").unwrap_or(0)
}

/// Shares a charge that is about to be stored, if its money is there and was not shared yet.
pub(super) fn share(tx: &mut Tx, ctx: &Ctx<'_>, charge: &mut Charge) {
    let is_shared = ["application_fee", "transfer"].iter().any(|key| charge.rest.present(key).is_some());
    let row = charge.balance_transaction.as_ref().and_then(|id| tx.get::<BalanceTransaction>(id));
    let Some(row) = row.filter(|_| charge.paid && charge.captured && !is_shared) else { return };
    match tx.account() {
        Account::PLATFORM => send(tx, ctx, charge, row.available_on),
        account => {
            let amount = fee_in_rows(tx, charge);
            if amount > 0 {
                let fee = Fee { amount, account, charge, originating: None, available_on: row.available_on };
                let fee = application_fees::collect(tx, ctx, &fee);
                let platform = tx.within(Account::PLATFORM, |tx| tx.account_id());
                application_fees::note(&mut charge.rest, &platform, amount, &fee);
            }
        }
    }
}

/// The transfer of a destination charge: all of it, with a fee on it, or the part that was said.
fn send(tx: &mut Tx, ctx: &Ctx<'_>, charge: &mut Charge, available_on: i64) {
    let Some(data) = charge.rest.map("transfer_data") else { return };
    let destination = data.str("destination").and_then(|id| accounts::find(tx, id));
    let amount = data.int("amount").unwrap_or(charge.amount_captured).min(charge.amount_captured);
    let Some(destination) = destination.filter(|account| *account != Account::PLATFORM) else { return };
    let group = charge.transfer_group.clone().unwrap_or_else(|| transfer_group(charge));
    let application_fee = fee_of(charge).min(amount);
    let shipment = Shipment {
        amount,
        currency: &charge.currency,
        destination,
        source: Some(charge),
        application_fee,
        available_on,
        transfer_group: Some(group.clone()),
        description: None,
        metadata: Map::new(),
    };
    let sent = transfers::send(tx, ctx, &shipment);
    charge.transfer_group = Some(group);
    charge.rest.set("transfer", sent.transfer.to_string());
    if let Some(fee) = sent.fee {
        charge.rest.set("application_fee", fee.to_string());
    }
}

/// The group of a charge that has none of the user's, once its money is sent on.
pub fn transfer_group(charge: &Charge) -> String {
    format!("group_{}", charge.payment_intent.as_ref().unwrap_or(&charge.id))
}

/// The payment that a transfer is where it arrives.
pub fn received(ctx: &Ctx<'_>, id: Id, amount: i64, currency: &str) -> Charge {
    let mut rest = template::template(Charge::KIND);
    let details = Map::from([("stripe_account", Doc::from(Map::new())), ("type", "stripe_account".into())]);
    rest.set("billing_details", instrument::nobody());
    rest.set("fraud_details", Map::new());
    rest.set("livemode", false);
    rest.set("payment_method_details", details);
    rest.set("radar_options", Map::new());
    Charge {
        id,
        created: ctx.now,
        amount,
        amount_captured: amount,
        amount_refunded: 0,
        balance_transaction: None,
        captured: true,
        currency: currency.to_owned(),
        customer: None,
        description: None,
        disputed: false,
        metadata: Map::new(),
        paid: true,
        payment_intent: None,
        payment_method: None,
        refunded: false,
        status: "succeeded".to_owned(),
        transfer_group: None,
        card_number: None,
        account_number: None,
        contested: Flag(false),
        expired: Flag(false),
        released: Absent(None),
        settle_at: Absent(None),
        post_at: Absent(None),
        contest_at: Absent(None),
        rest,
    }
}
