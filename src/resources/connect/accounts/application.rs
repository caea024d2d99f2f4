//! The platform as an application to which an account is connected (billing 6.8).
//!
//! May use: the state. Invariant: it exists in an account for the events of the connection
//! alone; no rule reads it.

use super::Account;
use crate::contract::Entry;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{AccountKey, Tx};

crate::resource! {
    /// An application.
    Application = "application" {
        /// The application's name; null, because the platform has none.
        name: Option<String>,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
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

/// Emits the event that an account is no longer connected to the platform, which is the current account.
pub(super) fn deauthorize(tx: &mut Tx, account: &Account) {
    let id = application_id(&tx.account_id()).into();
    let Some(place) = tx.state().account(&account.id) else { return };
    tx.within(place, |tx| {
        tx.job(|tx| {
            let about = tx.insert(Application { id, name: None, created: account.created, rest: Map::new() });
            ((), [("account.application.deauthorized", about)])
        });
    });
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Application::KIND,
    fields: Application::FIELDS,
    noun: "application",
    id: IdForm::of("ca_"),
    import: crate::contract::import::<Application>,
    derived: true,
    is_known: Some(|_, _| true),
    made_up: Some(of_platform),
    ..Entry::PLAIN
};
