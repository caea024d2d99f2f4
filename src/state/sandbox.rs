//! A sandbox: the unit of lock, clock and isolation.
//!
//! May use: the state. Invariant: readers never wait for a writer's work, only for the moment in which the
//! new state is swapped in; after a panic in a writer the state is the one before it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use super::State;
use super::event::Event;
use super::idempotency::Records;

/// What tells a sandbox the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    Real,
    /// Always the same Unix second.
    Frozen(i64),
}

impl Clock {
    /// Now, in Unix seconds.
    pub fn now(self) -> i64 {
        match self {
            Clock::Frozen(at) => at,
            Clock::Real => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
            }
        }
    }
}

/// Who is handed the events of sandboxes.
///
/// It is called while the sandbox is held, so that the order is that of the commits: it must be quick, and must not
/// write to the sandbox.
pub trait Listener: fmt::Debug + Send + Sync {
    /// A transaction announced these, in order. `state` is what it left.
    fn announced(&self, sandbox: &str, state: &Arc<State>, events: &[Arc<Event>]);
    /// The sandbox went back to its baseline.
    fn reset(&self, sandbox: &str);
}

/// A named, isolated world of objects.
#[derive(Debug)]
pub struct Sandbox {
    name: String,
    clock: Clock,
    /// The namespace of ids in seeded mode.
    seed: Option<Uuid>,
    requests: AtomicU64,
    writer: Mutex<()>,
    state: Mutex<Arc<State>>,
    /// What a reset returns to.
    baseline: Mutex<Arc<State>>,
    idempotency: Records,
    /// The API version that its events are shown in; `None` when it announces nothing.
    events_version: Option<&'static str>,
    listener: OnceLock<Arc<dyn Listener>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while the lock was held changed nothing: the state is swapped whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often a writer looks for its turn before it sleeps: a write is shorter than falling asleep and being woken.
const LOOKS: u32 = 400;

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

impl Sandbox {
    /// A sandbox that begins with a state. `seed` makes its ids repeatable.
    pub fn new(name: &str, state: Arc<State>, clock: Clock, seed: Option<u64>) -> Self {
        let seed = seed.map(|seed| {
            let server = Uuid::new_v5(&Uuid::NAMESPACE_OID, &seed.to_le_bytes());
            Uuid::new_v5(&server, name.as_bytes())
        });
        Sandbox {
            name: name.to_owned(),
            clock,
            seed,
            requests: AtomicU64::new(0),
            writer: Mutex::new(()),
            baseline: Mutex::new(Arc::clone(&state)),
            state: Mutex::new(state),
            idempotency: Records::default(),
            events_version: None,
            listener: OnceLock::new(),
        }
    }

    /// This sandbox, announcing what happens in it; its events are shown in this API version.
    #[must_use]
    pub fn announcing(mut self, version: &'static str) -> Self {
        self.events_version = Some(version);
        self
    }

    /// The API version that its events are shown in; `None` when it announces nothing.
    pub fn events_version(&self) -> Option<&'static str> {
        self.events_version
    }

    /// Hands every event from now on to a listener; the first one stays.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        let _ = self.listener.set(listener);
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Now by its clock, in Unix seconds.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// What a new request draws its ids from.
    pub fn entropy(&self) -> Uuid {
        match self.seed {
            None => Uuid::new_v4(),
            Some(seed) => Uuid::new_v5(&seed, &self.requests.fetch_add(1, Ordering::Relaxed).to_le_bytes()),
        }
    }

    /// The idempotency keys that it has seen.
    pub fn idempotency(&self) -> &Records {
        &self.idempotency
    }

    /// The state as it is now.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&lock(&self.state))
    }

    /// Runs a writer alone: it sees the current state and hands back the next one, or `None` to leave
    /// things as they are. The old state is dropped after the lock is free.
    pub fn write<R>(&self, work: impl FnOnce(&State) -> (Option<State>, R)) -> (Arc<State>, R) {
        let writing = lock_soon(&self.writer);
        let current = self.state();
        let (next, result) = work(&current);
        let now = match next {
            Some(next) => {
                let next = Arc::new(next);
                *lock(&self.state) = Arc::clone(&next);
                if let Some(listener) = self.listener.get()
                    && let Some(events) = next.events().since(current.events())
                {
                    listener.announced(&self.name, &next, events);
                }
                next
            }
            None => Arc::clone(&current),
        };
        drop(writing);
        (now, result)
    }

    /// Returns to the baseline, forgets the idempotency keys, and begins the seeded ids anew.
    pub fn reset(&self) {
        let _writing = lock(&self.writer);
        let baseline = Arc::clone(&lock(&self.baseline));
        *lock(&self.state) = baseline;
        self.idempotency.clear();
        self.requests.store(0, Ordering::Relaxed);
        if let Some(listener) = self.listener.get() {
            listener.reset(&self.name);
        }
    }

    /// What a reset returns to.
    pub fn baseline(&self) -> Arc<State> {
        Arc::clone(&lock(&self.baseline))
    }

    /// Sets what a reset returns to.
    pub fn set_baseline(&self, state: Arc<State>) {
        *lock(&self.baseline) = state;
    }
}
