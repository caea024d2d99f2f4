//! The rows of what happened as calls show them.
//!
//! May use: the kept requests, limits. Invariant: no card number and no key is in a row.

use serde_json::{Value, json};

use super::changes::{self, changed};
use super::ring::{ActivityRow, DeliveryRecord, Happening, RowSource};
use crate::limits::{ROW_CHANGES_MAX, ROW_EVENTS_MAX};
use crate::request_log::recent::is_status;
use crate::request_log::{parameters, without_numbers, without_secrets};
use crate::state::sandbox::{CommitCause, DEFAULT_SANDBOX, DueCause};

/// Filters for a list of rows; one that is `None` takes everything.
#[derive(Debug, Default)]
pub struct ActivityFilters {
    /// The sandbox.
    pub sandbox: Option<String>,
    /// The type of the row.
    pub row_type: Option<String>,
    /// The HTTP status of a request, a call or a delivery, or its class such as `4xx`.
    pub status: Option<String>,
    /// A text that stands in the row.
    pub search: Option<String>,
}

impl ActivityFilters {
    /// Whether a row may fit, before it is made.
    pub(super) fn may_take(&self, kept: &ActivityRow) -> bool {
        self.row_type.as_deref().is_none_or(|wanted| wanted == kept.row_type())
    }

    pub(super) fn takes(&self, row: &Value) -> bool {
        let status = || {
            let of = |part: &str| row[part]["status"].as_u64().and_then(|status| u16::try_from(status).ok());
            ["request", "control", "delivery"].into_iter().find_map(of)
        };
        self.status.as_deref().is_none_or(|wanted| status().is_some_and(|found| is_status(wanted, found)))
            && self.search.as_deref().is_none_or(|text| row.to_string().to_lowercase().contains(&text.to_lowercase()))
    }
}

impl ActivityRow {
    /// The type of the row.
    pub fn row_type(&self) -> &'static str {
        match &self.what {
            RowSource::Request(..) | RowSource::Other(Happening::Request(_)) => "request",
            RowSource::Other(Happening::Work(_)) => "work",
            RowSource::Other(Happening::Call(_)) => "control",
            RowSource::Other(Happening::Delivery(_)) => "delivery",
        }
    }

    /// The row, with the fields of its changes if these are asked for.
    pub fn row(&self, detailed: bool) -> Value {
        let mut row = json!({"seq": self.number, "at": self.at, "type": self.row_type()});
        match &self.what {
            RowSource::Request(request, _) => {
                row["created"] = request.created().into();
                row["sandbox"] = request.sandbox().unwrap_or(DEFAULT_SANDBOX).into();
                row["request"] = request.summary();
                let events: Vec<Value> = request.events().map(|(id, name)| json!({"id": id, "type": name})).collect();
                self.add_changes(&mut row, events, detailed);
            }
            RowSource::Other(Happening::Delivery(delivery)) => {
                row["created"] = delivery.created.into();
                row["sandbox"] = delivery.sandbox.as_str().into();
                row["delivery"] = attempt(delivery);
            }
            RowSource::Other(Happening::Request(commit)) => {
                row["created"] = commit.now.into();
                row["sandbox"] = (*commit.sandbox).into();
                row["request"] = Value::Null;
                self.add_changes(&mut row, self.events(), detailed);
            }
            RowSource::Other(Happening::Work(commit)) => {
                row["created"] = commit.now.into();
                row["sandbox"] = (*commit.sandbox).into();
                if let CommitCause::Due(due) = &commit.cause {
                    let DueCause { what, about, account } = &**due;
                    row["work"] = json!({"what": what, "object": about.kind.name(), "id": &*about.id, "account": account.as_deref()});
                }
                self.add_changes(&mut row, self.events(), detailed);
            }
            RowSource::Other(Happening::Call(call)) => {
                row["created"] = call.created().into();
                row["sandbox"] = Some(call.sandbox()).filter(|name| !name.is_empty()).into();
                row["control"] = json!({
                    "method": call.method,
                    "path": without_numbers(&call.path),
                    "parameters": call.parameters.as_deref().map(|sent| parameters(sent.as_bytes(), b"")),
                    "status": call.status(),
                });
                self.add_changes(&mut row, self.events(), detailed);
            }
        }
        row
    }

    /// What its commits announced.
    fn events(&self) -> Vec<Value> {
        let commits = self.commits();
        let events = commits.iter().flat_map(|commit| commit.events.iter().flat_map(|all| all.iter()));
        events.map(|event| json!({"id": &*event.id, "type": event.name})).collect()
    }

    fn add_changes(&self, row: &mut Value, mut events: Vec<Value>, detailed: bool) {
        row["events_total"] = events.len().into();
        if !detailed {
            events.truncate(ROW_EVENTS_MAX);
        }
        row["events"] = events.into();
        let all = changes::of(&self.commits());
        let shown = all.iter().map(changed);
        row["changes"] = match detailed {
            true => shown.map(|change| without_secrets(change.details())).collect(),
            false => shown.take(ROW_CHANGES_MAX).map(|change| change.row()).collect(),
        };
        row["changes_total"] = all.len().into();
    }
}

fn attempt(delivery: &DeliveryRecord) -> Value {
    json!({
        "id": delivery.id,
        "event": &*delivery.event,
        "event_type": delivery.event_type,
        "url": delivery.url,
        "endpoint": delivery.endpoint,
        "attempt": delivery.attempt,
        "state": delivery.state,
        "status": delivery.status,
        "error": delivery.error,
        "duration_ms": delivery.duration_ms,
    })
}
