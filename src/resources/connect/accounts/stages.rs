//! An account in a state that a tester names with one word.
//!
//! May use: the facts, what an account is told, the test answers. Invariant: nothing that an account shows is set here. It
//! is told what its country asks for, its checks end or stay open, and its state follows.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::{self, Birth};
use super::requirements::{self, AccountTurn, AskedFor, Facts, Failure, Rules};
use super::{Account, capabilities, change_stored, is_taken, open, persons, stored, take_turn, told};
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::state::document::Map;
use crate::state::{Edit, Id, Tx};

crate::values! {
    /// A state that a tester brings an account into.
    pub enum AccountStage {
        /// It has told everything, and every check has ended well.
        Onboarded = "onboarded",
        /// It has told everything, and the checks stay open until a test ends them.
        Pending = "pending",
        /// Its representative could not be identified, and a document is past due.
        Restricted = "restricted",
        /// The platform has rejected it for fraud.
        Rejected = "rejected",
    }
}

/// Creates an account in a state; `params` are those of its creation, typed by the catalogue. Returns the id, which is drawn
/// if none is wanted.
///
/// # Errors
/// Those of the creation; an id that is none or is taken; a state that the account cannot have.
pub fn open_in(tx: &mut Tx, ctx: &Ctx<'_>, wanted: Option<&str>, stage: AccountStage, params: &Map) -> Result<Id> {
    let id = match wanted {
        None => super::ENTRY.id.draw(&ctx.ids).into(),
        Some(id) if !is_id(id) => return Err(ApiError::account_id_malformed(id)),
        Some(id) if is_taken(tx, id) => return Err(ApiError::account_id_taken(id)),
        Some(id) => id.to_owned(),
    };
    let made = open(tx, ctx, id, params)?;
    bring(tx, ctx, &made.id, stage)?;
    Ok(made.id)
}

/// Whether a text can be the id of an account.
fn is_id(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.strip_prefix("acct_").is_some_and(|rest| (1..=64).contains(&rest.len()) && rest.chars().all(is_part))
}

/// Brings an account into a state: it tells what it has not told yet.
///
/// # Errors
/// There is no such account; it asks for something that has no test value; or it cannot have the state.
pub fn bring(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, stage: AccountStage) -> Result<()> {
    let mut account = Edit::of(stored(tx, id)?);
    account.rejected = None;
    request(&mut account, ctx);
    change_stored(tx, account);
    match stage {
        AccountStage::Onboarded => onboard(tx, ctx, id, AskedFor::EVERYTHING),
        AccountStage::Pending => hold(tx, ctx, id),
        AccountStage::Restricted => {
            onboard(tx, ctx, id, AskedFor::EVERYTHING)?;
            restrict(tx, id)
        }
        AccountStage::Rejected => {
            onboard(tx, ctx, id, AskedFor::EVERYTHING)?;
            let mut account = Edit::of(stored(tx, id)?);
            account.rejected = Some("rejected.fraud".to_owned());
            change_stored(tx, account);
            Ok(())
        }
    }
}

/// Tells what a form asks an account for, as whoever fills it in with test values, and ends the checks of it.
///
/// # Errors
/// There is no such account, or it asks for something that has no test value.
pub(super) fn fill(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, collected: AskedFor) -> Result<()> {
    let mut account = Edit::of(stored(tx, id)?);
    request(&mut account, ctx);
    change_stored(tx, account);
    onboard(tx, ctx, id, collected)
}

/// Requests what accounts of its agreement have, unless it has requested something.
fn request(account: &mut Account, ctx: &Ctx<'_>) {
    let names: &[&str] = match Facts::of(account).rules() {
        _ if account.rest.map("capabilities").is_some_and(|asked| !asked.is_empty()) => &[],
        Rules::Recipient => &["transfers"],
        Rules::Collected | Rules::Full => &["card_payments", "transfers"],
    };
    for name in names {
        capabilities::request(account, name, true, ctx.now);
    }
}

/// How often an account is told something and checked: what it is asked for can depend on what it told.
const ROUNDS: usize = 12;

/// Tells everything that is asked for, and ends the checks, until nothing is left.
fn onboard(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, collected: AskedFor) -> Result<()> {
    for _ in 0..ROUNDS {
        tell_all(tx, ctx, id, Birth::AtOnce, collected)?;
        if stored(tx, id)?.held.is_empty() {
            return Ok(());
        }
        take_turn(tx, ctx, id, AccountTurn::Finish)?;
    }
    Err(ApiError::internal())
}

