//! Event destinations: receivers of events that are managed under `/v2` (platform 2.1, 7.1).

use serde_json::{Value, json};

use crate::support::client::{Answer, sandbox};
use crate::support::flows::{id, ids, rows, text};

const PATH: &str = "/v2/core/event_destinations";

/// A destination of thin events with a URL.
fn thin() -> Value {
    json!({
        "name": "Mine",
        "type": "webhook_endpoint",
        "event_payload": "thin",
        "enabled_events": ["v1.billing.meter.error_report_triggered"],
        "webhook_endpoint": {"url": "https://example.com/hook"},
    })
}

/// The same with some members in place of others; null takes one out.
fn but(mut changes: Value) -> Value {
    let mut body = thin();
    for (key, value) in std::mem::take(changes.as_object_mut().unwrap()) {
        match value {
            Value::Null => drop(body.as_object_mut().unwrap().remove(&key)),
            value => body[key] = value,
        }
    }
    body
}

fn own(made: &Value) -> String {
    format!("{PATH}/{}", id(made))
}

/// The error of a refusal, with exactly this parameter.
#[track_caller]
fn refused(answer: Answer, status: u16, code: &str, param: &str) {
    let error = answer.refused(status);
    assert_eq!((error["code"].as_str(), error["param"].as_str()), (Some(code), Some(param)), "{error}");
}

#[test]
fn the_secret_is_shown_once_when_it_is_asked_for() {
    let api = sandbox("destination-secret");
    let both = json!({"include": ["webhook_endpoint.signing_secret", "webhook_endpoint.url"]});
    let made = api.post_json(PATH, &but(both)).ok();
    assert!(text(&made["webhook_endpoint"], "signing_secret").starts_with("whsec_"), "{made}");
    assert_eq!(made["webhook_endpoint"]["url"], "https://example.com/hook");
    assert_eq!((text(&made, "status"), text(&made, "object")), ("enabled", "v2.core.event_destination"));
    assert_eq!(made["created"], made["updated"]);
    assert_eq!(api.get(&own(&made), &[]).ok()["webhook_endpoint"], Value::Null);
    let shown = api.get(&own(&made), &[("include[0]", "webhook_endpoint.url")]).ok();
    assert_eq!(shown["webhook_endpoint"], json!({"url": "https://example.com/hook"}));
    refused(
        api.get(&own(&made), &[("include[0]", "webhook_endpoint.signing_secret")]),
        400,
        "invalid_fields",
        "include[0]",
    );
    assert_eq!(api.post_json(PATH, &thin()).ok()["webhook_endpoint"], Value::Null);
}

#[test]
fn a_destination_is_changed_disabled_enabled_pinged_and_deleted() {
    let api = sandbox("destination-life");
    let made = api.post_json(PATH, &but(json!({"metadata": {"a": "1"}}))).ok();
    api.advance(60);
    let body = json!({
        "name": "Ours", "description": "Reports", "metadata": {"a": null, "b": "2"}, "include": ["webhook_endpoint.url"],
        "webhook_endpoint": {"url": "https://example.com/other"},
    });
    let changed = api.post_json(&own(&made), &body).ok();
    assert_eq!((text(&changed, "name"), text(&changed, "description")), ("Ours", "Reports"));
    assert_eq!(changed["metadata"], json!({"b": "2"}));
    assert_eq!(changed["webhook_endpoint"], json!({"url": "https://example.com/other"}));
    assert!(text(&changed, "updated") > text(&made, "updated"), "{changed}");
    assert_eq!(changed["created"], made["created"]);
    let disabled = api.post_json(&format!("{}/disable", own(&made)), &json!({})).ok();
    assert_eq!(text(&disabled, "status"), "disabled");
    assert_eq!(disabled["status_details"]["disabled"]["reason"], "user");
    assert_eq!(api.post_json(&format!("{}/disable", own(&made)), &json!({})).ok(), disabled);
    let enabled = api.post_json(&format!("{}/enable", own(&made)), &json!({})).ok();
    assert_eq!((text(&enabled, "status"), &enabled["status_details"]), ("enabled", &json!({})));
    let event = api.post_json(&format!("{}/ping", own(&made)), &json!({})).ok();
    assert_eq!((text(&event, "type"), &event["related_object"]["id"]), ("v2.core.event_destination.ping", &made["id"]));
    assert_eq!(text(&event["related_object"], "url"), own(&made));
    assert_eq!(api.get(&format!("/v2/core/events/{}", id(&event)), &[]).ok(), event);
    assert_eq!(api.delete(&own(&made)).ok(), json!({"id": id(&made), "object": "v2.core.event_destination"}));
    refused(api.get(&own(&made), &[]), 404, "not_found", "id");
    for call in ["", "/disable", "/enable", "/ping"] {
        refused(api.post_json(&format!("{}{call}", own(&made)), &json!({})), 404, "not_found", "id");
    }
    refused(api.delete(&own(&made)), 404, "not_found", "id");
}

