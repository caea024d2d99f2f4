//! How far a test clock goes at a time (billing-2 10.3).
//!
//! May use: customers; subscriptions as the API shows them. Invariant: the limit counts from the time that the clock shows, in
//! intervals of the calendar, and may be reached exactly.

use crate::resources::customers::customer::Customer;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Tx};
use crate::time::calendar::Interval;

const SUBSCRIPTION: Kind = crate::kind!("subscription");
const PRICE: Kind = crate::kind!("price");

/// How many intervals of the shortest subscription a clock goes at a time.
const INTERVALS_MAX: i64 = 2;

/// How far a clock without subscriptions goes at a time, in years.
const YEARS_MAX: i64 = 2;

/// The statuses of a subscription that has ended.
const ENDED: [&str; 2] = ["canceled", "incomplete_expired"];

/// An interval of the calendar and how many of them are one period.
pub(super) type Period = (Interval, i64);

/// The shortest period of the subscriptions on a clock; `None` without one. It reads what the API shows, so that it holds for
/// every form in which a subscription is stored.
pub(super) fn shortest_interval(tx: &Tx, clock: &str) -> Option<Period> {
    subscriptions(tx, clock)
        .iter()
        .flat_map(|subscription| periods(tx, subscription))
        .min_by_key(|period| length(*period))
}

/// Whether a subscription that has not ended is on a clock.
pub(super) fn has_subscription(tx: &Tx, clock: &str) -> bool {
    !subscriptions(tx, clock).is_empty()
}

/// The subscriptions on a clock that have not ended, as the API shows them.
fn subscriptions(tx: &Tx, clock: &str) -> Vec<Map> {
    let customers = tx.having::<Customer>("test_clock", clock);
    let records = customers.iter().flat_map(|customer| tx.records_having(SUBSCRIPTION, "customer", &customer.id));
    let documents = records.map(|record| record.object.to_doc());
    documents.filter(|subscription| !subscription.str("status").is_some_and(|status| ENDED.contains(&status))).collect()
}

/// The periods of a subscription's items, whose prices may be named by their ids.
fn periods(tx: &Tx, subscription: &Map) -> Vec<Period> {
    let items = subscription.map("items").and_then(|items| items.list("data")).unwrap_or_default();
    let period = |item: &Doc| {
        let price = item.as_map()?.get("price")?;
        let stored = || Some(tx.record(PRICE, price.as_str()?)?.object.to_doc());
        let price = price.as_map().cloned().or_else(stored)?;
        let recurring = price.map("recurring")?;
        Some((Interval::parse(recurring.str("interval")?)?, recurring.int("interval_count").unwrap_or(1)))
    };
    items.iter().filter_map(period).collect()
}

/// The length of a period, counted from the epoch: enough to compare two.
fn length((interval, count): Period) -> i64 {
    interval.after(0, count).unwrap_or(i64::MAX)
}

/// The furthest time to which a clock goes from the time that it shows, both in Unix seconds; `None` where the calendar ends.
pub(super) fn furthest(frozen_time: i64, shortest: Option<Period>) -> Option<i64> {
    match shortest {
        Some((interval, count)) => interval.after(frozen_time, count.checked_mul(INTERVALS_MAX)?),
        None => Interval::Year.after(frozen_time, YEARS_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{AccountKey, State};
    use crate::time::calendar::DAY;

    /// 8 November 2024, 08:27:07.
    const NOVEMBER: i64 = 1_731_054_427;

    #[test]
    fn a_clock_goes_two_intervals_of_the_calendar() {
        // 8 January 2025, 08:27:07: 61 days.
        assert_eq!(furthest(NOVEMBER, Some((Interval::Month, 1))), Some(NOVEMBER + 61 * DAY));
        assert_eq!(furthest(NOVEMBER, Some((Interval::Week, 1))), Some(NOVEMBER + 14 * DAY));
        assert_eq!(furthest(NOVEMBER, Some((Interval::Day, 3))), Some(NOVEMBER + 6 * DAY));
        assert_eq!(furthest(NOVEMBER, None), Some(NOVEMBER + 730 * DAY));
        assert_eq!(furthest(NOVEMBER, Some((Interval::Year, i64::MAX))), None);
    }

    #[test]
    fn the_shortest_of_the_items_counts() {
        let price = |interval: &'static str, count: i64| {
            let recurring = Map::from([("interval", Doc::from(interval)), ("interval_count", count.into())]);
            Doc::Map(Map::from([("price", Map::from([("recurring", recurring)]))]))
        };
        let items = Map::from([("data", Doc::List(vec![price("year", 1), price("week", 3), price("month", 1)]))]);
        let tx = Tx::new(&State::default(), AccountKey::PLATFORM, crate::contract::indexes);
        let periods = periods(&tx, &Map::from([("items", items)]));
        assert_eq!(periods.len(), 3);
        assert_eq!(periods.into_iter().min_by_key(|period| length(*period)), Some((Interval::Week, 3)));
    }
}
