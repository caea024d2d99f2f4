//! Taxes that are computed (billing-2 9.2).
//!
//! May use: tax, customers. Invariant: a session whose taxes are computed has a status that says whether the customer's place is
//! known, and is not paid without it.

use super::{Session, SessionMode};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::jurisdictions::TaxPlace;
use crate::resources::tax::assess::{self, Assessed, Exemption};
use crate::resources::tax::automatic;
use crate::resources::tax::sales::{self, Sold, TaxedSale};
use crate::resources::tax::settings;
use crate::state::document::{Doc, Map};
use crate::state::{Record, Tx};

/// Whether the customer's place is not known, and has to be.
pub(super) fn lacks_place(session: &Session) -> bool {
    automatic::lacks_place(&session.rest)
}

/// Applies `automatic_tax` to a new session.
///
/// # Errors
/// Nothing is sold, the seller's place is not known, or that of a customer whose address is not to be entered.
pub(super) fn choose(tx: &Tx, session: &mut Session) -> Result<()> {
    if !automatic::is_on(&session.rest) {
        return Ok(());
    }
    if session.mode == SessionMode::Setup {
        return Err(ApiError::session_param_of_other_mode("automatic_tax", session.mode.as_str()));
    }
    settings::check_active(tx)?;
    if session.customer.is_some() && !session.keeps_address.0 && place(tx, session).is_none() {
        return Err(ApiError::session_customer_lacks_place());
    }
    if let Some(Doc::Map(tax)) = session.rest.get_mut("automatic_tax") {
        if tax.present("liability").is_none() {
            tax.set("liability", Map::from([("type", "self")]));
        }
        tax.set("provider", "stripe");
    }
    Ok(())
}

/// Where the sale is taxed: where the customer says that it is, where a known customer is, or the address that was entered; the
/// shipping address comes first.
fn place(tx: &Tx, session: &Session) -> Option<TaxPlace> {
    let region = session.tax_region.0.as_ref().filter(|_| session.customer.is_none() || session.keeps_address.0);
    if let Some(region) = TaxPlace::of(region) {
        return Some(region);
    }
    if let Some(customer) = &session.customer {
        return assess::place_of_customer(tx, customer);
    }
    let shipping = session.rest.map("collected_information").and_then(|collected| collected.map("shipping_details"));
    let entered = || session.address();
    TaxPlace::of(shipping.and_then(|shipping| shipping.map("address"))).or_else(|| TaxPlace::of(entered()))
}

/// The taxes of the lines, and of the shipping, which comes last; `None` if they are not computed, or the place is not known.
///
/// # Errors
/// A tax rate that cannot be made.
pub(super) fn of(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    session: &mut Session,
    lines: &[std::sync::Arc<Record>],
    currency: &str,
) -> Result<Option<Vec<Assessed>>> {
    if !automatic::is_on(&session.rest) {
        return Ok(None);
    }
    let place = place(tx, session);
    automatic::note_place(&mut session.rest, place.is_some());
    let Some(place) = place else { return Ok(None) };
    let exempt = match &session.customer {
        Some(customer) => assess::exemption_of_customer(tx, customer, &place),
        None => Exemption::None,
    };
    let what = |record: &std::sync::Arc<Record>| {
        let line = record.object.to_doc();
        let price = line.map("price");
        let of = |key: &str| price.and_then(|price| price.str(key));
        Sold::of(tx, of("product"), of("id"))
    };
    let mut sold: Vec<Sold> = lines.iter().map(what).collect();
    let rate = session.rest.map("shipping_cost").and_then(|cost| cost.str("shipping_rate"));
    sold.push(Sold::shipping(tx, rate));
    sales::assess_all(tx, ctx, &TaxedSale { place: &place, exempt, currency }, &sold).map(Some)
}
