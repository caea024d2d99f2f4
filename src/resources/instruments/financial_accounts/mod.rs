//! Accounts at other banks that their holders linked, and what their banks tell of them (connect-accounts 12).
//!
//! May use: the institutions of the test bank. Invariant: nothing of an account is told to whom its holder did not allow it, and
//! nothing new once it is not active.

mod link;
pub mod ownership;
mod refresh;
pub mod transactions;

pub use self::link::{NewLink, debit_details, link};
pub use self::refresh::FinancialFeature;

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, Events, Expand, In, Marked, Outcome, Trigger, require};
use crate::error::{ApiError, Result};
use crate::issuers::{self, TestFinancialAccount};
use crate::object::body;
use crate::state::document::Doc;
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Edit, Id, Kind, Ref, Tx};

crate::values! {
    /// Whether a bank tells of an account (connect-accounts 12).
    pub enum FinancialAccountStatus {
        Active = "active",
        /// It does not, until the holder links it again.
        Inactive = "inactive",
        /// It never will again.
        Disconnected = "disconnected",
    }
}

crate::resource! {
    /// A linked account.
    FinancialAccount = "financial_connections.account" {
        /// Unix seconds.
        created: i64,
        /// Whose it is: a customer, or an account.
        account_holder: Doc,
        /// The money on it; null until it is asked for.
        balance: Doc,
        /// The last refresh of the balance; null for none.
        balance_refresh: Doc,
        /// Who owns it; null until that is asked for.
        ownership: Option<Id>,
        /// The last refresh of its owners; null for none.
        ownership_refresh: Doc,
        /// Whether its bank tells of it.
        status: FinancialAccountStatus,
        /// What is refreshed every day.
        subscriptions: Doc,
        /// The last refresh of its transactions; null for none.
        transaction_refresh: Doc,
    }
    hidden {
        /// The session in which it was linked.
        session: Option<Id>,
        /// The institution and the account of the test bank; null of an account from elsewhere.
        place: Option<String>,
        /// When what is asked of its bank is answered, in Unix seconds.
        answered_at: Option<i64>,
        /// When it is refreshed because of a subscription, in Unix seconds.
        refreshed_at: Option<i64>,
        /// How often its bank was asked.
        refreshes: Option<i64>,
    }
}

/// The kind, for references.
pub const KIND: Kind = FinancialAccount::KIND;

impl FinancialAccount {
    /// The account of the test bank that it is.
    fn test_account(&self) -> Option<&'static TestFinancialAccount> {
        let (institution, account) = self.place.as_deref()?.split_once('/')?;
        issuers::institution(institution)?.account(account)
    }

    /// The id of its holder.
    fn holder(&self) -> Option<&str> {
        let holder = self.account_holder.as_map()?;
        ["customer", "account", "customer_account"].into_iter().find_map(|key| holder.str(key))
    }

    /// The id of its last refresh of transactions.
    fn last_told(&self) -> Option<&str> {
        self.transaction_refresh.as_map()?.str("id")
    }

    /// Checks that its bank tells of it.
    ///
    /// # Errors
    /// It does not.
    fn check_active(&self) -> Result<()> {
        match self.status {
            FinancialAccountStatus::Active => Ok(()),
            status @ (FinancialAccountStatus::Inactive | FinancialAccountStatus::Disconnected) => {
                Err(ApiError::financial_account_inactive(status.as_str()))
            }
        }
    }

    /// Checks that its holder allowed something.
    ///
    /// # Errors
    /// They did not.
    fn check_allowed(&self, permission: &str) -> Result<()> {
        let allowed = self.rest.list("permissions").unwrap_or_default();
        match allowed.iter().any(|allowed| allowed.as_str() == Some(permission)) {
            true => Ok(()),
            false => Err(ApiError::financial_account_not_allowed(permission)),
        }
    }
}

/// `GET /v1/financial_connections/accounts`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let holder = call.params.map("account_holder");
    let wanted: Vec<&str> = holder
        .into_iter()
        .flat_map(|holder| ["account", "customer", "customer_account"].into_iter().filter_map(|key| holder.str(key)))
        .collect();
    let parent = wanted.first().map(|holder| ("account_holder", *holder));
    let is_wanted = |account: &FinancialAccount| wanted.iter().all(|holder| account.holder() == Some(holder));
    let page = list::page_where(tx, &ENTRY, call, parent, &|record| {
        record.get::<FinancialAccount>().is_some_and(|account| is_wanted(&account))
    })?;
    Ok(Outcome::List(page))
}

/// `POST /v1/financial_connections/accounts/:id/disconnect`.
fn disconnect(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    turn(tx, ctx, call.arg(0), FinancialAccountStatus::Disconnected).map(Outcome::Done)
}

