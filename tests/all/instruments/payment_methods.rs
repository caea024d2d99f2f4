//! Payment methods (core-payments 4), and the accounts that `Stripe-Account` selects (billing 6).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::text;

const VISA: &[(&str, &str)] = &[
    ("type", "card"),
    ("card[number]", "4242424242424242"),
    ("card[exp_month]", "12"),
    ("card[exp_year]", "2040"),
    ("card[cvc]", "123"),
];

const CONSUMED: &str = "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, \
                        shared with a connected account without Customer attachment, or was detached from a Customer. \
                        It may not be used again. To use a PaymentMethod multiple times, you must attach it to a \
                        Customer first.";

const NOT_ATTACHABLE: &str = "This PaymentMethod was previously used without being attached to a Customer or was \
                              detached from a Customer, and may not be used again.";

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

fn customer(api: &Client) -> String {
    id(&api.post("/v1/customers", &[]).ok())
}

fn card(api: &Client) -> String {
    id(&api.post("/v1/payment_methods", VISA).ok())
}

fn card_of(api: &Client, number: &str) -> String {
    let params = [("type", "card"), ("card[number]", number), ("card[exp_month]", "1"), ("card[exp_year]", "2040")];
    id(&api.post("/v1/payment_methods", &[&params[..], &[("card[cvc]", "123")]].concat()).ok())
}

fn attach(api: &Client, method: &str, customer: &str) -> crate::support::client::Answer {
    api.post(&format!("/v1/payment_methods/{method}/attach"), &[("customer", customer)])
}

fn detach(api: &Client, method: &str) -> crate::support::client::Answer {
    api.post(&format!("/v1/payment_methods/{method}/detach"), &[])
}

/// Confirms at once; from before automatic payment methods, so that no return_url is needed.
fn pay(api: &Client, method: &str, more: &[(&str, &str)]) -> crate::support::client::Answer {
    let params = [("amount", "1000"), ("currency", "usd"), ("confirm", "true"), ("payment_method", method)];
    api.version("2022-11-15").post("/v1/payment_intents", &[&params[..], more].concat())
}

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().unwrap().iter().map(id).collect()
}

#[test]
fn a_card_is_created_with_everything_the_api_shows() {
    let api = sandbox("pm-create");
    let mut params = VISA.to_vec();
    params.extend([("billing_details[address][line1]", "1 Main St"), ("billing_details[email]", "a@example.com")]);
    params.extend([("metadata[order]", "7"), ("allow_redisplay", "always"), ("radar_options[session]", "rse_1")]);
    let method = api.post("/v1/payment_methods", &params).ok();
    assert!(id(&method).starts_with("pm_1") && id(&method).len() == 27, "{method}");
    assert_eq!(method["customer"], Value::Null);
    assert_eq!(method["allow_redisplay"], "always");
    assert_eq!(method["metadata"], json!({"order": "7"}));
    assert_eq!(method["radar_options"], json!({"session": "rse_1"}));
    let address = json!({"city": null, "country": null, "line1": "1 Main St", "line2": null, "postal_code": null,
        "state": null});
    assert_eq!(
        method["billing_details"],
        json!({"address": address, "email": "a@example.com", "name": null, "phone": null, "tax_id": null})
    );
    let checks = json!({"address_line1_check": "unchecked", "address_postal_code_check": null,
        "cvc_check": "unchecked"});
    assert_eq!(method["card"]["checks"], checks);
    assert_eq!(method["card"]["last4"], "4242");
    assert_eq!(api.get(&format!("/v1/payment_methods/{}", id(&method)), &[]).ok(), method);
}

