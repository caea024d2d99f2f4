//! Meter events and adjustments (billing 5.1).

use super::*;

#[test]
fn an_event_shows_what_was_sent_and_has_no_id() {
    let api = still("event-shape");
    meter(&api, "sum");
    let who = customer(&api, &[]);
    let made = event(&api, &who, "25", &[("identifier", "one"), ("timestamp", "1799999990")]).ok();
    let wanted = json!({
        "object": "billing.meter_event", "created": NOW, "event_name": "calls", "identifier": "one", "livemode": false,
        "payload": {"stripe_customer_id": who, "value": "25"}, "timestamp": 1_799_999_990,
    });
    assert_eq!(made, wanted);
    let made = event(&api, &who, "25", &[]).ok();
    assert_eq!((text(&made, "identifier").len(), int(&made, "timestamp")), (36, NOW));
}

#[test]
fn an_identifier_is_used_once_in_24_hours() {
    let api = still("event-identifier");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    let once = |value: &str| event(&api, &who, value, &[("identifier", "one")]);
    once("1").ok();
    let error = invalid(once("2"), 400, None, Some("identifier"));
    assert_eq!(text(&error, "message"), "An event already exists with identifier one.");
    api.advance(86_399);
    invalid(once("4"), 400, None, Some("identifier"));
    api.advance(1);
    once("8").ok();
    assert_eq!(used(&api, &meter, &who), Some(1.0));
    assert_eq!(usage(&api, &meter, &who, NOW, NOW + 2 * 86_400), Some(9.0));
}

#[test]
fn a_time_is_within_35_days_past_and_5_minutes_ahead() {
    let api = still("event-times");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    let at = |at: i64| event(&api, &who, "1", &[("timestamp", &at.to_string())]);
    let past = invalid(at(NOW - 35 * 86_400 - 1), 400, None, Some("timestamp"));
    assert_eq!(text(&past, "message"), "The timestamp is more than 35 calendar days in the past.");
    let future = invalid(at(NOW + 301), 400, None, Some("timestamp"));
    assert_eq!(text(&future, "message"), "The timestamp is more than 5 minutes in the future.");
    at(NOW - 35 * 86_400).ok();
    at(NOW + 300).ok();
    assert_eq!(used(&api, &meter, &who), Some(2.0));
}

#[test]
fn the_times_of_a_customer_on_a_test_clock_are_those_of_the_clock() {
    let api = still("event-clock");
    let meter = meter(&api, "sum");
    let frozen = NOW + 400 * 86_400;
    let clock = api.post("/v1/test_helpers/test_clocks", &[("frozen_time", &frozen.to_string())]).ok();
    let who = customer(&api, &[("test_clock", &id(&clock))]);
    assert_eq!(int(&event(&api, &who, "1", &[]).ok(), "timestamp"), frozen);
    invalid(event(&api, &who, "1", &[("timestamp", &NOW.to_string())]), 400, None, Some("timestamp"));
    assert_eq!(usage(&api, &meter, &who, frozen, frozen + 60), Some(1.0));
}

#[test]
fn a_payload_is_a_map_of_texts_within_limits() {
    let api = still("event-payload");
    meter(&api, "sum");
    let named = [("event_name", "calls")];
    invalid(api.post("/v1/billing/meter_events", &named), 400, Some("parameter_missing"), Some("payload"));
    let long = "x".repeat(501);
    let error = event(&api, "cus_1", "1", &[("payload[note]", &long)]).refused(400);
    assert_eq!(text(&error, "param"), "payload[note]");
    let keys: Vec<String> = (0..50).map(|n| format!("payload[k{n}]")).collect();
    let many: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "1")).collect();
    let error = invalid(event(&api, "cus_1", "1", &many), 400, None, Some("payload"));
    assert_eq!(text(&error, "message"), "The payload can have at most 50 keys.");
    api.post("/v1/billing/meter_events", &with(&named, &many)).ok();
}

