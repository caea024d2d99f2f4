//! Balance transactions and the balance (core-payments 6.10, 8.4, 9.3).
//!
//! May use: the money rules. Invariant: `net` is `amount` minus `fee` in every balance transaction, and the balance is
//! the sum of `net` by currency and status.

mod settlement;
mod totals;

use std::sync::{Arc, LazyLock};

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, DueOf, Entry, Marked, Outcome};
use crate::error::{ApiError, Result};
use crate::money::Rate;
use crate::object::template;
use crate::resources::connect::accounts;
use crate::state::document::{Doc, Map, Text};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, FieldError, Object, Resource};
use crate::state::{AccountKey, Id, Kind, Rank, Ref, Tx};
use crate::time::calendar;

pub use self::settlement::{SettlementCurrency, home, merchant};
pub use self::totals::{Balance, ENTRY as TOTALS, Sums, available, currencies, pending};

crate::values! {
    /// Whether the money of a row can be paid out (core-payments 6.10).
    pub enum RowStatus {
        Pending = "pending",
        Available = "available",
    }
}

crate::values! {
    /// What moved the money of a row: its `type` (core-payments 6.10).
    pub enum RowKind {
        Adjustment = "adjustment",
        Advance = "advance",
        AdvanceFunding = "advance_funding",
        AnticipationRepayment = "anticipation_repayment",
        ApplicationFee = "application_fee",
        ApplicationFeeRefund = "application_fee_refund",
        Charge = "charge",
        ClimateOrderPurchase = "climate_order_purchase",
        ClimateOrderRefund = "climate_order_refund",
        ConnectCollectionTransfer = "connect_collection_transfer",
        Contribution = "contribution",
        FeeCreditFunding = "fee_credit_funding",
        InboundTransfer = "inbound_transfer",
        InboundTransferReversal = "inbound_transfer_reversal",
        IssuingAuthorizationHold = "issuing_authorization_hold",
        IssuingAuthorizationRelease = "issuing_authorization_release",
        IssuingDispute = "issuing_dispute",
        IssuingDisputeProvisionalCredit = "issuing_dispute_provisional_credit",
        IssuingDisputeProvisionalCreditReversal = "issuing_dispute_provisional_credit_reversal",
        IssuingTransaction = "issuing_transaction",
        ObligationOutbound = "obligation_outbound",
        ObligationReversalInbound = "obligation_reversal_inbound",
        Payment = "payment",
        PaymentFailureRefund = "payment_failure_refund",
        PaymentNetworkReserveHold = "payment_network_reserve_hold",
        PaymentNetworkReserveRelease = "payment_network_reserve_release",
        PaymentRefund = "payment_refund",
        PaymentReversal = "payment_reversal",
        PaymentUnreconciled = "payment_unreconciled",
        Payout = "payout",
        PayoutCancel = "payout_cancel",
        PayoutFailure = "payout_failure",
        PayoutMinimumBalanceHold = "payout_minimum_balance_hold",
        PayoutMinimumBalanceRelease = "payout_minimum_balance_release",
        Refund = "refund",
        RefundFailure = "refund_failure",
        ReserveHold = "reserve_hold",
        ReserveRelease = "reserve_release",
        ReserveTransaction = "reserve_transaction",
        ReservedFunds = "reserved_funds",
        StripeBalancePaymentDebit = "stripe_balance_payment_debit",
        StripeBalancePaymentDebitReversal = "stripe_balance_payment_debit_reversal",
        StripeFee = "stripe_fee",
        StripeFxFee = "stripe_fx_fee",
        TaxFee = "tax_fee",
        TaxFund = "tax_fund",
        Topup = "topup",
        TopupReversal = "topup_reversal",
        Transfer = "transfer",
        TransferCancel = "transfer_cancel",
        TransferFailure = "transfer_failure",
        TransferRefund = "transfer_refund",
    }
}

