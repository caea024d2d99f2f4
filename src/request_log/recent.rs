//! The last requests, kept in memory; an error's `request_log_url` leads to one.
//!
//! May use: std, serde_json, the form grammar. Invariant: it holds at most [`RECENT_REQUESTS_MAX`] requests of at most
//! [`RECENT_BYTES_MAX`] bytes together, and shows no secret: parameters are masked when they are shown.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::limits::{RECENT_BYTES_MAX, RECENT_ERROR_BYTES_MAX, RECENT_PARAMETERS_BYTES_MAX, RECENT_REQUESTS_MAX};
use crate::request_log::log::LogLine;
use crate::request_log::{masked, without_numbers};
use crate::state::Id;
use crate::state::document::{Doc, Map, Text};
use crate::state::event::Announced;
use crate::state::sandbox::DEFAULT_SANDBOX;

/// The last requests.
#[derive(Debug, Default)]
pub struct RecentRequests {
    requests: Mutex<Requests>,
}

#[derive(Debug, Default)]
struct Requests {
    /// The oldest first.
    kept: VecDeque<Arc<KeptRequest>>,
    bytes: usize,
}

/// What is kept of a request besides its log line.
#[derive(Debug, Default)]
pub struct RequestDetails<'a> {
    /// Unix seconds of the sandbox's clock.
    pub created: i64,
    /// The API version of the answer.
    pub version: &'a str,
    /// The connected account of the request; `None` for the platform account.
    pub account: Option<&'a str>,
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<&'a str>,
    /// The query as it was sent.
    pub query: &'a [u8],
    /// The body as it was sent; for an upload, a form without the content of the files.
    pub body: &'a [u8],
    /// The fields of the error.
    pub error: Option<Map>,
    /// The events that the request caused.
    pub events: Option<Announced>,
}

#[derive(Debug)]
struct KeptRequest {
    id: Box<str>,
    created: i64,
    method: Box<str>,
    path: Box<str>,
    sandbox: Box<str>,
    key: Box<str>,
    version: Box<str>,
    account: Option<Box<str>>,
    idempotency_key: Option<Box<str>>,
    operation: Option<&'static str>,
    query: Box<[u8]>,
    body: Box<[u8]>,
    status: u16,
    error: Option<Map>,
    fault: Option<Box<str>>,
    duration_us: u64,
    /// The id and the type of each event.
    events: Box<[(Id, &'static str)]>,
}

/// Filters for a list of requests; a filter that is not sent matches everything.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFilters {
    /// The sandbox (default: `default`).
    pub sandbox: Option<String>,
    /// The HTTP method, in upper or lower case.
    pub method: Option<String>,
    /// The path; with a `*` at the end, its beginning.
    pub path: Option<String>,
    /// The catalogue's name of the operation.
    pub operation: Option<String>,
    /// The HTTP status, or its class such as `4xx`.
    pub status: Option<String>,
    /// The error's code or type.
    pub error: Option<String>,
    /// The idempotency key.
    pub idempotency_key: Option<String>,
    /// The type or the id of an event that the request caused; with a `*` at the end, its beginning.
    pub event: Option<String>,
    /// The largest number of requests.
    pub limit: Option<usize>,
}

impl RecentRequests {
    /// Keeps an answered request.
    pub fn add(&self, line: &LogLine<'_>, details: RequestDetails<'_>) {
        let RequestDetails { created, version, account, idempotency_key, query, body, error, events } = details;
        let request = KeptRequest {
            id: line.request_id.into(),
            created,
            method: line.method.into(),
            path: line.path.into(),
            sandbox: line.sandbox.into(),
            key: line.key.into(),
            version: version.into(),
            account: account.map(Into::into),
            idempotency_key: idempotency_key.map(Into::into),
            operation: line.operation,
            query: short(query),
            body: short(body),
            status: line.status,
            error: error.map(|error| shortened(&error)),
            fault: line.fault.map(Into::into),
            duration_us: u64::try_from(line.duration.as_micros()).unwrap_or(u64::MAX),
            events: events.iter().flat_map(|all| all.iter()).map(|one| (Id::clone(&one.id), one.name)).collect(),
        };
        let forgotten = self.lock().push(Arc::new(request));
        // Dropped after the lock is free.
        drop(forgotten);
    }

    /// The matching requests of a sandbox, newest first. Requests without a valid key belong to the sandbox `default`.
    pub fn list(&self, sandbox: &str, wanted: &RequestFilters) -> Vec<Value> {
        let is_of = |found: &str| found == sandbox || (found.is_empty() && sandbox == DEFAULT_SANDBOX);
        // Whoever adds a request must not wait for all of them to be shown.
        let kept: Vec<_> = self.lock().kept.iter().rev().cloned().collect();
        let fits = kept.iter().filter(|request| is_of(&request.sandbox) && wanted.takes(request));
        fits.take(wanted.limit.unwrap_or(usize::MAX)).map(|request| request.to_json()).collect()
    }

    /// The request with this id.
    pub fn get(&self, id: &str) -> Option<Value> {
        let found = self.lock().kept.iter().rev().find(|request| &*request.id == id).cloned();
        found.map(|request| request.to_json())
    }

