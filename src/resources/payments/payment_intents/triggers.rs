//! How the events of a payment intent are made to happen.
//!
//! May use: nothing. Invariant: data alone.

use crate::contract::{Pairs, Trigger};

/// The ways; of several for one event the first that works is taken.
pub(super) const TRIGGERS: &[Trigger] = &[
    Trigger::post("charge.captured", CAPTURE, &[]),
    Trigger::due("charge.expired"),
    Trigger::post("charge.refunded", "/v1/refunds", REFUND_OF_INTENT),
    Trigger::post("refund.created", "/v1/refunds", REFUND_OF_INTENT),
    Trigger::decide("payment_intent.succeeded", true),
    Trigger::post("payment_intent.succeeded", CAPTURE, &[]),
    Trigger::due("payment_intent.succeeded"),
    Trigger::post("payment_intent.succeeded", PAY, AS_IT_IS),
    Trigger::post("payment_intent.succeeded", PAY, VISA),
    Trigger::decide("charge.succeeded", true),
    Trigger::post("payment_intent.succeeded", TRANSFER, TRANSFERRED),
    Trigger::post("payment_intent.partially_funded", TRANSFER, TRANSFERRED_IN_PART),
    Trigger::post("charge.succeeded", PAY, AS_IT_IS),
    Trigger::post("charge.succeeded", PAY, VISA),
    Trigger::decide("payment_intent.payment_failed", false),
    Trigger::due("payment_intent.payment_failed"),
    Trigger::post("payment_intent.payment_failed", PAY, DECLINED),
    Trigger::post("charge.failed", PAY, DECLINED),
    Trigger::post("payment_intent.requires_action", PAY, AUTHENTICATED),
    Trigger::post("payment_intent.processing", PAY, DEBITED),
    Trigger::post("charge.pending", PAY, DEBITED),
    Trigger::decide("payment_intent.amount_capturable_updated", true),
    Trigger::post("payment_intent.amount_capturable_updated", PAY, AS_IT_IS),
    Trigger::post("payment_intent.amount_capturable_updated", PAY, VISA),
    Trigger::post("payment_intent.canceled", "/v1/payment_intents/{id}/cancel", &[]),
];

const PAY: &str = "/v1/payment_intents/{id}/confirm";
const CAPTURE: &str = "/v1/payment_intents/{id}/capture";
const BACK: (&str, &str) = ("return_url", "https://example.com/return");
const AS_IT_IS: Pairs = &[BACK];
const VISA: Pairs = &[("payment_method", "pm_card_visa"), BACK];
const DECLINED: Pairs = &[("payment_method", "pm_card_chargeDeclined"), BACK];
const AUTHENTICATED: Pairs = &[("payment_method", "pm_card_authenticationRequired"), BACK];
const DEBITED: Pairs =
    &[("payment_method", "pm_usBankAccount_success"), ("mandate_data[customer_acceptance][type]", "offline"), BACK];
const TRANSFER: &str = "/v1/test_helpers/customers/{customer}/fund_cash_balance";
const TRANSFERRED: Pairs = &[("amount", "{amount}"), ("currency", "{currency}")];
const TRANSFERRED_IN_PART: Pairs = &[("amount", "1"), ("currency", "{currency}")];
const REFUND_OF_INTENT: Pairs = &[("payment_intent", "{id}")];
