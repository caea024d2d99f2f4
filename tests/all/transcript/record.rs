//! What is recorded of a call: one block of text.
//!
//! ```text
//! === 3 POST /v1/charges
//! > Stripe-Version: 2022-11-15
//! > amount=2000&currency=usd
//! < 200
//! < request-id: req_hB1nI8qUWbNuXk
//! { the body }
//! ```
//!
//! The body is what it was, but that a tab stands for the two spaces of each level, and `(as in 3)` for an object, wherever it
//! is in the body, of which call 3 showed exactly the same text.
//! Of the answer's headers all are recorded, in alphabetical order, but those of the connection and those with the value
//! that nearly every answer has ([`USUAL`]); where such a header is missing, `(none)` says so.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::support::client::Answer;

/// Headers that say something of the connection or of the machine, not of the answer.
const OF_THE_CONNECTION: [&str; 4] = ["connection", "content-length", "date", "transfer-encoding"];

/// Headers that are recorded only where they are different.
const USUAL: [(&str, &str); 6] = [
    ("cache-control", "no-cache, no-store"),
    ("content-type", "application/json"),
    ("pinstripe-coverage", "rules"),
    ("stripe-mock-version", "0.197.0"),
    ("stripe-should-retry", "false"),
    ("stripe-version", pinstripe::catalogue::API_VERSION),
];

/// Characters of a line of difference that a message shows.
const SHOWN: usize = 300;

/// The objects that were recorded, with the numbers of the calls that showed them first.
pub(super) type Shown = BTreeMap<String, usize>;

/// The block of a call.
pub(super) fn block(
    number: usize,
    method: &str,
    target: &str,
    sent: &[String],
    answer: &Answer,
    shown: &mut Shown,
) -> String {
    let mut out = format!("=== {number} {method} {target}\n");
    for line in sent.iter().flat_map(|text| text.split('\n')) {
        writeln!(out, "> {line}").unwrap();
    }
    writeln!(out, "< {}", answer.status).unwrap();
    let mut headers: Vec<(&str, &str)> = Vec::new();
    for (name, value) in &answer.headers {
        let (name, value) = (name.as_str(), value.as_str());
        if !OF_THE_CONNECTION.contains(&name) && !USUAL.contains(&(name, value)) {
            headers.push((name, value));
        }
    }
    if target.starts_with("/v") {
        let missing = USUAL.iter().filter(|(name, _)| answer.header(name).is_none());
        headers.extend(missing.map(|(name, _)| (*name, "(none)")));
    }
    headers.sort_unstable();
    headers.iter().for_each(|(name, value)| writeln!(out, "< {name}: {value}").unwrap());
    let lines: Vec<String> = answer.text.lines().map(tabbed).collect();
    body(&lines, number, shown, &mut out);
    if !answer.text.ends_with('\n') && !answer.text.is_empty() {
        out.push_str("\n(no newline at the end)\n");
    }
    out
}

fn tabbed(line: &str) -> String {
    let text = line.trim_start_matches("  ");
    "\t".repeat((line.len() - text.len()) / 2) + text
}

/// The lines of a body, with less of what was shown before.
fn body(lines: &[String], number: usize, shown: &mut Shown, out: &mut String) {
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let object = object(&lines[at..]);
        let former = object.as_ref().map(|(text, _)| *shown.entry(text.clone()).or_insert(number));
        match object.zip(former) {
            Some(((_, length), former)) if former != number => {
                let comma = if lines[at + length - 1].ends_with(',') { "," } else { "" };
                writeln!(out, "{}(as in {former}){comma}", line.trim_end_matches('{')).unwrap();
                at += length;
            }
            _ => {
                writeln!(out, "{line}").unwrap();
                at += 1;
            }
        }
    }
}

