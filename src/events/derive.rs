//! The events of a transaction, derived from its journal.
//!
//! May use: the registry and the journal. Invariant: nothing is rendered here, and a step that changes only hidden
//! fields emits nothing.
//!
//! Several steps of one object become one event: of a new object with its later changes up to the next turn, of a
//! changed one at the place of its last change. The event of a turn covers the changes before it, too.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::contract::{self, Events};
use crate::state::{AccountKey, Record, State, Step};

/// The events of a journal, in order.
pub(super) fn derive(journal: &[Step]) -> Drafts {
    let mut stories: SmallVec<[Story<'_>; 4]> = SmallVec::new();
    let mut drafts = Drafts::new();
    for (at, step) in journal.iter().enumerate() {
        let object = &*step.after.object;
        let events = contract::entry(object.kind()).map_or(Events::NONE, |entry| entry.events.of(object));
        let has_events = events.created.is_some() || !events.updated.is_empty() || events.deleted.is_some();
        if !has_events && events.turns.is_empty() && step.announces.is_none() {
            continue;
        }
        let known = stories.iter().position(|story| is_same(story.first, step));
        let story = match known {
            Some(known) => &mut stories[known],
            None => {
                stories.push(Story { first: step, events, emitted: None, open: None, created_quietly: false });
                let last = stories.len() - 1;
                &mut stories[last]
            }
        };
        story.go_on(at, step, &journal[at + 1..], &mut drafts);
    }
    for story in &mut stories {
        story.end(&mut drafts);
    }
    // Within a step the drafts are already in order.
    drafts.sort_by_key(|draft| draft.at);
    drafts
}

/// Whether a rule names the event of a change: the next step of the object does.
fn is_named(step: &Step, later: &[Step]) -> bool {
    later.iter().find(|other| is_same(step, other)).is_some_and(|next| next.announces.is_some())
}

/// Whether two steps are about one object.
fn is_same(step: &Step, other: &Step) -> bool {
    let (mine, theirs) = (&*step.after.object, &*other.after.object);
    step.account == other.account && mine.kind() == theirs.kind() && mine.id() == theirs.id()
}

/// The changes of one object in one transaction.
struct Story<'a> {
    /// Its first step, which names the object.
    first: &'a Step,
    events: Events,
    /// The last draft about it.
    emitted: Option<usize>,
    /// Changes that no draft covers yet.
    open: Option<Open>,
    /// Whether it was created quietly, so that its changes emit nothing either.
    created_quietly: bool,
}

struct Open {
    /// The last of these steps.
    at: usize,
    before: Arc<Record>,
    after: Arc<Record>,
    /// Whether one of them emits an event.
    audible: bool,
}

/// What one transaction announces: mostly a few.
pub(super) type Drafts = SmallVec<[Draft; 4]>;

/// An event without an id and a time.
pub(super) struct Draft {
    /// The step where the event comes in the order.
    at: usize,
    /// The account of the object.
    pub(super) account: AccountKey,
    /// Its type.
    pub(super) name: &'static str,
    /// The object before, if the event shows it.
    pub(super) before: Option<Arc<Record>>,
    /// The object after.
    pub(super) after: Arc<Record>,
    /// Whether it belongs to the account that has the object's id.
    pub(super) of_own_account: bool,
    /// The state of a copy, if it shows what is not stored.
    pub(super) seen: Option<Box<State>>,
}

impl Story<'_> {
    fn go_on(&mut self, at: usize, step: &Step, later: &[Step], drafts: &mut Drafts) {
        let Events { created, deleted, .. } = self.events;
        let before = step.before.as_ref().filter(|before| !before.deleted);
        match (step.announces, before) {
            (Some(name), _) => {
                // What shows the same as before was not changed for anybody.
                let changed = self.open.take().filter(|open| !step.after.object.shows_as(&*open.before.object));
                // A rule that says what it was knows that what it shows of others has changed.
                let told = before.filter(|before| !Arc::ptr_eq(before, &step.after)).cloned();
                let before = told.or(changed.map(|open| open.before));
                self.emit(at, &[name], before.as_ref(), &step.after, drafts);
                if let Some(draft) = drafts.last_mut() {
                    draft.seen.clone_from(&step.seen);
                }
            }
            (None, _) if step.after.deleted => {
                self.open = None;
                if !step.quiet {
                    self.emit(at, deleted.as_slice(), None, &step.after, drafts);
                }
            }
            (None, None) => {
                self.created_quietly = step.quiet;
                if !step.quiet {
                    self.emit(at, created.as_slice(), None, &step.after, drafts);
                    self.turn(at, step, drafts);
                }
            }
            (None, Some(before)) if is_named(step, later) => self.open(at, before, step),
            (None, Some(before)) => {
                if step.quiet || !self.turn(at, step, drafts) {
                    self.keep(at, before, (step, later), drafts);
                }
            }
        }
    }

    /// Emits the events of a turn, if the step is one.
    fn turn(&mut self, at: usize, step: &Step, drafts: &mut Drafts) -> bool {
        let before = step.before.as_ref().filter(|before| !before.deleted);
        let (was, is) = (before.map(|before| &*before.object), &*step.after.object);
        let Some(turn) = self.events.turns.iter().find(|turn| (turn.when)(was, is)) else { return false };
        let before = self.open.take().map(|open| open.before).or_else(|| before.cloned());
        self.emit(at, turn.events, before.as_ref(), &step.after, drafts);
        true
    }

    /// A change that is no turn belongs to the last event of the object, or waits for the end. An event that was put at an earlier
    /// place shows the object as it was when it was put there.
    fn keep(&mut self, at: usize, before: &Arc<Record>, (step, later): (&Step, &[Step]), drafts: &mut [Draft]) {
        let Some(emitted) = self.emitted else { return self.open(at, before, step) };
        // Several events can belong to the same step.
        let same = drafts[emitted].at;
        let is_later = |shown: &Arc<Record>| later.iter().any(|other| Arc::ptr_eq(&other.after, shown));
        let mine = drafts.iter_mut().filter(|draft| draft.at == same && !is_later(&draft.after));
        mine.for_each(|draft| draft.after = Arc::clone(&step.after));
    }

    /// A change whose event comes later.
    fn open(&mut self, at: usize, before: &Arc<Record>, step: &Step) {
        let after = Arc::clone(&step.after);
        let audible = !step.quiet && !self.created_quietly;
        match &mut self.open {
            Some(open) => {
                *open = Open { at, before: Arc::clone(&open.before), after, audible: open.audible || audible }
            }
            None => self.open = Some(Open { at, before: Arc::clone(before), after, audible }),
        }
    }

    fn end(&mut self, drafts: &mut Drafts) {
        let Some(open) = self.open.take().filter(|open| open.audible && !self.events.updated.is_empty()) else {
            return;
        };
        if !open.after.object.shows_as(&*open.before.object) {
            self.emit(open.at, self.events.updated, Some(&open.before), &open.after, drafts);
        }
    }

    fn emit(
        &mut self,
        at: usize,
        names: &[&'static str],
        before: Option<&Arc<Record>>,
        after: &Arc<Record>,
        drafts: &mut Drafts,
    ) {
        for name in names {
            self.emitted = Some(drafts.len());
            let before =
                before.cloned().filter(|_| name.ends_with(".updated") || self.events.show_before.contains(name));
            let (account, of_own_account) = (self.first.account, self.events.of_own_account);
            drafts.push(Draft { at, account, name, before, after: Arc::clone(after), of_own_account, seen: None });
        }
    }
}