#[test]
fn an_event_that_counts_for_nothing_is_accepted_and_reported() {
    let api = still("event-faults");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    let sixteen = "1".repeat(16);
    for (name, fault, payload) in [
        ("no customer", "meter_event_no_customer_defined", vec![("payload[value]", "1")]),
        (
            "unknown",
            "meter_event_customer_not_found",
            vec![("payload[value]", "1"), ("payload[stripe_customer_id]", "cus_none")],
        ),
        ("no value", "meter_event_value_not_found", vec![("payload[stripe_customer_id]", who.as_str())]),
        (
            "a word",
            "meter_event_invalid_value",
            vec![("payload[value]", "much"), ("payload[stripe_customer_id]", &who)],
        ),
        (
            "a fraction",
            "meter_event_invalid_value",
            vec![("payload[value]", "1.5"), ("payload[stripe_customer_id]", &who)],
        ),
        ("a minus", "meter_event_invalid_value", vec![("payload[value]", "-"), ("payload[stripe_customer_id]", &who)]),
        (
            "digits",
            "meter_event_value_too_many_digits",
            vec![("payload[value]", &sixteen), ("payload[stripe_customer_id]", &who)],
        ),
    ] {
        let known = thin(&api, "v1.billing.meter.error_report_triggered").len();
        api.post("/v1/billing/meter_events", &with(&[("event_name", "calls"), ("identifier", name)], &payload)).ok();
        let reports = thin(&api, "v1.billing.meter.error_report_triggered");
        assert_eq!(reports.len(), known + 1, "{name}");
        let report = reports.last().unwrap();
        let wanted = json!({"id": meter, "type": "billing.meter", "url": format!("/v1/billing/meters/{meter}")});
        assert_eq!(report["related_object"], wanted);
        let reason = &report["data"]["reason"];
        assert_eq!((int(reason, "error_count"), text(&reason["error_types"][0], "code")), (1, fault), "{name}");
        assert_eq!(reason["error_types"][0]["sample_errors"][0]["request"]["identifier"], name);
    }
    assert_eq!(used(&api, &meter, &who), None);
}

#[test]
fn an_event_without_a_meter_is_accepted_and_reported_about_none() {
    let api = still("event-no-meter");
    let who = customer(&api, &[]);
    event(&api, &who, "1", &[("identifier", "lost")]).ok();
    let [report] = &thin(&api, "v1.billing.meter.no_meter_found")[..] else { panic!("one report") };
    assert_eq!(report.get("related_object"), None);
    assert_eq!(report["data"]["developer_message_summary"], "There is 1 invalid event");
    assert_eq!(report["data"]["validation_start"], "2027-01-15T08:00:00.000Z");
    assert_eq!(report["data"]["validation_end"], "2027-01-15T08:00:10.000Z");
    let kind = &report["data"]["reason"]["error_types"][0];
    assert_eq!((text(kind, "code"), int(kind, "error_count")), ("no_meter", 1));
}

#[test]
fn an_inactive_meter_takes_no_events() {
    let api = still("event-archived");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    event(&api, &who, "1", &[]).ok();
    api.post(&format!("/v1/billing/meters/{meter}/deactivate"), &[]).ok();
    event(&api, &who, "2", &[]).ok();
    let [report] = &thin(&api, "v1.billing.meter.error_report_triggered")[..] else { panic!("one report") };
    assert_eq!(report["data"]["reason"]["error_types"][0]["code"], "archived_meter");
    assert_eq!(used(&api, &meter, &who), Some(1.0));
}

fn cancel(api: &Client, event_name: &str, identifier: &str) -> Answer {
    let params = [("event_name", event_name), ("type", "cancel"), ("cancel[identifier]", identifier)];
    api.post("/v1/billing/meter_event_adjustments", &params)
}

#[test]
fn an_adjustment_takes_an_event_back_once() {
    let api = still("event-cancel");
    let who = customer(&api, &[]);
    for (formula, before, after) in [("sum", 7.0, 4.0), ("count", 2.0, 1.0), ("last", 3.0, 4.0)] {
        let meter = meter(&api, formula);
        let (first, second) = (format!("{formula}-1"), format!("{formula}-2"));
        event(&api, &who, "4", &[("identifier", &first)]).ok();
        event(&api, &who, "3", &[("identifier", &second)]).ok();
        assert_eq!(used(&api, &meter, &who), Some(before), "{formula}");
        let made = cancel(&api, "calls", &second).ok();
        let wanted = json!({
            "object": "billing.meter_event_adjustment", "cancel": {"identifier": second}, "event_name": "calls",
            "livemode": false, "status": "pending", "type": "cancel",
        });
        assert_eq!(made, wanted);
        assert_eq!(used(&api, &meter, &who), Some(after), "{formula}");
        let again = invalid(cancel(&api, "calls", &second), 400, None, Some("cancel[identifier]"));
        assert_eq!(text(&again, "message"), format!("The event with identifier {second} was canceled already."));
        cancel(&api, "calls", &first).ok();
        assert_eq!(used(&api, &meter, &who), None, "{formula}");
        api.post(&format!("/v1/billing/meters/{meter}/deactivate"), &[]).ok();
    }
}

#[test]
fn an_adjustment_names_an_event_of_the_last_24_hours() {
    let api = still("event-cancel-late");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    event(&api, &who, "4", &[("identifier", "one")]).ok();
    let refused = |answer| invalid(answer, 400, Some("resource_missing"), Some("cancel[identifier]"));
    refused(cancel(&api, "other", "one"));
    refused(cancel(&api, "calls", "two"));
    api.advance(86_400);
    refused(cancel(&api, "calls", "one"));
    let without = [("event_name", "calls"), ("type", "cancel")];
    let answer = api.post("/v1/billing/meter_event_adjustments", &without);
    invalid(answer, 400, Some("parameter_missing"), Some("cancel[identifier]"));
    assert_eq!(used(&api, &meter, &who), Some(4.0));
}
