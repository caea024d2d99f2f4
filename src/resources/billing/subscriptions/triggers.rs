//! How events of subscriptions, and of what comes of them, are made to happen to one of the user's own.
//!
//! May use: changes, invoices, prices, payment methods. Invariant: what is done is what a call, a customer with a test card, or time could do.

use std::sync::Arc;

use super::{Subscription, SubscriptionStatus as Status, change, create, notices, pending_update};
use crate::contract::{Ctx, In, Trigger, TriggerRule, require};
use crate::error::{ApiError, Result};
use crate::resources::billing::invoices::triggers as paying;
use crate::resources::catalog::prices::Price;
use crate::resources::customers::customer::{self, Customer};
use crate::resources::instruments::payment_methods;
use crate::state::Tx;
use crate::state::document::{Doc, Map};

const ONE: &str = "/v1/subscriptions/{id}";

/// A period begins now, and is billed at once.
const ANEW: &[(&str, &str)] = &[("billing_cycle_anchor", "now"), ("proration_behavior", "none")];

/// Of several ways for one event the first that works is taken.
pub(super) const TRIGGERS: &[Trigger] = &[
    Trigger::rule("customer.subscription.created", subscribe, "The customer subscribes to the newest recurring price")
        .of(customer::KIND),
    Trigger::update("customer.subscription.updated", ONE),
    Trigger::post("customer.subscription.paused", "/v1/subscriptions/{id}/pause", &[]),
    Trigger::post("customer.subscription.paused", ONE, &[("trial_end", "now")]),
    Trigger::post("customer.subscription.resumed", "/v1/subscriptions/{id}/resume", &[]),
    of_invoice("customer.subscription.resumed", paying::pay, paying::BY_CARD),
    Trigger::rule("customer.subscription.trial_will_end", tell_of_trial_end, "The end of its trial is told now"),
    of_invoice("customer.subscription.pending_update_applied", paying::pay, paying::BY_CARD),
    Trigger::rule("customer.subscription.pending_update_expired", expire, "Its pending update is not paid in time"),
    Trigger::delete("customer.subscription.deleted", ONE),
    Trigger::rule("invoice.upcoming", tell_of_renewal, "Its next invoice is told now"),
    Trigger::post("invoice.created", ONE, ANEW),
    Trigger::post("invoice.finalized", ONE, ANEW),
    of_invoice("invoice.paid", paying::pay, paying::BY_CARD),
    Trigger::post("invoice.paid", ONE, ANEW),
    of_invoice("invoice.payment_succeeded", paying::pay, paying::BY_CARD),
    Trigger::post("invoice.payment_succeeded", ONE, ANEW),
    of_invoice("invoice.payment_failed", paying::decline, paying::DECLINED),
    Trigger::rule("invoice.payment_failed", decline, DECLINED),
    of_invoice("invoice.payment_action_required", paying::ask, paying::ASKED),
    Trigger::rule("invoice.payment_action_required", ask, ASKED),
];

/// What is done to its latest invoice.
const fn of_invoice(event: &'static str, rule: TriggerRule, what: &'static str) -> Trigger {
    Trigger::rule(event, rule, what).on("latest_invoice")
}

const DECLINED: &str = "A test card that is declined becomes its default payment method, and a period begins now";
const ASKED: &str =
    "A test card whose bank asks for the customer becomes its default payment method, and a period begins now";

/// A customer without a payment method gets a subscription that is still to be paid.
fn subscribe(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    let customer = require::<Customer>(tx, id, In::Path)?;
    let currency = customer.rest.str("currency");
    let fits = |price: &Arc<Price>| price.active && currency.is_none_or(|currency| currency == price.currency.as_str());
    let newest = tx.having::<Price>("type", "recurring").into_iter().find(fits);
    let price = newest.ok_or_else(|| ApiError::nothing_to_subscribe_to(id))?;
    let item = Map::from([("price", price.id.to_string())]);
    let with = |behavior: &'static str| {
        Map::from([("items", Doc::List(vec![item.clone().into()])), ("payment_behavior", behavior.into())])
    };
    if tx.attempt(|tx| create::start(tx, ctx, &with("allow_incomplete"), &customer)).is_err() {
        create::start(tx, ctx, &with("default_incomplete"), &customer)?;
    }
    Ok(())
}

fn tell_of_trial_end(tx: &mut Tx, _: &Ctx<'_>, id: &str) -> Result<()> {
    let subscription = require::<Subscription>(tx, id, In::Path)?;
    if subscription.status != Status::Trialing {
        return Err(ApiError::subscription_not_in_trial(id));
    }
    notices::tell_of_trial_end(tx, &subscription.id);
    Ok(())
}

fn tell_of_renewal(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    let subscription = require::<Subscription>(tx, id, In::Path)?;
    if !subscription.renews() && subscription.status != Status::Trialing {
        return Err(ApiError::subscription_not_renewing(id));
    }
    notices::tell_of_renewal(tx, ctx, &subscription.id)
}

fn expire(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    let subscription = require::<Subscription>(tx, id, In::Path)?;
    if subscription.pending_update.is_none() || subscription.pending_update_invoice.0.is_none() {
        return Err(ApiError::subscription_without_pending_update(id));
    }
    pending_update::expire(tx, ctx, &subscription.id)
}

fn decline(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    bill_with(tx, ctx, id, "pm_card_chargeCustomerFail")
}

fn ask(tx: &mut Tx, ctx: &Ctx<'_>, id: &str) -> Result<()> {
    bill_with(tx, ctx, id, "pm_card_authenticationRequired")
}

/// Begins a period that a test card is to pay.
fn bill_with(tx: &mut Tx, ctx: &Ctx<'_>, id: &str, card: &'static str) -> Result<()> {
    let subscription = require::<Subscription>(tx, id, In::Path)?;
    let method = payment_methods::obtain(tx, ctx, card, "default_payment_method")?;
    payment_methods::attach(tx, ctx, method.id(), &subscription.customer)?;
    let mut params = Map::from([("default_payment_method", method.id().to_string())]);
    for (name, value) in ANEW {
        params.set(*name, *value);
    }
    change::carry_out(tx, ctx, &subscription, &params)
}
