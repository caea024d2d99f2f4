//! Readers and their locations.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

mod readers;

use super::declaration::{Declaration, PLAIN, SHAPE};
use super::verb::{ANY, verb};
use crate::contract::Fill::{Format, Null, Random, Sent, Text};
use crate::contract::{Behaviour, Entry};
use crate::state::ids::IdForm;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry { kind: crate::kind!("terminal.configuration"), id: IdForm::short("tmc_"), ..SHAPE },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("terminal.connection_token"),
            defaults: &[("secret", Random("pst_test_", 40))],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("terminal.location"),
            id: IdForm { prefix: "tml_", lead: "", length: 24 },
            defaults: &[("display_name", Text("Location"))],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("terminal.onboarding_link"),
            defaults: &[("redirect_url", Format("{base}/setup/terminal/{random}"))],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("terminal.reader"),
            id: IdForm { prefix: "tmr_", lead: "", length: 24 },
            operations: &[
                ("terminal.readers.collect_inputs", Behaviour::Write(readers::act)),
                ("terminal.readers.collect_payment_method", Behaviour::Write(readers::act)),
                ("terminal.readers.confirm_payment_intent", Behaviour::Write(readers::act)),
                ("terminal.readers.process_payment_intent", Behaviour::Write(readers::act)),
                ("terminal.readers.process_setup_intent", Behaviour::Write(readers::act)),
                ("terminal.readers.refund_payment", Behaviour::Write(readers::act)),
                ("terminal.readers.set_reader_display", Behaviour::Write(readers::act)),
            ],
            defaults: &[
                ("device_type", Text("simulated_wisepos_e")),
                ("label", Sent("registration_code")),
                ("serial_number", Random("", 12)),
                ("status", Text("offline")),
            ],
            ..SHAPE
        },
        verbs: &[
            verb("terminal.readers.cancel_action", ANY, &[("action", Null)]),
            verb(
                "test_helpers.terminal.readers.succeed_input_collection",
                ONGOING,
                &[("action.status", Text("succeeded"))],
            )
            .by("action.status")
            .announcing("terminal.reader.action_succeeded"),
            verb(
                "test_helpers.terminal.readers.timeout_input_collection",
                ONGOING,
                &[("action.status", Text("failed"))],
            )
            .by("action.status")
            .announcing("terminal.reader.action_failed"),
        ],
        ..PLAIN
    },
];

const ONGOING: &[&str] = &["in_progress"];
