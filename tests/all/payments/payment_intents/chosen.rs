//! Types of payment method that were chosen for an intent must fit its other parameters (intents-and-checkout 1.4).

use serde_json::json;

use super::{CARD_ONLY, MANUAL, confirm, open, update};
use crate::support::client::sandbox;
use crate::support::flows::{BEFORE_AUTOMATIC, id, intent, invalid, pay, says};

const CARD: (&str, &str) = CARD_ONLY;
const SEPA: (&str, &str) = ("payment_method_types[]", "sepa_debit");
const IDEAL: (&str, &str) = ("payment_method_types[]", "ideal");
const BANK: (&str, &str) = ("payment_method_types[]", "us_bank_account");
const EUR: (&str, &str) = ("currency", "eur");

const FOREIGN: &str = "The currency provided (usd) is invalid for one or more payment method types on this PaymentIntent. \
                       The payment method type sepa_debit only supports the following currencies: eur. Either correct the \
                       provided currency, or use a different PaymentIntent to accept this payment method type.";

#[test]
fn a_chosen_type_supports_the_currency() {
    let api = sandbox("pi-chosen-currency");
    says(intent(&api, &[CARD, SEPA]), 400, FOREIGN);
    says(intent(&api.version(BEFORE_AUTOMATIC), &[CARD, SEPA]), 400, FOREIGN);
    says(pay(&api.version(BEFORE_AUTOMATIC), "pm_card_visa", &[CARD, SEPA]), 400, FOREIGN);
    let both = intent(&api, &[CARD, SEPA, EUR]).ok();
    assert_eq!(both["payment_method_types"], json!(["card", "sepa_debit"]));
    says(update(&api, &id(&both), &[("currency", "usd")]), 400, FOREIGN);
    let card = open(&api, &[]);
    says(update(&api, &card, &[CARD, SEPA]), 400, FOREIGN);
    let two = intent(&api, &[SEPA, ("payment_method_types[]", "oxxo")]).refused(400);
    assert_eq!(
        two["message"],
        "The currency provided (usd) is invalid for one or more payment method types on this PaymentIntent. The payment \
         method type sepa_debit only supports the following currencies: eur. The payment method type oxxo only supports \
         the following currencies: mxn. Either correct the provided currency, or use a different PaymentIntent to accept \
         this payment method type."
    );
}

#[test]
fn a_confirmation_may_not_choose_a_type_of_another_currency() {
    let api = sandbox("pi-chosen-confirm");
    let made = open(&api, &[]);
    let error = confirm(&api, &made, &[("payment_method", "pm_card_visa"), CARD, SEPA]).refused(400);
    assert_eq!((&error["message"], &error["payment_intent"]["id"]), (&json!(FOREIGN), &json!(made)));
}

#[test]
fn a_chosen_type_can_be_captured_later() {
    let api = sandbox("pi-chosen-manual");
    let sentence = "The following payment method types [\"ideal\"] can only be used with PaymentIntents that have \
                    capture_method=automatic. Please retry by creating a PaymentIntent with capture_method=automatic.";
    says(intent(&api, &[EUR, IDEAL, MANUAL]), 400, sentence);
    says(intent(&api, &[EUR, IDEAL, CARD, MANUAL]), 400, sentence);
    let made = id(&intent(&api, &[EUR, IDEAL, CARD]).ok());
    says(update(&api, &made, &[MANUAL]), 400, sentence);
    invalid(intent(&api, &[BANK, MANUAL]), 400, None, None);
    assert_eq!(intent(&api, &[EUR, CARD, MANUAL]).ok()["capture_method"], "manual");
}
