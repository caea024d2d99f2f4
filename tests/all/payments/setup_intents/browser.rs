//! Setup intents with a publishable key (intents-and-checkout 1.12).

use serde_json::Value;

use super::{CARD_ONLY, create, the_setup};
use crate::support::client::{self, Answer, Client, sandbox};
use crate::support::flows::{Params, id, invalid, keys, text};

/// What a publishable key sees, in alphabetical order.
const VISIBLE: &[&str] = &[
    "automatic_payment_methods",
    "cancellation_reason",
    "client_secret",
    "created",
    "description",
    "id",
    "last_setup_error",
    "livemode",
    "next_action",
    "object",
    "payment_method",
    "payment_method_configuration_details",
    "payment_method_types",
    "status",
    "usage",
];

/// A page in a browser, whose answers show less than the type that the catalogue describes.
struct Browser<'a> {
    url: &'a str,
    key: String,
}

impl<'a> Browser<'a> {
    fn of(api: &'a Client, sandbox: &str) -> Self {
        Browser { url: api.url(), key: format!("Bearer pk_test_sandbox_{sandbox}") }
    }

    fn send(&self, method: &str, target: &str, params: Option<Params<'_>>) -> Answer {
        let headers = [("Authorization".to_owned(), self.key.clone())];
        let body = params.map(client::encode);
        let body = body.as_ref().map(|body| ("application/x-www-form-urlencoded", body.as_bytes()));
        client::raw(self.url, method, target, &headers, body)
    }

    fn retrieve(&self, intent: &str, params: Params<'_>) -> Answer {
        self.send("GET", &format!("/v1/setup_intents/{intent}?{}", client::encode(params)), None)
    }

    fn act(&self, intent: &str, action: &str, params: Params<'_>) -> Answer {
        self.send("POST", &format!("/v1/setup_intents/{intent}/{action}"), Some(params))
    }
}

fn secret(intent: &Value) -> (&'static str, &str) {
    ("client_secret", text(intent, "client_secret"))
}

#[test]
fn a_browser_sees_a_setup_with_its_secret_and_reduced() {
    let api = sandbox("si-browser");
    let browser = Browser::of(&api, "si-browser");
    let made = create(&api, &[CARD_ONLY, ("metadata[a]", "1"), ("description", "Tea")]).ok();
    let shown = browser.retrieve(&id(&made), &[secret(&made)]).ok();
    assert_eq!(keys(&shown), VISIBLE);
    let confirmed = [
        secret(&made),
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][number]", "4242424242424242"),
        ("payment_method_data[card][exp_month]", "12"),
        ("payment_method_data[card][exp_year]", "40"),
        ("payment_method_data[card][cvc]", "123"),
        ("payment_method_data[guid]", "x"),
        ("expected_payment_method_type", "card"),
        ("use_stripe_sdk", "true"),
        ("key", "pk_test_x"),
    ];
    let done = browser.act(&id(&made), "confirm", &confirmed).ok();
    assert_eq!((keys(&done), text(&done, "status")), (VISIBLE.to_vec(), "succeeded"));
    let expanded = browser.retrieve(&id(&made), &[secret(&made), ("expand[]", "payment_method")]).ok();
    assert_eq!(expanded["payment_method"]["card"]["last4"], "4242");
}

#[test]
fn the_browser_library_needs_no_return_url() {
    let api = sandbox("si-browser-automatic");
    let browser = Browser::of(&api, "si-browser-automatic");
    let made = create(&api, &[]).ok();
    let method = ("payment_method", "pm_card_authenticationRequired");
    browser.act(&id(&made), "confirm", &[secret(&made), method]).refused(400);
    let waiting = browser.act(&id(&made), "confirm", &[secret(&made), method, ("use_stripe_sdk", "true")]).ok();
    assert_eq!(waiting["next_action"]["type"], "use_stripe_sdk");
}

#[test]
fn a_browser_needs_the_secret_of_the_setup() {
    let api = sandbox("si-browser-secret");
    let browser = Browser::of(&api, "si-browser-secret");
    let [made, other] = [(); 2].map(|()| create(&api, &[CARD_ONLY]).ok());
    for action in ["confirm", "verify_microdeposits"] {
        invalid(browser.act(&id(&made), action, &[]), 400, Some("parameter_missing"), Some("client_secret"));
        let error = invalid(browser.act(&id(&made), action, &[secret(&other)]), 400, None, Some("client_secret"));
        assert!(
            text(&error, "message")
                .starts_with("The client_secret provided does not match any associated SetupIntent on this account."),
            "{error}"
        );
    }
    invalid(browser.retrieve(&id(&made), &[]), 400, Some("parameter_missing"), Some("client_secret"));
    assert_eq!(the_setup(&api, &id(&made))["status"], "requires_payment_method");
}

#[test]
fn an_error_shows_a_browser_the_reduced_setup() {
    let api = sandbox("si-browser-error");
    let browser = Browser::of(&api, "si-browser-error");
    let made = create(&api, &[CARD_ONLY]).ok();
    let declined = [secret(&made), ("payment_method", "pm_card_chargeDeclined")];
    let error = browser.act(&id(&made), "confirm", &declined).refused(402);
    assert_eq!(keys(&error["setup_intent"]), VISIBLE);
    let error = browser.act(&id(&made), "confirm", &[secret(&made)]).refused(400);
    assert_eq!(keys(&error["setup_intent"]), VISIBLE);
}

#[test]
fn a_browser_does_nothing_else_with_setups() {
    let api = sandbox("si-browser-else");
    let browser = Browser::of(&api, "si-browser-else");
    let made = create(&api, &[CARD_ONLY]).ok();
    let path = format!("/v1/setup_intents/{}", id(&made));
    let attempts = format!("/v1/setup_attempts?setup_intent={}", id(&made));
    for (method, target) in [
        ("GET", "/v1/setup_intents"),
        ("POST", "/v1/setup_intents"),
        ("POST", &path),
        ("POST", &format!("{path}/cancel")),
        ("GET", &attempts),
        ("GET", "/v1/mandates/mandate_x"),
    ] {
        let error = browser.send(method, target, (method == "POST").then_some(&[])).refused(401);
        assert_eq!(text(&error, "code"), "secret_key_required", "{method} {target}");
    }
}
