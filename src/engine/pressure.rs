//! Pauses of the engine while the receivers of a sandbox's events do not keep up.
//!
//! May use: a sandbox. Invariant: a receiver that takes nothing holds the engine up for [`PATIENCE`] once, not for ever.

use std::time::{Duration, Instant};

use crate::limits::DELIVERIES_WAITING_MAX;
use crate::state::sandbox::Sandbox;

/// Deliveries that wait for one receiver at which the engine pauses: as many again have room before the oldest is dropped.
const BACKLOG_MAX: usize = DELIVERIES_WAITING_MAX / 2;

/// How long the engine waits for a backlog that does not get shorter.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How one run of the engine gets along with the receivers.
#[derive(Debug)]
pub(super) struct Pressure {
    patience: Duration,
    /// A receiver took nothing for too long: the rest of the run does not wait any more.
    is_lost: bool,
}

impl Default for Pressure {
    fn default() -> Self {
        Pressure { patience: PATIENCE, is_lost: false }
    }
}

impl Pressure {
    /// Waits until there is room for more events.
    pub(super) fn wait(&mut self, sandbox: &Sandbox) {
        let (mut least, mut since) = (usize::MAX, Instant::now());
        while !self.is_lost {
            let backlog = sandbox.backlog();
            if backlog < BACKLOG_MAX {
                return;
            }
            if backlog < least {
                (least, since) = (backlog, Instant::now());
            }
            self.is_lost = since.elapsed() >= self.patience;
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::state::State;
    use crate::state::event::Event;
    use crate::state::sandbox::Listener;
    use crate::time::clock::Clock;

    /// A receiver that has more or less to take at each look.
    #[derive(Debug)]
    struct Receiver {
        backlogs: Vec<usize>,
        looks: AtomicUsize,
    }

    impl Listener for Receiver {
        fn committed(&self, _: &str, _: &Arc<State>, _: &[Arc<Event>]) {}
        fn reset(&self, _: &str) {}
        fn backlog(&self, _: &str) -> usize {
            let look = self.looks.fetch_add(1, Ordering::Relaxed);
            *self.backlogs.get(look).or(self.backlogs.last()).unwrap_or(&0)
        }
    }

    /// How often a run looks at a receiver with these backlogs in two waits.
    fn looks(backlogs: &[usize], patience: Duration) -> (usize, usize) {
        let sandbox = Sandbox::new("default", Arc::default(), Clock::Real, None);
        let receiver = Arc::new(Receiver { backlogs: backlogs.to_vec(), looks: AtomicUsize::new(0) });
        sandbox.listen(Arc::<Receiver>::clone(&receiver));
        let mut pressure = Pressure { patience, is_lost: false };
        pressure.wait(&sandbox);
        let first = receiver.looks.load(Ordering::Relaxed);
        pressure.wait(&sandbox);
        (first, receiver.looks.load(Ordering::Relaxed) - first)
    }

    #[test]
    fn the_engine_waits_until_a_receiver_has_room() {
        assert_eq!(looks(&[BACKLOG_MAX + 2, BACKLOG_MAX + 1, BACKLOG_MAX, 0], PATIENCE), (4, 1));
        assert_eq!(looks(&[0], PATIENCE), (1, 1));
    }

    #[test]
    fn a_receiver_that_takes_nothing_holds_the_engine_up_once() {
        let (first, second) = looks(&[BACKLOG_MAX], LOOK_EVERY * 3);
        assert!(first >= 2, "{first}");
        assert_eq!(second, 0);
    }
}
