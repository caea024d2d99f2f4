//! What a browser alone says when it confirms (stripe-js 8.1).

use serde_json::Value;

use crate::support::client::{self, Answer, Client, sandbox};
use crate::support::decisions::{browse, press};
use crate::support::flows::{
    Params, attached, customer, id, intent, invalid, says, text, the_customer, the_intent, with,
};

const CARDS: (&str, &str) = ("payment_method_types[]", "card");
const VISA: (&str, &str) = ("payment_method", "pm_card_visa");
const DEFAULT: (&str, &str) = ("set_as_default_payment_method", "true");
const OF_DOLLARS: Params<'_> = &[("client_context[currency]", "usd"), ("client_context[mode]", "payment")];

fn confirm(api: &Client, intent: &Value, params: Params<'_>) -> Answer {
    let kind = if text(intent, "object") == "setup_intent" { "setup_intents" } else { "payment_intents" };
    let secret = [("client_secret", text(intent, "client_secret"))];
    let body = client::encode(&with(&secret, params));
    let key = format!("Bearer pk_test_sandbox_{}", api.sandbox());
    let form = ("application/x-www-form-urlencoded", body.as_bytes());
    let target = format!("/v1/{kind}/{}/confirm", id(intent));
    client::raw(api.url(), "POST", &target, &[("Authorization".to_owned(), key)], Some(form))
}

#[track_caller]
fn differs(answer: Answer, name: &str, own: &str, wanted: &str) {
    let sentence = format!(
        "The provided {name} ({own}) does not match the expected {name} ({wanted}). Try confirming with a Payment Intent that \
         is configured to use the same parameters as Stripe Elements."
    );
    let error = says(answer, 400, &sentence);
    assert_eq!((text(&error, "type"), &error["code"]), ("invalid_request_error", &Value::Null));
}

#[test]
fn an_intent_must_be_what_elements_was_made_for() {
    let api = sandbox("elements-context");
    let euros = api.post("/v1/payment_intents", &[("amount", "900"), ("currency", "eur"), CARDS]).ok();
    differs(confirm(&api, &euros, &with(OF_DOLLARS, &[VISA])), "currency", "eur", "usd");
    let kept = intent(&api, &[CARDS, ("setup_future_usage", "off_session")]).ok();
    differs(confirm(&api, &kept, &with(OF_DOLLARS, &[VISA])), "setup_future_usage", "off_session", "null");
    let keeps = with(OF_DOLLARS, &[VISA, ("client_context[setup_future_usage]", "off_session")]);
    let once = intent(&api, &[CARDS]).ok();
    differs(confirm(&api, &once, &keeps), "setup_future_usage", "null", "off_session");
    let held = intent(&api, &[CARDS, ("capture_method", "manual")]).ok();
    let at_once = with(OF_DOLLARS, &[VISA, ("client_context[capture_method]", "automatic")]);
    differs(confirm(&api, &held, &at_once), "capture_method", "manual", "automatic");
    for refused in [&euros, &kept, &once, &held] {
        assert_eq!(text(&the_intent(&api, &id(refused)), "status"), "requires_payment_method");
    }
    // The two ways of capturing at once are one, and what else the page knew decides nothing.
    let rest = [
        ("client_context[customer]", "cus_of_the_page"),
        ("client_context[payment_method_types][0]", "ideal"),
        ("client_context[payment_method_options][us_bank_account][verification_method]", "instant"),
    ];
    assert_eq!(text(&confirm(&api, &once, &with(&at_once, &rest)).ok(), "status"), "succeeded");
    assert_eq!(text(&confirm(&api, &kept, &keeps).ok(), "status"), "succeeded");
    let of_subscription = [("client_context[currency]", "usd"), ("client_context[mode]", "subscription"), VISA];
    let kept = intent(&api, &[CARDS, ("setup_future_usage", "off_session")]).ok();
    assert_eq!(text(&confirm(&api, &kept, &of_subscription).ok(), "status"), "succeeded");
}

#[test]
fn a_token_is_for_what_elements_was_made_for() {
    let api = sandbox("elements-token");
    let made = || id(&api.publishable().post("/v1/confirmation_tokens", &with(OF_DOLLARS, &[VISA])).ok());
    let (first, second) = (made(), made());
    let of = |token: &str, currency| {
        let params =
            [("amount", "900"), ("currency", currency), ("confirm", "true"), CARDS, ("confirmation_token", token)];
        api.post("/v1/payment_intents", &params)
    };
    differs(of(&first, "eur"), "currency", "eur", "usd");
    assert_eq!(text(&of(&second, "usd").ok(), "status"), "succeeded");
}

#[test]
fn a_setup_confirms_whatever_its_elements_were_made_for() {
    let api = sandbox("elements-setup");
    let made = api.post("/v1/setup_intents", &[CARDS]).ok();
    let context = [("client_context[currency]", "aud"), ("client_context[mode]", "setup"), VISA];
    assert_eq!(text(&confirm(&api, &made, &context).ok(), "status"), "succeeded");
}