/// Brings an account into another status; its bank is asked for nothing any more, or again.
///
/// # Errors
/// There is no such account, or it is disconnected, which it stays.
fn turn(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, status: FinancialAccountStatus) -> Result<Ref> {
    let mut changed = Edit::of(require::<FinancialAccount>(tx, id, In::Path)?);
    match (changed.status, status) {
        (FinancialAccountStatus::Disconnected, _) => return Err(stays_disconnected(status)),
        (FinancialAccountStatus::Active, FinancialAccountStatus::Active) => {}
        (FinancialAccountStatus::Inactive, FinancialAccountStatus::Active) => changed.follow_again(ctx),
        (_, FinancialAccountStatus::Inactive | FinancialAccountStatus::Disconnected) => changed.ask_no_more(),
    }
    changed.status = status;
    let shown = Ref::to(&*changed);
    changed.save(tx);
    Ok(shown)
}

fn stays_disconnected(wanted: FinancialAccountStatus) -> ApiError {
    let verb = match wanted {
        FinancialAccountStatus::Active => "reactivate",
        FinancialAccountStatus::Inactive => "deactivate",
        FinancialAccountStatus::Disconnected => "disconnect",
    };
    let allowed = [FinancialAccountStatus::Active.as_str(), FinancialAccountStatus::Inactive.as_str()];
    ApiError::wrong_state(KIND.name(), verb, "status", FinancialAccountStatus::Disconnected.as_str(), &allowed)
}

/// How events are made to happen.
const TRIGGERS: &[Trigger] = &[
    Trigger::post(
        "financial_connections.account.disconnected",
        "/v1/financial_connections/accounts/{id}/disconnect",
        &[],
    ),
    Trigger::rule(
        "financial_connections.account.deactivated",
        |tx, ctx, id| turn(tx, ctx, id, FinancialAccountStatus::Inactive).map(drop),
        "Its bank tells nothing of it any more",
    ),
    Trigger::rule(
        "financial_connections.account.reactivated",
        |tx, ctx, id| turn(tx, ctx, id, FinancialAccountStatus::Active).map(drop),
        "Its holder links it again",
    ),
    refreshed("financial_connections.account.refreshed_balance", &[("features[]", "balance")]),
    refreshed("financial_connections.account.refreshed_ownership", &[("features[]", "ownership")]),
    refreshed("financial_connections.account.refreshed_transactions", &[("features[]", "transactions")]),
];

const fn refreshed(event: &'static str, features: crate::contract::Pairs) -> Trigger {
    Trigger::post(event, "/v1/financial_connections/accounts/{id}/refresh", features)
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: FinancialAccount::FIELDS,
    noun: "financial connections account",
    id: IdForm::of("fca_").led_by("1"),
    path_param: "account",
    marks: &[Marked::neutral(&["features"], "a subscription is about transactions alone")
        .on(&["financial_connections.accounts.subscribe", "financial_connections.accounts.unsubscribe"])],
    operations: &[
        ("financial_connections.accounts.list", Behaviour::Read(list)),
        ("financial_connections.accounts.retrieve", Behaviour::Retrieve),
        ("financial_connections.accounts.disconnect", Behaviour::Write(disconnect)),
        ("financial_connections.accounts.refresh", Behaviour::Write(refresh::refresh)),
        ("financial_connections.accounts.subscribe", Behaviour::Write(refresh::subscribe)),
        ("financial_connections.accounts.unsubscribe", Behaviour::Write(refresh::unsubscribe)),
        ("linked_accounts.list", Behaviour::Read(list)),
        ("linked_accounts.retrieve", Behaviour::Retrieve),
        ("linked_accounts.disconnect", Behaviour::Write(disconnect)),
        ("linked_accounts.refresh", Behaviour::Write(refresh::refresh)),
    ],
    filters: &[
        crate::filter!(
            "session",
            FinancialAccount,
            |account| account.session.as_deref(),
            Some(crate::kind!("financial_connections.session"))
        ),
        crate::filter!("account_holder", FinancialAccount, |account| account.holder()),
    ],
    expands: &[Expand::field("ownership")],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<FinancialAccount>,
    events: Events {
        created: Some("financial_connections.account.created"),
        turns: &[
            crate::becomes!(FinancialAccount, ["financial_connections.account.disconnected"], |account| {
                account.status == FinancialAccountStatus::Disconnected
            }),
            crate::becomes!(FinancialAccount, ["financial_connections.account.deactivated"], |account| {
                account.status == FinancialAccountStatus::Inactive
            }),
            crate::turn!(FinancialAccount, ["financial_connections.account.reactivated"], |before, after| {
                let was = before.map(|before| before.status);
                was == Some(FinancialAccountStatus::Inactive) && after.status == FinancialAccountStatus::Active
            }),
        ],
        ..Events::NONE
    },
    dues: &[
        crate::due!(
            FinancialAccount,
            "answer of its bank",
            |account| account.answered_at,
            |account| account.refreshes.unwrap_or_default(),
            |tx, ctx, account| refresh::finish(tx, ctx, account)
        ),
        crate::due!(FinancialAccount, "daily refresh", |account| account.refreshed_at, |tx, ctx, account| {
            refresh::repeat(tx, ctx, account)
        }),
    ],
    triggers: TRIGGERS,
    ..Entry::PLAIN
};
