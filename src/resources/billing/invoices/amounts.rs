//! The amounts of an invoice: its lines, discounts, taxes, shipping, and what of it is due (billing 3.6, billing-2 3.7, 8, 9).
//!
//! May use: pricing, discounts, tax rates. Invariant: `total` is `subtotal` minus the invoice's discounts plus the exclusive
//! taxes and the shipping, less what credits pay.

use std::sync::Arc;

use super::{Invoice, InvoiceLine, taxes};
use crate::contract::Ctx;
use crate::error::Result;
use crate::jurisdictions::TaxabilityReason;
use crate::money;
use crate::pricing::{self, Bill, BillLine, LineTotals, Name, Taxed};
use crate::resources::catalog::discounts;
use crate::resources::catalog::tax_rates;
use crate::resources::tax::assess::{Assessed, Exemption};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// Computes the amounts of a draft and of its lines. `balance` is the customer's balance, in the currency's smallest unit.
///
/// # Errors
/// A tax rate that cannot be made.
pub(super) fn compute(tx: &mut Tx, ctx: &Ctx<'_>, invoice: &mut Invoice, balance: i64) -> Result<()> {
    let lines = super::lines_of(tx, &invoice.id);
    let assessed = taxes::of(tx, ctx, invoice, &lines)?;
    let reasons = Reasons::of(invoice, assessed.as_deref());
    let totals = bill(tx, invoice, &lines, assessed.as_deref()).totals();
    for (line, of_line) in lines.iter().zip(&totals.lines) {
        show_line(tx, line, of_line, &reasons);
    }
    let shipping = ship(invoice, assessed.as_deref());
    invoice.amount_shipping = shipping.total;
    invoice.subtotal = totals.subtotal;
    invoice.total = totals.total.saturating_add(shipping.total);
    let all_taxes = with_shipping(totals.total_taxes, &shipping);
    let without_tax = shipping.total.saturating_sub(shipping.taxes.iter().map(|tax| tax.amount).sum());
    let rest = &mut invoice.rest;
    rest.set("subtotal_excluding_tax", totals.subtotal_excluding_tax);
    rest.set("total_excluding_tax", totals.total_excluding_tax.saturating_add(without_tax));
    rest.set("total_discount_amounts", discount_amounts(&invoice.discounts, &totals.total_discount_amounts));
    let credits = lines.iter().flat_map(|line| line.credits());
    rest.set("total_pretax_credit_amounts", credit_amounts(&totals.total_discount_amounts, credits));
    rest.set("total_taxes", shown_taxes(&all_taxes, &reasons));
    invoice.starting_balance = balance;
    invoice.amount_due = AmountDue::of(invoice.total, balance, &invoice.currency).amount;
    invoice.amount_remaining = invoice.amount_due;
    Ok(())
}

/// The shipping with its taxes.
fn ship(invoice: &mut Invoice, assessed: Option<&[Assessed]>) -> LineTotals {
    let cost = invoice.rest.map("shipping_cost").and_then(|cost| cost.int("amount_subtotal")).unwrap_or_default();
    let rates = assessed.and_then(|all| all.last()).map(|shipping| shipping.rates.clone()).unwrap_or_default();
    let of_shipping = pricing::shipped(cost, &rates);
    if let Some(Doc::Map(shown)) = invoice.rest.get_mut("shipping_cost") {
        shown.set("amount_tax", of_shipping.tax());
        shown.set("amount_total", of_shipping.total);
    }
    of_shipping
}

fn with_shipping(mut all: Vec<Taxed>, shipping: &LineTotals) -> Vec<Taxed> {
    for tax in shipping.taxes.iter().filter(|tax| tax.taxable_amount != 0) {
        match all.iter_mut().find(|known| known.tax_rate == tax.tax_rate) {
            Some(known) => {
                known.amount += tax.amount;
                known.taxable_amount += tax.taxable_amount;
            }
            None => all.push(tax.clone()),
        }
    }
    all
}

