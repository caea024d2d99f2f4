//! What fresh intents, methods, charges and refunds show (shapes 1, 2.1 to 2.3, 2.8).

use serde_json::{Value, json};

use crate::support::client::sandbox;
use crate::support::flows::{add_source, charge, customer, id, intent, keys, pay, refund, rows, text, the_charge};

const CARD_ONLY: (&str, &str) = ("payment_method_types[]", "card");

#[test]
fn an_intent_shows_what_is_managed_and_what_was_shared() {
    let api = sandbox("shapes-intent");
    for version in ["2020-08-27", "2023-10-16", "2026-10-28.endive"] {
        let made = intent(&api.version(version), &[]).ok();
        assert_eq!(made["managed_payments"], json!({"enabled": false}), "{version}");
        assert_eq!(made.get("shared_payment_granted_token"), Some(&Value::Null), "{version}");
        assert_eq!(made["amount_details"], json!({"tip": {}}), "{version}");
    }
}

#[test]
fn who_leaves_the_choice_to_the_account_shows_its_configuration() {
    let api = sandbox("shapes-configuration");
    let seller = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    let theirs = api.with("Stripe-Account", &seller);
    for path in ["/v1/payment_intents", "/v1/setup_intents"] {
        let base: &[(&str, &str)] =
            if path.contains("setup") { &[] } else { &[("amount", "1000"), ("currency", "usd")] };
        let make = |api: &crate::support::client::Client, more: &[(&str, &str)]| {
            api.post(path, &crate::support::flows::with(base, more)).ok()["payment_method_configuration_details"]
                .clone()
        };
        let own = make(&api, &[]);
        assert!(text(&own, "id").starts_with("pmc_1") && own["parent"].is_null(), "{own}");
        assert_eq!(make(&api, &[]), own);
        let other = make(&theirs, &[]);
        assert_eq!(other["parent"], own["id"]);
        assert!(text(&other, "id").starts_with("pmc_1") && other["id"] != own["id"], "{other}");
        assert_eq!(make(&api, &[CARD_ONLY]), Value::Null);
    }
    let made = id(&intent(&api, &[]).ok());
    let named = api.post(&format!("/v1/payment_intents/{made}"), &[CARD_ONLY]).ok();
    assert_eq!(named["payment_method_configuration_details"], Value::Null);
}

#[test]
fn a_payment_method_has_no_radar_options() {
    let api = sandbox("shapes-method");
    let made = api.post("/v1/payment_methods", &[("type", "card"), ("card[token]", "tok_visa")]).ok();
    assert!(made.get("radar_options").is_none(), "{made}");
    assert_eq!(made.get("shared_payment_granted_token"), Some(&Value::Null));
    let fpx = api.post("/v1/payment_methods", &[("type", "fpx"), ("fpx[bank]", "hsbc")]).ok();
    assert_eq!(fpx["fpx"], json!({"account_holder_type": "individual", "bank": "hsbc"}));
}

#[test]
fn a_tokens_card_has_a_wallet_and_no_redisplay() {
    let api = sandbox("shapes-token");
    let number = [("card[number]", "4242424242424242"), ("card[exp_month]", "12"), ("card[exp_year]", "2040")];
    let token = api.post("/v1/tokens", &number).ok();
    for member in ["email", "phone", "wallet"] {
        assert_eq!(token["card"].get(member), Some(&Value::Null), "{member}");
    }
    assert!(token["card"].get("allow_redisplay").is_none());
    assert_eq!(token["card"]["networks"], json!({"preferred": null}));
    let owner = customer(&api, &[]);
    let card = add_source(&api, &owner, &id(&token)).ok();
    let charged = charge(&api, &[("customer", &owner)]).ok();
    for card in [&card, &charged["source"]] {
        assert_eq!(card["allow_redisplay"], "unspecified");
        assert!(card.get("networks").is_none());
        for member in ["email", "phone", "wallet"] {
            assert_eq!(card.get(member), Some(&Value::Null), "{member}");
        }
    }
}

#[test]
fn only_the_charge_of_an_intent_has_radar_options() {
    let api = sandbox("shapes-radar");
    let direct = charge(&api, &[("source", "tok_visa")]).ok();
    assert!(direct.get("radar_options").is_none(), "{direct}");
    let paid = pay(&api, "pm_card_visa", &[CARD_ONLY]).ok();
    assert_eq!(the_charge(&api, text(&paid, "latest_charge"))["radar_options"], json!({}));
}

