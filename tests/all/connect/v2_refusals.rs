//! What accounts of the second namespace are refused, and what they may not do (billing 6.1, connect-accounts 7.1).

use serde_json::{Value, json};

use super::again;
use crate::support::client::{Client, sandbox};
use crate::support::flows::{charge, id, invalid, pay, says, text};

fn made(api: &Client, body: &Value) -> String {
    id(&api.post_json("/v2/core/accounts", body).ok())
}

#[test]
fn the_contact_has_an_e_mail_address() {
    let api = sandbox("v2r-email");
    let account = made(&api, &json!({"contact_email": "jenny@example.com"}));
    for path in ["/v2/core/accounts".to_owned(), format!("/v2/core/accounts/{account}")] {
        for wrong in ["jenny", "jenny@", "a b@example.com"] {
            let error = api.post_json(&path, &json!({"contact_email": wrong})).refused(400);
            assert_eq!((text(&error, "code"), text(&error, "param")), ("email_invalid", "contact_email"));
            assert_eq!(error["message"], format!("Invalid email address: {wrong}"));
        }
    }
    let shown = api.get(&format!("/v2/core/accounts/{account}"), &[]).ok();
    assert_eq!(shown["contact_email"], "jenny@example.com");
}

#[test]
fn a_customer_alone_takes_no_payments() {
    let api = sandbox("v2r-customer");
    let account = made(&api, &json!({"contact_email": "a@example.com", "configuration": {"customer": {}}}));
    let shown = again(&api, &json!({"id": account}));
    assert_eq!((&shown["charges_enabled"], &shown["payouts_enabled"]), (&json!(false), &json!(false)));
    let theirs = api.with("Stripe-Account", &account);
    let sentence = "You cannot create a charge on a connected account without the `card_payments` capability enabled.";
    says(charge(&theirs, &[("source", "tok_visa")]), 400, sentence);
    says(pay(&theirs, "pm_card_visa", &[]), 400, sentence);
    let refused = pay(&api, "pm_card_visa", &[("on_behalf_of", &account)]);
    let sentence = "You cannot create a charge with the `on_behalf_of` parameter set to a connected account without the \
                    `card_payments` capability enabled.";
    assert_eq!(invalid(refused, 400, None, Some("on_behalf_of"))["message"], sentence);
    let refused = pay(&api, "pm_card_visa", &[("transfer_data[destination]", &account)]);
    invalid(refused, 400, Some("insufficient_capabilities_for_transfer"), None);
    // A merchant beside it does, as a standard account.
    let path = format!("/v2/core/accounts/{account}");
    api.post_json(&path, &json!({"configuration": {"merchant": {}}})).ok();
    charge(&theirs, &[("source", "tok_visa")]).ok();
}