#[test]
fn every_type_is_created_and_shows_its_own_hash() {
    let api = sandbox("pm-types");
    let bare = [
        "affirm",
        "alipay",
        "bancontact",
        "blik",
        "cashapp",
        "customer_balance",
        "eps",
        "giropay",
        "grabpay",
        "ideal",
        "klarna",
        "konbini",
        "kr_card",
        "link",
        "multibanco",
        "naver_pay",
        "oxxo",
        "p24",
        "paypal",
        "payto",
        "pix",
        "promptpay",
        "twint",
        "upi",
        "wechat_pay",
        "zip",
    ];
    for kind in bare {
        let method = api.post("/v1/payment_methods", &[("type", kind)]).ok();
        assert!(method[kind].is_object(), "{method}");
    }
    let with = |params: &[(&str, &str)]| {
        let method = api.post("/v1/payment_methods", params).ok();
        method[params[0].1].clone()
    };
    let us = with(&[
        ("type", "us_bank_account"),
        ("us_bank_account[account_number]", "000123456789"),
        ("us_bank_account[routing_number]", "110000000"),
        ("us_bank_account[account_holder_type]", "individual"),
    ]);
    assert_eq!(us["last4"], "6789");
    assert_eq!(us["account_type"], "checking");
    assert_eq!(us["bank_name"], "STRIPE TEST BANK");
    assert_eq!(us["networks"], json!({"preferred": "ach", "supported": ["ach"]}));
    assert_eq!(us["status_details"], json!({}));
    let sepa = with(&[("type", "sepa_debit"), ("sepa_debit[iban]", "DE89370400440532013000")]);
    let fingerprint = sepa["fingerprint"].clone();
    let generated_from = json!({"charge": null, "setup_attempt": null});
    assert_eq!(
        sepa,
        json!({"bank_code": "37040044", "branch_code": "", "country": "DE", "fingerprint": fingerprint,
            "generated_from": generated_from, "last4": "3000"})
    );
    assert_eq!(with(&[("type", "ideal"), ("ideal[bank]", "ing")]), json!({"bank": "ing", "bic": "INGBNL2A"}));
    assert_eq!(with(&[("type", "klarna")]), json!({}));
    let boleto = with(&[("type", "boleto"), ("boleto[tax_id]", "000.000.000-00")]);
    assert!(!text(&boleto, "fingerprint").is_empty() && boleto["tax_id"] == "000.000.000-00", "{boleto}");
    let bacs = with(&[
        ("type", "bacs_debit"),
        ("bacs_debit[account_number]", "00012345"),
        ("bacs_debit[sort_code]", "108800"),
    ]);
    assert_eq!((&bacs["last4"], &bacs["sort_code"]), (&json!("2345"), &json!("108800")));
}

#[test]
fn what_is_missing_on_creation_is_named() {
    let api = sandbox("pm-missing");
    for (params, param) in [
        (&[][..], "type"),
        (&[("type", "card")], "card"),
        (&[("type", "sepa_debit")], "sepa_debit"),
        (&[("type", "card"), ("card[number]", "4242424242424242")], "card[exp_month]"),
        (&[("type", "card"), ("card[number]", "4242424242424242"), ("card[exp_month]", "1")], "card[exp_year]"),
        (&[("type", "bacs_debit"), ("bacs_debit[account_number]", "00012345")], "bacs_debit[sort_code]"),
    ] {
        let error = api.post("/v1/payment_methods", params).refused(400);
        assert_eq!(error["message"], format!("Missing required param: {param}."));
        assert_eq!((&error["code"], &error["param"]), (&json!("parameter_missing"), &json!(param)));
    }
}

#[test]
fn creation_takes_no_customer() {
    let api = sandbox("pm-create-customer");
    let mut params = VISA.to_vec();
    params.push(("customer", "cus_x"));
    let error = api.post("/v1/payment_methods", &params).refused(400);
    assert_eq!(
        error["message"],
        "You cannot attach a PaymentMethod to a Customer during PaymentMethod creation. Please instead create the \
         PaymentMethod and then attach it using the attachment method of the PaymentMethods API."
    );
}

