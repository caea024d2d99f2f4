//! Configurations of payments.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use super::verb::{ANY, CANCELED, verb};
use crate::contract::Entry;
use crate::contract::Fill::{Flag, Text};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry { kind: crate::kind!("funding_instructions"), ..SHAPE },
        absent: &["customers.funding_instructions.create"],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("payment_method_configuration"),
            defaults: &[
                ("*.available", Flag(false)),
                ("*.display_preference.preference", Text("none")),
                ("*.display_preference.value", Text("off")),
                ("active", Flag(true)),
                ("is_default", Flag(false)),
                ("name", Text("Default")),
            ],
            references: &[("parent", &[])],
            named_by: &["payment_method_configuration"],
            ..SHAPE
        },
        follows: Some(preferences),
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

/// A payment method is available if it is preferred.
fn preferences(configuration: &mut Map) {
    let methods: Vec<String> =
        configuration.iter().filter(|(_, value)| value.as_map().is_some()).map(|(key, _)| key.to_owned()).collect();
    for method in methods {
        let Some(Doc::Map(method)) = configuration.get_mut(&method) else { continue };
        let on = method.map("display_preference").and_then(|shown| shown.str("preference")) == Some("on");
        if let Some(Doc::Map(preference)) = method.get_mut("display_preference") {
            preference.set("value", if on { "on" } else { "off" });
            method.set("available", on);
        }
    }
}
