//! What an account is told under `/v2`: parameters become those of `/v1`, and what has no place there is kept beside it.
//!
//! May use: the account's other modules, the names of both namespaces. Invariant: nothing that was sent is lost: it is a fact of
//! the account, or the call is refused.

use super::super::{Account, persons, shape};
use super::CoreAccount;
use super::configurations::{self, ALL, Configuration, TOLD};
use super::twins::{self, pruned, put_at, renamed, take_at, to_first};
use crate::contract::Ctx;
use crate::countries;
use crate::error::{ApiError, Result};
use crate::object::fill::at;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

/// The parameters of a call.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Those of the first namespace.
    first: Map,
    /// What has no place there, under the names of the second.
    second: Map,
    /// What has no place there of the individual.
    individual: Map,
    /// Whether the account has each configuration that is named.
    applied: Map,
    /// The country, in capital letters.
    pub(super) country: Option<String>,
}

/// Parameters that are no facts.
const ABOUT_THE_CALL: [&str; 3] = ["account_token", "include", "metadata"];

impl Told {
    /// Reads parameters.
    ///
    /// # Errors
    /// A time that is not one.
    pub(super) fn read(params: &Map) -> Result<Told> {
        let mut second = params.clone();
        for key in ABOUT_THE_CALL {
            let _ = second.remove(key);
        }
        let mut first = to_first(&mut second, &twins::ACCOUNT)?;
        if let Some(metadata) = params.get("metadata") {
            first.set("metadata", metadata.clone());
        }
        let mut individual = Map::new();
        if let Some(Doc::Map(sent)) = take_at(&mut second, "identity.individual") {
            let (known, rest) = person(&sent).map_err(|error| error.inside("individual").inside("identity"))?;
            first.set("individual", known);
            individual = rest;
        }
        numbers(&mut second, "identity.business_details.id_numbers", &mut first, "company", |kind| {
            if kind.ends_with("_vat") { "vat_id" } else { "tax_id" }
        });
        documents(&mut second, "identity.business_details.documents", &mut first);
        let applied = configuration(&mut second, &mut first);
        let country = take_at(&mut second, "identity.country").and_then(|doc| doc.as_str().map(str::to_uppercase));
        Ok(Told { first, second, individual, applied, country })
    }

    /// Tells an account, which was `before` if it is not new.
    ///
    /// # Errors
    /// Those of the first namespace; a country or a responsibility that was decided.
    pub(super) fn apply(
        mut self,
        tx: &mut Tx,
        ctx: &Ctx<'_>,
        account: &mut Account,
        before: Option<&Account>,
    ) -> Result<()> {
        self.take_country(account, before)?;
        let responsibilities = self.second.clone();
        account.v2.merge(&self.second);
        account.v2 = kept(&account.v2);
        note_applied(account, before, &self.applied);
        withdraw(&mut self.first, &self.applied);
        decide(ctx, account, before, &responsibilities)?;
        if let Some(agreement) = configurations::agreement(account) {
            put_at(&mut self.first, "tos_acceptance.service_agreement", agreement.into());
        }
        super::super::told::change(tx, ctx, account, before, &self.first).map_err(in_second)?;
        if self.first.get("email").is_some_and(Doc::is_null) {
            account.rest.set("email", Doc::Null);
        }
        if !self.individual.is_empty() {
            persons::note_individual(tx, &account.id, &self.individual);
            super::super::told::show_people(tx, account);
        }
        Ok(())
    }

    /// The country of an account can be told later, but not changed.
    fn take_country(&mut self, account: &mut Account, before: Option<&Account>) -> Result<()> {
        let Some(country) = self.country.take() else {
            if before.is_none() {
                put_at(&mut account.v2, COUNTRY, Doc::Null);
            }
            return Ok(());
        };
        let is_open = at(&account.v2, COUNTRY).is_some();
        let current = account.rest.str("country").unwrap_or_default();
        match before {
            Some(_) if !is_open && current != country => return Err(ApiError::account_country_is_set(current)),
            Some(_) if countries::find(&country).is_none() => {
                return Err(ApiError::country_unknown(&country).inside("identity"));
            }
            Some(_) if is_open => shape::settle_in(&mut account.rest, &country),
            _ => {}
        }
        let _ = take_at(&mut account.v2, COUNTRY);
        Ok(())
    }
}

