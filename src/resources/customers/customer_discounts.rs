//! A customer's discount, which reduces all their bills (billing 1.6, billing-2 8.1).
//!
//! May use: customers, discounts. Invariant: a customer shows the discount that is theirs, and has one at most.

use super::customer::{self, Customer};
use crate::contract::{Behaviour, Call, Change, Ctx, In, Outcome, Rewrite, Seen, require};
use crate::error::{ApiError, Result};
use crate::resources::catalog::discounts::{self, Discount, Redemption};
use crate::state::document::{Doc, Map};
use crate::state::object::{Object, Resource};
use crate::state::{Id, Ref, Tx};

/// `GET /v1/customers/:customer/discount`.
pub const RETRIEVE: Behaviour = Behaviour::Read(retrieve);
/// `DELETE /v1/customers/:customer/discount`.
pub const DELETE: Behaviour = Behaviour::Write(delete);

/// The parameters that give a customer a discount, in versions before basil.
pub const PARAMS: [&str; 2] = ["coupon", "promotion_code"];

/// The discount that a customer shows had its coupon in it.
pub const OLDER: Change = Change {
    since: discounts::SOURCE,
    older: Some(Rewrite::With {
        field: "discount",
        find: |tx, customer| discounts::coupon_of(tx, Seen::Document(customer.member("discount")?.as_map()?)),
        older: |customer, coupon| {
            if let Some(Doc::Map(discount)) = customer.get_mut("discount") {
                discounts::showed_its_coupon(discount, coupon);
            }
        },
    }),
    what: "customer.discount.coupon",
};

/// Gives a customer the discount of a call, instead of the one before; an empty parameter takes it away.
///
/// # Errors
/// The coupon or the code cannot be redeemed.
pub fn change(tx: &mut Tx, ctx: &Ctx<'_>, customer: &Id, params: &Map) -> Result<()> {
    let sent: Vec<(&str, &Doc)> = PARAMS.into_iter().filter_map(|name| Some((name, params.get(name)?))).collect();
    let (name, value) = match sent[..] {
        [] => return Ok(()),
        [one] => one,
        _ => return Err(ApiError::params_exclusive("coupon", "promotion_code")),
    };
    let now = tx.get::<Customer>(customer).map_or(ctx.now, |it| ctx.now_of(tx, it.rest.str("test_clock")));
    let about = Redemption { customer: Some(customer), now, ..Redemption::default() };
    let before = of(tx, customer);
    let Some(named) = value.as_str() else {
        if let Some(before) = before {
            discounts::remove(tx, &before.id);
        }
        show(tx, customer, None);
        return Ok(());
    };
    let redeem = |tx: &mut Tx| match name {
        "coupon" => discounts::redeem_coupon(tx, ctx, named, "coupon", &about),
        _ => discounts::redeem_promotion_code(tx, ctx, named, "promotion_code", &about),
    };
    let discount = match before {
        None => redeem(tx)?,
        Some(before) => switch(tx, &before, redeem)?,
    };
    show(tx, customer, Some(&discount));
    Ok(())
}

/// One discount takes the place of another: one event (billing 1.6).
fn switch(tx: &mut Tx, before: &Discount, redeem: impl FnOnce(&mut Tx) -> Result<Id>) -> Result<Id> {
    let discount = tx.quietly(|tx| {
        let discount = redeem(tx)?;
        discounts::remove(tx, &before.id);
        Ok(discount)
    })?;
    tx.announce("customer.discount.updated", &Ref { kind: Discount::KIND, id: Id::clone(&discount) });
    Ok(discount)
}

/// Gives a customer ten percent off, by a coupon of its own.
///
/// # Errors
/// There is no such customer.
pub fn give(tx: &mut Tx, ctx: &Ctx<'_>, customer: &str) -> Result<()> {
    let customer = require::<Customer>(tx, customer, In::Path)?;
    let coupon = discounts::ten_percent(tx, ctx)?;
    change(tx, ctx, &customer.id, &Map::from([("coupon", coupon.to_string())]))
}

/// The discount of a customer.
pub fn of(tx: &Tx, customer: &str) -> Option<std::sync::Arc<Discount>> {
    let customer = tx.get::<Customer>(customer)?;
    tx.get::<Discount>(customer.rest.map("discount")?.str("id")?)
}

/// A discount that has ended is the customer's no more.
pub fn forget(tx: &mut Tx, discount: &Discount) {
    let Some(customer) = &discount.customer else { return };
    if of_shown(tx, customer).as_deref() == Some(&*discount.id) {
        show(tx, customer, None);
    }
}

/// A customer no longer shows a discount that is gone.
pub fn forget_ended(tx: &mut Tx, customer: &str) {
    if of_shown(tx, customer).is_some_and(|discount| tx.get::<Discount>(&discount).is_none()) {
        show(tx, customer, None);
    }
}

fn of_shown(tx: &Tx, customer: &str) -> Option<String> {
    Some(tx.get::<Customer>(customer)?.rest.map("discount")?.str("id")?.to_owned())
}

/// Its change is no event of the customer (billing-2 12.1).
fn show(tx: &mut Tx, customer: &str, discount: Option<&str>) {
    let shown = discount.and_then(|id| tx.get::<Discount>(id)).map(|discount| discount.to_doc());
    tx.quietly(|tx| tx.update::<Customer>(customer, |customer| customer.rest.set("discount", shown)));
}

fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = customer::in_path(tx, call.arg(0))?;
    let discount = of(tx, &customer.id).ok_or_else(ApiError::no_active_discount)?;
    Ok(Outcome::Done(Ref { kind: Discount::KIND, id: Id::clone(&discount.id) }))
}

fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let customer = customer::in_path(tx, call.arg(0))?;
    let discount = of(tx, &customer.id).ok_or_else(ApiError::no_active_discount)?;
    discounts::remove(tx, &discount.id);
    show(tx, &customer.id, None);
    Ok(Outcome::Deleted(Ref { kind: Discount::KIND, id: Id::clone(&discount.id) }))
}
