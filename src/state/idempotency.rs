//! Idempotency keys: the answers to the first requests with each key (platform 4, core-payments 1.12).
//!
//! May use: the limits, imbl, uuid. Knows nothing of HTTP. Invariant: at most one request with a key runs at a time,
//! and a mark that is dropped, also by a panic, frees the key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use uuid::Uuid;

use super::AccountKey;
use super::budget::{Budget, HeldBytes};
use crate::limits::{
    IDEMPOTENCY_BYTES_MAX, IDEMPOTENCY_LIFETIME_SECONDS, IDEMPOTENCY_RECORDS_MAX, IDEMPOTENCY_SERVER_BYTES_MAX,
};

/// The idempotency keys of a sandbox.
#[derive(Debug, Default)]
pub struct Records(Mutex<IdempotencyInner>);

/// A key in the account of its request.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Scope {
    account: AccountKey,
    key: Box<str>,
}

#[derive(Debug, Default)]
struct IdempotencyInner {
    /// The keys whose requests are running.
    in_flight: HashMap<Arc<Scope>, InFlight>,
    answered: Answered,
    /// The number of marks so far: the ticket of the next mark, which also orders the keys.
    tickets: u64,
}

#[derive(Debug)]
struct InFlight {
    ticket: u64,
    request_id: Arc<str>,
}

/// The keys with answers; a clone shares them until one of the two changes.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    entries: imbl::HashMap<Arc<Scope>, Arc<KeptAnswer>>,
    /// The oldest first.
    order: imbl::OrdMap<u64, Arc<Scope>>,
    bytes: usize,
}

#[derive(Debug)]
struct KeptAnswer {
    ticket: u64,
    at: i64,
    asked: Fingerprint,
    answer: Arc<First>,
    held: HeldBytes,
}

/// What the answers to idempotency keys of the process keep in memory.
static ANSWERS: Budget = Budget::new(IDEMPOTENCY_SERVER_BYTES_MAX);

/// The parts of a request that are compared with a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// The path, as it was sent.
    pub path: Box<str>,
    /// A hash of the parameters: equal for equal ones, in whatever order they were sent.
    pub params: Uuid,
}

/// The first answer with a key.
#[derive(Debug)]
pub struct First {
    /// The `Request-Id` of the first request.
    pub request_id: Arc<str>,
    /// The version that the answer is in.
    pub version: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
    /// Differences of the version that the body does not show.
    pub not_built: Vec<&'static str>,
    /// The error's code or type, for the request log.
    pub error: Option<String>,
}

/// What a request with a key may do.
#[derive(Debug)]
pub enum Begun<'r> {
    /// There is no answer yet: carry the request out.
    Run(Mark<'r>),
    /// The same request was answered: its answer.
    Replay(Arc<First>),
    /// A request with this key is running; its id.
    InUse(Arc<str>),
    /// The key was used with other parameters, by the request with this answer.
    OtherParams(Arc<First>),
    /// The key was used for this path, by the request with this answer.
    OtherPath(Box<str>, Arc<First>),
}

/// A key that is in use until the mark is dropped or its request's answer is kept.
#[derive(Debug)]
pub struct Mark<'r> {
    records: &'r Records,
    scope: Arc<Scope>,
    ticket: u64,
    asked: Fingerprint,
}

