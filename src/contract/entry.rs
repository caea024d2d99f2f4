//! A registry entry: everything that other layers know of a kind.
//!
//! May use: the state, the catalogue, the other declarations here. Invariant: data alone; nothing in it is computed.

use std::sync::Arc;

use super::version::Gate;
use super::{
    Behaviour, Call, Change, Clocked, Ctx, Decision, Defaults, Events, Expand, Marked, Older, Reaction, Searched,
    Spelling, Trigger, Undocumented,
};
use crate::catalogue::Operation;
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{FieldError, Object, Resource, TypedField};
use crate::state::{ClockTime, DueTime, Filter, Id, Indexed, Kind, Rank, Record, Ref, Tx};

/// Everything that other layers know of a kind.
#[derive(Debug)]
pub struct Entry {
    /// Its kind: the `object` value.
    pub kind: Kind,
    /// The fields that its struct shows.
    pub fields: &'static [TypedField],
    /// Its noun in "No such …" (core-payments 1.7).
    pub noun: &'static str,
    /// The form of its ids.
    pub id: IdForm,
    /// The `param` of an error about an id in the path (core-payments 1.7).
    pub path_param: &'static str,
    /// The error about an id in a path that does not exist, if it differs from the usual one (core-payments 1.7).
    pub missing: Option<fn(&str) -> ApiError>,
    /// The behaviour of its operations; an operation in no entry answers 501. The API's search operations need no line
    /// here.
    pub operations: &'static [(&'static str, Behaviour)],
    /// The filters of its lists, the most selective first.
    pub filters: &'static [Filter],
    /// Whether its lists carry `count` (core-payments 1.9.6).
    pub counts: bool,
    /// Whether its lists show its objects in their own order, the first one first; those of other kinds show the newest first.
    pub in_order: bool,
    /// Lists inside the object that are shown when expanded.
    pub includes: &'static [Include],
    /// Other fields that are shown when expanded.
    pub joins: &'static [Join],
    /// Other paths that may be expanded.
    pub expands: &'static [Expand],
    /// How it is searched, if the API searches it.
    pub search: Option<&'static Searched>,
    /// The differences of other versions, the newest change first. Lists inside the object are in
    /// [`includes`](Self::includes) instead.
    pub changes: &'static [Change],
    /// The parameters of its operations in older versions.
    pub older: &'static [Older],
    /// The undocumented values of its operations' parameters.
    pub spellings: &'static [Spelling],
    /// The undocumented parameters of its operations.
    pub undocumented: &'static [Undocumented],
    /// The parameters of its operations, at any depth, with a text for the payer's statement (intents-and-checkout 1.10).
    pub statements: &'static [&'static str],
    /// What becomes of the parameters that no answer of their operation shows.
    pub marks: &'static [Marked],
    /// Other kinds whose objects answer as this kind too.
    pub views: &'static [View],
    /// What a publishable key may do.
    pub public: &'static [Public],
    /// What an ephemeral key may do for its customer.
    pub personal: &'static [Personal],
    /// The tokens of sessions that some of its operations take in place of a key.
    pub tokens: Option<Tokens>,
    /// The parameters that refer to an object of this kind although no answer has a reference of their name. If several
    /// kinds have the same parameter, the kind with the parameter's own name comes first, then the registry's order.
    pub named_by: &'static [&'static str],
    /// What parameters must be that name an object of this kind for something, or say what comes of that, wherever they stand.
    pub param_rules: &'static [ParamRule],
    /// Whether an id belongs to an object that is not stored as this kind: one of a fixed set, or one that is created
    /// when it is used.
    pub is_known: Option<fn(&Tx, &str) -> bool>,
    /// An object that is not stored, where it is expanded: what follows from its id alone.
    pub made_up: Option<fn(&Tx, &str) -> Option<Map>>,
    /// The owners of its objects, if these are parts of others.
    pub part_of: &'static [Owner],
    /// Its members that follow from others: computed whenever an object is stored, and set by nothing else.
    pub derives: Option<Derive>,
    /// Parameters that are shown under another name: the parameter's path, the field's.
    pub renamed: &'static [(&'static str, &'static str)],
    /// Parameters, by their path, that refer to objects of other kinds than elsewhere; to none, if the list is empty.
    pub references: &'static [(&'static str, &'static [Kind])],
    /// The defaults of fields.
    pub defaults: Defaults,
    /// Fields that the API shows and the types lack (shapes 1.4), with the values that do not depend on the object.
    pub unlisted: Defaults,
    /// The empty form of an object, which completes an object of a dump.
    pub blank: Option<fn(&Ctx<'_>) -> Map>,
    /// Reads an object of a dump.
    pub import: Import,
    /// Creates an object that a request describes in place (`price_data`); without it, such a description answers 501.
    pub describe: Option<Describe>,
    /// Refuses a reference to an object, such as to an archived rate.
    pub check_use: Option<CheckUse>,
    /// Completes an object of a dump, after all its objects are stored.
    pub imported: Option<CompleteImport>,
    /// Undoes the other effects of `imported`, before a dump replaces the object.
    pub replaced: Option<fn(&mut Tx, &Ref)>,
    /// Its events.
    pub events: Events,
    /// What its objects do when others change.
    pub reactions: &'static [Reaction],
    /// Computes again what follows from other objects, after those of an account were read from a state file.
    pub recount: Option<fn(&mut Tx)>,
    /// Whether its objects follow from others: they are written with a sandbox's state, and no dump contains them.
    pub derived: bool,
    /// Whether its objects are not written with a sandbox's state: they are history, or follow from others and are computed
    /// again.
    pub history: bool,
    /// The due items of an object: what is due later, and when. Items of one object with the same time are done in this
    /// order.
    pub dues: &'static [DueOf],
    /// Whether its due work is a timetable that only a clock goes through: no item of it is done early.
    pub by_clock_only: bool,
    /// How its objects live on test clocks; `None` when they know no test clock.
    pub clocked: Option<Clocked>,
    /// How its objects tell the time, if they are test clocks.
    pub face: Option<ClockFace>,
    /// What a person decides about an object on a page.
    pub decision: Option<Decision>,
    /// How its events, and those of what belongs to it, are made to happen.
    pub triggers: &'static [Trigger],
}

