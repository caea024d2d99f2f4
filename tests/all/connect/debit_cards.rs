//! Debit cards that accounts are paid out to (connect-accounts 5).

use serde_json::{Value, json};

use super::{BUSINESS, INDIVIDUAL, account, again};
use crate::support::client::{Answer, Client, raw, sandbox};
use crate::support::flows::{Params, charge, id, ids, int, invalid, missing, rows, says, text, with};

/// A custom account of a country that is paid out to nothing yet, and its own client.
fn seller(name: &str, country: &str) -> (Client, Client, String) {
    let api = sandbox(name);
    // Somebody who is known at once.
    let born = ("individual[dob][year]", "1902");
    let told: Vec<_> = INDIVIDUAL.iter().copied().filter(|(name, _)| *name != born.0).chain([born]).collect();
    let number: Params<'_> = if country == "US" { &[("individual[ssn_last_4]", "0000")] } else { &[] };
    let made = id(&account(&api, &[BUSINESS, &told, number, &[("country", country)]]));
    let theirs = api.with("Stripe-Account", &made);
    (api, theirs, made)
}

/// A token of a card with this number.
#[track_caller]
fn token(api: &Client, number: &str, params: Params<'_>) -> String {
    let card = [("card[number]", number), ("card[exp_month]", "5"), ("card[exp_year]", "2040"), ("card[cvc]", "123")];
    id(&api.post("/v1/tokens", &with(&card, params)).ok())
}

#[track_caller]
fn dollars(api: &Client, number: &str) -> String {
    token(api, number, &[("card[currency]", "USD")])
}

fn path(account: &str) -> String {
    format!("/v1/accounts/{account}/external_accounts")
}

fn add(api: &Client, account: &str, params: Params<'_>) -> Answer {
    api.post(&path(account), params)
}

#[test]
fn a_debit_card_is_shown_as_an_external_account() {
    let (api, theirs, seller) = seller("dc-shown", "US");
    let token = dollars(&api, "4000056655665556");
    let of_token = text(&api.get(&format!("/v1/tokens/{token}"), &[]).ok()["card"], "id").to_owned();
    let card = add(&api, &seller, &[("external_account", &token), ("metadata[a]", "1")]).ok();
    assert_eq!((id(&card), &card["account"], text(&card, "object")), (of_token, &json!(seller), "card"));
    assert_eq!(card["available_payout_methods"], json!(["standard", "instant"]));
    assert_eq!((text(&card, "currency"), &card["default_for_currency"]), ("usd", &json!(true)));
    assert_eq!((text(&card, "funding"), text(&card, "status"), text(&card, "cvc_check")), ("debit", "new", "pass"));
    assert_eq!((text(&card, "brand"), text(&card, "last4"), int(&card, "exp_year")), ("Visa", "5556", 2040));
    assert_eq!(
        (&card["metadata"], &card["name"], &card["address_line1"]),
        (&json!({"a": "1"}), &Value::Null, &Value::Null)
    );
    for absent in ["customer", "requirements", "future_requirements", "allow_redisplay", "email", "phone"] {
        assert!(card.get(absent).is_none(), "{absent}: {card}");
    }
    assert_eq!(rows(&again(&api, &json!({"id": seller}))["external_accounts"]), std::slice::from_ref(&card));
    assert_eq!(theirs.get(&format!("{}/{}", path(&seller), id(&card)), &[]).ok(), card);
    says(
        add(&api, &seller, &[("external_account", &token)]),
        400,
        &format!("You cannot use a Stripe token more than once: {token}."),
    );
}

