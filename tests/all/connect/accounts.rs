//! `Stripe-Account`: each account has its own world (core-payments 1.1.10, 1.1.11).

use serde_json::json;

use super::{account, again};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{
    attached, card_source, charge, charged, customer, id, ids, intent, invalid, missing, refund,
};

/// A platform, and the same user acting for a new connected account.
fn platform(name: &str) -> (Client, Client, String) {
    let api = sandbox(name);
    let account = id(&api.post("/v1/accounts", &[("type", "standard")]).ok());
    let there = api.with("Stripe-Account", &account);
    (api, there, account)
}

#[test]
fn an_unknown_account_is_403() {
    let api = Client::new(sandbox("accounts-unknown").url(), "sk_test_1234567890abcdWXYZ");
    let answer = api.with("Stripe-Account", "acct_none").get("/v1/customers", &[]);
    let error = invalid(answer, 403, Some("account_invalid"), None);
    assert_eq!(
        error["message"],
        "The provided key 'sk_test_**************WXYZ' does not have access to account 'acct_none' (or that account does \
         not exist). Application access may have been revoked."
    );
    assert_eq!(error["doc_url"], "https://stripe.com/docs/error-codes/account-invalid");
}

#[test]
fn an_account_is_unknown_in_another_sandbox() {
    let (_, _, account) = platform("accounts-here");
    let elsewhere = sandbox("accounts-elsewhere").with("Stripe-Account", &account);
    assert_eq!(elsewhere.get("/v1/customers", &[]).refused(403)["code"], "account_invalid");
}

#[test]
fn what_is_made_in_an_account_is_missing_on_the_platform() {
    let (api, there, account) = platform("accounts-isolated");
    let owner = customer(&there, &[("source", "tok_visa")]);
    let paid = id(&charge(&there, &[("customer", &owner)]).ok());
    let back = id(&refund(&there, &paid, &[("amount", "100")]).ok());
    let method = attached(&there, "pm_card_visa", &owner);
    let source = card_source(&there);
    let made = id(&intent(&there, &[("customer", &owner)]).ok());
    for path in [
        format!("/v1/customers/{owner}"),
        format!("/v1/charges/{paid}"),
        format!("/v1/refunds/{back}"),
        format!("/v1/payment_methods/{method}"),
        format!("/v1/sources/{source}"),
        format!("/v1/payment_intents/{made}"),
    ] {
        assert_eq!(api.get(&path, &[]).refused(404)["code"], "resource_missing", "{path}");
        let answer = there.get(&path, &[]);
        assert_eq!((answer.status, answer.header("stripe-account")), (200, Some(&*account)), "{path}");
    }
    for path in ["/v1/customers", "/v1/charges", "/v1/refunds", "/v1/payment_intents", "/v1/balance_transactions"] {
        assert_eq!(api.get(path, &[]).ok()["data"], json!([]), "{path}");
        assert!(!ids(&there.get(path, &[]).ok()).is_empty(), "{path}");
    }
    missing(charge(&api, &[("customer", &owner)]), 400, "customer", &owner, "customer");
    missing(api.get("/v1/charges", &[("customer", &owner)]), 400, "customer", &owner, "customer");
    missing(api.get("/v1/customers", &[("starting_after", &owner)]), 400, "customer", &owner, "starting_after");
}

#[test]
fn what_is_made_on_the_platform_is_missing_in_an_account() {
    let (api, there, _) = platform("accounts-isolated-back");
    let owner = customer(&api, &[("source", "tok_visa")]);
    missing(there.get(&format!("/v1/customers/{owner}"), &[]), 404, "customer", &owner, "id");
    missing(charge(&there, &[("customer", &owner)]), 400, "customer", &owner, "customer");
    assert_eq!(there.get("/v1/customers", &[]).ok()["data"], json!([]));
    // A token is the platform's, too.
    let card = [("card[number]", "4242424242424242"), ("card[exp_month]", "8"), ("card[exp_year]", "2040")];
    let token = id(&api.post("/v1/tokens", &card).ok());
    missing(charge(&there, &[("source", &token)]), 400, "token", &token, "source");
    charge(&api, &[("source", &token)]).ok();
}

#[test]
fn each_account_has_its_own_balance() {
    let (api, there, _) = platform("accounts-balance");
    charged(&there, &[]);
    let pending = |api: &Client| api.get("/v1/balance", &[]).ok()["pending"][0]["amount"].clone();
    assert_eq!((pending(&api), pending(&there)), (json!(0), json!(1912)));
}

#[test]
fn two_accounts_may_have_customers_of_one_id() {
    let (api, there, _) = platform("accounts-same-id");
    for (api, name) in [(&api, "here"), (&there, "there")] {
        customer(api, &[("id", "cus_same"), ("name", name)]);
    }
    let name = |api: &Client| api.get("/v1/customers/cus_same", &[]).ok()["name"].clone();
    assert_eq!((name(&api), name(&there)), (json!("here"), json!("there")));
}

#[test]
fn a_fingerprint_is_the_accounts_own() {
    let (api, there, _) = platform("accounts-fingerprint");
    let fingerprint =
        |api: &Client, token: &str| charge(api, &[("source", token)]).ok()["source"]["fingerprint"].clone();
    assert_eq!(fingerprint(&api, "tok_visa"), fingerprint(&api, "tok_visa"));
    assert_ne!(fingerprint(&api, "tok_visa"), fingerprint(&api, "tok_amex"));
    assert_ne!(fingerprint(&api, "tok_visa"), fingerprint(&there, "tok_visa"));
}

#[test]
fn an_external_account_may_be_sent_twice_as_the_go_library_does() {
    let api = sandbox("acct-go");
    let token = id(&api
        .post(
            "/v1/tokens",
            &[
                ("bank_account[country]", "US"),
                ("bank_account[currency]", "usd"),
                ("bank_account[routing_number]", "110000000"),
                ("bank_account[account_number]", "000123456789"),
            ],
        )
        .ok());
    let twice = [("country", "US"), ("external_account[token]", &*token), ("external_account", &*token)];
    let made = api.post("/v1/accounts", &twice).ok();
    assert_eq!(made["external_accounts"]["data"][0]["last4"], "6789");
}

#[test]
fn the_key_of_a_sandbox_is_masked_too() {
    let api = sandbox("ac-masked");
    let error =
        invalid(api.with("Stripe-Account", "acct_none").get("/v1/customers", &[]), 403, Some("account_invalid"), None);
    assert_eq!(
        error["message"],
        "The provided key 'sk_test_*************sked' does not have access to account 'acct_none' (or that account does \
         not exist). Application access may have been revoked."
    );
}

#[test]
fn an_external_account_cannot_be_unset() {
    let api = sandbox("ac-unset");
    let made = account(&api, &[&[("type", "custom"), ("external_account", "btok_us_verified")]]);
    let path = format!("/v1/accounts/{}", id(&made));
    for param in ["external_account", "bank_account"] {
        for answer in [api.post(&path, &[(param, "")]), api.post("/v1/accounts", &[("type", "custom"), (param, "")])] {
            let error = invalid(answer, 400, Some("parameter_invalid_empty"), Some(param));
            let sentence = format!(
                "You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; however \
                 '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty value."
            );
            assert_eq!(error["message"], sentence);
        }
    }
    assert_eq!((again(&api, &made), ids(&api.get("/v1/accounts", &[]).ok()).len()), (made, 1));
}
