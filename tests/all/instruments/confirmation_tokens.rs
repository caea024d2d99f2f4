//! Confirmation tokens (intents-and-checkout 3.6).

use serde_json::{Value, json};

use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{Params, attached, customer, id, intent, invalid, missing, text, the_intent, with};

const VISA: (&str, &str) = ("payment_method", "pm_card_visa");
const BACK: (&str, &str) = ("return_url", "https://shop.example/done");
const CONFIRM: (&str, &str) = ("confirm", "true");

fn make(api: &Client, params: Params<'_>) -> Answer {
    api.post("/v1/test_helpers/confirmation_tokens", params)
}

#[track_caller]
fn token(api: &Client, params: Params<'_>) -> String {
    id(&make(api, params).ok())
}

#[track_caller]
fn the_token(api: &Client, token: &str) -> Value {
    api.get(&format!("/v1/confirmation_tokens/{token}"), &[]).ok()
}

/// A payment intent that a token confirms at once.
fn pay(api: &Client, token: &str, params: Params<'_>) -> Answer {
    intent(api, &with(&[CONFIRM, ("confirmation_token", token)], params))
}

fn set_up(api: &Client, token: &str, params: Params<'_>) -> Answer {
    api.post("/v1/setup_intents", &with(&[CONFIRM, ("confirmation_token", token)], params))
}

