//! Connected accounts: what they tell, what they may do, what belongs to them (billing 6.1, 6.2).

use serde_json::{Value, json};

use super::id;
use crate::support::client::{Client, sandbox};
use crate::support::flows::{ids, invalid, missing, rows, text};

/// All that a new account has to tell.
const TOLD: &[(&str, &str)] = &[
    ("business_profile[support_phone]", "+15555550100"),
    ("business_profile[url]", "https://example.com"),
    ("external_account", "btok_us_verified"),
];
const TRANSFERS: &[(&str, &str)] = &[("type", "express"), ("capabilities[transfers][requested]", "true")];

/// A token of an account's holder, who accepts the agreement.
fn accepted(api: &Client) -> String {
    id(&api.publishable().post("/v1/tokens", &[("account[tos_shown_and_accepted]", "true")]).ok()).to_owned()
}

fn account(api: &Client, params: &[(&str, &str)]) -> Value {
    api.post("/v1/accounts", params).ok()
}

fn shown(api: &Client, account: &Value) -> Value {
    api.get(&format!("/v1/accounts/{}", id(account)), &[]).ok()
}

#[test]
fn an_account_that_has_told_everything_may_do_what_it_asked_for() {
    let api = sandbox("co-told");
    let made = account(&api, TRANSFERS);
    assert_eq!(made["capabilities"], json!({"transfers": "inactive"}));
    assert_eq!(
        (text(&made["requirements"], "disabled_reason"), &made["charges_enabled"]),
        ("requirements.past_due", &json!(false))
    );
    let own = format!("/v1/accounts/{}", id(&made));
    let half = api.post(&own, &TOLD[..2]).ok();
    assert_eq!(
        half["requirements"]["currently_due"],
        json!(["external_account", "tos_acceptance.date", "tos_acceptance.ip"])
    );
    let whole = api.post(&own, &[TOLD[2], ("account_token", &accepted(&api))]).ok();
    assert_eq!(whole["requirements"]["currently_due"], json!([]));
    assert_eq!(whole["requirements"]["disabled_reason"], Value::Null);
    for flag in ["charges_enabled", "details_submitted", "payouts_enabled"] {
        assert_eq!(whole[flag], true, "{flag}");
    }
    assert_eq!(whole["capabilities"], json!({"transfers": "active"}));
    assert_eq!(text(&whole["external_accounts"]["data"][0], "last4"), "6789");
}

#[test]
fn a_capability_is_what_its_account_says_of_it() {
    let api = sandbox("co-capability");
    let made = account(&api, TRANSFERS);
    let path = format!("/v1/accounts/{}/capabilities", id(&made));
    assert_eq!(ids(&api.get(&path, &[]).ok()), ["transfers"]);
    let asked = api.get(&format!("{path}/transfers"), &[]).ok();
    assert_eq!(
        (text(&asked, "status"), &asked["requested"], &asked["requested_at"]),
        ("inactive", &json!(true), &made["created"])
    );
    let other = api.get(&format!("{path}/card_payments"), &[]).ok();
    assert_eq!((text(&other, "status"), &other["requested_at"]), ("unrequested", &Value::Null));
    let asked = api.post(&format!("{path}/card_payments"), &[("requested", "true")]).ok();
    assert_eq!((text(&asked, "account"), &asked["requested"]), (id(&made), &json!(true)));
    assert_eq!(shown(&api, &made)["capabilities"], json!({"card_payments": "inactive", "transfers": "inactive"}));
    api.post(&format!("{path}/card_payments"), &[("requested", "false")]).ok();
    assert_eq!(ids(&api.get(&path, &[]).ok()), ["transfers"]);
    missing(api.get(&format!("{path}/flying"), &[]), 404, "capability", "flying", "capability");
}

