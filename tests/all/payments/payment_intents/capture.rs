//! Holding, capturing and canceling (intents-and-checkout 1.10).

use pinstripe::Config;
use pinstripe::time::clock::Clock;
use serde_json::{Value, json};

use super::{MANUAL, act, closed, open};
use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{id, int, invalid, pay, rows, text, the_charge, the_intent};

#[test]
fn a_manual_intent_holds_and_is_captured() {
    let api = sandbox("pi-capture");
    let held = pay(&api, "pm_card_visa", &[MANUAL]).ok();
    assert_eq!(
        (text(&held, "status"), int(&held, "amount_capturable"), int(&held, "amount_received")),
        ("requires_capture", 2000, 0)
    );
    let charge = the_charge(&api, text(&held, "latest_charge"));
    assert_eq!(
        (text(&charge, "status"), &charge["paid"], &charge["captured"]),
        ("succeeded", &json!(true), &json!(false))
    );
    assert_eq!((int(&charge, "amount_captured"), &charge["balance_transaction"]), (0, &Value::Null));
    let before = int(&charge["payment_method_details"]["card"], "capture_before");
    assert_eq!(before, int(&charge, "created") + 604_800);
    let taken = act(&api, &id(&held), "capture", &[("metadata[a]", "1")]).ok();
    assert_eq!(
        (text(&taken, "status"), int(&taken, "amount_capturable"), int(&taken, "amount_received")),
        ("succeeded", 0, 2000)
    );
    assert_eq!(taken["metadata"], json!({"a": "1"}));
    let charge = the_charge(&api, &id(&charge));
    assert_eq!((&charge["captured"], int(&charge, "amount_captured")), (&json!(true), 2000));
    assert!(charge["balance_transaction"].is_string());
}

#[test]
fn a_partial_capture_releases_the_rest() {
    let api = sandbox("pi-capture-part");
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL]).ok());
    let taken = act(&api, &held, "capture", &[("amount_to_capture", "1500")]).ok();
    assert_eq!(
        (text(&taken, "status"), int(&taken, "amount"), int(&taken, "amount_received")),
        ("succeeded", 2000, 1500)
    );
    assert_eq!(int(&taken, "amount_capturable"), 0);
    let path = format!("/v1/charges/{}", text(&taken, "latest_charge"));
    let charge = api.get(&path, &[("expand[]", "refunds"), ("expand[]", "balance_transaction")]).ok();
    assert_eq!((int(&charge, "amount"), int(&charge, "amount_captured")), (2000, 1500));
    assert_eq!((int(&charge, "amount_refunded"), &charge["refunded"]), (0, &json!(false)));
    assert_eq!((rows(&charge["refunds"]), int(&charge["balance_transaction"], "amount")), (&[][..], 1500));
    let card = &charge["payment_method_details"]["card"];
    assert!(int(card, "amount_authorized") == 2000 && card["capture_before"].is_i64(), "{card}");
}

#[test]
fn a_capture_is_checked() {
    let api = sandbox("pi-capture-checked");
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL]).ok());
    let capture = |amount: &str| act(&api, &held, "capture", &[("amount_to_capture", amount)]);
    let error = capture("2001").refused(400);
    assert_eq!(text(&error, "code"), "amount_too_large");
    assert_eq!(
        error["message"],
        "The payment could not be captured because the requested capture amount is greater than the amount you can \
         capture for this charge. Contact us via https://support.stripe.com/contact/ for help."
    );
    assert_eq!(error["payment_intent"], the_intent(&api, &held));
    let error = invalid(capture("-1"), 400, None, Some("amount_to_capture"));
    assert_eq!(error["message"], "Invalid non-negative integer");
    let error = invalid(capture("0"), 400, Some("parameter_invalid_integer"), Some("amount"));
    assert_eq!(error["message"], "This value must be greater than or equal to 1.");
    assert_eq!(text(&the_intent(&api, &held), "status"), "requires_capture");
}

#[test]
fn an_intent_is_canceled_from_every_open_state() {
    let api = sandbox("pi-cancel");
    let waiting = open(&api, &[]);
    let ready = open(&api, &[("payment_method", "pm_card_visa")]);
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL]).ok());
    for intent in [&waiting, &ready, &held] {
        let canceled = act(&api, intent, "cancel", &[]).ok();
        assert_eq!((text(&canceled, "status"), &canceled["cancellation_reason"]), ("canceled", &Value::Null));
        assert!(canceled["canceled_at"].is_i64() && int(&canceled, "amount_capturable") == 0);
    }
    assert_eq!(api.get("/v1/balance_transactions", &[]).ok()["data"], json!([]));
    for reason in ["duplicate", "fraudulent", "requested_by_customer", "abandoned"] {
        let canceled = act(&api, &open(&api, &[]), "cancel", &[("cancellation_reason", reason)]).ok();
        assert_eq!(text(&canceled, "cancellation_reason"), reason);
    }
    let answer = act(&api, &open(&api, &[]), "cancel", &[("cancellation_reason", "automatic")]);
    invalid(answer, 400, None, Some("cancellation_reason"));
}

