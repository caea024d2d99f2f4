//! Exchange rates as the API shows them: between whole units, at the rate of a payment (connect-accounts 7.4).
//!
//! May use: the rates' table. Invariant: nothing of it is stored.

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Outcome, missing};
use crate::error::Result;
use crate::money;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Tx};

const KIND: Kind = crate::kind!("exchange_rate");

fn shown(base: &'static str) -> Map {
    let rates = money::convertible().into_iter().map(|to| (to.into(), Doc::from(money::whole_rate(base, to))));
    Map::from([
        ("id", Doc::from(base)),
        ("object", KIND.name().into()),
        ("rates", Map::from_entries(rates.collect()).into()),
    ])
}

/// `GET /v1/exchange_rates`.
fn list_all(_: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let currencies = money::convertible();
    let (rows, has_more) = list::part_of(&currencies, call, ENTRY.noun, |currency| currency)?;
    let rows = rows.iter().map(|currency| shown(currency).into()).collect();
    Ok(Outcome::Value(list::page_envelope(call, rows, has_more, currencies.len()).into()))
}

/// `GET /v1/exchange_rates/:rate_id`.
fn retrieve(_: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let id = call.arg(0);
    let known = money::convertible().into_iter().find(|currency| *currency == id);
    Ok(Outcome::Value(shown(known.ok_or_else(|| missing(KIND, id, In::Path))?).into()))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    noun: "exchange rate",
    path_param: "rate_id",
    operations: &[
        ("exchange_rates.list", Behaviour::Read(list_all)),
        ("exchange_rates.retrieve", Behaviour::Read(retrieve)),
    ],
    derived: true,
    ..Entry::PLAIN
};
