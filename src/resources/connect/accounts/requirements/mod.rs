//! The requirements of an account, and what follows from them (connect-accounts 3).
//!
//! May use: the account's own facts. Invariant: what an account shows here follows from its facts alone, and nothing else
//! sets it.

mod assess;
mod checks;
pub(super) mod demands;
mod facts;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use self::assess::AskedFor;
pub(in crate::resources::connect::accounts) use self::assess::{Standing, assess, identity};
pub(in crate::resources::connect::accounts) use self::checks::{Failure, NumberOutcome, begin, end};
pub(in crate::resources::connect::accounts) use self::demands::AccountTurn;
pub(in crate::resources::connect::accounts) use self::facts::{Facts, Rules};

use super::Account;
use super::capabilities::{self, CapabilityStatus};
use crate::contract;
use crate::state::document::{Doc, Map};
use crate::state::object::{FieldError, Object, downcast};

/// Nothing that is due, in the form of the answer.
pub(super) fn none() -> Map {
    let list = || Doc::List(Vec::new());
    Map::from([
        ("alternatives", list()),
        ("current_deadline", Doc::Null),
        ("currently_due", list()),
        ("disabled_reason", Doc::Null),
        ("errors", list()),
        ("eventually_due", list()),
        ("past_due", list()),
        ("pending_verification", list()),
    ])
}

fn list(paths: &BTreeSet<String>) -> Doc {
    Doc::List(paths.iter().cloned().map(Doc::from).collect())
}

impl Standing {
    /// What is due, in the form of the answer.
    pub(super) fn requirements(&self) -> Map {
        let alternatives = self.alternatives.iter().map(|alternative| {
            let one = |path: &str| vec![Doc::from(path.to_owned())];
            let (due, instead) = (one(&alternative.due), one(&alternative.instead));
            Doc::from(Map::from([("alternative_fields_due", instead), ("original_fields_due", due)]))
        });
        none()
            .with("alternatives", Doc::List(alternatives.collect()))
            .with("current_deadline", self.deadline)
            .with("currently_due", list(&self.currently_due))
            .with("disabled_reason", self.reason.clone())
            .with("errors", self.errors.clone())
            .with("eventually_due", list(&self.eventually_due))
            .with("past_due", list(&self.past_due))
            .with("pending_verification", list(&self.pending))
    }

    /// What will be due, in the form of the answer.
    fn future(&self) -> Map {
        none()
            .with("current_deadline", self.future.deadline)
            .with("currently_due", list(&self.future.due))
            .with("eventually_due", list(&self.future.eventually_due))
            .with("past_due", list(&self.future.past_due))
            .with("pending_verification", list(&self.future.pending))
    }
}

/// An account with what follows from its facts.
pub(super) fn derived(account: &Account) -> Account {
    let standing = assess(Facts::of(account));
    let mut account = account.clone();
    let asked = account.rest.map("capabilities").cloned().unwrap_or_default();
    // Who gave all capabilities up charges no more; a standard account has its own without asking, if it is a merchant at all.
    let is_standard = account.rest.str("type") == Some("standard");
    let may_charge = !asked.is_empty() || (is_standard && account.may_be_merchant());
    let is_active = standing.state == CapabilityStatus::Active && may_charge;
    account.rest.set("requirements", standing.requirements());
    account.rest.set("future_requirements", standing.future());
    account.rest.set("charges_enabled", is_active);
    account.rest.set("payouts_enabled", is_active && standing.payouts);
    account.rest.set("details_submitted", standing.submitted);
    let states = asked.iter().map(|(name, _)| (name.to_owned().into(), capabilities::state(name, &standing).into()));
    account.rest.set("capabilities", Map::from_entries(states.collect()));
    let facts = Facts::of(&account);
    let person = facts.representative().filter(|_| facts.is_individual());
    let shown = person.map(|(id, person)| shown(&account, id, person.clone()));
    match shown {
        Some(shown) => account.rest.set("individual", shown),
        None if account.people.is_empty() => {}
        None => {
            let _ = account.rest.remove("individual");
        }
    }
    account
}

/// The members of a person that only the account knows.
const UNSHOWN: [&str; 6] = ["forged", "number", "numbers", "papers", "updated", "v2"];