const SEVERAL: (&str, &str) = ("payment_method_options[card][request_multicapture]", "if_available");
const MORE: (&str, &str) = ("payment_method_options[card][request_incremental_authorization]", "if_available");

#[test]
fn a_hold_may_be_captured_in_parts() {
    let api = sandbox("pi-multicapture");
    let held = pay(&api, "pm_card_visa", &[MANUAL, SEVERAL]).ok();
    let (intent, charge) = (id(&held), text(&held, "latest_charge"));
    let card = the_charge(&api, charge)["payment_method_details"]["card"].clone();
    assert_eq!(card["multicapture"]["status"], "available");
    let part = [("amount_to_capture", "500"), ("final_capture", "false")];
    for (received, capturable) in [(500, 1500), (1000, 1000)] {
        let captured = act(&api, &intent, "capture", &part).ok();
        assert_eq!(captured["status"], "requires_capture");
        assert_eq!((int(&captured, "amount_received"), int(&captured, "amount_capturable")), (received, capturable));
        let charge = the_charge(&api, charge);
        assert_eq!((int(&charge, "amount_captured"), &charge["captured"]), (received, &json!(false)));
    }
    let done = act(&api, &intent, "capture", &[("amount_to_capture", "300")]).ok();
    assert_eq!((text(&done, "status"), int(&done, "amount_received")), ("succeeded", 1300));
    assert_eq!(int(&done, "amount_capturable"), 0);
    let charge = the_charge(&api, charge);
    assert_eq!((int(&charge, "amount_captured"), &charge["captured"]), (1300, &json!(true)));
    assert_eq!(int(&charge, "amount_refunded"), 0);
    let ledger = api.get("/v1/balance_transactions", &[("type", "charge")]).ok();
    let amounts: Vec<i64> = rows(&ledger).iter().map(|row| int(row, "amount")).collect();
    assert_eq!(amounts, [300, 500, 500]);
}

#[test]
fn a_last_capture_of_nothing_releases_the_rest() {
    let api = sandbox("pi-multicapture-zero");
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL, SEVERAL]).ok());
    act(&api, &held, "capture", &[("amount_to_capture", "500"), ("final_capture", "false")]).ok();
    let done = act(&api, &held, "capture", &[("amount_to_capture", "0")]).ok();
    assert_eq!((text(&done, "status"), int(&done, "amount_received")), ("succeeded", 500));
}

#[test]
fn a_capture_of_everything_is_the_last() {
    let api = sandbox("pi-multicapture-all");
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL, SEVERAL]).ok());
    let done = act(&api, &held, "capture", &[("final_capture", "false")]).ok();
    assert_eq!((text(&done, "status"), int(&done, "amount_received")), ("succeeded", 2000));
}

#[test]
fn several_captures_have_to_be_asked_for() {
    let api = sandbox("pi-multicapture-not");
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL]).ok());
    let part = [("amount_to_capture", "500"), ("final_capture", "false")];
    let error = invalid(act(&api, &held, "capture", &part), 400, None, Some("final_capture"));
    assert_eq!(error["payment_intent"], the_intent(&api, &held));
}

#[test]
fn a_partly_captured_intent_is_canceled_with_what_it_received() {
    let api = sandbox("pi-multicapture-cancel");
    let held = pay(&api, "pm_card_visa", &[MANUAL, SEVERAL]).ok();
    act(&api, &id(&held), "capture", &[("amount_to_capture", "500"), ("final_capture", "false")]).ok();
    let canceled = act(&api, &id(&held), "cancel", &[]).ok();
    assert_eq!((text(&canceled, "status"), int(&canceled, "amount_received")), ("canceled", 500));
    let charge = the_charge(&api, text(&held, "latest_charge"));
    assert_eq!((int(&charge, "amount_captured"), int(&charge, "amount_refunded")), (500, 0));
}

#[test]
fn a_hold_is_incremented_to_a_new_total() {
    let api = sandbox("pi-increment");
    let held = pay(&api, "pm_card_visa", &[MANUAL, MORE]).ok();
    let raised = act(
        &api,
        &id(&held),
        "increment_authorization",
        &[("amount", "3500"), ("description", "More tea"), ("metadata[a]", "1")],
    )
    .ok();
    assert_eq!((int(&raised, "amount"), int(&raised, "amount_capturable")), (3500, 3500));
    assert_eq!((text(&raised, "status"), text(&raised, "description")), ("requires_capture", "More tea"));
    assert_eq!(raised["metadata"], json!({"a": "1"}));
    let charge = the_charge(&api, text(&held, "latest_charge"));
    assert_eq!(int(&charge, "amount"), 3500);
    let card = &charge["payment_method_details"]["card"];
    assert_eq!(
        (int(card, "amount_authorized"), &card["incremental_authorization"]["status"]),
        (3500, &json!("available"))
    );
    let captured = act(&api, &id(&held), "capture", &[]).ok();
    assert_eq!(int(&captured, "amount_received"), 3500);
}

