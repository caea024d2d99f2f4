//! The payment method of an account that its holder linked (connect-accounts 12).
//!
//! May use: linked accounts. Invariant: such an account needs no deposits: whoever linked it has shown that it is theirs.

use std::borrow::Cow;

use super::PaymentMethod;
use crate::error::{ApiError, Result};
use crate::resources::instruments::financial_accounts;
use crate::state::Tx;
use crate::state::document::Map;

/// The parameter that names a linked account.
const ACCOUNT: &str = "financial_connections_account";

/// What was typed of an account, in its place.
const TYPED: [&str; 3] = ["account_number", "account_type", "routing_number"];

/// The parameters of a payment method with the numbers of the linked account that they name; `param` is the name of the type's hash.
///
/// # Errors
/// There is no such account, it cannot be debited, or numbers were sent besides.
pub(super) fn complete<'d>(tx: &Tx, data: &'d Map, kind: &str, param: &str) -> Result<Cow<'d, Map>> {
    let hash = data.map(kind).filter(|hash| hash.present(ACCOUNT).is_some());
    let Some(hash) = hash else { return Ok(Cow::Borrowed(data)) };
    let name = |key: &str| format!("{param}[{key}]");
    if let Some(typed) = TYPED.into_iter().find(|key| hash.present(key).is_some()) {
        return Err(ApiError::params_exclusive(&name(ACCOUNT), &name(typed)));
    }
    let account = hash.str(ACCOUNT).unwrap_or_default();
    let mut whole = hash.clone();
    whole.merge(&financial_accounts::debit_details(tx, account, &name(ACCOUNT))?);
    Ok(Cow::Owned(data.clone().with(kind.to_owned(), whole)))
}

impl PaymentMethod {
    /// Whether it was made of a linked account.
    pub fn is_linked(&self) -> bool {
        self.rest.map(&self.kind).is_some_and(|hash| hash.present(ACCOUNT).is_some())
    }
}
