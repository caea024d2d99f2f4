//! Customers, their sources, payment methods (core-payments 10.2).

use super::{Flow, a_customer, nothing, page, post};
use crate::client::Client;
use crate::decisions::decide;
use crate::flows::{add_source, attach, card_source, customer, id, with};

fn a_customer_with_card(api: &Client) -> String {
    customer(api, &[("source", "tok_visa")])
}

fn a_waiting_source(api: &Client) -> String {
    let ideal =
        [("type", "ideal"), ("amount", "1099"), ("currency", "eur"), ("redirect[return_url]", "https://shop.example")];
    page(&post(api, "/v1/sources", &ideal))
}

pub(super) static FLOWS: &[Flow] = &[
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
];