#[test]
fn an_increment_is_checked() {
    let api = sandbox("pi-increment-checked");
    let path = "increment_authorization";
    let plain = id(&pay(&api, "pm_card_visa", &[MANUAL]).ok());
    invalid(act(&api, &plain, path, &[("amount", "3000")]), 400, None, None);
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL, MORE]).ok());
    for amount in ["2000", "1000"] {
        let answer = act(&api, &held, path, &[("amount", amount)]);
        let error = invalid(answer, 400, Some("parameter_invalid_integer"), Some("amount"));
        assert_eq!(error["payment_intent"], the_intent(&api, &held));
    }
    invalid(act(&api, &held, path, &[("amount", "100000000")]), 400, Some("amount_too_large"), Some("amount"));
    for total in 1..=10 {
        act(&api, &held, path, &[("amount", &(2000 + total).to_string())]).ok();
    }
    invalid(act(&api, &held, path, &[("amount", "9000")]), 400, None, None);
    assert_eq!(int(&the_intent(&api, &held), "amount"), 2010);
    for (intent, _) in closed(&api).iter().filter(|(_, status)| *status != "requires_capture") {
        let answer = act(&api, intent, path, &[("amount", "3000")]);
        invalid(answer, 400, Some("payment_intent_unexpected_state"), None);
    }
}

#[test]
fn the_hold_of_an_intent_ends_after_seven_days_and_the_intent_with_it() {
    const NOW: i64 = 2_000_000_000;
    let url = client::start(Config { clock: Clock::Frozen(NOW), seed: Some(1), ..Config::default() });
    let api = Client::new(&url, "sk_test_x");
    for (asked, seconds) in [
        (MANUAL, 7 * 86_400),
        (("payment_method_options[card][request_extended_authorization]", "if_available"), 30 * 86_400),
    ] {
        let held = the_intent(&api, &id(&pay(&api, "pm_card_visa", &[MANUAL, asked]).ok()));
        let charge = the_charge(&api, text(&held, "latest_charge"));
        let method = api.get(&format!("/v1/payment_methods/{}", text(&held, "payment_method")), &[]).ok();
        assert_eq!(int(&charge["payment_method_details"]["card"], "capture_before"), NOW + seconds);
        // The same hold in other sandboxes, made so long ago, and a second later.
        for (before, status) in [(seconds, "canceled"), (seconds - 1, "requires_capture")] {
            let (mut held, mut charge) = (held.clone(), charge.clone());
            (held["created"], charge["created"]) = (json!(NOW - before), json!(NOW - before));
            charge["payment_method_details"]["card"]["capture_before"] = json!(NOW - before + seconds);
            let sandbox = format!("hold-{before}");
            let target = format!("/_pinstripe/fixtures?sandbox={sandbox}");
            let body = json!([method, held, charge]).to_string();
            let answer = client::raw(&url, "POST", &target, &[], Some(("application/json", body.as_bytes())));
            assert_eq!(answer.status, 200, "{}", answer.text);
            let later = Client::new(&url, &format!("sk_test_sandbox_{sandbox}"));
            let after = the_intent(&later, &id(&held));
            assert_eq!(after["status"], status);
            if status == "canceled" {
                assert_eq!((text(&after, "cancellation_reason"), int(&after, "amount_capturable")), ("automatic", 0));
                assert_eq!(int(&after, "canceled_at"), NOW - before + seconds);
                assert_eq!(the_charge(&later, &id(&charge))["refunded"], true);
            }
        }
    }
}

#[test]
fn one_type_of_method_may_be_held() {
    let api = sandbox("pi-hold-card");
    let by_hand = ("payment_method_options[card][capture_method]", "manual");
    let held = pay(&api, "pm_card_visa", &[("capture_method", "automatic"), by_hand]).ok();
    assert_eq!((text(&held, "status"), text(&held, "capture_method")), ("requires_capture", "automatic"));
    assert_eq!(act(&api, &id(&held), "capture", &[]).ok()["status"], "succeeded");
}

#[test]
fn an_intent_is_canceled_for_any_documented_reason() {
    let api = sandbox("pi-cancel-reasons");
    for reason in ["abandoned", "duplicate", "fraudulent", "requested_by_customer"] {
        let intent = open(&api, &[]);
        let canceled = act(&api, &intent, "cancel", &[("cancellation_reason", reason)]).ok();
        assert_eq!((text(&canceled, "cancellation_reason"), text(&canceled, "status")), (reason, "canceled"));
    }
    let intent = open(&api, &[]);
    for reason in ["automatic", "because"] {
        let answer = act(&api, &intent, "cancel", &[("cancellation_reason", reason)]);
        invalid(answer, 400, None, Some("cancellation_reason"));
    }
}
