//! A sandbox: the unit of lock, clock and isolation.
//!
//! May use: the state, the faults. Invariant: readers never wait for a writer's work, only for the moment in which the
//! new state is swapped in; after a panic in a writer the state is the one before it.

mod commit;
mod common;
mod engine;
mod snapshots;
mod waiting;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use smallvec::SmallVec;
use uuid::Uuid;

pub use self::commit::{Commit, CommitCause, DueCause, NextState, WrittenObject, WrittenObjects, written};
pub use self::common::{Common, DroppedCounts, Listener};
pub use self::engine::EngineRun;
pub use self::snapshots::Snapshot;
pub use self::waiting::WaitingWriter;
use self::waiting::{WaitingRoom, WriterLock};
use super::document::Text;
use super::idempotency::{Answered, Records};
use super::ids::Ids;
use super::{AccountKey, Ref, State};
use crate::faults::Faults;
use crate::limits::SANDBOX_NAME_CHARACTERS_MAX;
use crate::time::clock::{Clock, SharedClock};

/// The name of the sandbox of every key that does not name one.
pub const DEFAULT_SANDBOX: &str = "default";

/// Whether a sandbox can have this name: 1 to 40 of `A-Z a-z 0-9` and `-`.
pub fn is_sandbox_name(name: &str) -> bool {
    (1..=SANDBOX_NAME_CHARACTERS_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The name that links to a sandbox's objects contain; none for the default one, which a link without a name leads to.
pub fn name_in_links(name: &str) -> Option<&str> {
    Some(name).filter(|name| *name != DEFAULT_SANDBOX)
}

/// The right to write to a sandbox, alone. The old states are dropped after the lock is free.
#[derive(Debug)]
pub struct WriteTurn<'s> {
    // The first field is dropped first.
    _writing: WriterLock<'s>,
    sandbox: &'s Sandbox,
    state: Arc<State>,
    former: SmallVec<[Arc<State>; 4]>,
}

impl WriteTurn<'_> {
    /// The current state.
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Puts the next state in place of the present one.
    pub fn commit(&mut self, next: impl Into<NextState>) -> Arc<State> {
        let NextState { state, commit } = next.into();
        let next = Arc::new(state);
        *lock(&self.sandbox.state) = Arc::clone(&next);
        if let Some(listener) = self.sandbox.listener.get() {
            let events = next.events().since(self.state.events()).map_or(&[][..], |events| events);
            listener.committed(&self.sandbox.name, &next, events, commit.as_ref());
        }
        self.former.push(std::mem::replace(&mut self.state, Arc::clone(&next)));
        next
    }
}

impl Drop for WriteTurn<'_> {
    fn drop(&mut self) {
        self.sandbox.note_next_due(&self.state);
    }
}

/// A named, isolated world of objects.
#[derive(Debug)]
pub struct Sandbox {
    name: Arc<str>,
    clock: SharedClock,
    /// The clock after a reset, and its speed.
    first_clock: Clock,
    first_speed: u32,
    /// The namespace of ids in seeded mode.
    seed: Option<Uuid>,
    requests: AtomicU64,
    /// See [`Picture`].
    epoch: AtomicU64,
    writer: Mutex<()>,
    room: WaitingRoom,
    /// How many came to write so far, and how many of them had their turn.
    arrived: AtomicU64,
    served: AtomicU64,
    /// How many runs of the engine are under way.
    engines: AtomicUsize,
    /// How many items of due work were done so far.
    done: AtomicU64,
    server: Arc<Common>,
    state: Mutex<Arc<State>>,
    /// See [`next_due`](Self::next_due).
    next_due: AtomicI64,
    /// The state after a reset.
    baseline: Mutex<Arc<State>>,
    idempotency: Records,
    /// The API version of its events; `None` if it emits none.
    events_version: Option<&'static str>,
    listener: OnceLock<Arc<dyn Listener>>,
    snapshots: Mutex<BTreeMap<String, Arc<Snapshot>>>,
    /// Whether a snapshot was dropped to make room.
    lacks_snapshots: AtomicBool,
    faults: Faults,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic under the lock has changed nothing: the state is swapped as a whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often a writer tries the lock before it sleeps: a write takes less time than falling asleep and waking up.
const LOOKS: u32 = 400;

/// How long the engine sleeps between two looks whether others had their turn.
const HAND_OVER_PAUSE: Duration = Duration::from_micros(50);

/// How long it waits for them at the most.
const HAND_OVER_MAX: Duration = Duration::from_millis(100);

fn lock_soon<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    for _ in 0..LOOKS {
        match mutex.try_lock() {
            Ok(guard) => return guard,
            Err(TryLockError::Poisoned(error)) => return error.into_inner(),
            Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
        }
    }
    lock(mutex)
}

