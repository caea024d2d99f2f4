//! Payouts and the accounts that they go to (core-payments 9.4, billing 6.7).

use serde_json::{Value, json};

use crate::connect::onboard;
use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{Params, charge, id, ids, int, invalid, missing, rows, says, text, with};

/// A sandbox whose clock can be moved, with 19.12 dollars that can be paid out.
fn funded(name: &str) -> Client {
    let api = sandbox(name);
    charge(&api, &[("source", "tok_bypassPending")]).ok();
    api
}

/// Moves the clock of a sandbox on.
#[track_caller]
fn advance(api: &Client, name: &str, days: u32) {
    let target = format!("/_pinstripe/clock?sandbox={name}&advance={}", days * 86_400);
    let answer = client::raw(api.url(), "POST", &target, &[], None);
    assert_eq!(answer.status, 200, "{}", answer.text);
}

fn pay_out(api: &Client, params: Params<'_>) -> client::Answer {
    api.post("/v1/payouts", &with(&[("amount", "1100"), ("currency", "usd")], params))
}

fn the_payout(api: &Client, payout: &Value) -> Value {
    api.get(&format!("/v1/payouts/{}", id(payout)), &[]).ok()
}

fn available(api: &Client) -> i64 {
    int(&api.get("/v1/balance", &[]).ok()["available"][0], "amount")
}

fn own_account(api: &Client) -> String {
    id(&api.get("/v1/account", &[]).ok())
}

/// Adds an external account to the account itself.
#[track_caller]
fn external(api: &Client, token: &str) -> Value {
    let path = format!("/v1/accounts/{}/external_accounts", own_account(api));
    api.post(&path, &[("external_account", token)]).ok()
}

#[test]
fn a_payout_takes_from_what_is_available() {
    let api = funded("po-create");
    let made = pay_out(&api, &[("description", "Rent"), ("metadata[a]", "1")]).ok();
    assert!(id(&made).starts_with("po_1"), "{made}");
    assert_eq!(
        (text(&made, "status"), text(&made, "type"), text(&made, "method")),
        ("pending", "bank_account", "standard")
    );
    assert_eq!(
        (&made["automatic"], &made["metadata"], text(&made, "description")),
        (&json!(false), &json!({"a": "1"}), "Rent")
    );
    assert_eq!((text(&made, "reconciliation_status"), text(&made, "source_type")), ("not_applicable", "card"));
    assert_eq!(made["trace_id"], json!({"status": "pending", "value": null}));
    let midnight = int(&made, "created") / 86_400 * 86_400;
    assert_eq!(int(&made, "arrival_date"), midnight + 2 * 86_400);
    assert_eq!(available(&api), 1912 - 1100);
    let path = format!("/v1/balance_transactions/{}", text(&made, "balance_transaction"));
    let row = api.get(&path, &[("expand[]", "source")]).ok();
    assert_eq!((text(&row, "type"), int(&row, "amount"), int(&row, "fee")), ("payout", -1100, 0));
    assert_eq!(id(&row["source"]), id(&made));
    assert_eq!(the_payout(&api, &made), made);
}

#[test]
fn the_platform_has_a_bank_account_in_dollars() {
    let api = funded("po-bank");
    let made = api.post("/v1/payouts", &[("amount", "100"), ("currency", "usd"), ("expand[]", "destination")]).ok();
    let bank = &made["destination"];
    assert_eq!((text(bank, "bank_name"), text(bank, "last4")), ("STRIPE TEST BANK", "6789"));
    assert_eq!((&bank["default_for_currency"], text(bank, "account")), (&json!(true), &*own_account(&api)));
    let error = invalid(api.post("/v1/payouts", &[("amount", "1"), ("currency", "cad")]), 400, None, None);
    assert_eq!(error["message"], "Sorry, you don't have any external accounts in that currency (cad).");
}

#[test]
fn what_cannot_be_paid_out_is_refused() {
    let api = funded("po-refused");
    let error = api.post("/v1/payouts", &[("currency", "usd")]).refused(400);
    assert_eq!(text(&error, "message"), "Missing required param: amount.");
    for amount in ["0", "-5"] {
        let answer = api.post("/v1/payouts", &[("amount", amount), ("currency", "usd")]);
        invalid(answer, 400, Some("parameter_invalid_integer"), Some("amount"));
    }
    let error = api.post("/v1/payouts", &[("amount", "100"), ("currency", "xyz")]).refused(400);
    assert_eq!(text(&error, "param"), "currency");
    let answer = api.post("/v1/payouts", &[("amount", "1913"), ("currency", "usd")]);
    let error = invalid(answer, 400, Some("balance_insufficient"), None);
    assert_eq!(
        error["message"],
        "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low.  You can use \
         the /v1/balance endpoint to view your Stripe balance (for more details, see stripe.com/docs/api#balance)."
    );
    invalid(pay_out(&api, &[("source_type", "bank_account")]), 400, Some("balance_insufficient"), None);
    missing(pay_out(&api, &[("destination", "ba_x")]), 400, "external account", "ba_x", "destination");
    assert_eq!(available(&api), 1912);
    // Money that is still pending cannot leave.
    let pending = sandbox("po-pending");
    charge(&pending, &[("source", "tok_visa")]).ok();
    invalid(pay_out(&pending, &[]), 400, Some("balance_insufficient"), None);
    for answer in [
        api.get("/v1/payouts/po_x", &[]),
        api.post("/v1/payouts/po_x", &[]),
        api.post("/v1/payouts/po_x/cancel", &[]),
        api.post("/v1/payouts/po_x/reverse", &[]),
    ] {
        missing(answer, 404, "payout", "po_x", "payout");
    }
}

