//! Checkout Sessions that begin subscriptions (intents-and-checkout 3.2, billing-2 12.2).

use serde_json::{Value, json};

use super::{SHOP, browse, buy, create, price, read};
use crate::events::resource::events;
use crate::support::client::{Answer, Client, sandbox};
use crate::support::decisions::decide;
use crate::support::flows::{Params, customer, id, int, invalid, rows, seller_in_germany, text, with};

const DAY: i64 = 24 * 60 * 60;

fn monthly(api: &Client, amount: &str) -> String {
    price(api, amount, &[("recurring[interval]", "month")])
}

fn try_open(api: &Client, price: &str, more: Params<'_>) -> Answer {
    let line = [("line_items[0][price]", price), ("line_items[0][quantity]", "1")];
    create(api, &with(&with(&[("mode", "subscription"), ("success_url", SHOP)], &line), more))
}

fn open(api: &Client, price: &str, more: Params<'_>) -> Value {
    try_open(api, price, more).ok()
}

/// The types of the events since a point, oldest first.
fn events_since(api: &Client, since: usize) -> Vec<String> {
    events(api, &[])[since..].iter().map(|event| text(event, "type").to_owned()).collect()
}

fn event_count(api: &Client) -> usize {
    events(api, &[]).len()
}

fn bought(api: &Client, session: &Value) -> Value {
    buy(api, session, &[]).ok();
    read(api, session)
}

fn subscription_of(api: &Client, session: &Value) -> Value {
    api.get(&format!("/v1/subscriptions/{}", text(session, "subscription")), &[]).ok()
}

fn invoice_of(api: &Client, session: &Value) -> Value {
    api.get(&format!("/v1/invoices/{}", text(session, "invoice")), &[]).ok()
}

#[test]
fn a_customer_who_pays_has_a_subscription() {
    let api = sandbox("csub-paid");
    let monthly = monthly(&api, "1500");
    let made = open(&api, &monthly, &[("subscription_data[metadata][plan]", "gold"), ("metadata[cart]", "7")]);
    let shown = ["subscription", "invoice", "payment_intent", "customer", "payment_status", "amount_total"];
    assert_eq!(json!(shown.map(|key| &made[key])), json!([null, null, null, null, "unpaid", 1500]));
    let before = event_count(&api);
    buy(&api, &made, &[("email", "eve@example.com"), ("name", "Eve")]).ok();
    let done = read(&api, &made);
    let shown = ["status", "payment_status", "payment_intent", "url"].map(|key| &done[key]);
    assert_eq!(json!(shown), json!(["complete", "paid", null, null]));
    let subscription = subscription_of(&api, &done);
    assert_eq!((text(&subscription, "status"), &subscription["customer"]), ("active", &done["customer"]));
    assert_eq!(subscription["metadata"], json!({"plan": "gold"}));
    let card = api.get(&format!("/v1/payment_methods/{}", text(&subscription, "default_payment_method")), &[]).ok();
    assert_eq!(card["customer"], done["customer"]);
    assert_eq!(text(&subscription["payment_settings"], "save_default_payment_method"), "off");
    let buyer = api.get(&format!("/v1/customers/{}", text(&done, "customer")), &[]).ok();
    assert_eq!((text(&buyer, "email"), text(&buyer, "name")), ("eve@example.com", "Eve"));
    assert_eq!(buyer["invoice_settings"]["default_payment_method"], Value::Null);
    let invoice = invoice_of(&api, &done);
    let shown = ["status", "billing_reason", "attempt_count", "attempted", "total", "subscription"];
    let expected = json!(["paid", "subscription_create", 0, true, 1500, null]);
    assert_eq!(json!(shown.map(|key| &invoice[key])), expected);
    assert_eq!(subscription["latest_invoice"], done["invoice"]);
    assert_eq!(
        events_since(&api, before),
        [
            "customer.created",
            "payment_method.attached",
            "customer.updated",
            "customer.subscription.created",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice.created",
            "invoice.finalized",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice_payment.paid",
            "checkout.session.completed",
        ]
    );
    let listed = api.get("/v1/checkout/sessions", &[("subscription", text(&subscription, "id"))]).ok();
    assert_eq!(rows(&listed)[0]["id"], made["id"]);
    api.advance(32 * DAY);
    assert_eq!(text(&subscription_of(&api, &done), "status"), "active", "it renews with the card");
    let all = api.get("/v1/invoices", &[("subscription", text(&subscription, "id"))]).ok();
    assert_eq!(rows(&all).len(), 2);
}

