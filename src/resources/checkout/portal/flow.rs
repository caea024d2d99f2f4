//! The flow of a session: the one thing that a customer is led to (billing 5.6, billing-2 11.5).
//!
//! May use: the configuration, subscriptions and their items. Invariant: a flow is about a subscription of the session's customer,
//! and its feature is enabled.

use std::sync::Arc;

use super::configurations::PortalConfiguration;
use crate::contract::{In, missing, require_of};
use crate::error::{ApiError, Result};
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::resources::billing::subscriptions::Subscription;
use crate::state::document::{Doc, Map};
use crate::state::{Id, Tx};

crate::values! {
    /// What a flow leads to.
    pub enum FlowType {
        CustomerUpdate = "customer_update",
        PaymentMethodUpdate = "payment_method_update",
        SubscriptionCancel = "subscription_cancel",
        SubscriptionPause = "subscription_pause",
        SubscriptionUpdate = "subscription_update",
        SubscriptionUpdateConfirm = "subscription_update_confirm",
    }
}

impl FlowType {
    /// The feature of a configuration that it belongs to.
    pub(super) fn feature(self) -> &'static str {
        match self {
            FlowType::SubscriptionUpdateConfirm => FlowType::SubscriptionUpdate.as_str(),
            other => other.as_str(),
        }
    }

    /// Whether it is about a subscription, which stands under its name.
    fn is_about_subscription(self) -> bool {
        match self {
            FlowType::CustomerUpdate | FlowType::PaymentMethodUpdate => false,
            FlowType::SubscriptionCancel
            | FlowType::SubscriptionPause
            | FlowType::SubscriptionUpdate
            | FlowType::SubscriptionUpdateConfirm => true,
        }
    }
}

/// The flows with parameters of their own.
const DESCRIBED: [FlowType; 4] = [
    FlowType::SubscriptionCancel,
    FlowType::SubscriptionPause,
    FlowType::SubscriptionUpdate,
    FlowType::SubscriptionUpdateConfirm,
];

/// Checks `flow_data` of a new session.
///
/// # Errors
/// A feature that is disabled, a subscription that the flow cannot be about, and parameters that are missing or belong to another
/// flow.
pub(super) fn check(tx: &Tx, sent: &Map, customer: &Id, configuration: &PortalConfiguration) -> Result<()> {
    let Some(kind) = sent.str("type").and_then(FlowType::parse) else { return Ok(()) };
    check_completion(sent)?;
    if let Some(other) = DESCRIBED.iter().find(|other| **other != kind && sent.map(other.as_str()).is_some()) {
        return Err(ApiError::portal_flow_of_other_type(other.as_str(), kind.as_str()));
    }
    if !kind.is_about_subscription() {
        return check_feature(configuration, kind);
    }
    let at = format!("flow_data[{}]", kind.as_str());
    let details = sent.map(kind.as_str()).ok_or_else(|| ApiError::param_missing(&at))?;
    let id = details.str("subscription").unwrap_or_default();
    let subscription = subscription(tx, id, &format!("{at}[subscription]"), customer)?;
    check_feature(configuration, kind)?;
    match kind {
        FlowType::SubscriptionCancel if is_ending(&subscription) => Err(ApiError::portal_subscription_is_ending(id)),
        FlowType::SubscriptionUpdate => one_item(tx, id).map(drop),
        FlowType::SubscriptionUpdateConfirm => check_confirmation(tx, id, details, configuration),
        _ => Ok(()),
    }
}

/// Checks that the feature of a flow is enabled.
///
/// # Errors
/// It is not.
fn check_feature(configuration: &PortalConfiguration, kind: FlowType) -> Result<()> {
    if configuration.allows(kind.feature()) { Ok(()) } else { Err(ApiError::portal_feature_disabled(kind.feature())) }
}

/// What is shown after the flow needs its own parameters.
fn check_completion(sent: &Map) -> Result<()> {
    let Some(after) = sent.map("after_completion") else { return Ok(()) };
    let redirects = after.str("type") == Some("redirect");
    if redirects && after.map("redirect").is_none() {
        return Err(ApiError::param_missing("flow_data[after_completion][redirect]"));
    }
    Ok(())
}

/// A subscription of the customer that has not ended; one of another customer does not exist here.
fn subscription(tx: &Tx, id: &str, at: &str, customer: &Id) -> Result<Arc<Subscription>> {
    let belongs = |subscription: &Subscription| subscription.customer == *customer;
    let subscription = require_of(tx, id, In::Param(at), belongs)?;
    match subscription.has_ended() {
        true => Err(ApiError::portal_subscription_ended(id, subscription.status.as_str(), at)),
        false => Ok(subscription),
    }
}

/// Whether a subscription ends anyway.
pub(super) fn is_ending(subscription: &Subscription) -> bool {
    subscription.cancel_at_period_end || subscription.cancel_at.is_some()
}

/// The only item of a subscription; a customer cannot change one with several (billing-2 11.5).
///
/// # Errors
/// It has several, or none.
pub(super) fn one_item(tx: &Tx, subscription: &str) -> Result<Arc<SubscriptionItem>> {
    let items = subscription_items::of(tx, subscription);
    match items.as_slice() {
        [item] => Ok(Arc::clone(item)),
        _ => Err(ApiError::portal_subscription_has_items(subscription, items.len())),
    }
}

/// Checks the change that a customer is asked to confirm.
fn check_confirmation(tx: &Tx, subscription: &str, details: &Map, configuration: &PortalConfiguration) -> Result<()> {
    const ITEMS: &str = "flow_data[subscription_update_confirm][items]";
    const DISCOUNTS: &str = "flow_data[subscription_update_confirm][discounts]";
    let items: Vec<&Map> = details.list("items").unwrap_or_default().iter().filter_map(Doc::as_map).collect();
    let discounts = details.list("discounts").unwrap_or_default();
    for (at, most) in [(ITEMS, items.len()), (DISCOUNTS, discounts.len())] {
        if most > 1 {
            return Err(ApiError::array_too_long(at, 1));
        }
    }
    let change = items.first().ok_or_else(|| ApiError::param_missing(ITEMS))?;
    let item = one_item(tx, subscription)?;
    let id = change.str("id").unwrap_or_default();
    if *item.id != *id {
        return Err(missing(subscription_items::KIND, id, In::Param(&format!("{ITEMS}[0][id]"))));
    }
    let price = change.str("price").filter(|price| *price != item.price_id());
    if let Some(price) = price.filter(|price| !configuration.offers(price)) {
        return Err(ApiError::portal_price_not_offered(id, price, &configuration.id));
    }
    let quantity = change.int("quantity").filter(|quantity| Some(*quantity) != item.quantity.0);
    match price.is_none() && quantity.is_none() && discounts.is_empty() {
        true => Err(ApiError::portal_nothing_to_confirm()),
        false => Ok(()),
    }
}
