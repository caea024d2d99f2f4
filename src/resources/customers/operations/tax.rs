//! The tax location of a customer, and whether tax can be computed (core-payments 3.1).
//!
//! May use: customers, the account's registrations, places and their rates. Invariant: a location comes from an address; an IP address alone
//! gives none, because this server has no map of them.

use core::net::IpAddr;

use crate::error::{ApiError, Result};
use crate::jurisdictions::{self, TaxPlace};
use crate::resources::customers::customer::Customer;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// Applies the parameter `tax`, after the addresses.
///
/// # Errors
/// Not an IP address, or a location that must be valid immediately and is not.
pub(super) fn change(customer: &mut Customer, tax: Option<&Map>) -> Result<()> {
    let Some(tax) = tax else { return Ok(()) };
    if let Some(sent) = tax.get("ip_address") {
        let ip = sent.as_str().filter(|ip| !ip.is_empty());
        if let Some(wrong) = ip.filter(|ip| ip.parse::<IpAddr>().is_err()) {
            return Err(ApiError::ip_address_invalid("tax[ip_address]", wrong));
        }
        customer.tax_ip_address.0 = ip.map(str::to_owned);
    }
    match (tax.str("validate_location"), location(customer)) {
        (Some("immediately"), None) if customer.tax_ip_address.0.is_some() => {
            Err(ApiError::not_implemented_feature("finding where an IP address is, for tax"))
        }
        (Some("immediately"), None) => Err(ApiError::tax_location_invalid()),
        _ => Ok(()),
    }
}

/// The member `tax`, which `expand[]=tax` shows.
pub(super) fn doc_of(tx: &Tx, customer: &str) -> Map {
    let Some(customer) = tx.get::<Customer>(customer) else { return Map::new() };
    let location = location(&customer);
    let automatic_tax = match &location {
        None => "unrecognized_location",
        Some(located) if is_registered(tx, &located.place) => "supported",
        Some(_) => "not_collecting",
    };
    Map::from([
        ("automatic_tax", Doc::from(automatic_tax)),
        ("ip_address", customer.tax_ip_address.0.clone().into()),
        ("location", location.map(|located| located.doc()).into()),
        ("provider", "stripe".into()),
    ])
}

/// The shipping address comes before the billing address.
fn location(customer: &Customer) -> Option<Located> {
    let shipping = customer.rest.map("shipping").and_then(|shipping| shipping.map("address"));
    let billing = customer.rest.map("address");
    let places = [(shipping, "shipping_destination"), (billing, "billing_address")];
    places.into_iter().find_map(|(address, source)| {
        let place = TaxPlace::of(address)?;
        let state = place.state().map(str::to_owned).or_else(|| address?.str("state").map(str::to_owned));
        Some(Located { place, source, state })
    })
}

/// A known location of a customer.
struct Located {
    place: TaxPlace,
    source: &'static str,
    /// As the address has it, or as its postal code says.
    state: Option<String>,
}

impl Located {
    fn doc(&self) -> Map {
        let mut doc = Map::from([("country", Doc::from(self.place.country().to_owned()))]);
        doc.set("source", self.source);
        doc.set("state", self.state.clone());
        doc
    }
}

/// Whether a registration covers a tax of the place.
fn is_registered(tx: &Tx, place: &TaxPlace) -> bool {
    let registrations = tx.state().table(tx.account(), crate::kind!("tax.registration"));
    let levies = place.levies().unwrap_or_default();
    registrations.is_some_and(|all| {
        all.live().any(|record| {
            let registration = record.object.to_doc();
            let country = registration.str("country").unwrap_or_default();
            let options = registration.map("country_options").and_then(|options| options.map(&country.to_lowercase()));
            let covers = |options| levies.iter().any(|levy| jurisdictions::covers(country, options, place, levy));
            registration.str("status") == Some("active") && options.is_some_and(covers)
        })
    })
}
