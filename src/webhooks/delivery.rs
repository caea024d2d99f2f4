//! A delivery: one event for one receiver, with every attempt.
//!
//! May use: the state's ids, serde_json for the control API. Invariant: an attempt holds the bytes that were sent and
//! the answer.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::{Map as Json, Value, json};

use super::settings::Retries;
use crate::activity::DeliveryRecord;
use crate::limits::{DELIVERIES_SERVER_BYTES_MAX, DELIVERY_ATTEMPTS_MAX};
use crate::state::budget::{Budget, HeldBytes};
use crate::state::event::Event;
use crate::state::{AccountKey, Id};

/// What the attempts of all deliveries keep in memory.
pub static DELIVERIES: Budget = Budget::new(DELIVERIES_SERVER_BYTES_MAX);

/// The receiver of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// The `--webhook-url` at this position.
    Flag(usize),
    /// A webhook endpoint or an event destination of the API, with its account.
    Endpoint(AccountKey, Id),
}

impl Target {
    /// Its name in the control API: an endpoint's id, or `we_url_1` for the first `--webhook-url`.
    pub fn name(&self) -> String {
        match self {
            Target::Flag(position) => format!("we_url_{}", position + 1),
            Target::Endpoint(_, id) => id.to_string(),
        }
    }
}

/// The result of one attempt.
#[derive(Clone, Debug)]
pub enum AttemptResult {
    /// The receiver answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The headers, in order.
        headers: Vec<(String, String)>,
        /// The body, or its beginning.
        body: Bytes,
        /// Whether the body was longer than what is kept.
        cut: bool,
    },
    /// The receiver did not answer: refused, reset, not found, or timed out.
    Unanswered(String),
}

impl AttemptResult {
    /// Whether the event has arrived: any 2xx (platform 2.2).
    pub fn is_success(&self) -> bool {
        matches!(self, AttemptResult::Answered { status: 200..=299, .. })
    }

    /// Whether the receiver itself refused; a gateway without a server behind it does not count.
    fn is_refusal(&self) -> bool {
        !matches!(self, AttemptResult::Unanswered(_) | AttemptResult::Answered { status: 502 | 504, .. })
    }

    /// Whether the receiver refuses this event alone, so that later events need not wait: the answer shows no trouble
    /// of the receiver.
    fn is_about_the_event(&self) -> bool {
        matches!(self, AttemptResult::Answered { status: 300..=407 | 409..=428 | 430..=499, .. })
    }
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct DeliveryAttempt {
    /// When it began, by the machine's clock.
    pub at: SystemTime,
    /// From the connection to the end of the answer.
    pub duration: Duration,
    /// The URL it was sent to.
    pub url: String,
    /// The `Stripe-Signature`.
    pub signature: String,
    /// The body that was sent.
    pub body: Bytes,
    /// The result.
    pub reaction: AttemptResult,
}

impl DeliveryAttempt {
    /// Approximately how many bytes it holds, including the body that it shares with other attempts.
    fn bytes(&self) -> usize {
        let answer = match &self.reaction {
            AttemptResult::Answered { headers, body, .. } => {
                body.len() + headers.iter().map(|(name, value)| name.len() + value.len() + 48).sum::<usize>()
            }
            AttemptResult::Unanswered(reason) => reason.len(),
        };
        size_of::<Self>() + self.url.len() + self.signature.len() + self.body.len() + answer
    }

    fn to_json(&self, sandbox: &str, fault: Option<&str>) -> Value {
        let headers: Json<String, Value> = sent_headers(sandbox, &self.signature, fault)
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        let mut shown = json!({
            "at_ms": milliseconds(self.at.duration_since(UNIX_EPOCH).unwrap_or_default()),
            "duration_ms": milliseconds(self.duration),
            "request": {"url": self.url, "headers": headers, "body": String::from_utf8_lossy(&self.body)},
        });
        match &self.reaction {
            AttemptResult::Unanswered(reason) => shown["error"] = json!(reason),
            AttemptResult::Answered { status, headers, body, cut } => {
                let headers: Json<String, Value> =
                    headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
                shown["response"] = json!({
                    "status": status, "headers": headers, "body": String::from_utf8_lossy(body), "body_cut": cut,
                });
            }
        }
        shown
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The headers of every delivery, besides `Host`, `Content-Length` and the `Authorization` of a URL with a password
/// (platform 2.2). The last ones are Pinstripe's own: the sandbox, and the fault that was applied to the delivery.
pub fn sent_headers(sandbox: &str, signature: &str, fault: Option<&str>) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("accept", "*/*; q=0.5, application/xml".to_owned()),
        ("cache-control", "no-cache".to_owned()),
        ("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)".to_owned()),
        ("stripe-signature", signature.to_owned()),
        ("pinstripe-sandbox", sandbox.to_owned()),
    ];
    headers.extend(fault.map(|fault| ("pinstripe-fault", fault.to_owned())));
    headers
}

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for its turn or its next attempt, or an attempt is running.
    Waiting,
    /// The receiver has answered with 2xx.
    Delivered,
    /// It was given up.
    Failed,
    /// A fault dropped it.
    Dropped,
}

