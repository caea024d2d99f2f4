//! Trials (billing-2 4.3, billing 4.6).

use serde_json::json;

use super::{DAY, billed, change, latest, price, subscribe, switch_card, the_subscription};
use crate::billing::invoices::{event_count, events_since, payer};
use crate::support::client::sandbox;
use crate::support::flows::{customer, int, rows, text};

#[test]
fn a_trial_has_a_paid_invoice_of_nothing() {
    let api = sandbox("sub-trial");
    let (customer, price) = (customer(&api, &[]), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[("trial_period_days", "30")]).ok();
    let (created, end) = (int(&made, "created"), int(&made, "trial_end"));
    assert_eq!((text(&made, "status"), end), ("trialing", created + 30 * DAY));
    assert_eq!((int(&made, "billing_cycle_anchor"), int(&made, "trial_start")), (end, created));
    assert_eq!(int(&rows(&made["items"])[0], "current_period_end"), end);
    assert!(text(&made, "pending_setup_intent").starts_with("seti_"));
    let invoice = latest(&api, &made);
    assert_eq!(billed(&invoice), [("Free trial for 1 \u{d7} Gold", 0)]);
    let shown = ["status", "attempt_count", "attempted", "auto_advance", "amount_due"];
    assert_eq!(json!(shown.map(|key| &invoice[key])), json!(["paid", 0, true, false, 0]));
    assert!(text(&invoice, "number").ends_with("-0001"));
    let classic = [("trial_period_days", "30"), ("billing_mode[type]", "classic")];
    let classic = subscribe(&api, &customer, &price, &classic).ok();
    assert_eq!(billed(&latest(&api, &classic)), [("Trial period for Gold", 0)]);
}

#[test]
fn a_saved_method_is_no_longer_waited_for() {
    let api = sandbox("sub-trial-setup");
    let (customer, price) = (customer(&api, &[]), price(&api, "1000", "month", &[]));
    let saved = [("trial_period_days", "30"), ("payment_settings[save_default_payment_method]", "on_subscription")];
    let made = subscribe(&api, &customer, &price, &saved).ok();
    let path = format!("/v1/setup_intents/{}/confirm", text(&made, "pending_setup_intent"));
    let intent = api.post(&path, &[("payment_method", "pm_card_visa"), ("return_url", "https://a.example")]).ok();
    let now = the_subscription(&api, &made);
    assert_eq!(now["pending_setup_intent"], json!(null));
    assert_eq!(now["default_payment_method"], intent["payment_method"]);
}

#[test]
fn at_its_end_a_trial_is_billed_after_the_draft_hour() {
    let api = sandbox("sub-trial-end");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[("trial_period_days", "10")]).ok();
    let end = int(&made, "trial_end");
    let since = event_count(&api);
    api.advance(7 * DAY + 60);
    assert_eq!(events_since(&api, since), ["invoice.upcoming", "customer.subscription.trial_will_end"]);
    let since = event_count(&api);
    api.advance(3 * DAY);
    assert_eq!(events_since(&api, since), ["invoice.created", "customer.subscription.updated"]);
    let now = the_subscription(&api, &made);
    assert_eq!((text(&now, "status"), int(&now, "billing_cycle_anchor")), ("active", end));
    let invoice = latest(&api, &now);
    assert_eq!(billed(&invoice), [("1 \u{d7} Gold (at $10.00 / month)", 1000)]);
    let shown = ["status", "billing_reason", "period_start", "period_end", "next_payment_attempt"];
    let expected = json!(["draft", "subscription_cycle", made["created"], end, end + 3600]);
    assert_eq!(json!(shown.map(|key| &invoice[key])), expected);
    api.advance(3600);
    assert_eq!(text(&latest(&api, &now), "status"), "paid");
}

