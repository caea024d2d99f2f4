//! Changing a session and ending it (intents-and-checkout 3.1).

use std::fs;

use serde_json::json;

use super::{MUGS, browse, buy, create, open, price, read};
use crate::events::resource::{events, types};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, ids, int, invalid, text, with};
use crate::support::process::{Process, eventually};

#[test]
fn an_expired_session_has_no_page_and_is_told_of() {
    let api = sandbox("cs-expire");
    let made = open(&api, &[]);
    let path = format!("/v1/checkout/sessions/{}/expire", id(&made));
    let expired = api.post(&path, &[]).ok();
    assert_eq!((text(&expired, "status"), &expired["url"]), ("expired", &json!(null)));
    assert_eq!(types(&events(&api, &[])).last(), Some(&"checkout.session.expired"));
    let refused = invalid(api.post(&path, &[]), 400, None, None);
    assert_eq!(
        text(&refused, "message"),
        "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of \
         `expired`."
    );
    invalid_purchase(&buy(&api, &made, &[]).refused(400));
}

#[track_caller]
fn invalid_purchase(error: &serde_json::Value) {
    assert_eq!(text(error, "code"), "checkout_not_active_session");
    assert_eq!(text(error, "message"), "This Checkout Session is no longer active.");
}

#[test]
fn a_session_expires_by_itself() {
    let api = sandbox("cs-by-itself");
    let made = open(&api, &[]);
    api.advance(24 * 60 * 60 - 60);
    assert_eq!(text(&read(&api, &made), "status"), "open");
    api.advance(120);
    assert_eq!(text(&read(&api, &made), "status"), "expired");
    assert_eq!(types(&events(&api, &[])).last(), Some(&"checkout.session.expired"));
}

#[test]
fn a_complete_session_does_not_expire() {
    let api = sandbox("cs-stays");
    let made = open(&api, &[]);
    buy(&api, &made, &[]).ok();
    api.advance(25 * 60 * 60);
    assert_eq!(text(&read(&api, &made), "status"), "complete");
    let refused = api.post(&format!("/v1/checkout/sessions/{}/expire", id(&made)), &[]);
    assert!(text(&invalid(refused, 400, None, None), "message").contains("status of `complete`"));
}

#[test]
fn metadata_may_change_at_any_time_and_the_rest_while_the_session_is_open() {
    let api = sandbox("cs-update");
    let made = open(&api, &[("metadata[a]", "1")]);
    let path = format!("/v1/checkout/sessions/{}", id(&made));
    let changed = api.post(&path, &[("metadata[b]", "2"), ("payment_intent_data[description]", "Mugs")]).ok();
    assert_eq!(changed["metadata"], json!({"a": "1", "b": "2"}));
    buy(&api, &made, &[]).ok();
    let paid = read(&api, &made);
    let intent = api.get(&format!("/v1/payment_intents/{}", text(&paid, "payment_intent")), &[]).ok();
    // What the session keeps is not the intent's.
    assert_eq!((text(&intent, "description"), &intent["metadata"]), ("Mugs", &json!({})));
    assert_eq!(api.post(&path, &[("metadata[a]", "")]).ok()["metadata"], json!({"b": "2"}));
    let late = api.post(&path, &[("payment_intent_data[description]", "Cups")]);
    invalid(late, 400, Some("checkout_not_active_session"), None);
}

#[test]
fn lines_that_are_sent_again_take_the_place_of_all() {
    let api = sandbox("cs-lines-again");
    let made = open(&api, &[]);
    let path = format!("/v1/checkout/sessions/{}", id(&made));
    let lines = |path: &str| api.get(&format!("{path}/line_items"), &[]).ok();
    let first = ids(&lines(&path)).remove(0);
    let cup = price(&api, "300", &[]);
    let more = [
        ("line_items[0][id]", first.as_str()),
        ("line_items[0][quantity]", "1"),
        ("line_items[1][price]", &cup),
        ("line_items[1][quantity]", "2"),
    ];
    assert_eq!(int(&api.post(&path, &more).ok(), "amount_total"), 1600);
    let only = [("line_items[0][price]", cup.as_str()), ("line_items[0][quantity]", "2")];
    assert_eq!(int(&api.post(&path, &only).ok(), "amount_total"), 600);
    assert_eq!(ids(&lines(&path)).len(), 1);
    let gone = api.post(&path, &[("line_items[0][id]", &first)]);
    invalid(gone, 400, Some("resource_missing"), Some("line_items[0][id]"));
    assert_eq!(int(&read(&api, &made), "amount_total"), 600);
}

