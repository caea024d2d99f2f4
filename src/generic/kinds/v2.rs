//! The second namespace: accounts and vaults (the documentation of the fields).
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, Filtered, PLAIN, SHAPE};
use super::verb::{Sets, verb};
use crate::contract::Entry;
use crate::contract::Fill::{self, Flag, Format, Instant, Object, OfParent, Random, Text};
use crate::generic::filters::{RowCheck, asks};
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
            kind: crate::kind!("v2.core.account"),
            id: IdForm { prefix: "acct_", lead: "1", length: 16 },
            defaults: &[
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
            ..SHAPE
        },
        filters: &[Filtered::by("closed", closed), Filtered::by("applied_configurations", applies)],
        verbs: &[verb("v2.core.accounts.close", &["false"], &[("closed", Flag(true))]).by("closed")],
        announces: &[
            ("v2.core.accounts.close", "v2.core.account.closed"),
            ("v2.core.accounts.create", "v2.core.account.created"),
            ("v2.core.accounts.update", "v2.core.account.updated"),
        ],
        follows: Some(applied),
        made: Some(|tx, id| {
            tx.add_account(id);
        }),
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("v2.core.account_link"),
            defaults: &[
                ("expires_at", Instant(10 * MINUTE)),
                ("url", Format("https://accounts.stripe.com/r/{random}")),
            ],
            references: &[("account", &[crate::kind!("v2.core.account"), crate::kind!("account")])],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("v2.core.account_person"),
            id: IdForm::v2("person_test_"),
            defaults: &[("account", OfParent(0, "id"))],
            ..SHAPE
        },
        announces: &[
            ("v2.core.accounts.persons.create", "v2.core.account_person.created"),
            ("v2.core.accounts.persons.delete", "v2.core.account_person.deleted"),
            ("v2.core.accounts.persons.update", "v2.core.account_person.updated"),
        ],
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("v2.core.account_person_token"),
            id: IdForm::v2("perstok_"),
            defaults: &[("expires_at", Instant(10 * MINUTE)), ("used", Flag(false))],
            ..SHAPE
        },
        ..PLAIN
    },
    Declaration {
        entry: Entry {
            kind: crate::kind!("v2.core.account_token"),
            id: IdForm::v2("accttok_"),
            defaults: &[("expires_at", Instant(10 * MINUTE)), ("used", Flag(false))],
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

/// The status before any information was supplied.
const RESTRICTED: Fill = Text("restricted");
const ARCHIVED: Sets = &[("archived", Flag(true))];
const UNARCHIVED: Sets = &[("archived", Flag(false))];

/// The configurations that an account has.
fn applied(account: &mut Map) {
    let configurations = account.map("configuration").into_iter().flat_map(Map::iter);
    let applied = configurations.filter(|(_, one)| one.as_map().and_then(|one| one.bool("applied")) != Some(false));
    let applied: Vec<Doc> = applied.map(|(name, _)| Doc::from(name.to_owned())).collect();
    account.set("applied_configurations", Doc::List(applied));
}

/// Closed accounts are only listed on request.
fn closed(sent: Option<&Doc>) -> Option<RowCheck> {
    let closed = sent.and_then(Doc::as_bool).unwrap_or(false);
    asks(move |account| account.bool("closed") == Some(closed))
}

fn applies(sent: Option<&Doc>) -> Option<RowCheck> {
    let wanted = sent?.as_list()?.to_vec();
    asks(move |account| {
        let applied = account.list("applied_configurations").unwrap_or_default();
        wanted.iter().all(|one| applied.contains(one))
    })
}

/// The visible fields of a bank account in a vault: its last digits and its currency.
fn vaulted(source: &FillInput<'_>, body: &mut Map) {
    let number = source.sent.str("account_number").or(source.sent.str("iban")).unwrap_or_default();
    let digits: Vec<char> = number.chars().filter(|c| !c.is_whitespace()).collect();
    body.set("last4", digits.iter().skip(digits.len().saturating_sub(4)).collect::<String>());
    let currency = source.sent.get("currency").cloned();
    body.set("supported_currencies", Doc::List(currency.into_iter().collect()));
}
