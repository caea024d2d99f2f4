//! How events of subscriptions are made to happen to one of the user's own.
//!
//! May use: nothing. Invariant: data alone.

use crate::contract::Trigger;

const ONE: &str = "/v1/subscriptions/{id}";

pub(super) const TRIGGERS: &[Trigger] = &[
    Trigger::update("customer.subscription.updated", ONE),
    Trigger::post("customer.subscription.paused", "/v1/subscriptions/{id}/pause", &[]),
    Trigger::post("customer.subscription.paused", ONE, &[("trial_end", "now")]),
    Trigger::post("customer.subscription.resumed", "/v1/subscriptions/{id}/resume", &[]),
    Trigger::post("customer.subscription.trial_will_end", ONE, &[("trial_end", "now")]),
    Trigger::delete("customer.subscription.deleted", ONE),
];
