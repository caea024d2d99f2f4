//! What an account has to tell, what the service still checks, and what it may do: one pure function of facts
//! (connect-accounts 3.7).
//!
//! May use: the facts. Invariant: what was told is never due, unless its check has failed.

use std::collections::BTreeSet;

use super::super::capabilities::CapabilityStatus;
use super::checks::is_known_at_once;
use super::facts::{Facts, Rules};
use crate::countries;
use crate::state::document::{Doc, Map};

/// What the service asks accounts itself (connect-accounts 3.2).
const COLLECTED: [&str; 6] = [
    "business_profile.product_description",
    "business_profile.support_phone",
    "business_profile.url",
    EXTERNAL,
    "tos_acceptance.date",
    "tos_acceptance.ip",
];

/// What every account of the full agreement has to tell, whoever it belongs to.
const COMMON: [&str; 3] = ["business_profile.url", "tos_acceptance.date", "tos_acceptance.ip"];

/// What a company has to tell of itself.
const COMPANY: [&str; 6] = [
    "company.address.city",
    "company.address.line1",
    "company.address.postal_code",
    "company.name",
    "company.phone",
    "company.tax_id",
];

/// What a recipient has to tell of a person.
const RECIPIENT: [&str; 7] =
    ["address.city", "address.line1", "dob.day", "dob.month", "dob.year", "first_name", "last_name"];

/// A look at a person's face, which nobody can send.
const LIVENESS: &str = "verification.proof_of_liveness";

/// What no capability waits for.
const EXTERNAL: &str = "external_account";

/// The deadline of what American accounts had to tell from 2024 on, which is shown still (connect-accounts 3.5).
const FUTURE_DEADLINE: i64 = 1_717_516_800;

/// Paths of requirements, in order.
type Paths = BTreeSet<String>;

/// Where an account stands.
#[derive(Debug)]
pub(in crate::resources::connect::accounts) struct Standing {
    /// What has to be told now, and what by a deadline.
    pub(in crate::resources::connect::accounts) currently_due: Paths,
    /// That and what has to be told later.
    pub(in crate::resources::connect::accounts) eventually_due: Paths,
    /// What disables the account.
    pub(super) past_due: Paths,
    /// What the service checks.
    pub(in crate::resources::connect::accounts) pending: Paths,
    /// What may be told in the place of something that is due.
    pub(super) alternatives: Vec<Alternative>,
    /// Why checks have failed.
    pub(super) errors: Vec<Doc>,
    /// When something that is due disables the account, in Unix seconds.
    pub(super) deadline: Option<i64>,
    /// Why the account may not do everything.
    pub(in crate::resources::connect::accounts) reason: Option<String>,
    /// The state of what it requested.
    pub(in crate::resources::connect::accounts) state: CapabilityStatus,
    /// Whether it is paid out.
    pub(super) payouts: bool,
    /// Whether it has told everything at the first time.
    pub(super) submitted: bool,
    /// What it will have to tell.
    pub(super) future: Future,
}

/// Which requirements a form asks for (connect-accounts 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedFor {
    /// What is due later, too.
    pub eventually: bool,
    /// What will be due once requirements change, too.
    pub future: bool,
}

impl AskedFor {
    /// Everything that can be asked for today.
    pub(in crate::resources::connect::accounts) const EVERYTHING: AskedFor =
        AskedFor { eventually: true, future: false };
}

impl Standing {
    /// What a form asks for.
    pub(in crate::resources::connect::accounts) fn asked(&self, collected: AskedFor) -> Paths {
        let (due, future) = match collected.eventually {
            true => (&self.eventually_due, &self.future.eventually_due),
            false => (&self.currently_due, &self.future.due),
        };
        let nothing = Paths::new();
        union([due, if collected.future { future } else { &nothing }])
    }
}

/// What may be told in the place of something.
#[derive(Debug)]
pub(super) struct Alternative {
    /// What is due.
    pub(super) due: String,
    /// What meets it, too.
    pub(super) instead: String,
}

/// What an account will have to tell.
#[derive(Debug, Default)]
pub(super) struct Future {
    pub(super) due: Paths,
    pub(super) eventually_due: Paths,
    pub(super) past_due: Paths,
    pub(super) pending: Paths,
    pub(super) deadline: Option<i64>,
}

