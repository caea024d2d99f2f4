//! The amounts of a credit note: its lines with their parts of discounts and taxes (billing 5.4, billing-2 11.1).
//!
//! May use: invoices and their lines, tax rates, pricing. Invariant: the parts of a line that are credited one after the other add
//! up to the line, and none is more than what is left of it.

use std::sync::Arc;

use super::lines::{CreditNoteLine, CreditNoteLineType};
use super::{CreditNoteStatus, of_invoice};
use crate::contract::{Ctx, In, missing_as, require};
use crate::error::{ApiError, Result};
use crate::money::{Decimal, Rounding, proportion};
use crate::object::{metadata, template};
use crate::pricing::{Bill, BillLine, Taxed};
use crate::resources::billing::invoices::{self, Invoice, InvoiceLine};
use crate::resources::catalog::tax_rates::{self, TaxRate};
use crate::state::document::{Doc, Map};
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Tx};

/// The lines that a call credits.
///
/// # Errors
/// They are more than what is left of the invoice's lines, or a call names what does not go together.
pub(super) fn lines(tx: &Tx, ctx: &Ctx<'_>, invoice: &Invoice, params: &Map) -> Result<Vec<CreditNoteLine>> {
    let mut earlier: Vec<Arc<CreditNoteLine>> = issued(tx, invoice);
    let sent = params.list("lines").unwrap_or_default();
    if sent.is_empty() {
        return match params.int("amount") {
            Some(..=0) => Err(ApiError::param_below("amount", 1)),
            Some(amount) if !params.has("shipping_cost") => Ok(vec![of_amount(ctx, invoice, amount, &earlier)]),
            None if !params.has("shipping_cost") => Err(ApiError::credit_note_of_nothing()),
            _ => Ok(Vec::new()),
        };
    }
    let mut lines = Vec::with_capacity(sent.len());
    for (index, sent) in sent.iter().filter_map(Doc::as_map).enumerate() {
        let line = match sent.str("type").and_then(CreditNoteLineType::parse) {
            Some(CreditNoteLineType::InvoiceLineItem) => of_line(tx, ctx, invoice, sent, &earlier),
            Some(CreditNoteLineType::CustomLineItem) | None => custom(tx, ctx, invoice, sent),
        };
        let line = line.map_err(|error| error.inside(&format!("lines[{index}]")))?;
        earlier.push(Arc::new(line.clone()));
        lines.push(line);
    }
    Ok(lines)
}

/// The lines of the invoice's notes that count.
fn issued(tx: &Tx, invoice: &Invoice) -> Vec<Arc<CreditNoteLine>> {
    let notes = of_invoice(tx, &invoice.id).into_iter().filter(|note| note.status == CreditNoteStatus::Issued);
    notes.flat_map(|note| super::lines_of(tx, &note.id)).collect()
}

/// The shipping of an invoice, with its taxes.
#[derive(Debug)]
pub(super) struct CreditedShipping {
    cost: Map,
    taxes: Vec<Map>,
}

/// The shipping that a call credits: all of it.
///
/// # Errors
/// It is not the invoice's, or was credited.
pub(super) fn shipping(tx: &Tx, invoice: &Invoice, params: &Map) -> Result<Option<CreditedShipping>> {
    const RATE: &str = "shipping_cost[shipping_rate]";
    let Some(sent) = params.map("shipping_cost") else { return Ok(None) };
    let rate = sent.str("shipping_rate").ok_or_else(|| ApiError::param_missing(RATE))?;
    let cost = invoice.rest.map("shipping_cost").filter(|cost| cost.str("shipping_rate") == Some(rate));
    let notes = of_invoice(tx, &invoice.id);
    let mut issued = notes.iter().filter(|note| note.status == CreditNoteStatus::Issued);
    match cost {
        Some(cost) if issued.all(|note| note.rest.present("shipping_cost").is_none()) => {
            Ok(Some(CreditedShipping { cost: cost.clone(), taxes: shipping_taxes(tx, invoice) }))
        }
        Some(_) => Err(ApiError::credit_note_shipping_is_credited()),
        None => Err(ApiError::credit_note_other_shipping(rate)),
    }
}

