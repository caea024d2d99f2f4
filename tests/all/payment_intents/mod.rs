//! PaymentIntents, the straight path (intents-and-checkout 1.2 to 1.5, 1.9 to 1.12).

mod authentication;

use serde_json::{Value, json};

use crate::client::{Answer, Client, sandbox};
use crate::flows::{
    Params, add_source, attach, attached, card_source, customer, id, ids, int, intent, invalid, keys, missing, pay,
    rows, text, the_charge, the_intent, with,
};

const CARD_ONLY: (&str, &str) = ("payment_method_types[]", "card");
const MANUAL: (&str, &str) = ("capture_method", "manual");

const CONSUMED: &str = "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, \
                        shared with a connected account without Customer attachment, or was detached from a Customer. \
                        It may not be used again. To use a PaymentMethod multiple times, you must attach it to a \
                        Customer first.";

/// A payment method that belongs to nobody yet.
fn loose(api: &Client, test_id: &str) -> String {
    id(&api.get(&format!("/v1/payment_methods/{test_id}"), &[]).ok())
}

/// An intent that takes cards only and waits for a confirmation.
fn open(api: &Client, params: Params<'_>) -> String {
    id(&intent(api, &with(&[CARD_ONLY], params)).ok())
}

/// The actions below an intent's path.
fn act(api: &Client, intent: &str, action: &str, params: Params<'_>) -> Answer {
    api.post(&format!("/v1/payment_intents/{intent}/{action}"), params)
}

fn update(api: &Client, intent: &str, params: Params<'_>) -> Answer {
    api.post(&format!("/v1/payment_intents/{intent}"), params)
}

fn confirm(api: &Client, intent: &str, params: Params<'_>) -> Answer {
    act(api, intent, "confirm", params)
}

