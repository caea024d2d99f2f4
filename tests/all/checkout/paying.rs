//! What paying a session makes (intents-and-checkout 3.2).

use serde_json::{Value, json};

use super::{PAYMENT, buy, create, intent_of, open, pay_with, price, read};
use crate::events::resource::{events, types};
use crate::support::client::{Client, sandbox};
use crate::support::decisions::decide;
use crate::support::flows::{attached, customer, id, int, rows, text, with};

/// The types of the events since the lines were made.
fn told(api: &Client) -> Vec<String> {
    let all = events(api, &[]);
    let types = types(&all);
    types
        .into_iter()
        .filter(|name| !name.starts_with("product.") && !name.starts_with("price."))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_guest_pays_and_the_session_is_complete() {
    let api = sandbox("cs-guest");
    let made = open(&api, &[("metadata[cart]", "7"), ("payment_intent_data[metadata][order]", "9")]);
    let answer = buy(&api, &made, &[("email", "jenny@example.com"), ("name", "Jenny Rosen")]).ok();
    assert_eq!((text(&answer, "status"), text(&answer, "payment_status")), ("complete", "paid"));
    assert_eq!(text(&answer, "return_url"), format!("https://shop.example/done?session={}", id(&made)));
    let paid = read(&api, &made);
    assert_eq!(
        (text(&paid, "status"), text(&paid, "payment_status"), &paid["url"]),
        ("complete", "paid", &json!(null))
    );
    assert_eq!(paid["customer"], json!(null));
    let details = &paid["customer_details"];
    assert_eq!((text(details, "email"), text(details, "name")), ("jenny@example.com", "Jenny Rosen"));
    assert_eq!((text(details, "tax_exempt"), &details["tax_ids"]), ("none", &json!([])));
    let intent = intent_of(&api, &paid);
    assert_eq!((text(&intent, "status"), int(&intent, "amount_received")), ("succeeded", 2000));
    // The session's metadata is its own.
    assert_eq!((&intent["metadata"], &intent["customer"]), (&json!({"order": "9"}), &json!(null)));
    let charge = api.get(&format!("/v1/charges/{}", text(&intent, "latest_charge")), &[]).ok();
    assert_eq!(text(&charge["billing_details"], "email"), "jenny@example.com");
    assert_eq!(
        told(&api),
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.completed",
            "charge.updated"
        ]
    );
    let again = buy(&api, &made, &[]).refused(400);
    assert_eq!(text(&again, "code"), "checkout_not_active_session");
}

#[test]
fn the_event_shows_the_session_as_it_was_completed() {
    let api = sandbox("cs-event");
    let made = open(&api, &[]);
    buy(&api, &made, &[]).ok();
    let completed = events(&api, &[("type", "checkout.session.completed")]);
    assert_eq!(completed.len(), 1);
    assert_eq!(completed[0]["data"]["object"], read(&api, &made));
}

#[test]
fn a_session_that_always_makes_a_customer_makes_one() {
    let api = sandbox("cs-always");
    let made = open(&api, &[("customer_creation", "always")]);
    buy(&api, &made, &[("email", "jenny@example.com")]).ok();
    let paid = read(&api, &made);
    let buyer = api.get(&format!("/v1/customers/{}", text(&paid, "customer")), &[]).ok();
    assert_eq!(text(&buyer, "email"), "jenny@example.com");
    assert_eq!(intent_of(&api, &paid)["customer"], paid["customer"]);
    assert_eq!(
        told(&api)[..4],
        ["payment_intent.created", "customer.created", "charge.succeeded", "payment_intent.succeeded"]
    );
}

#[test]
fn a_method_that_is_used_again_needs_a_customer_and_is_attached() {
    let api = sandbox("cs-saves");
    let made = open(&api, &[("payment_intent_data[setup_future_usage]", "off_session")]);
    let paid = pay_with(&api, &made, "pm_card_visa");
    let methods = api.get(&format!("/v1/customers/{}/payment_methods", text(&paid, "customer")), &[]).ok();
    assert_eq!(rows(&methods).len(), 1);
    assert_eq!(
        told(&api)[..6],
        [
            "payment_intent.created",
            "customer.created",
            "charge.succeeded",
            "payment_method.attached",
            "payment_intent.succeeded",
            "checkout.session.completed"
        ]
    );
}

#[test]
fn a_known_customer_pays_with_what_they_saved() {
    let api = sandbox("cs-saved");
    let buyer = customer(&api, &[]);
    let method = attached(&api, "pm_card_mastercard", &buyer);
    let made = open(&api, &[("customer", &buyer)]);
    let paid = pay_with(&api, &made, &method);
    assert_eq!((text(&paid, "customer"), text(&intent_of(&api, &paid), "payment_method")), (&*buyer, &*method));
    // Checkout sets the address on a customer who had none.
    let buyer = api.get(&format!("/v1/customers/{buyer}"), &[]).ok();
    assert_eq!(text(&buyer, "email"), "customer@example.com");
}

