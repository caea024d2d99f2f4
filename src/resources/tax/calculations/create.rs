//! `POST /v1/tax/calculations` (billing-2 9.3, 9.6).
//!
//! May use: the parts of this folder. Invariant: everything is checked before anything is stored.

use super::breakdown::{self, Taxable};
use super::buyer::{self, Buyer};
use super::{Calculation, CalculationLine, KIND, LINES};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::jurisdictions::TaxPlace;
use crate::money;
use crate::object::{body, template};
use crate::resources::catalog::products::Product;
use crate::resources::catalog::shipping_rates::ShippingRate;
use crate::resources::tax::assess::{self, TaxQuestion};
use crate::resources::tax::locations::Location;
use crate::resources::tax::settings::{self, TaxBehavior};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Tx};
use crate::time::calendar::DAY;

/// The largest number of lines.
const LINES_MAX: usize = 100;

/// How far the date of the rates may be from now, in days.
const DATE_DAYS: i64 = 31;

/// The code of shipping.
const SHIPPING: &str = "txcd_92010001";

/// What is the same for all lines.
struct Sale<'a> {
    /// The time whose registrations count, in Unix seconds.
    at: i64,
    /// Three letters, lower case.
    currency: String,
    buyer: &'a Buyer,
    /// Where the goods come from, if that was sent.
    from: Option<TaxPlace>,
}

/// `POST /v1/tax/calculations`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    body::check_references(tx, call, KIND)?;
    settings::check_active(tx)?;
    let params = &call.params;
    let buyer = buyer::of(tx, call)?;
    let from = params.map("ship_from_details").and_then(|details| details.map("address"));
    let sale = Sale {
        at: date(ctx, params)?,
        currency: params.str("currency").unwrap_or_default().to_lowercase(),
        buyer: &buyer,
        from: TaxPlace::of(from),
    };
    let sent = params.list("line_items").unwrap_or_default();
    if sent.is_empty() {
        return Err(ApiError::param_missing("line_items"));
    }
    if sent.len() > LINES_MAX {
        return Err(ApiError::array_too_long("line_items", LINES_MAX));
    }
    let mut all = Vec::with_capacity(sent.len() + 1);
    let mut references: Vec<String> = Vec::with_capacity(sent.len());
    for (i, line) in sent.iter().filter_map(Doc::as_map).enumerate() {
        let inside = |error: ApiError| error.inside(&format!("line_items[{i}]"));
        let reference = line.str("reference").map_or_else(|| format!("L{}", i + 1), str::to_owned);
        if references.contains(&reference) {
            return Err(inside(ApiError::tax_line_reference_taken(&reference)));
        }
        references.push(reference);
        all.push(taxable_line(tx, &sale, line).map_err(inside)?);
    }
    let shipping = params.map("shipping_cost");
    if let Some(shipping) = shipping {
        if ["amount", "shipping_rate"].iter().all(|name| shipping.present(name).is_none()) {
            return Err(ApiError::one_param_of("shipping_cost[amount]", "shipping_cost[shipping_rate]"));
        }
        all.push(taxable_shipping(tx, &sale, shipping).map_err(|error| error.inside("shipping_cost"))?);
    }
    breakdown::compute(&mut all);
    let id = store(tx, ctx, call, &sale, &all)?;
    let lines = sent.iter().filter_map(Doc::as_map).zip(&all).zip(references);
    // A list shows the last written one first.
    for ((line, taxable), reference) in lines.collect::<Vec<_>>().into_iter().rev() {
        store_line(tx, ctx, &id, line, taxable, reference)?;
    }
    Ok(Outcome::Done(crate::state::Ref { kind: KIND, id }))
}

/// The time whose rates and registrations count, in Unix seconds.
fn date(ctx: &Ctx<'_>, params: &Map) -> Result<i64> {
    match params.int("tax_date") {
        None => Ok(ctx.now),
        Some(at) if (at - ctx.now).abs() <= DATE_DAYS * DAY => Ok(at),
        Some(_) => Err(ApiError::tax_date_too_far(DATE_DAYS)),
    }
}

fn behavior(sent: Option<&str>) -> TaxBehavior {
    sent.and_then(TaxBehavior::parse).unwrap_or(TaxBehavior::Exclusive)
}

fn checked_amount(of: &Map, currency: &str) -> Result<i64> {
    match of.int("amount").unwrap_or_default() {
        ..0 => Err(ApiError::param_negative("amount")),
        amount if amount > money::MAX_AMOUNT => Err(ApiError::amount_too_large(currency)),
        amount => Ok(amount),
    }
}

fn taxable_line(tx: &Tx, sale: &Sale<'_>, line: &Map) -> Result<Taxable> {
    let amount = checked_amount(line, &sale.currency)?;
    if line.int("quantity").is_some_and(|quantity| quantity < 1) {
        return Err(ApiError::param_below("quantity", 1));
    }
    let product = line.str("product").map(|id| require::<Product>(tx, id, In::Param("product"))).transpose()?;
    let of_product = || product.as_ref().and_then(|product| product.rest.str("tax_code"));
    let code = line.str("tax_code").or_else(of_product).map_or_else(|| settings::default_code(tx), str::to_owned);
    let performance =
        line.str("performance_location").map(|id| require::<Location>(tx, id, In::Param("performance_location")));
    let performance = performance.transpose()?.and_then(|location| TaxPlace::of(location.rest.map("address")));
    let (place, sourcing) = match performance {
        Some(place) => (place, "performance"),
        None => sale.place(),
    };
    Ok(sale.taxable(tx, amount, behavior(line.str("tax_behavior")), code, place, sourcing))
}

