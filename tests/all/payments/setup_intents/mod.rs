//! SetupIntents and their attempts (intents-and-checkout 2).

mod announcing;
mod authentication;
mod browser;
mod cards;
mod debits;

use serde_json::{Value, json};

use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{Params, attached, customer, id, ids, invalid, keys, missing, pay, rows, text, with};

const CARD_ONLY: (&str, &str) = ("payment_method_types[]", "card");
const CONFIRM: (&str, &str) = ("confirm", "true");
const UNEXPECTED: Option<&str> = Some("setup_intent_unexpected_state");

/// The version before a setup intent's `usage` was ignored.
const USAGE_COUNTS: &str = "2026-07-29.dahlia";

fn create(api: &Client, params: Params<'_>) -> Answer {
    api.post("/v1/setup_intents", params)
}

/// An intent that takes cards only and waits for a confirmation.
fn open(api: &Client, params: Params<'_>) -> String {
    id(&create(api, &with(&[CARD_ONLY], params)).ok())
}

/// A setup of a card that is confirmed at once.
fn set_up(api: &Client, method: &str, params: Params<'_>) -> Answer {
    create(api, &with(&[CARD_ONLY, CONFIRM, ("payment_method", method)], params))
}

/// The actions below an intent's path.
fn act(api: &Client, intent: &str, action: &str, params: Params<'_>) -> Answer {
    api.post(&format!("/v1/setup_intents/{intent}/{action}"), params)
}

fn confirm(api: &Client, intent: &str, params: Params<'_>) -> Answer {
    act(api, intent, "confirm", params)
}

fn update(api: &Client, intent: &str, params: Params<'_>) -> Answer {
    api.post(&format!("/v1/setup_intents/{intent}"), params)
}

#[track_caller]
fn the_setup(api: &Client, intent: &str) -> Value {
    api.get(&format!("/v1/setup_intents/{intent}"), &[]).ok()
}

/// The attempts of an intent, newest first.
#[track_caller]
fn attempts(api: &Client, intent: &str) -> Vec<Value> {
    rows(&api.get("/v1/setup_attempts", &[("setup_intent", intent)]).ok()).to_vec()
}

#[track_caller]
fn statuses(api: &Client, intent: &str) -> Vec<String> {
    attempts(api, intent).iter().map(|attempt| text(attempt, "status").to_owned()).collect()
}

#[track_caller]
fn the_method(api: &Client, method: &str) -> Value {
    api.get(&format!("/v1/payment_methods/{method}"), &[]).ok()
}

/// The error of a call in the wrong state, which shows the intent.
#[track_caller]
fn wrong_state(answer: Answer, api: &Client, intent: &str) -> String {
    let error = invalid(answer, 400, UNEXPECTED, None);
    assert_eq!(error["setup_intent"], the_setup(api, intent));
    text(&error, "message").to_owned()
}

