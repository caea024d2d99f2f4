//! The object that a page's link leads to, wherever it is.
//!
//! May use: the app, the sandboxes. Invariant: what is due is done before anybody sees the object, so nobody pays what has
//! expired.

use std::borrow::Cow;
use std::sync::Arc;

use crate::app::App;
use crate::contract;
use crate::engine;
use crate::links;
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Resource, Tx};

/// An object with its sandbox and account.
pub(crate) struct Linked<T> {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) account: AccountKey,
    pub(crate) object: Arc<T>,
}

impl<T: Resource> Linked<T> {
    /// The object with an id; with `sandbox`, no other sandbox is searched.
    pub(crate) fn of(app: &App, id: &str, sandbox: Option<&str>) -> Option<Self> {
        let (sandbox, account) = app.locate(T::KIND, id, sandbox)?;
        engine::catch_up(&sandbox);
        let object = Tx::new(&sandbox.state(), account, contract::indexes).get::<T>(id)?;
        Some(Linked { sandbox, account, object })
    }

    /// The state around it.
    pub(crate) fn tx(&self) -> Tx {
        Tx::new(&self.sandbox.state(), self.account, contract::indexes)
    }
}

/// Where a customer goes on who comes from an object of this sandbox; a page of this server is about the same one.
pub(crate) fn onward<'u>(sandbox: &Sandbox, url: &'u str, base_url: &str) -> Cow<'u, str> {
    let name = links::name_at(base_url, sandbox.name());
    name.map_or(Cow::Borrowed(url), |name| links::leading_to(url, name, Some(base_url)))
}
