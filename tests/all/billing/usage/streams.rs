//! Meter events of `/v2` (billing 5.1).

use super::*;
use crate::support::client::raw;

fn calls(customer: &str, value: &str, more: &Value) -> Value {
    let mut event = json!({"event_name": "calls", "payload": {"stripe_customer_id": customer, "value": value}});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// The client of a new session, which sends its token in place of a key.
fn session(api: &Client) -> Client {
    let session = api.post_json("/v2/billing/meter_event_session", &json!({})).ok();
    api.with("Authorization", &format!("Bearer {}", text(&session, "authentication_token")))
}

#[test]
fn an_event_of_v2_is_checked_at_once() {
    let api = still("v2-event");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    let send = |event: Value| api.post_json("/v2/billing/meter_events", &event);
    let made = send(calls(&who, "4", &json!({"identifier": "one", "timestamp": "2027-01-15T07:59:00.000Z"}))).ok();
    let wanted = json!({
        "object": "v2.billing.meter_event", "created": "2027-01-15T08:00:00.000Z", "event_name": "calls",
        "identifier": "one", "livemode": false, "payload": {"stripe_customer_id": who, "value": "4"},
        "timestamp": "2027-01-15T07:59:00.000Z",
    });
    assert_eq!(made, wanted);
    assert_eq!(used(&api, &meter, &who), Some(4.0));
    let refused = |event: Value, code: &str| {
        let error = send(event).refused(400);
        assert_eq!(text(&error, "code"), code, "{error}");
    };
    refused(calls(&who, "4", &json!({"identifier": "one"})), "invalid_fields");
    refused(calls("cus_none", "4", &json!({})), "meter_event_customer_not_found");
    refused(calls(&who, "much", &json!({})), "meter_event_invalid_value");
    refused(calls(&who, "4", &json!({"event_name": "other"})), "no_meter");
    refused(calls(&who, "4", &json!({"timestamp": "2020-01-01T00:00:00Z"})), "timestamp_too_far_in_past");
    refused(calls(&who, "4", &json!({"timestamp": "2028-01-01T00:00:00Z"})), "timestamp_in_future");
    refused(calls(&who, "4", &json!({"timestamp": "then"})), "invalid_fields");
    assert_eq!(used(&api, &meter, &who), Some(4.0));
    assert!(thin(&api, "v1.billing.meter.error_report_triggered").is_empty());
}

#[test]
fn a_stream_takes_what_can_be_read_and_reports_the_rest_together() {
    let api = still("v2-stream");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    let stream = session(&api);
    let events = json!({"events": [
        calls(&who, "4", &json!({"identifier": "one"})),
        calls(&who, "4", &json!({"identifier": "one"})),
        calls(&who, "8", &json!({})),
        calls("cus_none", "1", &json!({"identifier": "a"})),
        calls(&who, "much", &json!({"identifier": "b"})),
        calls(&who, "more", &json!({"identifier": "c"})),
        calls(&who, "1", &json!({"identifier": "d", "timestamp": "2020-01-01T00:00:00Z"})),
        calls(&who, "1", &json!({"identifier": "e", "event_name": "other"})),
    ]});
    assert_eq!(stream.post_json("/v2/billing/meter_event_stream", &events).ok(), json!({}));
    assert_eq!(used(&api, &meter, &who), Some(12.0));
    let [report] = &thin(&api, "v1.billing.meter.error_report_triggered")[..] else { panic!("one report") };
    assert_eq!(report["data"]["developer_message_summary"], "There are 4 invalid events");
    let kinds = report["data"]["reason"]["error_types"].as_array().unwrap().clone();
    let named = |kind: &Value| (text(kind, "code").to_owned(), int(kind, "error_count"));
    let wanted =
        [("meter_event_customer_not_found", 1), ("meter_event_invalid_value", 2), ("timestamp_too_far_in_past", 1)];
    assert_eq!(kinds.iter().map(named).collect::<Vec<_>>(), wanted.map(|(code, count)| (code.to_owned(), count)));
    assert_eq!(thin(&api, "v1.billing.meter.no_meter_found").len(), 1);
}

#[test]
fn a_stream_that_cannot_be_read_adds_nothing() {
    let api = still("v2-unread");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    let stream = session(&api);
    let bad = json!({"events": [calls(&who, "4", &json!({})), calls(&who, "4", &json!({"timestamp": "then"}))]});
    let error = stream.post_json("/v2/billing/meter_event_stream", &bad).refused(400);
    assert_eq!(text(&error, "param"), "events[1][timestamp]");
    let many: Vec<Value> = (0..101).map(|_| calls(&who, "1", &json!({}))).collect();
    let error = stream.post_json("/v2/billing/meter_event_stream", &json!({"events": many})).refused(400);
    assert_eq!(text(&error, "param"), "events");
    assert_eq!(used(&api, &meter, &who), None);
    stream.post_json("/v2/billing/meter_event_stream", &json!({"events": many[..100]})).ok();
    assert_eq!(used(&api, &meter, &who), Some(100.0));
}

#[test]
fn a_stream_takes_only_the_token_of_an_open_session_and_the_token_nothing_else() {
    let api = still("v2-token");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    let events = json!({"events": [calls(&who, "4", &json!({}))]});
    let send = |client: &Client| client.post_json("/v2/billing/meter_event_stream", &events);
    let error = send(&api).refused(401);
    let needed = "A meter event stream is authenticated with the `authentication_token` of a meter event session.";
    assert_eq!(text(&error, "message"), needed);
    let error = send(&api.with("Authorization", "Bearer token_none")).refused(401);
    assert_eq!(text(&error, "code"), "billing_meter_event_session_expired");
    let stream = session(&api);
    assert_eq!(stream.get("/v1/customers", &[]).status, 401);
    send(&stream).ok();
    api.advance(15 * 60 - 1);
    send(&stream).ok();
    api.advance(1);
    let error = send(&stream).refused(401);
    assert_eq!(text(&error, "message"), "The meter event session has expired; create a new one.");
    assert_eq!(usage(&api, &meter, &who, NOW, NOW + 3600), Some(8.0));
}

#[test]
fn an_adjustment_of_v2_takes_an_event_back() {
    let api = still("v2-adjust");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    event(&api, &who, "4", &[("identifier", "one")]).ok();
    let body = json!({"event_name": "calls", "type": "cancel", "cancel": {"identifier": "one"}});
    let made = api.post_json("/v2/billing/meter_event_adjustments", &body).ok();
    assert_eq!((text(&made, "status"), &made["cancel"]["identifier"]), ("pending", &json!("one")));
    assert_eq!(used(&api, &meter, &who), None);
    let error = api.post_json("/v2/billing/meter_event_adjustments", &body).refused(400);
    assert_eq!(text(&error, "param"), "cancel[identifier]");
}

#[test]
fn a_session_that_is_exported_and_imported_stays_as_it_was() {
    let api = still("v2-session-kept");
    let stream = session(&api);
    let target = format!("/_pinstripe/state?sandbox={}", api.sandbox());
    let exported = || raw(api.url(), "GET", &target, &[], None).text;
    let before = exported();
    assert!(before.contains("\"created\":\"2027-01-15T08:00:00.000Z\""), "{before}");
    raw(api.url(), "PUT", &target, &[], Some(("application/json", before.as_bytes()))).ok();
    assert_eq!(exported(), before);
    stream.post_json("/v2/billing/meter_event_stream", &json!({"events": []})).ok();
}
