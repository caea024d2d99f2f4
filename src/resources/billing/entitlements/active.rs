//! Active entitlements, and the summary of a customer's (billing 5.7, billing-2 11.6).
//!
//! May use: what subscriptions grant, features, customers. Invariant: the entitlements of a customer are the features that its
//! summary notes for the subscriptions, each once; one that stays keeps its id.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::features::EntitlementFeature;
use super::subscribed;
use crate::api::list;
use crate::contract::{Behaviour, Ctx, Entry, Events, On, Reaction, Who};
use crate::error::Result;
use crate::limits::PAGE_ITEMS_DEFAULT;
use crate::object::template;
use crate::resources::billing::subscription_items;
use crate::resources::billing::subscriptions;
use crate::resources::customers::customer;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Id, Record, Ref, Tx};

crate::resource! {
    /// A feature that a customer may use.
    ActiveEntitlement = "entitlements.active_entitlement" {
        /// The feature.
        feature: Id,
        /// The feature's own name.
        lookup_key: String,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// Who may use it.
        customer: Id,
    }
}

crate::resource! {
    /// What a customer may use, as events show it.
    EntitlementSummary = "entitlements.active_entitlement_summary" of customer {
        /// The customer.
        customer: Id,
        /// The first page of the entitlements.
        entitlements: Map,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// The features that each subscription grants since its period began, by the subscription's id.
        grants: Map,
    }
}

/// The event of a customer whose entitlements change.
pub(super) const UPDATED: &str = "entitlements.active_entitlement_summary.updated";

/// Notes what a subscription grants now, and brings the customer's entitlements into line.
///
/// # Errors
/// None.
pub(super) fn begin_period(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &str) -> Result<()> {
    follow(tx, ctx, &subscription.into())
}

fn follow(tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Id) -> Result<()> {
    let Some((customer, features)) = subscribed::granted(tx, subscription) else { return Ok(()) };
    let summary = tx.get::<EntitlementSummary>(&customer);
    let noted = summary.as_ref().map(|summary| noted(&summary.grants, subscription)).unwrap_or_default();
    if noted == features {
        return Ok(());
    }
    let is_news = tx.quietly(|tx| {
        if summary.is_none() {
            tx.insert(empty(&customer, ctx.now));
        }
        tx.update::<EntitlementSummary>(&customer, |summary| {
            let _ = summary.grants.remove(subscription);
            if !features.is_empty() {
                let ids = features.iter().map(|id| Doc::from(id.to_string())).collect();
                summary.grants.set(subscription.to_string(), Doc::List(ids));
            }
        });
        settle_entitlements(tx, ctx, &customer)
    });
    if is_news {
        tx.announce(UPDATED, &Ref { kind: EntitlementSummary::KIND, id: customer });
    }
    Ok(())
}

fn noted(grants: &Map, subscription: &str) -> Vec<Id> {
    let noted = grants.list(subscription).unwrap_or_default();
    noted.iter().filter_map(Doc::as_str).map(Id::from).collect()
}

fn empty(customer: &Id, created: i64) -> EntitlementSummary {
    let rest = template::template(EntitlementSummary::KIND).with("livemode", false);
    EntitlementSummary {
        id: Id::clone(customer),
        customer: Id::clone(customer),
        entitlements: page(customer, &[]),
        created,
        grants: Map::new(),
        rest,
    }
}

/// Makes the entitlements that are granted and missing, and deletes the others; returns whether there were any.
fn settle_entitlements(tx: &mut Tx, ctx: &Ctx<'_>, customer: &Id) -> bool {
    let Some(summary) = tx.get::<EntitlementSummary>(customer) else { return false };
    let wanted: BTreeSet<Id> =
        summary.grants.iter().flat_map(|(subscription, _)| noted(&summary.grants, subscription)).collect();
    let present = tx.having::<ActiveEntitlement>("customer", customer);
    let mut is_news = false;
    for entitlement in present.iter().filter(|entitlement| !wanted.contains(&entitlement.feature)) {
        tx.delete::<ActiveEntitlement>(&entitlement.id);
        is_news = true;
    }
    for feature in wanted.iter().filter(|feature| !present.iter().any(|known| known.feature == **feature)) {
        let Some(feature) = tx.get::<EntitlementFeature>(feature) else { continue };
        tx.insert(ActiveEntitlement {
            id: ENTRY.id.draw(&ctx.ids).into(),
            feature: Id::clone(&feature.id),
            lookup_key: feature.lookup_key.clone(),
            created: ctx.now,
            customer: Id::clone(customer),
            rest: template::template(ActiveEntitlement::KIND).with("livemode", false),
        });
        is_news = true;
    }
    if is_news {
        let shown = page(customer, &of_customer(tx, customer));
        tx.update::<EntitlementSummary>(customer, |summary| summary.entitlements = shown);
    }
    is_news
}

/// The first page of a customer's entitlements, as the summary shows it.
fn page(customer: &str, rows: &[Arc<Record>]) -> Map {
    let shown = rows.iter().take(PAGE_ITEMS_DEFAULT).map(|row| Doc::Map(row.object.to_doc())).collect();
    let url = format!("/v1/customer/{customer}/entitlements");
    list::envelope(url, shown, rows.len() > PAGE_ITEMS_DEFAULT)
}

/// The entitlements of a customer, newest first.
fn of_customer(tx: &Tx, customer: &str) -> Vec<Arc<Record>> {
    tx.records_having(ActiveEntitlement::KIND, "customer", customer)
}

/// The registry's entry of the entitlements.
pub static ENTRY: Entry = Entry {
    kind: ActiveEntitlement::KIND,
    fields: ActiveEntitlement::FIELDS,
    noun: "active entitlement",
    id: IdForm::of("ent_"),
    operations: &[
        ("entitlements.active_entitlements.list", Behaviour::List),
        ("entitlements.active_entitlements.retrieve", Behaviour::Retrieve),
    ],
    filters: &[crate::filter!(
        "customer",
        ActiveEntitlement,
        |entitlement| Some(&entitlement.customer),
        Some(customer::KIND)
    )],
    import: crate::contract::import::<ActiveEntitlement>,
    derived: true,
    ..Entry::PLAIN
};

/// The registry's entry of the summaries.
pub static SUMMARIES: Entry = Entry {
    kind: EntitlementSummary::KIND,
    fields: EntitlementSummary::FIELDS,
    noun: "active entitlement summary",
    reactions: &[
        Reaction { to: subscriptions::KIND, on: On::Change(subscribed::STATUS), who: Who::New, run: follow },
        Reaction { to: subscriptions::KIND, on: On::Deletion, who: Who::New, run: follow },
        Reaction {
            to: subscription_items::KIND,
            on: On::Change(subscribed::ITEM),
            who: Who::Named(subscribed::of_item),
            run: follow,
        },
        Reaction { to: subscription_items::KIND, on: On::Deletion, who: Who::Named(subscribed::of_item), run: follow },
    ],
    import: crate::contract::import::<EntitlementSummary>,
    // Its changes are quiet, and announced when they are news.
    events: Events { updated: &[UPDATED], ..Events::NONE },
    derived: true,
    ..Entry::PLAIN
};
