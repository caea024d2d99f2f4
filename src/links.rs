//! The addresses of pages and files that answers lead to: their paths, the host of the service that has them, and the sandbox
//! that they are about.
//!
//! May use: memchr. Invariant: a path is a page's only by the table here; what is stored names no sandbox, and what is sent
//! from a sandbox with a name does.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;
use memchr::{memchr, memmem};

use crate::entry;
use crate::state::sandbox::name_in_links;

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
    PageAddress { framed: true, ..page("/start/", &["test_"], "verify") },
    // Stripe.js with the documents of its frames, and that for connected accounts (stripe-js 3.1, 7).
    SCRIPT,
    PageAddress { framed: true, ..page("/v0.1/", &[], "connect-js") },
    PageAddress { framed: true, ..page("/v1.0/", &[], "connect-js") },
];

/// The script, which stands under the name of each release train as well.
const SCRIPT: PageAddress = PageAddress { framed: true, ..page("/v3", &[], "js") };

const fn page(beginning: &'static str, ids: &'static [&'static str], host: &'static str) -> PageAddress {
    PageAddress { beginning, ids, host, framed: false, own_form: false }
}

/// The domains of the service's own hosts, such as `api.stripe.com`: a browser reaches this server under them only if its
/// developer lets them point here.
const SERVICE_DOMAINS: [&str; 3] = ["stripe.com", "stripe.network", "stripecdn.com"];

/// The page that a path leads to, if it leads to one.
pub fn place(path: &str) -> Option<&'static PageAddress> {
    let by_train = || is_script_of_train(path).then_some(&SCRIPT);
    PAGES.iter().find(|place| path.starts_with(place.beginning)).or_else(by_train)
}

