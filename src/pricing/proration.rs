//! Prorations: the part of a period's amount that a change within the period credits or charges (billing-2 3.1).
//!
//! May use: money. Invariant: each amount is rounded alone, to the nearest, an exact half to the lower number.

use crate::money::{Decimal, Rounding};

/// The rest of a billing period, or a span within it, as an exact fraction in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    seconds: i64,
    of: i64,
}

impl Remaining {
    /// The rest at `moment` of the period from `start` to `end`, in Unix seconds: all of it before the start, nothing
    /// from the end on.
    #[must_use]
    pub fn of(start: i64, end: i64, moment: i64) -> Self {
        let of = (end - start).max(0);
        Remaining { seconds: (end - moment).clamp(0, of), of }
    }

    /// A span within the period from `start` to `end`, all in Unix seconds; what lies outside of the period counts for nothing.
    #[must_use]
    pub fn between(from: i64, to: i64, (start, end): (i64, i64)) -> Self {
        let of = (end - start).max(0);
        let seconds = (to.min(end) - from.max(start)).clamp(0, of);
        Remaining { seconds, of }
    }

    /// The credit for an amount that was billed for the whole period: zero or below. `None` if there is no line.
    #[must_use]
    pub fn credit(self, whole: Decimal) -> Option<i64> {
        self.part(whole, -1)
    }

    /// The charge for the rest of the period, if the whole costs `whole`. `None` if there is no line.
    #[must_use]
    pub fn debit(self, whole: Decimal) -> Option<i64> {
        self.part(whole, 1)
    }

    /// A line that is rounded to zero exists; there is none for an amount of zero, or at the end of the period.
    fn part(self, whole: Decimal, sign: i64) -> Option<i64> {
        let is_line = self.seconds > 0 && whole != Decimal::ZERO;
        is_line.then(|| whole.part(sign * self.seconds, self.of, Rounding::HalfDown))
    }
}