#[test]
fn an_unknown_line_is_named_by_its_place_in_the_request() {
    let api = sandbox("cs-lines-place");
    let made = open(&api, &[]);
    let path = format!("/v1/checkout/sessions/{}", id(&made));
    let known = ids(&api.get(&format!("{path}/line_items"), &[]).ok()).remove(0);
    let cup = price(&api, "300", &[]);
    let more = [
        ("line_items[0][price]", cup.as_str()),
        ("line_items[0][quantity]", "1"),
        ("line_items[1][id]", known.as_str()),
        ("line_items[1][quantity]", "1"),
        ("line_items[2][id]", "li_none"),
        ("line_items[3][id]", "li_nothing"),
    ];
    for _ in 0..8 {
        let refused = api.post(&path, &more);
        let error = invalid(refused, 400, Some("resource_missing"), Some("line_items[2][id]"));
        assert_eq!(text(&error, "message"), "No such item: 'li_none'");
    }
    assert_eq!(ids(&api.get(&format!("{path}/line_items"), &[]).ok()), [known]);
}

/// What is due for the session is to cancel both intents; of these the second does not exist.
#[test]
fn due_work_that_fails_changes_nothing_and_is_logged() {
    let log = std::env::temp_dir().join(format!("pinstripe-due-work-{}", std::process::id()));
    let server = Process::run(env!("CARGO_BIN_EXE_pinstripe"), &[], fs::File::create(&log).unwrap().into());
    let api = Client::new(&server.url, "sk_test_123");
    let made = open(&api, &[]);
    let intent = api.post("/v1/payment_intents", &[("amount", "2000"), ("currency", "usd")]).ok();
    let broken = open(&api, &[]);
    let mut state = api.send("GET", "/_pinstripe/state", None).ok();
    let objects = state["objects"].as_array_mut().unwrap();
    let session = objects.iter_mut().find(|object| object["id"] == broken["id"]).unwrap();
    session["payment_intent"] = intent["id"].clone();
    session["setup_intent"] = json!("seti_none");
    let state = state.to_string();
    api.send("PUT", "/_pinstripe/state", Some(("application/json", state.as_bytes()))).ok();
    api.advance(25 * 60 * 60);
    assert_eq!(text(&read(&api, &made), "status"), "expired", "the others go on");
    assert_eq!(text(&read(&api, &broken), "status"), "open");
    let path = format!("/v1/payment_intents/{}", id(&intent));
    assert_eq!(text(&api.get(&path, &[]).ok(), "status"), "requires_payment_method", "nothing is left half done");
    // Another thread writes the log.
    eventually(|| {
        let logged = fs::read_to_string(&log).unwrap();
        logged.contains("due work was refused") && logged.contains(&id(&broken))
    });
    fs::remove_file(&log).unwrap();
}

#[test]
fn an_embedded_session_that_redirects_if_required_stays_with_a_card_and_not_with_a_bank() {
    let api = sandbox("cs-if-required");
    let how = [
        ("mode", "payment"),
        ("ui_mode", "embedded_page"),
        ("redirect_on_completion", "if_required"),
        ("return_url", "https://shop.example/back"),
        ("payment_method_types[0]", "card"),
        ("payment_method_types[1]", "klarna"),
    ];
    let [by_card, by_klarna] = [(); 2].map(|()| create(&api, &with(MUGS, &how)).ok());
    let done = buy(&api, &by_card, &[("payment_method", "pm_card_visa")]).ok();
    assert_eq!(done["return_url"], json!(null));
    let bank = buy(&api, &by_klarna, &[("payment_method", "klarna")]).ok();
    assert_eq!(browse(&api, "POST", text(&bank, "next_url"), Some("result=succeeded")).status, 303);
    let page = browse(&api, "GET", &format!("{}/c/pay/{}", api.url(), id(&by_klarna)), None);
    assert_eq!((page.status, page.header("location")), (303, Some("https://shop.example/back")));
}
