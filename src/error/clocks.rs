//! Errors about test clocks (billing 4.2, billing-2 10.3).

use super::{ApiError, ErrorType};
use crate::time::calendar;

impl ApiError {
    /// A test clock goes forward only; the wording is not recorded (billing 4.2).
    pub fn clock_goes_forward() -> Self {
        Self::about_param("frozen_time", "Test clocks can only be advanced forward.")
    }

    /// A test clock goes a limited way at a time (billing-2 10.3): `frozen` is where it is and `most` how far it may go, in
    /// Unix seconds.
    pub fn clock_too_far(frozen: i64, most: i64) -> Self {
        let at = |time: i64| format!("{time} ({})", calendar::in_words(time));
        Self::about_param(
            "frozen_time",
            format!(
                "The frozen time of this clock is {}. You can only advance it up to {}. You can only advance a test clock \
                 up to two intervals from the current frozen time at a time, based on the shortest subscription interval in \
                 the test clock. For example, if a test clock has a monthly and yearly subscription, you may only advance up \
                 to two months at a time. If the test clock has no subscriptions or subscription schedules, you can advance \
                 up to 2 years from the current frozen time.",
                at(frozen),
                at(most)
            ),
        )
    }

    /// What lives on a clock that advances stays as it is until the clock is ready (billing 4.2).
    pub fn clock_is_advancing(clock: &str) -> Self {
        Self::new(
            429,
            ErrorType::InvalidRequest,
            format!("Test clock advancement underway - cannot perform modifications: {clock}"),
        )
    }

    /// A clock holds a limited number of objects of a kind; the wording is not recorded (billing-2 10.3).
    pub fn clock_is_full(kind: &str, most: usize, within: &'static str) -> Self {
        let text = match within {
            "test_clock" => format!("A test clock can have at most {most} objects of the type {kind}."),
            owner => format!("A {owner} on a test clock can have at most {most} objects of the type {kind}."),
        };
        Self::about_param(within, text)
    }

    /// An account has a limited number of clocks; the wording is not recorded (billing-2 10.3).
    pub fn test_clocks_too_many(most: usize) -> Self {
        Self::invalid(format!("You can have at most {most} test clocks at a time. Delete one first."))
    }

    /// A customer stays on its test clock (billing 4.1); the wording is not recorded.
    pub fn customer_has_test_clock(customer: &str, clock: &str) -> Self {
        Self::about_param("customer", format!("The customer {customer} is attached to the test clock {clock} already."))
    }
}
