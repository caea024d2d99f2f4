//! Payment methods of linked accounts, and the sessions of intents (connect-accounts 12).

use serde_json::{Value, json};

use super::{SESSIONS, call, from_page, link, linked, submit};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{customer, id, invalid, missing, says, text};

const METHODS: &str = "/v1/payment_methods";
const LINKED: &str = "us_bank_account[financial_connections_account]";
const MANDATE: [(&str, &str); 2] = [
    ("mandate_data[customer_acceptance][type]", "online"),
    ("mandate_data[customer_acceptance][online][infer_from_client]", "true"),
];

fn method(api: &Client, account: &str) -> Answer {
    api.post(METHODS, &[("type", "us_bank_account"), ("billing_details[name]", "Ada"), (LINKED, account)])
}

#[test]
fn the_payment_method_of_a_linked_account_needs_no_deposits() {
    let api = sandbox("fcp-method");
    let account = linked(&api, "accounts=savings");
    let made = method(&api, &id(&account)).ok();
    let bank = &made["us_bank_account"];
    for (key, value) in [
        ("account_type", "savings"),
        ("bank_name", "STRIPE TEST BANK"),
        ("financial_connections_account", &*id(&account)),
        ("last4", "4321"),
        ("routing_number", "110000000"),
    ] {
        assert_eq!(text(bank, key), value, "{key}");
    }
    let pay = |status: &str, sent: &[(&str, &str)]| {
        let common = [
            ("amount", "2000"),
            ("currency", "usd"),
            ("payment_method_types[]", "us_bank_account"),
            ("confirm", "true"),
        ];
        let paid = api.post("/v1/payment_intents", &[&common[..], &agreed(), sent].concat()).ok();
        assert_eq!(text(&paid, "status"), status, "{paid}");
        paid
    };
    pay("processing", &[("payment_method", &id(&made))]);
    // Described in place, and refused by its bank.
    let poor = linked(&api, "accounts=insufficient_funds");
    let paid = pay(
        "processing",
        &[
            ("payment_method_data[type]", "us_bank_account"),
            ("payment_method_data[us_bank_account][financial_connections_account]", &id(&poor)),
        ],
    );
    let paid = api.get(&format!("/v1/payment_intents/{}", id(&paid)), &[]).ok();
    assert_eq!(
        (text(&paid, "status"), text(&paid["last_payment_error"], "code")),
        ("requires_payment_method", "insufficient_funds")
    );
}

/// A mandate from a server.
fn agreed() -> [(&'static str, &'static str); 3] {
    [
        ("mandate_data[customer_acceptance][type]", "online"),
        ("mandate_data[customer_acceptance][online][ip_address]", "127.0.0.1"),
        ("mandate_data[customer_acceptance][online][user_agent]", "test"),
    ]
}

#[test]
fn not_every_account_can_be_debited() {
    let api = sandbox("fcp-refused");
    let unasked = link(&api, &[("permissions[]", "balances")], "").remove(0);
    assert_eq!(
        invalid(method(&api, &id(&unasked)), 400, None, Some(LINKED))["message"],
        "The holder of this Financial Connections account was not asked for the permission `payment_method`."
    );
    for choice in ["accounts=credit_card", "institution=invalid_payment_accounts&accounts=unusable_checking"] {
        let error = method(&api, &id(&linked(&api, choice)));
        let error = says(error, 400, "No payment method can be made of this Financial Connections account.");
        assert_eq!(
            (text(&error, "code"), text(&error, "param")),
            ("financial_connections_account_unavailable_account_numbers", LINKED)
        );
    }
    let gone = linked(&api, "");
    call(&api, &gone, "disconnect", &[]).ok();
    let error = invalid(method(&api, &id(&gone)), 400, Some("financial_connections_account_inactive"), Some(LINKED));
    assert_eq!(text(&error, "type"), "invalid_request_error");
    missing(method(&api, "fca_no"), 400, "financial connections account", "fca_no", LINKED);
    let account = linked(&api, "");
    let both = api.post(
        METHODS,
        &[("type", "us_bank_account"), (LINKED, &id(&account)), ("us_bank_account[routing_number]", "110000000")],
    );
    assert_eq!(
        invalid(both, 400, None, Some(LINKED))["message"],
        "You may only specify one of these parameters: us_bank_account[financial_connections_account], \
         us_bank_account[routing_number]."
    );
}

