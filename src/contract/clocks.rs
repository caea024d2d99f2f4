//! Objects that live on a test clock (billing 4, billing-2 10).
//!
//! May use: the registry, the errors, the state. Invariant: no request changes what lives on a clock that advances, and no
//! clock holds more than it may.

use super::registry::{all_entries, entries, entry};
use super::{ClockFace, Ctx};
use crate::error::{ApiError, Result};
use crate::state::{Kind, Object, Ref, State, Step, Tx};

/// How the objects of a kind live on a test clock.
#[derive(Clone, Copy, Debug)]
pub struct Clocked {
    /// The id of the clock that an object lives on; `None` when it lives by the sandbox's.
    pub clock: fn(&dyn Object) -> Option<&str>,
    /// How many of them may live on one clock.
    pub limit: Option<ClockLimit>,
}

/// Whether an object counts.
pub type ClockCount = fn(&dyn Object) -> bool;

/// How many objects may live on one test clock, or belong to one object on it.
#[derive(Clone, Copy, Debug)]
pub struct ClockLimit {
    /// At the most so many.
    pub most: usize,
    /// The list filter that all counted kinds have: `test_clock`, or the owner of so many, such as `customer`.
    pub within: &'static str,
    /// The kinds that are counted together, each with which of its objects count.
    pub counts: &'static [(Kind, ClockCount)],
}

impl ClockLimit {
    /// Whether an object counts.
    fn has(&self, object: &dyn Object) -> bool {
        self.counts.iter().any(|(kind, counts)| *kind == object.kind() && counts(object))
    }

    /// How many count that have a value for the filter.
    fn count(&self, tx: &Tx, value: &str) -> usize {
        let of_kind = |(kind, _): &(Kind, _)| tx.records_having(*kind, self.within, value);
        self.counts.iter().flat_map(of_kind).filter(|record| self.has(&*record.object)).count()
    }

    /// Checks it for a new object.
    fn check(&self, tx: &Tx, object: &dyn Object) -> Result<()> {
        let filters = entry(object.kind()).map_or(&[][..], |entry| entry.filters);
        let mut full = false;
        for filter in filters.iter().filter(|filter| filter.param == self.within) {
            (filter.values)(object, self.within, &mut |value| full |= self.count(tx, value) > self.most);
        }
        if full { Err(ApiError::clock_is_full(object.kind().name(), self.most, self.within)) } else { Ok(()) }
    }
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
    let is_new = step.before.is_none() && !step.after.deleted && (clocked.clock)(&*step.after.object).is_some();
    match clocked.limit.filter(|limit| is_new && limit.has(&*step.after.object)) {
        Some(limit) => limit.check(tx, &*step.after.object),
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