fn taxable_shipping(tx: &Tx, sale: &Sale<'_>, shipping: &Map) -> Result<Taxable> {
    let rate = shipping.str("shipping_rate").map(|id| require::<ShippingRate>(tx, id, In::Param("shipping_rate")));
    let rate = rate.transpose()?;
    let amount = match (&rate, shipping.int("amount")) {
        (Some(_), Some(_)) => return Err(ApiError::params_exclusive("amount", "shipping_rate")),
        (Some(rate), None) => {
            rate.amount_in(&sale.currency).ok_or_else(|| ApiError::tax_shipping_without_currency(&sale.currency))?
        }
        (None, _) => checked_amount(shipping, &sale.currency)?,
    };
    let of_rate = |field| rate.as_ref().and_then(|rate| rate.rest.str(field));
    let code = shipping.str("tax_code").or_else(|| of_rate("tax_code")).unwrap_or(SHIPPING).to_owned();
    let behavior = behavior(shipping.str("tax_behavior").or_else(|| of_rate("tax_behavior")));
    let (place, sourcing) = sale.place();
    Ok(sale.taxable(tx, amount, behavior, code, place, sourcing))
}

impl Sale<'_> {
    /// Where a line is taxed: where the buyer is, or where the goods come from within a state that taxes there.
    fn place(&self) -> (TaxPlace, &'static str) {
        match self.from.as_ref().filter(|from| self.buyer.place.is_taxed_at(from)) {
            Some(from) => (from.clone(), "origin"),
            None => (self.buyer.place.clone(), "destination"),
        }
    }

    fn taxable(
        &self,
        tx: &Tx,
        amount: i64,
        behavior: TaxBehavior,
        code: String,
        place: TaxPlace,
        sourcing: &'static str,
    ) -> Taxable {
        let inclusive = behavior == TaxBehavior::Inclusive;
        let question = TaxQuestion { place: &place, tax_code: Some(&code), inclusive, exempt: self.buyer.exempt };
        let taxation = assess::taxation(tx, self.at, &question);
        Taxable { amount, behavior, code, place, sourcing, taxation, taxes: Vec::new() }
    }
}

fn store(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>, sale: &Sale<'_>, all: &[Taxable]) -> Result<Id> {
    let exclusive = breakdown::sum(all, TaxBehavior::Exclusive);
    let amounts = all.iter().map(|taxable| taxable.amount).fold(0, i64::saturating_add);
    let shipping = call.params.map("shipping_cost").zip(all.last());
    let cost = shipping.map(|(sent, taxable)| {
        let mut cost = Map::from([
            ("amount", Doc::from(taxable.amount)),
            ("amount_tax", taxable.tax().into()),
            ("tax_behavior", taxable.behavior.into()),
            ("tax_code", taxable.code.clone().into()),
        ]);
        if let Some(rate) = sent.str("shipping_rate") {
            cost.set("shipping_rate", rate.to_owned());
        }
        cost
    });
    let id = super::ENTRY.id.draw(&ctx.ids);
    let from = Map::from_entries(
        call.params
            .get("ship_from_details")
            .map(|from| ("ship_from_details".into(), from.clone()))
            .into_iter()
            .collect(),
    );
    let mut shown = body::new(tx, ctx, KIND, &id, &from)?;
    shown.set("amount_total", amounts.saturating_add(exclusive));
    shown.set("currency", sale.currency.clone());
    shown.set("customer", sale.buyer.customer.as_deref().map(str::to_owned));
    shown.set("customer_details", sale.buyer.details.clone());
    shown.set("expires_at", super::expiry(ctx.now));
    shown.set("shipping_cost", cost.map_or(Doc::Null, Doc::Map));
    shown.set("tax_amount_exclusive", exclusive);
    shown.set("tax_amount_inclusive", breakdown::sum(all, TaxBehavior::Inclusive));
    shown.set("tax_breakdown", breakdown::of_all(all));
    shown.set("tax_date", sale.at);
    let of_shipping = shipping.map_or(Doc::Null, |(_, taxable)| taxable.breakdown());
    let hidden = Map::from([("created", Doc::from(ctx.now)), ("shipping_breakdown", of_shipping)]);
    let calculation = Calculation::from_docs(shown, hidden, ctx.now).map_err(|_| ApiError::internal())?;
    Ok(tx.insert(calculation).id)
}

fn store_line(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    calculation: &Id,
    sent: &Map,
    taxable: &Taxable,
    reference: String,
) -> Result<()> {
    let mut rest = template::template(CalculationLine::KIND);
    rest.set("livemode", false);
    rest.set("metadata", crate::object::metadata::merge(&Map::new(), sent.get("metadata"))?);
    for name in ["performance_location", "product"] {
        rest.set(name, sent.str(name).map(str::to_owned));
    }
    let line = CalculationLine {
        id: LINES.id.draw(&ctx.ids).into(),
        amount: taxable.amount,
        amount_tax: taxable.tax(),
        quantity: sent.int("quantity").unwrap_or(1),
        reference,
        tax_behavior: taxable.behavior,
        tax_code: taxable.code.clone(),
        created: ctx.now,
        calculation: Some(Id::clone(calculation)),
        breakdown: taxable.breakdown(),
        rest,
    };
    tx.insert(line);
    Ok(())
}
