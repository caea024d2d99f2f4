//! The addresses of pages and files that answers lead to: their paths, the host of the service that has them, and the sandbox
//! that they are about.
//!
//! May use: nothing else. Invariant: a path is a page's only by the table here; what is stored names no sandbox, and what is sent
//! from a sandbox with a name does.

use std::borrow::Cow;

use bytes::Bytes;

/// What stands at the addresses that begin in the same way.
#[derive(Debug)]
pub struct PageAddress {
    /// How the paths begin.
    beginning: &'static str,
    /// How the id that follows begins; nothing if the page is about no object, so that its links need no sandbox.
    ids: &'static [&'static str],
    /// Which host of the service has them, without its domain.
    host: &'static str,
    /// Whether it is made to be shown in a frame of another page.
    pub framed: bool,
    /// Whether its form is taken from the page itself alone.
    pub own_form: bool,
}

/// The pages.
const PAGES: &[PageAddress] = &[
    // The page of an embedded session allows frames itself.
    page("/c/pay/", &["cs_"], "checkout"),
    // The page of a payment link.
    page("/test_", &["1"], "buy"),
    // Where an expired session is begun anew.
    page("/r/", &["test_"], "buy"),
    // What browsers ask each host for.
    page("/favicon.ico", &[], "checkout"),
    page("/p/session/", &["bps_"], "billing"),
    page("/p/login/", &["bpc_"], "billing"),
    page("/i/", &["in_"], "invoice"),
    page("/invoice/", &["in_"], "pay"),
    page("/credit_notes/", &["cn_"], "pay"),
    page("/receipts/", &["ch_", "py_"], "pay"),
    page("/files/", &["file_"], "files"),
    page("/links/", &["link_"], "files"),
    page("/mandates/", &["mandate_"], "hooks"),
    page("/microdeposit/", &["pi_", "seti_"], "payments"),
    page("/vouchers/", &["pi_"], "payments"),
    page("/qr/", &["pi_", "seti_"], "qr"),
    // Stripe.js shows 3D Secure in a frame.
    PageAddress { framed: true, ..page("/authorize/", &["pi_", "seti_", "src_"], "hooks") },
    // Where a person connects an account to a platform (connect-accounts 10).
    PageAddress { own_form: true, ..page("/oauth/authorize", &[], "connect") },
    PageAddress { own_form: true, ..page("/express/oauth/authorize", &[], "connect") },
    // Where the people behind an account tell what is asked for (connect-accounts 6).
    page("/setup/", &["c/acct_", "e/acct_", "s/acct_", "terminal/"], "connect"),
    // The dashboard of an express account.
    page("/express/", &["acct_"], "connect"),
    // The components of a platform's page about an account (connect-accounts 6).
    PageAddress { framed: true, ..page("/connect/components/", &[], "connect-js") },
    // Where a person links accounts at other banks; Stripe.js shows it in a frame (connect-accounts 12).
    PageAddress { framed: true, ..page("/link-accounts/", &["fcsess_"], "auth") },
    // Where a person shows who they are (connect-accounts 11).
    page("/start/", &["test_"], "verify"),
];

const fn page(beginning: &'static str, ids: &'static [&'static str], host: &'static str) -> PageAddress {
    PageAddress { beginning, ids, host, framed: false, own_form: false }
}

/// The domains of the service's own hosts, such as `api.stripe.com`: a browser reaches this server under them only if its
/// developer lets them point here.
const SERVICE_DOMAINS: [&str; 3] = ["stripe.com", "stripe.network", "stripecdn.com"];

/// The page that a path leads to, if it leads to one.
pub fn place(path: &str) -> Option<&'static PageAddress> {
    PAGES.iter().find(|place| path.starts_with(place.beginning))
}

/// Whether a name is one of the service's own hosts, in which case does not count.
pub fn is_service_host(name: &str) -> bool {
    let within = |domain: &str| {
        let at = name.len().checked_sub(domain.len())?;
        let (before, last) = name.split_at_checked(at)?;
        Some(last.eq_ignore_ascii_case(domain) && (before.is_empty() || before.ends_with('.')))
    };
    SERVICE_DOMAINS.iter().any(|domain| within(domain) == Some(true))
}

/// The path and the query of a URL that leads to a page.
pub fn path(url: &str) -> Option<&str> {
    let (_, at_host) = url.split_once("://")?;
    Some(&at_host[at_host.find('/')?..]).filter(|path| place(path).is_some())
}