#[test]
fn a_server_does_not_know_what_a_browser_says() {
    let api = sandbox("elements-server");
    let made = intent(&api, &[CARDS]).ok();
    let path = format!("/v1/payment_intents/{}/confirm", id(&made));
    let unknown = Some("parameter_unknown");
    invalid(api.post(&path, &[VISA, DEFAULT]), 400, unknown, Some("set_as_default_payment_method"));
    invalid(api.post(&path, &[VISA, ("client_context[mode]", "payment")]), 400, unknown, Some("client_context"));
    let library = [
        ("eid", "NA"),
        ("browser_locale", "en-US"),
        ("browser_timezone", "Etc/UTC"),
        ("redirect_type", "embedded"),
        ("elements_session_client[locale]", "en"),
        ("elements_options_client[stripe_js_locale]", "auto"),
    ];
    for said in library {
        let name = said.0.split('[').next();
        invalid(api.post(&path, &[VISA, said]), 400, unknown, name);
    }
    assert_eq!(text(&confirm(&api, &made, &with(&[VISA], &library)).ok(), "status"), "succeeded");
}

#[track_caller]
fn default_of(api: &Client, customer: &str) -> Value {
    the_customer(api, customer)["invoice_settings"]["default_payment_method"].clone()
}

#[test]
fn a_payment_method_that_is_kept_becomes_the_default_when_it_has_paid() {
    let api = sandbox("default-paid");
    let buyer = customer(&api, &[]);
    let of_buyer = [CARDS, ("customer", buyer.as_str())];
    // One that is not kept is nobody's.
    let once = intent(&api, &of_buyer).ok();
    confirm(&api, &once, &[VISA, DEFAULT]).ok();
    assert_eq!(default_of(&api, &buyer), Value::Null);
    let kept = intent(&api, &with(&of_buyer, &[("setup_future_usage", "off_session")])).ok();
    confirm(&api, &kept, &[("payment_method", "pm_card_chargeDeclined"), DEFAULT]).refused(402);
    assert_eq!(default_of(&api, &buyer), Value::Null);
    let paid = confirm(&api, &kept, &[VISA, DEFAULT]).ok();
    assert_eq!(default_of(&api, &buyer), paid["payment_method"]);
    // A saved one, and only once the customer has agreed.
    let saved = attached(&api, "pm_card_authenticationRequired", &buyer);
    let waits = intent(&api, &of_buyer).ok();
    let terms = [("payment_method", saved.as_str()), DEFAULT, ("return_url", "https://shop.example/done")];
    let asked = confirm(&api, &waits, &terms).ok();
    assert_eq!((text(&asked, "status"), default_of(&api, &buyer)), ("requires_action", paid["payment_method"].clone()));
    let link = text(&asked["next_action"]["redirect_to_url"], "url").to_owned();
    browse(&api, "GET", &link, None);
    press(&api, &link, "succeeded");
    assert_eq!(default_of(&api, &buyer), saved.as_str());
}

#[test]
fn a_payment_method_that_is_set_up_becomes_the_default() {
    let api = sandbox("default-setup");
    let buyer = customer(&api, &[]);
    let set_up = |more: Params<'_>| {
        let made = api.post("/v1/setup_intents", &[CARDS, ("customer", &buyer)]).ok();
        confirm(&api, &made, &with(&[VISA], more)).ok()
    };
    set_up(&[("set_as_default_payment_method", "false")]);
    assert_eq!(default_of(&api, &buyer), Value::Null);
    assert_eq!(set_up(&[DEFAULT])["payment_method"], default_of(&api, &buyer));
}

#[test]
fn a_token_says_what_becomes_the_default() {
    let api = sandbox("default-token");
    let buyer = customer(&api, &[]);
    let token = id(&api.publishable().post("/v1/confirmation_tokens", &[VISA, DEFAULT]).ok());
    let params = [
        CARDS,
        ("customer", buyer.as_str()),
        ("confirm", "true"),
        ("confirmation_token", token.as_str()),
        ("setup_future_usage", "off_session"),
    ];
    let paid = intent(&api, &params).ok();
    assert_eq!(default_of(&api, &buyer), paid["payment_method"]);
}

#[test]
fn an_operation_that_takes_no_context_names_it_once() {
    let api = sandbox("context-elsewhere");
    let made = api.post("/v1/setup_intents", &[CARDS]).ok();
    let path = format!("/v1/setup_intents/{}", id(&made));
    says(api.get(&path, &[("client_context[mode]", "setup")]), 400, "Received unknown parameter: client_context");
    let secret = ("client_secret", text(&made, "client_secret"));
    let by_browser = api.publishable().get(&path, &[secret, ("client_context[mode]", "setup")]);
    invalid(by_browser, 400, Some("parameter_unknown"), Some("client_context"));
}
