//! Disputes (core-payments 9.1, 9.2).
//!
//! May use: charges, customers, balance transactions. Invariant: the withdrawn amount of a dispute is the sum of its
//! balance transactions, and at most what was left of the charge.

mod open;
mod outcome;
mod respond;

use std::sync::Arc;

use crate::contract::{Behaviour, Call, Ctx, Entry, Events, In, Outcome, Pairs, Trigger, Turn, require};
use crate::error::{ApiError, Result};
use crate::resources::ledger::balance::BalanceTransaction;
use crate::resources::payments::charges::Charge;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Object, Ref, Tx};

pub use self::open::dispute;

crate::values! {
    /// Whose turn it is in a dispute, and how it ended (core-payments 9.2). An inquiry, of which no money is withdrawn,
    /// has statuses of its own.
    pub enum DisputeStatus {
        /// Of an inquiry: the seller has to answer.
        WarningNeedsResponse = "warning_needs_response",
        /// Of an inquiry: the bank reads the answer.
        WarningUnderReview = "warning_under_review",
        /// Of an inquiry: it ended without a chargeback.
        WarningClosed = "warning_closed",
        /// The seller has to answer.
        NeedsResponse = "needs_response",
        /// The bank reads the answer.
        UnderReview = "under_review",
        AppealNeedsResponse = "appeal_needs_response",
        AppealUnderReview = "appeal_under_review",
        Won = "won",
        Lost = "lost",
        /// It was settled before it began.
        Prevented = "prevented",
    }
}

crate::resource! {
    /// A dispute: a chargeback, or an inquiry that may become one.
    Dispute = "dispute" {
        /// Unix seconds.
        created: i64,
        /// The disputed amount, in the currency's smallest unit.
        amount: i64,
        /// The first balance transaction; the API shows it although its types no longer contain it.
        balance_transaction: Option<Id>,
        /// The balance transactions as they were stored: the withdrawal and the return.
        balance_transactions: Vec<Doc>,
        /// The charge.
        charge: Id,
        /// Three letters, lower case.
        currency: String,
        /// The seller's evidence.
        evidence: Map,
        /// The state of the evidence: due date, number of submissions.
        evidence_details: Map,
        /// Whether the charge can still be refunded.
        is_charge_refundable: bool,
        /// The user's own keys and values.
        metadata: Map,
        /// The intent of the charge.
        payment_intent: Option<Id>,
        /// The reason of the cardholder's bank.
        reason: String,
        /// Whose turn it is, and how it ended.
        status: DisputeStatus,
    }
    hidden {
        /// When the evidence that Stripe knows itself is filled in, in Unix seconds; absent once it is.
        fill_at: Absent<i64>,
        /// When the bank decides, in Unix seconds, once evidence of a test was submitted.
        decide_at: Absent<i64>,
    }
}

impl Dispute {
    /// Whether it is an inquiry, not a chargeback.
    fn is_inquiry(&self) -> bool {
        match self.status {
            DisputeStatus::WarningNeedsResponse | DisputeStatus::WarningUnderReview | DisputeStatus::WarningClosed => {
                true
            }
            DisputeStatus::NeedsResponse
            | DisputeStatus::UnderReview
            | DisputeStatus::AppealNeedsResponse
            | DisputeStatus::AppealUnderReview
            | DisputeStatus::Won
            | DisputeStatus::Lost
            | DisputeStatus::Prevented => false,
        }
    }

    fn is_closed(&self) -> bool {
        match self.status {
            DisputeStatus::Won | DisputeStatus::Lost | DisputeStatus::WarningClosed | DisputeStatus::Prevented => true,
            DisputeStatus::WarningNeedsResponse
            | DisputeStatus::WarningUnderReview
            | DisputeStatus::NeedsResponse
            | DisputeStatus::UnderReview
            | DisputeStatus::AppealNeedsResponse
            | DisputeStatus::AppealUnderReview => false,
        }
    }

    /// The withdrawn amount, in the currency's smallest unit.
    fn withdrawn(&self) -> i64 {
        -self.balance_transactions.iter().filter_map(|row| row.as_map()?.int("amount")).sum::<i64>()
    }

    fn add_row(&mut self, tx: &Tx, row: &Id) {
        self.balance_transaction.get_or_insert_with(|| Id::clone(row));
        self.balance_transactions.extend(tx.get::<BalanceTransaction>(row).map(|row| Doc::from(row.to_doc())));
    }
}

