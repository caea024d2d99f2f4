//! Creating a transfer: its checks, in order (billing 6.3, 6.5).
//!
//! May use: charges, the balance. Invariant: a refused transfer has moved no money.

use super::send::{self, Shipment};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::metadata;
use crate::resources::ledger::balance::{self, BalanceTransaction};
use crate::resources::ledger::payouts::amount_of;
use crate::resources::ledger::transfers::Transfer;
use crate::resources::payments::charges;
use crate::resources::payments::charges::Charge;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// `POST /v1/transfers`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let source = call
        .params
        .str("source_transaction")
        .map(|id| require::<Charge>(tx, id, In::Param("source_transaction")))
        .transpose()?;
    let params = with_amount(&call.params, source.as_deref())?;
    let (amount, currency) = amount_of(&params)?;
    let destination = charges::destination(tx, params.str("destination").unwrap_or_default(), "destination")?;
    let available_on = match &source {
        Some(charge) => check_source(tx, charge, amount, &currency)?,
        None if balance::available(tx, &currency) < amount => return Err(ApiError::transfer_lacks_funds()),
        None => ctx.now,
    };
    let metadata = metadata::merge(&Map::new(), params.get("metadata"))?;
    let group = source.as_deref().map(|charge| group_of(tx, charge));
    let shipment = Shipment {
        amount,
        currency: &currency,
        destination,
        source: source.as_deref(),
        application_fee: 0,
        available_on,
        transfer_group: params.str("transfer_group").map(str::to_owned).or(group),
        description: params.str("description").map(str::to_owned),
        metadata,
    };
    let sent = send::send(tx, ctx, &shipment);
    Ok(Outcome::Done(send::reference(&sent.transfer)))
}

/// The parameters with an amount: by default the whole charge is transferred (billing 6.5).
fn with_amount(params: &Map, source: Option<&Charge>) -> Result<Map> {
    let mut params = params.clone();
    if params.present("amount").is_none() {
        let charge = source.ok_or_else(|| ApiError::param_missing("amount"))?;
        params.set("amount", Doc::from(charge.amount_captured));
    }
    Ok(params)
}

/// When the money of a charge is available.
///
/// # Errors
/// The charge did not succeed, has another currency, or has less left than the transfer.
fn check_source(tx: &Tx, charge: &Charge, amount: i64, currency: &str) -> Result<i64> {
    if !charge.paid || !charge.captured {
        return Err(ApiError::transfer_source_without_money(&charge.id));
    }
    if charge.currency != currency {
        return Err(ApiError::transfer_source_currency(&charge.currency, currency));
    }
    let before: i64 = tx.having::<Transfer>("source_transaction", &charge.id).iter().map(|sent| sent.amount).sum();
    if before + amount > charge.amount_captured {
        return Err(ApiError::transfer_exceeds_source(charge.amount_captured - before, currency));
    }
    let row = charge.balance_transaction.as_ref().and_then(|id| tx.get::<BalanceTransaction>(id));
    Ok(row.map_or(0, |row| row.available_on))
}

/// The group of a transferred charge, which is stored in the charge (billing 6.4).
fn group_of(tx: &mut Tx, charge: &Charge) -> String {
    let group = charge.transfer_group.clone().unwrap_or_else(|| charges::transfer_group(charge));
    if charge.transfer_group.is_none() {
        let id = Id::clone(&charge.id);
        tx.update::<Charge>(&id, |charge| charge.transfer_group = Some(group.clone()));
    }
    group
}