#[test]
fn each_way_to_send_a_debit_card_is_taken() {
    let (api, theirs, seller) = seller("dc-ways", "US");
    let update = format!("/v1/accounts/{seller}");
    let last4 = |account: &Value| {
        rows(&account["external_accounts"]).iter().map(|card| text(card, "last4").to_owned()).collect::<Vec<_>>()
    };
    let by_literal = api.post(&update, &[("external_account", "tok_visa_debit")]).ok();
    assert_eq!(last4(&by_literal), ["5556"]);
    let fails = dollars(&api, "4000056655665572");
    assert_eq!(last4(&api.post(&update, &[("bank_account", &fails)]).ok()), ["5572"]);
    let hash = [
        ("external_account[object]", "card"),
        ("external_account[number]", "4000056755665555"),
        ("external_account[exp_month]", "5"),
        ("external_account[exp_year]", "2040"),
        ("external_account[currency]", "usd"),
        ("external_account[name]", "Jenny Rosen"),
    ];
    let card = add(&api, &seller, &hash).ok();
    assert_eq!((text(&card, "name"), &card["cvc_check"]), ("Jenny Rosen", &Value::Null));
    assert_eq!(last4(&api.post(&update, &hash).ok()), ["5555", "5555"]);
    let in_hash = token(&api, "4000056655665556", &[]);
    let with_token = [
        ("external_account[object]", "card"),
        ("external_account[token]", in_hash.as_str()),
        ("external_account[currency]", "usd"),
    ];
    assert_eq!(text(&add(&api, &seller, &with_token).ok(), "currency"), "usd");
    // A token of the account itself, sent by the platform.
    let own = dollars(&theirs, "4000056655665556");
    assert_eq!(text(&add(&api, &seller, &[("external_account", &own)]).ok(), "last4"), "5556");
}

#[test]
fn a_card_of_a_platforms_customer_becomes_an_external_account_by_a_token() {
    let (api, theirs, seller) = seller("dc-customer", "US");
    let customer = id(&api.post("/v1/customers", &[("source", "tok_visa_debit")]).ok());
    let token = theirs.post("/v1/tokens", &[("customer", &customer)]).ok();
    assert_eq!((text(&token["card"], "currency"), &token["card"]["networks"]), ("usd", &json!({"preferred": null})));
    let shown = api.post(&format!("/v1/accounts/{seller}"), &[("bank_account", &id(&token))]).ok();
    assert_eq!(text(&rows(&shown["external_accounts"])[0], "last4"), "5556");
    assert!(!shown["requirements"]["currently_due"].as_array().unwrap().contains(&json!("external_account")));
}

#[test]
fn only_a_debit_card_in_a_currency_of_the_country_is_taken() {
    let (api, _, seller) = seller("dc-refused", "CA");
    let before = again(&api, &json!({"id": seller}));
    let refused = |token: &str, sentence: &str| {
        let error = says(add(&api, &seller, &[("external_account", token)]), 400, sentence);
        assert_eq!(text(&error, "param"), "external_account");
        error
    };
    let credit = token(&api, "4242424242424242", &[("card[currency]", "cad")]);
    let error = refused(&credit, "This card doesn't appear to be a debit card.");
    assert_eq!(text(&error, "code"), "invalid_card_type");
    let plain = token(&api, "4000056655665556", &[]);
    refused(
        &plain,
        "You must provide a card that has the 'currency' field set when adding a card to a Stripe account.",
    );
    let euros = token(&api, "4000056655665556", &[("card[currency]", "eur")]);
    refused(&euros, "Accounts in CA are not paid out to cards in eur.");
    missing(add(&api, &seller, &[("external_account", "tok_none")]), 400, "token", "tok_none", "external_account");
    assert_eq!(again(&api, &json!({"id": seller})), before);
    // A refused token was not used.
    let card = [
        ("external_account[object]", "card"),
        ("external_account[token]", plain.as_str()),
        ("external_account[currency]", "cad"),
    ];
    assert_eq!(text(&add(&api, &seller, &card).ok(), "currency"), "cad");
    assert_eq!(text(&add(&api, &seller, &[("external_account", "tok_visa_debit")]).ok(), "currency"), "usd");
}

