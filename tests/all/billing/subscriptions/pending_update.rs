//! Changes that wait to be paid (billing 2.6, billing-2 4.7).

use serde_json::{Value, json};

use super::{amounts, change, item, latest, price, subscribe, switch_card, the_subscription};
use crate::billing::invoices::{act, event_count, events_since, payer};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{int, invalid, rows, text, with};

const HOUR: i64 = 3_600;

/// A subscription with a change that waits, since the card is declined: its customer, itself, and the new price.
fn waiting(api: &Client) -> (String, Value, String) {
    let customer = payer(api);
    let (old, new) = (price(api, "1000", "month", &[]), price(api, "3000", "month", &[]));
    let made = subscribe(api, &customer, &old, &[]).ok();
    switch_card(api, &customer, "pm_card_chargeCustomerFail");
    let own = item(&made);
    let params = [
        ("items[0][id]", own.as_str()),
        ("items[0][price]", &new),
        ("proration_behavior", "always_invoice"),
        ("payment_behavior", "pending_if_incomplete"),
    ];
    let changed = change(api, &made, &params).ok();
    (customer, changed, new)
}

#[test]
fn a_change_that_is_not_paid_waits() {
    let api = sandbox("pending-waits");
    let (_, changed, new) = waiting(&api);
    assert_eq!(text(&changed, "status"), "active");
    assert_eq!(rows(&changed["items"])[0]["price"]["unit_amount"], 1000);
    let pending = &changed["pending_update"];
    let next = &pending["subscription_items"][0];
    assert_eq!((&next["id"], &next["price"]["id"]), (&json!(item(&changed)), &json!(new)));
    let invoice = latest(&api, &changed);
    assert_eq!(int(pending, "expires_at"), int(&invoice, "created") + 23 * HOUR);
    assert_eq!((text(&invoice, "status"), amounts(&invoice)), ("open", vec![-1000, 3000]));
}

#[test]
fn a_change_that_is_paid_is_applied() {
    let api = sandbox("pending-applied");
    let (customer, changed, new) = waiting(&api);
    switch_card(&api, &customer, "pm_card_visa");
    let before = event_count(&api);
    act(&api, text(&changed, "latest_invoice"), "pay", &[]).ok();
    let applied = the_subscription(&api, &changed);
    assert_eq!((&applied["pending_update"], text(&applied, "status")), (&json!(null), "active"));
    assert_eq!(rows(&applied["items"])[0]["price"]["id"], json!(new));
    let told = events_since(&api, before);
    let told: Vec<_> = told.iter().filter(|event| event.starts_with("customer.subscription")).collect();
    assert_eq!(told, ["customer.subscription.pending_update_applied", "customer.subscription.updated"]);
}

#[test]
fn a_change_that_is_paid_at_once_does_not_wait() {
    let api = sandbox("pending-paid");
    let customer = payer(&api);
    let (old, new) = (price(&api, "1000", "month", &[]), price(&api, "3000", "month", &[]));
    let made = subscribe(&api, &customer, &old, &[]).ok();
    let own = item(&made);
    let params = [
        ("items[0][id]", own.as_str()),
        ("items[0][price]", &new),
        ("proration_behavior", "always_invoice"),
        ("payment_behavior", "pending_if_incomplete"),
    ];
    let changed = change(&api, &made, &params).ok();
    assert_eq!((&changed["pending_update"], &changed["plan"]["id"]), (&json!(null), &json!(new)));
    assert_eq!(text(&latest(&api, &changed), "status"), "paid");
}

#[test]
fn a_new_item_may_wait_to_be_paid() {
    let api = sandbox("pending-item");
    let customer = payer(&api);
    let (old, new) = (price(&api, "1000", "month", &[]), price(&api, "3000", "month", &[]));
    let made = subscribe(&api, &customer, &old, &[]).ok();
    switch_card(&api, &customer, "pm_card_chargeCustomerFail");
    let waits = [("proration_behavior", "always_invoice"), ("payment_behavior", "pending_if_incomplete")];
    let about = [("subscription", text(&made, "id")), ("price", &new)];
    let item_of_it = api.post("/v1/subscription_items", &with(&about, &waits)).ok();
    let waiting = the_subscription(&api, &made);
    assert_eq!(rows(&waiting["items"]).len(), 1);
    assert_eq!(waiting["pending_update"]["subscription_items"][1]["id"], item_of_it["id"]);
    let path = format!("/v1/subscription_items/{}", item(&made));
    let more = [("quantity", "3"), ("off_session", "true"), ("payment_behavior", "error_if_incomplete"), waits[0]];
    assert_eq!(api.post(&path, &more).refused(402)["code"], "card_declined");
}

#[test]
fn a_change_that_nobody_pays_expires() {
    let api = sandbox("pending-expires");
    let (_, changed, _) = waiting(&api);
    let before = event_count(&api);
    api.advance(23 * HOUR + 1);
    let left = the_subscription(&api, &changed);
    assert_eq!((&left["pending_update"], text(&left, "status")), (&json!(null), "active"));
    assert_eq!(rows(&left["items"])[0]["price"]["unit_amount"], 1000);
    assert_eq!(text(&latest(&api, &changed), "status"), "void");
    let told = events_since(&api, before);
    assert!(told.contains(&"customer.subscription.pending_update_expired".to_owned()), "{told:?}");
    assert!(told.contains(&"invoice.voided".to_owned()), "{told:?}");
}

