//! The control API: what it says of itself, who may call it, and what it answers to wrong input.

use pinstripe::Config;
use serde_json::{Value, json};

use crate::support::client::{Answer, Client, raw, sandbox, start};
use crate::support::flows::{rows, text};

/// A control call as it is on the wire; its path in full, or without the prefix.
fn call(url: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Option<(&str, &str)>) -> Answer {
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = body.map(|(kind, body)| (kind, body.as_bytes()));
    let target = if path.starts_with('/') { path.to_owned() } else { format!("/_pinstripe/{path}") };
    raw(url, method, &target, &headers, body)
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Every call as the control API describes it.
fn described(user: &Client) -> Vec<Value> {
    let told = call(user.url(), "GET", "", &[], None).ok();
    told["calls"].as_array().unwrap().clone()
}

/// A path of the description with names in the places of its parameters.
fn filled(path: &str) -> String {
    let path = path.trim_start_matches("/_pinstripe/").replace("{name}", "control-nothing");
    let path = path.replace("{id}", "id_1").replace("{seq}", "1");
    assert!(!path.contains('{'), "{path}");
    path
}

#[test]
fn every_call_is_described_with_its_parameters_and_an_example() {
    let user = sandbox("control-described");
    let calls = described(&user);
    assert!(calls.len() > 35, "{}", calls.len());
    for call in &calls {
        let (method, path, example) = (text(call, "method"), text(call, "path"), text(call, "example"));
        assert!(!text(call, "what").is_empty(), "{call}");
        let base = path.split('{').next().unwrap();
        assert!(example.starts_with("curl ") && example.contains(base), "{call}");
        let said = if example.contains("-X ") { example.split("-X ").nth(1).unwrap() } else { "" };
        let sends = match said.split(' ').next().unwrap() {
            "" if example.contains(" -d ") || example.contains("--data-binary") => "POST",
            "" if example.contains(" -T ") => "PUT",
            "" => "GET",
            method => method,
        };
        assert_eq!(sends, method, "{example}");
        for parameter in call["parameters"].as_array().unwrap() {
            assert!(!text(parameter, "name").is_empty() && !text(parameter, "what").is_empty(), "{call}");
        }
    }
}

#[test]
fn every_described_call_is_there() {
    let user = sandbox("control-there");
    for described in described(&user) {
        let (method, path) = (text(&described, "method"), filled(text(&described, "path")));
        // A sandbox of that name does not exist, or is this test's own.
        let takes_sandbox = described["parameters"].as_array().unwrap().iter().any(|one| one["name"] == "sandbox");
        let path = if takes_sandbox { format!("{path}?sandbox=control-there") } else { path };
        // A stream would not end.
        let path = if path.starts_with("stream") { format!("{path}&since=nowhere") } else { path };
        let answer = call(user.url(), method, &path, &[], None);
        assert!(!answer.text.contains("in the control API"), "{method} {path}: {}", answer.text);
        assert!(answer.status < 500, "{method} {path}: {}", answer.text);
    }
}

#[test]
fn a_parameter_that_a_call_does_not_have_is_refused_and_nothing_is_done() {
    let user = sandbox("control-typo");
    user.post("/v1/customers", &[]).ok();
    for described in described(&user) {
        let (method, path) = (text(&described, "method"), filled(text(&described, "path")));
        let answer = call(user.url(), method, &format!("{path}?sanbox=control-typo"), &[], None);
        let message = text(&answer.refused(400), "message").to_owned();
        assert!(message.contains("has no parameter `sanbox`"), "{method} {path}: {message}");
    }
    assert_eq!(rows(&user.get("/v1/customers", &[]).ok()).len(), 1);
}

#[test]
fn wrong_input_is_refused_with_a_sentence() {
    let user = sandbox("control-wrong");
    for (method, path, says) in [
        ("POST", "reset?sandbox=a_b", "sandbox name"),
        ("POST", "reset?sandbox=", "sandbox name"),
        ("POST", "due/pi_1?sandbox=a_b", "sandbox name"),
        ("POST", "reset?sandbox=a&sandbox=b", "`sandbox` is sent twice"),
        ("POST", "fork?sandbox=control-wrong", "`into`"),
        ("POST", "clock?sandbox=control-wrong&real=false", "`real`"),
        ("POST", "clock?sandbox=control-wrong", "one of"),
        ("POST", "webhooks/wait?sandbox=control-wrong&timeout=soon", "timeout"),
        ("POST", "webhooks/wait?sandbox=control-wrong&timeout=-1", "timeout"),
        ("POST", "webhooks/mode?sandbox=control-wrong&mode=fast", "`mode`"),
        ("POST", "webhooks/resend?sandbox=control-wrong", "Exactly one"),
        ("GET", "webhooks/deliveries?sandbox=control-wrong&status=lost", "`status` is one of"),
        ("GET", "webhooks/deliveries?sandbox=control-wrong&limit=-1", "limit"),
        ("GET", "requests?sandbox=control-wrong&status=abc", "`status`"),
        ("GET", "requests?sandbox=control-wrong&operation=charges.explode", "no operation"),
        ("GET", "requests?sandbox=control-wrong&limit=many", "limit"),
        ("POST", "fixtures?sandbox=control-wrong&preset=nothing", "no preset"),
        ("POST", "fixtures?sandbox=control-wrong", "request body"),
        ("POST", "faults?sandbox=control-wrong", "not a valid fault: "),
        ("POST", "snapshots/a%FFb?sandbox=control-wrong", "UTF-8"),
        ("POST", "trigger?sandbox=control-wrong", "`event`"),
        ("POST", "authorize/pi_1?sandbox=control-wrong&result=maybe", "`result`"),
        ("DELETE", "sandboxes/default", "default"),
    ] {
        let error = call(user.url(), method, path, &[], None).refused(400);
        let message = text(&error, "message");
        assert!(message.contains(says) && !message.contains("deserialize"), "{method} {path}: {message}");
    }
}

#[test]
fn what_there_is_no_call_for_is_said() {
    let user = sandbox("control-absent");
    let absent = call(user.url(), "GET", "nothing", &[], None).refused(404);
    assert!(text(&absent, "message").contains("no GET /_pinstripe/nothing"), "{absent}");
    let other = call(user.url(), "GET", "reset", &[], None);
    assert_eq!(other.header("allow"), Some("POST"));
    assert!(text(&other.refused(405), "message").contains("takes POST"));
}

#[test]
fn parameters_may_stand_in_the_body_as_a_form() {
    let user = sandbox("control-form");
    let form = Some((FORM, "sandbox=control-form&freeze=1800000000"));
    assert_eq!(call(user.url(), "POST", "clock", &[], form).ok()["now"], 1_800_000_000);
    let half = call(user.url(), "POST", "clock?sandbox=control-form", &[], Some((FORM, "advance=5")));
    assert_eq!(half.ok()["now"], 1_800_000_005);
    let typo = call(user.url(), "POST", "clock?sandbox=control-form", &[], Some((FORM, "advnce=5")));
    assert!(text(&typo.refused(400), "message").contains("`advnce`"));
    let json =
        call(user.url(), "POST", "clock?sandbox=control-form", &[], Some(("application/json", "{\"advance\":5}")));
    assert!(text(&json.refused(400), "message").contains("no body but a form"));
}

#[test]
fn a_page_of_another_origin_can_neither_read_nor_change_anything() {
    let user = sandbox("control-origin");
    let host = user.url().trim_start_matches("http://").to_owned();
    for described in described(&user) {
        let (method, path) = (text(&described, "method"), filled(text(&described, "path")));
        // Pages for customers work from every origin: their link gives access.
        let pages =
            ["authorize/", "checkout/", "invoice/", "credit_note/", "portal/", "sources/", "receipts/", "files/"];
        if pages.iter().any(|page| path.starts_with(page)) {
            continue;
        }
        for origin in ["http://evil.example", "http://localhost:3000", "null", ""] {
            let answer = call(user.url(), method, &path, &[("Origin", origin)], None);
            assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("access-control")), "{:?}", answer.headers);
            answer.refused(403);
        }
        let preflight = [("Origin", "http://evil.example"), ("Access-Control-Request-Method", method)];
        let answer = call(user.url(), "OPTIONS", &path, &preflight, None);
        assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("access-control")), "{:?}", answer.headers);
        answer.refused(403);
    }
    let own = call(user.url(), "GET", "clock", &[("Origin", &format!("http://{host}"))], None);
    assert!(own.headers.iter().all(|(name, _)| !name.starts_with("access-control")));
    own.ok();
}

