//! What numbers of bank accounts, networks and dates of cards have to look like, wherever they are sent
//! (core-payments 4.2, 5.1, 7.5).

use serde_json::json;

use crate::support::client::sandbox;
use crate::support::flows::{Params, attach, customer, id, invalid, sources_of, with};

#[test]
fn an_american_account_has_a_routing_number_of_nine_digits_that_checks() {
    let api = sandbox("numbers-us");
    let owner = customer(&api, &[]);
    let sources = format!("/v1/customers/{owner}/sources");
    let token: Params<'_> = &[("bank_account[country]", "US"), ("bank_account[currency]", "usd")];
    let source: Params<'_> =
        &[("source[object]", "bank_account"), ("source[country]", "US"), ("source[currency]", "usd")];
    let method: Params<'_> = &[("type", "us_bank_account"), ("us_bank_account[account_holder_type]", "individual")];
    let ach: Params<'_> = &[("type", "ach_debit"), ("currency", "usd")];
    let wrong = [
        ("1", "000123456789", "routing_number"),
        ("110000001", "000123456789", "routing_number"),
        ("11000000a", "000123456789", "routing_number"),
        ("110000000", "123", "account_number"),
        ("110000000", "12a456", "account_number"),
        ("110000000", "123456789012345678", "account_number"),
    ];
    for (path, hash, base) in [
        ("/v1/tokens", "bank_account", token),
        (sources.as_str(), "source", source),
        ("/v1/payment_methods", "us_bank_account", method),
        ("/v1/sources", "ach_debit", ach),
    ] {
        let [routing_number, account_number] =
            ["routing_number", "account_number"].map(|part| format!("{hash}[{part}]"));
        for (routing, number, part) in wrong {
            let numbers = [(routing_number.as_str(), routing), (account_number.as_str(), number)];
            let (code, param) = (format!("{part}_invalid"), format!("{hash}[{part}]"));
            invalid(api.post(path, &with(base, &numbers)), 400, Some(&code), Some(&param));
        }
        let right = [(routing_number.as_str(), "021000021"), (account_number.as_str(), "000123456789")];
        api.post(path, &with(base, &right)).ok();
    }
}

#[test]
fn an_american_account_that_may_be_paid_out_to_has_a_test_number() {
    let api = sandbox("numbers-test");
    let owner = customer(&api, &[]);
    let own = id(&api.get("/v1/account", &[]).ok());
    let (sources, accounts) =
        (format!("/v1/customers/{owner}/sources"), format!("/v1/accounts/{own}/external_accounts"));
    for (path, hash) in
        [("/v1/tokens", "bank_account"), (sources.as_str(), "source"), (accounts.as_str(), "external_account")]
    {
        let name = |part: &str| format!("{hash}[{part}]");
        let parts = ["object", "country", "currency", "routing_number", "account_number"].map(name);
        let account = |number: &'static str| {
            let values = ["bank_account", "US", "usd", "110000000", number];
            let sent = parts.iter().map(String::as_str).zip(values);
            // A token has no doubt about what it is of.
            sent.skip(usize::from(path == "/v1/tokens")).collect::<Vec<_>>()
        };
        let error =
            invalid(api.post(path, &account("123123123")), 400, Some("account_number_invalid"), Some(&parts[4]));
        assert_eq!(
            error["message"],
            "You must use a test bank account number in test mode. Try 000123456789 or see more options at \
             https://stripe.com/docs/connect/testing#account-numbers."
        );
        for number in ["000123456789", "000111111116", "000888888883"] {
            api.post(path, &account(number)).ok();
        }
    }
}

#[test]
fn a_number_that_begins_with_a_country_is_an_iban() {
    let api = sandbox("numbers-iban");
    let base: Params<'_> = &[("bank_account[country]", "DE"), ("bank_account[currency]", "eur")];
    let token = |number| api.post("/v1/tokens", &with(base, &[("bank_account[account_number]", number)]));
    let param = Some("bank_account[account_number]");
    invalid(token("DE89370400440532013001"), 400, Some("invalid_bank_account_iban"), param);
    assert_eq!(token("DE89370400440532013000").ok()["bank_account"]["last4"], "3000");
    assert_eq!(token("0532013000").ok()["bank_account"]["last4"], "3000");
}

#[test]
fn a_preferred_network_that_the_card_does_not_have_is_said_to_be_invalid() {
    let api = sandbox("numbers-networks");
    let owner = customer(&api, &[]);
    let card: Params<'_> = &[("type", "card"), ("card[exp_month]", "12"), ("card[exp_year]", "2040")];
    for (number, preferred, shown) in [
        ("4000002500001001", "cartes_bancaires", json!("cartes_bancaires")),
        ("4000002500001001", "visa", json!("visa")),
        ("4000002500001001", "mastercard", json!("invalid_preference")),
        ("4242424242424242", "cartes_bancaires", json!("invalid_preference")),
    ] {
        let sent = [("card[number]", number), ("card[networks][preferred]", preferred)];
        let made = api.post("/v1/payment_methods", &with(card, &sent)).ok();
        assert_eq!(made["card"]["networks"]["preferred"], shown, "{number} {preferred}");
        let token = api.post("/v1/tokens", &with(&card[1..], &sent)).ok();
        assert_eq!(token["card"]["networks"]["preferred"], shown, "{number} {preferred}");
    }
    let made = id(&api.post("/v1/payment_methods", &[("type", "card"), ("card[token]", "tok_visa")]).ok());
    attach(&api, &made, &owner).ok();
    let path = format!("/v1/payment_methods/{made}");
    for (preferred, shown) in [("mastercard", json!("invalid_preference")), ("visa", json!("visa")), ("", json!(null))]
    {
        let changed = api.post(&path, &[("card[networks][preferred]", preferred)]).ok();
        assert_eq!(changed["card"]["networks"]["preferred"], shown, "{preferred}");
    }
}

#[test]
fn a_year_of_two_digits_is_one_of_this_century_also_in_an_update() {
    let api = sandbox("numbers-year");
    let owner = customer(&api, &[("source", "tok_visa")]);
    let path = format!("/v1/customers/{owner}/sources/{}", sources_of(&api, &owner)[0]);
    let changed = api.post(&path, &[("exp_year", "40"), ("exp_month", "5")]).ok();
    assert_eq!((&changed["exp_month"], &changed["exp_year"]), (&json!(5), &json!(2040)));
    for (param, value, code) in [
        ("exp_month", "13", "invalid_expiry_month"),
        ("exp_month", "0", "invalid_expiry_month"),
        ("exp_year", "20", "invalid_expiry_year"),
        ("exp_year", "2020", "invalid_expiry_year"),
    ] {
        let error = api.post(&path, &[(param, value)]).refused(402);
        assert_eq!((&error["code"], &error["param"]), (&json!(code), &json!(param)), "{param}={value}");
    }
    assert_eq!(api.get(&path, &[]).ok(), changed);
}
