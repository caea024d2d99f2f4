//! What setups and mandates announce, in which order (intents-and-checkout 2.3, 2.5).

use super::{CARD_ONLY, act, create, set_up, update};
use crate::events::resource::{event, events, types};
use crate::support::client::{Client, sandbox};
use crate::support::decisions::decide;
use crate::support::flows::{customer, id, text};

/// The types of all events after the first `known` ones.
fn after(api: &Client, known: usize) -> Vec<String> {
    types(&events(api, &[])[known..]).into_iter().map(str::to_owned).collect()
}

#[test]
fn a_setup_that_succeeds() {
    let api = sandbox("si-events");
    let owner = customer(&api, &[]);
    set_up(&api, "pm_card_visa", &[("customer", &owner)]).ok();
    assert_eq!(after(&api, 1), ["setup_intent.created", "payment_method.attached", "setup_intent.succeeded"]);
    let created = event(&api, "setup_intent.created");
    assert_eq!(created["data"]["object"]["status"], "requires_confirmation");
    assert_eq!(event(&api, "setup_intent.succeeded")["data"]["object"]["status"], "succeeded");
}

#[test]
fn a_setup_for_nobody_attaches_nothing() {
    let api = sandbox("si-events-nobody");
    set_up(&api, "pm_card_visa", &[]).ok();
    assert_eq!(after(&api, 0), ["setup_intent.created", "setup_intent.succeeded"]);
}

#[test]
fn a_setup_that_is_declined() {
    let api = sandbox("si-events-declined");
    let error = set_up(&api, "pm_card_chargeDeclined", &[]).refused(402);
    assert_eq!(after(&api, 0), ["setup_intent.created", "setup_intent.setup_failed"]);
    let intent = id(&error["setup_intent"]);
    act(&api, &intent, "confirm", &[("payment_method", "pm_card_chargeDeclined")]).refused(402);
    update(&api, &intent, &[("description", "Tea")]).ok();
    assert_eq!(after(&api, 2), ["setup_intent.setup_failed"], "a second failure is told, a change is not");
    let told = event(&api, "setup_intent.created");
    assert_eq!(told["data"]["object"]["last_setup_error"], serde_json::Value::Null);
}

#[test]
fn a_setup_that_waits_for_its_customer() {
    let api = sandbox("si-events-waits");
    for (result, last) in [("succeeded", "setup_intent.succeeded"), ("failed", "setup_intent.setup_failed")] {
        let known = events(&api, &[]).len();
        let waiting = set_up(&api, "pm_card_authenticationRequired", &[("return_url", "https://shop.example")]).ok();
        assert_eq!(after(&api, known), ["setup_intent.created", "setup_intent.requires_action"]);
        decide(&api, text(&waiting["next_action"]["redirect_to_url"], "url"), result).ok();
        assert_eq!(after(&api, known + 2), [last]);
    }
}

#[test]
fn a_setup_that_is_canceled() {
    let api = sandbox("si-events-canceled");
    let intent = id(&create(&api, &[CARD_ONLY]).ok());
    act(&api, &intent, "cancel", &[]).ok();
    assert_eq!(after(&api, 0), ["setup_intent.created", "setup_intent.canceled"]);
}

#[test]
fn a_mandate_that_the_bank_answers() {
    let api = sandbox("si-events-mandate");
    let debit = [
        ("payment_method_types[]", "bacs_debit"),
        ("payment_method", "pm_bacsDebit_success"),
        ("confirm", "true"),
        ("mandate_data[customer_acceptance][type]", "offline"),
    ];
    create(&api, &debit).ok();
    assert_eq!(after(&api, 0), ["setup_intent.created", "setup_intent.succeeded", "mandate.updated"]);
    assert_eq!(event(&api, "mandate.updated")["data"]["previous_attributes"]["status"], "pending");
}
