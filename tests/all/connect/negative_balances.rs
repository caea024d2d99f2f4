//! Negative balances of accounts, which are debited from their bank accounts or stay (connect-accounts 2.3).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, charge, id, int, refund, rows, text, with};

const DAY: i64 = 86_400;

/// A custom account that is paid out daily, owes 20 dollars and has these external accounts.
fn owing(name: &str, params: Params<'_>, tokens: &[&str]) -> (Client, Client, String) {
    let api = sandbox(name);
    let seller = id(&api.post("/v1/accounts", &with(&[("type", "custom"), ("country", "US")], params)).ok());
    let theirs = api.with("Stripe-Account", &seller);
    for token in tokens {
        add(&api, &seller, token);
    }
    onboard(&api, &seller);
    let paid = charge(&theirs, &[("source", "tok_bypassPending")]).ok();
    theirs.post("/v1/payouts", &[("amount", "1912"), ("currency", "usd"), ("method", "instant")]).ok();
    refund(&theirs, &id(&paid), &[]).ok();
    theirs.post("/v1/balance_settings", &[("payments[payouts][schedule][interval]", "daily")]).ok();
    assert_eq!(has(&theirs), (-2000, 0));
    (api, theirs, seller)
}

/// Lets an account charge and be paid out.
fn onboard(api: &Client, seller: &str) {
    let path = format!("/_pinstripe/account/{seller}?sandbox={}&state=onboarded", api.sandbox());
    api.send("POST", &path, None).ok();
}

fn add(api: &Client, seller: &str, token: &str) -> Value {
    api.post(&format!("/v1/accounts/{seller}/external_accounts"), &[("external_account", token)]).ok()
}

const DEBITED: Params<'_> = &[("settings[payouts][debit_negative_balances]", "true")];

/// What is available, and what is pending.
fn has(api: &Client) -> (i64, i64) {
    let balance = api.get("/v1/balance", &[]).ok();
    (int(&balance["available"][0], "amount"), int(&balance["pending"][0], "amount"))
}

/// The automatic payouts, newest first.
fn automatic(api: &Client) -> Vec<Value> {
    let list = api.get("/v1/payouts", &[]).ok();
    rows(&list).iter().filter(|payout| payout["automatic"] == true).cloned().collect()
}

#[test]
fn a_negative_balance_is_debited_on_the_day_of_a_payout() {
    let (_, api, _) = owing("nb-debit", DEBITED, &["btok_us_verified"]);
    api.advance(DAY);
    let [debit] = &automatic(&api)[..] else { panic!("one payout") };
    assert_eq!((int(debit, "amount"), text(debit, "type"), text(debit, "method")), (-2000, "bank_account", "standard"));
    assert_eq!((int(debit, "arrival_date") - int(debit, "created"), has(&api)), (2 * DAY, (-2000, 2000)));
    let of = api.get("/v1/balance_transactions", &[("payout", &id(debit))]).ok();
    let nets: Vec<i64> = rows(&of).iter().map(|row| int(row, "net")).collect();
    assert_eq!((nets[0], nets[1..].iter().sum::<i64>()), (2000, -2000));
    assert_eq!(text(&rows(&of)[0], "type"), "payout");
    // It is debited once, and nothing is paid out before it has come.
    charge(&api, &[("source", "tok_bypassPending")]).ok();
    api.advance(DAY);
    assert_eq!((automatic(&api).len(), has(&api)), (1, (-88, 2000)));
    api.advance(DAY);
    let [paid_out, debit] = &automatic(&api)[..] else { panic!("two payouts") };
    assert_eq!((text(debit, "status"), int(paid_out, "amount"), has(&api)), ("paid", 1912, (0, 0)));
}

#[test]
fn a_negative_balance_stays_where_it_is_not_debited() {
    let (api, theirs, seller) = owing("nb-stays", &[], &["btok_us_verified"]);
    let settings = theirs.get("/v1/balance_settings", &[]).ok();
    assert_eq!(settings["payments"]["debit_negative_balances"], false);
    api.advance(3 * DAY);
    assert_eq!((automatic(&theirs).len(), has(&theirs)), (0, (-2000, 0)));
    // Either setting changes both.
    theirs.post("/v1/balance_settings", &[("payments[debit_negative_balances]", "true")]).ok();
    let account = || api.get(&format!("/v1/accounts/{seller}"), &[]).ok()["settings"]["payouts"].clone();
    assert_eq!(account()["debit_negative_balances"], true);
    let off = [("settings[payouts][debit_negative_balances]", "false")];
    api.post(&format!("/v1/accounts/{seller}"), &off).ok();
    let settings = theirs.get("/v1/balance_settings", &[]).ok();
    assert_eq!(settings["payments"]["debit_negative_balances"], false);
    theirs.post("/v1/balance_settings", &[("payments[debit_negative_balances]", "true")]).ok();
    api.advance(DAY);
    assert_eq!(int(&automatic(&theirs)[0], "amount"), -2000);
}

#[test]
fn a_debit_that_fails_is_owed_still_and_tried_again_when_the_bank_account_was_changed() {
    let (api, theirs, seller) = owing("nb-fails", DEBITED, &["btok_us_verified"]);
    let failing = add(&api, &seller, "btok_us_verified_noAccount");
    let one = format!("/v1/accounts/{seller}/external_accounts/{}", id(&failing));
    api.post(&one, &[("default_for_currency", "true")]).ok();
    api.advance(3 * DAY);
    let [debit] = &automatic(&theirs)[..] else { panic!("one payout") };
    assert_eq!((text(debit, "status"), text(debit, "failure_code")), ("failed", "no_account"));
    assert_eq!((has(&theirs), &api.get(&one, &[]).ok()["status"]), ((-2000, 0), &json!("errored")));
    api.advance(5 * DAY);
    assert_eq!(automatic(&theirs).len(), 1);
    api.post(&one, &[("account_holder_name", "Jenny Rosen")]).ok();
    api.advance(DAY);
    let again = &automatic(&theirs)[0];
    assert_eq!((int(again, "amount"), text(again, "status")), (-2000, "pending"));
    let of = theirs.get("/v1/balance_transactions", &[("payout", &id(again))]).ok();
    assert_eq!(rows(&of)[1..].iter().map(|row| int(row, "net")).sum::<i64>(), -2000);
}

#[test]
fn a_card_is_not_debited() {
    let (api, theirs, seller) = owing("nb-card", DEBITED, &["tok_visa_debit"]);
    api.advance(2 * DAY);
    assert!(automatic(&theirs).is_empty());
    let bank = add(&api, &seller, "btok_us_verified");
    api.advance(DAY);
    assert_eq!(automatic(&theirs)[0]["destination"], bank["id"]);
}

#[test]
fn the_rule_on_negative_balances_chooses_no_schedule() {
    let api = sandbox("nb-flag");
    let seller = id(&api.post("/v1/accounts", &[("type", "custom"), ("country", "CA")]).ok());
    let theirs = api.with("Stripe-Account", &seller);
    add(&api, &seller, "btok_us_verified");
    onboard(&api, &seller);
    charge(&theirs, &[("source", "tok_bypassPending")]).ok();
    api.post(&format!("/v1/accounts/{seller}"), DEBITED).ok();
    api.advance(3 * DAY);
    assert!(automatic(&theirs).is_empty());
    assert_eq!(theirs.get("/v1/balance_settings", &[]).ok()["payments"]["debit_negative_balances"], true);
}
