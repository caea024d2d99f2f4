//! Checks of the service: what it begins to check when it is told something, and what becomes of that (connect-accounts 3.6).
//!
//! May use: the facts, the test values. Invariant: a check that has begun ends as due work, which removes it from what is
//! held; the test values that were told decide how.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::{Account, change_stored};
use super::facts::{Facts, Rules};
use crate::contract::Ctx;
use crate::countries;
use crate::error::Result;
use crate::settings::ACCOUNT_CHECK_SECONDS;
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Tx};

/// Whom the service knows at once, and whom after a while: days of birth (connect-accounts 3.6).
const BORN_AT_ONCE: (i64, i64, i64) = (1902, 1, 1);
const BORN_LATER: (i64, i64, i64) = (1901, 1, 1);
const BORN_LISTED: (i64, i64, i64) = (1900, 1, 1);

/// An address that belongs to nobody.
const NO_SUCH_ADDRESS: &str = "address_no_match";

/// The countries where persons are not checked by what was typed (connect-accounts 4).
const BY_DOCUMENT: [&str; 3] = ["AE", "JP", "MX"];

crate::values! {
    /// What becomes of a number that was told: of a person or of a company.
    pub(in crate::resources::connect::accounts) enum NumberOutcome {
        /// It is right, which is known at once.
        AtOnce = "at_once",
        /// It is wrong.
        Wrong = "wrong",
        /// It is right.
        Right = "right",
    }
}

impl NumberOutcome {
    /// The outcome of an id number or a tax id, which is a test value or counts as right.
    pub(in crate::resources::connect::accounts) fn of(number: &str) -> Self {
        match number {
            "111111111" => NumberOutcome::Wrong,
            "222222222" => NumberOutcome::AtOnce,
            _ => NumberOutcome::Right,
        }
    }
}

/// Begins the checks of what an account has told since it was `before`; `is_told_again` says of a path that it was sent
/// once more, with whatever value.
pub(in crate::resources::connect::accounts) fn begin(
    account: &mut Account,
    before: Option<&Account>,
    ctx: &Ctx<'_>,
    is_told_again: impl Fn(&str) -> bool,
) {
    let all = checkable(Facts::of(account));
    let begun: Vec<String> = {
        let (now, was) = (Facts::of(account), before.map(Facts::of));
        let is_new = |path: &&String| {
            let has_changed = was.is_none_or(|was| was.value(path) != now.value(path));
            !account.checked.contains(path) || has_changed || is_told_again(path)
        };
        all.iter().filter(is_new).cloned().collect()
    };
    forgive(account, before, &begun);
    refuse_age(account, ctx);
    account.checked.retain(|path| all.contains(path));
    account.held.retain(|path| all.contains(path));
    let is_known = |facts: Facts<'_>, path: &str| person_of(facts, path).is_some_and(is_known_at_once);
    let held: Vec<String> = {
        let facts = Facts::of(account);
        let mine = facts.is_individual() && is_known(facts, "individual");
        begun.iter().filter(|path| !mine && !is_known(facts, path) && !is_right_at_once(facts, path)).cloned().collect()
    };
    for path in begun {
        if !account.checked.contains(&path) {
            account.checked.push(path);
        }
    }
    if held.is_empty() {
        return;
    }
    account.held.extend(held);
    account.held.sort_unstable();
    account.held.dedup();
    account.held_until = Some(ctx.now.saturating_add(ctx.settings.number(&ACCOUNT_CHECK_SECONDS)));
}

/// Takes back the failures of what is checked anew, or was told anew.
fn forgive(account: &mut Account, before: Option<&Account>, begun: &[String]) {
    let (now, was) = (Facts::of(account), before.map(Facts::of));
    let is_over = |path: &str| {
        let owner = path.split('.').next().unwrap_or_default();
        let is_changed = was.is_some_and(|was| was.value(path) != now.value(path));
        is_changed || begun.iter().any(|begun| begun.split('.').next() == Some(owner) && owner != "business_profile")
    };
    let over: Vec<String> =
        account.failed.iter().map(|(path, _)| path.to_owned()).filter(|path| is_over(path)).collect();
    for path in over {
        let _ = account.failed.remove(&path);
    }
}