#[test]
fn a_new_intent_waits_for_a_method() {
    let api = sandbox("si-new");
    let made = create(&api, &[]).ok();
    let made_id = id(&made);
    assert!(made_id.starts_with("seti_1") && made_id.len() == 29, "{made_id}");
    let secret = text(&made, "client_secret").strip_prefix(&format!("{made_id}_secret_")).unwrap();
    assert!(secret.len() == 31 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{secret}");
    assert_eq!((text(&made, "status"), text(&made, "usage")), ("requires_payment_method", "off_session"));
    assert_eq!((&made["metadata"], &made["livemode"]), (&json!({}), &json!(false)));
    for null in [
        "allowed_payment_method_types",
        "application",
        "cancellation_reason",
        "customer",
        "customer_account",
        "description",
        "excluded_payment_method_types",
        "flow_directions",
        "last_setup_error",
        "latest_attempt",
        "mandate",
        "next_action",
        "on_behalf_of",
        "payment_method",
        "single_use_mandate",
    ] {
        assert_eq!(made.get(null), Some(&Value::Null), "{null}");
    }
    assert!(made.get("attach_to_self").is_none(), "absent unless set");
    let card = json!({"mandate_options": null, "network": null, "request_three_d_secure": "automatic"});
    assert_eq!(made["payment_method_options"]["card"], card);
    assert_eq!(the_setup(&api, &made_id), made);
}

#[test]
fn the_types_depend_on_the_version() {
    let api = sandbox("si-types");
    let today = create(&api, &[]).ok();
    assert_eq!(today["automatic_payment_methods"], json!({"allow_redirects": "always", "enabled": true}));
    let before = create(&api.version("2022-11-15"), &[]).ok();
    assert_eq!(
        (&before["automatic_payment_methods"], &before["payment_method_types"]),
        (&Value::Null, &json!(["card"]))
    );
    let by_hand = create(&api, &[CARD_ONLY]).ok();
    assert_eq!(
        (&by_hand["automatic_payment_methods"], &by_hand["payment_method_types"]),
        (&Value::Null, &json!(["card"]))
    );
    let both = create(&api, &[CARD_ONLY, ("automatic_payment_methods[enabled]", "true")]);
    let error = invalid(both, 400, None, None);
    assert_eq!(error["message"], "You cannot enable `automatic_payment_methods` and specify `payment_method_types`.");
    let unfit = invalid(create(&api, &[("payment_method_types[]", "affirm")]), 400, None, Some("payment_method_types"));
    assert!(text(&unfit, "message").contains("`affirm`"), "{unfit}");
}

#[test]
fn confirming_may_redirect_and_needs_a_return_url() {
    let api = sandbox("si-return-url");
    let params = [CONFIRM, ("payment_method", "pm_card_visa")];
    let error = invalid(create(&api, &params), 400, None, None);
    assert!(
        text(&error, "message").starts_with(
            "A `return_url` must be specified because this Setup Intent is configured to automatically accept the payment \
             methods enabled in the Dashboard, some of which may require a full page redirect to succeed."
        ),
        "{error}"
    );
    assert!(error.get("setup_intent").is_none(), "nothing was created");
    assert_eq!(ids(&api.get("/v1/setup_intents", &[]).ok()), [""; 0]);
    let never =
        [("automatic_payment_methods[enabled]", "true"), ("automatic_payment_methods[allow_redirects]", "never")];
    for more in [&[("return_url", "https://shop.example/done")][..], &never, &[CARD_ONLY]] {
        assert_eq!(create(&api, &with(&params, more)).ok()["status"], "succeeded");
    }
    assert_eq!(create(&api.version("2022-11-15"), &params).ok()["status"], "succeeded");
    let later = id(&create(&api, &[("payment_method", "pm_card_visa")]).ok());
    let error = invalid(confirm(&api, &later, &[]), 400, None, None);
    assert_eq!(error["setup_intent"], the_setup(&api, &later));
}

#[test]
fn what_is_for_a_confirmation_needs_one() {
    let api = sandbox("si-confirm-only");
    for (param, name) in [
        (("return_url", "https://shop.example"), "return_url"),
        (("mandate_data[customer_acceptance][type]", "offline"), "mandate_data"),
        (("use_stripe_sdk", "true"), "use_stripe_sdk"),
        (("confirmation_token", "ctoken_x"), "confirmation_token"),
    ] {
        let error = invalid(create(&api, &[param]), 400, None, None);
        assert_eq!(
            error["message"],
            format!(
                "The parameter `{name}` cannot be passed when creating a SetupIntent unless `confirm` is set to true."
            )
        );
    }
}

#[test]
fn usage_is_off_session_today_and_was_the_callers_before() {
    let api = sandbox("si-usage");
    let asked = [CARD_ONLY, ("usage", "on_session")];
    assert_eq!(create(&api, &asked).ok()["usage"], "off_session");
    assert_eq!(create(&api.version(USAGE_COUNTS), &asked).ok()["usage"], "on_session");
    assert_eq!(create(&api.version(USAGE_COUNTS), &[]).ok()["usage"], "off_session");
}

#[test]
fn a_successful_setup_attaches_the_method() {
    let api = sandbox("si-attach");
    let owner = customer(&api, &[]);
    let made = set_up(&api, "pm_card_visa", &[("customer", &owner), ("metadata[plan]", "tea")]).ok();
    assert_eq!((text(&made, "status"), text(&made, "customer")), ("succeeded", &*owner));
    assert_eq!((&made["mandate"], &made["single_use_mandate"]), (&Value::Null, &Value::Null), "a card has no mandate");
    let method = the_method(&api, text(&made, "payment_method"));
    assert_eq!((text(&method, "customer"), &method["card"]["checks"]["cvc_check"]), (&*owner, &json!("pass")));
    let listed = api.get(&format!("/v1/customers/{owner}/payment_methods"), &[]).ok();
    assert_eq!(ids(&listed), [id(&method)]);
    let attempt = attempts(&api, &id(&made)).remove(0);
    assert_eq!((made["latest_attempt"].as_str(), text(&attempt, "status")), (attempt["id"].as_str(), "succeeded"));
    assert_eq!((&attempt["usage"], &attempt["setup_error"]), (&json!("off_session"), &Value::Null));
    let card = &attempt["payment_method_details"]["card"];
    assert_eq!((&card["last4"], &card["three_d_secure"]), (&json!("4242"), &Value::Null));
    assert_eq!((text(&attempt, "customer"), text(&attempt, "setup_intent")), (&*owner, &*id(&made)));
}

#[test]
fn a_setup_for_nobody_leaves_the_method_free() {
    let api = sandbox("si-nobody");
    let made = set_up(&api, "pm_card_visa", &[]).ok();
    let method = text(&made, "payment_method");
    assert_eq!(the_method(&api, method)["customer"], Value::Null);
    assert_eq!(the_method(&api, method)["card"]["checks"]["cvc_check"], "pass");
    let owner = customer(&api, &[]);
    assert_eq!(attached(&api, method, &owner), method);
}

#[test]
fn a_set_up_card_pays_without_its_customer() {
    let api = sandbox("si-then-off-session");
    let owner = customer(&api, &[]);
    let off = [("customer", &*owner), ("off_session", "true")];
    let fresh = attached(&api, "pm_card_authenticationRequiredOnSetup", &owner);
    let refused = pay(&api, &fresh, &off).refused(402);
    assert_eq!(refused["code"], "authentication_required");
    let moto = [("customer", &*owner), ("payment_method_options[card][moto]", "true")];
    assert_eq!(set_up(&api, &fresh, &moto).ok()["status"], "succeeded");
    assert_eq!(pay(&api, &fresh, &off).ok()["status"], "succeeded");
}

#[test]
fn a_method_moves_the_intent_to_its_confirmation() {
    let api = sandbox("si-method");
    let with_method = create(&api, &[CARD_ONLY, ("payment_method", "pm_card_visa")]).ok();
    assert_eq!(text(&with_method, "status"), "requires_confirmation");
    assert!(text(&with_method, "payment_method").starts_with("pm_1"), "the test id is never shown");
    let later = open(&api, &[]);
    let data = [("payment_method_data[type]", "card"), ("payment_method_data[card][token]", "tok_mastercard")];
    let changed = update(&api, &later, &data).ok();
    assert_eq!(text(&changed, "status"), "requires_confirmation");
    let done = confirm(&api, &later, &[]).ok();
    assert_eq!((text(&done, "status"), &done["payment_method"]), ("succeeded", &changed["payment_method"]));
    let named = open(&api, &[]);
    let done = confirm(&api, &named, &[("payment_method", "pm_card_amex")]).ok();
    assert_eq!(the_method(&api, text(&done, "payment_method"))["card"]["brand"], "amex");
    assert_eq!(attempts(&api, &named).len(), 1);
}

#[test]
fn a_declined_card_leaves_the_intent_open() {
    let api = sandbox("si-decline");
    let owner = customer(&api, &[]);
    for (method, code, decline_code, param) in [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline", ""),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", "exp_month"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error", ""),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc", "cvc"),
    ] {
        let intent = open(&api, &[("customer", &owner)]);
        let error = confirm(&api, &intent, &[("payment_method", method)]).refused(402);
        assert_eq!((text(&error, "type"), text(&error, "code")), ("card_error", code));
        assert_eq!((text(&error, "decline_code"), text(&error, "param")), (decline_code, param));
        assert!(error.get("charge").is_none(), "nothing was charged: {error}");
        let after = the_setup(&api, &intent);
        assert_eq!(error["setup_intent"], after);
        assert_eq!((text(&after, "status"), &after["payment_method"]), ("requires_payment_method", &Value::Null));
        let last = &after["last_setup_error"];
        for key in ["code", "decline_code", "message", "param", "type", "payment_method"] {
            assert_eq!(last[key], error[key], "{key}");
        }
        assert!(last.get("payment_method_type").is_none() && last.get("setup_intent").is_none(), "{last}");
        assert_eq!(error["payment_method"]["customer"], Value::Null, "it was not attached");
        for seen in [last, &error] {
            assert_eq!(seen["payment_method"]["card"]["checks"]["cvc_check"], "pass", "the issuer was asked: {method}");
        }
        let attempt = attempts(&api, &intent).remove(0);
        assert_eq!((text(&attempt, "status"), &attempt["setup_error"]), ("failed", last));
        let again = confirm(&api, &intent, &[("payment_method", "pm_card_visa")]).ok();
        assert_eq!((text(&again, "status"), &again["last_setup_error"]), ("succeeded", &Value::Null));
        assert_eq!(statuses(&api, &intent), ["succeeded", "failed"]);
    }
}

