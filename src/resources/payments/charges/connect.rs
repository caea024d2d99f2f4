//! The parts of a charge for others: the transfer to its destination, and the platform's fee (billing 6.4).
//!
//! May use: transfers, application fees, the balance. Invariant: a charge is shared once, when it is captured, and at
//! most what was captured.

use std::sync::Arc;

use super::{Charge, ChargeStatus, shape};
use crate::contract::{Ctx, On, Reaction, Who};
use crate::error::{ApiError, Result};
use crate::money::RateSide;
use crate::object::template;
use crate::resources::connect::accounts;
use crate::resources::connect::directory;
use crate::resources::connect::parties;
use crate::resources::connect::standing;
use crate::resources::instruments::payment_methods;
use crate::resources::ledger::application_fees::{self, Fee, FeeSource};
use crate::resources::ledger::balance::{self, BalanceTransaction, SettlementCurrency};
use crate::resources::ledger::transfers::{self, Shipment, Transfer, TransferFee, TransferSource};
use crate::state::document::{Doc, Map, Text};
use crate::state::object::{Absent, Flag, Resource, downcast};
use crate::state::{AccountKey, Id, Tx};

/// The connect parameters that a charge stores.
pub(super) const SHARING: &[&str] = &["application_fee_amount", "on_behalf_of", "transfer_data"];

/// The parameter that names who gets the money of a payment.
const DESTINATION: &str = "transfer_data[destination]";

/// What charges follow: a transfer arrives as a payment, and gives its charge a group.
pub(super) const REACTIONS: &[Reaction] = &[
    Reaction { to: Transfer::KIND, on: On::Change(|before, _| before.is_none()), who: Who::New, run: receive },
    Reaction {
        to: Transfer::KIND,
        on: On::Change(crate::when!(Transfer, |before, after| before.is_none() && after.gives_group.0)),
        who: Who::Named(|transfer| downcast::<Transfer>(transfer)?.source_transaction.clone()),
        run: take_group,
    },
];

/// The payment that a transfer is where it arrives, unless it is there.
fn receive(tx: &mut Tx, ctx: &Ctx<'_>, transfer: &Id) -> Result<()> {
    let Some(transfer) = tx.get::<Transfer>(transfer) else { return Ok(()) };
    let there = transfer.destination.as_ref().and_then(|id| tx.state().account(id));
    let Some((there, payment)) = there.zip(transfer.destination_payment.0.clone()) else { return Ok(()) };
    let fee = application_fees::of_charge(tx, &payment);
    let fee = fee.map(|fee| (Arc::clone(&fee), application_fees::rate(tx, &fee)));
    let platform = tx.account_id();
    tx.within(there, |tx| {
        if tx.record(Charge::KIND, &payment).is_some() {
            return;
        }
        let row = tx.having::<BalanceTransaction>("source", &payment).into_iter().next();
        let mut received = received(ctx, payment, &platform, transfer.amount, &transfer.currency);
        received.balance_transaction = row.map(|row| Id::clone(&row.id));
        received.rest.set("source_transfer", transfer.id.to_string());
        name_application(tx, &mut received.rest);
        if let Some((fee, rate)) = fee {
            // The payment shows the fee in its own currency (connect-accounts 7.4).
            let same = fee.currency == transfer.currency;
            let amount = rate.filter(|_| !same).map_or(fee.amount, |rate| rate.convert(fee.amount));
            application_fees::note(&mut received.rest, &platform, amount, &fee.id);
        }
        tx.insert(received);
    });
    Ok(())
}

/// A charge whose money is sent on has a group from then on (billing 6.4).
fn take_group(tx: &mut Tx, _: &Ctx<'_>, charge: &Id) -> Result<()> {
    if let Some(charge) = tx.get::<Charge>(charge).filter(|charge| charge.transfer_group.is_none()) {
        tx.update::<Charge>(&charge.id, |charge| charge.transfer_group = Some(transfer_group(charge)));
    }
    Ok(())
}

