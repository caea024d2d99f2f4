//! Persons: the people behind an account (connect-accounts 4, billing 6.2).
//!
//! May use: accounts, files, tokens. Invariant: a person is an object of the connected account; its requirements and what the
//! service thinks of it follow from the account.

pub(super) mod files;
pub(super) mod shape;

use std::sync::Arc;

use super::requirements::{self, NumberOutcome};
use super::{Account, check_path, stored};
use crate::api::list;
use crate::contract::{
    self, Behaviour, Call, Ctx, Entry, Events, Fill, In, Marked, On, Outcome, Params, Reaction, Trigger, Who, missing,
};
use crate::error::{ApiError, Result};
use crate::object::body;
use crate::resources::connect::directory;
use crate::resources::instruments::tokens;
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{Object, Resource};
use crate::state::{AccountKey, Edit, Id, Kind, Ref, Tx};

crate::resource! {
    /// A person behind an account.
    Person = "person" {
        /// The account.
        account: Id,
        /// Unix seconds.
        created: i64,
        /// The user's own keys and values.
        metadata: Map,
    }
    hidden {
        /// What becomes of the id number that was told last; null if none was.
        number: Option<String>,
        /// How many id numbers were told.
        numbers: Option<i64>,
        /// Whether a document is one that the service does not believe.
        forged: bool,
        /// The files of documents, by the names of the documents.
        papers: Map,
        /// When it was changed last, in Unix seconds; null if it never was.
        updated: Option<i64>,
        /// What was told under `/v2` and has no place in `/v1`, under its names there.
        v2: Map,
    }
}

/// The kind, for references.
pub const KIND: Kind = Person::KIND;

/// The people behind an account, in the order of their creation.
pub(super) fn all_of(tx: &Tx, account: &str) -> Vec<Arc<Person>> {
    let Some(place) = tx.state().account(account) else { return Vec::new() };
    let mut all = tx.read_within(place, |tx| tx.having::<Person>("account", account));
    all.reverse();
    all
}

/// A person as a fact of its account: what was told, without what follows from the account.
pub(super) fn fact(person: &Person) -> Map {
    let mut fact = person.to_doc();
    for key in ["additional_tos_acceptances", "requirements", "future_requirements"] {
        let _ = fact.remove(key);
    }
    if let Some(Doc::Map(verification)) = fact.get_mut("verification") {
        for key in ["details", "details_code", "status"] {
            let _ = verification.remove(key);
        }
    }
    fact.with("forged", person.forged)
        .with("number", person.number.clone())
        .with("numbers", person.numbers)
        .with("papers", person.papers.clone())
        .with("updated", person.updated)
        .with("v2", person.v2.clone())
}

/// Notes what an account's individual was told that `/v1` has no place for.
pub(super) fn note_individual(tx: &mut Tx, account: &Id, told: &Map) {
    let known = all_of(tx, account).into_iter().find(|person| is_representative(person));
    if let (Some(person), Some(place)) = (known, tx.state().account(account)) {
        tx.within(place, |tx| tx.update::<Person>(&person.id, |person| person.v2.merge(told)));
    }
}

/// Creates or changes the individual of an account that is being written, and returns the person.
///
/// # Errors
/// Those of a person's own operations, with parameters below `individual`.
pub(super) fn put_individual(tx: &mut Tx, ctx: &Ctx<'_>, account: &Account, sent: &Map) -> Result<()> {
    let known = all_of(tx, &account.id).into_iter().find(|person| is_representative(person));
    let mut sent = sent.clone();
    if known.is_none() {
        sent.merge(&Map::from([("relationship", Map::from([("representative", true)]))]));
    }
    let id = known.as_ref().map_or("", |person| &*person.id);
    put(tx, ctx, account, id, &sent).map_err(|error| error.inside("individual"))
}

/// Tells something of a person of an account; the empty id is that of somebody new.
///
/// # Errors
/// Those of a person's own operations.
pub(super) fn put(tx: &mut Tx, ctx: &Ctx<'_>, account: &Account, id: &str, sent: &Map) -> Result<()> {
    let known = all_of(tx, &account.id).into_iter().find(|person| *person.id == *id);
    let Some(place) = tx.state().account(&account.id) else { return Ok(()) };
    tx.within(place, |tx| match known {
        Some(person) => change(tx, ctx, account, &person, sent),
        None => make(tx, ctx, account, sent).map(|_| ()),
    })
}