#[test]
fn a_card_token_that_is_none_is_told_why() {
    let api = sandbox("pm-token");
    for (token, message) in [
        ("pm_card_visa", "Invalid token id: pm_card_visa"),
        ("tok_unknown", "Invalid token id: tok_unknown"),
        ("tok_card_createDispute", "There is a part of the token that is not valid: 'card'."),
    ] {
        let error = api.post("/v1/payment_methods", &[("type", "card"), ("card[token]", token)]).refused(400);
        assert_eq!((&error["message"], &error["param"]), (&json!(message), &json!("token")));
        assert!(error.get("code").is_none());
    }
}

#[test]
fn a_bad_iban_and_an_unusable_account_are_refused() {
    let api = sandbox("pm-iban");
    let create = |iban: &str| api.post("/v1/payment_methods", &[("type", "sepa_debit"), ("sepa_debit[iban]", iban)]);
    let error = create("DE89370400440532013001").refused(400);
    assert_eq!((&error["code"], &error["param"]), (&json!("invalid_bank_account_iban"), &json!("sepa_debit[iban]")));
    assert_eq!(create("AT511904300000066666").refused(400)["code"], "bank_account_unusable");
}

#[test]
fn a_publishable_key_may_create() {
    let api = sandbox("pm-public");
    let page = api.publishable();
    let method = page.post("/v1/payment_methods", VISA).ok();
    let card = &method["card"];
    assert_eq!((method.get("metadata"), card.get("fingerprint"), &card["last4"]), (None, None, &json!("4242")));
    assert_eq!(page.get(&format!("/v1/payment_methods/{}", id(&method)), &[]).status, 401);
    let whole = api.get(&format!("/v1/payment_methods/{}", id(&method)), &[]).ok();
    assert!(whole["metadata"] == json!({}) && whole["card"]["fingerprint"].is_string(), "{whole}");
    let bank = [
        ("type", "sepa_debit"),
        ("sepa_debit[iban]", "DE89370400440532013000"),
        ("billing_details[name]", "Ada"),
        ("billing_details[email]", "ada@example.com"),
    ];
    let debit = page.post("/v1/payment_methods", &bank).ok();
    assert_eq!((debit["sepa_debit"].get("fingerprint"), &debit["sepa_debit"]["last4"]), (None, &json!("3000")));
    let source = page.post("/v1/sources", &[("type", "card"), ("token", "tok_visa")]).ok();
    assert_eq!((source.get("metadata"), source["card"].get("fingerprint")), (None, None));
}

#[test]
fn each_use_of_a_test_id_mints_a_new_object() {
    let api = sandbox("pm-magic");
    let customer = customer(&api);
    let first = attach(&api, "pm_card_visa", &customer).ok();
    let second = attach(&api, "pm_card_visa", &customer).ok();
    let third = api.get("/v1/payment_methods/pm_card_visa", &[]).ok();
    assert!(id(&first).starts_with("pm_1") && id(&first) != id(&second), "{first}");
    assert_eq!(third["customer"], Value::Null);
    api.get(&format!("/v1/payment_methods/{}", id(&third)), &[]).ok();
    let bank = api.get("/v1/payment_methods/pm_usBankAccount_success", &[]).ok();
    assert_eq!(bank["us_bank_account"]["last4"], "6789");
    let sepa = api.get("/v1/payment_methods/pm_sepaDebit_success_de", &[]).ok();
    assert_eq!(sepa["sepa_debit"]["country"], "DE");
    assert_eq!(api.get("/v1/payment_methods/pm_card_nonsense", &[]).status, 404);
}

#[test]
fn an_unknown_payment_method_is_404() {
    let api = sandbox("pm-unknown");
    let customer = customer(&api);
    for answer in [
        api.get("/v1/payment_methods/pm_none", &[]),
        api.post("/v1/payment_methods/pm_none", &[]),
        attach(&api, "pm_none", &customer),
        detach(&api, "pm_none"),
    ] {
        let error = answer.refused(404);
        assert_eq!(error["message"], "No such PaymentMethod: 'pm_none'");
        assert_eq!((&error["code"], &error["param"]), (&json!("resource_missing"), &json!("payment_method")));
    }
}

