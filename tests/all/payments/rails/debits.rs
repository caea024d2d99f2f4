//! Bank debits (core-payments 7.6).

use serde_json::{Value, json};

use super::{MANDATE, after, pay_with, run_early, told};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, customer, id, int, intent, invalid, rows, text, the_intent, with};

/// An intent that is paid from a test account.
fn debit(api: &Client, method: &str, currency: &str, params: Params<'_>) -> Value {
    let kind = match method.split('_').nth(1).unwrap() {
        "usBankAccount" => "us_bank_account",
        "sepaDebit" => "sepa_debit",
        "bacsDebit" => "bacs_debit",
        _ => "au_becs_debit",
    };
    pay_with(api, kind, currency, &with(&[("payment_method", method), MANDATE], params)).ok()
}

#[test]
fn a_debit_is_processing_and_succeeds_after_the_answer() {
    let api = sandbox("rail-debit");
    for (method, currency) in [
        ("pm_usBankAccount_success", "usd"),
        ("pm_sepaDebit_success_de", "eur"),
        ("pm_bacsDebit_success", "gbp"),
        ("pm_auBecsDebit_success", "aud"),
    ] {
        let made = debit(&api, method, currency, &[]);
        assert_eq!(text(&made, "status"), "processing", "{method}");
        assert_eq!((int(&made, "amount_received"), &made["next_action"]), (0, &Value::Null));
        let charge = text(&made, "latest_charge");
        assert!(charge.starts_with("py_3"), "{charge}");
        let (paid, charge) = after(&api, &made);
        assert_eq!((text(&paid, "status"), int(&paid, "amount_received")), ("succeeded", 2000), "{method}");
        assert_eq!((text(&charge, "status"), &charge["paid"]), ("succeeded", &json!(true)));
        assert_eq!(charge["payment_method_details"]["type"], paid["payment_method_types"][0]);
        let outcome = &charge["outcome"];
        assert_eq!((text(outcome, "risk_level"), text(outcome, "type")), ("not_assessed", "authorized"));
        let row = api.get(&format!("/v1/balance_transactions/{}", text(&charge, "balance_transaction")), &[]).ok();
        assert_eq!((text(&row, "type"), text(&row, "reporting_category")), ("payment", "charge"));
        assert_eq!(text(&row, "status"), if currency == "usd" { "available" } else { "pending" });
    }
}

#[test]
fn only_a_debit_that_succeeded_has_a_payment_reference() {
    let api = sandbox("rail-debit-reference");
    let made = api.post(
        "/v1/payment_intents",
        &[
            ("amount", "2000"),
            ("currency", "usd"),
            ("payment_method_types[]", "us_bank_account"),
            ("confirm", "true"),
            ("payment_method", "pm_usBankAccount_success"),
            MANDATE,
            ("expand[]", "latest_charge"),
        ],
    );
    let reference = |charge: &Value| charge["payment_method_details"]["us_bank_account"]["payment_reference"].clone();
    let made = made.ok();
    assert_eq!(reference(&made["latest_charge"]), Value::Null);
    assert!(reference(&after(&api, &made).1).is_string());
}

#[test]
fn a_debit_that_the_bank_sends_back_takes_another_method() {
    let api = sandbox("rail-debit-fails");
    for (method, currency, code, failure) in [
        ("pm_usBankAccount_noAccount", "usd", "no_account", json!("no_account")),
        ("pm_usBankAccount_insufficientFunds", "usd", "insufficient_funds", json!("insufficient_funds")),
        ("pm_bacsDebit_debitNotAuthorized", "gbp", "debit_not_authorized", json!("debit_not_authorized")),
        ("pm_sepaDebit_failed_at", "eur", "payment_intent_payment_attempt_failed", Value::Null),
    ] {
        let made = debit(&api, method, currency, &[]);
        assert_eq!(text(&made, "status"), "processing", "{method}");
        let (failed, charge) = after(&api, &made);
        assert_eq!((text(&failed, "status"), &failed["payment_method"]), ("requires_payment_method", &Value::Null));
        let error = &failed["last_payment_error"];
        assert_eq!((text(error, "code"), text(error, "type")), (code, "invalid_request_error"), "{method}");
        assert_eq!(error["payment_method"]["type"], failed["payment_method_types"][0]);
        assert_eq!((text(&charge, "status"), &charge["failure_code"]), ("failed", &failure), "{method}");
        assert_eq!((&charge["captured"], &charge["paid"]), (&json!(true), &json!(false)));
        // What fails at once never reached the ledger (recorded).
        assert_eq!(
            (&charge["balance_transaction"], &charge["failure_balance_transaction"]),
            (&Value::Null, &Value::Null)
        );
    }
    let ledger = api.get("/v1/balance_transactions", &[]).ok();
    assert!(rows(&ledger).is_empty(), "{ledger}");
}

