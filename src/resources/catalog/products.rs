//! Products (billing 1.1).
//!
//! May use: the state; what prices need of products stands there. Invariant: a default price is a price of the product, and a product that prices are for is not
//! deleted.

use crate::api::list;
use crate::contract::version::Gate;
use crate::contract::{
    Behaviour, Call, Change, Ctx, Entry, Events, Fill, In, Newer, Older, Outcome, Rewrite, SearchField, Searched,
    Trigger, require,
};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::object::own_id;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource};
use crate::state::{Id, Kind, Record, Ref, Tx};

crate::values! {
    /// Whether a product is a thing or a service; plans sell services alone (billing 1.1).
    pub enum ProductType {
        Good = "good",
        Service = "service",
    }
}

crate::resource! {
    /// A product.
    Product = "product" {
        /// Unix seconds.
        created: i64,
        /// Whether it is for sale.
        active: bool,
        /// The price of a sale that names none; null for none.
        default_price: Option<Id>,
        /// The user's own keys and values.
        metadata: Map,
        /// The name that customers see.
        name: String,
        /// `good` or `service`.
        kind as "type": ProductType,
        /// The time of the last change, in Unix seconds.
        updated: i64,
    }
    hidden {
    }
}

/// The kind, for references.
pub const KIND: Kind = Product::KIND;

/// The kind of its prices.
const PRICE: Kind = crate::kind!("price");

/// The largest numbers of images and features.
const AT_MOST: [(&str, usize); 2] = [("images", 8), ("marketing_features", 15)];

/// A product has `marketing_features`, which were its `features` (platform 6.1).
const MARKETING_FEATURES: Gate = Gate::since("2024-04-10");

/// What only goods have (billing 1.1).
const OF_GOODS: [&str; 3] = ["attributes", "caption", "deactivate_on"];

/// The older name of the features in an operation.
pub(super) const fn features_of(operation: &'static str) -> Older {
    Older { operation, until: MARKETING_FEATURES, name: "features", newer: Newer::Name("marketing_features") }
}

/// A new product from the parameters of a request, or from `product_data` of a price; `default_price` is the id of the
/// price that is created next.
///
/// # Errors
/// An id that is taken or invalid, and lists that are too long.
pub fn insert(tx: &mut Tx, ctx: &Ctx<'_>, sent: &Map, default_price: Option<Id>) -> Result<Id> {
    check_lengths(sent)?;
    let id: Id = match own_id::check(ctx, sent.str("id"))? {
        Some(id) if tx.get::<Product>(id).is_some() => return Err(ApiError::already_exists(ENTRY.noun)),
        Some(id) => id.into(),
        None => ENTRY.id.draw(&ctx.ids).into(),
    };
    let mut shown = body::new(tx, ctx, KIND, &id, sent)?;
    shown.set("default_price", default_price.map(|price| price.to_string()));
    describe_good(&mut shown, sent)?;
    tx.insert(read(shown, ctx)?);
    Ok(id)
}

/// Applies the parameters that only goods have; other products do not know them.
fn describe_good(shown: &mut Map, sent: &Map) -> Result<()> {
    let sent: Vec<(&str, &Doc)> = OF_GOODS.iter().filter_map(|name| Some((*name, sent.get(name)?))).collect();
    if !sent.is_empty() && shown.str("type") != Some("good") {
        let names: Vec<String> = sent.iter().map(|(name, _)| (*name).to_owned()).collect();
        return Err(ApiError::params_unknown(&names));
    }
    for (name, value) in sent {
        shown.set(name.to_owned(), value.clone());
    }
    Ok(())
}

fn read(shown: Map, ctx: &Ctx<'_>) -> Result<Product> {
    Product::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())
}

fn check_lengths(sent: &Map) -> Result<()> {
    let long = AT_MOST.iter().find(|(name, most)| sent.list(name).is_some_and(|items| items.len() > *most));
    long.map_or(Ok(()), |(name, most)| Err(ApiError::array_too_long(name, *most)))
}

