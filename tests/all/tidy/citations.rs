//! Comments cite `docs/reference/` in one form, and each citation leads to a section or to a numbered item.
//!
//! The form: the name of the file without its ending, then numbers: `core-payments 1.7`, `core-payments 1.7, 1.9`,
//! `core-payments 5.4 to 5.6`. A section is a numbered heading; an item is a row of a table that begins with its own
//! number (`10.2.8`), or a line of a numbered list (line 4 of section 3.7 is 3.7.4). A number that is neither is a fault,
//! although a section contains it: in a section without numbered items the section itself is cited.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::tidy::{root, sources};

/// Short names of these files, which nobody can look up.
const ABBREVIATIONS: [&str; 9] = ["cp", "ic", "bl", "bi", "b1", "b2", "ca", "pl", "sj"];

/// Words that cite something, if a number follows them, but say not what.
const VAGUE: [&str; 7] = ["reference", "references", "design", "section", "sections", "findings", "§"];

/// The numbers of one file that can be cited.
struct Numbers {
    sections: BTreeSet<String>,
    items: BTreeSet<String>,
}

/// The files of `docs/reference/`, by the name that a citation has for them.
type Reference = BTreeMap<String, Numbers>;

fn reference() -> Reference {
    let mut files = Reference::new();
    for (name, text) in pages("docs/reference") {
        let stem = Path::new(&name).file_stem().unwrap().to_str().unwrap().to_owned();
        if stem != "README" {
            files.insert(stem, numbers(&text));
        }
    }
    files
}

/// The Markdown files in a folder, not below it, with their texts.
fn pages(folder: &str) -> Vec<(String, String)> {
    let paths = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let pages = paths.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let name = |path: &Path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    pages.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

fn numbers(text: &str) -> Numbers {
    let mut sections = BTreeSet::new();
    let mut items = BTreeSet::new();
    let mut section = None;
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("##") {
            section = number(title.trim_start_matches(['#', ' ']).split(' ').next().unwrap()).map(|(found, _)| found);
            sections.extend(section.clone());
        } else if let Some(row) = line.strip_prefix("| ") {
            let own = number(row.split(' ').next().unwrap()).map(|(found, _)| found);
            items.extend(own.filter(|own| section.as_ref().is_some_and(|section| is_in(own, section))));
        } else if let (Some((place, rest)), Some(section)) = (line.split_once(". "), &section)
            && !rest.is_empty()
            && place.parse::<u32>().is_ok()
        {
            items.insert(format!("{section}.{place}"));
        }
    }
    Numbers { sections, items }
}

/// Whether a number is one of a section's items: `10.2.8` of `10.2`.
fn is_in(item: &str, section: &str) -> bool {
    item.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
}

/// The section number at a word's beginning and the punctuation behind it; none if the word is another, such as `2xx`
/// or `2018-05-21`.
fn number(word: &str) -> Option<(String, &str)> {
    let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
    let found = word[..end].trim_end_matches('.');
    let rest = &word[found.len()..];
    let is_number = found.starts_with(|c: char| c.is_ascii_digit()) && found.split('.').all(|part| !part.is_empty());
    (is_number && rest.chars().all(|c| ".,;:".contains(c))).then(|| (found.to_owned(), rest))
}

/// The comments of a Rust text: the line at which each begins, and its words on one line.
fn comments(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (at, line) in text.lines().enumerate() {
        let whole = line.trim_start().strip_prefix("//");
        let behind = || line.split_once(" // ").map(|(_, comment)| comment);
        match (whole, found.last_mut()) {
            (Some(comment), Some((_, begun))) if goes_on => {
                begun.push(' ');
                begun.push_str(comment.trim_start_matches(['/', '!']));
            }
            (Some(comment), _) => found.push((at + 1, comment.trim_start_matches(['/', '!']).to_owned())),
            (None, _) => found.extend(behind().map(|comment| (at + 1, comment.to_owned()))),
        }
        goes_on = whole.is_some();
    }
    found
}

