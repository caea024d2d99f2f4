//! The calls that do without a browser what a customer does on a page: agree or fail at a bank, and pay an invoice.
//!
//! May use: axum, the pages. Invariant: a call does what the page does, by the same code.

use axum::routing::post;

use super::call::{ControlCall, Parameter};
use crate::pages::{decision, invoice};

/// The parameters of a decision.
const DECISION: &[Parameter] = &[
    ("sandbox", "the sandbox of the object; every sandbox is searched when not sent"),
    ("client_secret", "the `client_secret` of the object"),
    ("nonce", "what the link in the object contains, instead of the `client_secret`"),
    ("return_url", "where the browser goes on to, if the object does not say it"),
    ("result", "`succeeded` or `failed`"),
];

/// The calls of this module.
pub(super) static CALLS: &[ControlCall] = &[
    ControlCall {
        method: "POST",
        path: "/_pinstripe/authorize/{id}",
        handler: || post(decision::decide),
        what: "Completes or fails, without a browser, what the customer has to do: 3D Secure or a redirect of an intent, a pending source",
        parameters: DECISION,
        body: Some("`result` as a form, as the page sends it"),
        example: "curl -X POST 'localhost:12111/_pinstripe/authorize/pi_123?client_secret=SECRET&result=succeeded'",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/sources/{id}/redirect",
        handler: || post(decision::decide),
        what: "The same as `authorize`, for sources in exports of an older version",
        parameters: DECISION,
        body: Some("`result` as a form, as the page sends it"),
        example: "curl -X POST 'localhost:12111/_pinstripe/sources/src_123/redirect?client_secret=SECRET&result=failed'",
    },
    ControlCall {
        method: "POST",
        path: "/_pinstripe/invoice/{id}",
        handler: || post(invoice::pay),
        what: "Pays an invoice, as a customer does on its page, without a browser",
        parameters: &[
            ("sandbox", "the sandbox of the invoice; every sandbox is searched when not sent"),
            (
                "payment_method",
                "the id of a payment method, a test id such as `pm_card_visa`, or a type such as `ideal`; when not \
                 sent, the first one that the page offers",
            ),
        ],
        body: None,
        example: "curl -X POST 'localhost:12111/_pinstripe/invoice/in_123?payment_method=pm_card_visa'",
    },
];
