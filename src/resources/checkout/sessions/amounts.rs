//! What a session comes to: its lines, the discount, taxes and shipping (intents-and-checkout 3.1).
//!
//! May use: prices, coupons and tax rates as documents. Invariant: the session's total is the sum of its lines' totals
//! and of its shipping.

use std::sync::Arc;

use super::Session;
use crate::contract::resolve;
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::money::{self, Rounding};
use crate::resources::catalog::coupons::Coupon;
use crate::resources::catalog::prices::{self, Price};
use crate::resources::catalog::promotion_codes::PromotionCode;
use crate::state::document::{Doc, Map};
use crate::state::object::Object;
use crate::state::{Id, Kind, Record, Tx};

/// A percentage has four decimals at the most.
const PERCENT: i64 = 1_000_000;

/// A line as it is reckoned.
struct Line {
    record: Arc<Record>,
    product: Id,
    subtotal: i64,
    discount: i64,
    /// What is shown as tax.
    tax: i64,
    /// The part of it that comes on top of the price.
    added: i64,
}

/// Keeps the tax rates that the lines were sent with.
pub(super) fn note_tax_rates(tx: &Tx, session: &mut Session, params: &Map) {
    let sent = params.list("line_items").unwrap_or_default();
    // Lists show the newest first; lines stand in the order in which they were sent.
    for (line, sent) in lines::of(tx, &session.id).iter().zip(sent) {
        if let Some(rates) = sent.as_map().and_then(|sent| sent.get("tax_rates")) {
            session.tax_rates.set(line.object.id().to_string(), rates.clone());
        }
    }
}

/// Reckons a session and its lines anew.
///
/// # Errors
/// Lines in several currencies, an unusable coupon, a total that cannot be charged.
pub(super) fn total(tx: &mut Tx, session: &mut Session) -> Result<()> {
    let records = lines::of(tx, &session.id);
    if records.is_empty() {
        return Ok(());
    }
    let currency = currency(session, &records);
    let mut lines = records.iter().map(|record| line(tx, record, &currency)).collect::<Result<Vec<_>>>()?;
    discount(tx, session, &currency, &mut lines)?;
    for line in &mut lines {
        tax(tx, session, line);
    }
    for line in &lines {
        let total = line.subtotal - line.discount + line.added;
        let fields = [
            ("amount_discount", line.discount),
            ("amount_subtotal", line.subtotal),
            ("amount_tax", line.tax),
            ("amount_total", total),
        ];
        let fields = Map::from(fields.map(|(key, amount)| (key, Doc::from(amount))));
        lines::set(tx, &line.record, &fields.with("currency", currency.clone()));
    }
    let shipping = shipping(session);
    let sum = |part: fn(&Line) -> i64| lines.iter().map(part).fold(0, i64::saturating_add);
    session.amount_subtotal = Some(sum(|line| line.subtotal));
    let total = sum(|line| line.subtotal - line.discount + line.added).saturating_add(shipping);
    session.amount_total = Some(total);
    let details = [
        ("amount_discount", sum(|line| line.discount)),
        ("amount_shipping", shipping),
        ("amount_tax", sum(|line| line.tax)),
    ];
    session.rest.set("total_details", Map::from(details.map(|(key, amount)| (key, Doc::from(amount)))));
    session.currency = Some(currency);
    check_total(session, total)
}

/// Nothing at all can be paid, but not less than is worth a charge.
fn check_total(session: &mut Session, total: i64) -> Result<()> {
    if session.mode != "payment" {
        return Ok(());
    }
    let currency = session.currency.clone().unwrap_or_default();
    "unpaid".clone_into(&mut session.payment_status);
    match money::minimum(&currency) {
        _ if total == 0 => "no_payment_required".clone_into(&mut session.payment_status),
        Some(minimum) if total < minimum => return Err(ApiError::session_total_too_small(minimum, &currency)),
        _ if total > money::MAX_AMOUNT => return Err(ApiError::amount_too_large(&currency)),
        _ => {}
    }
    Ok(())
}

/// The currency that was asked for, or that of the first line.
fn currency(session: &Session, records: &[Arc<Record>]) -> String {
    let first =
        || records.first().and_then(|record| record.object.to_doc().map("price")?.str("currency").map(str::to_owned));
    session.currency.clone().map(|currency| currency.to_lowercase()).or_else(first).unwrap_or_default()
}

