//! Prorations: the part of a period's amount that a change within the period credits or charges (billing-2 3.1).
//!
//! May use: money. Invariant: each amount is rounded alone, to the nearest, an exact half to the lower number.

use crate::money::{Decimal, Rounding};

/// What is left of a billing period from a moment on, as an exact fraction in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    seconds: i64,
    of: i64,
}

impl Remaining {
    /// What is left at `moment` of the period from `start` up to `end`, in Unix seconds: all of it before the start,
    /// nothing from the end on.
    #[must_use]
    pub fn of(start: i64, end: i64, moment: i64) -> Self {
        let of = (end - start).max(0);
        Remaining { seconds: (end - moment).clamp(0, of), of }
    }

    /// What is given back of an amount that was billed for the whole period, with its sign: at most zero. `None` where
    /// no line is made.
    #[must_use]
    pub fn credit(self, whole: Decimal) -> Option<i64> {
        self.part(whole, -1)
    }

    /// What is charged of the whole period's amount. `None` where no line is made.
    #[must_use]
    pub fn debit(self, whole: Decimal) -> Option<i64> {
        self.part(whole, 1)
    }

    /// A line that comes to nothing by rounding is made; of nothing, and at the end of the period, there is none.
    fn part(self, whole: Decimal, sign: i64) -> Option<i64> {
        let is_line = self.seconds > 0 && whole != Decimal::ZERO;
        is_line.then(|| whole.part(sign * self.seconds, self.of, Rounding::HalfDown))
    }
}
