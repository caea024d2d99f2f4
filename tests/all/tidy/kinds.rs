//! What is known of a kind stands in its own declaration, and agrees with the catalogue.

use pinstripe::contract;
use pinstripe::{catalogue, resources};

#[test]
fn ids_begin_as_the_catalogue_says() {
    resources::install();
    for object in catalogue::objects() {
        let Some(entry) = contract::entry(pinstripe::state::Kind(object.name)) else { continue };
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
    for object in catalogue::objects() {
        let Some(entry) = contract::entry(pinstripe::state::Kind(object.name)) else { continue };
        let older = entry.older.iter().map(|older| older.operation);
        for operation in older.chain(entry.undocumented.iter().map(|known| known.operation)) {
            assert!(catalogue::operation(operation).is_some(), "{}: {operation}", object.name);
        }
        for target in entry.expands.iter().flat_map(|expand| expand.targets) {
            assert!(catalogue::object(target).is_some(), "{}: {target}", object.name);
        }
        for owner in entry.part_of {
            assert!(catalogue::object(owner.kind.0).is_some(), "{}: {:?}", object.name, owner.kind);
        }
        assert!(entry.changes.is_sorted_by(|one, other| one.since >= other.since), "{}", object.name);
    }
}
