//! Persons of `/v2`: the people behind an account, as that namespace shows them (billing 6.2).
//!
//! May use: persons of `/v1`, tokens. Invariant: a person is one object; its form here follows from it.

use super::super::persons::{self as first, Person};
use super::{PERSON, follow, open, seen, tokens, told};
use crate::api::list;
use crate::contract::{self, Behaviour, Call, Ctx, Entry, In, Marked, On, Outcome, Reaction, Who, missing};
use crate::error::{ApiError, Result};
use crate::generic::v2;
use crate::resources::instruments::tokens::about_token;
use crate::state::document::Map;
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource};
use crate::state::{AccountKey, Id, Ref, Tx};

crate::resource! {
    /// A person as `/v2` shows it.
    CorePerson = "v2.core.account_person" {
        /// The account.
        account: Id,
    }
    hidden {
        /// Unix seconds.
        created: i64,
    }
}

/// `POST /v2/core/accounts/:account/persons`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (account, place) = open(tx, call)?;
    let params = tokens::with_person(tx, ctx, &account.id, &call.params)?;
    let (sent, rest) = told::person(&params).map_err(|error| of_token(error, call))?;
    let made = first::add(tx, ctx, &account, place, &sent).map_err(|error| of_token(told::of_person(error), call))?;
    note(tx, place, &made.id, &rest);
    show(tx, ctx, place, &made.id)
}

/// `POST /v2/core/accounts/:account/persons/:id`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (account, place) = open(tx, call)?;
    let person = stored(tx, place, call)?;
    let params = tokens::with_person(tx, ctx, &account.id, &call.params)?;
    let (sent, rest) = told::person(&params).map_err(|error| of_token(error, call))?;
    let told = tx.within(place, |tx| first::change(tx, ctx, &account, &person, &sent));
    told.map_err(|error| of_token(told::of_person(error), call))?;
    note(tx, place, &person.id, &rest);
    show(tx, ctx, place, &person.id)
}

/// An error about what a person token told.
fn of_token(error: ApiError, call: &Call<'_>) -> ApiError {
    about_token(error, &call.params, "person_token")
}

/// Notes what a person was told that `/v1` has no place for.
fn note(tx: &mut Tx, place: AccountKey, id: &str, rest: &Map) {
    if !rest.is_empty() {
        tx.within(place, |tx| tx.update::<Person>(id, |person| person.v2.merge(rest)));
    }
}

/// `GET /v2/core/accounts/:account/persons/:id`.
fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let place = seen(tx, call)?;
    let person = stored(tx, place, call)?;
    let shown = tx.read_within(place, |tx| tx.get::<CorePerson>(&person.id)).map(|person| person.to_doc());
    Ok(Outcome::Value(shown.unwrap_or_default().into()))
}

/// `DELETE /v2/core/accounts/:account/persons/:id`: the representative stays.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (_, place) = open(tx, call)?;
    let person = stored(tx, place, call)?;
    first::remove(tx, place, &person)?;
    Ok(v2::stub(&Ref { kind: PERSON, id: Id::clone(&person.id) }))
}

/// `GET /v2/core/accounts/:account/persons`.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let place = seen(tx, call)?;
    let parent = Some((ACCOUNT, call.arg(0)));
    let rows = |paged: &Call<'_>| tx.read_within(place, |tx| list::page_where(tx, &ENTRY, paged, parent, &|_| true));
    v2::page(call, &rows, &|item| item.record.object.to_doc())
}

/// The person in the path.
fn stored(tx: &Tx, place: AccountKey, call: &Call<'_>) -> Result<std::sync::Arc<Person>> {
    let found = tx.read_within(place, |tx| tx.get::<Person>(call.arg(1)));
    let found = found.filter(|person| *person.account == *call.arg(0));
    found.ok_or_else(|| missing(PERSON, call.arg(1), In::Path))
}

/// Shows a person as it is after everything that follows from the call.
fn show(tx: &mut Tx, ctx: &Ctx<'_>, place: AccountKey, id: &str) -> Result<Outcome> {
    contract::settle(tx, ctx);
    let shown = tx.read_within(place, |tx| tx.get::<CorePerson>(id)).map(|person| person.to_doc());
    Ok(Outcome::Value(shown.unwrap_or_default().into()))
}

/// The filter by the account.
const ACCOUNT: &str = "account";

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: PERSON,
    fields: CorePerson::FIELDS,
    noun: "person",
    id: IdForm::of("person_"),
    filters: &[crate::filter!("account", CorePerson, |person| Some(&*person.account))],
    marks: &[
        Marked::acts(&["documents"], "connect::v2_persons::documents_of_a_person_are_shown_and_checked"),
        Marked::acts(
            &["additional_terms_of_service", "id_numbers"],
            "connect::v2_persons::a_person_is_created_changed_and_deleted_in_both_views",
        ),
        Marked::acts(&["person_token"], "connect::v2_tokens::a_person_token_tells_what_it_was_made_of_once"),
        Marked::acts(&["limit", "page"], "connect::v2_persons::people_are_listed_the_newest_first_in_pages"),
    ],
    operations: &[
        ("v2.core.accounts.persons.create", Behaviour::Write(create)),
        ("v2.core.accounts.persons.retrieve", Behaviour::Read(retrieve)),
        ("v2.core.accounts.persons.update", Behaviour::Write(update)),
        ("v2.core.accounts.persons.delete", Behaviour::Write(delete)),
        ("v2.core.accounts.persons.list", Behaviour::Read(list)),
    ],
    import: |visible, mut hidden, created| {
        if !hidden.has("created") {
            hidden.set("created", created);
        }
        contract::import::<CorePerson>(visible, hidden, created)
    },
    derived: true,
    history: true,
    recount: Some(follow::recount_people),
    reactions: &[Reaction { to: first::KIND, on: On::Any, who: Who::New, run: follow::person }],
    ..Entry::PLAIN
};
