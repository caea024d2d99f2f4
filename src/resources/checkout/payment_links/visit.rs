//! Somebody opens the page of a payment link: a session begins (intents-and-checkout 3.4).
//!
//! May use: sessions. Invariant: the session sells what the link sells, on its terms, and names it.

use super::{KIND, PaymentLink};
use crate::contract::{Ctx, In, require};
use crate::error::Result;
use crate::generic::lines;
use crate::object::template;
use crate::resources::checkout::sessions::{self, Session, SessionStatus};
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource};
use crate::state::{Id, Tx};

/// What the address of a visit says beside the link.
#[derive(Debug, Default)]
pub struct Visit {
    /// The e-mail address that stands on the page at first.
    pub prefilled_email: Option<String>,
    /// The text of a promotion code that is entered at first.
    pub prefilled_promo_code: Option<String>,
    /// The shop's own name of the sale.
    pub client_reference_id: Option<String>,
    /// The language of the page.
    pub locale: Option<String>,
}

/// The longest `client_reference_id`, in characters; a longer one is not taken over.
const REFERENCE_MAX: usize = 200;

/// What a session takes from its link as it stands.
const TAKEN: [&str; 20] = [
    "allow_promotion_codes",
    "automatic_tax",
    "billing_address_collection",
    "consent_collection",
    "currency",
    "custom_fields",
    "custom_text",
    "metadata",
    "name_collection",
    "optional_items",
    "payment_intent_data",
    "payment_method_options",
    "payment_method_types",
    "phone_number_collection",
    "shipping_address_collection",
    "submit_type",
    "subscription_data",
    "tax_id_collection",
    "invoice_creation",
    "customer_creation",
];

/// Begins a session of a link, by the id of the link; `None` if it sells no more.
///
/// # Errors
/// There is no such link, or what it sells cannot be sold.
pub fn visit(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, visit: &Visit) -> Result<Option<Id>> {
    let link = require::<PaymentLink>(tx, id, In::Path)?;
    if !link.sells() {
        return Ok(None);
    }
    let params = params_of(tx, &link, visit);
    let made = sessions::begin(tx, ctx, &params, |session| session.payment_link = Some(Id::clone(&link.id)))?;
    for (key, value) in [("email", &visit.prefilled_email), ("promotion_code", &visit.prefilled_promo_code)] {
        if let Some(value) = value {
            // What cannot be prefilled is left to the customer.
            tx.attempt(|tx| sessions::enter(tx, ctx, &made.id, &Map::from([(key, value.clone())]))).unwrap_or_default();
        }
    }
    Ok(Some(made.id))
}

/// The parameters of the session.
fn params_of(tx: &Tx, link: &PaymentLink, visit: &Visit) -> Map {
    let shown = link.to_doc();
    let taken = TAKEN.into_iter().filter_map(|key| Some((key.into(), told(shown.present(key)?))));
    let mut params = Map::from_entries(taken.collect());
    let sold: Vec<Doc> = lines::of(tx, &link.id).iter().map(|line| sold(&line.object.to_doc()).into()).collect();
    params.set("line_items", Doc::List(sold));
    let mode = sessions::mode_of_lines(tx, &params);
    params.set("mode", mode);
    if mode == "subscription" {
        for key in ["customer_creation", "invoice_creation", "payment_intent_data"] {
            let _ = params.remove(key);
        }
        params.set("payment_method_collection", shown.get("payment_method_collection").cloned().unwrap_or_default());
    } else {
        let _ = params.remove("subscription_data");
    }
    let rates = shown.list("shipping_options").unwrap_or_default().iter().filter_map(Doc::as_map);
    let rates =
        rates.filter_map(|option| Some(Map::from([("shipping_rate", option.str("shipping_rate")?.to_owned())]).into()));
    let rates: Vec<Doc> = rates.collect();
    if !rates.is_empty() {
        params.set("shipping_options", Doc::List(rates));
    }
    give_money(&mut params, &shown, mode);
    if let Some(Doc::Map(after)) = shown.get("after_completion") {
        let url = after.map("redirect").and_then(|redirect| redirect.str("url"));
        params.set("success_url", url.map(str::to_owned));
        let message = after.map("hosted_confirmation").and_then(|page| page.str("custom_message"));
        if let Some(message) = message {
            let mut texts = params.map("custom_text").cloned().unwrap_or_default();
            texts.set("after_submit", Map::from([("message", message.to_owned())]));
            params.set("custom_text", texts);
        }
    }
    let locales = template::values_at(Session::KIND, &["locale"]);
    if let Some(locale) = visit.locale.as_ref().filter(|locale| locales.contains(&locale.as_str())) {
        params.set("locale", locale.clone());
    }
    let is_short = |reference: &&String| reference.chars().count() <= REFERENCE_MAX;
    if let Some(reference) = visit.client_reference_id.as_ref().filter(is_short) {
        params.set("client_reference_id", reference.clone());
    }
    params
}

/// What the platform and others get of the money, as the session's intent or subscription is told.
fn give_money(params: &mut Map, shown: &Map, mode: &str) {
    let (data, keys): (&'static str, &[&'static str]) = match mode {
        "subscription" => ("subscription_data", &["application_fee_percent", "on_behalf_of", "transfer_data"]),
        _ => ("payment_intent_data", &["application_fee_amount", "on_behalf_of", "transfer_data"]),
    };
    let mut inner = params.map(data).cloned().unwrap_or_default();
    for key in keys {
        if let Some(value) = shown.present(key) {
            inner.set(*key, told(value));
        }
    }
    if !inner.is_empty() {
        params.set(data, inner);
    }
}

/// A line of the session.
pub(super) fn sold(line: &Map) -> Map {
    let price = line.map("price").and_then(|price| price.str("id")).unwrap_or_default().to_owned();
    let mut sold = Map::from([("price", Doc::from(price)), ("quantity", line.int("quantity").unwrap_or(1).into())]);
    if let Some(rules) = line.present("adjustable_quantity") {
        sold.set("adjustable_quantity", told(rules));
    }
    sold
}

/// A value as it would be sent: without what is null.
fn told(value: &Doc) -> Doc {
    match value {
        Doc::Map(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            Map::from_entries(kept.map(|(key, value)| (key.to_owned().into(), told(value))).collect()).into()
        }
        Doc::List(items) => Doc::List(items.iter().map(told).collect()),
        other => other.clone(),
    }
}

/// A session of a link is complete: the link counts those that are, if they are limited.
pub(super) fn count(tx: &mut Tx, _: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(link) = tx.get::<PaymentLink>(id) else { return Ok(()) };
    let Some((_, known)) = link.sessions() else { return Ok(()) };
    let records = tx.records_having(Session::KIND, KIND.name(), id);
    let complete = records.iter().filter_map(|record| record.get::<Session>());
    let count = complete.filter(|session| session.status == Some(SessionStatus::Complete)).count();
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    if count == known {
        return Ok(());
    }
    tx.quietly(|tx| {
        tx.update::<PaymentLink>(id, |link| {
            let sessions = match &mut link.restrictions {
                Doc::Map(restrictions) => restrictions.get_mut("completed_sessions"),
                _ => None,
            };
            if let Some(Doc::Map(sessions)) = sessions {
                sessions.set("count", count);
            }
        });
    });
    Ok(())
}
