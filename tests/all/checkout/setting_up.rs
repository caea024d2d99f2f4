//! Sessions that set up a payment method (intents-and-checkout 3.2).

use serde_json::json;

use super::{SHOP, buy, create, read};
use crate::events::resource::{events, types};
use crate::support::client::{Client, sandbox};
use crate::support::decisions::decide;
use crate::support::flows::{Params, customer, id, rows, text, with};

fn open(api: &Client, more: Params<'_>) -> serde_json::Value {
    create(api, &with(&[("mode", "setup"), ("currency", "usd"), ("success_url", SHOP)], more)).ok()
}

#[test]
fn a_setup_attaches_the_method_to_the_customer() {
    let api = sandbox("cs-setup");
    let buyer = customer(&api, &[("email", "jenny@example.com")]);
    let made = open(&api, &[("customer", &buyer), ("setup_intent_data[description]", "For later")]);
    assert_eq!((text(&made, "payment_status"), made["setup_intent"].is_string()), ("no_payment_required", true));
    assert_eq!((&made["amount_total"], &made["payment_method_collection"]), (&json!(null), &json!("always")));
    buy(&api, &made, &[]).ok();
    let done = read(&api, &made);
    assert_eq!((text(&done, "status"), text(&done, "payment_status")), ("complete", "no_payment_required"));
    let intent = api.get(&format!("/v1/setup_intents/{}", text(&done, "setup_intent")), &[]).ok();
    assert_eq!((text(&intent, "status"), text(&intent, "description")), ("succeeded", "For later"));
    assert_eq!(text(&intent, "customer"), buyer);
    let methods = api.get(&format!("/v1/customers/{buyer}/payment_methods"), &[]).ok();
    assert_eq!(rows(&methods)[0]["id"], intent["payment_method"]);
    let all = events(&api, &[]);
    let told = types(&all);
    assert_eq!(told[1], "setup_intent.created", "{told:?}");
    assert_eq!(told.last(), Some(&"checkout.session.completed"), "{told:?}");
    for name in ["payment_method.attached", "setup_intent.succeeded"] {
        assert!(told.contains(&name), "{name} is not in {told:?}");
    }
}

#[test]
fn a_setup_makes_a_customer_only_if_it_is_told_to() {
    let api = sandbox("cs-setup-customer");
    let always = open(&api, &[("customer_creation", "always")]);
    buy(&api, &always, &[("email", "jenny@example.com")]).ok();
    let buyer = api.get(&format!("/v1/customers/{}", text(&read(&api, &always), "customer")), &[]).ok();
    assert_eq!(text(&buyer, "email"), "jenny@example.com");
    let guest = open(&api, &[]);
    buy(&api, &guest, &[]).ok();
    assert_eq!(read(&api, &guest)["customer"], json!(null));
}

#[test]
fn a_setup_that_is_declined_or_waits_leaves_the_session_open() {
    let api = sandbox("cs-setup-waits");
    let made = open(&api, &[]);
    buy(&api, &made, &[("payment_method", "pm_card_chargeDeclined")]).refused(402);
    assert_eq!(text(&read(&api, &made), "status"), "open");
    let answer = buy(&api, &made, &[("payment_method", "pm_card_authenticationRequired")]).ok();
    assert_eq!(text(&answer, "status"), "open");
    decide(&api, text(&answer, "next_url"), "succeeded").ok();
    assert_eq!(text(&read(&api, &made), "status"), "complete");
}

#[test]
fn an_expired_setup_cancels_what_it_began() {
    let api = sandbox("cs-setup-expired");
    let made = open(&api, &[]);
    buy(&api, &made, &[("payment_method", "pm_card_authenticationRequired")]).ok();
    api.post(&format!("/v1/checkout/sessions/{}/expire", id(&made)), &[]).ok();
    let intent = api.get(&format!("/v1/setup_intents/{}", text(&read(&api, &made), "setup_intent")), &[]).ok();
    assert_eq!(text(&intent, "status"), "canceled");
}