/// Whether a path is that of the script in a release train, such as `/dahlia/stripe.js`.
fn is_script_of_train(path: &str) -> bool {
    let train = path.strip_suffix("/stripe.js").and_then(|path| path.strip_prefix('/'));
    train.is_some_and(|train| {
        !train.is_empty() && train.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// Whether a name is one of the service's own hosts, in which case does not count.
pub fn is_service_host(name: &str) -> bool {
    let is_within = |before: &str| before.is_empty() || before.ends_with('.');
    SERVICE_DOMAINS.iter().any(|domain| without_end(name, domain).is_some_and(is_within))
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
        let (scheme, at_host) = base_url.split_once("://")?;
        let (authority, beginning) = at_host.split_at(at_host.find('/').unwrap_or(at_host.len()));
        let (name, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
        let host = place(path).filter(|_| is_service_host(name))?.host;
        Some(format!("{scheme}://{host}.{}{port}{beginning}", SERVICE_DOMAINS[0]))
    };
    own().map_or(Cow::Borrowed(base_url), Cow::Owned)
}

/// Whether a name is that of the host where the service speaks with agents, in which case does not count.
pub fn is_agent_host(name: &str) -> bool {
    name.eq_ignore_ascii_case("mcp.stripe.com")
}

/// Whether a name is that of the host where a person looks at what the service holds, in which case does not count.
pub fn is_dashboard_host(name: &str) -> bool {
    name.eq_ignore_ascii_case("dashboard.stripe.com")
}

/// A body in which each link to a page names the sandbox that the answer comes from: an object's id alone says not which copy it
/// leads to, once a sandbox was forked. `base_url` is that of links in the answer; a body that was made without a request has none,
/// so that a page is known by its path alone. `None` if no link changes.
pub fn in_sandbox(body: &[u8], sandbox: &str, base_url: Option<&str>) -> Option<Bytes> {
    let mut named = Vec::new();
    let (mut at, mut copied) = (0, 0);
    while let Some(found) = memmem::find(&body[at..], b"\"http") {
        let start = at + found + 1;
        at = start + memchr(b'"', &body[start..])?;
        let Ok(url) = std::str::from_utf8(&body[start..at]) else { continue };
        if let Cow::Owned(link) = leading_to(url, sandbox, base_url) {
            if named.is_empty() {
                named.reserve_exact(body.len() + ROOM);
            }
            named.extend_from_slice(&body[copied..start]);
            named.extend_from_slice(link.as_bytes());
            copied = at;
        }
    }
    (copied > 0).then(|| {
        named.extend_from_slice(&body[copied..]);
        Bytes::from(named)
    })
}

/// Bytes that the names of a sandbox in a body's links take, as a rule.
const ROOM: usize = 128;

/// A URL with the name of a sandbox, if it is that of a page here and has none. `base_url` is that of links, if it is known.
pub fn leading_to<'u>(url: &'u str, sandbox: &str, base_url: Option<&str>) -> Cow<'u, str> {
    if let Some(nameless) = of_other(url, sandbox, base_url)
        && path(&nameless).is_some()
        && base_url.is_none_or(|base_url| is_here(&nameless, base_url))
    {
        return Cow::Owned(leading_to(&nameless, sandbox, base_url).into_owned());
    }
    let names_object = |path: &str| {
        place(path).is_some_and(|place| {
            let rest = &path[place.beginning.len()..];
            place.ids.iter().any(|id| rest.starts_with(id))
        })
    };
    let (address, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let query = address.split_once('?').map(|(_, query)| query);
    let is_named = query.is_some_and(|query| query.split('&').any(|pair| pair.starts_with("sandbox=")));
    let is_page = path(url).is_some_and(names_object) && base_url.is_none_or(|base_url| is_here(url, base_url));
    if is_named || url.contains('\\') || !is_page {
        return Cow::Borrowed(url);
    }
    // Where the address names the sandbox, its links do so in the same place.
    if let Some(base_url) = base_url.filter(|base_url| names_sandbox(base_url, sandbox)) {
        return path(url).map_or(Cow::Borrowed(url), |path| Cow::Owned(to(base_url, path)));
    }
    let joint = if query.is_some() { '&' } else { '?' };
    Cow::Owned(format!("{address}{joint}sandbox={sandbox}{fragment}"))
}

/// A URL as a sandbox's answer has it, if it was made at an address that names another sandbox: without that name. What was copied or
/// moved from one sandbox to another would lead back. A host may be one that the server was given, and names none then: that of
/// `base_url` is no other's.
fn of_other(url: &str, sandbox: &str, base_url: Option<&str>) -> Option<String> {
    let (scheme, at_host) = url.split_once("://")?;
    let (authority, rest) = at_host.split_at(at_host.find('/')?);
    let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
    let in_path = entry::split(rest).filter(|(name, _)| *name != sandbox);
    let is_foreign = || base_url.is_some_and(|base_url| self::host(base_url) != Some(host));
    let in_host = entry::in_host(host).filter(|name| *name != sandbox && in_path.is_none() && is_foreign());
    if in_path.is_none() && in_host.is_none() {
        return None;
    }
    let host = if in_host.is_some() { "localhost" } else { host };
    Some(format!("{scheme}://{host}{port}{}", in_path.map_or(rest, |(_, behind)| behind)))
}

/// Whether an address names a sandbox: `NAME.localhost`, or `/_sandbox/NAME` at the end.
pub fn names_sandbox(base_url: &str, sandbox: &str) -> bool {
    let in_path = base_url.strip_suffix(sandbox).is_some_and(|rest| rest.ends_with(entry::SANDBOX_PATH));
    in_path || host(base_url).unwrap_or_default().strip_suffix(entry::SANDBOX_HOST) == Some(sandbox)
}

/// The name that the links of an answer contain: none for the default sandbox, unless the address names it.
pub fn name_at<'n>(base_url: &str, sandbox: &'n str) -> Option<&'n str> {
    name_in_links(sandbox).or_else(|| Some(sandbox).filter(|sandbox| names_sandbox(base_url, sandbox)))
}

/// The name of the host in a URL.
pub fn host(url: &str) -> Option<&str> {
    authority(url).map(|authority| name_and_port(authority).0)
}

