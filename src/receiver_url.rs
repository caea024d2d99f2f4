//! The URL of a receiver: what the API accepts, and what a delivery is sent to.
//!
//! May use: the check of URLs, the `http` crate's types, base64. Invariant: a [`ReceiverUrl`] can be sent to: it has a supported scheme
//! and a host, and its URI contains no secret.

use std::fmt;
use std::str::FromStr;

use axum::http::uri::{Authority, Parts};
use axum::http::{HeaderValue, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::url::{self, UrlFault};

/// The URL of a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiverUrl {
    text: String,
    uri: Uri,
    authorization: Option<HeaderValue>,
}

impl ReceiverUrl {
    /// The URL as it was sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URI to send to, without user and password.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Whether it is an https URL.
    pub fn is_secure(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// The `Authorization` of a URL with user and password.
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }
}

impl fmt::Display for ReceiverUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for ReceiverUrl {
    type Err = UrlFault;

    fn from_str(text: &str) -> Result<Self, UrlFault> {
        url::check(text)?;
        let (scheme, rest) = url::split(text)?;
        if !url::is_web(&scheme) {
            return Err(UrlFault::Invalid);
        }
        let (path, place) = url::parts(rest.trim_start_matches('/'));
        let (user, place) = place.rsplit_once('@').map_or((None, place), |(user, place)| (Some(user), place));
        let authority: Authority = place.parse().map_err(|_| UrlFault::Invalid)?;
        // A fragment is never sent.
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let mut parts = Parts::default();
        parts.scheme = Some(scheme.parse().map_err(|_| UrlFault::Invalid)?);
        parts.authority = Some(authority);
        parts.path_and_query = Some(path.parse().map_err(|_| UrlFault::Invalid)?);
        let uri = Uri::from_parts(parts).map_err(|_| UrlFault::Invalid)?;
        Ok(ReceiverUrl { text: text.to_owned(), uri, authorization: user.and_then(basic) })
    }
}

/// User and password of a URL as HTTP Basic credentials.
fn basic(user: &str) -> Option<HeaderValue> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let decode = crate::form::decode_text;
    let pair = format!("{}:{}", decode(name), decode(password));
    let mut value = HeaderValue::from_str(&format!("Basic {}", BASE64.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn fault(text: &str) -> UrlFault {
        text.parse::<ReceiverUrl>().err().unwrap_or_else(|| panic!("{text} was accepted"))
    }

    #[test]
    fn a_url_needs_a_scheme_and_a_host() {
        assert_eq!(fault("example.com/hook"), UrlFault::NoScheme);
        assert_eq!(fault("localhost:3000"), UrlFault::NoScheme);
        assert_eq!(fault(""), UrlFault::NoScheme);
        for wrong in [
            "ftp://example.com",
            "http://",
            "https:///path",
            "http://a b",
            "http://h:99999",
            "http://h:",
            "http://h:x/",
        ] {
            assert_eq!(fault(wrong), UrlFault::Invalid, "{wrong}");
        }
    }

    #[test]
    fn a_url_is_sent_to_as_it_was_written() {
        for (text, uri) in [
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/"),
            ("https://example.com/hook?a=1&b#part", "https://example.com/hook?a=1&b"),
            ("http://[::1]:80/x", "http://[::1]:80/x"),
            ("http://web?x", "http://web/?x"),
        ] {
            let url: ReceiverUrl = text.parse().expect(text);
            assert_eq!(url.uri().to_string(), uri);
            assert_eq!(url.as_str(), text);
            assert_eq!(url.authorization(), None);
        }
    }

    #[test]
    fn user_and_password_become_a_header() {
        let url: ReceiverUrl = "https://me:p%40ss@example.com/".parse().expect("a URL");
        assert_eq!(url.uri().to_string(), "https://example.com/");
        assert_eq!(url.authorization().map(HeaderValue::as_bytes), Some(b"Basic bWU6cEBzcw==".as_slice()));
    }
}
