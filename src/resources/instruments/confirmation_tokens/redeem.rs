//! Confirming with a token.
//!
//! May use: the tokens. Invariant: a used token names the intent that it confirmed.

use std::borrow::Cow;

use super::ConfirmationToken;
use crate::contract::{Ctx, In, require};
use crate::error::{ApiError, Result};
use crate::state::document::Map;
use crate::state::{Ref, Tx};

const PARAM: &str = "confirmation_token";

/// The parameters of a confirmation, completed by those of its token; a parameter of the call itself takes precedence.
///
/// # Errors
/// There is no such token, it was used, or it has expired.
pub fn apply<'p>(tx: &Tx, ctx: &Ctx<'_>, params: &'p Map) -> Result<Cow<'p, Map>> {
    let Some(id) = params.str(PARAM) else { return Ok(Cow::Borrowed(params)) };
    let token = require::<ConfirmationToken>(tx, id, In::Param(PARAM))?;
    if token.payment_intent.is_some() || token.setup_intent.is_some() {
        return Err(ApiError::confirmation_token_used(id));
    }
    if token.expires_at.is_some_and(|at| at <= ctx.now) {
        return Err(ApiError::confirmation_token_expired(id));
    }
    let mut merged = token.says.clone();
    const METHODS: [&str; 2] = ["payment_method", "payment_method_data"];
    if METHODS.iter().any(|name| params.present(name).is_some()) {
        METHODS.iter().for_each(|name| {
            let _ = merged.remove(name);
        });
    }
    for (name, value) in params.iter() {
        merged.set(name.to_owned(), value.clone());
    }
    Ok(Cow::Owned(merged))
}

/// Records the intent that was confirmed with the token.
pub fn redeemed(tx: &mut Tx, params: &Map, by: &Ref) {
    let Some(id) = params.str(PARAM) else { return };
    let by = by.clone();
    tx.update::<ConfirmationToken>(id, |token| {
        let used_for =
            if by.kind == crate::kind!("setup_intent") { &mut token.setup_intent } else { &mut token.payment_intent };
        *used_for = Some(by.id);
    });
}