#[test]
fn destinations_are_listed_the_newest_first_in_pages() {
    let api = sandbox("destination-list");
    let made: Vec<Value> = (0..3).map(|_| api.post_json(PATH, &thin()).ok()).collect();
    api.delete(&own(&made[1])).ok();
    let first = api.get(PATH, &[("limit", "1"), ("include[0]", "webhook_endpoint.url")]).ok();
    assert_eq!(ids(&first), [id(&made[2])]);
    assert_eq!(rows(&first)[0]["webhook_endpoint"], json!({"url": "https://example.com/hook"}));
    let second = api.get(text(&first, "next_page_url"), &[]).ok();
    assert_eq!((ids(&second), &second["next_page_url"]), (vec![id(&made[0])], &Value::Null));
    assert_eq!(rows(&api.get(PATH, &[]).ok())[0]["webhook_endpoint"], Value::Null);
}

#[test]
fn what_a_destination_is_has_to_fit_its_type() {
    let api = sandbox("destination-refused");
    let bridge = json!({"aws_account_id": "123456789012", "aws_region": "us-east-1"});
    for (changes, code, param) in [
        (json!({"webhook_endpoint": null}), "invalid_fields", "webhook_endpoint"),
        (json!({"amazon_eventbridge": bridge}), "invalid_fields", "amazon_eventbridge"),
        (json!({"webhook_endpoint": {"url": "example.com"}}), "url_invalid", "webhook_endpoint[url]"),
        (json!({"snapshot_api_version": "2026-10-28.endive"}), "invalid_fields", "snapshot_api_version"),
        (
            json!({"event_payload": "snapshot", "enabled_events": ["*"], "snapshot_api_version": "2000-01-01"}),
            "invalid_fields",
            "snapshot_api_version",
        ),
        (
            json!({"event_payload": "snapshot", "enabled_events": ["*", "customer.sneezed"]}),
            "invalid_fields",
            "enabled_events[1]",
        ),
        (json!({"enabled_events": []}), "invalid_fields", "enabled_events"),
        (json!({"name": null}), "invalid_fields", "name"),
    ] {
        refused(api.post_json(PATH, &but(changes)), 400, code, param);
    }
    let told = |changes: Value| text(&api.post_json(PATH, &but(changes)).refused(400), "message").to_owned();
    assert_eq!(
        told(json!({"amazon_eventbridge": bridge})),
        "`amazon_eventbridge` can only be set for destinations of `type=amazon_eventbridge`."
    );
    assert_eq!(
        told(json!({"snapshot_api_version": "2026-10-28.endive"})),
        "`snapshot_api_version` can only be set when `event_payload` is `snapshot`."
    );
    let snapshot = |more: Value| {
        let mut body = json!({"event_payload": "snapshot", "enabled_events": ["*"]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        told(body)
    };
    assert_eq!(snapshot(json!({"snapshot_api_version": "2000-01-01"})), "Invalid Stripe API version: 2000-01-01");
    assert_eq!(snapshot(json!({"enabled_events": ["customer.sneezed"]})), "Invalid event type: customer.sneezed");
    assert!(rows(&api.get(PATH, &[]).ok()).is_empty());
    let made = but(json!({"type": "amazon_eventbridge", "amazon_eventbridge": bridge, "webhook_endpoint": null}));
    let made = api.post_json(PATH, &made).ok();
    assert_eq!(made["amazon_eventbridge"]["aws_event_source_status"], "pending");
    let url = json!({"webhook_endpoint": {"url": "https://example.com"}});
    refused(api.post_json(&own(&made), &url), 400, "invalid_fields", "webhook_endpoint");
    refused(api.post_json(&own(&made), &json!({"enabled_events": []})), 400, "invalid_fields", "enabled_events");
}

#[test]
fn an_account_has_sixteen_destinations() {
    let api = sandbox("destination-limit");
    let made: Vec<Value> = (0..16).map(|_| api.post_json(PATH, &thin()).ok()).collect();
    let error = api.post_json(PATH, &thin()).refused(400);
    assert_eq!(text(&error, "message"), "You have reached the maximum of 16 event destinations.");
    api.delete(&own(&made[0])).ok();
    api.post_json(PATH, &thin()).ok();
}

#[test]
fn a_destination_says_whose_events_it_gets() {
    let api = sandbox("destination-from");
    let made = api.post_json(PATH, &but(json!({"events_from": ["other_accounts"]}))).ok();
    assert_eq!(made["events_from"], json!(["other_accounts"]));
    assert_eq!(api.get(&own(&made), &[]).ok()["events_from"], made["events_from"]);
}
