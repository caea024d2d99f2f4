//! The registry: one line for each resource with rules.
//!
//! May use: the resources' modules. Invariant: whatever the other layers know of a resource stands in its
//! [`Entry`]; adding a resource adds a module and a line here.

pub mod catalog;
pub mod checkout;
pub mod connect;
pub mod customers;
pub mod decision;
pub mod developer;
pub mod instruments;
pub mod ledger;
pub mod metadata;
pub mod own_id;
pub mod payments;
pub mod template;

use std::sync::{Arc, LazyLock};

use crate::api::operation::{Behaviour, Call, Ctx};
use crate::catalogue::{self, Returns};
use crate::error::Result;
use crate::events::Events;
use crate::resources::decision::Decision;
use crate::state::document::{Doc, Map};
use crate::state::object::{FieldError, Object, Resource};
use crate::state::{Due, Filter, Id, Kind, Record, Ref, Tx};

/// Every resource with rules; the rest of the API is [`generic`](crate::generic).
static REGISTRY: &[&Entry] = &[
    &connect::accounts::ENTRY,
    &connect::accounts::APPLICATION,
    &connect::accounts::CAPABILITIES,
    &ledger::application_fees::ENTRY,
    &ledger::application_fees::REFUNDS,
    &ledger::balance::ENTRY,
    &ledger::balance::TOTALS,
    &instruments::bank_accounts::ENTRY,
    &instruments::cards::ENTRY,
    &customers::cash_balances::ENTRY,
    &customers::cash_balances::TRANSACTIONS,
    &payments::charges::ENTRY,
    &checkout::sessions::ENTRY,
    &instruments::confirmation_tokens::ENTRY,
    &catalog::coupons::ENTRY,
    &customers::customer_balances::ENTRY,
    &developer::customer_sessions::ENTRY,
    &customers::customer::ENTRY,
    &developer::ephemeral_keys::ENTRY,
    &developer::events::ENTRY,
    &instruments::mandates::ENTRY,
    &payments::disputes::ENTRY,
    &payments::early_fraud_warnings::ENTRY,
    &payments::payment_intents::ENTRY,
    &payments::payment_intents::line_items::ENTRY,
    &instruments::payment_methods::ENTRY,
    &ledger::payouts::ENTRY,
    &catalog::prices::ENTRY,
    &catalog::prices::plans::ENTRY,
    &catalog::products::ENTRY,
    &catalog::promotion_codes::ENTRY,
    &payments::refunds::ENTRY,
    &payments::setup_attempts::ENTRY,
    &payments::setup_intents::ENTRY,
    &instruments::sources::ENTRY,
    &customers::tax_ids::ENTRY,
    &catalog::tax_rates::ENTRY,
    &instruments::tokens::ENTRY,
    &ledger::topups::ENTRY,
    &ledger::transfers::ENTRY,
    &ledger::transfers::REVERSALS,
    &developer::webhook_endpoints::ENTRY,
];