/// What has to be told, as far as it was not.
#[derive(Debug, Default)]
struct Need {
    /// What capabilities wait for.
    missing: Paths,
    /// What only payouts wait for.
    for_payouts: Paths,
    /// What is due later.
    later: Paths,
    /// What may be told instead.
    alternatives: Vec<Alternative>,
}

/// Computes where an account stands.
pub(in crate::resources::connect::accounts) fn assess(facts: Facts<'_>) -> Standing {
    let mut need = if facts.account.vouched { Need::default() } else { need(facts) };
    // What was told has been submitted, even if it turned out to be wrong.
    let submitted = is_submitted(facts, &need);
    need.missing.extend(facts.account.failed.iter().map(|(path, _)| path.to_owned()));
    let demands = Demands::of(facts);
    need.missing.extend(demands.past.iter().cloned());
    let pending = pending(facts);
    let past_due = union([&need.missing, &need.for_payouts]);
    let currently_due = union([&past_due, &demands.due]);
    let eventually_due = union([&currently_due, &need.later]);
    let state = state(facts, &need, &pending);
    let held_back = pending.iter().any(|path| path.contains(".verification."));
    let payouts = state == CapabilityStatus::Active && past_due.is_empty() && (facts.is_checked() || !held_back);
    let is_held = state == CapabilityStatus::Pending || (state == CapabilityStatus::Active && !payouts);
    let reason = match &facts.account.rejected {
        Some(rejected) => Some(rejected.clone()),
        None if !past_due.is_empty() => Some("requirements.past_due".to_owned()),
        None if is_held && !pending.is_empty() => Some("requirements.pending_verification".to_owned()),
        None => None,
    };
    let mut future =
        if facts.is_checked() { copied(facts, &currently_due, &eventually_due, &pending) } else { Future::default() };
    demands.add_to(&mut future);
    Standing {
        submitted,
        alternatives: need.alternatives,
        errors: errors(facts),
        deadline: demands.deadline.or(deadline_of_id(facts, &pending)),
        currently_due,
        eventually_due,
        past_due,
        pending,
        reason,
        state,
        payouts,
        future,
    }
}

fn union<const N: usize>(parts: [&Paths; N]) -> Paths {
    parts.into_iter().flatten().cloned().collect()
}

/// What has to be told by the rows of the account's country.
fn need(facts: Facts<'_>) -> Need {
    let mut need = Need::default();
    match facts.rules() {
        Rules::Collected => add(&mut need.missing, facts, COLLECTED.into_iter().filter(|path| *path != EXTERNAL)),
        Rules::Recipient => recipient(facts, &mut need),
        Rules::Full => full(facts, &mut need),
    }
    add(&mut need.for_payouts, facts, [EXTERNAL].into_iter());
    if facts.rules() == Rules::Collected {
        // Here everything waits for the bank account, too.
        need.missing.append(&mut need.for_payouts);
    }
    need
}

/// Adds what was not told.
fn add<'p>(to: &mut Paths, facts: Facts<'_>, paths: impl Iterator<Item = &'p str>) {
    to.extend(paths.filter(|path| !facts.is_told(path)).map(str::to_owned));
}

fn recipient(facts: Facts<'_>, need: &mut Need) {
    add(&mut need.missing, facts, ["business_type", "tos_acceptance.date", "tos_acceptance.ip"].into_iter());
    if !facts.is_individual() {
        return;
    }
    let needs_id = countries::find(facts.country()).is_some_and(|row| row.needs_id_number_of_recipients());
    let paths = RECIPIENT.into_iter().chain(needs_id.then_some("id_number"));
    let paths: Vec<String> = paths.map(|path| format!("individual.{path}")).collect();
    add(&mut need.missing, facts, paths.iter().map(String::as_str));
    if need.missing.is_empty() {
        add(&mut need.later, facts, ["individual.verification.document"].into_iter());
    }
}

fn full(facts: Facts<'_>, need: &mut Need) {
    add(&mut need.missing, facts, COMMON.into_iter());
    match facts.business_type() {
        None => {
            let unknown = ["business_type", "representative.first_name", "representative.last_name"];
            add(&mut need.missing, facts, unknown.into_iter());
        }
        Some("individual") => individual(facts, need),
        Some(_) => company(facts, need),
    }
}

