//! Creating and confirming an intent: what it shows, what is refused (intents-and-checkout 1.1 to 1.4).

use std::thread;

use serde_json::{Value, json};

use super::{CARD_ONLY, act, confirm, loose, open, update};
use crate::support::client::sandbox;
use crate::support::flows::{
    attached, customer, id, ids, int, intent, invalid, missing, pay, rows, says, text, the_charge, the_intent, with,
};

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
fn a_false_flag_needs_no_confirmation() {
    let api = sandbox("pi-confirm-false");
    for param in ["error_on_requires_action", "off_session", "use_stripe_sdk"] {
        assert_eq!(intent(&api, &[(param, "false")]).ok()["status"], "requires_payment_method", "{param}");
    }
    assert_eq!(api.post("/v1/setup_intents", &[("use_stripe_sdk", "false")]).status, 200);
    assert_eq!(api.post("/v1/setup_intents", &[("use_stripe_sdk", "true")]).status, 400);
}

#[test]
fn a_mandate_belongs_to_a_confirmation() {
    let api = sandbox("pi-confirm-mandate");
    let sentence =
        "The parameter `mandate` cannot be passed when creating a PaymentIntent unless `confirm` is set to true.";
    says(intent(&api, &[CARD_ONLY, ("mandate", "mandate_none")]), 400, sentence);
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

#[test]
fn options_that_would_decide_about_authentication_are_refused() {
    let api = sandbox("pi-options-refused");
    let moto = [("payment_method_options[card][moto]", "true")];
    let elsewhere = [
        ("payment_method_options[card][three_d_secure][cryptogram]", "AAAA"),
        ("payment_method_options[card][three_d_secure][transaction_id]", "1"),
        ("payment_method_options[card][three_d_secure][version]", "2.1.0"),
    ];
    for options in [&moto[..], &elsewhere] {
        intent(&api, &with(&[CARD_ONLY], options)).refused(501);
    }
    intent(&api, &[CARD_ONLY, ("payment_method_options[card][moto]", "false")]).ok();
}

#[test]
fn a_type_of_method_without_options_shows_none() {
    let api = sandbox("pi-no-options");
    let made = intent(&api, &[("allowed_payment_method_types[]", "gopay"), ("currency", "idr")]).ok();
    assert_eq!(made["payment_method_types"], json!(["gopay"]));
    assert_eq!(made["payment_method_options"], json!({}));
    // One that has options of which none is shown without being sent.
    let made = intent(&api, &[("payment_method_types[]", "pay_by_bank"), ("currency", "gbp")]).ok();
    assert_eq!(made["payment_method_options"], json!({"pay_by_bank": {}}));
}

#[test]
fn options_are_kept_as_far_as_they_are_shown() {
    let api = sandbox("pi-options");
    let made = intent(
        &api,
        &[
            CARD_ONLY,
            ("payment_method_options[card][request_three_d_secure]", "any"),
            ("payment_method_options[card][network]", "visa"),
        ],
    )
    .ok();
    let expected = json!({"card": {"installments": null, "mandate_options": null, "network": "visa",
        "request_three_d_secure": "any"}});
    assert_eq!(made["payment_method_options"], expected);
    let changed = update(&api, &id(&made), &[("payment_method_options[card][network]", "mastercard")]).ok();
    assert_eq!(text(&changed["payment_method_options"]["card"], "network"), "mastercard");
    assert_eq!(text(&changed["payment_method_options"]["card"], "request_three_d_secure"), "any");
    let saved = ("payment_method_options[card][setup_future_usage]", "off_session");
    let changed = update(&api, &id(&made), &[saved]).ok();
    assert_eq!(text(&changed["payment_method_options"]["card"], "setup_future_usage"), "off_session");
    let changed = update(&api, &id(&made), &[(saved.0, "")]).ok();
    assert!(changed["payment_method_options"]["card"].get("setup_future_usage").is_none());
    let changed = update(&api, &id(&made), &[("payment_method_options[card]", "")]).ok();
    assert_eq!(text(&changed["payment_method_options"]["card"], "request_three_d_secure"), "automatic");
    let other = ("payment_method_options[klarna][setup_future_usage]", "none");
    let changed = update(&api, &id(&made), &[other]).ok();
    assert_eq!(
        changed["payment_method_options"]["klarna"],
        json!({"preferred_locale": null, "setup_future_usage": "none"})
    );
}

#[test]
fn excluded_types_are_not_taken() {
    let api = sandbox("pi-excluded");
    let made = intent(&api, &[("excluded_payment_method_types[]", "card")]).ok();
    assert_eq!(made["payment_method_types"], json!(["link"]));
    assert_eq!(made["excluded_payment_method_types"], json!(["card"]));
    let made = id(&made);
    let params = [("payment_method", "pm_card_visa"), ("return_url", "https://shop.example/back")];
    let code = Some("payment_intent_incompatible_payment_method");
    invalid(confirm(&api, &made, &params), 400, code, Some("payment_method"));
}

#[test]
fn types_may_change_while_the_intent_is_open() {
    let api = sandbox("pi-types-change");
    for types in ["payment_method_types[]", "allowed_payment_method_types[]"] {
        let made = id(&intent(&api, &[]).ok());
        let changed = update(&api, &made, &[(types, "card")]).ok();
        assert_eq!(changed["payment_method_types"], json!(["card"]));
        assert_eq!(changed["automatic_payment_methods"], Value::Null);
        assert_eq!(confirm(&api, &made, &[("payment_method", "pm_card_visa")]).ok()["status"], "succeeded");
    }
}

#[test]
fn a_fee_needs_somebody_who_pays_it() {
    let api = sandbox("pi-fee");
    let error = invalid(intent(&api, &[("application_fee_amount", "100")]), 400, Some("parameter_missing"), None);
    assert_eq!(
        error["message"],
        "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an OAuth \
         key or Stripe-Account header) or destination payment (using `transfer_data[destination]`)."
    );
    let seller = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    let to = ("transfer_data[destination]", seller.as_str());
    let made = intent(&api, &[CARD_ONLY, to, ("application_fee_amount", "100"), ("transfer_group", "g")]).ok();
    assert_eq!((int(&made, "application_fee_amount"), text(&made, "transfer_group")), (100, "g"));
    assert_eq!(made["transfer_data"], json!({"destination": seller}));
    let fee = Some("application_fee_amount");
    invalid(intent(&api, &[to, ("application_fee_amount", "2001")]), 400, None, fee);
    invalid(update(&api, &id(&made), &[("application_fee_amount", "2001")]), 400, None, fee);
    let direct = api.with("Stripe-Account", &seller);
    assert_eq!(int(&intent(&direct, &[("application_fee_amount", "5")]).ok(), "application_fee_amount"), 5);
}

#[test]
fn money_goes_to_accounts_that_are_there() {
    let api = sandbox("pi-destination");
    let answer = intent(&api, &[("transfer_data[destination]", "acct_nobody")]);
    let error = invalid(answer, 400, Some("resource_missing"), Some("transfer_data[destination]"));
    assert_eq!(error["message"], "No such destination: 'acct_nobody'");
}

#[test]
fn a_card_has_a_suffix_and_no_descriptor() {
    let api = sandbox("pi-descriptor");
    let descriptor = ("statement_descriptor", "TEA SHOP");
    invalid(intent(&api, &[CARD_ONLY, descriptor]), 400, None, Some("statement_descriptor"));
    let made = open(&api, &[]);
    invalid(update(&api, &made, &[descriptor]), 400, None, Some("statement_descriptor"));
    // Among automatic methods it may be meant for another one than cards.
    let made = intent(&api, &[descriptor]).ok();
    assert_eq!(text(&made, "statement_descriptor"), "TEA SHOP");
    let params = [("payment_method", "pm_card_visa"), ("return_url", "https://shop.example/back")];
    invalid(confirm(&api, &id(&made), &params), 400, None, Some("statement_descriptor"));
}

#[test]
fn the_customer_of_an_intent_is_set_once() {
    let api = sandbox("pi-customer-once");
    let [first, second] = [(); 2].map(|()| customer(&api, &[]));
    let made = open(&api, &[]);
    assert_eq!(text(&update(&api, &made, &[("customer", &first)]).ok(), "customer"), first);
    update(&api, &made, &[("customer", &first)]).ok();
    let error = invalid(update(&api, &made, &[("customer", &second)]), 400, None, Some("customer"));
    assert_eq!(error["payment_intent"]["customer"], first);
}

#[test]
fn an_error_in_place_of_an_action_is_for_chosen_types() {
    let api = sandbox("pi-strict");
    let strict = [
        ("confirm", "true"),
        ("payment_method", "pm_card_visa"),
        ("return_url", "https://shop.example/back"),
        ("error_on_requires_action", "true"),
    ];
    invalid(intent(&api, &strict), 400, None, Some("error_on_requires_action"));
    assert_eq!(intent(&api.version("2022-11-15"), &strict).ok()["status"], "succeeded");
}

#[test]
fn two_hundred_confirmations_at_once_charge_once() {
    let api = sandbox("pi-parallel");
    let owner = customer(&api, &[]);
    let card = attached(&api, "pm_card_visa", &owner);
    let made = open(&api, &[("customer", &owner), ("payment_method", &card)]);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let confirming: Vec<_> = (0..200).map(|_| scope.spawn(|| confirm(&api, &made, &[]).status)).collect();
        confirming.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 199);
    assert_eq!(ids(&api.get("/v1/charges", &[]).ok()).len(), 1);
    assert_eq!(int(&the_intent(&api, &made), "amount_received"), 2000);
}

