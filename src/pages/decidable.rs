//! An object about which a customer decides, as a link leads to it.
//!
//! May use: axum, the app, the sandboxes, the registry's decisions. Invariant: nobody finds an object without its secret, or what was
//! made of it.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::respond::{not_there, refuse};
use crate::app::App;
use crate::contract::{self, Decision, Question};
use crate::resources::decision;
use crate::state::document::Map;
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Kind, Tx};

/// The query of a link to an object's page.
#[derive(Debug, Deserialize)]
pub(crate) struct PageLink {
    /// What the API's links contain, made of the secret.
    pub(super) nonce: Option<String>,
    /// The object's `client_secret`, for a call without a browser.
    pub(super) client_secret: Option<String>,
    /// Sent by a call without a browser, which gets JSON.
    pub(super) result: Option<String>,
    /// The sandbox of the object; every sandbox is searched when it is not sent.
    pub(super) sandbox: Option<String>,
    /// Where the browser goes on to, if the object does not say it.
    pub(super) return_url: Option<String>,
    /// Sent by the page around a frame, which goes on itself: the frame stays.
    pub(super) framed: Option<bool>,
}

/// An object whose link allows a decision.
pub(super) struct Decidable {
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) account: AccountKey,
    pub(super) kind: Kind,
    pub(super) decision: Decision,
    pub(super) question: Question,
}

impl Decidable {
    /// The object with an id, if the link allows to decide about it.
    pub(super) fn find(app: &App, id: &str, link: &PageLink) -> Option<Self> {
        let mut found = decision::kinds().filter_map(|(kind, decision)| {
            let (sandbox, account) = app.locate(kind, id, link.sandbox.as_deref())?;
            Some((sandbox, account, kind, decision))
        });
        let (sandbox, account, kind, decision) = found.next()?;
        let question = (decision.ask)(&Tx::new(&sandbox.state(), account, contract::indexes), id)?;
        let entitled = link.client_secret.as_deref() == Some(question.secret.as_str())
            || link.nonce.as_deref() == Some(decision::nonce(&question.secret).as_str());
        entitled.then_some(Decidable { sandbox, account, kind, decision, question })
    }

    /// The answer to a call for which [`find`](Self::find) finds nothing.
    pub(super) fn why_none(app: &App, id: &str, link: &PageLink) -> Response {
        let sandbox = link.sandbox.as_deref();
        let is_there = decision::kinds().any(|(kind, _)| app.locate(kind, id, sandbox).is_some());
        let message = match (is_there, &link.client_secret, &link.nonce) {
            (false, _, _) => return not_there("intent or source", id, sandbox),
            (true, Some(_), _) => format!("The `client_secret` is not that of {id}."),
            (true, None, Some(_)) => format!("The `nonce` is not that of {id}."),
            (true, None, None) => format!("The call needs the `client_secret` of {id}."),
        };
        refuse(StatusCode::NOT_FOUND, &message)
    }

    /// What the customer has to do for it, by the field that the type names; nothing for sources.
    pub(super) fn next_action(&self, id: &str) -> Option<Map> {
        let object = self.sandbox.state().record(self.account, self.kind, id)?.object.to_doc();
        let action = object.map("next_action")?;
        action.map(action.str("type")?).cloned()
    }
}