#[test]
fn attaching_sets_the_customer_and_makes_the_checks() {
    let api = sandbox("pm-attach");
    let (one, other) = (customer(&api), customer(&api));
    let method = card(&api);
    let attached = attach(&api, &method, &one).ok();
    assert_eq!((&attached["customer"], &attached["id"]), (&json!(one), &json!(method)));
    assert_eq!(attached["card"]["checks"]["cvc_check"], "pass");
    assert_eq!(attach(&api, &method, &one).ok(), attached);
    let error = attach(&api, &method, &other).refused(400);
    assert_eq!(error["message"], "The payment method you provided has already been attached to a customer.");
    assert_eq!((error.get("code"), error.get("doc_url")), (None, None));
    let owner = api.get(&format!("/v1/customers/{one}"), &[]).ok();
    assert_eq!(owner["invoice_settings"]["default_payment_method"], Value::Null);
}

#[test]
fn attaching_needs_a_customer_that_exists() {
    let api = sandbox("pm-attach-whom");
    let method = card(&api);
    let error = api.post(&format!("/v1/payment_methods/{method}/attach"), &[]).refused(400);
    assert_eq!(error["message"], "Must provide customer or customer_account.");
    assert!(error["code"] == "parameter_missing" && error.get("param").is_none());
    let error = attach(&api, &method, "cus_none").refused(400);
    assert_eq!(error["message"], "No such customer: 'cus_none'");
    assert_eq!((&error["code"], &error["param"]), (&json!("resource_missing"), &json!("customer")));
}

#[test]
fn a_card_that_is_refused_stays_unattached() {
    let api = sandbox("pm-attach-declined");
    let customer = customer(&api);
    for (number, code, param) in [
        ("4000000000000002", "card_declined", ""),
        ("4000000000000127", "incorrect_cvc", "cvc"),
        ("4000000000000069", "expired_card", "exp_month"),
    ] {
        let method = card_of(&api, number);
        let error = attach(&api, &method, &customer).refused(402);
        assert_eq!((&error["type"], &error["code"]), (&json!("card_error"), &json!(code)));
        assert_eq!(error["param"], param);
        assert!(error.get("charge").is_none());
        assert_eq!(api.get(&format!("/v1/payment_methods/{method}"), &[]).ok()["customer"], Value::Null);
    }
    attach(&api, "pm_card_chargeCustomerFail", &customer).ok();
    attach(&api, "pm_card_authenticationRequired", &customer).ok();
    assert_eq!(attach(&api, "pm_card_visa_chargeDeclined", &customer).status, 402);
}

#[test]
fn a_single_use_type_cannot_be_attached() {
    let api = sandbox("pm-attach-ideal");
    let method = id(&api.post("/v1/payment_methods", &[("type", "ideal")]).ok());
    let error = attach(&api, &method, &customer(&api)).refused(400);
    assert!(error["message"].as_str().unwrap().contains("`ideal`"), "{error}");
}

#[test]
fn a_detached_method_can_be_neither_used_nor_attached_again() {
    let api = sandbox("pm-detach");
    let customer = customer(&api);
    let method = card(&api);
    const NOT_ATTACHED: &str =
        "The payment method you provided is not attached to a customer so detachment is impossible.";
    assert_eq!(detach(&api, &method).refused(400)["message"], NOT_ATTACHED);
    attach(&api, &method, &customer).ok();
    let detached = detach(&api, &method).ok();
    assert_eq!(detached["customer"], Value::Null);
    assert_eq!(api.get(&format!("/v1/payment_methods/{method}"), &[]).ok(), detached);
    assert_eq!(detach(&api, &method).refused(400)["message"], NOT_ATTACHED);
    let error = attach(&api, &method, &customer).refused(400);
    assert_eq!(error["message"], NOT_ATTACHABLE);
    assert_eq!(error["code"], "payment_method_used_without_customer");
    let error = pay(&api, &method, &[]).refused(400);
    assert_eq!(error["message"], CONSUMED);
    assert_eq!(error["code"], "payment_method_used_without_customer");
    assert!(error.get("param").is_none() && error.get("doc_url").is_none());
    let list = api.get(&format!("/v1/customers/{customer}/payment_methods"), &[]).ok();
    assert_eq!(list["data"], json!([]));
}