#[test]
fn a_declined_creation_keeps_the_intent() {
    let api = sandbox("si-decline-create");
    let error = set_up(&api, "pm_card_chargeDeclined", &[]).refused(402);
    let listed = api.get("/v1/setup_intents", &[]).ok();
    assert_eq!(rows(&listed), [error["setup_intent"].clone()]);
}

#[test]
fn a_security_code_that_was_never_given_is_not_wrong() {
    let api = sandbox("si-no-cvc");
    let card = [
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][number]", "4000000000000127"),
        ("payment_method_data[card][exp_month]", "12"),
        ("payment_method_data[card][exp_year]", "2040"),
    ];
    assert_eq!(create(&api, &with(&[CARD_ONLY, CONFIRM], &card)).ok()["status"], "succeeded");
    let cvc = with(&card, &[("payment_method_data[card][cvc]", "123")]);
    assert_eq!(create(&api, &with(&[CARD_ONLY, CONFIRM], &cvc)).refused(402)["code"], "incorrect_cvc");
}

#[test]
fn confirming_needs_a_method_before_it_needs_a_state() {
    let api = sandbox("si-no-method");
    const LACKS: &str = "You cannot confirm this SetupIntent because it's missing a payment method. You can either update \
                         the SetupIntent with a payment method and then confirm it again, or confirm it again directly \
                         with a payment method or ConfirmationToken.";
    let owner = customer(&api, &[]);
    attached(&api, "pm_card_visa", &owner);
    let intent = open(&api, &[("customer", &owner)]);
    assert_eq!(wrong_state(confirm(&api, &intent, &[]), &api, &intent), LACKS, "the customer's own is not consulted");
    act(&api, &intent, "cancel", &[]).ok();
    assert_eq!(wrong_state(confirm(&api, &intent, &[]), &api, &intent), LACKS);
    let error = invalid(create(&api, &[CARD_ONLY, CONFIRM]), 400, UNEXPECTED, None);
    assert_eq!(error["message"], LACKS);
}