/// Words, with brackets and quotes as words of their own.
fn words(text: &str) -> Vec<&str> {
    let is_mark = |c: char| "()[]{}\"`“”*|".contains(c);
    let mut words = Vec::new();
    for chunk in text.split_whitespace() {
        let mut rest = chunk;
        while let Some(at) = rest.find(is_mark) {
            let end = at + rest[at..].chars().next().unwrap().len_utf8();
            words.extend([&rest[..at], &rest[at..end]].into_iter().filter(|word| !word.is_empty()));
            rest = &rest[end..];
        }
        words.extend(Some(rest).filter(|word| !word.is_empty()));
    }
    words
}

/// What is wrong with a text's citations, and how many there are.
fn check(text: &str, reference: &Reference) -> (usize, Vec<String>) {
    let words = words(text);
    let mut faults = Vec::new();
    let mut citations = 0;
    let mut at = 0;
    while at < words.len() {
        let word = words[at];
        let next = words.get(at + 1).copied().unwrap_or_default();
        let plain = word.trim_end_matches([',', '.', ':', ';']);
        let is_number_next = number(next).is_some();
        let stem = plain.trim_end_matches(".md").to_lowercase();
        at += 1;
        if let (Some(numbers), true) = (reference.get(word), is_number_next) {
            let (cited, end) = list(&words, at);
            citations += cited.len();
            let is_unknown = |cited: &&String| !numbers.sections.contains(*cited) && !numbers.items.contains(*cited);
            faults.extend(cited.iter().filter(is_unknown).map(|cited| format!("`{word} {cited}` leads nowhere")));
            let link = words.get(end).copied().unwrap_or_default();
            let behind = words.get(end + 1).copied().unwrap_or_default();
            if (["and", "or", "&"].contains(&link) && number(behind).is_some()) || is_split(&words, end) {
                faults.push(format!("`{word} {next} {link} {behind}`: numbers of a file are separated by `, `"));
            }
            at = end;
        } else if reference.contains_key(&stem) && (is_number_next || VAGUE.contains(&next) || next.starts_with('§')) {
            faults.push(format!("`{word} {next}` is written `{stem} NUMBER`"));
        } else if ABBREVIATIONS.contains(&stem.as_str()) && is_number_next {
            faults.push(format!("`{word} {next}` abbreviates the name of a file"));
        } else if plain.starts_with('§') || (VAGUE.contains(&stem.as_str()) && is_number_next) {
            faults.push(format!("`{word} {next}` does not say of which file"));
        } else if word == "(" && is_bare(next, words.get(at + 1).copied()) {
            faults.push(format!("`({next}` does not say of which file"));
        } else if plain.ends_with(".md") && !plain.contains("://") && !is_page(plain) {
            faults.push(format!("`{plain}` is not in the repository"));
        }
    }
    (citations, faults)
}

/// Whether a bracket holds numbers of a section alone, as in `(7.3)` or `(7.6, …)`; `(1.52 or newer)` is a version.
fn is_bare(first: &str, then: Option<&str>) -> bool {
    number(first).is_some_and(|(found, rest)| found.contains('.') && (rest == "," || then == Some(")")))
}

/// Whether the list that ended at a place goes on behind a semicolon, without the name of a file.
fn is_split(words: &[&str], end: usize) -> bool {
    words[end - 1].ends_with(';') && words.get(end).is_some_and(|word| number(word).is_some())
}

/// The numbers that begin at a place, separated by `, ` or ` to `, and the place behind them.
fn list(words: &[&str], mut at: usize) -> (Vec<String>, usize) {
    let mut cited = Vec::new();
    while let Some((found, rest)) = words.get(at).and_then(|word| number(word)) {
        cited.push(found);
        at += 1;
        let is_range = words.get(at) == Some(&"to") && words.get(at + 1).is_some_and(|word| number(word).is_some());
        match rest {
            "," => {}
            "" if is_range => at += 1,
            _ => break,
        }
    }
    (cited, at)
}

/// Whether a Markdown file of this name is in the repository: by its path, or in `docs/`.
fn is_page(name: &str) -> bool {
    ["", "docs", "docs/reference"].iter().any(|folder| root().join(folder).join(name).is_file())
}

