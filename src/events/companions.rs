//! Companions: the other records that an event shows, which it keeps from commit on.
//!
//! May use: what objects show of others, the state before and after. Invariant: everything that an event shows in any
//! version is its object or one of its companions.

use super::derive::Draft;
use super::show::shown_kind;
use crate::api::inside;
use crate::contract;
use crate::state::event::{Companion, Companions, News};
use crate::state::{AccountKey, Record, State, Tx};

/// An event with its companions, from the states before and after its transaction.
pub(super) fn complete(draft: Draft, before: &State, after: &State) -> News {
    let Draft { account, name, before: was, after: is, of_own_account, seen, .. } = draft;
    let own = of_own_account.then(|| after.account(is.object.id())).flatten();
    let account = own.unwrap_or(account);
    let collect = |state: &State, record: &Record| -> Vec<Companion> {
        inside::collect(&Tx::new(state, account, contract::indexes), record, shown_kind(name, &*record.object))
    };
    // What was made in the transaction itself has its companions from there.
    let is_new = |was: &Record| before.record(account, was.object.kind(), was.object.id()).is_none();
    let companions = Companions {
        before: was.as_deref().map_or_else(Vec::new, |was| collect(if is_new(was) { after } else { before }, was)),
        after: collect(seen.as_deref().unwrap_or(after), &is),
    };
    let is_empty = companions.before.is_empty() && companions.after.is_empty();
    News {
        account,
        account_id: (account != AccountKey::PLATFORM).then(|| after.account_id(account).cloned()).flatten(),
        name,
        before: was,
        after: is,
        companions: (!is_empty).then(|| Box::new(companions)),
    }
}