#[test]
fn a_known_customer_takes_the_name_from_the_page_when_the_session_asks_for_it() {
    let api = sandbox("cs-renamed");
    let name = |buyer: &str| text(&api.get(&format!("/v1/customers/{buyer}"), &[]).ok(), "name").to_owned();
    for (update, expected) in [("auto", "Ada King"), ("never", "Ada Byron")] {
        let buyer = customer(&api, &[("name", "Ada Byron")]);
        let made = open(&api, &[("customer", &buyer), ("customer_update[name]", update)]);
        buy(&api, &made, &[("payment_method", "pm_card_visa"), ("name", "Ada King")]).ok();
        assert_eq!(name(&buyer), expected);
    }
}

#[test]
fn a_decline_keeps_the_session_open_and_its_intent() {
    let api = sandbox("cs-declined");
    let made = open(&api, &[]);
    let refused = buy(&api, &made, &[("payment_method", "pm_card_chargeDeclined")]).refused(402);
    assert_eq!((text(&refused, "code"), text(&refused, "decline_code")), ("card_declined", "generic_decline"));
    assert_eq!(told(&api), ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]);
    let open = read(&api, &made);
    assert_eq!((text(&open, "status"), text(&open, "payment_status")), ("open", "unpaid"));
    let failed = intent_of(&api, &open);
    assert_eq!(text(&failed, "status"), "requires_payment_method");
    let paid = pay_with(&api, &made, "pm_card_visa");
    assert_eq!((&paid["payment_intent"], text(&paid, "status")), (&open["payment_intent"], "complete"));
}

#[test]
fn three_d_secure_completes_the_session_when_it_is_passed() {
    let api = sandbox("cs-3ds");
    for (result, status) in [("succeeded", "complete"), ("failed", "open")] {
        let made = open(&api, &[]);
        let answer = buy(&api, &made, &[("payment_method", "pm_card_threeDSecureRequired")]).ok();
        assert_eq!((text(&answer, "status"), &answer["return_url"]), ("open", &json!(null)));
        let decided = decide(&api, text(&answer, "next_url"), result).ok();
        // The bank's page leads back to the session's.
        assert!(text(&decided, "return_url").contains(&format!("/c/pay/{}/return?", id(&made))), "{decided}");
        assert_eq!(text(&read(&api, &made), "status"), status);
    }
}

#[test]
fn a_hold_completes_the_session_unpaid() {
    let api = sandbox("cs-hold");
    let made = open(&api, &[("payment_intent_data[capture_method]", "manual")]);
    let held = pay_with(&api, &made, "pm_card_visa");
    assert_eq!((text(&held, "status"), text(&held, "payment_status")), ("complete", "unpaid"));
    assert_eq!(text(&intent_of(&api, &held), "status"), "requires_capture");
}

#[test]
fn a_hold_that_is_captured_pays_the_session() {
    let api = sandbox("cs-hold-captured");
    let made = open(&api, &[("payment_intent_data[capture_method]", "manual")]);
    let held = pay_with(&api, &made, "pm_card_visa");
    let intent = format!("/v1/payment_intents/{}/capture", text(&held, "payment_intent"));
    api.post(&intent, &[("amount_to_capture", "500")]).ok();
    assert_eq!(text(&read(&api, &made), "payment_status"), "paid");
    let told = told(&api);
    assert!(!told.iter().any(|name| name == "checkout.session.async_payment_succeeded"), "{told:?}");
}

/// A session that is paid from a bank account in euros.
fn debited(api: &Client, method: &str) -> Value {
    let params = [
        ("payment_method_types[]", "sepa_debit"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "1000"),
        ("line_items[0][price_data][product_data][name]", "Mug"),
        ("line_items[0][quantity]", "2"),
    ];
    let made = create(api, &with(PAYMENT, &params)).ok();
    let answer = buy(api, &made, &[("payment_method", method)]).ok();
    assert_eq!((text(&answer, "status"), text(&answer, "payment_status")), ("complete", "unpaid"));
    made
}

#[test]
fn a_bank_debit_is_paid_later() {
    let api = sandbox("cs-async");
    let made = debited(&api, "pm_sepaDebit_success_de");
    assert_eq!(text(&read(&api, &made), "payment_status"), "paid");
    let told = told(&api);
    let at =
        |name: &str| told.iter().position(|told| told == name).unwrap_or_else(|| panic!("{name} is not in {told:?}"));
    assert!(at("checkout.session.completed") < at("charge.succeeded"), "{told:?}");
    assert!(at("payment_intent.succeeded") < at("checkout.session.async_payment_succeeded"), "{told:?}");
}

#[test]
fn a_bank_debit_that_fails_is_told_of() {
    let api = sandbox("cs-async-failed");
    let made = debited(&api, "pm_sepaDebit_failed_de");
    let failed = read(&api, &made);
    assert_eq!((text(&failed, "status"), text(&failed, "payment_status")), ("complete", "unpaid"));
    let told = told(&api);
    assert_eq!(told.last().map(String::as_str), Some("checkout.session.async_payment_failed"), "{told:?}");
    assert!(!told.iter().any(|name| name == "checkout.session.async_payment_succeeded"), "{told:?}");
}

