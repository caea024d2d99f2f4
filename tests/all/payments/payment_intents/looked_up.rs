//! What a request about an intent names is looked up, and a part of an object is taken where the rest is stored.

use serde_json::{Value, json};

use super::{CARD_ONLY, confirm, open, update};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{attached, customer, id, intent, invalid, missing, pay, says, text, the_intent};

const CVC_TOKEN: &str = "payment_method_options[card][cvc_token]";

#[test]
fn a_configuration_is_looked_up() {
    let api = sandbox("pi-configuration");
    let (kind, none) = ("payment_method_configuration", "pmc_unknown");
    missing(intent(&api, &[(kind, none)]), 400, kind, none, kind);
    missing(update(&api, &open(&api, &[]), &[(kind, none)]), 400, kind, none, kind);
    missing(api.post("/v1/setup_intents", &[(kind, none)]), 400, kind, none, kind);
    let session = [
        ("mode", "payment"),
        ("success_url", "https://a.example"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "500"),
        ("line_items[0][price_data][product_data][name]", "Tea"),
        ("line_items[0][quantity]", "1"),
        (kind, none),
    ];
    missing(api.post("/v1/checkout/sessions", &session), 400, kind, none, kind);
    let known = id(&api.post("/v1/payment_method_configurations", &[]).ok());
    let made = intent(&api, &[(kind, &known)]).ok();
    assert_eq!(made["payment_method_configuration_details"], json!({"id": known, "parent": null}));
}

fn cvc_token(api: &Client) -> String {
    id(&api.post("/v1/tokens", &[("cvc_update[cvc]", "123")]).ok())
}

#[test]
fn the_token_of_a_security_code_is_used_once() {
    let api = sandbox("pi-cvc-token");
    let owner = customer(&api, &[]);
    let method = attached(&api, "pm_card_visa", &owner);
    let pays = |token: &str| pay(&api, &method, &[("customer", &owner), (CVC_TOKEN, token)]);
    missing(pays("cvctok_none"), 400, "token", "cvctok_none", CVC_TOKEN);
    let card = [
        ("card[number]", "4242424242424242"),
        ("card[exp_month]", "12"),
        ("card[exp_year]", "2040"),
        ("card[cvc]", "123"),
    ];
    let of_card = id(&api.post("/v1/tokens", &card).ok());
    missing(pays(&of_card), 400, "token", &of_card, CVC_TOKEN);
    let token = cvc_token(&api);
    assert_eq!(pays(&token).ok()["status"], "succeeded");
    assert_eq!(api.get(&format!("/v1/tokens/{token}"), &[]).ok()["used"], true);
    let error = invalid(pays(&token), 400, Some("token_already_used"), None);
    assert_eq!(error["message"], format!("You cannot use a Stripe token more than once: {token}."));
}

#[test]
fn the_token_of_a_security_code_belongs_to_a_confirmation() {
    let api = sandbox("pi-cvc-confirm");
    let token = cvc_token(&api);
    let sentence = format!(
        "The parameter `{CVC_TOKEN}` cannot be passed when creating a PaymentIntent unless `confirm` is set to true."
    );
    says(intent(&api, &[CARD_ONLY, (CVC_TOKEN, &token)]), 400, &sentence);
    let made = open(&api, &[]);
    let sentence = format!("The parameter `{CVC_TOKEN}` can only be passed when a PaymentIntent is confirmed.");
    says(update(&api, &made, &[(CVC_TOKEN, &token)]), 400, &sentence);
    assert_eq!(api.get(&format!("/v1/tokens/{token}"), &[]).ok()["used"], false);
    assert_eq!(confirm(&api, &made, &[("payment_method", "pm_card_visa"), (CVC_TOKEN, &token)]).status, 200);
}

#[test]
fn a_card_without_a_security_code_is_checked_by_its_token() {
    let api = sandbox("pi-cvc-check");
    let pays = |params: &[(&str, &str)]| {
        let method = [
            ("type", "card"),
            ("card[number]", "4242424242424242"),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2040"),
        ];
        let method = id(&api.post("/v1/payment_methods", &method).ok());
        let paid = pay(&api, &method, params).ok();
        let charge = api.get(&format!("/v1/charges/{}", text(&paid, "latest_charge")), &[]).ok();
        charge["payment_method_details"]["card"]["checks"]["cvc_check"].clone()
    };
    assert_eq!(pays(&[]), Value::Null);
    assert_eq!(pays(&[(CVC_TOKEN, &cvc_token(&api))]), "pass");
}

#[test]
fn a_type_is_there_once() {
    let api = sandbox("pi-distinct");
    let twice = [CARD_ONLY, ("payment_method_types[]", "link"), CARD_ONLY];
    let made = intent(&api, &twice).ok();
    assert_eq!(made["payment_method_types"], json!(["card", "link"]));
    let changed = update(&api, &id(&made), &[CARD_ONLY, CARD_ONLY]).ok();
    assert_eq!(changed["payment_method_types"], json!(["card"]));
    let saved = api.post("/v1/setup_intents", &twice).ok();
    assert_eq!(saved["payment_method_types"], json!(["card", "link"]));
}

#[test]
fn a_transfer_has_a_destination_before_a_part_of_it_changes() {
    let api = sandbox("pi-transfer-part");
    let made = open(&api, &[]);
    let error = update(&api, &made, &[("transfer_data[amount]", "5")]);
    invalid(error, 400, Some("parameter_missing"), Some("transfer_data[destination]"));
    assert_eq!(the_intent(&api, &made)["transfer_data"], Value::Null);
    let seller = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    let sent = id(&intent(&api, &[CARD_ONLY, ("transfer_data[destination]", &seller)]).ok());
    let changed = update(&api, &sent, &[("transfer_data[amount]", "5")]).ok();
    assert_eq!(changed["transfer_data"], json!({"amount": 5, "destination": seller}));
}

#[test]
fn an_address_to_ship_to_has_a_name_before_a_part_of_it_changes() {
    let api = sandbox("pi-shipping-part");
    let made = open(&api, &[]);
    let city = ("shipping[address][city]", "Berlin");
    invalid(update(&api, &made, &[city]), 400, Some("parameter_missing"), Some("shipping[name]"));
    update(&api, &made, &[city, ("shipping[name]", "Jenny")]).ok();
    let changed = update(&api, &made, &[("shipping[address][city]", "Bonn")]).ok();
    assert_eq!(
        (&changed["shipping"]["name"], &changed["shipping"]["address"]["city"]),
        (&json!("Jenny"), &json!("Bonn"))
    );
}
