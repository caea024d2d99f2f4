//! Settings of an account: the table, who may choose, how long a choice lasts, and what the first rules make of it.

use pinstripe::Config;
use pinstripe::settings::Choice;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use crate::events::resource::events;
use crate::support::client::{Answer, Client, sandbox, start};
use crate::support::flows::{id, int, text};

fn choose(api: &Client, params: &[(&str, &str)]) -> Answer {
    let target = format!("/_pinstripe/settings?sandbox={}&{}", api.sandbox(), crate::support::client::encode(params));
    api.send("POST", &target, None)
}

/// The value of a setting, as the control call shows it.
fn value(api: &Client, name: &str, account: &str) -> Value {
    let target = format!("/_pinstripe/settings?sandbox={}{account}", api.sandbox());
    let shown = api.send("GET", &target, None).ok();
    let row = shown["settings"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap().clone();
    row["value"].clone()
}

fn refuse_tokens(api: &Client) {
    choose(api, &[("name", "refuse_card_tokens"), ("value", "true")]).ok();
}

fn charge(api: &Client, source: &str) -> Answer {
    api.post("/v1/charges", &[("amount", "2000"), ("currency", "usd"), ("source", source)])
}

#[test]
fn every_setting_is_shown_with_its_default() {
    let api = sandbox("settings-shown");
    let shown = api.send("GET", "/_pinstripe/settings?sandbox=settings-shown", None).ok();
    let rows = shown["settings"].as_array().unwrap();
    assert_eq!(rows.len(), pinstripe::settings::SETTINGS.len());
    for row in rows {
        assert_eq!(row["value"], row["default"], "{row}");
        assert!(!text(row, "what").is_empty(), "{row}");
    }
}

#[test]
fn card_tokens_are_refused_where_the_account_takes_none() {
    let api = sandbox("settings-tokens");
    charge(&api, "tok_visa").ok();
    let customer = api.post("/v1/customers", &[]).ok();
    refuse_tokens(&api);
    let sources = format!("/v1/customers/{}/sources", id(&customer));
    for refused in [
        charge(&api, "tok_visa"),
        api.post("/v1/customers", &[("source", "tok_visa")]),
        api.post(&format!("/v1/customers/{}", id(&customer)), &[("source", "tok_visa")]),
        api.post(&sources, &[("source", "tok_visa")]),
    ] {
        let error = refused.refused(400);
        assert!(
            text(&error, "message").starts_with("Card Token usage on the Customers API and Charges API"),
            "{error}"
        );
        assert_eq!((text(&error, "type"), &error["code"]), ("invalid_request_error", &json!(null)));
    }
    // Bank accounts and payment methods are not meant.
    api.post(&sources, &[("source", "btok_us_verified")]).ok();
    let method = [("amount", "2000"), ("currency", "usd"), ("payment_method", "pm_card_visa")];
    api.post("/v1/payment_intents", &method).ok();
}

#[test]
fn events_of_one_request_are_spread_over_seconds() {
    let api = sandbox("settings-events");
    choose(&api, &[("name", "event_seconds"), ("value", "2")]).ok();
    charge(&api, "tok_visa").ok();
    let paid = [
        ("amount", "2000"),
        ("currency", "usd"),
        ("payment_method", "pm_card_visa"),
        ("confirm", "true"),
        ("return_url", "https://shop.example/back"),
    ];
    api.post("/v1/payment_intents", &paid).ok();
    let told = events(&api, &[]);
    assert!(told.len() >= 4, "{told:?}");
    for pair in told.windows(2) {
        assert!(int(&pair[1], "created") >= int(&pair[0], "created") + 2, "{pair:?}");
        // An event is found by its id, which tells its second.
        api.get(&format!("/v1/events/{}", id(&pair[1])), &[]).ok();
    }
}

#[test]
fn a_connected_account_has_the_sandboxs_settings_until_it_has_its_own() {
    let api = sandbox("settings-connect");
    let account = api.post("/v1/accounts", &[("type", "standard")]).ok();
    let own = format!("&account={}", id(&account));
    refuse_tokens(&api);
    assert_eq!(value(&api, "refuse_card_tokens", &own), true);
    charge(&api.with("Stripe-Account", &id(&account)), "tok_visa").refused(400);
    choose(&api, &[("name", "refuse_card_tokens"), ("value", "false"), ("account", &id(&account))]).ok();
    charge(&api.with("Stripe-Account", &id(&account)), "tok_visa").ok();
    charge(&api, "tok_visa").refused(400);
    choose(&api, &[("name", "refuse_card_tokens"), ("account", &id(&account))]).ok();
    assert_eq!(value(&api, "refuse_card_tokens", &own), true);
    let unknown = choose(&api, &[("name", "event_seconds"), ("value", "1"), ("account", "acct_none")]);
    assert_eq!(unknown.status, 404);
}

#[test]
fn a_wrong_choice_is_refused_in_words_and_changes_nothing() {
    let api = sandbox("settings-wrong");
    for (name, value, message) in [
        (
            "nothing",
            "1",
            "There is no setting `nothing`. There are: account_check_seconds, after_last_retry, default_mcc, event_seconds, first_retry_days, instant_payout_fee_percent, overdue_invoices, refuse_card_tokens, second_retry_days, third_retry_days, upcoming_days, will_be_due_days, write_off_unpaid_invoices.",
        ),
        ("event_seconds", "61", "`event_seconds` is a whole number from 0 to 60, not `61`."),
        ("event_seconds", "-1", "`event_seconds` is a whole number from 0 to 60, not `-1`."),
        ("refuse_card_tokens", "yes", "`refuse_card_tokens` is `true` or `false`, not `yes`."),
    ] {
        let refused = choose(&api, &[("name", name), ("value", value)]);
        assert_eq!((refused.status, &refused.body["error"]["message"]), (400, &json!(message)));
    }
    assert_eq!(value(&api, "event_seconds", ""), 0);
}

#[test]
fn a_choice_lasts_until_the_reset_and_goes_with_snapshots_and_state_files() {
    let api = sandbox("settings-kept");
    let call = |method: &str, path: &str| {
        let joint = if path.contains('?') { '&' } else { '?' };
        api.send(method, &format!("/_pinstripe/{path}{joint}sandbox=settings-kept"), None)
    };
    refuse_tokens(&api);
    call("POST", "snapshots/on").ok();
    let file = call("GET", "state").text;
    assert!(file.contains("\"settings\": {\"refuse_card_tokens\":true}"), "{file}");
    call("POST", "reset").ok();
    assert_eq!(value(&api, "refuse_card_tokens", ""), false);
    call("POST", "snapshots/on/restore").ok();
    assert_eq!(value(&api, "refuse_card_tokens", ""), true);
    call("POST", "reset").ok();
    let path = "/_pinstripe/state?sandbox=settings-kept";
    api.send("PUT", path, Some(("application/json", file.as_bytes()))).ok();
    assert_eq!(value(&api, "refuse_card_tokens", ""), true);
    assert_eq!(call("GET", "state").text, file);
}

#[test]
fn the_flag_and_fixtures_choose_what_a_reset_returns_to() {
    let settings = vec![Choice::parse("event_seconds=3").unwrap()];
    let config = Config { settings, clock: Clock::Frozen(1_800_000_000), ..Config::default() };
    let api = Client::new(&start(config), "sk_test_123");
    assert_eq!(value(&api, "event_seconds", ""), 3);
    let load = |document: &Value| {
        let document = document.to_string();
        api.send("POST", "/_pinstripe/fixtures", Some(("application/json", document.as_bytes())))
    };
    load(&json!({"objects": [], "settings": {"refuse_card_tokens": true}})).ok();
    load(&json!({"fixtures": [], "settings": {"event_seconds": 4}})).ok();
    api.send("POST", "/_pinstripe/reset", None).ok();
    assert_eq!((value(&api, "event_seconds", ""), value(&api, "refuse_card_tokens", "")), (json!(4), json!(true)));
    for (settings, place) in [
        (json!({"nothing": 1}), "settings.nothing: There is no setting `nothing`."),
        (json!({"event_seconds": "x"}), "settings.event_seconds: `event_seconds` is a whole number from 0 to 60"),
        (json!([]), "settings: expected an object"),
    ] {
        let refused = load(&json!({"objects": [], "settings": settings}));
        assert!(refused.status == 400 && refused.text.contains(place), "{}", refused.text);
    }
    assert_eq!(Choice::parse("event_seconds").unwrap_err(), "expected NAME=VALUE");
    assert!(Choice::parse("nothing=1").unwrap_err().starts_with("There is no setting"));
}
