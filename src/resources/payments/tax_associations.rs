//! Tax associations: which tax transactions a payment intent and its refunds made (billing-2 9.6).
//!
//! May use: calculations, tax transactions, payment intents, refunds. Invariant: a payment and each of its refunds make at
//! most one transaction.

use std::sync::Arc;

use crate::contract::{Behaviour, Call, Ctx, Entry, In, On, Outcome, Reaction, Who, missing, require};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::resources::payments::payment_intents::{IntentStatus, PaymentIntent};
use crate::resources::payments::refunds::{Refund, RefundStatus};
use crate::resources::tax::calculations::Calculation;
use crate::resources::tax::transactions::{self, TaxTransaction};
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

impl Association {
    fn attempts(&self) -> &[Doc] {
        self.tax_transaction_attempts.as_list().unwrap_or_default()
    }

    /// Whether a payment intent or a refund has been seen to.
    fn knows(&self, source: &str) -> bool {
        self.attempts().iter().any(|attempt| attempt.as_map().and_then(|attempt| attempt.str("source")) == Some(source))
    }

    /// The transaction of the payment.
    fn sale(&self, tx: &Tx) -> Option<Arc<TaxTransaction>> {
        let mut attempts = self.attempts().iter().filter_map(Doc::as_map);
        let sale = attempts.find(|attempt| attempt.str("source") == Some(&self.payment_intent))?;
        tx.get::<TaxTransaction>(sale.map("committed")?.str("transaction")?)
    }
}

fn of_intent(tx: &Tx, intent: &str) -> Option<Arc<Association>> {
    tx.having::<Association>("payment_intent", intent).first().cloned()
}

/// What came of an attempt to record tax: the transaction, or the reason why there is none.
type TaxAttempt = std::result::Result<Id, &'static str>;

/// Notes what came of an attempt for a payment intent or a refund.
fn note(tx: &mut Tx, association: &Association, source: &str, result: TaxAttempt) {
    let (status, details) = match result {
        Ok(transaction) => ("committed", Map::from([("transaction", Doc::from(transaction.to_string()))])),
        Err(reason) => ("errored", Map::from([("reason", Doc::from(reason))])),
    };
    let attempt =
        Map::from([("source", Doc::from(source.to_owned())), ("status", status.into()), (status, details.into())]);
    let attempts = association.attempts().iter().cloned().chain([attempt.into()]).collect();
    tx.update::<Association>(&association.id, |association| association.tax_transaction_attempts = Doc::List(attempts));
}

/// A payment intent names a calculation, or is paid.
fn follow_intent(tx: &mut Tx, ctx: &Ctx<'_>, intent: &Id) -> Result<()> {
    let Some(intent) = tx.get::<PaymentIntent>(intent) else { return Ok(()) };
    let Some(calculation) = intent.tax_calculation() else { return Ok(()) };
    let known = of_intent(tx, &intent.id);
    match known {
        Some(known) if known.calculation != calculation => {
            tx.update::<Association>(&known.id, |known| calculation.clone_into(&mut known.calculation));
        }
        Some(_) => {}
        None => {
            tx.insert(Association {
                id: ENTRY.id.draw(&ctx.ids).into(),
                calculation: calculation.to_owned(),
                payment_intent: Id::clone(&intent.id),
                tax_transaction_attempts: Doc::Null,
                created: ctx.now,
                rest: template::template(Association::KIND),
            });
        }
    }
    let association = of_intent(tx, &intent.id).ok_or_else(ApiError::internal)?;
    if intent.status == IntentStatus::Succeeded && !association.knows(&intent.id) {
        let result = record(tx, ctx, calculation, &intent)?;
        note(tx, &association, &intent.id, result);
    }
    Ok(())
}

/// Records the tax of a paid intent.
fn record(tx: &mut Tx, ctx: &Ctx<'_>, calculation: &str, intent: &PaymentIntent) -> Result<TaxAttempt> {
    let Some(calculation) = tx.get::<Calculation>(calculation) else { return Ok(Err("calculation_expired")) };
    if intent.currency != calculation.currency {
        return Ok(Err("currency_mismatch"));
    }
    if transactions::by_reference(tx, &intent.id).is_some() {
        return Ok(Err("unique_reference_violation"));
    }
    transactions::record(tx, ctx, &calculation, &intent.id, ctx.now, Map::new()).map(Ok)
}

/// A refund of a payment with a transaction has succeeded: its part of the tax is given back.
fn follow_refund(tx: &mut Tx, ctx: &Ctx<'_>, refund: &Id) -> Result<()> {
    let Some(refund) = tx.get::<Refund>(refund) else { return Ok(()) };
    let association = refund.payment_intent.as_ref().and_then(|intent| of_intent(tx, intent));
    let Some(association) = association.filter(|association| !association.knows(&refund.id)) else { return Ok(()) };
    let Some(sale) = association.sale(tx) else { return Ok(()) };
    let result = match transactions::by_reference(tx, &refund.id) {
        Some(_) => Err("unique_reference_violation"),
        None => {
            transactions::give_back(tx, ctx, &sale, refund.amount, &refund.id)?.ok_or("original_transaction_voided")
        }
    };
    note(tx, &association, &refund.id, result);
    Ok(())
}

/// `GET /v1/tax/associations/find`.
fn find(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let intent = call.params.str("payment_intent").unwrap_or_default();
    require::<PaymentIntent>(tx, intent, In::Param("payment_intent"))?;
    let found = of_intent(tx, intent).ok_or_else(|| missing(Association::KIND, intent, In::Param("payment_intent")))?;
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
    reactions: &[
        Reaction {
            to: PaymentIntent::KIND,
            on: On::Change(crate::when!(PaymentIntent, |_, intent| intent.tax_calculation().is_some())),
            who: Who::New,
            run: follow_intent,
        },
        Reaction {
            to: Refund::KIND,
            on: On::Change(crate::when!(Refund, |_, refund| refund.status == Some(RefundStatus::Succeeded))),
            who: Who::New,
            run: follow_refund,
        },
    ],
    ..Entry::PLAIN
};
