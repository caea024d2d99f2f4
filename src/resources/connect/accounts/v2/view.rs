//! An account and a person as `/v2` shows them (billing 6.1).
//!
//! May use: the account with its derived members, the names of the second namespace. Invariant: a view follows from the stored
//! account alone.

use super::super::Account;
use super::super::requirements::Facts;
use super::configurations::{self, ALL, Configuration, TOLD};
use super::twins::{self, pruned, put_at, take_at, to_second};
use super::{KIND, PERSON, entries};
use crate::catalogue::{self, Type};
use crate::object::fill::at;
use crate::object::template;
use crate::state::document::{Doc, Map};
use crate::time::calendar::rfc3339_millis;

/// Parts of an account that are shown on request, besides the configurations.
pub(super) const ON_REQUEST: [&str; 4] = ["defaults", "future_requirements", "identity", "requirements"];

/// An account with everything that it may show.
pub(super) fn account(account: &Account) -> Map {
    let mut told = account.v2.clone();
    let _ = told.remove(TOLD);
    let mut shown = pruned(&told);
    to_second(&account.rest, &twins::ACCOUNT, &mut shown);
    identity(account, &mut shown);
    responsibilities(account, &mut shown);
    let configuration = configuration(account, &shown);
    shown.set("configuration", configuration);
    for key in ["future_requirements", "requirements"] {
        shown.set(key, entries::of(account, key));
    }
    let applied = configurations::applied(account).into_iter().map(|one| Doc::from(one.as_str()));
    shown.set("applied_configurations", Doc::List(applied.collect()));
    shown.set("created", rfc3339_millis(account.created));
    shown.set("livemode", false);
    shown.set("metadata", account.metadata.clone());
    shown.set("object", KIND.name());
    shown.with("id", account.id.to_string())
}

/// Who the account belongs to.
fn identity(account: &Account, shown: &mut Map) {
    if !shown.has("identity") {
        shown.set("identity", Map::new());
    }
    let country = Facts::of(account).country().to_lowercase();
    if at(&account.v2, "identity.country").is_none() {
        put_at(shown, "identity.country", country.clone().into());
    }
    let company = account.rest.map("company");
    let was_sent = |key: &str| company.and_then(|company| company.bool(key)) == Some(true);
    if at(shown, NUMBERS).is_none() {
        let kinds = number_kinds(&["identity", "business_details", "id_numbers"]);
        let numbers = numbers(kinds, &country, was_sent("tax_id_provided"), was_sent("vat_id_provided"), |kind| {
            kind.ends_with("_vat")
        });
        if !numbers.is_empty() {
            put_at(shown, NUMBERS, Doc::List(numbers));
        }
    }
    documents(shown, "identity.business_details.documents", &account.papers);
    let individual = Facts::of(account).representative().filter(|_| Facts::of(account).is_individual());
    if let Some((id, fact)) = individual {
        put_at(shown, "identity.individual", person(&account.id, &country, id, fact).into());
    }
}

const NUMBERS: &str = "identity.business_details.id_numbers";

/// The types that id numbers have at a place of an account.
fn number_kinds(path: &[&str]) -> &'static [&'static str] {
    let (last, outer) = path.split_last().unwrap_or((&"", &[]));
    let list = catalogue::field(template::fields_at(KIND, outer), last).map(|field| field.kind);
    let Some(Type::Array(Type::Object(fields))) = list else { return &[] };
    match catalogue::field(fields, "type").map(|field| field.kind) {
        Some(Type::Enum(kinds)) => kinds,
        _ => &[],
    }
}

/// The types of the numbers that were sent under `/v1`, which does not say them: of a usual number and of a special one, as far
/// as a country has only one of either.
fn numbers(
    kinds: &[&str],
    country: &str,
    has_usual: bool,
    has_special: bool,
    is_special: impl Fn(&str) -> bool,
) -> Vec<Doc> {
    let begins = format!("{country}_");
    let of_country: Vec<&str> = kinds.iter().copied().filter(|kind| kind.starts_with(&begins)).collect();
    let only = |special: bool| {
        let mut fitting = of_country.iter().filter(|kind| is_special(kind) == special);
        fitting.next().filter(|_| fitting.next().is_none())
    };
    let sent = [(has_usual, false), (has_special, true)].into_iter().filter(|(sent, _)| *sent);
    let shown =
        sent.filter_map(|(_, special)| only(special)).map(|kind| Map::from([("type", (*kind).to_owned())]).into());
    shown.collect()
}

