//! Meters (billing 5.1).

use super::*;

#[test]
fn a_fresh_meter_shows_its_defaults() {
    let api = still("meter-fresh");
    let made = api.get(&format!("/v1/billing/meters/{}", meter(&api, "sum")), &[]).ok();
    assert!(id(&made).starts_with("mtr_test_61"), "{made}");
    assert_eq!(made["customer_mapping"], json!({"event_payload_key": "stripe_customer_id", "type": "by_id"}));
    assert_eq!(made["value_settings"], json!({"event_payload_key": "value"}));
    assert_eq!(made["default_aggregation"], json!({"formula": "sum"}));
    assert_eq!((text(&made, "status"), &made["event_time_window"]), ("active", &Value::Null));
    assert_eq!(made["status_transitions"], json!({"deactivated_at": null}));
    assert_eq!((int(&made, "created"), int(&made, "updated")), (NOW, NOW));
}

#[test]
fn a_meter_names_its_own_keys() {
    let api = still("meter-keys");
    let params = [
        ("display_name", "Tokens"),
        ("event_name", "calls"),
        ("default_aggregation[formula]", "sum"),
        ("customer_mapping[type]", "by_id"),
        ("customer_mapping[event_payload_key]", "who"),
        ("value_settings[event_payload_key]", "tokens"),
        ("event_time_window", "day"),
    ];
    let made = api.post("/v1/billing/meters", &params).ok();
    assert_eq!(text(&made, "event_time_window"), "day");
    let who = customer(&api, &[]);
    let own = [("event_name", "calls"), ("payload[who]", who.as_str()), ("payload[tokens]", "7")];
    api.post("/v1/billing/meter_events", &own).ok();
    assert_eq!(used(&api, &id(&made), &who), Some(7.0));
}

#[test]
fn no_two_active_meters_have_one_event_name() {
    let api = still("meter-names");
    let first = meter(&api, "sum");
    let params = [("display_name", "Calls"), ("event_name", "calls"), ("default_aggregation[formula]", "count")];
    let error = invalid(api.post("/v1/billing/meters", &params), 400, None, Some("event_name"));
    assert_eq!(text(&error, "message"), "An active meter has the event name 'calls' already.");
    let own = format!("/v1/billing/meters/{first}");
    api.post(&format!("{own}/deactivate"), &[]).ok();
    let second = id(&api.post("/v1/billing/meters", &params).ok());
    invalid(api.post(&format!("{own}/reactivate"), &[]), 400, None, Some("event_name"));
    assert_eq!(text(&api.get(&own, &[]).ok(), "status"), "inactive");
    api.post(&format!("/v1/billing/meters/{second}/deactivate"), &[]).ok();
    assert_eq!(text(&api.post(&format!("{own}/reactivate"), &[]).ok(), "status"), "active");
}

#[test]
fn a_meter_is_deactivated_and_reactivated_once() {
    let api = still("meter-turns");
    let own = format!("/v1/billing/meters/{}", meter(&api, "sum"));
    let twice = |verb: &str, status: &str| {
        let turned = api.post(&format!("{own}/{verb}"), &[]).ok();
        assert_eq!(text(&turned, "status"), status);
        let sentence = format!("The meter {} is already {status}.", id(&turned));
        says(api.post(&format!("{own}/{verb}"), &[]), 400, &sentence);
        turned
    };
    assert_eq!(twice("deactivate", "inactive")["status_transitions"]["deactivated_at"], NOW);
    assert_eq!(twice("reactivate", "active")["status_transitions"]["deactivated_at"], Value::Null);
    let wanted = ["created", "deactivated", "reactivated"].map(|what| format!("billing.meter.{what}"));
    assert_eq!(told(&api, "billing.meter.*"), wanted);
    missing(api.post("/v1/billing/meters/mtr_none/deactivate", &[]), 404, "meter", "mtr_none", "id");
}

#[test]
fn only_the_display_name_of_a_meter_changes() {
    let api = still("meter-update");
    let own = format!("/v1/billing/meters/{}", meter(&api, "sum"));
    api.advance(60);
    assert_eq!(int(&api.post(&own, &[("display_name", "Calls")]).ok(), "updated"), NOW);
    let changed = api.post(&own, &[("display_name", "Requests")]).ok();
    assert_eq!((text(&changed, "display_name"), int(&changed, "updated")), ("Requests", NOW + 60));
    invalid(api.post(&own, &[("event_name", "x")]), 400, Some("parameter_unknown"), Some("event_name"));
    assert_eq!(told(&api, "billing.meter.*"), ["billing.meter.created", "billing.meter.updated"]);
}

#[test]
fn meters_are_listed_by_status() {
    let api = still("meter-list");
    let first = meter(&api, "sum");
    api.post(&format!("/v1/billing/meters/{first}/deactivate"), &[]).ok();
    let second = meter(&api, "sum");
    assert_eq!(ids(&api.get("/v1/billing/meters", &[]).ok()), [second.clone(), first.clone()]);
    assert_eq!(ids(&api.get("/v1/billing/meters", &[("status", "active")]).ok()), [second]);
    assert_eq!(ids(&api.get("/v1/billing/meters", &[("status", "inactive")]).ok()), [first]);
}

#[test]
fn a_metered_price_needs_an_active_meter() {
    let api = still("meter-price");
    let meter = meter(&api, "sum");
    let price = |meter: &str| {
        let params = [
            ("currency", "usd"),
            ("unit_amount", "5"),
            ("product_data[name]", "Calls"),
            ("recurring[interval]", "month"),
            ("recurring[usage_type]", "metered"),
            ("recurring[meter]", meter),
        ];
        api.post("/v1/prices", &params)
    };
    assert_eq!(price(&meter).ok()["recurring"]["meter"], meter);
    missing(price("mtr_none"), 400, "meter", "mtr_none", "recurring[meter]");
    api.post(&format!("/v1/billing/meters/{meter}/deactivate"), &[]).ok();
    let error = invalid(price(&meter), 400, None, Some("recurring[meter]"));
    assert_eq!(text(&error, "message"), format!("The meter {meter} is inactive."));
}
