//! Creating subscriptions (billing-2 4.2, 12.2, 13).

use serde_json::json;

use super::{act, billed, latest, lines, price, price_of, product, subscribe, the_subscription};
use crate::billing::invoices::{event_count, events_since, payer, payer_with};
use crate::support::client::sandbox;
use crate::support::decisions::decide;
use crate::support::flows::{customer, id, int, rows, says, text, with};

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

#[test]
fn a_declined_first_payment_is_told_after_its_invoice() {
    let api = sandbox("sub-declined");
    let (customer, price) = (payer_with(&api, "pm_card_chargeCustomerFail"), price(&api, "1000", "month", &[]));
    let before = event_count(&api);
    subscribe(&api, &customer, &price, &[]).ok();
    assert_eq!(
        events_since(&api, before),
        [
            "customer.updated",
            "customer.subscription.created",
            "invoice.created",
            "invoice.finalized",
            "payment_intent.created",
            "charge.failed",
            "payment_intent.payment_failed",
            "invoice.updated",
            "invoice.updated",
            "invoice.payment_failed"
        ]
    );
}

#[test]
fn the_client_may_pay_the_first_invoice() {
    let api = sandbox("sub-later");
    let (customer, price) = (customer(&api, &[]), price(&api, "1000", "month", &[]));
    let before = event_count(&api);
    let later = [
        ("payment_behavior", "default_incomplete"),
        ("payment_settings[save_default_payment_method]", "on_subscription"),
        ("expand[]", "latest_invoice.confirmation_secret"),
    ];
    let made = subscribe(&api, &customer, &price, &later).ok();
    let told = [
        "customer.updated",
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
    ];
    assert_eq!(events_since(&api, before), told);
    let invoice = &made["latest_invoice"];
    assert_eq!((text(&made, "status"), &invoice["attempted"]), ("incomplete", &json!(false)));
    let secret = text(&invoice["confirmation_secret"], "client_secret");
    let intent = secret.split("_secret").next().unwrap();
    let before = event_count(&api);
    let card = [("payment_method", "pm_card_visa"), ("return_url", "https://a.example")];
    api.post(&format!("/v1/payment_intents/{intent}/confirm"), &card).ok();
    assert_eq!(
        events_since(&api, before),
        [
            "charge.succeeded",
            "payment_method.attached",
            "payment_intent.succeeded",
            "invoice.updated",
            "invoice.paid",
            "invoice.payment_succeeded",
            "customer.subscription.updated",
            "invoice_payment.paid"
        ]
    );
    let now = the_subscription(&api, &made);
    assert_eq!(text(&now, "status"), "active");
    assert!(text(&now, "default_payment_method").starts_with("pm_"));
}

