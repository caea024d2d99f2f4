//! The last requests, kept in memory so that an error's `request_log_url` leads somewhere.
//!
//! May use: std, serde_json. Invariant: it holds at most [`RECENT_REQUESTS_MAX`] requests, and no secret.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::log::Line;
use crate::limits::RECENT_REQUESTS_MAX;

/// The last requests, oldest first.
#[derive(Debug, Default)]
pub struct Recent {
    requests: Mutex<VecDeque<Request>>,
}

#[derive(Debug)]
struct Request {
    id: Box<str>,
    /// Unix seconds of the sandbox's clock.
    created: i64,
    method: Box<str>,
    path: Box<str>,
    sandbox: Box<str>,
    key: Box<str>,
    operation: Option<&'static str>,
    status: u16,
    error: Option<Box<str>>,
    duration_us: u64,
}

impl Recent {
    /// Keeps a request that was answered.
    pub fn add(&self, line: &Line<'_>, created: i64) {
        let request = Request {
            id: line.request_id.into(),
            created,
            method: line.method.into(),
            path: line.path.into(),
            sandbox: line.sandbox.into(),
            key: line.key.into(),
            operation: line.operation,
            status: line.status,
            error: line.error.map(Into::into),
            duration_us: u64::try_from(line.duration.as_micros()).unwrap_or(u64::MAX),
        };
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = if requests.len() >= RECENT_REQUESTS_MAX { requests.pop_front() } else { None };
        requests.push_back(request);
        drop(requests);
        drop(oldest);
    }

    /// The requests of a sandbox, newest first.
    pub fn of_sandbox(&self, sandbox: &str) -> Vec<Value> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().rev().filter(|request| &*request.sandbox == sandbox).map(Request::to_json).collect()
    }

    /// The request with this id.
    pub fn get(&self, id: &str) -> Option<Value> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().rev().find(|request| &*request.id == id).map(Request::to_json)
    }
}

impl Request {
    fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "created": self.created,
            "method": self.method,
            "path": self.path,
            "sandbox": self.sandbox,
            "key": self.key,
            "operation": self.operation,
            "status": self.status,
            "error": self.error,
            "duration_us": self.duration_us,
        })
    }
}
