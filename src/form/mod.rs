//! The form grammar: flat pairs become a tree (core-payments 1.2).
//!
//! May use: serde_urlencoded for the pairs. Invariant: no input makes it panic, recurse deeper than
//! [`FORM_LEVELS_MAX`], or need much more than linear time.

pub(crate) mod json;

use std::collections::{HashMap, HashSet};

use crate::error::ApiError;
use crate::limits::{FORM_LEVELS_MAX, FORM_VALUES_MAX};

/// A decoded form, before its types are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A single value.
    Value(String),
    /// What `name[]=…` appends.
    List(Vec<Form>),
    /// What `name[key]=…` sets, in the order of first appearance. A list with numbered elements is also a map, until
    /// its type is known.
    Map(Vec<(String, Form)>),
}

impl Default for Form {
    fn default() -> Self {
        Form::Map(Vec::new())
    }
}

impl Form {
    /// The single value of a name at the root.
    pub fn value(&self, name: &str) -> Option<&str> {
        let Form::Map(entries) = self else { return None };
        entries.iter().find(|(key, _)| key == name).and_then(|(_, form)| match form {
            Form::Value(value) => Some(value.as_str()),
            _ => None,
        })
    }

    /// The values of a list at the root.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let Form::Map(entries) = self else { return Vec::new() };
        let list = entries.iter().find_map(|(key, form)| match form {
            Form::List(items) if key == name => Some(items.as_slice()),
            _ => None,
        });
        let values = list.unwrap_or_default().iter();
        values.filter_map(|item| if let Form::Value(value) = item { Some(value.as_str()) } else { None }).collect()
    }
}

