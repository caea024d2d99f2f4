//! Members with two names: the path under `/v2`, and the path of the same fact under `/v1` (billing 6.1).
//!
//! May use: documents, the calendar. Invariant: a fact has one place, that of the first namespace; the second namespace is
//! another name for it.

use std::sync::LazyLock;

use crate::error::{ApiError, Result};
use crate::object::fill::at;
use crate::state::document::{Doc, Map};
use crate::time::calendar::rfc3339_millis;

/// A member with two names.
#[derive(Debug)]
pub(super) struct Twin {
    /// Its path under `/v2`.
    pub(super) second: String,
    /// Its path under `/v1`.
    pub(super) first: String,
}

/// Members with two names: the paths, and the names of the parts below both, if it has any.
type Row = (&'static str, &'static str, &'static [&'static str]);

const ADDRESS: &[&str] = &["city", "country", "line1", "line2", "postal_code", "state"];
const SCRIPT_ADDRESS: &[&str] = &["city", "country", "line1", "line2", "postal_code", "state", "town"];
const DAY: &[&str] = &["day", "month", "year"];
const ATTESTED: &[&str] = &["date", "ip", "user_agent"];

const ACCOUNT_ROWS: &[Row] = &[
    ("contact_email", "email", &[]),
    ("display_name", "settings.dashboard.display_name", &[]),
    ("defaults.currency", "default_currency", &[]),
    ("defaults.profile.business_url", "business_profile.url", &[]),
    ("defaults.profile.doing_business_as", "business_profile.name", &[]),
    ("defaults.profile.product_description", "business_profile.product_description", &[]),
    ("identity.entity_type", "business_type", &[]),
    ("identity.attestations.directorship_declaration", "company.directorship_declaration", ATTESTED),
    ("identity.attestations.ownership_declaration", "company.ownership_declaration", ATTESTED),
    ("identity.attestations.representative_declaration", "company.representative_declaration", ATTESTED),
    ("identity.attestations.persons_provided.directors", "company.directors_provided", &[]),
    ("identity.attestations.persons_provided.executives", "company.executives_provided", &[]),
    ("identity.attestations.persons_provided.owners", "company.owners_provided", &[]),
    ("identity.attestations.persons_provided.ownership_exemption_reason", "company.ownership_exemption_reason", &[]),
    ("identity.attestations.terms_of_service.account", "tos_acceptance", ATTESTED),
    ("identity.business_details.address", "company.address", ADDRESS),
    ("identity.business_details.annual_revenue.amount.currency", "business_profile.annual_revenue.currency", &[]),
    ("identity.business_details.annual_revenue.amount.value", "business_profile.annual_revenue.amount", &[]),
    (
        "identity.business_details.annual_revenue.fiscal_year_end",
        "business_profile.annual_revenue.fiscal_year_end",
        &[],
    ),
    ("identity.business_details.estimated_worker_count", "business_profile.estimated_worker_count", &[]),
    (
        "identity.business_details.monthly_estimated_revenue.amount.currency",
        "business_profile.monthly_estimated_revenue.currency",
        &[],
    ),
    (
        "identity.business_details.monthly_estimated_revenue.amount.value",
        "business_profile.monthly_estimated_revenue.amount",
        &[],
    ),
    (
        "identity.business_details.documents.primary_verification.front_back",
        "company.verification.document",
        &["back", "front"],
    ),
    ("identity.business_details.phone", "company.phone", &[]),
    ("identity.business_details.registered_name", "company.name", &[]),
    ("identity.business_details.registration_date", "company.registration_date", DAY),
    ("identity.business_details.script_addresses.kana", "company.address_kana", SCRIPT_ADDRESS),
    ("identity.business_details.script_addresses.kanji", "company.address_kanji", SCRIPT_ADDRESS),
    ("identity.business_details.script_names.kana.registered_name", "company.name_kana", &[]),
    ("identity.business_details.script_names.kanji.registered_name", "company.name_kanji", &[]),
    ("identity.business_details.structure", "company.structure", &[]),
    (
        "configuration.merchant.bacs_debit_payments",
        "settings.bacs_debit_payments",
        &["display_name", "service_user_number"],
    ),
    ("configuration.merchant.branding", "settings.branding", &["icon", "logo", "primary_color", "secondary_color"]),
    (
        "configuration.merchant.card_payments.decline_on",
        "settings.card_payments.decline_on",
        &["avs_failure", "cvc_failure"],
    ),
    ("configuration.merchant.mcc", "business_profile.mcc", &[]),
    (
        "configuration.merchant.script_statement_descriptor.kana.descriptor",
        "settings.payments.statement_descriptor_kana",
        &[],
    ),
    (
        "configuration.merchant.script_statement_descriptor.kana.prefix",
        "settings.card_payments.statement_descriptor_prefix_kana",
        &[],
    ),
    (
        "configuration.merchant.script_statement_descriptor.kanji.descriptor",
        "settings.payments.statement_descriptor_kanji",
        &[],
    ),
    (
        "configuration.merchant.script_statement_descriptor.kanji.prefix",
        "settings.card_payments.statement_descriptor_prefix_kanji",
        &[],
    ),
    ("configuration.merchant.sepa_debit_payments.creditor_id", "settings.sepa_debit_payments.creditor_id", &[]),
    ("configuration.merchant.statement_descriptor.descriptor", "settings.payments.statement_descriptor", &[]),
    ("configuration.merchant.statement_descriptor.prefix", "settings.card_payments.statement_descriptor_prefix", &[]),
    ("configuration.merchant.support.address", "business_profile.support_address", ADDRESS),
    ("configuration.merchant.support.email", "business_profile.support_email", &[]),
    ("configuration.merchant.support.phone", "business_profile.support_phone", &[]),
    ("configuration.merchant.support.url", "business_profile.support_url", &[]),
];

