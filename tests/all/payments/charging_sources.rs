//! Charging Source objects: what is consumed, what stays, who has to be named (core-payments 5.6).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{
    add_source, card_source, charge, customer, id, ids, invalid, single_use_source, text, the_customer, the_source,
};

const CONSUMED: &str = "The reusable source you provided is consumed because it was previously charged without being \
                        attached to a customer or was detached from a customer. To charge a reusable source multiple \
                        time you must attach it to a customer first.";

/// An attached card Source and its customer.
fn owned_source(api: &Client) -> (String, String) {
    let (owner, source) = (customer(api, &[]), card_source(api));
    add_source(api, &owner, &source).ok();
    (owner, source)
}

fn none_was_made(api: &Client) {
    assert_eq!(api.get("/v1/charges", &[]).ok()["data"], json!([]));
}

#[test]
fn an_unattached_reusable_source_is_consumed_when_charged() {
    let api = sandbox("ch-src-consumed");
    let source = card_source(&api);
    let paid = charge(&api, &[("source", &source)]).ok();
    assert_eq!((&paid["customer"], text(&paid, "payment_method")), (&Value::Null, &*source));
    assert_eq!((text(&paid["source"], "object"), text(&paid["source"], "id")), ("source", &*source));
    assert_eq!(text(&paid["payment_method_details"], "type"), "card");
    assert_eq!(the_source(&api, &source)["status"], "consumed");
    let owner = customer(&api, &[]);
    for params in [&[("source", &*source)][..], &[("source", &source), ("customer", &owner)]] {
        let error = invalid(charge(&api, params), 400, None, None);
        assert_eq!(error["message"], CONSUMED);
    }
    assert_eq!(ids(&api.get("/v1/charges", &[]).ok()), [id(&paid)]);
}

#[test]
fn a_single_use_source_is_consumed_by_its_charge() {
    let api = sandbox("ch-src-single");
    let source = single_use_source(&api, "2000", "usd");
    let owner = customer(&api, &[]);
    charge(&api, &[("source", &source)]).ok();
    assert_eq!(the_source(&api, &source)["status"], "consumed");
    for params in [&[("source", &*source)][..], &[("source", &source), ("customer", &owner)]] {
        let error = invalid(charge(&api, params), 400, Some("invalid_source_usage"), None);
        assert_eq!(error["message"], "The source you provided is not in a chargeable state.");
    }
}

#[test]
fn a_declined_charge_consumes_its_source_or_leaves_it_with_its_customer() {
    let api = sandbox("ch-src-declined");
    let failing = || id(&api.post("/v1/sources", &[("type", "card"), ("token", "tok_chargeCustomerFail")]).ok());
    let (owner, source) = (customer(&api, &[]), failing());
    add_source(&api, &owner, &source).ok();
    for _ in 0..2 {
        charge(&api, &[("customer", &owner), ("source", &source)]).refused(402);
    }
    assert_eq!(the_source(&api, &source)["status"], "chargeable");
}

#[test]
fn an_attached_source_is_charged_with_its_customer_again_and_again() {
    let api = sandbox("ch-src-attached");
    let (owner, source) = owned_source(&api);
    for _ in 0..3 {
        let paid = charge(&api, &[("customer", &owner), ("source", &source)]).ok();
        assert_eq!((text(&paid, "customer"), text(&paid, "payment_method")), (&*owner, &*source));
        assert_eq!(the_source(&api, &source)["status"], "chargeable");
    }
}

#[test]
fn an_attached_source_cannot_be_charged_without_its_customer() {
    let api = sandbox("ch-src-owner");
    let (_, source) = owned_source(&api);
    let error = charge(&api, &[("source", &source)]).refused(400);
    assert_eq!(text(&error, "type"), "invalid_request_error");
    assert!(text(&error, "message").contains("`customer`"), "{error}");
    assert_eq!(the_source(&api, &source)["status"], "chargeable");
    none_was_made(&api);
}

#[test]
fn an_unattached_source_may_be_attributed_to_a_customer() {
    let api = sandbox("ch-src-attributed");
    let owner = customer(&api, &[]);
    for source in [single_use_source(&api, "2000", "usd"), card_source(&api)] {
        let paid = charge(&api, &[("customer", &owner), ("source", &source)]).ok();
        assert_eq!((text(&paid, "customer"), &paid["source"]["id"]), (&*owner, &json!(source)));
        let after = the_source(&api, &source);
        assert!(after["status"] == "consumed" && after.get("customer").is_none(), "{after}");
    }
    assert_eq!(the_customer(&api, &owner)["default_source"], Value::Null);
}

#[test]
fn a_source_limits_its_charge() {
    let api = sandbox("ch-src-limit");
    let source = single_use_source(&api, "1000", "usd");
    let error = charge(&api, &[("source", &source)]).refused(400);
    assert_eq!(text(&error, "code"), "charge_exceeds_source_limit");
    let params = [("amount", "1000"), ("currency", "eur"), ("source", &*source)];
    assert_eq!(text(&api.post("/v1/charges", &params).refused(400), "param"), "currency");
    assert_eq!(the_source(&api, &source)["status"], "chargeable");
    api.post("/v1/charges", &[("amount", "1000"), ("currency", "usd"), ("source", &source)]).ok();
}

#[test]
fn a_source_that_is_not_chargeable_is_refused() {
    let api = sandbox("ch-src-pending");
    let ideal =
        [("type", "ideal"), ("amount", "2000"), ("currency", "eur"), ("redirect[return_url]", "https://a.example")];
    let pending = id(&api.post("/v1/sources", &ideal).ok());
    let params = [("amount", "2000"), ("currency", "eur"), ("source", &*pending)];
    let error = invalid(api.post("/v1/charges", &params), 400, Some("invalid_source_usage"), None);
    assert_eq!(error["message"], "The source you provided is not in a chargeable state.");
}
