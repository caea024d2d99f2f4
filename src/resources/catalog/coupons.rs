//! Coupons (billing 1.4).
//!
//! May use: products, pricing. Invariant: a coupon takes off a percentage or an amount, never both, and `valid` is true
//! exactly as long as it can be redeemed.

use std::sync::Arc;

use crate::contract::version::Gate;
use crate::contract::{
    Behaviour, Call, Change, Ctx, Entry, Events, Expand, Fill, In, Join, Outcome, Rewrite, Trigger, require,
};
use crate::error::{ApiError, Result};
use crate::limits::FUTURE_SECONDS_MAX;
use crate::money::{Decimal, Rounding};
use crate::object::body;
use crate::object::own_id;
use crate::pricing::Off;
use crate::resources::catalog::products::Product;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Absent, FieldError, Object, Resource};
use crate::state::{Id, Kind, Ref, Tx};

crate::resource! {
    /// A coupon.
    Coupon = "coupon" {
        /// Unix seconds.
        created: i64,
        /// How often it can be redeemed; null for no limit.
        max_redemptions: Option<i64>,
        /// The user's own keys and values.
        metadata: Map,
        /// Until when it can be redeemed, in Unix seconds; null for no end.
        redeem_by: Option<i64>,
        /// How often it was redeemed.
        times_redeemed: i64,
        /// Whether it can be redeemed.
        valid: bool,
    }
    hidden {
        /// The products to which it applies; shown with `expand[]=applies_to`.
        applies_to: Absent<Map>,
        /// The amounts off in other currencies; shown with `expand[]=currency_options`.
        currency_options: Absent<Map>,
    }
}

/// The kind, for references.
pub const KIND: Kind = Coupon::KIND;

/// The fields that are only shown if they are expanded.
const APART: [&str; 2] = ["applies_to", "currency_options"];

/// How the shares of an amount off are rounded when it is divided among lines (billing-2 8.2).
const SHARES: Rounding = Rounding::Down;

impl Coupon {
    /// Reads a coupon with everything expanded.
    fn read(mut shown: Map, mut hidden: Map, created: i64) -> Result<Self, FieldError> {
        for key in APART {
            if let Some(value) = shown.remove(key).filter(|_| !hidden.has(key)) {
                hidden.set(key, value);
            }
        }
        Coupon::from_docs(shown, hidden, created)
    }

    /// What it takes off in a currency; `None` if it does not apply there.
    pub fn off(&self, currency: &str) -> Option<Off> {
        if let Some(percent) = self.rest.present("percent_off") {
            return percentage(percent).map(Off::Percent);
        }
        let own = self.rest.int("amount_off").filter(|_| self.rest.str("currency") == Some(currency));
        let option = || self.currency_options.0.as_ref()?.map(currency)?.int("amount_off");
        let amount = own.or_else(option)?;
        Some(Off::Amount { amount, shares: SHARES })
    }

    /// The products to which it applies; `None` for all.
    pub fn products(&self) -> Option<Vec<Id>> {
        let named = self.applies_to.0.as_ref()?.list("products").filter(|products| !products.is_empty())?;
        Some(named.iter().filter_map(Doc::as_str).map(Id::from).collect())
    }
}

/// A percentage for computing.
pub fn percentage(value: &Doc) -> Option<Decimal> {
    match value {
        Doc::Int(whole) => Some(Decimal::whole(*whole)),
        Doc::Float(percent) => Decimal::of_number(*percent),
        _ => None,
    }
}

/// `POST /v1/coupons`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    check_discount(params)?;
    check_duration(params)?;
    body::check_references(tx, call, KIND)?;
    check_products(tx, params)?;
    if let Some(at) = params.int("redeem_by") {
        check_future(ctx, "redeem_by", at)?;
    }
    for name in ["max_redemptions", "duration_in_months"] {
        if params.int(name).is_some_and(|count| count < 1) {
            return Err(ApiError::param_below(name, 1));
        }
    }
    let id = match own_id::check(ctx, params.str("id"))? {
        Some(id) if tx.get::<Coupon>(id).is_some() => return Err(ApiError::already_exists(ENTRY.noun)),
        Some(id) => id.to_owned(),
        None => ENTRY.id.draw(&ctx.ids).into(),
    };
    let shown = body::new(tx, ctx, KIND, &id, params)?;
    let coupon = Coupon::read(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    Ok(Outcome::Done(tx.insert(coupon)))
}

