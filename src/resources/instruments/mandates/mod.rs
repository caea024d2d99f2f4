//! Mandates: a customer's consent to be debited (intents-and-checkout 2.5).
//!
//! May use: payment methods, the bank test data. Invariant: a mandate is created by a confirmed intent alone, and an
//! inactive one stays inactive.

mod create;

pub use self::create::{MandateTerms, create};

use std::sync::Arc;

use crate::contract::{Behaviour, Ctx, Entry, Events, Trigger};
use crate::error::Result;
use crate::issuers::BankOutcome;
use crate::object::template;
use crate::resources::instruments::payment_methods::PaymentMethod;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Id, Tx};

crate::values! {
    /// Whether a mandate may be used (intents-and-checkout 2.5).
    pub enum MandateStatus {
        Active = "active",
        /// It was refused or revoked; it stays so.
        Inactive = "inactive",
        /// The customer's bank answers later.
        Pending = "pending",
    }
}

crate::values! {
    /// How often a mandate may be used (intents-and-checkout 2.5).
    pub enum MandateKind {
        MultiUse = "multi_use",
        SingleUse = "single_use",
    }
}

crate::resource! {
    /// A mandate.
    Mandate = "mandate" {
        /// The payment method to debit.
        payment_method: Id,
        /// Whether it may be used.
        status: MandateStatus,
        /// How often it may be used.
        kind as "type": MandateKind,
    }
    hidden {
        /// Unix seconds.
        created: i64,
    }
}

/// Whether a payment method of a type is set up only with the customer's consent to debits (intents-and-checkout 2.5).
pub fn are_needed_to_set_up(kind: &str) -> bool {
    const TYPES: [&str; 9] = [
        "acss_debit",
        "au_becs_debit",
        "bacs_debit",
        "bancontact",
        "ideal",
        "nz_bank_account",
        "sepa_debit",
        "sofort",
        "us_bank_account",
    ];
    TYPES.contains(&kind)
}

/// The mandate for any number of debits of a payment method; the newest of several.
pub fn active(tx: &Tx, method: &str) -> Option<Id> {
    let mandates = tx.having::<Mandate>("payment_method", method);
    let mut usable = mandates
        .iter()
        .filter(|mandate| mandate.kind == MandateKind::MultiUse && mandate.status != MandateStatus::Inactive);
    usable.next().map(|mandate| Id::clone(&mandate.id))
}

/// The mandate for a debit of a payment method now, also for a single one; the newest of several.
pub fn latest(tx: &Tx, method: &str) -> Option<Id> {
    let mandates = tx.having::<Mandate>("payment_method", method);
    let mut usable = mandates.iter().filter(|mandate| mandate.status != MandateStatus::Inactive);
    usable.next().map(|mandate| Id::clone(&mandate.id))
}

/// The bank of a Bacs debit accepts the mandate, or refuses it (core-payments 7.6).
fn answer(tx: &mut Tx, _: &Ctx<'_>, mandate: &Arc<Mandate>) -> Result<()> {
    let bank = tx.get::<PaymentMethod>(&mandate.payment_method).and_then(|method| method.test_bank());
    let refused = bank.is_some_and(|bank| bank.outcome == BankOutcome::RefuseMandate);
    let (status, network_status) =
        if refused { (MandateStatus::Inactive, "refused") } else { (MandateStatus::Active, "accepted") };
    tx.update::<Mandate>(&mandate.id, |mandate| {
        mandate.status = status;
        let network = Map::from([("bacs_debit", Map::from([("network_status", Doc::from(network_status))]))]);
        mandate.rest.merge(&Map::from([("payment_method_details", network)]));
    });
    Ok(())
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: Mandate::KIND,
    fields: Mandate::FIELDS,
    noun: "mandate",
    id: IdForm::of("mandate_"),
    path_param: "mandate",
    operations: &[("mandates.retrieve", Behaviour::Retrieve)],
    filters: &[crate::filter!("payment_method", Mandate, |mandate| Some(mandate.payment_method.as_ref()))],
    blank: Some(|_| template::template(Mandate::KIND)),
    import: crate::contract::import::<Mandate>,
    // A moment after it was made.
    dues: &[crate::due!(
        Mandate,
        "answer",
        |mandate| (mandate.status == MandateStatus::Pending).then_some(mandate.created),
        answer
    )],
    events: Events { updated: &["mandate.updated"], ..Events::NONE },
    triggers: &[Trigger::due("mandate.updated")],
    ..Entry::PLAIN
};
