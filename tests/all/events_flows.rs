//! Which events each operation yields, in which order: the reference's tables (core-payments 10.2 to 10.4,
//! intents-and-checkout 1.13).

use serde_json::Value;

use crate::client::{Client, sandbox};
use crate::decisions::decide;
use crate::events::{events, types};
use crate::flows::{
    Params, add_source, attach, card_source, charge, charged, customer, id, intent, pay, refund, single_use_source,
    text, with,
};

/// Something that is done, and what it announces.
struct Flow {
    /// The row of the reference.
    rule: &'static str,
    /// What is there before; returns the id that the act is about.
    given: fn(&Client) -> String,
    /// The act.
    act: fn(&Client, &str),
    /// The events of the act, in order, those of what happens at once after it included.
    events: &'static [&'static str],
}

fn nothing(_: &Client) -> String {
    String::new()
}

fn a_customer(api: &Client) -> String {
    customer(api, &[])
}

fn a_customer_with_card(api: &Client) -> String {
    customer(api, &[("source", "tok_visa")])
}

fn post(api: &Client, path: &str, params: Params<'_>) -> Value {
    api.post(path, params).ok()
}

fn a_held_charge(api: &Client) -> String {
    id(&charged(api, &[("capture", "false")]))
}

fn a_charge(api: &Client) -> String {
    id(&charged(api, &[]))
}

fn an_intent(api: &Client) -> String {
    id(&intent(api, &[("payment_method_types[]", "card")]).ok())
}

fn a_held_intent(api: &Client) -> String {
    id(&pay(api, "pm_card_visa", &[("capture_method", "manual")]).ok())
}

/// Confirms an intent by card.
fn confirm(api: &Client, intent: &str, method: &str) {
    let _ = api.post(&format!("/v1/payment_intents/{intent}/confirm"), &[("payment_method", method)]);
}

/// The page that an intent or a source waits for.
fn page(waiting: &Value) -> String {
    let link = &waiting["next_action"]["redirect_to_url"]["url"];
    link.as_str().or(waiting["redirect"]["url"].as_str()).unwrap_or_else(|| panic!("no page in {waiting}")).to_owned()
}

fn a_waiting_intent(api: &Client) -> String {
    page(&pay(api, "pm_card_threeDSecureRequired", &[("return_url", "https://shop.example")]).ok())
}

fn a_waiting_source(api: &Client) -> String {
    let ideal =
        [("type", "ideal"), ("amount", "1099"), ("currency", "eur"), ("redirect[return_url]", "https://shop.example")];
    page(&post(api, "/v1/sources", &ideal))
}

