//! The requirements of an account as `/v2` shows them: one entry for each, with what it restricts (connect-accounts 3).
//!
//! May use: the account with its derived members. Invariant: nothing is due here that is not due under `/v1`, and the reverse.

use std::collections::BTreeSet;

use super::super::Account;
use super::super::requirements::{Facts, Rules};
use super::configurations::{self, ALL};
use super::twins::{self, second_name};
use crate::state::document::{Doc, Map};
use crate::time::calendar::rfc3339_millis;

/// What no capability but payouts waits for.
const EXTERNAL: &str = "external_account";

crate::values! {
    /// When a requirement restricts something.
    enum Deadline {
        Past = "past_due",
        Current = "currently_due",
        Eventual = "eventually_due",
    }
}

/// The entries of `requirements` or of `future_requirements`, with their summary.
pub(super) fn of(account: &Account, key: &str) -> Map {
    let none = Map::new();
    // Nothing is asked of a customer.
    let all = account.rest.map(key).filter(|_| configurations::is_decided(account)).unwrap_or(&none);
    let listed = |list: &str| all.list(list).unwrap_or_default().iter().filter_map(Doc::as_str);
    let failed = all.list("errors").unwrap_or_default().iter().filter_map(|error| error.as_map()?.str("requirement"));
    let due = listed("past_due").chain(listed("currently_due")).chain(listed("eventually_due"));
    let paths: BTreeSet<&str> = due.chain(listed("pending_verification")).chain(failed).collect();
    let entries: Vec<Doc> = paths.iter().map(|path| Doc::Map(entry(account, all, path))).collect();
    let mut shown = Map::from([("entries", Doc::List(entries))]);
    let soonest = [Deadline::Past, Deadline::Current, Deadline::Eventual]
        .into_iter()
        .find(|deadline| listed(deadline.as_str()).next().is_some());
    if let Some(deadline) = soonest {
        let mut summary = Map::from([("status", deadline.as_str())]);
        if let Some(time) = all.int("current_deadline") {
            summary.set("time", rfc3339_millis(time));
        }
        shown.set("summary", Map::from([("minimum_deadline", summary)]));
    }
    if let Some(time) = all.int("current_deadline").filter(|_| key == "future_requirements") {
        shown.set("minimum_transition_date", rfc3339_millis(time));
    }
    shown
}

fn entry(account: &Account, all: &Map, path: &str) -> Map {
    let is_in = |list: &str| all.list(list).unwrap_or_default().iter().any(|known| known.as_str() == Some(path));
    let deadline = match (is_in("past_due"), is_in("currently_due")) {
        (true, _) => Deadline::Past,
        (false, true) => Deadline::Current,
        (false, false) => Deadline::Eventual,
    };
    let is_checked = is_in("pending_verification") && deadline == Deadline::Eventual;
    let reason = if account.demands.has(path) { "routine_verification" } else { "routine_onboarding" };
    let status = || Map::from([("status", deadline.as_str())]);
    let restricted = restricted(account, path).into_iter().map(|(configuration, capability)| {
        let entry = Map::from([("capability", capability), ("configuration", configuration.to_owned())]);
        Doc::Map(entry.with("deadline", status()))
    });
    let restricted: Vec<Doc> = restricted.collect();
    let mut entry = Map::from([
        ("awaiting_action_from", Doc::from(if is_checked { "stripe" } else { "user" })),
        ("description", description(account, path).into()),
        ("errors", Doc::List(errors(all, path))),
        ("impact", Map::from([("restricts_capabilities", Doc::List(restricted))]).into()),
        ("minimum_deadline", status().into()),
        ("requested_reasons", Doc::List(vec![Map::from([("code", reason)]).into()])),
    ]);
    if let Some(person) = person(account, path) {
        entry.set("reference", Map::from([("resource", person), ("type", "person".to_owned())]));
    }
    entry
}

/// Why the checks of a requirement have failed.
fn errors(all: &Map, path: &str) -> Vec<Doc> {
    let errors = all.list("errors").unwrap_or_default().iter().filter_map(Doc::as_map);
    let own = errors.filter(|error| error.str("requirement") == Some(path));
    let shown = own.map(|error| {
        let text = |key: &str| error.str(key).unwrap_or_default().to_owned();
        Doc::Map(Map::from([("code", text("code")), ("description", text("reason"))]))
    });
    shown.collect()
}

/// The capabilities that wait for a requirement, each with its configuration.
fn restricted(account: &Account, path: &str) -> Vec<(&'static str, String)> {
    let only_payouts = path == EXTERNAL && Facts::of(account).rules() != Rules::Collected;
    let waits = |capability: &str| !only_payouts || capability.ends_with(".payouts");
    let all = ALL.into_iter().flat_map(|configuration| {
        let names = configurations::capabilities(account, configuration).into_iter().map(|(name, _)| name);
        names.map(move |name| (configuration.as_str(), name))
    });
    all.filter(|(_, name)| waits(name)).collect()
}

/// The person that a requirement is about.
fn person(account: &Account, path: &str) -> Option<String> {
    let first = path.split('.').next()?;
    match first {
        "individual" => Facts::of(account).representative().map(|(id, _)| id.to_owned()),
        id => account.people.has(id).then(|| id.to_owned()),
    }
}

/// What a requirement is called.
fn description(account: &Account, path: &str) -> String {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match (first, account.people.map(first)) {
        (_, Some(person)) => join(role(person), &of_person(rest)),
        ("individual", None) => join("identity.individual", &of_person(rest)),
        ("representative" | "owners" | "directors" | "executives", None) => join(first, &of_person(rest)),
        ("documents", None) => join("identity.business_details.documents", rest.trim_end_matches(".files")),
        ("company", None) if ["tax_id", "vat_id"].contains(&rest) => "identity.business_details.id_numbers".to_owned(),
        ("company", None) if rest == "verification.document" => {
            "identity.business_details.documents.primary_verification".to_owned()
        }
        _ => second_name(path, &twins::ACCOUNT).unwrap_or_else(|| path.to_owned()),
    }
}

fn join(outer: &str, inner: &str) -> String {
    if inner.is_empty() { outer.to_owned() } else { format!("{outer}.{inner}") }
}

/// The roles of people, by which their requirements are called, the weightiest first.
const ROLES: [(&str, &str); 4] =
    [("representative", "representative"), ("owner", "owners"), ("director", "directors"), ("executive", "executives")];

fn role(person: &Map) -> &'static str {
    let has = |role: &str| person.map("relationship").and_then(|roles| roles.bool(role)) == Some(true);
    ROLES.iter().find(|(role, _)| has(role)).map_or("persons", |(_, name)| name)
}

/// What a requirement about a person is called without the person.
fn of_person(path: &str) -> String {
    match path {
        "id_number" | "ssn_last_4" => "id_numbers".to_owned(),
        "verification.document" => "documents.primary_verification".to_owned(),
        "verification.additional_document" => "documents.secondary_verification".to_owned(),
        path if path.starts_with("documents.") => path.trim_end_matches(".files").to_owned(),
        path => second_name(path, &twins::PERSON).unwrap_or_else(|| path.to_owned()),
    }
}
