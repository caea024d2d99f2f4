//! What a tester makes the service ask for, and which checks a tester ends or fails (connect-accounts 3.5, 3.6).
//!
//! May use: the facts, the errors. Invariant: a demand is met by telling what it names; its deadline passes as due work.

use std::sync::Arc;

use super::super::{Account, change_stored, stored};
use super::checks;
use super::facts::Facts;
use crate::contract::Ctx;
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Tx};

/// What a tester makes the service do with an account.
#[derive(Clone, Copy, Debug)]
pub enum AccountTurn<'a> {
    /// Ends what it checks.
    Finish,
    /// Finds something to be wrong: a requirement, its code and the reason in words.
    Fail {
        /// The requirement, such as `individual.verification.document`.
        requirement: &'a str,
        /// The code of the error.
        code: &'a str,
        /// The reason in words.
        reason: &'a str,
    },
    /// Asks for something by a deadline.
    Demand {
        /// The requirement.
        requirement: &'a str,
        /// When it is past due, in Unix seconds; at once, if there is none.
        deadline: Option<i64>,
        /// Whether it only will be due then, and is shown in `future_requirements` until then.
        future: bool,
    },
}

/// Carries out a tester's turn for an account.
///
/// # Errors
/// There is no such account, or what is demanded was told.
pub fn take(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, turn: AccountTurn<'_>) -> Result<()> {
    let account = stored(tx, id)?;
    match turn {
        AccountTurn::Finish => checks::end(tx, ctx, &account),
        AccountTurn::Fail { requirement, code, reason } => {
            let mut account = Edit::of(account);
            let begins = requirement.split('.').next().unwrap_or_default();
            let is_over = |path: &String| path == begins || path == requirement;
            account.held.retain(|path| !is_over(path));
            let why = Map::from([("code", Doc::from(code.to_owned())), ("reason", reason.to_owned().into())]);
            account.failed.set(requirement.to_owned(), why);
            change_stored(tx, account);
            Ok(())
        }
        AccountTurn::Demand { requirement, deadline, future } => {
            if Facts::of(&account).is_told(requirement) {
                return Err(ApiError::requirement_is_met(requirement));
            }
            let mut account = Edit::of(account);
            let past = deadline.is_none_or(|deadline| deadline <= ctx.now);
            let demand =
                Map::from([("deadline", Doc::from(deadline)), ("future", future.into()), ("past", past.into())]);
            account.demands.set(requirement.to_owned(), demand);
            change_stored(tx, account);
            Ok(())
        }
    }
}

/// When the next deadline of an account passes, in Unix seconds.
pub(in crate::resources::connect::accounts) fn next_deadline(account: &Account) -> Option<i64> {
    let facts = Facts::of(account);
    let open = account.demands.iter().filter(|(path, _)| !facts.is_told(path));
    let waiting = open.filter_map(|(_, demand)| demand.as_map()).filter(|demand| demand.bool("past") != Some(true));
    waiting.filter_map(|demand| demand.int("deadline")).min()
}

/// Lets the deadlines pass that have come: the due work of an account.
///
/// # Errors
/// None.
pub(in crate::resources::connect::accounts) fn pass(tx: &mut Tx, ctx: &Ctx<'_>, account: &Arc<Account>) -> Result<()> {
    let until = next_deadline(account).unwrap_or(ctx.now).max(ctx.now);
    let mut account = Edit::of(Arc::clone(account));
    let passed = |demand: &Map| demand.int("deadline").is_some_and(|deadline| deadline <= until);
    let demands = account.demands.iter().filter_map(|(path, demand)| Some((path.to_owned(), demand.as_map()?.clone())));
    let changed: Vec<(String, Map)> = demands.filter(|(_, demand)| passed(demand)).collect();
    for (path, demand) in changed {
        account.demands.set(path, demand.with("past", true));
    }
    change_stored(tx, account);
    Ok(())
}
