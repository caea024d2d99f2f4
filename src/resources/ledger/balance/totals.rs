//! The balance as stored sums, so that showing it never reads all balance transactions (core-payments 9.3.1, 9.3.10).
//!
//! May use: the state. Invariant: it follows from the balance transactions, so no dump contains it.

use smallvec::SmallVec;

use super::{BalanceTransaction, RowStatus};
use crate::contract::{Call, Ctx, Entry, Expand, Outcome, View};
use crate::error::Result;
use crate::money::{self, Rounding};
use crate::resources::connect::external_accounts::{self, ExternalAccount};
use crate::settings::INSTANT_PAYOUT_FEE_PERCENT;
use crate::state::document::{Doc, Map, Text};
use crate::state::object::{Absent, FieldValue, Object, Resource, downcast};
use crate::state::{AccountKey, Id, Ref, Tx};

crate::resource! {
    /// The balance of an account.
    Balance = "balance" {
        /// What can be paid out.
        available: Sums,
        /// What cannot be paid out yet.
        pending: Sums,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// The balance transaction whose due item emits the next `balance.available`.
        announced_by: Absent<Id>,
    }
}

/// The id of an account's one balance; the API does not show it.
const ID: &str = "balance";

/// The currency of a platform without any money.
const DEFAULT_CURRENCY: &str = "usd";

/// Amounts by currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums(SmallVec<[(Text, i64); 2]>);

impl Sums {
    /// The sum in a currency.
    pub fn get(&self, currency: &str) -> i64 {
        self.0.iter().find(|(known, _)| known == currency).map_or(0, |(_, amount)| *amount)
    }

    fn add(&mut self, currency: &str, amount: i64) {
        match self.0.binary_search_by(|(known, _)| known.as_str().cmp(currency)) {
            Ok(i) => self.0[i].1 = self.0[i].1.saturating_add(amount),
            Err(i) => self.0.insert(i, (Text::copy_of(currency), amount)),
        }
    }
}

impl FieldValue for Sums {
    fn shows_as(&self, other: &Self) -> bool {
        self == other
    }
    fn write(&self) -> Option<Doc> {
        let rows = self.0.iter().map(|(currency, amount)| {
            Map::from([
                ("amount", Doc::from(*amount)),
                ("currency", currency.clone().into()),
                ("source_types", Map::from([("card", *amount)]).into()),
            ])
        });
        Some(rows.collect::<Vec<_>>().into())
    }
    fn read(doc: Option<Doc>) -> std::result::Result<Self, &'static str> {
        const EXPECTED: &str = "an array of amounts with their currency";
        let mut sums = Sums::default();
        for row in doc.as_ref().and_then(Doc::as_list).ok_or(EXPECTED)? {
            let row = row.as_map().ok_or(EXPECTED)?;
            sums.add(row.str("currency").ok_or(EXPECTED)?, row.int("amount").ok_or(EXPECTED)?);
        }
        Ok(sums)
    }
}

/// What can be paid out in a currency, in its smallest unit.
pub fn available(tx: &Tx, currency: &str) -> i64 {
    tx.get::<Balance>(ID).map_or(0, |balance| balance.available.get(currency))
}

/// What cannot be paid out yet in a currency, in its smallest unit.
pub fn pending(tx: &Tx, currency: &str) -> i64 {
    tx.get::<Balance>(ID).map_or(0, |balance| balance.pending.get(currency))
}

/// The currencies of the balance.
pub fn currencies(tx: &Tx) -> Vec<String> {
    tx.get::<Balance>(ID)
        .map_or_else(Vec::new, |balance| balance.available.0.iter().map(|(code, _)| code.to_string()).collect())
}

/// When the due item of a row emits `balance.available`, in Unix seconds; absent when another row's does, because there is
/// one event for all rows of a moment, or when no money came (core-payments 10.4.15).
pub(super) fn announce_at(tx: &mut Tx, now: i64, row: &Id, net: i64) -> Absent<i64> {
    let known = tx.get::<Balance>(ID).and_then(|balance| balance.announced_by.0.clone());
    let known = known.and_then(|row| tx.get::<BalanceTransaction>(&row));
    if net <= 0 || known.is_some_and(|row| row.announces_at.0.is_some()) {
        return Absent(None);
    }
    tx.update::<Balance>(ID, |balance| balance.announced_by = Absent(Some(Id::clone(row))));
    Absent(Some(now))
}

/// Emits `balance.available`.
pub(super) fn announce(tx: &mut Tx) {
    tx.update::<Balance>(ID, |balance| balance.announced_by = Absent(None));
    tx.announce("balance.available", &Ref { kind: Balance::KIND, id: ID.into() });
}

/// Adds the net amount of a new balance transaction.
pub(super) fn add(tx: &mut Tx, currency: &str, net: i64, pending: bool) {
    let (pending, available) = if pending { (net, 0) } else { (0, net) };
    change(tx, currency, pending, available);
}

