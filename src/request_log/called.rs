//! How often each operation was called, and which paths that are none.
//!
//! May use: the catalogue, limits. Invariant: counting a call of an operation takes no lock and no memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::without_numbers;
use crate::catalogue::{self, Operation};
use crate::limits::{UNKNOWN_PATH_CHARACTERS_MAX, UNKNOWN_PATHS_MAX};

/// The counts since the start of the server.
#[derive(Debug)]
pub struct CallCounts {
    /// By the place of an operation in the catalogue.
    operations: Box<[OperationCalls]>,
    unknown: Mutex<BTreeMap<UnknownPath, u64>>,
}

/// The method and the path of a request that is none of the API's.
pub type UnknownPath = (String, String);

/// The calls of an operation.
#[derive(Debug, Default)]
struct OperationCalls {
    all: AtomicU64,
    failed: AtomicU64,
}

impl Default for CallCounts {
    fn default() -> Self {
        let operations = catalogue::operations().iter().map(|_| OperationCalls::default()).collect();
        CallCounts { operations, unknown: Mutex::default() }
    }
}

impl CallCounts {
    /// Counts a call that was answered with this status.
    pub fn add(&self, operation: &Operation, status: u16) {
        let Some(calls) = self.operations.get(usize::from(operation.index)) else { return };
        calls.all.fetch_add(1, Ordering::Relaxed);
        if status >= 400 {
            calls.failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a request to a path that is none of the API's; further paths are not counted once there are too many.
    pub fn add_unknown(&self, method: &str, path: &str) {
        let path: String = without_numbers(path).chars().take(UNKNOWN_PATH_CHARACTERS_MAX).collect();
        let method: String = method.chars().take(UNKNOWN_PATH_CHARACTERS_MAX).collect();
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = unknown.len() >= UNKNOWN_PATHS_MAX;
        match unknown.get_mut(&(method.clone(), path.clone())) {
            Some(calls) => *calls += 1,
            None if is_full => {}
            None => {
                let _ = unknown.insert((method, path), 1);
            }
        }
    }

    /// How often an operation was called, and how often with an error.
    pub fn of(&self, operation: &Operation) -> (u64, u64) {
        let calls = self.operations.get(usize::from(operation.index));
        calls.map_or((0, 0), |calls| (calls.all.load(Ordering::Relaxed), calls.failed.load(Ordering::Relaxed)))
    }

    /// The other paths, with how often each was asked for.
    pub fn unknown(&self) -> Vec<(UnknownPath, u64)> {
        let unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        unknown.iter().map(|(path, calls)| (path.clone(), *calls)).collect()
    }
}