const PERSON_ROWS: &[Row] = &[
    ("additional_terms_of_service.account", "additional_tos_acceptances.account", ATTESTED),
    ("address", "address", ADDRESS),
    ("date_of_birth", "dob", DAY),
    ("documents.primary_verification.front_back", "verification.document", &["back", "front"]),
    ("documents.secondary_verification.front_back", "verification.additional_document", &["back", "front"]),
    ("email", "email", &[]),
    ("given_name", "first_name", &[]),
    ("legal_gender", "gender", &[]),
    ("phone", "phone", &[]),
    ("political_exposure", "political_exposure", &[]),
    (
        "relationship",
        "relationship",
        &[
            "authorizer",
            "director",
            "executive",
            "legal_guardian",
            "owner",
            "percent_ownership",
            "representative",
            "title",
        ],
    ),
    ("script_addresses.kana", "address_kana", SCRIPT_ADDRESS),
    ("script_addresses.kanji", "address_kanji", SCRIPT_ADDRESS),
    ("script_names.kana.given_name", "first_name_kana", &[]),
    ("script_names.kana.surname", "last_name_kana", &[]),
    ("script_names.kanji.given_name", "first_name_kanji", &[]),
    ("script_names.kanji.surname", "last_name_kanji", &[]),
    ("surname", "last_name", &[]),
];

fn twins(rows: &[Row]) -> Vec<Twin> {
    let all = rows.iter().flat_map(|(second, first, parts)| {
        let whole = parts.is_empty().then(|| Twin { second: (*second).to_owned(), first: (*first).to_owned() });
        let below =
            parts.iter().map(move |part| Twin { second: format!("{second}.{part}"), first: format!("{first}.{part}") });
        whole.into_iter().chain(below)
    });
    all.collect()
}

/// The twins of an account.
pub(super) static ACCOUNT: LazyLock<Vec<Twin>> = LazyLock::new(|| twins(ACCOUNT_ROWS));

/// The twins of a person.
pub(super) static PERSON: LazyLock<Vec<Twin>> = LazyLock::new(|| twins(PERSON_ROWS));

/// How the two namespaces write a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelled {
    /// In the same way.
    Same,
    /// As a text in the form of RFC 3339, and in Unix seconds.
    Time,
    /// In two small letters, and in two capital ones.
    Country,
    /// As a text, and as a number.
    Decimal,
}

impl Spelled {
    fn of(path: &str) -> Self {
        match path.rsplit('.').next() {
            Some("date") => Spelled::Time,
            Some("country") => Spelled::Country,
            Some("percent_ownership") => Spelled::Decimal,
            _ => Spelled::Same,
        }
    }

    /// A value of the second namespace as the first has it.
    fn to_first(self, value: Doc, path: &str) -> Result<Doc> {
        Ok(match (self, &value) {
            (Spelled::Time, Doc::Text(text)) => {
                let time = text.as_str().parse::<jiff::Timestamp>();
                Doc::Int(time.map_err(|_| ApiError::param_not_instant(&bracketed(path)))?.as_second())
            }
            (Spelled::Country, Doc::Text(text)) => text.as_str().to_uppercase().into(),
            (Spelled::Decimal, Doc::Text(text)) => text.as_str().parse::<f64>().map_or(Doc::Null, Doc::Float),
            _ => value,
        })
    }

