//! Connected accounts: links, sessions, the people behind them (billing 6).
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use crate::contract::Fill::{Absent, After, Flag, Format, Int, Null, Object, OfParent, Random, Text};
use crate::contract::{Entry, Trigger};

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("account_link"),
            defaults: &[("expires_at", After(300)), ("url", Format("https://connect.stripe.com/setup/s/{random}"))],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("account_session"),
            defaults: &[
                ("client_secret", Random("accs_secret__", 55)),
                ("components.*.enabled", Flag(false)),
                ("components.*.features.destination_on_behalf_of_charge_management", Flag(false)),
                ("components.*.features.disable_stripe_user_authentication", Flag(false)),
                ("components.*.features.edit_payout_schedule", Flag(false)),
                ("components.*.features.standard_payouts", Flag(false)),
                ("components.*.features.*", Flag(true)),
                ("expires_at", After(3600)),
            ],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("balance_settings"),
            defaults: &[
                ("payments.payouts.status", Text("enabled")),
                ("payments.debit_negative_balances", Flag(true)),
                ("payments.settlement_timing.delay_days", Int(2)),
                ("payments.settlement_timing.start_of_day.hour", Int(0)),
                ("payments.settlement_timing.start_of_day.minutes", Int(0)),
                ("payments.settlement_timing.start_of_day.timezone", Text("Etc/UTC")),
                (
                    "payments.payouts",
                    Object(&[
                        ("automatic_transfer_rules_by_currency", Object(&[])),
                        ("minimum_balance_by_currency", Null),
                        ("schedule", Object(&[("interval", Text("daily"))])),
                        ("statement_descriptor", Null),
                        ("status", Text("enabled")),
                    ]),
                ),
            ],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("login_link"),
            defaults: &[("url", Format("https://connect.stripe.com/express/{random}"))],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("person"),
            // connect-accounts 4
            defaults: &[
                ("account", OfParent(0, "id")),
                ("address_kana", Absent),
                ("address_kanji", Absent),
                ("first_name_kana", Absent),
                ("first_name_kanji", Absent),
                ("future_requirements", Absent),
                ("gender", Absent),
                ("last_name_kana", Absent),
                ("last_name_kanji", Absent),
                ("maiden_name", Absent),
                ("nationality", Absent),
                ("phone", Absent),
                ("requirements", Absent),
                ("us_cfpb_data", Absent),
                ("verification.status", Text("unverified")),
            ],
            triggers: &[
                Trigger::update("person.updated", "/v1/accounts/{account}/persons/{id}"),
                Trigger::delete("person.deleted", "/v1/accounts/{account}/persons/{id}"),
            ],
            ..SHAPE
        },
        ..PLAIN
    },
];
