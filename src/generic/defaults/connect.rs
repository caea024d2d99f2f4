//! Connected accounts (billing 6).

use super::Rules;
use crate::generic::fill::Fill::{After, Flag, Format, OfParent, Random, Text};

pub(super) static RULES: &[Rules] = &[
    ("account_link", &[("expires_at", After(300)), ("url", Format("https://connect.stripe.com/setup/s/{random}"))]),
    (
        "account_session",
        &[
            ("client_secret", Random("accs_secret__", 55)),
            ("components.*.enabled", Flag(false)),
            ("components.*.features.destination_on_behalf_of_charge_management", Flag(false)),
            ("components.*.features.disable_stripe_user_authentication", Flag(false)),
            ("components.*.features.edit_payout_schedule", Flag(false)),
            ("components.*.features.standard_payouts", Flag(false)),
            ("components.*.features.*", Flag(true)),
            ("expires_at", After(3600)),
        ],
    ),
    ("login_link", &[("url", Format("https://connect.stripe.com/express/{random}"))]),
    ("person", &[("account", OfParent(0, "id")), ("verification.status", Text("unverified"))]),
];
