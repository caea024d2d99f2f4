//! The configuration of webhooks.
//!
//! May use: rustls' certificates, the state's ids and clocks. Invariant: the default secret is the same in every start
//! on every machine, so that a receiver can have it in its configuration.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use uuid::Uuid;

use crate::contract::version::Version;
use crate::receiver_url::ReceiverUrl;
use crate::state::ids::Ids;
use crate::state::sandbox::Sandbox;
use crate::time::clock::Clock;

/// The settings of all deliveries.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// The receivers of every sandbox's events.
    pub urls: Vec<ReceiverUrl>,
    /// The secret that signs deliveries to [`urls`](Self::urls).
    pub secret: String,
    /// The delays before further attempts.
    pub retries: Retries,
    /// How long a receiver may take to answer.
    pub timeout: Duration,
    /// Whether a new sandbox sends or collects its events.
    pub mode: Mode,
    /// The clock of signatures.
    pub timestamps: Timestamps,
    /// Extra CA certificates for https receivers.
    pub authorities: Authorities,
    /// The API version of events for receivers without one.
    pub version: Version,
}

impl WebhookSettings {
    /// The time of a signature, in Unix seconds.
    pub fn signing_time(&self, sandbox: &Sandbox) -> i64 {
        match self.timestamps {
            Timestamps::Real => Clock::Real.now(),
            Timestamps::Sandbox => sandbox.now(),
        }
    }
}

/// The default secret.
pub fn default_secret() -> String {
    Ids::seeded(Uuid::NAMESPACE_OID).id("whsec_", 32)
}

/// Whether a sandbox sends its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Each event is sent to the endpoints that ask for it.
    Send,
    /// Nothing is sent; events are kept, signed, for a test to read.
    Collect,
}

impl Mode {
    /// Its name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Send => "send",
            Mode::Collect => "collect",
        }
    }
}

/// The clock of signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Timestamps {
    /// The machine's clock: SDKs refuse signatures that are older than five minutes.
    Real,
    /// The sandbox's clock: a frozen one gives the same signature whenever it is sent.
    Sandbox,
}

/// The delays before each further attempt of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retries(Vec<Duration>);

/// The default delays: short, because a test waits for them.
pub const RETRIES_DEFAULT: &str = "0.1,0.2,0.5,1,2";

impl Retries {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no second attempt.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The delay after this many failed attempts; the last one repeats. `None` if there are no delays.
    pub fn after(&self, failures: usize) -> Option<Duration> {
        let position = failures.saturating_sub(1).min(self.0.len().saturating_sub(1));
        self.0.get(position).copied()
    }
}

impl Default for Retries {
    fn default() -> Self {
        RETRIES_DEFAULT.parse().unwrap_or(Retries(Vec::new()))
    }
}

impl FromStr for Retries {
    type Err = &'static str;

    /// Seconds between commas, or `none`.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        if text == "none" {
            return Ok(Retries(Vec::new()));
        }
        let delay = |seconds: &str| {
            let seconds = seconds.trim().parse::<f64>().ok()?;
            Duration::try_from_secs_f64(seconds).ok()
        };
        let delays: Option<Vec<_>> = text.split(',').map(delay).collect();
        delays.map(Retries).ok_or("expected seconds between commas, such as 0.5,2,10, or `none`")
    }
}

/// CA certificates.
#[derive(Clone, Debug, Default)]
pub struct Authorities(pub Vec<CertificateDer<'static>>);

impl FromStr for Authorities {
    type Err = String;

    /// Reads a file of PEM certificates.
    fn from_str(path: &str) -> Result<Self, String> {
        let read = CertificateDer::pem_file_iter(Path::new(path)).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        match read {
            Ok(certificates) if certificates.is_empty() => Err("there is no certificate in it".to_owned()),
            Ok(certificates) => Ok(Authorities(certificates)),
            Err(error) => Err(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_are_seconds_and_the_last_repeats() {
        let retries: Retries = "0.5, 2".parse().expect("a schedule");
        let delays = [1, 2, 3, 9].map(|failures| retries.after(failures).map(|delay| delay.as_millis()));
        assert_eq!(delays, [Some(500), Some(2000), Some(2000), Some(2000)]);
        assert_eq!("none".parse::<Retries>().expect("none").after(1), None);
        for wrong in ["", "1,,2", "-1", "soon", "1e99"] {
            assert!(wrong.parse::<Retries>().is_err(), "{wrong}");
        }
        assert_eq!(Retries::default().len(), 5);
    }

    #[test]
    fn the_default_secret_looks_like_one_and_stays() {
        let secret = default_secret();
        assert_eq!((secret.len(), &secret[..6]), (38, "whsec_"));
        assert_eq!(secret, default_secret());
    }
}