/// Nobody is older than 120 years, but for the test dates (connect-accounts 3.5).
fn refuse_age(account: &mut Account, ctx: &Ctx<'_>) {
    const OLDEST: i64 = 120;
    let (year, _) = ctx.year_and_month();
    let facts = Facts::of(account);
    let is_too_old = |person: &Map| {
        born(person)
            .is_some_and(|born| year - born.0 > OLDEST && ![BORN_AT_ONCE, BORN_LATER, BORN_LISTED].contains(&born))
    };
    let old = facts.people().filter(|(_, person)| facts.rules() == Rules::Full && is_too_old(person));
    let prefixes: Vec<String> = old.map(|(id, _)| facts.prefix(id)).collect();
    for prefix in prefixes {
        for part in ["day", "month", "year"] {
            account.failed.set(format!("{prefix}.dob.{part}"), Failure::Age.doc());
        }
    }
}

/// The person that a path is about.
fn person_of<'a>(facts: Facts<'a>, path: &str) -> Option<&'a Map> {
    match path.split('.').next()? {
        "individual" => facts.representative().map(|(_, person)| person),
        first => facts.account.people.map(first),
    }
}

fn born(person: &Map) -> Option<(i64, i64, i64)> {
    let dob = person.map("dob")?;
    Some((dob.int("year")?, dob.int("month")?, dob.int("day")?))
}

/// Whether a test value says that the service knows a person at once.
pub(super) fn is_known_at_once(person: &Map) -> bool {
    born(person) == Some(BORN_AT_ONCE) || person.str("number") == Some(NumberOutcome::AtOnce.as_str())
}

/// Whether a company's tax id is known to be right at once.
fn is_right_at_once(facts: Facts<'_>, path: &str) -> bool {
    path == "company.tax_id" && facts.account.tax_number.as_deref() == Some(NumberOutcome::AtOnce.as_str())
}

/// Everything that the service checks of what an account has told. The path of a person stands for who that is.
fn checkable(facts: Facts<'_>) -> BTreeSet<String> {
    let mut all: BTreeSet<String> =
        facts.account.papers.iter().map(|(name, _)| format!("documents.{name}.files")).collect();
    if facts.rules() == Rules::Collected {
        // The service asks for the rest itself.
        let documents = facts.people().map(|(id, _)| format!("{}.verification.document", facts.prefix(id)));
        all.extend(documents.filter(|path| facts.is_told(path)));
    }
    if facts.rules() != Rules::Full || facts.business_type().is_none() {
        return all;
    }
    let is_american = facts.country() == "US";
    if !facts.is_individual() {
        const OF_COMPANY: [&str; 5] = [
            "company.address.city",
            "company.address.line1",
            "company.address.postal_code",
            "company.address.state",
            "company.tax_id",
        ];
        let american = OF_COMPANY.into_iter().filter(|path| is_american && facts.is_told(path));
        all.extend(american.chain(countries::company(facts.country()).held()).map(str::to_owned));
    }
    let mut knows_all = !facts.is_individual();
    for (id, person) in facts.people() {
        let is_complete = of_person(facts, id, person, &mut all);
        knows_all |= is_complete && facts.is_individual();
    }
    if is_american && knows_all && facts.value("business_profile.url").is_some_and(|url| !url.is_null()) {
        all.insert("business_profile.url".to_owned());
    }
    all
}

/// Adds what is checked of a person, if everything was told; returns whether it was.
fn of_person(facts: Facts<'_>, id: &str, person: &Map, all: &mut BTreeSet<String>) -> bool {
    const ADDRESS: [&str; 4] = ["address.city", "address.line1", "address.postal_code", "address.state"];
    let prefix = facts.prefix(id);
    let is_told = |path: &str| facts.is_told(&format!("{prefix}.{path}"));
    if is_told("verification.document") {
        all.insert(format!("{prefix}.verification.document"));
    }
    let row = countries::person(facts.country());
    let company = countries::company(facts.country());
    let is_open = match facts.is_individual() {
        true => !facts.missing_of(id, row.needs()).is_empty(),
        false => {
            !facts.missing_of(id, company.representative().filter(|path| !path.starts_with("relationship."))).is_empty()
        }
    };
    if is_open || BY_DOCUMENT.contains(&facts.country()) {
        return false;
    }
    all.insert(prefix.clone());
    let mut add = |path: &str| {
        all.insert(format!("{prefix}.{path}"));
    };
    if facts.country() == "US" {
        let has_number = person.bool("id_number_provided") == Some(true);
        ADDRESS.into_iter().for_each(&mut add);
        if has_number {
            add("verification.document");
        }
        if !has_number || facts.is_individual() {
            add("id_number");
        }
    } else if facts.is_individual() {
        // A document that was sent is checked in the place of what the service finds by itself.
        let has_document = row.after_document().is_some() && is_told("verification.document");
        row.held().filter(|path| !has_document || is_told(path)).for_each(add);
    }
    true
}

