//! 3-D Secure in a setup (intents-and-checkout 1.7, 1.8, 2.2).

use serde_json::{Value, json};

use super::{CARD_ONLY, act, attempts, confirm, open, set_up, statuses, the_method, the_setup, update};
use crate::support::client::{Client, sandbox};
use crate::support::decisions::{self, decide, press};
use crate::support::flows::{Params, customer, id, pay, text, with};

const BACK: (&str, &str) = ("return_url", "https://shop.example/done?order=7");
const REQUIRED: &str = "pm_card_threeDSecure2Required";

/// A setup that waits for its customer, who comes back to a page of the shop.
fn waiting(api: &Client, method: &str, params: Params<'_>) -> Value {
    let waiting = set_up(api, method, &with(&[BACK], params)).ok();
    assert_eq!(waiting["status"], "requires_action");
    waiting
}

fn page(intent: &Value) -> &str {
    text(&intent["next_action"]["redirect_to_url"], "url")
}

#[test]
fn a_card_that_authenticates_waits_for_its_customer() {
    let api = sandbox("si-3ds-waits");
    let owner = customer(&api, &[]);
    let waiting = waiting(&api, REQUIRED, &[("customer", &owner)]);
    assert_eq!(waiting["last_setup_error"], Value::Null);
    assert_eq!(waiting["next_action"]["type"], "redirect_to_url");
    assert_eq!(waiting["next_action"]["redirect_to_url"]["return_url"], BACK.1);
    assert_eq!(the_method(&api, text(&waiting, "payment_method"))["customer"], Value::Null, "not attached yet");
    assert_eq!(statuses(&api, &id(&waiting)), ["requires_action"]);
    let shown = decisions::open(&api, page(&waiting));
    for text in [&*id(&waiting), "3D Secure", ">Complete</button>", ">Fail</button>"] {
        assert!(shown.text.contains(text), "{text} is not on the page:\n{}", shown.text);
    }
}

#[test]
fn passing_the_challenge_sets_the_card_up() {
    let api = sandbox("si-3ds-passes");
    let owner = customer(&api, &[]);
    let waiting = waiting(&api, "pm_card_authenticationRequiredOnSetup", &[("customer", &owner)]);
    let answer = press(&api, page(&waiting), "succeeded");
    let secret = text(&waiting, "client_secret");
    let back = format!(
        "{}&setup_intent={}&setup_intent_client_secret={secret}&redirect_status=succeeded",
        BACK.1,
        id(&waiting)
    );
    assert_eq!((answer.status, answer.header("location")), (303, Some(back.as_str())));
    let done = the_setup(&api, &id(&waiting));
    assert_eq!((text(&done, "status"), &done["next_action"]), ("succeeded", &Value::Null));
    assert_eq!(done["latest_attempt"], waiting["latest_attempt"], "the attempt goes on");
    let method = text(&done, "payment_method");
    assert_eq!(the_method(&api, method)["customer"], *owner);
    let attempt = attempts(&api, &id(&done)).remove(0);
    assert_eq!(text(&attempt, "status"), "succeeded");
    let secure = &attempt["payment_method_details"]["card"]["three_d_secure"];
    assert_eq!((&secure["result"], &secure["authentication_flow"]), (&json!("authenticated"), &json!("challenge")));
    let off = [("customer", &*owner), ("off_session", "true")];
    assert_eq!(pay(&api, method, &off).ok()["status"], "succeeded", "the card is set up for off-session payments");
    decide(&api, page(&waiting), "failed").refused(409);
}