/// What a file of a sandbox contains.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The objects.
    pub state: Arc<State>,
    /// The clock.
    pub clock: Clock,
    /// How many requests have used seeded ids.
    pub drawn: u64,
    /// Another number after each reset or replacement of the state, and in each sandbox.
    pub epoch: u64,
}

impl Picture {
    /// Whether a file of this has the content of a file of the other.
    pub fn is_same(&self, other: &Picture) -> bool {
        Arc::ptr_eq(&self.state, &other.state) && self.clock == other.clock && self.drawn == other.drawn
    }
}

fn first_due(state: &State) -> i64 {
    if state.is_due_by_clock() { i64::MIN } else { state.next_due().unwrap_or(i64::MAX) }
}

/// The epochs of all sandboxes.
static EPOCHS: AtomicU64 = AtomicU64::new(0);

fn next_epoch() -> u64 {
    EPOCHS.fetch_add(1, Ordering::Relaxed)
}

impl Sandbox {
    /// A sandbox that begins with a state. `seed` makes its ids repeatable.
    pub fn new(name: &str, state: Arc<State>, clock: Clock, seed: Option<u64>) -> Self {
        let seed = seed.map(|seed| {
            let server = Uuid::new_v5(&Uuid::NAMESPACE_OID, &seed.to_le_bytes());
            Uuid::new_v5(&server, name.as_bytes())
        });
        Sandbox {
            name: name.into(),
            clock: SharedClock::new(clock),
            first_clock: clock,
            first_speed: clock.speed(),
            seed,
            requests: AtomicU64::new(state.drawn()),
            epoch: AtomicU64::new(next_epoch()),
            writer: Mutex::new(()),
            room: WaitingRoom::default(),
            arrived: AtomicU64::new(0),
            served: AtomicU64::new(0),
            engines: AtomicUsize::new(0),
            done: AtomicU64::new(0),
            server: Arc::default(),
            baseline: Mutex::new(Arc::clone(&state)),
            next_due: AtomicI64::new(first_due(&state)),
            state: Mutex::new(state),
            idempotency: Records::default(),
            events_version: None,
            listener: OnceLock::new(),
            snapshots: Mutex::default(),
            lacks_snapshots: AtomicBool::new(false),
            faults: Faults::new(seed.unwrap_or_else(Uuid::new_v4)),
        }
    }

    /// This sandbox, as one of a server's.
    #[must_use]
    pub fn of(mut self, server: Arc<Common>) -> Self {
        self.server = server;
        self
    }

    /// This sandbox, whose clock begins to run at this speed, now and after each reset; 1 leaves a clock as it is.
    #[must_use]
    pub fn at_speed(mut self, speed: u32) -> Self {
        if speed != 1 {
            self.first_speed = speed;
            self.put_clock(self.first_clock.at_speed(speed));
        }
        self
    }

    /// This sandbox, emitting events in this API version.
    #[must_use]
    pub fn announcing(mut self, version: &'static str) -> Self {
        self.events_version = Some(version);
        self
    }

