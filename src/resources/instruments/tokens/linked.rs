//! The token of a bank account that somebody linked or typed in a session (connect-accounts 12).
//!
//! May use: bank accounts. Invariant: only a linked account is verified.

use super::create::{BANK_TOKEN, begin, fill_with_bank_account};
use crate::contract::Ctx;
use crate::error::Result;
use crate::resources::instruments::bank_accounts::BankAccountStatus;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::Object as _;

/// Stores a token, and returns it as it is shown: that of an American account with these `account_number`, `routing_number` and `account_type`.
///
/// # Errors
/// A number is wrong.
pub fn of_account(tx: &mut Tx, ctx: &Ctx<'_>, numbers: &Map, is_linked: bool) -> Result<Map> {
    let hash = numbers.clone().with("country", "US").with("currency", "usd");
    let mut token = begin(ctx, BANK_TOKEN, "bank_account");
    fill_with_bank_account(&mut token, &hash, ctx, &tx.account_id())?;
    if is_linked && let Some(Doc::Map(bank)) = token.rest.get_mut("bank_account") {
        bank.set("status", BankAccountStatus::Verified.as_str());
    }
    let shown = token.to_doc();
    let _ = tx.insert(token);
    Ok(shown)
}
