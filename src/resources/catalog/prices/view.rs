//! A recurring price as a plan, and a plan as a price (billing 1.3).
//!
//! May use: documents. Invariant: a plan that becomes a price and a plan again is unchanged.

use crate::state::document::{Doc, Map};

/// The fields with the same name in both.
const SHARED: [&str; 9] =
    ["active", "billing_scheme", "created", "currency", "livemode", "metadata", "nickname", "product", "tiers_mode"];

/// The fields with different names: the plan's and the price's.
const RENAMED: [(&str, &str); 3] =
    [("amount", "unit_amount"), ("amount_decimal", "unit_amount_decimal"), ("transform_usage", "transform_quantity")];

/// The fields that a plan has at its root, and a price in `recurring`.
const RECURRING: [&str; 5] = ["interval", "interval_count", "meter", "trial_period_days", "usage_type"];

fn get(map: &Map, key: &str) -> Doc {
    map.get(key).cloned().unwrap_or_default()
}

/// A price as a plan; `None` for a one-time price.
pub fn as_plan(price: &Map) -> Option<Map> {
    let recurring = price.map("recurring")?;
    let mut plan = Map::from([("id", get(price, "id")), ("object", Doc::from("plan"))]);
    SHARED.iter().for_each(|key| plan.set(*key, get(price, key)));
    RENAMED.iter().for_each(|(own, of_price)| plan.set(*own, get(price, of_price)));
    RECURRING.iter().for_each(|key| plan.set(*key, get(recurring, key)));
    Some(plan)
}

/// A plan as a price; a price stays as it is.
pub fn as_price(plan: &Map) -> Map {
    if plan.str("object") != Some("plan") {
        return plan.clone();
    }
    let mut price = Map::from([
        ("id", get(plan, "id")),
        ("object", Doc::from("price")),
        ("custom_unit_amount", Doc::Null),
        ("lookup_key", Doc::Null),
        ("recurring", Map::from(RECURRING.map(|key| (key, get(plan, key)))).into()),
        ("tax_behavior", Doc::from("unspecified")),
        ("type", Doc::from("recurring")),
    ]);
    SHARED.iter().for_each(|key| price.set(*key, get(plan, key)));
    RENAMED.iter().for_each(|(own, of_price)| price.set(*of_price, get(plan, own)));
    if let Some(tiers) = plan.get("tiers") {
        price.set("tiers", tiers.clone());
    }
    price
}
