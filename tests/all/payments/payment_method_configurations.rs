//! Payment method configurations, and what automatic payment methods offer because of them (intents-and-checkout 1.16).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, intent, invalid, missing, rows, says, text, the_intent, with};

const PATH: &str = "/v1/payment_method_configurations";
const KIND: &str = "payment_method_configuration";
const NO_LINK: (&str, &str) = ("link[display_preference][preference]", "off");
const IDEAL: (&str, &str) = ("ideal[display_preference][preference]", "on");

fn path(id: &str) -> String {
    format!("{PATH}/{id}")
}

fn create(api: &Client, params: &[(&str, &str)]) -> Value {
    api.post(PATH, params).ok()
}

fn default(api: &Client) -> Value {
    rows(&api.get(PATH, &[]).ok()).last().unwrap().clone()
}

fn change_default(api: &Client, params: &[(&str, &str)]) -> Value {
    api.post(&path(&id(&default(api))), params).ok()
}

fn setup(api: &Client, params: &[(&str, &str)]) -> Value {
    api.post("/v1/setup_intents", params).ok()
}

const TEA: &[(&str, &str)] = &[
    ("mode", "payment"),
    ("success_url", "https://a.example"),
    ("line_items[0][price_data][unit_amount]", "500"),
    ("line_items[0][price_data][product_data][name]", "Tea"),
    ("line_items[0][quantity]", "1"),
];

fn session(api: &Client, currency: &str, params: &[(&str, &str)]) -> Value {
    let currency = [("line_items[0][price_data][currency]", currency)];
    api.post("/v1/checkout/sessions", &with(&with(TEA, &currency), params)).ok()
}

fn types(shown: &Value) -> &Value {
    &shown["payment_method_types"]
}

fn method(available: bool, overridable: Option<bool>, preference: &str, value: &str) -> Value {
    let shown = json!({"overridable": overridable, "preference": preference, "value": value});
    json!({"available": available, "display_preference": shown})
}

#[test]
fn every_account_has_a_default_configuration() {
    let api = sandbox("pmc-default");
    let named = intent(&api, &[]).ok()["payment_method_configuration_details"]["id"].clone();
    let default = api.get(&path(named.as_str().unwrap()), &[]).ok();
    assert_eq!((&default["id"], &default["is_default"], &default["active"]), (&named, &json!(true), &json!(true)));
    assert_eq!(
        (&default["name"], &default["parent"], &default["application"]),
        (&json!("Default"), &Value::Null, &Value::Null)
    );
    for kind in ["apple_pay", "card", "google_pay", "link"] {
        assert_eq!(default[kind], method(true, None, "none", "on"), "{kind}");
    }
    assert_eq!(default["ideal"], method(false, None, "none", "off"));
    assert_eq!(api.get(PATH, &[]).ok()["data"], json!([default]));
}

#[test]
fn the_default_configuration_keeps_its_id_when_it_changes() {
    let api = sandbox("pmc-default-update");
    let before = default(&api);
    let changed = change_default(&api, &[NO_LINK, ("name", "Shop")]);
    assert_eq!(
        (&changed["id"], &changed["is_default"], &changed["name"]),
        (&before["id"], &json!(true), &json!("Shop"))
    );
    assert_eq!(changed["link"], method(false, None, "off", "off"));
    let other = create(&api, &[]);
    assert_eq!(api.get(PATH, &[]).ok()["data"], json!([other, changed]));
    assert_eq!(api.get(&path(text(&before, "id")), &[]).ok(), changed);
    let back = change_default(&api, &[("link[display_preference][preference]", "none")]);
    assert_eq!(back["link"], before["link"]);
}

#[test]
fn the_default_configuration_stays_active() {
    let api = sandbox("pmc-default-active");
    let error = api.post(&path(&id(&default(&api))), &[("active", "false")]);
    let sentence = "The default payment method configuration of an account cannot be deactivated.";
    assert_eq!(invalid(error, 400, None, Some("active"))["message"], sentence);
    assert_eq!(default(&api)["active"], true);
}

#[test]
fn an_unknown_configuration_is_refused() {
    let api = sandbox("pmc-unknown");
    missing(api.get(&path("pmc_none"), &[]), 404, KIND, "pmc_none", "configuration");
    missing(api.post(&path("pmc_none"), &[]), 404, KIND, "pmc_none", "configuration");
    missing(api.get(PATH, &[("starting_after", "pmc_none")]), 400, KIND, "pmc_none", "starting_after");
}

