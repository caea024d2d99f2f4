//! A customer's sources (core-payments 3.4 to 3.6, 5.3).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{
    add_source, card_source, charge, customer, id, ids, invalid, missing, rows, single_use_source, sources_of, text,
    the_customer, the_source, with,
};

const CARD: &[(&str, &str)] = &[
    ("source[object]", "card"),
    ("source[number]", "4242424242424242"),
    ("source[exp_month]", "8"),
    ("source[exp_year]", "2040"),
    ("source[cvc]", "123"),
    ("source[name]", "Jenny"),
    ("source[address_city]", "Berlin"),
];

const BANK: &[(&str, &str)] = &[
    ("source[object]", "bank_account"),
    ("source[country]", "US"),
    ("source[currency]", "usd"),
    ("source[account_holder_name]", "Jenny"),
    ("source[account_holder_type]", "individual"),
    ("source[routing_number]", "110000000"),
    ("source[account_number]", "000123456789"),
];

fn default_source(api: &Client, customer: &str) -> Value {
    the_customer(api, customer)["default_source"].clone()
}

#[test]
fn a_customer_may_begin_with_a_source() {
    let api = sandbox("cs-create");
    let from_token = customer(&api, &[("source", "tok_visa")]);
    let card = sources_of(&api, &from_token);
    assert!(card.len() == 1 && card[0].starts_with("card_"), "{card:?}");
    assert_eq!(default_source(&api, &from_token), card[0]);
    let source = card_source(&api);
    let from_source = customer(&api, &[("source", &source)]);
    assert_eq!(default_source(&api, &from_source), source);
    assert_eq!(the_source(&api, &source)["customer"], from_source);
    assert_eq!(the_source(&api, &source)["status"], "chargeable");
}

#[test]
fn a_source_may_be_a_hash() {
    let api = sandbox("cs-hash");
    let owner = customer(&api, CARD);
    let card = &rows(&api.get(&format!("/v1/customers/{owner}/sources"), &[]).ok())[0].clone();
    assert_eq!((text(card, "last4"), text(card, "name"), text(card, "address_city")), ("4242", "Jenny", "Berlin"));
    let bank = api.post(&format!("/v1/customers/{owner}/sources"), BANK).ok();
    assert_eq!((text(&bank, "object"), text(&bank, "status")), ("bank_account", "new"));
    let error = api.post(&format!("/v1/customers/{owner}/sources"), &with(CARD, &[("source[cvc]", "99")])).refused(402);
    assert_eq!((&error["code"], &error["param"]), (&json!("invalid_cvc"), &json!("cvc")));
}

#[test]
fn a_card_from_a_token_is_complete() {
    let api = sandbox("cs-card");
    let owner = customer(&api, &[]);
    let mut card = add_source(&api, &owner, "tok_visa").ok();
    assert!(id(&card).starts_with("card_") && id(&card).len() == 29, "{card}");
    assert_eq!(api.get(&format!("/v1/customers/{owner}/sources/{}", id(&card)), &[]).ok(), card);
    for made_up in ["id", "exp_month", "exp_year", "fingerprint"] {
        assert!(!card.as_object_mut().unwrap().remove(made_up).unwrap().is_null());
    }
    assert_eq!(
        card,
        json!({"object": "card", "address_city": null, "address_country": null, "address_line1": null,
            "address_line1_check": null, "address_line2": null, "address_state": null, "address_zip": null,
            "address_zip_check": null, "allow_redisplay": "unspecified", "brand": "Visa", "country": "US", "customer": owner, "cvc_check": "pass",
            "dynamic_last4": null, "email": null, "funding": "credit", "last4": "4242", "metadata": {}, "name": null,
            "phone": null, "regulated_status": "unregulated", "tokenization_method": null, "wallet": null})
    );
}

#[test]
fn legacy_cards_have_titles_for_brands() {
    let api = sandbox("cs-brands");
    let owner = customer(&api, &[]);
    for (token, brand) in [
        ("tok_visa", "Visa"),
        ("tok_amex", "American Express"),
        ("tok_mastercard", "MasterCard"),
        ("tok_discover", "Discover"),
        ("tok_jcb", "JCB"),
        ("tok_diners", "Diners Club"),
        ("tok_unionpay", "UnionPay"),
    ] {
        assert_eq!(add_source(&api, &owner, token).ok()["brand"], brand);
    }
}