/// Checks the accounts that the connect parameters of a payment name (billing 6.3); `kept` contains the stored parameters with
/// the new ones. What holds when they are told holds again when the money is taken.
///
/// # Errors
/// An unknown account or none, or one that may not take part, or no longer.
pub fn check_parties(tx: &Tx, kept: &Map) -> Result<()> {
    if let Some(data) = kept.map("transfer_data") {
        let to = data.str("destination").ok_or_else(|| ApiError::param_missing(DESTINATION))?;
        parties::destination(tx, to, DESTINATION)?;
    }
    if let Some(id) = kept.str("on_behalf_of") {
        parties::on_behalf_of(tx, id, "on_behalf_of")?;
    }
    Ok(())
}

/// Checks that the accounts of a held payment still take its money; `kept` as in [`check_parties`].
///
/// # Errors
/// The current account was rejected, or those of [`check_parties`].
pub fn check_capture(tx: &Tx, kept: &Map) -> Result<()> {
    standing::check_open(tx)?;
    check_parties(tx, kept)
}

/// Checks the connect parameters of a payment of `amount` (in the currency's smallest unit); `kept` contains the stored
/// parameters with the new ones (billing 6.3, 6.4).
///
/// # Errors
/// Those of [`check_parties`], a fee without a payer, or more than the amount.
pub fn check(tx: &Tx, kept: &Map, amount: i64) -> Result<()> {
    check_parties(tx, kept)?;
    let transfer = kept.map("transfer_data");
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
    parties::check_fee(tx, kept)?;
    if fee > amount { Err(ApiError::intent_fee_too_large()) } else { Ok(()) }
}

/// Applies the connect parameters of a capture.
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

/// How a charge is settled, with the country of its seller: the account on whose behalf it is taken, or the current one
/// (connect-accounts 7.4).
pub(super) fn settlement(tx: &Tx, charge: &Charge, side: RateSide) -> (SettlementCurrency, Option<String>) {
    let country = |account: &str| balance::merchant(tx, account).and_then(|(country, _)| country);
    match charge.rest.str("on_behalf_of") {
        Some(account) => (SettlementCurrency::on_behalf_of(tx, account, &charge.currency, side), country(account)),
        None => (SettlementCurrency::of(tx, &charge.currency, side), country(&tx.account_id())),
    }
}

/// A payment in a connected account names the platform as the application that made it (connect-accounts 7.2).
pub fn name_application(tx: &Tx, payment: &mut Map) {
    let platform = tx.state().account_id(AccountKey::PLATFORM).filter(|_| tx.account() != AccountKey::PLATFORM);
    if let Some(platform) = platform {
        payment.set("application", accounts::application_id(platform));
    }
}

/// The platform's fee in the next balance transaction of a connected account's own charge, in the charge's currency: what
/// is left of the fee, as far as `amount` (in the currency's smallest unit) covers it.
pub(super) fn fee_in_row(tx: &Tx, charge: &Charge, amount: i64) -> i64 {
    match fee_of(charge) {
        fee if fee > 0 && tx.account() != AccountKey::PLATFORM => (fee - fee_in_rows(tx, charge)).min(amount).max(0),
        _ => 0,
    }
}

/// The platform's fee in the balance transactions of a charge so far, in the charge's currency.
fn fee_in_rows(tx: &Tx, charge: &Charge) -> i64 {
    let in_row = |row: &Arc<BalanceTransaction>| {
        let fee = row.application_fee();
        row.rate().map_or(fee, |rate| rate.undo(fee))
    };
    tx.having::<BalanceTransaction>("source", &charge.id).iter().map(in_row).sum()
}

fn fee_of(charge: &Charge) -> i64 {
    charge.rest.int("application_fee_amount").unwrap_or(0)
}

