//! The tax location of a customer, and whether tax can be computed (core-payments 3.1).
//!
//! May use: customers, the account's registrations. Invariant: a location comes from an address; an IP address alone
//! gives none, because this server has no map of them.

use core::net::IpAddr;

use crate::error::{ApiError, Result};
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
    let automatic_tax = match location.as_ref().and_then(|place| place.str("country")) {
        None => "unrecognized_location",
        Some(country) if is_registered(tx, country) => "supported",
        Some(_) => "not_collecting",
    };
    Map::from([
        ("automatic_tax", Doc::from(automatic_tax)),
        ("ip_address", customer.tax_ip_address.0.clone().into()),
        ("location", location.into()),
        ("provider", "stripe".into()),
    ])
}

/// The shipping address comes before the billing address.
fn location(customer: &Customer) -> Option<Map> {
    let shipping = customer.rest.map("shipping").and_then(|shipping| shipping.map("address"));
    let billing = customer.rest.map("address");
    let places = [(shipping, "shipping_destination"), (billing, "billing_address")];
    places.into_iter().find_map(|(address, source)| {
        let address = address.filter(|address| is_precise(address))?;
        let mut place = Map::from([("country", Doc::from(address.str("country")?.to_uppercase()))]);
        place.set("source", source);
        place.set("state", address.str("state").map(str::to_owned));
        Some(place)
    })
}

/// A country is enough, except where the rate depends on more.
fn is_precise(address: &Map) -> bool {
    let has = |part: &str| address.str(part).is_some();
    match address.str("country") {
        Some("US") => has("postal_code"),
        Some("CA") => has("postal_code") || has("state"),
        country => country.is_some(),
    }
}

fn is_registered(tx: &Tx, country: &str) -> bool {
    let registrations = tx.state().table(tx.account(), crate::kind!("tax.registration"));
    registrations.is_some_and(|all| {
        all.live().any(|record| {
            let registration = record.object.to_doc();
            registration.str("country") == Some(country) && registration.str("status") == Some("active")
        })
    })
}
