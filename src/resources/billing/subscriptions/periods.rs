//! Billing periods: when they begin and end, counted from an anchor (billing 2.9, billing-2 2.3, 4.4).
//!
//! May use: the calendar. Invariant: everything here is a value; a period ends where the next one begins, and months are counted
//! from the anchor, never from the period before.

use crate::money::Decimal;
use crate::pricing::Remaining;
use crate::state::document::{Doc, Map};
use crate::time::calendar::{self, DAY, Interval};

/// How often something is billed: so many days, or so many months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recurrence {
    /// A number of days; a week has seven.
    Days(i64),
    /// A number of months; a year has twelve.
    Months(i64),
}

/// A moment from which periods are counted, in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The moment, in Unix seconds.
    pub at: i64,
    /// From where months are counted, in Unix seconds: the moment, or an earlier one in a month that has the wanted day.
    base: i64,
    /// The months from there to the moment.
    offset: i64,
}

/// A span of time, in Unix seconds; the end is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first second.
    pub start: i64,
    /// The first second after it.
    pub end: i64,
}

impl Recurrence {
    /// The recurrence of a price, from what it shows; `None` if it is paid once.
    pub fn of(price: &Map) -> Option<Self> {
        let recurring = price.map("recurring")?;
        let unit = Interval::parse(recurring.str("interval")?)?;
        Some(Recurrence::every(unit, recurring.int("interval_count").unwrap_or(1)))
    }

    /// A number of intervals.
    pub fn every(unit: Interval, count: i64) -> Self {
        let count = count.max(1);
        match unit {
            Interval::Day => Recurrence::Days(count),
            Interval::Week => Recurrence::Days(count.saturating_mul(7)),
            Interval::Month => Recurrence::Months(count),
            Interval::Year => Recurrence::Months(count.saturating_mul(12)),
        }
    }

    /// Whether it is a whole multiple of another, so that both can be on one subscription (billing-2 2.3).
    pub fn is_multiple_of(self, other: Recurrence) -> bool {
        match (self, other) {
            (Recurrence::Days(own), Recurrence::Days(other)) | (Recurrence::Months(own), Recurrence::Months(other)) => {
                own % other == 0
            }
            (Recurrence::Months(_), Recurrence::Days(other)) => other == 1,
            (Recurrence::Days(_), Recurrence::Months(_)) => false,
        }
    }

    /// About how many seconds it lasts, to compare two.
    pub fn length(self) -> i64 {
        match self {
            Recurrence::Days(days) => days.saturating_mul(DAY),
            Recurrence::Months(months) => months.saturating_mul(30 * DAY),
        }
    }

    /// The boundary that is so many periods after the anchor, or before it. Where the calendar ends, the end of time.
    fn boundary(self, anchor: Anchor, number: i64) -> i64 {
        let at = match self {
            Recurrence::Days(days) => {
                number.checked_mul(days).and_then(|days| days.checked_mul(DAY)?.checked_add(anchor.at))
            }
            Recurrence::Months(months) => number
                .checked_mul(months)
                .and_then(|months| Interval::Month.after(anchor.base, months.checked_add(anchor.offset)?)),
        };
        at.unwrap_or(i64::MAX)
    }

    /// The number of the first boundary after a moment.
    fn number_after(self, anchor: Anchor, moment: i64) -> i64 {
        let months = |at: i64| {
            let (year, month) = calendar::year_and_month(at);
            year * 12 + month
        };
        let mut number = match self {
            Recurrence::Days(days) => (moment - anchor.at).div_euclid(days.saturating_mul(DAY)),
            Recurrence::Months(count) => (months(moment) - months(anchor.at)).div_euclid(count) - 1,
        };
        while self.boundary(anchor, number) <= moment {
            number += 1;
        }
        number
    }

    /// The first boundary after a moment, in Unix seconds.
    pub fn next(self, anchor: Anchor, moment: i64) -> i64 {
        self.boundary(anchor, self.number_after(anchor, moment))
    }

    /// The whole period that a moment is in.
    pub fn around(self, anchor: Anchor, moment: i64) -> Period {
        let number = self.number_after(anchor, moment);
        Period { start: self.boundary(anchor, number - 1), end: self.boundary(anchor, number) }
    }

    /// What is due for a span of time, of an amount for a whole period: all of it for whole periods, a part (to the nearest, an
    /// exact half to the lower number) for a span within one. `None` if nothing is due.
    pub fn share(self, anchor: Anchor, span: Period, whole: Decimal) -> Option<i64> {
        let natural = self.around(anchor, span.start);
        Remaining::of(natural.start, natural.end, natural.end - span.seconds()).debit(whole)
    }

    /// Whether a span is one of the whole periods.
    pub fn is_whole(self, anchor: Anchor, span: Period) -> bool {
        self.around(anchor, span.start) == span
    }
}

