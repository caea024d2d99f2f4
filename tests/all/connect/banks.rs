//! Bank accounts of connected accounts (connect-accounts 5).

use serde_json::{Value, json};

use super::{BUSINESS, account};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{id, int, invalid, missing, rows, text};

/// Sends a bank account under its older name.
fn add(api: &Client, account: &Value, country: &str, currency: &str, number: &str, routing: Option<&str>) -> Answer {
    let mut bank = vec![
        ("bank_account[object]", "bank_account"),
        ("bank_account[country]", country),
        ("bank_account[currency]", currency),
        ("bank_account[account_number]", number),
    ];
    bank.extend(routing.map(|routing| ("bank_account[routing_number]", routing)));
    api.post(&format!("/v1/accounts/{}", id(account)), &bank)
}

#[test]
fn each_country_has_its_numbers_and_shows_them_in_its_own_form() {
    let api = sandbox("ba-countries");
    for (country, currency, number, sent, shown, bank) in [
        ("US", "usd", "000123456789", Some("110000000"), "110000000", "STRIPE TEST BANK"),
        ("US", "usd", "000123456789", Some("111000000"), "111000000", "STRIPE TEST BANK"),
        ("US", "usd", "000123456789", Some("122105155"), "122105155", "US BANK NA"),
        ("AU", "aud", "000123456", Some("110000"), "11 0000", "STRIPE TEST BANK"),
        ("GB", "gbp", "00012345", Some("23-14-70"), "23-14-70", "WISE PAYMENTS LTD"),
        ("DE", "eur", "DE89370400440532013000", None, "110000000", "STRIPE TEST BANK"),
        ("FR", "eur", "FR89370400440532013000", None, "110000000", "STRIPE TEST BANK"),
        ("MY", "myr", "000123456000", Some("HBMBMYKL"), "TESTMYKLXXX", "STRIPE TEST BANK"),
        ("NZ", "nzd", "1100000000000010", None, "110000", "STRIPE TEST BANK"),
        ("ZA", "zar", "000001234", Some("FIRNZAJJ"), "FIRNZAJJXXX", "FIRSTRAND BANK LIMITED"),
    ] {
        let made = account(&api, &[BUSINESS, &[("country", country)]]);
        let list = add(&api, &made, country, currency, number, sent).ok()["external_accounts"].clone();
        let added = &rows(&list)[0];
        assert_eq!((text(added, "routing_number"), text(added, "bank_name")), (shown, bank), "{country}");
        assert_eq!((text(added, "last4"), int(&list, "total_count")), (&number[number.len() - 4..], 1), "{country}");
        let methods =
            if country == "US" && shown == "110000000" { json!(["standard", "instant"]) } else { json!(["standard"]) };
        assert_eq!(added["available_payout_methods"], methods, "{country}");
        let none = json!({"currently_due": [], "errors": [], "past_due": [], "pending_verification": []});
        assert_eq!((&added["requirements"], &added["future_requirements"]), (&none, &none), "{country}");
    }
}

#[test]
fn a_bank_account_replaces_that_of_its_currency_and_joins_those_of_others() {
    let api = sandbox("ba-currencies");
    let made = account(&api, &[BUSINESS, &[("country", "PL")]]);
    let zloty = add(&api, &made, "PL", "pln", "PL61109010140000071219812874", None).ok();
    let both = add(&api, &made, "US", "usd", "000123456789", Some("110000000")).ok();
    let list = &both["external_accounts"];
    assert_eq!(int(list, "total_count"), 2);
    let shown: Vec<(&str, &Value)> =
        rows(list).iter().map(|bank| (text(bank, "currency"), &bank["default_for_currency"])).collect();
    assert_eq!(shown, [("usd", &json!(true)), ("pln", &json!(true))]);
    assert_eq!(
        (text(&both, "default_currency"), &rows(list)[0]["available_payout_methods"]),
        ("pln", &json!(["standard"]))
    );
    let again = add(&api, &made, "PL", "pln", "PL61109010140000071219812874", None).ok();
    assert_eq!(int(&again["external_accounts"], "total_count"), 2);
    let ids = |account: &Value| rows(&account["external_accounts"]).iter().map(id).collect::<Vec<_>>();
    assert!(!ids(&again).contains(&ids(&zloty)[0]), "the first is gone");
}

#[test]
fn a_number_that_is_no_test_number_is_refused() {
    let api = sandbox("ba-refused");
    let made = account(&api, &[BUSINESS]);
    let answer = add(&api, &made, "US", "usd", "123123123", Some("110000000"));
    let error = invalid(answer, 400, Some("account_number_invalid"), Some("bank_account[account_number]"));
    assert!(text(&error, "message").starts_with("You must use a test bank account number in test mode."), "{error}");
    let kept = api.get(&format!("/v1/accounts/{}", id(&made)), &[]).ok();
    assert_eq!(int(&kept["external_accounts"], "total_count"), 0);
}

#[test]
fn country_specs_show_the_table_of_countries() {
    let api = sandbox("ba-specs");
    let spec = api.get("/v1/country_specs/JP", &[]).ok();
    assert_eq!((text(&spec, "id"), text(&spec, "default_currency")), ("JP", "jpy"));
    assert_eq!(spec["supported_bank_account_currencies"], json!({"jpy": ["JP"], "usd": ["US"]}));
    let needs = spec["verification_fields"]["individual"]["minimum"].as_array().unwrap();
    assert!(needs.contains(&json!("individual.dob.day")), "{needs:?}");
    let first = api.get("/v1/country_specs", &[("limit", "1")]).ok();
    assert_eq!((id(&rows(&first)[0]).as_str(), &first["has_more"]), ("AE", &json!(true)));
    missing(api.get("/v1/country_specs/ZZ", &[]), 404, "country spec", "ZZ", "country");
}
