//! Finalizing and paying (billing 3.2 to 3.4, 3.9 to 3.11, billing-2 5.2, 5.6, 12.5).

use serde_json::{Value, json};

use super::{PAID_AT_ONCE, act, event_count, events_since, item, payer, payer_with, the_invoice, with_line};
use crate::support::client::{Client, raw, sandbox};
use crate::support::decisions::decide;
use crate::support::flows::{attached, customer, id, int, invalid, keys, missing, rows, says, text, the_intent};

/// The one payment of an invoice.
fn payment(api: &Client, invoice: &str) -> Value {
    let listed = api.get("/v1/invoice_payments", &[("invoice", invoice)]).ok();
    assert_eq!(rows(&listed).len(), 1, "{listed}");
    rows(&listed)[0].clone()
}

fn intent_of(api: &Client, invoice: &str) -> Value {
    the_intent(api, text(&payment(api, invoice)["payment"], "payment_intent"))
}

#[test]
fn a_final_invoice_has_a_number_and_asks_for_its_money() {
    let api = sandbox("inv-final");
    let customer = payer(&api);
    let prefix = api.get(&format!("/v1/customers/{customer}"), &[]).ok()["invoice_prefix"].clone();
    let invoice = with_line(&api, &customer, "2000", &[]);
    let before = event_count(&api);
    let open = act(&api, &invoice, "finalize", &[]).ok();
    assert_eq!(events_since(&api, before), ["payment_intent.created", "invoice.updated", "invoice.finalized"]);
    assert_eq!(
        (text(&open, "status"), text(&open, "number")),
        ("open", &*format!("{}-0001", prefix.as_str().unwrap()))
    );
    assert_eq!((&open["effective_at"], int(&open, "ending_balance")), (&open["status_transitions"]["finalized_at"], 0));
    assert_eq!(
        (&open["attempted"], int(&open, "attempt_count"), int(&open, "amount_remaining")),
        (&json!(false), 0, 2000)
    );
    assert!(text(&open, "hosted_invoice_url").contains(&format!("/i/{invoice}?")), "{open}");
    assert_eq!(open["rendering"]["pdf"]["page_size"], "letter");
    let intent = intent_of(&api, &invoice);
    assert_eq!((int(&intent, "amount"), text(&intent, "description")), (2000, "Payment for Invoice"));
    assert_eq!((&intent["setup_future_usage"], &intent["customer"]), (&json!(null), &json!(customer)));
    assert_eq!((&intent["automatic_payment_methods"], &intent["metadata"]), (&json!(null), &json!({})));
    let paid_by = payment(&api, &invoice);
    assert_eq!(
        (text(&paid_by, "status"), &paid_by["amount_paid"], int(&paid_by, "amount_requested")),
        ("open", &json!(null), 2000)
    );
    assert_eq!(paid_by["is_default"], true);
    says(
        act(&api, &invoice, "finalize", &[]),
        400,
        "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
    );
    let second = act(&api, &with_line(&api, &customer, "100", &[]), "finalize", &[]).ok();
    assert!(text(&second, "number").ends_with("-0002"), "{second}");
}

#[test]
fn a_draft_is_finalized_and_paid_in_one_call() {
    let api = sandbox("inv-pay");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "2000", &[]);
    let before = event_count(&api);
    let paid = act(&api, &invoice, "pay", &[]).ok();
    assert_eq!(events_since(&api, before), PAID_AT_ONCE);
    assert_eq!((text(&paid, "status"), int(&paid, "amount_paid"), int(&paid, "amount_remaining")), ("paid", 2000, 0));
    assert_eq!(
        (&paid["attempted"], int(&paid, "attempt_count"), &paid["auto_advance"]),
        (&json!(true), 1, &json!(false))
    );
    assert!(int(&paid["status_transitions"], "paid_at") > 0);
    let payment = payment(&api, &invoice);
    assert_eq!((text(&payment, "status"), int(&payment, "amount_paid")), ("paid", 2000));
    says(act(&api, &invoice, "pay", &[]), 400, "Invoice is already paid");
}