#[test]
fn the_platform_adds_and_removes_external_accounts_of_its_accounts() {
    let api = sandbox("co-external");
    let made = account(&api, TRANSFERS);
    let path = format!("/v1/accounts/{}/external_accounts", id(&made));
    let hash = [
        ("external_account[object]", "bank_account"),
        ("external_account[country]", "US"),
        ("external_account[currency]", "usd"),
        ("external_account[routing_number]", "110000000"),
        ("external_account[account_number]", "000123456789"),
    ];
    let first = api.post(&path, &hash).ok();
    let second = api.post(&path, &[("external_account", "btok_us_verified_noAccount")]).ok();
    assert_eq!((text(&first, "account"), &first["default_for_currency"]), (id(&made), &json!(true)));
    assert_eq!(ids(&api.get(&path, &[]).ok()), [id(&second), id(&first)]);
    assert_eq!(ids(&shown(&api, &made)["external_accounts"]), [id(&second), id(&first)]);
    let one = format!("{path}/{}", id(&second));
    assert_eq!(api.post(&one, &[("metadata[a]", "1")]).ok()["metadata"], json!({"a": "1"}));
    assert_eq!(api.get(&one, &[]).ok()["metadata"], json!({"a": "1"}));
    assert_eq!(api.delete(&one).ok()["deleted"], true);
    assert_eq!(ids(&shown(&api, &made)["external_accounts"]), [id(&first)]);
    let told = api.with("Stripe-Account", id(&made)).get("/v1/events", &[("type", "account.external_account.*")]).ok();
    let types: Vec<&str> = rows(&told).iter().rev().map(|event| text(event, "type")).collect();
    assert_eq!(
        types,
        ["created", "created", "updated", "deleted"].map(|what| format!("account.external_account.{what}"))
    );
    let replaced = api.post(&format!("/v1/accounts/{}", id(&made)), &[("external_account", "btok_us_verified")]).ok();
    assert_ne!(ids(&replaced["external_accounts"]), [id(&first)]);
    invalid(api.get("/v1/accounts/acct_none/external_accounts", &[]), 403, Some("account_invalid"), None);
}

#[test]
fn the_individual_of_an_account_is_a_person() {
    let api = sandbox("co-individual");
    let who = [
        ("type", "custom"),
        ("business_type", "individual"),
        ("individual[first_name]", "Jenny"),
        ("individual[dob][day]", "1"),
        ("individual[dob][month]", "2"),
        ("individual[dob][year]", "1990"),
        ("individual[ssn_last_4]", "0000"),
    ];
    let made = account(&api, &who);
    let person = &made["individual"];
    assert_eq!((text(person, "account"), &person["relationship"]["representative"]), (id(&made), &json!(true)));
    assert_eq!((&person["ssn_last_4_provided"], &person["ssn_last_4"]), (&json!(true), &Value::Null));
    let persons = format!("/v1/accounts/{}/persons", id(&made));
    assert_eq!(ids(&api.get(&persons, &[]).ok()), [id(person)]);
    let changed = api.post(&format!("/v1/accounts/{}", id(&made)), &[("individual[last_name]", "Rosen")]).ok();
    assert_eq!((text(&changed["individual"], "first_name"), id(&changed["individual"])), ("Jenny", id(person)));
    api.post(&format!("{persons}/{}", id(person)), &[("first_name", "Jane")]).ok();
    assert_eq!(text(&shown(&api, &made)["individual"], "first_name"), "Jane");
}

#[test]
fn a_rejected_account_may_do_nothing() {
    let api = sandbox("co-reject");
    let made = account(&api, &[TRANSFERS, TOLD, &[("account_token", &accepted(&api))]].concat());
    assert_eq!(made["charges_enabled"], true);
    let own = format!("/v1/accounts/{}", id(&made));
    let rejected = api.post(&format!("{own}/reject"), &[("reason", "terms_of_service")]).ok();
    assert_eq!(text(&rejected["requirements"], "disabled_reason"), "rejected.terms_of_service");
    assert_eq!((&rejected["charges_enabled"], &rejected["payouts_enabled"]), (&json!(false), &json!(false)));
    assert_eq!(rejected["capabilities"], json!({"transfers": "inactive"}));
    assert_eq!(api.post(&format!("{own}/unreject"), &[]).ok()["charges_enabled"], true);
    // What older clients send.
    let rejected = api.post(&format!("{own}/reject"), &[("reason", "fraud")]).ok();
    assert_eq!(text(&rejected["requirements"], "disabled_reason"), "rejected.fraud");
}

#[test]
fn nothing_can_be_asked_for_a_deleted_account() {
    let api = sandbox("co-delete");
    let made = account(&api, TRANSFERS);
    let own = format!("/v1/accounts/{}", id(&made));
    assert_eq!(api.delete(&own).ok(), json!({"id": id(&made), "object": "account", "deleted": true}));
    let gone = |answer| invalid(answer, 403, Some("account_invalid"), None);
    gone(api.get(&own, &[]));
    gone(api.delete(&own));
    gone(api.get(&format!("{own}/persons"), &[]));
    gone(api.with("Stripe-Account", id(&made)).get("/v1/customers", &[]));
    assert!(rows(&api.get("/v1/accounts", &[]).ok()).is_empty());
    let own = format!("/v1/accounts/{}", id(&api.get("/v1/account", &[]).ok()));
    invalid(api.delete(&own), 400, None, None);
}
