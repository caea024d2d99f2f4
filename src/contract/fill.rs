//! Sources of default values: where a field's value comes from when the request does not contain it.
//!
//! May use: documents. Invariant: data alone; the generic operations compute the values.

use crate::state::Kind;
use crate::state::document::{Doc, Map};

/// The defaults of a kind: the paths of fields with the sources of their values. A segment `*` of a path matches any. A
/// new object shows each field that may be null, as `null`, and leaves out the others that its type calls optional
/// (shapes 1.1, 1.3); a row says what differs: a value, or [`Fill::Absent`].
pub type Defaults = &'static [(&'static str, Fill)];

/// The source of a value.
#[derive(Clone, Copy, Debug)]
pub enum Fill {
    /// The field is left out, although it may be null.
    Absent,
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
    /// The sandbox's time, in Unix seconds.
    Now,
    /// This many seconds after now.
    After(i64),
    /// This many seconds after now, in the form of `/v2`.
    Instant(i64),
    /// A prefix and this many random base-62 characters.
    Random(&'static str, usize),
    /// A text in which `{id}` is the object's id, `{base}` the server's address, and `{random}` random characters.
    Format(&'static str),
    /// The value at a path of the parameters.
    Sent(&'static str),
    /// The value at another path of the object itself.
    Own(&'static str),
    /// A field of the object that a parameter refers to: its kind, the parameter, and the field's path.
    Of(Kind, &'static str, &'static str),
    /// The id of the current account.
    Account,
    /// The first source with a value.
    First(&'static [Fill]),
}

impl Fill {
    /// The value, if it is the same for every object.
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
