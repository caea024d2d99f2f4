//! Charges, payment intents, refunds (core-payments 10.3, 10.4, intents-and-checkout 1.13).

use super::{Flow, a_customer, nothing, page, post};
use crate::client::Client;
use crate::decisions::decide;
use crate::flows::{add_source, charge, charged, customer, id, intent, pay, refund, single_use_source};

fn a_customer_with_card(api: &Client) -> String {
    customer(api, &[("source", "tok_visa")])
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

fn a_waiting_intent(api: &Client) -> String {
    page(&pay(api, "pm_card_threeDSecureRequired", &[("return_url", "https://shop.example")]).ok())
}

/// Seconds.
const DAY: i64 = 24 * 60 * 60;

pub(super) static FLOWS: &[Flow] = &[
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
        rule: "10.3.6 authorisation expiry",
        given: a_held_charge,
        act: |api, _| api.advance(8 * DAY),
        events: &["charge.expired"],
    },
    Flow {
        rule: "10.3.6 authorisation expiry of an intent",
        given: a_held_intent,
        act: |api, _| api.advance(8 * DAY),
        events: &["charge.expired", "payment_intent.canceled"],
    },
    Flow {
        rule: "10.3.7 bank rails, failure",
        given: nothing,
        act: |api, _| drop(charge(api, &[("source", "btok_us_verified_accountClosed")]).ok()),
        events: &["charge.pending", "charge.failed"],
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
        rule: "ic 1.10 captures in parts",
        given: |api| {
            let several = ("payment_method_options[card][request_multicapture]", "if_available");
            id(&pay(api, "pm_card_visa", &[("capture_method", "manual"), several]).ok())
        },
        act: |api, id| {
            let path = format!("/v1/payment_intents/{id}/capture");
            let _ = post(api, &path, &[("amount_to_capture", "500"), ("final_capture", "false")]);
            let _ = post(api, &path, &[("amount_to_capture", "700")]);
        },
        events: &[
            "charge.updated",
            "payment_intent.amount_capturable_updated",
            "charge.captured",
            "payment_intent.succeeded",
        ],
    },
    Flow {
        rule: "ic 1.3 increment",
        given: |api| {
            let more = ("payment_method_options[card][request_incremental_authorization]", "if_available");
            id(&pay(api, "pm_card_visa", &[("capture_method", "manual"), more]).ok())
        },
        act: |api, id| {
            let path = format!("/v1/payment_intents/{id}/increment_authorization");
            let _ = post(api, &path, &[("amount", "2500")]);
        },
        events: &["charge.updated", "payment_intent.amount_capturable_updated"],
    },
    Flow {
        rule: "10.3.12 asked for 3DS again",
        given: a_waiting_intent,
        act: |api, link| {
            let intent = link.split(['/', '?']).find(|part| part.starts_with("pi_")).unwrap();
            let again = [("return_url", "https://shop.example")];
            let _ = post(api, &format!("/v1/payment_intents/{intent}/confirm"), &again);
        },
        events: &["payment_intent.requires_action"],
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
        act: |api, id| {
            let made = refund(api, id, &[]).ok();
            let due = format!("/_pinstripe/due/{}?sandbox={}", made["id"].as_str().unwrap(), api.sandbox());
            assert_eq!(api.send("POST", &due, None).status, 200);
        },
        events: &["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"],
    },
];