/// An intent in each state that nothing leads out of, and in `requires_capture`.
fn closed(api: &Client) -> [(String, &'static str); 3] {
    let succeeded = id(&pay(api, "pm_card_visa", &[]).ok());
    let canceled = open(api, &[]);
    act(api, &canceled, "cancel", &[]).ok();
    let held = id(&pay(api, "pm_card_visa", &[MANUAL]).ok());
    [(succeeded, "succeeded"), (canceled, "canceled"), (held, "requires_capture")]
}

/// The error of a call in the wrong state, which shows the intent.
#[track_caller]
fn wrong_state(answer: Answer, api: &Client, intent: &str, param: Option<&str>) -> String {
    let error = invalid(answer, 400, Some("payment_intent_unexpected_state"), param);
    assert_eq!(error["payment_intent"], the_intent(api, intent));
    text(&error, "message").to_owned()
}

#[test]
fn a_new_intent_waits_for_a_method() {
    let api = sandbox("pi-new");
    let made = intent(&api, &[]).ok();
    let made_id = id(&made);
    assert!(made_id.starts_with("pi_3") && made_id.len() == 27, "{made_id}");
    let secret = text(&made, "client_secret").strip_prefix(&format!("{made_id}_secret_")).unwrap();
    assert!(secret.len() == 25 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{secret}");
    assert_eq!((int(&made, "amount"), text(&made, "currency")), (2000, "usd"));
    assert_eq!((int(&made, "amount_capturable"), int(&made, "amount_received")), (0, 0));
    assert_eq!((text(&made, "status"), text(&made, "confirmation_method")), ("requires_payment_method", "automatic"));
    assert_eq!((text(&made, "capture_method"), &made["amount_details"]["tip"]), ("automatic_async", &json!({})));
    assert_eq!((&made["metadata"], &made["livemode"]), (&json!({}), &json!(false)));
    for null in [
        "canceled_at",
        "cancellation_reason",
        "customer",
        "description",
        "last_payment_error",
        "latest_charge",
        "next_action",
        "payment_method",
        "processing",
        "receipt_email",
        "review",
        "setup_future_usage",
        "shipping",
        "source",
        "statement_descriptor",
    ] {
        assert!(made[null].is_null(), "{null}: {}", made[null]);
    }
    let card = json!({"installments": null, "mandate_options": null, "network": null,
        "request_three_d_secure": "automatic"});
    assert_eq!(made["payment_method_options"]["card"], card);
    assert_eq!(the_intent(&api, &made_id), made);
}

#[test]
fn an_intent_with_a_method_waits_for_its_confirmation() {
    let api = sandbox("pi-with-method");
    let method = loose(&api, "pm_card_visa");
    let made = intent(&api, &[CARD_ONLY, ("payment_method", &method)]).ok();
    assert_eq!((text(&made, "status"), text(&made, "payment_method")), ("requires_confirmation", &*method));
    let later = open(&api, &[]);
    let changed = update(&api, &later, &[("payment_method", "pm_card_visa")]).ok();
    assert_eq!(text(&changed, "status"), "requires_confirmation");
    assert!(text(&changed, "payment_method").starts_with("pm_1"), "the test id is never shown");
    let changed = update(&api, &later, &[("payment_method", "pm_card_mastercard")]).ok();
    assert_eq!(text(&changed, "status"), "requires_confirmation");
}

#[test]
fn a_confirmed_intent_succeeds_and_has_its_charge() {
    let api = sandbox("pi-confirm");
    let owner = customer(&api, &[]);
    let params = [
        ("customer", &*owner),
        ("description", "Tea"),
        ("metadata[order]", "7"),
        ("receipt_email", "j@example.com"),
        ("statement_descriptor_suffix", "TEA"),
        ("transfer_group", "g"),
        ("shipping[name]", "Jenny"),
        ("shipping[address][line1]", "1 Main St"),
    ];
    let made = open(&api, &params);
    let method = attached(&api, "pm_card_visa", &owner);
    let paid = confirm(&api, &made, &[("payment_method", &method)]).ok();
    assert_eq!((text(&paid, "status"), int(&paid, "amount_received")), ("succeeded", 2000));
    assert_eq!((text(&paid, "payment_method"), text(&paid, "customer")), (&*method, &*owner));
    assert!(paid["next_action"].is_null() && paid["last_payment_error"].is_null());
    let charge = the_charge(&api, text(&paid, "latest_charge"));
    assert!(id(&charge).starts_with("ch_3"), "{charge}");
    assert_eq!((text(&charge, "payment_intent"), text(&charge, "payment_method")), (&*made, &*method));
    assert_eq!((text(&charge, "customer"), text(&charge, "description")), (&*owner, "Tea"));
    assert_eq!((&charge["metadata"], text(&charge, "receipt_email")), (&json!({"order": "7"}), "j@example.com"));
    assert_eq!((text(&charge, "transfer_group"), &charge["shipping"]["name"]), ("g", &json!("Jenny")));
    assert_eq!((text(&charge, "statement_descriptor_suffix"), &charge["source"]), ("TEA", &Value::Null));
    assert_eq!(
        (text(&charge, "status"), &charge["paid"], &charge["captured"]),
        ("succeeded", &json!(true), &json!(true))
    );
}

#[test]
fn creating_and_confirming_is_one_call() {
    let api = sandbox("pi-at-once");
    let paid = pay(&api, "pm_card_visa", &[]).ok();
    assert_eq!((text(&paid, "status"), &paid["customer"]), ("succeeded", &Value::Null));
    assert!(text(&paid, "payment_method").starts_with("pm_1"));
    let data = [
        CARD_ONLY,
        ("confirm", "true"),
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][token]", "tok_visa"),
    ];
    assert_eq!(intent(&api, &data).ok()["status"], "succeeded");
}

#[test]
fn an_amount_has_bounds_of_its_own_words() {
    let api = sandbox("pi-amount");
    let make =
        |amount: &str, currency: &str| api.post("/v1/payment_intents", &[("amount", amount), ("currency", currency)]);
    for amount in ["0", "-1"] {
        let error = invalid(make(amount, "usd"), 400, Some("parameter_invalid_integer"), Some("amount"));
        assert_eq!(
            error["message"],
            "The amount must be greater than or equal to the minimum charge amount allowed for your account and the \
             currency set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save a \
             Payment Method for future use without an immediate payment, use a Setup Intent instead: \
             https://docs.stripe.com/payments/setup-intents"
        );
    }
    let error = invalid(make("49", "usd"), 400, Some("amount_too_small"), Some("amount"));
    assert_eq!(error["message"], "Amount must be at least $0.50 usd");
    let error = invalid(make("100000000", "usd"), 400, Some("amount_too_large"), Some("amount"));
    assert_eq!(error["message"], "Amount must be no more than $999,999.99");
    let error = invalid(make("2000", "xyz"), 400, None, Some("currency"));
    assert!(
        text(&error, "message").starts_with("Invalid currency: xyz. Stripe currently supports these currencies: usd, ")
    );
    for param in ["amount", "currency"] {
        let answer = api
            .post("/v1/payment_intents", &[if param == "amount" { ("currency", "usd") } else { ("amount", "2000") }]);
        let error = invalid(answer, 400, Some("parameter_missing"), Some(param));
        assert_eq!(error["message"], format!("Missing required param: {param}."));
    }
    assert_eq!(text(&make("2000", "EUR").ok(), "currency"), "eur");
    let made = open(&api, &[]);
    invalid(update(&api, &made, &[("amount", "49")]), 400, Some("amount_too_small"), Some("amount"));
    assert_eq!(int(&update(&api, &made, &[("amount", "3000")]).ok(), "amount"), 3000);
}

#[test]
fn what_belongs_to_a_confirmation_needs_one() {
    let api = sandbox("pi-confirm-only");
    for (param, value) in [("return_url", "https://a.example"), ("off_session", "true")] {
        let error = intent(&api, &[(param, value)]).refused(400);
        assert_eq!(
            error["message"],
            format!(
                "The parameter `{param}` cannot be passed when creating a PaymentIntent unless `confirm` is set to true."
            )
        );
    }
    for param in ["error_on_requires_action", "use_stripe_sdk"] {
        assert_eq!(intent(&api, &[(param, "true")]).status, 400, "{param}");
    }
    assert_eq!(api.get("/v1/payment_intents", &[]).ok()["data"], json!([]));
}

#[test]
fn methods_are_automatic_or_listed() {
    let api = sandbox("pi-types");
    let both = intent(&api, &[CARD_ONLY, ("automatic_payment_methods[enabled]", "true")]);
    assert_eq!(
        both.refused(400)["message"],
        "You cannot enable `automatic_payment_methods` and specify `payment_method_types`."
    );
    let made = intent(&api, &[("automatic_payment_methods[enabled]", "true")]).ok();
    assert_eq!(made["automatic_payment_methods"], json!({"allow_redirects": "always", "enabled": true}));
    let made = intent(&api, &[CARD_ONLY]).ok();
    assert_eq!((&made["automatic_payment_methods"], &made["payment_method_types"]), (&Value::Null, &json!(["card"])));
}

#[test]
fn a_method_of_another_type_is_not_allowed() {
    let api = sandbox("pi-type");
    let owner = customer(&api, &[]);
    let bank = attached(&api, "pm_usBankAccount_success", &owner);
    let made = open(&api, &[("customer", &owner)]);
    let error = confirm(&api, &made, &[("payment_method", &bank)]).refused(400);
    assert_eq!(
        (text(&error, "code"), text(&error, "param")),
        ("payment_intent_incompatible_payment_method", "payment_method")
    );
    assert_eq!(
        error["message"],
        "The PaymentMethod provided (us_bank_account) is not allowed for this PaymentIntent. Please attach a \
         PaymentMethod of one of the following types: card. Alternatively, update the allowed payment_method_types for \
         this PaymentIntent to include \"us_bank_account\"."
    );
}

#[test]
fn automatic_methods_need_a_return_url() {
    let api = sandbox("pi-return-url");
    let made = id(&intent(&api, &[("payment_method", "pm_card_visa")]).ok());
    let error = confirm(&api, &made, &[]).refused(400);
    assert!(error.get("code").is_none(), "{error}");
    assert_eq!(
        error["message"],
        "A `return_url` must be specified because this Payment Intent is configured to automatically accept the payment \
         methods enabled in the Dashboard, some of which may require a full page redirect to succeed. If you do not want \
         to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and \
         `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
    );
    assert_eq!(text(&the_intent(&api, &made), "status"), "requires_confirmation");
    assert_eq!(confirm(&api, &made, &[("return_url", "https://a.example")]).ok()["status"], "succeeded");
}

#[test]
fn saving_a_method_needs_the_customer_to_be_there() {
    let api = sandbox("pi-off-session");
    let owner = customer(&api, &[]);
    let method = attached(&api, "pm_card_visa", &owner);
    let answer =
        pay(&api, &method, &[("customer", &owner), ("off_session", "true"), ("setup_future_usage", "off_session")]);
    assert_eq!(
        answer.refused(400)["message"],
        "You cannot confirm with `off_session=true` when `setup_future_usage` is also set on the PaymentIntent. The \
         customer needs to be on-session to perform the steps which may be required to set up the PaymentMethod for \
         future usage."
    );
    let paid = pay(&api, &method, &[("customer", &owner), ("off_session", "true")]).ok();
    assert!(text(&paid, "status") == "succeeded" && paid.get("off_session").is_none());
}

#[test]
fn an_unknown_object_is_missing() {
    let api = sandbox("pi-missing");
    for answer in [
        api.get("/v1/payment_intents/pi_none", &[]),
        update(&api, "pi_none", &[]),
        confirm(&api, "pi_none", &[]),
        act(&api, "pi_none", "capture", &[]),
        act(&api, "pi_none", "cancel", &[]),
    ] {
        missing(answer, 404, "payment_intent", "pi_none", "intent");
    }
    missing(intent(&api, &[("customer", "cus_none")]), 400, "customer", "cus_none", "customer");
    missing(intent(&api, &[("payment_method", "pm_none")]), 400, "PaymentMethod", "pm_none", "payment_method");
    let made = open(&api, &[]);
    missing(confirm(&api, &made, &[("payment_method", "pm_none")]), 400, "PaymentMethod", "pm_none", "payment_method");
    missing(update(&api, &made, &[("customer", "cus_none")]), 400, "customer", "cus_none", "customer");
    assert_eq!(ids(&api.get("/v1/payment_intents", &[]).ok()), [made]);
}

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

/// Intents-and-checkout 1.8 and core-payments 7.3: test id, `code`, `decline_code` where it is certain, message.
const DECLINES: &[(&str, &str, Option<&str>, &str)] = &[
    ("pm_card_chargeDeclined", "card_declined", Some("generic_decline"), "Your card was declined."),
    ("pm_card_visa_chargeDeclined", "card_declined", Some("generic_decline"), "Your card was declined."),
    (
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "card_declined",
        Some("insufficient_funds"),
        "Your card has insufficient funds.",
    ),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", Some("lost_card"), "Your card was declined."),
    ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", Some("stolen_card"), "Your card was declined."),
    (
        "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        "card_declined",
        Some("card_velocity_exceeded"),
        "Your card was declined.",
    ),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", None, "Your card has expired."),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None, "Your card's security code is incorrect."),
    (
        "pm_card_chargeDeclinedProcessingError",
        "processing_error",
        None,
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    ("pm_card_radarBlock", "card_declined", Some("fraudulent"), "Your card was declined."),
    ("pm_card_chargeDeclinedFraudulent", "card_declined", Some("fraudulent"), "Your card was declined."),
    ("pm_card_chargeCustomerFail", "card_declined", Some("generic_decline"), "Your card was declined."),
];

#[test]
fn each_declining_method_has_its_error_and_its_failed_charge() {
    let api = sandbox("pi-declines");
    for (method, code, decline_code, message) in DECLINES {
        let error = pay(&api, method, &[]).refused(402);
        assert_eq!(
            (text(&error, "type"), text(&error, "code"), text(&error, "message")),
            ("card_error", *code, *message)
        );
        assert!(decline_code.is_none() || error["decline_code"].as_str() == *decline_code, "{method}: {error}");
        assert!(error.get("param").is_none(), "{method}: {error}");
        let failed = the_charge(&api, text(&error, "charge"));
        assert_eq!(
            (text(&failed, "status"), &failed["paid"], &failed["captured"]),
            ("failed", &json!(false), &json!(false))
        );
        assert_eq!((text(&failed, "failure_code"), text(&failed, "failure_message")), (*code, *message));
        assert_eq!((&failed["balance_transaction"], int(&failed, "amount_captured")), (&Value::Null, 0));
        let after = &error["payment_intent"];
        assert_eq!((text(after, "status"), &after["payment_method"]), ("requires_payment_method", &Value::Null));
        assert_eq!((&after["latest_charge"], &failed["payment_intent"]), (&failed["id"], &after["id"]));
        assert_eq!(after["last_payment_error"]["code"], *code);
    }
}

#[test]
fn a_decline_has_exactly_the_recorded_keys() {
    let api = sandbox("pi-decline-keys");
    let made = open(&api, &[]);
    let error = confirm(&api, &made, &[("payment_method", "pm_card_chargeDeclined")]).refused(402);
    assert_eq!(
        keys(&error),
        [
            "advice_code",
            "charge",
            "code",
            "decline_code",
            "doc_url",
            "message",
            "network_decline_code",
            "payment_intent",
            "payment_method",
            "request_log_url",
            "type"
        ]
    );
    assert_eq!((text(&error, "advice_code"), text(&error, "network_decline_code")), ("try_again_later", "01"));
    let method = api.get(&format!("/v1/payment_methods/{}", text(&error["payment_method"], "id")), &[]).ok();
    assert_eq!(error["payment_method"], method);
    assert_eq!(error["payment_intent"], the_intent(&api, &made));
    let last = &error["payment_intent"]["last_payment_error"];
    assert_eq!(
        keys(last),
        [
            "advice_code",
            "charge",
            "code",
            "decline_code",
            "doc_url",
            "message",
            "network_decline_code",
            "payment_method",
            "payment_method_type",
            "type"
        ]
    );
    assert_eq!((text(last, "payment_method_type"), &last["payment_method"]["id"]), ("card", &method["id"]));
    // And another card sets it right.
    let paid = confirm(&api, &made, &[("payment_method", "pm_card_visa")]).ok();
    assert_eq!((text(&paid, "status"), &paid["last_payment_error"]), ("succeeded", &Value::Null));
    assert_ne!(paid["latest_charge"], error["charge"]);
}

#[test]
fn an_intent_that_is_declined_while_it_is_made_is_there() {
    let api = sandbox("pi-decline-made");
    let error = pay(&api, "pm_card_chargeDeclined", &[]).refused(402);
    let made = id(&error["payment_intent"]);
    assert_eq!(text(&the_intent(&api, &made), "status"), "requires_payment_method");
    assert_eq!(ids(&api.get("/v1/payment_intents", &[]).ok()), [made]);
}

#[test]
fn a_refused_confirmation_leaves_the_method() {
    let api = sandbox("pi-refused-confirm");
    let (owner, method) = (customer(&api, &[]), loose(&api, "pm_card_visa"));
    let foreign = attached(&api, "pm_card_visa", &owner);
    let made = open(&api, &[("payment_method", &method)]);
    let before = the_intent(&api, &made);
    assert_eq!(confirm(&api, &made, &[("payment_method", &foreign)]).status, 400);
    assert_eq!(the_intent(&api, &made), before);
}

#[test]
fn authentication_off_session_is_a_decline_without_a_charge() {
    let api = sandbox("pi-authentication");
    let owner = customer(&api, &[]);
    let method = attached(&api, "pm_card_authenticationRequired", &owner);
    let error = pay(&api, &method, &[("customer", &owner), ("off_session", "true")]).refused(402);
    assert_eq!(
        (text(&error, "code"), text(&error, "decline_code")),
        ("authentication_required", "authentication_required")
    );
    assert_eq!(error["message"], "Your card was declined. This transaction requires authentication.");
    assert!(error.get("advice_code").is_none(), "{error}");
    assert_eq!(text(&error["payment_intent"], "status"), "requires_payment_method");
}

#[test]
fn a_manual_intent_holds_and_is_captured() {
    let api = sandbox("pi-capture");
    let held = pay(&api, "pm_card_visa", &[MANUAL]).ok();
    assert_eq!(
        (text(&held, "status"), int(&held, "amount_capturable"), int(&held, "amount_received")),
        ("requires_capture", 2000, 0)
    );
    let charge = the_charge(&api, text(&held, "latest_charge"));
    assert_eq!(
        (text(&charge, "status"), &charge["paid"], &charge["captured"]),
        ("succeeded", &json!(true), &json!(false))
    );
    assert_eq!((int(&charge, "amount_captured"), &charge["balance_transaction"]), (0, &Value::Null));
    let before = int(&charge["payment_method_details"]["card"], "capture_before");
    assert_eq!(before, int(&charge, "created") + 604_800);
    let taken = act(&api, &id(&held), "capture", &[("metadata[a]", "1")]).ok();
    assert_eq!(
        (text(&taken, "status"), int(&taken, "amount_capturable"), int(&taken, "amount_received")),
        ("succeeded", 0, 2000)
    );
    assert_eq!(taken["metadata"], json!({"a": "1"}));
    let charge = the_charge(&api, &id(&charge));
    assert_eq!((&charge["captured"], int(&charge, "amount_captured")), (&json!(true), 2000));
    assert!(charge["balance_transaction"].is_string());
}

#[test]
fn a_partial_capture_releases_the_rest() {
    let api = sandbox("pi-capture-part");
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL]).ok());
    let taken = act(&api, &held, "capture", &[("amount_to_capture", "1500")]).ok();
    assert_eq!(
        (text(&taken, "status"), int(&taken, "amount"), int(&taken, "amount_received")),
        ("succeeded", 2000, 1500)
    );
    assert_eq!(int(&taken, "amount_capturable"), 0);
    let path = format!("/v1/charges/{}", text(&taken, "latest_charge"));
    let charge = api.get(&path, &[("expand[]", "refunds"), ("expand[]", "balance_transaction")]).ok();
    assert_eq!((int(&charge, "amount"), int(&charge, "amount_captured")), (2000, 1500));
    assert_eq!((int(&charge, "amount_refunded"), &charge["refunded"]), (0, &json!(false)));
    assert_eq!((rows(&charge["refunds"]), int(&charge["balance_transaction"], "amount")), (&[][..], 1500));
    let card = &charge["payment_method_details"]["card"];
    assert!(int(card, "amount_authorized") == 2000 && card["capture_before"].is_i64(), "{card}");
}

