//! What a customer enters on the page before paying: who and where it is, and a promotion code (intents-and-checkout 3.7).
//!
//! May use: customers. Invariant: what the shop knows of the customer is not replaced, and the amounts follow what was entered.

use super::{Session, SessionMode, amounts, custom_amount, discount, form, taxes};
use crate::contract::{Ctx, In, require};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::resources::customers::customer::{self, Customer};
use crate::state::document::Map;
use crate::state::{Edit, Tx};

/// Stores what a customer enters (`email`, `name`, `address`, `promotion_code`, `amount`) in an open session, and computes its amounts.
///
/// # Errors
/// There is no such session, it is not open, or the promotion code cannot be redeemed. Nothing is stored then.
pub fn enter(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, entered: &Map) -> Result<()> {
    let session = require::<Session>(tx, id, In::Path)?;
    if !session.is_open() {
        return Err(ApiError::session_inactive());
    }
    let mut session = Edit::of(session);
    meet(tx, &mut session, entered);
    if let Some(address) = entered.map("address") {
        locate(tx, &mut session, address);
    }
    if let Some(code) = entered.str("promotion_code") {
        discount::enter(tx, &mut session, code.trim())?;
    }
    if let Some(amount) = entered.int("amount") {
        custom_amount::choose(tx, &mut session, amount)?;
    }
    amounts::total(tx, ctx, &mut session)?;
    session.save(tx);
    Ok(())
}

/// Takes an address as that of the customer, if the customer's place is not known and has to be.
///
/// # Errors
/// Those of the amounts.
pub(super) fn locate_if_needed(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, address: Option<&Map>) -> Result<()> {
    let session = require::<Session>(tx, id, In::Path)?;
    let Some(address) = address.filter(|_| taxes::lacks_place(&session)) else { return Ok(()) };
    let mut session = Edit::of(session);
    locate(tx, &mut session, address);
    amounts::total(tx, ctx, &mut session)?;
    session.save(tx);
    Ok(())
}

/// Stores the customer's name and e-mail address.
fn meet(tx: &Tx, session: &mut Session, entered: &Map) {
    let mut details = session.customer_details.as_map().cloned().unwrap_or_default();
    for key in ["email", "name"] {
        // An address that the shop or the customer object set cannot be changed by the customer.
        if let Some(said) = entered.present(key).filter(|_| key != "email" || session.email().is_none()) {
            details.set(key, said.clone());
        }
    }
    if session.mode != SessionMode::Setup && details.present("tax_exempt").is_none() {
        details.set("tax_exempt", form::tax_exempt(tx, session));
    }
    form::show(session, details);
}

/// Stores the customer's address, and with a known customer who takes it from the page.
fn locate(tx: &mut Tx, session: &mut Session, address: &Map) {
    let mut address = address.clone();
    template::complete(&mut address, template::fields_at(customer::KIND, &["address"]));
    if let Some(customer) = session.customer.as_ref().filter(|_| session.keeps_address.0) {
        tx.update::<Customer>(customer, |customer| customer.rest.set("address", address.clone()));
    }
    let details = session.customer_details.as_map().cloned().unwrap_or_default();
    form::show(session, details.with("address", address));
}
