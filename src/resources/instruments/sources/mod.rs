//! Source objects (core-payments 5.4 to 5.6).
//!
//! May use: card details, tokens. Invariant: a consumed, failed or canceled source does not change its status.

mod create;
mod hash;
mod rules;
mod schemes;
#[cfg(test)]
mod tests;
mod update;

pub use self::rules::{check_attachable, check_chargeable, consume, detach, used};
pub use self::update::change;

use crate::contract::version::Gate;
use crate::contract::{Behaviour, Change, Ctx, Entry, Events, Marked, Public, Trigger, Turn, Visible};
use crate::error::Result;
use crate::resources::instruments::card_details::CardDetails;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Object, Resource};
use crate::state::{Id, Ref, Tx};

crate::values! {
    /// Whether a source may be charged (core-payments 5.5).
    pub enum SourceStatus {
        /// The customer or the bank has to do something.
        Pending = "pending",
        Chargeable = "chargeable",
        /// It is used up.
        Consumed = "consumed",
        /// It was not charged in time.
        Canceled = "canceled",
        /// The customer refused.
        Failed = "failed",
    }
}

crate::values! {
    /// How often a source can be charged (core-payments 5.4).
    pub enum SourceUsage {
        /// Again and again, once it is attached to a customer.
        Reusable = "reusable",
        /// Once.
        SingleUse = "single_use",
    }
}

crate::resource! {
    /// A source.
    Source = "source" {
        /// Unix seconds.
        created: i64,
        /// `card`, `sepa_debit`, `ideal`, …
        kind as "type": String,
        /// Whether it may be charged.
        status: SourceStatus,
        /// How often it may be charged.
        usage: Option<SourceUsage>,
        /// The customer, if it is attached.
        customer: Absent<Id>,
        /// The amount it can be charged for, in the currency's smallest unit; null for any.
        amount: Option<i64>,
        /// Three letters, lower case; null for any.
        currency: Option<String>,
        /// Gives a publishable key access to it.
        client_secret: String,
        /// The user's own keys and values.
        metadata: Map,
    }
    hidden {
        /// The card of a card source or of a 3D Secure source.
        card_details: Option<CardDetails>,
        /// The whole account number or IBAN of a bank debit.
        account_number: Option<String>,
        /// When the money of a test payment arrives, in Unix seconds.
        receive_at: Absent<i64>,
        /// When it ends if nobody has used it, in Unix seconds.
        unused_until: Absent<i64>,
    }
}

impl Source {
    /// Whether it can be charged more than once, once it is attached to a customer.
    pub fn is_reusable(&self) -> bool {
        self.usage == Some(SourceUsage::Reusable)
    }

    /// Whether it is a card payment that passed 3D Secure.
    pub fn is_authenticated(&self) -> bool {
        self.rest.map("three_d_secure").and_then(|hash| hash.bool("authenticated")).unwrap_or(false)
    }

    /// Makes the checks of its card, when it is first attached or charged; their results do not change later
    /// (core-payments 4.1.1).
    pub fn make_checks(&mut self) {
        let Some(card) = &mut self.card_details else { return };
        card.make_checks();
        let legacy = card.legacy_entries();
        let kind = self.kind.clone();
        let Some(hash) = self.nested(&kind) else { return };
        for key in ["address_line1_check", "address_zip_check", "cvc_check"] {
            hash.set(key, legacy.get(key).cloned().unwrap_or_default());
        }
    }

    /// A nested object of the source, to change it.
    fn nested(&mut self, key: &str) -> Option<&mut Map> {
        match self.rest.get_mut(key) {
            Some(Doc::Map(map)) => Some(map),
            _ => None,
        }
    }
}