impl Records {
    /// Looks a key up and marks it if it is free; `now` is the sandbox's time in Unix seconds, `request_id` the id of
    /// the request.
    pub fn begin(&self, account: AccountKey, key: &str, asked: Fingerprint, request_id: &str, now: i64) -> Begun<'_> {
        let scope = Arc::new(Scope { account, key: key.into() });
        let mut inner = self.lock();
        inner.answered.forget_expired(now);
        if let Some(in_flight) = inner.in_flight.get(&scope) {
            return Begun::InUse(Arc::clone(&in_flight.request_id));
        }
        match inner.answered.entries.get(&scope) {
            Some(kept) if !is_expired(kept.at, now) => {
                let answer = Arc::clone(&kept.answer);
                return match &kept.asked {
                    before if before.path != asked.path => Begun::OtherPath(before.path.clone(), answer),
                    before if before.params != asked.params => Begun::OtherParams(answer),
                    _ => Begun::Replay(answer),
                };
            }
            _ => inner.answered.forget(&scope),
        }
        inner.tickets += 1;
        let ticket = inner.tickets;
        inner.in_flight.insert(Arc::clone(&scope), InFlight { ticket, request_id: request_id.into() });
        Begun::Run(Mark { records: self, scope, ticket, asked })
    }

    /// The answered keys at this moment.
    pub fn answered(&self) -> Answered {
        self.lock().answered.clone()
    }

    /// Replaces the answered keys, and removes all others, including those in use.
    pub fn replace(&self, answered: Answered) {
        let mut inner = self.lock();
        // A ticket is never used twice, so that the order of the answered keys stays the order of their marks.
        let tickets = inner.tickets;
        let before =
            std::mem::replace(&mut *inner, IdempotencyInner { tickets, answered, ..IdempotencyInner::default() });
        drop(inner);
        drop(before);
    }

    /// Removes every key, including those in use, whose answers will not be kept.
    pub fn clear(&self) {
        self.replace(Answered::default());
    }

    fn lock(&self) -> MutexGuard<'_, IdempotencyInner> {
        // No code panics while the lock is held and the data is incomplete.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mark<'_> {
    /// Stores the answer for repeated requests; `now` is the sandbox's time in Unix seconds.
    pub fn keep(self, answer: First, now: i64) {
        let mut inner = self.records.lock();
        if !inner.free(&self.scope, self.ticket) {
            return;
        }
        let held = ANSWERS.hold(ANSWER_BYTES + self.scope.key.len() + self.asked.path.len() + answer.body.len());
        let asked = self.asked.clone();
        let kept = KeptAnswer { ticket: self.ticket, at: now, asked, answer: Arc::new(answer), held };
        inner.answered.keep(&self.scope, kept);
    }
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        let _ = self.records.lock().free(&self.scope, self.ticket);
    }
}

impl IdempotencyInner {
    /// Removes the mark of a key; `false` if the mark belongs to another ticket, after a reset.
    fn free(&mut self, scope: &Scope, ticket: u64) -> bool {
        let is_marked = self.in_flight.get(scope).is_some_and(|in_flight| in_flight.ticket == ticket);
        is_marked && self.in_flight.remove(scope).is_some()
    }
}

impl Answered {
    fn keep(&mut self, scope: &Arc<Scope>, kept: KeptAnswer) {
        self.bytes += kept.held.bytes();
        self.order.insert(kept.ticket, Arc::clone(scope));
        self.entries.insert(Arc::clone(scope), Arc::new(kept));
        while self.order.len() > IDEMPOTENCY_RECORDS_MAX
            || self.bytes > IDEMPOTENCY_BYTES_MAX
            || !ANSWERS.has_room(self.bytes)
        {
            let Some((_, oldest)) = self.order.get_min() else { return };
            let oldest = Arc::clone(oldest);
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, scope: &Scope) {
        let Some(kept) = self.entries.remove(scope) else { return };
        self.bytes -= kept.held.bytes();
        self.order.remove(&kept.ticket);
    }

    /// Drops answers that are past their time, the oldest first.
    fn forget_expired(&mut self, now: i64) {
        while let Some((_, oldest)) = self.order.get_min() {
            if !self.entries.get(oldest).is_some_and(|kept| is_expired(kept.at, now)) {
                return;
            }
            let oldest = Arc::clone(oldest);
            self.forget(&oldest);
        }
    }
}

fn is_expired(at: i64, now: i64) -> bool {
    now.saturating_sub(at) >= IDEMPOTENCY_LIFETIME_SECONDS
}

/// The bytes of an answered key besides its texts.
const ANSWER_BYTES: usize = 400;

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn asked(path: &str, params: &str) -> Fingerprint {
        Fingerprint { path: path.into(), params: Uuid::new_v5(&Uuid::NAMESPACE_OID, params.as_bytes()) }
    }

    fn first(body: &'static str) -> First {
        First {
            request_id: "req_1".into(),
            version: "2024-04-10",
            status: 200,
            body: Bytes::from_static(body.as_bytes()),
            not_built: Vec::new(),
            error: None,
        }
    }