/// What the server knows of a resource.
#[derive(Debug)]
pub struct Entry {
    /// Its kind: the `object` value.
    pub kind: Kind,
    /// The fields that its struct shows by itself.
    pub fields: &'static [&'static str],
    /// What "No such …" calls it (core-payments 1.7).
    pub noun: &'static str,
    /// The `param` of an error about an id in the path (core-payments 1.7).
    pub path_param: &'static str,
    /// What each operation does; an operation that no entry names answers 501. Searching the kind needs no line here:
    /// the API's search operations are bound by themselves, and [`search`](crate::api::search) knows the fields.
    pub operations: &'static [(&'static str, Behaviour)],
    /// The filters of its lists, the most selective first.
    pub filters: &'static [Filter],
    /// Whether its lists carry `count` (core-payments 1.9.6).
    pub counts: bool,
    /// Lists inside the object that are shown when expanded.
    pub includes: &'static [Include],
    /// What else in the object is shown when expanded.
    pub joins: &'static [Join],
    /// Other kinds whose objects answer as this kind too.
    pub views: &'static [View],
    /// What a publishable key may do.
    pub public: &'static [Public],
    /// What an ephemeral key may do for its customer.
    pub personal: &'static [Personal],
    /// What the object shows before anything is said of it: laid under an object of a dump that says less.
    pub blank: Option<fn(&Ctx<'_>) -> Map>,
    /// Reads an object of a dump.
    pub import: Import,
    /// Completes what a dump does not say, once all its objects are in.
    pub imported: Option<fn(&mut Tx, &Ctx<'_>, &Ref)>,
    /// Undoes what `imported` did beyond the object, before a dump replaces it.
    pub replaced: Option<fn(&mut Tx, &Ref)>,
    /// What its changes announce.
    pub events: Events,
    /// Whether its objects follow from others: they are written with a sandbox's state, and no dump brings them in.
    pub derived: bool,
    /// Whether its objects tell what happened: they are not written with a sandbox's state.
    pub history: bool,
    /// Does what has become due for an object. An error drops everything that it wrote, and is logged.
    pub due: Option<DueWork>,
    /// What a person decides about an object on a page of ours.
    pub decision: Option<Decision>,
}

impl Entry {
    /// What an entry says when it says nothing; every entry is this with its own lines on top.
    pub const PLAIN: Entry = Entry {
        kind: Kind(""),
        fields: &[],
        noun: "",
        path_param: "id",
        operations: &[],
        filters: &[],
        counts: false,
        includes: &[],
        joins: &[],
        views: &[],
        public: &[],
        personal: &[],
        blank: None,
        import: |_, _, _| Err(FieldError { field: "object", expected: "a kind that can be stored" }),
        imported: None,
        replaced: None,
        events: Events::NONE,
        derived: false,
        history: false,
        due: None,
        decision: None,
    };
}

/// Does what has become due for an object.
pub type DueWork = fn(&mut Tx, &Ctx<'_>, &Due) -> Result<()>;

/// Reads an object from its visible and hidden part; see [`Resource::from_docs`].
pub type Import = fn(Map, Map, i64) -> Result<Arc<dyn Object>, FieldError>;

/// The [`Import`] of a resource.
///
/// # Errors
/// A field that is not what it should be.
pub fn import<T: Resource>(visible: Map, hidden: Map, created: i64) -> Result<Arc<dyn Object>, FieldError> {
    T::from_docs(visible, hidden, created).map(|object| Arc::new(object) as Arc<dyn Object>)
}

/// A list inside an object, such as a customer's `sources`.
#[derive(Debug)]
pub struct Include {
    /// The field.
    pub field: &'static str,
    /// Whether the list is shown when nobody expands it.
    pub shown: Shown,
    /// Whether it says how many there are in all.
    pub total_count: bool,
    /// The rows, in the order of the list.
    pub rows: fn(&Tx, &str) -> Vec<Arc<Record>>,
    /// Where the whole list is, for the owner's id.
    pub url: fn(&str) -> String,
}

/// When a list inside an object is shown without being expanded.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    /// Always.
    Always,
    /// In versions before this one.
    Before(&'static str),
    /// Never.
    Expanded,
}

/// What is left out of an object unless it is expanded, such as a customer's `cash_balance` or a price's `tiers`.
#[derive(Debug)]
pub struct Join {
    /// The field.
    pub field: &'static str,
    /// What is shown there, for the owner's id; `None` leaves it out.
    pub doc: fn(&Tx, &str) -> Option<Doc>,
}

/// A declared view: objects of another kind that answer as this one.
#[derive(Debug)]
pub struct View {
    /// The kind that is stored.
    pub from: Kind,
    /// The object as this kind shows it; `None` when it cannot be shown so.
    pub doc: fn(&dyn Object) -> Option<Map>,
}

/// An operation that a publishable key may call (core-payments 1.1.8).
#[derive(Debug)]
pub struct Public {
    /// The operation.
    pub operation: &'static str,
    /// Whether the object's `client_secret` has to be sent along.
    pub needs_secret: bool,
    /// The fields that such a key sees; `None` shows all.
    pub fields: Option<&'static [&'static str]>,
}

/// An operation that a client with an ephemeral key may call for its customer (intents-and-checkout 3.6).
#[derive(Debug)]
pub struct Personal {
    /// The operation.
    pub operation: &'static str,
    /// The id of the customer that a call is about.
    pub customer: fn(&Tx, &Call<'_>) -> Option<Id>,
}

/// The entries of all resources with rules.
pub fn entries() -> &'static [&'static Entry] {
    REGISTRY
}

/// The entry of a kind, with rules or without.
pub fn entry(kind: Kind) -> Option<&'static Entry> {
    with_rules(kind).or_else(|| crate::generic::entry(kind))
}