#[test]
fn an_update_with_a_source_replaces_the_default() {
    let api = sandbox("cs-replace");
    let owner = customer(&api, &[]);
    let path = format!("/v1/customers/{owner}");
    let changed = api.post(&path, &[("source", "tok_visa")]).ok();
    let first = text(&changed, "default_source").to_owned();
    assert_eq!(sources_of(&api, &owner), [&*first]);
    let kept = id(&add_source(&api, &owner, "tok_amex").ok());
    let changed = api.post(&path, &[("source", "tok_mastercard")]).ok();
    let third = text(&changed, "default_source").to_owned();
    assert!(third != first && third != kept);
    assert_eq!(sources_of(&api, &owner), [third, kept]);
    assert_eq!(api.get(&format!("{path}/sources/{first}"), &[]).status, 404);
}

#[test]
fn an_update_with_a_refused_source_changes_nothing() {
    let api = sandbox("cs-replace-refused");
    let owner = customer(&api, &[("source", "tok_visa"), ("name", "before")]);
    let before = the_customer(&api, &owner);
    let params = [("source", "tok_chargeDeclined"), ("name", "after")];
    assert_eq!(api.post(&format!("/v1/customers/{owner}"), &params).status, 402);
    assert_eq!(the_customer(&api, &owner), before);
    assert_eq!(sources_of(&api, &owner), [text(&before, "default_source")]);
}

#[test]
fn a_token_is_used_once_and_a_test_token_for_ever() {
    let api = sandbox("cs-token");
    let owner = customer(&api, &[]);
    let card = [("card[number]", "4242424242424242"), ("card[exp_month]", "8"), ("card[exp_year]", "2040")];
    let token = id(&api.post("/v1/tokens", &card).ok());
    add_source(&api, &owner, &token).ok();
    let paths =
        ["/v1/customers".to_owned(), format!("/v1/customers/{owner}"), format!("/v1/customers/{owner}/sources")];
    for path in &paths {
        let error = invalid(api.post(path, &[("source", &token)]), 400, Some("token_already_used"), None);
        assert_eq!(error["message"], format!("You cannot use a Stripe token more than once: {token}."));
        missing(api.post(path, &[("source", "tok_none")]), 400, "token", "tok_none", "source");
    }
    for _ in 0..2 {
        add_source(&api, &owner, "tok_visa").ok();
    }
    assert_eq!(ids(&api.get("/v1/customers", &[]).ok()), [owner]);
}

/// Token, `code`, `decline_code` where the reference agrees on it, message, `param` (core-payments 3.5).
const REFUSALS: &[(&str, &str, Option<&str>, &str, &str)] = &[
    ("tok_chargeDeclined", "card_declined", Some("generic_decline"), "Your card was declined.", ""),
    ("tok_visa_chargeDeclined", "card_declined", Some("generic_decline"), "Your card was declined.", ""),
    (
        "tok_chargeDeclinedInsufficientFunds",
        "card_declined",
        Some("insufficient_funds"),
        "Your card has insufficient funds.",
        "",
    ),
    (
        "tok_visa_chargeDeclinedInsufficientFunds",
        "card_declined",
        Some("insufficient_funds"),
        "Your card has insufficient funds.",
        "",
    ),
    ("tok_visa_chargeDeclinedLostCard", "card_declined", Some("lost_card"), "Your card was declined.", ""),
    ("tok_visa_chargeDeclinedStolenCard", "card_declined", Some("stolen_card"), "Your card was declined.", ""),
    (
        "tok_visa_chargeDeclinedVelocityLimitExceeded",
        "card_declined",
        Some("card_velocity_exceeded"),
        "Your card was declined.",
        "",
    ),
    ("tok_chargeDeclinedIncorrectCvc", "incorrect_cvc", None, "Your card's security code is incorrect.", "cvc"),
    ("tok_chargeDeclinedExpiredCard", "expired_card", None, "Your card has expired.", "exp_month"),
    (
        "tok_chargeDeclinedProcessingError",
        "processing_error",
        None,
        "An error occurred while processing your card. Try again in a little bit.",
        "",
    ),
];

