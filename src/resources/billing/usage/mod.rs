//! What customers use (billing 5.1, billing-2 11.2): meters, their events, and what the events add up to.
//!
//! | module | what it does |
//! |---|---|
//! | [`meters`] | meters, each with a formula and the name of its events |
//! | [`meter_events`] | events, how they are accepted and checked, and their adjustments |
//! | [`hours`] | the running totals, one record for each meter, customer and hour |
//! | [`measure`] | the usage of a customer in a span of time, for whoever bills it |
//! | `summaries` | that usage as a list |
//! | `reports` | reports of events that count for nothing |
//! | [`alerts`] | alerts at a threshold |
//! | [`streams`] | the operations of `/v2` |
//! | [`usage_records`] | usage of versions before meters |
//!
//! May use: customers, the generic operations for thin events. Invariant: the running totals are what the counted events add
//! up to; an event that is refused, or reported, adds nothing.

pub mod alerts;
pub mod hours;
pub mod measure;
pub mod meter_events;
pub mod meters;
mod reports;
pub mod streams;
mod summaries;
pub mod usage_records;

pub use self::measure::{Usage, of};
pub use self::meters::{Formula, Meter};
