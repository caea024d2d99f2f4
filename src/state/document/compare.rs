//! What differs between two documents, member by member.
//!
//! May use: the other parts of the document. Invariant: each difference is as deep as it can be, so that what stands beside it is not
//! repeated.

use super::map::wire_order;
use super::{Doc, Map};

/// A member that is not the same in two documents. A value that is `None` says that the member is not there.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberDifference {
    /// Where it is, as a parameter names it: `metadata[order]`, `items[0][price]`.
    pub path: String,
    /// Its value in the first document.
    pub before: Option<Doc>,
    /// Its value in the second one.
    pub after: Option<Doc>,
}

/// The members that are not the same in two objects, in the API's order. Arrays are compared place by place.
pub fn differing_members(before: &Map, after: &Map) -> Vec<MemberDifference> {
    let mut all = Vec::new();
    maps("", before, after, &mut all);
    all
}

fn maps(path: &str, before: &Map, after: &Map, all: &mut Vec<MemberDifference>) {
    if before.is_same(after) {
        return;
    }
    let mut keys: Vec<&str> = before.iter().chain(after.iter()).map(|(key, _)| key).collect();
    keys.sort_unstable_by(|one, other| wire_order(one, other));
    keys.dedup();
    for key in keys {
        let inner = if path.is_empty() { key.to_owned() } else { format!("{path}[{key}]") };
        values(inner, before.get(key), after.get(key), all);
    }
}

fn values(path: String, before: Option<&Doc>, after: Option<&Doc>, all: &mut Vec<MemberDifference>) {
    match (before, after) {
        (Some(Doc::Map(before)), Some(Doc::Map(after))) => maps(&path, before, after, all),
        (Some(Doc::List(before)), Some(Doc::List(after))) => {
            for at in 0..before.len().max(after.len()) {
                values(format!("{path}[{at}]"), before.get(at), after.get(at), all);
            }
        }
        _ if before == after => {}
        _ => all.push(MemberDifference { path, before: before.cloned(), after: after.cloned() }),
    }
}
