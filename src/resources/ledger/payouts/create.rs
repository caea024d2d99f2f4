//! Creating a payout: its checks, in order (core-payments 9.4.5 to 9.4.7).
//!
//! May use: the balance, external accounts. Invariant: a refused payout has moved no money.

use super::{Payout, PayoutMethod, PayoutStatus, fee, flow};
use crate::contract::{Call, Ctx, In, Outcome, missing_as};
use crate::error::{ApiError, Result};
use crate::money;
use crate::object::{metadata, template};
use crate::resources::connect::external_accounts::{self, ExternalAccount};
use crate::resources::connect::standing;
use crate::resources::ledger::balance;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Tx};

/// The part of the balance for every payment here (core-payments 9.3.1).
const SOURCE_TYPE: &str = "card";

/// The largest instant payout, in the currency's smallest unit (connect-accounts 7.1).
const INSTANT_MAX: i64 = 999_900;

/// `POST /v1/payouts`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let (amount, currency) = amount_of(params)?;
    if params.present("payout_method").is_some() {
        return Err(ApiError::value_not_implemented("payout_method", "payouts to a financial account"));
    }
    standing::check_payouts(tx)?;
    let external = destination(tx, ctx, params, &currency)?;
    let method = params.str("method").and_then(PayoutMethod::parse).unwrap_or(PayoutMethod::Standard);
    if method == PayoutMethod::Instant && !external.takes_instant() {
        return Err(ApiError::instant_payouts_unsupported());
    }
    if method == PayoutMethod::Instant && amount > INSTANT_MAX {
        return Err(ApiError::instant_payout_too_large(external.noun()));
    }
    let fee = fee::of(tx, ctx, amount, method);
    let source_type = params.str("source_type").unwrap_or(SOURCE_TYPE);
    if source_type != SOURCE_TYPE || balance::available(tx, &currency) < amount.saturating_add(fee) {
        return Err(ApiError::balance_insufficient(source_type));
    }
    let metadata = metadata::merge(&Map::new(), params.get("metadata"))?;
    let mut payout = begin(ctx, amount, currency, &external, method);
    payout.metadata = metadata;
    fee::collect(tx, ctx, &mut payout, fee);
    for key in ["description", "statement_descriptor"] {
        payout.rest.set(key, params.get(key).cloned().unwrap_or_default());
    }
    Ok(Outcome::Done(flow::send(tx, ctx, payout)))
}

/// The amount and the currency, in lower case, of a payout or a top-up.
///
/// # Errors
/// An amount of zero or below, or an unknown currency.
pub(in crate::resources) fn amount_of(params: &Map) -> Result<(i64, String)> {
    let amount = params.int("amount").unwrap_or_default();
    if amount < 1 {
        return Err(ApiError::param_below("amount", 1));
    }
    let sent = params.str("currency").unwrap_or_default();
    let currency = sent.to_lowercase();
    if !money::is_currency(&currency) {
        return Err(ApiError::currency_invalid("currency", sent, money::CURRENCIES));
    }
    Ok((amount, currency))
}

fn destination(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map, currency: &str) -> Result<ExternalAccount> {
    let external = match params.str("destination") {
        Some(id) => {
            let missing = || missing_as(external_accounts::NOUN, id, In::Param("destination"));
            Some(external_accounts::find(tx, id).ok_or_else(missing)?)
        }
        None => external_accounts::default_for(tx, ctx, currency),
    };
    // An account in another currency does not exist for this payout.
    let fits = |external: &ExternalAccount| external.currency() == Some(currency);
    external.filter(fits).ok_or_else(|| ApiError::no_external_account(currency))
}

/// A payout that is about to be sent.
pub(super) fn begin(
    ctx: &Ctx<'_>,
    amount: i64,
    currency: String,
    destination: &ExternalAccount,
    method: PayoutMethod,
) -> Payout {
    let mut rest = template::template(Payout::KIND);
    rest.set("livemode", false);
    rest.set("reconciliation_status", "not_applicable");
    rest.set("source_type", SOURCE_TYPE);
    rest.set("trace_id", flow::trace("pending", Doc::Null));
    rest.set("type", destination.kind().name());
    let instant = method == PayoutMethod::Instant;
    Payout {
        id: super::ENTRY.id.draw(&ctx.ids).into(),
        created: ctx.now,
        amount,
        arrival_date: if instant { ctx.now } else { balance::arrives_on(ctx.now) },
        automatic: false,
        balance_transaction: None,
        currency,
        destination: Some(Id::clone(destination.id())),
        failure_balance_transaction: None,
        metadata: Map::new(),
        method,
        original_payout: None,
        reversed_by: None,
        status: PayoutStatus::Pending,
        rest,
    }
}
