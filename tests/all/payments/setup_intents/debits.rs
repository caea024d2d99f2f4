//! Bank debits, redirects and mandates of a setup (intents-and-checkout 2.2, 2.5; core-payments 7.6).

use serde_json::{Value, json};

use super::{CONFIRM, act, attempts, confirm, create, statuses, the_method, the_setup};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::decisions::decide;
use crate::support::flows::{Params, customer, id, ids, invalid, text, with};

const US_BANK: &str = "us_bank_account";
const ONLINE: &[(&str, &str)] = &[
    ("mandate_data[customer_acceptance][type]", "online"),
    ("mandate_data[customer_acceptance][online][ip_address]", "127.0.0.1"),
    ("mandate_data[customer_acceptance][online][user_agent]", "Tea/1.0"),
];
const OFFLINE: &[(&str, &str)] = &[
    ("mandate_data[customer_acceptance][type]", "offline"),
    ("mandate_data[customer_acceptance][accepted_at]", "1700000000"),
];
const BACK: (&str, &str) = ("return_url", "https://shop.example/done");

/// A confirmed setup of a method of one type.
fn set_up(api: &Client, kind: &str, method: &str, params: Params<'_>) -> Answer {
    let base = [("payment_method_types[]", kind), CONFIRM, ("payment_method", method)];
    create(api, &with(&base, params))
}

/// A setup of an American bank account that waits for its microdeposits.
fn unverified(api: &Client, method: &str, params: Params<'_>) -> Value {
    let waiting = set_up(api, US_BANK, method, &with(OFFLINE, params)).ok();
    assert_eq!(waiting["status"], "requires_action");
    waiting
}

fn verify(api: &Client, intent: &Value, params: Params<'_>) -> Answer {
    act(api, &id(intent), "verify_microdeposits", params)
}

const AMOUNTS: &[(&str, &str)] = &[("amounts[]", "32"), ("amounts[]", "45")];

#[track_caller]
fn the_mandate(api: &Client, mandate: &Value) -> Value {
    api.get(&format!("/v1/mandates/{}", mandate.as_str().unwrap()), &[]).ok()
}

/// A payment method of a type without an account number.
fn method(api: &Client, kind: &str) -> String {
    id(&api.post("/v1/payment_methods", &[("type", kind)]).ok())
}

#[test]
fn a_sepa_debit_is_set_up_with_a_mandate() {
    let api = sandbox("si-sepa");
    let owner = customer(&api, &[]);
    let params = [("customer", &*owner)];
    let done = set_up(&api, "sepa_debit", "pm_sepaDebit_success_de", &with(ONLINE, &params)).ok();
    assert_eq!((text(&done, "status"), &done["single_use_mandate"]), ("succeeded", &Value::Null));
    assert_eq!(the_method(&api, text(&done, "payment_method"))["customer"], *owner);
    let mandate = the_mandate(&api, &done["mandate"]);
    assert_eq!((text(&mandate, "status"), text(&mandate, "type")), ("active", "multi_use"));
    assert_eq!((&mandate["multi_use"], &mandate["payment_method"]), (&json!({}), &done["payment_method"]));
    let acceptance = &mandate["customer_acceptance"];
    assert_eq!(acceptance["online"], json!({"ip_address": "127.0.0.1", "user_agent": "Tea/1.0"}));
    assert_eq!((&acceptance["type"], &acceptance["accepted_at"]), (&json!("online"), &done["created"]));
    let details = &mandate["payment_method_details"];
    assert_eq!((&details["type"], text(&details["sepa_debit"], "reference").len()), (&json!("sepa_debit"), 16));
    assert_eq!(
        attempts(&api, &id(&done))[0]["payment_method_details"],
        json!({"sepa_debit": {}, "type": "sepa_debit"})
    );
    let expanded = api.get(&format!("/v1/setup_intents/{}", id(&done)), &[("expand[]", "mandate")]).ok();
    assert_eq!(expanded["mandate"], mandate);
}

#[test]
fn a_debit_needs_consent_once() {
    let api = sandbox("si-consent");
    let owner = customer(&api, &[]);
    for (kind, test_id) in [
        ("sepa_debit", "pm_sepaDebit_success_de"),
        ("bacs_debit", "pm_bacsDebit_success"),
        ("au_becs_debit", "pm_auBecsDebit_success"),
        (US_BANK, "pm_usBankAccount_success"),
    ] {
        let error = invalid(
            set_up(&api, kind, test_id, &[("customer", &owner)]),
            400,
            Some("setup_intent_mandate_invalid"),
            Some("mandate_data"),
        );
        assert!(text(&error, "message").contains(kind), "{error}");
    }
    let first = set_up(&api, "sepa_debit", "pm_sepaDebit_success_de", &with(OFFLINE, &[("customer", &owner)])).ok();
    let mandate = the_mandate(&api, &first["mandate"]);
    assert_eq!(mandate["customer_acceptance"], json!({"accepted_at": 1_700_000_000, "offline": {}, "type": "offline"}));
    let again = set_up(&api, "sepa_debit", text(&first, "payment_method"), &[("customer", &owner)]).ok();
    assert_eq!((&again["status"], &again["mandate"]), (&json!("succeeded"), &first["mandate"]));
}