crate::resource! {
    /// A balance transaction.
    BalanceTransaction = "balance_transaction" {
        /// Unix seconds.
        created: i64,
        /// Gross, in the currency's smallest unit; negative when money leaves.
        amount: i64,
        /// Unix seconds from which the money can be paid out.
        available_on: i64,
        /// Three letters, lower case.
        currency: Text,
        /// The fees of Stripe and of the platform, in the currency's smallest unit.
        fee: i64,
        /// `amount` minus `fee`.
        net: i64,
        /// The object that moved the money.
        source: Option<Id>,
        /// Whether the money can be paid out.
        status: RowStatus,
        /// What moved the money.
        kind as "type": RowKind,
    }
    hidden {
        /// The automatic payout that it is part of.
        payout: Absent<Id>,
        /// When the account hears from this row that money became available, in Unix seconds.
        announces_at: Absent<i64>,
    }
}

/// A new balance transaction.
#[derive(Clone, Debug)]
pub struct Posting<'a> {
    /// Its `type`.
    pub kind: RowKind,
    /// Gross, in the currency's smallest unit.
    pub amount: i64,
    /// Stripe's fee.
    pub fee: i64,
    /// The platform's fee.
    pub application_fee: i64,
    /// Three letters, lower case.
    pub currency: &'a str,
    /// The object that moves the money.
    pub source: &'a str,
    /// The rate by which the amounts were converted, or are for the account that pays them; `None` for none.
    pub rate: Option<Rate>,
    /// Shown to the user.
    pub description: Option<String>,
    /// Unix seconds from which the money is available.
    pub available_on: i64,
}

impl<'a> Posting<'a> {
    /// A row of this `type` for an amount (gross) that `source` moves, with nothing kept of it and no description.
    pub fn new(kind: RowKind, amount: i64, currency: &'a str, source: &'a str, available_on: i64) -> Self {
        let (fee, application_fee, rate, description) = (0, 0, None, None);
        Posting { kind, amount, fee, application_fee, currency, source, rate, description, available_on }
    }

    /// As [`new`](Self::new), for an amount that is converted to the ledger's currency.
    pub fn settled(
        kind: RowKind,
        amount: i64,
        settlement: &'a SettlementCurrency,
        source: &'a str,
        available_on: i64,
    ) -> Self {
        let amount = settlement.amount(amount);
        Posting { rate: settlement.rate, ..Posting::new(kind, amount, &settlement.currency, source, available_on) }
    }
}

impl BalanceTransaction {
    /// The rate that it shows.
    pub fn rate(&self) -> Option<Rate> {
        match self.rest.get("exchange_rate")? {
            Doc::Float(rate) => Rate::shown(*rate),
            rate => rate.as_int().and_then(Rate::whole),
        }
    }

    /// What it took with another sign, as a row of another kind: money that goes back as it came.
    pub fn undone<'a>(&'a self, kind: RowKind, source: &'a str, available_on: i64) -> Posting<'a> {
        Posting { rate: self.rate(), ..Posting::new(kind, -self.amount, &self.currency, source, available_on) }
    }

    /// The platform's fee, in the currency's smallest unit.
    pub fn application_fee(&self) -> i64 {
        let fees = self.rest.list("fee_details").unwrap_or_default().iter().filter_map(Doc::as_map);
        fees.filter(|fee| fee.str("type") == Some("application_fee")).filter_map(|fee| fee.int("amount")).sum()
    }
}

/// What a platform is called where it pays, and as an application.
pub const PLATFORM_NAME: &str = "Pinstripe";

/// The kind of the settings that say how long money stays pending.
const SETTINGS: Kind = crate::kind!("balance_settings");

/// Days for which a payment stays pending in the current account, from midnight UTC of its day (core-payments 6.10.4).
fn delay_days(tx: &Tx) -> i64 {
    let settings = tx.record(SETTINGS, SETTINGS.name()).map(|record| record.object.to_doc());
    let timing = settings.as_ref().and_then(|settings| settings.map("payments")?.map("settlement_timing"));
    timing.and_then(|timing| timing.int("delay_days")).unwrap_or(DELAY_DAYS)
}

/// The days of an account that has chosen no others.
pub const DELAY_DAYS: i64 = 2;

/// When money that arrives in the current account at `now` becomes available (core-payments 6.10.4).
pub fn available_on(tx: &Tx, now: i64) -> i64 {
    calendar::midnight(now) + delay_days(tx) * calendar::DAY
}

/// Days that money needs to or from a bank, from midnight UTC of its day (core-payments 9.4.4).
const BANK_DAYS: i64 = 2;

/// When money that is sent to or from a bank at `now` is there.
pub fn arrives_on(now: i64) -> i64 {
    calendar::midnight(now) + BANK_DAYS * calendar::DAY
}

