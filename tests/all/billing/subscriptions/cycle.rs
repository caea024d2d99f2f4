//! Renewals (billing 4.4, billing-2 5.1, 12.3).

use serde_json::json;

use super::{
    DAY, billed, change, latest, lines, newest_event, price, price_of, product, set, subscribe, the_subscription,
};
use crate::billing::invoices::{event_count, events_since, item, payer};
use crate::support::client::sandbox;
use crate::support::flows::{id, int, rows, text};

#[test]
fn a_period_that_is_over_is_billed_after_the_draft_hour() {
    let api = sandbox("sub-renew");
    set(&api, "upcoming_days", "2");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let made = subscribe(&api, &customer, &price, &[("metadata[plan]", "gold")]).ok();
    let created = int(&made, "created");
    api.advance(4 * DAY);
    let since = event_count(&api);
    api.advance(DAY + 60);
    assert_eq!(events_since(&api, since), ["invoice.upcoming"]);
    let upcoming = newest_event(&api, "invoice.upcoming")["data"]["object"].clone();
    assert_eq!((text(&upcoming, "billing_reason"), int(&upcoming, "total")), ("upcoming", 1000));
    assert_eq!(billed(&upcoming), [("1 \u{d7} Gold (at $10.00 / week)", 1000)]);
    let since = event_count(&api);
    api.advance(2 * DAY);
    assert_eq!(events_since(&api, since), ["invoice.created", "customer.subscription.updated"]);
    let told = newest_event(&api, "customer.subscription.updated")["data"].clone();
    let before: Vec<&String> = told["previous_attributes"].as_object().unwrap().keys().collect();
    assert_eq!(before, ["items", "latest_invoice"]);
    assert_eq!(told["previous_attributes"]["items"]["data"][0]["current_period_start"], created);
    let now = the_subscription(&api, &made);
    let draft = latest(&api, &now);
    let at = created + 7 * DAY;
    let shown =
        ["status", "auto_advance", "attempted", "next_payment_attempt", "period_start", "period_end", "created"];
    let expected = json!(["draft", true, false, at + 3600, created, at, at]);
    assert_eq!(json!(shown.map(|key| &draft[key])), expected);
    assert_eq!(lines(&draft)[0]["period"], json!({"start": at, "end": at + 7 * DAY}));
    assert_eq!(draft["parent"]["subscription_details"]["metadata"], json!({"plan": "gold"}));
    assert_eq!(lines(&draft)[0]["metadata"], json!({"plan": "gold"}));
    let since = event_count(&api);
    api.advance(3600);
    assert_eq!(events_since(&api, since), crate::billing::invoices::PAID_AT_ONCE);
    assert_eq!(
        (int(&latest(&api, &now), "attempt_count"), text(&the_subscription(&api, &made), "status")),
        (1, "active")
    );
}

#[test]
fn a_year_has_twelve_renewals() {
    let api = sandbox("sub-year");
    set(&api, "upcoming_days", "0");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    api.advance(366 * DAY);
    let all = api.get("/v1/invoices", &[("subscription", &id(&made)), ("limit", "100")]).ok();
    assert_eq!(rows(&all).len(), 13);
    assert!(rows(&all).iter().all(|invoice| invoice["status"] == "paid"), "{all}");
    let mut ends: Vec<i64> = rows(&all).iter().map(|invoice| int(&lines(invoice)[0]["period"], "end")).collect();
    let mut starts: Vec<i64> = rows(&all).iter().map(|invoice| int(&lines(invoice)[0]["period"], "start")).collect();
    ends.sort_unstable();
    starts.sort_unstable();
    assert_eq!(ends[..12], starts[1..], "no gap and no overlap");
}

#[test]
fn pending_items_of_the_customer_come_first_on_a_renewal() {
    let api = sandbox("sub-renew-items");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    item(&api, &customer, "250");
    api.advance(7 * DAY + 60);
    let invoice = latest(&api, &the_subscription(&api, &made));
    let amounts: Vec<i64> = lines(&invoice).iter().map(|line| int(line, "amount")).collect();
    assert_eq!((amounts, int(&invoice, "total")), (vec![250, 1000], 1250));
}

