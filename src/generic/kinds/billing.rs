//! Trial offers (billing 5).
//!
//! May use: fills, the parts of the generic operations. Invariant: data alone.

use super::declaration::{Declaration, Filtered, PLAIN, SHAPE};
use crate::contract::Entry;
use crate::contract::Fill::{Flag, Text};
use crate::state::ids::IdForm;

pub(super) static KINDS: &[Declaration] = &[Declaration {
    entry: Entry {
        kind: crate::kind!("product_catalog.trial_offer"),
        id: IdForm::of("toffer_"),
        defaults: &[("end_behavior.type", Text("transition")), ("active", Flag(true))],
        ..SHAPE
    },
    filters: &[Filtered::by_path("prices", "price")],
    ..PLAIN
}];