/// The address of a page: `base_url` is that of links, without a final slash, `path` begins with one.
pub fn to(base_url: &str, path: &str) -> String {
    [&*base_of(base_url, path), path].concat()
}

/// The base URL of a page's address. Under the name of one of the service's hosts a page stands on its own host, where tests of the
/// real one wait for it (stripe-js 10).
pub fn base_of<'u>(base_url: &'u str, path: &str) -> Cow<'u, str> {
    let own = || {
        let (scheme, authority) = base_url.split_once("://")?;
        let (name, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
        let host = place(path).filter(|_| is_service_host(name))?.host;
        Some(format!("{scheme}://{host}.{}{port}", SERVICE_DOMAINS[0]))
    };
    own().map_or(Cow::Borrowed(base_url), Cow::Owned)
}

/// A body in which each link to a page names the sandbox that the answer comes from: an object's id alone says not which copy it
/// leads to, once a sandbox was forked. `None` if there is no such link.
pub fn in_sandbox(body: &[u8], sandbox: &str) -> Option<Bytes> {
    let text = std::str::from_utf8(body).ok()?;
    let mut named = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\"http") {
        let (before, from) = rest.split_at(at + 1);
        let (url, after) = from.split_at(from.find('"')?);
        named.push_str(before);
        named.push_str(&leading_to(url, sandbox));
        rest = after;
    }
    (!named.is_empty()).then(|| {
        named.push_str(rest);
        Bytes::from(named)
    })
}

/// A URL with the name of a sandbox, if it is that of a page and has none.
pub fn leading_to<'u>(url: &'u str, sandbox: &str) -> Cow<'u, str> {
    let names_object = |path: &str| {
        place(path).is_some_and(|place| {
            let rest = &path[place.beginning.len()..];
            place.ids.iter().any(|id| rest.starts_with(id))
        })
    };
    let (address, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let query = address.split_once('?').map(|(_, query)| query);
    let is_named = query.is_some_and(|query| query.split('&').any(|pair| pair.starts_with("sandbox=")));
    if is_named || url.contains('\\') || !path(url).is_some_and(names_object) {
        return Cow::Borrowed(url);
    }
    let joint = if query.is_some() { '&' } else { '?' };
    Cow::Owned(format!("{address}{joint}sandbox={sandbox}{fragment}"))
}

#[cfg(test)]
mod tests {
    use super::{in_sandbox, is_service_host, to};

    #[test]
    fn a_page_stands_on_its_own_host_of_the_service() {
        assert_eq!(to("http://127.0.0.1:12111", "/c/pay/cs_1"), "http://127.0.0.1:12111/c/pay/cs_1");
        assert_eq!(to("https://api.stripe.com", "/c/pay/cs_1"), "https://checkout.stripe.com/c/pay/cs_1");
        assert_eq!(to("http://api.stripe.com:8080", "/test_abc"), "http://buy.stripe.com:8080/test_abc");
        assert_eq!(to("https://pay.example.com", "/i/in_1"), "https://pay.example.com/i/in_1");
        assert_eq!(to("https://api.stripe.com", "/elsewhere"), "https://api.stripe.com/elsewhere");
    }

    #[test]
    fn the_hosts_of_the_service_are_known_in_any_case() {
        for name in ["api.stripe.com", "stripe.com", "JS.Stripe.Com", "m.stripe.network"] {
            assert!(is_service_host(name), "{name}");
        }
        for name in ["notstripe.com", "stripe.com.evil.example", "localhost", ""] {
            assert!(!is_service_host(name), "{name}");
        }
    }

    #[test]
    fn links_to_pages_name_the_sandbox_and_nothing_else_does() {
        let named = |body: &str| in_sandbox(body.as_bytes(), "a").map(|body| String::from_utf8(body.to_vec()).unwrap());
        let body = r#"{"url":"http://h:1/c/pay/cs_1#top","receipt_url":"http://h/receipts/ch_1?s=ap","own":"http://h/p/thanks","more":"http://h/test_page"}"#;
        let expected = r#"{"url":"http://h:1/c/pay/cs_1?sandbox=a#top","receipt_url":"http://h/receipts/ch_1?s=ap&sandbox=a","own":"http://h/p/thanks","more":"http://h/test_page"}"#;
        assert_eq!(named(body).as_deref(), Some(expected));
        assert_eq!(named(r#"{"id":"cs_1"}"#), None);
        let escaped = r#"{"a":"http://h/c/pay/cs_1\"x","b":1}"#;
        assert_eq!(named(escaped).as_deref(), Some(escaped));
    }
}
