//! Payment intents with a publishable key (intents-and-checkout 1.12).

use serde_json::Value;

use crate::support::client::{self, Answer, Client, sandbox};
use crate::support::flows::{Params, id, intent, invalid, text, the_intent};

const CARD_ONLY: (&str, &str) = ("payment_method_types[]", "card");

/// What a publishable key never sees (intents-and-checkout 1.12).
const HIDDEN: &[&str] = &[
    "amount_capturable",
    "amount_received",
    "application",
    "application_fee_amount",
    "charges",
    "customer",
    "invoice",
    "latest_charge",
    "metadata",
    "on_behalf_of",
    "payment_method_options",
    "review",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];

/// The core of what it sees, as recorded.
const VISIBLE: &[&str] = &[
    "id",
    "object",
    "amount",
    "canceled_at",
    "cancellation_reason",
    "capture_method",
    "client_secret",
    "confirmation_method",
    "created",
    "currency",
    "description",
    "last_payment_error",
    "livemode",
    "next_action",
    "payment_method",
    "payment_method_types",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "source",
    "status",
];

#[track_caller]
fn assert_reduced(shown: &Value) {
    for key in HIDDEN {
        assert!(shown.get(key).is_none(), "a browser sees `{key}`: {shown}");
    }
    for key in VISIBLE {
        assert!(shown.get(key).is_some(), "a browser does not see `{key}`: {shown}");
    }
}

/// A page in a browser. What it sees of an intent is less than the type that the catalogue describes, so its answers
/// are not checked against it.
struct Browser<'a> {
    url: &'a str,
    key: String,
}

impl<'a> Browser<'a> {
    fn of(api: &'a Client, sandbox: &str) -> Self {
        Browser { url: api.url(), key: format!("Bearer pk_test_sandbox_{sandbox}") }
    }

    fn send(&self, method: &str, target: &str, body: Option<&str>) -> Answer {
        let headers = [("Authorization".to_owned(), self.key.clone())];
        let body = body.map(|body| ("application/x-www-form-urlencoded", body.as_bytes()));
        client::raw(self.url, method, target, &headers, body)
    }

    fn retrieve(&self, intent: &str, params: Params<'_>) -> Answer {
        self.send("GET", &format!("/v1/payment_intents/{intent}?{}", client::encode(params)), None)
    }

    fn confirm(&self, intent: &str, params: Params<'_>) -> Answer {
        self.send("POST", &format!("/v1/payment_intents/{intent}/confirm"), Some(&client::encode(params)))
    }
}

#[test]
fn a_browser_sees_an_intent_with_its_secret_and_reduced() {
    let api = sandbox("pi-browser");
    let browser = Browser::of(&api, "pi-browser");
    let made = intent(&api, &[CARD_ONLY, ("metadata[a]", "1"), ("description", "Tea")]).ok();
    let secret = ("client_secret", text(&made, "client_secret"));
    let shown = browser.retrieve(&id(&made), &[secret]).ok();
    assert_reduced(&shown);
    for key in VISIBLE {
        assert_eq!(shown[key], made[key], "{key}");
    }
    let paid = browser.confirm(&id(&made), &[secret, ("payment_method", "pm_card_visa")]).ok();
    assert_reduced(&paid);
    assert!(text(&paid, "status") == "succeeded" && paid["payment_method"].is_string(), "{paid}");
    let expanded = browser.retrieve(&id(&made), &[secret, ("expand[]", "payment_method")]).ok();
    assert_eq!(expanded["payment_method"]["object"], "payment_method");
}

#[test]
fn a_browser_needs_the_secret_of_the_intent() {
    let api = sandbox("pi-browser-secret");
    let browser = Browser::of(&api, "pi-browser-secret");
    let [made, other] = [(); 2].map(|()| intent(&api, &[CARD_ONLY]).ok());
    for answer in
        [browser.retrieve(&id(&made), &[]), browser.confirm(&id(&made), &[("payment_method", "pm_card_visa")])]
    {
        let error = invalid(answer, 400, Some("parameter_missing"), Some("client_secret"));
        assert_eq!(error["message"], "Missing required param: client_secret.");
    }
    for secret in ["nonsense", text(&other, "client_secret")] {
        let secret = ("client_secret", secret);
        for answer in [browser.retrieve(&id(&made), &[secret]), browser.confirm(&id(&made), &[secret])] {
            assert_eq!(
                answer.refused(400)["message"],
                "The client_secret provided does not match any associated PaymentIntent on this account. Ensure the \
                 publishable key used belongs to the same account that created the PaymentIntent."
            );
        }
    }
    assert_eq!(text(&the_intent(&api, &id(&made)), "status"), "requires_payment_method");
}

