//! A registry entry: all that the other layers know of a kind.
//!
//! May use: the state, the catalogue, the other declarations here. Invariant: data alone; nothing in it is computed.

use std::sync::Arc;

use super::version::Gate;
use super::{
    Behaviour, Call, Change, Clocked, Ctx, Decision, Defaults, Events, Expand, Older, Reaction, Searched, Trigger,
    Undocumented,
};
use crate::error::{ApiError, Result};
use crate::state::document::{Doc, Map};
use crate::state::ids::IdForm;
use crate::state::object::{FieldError, Object, Resource, TypedField};
use crate::state::{ClockTime, DueTime, Filter, Id, Indexed, Kind, Rank, Record, Ref, Tx};

/// What the server knows of a resource.
#[derive(Debug)]
pub struct Entry {
    /// Its kind: the `object` value.
    pub kind: Kind,
    /// The fields that its struct shows by itself.
    pub fields: &'static [TypedField],
    /// What "No such …" calls it (core-payments 1.7).
    pub noun: &'static str,
    /// What its ids look like.
    pub id: IdForm,
    /// The `param` of an error about an id in the path (core-payments 1.7).
    pub path_param: &'static str,
    /// The error that the id in a path names nothing, where it is not the usual one (core-payments 1.7).
    pub missing: Option<fn(&str) -> ApiError>,
    /// What each operation does; an operation that no entry names answers 501. Searching the kind needs no line here:
    /// the API's search operations are bound by themselves.
    pub operations: &'static [(&'static str, Behaviour)],
    /// The filters of its lists, the most selective first.
    pub filters: &'static [Filter],
    /// Whether its lists carry `count` (core-payments 1.9.6).
    pub counts: bool,
    /// Lists inside the object that are shown when expanded.
    pub includes: &'static [Include],
    /// What else in the object is shown when expanded.
    pub joins: &'static [Join],
    /// What else may be expanded.
    pub expands: &'static [Expand],
    /// How it is searched, if the API searches it.
    pub search: Option<&'static Searched>,
    /// What versions show differently, the newest change first. Lists inside the object stand in
    /// [`includes`](Self::includes) instead.
    pub changes: &'static [Change],
    /// The parameters of its operations that only older versions have.
    pub older: &'static [Older],
    /// The parameters of its operations that no description has.
    pub undocumented: &'static [Undocumented],
    /// Other kinds whose objects answer as this kind too.
    pub views: &'static [View],
    /// What a publishable key may do.
    pub public: &'static [Public],
    /// What an ephemeral key may do for its customer.
    pub personal: &'static [Personal],
    /// The parameters that name an object of this kind although no answer has a reference of their name. When several
    /// kinds have the same, that of the parameter's own name comes first, then the registry's order counts.
    pub named_by: &'static [&'static str],
    /// Whether an id names an object that is not stored as this kind: one of the world's, or one that comes into being
    /// when it is used.
    pub is_known: Option<fn(&Tx, &str) -> bool>,
    /// The objects that its objects are parts of.
    pub part_of: &'static [Owner],
    /// Parameters that are shown under another name: the parameter's path, the field's.
    pub renamed: &'static [(&'static str, &'static str)],
    /// Parameters, by their path, that name objects of other kinds here than elsewhere; of no kind, when there is none.
    pub references: &'static [(&'static str, &'static [Kind])],
    /// What fields hold that neither a parameter nor null explains.
    pub defaults: Defaults,
    /// What the object shows before anything is said of it: laid under an object of a dump that says less.
    pub blank: Option<fn(&Ctx<'_>) -> Map>,
    /// Reads an object of a dump.
    pub import: Import,
    /// Makes an object that a request describes where it could name one (`price_data`); without it that answers 501.
    pub describe: Option<Describe>,
    /// Refuses that a request names an object of the kind, such as an archived rate.
    pub check_use: Option<CheckUse>,
    /// Completes what a dump does not say, once all its objects are in.
    pub imported: Option<fn(&mut Tx, &Ctx<'_>, &Ref)>,
    /// Undoes what `imported` did beyond the object, before a dump replaces it.
    pub replaced: Option<fn(&mut Tx, &Ref)>,
    /// What its changes announce.
    pub events: Events,
    /// What its objects do when others change.
    pub reactions: &'static [Reaction],
    /// Whether its objects follow from others: they are written with a sandbox's state, and no dump brings them in.
    pub derived: bool,
    /// Whether its objects tell what happened: they are not written with a sandbox's state.
    pub history: bool,
    /// What is due later for an object, and when: those of one object at one instant in this order.
    pub dues: &'static [DueOf],
    /// How its objects live on test clocks; `None` when they know no test clock.
    pub clocked: Option<Clocked>,
    /// How its objects tell the time, if they are test clocks.
    pub face: Option<ClockFace>,
    /// What a person decides about an object on a page of ours.
    pub decision: Option<Decision>,
    /// How its events, and those of what belongs to it, are made to happen.
    pub triggers: &'static [Trigger],
}

impl Entry {
    /// What an entry says when it says nothing; every entry is this with its own lines on top.
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
        includes: &[],
        joins: &[],
        expands: &[],
        search: None,
        changes: &[],
        older: &[],
        undocumented: &[],
        views: &[],
        public: &[],
        personal: &[],
        named_by: &[],
        is_known: None,
        part_of: &[],
        renamed: &[],
        references: &[],
        defaults: &[],
        blank: None,
        import: |_, _, _| Err(FieldError { field: "object", expected: "a kind that can be stored" }),
        describe: None,
        check_use: None,
        imported: None,
        replaced: None,
        events: Events::NONE,
        reactions: &[],
        derived: false,
        history: false,
        dues: &[],
        clocked: None,
        face: None,
        decision: None,
        triggers: &[],
    };
}