#[test]
fn an_ended_intent_is_not_confirmed_again() {
    let api = sandbox("si-confirm-ended");
    let done = id(&set_up(&api, "pm_card_visa", &[]).ok());
    const DONE: &str = "You cannot confirm this SetupIntent because it has already succeeded.";
    assert_eq!(wrong_state(confirm(&api, &done, &[]), &api, &done), DONE);
    assert_eq!(wrong_state(confirm(&api, &done, &[("payment_method", "pm_card_visa")]), &api, &done), DONE);
    let canceled = id(&create(&api, &[CARD_ONLY, ("payment_method", "pm_card_visa")]).ok());
    act(&api, &canceled, "cancel", &[]).ok();
    assert_eq!(
        wrong_state(confirm(&api, &canceled, &[]), &api, &canceled),
        "You cannot confirm this SetupIntent because it has been canceled."
    );
    assert_eq!(attempts(&api, &canceled), [Value::Null; 0]);
}

#[test]
fn an_open_intent_is_canceled_once() {
    let api = sandbox("si-cancel");
    let intent = open(&api, &[("payment_method", "pm_card_visa")]);
    let method = the_setup(&api, &intent)["payment_method"].clone();
    let canceled = act(&api, &intent, "cancel", &[("cancellation_reason", "abandoned")]).ok();
    assert_eq!((text(&canceled, "status"), text(&canceled, "cancellation_reason")), ("canceled", "abandoned"));
    assert_eq!(canceled["payment_method"], method, "the method is kept");
    assert_eq!(
        wrong_state(act(&api, &intent, "cancel", &[]), &api, &intent),
        "You cannot cancel this SetupIntent because it is already canceled."
    );
    let done = id(&set_up(&api, "pm_card_visa", &[]).ok());
    assert_eq!(
        wrong_state(act(&api, &done, "cancel", &[]), &api, &done),
        "You cannot cancel this SetupIntent because it has a status of succeeded. Only a SetupIntent with one of the \
         following statuses may be canceled: `requires_payment_method`, `requires_confirmation`, or `requires_action`."
    );
    invalid(
        act(&api, &done, "cancel", &[("cancellation_reason", "fraudulent")]),
        400,
        None,
        Some("cancellation_reason"),
    );
}

