//! When a new subscription begins, what its periods are counted from, and when its trial ends (billing 2.9, billing-2 4.3, 4.4).
//!
//! May use: the calendar, periods. Invariant: the first period begins now or at the backdated start, and ends with the trial, at the
//! anchor, or after a whole period.

use super::{Anchor, Period, Recurrence, Subscription};
use crate::error::{ApiError, Result};
use crate::limits::FUTURE_SECONDS_MAX;
use crate::state::document::{Doc, Map};
use crate::time::calendar::{self, DAY};

/// The longest trial, in days (billing-2 4.3).
const TRIAL_DAYS_MAX: i64 = 730;

/// The times of a new subscription, in Unix seconds.
#[derive(Clone, Debug)]
pub(super) struct Timing {
    /// When it is made.
    pub(super) now: i64,
    /// When it began.
    pub(super) start: i64,
    /// From when its periods are counted.
    pub(super) anchor: Anchor,
    /// How the anchor was chosen.
    pub(super) config: Option<Map>,
    /// When its trial ends.
    pub(super) trial_end: Option<i64>,
}

/// What the times depend on besides the parameters.
pub(super) struct Basis<'a> {
    /// Unix seconds.
    pub(super) now: i64,
    /// The shortest recurrence of its items.
    pub(super) shortest: Recurrence,
    /// The days of trial that its prices ask for.
    pub(super) plan_trial_days: Option<i64>,
    /// Whether its billing mode is flexible.
    pub(super) is_flexible: bool,
    /// The parameters of the call.
    pub(super) params: &'a Map,
}

impl Timing {
    /// Reads the parameters about times.
    ///
    /// # Errors
    /// A trial or an anchor in the past or too late, and parameters that exclude each other.
    pub(super) fn of(basis: &Basis<'_>) -> Result<Self> {
        let Basis { now, shortest, params, .. } = *basis;
        // In classic mode a trial ends with its subscription, if that is to end before (billing-2 2.2).
        let canceled = params.int("cancel_at").filter(|at| !basis.is_flexible && *at > now);
        let trial_end = trial_end(basis)?.map(|end| canceled.map_or(end, |at| at.min(end)));
        let start = match params.int("backdate_start_date") {
            Some(start) if start > now => return Err(ApiError::backdated_into_the_future()),
            Some(start) => start,
            None => now,
        };
        let from = trial_end.unwrap_or(now);
        let usual = match trial_end {
            Some(end) => end,
            None if basis.is_flexible => start,
            None => now,
        };
        let sent = params.int("billing_cycle_anchor");
        let config = params.map("billing_cycle_anchor_config");
        let anchor = match (sent, config) {
            (Some(_), Some(_)) => {
                return Err(ApiError::params_exclusive("billing_cycle_anchor", "billing_cycle_anchor_config"));
            }
            (None, Some(_)) if params.int("backdate_start_date").is_some() => {
                return Err(ApiError::params_exclusive("backdate_start_date", "billing_cycle_anchor_config"));
            }
            (Some(at), None) if at < now => return Err(ApiError::param_in_past("billing_cycle_anchor", at)),
            (Some(at), None) => {
                let latest = shortest.next(Anchor::at(from), from);
                if at > latest {
                    return Err(ApiError::anchor_too_late(latest));
                }
                Anchor::at(at)
            }
            (None, Some(config)) => by_config(config, from, shortest)?,
            (None, None) => Anchor::at(usual),
        };
        Ok(Timing { now, start, anchor, config: config.map(complete), trial_end })
    }

    /// The first period of an item: the trial, or the one that runs now.
    pub(super) fn first_period(&self, recurrence: Recurrence) -> Period {
        let Some(end) = self.trial_end else {
            let natural = recurrence.around(self.anchor, self.now);
            let end = if self.anchor.at > self.now { self.anchor.at } else { natural.end };
            return Period { start: natural.start.max(self.start), end };
        };
        Period { start: self.now, end }
    }

    /// The end of a first period of a subscription that is to end before, if it is billed for a part of it (billing-2 2.2).
    pub(super) fn shortened(&self, end: i64, subscription: &Subscription, params: &Map) -> i64 {
        let prorates = !subscription.is_flexible() || params.str("proration_behavior") != Some("none");
        match subscription.cancel_at {
            Some(at) if prorates && self.trial_end.is_none() => end.min(at),
            _ => end,
        }
    }
}

