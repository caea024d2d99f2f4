//! Creating a session (intents-and-checkout 3.1).
//!
//! May use: prices, customers, pricing. Invariant: an open session has a total that can be charged.

use super::{
    CHECKOUT_LATE_INTENTS, KIND, SHIPPING, Session, amounts, check, form, optional_items, pay, subscribe, taxes,
};
use crate::contract::{Call, Ctx, Outcome};
use crate::error::{ApiError, Result};
use crate::generic::{described, lines};
use crate::object::body;
use crate::resources::instruments::payment_methods;
use crate::resources::payments::payment_method_configurations as configurations;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Ref, Tx};

/// `POST /v1/checkout/sessions`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = check::in_newest_words(tx, ctx, &call.params)?;
    check::check(ctx, &params)?;
    body::check_references(tx, call, KIND)?;
    make(tx, ctx, &params, |_| {}).map(Outcome::Done)
}

/// Creates a session from checked parameters; `first` sets fields that have no parameter.
///
/// # Errors
/// Those of its lines, or a total that cannot be charged.
pub(in crate::resources::checkout) fn make(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    params: &Map,
    first: impl FnOnce(&mut Session),
) -> Result<Ref> {
    let mode = params.str("mode").unwrap_or_default();
    check::check_lines(tx, mode, params)?;
    let id = super::ENTRY.id.draw(&ctx.ids);
    let named = form::named_types(params);
    let configuration = named.is_none().then(|| configurations::chosen(tx, params)).transpose()?;
    let types = match &configuration {
        Some(configuration) => form::offered(tx, configuration, params, None)?,
        None => named.unwrap_or_default().to_vec(),
    };
    let mut shown = form::with_what_the_mode_gives(params, &types);
    described::each(tx, ctx, &mut shown, &["shipping_options"], SHIPPING)?;
    let shown = body::new(tx, ctx, KIND, &id, &shown)?;
    let mut session = Session::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    begin(tx, ctx, &mut session, params);
    first(&mut session);
    lines::make(tx, ctx, KIND, &id, params)?;
    amounts::note_tax_rates(tx, &mut session, params);
    subscribe::prepare(tx, ctx, &mut session)?;
    taxes::choose(tx, &mut session)?;
    amounts::total(tx, ctx, &mut session)?;
    if let Some(configuration) = &configuration {
        form::offer(tx, configuration, &mut session, params)?;
    }
    optional_items::check_currencies(tx, &session)?;
    check::check_types(&session)?;
    check::check_shares(tx, &session)?;
    let made = tx.insert(session);
    pay::begin_early(tx, ctx, &made.id)?;
    Ok(made)
}

/// Sets what follows from the mode, the kind of page and the customer.
fn begin(tx: &Tx, ctx: &Ctx<'_>, session: &mut Session, params: &Map) {
    let hosted = check::is_hosted(params);
    session.url = hosted.then(|| super::page(ctx.base_url, &session.id));
    if !hosted {
        session.rest.set("client_secret", ctx.ids.id(&format!("{}_secret_", session.id), 40));
        if params.str("ui_mode") == Some("embedded_page") && !session.rest.has("redirect_on_completion") {
            session.rest.set("redirect_on_completion", "always");
        }
    }
    let types = params.list("allowed_payment_method_types").or_else(|| params.list("payment_method_types"));
    if let Some(types) = types {
        session.rest.set("payment_method_types", Doc::List(payment_methods::distinct_types(types)));
    }
    let is_old = !ctx.version.has(CHECKOUT_LATE_INTENTS);
    form::complete(tx, session, params, is_old);
    let updates = |key: &str| params.map("customer_update").and_then(|update| update.str(key)) == Some("auto");
    session.renames.0 = updates("name");
    session.keeps_address.0 = updates("address");
    session.keeps_shipping.0 = updates("shipping");
    let data = params.present("payment_intent_data").or_else(|| params.present("setup_intent_data"));
    let data = data.or_else(|| params.present("subscription_data"));
    session.intent_data = data.cloned().unwrap_or_default();
    session.method_data = params.get("payment_method_data").cloned().unwrap_or_default();
    form::know_customer(tx, session);
}