#[test]
fn a_card_that_is_refused_is_not_saved() {
    let api = sandbox("cs-refused");
    let owner = customer(&api, &[]);
    let paths =
        ["/v1/customers".to_owned(), format!("/v1/customers/{owner}"), format!("/v1/customers/{owner}/sources")];
    for (token, code, decline_code, message, param) in REFUSALS {
        for path in &paths {
            let error = api.post(path, &[("source", token)]).refused(402);
            assert_eq!(
                (text(&error, "type"), text(&error, "code"), text(&error, "message"), text(&error, "param")),
                ("card_error", *code, *message, *param),
                "{token}"
            );
            assert!(decline_code.is_none() || error["decline_code"].as_str() == *decline_code, "{error}");
            assert!(error.get("charge").is_none(), "{error}");
        }
    }
    assert_eq!(ids(&api.get("/v1/customers", &[]).ok()), [&*owner]);
    assert_eq!(sources_of(&api, &owner), [""; 0]);
    assert_eq!(api.get("/v1/charges", &[]).ok()["data"], json!([]));
}

#[test]
fn the_generic_refusal_has_exactly_the_recorded_keys() {
    let api = sandbox("cs-refused-keys");
    let error = api.post("/v1/customers", &[("source", "tok_chargeDeclined")]).refused(402);
    assert_eq!(
        crate::support::flows::keys(&error),
        [
            "advice_code",
            "code",
            "decline_code",
            "doc_url",
            "message",
            "network_decline_code",
            "param",
            "request_log_url",
            "type"
        ]
    );
    assert_eq!((text(&error, "advice_code"), text(&error, "network_decline_code")), ("try_again_later", "01"));
}

#[test]
fn a_card_may_be_saved_and_decline_later() {
    let api = sandbox("cs-charge-fails");
    let owner = customer(&api, &[("source", "tok_chargeCustomerFail")]);
    let error = charge(&api, &[("customer", &owner)]).refused(402);
    assert_eq!((text(&error, "code"), text(&error, "decline_code")), ("card_declined", "generic_decline"));
    assert!(text(&error, "charge").starts_with("ch_"));
}

#[test]
fn the_first_source_becomes_the_default_and_the_next_do_not() {
    let api = sandbox("cs-default");
    let owner = customer(&api, &[]);
    let first = id(&add_source(&api, &owner, "tok_visa").ok());
    let second = card_source(&api);
    add_source(&api, &owner, &second).ok();
    let third = id(&add_source(&api, &owner, "tok_amex").ok());
    assert_eq!(default_source(&api, &owner), first);
    assert_eq!(sources_of(&api, &owner), [&*first, &third, &second]);
    let changed = api.post(&format!("/v1/customers/{owner}"), &[("default_source", &second)]).ok();
    assert_eq!(changed["default_source"], second);
    // The default first, the others newest first.
    assert_eq!(sources_of(&api, &owner), [second, third, first]);
}

#[test]
fn a_default_that_is_not_attached_is_refused() {
    let api = sandbox("cs-default-foreign");
    let (owner, other) = (customer(&api, &[("source", "tok_visa")]), customer(&api, &[("source", "tok_visa")]));
    let before = the_customer(&api, &owner);
    let foreign = text(&the_customer(&api, &other), "default_source").to_owned();
    let loose = card_source(&api);
    for source in [&*foreign, &loose, "card_none"] {
        let answer = api.post(&format!("/v1/customers/{owner}"), &[("default_source", source)]);
        missing(answer, 400, "source", source, "source");
    }
    assert_eq!(the_customer(&api, &owner), before);
}

#[test]
fn deleting_the_default_promotes_the_latest_and_deleting_the_last_leaves_none() {
    let api = sandbox("cs-promote");
    let owner = customer(&api, &[]);
    let [a, b, c] = ["tok_visa", "tok_amex", "tok_jcb"].map(|token| id(&add_source(&api, &owner, token).ok()));
    let delete = |source: &str| api.delete(&format!("/v1/customers/{owner}/sources/{source}")).ok();
    delete(&a);
    assert_eq!(default_source(&api, &owner), c);
    delete(&b);
    assert_eq!(default_source(&api, &owner), c);
    delete(&c);
    assert_eq!(default_source(&api, &owner), Value::Null);
    assert_eq!(sources_of(&api, &owner), [""; 0]);
    // And the next to come is the first again.
    let next = id(&add_source(&api, &owner, "tok_visa").ok());
    assert_eq!(default_source(&api, &owner), next);
}

