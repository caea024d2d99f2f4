//! The ring of what is kept besides requests, and how it joins with them.
//!
//! May use: the kept requests, limits. Invariant: numbers are drawn under the lock of a ring, so that whoever holds both locks sees
//! every number up to the newest; a row whose request or call is still being answered holds back those after it for a moment.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::call::RecordedCall;
use super::milliseconds;
use crate::limits::{ACTIVITY_BYTES_MAX, ACTIVITY_ROWS_MAX};
use crate::request_log::recent::{KeptRequest, RequestsAfter};
use crate::state::Id;
use crate::state::sandbox::{Commit, DEFAULT_SANDBOX};

/// An attempt of a delivery, or the end of one that a fault dropped.
#[derive(Clone, Debug)]
pub struct DeliveryRecord {
    /// The sandbox.
    pub sandbox: String,
    /// Unix seconds of the sandbox's clock.
    pub created: i64,
    /// The delivery's id.
    pub id: String,
    /// The event's id.
    pub event: Id,
    /// The event's type.
    pub event_type: &'static str,
    /// Where it was sent; nowhere, if a fault dropped it.
    pub url: Option<String>,
    /// The webhook endpoint; `None` for a URL of the command line.
    pub endpoint: Option<String>,
    /// How many attempts were made, with this one.
    pub attempt: usize,
    /// The delivery's state after it.
    pub state: &'static str,
    /// The status of the receiver's answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
}

/// What a row is about.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    /// What a request did; the request itself is kept elsewhere.
    Request(Arc<Commit>),
    /// Due work.
    Work(Arc<Commit>),
    /// A control call.
    Call(Arc<RecordedCall>),
    /// An attempt of a delivery.
    Delivery(Arc<DeliveryRecord>),
}

impl Happening {
    fn weight(&self) -> usize {
        match self {
            Happening::Request(commit) | Happening::Work(commit) => commit.weight(),
            Happening::Call(call) => call.weight(),
            Happening::Delivery(delivery) => {
                let url = delivery.url.as_ref().map_or(0, String::len);
                size_of::<DeliveryRecord>()
                    + delivery.event.len()
                    + url
                    + delivery.error.as_ref().map_or(0, String::len)
            }
        }
    }

    /// Whether all is known of it.
    fn is_complete(&self) -> bool {
        match self {
            Happening::Request(commit) => commit.is_answered(),
            Happening::Call(call) => call.status().is_some(),
            Happening::Work(_) | Happening::Delivery(_) => true,
        }
    }
}

#[derive(Clone, Debug)]
struct RingEntry {
    number: u64,
    at: i64,
    bytes: usize,
    what: Happening,
}

/// A row of what happened.
#[derive(Clone, Debug)]
pub struct ActivityRow {
    /// Its number.
    pub number: u64,
    /// Milliseconds of the machine's clock.
    pub(super) at: i64,
    pub(super) what: RowSource,
}

#[derive(Clone, Debug)]
pub(super) enum RowSource {
    /// A request, with what it did, if that is still kept.
    Request(Arc<KeptRequest>, Option<Arc<Commit>>),
    /// Anything else, or what a request did of which nothing else is known.
    Other(Happening),
}

impl ActivityRow {
    /// Whether it happened in the sandbox of this name.
    pub fn is_of(&self, sandbox: &str) -> bool {
        match &self.what {
            RowSource::Request(request, _) => request.is_of(sandbox),
            RowSource::Other(Happening::Request(commit) | Happening::Work(commit)) => *commit.sandbox == *sandbox,
            RowSource::Other(Happening::Call(call)) => {
                let own = call.sandbox();
                own == sandbox || (own.is_empty() && sandbox == DEFAULT_SANDBOX)
            }
            RowSource::Other(Happening::Delivery(delivery)) => delivery.sandbox == sandbox,
        }
    }

    /// The commits behind it.
    pub(super) fn commits(&self) -> Vec<Arc<Commit>> {
        match &self.what {
            RowSource::Request(_, commit) => commit.iter().cloned().collect(),
            RowSource::Other(Happening::Request(commit) | Happening::Work(commit)) => vec![Arc::clone(commit)],
            RowSource::Other(Happening::Call(call)) => call.commits(),
            RowSource::Other(Happening::Delivery(_)) => Vec::new(),
        }
    }
}