#[test]
fn the_value_of_a_type_follows_its_preference() {
    let api = sandbox("pmc-preference");
    let made = create(&api, &[NO_LINK, IDEAL, ("name", "Dutch")]);
    assert_eq!((&made["name"], &made["is_default"]), (&json!("Dutch"), &json!(false)));
    assert_eq!(made["ideal"], method(true, None, "on", "on"));
    assert_eq!(made["link"], method(false, None, "off", "off"));
    let changed = api.post(&path(&id(&made)), &[("ideal[display_preference][preference]", "none")]).ok();
    assert_eq!(changed["ideal"], method(false, None, "none", "off"));
    assert_eq!(changed["link"], made["link"]);
}

#[test]
fn lists_are_filtered_and_paged() {
    let api = sandbox("pmc-list");
    let default = default(&api);
    let (one, two) = (create(&api, &[]), create(&api, &[]));
    let idle = api.post(&path(&id(&one)), &[("active", "false")]).ok();
    let list = |params: &[(&str, &str)]| api.get(PATH, params).ok()["data"].clone();
    assert_eq!(list(&[("active", "false")]), json!([idle]));
    assert_eq!(list(&[("active", "true")]), json!([two, default]));
    assert_eq!(list(&[("application", "ca_none")]), json!([]));
    assert_eq!(list(&[("application", "")]), json!([two, idle, default]));
    let page = api.get(PATH, &[("limit", "2")]).ok();
    assert_eq!((&page["data"], &page["has_more"]), (&json!([two, idle]), &json!(true)));
    assert_eq!(list(&[("starting_after", text(&one, "id"))]), json!([default]));
}

#[test]
fn a_configuration_that_is_not_active_cannot_be_used() {
    let api = sandbox("pmc-inactive");
    let idle = id(&create(&api, &[]));
    api.post(&path(&idle), &[("active", "false")]).ok();
    let named = [(KIND, idle.as_str())];
    let error = invalid(intent(&api, &named), 400, None, Some(KIND));
    invalid(api.post("/v1/setup_intents", &named), 400, None, Some(KIND));
    let currency = [("line_items[0][price_data][currency]", "usd")];
    invalid(api.post("/v1/checkout/sessions", &with(&with(TEA, &currency), &named)), 400, None, Some(KIND));
    assert_eq!(error["message"], format!("The payment method configuration `{idle}` is not active."));
    api.post(&path(&idle), &[("active", "true")]).ok();
    assert_eq!(intent(&api, &named).ok()["payment_method_configuration_details"]["id"], json!(idle));
}

#[test]
fn intents_offer_the_types_that_their_configuration_has_on() {
    let api = sandbox("pmc-offer");
    let made = id(&create(&api, &[NO_LINK, IDEAL]));
    let named = [(KIND, made.as_str()), ("currency", "eur")];
    let pays = intent(&api, &named).ok();
    assert_eq!(types(&pays), &json!(["card", "ideal"]));
    assert_eq!(pays["payment_method_configuration_details"], json!({"id": made, "parent": null}));
    assert_eq!(types(&setup(&api, &named[..1])), &json!(["card", "ideal"]));
    assert_eq!(types(&intent(&api, &[]).ok()), &json!(["card", "link"]));
    change_default(&api, &[NO_LINK]);
    assert_eq!(types(&intent(&api, &[]).ok()), &json!(["card"]));
    assert_eq!(types(&setup(&api, &[])), &json!(["card"]));
    assert_eq!(types(&intent(&api, &[("payment_method_types[]", "link")]).ok()), &json!(["link"]));
}

#[test]
fn a_type_that_does_not_fit_the_currency_or_the_capture_is_not_offered() {
    let api = sandbox("pmc-fit");
    let affirm = ("affirm[display_preference][preference]", "on");
    change_default(&api, &[IDEAL, affirm]);
    let made = intent(&api, &[("currency", "usd")]).ok();
    assert_eq!(types(&made), &json!(["affirm", "card", "link"]));
    let held = intent(&api, &[("currency", "eur"), ("capture_method", "manual")]).ok();
    assert_eq!(types(&held), &json!(["card", "link"]));
    let made = id(&made);
    let changed = api.post(&format!("/v1/payment_intents/{made}"), &[("currency", "eur")]).ok();
    assert_eq!(types(&changed), &json!(["card", "ideal", "link"]));
    let without = [("excluded_payment_method_types[]", "card")];
    assert_eq!(types(&api.post(&format!("/v1/payment_intents/{made}"), &without).ok()), &json!(["ideal", "link"]));
    assert_eq!(types(&setup(&api, &without)), &json!(["ideal", "link"]));
}