/// A place of an object in another, which is made and changed with it.
#[derive(Debug)]
pub struct Owner {
    /// The kind of the other.
    pub kind: Kind,
    /// The parameter of the other that describes its parts.
    pub param: &'static str,
    /// The field of a part that names the other, when it shows it; the other then shows its parts in a list under `param`.
    pub link: Option<&'static str>,
}

/// Work that is due at a time which an object declares.
#[derive(Debug)]
pub struct DueOf {
    /// What it is called, such as `expire`.
    pub what: &'static str,
    /// Which of several at one instant comes first.
    pub rank: Rank,
    /// Which clock it is due by.
    pub clock: DueClock,
    /// When it is due, in Unix seconds, as the object's own fields tell; `None` while nothing is.
    pub at: fn(&dyn Object) -> Option<i64>,
    /// Does it. Afterwards the object declares no time, or a later one. An error drops everything that was written, and is
    /// logged.
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

/// Does what has become due for the object with this id.
pub type DueWork = fn(&mut Tx, &Ctx<'_>, &str) -> Result<()>;

/// Declares a [`DueOf`] by the sandbox's clock: the struct, what the work is called, when it is due for an object (an `Option`
/// of Unix seconds), and the work.
#[macro_export]
macro_rules! due {
    ($resource:ty, $what:literal, $at:expr, $work:expr) => {
        $crate::contract::DueOf {
            what: $what,
            rank: $crate::state::Rank::Usual,
            clock: $crate::contract::DueClock::Sandbox,
            at: |object| {
                let at: fn(&$resource) -> Option<i64> = $at;
                $crate::state::object::downcast::<$resource>(object).and_then(at)
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

/// Makes an object from the parameters that describe it, and returns its id. An error names the parameter as the
/// description has it.
pub type Describe = fn(&mut Tx, &Ctx<'_>, &Map) -> Result<Id>;

/// Looks at an object that a request names; an error is about the parameter, which is given as it was sent.
pub type CheckUse = fn(&dyn Object, &str) -> Result<()>;

/// Reads an object from its visible and hidden part; see [`Resource::from_docs`].
pub type Import = fn(Map, Map, i64) -> Result<Arc<dyn Object>, FieldError>;

/// The [`Import`] of a resource.
///
/// # Errors
/// A field that is not what it should be.
pub fn import<T: Resource>(visible: Map, hidden: Map, created: i64) -> Result<Arc<dyn Object>, FieldError> {
    T::from_docs(visible, hidden, created).map(|object| Arc::new(object) as Arc<dyn Object>)
}

/// A list inside an object, such as a customer's `sources`.
#[derive(Debug)]
pub struct Include {
    /// The field.
    pub field: &'static str,
    /// Whether the list is shown when nobody expands it.
    pub shown: Shown,
    /// Whether it says how many there are in all.
    pub total_count: bool,
    /// The rows, in the order of the list.
    pub rows: fn(&Tx, &str) -> Vec<Arc<Record>>,
    /// Where the whole list is, for the owner's id.
    pub url: fn(&str) -> String,
}

/// When a list inside an object is shown without being expanded.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    /// Always.
    Always,
    /// In versions before the one that this gate opened with.
    Before(Gate),
    /// Never.
    Expanded,
}

/// What is left out of an object unless it is expanded, such as a customer's `cash_balance` or a price's `tiers`.
#[derive(Debug)]
pub struct Join {
    /// The field; one inside a hash of the object has the hash's name before a dot.
    pub field: &'static str,
    /// What is shown there, for the owner's id; `None` leaves it out.
    pub doc: fn(&Tx, &str) -> Option<Doc>,
}

/// A declared view: objects of another kind that answer as this one.
#[derive(Debug)]
pub struct View {
    /// The kind that is stored.
    pub from: Kind,
    /// The object as this kind shows it; `None` when it cannot be shown so.
    pub doc: fn(&dyn Object) -> Option<Map>,
}

/// An operation that a publishable key may call (core-payments 1.1.8).
#[derive(Debug)]
pub struct Public {
    /// The operation.
    pub operation: &'static str,
    /// Whether the object's `client_secret` has to be sent along.
    pub needs_secret: bool,
    /// The fields that such a key sees; `None` shows all.
    pub fields: Option<&'static [&'static str]>,
}

/// An operation that a client with an ephemeral key may call for its customer (intents-and-checkout 3.6).
#[derive(Debug)]
pub struct Personal {
    /// The operation.
    pub operation: &'static str,
    /// The id of the customer that a call is about.
    pub customer: fn(&Tx, &Call<'_>) -> Option<Id>,
}
