//! Prorations (billing-2 3.1 to 3.5, 2.2).

use pinstripe::money::Decimal;
use pinstripe::pricing::{Bill, Remaining, Scheme, Tariff, Tier};

use super::{amount_off, decimal, lines, percent};

const APRIL: (i64, i64) = (1_775_001_600, 1_777_593_600);
const JUNE: (i64, i64) = (1_780_272_000, 1_782_864_000);
const FEBRUARY: (i64, i64) = (1_770_710_400, 1_773_129_600);

/// What is left, as a fraction.
fn left(part: i64, of: i64) -> Remaining {
    Remaining::of(0, of, of - part)
}

fn credit(remaining: Remaining, amount: i64) -> Option<i64> {
    remaining.credit(Decimal::whole(amount))
}

fn debit(remaining: Remaining, amount: i64) -> Option<i64> {
    remaining.debit(Decimal::whole(amount))
}

#[test]
fn each_line_of_a_change_is_rounded_to_the_nearest_cent_an_exact_half_down() {
    // The case, the period, the moment; what was billed and what is now; the credit and the debit.
    type Case = (&'static str, (i64, i64), i64, (i64, i64), (i64, i64));
    let year = (1_772_323_200, 1_772_323_200 + 31_536_000);
    let cases: [Case; 11] = [
        ("1000 to 2000, 1/2", APRIL, 1_776_297_600, (1000, 2000), (-500, 1000)),
        ("1000 to 2000, 1/3", APRIL, 1_776_729_600, (1000, 2000), (-333, 667)),
        ("2000 to 1000, 1/3", APRIL, 1_776_729_600, (2000, 1000), (-667, 333)),
        ("2900 to 7900", (1_768_471_200, 1_771_149_600), 1_769_358_600, (2900, 7900), (-1939, 5283)),
        ("1250 x 3 to x 5", (1_782_864_000, 1_785_542_400), 1_783_836_000, (3750, 6250), (-2389, 3982)),
        ("60 s left", JUNE, 1_782_863_940, (1000, 1800), (0, 0)),
        ("1 s in", JUNE, 1_780_272_001, (4999, 9999), (-4999, 9999)),
        ("yen", (1_772_323_200, 1_775_001_600), 1_773_824_400, (5000, 8000), (-2198, 3516)),
        ("a year, 4 s in", year, year.0 + 4, (25_000, 25_000), (-25_000, 25_000)),
        ("1000 to 3252", (1_596_749_288, 1_599_427_688), 1_598_982_148, (1000, 3252), (-166, 541)),
        ("minutes in", (0, 2_678_400), 2_678_400 - 2_678_327, (700, 1200), (-700, 1200)),
    ];
    for (case, (start, end), moment, (old, new), (credited, charged)) in cases {
        let remaining = Remaining::of(start, end, moment);
        assert_eq!((credit(remaining, old), debit(remaining, new)), (Some(credited), Some(charged)), "{case}");
    }
}

#[test]
fn an_exact_half_goes_to_the_lower_number() {
    let remaining = left(1, 400);
    assert_eq!((credit(remaining, 1000), debit(remaining, 1800)), (Some(-3), Some(4)));
    assert_eq!((credit(remaining, 1000), debit(remaining, 3000)), (Some(-3), Some(7)));
}

#[test]
fn what_is_added_is_charged_and_what_is_taken_away_or_canceled_is_credited() {
    let of = |moment| Remaining::of(FEBRUARY.0, FEBRUARY.1, moment);
    assert_eq!(debit(of(1_771_315_200), 900), Some(675));
    assert_eq!(credit(of(1_772_524_800), 700), Some(-175));
    assert_eq!(credit(Remaining::of(1_788_220_800, 1_790_812_800, 1_790_164_800), 1999), Some(-500));
}

#[test]
fn an_interval_change_credits_and_charges_for_periods_of_their_own() {
    let (start, month, year) = (1_789_430_400, 30 * 86_400, 365 * 86_400);
    let change = |moment, old, old_length, new, new_length| {
        let credited = credit(Remaining::of(start, start + old_length, moment), old);
        (credited, debit(Remaining::of(start, start + new_length, moment), new))
    };
    assert_eq!(change(start, 14_900, month, 149_000, year), (Some(-14_900), Some(149_000)));
    let midway = start + 15 * 86_400;
    assert_eq!(change(midway, 14_900, month, 149_000, year), (Some(-7450), Some(142_877)));
    assert_eq!(change(start, 149_000, year, 14_900, month), (Some(-149_000), Some(14_900)));
}

#[test]
fn a_line_is_made_while_time_is_left_and_there_is_something_to_prorate() {
    let (start, end) = JUNE;
    assert_eq!(credit(Remaining::of(start, end, end - 1), 1), Some(0));
    assert_eq!((credit(Remaining::of(start, end, start), 0), debit(Remaining::of(start, end, start), 0)), (None, None));
    for moment in [end, end + 1] {
        assert_eq!(debit(Remaining::of(start, end, moment), 1000), None);
    }
    assert_eq!(debit(Remaining::of(start, end, start - 1), 1000), Some(1000));
    assert_eq!(debit(Remaining::of(start, start, start), 1000), None);
}

#[test]
fn a_decimal_amount_is_prorated_before_it_is_rounded() {
    assert_eq!(left(1, 3).debit(decimal("1.5").times(3)), Some(1), "1.5; a third of 5 would be 1.67");
    assert_eq!(left(1, 4).debit(decimal("1.9").times(1)), Some(0), "0.475; a quarter of 2 would be 0.5");
    assert_eq!(left(3, 4).debit(decimal("0.5").times(3)), Some(1), "1.125; three quarters of 2 would be 1.5");
}

#[test]
fn tiers_are_prorated_as_their_totals() {
    let tiers = |scheme: fn(Vec<Tier>) -> Scheme| {
        let tier = |(up_to, unit)| Tier { up_to, unit_amount: Decimal::whole(unit), flat_amount: None };
        let tiers = [(Some(10), 500), (Some(50), 400), (None, 300)].map(tier).to_vec();
        Tariff { scheme: scheme(tiers), package: None }
    };
    let (graduated, volume) = (tiers(Scheme::Graduated), tiers(Scheme::Volume));
    let third = left(1, 3);
    assert_eq!((third.credit(graduated.exact(8)), third.debit(graduated.exact(12))), (Some(-1333), Some(1933)));
    let half = left(1, 2);
    assert_eq!((half.credit(volume.exact(8)), half.debit(volume.exact(12))), (Some(-2000), Some(2400)));
}

#[test]
fn discounts_lie_within_prorations() {
    let net = |amount| Bill { lines: lines(&[amount]), deductions: vec![percent("di", "10")], ..Bill::default() };
    let net = |amount| net(amount).totals().total;
    assert_eq!((credit(left(1, 2), net(2500)), debit(left(1, 2), net(4000))), (Some(-1125), Some(1800)));
    // An amount off is credited as the share that the line was really given.
    let bill = Bill { lines: lines(&[1000, 2000]), deductions: vec![amount_off("di", 500)], ..Bill::default() };
    assert_eq!(credit(left(1, 2), bill.totals().lines[0].total), Some(-417));
}