#[test]
fn an_intent_changes_its_configuration() {
    let api = sandbox("pmc-change");
    let made = id(&create(&api, &[NO_LINK]));
    for path in ["/v1/payment_intents", "/v1/setup_intents"] {
        let base: &[(&str, &str)] =
            if path.contains("setup") { &[] } else { &[("amount", "1000"), ("currency", "usd")] };
        let open = id(&api.post(path, base).ok());
        let changed = api.post(&format!("{path}/{open}"), &[(KIND, &made)]).ok();
        assert_eq!(types(&changed), &json!(["card"]), "{path}");
        assert_eq!(changed["payment_method_configuration_details"], json!({"id": made, "parent": null}));
    }
}

#[test]
fn a_type_that_is_turned_off_does_not_pay() {
    let api = sandbox("pmc-off");
    let back = ("return_url", "https://a.example");
    let ideal = [("payment_method_data[type]", "ideal"), ("confirm", "true"), back];
    let euros = |more: &[(&str, &str)]| intent(&api, &with(&with(&[("currency", "eur")], &ideal), more));
    // What nobody decided is not offered, but taken.
    assert_eq!(euros(&[]).ok()["status"], "requires_action");
    let open = id(&intent(&api, &[("currency", "eur")]).ok());
    change_default(&api, &[("ideal[display_preference][preference]", "off"), NO_LINK]);
    let error = invalid(euros(&[]), 400, Some("payment_intent_incompatible_payment_method"), Some("payment_method"));
    assert!(text(&error, "message").contains("(ideal) is not allowed"), "{error}");
    let accepted = [
        ("mandate_data[customer_acceptance][type]", "offline"),
        ("customer", &*crate::support::flows::customer(&api, &[])),
    ];
    let refused = api.post("/v1/setup_intents", &with(&ideal, &accepted));
    assert_eq!(refused.status, 400);
    // What an intent shows, it takes.
    assert_eq!(types(&the_intent(&api, &open)), &json!(["card", "link"]));
    let paid = api.post(&format!("/v1/payment_intents/{open}/confirm"), &[("payment_method_data[type]", "link"), back]);
    assert_eq!(paid.ok()["status"], "succeeded");
}

#[test]
fn somebody_has_to_offer_something() {
    let api = sandbox("pmc-nothing");
    change_default(&api, &[NO_LINK, ("card[display_preference][preference]", "off")]);
    let sentence = |noun: &str| {
        format!(
            "No valid payment method types for this {noun}. Please ensure that you have activated payment methods \
             compatible with your chosen currency in your dashboard \
             (https://dashboard.stripe.com/settings/payments) or specify payment_method_types."
        )
    };
    says(intent(&api, &[]), 400, &sentence("Payment Intent"));
    says(api.post("/v1/setup_intents", &[]), 400, &sentence("Setup Intent"));
    let currency = [("line_items[0][price_data][currency]", "usd")];
    says(api.post("/v1/checkout/sessions", &with(TEA, &currency)), 400, &sentence("Checkout Session"));
    assert_eq!(types(&intent(&api, &[("payment_method_types[]", "card")]).ok()), &json!(["card"]));
}

#[test]
fn sessions_offer_the_types_that_their_configuration_has_on() {
    let api = sandbox("pmc-session");
    assert_eq!(types(&session(&api, "eur", &[])), &json!(["card"]));
    let made = id(&create(&api, &[IDEAL, ("affirm[display_preference][preference]", "on")]));
    let named = [(KIND, made.as_str())];
    let pays = session(&api, "eur", &named);
    assert_eq!(types(&pays), &json!(["card", "ideal"]));
    assert_eq!(pays["payment_method_configuration_details"], json!({"id": made, "parent": null}));
    let dollars = session(&api, "usd", &named);
    assert_eq!(types(&dollars), &json!(["affirm", "card"]));
    assert!(dollars["payment_method_options"].get("ideal").is_none(), "{dollars}");
    let saves = [("mode", "setup"), ("currency", "eur"), ("success_url", "https://a.example")];
    let saves = api.post("/v1/checkout/sessions", &with(&saves, &named)).ok();
    assert_eq!(types(&saves), &json!(["card", "ideal"]));
    let chosen = session(&api, "eur", &[("payment_method_types[]", "ideal")]);
    assert_eq!((types(&chosen), &chosen["payment_method_configuration_details"]), (&json!(["ideal"]), &Value::Null));
}

