//! External accounts: the bank accounts and the debit cards for payouts (billing 6.2, 6.7, connect-accounts 5).
//!
//! May use: bank accounts, cards, tokens. Invariant: one external account of each currency is the default, and the platform,
//! which has no dashboard here, gets one in dollars with its first payout.

mod operations;
mod sent;

use std::cmp::Reverse;
use std::sync::Arc;

use crate::contract::{Call, Ctx, In, missing};
use crate::countries;
use crate::error::{ApiError, Result};
use crate::issuers::{self, PayoutOutcome};
use crate::object::metadata;
use crate::resources::connect::directory;
use crate::resources::instruments::bank_accounts::{BankAccount, BankAccountStatus};
use crate::resources::instruments::cards::Card;
use crate::resources::instruments::tokens::{self, Content};
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource};
use crate::state::{AccountKey, Id, Kind, Record, Ref, Tx};

pub(in crate::resources) use self::operations::{CREATE, DELETE, LIST, RETRIEVE, UPDATE, UPDATE_ALONE};

/// The test token of the platform's first external account.
const FIRST: &str = "btok_us_verified";

/// The noun of an external account in "No such …".
pub const NOUN: &str = "external account";

/// The kinds of external accounts.
const KINDS: [Kind; 2] = [BankAccount::KIND, Card::KIND];

/// What an account is paid out to.
#[derive(Clone, Debug)]
pub enum ExternalAccount {
    /// A `ba_…`.
    BankAccount(Arc<BankAccount>),
    /// A `card_…`, which is a debit card.
    Card(Arc<Card>),
}

impl ExternalAccount {
    /// The external account in a record; `None` if it is an object of another kind, or not one of an account.
    fn of(record: &Record) -> Option<Self> {
        let bank = record.get::<BankAccount>().filter(|bank| bank.account.0.is_some());
        let card = || record.get::<Card>().filter(|card| card.account.is_some());
        bank.map(ExternalAccount::BankAccount).or_else(|| card().map(ExternalAccount::Card))
    }

    fn object(&self) -> &dyn Object {
        match self {
            ExternalAccount::BankAccount(bank) => &**bank,
            ExternalAccount::Card(card) => &**card,
        }
    }

    /// Its id.
    pub fn id(&self) -> &Id {
        self.object().id()
    }

    /// Its kind, which is the `type` of a payout to it.
    pub fn kind(&self) -> Kind {
        self.object().kind()
    }

