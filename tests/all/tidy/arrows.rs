//! Which folder of `src/` names which other: the layers of the program, as a table that may only get shorter.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::{code, root, sources};

/// A folder or file of `src/`, and the others that it may name.
const ARROWS: &[(&str, &str)] = &[
    ("main", "signals"),
    ("lib", "config server"),
    ("exec", "signals"),
    ("stdio", "signals"),
    ("server", "app config engine fixtures http limits memory save state tls webhooks"),
    ("save", "app fixtures limits state"),
    ("pull", "app catalogue config fixtures limits receiver_url state webhooks"),
    ("activity", "contract limits request_log state"),
    (
        "app",
        "activity cli config contract entry error limits links memory request_log resources settings state time webhooks",
    ),
    (
        "http",
        "access activity api app catalogue cli config contract control dispatch engine entry error faults form generic limits links mcp pages request_log resources state",
    ),
    (
        "control",
        "access activity api app catalogue cli contract engine entry error events faults fixtures generic issuers limits links pages request_log resources settings state time triggers webhooks",
    ),
    (
        "pages",
        "access app catalogue contract dispatch engine entry error form generic limits links money qr resources state time url",
    ),
    ("mcp", "catalogue entry error limits"),
    ("access", "contract error links"),
    ("links", "entry state"),
    ("tls", "entry"),
    ("entry", "error state"),
    ("cli", "app catalogue contract dispatch error events form limits request_log state time webhooks"),
    ("webhooks", "activity contract events faults limits receiver_url resources state time"),
    ("triggers", "catalogue contract dispatch engine error form state"),
    ("fixtures", "app catalogue contract dispatch engine error form limits resources settings state time"),
    ("dispatch", "api catalogue contract engine error form generic issuers links object resources state"),
    ("engine", "contract error events limits settings state"),
    (
        "resources",
        "api catalogue contract countries error events generic issuers jurisdictions limits links money object pricing qr receiver_url settings state time",
    ),
    ("generic", "api catalogue contract error limits money object state time"),
    ("object", "api catalogue contract error limits money state time"),
    ("events", "api catalogue contract links state"),
    ("api", "catalogue contract error form limits state url"),
    ("contract", "catalogue error issuers limits links settings state time"),
    ("request_log", "catalogue form limits state"),
    ("form", "error limits state"),
    ("error", "faults issuers limits money state time url"),
    ("faults", "catalogue form issuers limits state"),
    ("jurisdictions", "money state"),
    ("pricing", "money"),
    ("receiver_url", "form url"),
    ("state", "catalogue faults limits memory settings time"),
    ("config", "catalogue contract limits memory mock_flags receiver_url request_log settings time tls webhooks"),
];

/// Whether a name is a folder or a file of `src/`, not an item of its root.
fn is_place(name: &str) -> bool {
    let place = root().join("src").join(name);
    place.is_dir() || place.with_extension("rs").is_file()
}

/// The arrows that the code draws: `crate::NAME` anywhere outside of comments. Unit tests may name anything.
fn drawn() -> BTreeMap<String, BTreeSet<String>> {
    let mut drawn: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, text) in sources("src") {
        let from = name.trim_start_matches("src/").split(['/', '.']).next().unwrap().to_owned();
        let program = text.split("\nmod tests {").next().unwrap();
        let lines = code(program).filter(|_| !name.ends_with("/tests.rs"));
        for line in lines {
            for (at, word) in line.match_indices("crate::") {
                let rest = &line[at + word.len()..];
                assert!(!rest.starts_with('{'), "{name}: one `use` for each folder: {line}");
                let to: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                let is_macro = rest[to.len()..].starts_with('!');
                let before = line[..at].chars().next_back();
                let is_path = before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '$' | '_' | ':'));
                if is_path && !is_macro && !to.is_empty() && to != from && is_place(&to) {
                    drawn.entry(from.clone()).or_default().insert(to);
                }
            }
        }
    }
    drawn
}

#[test]
fn folders_name_only_the_folders_of_the_table() {
    let table: BTreeMap<_, BTreeSet<_>> =
        ARROWS.iter().map(|(from, to)| (*from, to.split_whitespace().collect())).collect();
    for (from, targets) in drawn() {
        let allowed = table.get(from.as_str()).cloned().unwrap_or_default();
        let new: Vec<_> = targets.iter().filter(|to| !allowed.contains(to.as_str())).collect();
        assert!(new.is_empty(), "{from} must not name {new:?}");
    }
}

#[test]
fn the_table_holds_no_arrow_that_the_code_does_not_draw() {
    let drawn = drawn();
    for (from, to) in ARROWS.iter().flat_map(|(from, to)| to.split_whitespace().map(move |to| (*from, to))) {
        let is_drawn = drawn.get(from).is_some_and(|targets| targets.contains(to));
        assert!(is_drawn, "{from} does not name {to} any more: take it out of the table");
    }
}
