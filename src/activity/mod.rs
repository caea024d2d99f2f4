//! What happened in the sandboxes of a server, for whoever looks: requests, due work, control calls, attempts of deliveries.
//!
//! Requests are kept in [`RecentRequests`]; here is what they changed, and everything else, in one order with them.
//!
//! May use: the state, the registry, the kept requests, tokio's notices. Invariant: only pointers are kept, in rings that are bounded
//! in number and in bytes for the whole server; what differs is compared when it is read, and nobody is woken unless somebody listens.

mod answers;
mod call;
pub mod changes;
mod history;
mod ring;
mod rows;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::watch;
use uuid::Uuid;

use self::answers::KeptAnswers;
pub use self::call::{RecordedCall, during};
pub use self::history::HistoryEntry;
pub use self::ring::{ActivityRow, DeliveryRecord, Stretch};
use self::ring::{Happening, Ring};
pub use self::rows::ActivityFilters;
use crate::limits::STREAMS_MAX;
use crate::request_log::recent::RecentRequests;
use crate::state::State;
use crate::state::event::Event;
use crate::state::sandbox::{Commit, CommitCause, Listener};

/// What happened.
#[derive(Debug)]
pub struct Activity {
    /// Another text at each start of a server.
    epoch: String,
    recent: Arc<RecentRequests>,
    ring: Mutex<Ring>,
    answers: Mutex<KeptAnswers>,
    /// Tells those who listen that there is more; true once the server ends.
    news: watch::Sender<bool>,
}

/// Milliseconds of the machine's clock since 1970.
pub fn milliseconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// How many characters of an epoch tell two starts apart.
const EPOCH_CHARACTERS: usize = 8;

impl Activity {
    /// Nothing so far, beside these requests.
    pub fn new(recent: Arc<RecentRequests>) -> Self {
        let mut epoch = Uuid::new_v4().simple().to_string();
        epoch.truncate(EPOCH_CHARACTERS);
        Activity { epoch, recent, ring: Mutex::default(), answers: Mutex::default(), news: watch::Sender::new(false) }
    }

    /// Tells this start of the server from others.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Hears of everything from now on; `None` if too many do already. What it hears becomes true when the server ends.
    pub fn listen(&self) -> Option<watch::Receiver<bool>> {
        (self.news.receiver_count() < STREAMS_MAX).then(|| self.news.subscribe())
    }

    /// Ends what those who listen wait for.
    pub fn end(&self) {
        self.news.send_replace(true);
    }

    /// Notes that a request was answered, which is kept under a number: what it did is known now, and what it was answered.
    pub fn answered(&self, number: u64, commit: Option<&Arc<Commit>>, answer: Option<&Bytes>) {
        if let Some(answer) = answer {
            self.answers.lock().unwrap_or_else(PoisonError::into_inner).keep(number, answer);
        }
        if let Some(commit) = commit {
            let _ring = self.lock();
            commit.note_answered();
        }
        self.tell();
    }

    /// What a request was answered, if that is kept.
    pub fn answer(&self, number: u64) -> Option<Bytes> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(number)
    }

    /// Notes that a control call was answered with a status, at a time (Unix seconds) of its sandbox's clock.
    pub fn called(&self, call: &Arc<RecordedCall>, status: u16, created: i64) {
        {
            let _ring = self.lock();
            call.end(status, created);
        }
        if call.number() == 0 {
            let what = Happening::Call(Arc::clone(call));
            let weight = what.weight();
            self.push(what, weight, |number| call.set_number(number));
        }
        self.tell();
    }

    /// Notes an attempt of a delivery.
    pub fn attempted(&self, delivery: DeliveryRecord) {
        let what = Happening::Delivery(Arc::new(delivery));
        let weight = what.weight();
        self.push(what, weight, |_| ());
        self.tell();
    }

    /// The rows after a number, oldest first, at most so many of a sandbox, or of all.
    pub fn after(&self, number: u64, most: usize, sandbox: Option<&str>) -> Stretch {
        let ring = self.lock();
        let requests = self.recent.after(number);
        ring.after(number, most, requests, |kept| sandbox.is_none_or(|name| kept.is_of(name)))
    }

    /// As [`after`](Self::after), from where all rows are known: those before it are told as lost, and are none of these.
    pub fn next(&self, number: u64, most: usize, sandbox: Option<&str>) -> Stretch {
        let ring = self.lock();
        let requests = self.recent.after(number);
        ring.next(number, most, requests, |kept| sandbox.is_none_or(|name| kept.is_of(name)))
    }

    /// The rows that fit, newest first, at most so many, before a number; and whether there are more.
    pub fn list(&self, wanted: &ActivityFilters, before: Option<u64>, most: usize) -> (Vec<Value>, bool) {
        let mut kept = self.after(0, usize::MAX, wanted.sandbox.as_deref()).kept;
        kept.retain(|one| before.is_none_or(|before| one.number < before));
        let rows = kept.iter().rev().filter(|one| wanted.may_take(one)).map(|one| one.row(false));
        let mut rows: Vec<Value> = rows.filter(|row| wanted.takes(row)).take(most.saturating_add(1)).collect();
        let has_more = rows.len() > most;
        rows.truncate(most);
        (rows, has_more)
    }

    /// The row with a number.
    pub fn find(&self, number: u64) -> Option<ActivityRow> {
        let found = self.after(number.checked_sub(1)?, usize::MAX, None).kept.into_iter().next();
        found.filter(|kept| kept.number == number)
    }

    /// The number of the newest row behind which nothing is missing.
    pub fn newest(&self) -> u64 {
        let ring = self.lock();
        ring.complete_until(self.recent.newest())
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a row, whose number is noted while the ring is locked. What it leaves no room for is dropped after that.
    fn push(&self, what: Happening, weight: usize, note: impl FnOnce(u64)) {
        let mut ring = self.lock();
        let (number, _dropped) = ring.push(self.recent.numbers(), what, weight);
        note(number);
        drop(ring);
    }

    fn tell(&self) {
        if self.news.receiver_count() > 0 {
            self.news.send_modify(|_| ());
        }
    }
}

impl Listener for Activity {
    fn committed(&self, _: &str, _: &Arc<State>, _: &[Arc<Event>], commit: Option<&Arc<Commit>>) {
        let Some(commit) = commit else { return };
        // Many objects take a while to weigh: not while the ring is locked.
        let weight = commit.weight();
        let set_number = |number| commit.set_number(number);
        match &commit.cause {
            CommitCause::Request => self.push(Happening::Request(Arc::clone(commit)), weight, set_number),
            CommitCause::Due(..) => self.push(Happening::Work(Arc::clone(commit)), weight, set_number),
            CommitCause::Tester => {
                let call = call::current();
                call.add(commit);
                match call.number() {
                    0 => {
                        let what = Happening::Call(Arc::clone(&call));
                        self.push(what, call.weight() + weight, |number| call.set_number(number));
                    }
                    number => {
                        let _dropped = self.lock().grow(number, weight);
                    }
                }
            }
        }
        self.tell();
    }

    fn reset(&self, sandbox: &str) {
        let mut ring = self.lock();
        // What came before has a number by now: it was drawn under this lock.
        let newest = self.recent.newest();
        ring.begin_again(sandbox, newest);
    }
}