/// A person inside the account.
fn shown(account: &Account, id: &str, mut person: Map) -> Map {
    for key in UNSHOWN {
        let _ = person.remove(key);
    }
    complete(account, id, &mut person);
    person
}

/// Sets the members of a person that follow from the account: its requirements, and what the service thinks of the person
/// (connect-accounts 4).
pub(in crate::resources::connect::accounts) fn complete(account: &Account, id: &str, person: &mut Map) {
    let facts = Facts::of(account);
    for key in ["requirements", "future_requirements"] {
        let all = account.rest.map(key).cloned().unwrap_or_else(none);
        person.set(key, of_person(&all, &facts.prefix(id)));
    }
    let mut verification = person.map("verification").cloned().unwrap_or_default();
    let failed = account.failed.map(&format!("{}.verification.document", facts.prefix(id)));
    let code = failed.and_then(|failed| failed.str("code")).map(|code| code.trim_start_matches("verification_"));
    verification.set("details", failed.and_then(|failed| failed.str("reason")).map(str::to_owned));
    verification.set("details_code", code.map(str::to_owned));
    verification.set("status", identity(facts, id));
    person.set("verification", verification);
}

/// The requirements of one person: the account's, without what they begin with.
fn of_person(all: &Map, prefix: &str) -> Map {
    let begins = format!("{prefix}.");
    let own_of = |all: &Map, key: &str| {
        let paths = all.list(key).unwrap_or_default().iter().filter_map(Doc::as_str);
        Doc::List(paths.filter_map(|path| path.strip_prefix(&begins)).map(|path| path.to_owned().into()).collect())
    };
    let own = |key: &str| own_of(all, key);
    let alternatives = all.list("alternatives").unwrap_or_default().iter().filter_map(Doc::as_map).filter_map(|pair| {
        let own = ["alternative_fields_due", "original_fields_due"].map(|key| (key, own_of(pair, key)));
        own.iter()
            .all(|(_, paths)| paths.as_list().is_some_and(|paths| !paths.is_empty()))
            .then(|| Map::from(own).into())
    });
    let errors = all.list("errors").unwrap_or_default().iter().filter_map(Doc::as_map).filter_map(|error| {
        let path = error.str("requirement")?.strip_prefix(&begins)?;
        Some(Doc::Map(error.clone().with("requirement", path.to_owned())))
    });
    Map::from([
        ("alternatives", Doc::List(alternatives.collect())),
        ("currently_due", own("currently_due")),
        ("errors", Doc::List(errors.collect())),
        ("eventually_due", own("eventually_due")),
        ("past_due", own("past_due")),
        ("pending_verification", own("pending_verification")),
    ])
}

/// The registry's [`Derive`](crate::contract::Derive).
pub(super) fn derives(object: &dyn Object) -> Option<Arc<dyn Object>> {
    let derived = derived(downcast::<Account>(object)?);
    (!derived.shows_as(object)).then(|| Arc::new(derived) as Arc<dyn Object>)
}

/// Reads an account. A dump of the API shows what followed from facts that it does not show: an account that could
/// charge has supplied everything, and one that could not although it has is rejected. So does a state file of before
/// requirements followed from facts.
///
/// # Errors
/// A field that does not fit its type.
pub(super) fn import(visible: Map, mut hidden: Map, created: i64) -> Result<Arc<dyn Object>, FieldError> {
    if !hidden.has("people") {
        let is_dump = hidden.is_empty();
        let is_open = visible.bool("charges_enabled") == Some(true);
        let reason = visible.map("requirements").and_then(|requirements| requirements.str("disabled_reason"));
        let reason = reason.filter(|reason| !reason.starts_with("requirements.")).map(str::to_owned);
        let has_told = visible.bool("details_submitted") == Some(true);
        hidden.set("vouched", is_open || has_told);
        if !is_open && has_told && is_dump {
            hidden.set("rejected", reason.unwrap_or_else(|| "other".to_owned()));
        }
        if let Some((id, person)) = visible.map("individual").and_then(|person| Some((person.str("id")?, person))) {
            hidden.set("people", Map::from_entries(vec![(id.to_owned().into(), person.clone().into())]));
        }
    }
    contract::import::<Account>(visible, hidden, created)
}
