//! Financial Connections sessions (connect-accounts 12).
//!
//! May use: customers, linked accounts, tokens. Invariant: what somebody linked in a session stays; there is no second time.

mod create;
mod submit;

pub use self::create::{NewIntentSession, open_for_intent};
pub use self::submit::{SessionChoice, submit};

use std::sync::Arc;

use crate::contract::{
    Behaviour, Call, Ctx, Entry, Fill, In, Include, Marked, On, Outcome, Public, Reaction, Shown, Visible, Who, missing,
};
use crate::error::{ApiError, Result};
use crate::issuers::TestFinancialAccount;
pub use crate::issuers::{INSTITUTIONS, TestInstitution, institution};
use crate::object::body;
use crate::resources::instruments::financial_accounts;
use crate::resources::instruments::tokens::{self, Token};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Object as _, Resource};
use crate::state::{Id, Kind, Record, Ref, Tx};

crate::values! {
    /// How an account is told in a session.
    pub enum SessionEntryMode {
        /// It is linked, or else its numbers are typed.
        Automatic = "automatic",
        /// It is linked.
        Instant = "instant",
        /// Its numbers are typed.
        Microdeposits = "microdeposits",
    }
}

crate::resource! {
    /// A session.
    FinancialSession = "financial_connections.session" {
        /// The token of the account that was linked or typed first; absent for none.
        bank_account_token: Absent<Map>,
        /// Gives Stripe.js access to it.
        client_secret: Option<String>,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// Whether somebody linked accounts, or typed the numbers of one.
        completed: bool,
        /// How an account is told.
        entry: Option<SessionEntryMode>,
        /// The intent that it belongs to.
        intent: Option<Id>,
        /// The payment method that is made for the intent, as it was described.
        method: Map,
        /// The numbers that somebody typed.
        typed: Map,
    }
}

/// The kind, for references.
pub const KIND: Kind = FinancialSession::KIND;

/// Characters of a client secret after its prefix.
const SECRET_CHARACTERS: usize = 24;

impl FinancialSession {
    /// The address of its page.
    pub fn page(&self) -> String {
        let secret = self.client_secret.as_deref().unwrap_or_default();
        format!("/link-accounts/{}?client_secret={secret}", self.id)
    }

    /// Whether numbers may be typed in it.
    pub fn takes_numbers(&self) -> bool {
        let disabled = self.rest.map("manual_entry").and_then(|entry| entry.str("mode")) == Some("disabled");
        match self.entry {
            Some(SessionEntryMode::Instant) => false,
            Some(SessionEntryMode::Microdeposits) => true,
            Some(SessionEntryMode::Automatic) | None => self.asks_to_pay() && !disabled,
        }
    }

    /// Whether accounts can be linked in it.
    pub fn takes_links(&self) -> bool {
        self.entry != Some(SessionEntryMode::Microdeposits)
    }

    /// How many accounts are linked at most; `None` for any number.
    pub fn limit(&self) -> Option<i64> {
        match &self.intent {
            Some(_) => Some(1),
            None => self.rest.map("limits").and_then(|limits| limits.int("accounts")),
        }
    }

    /// Whether somebody is asked to let the account be debited.
    fn asks_to_pay(&self) -> bool {
        self.rest.list("permissions").unwrap_or_default().iter().any(|asked| asked.as_str() == Some("payment_method"))
    }

    /// Whether an account of the test bank can be linked in it.
    pub fn takes(&self, account: &TestFinancialAccount) -> bool {
        let filters = self.rest.map("filters");
        let wanted = filters.and_then(|filters| filters.list("account_subcategories"));
        let is_wanted = wanted.is_none_or(|wanted| {
            wanted.is_empty() || wanted.iter().any(|wanted| wanted.as_str() == Some(account.subcategory))
        });
        let abroad = filters.and_then(|filters| filters.str("country")).is_some_and(|country| country != "US");
        let all_pay = filters.and_then(|filters| filters.str("require_payment_method_support")) == Some("all");
        is_wanted && !abroad && (account.pays || !(self.intent.is_some() || all_pay))
    }

    /// The parameters of the payment method that is made of it for its intent.
    ///
    /// # Errors
    /// Nobody linked anything.
    pub fn method_data(&self, tx: &Tx) -> Result<Map> {
        let linked = accounts(tx, &self.id).into_iter().next();
        let of_bank = match linked {
            Some(account) => Map::from([("financial_connections_account", Doc::from(account.object.id().to_string()))]),
            None if self.completed => self.typed.clone(),
            None => return Err(ApiError::session_not_completed(&self.id)),
        };
        let mut bank = Map::from([("account_holder_type", "individual")]);
        bank.merge(self.method.map("us_bank_account").unwrap_or(&Map::new()));
        bank.merge(&of_bank);
        Ok(self.method.clone().with("type", "us_bank_account").with("us_bank_account", bank))
    }
}

