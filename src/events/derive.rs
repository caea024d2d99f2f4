//! From a transaction's journal to what is announced.
//!
//! May use: the registry and the journal. Invariant: nothing is rendered here, and a step that changes only what
//! is not shown announces nothing.
//!
//! Several steps of one object are told as one: a new object with its later changes up to the next turn, a changed
//! one once, at the place of its last change. A turn tells of the changes before it, too.

use std::sync::Arc;

use crate::contract::{self, Events};
use crate::state::event::Told;
use crate::state::{Account, Record, State, Step};

/// The types, besides every `….updated`, whose events tell what the object was before (core-payments 10.3.4, 10.4.2,
/// 10.2.20; billing 7.6).
const TELL_BEFORE: [&str; 6] = [
    "application_fee.refunded",
    "charge.captured",
    "charge.refunded",
    "payment_method.detached",
    "payment_method.automatically_updated",
    "transfer.reversed",
];

/// What a journal announces, in order.
pub(super) fn derive(state: &State, journal: &[Step]) -> Vec<Told> {
    let mut stories: Vec<Story<'_>> = Vec::new();
    let mut drafts: Vec<Draft> = Vec::new();
    for (at, step) in journal.iter().enumerate() {
        let object = &*step.after.object;
        let events = contract::entry(object.kind()).map_or(Events::NONE, |entry| entry.events.of(object));
        let is_told = events.created.is_some() || !events.updated.is_empty() || events.deleted.is_some();
        if !is_told && events.turns.is_empty() && step.announces.is_none() {
            continue;
        }
        let known = stories.iter().position(|story| is_same(story.first, step));
        let story = match known {
            Some(known) => &mut stories[known],
            None => {
                stories.push(Story { first: step, events, told: None, open: None, hushed: false });
                let last = stories.len() - 1;
                &mut stories[last]
            }
        };
        story.go_on(at, step, is_named(step, &journal[at + 1..]), &mut drafts);
    }
    for story in &mut stories {
        story.end(&mut drafts);
    }
    // Within a step the drafts are in order already.
    drafts.sort_by_key(|draft| draft.at);
    let made = journal.iter().filter(|step| step.before.is_none()).map(|step| step.after.place.sequence);
    let began = made.min().map_or(u64::MAX, |first| first.saturating_sub(1));
    drafts.into_iter().map(|draft| draft.told(state, began)).collect()
}

/// Whether a rule names what a change is told with: the next step of the object does.
fn is_named(step: &Step, later: &[Step]) -> bool {
    later.iter().find(|other| is_same(step, other)).is_some_and(|next| next.announces.is_some())
}

/// Whether two steps are about one object.
fn is_same(step: &Step, other: &Step) -> bool {
    let (mine, theirs) = (&*step.after.object, &*other.after.object);
    step.account == other.account && mine.kind() == theirs.kind() && mine.id() == theirs.id()
}

/// What happens to one object in one transaction.
struct Story<'a> {
    /// Its first step, which names the object.
    first: &'a Step,
    events: Events,
    /// The last draft about it.
    told: Option<usize>,
    /// Changes that no draft tells of yet.
    open: Option<Open>,
    /// Whether it was made without a word, so that its changes are no news either.
    hushed: bool,
}

struct Open {
    /// The step of the last of them.
    at: usize,
    before: Arc<Record>,
    after: Arc<Record>,
    /// Whether one of them was made aloud.
    aloud: bool,
}

/// An event to be.
struct Draft {
    /// The step that it stands at.
    at: usize,
    account: Account,
    name: &'static str,
    before: Option<Arc<Record>>,
    after: Arc<Record>,
    of_own_account: bool,
}

impl Story<'_> {
    fn go_on(&mut self, at: usize, step: &Step, is_named: bool, drafts: &mut Vec<Draft>) {
        let Events { created, deleted, .. } = self.events;
        let before = step.before.as_ref().filter(|before| !before.deleted);
        match (step.announces, before) {
            (Some(name), _) => {
                let before = self.open.take().map(|open| open.before);
                self.tell(at, &[name], before.as_ref(), &step.after, drafts);
            }
            (None, _) if step.after.deleted => {
                self.open = None;
                if !step.quiet {
                    self.tell(at, deleted.as_slice(), None, &step.after, drafts);
                }
            }
            (None, None) => {
                self.hushed = step.quiet;
                if !step.quiet {
                    self.tell(at, created.as_slice(), None, &step.after, drafts);
                    self.turn(at, step, drafts);
                }
            }
            (None, Some(before)) if is_named => self.open(at, before, step),
            (None, Some(before)) => {
                if step.quiet || !self.turn(at, step, drafts) {
                    self.keep(at, before, step, drafts);
                }
            }
        }
    }

    /// Tells of a turn, if the step is one.
    fn turn(&mut self, at: usize, step: &Step, drafts: &mut Vec<Draft>) -> bool {
        let before = step.before.as_ref().filter(|before| !before.deleted);
        let (was, is) = (before.map(|before| &*before.object), &*step.after.object);
        let Some(turn) = self.events.turns.iter().find(|turn| (turn.when)(was, is)) else { return false };
        let before = self.open.take().map(|open| open.before).or_else(|| before.cloned());
        self.tell(at, turn.events, before.as_ref(), &step.after, drafts);
        true
    }

    /// A change that is no turn belongs to what was told of the object already, or waits for the end.
    fn keep(&mut self, at: usize, before: &Arc<Record>, step: &Step, drafts: &mut [Draft]) {
        let Some(told) = self.told else { return self.open(at, before, step) };
        // Several names may stand at the same step.
        let same = drafts[told].at;
        let mine = drafts.iter_mut().filter(|draft| draft.at == same);
        mine.for_each(|draft| draft.after = Arc::clone(&step.after));
    }

    /// A change that is told of later.
    fn open(&mut self, at: usize, before: &Arc<Record>, step: &Step) {
        let after = Arc::clone(&step.after);
        let aloud = !step.quiet && !self.hushed;
        match &mut self.open {
            Some(open) => *open = Open { at, before: Arc::clone(&open.before), after, aloud: open.aloud || aloud },
            None => self.open = Some(Open { at, before: Arc::clone(before), after, aloud }),
        }
    }

    fn end(&mut self, drafts: &mut Vec<Draft>) {
        let Some(open) = self.open.take().filter(|open| open.aloud && !self.events.updated.is_empty()) else { return };
        if !open.after.object.shows_as(&*open.before.object) {
            self.tell(open.at, self.events.updated, Some(&open.before), &open.after, drafts);
        }
    }

    fn tell(
        &mut self,
        at: usize,
        names: &[&'static str],
        before: Option<&Arc<Record>>,
        after: &Arc<Record>,
        drafts: &mut Vec<Draft>,
    ) {
        for name in names {
            self.told = Some(drafts.len());
            let before = before.cloned().filter(|_| name.ends_with(".updated") || TELL_BEFORE.contains(name));
            let (account, of_own_account) = (self.first.account, self.events.of_own_account);
            drafts.push(Draft { at, account, name, before, after: Arc::clone(after), of_own_account });
        }
    }
}

impl Draft {
    fn told(self, state: &State, began: u64) -> Told {
        let own = self.of_own_account.then(|| state.account(self.after.object.id())).flatten();
        let account = own.unwrap_or(self.account);
        Told { account, name: self.name, before: self.before, after: self.after, began }
    }
}
