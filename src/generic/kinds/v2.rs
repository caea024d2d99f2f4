//! The second namespace: accounts and vaults (the documentation of the fields).
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, Filtered, PLAIN, SHAPE};
use super::verb::{Sets, verb};
use crate::contract::Entry;
use crate::contract::Fill::{Flag, Format, Instant, Object, Text};
use crate::object::fill::FillInput;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::time::calendar::MINUTE;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry {
            kind: crate::kind!("v2.commerce.product_catalog_import"),
            id: IdForm::v2("pcimprt_test_"),
            defaults: &[
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
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("v2.core.vault.gb_bank_account"),
            id: IdForm::v2("gbba_test_"),
            defaults: &[
                ("archived", Flag(false)),
                ("bank_account_type", Text("checking")),
                ("bank_name", Text("STRIPE TEST BANK")),
                ("restricted", Flag(false)),
            ],
            ..SHAPE
        },
        verbs: &[
            verb("v2.core.vault.gb_bank_accounts.archive", &["false"], ARCHIVED).by("archived"),
            verb("v2.core.vault.gb_bank_accounts.unarchive", &["true"], UNARCHIVED).by("archived"),
        ],
        derive: Some(vaulted),
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("v2.core.vault.us_bank_account"),
            id: IdForm::v2("usba_test_"),
            defaults: &[
                ("archived", Flag(false)),
                ("bank_account_type", Text("checking")),
                ("bank_name", Text("STRIPE TEST BANK")),
                ("restricted", Flag(false)),
                ("verification.status", Text("unverified")),
            ],
            ..SHAPE
        },
        filters: &[Filtered::by_path("verification_status", "verification.status")],
        verbs: &[
            verb("v2.core.vault.us_bank_accounts.archive", &["false"], ARCHIVED).by("archived"),
            verb("v2.core.vault.us_bank_accounts.unarchive", &["true"], UNARCHIVED).by("archived"),
        ],
        derive: Some(vaulted),
        ..PLAIN
    },
];

const ARCHIVED: Sets = &[("archived", Flag(true))];
const UNARCHIVED: Sets = &[("archived", Flag(false))];

/// The visible fields of a bank account in a vault: its last digits and its currency.
fn vaulted(source: &FillInput<'_>, body: &mut Map) {
    let number = source.sent.str("account_number").or(source.sent.str("iban")).unwrap_or_default();
    let digits: Vec<char> = number.chars().filter(|c| !c.is_whitespace()).collect();
    body.set("last4", digits.iter().skip(digits.len().saturating_sub(4)).collect::<String>());
    let currency = source.sent.get("currency").cloned();
    body.set("supported_currencies", Doc::List(currency.into_iter().collect()));
}