/// The taxes of the shipping: those of the invoice that are not of its lines.
fn shipping_taxes(tx: &Tx, invoice: &Invoice) -> Vec<Map> {
    let lines = invoices::lines_of(tx, &invoice.id);
    let of_lines: Vec<&Map> =
        lines.iter().flat_map(|line| line.rest.list("taxes").unwrap_or_default()).filter_map(Doc::as_map).collect();
    let rest = |tax: &Map| {
        let mut rest = tax.clone();
        for key in ["amount", "taxable_amount"] {
            let same = of_lines.iter().filter(|of_line| rate_of(of_line) == rate_of(tax));
            let taken: i64 = same.filter_map(|of_line| of_line.int(key)).sum();
            rest.set(key, tax.int(key).unwrap_or_default() - taken);
        }
        (rest.int("amount") != Some(0)).then_some(rest)
    };
    let all = invoice.rest.list("total_taxes").unwrap_or_default();
    all.iter().filter_map(Doc::as_map).filter_map(rest).collect()
}

/// A part of something of which others were credited before.
struct CreditShare {
    part: i64,
    of: i64,
    /// Whether nothing is left afterwards.
    is_rest: bool,
}

impl CreditShare {
    /// The part of an amount of which `taken` was credited before.
    fn of(&self, whole: i64, taken: i64) -> i64 {
        let left = (whole - taken).max(0);
        if self.is_rest {
            return left;
        }
        proportion(whole, self.part, self.of, Rounding::HalfAwayFromZero).clamp(0, left)
    }

    /// The parts of taxes, as they are shown.
    fn of_taxes(&self, taxes: &[Doc], earlier: &[&CreditNoteLine]) -> Vec<Doc> {
        let part = |tax: &Map| {
            let same = earlier.iter().flat_map(|line| line.taxes()).filter(|other| rate_of(other) == rate_of(tax));
            let taken = same.fold((0, 0), |(amount, base), tax| {
                (amount + tax.int("amount").unwrap_or_default(), base + tax.int("taxable_amount").unwrap_or_default())
            });
            let mut part = tax.clone();
            part.set("amount", self.of(tax.int("amount").unwrap_or_default(), taken.0));
            part.set("taxable_amount", self.of(tax.int("taxable_amount").unwrap_or_default(), taken.1));
            Doc::Map(part)
        };
        taxes.iter().filter_map(Doc::as_map).map(part).collect()
    }
}

fn rate_of(tax: &Map) -> Option<&str> {
    tax.map("tax_rate_details")?.str("tax_rate")
}

/// A part of a line of the invoice, by its quantity or its amount.
fn of_line(
    tx: &Tx,
    ctx: &Ctx<'_>,
    invoice: &Invoice,
    sent: &Map,
    earlier: &[Arc<CreditNoteLine>],
) -> Result<CreditNoteLine> {
    refuse(sent, &["description", "unit_amount", "unit_amount_decimal", "tax_rates"], "custom_line_item")?;
    let id = sent.str("invoice_line_item").ok_or_else(|| ApiError::param_missing("invoice_line_item"))?;
    let line = tx.get::<InvoiceLine>(id).filter(|line| line.invoice.as_ref() == Some(&invoice.id));
    let line = line.ok_or_else(|| missing_as(invoices::LINES.noun, id, In::Param("invoice_line_item")))?;
    let before: Vec<&CreditNoteLine> =
        earlier.iter().map(|line| &**line).filter(|line| line.invoice_line_item.0.as_deref() == Some(id)).collect();
    let share = share(&line, sent, &before)?;
    let mut made = blank(ctx, CreditNoteLineType::InvoiceLineItem);
    made.amount = share.of(line.amount, credited(&before));
    made.invoice_line_item = Absent(Some(Id::clone(&line.id)));
    made.metadata = metadata::merge(&line.metadata, sent.get("metadata"))?;
    made.quantity = sent.int("quantity");
    made.rest.set("description", line.rest.get("description").cloned());
    if made.quantity.is_some() {
        let unit = line.rest.map("pricing").and_then(|pricing| pricing.str("unit_amount_decimal"));
        show_unit(&mut made, unit.and_then(Decimal::parse));
    }
    made.rest.set("tax_rates", Doc::List(line.tax_rates.clone()));
    take_discounts(&mut made, &line, &share, &before);
    let taxes = match given(tx, sent)? {
        Some(given) => invoices::shown_taxes(invoice, &given),
        None => Doc::List(share.of_taxes(line.rest.list("taxes").unwrap_or_default(), &before)),
    };
    made.rest.set("taxes", taxes);
    Ok(made)
}

