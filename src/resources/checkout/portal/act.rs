//! What a customer does in the portal: the operations of the API that stand behind its buttons (billing 5.6, billing-2 11.5).
//!
//! May use: the registry's operations, subscriptions and customers. Invariant: a customer does only what the session's configuration
//! allows, and each thing is an operation that a server could call.

use std::sync::Arc;

use super::configurations::PortalConfiguration;
use super::sessions::PortalSession;
use super::{flow, later};
use crate::catalogue;
use crate::contract::{self, Behaviour, Call, Ctx, In, Outcome, Params, require, require_of};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoices::{self, Invoice};
use crate::resources::billing::subscription_items::{self, SubscriptionItem};
use crate::resources::billing::subscriptions::{Subscription, SubscriptionStatus};
use crate::resources::catalog::prices::Price;
use crate::resources::catalog::promotion_codes;
use crate::resources::instruments::payment_methods::{self, PaymentMethod};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Ref, Tx};

crate::values! {
    /// What a customer can do.
    pub enum PortalAction {
        AddTaxId = "add_tax_id",
        CancelSubscription = "cancel_subscription",
        KeepSubscription = "keep_subscription",
        PauseSubscription = "pause_subscription",
        RemovePaymentMethod = "remove_payment_method",
        RemoveTaxId = "remove_tax_id",
        UpdateCustomer = "update_customer",
        UpdatePaymentMethod = "update_payment_method",
        UpdateSubscription = "update_subscription",
    }
}

impl PortalAction {
    /// The feature that allows it.
    fn feature(self) -> &'static str {
        match self {
            PortalAction::CancelSubscription | PortalAction::KeepSubscription => "subscription_cancel",
            PortalAction::PauseSubscription => "subscription_pause",
            PortalAction::AddTaxId | PortalAction::RemoveTaxId | PortalAction::UpdateCustomer => "customer_update",
            PortalAction::RemovePaymentMethod | PortalAction::UpdatePaymentMethod => "payment_method_update",
            PortalAction::UpdateSubscription => "subscription_update",
        }
    }
}

/// Does what a customer does. `asked` has what was entered: `subscription`, `price`, `quantity`, `promotion_code`, `feedback`,
/// `comment`, `payment_method` or `payment_method_data`, `name`, `email`, `phone`, `address`, `shipping`, `tax_id`; a detail of the
/// customer that is null is cleared. Returns what was changed.
///
/// # Errors
/// The configuration or the flow does not allow it, what was entered does not fit, or the operation refuses it.
pub fn act(tx: &mut Tx, ctx: &Ctx<'_>, session: &PortalSession, action: PortalAction, asked: &Map) -> Result<Ref> {
    let configuration = allowed(tx, session, action)?;
    let portal = Portal { session, configuration: &configuration };
    match action {
        PortalAction::AddTaxId => portal.add_tax_id(tx, ctx, asked),
        PortalAction::RemoveTaxId => {
            let id = asked.str("tax_id").ok_or_else(|| ApiError::param_missing("tax_id"))?;
            check_listed(&portal.feature("customer_update"), "allowed_updates", "tax_id")?;
            let args = [session.customer.to_string(), id.to_owned()];
            perform_on(tx, ctx, "customers.tax_ids.delete", &args, Map::new())
        }
        PortalAction::UpdateCustomer => portal.update_customer(tx, ctx, asked),
        PortalAction::UpdatePaymentMethod => portal.update_payment_method(tx, ctx, asked),
        PortalAction::RemovePaymentMethod => {
            let id = asked.str("payment_method").ok_or_else(|| ApiError::param_missing("payment_method"))?;
            let own = |it: &PaymentMethod| it.customer.as_ref() == Some(&session.customer);
            let method = require_of(tx, id, In::Param("payment_method"), own)?;
            perform(tx, ctx, "payment_methods.detach", &method.id, Map::new())
        }
        PortalAction::CancelSubscription => {
            let subscription = portal.subscription(tx, asked)?;
            portal.cancel(tx, ctx, &subscription, asked)
        }
        PortalAction::KeepSubscription => {
            let subscription = portal.subscription(tx, asked)?;
            portal.keep(tx, ctx, &subscription)
        }
        PortalAction::PauseSubscription => {
            let subscription = portal.subscription(tx, asked)?;
            perform(tx, ctx, "subscriptions.pause", &subscription.id, Map::new())
        }
        PortalAction::UpdateSubscription => {
            let subscription = portal.subscription(tx, asked)?;
            portal.update(tx, ctx, &subscription, asked)
        }
    }
}

