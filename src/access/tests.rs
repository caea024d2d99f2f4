//! One table of cases: who may send what where.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::{PathClass, Visitor, check};
use crate::contract::KeyKind;

/// The headers that differ from a client's without marks.
const CLIENT: &str = "";
const NODE_FETCH: &str = "sec-fetch-mode: cors; accept-language: *; user-agent: node";
const CHROME: &str = "user-agent: Mozilla/5.0 Chrome/140; accept-language: en";
const OWN_PAGE: &str = "origin: http://localhost:12111; sec-fetch-site: same-origin";
const SHOP: &str = "origin: http://localhost:3000; sec-fetch-site: same-site";
const EVIL: &str = "origin: https://evil.example; sec-fetch-site: cross-site";
const SANDBOXED: &str = "origin: null; sec-fetch-site: cross-site";
const OLD_BROWSER: &str = "origin: null";
const IMAGE: &str = "sec-fetch-site: cross-site; sec-fetch-mode: no-cors; sec-fetch-dest: image";
const LINK: &str = "sec-fetch-site: cross-site; sec-fetch-mode: navigate; sec-fetch-dest: document";
const FRAME: &str = "sec-fetch-site: cross-site; sec-fetch-mode: navigate; sec-fetch-dest: iframe";
const REBOUND: &str = "origin: http://evil.example:12111; sec-fetch-site: same-origin";
const UNREADABLE: &str = "origin: \u{ff}";

const API: &str = "/v1/customers";
const V2: &str = "/v2/core/accounts";
const PAGE: &str = "/authorize/pi_1";
const CONTROL: &str = "/_pinstripe/clock";
const CONSENT: &str = "/oauth/authorize";

const SECRET: Option<KeyKind> = Some(KeyKind::Secret);
const RESTRICTED: Option<KeyKind> = Some(KeyKind::Restricted);
const PUBLIC: Option<KeyKind> = Some(KeyKind::Publishable);
const EPHEMERAL: Option<KeyKind> = Some(KeyKind::Ephemeral);

