//! Tax settings (billing-2 9.5).
//!
//! May use: tax codes. Invariant: they are active exactly when the head office is known.

use std::sync::Arc;

use crate::contract::{Behaviour, Call, Ctx, Entry, Events, Outcome, Trigger, View};
use crate::error::{ApiError, Result};
use crate::jurisdictions::{self, TaxPlace};
use crate::object::body;
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource, downcast};
use crate::state::{Kind, Tx};

crate::values! {
    /// Whether tax can be computed.
    pub enum TaxSettingsStatus {
        Active = "active",
        Pending = "pending",
    }
}

crate::values! {
    /// Whether prices contain tax.
    pub enum TaxBehavior {
        Exclusive = "exclusive",
        Inclusive = "inclusive",
    }
}

crate::resource! {
    /// The tax settings of an account.
    TaxSettings = "tax.settings" {
        /// What is assumed of products and prices.
        defaults: Map,
        /// Where the seller is: an address; null before it is known.
        head_office: Option<Map>,
        /// Whether tax can be computed.
        status: TaxSettingsStatus,
        /// What is missing.
        status_details: Map,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
    }
}

/// The kind, for references.
pub const KIND: Kind = TaxSettings::KIND;

/// The id of an account's one object; the API does not show it.
const ID: &str = "tax.settings";

/// The code of what has none, if the settings have none either.
const GENERAL: &str = "txcd_10000000";

/// The behavior that depends on the currency.
const BY_CURRENCY: &str = "inferred_by_currency";

/// The currencies of countries where prices do not contain tax.
const EXCLUSIVE: [&str; 2] = ["cad", "usd"];

/// Checks that tax can be computed.
///
/// # Errors
/// The head office is not known.
pub fn check_active(tx: &Tx) -> Result<()> {
    match tx.get::<TaxSettings>(ID).map(|settings| settings.status) {
        Some(TaxSettingsStatus::Active) => Ok(()),
        Some(TaxSettingsStatus::Pending) | None => Err(ApiError::tax_needs_head_office()),
    }
}

/// The tax code of a product without one.
pub fn default_code(tx: &Tx) -> String {
    let settings = tx.get::<TaxSettings>(ID);
    settings.and_then(|settings| settings.defaults.str("tax_code").map(str::to_owned)).unwrap_or(GENERAL.to_owned())
}

/// The behavior of a price in a currency (lower case) that specifies none; `None` if the settings say nothing.
pub fn default_behavior(tx: &Tx, currency: &str) -> Option<TaxBehavior> {
    let settings = tx.get::<TaxSettings>(ID)?;
    match settings.defaults.str("tax_behavior")? {
        BY_CURRENCY if EXCLUSIVE.contains(&currency) => Some(TaxBehavior::Exclusive),
        BY_CURRENCY => Some(TaxBehavior::Inclusive),
        text => TaxBehavior::parse(text),
    }
}

/// The country of the head office.
pub fn head_office_country(tx: &Tx) -> Option<String> {
    let settings = tx.get::<TaxSettings>(ID)?;
    office(settings.head_office.as_ref())
}

/// The country of a head office whose address is enough: in the United States the state is.
fn office(head_office: Option<&Map>) -> Option<String> {
    let address = head_office?.map("address")?;
    let place = TaxPlace::of(Some(address)).map(|place| place.country().to_owned());
    place.or_else(|| {
        let is_state = address.str("state").and_then(jurisdictions::state).is_some();
        address.str("country").filter(|country| *country == "US" && is_state).map(str::to_owned)
    })
}

/// The settings with what follows from the others.
fn derived(object: &dyn Object) -> Option<Arc<dyn Object>> {
    let settings = downcast::<TaxSettings>(object)?;
    let (status, details) = match office(settings.head_office.as_ref()) {
        Some(_) => (TaxSettingsStatus::Active, Map::from([("active", Map::new())])),
        None => {
            let missing = Map::from([("missing_fields", Doc::List(vec!["head_office".into()]))]);
            (TaxSettingsStatus::Pending, Map::from([("pending", missing)]))
        }
    };
    let is_right = settings.status == status && settings.status_details == details;
    (!is_right)
        .then(|| Arc::new(TaxSettings { status, status_details: details, ..settings.clone() }) as Arc<dyn Object>)
}

/// The settings of an account that has chosen nothing.
fn fresh(tx: &Tx, ctx: &Ctx<'_>) -> Result<TaxSettings> {
    let shown = body::new(tx, ctx, KIND, ID, &Map::new())?;
    let fresh = TaxSettings::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    Ok(match derived(&fresh).and_then(|derived| downcast::<TaxSettings>(&*derived).cloned()) {
        Some(derived) => derived,
        None => fresh,
    })
}

/// `GET /v1/tax/settings`.
fn retrieve(tx: &Tx, ctx: &Ctx<'_>, _: &Call<'_>) -> Result<Outcome> {
    let settings = match tx.get::<TaxSettings>(ID) {
        Some(settings) => shown(&settings),
        None => shown(&fresh(tx, ctx)?),
    };
    Ok(Outcome::Value(settings.into()))
}

/// `POST /v1/tax/settings`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    body::check_references(tx, call, KIND)?;
    let stored = tx.get::<TaxSettings>(ID);
    let settings = match &stored {
        Some(settings) => Arc::clone(settings),
        None => Arc::new(fresh(tx, ctx)?),
    };
    let mut doc = settings.to_doc();
    body::change(tx, ctx, KIND, &mut doc, &call.params)?;
    if let Some(address) = call.params.map("head_office").and_then(|office| office.map("address")) {
        // An address replaces the one before as a whole.
        let mut office = Map::from([("address", address.clone())]);
        crate::object::template::complete(&mut office, crate::object::template::fields_at(KIND, &["head_office"]));
        doc.set("head_office", office);
    }
    let changed = TaxSettings::from_docs(doc, Map::new(), settings.created).map_err(|_| ApiError::internal())?;
    match stored {
        Some(settings) => tx.save(&settings, changed),
        None if changed.to_doc() == settings.to_doc() => {}
        None => {
            tx.insert(changed);
        }
    }
    retrieve(tx, ctx, call)
}

/// The settings as the API shows them, in an event, too: without an id.
fn shown(settings: &TaxSettings) -> Map {
    let mut shown = settings.to_doc();
    let _ = shown.remove("id");
    shown
}

/// Reads the settings of a dump, which may not say their id.
fn read(
    visible: Map,
    hidden: Map,
    created: i64,
) -> std::result::Result<Arc<dyn Object>, crate::state::object::FieldError> {
    crate::contract::import::<TaxSettings>(visible.with("id", ID), hidden, created)
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: TaxSettings::FIELDS,
    noun: "tax settings",
    operations: &[
        ("tax.settings.retrieve", Behaviour::Read(retrieve)),
        ("tax.settings.update", Behaviour::Write(update)),
    ],
    blank: Some(|_| body::blank_of(KIND)),
    import: read,
    derives: Some(derived),
    views: &[View { from: KIND, doc: |settings| downcast::<TaxSettings>(settings).map(shown) }],
    // They are stored when they first differ from the fresh ones; that is a change, too.
    events: Events { created: Some("tax.settings.updated"), updated: &["tax.settings.updated"], ..Events::NONE },
    defaults: &[
        ("defaults.provider", crate::contract::Fill::Text("stripe")),
        ("status", crate::contract::Fill::Text("pending")),
    ],
    triggers: &[Trigger::update("tax.settings.updated", "/v1/tax/settings")],
    ..Entry::PLAIN
};
