//! `POST /v1/tax/transactions/create_reversal` (billing-2 9.6).
//!
//! May use: the parts of this folder. Invariant: no line gives back more than it collected.

use std::sync::Arc;

use super::create::check_reference;
use super::{ENTRY, KIND, LINES, TaxTransaction, TaxTransactionType, TransactionLine, lines_of};
use crate::contract::{Call, Ctx, In, Outcome, require, require_of};
use crate::error::{ApiError, Result};
use crate::money::{self, Rounding};
use crate::object::{metadata, template};
use crate::resources::tax::settings::TaxBehavior;
use crate::state::document::{Doc, Map};
use crate::state::object::{Flag, Object, Resource};
use crate::state::{Id, Ref, Tx};

/// How many partial reversals a sale can have.
const PARTIAL_MAX: usize = 30;

/// An amount with its tax; the tax is in the amount if it is inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct TaxedAmount {
    amount: i64,
    tax: i64,
}

/// What is given back of a line, below zero.
struct LineReversal {
    line: Arc<TransactionLine>,
    given: TaxedAmount,
    quantity: i64,
    reference: String,
    metadata: Map,
}

/// What is given back of a transaction.
#[derive(Default)]
struct ReversalPlan {
    lines: Vec<LineReversal>,
    shipping: Option<TaxedAmount>,
    is_full: bool,
}

/// `POST /v1/tax/transactions/create_reversal`.
pub(super) fn create_reversal(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let id = params.str("original_transaction").unwrap_or_default();
    let original = require::<TaxTransaction>(tx, id, In::Param("original_transaction"))?;
    match original.kind {
        TaxTransactionType::Transaction => {}
        TaxTransactionType::Reversal => return Err(ApiError::tax_reversal_of_reversal()),
    }
    check_reference(tx, params.str("reference").unwrap_or_default())?;
    let before = tx.having::<TaxTransaction>("original_transaction", &original.id);
    if before.iter().any(|reversal| reversal.is_full.0) {
        return Err(ApiError::tax_already_reversed(&original.id));
    }
    let plan = match params.str("mode") {
        Some("full") => full(tx, &original, params)?,
        _ if before.len() >= PARTIAL_MAX => return Err(ApiError::tax_too_many_reversals(PARTIAL_MAX)),
        _ => partial(tx, &original, &before, params)?,
    };
    let metadata = metadata::merge(&Map::new(), params.get("metadata"))?;
    let id = store(tx, ctx, &original, params.str("reference").unwrap_or_default(), metadata, plan)?;
    Ok(Outcome::Done(Ref { kind: KIND, id }))
}

/// Gives an amount after tax back, or what is left of it; `None` if nothing is. Nothing has the reference yet.
///
/// # Errors
/// The reversal cannot be made.
pub fn give_back(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    original: &Arc<TaxTransaction>,
    amount: i64,
    reference: &str,
) -> Result<Option<Id>> {
    let before = tx.having::<TaxTransaction>("original_transaction", &original.id);
    let open = OpenAmounts::of(tx, original, &before);
    let amount = amount.min(open.total());
    if amount <= 0 || before.iter().any(|reversal| reversal.is_full.0) {
        return Ok(None);
    }
    store(tx, ctx, original, reference, Map::new(), open.divide(amount)).map(Some)
}

fn shipping_of(transaction: &TaxTransaction) -> Option<TaxedAmount> {
    let cost = transaction.shipping_cost.as_map()?;
    Some(TaxedAmount { amount: cost.int("amount")?, tax: cost.int("amount_tax")? })
}

fn of_line(line: &TransactionLine) -> TaxedAmount {
    TaxedAmount { amount: line.amount, tax: line.amount_tax }
}

/// Everything.
fn full(tx: &Tx, original: &TaxTransaction, params: &Map) -> Result<ReversalPlan> {
    for name in ["line_items", "shipping_cost", "flat_amount"] {
        if params.present(name).is_some() {
            return Err(ApiError::tax_reversal_is_full(name));
        }
    }
    let lines = lines_of(tx, &original.id).into_iter().map(|line| {
        let given = of_line(&line).negated();
        LineReversal::of(line, given)
    });
    let shipping = shipping_of(original).map(TaxedAmount::negated);
    Ok(ReversalPlan { lines: lines.collect(), shipping, is_full: true })
}

