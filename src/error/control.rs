//! Errors of the control API about what several calls name: snapshots, and the parts of a list.

use super::{ApiError, ErrorType};
use crate::limits::SNAPSHOTS_BYTES_MAX;

impl ApiError {
    /// There is no snapshot of this name. `has_lost` says that snapshots were dropped to make room.
    pub fn snapshot_missing(name: &str, has_lost: bool) -> Self {
        let mut text = format!("The sandbox has no snapshot `{name}`.");
        if has_lost {
            text += &format!(" Snapshots kept more than {SNAPSHOTS_BYTES_MAX} bytes, so the oldest were dropped.");
        }
        Self::new(404, ErrorType::InvalidRequest, text)
    }

    /// A comparison that does not say with which snapshot.
    pub fn snapshot_not_named(param: &'static str) -> Self {
        Self::about_param(param, format!("`{param}` must be the name of a snapshot."))
    }

    /// A list longer than a call shows at once.
    pub fn rows_out_of_range(param: &'static str, most: usize) -> Self {
        Self::about_param(param, format!("`{param}` is a whole number from 1 to {most}."))
    }

    /// The place in a list that no answer has named.
    pub fn place_unknown(param: &'static str, from: &'static str) -> Self {
        Self::about_param(param, format!("`{param}` is the `{from}` of the answer before."))
    }
}
