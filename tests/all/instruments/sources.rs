//! Tokens and Source objects (core-payments 5.1, 5.4, 5.5).

use serde_json::Value;

use crate::support::client::{Client, sandbox};
use crate::support::flows::says;

const BACK: (&str, &str) = ("redirect[return_url]", "https://shop.example/back");
const CARD: [(&str, &str); 4] =
    [("card[number]", "4242424242424242"), ("card[exp_month]", "8"), ("card[exp_year]", "2030"), ("card[cvc]", "123")];

type Params<'a> = &'a [(&'a str, &'a str)];

fn with<'a>(base: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [base, more].concat()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn message(error: &Value) -> &str {
    text(error, "message")
}

fn source(stripe: &Client, params: &[(&str, &str)]) -> Value {
    stripe.post("/v1/sources", params).ok()
}

#[test]
fn a_token_stands_for_exactly_one_thing() {
    let stripe = sandbox("tokens-kinds");
    let none = stripe.post("/v1/tokens", &[]).refused(400);
    assert_eq!(message(&none), "You must supply either a card, customer, or bank account to create a token.");
    stripe.post("/v1/tokens", &with(&CARD, &[("pii[id_number]", "1")])).refused(400);
    for (params, prefix, kind) in [
        (CARD.to_vec(), "tok_", "card"),
        (vec![("pii[id_number]", "000000000")], "pii_", "pii"),
        (vec![("cvc_update[cvc]", "123")], "cvctok_", "cvc_update"),
        (vec![("account[business_type]", "individual")], "ct_", "account"),
        (vec![("person[first_name]", "Jane")], "cpt_", "person"),
        (
            vec![
                ("bank_account[country]", "US"),
                ("bank_account[account_number]", "000123456789"),
                ("bank_account[routing_number]", "110000000"),
            ],
            "btok_",
            "bank_account",
        ),
    ] {
        let token = stripe.post("/v1/tokens", &params).ok();
        assert!(text(&token, "id").starts_with(prefix), "{token}");
        assert_eq!((text(&token, "type"), &token["used"]), (kind, &Value::Bool(false)));
        assert_eq!(stripe.get(&format!("/v1/tokens/{}", text(&token, "id")), &[]).ok(), token);
    }
}

#[test]
fn a_stored_token_is_used_once_and_a_test_token_for_ever() {
    let stripe = sandbox("tokens-used");
    let token = stripe.post("/v1/tokens", &with(&CARD, &[("card[name]", "Jenny")])).ok();
    let id = text(&token, "id");
    assert!(token["card"]["customer"].is_null() && token["card"]["networks"]["preferred"].is_null());
    let made = source(&stripe, &[("type", "card"), ("token", id)]);
    assert_eq!((text(&made["card"], "last4"), text(&made["owner"], "name")), ("4242", "Jenny"));
    assert_eq!(stripe.get(&format!("/v1/tokens/{id}"), &[]).ok()["used"], true);
    let again = stripe.post("/v1/sources", &[("type", "card"), ("token", id)]).refused(400);
    assert_eq!(text(&again, "code"), "token_already_used");
    assert_eq!(message(&again), format!("You cannot use a Stripe token more than once: {id}."));
    for _ in 0..2 {
        source(&stripe, &[("type", "card"), ("token", "tok_visa")]);
    }
    let unknown = stripe.post("/v1/sources", &[("type", "card"), ("token", "tok_nothing")]).refused(400);
    assert_eq!((message(&unknown), text(&unknown, "param")), ("No such token: 'tok_nothing'", "token"));
}

