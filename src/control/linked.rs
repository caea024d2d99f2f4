//! The object that a page's link leads to, wherever it is.
//!
//! May use: the app, the sandboxes. Invariant: what is due is done before anybody sees the object, so nobody pays what has
//! expired.

use std::sync::Arc;

use crate::app::App;
use crate::contract;
use crate::engine;
use crate::state::sandbox::Sandbox;
use crate::state::{AccountKey, Resource, Tx};

/// An object with its sandbox and account.
pub(super) struct Linked<T> {
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) account: AccountKey,
    pub(super) object: Arc<T>,
}

impl<T: Resource> Linked<T> {
    /// The object with an id; with `sandbox`, no other sandbox is searched.
    pub(super) fn of(app: &App, id: &str, sandbox: Option<&str>) -> Option<Self> {
        let (sandbox, account) = app.locate(T::KIND, id, sandbox)?;
        engine::catch_up(&sandbox);
        let object = Tx::new(&sandbox.state(), account, contract::indexes).get::<T>(id)?;
        Some(Linked { sandbox, account, object })
    }

    /// The state around it.
    pub(super) fn tx(&self) -> Tx {
        Tx::new(&self.sandbox.state(), self.account, contract::indexes)
    }
}
