//! Pauses of the engine while the receivers of a sandbox's events do not keep up.
//!
//! May use: a sandbox. Invariant: no event is made while the queue of a receiver that takes any is half full, so that none of
//! its deliveries is dropped; a receiver that takes nothing for a while holds nobody up (the sandbox's listener says which).

use std::time::Duration;

use crate::limits::DELIVERIES_BACKLOG_MAX;
use crate::state::event::EVENTS;
use crate::state::sandbox::Sandbox;

/// Deliveries that may wait when the events of the process take almost all the memory that they may: then a queue loses its
/// oldest before it is full.
const BACKLOG_TIGHT: usize = DELIVERIES_BACKLOG_MAX / 50;

/// How often the engine looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Waits until there is room for more events.
pub(super) fn wait(sandbox: &Sandbox) {
    let most = || if EVENTS.is_tight() { BACKLOG_TIGHT } else { DELIVERIES_BACKLOG_MAX };
    while sandbox.backlog() >= most() {
        std::thread::sleep(LOOK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::state::State;
    use crate::state::event::Event;
    use crate::state::sandbox::{Commit, Listener};
    use crate::time::clock::Clock;

    /// A receiver that has more or less to take at each look.
    #[derive(Debug)]
    struct Receiver {
        backlogs: Vec<usize>,
        looks: AtomicUsize,
    }

    impl Listener for Receiver {
        fn committed(&self, _: &str, _: &Arc<State>, _: &[Arc<Event>], _: Option<&Arc<Commit>>) {}
        fn reset(&self, _: &str) {}
        fn backlog(&self, _: &str) -> usize {
            let look = self.looks.fetch_add(1, Ordering::Relaxed);
            *self.backlogs.get(look).or(self.backlogs.last()).unwrap_or(&0)
        }
    }

    /// How often the engine looks at a receiver with these backlogs.
    fn looks(backlogs: &[usize]) -> usize {
        let sandbox = Sandbox::new("default", Arc::default(), Clock::Real, None);
        let receiver = Arc::new(Receiver { backlogs: backlogs.to_vec(), looks: AtomicUsize::new(0) });
        sandbox.listen(Arc::<Receiver>::clone(&receiver));
        wait(&sandbox);
        receiver.looks.load(Ordering::Relaxed)
    }

    #[test]
    fn the_engine_waits_until_a_receiver_has_room() {
        let full = DELIVERIES_BACKLOG_MAX;
        assert_eq!(looks(&[full + 2, full, full + 1, full, 0]), 5);
        assert_eq!(looks(&[0]), 1);
    }
}