#[test]
fn intents_are_listed_by_customer_newest_first() {
    let api = sandbox("pi-list");
    let owner = customer(&api, &[]);
    let made: Vec<String> = (0..3).map(|_| open(&api, &[("customer", &owner)])).collect();
    open(&api, &[]);
    let listed = ids(&api.get("/v1/payment_intents", &[("customer", &owner)]).ok());
    assert_eq!(listed, made.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(ids(&api.get("/v1/payment_intents", &[]).ok()).len(), 4);
    let unknown = api.get("/v1/payment_intents", &[("customer", "cus_nobody")]);
    missing(unknown, 400, "customer", "cus_nobody", "customer");
    invalid(
        api.get("/v1/payment_intents", &[("payment_method", "pm_x")]),
        400,
        Some("parameter_unknown"),
        Some("payment_method"),
    );
}

#[test]
fn the_line_items_of_an_amount_are_a_list_of_their_own() {
    let api = sandbox("pi-line-items");
    let items = |names: [&'static str; 2]| {
        [
            ("amount_details[line_items][0][product_name]", names[0]),
            ("amount_details[line_items][0][quantity]", "1"),
            ("amount_details[line_items][0][unit_cost]", "1500"),
            ("amount_details[line_items][1][product_name]", names[1]),
            ("amount_details[line_items][1][quantity]", "2"),
            ("amount_details[line_items][1][unit_cost]", "250"),
            ("amount_details[line_items][1][tax][total_tax_amount]", "40"),
            ("amount_details[shipping][amount]", "0"),
        ]
    };
    let made = intent(&api, &with(&[CARD_ONLY], &items(["Tea", "Cup"]))).ok();
    assert_eq!(made["amount_details"]["shipping"]["amount"], 0);
    assert!(made["amount_details"].get("line_items").is_none());
    let path = format!("/v1/payment_intents/{}/amount_details_line_items", id(&made));
    let names = || {
        let list = api.get(&path, &[]).ok();
        rows(&list).iter().map(|row| text(row, "product_name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(), ["Tea", "Cup"]);
    let first = api.get(&path, &[("limit", "1")]).ok();
    assert_eq!((int(&rows(&first)[0], "unit_cost"), &first["has_more"]), (1500, &json!(true)));
    update(&api, &id(&made), &items(["Pot", "Spoon"])).ok();
    assert_eq!(names(), ["Pot", "Spoon"]);
    update(&api, &id(&made), &[("amount_details[line_items]", "")]).ok();
    assert_eq!(names(), [""; 0]);
}

#[test]
fn a_part_of_an_amount_is_not_confirmed() {
    let api = sandbox("pi-amount-to-confirm");
    let made = open(&api, &[("payment_method", "pm_card_visa")]);
    confirm(&api, &made, &[("amount_to_confirm", "500")]).refused(501);
    assert_eq!(confirm(&api, &made, &[("amount_to_confirm", "2000")]).ok()["status"], "succeeded");
}

#[test]
fn a_manual_confirmation_takes_no_automatic_methods() {
    let api = sandbox("pi-manual-automatic");
    let both = [("confirmation_method", "manual"), ("automatic_payment_methods[enabled]", "true")];
    let sentence = "When `confirmation_method` is set to `manual`, `automatic_payment_methods` cannot be enabled. Use \
                    `confirmation_method` `automatic`, or specify `payment_method_types`.";
    says(intent(&api, &both), 400, sentence);
}

#[test]
fn a_shipment_shows_what_was_not_sent() {
    let api = sandbox("pi-shipping");
    let sent = [("shipping[name]", "Ada"), ("shipping[address][line1]", "1 Main Street")];
    let made = intent(&api, &sent).ok();
    let address = json!({
        "city": null, "country": null, "line1": "1 Main Street", "line2": null, "postal_code": null, "state": null
    });
    let mut shipping =
        json!({"address": address, "carrier": null, "name": "Ada", "phone": null, "tracking_number": null});
    assert_eq!(made["shipping"], shipping);
    let more =
        [("shipping[tracking_number]", "1Z"), ("shipping[name]", "Ada"), ("shipping[address][line1]", "1 Main Street")];
    let changed = update(&api, &id(&made), &more).ok();
    shipping["tracking_number"] = json!("1Z");
    assert_eq!(changed["shipping"], shipping);
}