/// `POST /v1/products/:id`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let product = require::<Product>(tx, call.arg(0), In::Path)?;
    check_lengths(&call.params)?;
    body::check_references(tx, call, KIND)?;
    let price = call.params.str("default_price").and_then(|id| tx.record(PRICE, id)).filter(|price| !price.deleted);
    if let Some(price) = price
        && price.object.to_doc().str("product") != Some(&*product.id)
    {
        return Err(ApiError::default_price_of_other_product(price.object.id()));
    }
    let mut shown = product.to_doc();
    body::change(tx, ctx, KIND, &mut shown, &call.params)?;
    describe_good(&mut shown, &call.params)?;
    let mut changed = read(shown, ctx)?;
    // Without a change there is no event (billing 7.1).
    if !changed.shows_as(&*product) {
        changed.updated = ctx.now;
        tx.save(&product, changed);
    }
    Ok(Outcome::Done(Ref::to(&*product)))
}

/// `GET /v1/products`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let ids = call.params.list("ids");
    let cursor = ["starting_after", "ending_before"].into_iter().find(|cursor| call.params.present(cursor).is_some());
    if let (Some(_), Some(cursor)) = (ids, cursor) {
        return Err(ApiError::params_exclusive("ids", cursor));
    }
    let wanted = |record: &Record| {
        record.get::<Product>().is_some_and(|product| {
            let url = call.params.get("url");
            ids.is_none_or(|ids| ids.iter().any(|id| id.as_str() == Some(&product.id)))
                && url.is_none_or(|url| product.rest.get("url") == Some(url))
        })
    };
    list::page_where(tx, &ENTRY, call, None, &wanted).map(Outcome::List)
}

/// `DELETE /v1/products/:id`.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let product = require::<Product>(tx, call.arg(0), In::Path)?;
    let prices = tx.records_having(PRICE, "product", &product.id);
    // A price that was described in passing does not keep it.
    if prices.iter().any(|price| price.object.hidden_doc().bool("inline") != Some(true)) {
        return Err(ApiError::product_has_prices());
    }
    // The event shows it as inactive (billing 1.1).
    tx.quietly(|tx| tx.update::<Product>(&product.id, |product| product.active = false));
    tx.delete::<Product>(&product.id);
    Ok(Outcome::Deleted(Ref::to(&*product)))
}

fn flag(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: Product::FIELDS,
    noun: "product",
    id: IdForm::short("prod_"),
    path_param: "id",
    operations: &[
        ("products.retrieve", Behaviour::Retrieve),
        ("products.update", Behaviour::Write(update)),
        ("products.delete", Behaviour::Write(delete)),
        ("products.list", Behaviour::Read(list)),
    ],
    filters: &[
        crate::filter!("type", Product, |product| Some(product.kind.as_str())),
        crate::filter!("shippable", Product, |product| product.rest.bool("shippable").map(flag)),
        crate::filter!("active", Product, |product| Some(flag(product.active))),
    ],
    search: Some(&Searched {
        plural: "products",
        fields: &[
            SearchField::token("active"),
            SearchField::text("description"),
            SearchField::text("name"),
            SearchField::token("shippable"),
            SearchField::text("url"),
        ],
    }),
    changes: &[
        Change {
            since: MARKETING_FEATURES,
            older: Some(Rewrite::Alone(features_were_for_marketing)),
            what: "product.features, since then product.marketing_features",
        },
        Change { since: Gate::since("2018-05-21"), older: Some(Rewrite::Alone(had_skus)), what: "product.skus" },
    ],
    older: &[features_of("products.update")],
    blank: Some(|ctx| {
        let blank = body::blank_of(KIND).with("updated", ctx.now);
        blank.with("created", ctx.now).with("livemode", Doc::Bool(false))
    }),
    import: crate::contract::import::<Product>,
    events: Events {
        created: Some("product.created"),
        updated: &["product.updated"],
        deleted: Some("product.deleted"),
        ..Events::NONE
    },
    named_by: &["product"],
    defaults: &[("active", Fill::Flag(true)), ("type", Fill::Text("service"))],
    unlisted: &[("attributes", Fill::EmptyList)],
    triggers: &[
        Trigger::update("product.updated", "/v1/products/{id}"),
        Trigger::delete("product.deleted", "/v1/products/{id}"),
    ],
    ..Entry::PLAIN
};

fn features_were_for_marketing(product: &mut Map) {
    if let Some(features) = product.remove("marketing_features") {
        product.set("features", features);
    }
}

/// Products had units for sale, of which this server has none.
fn had_skus(product: &mut Map) {
    let url = format!("/v1/skus?product={}&active=true", product.str("id").unwrap_or_default());
    product.set("skus", list::envelope(url, Vec::new(), false));
}