/// Whether the disputes of a charge allow a refund (core-payments 8.3.12, 8.3.13). A charge in a dump may be disputed
/// without a stored dispute.
pub fn allow_refund(tx: &Tx, charge: &Charge) -> bool {
    let disputes = tx.having::<Dispute>("charge", &charge.id);
    if disputes.is_empty() { !charge.disputed } else { disputes.iter().all(|dispute| dispute.is_charge_refundable) }
}

/// The dispute of the charge in a path (core-payments 9.2.13).
fn find_of_charge(tx: &Tx, charge: &str) -> Result<Arc<Dispute>> {
    let charge = require::<Charge>(tx, charge, In::Path)?;
    let newest = tx.having::<Dispute>("charge", &charge.id).into_iter().next();
    newest.ok_or_else(|| ApiError::charge_without_dispute(&charge.id))
}

/// `GET /v1/charges/:id/dispute`.
fn retrieve_of_charge(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    find_of_charge(tx, call.arg(0)).map(|dispute| Outcome::Done(Ref::to(&*dispute)))
}

/// Other events of a dispute (core-payments 10.4.8 to 10.4.14).
const TURNS: &[Turn] = &[
    crate::turn!(Dispute, ["charge.dispute.funds_withdrawn"], |before, after| before.is_none()
        && after.withdrawn() > 0),
    crate::turn!(Dispute, ["charge.dispute.updated", "charge.dispute.funds_withdrawn"], |before, after| before
        .is_some_and(|before| after.withdrawn() > before.withdrawn())),
    crate::turn!(Dispute, ["charge.dispute.funds_reinstated", "charge.dispute.closed"], |before, after| before
        .is_some_and(|before| after.withdrawn() < before.withdrawn())),
    crate::turn!(Dispute, ["charge.dispute.closed"], |before, after| after.is_closed()
        && before.is_some_and(|before| !before.is_closed())),
];

const WON: Pairs = &[("evidence[uncategorized_text]", "winning_evidence"), ("submit", "true")];

/// How events are made to happen; of several ways for one the first that works is taken.
const TRIGGERS: &[Trigger] = &[
    Trigger::rule("charge.dispute.created", dispute, "The cardholder disputes the whole charge")
        .of(crate::kind!("charge")),
    Trigger::rule("charge.dispute.created", dispute, "The cardholder disputes the whole charge")
        .of(crate::kind!("payment_intent"))
        .on("latest_charge"),
    Trigger::rule("charge.dispute.funds_withdrawn", dispute, "The cardholder disputes the whole charge")
        .of(crate::kind!("charge")),
    Trigger::rule("charge.dispute.funds_withdrawn", dispute, "The cardholder disputes the whole charge")
        .of(crate::kind!("payment_intent"))
        .on("latest_charge"),
    Trigger::update("charge.dispute.updated", "/v1/disputes/{id}"),
    Trigger::post("charge.dispute.closed", "/v1/disputes/{id}/close", &[]),
    Trigger::post("charge.dispute.funds_reinstated", "/v1/disputes/{id}", WON),
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Dispute::KIND,
    fields: Dispute::FIELDS,
    noun: "dispute",
    id: IdForm::of("du_"),
    path_param: "dispute",
    operations: &[
        ("disputes.list", Behaviour::List),
        ("disputes.retrieve", Behaviour::Retrieve),
        ("disputes.update", Behaviour::Write(respond::update)),
        ("disputes.close", Behaviour::Write(respond::close)),
        ("charges.dispute.retrieve", Behaviour::Read(retrieve_of_charge)),
        ("charges.dispute.update", Behaviour::Write(respond::update_of_charge)),
        ("charges.dispute.close", Behaviour::Write(respond::close_of_charge)),
    ],
    filters: &[
        crate::filter!("charge", Dispute, |dispute| Some(&*dispute.charge), Some(crate::kind!("charge"))),
        crate::filter!(
            "payment_intent",
            Dispute,
            |dispute| dispute.payment_intent.as_deref(),
            Some(crate::kind!("payment_intent"))
        ),
    ],
    counts: true,
    import: crate::contract::import::<Dispute>,
    imported: Some(open::imported),
    events: Events {
        created: Some("charge.dispute.created"),
        updated: &["charge.dispute.updated"],
        turns: TURNS,
        ..Events::NONE
    },
    reactions: open::REACTIONS,
    dues: outcome::DUES,
    triggers: TRIGGERS,
    ..Entry::PLAIN
};