/// An account of which only its view is known, with what that shows of what was told.
pub(super) fn adopted(view: &CoreAccount) -> Account {
    const FOLLOWS: [&str; 6] =
        ["applied_configurations", "created", "future_requirements", "livemode", "requirements", "updated"];
    let mut shown = view.rest.clone();
    for key in FOLLOWS {
        let _ = shown.remove(key);
    }
    let told = Told::read(&shown).unwrap_or_default();
    let country = told.country.as_deref().filter(|country| countries::find(country).is_some());
    let mut rest = shape::empty(&view.id, country.unwrap_or(countries::DEFAULT));
    let (controller, kind) = shape::controller(&Map::new());
    rest.set("controller", controller);
    rest.set("type", kind);
    super::super::told::lay(&mut rest, &told.first);
    let mut account = super::super::blank(view.id.to_string(), view.created, rest);
    account.metadata = told.first.map("metadata").cloned().unwrap_or_default();
    account.v2 = kept(&told.second).with(TOLD, told.applied);
    account
}

/// Where it is noted that an account has told no country.
const COUNTRY: &str = "identity.country";

/// Facts without those that are unset; that no country is known is one.
fn kept(facts: &Map) -> Map {
    let mut kept = pruned(facts);
    if at(facts, COUNTRY).is_some() {
        put_at(&mut kept, COUNTRY, Doc::Null);
    }
    if let Some(applied) = facts.map(TOLD) {
        kept.set(TOLD, applied.clone());
    }
    kept
}

/// Notes the configurations that are told; those that an account of the first namespace had stay.
fn note_applied(account: &mut Account, before: Option<&Account>, applied: &Map) {
    let had = || before.map(configurations::applied).unwrap_or_default();
    let known = account.v2.map(TOLD).cloned();
    let is_silent = known.is_none() && before.is_some() && applied.is_empty();
    if is_silent {
        return;
    }
    let mut all = known.unwrap_or_else(|| {
        Map::from_entries(had().into_iter().map(|one| (one.as_str().to_owned().into(), Doc::Bool(true))).collect())
    });
    all.merge(applied);
    account.v2.set(TOLD, all);
}

/// Withdraws the capabilities of configurations that an account no longer has.
fn withdraw(first: &mut Map, applied: &Map) {
    let is_off = |configuration: Configuration| applied.bool(configuration.as_str()) == Some(false);
    if is_off(Configuration::Recipient) {
        put_at(first, &format!("capabilities.{}.requested", configurations::TRANSFERS), false.into());
    }
    if is_off(Configuration::Merchant) {
        for name in configurations::merchants() {
            put_at(first, &format!("capabilities.{name}.requested"), false.into());
        }
    }
}

/// Sets who is responsible, unless that was decided before.
fn decide(ctx: &Ctx<'_>, account: &mut Account, before: Option<&Account>, told: &Map) -> Result<()> {
    const FEES: &str = "defaults.responsibilities.fees_collector";
    const LOSSES: &str = "defaults.responsibilities.losses_collector";
    let text = |map: &Map, path: &str| at(map, path).and_then(Doc::as_str).map(str::to_owned);
    let payer = |fees: String| if fees == "stripe" { "account".to_owned() } else { fees };
    if before.is_some_and(configurations::is_decided) {
        let current = |path: &str| at(&account.rest, path).and_then(Doc::as_str).map(str::to_owned);
        let wanted = [
            ("dashboard", text(told, "dashboard"), "controller.stripe_dashboard.type"),
            (FEES, text(told, FEES).map(payer), "controller.fees.payer"),
            (LOSSES, text(told, LOSSES), "controller.losses.payments"),
        ];
        let other = wanted.into_iter().find(|(_, wanted, path)| wanted.is_some() && *wanted != current(path));
        return match other {
            Some((path, ..)) => Err(ApiError::account_responsibility_is_set(&twins::bracketed(path))),
            None => Ok(()),
        };
    }
    let known = &account.v2;
    let dashboard = text(known, "dashboard").unwrap_or_else(|| "full".to_owned());
    let losses = text(known, LOSSES).unwrap_or_else(|| "stripe".to_owned());
    let fees = text(known, FEES).map_or_else(|| "account".to_owned(), payer);
    let is_own = dashboard == "none" && losses == "application";
    let controller = Map::from([
        ("fees", Doc::from(Map::from([("payer", fees)]))),
        ("losses", Map::from([("payments", losses)]).into()),
        ("requirement_collection", if is_own { "application" } else { "stripe" }.into()),
        ("stripe_dashboard", Map::from([("type", dashboard)]).into()),
    ]);
    shape::control(ctx, &mut account.rest, &Map::from([("controller", controller)]));
    Ok(())
}

