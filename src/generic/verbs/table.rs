//! The verbs, in the order of their operations' names. Each row says what the API's documentation of the operation
//! and of the object's fields says; where an operation also does something elsewhere (charge, pay out, bill), it is
//! not here.

use super::Verb;
use crate::generic::fill::Fill::{self, EmptyList, First, Flag, Instant, Now, Null, Object, Own, Random, Sent, Text};

/// What a verb sets: paths and where their values come from.
type Sets = &'static [(&'static str, Fill)];

const fn verb(operation: &'static str, from: &'static [&'static str], sets: Sets) -> Verb {
    Verb { operation, from: ("status", from), sets, takes: false, event: None }
}

impl Verb {
    /// The state is another field than `status`.
    const fn by(self, field: &'static str) -> Self {
        Verb { from: (field, self.from.1), ..self }
    }

    /// The parameters are laid over the object first.
    const fn taking(self) -> Self {
        Verb { takes: true, ..self }
    }

    const fn announcing(self, event: &'static str) -> Self {
        Verb { event: Some(event), ..self }
    }
}

const ANY: &[&str] = &[];
const ACTIVE: (&str, Fill) = ("status", Text("active"));
const INACTIVE: (&str, Fill) = ("status", Text("inactive"));
const CANCELED: (&str, Fill) = ("status", Text("canceled"));

/// A subscription ends (billing 2.11).
const ENDED: Sets = &[
    CANCELED,
    ("canceled_at", Now),
    ("ended_at", Now),
    ("cancel_at_period_end", Flag(false)),
    ("cancellation_details.reason", Text("cancellation_requested")),
];
const NOT_ENDED: &[&str] = &["active", "incomplete", "past_due", "paused", "trialing", "unpaid"];

/// All verbs.
pub(super) static VERBS: &[Verb] = &[
    verb("apps.installs.uninstall", &["installed"], &[("status", Text("uninstalling"))]),
    verb("billing.alerts.activate", &["inactive"], &[ACTIVE]),
    verb("billing.alerts.archive", &["active", "inactive"], &[("status", Text("archived"))]),
    verb("billing.alerts.deactivate", &["active"], &[INACTIVE]),
    verb("billing.credit_grants.expire", ANY, &[("expires_at", Now), ("updated", Now)]),
    verb("billing.credit_grants.void_grant", ANY, &[("voided_at", Now), ("updated", Now)]),
    verb("billing.feedback_options.deactivate", &["active"], &[INACTIVE]),
    verb(
        "billing.meters.deactivate",
        &["active"],
        &[INACTIVE, ("status_transitions.deactivated_at", Now), ("updated", Now)],
    )
    .announcing("billing.meter.deactivated"),
    verb(
        "billing.meters.reactivate",
        &["inactive"],
        &[ACTIVE, ("status_transitions.deactivated_at", Null), ("updated", Now)],
    )
    .announcing("billing.meter.reactivated"),
    verb(
        "climate.orders.cancel",
        &["awaiting_funds", "open"],
        &[CANCELED, ("canceled_at", Now), ("cancellation_reason", Text("requested"))],
    )
    .announcing("climate.order.canceled"),
    verb("credit_notes.void_credit_note", &["issued"], &[("status", Text("void")), ("voided_at", Now)])
        .announcing("credit_note.voided"),
    verb("customers.subscriptions.delete", NOT_ENDED, ENDED).announcing("customer.subscription.deleted"),
    verb("financial_connections.accounts.disconnect", &["active", "inactive"], &[("status", Text("disconnected"))])
        .announcing("financial_connections.account.disconnected"),
    verb("financial_connections.accounts.subscribe", &["active"], &[("subscriptions", Sent("features"))]),
    verb("financial_connections.accounts.unsubscribe", &["active"], &[("subscriptions", EmptyList)]),
    verb(
        "identity.verification_sessions.cancel",
        &["requires_input"],
        &[CANCELED, ("client_secret", Null), ("url", Null)],
    )
    .announcing("identity.verification_session.canceled"),
    verb(
        "identity.verification_sessions.redact",
        &["canceled", "requires_input", "verified"],
        &[("redaction", Object(&[("status", Text("processing"))]))],
    ),
    verb("invoice_rendering_templates.archive", &["active"], &[("status", Text("archived"))]),
    verb("invoice_rendering_templates.unarchive", &["archived"], &[ACTIVE]),
    verb(
        "invoices.mark_uncollectible",
        &["open"],
        &[("status", Text("uncollectible")), ("status_transitions.marked_uncollectible_at", Now)],
    )
    .announcing("invoice.marked_uncollectible"),
    verb("invoices.send_invoice", &["open"], &[]).announcing("invoice.sent"),
    verb(
        "invoices.void_invoice",
        &["open", "uncollectible"],
        &[("status", Text("void")), ("status_transitions.voided_at", Now)],
    )
    .announcing("invoice.voided"),
    verb("issuing.authorizations.approve", &["pending"], &[("approved", Flag(true))]).taking(),
    verb("issuing.authorizations.decline", &["pending"], &[("approved", Flag(false)), ("status", Text("closed"))])
        .taking(),
    verb("issuing.disputes.submit", &["unsubmitted"], &[("status", Text("submitted"))])
        .taking()
        .announcing("issuing_dispute.submitted"),
    verb("linked_accounts.disconnect", &["active", "inactive"], &[("status", Text("disconnected"))])
        .announcing("financial_connections.account.disconnected"),
    verb("payment_method_domains.validate", ANY, &[]),
    verb("quotes.cancel", &["draft", "open"], &[CANCELED, ("status_transitions.canceled_at", Now)])
        .announcing("quote.canceled"),
    verb(
        "quotes.finalize_quote",
        &["draft"],
        &[("status", Text("open")), ("status_transitions.finalized_at", Now), ("number", Random("QT-", 8))],
    )
    .taking()
    .announcing("quote.finalized"),
    verb(
        "reviews.approve",
        &["true"],
        &[("open", Flag(false)), ("closed_reason", Text("approved")), ("reason", Text("approved"))],
    )
    .by("open")
    .announcing("review.closed"),
    verb("subscription_schedules.cancel", &["active", "not_started"], &[CANCELED, ("canceled_at", Now)])
        .announcing("subscription_schedule.canceled"),
    verb(
        "subscription_schedules.release",
        &["active", "not_started"],
        &[
            ("released_subscription", Own("subscription")),
            ("released_at", Now),
            ("status", Text("released")),
            ("subscription", Null),
        ],
    )
    .announcing("subscription_schedule.released"),
    verb("subscriptions.cancel", NOT_ENDED, ENDED).taking().announcing("customer.subscription.deleted"),
    verb("subscriptions.migrate", NOT_ENDED, &[("billing_mode.updated_at", Now)]).taking(),
    verb("subscriptions.pause", &["active", "trialing"], &[("status", Text("paused"))])
        .announcing("customer.subscription.paused"),
    verb("subscriptions.resume", &["paused"], &[ACTIVE]).announcing("customer.subscription.resumed"),
    verb("terminal.readers.cancel_action", ANY, &[("action", Null)]),
    verb("test_helpers.issuing.authorizations.expire", &["pending"], &[("status", Text("expired"))]),
    verb("test_helpers.issuing.cards.shipping.deliver_card", &["shipped"], &[("shipping.status", Text("delivered"))])
        .by("shipping.status"),
    verb("test_helpers.issuing.cards.shipping.fail_card", &["shipped"], &[("shipping.status", Text("failure"))])
        .by("shipping.status"),
    verb("test_helpers.issuing.cards.shipping.return_card", &["shipped"], &[("shipping.status", Text("returned"))])
        .by("shipping.status"),
    verb(
        "test_helpers.issuing.cards.shipping.ship_card",
        &["pending", "submitted"],
        &[("shipping.status", Text("shipped"))],
    )
    .by("shipping.status"),
    verb("test_helpers.issuing.cards.shipping.submit_card", &["pending"], &[("shipping.status", Text("submitted"))])
        .by("shipping.status"),
    verb("test_helpers.issuing.personalization_designs.activate", &["inactive", "review", "rejected"], &[ACTIVE])
        .announcing("issuing_personalization_design.activated"),
    verb("test_helpers.issuing.personalization_designs.deactivate", &["active", "review", "rejected"], &[INACTIVE])
        .announcing("issuing_personalization_design.deactivated"),
    verb(
        "test_helpers.issuing.personalization_designs.reject",
        &["active", "inactive", "review"],
        &[("status", Text("rejected"))],
    )
    .taking()
    .announcing("issuing_personalization_design.rejected"),
    verb("test_helpers.issuing.settlements.complete", &["pending"], &[("status", Text("complete"))]),
    verb("test_helpers.terminal.readers.succeed_input_collection", ONGOING, &[("action.status", Text("succeeded"))])
        .by("action.status")
        .announcing("terminal.reader.action_succeeded"),
    verb("test_helpers.terminal.readers.timeout_input_collection", ONGOING, &[("action.status", Text("failed"))])
        .by("action.status")
        .announcing("terminal.reader.action_failed"),
    verb(
        "test_helpers.treasury.inbound_transfers.fail",
        &["processing"],
        &[("status", Text("failed")), ("cancelable", Flag(false)), ("status_transitions.failed_at", Now)],
    )
    .taking()
    .announcing("treasury.inbound_transfer.failed"),
    verb(
        "test_helpers.treasury.inbound_transfers.return_inbound_transfer",
        &["succeeded"],
        &[("returned", Flag(true))],
    ),
    verb(
        "test_helpers.treasury.inbound_transfers.succeed",
        &["processing"],
        &[("status", Text("succeeded")), ("cancelable", Flag(false)), ("status_transitions.succeeded_at", Now)],
    )
    .announcing("treasury.inbound_transfer.succeeded"),
    verb("test_helpers.treasury.outbound_payments.fail", &["processing"], FAILED)
        .announcing("treasury.outbound_payment.failed"),
    verb("test_helpers.treasury.outbound_payments.post", &["processing"], POSTED)
        .announcing("treasury.outbound_payment.posted"),
    verb("test_helpers.treasury.outbound_payments.return_outbound_payment", &["posted"], RETURNED)
        .announcing("treasury.outbound_payment.returned"),
    verb("test_helpers.treasury.outbound_payments.update", ANY, &[]).taking(),
    verb("test_helpers.treasury.outbound_transfers.fail", &["processing"], FAILED)
        .announcing("treasury.outbound_transfer.failed"),
    verb("test_helpers.treasury.outbound_transfers.post", &["processing"], POSTED)
        .announcing("treasury.outbound_transfer.posted"),
    verb("test_helpers.treasury.outbound_transfers.return_outbound_transfer", &["posted"], RETURNED)
        .announcing("treasury.outbound_transfer.returned"),
    verb("test_helpers.treasury.outbound_transfers.update", ANY, &[]).taking(),
    verb("three_d_secure.authentications.cancel", &["requires_challenge", "requires_submission"], &[CANCELED])
        .announcing("three_d_secure.authentication.canceled"),
    verb(
        "treasury.financial_accounts.close",
        &["open"],
        &[
            ("status", Text("closed")),
            ("status_details", Object(&[("closed", Object(&[("reasons", Fill::Texts(&["closed_by_platform"]))]))])),
        ],
    )
    .announcing("treasury.financial_account.closed"),
    verb("treasury.inbound_transfers.cancel", &["processing"], WITHDRAWN)
        .announcing("treasury.inbound_transfer.canceled"),
    verb("treasury.outbound_payments.cancel", &["processing"], WITHDRAWN)
        .announcing("treasury.outbound_payment.canceled"),
    verb("treasury.outbound_transfers.cancel", &["processing"], WITHDRAWN)
        .announcing("treasury.outbound_transfer.canceled"),
    verb("v2.core.accounts.close", &["false"], &[("closed", Flag(true))]).by("closed"),
    verb(
        "v2.core.event_destinations.disable",
        ANY,
        &[
            ("status", Text("disabled")),
            ("status_details", Object(&[("disabled", Object(&[("reason", Text("user"))]))])),
            ("updated", Instant(0)),
        ],
    ),
    verb(
        "v2.core.event_destinations.enable",
        ANY,
        &[("status", Text("enabled")), ("status_details", Object(&[])), ("updated", Instant(0))],
    ),
    verb("v2.core.vault.gb_bank_accounts.archive", &["false"], ARCHIVED).by("archived"),
    verb("v2.core.vault.gb_bank_accounts.unarchive", &["true"], UNARCHIVED).by("archived"),
    verb("v2.core.vault.us_bank_accounts.archive", &["false"], ARCHIVED).by("archived"),
    verb("v2.core.vault.us_bank_accounts.unarchive", &["true"], UNARCHIVED).by("archived"),
];

const ONGOING: &[&str] = &["in_progress"];
const RETURNED: Sets = &[
    ("status", Text("returned")),
    ("status_transitions.returned_at", Now),
    (
        "returned_details",
        Object(&[
            ("code", First(&[Sent("returned_details.code"), Text("declined")])),
            ("transaction", Random("trxn_1", 23)),
        ]),
    ),
];
const ARCHIVED: Sets = &[("archived", Flag(true))];
const UNARCHIVED: Sets = &[("archived", Flag(false))];
const FAILED: Sets = &[("status", Text("failed")), ("cancelable", Flag(false)), ("status_transitions.failed_at", Now)];
const POSTED: Sets = &[("status", Text("posted")), ("cancelable", Flag(false)), ("status_transitions.posted_at", Now)];
const WITHDRAWN: Sets = &[CANCELED, ("cancelable", Flag(false)), ("status_transitions.canceled_at", Now)];
