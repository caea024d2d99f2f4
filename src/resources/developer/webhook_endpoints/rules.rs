//! Creating, changing and deleting webhook endpoints (platform 2.1).
//!
//! May use: the same as the module. Invariant: an endpoint's URL can be sent to.

use uuid::Uuid;

use super::WebhookEndpoint;
use crate::contract::{Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::limits::WEBHOOK_ENDPOINTS_MAX;
use crate::object::metadata;
use crate::object::template::template;
use crate::receiver_url::ReceiverUrl;
use crate::state::document::{Doc, Map};
use crate::state::ids::Ids;
use crate::state::object::{Object as _, Resource as _};
use crate::state::{Ref, Tx};

/// `POST /v1/webhook_endpoints`: only this answer shows the secret.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let url = url(params)?.unwrap_or_default();
    let existing = tx.state().table(tx.account(), WebhookEndpoint::KIND).map_or(0, |table| table.live().count());
    if existing >= WEBHOOK_ENDPOINTS_MAX {
        return Err(ApiError::webhook_endpoints_too_many(WEBHOOK_ENDPOINTS_MAX));
    }
    let connect = params.bool("connect") == Some(true);
    let mut rest = template(WebhookEndpoint::KIND).with("livemode", false);
    if connect {
        rest.set("application", application(tx));
    }
    describe(&mut rest, params);
    let endpoint = WebhookEndpoint {
        id: super::ENTRY.id.draw(&ctx.ids).into(),
        api_version: params.str("api_version").map(str::to_owned),
        created: ctx.now,
        enabled_events: enabled_events(params).unwrap_or_default(),
        metadata: metadata::merge(&Map::new(), params.get("metadata"))?,
        status: "enabled".to_owned(),
        url,
        secret: new_secret(ctx),
        connect,
        rest,
    };
    let shown = endpoint.to_doc().with("secret", endpoint.secret.clone());
    tx.insert(endpoint);
    Ok(Outcome::Value(Doc::Map(shown)))
}

/// `GET /v1/webhook_endpoints/:id`: a deleted one does not exist.
pub(super) fn retrieve(tx: &Tx, _ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    require::<WebhookEndpoint>(tx, call.arg(0), In::Path).map(|endpoint| Outcome::Done(Ref::to(&*endpoint)))
}

/// `POST /v1/webhook_endpoints/:id`.
pub(super) fn update(tx: &mut Tx, _ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let endpoint = require::<WebhookEndpoint>(tx, call.arg(0), In::Path)?;
    let params = &call.params;
    let mut changed = WebhookEndpoint::clone(&endpoint);
    if let Some(url) = url(params)? {
        changed.url = url;
    }
    if let Some(events) = enabled_events(params) {
        changed.enabled_events = events;
    }
    if let Some(disabled) = params.bool("disabled") {
        changed.status = if disabled { "disabled" } else { "enabled" }.to_owned();
    }
    changed.metadata = metadata::merge(&changed.metadata, params.get("metadata"))?;
    describe(&mut changed.rest, params);
    tx.save(&endpoint, changed);
    Ok(Outcome::Done(Ref::to(&*endpoint)))
}

/// `DELETE /v1/webhook_endpoints/:id`.
pub(super) fn delete(tx: &mut Tx, _ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let endpoint = require::<WebhookEndpoint>(tx, call.arg(0), In::Path)?;
    tx.delete::<WebhookEndpoint>(&endpoint.id);
    Ok(Outcome::Deleted(Ref::to(&*endpoint)))
}

/// An endpoint in a dump without a secret gets a new one.
pub(super) fn complete_import(tx: &mut Tx, ctx: &Ctx<'_>, about: &Ref) -> Result<()> {
    tx.update::<WebhookEndpoint>(&about.id, |endpoint| {
        endpoint.connect |= endpoint.rest.present("application").is_some();
        if endpoint.secret.is_empty() {
            endpoint.secret = new_secret(ctx);
        }
    });
    Ok(())
}

/// An address that is not public is allowed: this server exists for local receivers.
fn url(params: &Map) -> Result<Option<String>> {
    let Some(url) = params.str("url") else { return Ok(None) };
    url.parse::<ReceiverUrl>().map_err(|fault| ApiError::url_invalid("url", fault))?;
    Ok(Some(url.to_owned()))
}

fn enabled_events(params: &Map) -> Option<Vec<String>> {
    let events = params.list("enabled_events")?;
    Some(events.iter().filter_map(Doc::as_str).map(str::to_owned).collect())
}

fn describe(rest: &mut Map, params: &Map) {
    if let Some(description) = params.get("description") {
        rest.set("description", description.clone());
    }
}

fn new_secret(ctx: &Ctx<'_>) -> String {
    ctx.ids.id("whsec_", 32)
}

/// The platform's Connect application: it marks an endpoint for connected accounts, and is always the same (platform
/// 2.1).
fn application(tx: &Tx) -> String {
    Ids::seeded(Uuid::new_v5(&Uuid::NAMESPACE_OID, tx.account_id().as_bytes())).id("ca_", 32)
}
