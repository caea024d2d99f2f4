//! The clock of a sandbox.
//!
//! May use: the machine's clock, which rules never see. Invariant: a frozen clock moves only when it is set, and no clock goes
//! back by itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// The latest time that a clock can be set to: the end of the year 9999, in Unix seconds.
pub const LATEST: i64 = 253_402_300_799;

/// How many seconds of a clock pass at the most in one of the machine's: a year in three.
pub const SPEED_MAX: u32 = 10_000_000;

/// A clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    Real,
    /// Always the same Unix second.
    Frozen(i64),
    /// The machine's clock plus this many seconds.
    Ahead(i64),
    /// One that runs at a speed of its own.
    Running(RunningClock),
}

/// A clock that runs so many times as fast as the machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunningClock {
    /// What it showed first, in Unix seconds.
    at: i64,
    /// What the machine's clock showed then, in Unix milliseconds.
    since: i64,
    speed: u32,
}

impl RunningClock {
    fn now(self) -> i64 {
        let passed = machine_milliseconds().saturating_sub(self.since).max(0);
        // The speed is bounded, so that only a time beyond the calendar saturates.
        let run = passed.saturating_mul(i64::from(self.speed)) / 1000;
        self.at.saturating_add(run).min(LATEST)
    }

    /// How many of its seconds pass in one of the machine's.
    pub fn speed(self) -> u32 {
        self.speed
    }
}

impl Clock {
    /// Now, in Unix seconds.
    pub fn now(self) -> i64 {
        match self {
            Clock::Real => machine_time(),
            Clock::Frozen(at) => at,
            Clock::Ahead(by) => machine_time().saturating_add(by),
            Clock::Running(running) => running.now(),
        }
    }

    /// A clock that shows `at` (Unix seconds) now, and runs `speed` times as fast as the machine's.
    pub fn running(at: i64, speed: u32) -> Clock {
        Clock::Running(RunningClock { at, since: machine_milliseconds(), speed })
    }

    /// How many of its seconds pass in one of the machine's.
    pub fn speed(self) -> u32 {
        match self {
            Clock::Real | Clock::Ahead(_) => 1,
            Clock::Frozen(_) => 0,
            Clock::Running(running) => running.speed,
        }
    }

    /// The clock with the same time, and so many of its seconds in one of the machine's from now on.
    #[must_use]
    pub fn at_speed(self, speed: u32) -> Clock {
        if self.speed() == speed { self } else { Clock::running(self.now(), speed) }
    }

    /// What is kept of the clock so that [`resumed`](Self::resumed) goes on from here: one with a speed of its own stands
    /// still meanwhile.
    #[must_use]
    pub fn kept(self) -> Clock {
        match self {
            Clock::Running(running) => Clock::running(running.now(), running.speed),
            Clock::Real | Clock::Frozen(_) | Clock::Ahead(_) => self,
        }
    }

    /// The clock that was [`kept`](Self::kept), running again.
    #[must_use]
    pub fn resumed(self) -> Clock {
        match self {
            Clock::Running(kept) => Clock::running(kept.at, kept.speed),
            Clock::Real | Clock::Frozen(_) | Clock::Ahead(_) => self,
        }
    }

    /// Whether a sandbox's clock can be set to it: neither before 1970 nor beyond [`LATEST`], and not behind the machine's.
    pub fn can_be_set(self) -> bool {
        let begins = match self {
            Clock::Real => 0,
            Clock::Frozen(at) => at,
            Clock::Ahead(by) => by,
            Clock::Running(RunningClock { at, speed: 1..=SPEED_MAX, .. }) if at <= LATEST => at,
            Clock::Running(_) => return false,
        };
        begins >= 0 && self.now() <= LATEST
    }

    /// The clock, `seconds` later; a running one keeps running. `None` beyond [`LATEST`].
    pub fn advanced(self, seconds: i64) -> Option<Clock> {
        let moved = match self {
            Clock::Real => Clock::Ahead(seconds),
            Clock::Frozen(at) => Clock::Frozen(at.checked_add(seconds)?),
            Clock::Ahead(by) => Clock::Ahead(by.checked_add(seconds)?),
            Clock::Running(running) => Clock::running(running.now().checked_add(seconds)?, running.speed),
        };
        moved.can_be_set().then_some(moved)
    }
}

fn machine_time() -> i64 {
    machine_milliseconds() / 1000
}

fn machine_milliseconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A clock that can be changed while others read it.
#[derive(Debug)]
pub(crate) struct SharedClock {
    clock: Mutex<Clock>,
    /// Whether it is the machine's, as most are: then nobody needs the lock.
    is_real: AtomicBool,
}

impl SharedClock {
    pub(crate) fn new(clock: Clock) -> Self {
        SharedClock { clock: Mutex::new(clock), is_real: AtomicBool::new(clock == Clock::Real) }
    }

    pub(crate) fn get(&self) -> Clock {
        if self.is_real.load(Ordering::Acquire) { Clock::Real } else { *self.lock() }
    }

    pub(crate) fn set(&self, clock: Clock) {
        let mut present = self.lock();
        *present = clock;
        self.is_real.store(clock == Clock::Real, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Clock> {
        // A clock is replaced as a whole.
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const AT: i64 = 1_800_000_000;

    #[test]
    fn a_clock_runs_as_many_times_as_fast_as_it_is_told() {
        let clock = Clock::Frozen(AT).at_speed(1_000);
        assert_eq!(clock.speed(), 1_000);
        std::thread::sleep(Duration::from_millis(50));
        let passed = clock.now() - AT;
        assert!((50..50_000).contains(&passed), "{passed}");
        // Another speed, and a step, go on from there.
        let slower = clock.at_speed(1);
        assert!(slower.now() - AT >= passed);
        assert!(clock.advanced(100_000).is_some_and(|clock| clock.now() - AT >= 100_000 + passed));
    }

    #[test]
    fn a_clock_that_is_kept_stands_still() {
        let clock = Clock::running(AT, SPEED_MAX);
        let kept = clock.kept();
        let Clock::Running(RunningClock { at, .. }) = kept else { panic!("{kept:?}") };
        std::thread::sleep(Duration::from_millis(20));
        assert!(kept.resumed().now() < clock.now());
        assert!(kept.resumed().now() >= at);
        assert_eq!(Clock::Frozen(1).kept().resumed(), Clock::Frozen(1));
    }

    #[test]
    fn a_clock_ends_with_the_year_9999() {
        let last = Clock::running(LATEST - 1, SPEED_MAX);
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(last.now(), LATEST);
        assert_eq!(last.advanced(1), None);
        assert!(!Clock::running(0, 0).can_be_set());
        assert!(!Clock::running(0, SPEED_MAX + 1).can_be_set());
        assert!(!Clock::running(LATEST + 1, 1).can_be_set());
        assert!(!Clock::running(-1, 1).can_be_set());
    }

    #[test]
    fn a_clock_of_the_machines_speed_stays_as_it_is() {
        assert_eq!(Clock::Ahead(5).at_speed(1), Clock::Ahead(5));
        assert_eq!(Clock::Real.at_speed(1), Clock::Real);
    }
}
