//! A control call, and what is committed while it is answered.
//!
//! May use: the state, tokio's values of a task. Invariant: what a call commits is found by whoever polls its future, so that calls
//! that are answered at the same time are not taken for one another.

use std::sync::atomic::{AtomicI64, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::request_log;
use crate::state::sandbox::{Commit, DEFAULT_SANDBOX};

tokio::task_local! {
    /// The call that is being answered.
    static CALL: Arc<RecordedCall>;
}

/// A control call.
#[derive(Debug, Default)]
pub struct RecordedCall {
    pub(super) method: String,
    pub(super) path: String,
    /// As they were sent; nothing is kept of the fields of a page.
    pub(super) parameters: Option<String>,
    sandbox: String,
    number: AtomicU64,
    status: AtomicU16,
    created: AtomicI64,
    commits: Mutex<Vec<Arc<Commit>>>,
}

impl RecordedCall {
    /// A call that begins, for the sandbox that it names.
    pub fn new(method: &str, path: &str, parameters: Option<&str>, sandbox: Option<&str>) -> Self {
        RecordedCall {
            method: method.to_owned(),
            path: path.to_owned(),
            parameters: parameters.filter(|sent| request_log::is_short(sent.as_bytes())).map(str::to_owned),
            sandbox: sandbox.unwrap_or(DEFAULT_SANDBOX).to_owned(),
            ..RecordedCall::default()
        }
    }

    /// The sandbox in which it did something, or else the one that it named.
    pub fn sandbox(&self) -> String {
        self.lock().first().map_or_else(|| self.sandbox.clone(), |first| first.sandbox.to_string())
    }

    pub(super) fn number(&self) -> u64 {
        self.number.load(Ordering::Relaxed)
    }

    pub(super) fn set_number(&self, number: u64) {
        self.number.store(number, Ordering::Relaxed);
    }

    pub(super) fn add(&self, commit: &Arc<Commit>) {
        self.lock().push(Arc::clone(commit));
    }

    pub(super) fn commits(&self) -> Vec<Arc<Commit>> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Commit>>> {
        self.commits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn end(&self, status: u16, created: i64) {
        self.created.store(created, Ordering::Relaxed);
        self.status.store(status, Ordering::Relaxed);
    }

    /// The status of its answer; `None` before there is one.
    pub(super) fn status(&self) -> Option<u16> {
        Some(self.status.load(Ordering::Relaxed)).filter(|status| *status > 0)
    }

    /// When it was answered, by its sandbox's clock, or when it did something.
    pub(super) fn created(&self) -> i64 {
        let first = || self.lock().first().map_or(0, |commit| commit.now);
        Some(self.created.load(Ordering::Relaxed)).filter(|created| *created > 0).unwrap_or_else(first)
    }

    /// About how many bytes it keeps in memory besides its commits.
    pub(super) fn weight(&self) -> usize {
        let parameters = self.parameters.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.method.len() + self.path.len() + self.sandbox.len() + parameters
    }
}

/// Does the work of a call: what is committed meanwhile is committed by it.
pub async fn during<F: Future>(call: &Arc<RecordedCall>, work: F) -> F::Output {
    CALL.scope(Arc::clone(call), work).await
}

/// The call that is being answered; one of which nothing is known, if that cannot be found.
pub(super) fn current() -> Arc<RecordedCall> {
    CALL.try_with(Arc::clone).unwrap_or_else(|_| {
        let unknown = RecordedCall::default();
        unknown.end(200, 0);
        Arc::new(unknown)
    })
}