impl Standing {
    /// Every one.
    pub const ALL: [Standing; 4] = [Standing::Waiting, Standing::Delivered, Standing::Failed, Standing::Dropped];

    /// Its name in the control API.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Waiting => "waiting",
            Standing::Delivered => "delivered",
            Standing::Failed => "failed",
            Standing::Dropped => "dropped",
        }
    }
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryVerdict {
    /// It has arrived.
    Delivered,
    /// Try again at this time; later deliveries wait.
    Hold(Instant),
    /// Try again at this time; later deliveries do not wait.
    Aside(Instant),
    /// No further attempt.
    GiveUp,
}

/// One event for one receiver.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its number among the sandbox's deliveries, from 1.
    pub number: u64,
    /// The event.
    pub event: Arc<Event>,
    /// The receiver.
    pub target: Target,
    /// Whether it was sent again on request.
    pub resent: bool,
    /// Its state.
    pub standing: Standing,
    /// The fault that was applied to it, if any.
    pub fault: Option<Box<str>>,
    /// Whether it counts in the event's `pending_webhooks`.
    pub open: bool,
    /// It is not tried before this time.
    pub not_before: Instant,
    attempts: Vec<(DeliveryAttempt, HeldBytes)>,
    attempts_forgotten: usize,
    refusals: usize,
}

impl Delivery {
    /// A new delivery, which counts in the event's `pending_webhooks`.
    pub fn new(number: u64, event: Arc<Event>, target: Target, resent: bool) -> Self {
        event.expect(1);
        Delivery {
            number,
            event,
            target,
            resent,
            standing: Standing::Waiting,
            fault: None,
            open: true,
            not_before: Instant::now(),
            attempts: Vec::new(),
            attempts_forgotten: 0,
            refusals: 0,
        }
    }

    /// Ends its share in the event's `pending_webhooks`: it has arrived, or never will.
    pub fn settle(&mut self) {
        if std::mem::take(&mut self.open) {
            self.event.settle();
        }
    }

    /// Its id in the control API.
    pub fn id(&self) -> String {
        format!("wh_{}", self.number)
    }

    /// The body of the attempts so far; `None` before the first.
    pub fn body(&self) -> Option<&Bytes> {
        self.attempts.last().map(|(attempt, _)| &attempt.body)
    }

    /// Stores an attempt and decides what follows. While the receiver does not answer, a delivery is tried for ever;
    /// once it answers, as many times as the schedule has delays.
    pub fn conclude(&mut self, attempt: DeliveryAttempt, retries: &Retries, now: Instant) -> DeliveryVerdict {
        let reaction = &attempt.reaction;
        let (success, aside) = (reaction.is_success(), reaction.is_about_the_event());
        self.refusals += usize::from(!success && reaction.is_refusal());
        if self.attempts.len() >= DELIVERY_ATTEMPTS_MAX {
            self.attempts.remove(0);
            self.attempts_forgotten += 1;
        }
        let held = DELIVERIES.hold(attempt.bytes());
        self.attempts.push((attempt, held));
        let delay = retries.after(self.attempts.len() + self.attempts_forgotten);
        match delay {
            _ if success => DeliveryVerdict::Delivered,
            Some(delay) if self.refusals <= retries.len() => {
                self.not_before = now + delay;
                if aside { DeliveryVerdict::Aside(self.not_before) } else { DeliveryVerdict::Hold(self.not_before) }
            }
            _ => DeliveryVerdict::GiveUp,
        }
    }

