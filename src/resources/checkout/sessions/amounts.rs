//! The amounts of a session: its lines, the discount, taxes and shipping (intents-and-checkout 3.1).
//!
//! May use: pricing, prices, coupons, shipping rates and tax rates. Invariant: the session's total is the sum of its
//! lines' totals and of its shipping.

use super::{SessionMode, SessionPaymentStatus};
use std::sync::Arc;

use super::Session;
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::money::{self, Rounding};
use crate::pricing::{Bill, BillLine, Deduction};
use crate::resources::catalog::coupons::Coupon;
use crate::resources::catalog::prices::Price;
use crate::resources::catalog::promotion_codes::PromotionCode;
use crate::resources::catalog::shipping_rates::ShippingRate;
use crate::resources::catalog::tax_rates::TaxRate;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Record, Tx};

/// How an amount off is divided among lines. For invoices it is recorded that shares are rounded down (billing-2 8.2);
/// for sessions nothing is recorded, and shares are rounded to the nearest amount.
const SHARES: Rounding = Rounding::HalfUp;

/// Stores the tax rates of the lines.
pub(super) fn note_tax_rates(tx: &Tx, session: &mut Session, params: &Map) {
    let sent = params.list("line_items").unwrap_or_default();
    // Lists show the newest first; lines are in the order in which they were sent.
    for (line, sent) in lines::of(tx, &session.id).iter().zip(sent) {
        if let Some(rates) = sent.as_map().and_then(|sent| sent.get("tax_rates")) {
            session.tax_rates.set(line.object.id().to_string(), rates.clone());
        }
    }
}

/// Computes the amounts of a session and its lines.
///
/// # Errors
/// Lines in several currencies, an unusable coupon, a total that cannot be charged.
pub(super) fn total(tx: &mut Tx, session: &mut Session) -> Result<()> {
    let records = lines::of(tx, &session.id);
    if records.is_empty() {
        return Ok(());
    }
    let currency = currency(session, &records);
    let lines = records.iter().map(|record| line(tx, session, record, &currency)).collect::<Result<_>>()?;
    let deductions = deduction(tx, session, &currency)?.into_iter().collect();
    let totals = Bill { lines, deductions, ..Bill::default() }.totals();
    for (record, line) in records.iter().zip(&totals.lines) {
        let fields = [
            ("amount_discount", line.discount()),
            ("amount_subtotal", line.subtotal),
            ("amount_tax", line.tax()),
            ("amount_total", line.total),
        ];
        let fields = Map::from(fields.map(|(key, amount)| (key, Doc::from(amount))));
        lines::set(tx, record, &fields.with("currency", currency.clone()));
    }
    let shipping = shipping(tx, session, &currency)?;
    let total = totals.total.saturating_add(shipping);
    session.amount_subtotal = Some(totals.subtotal);
    session.amount_total = Some(total);
    let details = [("amount_discount", totals.discount()), ("amount_shipping", shipping), ("amount_tax", totals.tax())];
    session.rest.set("total_details", Map::from(details.map(|(key, amount)| (key, Doc::from(amount)))));
    session.currency = Some(currency);
    check_total(session, total)
}

/// A total of zero is allowed, but not one below the smallest charge.
fn check_total(session: &mut Session, total: i64) -> Result<()> {
    if session.mode != SessionMode::Payment {
        return Ok(());
    }
    let currency = session.currency.clone().unwrap_or_default();
    session.payment_status = SessionPaymentStatus::Unpaid;
    match money::minimum(&currency) {
        _ if total == 0 => session.payment_status = SessionPaymentStatus::NoPaymentRequired,
        Some(minimum) if total < minimum => return Err(ApiError::session_total_too_small(minimum, &currency)),
        _ if total > money::MAX_AMOUNT => return Err(ApiError::amount_too_large(&currency)),
        _ => {}
    }
    Ok(())
}

