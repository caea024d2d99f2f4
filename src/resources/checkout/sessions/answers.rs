//! What a customer answers to what the page asks for, beside who it is and where (stripe-js 1.1).
//!
//! May use: the session. Invariant: nothing is stored that the session does not ask for, or that does not fit.

use super::asked::CustomField;
use super::{KIND, Session, places};
use crate::error::{ApiError, Result};
use crate::generic::lines;
use crate::object::template;
use crate::resources::customers::tax_ids;
use crate::state::document::{Doc, Map};
use crate::state::object::Absent;
use crate::state::{Id, Record, Tx};

const COLLECTED: &str = "collected_information";
const CONSENT: &str = "consent";
const TAX_ID: &str = "tax_id";

/// Stores what was entered of `phone`, `shipping`, `shipping_rate`, `business_name`, `individual_name`, `tax_id`,
/// `custom_fields`, `consent` and `quantities`.
///
/// # Errors
/// Something that the session does not ask for, or that does not fit.
pub(super) fn take(tx: &mut Tx, session: &mut Session, entered: &Map) -> Result<()> {
    phone(session, entered)?;
    shipping(session, entered)?;
    names(session, entered)?;
    tax_id(session, entered)?;
    custom_fields(session, entered)?;
    consent(session, entered)?;
    quantities(tx, session, entered)
}

/// Nobody answers what was not asked.
fn check_asked(is_asked: bool, name: &str) -> Result<()> {
    if is_asked { Ok(()) } else { Err(ApiError::session_asks_not(name)) }
}

fn phone(session: &mut Session, entered: &Map) -> Result<()> {
    let Some(phone) = entered.str("phone").filter(|phone| !phone.is_empty()) else { return Ok(()) };
    check_asked(session.asked().phone, "phone")?;
    let digits = phone.bytes().filter(u8::is_ascii_digit).count();
    let is_number = |byte: u8| byte.is_ascii_digit() || b"+-(). ".contains(&byte);
    if !(5..=15).contains(&digits) || !phone.bytes().all(is_number) {
        return Err(ApiError::session_answer_unfit("phone"));
    }
    let details = session.customer_details.as_map().cloned().unwrap_or_default();
    super::form::show(session, details.with("phone", phone.to_owned()));
    Ok(())
}

/// Where the goods go, and how.
fn shipping(session: &mut Session, entered: &Map) -> Result<()> {
    if let Some(shipping) = entered.map("shipping") {
        let asked = session.asked();
        check_asked(asked.ships_to.is_some(), "shipping")?;
        let countries = asked.ships_to.unwrap_or_default();
        let mut address = shipping.map("address").cloned().unwrap_or_default();
        let country = address.str("country").unwrap_or_default();
        if !countries.contains(&country) {
            return Err(ApiError::session_ships_elsewhere(country));
        }
        if shipping.present("name").is_none() {
            return Err(ApiError::param_missing("shipping[name]"));
        }
        if let Some(part) = places::lacking(&address) {
            return Err(ApiError::param_missing(&format!("shipping[address][{part}]")));
        }
        template::complete(&mut address, template::fields_at(KIND, &[COLLECTED, "shipping_details", "address"]));
        let name = shipping.get("name").cloned().unwrap_or_default();
        collect(session, "shipping_details", Map::from([("address", Doc::from(address)), ("name", name)]));
        session.tax_region = Absent(None);
    }
    let Some(rate) = entered.str("shipping_rate") else { return Ok(()) };
    if !session.asked().shipping_rates.contains(&rate) {
        return Err(ApiError::session_answer_unfit("shipping_rate"));
    }
    session.chosen_shipping = Absent(Some(Id::from(rate)));
    Ok(())
}

fn names(session: &mut Session, entered: &Map) -> Result<()> {
    for key in ["business_name", "individual_name"] {
        let Some(name) = entered.str(key).filter(|name| !name.is_empty()) else { continue };
        let asked = session.asked();
        check_asked(if key == "business_name" { asked.business_name } else { asked.individual_name }.is_some(), key)?;
        collect(session, key, name.to_owned());
        let details = session.customer_details.as_map().cloned().unwrap_or_default();
        super::form::show(session, details.with(key, name.to_owned()));
    }
    Ok(())
}

fn tax_id(session: &mut Session, entered: &Map) -> Result<()> {
    let Some(id) = entered.map(TAX_ID).filter(|id| id.str("value").is_some_and(|value| !value.is_empty())) else {
        return Ok(());
    };
    check_asked(session.asked().tax_id.is_some(), TAX_ID)?;
    let kind = id.str("type").ok_or_else(|| ApiError::param_missing("tax_id[type]"))?;
    if !super::tax_id_types().contains(&kind) {
        return Err(ApiError::session_answer_unfit("tax_id[type]"));
    }
    tax_ids::check(kind, id.str("value").unwrap_or_default(), "tax_id[value]")?;
    let shown = Map::from(["type", "value"].map(|key| (key, id.get(key).cloned().unwrap_or_default())));
    let details = session.customer_details.as_map().cloned().unwrap_or_default();
    super::form::show(session, details.with("tax_ids", Doc::List(vec![shown.into()])));
    Ok(())
}