/// Rows one after another.
#[derive(Debug)]
pub struct Stretch {
    /// The rows, oldest first.
    pub kept: Vec<ActivityRow>,
    /// Up to which number they are all that happened.
    pub until: u64,
    /// The first and the last number of what was forgotten before them.
    pub lost: Option<(u64, u64)>,
    /// Whether there is more at once, behind these.
    pub has_more: bool,
    /// Whether something is held back by an answer that is still being made.
    pub waits: bool,
}

/// For how long a row that is not complete holds back the rows after it, in milliseconds: its client may have gone away.
const PATIENCE: i64 = 2_000;

/// The last rows, oldest first.
#[derive(Debug, Default)]
pub(super) struct Ring {
    kept: VecDeque<RingEntry>,
    bytes: usize,
    /// The last number that is forgotten of what is kept nowhere else.
    forgotten: u64,
}

impl Ring {
    /// Adds a row under the next number.
    pub(super) fn push(&mut self, numbers: &AtomicU64, what: Happening) -> u64 {
        let number = numbers.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = size_of::<RingEntry>() + what.weight();
        self.bytes += bytes;
        self.kept.push_back(RingEntry { number, at: milliseconds(), bytes, what });
        self.make_room();
        number
    }

    /// Up to which number nothing waits for an answer; `newest` is the last number that was given.
    pub(super) fn complete_until(&self, newest: u64) -> u64 {
        let still = milliseconds() - PATIENCE;
        let fresh = self.kept.iter().rev().take_while(|entry| entry.at > still);
        fresh.filter(|entry| !entry.what.is_complete()).last().map_or(newest, |open| open.number - 1)
    }

    /// Notes that a row has become larger.
    pub(super) fn weigh_again(&mut self, number: u64) {
        let place = self.kept.binary_search_by_key(&number, |entry| entry.number);
        if let Some(entry) = place.ok().and_then(|place| self.kept.get_mut(place)) {
            let bytes = size_of::<RingEntry>() + entry.what.weight();
            self.bytes = self.bytes - entry.bytes + bytes;
            entry.bytes = bytes;
            self.make_room();
        }
    }

    fn make_room(&mut self) {
        while self.kept.len() > ACTIVITY_ROWS_MAX || self.bytes > ACTIVITY_BYTES_MAX {
            let Some(oldest) = self.kept.pop_front() else { return };
            self.bytes -= oldest.bytes;
            if !matches!(oldest.what, Happening::Request(_)) {
                self.forgotten = oldest.number;
            }
        }
    }

    /// The rows after a number with the requests after it, at most so many that are wanted.
    pub(super) fn after(
        &self,
        number: u64,
        most: usize,
        requests: RequestsAfter,
        wanted: impl Fn(&ActivityRow) -> bool,
    ) -> Stretch {
        let forgotten = self.forgotten.max(requests.forgotten);
        let lost = (forgotten > number).then_some((number + 1, forgotten));
        let begin = self.kept.partition_point(|entry| entry.number <= number);
        let still = milliseconds() - PATIENCE;
        let open = self.kept.range(begin..).find(|entry| !entry.what.is_complete() && entry.at > still);
        let end = open.map_or(requests.newest, |open| open.number - 1);
        let mut requests = requests.kept.into_iter().peekable();
        let mut all = Vec::new();
        let request = |kept: Arc<KeptRequest>, commit| ActivityRow {
            number: kept.number(),
            at: kept.at(),
            what: RowSource::Request(kept, commit),
        };
        for entry in self.kept.range(begin..).take_while(|entry| entry.number <= end) {
            while let Some(before) = requests.next_if(|kept| kept.number() < entry.number) {
                all.push(request(before, None));
            }
            match (&entry.what, requests.next_if(|kept| kept.number() == entry.number)) {
                (Happening::Request(commit), Some(kept)) => all.push(request(kept, Some(Arc::clone(commit)))),
                // Its request is forgotten.
                (Happening::Request(commit), None) if commit.is_answered() => {}
                (what, _) => {
                    all.push(ActivityRow { number: entry.number, at: entry.at, what: RowSource::Other(what.clone()) });
                }
            }
        }
        all.extend(requests.take_while(|kept| kept.number() <= end).map(|kept| request(kept, None)));
        all.retain(wanted);
        let has_more = all.len() > most;
        all.truncate(most);
        let until = if has_more { all.last().map_or(number, |last| last.number) } else { end.max(number) };
        Stretch { kept: all, until, lost, has_more, waits: open.is_some() }
    }
}
