//! Whose payment method pays, and how often (intents-and-checkout 1.5, 1.6, core-payments 4.7).

use serde_json::{Value, json};

use super::{CONSUMED, act, confirm, loose, open, update, wrong_state};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{
    add_source, attach, attached, card_source, customer, id, ids, invalid, missing, pay, text, the_charge, the_intent,
};

#[test]
fn an_unattached_method_pays_once() {
    let api = sandbox("pi-once");
    let method = loose(&api, "pm_card_visa");
    pay(&api, &method, &[]).ok();
    let owner = customer(&api, &[]);
    for params in [&[][..], &[("customer", &*owner)]] {
        let error = invalid(pay(&api, &method, params), 400, Some("payment_method_used_without_customer"), None);
        assert_eq!(error["message"], CONSUMED);
    }
    let error = attach(&api, &method, &owner).refused(400);
    assert_eq!(
        error["message"],
        "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and \
         may not be used again."
    );
}

#[test]
fn a_declined_attempt_uses_an_unattached_method_up_too() {
    let api = sandbox("pi-once-declined");
    let method = loose(&api, "pm_card_chargeDeclined");
    let error = pay(&api, &method, &[]).refused(402);
    let first = id(&error["payment_intent"]);
    assert_eq!(pay(&api, &method, &[]).refused(400)["message"], CONSUMED);
    // The same intent may try it again.
    assert_eq!(confirm(&api, &first, &[("payment_method", &method)]).status, 402);
}

#[test]
fn an_attached_method_pays_again_and_again_with_its_customer() {
    let api = sandbox("pi-attached");
    let owner = customer(&api, &[]);
    let method = attached(&api, "pm_card_visa", &owner);
    for _ in 0..3 {
        let paid = pay(&api, &method, &[("customer", &owner)]).ok();
        assert_eq!((text(&paid, "status"), text(&paid, "payment_method")), ("succeeded", &*method));
    }
}

#[test]
fn an_attached_method_needs_its_customer() {
    let api = sandbox("pi-owner");
    let (owner, other) = (customer(&api, &[]), customer(&api, &[]));
    let method = attached(&api, "pm_card_visa", &owner);
    let made = open(&api, &[]);
    let answers = [
        confirm(&api, &made, &[("payment_method", &method)]),
        update(&api, &made, &[("payment_method", &method)]),
        pay(&api, &method, &[]),
    ];
    for (i, answer) in answers.into_iter().enumerate() {
        let error = invalid(answer, 400, Some("parameter_missing"), Some("source"));
        assert_eq!(
            error["message"],
            format!(
                "The `payment_method` parameter supplied {method} belongs to the Customer {owner}. Please include the \
                 Customer in the `customer` parameter on the PaymentIntent."
            )
        );
        // The last is refused before there is an intent to show.
        assert!(i == 2 || error["payment_intent"]["object"] == "payment_intent", "{error}");
    }
    let made = open(&api, &[("customer", &other)]);
    let answers = [
        confirm(&api, &made, &[("payment_method", &method)]),
        update(&api, &made, &[("payment_method", &method)]),
        pay(&api, &method, &[("customer", &other)]),
    ];
    for (i, answer) in answers.into_iter().enumerate() {
        let error = invalid(answer, 400, None, Some("payment_method"));
        assert_eq!(
            error["message"],
            format!(
                "The PaymentMethod {method} does not belong to the Customer you supplied {other}. Please use this \
                 PaymentMethod with the Customer that it belongs to instead."
            )
        );
        // The last is refused before there is an intent to show.
        assert!(i == 2 || error["payment_intent"]["object"] == "payment_intent", "{error}");
    }
    assert_eq!(the_intent(&api, &made)["payment_method"], Value::Null);
    assert_eq!(api.get("/v1/charges", &[]).ok()["data"], json!([]));
}

#[test]
fn an_unattached_method_pays_for_a_customer_and_is_used_up() {
    let api = sandbox("pi-for-customer");
    let owner = customer(&api, &[]);
    let method = loose(&api, "pm_card_visa");
    let paid = pay(&api, &method, &[("customer", &owner)]).ok();
    assert_eq!(text(&paid, "customer"), owner);
    assert_eq!(api.get(&format!("/v1/payment_methods/{method}"), &[]).ok()["customer"], Value::Null);
    assert_eq!(pay(&api, &method, &[("customer", &owner)]).refused(400)["message"], CONSUMED);
}

#[test]
fn future_usage_attaches_the_method_when_the_payment_succeeds() {
    let api = sandbox("pi-future");
    let owner = customer(&api, &[]);
    for usage in ["on_session", "off_session"] {
        let method = loose(&api, "pm_card_visa");
        let params = [("customer", &*owner), ("setup_future_usage", usage)];
        assert_eq!(text(&pay(&api, &method, &params).ok(), "setup_future_usage"), usage);
        let after = api.get(&format!("/v1/payment_methods/{method}"), &[]).ok();
        assert_eq!((text(&after, "customer"), &after["card"]["checks"]["cvc_check"]), (&*owner, &json!("pass")));
        pay(&api, &method, &[("customer", &owner)]).ok();
    }
    let declined = loose(&api, "pm_card_chargeCustomerFail");
    pay(&api, &declined, &[("customer", &owner), ("setup_future_usage", "off_session")]).refused(402);
    assert_eq!(api.get(&format!("/v1/payment_methods/{declined}"), &[]).ok()["customer"], Value::Null);
}

#[test]
fn a_test_id_is_a_new_method_with_each_use() {
    let api = sandbox("pi-magic");
    let method = |api: &Client| text(&pay(api, "pm_card_visa", &[]).ok(), "payment_method").to_owned();
    assert_ne!(method(&api), method(&api));
}

