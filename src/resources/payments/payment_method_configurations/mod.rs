//! Payment method configurations: which types automatic payment methods offer (intents-and-checkout 1.16).
//!
//! May use: accounts, the catalogue's fields. Invariant: every account has a default configuration, stored or not; what a
//! configuration offers follows from its preferences, those of its parent and the account, whenever it is read.

mod offer;
mod rules;

use std::sync::Arc;

use crate::contract::{Behaviour, Entry, Fill, In, Marked, missing};
use crate::error::{ApiError, Result};
use crate::issuers;
use crate::object::{body, template};
use crate::resources::connect::accounts;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource, downcast};
use crate::state::{AccountKey, Id, Kind, Tx};

pub(in crate::resources) use self::offer::{Wanted, offered, takes};

crate::resource! {
    /// A payment method configuration.
    PaymentMethodConfiguration = "payment_method_configuration" {
        /// Whether it can be used.
        active: bool,
        /// Whether it is used where no configuration is named.
        is_default: bool,
        /// The platform's configuration whose preferences it has where it has none; null for none.
        parent: Option<Id>,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
    }
}

/// The kind, for references.
pub(in crate::resources) const KIND: Kind = PaymentMethodConfiguration::KIND;

impl PaymentMethodConfiguration {
    /// The form in which intents and sessions show which configuration chose their types (shapes 2.1).
    pub(in crate::resources) fn details(&self) -> Map {
        let parent = self.parent.as_ref().map(ToString::to_string);
        Map::from([("id", Doc::from(self.id.to_string())), ("parent", parent.into())])
    }
}

/// The configuration that a request names, or else the account's default one.
///
/// # Errors
/// There is no such configuration, or it is not active.
pub(in crate::resources) fn chosen(tx: &Tx, params: &Map) -> Result<Arc<PaymentMethodConfiguration>> {
    named(tx, params).map(|named| named.unwrap_or_else(|| default(tx)))
}

/// The configuration that a request names, if it names one.
///
/// # Errors
/// As [`chosen`].
pub(in crate::resources) fn named(tx: &Tx, params: &Map) -> Result<Option<Arc<PaymentMethodConfiguration>>> {
    let Some(id) = params.str(KIND.name()) else { return Ok(None) };
    let named = find(tx, id).ok_or_else(|| missing(KIND, id, In::Param(KIND.name())))?;
    check_use(&*named, KIND.name())?;
    Ok(Some(named))
}

/// The configuration with this id in the current account.
pub(in crate::resources) fn find(tx: &Tx, id: &str) -> Option<Arc<PaymentMethodConfiguration>> {
    tx.get(id).or_else(|| (id == default_id(&tx.account_id())).then(|| Arc::new(untouched(tx))))
}

/// The default configuration of the current account.
pub(in crate::resources) fn default(tx: &Tx) -> Arc<PaymentMethodConfiguration> {
    tx.get(&default_id(&tx.account_id())).unwrap_or_else(|| Arc::new(untouched(tx)))
}

/// The id of an account's default configuration: always the same for the same account.
fn default_id(account: &str) -> String {
    let spelt = |part: &str| issuers::fingerprint(part, account);
    format!("pmc_1{}{}", spelt("payment methods"), &spelt("configuration")[..7])
}

/// The default configuration as it is before anybody changes it; its parent is the platform's.
fn untouched(tx: &Tx) -> PaymentMethodConfiguration {
    let is_connected = tx.account() != AccountKey::PLATFORM;
    let platform = || tx.read_within(AccountKey::PLATFORM, |tx| default_id(&tx.account_id()).into());
    let rest = template::template(KIND).with("livemode", false).with("name", "Default");
    let mut made = PaymentMethodConfiguration {
        id: default_id(&tx.account_id()).into(),
        active: true,
        is_default: true,
        parent: is_connected.then(platform),
        created: 0,
        rest,
    };
    made.rest.set("application", application(tx, &made));
    made
}

/// The application to which a child configuration of a connected account belongs: the platform.
fn application(tx: &Tx, configuration: &PaymentMethodConfiguration) -> Option<String> {
    let is_of_platform = tx.account() == AccountKey::PLATFORM || configuration.parent.is_none();
    let platform = tx.state().account_id(AccountKey::PLATFORM).filter(|_| !is_of_platform)?;
    Some(accounts::application_id(platform))
}

/// Refuses a configuration that is not active.
fn check_use(object: &dyn Object, param: &str) -> Result<()> {
    let inactive = downcast::<PaymentMethodConfiguration>(object).filter(|configuration| !configuration.active);
    inactive.map_or(Ok(()), |configuration| Err(ApiError::method_configuration_inactive(&configuration.id, param)))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: &[Marked::neutral(
        &["apple_pay_later", "fr_meal_voucher_conecs"],
        "no configuration shows these types, and no payment is made with them",
    )],
    fields: PaymentMethodConfiguration::FIELDS,
    noun: "payment_method_configuration",
    id: IdForm::of("pmc_"),
    path_param: "configuration",
    operations: &[
        ("payment_method_configurations.create", Behaviour::Write(rules::create)),
        ("payment_method_configurations.retrieve", Behaviour::Read(rules::retrieve)),
        ("payment_method_configurations.update", Behaviour::Write(rules::update)),
        ("payment_method_configurations.list", Behaviour::Read(rules::list)),
    ],
    is_known: Some(|tx, id| find(tx, id).is_some()),
    references: &[("parent", &[])],
    defaults: &[("active", Fill::Flag(true)), ("is_default", Fill::Flag(false)), ("name", Fill::Text("Default"))],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<PaymentMethodConfiguration>,
    check_use: Some(check_use),
    named_by: &["payment_method_configuration"],
    ..Entry::PLAIN
};
