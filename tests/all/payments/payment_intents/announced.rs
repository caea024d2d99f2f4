//! What each operation on an intent announces, in order (intents-and-checkout 1.13).

use super::{MANUAL, act, confirm, open, update};
use crate::events::resource::{events, types};
use crate::support::client::{Client, sandbox};
use crate::support::decisions::decide;
use crate::support::flows::{id, pay, text};

/// The types of the events since the last look.
struct Watch<'a> {
    api: &'a Client,
    seen: usize,
}

impl<'a> Watch<'a> {
    fn of(api: &'a Client) -> Self {
        Watch { api, seen: 0 }
    }

    #[track_caller]
    fn saw(&mut self, expected: &[&str]) {
        let all = events(self.api, &[]);
        assert_eq!(types(&all[self.seen..]), expected);
        self.seen = all.len();
    }
}

const BACK: (&str, &str) = ("return_url", "https://shop.example/back");
const REQUIRED: &str = "pm_card_threeDSecure2Required";

#[test]
fn a_payment_announces_its_charge_and_its_success() {
    let api = sandbox("pi-tells-payment");
    let mut watch = Watch::of(&api);
    let made = open(&api, &[]);
    watch.saw(&["payment_intent.created"]);
    update(&api, &made, &[("description", "Tea"), ("payment_method", "pm_card_visa")]).ok();
    watch.saw(&[]);
    confirm(&api, &made, &[]).ok();
    watch.saw(&["charge.succeeded", "payment_intent.succeeded", "charge.updated"]);
    let canceled = open(&api, &[]);
    act(&api, &canceled, "cancel", &[]).ok();
    watch.saw(&["payment_intent.created", "payment_intent.canceled"]);
}

#[test]
fn a_hold_announces_what_can_be_captured() {
    let api = sandbox("pi-tells-hold");
    let mut watch = Watch::of(&api);
    let more = ("payment_method_options[card][request_incremental_authorization]", "if_available");
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL, more]).ok());
    watch.saw(&["payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated"]);
    act(&api, &held, "increment_authorization", &[("amount", "3000")]).ok();
    watch.saw(&["charge.updated", "payment_intent.amount_capturable_updated"]);
    act(&api, &held, "capture", &[]).ok();
    watch.saw(&["charge.captured", "payment_intent.succeeded"]);
}

#[test]
fn each_attempt_announces_its_failure() {
    let api = sandbox("pi-tells-failure");
    let mut watch = Watch::of(&api);
    let made = open(&api, &[]);
    watch.saw(&["payment_intent.created"]);
    for _ in 0..2 {
        confirm(&api, &made, &[("payment_method", "pm_card_chargeDeclined")]).refused(402);
        watch.saw(&["charge.failed", "payment_intent.payment_failed"]);
    }
    let away = [("payment_method", "pm_card_authenticationRequired"), ("off_session", "true")];
    for _ in 0..2 {
        confirm(&api, &made, &away).refused(402);
        watch.saw(&["charge.failed", "payment_intent.payment_failed"]);
    }
}

#[test]
fn what_the_customer_does_is_announced() {
    let api = sandbox("pi-tells-action");
    let mut watch = Watch::of(&api);
    for (result, announced) in [
        ("succeeded", &["charge.succeeded", "payment_intent.succeeded"][..]),
        ("failed", &["payment_intent.payment_failed"]),
    ] {
        let waiting = pay(&api, REQUIRED, &[BACK]).ok();
        watch.saw(&["payment_intent.created", "payment_intent.requires_action"]);
        confirm(&api, &id(&waiting), &[BACK]).ok();
        watch.saw(&["payment_intent.requires_action"]);
        decide(&api, text(&waiting["next_action"]["redirect_to_url"], "url"), result).ok();
        watch.saw(announced);
    }
}
