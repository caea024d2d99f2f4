//! Bank transfers into a customer's cash balance, and payments from it (core-payments 3.8).

use serde_json::{Value, json};

use super::{after, pay_with, told};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::decisions::decide;
use crate::support::flows::{
    Params, customer, id, int, invalid, missing, refund, rows, says, text, the_customer, the_intent, with,
};

const TRANSFER: &[(&str, &str)] = &[
    ("payment_method_options[customer_balance][funding_type]", "bank_transfer"),
    ("payment_method_options[customer_balance][bank_transfer][type]", "us_bank_transfer"),
];

/// Sends money to a customer's cash balance.
fn send(api: &Client, customer: &str, amount: &str, params: Params<'_>) -> Answer {
    let base = [("amount", amount), ("currency", "usd")];
    api.post(&format!("/v1/test_helpers/customers/{customer}/fund_cash_balance"), &with(&base, params))
}

/// An intent of 20 dollars (or another amount) that is paid from the customer's cash balance.
fn owe(api: &Client, customer: &str, params: Params<'_>) -> Value {
    pay_with(api, "customer_balance", "usd", &with(&with(TRANSFER, &[("customer", customer)]), params)).ok()
}

/// As [`owe`], over another amount.
fn owe_amount(api: &Client, customer: &str, amount: &str) -> Value {
    let base = [
        ("amount", amount),
        ("currency", "usd"),
        ("customer", customer),
        ("confirm", "true"),
        ("payment_method_types[]", "customer_balance"),
        ("payment_method_data[type]", "customer_balance"),
    ];
    api.post("/v1/payment_intents", &with(&base, TRANSFER)).ok()
}

fn balance(api: &Client, customer: &str) -> Value {
    api.get(&format!("/v1/customers/{customer}/cash_balance"), &[]).ok()
}

fn set_mode(api: &Client, customer: &str, mode: &str) -> Value {
    api.post(&format!("/v1/customers/{customer}/cash_balance"), &[("settings[reconciliation_mode]", mode)]).ok()
}

/// The types and amounts of a customer's transactions, newest first.
fn history(api: &Client, customer: &str) -> Vec<(String, i64, i64)> {
    let list = api.get(&format!("/v1/customers/{customer}/cash_balance_transactions"), &[]).ok();
    let row = |row: &Value| (text(row, "type").to_owned(), int(row, "net_amount"), int(row, "ending_balance"));
    rows(&list).iter().map(row).collect()
}

fn status(api: &Client, intent: &Value) -> String {
    text(&the_intent(api, &id(intent)), "status").to_owned()
}

fn instructions(intent: &Value) -> &Value {
    &intent["next_action"]["display_bank_transfer_instructions"]
}

#[test]
fn every_customer_has_a_cash_balance() {
    let api = sandbox("cash-empty");
    let owner = customer(&api, &[]);
    let expected = json!({
        "object": "cash_balance", "available": null, "customer": owner, "customer_account": null, "livemode": false,
        "settings": {"reconciliation_mode": "automatic", "using_merchant_default": true},
    });
    assert_eq!(balance(&api, &owner), expected);
    let expanded = api.get(&format!("/v1/customers/{owner}"), &[("expand[]", "cash_balance")]).ok();
    assert_eq!(expanded["cash_balance"], expected);
    assert!(the_customer(&api, &owner).get("cash_balance").is_none());
    missing(api.get("/v1/customers/cus_x/cash_balance", &[]), 404, "customer", "cus_x", "customer");
}

#[test]
fn a_customer_says_how_their_balance_is_reconciled() {
    let api = sandbox("cash-settings");
    let owner = customer(&api, &[]);
    let manual = json!({"reconciliation_mode": "manual", "using_merchant_default": false});
    let default = json!({"reconciliation_mode": "automatic", "using_merchant_default": true});
    assert_eq!(set_mode(&api, &owner, "manual")["settings"], manual);
    assert_eq!(balance(&api, &owner)["settings"], manual);
    assert_eq!(set_mode(&api, &owner, "merchant_default")["settings"], default);
    let param = [("cash_balance[settings][reconciliation_mode]", "manual")];
    api.post(&format!("/v1/customers/{owner}"), &param).ok();
    assert_eq!(balance(&api, &owner)["settings"], manual);
    assert_eq!(balance(&api, &customer(&api, &param))["settings"], manual);
}

