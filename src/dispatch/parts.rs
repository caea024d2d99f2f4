//! Parts of nested objects in an update (core-payments 1.2.8).
//!
//! May use: the catalogue, the registry, the state. Invariant: a part alone is only taken where the rest is stored.

use super::declared;
use crate::catalogue::{self, Field, Returns, Type};
use crate::contract::{self, Call};
use crate::error::{ApiError, Result};
use crate::state::Tx;
use crate::state::document::Map;

/// Checks that every nested object in an update is stored already, or is sent whole, as creating the object would need it.
///
/// # Errors
/// The first part that is missing.
pub(super) fn check(tx: &Tx, call: &Call<'_>) -> Result<()> {
    let operation = call.operation;
    let Some(stem) = operation.name.strip_suffix(".update") else { return Ok(()) };
    let Returns::Object([name]) = operation.returns else { return Ok(()) };
    let Some(object) = catalogue::object(name) else { return Ok(()) };
    if !call.params.iter().any(|(_, value)| value.as_map().is_some()) {
        return Ok(());
    }
    let record = contract::resolve(tx, object.kind, declared::id(call)).filter(|record| !record.deleted);
    let Some(stored) = record.and_then(|record| contract::show(record, object.kind)) else { return Ok(()) };
    let create = catalogue::operation(&format!("{stem}.create")).map_or(&[][..], |create| create.params);
    let level = Level { update: operation.params, create, shown: object.fields };
    match level.missing(&call.params, &stored) {
        Some(param) => Err(ApiError::param_missing(&param)),
        None => Ok(()),
    }
}

/// The fields of an object, as an update and a creation send them, and as it is shown.
struct Level {
    update: &'static [Field],
    create: &'static [Field],
    shown: &'static [Field],
}

impl Level {
    /// The first part that is missing below this level, with its brackets.
    fn missing(&self, sent: &Map, stored: &Map) -> Option<String> {
        sent.iter().find_map(|(name, value)| {
            let part = value.as_map().filter(|part| !part.is_empty())?;
            let below = self.below(name)?;
            let inner = match stored.map(name) {
                Some(stored) => below.missing(part, stored),
                None => below.missing_in_new(part),
            };
            inner.map(|inner| within(name, &inner))
        })
    }

    /// The first part that is missing in an object that is not stored.
    fn missing_in_new(&self, sent: &Map) -> Option<String> {
        let needed = if self.create.is_empty() { self.update } else { self.create };
        let absent = needed.iter().find(|field| field.required && sent.present(field.name).is_none());
        absent.map(|field| field.name.to_owned()).or_else(|| self.missing(sent, &Map::new()))
    }

    /// The level of a nested object; none for what is no object, or is shown otherwise.
    fn below(&self, name: &str) -> Option<Level> {
        let fields = |of: &'static [Field]| match catalogue::field(of, name).map(|field| field.kind) {
            Some(Type::Object(fields)) => Some(*fields),
            _ => None,
        };
        let create = fields(self.create).unwrap_or(&[]);
        Some(Level { update: fields(self.update)?, create, shown: fields(self.shown)? })
    }
}

/// `a` and `b[c]` become `a[b][c]`.
fn within(name: &str, inner: &str) -> String {
    let (first, rest) = inner.find('[').map_or((inner, ""), |at| inner.split_at(at));
    format!("{name}[{first}]{rest}")
}