#[test]
fn what_was_set_up_no_longer_changes_but_its_description_does() {
    let api = sandbox("si-update-ended");
    let owner = customer(&api, &[]);
    let done = id(&set_up(&api, "pm_card_visa", &[("metadata[a]", "1")]).ok());
    for params in
        [[("payment_method", "pm_card_visa")], [CARD_ONLY], [("payment_method_options[card][network]", "visa")]]
    {
        assert_eq!(
            wrong_state(update(&api, &done, &params), &api, &done),
            "You cannot update this SetupIntent because it has already succeeded."
        );
    }
    let free = [("description", "Tea"), ("metadata[b]", "2"), ("customer", &owner)];
    let changed = update(&api, &done, &free).ok();
    assert_eq!((text(&changed, "description"), text(&changed, "customer")), ("Tea", &*owner));
    assert_eq!(changed["metadata"], json!({"a": "1", "b": "2"}));
    let canceled = open(&api, &[]);
    act(&api, &canceled, "cancel", &[]).ok();
    assert_eq!(
        wrong_state(update(&api, &canceled, &[("payment_method", "pm_card_visa")]), &api, &canceled),
        "You cannot update this SetupIntent because it has been canceled."
    );
    assert_eq!(update(&api, &canceled, &[("metadata", "")]).ok()["metadata"], json!({}));
}