    /// Several like it, in words.
    pub fn noun(&self) -> &'static str {
        match self {
            ExternalAccount::BankAccount(_) => "bank accounts",
            ExternalAccount::Card(_) => "debit cards",
        }
    }

    fn reference(&self) -> Ref {
        Ref { kind: self.object().kind(), id: Id::clone(self.id()) }
    }

    fn rest(&self) -> &Map {
        match self {
            ExternalAccount::BankAccount(bank) => &bank.rest,
            ExternalAccount::Card(card) => &card.rest,
        }
    }

    fn rest_mut(&mut self) -> &mut Map {
        match self {
            ExternalAccount::BankAccount(bank) => &mut Arc::make_mut(bank).rest,
            ExternalAccount::Card(card) => &mut Arc::make_mut(card).rest,
        }
    }

    /// The currency of its payouts, in lower case.
    pub fn currency(&self) -> Option<&str> {
        self.rest().str("currency")
    }

    fn is_default(&self) -> bool {
        self.rest().bool("default_for_currency") == Some(true)
    }

    /// Whether instant payouts to it are offered to its account.
    pub fn offers_instant(&self) -> bool {
        let methods = self.rest().list("available_payout_methods").unwrap_or_default();
        methods.iter().any(|method| method.as_str() == Some("instant"))
    }

    /// Whether an instant payout to it arrives.
    pub fn takes_instant(&self) -> bool {
        self.payout_outcome() != PayoutOutcome::NotInstant
    }

    /// What becomes of a payout to it (core-payments 7.6).
    pub fn payout_outcome(&self) -> PayoutOutcome {
        match self {
            ExternalAccount::BankAccount(bank) => bank.payout_outcome(),
            // Of a card from a dump its last digits are known, and which test card has them.
            ExternalAccount::Card(card) => issuers::payout_outcome(card.details.test_card().number),
        }
    }

    /// Two letters, if it is a bank account.
    pub fn bank_country(&self) -> Option<&str> {
        match self {
            ExternalAccount::BankAccount(bank) => bank.rest.str("country"),
            ExternalAccount::Card(_) => None,
        }
    }

    /// Makes it one of the current account.
    fn join(&mut self, tx: &Tx) {
        let account = tx.account_id();
        let instant = self.takes_instant() && is_instant_here(tx, self);
        let methods = if instant { vec!["standard", "instant"] } else { vec!["standard"] };
        self.rest_mut().set("available_payout_methods", methods);
        match self {
            ExternalAccount::BankAccount(bank) => {
                let bank = Arc::make_mut(bank);
                for key in ["requirements", "future_requirements"] {
                    let lists = ["currently_due", "errors", "past_due", "pending_verification"];
                    bank.rest.set(key, Map::from(lists.map(|key| (key, Doc::List(Vec::new())))));
                }
                bank.account.0 = Some(account);
                bank.status = BankAccountStatus::New;
            }
            ExternalAccount::Card(card) => {
                let card = Arc::make_mut(card);
                card.account = Some(account);
                card.rest.set("status", BankAccountStatus::New.as_str());
            }
        }
    }

    fn add_metadata(&mut self, sent: Option<&Doc>) -> Result<()> {
        let metadata = match self {
            ExternalAccount::BankAccount(bank) => &mut Arc::make_mut(bank).metadata,
            ExternalAccount::Card(card) => &mut Arc::make_mut(card).metadata,
        };
        *metadata = metadata::merge(metadata, sent)?;
        Ok(())
    }

    fn insert(self, tx: &mut Tx) -> Ref {
        match self {
            ExternalAccount::BankAccount(bank) => tx.insert(Arc::unwrap_or_clone(bank)),
            ExternalAccount::Card(card) => tx.insert(Arc::unwrap_or_clone(card)),
        }
    }

    fn set_default(&self, tx: &mut Tx, default: bool) {
        let key = "default_for_currency";
        match self {
            ExternalAccount::BankAccount(bank) => {
                tx.update::<BankAccount>(&bank.id, |bank| bank.rest.set(key, default));
            }
            ExternalAccount::Card(card) => tx.update::<Card>(&card.id, |card| card.rest.set(key, default)),
        }
    }

    /// Whether a payout to it has failed since it was last changed.
    pub fn is_errored(&self) -> bool {
        match self {
            ExternalAccount::BankAccount(bank) => bank.status == BankAccountStatus::Errored,
            ExternalAccount::Card(card) => card.rest.str("status") == Some(BankAccountStatus::Errored.as_str()),
        }
    }

    /// Notes that a payout to it has failed.
    pub fn set_errored(&self, tx: &mut Tx) {
        match self {
            ExternalAccount::BankAccount(bank) => {
                tx.update::<BankAccount>(&bank.id, |bank| bank.status = BankAccountStatus::Errored);
            }
            ExternalAccount::Card(card) => {
                tx.update::<Card>(&card.id, |card| card.rest.set("status", BankAccountStatus::Errored.as_str()));
            }
        }
    }

    fn delete(&self, tx: &mut Tx) {
        match self {
            ExternalAccount::BankAccount(bank) => tx.delete::<BankAccount>(&bank.id),
            ExternalAccount::Card(card) => tx.delete::<Card>(&card.id),
        }
    }
}

/// The external account of the current account with this id.
pub fn find(tx: &Tx, id: &str) -> Option<ExternalAccount> {
    let record = KINDS.iter().find_map(|kind| tx.record(*kind, id)).filter(|record| !record.deleted)?;
    ExternalAccount::of(record)
}

/// The default external account of a currency, for payouts without a destination.
pub fn default_for(tx: &mut Tx, ctx: &Ctx<'_>, currency: &str) -> Option<ExternalAccount> {
    let is_first = tx.account() == AccountKey::PLATFORM && currency == "usd" && all(tx).is_empty();
    if is_first && let Ok(Content::BankAccount(bank)) = tokens::redeem(tx, ctx, FIRST, ApiError::internal) {
        // Nobody requested it, so it emits no events.
        tx.quietly(|tx| add(tx, ExternalAccount::BankAccount(Arc::new(*bank)), true));
    }
    all(tx).into_iter().find(|external| external.currency() == Some(currency) && external.is_default())
}

/// The external account that a negative balance is debited from: the default of the currency, or the newest bank account in
/// it where that is a card, which cannot be debited.
pub fn debited_for(tx: &mut Tx, ctx: &Ctx<'_>, currency: &str) -> Option<ExternalAccount> {
    match default_for(tx, ctx, currency)? {
        ExternalAccount::Card(_) => {
            let is_bank = |external: &ExternalAccount| matches!(external, ExternalAccount::BankAccount(_));
            all(tx).into_iter().find(|external| is_bank(external) && external.currency() == Some(currency))
        }
        bank => Some(bank),
    }
}

