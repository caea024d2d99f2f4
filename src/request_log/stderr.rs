//! The standard error of the process: lines wait in a queue, and one thread writes them.
//!
//! May use: std, limits. Invariant: nobody waits for the reader of a pipe; what it does not take in time is dropped and
//! counted. The end of a process waits for [`flush`], which has a limit.

use std::io::{self, Write};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::limits::LOG_BYTES_MAX;

/// Adds whole lines to what waits to be written.
pub fn write(lines: &[u8]) {
    let mut waiting = QUEUE.lock();
    if waiting.is_closed || waiting.bytes.len() + lines.len() > LOG_BYTES_MAX {
        waiting.dropped += 1;
        return;
    }
    let was_empty = waiting.bytes.is_empty();
    waiting.bytes.extend_from_slice(lines);
    drop(waiting);
    if was_empty {
        QUEUE.filled.notify_all();
    }
}

/// Waits until everything is written, at most for `limit`.
pub fn flush(limit: Duration) {
    let mut waiting = QUEUE.lock();
    waiting.is_urgent = true;
    QUEUE.filled.notify_all();
    let is_unwritten = |waiting: &mut WaitingLines| {
        !waiting.is_closed && (waiting.is_writing || !waiting.bytes.is_empty() || waiting.dropped > 0)
    };
    let _ = QUEUE.written.wait_timeout_while(waiting, limit, is_unwritten);
}

/// The queue as a writer; what is written at once must be whole lines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stderr;

impl Write for Stderr {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        write(lines);
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How long lines are collected before they are written together.
const GATHER: Duration = Duration::from_millis(20);

/// Starts its thread, which ends with the process, at the first use.
static QUEUE: LazyLock<LogQueue> = LazyLock::new(|| {
    thread::spawn(|| write_forever(&QUEUE));
    LogQueue::default()
});

#[derive(Debug, Default)]
struct LogQueue {
    waiting: Mutex<WaitingLines>,
    filled: Condvar,
    written: Condvar,
}

#[derive(Debug, Default)]
struct WaitingLines {
    bytes: Vec<u8>,
    dropped: u64,
    /// Whether lines that were taken out are being written.
    is_writing: bool,
    /// Whether the process ends, so that lines are no longer collected.
    is_urgent: bool,
    /// Whether the reader is gone.
    is_closed: bool,
}

impl LogQueue {
    fn lock(&self) -> MutexGuard<'_, WaitingLines> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for lines, and takes them out with the count of those that were dropped.
    fn take(&self) -> (Vec<u8>, u64) {
        let is_empty = |waiting: &mut WaitingLines| waiting.bytes.is_empty() && waiting.dropped == 0;
        let waiting = self.filled.wait_while(self.lock(), is_empty).unwrap_or_else(PoisonError::into_inner);
        let more = self.filled.wait_timeout_while(waiting, GATHER, |waiting| !waiting.is_urgent);
        let (mut waiting, _) = more.unwrap_or_else(PoisonError::into_inner);
        waiting.is_writing = true;
        (std::mem::take(&mut waiting.bytes), std::mem::take(&mut waiting.dropped))
    }
}

fn write_forever(queue: &LogQueue) {
    loop {
        let (bytes, dropped) = queue.take();
        let mut stderr = io::stderr();
        let mut written = stderr.write_all(&bytes);
        if dropped > 0 {
            let gap = format!("pinstripe: {dropped} log lines were dropped because nobody read them in time\n");
            written = written.and_then(|()| stderr.write_all(gap.as_bytes()));
        }
        let mut waiting = queue.lock();
        waiting.is_writing = false;
        waiting.is_closed = written.is_err();
        queue.written.notify_all();
        if waiting.is_closed {
            return;
        }
    }
}