#[test]
fn items_of_several_intervals_are_billed_each_in_its_time() {
    let api = sandbox("sub-mixed");
    let customer = payer(&api);
    let gold = product(&api, "Gold");
    let (weekly, fortnightly) = (
        price_of(&api, &gold, "1000", "week", &[]),
        price_of(&api, &gold, "1500", "week", &[("recurring[interval_count]", "2")]),
    );
    let made = subscribe(&api, &customer, &weekly, &[("items[1][price]", &fortnightly)]).ok();
    assert_eq!((&made["plan"], &made["quantity"]), (&json!(null), &json!(null)));
    assert_eq!(int(&latest(&api, &made), "total"), 2500);
    api.advance(7 * DAY + 60);
    let week = "1 \u{d7} Gold (at $10.00 / week)";
    assert_eq!(billed(&latest(&api, &the_subscription(&api, &made))), [(week, 1000)]);
    api.advance(7 * DAY);
    let both = [(week, 1000), ("1 \u{d7} Gold (at $15.00 every 2 weeks)", 1500)];
    assert_eq!(billed(&latest(&api, &the_subscription(&api, &made))), both);
}

#[test]
fn while_collection_is_paused_invoices_come_to_nothing() {
    let api = sandbox("sub-pause-collection");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let pause = |behavior: &str| {
        let made = subscribe(&api, &customer, &price, &[]).ok();
        change(&api, &made, &[("pause_collection[behavior]", behavior)]).ok()
    };
    let all = ["keep_as_draft", "void", "mark_uncollectible"].map(pause);
    assert_eq!(all[0]["pause_collection"], json!({"behavior": "keep_as_draft", "resumes_at": null}));
    api.advance(7 * DAY + 2 * 3600);
    let now = all.each_ref().map(|made| the_subscription(&api, made));
    let statuses = now.each_ref().map(|made| text(&latest(&api, made), "status").to_owned());
    assert_eq!(statuses, ["draft", "void", "uncollectible"]);
    assert!(now.iter().all(|made| made["status"] == "active"));
    let until = (int(&now[0], "created") + 10 * DAY).to_string();
    let resumes = [("pause_collection[behavior]", "void"), ("pause_collection[resumes_at]", until.as_str())];
    change(&api, &all[0], &resumes).ok();
    api.advance(4 * DAY);
    assert_eq!(the_subscription(&api, &all[0])["pause_collection"], json!(null));
    assert_eq!(change(&api, &all[1], &[("pause_collection", "")]).ok()["pause_collection"], json!(null));
}

#[test]
fn pending_items_may_be_billed_between_periods() {
    let api = sandbox("sub-interval");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[("pending_invoice_item_interval[interval]", "week")]).ok();
    assert_eq!(int(&made, "next_pending_invoice_item_invoice"), int(&made, "created") + 7 * DAY);
    item(&api, &customer, "250");
    api.advance(7 * DAY + 2 * 3600);
    let now = the_subscription(&api, &made);
    assert_eq!(int(&now, "next_pending_invoice_item_invoice"), int(&made, "created") + 14 * DAY);
    let invoice = latest(&api, &now);
    assert_eq!((text(&invoice, "status"), int(&invoice, "total")), ("paid", 250));
}

#[test]
fn an_invoice_that_is_sent_is_open_after_an_hour_and_overdue_at_its_date() {
    let api = sandbox("sub-sent");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let sent = [("collection_method", "send_invoice"), ("days_until_due", "5")];
    let made = subscribe(&api, &customer, &price, &sent).ok();
    let draft = latest(&api, &made);
    assert_eq!((text(&made, "status"), text(&draft, "status")), ("active", "draft"));
    assert_eq!((int(&draft, "due_date"), &draft["auto_advance"]), (int(&made, "created") + 5 * DAY, &json!(true)));
    api.advance(3660);
    assert_eq!(text(&latest(&api, &made), "status"), "open");
    api.advance(5 * DAY);
    assert_eq!(text(&the_subscription(&api, &made), "status"), "past_due");
    api.post(&format!("/v1/invoices/{}/pay", text(&made, "latest_invoice")), &[]).ok();
    assert_eq!(text(&the_subscription(&api, &made), "status"), "active");
}
