//! What a declined payment leaves behind (intents-and-checkout 1.8, 1.9).

use serde_json::{Value, json};

use super::{confirm, loose, open};
use crate::support::client::sandbox;
use crate::support::flows::{attached, customer, id, ids, int, keys, pay, text, the_charge, the_intent};

/// Test id, `code`, `decline_code` where it is certain, message (intents-and-checkout 1.8, core-payments 7.3).
const DECLINES: &[(&str, &str, Option<&str>, &str)] = &[
    ("pm_card_chargeDeclined", "card_declined", Some("generic_decline"), "Your card was declined."),
    ("pm_card_visa_chargeDeclined", "card_declined", Some("generic_decline"), "Your card was declined."),
    (
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "card_declined",
        Some("insufficient_funds"),
        "Your card has insufficient funds.",
    ),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", Some("lost_card"), "Your card was declined."),
    ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", Some("stolen_card"), "Your card was declined."),
    (
        "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        "card_declined",
        Some("card_velocity_exceeded"),
        "Your card was declined.",
    ),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", None, "Your card has expired."),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None, "Your card's security code is incorrect."),
    (
        "pm_card_chargeDeclinedProcessingError",
        "processing_error",
        None,
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    ("pm_card_radarBlock", "card_declined", Some("fraudulent"), "Your card was declined."),
    ("pm_card_chargeDeclinedFraudulent", "card_declined", Some("fraudulent"), "Your card was declined."),
    ("pm_card_chargeCustomerFail", "card_declined", Some("generic_decline"), "Your card was declined."),
];

#[test]
fn each_declining_method_has_its_error_and_its_failed_charge() {
    let api = sandbox("pi-declines");
    for (method, code, decline_code, message) in DECLINES {
        let error = pay(&api, method, &[]).refused(402);
        assert_eq!(
            (text(&error, "type"), text(&error, "code"), text(&error, "message")),
            ("card_error", *code, *message)
        );
        assert!(decline_code.is_none() || error["decline_code"].as_str() == *decline_code, "{method}: {error}");
        let failed = the_charge(&api, text(&error, "charge"));
        assert_eq!(
            (text(&failed, "status"), &failed["paid"], &failed["captured"]),
            ("failed", &json!(false), &json!(false))
        );
        assert_eq!((text(&failed, "failure_code"), text(&failed, "failure_message")), (*code, *message));
        assert_eq!((&failed["balance_transaction"], int(&failed, "amount_captured")), (&Value::Null, 0));
        let after = &error["payment_intent"];
        assert_eq!((text(after, "status"), &after["payment_method"]), ("requires_payment_method", &Value::Null));
        assert_eq!((&after["latest_charge"], &failed["payment_intent"]), (&failed["id"], &after["id"]));
        assert_eq!(after["last_payment_error"]["code"], *code);
    }
}

/// Test id, `code`, `decline_code`, `param`, `advice_code`, `network_advice_code`, `network_decline_code`.
type Codes = (&'static str, [Option<&'static str>; 6]);

/// What declines were recorded with in 2026.
const CODES: &[Codes] = &[
    row("chargeDeclined", "card_declined", "generic_decline", None, "try_again_later", [None, Some("01")]),
    row(
        "chargeDeclinedInsufficientFunds",
        "card_declined",
        "insufficient_funds",
        None,
        "try_again_later",
        [Some("02"), Some("51")],
    ),
    row("chargeDeclinedLostCard", "card_declined", "lost_card", None, "do_not_try_again", [Some("01"), Some("41")]),
    row("chargeDeclinedStolenCard", "card_declined", "stolen_card", None, "do_not_try_again", [Some("01"), Some("43")]),
    row(
        "chargeDeclinedExpiredCard",
        "expired_card",
        "expired_card",
        Some("exp_month"),
        "confirm_card_data",
        [Some("03"), Some("54")],
    ),
    row(
        "chargeDeclinedIncorrectCvc",
        "incorrect_cvc",
        "incorrect_cvc",
        Some("cvc"),
        "confirm_card_data",
        [Some("03"), Some("N7")],
    ),
    row(
        "chargeDeclinedProcessingError",
        "processing_error",
        "processing_error",
        None,
        "try_again_later",
        [None, Some("06")],
    ),
    row(
        "chargeDeclinedVelocityLimitExceeded",
        "card_declined",
        "card_velocity_exceeded",
        None,
        "try_again_later",
        [Some("02"), Some("61")],
    ),
];

