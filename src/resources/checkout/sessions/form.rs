//! What a fresh session shows because of its mode and its customer (shapes 2.5).
//!
//! May use: customers, the account. Invariant: what was sent is never replaced.

use super::{KIND, Session};
use super::{SessionMode, SessionPaymentStatus};
use crate::error::Result;
use crate::object::template;
use crate::resources::connect::directory;
use crate::resources::customers::customer::Customer;
use crate::resources::payments::payment_intents;
use crate::resources::payments::payment_method_configurations::{
    self as configurations, PaymentMethodConfiguration, Wanted,
};
use crate::resources::payments::rails::redirects;
use crate::resources::payments::setup_intents;
use crate::state::document::{Doc, Map};
use crate::state::{AccountKey, Tx};

const OPTIONS: &str = "payment_method_options";

/// The parameters of a session that may have these `types`, with those that its mode sets when they are not sent. The parts of an empty object have
/// the defaults of its type.
pub(super) fn with_what_the_mode_gives(sent: &Map, types: &[Doc]) -> Map {
    let mode = sent.str("mode").unwrap_or_default();
    let sells = mode != "setup";
    let mut params = sent.clone();
    let mut give = |name: &'static str, value: Doc| {
        if !params.has(name) {
            params.set(name, value);
        }
    };
    let empty = || Doc::from(Map::new());
    give("adaptive_pricing", Map::from([("enabled", sells)]).into());
    give("branding_settings", empty());
    give("phone_number_collection", empty());
    if sells {
        give("discounts", Doc::List(Vec::new()));
        give("saved_payment_method_options", empty());
    }
    if mode == "payment" {
        give("invoice_creation", empty());
    }
    give_options(&mut params, types);
    if let Some(Doc::List(fields)) = params.get_mut("custom_fields") {
        fields.iter_mut().for_each(whole_custom_field);
    }
    params
}

/// The types that a request names, if it does not leave the choice to a configuration.
pub(super) fn named_types(params: &Map) -> Option<&[Doc]> {
    ["allowed_payment_method_types", "payment_method_types"].iter().find_map(|name| params.list(name))
}

/// The types that a configuration offers in a session; `currency` is null before its lines are known.
///
/// # Errors
/// There is none.
pub(super) fn offered(
    tx: &Tx,
    configuration: &PaymentMethodConfiguration,
    params: &Map,
    currency: Option<&str>,
) -> Result<Vec<Doc>> {
    let pays = params.str("mode").is_none_or(|mode| mode == SessionMode::Payment.as_str());
    let capture = params.map("payment_intent_data").and_then(|data| data.str("capture_method"));
    let stays = params.str("redirect_on_completion") == Some("never");
    // The page offers Link as a wallet of cards.
    let fits = |kind: &str| {
        kind != "link"
            && !(stays && redirects(kind))
            && if pays {
                currency.is_none_or(|currency| payment_intents::fits(kind, currency, capture == Some("manual")))
            } else {
                setup_intents::can_be_set_up(kind)
            }
    };
    let excluded = params.list("excluded_payment_method_types").unwrap_or_default();
    configurations::offered(tx, configuration, &Wanted { noun: "Checkout Session", excluded, fits: &fits })
}

/// Offers the types of a configuration that fit the currency of the lines.
///
/// # Errors
/// There is none.
pub(super) fn offer(
    tx: &Tx,
    configuration: &PaymentMethodConfiguration,
    session: &mut Session,
    params: &Map,
) -> Result<()> {
    let types = offered(tx, configuration, params, session.currency.as_deref())?;
    let sent = params.map(OPTIONS);
    let is_shown = |kind: &str| {
        types.iter().any(|offered| offered.as_str() == Some(kind)) || sent.is_some_and(|sent| sent.has(kind))
    };
    if let Some(options) = session.rest.map(OPTIONS) {
        let shown = options.iter().filter(|(kind, _)| is_shown(kind));
        let shown = shown.map(|(kind, value)| (kind.to_owned().into(), value.clone())).collect();
        session.rest.set(OPTIONS, Map::from_entries(shown));
    }
    session.rest.set("payment_method_types", Doc::List(types));
    session.rest.set("payment_method_configuration_details", configuration.details());
    Ok(())
}