fn credited(before: &[&CreditNoteLine]) -> i64 {
    before.iter().map(|line| line.amount).sum()
}

/// Which part of a line of the invoice is credited.
fn share(line: &InvoiceLine, sent: &Map, before: &[&CreditNoteLine]) -> Result<CreditShare> {
    let left = line.amount - credited(before);
    let is_by_quantity = sent.has("quantity");
    if before.iter().any(|line| line.quantity.is_some() != is_by_quantity) {
        return Err(ApiError::credit_note_line_is_mixed());
    }
    match (sent.int("amount"), sent.int("quantity")) {
        (Some(_), Some(_)) => Err(ApiError::params_exclusive("amount", "quantity")),
        (None, None) => Err(ApiError::one_param_of("amount", "quantity")),
        (Some(..=0), _) => Err(ApiError::param_below("amount", 1)),
        (_, Some(..=0)) => Err(ApiError::param_below("quantity", 1)),
        (Some(part), None) if part > left => Err(ApiError::credit_note_line_too_large("amount", part, left.max(0))),
        (Some(part), None) => Ok(CreditShare { part, of: line.amount, is_rest: part == left }),
        (None, Some(part)) => {
            let of = line.rest.int("quantity").unwrap_or(1);
            let left_units = of - before.iter().filter_map(|line| line.quantity).sum::<i64>();
            if part > left_units || left <= 0 {
                let left_units = if left <= 0 { 0 } else { left_units };
                return Err(ApiError::credit_note_line_too_large("quantity", part, left_units));
            }
            Ok(CreditShare { part, of, is_rest: part == left_units })
        }
    }
}

/// The parts of the discounts on a line of the invoice.
fn take_discounts(made: &mut CreditNoteLine, line: &InvoiceLine, share: &CreditShare, before: &[&CreditNoteLine]) {
    let mut all = Vec::new();
    made.subtotal = made.amount;
    for shown in line.rest.list("discount_amounts").unwrap_or_default().iter().filter_map(Doc::as_map) {
        let (Some(discount), Some(whole)) = (shown.str("discount"), shown.int("amount")) else { continue };
        let same = before.iter().flat_map(|line| line.rest.list("discount_amounts").unwrap_or_default());
        let same = same.filter_map(Doc::as_map).filter(|other| other.str("discount") == Some(discount));
        let amount = share.of(whole, same.filter_map(|other| other.int("amount")).sum());
        made.discount_amount += amount;
        if line.discounts.iter().any(|own| &**own == discount) {
            made.subtotal -= amount;
        }
        all.push((discount.to_owned(), amount));
    }
    show_discounts(&mut made.rest, &all);
}

/// Something that is no line of the invoice.
fn custom(tx: &Tx, ctx: &Ctx<'_>, invoice: &Invoice, sent: &Map) -> Result<CreditNoteLine> {
    refuse(sent, &["amount", "invoice_line_item"], "invoice_line_item")?;
    let description = sent.str("description").ok_or_else(|| ApiError::param_missing("description"))?;
    let unit = match (sent.int("unit_amount"), sent.str("unit_amount_decimal")) {
        (Some(_), Some(_)) => return Err(ApiError::params_exclusive("unit_amount", "unit_amount_decimal")),
        (Some(..0), None) => return Err(ApiError::param_below("unit_amount", 0)),
        (Some(unit), None) => Decimal::whole(unit),
        (None, Some(unit)) => Decimal::parse(unit).ok_or_else(|| ApiError::param_missing("unit_amount_decimal"))?,
        (None, None) => return Err(ApiError::param_missing("unit_amount")),
    };
    let quantity = sent.int("quantity").unwrap_or(1);
    if quantity < 1 {
        return Err(ApiError::param_below("quantity", 1));
    }
    let rates = sent.list("tax_rates").unwrap_or_default();
    let given = given(tx, sent)?;
    if given.is_some() && !rates.is_empty() {
        return Err(ApiError::params_exclusive("tax_amounts", "tax_rates"));
    }
    let rates = tax_rates::shown(tx, rates, "tax_rates")?;
    let mut made = blank(ctx, CreditNoteLineType::CustomLineItem);
    made.amount = unit.times(quantity).rounded(Rounding::HalfAwayFromZero);
    made.subtotal = made.amount;
    made.metadata = metadata::merge(&Map::new(), sent.get("metadata"))?;
    made.quantity = Some(quantity);
    made.rest.set("description", description.to_owned());
    show_unit(&mut made, Some(unit));
    made.rest.set("taxes", invoices::shown_taxes(invoice, &taxed(invoice, made.amount, &rates, given)));
    made.rest.set("tax_rates", Doc::List(rates));
    Ok(made)
}