#[test]
fn what_is_declined_leaves_nothing() {
    let api = sandbox("csub-declined");
    let monthly = monthly(&api, "1500");
    let made = open(&api, &monthly, &[]);
    for card in ["pm_card_chargeDeclined", "pm_card_chargeCustomerFail"] {
        let declined = buy(&api, &made, &[("payment_method", card)]).refused(402);
        assert_eq!(declined["code"], "card_declined", "{declined}");
        assert_eq!(read(&api, &made)["status"], "open");
    }
    for kind in ["subscriptions", "invoices", "customers", "payment_intents", "charges"] {
        assert!(rows(&api.get(&format!("/v1/{kind}"), &[]).ok()).is_empty(), "{kind}");
    }
    assert_eq!(text(&bought(&api, &made), "status"), "complete");
}

#[test]
fn a_card_that_asks_for_3d_secure_completes_the_session_later() {
    let api = sandbox("csub-3ds");
    let monthly = monthly(&api, "1500");
    let made = open(&api, &monthly, &[]);
    let card = [("payment_method", "pm_card_threeDSecureRequired")];
    let waiting = buy(&api, &made, &card).ok();
    let page = text(&waiting, "next_url").to_owned();
    assert_eq!((text(&read(&api, &made), "status"), &read(&api, &made)["subscription"]), ("open", &Value::Null));
    let first = rows(&api.get("/v1/subscriptions", &[("status", "all")]).ok())[0].clone();
    assert_eq!(text(&first, "status"), "incomplete");
    // Another attempt takes the place of the first.
    let waiting = buy(&api, &made, &card).ok();
    let ended = api.get(&format!("/v1/subscriptions/{}", id(&first)), &[]).ok();
    assert_eq!(text(&ended, "status"), "incomplete_expired");
    assert_ne!(text(&waiting, "next_url"), page);
    let before = event_count(&api);
    decide(&api, text(&waiting, "next_url"), "succeeded").ok();
    let done = read(&api, &made);
    assert_eq!((text(&done, "status"), text(&done, "payment_status")), ("complete", "paid"));
    assert_eq!(text(&subscription_of(&api, &done), "status"), "active");
    assert_eq!(int(&invoice_of(&api, &done), "attempt_count"), 0);
    assert!(events_since(&api, before).contains(&"checkout.session.completed".to_owned()));
}

#[test]
fn a_session_that_expires_gives_up_what_waits() {
    let api = sandbox("csub-expire");
    let monthly = monthly(&api, "1500");
    let made = open(&api, &monthly, &[]);
    buy(&api, &made, &[("payment_method", "pm_card_threeDSecureRequired")]).ok();
    api.post(&format!("/v1/checkout/sessions/{}/expire", id(&made)), &[]).ok();
    let left = rows(&api.get("/v1/subscriptions", &[("status", "all")]).ok())[0].clone();
    assert_eq!(text(&left, "status"), "incomplete_expired");
}

#[test]
fn a_debit_that_answers_later_pays_later() {
    let api = sandbox("csub-debit");
    let price =
        [("currency", "eur"), ("unit_amount", "1500"), ("product_data[name]", "Tea"), ("recurring[interval]", "month")];
    let price = id(&api.post("/v1/prices", &price).ok());
    for (method, status, name) in [
        ("pm_sepaDebit_success_de", "paid", "checkout.session.async_payment_succeeded"),
        ("pm_sepaDebit_failed_de", "unpaid", "checkout.session.async_payment_failed"),
    ] {
        let made = open(&api, &price, &[("payment_method_types[]", "sepa_debit")]);
        buy(&api, &made, &[("payment_method", method)]).ok();
        let done = read(&api, &made);
        assert_eq!(text(&done, "status"), "complete");
        let subscription = subscription_of(&api, &done);
        assert_eq!(text(&subscription, "default_payment_method").get(..3), Some("pm_"));
        api.advance(DAY);
        assert_eq!(text(&read(&api, &made), "payment_status"), status);
        assert_eq!(rows(&api.get("/v1/events", &[("type", name)]).ok()).len(), 1, "{name}");
    }
}

