//! Features: what products give their subscribers (billing 5.7).
//!
//! May use: the state. Invariant: no two features that are active have the same `lookup_key`.

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, Fill, In, Outcome, Trigger, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::billing::subscriptions;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource};
use crate::state::{Kind, Record, Ref, Tx};

crate::resource! {
    /// A feature.
    EntitlementFeature = "entitlements.feature" {
        /// Whether products can get it.
        active: bool,
        /// The user's own name for it.
        lookup_key: String,
        /// The user's own keys and values.
        metadata: Map,
        /// What it is called.
        name: String,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
    }
}

/// The kind, for references.
pub const KIND: Kind = EntitlementFeature::KIND;

/// `POST /v1/entitlements/features`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let shown = body::new(tx, ctx, KIND, &ENTRY.id.draw(&ctx.ids), &call.params)?;
    let feature = read(shown, ctx.now)?;
    check_unique(tx, &feature)?;
    Ok(Outcome::Done(tx.insert(feature)))
}

/// `POST /v1/entitlements/features/:id`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let feature = require::<EntitlementFeature>(tx, call.arg(0), In::Path)?;
    let mut shown = feature.to_doc();
    body::change(tx, ctx, KIND, &mut shown, &call.params)?;
    let changed = read(shown, feature.created)?;
    if changed.active && !feature.active {
        check_unique(tx, &changed)?;
    }
    tx.save(&feature, changed);
    Ok(Outcome::Done(Ref::to(&*feature)))
}

/// `GET /v1/entitlements/features`: archived features are listed if they are asked for.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let archived = call.params.bool("archived").unwrap_or(false);
    let wanted = |record: &Record| record.get::<EntitlementFeature>().is_some_and(|feature| feature.active != archived);
    list::page_where(tx, &ENTRY, call, None, &wanted).map(Outcome::List)
}

fn read(shown: Map, created: i64) -> Result<EntitlementFeature> {
    EntitlementFeature::from_docs(shown, Map::new(), created).map_err(|_| ApiError::internal())
}

fn check_unique(tx: &Tx, feature: &EntitlementFeature) -> Result<()> {
    let same = tx.having::<EntitlementFeature>("lookup_key", &feature.lookup_key);
    match same.iter().any(|other| other.id != feature.id && other.active) {
        true => Err(ApiError::value_taken("lookup_key", &feature.lookup_key)),
        false => Ok(()),
    }
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: EntitlementFeature::FIELDS,
    noun: "feature",
    id: IdForm::of("feat_"),
    operations: &[
        ("entitlements.features.create", Behaviour::Write(create)),
        ("entitlements.features.retrieve", Behaviour::Retrieve),
        ("entitlements.features.update", Behaviour::Write(update)),
        ("entitlements.features.list", Behaviour::Read(list)),
    ],
    filters: &[crate::filter!("lookup_key", EntitlementFeature, |feature| Some(&feature.lookup_key))],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<EntitlementFeature>,
    named_by: &["entitlement_feature"],
    defaults: &[("active", Fill::Flag(true))],
    triggers: &[Trigger::rule(
        super::active::UPDATED,
        super::active::begin_period,
        "What the products of the subscription have now is granted, as in its next period",
    )
    .of(subscriptions::KIND)],
    ..Entry::PLAIN
};
