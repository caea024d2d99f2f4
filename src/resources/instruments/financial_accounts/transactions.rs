//! What was booked on a linked account (connect-accounts 12).
//!
//! May use: the bookings of the test bank. Invariant: a booking belongs to the refresh that told it last, and of those on an account
//! that was told of, one is pending.

use std::sync::Arc;

use super::FinancialAccount;
use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Outcome, missing_as, require};
use crate::error::{ApiError, Result};
use crate::issuers::{BOOKINGS, ON_ITS_WAY, TestBooking};
use crate::object::body;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Edit, Id, Kind, Record, Tx};
use crate::time::calendar::DAY;

crate::values! {
    /// How far a booking is.
    pub enum BookingStatus {
        Pending = "pending",
        Posted = "posted",
        Void = "void",
    }
}

crate::resource! {
    /// A booking on a linked account.
    FinancialTransaction = "financial_connections.transaction" {
        /// The account.
        account: Id,
        /// How far it is.
        status: BookingStatus,
        /// When it became so.
        status_transitions: Map,
        /// Unix seconds.
        transacted_at: i64,
        /// The refresh that told it last.
        transaction_refresh: String,
        /// When that was, in Unix seconds.
        updated: i64,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// The number of that refresh among all of the account.
        told_in: Option<i64>,
    }
}

/// The kind, for references.
const KIND: Kind = FinancialTransaction::KIND;

/// Tells what is booked on an account since it was asked the last time: what was on its way has arrived, and something else is.
pub(super) fn tell(tx: &mut Tx, ctx: &Ctx<'_>, account: &FinancialAccount) {
    if !is_told_of(tx, &account.id) {
        let days = i64::try_from(BOOKINGS.len()).unwrap_or_default();
        for (booking, ago) in BOOKINGS.iter().zip((1..=days).rev()) {
            book(tx, ctx, account, booking, ctx.now - ago * DAY, BookingStatus::Posted);
        }
    }
    for arrived in tx.having::<FinancialTransaction>("pending_on", &account.id) {
        let mut changed = Edit::of(arrived);
        changed.status = BookingStatus::Posted;
        changed.status_transitions.set("posted_at", ctx.now);
        account.last_told().unwrap_or_default().clone_into(&mut changed.transaction_refresh);
        changed.told_in = account.refreshes;
        changed.updated = ctx.now;
        changed.save(tx);
    }
    book(tx, ctx, account, &ON_ITS_WAY, ctx.now, BookingStatus::Pending);
}

/// Whether the bank ever told what is booked on an account. All of it is looked at only if nothing is pending.
fn is_told_of(tx: &Tx, account: &str) -> bool {
    ["pending_on", "account"].into_iter().any(|filter| !tx.records_having(KIND, filter, account).is_empty())
}

fn book(tx: &mut Tx, ctx: &Ctx<'_>, account: &FinancialAccount, booking: &TestBooking, at: i64, status: BookingStatus) {
    let posted = (status == BookingStatus::Posted).then_some(at);
    let rest = Map::from([
        ("amount", Doc::from(booking.amount)),
        ("currency", "usd".into()),
        ("description", booking.description.into()),
        ("livemode", false.into()),
    ]);
    let _ = tx.insert(FinancialTransaction {
        id: ENTRY.id.draw(&ctx.ids).into(),
        account: Id::clone(&account.id),
        status,
        status_transitions: Map::from([("posted_at", Doc::from(posted)), ("void_at", Doc::Null)]),
        transacted_at: at,
        transaction_refresh: account.last_told().unwrap_or_default().to_owned(),
        updated: ctx.now,
        created: ctx.now,
        told_in: account.refreshes,
        rest,
    });
}

/// `GET /v1/financial_connections/transactions`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let account = require::<FinancialAccount>(tx, params.str("account").unwrap_or_default(), In::Param("account"))?;
    account.check_allowed("transactions")?;
    if !is_told_of(tx, &account.id) {
        return Err(ApiError::transactions_not_refreshed());
    }
    let after = params.map("transaction_refresh").and_then(|refresh| refresh.str("after"));
    let number = |refresh: &str| number_of(tx, &account, refresh).ok_or_else(|| unknown_refresh(refresh));
    let after = after.map(number).transpose()?;
    let is_wanted = |booking: Arc<FinancialTransaction>| {
        list::within(params.get("transacted_at"), booking.transacted_at)
            && after.is_none_or(|after| booking.told_in.unwrap_or_default() > after)
    };
    let keep = |record: &Record| record.get::<FinancialTransaction>().is_some_and(&is_wanted);
    list::page_where(tx, &ENTRY, call, Some(("account", &account.id)), &keep).map(Outcome::List)
}

/// The number of a refresh among all of an account: the last one's, or that of one that told something. Such a refresh is found by
/// what it told as posted, which does not change any more.
fn number_of(tx: &Tx, account: &FinancialAccount, refresh: &str) -> Option<i64> {
    if account.last_told() == Some(refresh) {
        return account.refreshes;
    }
    let told = tx.having::<FinancialTransaction>("told_by", refresh);
    told.into_iter().find(|booking| booking.account == account.id)?.told_in
}

fn unknown_refresh(id: &str) -> ApiError {
    missing_as("transaction refresh", id, In::Param("transaction_refresh[after]"))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: FinancialTransaction::FIELDS,
    noun: "financial connections transaction",
    id: IdForm::of("fctxn_").led_by("1"),
    path_param: "transaction",
    operations: &[
        ("financial_connections.transactions.list", Behaviour::Read(list)),
        ("financial_connections.transactions.retrieve", Behaviour::Retrieve),
    ],
    filters: &[
        crate::filter!("account", FinancialTransaction, |booking| Some(&*booking.account)),
        // Not parameters of a list: they find what is pending on an account, and what a refresh told.
        crate::filter!("pending_on", FinancialTransaction, |booking| {
            (booking.status == BookingStatus::Pending).then_some(&*booking.account)
        }),
        crate::filter!("told_by", FinancialTransaction, |booking| Some(&*booking.transaction_refresh)),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<FinancialTransaction>,
    ..Entry::PLAIN
};
