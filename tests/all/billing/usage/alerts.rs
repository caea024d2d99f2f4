//! Alerts (billing-2 11.2).

use super::*;

/// An alert at so much usage.
fn alert(api: &Client, meter: &str, gte: &str, more: &[(&str, &str)]) -> Answer {
    let params = [
        ("alert_type", "usage_threshold"),
        ("title", "Much"),
        ("usage_threshold[meter]", meter),
        ("usage_threshold[gte]", gte),
        ("usage_threshold[recurrence]", "one_time"),
    ];
    api.post("/v1/billing/alerts", &with(&params, more))
}

/// The parameters of a filter by customer.
fn only(customer: &str) -> [(&str, &str); 2] {
    [("usage_threshold[filters][0][type]", "customer"), ("usage_threshold[filters][0][customer]", customer)]
}

/// What was triggered: the alert, the customer and the usage, oldest first.
fn triggered(api: &Client) -> Vec<(String, String, i64)> {
    let listed = api.get("/v1/events", &[("type", "billing.alert.triggered")]).ok();
    let row = |event: &Value| {
        let object = &event["data"]["object"];
        assert_eq!(object["object"], "billing.alert_triggered");
        assert_eq!(object.get("id"), None);
        (id(&object["alert"]), text(object, "customer").to_owned(), int(object, "value"))
    };
    rows(&listed).iter().rev().map(row).collect()
}

#[test]
fn an_alert_is_triggered_once_for_each_customer_when_usage_reaches_it() {
    let api = still("alert-once");
    let meter = meter(&api, "sum");
    let (ada, bob) = (customer(&api, &[]), customer(&api, &[]));
    let made = alert(&api, &meter, "10", &[]).ok();
    assert!(id(&made).starts_with("alrt_"), "{made}");
    assert_eq!((text(&made, "status"), &made["usage_threshold"]["filters"]), ("active", &Value::Null));
    event(&api, &ada, "9", &[]).ok();
    assert_eq!(triggered(&api), []);
    event(&api, &ada, "3", &[]).ok();
    event(&api, &ada, "30", &[]).ok();
    event(&api, &bob, "10", &[]).ok();
    assert_eq!(triggered(&api), [(id(&made), ada, 12), (id(&made), bob, 10)]);
}

#[test]
fn an_alert_knows_only_what_is_reported_after_it() {
    let api = still("alert-after");
    let meter = meter(&api, "count");
    let who = customer(&api, &[]);
    event(&api, &who, "1", &[]).ok();
    let made = id(&alert(&api, &meter, "2", &[]).ok());
    event(&api, &who, "1", &[]).ok();
    assert_eq!(triggered(&api), []);
    event(&api, &who, "1", &[]).ok();
    assert_eq!(triggered(&api), [(made, who, 2)]);
}

#[test]
fn an_alert_for_a_customer_looks_at_no_other() {
    let api = still("alert-only");
    let meter = meter(&api, "last");
    let (ada, bob) = (customer(&api, &[]), customer(&api, &[]));
    let made = alert(&api, &meter, "5", &only(&ada)).ok();
    assert_eq!(made["usage_threshold"]["filters"], json!([{"customer": ada, "type": "customer"}]));
    event(&api, &bob, "50", &[]).ok();
    event(&api, &ada, "5", &[]).ok();
    assert_eq!(triggered(&api), [(id(&made), ada, 5)]);
}

#[test]
fn customers_on_test_clocks_trigger_no_alert() {
    let api = still("alert-clock");
    let meter = meter(&api, "sum");
    let clock = api.post("/v1/test_helpers/test_clocks", &[("frozen_time", &NOW.to_string())]).ok();
    let who = customer(&api, &[("test_clock", &id(&clock))]);
    alert(&api, &meter, "5", &[]).ok();
    event(&api, &who, "50", &[]).ok();
    assert_eq!(triggered(&api), []);
}

#[test]
fn an_alert_is_deactivated_activated_and_archived_for_ever() {
    let api = still("alert-turns");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    let made = id(&alert(&api, &meter, "5", &[]).ok());
    let turn = |verb: &str| api.post(&format!("/v1/billing/alerts/{made}/{verb}"), &[]);
    says(turn("activate"), 400, &format!("The alert {made} is active."));
    assert_eq!(text(&turn("deactivate").ok(), "status"), "inactive");
    event(&api, &who, "50", &[]).ok();
    assert_eq!(triggered(&api), []);
    says(turn("deactivate"), 400, &format!("The alert {made} is inactive."));
    assert_eq!(text(&turn("activate").ok(), "status"), "active");
    event(&api, &who, "6", &[]).ok();
    assert_eq!(triggered(&api), [(made.clone(), who, 6)]);
    assert_eq!(ids(&api.get("/v1/billing/alerts", &[("meter", &meter)]).ok()), [made.as_str()]);
    assert_eq!(text(&turn("archive").ok(), "status"), "archived");
    assert!(rows(&api.get("/v1/billing/alerts", &[]).ok()).is_empty());
    assert_eq!(text(&api.get(&format!("/v1/billing/alerts/{made}"), &[]).ok(), "status"), "archived");
    for verb in ["activate", "deactivate", "archive"] {
        says(turn(verb), 400, &format!("The alert {made} is archived."));
    }
}

#[test]
fn an_alert_is_checked() {
    let api = still("alert-checks");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    let bare = [("alert_type", "usage_threshold"), ("title", "Much")];
    invalid(api.post("/v1/billing/alerts", &bare), 400, Some("parameter_missing"), Some("usage_threshold"));
    missing(alert(&api, "mtr_none", "5", &[]), 400, "meter", "mtr_none", "usage_threshold[meter]");
    let zero = alert(&api, &meter, "0", &[]);
    invalid(zero, 400, Some("parameter_invalid_integer"), Some("usage_threshold[gte]"));
    let param = "usage_threshold[filters][0][customer]";
    missing(alert(&api, &meter, "5", &only("cus_none")), 400, "customer", "cus_none", param);
    invalid(alert(&api, &meter, "5", &only(&who)[..1]), 400, Some("parameter_missing"), Some(param));
    let two = [("usage_threshold[filters][1][type]", "customer"), ("usage_threshold[filters][1][customer]", &*who)];
    let error = alert(&api, &meter, "5", &with(&only(&who), &two)).refused(400);
    assert_eq!(text(&error, "param"), "usage_threshold[filters]");
    assert!(rows(&api.get("/v1/billing/alerts", &[]).ok()).is_empty());
    for _ in 0..25 {
        alert(&api, &meter, "5", &only(&who)).ok();
    }
    let sentence = "There can be at most 25 alerts for a meter and a customer.";
    says(alert(&api, &meter, "5", &only(&who)), 400, sentence);
    alert(&api, &meter, "5", &[]).ok();
    api.post(&format!("/v1/billing/meters/{meter}/deactivate"), &[]).ok();
    invalid(alert(&api, &meter, "5", &[]), 400, None, Some("usage_threshold[meter]"));
}