    fn lock(&self) -> MutexGuard<'_, Requests> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Requests {
    /// Adds a request, and returns those that it leaves no room for.
    fn push(&mut self, request: Arc<KeptRequest>) -> Vec<Arc<KeptRequest>> {
        self.bytes += request.size();
        self.kept.push_back(request);
        let mut forgotten = Vec::new();
        while self.kept.len() > RECENT_REQUESTS_MAX || self.bytes > RECENT_BYTES_MAX {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.size();
            forgotten.push(oldest);
        }
        forgotten
    }
}

/// The bytes, or nothing if they are too many to keep.
fn short(sent: &[u8]) -> Box<[u8]> {
    if sent.len() <= RECENT_PARAMETERS_BYTES_MAX { sent.into() } else { Box::default() }
}

/// The fields of an error, with as much of their texts as is kept.
fn shortened(error: &Map) -> Map {
    let mut room = RECENT_ERROR_BYTES_MAX;
    let mut fits = |text: &str| {
        let end = text.floor_char_boundary(room);
        room -= end;
        if end == text.len() { Doc::from(text.to_owned()) } else { Doc::from(format!("{}...", &text[..end])) }
    };
    let entries = error.iter().map(|(key, value)| {
        let value = value.as_str().map_or_else(|| value.clone(), &mut fits);
        (Text::copy_of(key), value)
    });
    Map::from_entries(entries.collect())
}

impl KeptRequest {
    /// Approximately how many bytes it holds.
    fn size(&self) -> usize {
        let texts = [&self.id, &self.method, &self.path, &self.sandbox, &self.key, &self.version];
        let named = [&self.account, &self.idempotency_key, &self.fault];
        let texts = texts.into_iter().chain(named.into_iter().flatten()).map(|text| text.len()).sum::<usize>();
        let events = self.events.iter().map(|(id, _)| size_of::<(Id, &str)>() + id.len() + 16).sum::<usize>();
        let error = self.error.as_ref().map_or(0, Map::weight);
        size_of::<Self>() + texts + self.query.len() + self.body.len() + events + error
    }

    fn error(&self, key: &str) -> Option<&str> {
        self.error.as_ref()?.str(key)
    }

    fn to_json(&self) -> Value {
        let events: Vec<Value> = self.events.iter().map(|(id, name)| json!({"id": &**id, "type": name})).collect();
        json!({
            "id": self.id,
            "created": self.created,
            "method": self.method,
            "path": without_numbers(&self.path),
            "sandbox": Some(&self.sandbox).filter(|name| !name.is_empty()),
            "account": self.account,
            "key": self.key,
            "version": self.version,
            "idempotency_key": self.idempotency_key.as_deref().map(without_numbers),
            "operation": self.operation,
            "parameters": masked::parameters(&self.query, &self.body),
            "status": self.status,
            "error": self.error.clone().map(|error| Doc::Map(masked::document(error))),
            "fault": self.fault,
            "duration_us": self.duration_us,
            "events": events,
        })
    }
}

impl RequestFilters {
    fn takes(&self, request: &KeptRequest) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found.is_some_and(|found| matches(wanted, found)))
        };
        is(&self.method.as_deref().map(str::to_uppercase), Some(&request.method))
            && is(&self.path, Some(&request.path))
            && is(&self.operation, request.operation)
            && is(&self.idempotency_key, request.idempotency_key.as_deref())
            && self.status.as_deref().is_none_or(|wanted| is_status(wanted, request.status))
            && (is(&self.error, request.error("code")) || is(&self.error, request.error("type")))
            && self
                .event
                .as_deref()
                .is_none_or(|wanted| request.events.iter().any(|(id, name)| matches(wanted, name) || **id == *wanted))
    }
}

/// Whether a text equals the wanted one, or begins with it if it ends with `*`.
fn matches(wanted: &str, found: &str) -> bool {
    wanted.strip_suffix('*').map_or(wanted == found, |beginning| found.starts_with(beginning))
}

/// Whether a status is the wanted one (`402`), or in the wanted class (`4xx`).
fn is_status(wanted: &str, found: u16) -> bool {
    let wanted = wanted.to_lowercase();
    let found = found.to_string();
    wanted.strip_suffix("xx").map_or(wanted == found, |class| found.starts_with(class) && class.len() == 1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn add(recent: &RecentRequests, id: &str, body: &[u8]) {
        let line = LogLine {
            method: "POST",
            path: "/v1/customers",
            status: 200,
            request_id: id,
            sandbox: DEFAULT_SANDBOX,
            key: "sk_test_…",
            operation: None,
            error: None,
            fault: None,
            duration: Duration::ZERO,
        };
        recent.add(&line, RequestDetails { body, ..RequestDetails::default() });
    }

    #[test]
    fn beyond_the_bound_of_bytes_the_oldest_requests_are_forgotten() {
        let recent = RecentRequests::default();
        let body = vec![b'a'; RECENT_PARAMETERS_BYTES_MAX];
        let count = RECENT_BYTES_MAX / body.len() + 5;
        assert!(count < RECENT_REQUESTS_MAX);
        for number in 0..count {
            add(&recent, &format!("req_{number}"), &body);
        }
        assert!(recent.get("req_4").is_none());
        assert!(recent.get(&format!("req_{}", count - 1)).is_some());
        assert!(recent.lock().bytes <= RECENT_BYTES_MAX);
        for number in 0..RECENT_REQUESTS_MAX {
            add(&recent, &format!("req_short_{number}"), b"a=1");
        }
        let requests = recent.lock();
        assert_eq!(requests.kept.len(), RECENT_REQUESTS_MAX);
        assert_eq!(requests.bytes, requests.kept.iter().map(|request| request.size()).sum::<usize>());
    }
}