/// Every text that may cite: its name and its first line, and what it says.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for (name, text) in sources(folder).iter().filter(|(name, _)| !name.ends_with("citations.rs")) {
            texts.extend(comments(text).into_iter().map(|(line, comment)| (format!("{name}:{line}"), comment)));
        }
    }
    texts.extend(pages("").into_iter().chain(pages("docs")));
    texts
}

#[test]
fn every_citation_leads_to_a_section_of_the_reference() {
    let reference = reference();
    for (name, numbers) in &reference {
        assert!(numbers.sections.len() > 5, "{name} has no numbered sections");
    }
    let mut citations = 0;
    let mut faults = Vec::new();
    for (place, text) in texts() {
        let (found, wrong) = check(&text, &reference);
        citations += found;
        faults.extend(wrong.into_iter().map(|fault| format!("{place}: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(citations > 500, "only {citations} citations were found");
}

#[test]
fn every_flow_cites_its_row() {
    let reference = reference();
    for file in fs::read_dir(root().join("tests/flows")).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_some_and(|ending| ending == "json") {
            let flows: Vec<serde_json::Value> = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
            for rule in flows.iter().map(|flow| flow["rule"].as_str().unwrap()) {
                let (citations, faults) = check(rule, &reference);
                let begins = rule.split(' ').next().is_some_and(|word| reference.contains_key(word));
                assert!(begins && citations > 0 && faults.is_empty(), "{rule}: {faults:?}");
            }
        }
    }
}

#[test]
fn a_citation_that_nobody_can_follow_is_a_fault() {
    let reference = reference();
    let wrong = [
        "(cp 1.4)",
        "the wording is not recorded (ic 3.6); nothing is sent",
        "pl 1.2, cp 6.9",
        "(billing 6, bl 3)",
        "core-payments 99.1",
        "core-payments 10.2.99",
        "platform 5.2.1",
        "core-payments 1.7, 1.99",
        "core-payments 5.4 to 5.99",
        "core-payments 5.4 and 5.5",
        "core-payments 1.6; 1.8",
        "Core-payments 3.5",
        "core-payments.md 3.5",
        "`core-payments.md` section 7",
        "billing, 3.5",
        "billing §3.5",
        "reference 6.4.8",
        "(design section 3, step 7)",
        "design 5",
        "design.md",
        "findings/house.md",
        "section 6 says so",
        "§6",
        "Declines (7.3).",
    ];
    for text in wrong {
        let (_, faults) = check(text, &reference);
        assert!(!faults.is_empty(), "{text}");
    }
}

#[test]
fn a_citation_in_the_one_form_is_none() {
    let reference = reference();
    let right = [
        ("The money was taken before (core-payments 6.8.5).", 1),
        ("`core-payments 1.7`", 1),
        ("(core-payments 1.2.5, 3.3.9). The rest", 2),
        ("core-payments 10.3.4, 10.4.2; billing 7.6", 3),
        ("(core-payments 5.5.4 to 5.5.6, 5.6.9)", 3),
        ("connect-accounts 3.7.4: a procedure", 1),
        ("platform 6.1, 2018-05-21", 1),
        ("billing 1, 2; the documentation of 3 more", 2),
        ("a platform and its 2 accounts; billing in 30 days", 0),
        ("docs/reference/README.md, decision 1", 0),
        ("the CLI (1.52 or newer)", 0),
    ];
    for (text, citations) in right {
        assert_eq!(check(text, &reference), (citations, Vec::new()), "{text}");
    }
}

#[test]
fn a_comment_is_read_over_its_lines() {
    let text = "//! One (core-payments 1.1.1,\n//! 1.1.2).\nlet a = 1; // platform 7.3\n    /// billing\n    /// 6.1\nfn b() {}";
    let found = comments(text);
    let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 3, 4]);
    let cited: Vec<usize> = found.iter().map(|(_, comment)| check(comment, &reference()).0).collect();
    assert_eq!(cited, [2, 1, 1]);
}
