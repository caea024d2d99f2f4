//! The source tree keeps to its own rules.

mod arrows;
mod citations;
pub(crate) mod docs;
mod guides;
mod kinds;
mod links;
mod met;
mod resources;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder, with its text.
pub(crate) fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                out.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&root().join(folder), &mut paths);
    let name = |path: &Path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// The lines that are not comments.
pub(crate) fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn rules_are_pure_and_synchronous() {
    let banned = [
        "async fn",
        ".await",
        "SystemTime",
        "Instant::",
        "Uuid::new_v4",
        "tokio::",
        "axum::",
        "std::env",
        "std::fs",
        "std::net",
        "Mutex",
    ];
    for (name, text) in sources("src/resources") {
        for line in code(&text) {
            let found = banned.iter().find(|word| line.contains(**word));
            assert!(found.is_none(), "{name}: {line}");
        }
    }
}

/// `drop` would hide a `Result` from the lint that these folders have against results that are passed over.
#[test]
fn no_rule_drops_a_result() {
    for folder in ["src/resources", "src/generic", "src/events", "src/object"] {
        for (name, text) in sources(folder) {
            let found = code(&text).find(|line| line.contains("drop("));
            assert!(found.is_none(), "{name}: {found:?}");
        }
        let root = fs::read_to_string(root().join(folder).join("mod.rs")).unwrap();
        assert!(root.contains("#![deny(clippy::let_underscore_must_use)]"), "{folder}");
    }
}

#[test]
fn the_state_knows_nothing_of_http() {
    for (name, text) in sources("src/state") {
        for word in ["axum", "tokio", "crate::http", "crate::api", "crate::resources"] {
            assert!(!code(&text).any(|line| line.contains(word)), "{name} names {word}");
        }
    }
}

#[test]
fn sentences_of_errors_live_in_error_alone() {
    let beginnings =
        ["\"No such", "\"Invalid ", "\"Missing required", "\"You cannot", "\"You must", "\"The payment method"];
    for (name, text) in sources("src").iter().filter(|(name, _)| !name.starts_with("src/error")) {
        for line in code(text) {
            let found = beginnings.iter().find(|beginning| line.contains(**beginning));
            assert!(found.is_none(), "{name}: {line}");
        }
    }
}

#[test]
fn files_are_short_and_documented() {
    for (name, text) in sources("src").iter().chain(&sources("tests")).chain(&sources("benches")) {
        assert!(text.lines().count() <= 800, "{name} has {} lines", text.lines().count());
        assert!(text.starts_with("//!"), "{name} does not say what it is");
    }
}

#[test]
fn nothing_is_left_for_later_without_a_name() {
    for (name, text) in sources("src").iter().chain(&sources("tests")) {
        let left = ["TODO", "FIXME", "todo!(", "unimplemented!(", "#[ignore"];
        let found = text.lines().find(|line| left.iter().any(|word| line.contains(word)));
        let own = name == "tests/all/tidy/mod.rs";
        assert!(own || found.is_none(), "{name}: {found:?}");
    }
}

#[test]
fn every_operation_of_the_registry_is_in_the_catalogue() {
    pinstripe::resources::install();
    for entry in pinstripe::contract::entries() {
        for (operation, _) in entry.operations {
            assert!(pinstripe::catalogue::operation(operation).is_some(), "{operation}");
        }
        for public in entry.public {
            assert!(pinstripe::catalogue::operation(public.operation).is_some(), "{}", public.operation);
        }
        assert!(pinstripe::catalogue::object(entry.kind.name()).is_some(), "{:?}", entry.kind);
    }
}

/// Fields whose values the API's documentation lists and its types do not: nothing but the list of the reference says
/// what they may hold.
const LISTED_IN_THE_DOCUMENTATION: &[&str] = &[
    "balance_transaction.status",
    "bank_account.status",
    "invoice_payment.status",
    "payout.method",
    "payout.status",
    "refund.status",
    "setup_attempt.status",
    "setup_intent.usage",
    "source.status",
    "source.usage",
];

