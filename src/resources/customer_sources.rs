//! A customer's sources: cards, bank accounts and Source objects behind one list (core-payments 3.4 to
//! 3.6, 5.3).
//!
//! May use: customers, cards, bank accounts, sources, tokens. Invariant: attaching the first source makes it
//! the default, and removing the default promotes the most recently added of the rest.

use std::sync::Arc;

use super::instrument::Instrument;
use crate::api::error::{ApiError, Result};
use crate::api::operation::Ctx;
use crate::state::document::Doc;
use crate::state::{Record, Tx};

/// The customer's sources: the default first, the others newest first (core-payments 3.6.7).
pub fn rows(tx: &Tx, customer: &str) -> Vec<Arc<Record>> {
    let _ = (tx, customer);
    Vec::new()
}

/// The customer's source with this id.
pub fn find(tx: &Tx, customer: &str, id: &str) -> Option<Instrument> {
    let _ = (tx, customer, id);
    None
}

/// Attaches what the `source` parameter says (a token, a source id or a hash) to a customer, and makes
/// it the default if it is the first (core-payments 3.4, 5.3). `param` is the parameter's name.
///
/// # Errors
/// What cannot be attached, and card refusals (core-payments 3.5); nothing is written then.
pub fn attach(tx: &mut Tx, ctx: &Ctx<'_>, customer: &str, source: &Doc, param: &'static str) -> Result<Instrument> {
    let _ = (tx, ctx, customer, source, param);
    Err(ApiError::not_implemented_feature("attaching sources"))
}

/// Takes a source away from its customer: a card or bank account is deleted, a Source object is consumed
/// (core-payments 5.3.12 to 5.3.14); the default moves on (core-payments 3.6.6).
pub fn remove(tx: &mut Tx, customer: &str, id: &str) {
    let _ = (tx, customer, id);
}
