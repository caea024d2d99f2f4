//! Updating a subscription (billing 2.2, 2.4).
//!
//! May use: the terms. Invariant: a refused call changes nothing.

use super::terms;
use super::{KIND, Subscription};
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::Result;
use crate::object::body;
use crate::state::{Edit, Ref, Tx};

/// `POST /v1/subscriptions/:id`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let stored = require::<Subscription>(tx, call.arg(0), In::Path)?;
    body::check_references(tx, call, KIND)?;
    let params = &call.params;
    let mut changed = Edit::of(std::sync::Arc::clone(&stored));
    let mut rest = std::mem::take(&mut changed.rest);
    body::change(tx, ctx, KIND, &mut rest, &terms::shown(params))?;
    changed.rest = rest;
    terms::apply(tx, &mut changed, params)?;
    terms::discount(tx, ctx, &mut changed, params)?;
    changed.save(tx);
    Ok(Outcome::Done(Ref::to(&*stored)))
}
