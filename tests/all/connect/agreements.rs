//! The agreement with the service: when it was accepted, which it is, and by whom (billing 6.1, 6.3).

use serde_json::{Value, json};

use super::{account, again, agreed};
use crate::support::client::sandbox;
use crate::support::flows::{id, ids, invalid, says, with};

#[test]
fn an_agreement_was_accepted_between_2009_and_now() {
    let api = sandbox("ag-date");
    let made = account(&api, &[&[("type", "custom")]]);
    let path = format!("/v1/accounts/{}", id(&made));
    let sentence = "ToS acceptance date is not valid. Dates are expected to be integers, measured in seconds, not in the future, \
                    and after 2009";
    for date in ["0", "1230767999", "4102444800", "1700000000000"] {
        let sent = [("type", "custom"), ("tos_acceptance[date]", date), ("tos_acceptance[ip]", "127.0.0.1")];
        for answer in [api.post("/v1/accounts", &sent), api.post(&path, &sent[1..])] {
            assert_eq!(invalid(answer, 400, None, Some("tos_acceptance[date]"))["message"], sentence);
        }
    }
    assert_eq!((again(&api, &made), ids(&api.get("/v1/accounts", &[]).ok()).len()), (made, 1));
    for date in ["1230768000", "1420070400"] {
        let sent = [("tos_acceptance[date]", date), ("tos_acceptance[ip]", "127.0.0.1")];
        assert_eq!(api.post(&path, &sent).ok()["tos_acceptance"]["date"].to_string(), date);
    }
}

#[test]
fn there_are_two_agreements() {
    let api = sandbox("ag-kind");
    let param = "tos_acceptance[service_agreement]";
    let sentence = "Invalid tos_acceptance[service_agreement]: must be one of full or recipient";
    for kind in ["custom", "express"] {
        let refused = api.post("/v1/accounts", &[("type", kind), (param, "zz")]);
        assert_eq!(invalid(refused, 400, None, Some(param))["message"], sentence);
        let made = account(&api, &[&[("type", kind), ("country", "TH"), (param, "recipient")]]);
        assert_eq!(made["tos_acceptance"]["service_agreement"], "recipient");
        let refused = api.post(&format!("/v1/accounts/{}", id(&made)), &[(param, "zz")]);
        assert_eq!(invalid(refused, 400, None, Some(param))["message"], sentence);
    }
}

#[test]
fn who_is_asked_by_the_service_accepts_its_agreement_alone() {
    let api = sandbox("ag-own");
    let sentence = "You cannot accept the Terms of Service on behalf of accounts where \
                    controller[requirement_collection]=stripe, which includes Standard and Express accounts.";
    let sent = [("tos_acceptance[date]", "1700000000"), ("tos_acceptance[ip]", "127.0.0.1")];
    let controller = [("controller[stripe_dashboard][type]", "none"), ("controller[losses][payments]", "application")];
    let collected = ("controller[requirement_collection]", "application");
    for base in [&[("type", "standard")][..], &[("type", "express")], &controller, &[]] {
        let refused = api.post("/v1/accounts", &with(base, &sent));
        assert_eq!(invalid(refused, 400, None, Some("tos_acceptance"))["message"], sentence);
        let made = account(&api, &[base]);
        for part in [&sent[..1], &sent[1..], &[("tos_acceptance[user_agent]", "curl")]] {
            says(api.post(&format!("/v1/accounts/{}", id(&made)), part), 400, sentence);
        }
        assert_eq!(again(&api, &made), made);
        // They do so in their own browser.
        let own = agreed(&api, &[base]);
        assert_eq!(own["tos_acceptance"]["date"], own["created"]);
    }
    for base in [&[("type", "custom")][..], &with(&controller, &[collected])] {
        assert_eq!(account(&api, &[base, &sent])["tos_acceptance"]["date"], json!(1_700_000_000));
    }
    assert_eq!(account(&api, &[&[("type", "express")]])["tos_acceptance"]["date"], Value::Null);
}
