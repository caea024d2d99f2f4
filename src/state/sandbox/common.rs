//! What the sandboxes of one server share, and who listens to them.
//!
//! May use: the limit of the memory. Invariant: where links point is set once.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::memory::MemoryLimit;
use crate::state::State;
use crate::state::event::Event;
use crate::state::sandbox::Commit;

/// Who is handed what is committed in sandboxes.
///
/// It is called while the sandbox is held, so that the order is that of the commits: it must be quick, and must not
/// write to the sandbox.
pub trait Listener: fmt::Debug + Send + Sync {
    /// A transaction was committed with this state and these events, in order; there may be none. What it did is known if that is
    /// kept.
    fn committed(&self, sandbox: &str, state: &Arc<State>, events: &[Arc<Event>], commit: Option<&Arc<Commit>>);
    /// The sandbox was reset, or restored to a snapshot.
    fn reset(&self, sandbox: &str);
    /// How many of the sandbox's events wait for the receiver that is furthest behind. A receiver that has taken nothing for
    /// [`RECEIVER_PATIENCE_SECONDS`](crate::limits::RECEIVER_PATIENCE_SECONDS) does not count: nobody waits for it.
    fn backlog(&self, _sandbox: &str) -> usize {
        0
    }
    /// How many deliveries of the sandbox's events were dropped so far because too many waited.
    fn dropped(&self, _sandbox: &str) -> u64 {
        0
    }
}

/// What the bounds of a sandbox have dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DroppedCounts {
    /// Events that the list shows no more.
    pub events: u64,
    /// Deliveries, and collected events.
    pub deliveries: u64,
}

impl DroppedCounts {
    /// What was dropped since an earlier look; nothing when the sandbox was reset in between.
    #[must_use]
    pub fn since(self, earlier: DroppedCounts) -> DroppedCounts {
        DroppedCounts {
            events: self.events.saturating_sub(earlier.events),
            deliveries: self.deliveries.saturating_sub(earlier.deliveries),
        }
    }
}

/// What the sandboxes of one server have in common.
#[derive(Debug, Default)]
pub struct Common {
    base_url: OnceLock<String>,
    pub(super) engines: AtomicUsize,
    /// Whether a clock was ever faster than the machine's.
    has_fast_clocks: AtomicBool,
    keeps_commits: bool,
    /// Beyond this nothing is created.
    memory: Arc<MemoryLimit>,
}

impl Common {
    /// Of a server whose links point to this address, without a final slash.
    pub fn at(base_url: &str) -> Self {
        Common { base_url: OnceLock::from(base_url.to_owned()), ..Common::default() }
    }

    /// These, with a limit of the memory.
    #[must_use]
    pub fn within(mut self, memory: Arc<MemoryLimit>) -> Self {
        self.memory = memory;
        self
    }

    /// These, where what transactions did is kept, or is not.
    #[must_use]
    pub fn keeping_commits(mut self, keeps: bool) -> Self {
        self.keeps_commits = keeps;
        self
    }

    /// Whether what transactions did is kept.
    pub fn keeps_commits(&self) -> bool {
        self.keeps_commits
    }

    /// The limit of the memory.
    pub fn memory(&self) -> &Arc<MemoryLimit> {
        &self.memory
    }

    /// Sets where links point, if that is not known yet.
    pub fn set_base_url(&self, url: &str) {
        let _ = self.base_url.set(url.to_owned());
    }

    /// Where links in objects point that no request made, without a final slash; empty before it is known.
    pub fn base_url(&self) -> &str {
        self.base_url.get().map_or("", String::as_str)
    }

    /// Whether the clock of a sandbox was ever faster than the machine's, so that due work must be looked for more often.
    pub fn has_fast_clocks(&self) -> bool {
        self.has_fast_clocks.load(Ordering::Relaxed)
    }

    pub(super) fn note_fast_clock(&self) {
        self.has_fast_clocks.store(true, Ordering::Relaxed);
    }

    /// Whether the engine is at work in any sandbox.
    pub fn runs_engine(&self) -> bool {
        self.engines.load(Ordering::Relaxed) > 0
    }
}