/// Each type of payment method that has options shows them.
fn give_options(params: &mut Map, types: &[Doc]) {
    let mut options = params.map(OPTIONS).cloned().unwrap_or_default();
    for kind in types.iter().filter_map(Doc::as_str) {
        if !options.has(kind) && !template::fields_at(KIND, &[OPTIONS, kind]).is_empty() {
            options.set(kind.to_owned(), Map::new());
        }
    }
    if !options.is_empty() {
        params.set(OPTIONS, options);
    }
}

/// A field for the customer shows the rules of its type.
fn whole_custom_field(field: &mut Doc) {
    let Doc::Map(field) = field else { return };
    let kind = field.str("type").map(str::to_owned);
    if let Some(kind) = kind.filter(|kind| !field.has(kind)) {
        field.set(kind, Map::new());
    }
}

/// Sets what a new session shows besides; `is_old` says that its version creates a customer with every payment.
pub(super) fn complete(tx: &Tx, session: &mut Session, sent: &Map, is_old: bool) {
    let creation = match session.mode {
        SessionMode::Payment if !is_old => "if_required",
        SessionMode::Payment | SessionMode::Setup | SessionMode::Subscription => "always",
    };
    let creates = session.mode != SessionMode::Setup && session.customer.is_none();
    if creates && session.rest.present("customer_creation").is_none() {
        session.rest.set("customer_creation", creation);
    }
    if session.mode == SessionMode::Payment && sent.present("payment_method_collection").is_none() {
        session.rest.set("payment_method_collection", "if_required");
    }
    if session.mode == SessionMode::Setup {
        session.payment_status = SessionPaymentStatus::NoPaymentRequired;
    }
    if let Some(Doc::Map(brand)) = session.rest.get_mut("branding_settings") {
        let is_sent = |key: &str| sent.map("branding_settings").is_some_and(|sent| sent.present(key).is_some());
        brand.merge(&Map::from_entries(
            brand_of_account(tx)
                .into_iter()
                .filter(|(key, _)| !is_sent(key))
                .map(|(key, text)| (key.into(), text.into()))
                .collect(),
        ));
    }
}

/// What the account says of its brand: its name, and its colours.
fn brand_of_account(tx: &Tx) -> Vec<(&'static str, String)> {
    const PLACES: [(&str, &[&str], &str); 3] = [
        ("display_name", &["business_profile"], "name"),
        ("background_color", &["settings", "branding"], "primary_color"),
        ("button_color", &["settings", "branding"], "secondary_color"),
    ];
    let id = tx.account_id();
    let account = tx.read_within(AccountKey::PLATFORM, |tx| Some(tx.record(directory::KIND, &id)?.object.to_doc()));
    let Some(account) = account else { return Vec::new() };
    let said = |(key, outer, inner): (&'static str, &[&str], &str)| {
        let holder = outer.iter().try_fold(&account, |map, part| map.map(part))?;
        Some((key, holder.str(inner)?.to_owned()))
    };
    PLACES.into_iter().filter_map(said).collect()
}

/// Shows the customer's details as far as they are known before the page is opened: from an e-mail address on.
pub(super) fn know_customer(tx: &Tx, session: &mut Session) {
    let customer = session.customer.as_ref().and_then(|id| tx.get::<Customer>(id));
    let email = customer.as_ref().and_then(|customer| customer.email.clone());
    let Some(email) = email.or_else(|| session.rest.str("customer_email").map(str::to_owned)) else { return };
    let mut details = Map::from([("email", Doc::from(email))]);
    if session.mode != SessionMode::Setup {
        details.set("tax_exempt", tax_exempt(tx, session));
    }
    show(session, details);
}

/// Whether the customer pays taxes, as the details show it.
pub(super) fn tax_exempt(tx: &Tx, session: &Session) -> String {
    let customer = session.customer.as_ref().and_then(|id| tx.get::<Customer>(id));
    customer
        .and_then(|customer| customer.rest.str("tax_exempt").map(str::to_owned))
        .unwrap_or_else(|| "none".to_owned())
}

/// Shows details of the customer, and with them what the page collected.
pub(super) fn show(session: &mut Session, mut details: Map) {
    template::complete(&mut details, template::fields_at(KIND, &["customer_details"]));
    session.customer_details = details.into();
    let mut collected = session.rest.map("collected_information").cloned().unwrap_or_default();
    template::complete(&mut collected, template::fields_at(KIND, &["collected_information"]));
    for name in ["business_name", "individual_name", "shipping_details"] {
        if !collected.has(name) {
            collected.set(name, Doc::Null);
        }
    }
    session.rest.set("collected_information", collected);
}
