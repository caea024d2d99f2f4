//! The listening Stripe CLIs, with a queue for each.
//!
//! May use: the state's events. Invariant: a queue has the order of the commits and at most [`CLI_MESSAGES_MAX`]
//! messages; an event is pending for a listener until it has received it or never will.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map as Json, Value, json};
use tokio::sync::Notify;

use super::session::{Feature, SessionParams};
use crate::limits::{CLI_LISTENERS_MAX, CLI_MESSAGES_MAX, RECEIVER_PATIENCE_SECONDS};
use crate::request_log::log::LogLine;
use crate::request_log::recent::RequestDetails;
use crate::request_log::without_numbers;
use crate::state::State;
use crate::state::event::{Event, make_room};
use crate::state::sandbox::{Commit, Listener};

/// The listening Stripe CLIs.
#[derive(Debug, Default)]
pub struct Hub {
    seats: Mutex<Vec<Arc<SeatedListener>>>,
    /// The number of `stripe logs tail`, so that a request need not take the lock when there is none.
    tails: AtomicUsize,
}

/// One listener.
#[derive(Debug)]
struct SeatedListener {
    session: SessionParams,
    queue: Mutex<EventQueue>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct EventQueue {
    messages: VecDeque<Message>,
    dropped: u64,
    /// When the listener last took a message, or the first of the waiting ones came.
    moved: Option<Instant>,
}

impl EventQueue {
    /// How many messages whoever makes events should wait for: none of a listener that has taken nothing for a while.
    fn backlog(&self) -> usize {
        let patience = Duration::from_secs(RECEIVER_PATIENCE_SECONDS);
        let takes = self.moved.is_some_and(|moved| moved.elapsed() < patience);
        if takes { self.messages.len() } else { 0 }
    }
}

/// A message in a listener's queue.
#[derive(Debug)]
pub(super) enum Message {
    /// An event was emitted.
    Event {
        /// The event.
        event: Arc<Event>,
    },
    /// A request was answered.
    Request {
        /// Its `Request-Id`.
        id: String,
        /// What `stripe logs tail` prints.
        payload: Value,
    },
}

impl Message {
    /// Ends its share in the event's `pending_webhooks`: it will not arrive.
    fn give_up(&self) {
        if let Message::Event { event } = self {
            event.settle();
        }
    }
}

impl SeatedListener {
    fn lock(&self) -> MutexGuard<'_, EventQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, message: Message) {
        if let Message::Event { event } = &message {
            event.expect(1);
        }
        let mut queue = self.lock();
        if queue.messages.is_empty() {
            queue.moved = Some(Instant::now());
        }
        queue.messages.push_back(message);
        let mut oldest = make_room(&mut queue.messages, |message| match message {
            Message::Event { event } => Some(event),
            Message::Request { .. } => None,
        });
        if queue.messages.len() > CLI_MESSAGES_MAX {
            oldest.extend(queue.messages.pop_front());
        }
        let before = queue.dropped;
        queue.dropped += oldest.len() as u64;
        let dropped = queue.dropped;
        drop(queue);
        oldest.iter().for_each(Message::give_up);
        if dropped.checked_ilog2() != before.checked_ilog2() {
            tracing::warn!(dropped, "a listening Stripe CLI does not keep up; its oldest messages are dropped");
        }
        self.filled.notify_one();
    }

    fn clear(&self) {
        let messages = std::mem::take(&mut self.lock().messages);
        messages.iter().for_each(Message::give_up);
    }
}

impl Hub {
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<SeatedListener>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the number of listeners has reached its limit.
    pub fn is_full(&self) -> bool {
        self.lock().len() >= CLI_LISTENERS_MAX
    }

    /// A place for a listener; `None` if the limit is reached.
    pub(super) fn join(self: &Arc<Self>, session: SessionParams) -> Option<Seat> {
        let mut seats = self.lock();
        if seats.len() >= CLI_LISTENERS_MAX {
            return None;
        }
        if session.feature == Feature::RequestLogs {
            self.tails.fetch_add(1, Ordering::Relaxed);
        }
        let place = Arc::new(SeatedListener { session, queue: Mutex::default(), filled: Notify::new() });
        seats.push(Arc::clone(&place));
        Some(Seat { hub: Arc::clone(self), place })
    }