#[test]
fn a_mandate_may_be_for_one_payment() {
    let api = sandbox("si-single-use");
    let params = with(OFFLINE, &[("single_use[amount]", "2000"), ("single_use[currency]", "eur")]);
    let done = set_up(&api, "sepa_debit", "pm_sepaDebit_success_de", &params).ok();
    assert_eq!(done["mandate"], Value::Null);
    let mandate = the_mandate(&api, &done["single_use_mandate"]);
    assert_eq!(
        (text(&mandate, "type"), &mandate["single_use"]),
        ("single_use", &json!({"amount": 2000, "currency": "eur"}))
    );
    assert!(mandate.get("multi_use").is_none());
}

#[test]
fn the_bank_answers_to_a_bacs_mandate_a_moment_later() {
    let api = sandbox("si-bacs");
    for (test_id, status, network_status) in
        [("pm_bacsDebit_success", "active", "accepted"), ("pm_bacsDebit_mandateRefused", "inactive", "refused")]
    {
        let expand = [("expand[]", "mandate")];
        let done = set_up(&api, "bacs_debit", test_id, &with(OFFLINE, &expand)).ok();
        assert_eq!((text(&done, "status"), text(&done["mandate"], "status")), ("succeeded", "pending"));
        let mandate = the_mandate(&api, &done["mandate"]["id"]);
        let details = &mandate["payment_method_details"]["bacs_debit"];
        assert_eq!((text(&mandate, "status"), text(details, "network_status")), (status, network_status));
    }
}

#[test]
fn a_reference_begins_with_what_was_asked_for() {
    let api = sandbox("si-reference");
    let prefix = ("payment_method_options[sepa_debit][mandate_options][reference_prefix]", "TEA-");
    let done = set_up(&api, "sepa_debit", "pm_sepaDebit_success_de", &with(OFFLINE, &[prefix])).ok();
    assert_eq!(done["payment_method_options"]["sepa_debit"]["mandate_options"]["reference_prefix"], "TEA-");
    let mandate = the_mandate(&api, &done["mandate"]);
    assert!(text(&mandate["payment_method_details"]["sepa_debit"], "reference").starts_with("TEA-"), "{mandate}");
}

#[test]
fn an_american_account_is_verified_by_microdeposits() {
    let api = sandbox("si-micro");
    let owner = customer(&api, &[]);
    for right in [AMOUNTS, &[("amounts[]", "45"), ("amounts[]", "32")], &[("descriptor_code", "SM11AA")]] {
        let waiting = unverified(&api, "pm_usBankAccount_success", &[("customer", &owner)]);
        assert_eq!(waiting["next_action"]["type"], "verify_with_microdeposits");
        let action = &waiting["next_action"]["verify_with_microdeposits"];
        assert_eq!(text(action, "microdeposit_type"), "descriptor_code");
        assert!(text(action, "hosted_verification_url").starts_with(api.url()), "{action}");
        assert_eq!(
            (&waiting["mandate"], statuses(&api, &id(&waiting))),
            (&Value::Null, vec!["requires_action".into()])
        );
        let done = verify(&api, &waiting, right).ok();
        assert_eq!((text(&done, "status"), &done["next_action"]), ("succeeded", &Value::Null));
        assert_eq!(text(&the_mandate(&api, &done["mandate"]), "status"), "active");
        assert_eq!(the_method(&api, text(&done, "payment_method"))["customer"], *owner);
        assert_eq!(statuses(&api, &id(&done)), ["succeeded"]);
        let again = set_up(&api, US_BANK, text(&done, "payment_method"), &[("customer", &owner)]).ok();
        assert_eq!(again["status"], "succeeded", "a verified account needs no second verification");
    }
}

