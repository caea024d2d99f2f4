//! Reports.
//!
//! May use: fills, the parts of the generic operations. Invariant: data, and functions that follow from it.

use super::declaration::{Declaration, PLAIN, SHAPE};
use crate::contract::Entry;
use crate::contract::Fill::Text;

pub(super) static KINDS: &[Declaration] = &[
    Declaration {
        entry: Entry { kind: crate::kind!("reporting.report_run"), defaults: &[("status", Text("pending"))], ..SHAPE },
        ..PLAIN
    },
    Declaration {
        entry: Entry { kind: crate::kind!("reporting.report_type"), is_known: Some(|_, _| true), ..SHAPE },
        ..PLAIN
    },
];
