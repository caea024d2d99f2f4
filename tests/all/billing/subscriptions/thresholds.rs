//! What was used is billed when it reaches a threshold (billing-2 11.2, 5.1).

use serde_json::{Value, json};

use super::metered::{WEEK, metered, newest, price_by, uses};
use super::{DAY, amounts, billed, change, item, lines, newest_event, price, subscribe, the_subscription};
use crate::billing::invoices::{event_count, events_since, payer};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, int, rows, text};

const AMOUNT: (&str, &str) = ("billing_thresholds[amount_gte]", "100");
const USAGE: (&str, &str) = ("items[0][billing_thresholds][usage_gte]", "10");
const RESETS: (&str, &str) = ("billing_thresholds[reset_billing_cycle_anchor]", "true");

/// A customer who pays five cents a week for each call, with a threshold.
fn caller(api: &Client, params: Params<'_>) -> (String, Value) {
    let (customer, (_, price)) = (payer(api), metered(api, "sum"));
    let made = subscribe(api, &customer, &price, params).ok();
    (customer, made)
}

/// The reasons and amounts of a subscription's invoices, the oldest first.
fn bills(api: &Client, made: &Value) -> Vec<(String, i64)> {
    let listed = api.get("/v1/invoices", &[("subscription", &id(made))]).ok();
    let bill = |invoice: &Value| (text(invoice, "billing_reason").to_owned(), int(invoice, "total"));
    rows(&listed).iter().rev().map(bill).collect()
}

#[test]
fn usage_that_reaches_an_amount_is_billed_at_once_and_the_rest_with_the_renewal() {
    let api = sandbox("threshold-amount");
    let (customer, made) = caller(&api, &[AMOUNT]);
    assert_eq!(made["billing_thresholds"], json!({"amount_gte": 100, "reset_billing_cycle_anchor": false}));
    let start = int(&made, "created");
    uses(&api, &customer, "19", &[]);
    assert_eq!(bills(&api, &made), []);
    api.advance(DAY);
    let since = event_count(&api);
    uses(&api, &customer, "3", &[]);
    assert_eq!(events_since(&api, since), ["invoice.created", "customer.subscription.updated"]);
    let invoice = newest(&api, &made);
    assert_eq!((text(&invoice, "billing_reason"), text(&invoice, "status")), ("subscription_threshold", "draft"));
    assert_eq!(
        (&invoice["auto_advance"], billed(&invoice)),
        (&json!(true), vec![("22 \u{d7} Calls (at $0.05 / week)", 110)])
    );
    assert_eq!(invoice["threshold_reason"], json!({"amount_gte": 100, "item_reasons": []}));
    let now = int(&invoice, "created");
    assert_eq!(lines(&invoice)[0]["period"], json!({"start": start, "end": now}));
    let after = the_subscription(&api, &made);
    assert_eq!(after["billing_cycle_anchor"], made["billing_cycle_anchor"]);
    assert_eq!(after["items"]["data"][0]["current_period_end"], json!(start + WEEK));
    // What comes while it is a draft is not on it.
    uses(&api, &customer, "2", &[]);
    api.advance(2 * 3600);
    let paid = newest(&api, &made);
    assert_eq!((text(&paid, "status"), int(&paid, "amount_paid")), ("paid", 110));
    api.advance(WEEK - DAY);
    assert_eq!(bills(&api, &made), [("subscription_threshold".to_owned(), 110), ("subscription_cycle".to_owned(), 10)]);
    uses(&api, &customer, "1", &[]);
    api.advance(WEEK);
    assert_eq!(amounts(&newest(&api, &made)), [5], "a new period begins with nothing billed");
}

#[test]
fn usage_of_an_item_that_reaches_a_number_is_billed_and_says_by_which_line() {
    let api = sandbox("threshold-usage");
    let (customer, made) = caller(&api, &[USAGE]);
    assert_eq!(made["items"]["data"][0]["billing_thresholds"], json!({"usage_gte": 10}));
    uses(&api, &customer, "9", &[]);
    assert_eq!(bills(&api, &made), []);
    for calls in ["1", "10"] {
        uses(&api, &customer, calls, &[]);
        let invoice = newest(&api, &made);
        assert_eq!(amounts(&invoice), [50]);
        let line = text(&lines(&invoice)[0], "id");
        assert_eq!(
            invoice["threshold_reason"],
            json!({"amount_gte": null, "item_reasons": [{"line_item_ids": [line], "usage_gte": 10}]})
        );
    }
    assert_eq!(bills(&api, &made).len(), 2);
}

