//! What can be searched: the fields of each resource with their types (platform 5.2).
//!
//! May use: documents. Invariant: a value is read from the newest form of the object.

use std::borrow::Cow;

use crate::state::Kind;
use crate::state::document::{Doc, Map};

/// What can be asked of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldType {
    /// `:` alone.
    Token,
    /// `:`, which finds words, and `~`.
    Text,
    /// `:`, `>`, `>=`, `<` and `<=`.
    Number,
}

impl FieldType {
    /// As it is called in a sentence.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            FieldType::Token => "token",
            FieldType::Text => "string",
            FieldType::Number => "numeric",
        }
    }
}

/// A field that can be searched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// Its name in a query; a segment `*` stands for one of [`SOURCES`].
    pub(super) name: &'static str,
    /// What can be asked of it.
    pub(super) kind: FieldType,
    place: Place,
}

/// Where the value of a field comes from.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// From the path that is the field's name.
    Name,
    /// From another path.
    Path(&'static str),
    /// From several fields of the object.
    Computed(fn(&Map) -> Doc),
}

/// How a charge was paid, as far as its details can be searched.
const SOURCES: &[&str] = &["card", "card_present", "interac_present"];

impl Field {
    /// The value that an object has for the field that a query calls `name`.
    pub(super) fn value<'o>(&self, name: &str, object: &'o Map) -> Cow<'o, Doc> {
        let path = match self.place {
            Place::Name => name,
            Place::Path(path) => path,
            Place::Computed(value) => return Cow::Owned(value(object)),
        };
        let mut keys = path.split('.');
        let first = keys.next().and_then(|key| object.get(key));
        let found = keys.fold(first, |value, key| value.and_then(Doc::as_map).and_then(|map| map.get(key)));
        Cow::Borrowed(found.unwrap_or(&Doc::Null))
    }

    /// The path that a value comes from, for a check against the catalogue.
    #[cfg(test)]
    pub(super) fn path(&self) -> Option<String> {
        match self.place {
            Place::Name => Some(self.name.replace('*', SOURCES[0])),
            Place::Path(path) => Some(path.to_owned()),
            Place::Computed(_) => None,
        }
    }

    fn is_called(&self, name: &str) -> bool {
        let (mut own, mut asked) = (self.name.split('.'), name.split('.'));
        loop {
            match (own.next(), asked.next()) {
                (None, None) => return true,
                (Some("*"), Some(source)) if SOURCES.contains(&source) => {}
                (own, asked) if own == asked => {}
                _ => return false,
            }
        }
    }
}

/// Whether all of a charge was refunded, or a part; null when nothing was.
fn refunded(charge: &Map) -> Doc {
    match (charge.bool("refunded"), charge.int("amount_refunded")) {
        (Some(true), _) => Doc::Bool(true),
        (_, Some(1..)) => Doc::Bool(false),
        _ => Doc::Null,
    }
}

/// A resource that can be searched.
#[derive(Debug)]
pub(super) struct Searchable {
    /// The kind of its objects.
    pub(super) kind: Kind,
    /// What errors call it.
    pub(super) plural: &'static str,
    fields: &'static [Field],
}

impl Searchable {
    /// The field that a query calls `name`.
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.is_called(name))
    }

    /// Every field besides the metadata.
    #[cfg(test)]
    pub(super) fn fields(&self) -> &'static [Field] {
        self.fields
    }
}

/// The resource whose objects are of this kind.
pub(super) fn searchable(kind: Kind) -> Option<&'static Searchable> {
    SEARCHABLE.iter().find(|searchable| searchable.kind == kind)
}

const fn token(name: &'static str) -> Field {
    Field { name, kind: FieldType::Token, place: Place::Name }
}

const fn text(name: &'static str) -> Field {
    Field { name, kind: FieldType::Text, place: Place::Name }
}

const fn number(name: &'static str) -> Field {
    Field { name, kind: FieldType::Number, place: Place::Name }
}

const fn at(path: &'static str, field: Field) -> Field {
    Field { place: Place::Path(path), ..field }
}

/// Every resource with a search operation. The metadata of each can be searched too.
pub(super) static SEARCHABLE: &[Searchable] = &[
    Searchable {
        kind: Kind("charge"),
        plural: "charges",
        fields: &[
            number("amount"),
            token("billing_details.address.postal_code"),
            number("created"),
            token("currency"),
            token("customer"),
            token("disputed"),
            token("payment_method_details.*.brand"),
            token("payment_method_details.*.exp_month"),
            token("payment_method_details.*.exp_year"),
            token("payment_method_details.*.fingerprint"),
            token("payment_method_details.*.last4"),
            Field { place: Place::Computed(refunded), ..token("refunded") },
            token("status"),
        ],
    },
    Searchable {
        kind: Kind("customer"),
        plural: "customers",
        fields: &[number("created"), text("email"), text("name"), text("phone")],
    },
    Searchable {
        kind: Kind("invoice"),
        plural: "invoices",
        fields: &[
            number("created"),
            token("currency"),
            token("customer"),
            at("last_finalization_error.code", token("last_finalization_error_code")),
            at("last_finalization_error.type", token("last_finalization_error_type")),
            text("number"),
            text("receipt_number"),
            text("status"),
            at("parent.subscription_details.subscription", text("subscription")),
            number("total"),
        ],
    },
    Searchable {
        kind: Kind("payment_intent"),
        plural: "payment_intents",
        fields: &[number("amount"), number("created"), token("currency"), token("customer"), token("status")],
    },
    Searchable {
        kind: Kind("price"),
        plural: "prices",
        fields: &[token("active"), token("currency"), text("lookup_key"), text("product"), token("type")],
    },
    Searchable {
        kind: Kind("product"),
        plural: "products",
        fields: &[token("active"), text("description"), text("name"), token("shippable"), text("url")],
    },
    Searchable {
        kind: Kind("subscription"),
        plural: "subscriptions",
        fields: &[number("canceled_at"), number("created"), token("status")],
    },
];
