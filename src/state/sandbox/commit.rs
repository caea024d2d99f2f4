//! What one transaction did: the objects before and after, as pointers, and what it was made for.
//!
//! May use: the state's own parts. Invariant: it never changes but for its place among others and whether its maker was answered;
//! nothing is compared or shown here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use smallvec::SmallVec;

use crate::state::event::Announced;
use crate::state::{AccountKey, Id, Record, Ref, State, Step};

/// A state to be put in place of the present one, and what led to it, if that is kept.
#[derive(Debug)]
pub struct NextState {
    /// The state.
    pub state: State,
    /// What led to it.
    pub commit: Option<Arc<Commit>>,
}

impl From<State> for NextState {
    fn from(state: State) -> Self {
        NextState { state, commit: None }
    }
}

/// What a transaction was made for.
#[derive(Clone, Debug)]
pub enum CommitCause {
    /// A request of the API.
    Request,
    /// An item of due work.
    Due(Box<DueCause>),
    /// What a tester or a page asked for.
    Tester,
}

/// The item of due work that a transaction did.
#[derive(Clone, Debug)]
pub struct DueCause {
    /// What it does.
    pub what: &'static str,
    /// To which object.
    pub about: Ref,
    /// The id of the object's account, unless that is the platform.
    pub account: Option<Id>,
}

/// An object that a transaction wrote.
#[derive(Clone, Debug)]
pub struct WrittenObject {
    /// The id of its account, unless that is the platform.
    pub account: Option<Id>,
    /// The object before the transaction; `None` if that made it.
    pub before: Option<Arc<Record>>,
    /// The object after it.
    pub after: Arc<Record>,
}

/// The objects that a transaction wrote, in order: mostly a few.
pub type WrittenObjects = SmallVec<[WrittenObject; 4]>;

/// What one transaction did in a sandbox.
#[derive(Debug)]
pub struct Commit {
    /// The sandbox's name.
    pub sandbox: Arc<str>,
    /// Unix seconds of the sandbox's clock.
    pub now: i64,
    /// What it was made for.
    pub cause: CommitCause,
    /// What it wrote. An object that it wrote often may be there more than once.
    pub written: WrittenObjects,
    /// What it announced.
    pub events: Option<Announced>,
    number: AtomicU64,
    is_answered: AtomicBool,
}

/// How far back an earlier step of the same object is looked for.
const LOOK_BACK: usize = 16;

/// The bytes of a commit besides its records.
const COMMIT_BYTES: usize = 400;

impl Commit {
    /// What a transaction did at a time (Unix seconds) of a sandbox's clock.
    pub fn new(
        sandbox: Arc<str>,
        now: i64,
        cause: CommitCause,
        written: WrittenObjects,
        events: Option<Announced>,
    ) -> Self {
        let (number, is_answered) = (AtomicU64::new(0), AtomicBool::new(false));
        Commit { sandbox, now, cause, written, events, number, is_answered }
    }

    /// Its number among all that is kept of what happened; 0 if none was given.
    pub fn number(&self) -> u64 {
        self.number.load(Ordering::Relaxed)
    }

    /// Gives it a number.
    pub fn set_number(&self, number: u64) {
        self.number.store(number, Ordering::Relaxed);
    }

    /// Whether the request that made it was answered, so that all is known of it.
    pub fn is_answered(&self) -> bool {
        self.is_answered.load(Ordering::Relaxed)
    }

    /// Notes that the request was answered.
    pub fn note_answered(&self) {
        self.is_answered.store(true, Ordering::Relaxed);
    }

    /// About how many bytes it keeps in memory, if nobody else has its records.
    pub fn weight(&self) -> usize {
        let records =
            self.written.iter().map(|one| one.after.weight() + one.before.as_ref().map_or(0, |it| it.weight()));
        COMMIT_BYTES + records.sum::<usize>()
    }
}

/// What the steps of a transaction wrote; `state` is the one that it left.
pub fn written(journal: &[Step], state: &State) -> WrittenObjects {
    let mut all = WrittenObjects::new();
    for step in journal.iter().filter(|step| step.announces.is_none()) {
        let earlier = step.before.as_ref().and_then(|before| {
            let last = all.len().saturating_sub(LOOK_BACK);
            all[last..].iter_mut().rev().find(|one| Arc::ptr_eq(&one.after, before))
        });
        match earlier {
            Some(one) => one.after = Arc::clone(&step.after),
            None => all.push(WrittenObject {
                account: state.connected_id(step.account).cloned(),
                before: step.before.clone(),
                after: Arc::clone(&step.after),
            }),
        }
    }
    all
}

impl CommitCause {
    /// An item of due work about an object in an account of this state.
    pub fn due(what: &'static str, about: Ref, account: AccountKey, state: &State) -> Self {
        CommitCause::Due(Box::new(DueCause { what, about, account: state.connected_id(account).cloned() }))
    }
}
