//! Tokens (core-payments 5.1, 5.2).
//!
//! May use: card details, bank accounts, the test tokens. Invariant: a stored token is used at most once; the
//! literal test tokens are never used up.

mod bank;
mod create;
mod linked;

pub use self::bank::{TEST_BANK_NAME, bank_account, fingerprint as bank_fingerprint, last4};
pub use self::linked::of_account;

use crate::contract::{Behaviour, Ctx, Entry, In, Marked, Public, Visible, missing};
use crate::countries;
use crate::error::{ApiError, Result};
use crate::issuers;
use crate::resources::instruments::bank_accounts::BankAccount;
use crate::resources::instruments::card_details::{CardDetails, HOLDER_KEYS};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Id, Tx};

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
        /// The card.
        card: Option<CardDetails>,
        /// The whole number of the bank account.
        account_number: Option<String>,
        /// What is told of an account or a person.
        told: Map,
    }
}

/// The content of a token.
#[derive(Clone, Debug)]
pub enum Content {
    /// A card; `holder` has its `name` and `address_*`.
    Card {
        /// The card itself.
        details: Box<CardDetails>,
        /// `name`, `address_line1`, … of the token's card.
        holder: Map,
        /// The id of the token's card; `None` for a literal test token.
        card_id: Option<Id>,
        /// The currency of payouts to it, in lower case; `None` for a card that only pays.
        currency: Option<String>,
    },
    /// A bank account without a customer.
    BankAccount(Box<BankAccount>),
}

/// The holder's `name` and `address_*` of a `card` hash; what was not sent is null.
pub fn holder_of(card: &Map) -> Map {
    Map::from(HOLDER_KEYS.map(|key| (key, card.get(key).cloned().unwrap_or_default())))
}

/// Whether the current account has a token with this id.
pub fn is_stored(tx: &Tx, id: &str) -> bool {
    tx.get::<Token>(id).is_some()
}

/// Uses a token: a literal test token, or a stored one, which is then used up (core-payments 5.1.6, 5.1.9).
///
/// # Errors
/// `unknown` if there is no such token; `token_already_used` if it was used.
pub fn redeem(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, unknown: impl FnOnce() -> ApiError) -> Result<Content> {
    if let Some(content) = of_test_token(ctx, &tx.account_id(), id) {
        return Ok(content);
    }
    // A token of anything but a card or a bank account cannot pay.
    let found = tx.get::<Token>(id).and_then(|token| Some((token.used, token.content()?)));
    match found {
        None => Err(unknown()),
        Some((true, _)) => Err(ApiError::token_already_used(id)),
        Some((false, content)) => {
            tx.update::<Token>(id, |token| token.used = true);
            Ok(content)
        }
    }
}

/// Uses a token of an account or a person, and returns what it tells (connect-accounts 1.1); `kind` is what it must be of,
/// `param` the name of its parameter.
///
/// # Errors
/// There is no such token, or it was used.
pub fn redeem_told(tx: &mut Tx, id: &str, kind: &str, param: &str) -> Result<Map> {
    let token = tx.get::<Token>(id).filter(|token| token.kind == kind);
    let token = token.ok_or_else(|| missing(Token::KIND, id, In::Param(param)))?;
    if token.used {
        return Err(ApiError::token_already_used(id));
    }
    tx.update::<Token>(id, |token| token.used = true);
    Ok(token.told.clone())
}

/// An error about something that a token told is about the token in the parameter `token`, if the call itself did not send it.
pub fn about_token(error: ApiError, sent: &Map, token: &'static str) -> ApiError {
    match sent.has(token) {
        true => error.about_other(|param| (!is_sent(sent, param)).then(|| token.to_owned())),
        false => error,
    }
}

/// Whether a parameter with this name, `a[b][0]`, is among those that were sent.
fn is_sent(sent: &Map, param: &str) -> bool {
    let mut inside = Some(sent);
    for name in param.split(['[', ']']).filter(|name| !name.is_empty()) {
        let Some(known) = inside else { return true };
        match known.get(name) {
            None => return false,
            Some(value) => inside = value.as_map(),
        }
    }
    true
}

/// Uses the token of a security code, which can be used once (core-payments 5.1); `param` is the name of its parameter.
///
/// # Errors
/// There is no such token, or it was used.
pub fn redeem_cvc(tx: &mut Tx, id: &str, param: &str) -> Result<()> {
    let token = tx.get::<Token>(id).filter(|token| token.kind == create::CVC_UPDATE);
    match token.map(|token| token.used) {
        None => Err(missing(Token::KIND, id, In::Param(param))),
        Some(true) => Err(ApiError::token_already_used(id)),
        Some(false) => {
            tx.update::<Token>(id, |token| token.used = true);
            Ok(())
        }
    }
}

/// The content of a literal test token (core-payments 5.2).
fn of_test_token(ctx: &Ctx<'_>, account: &str, id: &str) -> Option<Content> {
    if let Some(card) = issuers::by_token(id) {
        let details = Box::new(CardDetails::of_test_card(card, ctx, account));
        let currency = Some(countries::currency(card.country).to_owned());
        return Some(Content::Card { details, holder: holder_of(&Map::new()), card_id: None, currency });
    }
    bank::of_test_token(ctx, account, id).map(|bank| Content::BankAccount(Box::new(bank)))
}

impl Token {
    fn content(&self) -> Option<Content> {
        if let Some(card) = self.rest.map("card") {
            // Of a token from a dump, only what it shows of its card is known.
            let details = self.card.clone().or_else(|| CardDetails::from_hash(card))?;
            let card_id = card.str("id").map(Id::from);
            let currency = card.str("currency").map(str::to_owned);
            return Some(Content::Card { details: Box::new(details), holder: holder_of(card), card_id, currency });
        }
        let shown = self.rest.map("bank_account")?.clone();
        let hidden = Map::from([
            ("account_number", Doc::from(self.account_number.clone().unwrap_or_default())),
            ("created", self.created.into()),
        ]);
        BankAccount::from_docs(shown, hidden, self.created).ok().map(|bank| Content::BankAccount(Box::new(bank)))
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Token::KIND,
    marks: &[
        Marked::refused(&["bank_account.payment_method"]),
        Marked::neutral(&["cvc_update", "pii"], "a token does not show what it stands for"),
        Marked::acts(&["account"], "connect::tokens::an_account_token_tells_what_it_was_made_of"),
        Marked::acts(&["person"], "connect::tokens::a_person_token_tells_what_it_was_made_of"),
    ],
    fields: Token::FIELDS,
    noun: "token",
    id: create::TOKEN,
    path_param: "token",
    operations: &[("tokens.create", Behaviour::Write(create::create)), ("tokens.retrieve", Behaviour::Retrieve)],
    public: &[
        Public { operation: "tokens.create", needs_secret: false, params: &[], visible: Visible::All },
        Public { operation: "tokens.retrieve", needs_secret: false, params: &[], visible: Visible::All },
    ],
    import: crate::contract::import::<Token>,
    ..Entry::PLAIN
};
