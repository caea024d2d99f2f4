//! Idempotency keys (core-payments 1.11, 1.12; platform 4).

use std::sync::{Arc, Barrier};
use std::thread;

use serde_json::{Value, json};

use crate::support::client::{Answer, Client, raw, sandbox};

fn keyed(client: &Client, key: &str) -> Client {
    client.with("Idempotency-Key", key)
}

fn customers(client: &Client) -> usize {
    client.get("/v1/customers", &[("limit", "100")]).ok()["data"].as_array().map_or(0, Vec::len)
}

#[track_caller]
fn assert_replays(answer: &Answer, first: &Answer) {
    assert_eq!((answer.status, &answer.text), (first.status, &first.text));
    assert_eq!(answer.header("idempotent-replayed"), Some("true"));
    assert_eq!(answer.header("original-request"), first.header("request-id"));
    assert_ne!(answer.header("request-id"), first.header("request-id"));
    assert_eq!(answer.header("stripe-version"), first.header("stripe-version"));
    assert_eq!(answer.header("idempotency-key"), first.header("idempotency-key"));
}

#[track_caller]
fn assert_ran(answer: &Answer) {
    assert_eq!(answer.header("idempotent-replayed"), None, "{}", answer.text);
    assert_eq!(answer.header("original-request"), answer.header("request-id"));
}

#[test]
fn the_same_request_again_is_answered_as_the_first() {
    let stripe = sandbox("idempotency-replay");
    let once = keyed(&stripe, "k");
    let first = once.post("/v1/customers", &[("name", "Ada"), ("metadata[a]", "1")]);
    assert_ran(&first);
    let id = first.body["id"].as_str().unwrap();
    stripe.post(&format!("/v1/customers/{id}"), &[("name", "Grace")]).ok();
    assert_replays(&once.post("/v1/customers", &[("name", "Ada"), ("metadata[a]", "1")]), &first);
    assert_eq!(customers(&stripe), 1);
}

#[test]
fn the_order_of_parameters_does_not_count() {
    let once = keyed(&sandbox("idempotency-order"), "k");
    let sent = [("name", "Ada"), ("metadata[a]", "1"), ("metadata[b]", "2"), ("preferred_locales[]", "fr")];
    let again = [("preferred_locales[0]", "fr"), ("metadata[b]", "2"), ("name", "Ada"), ("metadata[a]", "1")];
    let first = once.post("/v1/customers", &sent);
    assert_replays(&once.post("/v1/customers", &again), &first);
}

#[test]
fn other_parameters_are_refused() {
    let stripe = sandbox("idempotency-params");
    let once = keyed(&stripe, "k-1");
    let first = once.post("/v1/customers", &[("name", "Ada")]);
    for params in [&[("name", "Grace")][..], &[], &[("name", "Ada"), ("expand[]", "sources")]] {
        let answer = once.post("/v1/customers", params);
        assert_eq!(answer.header("idempotent-replayed"), None);
        assert_eq!(answer.header("original-request"), first.header("request-id"));
        let error = answer.refused(400);
        assert_eq!(error["type"], "idempotency_error");
        assert_eq!(error.get("code"), None);
        assert_eq!(
            error["message"],
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try \
             using a key other than 'k-1' if you meant to execute a different request."
        );
    }
    assert_eq!(customers(&stripe), 1);
}

#[test]
fn another_path_is_refused() {
    let stripe = sandbox("idempotency-path");
    let once = keyed(&stripe, "k-2");
    let id = once.post("/v1/customers", &[]).ok()["id"].as_str().unwrap().to_owned();
    let error = once.post(&format!("/v1/customers/{id}"), &[]).refused(400);
    assert_eq!((&error["type"], error.get("code")), (&Value::from("idempotency_error"), None));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(&format!("('/v1/customers/{id}' vs '/v1/customers')")), "{message}");
}