/// What the parameters name.
fn partial(tx: &Tx, original: &TaxTransaction, before: &[Arc<TaxTransaction>], params: &Map) -> Result<ReversalPlan> {
    let [lines, shipping] = ["line_items", "shipping_cost"].map(|name| params.present(name).is_some());
    match params.int("flat_amount") {
        Some(_) if lines => Err(ApiError::params_exclusive("flat_amount", "line_items")),
        Some(_) if shipping => Err(ApiError::params_exclusive("flat_amount", "shipping_cost")),
        Some(flat) => spread(tx, original, before, flat),
        None if lines || shipping => named(tx, original, before, params),
        None => Err(ApiError::tax_reversal_of_nothing()),
    }
}

/// The lines and the shipping with their amounts.
fn named(tx: &Tx, original: &TaxTransaction, before: &[Arc<TaxTransaction>], params: &Map) -> Result<ReversalPlan> {
    let mut plan = ReversalPlan::default();
    for (i, sent) in params.list("line_items").unwrap_or_default().iter().filter_map(Doc::as_map).enumerate() {
        let inside = |error: ApiError| error.inside(&format!("line_items[{i}]"));
        let id = sent.str("original_line_item").unwrap_or_default();
        let belongs = |line: &TransactionLine| line.transaction.as_deref() == Some(&*original.id);
        let line = require_of(tx, id, In::Param("original_line_item"), belongs).map_err(inside)?;
        let given = TaxedAmount::sent(sent).map_err(inside)?;
        let now = plan.lines.iter().filter(|other| other.line.id == line.id).map(|other| other.given);
        let left = now.fold(left_of_line(tx, &line), TaxedAmount::plus);
        given.check_within(left).map_err(inside)?;
        let mut reversal = LineReversal::of(line, given);
        reversal.metadata = metadata::merge(&Map::new(), sent.get("metadata"))?;
        reversal.quantity = sent.int("quantity").unwrap_or(reversal.quantity);
        sent.str("reference").unwrap_or_default().clone_into(&mut reversal.reference);
        plan.lines.push(reversal);
    }
    if let Some(sent) = params.map("shipping_cost") {
        let given = TaxedAmount::sent(sent).and_then(|given| {
            given.check_within(left_of_shipping(original, before))?;
            Ok(given)
        });
        plan.shipping = Some(given.map_err(|error| error.inside("shipping_cost"))?);
    }
    Ok(plan)
}

/// An amount after tax, divided by what is left of the lines and of the shipping.
fn spread(tx: &Tx, original: &TaxTransaction, before: &[Arc<TaxTransaction>], flat: i64) -> Result<ReversalPlan> {
    if flat >= 0 {
        return Err(ApiError::tax_reversal_not_negative("flat_amount"));
    }
    let open = OpenAmounts::of(tx, original, before);
    match flat.saturating_neg() {
        amount if amount > open.total() => Err(ApiError::tax_reversal_too_large("flat_amount")),
        amount => Ok(open.divide(amount)),
    }
}

/// What is left of a transaction.
struct OpenAmounts {
    lines: Vec<(Arc<TransactionLine>, TaxedAmount)>,
    shipping: Option<(TaxBehavior, TaxedAmount)>,
}

impl OpenAmounts {
    fn of(tx: &Tx, original: &TaxTransaction, before: &[Arc<TaxTransaction>]) -> Self {
        let lines = lines_of(tx, &original.id).into_iter().map(|line| {
            let left = left_of_line(tx, &line);
            (line, left)
        });
        let shipping = original.shipping_cost.as_map().and_then(|cost| TaxBehavior::parse(cost.str("tax_behavior")?));
        let shipping = shipping.map(|behavior| (behavior, left_of_shipping(original, before)));
        OpenAmounts { lines: lines.collect(), shipping }
    }

    /// After tax, of each line and of the shipping.
    fn weights(&self) -> Vec<i64> {
        let lines = self.lines.iter().map(|(line, left)| left.total(line.tax_behavior));
        lines.chain(self.shipping.map(|(behavior, left)| left.total(behavior))).collect()
    }

    fn total(&self) -> i64 {
        self.weights().into_iter().fold(0, i64::saturating_add)
    }

    /// Divides an amount after tax, at most what is left.
    fn divide(self, amount: i64) -> ReversalPlan {
        let mut shares = money::spread(amount, &self.weights(), Rounding::HalfUp);
        let of_shipping = self.shipping.zip(shares.split_off(self.lines.len()).pop());
        let lines = self.lines.into_iter().zip(shares).filter(|(_, share)| *share > 0).map(|((line, left), share)| {
            let given = left.share(share, line.tax_behavior).negated();
            LineReversal::of(line, given)
        });
        let of_shipping = of_shipping.filter(|(_, share)| *share > 0);
        let shipping = of_shipping.map(|((behavior, left), share)| left.share(share, behavior).negated());
        ReversalPlan { lines: lines.collect(), shipping, is_full: false }
    }
}