#[test]
fn a_trial_needs_a_card_and_no_payment() {
    let api = sandbox("csub-trial");
    let monthly = monthly(&api, "1500");
    let made = open(
        &api,
        &monthly,
        &[
            ("subscription_data[trial_period_days]", "14"),
            ("subscription_data[trial_settings][end_behavior][missing_payment_method]", "cancel"),
        ],
    );
    assert_eq!((int(&made, "amount_total"), int(&made, "amount_subtotal")), (0, 0));
    buy(&api, &made, &[("payment_method", "pm_card_chargeDeclined")]).refused(402);
    assert!(rows(&api.get("/v1/customers", &[]).ok()).is_empty());
    let done = bought(&api, &made);
    assert_eq!((text(&done, "status"), text(&done, "payment_status")), ("complete", "no_payment_required"));
    let subscription = subscription_of(&api, &done);
    assert_eq!(text(&subscription, "status"), "trialing");
    assert_eq!(int(&subscription, "trial_end") - int(&subscription, "start_date"), 14 * DAY);
    assert_eq!(text(&subscription["trial_settings"]["end_behavior"], "missing_payment_method"), "cancel");
    assert!(subscription["default_payment_method"].is_string() && subscription["pending_setup_intent"].is_null());
    assert_eq!((int(&invoice_of(&api, &done), "total"), &done["setup_intent"]), (0, &Value::Null));
    api.advance(15 * DAY);
    let subscription = subscription_of(&api, &done);
    assert_eq!(text(&subscription, "status"), "active");
    let last = api.get(&format!("/v1/invoices/{}", text(&subscription, "latest_invoice")), &[]).ok();
    assert_eq!((text(&last, "status"), int(&last, "total")), ("paid", 1500));
}

#[test]
fn a_card_that_asks_for_3d_secure_begins_a_trial_later() {
    let api = sandbox("csub-trial-3ds");
    let monthly = monthly(&api, "1500");
    let made = open(&api, &monthly, &[("subscription_data[trial_period_days]", "14")]);
    let waiting = buy(&api, &made, &[("payment_method", "pm_card_authenticationRequired")]).ok();
    assert!(rows(&api.get("/v1/subscriptions", &[]).ok()).is_empty());
    decide(&api, text(&waiting, "next_url"), "succeeded").ok();
    let done = read(&api, &made);
    assert_eq!(text(&done, "status"), "complete");
    assert_eq!(text(&subscription_of(&api, &done), "status"), "trialing");
    assert_eq!(rows(&api.get("/v1/subscriptions", &[]).ok()).len(), 1);
}

#[test]
fn a_trial_can_begin_without_a_card() {
    let api = sandbox("csub-no-card");
    let monthly = monthly(&api, "1500");
    let params = [("subscription_data[trial_period_days]", "7"), ("payment_method_collection", "if_required")];
    let made = open(&api, &monthly, &params);
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert!(page.text.contains(">Start trial</span>") && !page.text.contains("4242 4242"), "{}", page.text);
    let done = bought(&api, &made);
    assert_eq!((text(&done, "status"), text(&done, "payment_status")), ("complete", "no_payment_required"));
    let subscription = subscription_of(&api, &done);
    assert_eq!((text(&subscription, "status"), &subscription["default_payment_method"]), ("trialing", &Value::Null));
    // Where something is due, a card is needed.
    let due = open(&api, &monthly, &[("payment_method_collection", "if_required")]);
    let done = bought(&api, &due);
    assert!(subscription_of(&api, &done)["default_payment_method"].is_string());
}

#[test]
fn one_off_lines_are_on_the_first_invoice() {
    let api = sandbox("csub-one-off");
    let (monthly, setup) = (monthly(&api, "1500"), price(&api, "500", &[]));
    let rate = [("display_name", "VAT"), ("percentage", "10"), ("inclusive", "false")];
    let rate = id(&api.post("/v1/tax_rates", &rate).ok());
    let made = open(
        &api,
        &monthly,
        &[
            ("line_items[0][tax_rates][]", &rate),
            ("line_items[1][price]", &setup),
            ("line_items[1][quantity]", "2"),
            ("line_items[1][tax_rates][]", &rate),
        ],
    );
    assert_eq!(int(&made, "amount_total"), 2750);
    let done = bought(&api, &made);
    let invoice = invoice_of(&api, &done);
    assert_eq!((int(&invoice, "total"), rows(&invoice["lines"]).len()), (2750, 2));
    let items = subscription_of(&api, &done)["items"].clone();
    assert_eq!((rows(&items).len(), &rows(&items)[0]["tax_rates"][0]["id"]), (1, &json!(rate)));
}