impl Entry {
    /// The default of every member; every entry names only what differs.
    pub const PLAIN: Entry = Entry {
        kind: Kind::NONE,
        fields: &[],
        noun: "",
        id: IdForm::NONE,
        path_param: "id",
        missing: None,
        operations: &[],
        filters: &[],
        counts: false,
        in_order: false,
        includes: &[],
        joins: &[],
        expands: &[],
        search: None,
        changes: &[],
        older: &[],
        spellings: &[],
        undocumented: &[],
        statements: &[],
        marks: &[],
        views: &[],
        public: &[],
        personal: &[],
        tokens: None,
        named_by: &[],
        param_rules: &[],
        is_known: None,
        made_up: None,
        part_of: &[],
        derives: None,
        renamed: &[],
        references: &[],
        defaults: &[],
        unlisted: &[],
        blank: None,
        import: |_, _, _| Err(FieldError { field: "object", expected: "a kind that can be stored" }),
        describe: None,
        check_use: None,
        imported: None,
        replaced: None,
        events: Events::NONE,
        reactions: &[],
        recount: None,
        derived: false,
        history: false,
        dues: &[],
        by_clock_only: false,
        clocked: None,
        face: None,
        decision: None,
        triggers: &[],
    };

    /// The parameters of an operation that only a publishable key sends.
    pub fn browser_params(&self, operation: &Operation) -> impl Iterator<Item = &'static str> {
        let public = self.public.iter().find(|public| public.operation == operation.name);
        public.map_or(&[][..], |public| public.params).iter().copied()
    }
}

/// The usual [`Entry::statements`].
pub const STATEMENTS: &[&str] = &["statement_descriptor", "statement_descriptor_suffix"];

/// An owner of parts, which are created and changed with it.
#[derive(Debug)]
pub struct Owner {
    /// The kind of the owner.
    pub kind: Kind,
    /// The owner's parameter that describes its parts.
    pub param: &'static str,
    /// The field of a part with the owner's id, if it shows it; the owner then shows its parts in a list under `param`.
    pub link: Option<&'static str>,
}

/// A due item of a kind: work at a time that an object declares.
#[derive(Debug)]
pub struct DueOf {
    /// Its name, such as `expire`.
    pub what: &'static str,
    /// Its order among items of the same time.
    pub rank: Rank,
    /// Which clock it is due by.
    pub clock: DueClock,
    /// When it is due, in Unix seconds, by the object's own fields; `None` if it is not.
    pub at: fn(&dyn Object) -> Option<i64>,
    /// Which time it is that the object declares the item, for one that comes again at the same time while a clock stands.
    pub round: fn(&dyn Object) -> i64,
    /// Does the work. Afterwards the object must declare no time, or a later one. An error drops everything that was
    /// written, and is logged.
    pub work: DueWork,
}

/// Which clock something is due by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueClock {
    /// The sandbox's, whatever the object lives on.
    Sandbox,
    /// The test clock that the object lives on, and the sandbox's without one.
    Own,
}