    fn begin<'r>(records: &'r Records, key: &str, now: i64) -> Begun<'r> {
        records.begin(AccountKey::PLATFORM, key, asked("/v1/a", "x=1"), "req_n", now)
    }

    #[track_caller]
    fn answer(records: &Records, key: &str, now: i64) {
        let Begun::Run(mark) = begin(records, key, now) else { panic!("{key} is not free") };
        mark.keep(first("body"), now);
    }

    /// The number of keys, and how many of them are answered.
    fn counts(records: &Records) -> (usize, usize) {
        let inner = records.lock();
        (inner.in_flight.len() + inner.answered.entries.len(), inner.answered.order.len())
    }

    #[test]
    fn the_same_again_is_the_first_answer() {
        let records = Records::default();
        answer(&records, "k", NOW);
        assert!(matches!(begin(&records, "k", NOW), Begun::Replay(first) if &*first.body == b"body"));
    }

    #[test]
    fn other_parameters_another_path_another_account() {
        let records = Records::default();
        answer(&records, "k", NOW);
        let ask = |account, asked| records.begin(account, "k", asked, "req_n", NOW);
        assert!(matches!(ask(AccountKey::PLATFORM, asked("/v1/a", "x=2")), Begun::OtherParams(_)));
        let other = ask(AccountKey::PLATFORM, asked("/v1/b", "x=1"));
        assert!(matches!(other, Begun::OtherPath(path, _) if &*path == "/v1/a"));
        assert!(matches!(ask(AccountKey(1), asked("/v1/b", "x=1")), Begun::Run(_)));
    }

    #[test]
    fn a_key_is_in_use_until_its_mark_is_gone() {
        let records = Records::default();
        let Begun::Run(mark) = begin(&records, "k", NOW) else { panic!() };
        assert!(matches!(begin(&records, "k", NOW), Begun::InUse(id) if &*id == "req_n"));
        assert!(matches!(begin(&records, "other", NOW), Begun::Run(_)));
        drop(mark);
        assert!(matches!(begin(&records, "k", NOW), Begun::Run(_)));
    }

    #[test]
    fn a_panic_frees_the_key() {
        let records = Records::default();
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _mark = begin(&records, "k", NOW);
            panic!("on purpose");
        }));
        assert!(caught.is_err());
        assert!(matches!(begin(&records, "k", NOW), Begun::Run(_)));
    }

    #[test]
    fn a_key_is_free_after_a_day() {
        let records = Records::default();
        answer(&records, "k", NOW);
        assert!(matches!(begin(&records, "k", NOW + IDEMPOTENCY_LIFETIME_SECONDS - 1), Begun::Replay(_)));
        answer(&records, "k", NOW + IDEMPOTENCY_LIFETIME_SECONDS);
        assert_eq!(counts(&records), (1, 1));
    }

    #[test]
    fn a_day_counts_also_behind_a_newer_time() {
        let records = Records::default();
        answer(&records, "later", NOW + IDEMPOTENCY_LIFETIME_SECONDS);
        answer(&records, "k", NOW);
        assert!(matches!(begin(&records, "k", NOW + IDEMPOTENCY_LIFETIME_SECONDS), Begun::Run(_)));
    }

    #[test]
    fn beyond_the_cap_the_oldest_goes() {
        let records = Records::default();
        for n in 0..=IDEMPOTENCY_RECORDS_MAX {
            answer(&records, &format!("k{n}"), NOW);
        }
        assert_eq!(records.lock().answered.order.len(), IDEMPOTENCY_RECORDS_MAX);
        assert!(matches!(begin(&records, "k0", NOW), Begun::Run(_)));
        assert!(matches!(begin(&records, "k1", NOW), Begun::Replay(_)));
    }

    #[test]
    fn large_answers_have_a_cap_of_their_own() {
        let records = Records::default();
        let body = Bytes::from(vec![b' '; IDEMPOTENCY_BYTES_MAX / 4]);
        for n in 0..8 {
            let Begun::Run(mark) = begin(&records, &format!("k{n}"), NOW) else { panic!() };
            mark.keep(First { body: body.clone(), ..first("") }, NOW);
        }
        assert!(records.lock().answered.bytes <= IDEMPOTENCY_BYTES_MAX);
        assert_eq!(counts(&records), (3, 3));
        records.clear();
        assert_eq!(counts(&records), (0, 0));
        assert_eq!(records.lock().answered.bytes, 0);
    }

    #[test]
    fn what_was_in_flight_at_a_reset_is_not_kept() {
        let records = Records::default();
        let Begun::Run(before) = begin(&records, "k", NOW) else { panic!() };
        records.clear();
        let Begun::Run(after) = begin(&records, "k", NOW) else { panic!() };
        before.keep(first("before"), NOW);
        assert!(matches!(begin(&records, "k", NOW), Begun::InUse(_)));
        after.keep(first("after"), NOW);
        assert!(matches!(begin(&records, "k", NOW), Begun::Replay(first) if &*first.body == b"after"));
    }
}
