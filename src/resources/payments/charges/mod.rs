//! Charges (core-payments 6).
//!
//! May use: instruments, balance transactions, the money rules. Invariant: a charge's
//! `amount_refunded` never exceeds its amount, and a failed charge never changes again.

mod change;
mod connect;
mod create;
pub mod details;
pub mod flow;
mod network;
pub mod settle;
mod shape;
#[cfg(test)]
mod tests;

pub use self::connect::{check, check_capture, check_parties, name_application, reconsider};
pub use self::shape::shipping;

use crate::contract::version::Gate;
use crate::contract::{
    Act, Behaviour, Change, Entry, Events, Expand, Fill, Include, Marked, Pairs, Rewrite, STATEMENTS, Shown, Trigger,
    Turn, Undocumented,
};
use crate::resources::instruments::cards::ENCRYPTED;
use crate::state::Id;
use crate::state::document::{Doc, Map, Text};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Flag, Resource};

crate::values! {
    /// Whether the money of a charge came (core-payments 4.1).
    pub enum ChargeStatus {
        /// It was taken, or is held.
        Succeeded = "succeeded",
        /// The bank answers later.
        Pending = "pending",
        Failed = "failed",
    }
}

crate::resource! {
    /// A charge.
    Charge = "charge" {
        /// Unix seconds.
        created: i64,
        /// In the currency's smallest unit.
        amount: i64,
        /// The captured part, in the currency's smallest unit.
        amount_captured: i64,
        /// The refunded part, in the currency's smallest unit.
        amount_refunded: i64,
        /// The balance transaction; null until there is one.
        balance_transaction: Option<Id>,
        /// Whether the money was captured, not only held.
        captured: bool,
        /// Three letters, lower case.
        currency: Text,
        /// The customer; null for none.
        customer: Option<Id>,
        /// Shown to the user.
        description: Option<String>,
        /// Whether a dispute was opened.
        disputed: bool,
        /// The user's own keys and values.
        metadata: Map,
        /// Whether the money was captured or is held.
        paid: bool,
        /// The intent that created it; null for a direct charge.
        payment_intent: Option<Id>,
        /// The id of the charged instrument.
        payment_method: Option<Id>,
        /// Whether all of it was refunded.
        refunded: bool,
        /// Whether the money came.
        status: ChargeStatus,
        /// Groups charges and transfers.
        transfer_group: Option<String>,
    }
    hidden {
        /// The digits of the card, on which refunds and disputes depend; null from a dump.
        card_number: Option<Text>,
        /// The account number or IBAN of a bank debit, which decides its outcome.
        account_number: Option<String>,
        /// Whether its holder contests it, or the issuer warns of it, as its test number stands for.
        contested: Flag,
        /// Whether its hold ended by itself.
        expired: Flag,
        /// What its hold released, in the currency's smallest unit; it counts as refunded.
        released: Absent<i64>,
        /// When the customer's bank answers, in Unix seconds, while it is pending.
        settle_at: Absent<i64>,
        /// When its ledger row is made, in Unix seconds, if that comes after the answer.
        post_at: Absent<i64>,
        /// When the cardholder disputes it, in Unix seconds, if that comes after the answer.
        contest_at: Absent<i64>,
    }
}

impl Charge {
    /// Whether a card was charged; other rails have their own names in the balance.
    pub fn is_card(&self) -> bool {
        self.rail() == "card"
    }

    /// The rail of the charge: the type of its payment method.
    pub fn rail(&self) -> &str {
        self.rest.map("payment_method_details").and_then(|details| details.str("type")).unwrap_or("card")
    }

    /// Whether the money is held, neither captured nor released.
    pub fn is_held(&self) -> bool {
        self.paid && !self.captured && !self.refunded
    }

    /// What can still be refunded. On a direct charge, the released rest of a hold counts as refunded (core-payments
    /// 6.8.4, 8.3.7).
    pub fn refundable(&self) -> i64 {
        let gross = if self.payment_intent.is_some() { self.amount_captured } else { self.amount };
        gross - self.amount_refunded
    }

    /// Releases a part of what it holds or held: it counts as refunded, without a ledger row (core-payments 8.3.15).
    pub(super) fn release(&mut self, amount: i64) {
        self.released = Absent(Some(amount));
        self.count_refund(amount);
    }

    /// Adds a refund, or undoes one if `amount` is negative (core-payments 8.4.1, 8.5.3).
    pub fn count_refund(&mut self, amount: i64) {
        self.amount_refunded += amount;
        let left = if self.captured { self.refundable() } else { self.amount - self.amount_refunded };
        self.refunded = self.amount_refunded > 0 && left <= 0;
    }
}

/// The events of a charge; a new charge has the event of its first status (core-payments 10.3, 10.4.1).
const TURNS: &[Turn] = &[
    crate::becomes!(Charge, ["charge.failed"], |charge| charge.status == ChargeStatus::Failed),
    crate::becomes!(Charge, ["charge.pending"], |charge| charge.status == ChargeStatus::Pending),
    crate::becomes!(Charge, ["charge.succeeded"], |charge| charge.status == ChargeStatus::Succeeded),
    crate::becomes!(Charge, ["charge.captured"], |charge| charge.captured),
    crate::turn!(Charge, ["charge.refunded"], |before, after| {
        before.is_some_and(|before| before.amount_refunded < after.amount_refunded)
    }),
];

