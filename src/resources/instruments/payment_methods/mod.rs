//! Payment methods (core-payments 4).
//!
//! May use: card details, tokens, the test cards and banks, customers and their sources. Invariant: a payment method
//! that was used without a customer or was detached is `consumed`, and is never attached or used again.

mod clone;
mod create;
mod flow;
mod instrument;
mod linked;
mod lists;
mod reuse;
mod shape;
mod types;

pub use create::{chosen, create_from, obtain};
pub use flow::{attach, complete_billing, enter_cvc, release, set_up};
pub use instrument::{Instrument, nobody};
pub use reuse::{check_use, checked, release_all, used};
pub use types::{distinct, distinct_types, is_reusable, is_type};

use crate::contract::{Behaviour, Call, Entry, Events, Fill, Marked, Personal, Public, Trigger, Turn, View, Visible};
use crate::issuers::{self, TestBank};
use crate::resources::instruments::card_details::CardDetails;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Object, Resource};
use crate::state::{Id, Tx};

crate::values! {
    /// What a payment method is saved for (`setup_future_usage`, intents-and-checkout 1.6).
    pub enum FutureUsage {
        /// Payments that the customer is there for.
        OnSession = "on_session",
        /// Payments that the customer is not there for, too.
        OffSession = "off_session",
    }
}

crate::resource! {
    /// A payment method.
    PaymentMethod = "payment_method" {
        /// Unix seconds.
        created: i64,
        /// `card`, `us_bank_account`, …
        kind as "type": String,
        /// The customer; null if it is not attached.
        customer: Option<Id>,
        /// The card of a card payment method.
        card: Absent<CardDetails>,
        /// The user's own keys and values.
        metadata: Map,
    }
    hidden {
        /// Whether it was used without a customer, or detached.
        consumed: bool,
        /// Whether it is set up for off-session payments.
        set_up: bool,
        /// The whole account number or IBAN of a bank debit; `None` from a dump, which contains only the last four.
        account_number: Option<String>,
        /// Whether the bank account is verified.
        verified: bool,
    }
}

impl PaymentMethod {
    /// The test account of a bank debit, which decides its outcome; `None` for an ordinary account.
    pub fn test_bank(&self) -> Option<&'static TestBank> {
        issuers::bank_of(&self.kind, self.account_number.as_deref()?)
    }
}

/// Whether a customer has a payment method attached.
pub fn customer_has_any(tx: &Tx, customer: &str) -> bool {
    !tx.records_having(PaymentMethod::KIND, "customer", customer).is_empty()
}

/// The events of a payment method; without a customer there are none (core-payments 10.2.17 to 10.2.20).
const TURNS: &[Turn] = &[
    crate::becomes!(PaymentMethod, ["payment_method.attached"], |method| method.customer.is_some()),
    crate::turn!(PaymentMethod, ["payment_method.detached"], |before, after| {
        before.is_some_and(|before| before.customer.is_some()) && after.customer.is_none()
    }),
    crate::turn!(PaymentMethod, ["payment_method.updated"], |before, after| {
        after.customer.is_some() && before.is_some_and(|before| !after.shows_as(before))
    }),
];

/// The customer of a call.
fn named(_: &Tx, call: &Call<'_>) -> Option<Id> {
    call.params.str("customer").map(Id::from)
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: PaymentMethod::KIND,
    marks: &[
        Marked::describes(&["naver_pay", "payto", "us_bank_account"], "payment_methods.create")
            .on(&["payment_methods.update"]),
        Marked::refused(&["customer_account"]).on(&["payment_methods.attach", "payment_methods.list"]),
        Marked::acts(&["customer", "payment_method"], "connect::cloning::a_payment_method_is_shared_with_an_account")
            .on(&["payment_methods.create"]),
        Marked::refused(&["upi.mandate_options"]),
        Marked::neutral(&["nz_bank_account.reference"], "only the statement of the customer's bank shows it"),
    ],
    fields: PaymentMethod::FIELDS,
    noun: "PaymentMethod",
    id: IdForm::of("pm_"),
    path_param: "payment_method",
    operations: &[
        ("payment_methods.create", Behaviour::Write(create::create)),
        ("payment_methods.retrieve", Behaviour::RetrieveOr(create::retrieve_test_id)),
        ("payment_methods.update", Behaviour::Write(flow::update)),
        ("payment_methods.attach", Behaviour::Write(flow::attach_call)),
        ("payment_methods.detach", Behaviour::Write(flow::detach)),
        ("payment_methods.list", Behaviour::Read(lists::list)),
        ("customers.payment_methods.list", Behaviour::Read(lists::list_of_customer)),
        ("customers.payment_methods.retrieve", Behaviour::Read(lists::retrieve_of_customer)),
    ],
    filters: &[crate::filter!(
        "customer",
        PaymentMethod,
        |method| method.customer.as_deref(),
        Some(crate::kind!("customer"))
    )],
    views: &[
        View { from: crate::kind!("card"), doc: shape::of_legacy },
        View { from: crate::kind!("bank_account"), doc: shape::of_legacy },
        View { from: crate::kind!("source"), doc: shape::of_legacy },
    ],
    public: &[Public {
        operation: "payment_methods.create",
        needs_secret: false,
        params: &[],
        visible: Visible::Without(&["metadata", "*.fingerprint"]),
    }],
    personal: &[
        Personal { operation: "payment_methods.list", customer: named },
        Personal { operation: "payment_methods.attach", customer: named },
        Personal { operation: "customers.payment_methods.list", customer: |_, call| Some(call.arg(0).into()) },
        Personal {
            operation: "payment_methods.detach",
            customer: |tx, call| tx.get::<PaymentMethod>(call.arg(0)).and_then(|method| method.customer.clone()),
        },
    ],
    defaults: &[("allow_redisplay", Fill::Text("unspecified"))],
    unlisted: &[("shared_payment_granted_token", Fill::Null)],
    import: crate::contract::import::<PaymentMethod>,
    imported: Some(shape::complete_imported),
    events: Events { turns: TURNS, show_before: &["payment_method.detached"], ..Events::NONE },
    named_by: &["default_payment_method", "payment_method"],
    // Test payment methods are created when they are used.
    is_known: Some(|_, id| id.starts_with("pm_card_")),
    triggers: &[
        Trigger::update("payment_method.updated", "/v1/payment_methods/{id}"),
        Trigger::post("payment_method.detached", "/v1/payment_methods/{id}/detach", &[]),
    ],
    ..Entry::PLAIN
};
