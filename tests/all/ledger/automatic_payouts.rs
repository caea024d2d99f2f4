//! Payouts that an account's schedule makes (billing 6.7), and the settings that contain it.

use serde_json::{Value, json};

use crate::connect::onboard;
use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{Params, charge, id, ids, int, invalid, rows, text};

const DAY: i64 = 86_400;

/// Moves the clock of a sandbox on.
#[track_caller]
fn advance(api: &Client, name: &str, days: i64) {
    let target = format!("/_pinstripe/clock?sandbox={name}&advance={}", days * DAY);
    let answer = client::raw(api.url(), "POST", &target, &[], None);
    assert_eq!(answer.status, 200, "{}", answer.text);
}

fn choose(api: &Client, params: Params<'_>) -> Value {
    api.post("/v1/balance_settings", params).ok()
}

fn payouts(api: &Client) -> Vec<Value> {
    rows(&api.get("/v1/payouts", &[]).ok()).to_vec()
}

fn available(api: &Client) -> i64 {
    int(&api.get("/v1/balance", &[]).ok()["available"][0], "amount")
}

fn events(api: &Client, kind: &str) -> usize {
    rows(&api.get("/v1/events", &[("type", kind)]).ok()).len()
}

#[test]
fn nothing_is_paid_out_until_a_schedule_is_chosen() {
    let api = sandbox("ap-none");
    charge(&api, &[("source", "tok_bypassPending")]).ok();
    advance(&api, "ap-none", 3);
    assert_eq!((payouts(&api).len(), available(&api)), (0, 1912));
    let settings = api.get("/v1/balance_settings", &[]).ok();
    assert_eq!(settings["payments"]["payouts"]["schedule"], json!({"interval": "daily"}));
}

#[test]
fn a_daily_schedule_pays_out_what_is_available_and_says_what_it_was_made_of() {
    let name = "ap-daily";
    let api = sandbox(name);
    choose(
        &api,
        &[("payments[payouts][schedule][interval]", "daily"), ("payments[payouts][statement_descriptor]", "SHOP")],
    );
    let paid = charge(&api, &[("source", "tok_bypassPending")]).ok();
    let pending = charge(&api, &[("source", "tok_visa")]).ok();
    let manual = api.post("/v1/payouts", &[("amount", "100"), ("currency", "usd")]).ok();
    advance(&api, name, 1);
    let made = payouts(&api)[0].clone();
    assert_eq!((int(&made, "amount"), &made["automatic"]), (1812, &json!(true)));
    assert_eq!((text(&made, "statement_descriptor"), text(&made, "reconciliation_status")), ("SHOP", "completed"));
    assert_eq!(int(&made, "created") % DAY, 0);
    assert_eq!(available(&api), 0);
    let of = api.get("/v1/balance_transactions", &[("payout", &*id(&made))]).ok();
    let sources: Vec<&str> = rows(&of).iter().map(|row| text(row, "source")).collect();
    assert_eq!(sources, [&*id(&made), &*id(&manual), &*id(&paid)]);
    let net: i64 = rows(&of)[1..].iter().map(|row| int(row, "net")).sum();
    assert_eq!(net, int(&made, "amount"));
    assert_eq!((events(&api, "payout.created"), events(&api, "payout.reconciliation_completed")), (2, 1));
    // It arrives as any other; the next one takes what has become available since.
    advance(&api, name, 2);
    assert_eq!(text(&api.get(&format!("/v1/payouts/{}", id(&made)), &[]).ok(), "status"), "paid");
    let next = payouts(&api)[0].clone();
    assert_eq!(int(&next, "amount"), 1912);
    let of = api.get("/v1/balance_transactions", &[("payout", &*id(&next))]).ok();
    assert_eq!(text(&rows(&of)[1], "source"), id(&pending));
    // Nothing is left, so there is none on the days after.
    advance(&api, name, 5);
    assert_eq!(payouts(&api).len(), 3);
    invalid(api.post(&format!("/v1/payouts/{}/cancel", id(&next)), &[]), 400, Some("payouts_not_allowed"), None);
    let error = invalid(api.get("/v1/balance_transactions", &[("payout", &*id(&manual))]), 400, None, None);
    assert_eq!(
        text(&error, "message"),
        "Balance transaction history can only be filtered on automatic transfers, not manual."
    );
}

