//! Accounts (billing 6.1), as far as `Stripe-Account` needs something to select.
//!
//! May use: the catalogue's shapes. Invariant: the objects of connected accounts are the platform's, and each has
//! an account of the state behind it. What was sent is kept; `capabilities`, `charges_enabled`,
//! `payouts_enabled`, `details_submitted`, `requirements` and `settings` are shape: nothing here is onboarded, and
//! no payment asks for them.

use super::{Entry, metadata, template};
use crate::api::error::{ApiError, Result};
use crate::api::operation::{Behaviour, Call, Ctx, Outcome};
use crate::catalogue::{self, Field, Kind as Type};
use crate::events::Events;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Account as Place, Ref, Tx};

crate::resource! {
    /// A connected account.
    Account = "account" {
        /// Unix seconds.
        created: i64,
        /// What the user keeps with it.
        metadata: Map,
    }
    hidden {
    }
}

/// The kind, for references.
pub const KIND: crate::state::Kind = Account::KIND;

/// The parameters that are shown under their own name, in the form of the response.
const SHOWN: &[&str] =
    &["business_profile", "business_type", "company", "default_currency", "email", "settings", "tos_acceptance"];

/// The parameters that make other objects, which are not built.
const NOT_BUILT: &[&str] = &["account_token", "bank_account", "documents", "external_account", "groups", "individual"];

/// The country of an account that names none.
const DEFAULT_COUNTRY: &str = "US";

/// `POST /v1/accounts`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    if tx.account() != Place::PLATFORM {
        return Err(ApiError::not_a_platform());
    }
    check_built(&call.params)?;
    let id = ctx.ids.id_with("acct_", "1", 16);
    let country = call.params.str("country").unwrap_or(DEFAULT_COUNTRY);
    let mut rest = empty(&id, country);
    let (controller, kind) = controller(&call.params);
    rest.set("controller", controller);
    rest.set("type", kind);
    rest.set("requirements", requirements(&DUE));
    change(&mut rest, &call.params);
    tx.add_account(&id);
    let metadata = metadata::merge(&Map::new(), call.params.get("metadata"))?;
    let account = Account { id: id.into(), created: ctx.now, metadata, rest };
    Ok(Outcome::Done(tx.insert(account)))
}

/// `POST /v1/accounts/:account`.
fn update(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let id = call.arg(0);
    if tx.account() == Place::PLATFORM && tx.account_id().as_ref() == id {
        return Err(ApiError::own_account());
    }
    check_path(tx, id)?;
    check_built(&call.params)?;
    let mut account = (*stored(tx, id)?).clone();
    account.metadata = metadata::merge(&account.metadata, call.params.get("metadata"))?;
    change(&mut account.rest, &call.params);
    let (id, here) = (account.id.clone(), tx.account());
    tx.enter(Place::PLATFORM);
    tx.update::<Account>(&id, |stored| *stored = account);
    tx.enter(here);
    shown(tx, &id)
}

/// `GET /v1/accounts/:account`.
fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    check_path(tx, call.arg(0))?;
    shown(tx, call.arg(0))
}

/// `GET /v1/account`: the account at hand.
fn retrieve_own(tx: &Tx, _: &Ctx<'_>, _: &Call<'_>) -> Result<Outcome> {
    shown(tx, &tx.account_id())
}

/// Under the `Stripe-Account` header the path can name that account only.
fn check_path(tx: &Tx, id: &str) -> Result<()> {
    let other = tx.account() != Place::PLATFORM && tx.account_id().as_ref() != id;
    if other { Err(ApiError::account_not_of_header()) } else { Ok(()) }
}

fn check_built(params: &Map) -> Result<()> {
    match NOT_BUILT.iter().find(|param| params.present(param).is_some()) {
        Some(param) => Err(ApiError::not_implemented_feature(&format!("`{param}` of an account"))),
        None => Ok(()),
    }
}

/// The object of a connected account, which is the platform's.
fn stored(tx: &Tx, id: &str) -> Result<std::sync::Arc<Account>> {
    let record = tx.state().record(Place::PLATFORM, Account::KIND, id).filter(|record| !record.deleted);
    // A rule does not see the key: it stands for itself.
    record.and_then(|record| record.get()).ok_or_else(|| ApiError::account_invalid("sk_test_***", id))
}

/// An account as an answer. An object of the platform answers in any account, so it is shown as a value.
fn shown(tx: &Tx, id: &str) -> Result<Outcome> {
    match stored(tx, id) {
        Ok(account) if tx.account() == Place::PLATFORM => Ok(Outcome::Done(Ref::to(&*account))),
        Ok(account) => Ok(Outcome::Value(crate::state::Object::to_doc(&*account).into())),
        // The platform has an object without being stored, and so has an account that came in with its objects only.
        Err(_) if tx.state().account(id).is_some() => Ok(Outcome::Value(established(id).into())),
        Err(error) => Err(error),
    }
}