#[test]
fn a_first_payment_that_needs_the_customer_waits() {
    let api = sandbox("sub-3ds");
    let (customer, price) = (payer_with(&api, "pm_card_authenticationRequired"), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let invoice = latest(&api, &made);
    assert_eq!((text(&made, "status"), text(&invoice, "status")), ("incomplete", "open"));
    let shown = ["attempted", "attempt_count", "auto_advance", "next_payment_attempt"];
    assert_eq!(json!(shown.map(|key| &invoice[key])), json!([true, 0, true, null]));
}

#[test]
fn a_card_that_was_set_up_pays_while_the_customer_is_away() {
    let api = sandbox("sub-off-session");
    let (customer, price) = (customer(&api, &[]), price(&api, "1000", "month", &[]));
    let setup = [
        ("customer", customer.as_str()),
        ("payment_method", "pm_card_authenticationRequiredOnSetup"),
        ("payment_method_types[]", "card"),
        ("confirm", "true"),
    ];
    let setup = api.post("/v1/setup_intents", &setup).ok();
    decide(&api, text(&setup["next_action"]["use_stripe_sdk"], "stripe_js"), "succeeded").ok();
    let card = text(&api.get(&format!("/v1/setup_intents/{}", id(&setup)), &[]).ok(), "payment_method").to_owned();
    let away = [("default_payment_method", card.as_str()), ("off_session", "true")];
    assert_eq!(text(&subscribe(&api, &customer, &price, &away).ok(), "status"), "active");
    assert_eq!(text(&subscribe(&api, &customer, &price, &away[..1]).ok(), "status"), "incomplete");
}

#[test]
fn nothing_is_left_of_a_payment_that_fails_where_nothing_unpaid_may_stay() {
    let api = sandbox("sub-error");
    let price = price(&api, "1000", "month", &[]);
    let strict = [("payment_behavior", "error_if_incomplete")];
    let declined = payer_with(&api, "pm_card_chargeCustomerFail");
    let error = subscribe(&api, &declined, &price, &strict).refused(402);
    assert_eq!((text(&error, "type"), text(&error, "code")), ("card_error", "card_declined"));
    let asked = payer_with(&api, "pm_card_authenticationRequired");
    let needed = "Payment for this subscription requires additional user action, but the requested payment behavior doesn't \
                  save the invoice or PaymentIntent. Retry the request with `payment_behavior=allow_incomplete` or \
                  `payment_behavior=default_incomplete`, then complete the PaymentIntent on the subscription's latest \
                  invoice. Additional information is available here: \
                  https://stripe.com/docs/billing/subscriptions/overview#requires-action";
    let error = says(subscribe(&api, &asked, &price, &strict), 402, needed);
    assert_eq!(text(&error, "code"), "subscription_payment_intent_requires_action");
    assert_eq!(rows(&api.get("/v1/subscriptions", &[("status", "all")]).ok()).len(), 0);
    assert_eq!(rows(&api.get("/v1/invoices", &[]).ok()).len(), 0);
}

#[test]
fn what_is_free_needs_no_method() {
    let api = sandbox("sub-free");
    let (customer, price) = (customer(&api, &[]), price(&api, "0", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    assert_eq!((text(&made, "status"), text(&latest(&api, &made), "status")), ("active", "paid"));
    let later = subscribe(&api, &customer, &price, &[("payment_behavior", "default_incomplete")]).ok();
    assert!(text(&later, "pending_setup_intent").starts_with("seti_"));
}

#[test]
fn one_off_items_come_before_the_subscription() {
    let api = sandbox("sub-one-off");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let product = product(&api, "Setup");
    let one_off = [
        ("add_invoice_items[0][price_data][currency]", "usd"),
        ("add_invoice_items[0][price_data][product]", &product),
        ("add_invoice_items[0][price_data][unit_amount]", "700"),
        ("add_invoice_items[0][quantity]", "2"),
    ];
    let made = subscribe(&api, &customer, &price, &one_off).ok();
    let invoice = latest(&api, &made);
    assert_eq!(billed(&invoice), [("Setup", 1400), ("1 \u{d7} Gold (at $10.00 / month)", 1000)]);
    assert_eq!(lines(&invoice)[0]["period"], lines(&invoice)[1]["period"]);
    let dated = [
        ("add_invoice_items[0][period][start][type]", "now"),
        ("add_invoice_items[0][period][end][type]", "timestamp"),
        ("add_invoice_items[0][period][end][timestamp]", "2000000000"),
    ];
    let more = [("add_invoice_items[0][metadata][a]", "b"), ("add_invoice_items[0][discountable]", "false")];
    let dated = subscribe(&api, &customer, &price, &with(&with(&one_off, &dated), &more)).ok();
    let invoice = latest(&api, &dated);
    let line = &lines(&invoice)[0];
    assert_eq!(line["period"], json!({"start": dated["created"], "end": 2_000_000_000}));
    assert_eq!((&line["metadata"], &line["discountable"]), (&json!({"a": "b"}), &json!(false)));
}

#[test]
fn lines_say_what_they_cost_for_how_long() {
    let api = sandbox("sub-texts");
    let customer = payer(&api);
    let seats = id(&api.post("/v1/products", &[("name", "Seats"), ("unit_label", "user")]).ok());
    let price = price_of(&api, &seats, "2500", "month", &[("recurring[interval_count]", "3")]);
    let made = subscribe(&api, &customer, &price, &[("items[0][quantity]", "2")]).ok();
    assert_eq!(billed(&latest(&api, &made)), [("2 user \u{d7} Seats (at $25.00 every 3 months)", 5000)]);
    let tiers = [
        ("product", seats.as_str()),
        ("currency", "usd"),
        ("recurring[interval]", "day"),
        ("billing_scheme", "tiered"),
        ("tiers_mode", "graduated"),
        ("tiers[0][up_to]", "5"),
        ("tiers[0][flat_amount]", "999"),
        ("tiers[1][up_to]", "inf"),
        ("tiers[1][unit_amount]", "150"),
    ];
    let tiered = id(&api.post("/v1/prices", &tiers).ok());
    let made = subscribe(&api, &customer, &tiered, &[("items[0][quantity]", "7")]).ok();
    assert_eq!(
        billed(&latest(&api, &made)),
        [
            ("5 user \u{d7} Seats (Tier 1 at $0.00 / day)", 0),
            ("Seats (Tier 1 at $9.99 / day)", 999),
            ("2 user \u{d7} Seats (Tier 2 at $1.50 / day)", 300)
        ]
    );
}

#[test]
fn the_intent_of_a_first_invoice_is_for_later_too() {
    let api = sandbox("sub-intent");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let intents = api.get("/v1/payment_intents", &[]).ok();
    let intent = &rows(&intents)[0];
    let shown = json!([intent["description"], intent["setup_future_usage"]]);
    assert_eq!(shown, json!(["Subscription creation", "off_session"]));
    assert_eq!(intent["payment_details"]["order_reference"], text(&made, "latest_invoice")[..25]);
}

#[test]
fn a_new_subscription_is_flexible_since_clover() {
    let api = sandbox("sub-mode");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let flexible =
        json!({"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": made["created"]});
    assert_eq!(made["billing_mode"], flexible);
    let before = subscribe(&api.version("2025-08-27.basil"), &customer, &price, &[]).ok();
    let now = the_subscription(&api, &before);
    assert_eq!(now["billing_mode"], json!({"flexible": null, "type": "classic"}));
    let migrated = act(&api, &before, "migrate", &[("billing_mode[type]", "flexible")]).ok();
    assert_eq!(migrated["billing_mode"]["type"], "flexible");
    let again = act(&api, &before, "migrate", &[("billing_mode[type]", "flexible")]);
    says(again, 400, "This subscription has the billing mode `flexible` already.");
}

#[test]
fn a_subscription_may_be_made_under_its_customer() {
    let api = sandbox("sub-under");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let under = format!("/v1/customers/{customer}/subscriptions");
    let made = api.post(&under, &[("items[0][price]", &price)]).ok();
    let one = format!("{under}/{}", id(&made));
    assert_eq!(api.get(&one, &[]).ok()["id"], made["id"]);
    assert_eq!(api.post(&one, &[("metadata[a]", "b")]).ok()["metadata"]["a"], "b");
    assert_eq!(rows(&api.get(&under, &[]).ok()).len(), 1);
    let other = payer(&api);
    api.get(&format!("/v1/customers/{other}/subscriptions/{}", id(&made)), &[]).refused(404);
    assert_eq!(api.delete(&one).ok()["status"], "canceled");
    assert_eq!(rows(&api.get(&under, &[]).ok()).len(), 0);
}
