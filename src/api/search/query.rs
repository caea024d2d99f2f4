//! The syntax of the query language: clauses of field, operator and value, all joined in the same way (platform 5.2).
//!
//! May use nothing. Invariant: any text is either a query or a fault; no text causes a panic.

use crate::limits::SEARCH_CLAUSES_MAX;

/// A parsed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// How the clauses are joined.
    pub(super) joined: Joined,
    /// At least one.
    pub(super) clauses: Vec<Clause>,
}

/// How the clauses of a query are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// `AND`, or just a space.
    And,
    /// `OR`.
    Or,
}

/// A field, an operator and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    /// Whether it begins with `-`.
    pub(super) negated: bool,
    /// The field.
    pub(super) field: ClauseField,
    /// The operator.
    pub(super) operator: Operator,
    /// The value.
    pub(super) value: ClauseValue,
}

/// The field of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ClauseField {
    /// A name, or several with dots between them.
    Path(String),
    /// `metadata["key"]`.
    Metadata(String),
}

/// The comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `:`
    Is,
    /// `~`
    Contains,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

impl Operator {
    /// Its text in a query.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Operator::Is => ":",
            Operator::Contains => "~",
            Operator::Above => ">",
            Operator::AtLeast => ">=",
            Operator::Below => "<",
            Operator::AtMost => "<=",
        }
    }
}

/// The value to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ClauseValue {
    /// `null`, without quotation marks.
    Null,
    /// A text in quotation marks, or a number, `true` or `false` without them.
    Text(String),
}

/// Why a text is not a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The syntax is wrong.
    Syntax,
    /// It contains both `AND` and `OR`.
    Mixed,
    /// It has more than [`SEARCH_CLAUSES_MAX`] clauses.
    TooManyClauses,
}

/// Reads a query.
///
/// # Errors
/// The first fault.
pub(super) fn parse(text: &str) -> Result<Query, Fault> {
    let mut rest = Rest(text.trim());
    let mut clauses = vec![rest.clause()?];
    let mut joined = None;
    while !rest.0.is_empty() {
        let before = rest.joint()?;
        if *joined.get_or_insert(before) != before {
            return Err(Fault::Mixed);
        }
        if clauses.len() == SEARCH_CLAUSES_MAX {
            return Err(Fault::TooManyClauses);
        }
        clauses.push(rest.clause()?);
    }
    Ok(Query { joined: joined.unwrap_or(Joined::And), clauses })
}

/// The rest of the text.
struct Rest<'t>(&'t str);

impl<'t> Rest<'t> {
    fn take(&mut self, prefix: &str) -> bool {
        let found = self.0.strip_prefix(prefix);
        self.0 = found.unwrap_or(self.0);
        found.is_some()
    }

    /// The longest beginning of such characters; it may be empty.
    fn run(&mut self, of: impl Fn(char) -> bool) -> &'t str {
        let end = self.0.find(|c| !of(c)).unwrap_or(self.0.len());
        let (run, rest) = self.0.split_at(end);
        self.0 = rest;
        run
    }

    fn space(&mut self) -> bool {
        !self.run(char::is_whitespace).is_empty()
    }

    /// The text between two clauses.
    fn joint(&mut self) -> Result<Joined, Fault> {
        if !self.space() {
            return Err(Fault::Syntax);
        }
        let before = self.0;
        let joined = match self.run(|c| c.is_ascii_alphabetic()) {
            word if word.eq_ignore_ascii_case("and") && self.space() => Joined::And,
            word if word.eq_ignore_ascii_case("or") && self.space() => Joined::Or,
            _ => {
                self.0 = before;
                Joined::And
            }
        };
        Ok(joined)
    }

    fn clause(&mut self) -> Result<Clause, Fault> {
        let negated = self.take("-");
        let field = self.name()?;
        self.space();
        let operator = self.operator()?;
        self.space();
        let value = self.value()?;
        Ok(Clause { negated, field, operator, value })
    }

    fn name(&mut self) -> Result<ClauseField, Fault> {
        let path = self.run(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        let is_path = path.split('.').all(|segment| !segment.is_empty());
        match (path, self.take("[")) {
            ("metadata", true) => {
                let key = self.quoted()?;
                if self.take("]") { Ok(ClauseField::Metadata(key)) } else { Err(Fault::Syntax) }
            }
            // Metadata can only be searched by key.
            ("metadata", false) | (_, true) => Err(Fault::Syntax),
            _ if is_path => Ok(ClauseField::Path(path.to_owned())),
            _ => Err(Fault::Syntax),
        }
    }

    fn operator(&mut self) -> Result<Operator, Fault> {
        use Operator::{Above, AtLeast, AtMost, Below, Contains, Is};
        // Longer operators come before their beginnings.
        let known = [AtLeast, AtMost, Above, Below, Contains, Is];
        known.into_iter().find(|operator| self.take(operator.as_str())).ok_or(Fault::Syntax)
    }

    fn value(&mut self) -> Result<ClauseValue, Fault> {
        if self.0.starts_with(['"', '\'']) {
            return self.quoted().map(ClauseValue::Text);
        }
        match self.run(|c| !c.is_whitespace()) {
            word if word.eq_ignore_ascii_case("null") => Ok(ClauseValue::Null),
            word if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") || is_number(word) => {
                Ok(ClauseValue::Text(word.to_owned()))
            }
            _ => Err(Fault::Syntax),
        }
    }

    /// A text in double or single quotation marks; a backslash makes the next character literal.
    fn quoted(&mut self) -> Result<String, Fault> {
        let mut chars = self.0.chars();
        let mark = chars.next().filter(|c| matches!(c, '"' | '\'')).ok_or(Fault::Syntax)?;
        let mut text = String::new();
        loop {
            match chars.next().ok_or(Fault::Syntax)? {
                '\\' => text.push(chars.next().ok_or(Fault::Syntax)?),
                c if c == mark => break,
                c => text.push(c),
            }
        }
        self.0 = chars.as_str();
        Ok(text)
    }
}

/// Digits with an optional sign and an optional fraction.
fn is_number(word: &str) -> bool {
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction)
}