/// The taxes of an amount.
fn taxed(invoice: &Invoice, amount: i64, rates: &[Doc], given: Option<Vec<Taxed>>) -> Vec<Taxed> {
    let rates = rates.iter().filter_map(tax_rates::percentage_of).collect();
    let line = BillLine {
        amount,
        product: None,
        discountable: false,
        deductions: Vec::new(),
        rates: Some(rates),
        credit: 0,
        taxes: given,
    };
    let tax_exempt = invoice.is_tax_exempt();
    Bill { lines: vec![line], tax_exempt, ..Bill::default() }.totals().total_taxes
}

/// A part of the whole invoice, with the same part of its taxes.
fn of_amount(ctx: &Ctx<'_>, invoice: &Invoice, amount: i64, earlier: &[Arc<CreditNoteLine>]) -> CreditNoteLine {
    let earlier: Vec<&CreditNoteLine> = earlier.iter().map(|line| &**line).collect();
    let left = invoice.total - earlier.iter().map(|line| line.total()).sum::<i64>();
    let share = CreditShare { part: amount, of: invoice.total.max(1), is_rest: amount == left };
    let mut made = blank(ctx, CreditNoteLineType::CustomLineItem);
    let taxes = share.of_taxes(invoice.rest.list("total_taxes").unwrap_or_default(), &earlier);
    made.rest.set("taxes", Doc::List(taxes));
    made.amount = amount - made.tax("exclusive");
    made.subtotal = made.amount;
    made.quantity = Some(1);
    let unit = Decimal::whole(made.amount);
    show_unit(&mut made, Some(unit));
    made
}

/// The taxes whose amounts a call gives.
fn given(tx: &Tx, sent: &Map) -> Result<Option<Vec<Taxed>>> {
    let Some(amounts) = sent.list("tax_amounts").filter(|amounts| !amounts.is_empty()) else { return Ok(None) };
    let tax = |(index, amount): (usize, &Map)| {
        let id = amount.str("tax_rate").unwrap_or_default();
        let rate = require::<TaxRate>(tx, id, In::Param(&format!("tax_amounts[{index}][tax_rate]")))?;
        Ok(Taxed {
            tax_rate: Id::clone(&rate.id),
            inclusive: rate.inclusive,
            taxable_amount: amount.int("taxable_amount").unwrap_or_default(),
            amount: amount.int("amount").unwrap_or_default(),
        })
    };
    amounts.iter().filter_map(Doc::as_map).enumerate().map(tax).collect::<Result<_>>().map(Some)
}