/// The accounts of a session, newest first.
fn accounts(tx: &Tx, session: &str) -> Vec<Arc<Record>> {
    tx.records_having(financial_accounts::KIND, "session", session)
}

/// The ids of the accounts that were linked in a session, in the order in which they were chosen.
pub fn linked(tx: &Tx, session: &str) -> Vec<String> {
    accounts(tx, session).iter().map(|account| account.object.id().to_string()).collect()
}

/// The session with the client secret of a call.
fn of_secret(tx: &Tx, call: &Call<'_>) -> Result<Arc<FinancialSession>> {
    let secret = call.params.str("client_secret").ok_or_else(|| ApiError::param_missing("client_secret"))?;
    let found = tx.having::<FinancialSession>("client_secret", secret).into_iter().next();
    found.ok_or_else(|| missing(KIND, secret, In::Param("client_secret")))
}

/// `GET /v1/link_account_sessions/session_receipt`: a session by its secret, for the page that shows it.
fn receipt(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    Ok(Outcome::Done(Ref::to(&*of_secret(tx, call)?)))
}

/// `POST /v1/link_account_sessions/generate_hosted_url`: where the page of a session is.
fn hosted_url(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let session = of_secret(tx, call)?;
    let limit = session.limit();
    let manifest = Map::from([
        ("id", Doc::from(session.id.to_string())),
        ("allow_manual_entry", session.takes_numbers().into()),
        ("hosted_auth_url", ctx.link(&session.page()).into()),
        ("livemode", false.into()),
        ("permissions", session.rest.get("permissions").cloned().unwrap_or_default()),
        ("single_account", (limit == Some(1)).into()),
    ]);
    Ok(Outcome::Value(manifest.into()))
}

/// A token that was used is shown so.
fn follow_token(tx: &mut Tx, _: &Ctx<'_>, id: &Id) -> Result<()> {
    let shown = tx.get::<FinancialSession>(id).and_then(|session| session.bank_account_token.0.clone());
    let token = shown.as_ref().and_then(|shown| tx.get::<Token>(shown.str("id")?)).map(|token| token.to_doc());
    if token.is_some() && token != shown {
        tx.update::<FinancialSession>(id, |session| session.bank_account_token = Absent(token));
    }
    Ok(())
}

/// What a browser does not see: whose accounts are linked, what the shop arranged, and when banks are asked again
/// (connect-accounts 12).
const FOR_SERVERS: &[&str] = &[
    "account_holder",
    "accounts.data.account_holder",
    "accounts.data.account_numbers",
    "accounts.data.balance_refresh.next_refresh_available_at",
    "accounts.data.ownership_refresh.next_refresh_available_at",
    "accounts.data.status_details",
    "accounts.data.subscriptions",
    "accounts.data.transaction_refresh",
    "limits",
    "manual_entry",
    "prefetch",
];

const fn by_secret(operation: &'static str) -> Public {
    Public { operation, needs_secret: false, params: &[], visible: Visible::Without(FOR_SERVERS) }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: FinancialSession::FIELDS,
    noun: "financial connections session",
    id: IdForm::of("fcsess_").led_by("1"),
    path_param: "session",
    marks: &[
        Marked::acts(&["client_secret"], "financial_connections::sessions::whoever_has_the_secret_sees_the_session"),
        Marked::neutral(&["filters.countries"], "every institution of the test bank is in the United States"),
        Marked::neutral(&["fullscreen", "hide_close_button"], "the page is the same in every frame"),
    ],
    operations: &[
        ("financial_connections.sessions.create", Behaviour::Write(create::create)),
        ("financial_connections.sessions.retrieve", Behaviour::Retrieve),
        ("link_account_sessions.create", Behaviour::Write(create::create)),
        ("link_account_sessions.retrieve", Behaviour::Retrieve),
        ("link_account_sessions.session_receipt", Behaviour::Read(receipt)),
        ("link_account_sessions.generate_hosted_url", Behaviour::Read(hosted_url)),
    ],
    filters: &[
        // Not parameters of a list: they find the session of a secret, and that of a token.
        crate::filter!("client_secret", FinancialSession, |session| session.client_secret.as_deref()),
        crate::filter!("bank_account_token", FinancialSession, |session| {
            session.bank_account_token.0.as_ref().and_then(|token| token.str("id"))
        }),
    ],
    includes: &[Include {
        field: "accounts",
        shown: Shown::Always,
        total_count: false,
        rows: accounts,
        url: |_| "/v1/financial_connections/accounts".to_owned(),
    }],
    public: &[
        by_secret("link_account_sessions.session_receipt"),
        by_secret("link_account_sessions.generate_hosted_url"),
    ],
    reactions: &[Reaction {
        to: tokens::ENTRY.kind,
        on: On::Change(|before, _| before.is_some()),
        who: Who::Having("bank_account_token"),
        run: follow_token,
    }],
    defaults: &[("prefetch", Fill::EmptyList)],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<FinancialSession>,
    ..Entry::PLAIN
};
