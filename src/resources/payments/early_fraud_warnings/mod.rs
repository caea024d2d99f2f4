//! Early fraud warnings: an issuer's warning before a dispute (core-payments 7.4, 10.4.17).
//!
//! May use: charges. Invariant: a warning is actionable as long as its charge is neither disputed nor fully refunded.

use crate::contract::{Behaviour, Ctx, Entry, Events, On, Reaction, Trigger, Who};
use crate::error::{ApiError, Result};
use crate::issuers::{self, DisputeKind};
use crate::resources::payments::charges::Charge;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Tx};

crate::resource! {
    /// A warning.
    EarlyFraudWarning = "radar.early_fraud_warning" {
        /// Unix seconds.
        created: i64,
        /// Whether a refund of the charge would still help.
        actionable: bool,
        /// The charge.
        charge: Id,
        /// The suspected kind of fraud.
        fraud_type: String,
        /// The intent of the charge.
        payment_intent: Absent<Id>,
    }
    hidden {
    }
}

/// The kind of fraud that the test card's issuer suspects.
const FRAUD_TYPE: &str = "misc";

/// What warnings follow: a charge of which the issuer warns, and what becomes of it.
const REACTIONS: &[Reaction] = &[
    Reaction {
        to: Charge::KIND,
        on: On::Change(
            crate::when!(Charge, |before, after| after.contested.0 && !before.is_some_and(|before| before.contested.0))
        ),
        who: Who::New,
        run: warn_once,
    },
    Reaction {
        to: Charge::KIND,
        on: On::Change(crate::when!(Charge, |before, after| before.is_some_and(|before| (
            before.disputed,
            before.refunded
        ) != (
            after.disputed,
            after.refunded
        )))),
        who: Who::Having("charge"),
        run: review,
    },
];

/// Warns of a charge whose test card stands for it, unless there is a warning of it.
fn warn_once(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Id) -> Result<()> {
    let Some(charge) = tx.get::<Charge>(charge).filter(|charge| charge.contested.0) else { return Ok(()) };
    let card = charge.card_number.as_deref().map(|number| issuers::for_number(number).card);
    let warns = card.is_some_and(|card| card.dispute == Some(DisputeKind::EarlyFraudWarning));
    if warns && tx.having::<EarlyFraudWarning>("charge", &charge.id).is_empty() {
        warn(tx, ctx, &charge);
    }
    Ok(())
}

/// Creates the warning of a test card for a charge.
fn warn(tx: &mut Tx, ctx: &Ctx<'_>, charge: &Charge) {
    tx.insert(EarlyFraudWarning {
        id: ENTRY.id.draw(&ctx.ids).into(),
        created: ctx.now,
        actionable: !charge.disputed && !charge.refunded,
        charge: Id::clone(&charge.id),
        fraud_type: FRAUD_TYPE.to_owned(),
        payment_intent: Absent(charge.payment_intent.clone()),
        rest: Map::from([("livemode", false)]),
    });
}

/// Creates a warning for any card charge, for a trigger.
///
/// # Errors
/// The charge has no card.
pub fn raise(tx: &mut Tx, ctx: &Ctx<'_>, charge: &str) -> Result<()> {
    let found = tx.get::<Charge>(charge).filter(|charge| charge.paid && charge.is_card());
    let charge = found.ok_or_else(|| ApiError::charge_not_warned_of(charge))?;
    warn(tx, ctx, &charge);
    Ok(())
}

/// Updates a warning of a charge that was disputed or refunded, or whose refund failed.
fn review(tx: &mut Tx, _: &Ctx<'_>, warning: &Id) -> Result<()> {
    let Some(warning) = tx.get::<EarlyFraudWarning>(warning) else { return Ok(()) };
    let Some(charge) = tx.get::<Charge>(&warning.charge) else { return Ok(()) };
    let actionable = !charge.disputed && !charge.refunded;
    if warning.actionable != actionable {
        tx.update::<EarlyFraudWarning>(&warning.id, |warning| warning.actionable = actionable);
    }
    Ok(())
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: EarlyFraudWarning::KIND,
    fields: EarlyFraudWarning::FIELDS,
    noun: "early_fraud_warning",
    id: IdForm::of("issfr_"),
    path_param: "early_fraud_warning",
    operations: &[
        ("radar.early_fraud_warnings.list", Behaviour::List),
        ("radar.early_fraud_warnings.retrieve", Behaviour::Retrieve),
    ],
    filters: &[
        crate::filter!("charge", EarlyFraudWarning, |warning| Some(&*warning.charge), Some(crate::kind!("charge"))),
        crate::filter!(
            "payment_intent",
            EarlyFraudWarning,
            |warning| warning.payment_intent.0.as_deref(),
            Some(crate::kind!("payment_intent"))
        ),
    ],
    import: crate::contract::import::<EarlyFraudWarning>,
    reactions: REACTIONS,
    events: Events {
        created: Some("radar.early_fraud_warning.created"),
        updated: &["radar.early_fraud_warning.updated"],
        ..Events::NONE
    },
    triggers: &[
        Trigger::rule("radar.early_fraud_warning.created", raise, "The card's issuer warns of fraud")
            .of(crate::kind!("charge")),
        Trigger::rule("radar.early_fraud_warning.created", raise, "The card's issuer warns of fraud")
            .of(crate::kind!("payment_intent"))
            .on("latest_charge"),
        Trigger::post("radar.early_fraud_warning.updated", "/v1/refunds", &[("charge", "{charge}")]),
    ],
    ..Entry::PLAIN
};