#[test]
fn cards_and_bank_accounts_of_a_currency_share_one_default() {
    let (api, _, seller) = seller("dc-default", "US");
    let bank = add(&api, &seller, &[("external_account", "btok_us_verified")]).ok();
    let card = add(&api, &seller, &[("external_account", "tok_visa_debit")]).ok();
    assert_eq!((&bank["default_for_currency"], &card["default_for_currency"]), (&json!(true), &json!(false)));
    let list = |params: Params<'_>| ids(&api.get(&path(&seller), params).ok());
    assert_eq!(list(&[]), [id(&card), id(&bank)]);
    assert_eq!((list(&[("object", "card")]), list(&[("object", "bank_account")])), (vec![id(&card)], vec![id(&bank)]));
    assert_eq!(list(&[("limit", "1"), ("starting_after", &id(&card))]), [id(&bank)]);
    let one = |external: &Value| format!("{}/{}", path(&seller), id(external));
    assert_eq!(api.post(&one(&card), &[("default_for_currency", "true")]).ok()["default_for_currency"], true);
    assert_eq!(api.get(&one(&bank), &[]).ok()["default_for_currency"], false);
    invalid(api.delete(&one(&card)), 400, None, None);
    let other = add(&api, &seller, &[("external_account", "btok_us_verified"), ("default_for_currency", "true")]).ok();
    assert_eq!(api.get(&one(&card), &[]).ok()["default_for_currency"], false);
    assert_eq!(api.delete(&one(&card)).ok()["deleted"], true);
    missing(api.get(&one(&card), &[]), 404, "external account", &id(&card), "id");
    // By the account itself, the default of the currency is replaced.
    let shown = api.post(&format!("/v1/accounts/{seller}"), &[("external_account", "tok_visa_debit")]).ok();
    let left = ids(&shown["external_accounts"]);
    assert_eq!((left.len(), left.contains(&id(&other)), left.contains(&id(&bank))), (2, false, true));
}

#[test]
fn a_debit_card_is_changed() {
    let (api, theirs, seller) = seller("dc-update", "US");
    let card = add(&api, &seller, &[("external_account", "tok_visa_debit")]).ok();
    let one = format!("{}/{}", path(&seller), id(&card));
    let address = [
        ("address_city", "Columbus"),
        ("address_country", "US"),
        ("address_line1", "Main Street 1"),
        ("address_line2", "2nd floor"),
        ("address_state", "OH"),
        ("address_zip", "43214"),
        ("name", "Jenny Rosen"),
    ];
    let changed = api.post(&one, &with(&address, &[("exp_month", "7"), ("exp_year", "2041")])).ok();
    for (key, value) in address {
        assert_eq!(text(&changed, key), value);
    }
    assert_eq!((int(&changed, "exp_month"), int(&changed, "exp_year")), (7, 2041));
    assert_eq!((text(&changed, "address_line1_check"), text(&changed, "currency")), ("pass", "usd"));
    let alone =
        theirs.post(&format!("/v1/external_accounts/{}", id(&card)), &[("name", "Other"), ("metadata[a]", "1")]).ok();
    assert_eq!((text(&alone, "name"), &alone["metadata"]), ("Other", &json!({"a": "1"})));
    assert_eq!(rows(&again(&api, &json!({"id": seller}))["external_accounts"]), std::slice::from_ref(&alone));
    assert_eq!(text(&api.post(&one, &[("exp_month", "13")]).refused(402), "code"), "invalid_expiry_month");
    let unknown = api.post(&one, &[("account_holder_name", "Jenny")]);
    invalid(unknown, 400, Some("parameter_unknown"), Some("account_holder_name"));
    assert_eq!(api.get(&one, &[]).ok(), alone);
    let bank = add(&api, &seller, &[("external_account", "btok_us_verified")]).ok();
    let unknown = api.post(&format!("{}/{}", path(&seller), id(&bank)), &[("exp_year", "2041")]);
    invalid(unknown, 400, Some("parameter_unknown"), Some("exp_year"));
    // The older path has bank accounts alone.
    let older = format!("/v1/accounts/{seller}/bank_accounts/{}", id(&card));
    missing(api.get(&older, &[]), 404, "external account", &id(&card), "id");
}

#[test]
fn a_debit_card_is_told_of_as_an_external_account() {
    let (api, theirs, seller) = seller("dc-events", "US");
    let card = add(&api, &seller, &[("external_account", "tok_visa_debit")]).ok();
    let one = format!("{}/{}", path(&seller), id(&card));
    api.post(&one, &[("metadata[a]", "1")]).ok();
    api.delete(&one).ok();
    let told = theirs.get("/v1/events", &[("type", "account.external_account.*")]).ok();
    let kinds: Vec<&str> = rows(&told).iter().rev().map(|event| text(event, "type")).collect();
    let expected = ["created", "updated", "deleted"].map(|what| format!("account.external_account.{what}"));
    assert_eq!(kinds, expected);
    assert!(rows(&theirs.get("/v1/events", &[("type", "customer.source.*")]).ok()).is_empty());
    assert!(rows(&told).iter().all(|event| event["account"] == seller.as_str()), "{told}");
}

