//! The queue of deliveries to one receiver.
//!
//! May use: deliveries. It sends nothing. Invariant: at most one delivery is being sent, and only after those before it
//! have arrived, were given up, or were set aside.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::delivery::{Delivery, DeliveryAttempt, DeliveryVerdict, Standing};
use super::settings::Retries;
use crate::limits::{
    DELIVERIES_ASIDE_MAX, DELIVERIES_WAITING_MAX, FAULT_SHUFFLE_MILLISECONDS, RECEIVER_PATIENCE_SECONDS,
};
use crate::state::event::{Event, make_room};

/// The deliveries to one receiver.
#[derive(Debug, Default)]
pub struct Line {
    /// First attempts, and deliveries that later ones wait for, in order. The queues of many receivers grow with the same event, and
    /// then all of them are copied by one request: so each moves pointers.
    waiting: VecDeque<Box<Delivery>>,
    /// Deliveries that later ones do not wait for, by the time of their next attempt, then by rank.
    aside: BTreeMap<(Instant, u64, u64), Delivery>,
    /// Until when deliveries are collected for a fault of the kind `shuffle`.
    gathering: Option<Instant>,
    /// The delivery that is being sent.
    current: Option<Delivery>,
    /// When the receiver last took a delivery, or the first of the waiting ones came.
    moved: Option<Instant>,
    /// The task that sends, while there is something to do.
    pub task: Option<AbortHandle>,
    /// Whether the receiver is disabled.
    pub parked: bool,
    /// Wakes the task when there is more to do.
    pub wake: Arc<Notify>,
    /// The counts so far.
    pub counts: Counts,
}

/// Counts of a receiver's deliveries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Attempts, successful or not.
    pub attempts: u64,
    /// Deliveries that have arrived.
    pub delivered: u64,
    /// Deliveries that were given up.
    pub failed: u64,
    /// Deliveries that were dropped because too many waited.
    pub dropped: u64,
}

/// What the task does next.
#[derive(Debug)]
pub enum Next {
    /// Try this delivery.
    Try(Job),
    /// Wait until this time.
    At(Instant),
    /// End: there is nothing to send.
    Nothing,
}

/// A delivery to try.
#[derive(Debug)]
pub struct Job {
    /// Its number.
    pub number: u64,
    /// Its event.
    pub event: Arc<Event>,
    /// The fault that was applied to it, if any.
    pub fault: Option<Box<str>>,
    /// The body of an earlier attempt: every attempt sends the same bytes.
    pub body: Option<Bytes>,
}

impl Line {
    /// Adds a delivery at the end. If too many wait, the oldest is dropped and counted. The next one keeps the time of
    /// the dropped one, or a dead receiver would get an attempt for each event.
    pub fn push(&mut self, delivery: Delivery) {
        if self.is_empty() {
            self.moved = Some(Instant::now());
        }
        self.waiting.push_back(Box::new(delivery));
        let mut too_many = make_room(&mut self.waiting, |delivery| Some(&delivery.event));
        if self.waiting.len() > DELIVERIES_WAITING_MAX {
            too_many.extend(self.waiting.pop_front());
        }
        for mut dropped in too_many {
            if self.counts.dropped == 0 {
                let endpoint = dropped.target.name();
                tracing::warn!(endpoint, "too many deliveries wait; the oldest are dropped from here on");
            }
            dropped.settle();
            self.counts.dropped += 1;
            if let Some(next) = self.waiting.front_mut() {
                next.not_before = next.not_before.max(dropped.not_before);
            }
        }
    }

    /// Adds a delivery that is not tried before this time, and that later ones do not wait for. `rank` orders
    /// deliveries of the same time.
    pub fn push_late(&mut self, mut delivery: Delivery, at: Instant, rank: u64) {
        delivery.not_before = at;
        // If too many are set aside, it joins the queue, and later ones wait for it.
        if self.aside.len() < DELIVERIES_ASIDE_MAX {
            self.aside.insert((at, rank, delivery.number), delivery);
        } else {
            self.push(delivery);
        }
    }

    /// Until when deliveries are collected to be shuffled.
    pub fn gather(&mut self, now: Instant) -> Instant {
        let under_way = self.gathering.filter(|until| *until > now);
        let until = under_way.unwrap_or(now + Duration::from_millis(FAULT_SHUFFLE_MILLISECONDS));
        self.gathering = Some(until);
        until
    }

