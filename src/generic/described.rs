//! Objects that a request describes in place, such as `price_data`: they are created first.
//!
//! May use: the generic operations, the registry. Invariant: in the result, the object's id replaces its description;
//! all other parameters stay.

use super::{kinds, operations};
use crate::contract::{self, Ctx};
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};
use crate::state::{Id, Kind, Tx};

/// A parameter that describes an object; the parameter for its id has the name of the kind.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    /// The parameter.
    pub param: &'static str,
    /// The kind of the described object.
    pub kind: Kind,
}

/// The parameters, with the id of a created object instead of its description.
///
/// # Errors
/// A description together with an id, or a description from which nothing can be created.
pub fn one(tx: &mut Tx, ctx: &Ctx<'_>, sent: &Map, what: Described) -> Result<Map> {
    let mut sent = sent.clone();
    make(tx, ctx, &mut sent, what)?;
    Ok(sent)
}

/// As [`one`], in each part of nested lists of the parameters.
///
/// # Errors
/// Those of [`one`], with the place of the part.
pub fn each(tx: &mut Tx, ctx: &Ctx<'_>, sent: &mut Map, lists: &[&str], what: Described) -> Result<()> {
    let [list, below @ ..] = lists else { return make(tx, ctx, sent, what) };
    let Some(Doc::List(parts)) = sent.get_mut(list) else { return Ok(()) };
    parts.iter_mut().enumerate().try_for_each(|(i, part)| match part {
        Doc::Map(part) => each(tx, ctx, part, below, what).map_err(|error| error.inside(&format!("{list}[{i}]"))),
        _ => Ok(()),
    })
}

fn make(tx: &mut Tx, ctx: &Ctx<'_>, sent: &mut Map, Described { param, kind }: Described) -> Result<()> {
    let Some(Doc::Map(data)) = sent.get(param) else { return Ok(()) };
    if sent.present(kind.name()).is_some() {
        return Err(ApiError::params_exclusive(kind.name(), param));
    }
    let id = match contract::with_rules(kind) {
        Some(entry) => {
            let describe = entry.describe.ok_or_else(|| ApiError::not_implemented_feature(param))?;
            describe(tx, ctx, data)
        }
        None => describe_shape(tx, ctx, kind, data),
    };
    let id = id.map_err(|error| error.inside(param))?;
    let _ = sent.remove(param);
    sent.set(kind.name(), id.to_string());
    Ok(())
}

/// Creates an object without rules.
fn describe_shape(tx: &mut Tx, ctx: &Ctx<'_>, kind: Kind, data: &Map) -> Result<Id> {
    let info = kinds::of(kind).ok_or_else(ApiError::internal)?;
    let id = info.new_id(ctx);
    let body = operations::make(tx, ctx, data, info, &id, |_| {})?;
    operations::store(tx, ctx, info, &id, None, body);
    Ok(id.into())
}
