//! What happens in a sandbox without a request of the API: due work, and changes that a tester makes.
//!
//! May use: the registry, the events, a sandbox. Invariant: each item of due work is a transaction of its own, with its own
//! time; one that fails changes nothing. The lock is held for a slice at most, however much is due.

mod item;
mod pressure;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::item::run;
use crate::contract::{self, Ctx};
use crate::error::{ApiError, Result};
use crate::events::{self, Announcement};
use crate::settings::EVENT_SECONDS;
use crate::state::event::Cause;
use crate::state::ids::Ids;
use crate::state::sandbox::{self, Commit, CommitCause, NextState, Sandbox, WriteTurn, WrittenObjects};
use crate::state::{AccountKey, Due, Ref, State, Tx};

/// How long due work runs at a time before whoever waits for the sandbox has their turn.
const SLICE: Duration = Duration::from_millis(5);

/// Whether something is due in a sandbox.
pub fn is_due(sandbox: &Sandbox) -> bool {
    let next = sandbox.next_due();
    next != i64::MAX && next <= sandbox.now()
}

/// What runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DueScope {
    /// What is due by the sandbox's clock.
    Sandbox,
    /// What is due by the test clocks that advance, too.
    Everything,
}

/// Runs everything that is due in a sandbox, to the end: in slices between which others write, and with pauses while the
/// receivers of its events do not keep up.
pub fn run_due(sandbox: &Sandbox) {
    if !is_due(sandbox) {
        return;
    }
    let _running = sandbox.start_engine();
    while run_slice(sandbox, &mut sandbox.turn(), DueScope::Everything) {
        sandbox.hand_over();
        pressure::wait(sandbox);
    }
}

/// Runs what is due before a request: a slice of it, unless the engine is at work already. With a seed all of it, so that
/// requests one after another always meet the same state.
pub fn catch_up(sandbox: &Sandbox) {
    if sandbox.is_seeded() {
        run_due(sandbox);
    } else if is_due(sandbox) && !sandbox.runs_engine() {
        run_slice(sandbox, &mut sandbox.turn(), DueScope::Sandbox);
    }
}

/// Runs due work for the time of a slice; returns whether there may be more.
fn run_slice(sandbox: &Sandbox, turn: &mut WriteTurn<'_>, scope: DueScope) -> bool {
    let by_test_clock = |turn: &WriteTurn<'_>| scope == DueScope::Everything && turn.state().is_due_by_clock();
    let now = sandbox.now();
    // Mostly nothing is due.
    if turn.state().next_due().is_none_or(|at| at > now) && !by_test_clock(turn) {
        return false;
    }
    let begun = Instant::now();
    while begun.elapsed() < SLICE {
        let tx = Tx::new(turn.state(), AccountKey::PLATFORM, contract::indexes);
        let by_clock = || tx.next_due_by_clock().filter(|_| scope == DueScope::Everything);
        let Some(due) = tx.next_due(now).or_else(by_clock) else { return false };
        // What is due by a test clock happens now, whatever that clock shows (billing-2 10.2). What was declared for a time that
        // had passed already happens after what is done: time never goes back.
        let done_until = turn.state().done_until().filter(|done| *done <= now);
        let at = if due.clock.is_some() { now } else { due.at().max(done_until.unwrap_or(i64::MIN)) };
        run(sandbox, turn, &due, at);
    }
    true
}

/// What is due later for an object, and for the objects that belong to it (an intent's charges, a charge's refunds), in order.
pub fn scheduled_for(state: &State, account: AccountKey, about: &Ref) -> Vec<Due> {
    let tx = Tx::new(state, account, contract::indexes);
    tx.dues(&contract::family(&tx, about))
}

/// Does now what is due later for an object and for what belongs to it, in order; returns the number of items. What is due
/// anyway is done before, and what only a clock brings about is left to it.
pub fn run_early(sandbox: &Sandbox, account: AccountKey, about: &Ref) -> usize {
    catch_up(sandbox);
    let mut dues = scheduled_for(&sandbox.state(), account, about);
    dues.retain(|due| contract::entry(due.about.kind).is_some_and(|entry| !entry.by_clock_only));
    let now = sandbox.now();
    let run = |due: &Due| {
        let mut turn = sandbox.turn();
        let is_there = Tx::new(turn.state(), account, contract::indexes).is_due_still(due);
        if is_there {
            run(sandbox, &mut turn, due, now);
        }
        is_there
    };
    dues.iter().filter(|due| run(due)).count()
}

/// Lets a writer change a sandbox, as [`Sandbox::write`] does; what comes a moment later is done before anybody else
/// writes. Returns the state that the writer left.
pub fn write<R>(sandbox: &Sandbox, work: impl FnOnce(&State) -> (Option<NextState>, R)) -> (Arc<State>, R) {
    let mut turn = sandbox.turn();
    let (next, result) = work(turn.state());
    let Some(next) = next else { return (Arc::clone(turn.state()), result) };
    let left = turn.commit(next);
    if !sandbox.runs_engine() {
        run_slice(sandbox, &mut turn, DueScope::Sandbox);
    }
    (left, result)
}

