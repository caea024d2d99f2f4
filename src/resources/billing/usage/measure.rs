//! The usage of a customer on a meter in a span of time: what a metered price is billed by.
//!
//! May use: the running totals. Invariant: the usage of a span is that of its parts put together, wherever it is cut; it
//! takes as long as the span has hours with events, not as there are events.

use std::ops::Range;

use super::hours::{self, Total};
use super::meters::{Formula, Meter};
use crate::state::Tx;
use crate::time::calendar::MINUTE;

/// What a customer used of a meter in a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage(Total);

impl Usage {
    /// The number by a formula; zero without an event. A sum, and a last value, may be below zero.
    pub fn by(self, formula: Formula) -> i64 {
        match formula {
            Formula::Count => self.0.count,
            Formula::Last => self.0.last,
            Formula::Sum => self.0.sum,
        }
    }

    /// The quantity to bill by a meter: usage below zero is billed as none.
    pub fn quantity(self, meter: &Meter) -> i64 {
        self.by(meter.formula()).max(0)
    }

    /// Whether there was no event.
    pub fn is_empty(self) -> bool {
        self.0.count == 0
    }

    /// Adds the usage of a later span.
    pub(super) fn add(&mut self, more: Total) {
        self.0.add(more);
    }
}

/// The usage of a customer (by id) on a meter (by id) of the transaction's account: of the events with a time from `span.start`
/// up to, and without, `span.end`, in Unix seconds.
///
/// ```text
/// let quantity = usage::of(tx, &meter.id, &customer, period.start..period.end).quantity(&meter);
/// ```
pub fn of(tx: &Tx, meter: &str, customer: &str, span: Range<i64>) -> Usage {
    let mut usage = Usage::default();
    each_minute(tx, meter, customer, &span, |_, total| usage.add(total));
    usage
}

/// Passes what was used in each minute of a span, oldest first, with the time at which the minute begins.
pub(super) fn each_minute(tx: &Tx, meter: &str, customer: &str, span: &Range<i64>, mut out: impl FnMut(i64, Total)) {
    for hour in hours::within(tx, meter, customer, span) {
        for row in hour.rows() {
            let end = row.at.saturating_add(MINUTE);
            if row.at >= span.start && end <= span.end {
                out(row.at, row.total);
            } else if end > span.start && row.at < span.end {
                let part = hours::part_of_minute(tx, &hour, row.at, span);
                if part.count > 0 {
                    out(row.at, part);
                }
            }
        }
    }
}
