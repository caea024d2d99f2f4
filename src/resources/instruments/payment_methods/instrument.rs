//! Something that can be charged: a payment method, or one of the legacy sources.
//!
//! May use: the resources that it joins. Invariant: it is a value; an instrument alone changes nothing.

use std::sync::{Arc, LazyLock};

use super::PaymentMethod;
use crate::resources::instruments::bank_accounts::BankAccount;
use crate::resources::instruments::card_details::{CardDetails, HOLDER_KEYS, LEGACY_ADDRESS};
use crate::resources::instruments::cards::Card;
use crate::resources::instruments::sources::Source;
use crate::state::document::{Doc, Map};
use crate::state::object::Object;
use crate::state::{Id, Ref};

/// The billing details of a card without a holder, shared by all its charges.
static NOBODY: LazyLock<Map> = LazyLock::new(|| {
    let address = ["city", "country", "line1", "line2", "postal_code", "state"].map(|key| (key, Doc::Null));
    let nulls = ["email", "name", "phone", "tax_id"].map(|key| (key, Doc::Null));
    Map::from(nulls).with("address", Map::from(address).into_base()).into_base()
});

/// Empty billing details.
pub fn nobody() -> Map {
    NOBODY.clone()
}

/// Something to charge.
#[derive(Clone, Debug)]
pub enum Instrument {
    /// A `pm_…`.
    PaymentMethod(Arc<PaymentMethod>),
    /// A legacy `card_…`; one that was created for a single charge has no customer.
    Card(Arc<Card>),
    /// A legacy `ba_…`.
    BankAccount(Arc<BankAccount>),
    /// A `src_…`.
    Source(Arc<Source>),
}

impl Instrument {
    fn object(&self) -> &dyn Object {
        match self {
            Instrument::PaymentMethod(object) => &**object,
            Instrument::Card(object) => &**object,
            Instrument::BankAccount(object) => &**object,
            Instrument::Source(object) => &**object,
        }
    }

    /// Its id.
    pub fn id(&self) -> &Id {
        self.object().id()
    }

    /// The stored object.
    pub fn reference(&self) -> Ref {
        Ref { kind: self.object().kind(), id: self.id().clone() }
    }

    /// Its customer, if it has one.
    pub fn customer(&self) -> Option<&Id> {
        match self {
            Instrument::PaymentMethod(object) => object.customer.as_ref(),
            Instrument::Card(object) => object.customer.as_ref(),
            Instrument::BankAccount(object) => object.customer.0.as_ref(),
            Instrument::Source(object) => object.customer.0.as_ref(),
        }
    }

    /// The card behind it, if it is one.
    pub fn card(&self) -> Option<&CardDetails> {
        match self {
            Instrument::PaymentMethod(object) => object.card.0.as_ref(),
            Instrument::Card(object) => Some(&object.details),
            Instrument::BankAccount(_) => None,
            Instrument::Source(object) => object.card_details.as_ref(),
        }
    }

    /// The whole account number or IBAN of a bank debit, if it is known.
    pub fn account_number(&self) -> Option<&str> {
        match self {
            Instrument::PaymentMethod(object) => object.account_number.as_deref(),
            Instrument::BankAccount(object) => object.account_number.as_deref(),
            Instrument::Source(object) => object.account_number.as_deref(),
            Instrument::Card(_) => None,
        }
    }

    /// The `type` of the charge's `payment_method_details`.
    pub fn kind(&self) -> &str {
        match self {
            Instrument::PaymentMethod(object) => &object.kind,
            Instrument::Card(_) => "card",
            Instrument::BankAccount(_) => "ach_debit",
            Instrument::Source(object) => &object.kind,
        }
    }

    /// `charge.source`: the legacy object at that time, null for a payment method.
    pub fn snapshot(&self) -> Doc {
        match self {
            Instrument::PaymentMethod(_) => Doc::Null,
            _ => self.object().to_doc().into(),
        }
    }

    /// `charge.billing_details`: those of the payment method, or the holder's data of the legacy object.
    pub fn billing_details(&self) -> Map {
        if let Instrument::PaymentMethod(object) = self {
            return object.rest.map("billing_details").cloned().unwrap_or_default();
        }
        if let Instrument::Card(card) = self
            && HOLDER_KEYS.iter().all(|key| card.rest.present(key).is_none())
        {
            return NOBODY.clone();
        }
        let doc = self.object().to_doc();
        let owner = doc.map("owner").cloned();
        let text = |key: &str| owner.as_ref().and_then(|owner| owner.get(key)).or(doc.get(key)).cloned();
        let mut address = owner.as_ref().and_then(|owner| owner.map("address")).cloned().unwrap_or_default();
        for (shown, legacy) in LEGACY_ADDRESS {
            if !address.has(shown) {
                address.set(shown, doc.get(legacy).cloned().unwrap_or_default());
            }
        }
        let name = text("name").or_else(|| text("account_holder_name"));
        Map::from([
            ("address", Doc::from(address)),
            ("email", text("email").unwrap_or_default()),
            ("name", name.unwrap_or_default()),
            ("phone", text("phone").unwrap_or_default()),
            ("tax_id", Doc::Null),
        ])
    }
}