#[test]
fn a_capture_is_checked() {
    let api = sandbox("pi-capture-checked");
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL]).ok());
    let capture = |amount: &str| act(&api, &held, "capture", &[("amount_to_capture", amount)]);
    let error = capture("2001").refused(400);
    assert_eq!(text(&error, "code"), "amount_too_large");
    assert_eq!(
        error["message"],
        "The payment could not be captured because the requested capture amount is greater than the amount you can \
         capture for this charge. Contact us via https://support.stripe.com/contact/ for help."
    );
    assert_eq!(error["payment_intent"], the_intent(&api, &held));
    let error = invalid(capture("-1"), 400, None, Some("amount_to_capture"));
    assert_eq!(error["message"], "Invalid non-negative integer");
    let error = invalid(capture("0"), 400, Some("parameter_invalid_integer"), Some("amount"));
    assert_eq!(error["message"], "This value must be greater than or equal to 1.");
    assert_eq!(text(&the_intent(&api, &held), "status"), "requires_capture");
}

#[test]
fn an_intent_is_canceled_from_every_open_state() {
    let api = sandbox("pi-cancel");
    let waiting = open(&api, &[]);
    let ready = open(&api, &[("payment_method", "pm_card_visa")]);
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL]).ok());
    for intent in [&waiting, &ready, &held] {
        let canceled = act(&api, intent, "cancel", &[]).ok();
        assert_eq!((text(&canceled, "status"), &canceled["cancellation_reason"]), ("canceled", &Value::Null));
        assert!(canceled["canceled_at"].is_i64() && int(&canceled, "amount_capturable") == 0);
    }
    assert_eq!(api.get("/v1/balance_transactions", &[]).ok()["data"], json!([]));
    for reason in ["duplicate", "fraudulent", "requested_by_customer", "abandoned"] {
        let canceled = act(&api, &open(&api, &[]), "cancel", &[("cancellation_reason", reason)]).ok();
        assert_eq!(text(&canceled, "cancellation_reason"), reason);
    }
    let answer = act(&api, &open(&api, &[]), "cancel", &[("cancellation_reason", "automatic")]);
    invalid(answer, 400, None, Some("cancellation_reason"));
}