impl Form {
    /// The single value that a name such as `card[number]` has.
    pub fn text(&self, name: &str) -> Option<&str> {
        let path = segments(name).ok()?;
        let found = path.iter().try_fold(self, |form, segment| match (form, segment) {
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
    if input.is_empty() {
        return Ok(Form::default());
    }
    // Counted before anything is decoded, so that a body of separators costs no memory.
    if input.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).count() > FORM_VALUES_MAX {
        return Err(ApiError::too_many_values(FORM_VALUES_MAX));
    }
    let mut root = FormEntries::default();
    // A pair without a name says nothing; some clients send `?=` where they have no filter.
    for (name, value) in pairs(input).into_iter().filter(|(name, _)| !name.is_empty()) {
        match root.position(&name) {
            // Most names are plain and new.
            None if !name.contains('[') => root.push(name, FormNode::Value(value)),
            _ => {
                let path = segments(&name)?;
                root.put(&path, value).map_err(|Conflict| ApiError::shape_conflict(&name))?;
            }
        }
    }
    Ok(root.into_form())
}

/// As [`decode`], but a plain name that is sent several times is a list (`include=a&include=b` under `/v2`).
///
/// # Errors
/// Those of [`decode`].
pub fn decode_repeated(input: &[u8]) -> Result<Form, ApiError> {
    let pairs = pairs(input);
    let mut seen = HashSet::new();
    let repeated: HashSet<&str> =
        pairs.iter().filter(|(name, _)| !seen.insert(name.as_str())).map(|(name, _)| name.as_str()).collect();
    if repeated.is_empty() {
        return decode(input);
    }
    let as_list = |name: &str| !name.contains('[') && repeated.contains(name);
    let named =
        pairs.iter().map(|(name, value)| (if as_list(name) { format!("{name}[]") } else { name.clone() }, value));
    let named: Vec<(String, &String)> = named.collect();
    decode(serde_urlencoded::to_string(named).unwrap_or_default().as_bytes())
}

/// The names and values of a form. Any bytes are pairs; bytes that are not UTF-8 are replaced.
fn pairs(input: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(input).unwrap_or_default()
}

/// Merges two forms: a name at the root of both has the value of `over`.
#[must_use]
pub fn merge(under: Form, over: Form) -> Form {
    match (under, over) {
        (Form::Map(under), over) if under.is_empty() => over,
        (Form::Map(mut under), Form::Map(over)) => {
            let replaced: HashSet<&str> = over.iter().map(|(key, _)| key.as_str()).collect();
            under.retain(|(key, _)| !replaced.contains(key.as_str()));
            under.extend(over);
            Form::Map(under)
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

/// `a[b][]` is `a`, `b`, append. A malformed name is a plain name, which no operation knows.
fn segments(name: &str) -> Result<Vec<NameSegment<'_>>, ApiError> {
    let whole = || Ok(vec![NameSegment::Key(name)]);
    let Some(open) = name.find('[') else { return whole() };
    let (head, mut rest) = name.split_at(open);
    if head.is_empty() {
        return whole();
    }
    let mut path = vec![NameSegment::Key(head)];
    while !rest.is_empty() {
        let Some((inner, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else { return whole() };
        if inner.contains('[') {
            return whole();
        }
        path.push(if inner.is_empty() { NameSegment::Append } else { NameSegment::Key(inner) });
        if path.len() > FORM_LEVELS_MAX {
            return Err(ApiError::nesting_too_deep(FORM_LEVELS_MAX));
        }
        rest = after;
    }
    Ok(path)
}

/// Brackets behind a name that has a value or is a list already.
struct Conflict;

/// A form during decoding.
enum FormNode {
    Value(String),
    List(Vec<FormNode>),
    Map(FormEntries),
}

/// The entries of a map; many entries get an index of their keys.
#[derive(Default)]
struct FormEntries {
    list: Vec<(String, FormNode)>,
    index: HashMap<String, usize>,
}

/// The number of entries from which a map has an index.
const INDEXED_FROM: usize = 16;

impl FormEntries {
    fn position(&self, key: &str) -> Option<usize> {
        if self.list.len() <= INDEXED_FROM {
            self.list.iter().position(|(known, _)| known == key)
        } else {
            self.index.get(key).copied()
        }
    }

    fn push(&mut self, key: String, node: FormNode) {
        if self.list.len() > INDEXED_FROM {
            self.index.insert(key.clone(), self.list.len());
        }
        self.list.push((key, node));
        if self.list.len() == INDEXED_FROM + 1 {
            self.index = self.list.iter().enumerate().map(|(i, (key, _))| (key.clone(), i)).collect();
        }
    }

    fn put(&mut self, path: &[NameSegment<'_>], value: String) -> Result<(), Conflict> {
        let [NameSegment::Key(key), rest @ ..] = path else { return Err(Conflict) };
        match self.position(key) {
            Some(i) => self.list[i].1.put(rest, value)?,
            None => self.push((*key).to_owned(), FormNode::of(rest, value)),
        }
        Ok(())
    }

    fn into_form(self) -> Form {
        Form::Map(self.list.into_iter().map(|(key, node)| (key, node.into_form())).collect())
    }
}

impl FormNode {
    fn of(path: &[NameSegment<'_>], value: String) -> FormNode {
        match path {
            [] => FormNode::Value(value),
            [NameSegment::Append, rest @ ..] => FormNode::List(vec![FormNode::of(rest, value)]),
            [NameSegment::Key(key), rest @ ..] => {
                let mut entries = FormEntries::default();
                entries.push((*key).to_owned(), FormNode::of(rest, value));
                FormNode::Map(entries)
            }
        }
    }

    fn put(&mut self, path: &[NameSegment<'_>], value: String) -> Result<(), Conflict> {
        match (self, path) {
            // The last value of a repeated plain name is kept.
            // A plain name after the same name with brackets replaces what it set (core-payments 1.2.12).
            (node, []) => *node = FormNode::Value(value),
            (FormNode::List(items), [NameSegment::Append, rest @ ..]) => {
                let last = items.last_mut().filter(|last| last.has_room(rest));
                match last {
                    Some(last) => last.put(rest, value)?,
                    None => items.push(FormNode::of(rest, value)),
                }
            }
            (FormNode::Map(entries), path) => entries.put(path, value)?,
            _ => return Err(Conflict),
        }
        Ok(())
    }

    /// Whether `items[][key]=…` belongs to this element: a key that repeats begins the next element.
    fn has_room(&self, path: &[NameSegment<'_>]) -> bool {
        match (self, path) {
            (FormNode::Map(entries), [NameSegment::Key(key), rest @ ..]) => match entries.position(key) {
                None => true,
                Some(i) => !rest.is_empty() && entries.list[i].1.has_room(rest),
            },
            (FormNode::List(_), [NameSegment::Append, ..]) => true,
            _ => false,
        }
    }

    fn into_form(self) -> Form {
        match self {
            FormNode::Value(value) => Form::Value(value),
            FormNode::List(items) => Form::List(items.into_iter().map(FormNode::into_form).collect()),
            FormNode::Map(entries) => entries.into_form(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Form {
        Form::Value(text.to_owned())
    }

    fn map<const N: usize>(entries: [(&str, Form); N]) -> Form {
        Form::Map(entries.into_iter().map(|(key, form)| (key.to_owned(), form)).collect())
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