fn is_representative(person: &Person) -> bool {
    person.rest.map("relationship").and_then(|roles| roles.bool("representative")) == Some(true)
}

/// Creates a person in the current account.
fn make(tx: &mut Tx, ctx: &Ctx<'_>, account: &Account, sent: &Map) -> Result<Ref> {
    let id = ENTRY.id.draw(&ctx.ids);
    let mut person = Person {
        id: id.clone().into(),
        account: Id::clone(&account.id),
        created: ctx.now,
        metadata: Map::new(),
        number: None,
        numbers: None,
        forged: false,
        papers: Map::new(),
        updated: None,
        v2: Map::new(),
        rest: body::new(tx, ctx, KIND, &id, &Map::new())?,
    };
    for key in ["id", "object", "account", "created", "metadata"] {
        let _ = person.rest.remove(key);
    }
    tell(tx, ctx, account, &mut person, sent)?;
    Ok(tx.insert(person))
}

/// Merges what was told into a person.
pub(super) fn change(tx: &mut Tx, ctx: &Ctx<'_>, account: &Account, person: &Arc<Person>, sent: &Map) -> Result<()> {
    let mut changed = Edit::of(Arc::clone(person));
    tell(tx, ctx, account, &mut changed, sent)?;
    changed.updated = Some(ctx.now);
    changed.save(tx);
    Ok(())
}

/// Applies parameters to a person.
fn tell(tx: &mut Tx, ctx: &Ctx<'_>, account: &Account, person: &mut Person, sent: &Map) -> Result<()> {
    let mut sent = sent.clone();
    if let Some(phone) = sent.str("phone").map(shape::phone) {
        sent.set("phone", phone);
    }
    if let Some(Doc::Map(verification)) = sent.get_mut("verification") {
        let proof = files::take_verification(tx, ctx, verification, "verification")?;
        if proof.is_sent {
            person.forged = proof.is_forged;
        }
    }
    if let Some(documents) = sent.map("documents").cloned() {
        let taken = files::take_documents(tx, ctx, &documents, "documents")?;
        let last = taken.iter().filter_map(|(_, files)| files.as_list()?.last()?.as_str()).last();
        if let Some(front) = last {
            // A passport is the document of its person, too.
            let document = Map::from([("document", Map::from([("front", front.to_owned())]))]);
            sent.merge(&Map::from([("verification", document)]));
        }
        person.papers.merge(&taken);
    }
    if let Some(number) = sent.str("id_number") {
        person.number = Some(NumberOutcome::of(number).as_str().to_owned());
        person.numbers = Some(person.numbers.unwrap_or_default() + 1);
    }
    let mut shown = person.to_doc();
    body::change(tx, ctx, KIND, &mut shown, &sent)?;
    // That somebody has no other names is told, too.
    if sent.get("full_name_aliases").is_some_and(Doc::is_null) {
        shown.set("full_name_aliases", Doc::List(Vec::new()));
    }
    person.metadata = shown.map("metadata").cloned().unwrap_or_default();
    for key in ["id", "object", "account", "created", "metadata"] {
        let _ = shown.remove(key);
    }
    shape::complete(&mut shown, shape::Place::of(account));
    person.rest = shown;
    Ok(())
}

/// The account in the path, with the place of its people.
fn owner(tx: &Tx, call: &Call<'_>) -> Result<(Arc<Account>, AccountKey)> {
    check_path(tx, call.arg(0))?;
    let account = stored(tx, call.arg(0))?;
    let place = directory::find(tx, &account.id).ok_or_else(ApiError::internal)?;
    Ok((account, place))
}

/// The person in the path.
fn in_path(tx: &Tx, account: &Account, place: AccountKey, call: &Call<'_>) -> Result<Arc<Person>> {
    let found = tx.read_within(place, |tx| tx.get::<Person>(call.arg(1)));
    let found = found.filter(|person| person.account == account.id);
    found.ok_or_else(|| missing(KIND, call.arg(1), In::Path))
}