/// The days (0 for Sunday) or the dates on which a schedule pays out, if some is available every day.
fn days_of(name: &str, schedule: Params<'_>, days: i64, of: impl Fn(i64) -> i64) -> Vec<i64> {
    let api = sandbox(name);
    choose(&api, schedule);
    for _ in 0..days {
        charge(&api, &[("source", "tok_bypassPending")]).ok();
        advance(&api, name, 1);
    }
    payouts(&api).iter().rev().map(|payout| of(int(payout, "created"))).collect()
}

#[test]
fn a_weekly_schedule_pays_out_on_its_days() {
    let schedule = [
        ("payments[payouts][schedule][interval]", "weekly"),
        ("payments[payouts][schedule][weekly_payout_days][]", "tuesday"),
        ("payments[payouts][schedule][weekly_payout_days][]", "friday"),
    ];
    let mut days = days_of("ap-weekly", &schedule, 7, |at| (at / DAY + 4) % 7);
    days.sort_unstable();
    assert_eq!(days, [2, 5]);
}

#[test]
fn a_monthly_schedule_pays_out_on_the_last_day_of_a_month_that_is_too_short() {
    let schedule = [
        ("payments[payouts][schedule][interval]", "monthly"),
        ("payments[payouts][schedule][monthly_payout_days][]", "31"),
    ];
    // The next day is the first of a month.
    let days = days_of("ap-monthly", &schedule, 31, |at| i64::from(first_of_a_month(at + DAY)));
    assert_eq!(days, [1]);
}

/// Whether a day is the first of its month, in UTC.
fn first_of_a_month(at: i64) -> bool {
    let mut days = at / DAY;
    let mut year = 1970;
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    while days >= 365 + i64::from(leap(year)) {
        days -= 365 + i64::from(leap(year));
        year += 1;
    }
    for length in [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            return days == 0;
        }
        days -= length;
    }
    false
}

#[test]
fn a_manual_schedule_ends_the_payouts() {
    let name = "ap-manual";
    let api = sandbox(name);
    choose(&api, &[("payments[payouts][schedule][interval]", "daily")]);
    let settings = choose(&api, &[("payments[payouts][schedule][interval]", "manual")]);
    assert_eq!(settings["payments"]["payouts"]["schedule"], json!({"interval": "manual"}));
    charge(&api, &[("source", "tok_bypassPending")]).ok();
    advance(&api, name, 2);
    assert_eq!(payouts(&api), [] as [Value; 0]);
    assert_eq!(events(&api, "balance_settings.updated"), 2);
}

#[test]
fn a_schedule_needs_the_days_of_its_interval() {
    let api = sandbox("ap-days");
    let try_with = |params: Params<'_>| api.post("/v1/balance_settings", params);
    for (interval, days) in [("weekly", "weekly_payout_days"), ("monthly", "monthly_payout_days")] {
        let param = format!("payments[payouts][schedule][{days}]");
        let answer = try_with(&[("payments[payouts][schedule][interval]", interval)]);
        invalid(answer, 400, Some("parameter_missing"), Some(&param));
    }
    let wrong = [
        ("payments[payouts][schedule][interval]", "monthly"),
        ("payments[payouts][schedule][monthly_payout_days][]", "32"),
    ];
    let error = invalid(try_with(&wrong), 400, None, Some("payments[payouts][schedule][monthly_payout_days]"));
    assert_eq!(text(&error, "message"), "Days of the month must be between 1 and 31.");
    let settings = api.get("/v1/balance_settings", &[]).ok();
    assert_eq!(settings["payments"]["payouts"]["schedule"], json!({"interval": "daily"}));
}

#[test]
fn a_minimum_stays_in_the_balance() {
    let name = "ap-minimum";
    let api = sandbox(name);
    choose(
        &api,
        &[
            ("payments[payouts][schedule][interval]", "daily"),
            ("payments[payouts][minimum_balance_by_currency][usd]", "500"),
        ],
    );
    charge(&api, &[("source", "tok_bypassPending")]).ok();
    advance(&api, name, 1);
    let made = payouts(&api)[0].clone();
    assert_eq!((int(&made, "amount"), available(&api)), (1412, 500));
    let of = api.get("/v1/balance_transactions", &[("payout", &*id(&made))]).ok();
    let parts: Vec<(&str, i64)> = rows(&of).iter().map(|row| (text(row, "type"), int(row, "net"))).collect();
    assert_eq!(parts, [("payout", -1412), ("payout_minimum_balance_hold", -500), ("charge", 1912)]);
    advance(&api, name, 1);
    assert_eq!(ids(&api.get("/v1/payouts", &[]).ok()), [id(&made)]);
}