#[test]
fn every_event_of_a_payment_shows_what_came_of_it() {
    let api = sandbox("inv-events");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "2000", &[]);
    act(&api, &invoice, "finalize", &[]).ok();
    act(&api, &invoice, "pay", &[]).ok();
    let listed = api.get("/v1/events", &[("type", "invoice.*"), ("limit", "4")]).ok();
    for event in &rows(&listed)[..3] {
        assert_eq!(text(&event["data"]["object"], "status"), "paid", "{event}");
    }
    let updated = &rows(&listed)[2];
    assert_eq!(text(updated, "type"), "invoice.updated");
    assert_eq!(
        updated["data"]["previous_attributes"],
        json!({
            "amount_paid": 0, "amount_remaining": 2000, "attempt_count": 0, "attempted": false, "status": "open",
            "status_transitions": {"paid_at": null},
        })
    );
}

#[test]
fn the_methods_come_in_their_order() {
    let api = sandbox("inv-order-of-methods");
    let customer = customer(&api, &[("email", "a@example.com")]);
    let paid_with = |invoice: &str| text(&intent_of(&api, invoice), "payment_method").to_owned();
    let none = with_line(&api, &customer, "500", &[]);
    let attached_only = attached(&api, "pm_card_visa", &customer);
    let refused = invalid(act(&api, &none, "pay", &[]), 400, Some("resource_missing"), None);
    assert!(text(&refused, "message").starts_with("This customer has no attached payment source"), "{refused}");
    // A refused call changes nothing.
    assert_eq!(text(&the_invoice(&api, &none), "status"), "draft");
    let source = api.post(&format!("/v1/customers/{customer}/sources"), &[("source", "tok_visa")]).ok();
    act(&api, &none, "pay", &[]).ok();
    assert_eq!(paid_with(&none), text(&source, "id"));
    let default = attached(&api, "pm_card_mastercard", &customer);
    let path = format!("/v1/customers/{customer}");
    api.post(&path, &[("invoice_settings[default_payment_method]", &default)]).ok();
    let by_default = with_line(&api, &customer, "500", &[]);
    act(&api, &by_default, "pay", &[]).ok();
    assert_eq!(paid_with(&by_default), default);
    let own = with_line(&api, &customer, "500", &[("default_payment_method", &attached_only)]);
    act(&api, &own, "pay", &[]).ok();
    assert_eq!(paid_with(&own), attached_only);
    let by_call = with_line(&api, &customer, "500", &[("default_payment_method", &attached_only)]);
    act(&api, &by_call, "pay", &[("payment_method", &default)]).ok();
    assert_eq!(paid_with(&by_call), default);
    let open = with_line(&api, &customer, "500", &[]);
    missing(
        act(&api, &open, "pay", &[("payment_method", "pm_none")]),
        400,
        "PaymentMethod",
        "pm_none",
        "payment_method",
    );
    let stranger = attached(&api, "pm_card_visa", &payer(&api));
    invalid(
        act(&api, &open, "pay", &[("payment_method", &stranger)]),
        400,
        Some("resource_missing"),
        Some("payment_method"),
    );
    invalid(act(&api, &open, "pay", &[("source", "src_none")]), 400, Some("resource_missing"), Some("source"));
}

