//! Customer sessions: what a customer may do in embedded elements (intents-and-checkout 3.6).
//!
//! May use: customers. Invariant: a session is returned and not stored: it has no id and cannot be retrieved.

use crate::contract::{Behaviour, Call, Ctx, Entry, In, Marked, Outcome, require_record};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Tx};

const KIND: Kind = crate::kind!("customer_session");

/// How long a session is valid, in seconds: half an hour.
const LIFE_SECONDS: i64 = 1_800;

/// Characters of a client secret after its prefix.
const SECRET_CHARACTERS: usize = 43;

/// The default features of an element.
static DEFAULTS: &[(&str, &[(&str, &str)])] = &[
    ("customer_sheet", &[("payment_method_remove", "enabled")]),
    (
        "mobile_payment_element",
        &[
            ("payment_method_redisplay", "disabled"),
            ("payment_method_remove", "disabled"),
            ("payment_method_save", "disabled"),
        ],
    ),
    (
        "payment_element",
        &[
            ("payment_method_redisplay", "disabled"),
            ("payment_method_remove", "disabled"),
            ("payment_method_save", "disabled"),
        ],
    ),
];

/// `POST /v1/customer_sessions`.
fn create(tx: &Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = call.params.str("customer").ok_or_else(|| ApiError::param_missing("customer"))?;
    require_record(tx, crate::kind!("customer"), customer, In::Param("customer"))?;
    let sent = call.params.map("components").cloned().unwrap_or_default();
    let enabled = |part: &Doc| part.as_map().and_then(|part| part.bool("enabled")) == Some(true);
    if !sent.iter().any(|(_, part)| enabled(part)) {
        return Err(ApiError::customer_session_without_component());
    }
    let session = Map::from([
        ("object", Doc::from(KIND.name())),
        ("client_secret", ctx.ids.id("cuss_secret_", SECRET_CHARACTERS).into()),
        ("components", components(&sent).into()),
        ("created", ctx.now.into()),
        ("customer", customer.to_owned().into()),
        ("customer_account", Doc::Null),
        ("expires_at", (ctx.now + LIFE_SECONDS).into()),
        ("livemode", false.into()),
    ]);
    Ok(Outcome::Value(session.into()))
}

/// Every component; one that was not sent is disabled.
fn components(sent: &Map) -> Map {
    let mut all = Map::new();
    for field in template::fields_at(KIND, &["components"]) {
        let mut component = Map::from([("enabled", false)]);
        if let Some(said) = sent.map(field.name) {
            component.merge(said);
        }
        let features = template::fields_at(KIND, &["components", field.name, "features"]);
        if !features.is_empty() {
            let shown = (component.bool("enabled") == Some(true)).then(|| {
                let mut shown = defaults(field.name);
                shown.merge(component.map("features").unwrap_or(&Map::new()));
                template::complete(&mut shown, features);
                shown
            });
            component.set("features", shown);
        }
        all.set(field.name, component);
    }
    all
}

fn defaults(component: &str) -> Map {
    let (_, features) = DEFAULTS.iter().find(|(name, _)| *name == component).copied().unwrap_or_default();
    let mut defaults = Map::from([("payment_method_allow_redisplay_filters", vec!["always"])]);
    for (feature, value) in features {
        defaults.set(*feature, *value);
    }
    defaults
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: &[Marked::refused(&["customer_account"])],
    noun: KIND.name(),
    operations: &[("customer_sessions.create", Behaviour::Read(create))],
    ..Entry::PLAIN
};
