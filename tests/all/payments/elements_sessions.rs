//! What Elements and the mobile SDKs ask before they show anything (stripe-js 8.2).

use serde_json::{Value, json};

use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{Params, attached, customer, id, intent, invalid, missing, says, text, with};

const OF_DOLLARS: Params<'_> = &[
    ("type", "deferred_intent"),
    ("deferred_intent[mode]", "payment"),
    ("deferred_intent[amount]", "1000"),
    ("deferred_intent[currency]", "usd"),
];

fn ask(api: &Client, params: Params<'_>) -> Answer {
    api.publishable().get("/v1/elements/sessions", params)
}

/// The types that are offered, in order.
#[track_caller]
fn offered(answer: Answer) -> Value {
    answer.ok()["payment_method_preference"]["ordered_payment_method_types"].clone()
}

#[test]
fn an_intent_is_shown_to_whoever_has_its_secret() {
    let api = sandbox("elements-intent");
    let types =
        [("payment_method_types[0]", "link"), ("payment_method_types[1]", "card"), ("payment_method", "pm_card_visa")];
    let made = intent(&api, &types).ok();
    let secret = text(&made, "client_secret");
    let params = [
        ("type", "payment_intent"),
        ("client_secret", secret),
        ("locale", "en-US"),
        ("referrer_host", "shop.example"),
        ("expand[0]", "payment_method_preference.payment_intent.payment_method"),
    ];
    let shown = ask(&api, &params).ok();
    assert!(text(&shown, "session_id").starts_with("elements_session_"), "{shown}");
    assert_eq!(
        (text(&shown, "merchant_country"), text(&shown, "merchant_currency"), text(&shown, "locale")),
        ("US", "usd", "en-US")
    );
    let preference = &shown["payment_method_preference"];
    assert_eq!((text(preference, "object"), text(preference, "type")), ("payment_method_preference", "payment_intent"));
    assert_eq!(preference["ordered_payment_method_types"], json!(["card", "link"]));
    assert_eq!(shown["ordered_payment_method_types_and_wallets"], json!(["card", "link"]));
    let seen = &preference["payment_intent"];
    assert_eq!((text(seen, "id"), text(&seen["payment_method"]["card"], "last4")), (text(&made, "id"), "4242"));
    assert!(seen.get("metadata").is_none() && shown["customer"].is_null(), "{shown}");
    let other = intent(&api, &[]).ok();
    let other = format!("{}_secret_{}", id(&made), text(&other, "client_secret").rsplit('_').next().unwrap());
    says(
        ask(&api, &[("type", "payment_intent"), ("client_secret", &other)]),
        400,
        "The client_secret provided does not match any associated PaymentIntent on this account. Ensure the publishable key \
         used belongs to the same account that created the PaymentIntent.",
    );
    let none = [("type", "payment_intent"), ("client_secret", "pi_none_secret_x")];
    missing(ask(&api, &none), 400, "payment_intent", "pi_none", "intent");
    invalid(ask(&api, &[("type", "payment_intent")]), 400, Some("parameter_missing"), Some("client_secret"));
    invalid(ask(&api, &[]), 400, Some("parameter_missing"), Some("type"));
    let setup = api.post("/v1/setup_intents", &[("payment_method_types[]", "card")]).ok();
    let shown = ask(&api, &[("type", "setup_intent"), ("client_secret", text(&setup, "client_secret"))]).ok();
    let preference = &shown["payment_method_preference"];
    assert_eq!(
        (text(preference, "type"), text(&preference["setup_intent"], "id")),
        ("setup_intent", text(&setup, "id"))
    );
}

#[test]
fn a_deferred_intent_offers_what_its_configuration_does() {
    let api = sandbox("elements-deferred");
    assert_eq!(offered(ask(&api, OF_DOLLARS)), json!(["card", "link"]));
    let named = [
        ("deferred_intent[payment_method_types][0]", "us_bank_account"),
        ("deferred_intent[payment_method_types][1]", "card"),
    ];
    assert_eq!(offered(ask(&api, &with(OF_DOLLARS, &named))), json!(["us_bank_account", "card"]));
    let on = [
        ("name", "Europe"),
        ("ideal[display_preference][preference]", "on"),
        ("eps[display_preference][preference]", "on"),
        ("link[display_preference][preference]", "off"),
    ];
    let europe = id(&api.post("/v1/payment_method_configurations", &on).ok());
    let of_europe = [("deferred_intent[payment_method_configuration]", europe.as_str())];
    let with_it = |more: Params<'_>| offered(ask(&api, &with(&with(OF_DOLLARS, &of_europe), more)));
    assert_eq!(with_it(&[]), json!(["card"]));
    let euros = ("deferred_intent[currency]", "eur");
    let in_euros = [
        ("type", "deferred_intent"),
        ("deferred_intent[mode]", "payment"),
        ("deferred_intent[amount]", "1000"),
        euros,
        of_europe[0],
    ];
    assert_eq!(offered(ask(&api, &in_euros)), json!(["card", "eps", "ideal"]));
    let kept = [("deferred_intent[setup_future_usage]", "off_session")];
    assert_eq!(offered(ask(&api, &with(&in_euros, &kept))), json!(["card", "ideal"]));
    let held = [("deferred_intent[capture_method]", "manual")];
    assert_eq!(offered(ask(&api, &with(&in_euros, &held))), json!(["card"]));
    let without = [("deferred_intent[excluded_payment_method_types][]", "ideal")];
    assert_eq!(offered(ask(&api, &with(&in_euros, &without))), json!(["card", "eps"]));
    let setup = [("type", "deferred_intent"), ("deferred_intent[mode]", "setup"), of_europe[0]];
    assert_eq!(offered(ask(&api, &setup)), json!(["card", "ideal"]));
    let none = [("deferred_intent[payment_method_configuration]", "pmc_none")];
    let name = "deferred_intent[payment_method_configuration]";
    missing(ask(&api, &with(OF_DOLLARS, &none)), 400, "payment_method_configuration", "pmc_none", name);
    let parameter_missing = Some("parameter_missing");
    invalid(ask(&api, &OF_DOLLARS[..2]), 400, parameter_missing, Some("deferred_intent[amount]"));
    invalid(ask(&api, &OF_DOLLARS[..3]), 400, parameter_missing, Some("deferred_intent[currency]"));
    invalid(ask(&api, &OF_DOLLARS[..1]), 400, parameter_missing, Some("deferred_intent"));
}