/// The ids of charges of other things than cards (core-payments 2).
const OTHER_RAILS_ID: IdForm = crate::resources::ledger::transfers::PAYMENT_ID;

const CAPTURE: &str = "/v1/payment_intents/{id}/capture";
const REFUND_OF_CHARGE: Pairs = &[("charge", "{id}")];

/// How events are made to happen; of several ways for one the first that works is taken.
const TRIGGERS: &[Trigger] = &[
    Trigger::update("charge.updated", "/v1/charges/{id}"),
    Trigger::post("charge.captured", "/v1/charges/{id}/capture", &[]),
    Trigger::post("charge.captured", CAPTURE, &[]).on("payment_intent"),
    Trigger::due("charge.succeeded"),
    Trigger::due("charge.failed"),
    Trigger::due("charge.expired"),
    Trigger { act: Act::Due(Some(crate::kind!("payment_intent"))), ..Trigger::due("charge.expired") }
        .on("payment_intent"),
    Trigger::post("charge.refunded", "/v1/refunds", REFUND_OF_CHARGE),
    Trigger::post("refund.created", "/v1/refunds", REFUND_OF_CHARGE),
];

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Charge::KIND,
    marks: &[
        Marked::describes(&["card", "source"], "tokens.create"),
        Marked::refused(ENCRYPTED),
        Marked::refused(&["transfer_data.description"]).on(&["charges.create"]),
    ],
    fields: Charge::FIELDS,
    noun: "charge",
    id: IdForm::of("ch_"),
    path_param: "id",
    operations: &[
        ("charges.create", Behaviour::Write(create::create)),
        ("charges.retrieve", Behaviour::Retrieve),
        ("charges.update", Behaviour::Write(change::update)),
        ("charges.capture", Behaviour::Write(change::capture)),
        ("charges.list", Behaviour::List),
    ],
    filters: &[
        crate::filter!(
            "payment_intent",
            Charge,
            |charge| charge.payment_intent.as_deref(),
            Some(crate::kind!("payment_intent"))
        ),
        crate::filter!(
            "customer",
            Charge,
            |charge| charge.customer.as_deref(),
            Some(crate::resources::customers::customer::KIND)
        ),
        crate::filter!("transfer_group", Charge, |charge| charge.transfer_group.as_deref()),
    ],
    includes: &[Include {
        field: "refunds",
        shown: Shown::Before(Gate::since("2022-11-15")),
        total_count: true,
        rows: |tx, charge| tx.records_having(crate::kind!("refund"), "charge", charge),
        url: |charge| format!("/v1/charges/{charge}/refunds"),
    }],
    expands: &[
        Expand::reference("dispute", &["dispute"]),
        Expand::reference("invoice", &["invoice"]),
        Expand::reference("source", &["card", "source"]),
    ],
    search: Some(&shape::SEARCH),
    changes: &[
        Change { since: Gate::since("2025-03-31.basil"), older: Some(SHOWED_ITS_INVOICE), what: "charge.invoice" },
        Change {
            since: Gate::since("2020-08-27"),
            older: Some(Rewrite::Alone(authentication_had_flags)),
            what: "charge.payment_method_details.card.three_d_secure.authenticated and .succeeded",
        },
        Change { since: Gate::since("2017-02-14"), older: None, what: "charge.dispute was an object, not an id" },
        Change {
            since: Gate::since("2015-02-18"),
            older: None,
            what: "charge.card, charge.status was paid, charge.refunds was an array, lists had a count",
        },
    ],
    statements: STATEMENTS,
    undocumented: &[Undocumented { operation: "charges.create", name: "payment_method" }],
    defaults: &[("fraud_details", Fill::Object(&[]))],
    unlisted: &[("destination", Fill::Null), ("dispute", Fill::Null), ("order", Fill::Null)],
    import: crate::contract::import::<Charge>,
    imported: Some(flow::imported),
    events: Events {
        updated: &["charge.updated"],
        turns: TURNS,
        show_before: &["charge.captured", "charge.refunded"],
        ..Events::NONE
    },
    reactions: connect::REACTIONS,
    named_by: &["charge"],
    dues: flow::DUES,
    triggers: TRIGGERS,
    ..Entry::PLAIN
};

/// Older versions show the invoice that is paid, or that there is none.
pub const SHOWED_ITS_INVOICE: Rewrite = Rewrite::With {
    field: "invoice",
    find: |tx, object| {
        let is_charge = object.text("object").is_some_and(|kind| kind == "charge");
        let intent = object.text(if is_charge { "payment_intent" } else { "id" })?;
        tx.records_having(crate::kind!("invoice_payment"), "payment_intent", &intent).pop()
    },
    older: |object, payment| {
        let invoice = payment.and_then(|payment| payment.object.to_doc().get("invoice").cloned());
        object.set("invoice", invoice);
    },
};

/// The result of an authentication was two flags.
fn authentication_had_flags(charge: &mut Map) {
    let Some(Doc::Map(details)) = charge.get_mut("payment_method_details") else { return };
    let Some(Doc::Map(card)) = details.get_mut("card") else { return };
    let Some(Doc::Map(authentication)) = card.get_mut("three_d_secure") else { return };
    let passed = authentication.str("result") == Some("authenticated");
    authentication.set("authenticated", passed);
    authentication.set("succeeded", passed);
}
