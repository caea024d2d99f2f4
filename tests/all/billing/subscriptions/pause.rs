//! Pausing and resuming (billing 2.12, billing-2 4.8).

use serde_json::json;

use super::{DAY, act, cancel, change, latest, price, subscribe, switch_card, the_subscription};
use crate::billing::invoices::{event_count, events_since, payer};
use crate::support::client::sandbox;
use crate::support::flows::{customer, int, rows, says, text};

#[test]
fn a_paused_subscription_bills_nothing_until_it_is_resumed() {
    let api = sandbox("sub-pause");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    says(act(&api, &made, "resume", &[]), 400, "You can only resume a subscription if it is `paused`.");
    let since = event_count(&api);
    let paused = act(&api, &made, "pause", &[("type", "subscription")]).ok();
    assert_eq!(
        events_since(&api, since),
        ["invoiceitem.created", "customer.subscription.updated", "customer.subscription.paused"]
    );
    assert_eq!(text(&paused, "status"), "paused");
    assert_eq!(paused["status_details"]["paused"]["subscription"]["type"], "pause_requested");
    assert!(int(&rows(&paused["items"])[0], "current_period_end") <= int(&made, "created") + 60);
    api.advance(20 * DAY);
    assert_eq!(the_subscription(&api, &made)["latest_invoice"], made["latest_invoice"]);
    says(
        change(&api, &made, &[("trial_end", "now")]),
        400,
        "You cannot set `trial_end` while a subscription is `paused`. Resume the subscription first before setting \
         `trial_end`.",
    );
    let since = event_count(&api);
    let resumed = act(&api, &made, "resume", &[]).ok();
    let told = events_since(&api, since);
    let place = told.iter().position(|name| name == "customer.subscription.resumed").unwrap();
    assert_eq!(told[place + 1], "customer.subscription.updated");
    assert_eq!((text(&resumed, "status"), resumed.get("status_details")), ("active", None));
    let invoice = latest(&api, &resumed);
    // The time that was paid and not used is given back.
    assert_eq!((text(&invoice, "status"), super::amounts(&invoice)), ("paid", vec![-1000, 1000]));
    assert!(int(&resumed, "billing_cycle_anchor") > int(&made, "billing_cycle_anchor") + 19 * DAY);
}

#[test]
fn what_costs_nothing_is_resumed_at_once() {
    let api = sandbox("sub-resume-free");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    act(&api, &made, "pause", &[]).ok();
    api.advance(9 * DAY);
    let unchanged = [("billing_cycle_anchor", "unchanged"), ("proration_behavior", "none")];
    let resumed = act(&api, &made, "resume", &unchanged).ok();
    assert_eq!((text(&resumed, "status"), &resumed["latest_invoice"]), ("active", &made["latest_invoice"]));
    assert_eq!(int(&rows(&resumed["items"])[0], "current_period_end"), int(&made, "created") + 14 * DAY);
}