#[test]
fn a_child_has_the_preferences_of_its_parent_where_it_has_none() {
    let api = sandbox("pmc-child");
    let seller = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    let theirs = api.with("Stripe-Account", &seller);
    let parent = id(&create(&api, &[IDEAL, NO_LINK]));
    let child = create(&theirs, &[("parent", &parent), ("link[display_preference][preference]", "on")]);
    assert_eq!(child["parent"], json!(parent));
    assert!(text(&child, "application").starts_with("ca_"), "{child}");
    assert_eq!(child["ideal"], method(true, Some(true), "none", "on"));
    assert_eq!(child["link"], method(true, Some(true), "on", "on"));
    let filter = [("application", text(&child, "application"))];
    assert_eq!(rows(&theirs.get(PATH, &filter).ok()).len(), 2);
    // The child follows its parent.
    api.post(&path(&parent), &[("ideal[display_preference][preference]", "off")]).ok();
    let shown = theirs.get(&path(&id(&child)), &[]).ok();
    assert_eq!(shown["ideal"], method(false, Some(true), "none", "off"));
    let made = intent(&theirs, &[(KIND, &id(&child))]).ok();
    assert_eq!(made["payment_method_configuration_details"], json!({"id": child["id"], "parent": parent}));
}

#[test]
fn a_parent_is_a_configuration_of_the_platform_without_a_parent() {
    let api = sandbox("pmc-parent");
    missing(api.post(PATH, &[("parent", "pmc_none")]), 400, KIND, "pmc_none", "parent");
    let seller = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    let theirs = api.with("Stripe-Account", &seller);
    let own = id(&create(&theirs, &[]));
    missing(theirs.post(PATH, &[("parent", &own)]), 400, KIND, &own, "parent");
    let parent = id(&create(&api, &[]));
    let child = id(&create(&api, &[("parent", &parent)]));
    let error = invalid(api.post(PATH, &[("parent", &child)]), 400, None, Some("parent"));
    let sentence =
        format!("The payment method configuration `{child}` has a parent, so it cannot be the parent of another.");
    assert_eq!(error["message"], sentence);
}

#[test]
fn the_default_configuration_of_a_connected_account_follows_the_platforms() {
    let api = sandbox("pmc-connected");
    let seller = id(&api.post("/v1/accounts", &[("country", "US")]).ok());
    let theirs = api.with("Stripe-Account", &seller);
    let own = default(&theirs);
    assert_eq!((&own["parent"], &own["is_default"]), (&default(&api)["id"], &json!(true)));
    assert_ne!(own["id"], own["parent"]);
    change_default(&api, &[NO_LINK]);
    assert_eq!(types(&intent(&theirs, &[]).ok()), &json!(["card"]));
    change_default(&theirs, &[("link[display_preference][preference]", "on")]);
    assert_eq!(types(&intent(&theirs, &[]).ok()), &json!(["card", "link"]));
    assert_eq!(types(&intent(&api, &[]).ok()), &json!(["card"]));
}

#[test]
fn a_type_whose_capability_is_not_active_is_not_available() {
    let api = sandbox("pmc-capability");
    let asked = [("country", "NL"), ("type", "custom"), ("capabilities[ideal_payments][requested]", "true")];
    let seller = id(&api.post("/v1/accounts", &asked).ok());
    let theirs = api.with("Stripe-Account", &seller);
    let changed = change_default(&theirs, &[IDEAL]);
    assert_eq!(changed["ideal"], method(false, Some(true), "on", "on"));
    assert_eq!(types(&intent(&theirs, &[("currency", "eur")]).ok()), &json!(["card", "link"]));
}

#[test]
fn a_configuration_of_an_earlier_version_has_every_type() {
    let api = sandbox("pmc-older");
    let older = json!([{
        "id": "pmc_older", "object": KIND, "active": true, "application": null, "is_default": false, "livemode": false,
        "name": "Older", "parent": null, "ideal": {
            "available": true, "display_preference": {"preference": "on", "value": "on"},
        },
    }]);
    assert_eq!(api.post_json("/_pinstripe/fixtures?sandbox=pmc-older", &older).status, 200);
    let shown = api.get(&path("pmc_older"), &[]).ok();
    assert_eq!(shown["ideal"], method(true, None, "on", "on"));
    assert_eq!(shown["card"], method(true, None, "none", "on"));
}
