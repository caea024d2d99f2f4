//! Taxes that are computed (billing-2 9.2).
//!
//! May use: tax, customers. Invariant: an invoice whose taxes are computed has a status that says whether its
//! customer's place is known, and is not finalized without it.

use super::{Invoice, InvoiceLine};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::jurisdictions::TaxPlace;
use crate::resources::tax::assess::{self, Assessed};
use crate::resources::tax::automatic;
use crate::resources::tax::sales::{self, Sold, TaxedSale};
use crate::resources::tax::settings;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// Whether the customer's place is not known, and has to be.
pub(super) fn lacks_place(invoice: &Invoice) -> bool {
    automatic::lacks_place(&invoice.rest)
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
    show(invoice, enabled, sent.map("liability"));
    Ok(())
}

/// Applies what a subscription shows as its `automatic_tax`. Whether the place is known is seen when it is computed.
pub(super) fn adopt(invoice: &mut Invoice, shown: &Map) {
    show(invoice, shown.bool("enabled") == Some(true), shown.map("liability"));
}

fn show(invoice: &mut Invoice, enabled: bool, liability: Option<&Map>) {
    let usual = || Map::from([("type", "self")]);
    let liability = enabled.then(|| liability.cloned().unwrap_or_else(usual));
    let shown = Map::from([
        ("disabled_reason", Doc::Null),
        ("enabled", enabled.into()),
        ("liability", liability.into()),
        ("provider", enabled.then_some("stripe").into()),
        ("status", Doc::Null),
    ]);
    invoice.rest.set("automatic_tax", shown);
}

fn place(tx: &Tx, invoice: &Invoice) -> Option<TaxPlace> {
    assess::place_of_customer(tx, invoice.customer.as_deref()?)
}

/// The taxes of the lines, and of the shipping, which comes last; `None` if they are not computed, or the place is not known.
///
/// # Errors
/// A tax rate that cannot be made.
pub(super) fn of(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    invoice: &mut Invoice,
    lines: &[std::sync::Arc<InvoiceLine>],
) -> Result<Option<Vec<Assessed>>> {
    if !automatic::is_on(&invoice.rest) {
        return Ok(None);
    }
    let place = place(tx, invoice);
    automatic::note_place(&mut invoice.rest, place.is_some());
    let Some(place) = place else { return Ok(None) };
    let exempt = assess::exemption_of_customer(tx, invoice.customer.as_deref().unwrap_or_default(), &place);
    let mut sold: Vec<Sold> = lines.iter().map(|line| what(tx, line)).collect();
    let rate = invoice.rest.map("shipping_cost").and_then(|cost| cost.str("shipping_rate"));
    sold.push(Sold::shipping(tx, rate));
    let sale = TaxedSale { place: &place, exempt, currency: &invoice.currency };
    sales::assess_all(tx, ctx, &sale, &sold).map(Some)
}

/// What a line sells.
fn what(tx: &Tx, line: &InvoiceLine) -> Sold {
    let details = line.rest.map("pricing").and_then(|pricing| pricing.map("price_details"));
    let of = |key: &str| details.and_then(|details| details.str(key));
    Sold::of(tx, of("product"), of("price"))
}
