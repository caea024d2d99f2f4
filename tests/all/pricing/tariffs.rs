//! What a quantity of a price comes to (billing 1.2, billing-2 3.6).

use pinstripe::money::Decimal;
use pinstripe::pricing::{Package, Scheme, Slice, Tariff, Tier};

use super::decimal;

fn per_unit(amount: &str) -> Tariff {
    Tariff { scheme: Scheme::PerUnit(decimal(amount)), package: None }
}

/// Tiers as their end, their unit amount and their flat amount.
fn tiers(rows: &[(Option<i64>, i64, Option<i64>)]) -> Vec<Tier> {
    let tier = |(up_to, unit, flat): &(Option<i64>, i64, Option<i64>)| Tier {
        up_to: *up_to,
        unit_amount: Decimal::whole(*unit),
        flat_amount: flat.map(Decimal::whole),
    };
    rows.iter().map(tier).collect()
}

fn graduated(rows: &[(Option<i64>, i64, Option<i64>)]) -> Tariff {
    Tariff { scheme: Scheme::Graduated(tiers(rows)), package: None }
}

fn volume(rows: &[(Option<i64>, i64, Option<i64>)]) -> Tariff {
    Tariff { scheme: Scheme::Volume(tiers(rows)), package: None }
}

const THREE: [(Option<i64>, i64, Option<i64>); 3] = [(Some(10), 500, None), (Some(50), 400, None), (None, 300, None)];
const FLAT_FIRST: [(Option<i64>, i64, Option<i64>); 3] =
    [(Some(5), 0, Some(999)), (Some(20), 150, None), (None, 100, None)];
const FLAT: [(Option<i64>, i64, Option<i64>); 2] = [(Some(5), 1000, Some(500)), (None, 800, Some(1000))];

#[test]
fn a_decimal_unit_amount_is_rounded_after_it_is_multiplied() {
    for (unit, quantity, amount) in
        [("0.5", 3, 2), ("12.345", 7, 86), ("0.0005", 900, 0), ("0.0005", 1000, 1), ("2000", 0, 0), ("-0.5", 3, -2)]
    {
        assert_eq!(per_unit(unit).amount(quantity), amount, "{unit} x {quantity}");
    }
}

#[test]
fn packages_are_rounded_as_the_price_says() {
    for (is_rounded_up, quantity, amount) in
        [(true, 6, 2000), (false, 6, 1000), (true, 5, 1000), (false, 4, 0), (true, 1, 1000), (true, 0, 0)]
    {
        let tariff = Tariff { package: Some(Package { size: 5, is_rounded_up }), ..per_unit("1000") };
        assert_eq!(tariff.amount(quantity), amount, "{quantity} {is_rounded_up}");
    }
}

#[test]
fn graduated_tiers_charge_each_its_own_part() {
    for (quantity, amount) in [(0, 0), (10, 5000), (11, 5400), (50, 21_000), (51, 21_300), (75, 28_500)] {
        assert_eq!(graduated(&THREE).amount(quantity), amount, "{quantity}");
    }
    assert_eq!(graduated(&[(Some(5), 500, None), (None, 400, None)]).amount(7), 3300);
}

#[test]
fn a_volume_tier_prices_all_units() {
    for (quantity, amount) in [(10, 5000), (11, 4400), (50, 20_000), (51, 15_300), (75, 22_500)] {
        assert_eq!(volume(&THREE).amount(quantity), amount, "{quantity}");
    }
    assert_eq!(volume(&[(Some(5), 500, None), (None, 400, None)]).amount(7), 2800);
}

#[test]
fn a_tiers_flat_amount_is_charged_once_it_is_entered_and_the_firsts_always() {
    for (quantity, amount) in [(0, 999), (5, 999), (6, 1149), (25, 3749)] {
        assert_eq!(graduated(&FLAT_FIRST).amount(quantity), amount, "{quantity}");
    }
    assert_eq!((graduated(&FLAT).amount(6), volume(&FLAT).amount(6)), (7300, 5800));
}

#[test]
fn a_quantity_is_shown_by_the_tiers_that_it_enters() {
    let slice = |quantity, unit, flat: i64| Slice {
        quantity,
        unit_amount: Decimal::whole(unit),
        flat_amount: Some(Decimal::whole(flat)),
    };
    assert_eq!(graduated(&FLAT).slices(6), [slice(5, 1000, 500), slice(1, 800, 1000)]);
    assert_eq!(graduated(&FLAT).slices(5), [slice(5, 1000, 500)]);
    assert_eq!(graduated(&FLAT).slices(0), [slice(0, 1000, 500)]);
    assert_eq!(volume(&FLAT).slices(6), [slice(6, 800, 1000)]);
    let one = Slice { quantity: 3, unit_amount: decimal("0.5"), flat_amount: None };
    assert_eq!(per_unit("0.5").slices(3), [one]);
}

#[test]
fn what_comes_after_a_billed_quantity_is_priced_where_it_is() {
    let slice = |quantity, unit, flat: Option<i64>| Slice {
        quantity,
        unit_amount: Decimal::whole(unit),
        flat_amount: flat.map(Decimal::whole),
    };
    let beyond = graduated(&FLAT).slices_beyond(3, 8);
    assert_eq!(beyond, [slice(2, 1000, None), slice(3, 800, Some(1000))]);
    assert_eq!(graduated(&FLAT).slices_beyond(6, 8), [slice(0, 1000, None), slice(2, 800, None)]);
    assert_eq!(volume(&FLAT).slices_beyond(3, 8), [slice(5, 800, None)]);
    for tariff in [graduated(&FLAT), volume(&FLAT)] {
        assert_eq!(tariff.slices_beyond(0, 8), tariff.slices(8));
    }
}

#[test]
fn what_no_amount_can_hold_is_the_most_there_is() {
    assert_eq!(per_unit("999999999999").amount(i64::MAX), i64::MAX);
    assert_eq!(graduated(&FLAT).amount(i64::MAX), i64::MAX);
}
