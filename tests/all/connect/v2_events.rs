//! Thin events of accounts and of their people, and the events of `/v1` beside them (platform 7.1).

use serde_json::{Value, json};

use super::v2_accounts::{id, made, merchant, path};
use super::{BUSINESS, INDIVIDUAL, account};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{rows, text};
use crate::support::receiver::Receiver;
use crate::webhooks::deliveries::wait;

/// The types of the thin events so far about an object, the oldest first.
#[track_caller]
fn told(api: &Client, about: &Value) -> Vec<String> {
    let all = api.get("/v2/core/events", &[("object_id", id(about)), ("limit", "100")]).ok();
    rows(&all).iter().rev().map(|event| text(event, "type").to_owned()).collect()
}

/// The types of the events of the first namespace so far in an account, the oldest first.
#[track_caller]
fn snapshots(api: &Client, account: &Value) -> Vec<String> {
    let all = api.with("Stripe-Account", id(account)).get("/v1/events", &[("limit", "100")]).ok();
    rows(&all).iter().rev().map(|event| text(event, "type").to_owned()).collect()
}

/// What `work` adds to a list.
fn added(list: impl Fn() -> Vec<String>, work: impl FnOnce()) -> Vec<String> {
    let before = list().len();
    work();
    list().split_off(before)
}

#[test]
fn an_account_of_either_namespace_announces_itself() {
    let api = sandbox("v2e-created");
    let second = made(&api, &merchant());
    let first = account(&api, &[BUSINESS, INDIVIDUAL]);
    for one in [&second, &first] {
        assert_eq!(told(&api, one), ["v2.core.account.created"]);
    }
    let all = api.get("/v2/core/events", &[("object_id", id(&first))]).ok();
    let related = json!({"id": id(&first), "type": "v2.core.account", "url": path(&first)});
    assert_eq!((&rows(&all)[0]["related_object"], &rows(&all)[0]["reason"]["type"]), (&related, &json!("request")));
}

#[test]
fn a_change_is_announced_by_the_parts_that_it_changes() {
    let api = sandbox("v2e-updated");
    let second = made(&api, &merchant());
    let by = |body: Value| added(|| told(&api, &second), || drop(api.post_json(&path(&second), &body).ok()));
    assert_eq!(by(json!({"display_name": "Furever"})), ["v2.core.account.updated"]);
    assert_eq!(by(json!({"display_name": "Furever"})), [""; 0], "nothing has changed");
    assert_eq!(by(json!({"defaults": {"locales": ["fr"]}})), ["v2.core.account[defaults].updated"]);
    assert_eq!(
        by(json!({"configuration": {"merchant": {"mcc": "5734"}}})),
        ["v2.core.account[configuration.merchant].updated"]
    );
    assert_eq!(
        by(json!({"configuration": {"customer": {"shipping": {"name": "Jenny"}}}})),
        ["v2.core.account.updated", "v2.core.account[configuration.customer].updated"]
    );
    assert_eq!(
        by(json!({"identity": {"individual": {"surname": null}}})),
        [
            "v2.core.account[identity].updated",
            "v2.core.account[requirements].updated",
            "v2.core.account[future_requirements].updated",
            "v2.core.account[configuration.merchant].capability_status_updated",
            "v2.core.account[configuration.recipient].capability_status_updated",
        ]
    );
}

#[test]
fn a_change_under_one_namespace_is_announced_under_both() {
    let api = sandbox("v2e-both");
    let second = made(&api, &merchant());
    let own = format!("/v1/accounts/{}", id(&second));
    let thin = added(|| told(&api, &second), || drop(api.post(&own, &[("email", "new@example.com")]).ok()));
    assert_eq!(thin, ["v2.core.account.updated"]);
    let body = json!({"contact_email": "newer@example.com"});
    let snapshot = added(|| snapshots(&api, &second), || drop(api.post_json(&path(&second), &body).ok()));
    assert_eq!(snapshot, ["account.updated"]);
    api.post(&own, &[("external_account", "btok_us_verified")]).ok();
    let thin = added(|| told(&api, &second), || api.advance(20));
    let card = "v2.core.account[configuration.merchant].capability_status_updated";
    assert!(thin.iter().any(|name| name == card), "{thin:?}");
    assert!(thin.iter().any(|name| name == "v2.core.account[requirements].updated"), "{thin:?}");
    let all = api.get("/v2/core/events", &[("types[0]", card), ("limit", "1")]).ok();
    let event = api.get(&format!("/v2/core/events/{}", id(&rows(&all)[0])), &[]).ok();
    assert_eq!((&event["data"], event.get("reason")), (&json!({"updated_capability": "stripe_balance.payouts"}), None));
}

#[test]
fn closing_and_deleting_are_announced() {
    let api = sandbox("v2e-closed");
    let (second, first) = (made(&api, &json!({})), account(&api, &[&[("type", "custom")]]));
    api.post_json(&format!("{}/close", path(&second)), &json!({})).ok();
    api.delete(&format!("/v1/accounts/{}", id(&first))).ok();
    for one in [&second, &first] {
        assert_eq!(told(&api, one), ["v2.core.account.created", "v2.core.account.closed"]);
    }
}

#[test]
fn people_are_announced_with_their_account() {
    let api = sandbox("v2e-persons");
    let second = made(&api, &json!({"identity": {"country": "us", "entity_type": "company"}}));
    let people = format!("{}/persons", path(&second));
    let person = api.post_json(&people, &json!({"given_name": "Jenny"})).ok();
    let own = format!("/v1/accounts/{}/persons/{}", id(&second), id(&person));
    api.post(&own, &[("first_name", "Jane")]).ok();
    api.delete(&format!("{people}/{}", id(&person))).ok();
    let names = ["created", "updated", "deleted"].map(|what| format!("v2.core.account_person.{what}"));
    assert_eq!(told(&api, &person), names);
    let all = api.get("/v2/core/events", &[("object_id", id(&person))]).ok();
    let event = api.get(&format!("/v2/core/events/{}", id(&rows(&all)[0])), &[]).ok();
    assert_eq!(event["data"], json!({"account_id": id(&second)}));
    assert_eq!(text(&event["related_object"], "url"), format!("{people}/{}", id(&person)));
    let first = snapshots(&api, &second);
    let persons: Vec<&String> = first.iter().filter(|name| name.starts_with("person.")).collect();
    assert_eq!(persons, ["person.created", "person.updated", "person.deleted"]);
}

#[test]
fn an_event_destination_gets_them() {
    let (api, receiver) = (sandbox("v2e-destination"), Receiver::start());
    let names = ["v2.core.account.created", "v2.core.account[requirements].updated"];
    let body = json!({
        "name": "Mine", "type": "webhook_endpoint", "event_payload": "thin", "enabled_events": names,
        "webhook_endpoint": {"url": receiver.url()},
    });
    api.post_json("/v2/core/event_destinations", &body).ok();
    let second = made(&api, &merchant());
    let own = format!("/v1/accounts/{}", id(&second));
    api.post(&own, &[("external_account", "btok_us_verified"), ("email", "new@example.com")]).ok();
    wait(&api);
    let hits: Vec<Value> = receiver.hits().into_iter().map(|hit| hit.event()).collect();
    assert_eq!(hits.iter().map(|event| text(event, "type")).collect::<Vec<_>>(), names);
    assert!(hits.iter().all(|event| event["related_object"]["id"] == second["id"]));
}
