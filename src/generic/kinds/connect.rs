//! Connected accounts: links, sessions, settings of balances (billing 6).
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use crate::contract::Entry;
use crate::contract::Fill::{After, Flag, Format, Random};
use crate::object::fill::FillInput;
use crate::state::document::Map;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("account_link"),
            defaults: &[("expires_at", After(300)), ("url", Format("https://connect.stripe.com/setup/s/{random}"))],
            ..SHAPE
        },
        derive: Some(setup),
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
            kind: crate::kind!("login_link"),
            defaults: &[("url", Format("https://connect.stripe.com/express/{random}"))],
            ..SHAPE
        },
        ..PLAIN
    },
];

/// The page of an account link, whose address names the account and its type (connect-accounts 6).
fn setup(source: &FillInput<'_>, body: &mut Map) {
    let id = source.sent.str("account").unwrap_or_default();
    let account = source.tx.record(crate::kind!("account"), id).map(|record| record.object.to_doc());
    let letter = match account.as_ref().and_then(|account| account.str("type")) {
        Some("custom") => "c",
        Some("express") => "e",
        _ => "s",
    };
    body.set("url", format!("https://connect.stripe.com/setup/{letter}/{id}/{}", source.ctx.ids.id("", 12)));
}
