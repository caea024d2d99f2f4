//! Country specs: what the table of countries says of each (connect-accounts 3.4, 5).
//!
//! May use: the table of countries, the currencies. Invariant: nothing of it is stored; it is the same for every account.

use crate::api::list;
use crate::contract::{Behaviour, Call, Ctx, Entry, In, Outcome, missing};
use crate::countries::{self, Country};
use crate::error::Result;
use crate::money;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::{Kind, Tx};

/// The kind, for references.
pub const KIND: Kind = crate::kind!("country_spec");

fn texts(all: impl Iterator<Item = String>) -> Doc {
    Doc::List(all.map(Doc::from).collect())
}

fn shown(country: &Country) -> Map {
    let banks = country.banks().into_iter().map(|(currency, code)| (currency.into(), vec![Doc::from(code)].into()));
    let banks = banks.collect();
    let part = |minimum: Doc| Map::from([("additional", Doc::List(Vec::new())), ("minimum", minimum)]);
    let common = || ["business_profile.url", "external_account", "tos_acceptance.date", "tos_acceptance.ip"];
    let common = || common().into_iter().map(str::to_owned);
    let person = countries::person(country.code).needs().map(|path| format!("individual.{path}"));
    let company = countries::company(country.code);
    let owners = company.owners().into_iter().flatten().map(|path| format!("owners.{path}"));
    let people = company.representative().map(|path| format!("representative.{path}")).chain(owners);
    Map::from([
        ("id", Doc::from(country.code)),
        ("object", KIND.name().into()),
        ("default_currency", country.currency.into()),
        ("supported_bank_account_currencies", Map::from_entries(banks).into()),
        ("supported_payment_currencies", texts(money::CURRENCIES.iter().map(|currency| (*currency).to_owned()))),
        ("supported_payment_methods", texts(["card", "stripe"].into_iter().map(str::to_owned))),
        ("supported_transfer_countries", texts(countries::all().iter().map(|country| country.code.to_owned()))),
        (
            "verification_fields",
            Map::from([
                ("company", part(texts(common().chain(people)))),
                ("individual", part(texts(common().chain(person)))),
            ])
            .into(),
        ),
    ])
}

/// `GET /v1/country_specs`.
fn list_all(_: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (rows, has_more) = list::part_of(countries::all(), call, ENTRY.noun, |row| row.code)?;
    let rows = rows.iter().map(|row| shown(row).into()).collect();
    Ok(Outcome::Value(list::page_envelope(call, rows, has_more, countries::all().len()).into()))
}

/// `GET /v1/country_specs/:country`.
fn retrieve(_: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let row = countries::find(call.arg(0)).ok_or_else(|| missing(KIND, call.arg(0), In::Path))?;
    Ok(Outcome::Value(shown(row).into()))
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    noun: "country spec",
    id: IdForm::NONE,
    path_param: "country",
    operations: &[
        ("country_specs.list", Behaviour::Read(list_all)),
        ("country_specs.retrieve", Behaviour::Read(retrieve)),
    ],
    is_known: Some(|_, id| countries::find(id).is_some()),
    made_up: Some(|_, id| countries::find(id).map(shown)),
    derived: true,
    ..Entry::PLAIN
};