/// How a test clock tells the time.
#[derive(Clone, Copy, Debug)]
pub struct ClockFace {
    /// What a clock shows.
    pub time: fn(&dyn Object) -> Option<ClockTime>,
    /// Notes how far the clock with this id has come while it advances, in Unix seconds.
    pub reach: fn(&mut Tx, &str, i64),
}

/// Does what is due for the object with this id.
pub type DueWork = fn(&mut Tx, &Ctx<'_>, &str) -> Result<()>;

/// Declares a [`DueOf`] by the sandbox's clock: the struct, what the work is called, when it is due for an object (an `Option`
/// of Unix seconds), and the work; before the work, which time it is that the object declares the item, where that may be at
/// the same time as before.
#[macro_export]
macro_rules! due {
    ($resource:ty, $what:literal, $at:expr, $work:expr) => {
        $crate::due!($resource, $what, $at, |_| 0, $work)
    };
    ($resource:ty, $what:literal, $at:expr, $round:expr, $work:expr) => {
        $crate::contract::DueOf {
            what: $what,
            rank: $crate::state::Rank::Usual,
            clock: $crate::contract::DueClock::Sandbox,
            at: |object| {
                let at: fn(&$resource) -> Option<i64> = $at;
                $crate::state::object::downcast::<$resource>(object).and_then(at)
            },
            round: |object| {
                let round: fn(&$resource) -> i64 = $round;
                $crate::state::object::downcast::<$resource>(object).map_or(0, round)
            },
            work: |tx, ctx, id| {
                type Work<T> = fn(
                    &mut $crate::state::Tx,
                    &$crate::contract::Ctx<'_>,
                    &std::sync::Arc<T>,
                ) -> $crate::error::Result<()>;
                let work: Work<$resource> = $work;
                tx.get::<$resource>(id).map_or(Ok(()), |object| work(tx, ctx, &object))
            },
        }
    };
}

impl Indexed for Entry {
    fn filters(&self) -> &'static [Filter] {
        self.filters
    }

    fn derived(&self, object: &dyn Object) -> Option<Arc<dyn Object>> {
        self.derives.and_then(|derives| derives(object))
    }

    fn due_count(&self) -> usize {
        self.dues.len()
    }

    fn due_time(&self, number: usize, object: &dyn Object) -> Option<DueTime> {
        let due = self.dues.get(number)?;
        (due.at)(object).map(|at| DueTime { at, rank: due.rank })
    }

    fn due_clock<'o>(&self, number: usize, object: &'o dyn Object) -> Option<&'o str> {
        let own = self.dues.get(number).is_some_and(|due| due.clock == DueClock::Own);
        self.clocked.filter(|_| own).and_then(|clocked| (clocked.clock)(object))
    }

    fn clock_time(&self, object: &dyn Object) -> Option<ClockTime> {
        self.face.and_then(|face| (face.time)(object))
    }
}