#[test]
fn a_discount_is_the_subscriptions() {
    let api = sandbox("csub-discount");
    let monthly = monthly(&api, "1000");
    let coupon = [("percent_off", "25"), ("duration", "repeating"), ("duration_in_months", "3")];
    let coupon = id(&api.post("/v1/coupons", &coupon).ok());
    let made = open(&api, &monthly, &[("discounts[0][coupon]", &coupon)]);
    assert_eq!((int(&made, "amount_total"), int(&made["total_details"], "amount_discount")), (750, 250));
    let done = bought(&api, &made);
    assert_eq!(int(&invoice_of(&api, &done), "total"), 750);
    assert_eq!(subscription_of(&api, &done)["discounts"].as_array().unwrap().len(), 1);
    let redeemed = api.get(&format!("/v1/coupons/{coupon}"), &[]).ok();
    assert_eq!(int(&redeemed, "times_redeemed"), 1);
    let code = [("promotion[type]", "coupon"), ("promotion[coupon]", &*coupon), ("code", "TEA")];
    api.post("/v1/promotion_codes", &code).ok();
    let made = open(&api, &monthly, &[("allow_promotion_codes", "true")]);
    buy(&api, &made, &[("promotion_code", "TEA")]).ok();
    let done = read(&api, &made);
    assert_eq!((int(&done, "amount_total"), int(&invoice_of(&api, &done), "total")), (750, 750));
    assert_eq!(int(&api.get(&format!("/v1/coupons/{coupon}"), &[]).ok(), "times_redeemed"), 2);
}

#[test]
fn a_later_anchor_bills_the_time_until_then() {
    let api = sandbox("csub-anchor");
    let monthly = monthly(&api, "3000");
    let now = int(&api.get(&format!("/v1/prices/{monthly}"), &[]).ok(), "created");
    let anchor = (now + 10 * DAY).to_string();
    let at = ("subscription_data[billing_cycle_anchor]", &*anchor);
    let made = open(&api, &monthly, &[at]);
    let total = int(&made, "amount_total");
    assert!((900..=1100).contains(&total), "{total}");
    let done = bought(&api, &made);
    assert!((int(&invoice_of(&api, &done), "total") - total).abs() <= 1);
    assert_eq!(int(&subscription_of(&api, &done), "billing_cycle_anchor"), now + 10 * DAY);
    let free = open(&api, &monthly, &[at, ("subscription_data[proration_behavior]", "none")]);
    assert_eq!(int(&free, "amount_total"), 0);
    let done = bought(&api, &free);
    assert_eq!((text(&done, "payment_status"), &done["invoice"]), ("no_payment_required", &Value::Null));
    let late = (now + 60 * DAY).to_string();
    let refused = try_open(&api, &monthly, &[("subscription_data[billing_cycle_anchor]", &late)]);
    invalid(refused, 400, None, Some("subscription_data[billing_cycle_anchor]"));
}

#[test]
fn a_known_customer_keeps_its_own() {
    let api = sandbox("csub-known");
    let (monthly, owner) = (monthly(&api, "1500"), customer(&api, &[("email", "ada@example.com")]));
    let made = open(&api, &monthly, &[("customer", &owner)]);
    let done = bought(&api, &made);
    assert_eq!((&done["customer"], &subscription_of(&api, &done)["customer"]), (&json!(owner), &json!(owner)));
    assert_eq!(rows(&api.get("/v1/customers", &[]).ok()).len(), 1);
}

#[test]
fn taxes_are_computed_for_the_subscription_too() {
    let api = sandbox("csub-tax");
    seller_in_germany(&api);
    let monthly = monthly(&api, "10000");
    let made = open(&api, &monthly, &[("automatic_tax[enabled]", "true")]);
    buy(&api, &made, &[("country", "DE"), ("postal_code", "10115")]).ok();
    let done = read(&api, &made);
    let invoice = invoice_of(&api, &done);
    assert_eq!(int(&invoice, "total"), int(&done, "amount_total"));
    assert!(int(&done["total_details"], "amount_tax") > 0, "{done}");
    assert_eq!(subscription_of(&api, &done)["automatic_tax"]["enabled"], true);
}

