//! The Stripe CLI's own calls and its websocket's handshake (platform 3); the CLI itself runs in `tests/sdk/cli`.

use std::io::{Read, Write};
use std::net::TcpStream;

use pinstripe::Config;
use serde_json::Value;

use crate::support::client::{Answer, Client, raw, sandbox, start};
use crate::support::flows::id;

/// A call that the catalogue does not have, so that its answer is not checked against it.
fn call(api: &Client, key: &str, path: &str, params: &[(&str, &str)]) -> Answer {
    let body = crate::support::client::encode(params);
    let headers = [("Authorization".to_owned(), format!("Bearer {key}"))];
    raw(api.url(), "POST", path, &headers, Some(("application/x-www-form-urlencoded", body.as_bytes())))
}

fn session(name: &str, params: &[(&str, &str)]) -> Answer {
    call(&sandbox(name), &format!("sk_test_sandbox_{name}"), "/v1/stripecli/sessions", params)
}

const LISTEN: &[(&str, &str)] = &[("device_name", "tests"), ("websocket_features[]", "webhooks")];

/// Tries to open a websocket on a connection of its own; returns everything that comes back at first.
fn handshake(url: &str, id: Option<&str>, upgrade: bool) -> String {
    shake(url, id, upgrade).1
}

/// As [`handshake`], with the connection, which stays open.
fn shake(url: &str, id: Option<&str>, upgrade: bool) -> (TcpStream, String) {
    let address = url.trim_start_matches("http://");
    let mut request = format!("GET /subscribe/acct_1?websocket_feature=webhooks HTTP/1.1\r\nHost: {address}\r\n");
    if upgrade {
        request.push_str("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
        request.push_str("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        request.push_str("Sec-WebSocket-Protocol: stripecli-devproxy-v1\r\n");
    }
    if let Some(id) = id {
        request.push_str(&format!("Websocket-Id: {id}\r\n"));
    }
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).unwrap();
    (stream, String::from_utf8_lossy(&answer[..length]).into_owned())
}

#[test]
fn a_session_says_where_the_websocket_is() {
    let answer = session("cli-session", LISTEN);
    assert!(answer.header("request-id").is_some_and(|id| id.starts_with("req_")));
    let shown = answer.ok();
    let url = shown["websocket_url"].as_str().unwrap();
    let host = sandbox("cli-session").url().replacen("http://", "ws://", 1);
    assert!(url.starts_with(&format!("{host}/subscribe/acct_")), "{url}");
    assert!(!url.contains('?'), "the CLI appends a query to it");
    assert!(shown["websocket_id"].as_str().unwrap().starts_with("cliws_"));
    assert!(shown["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(shown["websocket_authorized_feature"], "webhooks");
    assert_eq!(shown["default_version"], "2026-10-28.endive");
    assert_eq!(shown["latest_version"], "2026-10-28.endive");
    assert_eq!(shown["display_connect_filter_warning"], false);
    assert!(
        shown["reconnect_delay"].as_i64().unwrap() > 60,
        "a listener that connects anew misses what happens meanwhile"
    );
}

#[test]
fn the_websocket_is_where_the_public_url_is() {
    for (public, socket) in
        [("https://pay.example", "wss://pay.example"), ("http://pay.example:8080", "ws://pay.example:8080")]
    {
        let url = start(Config { public_url: Some(public.to_owned()), ..Config::default() });
        let shown = call(&Client::new(&url, ""), "sk_test_123", "/v1/stripecli/sessions", LISTEN).ok();
        let told = shown["websocket_url"].as_str().unwrap();
        assert!(told.starts_with(&format!("{socket}/subscribe/acct_")), "{told}");
    }
}

/// The types of all events of a sandbox, the oldest first.
fn told(api: &Client) -> Vec<String> {
    let events = api.get("/v1/events", &[("limit", "100")]).ok();
    events["data"].as_array().unwrap().iter().rev().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

/// What `stripe trigger` sends for each of these events (platform 3.7).
#[test]
fn the_fixtures_of_the_cli_bring_their_events() {
    let api = sandbox("cli-reports");
    let parameters = [("parameters[interval_start]", "1641045832"), ("parameters[interval_end]", "1646143432")];
    let run = [&[("report_type", "balance.summary.1")][..], &parameters].concat();
    let run = api.post("/v1/reporting/report_runs", &run).ok();
    assert_eq!((&run["status"], &run["result"]), (&Value::from("pending"), &Value::Null));
    let run = api.get(&format!("/v1/reporting/report_runs/{}", id(&run)), &[]).ok();
    let file = &run["result"];
    assert_eq!((run["status"].as_str(), run["succeeded_at"].is_i64()), (Some("succeeded"), true));
    assert_eq!((file["purpose"].as_str(), file["type"].as_str()), (Some("finance_report_run"), Some("csv")));
    assert_eq!(api.get(&format!("/v1/files/{}", id(file)), &[]).ok(), *file);
    assert_eq!(told(&api), ["reporting.report_run.succeeded"]);

    let api = sandbox("cli-redacted");
    let session = [("type", "document"), ("options[document][require_matching_selfie]", "true")];
    let session = api.post("/v1/identity/verification_sessions", &session).ok();
    let path = format!("/v1/identity/verification_sessions/{}", id(&session));
    let asked = api.post(&format!("{path}/redact"), &[]).ok();
    assert_eq!(asked["redaction"]["status"], "processing");
    assert_eq!(api.get(&path, &[]).ok()["redaction"]["status"], "redacted");
    assert_eq!(told(&api).last().map(String::as_str), Some("identity.verification_session.redacted"));

    let api = sandbox("cli-funded");
    let owner = id(&api.post("/v1/customers", &[]).ok());
    let intent = [
        ("amount", "20000"),
        ("currency", "jpy"),
        ("customer", owner.as_str()),
        ("payment_method_types[]", "customer_balance"),
        ("payment_method_data[type]", "customer_balance"),
        ("payment_method_options[customer_balance][funding_type]", "bank_transfer"),
        ("payment_method_options[customer_balance][bank_transfer][type]", "jp_bank_account"),
        ("confirm", "true"),
    ];
    let waiting = api.post("/v1/payment_intents", &intent).ok();
    let options = &waiting["payment_method_options"]["customer_balance"]["bank_transfer"];
    assert_eq!(options["type"], "jp_bank_transfer");
    let fund = format!("/v1/test_helpers/customers/{owner}/fund_cash_balance");
    api.post(&fund, &[("amount", "10000"), ("currency", "jpy")]).ok();
    assert!(told(&api).contains(&"payment_intent.partially_funded".to_owned()));
}

/// The account's event that money is available, which the CLI's fixture waits for (core-payments 10.4.15).
#[test]
fn money_that_becomes_available_emits_one_event() {
    let api = sandbox("cli-available");
    let arrivals = |api: &Client| {
        let events = api.get("/v1/events", &[("type", "balance.available"), ("limit", "100")]).ok();
        events["data"].as_array().unwrap().clone()
    };
    let pay = |method| {
        let intent = [("amount", "2000"), ("currency", "usd"), ("confirm", "true"), ("payment_method", method)];
        api.post("/v1/payment_intents", &[&intent[..], &[("payment_method_types[]", "card")]].concat()).ok()
    };
    pay("pm_card_bypassPending");
    let told = arrivals(&api);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["data"]["object"], api.get("/v1/balance", &[]).ok());
    assert_eq!(told[0]["data"]["object"].get("id"), None);
    assert_eq!(told[0]["request"]["id"], Value::Null);

    // Two payments that wait, and are available at the same time.
    let first = pay("pm_card_visa");
    pay("pm_card_visa");
    assert_eq!(arrivals(&api).len(), 1);
    api.advance(3 * 86_400);
    let told = arrivals(&api);
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0]["data"]["object"], api.get("/v1/balance", &[]).ok());

    // Money that leaves is no news.
    api.post("/v1/refunds", &[("payment_intent", id(&first).as_str())]).ok();
    api.post("/v1/payouts", &[("amount", "100"), ("currency", "usd")]).ok();
    assert_eq!(arrivals(&api).len(), 2);
}

#[test]
fn a_sessions_secret_is_the_same_in_every_session() {
    let secret = |name| session(name, LISTEN).ok()["secret"].clone();
    assert_eq!(secret("cli-secret"), secret("cli-secret"));
}

#[test]
fn a_session_needs_a_secret_key() {
    let api = sandbox("cli-keys");
    let refused = |key: &str| call(&api, key, "/v1/stripecli/sessions", LISTEN).refused(401);
    assert_eq!(refused("pk_test_sandbox_cli-keys")["code"], "secret_key_required");
    refused("sk_live_123456789012");
    call(&api, "rk_test_sandbox_cli-keys", "/v1/stripecli/sessions", LISTEN).ok();
}

#[test]
fn a_session_is_for_something_that_is_sent() {
    let refused = |params: &[(&str, &str)], status| session("cli-features", params).refused(status);
    assert_eq!(refused(&[("device_name", "tests")], 400)["param"], "websocket_features");
    let other = refused(&[("websocket_features[]", "weather")], 501);
    let sentence = "Pinstripe does not implement `weather` for the Stripe CLI yet. Nothing was done.";
    assert_eq!(other["message"], sentence);
    let both = [("websocket_features[]", "v2_events"), ("websocket_features[]", "webhooks")];
    assert_eq!(session("cli-features", &both).ok()["websocket_authorized_feature"], "webhooks");
}

#[test]
fn filters_that_are_not_known_are_refused() {
    let filters = |text| {
        let params = [("websocket_features[]", "request_logs"), ("filters", text)];
        session("cli-filters", &params)
    };
    assert_eq!(filters("{}").ok()["websocket_authorized_feature"], "request_logs");
    filters(r#"{"filter_http_method": ["GET"]}"#).ok();
    for wrong in [r#"{"filter_ip_address": ["1.2.3.4"]}"#, "{", r#"{"filter_http_method": "GET"}"#] {
        assert_eq!(filters(wrong).refused(400)["param"], "filters", "{wrong}");
    }
}

#[test]
fn a_session_is_in_the_request_log() {
    session("cli-logged", LISTEN).ok();
    let api = sandbox("cli-logged");
    let log = api.send("GET", "/_pinstripe/requests?sandbox=cli-logged&operation=stripecli.sessions.create", None);
    assert_eq!(log.body["requests"].as_array().unwrap().len(), 1, "{}", log.text);
}

#[test]
fn a_websocket_opens_for_a_session_only() {
    let shown = session("cli-socket", LISTEN).ok();
    let (api, id) = (sandbox("cli-socket"), shown["websocket_id"].as_str());
    for unknown in [None, Some("cliws_unknown")] {
        let answer = handshake(api.url(), unknown, true);
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        // What makes the CLI ask for a new session.
        assert!(answer.contains(r#"{"error":{"message":"Unknown WebSocket ID."}}"#), "{answer}");
    }
    let plain = handshake(api.url(), id, false);
    assert!(plain.starts_with("HTTP/1.1 4"), "{plain}");
    let opened = handshake(api.url(), id, true);
    assert!(opened.starts_with("HTTP/1.1 101 "), "{opened}");
    assert!(opened.contains("sec-websocket-protocol: stripecli-devproxy-v1\r\n"), "{opened}");
}

/// The next message of a websocket.
fn message(stream: &mut TcpStream) -> Value {
    let mut head = [0; 2];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(head[0], 0x81, "a text in one frame");
    let mut length = usize::from(head[1]);
    if length == 126 {
        let mut long = [0; 2];
        stream.read_exact(&mut long).unwrap();
        length = usize::from(u16::from_be_bytes(long));
    }
    let mut text = vec![0; length];
    stream.read_exact(&mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[test]
fn thin_events_go_to_a_session_that_asks_for_them() {
    let api = sandbox("cli-thin");
    let listen = |features: &[(&str, &str)]| {
        let shown = session("cli-thin", &[&LISTEN[..1], features].concat()).ok();
        let (stream, answer) = shake(api.url(), shown["websocket_id"].as_str(), true);
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        (shown["websocket_authorized_feature"].clone(), stream)
    };
    let thin = ("websocket_features[]", "v2_events");
    let (feature, mut only) = listen(&[thin]);
    assert_eq!(feature, "v2_events");
    let (feature, mut both) = listen(&[thin, ("websocket_features[]", "webhooks")]);
    assert_eq!(feature, "webhooks");
    api.post("/v1/customers", &[]).ok();
    api.post("/v1/billing/meter_events", &[("event_name", "calls"), ("payload[value]", "1")]).ok();
    let report = message(&mut only);
    assert_eq!(report["type"], "v2_event");
    assert!(report["http_headers"]["stripe-signature"].as_str().unwrap().starts_with("t="), "{report}");
    let payload: Value = serde_json::from_str(report["payload"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&payload["object"], &payload["type"]),
        (&"v2.core.event".into(), &"v1.billing.meter.no_meter_found".into())
    );
    // A snapshot comes in two versions.
    let kinds: Vec<Value> = (0..3).map(|_| message(&mut both)["type"].clone()).collect();
    assert_eq!(kinds, ["webhook_event", "webhook_event", "v2_event"]);
}

#[test]
fn an_event_is_shown_when_it_is_sent_again() {
    let (api, key) = (sandbox("cli-retry"), "sk_test_sandbox_cli-retry");
    api.post("/v1/customers", &[("name", "Ada")]).ok();
    let event = api.get("/v1/events", &[]).ok()["data"][0].clone();
    let again = |id: &str, params: &[(&str, &str)]| call(&api, key, &format!("/v1/events/{id}/retry"), params);
    assert_eq!(again(&id(&event), &[("for_stripecli", "true")]).ok(), event);
    assert_eq!(again(&id(&event), &[]).ok()["id"], event["id"]);
    let missing = again("evt_unknown", &[("for_stripecli", "true")]).refused(404);
    assert_eq!(missing["message"], "No such notification: 'evt_unknown'");
    let missing = again(&id(&event), &[("webhook_endpoint", "we_unknown")]).refused(400);
    assert_eq!(missing["param"], "webhook_endpoint");
    let public = call(&api, "pk_test_sandbox_cli-retry", &format!("/v1/events/{}/retry", id(&event)), &[]);
    assert_eq!(public.refused(401)["code"], Value::from("secret_key_required"));
}

#[test]
fn a_hundred_listen_at_once() {
    let url = start(Config::default());
    let api = Client::new(&url, "sk_test_x");
    let session = || call(&api, "sk_test_x", "/v1/stripecli/sessions", LISTEN);
    let _open: Vec<TcpStream> = (0..pinstripe::limits::CLI_LISTENERS_MAX)
        .map(|_| {
            let shown = session().ok();
            let (stream, answer) = shake(&url, shown["websocket_id"].as_str(), true);
            assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
            stream
        })
        .collect();
    let refused = session();
    assert_eq!(
        refused.body["error"]["message"], "Pinstripe serves at most 100 listening CLIs at once.",
        "{}",
        refused.text
    );
}
