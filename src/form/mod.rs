//! The form grammar: flat pairs become a tree (core-payments 1.2).
//!
//! May use: the texts of documents, which a parameter becomes without being copied. Invariant: no input makes it panic, recurse
//! deeper than [`FORM_LEVELS_MAX`], or need much more than linear time.

mod entries;
pub(crate) mod json;
mod pairs;

use std::collections::HashSet;

pub use self::entries::FormEntries;

use self::pairs::pairs;
use crate::error::ApiError;
use crate::limits::{FORM_LEVELS_MAX, FORM_VALUES_MAX};
use crate::state::document::Text;

/// A decoded form, before its types are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A single value.
    Value(Text),
    /// What `name[]=…` appends.
    List(Vec<Form>),
    /// What `name[key]=…` sets, in the order of first appearance. A list with numbered elements is also a map, until
    /// its type is known.
    Map(FormEntries),
}

impl Default for Form {
    fn default() -> Self {
        Form::Map(FormEntries::default())
    }
}

impl Form {
    /// The single value of a name at the root.
    pub fn value(&self, name: &str) -> Option<&str> {
        let Form::Map(entries) = self else { return None };
        entries.iter().find(|(key, _)| *key == name).and_then(|(_, form)| match form {
            Form::Value(value) => Some(value.as_str()),
            _ => None,
        })
    }

    /// The values of a list at the root.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let Form::Map(entries) = self else { return Vec::new() };
        let list = entries.iter().find_map(|(key, form)| match form {
            Form::List(items) if *key == name => Some(items.as_slice()),
            _ => None,
        });
        let values = list.unwrap_or_default().iter();
        values.filter_map(|item| if let Form::Value(value) = item { Some(value.as_str()) } else { None }).collect()
    }

    /// The single value that a name such as `card[number]` has.
    pub fn text(&self, name: &str) -> Option<&str> {
        let path = NamePath::of(name).ok()?;
        let found = path.segments().iter().try_fold(self, |form, segment| match (form, segment) {
            (Form::Map(entries), NameSegment::Key(key)) => {
                entries.iter().find(|(known, _)| known == key).map(|(_, form)| form)
            }
            _ => None,
        });
        match found {
            Some(Form::Value(value)) => Some(value),
            _ => None,
        }
    }
}

/// Decodes a body or a query; the root is always a [`Form::Map`].
///
/// # Errors
/// Too many values, too many levels, or brackets behind a name that has a value or is a list already.
pub fn decode(input: &[u8]) -> Result<Form, ApiError> {
    // Counted before anything is decoded, so that a body of separators costs no memory.
    if input.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).count() > FORM_VALUES_MAX {
        return Err(ApiError::too_many_values(FORM_VALUES_MAX));
    }
    let mut root = FormEntries::default();
    pairs(input, |name, value| match name {
        // A pair without a name says nothing; some clients send `?=` where they have no filter.
        "" => Ok(()),
        name => put(&mut root, name, Text::copy_of(value)),
    })?;
    Ok(Form::Map(root))
}

fn put(root: &mut FormEntries, name: &str, value: Text) -> Result<(), ApiError> {
    let path = NamePath::of(name)?;
    root.put(path.segments(), value).map_err(|Conflict| ApiError::shape_conflict(name))
}

/// As [`decode`], but a plain name that is sent several times is a list (`include=a&include=b` under `/v2`).
///
/// # Errors
/// Those of [`decode`].
pub fn decode_repeated(input: &[u8]) -> Result<Form, ApiError> {
    let mut sent: Vec<(String, String)> = Vec::new();
    pairs(input, |name, value| {
        sent.push((name.to_owned(), value.to_owned()));
        Ok::<(), ApiError>(())
    })?;
    let mut seen = HashSet::new();
    let repeated: HashSet<&str> =
        sent.iter().filter(|(name, _)| !seen.insert(name.as_str())).map(|(name, _)| name.as_str()).collect();
    if repeated.is_empty() {
        return decode(input);
    }
    let as_list = |name: &str| !name.contains('[') && repeated.contains(name);
    let named =
        sent.iter().map(|(name, value)| (if as_list(name) { format!("{name}[]") } else { name.clone() }, value));
    let named: Vec<(String, &String)> = named.collect();
    decode(serde_urlencoded::to_string(named).unwrap_or_default().as_bytes())
}

/// Merges two forms: a name at the root of both has the value of `over`.
#[must_use]
pub fn merge(under: Form, over: Form) -> Form {
    match (under, over) {
        (Form::Map(under), over) if under.is_empty() => over,
        (Form::Map(under), Form::Map(over)) => {
            let replaced: HashSet<&str> = over.iter().map(|(key, _)| key.as_str()).collect();
            let mut both = under.into_list();
            both.retain(|(key, _)| !replaced.contains(key.as_str()));
            both.extend(over.into_list());
            Form::Map(both.into_iter().collect())
        }
        (_, over) => over,
    }
}

