//! Redeeming coupons and promotion codes (billing 1.4 to 1.6).
//!
//! May use: coupons, promotion codes, pricing, what a customer has paid. Invariant: what cannot be redeemed is counted nowhere.

use std::sync::Arc;

use super::{Discount, KIND, source_of};
use crate::contract::{Ctx, In, missing_as, require};
use crate::error::{ApiError, Result};
use crate::object::template;
use crate::pricing::Deduction;
use crate::resources::catalog::coupons::Coupon;
use crate::resources::catalog::promotion_codes::PromotionCode;
use crate::state::document::{Doc, Map};
use crate::state::object::Absent;
use crate::state::{Id, Kind, Tx};
use crate::time::calendar::Interval;

const CHARGE: Kind = crate::kind!("charge");
const INVOICE: Kind = crate::kind!("invoice");

/// For whom and what a coupon is redeemed.
#[derive(Clone, Debug, Default)]
pub struct Redemption<'a> {
    /// The owner's ids, as the discount shows them.
    pub owner: Map,
    /// The customer who redeems it.
    pub customer: Option<&'a Id>,
    /// The currency of what it reduces, if that is known.
    pub currency: Option<&'a str>,
    /// The amount that it reduces, in the currency's smallest unit, if that is known.
    pub amount: Option<i64>,
    /// Whether what it reduces is billed once.
    pub is_one_time: bool,
    /// When it begins, in Unix seconds.
    pub now: i64,
}

/// The discounts that a `discounts` parameter names, new ones among them; a coupon that is in `kept` already is not redeemed
/// again (billing-2 8.1).
///
/// # Errors
/// A coupon, a code or a discount that does not exist or cannot be redeemed; more than one of them in an item.
pub fn redeem(tx: &mut Tx, ctx: &Ctx<'_>, sent: &[Doc], kept: &[Id], about: &Redemption<'_>) -> Result<Vec<Id>> {
    let mut all = Vec::with_capacity(sent.len());
    for (index, item) in sent.iter().enumerate() {
        let Some(item) = item.as_map() else { continue };
        let named: Vec<(&str, &str)> =
            ["coupon", "discount", "promotion_code"].iter().filter_map(|name| Some((*name, item.str(name)?))).collect();
        let within = |name: &str| format!("discounts[{index}][{name}]");
        let id = match named[..] {
            [("coupon", coupon)] => match of_coupon(tx, kept, coupon) {
                Some(known) => known,
                None => redeem_coupon(tx, ctx, coupon, &within("coupon"), about)?,
            },
            [("promotion_code", code)] => match of_code(tx, kept, code) {
                Some(known) => known,
                None => redeem_promotion_code(tx, ctx, code, &within("promotion_code"), about)?,
            },
            [(_, discount)] => {
                let known = tx.get::<Discount>(discount).filter(|known| known.customer.as_ref() == about.customer);
                let known = known.ok_or_else(|| missing_as("discount", discount, In::Param(&within("discount"))))?;
                Id::clone(&known.id)
            }
            [] => return Err(ApiError::param_missing(&within("coupon"))),
            [(first, _), (second, _), ..] => {
                return Err(ApiError::params_exclusive(first, second).inside(&format!("discounts[{index}]")));
            }
        };
        if all.contains(&id) {
            return Err(ApiError::discount_twice(&format!("discounts[{index}]")));
        }
        all.push(id);
    }
    Ok(all)
}

fn of_coupon(tx: &Tx, kept: &[Id], coupon: &str) -> Option<Id> {
    let is_it = |discount: &Arc<Discount>| discount.coupon() == Some(coupon) && discount.promotion_code.is_none();
    kept.iter().filter_map(|id| tx.get::<Discount>(id)).find(is_it).map(|discount| Id::clone(&discount.id))
}

fn of_code(tx: &Tx, kept: &[Id], code: &str) -> Option<Id> {
    let is_it = |discount: &Arc<Discount>| discount.promotion_code.as_deref() == Some(code);
    kept.iter().filter_map(|id| tx.get::<Discount>(id)).find(is_it).map(|discount| Id::clone(&discount.id))
}

/// A coupon that may be redeemed, alone or by a promotion code.
#[derive(Clone, Debug)]
pub struct Redeemable {
    coupon: Arc<Coupon>,
    code: Option<Arc<PromotionCode>>,
}

impl Redeemable {
    /// A coupon; `param` is the parameter that names it.
    ///
    /// # Errors
    /// It does not exist, can no longer be redeemed, or does not fit what it is to reduce.
    pub fn coupon(tx: &Tx, coupon: &str, param: &str, about: &Redemption<'_>) -> Result<Self> {
        let coupon = require::<Coupon>(tx, coupon, In::Param(param))?;
        check_coupon(&coupon, param, about)?;
        Ok(Redeemable { coupon, code: None })
    }

    /// The coupon of a promotion code, given by its id; `param` is the parameter that names it.
    ///
    /// # Errors
    /// It does not exist, it or its coupon can no longer be redeemed, or its restrictions are not met.
    pub fn promotion_code(tx: &Tx, code: &str, param: &str, about: &Redemption<'_>) -> Result<Self> {
        let code = require::<PromotionCode>(tx, code, In::Param(param))?;
        let coupon = code.promotion.str("coupon").and_then(|id| tx.get::<Coupon>(id));
        let Some(coupon) = coupon.filter(|_| code.active) else { return Err(ApiError::promotion_code_inactive(param)) };
        check_coupon(&coupon, param, about)?;
        if code.customer.is_some() && code.customer.as_ref() != about.customer {
            return Err(ApiError::promotion_code_of_other_customer(param));
        }
        check_restrictions(tx, &code, param, about)?;
        Ok(Redeemable { coupon, code: Some(code) })
    }

