//! The second namespace: accounts, destinations of events, meter events (the documentation of the fields).

use super::Rules;
use crate::generic::fill::Fill::{Flag, Format, Instant, Object, OfParent, Random, Text};

const MINUTE: i64 = 60;

/// What nobody has given any information for yet.
const RESTRICTED: super::Fill = Text("restricted");

pub(super) static RULES: &[Rules] = &[
    ("v2.billing.meter_event", &[("identifier", Random("", 24)), ("timestamp", Instant(0))]),
    ("v2.billing.meter_event_adjustment", &[("status", Text("pending"))]),
    (
        "v2.billing.meter_event_session",
        &[("authentication_token", Random("token_", 40)), ("expires_at", Instant(15 * MINUTE))],
    ),
    (
        "v2.commerce.product_catalog_import",
        &[
            ("status", Text("awaiting_upload")),
            (
                "status_details",
                Object(&[(
                    "awaiting_upload",
                    Object(&[(
                        "upload_url",
                        Object(&[
                            ("expires_at", Instant(5 * MINUTE)),
                            ("url", Format("https://stripeusercontent.com/files/upload/{random}")),
                        ]),
                    )]),
                )]),
            ),
        ],
    ),
    (
        "v2.core.account",
        &[
            ("closed", Flag(false)),
            ("configuration.*.applied", Flag(true)),
            ("configuration.*.capabilities.*.status", RESTRICTED),
            ("configuration.*.capabilities.*.*.status", RESTRICTED),
            ("defaults.responsibilities.requirements_collector", Text("stripe")),
            ("identity.individual.account", Format("{id}")),
            ("identity.individual.created", Instant(0)),
            ("identity.individual.id", Random("person_test_61", 20)),
            ("identity.individual.object", Text("v2.core.account_person")),
            ("identity.individual.updated", Instant(0)),
        ],
    ),
    (
        "v2.core.account_link",
        &[("expires_at", Instant(10 * MINUTE)), ("url", Format("https://accounts.stripe.com/r/{random}"))],
    ),
    ("v2.core.account_person", &[("account", OfParent(0, "id"))]),
    ("v2.core.account_person_token", &[("expires_at", Instant(10 * MINUTE)), ("used", Flag(false))]),
    ("v2.core.account_token", &[("expires_at", Instant(10 * MINUTE)), ("used", Flag(false))]),
    (
        "v2.core.event_destination",
        &[
            (
                "amazon_eventbridge.aws_event_source_arn",
                Format("arn:aws:events:us-east-1::event-source/aws.partner/stripe.com/{id}"),
            ),
            ("amazon_eventbridge.aws_event_source_status", Text("pending")),
            ("azure_event_grid.azure_partner_topic_name", Format("{id}")),
            ("azure_event_grid.azure_partner_topic_status", Text("never_activated")),
            ("description", Text("")),
            ("status", Text("enabled")),
            ("webhook_endpoint.signing_secret", Random("whsec_", 32)),
        ],
    ),
    (
        "v2.core.vault.gb_bank_account",
        &[
            ("archived", Flag(false)),
            ("bank_account_type", Text("checking")),
            ("bank_name", Text("STRIPE TEST BANK")),
            ("restricted", Flag(false)),
        ],
    ),
    (
        "v2.core.vault.us_bank_account",
        &[
            ("archived", Flag(false)),
            ("bank_account_type", Text("checking")),
            ("bank_name", Text("STRIPE TEST BANK")),
            ("restricted", Flag(false)),
            ("verification.status", Text("unverified")),
        ],
    ),
];
