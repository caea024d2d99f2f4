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
#[derive(Debug, Default)]
pub(super) struct Pressure {
    /// A receiver took nothing for too long: the rest of the run does not wait any more.
    is_lost: bool,
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
            self.is_lost = since.elapsed() >= PATIENCE;
            std::thread::sleep(LOOK_EVERY);
        }
    }
}
