//! Verification of people.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use super::later::{Later, arrival};
use super::verb::{CANCELED, verb};
use crate::contract::Fill::{Absent, Format, Null, Object, Text};
use crate::contract::{Entry, Trigger};
use crate::generic::operations::arrive;

pub(super) static KINDS: &[Declaration] = &[Declaration {
    entry: Entry {
        kind: crate::kind!("identity.verification_session"),
        dues: &[arrival(|tx, ctx, id| arrive(tx, ctx, crate::kind!("identity.verification_session"), id))],
        named_by: &["verification_session"],
        defaults: &[
            ("client_secret", Format("{id}_secret_test_{random}")),
            ("options", Null),
            ("status", Text("requires_input")),
            ("type", Text("document")),
            // The API shows it only on request.
            ("verified_outputs", Absent),
            ("url", Format("https://verify.stripe.com/start/test_{random}")),
        ],
        triggers: &[
            Trigger::post(
                "identity.verification_session.canceled",
                "/v1/identity/verification_sessions/{id}/cancel",
                &[],
            ),
            Trigger::post(
                "identity.verification_session.redacted",
                "/v1/identity/verification_sessions/{id}/redact",
                &[],
            ),
        ],
        ..SHAPE
    },
    verbs: &[
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
    ],
    later: Some(&Later {
        from: ("redaction.status", "processing"),
        sets: &[("redaction.status", Text("redacted"))],
        along: None,
        event: "identity.verification_session.redacted",
    }),
    ..PLAIN
}];
