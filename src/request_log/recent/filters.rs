//! Which of the last requests a call asks for.
//!
//! May use: the kept requests. Invariant: a filter that is not sent matches everything.

use super::{KeptRequest, KeptText};

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

impl RequestFilters {
    pub(super) fn takes(&self, request: &KeptRequest) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found.is_some_and(|found| matches(wanted, found)))
        };
        is(&self.method.as_deref().map(str::to_uppercase), Some(request.text(KeptText::Method)))
            && is(&self.path, Some(request.text(KeptText::Path)))
            && is(&self.operation, request.operation)
            && is(&self.idempotency_key, request.idempotency_key())
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
pub(crate) fn is_status(wanted: &str, found: u16) -> bool {
    let wanted = wanted.to_lowercase();
    let found = found.to_string();
    wanted.strip_suffix("xx").map_or(wanted == found, |class| found.starts_with(class) && class.len() == 1)
}
