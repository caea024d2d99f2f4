//! What happens in a sandbox without a request of the API: due work, and changes that a tester makes.
//!
//! May use: the registry, the events, a sandbox. Invariant: each item of due work is a transaction of its own, with its own
//! time; one that fails changes nothing.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::contract::{self, Ctx};
use crate::error::{ApiError, Result, panic_text};
use crate::events::{self, Announcement};
use crate::settings::EVENT_SECONDS;
use crate::state::event::Cause;
use crate::state::sandbox::Sandbox;
use crate::state::{Account, Due, Ref, State, Tx};

/// Whether something has become due in a sandbox.
pub fn is_due(sandbox: &Sandbox) -> bool {
    sandbox.state().next_due().is_some_and(|at| at <= sandbox.now())
}

/// Runs what has become due in a sandbox, each item in a transaction of its own with its own time. `base_url` is
/// where links in objects point, without a final slash.
pub fn run_due(sandbox: &Sandbox, base_url: &str) {
    let now = sandbox.now();
    // The bound keeps work that schedules itself from holding a request for ever.
    for _ in 0..crate::limits::DUE_RUN_MAX {
        if sandbox.state().next_due().is_none_or(|at| at > now) {
            return;
        }
        run_next(sandbox, base_url, |tx| tx.next_due(now), Due::at);
    }
}

/// Runs at once what is to happen to an object later, and to the objects that belong to it (an intent's charges, a
/// charge's refunds); returns how much that was. What was due anyway is done before.
pub fn run_early(sandbox: &Sandbox, account: Account, about: &Ref, base_url: &str) -> usize {
    run_due(sandbox, base_url);
    let tx = Tx::new(&sandbox.state(), account, contract::indexes);
    let dues = tx.dues(&contract::family(&tx, about));
    let now = sandbox.now();
    let run =
        |due: &Due| run_next(sandbox, base_url, |tx| Some(due.clone()).filter(|due| tx.is_due_still(due)), |_| now);
    dues.iter().filter(|due| run(due)).count()
}

/// Runs the item that `find` finds, at the time that `time` makes of it; returns whether there was one. An item that fails
/// leaves nothing but a line in the log, and is not tried again.
fn run_next(
    sandbox: &Sandbox,
    base_url: &str,
    find: impl FnOnce(&Tx) -> Option<Due>,
    time: impl FnOnce(&Due) -> i64,
) -> bool {
    let (_, found) = sandbox.write(|state| {
        let mut tx = Tx::new(state, Account::PLATFORM, contract::indexes);
        let Some(due) = find(&tx) else { return (None, false) };
        let Some(item) = contract::due(&due) else { return (None, false) };
        tx.enter(due.account);
        let ids = sandbox.due_ids(&due.about, item.what, due.at());
        let ctx = Ctx::background(time(&due), base_url, tx.settings(), ids);
        let work = |tx: &mut Tx| match (item.work)(tx, &ctx, &due.about.id) {
            Ok(()) if tx.is_due_still(&due) => Err(Failure::Unmoved),
            done => done.map_err(Failure::Refused),
        };
        let done = catch_unwind(AssertUnwindSafe(|| tx.attempt(work)));
        if let Err(failure) = done.unwrap_or_else(|panic| Err(Failure::Panic(panic))) {
            failure.log(&due, item.what);
            tx.give_up(&due);
        }
        (Some(commit(sandbox, state, tx, &ctx, None)), true)
    });
    found
}

/// Why an item is not tried again.
enum Failure {
    /// The work was refused.
    Refused(ApiError),
    /// The work panicked.
    Panic(Box<dyn Any + Send>),
    /// The object still declares the same time, or an earlier one: the work would run for ever.
    Unmoved,
}

impl Failure {
    fn log(&self, due: &Due, what: &str) {
        let (kind, id) = (due.about.kind.0, &*due.about.id);
        match self {
            Failure::Refused(error) => {
                let message = error.field("message").unwrap_or_default();
                tracing::warn!(kind, id, what, message, "due work was refused");
            }
            Failure::Panic(panic) => {
                tracing::error!(kind, id, what, panic = panic_text(&**panic), "due work panicked");
            }
            Failure::Unmoved => tracing::error!(kind, id, what, "the object declares the same due time after the work"),
        }
    }
}

/// Changes a sandbox apart from any request of the API, such as when a tester authorizes a payment. What is due
/// is done before. `base_url` is where links in objects point, without a final slash.
///
/// # Errors
/// Those of the work, which has then changed nothing; a panic in it is one.
pub fn apply<T>(
    sandbox: &Sandbox,
    account: Account,
    base_url: &str,
    work: impl FnOnce(&mut Tx, &Ctx<'_>) -> Result<T>,
) -> Result<T> {
    run_due(sandbox, base_url);
    let ctx = Ctx::background(sandbox.now(), base_url, sandbox.state().settings(account), sandbox.ids());
    let (_, result) = sandbox.write(|state| {
        let mut tx = Tx::new(state, account, contract::indexes);
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut tx, &ctx)));
        let result = done.unwrap_or_else(|_| Err(ApiError::internal()));
        (result.is_ok().then(|| commit(sandbox, state, tx, &ctx, None)), result)
    });
    result
}

/// Objects of a state whose indexes a debug build computes anew after each transaction, at the most: that costs as much as
/// there are.
const CHECKED_OBJECTS_MAX: usize = 300;

/// The state that a transaction leaves once all has followed that follows from it, with its events, when the sandbox
/// announces any; `before` is the state that it began with.
pub(crate) fn commit(
    sandbox: &Sandbox,
    before: &State,
    mut tx: Tx,
    ctx: &Ctx<'_>,
    cause: Option<&dyn Fn() -> Cause>,
) -> State {
    contract::settle(&mut tx, ctx);
    #[cfg(debug_assertions)]
    contract::check_settled(&tx, ctx);
    debug_assert!(
        tx.state().len() > CHECKED_OBJECTS_MAX || tx.state().is_due_index_right(contract::indexes),
        "the index of due work is not what the objects declare"
    );
    let Some(version) = sandbox.events_version() else { return tx.into_parts().0 };
    let seconds = tx.settings().number(&EVENT_SECONDS);
    events::commit(before, tx, &Announcement { now: ctx.now, seconds, cause, version, ids: &ctx.ids })
}