/// Every external account of the current account, newest first.
pub fn all(tx: &Tx) -> Vec<ExternalAccount> {
    rows(tx).iter().filter_map(|record| ExternalAccount::of(record)).collect()
}

/// The records of the current account's external accounts, newest first.
fn rows(tx: &Tx) -> Vec<Arc<Record>> {
    let account = tx.account_id();
    let mut rows: Vec<_> = KINDS.iter().flat_map(|kind| tx.records_having(*kind, "account", &account)).collect();
    rows.sort_by_key(|row| Reverse(row.place));
    rows
}

fn in_currency(tx: &Tx, external: &ExternalAccount) -> Vec<ExternalAccount> {
    let is_other = |other: &ExternalAccount| other.currency() == external.currency() && other.id() != external.id();
    all(tx).into_iter().filter(is_other).collect()
}

/// Adds an external account; the first in its currency is the default.
fn add(tx: &mut Tx, mut external: ExternalAccount, default: bool) -> Ref {
    let default = default || in_currency(tx, &external).is_empty();
    if default {
        yield_default(tx, &external);
    }
    external.join(tx);
    external.rest_mut().set("default_for_currency", default);
    external.insert(tx)
}

/// The country of the current account.
fn country(tx: &Tx) -> String {
    let id = tx.account_id();
    let account = tx.state().record(AccountKey::PLATFORM, directory::KIND, &id).map(|record| record.object.to_doc());
    account.as_ref().and_then(|account| account.str("country")).unwrap_or(countries::DEFAULT).to_owned()
}

/// Whether money comes at once to an external account of the current account: to a debit card, and to the first test bank of
/// an American account (connect-accounts 5).
fn is_instant_here(tx: &Tx, external: &ExternalAccount) -> bool {
    match external {
        ExternalAccount::Card(_) => true,
        ExternalAccount::BankAccount(bank) => {
            country(tx) == "US" && bank.rest.str("routing_number") == Some(issuers::TEST_ROUTING_NUMBER)
        }
    }
}

/// The external accounts of an account as it shows them, newest first.
pub fn of(tx: &Tx, account: &str) -> Vec<Doc> {
    let Some(place) = tx.state().account(account) else { return Vec::new() };
    tx.read_within(place, rows).iter().map(|record| Doc::Map(record.object.to_doc())).collect()
}

/// Takes what `param` of an account says as its default external account, in place of the one that was
/// (billing 6.1). The account shows it: as its own change, or because it follows.
///
/// # Errors
/// A token or a hash that describes no bank account and no debit card.
pub fn replace_default(tx: &mut Tx, ctx: &Ctx<'_>, account: &str, param: &'static str, sent: &Doc) -> Result<()> {
    let place = tx.state().account(account).unwrap_or(tx.account());
    let external = sent::external_account(tx, ctx, place, param, sent)?;
    tx.within(place, |tx| {
        let replaced = in_currency(tx, &external).into_iter().find(ExternalAccount::is_default);
        if let Some(replaced) = replaced {
            replaced.delete(tx);
        }
        add(tx, external, true);
    });
    Ok(())
}

/// Adds an external account to those of an account, from the hash that describes it.
///
/// # Errors
/// It describes no external account.
pub fn add_to(tx: &mut Tx, ctx: &Ctx<'_>, account: &str, sent: &Map) -> Result<()> {
    let place = directory::find(tx, account).ok_or_else(|| missing(directory::KIND, account, In::Path))?;
    let external = sent::external_account(tx, ctx, place, "external_account", &Doc::Map(sent.clone()))?;
    tx.within(place, |tx| add(tx, external, false));
    Ok(())
}

/// Makes another external account of the currency the default.
fn yield_default(tx: &mut Tx, external: &ExternalAccount) {
    for other in in_currency(tx, external).iter().filter(|other| other.is_default()) {
        other.set_default(tx, false);
    }
}

/// The account in the path: the current one, or one of the platform's.
fn place(tx: &Tx, call: &Call<'_>) -> Result<AccountKey> {
    if *tx.account_id() == *call.arg(0) {
        return Ok(tx.account());
    }
    if tx.account() != AccountKey::PLATFORM {
        return Err(ApiError::account_not_of_header());
    }
    directory::find(tx, call.arg(0)).ok_or_else(|| missing(directory::KIND, call.arg(0), In::Path))
}