/// An intent of a family that takes debits.
fn intent(api: &Client, family: &str, more: &[(&str, &str)]) -> Value {
    let amount: &[(&str, &str)] =
        if family == "payment_intents" { &[("amount", "2000"), ("currency", "usd")] } else { &[] };
    let sent = [amount, &[("payment_method_types[]", "us_bank_account")], more].concat();
    api.post(&format!("/v1/{family}"), &sent).ok()
}

const NAME: [(&str, &str); 2] =
    [("payment_method_data[type]", "us_bank_account"), ("payment_method_data[billing_details][name]", "Ada")];

#[test]
fn a_browser_collects_the_bank_account_of_an_intent() {
    let api = sandbox("fcp-intents");
    let browser = api.publishable();
    for family in ["payment_intents", "setup_intents"] {
        let ada = customer(&api, &[]);
        let options = [
            ("customer", &*ada),
            ("payment_method_options[us_bank_account][financial_connections][permissions][]", "payment_method"),
            ("payment_method_options[us_bank_account][financial_connections][permissions][]", "balances"),
            ("payment_method_options[us_bank_account][financial_connections][prefetch][]", "balances"),
        ];
        let made = intent(&api, family, &options);
        let secret = ("client_secret", text(&made, "client_secret"));
        let path = format!("/v1/{family}/{}/link_account_sessions", id(&made));
        let session = browser.post(&path, &[&[secret], &NAME[..]].concat()).ok();
        assert_eq!(session["permissions"], json!(["payment_method", "balances"]), "{family}");
        assert_eq!(session["account_holder"], json!({"customer": ada, "type": "customer"}), "{family}");
        let attach = format!("{path}/{}/attach", id(&session));
        says(
            browser.post(&attach, &[secret]),
            400,
            &format!("No bank account was linked in the session {}.", id(&session)),
        );
        submit(&api, &session, "accounts=success,savings").refused(400);
        submit(&api, &session, "accounts=credit_card").refused(400);
        submit(&api, &session, "accounts=success").ok();
        let attached = from_page(&api, "POST", &attach, &[secret, ("expand[]", "payment_method")]).ok();
        assert_eq!(text(&attached, "status"), "requires_confirmation", "{family}");
        let method = &attached["payment_method"];
        assert_eq!(text(&method["billing_details"], "name"), "Ada", "{family}");
        assert_eq!(
            (text(&method["us_bank_account"], "last4"), text(&method["us_bank_account"], "account_holder_type")),
            ("6789", "individual"),
            "{family}"
        );
        assert!(attached.get("customer").is_none(), "a browser sees too much: {attached}");
        let confirm = format!("/v1/{family}/{}/confirm", id(&made));
        let done = from_page(&api, "POST", &confirm, &[&[secret], &MANDATE[..]].concat()).ok();
        let after = if family == "payment_intents" { "processing" } else { "succeeded" };
        assert_eq!(text(&done, "status"), after, "{family}: {done}");
        assert_eq!(api.get(&format!("{SESSIONS}/{}", id(&session)), &[]).ok().get("bank_account_token"), None);
    }
}