fn line(tx: &Tx, record: &Arc<Record>, currency: &str) -> Result<Line> {
    let body = record.object.to_doc();
    let price = body.map("price").and_then(|price| tx.get::<Price>(price.str("id")?)).ok_or_else(ApiError::internal)?;
    if price.rest.map("custom_unit_amount").is_some() {
        return Err(ApiError::not_implemented_feature("amounts that the customer chooses (`custom_unit_amount`)"));
    }
    let here = if price.currency == currency { Some(Price::clone(&price)) } else { price.in_currency(currency) };
    let here = here.ok_or_else(ApiError::session_currencies_differ)?;
    let subtotal = prices::of_quantity(&here, body.int("quantity").unwrap_or(1));
    let product = Id::clone(&price.product);
    Ok(Line { record: Arc::clone(record), product, subtotal, discount: 0, tax: 0, added: 0 })
}

/// Takes the session's coupon off the lines that it is for.
fn discount(tx: &Tx, session: &Session, currency: &str, lines: &mut [Line]) -> Result<()> {
    let Some((param, coupon, usable)) = coupon(tx, session) else { return Ok(()) };
    let unusable = || ApiError::session_coupon_unusable(param, &coupon.id);
    let shown = coupon.to_doc();
    if !usable || shown.bool("valid") == Some(false) {
        return Err(unusable());
    }
    let products = coupon.applies_to.0.as_ref().and_then(|applies| applies.list("products")).unwrap_or_default();
    let is_meant =
        |line: &Line| products.is_empty() || products.iter().any(|product| product.as_str() == Some(&*line.product));
    if let Some(percent) = percent(shown.get("percent_off")) {
        for line in lines.iter_mut().filter(|line| is_meant(line)) {
            line.discount = money::proportion(line.subtotal, percent, 100 * PERCENT, Rounding::HalfUp);
        }
        return Ok(());
    }
    let option = coupon.currency_options.0.as_ref().and_then(|options| options.map(currency));
    let own = shown.int("amount_off").filter(|_| shown.str("currency") == Some(currency));
    let off = own.or_else(|| option.and_then(|option| option.int("amount_off"))).ok_or_else(unusable)?;
    let whole: i64 = lines.iter().filter(|line| is_meant(line)).map(|line| line.subtotal).sum();
    let (mut left, mut base) = (off.min(whole), whole);
    // Each line has its part of what is left, so that the parts add up.
    for line in lines.iter_mut().filter(|line| is_meant(line) && line.subtotal > 0) {
        line.discount = money::proportion(left, line.subtotal, base, Rounding::HalfUp);
        left -= line.discount;
        base -= line.subtotal;
    }
    Ok(())
}

/// The coupon of a session, by itself or behind a code: the parameter that names it, and whether the code may be used.
fn coupon(tx: &Tx, session: &Session) -> Option<(&'static str, Arc<Coupon>, bool)> {
    let named = session.rest.list("discounts")?.first()?.as_map()?;
    if let Some(id) = named.str("coupon") {
        return Some(("discounts[0][coupon]", tx.get(id)?, true));
    }
    let code = tx.get::<PromotionCode>(named.str("promotion_code")?)?;
    Some(("discounts[0][promotion_code]", tx.get(code.promotion.str("coupon")?)?, code.active))
}

/// Adds the taxes of a line's rates.
fn tax(tx: &Tx, session: &Session, line: &mut Line) {
    let rates = session.tax_rates.list(line.record.object.id()).unwrap_or_default();
    let net = line.subtotal - line.discount;
    for rate in rates.iter().filter_map(Doc::as_str) {
        let Some(rate) = resolve(tx, Kind("tax_rate"), rate).map(|record| record.object.to_doc()) else { continue };
        let share = percent(rate.get("percentage")).unwrap_or_default();
        if rate.bool("inclusive") == Some(true) {
            line.tax += money::proportion(net, share, 100 * PERCENT + share, Rounding::HalfUp);
        } else {
            let tax = money::proportion(net, share, 100 * PERCENT, Rounding::HalfUp);
            line.tax += tax;
            line.added += tax;
        }
    }
}

/// A percentage in millionths of a percent.
fn percent(value: Option<&Doc>) -> Option<i64> {
    match value? {
        Doc::Int(whole) => whole.checked_mul(PERCENT),
        Doc::Float(percent) if percent.is_finite() => Some((percent * 1e6).round() as i64),
        _ => None,
    }
}

/// The first way of shipping is the one that is chosen; returns what it costs.
fn shipping(session: &mut Session) -> i64 {
    let first = session.rest.list("shipping_options").and_then(|options| options.first()).and_then(Doc::as_map);
    let Some(option) = first.cloned() else {
        session.rest.set("shipping_cost", Doc::Null);
        return 0;
    };
    let amount = option.int("shipping_amount").unwrap_or_default();
    let amounts = [("amount_subtotal", amount), ("amount_tax", 0), ("amount_total", amount)];
    let mut cost = Map::from(amounts.map(|(key, amount)| (key, Doc::from(amount))));
    cost.set("shipping_rate", option.get("shipping_rate").cloned());
    session.rest.set("shipping_cost", cost);
    amount
}
