//! `POST /v1/sources/:id`, and its part for a customer's sources.
//!
//! May use: metadata. Invariant: an update changes no status.

use super::Source;
use super::create;
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::Result;
use crate::object::{metadata, template};
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Edit, Ref, Tx};

/// Changes a source.
///
/// # Errors
/// It does not exist, or the amount is invalid.
pub(super) fn update(tx: &mut Tx, _ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut source = Edit::of(require::<Source>(tx, call.arg(0), In::Path)?);
    let shown = Ref::to(&*source);
    change(&mut source, &call.params)?;
    source.save(tx);
    Ok(Outcome::Done(shown))
}

/// Merges the parameters of an update into a source: `amount`, `metadata`, `owner` and `source_order` (core-payments
/// 5.3.11); the acceptance of a mandate is not shown.
///
/// # Errors
/// The amount is invalid, or there is too much metadata.
pub fn change(source: &mut Source, params: &Map) -> Result<()> {
    if let Some(amount) = create::amount(params)? {
        source.amount = Some(amount);
    }
    source.metadata = metadata::merge(&source.metadata, params.get("metadata"))?;
    if let (Some(sent), Some(Doc::Map(owner))) = (params.map("owner"), source.rest.get_mut("owner")) {
        owner.merge(sent);
    }
    if let Some(owner) = source.rest.get_mut("owner") {
        template::complete_key(Source::KIND, "owner", owner);
    }
    if let Some(order) = params.map("source_order") {
        let order = create::source_order(order, source.amount, source.currency.as_deref());
        source.rest.set("source_order", order);
    } else if let (Some(Doc::Map(order)), Some(amount)) = (source.rest.get_mut("source_order"), source.amount) {
        order.set("amount", amount);
    }
    Ok(())
}
