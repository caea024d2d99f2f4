//! What a configuration offers (intents-and-checkout 1.16).
//!
//! May use: the rails, the account. Invariant: a type that is turned off is never offered and never taken.

use std::sync::Arc;

use super::{KIND, PaymentMethodConfiguration, find};
use crate::catalogue::Type;
use crate::error::{ApiError, Result};
use crate::resources::connect::directory;
use crate::resources::payments::rails;
use crate::state::document::{Doc, Map};
use crate::state::{AccountKey, Tx};

crate::values! {
    /// What an account wants of a type.
    pub(super) enum Preference {
        /// It is offered.
        On = "on",
        /// It is neither offered nor taken.
        Off = "off",
        /// What the parent says, or else the default of the type.
        None = "none",
    }
}

/// The types that are offered where nobody has a preference: cards with their wallets, and Link.
const ON_BY_DEFAULT: &[&str] = &["apple_pay", "card", "google_pay", "link"];

const PREFERENCE: &str = "display_preference";

/// What an intent or a session wants of the types that it offers.
pub(in crate::resources) struct Wanted<'a> {
    /// Its name in the error that no type is left.
    pub noun: &'static str,
    /// The types that it does without.
    pub excluded: &'a [Doc],
    /// Whether a type fits it: its currency, when it is captured, whether it can be saved.
    pub fits: &'a dyn Fn(&str) -> bool,
}

/// The types that a configuration offers, in the order of their names.
///
/// # Errors
/// No type is left to offer.
pub(in crate::resources) fn offered(
    tx: &Tx,
    configuration: &PaymentMethodConfiguration,
    wanted: &Wanted<'_>,
) -> Result<Vec<Doc>> {
    let is_wanted =
        |kind: &str| !wanted.excluded.iter().any(|excluded| excluded.as_str() == Some(kind)) && (wanted.fits)(kind);
    // Wallets and networks of cards are no types of their own.
    let pays = |kind: &str| kind == "card" || rails::of(kind).is_some();
    let types: Vec<Doc> = methods()
        .filter(|kind| pays(kind) && is_wanted(kind) && is_available(tx, configuration, kind))
        .map(Doc::from)
        .collect();
    if types.is_empty() { Err(ApiError::no_payment_method_types(wanted.noun)) } else { Ok(types) }
}

/// Whether a type may pay where a configuration chooses: nobody turned it off.
pub(in crate::resources) fn takes(tx: &Tx, configuration: &PaymentMethodConfiguration, kind: &str) -> bool {
    resolved(tx, configuration, kind) != Preference::Off
}

/// Sets what follows from the preferences: `available`, and the `display_preference` of every type.
pub(super) fn complete(tx: &Tx, configuration: &mut PaymentMethodConfiguration) {
    for kind in methods() {
        let value = if is_on(tx, configuration, kind) { "on" } else { "off" };
        let shown = Map::from([
            ("overridable", Doc::from(configuration.parent.as_ref().map(|_| is_overridable(configuration, kind)))),
            ("preference", Doc::from(preference(configuration, kind).as_str())),
            ("value", Doc::from(value)),
        ]);
        let method = Map::from([
            ("available", Doc::from(is_available(tx, configuration, kind))),
            (PREFERENCE, Doc::from(shown)),
        ]);
        configuration.rest.set(kind, method);
    }
}

/// The names of the types that a configuration has preferences for.
fn methods() -> impl Iterator<Item = &'static str> {
    let fields = KIND.object().map_or(&[][..], |object| object.fields);
    fields.iter().filter(|field| matches!(field.kind, Type::Object(_))).map(|field| field.name)
}

fn stored<'c>(configuration: &'c PaymentMethodConfiguration, kind: &str) -> Option<&'c Map> {
    configuration.rest.map(kind)?.map(PREFERENCE)
}

fn preference(configuration: &PaymentMethodConfiguration, kind: &str) -> Preference {
    let own = stored(configuration, kind).and_then(|shown| shown.str("preference"));
    own.and_then(Preference::parse).unwrap_or(Preference::None)
}

/// Whether an account's own preference counts beside that of the parent.
fn is_overridable(configuration: &PaymentMethodConfiguration, kind: &str) -> bool {
    stored(configuration, kind).and_then(|shown| shown.bool("overridable")) != Some(false)
}

/// The preference of a configuration, or that of its parent. A parent has no parent.
fn resolved(tx: &Tx, configuration: &PaymentMethodConfiguration, kind: &str) -> Preference {
    let own = preference(configuration, kind);
    match parent(tx, configuration) {
        Some(parent) if own == Preference::None || !is_overridable(configuration, kind) => preference(&parent, kind),
        _ => own,
    }
}

fn parent(tx: &Tx, configuration: &PaymentMethodConfiguration) -> Option<Arc<PaymentMethodConfiguration>> {
    let id = configuration.parent.as_ref()?;
    tx.read_within(AccountKey::PLATFORM, |tx| find(tx, id))
}

fn is_on(tx: &Tx, configuration: &PaymentMethodConfiguration, kind: &str) -> bool {
    match resolved(tx, configuration, kind) {
        Preference::On => true,
        Preference::Off => false,
        Preference::None => ON_BY_DEFAULT.contains(&kind),
    }
}

fn is_available(tx: &Tx, configuration: &PaymentMethodConfiguration, kind: &str) -> bool {
    is_on(tx, configuration, kind) && can_use(tx, kind)
}

/// Whether the current account can use a type: a capability that it asked for is active. Charges ask for none, so cards
/// can always be used.
fn can_use(tx: &Tx, kind: &str) -> bool {
    if tx.account() == AccountKey::PLATFORM || kind == "card" {
        return true;
    }
    let id = tx.account_id();
    let status = tx.read_within(AccountKey::PLATFORM, |tx| {
        let account = tx.record(directory::KIND, &id)?.object.to_doc();
        account.map("capabilities")?.str(capability(kind).as_ref()).map(str::to_owned)
    });
    status.is_none_or(|status| status == "active")
}

/// The name of a type's capability.
fn capability(kind: &str) -> String {
    match kind {
        "customer_balance" => "bank_transfer_payments".to_owned(),
        "us_bank_account" => "us_bank_account_ach_payments".to_owned(),
        "nz_bank_account" => "nz_bank_account_becs_debit_payments".to_owned(),
        kind => format!("{kind}_payments"),
    }
}