    /// A value of the first namespace as the second has it.
    fn to_second(self, value: &Doc) -> Doc {
        match (self, value) {
            (Spelled::Time, Doc::Int(time)) => rfc3339_millis(*time).into(),
            (Spelled::Country, Doc::Text(text)) => text.as_str().to_lowercase().into(),
            (Spelled::Decimal, Doc::Float(number)) => number.to_string().into(),
            (Spelled::Decimal, Doc::Int(number)) => number.to_string().into(),
            _ => value.clone(),
        }
    }
}

/// Takes what has a place in the first namespace out of parameters of the second, and returns it as parameters of the first.
///
/// # Errors
/// A time that is not one.
pub(super) fn to_first(told: &mut Map, twins: &[Twin]) -> Result<Map> {
    let mut first = Map::new();
    for twin in twins {
        let Some(value) = told_at(told, &twin.second) else { continue };
        put_at(&mut first, &twin.first, Spelled::of(&twin.second).to_first(value, &twin.second)?);
        let _ = take_at(told, &twin.second);
    }
    Ok(first)
}

/// Shows what is known in the first namespace under the names of the second.
pub(super) fn to_second(first: &Map, twins: &[Twin], second: &mut Map) {
    for twin in twins {
        if let Some(value) = at(first, &twin.first).filter(|value| !value.is_null()) {
            put_at(second, &twin.second, Spelled::of(&twin.second).to_second(value));
        }
    }
}

/// What was told at a path: `null` for everything inside of what is `null`.
fn told_at(told: &Map, path: &str) -> Option<Doc> {
    match path.split_once('.') {
        None => told.get(path).cloned(),
        Some((first, rest)) => match told.get(first)? {
            Doc::Null => Some(Doc::Null),
            Doc::Map(inner) => told_at(inner, rest),
            _ => None,
        },
    }
}

/// Sets the value at a path, with the objects on the way.
pub(super) fn put_at(map: &mut Map, path: &str, value: Doc) {
    match path.split_once('.') {
        None => map.set(path.to_owned(), value),
        Some((first, rest)) => {
            let mut inner = map.map(first).cloned().unwrap_or_default();
            put_at(&mut inner, rest, value);
            map.set(first.to_owned(), inner);
        }
    }
}

/// Removes the value at a path.
pub(super) fn take_at(map: &mut Map, path: &str) -> Option<Doc> {
    match path.split_once('.') {
        None => map.remove(path),
        Some((first, rest)) => match map.get_mut(first) {
            Some(Doc::Map(inner)) => take_at(inner, rest),
            _ => None,
        },
    }
}

/// An object without members that say nothing: `null`, and objects without members.
pub(super) fn pruned(map: &Map) -> Map {
    let kept = map.iter().filter_map(|(key, value)| match value {
        Doc::Null => None,
        Doc::Map(inner) => {
            let inner = pruned(inner);
            (!inner.is_empty()).then(|| (key.to_owned().into(), Doc::Map(inner)))
        }
        value => Some((key.to_owned().into(), value.clone())),
    });
    Map::from_entries(kept.collect())
}

/// A path as the name of a parameter.
pub(super) fn bracketed(path: &str) -> String {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    rest.split('.').filter(|part| !part.is_empty()).fold(first.to_owned(), |name, part| format!("{name}[{part}]"))
}

/// The path under `/v2` of what has a path under `/v1`; below the path of a twin, too.
pub(super) fn second_name(first: &str, twins: &[Twin]) -> Option<String> {
    let named = |twin: &Twin| {
        let below = first.strip_prefix(&twin.first)?;
        (below.is_empty() || below.starts_with('.')).then(|| format!("{}{below}", twin.second))
    };
    let inside = |twin: &Twin| {
        let rest = twin.first.strip_prefix(first)?;
        let outer = twin.second.strip_suffix(rest)?;
        rest.starts_with('.').then(|| outer.to_owned())
    };
    twins.iter().find_map(named).or_else(|| twins.iter().find_map(inside))
}

/// An error about a parameter of the first namespace, as one about the parameter of the second.
pub(super) fn renamed(error: ApiError, twins: &[Twin]) -> ApiError {
    let name = |param: &str| second_name(&param.replace('[', ".").replace(']', ""), twins).map(|path| bracketed(&path));
    error.about_other(name)
}
