//! Legacy cards: sources of customers (core-payments 5.3).
//!
//! May use: the card details. Invariant: a stored card belongs to a customer.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use crate::contract::{Entry, Events, Trigger};
use crate::resources::instruments::card_details::CardDetails;
use crate::state::document::{Doc, Map, Text};
use crate::state::ids::IdForm;
use crate::state::object::{FieldError, FieldValue, Object, Resource, TypedField};
use crate::state::{Id, Kind};

/// What customers' and charges' cards have and those of tokens do not (shapes 2.2).
const REDISPLAY: &str = "allow_redisplay";

/// A card of a customer.
#[derive(Clone, Debug)]
pub struct Card {
    /// `card_…`.
    pub id: Id,
    /// Unix seconds; the API does not show it.
    pub created: i64,
    /// Its customer; `None` for a card of a single charge.
    pub customer: Option<Id>,
    /// The card itself.
    pub details: CardDetails,
    /// The user's own keys and values.
    pub metadata: Map,
    /// The holder's `name` and `address_*`.
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
        entries.push((REDISPLAY.into(), "unspecified".into()));
        entries.push(("id".into(), Doc::from(self.id.to_string())));
        entries.push(("object".into(), "card".into()));
        entries.push(("metadata".into(), self.metadata.clone().into()));
        if let Some(customer) = &self.customer {
            entries.push(("customer".into(), Doc::from(customer.to_string())));
        }
        Map::from_entries(entries)
    }
}

impl Resource for Card {
    const KIND: Kind = crate::kind!("card");
    const FIELDS: &'static [TypedField] = &[
        TypedField::of::<Id>("id"),
        TypedField::of::<Text>("object"),
        TypedField::of::<Option<Id>>("customer"),
        TypedField::of::<Map>("metadata"),
    ];

    fn from_docs(mut visible: Map, hidden: Map, created: i64) -> Result<Self, FieldError> {
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

/// The registry's entry; its operations are those of a customer's sources.
pub static ENTRY: Entry = Entry {
    kind: Card::KIND,
    fields: Card::FIELDS,
    noun: "source",
    id: IdForm::of("card_"),
    path_param: "id",
    operations: &[],
    filters: &[crate::filter!("customer", Card, |card| card.customer.as_deref(), Some(crate::kind!("customer")))],
    import: crate::contract::import::<Card>,
    events: Events {
        created: Some("customer.source.created"),
        updated: &["customer.source.updated"],
        deleted: Some("customer.source.deleted"),
        ..Events::NONE
    },
    named_by: &["default_source"],
    triggers: &[
        Trigger::update("customer.source.updated", "/v1/customers/{customer}/sources/{id}"),
        Trigger::delete("customer.source.deleted", "/v1/customers/{customer}/sources/{id}"),
    ],
    ..Entry::PLAIN
};
