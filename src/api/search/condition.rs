//! A query against the fields of a resource, and an object against a query (platform 5.2).
//!
//! May use: the parsed query, the declared fields, the errors. Invariant: a [`Condition`] contains only comparisons
//! that the type of its field allows, so that matching an object cannot fail.

use std::cmp::Ordering;

use super::query::{Clause, ClauseField, ClauseValue, Fault, Joined, Operator, parse};
use crate::contract::{FieldType, Members, SearchField, Searched, value_at};
use crate::error::{ApiError, Result};
use crate::limits::{SEARCH_CLAUSES_MAX, SEARCH_SUBSTRING_CHARACTERS_MIN};
use crate::state::document::Doc;

/// The condition that an object must meet.
#[derive(Debug)]
pub(super) struct Condition {
    joined: Joined,
    terms: Vec<Term>,
}

/// One clause.
#[derive(Debug)]
struct Term {
    negated: bool,
    asked: Operand,
    test: Test,
}

/// The left side of a clause.
#[derive(Debug)]
enum Operand {
    /// A field.
    Field(&'static SearchField),
    /// A key of the metadata.
    Metadata(String),
}

/// The comparison of a clause. Text is in lower case.
#[derive(Debug)]
enum Test {
    IsNull,
    IsText(String),
    /// The words, one after the other.
    HasWords(Vec<String>),
    Contains(String),
    Compares(Operator, f64),
}

impl Condition {
    /// Reads a query for a resource.
    ///
    /// # Errors
    /// A text that is not a query, a field that the resource does not have, or an operator or a value that the field
    /// does not allow.
    pub(super) fn read(query: &str, resource: &Searched) -> Result<Self> {
        let query = parse(query).map_err(|fault| match fault {
            Fault::Syntax => ApiError::search_query_unreadable(),
            Fault::Mixed => ApiError::search_query_mixed(),
            Fault::TooManyClauses => ApiError::search_query_too_long(SEARCH_CLAUSES_MAX),
        })?;
        let terms = query.clauses.into_iter().map(|clause| term(clause, resource)).collect::<Result<_>>()?;
        Ok(Condition { joined: query.joined, terms })
    }

    /// Whether an object, in its newest form, meets the condition.
    pub(super) fn holds(&self, object: &(impl Members + ?Sized)) -> bool {
        match self.joined {
            Joined::And => self.terms.iter().all(|term| term.holds(object)),
            Joined::Or => self.terms.iter().any(|term| term.holds(object)),
        }
    }
}

fn term(clause: Clause, resource: &Searched) -> Result<Term> {
    let Clause { negated, field, operator, value } = clause;
    let (name, kind, asked) = match field {
        ClauseField::Metadata(key) => (format!("metadata[\"{key}\"]"), FieldType::Token, Operand::Metadata(key)),
        ClauseField::Path(name) => {
            let unknown = || ApiError::search_field_unsupported(&name, resource.plural);
            let field = resource.field(&name).ok_or_else(unknown)?;
            (name.clone(), field.kind, Operand::Field(field))
        }
    };
    Ok(Term { negated, asked, test: test(&name, kind, operator, value)? })
}

fn test(name: &str, kind: FieldType, operator: Operator, value: ClauseValue) -> Result<Test> {
    let not_so = || ApiError::search_operator_unsupported(name, kind.as_str(), operator.as_str());
    match (operator, kind, value) {
        (Operator::Is, _, ClauseValue::Null) => Ok(Test::IsNull),
        (_, _, ClauseValue::Null) => Err(not_so()),
        (Operator::Contains, FieldType::Text, ClauseValue::Text(part)) => {
            if part.chars().count() < SEARCH_SUBSTRING_CHARACTERS_MIN {
                return Err(ApiError::search_substring_too_short(name, SEARCH_SUBSTRING_CHARACTERS_MIN));
            }
            Ok(Test::Contains(part.to_lowercase()))
        }
        (Operator::Is, FieldType::Token, ClauseValue::Text(text)) => Ok(Test::IsText(text.to_lowercase())),
        (Operator::Is, FieldType::Text, ClauseValue::Text(text)) => Ok(Test::HasWords(words(&text))),
        (Operator::Contains, _, _) | (_, FieldType::Token | FieldType::Text, _) => Err(not_so()),
        (_, FieldType::Number, ClauseValue::Text(text)) => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Test::Compares(operator, number)),
            _ => Err(ApiError::search_value_not_numeric(name, &text)),
        },
    }
}

impl Term {
    fn holds(&self, object: &(impl Members + ?Sized)) -> bool {
        let value = match &self.asked {
            Operand::Field(field) => field.value(object),
            Operand::Metadata(key) => value_at(object, ["metadata", key].into_iter()),
        };
        self.test.holds(&value) != self.negated
    }
}

/// Whether a text in lower case is this one, which is in lower case.
fn is_in_lower_case(text: &str, wanted: &str) -> bool {
    if text.is_ascii() { text.eq_ignore_ascii_case(wanted) } else { text.to_lowercase() == *wanted }
}

/// The words of a text, in lower case.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_lowercase).collect()
}

impl Test {
    fn holds(&self, value: &Doc) -> bool {
        match (self, value) {
            (Test::IsNull, value) => value.is_null(),
            (Test::IsText(wanted), Doc::Text(text)) => is_in_lower_case(text, wanted),
            (Test::IsText(wanted), Doc::Bool(b)) => wanted == if *b { "true" } else { "false" },
            (Test::IsText(wanted), Doc::Int(n)) => *wanted == n.to_string(),
            (Test::HasWords(wanted), Doc::Text(text)) => {
                !wanted.is_empty() && words(text).windows(wanted.len()).any(|some| some == wanted)
            }
            (Test::Contains(part), Doc::Text(text)) => text.to_lowercase().contains(part),
            (Test::Compares(operator, number), Doc::Int(n)) => compares(*operator, *n as f64, *number),
            (Test::Compares(operator, number), Doc::Float(n)) => compares(*operator, *n, *number),
            _ => false,
        }
    }
}

fn compares(operator: Operator, value: f64, with: f64) -> bool {
    let order = value.partial_cmp(&with);
    match operator {
        Operator::Is => order == Some(Ordering::Equal),
        Operator::Above => order == Some(Ordering::Greater),
        Operator::AtLeast => order.is_some_and(Ordering::is_ge),
        Operator::Below => order == Some(Ordering::Less),
        Operator::AtMost => order.is_some_and(Ordering::is_le),
        Operator::Contains => false,
    }
}
