//! Wallets, bank redirects and codes (intents-and-checkout 1.7).

use serde_json::{Value, json};

use super::{BACK, after, pay_with, run_early, told};
use crate::support::client::sandbox;
use crate::support::decisions::{decide, open, press};
use crate::support::flows::{customer, id, int, intent, invalid, text, the_intent, with};

/// Data of a type that an intent with automatic payment methods may be paid with.
const IDEAL: (&str, &str) = ("payment_method_data[type]", "ideal");

/// The types that take the customer to another page, with a currency that each takes.
const REDIRECTS: &[(&str, &str)] = &[
    ("affirm", "usd"),
    ("afterpay_clearpay", "usd"),
    ("alma", "eur"),
    ("amazon_pay", "usd"),
    ("bancontact", "eur"),
    ("billie", "eur"),
    ("crypto", "usd"),
    ("eps", "eur"),
    ("giropay", "eur"),
    ("grabpay", "sgd"),
    ("ideal", "eur"),
    ("kakao_pay", "krw"),
    ("klarna", "usd"),
    ("mobilepay", "dkk"),
    ("naver_pay", "krw"),
    ("p24", "pln"),
    ("paypal", "usd"),
    ("revolut_pay", "gbp"),
    ("twint", "chf"),
    ("zip", "aud"),
];

#[test]
fn the_customer_authorizes_on_our_page() {
    let api = sandbox("redirect-authorize");
    for (kind, currency) in REDIRECTS {
        let made = pay_with(&api, kind, currency, &[BACK]).ok();
        assert_eq!((text(&made, "status"), &made["latest_charge"]), ("requires_action", &Value::Null), "{kind}");
        let redirect = &made["next_action"]["redirect_to_url"];
        assert_eq!((&made["next_action"]["type"], text(redirect, "return_url")), (&json!("redirect_to_url"), BACK.1));
        decide(&api, text(redirect, "url"), "succeeded").ok();
        let (paid, charge) = after(&api, &made);
        assert_eq!((text(&paid, "status"), &paid["next_action"]), ("succeeded", &Value::Null), "{kind}");
        assert!(id(&charge).starts_with("py_3"), "{charge}");
        let details = &charge["payment_method_details"];
        assert_eq!((text(details, "type"), details[*kind].is_object()), (*kind, true), "{charge}");
        let row = text(&charge, "balance_transaction");
        let row = api.get(&format!("/v1/balance_transactions/{row}"), &[]).ok();
        assert_eq!((text(&row, "type"), int(&row, "amount")), ("payment", 2000));
    }
}

#[test]
fn the_page_names_the_type_and_sends_the_browser_back() {
    let api = sandbox("redirect-page");
    let made = pay_with(&api, "ideal", "eur", &[BACK]).ok();
    let link = text(&made["next_action"]["redirect_to_url"], "url");
    let shown = open(&api, link).text;
    for text in ["iDEAL test payment page", "€20.00", ">Authorize Test Payment</a>", ">Fail Test Payment</a>"] {
        assert!(shown.contains(text), "{text} is not on the page:\n{shown}");
    }
    let pressed = press(&api, link, "succeeded");
    let back = pressed.header("location").unwrap();
    assert!(back.starts_with(&format!("{}?payment_intent={}&", BACK.1, id(&made))), "{back}");
    assert!(back.ends_with("redirect_status=succeeded"), "{back}");
}

#[test]
fn a_customer_who_fails_needs_another_method() {
    let api = sandbox("redirect-fail");
    for (kind, currency, code, decline) in [
        ("ideal", "eur", "payment_intent_authentication_failure", Value::Null),
        ("klarna", "usd", "payment_intent_authentication_failure", Value::Null),
        ("affirm", "usd", "payment_intent_payment_attempt_failed", json!("affirm_checkout_canceled")),
    ] {
        let made = pay_with(&api, kind, currency, &[BACK]).ok();
        let link = text(&made["next_action"]["redirect_to_url"], "url");
        let pressed = press(&api, link, "failed");
        assert!(pressed.header("location").unwrap().ends_with("redirect_status=failed"));
        let failed = the_intent(&api, &id(&made));
        assert_eq!((text(&failed, "status"), &failed["payment_method"]), ("requires_payment_method", &Value::Null));
        let error = &failed["last_payment_error"];
        assert_eq!((text(error, "code"), &error["decline_code"]), (code, &decline), "{kind}");
        assert_eq!(text(error, "payment_method_type"), kind);
    }
}

#[test]
fn sofort_settles_after_the_customer_came_back() {
    let api = sandbox("redirect-sofort");
    let country = [BACK, ("payment_method_data[sofort][country]", "DE")];
    let made = pay_with(&api, "sofort", "eur", &country).ok();
    let pressed = press(&api, text(&made["next_action"]["redirect_to_url"], "url"), "succeeded");
    assert!(pressed.header("location").unwrap().ends_with("redirect_status=pending"));
    assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "succeeded");
}

