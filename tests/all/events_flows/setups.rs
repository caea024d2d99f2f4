//! Setup intents and mandates (intents-and-checkout 2.3, core-payments 10.2.24).

use super::{Flow, a_customer, nothing, page, post};
use crate::client::{Answer, Client};
use crate::decisions::decide;
use crate::flows::{Params, customer, id, with};

fn create(api: &Client, params: Params<'_>) -> Answer {
    api.post("/v1/setup_intents", params)
}

/// A setup of a card.
const CARD: (&str, &str) = ("payment_method_types[]", "card");

/// Consent that was given on paper.
const OFFLINE: (&str, &str) = ("mandate_data[customer_acceptance][type]", "offline");

/// Confirms a new setup at once.
fn set_up(api: &Client, method: &str, params: Params<'_>) {
    let _ = create(api, &with(&[CARD, ("confirm", "true"), ("payment_method", method)], params));
}

/// The page of a setup that waits for its customer.
fn a_waiting_setup(api: &Client) -> String {
    let owner = customer(api, &[]);
    let base = [CARD, ("confirm", "true"), ("payment_method", "pm_card_threeDSecure2Required")];
    page(&create(api, &with(&base, &[("customer", &owner), ("return_url", "https://shop.example")])).ok())
}

fn a_setup(api: &Client) -> String {
    id(&create(api, &[CARD]).ok())
}

fn a_debit(api: &Client, kind: &str, method: &str) {
    let base = [("payment_method_types[]", kind), ("confirm", "true"), ("payment_method", method)];
    let _ = create(api, &with(&base, &[OFFLINE])).ok();
}

pub(super) static FLOWS: &[Flow] = &[
    Flow { rule: "setup create", given: nothing, act: |api, _| drop(a_setup(api)), events: &["setup_intent.created"] },
    Flow {
        rule: "setup create and confirm",
        given: nothing,
        act: |api, _| set_up(api, "pm_card_visa", &[]),
        events: &["setup_intent.created", "setup_intent.succeeded"],
    },
    Flow {
        rule: "setup for a customer: the method is attached first",
        given: a_customer,
        act: |api, owner| set_up(api, "pm_card_visa", &[("customer", owner)]),
        events: &["setup_intent.created", "payment_method.attached", "setup_intent.succeeded"],
    },
    Flow {
        rule: "setup confirm",
        given: a_setup,
        act: |api, id| {
            let _ = post(api, &format!("/v1/setup_intents/{id}/confirm"), &[("payment_method", "pm_card_visa")]);
        },
        events: &["setup_intent.succeeded"],
    },
    Flow {
        rule: "setup that needs 3DS",
        given: nothing,
        act: |api, _| drop(a_waiting_setup(api)),
        events: &["customer.created", "setup_intent.created", "setup_intent.requires_action"],
    },
    Flow {
        rule: "setup, 3DS passed",
        given: a_waiting_setup,
        act: |api, link| assert_eq!(decide(api, link, "succeeded").status, 200),
        events: &["payment_method.attached", "setup_intent.succeeded"],
    },
    Flow {
        rule: "setup, 3DS failed",
        given: a_waiting_setup,
        act: |api, link| assert_eq!(decide(api, link, "failed").status, 200),
        events: &["setup_intent.setup_failed"],
    },
    Flow {
        rule: "setup declined, twice",
        given: a_setup,
        act: |api, id| {
            for _ in 0..2 {
                let declining = [("payment_method", "pm_card_chargeDeclined")];
                let _ = api.post(&format!("/v1/setup_intents/{id}/confirm"), &declining).refused(402);
            }
        },
        events: &["setup_intent.setup_failed", "setup_intent.setup_failed"],
    },
    Flow {
        rule: "setup canceled",
        given: a_setup,
        act: |api, id| drop(post(api, &format!("/v1/setup_intents/{id}/cancel"), &[])),
        events: &["setup_intent.canceled"],
    },
    Flow {
        rule: "setup update",
        given: a_setup,
        act: |api, id| drop(post(api, &format!("/v1/setup_intents/{id}"), &[("description", "x")])),
        events: &[],
    },
    Flow {
        rule: "10.2.24 the bank answers to a mandate",
        given: nothing,
        act: |api, _| a_debit(api, "bacs_debit", "pm_bacsDebit_success"),
        events: &["setup_intent.created", "setup_intent.succeeded", "mandate.updated"],
    },
    Flow {
        rule: "10.2.24 a new mandate",
        given: nothing,
        act: |api, _| a_debit(api, "sepa_debit", "pm_sepaDebit_success_de"),
        events: &["setup_intent.created", "setup_intent.succeeded"],
    },
];