/// What of a total is due, and what becomes of the customer's balance (billing-2 3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AmountDue {
    /// What is to be paid, in the currency's smallest unit.
    pub(super) amount: i64,
    /// The customer's balance afterwards.
    pub(super) ending_balance: i64,
    /// The type of the balance's transaction, if the balance changes.
    pub(super) transaction: &'static str,
}

impl AmountDue {
    pub(super) fn of(total: i64, balance: i64, currency: &str) -> Self {
        const APPLIED: &str = "applied_to_invoice";
        let whole = total.saturating_add(balance);
        if total < 0 || whole <= 0 {
            return AmountDue { amount: 0, ending_balance: whole, transaction: APPLIED };
        }
        if money::minimum(currency).is_some_and(|minimum| whole < minimum) {
            return AmountDue { amount: 0, ending_balance: whole, transaction: "invoice_too_small" };
        }
        if whole > money::MAX_AMOUNT {
            let ending_balance = whole - money::MAX_AMOUNT;
            return AmountDue { amount: money::MAX_AMOUNT, ending_balance, transaction: "invoice_too_large" };
        }
        AmountDue { amount: whole, ending_balance: 0, transaction: APPLIED }
    }
}

fn bill(tx: &Tx, invoice: &Invoice, lines: &[Arc<InvoiceLine>], assessed: Option<&[Assessed]>) -> Bill {
    let deductions =
        |ids: &[Id]| ids.iter().filter_map(|id| discounts::deduction(tx, id, &invoice.currency)).collect::<Vec<_>>();
    let rates = |shown: &[Doc]| shown.iter().filter_map(tax_rates::percentage_of).collect::<Vec<_>>();
    let own = |line: &InvoiceLine| (!line.tax_rates.is_empty()).then(|| rates(&line.tax_rates));
    let computed = |place: usize| assessed.and_then(|all| all.get(place)).map(|line| line.rates.clone());
    let line = |(place, line): (usize, &Arc<InvoiceLine>)| BillLine {
        amount: line.amount,
        product: line.product().map(Name::from),
        discountable: line.discountable,
        deductions: deductions(&line.discounts),
        rates: own(line).or_else(|| computed(place)),
        credit: line.credits().iter().filter_map(|credit| credit.int("amount")).fold(0, i64::saturating_add),
        taxes: line.tax_amounts.0.as_ref().map(|amounts| amounts.iter().filter_map(given).collect()),
    };
    Bill {
        lines: lines.iter().enumerate().map(line).collect(),
        deductions: deductions(&invoice.discounts),
        default_rates: rates(&invoice.default_tax_rates),
        // What is computed has rates of zero where nothing is to be paid.
        tax_exempt: assessed.is_none() && exemption(invoice).is_some(),
    }
}

/// Whether the customer of an invoice pays no tax at rates that a person chose.
pub(super) fn is_tax_exempt(invoice: &Invoice) -> bool {
    exemption(invoice).is_some()
}

/// Taxes at rates that a person chose for an invoice's customer, as they are shown.
pub fn show_chosen(invoice: &Invoice, taxes: &[Taxed]) -> Doc {
    shown_taxes(taxes, &Reasons::of(invoice, None))
}

/// A tax whose amount was given (billing-2 9.1).
fn given(amount: &Map) -> Option<Taxed> {
    Some(Taxed {
        tax_rate: amount.str("tax_rate")?.into(),
        inclusive: amount.bool("inclusive") == Some(true),
        taxable_amount: amount.int("taxable_amount")?,
        amount: amount.int("amount")?,
    })
}

/// Why the taxes are what they are.
struct Reasons {
    /// Of rates that a person chose.
    chosen: &'static str,
    /// Of rates that were computed.
    computed: Vec<(Name, TaxabilityReason)>,
}

/// The reason why a customer pays no tax at a rate that a person chose.
fn exemption(invoice: &Invoice) -> Option<TaxabilityReason> {
    Exemption::parse(invoice.rest.str("customer_tax_exempt")?)?.reason()
}

impl Reasons {
    fn of(invoice: &Invoice, assessed: Option<&[Assessed]>) -> Self {
        let of_rates = |all: &Assessed| {
            let reason = all.reason;
            all.rates.iter().map(move |rate| (Name::clone(&rate.tax_rate), reason)).collect::<Vec<_>>()
        };
        Reasons {
            chosen: exemption(invoice).map_or("not_available", TaxabilityReason::as_str),
            computed: assessed.unwrap_or_default().iter().flat_map(of_rates).collect(),
        }
    }