    /// Logs the first failure of a delivery, and its end without success: a line each, whatever number of attempts.
    pub fn log(&self, verdict: DeliveryVerdict) {
        let Some((last, _)) = self.attempts.last() else { return };
        let (status, error) = match &last.reaction {
            AttemptResult::Answered { status, .. } => (Some(*status), None),
            AttemptResult::Unanswered(reason) => (None, Some(reason.as_str())),
        };
        let (event, kind, endpoint) = (&*self.event.id, self.event.name, self.target.name());
        let attempts = self.attempts.len() + self.attempts_forgotten;
        match verdict {
            DeliveryVerdict::GiveUp => {
                tracing::warn!(event, r#type = kind, endpoint, status, error, attempts, "a webhook was given up");
            }
            DeliveryVerdict::Hold(_) | DeliveryVerdict::Aside(_) if attempts == 1 => {
                tracing::warn!(event, r#type = kind, endpoint, status, error, "a webhook failed; it is sent again");
            }
            DeliveryVerdict::Delivered | DeliveryVerdict::Hold(_) | DeliveryVerdict::Aside(_) => {}
        }
    }

    /// Forgets the attempts so far if they take more than what is free.
    pub fn make_room(&mut self) {
        if !DELIVERIES.has_room(self.bytes()) {
            self.attempts_forgotten += self.attempts.len();
            self.attempts.clear();
        }
    }

    /// Approximately how many bytes it holds.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.attempts.iter().map(|(_, held)| held.bytes()).sum::<usize>()
    }

    /// The delivery in the control API.
    pub fn to_json(&self, sandbox: &str) -> Value {
        let attempts: Vec<Value> =
            self.attempts.iter().map(|(attempt, _)| attempt.to_json(sandbox, self.fault.as_deref())).collect();
        json!({
            "id": self.id(),
            "event": &*self.event.id,
            "type": self.event.name,
            "endpoint": self.target.name(),
            "status": self.standing.as_str(),
            "resent": self.resent,
            "fault": self.fault,
            "next_at_ms": self.next_at_ms(),
            "attempts": attempts,
            "attempts_forgotten": self.attempts_forgotten,
        })
    }

    /// The delivery after its last attempt, for whoever keeps what happened; the time of its sandbox is left to the caller.
    pub fn record(&self, sandbox: &str) -> DeliveryRecord {
        let last = self.attempts.last().map(|(attempt, _)| attempt);
        let (status, error) = match last.map(|attempt| &attempt.reaction) {
            Some(AttemptResult::Answered { status, .. }) => (Some(*status), None),
            Some(AttemptResult::Unanswered(reason)) => (None, Some(reason.clone())),
            None => (None, None),
        };
        DeliveryRecord {
            sandbox: sandbox.to_owned(),
            created: 0,
            id: self.id(),
            event: Id::clone(&self.event.id),
            event_type: self.event.name,
            url: last.map(|attempt| attempt.url.clone()),
            endpoint: match &self.target {
                Target::Flag(_) => None,
                Target::Endpoint(_, id) => Some(id.to_string()),
            },
            attempt: self.attempts.len() + self.attempts_forgotten,
            state: self.standing.as_str(),
            status,
            error,
            duration_ms: last.map_or(0, |attempt| milliseconds(attempt.duration)),
        }
    }

    /// When it is tried next at the earliest, in milliseconds of the machine's clock; `None` if it is over.
    fn next_at_ms(&self) -> Option<u64> {
        let left = self.not_before.saturating_duration_since(Instant::now());
        let at = (SystemTime::now() + left).duration_since(UNIX_EPOCH).unwrap_or_default();
        (self.standing == Standing::Waiting).then(|| milliseconds(at))
    }

    /// The delivery in short, for a list of unfinished ones.
    pub fn summary(&self) -> Value {
        let last = self.attempts.last().map(|(attempt, _)| match &attempt.reaction {
            AttemptResult::Answered { status, .. } => json!({"status": status}),
            AttemptResult::Unanswered(reason) => json!({"error": reason}),
        });
        json!({
            "id": self.id(),
            "event": &*self.event.id,
            "type": self.event.name,
            "endpoint": self.target.name(),
            "status": self.standing.as_str(),
            "attempts": self.attempts.len() + self.attempts_forgotten,
            "last": last,
        })
    }
}