static FLOWS: &[Flow] = &[
    // core-payments 10.2
    Flow {
        rule: "10.2.1 customer create",
        given: nothing,
        act: |api, _| drop(customer(api, &[("email", "a@example.com")])),
        events: &["customer.created"],
    },
    Flow {
        rule: "10.2.2 customer create with source",
        given: nothing,
        act: |api, _| drop(customer(api, &[("source", "tok_visa")])),
        events: &["customer.created", "customer.source.created"],
    },
    Flow {
        rule: "10.2.2 customer create with a Source object",
        given: card_source,
        act: |api, source| drop(customer(api, &[("source", source)])),
        events: &["customer.created", "customer.source.created"],
    },
    Flow {
        rule: "10.2.3 customer create with payment_method",
        given: nothing,
        act: |api, _| drop(customer(api, &[("payment_method", "pm_card_visa")])),
        events: &["customer.created", "payment_method.attached"],
    },
    Flow {
        rule: "10.2.4 customer update",
        given: a_customer,
        act: |api, id| drop(post(api, &format!("/v1/customers/{id}"), &[("email", "a@example.com")])),
        events: &["customer.updated"],
    },
    Flow {
        rule: "10.2.5 customer update that changes nothing",
        given: a_customer,
        act: |api, id| drop(post(api, &format!("/v1/customers/{id}"), &[("description", "")])),
        events: &[],
    },
    Flow {
        rule: "10.2.6 update of default_source",
        given: |api| {
            let person = a_customer_with_card(api);
            let card = id(&add_source(api, &person, "tok_mastercard").ok());
            format!("{person}?{card}")
        },
        act: |api, both| {
            let (person, card) = both.split_once('?').unwrap();
            let _ = post(api, &format!("/v1/customers/{person}"), &[("default_source", card)]);
        },
        events: &["customer.updated"],
    },
    Flow {
        rule: "10.2.7 update with source",
        given: a_customer_with_card,
        act: |api, id| drop(post(api, &format!("/v1/customers/{id}"), &[("source", "tok_mastercard")])),
        events: &["customer.source.created", "customer.source.deleted", "customer.updated"],
    },
    Flow {
        rule: "10.2.8 customer delete",
        given: a_customer,
        act: |api, id| drop(api.delete(&format!("/v1/customers/{id}")).ok()),
        events: &["customer.deleted"],
    },
    Flow {
        rule: "10.2.9 delete with sources; of its payment methods nothing is said",
        given: |api| {
            let person = a_customer_with_card(api);
            let _ = add_source(api, &person, &card_source(api)).ok();
            let _ = attach(api, "pm_card_visa", &person).ok();
            person
        },
        act: |api, id| drop(api.delete(&format!("/v1/customers/{id}")).ok()),
        events: &["customer.deleted", "customer.source.deleted", "customer.source.deleted"],
    },
    Flow {
        rule: "10.2.10 first source",
        given: a_customer,
        act: |api, id| drop(add_source(api, id, "tok_visa").ok()),
        events: &["customer.source.created", "customer.updated"],
    },
    Flow {
        rule: "10.2.10 another source",
        given: a_customer_with_card,
        act: |api, id| drop(add_source(api, id, "btok_us_verified").ok()),
        events: &["customer.source.created"],
    },
    Flow {
        rule: "10.2.11 source update",
        given: |api| {
            let person = a_customer(api);
            let card = id(&add_source(api, &person, "tok_visa").ok());
            format!("/v1/customers/{person}/sources/{card}")
        },
        act: |api, path| drop(post(api, path, &[("name", "Ada")])),
        events: &["customer.source.updated"],
    },
    Flow {
        rule: "10.2.11 update of an attached Source object",
        given: |api| {
            let person = a_customer(api);
            let source = id(&add_source(api, &person, &card_source(api)).ok());
            format!("/v1/sources/{source}")
        },
        act: |api, path| drop(post(api, path, &[("metadata[a]", "1")])),
        events: &["customer.source.updated"],
    },
    Flow {
        rule: "10.2.23 update of a Source object that nobody has",
        given: |api| format!("/v1/sources/{}", card_source(api)),
        act: |api, path| drop(post(api, path, &[("metadata[a]", "1")])),
        events: &[],
    },
    Flow {
        rule: "10.2.11 source delete of the default",
        given: |api| {
            let person = a_customer(api);
            let card = id(&add_source(api, &person, "tok_visa").ok());
            format!("/v1/customers/{person}/sources/{card}")
        },
        act: |api, path| drop(api.delete(path).ok()),
        events: &["customer.source.deleted", "customer.updated"],
    },
    Flow {
        rule: "10.2.11 source delete of another",
        given: |api| {
            let person = a_customer_with_card(api);
            let source = id(&add_source(api, &person, &card_source(api)).ok());
            format!("/v1/customers/{person}/sources/{source}")
        },
        act: |api, path| drop(api.delete(path).ok()),
        events: &["customer.source.deleted"],
    },
    Flow {
        rule: "10.2.11 bank account verified",
        given: |api| {
            let person = a_customer(api);
            let bank = [("bank_account[country]", "US"), ("bank_account[currency]", "usd")];
            let number =
                [("bank_account[account_number]", "000123456789"), ("bank_account[routing_number]", "110000000")];
            let token = id(&post(api, "/v1/tokens", &with(&bank, &number)));
            let account = id(&add_source(api, &person, &token).ok());
            format!("/v1/customers/{person}/sources/{account}/verify")
        },
        act: |api, path| drop(post(api, path, &[("amounts[]", "32"), ("amounts[]", "45")])),
        events: &["customer.source.updated"],
    },
    Flow {
        rule: "10.2.17 payment method create",
        given: nothing,
        act: |api, _| drop(post(api, "/v1/payment_methods", &[("type", "card"), ("card[token]", "tok_visa")])),
        events: &[],
    },
    Flow {
        rule: "10.2.18 payment method attach",
        given: a_customer,
        act: |api, id| drop(attach(api, "pm_card_visa", id).ok()),
        events: &["payment_method.attached"],
    },
    Flow {
        rule: "10.2.18 attached to the same customer again",
        given: |api| {
            let person = a_customer(api);
            format!("{person}?{}", id(&attach(api, "pm_card_visa", &person).ok()))
        },
        act: |api, both| {
            let (person, method) = both.split_once('?').unwrap();
            let _ = attach(api, method, person).ok();
        },
        events: &[],
    },
    Flow {
        rule: "10.2.19 payment method update",
        given: |api| {
            let person = a_customer(api);
            id(&attach(api, "pm_card_visa", &person).ok())
        },
        act: |api, id| {
            let path = format!("/v1/payment_methods/{id}");
            let _ = post(api, &path, &[("billing_details[name]", "Ada")]);
            let _ = post(api, &path, &[("billing_details[name]", "Ada")]);
        },
        events: &["payment_method.updated"],
    },
    Flow {
        rule: "10.2.20 payment method detach",
        given: |api| {
            let person = a_customer(api);
            id(&attach(api, "pm_card_visa", &person).ok())
        },
        act: |api, id| drop(post(api, &format!("/v1/payment_methods/{id}/detach"), &[])),
        events: &["payment_method.detached"],
    },
    Flow {
        rule: "10.2.22 tokens",
        given: nothing,
        act: |api, _| {
            let number = [("card[number]", "4242424242424242"), ("card[cvc]", "314")];
            let expiry = [("card[exp_month]", "12"), ("card[exp_year]", "2040")];
            let _ = post(api, "/v1/tokens", &with(&number, &expiry));
        },
        events: &[],
    },
    Flow {
        rule: "10.2.23 card Source",
        given: nothing,
        act: |api, _| drop(card_source(api)),
        events: &["source.chargeable"],
    },
    Flow {
        rule: "10.2.23 Source authorized",
        given: a_waiting_source,
        act: |api, link| assert_eq!(decide(api, link, "succeeded").status, 200),
        events: &["source.chargeable"],
    },
    Flow {
        rule: "10.2.23 Source failed",
        given: a_waiting_source,
        act: |api, link| assert_eq!(decide(api, link, "failed").status, 200),
        events: &["source.failed"],
    },
    // core-payments 10.3, direct charges
    Flow {
        rule: "10.3.1 direct charge",
        given: nothing,
        act: |api, _| drop(charged(api, &[])),
        events: &["charge.succeeded"],
    },
    Flow {
        rule: "10.3.1 direct charge of a customer's card",
        given: a_customer_with_card,
        act: |api, id| drop(charge(api, &[("customer", id)]).ok()),
        events: &["charge.succeeded"],
    },
    Flow {
        rule: "10.3.1 direct charge of a single-use Source",
        given: |api| single_use_source(api, "2000", "usd"),
        act: |api, source| drop(charge(api, &[("source", source)]).ok()),
        events: &["charge.succeeded"],
    },
    Flow {
        rule: "10.3.2 direct charge, decline",
        given: nothing,
        act: |api, _| drop(charge(api, &[("source", "tok_chargeDeclined")]).refused(402)),
        events: &["charge.failed"],
    },
    Flow {
        rule: "10.3.3 direct charge, held",
        given: nothing,
        act: |api, _| drop(charged(api, &[("capture", "false")])),
        events: &["charge.succeeded"],
    },
    Flow {
        rule: "10.3.4 capture",
        given: a_held_charge,
        act: |api, id| drop(post(api, &format!("/v1/charges/{id}/capture"), &[])),
        events: &["charge.captured"],
    },
    Flow {
        rule: "10.3.4 capture of a part",
        given: a_held_charge,
        act: |api, id| drop(post(api, &format!("/v1/charges/{id}/capture"), &[("amount", "500")])),
        events: &["charge.captured"],
    },
    Flow {
        rule: "10.3.5 charge update",
        given: a_charge,
        act: |api, id| drop(post(api, &format!("/v1/charges/{id}"), &[("description", "x")])),
        events: &["charge.updated"],
    },
    Flow {
        rule: "10.3.7 bank rails, success",
        given: |api| {
            let person = a_customer(api);
            let _ = add_source(api, &person, "btok_us_verified").ok();
            person
        },
        act: |api, id| drop(charge(api, &[("customer", id)]).ok()),
        events: &["charge.pending", "charge.succeeded"],
    },
    // core-payments 10.3 and intents-and-checkout 1.13, intents
    Flow {
        rule: "10.3.8 intent create",
        given: nothing,
        act: |api, _| drop(an_intent(api)),
        events: &["payment_intent.created"],
    },
    Flow {
        rule: "10.3.8 intent create with a payment method",
        given: nothing,
        act: |api, _| drop(intent(api, &[("payment_method", "pm_card_visa")]).ok()),
        events: &["payment_intent.created"],
    },
    Flow {
        rule: "10.3.9 intent create and confirm",
        given: nothing,
        act: |api, _| drop(pay(api, "pm_card_visa", &[]).ok()),
        events: &["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"],
    },
    Flow {
        rule: "10.3.9 intent confirm",
        given: an_intent,
        act: |api, id| confirm(api, id, "pm_card_visa"),
        events: &["charge.succeeded", "payment_intent.succeeded", "charge.updated"],
    },
    Flow {
        rule: "10.2.18 intent that saves its method",
        given: a_customer,
        act: |api, person| {
            let save = [("customer", person), ("setup_future_usage", "off_session")];
            let _ = pay(api, "pm_card_visa", &save).ok();
        },
        events: &["payment_intent.created", "charge.succeeded", "payment_method.attached", "payment_intent.succeeded"],
    },
    Flow {
        rule: "10.3.11 intent decline, twice",
        given: an_intent,
        act: |api, id| {
            confirm(api, id, "pm_card_visa_chargeDeclined");
            confirm(api, id, "pm_card_visa_chargeDeclined");
        },
        events: &["charge.failed", "payment_intent.payment_failed", "charge.failed", "payment_intent.payment_failed"],
    },
    Flow {
        rule: "10.3.11 intent declined while it is made",
        given: nothing,
        act: |api, _| drop(pay(api, "pm_card_visa_chargeDeclined", &[]).refused(402)),
        events: &["payment_intent.created", "charge.failed", "payment_intent.payment_failed"],
    },
    Flow {
        rule: "10.3.12 intent needs 3DS",
        given: nothing,
        act: |api, _| drop(a_waiting_intent(api)),
        events: &["payment_intent.created", "payment_intent.requires_action"],
    },
    Flow {
        rule: "10.3.12 3DS passed",
        given: a_waiting_intent,
        act: |api, link| assert_eq!(decide(api, link, "succeeded").status, 200),
        events: &["charge.succeeded", "payment_intent.succeeded"],
    },
    Flow {
        rule: "10.3.12 3DS failed",
        given: a_waiting_intent,
        act: |api, link| assert_eq!(decide(api, link, "failed").status, 200),
        events: &["payment_intent.payment_failed"],
    },
    Flow {
        rule: "10.3.13 intent manual capture, confirmed",
        given: nothing,
        act: |api, _| drop(a_held_intent(api)),
        events: &["payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated"],
    },
    Flow {
        rule: "10.3.14 intent capture",
        given: a_held_intent,
        act: |api, id| drop(post(api, &format!("/v1/payment_intents/{id}/capture"), &[])),
        events: &["charge.captured", "payment_intent.succeeded"],
    },
    Flow {
        rule: "10.3.14 intent capture of a part",
        given: a_held_intent,
        act: |api, id| {
            let _ = post(api, &format!("/v1/payment_intents/{id}/capture"), &[("amount_to_capture", "500")]);
        },
        events: &["charge.captured", "payment_intent.succeeded"],
    },
    Flow {
        rule: "10.3.15 intent cancel",
        given: an_intent,
        act: |api, id| drop(post(api, &format!("/v1/payment_intents/{id}/cancel"), &[])),
        events: &["payment_intent.canceled"],
    },
    Flow {
        rule: "10.3.15 cancel of a held intent",
        given: a_held_intent,
        act: |api, id| drop(post(api, &format!("/v1/payment_intents/{id}/cancel"), &[])),
        events: &["charge.refunded", "payment_intent.canceled"],
    },
    Flow {
        rule: "10.3.16 intent update",
        given: an_intent,
        act: |api, id| drop(post(api, &format!("/v1/payment_intents/{id}"), &[("amount", "3000")])),
        events: &[],
    },
    // core-payments 10.4
    Flow {
        rule: "10.4.1 refund create",
        given: a_charge,
        act: |api, id| drop(refund(api, id, &[("amount", "500")]).ok()),
        events: &["refund.created", "charge.refunded"],
    },
    Flow {
        rule: "10.4.1 refund of a hold",
        given: a_held_charge,
        act: |api, id| drop(refund(api, id, &[]).ok()),
        events: &["refund.created", "charge.refunded"],
    },
    Flow {
        rule: "10.4.4 refund update",
        given: |api| id(&refund(api, &a_charge(api), &[]).ok()),
        act: |api, id| drop(post(api, &format!("/v1/refunds/{id}"), &[("metadata[a]", "1")])),
        events: &["refund.updated", "charge.refund.updated"],
    },
    Flow {
        rule: "10.4.5 refund that fails later",
        given: |api| id(&charged(api, &[("source", "tok_refundFail")])),
        act: |api, id| drop(refund(api, id, &[]).ok()),
        events: &["refund.created", "charge.refunded", "refund.failed", "refund.updated", "charge.refund.updated"],
    },
    Flow {
        rule: "8.5.1 refund that succeeds later",
        given: |api| id(&charged(api, &[("source", "tok_pendingRefund")])),
        act: |api, id| drop(refund(api, id, &[]).ok()),
        events: &["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"],
    },
];

