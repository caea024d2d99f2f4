//! What a customer enters on the page before paying: who and where it is, and a promotion code (intents-and-checkout 3.7).
//!
//! May use: customers. Invariant: what the shop knows of the customer is not replaced, and the amounts follow what was entered.

use super::{
    Session, SessionMode, amounts, answers, currencies, custom_amount, discount, form, optional_items, pay, saved,
};
use crate::api::params;
use crate::contract::{Ctx, In, require};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::resources::customers::customer::{self, Customer};
use crate::state::document::Map;
use crate::state::object::Absent;
use crate::state::{Edit, Tx};

/// Stores what a customer enters (`email`, `name`, `address`, `tax_region`, `currency`, `promotion_code`, `amount`, `optional_items`, and what it answers to what the session asks) in an open
/// session, and computes its amounts.
///
/// # Errors
/// There is no such session, it is not open, the promotion code cannot be redeemed, or an answer does not fit. Nothing is
/// stored then.
pub fn enter(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, entered: &Map) -> Result<()> {
    let session = require::<Session>(tx, id, In::Path)?;
    if !session.is_open() {
        return Err(ApiError::session_inactive());
    }
    let before = (session.amount_total, session.currency.clone());
    let mut session = Edit::of(session);
    meet(tx, &mut session, entered)?;
    if let Some(address) = entered.map("address") {
        locate(tx, &mut session, address);
    }
    if let Some(region) = entered.map("tax_region") {
        session.tax_region = Absent(Some(region.clone()));
    }
    if let Some(currency) = entered.str("currency") {
        currencies::choose(tx, &mut session, currency)?;
    }
    answers::take(tx, &mut session, entered)?;
    saved::take(tx, &session, entered)?;
    if let Some(code) = entered.str("promotion_code") {
        discount::enter(tx, &mut session, code.trim())?;
    }
    if let Some(amount) = entered.int("amount") {
        custom_amount::choose(tx, &mut session, amount)?;
    }
    optional_items::choose(tx, ctx, &mut session, entered)?;
    amounts::total(tx, ctx, &mut session)?;
    let is_same = (session.amount_total, &session.currency) == (before.0, &before.1);
    session.save(tx);
    if is_same { Ok(()) } else { pay::take_back(tx, ctx, id) }
}

/// Takes what a payment method says of its holder, where the page asks for it and does not know it.
///
/// # Errors
/// Those of the amounts.
pub(super) fn know(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, billing: &Map) -> Result<()> {
    let session = require::<Session>(tx, id, In::Path)?;
    let (asked, lacked_place) = (session.asked(), session.lacks_place());
    let none = Map::new();
    let known = session.customer_details.as_map().unwrap_or(&none);
    // Where taxes depend on the place, a place that was only named becomes the address.
    let region = session.tax_region.0.clone();
    let wanted = [("address", asked.whole_address || region.is_some()), ("email", asked.email), ("phone", asked.phone)];
    let wanted = wanted.into_iter().filter(|(key, is_asked)| *is_asked && known.present(key).is_none());
    let said = wanted.filter_map(|(key, _)| Some((key.into(), billing.present(key)?.clone())));
    let said = Map::from_entries(said.collect());
    let mut session = Edit::of(session);
    if said.has("email") {
        meet(tx, &mut session, &said)?;
    }
    if let Some(phone) = said.get("phone") {
        let details = session.customer_details.as_map().cloned().unwrap_or_default();
        form::show(&mut session, details.with("phone", phone.clone()));
    }
    if let Some(address) = said.map("address").filter(|address| address.present("country").is_some()) {
        locate(tx, &mut session, address);
    } else if let Some(region) = region.as_ref().filter(|_| session.address().is_none()) {
        locate(tx, &mut session, region);
    }
    if lacked_place || region.is_some() {
        amounts::total(tx, ctx, &mut session)?;
    }
    session.save(tx);
    Ok(())
}

/// Stores the customer's name and e-mail address.
///
/// # Errors
/// The e-mail address is none.
fn meet(tx: &Tx, session: &mut Session, entered: &Map) -> Result<()> {
    if entered.str("email").is_some_and(|email| !params::is_email(email)) {
        return Err(ApiError::session_answer_unfit("email"));
    }
    let mut details = session.customer_details.as_map().cloned().unwrap_or_default();
    for key in ["email", "name"] {
        if let Some(said) = entered.present(key).filter(|_| key != "email" || session.fixed_email(tx).is_none()) {
            details.set(key, said.clone());
        }
    }
    if session.mode != SessionMode::Setup && details.present("tax_exempt").is_none() {
        details.set("tax_exempt", form::tax_exempt(tx, session));
    }
    form::show(session, details);
    Ok(())
}

/// Stores the customer's address, and with a known customer who takes it from the page.
fn locate(tx: &mut Tx, session: &mut Session, address: &Map) {
    let mut address = address.clone();
    // A part of an address adds to what is known of the same place: the card's form asks for the country and the code alone.
    let known = session.address();
    if let Some(known) = known.filter(|known| known.str("country") == address.str("country")) {
        let whole =
            known.iter().filter(|(_, part)| !part.is_null()).map(|(key, part)| (key.to_owned().into(), part.clone()));
        let mut whole = Map::from_entries(whole.collect());
        whole.merge(&address);
        address = whole;
    }
    template::complete(&mut address, template::fields_at(customer::KIND, &["address"]));
    if let Some(customer) = session.customer.as_ref().filter(|_| session.keeps_address.0) {
        tx.update::<Customer>(customer, |customer| customer.rest.set("address", address.clone()));
    }
    session.tax_region = Absent(None);
    let details = session.customer_details.as_map().cloned().unwrap_or_default();
    form::show(session, details.with("address", address));
}
