//! The triggers: a row for each event, kind of object and way; the first way that works is taken.
//!
//! May use: the resources' rules. Invariant: data alone.

use super::Act::{Call, Decide, Due, Rule};
use super::{Act, Trigger};
use crate::catalogue::Method::{Delete, Post};
use crate::resources::ledger::payouts;
use crate::resources::payments::disputes;
use crate::resources::payments::early_fraud_warnings;
use crate::resources::payments::refunds;
use crate::state::Kind;

type Params = &'static [(&'static str, &'static str)];

const fn row(event: &'static str, kind: &'static str, on: &'static str, act: Act) -> Trigger {
    Trigger { event, kind: Kind(kind), on, act }
}

const fn post(event: &'static str, kind: &'static str, path: &'static str, params: Params) -> Trigger {
    row(event, kind, "id", Call(Post, path, params))
}

/// An update that changes only metadata.
const fn update(event: &'static str, kind: &'static str, path: &'static str) -> Trigger {
    post(event, kind, path, &[("metadata[triggered]", "{unique}")])
}

const fn delete(event: &'static str, kind: &'static str, path: &'static str) -> Trigger {
    row(event, kind, "id", Call(Delete, path, &[]))
}

const fn decide(event: &'static str, kind: &'static str, agreed: bool) -> Trigger {
    row(event, kind, "id", Decide(agreed))
}

const fn due(event: &'static str, kind: &'static str) -> Trigger {
    row(event, kind, "id", Due(Kind(kind)))
}

const PAY: &str = "/v1/payment_intents/{id}/confirm";
const CAPTURE: &str = "/v1/payment_intents/{id}/capture";
const SET_UP: &str = "/v1/setup_intents/{id}/confirm";
const BACK: (&str, &str) = ("return_url", "https://example.com/return");
const AS_IT_IS: Params = &[BACK];
const VISA: Params = &[("payment_method", "pm_card_visa"), BACK];
const DECLINED: Params = &[("payment_method", "pm_card_chargeDeclined"), BACK];
const AUTHENTICATED: Params = &[("payment_method", "pm_card_authenticationRequired"), BACK];
const DEBITED: Params =
    &[("payment_method", "pm_usBankAccount_success"), ("mandate_data[customer_acceptance][type]", "offline"), BACK];
const TRANSFERS: &str = "/v1/accounts/{id}/capabilities/transfers";
const FUND: &str = "/v1/test_helpers/customers/{id}/fund_cash_balance";
const FUNDED: Params = &[("amount", "1000"), ("currency", "usd")];
const TRANSFER: &str = "/v1/test_helpers/customers/{customer}/fund_cash_balance";
const TRANSFERRED: Params = &[("amount", "{amount}"), ("currency", "{currency}")];
const TRANSFERRED_IN_PART: Params = &[("amount", "1"), ("currency", "{currency}")];
const REFUND_OF_CHARGE: Params = &[("charge", "{id}")];
const REFUND_OF_INTENT: Params = &[("payment_intent", "{id}")];
const WON: Params = &[("evidence[uncategorized_text]", "winning_evidence"), ("submit", "true")];
const DISPUTED: Act = Rule(disputes::dispute, "The cardholder disputes the whole charge");
const WARNED: Act = Rule(early_fraud_warnings::raise, "The card's issuer warns of fraud");
const SENT_BACK: Act = Rule(refunds::fail, "The customer's bank sends the refund back");
const INSTRUCTED: Act = Rule(refunds::instruct, "The customer says where the money goes");
const REJECTED: Act = Rule(payouts::fail, "The bank rejects the payout");