/// Decodes the percent signs of a path segment; a `+` is a space there too (shapes 3.14).
#[must_use]
pub fn decode_text(segment: &str) -> String {
    if !segment.contains(['%', '+']) {
        return segment.to_owned();
    }
    // In a path `&` is an ordinary character.
    let pair = format!("s={}", segment.replace('&', "%26"));
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&pair).unwrap_or_default();
    pairs.into_iter().next().map(|(_, text)| text).unwrap_or_default()
}

/// A part of a name: a key, or the empty brackets that append.
#[derive(Clone, Copy, Debug)]
enum NameSegment<'a> {
    Key(&'a str),
    Append,
}

/// A name by its parts: `a[b][]` is `a`, `b`, append.
struct NamePath<'a> {
    segments: [NameSegment<'a>; FORM_LEVELS_MAX],
    count: usize,
}

impl<'a> NamePath<'a> {
    /// The path of a name. A malformed name is a plain name, which no operation knows.
    fn of(name: &'a str) -> Result<Self, ApiError> {
        let whole = NamePath { segments: [NameSegment::Key(name); FORM_LEVELS_MAX], count: 1 };
        let Some(open) = name.find('[').filter(|open| *open > 0) else { return Ok(whole) };
        let (head, mut rest) = name.split_at(open);
        let mut path = NamePath { segments: [NameSegment::Key(head); FORM_LEVELS_MAX], count: 1 };
        while !rest.is_empty() {
            let inside = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let Some((inner, after)) = inside.filter(|(inner, _)| !inner.contains('[')) else { return Ok(whole) };
            let Some(next) = path.segments.get_mut(path.count) else {
                return Err(ApiError::nesting_too_deep(FORM_LEVELS_MAX));
            };
            *next = if inner.is_empty() { NameSegment::Append } else { NameSegment::Key(inner) };
            path.count += 1;
            rest = after;
        }
        Ok(path)
    }

    fn segments(&self) -> &[NameSegment<'a>] {
        &self.segments[..self.count]
    }
}

/// Brackets behind a name that has a value or is a list already.
struct Conflict;