/// The entry of a kind with rules.
pub fn with_rules(kind: Kind) -> Option<&'static Entry> {
    REGISTRY.iter().copied().find(|entry| entry.kind == kind)
}

/// Whether a kind has rules.
pub fn has_rules(kind: Kind) -> bool {
    with_rules(kind).is_some()
}

/// What "No such …" calls a kind.
pub fn noun(kind: Kind) -> &'static str {
    entry(kind).map_or(kind.0, |entry| entry.noun)
}

/// The list filters of a kind.
pub fn filters(kind: Kind) -> &'static [Filter] {
    entry(kind).map_or(&[], |entry| entry.filters)
}

/// What an operation does, with the resource it belongs to.
pub fn behaviour(operation: &catalogue::Operation) -> Option<(&'static Entry, Behaviour)> {
    BEHAVIOURS.get(usize::from(operation.index)).copied().flatten()
}

/// What a publishable key may do with an operation.
pub fn public(operation: &catalogue::Operation) -> Option<&'static Public> {
    let (entry, _) = behaviour(operation)?;
    entry.public.iter().find(|public| public.operation == operation.name)
}

/// What a client with an ephemeral key may do with an operation.
pub fn personal(operation: &catalogue::Operation) -> Option<&'static Personal> {
    let (entry, _) = behaviour(operation)?;
    entry.personal.iter().find(|personal| personal.operation == operation.name)
}

/// By operation index.
static BEHAVIOURS: LazyLock<Vec<Option<(&'static Entry, Behaviour)>>> = LazyLock::new(|| {
    let mut table = vec![None; catalogue::operations().len()];
    for entry in REGISTRY.iter().copied() {
        for (name, behaviour) in entry.operations {
            let Some(operation) = catalogue::operation(name) else {
                // A test walks the registry; a name that is not in the catalogue fails there.
                continue;
            };
            table[usize::from(operation.index)] = Some((entry, *behaviour));
        }
    }
    for (slot, operation) in table.iter_mut().zip(catalogue::operations()) {
        *slot = slot.or_else(|| match &operation.returns {
            // Whatever is stored can be searched, if the API searches it at all.
            Returns::SearchResult([kind]) => entry(Kind(kind)).map(|entry| (entry, Behaviour::Search)),
            _ => crate::generic::bind(operation),
        });
    }
    table
});

/// The record that answers to an id as this kind: one of the kind, or of a kind with a view.
pub fn resolve<'tx>(tx: &'tx Tx, kind: Kind, id: &str) -> Option<&'tx Arc<Record>> {
    if let Some(record) = tx.record(kind, id) {
        return Some(record);
    }
    let views = entry(kind)?.views;
    let mut seen = views.iter().filter_map(|view| tx.record(view.from, id));
    seen.find(|record| !record.deleted && show(record, kind).is_some())
}

/// An object, and the objects that belong to it: those whose lists can be filtered by it.
pub fn family(tx: &Tx, about: &Ref) -> Vec<Ref> {
    let mut family = vec![about.clone()];
    for entry in entries() {
        for filter in entry.filters.iter().filter(|filter| filter.target == Some(about.kind)) {
            let members = tx.records_having(entry.kind, filter.param, &about.id);
            family.extend(members.iter().map(|member| Ref { kind: entry.kind, id: Arc::clone(member.object.id()) }));
        }
    }
    family
}

/// A record as a kind shows it: its own, or that of a declared view.
pub fn show(record: &Record, kind: Kind) -> Option<Map> {
    if record.deleted {
        return Some(crate::state::stub(&*record.object));
    }
    show_object(&*record.object, kind)
}

/// As [`show`], whether the object was deleted or not.
pub fn show_object(object: &dyn Object, kind: Kind) -> Option<Map> {
    if object.kind() == kind {
        return Some(object.to_doc());
    }
    let view = entry(kind)?.views.iter().find(|view| view.from == object.kind())?;
    (view.doc)(object)
}