/// Tells everything that is due, and leaves what is checked open.
fn hold(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    // Where a face is looked at, an account whose checks are open has something due.
    tell_all(tx, ctx, id, Birth::Later, AskedFor::EVERYTHING).map_err(|_| ApiError::account_never_pending())?;
    if !is_pending(&*stored(tx, id)?) {
        let account = stored(tx, id)?;
        let mut sent = Telling::default();
        for path in ["dob.day", "dob.month", "dob.year", "id_number", "verification.document"] {
            sent.of_person(Facts::of(&account), "representative", path, ctx, Birth::Later);
        }
        sent.apply(tx, ctx, id)?;
    }
    let mut account = Edit::of(stored(tx, id)?);
    if !is_pending(&account) {
        return Err(ApiError::account_never_pending());
    }
    account.held_until = None;
    change_stored(tx, account);
    Ok(())
}

/// Whether something that is checked holds back the account.
fn is_pending(account: &Account) -> bool {
    requirements::assess(Facts::of(account)).reason.as_deref() == Some("requirements.pending_verification")
}

/// Finds that the representative is not who was told.
fn restrict(tx: &mut Tx, id: &str) -> Result<()> {
    let mut account = Edit::of(stored(tx, id)?);
    let facts = Facts::of(&account);
    let prefix = facts.representative().map(|(id, _)| facts.prefix(id)).ok_or_else(ApiError::internal)?;
    account.failed.set(format!("{prefix}.verification.document"), Failure::Identity.doc());
    change_stored(tx, account);
    Ok(())
}

/// Tells the test value of everything that is asked for, and who represents the account.
fn tell_all(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, birth: Birth, collected: AskedFor) -> Result<()> {
    let mut before = BTreeSet::new();
    for _ in 0..ROUNDS {
        let account = stored(tx, id)?;
        let facts = Facts::of(&account);
        let due = requirements::assess(facts).asked(collected);
        let is_known = facts.representative().is_some();
        if due.is_empty() && is_known {
            return Ok(());
        }
        if due == before && is_known {
            break;
        }
        let mut sent = Telling::default();
        if !is_known {
            sent.introduce(facts, ctx, birth);
        }
        for path in &due {
            sent.add(facts, path, ctx, birth);
        }
        sent.apply(tx, ctx, id)?;
        before = due;
    }
    let left: Vec<String> = before.into_iter().collect();
    Err(ApiError::requirement_without_test_value(&left.join(", ")))
}

/// What an account is about to be told.
#[derive(Debug, Default)]
struct Telling {
    /// Its own parameters.
    account: Map,
    /// Those of the people behind it, by their ids; a new one has the empty text.
    people: BTreeMap<String, Map>,
}

impl Telling {
    /// Tells who represents the account.
    fn introduce(&mut self, facts: Facts<'_>, ctx: &Ctx<'_>, birth: Birth) {
        if facts.business_type().is_none() {
            self.account.set("business_type", "individual");
        }
        for path in ["first_name", "last_name", "email", "dob.day", "dob.month", "dob.year"] {
            self.of_person(facts, "representative", path, ctx, birth);
        }
        self.of_person(facts, "representative", "relationship.representative", ctx, birth);
    }

    /// Tells what a requirement names.
    fn add(&mut self, facts: Facts<'_>, path: &str, ctx: &Ctx<'_>, birth: Birth) {
        match path.split_once('.') {
            Some(("company", "owners_provided")) => {
                self.of_person(facts, "representative", "relationship.owner", ctx, birth);
            }
            Some(("owners", rest)) => {
                self.of_person(facts, "representative", "relationship.owner", ctx, birth);
                self.of_person(facts, "representative", rest, ctx, birth);
            }
            Some((who @ ("individual" | "representative"), rest)) => self.of_person(facts, who, rest, ctx, birth),
            Some((who, rest)) if facts.is_person(who) => self.of_person(facts, who, rest, ctx, birth),
            _ => answers::answer(&mut self.account, path, (facts.country(), ctx.now), birth),
        }
    }

    /// Tells something of a person: somebody with an id, or the representative. That of an individual's account is a part
    /// of it.
    fn of_person(&mut self, facts: Facts<'_>, who: &str, path: &str, ctx: &Ctx<'_>, birth: Birth) {
        let known = facts.representative().map(|(id, _)| id);
        let id = if facts.is_person(who) { who } else { known.unwrap_or_default() };
        let is_part = facts.business_type().is_none_or(|kind| kind == "individual") && known.unwrap_or_default() == id;
        let about = (facts.country(), ctx.now);
        if is_part {
            let mut sent = self.account.map("individual").cloned().unwrap_or_default();
            answers::answer(&mut sent, path, about, birth);
            self.account.set("individual", sent);
        } else {
            answers::answer(self.people.entry(id.to_owned()).or_default(), path, about, birth);
        }
    }

    /// Tells it.
    fn apply(&self, tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
        let account = stored(tx, id)?;
        for (person, sent) in &self.people {
            persons::put(tx, ctx, &account, person, sent)?;
        }
        let mut changed = Edit::of(account);
        let before = Account::clone(&changed);
        told::change(tx, ctx, &mut changed, Some(&before), &self.account)?;
        change_stored(tx, changed);
        Ok(())
    }
}
