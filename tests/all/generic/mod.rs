//! Operations without rules of their own: what they show, remember and refuse.

mod billing;
mod connect;
mod shapes;
mod special;
mod v2;
pub(crate) mod walk;

use serde_json::Value;

use crate::support::flows::text;

fn id(object: &Value) -> &str {
    text(object, "id")
}