#[test]
fn an_open_intent_takes_changes() {
    let api = sandbox("si-update");
    let intent = open(&api, &[("metadata[a]", "1")]);
    let changed = update(
        &api,
        &intent,
        &[
            ("description", "Tea"),
            ("metadata[a]", ""),
            ("payment_method_types[0]", "card"),
            ("payment_method_types[1]", "sepa_debit"),
            ("payment_method_options[card][request_three_d_secure]", "any"),
            ("payment_method_options[card][moto]", "true"),
            ("excluded_payment_method_types[]", "klarna"),
            ("flow_directions[]", "inbound"),
            ("attach_to_self", "true"),
        ],
    )
    .ok();
    assert_eq!((text(&changed, "description"), &changed["metadata"]), ("Tea", &json!({})));
    assert_eq!(changed["payment_method_types"], json!(["card", "sepa_debit"]));
    let card = json!({"mandate_options": null, "network": null, "request_three_d_secure": "any"});
    assert_eq!(changed["payment_method_options"]["card"], card, "what the type does not name is not shown");
    assert_eq!((&changed["flow_directions"], &changed["attach_to_self"]), (&json!(["inbound"]), &json!(true)));
    assert_eq!(changed["excluded_payment_method_types"], json!(["klarna"]));
    assert_eq!(
        update(&api, &intent, &[("excluded_payment_method_types", "")]).ok()["excluded_payment_method_types"],
        Value::Null
    );
    assert_eq!(the_setup(&api, &intent)["status"], "requires_payment_method");
}

#[test]
fn a_setup_for_the_account_itself_has_no_customer() {
    let api = sandbox("si-self");
    let owner = customer(&api, &[]);
    let both = create(&api, &[("attach_to_self", "true"), ("customer", &owner)]);
    invalid(both, 400, None, Some("attach_to_self"));
    let own = id(&create(&api, &[("attach_to_self", "true")]).ok());
    let other = id(&create(&api, &[("attach_to_self", "false")]).ok());
    let plain = id(&create(&api, &[]).ok());
    assert_eq!(ids(&api.get("/v1/setup_intents", &[("attach_to_self", "true")]).ok()), [&*own]);
    assert_eq!(ids(&api.get("/v1/setup_intents", &[("attach_to_self", "false")]).ok()), [plain, other]);
    let error = invalid(update(&api, &own, &[("customer", &owner)]), 400, None, Some("attach_to_self"));
    assert_eq!(error["setup_intent"], the_setup(&api, &own));
}

#[test]
fn whose_method_it_is_counts_from_the_creation_on() {
    let api = sandbox("si-ownership");
    let [alice, bob] = [(); 2].map(|()| customer(&api, &[]));
    let method = attached(&api, "pm_card_visa", &alice);
    let elsewhere = format!(
        "The PaymentMethod {method} does not belong to the Customer you supplied {bob}. Please use this PaymentMethod with \
         the Customer that it belongs to instead."
    );
    let nobodys = format!(
        "The payment method supplied ({method}) belongs to the Customer {alice}. Please include the Customer in the \
         `customer` parameter on the SetupIntent."
    );
    for (customer, message) in [(&[("customer", &*bob)][..], &elsewhere), (&[], &nobodys)] {
        let error = invalid(
            create(&api, &with(&[CARD_ONLY, ("payment_method", &method)], customer)),
            400,
            None,
            Some("payment_method"),
        );
        assert_eq!((&error["message"], error.get("setup_intent")), (&json!(message), None));
        let intent = open(&api, customer);
        for answer in [
            update(&api, &intent, &[("payment_method", &method)]),
            confirm(&api, &intent, &[("payment_method", &method)]),
        ] {
            let error = invalid(answer, 400, None, Some("payment_method"));
            assert_eq!((&error["message"], &error["setup_intent"]), (&json!(message), &the_setup(&api, &intent)));
        }
    }
    let own = open(&api, &[("customer", &alice), ("payment_method", &method)]);
    invalid(update(&api, &own, &[("customer", &bob)]), 400, None, Some("payment_method"));
    assert_eq!(confirm(&api, &own, &[]).ok()["status"], "succeeded");
    assert_eq!(set_up(&api, &method, &[("customer", &alice)]).ok()["status"], "succeeded", "again and again");
}

#[test]
fn a_used_up_method_is_not_set_up() {
    let api = sandbox("si-consumed");
    let paid = pay(&api, "pm_card_visa", &[]).ok();
    let error = invalid(
        set_up(&api, text(&paid, "payment_method"), &[]),
        400,
        Some("payment_method_used_without_customer"),
        None,
    );
    assert!(text(&error, "message").starts_with("The provided PaymentMethod was previously used"), "{error}");
}

