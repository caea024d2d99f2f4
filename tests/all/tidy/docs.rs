//! The documents say what the program declares.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pinstripe::catalogue;
use pinstripe::generic::coverage::{self, Coverage};

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

#[test]
fn the_readme_has_the_table_of_knobs() {
    let table = pinstripe::config::readme_table();
    assert!(readme().contains(&table), "the README's knobs should read:\n{table}");
}

#[test]
fn the_readme_has_the_table_of_control_calls() {
    let table = pinstripe::control::readme_table();
    assert!(readme().contains(&table), "the README's control calls should read:\n{table}");
}

#[test]
fn the_readme_has_the_table_of_settings() {
    let table = pinstripe::settings::readme_table();
    assert!(readme().contains(&table), "the README's settings should read:\n{table}");
}

#[test]
fn the_page_of_test_cards_is_the_table() {
    let page = pinstripe::issuers::page::markdown();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/test-cards.md");
    if fs::read_to_string(&committed).is_ok_and(|text| text == page) {
        return;
    }
    let wanted = Path::new(env!("CARGO_TARGET_TMPDIR")).join("test-cards.md");
    fs::write(&wanted, page).unwrap();
    panic!("docs/test-cards.md should read as {}", wanted.display());
}

#[test]
fn the_readme_names_every_limit() {
    let limits = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/limits.rs")).unwrap();
    let readme = readme();
    for line in limits.lines().filter_map(|line| line.strip_prefix("pub const ")) {
        let name = line.split(':').next().unwrap();
        assert!(readme.contains(&format!("`{name}`")), "the README does not name the limit {name}");
    }
}

/// What stands in backticks in a text.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_readme_lists_each_resource_with_rules_and_no_other() {
    pinstripe::resources::install();
    let readme = readme();
    let (_, table) = readme.split_once("| resource | operations | notes |\n|---|---|---|\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let listed: BTreeSet<&str> = rows.flat_map(|row| quoted(row.split('|').nth(2).unwrap())).collect();

    let all = catalogue::operations();
    let resource = |name: &'static str| name.rsplit_once('.').unwrap().0;
    let without: BTreeSet<&str> =
        all.iter().filter(|found| coverage::of(found) != Coverage::Rules).map(|found| resource(found.name)).collect();
    // A resource stands for its operations; where only some of them have rules, these are listed.
    let with_rules = all.iter().filter(|found| coverage::of(found) == Coverage::Rules);
    let names =
        with_rules.map(|found| Some(resource(found.name)).filter(|it| !without.contains(it)).unwrap_or(found.name));
    assert_eq!(listed, names.collect());
}

#[test]
fn the_benchmark_of_shapes_calls_operations_without_rules() {
    pinstripe::resources::install();
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/README.md")).unwrap();
    let row = page.lines().find(|line| line.starts_with("| `generic` |")).unwrap();
    let calls: Vec<_> = quoted(row).filter_map(|call| call.split_once(' ')).collect();
    assert_eq!(calls.len(), 2, "{row}");
    for (method, path) in calls {
        let path = path.replace(":id", "{id}");
        let is_it = |found: &&catalogue::Operation| found.method.as_str() == method && same_path(found.path, &path);
        let operation = catalogue::operations().iter().find(is_it).unwrap();
        assert_eq!(coverage::of(operation), Coverage::Shape, "{}", operation.name);
    }
}

/// Whether two paths differ at most in the names of their parameters.
fn same_path(path: &str, other: &str) -> bool {
    let same = |(a, b): (&str, &str)| a == b || (a.starts_with('{') && b.starts_with('{'));
    path.split('/').count() == other.split('/').count() && path.split('/').zip(other.split('/')).all(same)
}