#[test]
fn each_type_of_source_has_its_flow_usage_and_first_status() {
    let stripe = sandbox("sources-types");
    let eur = [("amount", "1099"), ("currency", "eur"), BACK];
    let card = source(&stripe, &[("type", "card"), ("token", "tok_threeDSecureRequired")]);
    let three_d_secure = with(&eur, &[("three_d_secure[card]", text(&card, "id"))]);
    let klarna = with(&eur, &[("source_order[items][0][amount]", "1099"), ("klarna[purchase_country]", "DE")]);
    let iban = [("sepa_debit[iban]", "DE89370400440532013000"), ("owner[name]", "Jenny"), ("currency", "eur")];
    let acss = [
        ("acss_debit[institution_number]", "000"),
        ("acss_debit[transit_number]", "11000"),
        ("acss_debit[account_number]", "000123456789"),
    ];
    let becs = [("au_becs_debit[bsb_number]", "000000"), ("au_becs_debit[account_number]", "000123456")];
    let rows: &[(&str, Params<'_>, &str, &str, &str)] = &[
        ("card", &CARD, "none", "reusable", "chargeable"),
        ("three_d_secure", &three_d_secure, "redirect", "single_use", "pending"),
        ("sepa_debit", &iban, "none", "reusable", "chargeable"),
        ("ach_credit_transfer", &[("currency", "usd")], "receiver", "reusable", "pending"),
        ("sepa_credit_transfer", &[("currency", "eur")], "receiver", "reusable", "pending"),
        ("ach_debit", &[("token", "btok_us_verified")], "none", "reusable", "chargeable"),
        ("acss_debit", &acss, "none", "reusable", "chargeable"),
        ("au_becs_debit", &becs, "none", "reusable", "chargeable"),
        ("ideal", &eur, "redirect", "single_use", "pending"),
        ("bancontact", &eur, "redirect", "single_use", "pending"),
        ("giropay", &eur, "redirect", "single_use", "pending"),
        ("eps", &eur, "redirect", "single_use", "pending"),
        ("sofort", &eur, "redirect", "single_use", "pending"),
        ("p24", &eur, "redirect", "single_use", "pending"),
        ("alipay", &eur, "redirect", "single_use", "pending"),
        ("multibanco", &eur, "receiver", "single_use", "pending"),
        ("klarna", &klarna, "redirect", "single_use", "pending"),
        ("wechat", &eur[..2], "none", "single_use", "pending"),
    ];
    for (kind, params, flow, usage, status) in rows {
        let made = source(&stripe, &with(&[("type", kind)], params));
        assert_eq!(
            (text(&made, "flow"), text(&made, "usage"), text(&made, "status")),
            (*flow, *usage, *status),
            "{kind}"
        );
        assert!(made[kind].is_object() && made.get("customer").is_none(), "{made}");
        assert_eq!(made["owner"].as_object().map_or(0, serde_json::Map::len), 8, "{kind}");
        assert_eq!(made["receiver"].is_object(), *flow == "receiver", "{kind}");
    }
}

#[test]
fn a_source_says_what_is_missing() {
    let stripe = sandbox("sources-missing");
    let ideal = [("type", "ideal"), ("amount", "100"), ("currency", "eur"), BACK];
    for (left_out, param) in [(0, "type"), (1, "amount"), (2, "currency"), (3, "redirect")] {
        let mut params = ideal.to_vec();
        params.remove(left_out);
        let error = stripe.post("/v1/sources", &params).refused(400);
        assert_eq!(message(&error), format!("Missing required param: {param}."));
    }
    let zero = with(&ideal[..1], &[("amount", "0"), ("currency", "eur"), BACK]);
    assert_eq!(text(&stripe.post("/v1/sources", &zero).refused(400), "code"), "parameter_invalid_integer");
    let reusable = stripe.post("/v1/sources", &with(&ideal, &[("usage", "reusable")])).refused(400);
    assert_eq!(text(&reusable, "param"), "usage");
    assert_eq!(text(&stripe.post("/v1/sources", &[("type", "cheque")]).refused(400), "param"), "type");
    stripe.post("/v1/sources", &[("original_source", "src_x")]).refused(501);
}

#[test]
fn a_test_payment_arrives_at_a_receiver() {
    let stripe = sandbox("sources-receiver");
    let params = [("type", "ach_credit_transfer"), ("currency", "usd"), ("owner[email]", "amount_4242@example.com")];
    let made = source(&stripe, &params);
    assert_eq!((text(&made, "status"), &made["receiver"]["amount_received"]), ("pending", &Value::from(0)));
    let later = stripe.get(&format!("/v1/sources/{}", text(&made, "id")), &[]).ok();
    assert_eq!((text(&later, "status"), &later["receiver"]["amount_received"]), ("chargeable", &Value::from(4242)));
}

#[test]
fn an_update_merges_owner_and_metadata() {
    let stripe = sandbox("sources-update");
    let made = source(&stripe, &[("type", "card"), ("token", "tok_visa"), ("metadata[a]", "1"), ("owner[name]", "J")]);
    let path = format!("/v1/sources/{}", text(&made, "id"));
    let change = [("metadata[a]", ""), ("metadata[b]", "2"), ("owner[address][city]", "Berlin")];
    let changed = stripe.post(&path, &change).ok();
    assert_eq!(changed["metadata"], serde_json::json!({"b": "2"}));
    assert_eq!((text(&changed["owner"], "name"), text(&changed["owner"]["address"], "city")), ("J", "Berlin"));
    assert_eq!(stripe.post(&path, &[("metadata", "")]).ok()["metadata"], serde_json::json!({}));
}

#[test]
fn a_browser_sees_a_source_with_its_secret() {
    let stripe = sandbox("sources-browser");
    let browser = stripe.publishable();
    let made = source(&browser, &[("type", "card"), ("token", "tok_visa")]);
    let path = format!("/v1/sources/{}", text(&made, "id"));
    browser.get(&path, &[]).refused(400);
    assert_eq!(browser.get(&path, &[("client_secret", text(&made, "client_secret"))]).ok(), made);
}

#[test]
fn a_source_keeps_to_the_flow_and_the_currencies_of_its_type() {
    let stripe = sandbox("sources-scheme");
    let ideal = [("type", "ideal"), ("amount", "1099"), BACK];
    let flow = with(&ideal, &[("currency", "eur"), ("flow", "none")]);
    says(stripe.post("/v1/sources", &flow), 400, "Sources of type ideal always have the flow redirect.");
    let sentence = "Sources of type ideal do not support the currency usd. Supported: eur.";
    says(stripe.post("/v1/sources", &with(&ideal, &[("currency", "usd")])), 400, sentence);
}

#[test]
fn a_token_makes_a_source_of_its_own_kind() {
    let stripe = sandbox("sources-token-kind");
    for (kind, token) in [("card", "btok_us_verified"), ("ach_debit", "tok_visa")] {
        let params = [("type", kind), ("token", token), ("currency", "usd")];
        let sentence = format!("The token {token} cannot be used for a source of type {kind}.");
        says(stripe.post("/v1/sources", &params), 400, &sentence);
    }
}

#[test]
fn an_account_that_no_debit_can_be_drawn_from_makes_no_source() {
    let stripe = sandbox("sources-unusable");
    let params = [
        ("type", "sepa_debit"),
        ("currency", "eur"),
        ("owner[name]", "Ada"),
        ("sepa_debit[iban]", "AT511904300000066666"),
    ];
    says(stripe.post("/v1/sources", &params), 400, "The bank account you provided cannot be used.");
}