#[test]
fn a_type_that_the_intent_does_not_take_is_refused() {
    let api = sandbox("si-type");
    let intent = open(&api, &[]);
    let error = invalid(
        confirm(&api, &intent, &[("payment_method", "pm_sepaDebit_success_de")]),
        400,
        None,
        Some("payment_method"),
    );
    assert_eq!(
        error["message"],
        "The PaymentMethod provided (sepa_debit) is not allowed for this SetupIntent. Please attach a PaymentMethod of one \
         of the following types: card. Alternatively, update the allowed payment_method_types for this SetupIntent to \
         include \"sepa_debit\"."
    );
    let excluding = id(&create(&api, &[("excluded_payment_method_types[]", "card")]).ok());
    let back = ("return_url", "https://shop.example");
    invalid(confirm(&api, &excluding, &[("payment_method", "pm_card_visa"), back]), 400, None, Some("payment_method"));
}

#[test]
fn unknown_things_are_missing() {
    let api = sandbox("si-missing");
    missing(api.get("/v1/setup_intents/seti_x", &[]), 404, "setupintent", "seti_x", "intent");
    for action in ["confirm", "cancel", "verify_microdeposits"] {
        missing(act(&api, "seti_x", action, &[]), 404, "setupintent", "seti_x", "intent");
    }
    missing(create(&api, &[("customer", "cus_x")]), 400, "customer", "cus_x", "customer");
    missing(create(&api, &[("payment_method", "pm_x")]), 400, "PaymentMethod", "pm_x", "payment_method");
    missing(api.get("/v1/setup_attempts", &[("setup_intent", "seti_x")]), 400, "setupintent", "seti_x", "setup_intent");
    missing(api.get("/v1/mandates/mandate_x", &[]), 404, "mandate", "mandate_x", "mandate");
    invalid(api.get("/v1/setup_attempts", &[]), 400, Some("parameter_missing"), Some("setup_intent"));
    missing(
        create(&api, &[("payment_method_configuration", "pmc_x")]),
        400,
        "payment_method_configuration",
        "pmc_x",
        "payment_method_configuration",
    );
    assert_eq!(create(&api, &[("customer_account", "acct_x")]).status, 501);
}

#[test]
fn intents_are_listed_by_customer_and_method() {
    let api = sandbox("si-list");
    let owner = customer(&api, &[]);
    let first = set_up(&api, "pm_card_visa", &[("customer", &owner)]).ok();
    let second = id(&create(&api, &[("customer", &owner)]).ok());
    let third = id(&create(&api, &[]).ok());
    assert_eq!(ids(&api.get("/v1/setup_intents", &[]).ok()), [&*third, &second, &id(&first)]);
    assert_eq!(ids(&api.get("/v1/setup_intents", &[("customer", &owner)]).ok()), [&*second, &id(&first)]);
    let by_method = [("payment_method", text(&first, "payment_method"))];
    assert_eq!(ids(&api.get("/v1/setup_intents", &by_method).ok()), [id(&first)]);
    missing(api.get("/v1/setup_intents", &[("customer", "cus_x")]), 400, "customer", "cus_x", "customer");
    let expanded = api.get("/v1/setup_intents", &[("expand[]", "data.latest_attempt"), ("customer", &owner)]).ok();
    assert_eq!(rows(&expanded)[1]["latest_attempt"]["object"], "setup_attempt");
}

#[test]
fn an_error_of_a_setup_has_the_documented_keys() {
    let api = sandbox("si-error-keys");
    let error = set_up(&api, "pm_card_chargeDeclined", &[]).refused(402);
    assert_eq!(
        keys(&error),
        [
            "advice_code",
            "code",
            "decline_code",
            "doc_url",
            "message",
            "network_decline_code",
            "param",
            "payment_method",
            "request_log_url",
            "setup_intent",
            "type",
        ]
    );
}
