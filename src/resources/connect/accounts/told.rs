//! What an account is told: parameters become facts, and the form of the account follows (connect-accounts 1).
//!
//! May use: persons, external accounts, tokens, the catalogue's shapes. Invariant: what was sent and is shown has its own place;
//! the rest of the form follows in `shape` and `texts`.

use super::persons::{self, files};
use super::requirements::{self, Facts, NumberOutcome, Rules};
use super::{Account, capabilities, schedule, shape, show_external, texts};
use crate::catalogue::{self, Field, Type};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::money;
use crate::object::{metadata, template};
use crate::resources::connect::external_accounts;
use crate::resources::instruments::tokens;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;

/// The parameters that are shown under their own names.
const SHOWN: &[&str] =
    &["business_profile", "business_type", "company", "default_currency", "email", "settings", "tos_acceptance"];

/// The parameters for the external account; the second one is that of older clients.
const EXTERNAL: [&str; 2] = ["external_account", "bank_account"];

/// Applies parameters to an account, which was `before` if it is not new.
///
/// # Errors
/// Something that is referred to does not exist, or a person or a bank account is refused.
pub(super) fn change(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    account: &mut Account,
    before: Option<&Account>,
    params: &Map,
) -> Result<()> {
    apply(tx, ctx, account, before, params).map_err(|error| tokens::about_token(error, params, "account_token"))
}

fn apply(tx: &mut Tx, ctx: &Ctx<'_>, account: &mut Account, before: Option<&Account>, params: &Map) -> Result<()> {
    let mut params = with_token(tx, ctx, params)?;
    account.metadata = metadata::merge(&account.metadata, params.get("metadata"))?;
    take_files(tx, ctx, account, &mut params)?;
    if let Some(number) = params.map("company").and_then(|company| company.str("tax_id")) {
        account.tax_number = Some(NumberOutcome::of(number).as_str().to_owned());
    }
    check_agreement(ctx, &params)?;
    lay(&mut account.rest, &params);
    take_currency(account, &params)?;
    request(account, ctx, &params)?;
    if let Some(individual) = params.map("individual") {
        persons::put_individual(tx, ctx, account, individual)?;
    }
    if let Some((param, external)) = EXTERNAL.iter().find_map(|param| Some((*param, params.get(param)?))) {
        if external.is_null() {
            return Err(ApiError::param_empty(param));
        }
        external_accounts::replace_default(tx, ctx, &account.id, param, external)?;
        show_external(tx, account);
    }
    let payouts = params.map("settings").and_then(|settings| settings.map("payouts"));
    shape::payouts(account, payouts, before.is_none());
    schedule::follow(account, payouts.and_then(|payouts| payouts.map("schedule")))?;
    show_people(tx, account);
    texts::follow(account, params.map("business_profile"));
    let told_again = params.has("business_profile");
    requirements::begin(account, before, ctx, |path| told_again && path.starts_with("business_profile."));
    Ok(())
}