/// When the trial ends; `None` without one.
fn trial_end(basis: &Basis<'_>) -> Result<Option<i64>> {
    let Basis { now, params, .. } = *basis;
    let days = params.int("trial_period_days");
    let end = params.get("trial_end");
    if params.bool("trial_from_plan") == Some(true) {
        if days.is_some() || end.is_some() {
            return Err(ApiError::trial_from_plan_and_trial());
        }
        return Ok(basis.plan_trial_days.map(|days| now + days * DAY));
    }
    if days.is_some() && end.is_some_and(|end| !end.is_null()) {
        return Err(ApiError::params_exclusive("trial_end", "trial_period_days"));
    }
    if days.is_some_and(|days| days > TRIAL_DAYS_MAX) {
        return Err(ApiError::trial_too_long("trial_period_days", TRIAL_DAYS_MAX));
    }
    match (days, end) {
        (Some(days), _) if days < 0 => Err(ApiError::param_below("trial_period_days", 1)),
        (Some(days), _) => Ok((days > 0).then_some(now + days * DAY)),
        (None, Some(Doc::Int(end))) => check_trial_end(*end, now).map(Some),
        // `now` means none.
        (None, _) => Ok(None),
    }
}

/// A trial ends in the future, which is five years long for any time, and within two years; both times are Unix seconds.
///
/// # Errors
/// It does not.
pub(super) fn check_trial_end(end: i64, now: i64) -> Result<i64> {
    if end <= now {
        return Err(ApiError::param_in_past("trial_end", end));
    }
    if end > now.saturating_add(FUTURE_SECONDS_MAX) {
        return Err(ApiError::param_too_far("trial_end"));
    }
    if end > now + TRIAL_DAYS_MAX * DAY { Err(ApiError::trial_too_long("trial_end", TRIAL_DAYS_MAX)) } else { Ok(end) }
}

/// The first moment after another that `billing_cycle_anchor_config` names.
fn by_config(config: &Map, after: i64, shortest: Recurrence) -> Result<Anchor> {
    let Recurrence::Months(count) = shortest else { return Err(ApiError::anchor_config_needs_months()) };
    let part = |key: &str, least: i64, most: i64| match config.int(key) {
        Some(value) if !(least..=most).contains(&value) => Err(ApiError::anchor_config_out_of_range(key, least, most)),
        value => Ok(value),
    };
    let day = part("day_of_month", 1, 31)?.unwrap_or(1);
    let month = part("month", 1, 12)?;
    let time = [("hour", 23), ("minute", 59), ("second", 59)].map(|(key, most)| part(key, 0, most));
    let [hour, minute, second] = time;
    let own = after.rem_euclid(DAY);
    let (hour, minute, second) = match (hour?, minute?, second?) {
        (None, None, None) => (own / 3600, own / 60 % 60, own % 60),
        (hour, minute, second) => (hour.unwrap_or(0), minute.unwrap_or(0), second.unwrap_or(0)),
    };
    if month.is_some() && count == 1 {
        return Err(ApiError::anchor_config_month_needs_longer());
    }
    let (year, first) = calendar::year_and_month(after);
    let fits = |number: i64| month.is_none_or(|month| (number - month).rem_euclid(count.min(12)) == 0);
    let at = (0..=count.max(12) + 1)
        .map(|ahead| first - 1 + ahead)
        .map(|months| (year + months.div_euclid(12), months.rem_euclid(12) + 1))
        .filter(|(_, number)| fits(*number))
        .find_map(|(year, month)| {
            calendar::moment((year, month, day), (hour, minute, second)).filter(|at| *at > after)
        });
    Ok(Anchor::on_day(at.unwrap_or(after), day))
}

/// `billing_cycle_anchor_config` as it is shown.
fn complete(config: &Map) -> Map {
    let part = |key: &'static str| (key, config.get(key).cloned().unwrap_or_default());
    Map::from(["day_of_month", "hour", "minute", "month", "second"].map(part))
}
