//! What can be searched: the fields of each resource with their types (platform 5.2).
//!
//! May use nothing. Invariant: a field's place is a path in the newest form of the object.

use crate::state::Kind;

/// What can be asked of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldType {
    /// `:` alone.
    Token,
    /// `:` and `~`.
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
    /// Its name in a query; a segment `*` stands for any name, and the query says which.
    pub(super) name: &'static str,
    /// What can be asked of it.
    pub(super) kind: FieldType,
    /// Where it is in the object, when that is not its name.
    at: Option<&'static str>,
}

impl Field {
    /// Where the field that a query calls `name` is in the object.
    pub(super) fn place(&self, name: &str) -> String {
        self.at.unwrap_or(name).to_owned()
    }

    fn is_called(&self, name: &str) -> bool {
        let (mut own, mut asked) = (self.name.split('.'), name.split('.'));
        loop {
            match (own.next(), asked.next()) {
                (None, None) => return true,
                (Some("*"), Some(_)) => {}
                (own, asked) if own == asked => {}
                _ => return false,
            }
        }
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
    Field { name, kind: FieldType::Token, at: None }
}

const fn text(name: &'static str) -> Field {
    Field { name, kind: FieldType::Text, at: None }
}

const fn number(name: &'static str) -> Field {
    Field { name, kind: FieldType::Number, at: None }
}

const fn at(place: &'static str, field: Field) -> Field {
    Field { at: Some(place), ..field }
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
            token("refunded"),
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
