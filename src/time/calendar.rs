//! Days, months and how times are written, all in UTC.
//!
//! May use: jiff. Invariant: months are counted from an anchor, never from the end of the period before, so that the
//! 31st of January leads to the 28th of February and then to the 31st of March.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

/// Seconds of a minute.
pub const MINUTE: i64 = 60;

/// Seconds of an hour.
pub const HOUR: i64 = 60 * MINUTE;

/// Seconds of a day.
pub const DAY: i64 = 24 * HOUR;

/// The first second of a day; `now` and the result in Unix seconds.
pub fn midnight(now: i64) -> i64 {
    now - now.rem_euclid(DAY)
}

/// The last second of the day that is `days` after that of `now`, in Unix seconds.
pub fn end_of_day(now: i64, days: i64) -> i64 {
    midnight(now) + (days + 1) * DAY - 1
}

/// The year and the month (1 to 12) of a time in Unix seconds.
pub fn year_and_month(now: i64) -> (i64, i64) {
    let date = zoned(now);
    (i64::from(date.year()), i64::from(date.month()))
}

/// The month (1 to 12) and the day (1 to 31) of a time in Unix seconds.
pub fn month_and_day(now: i64) -> (i64, i64) {
    let date = zoned(now);
    (i64::from(date.month()), i64::from(date.day()))
}

/// A time in Unix seconds as RFC 3339 has it, without fractions.
pub fn rfc3339(seconds: i64) -> String {
    timestamp(seconds).to_string()
}

/// A time in Unix seconds as `/v2` writes it: RFC 3339 with milliseconds.
pub fn rfc3339_millis(seconds: i64) -> String {
    timestamp(seconds).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// A time in Unix seconds as sentences have it, such as `2024-11-23 00:00:00 UTC`.
pub fn in_words(seconds: i64) -> String {
    timestamp(seconds).strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// The date of a time in Unix seconds as documents have it, such as `November 3, 2024`, in UTC.
pub fn date_in_words(seconds: i64) -> String {
    timestamp(seconds).strftime("%B %-d, %Y").to_string()
}

/// A date as the lines of invoices have it, such as `21 Sep 2026`, in UTC; `seconds` is Unix seconds.
pub fn date_in_short(seconds: i64) -> String {
    timestamp(seconds).strftime("%d %b %Y").to_string()
}

/// The moment of a date (year, month 1 to 12, day 1 to 31) and a time (hour, minute, second) in UTC, in Unix seconds; in a month
/// that is too short its last day. `None` if the calendar has no such moment.
pub fn moment((year, month, day): (i64, i64, i64), (hour, minute, second): (i64, i64, i64)) -> Option<i64> {
    let part = |value: i64| i8::try_from(value).ok();
    let first = jiff::civil::Date::new(i16::try_from(year).ok()?, part(month)?, 1).ok()?;
    let day = part(day)?.min(first.days_in_month());
    let date = jiff::civil::Date::new(first.year(), first.month(), day).ok()?;
    let time = jiff::civil::Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()?;
    Some(date.to_datetime(time).to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

/// What a period is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// 24 hours.
    Day,
    /// Seven days.
    Week,
    /// A month of the calendar.
    Month,
    /// A year of the calendar.
    Year,
}

impl Interval {
    /// The interval of this name, as the API has it.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "day" => Interval::Day,
            "week" => Interval::Week,
            "month" => Interval::Month,
            "year" => Interval::Year,
            _ => return None,
        })
    }

    /// The time that is `count` intervals after `anchor`, in Unix seconds; in a month that is too short its last day.
    /// `None` where the calendar ends.
    pub fn after(self, anchor: i64, count: i64) -> Option<i64> {
        let span = Span::new();
        let span = match self {
            Interval::Day => span.try_days(count),
            Interval::Week => span.try_weeks(count),
            Interval::Month => span.try_months(count),
            Interval::Year => span.try_years(count),
        };
        let end = zoned(anchor).checked_add(span.ok()?).ok()?;
        Some(end.timestamp().as_second())
    }
}

fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn zoned(seconds: i64) -> Zoned {
    timestamp(seconds).to_zoned(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a time").as_second()
    }

    #[test]
    fn months_are_counted_from_the_anchor() {
        let anchor = at("2027-01-31T10:30:00Z");
        let ends: Vec<String> = (1..=4).map(|n| rfc3339(Interval::Month.after(anchor, n).expect("a time"))).collect();
        let expected = ["2027-02-28T10:30:00Z", "2027-03-31T10:30:00Z", "2027-04-30T10:30:00Z", "2027-05-31T10:30:00Z"];
        assert_eq!(ends, expected);
        assert_eq!(Interval::Year.after(at("2028-02-29T00:00:00Z"), 1), Some(at("2029-02-28T00:00:00Z")));
        assert_eq!(Interval::Year.after(at("2028-02-29T00:00:00Z"), 4), Some(at("2032-02-29T00:00:00Z")));
        assert_eq!(Interval::Week.after(anchor, 2), Some(anchor + 14 * DAY));
        assert_eq!(Interval::Day.after(anchor, 1), Some(anchor + DAY));
        assert_eq!(Interval::Year.after(anchor, 10_000), None);
    }

    #[test]
    fn days_begin_and_end_in_utc() {
        let noon = at("2026-01-01T12:00:00Z");
        assert_eq!(midnight(noon), at("2026-01-01T00:00:00Z"));
        assert_eq!(midnight(-1), -DAY);
        assert_eq!(end_of_day(noon, 7), at("2026-01-08T23:59:59Z"));
        assert_eq!(year_and_month(noon - DAY), (2025, 12));
        assert_eq!(rfc3339_millis(noon), "2026-01-01T12:00:00.000Z");
    }

    #[test]
    fn intervals_have_the_names_of_the_api() {
        assert_eq!(Interval::parse("week"), Some(Interval::Week));
        assert_eq!(Interval::parse("fortnight"), None);
    }
}
