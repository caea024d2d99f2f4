//! The form of an account: every member with its default, by type, country and business type (connect-accounts 2).
//!
//! May use: the catalogue's shapes, the table of countries. Invariant: every field that the type requires is there.

use super::Account;
use super::persons::shape::{Place, write_japanese};
use super::requirements::{self, Facts, Rules};
use crate::catalogue::{self, Field, Type};
use crate::contract::Ctx;
use crate::countries::{self, Country};
use crate::object::fill::{at, set_at};
use crate::object::template;
use crate::settings::DEFAULT_MCC;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;

/// An account that was not created with this API: the platform itself, ready to charge.
pub(super) fn established(id: &str) -> Map {
    let mut account = empty(id, countries::DEFAULT);
    account.set("id", id.to_owned());
    account.set("object", Account::KIND.name());
    account.set("controller", Map::from([("type", "account")]));
    account.set("metadata", Map::new());
    account.set("type", "standard");
    account.set("capabilities", Map::from([("card_payments", "active"), ("transfers", "active")]));
    for flag in ["charges_enabled", "details_submitted", "payouts_enabled"] {
        account.set(flag, true);
    }
    account
}

/// An account with a country and no other parameter.
pub(super) fn empty(id: &str, country: &str) -> Map {
    let mut rest = template::template(Account::KIND);
    for flag in ["charges_enabled", "details_submitted", "payouts_enabled"] {
        rest.set(flag, false);
    }
    rest.set("business_profile", business_profile());
    rest.set("business_type", Doc::Null);
    rest.set("capabilities", Map::new());
    rest.set("country", country.to_owned());
    rest.set("default_currency", countries::currency(country));
    rest.set("external_accounts", external_accounts(format!("/v1/accounts/{id}/external_accounts"), Vec::new()));
    rest.set("future_requirements", requirements::none());
    rest.set("requirements", requirements::none());
    rest.set("settings", settings(country));
    rest.set("tos_acceptance", Map::from(["date", "ip", "user_agent"].map(|key| (key, Doc::Null))));
    rest
}

/// A new account in a country, with its controller and type.
pub(super) fn fresh(ctx: &Ctx<'_>, id: &str, country: &str, params: &Map) -> Map {
    let mut rest = empty(id, country);
    control(ctx, &mut rest, params);
    rest
}

/// Sets who controls an account and its type, by the parameters, and what follows from them (connect-accounts 2.1 to 2.3).
pub(super) fn control(ctx: &Ctx<'_>, rest: &mut Map, params: &Map) {
    let (controller, kind) = controller(params);
    let is_own = controller.str("requirement_collection") == Some("application");
    rest.set("controller", controller);
    rest.set("type", kind);
    if let Some(Doc::Map(settings)) = rest.get_mut("settings") {
        if is_own {
            settings.set("capital", Map::new());
            set_at(settings, "payouts.debit_negative_balances", false.into());
        }
        if kind == "express" {
            set_at(settings, "invoices.hosted_payment_method_save", "always".into());
        }
    }
    if is_own {
        let none = || Map::from([("pause_requested", false)]);
        rest.set("risk_controls", Map::from([("charges", none()), ("payouts", none())]));
        if at(rest, "business_profile.mcc").is_none_or(Doc::is_null) {
            let code = ctx.settings.number(&DEFAULT_MCC);
            set_at(rest, "business_profile.mcc", (code > 0).then(|| format!("{code:04}")).into());
        }
    }
}

/// Sets the country of an account that had none, and what follows from it.
pub(super) fn settle_in(rest: &mut Map, country: &str) {
    rest.set("country", country.to_owned());
    rest.set("default_currency", countries::currency(country));
    let days = countries::find(country).map_or(RECIPIENT_DAYS, |row| row.delay_days);
    set_at(rest, "settings.payouts.schedule.delay_days", days.into());
}

/// The list of external accounts inside an account.
pub(super) fn external_accounts(url: String, rows: Vec<Doc>) -> Map {
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    crate::api::list::envelope(url, rows, false).with("total_count", total)
}

fn business_profile() -> Map {
    let profile = template::of_fields(fields("business_profile"));
    ["annual_revenue", "estimated_worker_count", "product_description"]
        .into_iter()
        .fold(profile, |profile, key| profile.with(key, Doc::Null))
}

