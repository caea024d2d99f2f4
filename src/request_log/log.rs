//! The request log: a line per request on stderr.
//!
//! May use: the queue of stderr. Invariant: a request never waits for the reader of the log, and no line shows a secret.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::ValueEnum;

use super::{plain, stderr};

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

/// The log.
#[derive(Debug)]
pub struct RequestLog {
    level: LogLevel,
    format: LogFormat,
}

impl RequestLog {
    /// A log of these requests in this form.
    pub fn new(level: LogLevel, format: LogFormat) -> Self {
        RequestLog { level, format }
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
        stderr::write(text.as_bytes());
    }
}

fn text_line(line: &LogLine<'_>) -> String {
    let mut out = String::with_capacity(128);
    let micros = line.duration.as_micros();
    // Writing to a string cannot fail.
    let path = plain::without_numbers(line.path);
    let _ = write!(out, "{} {} {path} {micros}us {}", line.status, line.method, line.request_id);
    for part in [Some(line.sandbox), Some(line.key), line.error, line.fault]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
    {
        out.push(' ');
        out.push_str(part);
    }
    format!("{}\n", plain::escaped(&out))
}

fn json_line(line: &LogLine<'_>) -> String {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let entry = serde_json::json!({
        "time": time,
        "status": line.status,
        "method": line.method,
        "path": plain::without_numbers(line.path),
        "request_id": line.request_id,
        "sandbox": line.sandbox,
        "key": line.key,
        "operation": line.operation,
        "error": line.error,
        "fault": line.fault,
        "duration_us": u64::try_from(line.duration.as_micros()).unwrap_or(u64::MAX),
    });
    format!("{}\n", plain::escaped(&entry.to_string()))
}
