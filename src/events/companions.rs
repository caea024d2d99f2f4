//! Companions: the other records that an event shows, which it keeps from commit on.
//!
//! May use: what objects show of others, the state before and after. Invariant: everything that an event shows in any
//! version is its object or one of its companions.

use std::sync::Arc;

use smallvec::SmallVec;

use super::derive::Draft;
use super::show::shown_kind;
use crate::api::inside;
use crate::contract;
use crate::state::event::{Companion, Companions, News};
use crate::state::{AccountKey, Kind, Record, State, Tx};

/// Completes the events of one transaction; those about the same record share its companions.
pub(super) struct Collector<'s> {
    before: &'s State,
    after: &'s State,
    known: SmallVec<[Known; 4]>,
}

/// What a record shows of others.
struct Known {
    account: AccountKey,
    record: Arc<Record>,
    kind: Kind,
    /// Whether the others are those before the transaction.
    is_before: bool,
    companions: Arc<[Companion]>,
}

impl<'s> Collector<'s> {
    /// For the events of a transaction between two states.
    pub(super) fn new(before: &'s State, after: &'s State) -> Self {
        Collector { before, after, known: SmallVec::new() }
    }

    /// An event with its companions.
    pub(super) fn complete(&mut self, draft: Draft) -> News {
        let Draft { account, name, before: was, after: is, of_own_account, seen, .. } = draft;
        let own = of_own_account.then(|| self.after.account(is.object.id())).flatten();
        let account = own.unwrap_or(account);
        let shown_before = was.as_ref().map_or_else(Arc::default, |was| {
            // What was made in the transaction itself has its companions from there.
            let is_new = self.before.record(account, was.object.kind(), was.object.id()).is_none();
            self.of(account, name, was, !is_new)
        });
        let shown_after = match seen {
            Some(seen) => collect(&seen, account, &is, shown_kind(name, &*is.object)),
            None => self.of(account, name, &is, false),
        };
        let is_empty = shown_before.is_empty() && shown_after.is_empty();
        News {
            account,
            account_id: self.after.connected_id(account).cloned(),
            name,
            before: was,
            after: is,
            companions: (!is_empty).then(|| Box::new(Companions { before: shown_before, after: shown_after })),
        }
    }

    /// The companions of a record in an event, from the state before or after.
    fn of(&mut self, account: AccountKey, name: &str, record: &Arc<Record>, is_before: bool) -> Arc<[Companion]> {
        let kind = shown_kind(name, &*record.object);
        let is_it = |known: &&Known| {
            Arc::ptr_eq(&known.record, record)
                && (known.account, known.kind, known.is_before) == (account, kind, is_before)
        };
        if let Some(known) = self.known.iter().find(is_it) {
            return Arc::clone(&known.companions);
        }
        let companions = collect(if is_before { self.before } else { self.after }, account, record, kind);
        let known = Known { account, record: Arc::clone(record), kind, is_before, companions: Arc::clone(&companions) };
        self.known.push(known);
        companions
    }
}

fn collect(state: &State, account: AccountKey, record: &Record, kind: Kind) -> Arc<[Companion]> {
    let companions = inside::collect(&Tx::new(state, account, contract::indexes), record, kind);
    if companions.is_empty() { Arc::default() } else { companions.into() }
}
