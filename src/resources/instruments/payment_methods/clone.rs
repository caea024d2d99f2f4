//! Sharing: a payment method of the platform becomes one of a connected account (core-payments 4.2.9, connect-accounts 9).
//!
//! May use: the platform's payment methods, customers and cards. Invariant: the platform's payment method stays as it is, but
//! that one without a customer is used up.

use super::{Instrument, PaymentMethod, create, reuse, shape};
use crate::contract::{Ctx, In, require};
use crate::error::{ApiError, Result};
use crate::issuers;
use crate::object::metadata;
use crate::resources::customers::customer::Customer;
use crate::state::document::Map;
use crate::state::object::Absent;
use crate::state::{AccountKey, Id, Tx};

const PARAM: &str = "payment_method";

/// Clones the payment method that `payment_method` names in the platform into the current, connected account, where it has
/// no customer.
///
/// # Errors
/// The platform has no such payment method or customer, or the payment method is not the customer's or was used up.
pub(super) fn from_platform(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Id> {
    let id = params.str(PARAM).unwrap_or_default();
    let customer = params.str("customer");
    let original = tx.within(AccountKey::PLATFORM, |tx| release(tx, ctx, id, customer))?;
    let mut method = copy(tx, ctx, &original)?;
    method.metadata = metadata::merge(&Map::new(), params.get("metadata"))?;
    if let Some(details) = params.map("billing_details") {
        shape::merge_billing_details(&mut method.rest, details);
    }
    Ok(tx.insert(method).id)
}

/// The platform's payment method, if it may be shared.
fn release(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, customer: Option<&str>) -> Result<Instrument> {
    let customer = customer.map(|id| require::<Customer>(tx, id, In::Param("customer"))).transpose()?;
    let customer = customer.as_ref().map(|customer| &customer.id);
    let original = create::obtain(tx, ctx, id, PARAM)?;
    reuse::check_use(tx, &original, customer)?;
    match (original.customer(), customer) {
        (None, Some(customer)) => Err(ApiError::payment_method_not_owned(id, customer)),
        (None, None) => {
            reuse::used(tx, original.id(), false);
            Ok(original)
        }
        _ => Ok(original),
    }
}

/// The payment method of the connected account. A card has another fingerprint there.
fn copy(tx: &Tx, ctx: &Ctx<'_>, original: &Instrument) -> Result<PaymentMethod> {
    let id = super::ENTRY.id.draw(&ctx.ids).into();
    let mut method = match original {
        Instrument::PaymentMethod(method) => PaymentMethod { id, ..PaymentMethod::clone(method) },
        Instrument::Card(card) => {
            let mut rest = shape::empty();
            shape::merge_billing_details(&mut rest, &shape::billing_details_of_holder(&card.rest));
            PaymentMethod {
                id,
                created: ctx.now,
                kind: "card".to_owned(),
                customer: None,
                card: Absent(Some(card.details.clone())),
                metadata: Map::new(),
                consumed: false,
                set_up: false,
                account_number: None,
                verified: false,
                rest,
            }
        }
        _ => return Err(ApiError::value_not_implemented(PARAM, "sharing bank accounts and sources")),
    };
    (method.created, method.customer, method.consumed) = (ctx.now, None, false);
    if let Some(card) = method.card.0.as_mut().filter(|card| !card.number.is_empty()) {
        card.fingerprint = Some(issuers::fingerprint(&card.number, &tx.account_id()).into());
    }
    Ok(method)
}
