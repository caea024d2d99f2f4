//! Application fees: the platform's share of its connected accounts' payments and instant payouts, and their refunds
//! (billing 6.4, 6.6, connect-accounts 7.2).
//!
//! May use: charges, the balances of both accounts. Invariant: fees and their refunds are the platform's objects, and
//! the refunds of a fee add up to its `amount_refunded`.

mod refunds;

use std::sync::Arc;

use crate::contract::{Behaviour, Ctx, Entry, Events, Include, Marked, Shown, Trigger, Turn};
use crate::error::Result;
use crate::money::Rate;
use crate::object::template;
use crate::resources::connect::accounts::{self, Account};
use crate::resources::connect::directory;
use crate::resources::ledger::balance::{self, BalanceTransaction, Posting, RowKind};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{AccountKey, Id, Tx};

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
        /// The refunded part, in the currency's smallest unit.
        amount_refunded: i64,
        /// The balance transaction of the platform.
        balance_transaction: Option<Id>,
        /// The charge in the connected account; empty for the fee of a payout, because the types have no null here.
        charge: Id,
        /// Three letters, lower case.
        currency: String,
        /// Whether all of it is refunded.
        refunded: bool,
    }
    hidden {
    }
}

/// A fee to collect.
#[derive(Debug)]
pub struct Fee<'a> {
    /// In the currency's smallest unit.
    pub amount: i64,
    /// The connected account that pays it.
    pub account: AccountKey,
    /// What it is for.
    pub source: FeeSource<'a>,
    /// Three letters, lower case.
    pub currency: &'a str,
    /// The rate to the currency in which the account pays it; `None` if it is the same.
    pub rate: Option<Rate>,
    /// The platform's charge whose money was transferred.
    pub originating: Option<&'a Id>,
    /// Unix seconds from which the platform can pay it out.
    pub available_on: i64,
}

/// What a fee is for, in the connected account.
#[derive(Clone, Copy, Debug)]
pub enum FeeSource<'a> {
    /// A charge.
    Charge(&'a Id),
    /// An instant payout.
    Payout(&'a Id),
}

impl FeeSource<'_> {
    /// The `fee_source`.
    fn shown(self) -> Map {
        let (kind, id) = match self {
            FeeSource::Charge(id) => ("charge", id),
            FeeSource::Payout(id) => ("payout", id),
        };
        Map::from([(kind, Doc::from(id.to_string())), ("type", kind.into())])
    }

    fn charge(self) -> Id {
        match self {
            FeeSource::Charge(id) => Id::clone(id),
            FeeSource::Payout(_) => "".into(),
        }
    }
}

impl ApplicationFee {
    /// The charge or the payout that it is for, in the connected account.
    fn paid_with(&self) -> &str {
        let source = self.rest.map("fee_source");
        source.and_then(|source| source.str("payout")).unwrap_or(&self.charge)
    }
}

/// Collects a fee for the platform. The connected account pays it in the balance transaction of what it is for.
pub fn collect(tx: &mut Tx, ctx: &Ctx<'_>, fee: &Fee<'_>) -> Id {
    tx.within(AccountKey::PLATFORM, |tx| {
        let id: Id = ENTRY.id.draw(&ctx.ids).into();
        let account = tx.state().account_id(fee.account).cloned().unwrap_or_else(|| tx.account_id());
        // The amount is the platform's; the row shows the rate at which the account pays it (connect-accounts 7.4).
        let posting = Posting {
            rate: fee.rate,
            description: Some(described(tx, &account)),
            ..Posting::new(RowKind::ApplicationFee, fee.amount, fee.currency, &id, fee.available_on)
        };
        let row = balance::post(tx, ctx, &posting);
        let mut rest = template::template(ApplicationFee::KIND);
        rest.set("application", accounts::application_id(&tx.account_id()));
        rest.set("fee_source", fee.source.shown());
        rest.set("livemode", false);
        rest.set("originating_transaction", fee.originating.map(ToString::to_string));
        tx.insert(ApplicationFee {
            id,
            created: ctx.now,
            account,
            amount: fee.amount,
            amount_refunded: 0,
            balance_transaction: Some(row),
            charge: fee.source.charge(),
            currency: fee.currency.to_owned(),
            refunded: false,
            rest,
        })
        .id
    })
}

/// The description of a fee's row: it names the account by its e-mail address, if it has one (connect-accounts 7.3).
fn described(tx: &Tx, account: &str) -> String {
    let object = tx.record(directory::KIND, account).and_then(|record| record.get::<Account>());
    let named = object.as_ref().and_then(|object| object.rest.str("email")).unwrap_or(account);
    let name = balance::PLATFORM_NAME;
    format!("Application fee from application {name} for {named} ({account})")
}

/// The rate at which an account paid a fee; `None` if it paid it in the fee's currency.
pub fn rate(tx: &mut Tx, fee: &ApplicationFee) -> Option<Rate> {
    let row = fee.balance_transaction.as_ref()?;
    tx.within(AccountKey::PLATFORM, |tx| tx.get::<BalanceTransaction>(row))?.rate()
}

/// Stores the fee in its charge; `platform` is the id of the account that collects it.
pub fn note(charge: &mut Map, platform: &str, amount: i64, fee: &Id) {
    charge.set("application", accounts::application_id(platform));
    charge.set("application_fee", fee.to_string());
    charge.set("application_fee_amount", amount);
}

/// The fee of a charge of a connected account.
pub fn of_charge(tx: &mut Tx, charge: &str) -> Option<Arc<ApplicationFee>> {
    tx.within(AccountKey::PLATFORM, |tx| tx.having::<ApplicationFee>("charge", charge).into_iter().next())
}

/// A fee of the platform by its id.
pub fn by_id(tx: &mut Tx, id: &str) -> Option<Arc<ApplicationFee>> {
    tx.within(AccountKey::PLATFORM, |tx| tx.get::<ApplicationFee>(id))
}

/// The event of a refund (billing 7.6).
const TURNS: &[Turn] = &[crate::turn!(ApplicationFee, ["application_fee.refunded"], |before, after| {
    before.is_some_and(|before| before.amount_refunded < after.amount_refunded)
})];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: ApplicationFee::KIND,
    marks: &[Marked::refused(&["directive"])],
    fields: ApplicationFee::FIELDS,
    noun: "application fee",
    id: IdForm::of("fee_"),
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
    events: Events {
        created: Some("application_fee.created"),
        turns: TURNS,
        show_before: &["application_fee.refunded"],
        ..Events::NONE
    },
    triggers: &[Trigger::post("application_fee.refunded", "/v1/application_fees/{id}/refunds", &[])],
    ..Entry::PLAIN
};
