//! Who buys, as far as tax depends on it: an address, tax ids, an exemption (billing-2 9.6).
//!
//! May use: customers, tax ids, places. Invariant: what is sent replaces what is known of the customer.

use core::net::IpAddr;

use crate::contract::{Call, In, require};
use crate::error::{ApiError, Result};
use crate::jurisdictions::TaxPlace;
use crate::object::template;
use crate::resources::customers::customer::Customer;
use crate::resources::customers::tax_ids::{self, TaxId};
use crate::resources::tax::assess::{self, Exemption};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

/// Who buys.
pub(super) struct Buyer {
    /// The customer, if one was named.
    pub(super) customer: Option<Id>,
    /// As the API shows it.
    pub(super) details: Map,
    /// Where the buyer is.
    pub(super) place: TaxPlace,
    /// Whether the buyer pays tax.
    pub(super) exempt: Exemption,
}

/// The buyer of a calculation.
///
/// # Errors
/// No customer and no details, an address that is not enough, a tax id of the wrong form.
pub(super) fn of(tx: &Tx, call: &Call<'_>) -> Result<Buyer> {
    let sent = call.params.map("customer_details");
    let customer =
        call.params.str("customer").map(|id| require::<Customer>(tx, id, In::Param("customer"))).transpose()?;
    if sent.is_none() && customer.is_none() {
        return Err(ApiError::one_param_of("customer", "customer_details"));
    }
    let mut details = customer.as_deref().map_or_else(nobody, |customer| known(tx, customer));
    if let Some(sent) = sent {
        check(sent)?;
        for (name, value) in sent.iter() {
            details.set(name.to_owned(), value.clone());
        }
    }
    let Some(place) = TaxPlace::of(details.map("address")) else {
        let by_ip = details.present("address").is_none() && details.present("ip_address").is_some();
        return Err(match by_ip {
            true => ApiError::not_implemented_feature("finding where an IP address is, for tax"),
            false => ApiError::calculation_location_invalid(),
        });
    };
    if let Some(Doc::Map(address)) = details.get_mut("address") {
        template::complete(address, template::fields_at(super::KIND, &["customer_details", "address"]));
    }
    let exempt = match details.str("taxability_override") {
        Some(CUSTOMER_EXEMPT) => Exemption::Exempt,
        Some(REVERSE_CHARGE) => Exemption::Reverse,
        _ => {
            let ids = details.list("tax_ids").unwrap_or_default().iter().filter_map(Doc::as_map);
            assess::exemption_of_ids(tx, ids.filter_map(|id| id.str("type")), &place)
        }
    };
    Ok(Buyer { customer: customer.map(|customer| Id::clone(&customer.id)), details, place, exempt })
}

/// The values of `taxability_override` that are not `none`.
const CUSTOMER_EXEMPT: &str = "customer_exempt";
const REVERSE_CHARGE: &str = "reverse_charge";

fn nobody() -> Map {
    Map::from([
        ("address", Doc::Null),
        ("address_source", Doc::Null),
        ("ip_address", Doc::Null),
        ("tax_ids", Doc::List(Vec::new())),
        ("taxability_override", "none".into()),
    ])
}

/// What is known of a customer.
fn known(tx: &Tx, customer: &Customer) -> Map {
    let mut details = nobody();
    if let Some((address, source)) = assess::address_of(customer) {
        details.set("address", address.clone());
        details.set("address_source", source);
    }
    details.set("ip_address", customer.tax_ip_address.0.clone());
    let ids = tx.having::<TaxId>("customer", &customer.id);
    let id = |id: &TaxId| Map::from([("type", Doc::from(id.kind.clone())), ("value", id.value.clone().into())]);
    details.set("tax_ids", ids.iter().rev().map(|tax_id| id(tax_id)).collect::<Vec<_>>());
    let set = customer.rest.str("tax_exempt").and_then(Exemption::parse).unwrap_or(Exemption::None);
    details.set(
        "taxability_override",
        match set {
            Exemption::None => "none",
            Exemption::Exempt => CUSTOMER_EXEMPT,
            Exemption::Reverse => REVERSE_CHARGE,
        },
    );
    details
}

/// Checks the details that were sent.
fn check(sent: &Map) -> Result<()> {
    if sent.present("address").is_some() && sent.present("address_source").is_none() {
        return Err(ApiError::param_missing("customer_details[address_source]"));
    }
    if let Some(wrong) = sent.str("ip_address").filter(|ip| ip.parse::<IpAddr>().is_err()) {
        return Err(ApiError::ip_address_invalid("customer_details[ip_address]", wrong));
    }
    for (i, id) in sent.list("tax_ids").unwrap_or_default().iter().filter_map(Doc::as_map).enumerate() {
        let [kind, value] = ["type", "value"].map(|key| id.str(key).unwrap_or_default());
        tax_ids::check(kind, value, &format!("customer_details[tax_ids][{i}][value]"))?;
    }
    Ok(())
}