    /// Sends an event again to every listener of its sandbox.
    pub(super) fn again(&self, sandbox: &str, event: &Arc<Event>) {
        self.tell(sandbox, std::slice::from_ref(event));
    }

    fn tell(&self, sandbox: &str, events: &[Arc<Event>]) {
        for place in self.lock().iter().filter(|place| place.session.sandbox == sandbox) {
            for event in events.iter().filter(|event| place.takes(event)) {
                place.push(Message::Event { event: Arc::clone(event) });
            }
        }
    }

    /// A request was answered.
    pub fn logged(&self, line: &LogLine<'_>, details: &RequestDetails<'_>) {
        if self.tails.load(Ordering::Relaxed) == 0 {
            return;
        }
        for place in self.lock().iter().filter(|place| place.hears(line.sandbox, Feature::RequestLogs)) {
            let filters = &place.session.filters;
            if filters.take(line.method, line.path, line.status, details.account.is_some()) {
                place.push(Message::Request { id: line.request_id.to_owned(), payload: payload(line, details) });
            }
        }
    }
}

impl SeatedListener {
    /// Whether it asked for events of this form.
    fn takes(&self, event: &Event) -> bool {
        if event.is_thin() { self.session.thin } else { self.session.feature == Feature::Webhooks }
    }

    /// Whether it listens to the events of a sandbox.
    fn listens(&self, sandbox: &str) -> bool {
        self.session.sandbox == sandbox && self.session.feature != Feature::RequestLogs
    }

    fn hears(&self, sandbox: &str, feature: Feature) -> bool {
        self.session.sandbox == sandbox && self.session.feature == feature
    }
}

impl Listener for Hub {
    fn committed(&self, sandbox: &str, _: &Arc<State>, events: &[Arc<Event>], _: Option<&Arc<Commit>>) {
        if !events.is_empty() {
            self.tell(sandbox, events);
        }
    }

    fn reset(&self, sandbox: &str) {
        for place in self.lock().iter().filter(|place| place.listens(sandbox)) {
            place.clear();
        }
    }

    fn backlog(&self, sandbox: &str) -> usize {
        let seats = self.lock();
        let listening = seats.iter().filter(|place| place.listens(sandbox));
        listening.map(|place| place.lock().backlog()).max().unwrap_or_default()
    }

    fn dropped(&self, sandbox: &str) -> u64 {
        let seats = self.lock();
        seats.iter().filter(|place| place.listens(sandbox)).map(|place| place.lock().dropped).sum()
    }
}

/// The fields of an error that `stripe logs tail` prints (platform 3.5).
const ERROR_FIELDS: [&str; 6] = ["charge", "code", "decline_code", "message", "param", "type"];

/// What `stripe logs tail` prints about a request.
fn payload(line: &LogLine<'_>, details: &RequestDetails<'_>) -> Value {
    let error = details.error.as_ref();
    let field = |name: &&str| error?.str(name).map(|value| ((*name).to_owned(), Value::from(without_numbers(value))));
    let error: Json<String, Value> = ERROR_FIELDS.iter().filter_map(field).collect();
    json!({
        "created_at": details.created,
        "error": error,
        "livemode": false,
        "method": line.method,
        "request_id": line.request_id,
        "status": line.status,
        "url": without_numbers(line.path),
    })
}

/// A listener's place; dropping it frees the place.
#[derive(Debug)]
pub(super) struct Seat {
    hub: Arc<Hub>,
    place: Arc<SeatedListener>,
}

impl Seat {
    /// What the listener requested.
    pub(super) fn session(&self) -> &SessionParams {
        &self.place.session
    }

    /// The next message, if one waits.
    pub(super) fn next(&self) -> Option<Message> {
        let mut queue = self.place.lock();
        queue.moved = Some(Instant::now());
        queue.messages.pop_front()
    }

    /// Returns when there may be a message.
    pub(super) async fn filled(&self) {
        self.place.filled.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.hub.lock();
        seats.retain(|place| !Arc::ptr_eq(place, &self.place));
        if self.place.session.feature == Feature::RequestLogs {
            self.hub.tails.fetch_sub(1, Ordering::Relaxed);
        }
        drop(seats);
        // Nothing can be added any more.
        self.place.clear();
    }
}
