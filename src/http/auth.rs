//! API keys: where they are sent, which are accepted, and which sandbox they select.
//!
//! May use: base64, the declarations of tokens. Invariant: a key leaves this module only with its middle hidden, except one
//! that was issued here, which is needed to find who did.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::contract::{self, IssuedKey, KeyKind};
use crate::error::{ApiError, mask_key};
use crate::state::sandbox::is_sandbox_name;

/// An accepted key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// What it may do.
    pub kind: KeyKind,
    /// The sandbox that it names; `None` is the default one.
    pub sandbox: Option<String>,
    /// The key with its middle hidden, for messages and logs.
    pub masked: String,
    /// The whole key, if an object of the API issued it: an ephemeral key, or the token of a session.
    pub ephemeral: Option<String>,
    /// The whole key, if OAuth issued it for a connected account.
    pub issued: Option<String>,
}

/// The key in an `Authorization` header: Bearer, or the user name of Basic (core-payments 1.1.1,
/// 1.1.2). The password is ignored.
pub fn from_header(header: &str) -> Option<String> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    Some(decoded.split(':').next().unwrap_or_default().to_owned())
}

/// Reads a key.
///
/// # Errors
/// There is none, it has no known form, it is a live key, or the sandbox's name in it is invalid (core-payments 1.1).
pub fn parse(key: &str) -> Result<Key, ApiError> {
    if key.is_empty() {
        return Err(ApiError::key_missing());
    }
    let masked = || mask_key(key);
    if contract::tokens(key).is_some() {
        let ephemeral = Some(key.to_owned());
        return Ok(Key { kind: KeyKind::Token, sandbox: None, masked: masked(), ephemeral, issued: None });
    }
    if let Some(IssuedKey { kind, sandbox, .. }) = IssuedKey::of(key) {
        let (sandbox, issued) = (sandbox.map(str::to_owned), Some(key.to_owned()));
        return Ok(Key { kind, sandbox, masked: masked(), ephemeral: None, issued });
    }
    // The anonymous sandboxes of the CLI have keys of their own, and organizations, which name the account in a header.
    let (kind, rest) = if let Some(rest) = key.strip_prefix("rkcs_") {
        (KeyKind::Restricted, rest)
    } else if let Some(rest) = key.strip_prefix("sk_org_") {
        (KeyKind::Secret, rest)
    } else {
        match key.split_at_checked(3) {
            Some(("sk_", rest)) => (KeyKind::Secret, rest),
            Some(("rk_", rest)) => (KeyKind::Restricted, rest),
            Some(("pk_", rest)) => (KeyKind::Publishable, rest),
            Some(("ek_", rest)) => (KeyKind::Ephemeral, rest),
            _ => return Err(ApiError::key_invalid(&masked())),
        }
    };
    if rest.starts_with("live_") {
        return Err(ApiError::key_live(&masked()));
    }
    let name = rest.strip_prefix("test_").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ApiError::key_invalid(&masked()))?;
    let sandbox = match name.strip_prefix("sandbox_") {
        // A key stands in the log: nothing in it may act on a terminal.
        None if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) => {
            return Err(ApiError::key_invalid(&masked()));
        }
        None => None,
        Some(sandbox) if is_sandbox_name(sandbox) => Some(sandbox.to_owned()),
        Some(_) => return Err(ApiError::key_sandbox_name(&masked())),
    };
    // A sandbox key is a name, not a secret: shown whole, it identifies the sandbox in the log.
    let masked = if sandbox.is_some() { key.to_owned() } else { masked() };
    let ephemeral = (kind == KeyKind::Ephemeral).then(|| key.to_owned());
    Ok(Key { kind, sandbox, masked, ephemeral, issued: None })
}
