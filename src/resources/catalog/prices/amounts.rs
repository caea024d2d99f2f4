//! The amounts of prices: their parameters, their two forms, and their tariff for pricing (billing 1.2).
//!
//! May use: documents, pricing. Invariant: an amount and its decimal text are equal.

use super::Price;
use crate::error::{ApiError, Result};
use crate::limits::LINE_AMOUNT_MAX;
use crate::money::Decimal;
use crate::pricing::{Package, Scheme, Tariff, Tier};
use crate::state::document::{Doc, Map};

/// Checks an amount and its decimal form, of which one may be sent.
///
/// # Errors
/// Both were sent, or one is negative or has too many decimals.
pub(super) fn check(sent: &Map, name: &'static str) -> Result<()> {
    let decimal = decimal_of(name);
    if sent.present(name).is_some() && sent.present(decimal).is_some() {
        return Err(ApiError::params_exclusive(name, decimal));
    }
    if sent.int(name).is_some_and(|amount| amount < 0) {
        return Err(ApiError::param_negative(name));
    }
    match sent.str(decimal).map(|text| (text, Decimal::parse(text))) {
        Some((text, None)) => Err(ApiError::param_not_decimal(decimal, text)),
        Some((_, Some(amount))) if amount < Decimal::ZERO => Err(ApiError::param_negative(decimal)),
        _ => Ok(()),
    }
}

fn decimal_of(name: &str) -> &'static str {
    if name == "flat_amount" { "flat_amount_decimal" } else { "unit_amount_decimal" }
}

/// Writes the amounts of a price, its tiers and its other currencies in both forms.
pub(super) fn complete(shown: &mut Map) {
    both(shown, "unit_amount");
    complete_tiers(shown);
    if let Some(Doc::Map(options)) = shown.get_mut("currency_options") {
        let keys: Vec<String> = options.iter().map(|(key, _)| key.to_owned()).collect();
        for key in keys {
            if let Some(Doc::Map(option)) = options.get_mut(&key) {
                both(option, "unit_amount");
                complete_tiers(option);
            }
        }
    }
}

fn complete_tiers(of: &mut Map) {
    let Some(Doc::List(tiers)) = of.get_mut("tiers") else { return };
    for tier in tiers {
        if let Doc::Map(tier) = tier {
            both(tier, "unit_amount");
            both(tier, "flat_amount");
        }
    }
}

fn both(map: &mut Map, name: &'static str) {
    if let Some(amount) = amount(map, name) {
        map.set(name, amount.exact());
        map.set(decimal_of(name), amount.text());
    }
}

/// The amount of a price or a tier, from either form.
fn amount(map: &Map, name: &'static str) -> Option<Decimal> {
    match map.int(name) {
        Some(amount) => Some(Decimal::whole(amount)),
        None => map.str(decimal_of(name)).and_then(Decimal::parse),
    }
}

/// The tariff of a price.
/// Checks a quantity of a price, in each of its currencies.
///
/// # Errors
/// It is below zero, or costs more than [`LINE_AMOUNT_MAX`].
pub(super) fn check_quantity(price: &Price, quantity: i64) -> Result<()> {
    if quantity < 0 {
        return Err(ApiError::param_negative("quantity"));
    }
    let options = price.currency_options.0.iter().flat_map(Map::iter);
    let elsewhere = options.filter_map(|(currency, _)| Some(price.in_currency(currency)?.tariff()));
    let dear = std::iter::once(price.tariff())
        .chain(elsewhere)
        .find(|it| it.amount(quantity).saturating_abs() > LINE_AMOUNT_MAX);
    match dear {
        Some(dear) => Err(ApiError::param_above("quantity", dear.quantity_for(LINE_AMOUNT_MAX))),
        None => Ok(()),
    }
}

pub(super) fn tariff(price: &Price) -> Tariff {
    let tiers: Vec<Tier> = price.tiers.0.iter().flatten().map(tier).collect();
    let scheme = match price.rest.str("tiers_mode") {
        _ if tiers.is_empty() => Scheme::PerUnit(amount(&price.rest, "unit_amount").unwrap_or_default()),
        Some("volume") => Scheme::Volume(tiers),
        _ => Scheme::Graduated(tiers),
    };
    Tariff { scheme, package: price.rest.map("transform_quantity").map(package) }
}

fn tier(shown: &Map) -> Tier {
    Tier {
        up_to: shown.int("up_to"),
        unit_amount: amount(shown, "unit_amount").unwrap_or_default(),
        flat_amount: amount(shown, "flat_amount"),
    }
}

fn package(transform: &Map) -> Package {
    Package { size: transform.int("divide_by").unwrap_or(1), is_rounded_up: transform.str("round") == Some("up") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiered(mode: &'static str) -> Price {
        let tier = |up_to: Option<i64>, unit: &'static str, flat: &'static str| {
            Map::from([
                ("up_to", Doc::from(up_to)),
                ("unit_amount_decimal", unit.into()),
                ("flat_amount_decimal", flat.into()),
            ])
        };
        let tiers = [tier(Some(5), "500", "10"), tier(None, "400", "20")].map(Doc::Map).to_vec();
        let shown = Map::from([
            ("id", Doc::from("price_x")),
            ("active", true.into()),
            ("currency", "usd".into()),
            ("product", "prod_x".into()),
            ("tiers", Doc::List(tiers)),
            ("tiers_mode", mode.into()),
            ("type", "recurring".into()),
        ]);
        Price::read(shown, Map::new(), 0).unwrap()
    }

    #[test]
    fn graduated_tiers_charge_each_its_own_part() {
        let price = tiered("graduated");
        assert_eq!([0, 5, 7].map(|quantity| price.tariff().amount(quantity)), [10, 2510, 3330]);
    }

    #[test]
    fn a_volume_tier_prices_all_units() {
        let price = tiered("volume");
        assert_eq!([5, 7].map(|quantity| price.tariff().amount(quantity)), [2510, 2820]);
    }

    #[test]
    fn packages_are_rounded_as_the_price_says() {
        let mut price = tiered("volume");
        price.tiers = crate::state::object::Absent(None);
        price.rest.set("unit_amount_decimal", "2.5");
        assert_eq!(price.tariff().amount(3), 8);
        for (round, amount) in [("up", 5), ("down", 3)] {
            price.rest.set("transform_quantity", Map::from([("divide_by", Doc::Int(10)), ("round", round.into())]));
            assert_eq!(price.tariff().amount(12), amount);
        }
    }
}