/// An account that was not made by this API: the platform itself, open for business.
fn established(id: &str) -> Map {
    let mut account = empty(id, DEFAULT_COUNTRY);
    account.set("id", id.to_owned());
    account.set("object", Account::KIND.0);
    account.set("capabilities", Map::from([("card_payments", "active"), ("transfers", "active")]));
    for flag in ["charges_enabled", "details_submitted", "payouts_enabled"] {
        account.set(flag, true);
    }
    account.set("controller", Map::from([("type", "account")]));
    account.set("metadata", Map::new());
    account.set("type", "standard");
    account
}

/// What an account shows when nothing was said but its country.
fn empty(id: &str, country: &str) -> Map {
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
    rest.set("future_requirements", requirements(&[]));
    rest.set("requirements", requirements(&[]));
    rest.set("settings", settings());
    rest.set("tos_acceptance", Map::from(["date", "ip", "user_agent"].map(|key| (key, Doc::Null))));
    rest
}

/// Lays what was sent over an account.
fn change(rest: &mut Map, params: &Map) {
    let known = catalogue::object(Account::KIND.0).map_or(&[][..], |object| object.fields);
    for param in SHOWN {
        let Some(value) = params.present(param) else { continue };
        let field = catalogue::field(known, param).map(|field| field.kind);
        match (value, field) {
            (Doc::Map(sent), Some(Type::Object(fields))) => {
                let mut value = rest.map(param).cloned().unwrap_or_default();
                value.merge(&visible(sent, fields));
                template::complete(&mut value, fields);
                rest.set(*param, value);
            }
            _ => rest.set(*param, value.clone()),
        }
    }
    if let Some(asked) = params.map("capabilities") {
        let mut capabilities = rest.map("capabilities").cloned().unwrap_or_default();
        for (name, capability) in asked.iter() {
            match capability.as_map().and_then(|capability| capability.bool("requested")) {
                // Nothing is verified here, so what is asked for stays open.
                Some(true) if !capabilities.has(name) => capabilities.set(name.to_owned(), "inactive"),
                Some(false) => drop(capabilities.remove(name)),
                _ => {}
            }
        }
        rest.set("capabilities", capabilities);
    }
}

/// The part of what was sent that the response has a field for: of a secret only that it was given.
fn visible(sent: &Map, fields: &'static [Field]) -> Map {
    let mut shown = Map::new();
    for (key, value) in sent.iter() {
        let provided = format!("{key}_provided");
        match (catalogue::field(fields, key).map(|field| field.kind), value) {
            (Some(Type::Object(fields)), Doc::Map(inner)) => shown.set(key.to_owned(), visible(inner, fields)),
            // "minimum" instead of a number of days.
            (Some(Type::Integer), Doc::Text(_)) => {}
            (Some(_), value) => shown.set(key.to_owned(), value.clone()),
            (None, _) if catalogue::field(fields, &provided).is_some() => shown.set(provided, true),
            (None, _) => {}
        }
    }
    shown
}

/// A type, and what its controller says: who pays the fees, who bears losses, who collects requirements, which
/// dashboard (billing 6.1).
type Controller = (&'static str, &'static str, &'static str, &'static str, &'static str);

const CONTROLLERS: [Controller; 3] = [
    ("standard", "account", "stripe", "stripe", "full"),
    ("express", "application_express", "application", "stripe", "express"),
    ("custom", "application_custom", "application", "application", "none"),
];

/// The controller of a new account and its type: one follows from the other.
fn controller(params: &Map) -> (Map, &'static str) {
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

/// What a new account has yet to tell (billing 6.1).
const DUE: [&str; 6] = [
    "business_profile.product_description",
    "business_profile.support_phone",
    "business_profile.url",
    "external_account",
    "tos_acceptance.date",
    "tos_acceptance.ip",
];

fn requirements(due: &[&'static str]) -> Map {
    let reason = (!due.is_empty()).then_some("requirements.past_due");
    let none = || Doc::List(Vec::new());
    Map::from([
        ("alternatives", none()),
        ("current_deadline", Doc::Null),
        ("currently_due", due.to_vec().into()),
        ("disabled_reason", reason.into()),
        ("errors", none()),
        ("eventually_due", due.to_vec().into()),
        ("past_due", none()),
        ("pending_verification", none()),
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
fn fields(key: &str) -> &'static [Field] {
    let known = catalogue::object(Account::KIND.0).map_or(&[][..], |object| object.fields);
    match catalogue::field(known, key).map(|field| field.kind) {
        Some(Type::Object(fields)) => fields,
        _ => &[],
    }
}

/// The currency of a country's accounts; the dollar where it is not one of the common ones.
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

/// An account of a dump can be selected like one that was created.
fn imported(tx: &mut Tx, _: &Ctx<'_>, account: &Ref) {
    tx.add_account(&account.id);
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Account::KIND,
    fields: Account::FIELDS,
    noun: "account",
    path_param: "account",
    operations: &[
        ("accounts.create", Behaviour::Write(create)),
        ("accounts.retrieve", Behaviour::Read(retrieve)),
        ("accounts.update", Behaviour::Write(update)),
        ("accounts.list", Behaviour::List),
        ("account.retrieve", Behaviour::Read(retrieve_own)),
    ],
    import: super::import::<Account>,
    imported: Some(imported),
    events: Events { updated: &["account.updated"], of_own_account: true, ..Events::NONE },
    ..Entry::PLAIN
};