/// Stores a balance transaction and adds it to the balance; its id has the family of its source.
pub fn post(tx: &mut Tx, ctx: &Ctx<'_>, posting: &Posting<'_>) -> Id {
    let family = if posting.source.split('_').nth(1).is_some_and(|id| id.starts_with('3')) { "3" } else { "1" };
    let id: Id = ENTRY.id.led_by(family).draw(&ctx.ids).into();
    let fee = posting.fee + posting.application_fee;
    let net = posting.amount - fee;
    let pending = posting.available_on > ctx.now;
    let mut row = BalanceTransaction {
        id: Id::clone(&id),
        created: ctx.now,
        amount: posting.amount,
        available_on: posting.available_on,
        currency: Text::copy_of(posting.currency),
        fee,
        net,
        source: Some(posting.source.into()),
        status: if pending { RowStatus::Pending } else { RowStatus::Available },
        kind: posting.kind,
        payout: Absent(None),
        announces_at: Absent(None),
        rest: rest(tx, posting),
    };
    totals::add(tx, &row.currency, net, pending);
    if !pending {
        row.announces_at = totals::announce_at(tx, ctx.now, &row.id, net);
    }
    tx.insert(row);
    id
}

fn rest(tx: &Tx, posting: &Posting<'_>) -> Map {
    /// What most rows show, shared by all of them.
    static USUAL: LazyLock<Map> = LazyLock::new(|| {
        let usual = Map::from([("balance_type", Doc::from("payments"))]);
        usual.with("description", Doc::Null).with("exchange_rate", Doc::Null).into_base()
    });
    let mut fees = Vec::with_capacity(2);
    if posting.application_fee != 0 {
        let platform = tx.state().account_id(AccountKey::PLATFORM).map(|id| accounts::application_id(id));
        let description = Text::formatted(format_args!("{PLATFORM_NAME} application fee"));
        fees.push(fee("application_fee", description, posting.application_fee, posting.currency, platform.into()));
    }
    if posting.fee != 0 {
        let description = Text::fixed(fee_description(posting.kind));
        fees.push(fee("stripe_fee", description, posting.fee, posting.currency, Doc::Null));
    }
    fees.shrink_to_fit();
    let mut own: Vec<(Text, Doc)> = Vec::with_capacity(4);
    if let Some(description) = &posting.description {
        own.push(("description".into(), description.clone().into()));
    }
    if let Some(rate) = posting.rate {
        own.push(("exchange_rate".into(), rate.number().into()));
    }
    own.push(("fee_details".into(), Doc::List(fees)));
    own.push(("reporting_category".into(), category(posting).into()));
    USUAL.overlaid(own)
}

/// A fee that a row shows.
fn fee(kind: &'static str, description: Text, amount: i64, currency: &str, application: Doc) -> Doc {
    let fee = Map::from([
        ("amount", Doc::from(amount)),
        ("application", application),
        ("currency", Text::copy_of(currency).into()),
        ("description", description.into()),
        ("type", kind.into()),
    ]);
    fee.into()
}

/// The description of a fee.
fn fee_description(kind: RowKind) -> &'static str {
    if kind == RowKind::Adjustment { "Dispute fee" } else { "Stripe processing fees" }
}

/// The reporting category (core-payments 6.10.2, 8.4.4, 9.2). An adjustment belongs to a dispute: it withdraws the
/// money or returns it.
fn category(posting: &Posting<'_>) -> &'static str {
    match posting.kind {
        RowKind::Payment => "charge",
        RowKind::PaymentRefund => "refund",
        RowKind::PaymentFailureRefund => "charge_failure",
        RowKind::PayoutCancel | RowKind::PayoutFailure => "payout_reversal",
        RowKind::ApplicationFee => "platform_earning",
        RowKind::ApplicationFeeRefund => "platform_earning_refund",
        RowKind::TransferRefund => "transfer_reversal",
        RowKind::Adjustment if posting.amount < 0 => "dispute",
        RowKind::Adjustment => "dispute_reversal",
        kind => kind.as_str(),
    }
}

/// The kind of payouts, which rows are tied to.
const PAYOUT: Kind = crate::kind!("payout");

/// `GET /v1/balance_transactions`: only automatic payouts have balance transactions of their own (core-payments 9.3.2,
/// 9.3.6).
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let payout = call.params.str("payout").and_then(|id| tx.record(PAYOUT, id)).filter(|payout| !payout.deleted);
    match payout.map(|payout| payout.object.to_doc()) {
        Some(payout) if payout.bool("automatic") == Some(false) => Err(ApiError::payout_is_manual()),
        _ => list::page(tx, &ENTRY, call, None).map(Outcome::List),
    }
}

