//! Fraud: lists, reviews, evaluations.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE, Unique};
use super::verb::verb;
use crate::contract::Entry;
use crate::contract::Fill::{Flag, Now, Text};
use crate::state::ids::IdForm;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("radar.payment_evaluation"),
            id: IdForm::of("peval_"),
            defaults: &[
                ("created_at", Now),
                ("recommended_action", Text("continue")),
                ("signals.fraudulent_payment.evaluated_at", Now),
                ("signals.fraudulent_payment.risk_level", Text("not_assessed")),
            ],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("radar.value_list"),
            named_by: &["value_list"],
            defaults: &[("created_by", Text("API")), ("item_type", Text("string"))],
            ..SHAPE
        },
        unique: Some(Unique::always("alias")),
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("radar.value_list_item"), defaults: &[("created_by", Text("API"))], ..SHAPE },
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("review"), ..SHAPE },
        verbs: &[verb(
            "reviews.approve",
            &["true"],
            &[("open", Flag(false)), ("closed_reason", Text("approved")), ("reason", Text("approved"))],
        )
        .by("open")
        .announcing("review.closed")],
        ..PLAIN
    },
];