/// The session's currency, or that of the first line.
fn currency(session: &Session, records: &[Arc<Record>]) -> String {
    let first =
        || records.first().and_then(|record| record.object.to_doc().map("price")?.str("currency").map(str::to_owned));
    session.currency.clone().map(|currency| currency.to_lowercase()).or_else(first).unwrap_or_default()
}

/// A line for pricing, with its tax rates.
fn line(tx: &Tx, session: &Session, record: &Record, currency: &str) -> Result<BillLine> {
    let body = record.object.to_doc();
    let price = body.map("price").and_then(|price| tx.get::<Price>(price.str("id")?)).ok_or_else(ApiError::internal)?;
    if price.rest.map("custom_unit_amount").is_some() {
        return Err(ApiError::not_implemented_feature("amounts that the customer chooses (`custom_unit_amount`)"));
    }
    let tariff = match price.currency == currency {
        true => price.tariff(),
        false => price.in_currency(currency).ok_or_else(ApiError::session_currencies_differ)?.tariff(),
    };
    let rates = session.tax_rates.list(record.object.id()).unwrap_or_default().iter().filter_map(Doc::as_str);
    Ok(BillLine {
        amount: tariff.amount(body.int("quantity").unwrap_or(1)),
        product: Some(Id::clone(&price.product)),
        discountable: true,
        deductions: Vec::new(),
        rates: Some(rates.filter_map(|id| Some(tx.get::<TaxRate>(id)?.percentage())).collect()),
        taxes: None,
    })
}

/// The discount of the session's coupon.
fn deduction(tx: &Tx, session: &Session, currency: &str) -> Result<Option<Deduction>> {
    let Some((param, coupon, usable)) = coupon(tx, session) else { return Ok(None) };
    let off = coupon.off(currency, SHARES).filter(|_| usable && coupon.valid);
    let off = off.ok_or_else(|| ApiError::session_coupon_unusable(param, &coupon.id))?;
    Ok(Some(Deduction { discount: Id::clone(&coupon.id), off, products: coupon.products() }))
}

/// The coupon of a session, from `coupon` or `promotion_code`: the parameter, and whether the code can be used.
fn coupon(tx: &Tx, session: &Session) -> Option<(&'static str, Arc<Coupon>, bool)> {
    let named = session.rest.list("discounts")?.first()?.as_map()?;
    if let Some(id) = named.str("coupon") {
        return Some(("discounts[0][coupon]", tx.get(id)?, true));
    }
    let code = tx.get::<PromotionCode>(named.str("promotion_code")?)?;
    Some(("discounts[0][promotion_code]", tx.get(code.promotion.str("coupon")?)?, code.active))
}

/// Sets the amounts of the shipping options in the session's currency; returns the amount of the first, which is the
/// chosen one.
fn shipping(tx: &Tx, session: &mut Session, currency: &str) -> Result<i64> {
    let mut chosen = None;
    if let Some(Doc::List(options)) = session.rest.get_mut("shipping_options") {
        for (index, option) in options.iter_mut().enumerate() {
            let Doc::Map(option) = option else { continue };
            let Some(rate) = option.str("shipping_rate").and_then(|id| tx.get::<ShippingRate>(id)) else { continue };
            let amount = rate.amount_in(currency);
            let amount = amount.ok_or_else(|| ApiError::shipping_rate_currency(index, &rate.id, currency))?;
            option.set("shipping_amount", amount);
            chosen.get_or_insert((Id::clone(&rate.id), amount));
        }
    }
    let Some((rate, amount)) = chosen else {
        session.rest.set("shipping_cost", Doc::Null);
        return Ok(0);
    };
    let amounts = [("amount_subtotal", amount), ("amount_tax", 0), ("amount_total", amount)];
    let cost = Map::from(amounts.map(|(key, amount)| (key, Doc::from(amount))));
    session.rest.set("shipping_cost", cost.with("shipping_rate", rate.to_string()));
    Ok(amount)
}
