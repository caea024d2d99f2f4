//! Which accounts there are: the platform's own and those connected to it.
//!
//! May use: the state. Invariant: an account that was deleted is not there any more.

use crate::state::{AccountKey, Kind, Tx};

/// The kind of accounts.
pub const KIND: Kind = crate::kind!("account");

/// The account with this id, for requests and for money.
pub fn find(tx: &Tx, id: &str) -> Option<AccountKey> {
    let deleted = tx.state().record(AccountKey::PLATFORM, KIND, id).is_some_and(|record| record.deleted);
    tx.state().account(id).filter(|_| !deleted)
}

/// Whether there is an account with this id.
pub fn is_known(tx: &Tx, id: &str) -> bool {
    find(tx, id).is_some()
}