    /// The API version of its events; `None` if it emits none.
    pub fn events_version(&self) -> Option<&'static str> {
        self.events_version
    }

    /// Hands every commit from now on to a listener; the first one stays.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        let _ = self.listener.set(listener);
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name, to be kept.
    pub fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// Whether it is kept what transactions did.
    pub fn keeps_commits(&self) -> bool {
        self.server.keeps_commits()
    }

    /// The ids of a new request.
    pub fn ids(&self) -> Ids {
        self.seed.map_or_else(Ids::random, |seed| Ids::seeded(self.next_of(seed)))
    }

    /// The ids of an item of due work, which is called `what` and due `at` a time (Unix seconds): the same whichever request
    /// or timer runs it. Two accounts may have objects of one id.
    pub fn due_ids(&self, account: AccountKey, about: &Ref, what: &str, at: i64) -> Ids {
        let Some(seed) = self.seed else { return Ids::random() };
        let (kind, id) = (about.kind.name(), &*about.id);
        let name = match account {
            AccountKey::PLATFORM => Text::formatted(format_args!("due {kind}/{id} {what} {at}")),
            account => Text::formatted(format_args!("due {kind}/{id} {what} {at} {account:?}")),
        };
        Ids::seeded(Uuid::new_v5(&seed, name.as_bytes()))
    }

    /// The source of the ids of loaded fixtures: loading the same twice gives the same ids.
    pub fn entropy(&self) -> Uuid {
        self.seed.map_or_else(Uuid::new_v4, |seed| self.next_of(seed))
    }

    fn next_of(&self, seed: Uuid) -> Uuid {
        Uuid::new_v5(&seed, &self.requests.fetch_add(1, Ordering::Relaxed).to_le_bytes())
    }

    /// Its faults; a reset removes them.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Its idempotency keys.
    pub fn idempotency(&self) -> &Records {
        &self.idempotency
    }

    /// The current state.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&lock(&self.state))
    }

    /// Runs a writer under the lock: it gets the current state and returns the next one, or `None` for no change. The
    /// old state is dropped after the lock is free.
    pub fn write<R>(&self, work: impl FnOnce(&State) -> (Option<State>, R)) -> (Arc<State>, R) {
        let mut turn = self.turn();
        let (next, result) = work(&turn.state);
        if let Some(next) = next {
            turn.commit(next);
        }
        (Arc::clone(&turn.state), result)
    }

    /// Waits until nobody else writes, and writes alone until the turn is dropped.
    pub fn turn(&self) -> WriteTurn<'_> {
        let writing = self.lock_writer();
        WriteTurn { _writing: writing, sandbox: self, state: self.state(), former: SmallVec::new() }
    }

    /// Whether somebody writes, so that a writer would have to wait.
    pub fn is_held(&self) -> bool {
        self.room.is_held()
    }

    fn lock_writer(&self) -> WriterLock<'_> {
        self.arrived.fetch_add(1, Ordering::Relaxed);
        let writing = lock_soon(&self.writer);
        self.served.fetch_add(1, Ordering::Relaxed);
        WriterLock::new(writing, &self.room)
    }

    /// Waits until everybody has their turn who waits for it at the moment, or for as long as is fair: who waits without a thread
    /// may need the one of the caller.
    pub fn hand_over(&self) {
        let (waiting, begun) = (self.arrived.load(Ordering::Relaxed), Instant::now());
        while self.served.load(Ordering::Relaxed) < waiting && begun.elapsed() < HAND_OVER_MAX {
            std::thread::sleep(HAND_OVER_PAUSE);
        }
    }

    /// The limit of the memory, if it is reached, so that nothing may be created.
    pub fn memory_reached(&self) -> Option<u64> {
        self.server.memory().reached()
    }

    /// Where links in objects point that no request made, without a final slash.
    pub fn base_url(&self) -> &str {
        self.server.base_url()
    }

    /// Whether the same requests always get the same ids.
    pub fn is_seeded(&self) -> bool {
        self.seed.is_some()
    }

    /// Restores the baseline and the first clock, deletes the idempotency keys, and begins the seeded ids again.
    /// Snapshots stay. Returns the old state, which takes a while to drop if nobody else holds it.
    pub fn reset(&self) -> Arc<State> {
        let _writing = self.lock_writer();
        let baseline = Arc::clone(&lock(&self.baseline));
        self.requests.store(baseline.drawn(), Ordering::Relaxed);
        let former = self.swap(baseline);
        self.put_clock(self.first_clock.at_speed(self.first_speed));
        self.faults.clear();
        self.idempotency.clear();
        if let Some(listener) = self.listener.get() {
            listener.reset(&self.name);
        }
        former
    }

    fn swap(&self, state: Arc<State>) -> Arc<State> {
        self.epoch.store(next_epoch(), Ordering::Relaxed);
        self.note_next_due(&state);
        std::mem::replace(&mut *lock(&self.state), state)
    }

    fn note_next_due(&self, state: &State) {
        self.next_due.store(first_due(state), Ordering::Relaxed);
    }

    /// When something is due next, in Unix seconds by its clock: long ago when that is by a test clock which advances, and never
    /// if it is the largest number. What a writer leaves counts from the end of its turn, since it does itself what is due a
    /// moment later.
    pub fn next_due(&self) -> i64 {
        self.next_due.load(Ordering::Relaxed)
    }

    /// The state after a reset.
    pub fn baseline(&self) -> Arc<State> {
        Arc::clone(&lock(&self.baseline))
    }

    /// Sets the state after a reset.
    pub fn set_baseline(&self, state: Arc<State>) {
        *lock(&self.baseline) = state;
    }

    /// What a file of the sandbox contains at this moment; costs a copy of a pointer.
    pub fn picture(&self) -> Picture {
        let _writing = self.lock_writer();
        let (clock, drawn) = (self.clock(), self.drawn());
        Picture { state: self.state(), clock, drawn, epoch: self.epoch.load(Ordering::Relaxed) }
    }

    /// Replaces the state by one from a file; idempotency keys are deleted. Returns the old state.
    pub fn replace(&self, state: Arc<State>, clock: Clock) -> Arc<State> {
        let requests = state.drawn();
        self.restore(&Snapshot {
            baseline: self.baseline(),
            state,
            clock,
            requests,
            answered: Answered::default(),
            number: 0,
        })
    }

    /// How many requests have used seeded ids.
    pub fn drawn(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Continues the seeded ids behind those of the state.
    pub fn go_on_from(&self, state: &State) {
        self.requests.fetch_max(state.drawn(), Ordering::Relaxed);
    }
}
