//! Snapshots of a sandbox, and forks, which begin from one.
//!
//! May use: the state, the clock. Invariant: a snapshot shares its memory with the state and costs a few pointers; its clock
//! stands still until it is restored.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Answered, Sandbox, State, lock};
use crate::limits::SNAPSHOTS_MAX;
use crate::time::clock::Clock;

/// The content of a snapshot.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The objects and the due work.
    pub state: Arc<State>,
    pub(super) baseline: Arc<State>,
    pub(super) clock: Clock,
    pub(super) requests: u64,
    pub(super) answered: Answered,
    /// How many snapshots the process had taken before.
    pub(super) number: u64,
}

/// How many snapshots the process has taken.
static TAKEN: AtomicU64 = AtomicU64::new(0);

impl Sandbox {
    /// A snapshot of the sandbox, which shares its memory.
    pub fn snapshot(&self) -> Snapshot {
        let _writing = self.lock_writer();
        self.snapshot_locked()
    }

    fn snapshot_locked(&self) -> Snapshot {
        Snapshot {
            state: self.state(),
            baseline: self.baseline(),
            clock: self.clock().kept(),
            requests: self.requests.load(Ordering::Relaxed),
            answered: self.idempotency.answered(),
            number: TAKEN.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Restores a snapshot: objects, clock, idempotency keys and the sequence of seeded ids. The baseline stays.
    /// Returns the old state, which takes a while to drop if nobody else holds it.
    pub fn restore(&self, snapshot: &Snapshot) -> Arc<State> {
        let _writing = self.lock_writer();
        let former = self.swap(Arc::clone(&snapshot.state));
        self.put_clock(snapshot.clock.resumed());
        self.requests.store(snapshot.requests, Ordering::Relaxed);
        self.idempotency.replace(snapshot.answered.clone());
        if let Some(listener) = self.listener.get() {
            listener.reset(&self.name);
        }
        former
    }

    /// A new sandbox that continues from a snapshot of this one.
    pub fn fork(&self, name: &str, seed: Option<u64>) -> Sandbox {
        let snapshot = self.snapshot();
        let mut fork = Sandbox::new(name, Arc::clone(&snapshot.baseline), snapshot.clock, seed);
        fork.events_version = self.events_version;
        fork.server = Arc::clone(&self.server);
        (fork.first_clock, fork.first_speed) = (self.first_clock, self.first_speed);
        fork.restore(&snapshot);
        fork
    }

    /// Takes a snapshot and keeps it under a name; `false` if the limit is reached.
    pub fn keep_snapshot(&self, name: &str) -> bool {
        let snapshot = self.snapshot();
        let mut snapshots = lock(&self.snapshots);
        if snapshots.len() >= SNAPSHOTS_MAX && !snapshots.contains_key(name) {
            return false;
        }
        let _former = snapshots.insert(name.to_owned(), Arc::new(snapshot));
        true
    }

    /// The snapshot of this name.
    pub fn kept_snapshot(&self, name: &str) -> Option<Arc<Snapshot>> {
        lock(&self.snapshots).get(name).cloned()
    }

    /// Deletes a snapshot; `false` if there is none of this name.
    pub fn drop_snapshot(&self, name: &str) -> bool {
        lock(&self.snapshots).remove(name).is_some()
    }

    /// The number and the name of the oldest kept snapshot.
    pub fn oldest_snapshot(&self) -> Option<(u64, String)> {
        lock(&self.snapshots).iter().map(|(name, snapshot)| (snapshot.number, name.clone())).min()
    }

    /// Deletes a snapshot to make room.
    pub fn give_up_snapshot(&self, name: &str) {
        if self.drop_snapshot(name) {
            self.lacks_snapshots.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a snapshot was dropped to make room.
    pub fn lacks_snapshots(&self) -> bool {
        self.lacks_snapshots.load(Ordering::Relaxed)
    }

    /// The names of the kept snapshots, in order.
    pub fn snapshot_names(&self) -> Vec<String> {
        lock(&self.snapshots).keys().cloned().collect()
    }
}
