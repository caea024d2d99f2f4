//! The features of products (billing 5.7, billing-2 11.6).
//!
//! May use: features, products. Invariant: a product has a feature at most once, and shows it as it is now.

use crate::contract::{Behaviour, Call, Ctx, Entry, In, On, Outcome, Reaction, Under, Who, require, require_of};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::billing::entitlements::features;
use crate::resources::billing::entitlements::features::EntitlementFeature;
use crate::resources::catalog::products::Product;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource};
use crate::state::{Id, Kind, Ref, Tx};

crate::resource! {
    /// A feature of a product.
    ProductFeature = "product_feature" {
        /// The feature in full.
        entitlement_feature: Map,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// The product.
        product: Id,
    }
}

/// The kind, for references.
pub const KIND: Kind = ProductFeature::KIND;

/// The place of features in paths.
const UNDER: Under = Under { filter: "product", param: "product" };

impl ProductFeature {
    /// The feature's id.
    pub(super) fn feature(&self) -> Option<&str> {
        self.entitlement_feature.str("id")
    }
}

/// The features of a product, in the order in which they were attached.
pub(super) fn of_product(tx: &Tx, product: &str) -> Vec<Id> {
    let attached = tx.having::<ProductFeature>("product", product);
    attached.iter().rev().filter_map(|attached| attached.feature().map(Id::from)).collect()
}

/// `POST /v1/products/:product/features`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let product = require::<Product>(tx, call.arg(0), In::PathAs("product"))?;
    let id = call.params.str("entitlement_feature").unwrap_or_default();
    let feature = require::<EntitlementFeature>(tx, id, In::Param("entitlement_feature"))?;
    if !feature.active {
        return Err(ApiError::feature_is_archived(&feature.id));
    }
    if of_product(tx, &product.id).contains(&feature.id) {
        return Err(ApiError::feature_is_attached(&feature.id, &product.id));
    }
    let shown = body::new(tx, ctx, KIND, &ENTRY.id.draw(&ctx.ids), &call.params)?;
    let hidden = Map::new().with("product", product.id.to_string());
    let attached = ProductFeature::from_docs(shown, hidden, ctx.now).map_err(|_| ApiError::internal())?;
    Ok(Outcome::Done(tx.insert(attached)))
}

/// `DELETE /v1/products/:product/features/:id`.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let product = require::<Product>(tx, call.arg(0), In::PathAs("product"))?;
    let belongs = |attached: &ProductFeature| attached.product == product.id;
    let attached = require_of::<ProductFeature>(tx, call.arg(1), In::Path, belongs)?;
    tx.delete::<ProductFeature>(&attached.id);
    Ok(Outcome::Deleted(Ref::to(&*attached)))
}

/// Shows a feature as it is now.
fn follow(tx: &mut Tx, _: &Ctx<'_>, id: &Id) -> Result<()> {
    let Some(attached) = tx.get::<ProductFeature>(id) else { return Ok(()) };
    let Some(feature) = attached.feature().and_then(|id| tx.get::<EntitlementFeature>(id)) else { return Ok(()) };
    let shown = feature.to_doc();
    if attached.entitlement_feature != shown {
        tx.update::<ProductFeature>(id, |attached| attached.entitlement_feature = shown);
    }
    Ok(())
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: ProductFeature::FIELDS,
    noun: "product_feature",
    id: IdForm::of("prodft_"),
    operations: &[
        ("products.features.create", Behaviour::Write(create)),
        ("products.features.retrieve", Behaviour::RetrieveUnder(UNDER)),
        ("products.features.list", Behaviour::ListUnder(UNDER)),
        ("products.features.delete", Behaviour::Write(delete)),
    ],
    filters: &[
        crate::filter!("product", ProductFeature, |attached| Some(&attached.product), Some(crate::kind!("product"))),
        // Not a parameter of the list: it finds where a feature is shown.
        crate::filter!("entitlement_feature", ProductFeature, ProductFeature::feature),
    ],
    reactions: &[Reaction {
        to: features::KIND,
        on: On::Change(|before, _| before.is_some()),
        who: Who::Having("entitlement_feature"),
        run: follow,
    }],
    import: crate::contract::import::<ProductFeature>,
    ..Entry::PLAIN
};
