//! What is known of a kind stands in its own declaration, and agrees with the catalogue.

use std::collections::BTreeSet;

use pinstripe::contract;
use pinstripe::{catalogue, resources};

#[test]
fn ids_begin_as_the_catalogue_says() {
    resources::install();
    for entry in contract::all_entries() {
        let object = catalogue::object(entry.kind.name()).unwrap();
        let prefix = object.id_prefix.unwrap_or_default();
        assert!(entry.id.prefix.starts_with(prefix), "{}: {} and {prefix}", object.name, entry.id.prefix);
    }
}

#[test]
fn ids_are_drawn_by_their_form_alone() {
    // A prefix is written once: in the entry that has the form, not where an id is drawn.
    for (name, text) in super::sources("src").iter().filter(|(name, _)| name != "src/state/ids.rs") {
        for line in super::code(text) {
            assert!(!line.contains("ids.id_with(\""), "{name}: {line}");
        }
    }
}

#[test]
fn what_an_entry_declares_of_operations_and_fields_exists() {
    resources::install();
    for entry in contract::all_entries() {
        let kind = entry.kind;
        let older = entry.older.iter().map(|older| older.operation);
        for operation in older.chain(entry.undocumented.iter().map(|known| known.operation)) {
            assert!(catalogue::operation(operation).is_some(), "{kind:?}: {operation}");
        }
        for target in entry.expands.iter().flat_map(|expand| expand.targets) {
            assert!(catalogue::object(target).is_some(), "{kind:?}: {target}");
        }
        for owner in entry.part_of {
            assert!(catalogue::object(owner.kind.name()).is_some(), "{kind:?}: {:?}", owner.kind);
        }
        assert!(entry.changes.is_sorted_by(|one, other| one.since >= other.since), "{kind:?}");
    }
}

/// The folders that meet every kind through its declaration.
const READERS: [&str; 4] = ["src/api", "src/events", "src/generic", "src/triggers"];

#[test]
fn the_layers_that_read_declarations_name_no_kind() {
    let events = catalogue::event_types().iter().map(|event| event.name);
    let operations = catalogue::operations().iter().map(|operation| operation.name);
    let kinds = catalogue::objects().iter().map(|object| object.name).filter(|name| name.contains(['.', '_']));
    let names: BTreeSet<&str> = events.chain(operations).chain(kinds).collect();
    for (name, text) in READERS.iter().flat_map(|folder| super::sources(folder)) {
        // Where the kinds without rules are declared.
        if name.starts_with("src/generic/kinds/") {
            continue;
        }
        // Unit tests may name anything.
        let program = text.split("\nmod tests {").next().unwrap();
        for line in super::code(program).filter(|_| !name.ends_with("/tests.rs")) {
            assert!(!line.contains("kind!("), "{name}: {line}");
            let named = line.split('"').skip(1).step_by(2).find(|literal| names.contains(literal));
            assert!(named.is_none(), "{name}: {line}");
        }
    }
}