#[test]
fn a_debit_card_lets_money_be_paid_out() {
    let rest = [("individual[ssn_last_4]", "0000"), ("individual[dob][year]", "1902")];
    let api = sandbox("dc-enabled");
    let parts = [BUSINESS, &INDIVIDUAL[..7], &INDIVIDUAL[8..], &rest];
    let made = account(&api, &parts);
    assert_eq!(
        (&made["requirements"]["currently_due"], &made["payouts_enabled"]),
        (&json!(["external_account"]), &json!(false))
    );
    let after = api.post(&format!("/v1/accounts/{}", id(&made)), &[("external_account", "tok_visa_debit")]).ok();
    assert_eq!(after["requirements"]["currently_due"], json!([]));
    api.advance(60);
    let enabled = again(&api, &made);
    assert_eq!((&enabled["payouts_enabled"], &enabled["details_submitted"]), (&json!(true), &json!(true)));
    let card = &rows(&enabled["external_accounts"])[0];
    api.delete(&format!("{}/{}", path(&id(&made)), id(card))).ok();
    assert_eq!(again(&api, &made)["payouts_enabled"], false);
}

/// An account with 19.12 dollars that is paid out to a card with this number.
fn paid_out_to(name: &str, number: &str) -> (Client, Value) {
    let (api, theirs, seller) = seller(name, "US");
    charge(&theirs, &[("source", "tok_bypassPending")]).ok();
    let token = dollars(&api, number);
    let card = add(&api, &seller, &[("external_account", &token)]).ok();
    (theirs, card)
}

fn pay_out(api: &Client, amount: &str, params: Params<'_>) -> Answer {
    api.post("/v1/payouts", &with(&[("amount", amount), ("currency", "usd")], params))
}

#[test]
fn money_is_paid_out_to_a_debit_card() {
    let (api, card) = paid_out_to("dc-payout", "4000056655665556");
    let made = pay_out(&api, "1100", &[("method", "instant"), ("expand[]", "destination")]).ok();
    assert_eq!((text(&made, "type"), &made["destination"]), ("card", &card));
    assert_eq!(text(&api.get(&format!("/v1/payouts/{}", id(&made)), &[]).ok(), "status"), "paid");
    let standard = pay_out(&api, "300", &[("destination", &id(&card))]).ok();
    assert_eq!((text(&standard, "type"), text(&standard, "method")), ("card", "standard"));
    let back = api.post(&format!("/v1/payouts/{}/reverse", id(&made)), &[]);
    invalid(back, 400, Some("payouts_not_allowed"), None);
}

#[test]
fn a_payout_to_a_debit_card_fails_or_is_never_instant_by_its_number() {
    let (api, _) = paid_out_to("dc-fails", "4000056655665572");
    let made = pay_out(&api, "1100", &[("method", "instant")]).ok();
    let failed = api.get(&format!("/v1/payouts/{}", id(&made)), &[]).ok();
    assert_eq!((text(&failed, "status"), text(&failed, "failure_code")), ("failed", "could_not_process"));
    assert_eq!(int(&api.get("/v1/balance", &[]).ok()["available"][0], "amount"), 1912);

    let (api, card) = paid_out_to("dc-slow", "4000056755665555");
    assert_eq!(card["available_payout_methods"], json!(["standard"]));
    says(
        pay_out(&api, "1100", &[("method", "instant")]),
        400,
        "This external account is not eligible for instant payouts.",
    );
    pay_out(&api, "1100", &[]).ok();
}

#[test]
fn an_instant_payout_to_a_debit_card_has_a_limit() {
    let (api, _) = paid_out_to("dc-limit", "4000056655665556");
    let sentence = "Instant Payouts to debit cards are only supported for amounts less than or equal to $9999";
    says(pay_out(&api, "1166019", &[("method", "instant")]), 400, sentence);
}

#[test]
fn what_can_be_paid_out_at_once_counts_debit_cards() {
    let (api, card) = paid_out_to("dc-instant", "4000056655665556");
    let balance = api.get("/v1/balance", &[("expand[]", "instant_available.net_available")]).ok();
    let row = &balance["instant_available"][0];
    assert_eq!((int(row, "amount"), &row["net_available"][0]["destination"]), (1912, &card["id"]));
}

