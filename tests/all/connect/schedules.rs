//! The schedule of payouts among an account's settings (connect-accounts 2.3).

use serde_json::{Value, json};

use super::{account, onboard};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{charge, id, rows, says, with};

const SCHEDULE: &str = "settings[payouts][schedule]";

fn tell(api: &Client, seller: &Value, sent: &[(&str, &str)]) -> Answer {
    let names: Vec<String> = sent.iter().map(|(name, _)| format!("{SCHEDULE}[{name}]")).collect();
    let pairs: Vec<(&str, &str)> = names.iter().zip(sent).map(|(name, (_, value))| (name.as_str(), *value)).collect();
    api.post(&format!("/v1/accounts/{}", id(seller)), &pairs)
}

fn shown(answer: Answer) -> Value {
    answer.ok()["settings"]["payouts"]["schedule"].clone()
}

#[test]
fn a_schedule_shows_the_days_of_its_own_interval_alone() {
    let api = sandbox("schedules-days");
    let seller = account(&api, &[&[("type", "custom")]]);
    let monthly = shown(tell(&api, &seller, &[("interval", "monthly"), ("monthly_anchor", "31")]));
    assert_eq!((&monthly["interval"], &monthly["monthly_anchor"]), (&json!("monthly"), &json!(31)));
    let weekly = shown(tell(&api, &seller, &[("interval", "weekly"), ("weekly_anchor", "monday")]));
    assert_eq!((&weekly["weekly_anchor"], &weekly["monthly_anchor"]), (&json!("monday"), &Value::Null));
    let daily = shown(tell(&api, &seller, &[("interval", "daily")]));
    assert_eq!((&daily["interval"], &daily["weekly_anchor"]), (&json!("daily"), &Value::Null));
}

#[test]
fn a_schedule_without_its_days_or_with_impossible_ones_is_refused() {
    let api = sandbox("schedules-refused");
    let seller = account(&api, &[&[("type", "custom")]]);
    let (month, above, below) = (
        "Days of the month must be between 1 and 31.",
        "This value must be less than or equal to 31.",
        "This value must be greater than or equal to 0.",
    );
    for (sent, sentence, param) in [
        (
            &[("interval", "monthly")][..],
            "Missing required param: settings[payouts][schedule][monthly_anchor].",
            "monthly_anchor",
        ),
        (
            &[("interval", "weekly")],
            "Missing required param: settings[payouts][schedule][weekly_anchor].",
            "weekly_anchor",
        ),
        (&[("interval", "monthly"), ("monthly_anchor", "32")], month, "monthly_anchor"),
        (&[("interval", "monthly"), ("monthly_anchor", "-5")], month, "monthly_anchor"),
        (&[("delay_days", "9223372036854775807")], above, "delay_days"),
        (&[("delay_days", "-1")], below, "delay_days"),
    ] {
        assert_eq!(says(tell(&api, &seller, sent), 400, sentence)["param"], format!("{SCHEDULE}[{param}]"));
    }
    let days = "payments[settlement_timing][delay_days_override]";
    assert_eq!(says(api.post("/v1/balance_settings", &[(days, "32")]), 400, above)["param"], days);
    let least = "payments[payouts][minimum_balance_by_currency][usd]";
    let negative = api.post("/v1/balance_settings", &[(least, "-5")]);
    assert_eq!(says(negative, 400, "Invalid non-negative integer")["param"], least);
}

#[test]
fn the_minimum_delay_is_that_of_the_country() {
    let api = sandbox("schedules-minimum");
    let seller = account(&api, &[&[("type", "custom")]]);
    let usual = seller["settings"]["payouts"]["schedule"]["delay_days"].clone();
    assert_eq!(shown(tell(&api, &seller, &[("delay_days", "14")]))["delay_days"], 14);
    assert_eq!(shown(tell(&api, &seller, &[("delay_days", "minimum")]))["delay_days"], usual);
}

#[test]
fn a_new_anchor_takes_the_place_of_several_days() {
    let api = sandbox("schedules-anchor");
    let seller = account(&api, &[&[("type", "standard")]]);
    let theirs = api.with("Stripe-Account", &id(&seller));
    onboard(&api, &id(&seller));
    let several = [("interval", "weekly"), ("weekly_payout_days][", "monday"), ("weekly_payout_days][", "thursday")];
    assert_eq!(shown(tell(&api, &seller, &several))["weekly_anchor"], "monday");
    let one = shown(tell(&api, &seller, &[("weekly_anchor", "friday")]));
    assert_eq!(one["weekly_anchor"], "friday");
    let settings = theirs.get("/v1/balance_settings", &[]).ok();
    assert_eq!(settings["payments"]["payouts"]["schedule"]["weekly_payout_days"], json!(["friday"]));
    charge(&theirs, &[("source", "tok_bypassPending")]).ok();
    api.advance(7 * 86_400);
    let paid = rows(&theirs.get("/v1/payouts", &[]).ok()).to_vec();
    assert_eq!(paid.len(), 1);
    assert_eq!(paid[0]["created"].as_i64().unwrap() / 86_400 % 7, 1, "the first day of 1970 was a Thursday");
}

#[test]
fn the_currency_of_an_account_is_one_in_lower_case() {
    let api = sandbox("schedules-currency");
    let seller = account(&api, &[&[("type", "custom")]]);
    let path = format!("/v1/accounts/{}", id(&seller));
    assert_eq!(api.post(&path, &[("default_currency", "EUR")]).ok()["default_currency"], "eur");
    let refused = api.post(&path, &with(&[("default_currency", "xxx")], &[])).refused(400);
    assert_eq!(refused["param"], "default_currency");
    assert_eq!(api.get(&path, &[]).ok()["default_currency"], "eur");
}

#[test]
fn the_words_on_the_statement_are_the_same_in_both_settings() {
    let api = sandbox("schedules-words");
    let seller = account(&api, &[&[("type", "standard"), ("settings[payouts][statement_descriptor]", "TEA SHOP")]]);
    let path = format!("/v1/accounts/{}", id(&seller));
    let theirs = api.with("Stripe-Account", &id(&seller));
    let words = || {
        let settings = theirs.get("/v1/balance_settings", &[]).ok();
        let of_account = api.get(&path, &[]).ok()["settings"]["payouts"]["statement_descriptor"].clone();
        assert_eq!(settings["payments"]["payouts"]["statement_descriptor"], of_account);
        of_account
    };
    assert_eq!(words(), "TEA SHOP");
    theirs.post("/v1/balance_settings", &[("payments[payouts][statement_descriptor]", "TEAS")]).ok();
    assert_eq!(words(), "TEAS");
    api.post(&path, &[("settings[payouts][statement_descriptor]", "COFFEE")]).ok();
    assert_eq!(words(), "COFFEE");
    onboard(&api, &id(&seller));
    theirs.post("/v1/balance_settings", &[("payments[payouts][schedule][interval]", "daily")]).ok();
    charge(&theirs, &[("source", "tok_bypassPending")]).ok();
    api.advance(2 * 86_400);
    assert_eq!(rows(&theirs.get("/v1/payouts", &[]).ok())[0]["statement_descriptor"], "COFFEE");
    theirs.post("/v1/balance_settings", &[("payments[payouts][statement_descriptor]", "")]).ok();
    assert_eq!(words(), json!(null));
}
