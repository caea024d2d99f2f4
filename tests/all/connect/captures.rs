//! The platform's fee when less is captured than was held (billing 6.3, 6.4): it is at most what was captured.

use serde_json::{Value, json};

use super::funds::{has, platform};
use crate::support::client::Client;
use crate::support::flows::{charge, id, int, pay, rows, text, the_charge, with};

/// A capture of an intent or of a charge, and what the charge, the fee and the account show of it.
fn captured(api: &Client, theirs: &Client, seller: &str, by_intent: bool, more: &[(&str, &str)]) -> (i64, i64, i64) {
    let to = [("transfer_data[destination]", seller), ("application_fee_amount", "300")];
    let before = has(theirs);
    let charge_id = if by_intent {
        let held = pay(api, "pm_card_visa", &with(&to, &[("capture_method", "manual")])).ok();
        let more: Vec<_> =
            more.iter().map(|(key, value)| (key.replace("amount!", "amount_to_capture"), *value)).collect();
        let more: Vec<_> = more.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        api.post(&format!("/v1/payment_intents/{}/capture", id(&held)), &more).ok();
        text(&held, "latest_charge").to_owned()
    } else {
        let held = charge(api, &with(&to, &[("source", "tok_visa"), ("capture", "false")])).ok();
        let more: Vec<_> = more.iter().map(|(key, value)| (key.replace("amount!", "amount"), *value)).collect();
        let more: Vec<_> = more.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        api.post(&format!("/v1/charges/{}/capture", id(&held)), &more).ok();
        id(&held)
    };
    let shown = the_charge(api, &charge_id);
    let fee = match &shown["application_fee"] {
        Value::String(fee) => int(&api.get(&format!("/v1/application_fees/{fee}"), &[]).ok(), "amount"),
        _ => 0,
    };
    (int(&shown, "application_fee_amount"), fee, has(theirs) - before)
}

#[test]
fn the_fee_of_a_destination_charge_is_at_most_what_was_captured() {
    let (api, theirs, seller) = platform("cap-fee");
    for by_intent in [true, false] {
        let capture = |more: &[(&str, &str)]| captured(&api, &theirs, &seller, by_intent, more);
        assert_eq!(capture(&[]), (300, 300, 1700));
        assert_eq!(capture(&[("amount!", "1000")]), (300, 300, 700));
        assert_eq!(capture(&[("amount!", "200")]), (200, 200, 0));
        assert_eq!(capture(&[("amount!", "1000"), ("application_fee_amount", "100")]), (100, 100, 900));
        assert_eq!(capture(&[("amount!", "200"), ("application_fee_amount", "150")]), (150, 150, 50));
    }
}

#[test]
fn the_payment_at_the_destination_shows_the_fee_that_was_taken() {
    let (api, theirs, seller) = platform("cap-payment");
    captured(&api, &theirs, &seller, true, &[("amount!", "200")]);
    let payment = rows(&theirs.get("/v1/charges", &[]).ok())[0].clone();
    assert_eq!((int(&payment, "amount"), int(&payment, "application_fee_amount")), (200, 200));
    let fees = api.get("/v1/application_fees", &[("charge", &id(&payment))]).ok();
    assert_eq!(rows(&fees)[0]["id"], payment["application_fee"]);
    assert_eq!(fees["data"][0]["amount_refunded"], json!(0));
}
