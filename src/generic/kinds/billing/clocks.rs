//! Test clocks (billing 4) without subscriptions.
//!
//! May use: the shapes. Invariant: a clock with a subscription cannot be advanced, because nothing here would renew the
//! subscription.

use crate::contract::{Call, Ctx, In, Outcome, require_record};
use crate::error::{ApiError, Result};
use crate::generic::shape::Shape;
use crate::state::document::Map;
use crate::state::{Id, Kind, Object, Ref, Tx};

const CLOCK: Kind = Kind("test_helpers.test_clock");

/// Advances a clock.
pub(super) fn advance(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let mut clock = Shape::to_change(tx, CLOCK, call.arg(0))?;
    let target = call.params.int("frozen_time").unwrap_or_default();
    if clock.body.int("frozen_time").is_some_and(|frozen| target <= frozen) {
        return Err(ApiError::clock_goes_forward());
    }
    let subscribed = customers_on(tx, call.arg(0))
        .iter()
        .any(|customer| !tx.records_having(Kind("subscription"), "customer", customer).is_empty());
    if subscribed {
        return Err(ApiError::not_implemented_feature("the renewals of subscriptions on a test clock"));
    }
    let about = Ref { kind: CLOCK, id: Object::id(&*clock).clone() };
    let advancing = Map::from([("advancing", Map::from([("target_frozen_time", target)]))]);
    clock.body.set("status", "advancing");
    clock.body.set("status_details", advancing);
    clock.save(tx);
    tx.announce("test_helpers.test_clock.advancing", &about);
    let mut clock = Shape::to_change(tx, CLOCK, &about.id)?;
    clock.body.set("frozen_time", target);
    clock.body.set("status", "ready");
    clock.body.set("status_details", Map::new());
    clock.save(tx);
    tx.announce("test_helpers.test_clock.ready", &about);
    Ok(Outcome::Done(about))
}

/// Deletes a clock; its customers follow.
pub(super) fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let about = Ref { kind: CLOCK, id: require_record(tx, CLOCK, call.arg(0), In::Path)?.object.id().clone() };
    tx.delete_any(&about);
    Ok(Outcome::Deleted(about))
}

fn customers_on(tx: &Tx, clock: &str) -> Vec<Id> {
    let rows = tx.records_having(Kind("customer"), "test_clock", clock);
    rows.iter().map(|record| record.object.id().clone()).collect()
}