#[test]
fn canceling_a_finished_intent_is_refused() {
    let api = sandbox("pi-cancel-finished");
    for (intent, status) in &closed(&api)[..2] {
        assert_eq!(
            wrong_state(act(&api, intent, "cancel", &[]), &api, intent, None),
            format!(
                "You cannot cancel this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one \
                 of the following statuses may be canceled: requires_payment_method, requires_capture, \
                 requires_reauthorization, requires_confirmation, requires_action, expired, processing."
            )
        );
    }
}

#[test]
fn confirming_a_finished_intent_is_refused() {
    let api = sandbox("pi-confirm-finished");
    for (intent, status) in &closed(&api) {
        let message = wrong_state(confirm(&api, intent, &[]), &api, intent, None);
        if *status == "succeeded" {
            let expected = "You cannot confirm this PaymentIntent because it has already succeeded after being previously \
                            confirmed.";
            assert_eq!(message, expected);
        } else {
            let begins = format!("You cannot confirm this PaymentIntent because it has a status of {status}.");
            assert!(message.starts_with(&begins), "{message}");
        }
        let answer = confirm(&api, intent, &[("payment_method", "pm_card_visa")]);
        assert_eq!(wrong_state(answer, &api, intent, Some("payment_method")), frozen("payment_method", status));
    }
}

