//! What differs between two states.
//!
//! May use: the state's own parts. Invariant: what the two share in memory is not looked at, so that a comparison with a recent
//! snapshot costs what was written since, at any number of objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::document::differing_members;
use super::{AccountKey, Id, Kind, Record, State, Table};

/// An object that is not the same in two states. A record that is `None` says that the object is not there.
#[derive(Clone, Debug)]
pub struct ObjectDifference {
    /// The id of its account.
    pub account: Id,
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub id: Id,
    /// What it is in the first state.
    pub before: Option<Arc<Record>>,
    /// What it is in the second one.
    pub after: Option<Arc<Record>>,
}

impl ObjectDifference {
    /// Its place among the differences: its account's id, its kind's name and its id.
    pub fn key(&self) -> (&str, &str, &str) {
        (&self.account, self.kind.name(), &self.id)
    }
}

/// The tables of one kind of one account in both states.
type TablePair<'s> = [Option<&'s Arc<Table>>; 2];

impl State {
    /// The objects of the kinds that are `wanted` which the API shows in another way in another state, or in only one of the two, in
    /// the order of their [keys](ObjectDifference::key). An account is the same in both by its id.
    pub fn differences(&self, other: &State, wanted: impl Fn(Kind) -> bool) -> Vec<ObjectDifference> {
        let mut pairs: BTreeMap<(&Id, Kind), TablePair<'_>> = BTreeMap::new();
        for (side, state) in [self, other].into_iter().enumerate() {
            let accounts: BTreeMap<AccountKey, &Id> = state.0.accounts.iter().map(|(id, key)| (*key, id)).collect();
            for (owner, kind, table) in state.tables().filter(|(_, kind, _)| wanted(*kind)) {
                if let Some(account) = accounts.get(&owner) {
                    pairs.entry((account, kind)).or_default()[side] = Some(table);
                }
            }
        }
        let mut all = Vec::new();
        for ((account, kind), tables) in pairs {
            for id in suspects(tables) {
                let live = |table: Option<&Arc<Table>>| table?.get(id).filter(|record| !record.deleted).cloned();
                let [before, after] = tables.map(live);
                if !is_same(before.as_deref(), after.as_deref()) {
                    all.push(ObjectDifference { account: account.clone(), kind, id: id.clone(), before, after });
                }
            }
        }
        all
    }
}

/// The ids of all objects that may not be the same, in order.
fn suspects(tables: TablePair<'_>) -> Vec<&Id> {
    let mut ids: Vec<&Id> = match tables {
        [Some(before), Some(after)] if Arc::ptr_eq(before, after) => Vec::new(),
        [Some(before), Some(after)] => before.suspects(after),
        [one, other] => one.or(other).into_iter().flat_map(|table| table.live()).map(|it| it.object.id()).collect(),
    };
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Whether the API shows the same.
fn is_same(before: Option<&Record>, after: Option<&Record>) -> bool {
    match (before, after) {
        (None, None) => true,
        (Some(before), Some(after)) => {
            std::ptr::eq(before, after)
                || before.object.shows_as(&*after.object)
                // What was exported and read again may be kept in another order, of which nothing is shown.
                || differing_members(&before.object.to_doc(), &after.object.to_doc()).is_empty()
        }
        _ => false,
    }
}