#[test]
fn detaching_the_invoice_default_clears_it() {
    let api = sandbox("pm-detach-default");
    let customer = customer(&api);
    let method = id(&attach(&api, "pm_card_visa", &customer).ok());
    let path = format!("/v1/customers/{customer}");
    api.post(&path, &[("invoice_settings[default_payment_method]", &method)]).ok();
    detach(&api, &method).ok();
    assert_eq!(api.get(&path, &[]).ok()["invoice_settings"]["default_payment_method"], Value::Null);
}

#[test]
fn the_owner_has_to_be_named() {
    let api = sandbox("pm-owner");
    let (owner, other) = (customer(&api), customer(&api));
    let method = id(&attach(&api, "pm_card_visa", &owner).ok());
    let error = pay(&api, &method, &[]).refused(400);
    assert_eq!(
        error["message"],
        format!(
            "The `payment_method` parameter supplied {method} belongs to the Customer {owner}. Please include the \
             Customer in the `customer` parameter on the PaymentIntent."
        )
    );
    assert_eq!((&error["code"], &error["param"]), (&json!("parameter_missing"), &json!("source")));
    let error = pay(&api, &method, &[("customer", &other)]).refused(400);
    assert_eq!(
        error["message"],
        format!(
            "The PaymentMethod {method} does not belong to the Customer you supplied {other}. Please use this \
             PaymentMethod with the Customer that it belongs to instead."
        )
    );
    assert!(error.get("code").is_none() && error["param"] == "payment_method");
}

#[test]
fn only_a_saved_method_is_updated() {
    let api = sandbox("pm-update");
    let method = card(&api);
    let path = format!("/v1/payment_methods/{method}");
    let error = api.post(&path, &[("metadata[a]", "1")]).refused(400);
    assert_eq!(error["message"], "You must save this PaymentMethod to a customer before you can update it.");
    attach(&api, &method, &customer(&api)).ok();
    let changed = api
        .post(
            &path,
            &[
                ("billing_details[address][city]", "Berlin"),
                ("billing_details[name]", "Ada"),
                ("card[exp_month]", "5"),
                ("card[exp_year]", "41"),
                ("metadata[a]", "1"),
                ("metadata[b]", "2"),
                ("allow_redisplay", "limited"),
            ],
        )
        .ok();
    assert_eq!((&changed["card"]["exp_month"], &changed["card"]["exp_year"]), (&json!(5), &json!(2041)));
    let changed = api
        .post(
            &path,
            &[("billing_details[name]", ""), ("metadata[a]", ""), ("billing_details[address][line1]", "1 Main St")],
        )
        .ok();
    assert_eq!(changed["billing_details"]["name"], Value::Null);
    assert_eq!(changed["billing_details"]["address"]["city"], "Berlin");
    assert_eq!(changed["metadata"], json!({"b": "2"}));
    let changed = api.post(&path, &[("billing_details[address]", ""), ("metadata", "")]).ok();
    assert_eq!(changed["billing_details"]["address"]["city"], Value::Null);
    assert_eq!(changed["metadata"], json!({}));
    assert_eq!(api.post(&path, &[("card[exp_month]", "13")]).refused(402)["code"], "invalid_expiry_month");
    assert_eq!(api.post(&path, &[("card[number]", "4242424242424242")]).refused(400)["code"], "parameter_unknown");
    let error = api.post(&path, &[("us_bank_account[account_type]", "savings")]).refused(400);
    assert_eq!(error["param"], "us_bank_account");
}

