//! Promotion codes (billing 1.5).
//!
//! May use: coupons. Invariant: no two active codes of one customer, or of the codes for everyone, are equal, ignoring
//! case.

use std::sync::Arc;

use crate::api::list;
use crate::contract::version::Gate;
use crate::contract::{
    Behaviour, Call, Change, Ctx, Entry, Events, Expand, Fill, In, Marked, Newer, Older, Outcome, Rewrite, Seen,
    Trigger, require,
};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::catalog::coupons;
use crate::resources::catalog::coupons::Coupon;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource, downcast};
use crate::state::{Filter, Id, Kind, Record, Ref, Tx};

/// A promotion code has its coupon inside `promotion`.
const PROMOTION: Gate = Gate::since("2025-09-30.clover");

crate::resource! {
    /// A promotion code.
    PromotionCode = "promotion_code" {
        /// Unix seconds.
        created: i64,
        /// Whether it can be redeemed.
        active: bool,
        /// The text that customers enter.
        code: String,
        /// The only customer who may redeem it; null for everyone.
        customer: Option<Id>,
        /// Until when it can be redeemed, in Unix seconds; null for no end.
        expires_at: Option<i64>,
        /// How often it can be redeemed; null for no limit.
        max_redemptions: Option<i64>,
        /// The user's own keys and values.
        metadata: Map,
        /// The coupon that it redeems.
        promotion: Map,
        /// How often it was redeemed.
        times_redeemed: i64,
    }
    hidden {
    }
}

/// The kind, for references.
pub const KIND: Kind = PromotionCode::KIND;

/// The filter by codes in lower case; the parameter `code` may have any case.
const FOLDED: &str = "folded_code";

/// The length of a generated code.
const CODE_CHARACTERS: usize = 8;

impl PromotionCode {
    /// The coupon's id.
    fn coupon(&self) -> Option<&str> {
        self.promotion.str("coupon")
    }
}

/// `POST /v1/promotion_codes`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let params = &call.params;
    let coupon = coupon(tx, ctx, params)?;
    body::check_references(tx, call, KIND)?;
    check_restrictions(params)?;
    check_end(ctx, params, &coupon)?;
    let id = ENTRY.id.draw(&ctx.ids);
    let mut shown = body::new(tx, ctx, KIND, &id, params)?;
    match params.str("code") {
        Some(code) => check_code(code)?,
        None => shown.set("code", ctx.ids.id("", CODE_CHARACTERS).to_uppercase()),
    }
    let code = PromotionCode::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    if code.active {
        check_unique(tx, &code)?;
    }
    Ok(Outcome::Done(tx.insert(code)))
}

/// The coupon of a code. In older versions it is the parameter `coupon`.
fn coupon(tx: &Tx, ctx: &Ctx<'_>, params: &Map) -> Result<Arc<Coupon>> {
    let param = if ctx.version.has(PROMOTION) { "promotion[coupon]" } else { "coupon" };
    let named = params.map("promotion").and_then(|promotion| promotion.str("coupon"));
    let id = named.ok_or_else(ApiError::promotion_needs_coupon)?;
    let coupon = require::<Coupon>(tx, id, In::Param(param))?;
    if coupon.valid { Ok(coupon) } else { Err(ApiError::coupon_expired(id, param)) }
}

fn check_restrictions(params: &Map) -> Result<()> {
    let Some(restrictions) = params.map("restrictions") else { return Ok(()) };
    let has = |name: &str| restrictions.present(name).is_some();
    if has("minimum_amount") && !has("minimum_amount_currency") {
        return Err(ApiError::promotion_minimum_needs_currency());
    }
    Ok(())
}

/// A code expires no later than its coupon, and is redeemed no more often (billing 1.5).
fn check_end(ctx: &Ctx<'_>, params: &Map, coupon: &Coupon) -> Result<()> {
    if let Some(at) = params.int("expires_at") {
        coupons::check_future(ctx, "expires_at", at)?;
        if coupon.redeem_by.is_some_and(|last| at > last) {
            return Err(ApiError::promotion_outlives_coupon("expires_at"));
        }
    }
    match params.int("max_redemptions") {
        Some(most) if most < 1 => Err(ApiError::param_below("max_redemptions", 1)),
        Some(most) if coupon.max_redemptions.is_some_and(|of_coupon| most > of_coupon) => {
            Err(ApiError::promotion_outlives_coupon("max_redemptions"))
        }
        _ => Ok(()),
    }
}

/// The active code with a text that a customer enters, ignoring case: one of the customer's own before one for everyone.
pub fn entered(tx: &Tx, text: &str, customer: Option<&Id>) -> Option<Arc<PromotionCode>> {
    let mut codes = tx.having::<PromotionCode>(FOLDED, &text.trim().to_lowercase());
    codes.retain(|code| code.active && (code.customer.is_none() || code.customer.as_ref() == customer));
    let own = codes.iter().position(|code| code.customer.is_some()).unwrap_or(0);
    codes.get(own).cloned()
}

fn check_code(code: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !code.is_empty() && code.chars().all(fits) { Ok(()) } else { Err(ApiError::promotion_code_invalid(code)) }
}