    /// The reason of a tax, and what of the amount is taxable.
    fn of_tax(&self, tax: &Taxed) -> (&'static str, i64) {
        match self.computed.iter().find(|(rate, _)| *rate == tax.tax_rate) {
            Some((_, reason)) => (reason.as_str(), reason.taxable(tax.taxable_amount)),
            None => (self.chosen, tax.taxable_amount),
        }
    }
}

/// Writes what was computed of a line, if it differs.
fn show_line(tx: &mut Tx, line: &InvoiceLine, totals: &LineTotals, reasons: &Reasons) {
    let discounts = totals.discount_amounts.iter().map(|(discount, amount)| discount_amount(discount, *amount));
    let shown = [
        ("discount_amounts", Doc::List(discounts.collect())),
        ("pretax_credit_amounts", credit_amounts(&totals.discount_amounts, line.credits().iter())),
        ("taxes", shown_taxes(&totals.taxes, reasons)),
    ];
    if shown.iter().any(|(key, value)| line.rest.get(key) != Some(value)) {
        tx.update::<InvoiceLine>(&line.id, |line| {
            shown.into_iter().for_each(|(key, value)| line.rest.set(key, value));
        });
    }
}

fn discount_amount(discount: &str, amount: i64) -> Doc {
    Map::from([("amount", Doc::from(amount)), ("discount", discount.to_owned().into())]).into()
}

/// Each discount of the invoice, also one that takes nothing off, and those of its lines.
fn discount_amounts(own: &[Id], totals: &[(Name, i64)]) -> Doc {
    let untouched = own.iter().filter(|id| !totals.iter().any(|(discount, _)| discount == *id));
    let all = totals.iter().map(|(discount, amount)| discount_amount(discount, *amount));
    Doc::List(all.chain(untouched.map(|id| discount_amount(id, 0))).collect())
}

/// What is taken off before taxes: discounts, and what credits pay.
fn credit_amounts<'a>(totals: &[(Name, i64)], credits: impl Iterator<Item = &'a Map>) -> Doc {
    let credit = |(discount, amount): &(Name, i64)| {
        Map::from([
            ("amount", Doc::from(*amount)),
            ("discount", discount.to_string().into()),
            ("type", "discount".into()),
        ])
        .into()
    };
    Doc::List(totals.iter().map(credit).chain(credits.cloned().map(Doc::Map)).collect())
}

fn shown_taxes(taxes: &[Taxed], reasons: &Reasons) -> Doc {
    let tax = |tax: &Taxed| {
        let (reason, taxable_amount) = reasons.of_tax(tax);
        Map::from([
            ("amount", Doc::from(tax.amount)),
            ("tax_behavior", if tax.inclusive { "inclusive" } else { "exclusive" }.into()),
            ("tax_rate_details", Map::from([("tax_rate", tax.tax_rate.to_string())]).into()),
            ("taxability_reason", reason.into()),
            ("taxable_amount", taxable_amount.into()),
            ("type", "tax_rate_details".into()),
        ])
        .into()
    };
    Doc::List(taxes.iter().map(tax).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_balance_pays_first_and_what_cannot_be_charged_goes_into_it() {
        let due = |total, balance| {
            let due = AmountDue::of(total, balance, "usd");
            (due.amount, due.ending_balance)
        };
        // The rows of billing-2 3.7.
        for (total, balance, expected) in [
            (1900, -500, (1400, 0)),
            (1900, -2500, (0, -600)),
            (1900, 300, (2200, 0)),
            (30, 0, (0, 30)),
            (30, 40, (70, 0)),
            (-1341, 0, (0, -1341)),
            (-100, 40, (0, -60)),
            (0, 0, (0, 0)),
            (100_000_000, 0, (99_999_999, 1)),
        ] {
            assert_eq!(due(total, balance), expected, "{total} {balance}");
        }
    }
}
