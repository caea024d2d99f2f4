//! Connected accounts, and money between them and their platform.

mod account_shape;
mod accounts;
mod agreements;
mod banks;
mod billing;
mod captures;
mod checks;
mod cloning;
mod components;
mod conservation;
mod currencies;
mod dashboard;
mod debit_cards;
mod funds;
mod in_flight;
mod instant_payouts;
mod links;
mod liveness;
mod negative_balances;
mod oauth;
mod oauth_page;
mod onboarding;
mod parties;
mod persons;
mod schedules;
mod setup_page;
mod stages;
mod standing;
mod tokens;
mod triggers;
mod v2_accounts;
mod v2_events;
mod v2_persons;
mod v2_refusals;
mod v2_tokens;

use serde_json::Value;

use crate::support::client::Client;

/// What an individual tells who is known after a while.
pub(crate) const INDIVIDUAL: &[(&str, &str)] = &[
    ("business_type", "individual"),
    ("individual[first_name]", "Jenny"),
    ("individual[last_name]", "Rosen"),
    ("individual[email]", "jenny@example.com"),
    ("individual[phone]", "0000000000"),
    ("individual[dob][day]", "1"),
    ("individual[dob][month]", "1"),
    ("individual[dob][year]", "1901"),
    ("individual[address][line1]", "address_full_match"),
    ("individual[address][city]", "Columbus"),
    ("individual[address][state]", "OH"),
    ("individual[address][postal_code]", "43214"),
];

/// What every custom account tells of its business.
pub(crate) const BUSINESS: &[(&str, &str)] = &[
    ("type", "custom"),
    ("business_profile[url]", "https://shop.example.com/"),
    ("tos_acceptance[date]", "1700000000"),
    ("tos_acceptance[ip]", "127.0.0.1"),
    ("requested_capabilities[]", "card_payments"),
    ("requested_capabilities[]", "transfers"),
];

/// Creates an account with the parameters of several lists.
#[track_caller]
pub(crate) fn account(api: &Client, parts: &[&[(&str, &str)]]) -> Value {
    api.post("/v1/accounts", &parts.concat()).ok()
}

/// Creates an account whose holder has accepted the agreement, with a token of their own browser.
#[track_caller]
pub(crate) fn agreed(api: &Client, parts: &[&[(&str, &str)]]) -> Value {
    let token = api.publishable().post("/v1/tokens", &[("account[tos_shown_and_accepted]", "true")]).ok();
    let token = token["id"].as_str().unwrap();
    account(api, &[&parts.concat()[..], &[("account_token", token)]])
}

/// Onboards an account without a page.
#[track_caller]
pub(crate) fn onboard(api: &Client, account: &str) {
    let target = format!("/_pinstripe/account/{account}?sandbox={}&state=onboarded", api.sandbox());
    let answer = api.send("POST", &target, None);
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[track_caller]
pub(crate) fn again(api: &Client, account: &Value) -> Value {
    api.get(&format!("/v1/accounts/{}", account["id"].as_str().unwrap()), &[]).ok()
}