#[test]
fn a_decline_is_repeated_and_leaves_one_charge() {
    let stripe = sandbox("idempotency-decline");
    let once = keyed(&stripe, "k");
    let params = [("amount", "700"), ("currency", "usd"), ("source", "tok_chargeDeclined")];
    let first = once.post("/v1/charges", &params);
    assert_eq!(first.status, 402);
    assert_replays(&once.post("/v1/charges", &params), &first);
    assert_eq!(stripe.get("/v1/charges", &[]).ok()["data"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_the_operation_refused_is_repeated() {
    let stripe = sandbox("idempotency-refused");
    let once = keyed(&stripe, "k-404");
    let first = once.post("/v1/customers/cus_later", &[("name", "Ada")]);
    assert_eq!(first.status, 404);
    stripe.post("/v1/customers", &[("id", "cus_later")]).ok();
    assert_replays(&once.post("/v1/customers/cus_later", &[("name", "Ada")]), &first);
    let once = keyed(&stripe, "k-400");
    let params = [("amount", "700"), ("currency", "usd"), ("customer", "cus_none")];
    let first = once.post("/v1/charges", &params);
    assert_eq!(first.status, 400);
    assert_replays(&once.post("/v1/charges", &params), &first);
}

#[test]
fn a_request_that_fails_validation_leaves_its_key_free() {
    let stripe = sandbox("idempotency-validation");
    let charge = [("amount", "700"), ("currency", "usd"), ("source", "tok_visa")];
    // The first is refused by the shared check, the others by the operation in the same words.
    for (i, wrong) in
        [&[("amount", "x"), charge[1], charge[2]][..], &charge[1..], &[charge[0], ("currency", "zzz"), charge[2]]]
            .iter()
            .enumerate()
    {
        let once = keyed(&stripe, &format!("k-{i}"));
        let answer = once.post("/v1/charges", wrong);
        assert_ran(&answer);
        answer.refused(400);
        let answer = once.post("/v1/charges", &charge);
        assert_ran(&answer);
        answer.ok();
    }
}

#[test]
fn what_never_began_leaves_its_key_free() {
    let stripe = sandbox("idempotency-unbegun");
    let once = keyed(&stripe, "k");
    once.post("/v1/terminal/refunds", &[]).refused(501);
    once.post("/v1/nothing", &[]).refused(404);
    once.version("1999-01-01").post("/v1/customers", &[]).refused(400);
    once.with("Stripe-Account", "acct_none").post("/v1/customers", &[]).refused(403);
    once.publishable().post("/v1/customers", &[]).refused(401);
    let first = once.post("/v1/customers", &[]);
    assert_ran(&first);
    first.ok();
}

#[test]
fn only_a_post_has_a_key() {
    let stripe = sandbox("idempotency-post");
    let id = stripe.post("/v1/customers", &[]).ok()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/customers/{id}");
    let once = keyed(&stripe, "k");
    for answer in [once.get(&path, &[]), once.get("/v1/customers", &[]), once.delete(&path), once.get(&path, &[])] {
        assert_eq!((answer.status, answer.header("idempotency-key")), (200, None), "{}", answer.text);
    }
    keyed(&stripe, &"k".repeat(256)).get(&path, &[]).ok();
    let first = once.post("/v1/customers", &[]);
    assert_ran(&first);
}

#[test]
fn accounts_and_sandboxes_have_keys_of_their_own() {
    let stripe = sandbox("idempotency-scope");
    let account = stripe.post("/v1/accounts", &[("type", "standard")]).ok()["id"].as_str().unwrap().to_owned();
    let once = keyed(&stripe, "k");
    for client in [&once, &once.with("Stripe-Account", &account), &keyed(&sandbox("idempotency-scope-2"), "k")] {
        let first = client.post("/v1/customers", &[]);
        assert_ran(&first);
        assert_replays(&client.post("/v1/customers", &[]), &first);
    }
}

#[test]
fn a_replay_is_in_the_version_of_the_first_answer() {
    let once = keyed(&sandbox("idempotency-version"), "k");
    let first = once.version("2019-12-03").post("/v1/customers", &[]);
    assert_eq!(first.header("stripe-version"), Some("2019-12-03"));
    let headers = [("Authorization", "Bearer sk_test_sandbox_idempotency-version"), ("Idempotency-Key", "k")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let form = Some(("application/x-www-form-urlencoded", &b""[..]));
    assert_replays(&raw(once.url(), "POST", "/v1/customers", &headers, form), &first);
}

#[test]
fn a_public_key_does_not_see_what_a_secret_one_was_answered() {
    let stripe = sandbox("idempotency-public");
    let card = [("card[number]", "4242424242424242"), ("card[exp_month]", "8"), ("card[exp_year]", "2040")];
    keyed(&stripe, "k").post("/v1/tokens", &card).ok();
    let error = keyed(&stripe.publishable(), "k").post("/v1/tokens", &card).refused(400);
    assert_eq!(error["type"], "idempotency_error");
}

#[test]
fn a_reset_forgets_the_keys() {
    let once = keyed(&sandbox("idempotency-reset"), "k");
    let first = once.post("/v1/customers", &[]);
    once.send("POST", "/_pinstripe/reset?sandbox=idempotency-reset", None);
    let answer = once.post("/v1/customers", &[]);
    assert_ran(&answer);
    assert_ne!(answer.ok()["id"], first.body["id"]);
}

#[test]
fn of_requests_at_once_one_is_carried_out() {
    let stripe = sandbox("idempotency-at-once");
    for round in 0..20 {
        let barrier = Arc::new(Barrier::new(8));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (once, barrier) = (keyed(&stripe, &format!("k-{round}")), Arc::clone(&barrier));
                thread::spawn(move || {
                    barrier.wait();
                    once.post("/v1/customers", &[("name", "Ada")])
                })
            })
            .collect();
        let answers: Vec<Answer> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        let ran = answers.iter().filter(|a| a.status == 200 && a.header("idempotent-replayed").is_none()).count();
        assert_eq!(ran, 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.header("stripe-should-retry"), Some("true"));
            let error = answer.refused(409);
            assert_eq!(error["code"], "idempotency_key_in_use");
            assert_eq!(error["type"], "idempotency_error");
            let sentence = format!(
                "There is currently another in-progress request using this Idempotent Key (that probably means you \
                 submitted twice, and the other request is still going through): k-{round}. Please try again later."
            );
            assert_eq!(error["message"], sentence);
        }
    }
    assert_eq!(customers(&stripe), 20);
}

#[test]
fn under_v2_a_post_in_json_and_a_delete_have_keys() {
    let stripe = sandbox("idempotency-v2");
    let body = json!({
        "name": "Mine",
        "type": "webhook_endpoint",
        "event_payload": "thin",
        "enabled_events": ["v1.billing.meter.error_report_triggered"],
        "webhook_endpoint": {"url": "https://example.com/hook"},
    });
    let once = keyed(&stripe, "k");
    let first = once.post_json("/v2/core/event_destinations", &body);
    assert_ran(&first);
    assert_replays(&once.post_json("/v2/core/event_destinations", &body), &first);
    let path = format!("/v2/core/event_destinations/{}", first.body["id"].as_str().unwrap());
    let once = keyed(&stripe, "k-gone");
    let gone = once.delete(&path);
    assert_eq!(gone.status, 200, "{}", gone.text);
    assert_replays(&once.delete(&path), &gone);
    // The same path with the same key, for something else.
    assert_eq!(once.post_json(&path, &json!({})).status, 400);
    assert_eq!(stripe.delete(&path).status, 404);
}