/// The invoice that a change of a subscription leads to, as the API previews it; `None` if the change waits for the end of the
/// period. `asked` is what [`act`] would get.
///
/// # Errors
/// Those of the change.
pub fn preview(tx: &mut Tx, ctx: &Ctx<'_>, session: &PortalSession, asked: &Map) -> Result<Option<PreviewedChange>> {
    let configuration = allowed(tx, session, PortalAction::UpdateSubscription)?;
    let portal = Portal { session, configuration: &configuration };
    let subscription = portal.subscription(tx, asked)?;
    let (item, change) = portal.change(tx, &subscription, asked)?;
    let PortalChange::Now(mut details) = change else { return Ok(None) };
    let discounts = details.remove("discounts");
    let mut params = Map::from([("subscription", Doc::from(subscription.id.to_string()))]);
    let is_due = details.str("proration_behavior") == Some("always_invoice") || details.has("billing_cycle_anchor");
    params.set("subscription_details", details);
    if let Some(discounts) = discounts {
        params.set("discounts", discounts);
    }
    let operation = catalogue::operation("invoices.create_preview").ok_or_else(ApiError::internal)?;
    let Some((_, Behaviour::Read(rule))) = contract::behaviour(operation) else { return Err(ApiError::internal()) };
    let call = Call { operation, args: &[], path: operation.path, params: Params::new(params, Vec::new()) };
    let Outcome::Preview(copy, shown) = rule(tx, ctx, &call)? else { return Err(ApiError::internal()) };
    let Outcome::Done(invoice) = *shown else { return Err(ApiError::internal()) };
    let invoice = copy.get::<Invoice>(&invoice.id).ok_or_else(ApiError::internal)?;
    let lines = invoices::lines_of(&copy, &invoice.id);
    let lines = lines.iter().map(|line| (line.rest.str("description").unwrap_or_default().to_owned(), line.amount));
    Ok(Some(PreviewedChange {
        lines: lines.collect(),
        total: invoice.total,
        currency: invoice.currency.to_string(),
        billed_at: if is_due { ctx.now } else { item.current_period_end },
        is_due,
    }))
}

/// What a change of a subscription would cost.
#[derive(Debug)]
pub struct PreviewedChange {
    /// What would be billed: description and amount.
    pub lines: Vec<(String, i64)>,
    /// The total, in the currency's smallest unit.
    pub total: i64,
    /// The currency.
    pub currency: String,
    /// When it is billed, in Unix seconds.
    pub billed_at: i64,
    /// Whether that is at once.
    pub is_due: bool,
}

/// How a subscription changes.
enum PortalChange {
    /// At once, with these parameters of the operation.
    Now(Map),
    /// At the end of the period.
    Later(Map),
}

/// The configuration of a session, if it and the session's flow allow an action.
fn allowed(tx: &Tx, session: &PortalSession, action: PortalAction) -> Result<Arc<PortalConfiguration>> {
    let configuration = require::<PortalConfiguration>(tx, &session.configuration, In::Param("configuration"))?;
    let feature = action.feature();
    match session.bound_to() {
        _ if !configuration.allows(feature) => Err(ApiError::portal_feature_disabled(feature)),
        Some(flow) if flow.feature() != feature => Err(ApiError::portal_flow_is_another(flow.as_str())),
        _ => Ok(configuration),
    }
}

struct Portal<'p> {
    session: &'p PortalSession,
    configuration: &'p PortalConfiguration,
}

