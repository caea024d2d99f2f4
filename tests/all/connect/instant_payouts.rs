//! What the platform takes of instant payouts of its accounts (connect-accounts 7.2).

use serde_json::{Value, json};

use super::funds::{has, ledger, platform, row};
use super::onboard;
use crate::support::client::{Answer, Client};
use crate::support::flows::{charge, id, int, invalid, rows, text};

/// A platform that takes three percent, and an account with 19.12 dollars and this bank account.
fn taking_three_percent(name: &str, token: &str) -> (Client, Client, String) {
    let (api, theirs, seller) = platform(name);
    let set = format!("/_pinstripe/settings?sandbox={}&name=instant_payout_fee_percent&value=3", api.sandbox());
    assert_eq!(api.send("POST", &set, None).status, 200);
    charge(&theirs, &[("source", "tok_bypassPending")]).ok();
    api.post(&format!("/v1/accounts/{seller}/external_accounts"), &[("external_account", token)]).ok();
    onboard(&api, &seller);
    (api, theirs, seller)
}

fn pay_out(api: &Client, amount: &str, method: &str) -> Answer {
    api.post("/v1/payouts", &[("amount", amount), ("currency", "usd"), ("method", method)])
}

#[test]
fn an_instant_payout_pays_the_platform_its_fee() {
    let (api, theirs, seller) = taking_three_percent("ip-fee", "btok_us_verified");
    let made = pay_out(&theirs, "1000", "instant").ok();
    assert_eq!((int(&made, "amount"), int(&made, "application_fee_amount")), (1000, 30));
    assert_eq!(ledger(&theirs)[1..], [row("payout", -1000, 30)]);
    assert_eq!(ledger(&api), [row("application_fee", 30, 0)]);
    assert_eq!((has(&api), has(&theirs)), (30, 1912 - 1030));
    let of_row = theirs.get(&format!("/v1/balance_transactions/{}", text(&made, "balance_transaction")), &[]).ok();
    let detail = &of_row["fee_details"][0];
    assert_eq!((int(&of_row, "net"), text(detail, "type"), int(detail, "amount")), (-1030, "application_fee", 30));

    let fee = api.get(&format!("/v1/application_fees/{}", text(&made, "application_fee")), &[]).ok();
    assert_eq!((int(&fee, "amount"), &fee["account"], &fee["charge"]), (30, &json!(seller), &json!("")));
    assert_eq!(fee["fee_source"], json!({"payout": made["id"], "type": "payout"}));
    assert!(rows(&api.get("/v1/application_fees", &[("charge", &id(&made))]).ok()).is_empty());
    // The platform may give a part of it back.
    api.post(&format!("/v1/application_fees/{}/refunds", id(&fee)), &[("amount", "10")]).ok();
    assert_eq!((has(&api), has(&theirs)), (20, 1912 - 1030 + 10));
}

#[test]
fn only_instant_payouts_of_connected_accounts_cost_a_fee() {
    let (api, theirs, _) = taking_three_percent("ip-free", "btok_us_verified");
    let standard = pay_out(&theirs, "1000", "standard").ok();
    charge(&api, &[("source", "tok_bypassPending")]).ok();
    let own = pay_out(&api, "1000", "instant").ok();
    for made in [standard, own] {
        assert_eq!((&made["application_fee"], &made["application_fee_amount"]), (&Value::Null, &Value::Null));
    }
    assert!(rows(&api.get("/v1/application_fees", &[]).ok()).is_empty());
}

#[test]
fn what_is_available_at_once_leaves_room_for_the_fee() {
    let (_, theirs, _) = taking_three_percent("ip-net", "btok_us_verified");
    let balance = theirs.get("/v1/balance", &[("expand[]", "instant_available.net_available")]).ok();
    let row = &balance["instant_available"][0];
    assert_eq!((int(row, "amount"), int(&row["net_available"][0], "amount")), (1912, 1856));
    assert_eq!(row["net_available"][0]["source_types"], json!({"card": 1856}));
    invalid(pay_out(&theirs, "1857", "instant"), 400, Some("balance_insufficient"), None);
    assert_eq!(has(&theirs), 1912);
    pay_out(&theirs, "1856", "instant").ok();
    assert_eq!(has(&theirs), 0);
}

#[test]
fn the_fee_of_a_payout_that_fails_is_given_back() {
    let (api, theirs, _) = taking_three_percent("ip-failed", "btok_us_verified_noAccount");
    let made = pay_out(&theirs, "1000", "instant").ok();
    let failed = theirs.get(&format!("/v1/payouts/{}", id(&made)), &[]).ok();
    assert_eq!((text(&failed, "status"), int(&failed, "application_fee_amount")), ("failed", 30));
    let fee = api.get(&format!("/v1/application_fees/{}", text(&made, "application_fee")), &[]).ok();
    assert_eq!((&fee["refunded"], int(&fee, "amount_refunded")), (&json!(true), 30));
    assert_eq!((has(&api), has(&theirs)), (0, 1912));
    let back = [row("payout_failure", 1000, 0), row("application_fee_refund", 30, 0)];
    assert_eq!(ledger(&theirs)[2..], back);
}
