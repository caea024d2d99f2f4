//! When the next event may be sent, so that forwarded events keep their order.
//!
//! May use: std. Invariant: every wait ends; a CLI or a receiver that does not answer delays only its own events.
//!
//! The CLI handles each message by itself and would forward several at the same time. So the next event waits until the
//! last one has arrived: until it is acknowledged and the CLI has had a moment to print it; and, if the CLI forwards,
//! until the receiver has answered. The CLI does not say which events it forwards (`--events`, `--forward-connect-to`);
//! so if events of a sort are acknowledged but never answered, later ones of this sort do not wait for an answer.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// How long to wait for an acknowledgement.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(1);

/// How long the CLI takes at most to print an acknowledged event.
const PRINTED_WITHIN: Duration = Duration::from_millis(5);

/// How long to wait for the first answer to a sort of events.
const FIRST_ANSWERED_WITHIN: Duration = Duration::from_millis(300);

/// How long to wait for the answer if events of this sort were answered before.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// The number of last events whose late answer still counts for their sort.
const REMEMBERED: usize = 64;

/// What decides whether the CLI forwards an event: its type, and whether it belongs to a connected account.
pub(super) type Sort = (&'static str, bool);

/// The pace of one connection.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Whether the CLI forwards events.
    forwards: bool,
    /// Whether events of a sort are answered, if known.
    answered: HashMap<Sort, bool>,
    sent: VecDeque<(u64, Sort)>,
    waiting: Option<WaitingEvents>,
}

#[derive(Debug)]
struct WaitingEvents {
    number: u64,
    sort: Sort,
    on: WaitsFor,
    until: Instant,
}

/// What the next event waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WaitsFor {
    Acknowledgement,
    Printing,
    Answer,
}

impl Pace {
    /// The pace of a connection; `forwards` is whether its CLI forwards events.
    pub(super) fn new(forwards: bool) -> Self {
        Pace { forwards, ..Pace::default() }
    }

    /// When the wait ends by itself; `None` if the next event may be sent.
    pub(super) fn until(&self) -> Option<Instant> {
        self.waiting.as_ref().map(|waiting| waiting.until)
    }

    /// Records that an event of this sort was sent.
    pub(super) fn sent(&mut self, number: u64, sort: Sort, now: Instant) {
        if self.sent.len() >= REMEMBERED {
            let _ = self.sent.pop_front();
        }
        self.sent.push_back((number, sort));
        self.waiting =
            Some(WaitingEvents { number, sort, on: WaitsFor::Acknowledgement, until: now + ACKNOWLEDGED_WITHIN });
    }

    /// Records that an event was acknowledged.
    pub(super) fn acknowledged(&mut self, number: u64, now: Instant) {
        let Some(waiting) = self.waiting.as_mut().filter(|waiting| waiting.number == number) else { return };
        if waiting.on != WaitsFor::Acknowledgement {
            return;
        }
        let (on, within) = match self.answered.get(&waiting.sort) {
            Some(true) if self.forwards => (WaitsFor::Answer, ANSWERED_WITHIN),
            None if self.forwards => (WaitsFor::Answer, FIRST_ANSWERED_WITHIN),
            _ => (WaitsFor::Printing, PRINTED_WITHIN),
        };
        (waiting.on, waiting.until) = (on, now + within);
    }

    /// Records that the receiver of an event has answered.
    pub(super) fn answered(&mut self, number: u64) {
        if let Some((_, sort)) = self.sent.iter().find(|(sent, _)| *sent == number) {
            self.answered.insert(*sort, true);
        }
        self.waiting = self.waiting.take().filter(|waiting| waiting.number != number);
    }

    /// Ends waits whose time is over at `now`.
    pub(super) fn pass(&mut self, now: Instant) {
        let Some(waiting) = self.waiting.take_if(|waiting| waiting.until <= now) else { return };
        if waiting.on == WaitsFor::Answer {
            self.answered.entry(waiting.sort).or_insert(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Sort = ("charge.succeeded", false);

    #[test]
    fn without_forwarding_the_acknowledgement_and_a_moment_are_enough() {
        let now = Instant::now();
        let mut pace = Pace::new(false);
        pace.sent(1, NAME, now);
        assert_eq!(pace.until(), Some(now + ACKNOWLEDGED_WITHIN));
        pace.acknowledged(2, now);
        assert!(pace.until().is_some(), "the acknowledgement of another event");
        pace.acknowledged(1, now);
        assert_eq!(pace.until(), Some(now + PRINTED_WITHIN));
        pace.pass(now + PRINTED_WITHIN);
        assert_eq!(pace.until(), None);
        assert!(pace.answered.is_empty(), "no answer was waited for");
    }

    #[test]
    fn a_forwarded_event_holds_the_next_until_its_answer() {
        let now = Instant::now();
        let mut pace = Pace::new(true);
        pace.sent(1, NAME, now);
        pace.acknowledged(1, now);
        assert_eq!(pace.until(), Some(now + FIRST_ANSWERED_WITHIN));
        pace.answered(1);
        assert_eq!(pace.until(), None);
        pace.sent(2, NAME, now);
        pace.acknowledged(2, now);
        assert_eq!(pace.until(), Some(now + ANSWERED_WITHIN));
    }

    #[test]
    fn a_sort_that_is_not_answered_is_not_waited_for_again_until_it_is() {
        let now = Instant::now();
        let mut pace = Pace::new(true);
        pace.sent(1, NAME, now);
        pace.acknowledged(1, now);
        pace.pass(now);
        assert!(pace.until().is_some(), "it is not time yet");
        pace.pass(now + FIRST_ANSWERED_WITHIN);
        assert_eq!(pace.until(), None);
        pace.sent(2, NAME, now);
        pace.acknowledged(2, now);
        assert_eq!(pace.until(), Some(now + PRINTED_WITHIN));
        pace.answered(1);
        pace.sent(3, (NAME.0, true), now);
        pace.acknowledged(3, now);
        assert_eq!(pace.until(), Some(now + FIRST_ANSWERED_WITHIN), "the same type, in a connected account");
        pace.sent(3, NAME, now);
        pace.acknowledged(3, now);
        assert_eq!(pace.until(), Some(now + ANSWERED_WITHIN));
    }

    #[test]
    fn a_cli_that_says_nothing_is_sent_the_next_event_all_the_same() {
        let now = Instant::now();
        let mut pace = Pace::new(true);
        pace.sent(1, NAME, now);
        pace.pass(now + ACKNOWLEDGED_WITHIN);
        assert_eq!(pace.until(), None);
        assert!(pace.answered.is_empty(), "nothing was learned about the sort");
    }
}
