//! The life of a test clock: made, advanced, deleted (billing 4, billing-2 10.1, 10.3).

use std::sync::Arc;

use super::{ENTRY, KIND, TestClock, TestClockStatus, reach};
use crate::contract::{self, Call, Ctx, In, Outcome, require};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::customers::customer::Customer;
use crate::resources::customers::operations as customers;
use crate::state::document::Map;
use crate::state::object::{Absent, Resource};
use crate::state::{Id, Ref, Tx};

/// Clocks of one account (billing-2 10.3).
const CLOCKS_MAX: usize = 100;

/// `POST /v1/test_helpers/test_clocks`.
pub(super) fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let clocks = tx.state().table(tx.account(), KIND).map_or(0, |table| table.live().count());
    if clocks >= CLOCKS_MAX {
        return Err(ApiError::test_clocks_too_many(CLOCKS_MAX));
    }
    let customer = call.params.str("customer").map(|id| require::<Customer>(tx, id, In::Param("customer")));
    let customer = customer.transpose()?;
    let id = ENTRY.id.draw(&ctx.ids);
    let shown = body::new(tx, ctx, KIND, &id, &call.params)?;
    let clock = TestClock::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    let about = tx.insert(clock);
    if let Some(customer) = customer {
        customers::put_on_clock(tx, &customer, &about.id)?;
    }
    Ok(Outcome::Done(about))
}

/// `POST /v1/test_helpers/test_clocks/:test_clock/advance`: what is due on the clock until then is done after the answer.
pub(super) fn advance(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let clock = require::<TestClock>(tx, call.arg(0), In::Path)?;
    let target = call.params.int("frozen_time").unwrap_or_default();
    if target <= clock.frozen_time {
        return Err(ApiError::clock_goes_forward());
    }
    if let Some(most) =
        reach::furthest(clock.frozen_time, reach::shortest_interval(tx, &clock.id)).filter(|most| target > *most)
    {
        return Err(ApiError::clock_too_far(clock.frozen_time, most));
    }
    let about = Ref::to(&*clock);
    let mut advancing = TestClock::clone(&clock);
    advancing.status = TestClockStatus::Advancing;
    advancing.status_details = Map::from([("advancing", Map::from([("target_frozen_time", target)]))]);
    advancing.reached = Absent(Some(clock.frozen_time));
    tx.save(&clock, advancing);
    tx.announce("test_helpers.test_clock.advancing", &about);
    Ok(Outcome::Done(about))
}

/// Notes how far a clock has come on its way.
pub(super) fn note_reached(tx: &mut Tx, clock: &str, at: i64) {
    if tx.get::<TestClock>(clock).is_some_and(|clock| clock.reached.0.is_some_and(|reached| reached < at)) {
        tx.quietly(|tx| tx.update::<TestClock>(clock, |clock| clock.reached = Absent(Some(at))));
    }
}

/// A clock is where it was to go.
pub(super) fn arrive(tx: &mut Tx, _: &Ctx<'_>, clock: &Arc<TestClock>) -> Result<()> {
    let about = Ref::to(&**clock);
    let mut ready = TestClock::clone(clock);
    ready.frozen_time = clock.target().unwrap_or(clock.frozen_time);
    ready.status = TestClockStatus::Ready;
    ready.status_details = Map::new();
    ready.reached = Absent(None);
    tx.save(clock, ready);
    tx.announce("test_helpers.test_clock.ready", &about);
    Ok(())
}

/// `DELETE /v1/test_helpers/test_clocks/:test_clock`.
pub(super) fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let clock = require::<TestClock>(tx, call.arg(0), In::Path)?;
    remove(tx, &clock.id);
    Ok(Outcome::Deleted(Ref::to(&*clock)))
}

/// Deletes a clock with what lives on it. Kinds with rules follow by themselves: customers are deleted, and with them their
/// subscriptions end.
pub(super) fn remove(tx: &mut Tx, clock: &Id) {
    tx.delete::<TestClock>(clock);
    for about in contract::on_clock(tx, clock) {
        if !contract::has_rules(about.kind) {
            tx.delete_any(&about);
        }
    }
}
