//! What the API does with customers (core-payments 3).
//!
//! May use: what belongs to a customer, instruments. Invariant: a customer is written once in an operation.

mod fields;
mod rules;
mod tax;

pub(in crate::resources) use self::rules::make;

use std::sync::Arc;

use crate::contract::version::Gate;
use crate::contract::{
    Behaviour, Change, ClockLimit, Clocked, Entry, Events, Expand, Include, Join, Marked, Newer, Older, Pairs,
    Personal, Rewrite, SearchField, Searched, Shown, Trigger, Undocumented,
};
use crate::resources::customers::cash_balances;
use crate::resources::customers::customer::Customer;
use crate::resources::customers::customer_balances;
use crate::resources::customers::customer_discounts;
use crate::resources::customers::customer_sources::{self, operations as sources};
use crate::resources::instruments::cards::ENCRYPTED;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Resource, downcast};
use crate::state::{Kind, Record, Tx};

pub use rules::put_on_clock;

/// Customers on one test clock (billing-2 10.3).
const ON_CLOCK: ClockLimit = ClockLimit { most: 3, within: "test_clock", counts: &[(Customer::KIND, |_| true)] };

/// The kind of test clocks, by one of which a customer may live.
const TEST_CLOCK: Kind = crate::kind!("test_helpers.test_clock");

/// The subscriptions of a customer that have not ended (billing 2.13).
fn live(tx: &Tx, customer: &str) -> Vec<Arc<Record>> {
    let mut all = tx.records_having(crate::kind!("subscription"), "customer", customer);
    all.retain(|record| !matches!(record.object.to_doc().str("status"), Some("canceled" | "incomplete_expired")));
    all
}

const FUND: &str = "/v1/test_helpers/customers/{id}/fund_cash_balance";
const FUNDED: Pairs = &[("amount", "1000"), ("currency", "usd")];

/// How events are made to happen; of several ways for one the first that works is taken.
const GIVEN: &str = "The customer gets ten percent off, by a new coupon";

/// How events are made to happen.
const TRIGGERS: &[Trigger] = &[
    Trigger::update("customer.updated", "/v1/customers/{id}"),
    Trigger::delete("customer.deleted", "/v1/customers/{id}"),
    Trigger::post("customer.source.created", "/v1/customers/{id}/sources", &[("source", "tok_visa")]),
    Trigger::rule("customer.discount.created", customer_discounts::give, GIVEN),
    Trigger::rule("customer.discount.updated", customer_discounts::give, GIVEN),
    Trigger::delete("customer.discount.deleted", "/v1/customers/{id}/discount"),
    Trigger::post(
        "customer.tax_id.created",
        "/v1/customers/{id}/tax_ids",
        &[("type", "eu_vat"), ("value", "DE123456789")],
    ),
    Trigger::post("customer_cash_balance_transaction.created", FUND, FUNDED),
    Trigger::post("cash_balance.funds_available", FUND, FUNDED),
    Trigger::post("payment_method.attached", "/v1/payment_methods/pm_card_visa/attach", &[("customer", "{id}")]),
];

/// The first version in which a customer's balance has its name.
const ACCOUNT_BALANCE: Gate = Gate::since("2019-10-17");