/// A coupon from the parameters of a new one, without an event.
///
/// # Errors
/// None that a caller could correct.
pub(super) fn mint(tx: &mut Tx, ctx: &Ctx<'_>, data: &Map) -> Result<Id> {
    let shown = body::new(tx, ctx, KIND, &ENTRY.id.draw(&ctx.ids), data)?;
    let coupon = Coupon::read(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    Ok(tx.quietly(|tx| tx.insert(coupon)).id)
}

fn check_discount(params: &Map) -> Result<()> {
    let [amount, percent] = ["amount_off", "percent_off"].map(|name| params.present(name).is_some());
    match (amount, percent) {
        (false, false) => return Err(ApiError::coupon_needs_amount()),
        (true, true) => return Err(ApiError::coupon_has_both()),
        (false, true) if params.present("currency_options").is_some() => {
            return Err(ApiError::params_exclusive("currency_options", "percent_off"));
        }
        (true, false) if params.present("currency").is_none() => return Err(ApiError::coupon_needs_currency()),
        _ => {}
    }
    if params.int("amount_off").is_some_and(|amount| amount < 1) {
        return Err(ApiError::param_below("amount_off", 1));
    }
    match params.get("percent_off") {
        Some(Doc::Float(percent)) => check_range("percent_off", *percent, 0.01),
        _ => Ok(()),
    }
}

/// Checks that a percentage is at least `least` and at most 100.
///
/// # Errors
/// It is not.
pub(super) fn check_range(param: &'static str, percent: f64, least: f64) -> Result<()> {
    const MOST: f64 = 100.0;
    if percent < least {
        return Err(ApiError::param_number_below(param, percent, least));
    }
    if percent > MOST { Err(ApiError::param_number_above(param, percent, MOST)) } else { Ok(()) }
}

fn check_duration(params: &Map) -> Result<()> {
    let repeats = params.str("duration") == Some("repeating");
    match params.present("duration_in_months").is_some() {
        false if repeats => Err(ApiError::coupon_needs_months()),
        true if !repeats => Err(ApiError::coupon_months_without_repeating()),
        _ => Ok(()),
    }
}

fn check_products(tx: &Tx, params: &Map) -> Result<()> {
    let named = params.map("applies_to").and_then(|applies| applies.list("products")).unwrap_or_default();
    for (i, id) in named.iter().enumerate() {
        let id = id.as_str().unwrap_or_default();
        require::<Product>(tx, id, In::Param(&format!("applies_to[products][{i}]")))?;
    }
    Ok(())
}

/// Checks that a time is in the future, and not too far (billing 0.3).
///
/// # Errors
/// It is not.
pub(super) fn check_future(ctx: &Ctx<'_>, param: &'static str, at: i64) -> Result<()> {
    if at <= ctx.now {
        return Err(ApiError::param_in_past(param, at));
    }
    if at - ctx.now > FUTURE_SECONDS_MAX { Err(ApiError::param_too_far(param)) } else { Ok(()) }
}

/// `POST /v1/coupons/:coupon`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let coupon = require::<Coupon>(tx, call.arg(0), In::Path)?;
    let mut shown = coupon.to_doc();
    if let Some(options) = &coupon.currency_options.0 {
        shown.set("currency_options", options.clone());
    }
    if call.params.present("currency_options").is_some() && shown.present("percent_off").is_some() {
        return Err(ApiError::params_exclusive("currency_options", "percent_off"));
    }
    body::change(tx, ctx, KIND, &mut shown, &call.params)?;
    let mut changed = Coupon::read(shown, Map::new(), coupon.created).map_err(|_| ApiError::internal())?;
    changed.applies_to = coupon.applies_to.clone();
    tx.save(&coupon, changed);
    Ok(Outcome::Done(Ref::to(&*coupon)))
}

/// `DELETE /v1/coupons/:coupon`: discounts that were given stay.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let coupon = require::<Coupon>(tx, call.arg(0), In::Path)?;
    // The event shows it as no longer valid (billing 1.4).
    tx.quietly(|tx| tx.update::<Coupon>(&coupon.id, |coupon| coupon.valid = false));
    tx.delete::<Coupon>(&coupon.id);
    Ok(Outcome::Deleted(Ref::to(&*coupon)))
}

/// The time to redeem a coupon is over. That is no event of the API.
fn expire(tx: &mut Tx, _: &Ctx<'_>, coupon: &Arc<Coupon>) -> Result<()> {
    tx.quietly(|tx| tx.update::<Coupon>(&coupon.id, |coupon| coupon.valid = false));
    Ok(())
}

/// A field that is only shown if it is expanded.
fn apart(tx: &Tx, id: &str, of: fn(&Coupon) -> &Absent<Map>) -> Option<Doc> {
    of(&*tx.get::<Coupon>(id)?).0.clone().map(Doc::Map)
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: Coupon::FIELDS,
    noun: "coupon",
    id: IdForm { prefix: "", lead: "", length: 8 },
    path_param: "coupon",
    operations: &[
        ("coupons.create", Behaviour::Write(create)),
        ("coupons.retrieve", Behaviour::Retrieve),
        ("coupons.update", Behaviour::Write(update)),
        ("coupons.delete", Behaviour::Write(delete)),
        ("coupons.list", Behaviour::List),
    ],
    joins: &[
        Join { field: "applies_to", doc: |tx, id| apart(tx, id, |coupon| &coupon.applies_to) },
        Join { field: "currency_options", doc: |tx, id| apart(tx, id, |coupon| &coupon.currency_options) },
    ],
    expands: &[Expand::field("applies_to"), Expand::field("currency_options")],
    changes: &[Change {
        since: Gate::since("2018-07-27"),
        older: Some(Rewrite::Alone(percent_was_whole)),
        what: "coupon.percent_off",
    }],
    blank: Some(|_| body::blank_of(KIND)),
    import: |visible, hidden, created| Ok(Arc::new(Coupon::read(visible, hidden, created)?)),
    events: Events {
        created: Some("coupon.created"),
        updated: &["coupon.updated"],
        deleted: Some("coupon.deleted"),
        ..Events::NONE
    },
    named_by: &["coupon"],
    defaults: &[("duration", Fill::Text("once")), ("times_redeemed", Fill::Int(0)), ("valid", Fill::Flag(true))],
    dues: &[crate::due!(Coupon, "expire", |coupon| coupon.redeem_by.filter(|_| coupon.valid), expire)],
    triggers: &[
        Trigger::update("coupon.updated", "/v1/coupons/{id}"),
        Trigger::delete("coupon.deleted", "/v1/coupons/{id}"),
    ],
    ..Entry::PLAIN
};

/// A percentage had no fraction.
fn percent_was_whole(coupon: &mut Map) {
    if let Some(Doc::Float(percent)) = coupon.get("percent_off") {
        #[expect(clippy::cast_possible_truncation, reason = "a percentage is at most 100")]
        let whole = percent.trunc() as i64;
        coupon.set("percent_off", whole);
    }
}
