//! Showing, changing and expiring sessions (intents-and-checkout 3.1).
//!
//! May use: both kinds of intents, to cancel the intent of an expired session. Invariant: a session that is not open
//! does not change, except for its metadata.

use super::{SessionMode, SessionStatus};
use std::sync::Arc;

use super::{KIND, SHIPPING, Session, amounts, check, pay, recover, subscribe};
use crate::api::list;
use crate::contract::{Call, Ctx, In, Item, Outcome, missing_as, require};
use crate::error::{ApiError, Result};
use crate::generic::{described, lines};
use crate::object::body;
use crate::object::metadata;
use crate::resources::payments::payment_intents;
use crate::resources::payments::setup_intents;
use crate::state::document::{Doc, Map};
use crate::state::{Edit, Record, Tx};

/// `GET /v1/checkout/sessions`.
pub(super) fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let email = call.params.map("customer_details").and_then(|details| details.str("email"));
    let keep = |record: &Record| {
        let session = record.get::<Session>();
        email.is_none_or(|email| {
            let details = session.as_ref().and_then(|session| session.customer_details.as_map());
            details.and_then(|details| details.str("email")).is_some_and(|known| known.eq_ignore_ascii_case(email))
        })
    };
    list::page_where(tx, &super::ENTRY, call, None, &keep).map(Outcome::List)
}

/// `GET /v1/checkout/sessions/:id/line_items`.
pub(super) fn line_items(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let session = require::<Session>(tx, call.arg(0), In::Path)?;
    let row = |record| Item { shown: crate::kind!("item"), record };
    let rows: Vec<Item> = lines::of(tx, &session.id).into_iter().map(row).collect();
    list::page_of(&rows, call, "item").map(Outcome::List)
}

/// `POST /v1/checkout/sessions/:id`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let session = require::<Session>(tx, call.arg(0), In::Path)?;
    let params: &Map = &call.params;
    body::check_references(tx, call, KIND)?;
    // Metadata can be changed at any time.
    if !session.is_open() && params.iter().any(|(key, _)| key != "metadata") {
        return Err(ApiError::session_inactive());
    }
    let mut changed = Edit::of(session);
    changed.metadata = metadata::merge(&changed.metadata, params.get("metadata"))?;
    if params.has("collected_information") && check::is_hosted(&changed.rest) {
        return Err(ApiError::session_param_of_other_page("collected_information", "hosted_page"));
    }
    if let Some(Doc::Map(data)) = params.get("payment_intent_data") {
        if changed.mode != SessionMode::Payment {
            return Err(ApiError::session_param_of_other_mode("payment_intent_data", changed.mode.as_str()));
        }
        let mut known = changed.intent_data.as_map().cloned().unwrap_or_default();
        known.merge(data);
        changed.intent_data = known.into();
    }
    let mut rest = std::mem::take(&mut changed.rest);
    let shown =
        ["collected_information", "shipping_options"].into_iter().filter_map(|key| Some((key, params.get(key)?)));
    let mut shown = Map::from_entries(shown.map(|(key, value)| (key.into(), value.clone())).collect());
    described::each(tx, ctx, &mut shown, &["shipping_options"], SHIPPING)?;
    body::change(tx, ctx, KIND, &mut rest, &shown)?;
    changed.rest = rest;
    if params.list("line_items").is_some() {
        replace_lines(tx, ctx, &mut changed, params)?;
        subscribe::prepare(tx, ctx, &mut changed)?;
    }
    let before = changed.amount_total;
    if ["collected_information", "line_items", "shipping_options"].into_iter().any(|name| params.has(name)) {
        amounts::total(tx, ctx, &mut changed)?;
    }
    let (shown, is_same) = (changed.reference(), changed.amount_total == before);
    changed.save(tx);
    if !is_same {
        pay::take_back(tx, ctx, &shown.id)?;
    }
    Ok(Outcome::Done(shown))
}

/// The lines in the request replace all lines: a line that is not among them is removed (intents-and-checkout 3.1).
fn replace_lines(tx: &mut Tx, ctx: &Ctx<'_>, session: &mut Session, params: &Map) -> Result<()> {
    check::check_lines(tx, session.mode.as_str(), params)?;
    let sent = params.list("line_items").unwrap_or_default().iter().enumerate();
    let kept: Vec<(usize, &str)> = sent.filter_map(|(index, line)| Some((index, line.as_map()?.str("id")?))).collect();
    let lines = lines::of(tx, &session.id);
    for (index, id) in &kept {
        if !lines.iter().any(|line| line.object.id().as_ref() == *id) {
            return Err(missing_as("item", id, In::Param(&format!("line_items[{index}][id]"))));
        }
    }
    for line in lines.iter().filter(|line| !kept.iter().any(|(_, id)| *id == line.object.id().as_ref())) {
        lines::remove(tx, line);
    }
    lines::make(tx, ctx, KIND, &session.id, params)?;
    if lines::of(tx, &session.id).is_empty() {
        return Err(ApiError::param_missing("line_items"));
    }
    Ok(())
}

/// `POST /v1/checkout/sessions/:id/expire`.
pub(super) fn expire(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let session = require::<Session>(tx, call.arg(0), In::Path)?;
    if !session.is_open() {
        return Err(ApiError::session_not_open(session.status.map_or("null", SessionStatus::as_str)));
    }
    end(tx, ctx, &session)?;
    Ok(Outcome::Done(session.reference()))
}

/// Expires a session: it can no longer be paid, and its intent is canceled.
pub(super) fn end(tx: &mut Tx, ctx: &Ctx<'_>, session: &Arc<Session>) -> Result<()> {
    if let Some(intent) = &session.payment_intent {
        payment_intents::abandon(tx, ctx, intent)?;
    }
    if let Some(intent) = &session.setup_intent {
        setup_intents::abandon(tx, ctx, intent)?;
    }
    subscribe::abandon(tx, ctx, &session.id)?;
    tx.update::<Session>(&session.id, |session| {
        session.status = Some(SessionStatus::Expired);
        session.url = None;
        session.rest.set("client_secret", Doc::Null);
        recover::offer(session, ctx);
    });
    Ok(())
}
