//! Taxes that are computed (billing-2 9.2).
//!
//! May use: tax, prices, products, customers. Invariant: an invoice whose taxes are computed has a status that says whether its
//! customer's place is known, and is not finalized without it.

use super::{Invoice, InvoiceLine};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::jurisdictions::TaxPlace;
use crate::resources::catalog::prices::Price;
use crate::resources::catalog::products::Product;
use crate::resources::tax::assess::{self, Assessed, TaxQuestion};
use crate::resources::tax::settings::{self, TaxBehavior};
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// The code of shipping.
const SHIPPING: &str = "txcd_92010001";

/// Whether the taxes of an invoice are computed.
pub(super) fn is_on(invoice: &Invoice) -> bool {
    invoice.rest.map("automatic_tax").is_some_and(|tax| tax.bool("enabled") == Some(true))
}

/// Whether the customer's place is not known, and has to be.
pub(super) fn lacks_place(invoice: &Invoice) -> bool {
    let status = invoice.rest.map("automatic_tax").and_then(|tax| tax.str("status"));
    is_on(invoice) && status == Some("requires_location_inputs")
}

/// Applies `automatic_tax`.
///
/// # Errors
/// The seller's place or the customer's is not known.
pub(super) fn choose(tx: &Tx, invoice: &mut Invoice, params: &Map) -> Result<()> {
    let Some(sent) = params.map("automatic_tax") else { return Ok(()) };
    let enabled = sent.bool("enabled") == Some(true);
    if enabled {
        settings::check_active(tx)?;
        if place(tx, invoice).is_none() {
            return Err(ApiError::tax_location_invalid());
        }
    }
    let usual = || Map::from([("type", "self")]);
    let liability = enabled.then(|| sent.map("liability").cloned().unwrap_or_else(usual));
    let shown = Map::from([
        ("disabled_reason", Doc::Null),
        ("enabled", enabled.into()),
        ("liability", liability.into()),
        ("provider", enabled.then_some("stripe").into()),
        ("status", Doc::Null),
    ]);
    invoice.rest.set("automatic_tax", shown);
    Ok(())
}

fn place(tx: &Tx, invoice: &Invoice) -> Option<TaxPlace> {
    assess::place_of_customer(tx, invoice.customer.as_deref()?)
}

/// The taxes of the lines, and of the shipping, which comes last; `None` if they are not computed, or the place is not known.
pub(super) fn of(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    invoice: &mut Invoice,
    lines: &[std::sync::Arc<InvoiceLine>],
) -> Option<Vec<Assessed>> {
    if !is_on(invoice) {
        return None;
    }
    let place = place(tx, invoice);
    let status = if place.is_some() { "complete" } else { "requires_location_inputs" };
    if let Some(Doc::Map(tax)) = invoice.rest.get_mut("automatic_tax") {
        tax.set("status", status);
    }
    let place = place?;
    let exempt = assess::exemption_of_customer(tx, invoice.customer.as_deref().unwrap_or_default(), &place);
    let usual = settings::default_behavior(tx, &invoice.currency);
    let mut sold: Vec<(Option<String>, Option<TaxBehavior>)> = lines.iter().map(|line| what(tx, line)).collect();
    sold.push((Some(SHIPPING.to_owned()), None));
    let assess = |(code, behavior): (Option<String>, Option<TaxBehavior>)| {
        let inclusive = behavior.or(usual) == Some(TaxBehavior::Inclusive);
        assess::assess(tx, ctx, &TaxQuestion { place: &place, tax_code: code.as_deref(), inclusive, exempt }).ok()
    };
    sold.into_iter().map(assess).collect()
}

/// What a line sells, and whether its price contains the tax.
fn what(tx: &Tx, line: &InvoiceLine) -> (Option<String>, Option<TaxBehavior>) {
    let details = line.rest.map("pricing").and_then(|pricing| pricing.map("price_details"));
    let of = |key: &str| details.and_then(|details| details.str(key));
    let product = of("product").and_then(|id| tx.get::<Product>(id));
    let price = of("price").and_then(|id| tx.get::<Price>(id));
    let code = product.and_then(|product| product.rest.str("tax_code").map(str::to_owned));
    (code, price.and_then(|price| TaxBehavior::parse(price.rest.str("tax_behavior")?)))
}
