//! The registry: looking up entries, and objects by the kinds as which they answer.
//!
//! May use: the entries. Invariant: nothing here names a kind; the program installs its registry once, before the first
//! request.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use super::{Behaviour, DueOf, Entry, KeyKind, Reaction, Tokens, Visible};
use crate::catalogue::{ByKind, Operation};
use crate::state::document::Map;
use crate::state::{Due, Indexed, Kind, Object, Record, Ref, Tx};

/// Where entries are looked up; the layers above, which know the resources, install it.
#[derive(Debug)]
pub struct Registry {
    /// The entries of all kinds with rules.
    pub entries: fn() -> &'static [&'static Entry],
    /// The entry of a kind without rules.
    pub without_rules: fn(Kind) -> Option<&'static Entry>,
    /// The entries of all kinds without rules.
    pub shapes: fn() -> Vec<&'static Entry>,
    /// The behaviour of an operation, with the entry of its kind.
    pub behaviour: fn(&Operation) -> Option<(&'static Entry, Behaviour)>,
}

static REGISTRY: OnceLock<&'static Registry> = OnceLock::new();

/// The entries of the kinds with rules, by the kind's index.
static BY_KIND: OnceLock<ByKind<&'static Entry>> = OnceLock::new();

/// Installs the registry of the program; only the first one is kept.
pub fn install(registry: &'static Registry) {
    let _ = REGISTRY.set(registry);
}

/// The entries of all kinds with rules.
///
/// # Panics
/// No registry is installed, which is a fault of the program: creating an app installs it.
pub fn entries() -> &'static [&'static Entry] {
    (registry().entries)()
}

/// The tokens of a form that some session issues.
pub fn tokens(token: &str) -> Option<&'static Tokens> {
    // Every request asks.
    static TOKENS: LazyLock<Vec<&'static Tokens>> =
        LazyLock::new(|| entries().iter().filter_map(|entry| entry.tokens.as_ref()).collect());
    TOKENS.iter().copied().find(|tokens| token.starts_with(tokens.prefix))
}

/// The entries of all kinds, those with rules first.
pub fn all_entries() -> impl Iterator<Item = &'static Entry> {
    entries().iter().copied().chain((registry().shapes)())
}

fn registry() -> &'static Registry {
    REGISTRY.get().unwrap_or_else(|| panic!("no registry is installed"))
}

/// The entry of a kind, with rules or without.
pub fn entry(kind: Kind) -> Option<&'static Entry> {
    with_rules(kind).or_else(|| (registry().without_rules)(kind))
}

/// The entry of a kind with rules.
pub fn with_rules(kind: Kind) -> Option<&'static Entry> {
    BY_KIND.get_or_init(|| entries().iter().map(|entry| (entry.kind, *entry)).collect()).get(kind).copied()
}

/// Whether a kind has rules.
pub fn has_rules(kind: Kind) -> bool {
    with_rules(kind).is_some()
}

/// The behaviour of an operation, with the entry of its kind.
pub fn behaviour(operation: &Operation) -> Option<(&'static Entry, Behaviour)> {
    (registry().behaviour)(operation)
}

/// The noun of a kind in "No such …".
pub fn noun(kind: Kind) -> &'static str {
    entry(kind).map_or(kind.name(), |entry| entry.noun)
}

/// The indexes of a kind.
pub fn indexes(kind: Kind) -> Option<&'static dyn Indexed> {
    entry(kind).map(|entry| entry as &dyn Indexed)
}

/// The declaration of a due item.
pub fn due(due: &Due) -> Option<&'static DueOf> {
    entry(due.about.kind)?.dues.get(due.number())
}

/// The reactions to the changes of a kind, with their entries, in the registry's order.
pub(super) fn reactions(to: Kind) -> &'static [(&'static Entry, &'static Reaction)] {
    REACTIONS.get(to).map_or(&[], Vec::as_slice)
}

/// By the kind whose changes they follow.
static REACTIONS: LazyLock<ByKind<Vec<(&'static Entry, &'static Reaction)>>> = LazyLock::new(|| {
    let mut by_kind = BTreeMap::<_, Vec<_>>::new();
    for entry in entries().iter().copied() {
        for reaction in entry.reactions {
            by_kind.entry(reaction.to).or_default().push((entry, reaction));
        }
    }
    by_kind.into_iter().collect()
});

/// The record with an id of this kind: one of the kind, or of a kind with a view.
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

/// What a publishable key sees of an object (intents-and-checkout 1.12).
pub fn reduced(kind: Kind, object: Map) -> Map {
    let public = entry(kind).map_or(&[][..], |entry| entry.public);
    public.first().map_or(Visible::All, |public| public.visible).of(object)
}

/// An object as a key sees it; `None` if there is none.
pub fn seen(tx: &Tx, key: KeyKind, kind: Kind, id: &str) -> Option<Map> {
    let shown = show(resolve(tx, kind, id)?, kind)?;
    Some(if key.is_public() { reduced(kind, shown) } else { shown })
}

/// The class name of a kind in a sentence: `PaymentIntent` for `payment_intent`.
pub fn class_name(kind: Kind) -> String {
    let capitalize = |word: &str| {
        let mut chars = word.chars();
        chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
    };
    kind.name().split('_').map(capitalize).collect()
}

/// A record as a kind shows it: its own form, or that of a declared view.
pub fn show(record: &Record, kind: Kind) -> Option<Map> {
    if record.deleted {
        return Some(crate::state::stub(&*record.object));
    }
    show_object(&*record.object, kind)
}

/// As [`show`], also for a deleted object.
pub fn show_object(object: &dyn Object, kind: Kind) -> Option<Map> {
    let views = entry(kind).map_or(&[][..], |entry| entry.views);
    match views.iter().find(|view| view.from == object.kind()) {
        Some(view) => (view.doc)(object),
        None => (object.kind() == kind).then(|| object.to_doc()),
    }
}
