//! Configurations of payments.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use super::verb::{ANY, CANCELED, verb};
use crate::contract::Entry;
use crate::contract::Fill::{Flag, Text};
use crate::state::ids::IdForm;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry { kind: crate::kind!("funding_instructions"), ..SHAPE },
        absent: &["customers.funding_instructions.create"],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("payment_method_domain"),
            defaults: &[
                ("amazon_pay.status", Text("active")),
                ("apple_pay.status", Text("active")),
                ("enabled", Flag(true)),
                ("google_pay.status", Text("active")),
                ("klarna.status", Text("active")),
                ("link.status", Text("active")),
                ("paypal.status", Text("active")),
            ],
            ..SHAPE
        },
        verbs: &[verb("payment_method_domains.validate", ANY, &[])],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("three_d_secure.authentication"),
            id: IdForm::of("tdsa_"),
            defaults: &[("directory_server", Text("visa")), ("status", Text("requires_submission"))],
            ..SHAPE
        },
        verbs: &[verb(
            "three_d_secure.authentications.cancel",
            &["requires_challenge", "requires_submission"],
            &[CANCELED],
        )
        .announcing("three_d_secure.authentication.canceled")],
        ..PLAIN
    },
];