#[test]
fn failing_the_challenge_leaves_the_intent_open() {
    let api = sandbox("si-3ds-fails");
    let owner = customer(&api, &[]);
    let waiting = waiting(&api, REQUIRED, &[("customer", &owner)]);
    let answer = decide(&api, page(&waiting), "failed").ok();
    assert!(text(&answer, "return_url").ends_with("&redirect_status=failed"), "{answer}");
    let after = the_setup(&api, &id(&waiting));
    assert_eq!((text(&after, "status"), &after["next_action"]), ("requires_payment_method", &Value::Null));
    assert_eq!(after["payment_method"], Value::Null);
    let last = &after["last_setup_error"];
    assert_eq!(
        (text(last, "code"), text(last, "type")),
        ("setup_intent_authentication_failure", "invalid_request_error")
    );
    assert_eq!(
        last["message"],
        "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    );
    assert_eq!(last["payment_method"]["id"], waiting["payment_method"]);
    let attempt = attempts(&api, &id(&waiting)).remove(0);
    assert_eq!((text(&attempt, "status"), &attempt["setup_error"]), ("failed", last));
    assert_eq!(attempt["payment_method_details"]["card"]["three_d_secure"]["result"], "failed");
    let again = confirm(&api, &id(&waiting), &[("payment_method", "pm_card_visa")]).ok();
    assert_eq!(again["status"], "succeeded");
}

#[test]
fn a_card_may_be_declined_after_the_challenge() {
    let api = sandbox("si-3ds-declines");
    let waiting = waiting(&api, "pm_card_threeDSecureRequiredChargeDeclined", &[]);
    decide(&api, page(&waiting), "succeeded").ok();
    let after = the_setup(&api, &id(&waiting));
    assert_eq!(
        (text(&after, "status"), &after["last_setup_error"]["code"]),
        ("requires_payment_method", &json!("card_declined"))
    );
}

#[test]
fn without_a_return_url_or_when_asked_the_browser_library_acts() {
    let api = sandbox("si-3ds-sdk");
    let sdk = ("use_stripe_sdk", "true");
    for params in [&[][..], &[BACK, sdk]] {
        let waiting = set_up(&api, REQUIRED, params).ok();
        assert_eq!(waiting["next_action"]["type"], "use_stripe_sdk");
        let action = &waiting["next_action"]["use_stripe_sdk"];
        assert_eq!(decide(&api, text(action, "stripe_js"), "succeeded").ok()["return_url"], Value::Null);
        assert_eq!(the_setup(&api, &id(&waiting))["status"], "succeeded");
    }
}

#[test]
fn another_confirmation_abandons_the_challenge() {
    let api = sandbox("si-3ds-abandons");
    let waiting = waiting(&api, REQUIRED, &[]);
    let intent = id(&waiting);
    let again = confirm(&api, &intent, &[BACK]).ok();
    assert_eq!(again["status"], "requires_action");
    assert_ne!(again["latest_attempt"], waiting["latest_attempt"]);
    assert_eq!(statuses(&api, &intent), ["requires_action", "abandoned"]);
    let done = confirm(&api, &intent, &[("payment_method", "pm_card_visa")]).ok();
    assert_eq!(done["status"], "succeeded");
    assert_eq!(statuses(&api, &intent), ["succeeded", "abandoned", "abandoned"]);
}

#[test]
fn canceling_abandons_the_challenge() {
    let api = sandbox("si-3ds-cancels");
    let waiting = waiting(&api, REQUIRED, &[]);
    let canceled = act(&api, &id(&waiting), "cancel", &[]).ok();
    assert_eq!((&canceled["status"], &canceled["next_action"]), (&json!("canceled"), &Value::Null));
    assert_eq!(statuses(&api, &id(&waiting)), ["abandoned"]);
    decide(&api, page(&waiting), "succeeded").refused(409);
}

#[test]
fn another_method_needs_another_confirmation() {
    let api = sandbox("si-3ds-update");
    let waiting = waiting(&api, REQUIRED, &[]);
    let intent = id(&waiting);
    assert_eq!(update(&api, &intent, &[("description", "Tea")]).ok()["status"], "requires_action");
    let changed = update(&api, &intent, &[("payment_method", "pm_card_visa")]).ok();
    assert_eq!((&changed["status"], &changed["next_action"]), (&json!("requires_confirmation"), &Value::Null));
    assert_eq!(statuses(&api, &intent), ["abandoned"]);
}

#[test]
fn asking_for_3d_secure_decides_for_cards_that_may_do_without() {
    let api = sandbox("si-3ds-asked");
    let any = ("payment_method_options[card][request_three_d_secure]", "any");
    assert_eq!(set_up(&api, "pm_card_threeDSecureOptional", &[]).ok()["status"], "succeeded");
    assert_eq!(set_up(&api, "pm_card_threeDSecureOptional", &[any]).ok()["status"], "requires_action");
    let stored = open(&api, &[any, CARD_ONLY]);
    let method = ("payment_method", "pm_card_threeDSecureOptional");
    assert_eq!(confirm(&api, &stored, &[method]).ok()["status"], "requires_action");
}