const fn row(
    method: &'static str,
    code: &'static str,
    decline_code: &'static str,
    param: Option<&'static str>,
    advice: &'static str,
    [network_advice, network]: [Option<&'static str>; 2],
) -> Codes {
    (method, [Some(code), Some(decline_code), param, Some(advice), network_advice, network])
}

#[test]
fn a_decline_has_the_codes_of_the_issuer_in_the_error_and_in_the_intent() {
    const KEYS: [&str; 6] =
        ["code", "decline_code", "param", "advice_code", "network_advice_code", "network_decline_code"];
    let api = sandbox("pi-decline-codes");
    for (method, codes) in CODES {
        let made = open(&api, &[]);
        let error = confirm(&api, &made, &[("payment_method", &format!("pm_card_{method}"))]).refused(402);
        assert_eq!(KEYS.map(|key| error[key].as_str()), *codes, "{method}");
        let last = &error["payment_intent"]["last_payment_error"];
        assert_eq!(KEYS.map(|key| last[key].as_str()), *codes, "{method}");
    }
}

#[test]
fn a_decline_has_exactly_the_recorded_keys() {
    let api = sandbox("pi-decline-keys");
    let made = open(&api, &[]);
    let error = confirm(&api, &made, &[("payment_method", "pm_card_chargeDeclined")]).refused(402);
    assert_eq!(
        keys(&error),
        [
            "advice_code",
            "charge",
            "code",
            "decline_code",
            "doc_url",
            "message",
            "network_decline_code",
            "payment_intent",
            "payment_method",
            "request_log_url",
            "type"
        ]
    );
    assert_eq!((text(&error, "advice_code"), text(&error, "network_decline_code")), ("try_again_later", "01"));
    let method = api.get(&format!("/v1/payment_methods/{}", text(&error["payment_method"], "id")), &[]).ok();
    assert_eq!(error["payment_method"], method);
    assert_eq!(error["payment_intent"], the_intent(&api, &made));
    let last = &error["payment_intent"]["last_payment_error"];
    assert_eq!(
        keys(last),
        [
            "advice_code",
            "charge",
            "code",
            "decline_code",
            "doc_url",
            "message",
            "network_decline_code",
            "payment_method",
            "payment_method_type",
            "type"
        ]
    );
    assert_eq!((text(last, "payment_method_type"), &last["payment_method"]["id"]), ("card", &method["id"]));
    // And another card sets it right.
    let paid = confirm(&api, &made, &[("payment_method", "pm_card_visa")]).ok();
    assert_eq!((text(&paid, "status"), &paid["last_payment_error"]), ("succeeded", &Value::Null));
    assert_ne!(paid["latest_charge"], error["charge"]);
}

#[test]
fn an_intent_that_is_declined_while_it_is_made_is_there() {
    let api = sandbox("pi-decline-made");
    let error = pay(&api, "pm_card_chargeDeclined", &[]).refused(402);
    let made = id(&error["payment_intent"]);
    assert_eq!(text(&the_intent(&api, &made), "status"), "requires_payment_method");
    assert_eq!(ids(&api.get("/v1/payment_intents", &[]).ok()), [made]);
}

#[test]
fn a_refused_confirmation_leaves_the_method() {
    let api = sandbox("pi-refused-confirm");
    let (owner, method) = (customer(&api, &[]), loose(&api, "pm_card_visa"));
    let foreign = attached(&api, "pm_card_visa", &owner);
    let made = open(&api, &[("payment_method", &method)]);
    let before = the_intent(&api, &made);
    assert_eq!(confirm(&api, &made, &[("payment_method", &foreign)]).status, 400);
    assert_eq!(the_intent(&api, &made), before);
}

#[test]
fn authentication_off_session_is_a_decline_that_leaves_its_charge() {
    let api = sandbox("pi-authentication");
    let owner = customer(&api, &[]);
    for card in ["pm_card_authenticationRequired", "pm_card_authenticationRequiredOnSetup"] {
        let method = loose(&api, card);
        let error = pay(&api, &method, &[("off_session", "true")]).refused(402);
        assert_eq!(
            (text(&error, "code"), text(&error, "decline_code")),
            ("authentication_required", "authentication_required")
        );
        assert_eq!(error["message"], "Your card was declined. This transaction requires authentication.");
        assert!(error.get("advice_code").is_none(), "{error}");
        let (intent, charge) = (&error["payment_intent"], the_charge(&api, text(&error, "charge")));
        assert_eq!(text(intent, "status"), "requires_payment_method");
        assert_eq!((&intent["latest_charge"], &intent["last_payment_error"]["charge"]), (&charge["id"], &charge["id"]));
        assert_eq!((text(&charge, "status"), text(&charge, "failure_code")), ("failed", "authentication_required"));
        // The issuer asks for the cardholder before it looks at the code.
        for seen in [&charge["payment_method_details"], &error["payment_method"]] {
            assert_eq!(seen["card"]["checks"]["cvc_check"], "unchecked", "{seen}");
        }
    }
    let saved = attached(&api, "pm_card_authenticationRequired", &owner);
    let error = pay(&api, &saved, &[("customer", &owner), ("off_session", "true")]).refused(402);
    assert_eq!(text(&the_charge(&api, text(&error, "charge")), "customer"), owner);
}

#[test]
fn a_decline_shows_what_the_issuer_checked() {
    let api = sandbox("pi-decline-checks");
    for (card, check) in [
        ("pm_card_chargeDeclined", "pass"),
        ("pm_card_chargeDeclinedIncorrectCvc", "pass"),
        ("pm_card_radarBlock", "unavailable"),
        ("pm_card_riskLevelHighest", "unavailable"),
    ] {
        let error = pay(&api, card, &[]).refused(402);
        let charge = the_charge(&api, text(&error, "charge"));
        let last = &error["payment_intent"]["last_payment_error"]["payment_method"];
        for seen in [&charge["payment_method_details"], &error["payment_method"], last] {
            assert_eq!(seen["card"]["checks"]["cvc_check"], check, "{card}");
        }
    }
}
