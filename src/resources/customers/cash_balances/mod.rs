//! Customers' cash balances: money from bank transfers that no payment has used yet (core-payments 3.8).
//!
//! May use: customers, the intents that wait for a transfer. Invariant: a balance is the sum of its transactions, never
//! below zero, and does not belong to the account before a payment uses it.

pub mod instructions;
mod rules;

use crate::contract::{Behaviour, Ctx, Entry, Events, Marked, Under};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Tx};

pub use rules::{change_settings, doc_of, has_any};

crate::resource! {
    /// A customer's cash balance.
    CashBalance = "cash_balance" of customer {
        /// By currency, in its smallest unit; null before anything was received.
        available: Doc,
        /// The customer.
        customer: Id,
        /// How it is reconciled with payments.
        settings: Map,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
    }
}

crate::resource! {
    /// One change of a cash balance.
    CashTransaction = "customer_cash_balance_transaction" {
        /// Unix seconds.
        created: i64,
        /// Three letters, lower case.
        currency: String,
        /// The customer.
        customer: Id,
        /// The balance afterwards, in the currency's smallest unit.
        ending_balance: i64,
        /// The change in the currency's smallest unit; below zero for money that leaves.
        net_amount: i64,
        /// `funded`, `applied_to_payment`, …
        kind as "type": String,
    }
    hidden {
        /// The intent that used it, or from which it was taken back.
        payment_intent: Absent<Id>,
    }
}

/// The available cash balance of a customer in a currency.
pub fn available(tx: &Tx, customer: &str, currency: &str) -> i64 {
    let balance = tx.get::<CashBalance>(customer);
    balance.and_then(|balance| balance.available.as_map()?.int(currency)).unwrap_or_default()
}

/// Whether a customer's transfers are applied to open payments automatically.
pub fn reconciles_automatically(tx: &Tx, customer: &str) -> bool {
    let balance = tx.get::<CashBalance>(customer);
    balance.is_none_or(|balance| balance.settings.str("reconciliation_mode") != Some("manual"))
}

/// The part of a customer's cash balance that an intent used.
pub fn applied(tx: &Tx, intent: &str) -> i64 {
    -tx.having::<CashTransaction>("payment_intent", intent).iter().map(|row| row.net_amount).sum::<i64>()
}

/// Adds money from a bank transfer to a customer's cash balance; returns the transaction.
pub fn receive(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    customer: &Id,
    currency: &str,
    amount: i64,
    reference: Option<String>,
) -> Id {
    let funded = Map::from([("bank_transfer", instructions::received(currency, reference))]);
    change(tx, ctx, &CashChange { customer, currency, amount, kind: "funded", details: funded, intent: None })
}

/// Uses a part of a customer's cash balance for an intent.
pub fn apply(tx: &mut Tx, ctx: &Ctx<'_>, customer: &Id, intent: &Id, currency: &str, amount: i64) {
    let details = Map::from([("payment_intent", intent.to_string())]);
    let intent = Some(intent);
    change(tx, ctx, &CashChange { customer, currency, amount: -amount, kind: "applied_to_payment", details, intent });
}

/// Returns the money of a canceled intent.
pub fn unapply(tx: &mut Tx, ctx: &Ctx<'_>, customer: &Id, intent: &Id, currency: &str) {
    let amount = applied(tx, intent);
    if amount <= 0 {
        return;
    }
    let details = Map::from([("payment_intent", intent.to_string())]);
    let intent = Some(intent);
    change(tx, ctx, &CashChange { customer, currency, amount, kind: "unapplied_from_payment", details, intent });
}

/// Returns the money of a refunded payment to the cash balance.
pub fn give_back(tx: &mut Tx, ctx: &Ctx<'_>, customer: &Id, refund: &str, amount: i64, currency: &str) {
    let details = Map::from([("refund", refund.to_owned())]);
    change(tx, ctx, &CashChange { customer, currency, amount, kind: "refunded_from_payment", details, intent: None });
}

struct CashChange<'a> {
    customer: &'a Id,
    currency: &'a str,
    /// Below zero for money that leaves.
    amount: i64,
    kind: &'static str,
    /// The fields of the transaction under its type.
    details: Map,
    intent: Option<&'a Id>,
}

/// Stores the transaction, and then the new balance.
fn change(tx: &mut Tx, ctx: &Ctx<'_>, change: &CashChange<'_>) -> Id {
    let ending_balance = available(tx, change.customer, change.currency) + change.amount;
    let mut rest = crate::object::template::template(CashTransaction::KIND);
    rest.set("livemode", false);
    rest.set(change.kind, change.details.clone());
    let row = CashTransaction {
        id: TRANSACTIONS.id.draw(&ctx.ids).into(),
        created: ctx.now,
        currency: change.currency.to_owned(),
        customer: Id::clone(change.customer),
        ending_balance,
        net_amount: change.amount,
        kind: change.kind.to_owned(),
        payment_intent: Absent(change.intent.cloned()),
        rest,
    };
    let id = tx.insert(row).id;
    rules::ensure(tx, ctx, change.customer);
    tx.update::<CashBalance>(change.customer, |balance| {
        let mut available = balance.available.as_map().cloned().unwrap_or_default();
        available.set(change.currency.to_owned(), ending_balance);
        balance.available = available.into();
    });
    id
}

/// The registry's entry of the balances.
pub static ENTRY: Entry = Entry {
    kind: CashBalance::KIND,
    marks: &[
        Marked::acts(
            &["currency"],
            "payments::rails::transfers::funding_instructions_are_the_same_whenever_they_are_asked_for",
        )
        .on(&["customers.funding_instructions.create"]),
        Marked::neutral(&["funding_type"], "it has one value"),
    ],
    fields: CashBalance::FIELDS,
    noun: "cash_balance",
    path_param: "customer",
    operations: &[
        ("customers.cash_balance.retrieve", Behaviour::Read(rules::retrieve)),
        ("customers.cash_balance.update", Behaviour::Write(rules::update)),
        ("customers.funding_instructions.create", Behaviour::Read(instructions::create)),
    ],
    filters: &[crate::filter!(
        "customer",
        CashBalance,
        |balance| Some(&balance.customer),
        Some(crate::kind!("customer"))
    )],
    import: crate::contract::import::<CashBalance>,
    ..Entry::PLAIN
};

/// The registry's entry of the transactions.
pub static TRANSACTIONS: Entry = Entry {
    kind: CashTransaction::KIND,
    fields: CashTransaction::FIELDS,
    noun: "customer_cash_balance_transaction",
    id: IdForm::of("ccsbtxn_"),
    path_param: "transaction",
    operations: &[
        ("customers.cash_balance_transactions.list", Behaviour::ListUnder(Under { filter: "customer", param: "id" })),
        (
            "customers.cash_balance_transactions.retrieve",
            Behaviour::RetrieveUnder(Under { filter: "customer", param: "customer" }),
        ),
    ],
    events: Events { created: Some("customer_cash_balance_transaction.created"), ..Events::NONE },
    filters: &[
        crate::filter!("customer", CashTransaction, |row| Some(&row.customer), Some(crate::kind!("customer"))),
        crate::filter!(
            "payment_intent",
            CashTransaction,
            |row| row.payment_intent.0.as_deref(),
            Some(crate::kind!("payment_intent"))
        ),
    ],
    import: crate::contract::import::<CashTransaction>,
    ..Entry::PLAIN
};
