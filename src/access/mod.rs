//! Which requests are taken, by where they come from: a browser is not a developer's client.
//!
//! May use: the `http` crate's types, the kinds of keys, the table of pages, errors. Invariant: no page on the internet reads or changes a
//! developer's sandbox, except with what may be public: a publishable key, or the secret in a page's link.
//!
//! A page can make a browser send requests to this machine: from its own origin, or to a name of its own that it lets
//! point here (DNS rebinding). Both can be seen: the browser names the origin of a write, and the name is in `Host`.
//! Clients that are no browsers have no such marks, so they may use any name, such as one in a cluster.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, Version, header};
use http_body_util::LengthLimitError;

use crate::contract::KeyKind;
use crate::error::{ApiError, Result};
use crate::links;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathClass {
    /// An operation of the API; the key says what it may do.
    Api,
    /// A page or script for the browser of a customer: open to every origin, since its link is what gives access.
    Page {
        /// Whether it is made to be shown in a frame of another page.
        framed: bool,
    },
    /// A page that everybody can name the address of: its forms are taken from itself alone.
    Consent,
    /// A call of the control API, which needs no key.
    Control,
    /// A message of an agent, which needs none either; the service has a host for it.
    Agent,
}

/// The former addresses of pages, which lead on to them, and of the calls that do the same without a browser: as open as those are.
const FORMER_PAGES: [&str; 8] = [
    "/_pinstripe/authorize/",
    "/_pinstripe/checkout/",
    "/_pinstripe/invoice/",
    "/_pinstripe/portal/",
    "/_pinstripe/credit_note/",
    "/_pinstripe/sources/",
    "/_pinstripe/receipts/",
    "/_pinstripe/files/",
];

impl PathClass {
    /// What a path leads to.
    pub fn of(path: &str) -> Self {
        match links::place(path) {
            Some(page) if page.own_form => PathClass::Consent,
            Some(page) => PathClass::Page { framed: page.framed },
            None if FORMER_PAGES.iter().any(|beginning| path.starts_with(beginning)) => {
                PathClass::Page { framed: false }
            }
            None if path.starts_with("/_pinstripe") || path.starts_with("/_config/") => PathClass::Control,
            None if path == "/mcp" => PathClass::Agent,
            None => PathClass::Api,
        }
    }
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// What a request shows of who sent it and to which name.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'r> {
    host: &'r str,
    origin: Option<&'r str>,
    /// Whether a browser says that a page of another site caused it.
    is_cross_site: bool,
    /// Whether it opens a page by itself, which no other page can read.
    is_navigation: bool,
    is_browser: bool,
}

impl<'r> Visitor<'r> {
    /// The visitor with these headers.
    pub fn of(headers: &'r HeaderMap) -> Self {
        // A value that is no text is sent by nobody, and is foreign.
        let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let is = |name: &HeaderName, wanted: &str| text(name) == Some(wanted);
        Visitor {
            host: text(&header::HOST).unwrap_or_default(),
            origin: text(&header::ORIGIN),
            is_cross_site: is(&FETCH_SITE, "cross-site"),
            is_navigation: is(&FETCH_MODE, "navigate") && is(&FETCH_DEST, "document"),
            is_browser: is_browser(headers),
        }
    }

    /// Whether a page of another origin sent it.
    fn is_foreign(&self, public_url: Option<&str>) -> bool {
        let is_own = |origin: &str| {
            origin.split_once("://").is_some_and(|(_, place)| place.eq_ignore_ascii_case(self.host))
                || public_url.is_some_and(|public| is_same_origin(public, origin))
        };
        self.is_cross_site || self.origin.is_some_and(|origin| !is_own(origin))
    }
}