/// Shares a charge that is about to be stored, if it is captured and was not shared yet.
pub(super) fn share(tx: &mut Tx, ctx: &Ctx<'_>, charge: &mut Charge) {
    let is_shared = ["application_fee", "transfer"].iter().any(|key| charge.rest.present(key).is_some());
    let row = charge.balance_transaction.as_ref().and_then(|id| tx.get::<BalanceTransaction>(id));
    let Some(row) = row.filter(|_| charge.paid && charge.captured && !is_shared) else { return };
    match tx.account() {
        AccountKey::PLATFORM => send(tx, ctx, charge, &row),
        account => {
            // A converted fee cannot be told from its row to the cent.
            let whole = row.rate().map(|_| fee_of(charge).min(charge.amount_captured));
            let amount = whole.unwrap_or_else(|| fee_in_rows(tx, charge));
            if amount > 0 {
                let (charge_id, currency) = (&charge.id, charge.currency.as_str());
                let (available_on, rate) = (row.available_on, row.rate());
                let source = FeeSource::Charge(charge_id);
                let fee = Fee { amount, account, source, currency, rate, originating: None, available_on };
                let fee = application_fees::collect(tx, ctx, &fee);
                let platform = tx.within(AccountKey::PLATFORM, |tx| tx.account_id());
                application_fees::note(&mut charge.rest, &platform, amount, &fee);
            }
        }
    }
}

/// The transfer of a destination charge: all of it, with a fee, or the requested part, in the currency of the charge's
/// balance transaction (connect-accounts 7.4). What settles after its destination was rejected or closed, or gave up what it
/// needs for that, stays with the platform: a payer's money came, and no call is there to refuse.
fn send(tx: &mut Tx, ctx: &Ctx<'_>, charge: &mut Charge, row: &BalanceTransaction) {
    let Some(data) = charge.rest.map("transfer_data") else { return };
    let destination = data.str("destination").and_then(|id| parties::destination(tx, id, DESTINATION).ok());
    let amount = data.int("amount").unwrap_or(charge.amount_captured).min(charge.amount_captured);
    let Some(destination) = destination else { return };
    let group = charge.transfer_group.clone().unwrap_or_else(|| transfer_group(charge));
    let settled = |amount: i64| row.rate().map_or(amount, |rate| rate.convert(amount));
    let fee = fee_of(charge).min(amount);
    let shipment = Shipment {
        amount: settled(amount),
        currency: &row.currency,
        destination,
        source: Some(TransferSource {
            charge: &charge.id,
            of_intent: charge.payment_intent.is_some(),
            takes_group: false,
        }),
        fee: (fee > 0).then(|| TransferFee { amount: fee, currency: &charge.currency, rate: row.rate() }),
        available_on: row.available_on,
        transfer_group: Some(group.clone()),
        description: None,
        metadata: Map::new(),
    };
    let sent = transfers::send(tx, ctx, &shipment);
    charge.transfer_group = Some(group);
    charge.rest.set("transfer", sent.transfer.to_string());
    if let Some(id) = sent.fee {
        // The fee is at most what was captured, and the charge shows the one that was taken.
        charge.rest.set("application_fee", id.to_string());
        charge.rest.set("application_fee_amount", fee);
    }
}

/// The transfer group of a charge without one of the user's, after its transfer.
fn transfer_group(charge: &Charge) -> String {
    transfers::default_group(charge.payment_intent.as_ref().unwrap_or(&charge.id))
}

/// The platform, as the source of what it pays to a connected account (shapes 2.3).
fn payer(ctx: &Ctx<'_>, platform: &str) -> Map {
    Map::from([
        ("id", Doc::from(platform.to_owned())),
        ("object", directory::KIND.name().into()),
        ("application_icon", String::new().into()),
        ("application_logo", String::new().into()),
        ("application_name", balance::PLATFORM_NAME.into()),
        ("application_url", ctx.base_url.to_owned().into()),
    ])
}

/// The payment at the destination of a transfer.
fn received(ctx: &Ctx<'_>, id: Id, platform: &str, amount: i64, currency: &str) -> Charge {
    let mut rest = template::template(Charge::KIND);
    let details = Map::from([("stripe_account", Doc::from(Map::new())), ("type", "stripe_account".into())]);
    rest.set("billing_details", payment_methods::nobody());
    rest.set("payment_method_details", details);
    rest.set("receipt_url", shape::receipt_url(ctx, &id));
    rest.set("source", payer(ctx, platform));
    Charge {
        id,
        created: ctx.now,
        amount,
        amount_captured: amount,
        amount_refunded: 0,
        balance_transaction: None,
        captured: true,
        currency: Text::copy_of(currency),
        customer: None,
        description: None,
        disputed: false,
        metadata: Map::new(),
        paid: true,
        payment_intent: None,
        payment_method: None,
        refunded: false,
        status: ChargeStatus::Succeeded,
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
