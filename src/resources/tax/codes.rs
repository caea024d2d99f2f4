//! Tax codes (billing-2 9.5): a fixed list, the same for every account.
//!
//! May use: the codes' data. Invariant: nothing of it is stored.

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Outcome, missing};
use crate::error::Result;
use crate::jurisdictions::{self, TAX_CODES, TaxCodeRow};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::{Kind, Tx};

/// The kind, for references.
pub const KIND: Kind = crate::kind!("tax_code");

fn shown(row: &TaxCodeRow) -> Map {
    Map::from([
        ("id", Doc::from(row.id)),
        ("object", KIND.name().into()),
        ("description", row.description.into()),
        ("name", row.name.into()),
        ("requirements", Doc::Null),
    ])
}

/// `GET /v1/tax_codes`.
fn list_all(_: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (rows, has_more) = list::part_of(TAX_CODES, call, ENTRY.noun, |row| row.id)?;
    let rows = rows.iter().map(|row| shown(row).into()).collect();
    Ok(Outcome::Value(list::page_envelope(call, rows, has_more, TAX_CODES.len()).into()))
}

/// `GET /v1/tax_codes/:id`.
fn retrieve(_: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let row = jurisdictions::tax_code(call.arg(0)).ok_or_else(|| missing(KIND, call.arg(0), In::Path))?;
    Ok(Outcome::Value(shown(row).into()))
}

/// The registry's entry. The list has the usual codes alone; every text of a code's form is taken as one.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    noun: "tax code",
    id: IdForm::of("txcd_"),
    path_param: "id",
    operations: &[("tax_codes.list", Behaviour::Read(list_all)), ("tax_codes.retrieve", Behaviour::Read(retrieve))],
    is_known: Some(|_, id| jurisdictions::is_tax_code(id)),
    made_up: Some(|_, id| jurisdictions::tax_code(id).map(shown)),
    derived: true,
    named_by: &["tax_code"],
    ..Entry::PLAIN
};
