//! What is known of an account and of the people behind it: what its requirements follow from.
//!
//! May use: the account's stored facts, the table of countries. Invariant: nothing derived is read here.

use std::collections::BTreeSet;

use super::super::Account;
use crate::countries;
use crate::state::document::{Doc, Map};

/// The set of rules that an account has to meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::resources::connect::accounts) enum Rules {
    /// Those of accounts that the service asks itself (connect-accounts 3.2).
    Collected,
    /// Those of the recipient agreement (connect-accounts 3.3).
    Recipient,
    /// Those of the full agreement (connect-accounts 3.4).
    Full,
}

/// An account as a set of facts.
#[derive(Clone, Copy, Debug)]
pub(in crate::resources::connect::accounts) struct Facts<'a> {
    pub(super) account: &'a Account,
}

impl<'a> Facts<'a> {
    /// The facts of an account.
    pub(in crate::resources::connect::accounts) fn of(account: &'a Account) -> Self {
        Facts { account }
    }

    /// The rules of the account.
    pub(in crate::resources::connect::accounts) fn rules(self) -> Rules {
        let rest = &self.account.rest;
        let collects = rest.map("controller").and_then(|controller| controller.str("requirement_collection"));
        let agreement = rest.map("tos_acceptance").and_then(|tos| tos.str("service_agreement"));
        match (collects, agreement) {
            (Some("application"), Some("recipient")) => Rules::Recipient,
            (Some("application"), _) => Rules::Full,
            _ => Rules::Collected,
        }
    }

    /// Its country, in two letters.
    pub(in crate::resources::connect::accounts) fn country(self) -> &'a str {
        self.account.rest.str("country").unwrap_or(countries::DEFAULT)
    }

    /// The kind of business.
    pub(in crate::resources::connect::accounts) fn business_type(self) -> Option<&'a str> {
        self.account.rest.str("business_type")
    }

    pub(in crate::resources::connect::accounts) fn is_individual(self) -> bool {
        self.business_type() == Some("individual")
    }

    /// Whether a capability was requested.
    pub(super) fn has_requested(self, capability: &str) -> bool {
        self.account.rest.map("capabilities").is_some_and(|asked| asked.has(capability))
    }

    /// Whether the service checks everything here before money moves (connect-accounts 3.6).
    pub(super) fn is_checked(self) -> bool {
        self.country() == "US" && self.rules() == Rules::Full && self.has_requested("card_payments")
    }

    /// Whether a company is one person's own.
    pub(super) fn is_sole_proprietor(self) -> bool {
        let company = self.account.rest.map("company");
        company.and_then(|company| company.str("structure")) == Some("sole_proprietorship")
    }

    /// The people behind it, with their ids.
    pub(super) fn people(self) -> impl Iterator<Item = (&'a str, &'a Map)> {
        self.account.people.iter().filter_map(|(id, person)| Some((id, person.as_map()?)))
    }

    /// Whether somebody with this id is behind it.
    pub(in crate::resources::connect::accounts) fn is_person(self, id: &str) -> bool {
        self.account.people.has(id)
    }

    /// The people with a relationship to it, such as `owner`.
    pub(super) fn related(self, relationship: &'static str) -> impl Iterator<Item = (&'a str, &'a Map)> {
        self.people().filter(move |(_, person)| {
            person.map("relationship").and_then(|roles| roles.bool(relationship)) == Some(true)
        })
    }

    /// The representative: of an individual's account the individual.
    pub(in crate::resources::connect::accounts) fn representative(self) -> Option<(&'a str, &'a Map)> {
        self.related("representative").next()
    }

    /// What requirements about a person begin with.
    pub(in crate::resources::connect::accounts) fn prefix(self, person: &str) -> String {
        let is_the_one = self.is_individual() && self.representative().is_some_and(|(id, _)| id == person);
        if is_the_one { "individual".to_owned() } else { person.to_owned() }
    }

    /// Whether what a requirement names was told.
    pub(super) fn is_told(self, path: &str) -> bool {
        match path {
            "business_profile.product_description" | "business_profile.url" => {
                // A website can replace the description of the product, and the reverse.
                ["product_description", "url"].iter().any(|key| self.has(&format!("business_profile.{key}")))
            }
            "company.owners_provided" => self.has(path) || self.related("owner").next().is_some(),
            "external_account" => {
                let list = self.account.rest.map("external_accounts").and_then(|accounts| accounts.list("data"));
                list.is_some_and(|list| !list.is_empty())
            }
            path => self.has(path),
        }
    }

    fn has(self, path: &str) -> bool {
        self.value(path).is_some_and(|value| is_set(&value))
    }

    /// The value that a requirement names; what is secret is only known to be there.
    pub(super) fn value(self, path: &str) -> Option<Doc> {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let person = match first {
            "individual" | "representative" => self.representative().map(|(_, person)| person),
            first => self.account.people.map(first),
        };
        match (first, person) {
            (_, Some(person)) => of_person(person, rest),
            ("documents", None) => self.account.papers.get(rest.trim_end_matches(".files")).cloned(),
            ("company", None) => self.account.rest.map("company").and_then(|company| under(company, rest)),
            ("individual" | "representative" | "owners", None) => None,
            _ => crate::object::fill::at(&self.account.rest, path).cloned(),
        }
    }

    /// What is missing of some paths of a person, as requirements name it.
    pub(super) fn missing_of(self, id: &str, paths: impl Iterator<Item = &'static str>) -> BTreeSet<String> {
        let person = self.account.people.map(id);
        let prefix = self.prefix(id);
        let open =
            paths.filter(|path| !person.and_then(|person| of_person(person, path)).is_some_and(|doc| is_set(&doc)));
        open.map(|path| format!("{prefix}.{path}")).collect()
    }
}

/// A value of a person; a document is its front.
fn of_person(person: &Map, path: &str) -> Option<Doc> {
    match path {
        // Who somebody is.
        "" => {
            const WHO: [&str; 6] = ["address", "dob", "first_name", "last_name", "number", "numbers"];
            let known = WHO.iter().filter_map(|key| Some(((*key).into(), person.get(key)?.clone())));
            Some(Map::from_entries(known.collect()).into())
        }
        // Both sides of a document belong to it, and so does how often one was sent.
        "verification.document" | "verification.additional_document" => {
            let found = crate::object::fill::at(person, &format!("{path}.front"))?;
            (!found.is_null()).then(|| found.clone())
        }
        path if path.starts_with("documents.") => {
            let name = path.trim_start_matches("documents.").trim_end_matches(".files");
            person.map("papers")?.get(name).cloned()
        }
        "id_number" => provided(person, "id_number").map(|_| person.get("numbers").cloned().unwrap_or(Doc::Bool(true))),
        "ssn_last_4" => provided(person, "ssn_last_4"),
        path => under(person, path),
    }
}

fn provided(person: &Map, name: &str) -> Option<Doc> {
    (person.bool(&format!("{name}_provided")) == Some(true)).then_some(Doc::Bool(true))
}

/// A value by its path; of a secret whether it was sent.
fn under(map: &Map, path: &str) -> Option<Doc> {
    let found = crate::object::fill::at(map, path).cloned();
    found.or_else(|| map.bool(&format!("{path}_provided")).map(Doc::Bool))
}

/// Whether a value tells something.
fn is_set(value: &Doc) -> bool {
    match value {
        Doc::Null | Doc::Bool(false) => false,
        Doc::Text(text) => !text.is_empty(),
        _ => true,
    }
}
