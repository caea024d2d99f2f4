//! Application fees: what a platform keeps of its connected accounts' payments, and gives back (billing 6.4, 6.6).
//!
//! May use: charges, the ledger of both accounts. Invariant: fees and their refunds are the platform's objects, and the
//! refunds of a fee sum to its `amount_refunded`.

mod refunds;

use std::sync::Arc;

use crate::contract::{Behaviour, Ctx, Entry, Events, Include, Shown, Turn};
use crate::error::Result;
use crate::resources::ledger::balance::{self, Posting};
use crate::resources::payments::charges::Charge;
use crate::resources::template;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Account, Id, Tx};

pub use self::refunds::{ENTRY as REFUNDS, FeeRefund, give_back};

crate::resource! {
    /// A fee.
    ApplicationFee = "application_fee" {
        /// Unix seconds.
        created: i64,
        /// The connected account that pays it.
        account: Id,
        /// In the currency's smallest unit.
        amount: i64,
        /// What went back.
        amount_refunded: i64,
        /// The row that brought the money.
        balance_transaction: Option<Id>,
        /// The charge that it was taken from, in the connected account.
        charge: Id,
        /// Three letters, lower case.
        currency: String,
        /// Whether all of it went back.
        refunded: bool,
    }
    hidden {
    }
}

/// A fee to be taken.
#[derive(Debug)]
pub struct Fee<'a> {
    /// In the currency's smallest unit.
    pub amount: i64,
    /// The connected account that pays it.
    pub account: Account,
    /// The charge in the connected account that it is taken from.
    pub charge: &'a Charge,
    /// The platform's charge whose money went there.
    pub originating: Option<&'a Charge>,
    /// Unix seconds from which on the platform can pay it out.
    pub available_on: i64,
}

/// Takes a fee: the platform's side of it. What the connected account pays is in the row of its charge.
pub fn collect(tx: &mut Tx, ctx: &Ctx<'_>, fee: &Fee<'_>) -> Id {
    tx.within(Account::PLATFORM, |tx| {
        let id: Id = ctx.ids.id_with("fee_", "1", 24).into();
        let row = balance::post(
            tx,
            ctx,
            &Posting {
                kind: "application_fee",
                amount: fee.amount,
                fee: 0,
                application_fee: 0,
                currency: &fee.charge.currency,
                source: &id,
                description: None,
                available_on: fee.available_on,
            },
        );
        let mut rest = template::template(ApplicationFee::KIND);
        let source = Map::from([("charge", Doc::from(fee.charge.id.to_string())), ("type", "charge".into())]);
        rest.set("application", application(&tx.account_id()));
        rest.set("fee_source", source);
        rest.set("livemode", false);
        rest.set("originating_transaction", fee.originating.map(|charge| charge.id.to_string()));
        tx.insert(ApplicationFee {
            id,
            created: ctx.now,
            account: tx.state().account_id(fee.account).cloned().unwrap_or_else(|| tx.account_id()),
            amount: fee.amount,
            amount_refunded: 0,
            balance_transaction: Some(row),
            charge: Id::clone(&fee.charge.id),
            currency: fee.charge.currency.clone(),
            refunded: false,
            rest,
        })
        .id
    })
}

/// Notes on a charge that a fee was taken from it; `platform` is the id of the account that took it.
pub fn note(charge: &mut Map, platform: &str, amount: i64, fee: &Id) {
    charge.set("application", application(platform));
    charge.set("application_fee", fee.to_string());
    charge.set("application_fee_amount", amount);
}

/// The platform as an application: every account has one, which is known by its id alone.
pub fn application(platform: &str) -> String {
    format!("ca_{}", platform.trim_start_matches("acct_"))
}

/// The fee that was taken from a charge of a connected account.
pub fn of_charge(tx: &mut Tx, charge: &str) -> Option<Arc<ApplicationFee>> {
    tx.within(Account::PLATFORM, |tx| tx.having::<ApplicationFee>("charge", charge).into_iter().next())
}

/// A fee of the platform by its id.
pub fn by_id(tx: &mut Tx, id: &str) -> Option<Arc<ApplicationFee>> {
    tx.within(Account::PLATFORM, |tx| tx.get::<ApplicationFee>(id))
}

/// What is told of a fee besides (billing 7.6).
const TURNS: &[Turn] = &[crate::turn!(ApplicationFee, ["application_fee.refunded"], |before, after| {
    before.is_some_and(|before| before.amount_refunded < after.amount_refunded)
})];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: ApplicationFee::KIND,
    fields: ApplicationFee::FIELDS,
    noun: "application fee",
    path_param: "id",
    operations: &[
        ("application_fees.retrieve", Behaviour::Retrieve),
        ("application_fees.list", Behaviour::List),
        ("application_fees.refund", Behaviour::Write(refunds::refund_fee)),
    ],
    filters: &[crate::filter!("charge", ApplicationFee, |fee| Some(&*fee.charge))],
    includes: &[Include {
        field: "refunds",
        shown: Shown::Always,
        total_count: true,
        rows: |tx, fee| tx.records_having(FeeRefund::KIND, "fee", fee),
        url: |fee| format!("/v1/application_fees/{fee}/refunds"),
    }],
    import: crate::contract::import::<ApplicationFee>,
    events: Events { created: Some("application_fee.created"), turns: TURNS, ..Events::NONE },
    ..Entry::PLAIN
};
