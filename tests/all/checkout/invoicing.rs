//! The invoice that a paid session makes (intents-and-checkout 3.7, billing-2 5.2).

use serde_json::json;

use super::{PAYMENT, buy, create, open, pay_with, price, read};
use crate::events::resource::events;
use crate::support::client::{Client, sandbox};
use crate::support::flows::{customer, id, int, rows, text, with};

const ON: (&str, &str) = ("invoice_creation[enabled]", "true");

fn invoice_of(api: &Client, session: &serde_json::Value) -> serde_json::Value {
    api.get(&format!("/v1/invoices/{}", text(session, "invoice")), &[("expand[]", "payments")]).ok()
}

#[test]
fn a_paid_session_has_a_paid_invoice() {
    let api = sandbox("cs-invoice");
    let data = [
        ON,
        ("invoice_creation[invoice_data][description]", "Mugs"),
        ("invoice_creation[invoice_data][footer]", "Thank you"),
        ("invoice_creation[invoice_data][metadata][order]", "7"),
        ("invoice_creation[invoice_data][custom_fields][0][name]", "PO"),
        ("invoice_creation[invoice_data][custom_fields][0][value]", "42"),
        ("invoice_creation[invoice_data][rendering_options][amount_tax_display]", "exclude_tax"),
    ];
    let made = open(&api, &data);
    let paid = pay_with(&api, &made, "pm_card_visa");
    let invoice = invoice_of(&api, &paid);
    assert_eq!(
        (text(&invoice, "status"), text(&invoice, "billing_reason"), &invoice["customer"]),
        ("paid", "manual", &paid["customer"])
    );
    assert_eq!((&invoice["attempted"], int(&invoice, "attempt_count")), (&json!(true), 0));
    let amounts = ["total", "amount_due", "amount_paid", "amount_remaining"].map(|key| int(&invoice, key));
    assert_eq!(amounts, [2000, 2000, 2000, 0]);
    assert!(text(&invoice, "number").ends_with("-0001"), "{invoice}");
    assert_eq!((text(&invoice, "description"), text(&invoice, "footer")), ("Mugs", "Thank you"));
    assert_eq!((&invoice["metadata"], text(&invoice["custom_fields"][0], "value")), (&json!({"order": "7"}), "42"));
    assert_eq!(text(&invoice["rendering"], "amount_tax_display"), "exclude_tax");
    let payment = &rows(&invoice["payments"])[0];
    assert_eq!((text(payment, "status"), int(payment, "amount_paid")), ("paid", 2000));
    assert_eq!(payment["payment"]["payment_intent"], paid["payment_intent"]);
    let line = &rows(&invoice["lines"])[0];
    assert_eq!((text(line, "description"), int(line, "quantity"), int(line, "amount")), ("Mug", 2, 2000));
    let names: Vec<String> = events(&api, &[]).iter().map(|event| text(event, "type").to_owned()).collect();
    let from = names.iter().position(|name| name == "payment_intent.created").unwrap();
    assert_eq!(
        names[from..],
        [
            "payment_intent.created",
            "customer.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice.created",
            "invoice.finalized",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice_payment.paid",
            "checkout.session.completed",
            "charge.updated"
        ]
    );
    let first = &events(&api, &[("type", "invoice.created")])[0]["data"]["object"];
    assert_eq!((text(first, "status"), int(first, "amount_paid")), ("paid", 2000));
}

