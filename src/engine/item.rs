//! One item of due work: a transaction of its own.
//!
//! May use: the registry, a sandbox. Invariant: an item runs once at its time; one that fails, or leaves its time as it was, is
//! not tried again, and leaves nothing but a line in the log.

use std::any::Any;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{CommittedFor, commit};
use crate::contract::{self, Ctx};
use crate::error::{ApiError, panic_text};
use crate::state::sandbox::{Sandbox, WriteTurn};
use crate::state::{Due, Tx};

/// Runs an item that stands in the index of the state; `now` is the sandbox's time for it, in Unix seconds.
pub(super) fn run(sandbox: &Sandbox, turn: &mut WriteTurn<'_>, due: &Due, now: i64) {
    let Some(item) = contract::due(due) else { return };
    let state = Arc::clone(turn.state());
    let mut tx = Tx::new(&state, due.account, contract::indexes);
    let record = state.record(due.account, due.about.kind, &due.about.id);
    let round = record.map_or(0, |record| (item.round)(&*record.object));
    let what: Cow<'_, str> = if round == 0 { item.what.into() } else { format!("{} {round}", item.what).into() };
    let ids = sandbox.due_ids(due.account, &due.about, &what, due.at());
    let settings = tx.settings().under_clock(sandbox.clock().speed() == 0);
    let ctx = Ctx::background(now, sandbox.base_url(), settings, ids);
    let work = |tx: &mut Tx| {
        if let Some((_, clock)) = &due.clock {
            contract::reach(tx, clock, due.at());
        }
        match (item.work)(tx, &ctx, &due.about.id) {
            Ok(()) if tx.is_due_still(due) => Err(DueFailure::Unmoved),
            done => done.map_err(DueFailure::Refused),
        }
    };
    let done = catch_unwind(AssertUnwindSafe(|| tx.attempt(work)));
    if let Err(failure) = done.unwrap_or_else(|panic| Err(DueFailure::Panic(panic))) {
        failure.log(due, item.what);
        tx.give_up(due);
    }
    let mut next = commit(sandbox, &state, tx, &ctx, CommittedFor::Due(due, item.what));
    // What a tester brings forward does not bind the clock.
    if due.clock.is_none() && due.at() <= now {
        next.state.note_done(now);
    }
    turn.commit(next);
    sandbox.note_done();
}

/// Why an item is not tried again.
enum DueFailure {
    /// The work was refused.
    Refused(ApiError),
    /// The work panicked.
    Panic(Box<dyn Any + Send>),
    /// The object still declares the same time, or an earlier one: the work would run for ever.
    Unmoved,
}

impl DueFailure {
    fn log(&self, due: &Due, what: &str) {
        let (kind, id) = (due.about.kind.name(), &*due.about.id);
        match self {
            DueFailure::Refused(error) => {
                let message = error.field("message").unwrap_or_default();
                tracing::warn!(kind, id, what, message, "due work was refused");
            }
            DueFailure::Panic(panic) => {
                tracing::error!(kind, id, what, panic = panic_text(&**panic), "due work panicked");
            }
            DueFailure::Unmoved => {
                tracing::error!(kind, id, what, "the object declares the same due time after the work");
            }
        }
    }
}