#[test]
fn a_source_can_be_attached_once() {
    let api = sandbox("cs-attach-twice");
    let (owner, other) = (customer(&api, &[]), customer(&api, &[]));
    let source = card_source(&api);
    let attached = add_source(&api, &owner, &source).ok();
    assert_eq!((text(&attached, "object"), text(&attached, "customer")), ("source", &*owner));
    for customer in [&owner, &other] {
        let error = add_source(&api, customer, &source).refused(400);
        assert_eq!(error["message"], "The source you provided has already been attached to a customer.");
    }
    assert_eq!(the_source(&api, &source)["customer"], owner);
}

#[test]
fn a_consumed_or_pending_source_cannot_be_attached() {
    let api = sandbox("cs-attach-consumed");
    let owner = customer(&api, &[]);
    let reusable = card_source(&api);
    charge(&api, &[("source", &reusable)]).ok();
    let error = invalid(add_source(&api, &owner, &reusable), 400, None, None);
    assert_eq!(
        error["message"],
        "The reusable source you provided is consumed because it was previously charged without being attached to a \
         customer or was detached from a customer. To charge a reusable source multiple time you must attach it to a \
         customer first."
    );
    let single = single_use_source(&api, "2000", "usd");
    charge(&api, &[("source", &single)]).ok();
    let ideal =
        [("type", "ideal"), ("amount", "1099"), ("currency", "eur"), ("redirect[return_url]", "https://a.example")];
    let pending = id(&api.post("/v1/sources", &ideal).ok());
    for source in [single, pending] {
        let error = invalid(add_source(&api, &owner, &source), 400, Some("invalid_source_usage"), None);
        assert_eq!(error["message"], "The source you provided is not in a chargeable state.");
    }
    assert_eq!(sources_of(&api, &owner), [""; 0]);
}

#[test]
fn a_single_use_source_can_be_attached_and_is_consumed_by_its_charge() {
    let api = sandbox("cs-attach-single");
    let owner = customer(&api, &[]);
    let source = single_use_source(&api, "2000", "usd");
    add_source(&api, &owner, &source).ok();
    charge(&api, &[("customer", &owner), ("source", &source)]).ok();
    assert_eq!(the_source(&api, &source)["status"], "consumed");
}

#[test]
fn a_source_has_to_be_named() {
    let api = sandbox("cs-missing");
    let owner = customer(&api, &[]);
    let path = format!("/v1/customers/{owner}/sources");
    let error = invalid(api.post(&path, &[]), 400, Some("parameter_missing"), Some("source"));
    assert_eq!(error["message"], "Missing required param: source.");
    let error = api.post(&path, &[("source", "[object Object]")]).refused(400);
    assert_eq!(error["message"], "'[object Object]' is not a supported source object.");
}

#[test]
fn an_unknown_customer_or_source_is_404() {
    let api = sandbox("cs-unknown");
    let (owner, other) = (customer(&api, &[]), customer(&api, &[("source", "tok_visa")]));
    let foreign = text(&the_customer(&api, &other), "default_source").to_owned();
    for answer in [
        api.get("/v1/customers/cus_none/sources", &[]),
        add_source(&api, "cus_none", "tok_visa"),
        api.get("/v1/customers/cus_none/sources/card_x", &[]),
    ] {
        missing(answer, 404, "customer", "cus_none", "customer");
    }
    for source in ["card_none", &*foreign] {
        let path = format!("/v1/customers/{owner}/sources/{source}");
        for answer in [api.get(&path, &[]), api.post(&path, &[("metadata[a]", "1")]), api.delete(&path)] {
            let error = answer.refused(404);
            assert_eq!((text(&error, "code"), text(&error, "param")), ("resource_missing", "id"));
        }
    }
}

#[test]
fn sources_are_listed_by_object() {
    let api = sandbox("cs-list");
    let owner = customer(&api, &[]);
    let path = format!("/v1/customers/{owner}/sources");
    let card = id(&add_source(&api, &owner, "tok_visa").ok());
    let bank = id(&api.post(&path, BANK).ok());
    let source = card_source(&api);
    add_source(&api, &owner, &source).ok();
    let list = api.get(&path, &[]).ok();
    assert_eq!((ids(&list), &list["url"]), (vec![card.clone(), source.clone(), bank.clone()], &json!(path)));
    for (object, expected) in [("card", &card), ("bank_account", &bank), ("source", &source)] {
        assert_eq!(ids(&api.get(&path, &[("object", object)]).ok()), [&**expected], "{object}");
    }
    let page = api.get(&path, &[("limit", "1"), ("starting_after", &card)]).ok();
    assert_eq!((ids(&page), &page["has_more"]), (vec![source.clone()], &json!(true)));
    let page = api.get(&path, &[("ending_before", &bank)]).ok();
    assert_eq!((ids(&page), &page["has_more"]), (vec![card, source], &json!(false)));
}

