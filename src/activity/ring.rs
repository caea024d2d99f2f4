//! The ring of what is kept besides requests, and how it joins with them.
//!
//! May use: the kept requests, limits. Invariant: numbers are drawn under the lock of a ring, so that whoever holds both locks sees
//! every number up to the newest; a row whose request or call is still being answered holds back those after it for a moment.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::call::RecordedCall;
use super::milliseconds;
use crate::limits::{ACTIVITY_BYTES_MAX, ACTIVITY_ROWS_MAX, SANDBOXES_MAX};
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
    /// About how many bytes it keeps in memory, for a call besides its commits.
    pub(super) fn weight(&self) -> usize {
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

/// A row that is kept.
#[derive(Debug)]
pub(super) struct RingEntry {
    number: u64,
    at: i64,
    /// The same moment by a clock that nobody sets.
    since: Instant,
    bytes: usize,
    what: Happening,
}

impl RingEntry {
    /// Whether an answer that is still being made may be waited for.
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < PATIENCE
    }

    /// Whether it holds back the rows after it.
    fn is_open(&self) -> bool {
        !self.what.is_complete() && self.is_fresh()
    }
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
    /// The first and the last number of what was passed over before them, because not all of it is known any more.
    pub lost: Option<(u64, u64)>,
    /// Whether there is more at once, behind these.
    pub has_more: bool,
    /// Whether something is held back by an answer that is still being made.
    pub waits: bool,
}

/// For how long a row that is not complete holds back the rows after it: its client may have gone away.
const PATIENCE: Duration = Duration::from_secs(2);

/// The last rows, oldest first.
#[derive(Debug, Default)]
pub(super) struct Ring {
    kept: VecDeque<RingEntry>,
    bytes: usize,
    /// The last number that is forgotten of what is kept nowhere else.
    forgotten: u64,
    /// After which number each sandbox began again that was reset, restored, replaced or deleted.
    begun: HashMap<String, u64>,
}

impl Ring {
    /// Adds a row of this weight under the next number; returns it and the rows that it leaves no room for, which are to be dropped
    /// after the ring is free.
    pub(super) fn push(&mut self, numbers: &AtomicU64, what: Happening, weight: usize) -> (u64, Vec<RingEntry>) {
        let number = numbers.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = size_of::<RingEntry>() + weight;
        self.bytes += bytes;
        self.kept.push_back(RingEntry { number, at: milliseconds(), since: Instant::now(), bytes, what });
        (number, self.make_room())
    }

    /// Up to which number nothing waits for an answer; `newest` is the last number that was given.
    pub(super) fn complete_until(&self, newest: u64) -> u64 {
        let fresh = self.kept.iter().rev().take_while(|entry| entry.is_fresh());
        fresh.filter(|entry| entry.is_open()).last().map_or(newest, |open| open.number - 1)
    }

    /// Notes that a row has become so much larger; returns the rows that it leaves no room for.
    pub(super) fn grow(&mut self, number: u64, weight: usize) -> Vec<RingEntry> {
        let place = self.kept.binary_search_by_key(&number, |entry| entry.number);
        let Some(entry) = place.ok().and_then(|place| self.kept.get_mut(place)) else { return Vec::new() };
        entry.bytes += weight;
        self.bytes += weight;
        self.make_room()
    }

    fn make_room(&mut self) -> Vec<RingEntry> {
        let mut dropped = Vec::new();
        while self.kept.len() > ACTIVITY_ROWS_MAX || self.bytes > ACTIVITY_BYTES_MAX {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.bytes;
            if !matches!(oldest.what, Happening::Request(_)) {
                self.forgotten = oldest.number;
            }
            dropped.push(oldest);
        }
        dropped
    }

    /// Notes that a sandbox begins again after a number.
    pub(super) fn begin_again(&mut self, sandbox: &str, number: u64) {
        if self.begun.len() >= SANDBOXES_MAX && !self.begun.contains_key(sandbox) {
            // By now nothing is kept of what was before it.
            let oldest = self.begun.iter().min_by_key(|(_, number)| **number).map(|(name, _)| name.clone());
            oldest.and_then(|name| self.begun.remove(&name));
        }
        self.begun.insert(sandbox.to_owned(), number);
    }

    /// The number after which a sandbox has the state that it has now.
    pub(super) fn begun(&self, sandbox: &str) -> u64 {
        self.begun.get(sandbox).copied().unwrap_or_default()
    }

    /// The rows after a number from where all of them are known, for whoever reads them one after another.
    pub(super) fn next(
        &self,
        number: u64,
        most: usize,
        requests: RequestsAfter,
        wanted: impl Fn(&ActivityRow) -> bool,
    ) -> Stretch {
        let forgotten = self.forgotten.max(requests.forgotten);
        let lost = (forgotten > number).then_some((number + 1, forgotten));
        Stretch { lost, ..self.after(number.max(forgotten), most, requests, wanted) }
    }

    /// All that is kept after a number with those of the requests that come after it, at most so many rows that are wanted.
    pub(super) fn after(
        &self,
        number: u64,
        most: usize,
        requests: RequestsAfter,
        wanted: impl Fn(&ActivityRow) -> bool,
    ) -> Stretch {
        let begin = self.kept.partition_point(|entry| entry.number <= number);
        let open = self.kept.range(begin..).find(|entry| entry.is_open());
        let end = open.map_or(requests.newest, |open| open.number - 1);
        let mut requests = requests.kept.into_iter().skip_while(|kept| kept.number() <= number).peekable();
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
        Stretch { kept: all, until, lost: None, has_more, waits: open.is_some() }
    }
}
