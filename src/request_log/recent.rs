//! The last requests, kept in memory; an error's `request_log_url` leads to one.
//!
//! May use: std, serde_json, the form grammar. Invariant: it holds at most [`RECENT_REQUESTS_MAX`] requests of at most
//! [`RECENT_BYTES_MAX`] bytes together, and shows no secret: parameters are masked when they are shown.

mod filters;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

pub use self::filters::RequestFilters;
pub(crate) use self::filters::is_status;

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
    /// The last number that was given to a request, or to anything else that is kept beside them.
    numbers: AtomicU64,
}

/// The requests after a number.
#[derive(Debug)]
pub struct RequestsAfter {
    /// The requests, oldest first.
    pub kept: Vec<Arc<KeptRequest>>,
    /// The last number of a request that is forgotten.
    pub forgotten: u64,
    /// The last number that was given.
    pub newest: u64,
}

#[derive(Debug, Default)]
struct Requests {
    /// The oldest first.
    kept: VecDeque<Arc<KeptRequest>>,
    bytes: usize,
    /// The last number of a request that is kept no more.
    forgotten: u64,
}

/// What is kept of a request besides its log line.
#[derive(Debug, Default)]
pub struct RequestDetails<'a> {
    /// Its number, if it has one already.
    pub number: Option<u64>,
    /// When it was answered, in milliseconds of the machine's clock.
    pub at: i64,
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
    /// Whether these are all bytes that were sent: not for an upload.
    pub is_whole: bool,
    /// The fields of the error.
    pub error: Option<Map>,
    /// The events that the request caused.
    pub events: Option<Announced>,
}

/// What was sent as a request.
#[derive(Debug)]
pub struct SentRequest<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The query; empty if there was none.
    pub query: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// The key, with its middle hidden.
    pub key: &'a str,
    /// The API version of the answer.
    pub version: &'a str,
    /// The connected account.
    pub account: Option<&'a str>,
}

/// A request that is kept. Its texts lie behind one another in a buffer, which the request that takes its place fills anew.
#[derive(Debug, Default)]
pub struct KeptRequest {
    number: u64,
    at: i64,
    texts: Vec<u8>,
    /// Where each text ends.
    ends: [u32; KeptText::COUNT],
    is_whole: bool,
    has_account: bool,
    has_idempotency_key: bool,
    has_fault: bool,
    created: i64,
    operation: Option<&'static str>,
    status: u16,
    error: Option<Map>,
    duration_us: u64,
    /// The id and the type of each event.
    events: Vec<(Id, &'static str)>,
}

/// A text of a kept request, by its place in the buffer.
#[derive(Clone, Copy)]
enum KeptText {
    Id,
    Method,
    Path,
    Sandbox,
    Key,
    Version,
    Account,
    IdempotencyKey,
    Fault,
    Query,
    Body,
}

impl KeptText {
    const COUNT: usize = KeptText::Body as usize + 1;
}

impl RecentRequests {
    /// Keeps an answered request, and returns its number.
    pub fn add(&self, line: &LogLine<'_>, details: RequestDetails<'_>) -> u64 {
        let mut slot = self.lock().make_room();
        // A request that is being shown keeps its place in memory.
        match Arc::get_mut(&mut slot) {
            Some(request) => request.fill(line, details),
            None => slot = Arc::new(KeptRequest::of(line, details)),
        }
        let (number, forgotten) = self.lock().push(slot, &self.numbers);
        // Dropped after the lock is free.
        drop(forgotten);
        number
    }

    /// The count of what has a number.
    pub(crate) fn numbers(&self) -> &AtomicU64 {
        &self.numbers
    }

    /// The last number that was given.
    pub fn newest(&self) -> u64 {
        self.numbers.load(Ordering::Relaxed)
    }

    /// The requests after a number.
    pub fn after(&self, number: u64) -> RequestsAfter {
        let requests = self.lock();
        let begin = requests.kept.partition_point(|request| request.number <= number);
        let kept = requests.kept.range(begin..).cloned().collect();
        RequestsAfter { kept, forgotten: requests.forgotten, newest: self.newest() }
    }

    /// The matching requests of a sandbox, newest first. Requests without a valid key belong to the sandbox `default`.
    pub fn list(&self, sandbox: &str, wanted: &RequestFilters) -> Vec<Value> {
        // Whoever adds a request must not wait for all of them to be shown.
        let kept: Vec<_> = self.lock().kept.iter().rev().cloned().collect();
        let fits = kept.iter().filter(|request| request.is_of(sandbox) && wanted.takes(request));
        fits.take(wanted.limit.unwrap_or(usize::MAX)).map(|request| request.to_json()).collect()
    }