#[test]
fn a_slow_bank_answers_when_it_is_due_or_asked_to() {
    let api = sandbox("rail-debit-slow");
    let made = debit(&api, "pm_sepaDebit_successDelayed_fr", "eur", &[]);
    let waits = the_intent(&api, &id(&made));
    assert_eq!(text(&waits, "status"), "processing");
    assert_eq!(run_early(&api, &id(&made)), 1);
    assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "succeeded");
}

#[test]
fn what_a_slow_bank_sends_back_is_taken_from_the_ledger() {
    let api = sandbox("rail-debit-slow-failure");
    let made = debit(&api, "pm_bacsDebit_insufficientFundsDelayed", "gbp", &[]);
    let (_, pending) = after(&api, &made);
    assert_eq!((text(&pending, "status"), pending["balance_transaction"].is_string()), ("pending", true));
    run_early(&api, &id(&made));
    let (failed, charge) = after(&api, &made);
    assert_eq!(text(&failed, "status"), "requires_payment_method");
    let reversal = text(&charge, "failure_balance_transaction");
    let reversal = api.get(&format!("/v1/balance_transactions/{reversal}"), &[]).ok();
    assert_eq!((text(&reversal, "type"), int(&reversal, "amount")), ("payment_failure_refund", -2000));
    let balance = api.get("/v1/balance", &[]).ok();
    assert_eq!((int(&balance["pending"][0], "amount"), int(&balance["available"][0], "amount")), (0, 0));
}

#[test]
fn a_debit_that_never_ends_can_be_canceled() {
    let api = sandbox("rail-debit-stays");
    let made = debit(&api, "pm_usBankAccount_processing", "usd", &[]);
    let waits = the_intent(&api, &id(&made));
    assert_eq!(text(&waits, "status"), "processing");
    let canceled = api.post(&format!("/v1/payment_intents/{}/cancel", id(&made)), &[]).ok();
    assert_eq!(text(&canceled, "status"), "canceled");
    let (_, charge) = after(&api, &made);
    assert_eq!(text(&charge, "status"), "failed");
    let balance = api.get("/v1/balance", &[]).ok();
    assert_eq!((int(&balance["pending"][0], "amount"), int(&balance["available"][0], "amount")), (0, 0));
}

#[test]
fn a_debit_needs_a_mandate() {
    let api = sandbox("rail-debit-mandate");
    let params = [("payment_method", "pm_usBankAccount_success")];
    let error = invalid(pay_with(&api, "us_bank_account", "usd", &params), 400, None, None);
    assert_eq!(
        error["message"],
        "This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance from the \
         customer and try again, providing acceptance data in the mandate_data parameter."
    );
    let owner = customer(&api, &[]);
    let future = [("customer", &*owner), ("setup_future_usage", "off_session")];
    for (test_id, kind, currency) in
        [("pm_sepaDebit_success_nl", "sepa_debit", "eur"), ("pm_usBankAccount_success", "us_bank_account", "usd")]
    {
        let error = pay_with(&api, kind, currency, &with(&future, &[("payment_method", test_id)])).refused(400);
        assert_eq!(
            error["message"],
            format!(
                "When confirming a PaymentIntent with a `{kind}` PaymentMethod and `setup_future_usage`, `mandate_data` is \
                 required."
            )
        );
    }
    let first = debit(&api, "pm_usBankAccount_success", "usd", &future);
    let (first, _) = after(&api, &first);
    let method = text(&first, "payment_method");
    let again = [("customer", &*owner), ("payment_method", method), ("off_session", "true")];
    let again = pay_with(&api, "us_bank_account", "usd", &again).ok();
    assert_eq!(text(&again, "status"), "processing");
}

