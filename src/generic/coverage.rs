//! Coverage: whether an operation has rules, has only a shape, or is absent.
//!
//! May use: the registry. Invariant: the table comes from the same registry as the answers to requests.

use crate::catalogue::{self, Operation};
use crate::contract;

/// The coverage of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// It behaves as the API documents.
    Rules,
    /// It stores what is sent and answers with every field of the type; nothing else happens.
    Shape,
    /// It answers 501.
    Absent,
}

impl Coverage {
    /// The word in the header `Pinstripe-Coverage` and in the tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Coverage::Rules => "rules",
            Coverage::Shape => "shape",
            Coverage::Absent => "absent",
        }
    }
}

/// The coverage of an operation.
pub fn of(operation: &Operation) -> Coverage {
    match contract::behaviour(operation) {
        Some((entry, _)) if contract::has_rules(entry.kind) => Coverage::Rules,
        Some(_) => Coverage::Shape,
        None => Coverage::Absent,
    }
}

/// The coverage of every operation, for the control API.
pub fn json() -> serde_json::Value {
    let row = |operation: &Operation| {
        serde_json::json!({
            "operation": operation.name,
            "method": operation.method.as_str(),
            "path": operation.path,
            "coverage": of(operation).as_str(),
        })
    };
    serde_json::json!({"operations": catalogue::operations().iter().map(row).collect::<Vec<_>>()})
}

/// The table of all operations in `docs/coverage.md`.
pub fn table() -> String {
    let all = catalogue::operations();
    let count = |wanted| all.iter().filter(|operation| of(operation) == wanted).count();
    let mut out = format!(
        "# What each operation does\n\n\
         | coverage | operations | meaning |\n|---|---|---|\n\
         | rules | {} | behaves as the API documents |\n\
         | shape | {} | stores what is sent and answers with every field of the type; nothing else happens |\n\
         | absent | {} | answers 501 |\n\n\
         | operation | coverage | name |\n|---|---|---|\n",
        count(Coverage::Rules),
        count(Coverage::Shape),
        count(Coverage::Absent)
    );
    for operation in all {
        let (method, path) = (operation.method.as_str(), operation.path);
        out.push_str(&format!("| `{method} {path}` | {} | {} |\n", of(operation).as_str(), operation.name));
    }
    out
}