    /// The discount as it will be when it is redeemed; nothing is stored and nothing counted.
    pub fn offer(&self, ctx: &Ctx<'_>, about: &Redemption<'_>) -> Discount {
        let owner = |name: &str| about.owner.str(name).map(Id::from);
        let months = self.coupon.rest.int("duration_in_months");
        Discount {
            id: super::ENTRY.id.draw(&ctx.ids).into(),
            created: about.now,
            checkout_session: owner("checkout_session"),
            customer: about.customer.map(Id::clone),
            end: months.and_then(|months| Interval::Month.after(about.now, months)),
            invoice: owner("invoice"),
            invoice_item: owner("invoice_item"),
            promotion_code: self.code.as_ref().map(|code| Id::clone(&code.id)),
            source: source_of(&self.coupon.id),
            start: about.now,
            subscription: owner("subscription"),
            subscription_item: owner("subscription_item"),
            test_clock: Absent(None),
            rest: template::template(KIND),
        }
    }

    /// What it takes off in a currency, as a discount with this id; `None` if it takes nothing off there.
    pub fn deduction(&self, discount: &Id, currency: &str) -> Option<Deduction> {
        super::deduction_of(&self.coupon, discount, currency)
    }
}

/// Stores an offered discount and counts it. Nothing is checked again: who offered it has the customer's word.
pub fn take(tx: &mut Tx, mut offered: Discount) -> Id {
    let customer = offered.customer.as_ref().and_then(|id| tx.record(crate::kind!("customer"), id));
    let clock = customer.and_then(|record| record.object.to_doc().str("test_clock").map(str::to_owned));
    offered.test_clock = Absent(clock);
    if let Some(coupon) = offered.coupon().and_then(|id| tx.get::<Coupon>(id)) {
        count(tx, &coupon);
    }
    if let Some(code) = &offered.promotion_code {
        tx.quietly(|tx| {
            tx.update::<PromotionCode>(code, |code| {
                code.times_redeemed += 1;
                code.active = code.active && code.max_redemptions.is_none_or(|most| code.times_redeemed < most);
            });
        });
    }
    let id = Id::clone(&offered.id);
    tx.insert(offered);
    id
}

/// Redeems a coupon; `param` is the parameter that names it.
///
/// # Errors
/// It does not exist, can no longer be redeemed, or does not fit what it is to reduce.
pub fn redeem_coupon(tx: &mut Tx, ctx: &Ctx<'_>, coupon: &str, param: &str, about: &Redemption<'_>) -> Result<Id> {
    let offered = Redeemable::coupon(tx, coupon, param, about)?.offer(ctx, about);
    Ok(take(tx, offered))
}

/// Redeems a promotion code, given by its id; `param` is the parameter that names it.
///
/// # Errors
/// It does not exist, it or its coupon can no longer be redeemed, or its restrictions are not met.
pub fn redeem_promotion_code(
    tx: &mut Tx,
    ctx: &Ctx<'_>,
    code: &str,
    param: &str,
    about: &Redemption<'_>,
) -> Result<Id> {
    let offered = Redeemable::promotion_code(tx, code, param, about)?.offer(ctx, about);
    Ok(take(tx, offered))
}

fn check_coupon(coupon: &Coupon, param: &str, about: &Redemption<'_>) -> Result<()> {
    if !coupon.valid {
        return Err(ApiError::coupon_expired(&coupon.id, param));
    }
    if about.is_one_time && coupon.rest.str("duration") == Some("repeating") {
        return Err(ApiError::coupon_repeats(&coupon.id, param));
    }
    match about.currency {
        Some(currency) if coupon.off(currency).is_none() => Err(ApiError::coupon_currency(&coupon.id, currency, param)),
        _ => Ok(()),
    }
}

/// The restrictions of a code (billing 1.5). Of an amount that is not known yet, nothing is asked.
fn check_restrictions(tx: &Tx, code: &PromotionCode, param: &str, about: &Redemption<'_>) -> Result<()> {
    let Some(restrictions) = code.rest.map("restrictions") else { return Ok(()) };
    let has_paid = |customer: &Id| {
        let is_paid = |record: &Arc<crate::state::Record>| {
            let doc = record.object.to_doc();
            doc.bool("paid") == Some(true) || doc.str("status") == Some("paid")
        };
        [CHARGE, INVOICE].iter().any(|kind| tx.records_having(*kind, "customer", customer).iter().any(is_paid))
    };
    if restrictions.bool("first_time_transaction") == Some(true) && about.customer.is_some_and(has_paid) {
        return Err(ApiError::promotion_code_not_first(param));
    }
    let own = (restrictions.int("minimum_amount"), restrictions.str("minimum_amount_currency"));
    let least = match (own, about.currency) {
        ((Some(least), Some(its)), Some(currency)) if its == currency => Some(least),
        (_, Some(currency)) => {
            restrictions.map("currency_options").and_then(|options| options.map(currency)?.int("minimum_amount"))
        }
        _ => None,
    };
    match (least, about.amount) {
        (Some(least), Some(amount)) if amount < least => Err(ApiError::promotion_code_below_minimum(param)),
        _ => Ok(()),
    }
}

/// Counts a redemption; the last one makes the coupon invalid. That is no event of the API.
fn count(tx: &mut Tx, coupon: &Coupon) {
    tx.quietly(|tx| {
        tx.update::<Coupon>(&coupon.id, |coupon| {
            coupon.times_redeemed += 1;
            coupon.valid = coupon.valid && coupon.max_redemptions.is_none_or(|most| coupon.times_redeemed < most);
        });
    });
}
