//! Vouchers (intents-and-checkout 1.7).

use serde_json::Value;

use super::{after, pay_with, run_early};
use crate::support::client::{Client, sandbox};
use crate::support::decisions::decide;
use crate::support::flows::{Params, id, int, text, the_intent, with};

const KINDS: &[(&str, &str)] = &[("boleto", "brl"), ("oxxo", "mxn"), ("konbini", "jpy"), ("multibanco", "eur")];

fn voucher(api: &Client, kind: &str, email: &str, params: Params<'_>) -> Value {
    let (_, currency) = KINDS.iter().find(|(known, _)| *known == kind).unwrap();
    let base = [("payment_method_data[billing_details][email]", email)];
    let tax = [("payment_method_data[boleto][tax_id]", "000.000.000-00")];
    let own: Params<'_> = if kind == "boleto" { &tax } else { &[] };
    let made = pay_with(api, kind, currency, &with(&with(&base, own), params)).ok();
    assert_eq!(text(&made, "status"), "requires_action");
    assert_eq!(made["next_action"]["type"], format!("{kind}_display_details"));
    made
}

fn details<'v>(made: &'v Value, kind: &str) -> &'v Value {
    &made["next_action"][format!("{kind}_display_details")]
}

#[test]
fn a_voucher_shows_its_number_and_is_paid_after_three_minutes() {
    let api = sandbox("voucher-paid");
    for (kind, _) in KINDS {
        let made = voucher(&api, kind, "ada@example.com", &[]);
        assert!(text(details(&made, kind), "hosted_voucher_url").contains(&id(&made)));
        assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "requires_action", "{kind}");
        assert_eq!(run_early(&api, &id(&made)), 1);
        let (paid, charge) = after(&api, &made);
        assert_eq!(text(&paid, "status"), "succeeded", "{kind}");
        assert_eq!((text(&charge, "status"), int(&charge, "amount")), ("succeeded", 2000));
        assert_eq!(charge["payment_method_details"]["type"], *kind);
        assert!(text(&charge, "receipt_url").starts_with(api.url()), "{charge}");
    }
}

#[test]
fn the_email_address_says_who_pays_at_once() {
    let api = sandbox("voucher-at-once");
    for (kind, _) in KINDS {
        let made = voucher(&api, kind, "ada+succeed_immediately@example.com", &[]);
        assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "succeeded", "{kind}");
    }
}

#[test]
fn the_email_address_says_which_voucher_expires() {
    let api = sandbox("voucher-expires");
    for (kind, _) in KINDS {
        let made = voucher(&api, kind, "expire_immediately@example.com", &[]);
        let expired = the_intent(&api, &id(&made));
        assert_eq!((text(&expired, "status"), &expired["payment_method"]), ("requires_payment_method", &Value::Null));
        assert_eq!(text(&expired["last_payment_error"], "code"), "payment_intent_payment_attempt_expired", "{kind}");
        let made = voucher(&api, kind, "expire_with_delay@example.com", &[]);
        let field = if *kind == "oxxo" { "expires_after" } else { "expires_at" };
        assert_eq!(int(details(&made, kind), field), int(&made, "created") + 180);
        assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "requires_action");
        run_early(&api, &id(&made));
        assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "requires_payment_method");
    }
}

#[test]
fn a_voucher_that_nobody_pays_expires_when_it_says() {
    let api = sandbox("voucher-unpaid");
    let days = ("payment_method_options[boleto][expires_after_days]", "1");
    let made = voucher(&api, "boleto", "fill_never@example.com", &[days]);
    let expiry = int(details(&made, "boleto"), "expires_at");
    let day = (expiry + 1 - 3 * 3_600) % 86_400;
    assert_eq!(day, 0, "the end of a day in Brazil");
    let days = (expiry - int(&made, "created")) as f64 / 86_400.0;
    assert!((1.0..=2.0).contains(&days), "{days}");
    run_early(&api, &id(&made));
    assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "requires_payment_method");
}

#[test]
fn a_konbini_number_says_how_it_ends() {
    let api = sandbox("voucher-konbini");
    let number = |number| [("payment_method_options[konbini][confirmation_number]", number)];
    let made = voucher(&api, "konbini", "ada@example.com", &number("22222222220"));
    let store = &details(&made, "konbini")["stores"]["lawson"];
    assert_eq!(text(store, "confirmation_number"), "22222222220");
    assert!(text(store, "payment_code").len() >= 6);
    assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "succeeded");
    let made = voucher(&api, "konbini", "ada@example.com", &number("33333333330"));
    assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "requires_payment_method");
}

#[test]
fn the_page_pays_a_voucher_sooner_and_once() {
    let api = sandbox("voucher-page");
    let made = voucher(&api, "oxxo", "ada@example.com", &[]);
    let page = text(details(&made, "oxxo"), "hosted_voucher_url");
    decide(&api, page, "succeeded").ok();
    assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "succeeded");
    assert_eq!(decide(&api, page, "failed").status, 409);
    let charges = api.get("/v1/charges", &[("payment_intent", &id(&made))]).ok();
    assert_eq!(charges["data"].as_array().map(Vec::len), Some(1));
    // What the customer was going to do by themselves is forgotten; the charge's money is all that is left.
    assert_eq!(run_early(&api, &id(&made)), 0);
}

#[test]
fn an_intent_that_takes_another_voucher_forgets_the_first() {
    let api = sandbox("voucher-again");
    let made = voucher(&api, "multibanco", "expire_with_delay@example.com", &[]);
    let again = [
        ("payment_method_data[type]", "multibanco"),
        ("payment_method_data[billing_details][email]", "fill_never@example.com"),
    ];
    let again = api.post(&format!("/v1/payment_intents/{}/confirm", id(&made)), &again).ok();
    let span = int(details(&again, "multibanco"), "expires_at") - int(&again, "created");
    assert!((7 * 86_400..=8 * 86_400).contains(&span), "{span}");
    assert_eq!(run_early(&api, &id(&made)), 1);
}