fn custom_fields(session: &mut Session, entered: &Map) -> Result<()> {
    let Some(answers) = entered.map("custom_fields") else { return Ok(()) };
    let asked = session.asked().custom_fields;
    for (key, answer) in answers.iter() {
        let name = format!("custom_fields[{key}]");
        let field = asked.iter().find(|field| field.key == key).ok_or_else(|| ApiError::session_asks_not(&name))?;
        let text = answer.as_str().unwrap_or_default();
        if !text.is_empty() && !field.takes(text) {
            return Err(ApiError::session_answer_unfit(&name));
        }
    }
    let kinds: Vec<(String, &str)> =
        asked.iter().map(|CustomField { key, kind, .. }| ((*key).to_owned(), kind.as_str())).collect();
    let Some(Doc::List(fields)) = session.rest.get_mut("custom_fields") else { return Ok(()) };
    for field in fields {
        let Doc::Map(field) = field else { continue };
        let key = field.str("key").unwrap_or_default().to_owned();
        let Some(answer) = answers.str(&key) else { continue };
        let kind = kinds.iter().find(|(known, _)| *known == key).map_or("", |(_, kind)| kind);
        if let Some(Doc::Map(rules)) = field.get_mut(kind) {
            rules.set("value", Some(answer.to_owned()).filter(|answer| !answer.is_empty()));
        }
    }
    Ok(())
}

fn consent(session: &mut Session, entered: &Map) -> Result<()> {
    let Some(said) = entered.map(CONSENT) else { return Ok(()) };
    let asked = session.asked();
    let mut consent = session.rest.map(CONSENT).cloned().unwrap_or_default();
    template::complete(&mut consent, template::fields_at(KIND, &[CONSENT]));
    if let Some(accepts) = said.bool("terms_of_service") {
        check_asked(asked.terms_of_service, "consent[terms_of_service]")?;
        consent.set("terms_of_service", accepts.then_some("accepted"));
    }
    if let Some(agrees) = said.bool("promotions") {
        check_asked(asked.promotions, "consent[promotions]")?;
        consent.set("promotions", if agrees { "opt_in" } else { "opt_out" });
    }
    session.rest.set(CONSENT, consent);
    Ok(())
}

/// How many of each line.
fn quantities(tx: &mut Tx, session: &Session, entered: &Map) -> Result<()> {
    let Some(wanted) = entered.map("quantities") else { return Ok(()) };
    let known = lines::of(tx, &session.id);
    for (id, quantity) in wanted.iter() {
        let name = format!("quantities[{id}]");
        let line = known.iter().find(|line| line.object.id().as_ref() == id);
        let line = line.ok_or_else(|| ApiError::session_asks_not(&name))?;
        let shown = line.object.to_doc();
        let rules = shown.map("adjustable_quantity").filter(|rules| rules.bool("enabled") == Some(true));
        let quantity = quantity.as_int().unwrap_or_default();
        if shown.int("quantity") == Some(quantity) {
            continue;
        }
        let rules = rules.ok_or_else(|| ApiError::session_asks_not(&name))?;
        let (least, most) = quantity_bounds(rules, is_alone(tx, session, id));
        if quantity < least {
            return Err(ApiError::param_below(&name, least));
        }
        if quantity > most {
            return Err(ApiError::param_above(&name, most));
        }
        lines::set(tx, line, &Map::from([("quantity", quantity)]));
    }
    Ok(())
}

/// The largest quantity that a customer may choose where the merchant sets none (intents-and-checkout 3.1).
const QUANTITY_MAX: i64 = 99;

/// The least and the largest quantity that a customer may choose; `is_alone` is whether nothing else is bought, so that it stays.
pub(super) fn quantity_bounds(rules: &Map, is_alone: bool) -> (i64, i64) {
    let least = rules.int("minimum").unwrap_or(0).max(i64::from(is_alone));
    (least, rules.int("maximum").unwrap_or(QUANTITY_MAX))
}

/// Whether a line is the only one of which anything is bought.
pub(super) fn is_alone(tx: &Tx, session: &Session, line: &str) -> bool {
    let is_other =
        |other: &Record| other.object.id().as_ref() != line && other.object.to_doc().int("quantity") != Some(0);
    !lines::of(tx, &session.id).iter().any(|other| is_other(other))
}

/// Keeps a part of what the page collected.
fn collect(session: &mut Session, key: &'static str, value: impl Into<Doc>) {
    let mut collected = session.rest.map(COLLECTED).cloned().unwrap_or_default();
    template::complete(&mut collected, template::fields_at(KIND, &[COLLECTED]));
    collected.set(key, value);
    session.rest.set(COLLECTED, collected);
}
