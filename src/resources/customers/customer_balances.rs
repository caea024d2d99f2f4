//! Customers' credit balances: what a customer owes beyond invoices, or is owed (core-payments 3.8).
//!
//! May use: customers, currencies. Invariant: a balance is the `ending_balance` of its last transaction; no transaction
//! is ever undone, and the customer shows the balance in its own currency.

use crate::contract::{Behaviour, Call, Ctx, Entry, Outcome, Under};
use crate::error::{ApiError, Result};
use crate::money;
use crate::object::{metadata, template};
use crate::resources::customers::customer;
use crate::resources::customers::customer::Customer;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Id, Ref, Tx};

crate::resource! {
    /// One change of a customer's credit balance.
    BalanceChange = "customer_balance_transaction" {
        /// Unix seconds.
        created: i64,
        /// The change, in the currency's smallest unit; below zero: a credit.
        amount: i64,
        /// Three letters, lower case.
        currency: String,
        /// The customer.
        customer: Id,
        /// The balance afterwards, in the currency's smallest unit.
        ending_balance: i64,
        /// The user's own keys and values.
        metadata: Map,
    }
    hidden {
    }
}

/// A customer's balances by currency, the customer's own included.
pub fn of_customer(tx: &Tx, customer: &str) -> Map {
    let mut balances = Map::new();
    if let Some(customer) = tx.get::<Customer>(customer)
        && let Some(currency) = customer.rest.str("currency")
    {
        balances.set(currency.to_owned(), customer.rest.int("balance").unwrap_or_default());
    }
    for change in tx.having::<BalanceChange>("customer", customer) {
        if !balances.has(&change.currency) {
            balances.set(change.currency.clone(), change.ending_balance);
        }
    }
    balances
}

/// Stores the transaction of a balance that was set when the customer was created (`initial`) or later (`adjustment`);
/// `before` is the balance before.
pub fn note_set(tx: &mut Tx, ctx: &Ctx<'_>, customer: &Id, before: i64, kind: &'static str) {
    let Some(customer) = tx.get::<Customer>(customer) else { return };
    let ending_balance = customer.rest.int("balance").unwrap_or_default();
    let amount = ending_balance.saturating_sub(before);
    if let Some(currency) = customer.rest.str("currency").filter(|_| amount != 0) {
        let change = BalanceStep { amount, currency: currency.to_owned(), ending_balance, params: &Map::new() };
        insert(tx, ctx, &customer.id, kind, change);
    }
}

/// Changes a customer's balance in a currency by an amount, in its smallest unit; `kind` is the type of the transaction, and
/// `about` are its fields that say what for: `invoice` or `credit_note` with an id. Returns the transaction.
pub fn change(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    customer: &Id,
    (amount, currency): (i64, &str),
    kind: &'static str,
    about: &Map,
) -> Id {
    let before = of_customer(tx, customer).int(currency).unwrap_or_default();
    let ending_balance = before.saturating_add(amount);
    let own = tx.get::<Customer>(customer);
    if own.is_some_and(|customer| customer.rest.str("currency").is_none_or(|own| own == currency)) {
        tx.update::<Customer>(customer, |customer| {
            customer.rest.set("balance", ending_balance);
            customer.rest.set("currency", currency.to_owned());
        });
    }
    let change = BalanceStep { amount, currency: currency.to_owned(), ending_balance, params: &Map::new() };
    let made = insert(tx, ctx, customer, kind, change);
    tx.update::<BalanceChange>(&made.id, |change| change.rest.merge(about));
    made.id
}

struct BalanceStep<'a> {
    amount: i64,
    currency: String,
    ending_balance: i64,
    /// `description` and `metadata`, checked.
    params: &'a Map,
}

fn insert(tx: &mut Tx, ctx: &Ctx<'_>, customer: &Id, kind: &'static str, change: BalanceStep<'_>) -> Ref {
    let mut rest = template::template(BalanceChange::KIND);
    rest.set("description", change.params.get("description").cloned().unwrap_or_default());
    rest.set("livemode", false);
    rest.set("type", kind);
    tx.insert(BalanceChange {
        id: ENTRY.id.draw(&ctx.ids).into(),
        created: ctx.now,
        amount: change.amount,
        currency: change.currency,
        customer: Id::clone(customer),
        ending_balance: change.ending_balance,
        metadata: change.params.map("metadata").cloned().unwrap_or_default(),
        rest,
    })
}

/// `POST /v1/customers/:customer/balance_transactions`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = customer::in_path(tx, call.arg(0))?;
    let params = &call.params;
    let amount = params.int("amount").unwrap_or_default();
    let currency = params.str("currency").unwrap_or_default().to_lowercase();
    if !money::is_currency(&currency) {
        return Err(ApiError::currency_invalid("currency", &currency, money::CURRENCIES));
    }
    let before = of_customer(tx, &customer.id).int(&currency).unwrap_or_default();
    let ending_balance = before.checked_add(amount).ok_or_else(|| match before {
        ..0 => ApiError::param_below("amount", i64::MIN - before),
        _ => ApiError::param_above("amount", i64::MAX - before),
    })?;
    let own = customer.rest.str("currency").is_none_or(|own| own == currency);
    if own {
        tx.update::<Customer>(&customer.id, |customer| {
            customer.rest.set("balance", ending_balance);
            customer.rest.set("currency", currency.clone());
        });
    }
    let metadata = metadata::merge(&Map::new(), params.get("metadata"))?;
    let mut sent = Map::from([("metadata", metadata)]);
    sent.set("description", params.get("description").cloned());
    let change = BalanceStep { amount, currency, ending_balance, params: &sent };
    Ok(Outcome::Done(insert(tx, ctx, &customer.id, "adjustment", change)))
}

/// The customer in a path.
const UNDER: Under = Under { filter: "customer", param: "customer" };

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: BalanceChange::KIND,
    fields: BalanceChange::FIELDS,
    noun: "customer_balance_transaction",
    id: IdForm::of("cbtxn_"),
    path_param: "transaction",
    operations: &[
        ("customers.balance_transactions.create", Behaviour::Write(create)),
        ("customers.balance_transactions.retrieve", Behaviour::RetrieveUnder(UNDER)),
        (
            "customers.balance_transactions.update",
            Behaviour::UpdateMetadata { under: Some(UNDER), kept: &["description"] },
        ),
        ("customers.balance_transactions.list", Behaviour::ListUnder(UNDER)),
    ],
    filters: &[
        crate::filter!("customer", BalanceChange, |change| Some(&change.customer), Some(customer::KIND)),
        crate::filter!("invoice", BalanceChange, |change| change.rest.str("invoice"), Some(crate::kind!("invoice"))),
    ],
    import: crate::contract::import::<BalanceChange>,
    ..Entry::PLAIN
};