#[test]
fn a_payout_is_in_transit_after_its_day_and_then_paid() {
    let api = funded("po-way");
    let made = pay_out(&api, &[]).ok();
    advance(&api, "po-way", 1);
    assert_eq!(text(&the_payout(&api, &made), "status"), "in_transit");
    invalid(api.post(&format!("/v1/payouts/{}/cancel", id(&made)), &[]), 400, Some("payouts_not_allowed"), None);
    advance(&api, "po-way", 1);
    let paid = the_payout(&api, &made);
    assert_eq!((text(&paid, "status"), text(&paid["trace_id"], "status")), ("paid", "supported"));
    let events = api.get("/v1/events", &[("type", "payout.*")]).ok();
    let kinds: Vec<&str> = rows(&events).iter().rev().map(|event| text(event, "type")).collect();
    assert_eq!(kinds, ["payout.created", "payout.updated", "payout.paid"]);
}

#[test]
fn an_instant_payout_is_paid_at_once() {
    let api = funded("po-instant");
    let made = pay_out(&api, &[("method", "instant")]).ok();
    assert_eq!((text(&made, "status"), &made["arrival_date"]), ("pending", &made["created"]));
    assert_eq!(text(&the_payout(&api, &made), "status"), "paid");
}

#[test]
fn a_failing_bank_account_sends_the_money_back() {
    let api = funded("po-fail");
    for (token, code) in [
        ("btok_us_verified_noAccount", "no_account"),
        ("btok_us_verified_accountClosed", "account_closed"),
        ("btok_us_verified_insufficientFunds", "insufficient_funds"),
        ("btok_us_verified_debitNotAuthorized", "debit_not_authorized"),
        ("btok_us_verified_invalidCurrency", "invalid_currency"),
    ] {
        let bank = external(&api, token);
        let made = pay_out(&api, &[("method", "instant"), ("destination", &id(&bank))]).ok();
        let failed = the_payout(&api, &made);
        assert_eq!((text(&failed, "status"), text(&failed, "failure_code")), ("failed", code));
        assert!(failed["failure_message"].is_string(), "{failed}");
        let path = format!("/v1/balance_transactions/{}", text(&failed, "failure_balance_transaction"));
        let row = api.get(&path, &[]).ok();
        assert_eq!((text(&row, "type"), int(&row, "amount")), ("payout_failure", 1100));
        assert_eq!(available(&api), 1912);
    }
}

#[test]
fn a_pending_payout_is_canceled_with_its_money() {
    let api = funded("po-cancel");
    let made = pay_out(&api, &[]).ok();
    let path = format!("/v1/payouts/{}/cancel", id(&made));
    let canceled = api.post(&path, &[("expand[]", "failure_balance_transaction")]).ok();
    assert_eq!((text(&canceled, "status"), &canceled["failure_code"]), ("canceled", &Value::Null));
    assert_eq!(text(&canceled["failure_balance_transaction"], "type"), "payout_cancel");
    assert_eq!(available(&api), 1912);
    invalid(api.post(&path, &[]), 400, Some("payouts_not_allowed"), None);
    advance(&api, "po-cancel", 3);
    assert_eq!(text(&the_payout(&api, &made), "status"), "canceled");
}

#[test]
fn metadata_is_all_that_changes() {
    let api = funded("po-update");
    let made = pay_out(&api, &[]).ok();
    let path = format!("/v1/payouts/{}", id(&made));
    assert_eq!(api.post(&path, &[("metadata[b]", "2")]).ok()["metadata"], json!({"b": "2"}));
    invalid(api.post(&path, &[("amount", "1")]), 400, Some("parameter_unknown"), Some("amount"));
}

