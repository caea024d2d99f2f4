//! Verifying an account by its microdeposits (intents-and-checkout 1.3, 1.7; core-payments 7.6).

use serde_json::{Value, json};

use super::{MANDATE, after, pay_with, run_early};
use crate::support::client::{Answer, Client, encode, raw, sandbox};
use crate::support::decisions::decide;
use crate::support::flows::{Params, id, invalid, text, the_intent, with};

/// An intent that is paid from an account whose number was typed in.
fn typed_in(api: &Client, number: &str) -> Value {
    let account = [
        ("payment_method_data[us_bank_account][account_number]", number),
        ("payment_method_data[us_bank_account][routing_number]", "110000000"),
        ("payment_method_data[us_bank_account][account_holder_type]", "individual"),
        ("payment_method_data[billing_details][name]", "Ada"),
        MANDATE,
    ];
    pay_with(api, "us_bank_account", "usd", &account).ok()
}

fn verify(api: &Client, intent: &Value, params: Params<'_>) -> Answer {
    api.post(&format!("/v1/payment_intents/{}/verify_microdeposits", id(intent)), params)
}

#[test]
fn an_account_that_was_typed_in_waits_for_its_microdeposits() {
    let api = sandbox("micro-waits");
    let made = typed_in(&api, "000123456789");
    assert_eq!((text(&made, "status"), &made["latest_charge"]), ("requires_action", &Value::Null));
    assert_eq!(made["next_action"]["type"], "verify_with_microdeposits");
    let details = &made["next_action"]["verify_with_microdeposits"];
    assert_eq!(details["microdeposit_type"], "descriptor_code");
    assert!(details["arrival_date"].as_i64().unwrap() > made["created"].as_i64().unwrap());
    assert!(text(details, "hosted_verification_url").contains(&id(&made)));
}

#[test]
fn the_amounts_or_the_code_verify_it() {
    let api = sandbox("micro-verifies");
    for params in [&[("amounts[]", "45"), ("amounts[]", "32")][..], &[("descriptor_code", "SM11AA")]] {
        let made = typed_in(&api, "000123456789");
        let verified = verify(&api, &made, params).ok();
        assert_eq!((text(&verified, "status"), &verified["next_action"]), ("processing", &Value::Null));
        assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "succeeded");
    }
}

#[test]
fn an_account_that_is_verified_may_still_fail() {
    let api = sandbox("micro-then-fails");
    let made = typed_in(&api, "000111111113");
    verify(&api, &made, &[("descriptor_code", "SM11AA")]).ok();
    let (failed, charge) = after(&api, &made);
    assert_eq!(text(&failed["last_payment_error"], "code"), "account_closed");
    assert_eq!(text(&charge, "failure_code"), "account_closed");
}

#[test]
fn a_number_that_stands_for_another_may_be_deactivated() {
    let api = sandbox("micro-deactivated");
    let made = typed_in(&api, "000888888885");
    verify(&api, &made, &[("descriptor_code", "SM11AA")]).ok();
    let (failed, _) = after(&api, &made);
    let error = &failed["last_payment_error"];
    assert_eq!(text(error, "message"), "The tokenized account number has been deactivated.");
    assert_eq!(text(error, "code"), "tokenized_account_number_deactivated");
}

#[test]
fn a_customer_verifies_with_the_client_secret() {
    let api = sandbox("micro-public");
    let made = typed_in(&api, "000123456789");
    verify(&api.publishable(), &made, &[("descriptor_code", "SM11AA")]).refused(400);
    let secret = encode(&[("descriptor_code", "SM11AA"), ("client_secret", text(&made, "client_secret"))]);
    let target = format!("/v1/payment_intents/{}/verify_microdeposits", id(&made));
    let key = ("Authorization".to_owned(), "Bearer pk_test_sandbox_micro-public".to_owned());
    let body = ("application/x-www-form-urlencoded", secret.as_bytes());
    let verified = raw(api.url(), "POST", &target, &[key], Some(body)).ok();
    assert_eq!((text(&verified, "status"), verified.get("latest_charge")), ("processing", None));
}

