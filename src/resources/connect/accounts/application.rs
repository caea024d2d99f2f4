//! The platform as an application to which an account is connected: the events of the connection, and what OAuth has given
//! for it (billing 6.8, connect-accounts 10).
//!
//! May use: the state, the scopes of OAuth. Invariant: it is an object of the connected account; only OAuth reads what it holds.

use std::sync::Arc;

use super::Account;
use super::oauth::{OAuthScope, tokens};
use crate::contract::{Behaviour, Entry, Marked, Undocumented};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{AccountKey, Edit, Ref, Tx};

crate::resource! {
    /// An application.
    Application = "application" {
        /// The application's name; null, because the platform has none.
        name: Option<String>,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// What the platform may do in the account; null if the platform created it.
        scope: Option<OAuthScope>,
        /// The last code.
        code: Option<String>,
        /// What the platform may do once the code is exchanged.
        code_scope: Option<OAuthScope>,
        /// Until when the code can be exchanged, in Unix seconds.
        code_until: Option<i64>,
        /// Whether the code was exchanged.
        code_spent: bool,
        /// The valid access tokens, each with its scope and when it was issued, in Unix seconds.
        access_tokens: Map,
        /// The valid refresh token.
        refresh_token: Option<String>,
        /// The valid publishable key of the account.
        publishable_key: Option<String>,
    }
}

/// The id of a platform as an application: every account has one, and nothing else is known of it.
pub fn application_id(platform: &str) -> String {
    format!("ca_{}", platform.trim_start_matches("acct_"))
}

/// The platform as an application, where it is expanded.
fn of_platform(tx: &Tx, id: &str) -> Option<Map> {
    let platform = tx.state().account_id(AccountKey::PLATFORM)?;
    let shown =
        || Map::from([("id", id.to_owned().into()), ("object", Application::KIND.name().into()), ("name", Doc::Null)]);
    (application_id(platform) == id).then(shown)
}

/// The platform as the application to which an account is connected, if anything is held of that.
pub(super) fn of(tx: &Tx, account: AccountKey) -> Option<Arc<Application>> {
    let platform = tx.state().account_id(AccountKey::PLATFORM)?;
    tx.state().record(account, Application::KIND, &application_id(platform))?.get()
}

/// As [`of`], by the id of the account.
pub(super) fn of_account(tx: &Tx, id: &str) -> Option<Arc<Application>> {
    of(tx, tx.state().account(id)?)
}

impl Application {
    /// Takes every key back.
    pub(super) fn revoke(&mut self) {
        self.access_tokens = Map::new();
        self.refresh_token = None;
        self.publishable_key = None;
    }
}

/// Changes what is held of a connection, without an event; begins with nothing.
pub(super) fn change<R>(tx: &mut Tx, account: &Account, change: impl FnOnce(&mut Application) -> R) -> R {
    let id = application_id(&tx.account_id());
    let place = tx.add_account(&account.id);
    tx.within(place, |tx| {
        tx.quietly(|tx| match tx.get::<Application>(&id) {
            Some(held) => {
                let mut held = Edit::of(held);
                let done = change(&mut held);
                held.save(tx);
                done
            }
            None => {
                let mut held = unconnected(&id, account.created);
                let done = change(&mut held);
                tx.insert(held);
                done
            }
        })
    })
}

/// An application to which nothing is connected.
fn unconnected(id: &str, created: i64) -> Application {
    Application {
        id: id.into(),
        name: None,
        created,
        scope: None,
        code: None,
        code_scope: None,
        code_until: None,
        code_spent: false,
        access_tokens: Map::new(),
        refresh_token: None,
        publishable_key: None,
        rest: Map::new(),
    }
}

/// Emits an event of an account about its connection to the platform, which is the current account.
pub(super) fn announce(tx: &mut Tx, account: &Account, name: &'static str) {
    let about = Ref { kind: Application::KIND, id: application_id(&tx.account_id()).into() };
    let Some(place) = tx.state().account(&account.id) else { return };
    tx.within(place, |tx| tx.announce(name, &about));
}

/// Ends the connection of an account to the platform, which is the current account.
pub(super) fn deauthorize(tx: &mut Tx, account: &Account) {
    change(tx, account, |held| {
        held.revoke();
        held.code = None;
    });
    announce(tx, account, "account.application.deauthorized");
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Application::KIND,
    fields: Application::FIELDS,
    noun: "application",
    id: IdForm::of("ca_"),
    operations: &[
        ("oauth.token", Behaviour::Write(tokens::create)),
        ("oauth.deauthorize", Behaviour::Write(tokens::deauthorize)),
    ],
    undocumented: &[
        Undocumented { operation: "oauth.token", name: "client_id" },
        Undocumented { operation: "oauth.token", name: "client_secret" },
        Undocumented { operation: "oauth.token", name: "redirect_uri" },
        Undocumented { operation: "oauth.deauthorize", name: "client_secret" },
    ],
    marks: &[
        Marked::acts(&["client_id"], "connect::oauth::a_client_id_of_another_sandbox_is_refused"),
        Marked::acts(
            &["stripe_user_id"],
            "connect::oauth::a_disconnected_account_is_gone_with_its_keys_until_it_connects_again",
        ),
        Marked::acts(
            &["code", "grant_type"],
            "connect::oauth::a_code_is_exchanged_once_and_a_second_time_revokes_what_it_gave",
        ),
        Marked::acts(
            &["refresh_token", "scope"],
            "connect::oauth::a_refresh_token_gives_tokens_of_its_scope_or_a_lesser_one",
        ),
        Marked::acts(
            &["assert_capabilities"],
            "connect::oauth::an_express_link_makes_an_express_account_with_the_suggested_capabilities",
        ),
    ],
    import: crate::contract::import::<Application>,
    derived: true,
    is_known: Some(|_, _| true),
    made_up: Some(of_platform),
    ..Entry::PLAIN
};
