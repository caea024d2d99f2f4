//! Legacy cards: sources of customers (core-payments 5.3), and debit cards for payouts (connect-accounts 5).
//!
//! May use: the card details. Invariant: a stored card belongs to a customer, who is charged with it, or to an account, which is
//! paid out to it.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use crate::contract::{Ctx, Entry, Events, Trigger};
use crate::error::Result;
use crate::issuers::Check;
use crate::object::metadata;
use crate::resources::instruments::bank_accounts::EXTERNAL;
use crate::resources::instruments::card_details::{CardDetails, HOLDER_KEYS};
use crate::state::document::{Doc, Map, Text};
use crate::state::ids::IdForm;
use crate::state::object::{FieldError, FieldValue, Object, Resource, TypedField, downcast};
use crate::state::{Id, Kind};

/// What customers' and charges' cards have and those of tokens and of accounts do not (shapes 2.2).
const REDISPLAY: &str = "allow_redisplay";

/// What the cards of accounts do not have (connect-accounts 5).
const NOT_EXTERNAL: [&str; 2] = ["email", "phone"];

/// The parameters of an update besides metadata (core-payments 5.3.11).
pub const CHANGEABLE: &[&str] = &[
    "address_city",
    "address_country",
    "address_line1",
    "address_line2",
    "address_state",
    "address_zip",
    "exp_month",
    "exp_year",
    "name",
];

/// A card of a customer.
#[derive(Clone, Debug)]
pub struct Card {
    /// `card_…`.
    pub id: Id,
    /// Unix seconds; the API does not show it.
    pub created: i64,
    /// The account that is paid out to it; `None` for a card that pays.
    pub account: Option<Id>,
    /// Its customer; `None` for a card of a single charge, and of an account.
    pub customer: Option<Id>,
    /// The card itself.
    pub details: CardDetails,
    /// The user's own keys and values.
    pub metadata: Map,
    /// The holder's `name` and `address_*`; of an account's card also its currency, its methods and its status.
    pub rest: Map,
    /// The card as it is shown, after the first time: every charge of it stores this copy, shared.
    pub shown: ShownCard,
}

/// The shown form of a card; a clone of the card, which is about to change, begins without it.
#[derive(Debug, Default)]
pub struct ShownCard(OnceLock<Map>);

