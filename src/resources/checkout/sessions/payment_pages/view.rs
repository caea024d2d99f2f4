//! What a page in the shop shows of a session (stripe-js 6.1, 8.3).
//!
//! May use: the session, its intents, Elements. Invariant: whoever has the session's id sees no more of what is in it than its customer does.

use super::super::{Session, SessionMode, currencies};
use super::{items, recurring};
use crate::contract::{self, Ctx};
use crate::issuers;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::resources::payments::elements_sessions::{self, ElementsOffer, Merchant};
use crate::resources::payments::payment_intents::PaymentIntent;
use crate::resources::payments::setup_intents;
use crate::resources::tax::automatic;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;

/// What stands in the session as it is shown here.
const SAME: [&str; 13] = [
    "billing_address_collection",
    "cancel_url",
    "consent_collection",
    "locale",
    "name_collection",
    "payment_method_types",
    "permissions",
    "phone_number_collection",
    "redirect_on_completion",
    "shipping_address_collection",
    "success_url",
    "tax_id_collection",
    "ui_mode",
];

/// The page of a session.
pub(super) fn page(tx: &Tx, ctx: &Ctx<'_>, session: &Session) -> Map {
    let merchant = Merchant::of(tx);
    let text = |text: &str| Doc::from(text.to_owned());
    let mut page = Map::from([
        ("id", format!("ppage_1{}", issuers::fingerprint("payment page", &session.id)).into()),
        ("object", Session::KIND.name().into()),
        ("session_id", text(&session.id)),
        ("livemode", false.into()),
        ("mode", session.mode.as_str().into()),
        ("status", session.status.map(|status| status.as_str()).into()),
        ("payment_status", session.payment_status.as_str().into()),
        ("currency", session.currency.clone().into()),
        ("currency_options", currencies::options(tx, ctx, session).into()),
        ("expires_at", session.expires_at.into()),
        ("customer_email", session.email().map(str::to_owned).into()),
        ("customer_details", session.customer_details.clone()),
        ("return_url", session.destination().into()),
        ("url", session.url.clone().into()),
        ("account_settings", merchant.settings(session.rest.map("branding_settings")).into()),
    ]);
    for name in SAME {
        page.set(name, session.rest.get(name).cloned().unwrap_or_default());
    }
    page.merge(&order(tx, ctx, session));
    page.merge(&taxes(session));
    page.merge(&payment(tx, ctx, session));
    let offer = offer(session);
    page.set("server_built_elements_session_params", offer.params(session.rest.str("locale")));
    page.set("elements_session", elements_sessions::shown(&session.id, &merchant, &offer, session.rest.str("locale")));
    page
}

/// What is bought, and what it comes to.
fn order(tx: &Tx, ctx: &Ctx<'_>, session: &Session) -> Map {
    let shipping = session.rest.map("collected_information").and_then(|all| all.present("shipping_details")).cloned();
    let total = [
        ("subtotal", session.amount_subtotal),
        ("due", session.amount_total),
        ("total", session.amount_total),
        ("applied_balance", Some(0)),
    ];
    Map::from([
        ("total_summary", Map::from(total.map(|(key, amount)| (key, Doc::from(amount.unwrap_or_default())))).into()),
        ("line_item_group", Doc::from(items::group(tx, session))),
        ("optional_items", items::optional(tx, session).into()),
        ("shipping_options", items::shipping_options(tx, session).into()),
        ("shipping", items::shipping(tx, session)),
        ("shipping_details", shipping.unwrap_or_default()),
        ("recurring", recurring::shown(tx, ctx, session)),
    ])
}

/// What place the taxes depend on, and whether it is known.
fn taxes(session: &Session) -> Map {
    let is_on = automatic::is_on(&session.rest);
    let by_shipping = session.rest.present("shipping_address_collection").is_some();
    let source = if by_shipping { "session.shipping" } else { "session.billing" };
    let status = session.rest.map("automatic_tax").and_then(|tax| tax.get("status")).cloned();
    let context = Map::from([
        ("automatic_tax_address_source", Doc::from(is_on.then_some(source))),
        ("automatic_tax_enabled", is_on.into()),
    ]);
    let meta = Map::from([
        ("computation_type", Doc::from(if is_on { "automatic" } else { "manual" })),
        ("status", status.unwrap_or_default()),
    ]);
    let region = session.tax_region.0.clone();
    Map::from([("tax_context", Doc::from(context)), ("tax_meta", meta.into()), ("tax_region", region.into())])
}

/// How it is paid, by whom, and how far that is.
fn payment(tx: &Tx, ctx: &Ctx<'_>, session: &Session) -> Map {
    let customer = session.customer.as_ref().map(|customer| {
        // Who has the id of a session that is over sees nothing of its customer any more.
        let saved = session.saved_methods(tx).into_iter().filter(|_| session.is_open());
        let saved = saved.filter_map(|offer| contract::seen(tx, ctx.key, PaymentMethod::KIND, &offer.value));
        Map::from([
            ("id", Doc::from(customer.to_string())),
            ("payment_methods", saved.collect::<Vec<Map>>().into()),
            ("can_detach_payment_method", session.lets_remove().into()),
        ])
    });
    let (payment, setup) = session.intents(tx);
    let payment = payment.and_then(|intent| contract::seen(tx, ctx.key, PaymentIntent::KIND, &intent.id));
    let setup = setup.and_then(|intent| contract::seen(tx, ctx.key, setup_intents::KIND, &intent.id));
    let error = session.failure(tx).map(|message| Map::from([("message", message)]));
    let offers_save = Map::from([("enabled", Doc::from(session.asks_to_save())), ("status", "not_accepted".into())]);
    Map::from([
        ("customer", customer.into()),
        ("customer_managed_saved_payment_methods_offer_save", offers_save.into()),
        ("payment_intent", payment.into()),
        ("setup_intent", setup.into()),
        ("last_payment_error", Doc::from(error)),
    ])
}

/// What Elements offer to pay it with.
fn offer(session: &Session) -> ElementsOffer {
    let data = session.intent_data.as_map();
    let of_data = |key: &str| data.and_then(|data| data.str(key)).map(str::to_owned);
    ElementsOffer {
        mode: session.mode.as_str(),
        amount: session.amount_total.filter(|_| session.mode != SessionMode::Setup),
        currency: session.currency.clone(),
        capture_method: of_data("capture_method"),
        usage: of_data("setup_future_usage"),
        types: session.types().map(str::to_owned).collect(),
    }
}
