//! What an account may do with money, by what it shows (connect-accounts 7.1).
//!
//! May use: accounts. Invariant: a standard account that was not rejected takes payments in a sandbox before it has told anything;
//! no account is paid out before.

use std::ops::Deref;
use std::sync::Arc;

use super::accounts::Account;
use crate::error::{ApiError, Result};
use crate::state::{AccountKey, Resource, Tx};

/// The capabilities of which a destination of money needs one.
const RECEIVING: [&str; 3] = ["transfers", "crypto_transfers", "legacy_payments"];

/// The capability of an account that takes payments.
const CHARGING: &str = "card_payments";

/// A connected account, as it was if it is deleted; none for the platform, and for an account of which nothing is known.
fn stored(tx: &Tx, account: AccountKey) -> Option<KnownAccount> {
    let id = tx.state().connected_id(account)?;
    let record = tx.state().record(AccountKey::PLATFORM, Account::KIND, id)?;
    Some(KnownAccount { is_deleted: record.deleted, account: record.get()? })
}

/// An account, and whether it is still there.
struct KnownAccount {
    account: Arc<Account>,
    is_deleted: bool,
}

impl KnownAccount {
    /// Whether it was rejected or deleted, which ends everything.
    fn has_ended(&self) -> bool {
        self.is_deleted || self.account.rejected.is_some()
    }
}

impl Deref for KnownAccount {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

impl Account {
    /// Whether what it may do is checked: not of a standard account, unless it was told under `/v2` and is no merchant.
    fn is_checked(&self) -> bool {
        self.rest.str("type") != Some("standard") || !self.may_be_merchant()
    }

    /// Whether one of some capabilities is active.
    fn has(&self, names: &[&str]) -> bool {
        let capabilities = self.rest.map("capabilities");
        names.iter().any(|name| capabilities.and_then(|all| all.str(name)) == Some("active"))
    }
}

/// Checks that the current account takes payments of its own: direct charges.
///
/// # Errors
/// It was rejected or deleted, or is no standard account and has no active `card_payments`.
pub fn check_charges(tx: &Tx) -> Result<()> {
    check_open(tx)?;
    match stored(tx, tx.account()) {
        Some(account) if account.is_checked() && !account.has(&[CHARGING]) => {
            Err(ApiError::account_without_card_payments())
        }
        _ => Ok(()),
    }
}

/// Checks that the current account still takes the money of payments that were made before.
///
/// # Errors
/// It was rejected or deleted.
pub fn check_open(tx: &Tx) -> Result<()> {
    match stored(tx, tx.account()) {
        Some(account) if account.has_ended() => Err(ApiError::account_charges_disabled()),
        _ => Ok(()),
    }
}

/// Checks that payments can be made on behalf of an account.
///
/// # Errors
/// As [`check_charges`]; `param` names the account.
pub fn check_on_behalf_of(tx: &Tx, account: AccountKey, param: &str) -> Result<()> {
    match stored(tx, account) {
        Some(account) if account.has_ended() => Err(ApiError::account_charges_disabled()),
        Some(account) if account.is_checked() && !account.has(&[CHARGING]) => {
            Err(ApiError::on_behalf_of_without_card_payments(account.has(&RECEIVING), param))
        }
        _ => Ok(()),
    }
}

/// Checks that money can be sent to an account.
///
/// # Errors
/// It was rejected or deleted, or is no standard account and none of the capabilities for that is active.
pub fn check_destination(tx: &Tx, account: AccountKey) -> Result<()> {
    match stored(tx, account) {
        Some(account) if account.has_ended() || (account.is_checked() && !account.has(&RECEIVING)) => {
            Err(ApiError::destination_without_capability())
        }
        _ => Ok(()),
    }
}

/// Checks that the current account is paid out.
///
/// # Errors
/// It was rejected or deleted, or its payouts are not enabled, of whichever type it is.
pub fn check_payouts(tx: &Tx) -> Result<()> {
    match stored(tx, tx.account()) {
        Some(account) if account.has_ended() => Err(ApiError::payouts_of_rejected_account()),
        Some(account) if account.rest.bool("payouts_enabled") != Some(true) => {
            Err(ApiError::payouts_before_requirements())
        }
        _ => Ok(()),
    }
}
