//! What a price comes to (billing 1.2).
//!
//! May use: documents. Invariant: an amount and its decimal text say the same, and no rounding is done before the
//! end.

use super::Price;
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};

/// How many digits may follow the point of a decimal amount.
const DIGITS: usize = 12;

const ONE: i128 = 10_i128.pow(12);

/// An amount in a currency's smallest unit with up to twelve decimals, counted in the last of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i128);

impl Decimal {
    /// A whole amount.
    pub fn whole(amount: i64) -> Self {
        Decimal(i128::from(amount) * ONE)
    }

    /// Reads a decimal; `None` when it has too many digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if fraction.len() > DIGITS || whole.len() > DIGITS {
            return None;
        }
        let parse = |digits: &str| if digits.is_empty() { Ok(0) } else { digits.parse::<i128>() };
        let fraction = parse(&format!("{fraction:0<DIGITS$}")).ok()?;
        Some(Decimal(sign * (parse(whole).ok()? * ONE + fraction)))
    }

    /// So many of it.
    #[must_use]
    pub fn times(self, quantity: i64) -> Self {
        Decimal(self.0.saturating_mul(i128::from(quantity)))
    }

    /// The whole amount nearest to it, halves away from zero.
    pub fn rounded(self) -> i64 {
        let half = if self.0 < 0 { -ONE / 2 } else { ONE / 2 };
        i64::try_from((self.0 + half) / ONE).unwrap_or(i64::MAX)
    }

    /// The amount, if it is whole.
    fn exact(self) -> Option<i64> {
        (self.0 % ONE == 0).then(|| i64::try_from(self.0 / ONE).ok()).flatten()
    }

    /// As the API writes it.
    pub fn text(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.abs() / ONE, self.0.abs() % ONE);
        let text = format!("{sign}{whole}.{fraction:0DIGITS$}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// Checks an amount and its decimal form, of which one may be sent.
///
/// # Errors
/// Both, or one that is negative or too fine.
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
        Some((_, Some(amount))) if amount < Decimal(0) => Err(ApiError::param_negative(decimal)),
        _ => Ok(()),
    }
}

fn decimal_of(name: &str) -> &'static str {
    if name == "flat_amount" { "flat_amount_decimal" } else { "unit_amount_decimal" }
}

/// Shows the amounts of a price, its tiers and its other currencies in both forms.
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
    let decimal = decimal_of(name);
    let amount = match map.int(name) {
        Some(amount) => Some(Decimal::whole(amount)),
        None => map.str(decimal).and_then(Decimal::parse),
    };
    if let Some(amount) = amount {
        map.set(name, amount.exact());
        map.set(decimal, amount.text());
    }
}

/// What so many of a price come to, in the currency's smallest unit.
pub fn of_quantity(price: &Price, quantity: i64) -> i64 {
    let quantity = transformed(price, quantity);
    let tiers = price.tiers.0.as_deref().unwrap_or_default();
    if tiers.is_empty() {
        return amount(&price.rest, "unit_amount").times(quantity).rounded();
    }
    match price.rest.str("tiers_mode") {
        Some("volume") => {
            let holds = |tier: &&Map| tier.int("up_to").is_none_or(|last| quantity <= last);
            tiers.iter().find(holds).map_or(0, |tier| in_tier(tier, quantity).rounded())
        }
        _ => graduated(tiers, quantity).rounded(),
    }
}

/// Each tier takes its own part of the quantity, and its flat amount once it is entered; the first always is.
fn graduated(tiers: &[Map], quantity: i64) -> Decimal {
    let (mut sum, mut below) = (Decimal(0), 0);
    for (i, tier) in tiers.iter().enumerate() {
        let part = quantity.min(tier.int("up_to").unwrap_or(i64::MAX)) - below;
        if part <= 0 && i > 0 {
            break;
        }
        sum = Decimal(sum.0.saturating_add(in_tier(tier, part.max(0)).0));
        below += part;
    }
    sum
}

fn in_tier(tier: &Map, quantity: i64) -> Decimal {
    Decimal(amount(tier, "unit_amount").times(quantity).0.saturating_add(amount(tier, "flat_amount").0))
}

fn amount(map: &Map, name: &'static str) -> Decimal {
    map.str(decimal_of(name)).and_then(Decimal::parse).unwrap_or(Decimal(0))
}

/// The quantity that is billed, by packages if the price is for packages.
fn transformed(price: &Price, quantity: i64) -> i64 {
    let Some(transform) = price.rest.map("transform_quantity") else { return quantity };
    let by = transform.int("divide_by").unwrap_or(1).max(1);
    let whole = quantity.div_euclid(by);
    let up = transform.str("round") == Some("up") && quantity.rem_euclid(by) > 0;
    whole + i64::from(up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_written_as_it_is_read() {
        for (text, shown, rounded) in [
            ("2000", "2000", 2000),
            ("0.5", "0.5", 1),
            ("12.50", "12.5", 13),
            ("-0.4", "-0.4", 0),
            (".000000000001", "0.000000000001", 0),
        ] {
            let read = Decimal::parse(text).unwrap();
            assert_eq!((read.text().as_str(), read.rounded()), (shown, rounded));
        }
        assert_eq!(Decimal::parse("0.0000000000001"), None);
    }

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
        assert_eq!([0, 5, 7].map(|quantity| of_quantity(&price, quantity)), [10, 2510, 3330]);
    }

    #[test]
    fn a_volume_tier_prices_all_units() {
        let price = tiered("volume");
        assert_eq!([5, 7].map(|quantity| of_quantity(&price, quantity)), [2510, 2820]);
    }

    #[test]
    fn packages_are_rounded_as_the_price_says() {
        let mut price = tiered("volume");
        price.tiers = crate::state::object::Absent(None);
        price.rest.set("unit_amount_decimal", "2.5");
        assert_eq!(of_quantity(&price, 3), 8);
        for (round, amount) in [("up", 5), ("down", 3)] {
            price.rest.set("transform_quantity", Map::from([("divide_by", Doc::Int(10)), ("round", round.into())]));
            assert_eq!(of_quantity(&price, 12), amount);
        }
    }
}
