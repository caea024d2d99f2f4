//! The amounts of a session: its lines, the discount, taxes and shipping (intents-and-checkout 3.1).
//!
//! May use: pricing, prices, shipping rates, tax rates and tax. Invariant: the session's total is the sum of its
//! lines' totals and of its shipping.

use std::sync::Arc;

use super::breakdown::Computed;
use super::{Session, SessionMode, SessionPaymentStatus, custom_amount, discount, form, subscribe, taxes};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::money;
use crate::pricing::{self, Bill, BillLine, LineTotals, Tariff, Totals};
use crate::resources::billing::subscription_items::is_metered;
use crate::resources::billing::subscriptions::Recurrence;
use crate::resources::catalog::prices::Price;
use crate::resources::catalog::shipping_rates::ShippingRate;
use crate::resources::catalog::tax_rates::TaxRate;
use crate::resources::tax::TaxabilityReason;
use crate::resources::tax::assess::Exemption;
use crate::state::document::{Doc, Map};
use crate::state::object::Object;
use crate::state::{Id, Record, Tx};

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
/// Lines in several currencies, a discount that cannot be redeemed, a total that cannot be charged.
pub(super) fn total(tx: &mut Tx, ctx: &Ctx<'_>, session: &mut Session) -> Result<()> {
    let records = lines::of(tx, &session.id);
    if records.is_empty() {
        return Ok(());
    }
    let currency = currency(session, &records);
    let mut lines =
        records.iter().map(|record| line(tx, ctx, session, record, &currency)).collect::<Result<Vec<BillLine>>>()?;
    let amount = lines.iter().map(|line| line.amount).fold(0, i64::saturating_add);
    let deductions = discount::deduction(tx, ctx, session, &currency, amount)?.into_iter().collect();
    let shipping = shipping(tx, session, &currency)?;
    let assessed = taxes::of(tx, ctx, session, &records, &currency)?;
    for (line, of_line) in lines.iter_mut().zip(assessed.iter().flatten()) {
        // Rates that were chosen for a line replace those that are computed.
        let _ = line.rates.get_or_insert_with(|| of_line.rates.clone());
    }
    let exemption = exemption(tx, session).filter(|_| assessed.is_none());
    let totals = Bill { lines, deductions, tax_exempt: exemption.is_some(), ..Bill::default() }.totals();
    let of_shipping = assessed.as_ref().and_then(|all| all.last()).map(|shipping| shipping.rates.clone());
    let shipping = pricing::shipped(shipping, &of_shipping.unwrap_or_default());
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
    let computed = Computed {
        ids: records.iter().map(|record| record.object.id().to_string()).collect(),
        lines: &totals.lines,
        shipping: &shipping,
        assessed: assessed.as_deref(),
        exemption: exemption.map(TaxabilityReason::as_str),
    };
    session.breakdown = computed.breakdown();
    session.currency = Some(currency);
    show(session, &totals, &shipping);
    check_total(tx, session)
}

/// Shows the amounts of a whole session.
fn show(session: &mut Session, totals: &Totals, shipping: &LineTotals) {
    session.amount_subtotal = Some(totals.subtotal);
    session.amount_total = Some(totals.total.saturating_add(shipping.total));
    let details = [
        ("amount_discount", totals.discount()),
        ("amount_shipping", shipping.subtotal),
        ("amount_tax", totals.tax().saturating_add(shipping.tax())),
    ];
    session.rest.set("total_details", Map::from(details.map(|(key, amount)| (key, Doc::from(amount)))));
    if let Some(Doc::Map(cost)) = session.rest.get_mut("shipping_cost") {
        cost.set("amount_tax", shipping.tax());
        cost.set("amount_total", shipping.total);
    }
}

/// The reason why the customer pays no tax at a rate that a person chose (billing-2 9.4).
fn exemption(tx: &Tx, session: &Session) -> Option<TaxabilityReason> {
    Exemption::parse(&form::tax_exempt(tx, session))?.reason()
}

/// A total of zero is allowed, but not one below the smallest charge; one that the customer has yet to choose waits.
fn check_total(tx: &Tx, session: &mut Session) -> Result<()> {
    let total = session.amount_total.unwrap_or_default();
    if session.mode != SessionMode::Payment {
        return Ok(());
    }
    let currency = session.currency.clone().unwrap_or_default();
    session.payment_status = SessionPaymentStatus::Unpaid;
    if custom_amount::is_missing(tx, session) {
        return Ok(());
    }
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
fn line(tx: &Tx, ctx: &Ctx<'_>, session: &Session, record: &Record, currency: &str) -> Result<BillLine> {
    let body = record.object.to_doc();
    let price = body.map("price").and_then(|price| tx.get::<Price>(price.str("id")?)).ok_or_else(ApiError::internal)?;
    let quantity = body.int("quantity").unwrap_or(1);
    let tariff = match price.currency == currency {
        true => price.tariff(),
        false => price.in_currency(currency).ok_or_else(|| ApiError::session_currencies_differ("line_items"))?.tariff(),
    };
    let rates = session.tax_rates.list(record.object.id()).unwrap_or_default().iter().filter_map(Doc::as_str);
    let rates: Vec<_> = rates.filter_map(|id| Some(tx.get::<TaxRate>(id)?.percentage())).collect();
    Ok(BillLine {
        amount: match custom_amount::of(session, &price) {
            Some(unit) => unit.saturating_mul(quantity),
            None => due_now(tx, ctx, session, (&price, &tariff), quantity)?,
        },
        product: Some(Id::clone(&price.product)),
        discountable: true,
        deductions: Vec::new(),
        rates: (!rates.is_empty()).then_some(rates),
        credit: 0,
        taxes: None,
    })
}

/// What is due now for a line: of what recurs, the first period of the subscription.
fn due_now(
    tx: &Tx,
    ctx: &Ctx<'_>,
    session: &Session,
    (price, tariff): (&Price, &Tariff),
    quantity: i64,
) -> Result<i64> {
    let shown = price.to_doc();
    let Some(recurrence) = Recurrence::of(&shown).filter(|_| session.mode == SessionMode::Subscription) else {
        return Ok(tariff.amount(quantity));
    };
    let billed = subscribe::billed(tx, ctx, session, recurrence)?.filter(|_| !is_metered(&shown));
    Ok(billed.map_or(0, |(anchor, period)| match recurrence.is_whole(anchor, period) {
        true => tariff.amount(quantity),
        false => recurrence.share(anchor, period, tariff.exact(quantity)).unwrap_or_default(),
    }))
}

/// Sets the amounts of the shipping options in the session's currency; returns the amount of the one that the customer chose, or
/// of the first.
fn shipping(tx: &Tx, session: &mut Session, currency: &str) -> Result<i64> {
    let mut chosen = None;
    if let Some(Doc::List(options)) = session.rest.get_mut("shipping_options") {
        for (index, option) in options.iter_mut().enumerate() {
            let Doc::Map(option) = option else { continue };
            let Some(rate) = option.str("shipping_rate").and_then(|id| tx.get::<ShippingRate>(id)) else { continue };
            let amount = rate.amount_in(currency);
            let amount = amount.ok_or_else(|| ApiError::shipping_rate_currency(index, &rate.id, currency))?;
            option.set("shipping_amount", amount);
            if chosen.is_none() || session.chosen_shipping.0.as_ref() == Some(&rate.id) {
                chosen = Some((Id::clone(&rate.id), amount));
            }
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