/// The status of a control call with another `Host` than the address.
fn with_host(url: &str, host: &str, origin: Option<&str>) -> u16 {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    let origin = origin.map(|origin| format!("Origin: {origin}\r\n")).unwrap_or_default();
    let request = format!("GET /_pinstripe/clock HTTP/1.1\r\nHost: {host}\r\n{origin}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_host_that_is_no_name_of_this_machine_is_refused() {
    let user = sandbox("control-host");
    for host in ["localhost", "localhost:12111", "127.0.0.1:80", "[::1]:80", "pinstripe:12111", "host.docker.internal"]
    {
        assert_eq!(with_host(user.url(), host, None), 200, "{host}");
    }
    for host in ["evil.example", "evil.example:12111", "127.0.0.1.evil.example", "localhost.evil.example", ""] {
        assert_eq!(with_host(user.url(), host, None), 403, "{host}");
    }
}

#[test]
fn the_host_of_the_public_url_is_one_of_ours() {
    let config = Config { public_url: Some("https://pay.example.com/stripe".to_owned()), ..Config::default() };
    let url = start(config);
    assert_eq!(with_host(&url, "pay.example.com", None), 200);
    assert_eq!(with_host(&url, "PAY.example.com:443", Some("https://pay.example.com")), 200);
    assert_eq!(with_host(&url, "localhost", Some("https://pay.example.com")), 200, "a proxy may name itself");
    assert_eq!(with_host(&url, "localhost", Some("http://pay.example.com")), 403);
    assert_eq!(with_host(&url, "other.example.com", None), 403);
}

#[test]
fn a_sandbox_is_listed_with_its_clock_its_objects_and_its_faults() {
    let user = sandbox("control-listed");
    user.post("/v1/customers", &[]).ok();
    let fault = json!({"effect": {"error": "rate_limit"}}).to_string();
    call(user.url(), "POST", "faults?sandbox=control-listed", &[], Some(("application/json", &fault))).ok();
    let all = call(user.url(), "GET", "sandboxes", &[], None).ok();
    let all = all["sandboxes"].as_array().unwrap();
    let found = all.iter().find(|one| one["sandbox"] == "control-listed").unwrap();
    assert_eq!((&found["objects"], &found["faults"], &found["clock"]["clock"]), (&json!(1), &json!(1), &json!("real")));
}
