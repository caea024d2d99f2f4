//! Tax associations: which tax transaction a payment intent made (billing-2 9.6).
//!
//! May use: calculations, tax transactions, payment intents. Invariant: an association follows from its
//! payment intent; a payment makes at most one transaction.

use std::sync::Arc;

use crate::contract::{Behaviour, Call, Ctx, Entry, In, On, Outcome, Reaction, Who, missing, require};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::resources::payments::payment_intents::{IntentStatus, PaymentIntent};
use crate::resources::tax::calculations::Calculation;
use crate::resources::tax::transactions;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Id, Ref, Tx};

crate::resource! {
    /// A tax association.
    Association = "tax.association" {
        /// The calculation of the payment intent.
        calculation: String,
        /// The payment intent.
        payment_intent: Id,
        /// What became of it; null before the payment.
        tax_transaction_attempts: Doc,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
    }
}

/// A payment intent names a calculation, or is paid: with its id.
fn follow(tx: &mut Tx, ctx: &Ctx<'_>, intent: &Id) -> Result<()> {
    let Some(paid) = tx.get::<PaymentIntent>(intent) else { return Ok(()) };
    let known = tx.having::<Association>("payment_intent", intent).first().cloned();
    let Some(calculation) = paid.tax_calculation() else { return Ok(()) };
    let association = match known {
        Some(known) => known,
        None => {
            let association = Association {
                id: ENTRY.id.draw(&ctx.ids).into(),
                calculation: calculation.to_owned(),
                payment_intent: Id::clone(intent),
                tax_transaction_attempts: Doc::Null,
                created: ctx.now,
                rest: template::template(Association::KIND),
            };
            let id = tx.insert(association).id;
            tx.get::<Association>(&id).ok_or_else(ApiError::internal)?
        }
    };
    let is_paid = paid.status == IntentStatus::Succeeded;
    let attempts = match is_paid && association.tax_transaction_attempts.is_null() {
        true => Doc::List(vec![attempt(tx, ctx, calculation, &paid)?.into()]),
        false => association.tax_transaction_attempts.clone(),
    };
    if association.calculation != calculation || association.tax_transaction_attempts != attempts {
        tx.update::<Association>(&association.id, |association| {
            calculation.clone_into(&mut association.calculation);
            association.tax_transaction_attempts = attempts;
        });
    }
    Ok(())
}

/// Records the tax of a paid intent; what stands in the way is noted.
fn attempt(tx: &mut Tx, ctx: &Ctx<'_>, calculation: &str, intent: &PaymentIntent) -> Result<Map> {
    let source = &*intent.id;
    let shown = |status: &'static str, details: Map| {
        Map::from([("source", Doc::from(source.to_owned())), ("status", status.into()), (status, details.into())])
    };
    let errored = |reason: &'static str| shown("errored", Map::from([("reason", reason)]));
    let Some(calculation) = tx.get::<Calculation>(calculation) else { return Ok(errored("calculation_expired")) };
    if intent.currency != calculation.currency {
        return Ok(errored("currency_mismatch"));
    }
    if transactions::by_reference(tx, source).is_some() {
        return Ok(errored("unique_reference_violation"));
    }
    let transaction = transactions::record(tx, ctx, &calculation, source, ctx.now, Map::new())?;
    Ok(shown("committed", Map::from([("transaction", transaction.to_string())])))
}

/// `GET /v1/tax/associations/find`.
fn find(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = call.params.str("payment_intent").unwrap_or_default();
    require::<PaymentIntent>(tx, intent, In::Param("payment_intent"))?;
    let found: Option<Arc<Association>> = tx.having("payment_intent", intent).first().cloned();
    let found = found.ok_or_else(|| missing(Association::KIND, intent, In::Param("payment_intent")))?;
    Ok(Outcome::Done(Ref::to(&*found)))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Association::KIND,
    fields: Association::FIELDS,
    noun: "tax association",
    id: IdForm::of("taxa_"),
    operations: &[("tax.associations.find", Behaviour::Read(find))],
    filters: &[crate::filter!(
        "payment_intent",
        Association,
        |association| Some(&association.payment_intent),
        Some(PaymentIntent::KIND)
    )],
    import: crate::contract::import::<Association>,
    reactions: &[Reaction {
        to: PaymentIntent::KIND,
        on: On::Change(crate::when!(PaymentIntent, |_, intent| intent.tax_calculation().is_some())),
        who: Who::New,
        run: follow,
    }],
    ..Entry::PLAIN
};
