//! Customer sessions: what a customer may do in embedded elements (intents-and-checkout 3.6).
//!
//! May use: customers. Invariant: a session has no id that anybody sees and cannot be retrieved; a browser finds it by its secret.

use std::sync::Arc;

use crate::contract::{Behaviour, Call, Ctx, Entry, In, Marked, Outcome, missing, require_record};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource};
use crate::state::{Id, Kind, Tx};

crate::resource! {
    /// A customer session.
    CustomerSession = "customer_session" {
        /// Unix seconds.
        created: i64,
        /// The customer.
        customer: Id,
        /// Unix seconds; the session is invalid from then on.
        expires_at: i64,
    }
    hidden {
        /// The whole secret.
        secret: String,
    }
}

const KIND: Kind = CustomerSession::KIND;

/// How secrets begin.
const SECRET_PREFIX: &str = "cuss_secret_";

/// How many payment methods an element shows again unless the session says otherwise.
const REDISPLAY_LIMIT: i64 = 3;

/// The components that show payment methods again, the first that is enabled decides.
const SHOW_AGAIN: [&str; 3] = ["payment_element", "mobile_payment_element", "customer_sheet"];

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
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = call.params.str("customer").ok_or_else(|| ApiError::param_missing("customer"))?;
    let customer =
        Id::clone(require_record(tx, crate::kind!("customer"), customer, In::Param("customer"))?.object.id());
    let sent = call.params.map("components").cloned().unwrap_or_default();
    if !sent.iter().any(|(_, part)| part.as_map().is_some_and(is_enabled)) {
        return Err(ApiError::customer_session_without_component());
    }
    let secret = ctx.ids.id(SECRET_PREFIX, SECRET_CHARACTERS);
    let rest = Map::from([
        ("components", Doc::from(components(&sent))),
        ("customer_account", Doc::Null),
        ("livemode", false.into()),
    ]);
    let session = CustomerSession {
        id: id_of(&secret).unwrap_or_else(|| Id::from("")),
        created: ctx.now,
        customer,
        expires_at: ctx.now + LIFE_SECONDS,
        secret: secret.clone(),
        rest,
    };
    let mut shown = session.to_doc().with("client_secret", secret);
    let _ = shown.remove("id");
    tx.insert(session);
    Ok(Outcome::Value(shown.into()))
}

fn is_enabled(part: &Map) -> bool {
    part.bool("enabled") == Some(true)
}

/// The id under which the session of a secret is kept.
fn id_of(secret: &str) -> Option<Id> {
    let own = secret.strip_prefix(SECRET_PREFIX)?.get(..ENTRY.id.length)?;
    Some(format!("{}{own}", ENTRY.id.prefix).into())
}

/// The session of a secret at `now` (Unix seconds); `param` is where the secret was sent.
///
/// # Errors
/// There is none, or it has ended.
pub fn of_secret(tx: &Tx, secret: &str, now: i64, param: &'static str) -> Result<Arc<CustomerSession>> {
    let session = id_of(secret).and_then(|id| tx.get::<CustomerSession>(&id)).filter(|found| found.secret == secret);
    let session = session.ok_or_else(|| missing(KIND, secret, In::Param(param)))?;
    if session.expires_at <= now {
        return Err(ApiError::customer_session_ended(param));
    }
    Ok(session)
}

/// Which of its customer's payment methods an element shows again.
#[derive(Debug)]
pub struct RedisplayRules<'s> {
    /// The values of `allow_redisplay` that are shown.
    pub filters: Vec<&'s str>,
    /// How many.
    pub limit: usize,
}

impl CustomerSession {
    /// What the first enabled component shows again.
    pub fn redisplay(&self) -> RedisplayRules<'_> {
        let components = self.rest.map("components");
        let part = |name: &&str| components.and_then(|all| all.map(name)).filter(|part| is_enabled(part));
        let found = SHOW_AGAIN.iter().find_map(|name| Some((*name, part(name)?.map("features")?)));
        // The sheet of an app is there to show them.
        let shows = |(name, features): &(&str, &Map)| {
            *name == "customer_sheet" || features.str("payment_method_redisplay") == Some("enabled")
        };
        let Some((_, features)) = found.filter(shows) else { return RedisplayRules { filters: Vec::new(), limit: 0 } };
        let filters = features.list("payment_method_allow_redisplay_filters").unwrap_or_default();
        let limit = features.int("payment_method_redisplay_limit").unwrap_or(REDISPLAY_LIMIT);
        RedisplayRules {
            filters: filters.iter().filter_map(Doc::as_str).collect(),
            limit: usize::try_from(limit).unwrap_or_default(),
        }
    }

    /// What a browser sees of it.
    pub fn shown_to_browsers(&self) -> Map {
        let mut shown = self.to_doc();
        let _ = shown.remove("id");
        shown
    }
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
            let shown = is_enabled(&component).then(|| {
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
    fields: CustomerSession::FIELDS,
    noun: KIND.name(),
    id: IdForm::of("cuss_"),
    operations: &[("customer_sessions.create", Behaviour::Write(create))],
    import: crate::contract::import::<CustomerSession>,
    ..Entry::PLAIN
};