    /// What to do at this time. A delivery that is returned to be tried stays the current one until
    /// [`finish`](Self::finish).
    pub fn next(&mut self, now: Instant) -> Next {
        let again = self.aside.first_key_value().map(|((at, _, _), _)| *at);
        // Deliveries that are set aside hold bodies and attempts, so their number is limited.
        let first = self.waiting.front().filter(|_| self.aside.len() < DELIVERIES_ASIDE_MAX);
        let first = first.map(|delivery| delivery.not_before);
        let taken = match (first, again) {
            (Some(at), _) if at <= now => self.waiting.pop_front().map(|delivery| *delivery),
            (_, Some(at)) if at <= now => self.aside.pop_first().map(|(_, delivery)| delivery),
            (Some(a), Some(b)) => return Next::At(a.min(b)),
            (Some(at), None) | (None, Some(at)) => return Next::At(at),
            (None, None) => return Next::Nothing,
        };
        let Some(delivery) = taken else { return Next::Nothing };
        let (event, fault, body) = (Arc::clone(&delivery.event), delivery.fault.clone(), delivery.body().cloned());
        let number = delivery.number;
        self.current = Some(delivery);
        Next::Try(Job { number, event, fault, body })
    }

    /// Ends the attempt of the delivery with this number. Returns the delivery if it is finished.
    pub fn finish(&mut self, number: u64, attempt: DeliveryAttempt, retries: &Retries) -> Option<Delivery> {
        let mut delivery = self.current.take_if(|current| current.number == number)?;
        self.counts.attempts += 1;
        let verdict = delivery.conclude(attempt, retries, Instant::now());
        delivery.log(verdict);
        match verdict {
            DeliveryVerdict::Hold(_) => {
                delivery.make_room();
                self.waiting.push_front(Box::new(delivery));
            }
            DeliveryVerdict::Aside(at) => {
                self.moved = Some(Instant::now());
                delivery.make_room();
                drop(self.aside.insert((at, 0, delivery.number), delivery));
            }
            DeliveryVerdict::Delivered => {
                self.moved = Some(Instant::now());
                delivery.standing = Standing::Delivered;
                delivery.settle();
                self.counts.delivered += 1;
                return Some(delivery);
            }
            DeliveryVerdict::GiveUp => {
                delivery.standing = Standing::Failed;
                self.counts.failed += 1;
                return Some(delivery);
            }
        }
        None
    }

    /// Puts the current delivery back without an attempt: the receiver is disabled.
    pub fn park(&mut self) {
        if let Some(delivery) = self.current.take() {
            self.waiting.push_front(Box::new(delivery));
        }
        self.parked = true;
        self.task = None;
    }

    /// Gives up all deliveries: the receiver is deleted.
    pub fn cancel(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
        let aside = std::mem::take(&mut self.aside).into_values();
        for mut delivery in self.current.take().into_iter().chain(aside).chain(self.waiting.drain(..).map(|one| *one)) {
            delivery.settle();
        }
    }

    /// Every unfinished delivery.
    pub fn undone(&self) -> impl Iterator<Item = &Delivery> {
        self.current.iter().chain(self.aside.values()).chain(self.waiting.iter().map(|one| &**one))
    }

    /// The number of unfinished deliveries.
    pub fn len(&self) -> usize {
        self.waiting.len() + self.aside.len() + usize::from(self.current.is_some())
    }

    /// How many deliveries whoever makes events should wait for: none of a receiver that is disabled, or that has taken nothing
    /// for a while at this time.
    pub fn backlog(&self, now: Instant) -> usize {
        let patience = Duration::from_secs(RECEIVER_PATIENCE_SECONDS);
        let takes = self.moved.is_some_and(|moved| now.saturating_duration_since(moved) < patience);
        if takes && !self.parked { self.len() } else { 0 }
    }

