//! How far a test clock goes at a time (billing-2 10.3).
//!
//! May use: subscriptions with their items. Invariant: the limit counts from the time that the clock shows, in intervals of the
//! calendar, and may be reached exactly.

use crate::resources::billing::subscription_items;
use crate::resources::billing::subscriptions::{Anchor, Recurrence, Subscription};
use crate::state::Tx;
use crate::time::calendar::Interval;

/// How many intervals of the shortest subscription a clock goes at a time.
const INTERVALS_MAX: u32 = 2;

/// How far a clock without subscriptions goes at a time, in years.
const YEARS_MAX: i64 = 2;

/// How often the shortest subscription on a clock bills that has not ended; `None` without one.
pub(super) fn shortest_interval(tx: &Tx, clock: &str) -> Option<Recurrence> {
    let subscriptions = tx.having::<Subscription>("test_clock", clock);
    let live = subscriptions.iter().filter(|subscription| !subscription.has_ended());
    live.flat_map(|subscription| subscription_items::of(tx, &subscription.id))
        .map(|item| item.recurrence())
        .min_by_key(|recurrence| recurrence.length())
}

/// The furthest time to which a clock goes from the time that it shows, both in Unix seconds; `None` where the calendar ends.
pub(super) fn furthest(frozen_time: i64, shortest: Option<Recurrence>) -> Option<i64> {
    let Some(recurrence) = shortest else { return Interval::Year.after(frozen_time, YEARS_MAX) };
    let most = (0..INTERVALS_MAX).fold(frozen_time, |at, _| recurrence.next(Anchor::at(frozen_time), at));
    Some(most).filter(|most| *most < i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::calendar::DAY;

    /// 8 November 2024, 08:27:07.
    const NOVEMBER: i64 = 1_731_054_427;

    #[test]
    fn a_clock_goes_two_intervals_of_the_calendar() {
        // 8 January 2025, 08:27:07: 61 days.
        assert_eq!(furthest(NOVEMBER, Some(Recurrence::Months(1))), Some(NOVEMBER + 61 * DAY));
        assert_eq!(furthest(NOVEMBER, Some(Recurrence::Days(7))), Some(NOVEMBER + 14 * DAY));
        assert_eq!(furthest(NOVEMBER, Some(Recurrence::Days(3))), Some(NOVEMBER + 6 * DAY));
        assert_eq!(furthest(NOVEMBER, None), Some(NOVEMBER + 730 * DAY));
    }
}
