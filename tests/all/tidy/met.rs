//! Every sentence of an error and every event is met by a test.
//!
//! A sentence is met when a test compares all of it: a string in `tests/all/` fits its template, or an answer that the
//! transcript has recorded holds it. An event is met when the transcript has recorded one, or a flow of `tests/flows/`
//! names it among what is emitted. What no test meets is listed here with the issue that will meet it; the lists can only
//! get shorter.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use pinstripe::catalogue::{self, Method};
use pinstripe::resources;
use serde_json::Value;

use crate::tidy::{root, sources};

/// The constructor of an error whose sentence no test compares, and the issue that will.
const UNMET_ERRORS: &[(&str, &str)] = &[
    ("filter_not_implemented", "no list has such a filter today: the one that brings it"),
    ("meter_events_too_many", "a million events take a test too long"),
];

/// An event that no test meets, and the issue that will.
const UNMET_EVENTS: &[(&str, &str)] = &[];

/// A string in Rust code, and the function that it is in.
#[derive(Debug, PartialEq)]
struct Literal<'t> {
    function: &'t str,
    text: String,
}

/// The strings of a source file, apart from comments and unit tests.
fn literals(source: &str) -> Vec<Literal<'_>> {
    let mut all = Vec::new();
    let mut function = "";
    let mut rest = source.split("\nmod tests {").next().unwrap();
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(after) = rest.strip_prefix("fn ") {
            let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
            function = &after[..end];
            rest = &after[end..];
        } else if rest.starts_with("r\"")
            || rest.starts_with("r#") && rest.trim_start_matches(['r', '#']).starts_with('"')
        {
            let hashes = rest[1..].find('"').unwrap();
            let close = format!("\"{}", "#".repeat(hashes));
            let (text, after) = rest[hashes + 2..].split_once(&close).unwrap_or((&rest[hashes + 2..], ""));
            all.push(Literal { function, text: text.to_owned() });
            rest = after;
        } else if c == '"' {
            let (text, after) = quoted(&rest[1..]);
            all.push(Literal { function, text });
            rest = after;
        } else if c == '\'' {
            // A character may be a quotation mark; a lifetime is none.
            let end = if rest[1..].starts_with('\\') { rest[3..].find('\'').map(|at| at + 4) } else { None };
            let one = || rest[1..].chars().next().filter(|c| rest[1 + c.len_utf8()..].starts_with('\''));
            rest = &rest[end.or_else(|| one().map(|c| c.len_utf8() + 2)).unwrap_or(1)..];
        } else {
            // A word is passed at once, so that `r` at its end begins no string.
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            rest = &rest[if word > 1 { word } else { c.len_utf8() }..];
        }
    }
    all
}

/// A string from behind its opening quotation mark, and what follows it.
fn quoted(source: &str) -> (String, &str) {
    let mut text = String::new();
    let mut chars = source.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (text, &source[at + 1..]),
            '\\' => match chars.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((at, '\n')) => {
                    let after = &source[at..];
                    let gap = after.len() - after.trim_start().len();
                    chars = source[at + gap..].char_indices();
                    let (more, after) = quoted(chars.as_str());
                    return (text + &more, after);
                }
                Some((_, escaped)) => text.push(escaped),
                None => {}
            },
            c => text.push(c),
        }
    }
    (text, "")
}

/// The parts of a sentence around what is filled in.
fn parts(template: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = template.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' if chars.peek() == Some(&c) => {
                chars.next();
                parts.last_mut().unwrap().push(c);
            }
            '{' => {
                chars.by_ref().find(|c| *c == '}');
                parts.push(String::new());
            }
            c => parts.last_mut().unwrap().push(c),
        }
    }
    parts
}

/// Whether a text is the sentence with something filled in; of a sentence's end or middle, whether the text holds it.
fn fits(parts: &[String], text: &str) -> bool {
    let (first, last) = (&parts[0], parts.last().unwrap());
    let is_part = first.starts_with(|c: char| c.is_lowercase() || c == ' ') || first == "`" && !last.ends_with('.');
    let found = if is_part { text.find(first.as_str()) } else { text.starts_with(first.as_str()).then_some(0) };
    let Some(at) = found else { return false };
    let mut rest = &text[at + first.len()..];
    if parts.len() == 1 {
        return is_part || rest.is_empty();
    }
    for part in &parts[1..parts.len() - 1] {
        let Some(at) = rest.find(part.as_str()) else { return false };
        rest = &rest[at + part.len()..];
    }
    if is_part { rest.contains(last.as_str()) } else { rest.ends_with(last.as_str()) }
}

/// Every sentence of `src/error/` with its constructor. Codes and names have no space; what has hardly a letter of its own
/// says nothing.
fn sentences() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (_, source) in sources("src/error") {
        for literal in literals(&source) {
            let letters = parts(&literal.text).concat().chars().filter(|c| c.is_alphabetic()).count();
            if literal.text.contains(' ') && letters >= 8 {
                all.push((literal.function.to_owned(), literal.text));
            }
        }
    }
    all
}

