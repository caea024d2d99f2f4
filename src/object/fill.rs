//! The value of a field that was not sent, from its [`Fill`].
//!
//! May use: the state, ids, the call. Invariant: a value has the type of its field, or there is none.

use crate::contract::{Ctx, Fill};
use crate::state::Tx;
use crate::state::document::{Doc, Map};
use crate::time::calendar::rfc3339_millis;

/// The input of fills.
pub(crate) struct FillInput<'a> {
    /// The transaction.
    pub(crate) tx: &'a Tx,
    /// Clock and ids.
    pub(crate) ctx: &'a Ctx<'a>,
    /// The parameters.
    pub(crate) sent: &'a Map,
    /// The object's id; empty for kinds without one.
    pub(crate) id: &'a str,
}

impl Fill {
    /// The value for an object with these fields so far.
    pub(crate) fn value(&self, source: &FillInput<'_>, own: &Map) -> Option<Doc> {
        let present = |doc: Option<&Doc>| doc.filter(|doc| !doc.is_null()).cloned();
        match self {
            Fill::Now => Some(Doc::Int(source.ctx.now)),
            Fill::After(seconds) => Some(Doc::Int(source.ctx.now.saturating_add(*seconds))),
            Fill::Instant(seconds) => Some(Doc::from(rfc3339_millis(source.ctx.now.saturating_add(*seconds)))),
            Fill::Random(prefix, length) => Some(Doc::from(source.ctx.ids.id(prefix, *length))),
            Fill::Format(text) => Some(Doc::from(source.format(text))),
            Fill::Sent(path) => present(at(source.sent, path)),
            Fill::Own(path) => present(at(own, path)),
            Fill::Of(kind, param, path) => {
                let named = at(source.sent, param).or_else(|| at(own, param))?.as_str()?;
                let record = crate::contract::resolve(source.tx, *kind, named)?;
                present(at(&record.object.to_doc(), path))
            }
            Fill::Account => Some(Doc::from(source.tx.account_id().to_string())),
            Fill::First(fills) => fills.iter().find_map(|fill| fill.value(source, own)),
            Fill::Object(fields) => {
                let entries = fields.iter().map(|(key, fill)| Some(((*key).into(), fill.value(source, own)?)));
                Some(Doc::Map(Map::from_entries(entries.collect::<Option<Vec<_>>>()?)))
            }
            constant => constant.constant(),
        }
    }
}

impl FillInput<'_> {
    fn format(&self, text: &str) -> String {
        let mut out = text.replace("{id}", self.id);
        if out.contains("{random}") {
            out = out.replace("{random}", &self.ctx.ids.id("", 24));
        }
        match out.strip_prefix("{base}") {
            Some(path) => self.ctx.link(path),
            None => out,
        }
    }
}

/// The value at a path of keys joined by dots.
pub(crate) fn at<'d>(map: &'d Map, path: &str) -> Option<&'d Doc> {
    match path.split_once('.') {
        None => map.get(path),
        Some((first, rest)) => at(map.map(first)?, rest),
    }
}

/// Sets the value at a path, unless an object on the way is missing.
pub(crate) fn set_at(map: &mut Map, path: &str, value: Doc) {
    match path.split_once('.') {
        None => map.set(path.to_owned(), value),
        Some((first, rest)) => {
            if let Some(Doc::Map(inner)) = map.get_mut(first) {
                set_at(inner, rest, value);
            }
        }
    }
}
