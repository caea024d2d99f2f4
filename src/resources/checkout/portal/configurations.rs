//! Configurations of the customer portal (billing 5.6, billing-2 13.8).
//!
//! May use: products and prices, the platform's application. Invariant: an account has at most one default configuration, which is
//! active.

use std::sync::Arc;

use super::features;
use crate::contract::{Behaviour, Call, Ctx, Entry, Events, Expand, Fill, In, Join, Marked, Outcome, Trigger, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::connect::accounts;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{FieldError, Object, Resource};
use crate::state::{AccountKey, Kind, Ref, Tx};

crate::resource! {
    /// A configuration of the customer portal.
    PortalConfiguration = "billing_portal.configuration" {
        /// Unix seconds.
        created: i64,
        /// Whether sessions may use it.
        active: bool,
        /// Where the portal leads back to, if a session does not say it.
        default_return_url: Option<String>,
        /// What a customer may do, without the products.
        features: Map,
        /// Whether it is the one of sessions that name none.
        is_default: bool,
        /// The page where customers log in without a session.
        login_page: Map,
        /// The time of the last change, in Unix seconds.
        updated: i64,
    }
    hidden {
        /// The products and prices that a customer may choose from; shown with
        /// `expand[]=features.subscription_update.products`.
        products: Doc,
    }
}

/// The kind, for references.
pub const KIND: Kind = PortalConfiguration::KIND;

/// The field with the products, inside `features`.
const PRODUCTS: &str = "products";

impl PortalConfiguration {
    /// Reads a configuration with everything expanded; the products are stored apart.
    fn read(mut shown: Map, mut hidden: Map, created: i64) -> Result<Self, FieldError> {
        let update = match shown.get_mut("features") {
            Some(Doc::Map(features)) => features.get_mut("subscription_update"),
            _ => None,
        };
        if let Some(Doc::Map(update)) = update
            && let Some(products) = update.remove(PRODUCTS)
            && !hidden.has(PRODUCTS)
        {
            hidden.set(PRODUCTS, products);
        }
        PortalConfiguration::from_docs(shown, hidden, created)
    }

    /// With everything expanded.
    fn whole(&self) -> Map {
        let mut whole = self.to_doc();
        if let Some(Doc::Map(features)) = whole.get_mut("features")
            && let Some(Doc::Map(update)) = features.get_mut("subscription_update")
        {
            update.set(PRODUCTS, self.products.clone());
        }
        whole
    }

    /// The settings of a feature.
    pub fn feature(&self, name: &str) -> Option<&Map> {
        self.features.map(name)
    }

    /// Whether a feature is enabled.
    pub fn allows(&self, feature: &str) -> bool {
        self.feature(feature).and_then(|feature| feature.bool("enabled")) == Some(true)
    }

    /// The products that a customer may choose from: `product`, `prices` and `adjustable_quantity`.
    pub fn choices(&self) -> impl Iterator<Item = &Map> {
        let products = match &self.products {
            Doc::List(products) => products.as_slice(),
            _ => &[],
        };
        products.iter().filter_map(Doc::as_map)
    }

    /// Whether a customer may choose a price.
    pub fn offers(&self, price: &str) -> bool {
        self.choices().any(|choice| {
            choice.list("prices").unwrap_or_default().iter().any(|offered| offered.as_str() == Some(price))
        })
    }
}

/// The account's default configuration, which is made when the first session needs it: as a merchant would have saved it without a
/// change (billing 5.6).
///
/// # Errors
/// None that a caller could correct.
pub(super) fn default(tx: &mut Tx, ctx: &Ctx<'_>) -> Result<Arc<PortalConfiguration>> {
    let known = || tx.having::<PortalConfiguration>("is_default", "true").into_iter().next();
    if let Some(configuration) = known() {
        return Ok(configuration);
    }
    let on = || Map::from([("enabled", true)]);
    let updates = ["email", "address", "shipping", "phone", "tax_id"].map(Doc::from).to_vec();
    let reasons = on().with("options", features::REASONS.map(Doc::from).to_vec());
    let features = Map::from([
        ("customer_update", on().with("allowed_updates", updates)),
        ("invoice_history", on()),
        ("payment_method_update", on()),
        ("subscription_cancel", on().with("cancellation_reason", reasons)),
    ]);
    let mut made = make(tx, ctx, &Map::new().with("features", features))?;
    made.is_default = true;
    let id = tx.insert(made).id;
    tx.get(&id).ok_or_else(ApiError::internal)
}

/// A new configuration from parameters.
fn make(tx: &Tx, ctx: &Ctx<'_>, sent: &Map) -> Result<PortalConfiguration> {
    let mut shown = body::new(tx, ctx, KIND, &ENTRY.id.draw(&ctx.ids), sent)?;
    features::check(tx, &shown)?;
    let platform = tx.state().account_id(AccountKey::PLATFORM).filter(|_| tx.account() != AccountKey::PLATFORM);
    shown.set("application", platform.map(|platform| accounts::application_id(platform)));
    let mut made = PortalConfiguration::read(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    address_login(ctx, &mut made);
    Ok(made)
}

/// Gives an enabled login page its address, and takes that of another.
fn address_login(ctx: &Ctx<'_>, configuration: &mut PortalConfiguration) {
    let is_enabled = configuration.login_page.bool("enabled") == Some(true);
    let is_addressed = configuration.login_page.present("url").is_some();
    if is_enabled != is_addressed {
        let page = || ctx.link(&format!("/p/login/{}", configuration.id));
        configuration.login_page.set("url", is_enabled.then(page));
    }
}

/// `POST /v1/billing_portal/configurations`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    body::check_references(tx, call, KIND)?;
    let made = make(tx, ctx, &call.params)?;
    Ok(Outcome::Done(tx.insert(made)))
}

/// `POST /v1/billing_portal/configurations/:configuration`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let configuration = require::<PortalConfiguration>(tx, call.arg(0), In::Path)?;
    if configuration.is_default && call.params.bool("active") == Some(false) {
        return Err(ApiError::portal_default_inactive());
    }
    body::check_references(tx, call, KIND)?;
    let mut shown = configuration.whole();
    body::change(tx, ctx, KIND, &mut shown, &call.params)?;
    features::check(tx, &shown)?;
    let mut changed =
        PortalConfiguration::read(shown, Map::new(), configuration.created).map_err(|_| ApiError::internal())?;
    address_login(ctx, &mut changed);
    // Without a change there is no event (billing 7.1).
    if !changed.shows_as(&*configuration) || changed.products != configuration.products {
        changed.updated = ctx.now;
        tx.save(&configuration, changed);
    }
    Ok(Outcome::Done(Ref::to(&*configuration)))
}