#[test]
fn the_data_of_the_session_is_the_subscriptions() {
    let api = sandbox("csub-data");
    let monthly = monthly(&api, "1500");
    let rate = [("display_name", "VAT"), ("percentage", "10"), ("inclusive", "true")];
    let rate = id(&api.post("/v1/tax_rates", &rate).ok());
    let made = open(
        &api,
        &monthly,
        &[
            ("subscription_data[description]", "Tea club"),
            ("subscription_data[default_tax_rates][]", &rate),
            ("subscription_data[billing_mode][type]", "classic"),
            ("subscription_data[invoice_settings][issuer][type]", "self"),
        ],
    );
    let subscription = subscription_of(&api, &bought(&api, &made));
    assert_eq!(
        (text(&subscription, "description"), text(&subscription["billing_mode"], "type")),
        ("Tea club", "classic")
    );
    assert_eq!(subscription["default_tax_rates"][0]["id"], json!(rate));
    let old = open(&api.version("2024-06-20"), &monthly, &[]);
    let subscription = subscription_of(&api, &bought(&api, &old));
    assert_eq!(text(&subscription["billing_mode"], "type"), "classic", "that of the version of the session");
}

#[test]
fn what_a_subscription_cannot_be_is_refused_when_the_session_is_made() {
    let api = sandbox("csub-refused");
    let (first, yearly) = (monthly(&api, "1500"), price(&api, "9000", &[("recurring[interval]", "year")]));
    let refused = |more: Params<'_>, param: &str| invalid(try_open(&api, &first, more), 400, None, Some(param));
    refused(&[("subscription_data[trial_end]", "5")], "subscription_data[trial_end]");
    refused(&[("subscription_data[trial_period_days]", "900")], "subscription_data[trial_period_days]");
    let both = [("subscription_data[trial_end]", "1990000000"), ("subscription_data[trial_period_days]", "9")];
    refused(&both, "subscription_data[trial_end]");
    let rate = [("shipping_options[0][shipping_rate_data][display_name]", "Ground")];
    refused(&with(&rate, &[("shipping_options[0][shipping_rate_data][type]", "fixed_amount")]), "shipping_options");
    let many: Vec<(String, &str)> = (1..21).map(|n| (format!("line_items[{n}][price]"), &*first)).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (&**name, *value)).collect();
    refused(&many, "line_items");
    let mixed = [("line_items[1][price]", &*yearly), ("line_items[1][quantity]", "1")];
    let classic = [("subscription_data[billing_mode][type]", "classic")];
    try_open(&api, &first, &with(&mixed, &classic)).refused(400);
    assert_eq!(int(&open(&api, &first, &mixed), "amount_total"), 10_500);
}

#[test]
fn the_page_of_the_cli_completes_a_subscription() {
    let api = sandbox("csub-cli");
    let monthly = monthly(&api, "1500");
    let made = open(&api, &monthly, &[]);
    let path = format!("/v1/payment_pages/{}/confirm", id(&made));
    let card = id(&api.post("/v1/payment_methods", &[("type", "card"), ("card[token]", "tok_visa")]).ok());
    invalid(
        api.post(&path, &[("payment_method", &card), ("expected_amount", "1")]),
        400,
        Some("checkout_amount_mismatch"),
        Some("expected_amount"),
    );
    let done = api.post(&path, &[("payment_method", &card), ("expected_amount", "1500")]).ok();
    assert_eq!((text(&done, "status"), read(&api, &made)["subscription"].is_string()), ("complete", true));
}

#[test]
fn the_subscription_is_told_what_the_session_says_of_its_payment_methods() {
    let api = sandbox("cs-sub-options");
    let monthly = price(&api, "1500", &[("recurring[interval]", "month")]);
    let params = [
        ("mode", "subscription"),
        ("success_url", "https://shop.example/"),
        ("line_items[0][price]", monthly.as_str()),
        ("line_items[0][quantity]", "1"),
        ("payment_method_types[0]", "card"),
        ("payment_method_types[1]", "us_bank_account"),
        ("payment_method_options[us_bank_account][verification_method]", "instant"),
        ("payment_method_options[card][request_three_d_secure]", "any"),
    ];
    let made = create(&api, &params).ok();
    buy(&api, &made, &[("payment_method", "pm_usBankAccount_success")]).ok();
    let subscription = api.get("/v1/subscriptions", &[("status", "all")]).ok();
    let options = &subscription["data"][0]["payment_settings"]["payment_method_options"];
    assert_eq!(
        (text(&options["us_bank_account"], "verification_method"), text(&options["card"], "request_three_d_secure")),
        ("instant", "any")
    );
}