/// Moves the net amount of a balance transaction from pending to available.
pub(super) fn release(tx: &mut Tx, currency: &str, net: i64) {
    change(tx, currency, -net, net);
}

/// Computes the balance from its rows.
fn recount(tx: &mut Tx) {
    let mut counted = empty();
    let rows = tx.state().table(tx.account(), BalanceTransaction::KIND).into_iter().flat_map(|table| table.live());
    for row in rows.filter_map(|record| record.get::<BalanceTransaction>()) {
        let pending = row.status == RowStatus::Pending;
        counted.pending.add(&row.currency, if pending { row.net } else { 0 });
        counted.available.add(&row.currency, if pending { 0 } else { row.net });
    }
    match tx.get::<Balance>(ID) {
        Some(balance) if balance.pending == counted.pending && balance.available == counted.available => {}
        Some(_) => tx.update::<Balance>(ID, |balance| {
            balance.pending = counted.pending;
            balance.available = counted.available;
        }),
        None if counted.available.0.is_empty() => {}
        None => {
            tx.insert(counted);
        }
    }
}

/// Both sums contain every currency that one of them has, as in the API.
fn change(tx: &mut Tx, currency: &str, pending: i64, available: i64) {
    if tx.get::<Balance>(ID).is_none() {
        tx.insert(empty());
    }
    tx.update::<Balance>(ID, |balance| {
        balance.pending.add(currency, pending);
        balance.available.add(currency, available);
    });
}

fn empty() -> Balance {
    Balance {
        id: ID.into(),
        available: Sums::default(),
        pending: Sums::default(),
        created: 0,
        announced_by: Absent(None),
        rest: Map::new(),
    }
}

/// `GET /v1/balance`.
pub(super) fn retrieve(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut balance = tx.get::<Balance>(ID).map_or_else(empty, |balance| Balance::clone(&balance));
    if balance.available.0.is_empty() {
        let currency = super::home(tx).unwrap_or_else(|| DEFAULT_CURRENCY.to_owned());
        balance.available.add(&currency, 0);
        balance.pending.add(&currency, 0);
    }
    let mut shown = shown(&balance);
    let is_net = call.params.expand.iter().any(|path| path == NET_AVAILABLE);
    let percent = ctx.settings.number(&INSTANT_PAYOUT_FEE_PERCENT);
    let instant = instant(tx, &balance.available, is_net.then_some(percent));
    if !instant.is_empty() {
        shown.set("instant_available", instant);
    }
    Ok(Outcome::Value(shown.into()))
}

/// What is shown only when it is expanded.
const NET_AVAILABLE: &str = "instant_available.net_available";

/// What a connected account can pay out at once: what is available in the currencies of its external accounts that take instant
/// payouts (connect-accounts 7.2); with `fee_percent`, which the platform takes besides, for each of these accounts what
/// arrives there.
fn instant(tx: &Tx, available: &Sums, fee_percent: Option<i64>) -> Vec<Map> {
    if tx.account() == AccountKey::PLATFORM {
        return Vec::new();
    }
    let externals = external_accounts::all(tx);
    let in_currency = |currency: &str| {
        let fits = |external: &&ExternalAccount| external.currency() == Some(currency) && external.offers_instant();
        externals.iter().filter(fits).map(|external| external.id().to_string()).collect::<Vec<_>>()
    };
    let row = |(currency, amount): &(Text, i64)| {
        let banks = in_currency(currency);
        let money = |amount: i64| {
            Map::from([("amount", Doc::from(amount)), ("source_types", Map::from([("card", amount)]).into())])
        };
        let whole = (!banks.is_empty()).then(|| money(*amount).with("currency", currency.clone()))?;
        let Some(percent) = fee_percent else { return Some(whole) };
        let net = money::proportion(*amount, 100, 100 + percent, Rounding::Down);
        let each: Vec<Map> = banks.into_iter().map(|bank| money(net).with("destination", bank)).collect();
        Some(whole.with("net_available", each))
    };
    available.0.iter().filter_map(row).collect()
}

/// A balance as the API shows it, in an event, too: without an id.
fn shown(balance: &Balance) -> Map {
    let nothing: Vec<Map> = balance
        .available
        .0
        .iter()
        .map(|(currency, _)| Map::from([("amount", Doc::from(0)), ("currency", currency.clone().into())]))
        .collect();
    let prefunding = Map::from([("available", nothing.clone()), ("pending", nothing)]);
    let mut shown = balance.to_doc();
    let _ = shown.remove("id");
    shown.set("livemode", false);
    shown.set("refund_and_dispute_prefunding", prefunding);
    shown
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Balance::KIND,
    fields: Balance::FIELDS,
    noun: "balance",
    import: crate::contract::import::<Balance>,
    views: &[View { from: Balance::KIND, doc: |balance| downcast::<Balance>(balance).map(shown) }],
    recount: Some(recount),
    expands: &[Expand::field(NET_AVAILABLE)],
    derived: true,
    ..Entry::PLAIN
};