/// Reads what is told of a person: parameters of the first namespace, and what has no place there.
///
/// # Errors
/// A time that is not one.
pub(super) fn person(sent: &Map) -> Result<(Map, Map)> {
    let mut second = sent.clone();
    for key in ["metadata", "person_token"] {
        let _ = second.remove(key);
    }
    let mut first = to_first(&mut second, &twins::PERSON)?;
    if let Some(metadata) = sent.get("metadata") {
        first.set("metadata", metadata.clone());
    }
    let mut inside = Map::new();
    numbers(&mut second, "id_numbers", &mut inside, "person", |kind| match kind {
        "th_lc" => "id_number_secondary",
        kind if kind.ends_with("_last_4") => "ssn_last_4",
        _ => "id_number",
    });
    documents(&mut second, "documents", &mut inside);
    if let Some(numbers) = inside.map("person") {
        first.merge(numbers);
    }
    if let Some(documents) = inside.map("documents") {
        first.set("documents", documents.clone());
    }
    Ok((first, second))
}

/// Moves id numbers to the parameters of the first namespace; only what they are stays.
fn numbers(second: &mut Map, path: &str, first: &mut Map, owner: &str, name: impl Fn(&str) -> &'static str) {
    let Some(Doc::List(sent)) = take_at(second, path) else { return };
    let mut kinds = Vec::new();
    for number in sent.iter().filter_map(Doc::as_map) {
        let kind = number.str("type").unwrap_or_default();
        put_at(first, &format!("{owner}.{}", name(kind)), number.get("value").cloned().unwrap_or_default());
        let mut shown = Map::from([("type", kind.to_owned())]);
        if let Some(registrar) = number.str("registrar") {
            shown.set("registrar", registrar.to_owned());
            put_at(first, &format!("{owner}.tax_id_registrar"), registrar.to_owned().into());
        }
        kinds.push(shown.into());
    }
    put_at(second, path, Doc::List(kinds));
}

/// Moves documents to the parameters of the first namespace; their two sides have moved.
fn documents(second: &mut Map, path: &str, first: &mut Map) {
    let Some(Doc::Map(sent)) = take_at(second, path) else { return };
    let documents = sent.iter().filter_map(|(name, document)| Some((name, document.as_map()?)));
    for (name, files) in documents.filter_map(|(name, document)| Some((name, document.get("files")?))) {
        put_at(first, &format!("documents.{name}.files"), files.clone());
    }
}

/// Takes the capabilities out of the configurations, and returns which configurations the account has from now on.
fn configuration(second: &mut Map, first: &mut Map) -> Map {
    let mut applied = Map::new();
    for configuration in ALL {
        let path = format!("configuration.{}", configuration.as_str());
        if at(second, &path).and_then(Doc::as_map).is_none() {
            continue;
        }
        let is_on = take_at(second, &format!("{path}.applied")).and_then(|on| on.as_bool()).unwrap_or(true);
        applied.set(configuration.as_str(), is_on);
        let Some(Doc::Map(capabilities)) = take_at(second, &format!("{path}.capabilities")) else { continue };
        let requested = |path: &str| at(&capabilities, path).and_then(Doc::as_bool);
        if let Some(on) = requested("stripe_balance.stripe_transfers.requested") {
            put_at(first, &format!("capabilities.{}.requested", configurations::TRANSFERS), on.into());
        }
        for (name, capability) in capabilities.iter() {
            if let Some(on) = capability.as_map().and_then(|capability| capability.bool("requested")) {
                put_at(first, &format!("capabilities.{}.requested", configurations::first_name(name)), on.into());
            }
        }
    }
    applied
}

/// An error about a parameter of the first namespace, with the name that it has here.
fn in_second(error: ApiError) -> ApiError {
    let param = error.field("param").unwrap_or_default();
    if let Some(inner) = param.strip_prefix("individual[").map(str::to_owned) {
        let (first, rest) = inner.split_once(']').unwrap_or((&inner, ""));
        let inner = format!("{first}{rest}");
        let error = of_person(error.about_other(|_| Some(inner.clone())));
        return error.inside("individual").inside("identity");
    }
    if param.starts_with("documents[") {
        return error.inside("business_details").inside("identity");
    }
    renamed(error, &twins::ACCOUNT)
}

/// An error about a person's parameter of the first namespace, with the name that it has here.
pub(super) fn of_person(error: ApiError) -> ApiError {
    renamed(error, &twins::PERSON)
}