#[test]
fn the_payment_of_a_transfer_shows_who_pays() {
    let api = sandbox("shapes-transfer");
    let seller = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    let to = [CARD_ONLY, ("transfer_data[destination]", seller.as_str())];
    pay(&api, "pm_card_visa", &to).ok();
    let received = rows(&api.with("Stripe-Account", &seller).get("/v1/charges", &[]).ok())[0].clone();
    assert!(id(&received).starts_with("py_"));
    assert!(received.get("radar_options").is_none());
    for member in ["destination", "dispute", "order"] {
        assert_eq!(received.get(member), Some(&Value::Null), "{member}");
    }
    let platform = id(&api.get("/v1/account", &[]).ok());
    let source = &received["source"];
    assert_eq!((&source["id"], &source["object"]), (&json!(platform), &json!("account")));
    for member in ["application_icon", "application_logo", "application_name", "application_url"] {
        assert!(source[member].is_string(), "{member}: {source}");
    }
    assert!(text(&received, "receipt_url").starts_with("http"));
}

#[test]
fn a_network_names_its_payments_in_its_own_way() {
    let api = sandbox("shapes-network");
    let card = |token: &str| {
        let paid = charge(&api, &[("source", token)]).ok();
        (id(&paid), paid["payment_method_details"]["card"].clone())
    };
    let (paid, mastercard) = card("tok_mastercard");
    assert_eq!(text(&mastercard, "transaction_link_id"), format!("test123-tlid456__{}", &paid[3..8]));
    let name = text(&mastercard, "network_transaction_id");
    let (code, day) = (&name[3..9], &name[9..]);
    assert!(name.len() == 13 && name.starts_with("MCC"), "{name}");
    assert!(code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()), "{name}");
    assert!(day.len() == 4 && (1..=1231).contains(&day.parse::<u32>().unwrap()), "{name}");
    let (_, visa) = card("tok_visa");
    let name = text(&visa, "network_transaction_id");
    assert!(name.len() == 15 && name.bytes().all(|byte| byte.is_ascii_digit()), "{name}");
    assert!(visa["transaction_link_id"].is_null());
}

#[test]
fn the_network_names_a_refund_three_seconds_later() {
    let api = sandbox("shapes-refund");
    let paid = id(&charge(&api, &[("source", "tok_visa")]).ok());
    let made = refund(&api, &paid, &[]).ok();
    let pending =
        json!({"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"});
    assert_eq!(made["destination_details"], json!({"card": pending, "type": "card"}));
    for member in ["description", "failure_reason", "failure_balance_transaction", "next_action", "pending_reason"] {
        assert!(made.get(member).is_none(), "{member}");
    }
    api.advance(3);
    let later = api.get(&format!("/v1/refunds/{}", id(&made)), &[]).ok();
    let card = &later["destination_details"]["card"];
    assert_eq!(keys(card), ["reference", "reference_status", "reference_type", "type"]);
    let number = text(card, "reference");
    assert!((14..=16).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()), "{number}");
    assert_eq!(card["reference_status"], "available");
}

#[test]
fn an_american_express_card_is_taken_with_three_digits() {
    let api = sandbox("shapes-amex");
    let card = [
        ("type", "card"),
        ("card[number]", "378282246310005"),
        ("card[exp_month]", "12"),
        ("card[exp_year]", "2040"),
        ("card[cvc]", "314"),
    ];
    let made = api.post("/v1/payment_methods", &card).ok();
    assert_eq!(made["card"]["checks"]["cvc_check"], "unchecked");
    assert_eq!(pay(&api, &id(&made), &[CARD_ONLY]).ok()["status"], "succeeded");
}

#[test]
fn a_plus_in_a_path_is_a_space() {
    let api = sandbox("shapes-plus");
    let error = api.get("/v1/payment_intents/does+not+exist", &[]).refused(404);
    assert_eq!(error["message"], "No such payment_intent: 'does not exist'");
}

#[test]
fn a_platform_is_told_that_a_connected_account_may_have_the_method() {
    let api = sandbox("shapes-attach");
    let owner = customer(&api, &[]);
    let attach = || api.post("/v1/payment_methods/pm_none/attach", &[("customer", &owner)]).refused(404);
    assert_eq!(attach()["message"], "No such PaymentMethod: 'pm_none'");
    api.post("/v1/accounts", &[("country", "US")]).ok();
    let error = attach();
    assert_eq!(
        error["message"],
        "No such PaymentMethod: 'pm_none'; It's possible this PaymentMethod exists on one of your connected accounts, in \
         which case you should retry this request on that connected account. Learn more at \
         https://stripe.com/docs/connect/authentication"
    );
    assert_eq!(error["param"], "payment_method");
}
