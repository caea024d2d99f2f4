//! The form of the keys that OAuth issues for a connected account (platform 7, billing 6.8).
//!
//! May use: the names of sandboxes. Invariant: a key names its sandbox and its account, so that it is found without a search,
//! and no key that a developer makes up has this form by chance.

use super::KeyKind;
use crate::state::sandbox::{DEFAULT_SANDBOX, is_sandbox_name};

/// A key such as `sk_test_acct_123_RANDOM`, or `sk_test_sandbox_NAME_acct_123_RANDOM` in another sandbox than the default one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedKey<'k> {
    /// Secret or publishable.
    pub kind: KeyKind,
    /// The sandbox; `None` is the default one.
    pub sandbox: Option<&'k str>,
    /// The id of the connected account.
    pub account: &'k str,
}

impl<'k> IssuedKey<'k> {
    /// Characters at the end that nobody can guess.
    pub const RANDOM: usize = 24;

    /// Reads a key of this form.
    pub fn of(key: &'k str) -> Option<Self> {
        let (kind, name) = match key.split_at_checked(8)? {
            ("sk_test_", name) => (KeyKind::Secret, name),
            ("pk_test_", name) => (KeyKind::Publishable, name),
            _ => return None,
        };
        let (sandbox, rest) = match name.strip_prefix("sandbox_") {
            Some(named) => named.split_once('_').map(|(sandbox, rest)| (Some(sandbox), rest))?,
            None => (None, name),
        };
        let (account, random) = rest.rsplit_once('_')?;
        let is_plain =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        let is_one = account.starts_with("acct_")
            && random.len() == Self::RANDOM
            && is_plain(rest)
            && sandbox.is_none_or(is_sandbox_name);
        is_one.then_some(IssuedKey { kind, sandbox, account })
    }

    /// Writes a new key of this form; `sandbox` is the name of the sandbox, `random` the end of the key.
    pub fn write(kind: KeyKind, sandbox: &str, account: &str, random: &str) -> String {
        let begin = if kind == KeyKind::Publishable { "pk" } else { "sk" };
        match sandbox {
            DEFAULT_SANDBOX => format!("{begin}_test_{account}_{random}"),
            sandbox => format!("{begin}_test_sandbox_{sandbox}_{account}_{random}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: &str = "abcdefghijklmnopqrstuvwx";

    #[test]
    fn a_key_names_its_sandbox_and_its_account() {
        for (kind, sandbox) in [(KeyKind::Secret, DEFAULT_SANDBOX), (KeyKind::Publishable, "my-tests")] {
            let key = IssuedKey::write(kind, sandbox, "acct_1_a", RANDOM);
            let sandbox = (sandbox != DEFAULT_SANDBOX).then_some(sandbox);
            assert_eq!(IssuedKey::of(&key), Some(IssuedKey { kind, sandbox, account: "acct_1_a" }), "{key}");
        }
    }

    #[test]
    fn a_key_that_somebody_makes_up_has_another_form() {
        for key in [
            "sk_test_123",
            "sk_test_acct_1",
            "sk_test_acct_1_short",
            "sk_test_sandbox_name",
            "rk_test_acct_1_abcdefghijklmnopqrstuvwx",
            "sk_live_acct_1_abcdefghijklmnopqrstuvwx",
            "sk_test_sandbox__acct_1_abcdefghijklmnopqrstuvwx",
            "sk_test_acct_é_abcdefghijklmnopqrstuvwx",
        ] {
            assert_eq!(IssuedKey::of(key), None, "{key}");
        }
    }
}
