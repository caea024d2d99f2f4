//! Top-ups: money from a bank account into the balance (billing 6.7).
//!
//! May use: tokens, balance transactions. Invariant: a top-up is in the balance exactly while it is `succeeded`.

use std::sync::Arc;

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, Events, In, Marked, Outcome, Trigger, Turn, missing_as, require};
use crate::error::{ApiError, Result};
use crate::issuers::{self, PayoutOutcome};
use crate::object::{metadata, template};
use crate::resources::instruments::tokens::{self, Content};
use crate::resources::ledger::balance::{self, Posting, RowKind};
use crate::resources::ledger::payouts;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Id, Ref, Tx};

crate::values! {
    /// Whether the money of a top-up came (billing 6.7).
    pub enum TopupStatus {
        Pending = "pending",
        Succeeded = "succeeded",
        Failed = "failed",
        Canceled = "canceled",
        Reversed = "reversed",
    }
}

crate::resource! {
    /// A top-up.
    Topup = "topup" {
        /// Unix seconds.
        created: i64,
        /// In the currency's smallest unit.
        amount: i64,
        /// The balance transaction; null until the money arrives.
        balance_transaction: Option<Id>,
        /// Three letters, lower case.
        currency: String,
        /// Unix seconds.
        expected_availability_date: Option<i64>,
        /// The user's own keys and values.
        metadata: Map,
        /// Whether the money came.
        status: TopupStatus,
    }
    hidden {
        /// The number of the debited bank account, if one was sent.
        account_number: Option<String>,
    }
}

/// `POST /v1/topups`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let (amount, currency) = payouts::amount_of(params)?;
    if params.present("payment_method").is_some() {
        return Err(ApiError::not_implemented_feature("top-ups from a payment method"));
    }
    let account_number = match params.str("source") {
        None => None,
        Some(id) => match tokens::redeem(tx, ctx, id, || missing_as("source", id, In::Param("source")))? {
            Content::BankAccount(bank) => bank.account_number,
            Content::Card { .. } => return Err(ApiError::topup_needs_bank_account()),
        },
    };
    let mut rest = template::template(Topup::KIND);
    rest.set("livemode", false);
    rest.set("initiated_by", "user");
    for key in ["description", "statement_descriptor", "transfer_group"] {
        rest.set(key, params.get(key).cloned().unwrap_or_default());
    }
    let date = balance::arrives_on(ctx.now);
    let made = tx.insert(Topup {
        id: ENTRY.id.draw(&ctx.ids).into(),
        created: ctx.now,
        amount,
        balance_transaction: None,
        currency,
        expected_availability_date: Some(date),
        metadata: metadata::merge(&Map::new(), params.get("metadata"))?,
        status: TopupStatus::Pending,
        account_number,
        rest,
    });
    Ok(Outcome::Done(made))
}

/// `POST /v1/topups/:id/cancel`.
fn cancel(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let topup = require::<Topup>(tx, call.arg(0), In::Path)?;
    if topup.status != TopupStatus::Pending {
        return Err(ApiError::topup_not_cancelable(topup.status.as_str()));
    }
    tx.update::<Topup>(&topup.id, |topup| topup.status = TopupStatus::Canceled);
    Ok(Outcome::Done(Ref::to(&*topup)))
}

/// `GET /v1/topups`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let amount = call.params.get("amount");
    let fits = |topup: Arc<Topup>| list::within(amount, topup.amount);
    list::page_where(tx, &ENTRY, call, None, &|record| record.get().is_some_and(fits)).map(Outcome::List)
}

/// The bank answers: the money is there, or never comes.
fn arrive(tx: &mut Tx, ctx: &Ctx<'_>, topup: &Arc<Topup>) -> Result<()> {
    let outcome = topup.account_number.as_deref().map(issuers::payout_outcome);
    if let Some(PayoutOutcome::Failed(code)) = outcome {
        tx.update::<Topup>(&topup.id, |topup| {
            topup.status = TopupStatus::Failed;
            topup.rest.set("failure_code", code);
            topup.rest.set("failure_message", ApiError::payout_failure(code));
        });
        return Ok(());
    }
    let posting = Posting {
        description: topup.rest.str("description").map(str::to_owned),
        ..Posting::new(RowKind::Topup, topup.amount, &topup.currency, &topup.id, ctx.now)
    };
    let row = balance::post(tx, ctx, &posting);
    tx.update::<Topup>(&topup.id, |topup| {
        topup.status = TopupStatus::Succeeded;
        topup.balance_transaction = Some(row);
    });
    Ok(())
}

/// Completes a top-up of a dump.
fn imported(tx: &mut Tx, _: &Ctx<'_>, about: &Ref) -> Result<()> {
    let Some(topup) = tx.get::<Topup>(&about.id) else { return Ok(()) };
    let mut rest = template::template(Topup::KIND);
    rest.merge(&topup.rest);
    rest.set("source", rest.get("source").cloned().unwrap_or(Doc::Null));
    tx.update::<Topup>(&about.id, |topup| topup.rest = rest);
    Ok(())
}

/// Other events of a top-up (billing 7.6).
const TURNS: &[Turn] = &[
    crate::becomes!(Topup, ["topup.succeeded"], |topup| topup.status == TopupStatus::Succeeded),
    crate::becomes!(Topup, ["topup.failed"], |topup| topup.status == TopupStatus::Failed),
    crate::becomes!(Topup, ["topup.canceled"], |topup| topup.status == TopupStatus::Canceled),
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Topup::KIND,
    marks: &[Marked::refused(&["payment_method", "payment_method_options"])],
    fields: Topup::FIELDS,
    noun: "topup",
    id: IdForm::of("tu_"),
    path_param: "topup",
    operations: &[
        ("topups.create", Behaviour::Write(create)),
        ("topups.retrieve", Behaviour::Retrieve),
        ("topups.update", Behaviour::UpdateMetadata { under: None, kept: &["description"] }),
        ("topups.list", Behaviour::Read(list)),
        ("topups.cancel", Behaviour::Write(cancel)),
    ],
    filters: &[crate::filter!("status", Topup, |topup| Some(topup.status.as_str()))],
    import: crate::contract::import::<Topup>,
    imported: Some(imported),
    events: Events { created: Some("topup.created"), turns: TURNS, ..Events::NONE },
    dues: &[crate::due!(
        Topup,
        "arrive",
        |topup| topup.expected_availability_date.filter(|_| topup.status == TopupStatus::Pending),
        arrive
    )],
    triggers: &[
        Trigger::due("topup.succeeded"),
        Trigger::due("topup.failed"),
        Trigger::post("topup.canceled", "/v1/topups/{id}/cancel", &[]),
    ],
    ..Entry::PLAIN
};