/// Ends what is held: the due work of an account.
///
/// # Errors
/// None.
pub(in crate::resources::connect::accounts) fn end(tx: &mut Tx, _: &Ctx<'_>, account: &Arc<Account>) -> Result<()> {
    let mut account = Edit::of(Arc::clone(account));
    let failures = failures(Facts::of(&account));
    for (path, why) in failures {
        account.failed.set(path, why);
    }
    account.held.clear();
    account.held_until = None;
    account.rounds = Some(account.rounds.unwrap_or_default() + 1);
    change_stored(tx, account);
    Ok(())
}

/// What the checks that are held find to be wrong.
fn failures(facts: Facts<'_>) -> Vec<(String, Map)> {
    let mut all = Vec::new();
    for (id, person) in facts.people() {
        let prefix = facts.prefix(id);
        let document = format!("{prefix}.verification.document");
        let is_held = [&prefix, &document].into_iter().any(|path| facts.account.held.contains(path));
        let sent = facts.is_told(&document);
        let code = match (is_held, sent) {
            (false, _) => None,
            (true, true) => (person.bool("forged") == Some(true)).then_some(Failure::Document),
            (true, false) => (facts.country() == "US" && is_nobody(person)).then_some(Failure::Identity),
        };
        all.extend(code.map(|code| (document, code.doc())));
    }
    let is_wrong = facts.account.tax_number.as_deref() == Some(NumberOutcome::Wrong.as_str());
    if is_wrong && facts.account.held.iter().any(|path| path == "company.tax_id") {
        all.push(("company.verification.document".to_owned(), Failure::TaxId.doc()));
    }
    all
}

/// Whether the test values of a person belong to nobody: every other day of birth than the two does (connect-accounts 3.6).
fn is_nobody(person: &Map) -> bool {
    let line1 = person.map("address").and_then(|address| address.str("line1"));
    let is_born = born(person).is_some_and(|born| [BORN_AT_ONCE, BORN_LATER].contains(&born));
    !is_born || line1 == Some(NO_SUCH_ADDRESS) || person.str("number") == Some(NumberOutcome::Wrong.as_str())
}

/// Why a check fails.
#[derive(Clone, Copy, Debug)]
pub(in crate::resources::connect::accounts) enum Failure {
    /// Nobody has these names, this address, this number.
    Identity,
    /// A document shows something else, or nothing.
    Document,
    /// No company of the name has the tax id.
    TaxId,
    /// A person is too old.
    Age,
}

impl Failure {
    /// The failure as it is stored: its code and the reason in words (connect-accounts 3.5).
    pub(in crate::resources::connect::accounts) fn doc(self) -> Map {
        let (code, reason) = match self {
            Failure::Identity => (
                "verification_failed_keyed_identity",
                "The identity information you entered cannot be verified. Please correct any errors or upload a document \
                 that matches the identity fields (e.g., name and date of birth) that you entered.",
            ),
            Failure::Document => (
                "verification_document_failed_other",
                "There was a problem with the document that you uploaded. Please upload another one.",
            ),
            Failure::TaxId => (
                "verification_failed_tax_id_match",
                "The tax ID that you entered does not belong to the company. Please correct it or upload a document.",
            ),
            Failure::Age => ("invalid_dob_age_over_maximum", "Date of birth must be within the past 120 years."),
        };
        Map::from([("code", Doc::from(code)), ("reason", reason.into())])
    }
}