/// Path, host, headers, kind of key, whether the request is taken.
type Case = (&'static str, &'static str, &'static str, Option<KeyKind>, bool);

const CASES: &[Case] = &[
    // A client may use any name.
    (API, "localhost:12111", CLIENT, SECRET, true),
    (API, "pinstripe.payments.svc.cluster.example", CLIENT, SECRET, true),
    (API, "pinstripe.payments.svc.cluster.example", NODE_FETCH, SECRET, true),
    (API, "api.stripe.com", CLIENT, SECRET, true),
    (V2, "evil.example", CLIENT, SECRET, true),
    // A browser may not: the name may have been made to point here.
    (API, "evil.example:12111", REBOUND, SECRET, false),
    (API, "evil.example:12111", REBOUND, PUBLIC, false),
    (API, "evil.example:12111", CHROME, SECRET, false),
    (API, "evil.example", "referer: http://evil.example/", SECRET, false),
    (API, "127.0.0.1.evil.example", CHROME, PUBLIC, false),
    (API, "evilstripe.com", CHROME, PUBLIC, false),
    (API, "stripe.com.evil.example", CHROME, PUBLIC, false),
    // Names of this machine, of a local network, of the API, of the public URL.
    (API, "localhost:12111", CHROME, SECRET, true),
    (API, "LOCALHOST", CHROME, SECRET, true),
    (API, "127.0.0.1:80", CHROME, SECRET, true),
    (API, "[::1]:12111", CHROME, SECRET, true),
    (API, "192.168.1.5:12111", CHROME, PUBLIC, true),
    (API, "pinstripe:12111", CHROME, PUBLIC, true),
    (API, "host.docker.internal:12111", CHROME, PUBLIC, true),
    (API, "shop.test", CHROME, PUBLIC, true),
    (API, "api.stripe.com", CHROME, PUBLIC, true),
    (API, "api.stripe.com.", EVIL, PUBLIC, true),
    (API, "pay.example.com", CHROME, PUBLIC, true),
    (PAGE, "hooks.stripe.com", CHROME, None, true),
    // A secret key is for no page but one of the server's own origin.
    (API, "localhost:12111", OWN_PAGE, SECRET, true),
    (API, "localhost:12111", EVIL, SECRET, false),
    (API, "localhost:12111", EVIL, RESTRICTED, false),
    (V2, "localhost:12111", EVIL, SECRET, false),
    (API, "localhost:12111", SHOP, SECRET, false),
    (API, "localhost:12111", SANDBOXED, SECRET, false),
    (API, "localhost:12111", OLD_BROWSER, SECRET, false),
    (API, "localhost:12111", IMAGE, SECRET, false),
    (API, "localhost:12111", LINK, SECRET, false),
    (API, "localhost:12111", UNREADABLE, SECRET, false),
    (API, "localhost", "origin: https://pay.example.com", SECRET, true),
    (API, "localhost", "origin: http://pay.example.com", SECRET, false),
    // What may be public may be used from everywhere.
    (API, "localhost:12111", EVIL, PUBLIC, true),
    (API, "localhost:12111", SHOP, EPHEMERAL, true),
    (API, "localhost:12111", SANDBOXED, PUBLIC, true),
    (PAGE, "localhost:12111", EVIL, None, true),
    (PAGE, "localhost:12111", FRAME, None, true),
    (PAGE, "localhost:12111", SANDBOXED, None, true),
    (PAGE, "evil.example", CHROME, None, false),
    (PAGE, "pinstripe.payments.svc.cluster.example", CLIENT, None, true),
    // A page without a secret in its address: opened from everywhere, and its form is taken from itself.
    (CONSENT, "localhost:12111", CLIENT, None, true),
    (CONSENT, "localhost:12111", LINK, None, true),
    (CONSENT, "localhost:12111", OWN_PAGE, None, true),
    (CONSENT, "connect.stripe.com", CHROME, None, true),
    (CONSENT, "localhost:12111", EVIL, None, false),
    (CONSENT, "localhost:12111", SANDBOXED, None, false),
    (CONSENT, "localhost:12111", FRAME, None, false),
    (CONSENT, "evil.example", CHROME, None, false),
    // The control API has no key: its own names, no page of another origin, and no name of the API.
    (CONTROL, "localhost:12111", CLIENT, None, true),
    (CONTROL, "pinstripe:12111", CLIENT, None, true),
    (CONTROL, "pay.example.com:443", OWN_PAGE, None, false),
    (CONTROL, "pay.example.com:443", "origin: https://pay.example.com", None, true),
    (CONTROL, "localhost:12111", OWN_PAGE, None, true),
    (CONTROL, "localhost:12111", SHOP, None, false),
    (CONTROL, "localhost:12111", EVIL, None, false),
    (CONTROL, "localhost:12111", OLD_BROWSER, None, false),
    (CONTROL, "localhost:12111", IMAGE, None, false),
    (CONTROL, "localhost:12111", FRAME, None, false),
    (CONTROL, "localhost:12111", LINK, None, true),
    (CONTROL, "api.stripe.com", CLIENT, None, false),
    (CONTROL, "evil.example", CLIENT, None, false),
    (CONTROL, "", CLIENT, None, false),
];

fn headers(host: &str, more: &str) -> HeaderMap {
    let more = more.split("; ").filter_map(|pair| pair.split_once(": "));
    let all = std::iter::once(("host", host)).chain(more);
    all.map(|(name, value)| {
        // One that is no ASCII is sent as the byte.
        let value = if value == "\u{ff}" { HeaderValue::from_bytes(b"\xff") } else { HeaderValue::from_str(value) };
        (name.parse::<HeaderName>().expect(name), value.expect(name))
    })
    .collect()
}

#[test]
fn who_may_send_what_where() {
    for (path, host, more, key, taken) in CASES {
        let headers = headers(host, more);
        let done = check(PathClass::of(path), &Visitor::of(&headers), *key, Some("https://pay.example.com/stripe"));
        assert_eq!(done.is_ok(), *taken, "{path} at `{host}` with `{more}` and {key:?}: {done:?}");
        if let Err(error) = done {
            assert_eq!(error.status(), 403);
        }
    }
}

#[test]
fn a_path_has_one_class() {
    for (path, class) in [
        ("/v1/charges", PathClass::Api),
        ("/v2/core/accounts", PathClass::Api),
        ("/nothing", PathClass::Api),
        ("/oauth/token", PathClass::Api),
        ("/oauth/authorize", PathClass::Consent),
        ("/express/oauth/authorize", PathClass::Consent),
        ("/express/acct_1/abc", PathClass::Page { framed: false }),
        ("/setup/c/acct_1/abc", PathClass::Page { framed: false }),
        ("/mcp", PathClass::Agent),
        ("/_pinstripe", PathClass::Control),
        ("/_pinstripe/", PathClass::Control),
        ("/_pinstripe/authorize", PathClass::Control),
        ("/authorize/pi_1", PathClass::Page { framed: true }),
        ("/_pinstripe/checkout/cs_1", PathClass::Page { framed: false }),
        ("/_pinstripe/files/file_1", PathClass::Page { framed: false }),
    ] {
        assert_eq!(PathClass::of(path), class, "{path}");
    }
}