#[test]
fn a_wrong_verification_may_be_tried_again_for_a_while() {
    let api = sandbox("si-micro-wrong");
    let waiting = unverified(&api, "pm_usBankAccount_success", &[]);
    let wrong = [("amounts[]", "1"), ("amounts[]", "2")];
    for left in [2, 1] {
        let code = Some("payment_method_microdeposit_verification_amounts_mismatch");
        let error = invalid(verify(&api, &waiting, &wrong), 400, code, None);
        assert!(
            text(&error, "message").ends_with(&format!("You have {left} verification attempts remaining.")),
            "{error}"
        );
        assert_eq!(error["setup_intent"]["status"], "requires_action");
    }
    let code = "payment_method_microdeposit_verification_attempts_exceeded";
    let error = invalid(verify(&api, &waiting, &wrong), 400, Some(code), None);
    let after = the_setup(&api, &id(&waiting));
    assert_eq!(error["setup_intent"], after);
    assert_eq!((text(&after, "status"), &after["payment_method"]), ("requires_payment_method", &Value::Null));
    assert_eq!(
        (text(&after["last_setup_error"], "code"), statuses(&api, &id(&waiting))),
        (code, vec!["failed".into()])
    );
}

#[test]
fn test_values_decide_how_a_verification_fails() {
    let api = sandbox("si-micro-values");
    const PREFIX: &str = "payment_method_microdeposit_";
    for (method, values, code, status) in [
        ("success", &[("descriptor_code", "SM99ZZ")][..], "verification_descriptor_code_mismatch", "requires_action"),
        ("success", &[("descriptor_code", "SM33CC")], "verification_attempts_exceeded", "requires_payment_method"),
        (
            "success",
            &[("amounts[]", "10"), ("amounts[]", "11")],
            "verification_attempts_exceeded",
            "requires_payment_method",
        ),
        ("success", &[("descriptor_code", "SM44DD")], "verification_timeout", "requires_payment_method"),
        ("success", &[("amounts[]", "40"), ("amounts[]", "41")], "verification_timeout", "requires_payment_method"),
        ("success", &[("amounts[]", "32")], "verification_amounts_invalid", "requires_action"),
    ] {
        let waiting = unverified(&api, &format!("pm_usBankAccount_{method}"), &[]);
        let error = verify(&api, &waiting, values).refused(400);
        assert_eq!(text(&error, "code"), format!("{PREFIX}{code}"));
        assert_eq!(text(&the_setup(&api, &id(&waiting)), "status"), status, "{code}");
    }
    let lost = unverified(&api, "pm_usBankAccount_failMicrodeposits", &[]);
    let after = the_setup(&api, &id(&lost));
    assert_eq!(text(&after, "status"), "requires_payment_method");
    assert_eq!(text(&after["last_setup_error"], "code"), format!("{PREFIX}failed"));
}

#[test]
fn only_a_waiting_account_is_verified() {
    let api = sandbox("si-micro-state");
    let fresh = create(&api, &[("payment_method_types[]", US_BANK)]).ok();
    let error = invalid(verify(&api, &fresh, AMOUNTS), 400, Some("intent_invalid_state"), None);
    assert_eq!(
        error["message"],
        "This SetupIntent cannot be actioned on because it has a status of requires_payment_method. Only a SetupIntent with \
         one of the following statuses may be actioned on: [\"requires_action\"]."
    );
    assert_eq!(error["setup_intent"], fresh);
    let card = set_up(&api, "card", "pm_card_authenticationRequired", &[]).ok();
    let error = invalid(verify(&api, &card, AMOUNTS), 400, Some("intent_invalid_state"), None);
    assert_eq!(error["message"], "This SetupIntent cannot be actioned on because it does not wait for microdeposits.");
    let waiting = unverified(&api, "pm_usBankAccount_success", &[]);
    let both = with(AMOUNTS, &[("descriptor_code", "SM11AA")]);
    invalid(verify(&api, &waiting, &both), 400, None, Some("amounts"));
    assert_eq!(verify(&api, &waiting, &[]).status, 400);
    let link = waiting["next_action"]["verify_with_microdeposits"]["hosted_verification_url"].as_str().unwrap();
    decide(&api, link, "succeeded").ok();
    assert_eq!(the_setup(&api, &id(&waiting))["status"], "succeeded");
}

#[test]
fn an_instant_verification_says_that_it_is_not_there() {
    let api = sandbox("si-instant");
    let instant = with(OFFLINE, &[("payment_method_options[us_bank_account][verification_method]", "instant")]);
    assert_eq!(set_up(&api, US_BANK, "pm_usBankAccount_success", &instant).status, 501);
}