#[test]
fn a_decline_leaves_the_invoice_open_and_counts() {
    let api = sandbox("inv-decline");
    let customer = payer_with(&api, "pm_card_chargeCustomerFail");
    let invoice = with_line(&api, &customer, "2000", &[]);
    act(&api, &invoice, "finalize", &[]).ok();
    let before = event_count(&api);
    let error = act(&api, &invoice, "pay", &[]).refused(402);
    assert_eq!((text(&error, "code"), text(&error, "type")), ("card_declined", "card_error"));
    assert!(keys(&error).contains(&"payment_intent"), "{error}");
    assert_eq!(
        events_since(&api, before),
        [
            "charge.failed",
            "payment_intent.payment_failed",
            "invoice.updated",
            "invoice.payment_failed",
            "customer.updated"
        ]
    );
    let open = the_invoice(&api, &invoice);
    assert_eq!((text(&open, "status"), int(&open, "attempt_count"), &open["attempted"]), ("open", 1, &json!(true)));
    let path = format!("/v1/customers/{customer}");
    assert_eq!(api.get(&path, &[]).ok()["delinquent"], true);
    // Only the first call counts.
    act(&api, &invoice, "pay", &[]).refused(402);
    assert_eq!(int(&the_invoice(&api, &invoice), "attempt_count"), 1);
    let good = attached(&api, "pm_card_visa", &customer);
    act(&api, &invoice, "pay", &[("payment_method", &good)]).ok();
    assert_eq!(api.get(&path, &[]).ok()["delinquent"], false);
}

#[test]
fn an_invoice_may_wait_for_its_customer() {
    let api = sandbox("inv-3ds");
    let customer = payer_with(&api, "pm_card_threeDSecure2Required");
    let invoice = with_line(&api, &customer, "2000", &[]);
    let before = event_count(&api);
    let error = act(&api, &invoice, "pay", &[]).refused(402);
    assert_eq!(text(&error, "code"), "invoice_payment_intent_requires_action");
    assert_eq!(
        text(&error, "message"),
        "This payment requires additional user action before it can be completed successfully. Payment can be completed \
         using the PaymentIntent associated with the invoice. For more details see: \
         https://stripe.com/docs/billing/subscriptions/overview#requires-action"
    );
    assert_eq!(
        events_since(&api, before),
        [
            "payment_intent.created",
            "payment_intent.requires_action",
            "invoice.updated",
            "invoice.finalized",
            "invoice.payment_action_required",
            "invoice.payment_failed",
        ]
    );
    let open = the_invoice(&api, &invoice);
    assert_eq!((text(&open, "status"), int(&open, "attempt_count"), &open["attempted"]), ("open", 0, &json!(true)));
    let intent = intent_of(&api, &invoice);
    assert_eq!(text(&intent, "status"), "requires_action");
    decide(&api, text(&intent["next_action"]["use_stripe_sdk"], "stripe_js"), "succeeded").ok();
    assert_eq!(text(&the_invoice(&api, &invoice), "status"), "paid");
}

#[test]
fn a_card_that_was_set_up_pays_without_the_customer() {
    let api = sandbox("inv-off-session");
    let customer = customer(&api, &[("email", "a@example.com")]);
    let params = [
        ("customer", customer.as_str()),
        ("payment_method", "pm_card_authenticationRequiredOnSetup"),
        ("payment_method_types[]", "card"),
        ("confirm", "true"),
    ];
    let setup = api.post("/v1/setup_intents", &params).ok();
    decide(&api, text(&setup["next_action"]["use_stripe_sdk"], "stripe_js"), "succeeded").ok();
    let card = text(&api.get(&format!("/v1/setup_intents/{}", id(&setup)), &[]).ok(), "payment_method").to_owned();
    let off = with_line(&api, &customer, "2000", &[("default_payment_method", &card)]);
    assert_eq!(text(&act(&api, &off, "pay", &[]).ok(), "status"), "paid");
    let on = with_line(&api, &customer, "2000", &[("default_payment_method", &card)]);
    let error = act(&api, &on, "pay", &[("off_session", "false")]).refused(402);
    assert_eq!(text(&error, "code"), "invoice_payment_intent_requires_action");
}

#[test]
fn the_payment_settings_may_ask_a_customer_on_session_for_3d_secure() {
    let api = sandbox("inv-asks-3ds");
    let customer = payer_with(&api, "pm_card_threeDSecure2Required");
    let visa = attached(&api, "pm_card_threeDSecureOptional", &customer);
    let params = [
        ("default_payment_method", visa.as_str()),
        ("payment_settings[payment_method_options][card][request_three_d_secure]", "any"),
    ];
    let asked = with_line(&api, &customer, "2000", &params);
    let error = act(&api, &asked, "pay", &[("off_session", "false")]).refused(402);
    assert_eq!(text(&error, "code"), "invoice_payment_intent_requires_action");
    let plain = with_line(&api, &customer, "2000", &params[..1]);
    assert_eq!(text(&act(&api, &plain, "pay", &[("off_session", "false")]).ok(), "status"), "paid");
}