/// The object of the API that begins in the first of these lines, wherever it stood, and how many lines it has.
fn object(lines: &[String]) -> Option<(String, usize)> {
    let indent = lines[0].len() - lines[0].trim_start_matches('\t').len();
    let has_id = lines.get(1).is_some_and(|line| line.trim_start_matches('\t').starts_with("\"id\": "));
    if !has_id || !lines[0].ends_with('{') {
        return None;
    }
    let tabs = "\t".repeat(indent);
    let end = lines.iter().position(|line| line.strip_prefix(&tabs).is_some_and(|rest| rest == "}" || rest == "},"))?;
    let inside: Vec<&str> = lines[1..end].iter().map(|line| &line[indent..]).collect();
    Some((inside.join("\n"), end + 1))
}

/// The first line that differs, with the call that it is of and what is around it; nothing when all is the same.
pub(super) fn difference(recorded: &str, found: &str) -> Option<String> {
    if recorded == found {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (recorded.lines().collect(), found.lines().collect());
    let at = old.iter().zip(&new).position(|(old, new)| old != new).unwrap_or(old.len().min(new.len()));
    let call = new[..new.len().min(at + 1)].iter().rev().find(|line| line.starts_with("=== ")).unwrap_or(&"no call");
    let mut out = format!("{call}, line {}\n", at + 1);
    for line in &new[at.saturating_sub(4)..at.min(new.len())] {
        writeln!(out, "            {}", cut(line)).unwrap();
    }
    let mut show = |what: &str, lines: &[&str]| {
        let next = lines.iter().skip(at).take(3);
        next.for_each(|line| writeln!(out, "  {what}{}", cut(line)).unwrap());
        if lines.len() <= at {
            writeln!(out, "  {what}(the end)").unwrap();
        }
    };
    show("recorded: ", &old);
    show("now:      ", &new);
    Some(out)
}

fn cut(line: &str) -> &str {
    line.char_indices().nth(SHOWN).map_or(line, |(end, _)| &line[..end])
}

#[test]
fn the_first_difference_is_shown_with_its_call() {
    let recorded = "=== 1 GET /v1/a\n< 200\n{\n  \"a\": 1\n}\n=== 2 GET /v1/b\n< 200\n{\n  \"b\": 1\n}\n";
    assert_eq!(difference(recorded, recorded), None);
    let said = difference(recorded, &recorded.replace("\"b\": 1", "\"b\": 2")).unwrap();
    assert!(said.starts_with("=== 2 GET /v1/b, line 9\n"), "{said}");
    assert!(said.contains("recorded:   \"b\": 1\n") && said.contains("now:        \"b\": 2\n"), "{said}");
    let said = difference("", recorded).unwrap();
    assert!(said.starts_with("=== 1 GET /v1/a, line 1\n") && said.contains("recorded: (the end)"), "{said}");
    assert!(difference(recorded, "").unwrap().contains("now:      (the end)"));
    assert!(difference(recorded, recorded.trim_end()).is_some(), "the last newline counts");
}

#[test]
fn an_object_is_written_once() {
    let answer = |text: &str| {
        let body = serde_json::Value::Null;
        Answer { status: 200, headers: Vec::new(), body, text: text.to_owned(), bytes: Vec::new() }
    };
    let mut shown = Shown::new();
    let mut block = |number, text| block(number, "GET", "/", &[], &answer(text), &mut shown);
    let first = block(1, "{\n  \"id\": \"a\",\n  \"n\": 1\n}\n");
    assert_eq!(first, "=== 1 GET /\n< 200\n{\n\t\"id\": \"a\",\n\t\"n\": 1\n}\n");
    let same = block(2, "{\n  \"data\": [\n    {\n      \"id\": \"a\",\n      \"n\": 1\n    },\n    2\n  ]\n}\n");
    assert_eq!(same, "=== 2 GET /\n< 200\n{\n\t\"data\": [\n\t\t(as in 1),\n\t\t2\n\t]\n}\n");
    let other = block(3, "{\n  \"id\": \"a\",\n  \"n\": 2\n}\n");
    assert!(other.ends_with("{\n\t\"id\": \"a\",\n\t\"n\": 2\n}\n"), "{other}");
}