#[test]
fn the_days_of_the_delay_are_those_of_the_account() {
    let api = sandbox("ap-delay");
    let settings = choose(&api, &[("payments[settlement_timing][delay_days_override]", "7")]);
    let timing = &settings["payments"]["settlement_timing"];
    assert_eq!((int(timing, "delay_days"), int(timing, "delay_days_override")), (7, 7));
    let paid = charge(&api, &[("source", "tok_visa")]).ok();
    let row = api.get(&format!("/v1/balance_transactions/{}", text(&paid, "balance_transaction")), &[]).ok();
    assert_eq!(int(&row, "available_on"), int(&row, "created") / DAY * DAY + 7 * DAY);
}

#[test]
fn an_accounts_settings_and_its_balance_settings_say_the_same() {
    let name = "ap-account";
    let api = sandbox(name);
    let params = [
        ("country", "US"),
        ("type", "standard"),
        ("settings[payouts][schedule][interval]", "weekly"),
        ("settings[payouts][schedule][weekly_anchor]", "monday"),
    ];
    let seller = id(&api.post("/v1/accounts", &params).ok());
    let theirs = api.with("Stripe-Account", &seller);
    let shown = theirs.get("/v1/balance_settings", &[]).ok();
    assert_eq!(
        shown["payments"]["payouts"]["schedule"],
        json!({"interval": "weekly", "weekly_payout_days": ["monday"]})
    );
    choose(&theirs, &[("payments[payouts][schedule][interval]", "daily")]);
    let account = api.get(&format!("/v1/accounts/{seller}"), &[]).ok();
    assert_eq!(text(&account["settings"]["payouts"]["schedule"], "interval"), "daily");
    // It pays out when it has told everything, and has a bank account.
    charge(&theirs, &[("source", "tok_bypassPending")]).ok();
    advance(&api, name, 1);
    assert_eq!((payouts(&theirs).len(), available(&theirs)), (0, 1912));
    onboard(&api, &seller);
    advance(&api, name, 1);
    assert_eq!((payouts(&theirs).len(), available(&theirs)), (1, 0));
    api.post(&format!("/v1/accounts/{seller}"), &[("settings[payouts][schedule][interval]", "manual")]).ok();
    let shown = theirs.get("/v1/balance_settings", &[]).ok();
    assert_eq!(text(&shown["payments"]["payouts"]["schedule"], "interval"), "manual");
}

#[test]
fn an_instant_payout_has_a_limit() {
    let api = sandbox("ap-limit");
    let params = [("source", "tok_bypassPending"), ("amount", "3000000"), ("currency", "usd")];
    api.post("/v1/charges", &params).ok();
    let pay = |amount: &str| api.post("/v1/payouts", &[("amount", amount), ("currency", "usd"), ("method", "instant")]);
    assert_eq!(text(&pay("970776").ok(), "method"), "instant");
    let error = invalid(pay("1166019"), 400, None, None);
    let sentence = "Instant Payouts to bank accounts are only supported for amounts less than or equal to $9999";
    assert_eq!(text(&error, "message"), sentence);
}

#[test]
fn an_account_shows_what_it_can_pay_out_at_once() {
    let api = sandbox("ap-instant");
    let seller = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    let theirs = api.with("Stripe-Account", &seller);
    charge(&theirs, &[("source", "tok_bypassPending")]).ok();
    assert_eq!(theirs.get("/v1/balance", &[]).ok()["instant_available"], Value::Null);
    let path = format!("/v1/accounts/{seller}/external_accounts");
    let bank = id(&api.post(&path, &[("external_account", "btok_us_verified")]).ok());
    let shown = theirs.get("/v1/balance", &[]).ok();
    assert_eq!(shown["instant_available"], shown["available"]);
    let shown = theirs.get("/v1/balance", &[("expand[]", "instant_available.net_available")]).ok();
    let net = json!([{"amount": 1912, "destination": bank, "source_types": {"card": 1912}}]);
    assert_eq!(shown["instant_available"][0]["net_available"], net);
}