/// The parameters with those of an account token among them (connect-accounts 1.1, billing 6.1).
fn with_token(tx: &mut Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Map> {
    let mut all = params.clone();
    let Some(token) = params.str("account_token") else { return Ok(all) };
    let mut told = tokens::redeem_told(tx, token, "account", "account_token")?;
    let accepted = told.remove("tos_shown_and_accepted").and_then(|accepted| accepted.as_bool());
    if accepted == Some(true) {
        let tos = Map::from([("date", Doc::from(ctx.now)), ("ip", "127.0.0.1".into())]);
        told.set("tos_acceptance", tos);
    }
    let _ = all.remove("account_token");
    all.merge(&told);
    Ok(all)
}

/// Takes the files that were sent for the account.
fn take_files(tx: &mut Tx, ctx: &Ctx<'_>, account: &mut Account, params: &mut Map) -> Result<()> {
    if let Some(documents) = params.map("documents").cloned() {
        let taken = files::take_documents(tx, ctx, &documents, "documents")?;
        account.papers.merge(&taken);
    }
    if let Some(Doc::Map(company)) = params.get_mut("company")
        && let Some(Doc::Map(verification)) = company.get_mut("verification")
    {
        files::take_verification(tx, ctx, verification, "company[verification]")?;
    }
    Ok(())
}

/// The service agreements.
const AGREEMENTS: [&str; 2] = ["full", "recipient"];

/// The beginning of 2009 in Unix seconds: nobody has agreed before.
const FIRST_AGREEMENT: i64 = 1_230_768_000;

/// By how many seconds the clock of whoever tells may be ahead.
const CLOCKS_DIFFER: i64 = 300;

/// Checks when the agreement was accepted, and which it is (billing 6.1, 6.3).
fn check_agreement(ctx: &Ctx<'_>, params: &Map) -> Result<()> {
    let Some(sent) = params.map("tos_acceptance") else { return Ok(()) };
    let latest = ctx.now.saturating_add(CLOCKS_DIFFER);
    if sent.int("date").is_some_and(|date| !(FIRST_AGREEMENT..=latest).contains(&date)) {
        return Err(ApiError::tos_date_invalid());
    }
    match sent.str("service_agreement") {
        Some(other) if !AGREEMENTS.contains(&other) => {
            Err(ApiError::param_not_in_enum("tos_acceptance[service_agreement]", &AGREEMENTS))
        }
        _ => Ok(()),
    }
}

/// Checks that the platform accepts the agreement of accounts alone whose requirements it collects: others do it themselves.
///
/// # Errors
/// It does so for another.
pub(super) fn check_acceptance(account: &Account, params: &Map) -> Result<()> {
    const ACCEPTED: [&str; 3] = ["date", "ip", "user_agent"];
    let sent = params.map("tos_acceptance");
    let is_accepted = sent.is_some_and(|sent| ACCEPTED.iter().any(|key| sent.present(key).is_some()));
    match Facts::of(account).rules() {
        Rules::Collected if is_accepted => Err(ApiError::tos_is_their_own()),
        Rules::Collected | Rules::Full | Rules::Recipient => Ok(()),
    }
}

/// The currency of an account is one, in lower case.
fn take_currency(account: &mut Account, params: &Map) -> Result<()> {
    let Some(sent) = params.str("default_currency") else { return Ok(()) };
    let currency = sent.to_lowercase();
    if !money::is_currency(&currency) {
        return Err(ApiError::currency_invalid("default_currency", sent, money::CURRENCIES));
    }
    account.rest.set("default_currency", currency);
    Ok(())
}

/// Requests capabilities, in either form.
fn request(account: &mut Account, ctx: &Ctx<'_>, params: &Map) -> Result<()> {
    for (i, name) in params.list("requested_capabilities").unwrap_or_default().iter().enumerate() {
        let name = name.as_str().unwrap_or_default();
        if !capabilities::is_known(name) {
            return Err(ApiError::capability_unknown(&format!("requested_capabilities[{i}]"), name));
        }
        capabilities::request(account, name, true, ctx.now);
    }
    for (name, capability) in params.map("capabilities").into_iter().flat_map(Map::iter) {
        if let Some(requested) = capability.as_map().and_then(|capability| capability.bool("requested")) {
            capabilities::request(account, name, requested, ctx.now);
        }
    }
    Ok(())
}

/// Copies the people behind an account into it, and what a company shows of them. Somebody of whom only a dump tells stays.
pub(super) fn show_people(tx: &Tx, account: &mut Account) {
    let place = tx.state().account(&account.id);
    let is_stored = |id: &str| place.is_some_and(|place| tx.state().record(place, persons::KIND, id).is_some());
    let mut people: Vec<_> = account
        .people
        .iter()
        .filter(|(id, _)| !is_stored(id))
        .map(|(id, person)| (id.to_owned().into(), person.clone()))
        .collect();
    people.extend(
        persons::all_of(tx, &account.id)
            .iter()
            .map(|person| (person.id.to_string().into(), Doc::from(persons::fact(person)))),
    );
    account.people = Map::from_entries(people);
    if let Some(company) = shape::company(account) {
        account.rest.set("company", company);
    }
}

/// Merges the parameters into the fields with the same names.
pub(super) fn lay(rest: &mut Map, params: &Map) {
    let known = catalogue::object(Account::KIND.name()).map_or(&[][..], |object| object.fields);
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
    // The full agreement is not shown.
    if let Some(Doc::Map(tos)) = rest.get_mut("tos_acceptance")
        && tos.str("service_agreement") == Some("full")
    {
        let _ = tos.remove("service_agreement");
    }
}

/// The sent values that the answer has fields for; of a secret only whether it was sent.
fn visible(sent: &Map, fields: &'static [Field]) -> Map {
    let mut shown = Map::new();
    for (key, value) in sent.iter() {
        let provided = format!("{key}_provided");
        match (catalogue::field(fields, key).map(|field| field.kind), value) {
            (Some(Type::Object(fields)), Doc::Map(inner)) => shown.set(key.to_owned(), visible(inner, fields)),
            // `minimum` instead of a number of days.
            (Some(Type::Integer), Doc::Text(_)) => {}
            (Some(_), value) => shown.set(key.to_owned(), value.clone()),
            (None, _) if catalogue::field(fields, &provided).is_some() => shown.set(provided, true),
            (None, _) => {}
        }
    }
    shown
}