#[test]
fn a_browser_pays_with_the_secret_of_an_invoice() {
    let api = sandbox("inv-secret");
    let customer = customer(&api, &[("email", "a@example.com")]);
    let invoice = with_line(&api, &customer, "2000", &[]);
    act(&api, &invoice, "finalize", &[]).ok();
    let path = format!("/v1/invoices/{invoice}");
    let shown = api.get(&path, &[("expand[]", "confirmation_secret"), ("expand[]", "payments")]).ok();
    let secret = text(&shown["confirmation_secret"], "client_secret").to_owned();
    assert_eq!(text(&shown["confirmation_secret"], "type"), "payment_intent");
    assert_eq!((rows(&shown["payments"]).len(), text(&shown["payments"], "url")), (1, "/v1/invoices/payments"));
    let intent = text(&rows(&shown["payments"])[0]["payment"], "payment_intent").to_owned();
    let form =
        format!("client_secret={secret}&payment_method_data[type]=card&payment_method_data[card][token]=tok_visa");
    let key = [("Authorization".to_owned(), "Bearer pk_test_sandbox_inv-secret".to_owned())];
    let target = format!("/v1/payment_intents/{intent}/confirm");
    let body = Some(("application/x-www-form-urlencoded", form.as_bytes()));
    let confirmed = raw(api.url(), "POST", &target, &key, body).ok();
    assert_eq!(text(&confirmed, "status"), "succeeded");
    let paid = the_invoice(&api, &invoice);
    assert_eq!((text(&paid, "status"), int(&paid, "attempt_count"), &paid["attempted"]), ("paid", 0, &json!(true)));
}

#[test]
fn nothing_due_is_paid_without_a_payment() {
    let api = sandbox("inv-zero");
    let customer = customer(&api, &[("email", "a@example.com")]);
    let invoice = with_line(&api, &customer, "0", &[]);
    let before = event_count(&api);
    let paid = act(&api, &invoice, "finalize", &[]).ok();
    assert_eq!(events_since(&api, before), ["invoice.finalized", "invoice.paid", "invoice.payment_succeeded"]);
    assert_eq!((text(&paid, "status"), &paid["attempted"], int(&paid, "attempt_count")), ("paid", &json!(true), 0));
    assert!(text(&paid, "number").ends_with("-0001"));
    assert_eq!(rows(&api.get("/v1/invoice_payments", &[("invoice", &invoice)]).ok()).len(), 0);
    let other = with_line(&api, &customer, "0", &[]);
    assert_eq!(text(&act(&api, &other, "pay", &[]).ok(), "status"), "paid");
}

#[test]
fn an_invoice_is_paid_out_of_band() {
    let api = sandbox("inv-band");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "2000", &[]);
    act(&api, &invoice, "finalize", &[]).ok();
    let before = event_count(&api);
    let paid = act(&api, &invoice, "pay", &[("paid_out_of_band", "true")]).ok();
    assert_eq!(events_since(&api, before), ["invoice.updated", "invoice.paid", "payment_intent.canceled"]);
    assert_eq!((text(&paid, "status"), int(&paid, "amount_paid"), int(&paid, "amount_remaining")), ("paid", 2000, 0));
    assert_eq!(
        (&paid["attempted"], int(&paid, "attempt_count"), &paid["auto_advance"]),
        (&json!(false), 0, &json!(false))
    );
    assert_eq!(int(&paid, "amount_paid_off_stripe"), 2000);
    assert_eq!(text(&payment(&api, &invoice), "status"), "canceled");
    let older = api.version(super::BASIL_BEFORE).get(&format!("/v1/invoices/{invoice}"), &[]).ok();
    assert_eq!((&older["paid"], &older["paid_out_of_band"]), (&json!(true), &json!(true)));
    let draft = with_line(&api, &customer, "700", &[]);
    assert_eq!(text(&act(&api, &draft, "pay", &[("paid_out_of_band", "true")]).ok(), "status"), "paid");
}

