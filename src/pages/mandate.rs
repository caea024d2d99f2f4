//! What a customer consented to, at the address in a mandate's `url`.
//!
//! May use: axum, the templates, the sandboxes, mandates. Invariant: nothing here changes an object.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;

use super::linked::Linked;
use super::methods;
use super::receipt::ViewLink;
use super::respond::{nothing_for, page};
use super::templates::MandatePage;
use crate::app::App;
use crate::resources::instruments::mandates::Mandate;
use crate::state::object::Object as _;
use crate::time::calendar;

/// The address of a mandate's page.
pub(super) const PATH: &str = "/mandates/{id}";

/// The page.
pub(super) async fn show(
    Shared(app): Shared<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<ViewLink>,
    headers: HeaderMap,
) -> Response {
    let Some(found) = Linked::<Mandate>::of(&app, &id, link.sandbox.as_deref()) else { return nothing_for(&headers) };
    let shown = found.object.to_doc();
    let details = shown.map("payment_method_details");
    let kind = details.and_then(|details| details.str("type")).unwrap_or_default();
    let reference = details.and_then(|details| details.map(kind)?.str("reference"));
    let accepted = shown.map("customer_acceptance").and_then(|acceptance| acceptance.int("accepted_at"));
    let facts = [
        ("Mandate", Some(id.clone())),
        ("Payment method", Some(methods::name(kind))),
        ("Reference", reference.map(str::to_owned)),
        ("Status", shown.str("status").map(str::to_owned)),
        ("Use", shown.str("type").map(|kind| kind.replace('_', " "))),
        ("Accepted", accepted.map(calendar::date_in_words)),
    ];
    page(&MandatePage { facts: facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect() })
}
