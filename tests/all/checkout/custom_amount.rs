//! Amounts that the customer chooses: prices with `custom_unit_amount` (billing 1.2, intents-and-checkout 3.8).

use serde_json::{Value, json};

use super::{PAYMENT, browse, buy, create, intent_of, open, pay_with, read};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, int, invalid, text, with};

/// A session for a donation between 5 and 500 dollars.
fn donation(api: &Client, more: Params<'_>) -> Value {
    let bounds = [
        ("currency", "usd"),
        ("product_data[name]", "Donation"),
        ("custom_unit_amount[enabled]", "true"),
        ("custom_unit_amount[minimum]", "500"),
        ("custom_unit_amount[maximum]", "50000"),
    ];
    let price = id(&api.post("/v1/prices", &with(&bounds, more)).ok());
    create(api, &with(PAYMENT, &[("line_items[0][price]", &price), ("line_items[0][quantity]", "1")])).ok()
}

#[test]
fn the_customer_pays_what_it_chose() {
    let api = sandbox("cs-chooses");
    let made = donation(&api, &[]);
    assert_eq!((&made["amount_total"], text(&made, "payment_status")), (&json!(0), "unpaid"));
    buy(&api, &made, &[("payment_method", "pm_card_visa"), ("amount", "2500")]).ok();
    let paid = read(&api, &made);
    assert_eq!((int(&paid, "amount_subtotal"), int(&paid, "amount_total")), (2500, 2500));
    assert_eq!((text(&paid, "status"), text(&paid, "payment_status")), ("complete", "paid"));
    assert_eq!(int(&intent_of(&api, &paid), "amount_received"), 2500);
    let lines = api.get(&format!("/v1/checkout/sessions/{}/line_items", id(&paid)), &[]).ok();
    assert_eq!(int(&lines["data"][0], "amount_total"), 2500);
}

#[test]
fn a_preset_holds_until_the_customer_chooses() {
    let api = sandbox("cs-preset");
    let preset = [("custom_unit_amount[preset]", "1000")];
    let made = donation(&api, &preset);
    assert_eq!(int(&made, "amount_total"), 1000);
    assert_eq!(int(&pay_with(&api, &made, "pm_card_visa"), "amount_total"), 1000);
    let changed = donation(&api, &preset);
    buy(&api, &changed, &[("payment_method", "pm_card_visa"), ("amount", "700")]).ok();
    assert_eq!(int(&read(&api, &changed), "amount_total"), 700);
}

#[test]
fn an_amount_out_of_bounds_or_missing_or_not_asked_for_is_refused() {
    let api = sandbox("cs-bounds");
    let made = donation(&api, &[]);
    for amount in ["499", "50001", "-1"] {
        let refused = buy(&api, &made, &[("payment_method", "pm_card_visa"), ("amount", amount)]);
        invalid(refused, 400, Some("parameter_invalid_integer"), Some("amount"));
    }
    let missing = invalid(buy(&api, &made, &[("payment_method", "pm_card_visa")]), 400, None, Some("amount"));
    assert_eq!(missing["message"], "The customer has not chosen the amount of this Checkout Session yet.");
    assert_eq!(read(&api, &made), made);
    let fixed = open(&api, &[]);
    let refused = buy(&api, &fixed, &[("payment_method", "pm_card_visa"), ("amount", "2500")]);
    assert_eq!(
        invalid(refused, 400, None, Some("amount"))["message"],
        "The customer chooses no amount of this Checkout Session."
    );
}

#[test]
fn an_older_session_has_its_intent_once_the_amount_is_known() {
    let api = sandbox("cs-chooses-old");
    let old = api.version("2020-08-27");
    let made = donation(&old, &[]);
    assert_eq!(made["payment_intent"], json!(null));
    buy(&old, &made, &[("payment_method", "pm_card_visa"), ("amount", "900")]).ok();
    assert_eq!(int(&intent_of(&old, &read(&old, &made)), "amount"), 900);
    assert!(donation(&old, &[("custom_unit_amount[preset]", "1000")])["payment_intent"].is_string());
}

#[test]
fn the_page_asks_for_the_amount() {
    let api = sandbox("cs-chooses-page");
    let asking = browse(&api, "GET", text(&donation(&api, &[]), "url"), None).text;
    assert!(asking.contains("name=\"customUnitAmount\""), "{asking}");
    let fixed = browse(&api, "GET", text(&open(&api, &[]), "url"), None).text;
    assert!(!fixed.contains("name=\"customUnitAmount\""), "{fixed}");
}