#[test]
fn a_transfer_adds_to_the_balance() {
    let api = sandbox("cash-fund");
    let owner = customer(&api, &[]);
    let row = send(&api, &owner, "5000", &[("reference", "Order 7")]).ok();
    assert!(id(&row).starts_with("ccsbtxn_"), "{row}");
    assert_eq!((text(&row, "type"), int(&row, "net_amount"), int(&row, "ending_balance")), ("funded", 5000, 5000));
    let transfer = &row["funded"]["bank_transfer"];
    assert_eq!((text(transfer, "type"), text(transfer, "reference")), ("us_bank_transfer", "Order 7"));
    assert_eq!(balance(&api, &owner)["available"], json!({"usd": 5000}));
    send(&api, &owner, "100", &[]).ok();
    let euro = [("amount", "300"), ("currency", "EUR")];
    let euro = api.post(&format!("/v1/test_helpers/customers/{owner}/fund_cash_balance"), &euro).ok();
    assert_eq!(text(&euro["funded"]["bank_transfer"], "type"), "eu_bank_transfer");
    assert_eq!(balance(&api, &owner)["available"], json!({"eur": 300, "usd": 5100}));
    let path = format!("/v1/customers/{owner}/cash_balance_transactions");
    assert_eq!(api.get(&format!("{path}/{}", id(&row)), &[]).ok(), row);
    let other = customer(&api, &[]);
    assert_eq!(api.get(&format!("/v1/customers/{other}/cash_balance_transactions/{}", id(&row)), &[]).status, 404);
    // What customers sent is not the account's money yet.
    assert_eq!(int(&api.get("/v1/balance", &[]).ok()["pending"][0], "amount"), 0);
}

#[test]
fn a_transfer_is_checked() {
    let api = sandbox("cash-fund-checks");
    let owner = customer(&api, &[]);
    invalid(send(&api, &owner, "0", &[]), 400, Some("parameter_invalid_integer"), Some("amount"));
    let with_currency = |currency| {
        let params = [("amount", "100"), ("currency", currency)];
        api.post(&format!("/v1/test_helpers/customers/{owner}/fund_cash_balance"), &params)
    };
    invalid(with_currency("xyz"), 400, None, Some("currency"));
    invalid(with_currency("chf"), 400, None, Some("currency"));
    missing(send(&api, "cus_x", "100", &[]), 404, "customer", "cus_x", "customer");
    assert_eq!(history(&api, &owner), []);
}

#[test]
fn an_intent_waits_for_a_transfer_and_is_paid_by_it() {
    let api = sandbox("transfer-paid");
    let owner = customer(&api, &[]);
    let made = owe(&api, &owner, &[]);
    assert_eq!(text(&made, "status"), "requires_action");
    let shown = instructions(&made);
    assert_eq!((int(shown, "amount_remaining"), text(shown, "currency")), (2000, "usd"));
    assert_eq!((text(shown, "type"), text(shown, "reference").len()), ("us_bank_transfer", 12));
    let account = &shown["financial_addresses"][0];
    assert_eq!((text(account, "type"), text(&account["aba"], "routing_number")), ("aba", "110000000"));
    send(&api, &owner, "2000", &[]).ok();
    let (paid, charge) = after(&api, &made);
    assert_eq!((text(&paid, "status"), int(&paid, "amount_received")), ("succeeded", 2000));
    assert_eq!((&paid["next_action"], text(&charge, "status")), (&Value::Null, "succeeded"));
    assert_eq!(charge["payment_method_details"], json!({"customer_balance": {}, "type": "customer_balance"}));
    assert!(id(&charge).starts_with("py_3"));
    let expected = [("applied_to_payment".to_owned(), -2000, 0), ("funded".to_owned(), 2000, 2000)];
    assert_eq!(history(&api, &owner), expected);
    assert_eq!(balance(&api, &owner)["available"], json!({"usd": 0}));
    let row = api.get(&format!("/v1/balance_transactions/{}", text(&charge, "balance_transaction")), &[]).ok();
    assert_eq!((text(&row, "type"), int(&row, "fee")), ("payment", 10));
}

#[test]
fn what_is_sent_too_little_or_too_much_is_kept() {
    let api = sandbox("transfer-partial");
    let owner = customer(&api, &[]);
    let made = owe(&api, &owner, &[]);
    send(&api, &owner, "1500", &[]).ok();
    let partly = the_intent(&api, &id(&made));
    assert_eq!((text(&partly, "status"), int(instructions(&partly), "amount_remaining")), ("requires_action", 500));
    assert_eq!((int(&partly, "amount_received"), &partly["latest_charge"]), (0, &Value::Null));
    send(&api, &owner, "800", &[]).ok();
    assert_eq!(status(&api, &made), "succeeded");
    assert_eq!(balance(&api, &owner)["available"], json!({"usd": 300}));
}

#[test]
fn a_balance_that_is_there_already_pays_at_once() {
    let api = sandbox("transfer-at-once");
    let owner = customer(&api, &[]);
    send(&api, &owner, "2500", &[]).ok();
    assert_eq!(text(&owe(&api, &owner, &[]), "status"), "succeeded");
    let lacking = owe(&api, &owner, &[]);
    assert_eq!(int(instructions(&lacking), "amount_remaining"), 1500);
    assert_eq!(balance(&api, &owner)["available"], json!({"usd": 0}));
}