/// Whether a request has what browsers send and no page can leave out. The clients in Node and Deno send
/// `Sec-Fetch-Mode` and `Accept-Language: *`, so these are no marks.
fn is_browser(headers: &HeaderMap) -> bool {
    let begins = |name: &HeaderName, beginning: &[u8]| {
        headers.get(name).is_some_and(|value| value.as_bytes().starts_with(beginning))
    };
    [header::ORIGIN, header::REFERER, FETCH_SITE, FETCH_DEST].iter().any(|mark| headers.contains_key(mark))
        || begins(&header::USER_AGENT, b"Mozilla/")
        || (headers.contains_key(header::ACCEPT_LANGUAGE) && !begins(&header::ACCEPT_LANGUAGE, b"*"))
}

/// Checks that a request names its host, once, as HTTP/1.1 asks for.
///
/// # Errors
/// It does not.
pub fn check_host(version: Version, headers: &HeaderMap) -> Result<()> {
    let named = headers.get_all(header::HOST).iter().count();
    if named > 1 || (named == 0 && version == Version::HTTP_11) { Err(ApiError::host_missing()) } else { Ok(()) }
}

/// Checks that a body is sent as it is: nothing here decompresses.
///
/// # Errors
/// It is encoded.
pub fn check_encoding(headers: &HeaderMap) -> Result<()> {
    let plain = |value: &HeaderValue| value.is_empty() || value.as_bytes().eq_ignore_ascii_case(b"identity");
    match headers.get_all(header::CONTENT_ENCODING).iter().find(|value| !plain(value)) {
        None => Ok(()),
        Some(value) => Err(ApiError::body_encoded(&String::from_utf8_lossy(value.as_bytes()))),
    }
}

/// Whether a body could not be read because it is larger than the limit for it.
pub fn is_too_large(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.into_iter().any(|error| error.is::<LengthLimitError>())
}

/// Whether a request may be made. `key` is the kind of a request's key, `public_url` the configured one.
///
/// # Errors
/// Why it may not: 403.
pub fn check(class: PathClass, visitor: &Visitor<'_>, key: Option<KeyKind>, public_url: Option<&str>) -> Result<()> {
    let (name, _) = links::name_and_port(visitor.host);
    let is_ours = links::is_local_name(name) || public_url.is_some_and(|url| is_host_of(url, name));
    let is_known = match class {
        PathClass::Api | PathClass::Page { .. } | PathClass::Consent => {
            is_ours || links::is_service_host(name) || !visitor.is_browser
        }
        // Nothing but the name protects it.
        PathClass::Control => is_ours,
        PathClass::Agent => is_ours || links::is_service_host(name),
    };
    if !is_known {
        return Err(ApiError::host_foreign(visitor.host));
    }
    match class {
        PathClass::Page { .. } => Ok(()),
        PathClass::Api => match key.is_some_and(|key| !key.is_public()) && visitor.is_foreign(public_url) {
            true => Err(ApiError::secret_key_in_page()),
            false => Ok(()),
        },
        PathClass::Consent => match visitor.is_foreign(public_url) && !visitor.opens_page() {
            true => Err(ApiError::consent_from_page()),
            false => Ok(()),
        },
        PathClass::Control | PathClass::Agent => match visitor.is_foreign(public_url) && !visitor.opens_page() {
            true => Err(ApiError::control_from_page()),
            false => Ok(()),
        },
    }
}

impl Visitor<'_> {
    /// Whether a person follows a link: the page with the link cannot read the answer.
    fn opens_page(&self) -> bool {
        self.is_navigation && self.origin.is_none()
    }
}

/// Whether two URLs have the same scheme, host and port.
fn is_same_origin(one: &str, other: &str) -> bool {
    let of = |url: &str| {
        url.parse::<Uri>().ok().and_then(|url| Some((url.scheme_str()?.to_owned(), url.authority()?.clone())))
    };
    of(one).is_some() && of(one) == of(other)
}

/// Whether a name is the host of a URL.
fn is_host_of(url: &str, name: &str) -> bool {
    let url = url.parse::<Uri>().ok();
    url.is_some_and(|url| url.host().is_some_and(|host| host.trim_matches(['[', ']']).eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests;