#[test]
fn a_customer_lists_its_methods_newest_first() {
    let api = sandbox("pm-list");
    let (owner, other) = (customer(&api), customer(&api));
    let cards: Vec<String> = (0..3).map(|_| id(&attach(&api, "pm_card_visa", &owner).ok())).collect();
    let bank = id(&attach(&api, "pm_usBankAccount_success", &owner).ok());
    attach(&api, "pm_card_visa", &other).ok();
    let path = format!("/v1/customers/{owner}/payment_methods");
    let list = api.get(&path, &[]).ok();
    assert_eq!(list["url"], path);
    assert_eq!(ids(&list), [&*bank, &*cards[2], &*cards[1], &*cards[0]]);
    assert_eq!(ids(&api.get(&path, &[("type", "us_bank_account")]).ok()), [&*bank]);
    assert_eq!(ids(&api.get(&path, &[("allow_redisplay", "always")]).ok()), [""; 0]);
    let page = api.get(&path, &[("type", "card"), ("limit", "2")]).ok();
    assert_eq!((ids(&page), &page["has_more"]), (vec![cards[2].clone(), cards[1].clone()], &json!(true)));
    let page = api.get(&path, &[("type", "card"), ("starting_after", &cards[1])]).ok();
    assert_eq!((ids(&page), &page["has_more"]), (vec![cards[0].clone()], &json!(false)));
    let list = api.get("/v1/payment_methods", &[("customer", &owner), ("type", "card")]).ok();
    assert_eq!((ids(&list).len(), &list["url"]), (3, &json!("/v1/payment_methods")));
    assert_eq!(api.get("/v1/payment_methods", &[("type", "card")]).ok()["data"], json!([]));
}

#[test]
fn a_list_needs_a_customer_that_exists_and_in_no_version_a_type() {
    let api = sandbox("pm-list-errors");
    let customer = customer(&api);
    let error = api.get("/v1/customers/cus_none/payment_methods", &[]).refused(404);
    assert_eq!((&error["message"], &error["param"]), (&json!("No such customer: 'cus_none'"), &json!("id")));
    let error = api.get("/v1/payment_methods", &[("customer", "cus_none")]).refused(400);
    assert_eq!((&error["code"], &error["param"]), (&json!("resource_missing"), &json!("customer")));
    let method = id(&attach(&api, "pm_card_visa", &customer).ok());
    let old = api.version("2020-08-27");
    for (path, params) in [
        ("/v1/payment_methods".to_owned(), &[("customer", customer.as_str())][..]),
        (format!("/v1/customers/{customer}/payment_methods"), &[]),
    ] {
        assert_eq!(ids(&old.get(&path, params).ok()), [method.as_str()], "{path}");
    }
}

#[test]
fn a_customer_shows_only_its_own_methods() {
    let api = sandbox("pm-retrieve-of");
    let (owner, other) = (customer(&api), customer(&api));
    let method = attach(&api, "pm_card_visa", &owner).ok();
    let of = |customer: &str, id: &str| api.get(&format!("/v1/customers/{customer}/payment_methods/{id}"), &[]);
    assert_eq!(of(&owner, &id(&method)).ok(), method);
    let error = of(&other, &id(&method)).refused(404);
    assert_eq!((&error["message"], &error["param"]), (&json!("Invalid request"), &json!("customer")));
    assert!(error.get("code").is_none());
    assert_eq!(of("cus_none", &id(&method)).refused(404)["param"], "id");
    assert_eq!(of(&owner, "pm_none").refused(404)["param"], "payment_method");
}