#[test]
fn without_a_transfer_the_balance_has_to_suffice() {
    let api = sandbox("transfer-none");
    let owner = customer(&api, &[]);
    let error = pay_with(&api, "customer_balance", "usd", &[("customer", &owner)]).refused(400);
    assert_eq!(text(&error, "code"), "insufficient_funds");
    assert_eq!(text(&error["payment_intent"], "status"), "requires_payment_method");
    assert_eq!(history(&api, &owner), []);
    invalid(pay_with(&api, "customer_balance", "usd", TRANSFER), 400, Some("parameter_missing"), Some("customer"));
}

#[test]
fn a_reference_names_the_intent_that_is_paid() {
    let api = sandbox("transfer-reference");
    let owner = customer(&api, &[]);
    let (first, second) = (owe(&api, &owner, &[]), owe(&api, &owner, &[]));
    let reference = format!("Payment {}", text(instructions(&second), "reference"));
    send(&api, &owner, "2000", &[("reference", &reference)]).ok();
    assert_eq!((&*status(&api, &first), &*status(&api, &second)), ("requires_action", "succeeded"));
}

#[test]
fn a_transfer_goes_to_the_intents_that_it_pays_exactly_and_then_to_the_oldest() {
    let api = sandbox("transfer-order");
    let owner = customer(&api, &[]);
    let owed = ["3000", "1000", "2000"].map(|amount| owe_amount(&api, &owner, amount));
    let [first, second, third] = &owed;
    send(&api, &owner, "2000", &[]).ok();
    assert_eq!(status(&api, third), "succeeded");
    send(&api, &owner, "3500", &[]).ok();
    assert_eq!((&*status(&api, first), &*status(&api, second)), ("succeeded", "requires_action"));
    assert_eq!(int(instructions(&the_intent(&api, &id(second))), "amount_remaining"), 500);
    assert_eq!(balance(&api, &owner)["available"], json!({"usd": 0}));
}

#[test]
fn a_manual_balance_is_applied_when_asked() {
    let api = sandbox("transfer-manual");
    let owner = customer(&api, &[]);
    set_mode(&api, &owner, "manual");
    let made = owe(&api, &owner, &[]);
    send(&api, &owner, "2500", &[]).ok();
    assert_eq!(status(&api, &made), "requires_action");
    let apply = |intent: &Value, params: Params<'_>| {
        api.post(&format!("/v1/payment_intents/{}/apply_customer_balance", id(intent)), params)
    };
    invalid(apply(&made, &[("amount", "2001")]), 400, None, Some("amount"));
    invalid(apply(&made, &[("amount", "0")]), 400, Some("parameter_invalid_integer"), Some("amount"));
    invalid(apply(&made, &[("currency", "eur")]), 400, None, Some("currency"));
    let partly = apply(&made, &[("amount", "500"), ("currency", "usd")]).ok();
    assert_eq!(int(instructions(&partly), "amount_remaining"), 1500);
    let paid = apply(&made, &[]).ok();
    assert_eq!((text(&paid, "status"), int(&paid, "amount_received")), ("succeeded", 2000));
    invalid(apply(&made, &[]), 400, Some("payment_intent_unexpected_state"), None);
    let another = owe(&api, &owner, &[]);
    invalid(apply(&another, &[]), 400, Some("insufficient_funds"), None);
    assert_eq!(text(&apply(&another, &[("amount", "500")]).ok(), "status"), "requires_action");
}

#[test]
fn an_intent_without_a_method_takes_the_balance_when_asked() {
    let api = sandbox("transfer-unconfirmed");
    let owner = customer(&api, &[]);
    send(&api, &owner, "2000", &[]).ok();
    let params = [
        ("amount", "2000"),
        ("currency", "usd"),
        ("customer", &*owner),
        ("payment_method_types[]", "customer_balance"),
    ];
    let made = api.post("/v1/payment_intents", &params).ok();
    let paid = api.post(&format!("/v1/payment_intents/{}/apply_customer_balance", id(&made)), &[]).ok();
    assert_eq!((text(&paid, "status"), paid["payment_method"].is_string()), ("succeeded", true));
}

#[test]
fn canceling_gives_back_what_was_applied() {
    let api = sandbox("transfer-cancel");
    let owner = customer(&api, &[]);
    let made = owe(&api, &owner, &[]);
    send(&api, &owner, "700", &[]).ok();
    api.post(&format!("/v1/payment_intents/{}/cancel", id(&made)), &[]).ok();
    assert_eq!(history(&api, &owner)[0], ("unapplied_from_payment".to_owned(), 700, 700));
    assert_eq!(balance(&api, &owner)["available"], json!({"usd": 700}));
}