#[test]
fn the_list_knows_its_filters() {
    let api = funded("po-list");
    let first = pay_out(&api, &[("method", "instant")]).ok();
    let second = api.post("/v1/payouts", &[("amount", "500"), ("currency", "usd")]).ok();
    let listed = |params: Params<'_>| ids(&api.get("/v1/payouts", params).ok());
    assert_eq!(listed(&[]), [id(&second), id(&first)]);
    assert_eq!(listed(&[("status", "paid")]), [id(&first)]);
    assert_eq!(listed(&[("destination", text(&first, "destination"))]).len(), 2);
    let arrival = second["arrival_date"].to_string();
    assert_eq!(listed(&[("arrival_date", &arrival)]), [id(&second)]);
    assert_eq!(listed(&[("arrival_date[lt]", &arrival)]), [id(&first)]);
    // Rows are tied to automatic payouts only.
    invalid(api.get("/v1/balance_transactions", &[("payout", &id(&first))]), 400, None, None);
    missing(api.get("/v1/balance_transactions", &[("payout", "po_x")]), 400, "payout", "po_x", "payout");
}

#[test]
fn only_a_connected_account_calls_a_payout_back() {
    let platform = funded("po-reverse");
    let own = pay_out(&platform, &[("method", "instant")]).ok();
    let path = format!("/v1/payouts/{}/reverse", id(&own));
    invalid(platform.post(&path, &[]), 400, Some("payouts_not_allowed"), None);
    let account = id(&platform.post("/v1/accounts", &[("type", "standard")]).ok());
    let api = platform.with("Stripe-Account", &account);
    charge(&api, &[("source", "tok_bypassPending")]).ok();
    onboard(&platform, &account);
    let error = api.post("/v1/payouts", &[("amount", "100"), ("currency", "eur")]).refused(400);
    assert_eq!(error["message"], "Sorry, you don't have any external accounts in that currency (eur).");
    let made = pay_out(&api, &[("method", "instant")]).ok();
    let path = format!("/v1/payouts/{}/reverse", id(&made));
    let back = api.post(&path, &[("metadata[a]", "1")]).ok();
    assert_eq!((int(&back, "amount"), text(&back, "original_payout")), (-1100, &*id(&made)));
    assert_eq!(the_payout(&api, &made)["reversed_by"], back["id"]);
    invalid(api.post(&path, &[]), 400, Some("payouts_not_allowed"), None);
    advance(&platform, "po-reverse", 2);
    assert_eq!((text(&the_payout(&api, &back), "status"), available(&api)), ("paid", 1912));
}

#[test]
fn external_accounts_have_one_default_in_a_currency() {
    let api = sandbox("po-external");
    let (first, second) = (external(&api, "btok_us_verified"), external(&api, "btok_us_verified_noAccount"));
    assert_eq!((&first["default_for_currency"], &second["default_for_currency"]), (&json!(true), &json!(false)));
    assert_eq!(first["available_payout_methods"], json!(["standard", "instant"]));
    let path = format!("/v1/accounts/{}/external_accounts", own_account(&api));
    assert_eq!(ids(&api.get(&path, &[]).ok()), [id(&second), id(&first)]);
    assert_eq!(api.delete(&format!("{path}/{}", id(&first))).status, 400);
    let changed = api.post(&format!("{path}/{}", id(&second)), &[("default_for_currency", "true")]).ok();
    assert_eq!(changed["default_for_currency"], true);
    assert_eq!(api.get(&format!("{path}/{}", id(&first)), &[]).ok()["default_for_currency"], false);
    assert_eq!(api.delete(&format!("{path}/{}", id(&first))).ok()["deleted"], true);
    assert_eq!(ids(&api.get(&path, &[]).ok()), [id(&second)]);
}

/// Adds an external account with this number to the account itself.
#[track_caller]
fn with_number(api: &Client, number: &str) -> Value {
    let path = format!("/v1/accounts/{}/external_accounts", own_account(api));
    let account = [
        ("external_account[object]", "bank_account"),
        ("external_account[country]", "US"),
        ("external_account[currency]", "usd"),
        ("external_account[routing_number]", "110000000"),
        ("external_account[account_number]", number),
    ];
    api.post(&path, &account).ok()
}

#[test]
fn an_account_may_take_no_instant_payouts() {
    let api = funded("po-not-instant");
    let bank = id(&with_number(&api, "000888888883"));
    let instant = pay_out(&api, &[("method", "instant"), ("destination", &bank)]);
    says(instant, 400, "This external account is not eligible for instant payouts.");
    pay_out(&api, &[("destination", &bank)]).ok();
}

#[test]
fn a_payout_may_fail_at_the_bank() {
    let api = funded("po-not-processed");
    let bank = id(&with_number(&api, "4000056655665572"));
    let failed = the_payout(&api, &pay_out(&api, &[("method", "instant"), ("destination", &bank)]).ok());
    assert_eq!((text(&failed, "status"), text(&failed, "failure_code")), ("failed", "could_not_process"));
    assert_eq!(text(&failed, "failure_message"), "The bank could not process this payout.");
}