#[test]
fn each_kind_of_source_is_updated_in_its_own_way() {
    let api = sandbox("cs-update");
    let owner = customer(&api, &[]);
    let path = format!("/v1/customers/{owner}/sources");
    let card = id(&add_source(&api, &owner, "tok_visa").ok());
    let changes =
        [("exp_month", "3"), ("exp_year", "2041"), ("name", "Ada"), ("address_zip", "1"), ("metadata[a]", "1")];
    let changed = api.post(&format!("{path}/{card}"), &changes).ok();
    assert_eq!((&changed["exp_month"], &changed["exp_year"]), (&json!(3), &json!(2041)));
    assert_eq!((text(&changed, "name"), text(&changed, "address_zip")), ("Ada", "1"));
    assert_eq!(changed["metadata"], json!({"a": "1"}));
    let bank = id(&api.post(&path, BANK).ok());
    let changed =
        api.post(&format!("{path}/{bank}"), &[("account_holder_name", "Ada"), ("account_holder_type", "company")]);
    let changed = changed.ok();
    assert_eq!((text(&changed, "account_holder_name"), text(&changed, "account_holder_type")), ("Ada", "company"));
    let source = card_source(&api);
    add_source(&api, &owner, &source).ok();
    let changed =
        api.post(&format!("{path}/{source}"), &[("owner[email]", "a@example.com"), ("metadata[b]", "2")]).ok();
    assert_eq!(changed["owner"]["email"], "a@example.com");
    assert_eq!(the_source(&api, &source)["metadata"], json!({"b": "2"}));
    let error = api.post(&format!("{path}/{card}"), &[("exp_month", "13")]).refused(402);
    assert_eq!((text(&error, "code"), text(&error, "param")), ("invalid_expiry_month", "exp_month"));
}

#[test]
fn deleting_a_card_or_a_bank_account_leaves_a_stub_and_a_source_is_consumed() {
    let api = sandbox("cs-delete");
    let owner = customer(&api, &[]);
    let path = format!("/v1/customers/{owner}/sources");
    let card = id(&add_source(&api, &owner, "tok_visa").ok());
    assert_eq!(api.delete(&format!("{path}/{card}")).ok(), json!({"id": card, "object": "card", "deleted": true}));
    let bank = id(&api.post(&path, BANK).ok());
    let stub = json!({"id": bank, "object": "bank_account", "deleted": true});
    assert_eq!(api.delete(&format!("{path}/{bank}")).ok(), stub);
    let source = card_source(&api);
    add_source(&api, &owner, &source).ok();
    let detached = api.delete(&format!("{path}/{source}")).ok();
    assert_eq!((text(&detached, "object"), text(&detached, "status")), ("source", "consumed"));
    assert!(detached.get("customer").is_none() && detached.get("deleted").is_none());
    assert_eq!(the_source(&api, &source), detached);
    for params in [&[("source", &*source)][..], &[("source", &source), ("customer", &owner)]] {
        let error = charge(&api, params).refused(400);
        assert!(text(&error, "message").starts_with("The reusable source you provided is consumed"), "{error}");
    }
    assert_eq!(add_source(&api, &owner, &source).status, 400);
    for gone in [card, bank, source] {
        assert_eq!(api.get(&format!("{path}/{gone}"), &[]).status, 404);
    }
}

