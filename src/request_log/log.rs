//! The request log: a line per request on stderr, written by a thread of its own.
//!
//! May use: std. Invariant: a request never waits for the reader of the log; what a full pipe cannot take is
//! dropped and counted, and no line shows a secret.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::ValueEnum;

use crate::limits::LOG_BYTES_MAX;

/// Which requests are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// Every request.
    Requests,
    /// Requests that were refused.
    Errors,
    /// None.
    Off,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The content of a line.
#[derive(Debug)]
pub struct LogLine<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path without its query, which can contain secrets.
    pub path: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// The `Request-Id`.
    pub request_id: &'a str,
    /// The sandbox.
    pub sandbox: &'a str,
    /// The key with its middle hidden.
    pub key: &'a str,
    /// The catalogue's name of the operation.
    pub operation: Option<&'static str>,
    /// The error's code or type.
    pub error: Option<&'a str>,
    /// The fault that was applied, if any.
    pub fault: Option<&'a str>,
    /// From the request's arrival to the answer.
    pub duration: Duration,
}

/// The log; its writer is a thread.
#[derive(Debug)]
pub struct RequestLog {
    level: LogLevel,
    format: LogFormat,
    queue: Arc<LogQueue>,
}

#[derive(Debug, Default)]
struct LogQueue {
    waiting: Mutex<WaitingLines>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct WaitingLines {
    bytes: Vec<u8>,
    dropped: u64,
}

impl LogQueue {
    fn lock(&self) -> MutexGuard<'_, WaitingLines> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long lines are collected before they are written together.
const GATHER: Duration = Duration::from_millis(20);

impl RequestLog {
    /// Starts a log with its writer thread, which ends with the process.
    pub fn new(level: LogLevel, format: LogFormat) -> Self {
        let queue = Arc::new(LogQueue::default());
        if level != LogLevel::Off {
            let queue = Arc::clone(&queue);
            thread::spawn(move || write_forever(&queue));
        }
        RequestLog { level, format, queue }
    }

    /// Logs a request, if the level includes it.
    pub fn request(&self, line: &LogLine<'_>) {
        let wanted = match self.level {
            LogLevel::Requests => true,
            LogLevel::Errors => line.status >= 400,
            LogLevel::Off => false,
        };
        if !wanted {
            return;
        }
        let text = match self.format {
            LogFormat::Text => text_line(line),
            LogFormat::Json => json_line(line),
        };
        let mut waiting = self.queue.lock();
        if waiting.bytes.len() + text.len() > LOG_BYTES_MAX {
            waiting.dropped += 1;
            return;
        }
        let was_empty = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(text.as_bytes());
        drop(waiting);
        if was_empty {
            self.queue.filled.notify_one();
        }
    }

    /// Writes the waiting lines, at the end of the process.
    pub fn flush(&self) {
        let mut waiting = self.queue.lock();
        let bytes = std::mem::take(&mut waiting.bytes);
        drop(waiting);
        // If standard error is closed, there is nowhere to report it.
        let _ = std::io::stderr().write_all(&bytes);
    }
}

fn write_forever(queue: &LogQueue) {
    loop {
        let mut waiting = queue.lock();
        while waiting.bytes.is_empty() {
            waiting = queue.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        drop(waiting);
        thread::sleep(GATHER);
        let mut waiting = queue.lock();
        let bytes = std::mem::take(&mut waiting.bytes);
        let dropped = std::mem::take(&mut waiting.dropped);
        drop(waiting);
        let mut stderr = std::io::stderr();
        if stderr.write_all(&bytes).is_err() {
            // The reader is gone; requests continue.
            return;
        }
        if dropped > 0 {
            let _ = writeln!(stderr, "pinstripe: {dropped} log lines were dropped because nobody read them in time");
        }
    }
}

fn text_line(line: &LogLine<'_>) -> String {
    let mut out = String::with_capacity(128);
    let micros = line.duration.as_micros();
    // Writing to a string cannot fail.
    let _ = write!(out, "{} {} {} {micros}us {}", line.status, line.method, line.path, line.request_id);
    for part in [Some(line.sandbox), Some(line.key), line.error, line.fault]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
    {
        out.push(' ');
        out.push_str(part);
    }
    out.push('\n');
    out
}

fn json_line(line: &LogLine<'_>) -> String {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let entry = serde_json::json!({
        "time": time,
        "status": line.status,
        "method": line.method,
        "path": line.path,
        "request_id": line.request_id,
        "sandbox": line.sandbox,
        "key": line.key,
        "operation": line.operation,
        "error": line.error,
        "fault": line.fault,
        "duration_us": u64::try_from(line.duration.as_micros()).unwrap_or(u64::MAX),
    });
    format!("{entry}\n")
}