#[test]
fn other_payments_pay_an_invoice_in_parts() {
    let api = sandbox("inv-parts");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "2000", &[]);
    act(&api, &invoice, "finalize", &[]).ok();
    let pay = |amount: &str| {
        let params = [
            ("amount", amount),
            ("currency", "usd"),
            ("customer", &customer),
            ("payment_method", "pm_card_visa"),
            ("confirm", "true"),
            ("payment_method_types[]", "card"),
        ];
        id(&api.post("/v1/payment_intents", &params).ok())
    };
    let first = pay("700");
    let part = act(&api, &invoice, "attach_payment", &[("payment_intent", &first)]).ok();
    assert_eq!((text(&part, "status"), int(&part, "amount_paid"), int(&part, "amount_remaining")), ("open", 700, 1300));
    let listed = api.get("/v1/invoice_payments", &[("invoice", &invoice), ("status", "open")]).ok();
    assert_eq!(int(&rows(&listed)[0], "amount_requested"), 1300);
    invalid(act(&api, &invoice, "attach_payment", &[("payment_intent", &first)]), 400, None, Some("payment_intent"));
    let whole = act(&api, &invoice, "attach_payment", &[("payment_intent", &pay("1500"))]).ok();
    assert_eq!(
        (text(&whole, "status"), int(&whole, "amount_paid"), int(&whole, "amount_overpaid")),
        ("paid", 2200, 200)
    );
    let path = format!("/v1/customers/{customer}");
    assert_eq!(int(&api.get(&path, &[]).ok(), "balance"), -200);
    let found = api
        .get("/v1/invoice_payments", &[("payment[type]", "payment_intent"), ("payment[payment_intent]", &first)])
        .ok();
    assert_eq!(text(&rows(&found)[0], "invoice"), invoice);
    missing(
        act(&api, &invoice, "attach_payment", &[("payment_intent", "pi_none")]),
        400,
        "payment_intent",
        "pi_none",
        "payment_intent",
    );
}

#[test]
fn the_intent_of_an_invoice_sends_its_money_on() {
    let api = sandbox("inv-destination");
    let customer = payer(&api);
    let account = [("type", "standard"), ("capabilities[transfers][requested]", "true")];
    let account = id(&api.post("/v1/accounts", &account).ok());
    let params = [("transfer_data[destination]", account.as_str()), ("application_fee_amount", "123")];
    item(&api, &customer, "2000");
    let base = [("customer", customer.as_str()), ("pending_invoice_items_behavior", "include")];
    let made = api.post("/v1/invoices", &crate::support::flows::with(&base, &params)).ok();
    act(&api, &id(&made), "finalize", &[]).ok();
    let intent = intent_of(&api, &id(&made));
    assert_eq!(
        (&intent["transfer_data"]["destination"], int(&intent, "application_fee_amount")),
        (&json!(account), 123)
    );
    let older = api.version(super::BASIL_BEFORE).get(&format!("/v1/invoices/{}", id(&made)), &[]).ok();
    assert_eq!((int(&older, "application_fee_amount"), &older["transfer_data"]["destination"]), (123, &json!(account)));
}

#[test]
fn an_invoice_is_found_by_its_number() {
    let api = sandbox("inv-search");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "2000", &[("number", "MINE-7")]);
    let open = act(&api, &invoice, "finalize", &[]).ok();
    assert_eq!(text(&open, "number"), "MINE-7");
    let found = api.get("/v1/invoices/search", &[("query", "number:'MINE-7' AND total>1999")]).ok();
    assert_eq!(rows(&found).iter().map(id).collect::<Vec<_>>(), [invoice]);
}