/// The first version in which subscriptions alone have coupons.
const BASIL: Gate = Gate::since("2025-03-31.basil");

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Customer::KIND,
    marks: &[
        Marked::refused(&["default_alipay_account"]).on(&["customers.create", "customers.update"]),
        Marked::acts(
            &["coupon", "promotion_code"],
            "customers::customer_discounts::a_coupon_gives_a_customer_a_discount_before_basil",
        )
        .on(&["customers.create", "customers.update"]),
        Marked::refused(&["alipay_account"]),
        Marked::describes(&["bank_account", "card", "source"], "tokens.create"),
        Marked::refused(ENCRYPTED),
        Marked::acts(&["tax.validate_location"], "customers::customer::a_place_that_shall_be_known_at_once_has_to_be"),
        Marked::acts(
            &["cash_balance.settings"],
            "payments::rails::transfers::a_customer_says_how_their_balance_is_reconciled",
        ),
        Marked::neutral(&["validate"], "a source is tried whenever it is attached"),
    ],
    fields: Customer::FIELDS,
    noun: "customer",
    id: IdForm::short("cus_"),
    path_param: "id",
    operations: &[
        ("customers.create", Behaviour::Write(rules::create)),
        ("customers.retrieve", Behaviour::Retrieve),
        ("customers.update", Behaviour::Write(rules::update)),
        ("customers.delete", Behaviour::Write(rules::delete)),
        ("customers.list", Behaviour::Read(rules::list)),
        ("customers.discount.retrieve", customer_discounts::RETRIEVE),
        ("customers.discount.delete", customer_discounts::DELETE),
        ("customers.sources.create", sources::CREATE),
        ("customers.sources.retrieve", sources::RETRIEVE),
        ("customers.sources.update", sources::UPDATE),
        ("customers.sources.delete", sources::DELETE),
        ("customers.sources.verify", sources::VERIFY),
        ("customers.sources.list", sources::LIST),
        ("customers.cards.create", sources::CREATE),
        ("customers.cards.retrieve", sources::RETRIEVE),
        ("customers.cards.update", sources::UPDATE),
        ("customers.cards.delete", sources::DELETE),
        ("customers.cards.list", sources::LIST),
        ("customers.bank_accounts.create", sources::CREATE),
        ("customers.bank_accounts.retrieve", sources::RETRIEVE),
        ("customers.bank_accounts.update", sources::UPDATE),
        ("customers.bank_accounts.delete", sources::DELETE),
        ("customers.bank_accounts.verify", sources::VERIFY),
        ("customers.bank_accounts.list", sources::LIST),
    ],
    filters: &[
        crate::filter!("email", Customer, |customer| customer.email.as_deref()),
        crate::filter!("test_clock", Customer, |customer| customer.rest.str("test_clock"), Some(TEST_CLOCK)),
    ],
    includes: &[
        Include {
            field: "sources",
            shown: Shown::Before(Gate::since("2020-08-27")),
            total_count: true,
            rows: customer_sources::rows,
            url: |customer| format!("/v1/customers/{customer}/sources"),
        },
        Include {
            field: "subscriptions",
            shown: Shown::Before(Gate::since("2020-08-27")),
            total_count: true,
            rows: live,
            url: |customer| format!("/v1/customers/{customer}/subscriptions"),
        },
        Include {
            field: "tax_ids",
            shown: Shown::Before(Gate::since("2020-08-27")),
            total_count: true,
            rows: |tx, customer| tx.records_having(crate::kind!("tax_id"), "customer", customer),
            url: |customer| format!("/v1/customers/{customer}/tax_ids"),
        },
    ],
    personal: &[Personal { operation: "customers.retrieve", customer: |_, call| Some(call.arg(0).into()) }],
    joins: &[
        Join { field: "cash_balance", doc: |tx, customer| Some(cash_balances::doc_of(tx, customer).into()) },
        Join {
            field: "invoice_credit_balance",
            doc: |tx, customer| Some(customer_balances::of_customer(tx, customer).into()),
        },
        Join { field: "tax", doc: |tx, customer| Some(tax::doc_of(tx, customer).into()) },
    ],
    expands: &[Expand::field("cash_balance"), Expand::field("invoice_credit_balance"), Expand::field("tax")],
    search: Some(&Searched {
        plural: "customers",
        fields: &[
            SearchField::number("created"),
            SearchField::text("email"),
            SearchField::text("name"),
            SearchField::text("phone"),
        ],
    }),
    changes: &[
        customer_discounts::OLDER,
        Change {
            since: Gate::since("2022-08-01"),
            older: Some(Rewrite::Alone(currency_was_a_default)),
            what: "customer.default_currency",
        },
        Change {
            since: Gate::since("2019-12-03"),
            older: Some(Rewrite::Alone(had_tax_info)),
            what: "customer.tax_info, customer.tax_info_verification",
        },
        Change {
            since: ACCOUNT_BALANCE,
            older: Some(Rewrite::Alone(balance_was_account_balance)),
            what: "customer.account_balance",
        },
        Change {
            since: Gate::since("2018-08-23"),
            older: Some(Rewrite::Alone(had_a_vat_id)),
            what: "customer.business_vat_id",
        },
        Change { since: Gate::since("2018-07-27"), older: None, what: "customer.email was not validated" },
        Change {
            since: Gate::since("2015-02-18"),
            older: None,
            what: "customer.cards, customer.default_card, customer.active_card",
        },
    ],
    older: &[
        had_account_balance("customers.create"),
        had_account_balance("customers.update"),
        had_discount("customers.create", "coupon"),
        had_discount("customers.create", "promotion_code"),
        had_discount("customers.update", "coupon"),
        had_discount("customers.update", "promotion_code"),
    ],
    undocumented: &[Undocumented { operation: "customers.create", name: "id" }],
    clocked: Some(Clocked {
        clock: |object| downcast::<Customer>(object)?.rest.str("test_clock"),
        limit: Some(ON_CLOCK),
    }),
    blank: Some(rules::defaults),
    import: crate::contract::import::<Customer>,
    imported: Some(rules::complete_import),
    reactions: rules::REACTIONS,
    events: Events {
        created: Some("customer.created"),
        updated: &["customer.updated"],
        deleted: Some("customer.deleted"),
        ..Events::NONE
    },
    named_by: &["customer"],
    triggers: TRIGGERS,
    ..Entry::PLAIN
};

/// The balance had another name as a parameter.
const fn had_account_balance(operation: &'static str) -> Older {
    Older { operation, until: ACCOUNT_BALANCE, name: "account_balance", newer: Newer::Name("balance") }
}

/// A customer got a discount by these parameters (billing 0.2).
const fn had_discount(operation: &'static str, name: &'static str) -> Older {
    Older { operation, until: BASIL, name, newer: Newer::Nothing }
}

fn currency_was_a_default(customer: &mut Map) {
    customer.set("default_currency", customer.get("currency").cloned().unwrap_or_default());
}

fn had_tax_info(customer: &mut Map) {
    for name in ["tax_info", "tax_info_verification"] {
        customer.set(name, Doc::Null);
    }
}

/// Both names are shown (shapes 2.4).
fn balance_was_account_balance(customer: &mut Map) {
    customer.set("account_balance", customer.get("balance").cloned().unwrap_or_default());
}

fn had_a_vat_id(customer: &mut Map) {
    customer.set("business_vat_id", Doc::Null);
}
