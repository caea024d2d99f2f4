//! How a script is written.
//!
//! ```text
//! # A comment.
//! POST /v1/customers email=ada@example.com&name=Ada Lovelace -> ada
//!   Stripe-Version: 2022-11-15
//! POST /v1/charges amount=2000&currency=usd&customer={{ada.id}}
//!   & description=a longer form goes on in the next line
//! GET /v1/charges limit=3
//! POST /v2/core/accounts {"contact_email": "ada@example.com"}
//! PUT /_pinstripe/state {{exported}}
//! EVENTS
//! ```
//!
//! A call is a method, a path and, where it has any, parameters: pairs joined by `&`, with values as they are. Those of a
//! POST are sent as a form, all others in the query. A body that begins with `{` or `[` is sent as JSON, and one that is a JSON
//! string as the text that it holds, with the `Content-Type` of the call's headers. `-> name` keeps the answer:
//! `{{name.key.0.key}}` stands for a value in it from then on, `{{name}}` for all of its text. Indented lines belong to the
//! call above: headers, and more of its parameters (`-> name` is behind the last of them). `EVENTS` lists all events and retrieves each.

/// The calls of an area.
#[derive(Debug)]
pub(super) struct Script {
    pub name: String,
    pub calls: Vec<Call>,
}

/// One call, with its placeholders still in it.
#[derive(Debug)]
pub(super) struct Call {
    /// Where it is in the script, for a message.
    pub line: usize,
    /// `EVENTS` or an HTTP method.
    pub method: String,
    pub path: String,
    pub body: String,
    pub headers: Vec<(String, String)>,
    pub name: Option<String>,
}

impl Script {
    /// Reads a script; panics, with the line, at what is none.
    pub(super) fn parse(name: &str, text: &str) -> Self {
        let mut calls: Vec<Call> = Vec::new();
        for (i, line) in text.lines().enumerate() {
            let at = || format!("{name}.txt:{}: {line}", i + 1);
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let Some(more) = line.strip_prefix("  ") else {
                calls.push(call(i + 1, line));
                continue;
            };
            let call = calls.last_mut().unwrap_or_else(|| panic!("no call to belong to: {}", at()));
            let (more, name) = named(more);
            call.name = name.or(call.name.take());
            match (more.trim().strip_prefix('&'), more.trim().split_once(": ")) {
                (Some(pairs), _) if call.body.is_empty() => call.body = pairs.trim().to_owned(),
                (Some(pairs), _) => call.body.push_str(&format!("&{}", pairs.trim())),
                (None, Some((header, value))) => call.headers.push((header.to_owned(), value.to_owned())),
                (None, None) => panic!("neither a header nor parameters: {}", at()),
            }
        }
        Script { name: name.to_owned(), calls }
    }
}

fn call(line: usize, text: &str) -> Call {
    let (text, name) = named(text);
    let mut parts = text.trim().splitn(3, ' ');
    let mut next = || parts.next().unwrap_or_default().trim().to_owned();
    Call { line, method: next(), path: next(), body: next(), headers: Vec::new(), name }
}

/// A line, and the name of the answer that it ends with.
fn named(text: &str) -> (&str, Option<String>) {
    match text.rsplit_once(" -> ") {
        Some((text, name)) => (text, Some(name.trim().to_owned())),
        None => (text, None),
    }
}
