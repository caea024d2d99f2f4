//! A compact JSON document, as stored and as answered.
//!
//! May use: serde, for reading and writing JSON. Knows nothing of resources, requests or HTTP. Invariant: the entries
//! of a [`Map`] are always in the API's order (`id`, `object`, then the other keys alphabetically), so that writing is
//! a walk and looking a key up is a binary search.

mod compare;
mod map;
mod serde;
#[cfg(test)]
mod tests;
mod text;
pub mod write;

pub use self::compare::{MemberDifference, differing_members};
pub use self::map::Map;
pub use self::text::Text;

/// A JSON value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Doc {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number; amounts, counts and Unix seconds are of this kind.
    Int(i64),
    /// A number with a fraction, such as a percentage.
    Float(f64),
    /// A string.
    Text(Text),
    /// An array.
    List(Vec<Doc>),
    /// An object.
    Map(Map),
}

impl Doc {
    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Doc::Null)
    }

    /// About how many bytes the value takes besides its own place.
    pub fn weight(&self) -> usize {
        match self {
            Doc::Null | Doc::Bool(_) | Doc::Int(_) | Doc::Float(_) => 0,
            Doc::Text(text) => map::outside(text),
            Doc::List(items) => items.iter().map(|item| size_of::<Doc>() + item.weight()).sum(),
            Doc::Map(map) => map.weight(),
        }
    }

    /// As [`weight`](Self::weight), without what it shares with an earlier value in its place.
    pub fn weight_beside(&self, earlier: Option<&Doc>) -> usize {
        match (self, earlier) {
            (Doc::Map(map), Some(Doc::Map(earlier))) => map.weight_beside(earlier),
            // An equal text that was sent anew takes memory of its own.
            (Doc::Text(text), Some(Doc::Text(earlier))) if std::ptr::eq(text.as_str(), earlier.as_str()) => 0,
            (Doc::List(items), Some(Doc::List(earlier))) => {
                let item = |(at, item): (usize, &Doc)| size_of::<Doc>() + item.weight_beside(earlier.get(at));
                items.iter().enumerate().map(item).sum()
            }
            _ => self.weight(),
        }
    }

    /// About how many bytes the value takes, if it shares nothing with others.
    pub fn weight_in_all(&self) -> usize {
        match self {
            Doc::Map(map) => map.iter().map(|(_, value)| size_of::<(Text, Doc)>() + value.weight_in_all()).sum(),
            Doc::List(items) => items.iter().map(|item| size_of::<Doc>() + item.weight_in_all()).sum(),
            other => other.weight(),
        }
    }

    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Doc::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if this is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Doc::Int(n) => Some(*n),
            _ => None,
        }
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Doc::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The object, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Doc::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The array, if this is one.
    pub fn as_list(&self) -> Option<&[Doc]> {
        match self {
            Doc::List(list) => Some(list),
            _ => None,
        }
    }

    /// Whether two values are the same memory, as far as they hold any.
    fn is_same(&self, other: &Doc) -> bool {
        match (self, other) {
            (Doc::Map(mine), Doc::Map(theirs)) => mine.is_same(theirs),
            (Doc::List(mine), Doc::List(theirs)) => {
                mine.len() == theirs.len() && mine.iter().zip(theirs).all(|(mine, theirs)| mine.is_same(theirs))
            }
            (mine, theirs) => mine == theirs,
        }
    }
}

impl From<Map> for Doc {
    fn from(map: Map) -> Self {
        Doc::Map(map)
    }
}
impl From<&'static str> for Doc {
    fn from(text: &'static str) -> Self {
        Doc::Text(text.into())
    }
}
impl From<String> for Doc {
    fn from(text: String) -> Self {
        Doc::Text(text.into())
    }
}
impl From<Text> for Doc {
    fn from(text: Text) -> Self {
        Doc::Text(text)
    }
}
impl From<i64> for Doc {
    fn from(n: i64) -> Self {
        Doc::Int(n)
    }
}
impl From<f64> for Doc {
    fn from(n: f64) -> Self {
        Doc::Float(n)
    }
}
impl From<bool> for Doc {
    fn from(b: bool) -> Self {
        Doc::Bool(b)
    }
}
impl<T: Into<Doc>> From<Option<T>> for Doc {
    fn from(value: Option<T>) -> Self {
        value.map_or(Doc::Null, Into::into)
    }
}
impl<T: Into<Doc>> From<Vec<T>> for Doc {
    fn from(values: Vec<T>) -> Self {
        Doc::List(values.into_iter().map(Into::into).collect())
    }
}
