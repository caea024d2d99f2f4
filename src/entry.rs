//! The address by which a request came in: what the links in its answer begin with, and the sandbox that it names.
//!
//! May use: the `http` crate's types, the names of hosts, those of sandboxes. Invariant: only this server notes it; what a client
//! sends under the name of the note is dropped.
//!
//! A proxy in front of several servers reads the sandbox's name in the address, as `NAME.localhost` or at the beginning of the path,
//! because keys differ and pages have none.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::error::ApiError;
use crate::state::sandbox::is_sandbox_name;

/// Bears the scheme of the address, and the sandbox that it names: in its path, or behind an `@` in its host.
pub const NOTE: HeaderName = HeaderName::from_static("pinstripe-entry");

/// How the path of a base address begins that names a sandbox.
pub const SANDBOX_PATH: &str = "/_sandbox/";

/// How the host of a base address ends that names a sandbox.
pub const SANDBOX_HOST: &str = ".localhost";

/// Where an address names a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedSandbox<'n> {
    /// At the beginning of the path: links begin with the same.
    InPath(&'n str),
    /// In the host.
    InHost(&'n str),
}

/// The name of a sandbox at the beginning of a path, and the path behind it.
pub fn split(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix(SANDBOX_PATH)?;
    let (name, behind) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    is_sandbox_name(name).then_some((name, behind))
}

/// The name of a sandbox in the name of a host.
pub fn in_host(name: &str) -> Option<&str> {
    name.strip_suffix(SANDBOX_HOST).filter(|name| is_sandbox_name(name))
}

/// Notes by which scheme a request came in, and which sandbox its address named.
pub fn mark(headers: &mut HeaderMap, is_secure: bool, sandbox: Option<NamedSandbox<'_>>) {
    let scheme = if is_secure { "https" } else { "http" };
    let note = match sandbox {
        Some(NamedSandbox::InPath(name)) => HeaderValue::try_from([scheme, SANDBOX_PATH, name].concat()).ok(),
        Some(NamedSandbox::InHost(name)) => HeaderValue::try_from([scheme, "@", name].concat()).ok(),
        None => is_secure.then(|| HeaderValue::from_static("https")),
    };
    match note {
        Some(note) => drop(headers.insert(NOTE, note)),
        None => drop(headers.remove(NOTE)),
    }
}

/// What was noted, if anything: without a note, a request came in by http, and its address named no sandbox.
pub fn noted(headers: &HeaderMap) -> Option<&str> {
    headers.get(NOTE).and_then(|noted| noted.to_str().ok())
}

/// The scheme by which a request came in.
pub fn scheme(headers: &HeaderMap) -> &'static str {
    if noted(headers).is_some_and(|noted| noted.starts_with("https")) { "https" } else { "http" }
}

/// How the path of every link in the answer begins, without a final slash.
pub fn path(headers: &HeaderMap) -> &str {
    noted(headers).and_then(|noted| Some(&noted[noted.find('/')?..])).unwrap_or_default()
}

/// The host that a request was sent to.
pub fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST).and_then(|host| host.to_str().ok())
}

/// The sandbox that the address names; the path comes before the host.
pub fn sandbox(headers: &HeaderMap) -> Option<&str> {
    let noted = noted(headers)?;
    path(headers).strip_prefix(SANDBOX_PATH).or_else(|| Some(noted.split_once('@')?.1))
}

/// The query of a request with the sandbox that the address names, as what has no key takes it; `None` if the address names none, or
/// the query the same.
///
/// # Errors
/// The query names another one.
pub fn query<'q>(headers: &HeaderMap, query: &'q str) -> Result<Option<String>, ApiError> {
    let Some(name) = sandbox(headers) else { return Ok(None) };
    // A shop adds a query of its own to a link as if the link had none.
    let own_ends = |sent: &'q str| sent.split('?').next().unwrap_or_default();
    match query.split('&').find_map(|pair| pair.strip_prefix("sandbox=")).map(own_ends) {
        Some(sent) if sent == name => Ok(None),
        Some(sent) => Err(ApiError::sandbox_of_other_address(sent, name)),
        None if query.is_empty() => Ok(Some(format!("sandbox={name}"))),
        None => Ok(Some(format!("{query}&sandbox={name}"))),
    }
}
