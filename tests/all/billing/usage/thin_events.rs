//! Thin events, delivered to event destinations (platform 2.2, 7.1).

use super::*;
use crate::support::receiver::Receiver;
use crate::webhooks::deliveries::{endpoint, wait};

/// A destination at a receiver, with its secret.
fn destination(api: &Client, receiver: &Receiver, payload: &str, events: &[&str]) -> Value {
    let body = json!({
        "name": "Mine", "type": "webhook_endpoint", "event_payload": payload, "enabled_events": events,
        "webhook_endpoint": {"url": receiver.url()}, "include": ["webhook_endpoint.signing_secret"],
    });
    api.post_json("/v2/core/event_destinations", &body).ok()
}

const REPORT: &str = "v1.billing.meter.error_report_triggered";

#[test]
fn a_report_is_delivered_thin_and_signed_and_is_retrieved_whole() {
    let (api, receiver) = (still("thin-report"), Receiver::start());
    let made = destination(&api, &receiver, "thin", &[REPORT]);
    let meter = meter(&api, "sum");
    event(&api, "cus_none", "1", &[("identifier", "lost")]).ok();
    wait(&api);
    let [hit] = receiver.hits().try_into().unwrap();
    hit.assert_signed(text(&made["webhook_endpoint"], "signing_secret"));
    let sent = hit.event();
    assert_eq!((text(&sent, "object"), text(&sent, "type")), ("v2.core.event", REPORT));
    assert_eq!(sent.get("data"), None);
    let whole = api.get(&format!("/v2/core/events/{}", id(&sent)), &[]).ok();
    assert_eq!(whole["data"]["reason"]["error_types"][0]["sample_errors"][0]["request"]["identifier"], "lost");
    assert_eq!(whole["related_object"], sent["related_object"]);
    let related = api.get(text(&sent["related_object"], "url"), &[]).ok();
    assert_eq!(id(&related), meter);
    // It is no event of the first namespace.
    assert_eq!(api.get(&format!("/v1/events/{}", id(&sent)), &[]).status, 404);
    assert!(told(&api, "v1.*").is_empty());
}

#[test]
fn a_destination_gets_what_it_asks_for_while_it_is_enabled() {
    let (api, receiver) = (still("thin-asked"), Receiver::start());
    let made = destination(&api, &receiver, "thin", &["v2.core.account.created"]);
    let account = |email: &str| id(&api.post_json("/v2/core/accounts", &json!({"contact_email": email})).ok());
    let first = account("a@example.com");
    event(&api, "cus_none", "1", &[]).ok();
    let own = format!("/v2/core/event_destinations/{}", id(&made));
    api.post_json(&format!("{own}/disable"), &json!({})).ok();
    account("b@example.com");
    api.post_json(&format!("{own}/enable"), &json!({})).ok();
    let third = account("c@example.com");
    wait(&api);
    let related = |hit: crate::support::receiver::Hit| id(&hit.event()["related_object"]);
    assert_eq!(receiver.hits().into_iter().map(related).collect::<Vec<_>>(), [first, third]);
}

#[test]
fn a_ping_reaches_a_destination_that_asks_for_it() {
    let (api, receiver) = (still("thin-ping"), Receiver::start());
    let made = destination(&api, &receiver, "thin", &["v2.core.event_destination.ping"]);
    let own = format!("/v2/core/event_destinations/{}", id(&made));
    let answered = api.post_json(&format!("{own}/ping"), &json!({})).ok();
    wait(&api);
    let [hit] = receiver.hits().try_into().unwrap();
    assert_eq!((id(&hit.event()), id(&hit.event()["related_object"])), (id(&answered), id(&made)));
}

#[test]
fn snapshots_and_thin_events_go_to_those_that_ask_for_them() {
    let (api, thin, snapshot, hook) = (still("thin-or-not"), Receiver::start(), Receiver::start(), Receiver::start());
    destination(&api, &thin, "thin", &["*"]);
    let made = destination(&api, &snapshot, "snapshot", &["customer.created"]);
    endpoint(&api, &hook, &["*"], &[]);
    customer(&api, &[]);
    event(&api, "cus_none", "1", &[]).ok();
    wait(&api);
    assert_eq!(thin.kinds(), ["v1.billing.meter.no_meter_found"]);
    assert_eq!(
        (snapshot.kinds(), hook.kinds()),
        (vec!["customer.created".to_owned()], vec!["customer.created".to_owned()])
    );
    snapshot.hits()[0].assert_signed(text(&made["webhook_endpoint"], "signing_secret"));
}

#[test]
fn a_deleted_destination_gets_nothing() {
    let (api, receiver) = (still("thin-deleted"), Receiver::start());
    let made = destination(&api, &receiver, "thin", &["*"]);
    api.delete(&format!("/v2/core/event_destinations/{}", id(&made))).ok();
    event(&api, "cus_none", "1", &[]).ok();
    wait(&api);
    assert!(receiver.hits().is_empty());
}