#[test]
fn the_legacy_paths_know_their_kind() {
    let api = sandbox("cs-legacy");
    let owner = customer(&api, &[]);
    let path = format!("/v1/customers/{owner}");
    let card = id(&api.post(&format!("{path}/cards"), &[("card", "tok_visa")]).ok());
    let bank = api.post(&format!("{path}/bank_accounts"), &[("bank_account", "btok_us_verified")]).ok();
    assert_eq!(text(&bank, "status"), "verified");
    let bank = id(&bank);
    let cards = api.get(&format!("{path}/cards"), &[]).ok();
    assert_eq!((ids(&cards), text(&cards, "url")), (vec![card.clone()], &*format!("{path}/cards")));
    let accounts = api.get(&format!("{path}/bank_accounts"), &[]).ok();
    assert_eq!((ids(&accounts), text(&accounts, "url")), (vec![bank.clone()], &*format!("{path}/bank_accounts")));
    assert_eq!(sources_of(&api, &owner), [&*card, &bank]);
    assert_eq!(api.get(&format!("{path}/cards/{card}"), &[]).ok()["object"], "card");
    assert_eq!(api.get(&format!("{path}/cards/{bank}"), &[]).status, 404);
    assert_eq!(api.get(&format!("{path}/bank_accounts/{card}"), &[]).status, 404);
    assert_eq!(api.post(&format!("{path}/cards/{card}"), &[("name", "Ada")]).ok()["name"], "Ada");
    assert_eq!(api.delete(&format!("{path}/cards/{card}")).ok()["deleted"], true);
    assert_eq!(default_source(&api, &owner), bank);
    assert_eq!(api.delete(&format!("{path}/bank_accounts/{bank}")).ok()["object"], "bank_account");
}

#[test]
fn a_bank_account_is_complete_and_there_once() {
    let api = sandbox("cs-bank");
    let owner = customer(&api, &[]);
    let path = format!("/v1/customers/{owner}/sources");
    let bank = api.post(&path, BANK).ok();
    assert!(id(&bank).starts_with("ba_"), "{bank}");
    assert_eq!(
        crate::support::flows::keys(&bank),
        [
            "account_holder_name",
            "account_holder_type",
            "account_type",
            "bank_name",
            "country",
            "currency",
            "customer",
            "fingerprint",
            "id",
            "last4",
            "metadata",
            "object",
            "routing_number",
            "status"
        ]
    );
    assert_eq!((text(&bank, "last4"), text(&bank, "routing_number")), ("6789", "110000000"));
    let error = invalid_code(api.post(&path, BANK), "bank_account_exists");
    assert_eq!(
        error["message"],
        "A bank account with that routing number and account number already exists for this customer."
    );
    // Another customer may have the same.
    api.post(&format!("/v1/customers/{}/sources", customer(&api, &[])), BANK).ok();
}

#[track_caller]
fn invalid_code(answer: crate::support::client::Answer, code: &str) -> Value {
    let error = answer.refused(400);
    assert_eq!((text(&error, "type"), text(&error, "code")), ("invalid_request_error", code));
    error
}

#[test]
fn a_bank_account_is_verified_by_two_amounts() {
    let api = sandbox("cs-verify");
    let owner = customer(&api, &[]);
    let bank = id(&api.post(&format!("/v1/customers/{owner}/sources"), BANK).ok());
    invalid_code(charge(&api, &[("customer", &owner)]), "bank_account_unverified");
    let verify = |path: &str, first: &str, second: &str| {
        api.post(&format!("/v1/customers/{owner}/{path}/{bank}/verify"), &[("amounts[]", first), ("amounts[]", second)])
    };
    let error = invalid_code(verify("sources", "1", "2"), "bank_account_verification_failed");
    assert_eq!(error["message"], "The amounts provided do not match the amounts that were sent to the bank account.");
    assert_eq!(text(&verify("sources", "32", "45").ok(), "status"), "verified");
    for path in ["sources", "bank_accounts"] {
        let error = verify(path, "32", "45").refused(400);
        assert_eq!(error["message"], "This bank account has already been verified.");
    }
    let paid = charge(&api, &[("customer", &owner)]).ok();
    assert!(id(&paid).starts_with("py_") && paid["payment_method"] == bank, "{paid}");
}

#[test]
fn a_default_source_may_be_a_source_object() {
    let api = sandbox("cs-default-src");
    let owner = customer(&api, &[("source", "tok_visa")]);
    let source = card_source(&api);
    add_source(&api, &owner, &source).ok();
    api.post(&format!("/v1/customers/{owner}"), &[("default_source", &source)]).ok();
    assert_eq!(charge(&api, &[("customer", &owner)]).ok()["payment_method"], source);
    assert_eq!(the_source(&api, &source)["status"], "chargeable");
}