#[test]
fn the_invoice_comes_to_what_the_session_comes_to() {
    let api = sandbox("cs-invoice-total");
    let rate = [("display_name", "VAT"), ("percentage", "8.875"), ("inclusive", "false")];
    let rate = id(&api.post("/v1/tax_rates", &rate).ok());
    let coupon = [("amount_off", "1000"), ("currency", "usd"), ("duration", "once")];
    let coupon = id(&api.post("/v1/coupons", &coupon).ok());
    let cup = price(&api, "999", &[]);
    let made = open(
        &api,
        &[
            ON,
            ("line_items[0][tax_rates][]", &rate),
            ("line_items[1][price]", &cup),
            ("line_items[1][quantity]", "1"),
            ("line_items[1][tax_rates][]", &rate),
            ("discounts[0][coupon]", &coupon),
            ("shipping_options[0][shipping_rate_data][display_name]", "Ground"),
            ("shipping_options[0][shipping_rate_data][type]", "fixed_amount"),
            ("shipping_options[0][shipping_rate_data][fixed_amount][amount]", "700"),
            ("shipping_options[0][shipping_rate_data][fixed_amount][currency]", "usd"),
        ],
    );
    // A price that was archived meanwhile is billed all the same.
    api.post(&format!("/v1/prices/{cup}"), &[("active", "false")]).ok();
    let paid = pay_with(&api, &made, "pm_card_visa");
    let invoice = invoice_of(&api, &paid);
    assert_eq!(int(&invoice, "total"), int(&paid, "amount_total"));
    assert_eq!(int(&invoice, "amount_paid"), int(&paid, "amount_total"));
    assert_eq!(int(&invoice["total_taxes"][0], "amount"), int(&paid["total_details"], "amount_tax"));
    assert_eq!((int(&invoice["total_discount_amounts"][0], "amount"), int(&invoice, "amount_shipping")), (1000, 700));
    assert_eq!(int(&api.get(&format!("/v1/coupons/{coupon}"), &[]).ok(), "times_redeemed"), 1);
}

#[test]
fn the_invoice_takes_nothing_else_of_the_customer() {
    let api = sandbox("cs-invoice-balance");
    let buyer = customer(&api, &[]);
    let credit = [("amount", "-500"), ("currency", "usd")];
    api.post(&format!("/v1/customers/{buyer}/balance_transactions"), &credit).ok();
    let item = [("customer", buyer.as_str()), ("amount", "300"), ("currency", "usd")];
    api.post("/v1/invoiceitems", &item).ok();
    let paid = pay_with(&api, &open(&api, &[ON, ("customer", &buyer)]), "pm_card_visa");
    let invoice = invoice_of(&api, &paid);
    assert_eq!((int(&invoice, "total"), int(&invoice, "amount_paid"), rows(&invoice["lines"]).len()), (2000, 2000, 1));
    assert_eq!(int(&api.get(&format!("/v1/customers/{buyer}"), &[]).ok(), "balance"), -500);
    assert_eq!(rows(&api.get("/v1/invoiceitems", &[("pending", "true")]).ok()).len(), 1);
}

#[test]
fn the_invoice_is_made_when_the_money_has_come() {
    let api = sandbox("cs-invoice-later");
    let debit = [
        ON,
        ("payment_method_types[]", "sepa_debit"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "1000"),
        ("line_items[0][price_data][product_data][name]", "Mug"),
        ("line_items[0][quantity]", "2"),
    ];
    let made = create(&api, &with(PAYMENT, &debit)).ok();
    buy(&api, &made, &[("payment_method", "pm_sepaDebit_success_de")]).ok();
    let paid = read(&api, &made);
    assert_eq!((text(&paid, "payment_status"), text(&invoice_of(&api, &paid), "status")), ("paid", "paid"));
    let completed = &events(&api, &[("type", "checkout.session.completed")])[0]["data"]["object"];
    assert_eq!(completed["invoice"], json!(null));
    let later = &events(&api, &[("type", "checkout.session.async_payment_succeeded")])[0]["data"]["object"];
    assert_eq!(later["invoice"], paid["invoice"]);
    // A decline makes none.
    let declined = open(&api, &[ON]);
    buy(&api, &declined, &[("payment_method", "pm_card_chargeDeclined")]).refused(402);
    assert_eq!(rows(&api.get("/v1/invoices", &[]).ok()).len(), 1);
}

#[test]
fn what_costs_nothing_has_an_invoice_of_nothing() {
    let api = sandbox("cs-invoice-free");
    let free = price(&api, "0", &[]);
    let line = [ON, ("line_items[0][price]", free.as_str()), ("line_items[0][quantity]", "1")];
    let made = create(&api, &with(PAYMENT, &line)).ok();
    buy(&api, &made, &[]).ok();
    let invoice = invoice_of(&api, &read(&api, &made));
    assert_eq!((text(&invoice, "status"), int(&invoice, "total")), ("paid", 0));
    assert!(rows(&invoice["payments"]).is_empty());
}
