//! The stand-in for Stripe.js as it is served (stripe-js 3.1, 12); what it does is tested in a browser.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::client::{Answer, Client, sandbox};

/// What the script may take, as a browser gets it (gzip).
const SCRIPT_BYTES_MAX: usize = 25_000;
/// What all scripts and documents of the frames may take.
const FRAMES_BYTES_MAX: usize = 40_000;

fn get(api: &Client, path: &str) -> Answer {
    api.send("GET", path, None)
}

/// A file as a browser gets it.
fn packed(api: &Client, path: &str) -> Answer {
    let answer = get(&api.with("Accept-Encoding", "gzip, deflate, br"), path);
    assert_eq!((answer.status, answer.header("content-encoding")), (200, Some("gzip")), "{path}");
    answer
}

/// What the machine's own gzip makes of a file.
pub(super) fn unpacked(bytes: Vec<u8>) -> Vec<u8> {
    let mut child = Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut sent = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || sent.write_all(&bytes).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
fn one_script_stands_at_the_address_of_every_release() {
    let api = sandbox("js-addresses");
    let script = get(&api, "/v3/");
    assert_eq!((script.status, script.header("content-type")), (200, Some("text/javascript; charset=utf-8")));
    for path in
        ["/v3", "/v3/stripe.js", "/acacia/stripe.js", "/basil/stripe.js", "/endive/stripe.js", "/later/stripe.js"]
    {
        let other = get(&api, path);
        assert_eq!((other.status, &other.text), (200, &script.text), "{path}");
    }
    let with_switches = get(&api, "/v3/?advancedFraudSignals=false&wallets=applePay");
    assert_eq!(with_switches.text, script.text);
    for path in
        ["/V3/stripe.js", "/dahlia/stripe.mjs", "/dahlia/more/stripe.js", "/v3/controller-1.js", "/v3/modal.html"]
    {
        assert!(get(&api, path).status >= 400, "{path}");
    }
    for path in ["/v1.0/connect.js", "/v0.1/connect.js"] {
        assert!(get(&api, path).text.contains("StripeConnect"), "{path}");
    }
}

#[test]
fn the_script_is_small_and_is_sent_compressed_when_asked() {
    let api = sandbox("js-size");
    let plain = get(&api, "/v3/");
    let sent = packed(&api, "/v3/");
    assert!(sent.bytes.len() < SCRIPT_BYTES_MAX, "{}", sent.bytes.len());
    assert_eq!(String::from_utf8(unpacked(sent.bytes)).unwrap(), plain.text);
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(plain.header("vary"), Some("Accept-Encoding"));
    for refused in ["br", "gzip;q=0", "identity"] {
        let answer = get(&api.with("Accept-Encoding", refused), "/v3/");
        assert_eq!(answer.header("content-encoding"), None, "{refused}");
    }
    let frames = [
        "elements-inner.js",
        "elements-inner.css",
        "controller.js",
        "three-ds-2-challenge.js",
        "modal.js",
        "embedded.js",
    ];
    let all: usize = frames.iter().map(|name| packed(&api, &format!("/v3/{name}")).bytes.len()).sum();
    assert!(all < FRAMES_BYTES_MAX, "{all}");
}

#[test]
fn any_page_may_load_the_script_and_frame_its_documents() {
    let api = sandbox("js-frames");
    let browser = api.with("Origin", "https://shop.example").with("Sec-Fetch-Site", "cross-site");
    let script = get(&browser, "/v3/");
    assert_eq!(script.header("access-control-allow-origin"), Some("*"));
    assert_eq!(script.header("cross-origin-resource-policy"), Some("cross-origin"));
    for document in [
        "elements-inner-payment",
        "elements-inner-card",
        "controller",
        "three-ds-2-challenge",
        "modal",
        "embedded-checkout-inner",
    ] {
        let answer = get(&browser, &format!("/v3/{document}-0123abc.html"));
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("text/html; charset=utf-8")),
            "{document}"
        );
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("script-src 'self'") && policy.contains("frame-ancestors *"), "{document}: {policy}");
        assert_eq!(answer.header("x-frame-options"), None, "{document}");
        // Whatever a document loads is there.
        for part in answer.text.split('"').filter(|part| part.starts_with("/v3/")) {
            assert_eq!(get(&api, part).status, 200, "{document}: {part}");
        }
    }
}

#[test]
fn the_script_is_found_under_the_names_of_the_service() {
    let api = sandbox("js-hosts");
    for (host, path) in [
        ("js.stripe.com", "/v3/"),
        ("js.stripe.com", "/endive/stripe.js"),
        ("connect-js.stripe.com", "/v1.0/connect.js"),
    ] {
        let browser = api.with("Host", host).with("Sec-Fetch-Dest", "script").with("Sec-Fetch-Site", "cross-site");
        assert_eq!(get(&browser, path).status, 200, "{host}{path}");
    }
}

#[test]
fn another_version_of_the_api_is_unknown_as_before() {
    let api = sandbox("js-v3");
    for method in ["GET", "POST", "DELETE"] {
        let answer = api.send(method, "/v3/customers", None);
        let said = format!(
            "Unrecognized request URL ({method}: /v3/customers). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."
        );
        assert_eq!(
            (answer.status, &answer.body),
            (404, &json!({"error": {"message": said, "type": "invalid_request_error"}}))
        );
    }
}
