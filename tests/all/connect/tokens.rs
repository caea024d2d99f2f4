//! Tokens of accounts and persons (connect-accounts 1.1).

use serde_json::json;

use super::{BUSINESS, account};
use crate::support::client::sandbox;
use crate::support::flows::{id, invalid, missing, text, with};

#[test]
fn an_account_token_tells_what_it_was_made_of() {
    let api = sandbox("to-account");
    let told = [
        ("account[business_type]", "individual"),
        ("account[individual][first_name]", "Jenny"),
        ("account[tos_shown_and_accepted]", "true"),
    ];
    let token = id(&api.post("/v1/tokens", &told).ok());
    let made = account(&api, &[&[("type", "custom"), ("account_token", &token)]]);
    assert_eq!((text(&made, "business_type"), text(&made["individual"], "first_name")), ("individual", "Jenny"));
    assert_eq!(made["tos_acceptance"]["date"], made["created"]);
    let again = api.post("/v1/accounts", &[("type", "custom"), ("account_token", &token)]);
    invalid(again, 400, Some("token_already_used"), None);
    missing(api.post("/v1/accounts", &[("account_token", "ct_none")]), 400, "token", "ct_none", "account_token");
}

#[test]
fn a_person_token_tells_what_it_was_made_of() {
    let api = sandbox("to-person");
    let token =
        id(&api.post("/v1/tokens", &[("person[first_name]", "Ada"), ("person[relationship][owner]", "true")]).ok());
    let firm = account(&api, &[BUSINESS, &[("business_type", "company")]]);
    let path = format!("/v1/accounts/{}/persons", id(&firm));
    let person = api.post(&path, &[("person_token", token.as_str()), ("last_name", "Lovelace")]).ok();
    assert_eq!((text(&person, "first_name"), text(&person, "last_name")), ("Ada", "Lovelace"));
    assert_eq!(person["relationship"]["owner"], json!(true));
    missing(api.post(&path, &[("person_token", "cpt_none")]), 400, "token", "cpt_none", "person_token");
}

#[test]
fn what_a_token_told_wrongly_is_about_the_token() {
    let api = sandbox("to-blame");
    let file = "file_none";
    let told = [("account[individual][verification][document][front]", file), ("account[business_type]", "individual")];
    let token = || id(&api.post("/v1/tokens", &told).ok());
    let sentence = "No such file: 'file_none'";
    let base = [("type", "custom"), ("individual[first_name]", "Jenny")];
    let refused = api.post("/v1/accounts", &with(&base, &[("account_token", &token())]));
    assert_eq!(invalid(refused, 400, Some("resource_missing"), Some("account_token"))["message"], sentence);
    let named = "individual[verification][document][front]";
    let refused = api.post("/v1/accounts", &with(&base, &[(named, file)]));
    assert_eq!(invalid(refused, 400, Some("resource_missing"), Some(named))["message"], sentence);
    let firm = account(&api, &[BUSINESS, &[("business_type", "company")]]);
    let path = format!("/v1/accounts/{}/persons", id(&firm));
    let told = [("person[first_name]", "Ada"), ("person[verification][document][front]", file)];
    let token = id(&api.post("/v1/tokens", &told).ok());
    let refused = api.post(&path, &[("person_token", &token), ("last_name", "Lovelace")]);
    assert_eq!(invalid(refused, 400, Some("resource_missing"), Some("person_token"))["message"], sentence);
    let refused = api.post(&path, &[("verification[document][front]", file)]);
    invalid(refused, 400, Some("resource_missing"), Some("verification[document][front]"));
}
