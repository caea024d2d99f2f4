//! The operations of configurations (intents-and-checkout 1.16).
//!
//! May use: what configurations offer. Invariant: the default configuration is stored when it is first changed, under the
//! id that it had before.

use std::sync::Arc;

use super::{ENTRY, KIND, PaymentMethodConfiguration, application, default, find, offer};
use crate::api::list::{envelope, part_of};
use crate::contract::{Call, Ctx, In, Outcome, missing};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource};
use crate::state::{AccountKey, Ref, Tx};

/// `POST /v1/payment_method_configurations`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    if let Some(parent) = call.params.str("parent") {
        check_parent(tx, parent)?;
    }
    let id = ENTRY.id.draw(&ctx.ids);
    let mut made = read(body::new(tx, ctx, KIND, &id, &call.params)?, ctx.now)?;
    made.rest.set("application", application(tx, &made));
    offer::complete(tx, &mut made);
    Ok(Outcome::Done(tx.insert(made)))
}

/// `GET /v1/payment_method_configurations/:configuration`.
pub(super) fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let found = in_path(tx, call)?;
    Ok(Outcome::Value(shown(tx, &found).to_doc().into()))
}

/// `POST /v1/payment_method_configurations/:configuration`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let found = in_path(tx, call)?;
    if found.is_default && call.params.bool("active") == Some(false) {
        return Err(ApiError::method_configuration_default_inactive());
    }
    let mut visible = shown(tx, &found).to_doc();
    body::change(tx, ctx, KIND, &mut visible, &call.params)?;
    let mut changed = read(visible, found.created)?;
    offer::complete(tx, &mut changed);
    let answer = changed.to_doc();
    match tx.get::<PaymentMethodConfiguration>(&found.id) {
        Some(stored) => tx.save(&stored, changed),
        None => {
            let _: Ref = tx.insert(PaymentMethodConfiguration { created: ctx.now, ..changed });
        }
    }
    Ok(Outcome::Value(answer.into()))
}

/// `GET /v1/payment_method_configurations`: the newest first, the default one last.
pub(super) fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let table = tx.state().table(tx.account(), KIND);
    let stored = table.into_iter().flat_map(|table| table.live().rev()).filter_map(|record| tx.get(record.object.id()));
    let default = default(tx);
    let others = stored.filter(|one: &Arc<PaymentMethodConfiguration>| one.id != default.id);
    let active = call.params.bool("active");
    let application = call.params.get("application");
    let is_wanted = |one: &Arc<PaymentMethodConfiguration>| {
        active.is_none_or(|active| active == one.active)
            && application.is_none_or(|wanted| one.rest.get("application").unwrap_or(&Doc::Null) == wanted)
    };
    let rows: Vec<_> = others.chain([Arc::clone(&default)]).filter(is_wanted).collect();
    let (page, has_more) = part_of(&rows, call, ENTRY.noun, |one| &one.id)?;
    let page = page.iter().map(|one| Doc::Map(shown(tx, one).to_doc())).collect();
    Ok(Outcome::Value(envelope(call.path.to_owned(), page, has_more).into()))
}

fn in_path(tx: &Tx, call: &Call<'_>) -> Result<Arc<PaymentMethodConfiguration>> {
    find(tx, call.arg(0)).ok_or_else(|| missing(KIND, call.arg(0), In::Path))
}

/// A configuration with what follows now; its parent may have changed since it was stored.
fn shown(tx: &Tx, found: &PaymentMethodConfiguration) -> PaymentMethodConfiguration {
    let mut shown = found.clone();
    offer::complete(tx, &mut shown);
    shown
}

/// A parent is one of the platform's configurations that has no parent itself.
fn check_parent(tx: &Tx, id: &str) -> Result<()> {
    let parent = tx.read_within(AccountKey::PLATFORM, |tx| find(tx, id));
    match parent.ok_or_else(|| missing(KIND, id, In::Param("parent")))?.parent {
        Some(_) => Err(ApiError::method_configuration_parent_is_child(id)),
        None => Ok(()),
    }
}

fn read(visible: Map, created: i64) -> Result<PaymentMethodConfiguration> {
    PaymentMethodConfiguration::from_docs(visible, Map::new(), created).map_err(|_| ApiError::internal())
}