#[test]
fn without_a_method_a_trial_ends_as_it_is_told() {
    let api = sandbox("sub-trial-missing");
    let (customer, price) = (customer(&api, &[]), price(&api, "1000", "month", &[]));
    let end_as = |behavior: &str| {
        let key = "trial_settings[end_behavior][missing_payment_method]";
        subscribe(&api, &customer, &price, &[("trial_period_days", "2"), (key, behavior)]).ok()
    };
    let [billed_on, canceled, paused] = ["create_invoice", "cancel", "pause"].map(end_as);
    api.advance(2 * DAY + 60);
    let [billed_on, canceled, paused] = [billed_on, canceled, paused].map(|made| the_subscription(&api, &made));
    assert_eq!((text(&billed_on, "status"), text(&latest(&api, &billed_on), "status")), ("active", "draft"));
    assert_eq!(text(&canceled, "status"), "canceled");
    assert_eq!(text(&canceled["cancellation_details"], "reason"), "cancellation_requested");
    assert_eq!(text(&paused, "status"), "paused");
    let why = &paused["status_details"]["paused"]["subscription"]["type"];
    assert_eq!(why, "trial_end_without_payment_method");
    assert_eq!(billed(&latest(&api, &paused)), [("Free trial for 1 \u{d7} Gold", 0)]);
    api.advance(3600);
    let failed = the_subscription(&api, &billed_on);
    assert_eq!((text(&failed, "status"), int(&latest(&api, &failed), "attempt_count")), ("past_due", 1));
    // Nothing is tried again without a payment method, and nothing ends; a method pays by a call.
    api.advance(20 * DAY);
    let waiting = the_subscription(&api, &billed_on);
    assert_eq!((text(&waiting, "status"), int(&latest(&api, &waiting), "attempt_count")), ("past_due", 1));
    switch_card(&api, &customer, "pm_card_visa");
    api.advance(5 * DAY);
    assert_eq!(text(&the_subscription(&api, &billed_on), "status"), "past_due");
    api.post(&format!("/v1/invoices/{}/pay", text(&latest(&api, &waiting), "id")), &[]).ok();
    assert_eq!(text(&the_subscription(&api, &billed_on), "status"), "active");
}

#[test]
fn a_trial_that_is_ended_early_is_billed_at_once() {
    let api = sandbox("sub-trial-early");
    let (customer, price) = (customer(&api, &[]), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[("trial_period_days", "30")]).ok();
    let refused = change(&api, &made, &[("trial_end", "now")]).refused(400);
    assert_eq!(refused["code"], "resource_missing");
    switch_card(&api, &customer, "pm_card_visa");
    let now = change(&api, &made, &[("trial_end", "now"), ("off_session", "true")]).ok();
    assert_eq!(text(&now, "status"), "active");
    let invoice = latest(&api, &now);
    let shown = ["status", "billing_reason", "total"];
    assert_eq!(json!(shown.map(|key| &invoice[key])), json!(["paid", "subscription_update", 1000]));
    assert_eq!(invoice["period_start"], invoice["period_end"]);
    assert_eq!(now["billing_cycle_anchor"], invoice["period_start"]);
    let nobody = crate::support::flows::customer(&api, &[]);
    let made = subscribe(&api, &nobody, &price, &[("trial_period_days", "30")]).ok();
    let later = [("trial_end", "now"), ("payment_behavior", "default_incomplete")];
    let invoice = latest(&api, &change(&api, &made, &later).ok());
    assert_eq!((text(&invoice, "status"), &invoice["attempted"]), ("open", &json!(false)));
}

#[test]
fn the_days_of_a_plan_count_if_they_are_asked_for() {
    let api = sandbox("sub-trial-plan");
    let customer = payer(&api);
    let price = price(&api, "1000", "month", &[("recurring[trial_period_days]", "5")]);
    assert_eq!(text(&subscribe(&api, &customer, &price, &[]).ok(), "status"), "active");
    let made = subscribe(&api, &customer, &price, &[("trial_from_plan", "true")]).ok();
    assert_eq!(int(&made, "trial_end"), int(&made, "created") + 5 * DAY);
    assert_eq!(text(&subscribe(&api, &customer, &price, &[("trial_end", "now")]).ok(), "status"), "active");
}

#[test]
fn pending_items_are_charged_beside_the_trial() {
    let api = sandbox("sub-trial-items");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    crate::billing::invoices::item(&api, &customer, "700");
    let made = subscribe(&api, &customer, &price, &[("trial_period_days", "30")]).ok();
    let invoice = latest(&api, &made);
    assert_eq!(
        (text(&made, "status"), text(&invoice, "status"), int(&invoice, "amount_paid")),
        ("trialing", "paid", 700)
    );
}

#[test]
fn in_classic_mode_a_trial_ends_with_its_subscription() {
    let api = sandbox("sub-trial-cancel");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let now = int(&api.get(&format!("/v1/customers/{customer}"), &[]).ok(), "created");
    let end = (now + 10 * DAY).to_string();
    let shown = |made: &serde_json::Value| json!([made["trial_end"], rows(&made["items"])[0]["current_period_end"]]);
    for (mode, expected) in [("classic", now + 10 * DAY), ("flexible", now + 20 * DAY)] {
        let trial = [("billing_mode[type]", mode), ("trial_period_days", "20")];
        let made = subscribe(&api, &customer, &price, &trial).ok();
        let changed = change(&api, &made, &[("cancel_at", &end)]).ok();
        assert_eq!((&changed["trial_end"], text(&changed, "status")), (&json!(expected), "trialing"), "{mode}");
        let at_once = [trial[0], trial[1], ("cancel_at", &end)];
        let made = subscribe(&api, &customer, &price, &at_once).ok();
        assert_eq!(made["trial_end"], json!(expected), "{mode}: {}", shown(&made));
        assert_eq!(shown(&changed)[1], shown(&made)[1], "{mode}");
    }
}
