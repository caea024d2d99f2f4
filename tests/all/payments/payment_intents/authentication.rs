//! 3-D Secure: what the customer has to do, doing it with and without a browser, and what comes of it
//! (intents-and-checkout 1.2, 1.7, 1.8).

use serde_json::{Value, json};

use super::{CARD_ONLY, MANUAL, act, confirm, loose, open, update};
use crate::support::client::{Client, sandbox};
use crate::support::decisions::{self, decide, press};
use crate::support::flows::{
    BEFORE_AUTOMATIC, Params, customer, id, ids, invalid, keys, pay, text, the_charge, the_intent, with,
};

const BACK: (&str, &str) = ("return_url", "https://shop.example/done?order=7");
const REQUIRED: &str = "pm_card_threeDSecure2Required";

/// A confirmed intent that waits for its customer, who comes back to a page of the shop.
fn waiting(api: &Client, method: &str, params: Params<'_>) -> Value {
    let waiting = pay(api, method, &with(&[BACK], params)).ok();
    assert_eq!(waiting["status"], "requires_action");
    waiting
}

fn charges(api: &Client) -> Vec<String> {
    ids(&api.get("/v1/charges", &[]).ok())
}

/// The page that the customer is sent to.
fn page(intent: &Value) -> &str {
    text(&intent["next_action"]["redirect_to_url"], "url")
}

/// The intent after its customer did or refused what was asked.
fn decided(api: &Client, waiting: &Value, result: &str) -> Value {
    decide(api, page(waiting), result).ok();
    the_intent(api, &id(waiting))
}

#[test]
fn a_customer_on_session_has_to_authenticate() {
    let api = sandbox("3ds-waits");
    let waiting = waiting(&api, REQUIRED, &[]);
    assert_eq!(waiting["latest_charge"], Value::Null);
    assert!(text(&waiting, "payment_method").starts_with("pm_"));
    assert_eq!(waiting["last_payment_error"], Value::Null);
    assert_eq!(charges(&api), [""; 0]);
    let action = &waiting["next_action"];
    assert_eq!(
        (&action["type"], &action["redirect_to_url"]["return_url"]),
        (&json!("redirect_to_url"), &json!(BACK.1))
    );
    assert!(page(&waiting).starts_with(&format!("{}/authorize/{}?", api.url(), id(&waiting))));
}

#[test]
fn without_a_return_url_or_when_asked_the_browser_library_acts() {
    let api = sandbox("3ds-sdk");
    let sdk = ("use_stripe_sdk", "true");
    for waiting in [pay(&api, REQUIRED, &[]).ok(), pay(&api, REQUIRED, &[BACK, sdk]).ok()] {
        assert_eq!(
            (&waiting["status"], &waiting["next_action"]["type"]),
            (&json!("requires_action"), &json!("use_stripe_sdk"))
        );
        let action = &waiting["next_action"]["use_stripe_sdk"];
        let members = "directory_server_encryption directory_server_name merchant one_click_authn server_transaction_id \
            stripe_js three_d_secure_2_source three_ds_frontend_optimizations three_ds_method_url three_ds_optimizations type";
        assert_eq!(keys(action), members.split_whitespace().collect::<Vec<_>>());
        let encryption = "algorithm certificate directory_server_id root_certificate_authorities";
        assert_eq!(keys(&action["directory_server_encryption"]), encryption.split(' ').collect::<Vec<_>>());
        assert_eq!(
            (&action["type"], &action["three_ds_method_url"], &action["three_ds_optimizations"]),
            (&json!("stripe_3ds2_fingerprint"), &json!(""), &json!("kf"))
        );
        assert!(waiting["next_action"].get("redirect_to_url").is_none());
        let answer = decide(&api, text(action, "stripe_js"), "succeeded").ok();
        assert_eq!(answer["return_url"], Value::Null);
        assert_eq!(the_intent(&api, &id(&waiting))["status"], "succeeded");
    }
}

#[test]
fn the_page_asks_to_complete_or_to_fail() {
    let api = sandbox("3ds-page");
    let waiting = waiting(&api, REQUIRED, &[]);
    let shown = decisions::open(&api, page(&waiting));
    assert_eq!(shown.status, 200);
    for text in [&*id(&waiting), "3D Secure", "$20.00", ">Complete</button>", ">Fail</button>"] {
        assert!(shown.text.contains(text), "{text} is not on the page:\n{}", shown.text);
    }
    let other = page(&waiting).replace("pa_nonce_", "pa_nonce_x");
    assert_eq!(decisions::open(&api, &other).status, 404);
}

