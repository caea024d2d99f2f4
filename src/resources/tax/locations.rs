//! Tax locations: where something is performed, such as a concert (billing-2 9.6).
//!
//! May use: places. Invariant: a location never changes, and its place is known.

use crate::contract::{Behaviour, Call, Ctx, Entry, Marked, Outcome};
use crate::error::{ApiError, Result};
use crate::jurisdictions::TaxPlace;
use crate::object::body;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::Resource;
use crate::state::{Kind, Tx};

crate::resource! {
    /// A tax location.
    Location = "tax.location" {
        /// What is done there: `performance`.
        kind as "type": String,
    }
    hidden {
        /// Unix seconds; the API does not show it.
        created: i64,
    }
}

/// The kind, for references.
pub const KIND: Kind = Location::KIND;

/// `POST /v1/tax/locations`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    if TaxPlace::of(call.params.map("address")).is_none() {
        return Err(ApiError::tax_location_imprecise());
    }
    let id = ENTRY.id.draw(&ctx.ids);
    let shown = body::new(tx, ctx, KIND, &id, &call.params)?;
    let location = Location::from_docs(shown, Map::new(), ctx.now).map_err(|_| ApiError::internal())?;
    Ok(Outcome::Done(tx.insert(location)))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: Location::FIELDS,
    marks: &[Marked::neutral(&["type"], "it has one value")],
    noun: "tax location",
    id: IdForm::of("taxloc_"),
    path_param: "id",
    operations: &[
        ("tax.locations.create", Behaviour::Write(create)),
        ("tax.locations.retrieve", Behaviour::Retrieve),
        ("tax.locations.list", Behaviour::List),
    ],
    filters: &[crate::filter!("type", Location, |location| Some(location.kind.as_str()))],
    named_by: &["performance_location"],
    blank: Some(|_| body::blank_of(KIND)),
    import: crate::contract::import::<Location>,
    ..Entry::PLAIN
};
