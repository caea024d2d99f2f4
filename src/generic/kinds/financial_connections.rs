//! Accounts at other banks.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use super::verb::verb;
use crate::contract::Entry;
use crate::contract::Fill::{EmptyList, Format, Sent, Text};

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry { kind: crate::kind!("financial_connections.account"), ..SHAPE },
        verbs: &[
            verb(
                "financial_connections.accounts.disconnect",
                &["active", "inactive"],
                &[("status", Text("disconnected"))],
            )
            .announcing("financial_connections.account.disconnected"),
            verb("financial_connections.accounts.subscribe", &["active"], &[("subscriptions", Sent("features"))]),
            verb("financial_connections.accounts.unsubscribe", &["active"], &[("subscriptions", EmptyList)]),
            verb("linked_accounts.disconnect", &["active", "inactive"], &[("status", Text("disconnected"))])
                .announcing("financial_connections.account.disconnected"),
        ],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("financial_connections.session"),
            defaults: &[("client_secret", Format("{id}_secret_{random}"))],
            ..SHAPE
        },
        ..PLAIN
    },
];