/// Refuses parameters of the other type of line.
fn refuse(sent: &Map, names: &[&'static str], only_for: &'static str) -> Result<()> {
    match names.iter().find(|name| sent.present(name).is_some()) {
        Some(name) => Err(ApiError::credit_note_line_param(name, only_for)),
        None => Ok(()),
    }
}

fn blank(ctx: &Ctx<'_>, credits: CreditNoteLineType) -> CreditNoteLine {
    let mut rest = template::template(CreditNoteLine::KIND);
    for key in ["discount_amounts", "pretax_credit_amounts", "tax_rates", "taxes"] {
        rest.set(key, Doc::List(Vec::new()));
    }
    rest.set("livemode", false);
    CreditNoteLine {
        id: super::LINES.id.draw(&ctx.ids).into(),
        amount: 0,
        discount_amount: 0,
        invoice_line_item: Absent(None),
        metadata: Map::new(),
        quantity: None,
        credits,
        created: 0,
        credit_note: Absent(None),
        position: 0,
        subtotal: 0,
        rest,
    }
}

fn show_unit(line: &mut CreditNoteLine, unit: Option<Decimal>) {
    line.rest.set("unit_amount", unit.and_then(Decimal::exact));
    line.rest.set("unit_amount_decimal", unit.map(Decimal::text));
}

fn show_discounts(rest: &mut Map, all: &[(String, i64)]) {
    let discount = |(discount, amount): &(String, i64)| {
        Map::from([("amount", Doc::from(*amount)), ("discount", discount.clone().into())])
    };
    let credit = |of: &(String, i64)| discount(of).with("type", "discount");
    rest.set("discount_amounts", Doc::List(all.iter().map(|of| discount(of).into()).collect()));
    rest.set("pretax_credit_amounts", Doc::List(all.iter().map(|of| credit(of).into()).collect()));
}

/// What the lines and the shipping come to.
#[derive(Debug)]
pub(super) struct CreditTotals {
    pub(super) total: i64,
    subtotal: i64,
    subtotal_excluding_tax: i64,
    total_excluding_tax: i64,
    discounts: Vec<(String, i64)>,
    taxes: Vec<Map>,
    shipping: Option<CreditedShipping>,
}

impl CreditTotals {
    pub(super) fn of(lines: &[CreditNoteLine], shipping: Option<CreditedShipping>) -> Self {
        let sum = |part: fn(&CreditNoteLine) -> i64| lines.iter().map(part).fold(0, i64::saturating_add);
        let of_shipping = |key: &str| shipping.as_ref().and_then(|it| it.cost.int(key)).unwrap_or_default();
        let (mut discounts, mut taxes): (Vec<(String, i64)>, Vec<Map>) = (Vec::new(), Vec::new());
        for shown in lines.iter().flat_map(|line| line.rest.list("discount_amounts").unwrap_or_default()) {
            let Some((discount, amount)) = shown.as_map().and_then(|it| Some((it.str("discount")?, it.int("amount")?)))
            else {
                continue;
            };
            match discounts.iter_mut().find(|(known, _)| known == discount) {
                Some((_, all)) => *all += amount,
                None => discounts.push((discount.to_owned(), amount)),
            }
        }
        let shipping_taxes = shipping.iter().flat_map(|shipping| &shipping.taxes);
        for tax in lines.iter().flat_map(CreditNoteLine::taxes).chain(shipping_taxes) {
            match taxes.iter_mut().find(|known| rate_of(known) == rate_of(tax)) {
                Some(all) => {
                    for key in ["amount", "taxable_amount"] {
                        all.set(key, all.int(key).unwrap_or_default() + tax.int(key).unwrap_or_default());
                    }
                }
                None => taxes.push(tax.clone()),
            }
        }
        let (subtotal, total) = (sum(|line| line.subtotal), sum(CreditNoteLine::total) + of_shipping("amount_total"));
        let tax = sum(|line| line.tax("inclusive") + line.tax("exclusive")) + of_shipping("amount_tax");
        CreditTotals {
            total,
            subtotal,
            subtotal_excluding_tax: subtotal - sum(included),
            total_excluding_tax: total - tax,
            discounts,
            taxes,
            shipping,
        }
    }

    /// Writes them into a note.
    pub(super) fn show(&self, note: &mut Map) {
        let amount = |shipping: &CreditedShipping| shipping.cost.int("amount_total");
        note.set("amount_shipping", self.shipping.as_ref().and_then(amount).unwrap_or_default());
        note.set("discount_amount", self.discounts.iter().map(|(_, amount)| *amount).sum::<i64>());
        show_discounts(note, &self.discounts);
        note.set("shipping_cost", self.shipping.as_ref().map(|shipping| shipping.cost.clone()));
        note.set("subtotal", self.subtotal);
        note.set("subtotal_excluding_tax", self.subtotal_excluding_tax);
        note.set("total", self.total);
        note.set("total_excluding_tax", self.total_excluding_tax);
        note.set("total_taxes", Doc::List(self.taxes.iter().cloned().map(Doc::Map).collect()));
    }
}

/// The tax that is included in the subtotal of a line, which the discounts of the invoice have not reduced.
fn included(line: &CreditNoteLine) -> i64 {
    let net = line.amount - line.discount_amount;
    if net <= 0 {
        return 0;
    }
    proportion(line.tax("inclusive"), line.subtotal, net, Rounding::HalfAwayFromZero)
}
