//! Asking the bank of an account for its balance, its owners and its transactions (connect-accounts 12).
//!
//! May use: owners, transactions. Invariant: a refresh is `pending` if and only if its bank was asked and has not answered.

use std::sync::Arc;

use super::{FinancialAccount, ownership, transactions};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::Result;
use crate::issuers::BankAnswer;
use crate::state::document::{Doc, Map};
use crate::state::object::Object as _;
use crate::state::{Edit, Ref, Tx};
use crate::time::calendar::DAY;

crate::values! {
    /// What a bank is asked for.
    pub enum FinancialFeature {
        Balance = "balance",
        Ownership = "ownership",
        Transactions = "transactions",
    }
}

/// Characters of the id of a refresh of transactions after its prefix.
const REFRESH_CHARACTERS: usize = 24;

/// The feature that can be subscribed to.
const SUBSCRIBED: FinancialFeature = FinancialFeature::Transactions;

impl FinancialFeature {
    /// Every one, in the order in which they are refreshed.
    const ALL: [Self; 3] = [Self::Balance, Self::Ownership, Self::Transactions];

    /// What the holder has to allow.
    pub fn permission(self) -> &'static str {
        match self {
            Self::Balance => "balances",
            Self::Ownership => "ownership",
            Self::Transactions => "transactions",
        }
    }

    /// What a permission to know it is called; the names of what a session prefetches are the same.
    pub fn of_permission(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.permission() == name)
    }

    /// The event of its refresh.
    fn event(self) -> &'static str {
        match self {
            Self::Balance => "financial_connections.account.refreshed_balance",
            Self::Ownership => "financial_connections.account.refreshed_ownership",
            Self::Transactions => "financial_connections.account.refreshed_transactions",
        }
    }
}

impl FinancialAccount {
    fn refresh_of(&mut self, feature: FinancialFeature) -> &mut Doc {
        match feature {
            FinancialFeature::Balance => &mut self.balance_refresh,
            FinancialFeature::Ownership => &mut self.ownership_refresh,
            FinancialFeature::Transactions => &mut self.transaction_refresh,
        }
    }

    fn is_pending(&mut self, feature: FinancialFeature) -> bool {
        self.refresh_of(feature).as_map().and_then(|refresh| refresh.str("status")) == Some("pending")
    }

    /// Asks the bank, unless it was asked and has not answered.
    pub(super) fn ask(&mut self, ctx: &Ctx<'_>, feature: FinancialFeature) {
        if self.is_pending(feature) {
            return;
        }
        let number = self.refreshes.unwrap_or_default() + 1;
        let mut refresh = Map::new();
        if feature == FinancialFeature::Transactions {
            refresh.set("id", ctx.ids.id("fctxnref_", REFRESH_CHARACTERS));
        }
        refresh.set("last_attempted_at", ctx.now);
        refresh.set("next_refresh_available_at", Doc::Null);
        refresh.set("status", "pending");
        *self.refresh_of(feature) = refresh.into();
        self.refreshes = Some(number);
        // As soon as the answer is out.
        self.answered_at = Some(ctx.now);
    }

    /// Asks the bank for what is subscribed to, now and in a day.
    fn follow(&mut self, ctx: &Ctx<'_>) {
        self.ask(ctx, SUBSCRIBED);
        self.refreshed_at = Some(ctx.now + DAY);
    }

    /// Goes on with what is subscribed to, after a time without answers.
    pub(super) fn follow_again(&mut self, ctx: &Ctx<'_>) {
        let subscriptions = self.subscriptions.as_list().unwrap_or_default();
        if subscriptions.iter().any(|feature| feature.as_str() == Some(SUBSCRIBED.as_str())) {
            self.follow(ctx);
        }
    }

    /// Ends what the bank was asked for without an answer.
    pub(super) fn ask_no_more(&mut self) {
        for feature in FinancialFeature::ALL {
            if self.is_pending(feature)
                && let Doc::Map(refresh) = self.refresh_of(feature)
            {
                refresh.set("status", "failed");
            }
        }
        self.answered_at = None;
        self.refreshed_at = None;
    }