    /// Whether all are finished.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a delivery is being sent or could be now.
    pub fn is_busy(&self, now: Instant) -> bool {
        let ready = self.waiting.front().is_some_and(|delivery| delivery.not_before <= now);
        !self.parked && (self.current.is_some() || ready)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::resources;
    use crate::state::event::News;
    use crate::state::{AccountKey, Place, State, Tx};
    use crate::webhooks::delivery::{AttemptResult, Target};

    fn event() -> Arc<Event> {
        let mut tx = Tx::new(&State::default(), AccountKey::PLATFORM, crate::contract::indexes);
        let object = crate::contract::import::<resources::customers::customer::Customer>;
        let made =
            object([("id", "cus_1")].into(), [("attached", Vec::<String>::new())].into(), 0).expect("a customer");
        let about = tx.insert_object(made);
        let after = Arc::clone(tx.record(about.kind, &about.id).expect("it is there"));
        let news = News {
            account: AccountKey::PLATFORM,
            account_id: None,
            name: "customer.created",
            before: None,
            after,
            companions: None,
        };
        Arc::new(Event::new("evt_1".into(), Place { created: 0, sequence: 1 }, "2022-11-15", None, news, 0))
    }

    fn line(event: &Arc<Event>, deliveries: u64) -> Line {
        let mut line = Line::default();
        for number in 1..=deliveries {
            line.push(Delivery::new(number, Arc::clone(event), Target::Flag(0), false));
        }
        line
    }

    fn attempt(status: u16) -> DeliveryAttempt {
        DeliveryAttempt {
            at: std::time::SystemTime::now(),
            duration: Duration::ZERO,
            url: String::new(),
            signature: String::new(),
            body: Bytes::new(),
            reaction: AttemptResult::Answered { status, headers: Vec::new(), body: Bytes::new(), cut: false },
        }
    }

    #[track_caller]
    fn tried(line: &mut Line) -> u64 {
        match line.next(Instant::now()) {
            Next::Try(job) => job.number,
            other => panic!("{other:?}"),
        }
    }

    fn hour() -> Retries {
        "3600".parse().expect("a schedule")
    }

    #[test]
    fn when_too_many_wait_the_oldest_is_dropped_and_counted() {
        let event = event();
        let most = u64::try_from(DELIVERIES_WAITING_MAX).expect("a count");
        let mut line = line(&event, most + 3);
        assert_eq!((line.len(), line.counts.dropped), (DELIVERIES_WAITING_MAX, 3));
        assert_eq!(event.pending(), DELIVERIES_WAITING_MAX);
        assert_eq!(tried(&mut line), 4);
    }

    #[test]
    fn when_the_one_that_waits_for_its_next_try_is_dropped_the_others_wait_as_long() {
        let event = event();
        let most = u64::try_from(DELIVERIES_WAITING_MAX).expect("a count");
        let mut line = line(&event, most);
        assert_eq!(tried(&mut line), 1);
        assert!(line.finish(1, attempt(500), &hour()).is_none());
        for number in most + 1..most + 4 {
            line.push(Delivery::new(number, Arc::clone(&event), Target::Flag(0), false));
        }
        assert_eq!(line.counts.dropped, 3);
        assert!(matches!(line.next(Instant::now()), Next::At(_)));
    }

    #[test]
    fn nobody_waits_for_a_receiver_that_takes_nothing_for_a_while() {
        let mut line = line(&event(), 5);
        let now = Instant::now();
        let later = now + Duration::from_secs(RECEIVER_PATIENCE_SECONDS);
        assert_eq!((line.backlog(now), line.backlog(later)), (5, 0));
        // It counts again once it takes something, and not while it is disabled.
        line.moved = now.checked_sub(Duration::from_secs(RECEIVER_PATIENCE_SECONDS));
        assert_eq!(line.backlog(now), 0);
        tried(&mut line);
        assert!(line.finish(1, attempt(500), &hour()).is_none());
        assert_eq!(line.backlog(now), 0, "a failure takes nothing");
        line.waiting[0].not_before = now;
        tried(&mut line);
        assert!(line.finish(1, attempt(200), &hour()).is_some());
        assert_eq!(line.backlog(now), 4);
        line.park();
        assert_eq!(line.backlog(now), 0);
    }

    #[test]
    fn a_failure_on_the_receivers_side_holds_up_the_others() {
        let mut line = line(&event(), 2);
        assert_eq!(tried(&mut line), 1);
        assert!(line.finish(1, attempt(500), &hour()).is_none());
        assert!(matches!(line.next(Instant::now()), Next::At(_)));
    }

    #[test]
    fn those_that_step_aside_are_bounded() {
        let event = event();
        let most = u64::try_from(DELIVERIES_ASIDE_MAX).expect("a count");
        let mut line = line(&event, most + 2);
        for number in 1..=most {
            assert_eq!(tried(&mut line), number);
            assert!(line.finish(number, attempt(400), &hour()).is_none());
        }
        assert!(matches!(line.next(Instant::now()), Next::At(_)));
        let later = Instant::now() + Duration::from_secs(4000);
        assert!(matches!(line.next(later), Next::Try(job) if job.number == 1));
        assert!(line.finish(1, attempt(200), &hour()).is_some());
        assert_eq!(tried(&mut line), most + 1);
    }

    #[test]
    fn the_end_of_another_attempt_changes_nothing() {
        let mut line = line(&event(), 2);
        assert_eq!(tried(&mut line), 1);
        assert!(line.finish(2, attempt(200), &hour()).is_none());
        assert_eq!(line.len(), 2);
        assert!(line.finish(1, attempt(200), &hour()).is_some());
        assert_eq!(tried(&mut line), 2);
    }

    #[test]
    fn what_is_cancelled_is_not_pending_any_more() {
        let event = event();
        let mut line = line(&event, 3);
        tried(&mut line);
        line.cancel();
        assert_eq!((line.len(), event.pending()), (0, 0));
    }
}