#[test]
fn a_threshold_that_resets_the_anchor_begins_a_new_period() {
    let api = sandbox("threshold-reset");
    let (customer, (_, by_usage)) = (payer(&api), metered(&api, "sum"));
    let gold = price(&api, "1000", "week", &[]);
    let made = subscribe(&api, &customer, &by_usage, &[("items[1][price]", &gold), AMOUNT, RESETS]).ok();
    api.advance(2 * DAY);
    uses(&api, &customer, "30", &[]);
    let invoice = newest(&api, &made);
    let now = int(&invoice, "created");
    assert_eq!(text(&invoice, "billing_reason"), "subscription_threshold");
    assert_eq!(
        billed(&invoice),
        [("1 \u{d7} Gold (at $10.00 / week)", 1000), ("30 \u{d7} Calls (at $0.05 / week)", 150)]
    );
    let after = the_subscription(&api, &made);
    assert_eq!(int(&after, "billing_cycle_anchor"), now);
    for item in rows(&after["items"]) {
        assert_eq!((int(item, "current_period_start"), int(item, "current_period_end")), (now, now + WEEK));
    }
    assert_eq!(
        newest_event(&api, "customer.subscription.updated")["data"]["object"]["billing_cycle_anchor"],
        json!(now)
    );
    uses(&api, &customer, "1", &[]);
    api.advance(WEEK + 60);
    let renewal = newest(&api, &made);
    assert_eq!((text(&renewal, "billing_reason"), int(&renewal, "total")), ("subscription_cycle", 1005));
}

#[test]
fn tiers_go_on_after_a_threshold() {
    let api = sandbox("threshold-tiers");
    let (customer, (meter, _)) = (payer(&api), metered(&api, "sum"));
    let tiers = |mode: &'static str| {
        [
            ("billing_scheme", "tiered"),
            ("tiers_mode", mode),
            ("tiers[0][up_to]", "100"),
            ("tiers[0][unit_amount]", "2"),
            ("tiers[0][flat_amount]", "50"),
            ("tiers[1][up_to]", "inf"),
            ("tiers[1][unit_amount]", "1"),
        ]
    };
    let (graduated, volume) = (price_by(&api, &meter, &tiers("graduated")), price_by(&api, &meter, &tiers("volume")));
    let packs = [("unit_amount", "50"), ("transform_quantity[divide_by]", "100"), ("transform_quantity[round]", "up")];
    let packs = price_by(&api, &meter, &packs);
    let usage = ("items[0][billing_thresholds][usage_gte]", "60");
    let made = [graduated, volume, packs].map(|price| subscribe(&api, &customer, &price, &[usage]).ok());
    uses(&api, &customer, "80", &[]);
    let first = made.each_ref().map(|made| int(&newest(&api, made), "total"));
    assert_eq!(first, [210, 210, 50]);
    uses(&api, &customer, "70", &[]);
    let second = made.each_ref().map(|made| int(&newest(&api, made), "total"));
    // 20 at two cents and 50 at one; all 70 at one; a second hundred has begun.
    assert_eq!(second, [90, 70, 50]);
    api.advance(WEEK + 60);
    let last = made.each_ref().map(|made| int(&newest(&api, made), "total"));
    assert_eq!(last, [0, 0, 0]);
}

#[test]
fn what_waits_counts_and_discounts_are_taken_off_first() {
    let api = sandbox("threshold-waits");
    let half = id(&api.post("/v1/coupons", &[("percent_off", "50"), ("duration", "forever")]).ok());
    let (customer, made) = caller(&api, &[AMOUNT, ("discounts[0][coupon]", &half)]);
    uses(&api, &customer, "30", &[]);
    assert_eq!(bills(&api, &made), [], "75 after the discount");
    let extra = [("customer", &*customer), ("currency", "usd"), ("amount", "60"), ("subscription", &id(&made))];
    let since = event_count(&api);
    api.post("/v1/invoiceitems", &extra).ok();
    assert_eq!(events_since(&api, since), ["invoiceitem.created", "invoice.created", "customer.subscription.updated"]);
    assert_eq!(bills(&api, &made), [("subscription_threshold".to_owned(), 105)]);
    assert_eq!(amounts(&newest(&api, &made)), [60, 150]);
}

