//! The guides for contributors name what exists: files, folders, modules, functions, types and constants.
//!
//! In backticks: `src/FILE.rs` is a path; `module::function`, `Type::method` and `Type::Variant` are looked up in the files of the
//! module or of the type; a capitalized word is a type or a variant, `name!` a macro, and a word in capitals a constant. A plain
//! word in lower case may be anything, such as a member of the API, so functions are named with their module.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::tidy::{code, root, sources};

const GUIDES: [&str; 2] = ["docs/architecture.md", "docs/contributing.md"];

/// The first words of variables of the environment, which are no constants.
const VARIABLES: [&str; 4] = ["PINSTRIPE_", "SOAK_", "CARGO_", "CI"];

/// The folders and files at the root of the repository that a path begins with.
const ROOTS: [&str; 7] = ["src", "tests", "docs", "scripts", "tools", "benches", "fixtures"];

/// The code of `src/`, file by file, without comments.
struct Code(Vec<(String, Vec<String>)>);

impl Code {
    fn read() -> Self {
        let files = sources("src");
        Code(files.into_iter().map(|(name, text)| (name, code(&text).map(str::to_owned).collect())).collect())
    }

    /// The files of a module: `payments::charges` is `src/resources/payments/charges/mod.rs` and what is below it.
    fn of_module(&self, path: &[&str]) -> Vec<&(String, Vec<String>)> {
        let is_it = |name: &str| {
            let name = name.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
            name.split('/').collect::<Vec<_>>().ends_with(path)
        };
        self.0.iter().filter(|(name, _)| is_it(name)).collect()
    }

    /// The files that define a type or implement it.
    fn of_type(&self, name: &str) -> Vec<&(String, Vec<String>)> {
        let is_it =
            |line: &String| defines_type(line, name) || words(line).any(|word| word == name) && line.contains("impl");
        self.0.iter().filter(|(_, lines)| lines.iter().any(is_it)).collect()
    }

    fn any(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.0.iter().any(|(_, lines)| lines.iter().any(|line| is_it(line)))
    }
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// Whether a line defines an item of this name: the name follows one of these words, with a macro's declaration of a struct
/// (`ShippingRate = "shipping_rate"`) among them.
fn defines(line: &str, keywords: &[&str], name: &str) -> bool {
    if !line.contains(name) {
        return false;
    }
    let found: Vec<&str> = words(line).filter(|word| !word.is_empty()).collect();
    found.windows(2).any(|pair| keywords.contains(&pair[0]) && pair[1] == name)
}

fn defines_type(line: &str, name: &str) -> bool {
    let declared = line.trim().strip_prefix(name).is_some_and(|rest| rest.starts_with(" = \""));
    declared || defines(line, &["struct", "enum", "trait", "type"], name)
}

/// Whether a line is a variant or a member of this name.
fn is_member(line: &str, name: &str) -> bool {
    let rest = line.trim().trim_start_matches("pub ").strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([',', '(', ' ', ':']))
}

/// Why a name in backticks leads nowhere; `None` if it is found, or is no name of the code.
fn fault(name: &str, all: &Code) -> Option<String> {
    let name = name.trim_end_matches("()");
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if ROOTS.contains(&name.split('/').next().unwrap()) && name.contains('/') {
        let path = name.split(' ').next().unwrap();
        return (!root().join(path).exists()).then(|| format!("there is no {path}"));
    }
    let parts: Vec<&str> = name.split("::").collect();
    if !parts.iter().all(|part| is_word(part.trim_end_matches('!'))) {
        return None;
    }
    let (last, before) = parts.split_last().unwrap();
    if let Some(owner) = before.last() {
        let is_type = owner.starts_with(|c: char| c.is_ascii_uppercase());
        let files = if is_type { all.of_type(owner) } else { all.of_module(before) };
        let kinds = ["fn", "struct", "enum", "trait", "type", "const", "static", "mod"];
        let is_it = |line: &String| {
            defines(line, &kinds, last) || defines_type(line, last) || (is_type && is_member(line, last))
        };
        let reexported = |line: &String| !is_type && line.contains("pub use") && words(line).any(|word| word == *last);
        let found = files.iter().any(|(_, lines)| lines.iter().any(|line| is_it(line) || reexported(line)));
        return (!found).then(|| format!("`{name}` is not found"));
    }
    let found = if let Some(name) = last.strip_suffix('!') {
        all.any(|line| line.contains(&format!("macro_rules! {name} ")))
    } else if last.len() > 1 && last.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
        VARIABLES.iter().any(|variable| last.starts_with(variable))
            || all.any(|line| defines(line, &["const", "static"], last))
    } else if last.starts_with(|c: char| c.is_ascii_uppercase()) {
        all.any(|line| defines_type(line, last))
    } else {
        true
    };
    (!found).then(|| format!("`{name}` is not found"))
}

/// What stands in backticks in a text, outside of blocks of code.
fn quoted(text: &str) -> BTreeSet<String> {
    let prose: String = text.split("```").step_by(2).collect();
    prose.split('`').skip(1).step_by(2).map(|name| name.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn the_guides_name_what_exists() {
    let all = Code::read();
    for guide in GUIDES {
        let text = fs::read_to_string(root().join(guide)).unwrap();
        let names = quoted(&text);
        assert!(names.len() > 30, "{guide} names nothing");
        let faults: Vec<String> = names.iter().filter_map(|name| fault(name, &all)).collect();
        assert!(faults.is_empty(), "{guide}:\n{}", faults.join("\n"));
    }
}

#[test]
fn a_name_that_leads_nowhere_is_a_fault() {
    let all = Code::read();
    let wrong = [
        "src/dispatch/nothing.rs",
        "tests/nothing/",
        "dispatch::nothing",
        "nothing::handle",
        "generic::handle",
        "Sandbox::nothing",
        "Nothing::write",
        "Nothing",
        "nothing!",
        "NOTHING_MAX",
    ];
    for name in wrong {
        assert!(fault(name, &all).is_some(), "{name}");
    }
    let right = [
        "src/dispatch/",
        "src/dispatch/mod.rs",
        "dispatch::handle",
        "Sandbox::write",
        "Outcome::Done",
        "Sandbox",
        "resource!",
        "EVENTS_MAX",
        "PINSTRIPE_SEED",
        "charge.captured",
        "POST /v1/charges",
        "--seed",
    ];
    for name in right {
        assert_eq!(fault(name, &all), None, "{name}");
    }
}

#[test]
fn the_architecture_lists_every_folder_of_the_program() {
    let text = fs::read_to_string(root().join(GUIDES[0])).unwrap();
    let listed = quoted(&text);
    for entry in fs::read_dir(root().join("src")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = Path::new("src").join(entry.file_name().unwrap());
        let name = if entry.is_dir() { format!("{}/", name.display()) } else { name.display().to_string() };
        assert!(listed.contains(&name), "docs/architecture.md does not list {name}");
    }
}