/// The parameter with a token of what a person told.
const TOKEN: &str = "person_token";

/// An error about what a person token told.
fn of_token(error: ApiError, call: &Call<'_>) -> ApiError {
    tokens::about_token(error, &call.params, TOKEN)
}

/// The parameters of a call, with those of a person token among them.
fn sent(tx: &mut Tx, params: &Params) -> Result<Map> {
    let mut sent = Map::clone(params);
    if let Some(token) = params.str(TOKEN) {
        let told = tokens::redeem_told(tx, token, "person", TOKEN)?;
        let _ = sent.remove(TOKEN);
        sent.merge(&told);
    }
    Ok(sent)
}

/// Shows a person as it is after everything that follows from the call. An object of another account is shown as a value.
fn shown(tx: &mut Tx, ctx: &Ctx<'_>, place: AccountKey, id: &str) -> Outcome {
    contract::settle(tx, ctx);
    let about = Ref { kind: KIND, id: id.into() };
    match tx.account() == place {
        true => Outcome::Done(about),
        false => {
            let doc = tx.read_within(place, |tx| tx.record(KIND, id).map(|record| record.object.to_doc()));
            Outcome::Value(doc.unwrap_or_default().into())
        }
    }
}

/// `POST /v1/accounts/:account/persons`.
fn create(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (account, place) = owner(tx, call)?;
    let sent = sent(tx, &call.params)?;
    let made = add(tx, ctx, &account, place, &sent).map_err(|error| of_token(error, call))?;
    Ok(shown(tx, ctx, place, &made.id))
}

/// Creates a person behind an account, whose objects have a place.
///
/// # Errors
/// A second representative, or a file that does not exist.
pub(super) fn add(tx: &mut Tx, ctx: &Ctx<'_>, account: &Account, place: AccountKey, sent: &Map) -> Result<Ref> {
    let is_second = sent.map("relationship").and_then(|roles| roles.bool("representative")) == Some(true)
        && all_of(tx, &account.id).iter().any(|person| is_representative(person));
    if is_second {
        return Err(ApiError::representative_exists());
    }
    tx.within(place, |tx| make(tx, ctx, account, sent))
}

/// `POST /v1/accounts/:account/persons/:person`.
fn update(tx: &mut Tx, ctx: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (account, place) = owner(tx, call)?;
    let person = in_path(tx, &account, place, call)?;
    let sent = sent(tx, &call.params)?;
    tx.within(place, |tx| change(tx, ctx, &account, &person, &sent)).map_err(|error| of_token(error, call))?;
    Ok(shown(tx, ctx, place, &person.id))
}

/// `GET /v1/accounts/:account/persons/:person`.
fn retrieve(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (account, place) = owner(tx, call)?;
    let person = in_path(tx, &account, place, call)?;
    Ok(match tx.account() == place {
        true => Outcome::Done(Ref::to(&*person)),
        false => Outcome::Value(person.to_doc().into()),
    })
}

/// `DELETE /v1/accounts/:account/persons/:person`: the representative stays.
fn delete(tx: &mut Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (account, place) = owner(tx, call)?;
    let person = in_path(tx, &account, place, call)?;
    remove(tx, place, &person)?;
    Ok(match tx.account() == place {
        true => Outcome::Deleted(Ref::to(&*person)),
        false => Outcome::Value(crate::state::stub(&*person).into()),
    })
}

/// Deletes a person from the place of its account's objects.
///
/// # Errors
/// It is the representative.
pub(super) fn remove(tx: &mut Tx, place: AccountKey, person: &Person) -> Result<()> {
    if is_representative(person) {
        return Err(ApiError::representative_stays());
    }
    tx.within(place, |tx| tx.delete::<Person>(&person.id));
    Ok(())
}