impl Anchor {
    /// The anchor at a moment, in Unix seconds.
    pub fn at(moment: i64) -> Self {
        Anchor { at: moment, base: moment, offset: 0 }
    }

    /// The anchor at a moment that was chosen by a day of the month (1 to 31): in a month that is too short its last day.
    pub fn on_day(moment: i64, day: i64) -> Self {
        let (month, own) = calendar::month_and_day(moment);
        // December has every day.
        match Interval::Month.after(moment, -month) {
            Some(december) if day > own => Anchor { at: moment, base: december + (day - own) * DAY, offset: month },
            _ => Anchor::at(moment),
        }
    }
}

impl Period {
    /// How long it is.
    pub fn seconds(self) -> i64 {
        self.end - self.start
    }

    /// As a line of an invoice shows it.
    pub fn shown(self) -> Map {
        Map::from([("end", Doc::from(self.end)), ("start", self.start.into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::calendar::rfc3339;

    /// 2027-01-31T10:30:00Z
    const LAST_OF_JANUARY: i64 = 1_801_391_400;

    fn dates(recurrence: Recurrence, anchor: Anchor, count: usize) -> Vec<String> {
        let ends = std::iter::successors(Some(anchor.at), |end| Some(recurrence.next(anchor, *end)));
        ends.take(count).map(|end| rfc3339(end)[..10].to_owned()).collect()
    }

    #[test]
    fn months_keep_the_day_of_the_anchor() {
        let anchor = Anchor::at(LAST_OF_JANUARY);
        let monthly = ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"];
        assert_eq!(dates(Recurrence::Months(1), anchor, 5), monthly);
        assert_eq!(dates(Recurrence::Months(12), anchor, 3), ["2027-01-31", "2028-01-31", "2029-01-31"]);
        assert_eq!(dates(Recurrence::Days(7), anchor, 3), ["2027-01-31", "2027-02-07", "2027-02-14"]);
    }

    #[test]
    fn a_chosen_day_comes_back_after_a_month_that_is_too_short() {
        // 2027-02-28T10:30:00Z
        let anchor = Anchor::on_day(LAST_OF_JANUARY + 28 * DAY, 31);
        assert_eq!(dates(Recurrence::Months(1), anchor, 3), ["2027-02-28", "2027-03-31", "2027-04-30"]);
        let leap = dates(Recurrence::Months(12), anchor, 3);
        assert_eq!(leap, ["2027-02-28", "2028-02-29", "2029-02-28"]);
    }

    #[test]
    fn a_period_around_a_moment_holds_it() {
        let anchor = Anchor::at(LAST_OF_JANUARY);
        for recurrence in [Recurrence::Days(1), Recurrence::Days(14), Recurrence::Months(1), Recurrence::Months(36)] {
            for moment in (-400..400).map(|days| LAST_OF_JANUARY + days * 5 * DAY + 17) {
                let period = recurrence.around(anchor, moment);
                assert!((period.start..period.end).contains(&moment), "{recurrence:?} {moment}");
                assert_eq!(recurrence.next(anchor, period.start), period.end);
                assert!(recurrence.is_whole(anchor, period));
            }
        }
    }

    #[test]
    fn intervals_go_together_if_one_is_a_multiple() {
        use Interval::{Day, Month, Week, Year};
        let fits = |(one, count): (Interval, i64), (other, times): (Interval, i64)| {
            Recurrence::every(other, times).is_multiple_of(Recurrence::every(one, count))
        };
        // The rows of billing-2 2.3.
        for (one, other) in [
            ((Month, 1), (Month, 3)),
            ((Month, 1), (Year, 1)),
            ((Day, 1), (Week, 1)),
            ((Day, 1), (Month, 3)),
            ((Day, 1), (Year, 2)),
            ((Week, 2), (Week, 4)),
            ((Month, 2), (Month, 6)),
        ] {
            assert!(fits(one, other), "{one:?} {other:?}");
        }
        for (one, other) in [
            ((Month, 2), (Month, 3)),
            ((Month, 4), (Month, 6)),
            ((Week, 1), (Month, 1)),
            ((Day, 2), (Week, 1)),
            ((Month, 5), (Year, 1)),
        ] {
            assert!(!fits(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_span_within_a_period_costs_its_part() {
        let anchor = Anchor::at(LAST_OF_JANUARY);
        let whole = Recurrence::Months(1).around(anchor, LAST_OF_JANUARY);
        let share = |span| Recurrence::Months(1).share(anchor, span, Decimal::whole(1000));
        assert_eq!(share(whole), Some(1000));
        assert_eq!(share(Period { start: whole.start + whole.seconds() / 2, ..whole }), Some(500));
        assert_eq!(share(Period { start: whole.end, end: whole.end }), None);
    }
}