impl Form {
    fn of(path: &[NameSegment<'_>], value: Text) -> Form {
        match path {
            [] => Form::Value(value),
            [NameSegment::Append, rest @ ..] => Form::List(vec![Form::of(rest, value)]),
            [NameSegment::Key(key), rest @ ..] => {
                let mut entries = FormEntries::default();
                entries.push(Text::copy_of(key), Form::of(rest, value));
                Form::Map(entries)
            }
        }
    }

    fn put(&mut self, path: &[NameSegment<'_>], value: Text) -> Result<(), Conflict> {
        match (self, path) {
            // The last value of a repeated plain name is kept.
            // A plain name after the same name with brackets replaces what it set (core-payments 1.2.12).
            (form, []) => *form = Form::Value(value),
            (Form::List(items), [NameSegment::Append, rest @ ..]) => {
                let last = items.last_mut().filter(|last| last.has_room(rest));
                match last {
                    Some(last) => last.put(rest, value)?,
                    None => items.push(Form::of(rest, value)),
                }
            }
            (Form::Map(entries), path) => entries.put(path, value)?,
            _ => return Err(Conflict),
        }
        Ok(())
    }

    /// Whether `items[][key]=…` belongs to this element: a key that repeats begins the next element.
    fn has_room(&self, path: &[NameSegment<'_>]) -> bool {
        match (self, path) {
            (Form::Map(entries), [NameSegment::Key(key), rest @ ..]) => match entries.position(key) {
                None => true,
                Some(i) => !rest.is_empty() && entries[i].1.has_room(rest),
            },
            (Form::List(_), [NameSegment::Append, ..]) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Form {
        Form::Value(Text::copy_of(text))
    }

    fn map<const N: usize>(entries: [(&str, Form); N]) -> Form {
        Form::Map(entries.into_iter().map(|(key, form)| (Text::copy_of(key), form)).collect())
    }

    fn read(input: &str) -> Form {
        decode(input.as_bytes()).unwrap()
    }

    fn refusal(input: &str) -> String {
        decode(input.as_bytes()).unwrap_err().field("message").unwrap_or_default().to_owned()
    }

    #[test]
    fn nothing_is_an_empty_map() {
        assert_eq!(read(""), map([]));
        assert_eq!(read("&&&"), map([]));
    }

    #[test]
    fn percent_signs_plus_signs_and_odd_bytes() {
        assert_eq!(read("a%5Bb%5D=x+y%2Bz"), map([("a", map([("b", value("x y+z"))]))]));
        assert_eq!(read("a=%ff%00%"), map([("a", value("\u{fffd}\0%"))]));
        assert_eq!(read("a"), map([("a", value(""))]));
        assert_eq!(decode(b"a=\xff").unwrap(), map([("a", value("\u{fffd}"))]));
    }

    #[test]
    fn nested_names_and_the_order_of_first_appearance() {
        assert_eq!(
            read("z[b]=1&a=2&z[a][c]=3"),
            map([("z", map([("b", value("1")), ("a", map([("c", value("3"))]))])), ("a", value("2"))])
        );
    }

    #[test]
    fn the_last_of_a_repeated_name_counts() {
        assert_eq!(read("a=1&b=2&a=3"), map([("a", value("3")), ("b", value("2"))]));
        assert_eq!(read("a[b]=1&a[b]=2"), map([("a", map([("b", value("2"))]))]));
    }

    #[test]
    fn empty_brackets_append() {
        assert_eq!(read("a[]=1&a[]=2"), map([("a", Form::List(vec![value("1"), value("2")]))]));
        assert_eq!(read("a[][]=1"), map([("a", Form::List(vec![Form::List(vec![value("1")])]))]));
    }

    #[test]
    fn numbers_stay_keys_however_large() {
        assert_eq!(
            read("a[99999999999999999999]=1&a[0]=2"),
            map([("a", map([("99999999999999999999", value("1")), ("0", value("2"))]))])
        );
    }

    #[test]
    fn a_repeated_key_begins_the_next_element() {
        let item =
            |price: &str, quantity: &str| map([("price", map([("id", value(price))])), ("quantity", value(quantity))]);
        assert_eq!(
            read("i[][price][id]=a&i[][quantity]=1&i[][price][id]=b&i[][quantity]=2"),
            map([("i", Form::List(vec![item("a", "1"), item("b", "2")]))])
        );
        assert_eq!(
            read("i[][tags][]=x&i[][tags][]=y"),
            map([("i", Form::List(vec![map([("tags", Form::List(vec![value("x"), value("y")]))])]))])
        );
    }

    #[test]
    fn a_pair_without_a_name_says_nothing() {
        assert_eq!(read("=1&a=2&="), map([("a", value("2"))]));
    }

    #[test]
    fn plain_names_that_are_repeated_are_a_list_where_that_is_asked_for() {
        let both = Form::List(vec![value("x"), value("y&z")]);
        assert_eq!(decode_repeated(b"a=x&b=1&a=y%26z").unwrap(), map([("a", both), ("b", value("1"))]));
        assert_eq!(decode_repeated(b"a=x&b[c]=1&b[c]=2").unwrap(), read("a=x&b[c]=1&b[c]=2"));
    }

    #[test]
    fn malformed_brackets_are_a_plain_name() {
        for name in ["a[", "a]b", "a[b", "[a]", "a[b]c", "a[b]c]", "a[b[c]]", "a[b]]", "]", "[]", "a][b"] {
            assert_eq!(read(&format!("{name}=1")), map([(name, value("1"))]), "{name}");
        }
    }

    #[test]
    fn one_name_of_two_shapes_is_refused() {
        for input in ["a=1&a[b]=2", "a=1&a[]=2", "a[]=1&a[b]=2", "a[0]=1&a[]=2", "a[b]=2&a[b][c]=1"] {
            let error = decode(input.as_bytes()).unwrap_err();
            assert_eq!(error.status(), 400, "{input}");
            assert!(error.field("message").unwrap().contains("both as a value and as an object"), "{input}");
        }
    }

    #[test]
    fn a_plain_name_replaces_what_its_brackets_set() {
        assert_eq!(read("a[b]=2&a=1"), map([("a", value("1"))]));
        assert_eq!(read("a[]=2&a=1"), map([("a", value("1"))]));
        assert_eq!(read("a[b][c]=1&a[b]=2"), map([("a", map([("b", value("2"))]))]));
    }

    #[test]
    fn depth_and_count_have_limits() {
        let deep = |levels: usize| format!("a{}=1", "[b]".repeat(levels - 1));
        assert!(decode(deep(FORM_LEVELS_MAX).as_bytes()).is_ok());
        assert!(refusal(&deep(FORM_LEVELS_MAX + 1)).contains("levels deep"));
        let many = |values: usize| "a[]=1&".repeat(values);
        assert!(decode(many(FORM_VALUES_MAX).as_bytes()).is_ok());
        assert!(refusal(&many(FORM_VALUES_MAX + 1)).contains("at most 10000 parameter values"));
    }

    #[test]
    fn a_body_is_laid_over_a_query() {
        assert_eq!(
            merge(read("a=1&b[x]=1&c=1"), read("b[y]=2&a=2")),
            map([("c", value("1")), ("b", map([("y", value("2"))])), ("a", value("2"))])
        );
    }

    #[test]
    fn path_segments_are_decoded_without_form_rules() {
        assert_eq!(decode_text("a%2Fb+c&d"), "a/b c&d");
        assert_eq!(decode_text("plain"), "plain");
    }
}