impl Portal<'_> {
    /// The subscription that was named, or that of the flow, or the customer's only one that goes on.
    fn subscription(&self, tx: &Tx, asked: &Map) -> Result<Arc<Subscription>> {
        const PARAM: In<'_> = In::Param("subscription");
        let customer = &self.session.customer;
        let named = asked.str("subscription").or_else(|| self.of_flow().and_then(|flow| flow.str("subscription")));
        if let Some(id) = named {
            return require_of(tx, id, PARAM, |it: &Subscription| it.customer == *customer && !it.has_ended());
        }
        let mut running = tx.having::<Subscription>("customer", customer);
        running.retain(|subscription| !subscription.has_ended());
        match running.as_slice() {
            [only] => Ok(Arc::clone(only)),
            _ => Err(ApiError::param_missing("subscription")),
        }
    }

    /// The part of the flow that has its type's name.
    fn of_flow(&self) -> Option<&Map> {
        let flow = self.session.flow.as_map()?;
        flow.map(flow.str("type")?)
    }

    fn cancel(&self, tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, asked: &Map) -> Result<Ref> {
        if flow::is_ending(subscription) {
            return Err(ApiError::portal_subscription_is_ending(&subscription.id));
        }
        let feature = self.feature("subscription_cancel");
        let mut params = Map::new();
        if let Some(details) = said(&feature, asked)? {
            params.set("cancellation_details", details);
        }
        if feature.str("mode") == Some("immediately") {
            let proration = feature.str("proration_behavior").unwrap_or("none");
            if proration != "none" {
                params.set("prorate", true);
                params.set("invoice_now", proration == "always_invoice");
            }
            return perform(tx, ctx, "subscriptions.cancel", &subscription.id, params);
        }
        // A flexible subscription ends with the last period of its items (billing-2 2.2).
        match subscription.is_flexible() {
            true => {
                let items = subscription_items::of(tx, &subscription.id);
                params.set("cancel_at", items.iter().map(|item| item.current_period_end).max());
            }
            false => params.set("cancel_at_period_end", true),
        }
        perform(tx, ctx, "subscriptions.update", &subscription.id, params)
    }

    /// Takes a cancellation back.
    fn keep(&self, tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription) -> Result<Ref> {
        let params = match subscription.cancel_at_period_end {
            true => Map::from([("cancel_at_period_end", Doc::from(false))]),
            false => Map::from([("cancel_at", Doc::Null)]),
        };
        perform(tx, ctx, "subscriptions.update", &subscription.id, params)
    }

    /// A feature as it is configured.
    fn feature(&self, name: &str) -> Map {
        self.configuration.feature(name).cloned().unwrap_or_default()
    }

    fn update(&self, tx: &mut Tx, ctx: &Ctx<'_>, subscription: &Subscription, asked: &Map) -> Result<Ref> {
        match self.change(tx, subscription, asked)? {
            (item, PortalChange::Later(params)) => later::change(tx, ctx, subscription, &item, &params),
            (_, PortalChange::Now(params)) => perform(tx, ctx, "subscriptions.update", &subscription.id, params),
        }
    }

    /// The item that changes, and how.
    fn change(
        &self,
        tx: &Tx,
        subscription: &Subscription,
        asked: &Map,
    ) -> Result<(Arc<SubscriptionItem>, PortalChange)> {
        let feature = self.feature("subscription_update");
        let item = flow::one_item(tx, &subscription.id)?;
        let offered = self.of_flow().and_then(|flow| flow.list("items")?.first()?.as_map());
        let entered = |key: &str| asked.present(key).or_else(|| offered.and_then(|item| item.present(key))).cloned();
        let mut change = Map::from([("id", item.id.to_string())]);
        for key in ["price", "quantity"] {
            if let Some(value) = entered(key) {
                check_listed(&feature, "default_allowed_updates", key)?;
                change.set(key, value);
            }
        }
        let code = asked.str("promotion_code");
        if change.len() == 1 && code.is_none() {
            return Err(ApiError::portal_nothing_to_confirm());
        }
        let waits = self.check_choice(tx, &item, &change, &feature)?;
        let mut params = Map::new().with("items", vec![Doc::Map(change)]);
        if let Some(code) = code {
            check_listed(&feature, "default_allowed_updates", "promotion_code")?;
            let found = promotion_codes::entered(tx, code, Some(&self.session.customer));
            let found = found.ok_or_else(|| ApiError::session_code_unknown(code))?;
            params.set("discounts", vec![Doc::Map(Map::from([("promotion_code", found.id.to_string())]))]);
        }
        if waits {
            return Ok((item, PortalChange::Later(params)));
        }
        params.set("proration_behavior", feature.str("proration_behavior").unwrap_or("none").to_owned());
        if feature.str("billing_cycle_anchor") == Some("now") {
            params.set("billing_cycle_anchor", "now");
        }
        let ends_trial = feature.str("trial_update_behavior") == Some("end_trial");
        if ends_trial && subscription.status == SubscriptionStatus::Trialing {
            params.set("trial_end", "now");
        }
        Ok((item, PortalChange::Now(params)))
    }

    /// Checks a price and a quantity against what the configuration offers. Returns whether the change waits for the end of the
    /// period.
    fn check_choice(&self, tx: &Tx, item: &SubscriptionItem, change: &Map, feature: &Map) -> Result<bool> {
        let chosen = change.str("price");
        if let Some(price) = chosen.filter(|price| *price != item.price_id() && !self.configuration.offers(price)) {
            return Err(ApiError::portal_price_not_offered(&item.id, price, &self.configuration.id));
        }
        let price = require::<Price>(tx, chosen.unwrap_or(item.price_id()), In::Param("price"))?;
        let choice = self.configuration.choices().find(|choice| choice.str("product") == Some(&price.product));
        let range = choice.and_then(|choice| choice.map("adjustable_quantity"));
        if let (Some(quantity), Some(range)) = (change.int("quantity"), range) {
            let (least, most) = (range.int("minimum").unwrap_or_default(), range.int("maximum"));
            if range.bool("enabled") != Some(true) {
                return Err(ApiError::portal_update_not_allowed("quantity"));
            }
            if quantity < least {
                return Err(ApiError::param_below("quantity", least));
            }
            if let Some(most) = most.filter(|most| quantity > *most) {
                return Err(ApiError::param_above("quantity", most));
            }
        }
        Ok(later::waits(item, &price, feature))
    }

    /// A payment method is set up, and becomes the customer's default.
    fn update_payment_method(&self, tx: &mut Tx, ctx: &Ctx<'_>, asked: &Map) -> Result<Ref> {
        let chosen =
            payment_methods::chosen(tx, ctx, asked)?.ok_or_else(|| ApiError::param_missing("payment_method"))?;
        let method = chosen.id().to_string();
        let automatic = Map::from([("allow_redirects", Doc::from("never")), ("enabled", true.into())]);
        let params = Map::from([
            ("automatic_payment_methods", Doc::from(automatic)),
            ("confirm", true.into()),
            ("customer", self.session.customer.to_string().into()),
            ("payment_method", method.clone().into()),
            ("usage", "off_session".into()),
        ]);
        let made = perform_on(tx, ctx, "setup_intents.create", &[], params)?;
        let intent = tx.record(made.kind, &made.id).map(|record| record.object.to_doc()).unwrap_or_default();
        let set_up = intent.str("payment_method").filter(|_| intent.str("status") == Some("succeeded"));
        let set_up = set_up
            .ok_or_else(|| ApiError::portal_method_needs_action(asked.str("payment_method").unwrap_or(&method)))?;
        let settings = Map::from([("default_payment_method", set_up.to_owned())]);
        let params = Map::new().with("invoice_settings", settings);
        perform(tx, ctx, "customers.update", &self.session.customer, params)
    }

    fn update_customer(&self, tx: &mut Tx, ctx: &Ctx<'_>, asked: &Map) -> Result<Ref> {
        let feature = self.feature("customer_update");
        let mut params = Map::new();
        for key in ["address", "email", "name", "phone", "shipping"] {
            if let Some(value) = asked.get(key) {
                check_listed(&feature, "allowed_updates", key)?;
                params.set(key, value.clone());
            }
        }
        perform(tx, ctx, "customers.update", &self.session.customer, params)
    }

    fn add_tax_id(&self, tx: &mut Tx, ctx: &Ctx<'_>, asked: &Map) -> Result<Ref> {
        check_listed(&self.feature("customer_update"), "allowed_updates", "tax_id")?;
        let told = asked.map("tax_id").cloned().unwrap_or_default();
        for key in ["type", "value"] {
            if told.present(key).is_none() {
                return Err(ApiError::param_missing(&format!("tax_id[{key}]")));
            }
        }
        perform_on(tx, ctx, "customers.tax_ids.create", &[self.session.customer.to_string()], told)
    }
}

