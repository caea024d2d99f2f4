//! A row of the table that describes the control API.
//!
//! May use: axum, the app. Invariant: data alone.

use std::sync::Arc;

use axum::routing::MethodRouter;

use crate::app::App;

/// One call of the control API.
#[derive(Debug)]
pub(super) struct ControlCall {
    pub(super) method: &'static str,
    /// The path, in the router's notation.
    pub(super) path: &'static str,
    pub(super) handler: fn() -> MethodRouter<Arc<App>>,
    pub(super) what: &'static str,
    pub(super) parameters: &'static [Parameter],
    /// What the body must be; a call without one also takes its parameters as a form.
    pub(super) body: Option<&'static str>,
    pub(super) example: &'static str,
}

/// A parameter of a call: its name and its meaning.
pub(super) type Parameter = (&'static str, &'static str);

/// Which sandbox a call is for that can be for all.
pub(super) const EVERY_SANDBOX: Parameter =
    ("sandbox", "the sandbox; the default one when not sent, and `*` for all of them");

/// Which sandbox a call is for.
pub(super) const SANDBOX: Parameter = ("sandbox", "the sandbox; the default one when not sent");