#[test]
fn what_is_typed_is_verified_by_deposits() {
    let api = sandbox("fcp-typed");
    let browser = api.publishable();
    for family in ["payment_intents", "setup_intents"] {
        let option = ("payment_method_options[us_bank_account][verification_method]", "microdeposits");
        let made = intent(&api, family, &[option]);
        let secret = ("client_secret", text(&made, "client_secret"));
        let path = format!("/v1/{family}/{}/link_account_sessions", id(&made));
        let session = browser.post(&path, &[&[secret], &NAME[..]].concat()).ok();
        assert_eq!(session["account_holder"], Value::Null);
        submit(&api, &session, "accounts=success").refused(400);
        submit(&api, &session, "routing_number=110000000&account_number=000123456789").ok();
        from_page(&api, "POST", &format!("{path}/{}/attach", id(&session)), &[secret]).ok();
        let confirm = format!("/v1/{family}/{}/confirm", id(&made));
        let done = from_page(&api, "POST", &confirm, &[&[secret], &MANDATE[..]].concat()).ok();
        assert_eq!(
            (text(&done, "status"), text(&done["next_action"], "type")),
            ("requires_action", "verify_with_microdeposits"),
            "{family}"
        );
        // Another account takes its place.
        let session = browser.post(&path, &[secret]).ok();
        submit(&api, &session, "routing_number=110000000&account_number=000222222227").ok();
        let attached = from_page(&api, "POST", &format!("{path}/{}/attach", id(&session)), &[secret]).ok();
        assert_eq!(
            (text(&attached, "status"), &attached["next_action"]),
            ("requires_confirmation", &Value::Null),
            "{family}"
        );
        let instant = ("payment_method_options[us_bank_account][verification_method]", "instant");
        let made = intent(&api, family, &[instant]);
        let path = format!("/v1/{family}/{}/link_account_sessions", id(&made));
        let session = api.post(&path, &[]).ok();
        submit(&api, &session, "routing_number=110000000&account_number=000123456789").refused(400);
    }
}

#[test]
fn an_intent_takes_what_was_told_in_its_own_session() {
    let api = sandbox("fcp-own");
    let browser = api.publishable();
    for (family, class) in [("payment_intents", "PaymentIntent"), ("setup_intents", "SetupIntent")] {
        let (one, other) = (intent(&api, family, &[]), intent(&api, family, &[]));
        let path = |intent: &Value| format!("/v1/{family}/{}/link_account_sessions", id(intent));
        let mismatch = format!(
            "The client_secret provided does not match any associated {class} on this account. Ensure the publishable key \
             used belongs to the same account that created the {class}."
        );
        invalid(browser.post(&path(&one), &NAME), 400, Some("parameter_missing"), Some("client_secret"));
        let wrong = ("client_secret", text(&other, "client_secret"));
        says(browser.post(&path(&one), &[wrong]), 400, &mismatch);
        let session = browser.post(&path(&one), &[("client_secret", text(&one, "client_secret"))]).ok();
        submit(&api, &session, "").ok();
        let attach = |intent: &Value| format!("{}/{}/attach", path(intent), id(&session));
        says(browser.post(&attach(&one), &[wrong]), 400, &mismatch);
        invalid(browser.post(&attach(&one), &[]), 400, Some("parameter_missing"), Some("client_secret"));
        says(
            api.post(&attach(&other), &[]),
            400,
            &format!("The session {} was not made for this intent.", id(&session)),
        );
        let none = format!("{}/fcsess_no/attach", path(&one));
        missing(api.post(&none, &[]), 404, "financial connections session", "fcsess_no", "session");
        api.post(&attach(&one), &[]).ok();
        let card = api.post(&path(&one), &[("payment_method_data[type]", "card")]);
        assert_eq!(
            invalid(card, 400, None, Some("payment_method_data[type]"))["message"],
            "A payment method of type `card` is made of no bank account."
        );
        api.post(&format!("/v1/{family}/{}/cancel", id(&one)), &[]).ok();
        for path in [path(&one), attach(&one)] {
            assert_eq!(api.post(&path, &[]).status, 400, "{path}");
        }
        let amount: &[(&str, &str)] =
            if family == "payment_intents" { &[("amount", "2000"), ("currency", "usd")] } else { &[] };
        let card_only =
            api.post(&format!("/v1/{family}"), &[amount, &[("payment_method_types[]", "card")]].concat()).ok();
        assert_eq!(
            invalid(api.post(&path(&card_only), &[]), 400, None, Some("payment_method_data[type]"))["message"],
            "`us_bank_account` is not among the `payment_method_types` of this intent."
        );
    }
}
