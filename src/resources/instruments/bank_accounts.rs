//! Bank accounts: sources of customers (core-payments 5.3), and accounts for payouts (billing 6.2).
//!
//! May use: the bank test data. Invariant: a stored bank account belongs to a customer or to an account.

use crate::contract::{Entry, Events, Trigger};
use crate::error::Result;
use crate::issuers::{self, PayoutOutcome};
use crate::object::metadata;
use crate::state::Id;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource};

crate::values! {
    /// Whether a bank account may be debited (core-payments 5.3.18).
    pub enum BankAccountStatus {
        New = "new",
        /// Its numbers lead to an account.
        Validated = "validated",
        /// The amounts of its test deposits were confirmed.
        Verified = "verified",
        VerificationFailed = "verification_failed",
        TokenizedAccountNumberDeactivated = "tokenized_account_number_deactivated",
        /// A payout to it failed.
        Errored = "errored",
    }
}

crate::resource! {
    /// A bank account of a customer or of an account.
    BankAccount = "bank_account" {
        /// The account that is paid out to it, if any.
        account: Absent<Id>,
        /// Its customer; absent on a token's bank account.
        customer: Absent<Id>,
        /// Whether it may be debited.
        status: BankAccountStatus,
        /// The user's own keys and values.
        metadata: Map,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
        /// The whole account number; `None` from a dump of the real API.
        account_number: Option<String>,
    }
}

/// The parameters of an update besides metadata (core-payments 5.3.11).
pub const CHANGEABLE: &[&str] = &["account_holder_name", "account_holder_type", "account_type"];

impl BankAccount {
    /// What becomes of a payout to it (core-payments 7.6).
    pub fn payout_outcome(&self) -> PayoutOutcome {
        self.account_number.as_deref().map_or(PayoutOutcome::Paid, issuers::payout_outcome)
    }

    /// This bank account after an update with [`CHANGEABLE`] parameters and metadata.
    ///
    /// # Errors
    /// Refused metadata.
    pub fn changed(&self, params: &Map) -> Result<BankAccount> {
        let mut changed = self.clone();
        changed.metadata = metadata::merge(&self.metadata, params.get("metadata"))?;
        for key in CHANGEABLE {
            if let Some(value) = params.get(key) {
                changed.rest.set(*key, value.clone());
            }
        }
        Ok(changed)
    }
}

/// How events are made to happen; of several ways for one the first that works is taken.
const TRIGGERS: &[Trigger] = &[
    Trigger::update("customer.source.updated", "/v1/customers/{customer}/sources/{id}"),
    Trigger::delete("customer.source.deleted", "/v1/customers/{customer}/sources/{id}"),
    Trigger::update("account.external_account.updated", "/v1/accounts/{account}/external_accounts/{id}"),
    Trigger::delete("account.external_account.deleted", "/v1/accounts/{account}/external_accounts/{id}"),
];

/// The registry's entry; its operations are those of external accounts and of a customer's sources.
pub static ENTRY: Entry = Entry {
    kind: BankAccount::KIND,
    fields: BankAccount::FIELDS,
    noun: "source",
    id: IdForm::of("ba_"),
    path_param: "id",
    filters: &[
        crate::filter!("customer", BankAccount, |bank| bank.customer.0.as_deref(), Some(crate::kind!("customer"))),
        crate::filter!("account", BankAccount, |bank| bank.account.0.as_deref()),
    ],
    import: crate::contract::import::<BankAccount>,
    events: Events {
        created: Some("customer.source.created"),
        updated: &["customer.source.updated"],
        deleted: Some("customer.source.deleted"),
        instead: Some(|object| {
            let bank = crate::state::object::downcast::<BankAccount>(object)?;
            bank.account.0.is_some().then_some(&EXTERNAL)
        }),
        ..Events::NONE
    },
    named_by: &["default_source"],
    triggers: TRIGGERS,
    ..Entry::PLAIN
};

/// The events of an account's external accounts (billing 7.6).
pub(super) static EXTERNAL: Events = Events {
    created: Some("account.external_account.created"),
    updated: &["account.external_account.updated"],
    deleted: Some("account.external_account.deleted"),
    ..Events::NONE
};