#[test]
fn the_consent_makes_a_mandate_that_the_charge_shows() {
    let api = sandbox("rail-debit-mandates");
    let owner = customer(&api, &[]);
    let once = debit(&api, "pm_sepaDebit_success_nl", "eur", &[]);
    let future = [("customer", &*owner), ("setup_future_usage", "off_session")];
    let often = debit(&api, "pm_sepaDebit_success_nl", "eur", &future);
    for (made, kind) in [(&once, "single_use"), (&often, "multi_use")] {
        let (_, charge) = after(&api, made);
        let mandate = text(&charge["payment_method_details"]["sepa_debit"], "mandate").to_owned();
        let mandate = api.get(&format!("/v1/mandates/{mandate}"), &[]).ok();
        assert_eq!((text(&mandate, "type"), &mandate["payment_method"]), (kind, &made["payment_method"]));
    }
    let unknown = [("payment_method", "pm_sepaDebit_success_nl"), ("mandate", "mandate_x")];
    let error = pay_with(&api, "sepa_debit", "eur", &unknown);
    invalid(error, 400, Some("resource_missing"), Some("mandate"));
}

#[test]
fn a_bank_that_refuses_the_mandate_sends_the_debit_back() {
    let api = sandbox("rail-debit-mandate-refused");
    let made = debit(&api, "pm_bacsDebit_mandateRefused", "gbp", &[]);
    let (failed, charge) = after(&api, &made);
    assert_eq!((text(&failed, "status"), text(&charge, "status")), ("requires_payment_method", "failed"));
}

#[test]
fn a_blocked_account_is_refused_at_once() {
    let api = sandbox("rail-debit-blocked");
    let params = [("payment_method", "pm_usBankAccount_riskLevelHighest"), MANDATE];
    let error = pay_with(&api, "us_bank_account", "usd", &params).refused(400);
    assert_eq!(text(&error, "code"), "payment_intent_payment_attempt_failed");
    assert_eq!(text(&error["payment_intent"], "status"), "requires_payment_method");
}

#[test]
fn a_debit_keeps_to_its_currency_and_is_never_held() {
    let api = sandbox("rail-debit-refused");
    let automatic = [
        ("automatic_payment_methods[enabled]", "true"),
        ("confirm", "true"),
        ("return_url", "https://a.example"),
        ("payment_method", "pm_sepaDebit_success_de"),
        MANDATE,
    ];
    let error = intent(&api, &automatic);
    let error = invalid(error, 400, Some("payment_intent_invalid_currency"), Some("currency"));
    assert_eq!(
        error["message"],
        "The currency provided (usd) is invalid. Payments with sepa_debit support the following currencies: eur."
    );
    let held = with(&automatic, &[("currency", "eur"), ("capture_method", "manual")]);
    invalid(intent(&api, &held), 400, Some("payment_intent_invalid_parameter"), Some("capture_method"));
}

#[test]
fn what_becomes_of_a_debit_is_told() {
    let api = sandbox("rail-debit-events");
    debit(&api, "pm_usBankAccount_success", "usd", &[]);
    let succeeded = [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "charge.succeeded",
        "payment_intent.succeeded",
        "balance.available",
    ];
    assert_eq!(told(&api), succeeded);
    debit(&api, "pm_sepaDebit_failed_at", "eur", &[]);
    let failed = [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "charge.failed",
        "payment_intent.payment_failed",
    ];
    assert_eq!(told(&api)[succeeded.len()..], failed);
}

#[test]
fn a_debit_that_the_bank_sends_back_says_why() {
    let api = sandbox("rail-debit-why");
    let in_a_week = "This payment exceeds the amount that may be collected from this bank account in a week.";
    let at_once = "This payment exceeds the amount that may be collected from this bank account at once.";
    for (method, currency, why) in [
        ("pm_usBankAccount_invalidCurrency", "usd", "The bank account does not take payments in this currency."),
        ("pm_auBecsDebit_referToCustomer", "aud", "The bank asks to refer to the customer."),
        ("pm_usBankAccount_weeklyLimitExceeded", "usd", in_a_week),
        ("pm_bacsDebit_exceedsTransactionLimit", "gbp", at_once),
    ] {
        let (failed, charge) = after(&api, &debit(&api, method, currency, &[]));
        assert_eq!(text(&failed["last_payment_error"], "message"), why, "{method}");
        assert_eq!(text(&charge, "failure_message"), why, "{method}");
    }
}