/// The money of a row becomes available.
fn release(tx: &mut Tx, ctx: &Ctx<'_>, row: &Arc<BalanceTransaction>) -> Result<()> {
    totals::release(tx, &row.currency, row.net);
    let announces_at = totals::announce_at(tx, ctx.now, &row.id, row.net);
    tx.update::<BalanceTransaction>(&row.id, |row| {
        row.status = RowStatus::Available;
        row.announces_at = announces_at;
    });
    Ok(())
}

/// Emits `balance.available`.
fn announce(tx: &mut Tx, _: &Ctx<'_>, row: &Arc<BalanceTransaction>) -> Result<()> {
    tx.update::<BalanceTransaction>(&row.id, |row| row.announces_at = Absent(None));
    totals::announce(tx);
    Ok(())
}

/// The balance of a moment is announced when everything has happened that is due then.
const DUES: &[DueOf] = &[
    crate::due!(
        BalanceTransaction,
        "available",
        |row| (row.status == RowStatus::Pending).then_some(row.available_on),
        release
    ),
    DueOf { rank: Rank::Last, ..crate::due!(BalanceTransaction, "announce", |row| row.announces_at.0, announce) },
];

/// Reads a row: one whose net amount is not what remains of it would falsify the balance.
fn import(visible: Map, hidden: Map, created: i64) -> std::result::Result<Arc<dyn Object>, FieldError> {
    let row = BalanceTransaction::from_docs(visible, hidden, created)?;
    if row.amount.checked_sub(row.fee) != Some(row.net) {
        return Err(FieldError { field: "net", expected: "`amount` minus `fee`" });
    }
    Ok(Arc::new(row))
}

/// A row of a dump is added to the balance.
fn imported(tx: &mut Tx, _: &Ctx<'_>, about: &Ref) -> Result<()> {
    let Some(row) = tx.get::<BalanceTransaction>(&about.id) else { return Ok(()) };
    let pending = row.status == RowStatus::Pending;
    let mut rest = template::template(BalanceTransaction::KIND);
    rest.merge(&row.rest);
    tx.update::<BalanceTransaction>(&about.id, |row| row.rest = rest);
    totals::add(tx, &row.currency, row.net, pending);
    Ok(())
}

/// A balance transaction that a dump replaces is subtracted from the balance.
fn replaced(tx: &mut Tx, about: &Ref) {
    if let Some(row) = tx.get::<BalanceTransaction>(&about.id) {
        totals::add(tx, &row.currency, -row.net, row.status == RowStatus::Pending);
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: BalanceTransaction::KIND,
    marks: &[Marked::refused(&["available_on"])],
    fields: BalanceTransaction::FIELDS,
    noun: "balance transaction",
    id: IdForm::of("txn_"),
    path_param: "id",
    operations: &[
        ("balance_transactions.list", Behaviour::Read(list)),
        ("balance_transactions.retrieve", Behaviour::Retrieve),
        ("balance.history.list", Behaviour::Read(list)),
        ("balance.history.retrieve", Behaviour::Retrieve),
        ("balance.retrieve", Behaviour::Read(totals::retrieve)),
    ],
    filters: &[
        // Balance transactions of a dispute are not found by it (core-payments 9.3.4).
        crate::filter!("source", BalanceTransaction, |row| row.source.as_deref().filter(|id| !id.starts_with("du_"))),
        crate::filter!("payout", BalanceTransaction, |row| row.payout.0.as_deref(), Some(PAYOUT)),
        crate::filter!("type", BalanceTransaction, |row| Some(row.kind.as_str())),
        crate::filter!("currency", BalanceTransaction, |row| Some(row.currency.as_str())),
    ],
    import,
    imported: Some(imported),
    replaced: Some(replaced),
    dues: DUES,
    ..Entry::PLAIN
};