#[test]
fn no_threshold_is_reached_in_a_trial_or_in_the_last_day() {
    let api = sandbox("threshold-quiet");
    let (customer, (_, by_usage)) = (payer(&api), metered(&api, "sum"));
    let tried = subscribe(&api, &customer, &by_usage, &[AMOUNT, ("trial_period_days", "7")]).ok();
    let made = subscribe(&api, &customer, &by_usage, &[AMOUNT]).ok();
    api.advance(WEEK - DAY + 60);
    uses(&api, &customer, "100", &[]);
    assert_eq!(bills(&api, &made), []);
    assert_eq!(bills(&api, &tried).len(), 1, "the trial's own invoice");
    api.advance(DAY + 3600);
    assert_eq!(bills(&api, &made), [("subscription_cycle".to_owned(), 500)]);
}

#[test]
fn usage_records_reach_a_threshold_too() {
    let api = sandbox("threshold-records").version("2024-06-20");
    let params = [
        ("currency", "usd"),
        ("unit_amount", "5"),
        ("product_data[name]", "Calls"),
        ("recurring[interval]", "week"),
        ("recurring[usage_type]", "metered"),
    ];
    let (customer, price) = (payer(&api), id(&api.post("/v1/prices", &params).ok()));
    let made = subscribe(&api, &customer, &price, &[AMOUNT]).ok();
    let records = format!("/v1/subscription_items/{}/usage_records", item(&made));
    api.post(&records, &[("quantity", "20")]).ok();
    assert_eq!(
        (text(&newest(&api, &made), "billing_reason"), amounts(&newest(&api, &made))),
        ("subscription_threshold", vec![100])
    );
}

#[test]
fn a_threshold_invoice_drops_a_change_that_waits() {
    let api = sandbox("threshold-pending");
    let (customer, (_, by_usage)) = (payer(&api), metered(&api, "sum"));
    let gold = price(&api, "1000", "week", &[]);
    let made = subscribe(&api, &customer, &by_usage, &[("items[1][price]", &gold), AMOUNT]).ok();
    super::switch_card(&api, &customer, "pm_card_chargeCustomerFail");
    let licensed = rows(&made["items"])[1]["id"].as_str().unwrap().to_owned();
    let more = [
        ("items[0][id]", licensed.as_str()),
        ("items[0][quantity]", "3"),
        ("payment_behavior", "pending_if_incomplete"),
        ("proration_behavior", "always_invoice"),
    ];
    let waiting = change(&api, &made, &more).ok();
    assert!(waiting["pending_update"].is_object(), "{waiting}");
    uses(&api, &customer, "20", &[]);
    let after = the_subscription(&api, &made);
    assert_eq!(after["pending_update"], json!(null));
    assert_eq!(text(&newest(&api, &made), "billing_reason"), "subscription_threshold");
    let open = api.get(&format!("/v1/invoices/{}", text(&waiting, "latest_invoice")), &[]).ok();
    assert_eq!(text(&open, "status"), "void");
}

#[test]
fn phases_set_thresholds() {
    let api = sandbox("threshold-phases");
    let (customer, (_, by_usage)) = (payer(&api), metered(&api, "sum"));
    let phase = [
        ("customer", customer.as_str()),
        ("start_date", "now"),
        ("phases[0][items][0][price]", &by_usage),
        ("phases[0][items][0][billing_thresholds][usage_gte]", "10"),
        ("phases[0][billing_thresholds][amount_gte]", "5000"),
        ("phases[0][duration][interval]", "month"),
    ];
    let schedule = api.post("/v1/subscription_schedules", &phase).ok();
    let made = api.get(&format!("/v1/subscriptions/{}", text(&schedule, "subscription")), &[]).ok();
    assert_eq!(made["billing_thresholds"]["amount_gte"], 5000);
    assert_eq!(made["items"]["data"][0]["billing_thresholds"], json!({"usage_gte": 10}));
}