fn individual(facts: Facts<'_>, need: &mut Need) {
    let row = countries::person(facts.country());
    let named = |path: &str| format!("individual.{path}");
    let needs: Vec<String> = row.needs().map(named).collect();
    add(&mut need.missing, facts, needs.iter().map(String::as_str));
    if need.missing.iter().all(|path| !path.starts_with("individual.")) {
        // The face of a person who is known at once is not asked for.
        let is_known = facts.representative().is_some_and(|(_, person)| is_known_at_once(person));
        let asked = row.for_payouts().filter(|path| !(is_known && *path == LIVENESS));
        let later: Vec<String> = asked.map(named).collect();
        add(&mut need.for_payouts, facts, later.iter().map(String::as_str));
        if let Some((due, instead)) = row.after_document().filter(|_| !is_known) {
            after_document(facts, need, Alternative { due: named(due), instead: named(instead) });
        }
    }
}

/// What is due for payouts once a document was sent, unless what may stand for it was (connect-accounts 4).
fn after_document(facts: Facts<'_>, need: &mut Need, alternative: Alternative) {
    if facts.is_told("individual.verification.document") && !facts.is_told(&alternative.instead) {
        need.for_payouts.insert(alternative.due.clone());
        need.alternatives.push(alternative);
    }
}

fn company(facts: Facts<'_>, need: &mut Need) {
    let row = countries::company(facts.country());
    let own: Vec<String> = row.company().map(|path| format!("company.{path}")).collect();
    add(&mut need.missing, facts, COMPANY.into_iter().chain(own.iter().map(String::as_str)));
    let is_sole = facts.is_sole_proprietor();
    let of_representative = || row.representative().filter(|path| !is_sole || *path != "relationship.title");
    need.missing.extend(of_people(facts, "representative", of_representative()));
    for path in row.eventually() {
        match path.strip_prefix("representative.") {
            Some(path) => need.later.extend(of_people(facts, "representative", [path].into_iter())),
            None => add(&mut need.later, facts, [path].into_iter()),
        }
    }
    let has_owners = facts.business_type() == Some("company") && !is_sole;
    if let Some(owners) = row.owners().filter(|_| has_owners) {
        add(&mut need.missing, facts, ["company.owners_provided"].into_iter());
        need.missing.extend(of_people(facts, "owners", owners));
        need.later.extend(of_people(facts, "owners", row.eventually_of_owners()));
    }
}

/// What is missing of the people in a role: by their ids, or by the name of the role as long as there is nobody.
fn of_people(facts: Facts<'_>, role: &'static str, paths: impl Iterator<Item = &'static str>) -> Paths {
    let paths: Vec<&'static str> = paths.collect();
    let relationship = if role == "owners" { "owner" } else { role };
    let people: Vec<&str> = facts.related(relationship).map(|(id, _)| id).collect();
    if people.is_empty() {
        // A company that has named all its owners, of whom there is none, has told of them.
        let is_settled = role == "owners" && facts.is_told("company.owners_provided");
        return if is_settled { Paths::new() } else { paths.iter().map(|path| format!("{role}.{path}")).collect() };
    }
    people.into_iter().flat_map(|id| facts.missing_of(id, paths.iter().copied())).collect()
}

/// What the service shows that it checks.
fn pending(facts: Facts<'_>) -> Paths {
    let shows = facts.country() != "US" || facts.is_checked() || facts.rules() != Rules::Full;
    let is_shown = |path: &&String| path.contains('.') && (shows || path.starts_with("documents."));
    facts.account.held.iter().filter(is_shown).cloned().collect()
}

/// Whether nothing is left to check but an id number, which holds back nothing (connect-accounts 3.6).
fn is_id_alone(pending: &Paths) -> bool {
    pending.len() == 1 && pending.iter().all(|path| path.ends_with(".id_number"))
}

fn state(facts: Facts<'_>, need: &Need, pending: &Paths) -> CapabilityStatus {
    let is_open =
        pending.is_empty() || is_id_alone(pending) || pending.iter().all(|path| path.starts_with("documents."));
    match (&facts.account.rejected, need.missing.is_empty()) {
        (Some(_), _) | (None, false) => CapabilityStatus::Inactive,
        (None, true) if facts.is_checked() && !is_open => CapabilityStatus::Pending,
        (None, true) => CapabilityStatus::Active,
    }
}

/// Thirty days for an id number that alone is left (connect-accounts 3.6).
fn deadline_of_id(facts: Facts<'_>, pending: &Paths) -> Option<i64> {
    facts.account.deadline.filter(|_| is_id_alone(pending))
}

