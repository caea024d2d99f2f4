//! Objects that live on a test clock (billing 4, billing-2 10).
//!
//! May use: the registry, the errors, the state. Invariant: no request changes what lives on a clock that advances, and no
//! clock holds more than it may.

use super::registry::{all_entries, entries, entry};
use super::{ClockFace, Ctx};
use crate::error::{ApiError, Result};
use crate::state::{Object, Ref, State, Step, Tx};

/// How the objects of a kind live on a test clock.
#[derive(Clone, Copy, Debug)]
pub struct Clocked {
    /// The id of the clock that an object lives on; `None` when it lives by the sandbox's.
    pub clock: fn(&dyn Object) -> Option<&str>,
    /// How many of them may live on one clock.
    pub limit: Option<ClockLimit>,
}

/// How many objects of a kind may live on one test clock; they have the clock for the list filter `test_clock`.
#[derive(Clone, Copy, Debug)]
pub struct ClockLimit {
    /// At the most so many.
    pub most: usize,
    /// Whether an object counts.
    pub counts: fn(&dyn Object) -> bool,
}

impl Ctx<'_> {
    /// The time of what lives on a test clock of the transaction's account, in Unix seconds: how far the clock has come. Without
    /// a clock it is the sandbox's.
    pub fn now_of(&self, tx: &Tx, clock: Option<&str>) -> i64 {
        let time = clock.and_then(|clock| tx.state().clock_time(tx.account(), clock));
        time.map_or(self.now, |time| time.reached)
    }
}

/// Checks a request's transaction, at the end, against the clocks of the state that it began with.
///
/// # Errors
/// It changes what lives on a clock that advances, or puts too much on one.
pub fn check_clocks(before: &State, tx: &Tx) -> Result<()> {
    if !tx.state().has_clocks() {
        return Ok(());
    }
    tx.journal().iter().try_for_each(|step| check_step(before, tx, step))
}

fn check_step(before: &State, tx: &Tx, step: &Step) -> Result<()> {
    let kind = step.after.object.kind();
    let Some(clocked) = entry(kind).and_then(|entry| entry.clocked) else { return Ok(()) };
    for record in step.before.iter().chain([&step.after]) {
        let Some(clock) = (clocked.clock)(&*record.object) else { continue };
        let advances = before.clock_time(step.account, clock).is_some_and(|time| time.target.is_some());
        // A clock may be deleted at any time, with what lives on it.
        if advances && tx.state().clock_time(step.account, clock).is_some() {
            return Err(ApiError::clock_is_advancing(clock));
        }
    }
    let is_new = step.before.is_none() && !step.after.deleted;
    let limit = clocked.limit.filter(|limit| is_new && (limit.counts)(&*step.after.object));
    match limit.zip((clocked.clock)(&*step.after.object)) {
        Some((ClockLimit { most, counts }, clock)) => {
            let on_it = tx.records_having(kind, "test_clock", clock);
            let counted = on_it.iter().filter(|record| counts(&*record.object)).count();
            if counted > most { Err(ApiError::clock_is_full(kind.name(), most)) } else { Ok(()) }
        }
        None => Ok(()),
    }
}

/// What lives on a test clock of the transaction's account, without the clock itself, in the order of the kinds.
pub fn on_clock(tx: &Tx, clock: &str) -> Vec<Ref> {
    let mut found = Vec::new();
    for entry in all_entries().filter(|entry| entry.face.is_none()) {
        let (Some(clocked), Some(table)) = (entry.clocked, tx.state().table(tx.account(), entry.kind)) else {
            continue;
        };
        let on_it = table.live().filter(|record| (clocked.clock)(&*record.object) == Some(clock));
        found.extend(on_it.map(|record| Ref { kind: entry.kind, id: record.object.id().clone() }));
    }
    found
}

/// Notes how far a test clock has come.
pub fn reach(tx: &mut Tx, clock: &str, at: i64) {
    if let Some(face) = clock_face() {
        (face.reach)(tx, clock, at);
    }
}

fn clock_face() -> Option<&'static ClockFace> {
    entries().iter().find_map(|entry| entry.face.as_ref())
}