/// Changes a sandbox without a request of the API, such as when a tester authorizes a payment. What is due is done
/// before. `base_url` is the base URL of links in objects, without a final slash.
///
/// # Errors
/// Those of the work, which has then changed nothing; a panic becomes an error.
pub fn apply<T>(
    sandbox: &Sandbox,
    account: AccountKey,
    base_url: &str,
    work: impl FnOnce(&mut Tx, &Ctx<'_>) -> Result<T>,
) -> Result<T> {
    apply_with(sandbox, (account, base_url), sandbox.ids(), work)
}

/// As [`apply`], with ids of this source.
///
/// # Errors
/// Those of the work, which has then changed nothing; a panic becomes an error.
pub fn apply_with<T>(
    sandbox: &Sandbox,
    (account, base_url): (AccountKey, &str),
    ids: Ids,
    work: impl FnOnce(&mut Tx, &Ctx<'_>) -> Result<T>,
) -> Result<T> {
    catch_up(sandbox);
    let settings = sandbox.state().settings(account).under_clock(sandbox.clock().speed() == 0);
    let ctx = Ctx::background(sandbox.now(), base_url, settings, ids);
    let (_, result) = write(sandbox, |state| {
        let mut tx = Tx::new(state, account, contract::indexes);
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut tx, &ctx)));
        let result = done.unwrap_or_else(|_| Err(ApiError::internal()));
        match result.and_then(|done| Ok((commit_of_request(sandbox, state, tx, &ctx, CommittedFor::Tester)?, done))) {
            Ok((next, done)) => (Some(next), Ok(done)),
            Err(error) => (None, Err(error)),
        }
    });
    result
}

/// The largest number of objects in a state whose index is computed again after each transaction of a debug build,
/// because that takes as long as there are objects.
const CHECKED_OBJECTS_MAX: usize = 300;

/// Whom a transaction is committed for.
#[derive(Clone, Copy)]
pub(crate) enum CommittedFor<'a> {
    /// A request of the API, which is kept in the log of requests.
    Request(&'a dyn Fn() -> Cause),
    /// A tester's call, or a page's, that acts like a request.
    Call(&'a dyn Fn() -> Cause),
    /// An item of due work, with what it does.
    Due(&'a Due, &'static str),
    /// A tester, or a page.
    Tester,
}

/// As [`commit`], for what somebody asked for.
///
/// # Errors
/// It changes what lives on a test clock that advances, or puts too much on one; or it creates objects, and the limit of
/// the memory is reached.
pub(crate) fn commit_of_request(
    sandbox: &Sandbox,
    before: &State,
    mut tx: Tx,
    ctx: &Ctx<'_>,
    made_for: CommittedFor<'_>,
) -> Result<NextState> {
    contract::settle(&mut tx, ctx);
    contract::check_clocks(before, &tx)?;
    if let Some(most) = sandbox.memory_reached().filter(|_| tx.state().len() > before.len()) {
        return Err(ApiError::memory_is_full(most));
    }
    Ok(commit(sandbox, before, tx, ctx, made_for))
}

/// The state after a transaction, with the effects of its reactions and its events, if the sandbox emits any; `before`
/// is the state before it.
pub(crate) fn commit(
    sandbox: &Sandbox,
    before: &State,
    mut tx: Tx,
    ctx: &Ctx<'_>,
    made_for: CommittedFor<'_>,
) -> NextState {
    contract::settle(&mut tx, ctx);
    #[cfg(debug_assertions)]
    contract::check_settled(&tx, ctx);
    debug_assert!(
        tx.state().len() > CHECKED_OBJECTS_MAX || tx.state().is_due_index_right(contract::indexes),
        "the index of due work is not what the objects declare"
    );
    let Some(version) = sandbox.events_version() else { return tx.into_parts().0.into() };
    let cause = match made_for {
        CommittedFor::Request(cause) | CommittedFor::Call(cause) => Some(cause),
        CommittedFor::Due(..) | CommittedFor::Tester => None,
    };
    let kept = sandbox.keeps_commits().then(|| kept(&tx, made_for));
    let seconds = tx.settings().number(&EVENT_SECONDS);
    let state = events::commit(before, tx, &Announcement { now: ctx.now, seconds, cause, version, ids: &ctx.ids });
    let commit = kept.map(|(cause, written)| {
        let events = state.events().since(before.events()).cloned();
        Arc::new(Commit::new(sandbox.shared_name(), ctx.now, cause, written, events))
    });
    NextState { state, commit }
}

/// What is kept of a transaction: what it was made for, and what it wrote.
fn kept(tx: &Tx, made_for: CommittedFor<'_>) -> (CommitCause, WrittenObjects) {
    let cause = match made_for {
        CommittedFor::Request(_) => CommitCause::Request,
        CommittedFor::Due(due, what) => CommitCause::due(what, due.about.clone(), due.account, tx.state()),
        CommittedFor::Call(_) | CommittedFor::Tester => CommitCause::Tester,
    };
    (cause, sandbox::written(tx.journal(), tx.state()))
}