/// A source in a dump contains its card without the number, which is found by the visible digits.
fn imported(tx: &mut Tx, _ctx: &Ctx<'_>, source: &Ref) -> Result<()> {
    let Some(found) = tx.get::<Source>(&source.id).filter(|found| found.card_details.is_none()) else { return Ok(()) };
    let card = found.rest.map("card").or(found.rest.map("three_d_secure")).and_then(CardDetails::from_hash);
    if card.is_some() {
        tx.update::<Source>(&source.id, |source| source.card_details = card);
    }
    Ok(())
}

/// The events of a source, and of its changes as a customer's source (core-payments 10.2.10, 10.2.11, 10.2.23).
const TURNS: &[Turn] = &[
    crate::becomes!(Source, ["customer.source.created"], |source| source.customer.0.is_some()),
    crate::turn!(Source, ["customer.source.deleted"], |before, after| {
        before.is_some_and(|before| before.customer.0.is_some()) && after.customer.0.is_none()
    }),
    crate::becomes!(Source, ["source.chargeable"], |source| source.status == SourceStatus::Chargeable),
    crate::becomes!(Source, ["source.failed"], |source| source.status == SourceStatus::Failed),
    crate::becomes!(Source, ["source.canceled"], |source| source.status == SourceStatus::Canceled),
    crate::turn!(Source, ["customer.source.updated"], |before, after| {
        let changed = |before: &Source| before.status == after.status && !after.shows_as(before);
        after.customer.0.is_some() && before.is_some_and(changed)
    }),
];

/// How events are made to happen; of several ways for one the first that works is taken.
const TRIGGERS: &[Trigger] = &[
    Trigger::update("customer.source.updated", "/v1/sources/{id}"),
    Trigger::delete("customer.source.deleted", "/v1/customers/{customer}/sources/{id}"),
    Trigger::decide("source.chargeable", true),
    Trigger::decide("source.failed", false),
    Trigger::due("source.canceled"),
];

/// What a publishable key sees of a source, as of a payment method (intents-and-checkout 1.12).
const VISIBLE: Visible = Visible::Without(&["metadata", "*.fingerprint"]);

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Source::KIND,
    marks: &[
        Marked::neutral(&["ach_debit.country", "ach_debit.currency"], "such a debit is American, in dollars"),
        Marked::refused(&[
            "ach_credit_transfer.refund_account_number",
            "card.currency",
            "card.networks",
            "klarna.custom_payment_methods",
            "p24.statement_descriptor",
            "three_d_secure.customer",
        ]),
        Marked::neutral(&["klarna.product"], "it is always `payment`"),
        Marked::neutral(&["wechat.appid"], "only the app of WeChat reads it"),
        // What copies another source.
        Marked::refused(&["customer", "original_source"]).on(&["sources.create"]),
        Marked::acts(&["client_secret"], "payments::browsers::a_browser_needs_the_secret_of_the_intent"),
        Marked::neutral(&["mandate"], "the bank's record of a consent; no answer shows it"),
    ],
    fields: Source::FIELDS,
    noun: "source",
    id: IdForm::of("src_"),
    path_param: "source",
    operations: &[
        ("sources.create", Behaviour::Write(create::create)),
        ("sources.retrieve", Behaviour::Retrieve),
        ("sources.update", Behaviour::Write(update::update)),
    ],
    filters: &[crate::filter!(
        "customer",
        Source,
        |source| source.customer.0.as_deref(),
        Some(crate::kind!("customer"))
    )],
    changes: &[Change {
        since: Gate::since("2017-08-15"),
        older: None,
        what: "source.redirect.status was succeeded where it is not_required",
    }],
    public: &[
        Public { operation: "sources.create", needs_secret: false, params: &[], visible: VISIBLE },
        Public { operation: "sources.retrieve", needs_secret: true, params: &[], visible: VISIBLE },
    ],
    import: crate::contract::import::<Source>,
    imported: Some(imported),
    events: Events { turns: TURNS, ..Events::NONE },
    dues: rules::DUES,
    decision: Some(rules::DECISION),
    named_by: &["default_source"],
    triggers: TRIGGERS,
    ..Entry::PLAIN
};