#[test]
fn a_change_is_gone_with_its_invoice() {
    let api = sandbox("pending-void");
    let (_, changed, _) = waiting(&api);
    act(&api, text(&changed, "latest_invoice"), "void", &[]).ok();
    let left = the_subscription(&api, &changed);
    assert_eq!((&left["pending_update"], &left["plan"]["amount"]), (&json!(null), &json!(1000)));
}

#[test]
fn a_new_change_replaces_the_one_that_waits() {
    let api = sandbox("pending-replaced");
    let (_, changed, _) = waiting(&api);
    let own = item(&changed);
    let params = [("items[0][id]", own.as_str()), ("items[0][quantity]", "2"), ("proration_behavior", "none")];
    let replaced = change(&api, &changed, &params).ok();
    assert_eq!((&replaced["pending_update"], &replaced["quantity"]), (&json!(null), &json!(2)));
    assert_eq!(text(&latest(&api, &changed), "status"), "void");
}

#[test]
fn little_can_wait() {
    let api = sandbox("pending-refused");
    let customer = payer(&api);
    let made = subscribe(&api, &customer, &price(&api, "1000", "month", &[]), &[]).ok();
    let waits = [("payment_behavior", "pending_if_incomplete")];
    let error = invalid(change(&api, &made, &with(&waits, &[("metadata[a]", "b")])), 400, None, Some("metadata"));
    let sentence = "`metadata` cannot be updated when `payment_behavior` is set to `pending_if_incomplete`.";
    assert_eq!(text(&error, "message"), sentence);
    let own = item(&made);
    let items = [("items[0][id]", own.as_str()), ("items[0][metadata][a]", "b")];
    invalid(change(&api, &made, &with(&waits, &items)), 400, None, Some("items[0][metadata]"));
    change(&api, &made, &[("collection_method", "send_invoice"), ("days_until_due", "3")]).ok();
    let items = [("items[0][id]", own.as_str()), ("items[0][quantity]", "2")];
    let error = invalid(change(&api, &made, &with(&waits, &items)), 400, None, Some("payment_behavior"));
    let sentence = "`payment_behavior` can only be `pending_if_incomplete` when `collection_method` is \
                    `charge_automatically`.";
    assert_eq!(text(&error, "message"), sentence);
}

/// A change to a dearer price, which waits while the card is declined.
fn to(api: &Client, made: &Value, price: &str, quantity: &str) -> Value {
    let own = item(made);
    let params = [
        ("items[0][id]", own.as_str()),
        ("items[0][price]", price),
        ("items[0][quantity]", quantity),
        ("proration_behavior", "always_invoice"),
        ("payment_behavior", "pending_if_incomplete"),
    ];
    change(api, made, &params).ok()
}

#[test]
fn what_waited_in_vain_was_neither_billed_nor_given_back() {
    let api = sandbox("pending-in-vain");
    let customer = payer(&api);
    let (old, new) = (price(&api, "3100", "month", &[]), price(&api, "6200", "month", &[]));
    let made = subscribe(&api, &customer, &old, &[]).ok();
    switch_card(&api, &customer, "pm_card_chargeCustomerFail");
    let first = to(&api, &made, &new, "2");
    assert_eq!(amounts(&latest(&api, &first)), [-3100, 12_400]);
    // The next one takes its place (billing-2 4.7): the invoice before is void.
    let second = to(&api, &made, &new, "3");
    assert_eq!(amounts(&latest(&api, &second)), [-3100, 18_600]);
    api.post(&format!("/v1/invoices/{}/void", text(&second, "latest_invoice")), &[]).ok();
    let third = to(&api, &made, &new, "1");
    assert_eq!(amounts(&latest(&api, &third)), [-3100, 6200]);
    // A cancellation gives back what was paid, whatever waits.
    super::cancel(&api, &made, &[("prorate", "true")]).ok();
    let left: Vec<i64> = super::pending(&api, &customer).iter().map(|item| item["amount"].as_i64().unwrap()).collect();
    assert_eq!(left, [-3100]);
}

#[test]
fn a_void_invoice_gave_nothing_back() {
    let api = sandbox("pending-void");
    let customer = payer(&api);
    let (old, new) = (price(&api, "3100", "month", &[]), price(&api, "6200", "month", &[]));
    let made = subscribe(&api, &customer, &old, &[]).ok();
    switch_card(&api, &customer, "pm_card_chargeCustomerFail");
    let own = item(&made);
    let always = |price: &str| {
        let params =
            [("items[0][id]", own.as_str()), ("items[0][price]", price), ("proration_behavior", "always_invoice")];
        latest(&api, &change(&api, &made, &params).ok())
    };
    let open = always(&new);
    assert_eq!((amounts(&open), text(&open, "status")), (vec![-3100, 6200], "open"));
    api.post(&format!("/v1/invoices/{}/void", text(&open, "id")), &[]).ok();
    switch_card(&api, &customer, "pm_card_visa");
    assert_eq!(amounts(&always(&old)), [-3100, 3100], "the first month was paid, and nothing else");
}