    /// The request with this id.
    pub fn get(&self, id: &str) -> Option<Arc<KeptRequest>> {
        self.lock().kept.iter().rev().find(|request| request.id() == id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Requests> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Requests {
    /// The oldest request if its place is needed, or a new one; it is no longer kept.
    fn make_room(&mut self) -> Arc<KeptRequest> {
        let is_full = self.kept.len() >= RECENT_REQUESTS_MAX;
        let Some(oldest) = self.kept.pop_front_if(|_| is_full) else { return Arc::default() };
        self.bytes -= oldest.size();
        self.forgotten = self.forgotten.max(oldest.number);
        oldest
    }

    /// Adds a request, and returns its number and those that it leaves no room for.
    fn push(&mut self, mut request: Arc<KeptRequest>, numbers: &AtomicU64) -> (u64, Vec<Arc<KeptRequest>>) {
        // Nobody else knows it yet.
        if let Some(request) = Arc::get_mut(&mut request).filter(|request| request.number == 0) {
            request.number = numbers.fetch_add(1, Ordering::Relaxed) + 1;
        }
        let number = request.number;
        self.bytes += request.size();
        // A request that was carried out before another one may be answered after it.
        let later = self.kept.iter().rev().take_while(|kept| kept.number > number).count();
        self.kept.insert(self.kept.len() - later, request);
        let mut forgotten = Vec::new();
        while self.kept.len() > RECENT_REQUESTS_MAX || self.bytes > RECENT_BYTES_MAX {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.size();
            self.forgotten = self.forgotten.max(oldest.number);
            forgotten.push(oldest);
        }
        (number, forgotten)
    }
}

/// The bytes, or nothing if they are too many to keep.
fn short(sent: &[u8]) -> &[u8] {
    if is_short(sent) { sent } else { &[] }
}

/// Whether parameters are few enough to keep.
pub(crate) fn is_short(sent: &[u8]) -> bool {
    sent.len() <= RECENT_PARAMETERS_BYTES_MAX
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

/// A buffer with so many more bytes than it needs is not kept.
const SPARE_BYTES: usize = 1 << 10;

/// Room for more events than these is not kept: few requests cause so many.
const SPARE_EVENTS: usize = 32;

impl KeptRequest {
    fn of(line: &LogLine<'_>, details: RequestDetails<'_>) -> Self {
        let mut request = KeptRequest::default();
        request.fill(line, details);
        request
    }

    /// Becomes another request.
    fn fill(&mut self, line: &LogLine<'_>, details: RequestDetails<'_>) {
        let RequestDetails {
            number,
            at,
            created,
            version,
            account,
            idempotency_key,
            query,
            body,
            is_whole,
            error,
            events,
        } = details;
        let all: [&[u8]; KeptText::COUNT] = [
            line.request_id.as_bytes(),
            line.method.as_bytes(),
            line.path.as_bytes(),
            line.sandbox.as_bytes(),
            line.key.as_bytes(),
            version.as_bytes(),
            account.unwrap_or_default().as_bytes(),
            idempotency_key.unwrap_or_default().as_bytes(),
            line.fault.unwrap_or_default().as_bytes(),
            short(query),
            short(body),
        ];
        let needed: usize = all.iter().map(|text| text.len()).sum();
        if self.texts.capacity() > needed + SPARE_BYTES {
            self.texts = Vec::new();
        }
        self.texts.clear();
        self.texts.reserve_exact(needed);
        for (text, end) in all.iter().zip(&mut self.ends) {
            self.texts.extend_from_slice(text);
            *end = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        }
        self.number = number.unwrap_or_default();
        self.is_whole = is_whole && is_short(query) && is_short(body);
        self.at = at;
        self.has_account = account.is_some();
        self.has_idempotency_key = idempotency_key.is_some();
        self.has_fault = line.fault.is_some();
        self.created = created;
        self.operation = line.operation;
        self.status = line.status;
        self.error = error.map(|error| shortened(&error));
        self.duration_us = u64::try_from(line.duration.as_micros()).unwrap_or(u64::MAX);
        if self.events.capacity() > SPARE_EVENTS {
            self.events = Vec::new();
        }
        self.events.clear();
        self.events.extend(events.iter().flat_map(|all| all.iter()).map(|one| (Id::clone(&one.id), one.name)));
    }

    fn bytes(&self, text: KeptText) -> &[u8] {
        let at = text as usize;
        let end = |at: usize| usize::try_from(self.ends[at]).unwrap_or(usize::MAX);
        let begin = at.checked_sub(1).map_or(0, end);
        self.texts.get(begin..end(at)).unwrap_or_default()
    }

    fn text(&self, text: KeptText) -> &str {
        std::str::from_utf8(self.bytes(text)).unwrap_or_default()
    }

    /// Its number among all that happened.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// When it was answered, in milliseconds of the machine's clock.
    pub fn at(&self) -> i64 {
        self.at
    }

    /// When it was carried out, in Unix seconds of the sandbox's clock.
    pub fn created(&self) -> i64 {
        self.created
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.text(KeptText::Id)
    }

    /// What was sent, with nothing masked, to be sent again; `None` if it was not kept whole.
    pub fn sent(&self) -> Option<SentRequest<'_>> {
        self.is_whole.then(|| SentRequest {
            method: self.text(KeptText::Method),
            path: self.text(KeptText::Path),
            query: self.text(KeptText::Query),
            body: self.bytes(KeptText::Body),
            key: self.text(KeptText::Key),
            version: self.text(KeptText::Version),
            account: self.account(),
        })
    }

    /// Its sandbox; `None` if it had no valid key.
    pub fn sandbox(&self) -> Option<&str> {
        Some(self.text(KeptText::Sandbox)).filter(|name| !name.is_empty())
    }

    /// Whether it belongs to a sandbox: without a valid key, to the default one.
    pub fn is_of(&self, sandbox: &str) -> bool {
        self.sandbox().unwrap_or(DEFAULT_SANDBOX) == sandbox
    }

    /// The ids and the types of the events that it caused.
    pub fn events(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.events.iter().map(|(id, name)| (&**id, *name))
    }

    fn account(&self) -> Option<&str> {
        self.has_account.then(|| self.text(KeptText::Account))
    }

    fn idempotency_key(&self) -> Option<&str> {
        self.has_idempotency_key.then(|| self.text(KeptText::IdempotencyKey))
    }

    fn fault(&self) -> Option<&str> {
        self.has_fault.then(|| self.text(KeptText::Fault))
    }

    /// Approximately how many bytes it holds.
    fn size(&self) -> usize {
        let room = self.events.capacity() * size_of::<(Id, &str)>();
        let events = room + self.events.iter().map(|(id, _)| id.len() + 16).sum::<usize>();
        let error = self.error.as_ref().map_or(0, Map::weight);
        size_of::<Self>() + self.texts.capacity() + events + error
    }

    fn error(&self, key: &str) -> Option<&str> {
        self.error.as_ref()?.str(key)
    }

    /// What tells it apart from others, in short.
    pub fn summary(&self) -> Value {
        let field = |key: &str| self.error(key).map(without_numbers);
        let error = self.error.as_ref().map(|_| {
            json!({
                "type": field("type"),
                "code": field("code"),
                "decline_code": field("decline_code"),
                "param": field("param"),
                "message": field("message"),
            })
        });
        json!({
            "id": self.id(),
            "method": self.text(KeptText::Method),
            "path": without_numbers(self.text(KeptText::Path)),
            "operation": self.operation,
            "status": self.status,
            "duration_us": self.duration_us,
            "error": error,
            "fault": self.fault(),
            "account": self.account(),
            "idempotency_key": self.idempotency_key().map(without_numbers),
        })
    }

    /// All that is kept of it.
    pub fn to_json(&self) -> Value {
        let events: Vec<Value> = self.events().map(|(id, name)| json!({"id": id, "type": name})).collect();
        json!({
            "seq": self.number,
            "at": self.at,
            "id": self.id(),
            "created": self.created,
            "method": self.text(KeptText::Method),
            "path": without_numbers(self.text(KeptText::Path)),
            "sandbox": self.sandbox(),
            "account": self.account(),
            "key": self.text(KeptText::Key),
            "version": self.text(KeptText::Version),
            "idempotency_key": self.idempotency_key().map(without_numbers),
            "operation": self.operation,
            "parameters": masked::parameters(self.bytes(KeptText::Query), self.bytes(KeptText::Body)),
            "status": self.status,
            "error": self.error.clone().map(|error| Doc::Map(masked::document(error))),
            "fault": self.fault(),
            "duration_us": self.duration_us,
            "events": events,
        })
    }
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
