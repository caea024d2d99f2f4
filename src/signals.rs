//! The signals that end the server, or that `exec` passes on to its command.
//!
//! May use: tokio's signals. Invariant: a signal that comes after [`Signals::new`] is never lost, and none of them ends the
//! process by itself.

use std::fs;
use std::io;

use rustix::process::Signal;
use tokio::signal::unix::{self, SignalKind};

/// The handlers of all of them.
pub(crate) struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
    quit: unix::Signal,
    /// `None` if hangups are to be ignored, as under `nohup`.
    hangup: Option<unix::Signal>,
}

impl Signals {
    pub(crate) fn new() -> io::Result<Self> {
        let hangup = if is_ignored(Signal::HUP) { None } else { Some(unix::signal(SignalKind::hangup())?) };
        Ok(Signals {
            interrupt: unix::signal(SignalKind::interrupt())?,
            terminate: unix::signal(SignalKind::terminate())?,
            quit: unix::signal(SignalKind::quit())?,
            hangup,
        })
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Signal {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => Signal::INT,
            _ = self.terminate.recv() => Signal::TERM,
            _ = self.quit.recv() => Signal::QUIT,
            _ = hangup => Signal::HUP,
        }
    }
}

/// Whether the process began with this signal ignored; where the system does not say, it did not.
fn is_ignored(signal: Signal) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    let bit = u32::try_from(signal.as_raw() - 1).unwrap_or_default();
    mask >> bit & 1 == 1
}
