//! Ways to make an event happen to an object of the user's own; they stand in the kind's [`Entry`](super::Entry).
//!
//! May use: the catalogue's methods, the state. Invariant: data alone; nothing here makes an event by hand.

use super::Ctx;
use crate::catalogue::Method;
use crate::error::Result;
use crate::state::{Kind, Tx};

/// One way to make an event happen. Of several ways for one event and kind the first that works is taken.
#[derive(Clone, Copy, Debug)]
pub struct Trigger {
    /// The event.
    pub event: &'static str,
    /// The kind of object that is named, where it is not the entry's own.
    pub of: Option<Kind>,
    /// The field of the named object that holds the id of the object acted on: `id`, or one such as `latest_charge`.
    pub on: &'static str,
    /// What is done.
    pub act: Act,
}

/// The names and values of a call's parameters.
pub type Pairs = &'static [(&'static str, &'static str)];

/// What is done to make an event happen.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// An operation of the API. `{id}` stands for the object acted on, `{field}` for a field of the named object, and
    /// `{unique}` for something new.
    Call(Method, &'static str, Pairs),
    /// The customer agrees, or does not, where the page of the object would ask them.
    Decide(bool),
    /// What is to happen later to the object, and to what belongs to it, happens now; the kind of the object acted on,
    /// where it is not the entry's own.
    Due(Option<Kind>),
    /// Something that happens outside the API: a rule of a resource, with what it means.
    Rule(TriggerRule, &'static str),
}

/// A rule that makes something happen to the object with this id.
pub type TriggerRule = fn(&mut Tx, &Ctx<'_>, &str) -> Result<()>;

impl Trigger {
    const fn new(event: &'static str, act: Act) -> Self {
        Trigger { event, of: None, on: "id", act }
    }

    /// A call that creates, changes or does something.
    pub const fn post(event: &'static str, path: &'static str, params: Pairs) -> Self {
        Trigger::new(event, Act::Call(Method::Post, path, params))
    }

    /// A change that means nothing.
    pub const fn update(event: &'static str, path: &'static str) -> Self {
        Trigger::post(event, path, &[("metadata[triggered]", "{unique}")])
    }

    /// A call that deletes.
    pub const fn delete(event: &'static str, path: &'static str) -> Self {
        Trigger::new(event, Act::Call(Method::Delete, path, &[]))
    }

    /// The customer agrees (`true`) or does not.
    pub const fn decide(event: &'static str, agreed: bool) -> Self {
        Trigger::new(event, Act::Decide(agreed))
    }

    /// What is to happen later happens now.
    pub const fn due(event: &'static str) -> Self {
        Trigger::new(event, Act::Due(None))
    }

    /// A rule of the resource, with what it means in words.
    pub const fn rule(event: &'static str, rule: TriggerRule, what: &'static str) -> Self {
        Trigger::new(event, Act::Rule(rule, what))
    }

    /// The same for an object of another kind than the entry's.
    #[must_use]
    pub const fn of(self, kind: Kind) -> Self {
        Trigger { of: Some(kind), ..self }
    }

    /// The same, done to the object that a field of the named one holds the id of.
    #[must_use]
    pub const fn on(self, field: &'static str) -> Self {
        Trigger { on: field, ..self }
    }
}
