//! How the events of a setup intent are made to happen.
//!
//! May use: nothing. Invariant: data alone.

use crate::contract::{Pairs, Trigger};

/// The ways; of several for one event the first that works is taken.
pub(super) const TRIGGERS: &[Trigger] = &[
    Trigger::decide("setup_intent.succeeded", true),
    Trigger::post("setup_intent.succeeded", SET_UP, AS_IT_IS),
    Trigger::post("setup_intent.succeeded", SET_UP, VISA),
    Trigger::decide("setup_intent.setup_failed", false),
    Trigger::post("setup_intent.setup_failed", SET_UP, DECLINED),
    Trigger::post("setup_intent.requires_action", SET_UP, AUTHENTICATED),
    Trigger::post("setup_intent.canceled", "/v1/setup_intents/{id}/cancel", &[]),
];

const SET_UP: &str = "/v1/setup_intents/{id}/confirm";
const BACK: (&str, &str) = ("return_url", "https://example.com/return");
const AS_IT_IS: Pairs = &[BACK];
const VISA: Pairs = &[("payment_method", "pm_card_visa"), BACK];
const DECLINED: Pairs = &[("payment_method", "pm_card_chargeDeclined"), BACK];
const AUTHENTICATED: Pairs = &[("payment_method", "pm_card_authenticationRequired"), BACK];