/// Creates an object from the parameters that describe it, and returns its id. An error names the parameter inside the
/// description.
pub type Describe = fn(&mut Tx, &Ctx<'_>, &Map) -> Result<Id>;

/// An object with its derived members, if they are not what they have to be. They follow from other members of the object
/// alone, never from the time.
pub type Derive = fn(&dyn Object) -> Option<Arc<dyn Object>>;

/// What parameters of a name must be, wherever they stand.
#[derive(Debug)]
pub struct ParamRule {
    /// The end of their path, without the numbers of items: `transfer_data.destination`.
    pub ends: &'static str,
    /// Checks what was sent.
    pub check: fn(&SentParam<'_>) -> Result<()>,
}

/// A parameter of a call that has a rule.
pub struct SentParam<'a> {
    /// The state.
    pub tx: &'a Tx,
    /// Its value.
    pub value: &'a Doc,
    /// Its whole name, as it was sent, for errors.
    pub param: &'a str,
    /// The parameters beside it, with itself.
    pub beside: &'a Map,
    /// The parameters of the call.
    pub call: &'a Map,
    /// What a call changes.
    pub changed: Option<&'a Map>,
    /// The kind that the call answers with.
    pub about: Kind,
}

/// Checks an object that a request refers to; the text is the parameter, as it was sent, for errors.
pub type CheckUse = fn(&dyn Object, &str) -> Result<()>;

/// Completes an object of a dump.
///
/// # Errors
/// What follows from it cannot be computed.
pub type CompleteImport = fn(&mut Tx, &Ctx<'_>, &Ref) -> Result<()>;

/// Reads an object from its visible and hidden part; see [`Resource::from_docs`].
pub type Import = fn(Map, Map, i64) -> Result<Arc<dyn Object>, FieldError>;

/// The [`Import`] of a resource.
///
/// # Errors
/// A field that does not fit its type.
pub fn import<T: Resource>(visible: Map, hidden: Map, created: i64) -> Result<Arc<dyn Object>, FieldError> {
    T::from_docs(visible, hidden, created).map(|object| Arc::new(object) as Arc<dyn Object>)
}

/// A list inside an object, such as a customer's `sources`.
#[derive(Debug)]
pub struct Include {
    /// The field.
    pub field: &'static str,
    /// Whether the list is shown without being expanded.
    pub shown: Shown,
    /// Whether it contains `total_count`.
    pub total_count: bool,
    /// The rows, in the order of the list.
    pub rows: fn(&Tx, &str) -> Vec<Arc<Record>>,
    /// The URL of the whole list, for the owner's id.
    pub url: fn(&str) -> String,
}

/// When a list inside an object is shown without being expanded.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    /// Always.
    Always,
    /// In versions before that of this gate; in later ones when it is expanded.
    Before(Gate),
    /// In versions before that of this gate; later ones do not know it.
    Until(Gate),
    /// Never.
    Expanded,
}

/// A field that is left out unless it is expanded, such as a customer's `cash_balance` or a price's `tiers`.
#[derive(Debug)]
pub struct Join {
    /// The field; one inside a hash of the object has the path of the hash and a dot before it.
    pub field: &'static str,
    /// The field's value, for the owner's id; `None` leaves it out.
    pub doc: fn(&Tx, &str) -> Option<Doc>,
}

/// A declared view: objects of another kind that answer as this one, or how the stored objects of this one are shown.
#[derive(Debug)]
pub struct View {
    /// The stored kind.
    pub from: Kind,
    /// The object in the form of this kind; `None` if it has none.
    pub doc: fn(&dyn Object) -> Option<Map>,
}

/// An operation that a publishable key may call (core-payments 1.1.8).
#[derive(Debug)]
pub struct Public {
    /// The operation.
    pub operation: &'static str,
    /// Whether the object's `client_secret` must be sent.
    pub needs_secret: bool,
    /// The parameters that only such a key sends; another one does not know them.
    pub params: &'static [&'static str],
    /// What such a key may see.
    pub visible: Visible,
}

/// What a publishable key may see of an object (intents-and-checkout 1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visible {
    /// Everything.
    All,
    /// These fields.
    Only(&'static [&'static str]),
    /// Everything but these fields; one inside a hash, or inside the hashes of a list, has the name of the hash or the list, or
    /// `*` for any, and a dot before it.
    Without(&'static [&'static str]),
}

impl Visible {
    /// What is seen of an object.
    pub fn of(self, mut object: Map) -> Map {
        match self {
            Visible::All => object,
            Visible::Only(fields) => {
                let entries = object.into_entries().into_iter().filter(|(key, _)| fields.contains(&key.as_ref()));
                Map::from_entries(entries.collect())
            }
            Visible::Without(paths) => {
                paths.iter().for_each(|path| hide(&mut object, path));
                object
            }
        }
    }
}

/// Takes a field out of an object.
fn hide(object: &mut Map, path: &str) {
    let Some((first, rest)) = path.split_once('.') else { return drop(object.remove(path)) };
    let names: Vec<_> =
        object.iter().map(|(name, _)| name.to_owned()).filter(|name| first == "*" || name == first).collect();
    for name in names {
        match object.get_mut(&name) {
            Some(Doc::Map(inner)) => hide(inner, rest),
            Some(Doc::List(items)) => items.iter_mut().for_each(|item| {
                if let Doc::Map(inner) = item {
                    hide(inner, rest);
                }
            }),
            _ => {}
        }
    }
}

/// An operation that a client with an ephemeral key may call for its customer (intents-and-checkout 3.6).
#[derive(Debug)]
pub struct Personal {
    /// The operation.
    pub operation: &'static str,
    /// The id of the customer of a call.
    pub customer: fn(&Tx, &Call<'_>) -> Option<Id>,
}

/// Tokens that stand for a key in some operations, and which the objects of a kind issue (billing 5.1).
#[derive(Clone, Copy, Debug)]
pub struct Tokens {
    /// How they begin.
    pub prefix: &'static str,
    /// The operations, which take nothing else.
    pub operations: &'static [&'static str],
    /// The kind of the sessions.
    pub issued_by: Kind,
    /// The id of the session that issued a token, if it has the form of one.
    pub session: fn(&str) -> Option<Id>,
    /// Checks a token at a time, in Unix seconds of the sandbox's clock.
    pub check: fn(&Tx, &str, i64) -> Result<()>,
    /// The error of a call with another key.
    pub needed: fn() -> ApiError,
}
