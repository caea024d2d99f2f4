//! Prices, and plans as another form of recurring prices (billing 1.2, 1.3).
//!
//! May use: products. Invariant: a lookup key belongs to one price, and the amounts of a price never change.

mod amounts;
mod create;
pub mod plans;
mod view;

use std::sync::Arc;

use crate::api::list;
use crate::contract::version::Gate;
use crate::contract::{
    Behaviour, Call, Change, Ctx, Entry, Events, Expand, Fill, In, Join, Marked, Outcome, Rewrite, SearchField,
    Searched, Trigger, require,
};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::pricing::Tariff;
use crate::resources::catalog::products;
use crate::resources::catalog::products::Product;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, FieldError, Object, Resource, downcast};
use crate::state::{Id, Kind, Record, Ref, Tx};

pub use self::create::{create_as, inline, mint};
pub use self::view::{as_plan, as_price};

crate::values! {
    /// Whether a price is paid once or again and again (billing 1.2).
    pub enum PriceType {
        OneTime = "one_time",
        Recurring = "recurring",
    }
}

crate::resource! {
    /// A price.
    Price = "price" {
        /// Unix seconds.
        created: i64,
        /// Whether new purchases may use it.
        active: bool,
        /// Three letters, lower case.
        currency: String,
        /// The user's own name for it.
        lookup_key: Option<String>,
        /// The user's own keys and values.
        metadata: Map,
        /// The product.
        product: Id,
        /// `one_time` or `recurring`.
        kind as "type": PriceType,
    }
    hidden {
        /// Whether it was described in place: such a price is not listed.
        inline: bool,
        /// Its tiers; shown with `expand[]=tiers`.
        tiers: Absent<Vec<Map>>,
        /// The price in other currencies; shown with `expand[]=currency_options`.
        currency_options: Absent<Map>,
    }
}

/// The kind, for references.
pub const KIND: Kind = Price::KIND;

impl Price {
    /// Reads a price with everything expanded; the expandable fields are stored apart.
    fn read(mut shown: Map, mut hidden: Map, created: i64) -> Result<Self, FieldError> {
        for key in ["tiers", "currency_options"] {
            if let Some(value) = shown.remove(key).filter(|_| !hidden.has(key)) {
                hidden.set(key, value);
            }
        }
        Price::from_docs(shown, hidden, created)
    }

    /// Whether it is paid in every period.
    pub fn is_recurring(&self) -> bool {
        self.kind == PriceType::Recurring
    }

    /// The tariff of the price.
    pub fn tariff(&self) -> Tariff {
        amounts::tariff(self)
    }

    /// Checks that so many can be billed.
    ///
    /// # Errors
    /// A quantity below zero, or one that costs too much.
    pub fn check_quantity(&self, quantity: i64) -> Result<()> {
        amounts::check_quantity(self, quantity)
    }

    /// The price in another currency; `None` if it has none there.
    pub fn in_currency(&self, currency: &str) -> Option<Price> {
        let option = self.currency_options.0.as_ref()?.map(currency)?;
        let mut price = self.clone();
        price.currency = currency.to_owned();
        for key in ["unit_amount", "unit_amount_decimal"] {
            price.rest.set(key, option.get(key).cloned().unwrap_or_default());
        }
        let tiers = option.list("tiers").map(|tiers| tiers.iter().filter_map(Doc::as_map).cloned().collect());
        price.tiers = Absent(tiers);
        Some(price)
    }

    /// All its fields, expanded.
    fn whole(&self) -> Map {
        let mut whole = self.to_doc();
        if let Some(tiers) = &self.tiers.0 {
            whole.set("tiers", Doc::List(tiers.iter().cloned().map(Doc::Map).collect()));
        }
        if let Some(options) = &self.currency_options.0 {
            whole.set("currency_options", options.clone());
        }
        whole
    }
}

/// `POST /v1/prices/:price`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let price = require::<Price>(tx, call.arg(0), In::Path)?;
    let params = &call.params;
    let is_default = tx.get::<Product>(&price.product).is_some_and(|one| one.default_price.as_ref() == Some(&price.id));
    if params.bool("active") == Some(false) && is_default {
        return Err(ApiError::price_is_default());
    }
    let behaviour = price.rest.str("tax_behavior").filter(|behaviour| *behaviour != "unspecified");
    if behaviour.is_some() && params.str("tax_behavior").is_some_and(|wanted| Some(wanted) != behaviour) {
        return Err(ApiError::price_tax_behavior_is_set());
    }
    create::take_lookup_key(tx, &price.id, params)?;
    let mut shown = price.whole();
    body::change(tx, ctx, KIND, &mut shown, params)?;
    amounts::complete(&mut shown);
    let hidden = Map::from([("inline", price.inline)]);
    let changed = Price::read(shown, hidden, price.created).map_err(|_| ApiError::internal())?;
    tx.save(&price, changed);
    Ok(Outcome::Done(Ref::to(&*price)))
}

/// `GET /v1/prices`: prices that were described in place are not listed (billing 1.2).
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    const LOOKUP_KEYS_MAX: usize = 10;
    let keys = call.params.list("lookup_keys");
    if keys.is_some_and(|keys| keys.len() > LOOKUP_KEYS_MAX) {
        return Err(ApiError::array_too_long("lookup_keys", LOOKUP_KEYS_MAX));
    }
    let recurring = call.params.map("recurring");
    let wanted = |price: &Price| {
        !price.inline
            && keys.is_none_or(|keys| keys.iter().any(|key| key.as_str() == price.lookup_key.as_deref()))
            && recurring.is_none_or(|wanted| {
                let own = price.rest.map("recurring");
                wanted.iter().all(|(key, value)| own.and_then(|own| own.get(key)) == Some(value))
            })
    };
    let keep = |record: &Record| downcast::<Price>(&*record.object).is_some_and(wanted);
    list::page_where(tx, &ENTRY, call, None, &keep).map(Outcome::List)
}