#[test]
fn resuming_prorates_from_a_date_of_the_period() {
    let api = sandbox("sub-resume-dated");
    let (customer, price) = (payer(&api), price(&api, "700", "week", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let start = int(&made, "created");
    act(&api, &made, "pause", &[("bill_for[unused_time_from][type]", "none")]).ok();
    api.advance(4 * DAY);
    let at = |days: i64| (start + days * DAY).to_string();
    let (second, late) = (at(2), at(8));
    let dated =
        |date: &str, more: &[(&str, &str)]| act(&api, &made, "resume", &[&[("proration_date", date)], more].concat());
    let unchanged = ("billing_cycle_anchor", "unchanged");
    says(dated(&second, &[]), 400, "You cannot specify `proration_date` when `billing_cycle_anchor=now`");
    let none = [unchanged, ("proration_behavior", "none")];
    says(dated(&second, &none), 400, "You cannot specify `proration_date` when `proration_behavior=none`");
    let outside = "Cannot specify a `proration_date` outside of the current period of the subscription.";
    says(dated(&late, &[unchanged]), 400, outside);
    assert_eq!(text(&the_subscription(&api, &made), "status"), "paused");
    let resumed = dated(&second, &[unchanged]).ok();
    assert_eq!((text(&resumed, "status"), int(&latest(&api, &resumed), "total")), ("active", 500));
}

#[test]
fn what_is_not_paid_stays_paused_and_is_given_up() {
    let api = sandbox("sub-resume-wait");
    let (customer, price) = (customer(&api, &[]), price(&api, "1000", "week", &[]));
    let pause = [("trial_period_days", "2"), ("trial_settings[end_behavior][missing_payment_method]", "pause")];
    let made = subscribe(&api, &customer, &price, &pause).ok();
    api.advance(2 * DAY + 60);
    let waiting = act(&api, &made, "resume", &[]).ok();
    assert_eq!(text(&waiting, "status"), "paused");
    assert!(waiting["pending_update"]["expires_at"].is_i64());
    assert!(text(&waiting, "pending_setup_intent").starts_with("seti_"));
    let open = latest(&api, &waiting);
    assert_eq!((text(&open, "status"), &open["attempted"]), ("open", &json!(false)));
    api.advance(DAY);
    let given_up = the_subscription(&api, &made);
    assert_eq!((text(&given_up, "status"), &given_up["pending_update"]), ("paused", &json!(null)));
    assert_eq!(text(&latest(&api, &given_up), "status"), "void");
    switch_card(&api, &customer, "pm_card_visa");
    let success = [("payment_behavior", "resume_on_payment_success")];
    let waiting = act(&api, &made, "resume", &success).ok();
    assert_eq!(text(&waiting, "status"), "paused");
    api.post(&format!("/v1/invoices/{}/pay", text(&waiting, "latest_invoice")), &[]).ok();
    assert_eq!(text(&the_subscription(&api, &made), "status"), "active");
    act(&api, &made, "pause", &[("bill_for[unused_time_from][type]", "none")]).ok();
    switch_card(&api, &customer, "pm_card_chargeCustomerFail");
    assert_eq!(text(&act(&api, &made, "resume", &[]).ok(), "status"), "past_due");
}

#[test]
fn not_everything_can_be_paused() {
    let api = sandbox("sub-pause-refused");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let refused = |params: &[(&str, &str)], why: &str| {
        let made = subscribe(&api, &customer, &price, params).ok();
        says(act(&api, &made, "pause", &[]), 400, &format!("This subscription cannot be paused: {why}."));
    };
    refused(&[("billing_mode[type]", "classic")], "its billing mode is `classic`");
    refused(&[("collection_method", "send_invoice"), ("days_until_due", "1")], "its invoices are sent");
    refused(&[("trial_period_days", "1")], "it is in a trial");
    refused(&[("payment_behavior", "default_incomplete")], "it is `incomplete`");
    let made = subscribe(&api, &customer, &price, &[]).ok();
    act(&api, &made, "pause", &[]).ok();
    says(act(&api, &made, "pause", &[]), 400, "This subscription cannot be paused: it is `paused` already.");
    cancel(&api, &made, &[]).ok();
    assert_eq!(act(&api, &made, "resume", &[]).refused(404)["param"], "id");
}

#[test]
fn a_pause_gives_back_what_is_paid_and_bills_what_was_used() {
    let api = sandbox("sub-pause-bills");
    let (customer, gold) = (payer(&api), price(&api, "700", "week", &[]));
    let (_, by_usage) = super::metered::metered(&api, "sum");
    let unused = |from: &'static str| ("bill_for[unused_time_from][type]", from);
    let used = |until: &'static str| ("bill_for[outstanding_usage_through][type]", until);
    for (params, pending) in [
        (&[][..], vec![100, -400]),
        (&[unused("none")], vec![100]),
        (&[used("none")], vec![-400]),
        (&[unused("item_current_period_start"), used("none")], vec![-700]),
        (&[unused("none"), used("none")], vec![]),
    ] {
        let made = subscribe(&api, &customer, &gold, &[("items[1][price]", &by_usage)]).ok();
        api.advance(3 * DAY);
        super::metered::uses(&api, &customer, "20", &[]);
        act(&api, &made, "pause", params).ok();
        let items = super::pending(&api, &customer);
        assert_eq!(items.iter().map(|item| int(item, "amount")).collect::<Vec<_>>(), pending, "{params:?}");
        cancel(&api, &made, &[]).ok();
        for item in items {
            api.delete(&format!("/v1/invoiceitems/{}", text(&item, "id")));
        }
        api.advance(60);
    }
    let made = subscribe(&api, &customer, &gold, &[]).ok();
    api.advance(3 * DAY);
    let paused = act(&api, &made, "pause", &[("invoicing_behavior", "invoice")]).ok();
    assert_eq!(text(&paused, "status"), "paused");
    let invoice = latest(&api, &paused);
    assert_eq!((text(&invoice, "status"), text(&invoice, "billing_reason")), ("paid", "subscription_update"));
    assert_eq!((int(&invoice, "total"), super::pending(&api, &customer).len()), (-400, 0));
}