#[test]
fn completing_pays_and_sends_the_browser_back() {
    let api = sandbox("3ds-complete");
    let waiting = waiting(&api, REQUIRED, &[]);
    let (intent, secret) = (id(&waiting), text(&waiting, "client_secret"));
    let answer = press(&api, page(&waiting), "succeeded");
    let back = format!(
        "https://shop.example/done?order=7&payment_intent={intent}&payment_intent_client_secret={secret}\
         &redirect_status=succeeded"
    );
    assert_eq!((answer.status, answer.header("location")), (303, Some(back.as_str())));
    let paid = the_intent(&api, &intent);
    assert_eq!((&paid["status"], &paid["next_action"]), (&json!("succeeded"), &Value::Null));
    assert_eq!((&paid["amount_received"], &paid["payment_method"]), (&paid["amount"], &waiting["payment_method"]));
    let charge = the_charge(&api, text(&paid, "latest_charge"));
    let card = &charge["payment_method_details"]["card"];
    assert_eq!(card["electronic_commerce_indicator"], "05");
    assert_eq!(
        (&card["three_d_secure"]["result"], &card["three_d_secure"]["authentication_flow"]),
        (&json!("authenticated"), &json!("challenge"))
    );
    decide(&api, page(&waiting), "failed").refused(409);
    assert_eq!(the_intent(&api, &intent)["status"], "succeeded");
}

#[test]
fn failing_takes_the_method_away_and_says_why() {
    let api = sandbox("3ds-fail");
    let waiting = waiting(&api, REQUIRED, &[]);
    let intent = id(&waiting);
    let answer = press(&api, page(&waiting), "failed");
    assert!(answer.header("location").unwrap().ends_with("&redirect_status=failed"));
    let failed = the_intent(&api, &intent);
    assert_eq!((&failed["status"], &failed["payment_method"]), (&json!("requires_payment_method"), &Value::Null));
    assert_eq!((&failed["next_action"], &failed["latest_charge"]), (&Value::Null, &Value::Null));
    let error = &failed["last_payment_error"];
    assert_eq!(error["code"], "payment_intent_authentication_failure");
    assert_eq!(error["type"], "invalid_request_error");
    assert_eq!(
        error["message"],
        "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    );
    assert_eq!(
        (&error["payment_method"]["id"], &error["payment_method_type"]),
        (&waiting["payment_method"], &json!("card"))
    );
    assert_eq!(charges(&api), [""; 0]);
    // The intent can be paid with another card, which clears the error.
    let paid = confirm(&api, &intent, &[("payment_method", "pm_card_visa")]).ok();
    assert_eq!((&paid["status"], &paid["last_payment_error"]), (&json!("succeeded"), &Value::Null));
}

#[test]
fn a_card_may_be_declined_after_the_challenge() {
    let api = sandbox("3ds-declined");
    for (method, decline) in [
        ("pm_card_threeDSecureRequiredChargeDeclined", "generic_decline"),
        ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "insufficient_funds"),
    ] {
        let waiting = waiting(&api, method, &[]);
        let answer = decide(&api, page(&waiting), "succeeded").ok();
        assert!(text(&answer, "return_url").ends_with("redirect_status=failed"));
        let declined = the_intent(&api, &id(&waiting));
        assert_eq!(declined["status"], "requires_payment_method");
        assert_eq!(declined["last_payment_error"]["decline_code"], decline);
        assert_eq!(declined["last_payment_error"]["charge"], declined["latest_charge"]);
        assert_eq!(the_charge(&api, text(&declined, "latest_charge"))["status"], "failed");
    }
}

#[test]
fn a_manual_capture_holds_after_the_challenge() {
    let api = sandbox("3ds-hold");
    let held = decided(&api, &waiting(&api, REQUIRED, &[MANUAL]), "succeeded");
    assert_eq!((&held["status"], &held["amount_capturable"]), (&json!("requires_capture"), &held["amount"]));
    assert_eq!(act(&api, &id(&held), "capture", &[]).ok()["status"], "succeeded");
}

#[test]
fn a_manual_confirmation_is_confirmed_again_by_the_server() {
    let api = sandbox("3ds-manual");
    let by_hand = [("confirmation_method", "manual")];
    let waiting = waiting(&api, REQUIRED, &by_hand);
    let passed = decided(&api, &waiting, "succeeded");
    assert_eq!((&passed["status"], &passed["next_action"]), (&json!("requires_confirmation"), &Value::Null));
    assert_eq!(passed["payment_method"], waiting["payment_method"]);
    let paid = confirm(&api, &id(&waiting), &[]).ok();
    assert_eq!(paid["status"], "succeeded");
    let charge = the_charge(&api, text(&paid, "latest_charge"));
    assert_eq!(charge["payment_method_details"]["card"]["three_d_secure"]["result"], "authenticated");
}

#[test]
fn another_method_or_amount_needs_another_challenge() {
    let api = sandbox("3ds-again");
    let by_hand = [("confirmation_method", "manual")];
    let passed = decided(&api, &waiting(&api, REQUIRED, &by_hand), "succeeded");
    update(&api, &id(&passed), &[("amount", "3000")]).ok();
    assert_eq!(confirm(&api, &id(&passed), &[BACK]).ok()["status"], "requires_action");
    let passed = decided(&api, &waiting(&api, REQUIRED, &by_hand), "succeeded");
    let other = [("payment_method", REQUIRED), BACK];
    assert_eq!(confirm(&api, &id(&passed), &other).ok()["status"], "requires_action");
}

