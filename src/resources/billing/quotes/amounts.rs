//! The amounts of a quote: of its lines, of what is paid at first, and of what is paid again and again (billing 5.2, billing-2 13.6).
//!
//! May use: pricing, prices, discounts, tax rates and tax. Invariant: the quote's total is the sum of its lines' totals.

use std::sync::Arc;

use super::{Quote, discount};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::pricing::{Bill, BillLine, Deduction, LineTotals, TaxPercentage, Totals};
use crate::resources::billing::subscription_items::is_metered;
use crate::resources::billing::subscriptions::Recurrence;
use crate::resources::catalog::coupons::Coupon;
use crate::resources::catalog::discounts::{self, Discount};
use crate::resources::catalog::prices::Price;
use crate::resources::catalog::tax_rates::TaxRate;
use crate::resources::customers::customer::Customer;
use crate::resources::tax::assess::{self, Exemption};
use crate::resources::tax::automatic;
use crate::resources::tax::sales::{self, Sold, TaxedSale};
use crate::state::document::{Doc, Map};
use crate::state::object::Object;
use crate::state::{Id, Record, Tx};

/// A line with its price.
struct Offered {
    record: Arc<Record>,
    price: Arc<Price>,
    quantity: i64,
}

impl Offered {
    fn of(tx: &Tx, record: Arc<Record>) -> Result<Self> {
        let shown = record.object.to_doc();
        let price = shown.map("price").and_then(|price| tx.get::<Price>(price.str("id")?));
        let price = price.ok_or_else(ApiError::internal)?;
        Ok(Offered { record, price, quantity: shown.int("quantity").unwrap_or(1) })
    }

    /// How often it is billed; `None` for once.
    fn recurrence(&self) -> Option<Recurrence> {
        self.price.is_recurring().then(|| Recurrence::of(&self.price.to_doc())).flatten()
    }

    /// Its amount in a currency; what is used is billed later.
    fn amount(&self, currency: &str) -> Result<i64> {
        if is_metered(&self.price.to_doc()) {
            return Ok(0);
        }
        let tariff = match self.price.currency == currency {
            true => self.price.tariff(),
            false => self
                .price
                .in_currency(currency)
                .ok_or_else(|| ApiError::session_currencies_differ("line_items"))?
                .tariff(),
        };
        Ok(tariff.amount(self.quantity))
    }
}

fn offered(tx: &Tx, quote: &Quote) -> Result<Vec<Offered>> {
    lines::of(tx, &quote.id).into_iter().map(|record| Offered::of(tx, record)).collect()
}

/// Checks the lines together, and notes their currency and how often they are billed.
///
/// # Errors
/// Several currencies or intervals, a price that is not for sale, a quantity below zero.
pub(super) fn check_lines(tx: &Tx, quote: &mut Quote) -> Result<()> {
    let lines = offered(tx, quote)?;
    let mut recurrence = None;
    for (index, line) in lines.iter().enumerate() {
        let within = format!("line_items[{index}]");
        if !(line.price.active || line.price.inline) {
            return Err(ApiError::price_inactive().inside(&within));
        }
        line.price.check_quantity(line.quantity).map_err(|error| error.inside(&within))?;
        match (recurrence, line.recurrence()) {
            (Some(known), Some(other)) if known != other => return Err(ApiError::quote_intervals_differ()),
            (None, other) => recurrence = other,
            _ => {}
        }
    }
    quote.currency = lines.first().map(|line| line.price.currency.clone());
    if let Some(currency) = &quote.currency {
        lines.iter().try_for_each(|line| line.amount(currency).map(drop))?;
    }
    let recurring = lines.iter().find(|line| line.price.is_recurring()).and_then(|line| {
        let recurring = line.price.rest.map("recurring")?;
        let of = |key: &str| recurring.get(key).cloned().unwrap_or_default();
        Some(Map::from([("interval", of("interval")), ("interval_count", of("interval_count"))]))
    });
    quote.computed.set("recurring", recurring);
    Ok(())
}

/// Computes the amounts of a quote and of its lines.
///
/// # Errors
/// A tax rate that cannot be made.
pub(super) fn compute(tx: &mut Tx, ctx: &Ctx<'_>, quote: &mut Quote) -> Result<()> {
    let lines = offered(tx, quote)?;
    let currency = quote.currency.clone().unwrap_or_default();
    let assessed = assess_lines(tx, ctx, quote, &lines, &currency)?;
    let all = Billing { quote, lines: &lines, currency: &currency, assessed: assessed.as_deref() };
    let whole = all.bill(tx, |_| true, |_| true)?.totals();
    let recurring = all.bill(tx, |line| line.price.is_recurring(), |discount| goes_on(tx, discount))?.totals();
    let upfront = all.bill(tx, |line| is_upfront(quote, &line.price), |_| true)?.totals();
    let mut breakdown = Map::new();
    for (line, totals) in lines.iter().zip(&whole.lines) {
        show_line(tx, line, totals, &currency);
        breakdown.set(line.record.object.id().to_string(), shown_parts(totals));
    }
    quote.breakdown = Map::new().with(lines::OF_LINES, breakdown);
    quote.amount_subtotal = whole.subtotal;
    quote.amount_total = whole.total;
    quote.total_details = details(&whole);
    if let Some(Doc::Map(shown)) = quote.computed.get_mut("recurring") {
        show(shown, &recurring);
    }
    let mut shown = Map::new();
    show(&mut shown, &upfront);
    quote.computed.set("upfront", shown);
    Ok(())
}