fn frozen(param: &str, status: &str) -> String {
    format!(
        "This PaymentIntent's {param} could not be updated because it has a status of {status}. You may only update the \
         {param} of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, \
         requires_action."
    )
}

#[test]
fn money_and_payer_of_a_finished_intent_do_not_change() {
    let api = sandbox("pi-update-finished");
    let owner = customer(&api, &[]);
    for (intent, status) in &closed(&api) {
        for (param, value) in
            [("amount", "3000"), ("currency", "eur"), ("customer", &*owner), ("payment_method", "pm_card_visa")]
        {
            let answer = update(&api, intent, &[(param, value)]);
            assert_eq!(wrong_state(answer, &api, intent, Some(param)), frozen(param, status));
        }
        let changed = update(&api, intent, &[("description", "late"), ("metadata[a]", "1")]).ok();
        assert_eq!((text(&changed, "description"), &changed["metadata"]), ("late", &json!({"a": "1"})));
    }
}

#[test]
fn only_a_held_intent_is_captured() {
    let api = sandbox("pi-capture-state");
    let [_, (canceled, _), _] = closed(&api);
    for (intent, status) in [
        (open(&api, &[]), "requires_payment_method"),
        (open(&api, &[("payment_method", "pm_card_visa")]), "requires_confirmation"),
        (canceled, "canceled"),
    ] {
        assert_eq!(
            wrong_state(act(&api, &intent, "capture", &[]), &api, &intent, None),
            format!(
                "This PaymentIntent could not be captured because it has a status of {status}. Only a PaymentIntent with \
                 one of the following statuses may be captured: requires_capture."
            )
        );
    }
}