/// The price in each currency, including its own.
fn currency_options(tx: &Tx, id: &str) -> Option<Doc> {
    let price = tx.get::<Price>(id)?;
    let own = ["custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal"];
    let own = own.map(|key| (key, price.rest.get(key).cloned().unwrap_or_default()));
    let options = price.currency_options.0.clone().unwrap_or_default();
    Some(options.with(price.currency.clone(), Map::from(own)).into())
}

/// The events of a recurring price: the plan's come first (billing 7.2).
static RECURRING: Events = Events { updated: &["plan.updated", "price.updated"], ..PAID_ONCE };

const PAID_ONCE: Events = Events { created: Some("price.created"), updated: &["price.updated"], ..Events::NONE };

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: &[
        Marked::acts(&["recurring"], "catalog::prices::a_price_that_does_not_recur_gets_no_part_of_an_interval")
            .on(&["prices.update"]),
        Marked::neutral(&["custom_unit_amount.enabled"], "it is always true"),
        Marked::describes(&["product_data"], "products.create"),
        Marked::describes(&["default_price_data"], "prices.create").on(&["products.create"]),
        Marked::acts(
            &["recurring.aggregate_usage", "recurring.usage_type"],
            "catalog::prices::before_basil_usage_says_how_it_adds_up",
        ),
        Marked::acts(&["transfer_lookup_key"], "catalog::prices::a_lookup_key_names_one_price_and_can_be_taken_over"),
    ],
    fields: Price::FIELDS,
    noun: "price",
    id: IdForm::of("price_"),
    path_param: "price",
    operations: &[
        ("products.create", Behaviour::Write(create::create_product)),
        ("prices.create", Behaviour::Write(create::create)),
        ("prices.retrieve", Behaviour::Retrieve),
        ("prices.update", Behaviour::Write(update)),
        ("prices.list", Behaviour::Read(list)),
    ],
    filters: &[
        crate::filter!("product", Price, |price| Some(&price.product), Some(products::KIND)),
        crate::filter!("lookup_key", Price, |price| price.lookup_key.as_deref()),
        crate::filter!("currency", Price, |price| Some(price.currency.as_str())),
        crate::filter!("type", Price, |price| Some(price.kind.as_str())),
        crate::filter!("active", Price, |price| Some(if price.active { "true" } else { "false" })),
    ],
    joins: &[
        Join {
            field: "tiers",
            doc: |tx, id| {
                let tiers = tx.get::<Price>(id)?.tiers.0.clone()?;
                Some(Doc::List(tiers.into_iter().map(Doc::Map).collect()))
            },
        },
        Join { field: "currency_options", doc: currency_options },
    ],
    expands: &[Expand::field("currency_options"), Expand::field("currency_options.*.tiers"), Expand::field("tiers")],
    search: Some(&Searched {
        plural: "prices",
        fields: &[
            SearchField::token("active"),
            SearchField::token("currency"),
            SearchField::text("lookup_key"),
            SearchField::text("product"),
            SearchField::token("type"),
        ],
    }),
    changes: &[
        Change {
            since: Gate::since("2025-03-31.basil"),
            older: Some(Rewrite::Alone(usage_adds_up)),
            what: "price.recurring.aggregate_usage",
        },
        Change { since: plans::TIERS_APART, older: Some(plans::TIERS_WITHIN), what: "price.tiers" },
        Change { since: plans::TIER_AMOUNTS, older: None, what: "price.tiers had an amount" },
    ],
    // A product may be created with its price.
    older: &[products::features_of("products.create")],
    blank: Some(|_| body::blank_of(KIND)),
    describe: Some(inline),
    import: |visible, hidden, created| Ok(Arc::new(Price::read(visible, hidden, created)?)),
    events: Events {
        instead: Some(|object| downcast::<Price>(object).filter(|price| price.is_recurring()).map(|_| &RECURRING)),
        ..PAID_ONCE
    },
    named_by: &["default_price", "plan", "price"],
    defaults: &[
        ("active", Fill::Flag(true)),
        ("billing_scheme", Fill::Text("per_unit")),
        ("recurring.interval_count", Fill::Int(1)),
        ("recurring.usage_type", Fill::Text("licensed")),
        ("tax_behavior", Fill::Text("unspecified")),
        ("type", Fill::Text("one_time")),
    ],
    triggers: &[Trigger::update("price.updated", "/v1/prices/{id}")],
    ..Entry::PLAIN
};

/// The price or the plan that another object shows under a name, as versions before basil show how its usage adds up (shapes 2).
pub fn said_how_usage_adds_up(within: &mut Map, name: &str) {
    match within.get_mut(name) {
        Some(Doc::Map(price)) if price.has("recurring") => usage_adds_up(price),
        Some(Doc::Map(plan)) if plan.has("interval") => plans::usage_adds_up(plan),
        _ => {}
    }
}

fn usage_adds_up(price: &mut Map) {
    if let Some(Doc::Map(recurring)) = price.get_mut("recurring") {
        plans::usage_adds_up(recurring);
    }
}
