//! Every test card in a setup: what the table says is what happens (core-payments 7, intents-and-checkout 2.2).

use pinstripe::issuers::{self, Decline, TestCard, Verdict};
use serde_json::{Value, json};

use super::{CARD_ONLY, CONFIRM, USAGE_COUNTS, create, the_setup};
use crate::support::client::{Client, sandbox};
use crate::support::decisions::decide;
use crate::support::flows::{Params, customer, id, text, with};

const BACK: (&str, &str) = ("return_url", "https://shop.example/done");

fn set_up(api: &Client, card: &TestCard, params: Params<'_>) -> crate::support::client::Answer {
    let cvc = if card.number.starts_with("34") || card.number.starts_with("37") { "1234" } else { "123" };
    let data = [
        CARD_ONLY,
        CONFIRM,
        BACK,
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][number]", card.number),
        ("payment_method_data[card][exp_month]", "12"),
        ("payment_method_data[card][exp_year]", "2040"),
        ("payment_method_data[card][cvc]", cvc),
    ];
    create(api, &with(&data, params))
}

/// The error, or what an intent keeps of it, is the decline of the row.
#[track_caller]
fn assert_decline(error: &Value, card: &TestCard, decline: &Decline) {
    let seen = ["code", "decline_code", "param"].map(|key| error[key].as_str().unwrap_or("absent"));
    assert_eq!(seen, [decline.code, decline.intent_decline_code(), decline.param.unwrap_or("")], "{}", card.number);
}

#[track_caller]
fn assert_ends(card: &TestCard, verdict: Verdict, after: &Value) {
    match verdict {
        Verdict::Approve => assert_eq!(after["status"], "succeeded", "{}: {after}", card.number),
        Verdict::Decline(decline) => {
            assert_eq!(after["status"], "requires_payment_method", "{}", card.number);
            assert_decline(&after["last_setup_error"], card, decline);
        }
        Verdict::Authenticate => panic!("{}: nobody authenticates twice", card.number),
    }
}

#[test]
fn every_card_is_set_up_or_not_as_its_row_says() {
    let api = sandbox("si-cards");
    let owner = customer(&api, &[]);
    let customer = ("customer", &*owner);
    let any = ("payment_method_options[card][request_three_d_secure]", "any");
    for card in issuers::cards() {
        let asked = |verdict| if verdict == Verdict::Approve { card.on_request } else { verdict };
        for (api, params, verdict) in [
            (&api, vec![customer], card.setup_off_session),
            (&api.version(USAGE_COUNTS), vec![customer, ("usage", "on_session")], card.setup_on_session),
            (&api, vec![customer, any], asked(card.setup_off_session)),
        ] {
            let answer = set_up(api, card, &params);
            match verdict {
                Verdict::Approve => assert_ends(card, verdict, &answer.ok()),
                Verdict::Decline(decline) => {
                    let error = answer.refused(402);
                    assert_decline(&error, card, decline);
                    assert_ends(card, verdict, &error["setup_intent"]);
                }
                Verdict::Authenticate => {
                    let waiting = answer.ok();
                    assert_eq!(waiting["status"], "requires_action", "{}", card.number);
                    decide(api, text(&waiting["next_action"]["redirect_to_url"], "url"), "succeeded").ok();
                    assert_ends(card, card.setup_after_authentication, &the_setup(api, &id(&waiting)));
                }
            }
        }
    }
}

#[test]
fn every_card_that_is_challenged_may_fail_it() {
    let api = sandbox("si-cards-fail");
    for card in issuers::cards().filter(|card| card.setup_off_session == Verdict::Authenticate) {
        let waiting = set_up(&api, card, &[]).ok();
        decide(&api, text(&waiting["next_action"]["redirect_to_url"], "url"), "failed").ok();
        let after = the_setup(&api, &id(&waiting));
        let seen = (&after["status"], &after["last_setup_error"]["code"]);
        assert_eq!(
            seen,
            (&json!("requires_payment_method"), &json!("setup_intent_authentication_failure")),
            "{}",
            card.number
        );
    }
}