/// `GET /v1/accounts/:account/persons`, by what they have to do with the account.
fn list(tx: &Tx, _: &Ctx<'_>, call: &Call<'_>) -> Result<Outcome> {
    let (account, _) = owner(tx, call)?;
    let asked = call.params.map("relationship").cloned().unwrap_or_default();
    let fits = |person: &Person| {
        let roles = person.rest.map("relationship");
        asked.iter().all(|(role, wanted)| {
            wanted.as_bool().is_none_or(|wanted| roles.and_then(|roles| roles.bool(role)) == Some(wanted))
        })
    };
    let mut rows = all_of(tx, &account.id);
    rows.reverse();
    rows.retain(|person| fits(person));
    let total = rows.len();
    let (part, has_more) = list::part_of(&rows, call, ENTRY.noun, |person| &person.id)?;
    let shown = part.iter().map(|person| Doc::Map(person.to_doc())).collect();
    Ok(Outcome::Value(list::page_envelope(call, shown, has_more, total).into()))
}

/// Brings the people behind an account into line with it.
fn follow_account(tx: &mut Tx, _: &Ctx<'_>, id: &Id) -> Result<()> {
    let Ok(account) = stored(tx, id) else { return Ok(()) };
    let Some(place) = tx.state().account(id) else { return Ok(()) };
    for person in all_of(tx, id).into_iter().filter(|person| account.people.has(&person.id)) {
        let mut rest = person.rest.clone();
        requirements::complete(&account, &person.id, &mut rest);
        if rest != person.rest {
            tx.within(place, |tx| tx.update::<Person>(&person.id, |person| person.rest = rest));
        }
    }
    Ok(())
}

/// The registry's entry.
pub static ENTRY: Entry = Entry {
    kind: KIND,
    fields: Person::FIELDS,
    noun: "person",
    id: IdForm::of("person_"),
    path_param: "person",
    filters: &[crate::filter!("account", Person, |person| Some(&*person.account))],
    operations: &[
        ("accounts.persons.create", Behaviour::Write(create)),
        ("accounts.persons.retrieve", Behaviour::Read(retrieve)),
        ("accounts.persons.update", Behaviour::Write(update)),
        ("accounts.persons.delete", Behaviour::Write(delete)),
        ("accounts.persons.list", Behaviour::Read(list)),
        ("accounts.people.create", Behaviour::Write(create)),
        ("accounts.people.retrieve", Behaviour::Read(retrieve)),
        ("accounts.people.update", Behaviour::Write(update)),
        ("accounts.people.delete", Behaviour::Write(delete)),
        ("accounts.people.list", Behaviour::Read(list)),
    ],
    defaults: &[
        ("address_kana", Fill::Absent),
        ("address_kanji", Fill::Absent),
        ("first_name_kana", Fill::Absent),
        ("first_name_kanji", Fill::Absent),
        ("future_requirements", Fill::Absent),
        ("gender", Fill::Absent),
        ("last_name_kana", Fill::Absent),
        ("last_name_kanji", Fill::Absent),
        ("maiden_name", Fill::Absent),
        ("nationality", Fill::Absent),
        ("phone", Fill::Absent),
        ("requirements", Fill::Absent),
        ("us_cfpb_data", Fill::Absent),
    ],
    marks: &[
        Marked::describes(&["person_token"], "tokens.create"),
        Marked::neutral(
            &["ssn_last_4"],
            "a person shows only whether it was sent, and one with its own was sent it before",
        )
        .on(&["accounts.persons.update"]),
    ],
    import: contract::import::<Person>,
    imported: Some(|tx, _, person| {
        tx.quietly(|tx| super::v2::store_person(tx, &person.id));
        Ok(())
    }),
    reactions: &[Reaction { to: directory::KIND, on: On::Change(|_, _| true), who: Who::New, run: follow_account }],
    events: Events {
        created: Some("person.created"),
        updated: &["person.updated"],
        deleted: Some("person.deleted"),
        ..Events::NONE
    },
    triggers: &[
        Trigger::post(
            "person.created",
            "/v1/accounts/{id}/persons",
            &[("first_name", "Jenny"), ("last_name", "Rosen"), ("relationship[director]", "true")],
        )
        .of(directory::KIND),
        Trigger::update("person.updated", "/v1/accounts/{account}/persons/{id}"),
        Trigger::delete("person.deleted", "/v1/accounts/{account}/persons/{id}"),
    ],
    ..Entry::PLAIN
};
