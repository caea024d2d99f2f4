//! What a person does in a session (connect-accounts 12).
//!
//! May use: the institutions of the test bank, linked accounts, tokens. Invariant: a refused choice links nothing.

use std::sync::Arc;

use super::{FinancialSession, accounts};
use crate::contract::{Ctx, In, require};
use crate::error::{ApiError, Result};
use crate::issuers::{self, TestFinancialAccount, TestInstitution};
use crate::resources::instruments::financial_accounts::{self, NewLink};
use crate::resources::instruments::tokens;
use crate::state::document::{Doc, Map};
use crate::state::object::Absent;
use crate::state::{Edit, Tx};

/// What a person chooses.
#[derive(Clone, Copy, Debug)]
pub enum SessionChoice<'a> {
    /// Accounts at an institution, by their keys.
    Linked {
        /// The institution.
        institution: &'a str,
        /// The accounts.
        accounts: &'a [String],
    },
    /// An account by its numbers.
    Typed {
        /// The routing number.
        routing: &'a str,
        /// The account number.
        number: &'a str,
    },
}

/// Does what a person chose in a session.
///
/// # Errors
/// There is no such session, it is over, or it does not take the choice.
pub fn submit(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, choice: SessionChoice<'_>) -> Result<()> {
    let session = require::<FinancialSession>(tx, id, In::Path)?;
    if session.completed {
        return Err(ApiError::session_completed());
    }
    let mut changed = Edit::of(Arc::clone(&session));
    let numbers = match choice {
        SessionChoice::Linked { institution, accounts } => {
            let (institution, chosen) = check_linked(&session, institution, accounts)?;
            link(tx, ctx, &session, institution, &chosen);
            chosen.iter().find(|account| account.pays).map(|account| numbers_of(account))
        }
        SessionChoice::Typed { routing, number } => {
            if !session.takes_numbers() {
                return Err(ApiError::session_takes_no_numbers());
            }
            issuers::check_us_account(routing, number).map_err(|fault| ApiError::bank_fault("bank_account", fault))?;
            let typed = Map::from([("account_number", number.to_owned()), ("routing_number", routing.to_owned())]);
            changed.typed = typed.clone();
            Some(typed)
        }
    };
    changed.completed = true;
    let is_linked = matches!(choice, SessionChoice::Linked { .. });
    if let Some(numbers) = numbers.filter(|_| session.asks_to_pay() && session.intent.is_none()) {
        changed.bank_account_token = Absent(Some(tokens::of_account(tx, ctx, &numbers, is_linked)?));
    }
    changed.save(tx);
    Ok(())
}

fn numbers_of(account: &TestFinancialAccount) -> Map {
    let facts = [
        ("account_number", account.number),
        ("account_type", account.subcategory),
        ("routing_number", account.routing()),
    ];
    Map::from(facts)
}

/// The institution and the accounts with these keys, if they can be linked.
fn check_linked(
    session: &FinancialSession,
    institution: &str,
    keys: &[String],
) -> Result<(&'static TestInstitution, Vec<&'static TestFinancialAccount>)> {
    let found = issuers::institution(institution).ok_or_else(|| ApiError::institution_unknown(institution))?;
    if let Some(why) = found.outage {
        return Err(ApiError::institution_down(found.name, why));
    }
    let mut chosen: Vec<&'static TestFinancialAccount> = Vec::with_capacity(keys.len());
    for key in keys {
        let account = found.account(key).filter(|account| session.takes_links() && session.takes(account));
        let account = account.ok_or_else(|| ApiError::institution_account_unknown(key))?;
        if !chosen.contains(&account) {
            chosen.push(account);
        }
    }
    let limit = session.limit();
    let is_too_many = limit.is_some_and(|limit| i64::try_from(chosen.len()).is_ok_and(|count| count > limit));
    if chosen.is_empty() || is_too_many {
        return Err(ApiError::institution_accounts_count(limit));
    }
    Ok((found, chosen))
}

fn link(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    session: &FinancialSession,
    institution: &'static TestInstitution,
    chosen: &[&'static TestFinancialAccount],
) {
    let list = |key: &str| session.rest.list(key).unwrap_or_default();
    let holder = session.rest.get("account_holder").cloned().unwrap_or(Doc::Null);
    // The list shows the newest first: what was chosen first comes first.
    for account in chosen.iter().rev() {
        let new = NewLink {
            session: &session.id,
            holder: &holder,
            permissions: list("permissions"),
            prefetch: list("prefetch"),
            institution,
            account,
        };
        let _ = financial_accounts::link(tx, ctx, &new);
    }
    debug_assert_eq!(accounts(tx, &session.id).len(), chosen.len());
}
