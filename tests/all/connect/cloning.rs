//! A payment method of the platform, shared with a connected account (core-payments 4.2.9, connect-accounts 9).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{add_source, customer, id, invalid, missing, pay, text};

fn platform(name: &str) -> (Client, Client) {
    let api = sandbox(name);
    let seller = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    let theirs = api.with("Stripe-Account", &seller);
    (api, theirs)
}

/// A customer of the platform and its card.
fn saved(api: &Client) -> (String, String) {
    let buyer = customer(api, &[]);
    let params = [("type", "card"), ("card[token]", "tok_mastercard"), ("billing_details[name]", "Ada")];
    let method = id(&api.post("/v1/payment_methods", &params).ok());
    api.post(&format!("/v1/payment_methods/{method}/attach"), &[("customer", &*buyer)]).ok();
    (buyer, method)
}

#[test]
fn a_payment_method_is_shared_with_an_account() {
    let (api, theirs) = platform("cl-shared");
    let (buyer, method) = saved(&api);
    let params = [("customer", &*buyer), ("payment_method", &*method), ("metadata[a]", "1")];
    let shared = theirs.post("/v1/payment_methods", &params).ok();
    assert_ne!(id(&shared), method);
    assert_eq!((&shared["customer"], &shared["metadata"]), (&Value::Null, &json!({"a": "1"})));
    assert_eq!((text(&shared["card"], "brand"), text(&shared["billing_details"], "name")), ("mastercard", "Ada"));
    // It pays there, once, as any other without a customer.
    assert_eq!(text(&pay(&theirs, &id(&shared), &[]).ok(), "status"), "succeeded");
    assert!(pay(&theirs, &id(&shared), &[]).status == 400);
    // The platform's own stays what it was, and can be shared again, and attached to a customer there.
    let again = id(&theirs.post("/v1/payment_methods", &params).ok());
    let there = customer(&theirs, &[]);
    theirs.post(&format!("/v1/payment_methods/{again}/attach"), &[("customer", &*there)]).ok();
    assert_eq!(text(&pay(&theirs, &again, &[("customer", &there)]).ok(), "status"), "succeeded");
    assert_eq!(api.get(&format!("/v1/payment_methods/{method}"), &[]).ok()["customer"], buyer);
    missing(api.get(&format!("/v1/payment_methods/{again}"), &[]), 404, "PaymentMethod", &again, "payment_method");
}

#[test]
fn a_payment_method_without_a_customer_is_shared_once() {
    let (api, theirs) = platform("cl-once");
    let method = id(&api.post("/v1/payment_methods", &[("type", "card"), ("card[token]", "tok_visa")]).ok());
    theirs.post("/v1/payment_methods", &[("payment_method", &*method)]).ok();
    let error = theirs.post("/v1/payment_methods", &[("payment_method", &*method)]).refused(400);
    assert!(text(&error, "message").contains("shared with a connected account without Customer attachment"), "{error}");
    assert_eq!(pay(&api, &method, &[]).status, 400);
}

#[test]
fn only_what_the_platform_has_can_be_shared() {
    let (api, theirs) = platform("cl-refused");
    let (buyer, method) = saved(&api);
    let share = |customer: &str, method: &str| {
        theirs.post("/v1/payment_methods", &[("customer", customer), ("payment_method", method)])
    };
    missing(share(&buyer, "pm_none"), 400, "PaymentMethod", "pm_none", "payment_method");
    missing(share("cus_none", &method), 400, "customer", "cus_none", "customer");
    let other = customer(&api, &[]);
    invalid(share(&other, &method), 400, None, Some("payment_method"));
    let loose = id(&api.post("/v1/payment_methods", &[("type", "card"), ("card[token]", "tok_visa")]).ok());
    invalid(share(&buyer, &loose), 400, None, Some("payment_method"));
    // Without its customer.
    invalid(
        theirs.post("/v1/payment_methods", &[("payment_method", &*method)]),
        400,
        Some("parameter_missing"),
        Some("source"),
    );
    // A customer of the account is none of the platform.
    let there = customer(&theirs, &[]);
    missing(share(&there, &method), 400, "customer", &there, "customer");
    // Nothing was made.
    assert_eq!(theirs.get("/v1/payment_methods", &[("customer", &*there)]).ok()["data"], json!([]));
    assert_eq!(theirs.post("/v1/payment_methods", &[("customer", &*buyer)]).status, 400);
    assert_eq!(api.post("/v1/payment_methods", &[("payment_method", &*method)]).status, 501);
}

#[test]
fn a_token_is_made_of_what_the_platforms_customer_has() {
    let (api, theirs) = platform("cl-token");
    let buyer = customer(&api, &[("source", "tok_amex")]);
    let token = theirs.post("/v1/tokens", &[("customer", &*buyer)]).ok();
    assert_eq!((text(&token, "type"), text(&token["card"], "brand")), ("card", "American Express"));
    let params = [("amount", "500"), ("currency", "usd"), ("source", &*id(&token))];
    theirs.post("/v1/charges", &params).ok();
    // Another card of the customer's, by its id.
    let owner = customer(&api, &[("source", "tok_visa")]);
    let other = id(&add_source(&api, &owner, "tok_mastercard").ok());
    let token = theirs.post("/v1/tokens", &[("customer", &*owner), ("card", &*other)]).ok();
    assert_eq!(text(&token["card"], "brand"), "MasterCard");
    missing(theirs.post("/v1/tokens", &[("customer", &*buyer), ("card", &*other)]), 400, "source", &other, "card");
    missing(theirs.post("/v1/tokens", &[("customer", "cus_none")]), 400, "customer", "cus_none", "customer");
    missing(theirs.post("/v1/tokens", &[("customer", &*owner), ("card", "card_no")]), 400, "source", "card_no", "card");
    assert_eq!(api.post("/v1/tokens", &[("customer", &*buyer)]).status, 501);
}
