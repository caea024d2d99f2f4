//! What the layers share: the signatures of operations, and the declaration of a kind.
//!
//! May use: the catalogue, the errors, the state. Invariant: nothing here knows a resource, and everything above uses
//! resources only through it.

mod clocks;
mod decision;
mod entry;
mod events;
mod fill;
mod issued_key;
mod lookup;
mod mark;
mod older;
mod operation;
mod page;
mod params;
mod reaction;
mod registry;
mod search;
mod settle;
mod trigger;
pub mod version;

pub use self::clocks::{ClockCount, ClockLimit, Clocked, check_clocks, on_clock, reach};
pub use self::decision::{Asked, Decision, Question};
pub use self::entry::{
    CheckUse, ClockFace, CompleteImport, Derive, Describe, DueClock, DueOf, DueWork, Entry, Import, Include, Join,
    Owner, ParamRule, Personal, Public, STATEMENTS, SentParam, Shown, Tokens, View, Visible, import,
};
pub use self::events::{Events, Turn};
pub use self::fill::{Defaults, Fill};
pub use self::issued_key::IssuedKey;
pub use self::lookup::{In, missing, missing_as, require, require_of, require_record, require_shown, require_usable};
pub(crate) use self::mark::refused;
pub use self::mark::{Marked, Treatment, mark};
pub use self::older::{Change, Expand, Newer, Older, Rewrite, Seen, Spelling, Undocumented};
pub use self::operation::{Attempt, Behaviour, Call, Ctx, KeyKind, Outcome, Read, Under, Write};
pub use self::page::{Found, Item, List};
pub use self::params::Params;
pub use self::reaction::{On, Reaction, When, Who};
pub use self::registry::{
    Registry, all_entries, behaviour, class_name, due, entries, entry, family, has_rules, indexes, install, noun,
    reduced, resolve, seen, show, show_object, tokens, with_rules,
};
pub use self::search::{FieldType, Members, SearchField, Searched, value_at};
#[cfg(debug_assertions)]
pub use self::settle::check_settled;
pub use self::settle::settle;
pub use self::trigger::{Act, Pairs, Trigger, TriggerRule};
pub use self::version::{Gate, Version};