#[test]
fn a_refund_goes_back_to_the_balance() {
    let api = sandbox("transfer-refund");
    let owner = customer(&api, &[]);
    send(&api, &owner, "2000", &[]).ok();
    let (_, charge) = after(&api, &owe(&api, &owner, &[]));
    let back = refund(&api, &id(&charge), &[("amount", "600")]).ok();
    assert_eq!(history(&api, &owner)[0], ("refunded_from_payment".to_owned(), 600, 600));
    let list = api.get(&format!("/v1/customers/{owner}/cash_balance_transactions"), &[("limit", "1")]).ok();
    assert_eq!(rows(&list)[0]["refunded_from_payment"]["refund"], back["id"]);
}

#[test]
fn our_page_sends_what_is_lacking() {
    let api = sandbox("transfer-page");
    let owner = customer(&api, &[]);
    let made = owe(&api, &owner, &[]);
    send(&api, &owner, "500", &[]).ok();
    let page = text(instructions(&made), "hosted_instructions_url");
    assert_eq!(decide(&api, page, "failed").status, 409);
    decide(&api, page, "succeeded").ok();
    assert_eq!(status(&api, &made), "succeeded");
    assert_eq!(balance(&api, &owner)["available"], json!({"usd": 0}));
}

#[test]
fn funding_instructions_are_the_same_whenever_they_are_asked_for() {
    let api = sandbox("transfer-instructions");
    let owner = customer(&api, &[]);
    let ask = |customer: &str, currency: &str, params: Params<'_>| {
        let base = [("currency", currency), ("funding_type", "bank_transfer")];
        api.post(&format!("/v1/customers/{customer}/funding_instructions"), &with(&base, params))
    };
    for (kind, currency, country, address, number) in [
        ("us_bank_transfer", "usd", "US", "aba", "account_number"),
        ("eu_bank_transfer", "eur", "DE", "iban", "iban"),
        ("gb_bank_transfer", "gbp", "GB", "sort_code", "account_number"),
        ("jp_bank_transfer", "jpy", "JP", "zengin", "account_number"),
        ("mx_bank_transfer", "mxn", "MX", "spei", "clabe"),
    ] {
        let euro = [("bank_transfer[eu_bank_transfer][country]", "DE")];
        let own: Params<'_> = if currency == "eur" { &euro } else { &[] };
        let own_kind = [("bank_transfer[type]", kind)];
        let params = with(&own_kind, own);
        let first = ask(&owner, currency, &params).ok();
        assert_eq!(first, ask(&owner, currency, &params).ok());
        let transfer = &first["bank_transfer"];
        assert_eq!((text(transfer, "type"), text(transfer, "country")), (kind, country));
        let record = &transfer["financial_addresses"][0];
        assert_eq!(text(record, "type"), address);
        let other = ask(&customer(&api, &[]), currency, &params).ok();
        let other = &other["bank_transfer"]["financial_addresses"][0];
        assert_ne!(record[address][number], other[address][number]);
    }
    let wrong = [("bank_transfer[type]", "us_bank_transfer")];
    invalid(ask(&owner, "eur", &wrong), 400, None, Some("bank_transfer[type]"));
    let iceland = [("bank_transfer[type]", "eu_bank_transfer"), ("bank_transfer[eu_bank_transfer][country]", "IS")];
    says(ask(&owner, "eur", &iceland), 400, "There are no accounts in IS; there are in BE, DE, ES, FR, IE, NL.");
    let euro = [("bank_transfer[type]", "eu_bank_transfer")];
    invalid(ask(&owner, "eur", &euro), 400, Some("parameter_missing"), Some("bank_transfer[eu_bank_transfer]"));
    missing(ask("cus_x", "usd", &wrong), 404, "customer", "cus_x", "customer");
}

#[test]
fn a_customer_with_a_cash_balance_stays() {
    let api = sandbox("cash-delete");
    let owner = customer(&api, &[]);
    send(&api, &owner, "100", &[]).ok();
    assert_eq!(api.delete(&format!("/v1/customers/{owner}")).status, 400);
    assert_eq!(id(&the_customer(&api, &owner)), owner);
}

#[test]
fn what_happens_to_the_balance_is_told() {
    let api = sandbox("transfer-events");
    let owner = customer(&api, &[]);
    owe(&api, &owner, &[]);
    send(&api, &owner, "500", &[]).ok();
    send(&api, &owner, "1700", &[]).ok();
    let expected = [
        "customer.created",
        "payment_intent.created",
        "payment_intent.requires_action",
        "customer_cash_balance_transaction.created",
        "customer_cash_balance_transaction.created",
        "payment_intent.partially_funded",
        "customer_cash_balance_transaction.created",
        "customer_cash_balance_transaction.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "cash_balance.funds_available",
        "charge.updated",
    ];
    assert_eq!(told(&api), expected);
}