#[test]
fn a_customer_session_shows_what_its_component_shows_again() {
    let api = sandbox("elements-customer");
    let buyer = customer(&api, &[]);
    let method = |redisplay| {
        let method = attached(&api, "pm_card_visa", &buyer);
        api.post(&format!("/v1/payment_methods/{method}"), &[("allow_redisplay", redisplay)]).ok();
        method
    };
    let methods = ["always", "always", "limited", "unspecified"].map(method);
    let settings = [("invoice_settings[default_payment_method]", methods[1].as_str())];
    api.post(&format!("/v1/customers/{buyer}"), &settings).ok();
    let session = |more: Params<'_>| {
        let params = [("customer", buyer.as_str()), ("components[payment_element][enabled]", "true")];
        text(&api.post("/v1/customer_sessions", &with(&params, more)).ok(), "client_secret").to_owned()
    };
    let shown = |secret: &str| {
        ask(&api, &with(OF_DOLLARS, &[("customer_session_client_secret", secret)])).ok()["customer"].clone()
    };
    let listed = |of: &Value| {
        let all = of["payment_methods"].as_array().unwrap().clone();
        all.iter().map(id).collect::<Vec<_>>()
    };
    let again = ("components[payment_element][features][payment_method_redisplay]", "enabled");
    let of_secret = session(&[again]);
    let found = shown(&of_secret);
    assert_eq!(listed(&found), [methods[1].clone(), methods[0].clone()]);
    assert_eq!(text(&found, "default_payment_method"), methods[1]);
    assert_eq!(text(&found["customer_session"], "customer"), buyer);
    assert!(
        found["customer_session"].get("id").is_none() && found["payment_methods"][0].get("metadata").is_none(),
        "{found}"
    );
    let name = "components[payment_element][features][payment_method_allow_redisplay_filters]";
    let filters = [again, (&format!("{name}[0]") as &str, "limited"), (&format!("{name}[1]") as &str, "unspecified")]
        .map(|(key, value)| (key.to_owned(), value));
    let filters: Vec<(&str, &str)> = filters.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    let found = shown(&session(&filters));
    assert_eq!((listed(&found).len(), &found["default_payment_method"]), (2, &Value::Null));
    let one = [again, ("components[payment_element][features][payment_method_redisplay_limit]", "1")];
    assert_eq!(listed(&shown(&session(&one))), [methods[1].clone()]);
    assert!(listed(&shown(&session(&[]))).is_empty());
    let param = "customer_session_client_secret";
    missing(
        ask(&api, &with(OF_DOLLARS, &[(param, "cuss_secret_none")])),
        400,
        "customer_session",
        "cuss_secret_none",
        param,
    );
    api.advance(1_800);
    let late = ask(&api, &with(OF_DOLLARS, &[(param, &of_secret)]));
    let error = says(late, 400, "This customer session has expired. Create a new one.");
    assert_eq!(text(&error, "param"), param);
}

#[test]
fn what_could_be_no_intent_is_refused() {
    let api = sandbox("elements-refused");
    let with_one = |name: &'static str, value: &'static str| {
        let others: Vec<_> = OF_DOLLARS.iter().copied().filter(|(known, _)| *known != name).collect();
        ask(&api, &with(&others, &[(name, value)]))
    };
    for (name, value, code, param) in [
        ("deferred_intent[amount]", "-5", Some("parameter_invalid_integer"), "deferred_intent[amount]"),
        ("deferred_intent[amount]", "0", Some("parameter_invalid_integer"), "deferred_intent[amount]"),
        ("deferred_intent[currency]", "zzz", None, "deferred_intent[currency]"),
        ("deferred_intent[payment_method_types][]", "blah", None, "deferred_intent[payment_method_types]"),
        (
            "deferred_intent[excluded_payment_method_types][]",
            "blah",
            None,
            "deferred_intent[excluded_payment_method_types]",
        ),
    ] {
        invalid(with_one(name, value), 400, code, Some(param));
    }
    let free = [
        ("type", "deferred_intent"),
        ("deferred_intent[mode]", "subscription"),
        ("deferred_intent[amount]", "0"),
        ("deferred_intent[currency]", "usd"),
    ];
    ask(&api, &free).ok();
}
