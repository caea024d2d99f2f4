//! What happens in a sandbox without a request of the API: due work, and changes that a tester makes.
//!
//! May use: the registry, the events, a sandbox. Invariant: each item of due work is a transaction of its own, with its own
//! time; one that fails changes nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::contract::{self, Ctx};
use crate::error::{ApiError, Result, panic_text};
use crate::events::{self, Announcement};
use crate::settings::EVENT_SECONDS;
use crate::state::event::Cause;
use crate::state::sandbox::Sandbox;
use crate::state::{Account, Due, Plan, Ref, State, Tx};

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
        run_next(sandbox, base_url, |tx| tx.take_due(now), |(at, _)| at);
    }
}

/// Runs at once what is to happen to an object later, and to the objects that belong to it (an intent's charges, a
/// charge's refunds); returns how much that was. What was due anyway is done before.
pub fn run_early(sandbox: &Sandbox, account: Account, about: &Ref, base_url: &str) -> usize {
    run_due(sandbox, base_url);
    let tx = Tx::new(&sandbox.state(), account, contract::filters);
    let planned = tx.plans(&contract::family(&tx, about));
    let now = sandbox.now();
    planned.into_iter().filter(|plan| run_next(sandbox, base_url, |tx| tx.take_planned(*plan), |_| now)).count()
}

/// Runs one item that `take` takes out of the queue, at the time that `time` makes of its own; returns whether there
/// was one. An item that fails leaves nothing but a line in the log, and is not tried again.
fn run_next(
    sandbox: &Sandbox,
    base_url: &str,
    take: impl FnOnce(&mut Tx) -> Option<(Plan, Arc<Due>)>,
    time: impl FnOnce(Plan) -> i64,
) -> bool {
    let (_, found) = sandbox.write(|state| {
        let mut tx = Tx::new(state, Account::PLATFORM, contract::filters);
        let Some((plan, due)) = take(&mut tx) else { return (None, false) };
        tx.enter(due.account);
        let ctx = Ctx::background(time(plan), base_url, tx.settings(), sandbox.due_ids(plan.1));
        let work = contract::entry(due.about.kind).and_then(|entry| entry.due);
        let about = &due.about;
        let done = catch_unwind(AssertUnwindSafe(|| tx.attempt(|tx| work.map_or(Ok(()), |work| work(tx, &ctx, &due)))));
        match done {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let message = error.field("message").unwrap_or_default();
                tracing::warn!(
                    kind = about.kind.0,
                    id = &*about.id,
                    what = &*due.what,
                    message,
                    "due work was refused"
                );
            }
            Err(panic) => {
                let panic = panic_text(&*panic);
                tracing::error!(kind = about.kind.0, id = &*about.id, what = &*due.what, panic, "due work panicked");
            }
        }
        (Some(commit(sandbox, state, tx, &ctx, None)), true)
    });
    found
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
        let mut tx = Tx::new(state, account, contract::filters);
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut tx, &ctx)));
        let result = done.unwrap_or_else(|_| Err(ApiError::internal()));
        (result.is_ok().then(|| commit(sandbox, state, tx, &ctx, None)), result)
    });
    result
}

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
    let Some(version) = sandbox.events_version() else { return tx.into_parts().0 };
    let seconds = tx.settings().number(&EVENT_SECONDS);
    events::commit(before, tx, &Announcement { now: ctx.now, seconds, cause, version, ids: &ctx.ids })
}