#[test]
fn what_an_account_is_paid_out_to_pays_nothing() {
    let (api, card) = paid_out_to("dc-pays", "4000056655665556");
    let bank = add(&api, text(&card, "account"), &[("external_account", "btok_us_verified")]).ok();
    for external in [card, bank] {
        pays_nothing(&api, &id(&external));
    }
}

#[track_caller]
fn pays_nothing(api: &Client, external: &str) {
    let customer = id(&api.post("/v1/customers", &[]).ok());
    let amount = [("amount", "500"), ("currency", "usd")];
    for (path, params) in [
        ("/v1/charges", with(&amount, &[("source", external)])),
        ("/v1/payment_intents", with(&amount, &[("payment_method", external), ("payment_method_types[]", "card")])),
        ("/v1/setup_intents", vec![("payment_method", external)]),
        ("/v1/customers", vec![("source", external)]),
        ("/v1/topups", with(&amount, &[("source", external)])),
        (
            "/v1/sources",
            vec![
                ("type", "three_d_secure"),
                ("three_d_secure[card]", external),
                ("amount", "500"),
                ("currency", "usd"),
                ("redirect[return_url]", "https://example.com"),
            ],
        ),
    ] {
        invalid(api.post(path, &params), 400, Some("resource_missing"), text_param(path));
    }
    let of_customer = [amount[0], amount[1], ("source", external), ("customer", &customer)];
    invalid(api.post("/v1/charges", &of_customer), 404, Some("missing"), Some("source"));
    for path in [format!("/v1/payment_methods/{external}"), format!("/v1/customers/{customer}/sources/{external}")] {
        api.get(&path, &[]).refused(404);
    }
    api.post(&format!("/v1/payment_methods/{external}/attach"), &[("customer", &customer)]).refused(404);
}

#[test]
fn a_debit_card_survives_an_export_and_pays_out_as_before() {
    let (api, card) = paid_out_to("dc-export", "4000056655665572");
    let state = |name: &str| format!("/_pinstripe/state?sandbox={name}");
    let exported = raw(api.url(), "GET", &state("dc-export"), &[], None).text;
    let copy = sandbox("dc-import");
    let body = Some(("application/json", exported.as_bytes()));
    raw(copy.url(), "PUT", &state("dc-import"), &[], body).ok();
    assert_eq!(raw(copy.url(), "GET", &state("dc-import"), &[], None).text, exported);
    let theirs = copy.with("Stripe-Account", text(&card, "account"));
    assert_eq!(theirs.get(&format!("{}/{}", path(text(&card, "account")), id(&card)), &[]).ok(), card);
    let made = pay_out(&theirs, "1100", &[("method", "instant")]).ok();
    assert_eq!(text(&theirs.get(&format!("/v1/payouts/{}", id(&made)), &[]).ok(), "failure_code"), "could_not_process");
}

#[test]
fn nothing_is_sent_by_a_schedule_to_what_a_payout_failed_at_until_it_is_changed() {
    let (api, card) = paid_out_to("dc-errored", "4000056655665572");
    api.post("/v1/balance_settings", &[("payments[payouts][schedule][interval]", "daily")]).ok();
    let statuses = || {
        let list = api.get("/v1/payouts", &[]).ok();
        rows(&list).iter().map(|payout| text(payout, "status").to_owned()).collect::<Vec<_>>()
    };
    let one = format!("/v1/external_accounts/{}", id(&card));
    let card = || rows(&api.get(&path(text(&card, "account")), &[]).ok())[0].clone();
    api.advance(3 * 86_400);
    assert_eq!((statuses(), card()["status"].clone()), (vec!["failed".to_owned()], json!("errored")));
    api.advance(5 * 86_400);
    assert_eq!(statuses().len(), 1);
    assert_eq!(api.post(&one, &[("exp_month", "8")]).ok()["status"], "new");
    api.advance(86_400);
    assert_eq!(statuses().len(), 2);
}

/// The parameter that names what pays.
fn text_param(path: &str) -> Option<&'static str> {
    Some(match path {
        "/v1/payment_intents" | "/v1/setup_intents" => "payment_method",
        "/v1/sources" => "three_d_secure[card]",
        _ => "source",
    })
}