#[test]
fn the_others_are_listed_by_the_time_of_attaching() {
    let api = sandbox("cs-order");
    let owner = customer(&api, &[]);
    let (early, late) = (card_source(&api), card_source(&api));
    let default = id(&add_source(&api, &owner, "tok_visa").ok());
    let card = id(&add_source(&api, &owner, "tok_amex").ok());
    for source in [&late, &early] {
        add_source(&api, &owner, source).ok();
    }
    assert_eq!(sources_of(&api, &owner), [&*default, &early, &late, &card]);
    api.delete(&format!("/v1/customers/{owner}/sources/{default}")).ok();
    assert_eq!(default_source(&api, &owner), early);
}

#[test]
fn a_security_code_that_was_not_given_is_not_refused() {
    let api = sandbox("cs-no-cvc");
    let path = format!("/v1/customers/{}/sources", customer(&api, &[]));
    let mut card = with(CARD, &[]);
    card.retain(|(key, _)| !["source[number]", "source[cvc]"].contains(key));
    card.push(("source[number]", "4000000000000127"));
    assert_eq!(api.post(&path, &card).ok()["cvc_check"], Value::Null);
    card.push(("source[cvc]", "123"));
    assert_eq!(text(&api.post(&path, &card).refused(402), "code"), "incorrect_cvc");
}

#[test]
fn metadata_in_the_hash_is_kept_of_every_kind() {
    let api = sandbox("cs-hash-metadata");
    let path = format!("/v1/customers/{}/sources", customer(&api, &[]));
    for base in [CARD, BANK] {
        let made = api.post(&path, &with(base, &[("source[metadata][a]", "1"), ("metadata[b]", "2")])).ok();
        assert_eq!(made["metadata"], json!({"a": "1", "b": "2"}));
    }
}

#[test]
fn an_address_that_is_said_later_is_checked() {
    let api = sandbox("cs-address-check");
    let owner = customer(&api, &[("source", "tok_visa")]);
    let card = sources_of(&api, &owner).remove(0);
    let path = format!("/v1/customers/{owner}/sources/{card}");
    let changed = api.post(&path, &[("address_zip", "10115"), ("address_line1", "1 Main St")]).ok();
    assert_eq!((text(&changed, "address_zip_check"), text(&changed, "address_line1_check")), ("pass", "pass"));
    let error = invalid(
        api.post(&path, &[("account_holder_name", "A")]),
        400,
        Some("parameter_unknown"),
        Some("account_holder_name"),
    );
    assert_eq!(error["message"], "Received unknown parameter: account_holder_name");
}

#[test]
fn invoices_are_not_charged_to_a_source_that_left() {
    let api = sandbox("cs-invoice-default");
    let owner = customer(&api, &[("source", "tok_visa")]);
    let card = sources_of(&api, &owner).remove(0);
    let path = format!("/v1/customers/{owner}");
    api.post(&path, &[("invoice_settings[default_payment_method]", &card)]).ok();
    api.delete(&format!("{path}/sources/{card}")).ok();
    assert_eq!(the_customer(&api, &owner)["invoice_settings"]["default_payment_method"], Value::Null);
}

#[test]
fn alipay_accounts_are_not_built() {
    let api = sandbox("cs-alipay");
    let path = format!("/v1/customers/{}", customer(&api, &[]));
    assert_eq!(api.post(&format!("{path}/sources"), &[("alipay_account", "x")]).status, 501);
    assert_eq!(api.post(&path, &[("default_alipay_account", "x")]).status, 501);
}

#[test]
fn a_new_customer_takes_a_card_under_its_old_name() {
    let api = sandbox("cs-card");
    let number = [
        ("card[number]", "4242424242424242"),
        ("card[exp_month]", "12"),
        ("card[exp_year]", "2040"),
        ("card[cvc]", "123"),
    ];
    for api in [&api, &api.version("2019-12-03")] {
        for params in [&[("card", "tok_visa")][..], &number] {
            let made = api.post("/v1/customers", params).ok();
            let source = text(&made, "default_source").to_owned();
            assert!(source.starts_with("card_"), "{source}");
            let path = format!("/v1/customers/{}", id(&made));
            let next = api.post(&path, params).ok();
            assert!(text(&next, "default_source").starts_with("card_") && text(&next, "default_source") != source);
            assert_eq!(sources_of(api, &id(&made)), [text(&next, "default_source")]);
        }
    }
}