/// Why a customer leaves, if the configuration asks; the answer is one of its options.
fn said(feature: &Map, asked: &Map) -> Result<Option<Map>> {
    let reason = feature.map("cancellation_reason").filter(|reason| reason.bool("enabled") == Some(true));
    let mut details = Map::new();
    for key in ["feedback", "comment"] {
        let Some(value) = asked.present(key) else { continue };
        let Some(reason) = reason else { return Err(ApiError::portal_update_not_allowed(key)) };
        if key == "feedback" {
            check_listed(reason, "options", value.as_str().unwrap_or_default())?;
        }
        details.set(key, value.clone());
    }
    Ok(Some(details).filter(|details| !details.is_empty()))
}

/// Checks that a list of a feature has a name.
fn check_listed(feature: &Map, list: &str, name: &str) -> Result<()> {
    let listed = feature.list(list).unwrap_or_default();
    match listed.iter().any(|known| known.as_str() == Some(name)) {
        true => Ok(()),
        false => Err(ApiError::portal_update_not_allowed(name)),
    }
}

/// Calls an operation on an object.
pub(super) fn perform(tx: &mut Tx, ctx: &Ctx<'_>, operation: &'static str, id: &Id, params: Map) -> Result<Ref> {
    perform_on(tx, ctx, operation, &[id.to_string()], params)
}

/// Calls an operation as a server would. What it cannot do it says.
pub(super) fn perform_on(tx: &mut Tx, ctx: &Ctx<'_>, name: &'static str, args: &[String], params: Map) -> Result<Ref> {
    let operation = catalogue::operation(name).ok_or_else(ApiError::internal)?;
    let absent = || ApiError::not_implemented(operation.method.as_str(), operation.path);
    let Some((entry, Behaviour::Write(rule))) = contract::behaviour(operation) else { return Err(absent()) };
    if let Some(param) = contract::refused(entry, operation, &params) {
        return Err(ApiError::param_not_implemented(&param, operation.method.as_str(), operation.path));
    }
    let call = Call { operation, args, path: operation.path, params: Params::new(params, Vec::new()) };
    match rule(tx, ctx, &call)? {
        Outcome::Done(shown) | Outcome::Deleted(shown) => Ok(shown),
        Outcome::Refused(error) => Err(error),
        _ => Err(ApiError::internal()),
    }
}
