//! Bank debits: pending at first, and settled by the test account's number (core-payments 7.6).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{charge, id, int, intent, invalid, rows, says, text, the_charge};

/// A charge of 20 dollars to a test account, right after it was made.
#[track_caller]
fn debit(api: &Client, token: &str) -> Value {
    charge(api, &[("source", token)]).ok()
}

fn pending_and_available(api: &Client) -> (i64, i64) {
    let balance = api.get("/v1/balance", &[]).ok();
    (int(&balance["pending"][0], "amount"), int(&balance["available"][0], "amount"))
}

#[test]
fn a_charge_of_a_bank_account_is_pending_and_succeeds_after_the_answer() {
    let api = sandbox("debit-succeeds");
    let made = debit(&api, "btok_us_verified");
    assert!(id(&made).starts_with("py_1"), "{made}");
    assert_eq!((text(&made, "status"), &made["paid"], &made["captured"]), ("pending", &json!(false), &json!(true)));
    assert!(made["receipt_url"].is_null() && made["balance_transaction"].is_string());
    let later = the_charge(&api, &id(&made));
    assert_eq!((text(&later, "status"), &later["paid"]), ("succeeded", &json!(true)));
    assert!(text(&later, "receipt_url").contains(&id(&made)));
    assert_eq!(later["balance_transaction"], made["balance_transaction"]);
    let row = api.get(&format!("/v1/balance_transactions/{}", text(&made, "balance_transaction")), &[]).ok();
    assert_eq!((text(&row, "type"), int(&row, "fee"), int(&row, "net")), ("payment", 16, 1984));
}

#[test]
fn a_charge_of_a_failing_account_leaves_nothing_in_the_balance() {
    let api = sandbox("debit-fails");
    let made = debit(&api, "btok_us_verified_accountClosed");
    assert_eq!(text(&made, "status"), "pending");
    let later = the_charge(&api, &id(&made));
    assert_eq!((text(&later, "status"), text(&later, "failure_code")), ("failed", "account_closed"));
    assert_eq!(text(&later, "failure_message"), "The customer's bank account has been closed.");
    assert_eq!((&later["paid"], &later["captured"]), (&json!(false), &json!(true)));
    assert_eq!(pending_and_available(&api), (0, 0));
    let ledger = api.get("/v1/balance_transactions", &[]).ok();
    let kinds: Vec<&str> = rows(&ledger).iter().map(|row| text(row, "type")).collect();
    assert_eq!(kinds, ["payment_failure_refund", "payment"]);
    let reversal = &rows(&ledger)[0];
    assert_eq!(later["failure_balance_transaction"], reversal["id"]);
    assert_eq!((int(reversal, "amount"), int(reversal, "fee"), int(reversal, "net")), (-2000, -16, -1984));
    invalid(api.post("/v1/refunds", &[("charge", &id(&made))]), 400, None, None);
}

#[test]
fn a_bank_account_is_debited_at_once_or_not_at_all() {
    let api = sandbox("debit-hold");
    let sentence = "Charges of ach_debit are captured at once: `capture` cannot be `false`.";
    let answer = charge(&api, &[("source", "btok_us_verified"), ("capture", "false")]);
    assert_eq!(says(answer, 400, sentence)["param"], "capture");
    assert!(rows(&api.get("/v1/charges", &[]).ok()).is_empty());
    let manual = [
        ("payment_method", "pm_usBankAccount_success"),
        ("payment_method_types[]", "us_bank_account"),
        ("capture_method", "manual"),
    ];
    assert_eq!(intent(&api, &manual).status, 400);
}