/// Whether a line with a price is paid when the quote is accepted: what recurs is not during a trial.
pub(super) fn is_upfront(quote: &Quote, price: &Price) -> bool {
    !price.is_recurring() || quote.subscription_data.present("trial_period_days").is_none()
}

/// Whether a discount reduces every bill of a subscription (billing 5.2).
fn goes_on(tx: &Tx, discount: &Id) -> bool {
    let coupon = tx.get::<Discount>(discount).and_then(|discount| tx.get::<Coupon>(discount.coupon()?));
    coupon.is_some_and(|coupon| coupon.rest.str("duration") == Some("forever"))
}

/// What a bill is made of.
struct Billing<'q> {
    quote: &'q Quote,
    lines: &'q [Offered],
    currency: &'q str,
    assessed: Option<&'q [Vec<TaxPercentage>]>,
}

impl Billing<'_> {
    /// The bill of some of the lines, with some of the discounts.
    fn bill(&self, tx: &Tx, of: impl Fn(&Offered) -> bool, counts: impl Fn(&Id) -> bool) -> Result<Bill> {
        let deductions = |ids: &[Id]| -> Vec<Deduction> {
            let counted = ids.iter().filter(|id| counts(id));
            counted.filter_map(|id| discounts::deduction(tx, id, self.currency)).collect()
        };
        let rates = |ids: &[Id]| -> Vec<TaxPercentage> {
            ids.iter().filter_map(|id| Some(tx.get::<TaxRate>(id)?.percentage())).collect()
        };
        let line = |(place, line): (usize, &Offered)| {
            let id = line.record.object.id();
            let own = rates(&super::ids(self.quote.tax_rates.get(id)));
            let computed = self.assessed.and_then(|all| all.get(place)).cloned();
            Ok(BillLine {
                amount: line.amount(self.currency)?,
                product: Some(Id::clone(&line.price.product)),
                discountable: true,
                deductions: deductions(&discount::of_line(self.quote, id)),
                // Rates that were chosen for a line replace those that are computed.
                rates: Some(own).filter(|own| !own.is_empty()).or(computed),
                credit: 0,
                taxes: None,
            })
        };
        let lines = self.lines.iter().enumerate().filter(|(_, line)| of(line));
        Ok(Bill {
            lines: lines.map(line).collect::<Result<_>>()?,
            deductions: deductions(&self.quote.discounts),
            default_rates: rates(&self.quote.default_tax_rates),
            tax_exempt: self.assessed.is_none() && is_exempt(tx, self.quote),
        })
    }
}

/// Whether the customer pays no tax at rates that a person chose.
fn is_exempt(tx: &Tx, quote: &Quote) -> bool {
    let customer = quote.customer.as_ref().and_then(|id| tx.get::<Customer>(id));
    let exempt = customer.and_then(|customer| Exemption::parse(customer.rest.str("tax_exempt")?));
    exempt.is_some_and(|exempt| exempt.reason().is_some())
}

/// The rates of the lines, if they are computed and the customer's place is known.
fn assess_lines(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    quote: &mut Quote,
    lines: &[Offered],
    currency: &str,
) -> Result<Option<Vec<Vec<TaxPercentage>>>> {
    if !automatic::is_on(&quote.rest) {
        return Ok(None);
    }
    let place = quote.customer.as_deref().and_then(|customer| assess::place_of_customer(tx, customer));
    automatic::note_place(&mut quote.rest, place.is_some());
    let Some(place) = place else { return Ok(None) };
    let exempt = assess::exemption_of_customer(tx, quote.customer.as_deref().unwrap_or_default(), &place);
    let sold: Vec<Sold> =
        lines.iter().map(|line| Sold::of(tx, Some(&line.price.product), Some(&line.price.id))).collect();
    let all = sales::assess_all(tx, ctx, &TaxedSale { place: &place, exempt, currency }, &sold)?;
    Ok(Some(all.into_iter().map(|line| line.rates).collect()))
}

fn show_line(tx: &mut Tx, line: &Offered, totals: &LineTotals, currency: &str) {
    let fields = [
        ("amount_discount", totals.discount()),
        ("amount_subtotal", totals.amount),
        ("amount_tax", totals.tax()),
        ("amount_total", totals.total),
    ];
    let mut fields = Map::from(fields.map(|(key, amount)| (key, Doc::from(amount))));
    fields.set("currency", currency.to_owned());
    lines::set(tx, &line.record, &fields);
}

/// What a line shows when its discounts and taxes are expanded.
fn shown_parts(totals: &LineTotals) -> Map {
    let discounts = totals.discount_amounts.iter().filter(|(_, amount)| *amount != 0).map(|(discount, amount)| {
        Doc::Map(Map::from([("amount", Doc::from(*amount)), ("discount", discount.to_string().into())]))
    });
    let taxes = totals.taxes.iter().map(|tax| {
        Doc::Map(Map::from([
            ("amount", Doc::from(tax.amount)),
            ("rate", tax.tax_rate.to_string().into()),
            ("taxability_reason", Doc::Null),
            ("taxable_amount", tax.taxable_amount.into()),
        ]))
    });
    Map::from([("discounts", Doc::List(discounts.collect())), ("taxes", Doc::List(taxes.collect()))])
}

fn details(totals: &Totals) -> Map {
    let details = [("amount_discount", totals.discount()), ("amount_shipping", 0), ("amount_tax", totals.tax())];
    Map::from(details.map(|(key, amount)| (key, Doc::from(amount))))
}

fn show(shown: &mut Map, totals: &Totals) {
    shown.set("amount_subtotal", totals.subtotal);
    shown.set("amount_total", totals.total);
    shown.set("total_details", details(totals));
}