/// The rows. Of several ways for one event and kind, the first that works is taken.
pub static TABLE: &[Trigger] = &[
    // Customers and their payment methods.
    update("customer.updated", "customer", "/v1/customers/{id}"),
    delete("customer.deleted", "customer", "/v1/customers/{id}"),
    post("customer.source.created", "customer", "/v1/customers/{id}/sources", &[("source", "tok_visa")]),
    update("customer.source.updated", "card", "/v1/customers/{customer}/sources/{id}"),
    update("customer.source.updated", "bank_account", "/v1/customers/{customer}/sources/{id}"),
    update("customer.source.updated", "source", "/v1/sources/{id}"),
    delete("customer.source.deleted", "card", "/v1/customers/{customer}/sources/{id}"),
    delete("customer.source.deleted", "bank_account", "/v1/customers/{customer}/sources/{id}"),
    delete("customer.source.deleted", "source", "/v1/customers/{customer}/sources/{id}"),
    delete("customer.discount.deleted", "customer", "/v1/customers/{id}/discount"),
    post(
        "customer.tax_id.created",
        "customer",
        "/v1/customers/{id}/tax_ids",
        &[("type", "eu_vat"), ("value", "DE123456789")],
    ),
    delete("customer.tax_id.deleted", "tax_id", "/v1/customers/{customer}/tax_ids/{id}"),
    post("customer_cash_balance_transaction.created", "customer", FUND, FUNDED),
    post("cash_balance.funds_available", "customer", FUND, FUNDED),
    post("payment_method.attached", "customer", "/v1/payment_methods/pm_card_visa/attach", &[("customer", "{id}")]),
    update("payment_method.updated", "payment_method", "/v1/payment_methods/{id}"),
    post("payment_method.detached", "payment_method", "/v1/payment_methods/{id}/detach", &[]),
    decide("source.chargeable", "source", true),
    decide("source.failed", "source", false),
    due("source.canceled", "source"),
    due("mandate.updated", "mandate"),
    // Charges.
    update("charge.updated", "charge", "/v1/charges/{id}"),
    post("charge.captured", "charge", "/v1/charges/{id}/capture", &[]),
    row("charge.captured", "charge", "payment_intent", Call(Post, CAPTURE, &[])),
    post("charge.captured", "payment_intent", CAPTURE, &[]),
    due("charge.succeeded", "charge"),
    due("charge.failed", "charge"),
    due("charge.expired", "charge"),
    row("charge.expired", "charge", "payment_intent", Due(Kind("payment_intent"))),
    due("charge.expired", "payment_intent"),
    post("charge.refunded", "charge", "/v1/refunds", REFUND_OF_CHARGE),
    post("charge.refunded", "payment_intent", "/v1/refunds", REFUND_OF_INTENT),
    post("refund.created", "charge", "/v1/refunds", REFUND_OF_CHARGE),
    post("refund.created", "payment_intent", "/v1/refunds", REFUND_OF_INTENT),
    row("refund.updated", "refund", "id", INSTRUCTED),
    update("refund.updated", "refund", "/v1/refunds/{id}"),
    update("charge.refund.updated", "refund", "/v1/refunds/{id}"),
    due("refund.failed", "refund"),
    row("refund.failed", "refund", "id", SENT_BACK),
    row("charge.dispute.created", "charge", "id", DISPUTED),
    row("charge.dispute.created", "payment_intent", "latest_charge", DISPUTED),
    row("charge.dispute.funds_withdrawn", "charge", "id", DISPUTED),
    row("charge.dispute.funds_withdrawn", "payment_intent", "latest_charge", DISPUTED),
    update("charge.dispute.updated", "dispute", "/v1/disputes/{id}"),
    post("charge.dispute.closed", "dispute", "/v1/disputes/{id}/close", &[]),
    post("charge.dispute.funds_reinstated", "dispute", "/v1/disputes/{id}", WON),
    row("radar.early_fraud_warning.created", "charge", "id", WARNED),
    row("radar.early_fraud_warning.created", "payment_intent", "latest_charge", WARNED),
    post("radar.early_fraud_warning.updated", "radar.early_fraud_warning", "/v1/refunds", &[("charge", "{charge}")]),
    // Payment intents.
    decide("payment_intent.succeeded", "payment_intent", true),
    post("payment_intent.succeeded", "payment_intent", CAPTURE, &[]),
    due("payment_intent.succeeded", "payment_intent"),
    post("payment_intent.succeeded", "payment_intent", PAY, AS_IT_IS),
    post("payment_intent.succeeded", "payment_intent", PAY, VISA),
    decide("charge.succeeded", "payment_intent", true),
    post("payment_intent.succeeded", "payment_intent", TRANSFER, TRANSFERRED),
    post("payment_intent.partially_funded", "payment_intent", TRANSFER, TRANSFERRED_IN_PART),
    post("charge.succeeded", "payment_intent", PAY, AS_IT_IS),
    post("charge.succeeded", "payment_intent", PAY, VISA),
    decide("payment_intent.payment_failed", "payment_intent", false),
    due("payment_intent.payment_failed", "payment_intent"),
    post("payment_intent.payment_failed", "payment_intent", PAY, DECLINED),
    post("charge.failed", "payment_intent", PAY, DECLINED),
    post("payment_intent.requires_action", "payment_intent", PAY, AUTHENTICATED),
    post("payment_intent.processing", "payment_intent", PAY, DEBITED),
    post("charge.pending", "payment_intent", PAY, DEBITED),
    decide("payment_intent.amount_capturable_updated", "payment_intent", true),
    post("payment_intent.amount_capturable_updated", "payment_intent", PAY, AS_IT_IS),
    post("payment_intent.amount_capturable_updated", "payment_intent", PAY, VISA),
    post("payment_intent.canceled", "payment_intent", "/v1/payment_intents/{id}/cancel", &[]),
    // Setup intents.
    decide("setup_intent.succeeded", "setup_intent", true),
    post("setup_intent.succeeded", "setup_intent", SET_UP, AS_IT_IS),
    post("setup_intent.succeeded", "setup_intent", SET_UP, VISA),
    decide("setup_intent.setup_failed", "setup_intent", false),
    post("setup_intent.setup_failed", "setup_intent", SET_UP, DECLINED),
    post("setup_intent.requires_action", "setup_intent", SET_UP, AUTHENTICATED),
    post("setup_intent.canceled", "setup_intent", "/v1/setup_intents/{id}/cancel", &[]),
    // Accounts and their balances.
    update("account.updated", "account", "/v1/accounts/{id}"),
    delete("account.application.deauthorized", "account", "/v1/accounts/{id}"),
    post("capability.updated", "account", TRANSFERS, &[("requested", "true")]),
    post("capability.updated", "account", TRANSFERS, &[("requested", "false")]),
    update("account.external_account.updated", "bank_account", "/v1/accounts/{account}/external_accounts/{id}"),
    delete("account.external_account.deleted", "bank_account", "/v1/accounts/{account}/external_accounts/{id}"),
    update("person.updated", "person", "/v1/accounts/{account}/persons/{id}"),
    delete("person.deleted", "person", "/v1/accounts/{account}/persons/{id}"),
    update("payout.updated", "payout", "/v1/payouts/{id}"),
    post("payout.canceled", "payout", "/v1/payouts/{id}/cancel", &[]),
    due("payout.paid", "payout"),
    row("payout.failed", "payout", "id", REJECTED),
    due("topup.succeeded", "topup"),
    due("topup.failed", "topup"),
    post("topup.canceled", "topup", "/v1/topups/{id}/cancel", &[]),
    update("transfer.updated", "transfer", "/v1/transfers/{id}"),
    post("transfer.reversed", "transfer", "/v1/transfers/{id}/reversals", &[]),
    post("application_fee.refunded", "application_fee", "/v1/application_fees/{id}/refunds", &[]),
    // What is sold.
    update("product.updated", "product", "/v1/products/{id}"),
    delete("product.deleted", "product", "/v1/products/{id}"),
    update("price.updated", "price", "/v1/prices/{id}"),
    update("plan.updated", "plan", "/v1/plans/{id}"),
    delete("plan.deleted", "plan", "/v1/plans/{id}"),
    update("coupon.updated", "coupon", "/v1/coupons/{id}"),
    delete("coupon.deleted", "coupon", "/v1/coupons/{id}"),
    update("promotion_code.updated", "promotion_code", "/v1/promotion_codes/{id}"),
    update("tax_rate.updated", "tax_rate", "/v1/tax_rates/{id}"),
    update("payment_link.updated", "payment_link", "/v1/payment_links/{id}"),
    post("checkout.session.expired", "checkout.session", "/v1/checkout/sessions/{id}/expire", &[]),
    update(
        "billing_portal.configuration.updated",
        "billing_portal.configuration",
        "/v1/billing_portal/configurations/{id}",
    ),
    // Billing.
    update("invoice.updated", "invoice", "/v1/invoices/{id}"),
    delete("invoice.deleted", "invoice", "/v1/invoices/{id}"),
    post("invoice.finalized", "invoice", "/v1/invoices/{id}/finalize", &[]),
    post("invoice.paid", "invoice", "/v1/invoices/{id}/pay", &[]),
    post("invoice.payment_succeeded", "invoice", "/v1/invoices/{id}/pay", &[]),
    post("invoice.sent", "invoice", "/v1/invoices/{id}/send", &[]),
    post("invoice.voided", "invoice", "/v1/invoices/{id}/void", &[]),
    post("invoice.marked_uncollectible", "invoice", "/v1/invoices/{id}/mark_uncollectible", &[]),
    delete("invoiceitem.deleted", "invoiceitem", "/v1/invoiceitems/{id}"),
    update("credit_note.updated", "credit_note", "/v1/credit_notes/{id}"),
    post("credit_note.voided", "credit_note", "/v1/credit_notes/{id}/void", &[]),
    update("customer.subscription.updated", "subscription", "/v1/subscriptions/{id}"),
    post("customer.subscription.resumed", "subscription", "/v1/subscriptions/{id}/resume", &[]),
    delete("customer.subscription.deleted", "subscription", "/v1/subscriptions/{id}"),
    update("subscription_schedule.updated", "subscription_schedule", "/v1/subscription_schedules/{id}"),
    post("subscription_schedule.canceled", "subscription_schedule", "/v1/subscription_schedules/{id}/cancel", &[]),
    post("subscription_schedule.released", "subscription_schedule", "/v1/subscription_schedules/{id}/release", &[]),
    post("quote.finalized", "quote", "/v1/quotes/{id}/finalize", &[]),
    post("quote.accepted", "quote", "/v1/quotes/{id}/accept", &[]),
    post("quote.canceled", "quote", "/v1/quotes/{id}/cancel", &[]),
    delete("test_helpers.test_clock.deleted", "test_helpers.test_clock", "/v1/test_helpers/test_clocks/{id}"),
    post(
        "identity.verification_session.canceled",
        "identity.verification_session",
        "/v1/identity/verification_sessions/{id}/cancel",
        &[],
    ),
    post(
        "identity.verification_session.redacted",
        "identity.verification_session",
        "/v1/identity/verification_sessions/{id}/redact",
        &[],
    ),
    update("issuing_card.updated", "issuing.card", "/v1/issuing/cards/{id}"),
    update("issuing_cardholder.updated", "issuing.cardholder", "/v1/issuing/cardholders/{id}"),
];
