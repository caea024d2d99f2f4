//! Which resource names which other: areas have one order, and no two resources name each other. What is left of the
//! contrary stands in two tables that may only get shorter.

use std::collections::{BTreeMap, BTreeSet};

use super::{code, root, sources};

/// The areas of `src/resources/`, each of which may use those after it.
const AREAS: [&str; 12] = [
    "checkout",
    "billing",
    "payments",
    "tax",
    "identity",
    "financial_connections",
    "customers",
    "ledger",
    "connect",
    "instruments",
    "catalog",
    "developer",
];

/// Pairs of resources that name each other: a legacy source can be attached and detached as a payment method, and a
/// customer's sources are listed and charged as payment methods.
const MUTUAL: &[(&str, &str)] = &[
    ("billing::subscription_items", "billing::subscriptions"),
    ("customers::customer_sources", "instruments::payment_methods"),
];

/// Resources that name one of an area before their own: that legacy form of a payment method, and the customer whose
/// default method is detached, which is written before the method (core-payments 4.5.6).
const UPWARD: &[(&str, &str)] = &[
    ("instruments::payment_methods", "customers::customer"),
    ("instruments::payment_methods", "customers::customer_sources"),
];

/// The resources that each resource names, as `area::module`.
fn drawn() -> BTreeMap<String, BTreeSet<String>> {
    const PATH: &str = "crate::resources::";
    let mut drawn: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, text) in sources("src/resources") {
        let mut folders = name.trim_start_matches("src/resources/").trim_end_matches(".rs").split('/');
        let (Some(area), Some(module)) = (folders.next(), folders.next()) else { continue };
        if module == "mod" || name.ends_with("/tests.rs") {
            continue;
        }
        let program = text.split("\nmod tests {").next().unwrap();
        let targets = drawn.entry(format!("{area}::{module}")).or_default();
        for line in code(program) {
            for (at, _) in line.match_indices(PATH) {
                let path = &line[at + PATH.len()..];
                let mut parts =
                    path.split(|c: char| !c.is_ascii_lowercase() && c != '_').filter(|part| !part.is_empty());
                let (Some(to_area), Some(to)) = (parts.next(), parts.next()) else { continue };
                if root().join("src/resources").join(to_area).is_dir() && (to_area, to) != (area, module) {
                    assert!(!path[to_area.len()..].starts_with("::{"), "{name}: one `use` for each resource: {line}");
                    targets.insert(format!("{to_area}::{to}"));
                }
            }
        }
    }
    drawn
}

fn pairs(table: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    table.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
}

/// Holds what there is against a table: nothing new, and nothing that is gone.
#[track_caller]
fn compare(found: &BTreeSet<(String, String)>, table: &[(&str, &str)]) {
    let known = pairs(table);
    let new: Vec<_> = found.difference(&known).collect();
    assert!(new.is_empty(), "new: {new:?}");
    let gone: Vec<_> = known.difference(found).collect();
    assert!(gone.is_empty(), "take out of the table: {gone:?}");
}

#[test]
fn no_two_resources_name_each_other_but_for_the_table() {
    let drawn = drawn();
    let names = |from: &str, to: &str| drawn.get(from).is_some_and(|targets| targets.contains(to));
    let all = drawn.iter().flat_map(|(from, targets)| targets.iter().map(move |to| (from.clone(), to.clone())));
    compare(&all.filter(|(from, to)| from < to && names(to, from)).collect(), MUTUAL);
}

#[test]
fn a_resource_names_those_of_later_areas_alone_but_for_the_table() {
    let rank = |name: &str| AREAS.iter().position(|area| name.split("::").next() == Some(*area)).expect(name);
    let drawn = drawn();
    let all = drawn.iter().flat_map(|(from, targets)| targets.iter().map(move |to| (from.clone(), to.clone())));
    compare(&all.filter(|(from, to)| rank(from) > rank(to)).collect(), UPWARD);
}
