//! The released API versions, and gates: the versions in which rules changed (platform 6).
//!
//! May use: the catalogue's list of versions. Invariant: a [`Version`] was released.

use crate::catalogue::{API_VERSION, RELEASED_VERSIONS, is_same};
use crate::error::{ApiError, Result};

/// A released version, such as `2024-04-10` or `2026-10-28.endive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(&'static str);

/// The first version in which a rule is as it is today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gate(&'static str);

impl Gate {
    /// The gate that opens with a version. In a `const` a name that was never released does not compile.
    ///
    /// # Panics
    /// There is no such version.
    pub const fn since(version: &'static str) -> Self {
        let mut at = 0;
        while at < RELEASED_VERSIONS.len() {
            if is_same(RELEASED_VERSIONS[at], version) {
                return Gate(version);
            }
            at += 1;
        }
        panic!("no such version was released");
    }
}

/// Whether a text has the form of a date, such as `2026-09-30`.
fn is_date(text: &str) -> bool {
    let is_expected = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(is_expected)
}

impl Version {
    /// The newest version of the catalogue.
    pub fn newest() -> Self {
        Version(API_VERSION)
    }

    /// The version of a name: a released one, or a preview's (`2026-09-30.preview`), which is served as the newest
    /// version that was released by its date. Flags behind it (`; custom_checkout_beta=v1`) are passed over.
    ///
    /// # Errors
    /// One that was never released (core-payments 1.11).
    pub fn parse(name: &str) -> Result<Self> {
        let bare = name.split(';').next().unwrap_or_default().trim_end();
        let mut released = RELEASED_VERSIONS.iter().copied();
        let found = match bare.strip_suffix(".preview").filter(|date| is_date(date)) {
            Some(date) => released.filter(|version| version.get(..date.len()).is_some_and(|own| own <= date)).max(),
            None => released.find(|version| *version == bare),
        };
        found.map(Version).ok_or_else(|| ApiError::version_invalid(name))
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether a rule is as it is today in this version.
    pub fn has(self, gate: Gate) -> bool {
        self.0 >= gate.0
    }
}