#[test]
fn a_canadian_debit_says_how_often_it_is_debited() {
    let api = sandbox("si-acss");
    let account = [
        ("type", "acss_debit"),
        ("acss_debit[account_number]", "000123456789"),
        ("acss_debit[institution_number]", "000"),
        ("acss_debit[transit_number]", "11000"),
    ];
    let account = id(&api.post("/v1/payment_methods", &account).ok());
    let schedule = "payment_method_options[acss_debit][mandate_options][payment_schedule]";
    invalid(set_up(&api, "acss_debit", &account, OFFLINE), 400, Some("parameter_missing"), Some(schedule));
    let options = [
        (schedule, "sporadic"),
        ("payment_method_options[acss_debit][mandate_options][transaction_type]", "personal"),
        ("payment_method_options[acss_debit][currency]", "cad"),
    ];
    let waiting = set_up(&api, "acss_debit", &account, &with(OFFLINE, &options)).ok();
    assert_eq!(waiting["next_action"]["verify_with_microdeposits"]["microdeposit_type"], "amounts");
    let done = verify(&api, &waiting, AMOUNTS).ok();
    let details = &the_mandate(&api, &done["mandate"])["payment_method_details"]["acss_debit"];
    assert_eq!(
        *details,
        json!({"interval_description": null, "payment_schedule": "sporadic", "transaction_type": "personal"})
    );
}

#[test]
fn a_wallet_agrees_on_its_own_page() {
    let api = sandbox("si-wallet");
    let owner = customer(&api, &[]);
    for kind in ["paypal", "revolut_pay", "klarna", "amazon_pay"] {
        let wallet = method(&api, kind);
        let customer = ("customer", &*owner);
        invalid(set_up(&api, kind, &wallet, &[customer]), 400, Some("parameter_missing"), Some("return_url"));
        let waiting = set_up(&api, kind, &wallet, &[customer, BACK]).ok();
        assert_eq!(
            (&waiting["status"], &waiting["next_action"]["type"]),
            (&json!("requires_action"), &json!("redirect_to_url"))
        );
        let page = text(&waiting["next_action"]["redirect_to_url"], "url").to_owned();
        decide(&api, &page, "failed").ok();
        let failed = the_setup(&api, &id(&waiting));
        assert_eq!(failed["last_setup_error"]["code"], "setup_intent_authentication_failure");
        let waiting = confirm(&api, &id(&waiting), &[("payment_method", &wallet), BACK]).ok();
        decide(&api, &page, "succeeded").ok();
        let done = the_setup(&api, &id(&waiting));
        assert_eq!((&done["status"], &done["payment_method"]), (&json!("succeeded"), &json!(wallet)));
        assert_eq!(the_method(&api, &wallet)["customer"], *owner);
    }
}

#[test]
fn cash_app_has_a_form_of_its_own() {
    let api = sandbox("si-cashapp");
    let waiting = set_up(&api, "cashapp", &method(&api, "cashapp"), &[BACK]).ok();
    let action = &waiting["next_action"]["cashapp_handle_redirect_or_display_qr_code"];
    decide(&api, text(action, "hosted_instructions_url"), "succeeded").ok();
    assert_eq!(the_setup(&api, &id(&waiting))["status"], "succeeded");
}

#[test]
fn an_ideal_setup_keeps_a_sepa_debit() {
    let api = sandbox("si-ideal");
    let owner = customer(&api, &[]);
    let ideal = [
        ("type", "ideal"),
        ("ideal[bank]", "ing"),
        ("billing_details[name]", "Jenny Rosen"),
        ("billing_details[email]", "jenny@example.com"),
    ];
    let ideal = id(&api.post("/v1/payment_methods", &ideal).ok());
    let waiting = set_up(&api, "ideal", &ideal, &with(ONLINE, &[BACK, ("customer", &owner)])).ok();
    decide(&api, text(&waiting["next_action"]["redirect_to_url"], "url"), "succeeded").ok();
    let done = the_setup(&api, &id(&waiting));
    assert_eq!((&done["status"], &done["payment_method"]), (&json!("succeeded"), &json!(ideal)));
    assert_eq!(the_method(&api, &ideal)["customer"], Value::Null, "an iDEAL payment method is not kept");
    let details = &attempts(&api, &id(&done))[0]["payment_method_details"]["ideal"];
    assert_eq!((text(details, "bank"), text(details, "bic")), ("ing", "INGBNL2A"));
    let debit = text(details, "generated_sepa_debit");
    let kept = the_method(&api, debit);
    assert_eq!((text(&kept, "type"), text(&kept, "customer")), ("sepa_debit", &*owner));
    assert_eq!(kept["billing_details"]["name"], "Jenny Rosen");
    assert_eq!(ids(&api.get(&format!("/v1/customers/{owner}/payment_methods"), &[]).ok()), [debit]);
    assert_eq!(text(&the_mandate(&api, &details["generated_sepa_debit_mandate"]), "payment_method"), debit);
}

#[test]
fn a_type_without_behaviour_says_so() {
    let api = sandbox("si-501");
    let boleto = [("type", "boleto"), ("boleto[tax_id]", "00000000000191")];
    let boleto = id(&api.post("/v1/payment_methods", &boleto).ok());
    assert_eq!(set_up(&api, "boleto", &boleto, &[]).status, 501);
}
