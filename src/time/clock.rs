//! The clock of a sandbox.
//!
//! May use: the machine's clock, which rules never see. Invariant: a frozen clock moves only when it is set.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// The latest time that a clock can be set to: the end of the year 9999, in Unix seconds.
pub const LATEST: i64 = 253_402_300_799;

/// A clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    Real,
    /// Always the same Unix second.
    Frozen(i64),
    /// The machine's clock plus this many seconds.
    Ahead(i64),
}

impl Clock {
    /// Now, in Unix seconds.
    pub fn now(self) -> i64 {
        match self {
            Clock::Real => machine_time(),
            Clock::Frozen(at) => at,
            Clock::Ahead(by) => machine_time().saturating_add(by),
        }
    }

    /// Whether a sandbox's clock can be set to it: neither before 1970 nor beyond [`LATEST`], and not behind the machine's.
    pub fn can_be_set(self) -> bool {
        let begins = match self {
            Clock::Real => 0,
            Clock::Frozen(at) => at,
            Clock::Ahead(by) => by,
        };
        begins >= 0 && self.now() <= LATEST
    }

    /// The clock, `seconds` later; a running one keeps running. `None` beyond [`LATEST`].
    pub fn advanced(self, seconds: i64) -> Option<Clock> {
        let moved = match self {
            Clock::Real => Clock::Ahead(seconds),
            Clock::Frozen(at) => Clock::Frozen(at.checked_add(seconds)?),
            Clock::Ahead(by) => Clock::Ahead(by.checked_add(seconds)?),
        };
        moved.can_be_set().then_some(moved)
    }
}

fn machine_time() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A clock that can be changed while others read it.
#[derive(Debug)]
pub(crate) struct SharedClock(Mutex<Clock>);

impl SharedClock {
    pub(crate) fn new(clock: Clock) -> Self {
        SharedClock(Mutex::new(clock))
    }

    pub(crate) fn get(&self) -> Clock {
        *self.lock()
    }

    pub(crate) fn set(&self, clock: Clock) {
        *self.lock() = clock;
    }

    fn lock(&self) -> MutexGuard<'_, Clock> {
        // A clock is replaced as a whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