#[test]
fn a_captured_intent_has_released_the_rest() {
    let api = sandbox("pi-capture-again");
    let held = id(&pay(&api, "pm_card_visa", &[MANUAL]).ok());
    act(&api, &held, "capture", &[("amount_to_capture", "1500")]).ok();
    assert_eq!(
        wrong_state(act(&api, &held, "capture", &[]), &api, &held, None),
        "The remaining amount on this PaymentIntent could not be captured because the remainder of the authorized amount \
         has been released."
    );
}

#[test]
fn an_open_intent_is_updated() {
    let api = sandbox("pi-update");
    let owner = customer(&api, &[]);
    let made = open(&api, &[("metadata[a]", "1"), ("setup_future_usage", "on_session")]);
    let params = [
        ("amount", "3000"),
        ("currency", "eur"),
        ("customer", &*owner),
        ("description", "Tea"),
        ("metadata[b]", "2"),
        ("receipt_email", "j@example.com"),
        ("setup_future_usage", ""),
    ];
    let changed = update(&api, &made, &params).ok();
    assert_eq!(
        (int(&changed, "amount"), text(&changed, "currency"), text(&changed, "customer")),
        (3000, "eur", &*owner)
    );
    assert_eq!((text(&changed, "description"), &changed["metadata"]), ("Tea", &json!({"a": "1", "b": "2"})));
    assert_eq!((text(&changed, "receipt_email"), &changed["setup_future_usage"]), ("j@example.com", &Value::Null));
    assert_eq!(text(&changed, "status"), "requires_payment_method");
    invalid(update(&api, &made, &[("confirm", "true")]), 400, Some("parameter_unknown"), Some("confirm"));
}
