//! Financial accounts and the money in them.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use super::verb::{ANY, CANCELED, Sets, verb};
use crate::contract::Entry;
use crate::contract::Fill::{self, After, First, Flag, Int, Now, Object, Of, Random, Sent, Text};
use crate::time::calendar::DAY;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("treasury.credit_reversal"),
            defaults: &[
                ("amount", First(&[Of(crate::kind!("treasury.received_credit"), "received_credit", "amount"), Int(0)])),
                (
                    "currency",
                    First(&[Of(crate::kind!("treasury.received_credit"), "received_credit", "currency"), Text("usd")]),
                ),
                (
                    "financial_account",
                    First(&[
                        Of(crate::kind!("treasury.received_credit"), "received_credit", "financial_account"),
                        Text(""),
                    ]),
                ),
                (
                    "network",
                    First(&[Of(crate::kind!("treasury.received_credit"), "received_credit", "network"), Text("ach")]),
                ),
                ("status", Text("processing")),
            ],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("treasury.debit_reversal"),
            defaults: &[
                ("amount", First(&[Of(crate::kind!("treasury.received_debit"), "received_debit", "amount"), Int(0)])),
                (
                    "currency",
                    First(&[Of(crate::kind!("treasury.received_debit"), "received_debit", "currency"), Text("usd")]),
                ),
                (
                    "financial_account",
                    Of(crate::kind!("treasury.received_debit"), "received_debit", "financial_account"),
                ),
                (
                    "network",
                    First(&[Of(crate::kind!("treasury.received_debit"), "received_debit", "network"), Text("ach")]),
                ),
                ("status", Text("processing")),
            ],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("treasury.financial_account"),
            named_by: &["financial_account"],
            defaults: &[
                (
                    "balance",
                    Object(&[
                        ("cash", Object(&[("usd", Int(0))])),
                        ("inbound_pending", Object(&[("usd", Int(0))])),
                        ("outbound_pending", Object(&[("usd", Int(0))])),
                    ]),
                ),
                ("country", Text("US")),
                ("status", Text("open")),
            ],
            ..SHAPE
        },
        verbs: &[verb(
            "treasury.financial_accounts.close",
            &["open"],
            &[
                ("status", Text("closed")),
                ("status_details", Object(&[("closed", Object(&[("reasons", Fill::Texts(&["closed_by_platform"]))]))])),
            ],
        )
        .announcing("treasury.financial_account.closed")],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("treasury.financial_account_features"),
            defaults: &[
                ("card_issuing.status", Text("active")),
                ("deposit_insurance.status", Text("active")),
                ("financial_addresses.aba.status", Text("active")),
                ("inbound_transfers.ach.status", Text("active")),
                ("intra_stripe_flows.status", Text("active")),
                ("outbound_payments.ach.status", Text("active")),
                ("outbound_payments.us_domestic_wire.status", Text("active")),
                ("outbound_transfers.ach.status", Text("active")),
                ("outbound_transfers.us_domestic_wire.status", Text("active")),
            ],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("treasury.inbound_transfer"),
            defaults: &[
                ("cancelable", Flag(true)),
                ("statement_descriptor", Text("transfer")),
                ("status", Text("processing")),
            ],
            ..SHAPE
        },
        verbs: &[
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
            verb("treasury.inbound_transfers.cancel", &["processing"], WITHDRAWN)
                .announcing("treasury.inbound_transfer.canceled"),
        ],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("treasury.outbound_payment"),
            defaults: &[
                ("cancelable", Flag(true)),
                ("expected_arrival_date", After(2 * DAY)),
                ("statement_descriptor", Text("payment")),
                ("status", Text("processing")),
                ("transaction", Random("trxn_1", 23)),
            ],
            ..SHAPE
        },
        verbs: &[
            verb("test_helpers.treasury.outbound_payments.fail", &["processing"], FAILED)
                .announcing("treasury.outbound_payment.failed"),
            verb("test_helpers.treasury.outbound_payments.post", &["processing"], POSTED)
                .announcing("treasury.outbound_payment.posted"),
            verb("test_helpers.treasury.outbound_payments.return_outbound_payment", &["posted"], RETURNED)
                .announcing("treasury.outbound_payment.returned"),
            verb("test_helpers.treasury.outbound_payments.update", ANY, &[]).taking(),
            verb("treasury.outbound_payments.cancel", &["processing"], WITHDRAWN)
                .announcing("treasury.outbound_payment.canceled"),
        ],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("treasury.outbound_transfer"),
            defaults: &[
                ("cancelable", Flag(true)),
                ("destination_payment_method_details.type", Text("us_bank_account")),
                ("expected_arrival_date", After(2 * DAY)),
                ("statement_descriptor", Text("transfer")),
                ("status", Text("processing")),
                ("transaction", Random("trxn_1", 23)),
            ],
            ..SHAPE
        },
        verbs: &[
            verb("test_helpers.treasury.outbound_transfers.fail", &["processing"], FAILED)
                .announcing("treasury.outbound_transfer.failed"),
            verb("test_helpers.treasury.outbound_transfers.post", &["processing"], POSTED)
                .announcing("treasury.outbound_transfer.posted"),
            verb("test_helpers.treasury.outbound_transfers.return_outbound_transfer", &["posted"], RETURNED)
                .announcing("treasury.outbound_transfer.returned"),
            verb("test_helpers.treasury.outbound_transfers.update", ANY, &[]).taking(),
            verb("treasury.outbound_transfers.cancel", &["processing"], WITHDRAWN)
                .announcing("treasury.outbound_transfer.canceled"),
        ],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("treasury.received_credit"),
            defaults: &[
                ("initiating_payment_method_details.type", Text("us_bank_account")),
                ("description", Text("Stripe Test")),
                ("status", Text("succeeded")),
            ],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("treasury.received_debit"),
            defaults: &[("description", Text("Stripe Test")), ("status", Text("succeeded"))],
            ..SHAPE
        },
        ..PLAIN
    },
];

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
const FAILED: Sets = &[("status", Text("failed")), ("cancelable", Flag(false)), ("status_transitions.failed_at", Now)];
const POSTED: Sets = &[("status", Text("posted")), ("cancelable", Flag(false)), ("status_transitions.posted_at", Now)];
const WITHDRAWN: Sets = &[CANCELED, ("cancelable", Flag(false)), ("status_transitions.canceled_at", Now)];
