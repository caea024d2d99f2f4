//! Proportions of amounts: the one place where results are rounded.
//!
//! May use: nothing. Invariant: a result is within one unit of the exact ratio, and the shares of an amount add up to
//! it.

/// How a fraction of the smallest unit is rounded: one name for each recorded rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the lower number: shares of an amount off (billing-2 8.2).
    Down,
    /// To the nearest, an exact half to the higher number, below zero too: fees (core-payments 6.10.1), partial
    /// refunds, percentages off (billing-2 8.2).
    HalfUp,
    /// To the nearest, an exact half to the lower number, below zero too: prorations (billing-2 3.1).
    HalfDown,
    /// To the nearest, an exact half away from zero: decimal unit amounts (billing-2 3.6) and taxes (billing-2 9.1), so
    /// that a credit is exactly the negative of the same charge.
    HalfAwayFromZero,
}

/// `part` of `of` parts of `whole`, rounded. `whole` is in a currency's smallest unit, `of` above zero.
#[must_use]
pub fn proportion(whole: i64, part: i64, of: i64, rounding: Rounding) -> i64 {
    divided(i128::from(whole) * i128::from(part), i128::from(of), rounding)
}

/// Divides `amount` in proportion to `weights`, of which none is below zero: each share is rounded, and the rest goes
/// to the last one. No share is above its weight, so at most the sum of the weights is divided.
#[must_use]
pub fn spread(amount: i64, weights: &[i64], rounding: Rounding) -> Vec<i64> {
    let whole: i128 = weights.iter().copied().map(i128::from).sum();
    let amount = i128::from(amount).clamp(0, whole);
    let mut left = saturated(amount);
    let mut shares = Vec::with_capacity(weights.len());
    for weight in weights {
        let share = divided(amount.saturating_mul(i128::from(*weight)), whole, rounding).min(left);
        left -= share;
        shares.push(share);
    }
    // If the last share has no room for the rest, the one before it takes what is left, and so on.
    for (share, weight) in shares.iter_mut().zip(weights).rev() {
        let more = left.min(weight - *share);
        *share += more;
        left -= more;
    }
    shares
}

/// The rounded quotient; the denominator is above zero. A quotient beyond `i64` becomes the nearest `i64`.
pub(super) fn divided(numerator: i128, denominator: i128, rounding: Rounding) -> i64 {
    let denominator = denominator.max(1);
    let (lower, over) = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
    let (past_half, half) = (over > denominator - over, over == denominator - over);
    let is_higher = match rounding {
        Rounding::Down => false,
        Rounding::HalfUp => past_half || half,
        Rounding::HalfDown => past_half,
        Rounding::HalfAwayFromZero => past_half || (half && numerator > 0),
    };
    saturated(lower + i128::from(is_higher))
}

fn saturated(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_proportion_is_the_nearest_whole_number_on_both_sides_of_zero() {
        let proportion = |whole, part, of| proportion(whole, part, of, Rounding::HalfUp);
        assert_eq!((proportion(1500, 10, 31), proportion(-1500, 10, 31)), (484, -484));
        assert_eq!((proportion(1, 1, 2), proportion(-1, 1, 2), proportion(-3, 1, 2)), (1, 0, -1));
        assert_eq!((proportion(-2000, 1, 3), proportion(1000, 1, 3)), (-667, 333));
    }

    #[test]
    fn each_rule_has_its_own_exact_half() {
        for (rounding, halves) in [
            (Rounding::Down, [-2, -1, 0, 1]),
            (Rounding::HalfUp, [-1, 0, 1, 2]),
            (Rounding::HalfDown, [-2, -1, 0, 1]),
            (Rounding::HalfAwayFromZero, [-2, -1, 1, 2]),
        ] {
            assert_eq!([-3, -1, 1, 3].map(|whole| proportion(whole, 1, 2, rounding)), halves, "{rounding:?}");
        }
        assert_eq!(proportion(2, 2, 3, Rounding::Down), 1, "1.33");
        assert_eq!(proportion(-2, 2, 3, Rounding::Down), -2, "-1.33");
    }

    #[test]
    fn what_does_not_fit_is_the_nearest_that_does() {
        assert_eq!(proportion(i64::MAX, i64::MAX, 1, Rounding::HalfUp), i64::MAX);
        assert_eq!(proportion(i64::MIN, i64::MAX, 1, Rounding::HalfDown), i64::MIN);
        assert_eq!(proportion(i64::MAX, i64::MAX, i64::MAX, Rounding::HalfUp), i64::MAX);
        assert_eq!(spread(i64::MAX, &[i64::MAX, i64::MAX], Rounding::Down).iter().sum::<i64>(), i64::MAX);
    }

    #[test]
    fn no_share_is_above_its_weight() {
        assert_eq!(spread(6, &[2, 2, 2, 1], Rounding::Down), [1, 2, 2, 1]);
        assert_eq!(spread(2, &[1, 1, 1, 1], Rounding::HalfUp), [1, 1, 0, 0]);
        assert_eq!(spread(9, &[2, 3], Rounding::Down), [2, 3]);
        assert_eq!(spread(5, &[0, 0], Rounding::Down), [0, 0]);
        assert_eq!(spread(5, &[], Rounding::Down), [0_i64; 0]);
    }

    fn roundings() -> impl Strategy<Value = Rounding> {
        prop_oneof![
            Just(Rounding::Down),
            Just(Rounding::HalfUp),
            Just(Rounding::HalfDown),
            Just(Rounding::HalfAwayFromZero)
        ]
    }

    proptest! {
        #[test]
        fn a_proportion_is_within_half_a_unit(whole in -1_000_000_000_i64..1_000_000_000, part in 0_i64..100_000, of in 1_i64..100_000) {
            let exact = i128::from(whole) * i128::from(part);
            let off = |rounding| 2 * (i128::from(proportion(whole, part, of, rounding)) * i128::from(of) - exact);
            let of = i128::from(of);
            let (up, down, away) =
                (off(Rounding::HalfUp), off(Rounding::HalfDown), off(Rounding::HalfAwayFromZero));
            prop_assert!(-of < up && up <= of, "{up}");
            prop_assert!(-of <= down && down < of, "{down}");
            prop_assert!(-of <= away && away <= of, "{away}");
            let floor = off(Rounding::Down);
            prop_assert!(-2 * of < floor && floor <= 0, "{floor}");
        }

        #[test]
        fn away_from_zero_is_the_same_on_both_sides(whole in 0_i64..1_000_000_000, part in 0_i64..1_000, of in 1_i64..1_000) {
            let rounded = |whole| proportion(whole, part, of, Rounding::HalfAwayFromZero);
            prop_assert_eq!(rounded(-whole), -rounded(whole));
        }

        #[test]
        fn shares_add_up(amount in 0_i64..10_000, weights in proptest::collection::vec(0_i64..2_000, 0..8), rounding in roundings()) {
            let shares = spread(amount, &weights, rounding);
            prop_assert_eq!(shares.iter().sum::<i64>(), amount.min(weights.iter().sum()));
            prop_assert!(shares.iter().zip(&weights).all(|(share, weight)| (0..=*weight).contains(share)), "{:?}", shares);
        }
    }
}
