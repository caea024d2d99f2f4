//! Browsers: what a page of another origin, or of a name that was made to point here, can do (`docs/security.md`).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use pinstripe::Config;
use serde_json::{Value, json};

use crate::support::client::{Answer, Client, encode, raw, sandbox, start};
use crate::support::flows::{id, rows, says};

/// What comes back on a connection of its own; `head` is all lines up to the empty one, without it.
pub(crate) fn wire(url: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    stream.write_all(format!("{head}\r\n{length}Connection: close\r\n\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn control(user: &Client, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let path = path.strip_prefix("..").map_or_else(|| format!("/_pinstripe/{path}"), str::to_owned);
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    raw(user.url(), method, &path, &headers, None)
}

/// Whether a sandbox is in use.
fn is_used(user: &Client, name: &str) -> bool {
    let all = control(user, "GET", "sandboxes", &[]).ok();
    all["sandboxes"].as_array().unwrap().iter().any(|one| one["sandbox"] == name)
}

const IN_PAGE: &str = "This is Pinstripe, a local test server. It takes no secret key from a page of another origin; nothing \
                       was done. Use a publishable key (pk_test_…) in a browser.";

#[test]
fn a_page_of_another_origin_does_nothing_with_a_secret_key() {
    let user = sandbox("visitors-secret");
    let endpoint = [("url", "https://evil.example/steal"), ("enabled_events[]", "*")];
    let customer = id(&user.post("/v1/customers", &[]).ok());
    for (name, value) in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Origin", "http://localhost:3000"),
        ("Sec-Fetch-Site", "cross-site"),
    ] {
        let page = user.with(name, value);
        says(page.post("/v1/webhook_endpoints", &endpoint), 403, IN_PAGE);
        says(page.delete(&format!("/v1/customers/{customer}")), 403, IN_PAGE);
        // The page may read why.
        let answer = page.post("/v1/customers", &[]);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
    assert!(rows(&user.get("/v1/webhook_endpoints", &[]).ok()).is_empty());
    assert_eq!(rows(&user.get("/v1/customers", &[]).ok()).len(), 1);
    // Nor does it make a sandbox.
    let other = Client::new(user.url(), "sk_test_sandbox_visitors-unmade").with("Origin", "https://evil.example");
    other.get("/v1/customers", &[]).refused(403);
    assert!(!is_used(&user, "visitors-unmade"));
}

#[test]
fn a_secret_key_is_taken_in_the_header_alone() {
    let user = sandbox("visitors-parameter");
    let nobody = Client::new(user.url(), "");
    let message = "The parameter `key` may contain only a publishable or an ephemeral key. Send a secret key in the \
                   Authorization header.";
    for key in ["sk_test_sandbox_visitors-parameter", "rk_test_sandbox_visitors-parameter", "sk_test_1"] {
        says(nobody.post("/v1/customers", &[("key", key)]), 401, message);
        says(nobody.get("/v1/customers", &[("key", key)]), 401, message);
    }
    assert!(rows(&user.get("/v1/customers", &[]).ok()).is_empty());
    let card = [("key", "pk_test_sandbox_visitors-parameter"), ("type", "card"), ("card[token]", "tok_visa")];
    nobody.with("Origin", "https://shop.example").post("/v1/payment_methods", &card).ok();
}

#[test]
fn a_browser_under_a_name_that_anybody_can_register_is_refused() {
    let user = sandbox("visitors-host");
    let ask = |host: &str, marks: &str| {
        let head = format!(
            "POST /v1/customers HTTP/1.1\r\nHost: {host}\r\n{marks}Authorization: Bearer \
             sk_test_sandbox_visitors-host\r\nContent-Type: application/x-www-form-urlencoded"
        );
        wire(user.url(), &head, &encode(&[("name", "Eve")]))
    };
    let rebound = ask("evil.example:12111", "Origin: http://evil.example:12111\r\nSec-Fetch-Site: same-origin\r\n");
    assert!(rebound.starts_with("HTTP/1.1 403 "), "{rebound}");
    let message = "This is Pinstripe, a local test server. It takes requests that come from a browser, and all calls of \
                   /_pinstripe, only at localhost, an IP address, a name without a dot (such as a service's name in a \
                   network of containers), a name under .local, .internal or .test, and the host of --public-url. This \
                   request was sent to `evil.example:12111`.";
    assert!(rebound.contains(message), "{rebound}");
    assert!(ask("evil.example", "User-Agent: Mozilla/5.0\r\n").starts_with("HTTP/1.1 403 "));
    assert!(rows(&user.get("/v1/customers", &[]).ok()).is_empty());
    // An SDK in a cluster sends nothing of the kind.
    let sdk = ask("stripe.team.svc.cluster.example", "User-Agent: Stripe/v1 RubyBindings/13.0\r\n");
    assert!(sdk.starts_with("HTTP/1.1 200 "), "{sdk}");
}

#[test]
fn a_control_call_that_only_reads_makes_no_sandbox() {
    let user = sandbox("visitors-looked-at");
    let calls = control(&user, "GET", "", &[]).ok();
    let reads = calls["calls"].as_array().unwrap().iter().filter(|call| call["method"] == "GET");
    let mut looked = 0;
    for call in reads {
        let path = filled(call);
        let takes = |name: &str| call["parameters"].as_array().unwrap().iter().any(|one| one["name"] == name);
        // A stream does not end; `control::activity` looks at it.
        if !takes("sandbox") || path == "stream" {
            continue;
        }
        let compared = if takes("from") { "&from=before" } else { "" };
        let answer = control(&user, "GET", &format!("{path}?sandbox=visitors-unused{compared}"), &[]);
        assert!([200, 404].contains(&answer.status), "{path}: {}", answer.text);
        looked += 1;
    }
    assert!(looked > 8, "{looked}");
    assert!(!is_used(&user, "visitors-unused"));
    control(&user, "POST", "clock?sandbox=visitors-unused&freeze=1800000000", &[]).ok();
    assert!(is_used(&user, "visitors-unused"));
}

/// The path of a described call with values in the places of its parameters, behind `/_pinstripe/`.
fn filled(call: &Value) -> String {
    let path = call["path"].as_str().unwrap().trim_start_matches("/_pinstripe/");
    path.replace("{id}", "id_1").replace("{seq}", "1")
}

/// The headers that every answer of `/_pinstripe` has.
#[track_caller]
fn is_guarded(answer: &Answer, frames: &str) {
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{}", answer.text);
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(policy.ends_with(&format!("; frame-ancestors {frames}")), "{policy}");
}

#[test]
fn every_answer_of_the_control_api_forbids_frames_scripts_and_guessed_types() {
    let user = sandbox("visitors-headers");
    let calls = control(&user, "GET", "", &[]).ok();
    for call in calls["calls"].as_array().unwrap().iter().filter(|call| call["method"] == "GET") {
        let path = filled(call);
        // A stream that is refused ends.
        let path = if path == "stream" { format!("{path}?since=nowhere") } else { path };
        let framed = if path.starts_with("authorize") { "*" } else { "'none'" };
        is_guarded(&control(&user, "GET", &path, &[]), framed);
    }
    for (method, path) in [("GET", "nothing"), ("PATCH", "reset"), ("POST", "clock?advance=no")] {
        is_guarded(&control(&user, method, path, &[]), "'none'");
    }
    let refused = control(&user, "GET", "clock", &[("Origin", "https://evil.example")]);
    is_guarded(&refused, "'none'");
    assert_eq!(refused.refused(403)["message"], "The control API takes no calls from pages of another origin.");
}

#[test]
fn pages_for_customers_work_from_every_origin_and_only_some_in_frames() {
    let user = sandbox("visitors-pages");
    let foreign = [("Origin", "https://shop.example"), ("Sec-Fetch-Site", "cross-site")];
    let params = [
        ("amount", "1000"),
        ("currency", "usd"),
        ("payment_method", "pm_card_authenticationRequired"),
        ("confirm", "true"),
        ("return_url", "https://shop.example/back"),
    ];
    let intent = user.post("/v1/payment_intents", &params).ok();
    let link = intent["next_action"]["redirect_to_url"]["url"].as_str().unwrap();
    let path = link.replacen(user.url(), "..", 1);
    let page = control(&user, "GET", &path, &foreign);
    is_guarded(&page, "*");
    assert_eq!((page.status, page.header("access-control-allow-origin")), (200, Some("*")));
    let line = [
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "1000"),
        ("line_items[0][price_data][product_data][name]", "Tea"),
        ("line_items[0][quantity]", "1"),
        ("mode", "payment"),
    ];
    for (ui, back, frames) in [("hosted_page", "success_url", "'none'"), ("embedded_page", "return_url", "*")] {
        let mut params = line.to_vec();
        params.extend([("ui_mode", ui), (back, "https://shop.example/back")]);
        let session = id(&user.post("/v1/checkout/sessions", &params).ok());
        let page = control(&user, "GET", &format!("../c/pay/{session}"), &foreign);
        assert_eq!(page.status, 200, "{}", page.text);
        is_guarded(&page, frames);
    }
}

#[test]
fn the_hosts_of_the_api_are_known_for_the_api_and_for_pages_alone() {
    let config = Config { public_url: Some("https://pay.example.com/stripe".to_owned()), ..Config::default() };
    let url = start(config);
    let status = |path: &str, host: &str| {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0\r\nAuthorization: Bearer sk_test_1"
        );
        wire(&url, &head, "").split(' ').nth(1).unwrap().parse::<u16>().unwrap()
    };
    for host in ["api.stripe.com", "files.stripe.com", "checkout.stripe.com:443", "pay.example.com", "localhost"] {
        assert_eq!(status("/v1/customers", host), 200, "{host}");
        assert_eq!(status("/receipts/ch_1", host), 404, "{host}");
        let own = !host.contains("stripe.com");
        assert_eq!(status("/_pinstripe/clock", host), if own { 200 } else { 403 }, "{host}");
    }
    assert_eq!(
        json!([status("/v1/customers", "other.example.com"), status("/_pinstripe/clock", "other.example.com")]),
        json!([403, 403])
    );
}