    /// The balance as its bank tells it.
    fn told_balance(&self, now: i64) -> Map {
        let current = self.test_account().map_or(0, |account| account.current);
        let usd = |amount: i64| Map::from([("usd", amount)]);
        let kind = if self.rest.str("category") == Some("credit") { "credit" } else { "cash" };
        let inner = match kind {
            "credit" => Map::from([("used", usd(-current))]),
            _ => Map::from([("available", usd(current))]),
        };
        Map::from([
            ("as_of", Doc::from(now)),
            (kind, inner.into()),
            ("current", usd(current).into()),
            ("type", kind.into()),
        ])
    }
}

/// The features of a call.
fn features(call: &Call<'_>) -> impl Iterator<Item = FinancialFeature> {
    let sent = call.params.list("features").unwrap_or_default();
    sent.iter().filter_map(Doc::as_str).filter_map(FinancialFeature::parse)
}

/// An account that may be asked for the features of a call.
fn askable(tx: &Tx, call: &Call<'_>) -> Result<Edit<FinancialAccount>> {
    let account = require::<FinancialAccount>(tx, call.arg(0), In::Path)?;
    account.check_active()?;
    features(call).try_for_each(|feature| account.check_allowed(feature.permission()))?;
    Ok(Edit::of(account))
}

/// `POST /v1/financial_connections/accounts/:id/refresh`.
pub(super) fn refresh(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut changed = askable(tx, call)?;
    features(call).for_each(|feature| changed.ask(ctx, feature));
    let shown = Ref::to(&*changed);
    changed.save(tx);
    Ok(Outcome::Done(shown))
}

/// `POST /v1/financial_connections/accounts/:id/subscribe`.
pub(super) fn subscribe(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut changed = askable(tx, call)?;
    changed.subscriptions = vec![SUBSCRIBED.as_str()].into();
    changed.follow(ctx);
    let shown = Ref::to(&*changed);
    changed.save(tx);
    Ok(Outcome::Done(shown))
}

/// `POST /v1/financial_connections/accounts/:id/unsubscribe`.
pub(super) fn unsubscribe(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut changed = Edit::of(require::<FinancialAccount>(tx, call.arg(0), In::Path)?);
    changed.check_active()?;
    changed.subscriptions = Doc::List(Vec::new());
    changed.refreshed_at = None;
    let shown = Ref::to(&*changed);
    changed.save(tx);
    Ok(Outcome::Done(shown))
}

/// Refreshes the transactions of an account that is subscribed to: its due work.
///
/// # Errors
/// None.
pub(super) fn repeat(tx: &mut Tx, ctx: &Ctx<'_>, account: &Arc<FinancialAccount>) -> Result<()> {
    let mut changed = Edit::of(Arc::clone(account));
    changed.follow(ctx);
    changed.save(tx);
    Ok(())
}

/// The bank answers: its due work.
///
/// # Errors
/// None.
pub(super) fn finish(tx: &mut Tx, ctx: &Ctx<'_>, account: &Arc<FinancialAccount>) -> Result<()> {
    let mut changed = Edit::of(Arc::clone(account));
    let asked: Vec<_> = FinancialFeature::ALL.into_iter().filter(|feature| changed.is_pending(*feature)).collect();
    let told = account.test_account().map_or(BankAnswer::All(1), |account| account.told);
    for feature in &asked {
        let is_told = match (feature, told) {
            (_, BankAnswer::Nothing) | (FinancialFeature::Ownership, BankAnswer::NoOwners) => false,
            (FinancialFeature::Balance, _) => {
                changed.balance = changed.told_balance(ctx.now).into();
                true
            }
            (FinancialFeature::Ownership, BankAnswer::All(owners)) => {
                changed.ownership = Some(ownership::tell(tx, ctx, account.id(), owners));
                true
            }
            (FinancialFeature::Transactions, _) => {
                transactions::tell(tx, ctx, account);
                true
            }
        };
        if let Doc::Map(refresh) = changed.refresh_of(*feature) {
            refresh.set("status", if is_told { "succeeded" } else { "failed" });
            refresh.set("next_refresh_available_at", ctx.now);
        }
    }
    changed.answered_at = None;
    let shown = Ref::to(&*changed);
    changed.save(tx);
    asked.into_iter().for_each(|feature| tx.announce(feature.event(), &shown));
    Ok(())
}