#[test]
fn each_operation_yields_the_documented_events_in_order() {
    let mut faults = Vec::new();
    for (number, flow) in FLOWS.iter().enumerate() {
        let api = sandbox(&format!("events-flow-{number}"));
        let given = (flow.given)(&api);
        let before = events(&api, &[]).len();
        (flow.act)(&api, &given);
        let after = events(&api, &[]);
        let found = types(&after[before..]);
        if found != flow.events {
            faults.push(format!("{}\n  expected {:?}\n  found    {found:?}", flow.rule, flow.events));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_event_of_a_flow_is_of_a_type_that_may_hold_its_object() {
    for (number, flow) in FLOWS.iter().enumerate() {
        for name in flow.events {
            let known = pinstripe::catalogue::event_types().iter().find(|known| known.name == *name);
            assert!(known.is_some(), "{}: {name} is no type of event", flow.rule);
        }
        let api = sandbox(&format!("events-types-{number}"));
        let given = (flow.given)(&api);
        (flow.act)(&api, &given);
        for event in events(&api, &[]) {
            let known = pinstripe::catalogue::event_types().iter().find(|known| known.name == event["type"]).unwrap();
            let object = text(&event["data"]["object"], "object");
            assert!(known.objects.contains(&object), "{}: {} holds a {object}", flow.rule, known.name);
        }
    }
}