/// Whether everything that opens the account was told: a recipient's company has told it all, and an American one with
/// its tax id (connect-accounts 3.3, 3.4).
fn is_submitted(facts: Facts<'_>, need: &Need) -> bool {
    let is_company = facts.business_type().is_some() && !facts.is_individual();
    let american = facts.country() == "US" && facts.is_told("company.tax_id") && !facts.is_sole_proprietor();
    match facts.rules() {
        Rules::Recipient if is_company => need.missing.is_empty(),
        Rules::Full if is_company && american && !facts.account.vouched => true,
        _ => need.missing.is_empty() && !need.for_payouts.contains(EXTERNAL),
    }
}

/// Why checks have failed, in the form of the answer.
fn errors(facts: Facts<'_>) -> Vec<Doc> {
    let rows = facts.account.failed.iter().filter_map(|(path, why)| Some((path, why.as_map()?)));
    let shown = rows.map(|(path, why)| {
        let text = |key: &str| Doc::from(why.str(key).unwrap_or_default().to_owned());
        Map::from([("code", text("code")), ("reason", text("reason")), ("requirement", path.to_owned().into())]).into()
    });
    shown.collect()
}

/// The future requirements of American accounts, which have come true (connect-accounts 3.5).
fn copied(facts: Facts<'_>, due: &Paths, eventually_due: &Paths, pending: &Paths) -> Future {
    const NAMES: [&str; 2] = ["representative.first_name", "representative.last_name"];
    let past = |path: &&String| *path == EXTERNAL || (facts.is_sole_proprietor() && NAMES.contains(&path.as_str()));
    Future {
        due: due.clone(),
        eventually_due: eventually_due.clone(),
        past_due: due.iter().filter(past).cloned().collect(),
        pending: pending.clone(),
        deadline: Some(FUTURE_DEADLINE),
    }
}

/// What a tester demands besides.
#[derive(Debug, Default)]
struct Demands {
    /// By a deadline that has not passed.
    due: Paths,
    /// By one that has.
    past: Paths,
    /// From a day on.
    future: Paths,
    deadline: Option<i64>,
    future_deadline: Option<i64>,
}

impl Demands {
    fn of(facts: Facts<'_>) -> Self {
        let mut all = Demands::default();
        let open = facts.account.demands.iter().filter(|(path, _)| !facts.is_told(path));
        for (path, demand) in open.filter_map(|(path, demand)| Some((path, demand.as_map()?))) {
            let at = demand.int("deadline");
            let earliest = |known: Option<i64>| known.into_iter().chain(at).min();
            match (demand.bool("past"), demand.bool("future")) {
                (Some(true), _) => note(&mut all.past, path),
                (_, Some(true)) => {
                    note(&mut all.future, path);
                    all.future_deadline = earliest(all.future_deadline);
                }
                _ => {
                    note(&mut all.due, path);
                    all.deadline = earliest(all.deadline);
                }
            }
        }
        all
    }

    fn add_to(&self, future: &mut Future) {
        future.due.extend(self.future.iter().cloned());
        future.eventually_due.extend(self.future.iter().cloned());
        future.deadline = self.future_deadline.or(future.deadline);
    }
}

fn note(paths: &mut Paths, path: &str) {
    paths.insert(path.to_owned());
}

crate::values! {
    /// What the service thinks of a person (connect-accounts 4).
    pub(in crate::resources::connect::accounts) enum IdentityStatus {
        Pending = "pending",
        Unverified = "unverified",
        Verified = "verified",
    }
}

/// What the service thinks of a person behind the account.
pub(in crate::resources::connect::accounts) fn identity(facts: Facts<'_>, id: &str) -> IdentityStatus {
    let prefix = facts.prefix(id);
    let document = format!("{prefix}.verification.document");
    let is_held = [&prefix, &document].into_iter().any(|path| facts.account.held.contains(path));
    match facts.rules() {
        _ if facts.account.failed.has(&document) => IdentityStatus::Unverified,
        Rules::Recipient if facts.is_told(&document) => IdentityStatus::Pending,
        Rules::Recipient | Rules::Collected => IdentityStatus::Unverified,
        Rules::Full if is_held => IdentityStatus::Pending,
        Rules::Full if facts.account.checked.contains(&prefix) => IdentityStatus::Verified,
        Rules::Full => IdentityStatus::Unverified,
    }
}