#[test]
fn legacy_ids_pay_as_methods() {
    let api = sandbox("pi-legacy");
    let owner = customer(&api, &[]);
    let card = id(&add_source(&api, &owner, "tok_visa").ok());
    let paid = pay(&api, &card, &[("customer", &owner)]).ok();
    let charge = the_charge(&api, text(&paid, "latest_charge"));
    assert_eq!((text(&charge, "payment_method"), &charge["payment_method_details"]["type"]), (&*card, &json!("card")));
    let source = card_source(&api);
    add_source(&api, &owner, &source).ok();
    let paid = pay(&api, &source, &[("customer", &owner)]).ok();
    assert_eq!((text(&paid, "status"), text(&paid, "payment_method")), ("succeeded", &*source));
    assert_eq!(pay(&api, &card, &[]).status, 400);
}

#[test]
fn nothing_to_pay_with_is_said_and_no_default_source_helps() {
    let api = sandbox("pi-no-method");
    let made = open(&api, &[]);
    assert_eq!(
        wrong_state(confirm(&api, &made, &[]), &api, &made, None),
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the \
         PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment \
         method or ConfirmationToken."
    );
    let owner = customer(&api, &[("source", "tok_visa")]);
    let made = open(&api, &[("customer", &owner)]);
    assert_eq!(
        wrong_state(confirm(&api, &made, &[]), &api, &made, None),
        format!(
            "You cannot confirm this PaymentIntent because it's missing a payment method. To confirm the PaymentIntent \
             with {owner}, specify a payment method attached to this customer along with the customer ID."
        )
    );
}

#[test]
fn a_method_that_waits_for_one_payment_serves_no_other() {
    let api = sandbox("pi-waiting-method");
    let card = loose(&api, "pm_card_threeDSecure2Required");
    let waiting = id(&pay(&api, &card, &[]).ok());
    let other = open(&api, &[]);
    let error = invalid(confirm(&api, &other, &[("payment_method", &card)]), 400, None, None);
    assert_eq!(
        error["message"],
        "The provided PaymentMethod is already attached to another object. You cannot reuse PaymentMethods without \
         attaching them to a Customer object first."
    );
    assert_eq!(the_intent(&api, &other)["payment_method"], Value::Null);
    // Its own intent may be confirmed again, and a canceled one needs it no more.
    assert_eq!(confirm(&api, &waiting, &[]).ok()["status"], "requires_action");
    act(&api, &waiting, "cancel", &[]).ok();
    assert_eq!(confirm(&api, &other, &[("payment_method", &card)]).ok()["status"], "requires_action");
}

#[test]
fn a_customers_method_may_wait_for_several_payments() {
    let api = sandbox("pi-waiting-owned");
    let owner = customer(&api, &[]);
    let card = attached(&api, "pm_card_threeDSecure2Required", &owner);
    for _ in 0..2 {
        let waiting = pay(&api, &card, &[("customer", &owner)]).ok();
        assert_eq!(waiting["status"], "requires_action");
    }
}

#[test]
fn one_type_of_method_may_be_saved_in_its_own_way() {
    let api = sandbox("pi-saved-type");
    let owner = customer(&api, &[]);
    let own = |value| ("payment_method_options[card][setup_future_usage]", value);
    let saved = pay(&api, "pm_card_visa", &[("customer", &owner), own("off_session")]).ok();
    assert_eq!(saved["setup_future_usage"], Value::Null);
    let listed = ids(&api.get("/v1/payment_methods", &[("customer", &owner)]).ok());
    assert_eq!(listed, [text(&saved, "payment_method")]);
    let general = ("setup_future_usage", "off_session");
    pay(&api, "pm_card_mastercard", &[("customer", &owner), general, own("none")]).ok();
    assert_eq!(ids(&api.get("/v1/payment_methods", &[("customer", &owner)]).ok()), listed);
}

#[test]
fn a_mandate_is_for_one_method() {
    let api = sandbox("pi-mandate");
    let made = open(&api, &[("payment_method", "pm_card_visa")]);
    missing(confirm(&api, &made, &[("mandate", "mandate_none")]), 400, "mandate", "mandate_none", "mandate");
    let debit = [
        ("payment_method_types[]", "sepa_debit"),
        ("payment_method", "pm_sepaDebit_success_de"),
        ("confirm", "true"),
        ("mandate_data[customer_acceptance][type]", "offline"),
    ];
    let mandate = text(&api.post("/v1/setup_intents", &debit).ok(), "mandate").to_owned();
    let error = confirm(&api, &made, &[("mandate", &mandate)]);
    invalid(error, 400, Some("payment_intent_mandate_invalid"), Some("mandate"));
    assert_eq!(text(&the_intent(&api, &made), "status"), "requires_confirmation");
}

#[test]
fn a_type_that_no_payment_method_has_is_refused() {
    let api = sandbox("pi-unknown-type");
    let base = [("amount", "700"), ("currency", "usd")];
    let types = [("payment_method_types[]", "card"), ("payment_method_types[]", "foo")];
    let answer = api.post("/v1/payment_intents", &[&base[..], &types].concat());
    let error = invalid(answer, 400, None, Some("payment_method_types"));
    assert!(text(&error, "message").starts_with("The payment method type \"foo\" is invalid."), "{error}");
    let made = open(&api, &[]);
    let path = format!("/v1/payment_intents/{made}");
    let before = api.get(&path, &[]).ok();
    for path in [path.clone(), format!("{path}/confirm")] {
        invalid(api.post(&path, &[("payment_method_types[]", "foo")]), 400, None, Some("payment_method_types"));
    }
    assert_eq!(api.get(&path, &[]).ok(), before);
}
