//! Discounts: coupons that were redeemed, and for whom (billing 1.6, billing-2 8).
//!
//! May use: coupons, promotion codes, pricing. Invariant: a discount never changes; its coupon and its promotion code count
//! it once.

mod redeem;

pub use self::redeem::{Redeemable, Redemption, redeem, redeem_coupon, redeem_promotion_code, take};

use std::sync::Arc;

use crate::contract::version::Gate;
use crate::contract::{Change, Clocked, Ctx, DueClock, DueOf, Entry, Events, Expand, Rewrite, Seen};
use crate::error::Result;
use crate::object::body;
use crate::pricing::Deduction;
use crate::resources::catalog::coupons::{self, Coupon};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, Resource, downcast};
use crate::state::{Id, Kind, Rank, Record, Tx};

/// A discount has its coupon inside `source`.
pub const SOURCE: Gate = Gate::since("2025-09-30.clover");

crate::resource! {
    /// A discount.
    Discount = "discount" {
        /// The session that it belongs to, if any.
        checkout_session: Option<Id>,
        /// The customer whose bills it reduces.
        customer: Option<Id>,
        /// When it ends, in Unix seconds; null for never, or after one bill.
        end: Option<i64>,
        /// The invoice that it belongs to, if any.
        invoice: Option<Id>,
        /// The invoice item that it belongs to, if any.
        invoice_item: Option<Id>,
        /// The promotion code that was entered, if any.
        promotion_code: Option<Id>,
        /// The coupon.
        source: Map,
        /// When it began, in Unix seconds.
        start: i64,
        /// The subscription that it belongs to, if any.
        subscription: Option<Id>,
        /// The subscription item that it belongs to, if any.
        subscription_item: Option<Id>,
    }
    hidden {
        /// Unix seconds.
        created: i64,
        /// The test clock of its customer.
        test_clock: Absent<String>,
    }
}

/// The kind, for references.
pub const KIND: Kind = Discount::KIND;

impl Discount {
    /// The id of its coupon.
    pub fn coupon(&self) -> Option<&str> {
        self.source.str("coupon")
    }

    /// When nobody has it any more, in Unix seconds: one of a single bill goes with that.
    fn ends_at(&self) -> Option<i64> {
        let of_a_bill = [&self.checkout_session, &self.invoice, &self.invoice_item];
        self.end.filter(|_| of_a_bill.into_iter().all(Option::is_none))
    }

    /// Whether it reduces what is billed at a time, in Unix seconds (billing-2 8.3).
    pub fn runs_at(&self, at: i64) -> bool {
        self.end.is_none_or(|end| at < end)
    }
}

/// What a discount takes off in a currency, also one that has been used up; `None` if it takes nothing off there.
pub fn deduction(tx: &Tx, discount: &str, currency: &str) -> Option<Deduction> {
    let discount = tx.record(KIND, discount)?.get::<Discount>()?;
    let coupon = tx.record(coupons::KIND, discount.coupon()?)?.get::<Coupon>()?;
    deduction_of(&coupon, &discount.id, currency)
}

fn deduction_of(coupon: &Coupon, discount: &Id, currency: &str) -> Option<Deduction> {
    Some(Deduction { discount: Id::clone(discount), off: coupon.off(currency)?, products: coupon.products() })
}

/// Whether the coupon of a discount is for one bill alone.
pub fn is_for_one_bill(tx: &Tx, discount: &Discount) -> bool {
    let coupon =
        discount.coupon().and_then(|id| tx.record(coupons::KIND, id)).and_then(|record| record.get::<Coupon>());
    coupon.is_some_and(|coupon| coupon.rest.str("duration") == Some("once"))
}

/// A coupon of ten percent, without an event, for a discount that somebody asks for without one.
///
/// # Errors
/// None that a caller could correct.
pub fn ten_percent(tx: &mut Tx, ctx: &Ctx<'_>) -> Result<Id> {
    coupons::mint(tx, ctx, &Map::from([("duration", Doc::from("forever")), ("percent_off", Doc::Float(10.0))]))
}

/// Ends a discount.
pub fn remove(tx: &mut Tx, discount: &str) {
    tx.delete::<Discount>(discount);
}

/// The coupon of a discount that an object shows; a deleted one is found as it was.
pub fn coupon_of(tx: &Tx, discount: Seen<'_>) -> Option<Arc<Record>> {
    let source = discount.member("source")?;
    tx.record(coupons::KIND, source.as_map()?.str("coupon")?).cloned()
}

/// The first of the discounts that an object shows; a deleted one is found as it was.
pub fn first_of<'tx>(tx: &'tx Tx, object: Seen<'_>) -> Option<&'tx Arc<Record>> {
    let discounts = object.member("discounts")?;
    tx.record(KIND, discounts.as_list()?.first()?.as_str()?)
}

/// A discount as it was before its coupon moved into `source`.
pub fn showed_its_coupon(discount: &mut Map, coupon: Option<&Record>) {
    let _ = discount.remove("source");
    discount.set("coupon", coupon.map(|coupon| coupon.object.to_doc()));
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: Discount::FIELDS,
    noun: "discount",
    id: IdForm::of("di_"),
    expands: &[Expand::reference("coupon", &["coupon"])],
    changes: &[Change {
        since: SOURCE,
        older: Some(Rewrite::With { field: "coupon", find: coupon_of, older: showed_its_coupon }),
        what: "discount.coupon was the coupon that source.coupon names",
    }],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<Discount>,
    events: Events {
        created: Some("customer.discount.created"),
        deleted: Some("customer.discount.deleted"),
        ..Events::NONE
    },
    named_by: &["discount"],
    clocked: Some(Clocked { clock: |object| downcast::<Discount>(object)?.test_clock.0.as_deref(), limit: None }),
    dues: &[DueOf {
        rank: Rank::Cancel,
        clock: DueClock::Own,
        ..crate::due!(Discount, "end", Discount::ends_at, |tx, _, discount| {
            remove(tx, &discount.id);
            Ok(())
        })
    }],
    ..Entry::PLAIN
};

/// The source of a discount.
fn source_of(coupon: &Id) -> Map {
    Map::from([("coupon", Doc::from(coupon.to_string())), ("type", "coupon".into())])
}
