//! Creating subscriptions (billing-2 4.2, 12.2, 13).

use serde_json::json;

use super::{latest, lines, price, subscribe};
use crate::billing::invoices::{event_count, events_since, payer};
use crate::support::client::sandbox;
use crate::support::flows::{id, int, rows, text};

#[test]
fn a_card_pays_the_first_invoice_at_once() {
    let api = sandbox("sub-paid");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let before = event_count(&api);
    let made = subscribe(&api, &customer, &price, &[]).ok();
    assert_eq!(text(&made, "status"), "active");
    let created = int(&made, "created");
    assert_eq!((&made["billing_cycle_anchor"], &made["start_date"]), (&json!(created), &json!(created)));
    let item = &rows(&made["items"])[0];
    assert_eq!(int(item, "current_period_start"), created);
    assert!(int(item, "current_period_end") > created + 27 * 86_400);
    assert_eq!((&made["plan"]["id"], &made["quantity"]), (&json!(price), &json!(1)));
    let invoice = latest(&api, &made);
    let shown = ["status", "billing_reason", "attempt_count", "attempted", "auto_advance", "next_payment_attempt"];
    let expected = json!(["paid", "subscription_create", 1, true, false, null]);
    assert_eq!(json!(shown.map(|key| &invoice[key])), expected);
    assert_eq!(json!([invoice["period_start"], invoice["period_end"]]), json!([created, created]));
    assert_eq!(invoice["rendering"], json!(null));
    let line = &lines(&invoice)[0];
    assert_eq!(text(line, "description"), "1 \u{d7} Gold (at $10.00 / month)");
    let details = &line["parent"]["subscription_item_details"];
    assert_eq!((&details["subscription"], &details["subscription_item"]), (&made["id"], &item["id"]));
    assert_eq!(line["period"], json!({"start": created, "end": item["current_period_end"]}));
    assert_eq!(
        events_since(&api, before),
        [
            "customer.updated",
            "customer.subscription.created",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice.created",
            "invoice.finalized",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice_payment.paid"
        ]
    );
    let events = api.get("/v1/events", &[("type", "customer.subscription.created")]).ok();
    assert_eq!(rows(&events)[0]["data"]["object"]["status"], "active");
    let listed = api.get("/v1/subscriptions", &[("customer", &customer)]).ok();
    assert_eq!(rows(&listed)[0]["id"], json!(id(&made)));
}
