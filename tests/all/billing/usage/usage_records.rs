//! Usage records of versions before meters (billing 5.1, billing-2 11.2).

use super::*;

/// A version with usage records, and the item of a metered subscription in it.
fn item(name: &str) -> (Client, String) {
    let api = still(name).version("2024-06-20");
    let price = [
        ("currency", "usd"),
        ("unit_amount", "5"),
        ("product_data[name]", "Calls"),
        ("recurring[interval]", "month"),
        ("recurring[usage_type]", "metered"),
    ];
    let price = id(&api.post("/v1/prices", &price).ok());
    let who = customer(&api, &[]);
    let made = api.post("/v1/subscriptions", &[("customer", who.as_str()), ("items[0][price]", &price)]).ok();
    let item = id(&made["items"]["data"][0]);
    (api, format!("/v1/subscription_items/{item}"))
}

fn report(api: &Client, item: &str, quantity: &str, more: &[(&str, &str)]) -> Answer {
    api.post(&format!("{item}/usage_records"), &with(&[("quantity", quantity)], more))
}

fn total(api: &Client, item: &str) -> i64 {
    let listed = api.get(&format!("{item}/usage_record_summaries"), &[]).ok();
    let [row] = rows(&listed) else { panic!("{listed}") };
    assert_eq!((&row["invoice"], text(row, "object")), (&Value::Null, "usage_record_summary"));
    int(row, "total_usage")
}

#[test]
fn usage_at_one_time_is_added_up_or_replaced() {
    let (api, item) = item("records-action");
    assert_eq!(total(&api, &item), 0);
    let made = report(&api, &item, "3", &[]).ok();
    assert!(id(&made).starts_with("mbur_"), "{made}");
    assert_eq!((int(&made, "quantity"), int(&made, "timestamp")), (3, NOW));
    let more = report(&api, &item, "4", &[("timestamp", "now")]).ok();
    assert_eq!((id(&more), int(&more, "quantity")), (id(&made), 7));
    let at = (NOW + 60).to_string();
    report(&api, &item, "10", &[("timestamp", &at), ("action", "increment")]).ok();
    assert_eq!(total(&api, &item), 17);
    assert_eq!(int(&report(&api, &item, "2", &[("action", "set")]).ok(), "quantity"), 2);
    assert_eq!(total(&api, &item), 12);
}

#[test]
fn usage_is_within_the_period_and_not_below_zero() {
    let (api, item) = item("records-bounds");
    let at = |at: i64| report(&api, &item, "1", &[("timestamp", &at.to_string())]);
    let error = invalid(at(NOW - 1), 400, None, Some("timestamp"));
    let sentence = "Cannot create the usage record with this timestamp because timestamps must be after the subscription's last \
                    invoice period (or current period start time).";
    assert_eq!(text(&error, "message"), sentence);
    invalid(at(NOW + 301), 400, None, Some("timestamp"));
    let error = report(&api, &item, "-1", &[]).refused(400);
    assert_eq!(text(&error, "param"), "quantity");
    assert_eq!(total(&api, &item), 0);
    missing(
        report(&api, "/v1/subscription_items/si_none", "1", &[]),
        404,
        "subscription_item",
        "si_none",
        "subscription_item",
    );
}

#[test]
fn versions_with_meters_have_no_usage_records() {
    let (api, item) = item("records-newer");
    let newer = api.version("2025-03-31.basil");
    assert_eq!(report(&newer, &item, "1", &[]).status, 404);
    assert_eq!(newer.get(&format!("{item}/usage_record_summaries"), &[]).status, 404);
    assert_eq!(total(&api, &item), 0);
}