/// Whether a URL leads to this server, whose links begin with `base_url`. The same server has several names: the service's, and those
/// of this machine or of a local network at the same port. A shop may have pages at the same paths elsewhere.
fn is_here(url: &str, base_url: &str) -> bool {
    let (Some(host), Some(own)) = (authority(url), authority(base_url)) else { return false };
    let (name, port) = name_and_port(host);
    let (own_name, own_port) = name_and_port(own);
    is_service_host(name)
        || host.eq_ignore_ascii_case(own)
        || (port == own_port && is_local_name(name) && is_local_name(own_name))
}

/// The name and the port in a URL.
fn authority(url: &str) -> Option<&str> {
    let (_, at_host) = url.split_once("://")?;
    Some(&at_host[..at_host.find(['/', '?', '#']).unwrap_or(at_host.len())])
}

/// The name in an authority or in a `Host`, and its port if it has one.
pub fn name_and_port(authority: &str) -> (&str, Option<&str>) {
    let (name, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => (address, rest.strip_prefix(':')),
        None => authority.rsplit_once(':').map_or((authority, None), |(name, port)| (name, Some(port))),
    };
    (name.trim_end_matches('.'), port)
}

/// Ends of names that are reserved for local networks or for tests, and that nobody can register.
const LOCAL_ENDS: [&str; 5] = [".localhost", ".internal", ".local", ".test", ".home.arpa"];

/// Names that a page on the internet cannot let point to this machine: addresses, `localhost`, names without a dot, which
/// only a local network resolves, and reserved ones.
pub fn is_local_name(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok()
        || (!name.is_empty() && !name.contains('.'))
        || LOCAL_ENDS.iter().any(|end| without_end(name, end).is_some())
}

/// A name without its end, in which case does not count.
fn without_end<'n>(name: &'n str, end: &str) -> Option<&'n str> {
    let (rest, last) = name.split_at_checked(name.len().checked_sub(end.len())?)?;
    last.eq_ignore_ascii_case(end).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::{in_sandbox, is_service_host, leading_to, to};

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
        let named =
            |body: &str| in_sandbox(body.as_bytes(), "a", None).map(|body| String::from_utf8(body.to_vec()).unwrap());
        let body = r#"{"url":"http://h:1/c/pay/cs_1#top","receipt_url":"http://h/receipts/ch_1?s=ap","own":"http://h/p/thanks","more":"http://h/test_page"}"#;
        let expected = r#"{"url":"http://h:1/c/pay/cs_1?sandbox=a#top","receipt_url":"http://h/receipts/ch_1?s=ap&sandbox=a","own":"http://h/p/thanks","more":"http://h/test_page"}"#;
        assert_eq!(named(body).as_deref(), Some(expected));
        assert_eq!(named(r#"{"id":"cs_1"}"#), None);
        let escaped = r#"{"a":"http://h/c/pay/cs_1\"x","b":1}"#;
        assert_eq!(named(escaped), None);
    }

    #[test]
    fn a_shops_own_page_names_no_sandbox() {
        let names = |url: &str, base_url| leading_to(url, "a", Some(base_url)).contains("sandbox=a");
        for (url, base_url) in [
            ("http://localhost:3000/invoice/in_1", "http://localhost:12111"),
            ("http://localhost/invoice/in_1", "http://localhost:12111"),
            ("https://shop.example.com/test_1", "http://localhost:12111"),
            ("https://shop.example.com:12111/test_1", "http://localhost:12111"),
            ("https://stripe.com.example.com/test_1", "https://api.stripe.com"),
        ] {
            assert!(!names(url, base_url), "{url}");
        }
        for (url, base_url) in [
            ("http://localhost:12111/invoice/in_1", "http://127.0.0.1:12111"),
            ("http://[::1]:12111/invoice/in_1", "http://pinstripe:12111"),
            ("https://pay.stripe.com/invoice/in_1", "http://localhost:12111"),
            ("https://Pay.example.com/i/in_1", "https://pay.example.com"),
        ] {
            assert!(names(url, base_url), "{url}");
        }
    }
}