#[test]
fn a_token_shows_what_the_customer_entered() {
    let api = sandbox("ct-new");
    let made = make(
        &api,
        &[
            ("payment_method_data[type]", "card"),
            ("payment_method_data[card][token]", "tok_mastercard"),
            ("payment_method_data[billing_details][name]", "Jenny Rosen"),
            ("payment_method_data[allow_redisplay]", "always"),
            ("shipping[name]", "Jenny Rosen"),
            ("shipping[address][line1]", "1 Tea Street"),
            ("setup_future_usage", "off_session"),
            BACK,
        ],
    )
    .ok();
    assert!(id(&made).starts_with("ctoken_1") && id(&made).len() == 31, "{made}");
    assert_eq!(made["expires_at"].as_i64().unwrap() - made["created"].as_i64().unwrap(), 12 * 3600);
    assert_eq!(
        (&made["payment_intent"], &made["setup_intent"], &made["mandate_data"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!((text(&made, "return_url"), text(&made, "setup_future_usage")), (BACK.1, "off_session"));
    assert_eq!(made["use_stripe_sdk"], true);
    let preview = &made["payment_method_preview"];
    assert_eq!((text(preview, "type"), text(preview, "allow_redisplay")), ("card", "always"));
    assert_eq!(
        (&preview["card"]["brand"], &preview["billing_details"]["name"]),
        (&json!("mastercard"), &json!("Jenny Rosen"))
    );
    assert!(preview.get("id").is_none(), "it is not a payment method yet");
    let address = json!({"city": null, "country": null, "line1": "1 Tea Street", "line2": null, "postal_code": null, "state": null});
    assert_eq!(made["shipping"], json!({"address": address, "name": "Jenny Rosen", "phone": null}));
    assert_eq!(the_token(&api, &id(&made)), made);
}

#[test]
fn a_token_is_for_one_method() {
    let api = sandbox("ct-one");
    assert_eq!(make(&api, &[]).status, 400);
    let both = [VISA, ("payment_method_data[type]", "card"), ("payment_method_data[card][token]", "tok_visa")];
    invalid(make(&api, &both), 400, None, Some("payment_method"));
    missing(make(&api, &[("payment_method", "pm_x")]), 400, "PaymentMethod", "pm_x", "payment_method");
    missing(
        api.get("/v1/confirmation_tokens/ctoken_x", &[]),
        404,
        "confirmation_token",
        "ctoken_x",
        "confirmation_token",
    );
}

#[test]
fn a_token_confirms_a_payment_once() {
    let api = sandbox("ct-pays");
    let owner = customer(&api, &[]);
    let entered = [
        VISA,
        BACK,
        ("setup_future_usage", "off_session"),
        ("shipping[name]", "Jenny Rosen"),
        ("shipping[address][line1]", "1 Tea Street"),
    ];
    let token = token(&api, &entered);
    let paid = pay(&api, &token, &[("customer", &owner)]).ok();
    assert_eq!((text(&paid, "status"), text(&paid, "setup_future_usage")), ("succeeded", "off_session"));
    assert_eq!(paid["shipping"]["name"], "Jenny Rosen");
    let method = api.get(&format!("/v1/payment_methods/{}", text(&paid, "payment_method")), &[]).ok();
    assert_eq!(method["customer"], *owner, "the token asked to keep it");
    let used = the_token(&api, &token);
    assert_eq!((&used["payment_intent"], &used["setup_intent"]), (&paid["id"], &Value::Null));
    let error = invalid(pay(&api, &token, &[]), 400, None, Some("confirmation_token"));
    assert!(text(&error, "message").contains(&token), "{error}");
}

#[test]
fn a_token_confirms_an_intent_that_is_there() {
    let api = sandbox("ct-confirms");
    let waiting = id(&intent(&api, &[]).ok());
    let path = format!("/v1/payment_intents/{waiting}/confirm");
    missing(
        api.post(&path, &[("confirmation_token", "ctoken_x")]),
        400,
        "confirmation_token",
        "ctoken_x",
        "confirmation_token",
    );
    let token = token(&api, &[VISA]);
    let refused = api.post(&path, &[("confirmation_token", &token)]).refused(400);
    assert!(text(&refused, "message").starts_with("A `return_url` must be specified"), "{refused}");
    assert_eq!(the_token(&api, &token)["payment_intent"], Value::Null, "a refused confirmation uses nothing up");
    let paid = api.post(&path, &[("confirmation_token", &token), BACK]).ok();
    assert_eq!(paid["status"], "succeeded");
    assert_eq!(the_token(&api, &token)["payment_intent"], *waiting);
}

#[test]
fn what_the_call_says_comes_before_the_token() {
    let api = sandbox("ct-precedence");
    let token = token(&api, &[("payment_method", "pm_card_chargeDeclined"), BACK]);
    let paid = pay(&api, &token, &[("payment_method", "pm_card_mastercard")]).ok();
    let method = api.get(&format!("/v1/payment_methods/{}", text(&paid, "payment_method")), &[]).ok();
    assert_eq!(method["card"]["brand"], "mastercard");
}

#[test]
fn a_declined_token_is_used_up() {
    let api = sandbox("ct-declines");
    let token = token(&api, &[("payment_method", "pm_card_chargeDeclined"), BACK]);
    let error = pay(&api, &token, &[]).refused(402);
    assert_eq!(the_token(&api, &token)["payment_intent"], error["payment_intent"]["id"]);
    assert_eq!(the_intent(&api, &id(&error["payment_intent"]))["status"], "requires_payment_method");
    invalid(pay(&api, &token, &[]), 400, None, Some("confirmation_token"));
}

#[test]
fn the_browser_library_acts_for_a_token() {
    let api = sandbox("ct-3ds");
    let token = [(); 2].map(|()| token(&api, &[("payment_method", "pm_card_threeDSecure2Required"), BACK]));
    assert_eq!(pay(&api, &token[0], &[]).ok()["next_action"]["type"], "use_stripe_sdk");
    let redirected = pay(&api, &token[1], &[("use_stripe_sdk", "false")]).ok();
    assert_eq!(redirected["next_action"]["redirect_to_url"]["return_url"], BACK.1);
}

#[test]
fn a_token_confirms_a_setup() {
    let api = sandbox("ct-setup");
    let owner = customer(&api, &[]);
    let token = token(&api, &[VISA, BACK]);
    let done = set_up(&api, &token, &[("customer", &owner)]).ok();
    assert_eq!(done["status"], "succeeded");
    let used = the_token(&api, &token);
    assert_eq!((&used["setup_intent"], &used["payment_intent"]), (&done["id"], &Value::Null));
    invalid(set_up(&api, &token, &[]), 400, None, Some("confirmation_token"));
}

#[test]
fn a_saved_method_is_used_as_it_is() {
    let api = sandbox("ct-saved");
    let owner = customer(&api, &[]);
    let saved = attached(&api, "pm_card_visa", &owner);
    let made = make(&api, &[("payment_method", &saved), BACK]).ok();
    assert_eq!(made["payment_method_preview"]["customer"], *owner);
    let paid = pay(&api, &id(&made), &[("customer", &owner)]).ok();
    assert_eq!(paid["payment_method"], *saved);
}

#[test]
fn a_debit_has_the_customers_consent_with_it() {
    let api = sandbox("ct-debit");
    let made = make(&api, &[("payment_method", "pm_sepaDebit_success_de"), BACK]).ok();
    let online = json!({"ip_address": null, "user_agent": null});
    assert_eq!(made["mandate_data"]["customer_acceptance"], json!({"online": online, "type": "online"}));
    let done = set_up(&api, &id(&made), &[("payment_method_types[]", "sepa_debit")]).ok();
    assert_eq!(done["status"], "succeeded");
    assert!(done["mandate"].is_string(), "{done}");
}

#[test]
fn a_browser_makes_tokens_and_a_server_reads_them() {
    let api = sandbox("ct-browser");
    let browser = api.publishable();
    let entered = [
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][number]", "4242424242424242"),
        ("payment_method_data[card][exp_month]", "12"),
        ("payment_method_data[card][exp_year]", "40"),
        ("payment_method_data[card][cvc]", "123"),
        ("payment_method_data[guid]", "x"),
        ("mandate_data[customer_acceptance][type]", "online"),
        ("mandate_data[customer_acceptance][online][infer_from_client]", "true"),
        ("client_context[currency]", "usd"),
        ("client_context[mode]", "payment"),
        ("use_stripe_sdk", "false"),
        BACK,
    ];
    let made = browser.post("/v1/confirmation_tokens", &entered).ok();
    assert_eq!(
        (&made["use_stripe_sdk"], &made["mandate_data"]["customer_acceptance"]["type"]),
        (&json!(false), &json!("online"))
    );
    let path = format!("/v1/confirmation_tokens/{}", id(&made));
    assert_eq!(browser.get(&path, &[]).refused(401)["code"], "secret_key_required");
    assert_eq!(pay(&api, &id(&made), &[]).ok()["status"], "succeeded");
}

#[test]
fn an_expired_token_confirms_nothing() {
    let api = sandbox("ct-expired");
    let made = make(&api, &[VISA, BACK]).ok();
    let mut dumped = made.clone();
    dumped["id"] = json!("ctoken_old");
    dumped["expires_at"] = dumped["created"].clone();
    let dump = json!([dumped]).to_string();
    let loaded =
        api.send("POST", "/_pinstripe/fixtures?sandbox=ct-expired", Some(("application/json", dump.as_bytes())));
    assert_eq!(loaded.status, 200, "{}", loaded.text);
    let error = invalid(pay(&api, "ctoken_old", &[]), 400, None, Some("confirmation_token"));
    assert_eq!(error["message"], "The ConfirmationToken ctoken_old has expired. Create a new ConfirmationToken.");
}