#[test]
fn a_redirect_completes_the_session_when_the_customer_comes_back() {
    let api = sandbox("cs-redirect");
    let params = [
        ("payment_method_types[]", "ideal"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "1000"),
        ("line_items[0][price_data][product_data][name]", "Mug"),
        ("line_items[0][quantity]", "1"),
    ];
    let made = create(&api, &with(PAYMENT, &params)).ok();
    let answer = buy(&api, &made, &[]).ok();
    decide(&api, text(&answer, "next_url"), "succeeded").ok();
    assert_eq!(text(&read(&api, &made), "payment_status"), "paid");
}

#[test]
fn what_costs_nothing_needs_no_payment() {
    let api = sandbox("cs-free");
    let free = price(&api, "0", &[]);
    let line = [("line_items[0][price]", free.as_str()), ("line_items[0][quantity]", "1")];
    let made = create(&api, &with(PAYMENT, &line)).ok();
    buy(&api, &made, &[]).ok();
    let done = read(&api, &made);
    assert_eq!((text(&done, "status"), text(&done, "payment_status")), ("complete", "no_payment_required"));
    assert_eq!(done["payment_intent"], json!(null));
    assert_eq!(told(&api), ["checkout.session.completed"]);
}

#[test]
fn a_session_is_paid_with_what_it_takes_alone() {
    let api = sandbox("cs-types");
    let made = open(&api, &[]);
    buy(&api, &made, &[("payment_method", "pm_sepaDebit_success_de")]).refused(400);
    buy(&api, &made, &[("payment_method", "pm_none")]).refused(400);
    assert_eq!(read(&api, &made), made);
}

#[test]
fn a_session_is_paid_once_however_many_try() {
    let api = sandbox("cs-parallel");
    let made = open(&api, &[]);
    let paid: usize = std::thread::scope(|scope| {
        let buyers: Vec<_> = (0..32).map(|_| scope.spawn(|| buy(&api, &made, &[]).status)).collect();
        buyers.into_iter().map(|buyer| buyer.join().unwrap()).filter(|status| *status == 200).count()
    });
    assert_eq!(paid, 1);
    assert_eq!(rows(&api.get("/v1/charges", &[]).ok()).len(), 1);
}

/// The page of a session, as the Stripe CLI's fixtures call it (intents-and-checkout 3.3).
#[test]
fn who_has_the_secret_key_pays_on_the_page_by_calls() {
    let api = sandbox("cs-payment-pages");
    let euros = with(PAYMENT, &[("payment_method_types[]", "sepa_debit"), ("line_items[0][quantity]", "2")]);
    let mug = price(&api, "1500", &[("currency", "eur")]);
    let line = [("line_items[0][price]", mug.as_str())];
    let euros = with(&euros, &line);
    let debit = |iban| {
        let owner = [("billing_details[email]", "jenny@example.com"), ("billing_details[name]", "Jenny")];
        id(&api.post("/v1/payment_methods", &with(&[("type", "sepa_debit"), ("sepa_debit[iban]", iban)], &owner)).ok())
    };
    let good = ("AT611904300234573201", "checkout.session.async_payment_succeeded", "paid");
    let bad = ("IT60X0542811101000000123456", "checkout.session.async_payment_failed", "unpaid");
    for (iban, last, payment_status) in [good, bad] {
        let made = create(&api, &euros).ok();
        let page = format!("/v1/payment_pages/{}", id(&made));
        assert_eq!(text(&api.get(&page, &[]).ok(), "session_id"), text(&made, "id"));
        let method = debit(iban);
        let other = [("payment_method", method.as_str()), ("expected_amount", "2999")];
        let refused = api.post(&format!("{page}/confirm"), &other).refused(400);
        assert_eq!(text(&refused, "code"), "checkout_amount_mismatch");
        assert_eq!(text(&refused, "message"), "The amount of this Checkout Session is not the expected amount.");
        let confirm = [("payment_method", method.as_str()), ("expected_amount", "3000")];
        let paid = api.post(&format!("{page}/confirm"), &confirm).ok();
        assert_eq!((text(&paid, "status"), text(&paid, "payment_status")), ("complete", "unpaid"));
        api.advance(3_600);
        assert_eq!(text(&read(&api, &made), "payment_status"), payment_status);
        let told = told(&api);
        assert!(told.iter().any(|name| name == last), "{told:?}");
        let again = api.post(&format!("{page}/confirm"), &confirm).refused(400);
        assert_eq!(text(&again, "code"), "checkout_not_active_session");
    }
    let made = open(&api, &[]);
    let declined = [("payment_method", "pm_card_chargeDeclined")];
    let error = api.post(&format!("/v1/payment_pages/{}/confirm", id(&made)), &declined).refused(402);
    assert_eq!(text(&error, "code"), "card_declined");
    assert_eq!(text(&read(&api, &made), "status"), "open");
}