#[test]
fn an_error_shows_a_browser_the_reduced_intent() {
    let api = sandbox("pi-browser-error");
    let browser = Browser::of(&api, "pi-browser-error");
    let made = intent(&api, &[CARD_ONLY]).ok();
    let secret = ("client_secret", text(&made, "client_secret"));
    let error = browser.confirm(&id(&made), &[secret, ("payment_method", "pm_card_chargeDeclined")]).refused(402);
    assert_eq!(text(&error, "code"), "card_declined");
    assert_reduced(&error["payment_intent"]);
    let error = browser.confirm(&id(&made), &[secret]).refused(400);
    assert_eq!(text(&error, "code"), "payment_intent_unexpected_state");
    assert_reduced(&error["payment_intent"]);
}

#[test]
fn a_browser_does_nothing_else_with_intents() {
    let api = sandbox("pi-browser-else");
    let browser = Browser::of(&api, "pi-browser-else");
    let made = id(&intent(&api, &[CARD_ONLY]).ok());
    for (method, target) in [
        ("GET", "/v1/payment_intents".to_owned()),
        ("POST", "/v1/payment_intents".to_owned()),
        ("POST", format!("/v1/payment_intents/{made}")),
        ("POST", format!("/v1/payment_intents/{made}/capture")),
        ("POST", format!("/v1/payment_intents/{made}/cancel")),
    ] {
        let error = browser.send(method, &target, (method == "POST").then_some("")).refused(401);
        assert_eq!(text(&error, "code"), "secret_key_required", "{method} {target}");
    }
}

#[test]
fn a_manual_confirmation_is_not_a_browsers() {
    let api = sandbox("pi-browser-manual");
    let browser = Browser::of(&api, "pi-browser-manual");
    let made = intent(&api, &[CARD_ONLY, ("confirmation_method", "manual"), ("payment_method", "pm_card_visa")]).ok();
    let secret = ("client_secret", text(&made, "client_secret"));
    let error = invalid(browser.confirm(&id(&made), &[secret]), 400, Some("payment_intent_unexpected_state"), None);
    assert!(
        text(&error, "message").starts_with(
            "This PaymentIntent cannot be confirmed using your publishable key because its `confirmation_method` is set \
             to `manual`."
        ),
        "{error}"
    );
    assert_eq!(api.post(&format!("/v1/payment_intents/{}/confirm", id(&made)), &[]).ok()["status"], "succeeded");
}

#[test]
fn a_browser_expands_the_payment_method_alone_and_sees_no_customer() {
    let api = sandbox("browsers-expand");
    let customer = id(&api.post("/v1/customers", &[("email", "ada@shop.example"), ("metadata[tier]", "gold")]).ok());
    let method = [("type", "card"), ("card[token]", "tok_visa"), ("metadata[note]", "ours")];
    let method = id(&api.post("/v1/payment_methods", &method).ok());
    api.post(&format!("/v1/payment_methods/{method}/attach"), &[("customer", &customer)]).ok();
    let params = [("amount", "1000"), ("currency", "usd"), ("customer", &*customer), ("payment_method", &*method)];
    let made = api.post("/v1/payment_intents", &params).ok();
    let path = format!("/v1/payment_intents/{}", id(&made));
    let browser = Browser::of(&api, "browsers-expand");
    let secret = ("client_secret", text(&made, "client_secret"));
    let shown = browser.retrieve(&id(&made), &[secret, ("expand[]", "payment_method")]).ok();
    assert_eq!(shown["payment_method"]["card"]["last4"], "4242");
    for hidden in ["metadata", "fingerprint", "ada@shop.example", "gold"] {
        assert!(!shown.to_string().contains(hidden), "{hidden}: {shown}");
    }
    for expanded in ["payment_method.customer", "customer", "latest_charge", "payment_method.customer.default_source"] {
        let refused = browser.retrieve(&id(&made), &[secret, ("expand[]", expanded)]).refused(400);
        assert_eq!(refused["message"], format!("This property cannot be expanded ({expanded})."));
        api.get(&path, &[("expand[]", expanded)]).ok();
    }
}
