//! The README says what the program declares.

use std::fs;
use std::path::Path;

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
