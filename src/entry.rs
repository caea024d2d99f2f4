//! The address by which a request came in: what the links in its answer begin with, and the sandbox that it names.
//!
//! May use: the `http` crate's types, the names of hosts, those of sandboxes. Invariant: only this server notes it; what a client
//! sends under the name of the note is dropped.
//!
//! A proxy in front of several servers reads the sandbox's name in the address, as `NAME.localhost` or at the beginning of the path,
//! because keys differ and pages have none.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::error::ApiError;
use crate::links;
use crate::state::sandbox::is_sandbox_name;

/// Bears the scheme of the address, and how its path begins.
const ENTRY: HeaderName = HeaderName::from_static("pinstripe-entry");

/// How the path of a base address begins that names a sandbox.
const SANDBOX_PATH: &str = "/_sandbox/";

/// How the host of a base address ends that names a sandbox.
const SANDBOX_HOST: &str = ".localhost";

/// The name of a sandbox at the beginning of a path, and the path behind it.
pub fn split(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix(SANDBOX_PATH)?;
    let (name, behind) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    is_sandbox_name(name).then_some((name, behind))
}

/// Notes by which scheme a request came in, and which sandbox the beginning of its path named.
pub fn mark(headers: &mut HeaderMap, is_secure: bool, sandbox: Option<&str>) {
    let scheme = if is_secure { "https" } else { "http" };
    let note = match sandbox {
        Some(name) => HeaderValue::try_from([scheme, SANDBOX_PATH, name].concat()).ok(),
        None => is_secure.then(|| HeaderValue::from_static("https")),
    };
    match note {
        Some(note) => drop(headers.insert(ENTRY, note)),
        None => drop(headers.remove(ENTRY)),
    }
}

/// What was noted, if anything: without a note, a request came in by http.
pub fn noted(headers: &HeaderMap) -> Option<&str> {
    headers.get(ENTRY).and_then(|noted| noted.to_str().ok())
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
    let in_host = || {
        let (name, _) = links::name_and_port(host(headers)?);
        name.strip_suffix(SANDBOX_HOST).filter(|name| is_sandbox_name(name))
    };
    path(headers).strip_prefix(SANDBOX_PATH).or_else(in_host)
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
