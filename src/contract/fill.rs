//! Where a field's value comes from when the request does not say it; stands in the kind's [`Entry`](super::Entry).
//!
//! May use: documents. Invariant: data alone; the generic operations read what a fill names.

use crate::state::document::{Doc, Map};

/// The defaults of a kind: the paths of fields, and where their values come from. A segment `*` of a path stands for any.
/// A row that the field's type does not need is a field that the API shows although it could be null or absent.
pub type Defaults = &'static [(&'static str, Fill)];

/// Where a value comes from.
#[derive(Clone, Copy, Debug)]
pub enum Fill {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Int(i64),
    /// A fixed text.
    Text(&'static str),
    /// `[]`.
    EmptyList,
    /// An array of fixed texts.
    Texts(&'static [&'static str]),
    /// An object whose fields come from fills.
    Object(&'static [(&'static str, Fill)]),
    /// The sandbox's now, in Unix seconds.
    Now,
    /// So many seconds after now.
    After(i64),
    /// So many seconds after now, as `/v2` writes times.
    Instant(i64),
    /// A prefix and so many base-62 characters.
    Random(&'static str, usize),
    /// A text in which `{id}` stands for the object's id, `{base}` for the server's address, `{random}` for
    /// characters that nobody guesses.
    Format(&'static str),
    /// What the request says at a path of its parameters.
    Sent(&'static str),
    /// What the object itself says at another path.
    Own(&'static str),
    /// A field of the object that the path names as the parent: the parent's position and the path in it.
    OfParent(usize, &'static str),
    /// A field of the object that a parameter names: its kind, the parameter, and the path in it.
    Of(&'static str, &'static str, &'static str),
    /// The id of the account at hand.
    Account,
    /// The first that yields a value.
    First(&'static [Fill]),
}

impl Fill {
    /// The value that is the same for every object.
    pub fn constant(&self) -> Option<Doc> {
        Some(match self {
            Fill::Null => Doc::Null,
            Fill::Flag(flag) => Doc::Bool(*flag),
            Fill::Int(n) => Doc::Int(*n),
            Fill::Text(text) => Doc::from(*text),
            Fill::EmptyList => Doc::List(Vec::new()),
            Fill::Texts(texts) => Doc::List(texts.iter().map(|text| Doc::from(*text)).collect()),
            Fill::Object(fields) => {
                let entries = fields.iter().map(|(key, fill)| Some(((*key).into(), fill.constant()?)));
                Doc::Map(Map::from_entries(entries.collect::<Option<Vec<_>>>()?))
            }
            _ => return None,
        })
    }
}