fn flag(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: &[Marked::acts(
        &["features.subscription_update.products"],
        "checkout::portal::the_products_of_a_configuration_are_shown_when_they_are_expanded",
    )],
    fields: PortalConfiguration::FIELDS,
    noun: "configuration",
    id: IdForm::of("bpc_"),
    path_param: "configuration",
    operations: &[
        ("billing_portal.configurations.create", Behaviour::Write(create)),
        ("billing_portal.configurations.retrieve", Behaviour::Retrieve),
        ("billing_portal.configurations.update", Behaviour::Write(update)),
        ("billing_portal.configurations.list", Behaviour::List),
    ],
    filters: &[
        crate::filter!("is_default", PortalConfiguration, |configuration| Some(flag(configuration.is_default))),
        crate::filter!("active", PortalConfiguration, |configuration| Some(flag(configuration.active))),
    ],
    joins: &[Join {
        field: "features.subscription_update.products",
        doc: |tx, id| tx.get::<PortalConfiguration>(id).map(|configuration| configuration.products.clone()),
    }],
    expands: &[Expand::field("features.subscription_update.products")],
    blank: Some(|_| body::blank_of(KIND)),
    import: |visible, hidden, created| Ok(Arc::new(PortalConfiguration::read(visible, hidden, created)?)),
    events: Events {
        created: Some("billing_portal.configuration.created"),
        updated: &["billing_portal.configuration.updated"],
        ..Events::NONE
    },
    defaults: &[
        ("active", Fill::Flag(true)),
        ("is_default", Fill::Flag(false)),
        ("features.*.enabled", Fill::Flag(false)),
        ("features.subscription_cancel.cancellation_reason.enabled", Fill::Flag(false)),
        ("features.subscription_cancel.cancellation_reason.options", Fill::Texts(&features::REASONS)),
        ("features.subscription_cancel.mode", Fill::Text("at_period_end")),
        ("features.subscription_cancel.proration_behavior", Fill::Text("none")),
        ("features.subscription_pause.duration.interval_options.interval_count", Fill::Int(1)),
        ("features.subscription_pause.duration.type", Fill::Text("indefinite")),
        // A product's quantity can be changed unless this is turned off.
        (
            "features.subscription_update.products.adjustable_quantity",
            Fill::Object(&[("enabled", Fill::Flag(true)), ("maximum", Fill::Null), ("minimum", Fill::Int(1))]),
        ),
        ("features.subscription_update.products.adjustable_quantity.minimum", Fill::Int(1)),
        ("features.subscription_update.proration_behavior", Fill::Text("none")),
        ("features.subscription_update.trial_update_behavior", Fill::Text("end_trial")),
        ("login_page.enabled", Fill::Flag(false)),
    ],
    triggers: &[Trigger::update("billing_portal.configuration.updated", "/v1/billing_portal/configurations/{id}")],
    ..Entry::PLAIN
};
