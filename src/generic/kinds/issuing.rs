//! Issued cards and their payments.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

mod authorizations;

use super::declaration::{Declaration, Filtered, PLAIN, SHAPE};
use super::verb::{ACTIVE, INACTIVE, verb};
use crate::contract::Fill::{EmptyList, First, Flag, Int, Null, Object, Of, Own, Random, Text};
use crate::contract::{Behaviour, Entry, Trigger};
use crate::state::ids::IdForm;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("issuing.authorization"),
            operations: &[
                ("test_helpers.issuing.authorizations.capture", Behaviour::Write(authorizations::capture)),
                ("test_helpers.issuing.authorizations.finalize_amount", Behaviour::Write(authorizations::finalize)),
                ("test_helpers.issuing.authorizations.increment", Behaviour::Write(authorizations::increment)),
                ("test_helpers.issuing.authorizations.reverse", Behaviour::Write(authorizations::reverse)),
            ],
            defaults: &[
                ("amount", Int(0)),
                ("approved", Flag(true)),
                ("authorization_method", Text("online")),
                ("currency", First(&[Of(crate::kind!("issuing.card"), "card", "currency"), Text("usd")])),
                ("merchant_amount", Own("amount")),
                ("merchant_currency", Own("currency")),
                ("merchant_data.category", Text("computer_software_stores")),
                ("merchant_data.category_code", Text("5734")),
                ("merchant_data.network_id", Text("1234567890")),
                ("status", Text("pending")),
                ("verification_data.address_line1_check", Text("not_provided")),
                ("verification_data.address_postal_code_check", Text("not_provided")),
                ("verification_data.cvc_check", Text("not_provided")),
                ("verification_data.expiry_check", Text("match")),
            ],
            ..SHAPE
        },
        verbs: &[
            verb("issuing.authorizations.approve", &["pending"], &[("approved", Flag(true))]).taking(),
            verb(
                "issuing.authorizations.decline",
                &["pending"],
                &[("approved", Flag(false)), ("status", Text("closed"))],
            )
            .taking(),
            verb("test_helpers.issuing.authorizations.expire", &["pending"], &[("status", Text("expired"))]),
        ],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("issuing.card"),
            named_by: &["issuing_card"],
            defaults: &[
                ("brand", Text("Visa")),
                ("exp_month", Int(12)),
                ("exp_year", Int(2030)),
                ("last4", Text("4242")),
                ("shipping.service", Text("standard")),
                ("shipping.type", Text("individual")),
                (
                    "spending_controls",
                    Object(&[
                        ("allowed_card_presences", Null),
                        ("allowed_categories", Null),
                        ("allowed_merchant_countries", Null),
                        ("blocked_card_presences", Null),
                        ("blocked_categories", Null),
                        ("blocked_merchant_countries", Null),
                        ("spending_limits", EmptyList),
                        ("spending_limits_currency", Null),
                    ]),
                ),
                ("status", Text("inactive")),
            ],
            triggers: &[Trigger::update("issuing_card.updated", "/v1/issuing/cards/{id}")],
            ..SHAPE
        },
        verbs: &[
            verb(
                "test_helpers.issuing.cards.shipping.deliver_card",
                &["shipped"],
                &[("shipping.status", Text("delivered"))],
            )
            .by("shipping.status"),
            verb(
                "test_helpers.issuing.cards.shipping.fail_card",
                &["shipped"],
                &[("shipping.status", Text("failure"))],
            )
            .by("shipping.status"),
            verb(
                "test_helpers.issuing.cards.shipping.return_card",
                &["shipped"],
                &[("shipping.status", Text("returned"))],
            )
            .by("shipping.status"),
            verb(
                "test_helpers.issuing.cards.shipping.ship_card",
                &["pending", "submitted"],
                &[("shipping.status", Text("shipped"))],
            )
            .by("shipping.status"),
            verb(
                "test_helpers.issuing.cards.shipping.submit_card",
                &["pending"],
                &[("shipping.status", Text("submitted"))],
            )
            .by("shipping.status"),
        ],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("issuing.cardholder"),
            named_by: &["cardholder"],
            defaults: &[
                ("company.tax_id_provided", Flag(false)),
                ("status", Text("active")),
                ("type", Text("individual")),
            ],
            triggers: &[Trigger::update("issuing_cardholder.updated", "/v1/issuing/cardholders/{id}")],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("issuing.dispute"),
            defaults: &[
                ("amount", First(&[Of(crate::kind!("issuing.transaction"), "transaction", "amount"), Int(0)])),
                ("currency", First(&[Of(crate::kind!("issuing.transaction"), "transaction", "currency"), Text("usd")])),
                ("evidence.reason", Text("other")),
                ("status", Text("unsubmitted")),
            ],
            ..SHAPE
        },
        verbs: &[verb("issuing.disputes.submit", &["unsubmitted"], &[("status", Text("submitted"))])
            .taking()
            .announcing("issuing_dispute.submitted")],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("issuing.personalization_design"),
            id: IdForm::short("ipcd_"),
            defaults: &[("preferences.is_default", Flag(false)), ("status", Text("inactive"))],
            ..SHAPE
        },
        filters: &[Filtered::by_path("lookup_keys", "lookup_key")],
        verbs: &[
            verb(
                "test_helpers.issuing.personalization_designs.activate",
                &["inactive", "review", "rejected"],
                &[ACTIVE],
            )
            .announcing("issuing_personalization_design.activated"),
            verb(
                "test_helpers.issuing.personalization_designs.deactivate",
                &["active", "review", "rejected"],
                &[INACTIVE],
            )
            .announcing("issuing_personalization_design.deactivated"),
            verb(
                "test_helpers.issuing.personalization_designs.reject",
                &["active", "inactive", "review"],
                &[("status", Text("rejected"))],
            )
            .taking()
            .announcing("issuing_personalization_design.rejected"),
        ],
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("issuing.physical_bundle"), is_known: Some(|_, _| true), ..SHAPE },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("issuing.settlement"),
            id: IdForm::of("ise_"),
            defaults: &[
                ("interchange_fees_amount", Int(0)),
                ("network", Text("visa")),
                ("network_fees_amount", Int(0)),
                ("network_settlement_identifier", Random("", 12)),
                ("settlement_service", Text("0")),
                ("status", Text("pending")),
                ("transaction_amount", Int(0)),
                ("transaction_count", Int(0)),
            ],
            ..SHAPE
        },
        verbs: &[verb("test_helpers.issuing.settlements.complete", &["pending"], &[("status", Text("complete"))])],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("issuing.transaction"),
            operations: &[
                (
                    "test_helpers.issuing.transactions.create_force_capture",
                    Behaviour::Write(authorizations::force_capture),
                ),
                (
                    "test_helpers.issuing.transactions.create_unlinked_refund",
                    Behaviour::Write(authorizations::unlinked_refund),
                ),
            ],
            defaults: &[
                ("cardholder", Of(crate::kind!("issuing.card"), "card", "cardholder.id")),
                ("currency", First(&[Of(crate::kind!("issuing.card"), "card", "currency"), Text("usd")])),
                ("merchant_amount", Own("amount")),
                ("merchant_currency", Own("currency")),
                ("merchant_data.category", Text("computer_software_stores")),
                ("merchant_data.category_code", Text("5734")),
                ("merchant_data.network_id", Text("1234567890")),
            ],
            ..SHAPE
        },
        ..PLAIN
    },
];
