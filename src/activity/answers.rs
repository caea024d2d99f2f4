//! What the last requests were answered.
//!
//! May use: limits. Invariant: the answers take at most [`RECENT_ANSWERS_BYTES_MAX`] bytes together, and a long one is not kept.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::limits::{RECENT_ANSWER_BYTES_MAX, RECENT_ANSWERS_BYTES_MAX, RECENT_REQUESTS_MAX};

/// The answers with the numbers of their requests, in order but for requests that were answered at the same time.
#[derive(Debug, Default)]
pub(super) struct KeptAnswers {
    kept: VecDeque<(u64, Bytes)>,
    bytes: usize,
}

impl KeptAnswers {
    pub(super) fn keep(&mut self, number: u64, answer: &Bytes) {
        if answer.len() > RECENT_ANSWER_BYTES_MAX {
            return;
        }
        self.bytes += answer.len();
        self.kept.push_back((number, answer.clone()));
        while self.kept.len() > RECENT_REQUESTS_MAX || self.bytes > RECENT_ANSWERS_BYTES_MAX {
            let Some((_, oldest)) = self.kept.pop_front() else { break };
            self.bytes -= oldest.len();
        }
    }

    pub(super) fn get(&self, number: u64) -> Option<Bytes> {
        self.kept.iter().rev().find(|(kept, _)| *kept == number).map(|(_, answer)| answer.clone())
    }
}