#[test]
fn stripe_account_selects_a_created_account() {
    let api = sandbox("accounts");
    let account = api
        .post(
            "/v1/accounts",
            &[
                ("type", "express"),
                ("country", "DE"),
                ("email", "a@example.com"),
                ("capabilities[card_payments][requested]", "true"),
                ("business_profile[name]", "Ada"),
                ("metadata[a]", "1"),
            ],
        )
        .ok();
    assert_eq!((&account["default_currency"], &account["type"]), (&json!("eur"), &json!("express")));
    assert_eq!(account["capabilities"], json!({"card_payments": "inactive"}));
    assert_eq!(account["business_profile"]["name"], "Ada");
    let account = id(&account);
    let there = api.with("Stripe-Account", &account);
    let method = card(&there);
    assert_eq!(api.get(&format!("/v1/payment_methods/{method}"), &[]).status, 404);
    assert_eq!(id(&there.get("/v1/account", &[]).ok()), account);
    let changed = api.post(&format!("/v1/accounts/{account}"), &[("email", "b@example.com"), ("metadata[a]", "")]).ok();
    assert_eq!((&changed["email"], &changed["metadata"]), (&json!("b@example.com"), &json!({})));
    assert_eq!(there.get(&format!("/v1/accounts/{account}"), &[]).ok(), changed);
    assert_eq!(ids(&api.get("/v1/accounts", &[]).ok()), [account]);
    assert_eq!(there.post("/v1/accounts", &[]).status, 400);
    let platform = api.get("/v1/account", &[]).ok();
    assert_eq!(platform["charges_enabled"], true);
    assert_eq!(api.get(&format!("/v1/accounts/{}", id(&platform)), &[]).ok(), platform);
    assert_eq!(api.post(&format!("/v1/accounts/{}", id(&platform)), &[]).status, 400);
    assert_eq!(api.get("/v1/accounts/acct_none", &[]).refused(403)["code"], "account_invalid");
    assert_eq!(there.get(&format!("/v1/accounts/{}", id(&platform)), &[]).status, 400);
}

#[test]
fn the_type_of_an_account_follows_from_its_controller() {
    let api = sandbox("accounts-controller");
    let kind = |params: &[(&str, &str)]| api.post("/v1/accounts", params).ok()["type"].clone();
    assert_eq!(kind(&[]), "standard");
    assert_eq!(kind(&[("type", "custom")]), "custom");
    assert_eq!(
        kind(&[
            ("controller[fees][payer]", "application"),
            ("controller[losses][payments]", "application"),
            ("controller[stripe_dashboard][type]", "express"),
        ]),
        "express"
    );
    assert_eq!(kind(&[("controller[stripe_dashboard][type]", "none")]), "none");
}

#[test]
fn a_test_card_whose_address_fails_counts_as_sent_with_one() {
    let api = sandbox("pm-avs");
    for (name, line1, postal) in [
        ("pm_card_avsFail", "fail", "fail"),
        ("pm_card_avsLine1Fail", "fail", "pass"),
        ("pm_card_avsZipFail", "pass", "fail"),
        ("pm_card_avsUnchecked", "unavailable", "unavailable"),
    ] {
        let checks = |line1: &str, postal: &str, cvc: &str| json!({"address_line1_check": line1, "address_postal_code_check": postal, "cvc_check": cvc});
        let fresh = api.get(&format!("/v1/payment_methods/{name}"), &[]).ok();
        assert_eq!(fresh["card"]["checks"], checks("unchecked", "unchecked", "unchecked"), "{name}");
        let paid = pay(&api, name, &[]).ok();
        let charge = api.get(&format!("/v1/charges/{}", paid["latest_charge"].as_str().unwrap()), &[]).ok();
        assert_eq!(charge["payment_method_details"]["card"]["checks"], checks(line1, postal, "pass"), "{name}");
        let owner = id(&api.post("/v1/customers", &[("source", &name.replace("pm_card", "tok"))]).ok());
        let source = api.get(&format!("/v1/customers/{owner}/sources"), &[]).ok()["data"][0].clone();
        assert_eq!((&source["address_line1_check"], &source["address_zip_check"]), (&json!(line1), &json!(postal)));
    }
    let visa = api.get("/v1/payment_methods/pm_card_visa", &[]).ok();
    assert_eq!(visa["card"]["checks"]["address_line1_check"], Value::Null);
}
