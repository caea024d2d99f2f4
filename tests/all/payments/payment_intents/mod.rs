//! PaymentIntents (intents-and-checkout 1).

mod announced;
mod authentication;
mod capture;
mod chosen;
mod create;
mod declines;
mod looked_up;
mod methods;
mod states;

use crate::support::client::{Answer, Client};
use crate::support::flows::{Params, id, intent, invalid, pay, text, the_intent, with};

const CARD_ONLY: (&str, &str) = ("payment_method_types[]", "card");
const MANUAL: (&str, &str) = ("capture_method", "manual");

const CONSUMED: &str = "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, \
                        shared with a connected account without Customer attachment, or was detached from a Customer. \
                        It may not be used again. To use a PaymentMethod multiple times, you must attach it to a \
                        Customer first.";

/// A payment method that belongs to nobody yet.
fn loose(api: &Client, test_id: &str) -> String {
    id(&api.get(&format!("/v1/payment_methods/{test_id}"), &[]).ok())
}

/// An intent that takes cards only and waits for a confirmation.
fn open(api: &Client, params: Params<'_>) -> String {
    id(&intent(api, &with(&[CARD_ONLY], params)).ok())
}

/// The actions below an intent's path.
fn act(api: &Client, intent: &str, action: &str, params: Params<'_>) -> Answer {
    api.post(&format!("/v1/payment_intents/{intent}/{action}"), params)
}

fn update(api: &Client, intent: &str, params: Params<'_>) -> Answer {
    api.post(&format!("/v1/payment_intents/{intent}"), params)
}

fn confirm(api: &Client, intent: &str, params: Params<'_>) -> Answer {
    act(api, intent, "confirm", params)
}

/// An intent in each state that nothing leads out of, and in `requires_capture`.
fn closed(api: &Client) -> [(String, &'static str); 3] {
    let succeeded = id(&pay(api, "pm_card_visa", &[]).ok());
    let canceled = open(api, &[]);
    act(api, &canceled, "cancel", &[]).ok();
    let held = id(&pay(api, "pm_card_visa", &[MANUAL]).ok());
    [(succeeded, "succeeded"), (canceled, "canceled"), (held, "requires_capture")]
}

/// The error of a call in the wrong state, which shows the intent.
#[track_caller]
fn wrong_state(answer: Answer, api: &Client, intent: &str, param: Option<&str>) -> String {
    let error = invalid(answer, 400, Some("payment_intent_unexpected_state"), param);
    assert_eq!(error["payment_intent"], the_intent(api, intent));
    text(&error, "message").to_owned()
}