impl Clone for ShownCard {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Object for Card {
    fn kind(&self) -> Kind {
        Self::KIND
    }
    fn id(&self) -> &Id {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn to_doc(&self) -> Map {
        self.shown.0.get_or_init(|| self.show()).clone()
    }
    fn document_mut(&mut self) -> Option<&mut Map> {
        Some(&mut self.rest)
    }
    fn weight(&self) -> usize {
        size_of::<Self>() + self.rest.weight()
    }
    fn hidden_doc(&self) -> Map {
        Map::from([("created", self.created)])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl Card {
    fn show(&self) -> Map {
        let mut entries = self.rest.clone().into_entries();
        entries.extend(self.details.legacy_entries().into_entries());
        entries.push(("id".into(), Doc::from(self.id.to_string())));
        entries.push(("object".into(), "card".into()));
        entries.push(("metadata".into(), self.metadata.clone().into()));
        if let Some(customer) = &self.customer {
            entries.push(("customer".into(), Doc::from(customer.to_string())));
        }
        if let Some(account) = &self.account {
            entries.retain(|(key, _)| !NOT_EXTERNAL.contains(&&**key));
            entries.push(("account".into(), Doc::from(account.to_string())));
        } else {
            entries.push((REDISPLAY.into(), "unspecified".into()));
        }
        Map::from_entries(entries)
    }

    /// A card of nobody, without a holder.
    pub fn new(id: Id, created: i64, details: CardDetails) -> Self {
        Card {
            id,
            created,
            account: None,
            customer: None,
            details,
            metadata: Map::new(),
            rest: Map::new(),
            shown: ShownCard::default(),
        }
    }

    /// This card after an update with [`CHANGEABLE`] parameters and metadata.
    ///
    /// # Errors
    /// An expiry that is no date or in the past, or refused metadata.
    pub fn changed(&self, ctx: &Ctx<'_>, params: &Map) -> Result<Card> {
        let mut changed = self.clone();
        let whole =
            |key: &str| params.str(key).map(|text| text.trim().parse::<i64>().unwrap_or(-1)).or(params.int(key));
        changed.details.change_expiry(ctx, whole("exp_month"), whole("exp_year"))?;
        changed.metadata = metadata::merge(&self.metadata, params.get("metadata"))?;
        for key in HOLDER_KEYS {
            let value = params.get(key).or(self.rest.get(key)).cloned();
            changed.rest.set(key, value.unwrap_or_default());
        }
        changed.check_address(params);
        Ok(changed)
    }

    /// A part of the address that can be checked is checked when it is sent (core-payments 4.1.1).
    fn check_address(&mut self, params: &Map) {
        let details = &mut self.details;
        for (key, check) in [("address_line1", &mut details.line1_check), ("address_zip", &mut details.postal_check)] {
            if let Some(value) = params.get(key) {
                *check = (!value.is_null()).then_some(Check::Unchecked);
            }
        }
        details.make_checks();
    }
}

impl Resource for Card {
    const KIND: Kind = crate::kind!("card");
    const FIELDS: &'static [TypedField] = &[
        TypedField::of::<Id>("id"),
        TypedField::of::<Text>("object"),
        TypedField::of::<Option<Id>>("account"),
        TypedField::of::<Option<Id>>("customer"),
        TypedField::of::<Map>("metadata"),
    ];

    fn from_docs(mut visible: Map, hidden: Map, created: i64) -> std::result::Result<Self, FieldError> {
        let expected = |field, expected| move |()| FieldError { field, expected };
        let details =
            CardDetails::from_hash(&visible).ok_or(()).map_err(expected("card", "brand, last4 and expiry"))?;
        for (key, _) in details.legacy_entries().iter() {
            let _ = visible.remove(key);
        }
        let field = |field| move |expected| FieldError { field, expected };
        let _ = (visible.remove("object"), visible.remove(REDISPLAY));
        Ok(Card {
            id: FieldValue::read(visible.remove("id")).map_err(field("id"))?,
            created: hidden.int("created").unwrap_or(created),
            account: FieldValue::read(visible.remove("account")).map_err(field("account"))?,
            customer: FieldValue::read(visible.remove("customer")).map_err(field("customer"))?,
            details,
            metadata: FieldValue::read(visible.remove("metadata")).map_err(field("metadata"))?,
            rest: visible,
            shown: ShownCard::default(),
        })
    }
}

/// A card that only its reader or its app can read.
pub const ENCRYPTED: &[&str] = &["card.encrypted", "card.swipe_data", "source.encrypted", "source.swipe_data"];

/// The registry's entry; its operations are those of external accounts and of a customer's sources.
pub static ENTRY: Entry = Entry {
    kind: Card::KIND,
    fields: Card::FIELDS,
    noun: "source",
    id: IdForm::of("card_"),
    path_param: "id",
    operations: &[],
    filters: &[
        crate::filter!("customer", Card, |card| card.customer.as_deref(), Some(crate::kind!("customer"))),
        crate::filter!("account", Card, |card| card.account.as_deref()),
    ],
    import: crate::contract::import::<Card>,
    events: Events {
        created: Some("customer.source.created"),
        updated: &["customer.source.updated"],
        deleted: Some("customer.source.deleted"),
        instead: Some(|object| downcast::<Card>(object)?.account.is_some().then_some(&EXTERNAL)),
        ..Events::NONE
    },
    named_by: &["default_source"],
    triggers: &[
        Trigger::update("customer.source.updated", "/v1/customers/{customer}/sources/{id}"),
        Trigger::delete("customer.source.deleted", "/v1/customers/{customer}/sources/{id}"),
        Trigger::update("account.external_account.updated", "/v1/accounts/{account}/external_accounts/{id}"),
        Trigger::delete("account.external_account.deleted", "/v1/accounts/{account}/external_accounts/{id}"),
    ],
    ..Entry::PLAIN
};
