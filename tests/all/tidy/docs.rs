//! The documents say what the program declares. `scripts/readme-tables` writes what these tests compare.

use std::collections::BTreeSet;
use std::fs;

use pinstripe::catalogue;
use pinstripe::generic::coverage::{self, Coverage};

use super::root;

/// A document of the repository.
pub(crate) fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_default()
}

/// A document is this text; with `PINSTRIPE_WRITE_DOCS=1` it becomes this text.
pub(crate) fn is_written(page: &str, text: &str) {
    if read(page) == text {
        return;
    }
    assert!(std::env::var_os("PINSTRIPE_WRITE_DOCS").is_some(), "{page} is old: scripts/readme-tables writes it");
    fs::write(root().join(page), text).unwrap();
}

/// Between each `<!-- generated -->` of a document and the next `<!-- end -->` stands one of these parts, in this order.
pub(crate) fn has_parts(page: &str, parts: &[String]) {
    const END: &str = "<!-- end -->\n";
    let text = read(page);
    let mut pieces = text.split("<!-- generated -->\n");
    let mut written = pieces.next().unwrap().to_owned();
    for part in parts {
        let piece = pieces.next().unwrap_or_else(|| panic!("{page} has no place for:\n{part}"));
        let (_, after) = piece.split_once(END).unwrap_or_else(|| panic!("{page}: a generated part has no end"));
        written += &format!("<!-- generated -->\n{part}{END}{after}");
    }
    assert_eq!(pieces.next(), None, "{page} has more generated parts than there are");
    is_written(page, &written);
}

#[test]
fn the_page_of_the_configuration_has_every_flag_and_every_setting() {
    has_parts("docs/configuration.md", &[pinstripe::config::markdown(), pinstripe::settings::markdown()]);
}

#[test]
fn the_page_of_the_control_api_has_every_call() {
    has_parts("docs/control-api.md", &[pinstripe::control::markdown()]);
}

#[test]
fn the_page_of_test_cards_is_the_table() {
    is_written("docs/test-cards.md", &pinstripe::issuers::page::markdown());
}

#[test]
fn the_page_of_limits_has_every_limit_with_its_value() {
    let source = read("src/limits.rs");
    let mut table = String::from("| limit | value |\n|---|---|\n");
    let mut meaning = Vec::new();
    for line in source.lines() {
        if let Some(text) = line.strip_prefix("/// ") {
            meaning.push(text);
        } else if let Some(declared) = line.strip_prefix("pub const ") {
            let (name, rest) = declared.split_once(':').unwrap();
            let (_, value) = rest.trim_end_matches(';').split_once(" = ").unwrap();
            let text = without_citations(&meaning.join(" "));
            table += &format!("| `{name}`: {} | {} |\n", text.trim_end_matches('.'), with_commas(evaluated(value)));
            meaning.clear();
        }
    }
    has_parts("docs/limits.md", &[table]);
}

/// A meaning without the sections of the reference, which are for the readers of the code.
fn without_citations(text: &str) -> String {
    let mut left = text.to_owned();
    for file in ["core-payments", "intents-and-checkout", "billing", "connect-accounts", "platform", "stripe-js"] {
        while let Some((before, cited)) = left.split_once(&format!(" ({file}")) {
            let (_, after) = cited.split_once(')').unwrap();
            left = format!("{before}{after}");
        }
    }
    left
}

/// The value of an expression of numbers, parentheses and the operators `<<`, `+` and `*`.
fn evaluated(text: &str) -> u64 {
    let text = text.trim();
    for operator in ["<<", " + ", "*"] {
        let depth = |at: usize| text[..at].matches('(').count() - text[..at].matches(')').count();
        if let Some((at, _)) = text.match_indices(operator).find(|(at, _)| depth(*at) == 0) {
            let (left, right) = (evaluated(&text[..at]), evaluated(&text[at + operator.len()..]));
            return match operator {
                "<<" => left << right,
                "*" => left * right,
                _ => left + right,
            };
        }
    }
    match text.strip_prefix('(') {
        Some(inner) => evaluated(inner.strip_suffix(')').unwrap()),
        None => text.replace('_', "").parse().unwrap_or_else(|_| panic!("{text} is no number")),
    }
}

fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

#[test]
fn expressions_of_limits_are_evaluated() {
    let examples = [("20", "20"), ("10_000", "10,000"), ("1 << 20", "1,048,576"), ("24 * 60 * 60", "86,400")];
    for (text, value) in examples.into_iter().chain([("(5 * 365 + 2) * 24 * 60 * 60", "157,852,800")]) {
        assert_eq!(with_commas(evaluated(text)), value);
    }
}

/// What stands in backticks in a text.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_page_of_resources_lists_each_resource_with_rules_and_no_other() {
    pinstripe::resources::install();
    let page = read("docs/resources.md");
    let (_, table) = page.split_once("| resource | operations | notes |\n|---|---|---|\n").unwrap();
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
fn the_readme_counts_the_operations_with_rules() {
    pinstripe::resources::install();
    let all = catalogue::operations();
    let rules = all.iter().filter(|operation| coverage::of(operation) == Coverage::Rules).count();
    let said = format!("Of {} operations of the API, {rules} have rules", all.len());
    assert!(read("README.md").contains(&said), "the README should say: {said}");
}

/// The line has the names of the catalogue, written as words: `Radar value lists` are `radar.value_lists`.
#[test]
fn the_readme_names_the_products_that_have_no_rules() {
    pinstripe::resources::install();
    let readme = read("README.md");
    let line = readme.lines().find_map(|line| line.strip_prefix("**Shape only**: ")).unwrap();
    let words = |text: &str| text.to_lowercase().replace(['.', ' '], "_").replace('`', "");
    let named: Vec<String> = line.split_once(". ").unwrap().0.split(", ").map(words).collect();
    let is_of = |operation: &catalogue::Operation, name: &str| {
        words(operation.name).strip_prefix(name).is_some_and(|rest| rest.starts_with('_'))
    };

    let all = catalogue::operations();
    let have_rules = |name: &str| {
        let mut found = all.iter().filter(|operation| is_of(operation, name)).peekable();
        assert!(found.peek().is_some(), "{name} is no product");
        found.any(|operation| coverage::of(operation) == Coverage::Rules)
    };
    for name in &named {
        assert!(!have_rules(name), "{name} has rules");
    }
    // A product has resources of its own below its name.
    let products: BTreeSet<&str> =
        all.iter().filter_map(|found| found.name.rsplit_once('.')?.0.split_once('.')).map(|it| it.0).collect();
    for product in products.into_iter().filter(|product| *product != "v2" && !have_rules(product)) {
        assert!(named.iter().any(|name| name.starts_with(product)), "the README does not name {product}");
    }
}

#[test]
fn the_benchmark_of_shapes_calls_operations_without_rules() {
    pinstripe::resources::install();
    let page = read("benches/README.md");
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
