//! Refunds (core-payments 8).
//!
//! May use: charges, balance transactions. Invariant: the refunds of a charge that are not failed or canceled add up to
//! its `amount_refunded`.

mod create;
mod effects;
mod shares;

use crate::contract::{Behaviour, Call, Ctx, Entry, Events, In, Marked, Outcome, Trigger, Turn, Under, require};
use crate::error::{ApiError, Result};
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Ref, Tx};

pub use self::create::make;
pub use self::effects::{fail, instruct};

crate::values! {
    /// Whether the money of a refund went back (core-payments 8.5).
    pub enum RefundStatus {
        /// The bank answers later.
        Pending = "pending",
        /// The customer has to say where the money goes.
        RequiresAction = "requires_action",
        Succeeded = "succeeded",
        /// The money came back.
        Failed = "failed",
        Canceled = "canceled",
    }
}

crate::resource! {
    /// A refund.
    Refund = "refund" {
        /// Unix seconds.
        created: i64,
        /// In the currency's smallest unit.
        amount: i64,
        /// The balance transaction; null for a released hold.
        balance_transaction: Option<Id>,
        /// The charge; null in old data.
        charge: Option<Id>,
        /// Three letters, lower case.
        currency: String,
        /// The user's own keys and values.
        metadata: Map,
        /// The intent of the charge.
        payment_intent: Option<Id>,
        /// Whether the money went back.
        status: Option<RefundStatus>,
    }
    hidden {
        /// When the bank has taken it, in Unix seconds, while it is pending.
        settle_at: Absent<i64>,
        /// When the card's bank sends it back, in Unix seconds.
        send_back_at: Absent<i64>,
    }
}

impl Refund {
    /// Whether its money went back, or is on its way.
    pub fn counts(&self) -> bool {
        !matches!(self.status, Some(RefundStatus::Failed | RefundStatus::Canceled))
    }

    /// Whether it has this status.
    fn is(&self, status: RefundStatus) -> bool {
        self.status == Some(status)
    }
}

/// `POST /v1/refunds/:id/cancel` (core-payments 8.5.4, 8.5.5).
fn cancel(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let refund = require::<Refund>(tx, call.arg(0), In::Path)?;
    if !matches!(refund.status, Some(RefundStatus::Pending | RefundStatus::RequiresAction)) {
        return Err(ApiError::refund_not_cancelable());
    }
    effects::give_up(tx, ctx, &refund, RefundStatus::Canceled, "merchant_request");
    Ok(Outcome::Done(Ref::to(&*refund)))
}

/// `POST /v1/test_helpers/refunds/:id/expire`.
fn expire(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let refund = require::<Refund>(tx, call.arg(0), In::Path)?;
    if refund.status != Some(RefundStatus::RequiresAction) {
        return Err(ApiError::refund_not_expirable(refund.status.map_or("", RefundStatus::as_str)));
    }
    effects::expire(tx, ctx, &refund);
    Ok(Outcome::Done(Ref::to(&*refund)))
}

/// Other events of a refund (core-payments 10.4.5).
const TURNS: &[Turn] =
    &[crate::turn!(Refund, ["refund.failed", "refund.updated", "charge.refund.updated"], |before, after| after.status
        == Some(RefundStatus::Failed)
        && before.is_some_and(|before| before.status != after.status))];

/// The charge in a path.
const UNDER: Under = Under { filter: "charge", param: "id" };

/// The ids of refunds of other charges than those of cards (core-payments 2).
const OTHER_RAILS_ID: IdForm = crate::resources::ledger::transfers::PAYMENT_REFUND_ID;

/// How events are made to happen; of several ways for one the first that works is taken.
const TRIGGERS: &[Trigger] = &[
    Trigger::rule("refund.updated", instruct, "The customer says where the money goes"),
    Trigger::update("refund.updated", "/v1/refunds/{id}"),
    Trigger::update("charge.refund.updated", "/v1/refunds/{id}"),
    Trigger::due("refund.failed"),
    Trigger::rule("refund.failed", fail, "The customer's bank sends the refund back"),
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Refund::KIND,
    marks: &[
        // What a refund of a customer's cash balance needs.
        Marked::refused(&["currency", "customer", "origin"]).on(&["refunds.create", "charges.refunds.create"]),
    ],
    fields: Refund::FIELDS,
    noun: "refund",
    id: IdForm::of("re_"),
    path_param: "refund",
    operations: &[
        ("refunds.create", Behaviour::Write(create::create)),
        ("refunds.retrieve", Behaviour::Retrieve),
        ("refunds.update", Behaviour::UpdateMetadata { under: None, kept: &[] }),
        ("refunds.cancel", Behaviour::Write(cancel)),
        ("refunds.list", Behaviour::List),
        ("test_helpers.refunds.expire", Behaviour::Write(expire)),
        ("charges.refund", Behaviour::Write(create::refund_charge)),
        ("charges.refunds.create", Behaviour::Write(create::create_of_charge)),
        ("charges.refunds.retrieve", Behaviour::RetrieveUnder(UNDER)),
        ("charges.refunds.update", Behaviour::UpdateMetadata { under: Some(UNDER), kept: &[] }),
        ("charges.refunds.list", Behaviour::ListUnder(UNDER)),
    ],
    filters: &[
        crate::filter!("charge", Refund, |refund| refund.charge.as_deref(), Some(crate::kind!("charge"))),
        crate::filter!(
            "payment_intent",
            Refund,
            |refund| refund.payment_intent.as_deref(),
            Some(crate::kind!("payment_intent"))
        ),
    ],
    counts: true,
    import: crate::contract::import::<Refund>,
    imported: Some(effects::imported),
    events: Events {
        created: Some("refund.created"),
        updated: &["refund.updated", "charge.refund.updated"],
        turns: TURNS,
        ..Events::NONE
    },
    reactions: effects::REACTIONS,
    named_by: &["refund"],
    dues: effects::DUES,
    triggers: TRIGGERS,
    ..Entry::PLAIN
};
