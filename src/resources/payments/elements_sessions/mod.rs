//! Elements sessions: what Elements and the mobile SDKs ask before they show anything (stripe-js 8.2).
//!
//! May use: both kinds of intents, configurations, customer sessions. Invariant: a session is returned and not stored, and shows of an
//! intent or a customer only what its secret entitles to.

mod offer;
mod shown;

pub(in crate::resources) use self::offer::ElementsOffer;
pub(in crate::resources) use self::shown::{Merchant, shown};

use crate::contract::{
    self, Behaviour, Call, Ctx, Entry, In, Marked, Outcome, Public, Visible, require, require_record,
};
use crate::error::{ApiError, Result};
use crate::resources::customers::customer::{self, Customer};
use crate::resources::developer::customer_sessions;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::resources::payments::payment_intents::PaymentIntent;
use crate::resources::payments::setup_intents::SetupIntent;
use crate::state::document::{Doc, Map};
use crate::state::object::Resource;
use crate::state::{Kind, Tx};

const KIND: Kind = crate::kind!("elements_session");
const SECRET: &str = "client_secret";
const DEFERRED: &str = "deferred_intent";
const CUSTOMER_SECRET: &str = "customer_session_client_secret";

/// What Elements are made for.
enum ElementsTarget {
    /// An intent that is there.
    Intent { kind: Kind, id: String, offer: ElementsOffer },
    /// One that is made later.
    Deferred(ElementsOffer),
}

/// `GET /v1/elements/sessions`.
fn retrieve(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params: &Map = &call.params;
    let merchant = Merchant::of(tx);
    let locale = params.str("locale");
    let target = target(tx, params)?;
    let (about, offer, intent) = match &target {
        ElementsTarget::Deferred(offer) => (DEFERRED, offer, None),
        ElementsTarget::Intent { kind, id, offer } => (id.as_str(), offer, Some((*kind, intent(tx, ctx, *kind, id)?))),
    };
    let mut session = shown(about, &merchant, offer, locale);
    if let (Some((kind, intent)), Some(Doc::Map(preference))) = (intent, session.get_mut("payment_method_preference")) {
        preference.set("type", kind.name());
        preference.set(kind.name(), intent);
    }
    if let Some(secret) = params.str(CUSTOMER_SECRET) {
        session.set("customer", of_customer(tx, ctx, secret, offer)?);
    }
    Ok(Outcome::Value(session.into()))
}

/// What a call is about.
///
/// # Errors
/// Something is missing, there is no such intent, or the secret is another one's.
fn target(tx: &Tx, params: &Map) -> Result<ElementsTarget> {
    match params.str("type") {
        None => Err(ApiError::param_missing("type")),
        Some("deferred_intent") => {
            let sent = params.map(DEFERRED).ok_or_else(|| ApiError::param_missing(DEFERRED))?;
            ElementsOffer::deferred(tx, sent).map_err(|error| error.inside(DEFERRED)).map(ElementsTarget::Deferred)
        }
        Some(named) => {
            let secret = params.str(SECRET).ok_or_else(|| ApiError::param_missing(SECRET))?;
            let id = secret.split("_secret_").next().unwrap_or_default().to_owned();
            let kind = if named == PaymentIntent::KIND.name() { PaymentIntent::KIND } else { SetupIntent::KIND };
            let record = require_record(tx, kind, &id, In::Param("intent"))?;
            if record.object.text(SECRET).as_deref() != Some(secret) {
                return Err(ApiError::client_secret_mismatch(contract::class_name(kind).as_str()));
            }
            let offer = match (tx.get::<PaymentIntent>(&id), tx.get::<SetupIntent>(&id)) {
                (Some(intent), _) => ElementsOffer::of_payment(&intent),
                (None, Some(intent)) => ElementsOffer::of_setup(&intent),
                (None, None) => return Err(ApiError::internal()),
            };
            Ok(ElementsTarget::Intent { kind, id, offer })
        }
    }
}

/// An intent as the key sees it, with its payment method.
fn intent(tx: &Tx, ctx: &Ctx<'_>, kind: Kind, id: &str) -> Result<Map> {
    let mut intent = contract::seen(tx, ctx.key, kind, id).ok_or_else(ApiError::internal)?;
    let method = intent.str("payment_method").and_then(|id| contract::seen(tx, ctx.key, PaymentMethod::KIND, id));
    if let Some(method) = method {
        intent.set("payment_method", method);
    }
    Ok(intent)
}

/// The customer of a customer session, with the payment methods that its component shows again.
///
/// # Errors
/// There is no such session, or it has ended.
fn of_customer(tx: &Tx, ctx: &Ctx<'_>, secret: &str, offer: &ElementsOffer) -> Result<Map> {
    let session = customer_sessions::of_secret(tx, secret, ctx.now, CUSTOMER_SECRET)?;
    let customer = require::<Customer>(tx, &session.customer, In::Param(CUSTOMER_SECRET))?;
    let rules = session.redisplay();
    let is_shown = |method: &Map| {
        let redisplay = method.str("allow_redisplay").unwrap_or("unspecified");
        offer.types.iter().any(|kind| method.str("type") == Some(kind)) && rules.filters.contains(&redisplay)
    };
    let all = tx.records_having(PaymentMethod::KIND, customer::KIND.name(), &customer.id);
    let all = all.iter().filter_map(|record| contract::seen(tx, ctx.key, PaymentMethod::KIND, record.object.id()));
    let methods: Vec<Map> = all.filter(is_shown).take(rules.limit).collect();
    let default = customer.rest.map("invoice_settings").and_then(|settings| settings.str("default_payment_method"));
    let default = default.filter(|default| methods.iter().any(|method| method.str("id") == Some(default)));
    Ok(Map::from([
        ("customer_session", Doc::from(session.shown_to_browsers())),
        ("default_payment_method", default.map(str::to_owned).into()),
        ("payment_methods", methods.into()),
    ]))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    noun: KIND.name(),
    marks: &[
        Marked::neutral(
            &["mobile_session_id", "referrer_host", "session_id"],
            "they name the visit, which nothing here depends on",
        ),
        Marked::neutral(
            &["legacy_customer_ephemeral_key"],
            "an app lists the payment methods of its customer by itself with this key",
        ),
        Marked::neutral(
            &["deferred_intent.amount", "deferred_intent.on_behalf_of", "deferred_intent.payment_method_options"],
            "they decide nothing before there is an intent",
        ),
        Marked::acts(
            &["deferred_intent.payment_method_configuration", "deferred_intent.excluded_payment_method_types"],
            "payments::elements_sessions::a_deferred_intent_offers_what_its_configuration_does",
        ),
        Marked::acts(&["client_secret"], "payments::elements_sessions::an_intent_is_shown_to_whoever_has_its_secret"),
        Marked::acts(
            &["customer_session_client_secret"],
            "payments::elements_sessions::a_customer_session_shows_what_its_component_shows_again",
        ),
    ],
    operations: &[("elements.sessions.retrieve", Behaviour::Read(retrieve))],
    public: &[Public {
        operation: "elements.sessions.retrieve",
        needs_secret: false,
        params: &[],
        visible: Visible::All,
    }],
    references: &[("deferred_intent.on_behalf_of", &[])],
    ..Entry::PLAIN
};
