//! The one check of a URL that a request or a document names: a customer's browser is sent there, or shown a link to it.
//!
//! May use: the `http` crate's types. Invariant: a text that passes leads to a web server or to an app, never to a script, to
//! a document in the text itself or to a file.

use axum::http::uri::Authority;

/// Why a text is not such a URL (intents-and-checkout 3.1, platform 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// It does not begin with a scheme.
    #[error("an explicit scheme (such as https) must be provided")]
    NoScheme,
    /// It has one, and is not valid.
    #[error("not a valid URL")]
    Invalid,
}

/// Schemes that lead to no server and no app.
const FORBIDDEN: [&str; 9] =
    ["about", "blob", "data", "file", "filesystem", "javascript", "jar", "vbscript", "view-source"];

/// Checks a URL: a web address, or an app's with a scheme of its own, such as `shop-app://back`.
///
/// # Errors
/// What is wrong.
pub fn check(text: &str) -> Result<(), UrlFault> {
    let (scheme, rest) = split(text)?;
    if FORBIDDEN.contains(&scheme.as_str()) || rest.is_empty() || text.contains(char::is_control) {
        return Err(UrlFault::Invalid);
    }
    if !is_web(&scheme) {
        return Ok(());
    }
    let place = rest.strip_prefix("//").ok_or(UrlFault::Invalid)?;
    let (_, place) = parts(place);
    authority(place.rsplit_once('@').map_or(place, |(_, place)| place)).map(drop)
}

/// The scheme in small letters, and what follows its colon.
pub(crate) fn split(text: &str) -> Result<(String, &str), UrlFault> {
    let (scheme, rest) = text.split_once(':').ok_or(UrlFault::NoScheme)?;
    let mut characters = scheme.chars();
    let is_scheme = characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    // `localhost:3000` has a port, not a scheme.
    let is_port = !rest.is_empty() && rest.split(['/', '?', '#']).next().is_some_and(is_number);
    if is_scheme && !is_port { Ok((scheme.to_ascii_lowercase(), rest)) } else { Err(UrlFault::NoScheme) }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a scheme is that of a web server.
pub(crate) fn is_web(scheme: &str) -> bool {
    matches!(scheme, "http" | "https")
}

/// What follows `//`: first the rest of it, then the place of the server with user and password.
pub(crate) fn parts(rest: &str) -> (&str, &str) {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (place, path) = rest.split_at(end);
    (path, place)
}

/// The place of a server: a host, perhaps with a port.
pub(crate) fn authority(place: &str) -> Result<Authority, UrlFault> {
    // A name with other letters than ASCII is sent in its own encoding.
    let ascii: String = place.chars().map(|c| if c.is_ascii() || c.is_control() { c } else { 'x' }).collect();
    let authority: Authority = ascii.parse().map_err(|_| UrlFault::Invalid)?;
    let has_port = place.chars().count() > authority.host().chars().count();
    if authority.host().is_empty() || place.ends_with(':') || (has_port && authority.port_u16().is_none()) {
        return Err(UrlFault::Invalid);
    }
    Ok(authority)
}

/// A URL in the form of a `Location` header: what is no printable ASCII is percent-encoded.
pub fn location(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_leads_to_a_server_or_to_an_app() {
        for url in [
            "https://shop.example",
            "HTTP://localhost:3000/a?b=c#d",
            "http://[::1]:80/",
            "https://shop.example/back?session={CHECKOUT_SESSION_ID}",
            "https://bücher.example/straße über?x=ü",
            "https://me:secret@shop.example:8443",
            "shop-app://back",
            "com.shop:back",
            "mailto:shop@example.com",
        ] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn a_script_a_document_or_a_file_is_no_url() {
        for url in [
            "javascript:alert(1)",
            "JavaScript://shop.example/%0aalert(1)",
            "data:text/html,<script>",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://shop.example/1",
            "https:",
            "https:shop.example",
            "https://",
            "https:///path",
            "https://shop.example:99999",
            "https://shop.example:x/",
            "https://shop.example:",
            "https://a b",
            "https://a\nb",
            "shop-app://a\u{7f}",
        ] {
            assert_eq!(check(url), Err(UrlFault::Invalid), "{url:?}");
        }
        for url in [
            "",
            "shop.example",
            "/back",
            "//shop.example",
            "://back",
            "7up:x",
            "localhost:3000",
            "a:80/x",
            " https://a",
        ] {
            assert_eq!(check(url), Err(UrlFault::NoScheme), "{url:?}");
        }
    }

    #[test]
    fn a_location_is_printable_ascii() {
        assert_eq!(
            location("https://shop.example/ü b?x=%20&y={1}\"#z"),
            "https://shop.example/%C3%BC%20b?x=%20&y=%7B1%7D%22#z"
        );
    }
}
