//! A sandbox's clock, and what the engine notes about its work.
//!
//! May use: the clock, the listener. Invariant: a clock is changed by whoever holds the sandbox, so that it is never set back
//! behind work that is done meanwhile.

use std::sync::atomic::Ordering;

use super::{DroppedCounts, Sandbox, State};
use crate::time::clock::Clock;

/// The engine at work in a sandbox.
#[derive(Debug)]
pub struct EngineRun<'s>(&'s Sandbox);

impl Drop for EngineRun<'_> {
    fn drop(&mut self) {
        for count in [&self.0.engines, &self.0.server.engines] {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Sandbox {
    /// Now by its clock, in Unix seconds.
    pub fn now(&self) -> i64 {
        self.clock.get().now()
    }

    /// Now by the machine's clock, in Unix seconds.
    pub fn machine_now(&self) -> i64 {
        Clock::Real.now()
    }

    /// Its clock.
    pub fn clock(&self) -> Clock {
        self.clock.get()
    }

    /// Changes its clock, which nobody else does meanwhile; what becomes due is not done yet. The change gets the clock and the
    /// state, and returns the next clock.
    ///
    /// # Errors
    /// Those of the change, which has then changed nothing.
    pub fn move_clock<T, E>(&self, change: impl FnOnce(Clock, &State) -> Result<(Clock, T), E>) -> Result<T, E> {
        let turn = self.turn();
        let (clock, result) = change(self.clock(), turn.state())?;
        self.put_clock(clock);
        drop(turn);
        Ok(result)
    }

    /// Puts a clock in place of the present one; the caller holds the sandbox.
    pub(super) fn put_clock(&self, clock: Clock) {
        self.clock.set(clock);
        if clock.speed() > 1 {
            self.server.note_fast_clock();
        }
    }

    /// Notes that the engine is at work until this is dropped.
    pub fn start_engine(&self) -> EngineRun<'_> {
        for count in [&self.engines, &self.server.engines] {
            count.fetch_add(1, Ordering::Relaxed);
        }
        EngineRun(self)
    }

    /// Whether the engine is at work.
    pub fn runs_engine(&self) -> bool {
        self.engines.load(Ordering::Relaxed) > 0
    }

    /// How many events wait for the receiver that is furthest behind.
    pub fn backlog(&self) -> usize {
        self.listener.get().map_or(0, |listener| listener.backlog(&self.name))
    }

    /// How many items of due work were done so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Notes that an item of due work was done.
    pub fn note_done(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// What bounds have dropped so far.
    pub fn dropped(&self) -> DroppedCounts {
        let deliveries = self.listener.get().map_or(0, |listener| listener.dropped(&self.name));
        DroppedCounts { events: self.state().events().dropped(), deliveries }
    }
}