fn check_unique(tx: &Tx, code: &PromotionCode) -> Result<()> {
    let same = tx.having::<PromotionCode>(FOLDED, &code.code.to_lowercase());
    let taken = same.iter().any(|other| other.id != code.id && other.active && other.customer == code.customer);
    if taken { Err(ApiError::promotion_code_taken(&code.code)) } else { Ok(()) }
}

/// `POST /v1/promotion_codes/:promotion_code`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let code = require::<PromotionCode>(tx, call.arg(0), In::Path)?;
    if call.params.bool("active") == Some(true) && !code.active {
        check_redeemable(tx, ctx, &code)?;
        check_unique(tx, &code)?;
    }
    let mut shown = code.to_doc();
    body::change(tx, ctx, KIND, &mut shown, &call.params)?;
    let changed = PromotionCode::from_docs(shown, Map::new(), code.created).map_err(|_| ApiError::internal())?;
    tx.save(&code, changed);
    Ok(Outcome::Done(Ref::to(&*code)))
}

/// A code can only become active if it and its coupon can be redeemed.
fn check_redeemable(tx: &Tx, ctx: &Ctx<'_>, code: &PromotionCode) -> Result<()> {
    let valid = code.coupon().and_then(|id| tx.get::<Coupon>(id)).is_some_and(|coupon| coupon.valid);
    let in_time = code.expires_at.is_none_or(|at| ctx.now < at);
    let left = code.max_redemptions.is_none_or(|most| code.times_redeemed < most);
    if valid && in_time && left { Ok(()) } else { Err(ApiError::promotion_code_spent()) }
}

/// `GET /v1/promotion_codes`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let folded = call.params.str("code").map(str::to_lowercase);
    let page = list::page(tx, &ENTRY, call, folded.as_deref().map(|code| (FOLDED, code)))?;
    Ok(Outcome::List(page))
}

/// The time to redeem a code is over. That is no event of the API.
fn expire(tx: &mut Tx, _: &Ctx<'_>, code: &Arc<PromotionCode>) -> Result<()> {
    tx.quietly(|tx| tx.update::<PromotionCode>(&code.id, |code| code.active = false));
    Ok(())
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    marks: &[Marked::neutral(&["promotion.type"], "it has one value")],
    fields: PromotionCode::FIELDS,
    noun: "promotion code",
    id: IdForm::of("promo_"),
    path_param: "promotion_code",
    operations: &[
        ("promotion_codes.create", Behaviour::Write(create)),
        ("promotion_codes.retrieve", Behaviour::Retrieve),
        ("promotion_codes.update", Behaviour::Write(update)),
        ("promotion_codes.list", Behaviour::Read(list)),
    ],
    filters: &[
        Filter {
            param: FOLDED,
            values: |object, _, out| {
                if let Some(code) = downcast::<PromotionCode>(object) {
                    out(&code.code.to_lowercase());
                }
            },
            target: None,
        },
        crate::filter!("customer", PromotionCode, |code| code.customer.as_deref(), Some(crate::kind!("customer"))),
        crate::filter!("coupon", PromotionCode, PromotionCode::coupon),
        crate::filter!("customer_account", PromotionCode, |code| code.rest.str("customer_account")),
        crate::filter!("active", PromotionCode, |code| Some(if code.active { "true" } else { "false" })),
    ],
    expands: &[Expand::reference("coupon", &["coupon"]), Expand::field("restrictions.currency_options")],
    changes: &[Change {
        since: PROMOTION,
        older: Some(Rewrite::With { field: "coupon", find: coupon_of, older: showed_its_coupon }),
        what: "promotion_code.coupon was the coupon that promotion.coupon names",
    }],
    older: &[Older {
        operation: "promotion_codes.create",
        until: PROMOTION,
        name: "coupon",
        newer: Newer::Member { of: "promotion", beside: Some(("type", "coupon")) },
    }],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<PromotionCode>,
    events: Events { created: Some("promotion_code.created"), updated: &["promotion_code.updated"], ..Events::NONE },
    named_by: &["promotion_code"],
    defaults: &[
        ("active", Fill::Flag(true)),
        ("promotion.type", Fill::Text("coupon")),
        ("restrictions.first_time_transaction", Fill::Flag(false)),
        ("times_redeemed", Fill::Int(0)),
    ],
    dues: &[crate::due!(PromotionCode, "expire", |code| code.expires_at.filter(|_| code.active), expire)],
    triggers: &[Trigger::update("promotion_code.updated", "/v1/promotion_codes/{id}")],
    ..Entry::PLAIN
};

/// The coupon of a code; a deleted one is found as it was.
fn coupon_of(tx: &Tx, code: Seen<'_>) -> Option<Arc<Record>> {
    let promotion = code.member("promotion")?;
    tx.record(coupons::KIND, promotion.as_map()?.str("coupon")?).cloned()
}

fn showed_its_coupon(code: &mut Map, coupon: Option<&Record>) {
    let _ = code.remove("promotion");
    code.set("coupon", coupon.map(|coupon| coupon.object.to_doc()));
}
