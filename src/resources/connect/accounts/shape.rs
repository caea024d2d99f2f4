//! The fields of an account that no parameter sets (billing 6.1).
//!
//! May use: the catalogue's shapes. Invariant: every field that the type requires is there.

use super::{Account, requirements};
use crate::catalogue::{self, Field, Type};
use crate::object::template;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;

/// An account that was not created with this API: the platform itself, ready to charge.
pub(super) fn established(id: &str) -> Map {
    let mut account = unstored(id);
    account.set("capabilities", Map::from([("card_payments", "active"), ("transfers", "active")]));
    for flag in ["charges_enabled", "details_submitted", "payouts_enabled"] {
        account.set(flag, true);
    }
    account
}

/// The fields of a `/v2` account without a stored value (billing 6.1).
pub(super) fn unstored(id: &str) -> Map {
    let mut account = empty(id, DEFAULT_COUNTRY);
    account.set("id", id.to_owned());
    account.set("object", Account::KIND.name());
    account.set("controller", Map::from([("type", "account")]));
    account.set("metadata", Map::new());
    account.set("type", "standard");
    account
}

/// The country of an account that was created without one.
pub(super) const DEFAULT_COUNTRY: &str = "US";

/// An account with a country and no other parameter.
pub(super) fn empty(id: &str, country: &str) -> Map {
    let mut rest = template::template(Account::KIND);
    for flag in ["charges_enabled", "details_submitted", "payouts_enabled"] {
        rest.set(flag, false);
    }
    rest.set("business_profile", template::of_fields(fields("business_profile")));
    rest.set("business_type", Doc::Null);
    rest.set("capabilities", Map::new());
    rest.set("country", country.to_owned());
    rest.set("default_currency", default_currency(country));
    let url = format!("/v1/accounts/{id}/external_accounts");
    rest.set("external_accounts", crate::api::list::envelope(url, Vec::new(), false));
    rest.set("future_requirements", requirements::hash(&[], None));
    rest.set("requirements", requirements::hash(&[], None));
    rest.set("settings", settings());
    rest.set("tos_acceptance", Map::from(["date", "ip", "user_agent"].map(|key| (key, Doc::Null))));
    rest
}

/// A type, and its controller: who pays the fees, who is liable for losses, who collects requirements, which dashboard
/// (billing 6.1).
type Controller = (&'static str, &'static str, &'static str, &'static str, &'static str);

const CONTROLLERS: [Controller; 3] = [
    ("standard", "account", "stripe", "stripe", "full"),
    ("express", "application_express", "application", "stripe", "express"),
    ("custom", "application_custom", "application", "application", "none"),
];

/// The controller of a new account and its type: one follows from the other.
pub(super) fn controller(params: &Map) -> (Map, &'static str) {
    let kind = params.str("type").unwrap_or("standard");
    let by_type = CONTROLLERS.iter().find(|row| row.0 == kind).unwrap_or(&CONTROLLERS[0]);
    let Some(sent) = params.map("controller") else {
        let (kind, fees, losses, collection, dashboard) = *by_type;
        return (controller_hash(fees, losses, collection, dashboard), kind);
    };
    let part = |key: &str, inner: &str, default: &'static str| {
        sent.map(key).and_then(|map| map.str(inner)).unwrap_or(default).to_owned()
    };
    let fees = part("fees", "payer", "account");
    let losses = part("losses", "payments", "stripe");
    let collection = sent.str("requirement_collection").unwrap_or("stripe").to_owned();
    let dashboard = part("stripe_dashboard", "type", "full");
    let kind = CONTROLLERS
        .iter()
        .find(|row| row.1.starts_with(&fees) && (row.2, row.3, row.4) == (&losses, &collection, &dashboard))
        .map_or("none", |row| row.0);
    (controller_hash(fees, losses, collection, dashboard), kind)
}

fn controller_hash<T: Into<Doc>>(fees: T, losses: T, collection: T, dashboard: T) -> Map {
    Map::from([
        ("fees", Doc::from(Map::from([("payer", fees)]))),
        ("is_controller", true.into()),
        ("losses", Map::from([("payments", losses)]).into()),
        ("requirement_collection", collection.into()),
        ("stripe_dashboard", Map::from([("type", dashboard)]).into()),
        ("type", "application".into()),
    ])
}

fn settings() -> Map {
    let decline_on = Map::from([("avs_failure", true), ("cvc_failure", true)]);
    let schedule = Map::from([("delay_days", Doc::from(2)), ("interval", "daily".into())]);
    let payouts = Map::from([("debit_negative_balances", Doc::from(true)), ("schedule", schedule.into())]);
    let mut settings = Map::from([
        ("branding", Map::new()),
        ("card_payments", Map::from([("decline_on", decline_on)])),
        ("dashboard", Map::from([("timezone", "Etc/UTC")])),
        ("invoices", Map::new()),
        ("payments", Map::new()),
        ("payouts", payouts),
        ("sepa_debit_payments", Map::new()),
    ]);
    template::complete(&mut settings, fields("settings"));
    settings
}

/// The fields of a nested object of an account, by the catalogue.
pub(super) fn fields(key: &str) -> &'static [Field] {
    let known = catalogue::object(Account::KIND.name()).map_or(&[][..], |object| object.fields);
    match catalogue::field(known, key).map(|field| field.kind) {
        Some(Type::Object(fields)) => fields,
        _ => &[],
    }
}

/// The currency of a country's accounts; US dollars for a less common country.
fn default_currency(country: &str) -> &'static str {
    const EURO: &[&str] = &[
        "AT", "BE", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PT",
        "SI", "SK",
    ];
    match country {
        euro if EURO.contains(&euro) => "eur",
        "AU" => "aud",
        "BR" => "brl",
        "CA" => "cad",
        "CH" | "LI" => "chf",
        "DK" => "dkk",
        "GB" | "GI" => "gbp",
        "HK" => "hkd",
        "IN" => "inr",
        "JP" => "jpy",
        "MX" => "mxn",
        "NO" => "nok",
        "NZ" => "nzd",
        "PL" => "pln",
        "SE" => "sek",
        "SG" => "sgd",
        _ => "usd",
    }
}
