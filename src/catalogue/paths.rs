//! Finds the operation of a method and a path.
//!
//! May use: the tables. Invariant: a path leads to at most one operation for each method.

use super::{Method, OPERATIONS, Operation, ROOT};

/// A segment in the tree of paths.
pub(super) struct PathNode {
    /// The literal segments that can follow, sorted.
    pub(super) statics: &'static [(&'static str, &'static PathNode)],
    /// The node for any other, non-empty segment.
    pub(super) param: Option<&'static PathNode>,
    /// The operations of a path that ends here, for GET, POST and DELETE.
    pub(super) operations: [Option<u16>; 3],
}

/// An operation and the values of its path's parameters.
#[derive(Debug)]
pub struct MatchedPath<'p> {
    /// The operation.
    pub operation: &'static Operation,
    /// The segments, still percent-encoded, in the order of `operation.path_params`.
    pub args: [&'p str; 4],
    /// How many of `args` are used.
    pub arg_count: usize,
}

/// The answer of [`find`].
#[derive(Debug)]
pub enum Find<'p> {
    /// The path is known, and so is the method on it.
    Operation(MatchedPath<'p>),
    /// The path is known, but not with this method.
    NoMethod,
    /// No operation has such a path.
    NoPath,
}

/// Finds the operation for a path without its query. A literal segment comes before a parameter; an empty segment (a
/// doubled or trailing slash) is never a parameter's value.
#[must_use]
pub fn find<'p>(method: Method, path: &'p str) -> Find<'p> {
    let Some(rest) = path.strip_prefix('/') else {
        return Find::NoPath;
    };
    walk(ROOT, method, Some(rest), [""; 4], 0)
}

fn walk<'p>(node: &PathNode, method: Method, rest: Option<&'p str>, args: [&'p str; 4], count: usize) -> Find<'p> {
    let Some(rest) = rest else {
        return match node.operations[method as usize] {
            Some(index) => {
                Find::Operation(MatchedPath { operation: &OPERATIONS[usize::from(index)], args, arg_count: count })
            }
            None if node.operations.iter().any(Option::is_some) => Find::NoMethod,
            None => Find::NoPath,
        };
    };
    let (segment, rest) = match rest.split_once('/') {
        Some((segment, rest)) => (segment, Some(rest)),
        None => (rest, None),
    };
    let literal = match node.statics.binary_search_by(|(s, _)| (*s).cmp(segment)) {
        Ok(at) => walk(node.statics[at].1, method, rest, args, count),
        Err(_) => Find::NoPath,
    };
    // `DELETE /v1/customers/search` is a customer with an odd id: only the parameter has DELETE.
    match (literal, node.param) {
        (found @ Find::Operation(_), _) | (found, None) => found,
        (literal, Some(_)) if segment.is_empty() => literal,
        (literal, Some(param)) => {
            let mut args = args;
            args[count] = segment;
            match walk(param, method, rest, args, count + 1) {
                Find::NoPath => literal,
                found => found,
            }
        }
    }
}
