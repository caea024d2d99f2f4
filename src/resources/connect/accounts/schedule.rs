//! The schedule of an account's payouts among its settings (connect-accounts 2.3).
//!
//! May use: the table of countries. Invariant: a stored schedule shows the days of its own interval alone, and one that has days
//! pays out on some of them.

use super::Account;
use super::requirements::Facts;
use crate::countries;
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};

/// Where an account is told its schedule.
const PARAM: &str = "settings[payouts][schedule]";

/// The longest delay, in days.
const DELAY_DAYS_MAX: i64 = 31;

/// The days of an interval, by the name of the one day and that of several.
const DAYS: [(&str, &str, &str); 2] =
    [("weekly", "weekly_anchor", "weekly_payout_days"), ("monthly", "monthly_anchor", "monthly_payout_days")];

/// Brings the schedule into its form, after what was sent of it was laid into the account.
///
/// # Errors
/// An interval without its days, a day that no month has.
pub(super) fn follow(account: &mut Account, sent: Option<&Map>) -> Result<()> {
    let Some(sent) = sent else { return Ok(()) };
    let lowest = countries::find(Facts::of(account).country()).map(|row| row.delay_days);
    let Some(Doc::Map(settings)) = account.rest.get_mut("settings") else { return Ok(()) };
    let Some(Doc::Map(payouts)) = settings.get_mut("payouts") else { return Ok(()) };
    let Some(Doc::Map(schedule)) = payouts.get_mut("schedule") else { return Ok(()) };
    if sent.str("delay_days") == Some("minimum") {
        schedule.set("delay_days", lowest);
    }
    check_delay(sent.int("delay_days"), "settings[payouts][schedule][delay_days]")?;
    check_days(sent)?;
    let interval = schedule.str("interval").unwrap_or_default().to_owned();
    for (of, anchor, days) in DAYS {
        if interval != of {
            let _ = (schedule.remove(anchor), schedule.remove(days));
            continue;
        }
        match (sent.present(anchor), sent.list(days).and_then(<[Doc]>::first)) {
            (_, Some(first)) => schedule.set(anchor, first.clone()),
            (Some(_), None) => {
                let _ = schedule.remove(days);
            }
            (None, None) if schedule.present(anchor).is_none() => {
                return Err(ApiError::param_missing(&format!("{PARAM}[{anchor}]")));
            }
            (None, None) => {}
        }
    }
    Ok(())
}

/// Checks the days after which money is available.
///
/// # Errors
/// It is below zero, or longer than a month.
pub fn check_delay(days: Option<i64>, param: &str) -> Result<()> {
    match days {
        Some(days) if days < 0 => Err(ApiError::param_below(param, 0)),
        Some(days) if days > DELAY_DAYS_MAX => Err(ApiError::param_above(param, DELAY_DAYS_MAX)),
        Some(_) | None => Ok(()),
    }
}

/// Every month has its last day, whichever of these is asked for.
fn check_days(sent: &Map) -> Result<()> {
    let is_day = |day: i64| (1..=31).contains(&day);
    if sent.int("monthly_anchor").is_some_and(|day| !is_day(day)) {
        return Err(ApiError::payout_day_invalid("settings[payouts][schedule][monthly_anchor]"));
    }
    let days = sent.list("monthly_payout_days").unwrap_or_default();
    match days.iter().all(|day| day.as_int().is_some_and(is_day)) {
        true => Ok(()),
        false => Err(ApiError::payout_day_invalid("settings[payouts][schedule][monthly_payout_days]")),
    }
}