fn left_of_line(tx: &Tx, line: &TransactionLine) -> TaxedAmount {
    let given = tx.having::<TransactionLine>("original_line_item", &line.id);
    given.iter().map(|given| of_line(given)).fold(of_line(line), TaxedAmount::plus)
}

fn left_of_shipping(original: &TaxTransaction, before: &[Arc<TaxTransaction>]) -> TaxedAmount {
    let given = before.iter().filter_map(|reversal| shipping_of(reversal));
    given.fold(shipping_of(original).unwrap_or_default(), TaxedAmount::plus)
}

impl TaxedAmount {
    /// The amounts of a request, which are not above zero.
    fn sent(sent: &Map) -> Result<Self> {
        for name in ["amount", "amount_tax"] {
            if sent.int(name).is_some_and(|amount| amount > 0) {
                return Err(ApiError::tax_reversal_not_negative(name));
            }
        }
        let [amount, tax] = ["amount", "amount_tax"].map(|name| sent.int(name).unwrap_or_default());
        Ok(TaxedAmount { amount, tax })
    }

    fn check_within(self, left: Self) -> Result<()> {
        let after = left.plus(self);
        match (after.amount < 0, after.tax < 0) {
            (true, _) => Err(ApiError::tax_reversal_too_large("amount")),
            (false, true) => Err(ApiError::tax_reversal_too_large("amount_tax")),
            (false, false) => Ok(()),
        }
    }

    fn plus(self, other: Self) -> Self {
        TaxedAmount { amount: self.amount.saturating_add(other.amount), tax: self.tax.saturating_add(other.tax) }
    }

    fn negated(self) -> Self {
        TaxedAmount { amount: self.amount.saturating_neg(), tax: self.tax.saturating_neg() }
    }

    /// After tax.
    fn total(self, behavior: TaxBehavior) -> i64 {
        match behavior {
            TaxBehavior::Exclusive => self.amount.saturating_add(self.tax),
            TaxBehavior::Inclusive => self.amount,
        }
    }

    /// A part of it, with its part of the tax; `total` is after tax.
    fn share(self, total: i64, behavior: TaxBehavior) -> Self {
        let whole = self.total(behavior);
        let tax = if whole > 0 { money::proportion(self.tax, total, whole, Rounding::HalfUp) } else { 0 };
        match behavior {
            TaxBehavior::Exclusive => TaxedAmount { amount: total - tax, tax },
            TaxBehavior::Inclusive => TaxedAmount { amount: total, tax },
        }
    }
}

impl LineReversal {
    fn of(line: Arc<TransactionLine>, given: TaxedAmount) -> Self {
        let (quantity, reference) = (line.quantity, line.reference.clone());
        LineReversal { line, given, quantity, reference, metadata: Map::new() }
    }
}

/// Stores a reversal with its lines.
fn store(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    original: &Arc<TaxTransaction>,
    reference: &str,
    metadata: Map,
    plan: ReversalPlan,
) -> Result<Id> {
    let id = ENTRY.id.draw(&ctx.ids);
    let mut shown = original.to_doc();
    shown.set("id", id);
    shown.set("created", ctx.now);
    shown.set("metadata", metadata);
    shown.set("posted_at", ctx.now);
    shown.set("reference", reference.to_owned());
    shown.set("reversal", Map::from([("original_transaction", original.id.to_string())]));
    shown.set("type", TaxTransactionType::Reversal);
    let cost = plan
        .shipping
        .zip(original.shipping_cost.as_map())
        .map(|(given, cost)| cost.clone().with("amount", given.amount).with("amount_tax", given.tax));
    shown.set("shipping_cost", cost.map_or(Doc::Null, Doc::Map));
    let mut reversal = TaxTransaction::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    reversal.is_full = Flag(plan.is_full);
    let id = tx.insert(reversal).id;
    // A list shows the last written one first.
    for LineReversal { line, given, quantity, reference, metadata } in plan.lines.into_iter().rev() {
        let mut rest = template::template(TransactionLine::KIND);
        rest.set("livemode", false);
        rest.set("metadata", metadata);
        rest.set("product", line.rest.get("product").cloned().unwrap_or_default());
        tx.insert(TransactionLine {
            id: LINES.id.draw(&ctx.ids).into(),
            amount: given.amount,
            amount_tax: given.tax,
            quantity,
            reference,
            reversal: Some(Map::from([("original_line_item", line.id.to_string())])),
            tax_behavior: line.tax_behavior,
            tax_code: line.tax_code.clone(),
            kind: TaxTransactionType::Reversal,
            created: ctx.now,
            transaction: Some(Id::clone(&id)),
            rest,
        });
    }
    Ok(id)
}
