//! Invoices of a dump (billing 3.11) and the templates for them.

use serde_json::{Value, json};

use super::{act, payer, the_invoice};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, int, rows, says, text};

fn load(api: &Client, objects: &Value) {
    let target = format!("/_pinstripe/fixtures?sandbox={}", api.sandbox());
    api.send("POST", &target, Some(("application/json", objects.to_string().as_bytes()))).ok();
}

/// A moment before the sandbox's time.
fn now(api: &Client) -> i64 {
    int(&api.post("/v1/customers", &[]).ok(), "created")
}

/// A customer with a default card.
fn buyer(now: i64) -> [Value; 2] {
    let card = json!({"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2040, "funding": "credit", "country": "US"});
    [
        json!({
            "object": "customer", "id": "cus_loaded", "created": now, "balance": 0, "invoice_prefix": "ABCD",
            "next_invoice_sequence": 2, "invoice_settings": {"default_payment_method": "pm_loaded"},
        }),
        json!({
            "object": "payment_method", "id": "pm_loaded", "type": "card", "created": now, "customer": "cus_loaded", "card": card,
            "billing_details": {},
        }),
    ]
}

/// An invoice of the customer, with one line.
fn invoice(now: i64, own: &Value) -> Value {
    let name = own["id"].as_str().unwrap();
    let line = json!({
        "id": format!("il_{name}"), "object": "line_item", "amount": 700, "subtotal": 700, "currency": "usd",
        "discountable": true, "discounts": [], "invoice": name, "period": {"start": now, "end": now},
    });
    let mut all = json!({
        "object": "invoice", "customer": "cus_loaded", "created": now, "currency": "usd", "auto_advance": true,
        "total": 700, "subtotal": 700, "amount_due": 700, "amount_remaining": 700, "status_transitions": {},
        "next_payment_attempt": now + 3_600,
        "lines": {"object": "list", "data": [line], "has_more": false, "url": "/v1/invoices"},
    });
    own.as_object().unwrap().iter().for_each(|(key, value)| all[key] = value.clone());
    all
}

#[test]
fn a_loaded_draft_and_a_loaded_open_invoice_go_on() {
    let api = sandbox("inv-loaded");
    let now = now(&api);
    let draft = json!({"id": "in_draft", "automatically_finalizes_at": now + 3_601});
    let open = json!({"id": "in_open", "status": "open", "number": "ABCD-0001", "attempt_count": 1, "attempted": true});
    let [customer, card] = buyer(now);
    load(&api, &json!([customer, card, invoice(now, &draft), invoice(now, &open)]));
    assert_eq!(text(&rows(&the_invoice(&api, "in_draft")["lines"])[0], "id"), "il_in_draft");
    api.advance(3_601);
    for (name, attempts) in [("in_draft", 1), ("in_open", 2)] {
        let paid = the_invoice(&api, name);
        assert_eq!((text(&paid, "status"), int(&paid, "amount_paid")), ("paid", 700));
        assert_eq!(int(&paid, "attempt_count"), attempts);
        let payments = api.get("/v1/invoice_payments", &[("invoice", name)]).ok();
        assert_eq!(text(&rows(&payments)[0], "status"), "paid");
    }
    assert_eq!(text(&the_invoice(&api, "in_draft"), "number"), "ABCD-0002");
}

#[test]
fn an_archived_template_is_chosen_for_no_invoice() {
    let api = sandbox("inv-templates");
    let customer = payer(&api);
    load(&api, &json!([{"object": "invoice_rendering_template", "id": "inrtem_1", "nickname": "Plain"}]));
    let params = [("customer", customer.as_str()), ("rendering[template]", "inrtem_1")];
    let made = api.post("/v1/invoices", &params).ok();
    assert_eq!(text(&made["rendering"], "template"), "inrtem_1");
    let path = "/v1/invoice_rendering_templates/inrtem_1";
    assert_eq!(text(&api.post(&format!("{path}/archive"), &[]).ok(), "status"), "archived");
    let refused = says(api.post("/v1/invoices", &params), 400, "This invoice rendering template is archived.");
    assert_eq!(refused["param"], "rendering[template]");
    assert_eq!(text(&api.post(&format!("{path}/unarchive"), &[]).ok(), "status"), "active");
    act(&api, &id(&made), "finalize", &[]).ok();
}
