//! Payouts (core-payments 9.4, billing 6.7).
//!
//! May use: external accounts, balance transactions, application fees. Invariant: a canceled or failed payout has returned its money, and
//! no payout is larger than the available balance.

mod automatic;
mod create;
mod fee;
mod flow;

use std::sync::Arc;

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, Events, Marked, Outcome, Trigger, Turn};
use crate::error::Result;
use crate::resources::connect::directory;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Id, Tx};

pub(super) use self::automatic::{PayoutRun, pay_out};
pub(super) use self::create::amount_of;
pub use self::flow::fail;

crate::values! {
    /// How far the money of a payout is (core-payments 9.4.4).
    pub enum PayoutStatus {
        /// It goes to the bank at the end of the day.
        Pending = "pending",
        /// The bank has it.
        InTransit = "in_transit",
        /// It arrived.
        Paid = "paid",
        Canceled = "canceled",
        /// The bank sent it back.
        Failed = "failed",
    }
}

crate::values! {
    /// How fast a payout is (billing 6.7).
    pub enum PayoutMethod {
        Standard = "standard",
        /// It arrives at once.
        Instant = "instant",
    }
}

crate::resource! {
    /// A payout.
    Payout = "payout" {
        /// Unix seconds.
        created: i64,
        /// In the currency's smallest unit; negative for a reversal.
        amount: i64,
        /// Unix seconds.
        arrival_date: i64,
        /// Whether a schedule created it.
        automatic: bool,
        /// The balance transaction that took the money.
        balance_transaction: Option<Id>,
        /// Three letters, lower case.
        currency: String,
        /// The bank account or the debit card.
        destination: Option<Id>,
        /// The balance transaction that returned the money; null if none did.
        failure_balance_transaction: Option<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// How fast it is.
        method: PayoutMethod,
        /// The payout that this one reverses; null for none.
        original_payout: Option<Id>,
        /// The payout that reverses this one; null for none.
        reversed_by: Option<Id>,
        /// How far the money is.
        status: PayoutStatus,
    }
    hidden {
    }
}

/// `GET /v1/payouts`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let arrival = call.params.get("arrival_date");
    let arrives = |payout: Arc<Payout>| list::within(arrival, payout.arrival_date);
    list::page_where(tx, &ENTRY, call, None, &|record| record.get().is_some_and(arrives)).map(Outcome::List)
}

/// Other events of a payout (core-payments 10.4.16).
const TURNS: &[Turn] = &[
    crate::becomes!(Payout, ["payout.paid"], |payout| payout.status == PayoutStatus::Paid),
    crate::becomes!(Payout, ["payout.failed"], |payout| payout.status == PayoutStatus::Failed),
    crate::becomes!(Payout, ["payout.canceled"], |payout| payout.status == PayoutStatus::Canceled),
    crate::becomes!(Payout, ["payout.reconciliation_completed"], |payout| {
        payout.rest.str("reconciliation_status") == Some("completed")
    }),
];

/// How events are made to happen; of several ways for one the first that works is taken.
const TRIGGERS: &[Trigger] = &[
    Trigger::rule("payout.created", automatic::pay_out_everything, "What is available is paid out").of(directory::KIND),
    Trigger::update("payout.updated", "/v1/payouts/{id}"),
    Trigger::post("payout.canceled", "/v1/payouts/{id}/cancel", &[]),
    Trigger::due("payout.paid"),
    Trigger::rule("payout.failed", fail, "The bank rejects the payout"),
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Payout::KIND,
    marks: &[Marked::acts(&["source_type"], "connect::funds::all_money_comes_from_cards")],
    fields: Payout::FIELDS,
    noun: "payout",
    id: IdForm::of("po_"),
    path_param: "payout",
    operations: &[
        ("payouts.create", Behaviour::Write(create::create)),
        ("payouts.retrieve", Behaviour::Retrieve),
        ("payouts.update", Behaviour::UpdateMetadata { under: None, kept: &[] }),
        ("payouts.list", Behaviour::Read(list)),
        ("payouts.cancel", Behaviour::Write(flow::cancel)),
        ("payouts.reverse", Behaviour::Write(flow::reverse)),
    ],
    filters: &[
        crate::filter!("destination", Payout, |payout| payout.destination.as_deref()),
        crate::filter!("status", Payout, |payout| Some(payout.status.as_str())),
    ],
    import: crate::contract::import::<Payout>,
    imported: Some(flow::imported),
    events: Events { created: Some("payout.created"), updated: &["payout.updated"], turns: TURNS, ..Events::NONE },
    dues: flow::DUES,
    triggers: TRIGGERS,
    ..Entry::PLAIN
};