#[test]
fn a_change_while_the_customer_is_asked_calls_it_off() {
    let api = sandbox("3ds-change");
    for change in [("amount", "3000"), ("payment_method", "pm_card_visa")] {
        let waiting = waiting(&api, REQUIRED, &[]);
        let changed = update(&api, &id(&waiting), &[change]).ok();
        assert_eq!((&changed["status"], &changed["next_action"]), (&json!("requires_confirmation"), &Value::Null));
        decide(&api, page(&waiting), "succeeded").refused(409);
    }
    let waiting = waiting(&api, REQUIRED, &[]);
    let paid = confirm(&api, &id(&waiting), &[("payment_method", "pm_card_visa")]).ok();
    assert_eq!((&paid["status"], &paid["next_action"]), (&json!("succeeded"), &Value::Null));
}

#[test]
fn a_canceled_intent_asks_nobody() {
    let api = sandbox("3ds-cancel");
    let waiting = waiting(&api, REQUIRED, &[]);
    let canceled = act(&api, &id(&waiting), "cancel", &[]).ok();
    assert_eq!((&canceled["status"], &canceled["next_action"]), (&json!("canceled"), &Value::Null));
    decide(&api, page(&waiting), "succeeded").refused(409);
    assert_eq!(charges(&api), [""; 0]);
}

#[test]
fn a_card_that_needs_none_may_be_asked_for_it() {
    let api = sandbox("3ds-any");
    let asked = |value| ("payment_method_options[card][request_three_d_secure]", value);
    let optional = "pm_card_threeDSecureOptional";
    assert_eq!(pay(&api, optional, &[BACK]).ok()["status"], "succeeded");
    for value in ["any", "challenge"] {
        assert_eq!(pay(&api, optional, &[BACK, asked(value)]).ok()["status"], "requires_action");
    }
}

#[test]
fn a_card_that_was_set_up_pays_while_its_owner_is_away() {
    let api = sandbox("3ds-set-up");
    let owner = customer(&api, &[]);
    let owned = ("customer", owner.as_str());
    let saving = [owned, ("setup_future_usage", "off_session")];
    let saved = decided(&api, &waiting(&api, "pm_card_authenticationRequiredOnSetup", &saving), "succeeded");
    assert_eq!(saved["status"], "succeeded");
    let method = text(&saved, "payment_method");
    assert_eq!(ids(&api.get("/v1/payment_methods", &[owned]).ok()), [method]);
    let away = [owned, ("off_session", "true")];
    assert_eq!(pay(&api, method, &away).ok()["status"], "succeeded");
}

#[test]
fn what_would_need_the_customer_may_be_an_error() {
    let api = sandbox("3ds-error");
    let strict = [CARD_ONLY, ("error_on_requires_action", "true")];
    let intent = open(&api, &[("payment_method", &loose(&api, REQUIRED))]);
    let error = confirm(&api, &intent, &strict[1..]).refused(402);
    assert_eq!((&error["code"], &error["type"]), (&json!("authentication_required"), &json!("card_error")));
    assert_eq!(error["decline_code"], "authentication_not_handled");
    assert_eq!(
        error["message"],
        "This payment required an authentication action to complete, but `error_on_requires_action` was set. When you're \
         ready, you can upgrade your integration to handle actions at \
         https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions."
    );
    let refused = the_intent(&api, &intent);
    assert_eq!((&refused["status"], &refused["next_action"]), (&json!("requires_payment_method"), &Value::Null));
    assert_eq!((&refused["latest_charge"], error.get("charge")), (&Value::Null, None));
}

#[test]
fn any_action_of_the_customer_is_an_error_where_actions_are() {
    let api = sandbox("3ds-error-any").version(BEFORE_AUTOMATIC);
    for (kind, currency, more) in [
        ("ideal", "eur", ("return_url", "https://shop.example/done")),
        ("oxxo", "mxn", ("payment_method_data[billing_details][email]", "ada@example.com")),
    ] {
        let params = [
            ("amount", "2000"),
            ("currency", currency),
            ("payment_method_types[]", kind),
            ("payment_method_data[type]", kind),
            ("payment_method_data[billing_details][name]", "Ada Lovelace"),
            ("confirm", "true"),
            ("error_on_requires_action", "true"),
            more,
        ];
        let error = api.post("/v1/payment_intents", &params).refused(402);
        assert_eq!(error["decline_code"], "authentication_not_handled", "{kind}");
        assert_eq!(error["payment_intent"]["status"], "requires_payment_method", "{kind}");
    }
}

#[test]
fn a_place_to_come_back_to_is_an_address() {
    let api = sandbox("3ds-address");
    let error = invalid(
        pay(&api, REQUIRED, &[("return_url", "shop.example/done")]),
        400,
        Some("url_invalid"),
        Some("return_url"),
    );
    assert_eq!(error["message"], "Invalid URL: An explicit scheme (such as https) must be provided.");
    let waiting = pay(&api, REQUIRED, &[("return_url", "shop-app://done")]).ok();
    let back = decide(&api, page(&waiting), "succeeded").ok();
    assert!(text(&back, "return_url").starts_with("shop-app://done?payment_intent=pi_"));
}
