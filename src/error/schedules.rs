//! Errors about subscription schedules and their phases (billing 5.3, billing-2 15).

use super::ApiError;

impl ApiError {
    /// A call on a schedule in a final state (billing-2 15): what was to be done, the status, and the participle of the verb.
    pub fn schedule_is_final(verb: &str, status: &str, participle: &str) -> Self {
        Self::invalid(format!(
            "You cannot {verb} a subscription schedule that is currently in the `{status}` status. It must be in \
             `not_started, active` status to be {participle}."
        ))
    }

    /// A second schedule of one subscription (billing-2 15).
    pub fn subscription_has_a_schedule(schedule: &str) -> Self {
        Self::about_param(
            "from_subscription",
            format!("You cannot migrate a subscription that is already attached to a schedule: `{schedule}`."),
        )
    }

    /// A schedule of a subscription that has ended (billing 5.3).
    pub fn subscription_cannot_be_scheduled(status: &str) -> Self {
        Self::about_param(
            "from_subscription",
            format!("You cannot migrate a subscription that is in the `{status}` status."),
        )
    }

    /// New phases of which none says when it begins (billing-2 15).
    pub fn phases_have_no_start() -> Self {
        Self::about_param(
            "phases",
            "The subscription schedule update is missing at least one phase with a `start_date` to anchor end dates to.",
        )
    }

    /// The phase that has begun with another start, without it, or with an end that has passed (billing-2 15).
    pub fn current_phase_is_fixed() -> Self {
        Self::about_param("phases", "You can only adjust the end date to a future date for the current phase.")
    }

    /// A phase that does not begin where the one before it ends (billing 5.3); `phase` is its parameter.
    pub fn phases_have_a_gap(phase: &str) -> Self {
        Self::about_param("start_date", "A phase must start when the phase before it ends.").inside(phase)
    }

    /// A phase that ends before it begins, or where the calendar ends (billing 5.3).
    pub fn phase_is_empty(param: &'static str) -> Self {
        Self::about_param(param, "The end date of a phase must be after its start date.")
    }

    /// A first phase that was over before the schedule was made (billing 5.3).
    pub fn phase_is_over() -> Self {
        Self::about_param("end_date", "The first phase of a subscription schedule must end in the future.")
    }

    /// A trial that lasts longer than its phase (billing 5.3).
    pub fn phase_trial_is_too_long() -> Self {
        Self::about_param("trial_end", "The trial of a phase must end before the phase does.")
    }

    /// What happens to a schedule that is active, of one that is not (billing 5.3).
    pub fn schedule_has_not_begun() -> Self {
        Self::invalid("The subscription schedule is not in the `active` status.")
    }
}
