//! Each call in a state that does not allow it (intents-and-checkout 1.11).

use serde_json::json;

use super::{MANUAL, act, closed, confirm, open, update, wrong_state};
use crate::support::client::sandbox;
use crate::support::flows::{customer, id, pay, text};

#[test]
fn canceling_a_finished_intent_is_refused() {
    let api = sandbox("pi-cancel-finished");
    for (intent, status) in &closed(&api)[..2] {
        assert_eq!(
            wrong_state(act(&api, intent, "cancel", &[]), &api, intent, None),
            format!(
                "You cannot cancel this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one \
                 of the following statuses may be canceled: requires_payment_method, requires_capture, \
                 requires_reauthorization, requires_confirmation, requires_action, expired, processing."
            )
        );
    }
}

#[test]
fn confirming_a_finished_intent_is_refused() {
    let api = sandbox("pi-confirm-finished");
    for (intent, status) in &closed(&api) {
        let message = wrong_state(confirm(&api, intent, &[]), &api, intent, None);
        if *status == "succeeded" {
            let expected = "You cannot confirm this PaymentIntent because it has already succeeded after being previously \
                            confirmed.";
            assert_eq!(message, expected);
        } else {
            let begins = format!("You cannot confirm this PaymentIntent because it has a status of {status}.");
            assert!(message.starts_with(&begins), "{message}");
        }
        let answer = confirm(&api, intent, &[("payment_method", "pm_card_visa")]);
        assert_eq!(wrong_state(answer, &api, intent, Some("payment_method")), frozen("payment_method", status));
    }
}

fn frozen(param: &str, status: &str) -> String {
    format!(
        "This PaymentIntent's {param} could not be updated because it has a status of {status}. You may only update the \
         {param} of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, \
         requires_action."
    )
}

#[test]
fn money_and_payer_of_a_finished_intent_do_not_change() {
    let api = sandbox("pi-update-finished");
    let owner = customer(&api, &[]);
    for (intent, status) in &closed(&api) {
        for (param, value) in
            [("amount", "3000"), ("currency", "eur"), ("customer", &*owner), ("payment_method", "pm_card_visa")]
        {
            let answer = update(&api, intent, &[(param, value)]);
            assert_eq!(wrong_state(answer, &api, intent, Some(param)), frozen(param, status));
        }
        let changed = update(&api, intent, &[("description", "late"), ("metadata[a]", "1")]).ok();
        assert_eq!((text(&changed, "description"), &changed["metadata"]), ("late", &json!({"a": "1"})));
    }
}

#[test]
fn only_a_held_intent_is_captured() {
    let api = sandbox("pi-capture-state");
    let [_, (canceled, _), _] = closed(&api);
    for (intent, status) in [
        (open(&api, &[]), "requires_payment_method"),
        (open(&api, &[("payment_method", "pm_card_visa")]), "requires_confirmation"),
        (canceled, "canceled"),
    ] {
        assert_eq!(
            wrong_state(act(&api, &intent, "capture", &[]), &api, &intent, None),
            format!(
                "This PaymentIntent could not be captured because it has a status of {status}. Only a PaymentIntent with \
                 one of the following statuses may be captured: requires_capture."
            )
        );
    }
}

#[test]
fn a_captured_intent_has_released_the_rest() {
    let api = sandbox("pi-capture-again");
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL]).ok());
    act(&api, &held, "capture", &[("amount_to_capture", "1500")]).ok();
    assert_eq!(
        wrong_state(act(&api, &held, "capture", &[]), &api, &held, None),
        "The remaining amount on this PaymentIntent could not be captured because the remainder of the authorized amount \
         has been released."
    );
}