#[test]
fn what_can_be_held_is_captured_later() {
    let api = sandbox("redirect-hold");
    let manual = ("capture_method", "manual");
    let made = pay_with(&api, "klarna", "usd", &[BACK, manual]).ok();
    decide(&api, text(&made["next_action"]["redirect_to_url"], "url"), "succeeded").ok();
    let (held, charge) = after(&api, &made);
    assert_eq!((text(&held, "status"), int(&held, "amount_capturable")), ("requires_capture", 2000));
    assert_eq!(charge["captured"], json!(false));
    let captured = api.post(&format!("/v1/payment_intents/{}/capture", id(&made)), &[]).ok();
    assert_eq!(text(&captured, "status"), "succeeded");
    let error = intent(&api, &[BACK, IDEAL, ("confirm", "true"), ("currency", "eur"), manual]);
    let error = invalid(error, 400, Some("payment_intent_invalid_parameter"), Some("capture_method"));
    assert_eq!(error["message"], "Payments with ideal are captured at once: `capture_method` cannot be `manual`.");
}

#[test]
fn a_redirect_needs_a_way_back() {
    let api = sandbox("redirect-return-url");
    let error = pay_with(&api, "bancontact", "eur", &[]);
    invalid(error, 400, Some("payment_intent_redirect_confirmation_without_return_url"), Some("return_url"));
    let made = pay_with(&api, "bancontact", "eur", &[("use_stripe_sdk", "true")]).ok();
    assert_eq!(text(&made, "status"), "requires_action");
}

#[test]
fn a_type_takes_its_own_currencies() {
    let api = sandbox("redirect-currency");
    let error = intent(&api, &[BACK, IDEAL, ("confirm", "true")]);
    invalid(error, 400, Some("payment_intent_invalid_currency"), Some("currency"));
}

#[test]
fn other_types_have_a_next_action_of_their_own() {
    let api = sandbox("redirect-codes");
    for (kind, currency, action, link) in [
        ("alipay", "usd", "alipay_handle_redirect", "url"),
        ("cashapp", "usd", "cashapp_handle_redirect_or_display_qr_code", "hosted_instructions_url"),
        ("wechat_pay", "usd", "wechat_pay_display_qr_code", "hosted_instructions_url"),
        ("paynow", "sgd", "paynow_display_qr_code", "hosted_instructions_url"),
        ("promptpay", "thb", "promptpay_display_qr_code", "hosted_instructions_url"),
        ("swish", "sek", "swish_handle_redirect_or_display_qr_code", "hosted_instructions_url"),
        ("upi", "inr", "upi_handle_redirect_or_display_qr_code", "hosted_instructions_url"),
    ] {
        let made = pay_with(&api, kind, currency, &[BACK]).ok();
        assert_eq!((text(&made, "status"), text(&made["next_action"], "type")), ("requires_action", action));
        decide(&api, text(&made["next_action"][action], link), "succeeded").ok();
        let (paid, charge) = after(&api, &made);
        assert_eq!(text(&paid, "status"), "succeeded", "{kind}");
        assert_eq!(charge["payment_method_details"]["type"], kind);
    }
}

#[test]
fn blik_is_approved_in_the_app_at_once() {
    let api = sandbox("redirect-blik");
    let code = ("payment_method_options[blik][code]", "123456");
    let made = pay_with(&api, "blik", "pln", &[code]).ok();
    assert_eq!(made["next_action"]["type"], "blik_authorize");
    assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "succeeded");
}

#[test]
fn a_saved_wallet_pays_while_the_customer_is_away() {
    let api = sandbox("redirect-saved");
    let owner = customer(&api, &[]);
    let save = [BACK, ("customer", &*owner), ("setup_future_usage", "off_session")];
    let made = pay_with(&api, "paypal", "usd", &save).ok();
    decide(&api, text(&made["next_action"]["redirect_to_url"], "url"), "succeeded").ok();
    let (paid, _) = after(&api, &made);
    let method = text(&paid, "payment_method");
    let again = [("customer", &*owner), ("payment_method", method), ("off_session", "true")];
    assert_eq!(text(&pay_with(&api, "paypal", "usd", &again).ok(), "status"), "succeeded");
    let loose = [("off_session", "true")];
    invalid(pay_with(&api, "paypal", "usd", &loose), 400, None, None);
    let ideal = with(&save[1..], &[BACK]);
    let error = pay_with(&api, "ideal", "eur", &ideal);
    invalid(error, 400, Some("payment_intent_invalid_parameter"), Some("setup_future_usage"));
}

#[test]
fn a_pix_code_is_paid_or_expires_by_the_email_address() {
    let api = sandbox("redirect-pix");
    let email = |address| [("payment_method_data[billing_details][email]", address)];
    let made = pay_with(&api, "pix", "brl", &email("succeed_immediately@example.com")).ok();
    let code = &made["next_action"]["pix_display_qr_code"];
    assert_eq!(int(code, "expires_at"), int(&made, "created") + 14_400);
    assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "succeeded");
    let made = pay_with(&api, "pix", "brl", &email("someone@example.com")).ok();
    assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "requires_action");
    assert_eq!(run_early(&api, &id(&made)), 1);
    assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "succeeded");
}

#[test]
fn what_becomes_of_a_redirect_is_told() {
    let api = sandbox("redirect-events");
    let made = pay_with(&api, "ideal", "eur", &[BACK, ("capture_method", "automatic")]).ok();
    decide(&api, text(&made["next_action"]["redirect_to_url"], "url"), "succeeded").ok();
    let paid =
        ["payment_intent.created", "payment_intent.requires_action", "charge.succeeded", "payment_intent.succeeded"];
    assert_eq!(told(&api), paid);
}
