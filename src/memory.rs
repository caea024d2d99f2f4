//! How much of the process is in memory, and the limit that was set for it.
//!
//! May use: the system's files about the process. Invariant: without a limit nothing is read.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// For how long a look at the memory holds, in milliseconds: a look costs as much as a small write.
const LOOK_MILLISECONDS: u64 = 20;

static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The bytes of the process in memory, where Linux tells it.
pub fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes << 10)
}

/// A limit of the memory.
#[derive(Debug, Default)]
pub struct MemoryLimit {
    /// Bytes; `None` for no limit.
    most: Option<u64>,
    looked_at: AtomicU64,
    is_reached: AtomicBool,
}

impl MemoryLimit {
    /// A limit of so many bytes.
    pub fn of(most: Option<u64>) -> Self {
        MemoryLimit { most, ..MemoryLimit::default() }
    }

    /// The limit in bytes, if there is one and it is reached.
    pub fn reached(&self) -> Option<u64> {
        let most = self.most?;
        let now = u64::try_from(BEGUN.elapsed().as_millis()).unwrap_or(u64::MAX) + LOOK_MILLISECONDS;
        if self.looked_at.load(Ordering::Relaxed) + LOOK_MILLISECONDS <= now {
            self.looked_at.store(now, Ordering::Relaxed);
            self.is_reached.store(resident().is_some_and(|bytes| bytes > most), Ordering::Relaxed);
        }
        self.is_reached.load(Ordering::Relaxed).then_some(most)
    }
}

/// The refusal of a limit that could not be kept.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("--max-memory needs Linux: this system does not say in /proc/self/status what the process takes in memory")]
pub struct MemoryUnknown;

/// Checks that a limit can be kept, by what the system says of the memory.
///
/// # Errors
/// There is a limit, and the system says nothing.
pub fn check_limit(most: Option<u64>, resident: Option<u64>) -> Result<(), MemoryUnknown> {
    if most.is_some() && resident.is_none() { Err(MemoryUnknown) } else { Ok(()) }
}

/// Reads a number of bytes, with `K`, `M` or `G` for the powers of 1,024.
///
/// # Errors
/// What was expected.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(['K', 'M', 'G']);
    let shift = match &text[digits.len()..] {
        "" => Some(0),
        "K" => Some(10),
        "M" => Some(20),
        "G" => Some(30),
        _ => None,
    };
    let bytes = shift.and_then(|shift| digits.parse::<u64>().ok()?.checked_mul(1 << shift));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| "expected bytes, such as 2000000000, 2000M or 2G".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_units() {
        assert_eq!(parse_bytes("1000"), Ok(1_000));
        assert_eq!(parse_bytes("2G"), Ok(2 << 30));
        for wrong in ["", "G", "0", "1GG", "1.5G", "-1", "99999999999G"] {
            assert!(parse_bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_limit_that_cannot_be_kept_is_refused() {
        assert_eq!(check_limit(Some(1), None), Err(MemoryUnknown));
        for (most, resident) in [(None, None), (None, Some(1)), (Some(1), Some(1))] {
            assert_eq!(check_limit(most, resident), Ok(()), "{most:?} {resident:?}");
        }
    }

    #[test]
    fn a_limit_below_what_is_there_is_reached() {
        assert_eq!(MemoryLimit::of(None).reached(), None);
        assert_eq!(MemoryLimit::of(Some(u64::MAX)).reached(), None);
        if resident().is_some() {
            assert_eq!(MemoryLimit::of(Some(1)).reached(), Some(1));
        }
    }
}