fn recordings() -> Vec<String> {
    let folder = root().join("tests/all/transcript/recorded");
    fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

/// The string at the end of a line of recorded JSON, with the key before it.
fn recorded(line: &str) -> Option<(&str, String)> {
    let (key, value) = line.trim().trim_end_matches(',').strip_prefix('"')?.split_once("\": ")?;
    Some((key, serde_json::from_str::<Value>(value).ok()?.as_str()?.to_owned()))
}

/// Every text that a test compares.
fn compared() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for text in recordings() {
        all.extend(text.lines().filter_map(recorded).map(|(_, value)| value));
    }
    for (name, source) in sources("tests/all") {
        if name != "tests/all/tidy/met.rs" {
            all.extend(literals(&source).into_iter().map(|literal| literal.text));
        }
    }
    all
}

/// A source without the events that its triggers name: those are emitted by what the trigger does.
fn without_triggers(source: &str) -> String {
    let mut parts = source.split("Trigger::");
    let mut rest = parts.next().unwrap().to_owned();
    for part in parts {
        // A constructor, then the event as its first argument.
        let argument = part.split_once('(').map(|(_, arguments)| arguments.trim_start());
        let after = argument.and_then(|argument| argument.strip_prefix('"')?.split_once('"'));
        rest.push_str(after.map_or(part, |(_, after)| after));
    }
    rest
}

/// Every event that some change emits: what the kinds declare, and what rules announce by name.
fn emitted() -> BTreeSet<&'static str> {
    resources::install();
    let mut all = BTreeSet::new();
    for operation in catalogue::operations() {
        let Some((entry, _)) = resources::behaviour(operation) else { continue };
        let events = &entry.events;
        match operation.method {
            Method::Get => {}
            Method::Post if operation.path.ends_with('}') => all.extend(events.updated),
            Method::Post if operation.name.ends_with(".create") => all.extend(events.created),
            Method::Post => {}
            Method::Delete => all.extend(events.deleted),
        }
        all.extend(events.turns.iter().flat_map(|turn| turn.events));
    }
    let known: BTreeMap<&str, &str> = catalogue::event_types().iter().map(|event| (event.name, event.name)).collect();
    for (name, source) in sources("src") {
        // What these name is emitted by others or not at all.
        if !["src/events/", "src/catalogue/"].iter().any(|folder| name.starts_with(folder)) {
            all.extend(
                literals(&without_triggers(&source))
                    .iter()
                    .filter_map(|literal| known.get(literal.text.as_str()).copied()),
            );
        }
    }
    all
}

/// Every event that a test meets.
fn met() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for text in recordings() {
        all.extend(text.lines().filter_map(recorded).filter(|(key, _)| *key == "type").map(|(_, value)| value));
    }
    for entry in fs::read_dir(root().join("tests/flows")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "json") {
            let flows: Vec<Value> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
            let events = flows.iter().flat_map(|flow| flow["events"].as_array().unwrap());
            all.extend(events.map(|event| event.as_str().unwrap().to_owned()));
        }
    }
    all
}

/// Holds what is unmet against the list of it.
fn check(unmet: &[(String, String)], list: &[(&str, &str)]) {
    let listed = |name: &str| list.iter().any(|(listed, _)| *listed == name);
    let new: Vec<_> =
        unmet.iter().filter(|(name, _)| !listed(name)).map(|(name, what)| format!("{name}{what}")).collect();
    assert!(new.is_empty(), "met by no test: {}\n{}", new.len(), new.join("\n"));
    let gone: Vec<_> = list.iter().filter(|(listed, _)| !unmet.iter().any(|(name, _)| name == listed)).collect();
    assert!(gone.is_empty(), "met by a test, so take them out of the list: {gone:?}");
}

#[test]
fn every_sentence_of_an_error_is_compared_by_a_test() {
    let compared = compared();
    let unmet = sentences().into_iter().filter(|(_, sentence)| {
        let parts = parts(sentence);
        !compared.iter().any(|text| fits(&parts, text))
    });
    let unmet: Vec<_> = unmet.map(|(constructor, sentence)| (constructor, format!(": {sentence}"))).collect();
    check(&unmet, UNMET_ERRORS);
}

#[test]
fn every_event_that_can_be_emitted_is_met_by_a_test() {
    let (emitted, met) = (emitted(), met());
    assert!(emitted.len() > 100, "{}", emitted.len());
    let unmet = emitted.iter().filter(|event| !met.contains(**event));
    let unmet: Vec<_> = unmet.map(|event| ((*event).to_owned(), String::new())).collect();
    check(&unmet, UNMET_EVENTS);
}

#[test]
fn strings_are_found_and_compared_whole() {
    let source =
        "// \"no\"\nfn one() { x('\"', \"a \\\"b\\\" \\\n    c\", r#\"d \"e\"\"#) }\nfn two<'a>() { \"f {g}.\" }";
    let found: Vec<_> = literals(source).into_iter().map(|one| (one.function, one.text)).collect();
    let all = [("one", "a \"b\" c"), ("one", "d \"e\""), ("two", "f {g}.")];
    assert_eq!(found, all.map(|(function, text)| (function, text.to_owned())));
    let sentence = parts("No such {noun}: '{id}'");
    assert!(fits(&sentence, "No such card: 'card_1'"));
    for other in ["No such card: 'card_1' here", "Oh: No such card: 'card_1'", "No such card", "No such "] {
        assert!(!fits(&sentence, other), "{other}");
    }
    assert!(fits(&parts("it has been canceled"), "You cannot do it because it has been canceled."));
    assert_eq!(parts("{{a}} {b} c"), ["{a} ", " c"]);
}
