//! Creating and changing payment links (intents-and-checkout 3.4).
//!
//! May use: prices as documents, lines. Invariant: every line of a link can be sold together with the others.

use super::{KIND, PaymentLink, SHIPPING};
use crate::api::list;
use crate::contract::{Call, Ctx, In, Item, Outcome, missing_as, require};
use crate::error::{ApiError, Result};
use crate::generic::{described, lines};
use crate::object::{body, metadata};
use crate::resources::checkout::sessions;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Edit, Id, Tx};

/// The largest number of lines of a link.
const LINES_MAX: usize = 20;

/// `POST /v1/payment_links`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params: &Map = &call.params;
    let count = params.list("line_items").map_or(0, <[Doc]>::len);
    match count {
        0 => return Err(ApiError::param_missing("line_items")),
        _ if count > LINES_MAX => return Err(ApiError::array_too_long("line_items", LINES_MAX)),
        _ => {}
    }
    sessions::check_managed(params)?;
    body::check_references(tx, call, KIND)?;
    sessions::check_lines(tx, sessions::mode_of_lines(tx, params), params)?;
    check_after_completion(params)?;
    let mut shown = params.clone();
    described::each(tx, ctx, &mut shown, &["shipping_options"], SHIPPING)?;
    let id = Id::from(super::ENTRY.id.draw(&ctx.ids));
    let mut shown = body::new(tx, ctx, KIND, &id, &shown)?;
    shown.set("url", super::page(ctx.base_url, &id));
    let mut link = PaymentLink::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    lines::make(tx, ctx, KIND, &id, params)?;
    if params.str("currency").is_none()
        && let Some(currency) = currency_of_lines(tx, &id)
    {
        link.currency = currency;
    }
    Ok(Outcome::Done(tx.insert(link)))
}

/// The currency of the first line.
fn currency_of_lines(tx: &Tx, id: &str) -> Option<String> {
    let lines = lines::of(tx, id);
    let price = lines.first()?.object.to_doc().map("price")?.str("currency")?.to_owned();
    Some(price)
}

/// A page to go to is named with its address.
fn check_after_completion(params: &Map) -> Result<()> {
    let Some(after) = params.map("after_completion") else { return Ok(()) };
    let is_missing = after.str("type") == Some("redirect") && after.map("redirect").is_none();
    if is_missing { Err(ApiError::param_missing("after_completion[redirect]")) } else { Ok(()) }
}

/// `POST /v1/payment_links/:id`.
pub(super) fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let link = require::<PaymentLink>(tx, call.arg(0), In::Path)?;
    let params: &Map = &call.params;
    body::check_references(tx, call, KIND)?;
    check_after_completion(params)?;
    let known = lines::of(tx, &link.id);
    for (index, line) in params.list("line_items").unwrap_or_default().iter().filter_map(Doc::as_map).enumerate() {
        if line.int("quantity").is_some_and(|quantity| quantity < 1) {
            return Err(ApiError::param_below(&format!("line_items[{index}][quantity]"), 1));
        }
        let Some(id) = line.str("id") else { continue };
        if !known.iter().any(|known| known.object.id().as_ref() == id) {
            return Err(missing_as("item", id, In::Param(&format!("line_items[{index}][id]"))));
        }
    }
    let sold: Vec<Doc> = known.iter().map(|line| super::visit::sold(&line.object.to_doc()).into()).collect();
    let mode = sessions::mode_of_lines(tx, &Map::from([("line_items", Doc::List(sold))]));
    sessions::check_optional_items(tx, mode, params)?;
    let mut changed = Edit::of(link);
    changed.metadata = metadata::merge(&changed.metadata, params.get("metadata"))?;
    if let Some(active) = params.bool("active") {
        changed.active = active;
    }
    if let Some(restrictions) = params.get("restrictions") {
        changed.restrictions = restricted(&changed, restrictions);
    }
    let mut shown = params.clone();
    for key in ["active", "line_items", "metadata", "restrictions"] {
        let _ = shown.remove(key);
    }
    described::each(tx, ctx, &mut shown, &["shipping_options"], SHIPPING)?;
    let mut rest = std::mem::take(&mut changed.rest);
    body::change(tx, ctx, KIND, &mut rest, &shown)?;
    changed.rest = rest;
    lines::make(tx, ctx, KIND, &changed.id, params)?;
    let id = Id::clone(&changed.id);
    changed.save(tx);
    Ok(Outcome::Done(crate::state::Ref { kind: KIND, id }))
}

/// A new limit, with the count so far.
fn restricted(link: &PaymentLink, sent: &Doc) -> Doc {
    let Some(limit) = sent.as_map().and_then(|sent| sent.map("completed_sessions")) else { return Doc::Null };
    let count = link.sessions().map_or(0, |(_, count)| count);
    Map::from([("completed_sessions", limit.clone().with("count", count))]).into()
}

/// `GET /v1/payment_links/:id/line_items`.
pub(super) fn line_items(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let link = require::<PaymentLink>(tx, call.arg(0), In::Path)?;
    let row = |record| Item { shown: crate::kind!("item"), record };
    let rows: Vec<Item> = lines::of(tx, &link.id).into_iter().map(row).collect();
    list::page_of(&rows, call, "item").map(Outcome::List)
}
