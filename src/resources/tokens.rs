//! Tokens (core-payments 5.1, 5.2).
//!
//! May use: card details, bank accounts, the test tokens. Invariant: a stored token is used at most once; the
//! literal test tokens are never used up.

use super::Entry;
use super::bank_accounts::BankAccount;
use super::card_details::CardDetails;
use crate::api::error::{ApiError, Result};
use crate::api::operation::Ctx;
use crate::state::Tx;
use crate::state::document::Map;
use crate::state::object::Resource;

crate::resource! {
    /// A token.
    Token = "token" {
        /// Unix seconds.
        created: i64,
        /// `card`, `bank_account`, `pii`, …
        kind as "type": String,
        /// Whether it has been redeemed.
        used: bool,
    }
    hidden {
        /// The card that it stands for.
        card: Option<CardDetails>,
        /// The whole number of the bank account that it stands for.
        account_number: Option<String>,
    }
}

/// What a token stood for.
#[derive(Clone, Debug)]
pub enum Content {
    /// A card; `holder` has its `name` and `address_*`.
    Card {
        /// The card itself.
        details: Box<CardDetails>,
        /// `name`, `address_line1`, … as the token's card shows them.
        holder: Map,
    },
    /// A bank account that belongs to nobody yet.
    BankAccount(Box<BankAccount>),
}

/// Redeems a token: a literal test token or a stored one, which is then used
/// (core-payments 5.1.6, 5.1.9).
///
/// # Errors
/// `unknown` when there is no such token; `token_already_used` when it was used.
pub fn redeem(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, unknown: impl FnOnce() -> ApiError) -> Result<Content> {
    let _ = (tx, ctx, id);
    Err(unknown())
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Token::KIND,
    noun: "token",
    path_param: "token",
    operations: &[],
    filters: &[],
    counts: false,
    includes: &[],
    views: &[],
    public: &[],
    import: super::import::<Token>,
    imported: None,
    due: None,
};