/// Adds the files of documents, by the names of the documents; what documents of two sides have besides.
fn documents(shown: &mut Map, place: &str, papers: &Map) {
    for (name, files) in papers.iter() {
        let document = Map::from([("files", files.clone()), ("type", "files".into())]);
        put_at(shown, &format!("{place}.{name}"), document.into());
    }
    for name in ["primary_verification", "secondary_verification"] {
        let sides = format!("{place}.{name}");
        let front = format!("{sides}.front_back.front");
        match (at(shown, &sides).is_some(), at(shown, &front).is_some()) {
            (true, true) => put_at(shown, &format!("{sides}.type"), "front_back".into()),
            (true, false) => {
                let _ = take_at(shown, &sides);
            }
            (false, _) => {}
        }
    }
}

/// Who is responsible for what, and the dashboard. As long as the account neither charges nor receives, they are what was told.
fn responsibilities(account: &Account, shown: &mut Map) {
    const REQUIREMENTS: &str = "defaults.responsibilities.requirements_collector";
    if !configurations::is_decided(account) {
        return put_at(shown, REQUIREMENTS, "stripe".into());
    }
    let controller = account.rest.map("controller").cloned().unwrap_or_default();
    let part = |key: &str, inner: &str| controller.map(key).and_then(|map| map.str(inner)).map(str::to_owned);
    let fees = part("fees", "payer").map(|payer| if payer == "account" { "stripe".to_owned() } else { payer });
    let known = [
        ("dashboard", part("stripe_dashboard", "type")),
        ("defaults.responsibilities.fees_collector", fees),
        ("defaults.responsibilities.losses_collector", part("losses", "payments")),
        (REQUIREMENTS, controller.str("requirement_collection").map(str::to_owned)),
    ];
    for (path, value) in known {
        if let Some(value) = value {
            put_at(shown, path, value.into());
        }
    }
}

/// The configurations that the account has, or has had.
fn configuration(account: &Account, shown: &Map) -> Map {
    let known = shown.map("configuration");
    let mut all = Map::new();
    for configuration in ALL {
        let name = configuration.as_str();
        let is_applied = configurations::is_applied(account, configuration);
        let was_told = account.v2.map(TOLD).is_some_and(|told| told.has(name));
        if !is_applied && !was_told {
            continue;
        }
        let mut one = match configuration {
            Configuration::Recipient => Map::new(),
            Configuration::Customer | Configuration::Merchant => {
                known.and_then(|known| known.map(name)).cloned().unwrap_or_default()
            }
        };
        const CUSTOM_FIELDS: &str = "billing.invoice.custom_fields";
        if at(&one, "billing.invoice").is_some() && at(&one, CUSTOM_FIELDS).is_none() {
            put_at(&mut one, CUSTOM_FIELDS, Doc::List(Vec::new()));
        }
        one.set("applied", is_applied);
        for (path, status) in configurations::capabilities(account, configuration) {
            put_at(&mut one, &format!("capabilities.{path}"), status.into());
        }
        all.set(name, one);
    }
    all
}

/// A person, from what its account knows of it.
pub(super) fn person(account: &str, country: &str, id: &str, fact: &Map) -> Map {
    let mut shown = fact.map("v2").map(pruned).unwrap_or_default();
    to_second(fact, &twins::PERSON, &mut shown);
    if !shown.has("id_numbers") {
        let numbers = numbers_of_person(country, fact);
        if !numbers.is_empty() {
            shown.set("id_numbers", Doc::List(numbers));
        }
    }
    let mut inside = Map::from([("person", Doc::from(shown))]);
    documents(&mut inside, "person.documents", fact.map("papers").unwrap_or(&Map::new()));
    let mut shown = inside.map("person").cloned().unwrap_or_default();
    let created = fact.int("created").unwrap_or_default();
    shown.set("account", account.to_owned());
    shown.set("created", rfc3339_millis(created));
    shown.set("updated", rfc3339_millis(fact.int("updated").unwrap_or(created)));
    shown.set("metadata", fact.map("metadata").cloned().unwrap_or_default());
    shown.set("object", PERSON.name());
    shown.with("id", id.to_owned())
}

/// The types of a person's numbers that were sent under `/v1`.
fn numbers_of_person(country: &str, fact: &Map) -> Vec<Doc> {
    let was_sent = |key: &str| fact.bool(key) == Some(true);
    let (whole, part) = (was_sent("id_number_provided"), was_sent("ssn_last_4_provided"));
    if country == "us" {
        let kind = whole.then_some("us_ssn").or(part.then_some("us_ssn_last_4"));
        return kind.map(|kind| Map::from([("type", kind)]).into()).into_iter().collect();
    }
    let kinds = number_kinds(&["identity", "individual", "id_numbers"]);
    numbers(kinds, country, whole, false, |_| false)
}
