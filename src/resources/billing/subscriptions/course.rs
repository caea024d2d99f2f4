//! Which way a change takes: within the periods that run, or from a new anchor (billing 2.9, 2.10, billing-2 2.2, 4.3).
//!
//! May use: items, periods. Invariant: the course of a change and the new periods follow from the items before and after it, the
//! billing mode and the parameters.

use std::sync::Arc;

use super::change::{self, NextTerms, ProrationBehavior};
use super::timing;
use super::{Anchor, Period, Subscription, SubscriptionStatus};
use crate::error::{ApiError, Result};
use crate::resources::billing::subscription_items::SubscriptionItem;
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::time::calendar::DAY;

/// The way that a change takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// The anchor stays.
    Same,
    /// New periods begin now.
    Restart,
    /// A trial begins now.
    TrialBegins,
    /// The trial ends at another time.
    TrialMoves,
    /// The trial is over now.
    TrialEnds,
}

/// What a course follows from.
pub(super) struct CourseTerms<'a> {
    pub(super) subscription: &'a Subscription,
    pub(super) before: &'a [Arc<SubscriptionItem>],
    pub(super) after: &'a [Arc<SubscriptionItem>],
    /// Unix seconds.
    pub(super) now: i64,
    pub(super) params: &'a Map,
}

impl CourseTerms<'_> {
    /// From when on parts of periods are given back and charged, in Unix seconds.
    ///
    /// # Errors
    /// A date that is not in the current period, or that goes with nothing.
    pub(super) fn moment(&self) -> Result<i64> {
        let Some(date) = self.params.int("proration_date") else { return Ok(self.now) };
        if self.is_anchored_now() {
            return Err(ApiError::proration_date_and_anchor());
        }
        if ProrationBehavior::of(self.params) == ProrationBehavior::None {
            return Err(ApiError::proration_date_without_prorations());
        }
        let Period { start, end } = self.subscription.period();
        if (start..=end).contains(&date) { Ok(date) } else { Err(ApiError::proration_date_outside()) }
    }

    fn is_anchored_now(&self) -> bool {
        const ANCHOR: &str = "billing_cycle_anchor";
        let kind = self.params.map(ANCHOR).and_then(|anchor| anchor.str("type"));
        kind.or(self.params.str(ANCHOR)) == Some("now")
    }

    /// The course, and what the subscription becomes on it.
    ///
    /// # Errors
    /// A trial that cannot be; an anchor that a trial has.
    pub(super) fn settle(&self, tx: &Tx) -> Result<(Course, NextTerms)> {
        let trial_end = self.trial_end()?;
        let is_in_trial = self.is_in_trial();
        let course = match (trial_end, is_in_trial) {
            (Some(end), true) if end <= self.now => Course::TrialEnds,
            (Some(end), false) if end <= self.now => self.untried(tx),
            (Some(_), true) => Course::TrialMoves,
            (Some(_), false) => Course::TrialBegins,
            (None, true) if self.is_anchored_now() => {
                return Err(ApiError::value_not_implemented("billing_cycle_anchor", "a new anchor within a trial"));
            }
            (None, true) => Course::Same,
            (None, false) => self.untried(tx),
        };
        if course == Course::Restart && self.is_between_periods() {
            // The next periods begin now, and are billed when they do.
            let items = self.after.iter().map(|item| self.with_period(item, Course::Same, None)).collect();
            return Ok((Course::Same, NextTerms { items, anchor: Some(self.now), trial_end: None }));
        }
        let anchor = match course {
            Course::Same => None,
            Course::Restart | Course::TrialEnds => Some(self.now),
            Course::TrialBegins | Course::TrialMoves => trial_end,
        };
        let items = self.after.iter().map(|item| self.with_period(item, course, anchor)).collect();
        let trial_end = match course {
            Course::Same | Course::Restart => None,
            Course::TrialEnds => Some(self.now),
            Course::TrialBegins | Course::TrialMoves => trial_end,
        };
        Ok((course, NextTerms { items, anchor, trial_end }))
    }

    fn is_in_trial(&self) -> bool {
        self.subscription.status == SubscriptionStatus::Trialing || self.subscription.is_in_trial(self.now)
    }

    /// Whether all periods are over, and the next ones have not begun: a phase of a schedule begins between the two.
    fn is_between_periods(&self) -> bool {
        self.subscription.renews() && self.before.iter().all(|item| item.current_period_end <= self.now)
    }

    /// The course without a trial. In classic mode another interval, and the first price, begin anew.
    fn untried(&self, tx: &Tx) -> Course {
        let recurrence = |items: &[Arc<SubscriptionItem>]| items.first().map(|item| item.recurrence());
        let is_new = || {
            recurrence(self.before) != recurrence(self.after)
                || (change::are_free(tx, self.subscription, self.before)
                    && !change::are_free(tx, self.subscription, self.after))
        };
        let restarts = self.is_anchored_now() || (!self.subscription.is_flexible() && is_new());
        if restarts { Course::Restart } else { Course::Same }
    }

    /// When the trial is to end; the present moment ends it.
    fn trial_end(&self) -> Result<Option<i64>> {
        let sent = self.params.get("trial_end").filter(|end| !end.is_null());
        if self.params.bool("trial_from_plan") == Some(true) {
            if sent.is_some() {
                return Err(ApiError::trial_from_plan_and_trial());
            }
            let days = |item: &Arc<SubscriptionItem>| item.price.map("recurring")?.int("trial_period_days");
            return Ok(self.after.iter().filter_map(days).max().map(|days| self.now + days * DAY));
        }
        match sent {
            Some(Doc::Int(end)) => timing::check_trial_end(*end, self.now).map(Some),
            Some(_) => Ok(Some(self.now)),
            None => Ok(None),
        }
    }

    /// An item with its period after the change; one that keeps its period is the same.
    fn with_period(&self, item: &Arc<SubscriptionItem>, course: Course, anchor: Option<i64>) -> Arc<SubscriptionItem> {
        let old = self.before.iter().find(|old| old.id == item.id);
        let at = anchor.unwrap_or(self.now);
        let period = match course {
            Course::Same => match old {
                Some(old) if self.subscription.renews() && old.current_period_end <= self.now => item.period(),
                None if self.is_between_periods() => Period { start: self.now, end: self.now },
                Some(old) if old.recurrence() != item.recurrence() && !self.is_in_trial() => {
                    let end = item.recurrence().next(self.subscription.anchor(), self.now);
                    Period { end, ..item.period() }
                }
                _ => item.period(),
            },
            Course::Restart | Course::TrialEnds => {
                Period { start: self.now, end: item.recurrence().next(Anchor::at(self.now), self.now) }
            }
            Course::TrialBegins => Period { start: self.now, end: at },
            Course::TrialMoves => Period { end: at, ..item.period() },
        };
        if period == item.period() {
            return Arc::clone(item);
        }
        let mut item = SubscriptionItem::clone(item);
        item.current_period_start = period.start;
        item.current_period_end = period.end;
        Arc::new(item)
    }
}