#[test]
fn a_code_may_be_wrong_nine_times_and_amounts_twice() {
    let api = sandbox("micro-wrong");
    for (params, attempts, what, sentence) in [
        (
            &[("descriptor_code", "SM00XX")][..],
            10,
            "descriptor_code_mismatch",
            "The verification code provided does not match the one sent to the bank account.",
        ),
        (
            &[("amounts[]", "1"), ("amounts[]", "2")],
            3,
            "amounts_mismatch",
            "The amounts provided do not match the amounts that were sent to the bank account.",
        ),
    ] {
        let made = typed_in(&api, "000123456789");
        for attempt in 1..attempts {
            let error = verify(&api, &made, params).refused(400);
            assert_eq!(error["code"], format!("payment_method_microdeposit_verification_{what}"));
            let left = format!("{sentence} You have {} verification attempts remaining.", attempts - attempt);
            assert_eq!(text(&error, "message"), left);
            assert_eq!(text(&error["payment_intent"], "status"), "requires_action");
        }
        let error = verify(&api, &made, params).refused(400);
        assert_eq!(text(&error, "code"), "payment_method_microdeposit_verification_attempts_exceeded");
        let over = the_intent(&api, &id(&made));
        assert_eq!(text(&over, "status"), "requires_payment_method");
        assert_eq!(over["last_payment_error"]["code"], error["code"]);
    }
}

#[test]
fn the_time_for_it_ends() {
    let api = sandbox("micro-late");
    let made = typed_in(&api, "000123456789");
    assert_eq!(run_early(&api, &id(&made)), 1);
    let late = the_intent(&api, &id(&made));
    assert_eq!(text(&late["last_payment_error"], "code"), "payment_method_microdeposit_verification_timeout");
}

#[test]
fn the_test_values_that_end_it_do() {
    let api = sandbox("micro-ends");
    for (params, code) in [
        (&[("descriptor_code", "SM33CC")][..], "attempts_exceeded"),
        (&[("amounts[]", "40"), ("amounts[]", "41")], "timeout"),
    ] {
        let made = typed_in(&api, "000123456789");
        let error = verify(&api, &made, params).refused(400);
        assert_eq!(error["code"], format!("payment_method_microdeposit_verification_{code}"));
        assert_eq!(text(&error["payment_intent"], "status"), "requires_payment_method");
    }
}

#[test]
fn microdeposits_that_never_come_end_it() {
    let api = sandbox("micro-lost");
    let made = typed_in(&api, "000666666661");
    assert_eq!(text(&made, "status"), "requires_action");
    let failed = the_intent(&api, &id(&made));
    assert_eq!(text(&failed, "status"), "requires_payment_method");
    assert_eq!(text(&failed["last_payment_error"], "code"), "payment_method_microdeposit_failed");
}

#[test]
fn what_is_sent_is_checked_before_it_counts() {
    let api = sandbox("micro-checks");
    let made = typed_in(&api, "000123456789");
    invalid(verify(&api, &made, &[]), 400, None, None);
    invalid(
        verify(&api, &made, &[("amounts[]", "32")]),
        400,
        Some("payment_method_microdeposit_verification_amounts_invalid"),
        Some("amounts"),
    );
    let both = with(&[("descriptor_code", "SM11AA")], &[("amounts[]", "32"), ("amounts[]", "45")]);
    verify(&api, &made, &both).refused(400);
    let error = verify(&api, &made, &[("descriptor_code", "SM00XX")]).refused(400);
    assert!(text(&error, "message").contains("have 9 "), "nothing before counted: {error}");
}

#[test]
fn only_an_intent_that_waits_for_them_can_be_verified() {
    let api = sandbox("micro-state");
    let done =
        pay_with(&api, "us_bank_account", "usd", &[("payment_method", "pm_usBankAccount_success"), MANDATE]).ok();
    let error = invalid(verify(&api, &done, &[("descriptor_code", "SM11AA")]), 400, Some("intent_invalid_state"), None);
    assert_eq!(
        error["message"],
        json!(
            "This PaymentIntent cannot be actioned on because it has a status of succeeded. Only a PaymentIntent with one \
             of the following statuses may be actioned on: [\"requires_action\"]."
        )
    );
    assert_eq!(error["payment_intent"]["id"], done["id"]);
}

#[test]
fn our_page_verifies_too() {
    let api = sandbox("micro-page");
    let made = typed_in(&api, "000123456789");
    let page = text(&made["next_action"]["verify_with_microdeposits"], "hosted_verification_url");
    decide(&api, page, "succeeded").ok();
    assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "succeeded");
}
