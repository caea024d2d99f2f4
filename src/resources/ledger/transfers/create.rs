//! Creating a transfer: its checks, in order (billing 6.3, 6.5).
//!
//! May use: the balance, connected accounts, charges as the API shows them. Invariant: a refused transfer has moved no
//! money.

use std::sync::Arc;

use super::default_group;
use super::send::{self, Shipment, TransferSource};
use crate::contract::{Call, Ctx, In, Outcome, require_record};
use crate::error::{ApiError, Result};
use crate::object::metadata;
use crate::resources::connect::parties;
use crate::resources::ledger::balance::{self, BalanceTransaction};
use crate::resources::ledger::payouts::amount_of;
use crate::resources::ledger::transfers::Transfer;
use crate::state::document::{Doc, Map};
use crate::state::{AccountKey, Id, Tx};

/// A charge whose money is sent on, as the API shows it.
struct SentCharge {
    id: Id,
    shown: Map,
    row: Option<Arc<BalanceTransaction>>,
}

impl SentCharge {
    fn find(tx: &Tx, id: &str) -> Result<Self> {
        let record = require_record(tx, crate::kind!("charge"), id, In::Param("source_transaction"))?;
        let (id, shown) = (Id::clone(record.object.id()), record.object.to_doc());
        let row = shown.str("balance_transaction").and_then(|id| tx.get::<BalanceTransaction>(id));
        Ok(SentCharge { id, shown, row })
    }

    /// What was captured, in the currency of the charge's balance transaction.
    fn captured(&self) -> i64 {
        let captured = self.shown.int("amount_captured").unwrap_or_default();
        self.row.as_ref().and_then(|row| row.rate()).map_or(captured, |rate| rate.convert(captured))
    }

    /// The currency of its balance transaction.
    fn currency(&self) -> &str {
        let charged = self.shown.str("currency").unwrap_or_default();
        self.row.as_ref().map_or(charged, |row| &row.currency)
    }

    fn group(&self) -> Option<&str> {
        self.shown.str("transfer_group")
    }
}

/// `POST /v1/transfers`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let source = call.params.str("source_transaction").map(|id| SentCharge::find(tx, id)).transpose()?;
    let params = with_amount(&call.params, source.as_ref())?;
    let (amount, currency) = amount_of(&params)?;
    let destination = parties::receiver(tx, params.str("destination").unwrap_or_default(), "destination")?;
    // All money of a balance comes from cards (billing 6.5).
    if params.str("source_type").is_some_and(|source_type| source_type != send::SOURCE_TYPE) {
        return Err(ApiError::transfer_lacks_funds());
    }
    let available_on = match &source {
        Some(charge) => check_source(tx, charge, amount, &currency)?,
        // An account may send its platform more than it has (connect-accounts 7.1).
        None if tx.account() == AccountKey::PLATFORM && balance::available(tx, &currency) < amount => {
            return Err(ApiError::transfer_lacks_funds());
        }
        None => ctx.now,
    };
    let metadata = metadata::merge(&Map::new(), params.get("metadata"))?;
    let group = source.as_ref().map(group_of);
    let source = source.as_ref().map(|charge| TransferSource {
        charge: &charge.id,
        of_intent: charge.shown.present("payment_intent").is_some(),
        takes_group: charge.group().is_none(),
    });
    let shipment = Shipment {
        amount,
        currency: &currency,
        destination,
        source,
        fee: None,
        available_on,
        transfer_group: params.str("transfer_group").map(str::to_owned).or(group),
        description: params.str("description").map(str::to_owned),
        metadata,
    };
    let sent = send::send(tx, ctx, &shipment);
    Ok(Outcome::Done(send::reference(&sent.transfer)))
}

/// The parameters with an amount: by default the whole charge is transferred (billing 6.5).
fn with_amount(params: &Map, source: Option<&SentCharge>) -> Result<Map> {
    let mut params = params.clone();
    if params.present("amount").is_none() {
        let charge = source.ok_or_else(|| ApiError::param_missing("amount"))?;
        params.set("amount", Doc::from(charge.captured()));
    }
    Ok(params)
}

/// When the money of a charge is available.
///
/// # Errors
/// The charge did not succeed, has another currency, or has less left than the transfer.
fn check_source(tx: &Tx, charge: &SentCharge, amount: i64, currency: &str) -> Result<i64> {
    if ["paid", "captured"].iter().any(|flag| charge.shown.bool(flag) != Some(true)) {
        return Err(ApiError::transfer_source_without_money(&charge.id));
    }
    if charge.currency() != currency {
        return Err(ApiError::transfer_source_currency(charge.currency(), currency));
    }
    let before: i64 = tx.having::<Transfer>("source_transaction", &charge.id).iter().map(|sent| sent.amount).sum();
    if before + amount > charge.captured() {
        return Err(ApiError::transfer_exceeds_source(charge.captured() - before, currency));
    }
    Ok(charge.row.as_ref().map_or(0, |row| row.available_on))
}

/// The group of a charge whose money is sent on; the charge follows (billing 6.4).
fn group_of(charge: &SentCharge) -> String {
    let payment = charge.shown.str("payment_intent").unwrap_or(&charge.id);
    charge.group().map_or_else(|| default_group(payment), str::to_owned)
}