#[test]
fn a_closed_set_of_values_is_what_the_catalogue_has_for_its_field() {
    use pinstripe::catalogue::{self, Type};
    pinstripe::resources::install();
    let mut listed = BTreeSet::new();
    for entry in pinstripe::contract::entries() {
        for field in entry.fields.iter().filter(|field| !field.values.is_empty()) {
            let object = catalogue::object(entry.kind.name()).unwrap();
            let name = format!("{}.{}", object.name, field.name);
            match catalogue::field(object.fields, field.name).map(|known| known.kind) {
                Some(Type::Enum(known)) => {
                    let sorted = |values: &[&'static str]| values.iter().copied().collect::<BTreeSet<_>>();
                    assert_eq!(sorted(field.values), sorted(known), "{name}");
                }
                Some(Type::String { .. }) => drop(listed.insert(name)),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
    assert_eq!(listed, LISTED_IN_THE_DOCUMENTATION.iter().map(|name| (*name).to_owned()).collect());
}

#[test]
fn days_and_hours_are_counted_in_the_calendar_alone() {
    for (name, text) in sources("src").iter().filter(|(name, _)| !name.starts_with("src/time/")) {
        // The limits are a table of numbers that uses nothing.
        for line in code(text).filter(|_| name != "src/limits.rs") {
            let found = ["86_400", "3_600", "60 * 60"].iter().find(|word| line.contains(**word));
            assert!(found.is_none(), "{name}: {line}");
        }
    }
}

#[test]
fn an_id_that_names_nothing_is_an_error_in_one_place() {
    let lookup = |name: &str| name == "src/contract/lookup.rs" || name.starts_with("src/error/");
    for (name, text) in sources("src").iter().filter(|(name, _)| !lookup(name)) {
        for line in code(text) {
            assert!(!line.contains("ApiError::missing_in_"), "{name}: {line}");
        }
    }
}

#[test]
fn a_whole_object_is_written_by_save_alone() {
    // `|stored| *stored = changed` in an update would take back whatever changed since the object was read.
    let writes_back = |line: &str| {
        line.match_indices("| *").any(|(at, _)| {
            let name = line[..at].rsplit('|').next().unwrap_or_default();
            !name.is_empty() && line[at + 3..].strip_prefix(name).is_some_and(|rest| rest.starts_with(" = "))
        })
    };
    assert!(writes_back("tx.update::<Charge>(&id, |stored| *stored = changed);"));
    for (name, text) in sources("src").iter().filter(|(name, _)| !name.starts_with("src/state/")) {
        for line in code(text) {
            assert!(!writes_back(line), "{name}: {line}");
        }
    }
}

/// The types that the program declares, with their files: at the top of a module, or as a resource.
fn types() -> Vec<(String, String)> {
    let mut types = Vec::new();
    for (file, text) in sources("src").into_iter().filter(|(file, _)| !file.ends_with("/tests.rs")) {
        let program = text.split("\nmod tests {").next().unwrap_or_default();
        for line in code(program) {
            let item = line.strip_prefix("pub ").or(line.strip_prefix("pub(super) ")).unwrap_or(line);
            let item =
                item.strip_prefix("pub(crate) ").or(item.strip_prefix("pub(in crate::resources) ")).unwrap_or(item);
            let declared = ["struct ", "enum ", "trait ", "type "].into_iter().find_map(|word| item.strip_prefix(word));
            let resource = line.strip_prefix("    ").filter(|line| line.contains(" = \"") && line.ends_with("\" {"));
            let Some(rest) = declared.or(resource) else { continue };
            let name = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            types.push((name, file.clone()));
        }
    }
    types
}

#[test]
fn a_type_name_occurs_once() {
    let types = types();
    assert!(types.len() > 400, "{} types", types.len());
    for name in ["Charge", "AccountKey", "Edit"] {
        assert!(types.iter().any(|(known, _)| known == name), "{name}");
    }
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, file) in types {
        files.entry(name).or_default().push(file);
    }
    let twice: Vec<_> = files.iter().filter(|(_, files)| files.len() > 1).collect();
    assert!(twice.is_empty(), "a name tells one type from all others: {twice:#?}");
}
