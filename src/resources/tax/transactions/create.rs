//! `POST /v1/tax/transactions/create_from_calculation` (billing-2 9.6).
//!
//! May use: calculations. Invariant: a transaction has what its calculation has.

use super::{ENTRY, KIND, LINES, TaxTransaction, TaxTransactionType, TransactionLine, by_reference};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::{body, metadata, template};
use crate::resources::tax::calculations::{self, Calculation};
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource};
use crate::state::{Id, Ref, Tx};

/// What a calculation has and its transaction shows too.
const COPIED: [&str; 6] =
    ["currency", "customer", "customer_details", "ship_from_details", "shipping_cost", "tax_date"];

/// `POST /v1/tax/transactions/create_from_calculation`.
pub(super) fn create_from_calculation(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let id = params.str("calculation").unwrap_or_default();
    let calculation = require::<Calculation>(tx, id, In::Param("calculation"))?;
    let posted_at = match params.int("posted_at") {
        Some(at) if at > ctx.now || at < calculation.tax_date.min(ctx.now) => {
            return Err(ApiError::tax_posted_at_out_of_range());
        }
        at => at.unwrap_or(ctx.now),
    };
    let metadata = metadata::merge(&Map::new(), params.get("metadata"))?;
    let reference = params.str("reference").unwrap_or_default();
    let id = record(tx, ctx, &calculation, reference, posted_at, metadata)?;
    Ok(Outcome::Done(Ref { kind: KIND, id }))
}

/// Checks that no transaction has a reference.
///
/// # Errors
/// One has it.
pub(super) fn check_reference(tx: &Tx, reference: &str) -> Result<()> {
    match by_reference(tx, reference) {
        Some(known) => Err(ApiError::tax_reference_taken(reference, &known)),
        None => Ok(()),
    }
}

/// The transaction of a calculation; `posted_at` is in Unix seconds.
///
/// # Errors
/// Another transaction has the reference.
pub fn record(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    calculation: &Calculation,
    reference: &str,
    posted_at: i64,
    metadata: Map,
) -> Result<Id> {
    check_reference(tx, reference)?;
    let from = calculation.to_doc();
    let copied = COPIED.iter().filter_map(|name| Some(((*name).into(), from.get(name)?.clone())));
    let id = ENTRY.id.draw(&ctx.ids);
    let mut shown = body::new(tx, ctx, KIND, &id, &Map::new())?;
    shown.merge(&Map::from_entries(copied.collect()));
    shown.set("metadata", metadata);
    shown.set("posted_at", posted_at);
    shown.set("reference", reference.to_owned());
    shown.set("reversal", Doc::Null);
    shown.set("type", TaxTransactionType::Transaction);
    let transaction = TaxTransaction::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    let id = tx.insert(transaction).id;
    // A list shows the last written one first.
    for line in calculations::lines_of(tx, &calculation.id).into_iter().rev() {
        let mut rest = template::template(TransactionLine::KIND);
        for name in ["livemode", "metadata", "product"] {
            rest.set(name, line.rest.get(name).cloned().unwrap_or_default());
        }
        let line = TransactionLine {
            id: LINES.id.draw(&ctx.ids).into(),
            amount: line.amount,
            amount_tax: line.amount_tax,
            quantity: line.quantity,
            reference: line.reference.clone(),
            reversal: None,
            tax_behavior: line.tax_behavior,
            tax_code: line.tax_code.clone(),
            kind: TaxTransactionType::Transaction,
            created: ctx.now,
            transaction: Some(Id::clone(&id)),
            rest,
        };
        tx.insert(line);
    }
    Ok(id)
}