/// What a business shows as its company (connect-accounts 2.4).
pub(super) fn company(account: &Account) -> Option<Map> {
    let facts = Facts::of(account);
    let sent = account.rest.map("company");
    let business_type = account.rest.str("business_type");
    let own = facts.rules() != Rules::Collected || business_type == Some("non_profit");
    if business_type.is_none() || !(own || sent.is_some()) {
        return sent.cloned();
    }
    let is_individual = facts.is_individual();
    let is_short = is_individual && ["IN", "PH"].contains(&facts.country());
    let nulls = |keys: &[&'static str]| Map::from_entries(keys.iter().map(|key| ((*key).into(), Doc::Null)).collect());
    let document = nulls(&["back", "details", "details_code", "front"]);
    let mut company = Map::from([("verification", Doc::from(Map::from([("document", document)])))]);
    for key in ["directors_provided", "executives_provided", "owners_provided"] {
        company.set(key, is_individual);
    }
    if !is_short {
        company.set("name", Doc::Null);
        company.set("tax_id_provided", false);
    }
    let address =
        nulls(&["city", "line1", "line2", "postal_code", "state"]).with("country", facts.country().to_owned());
    match facts.country() {
        "JP" => {
            for key in ["address_kana", "address_kanji"] {
                company.set(key, address.clone().with("town", Doc::Null));
            }
        }
        _ => company.set("address", address),
    }
    if Place::of(account).is_wide || facts.country() == "JP" {
        company.set("name_kana", Doc::Null);
        company.set("name_kanji", Doc::Null);
    }
    if Place::of(account).is_wide {
        company.set("ownership_declaration", Doc::Null);
        company.set("vat_id_provided", false);
    }
    if facts.country() == "KR" {
        company.set("directorship_declaration", Doc::Null);
    }
    if let Some(sent) = sent {
        company.merge(sent);
        write_japanese(&mut company);
    }
    if let Some((_, person)) = facts.representative().filter(|_| is_individual) {
        for key in ["address", "address_kana", "address_kanji", "phone"] {
            if let Some(copy) = person.get(key) {
                company.set(key, copy.clone());
            }
        }
    }
    Some(company)
}

/// Sets the payouts of an account as its agreement has them (connect-accounts 2.3); `sent` is what the request says of them.
pub(super) fn payouts(account: &mut Account, sent: Option<&Map>, is_new: bool) {
    let facts = Facts::of(account);
    let (rules, country) = (facts.rules(), countries::find(facts.country()));
    let schedule = sent.and_then(|sent| sent.map("schedule"));
    let manual = schedule.and_then(|schedule| schedule.str("interval")) == Some("manual");
    let has_days = schedule.is_some_and(|schedule| schedule.has("delay_days"));
    let days = match (rules, manual) {
        (Rules::Full, true) => Some(1),
        (Rules::Recipient, true) => Some(i64::from(country.is_some_and(Country::is_late_for_recipients))),
        (Rules::Recipient, false) if is_new => Some(RECIPIENT_DAYS),
        _ => None,
    };
    if let Some(days) = days.filter(|_| !has_days) {
        set_at(&mut account.rest, "settings.payouts.schedule.delay_days", days.into());
    }
    if rules == Rules::Recipient {
        set_at(&mut account.rest, "settings.payouts.debit_negative_balances", false.into());
    }
}

/// Days from a payment to a daily payout of a recipient.
const RECIPIENT_DAYS: i64 = 7;

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

fn settings(country: &str) -> Map {
    let decline_on = Map::from([("avs_failure", false), ("cvc_failure", false)]);
    let days = countries::find(country).map_or(RECIPIENT_DAYS, |row| row.delay_days);
    let schedule = Map::from([("delay_days", Doc::from(days)), ("interval", "daily".into())]);
    let payouts = Map::from([("debit_negative_balances", Doc::from(true)), ("schedule", schedule.into())]);
    let nobody = Map::from([("date", Doc::Null), ("ip", Doc::Null)]);
    let mut settings = Map::from([
        ("bacs_debit_payments", Map::new()),
        ("branding", Map::new()),
        ("card_issuing", Map::from([("tos_acceptance", nobody)])),
        ("card_payments", Map::from([("decline_on", decline_on)])),
        ("dashboard", Map::from([("timezone", "Etc/UTC")])),
        ("invoices", Map::from([("hosted_payment_method_save", "offer")])),
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
