//! Sending a transfer: a balance transaction on each side, and a payment at the destination (billing 6.4).
//!
//! May use: charges, the balance. Invariant: nothing is refused here, and the transaction ends in the account in which
//! it began.

use super::Transfer;
use crate::contract::{self, Ctx};
use crate::money::{Rate, RateSide};
use crate::object::template;
use crate::resources::ledger::application_fees::{self, Fee, FeeSource};
use crate::resources::ledger::balance::{self, Posting, RowKind, SettlementCurrency};
use crate::state::document::Map;
use crate::state::object::{Absent, Flag, Resource};
use crate::state::{AccountKey, Id, Ref, Tx};

/// The part of the balance from which transfers are paid.
pub(super) const SOURCE_TYPE: &str = "card";

/// The charge whose money is transferred.
#[derive(Clone, Copy, Debug)]
pub struct TransferSource<'a> {
    /// Its id.
    pub charge: &'a Id,
    /// Whether a payment intent made it.
    pub of_intent: bool,
    /// Whether it has no group yet and takes one with this transfer.
    pub takes_group: bool,
}

/// The platform's fee on a transfer.
#[derive(Clone, Copy, Debug)]
pub struct TransferFee<'a> {
    /// In the smallest unit of its currency; above zero.
    pub amount: i64,
    /// Three letters, lower case.
    pub currency: &'a str,
    /// The rate to the transfer's currency; `None` if it is the same.
    pub rate: Option<Rate>,
}

/// A transfer to send.
#[derive(Debug)]
pub struct Shipment<'a> {
    /// In the currency's smallest unit.
    pub amount: i64,
    /// Three letters, lower case.
    pub currency: &'a str,
    /// The destination.
    pub destination: AccountKey,
    /// The charge whose money is transferred, if any.
    pub source: Option<TransferSource<'a>>,
    /// The platform's fee, which is taken from the destination's payment.
    pub fee: Option<TransferFee<'a>>,
    /// Unix seconds from which the money can be paid out, on both sides.
    pub available_on: i64,
    /// Groups charges and transfers.
    pub transfer_group: Option<String>,
    /// Shown to the user.
    pub description: Option<String>,
    /// The user's own keys and values.
    pub metadata: Map,
}

/// The result of sending.
#[derive(Debug)]
pub struct SentTransfer {
    /// The transfer.
    pub transfer: Id,
    /// The platform's fee, if any.
    pub fee: Option<Id>,
}

/// Sends a transfer from the current account.
pub fn send(tx: &mut Tx, ctx: &Ctx<'_>, shipment: &Shipment<'_>) -> SentTransfer {
    let family = if shipment.source.is_some_and(|source| source.of_intent) { "3" } else { "1" };
    let id: Id = super::ENTRY.id.led_by(family).draw(&ctx.ids).into();
    let payment: Id = super::PAYMENT_ID.draw(&ctx.ids).into();
    let settlement = SettlementCurrency::of(tx, shipment.currency, RateSide::Selling);
    let posting = Posting {
        description: shipment.description.clone(),
        ..Posting::settled(RowKind::Transfer, -shipment.amount, &settlement, &id, shipment.available_on)
    };
    let row = balance::post(tx, ctx, &posting);
    let mut rest = blank();
    rest.set("description", shipment.description.clone());
    tx.insert(Transfer {
        id: Id::clone(&id),
        created: ctx.now,
        amount: shipment.amount,
        amount_reversed: 0,
        balance_transaction: Some(row),
        currency: shipment.currency.to_owned(),
        destination: tx.state().account_id(shipment.destination).cloned(),
        destination_payment: Absent(Some(Id::clone(&payment))),
        metadata: shipment.metadata.clone(),
        reversed: false,
        source_transaction: shipment.source.map(|source| Id::clone(source.charge)),
        transfer_group: shipment.transfer_group.clone(),
        gives_group: Flag(shipment.source.is_some_and(|source| source.takes_group)),
        rest,
    });
    let fee = receive(tx, ctx, shipment, &payment);
    // The payment that arrives is emitted before whatever follows the transfer.
    contract::settle(tx, ctx);
    SentTransfer { transfer: id, fee }
}

/// The empty form of a transfer.
pub(super) fn blank() -> Map {
    let mut rest = template::template(Transfer::KIND);
    rest.set("livemode", false);
    rest.set("source_type", SOURCE_TYPE);
    rest
}

/// The other side in the ledger: the row of the payment that the destination gets, and the platform's fee on it.
fn receive(tx: &mut Tx, ctx: &Ctx<'_>, shipment: &Shipment<'_>, payment: &Id) -> Option<Id> {
    let settlement =
        tx.read_within(shipment.destination, |tx| SettlementCurrency::of(tx, shipment.currency, RateSide::Buying));
    let fee = shipment.fee.map(|fee| {
        let fee = Fee {
            amount: fee.amount,
            account: shipment.destination,
            source: FeeSource::Charge(payment),
            currency: fee.currency,
            rate: fee.rate.or(settlement.rate),
            originating: shipment.source.map(|source| source.charge),
            available_on: shipment.available_on,
        };
        application_fees::collect(tx, ctx, &fee)
    });
    let sent_fee = shipment.fee.map_or(0, |fee| fee.rate.map_or(fee.amount, |rate| rate.convert(fee.amount)));
    tx.within(shipment.destination, |tx| {
        let posting = Posting {
            application_fee: settlement.amount(sent_fee),
            ..Posting::settled(RowKind::Payment, shipment.amount, &settlement, payment, shipment.available_on)
        };
        balance::post(tx, ctx, &posting)
    });
    fee
}

/// The transfer as a reference.
pub(super) fn reference(id: &Id) -> Ref {
    Ref { kind: Transfer::KIND, id: Id::clone(id) }
}
