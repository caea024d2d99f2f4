//! The customer portal: configurations and sessions (billing 5.6, billing-2 11.5, 13.8).

use serde_json::{Value, json};

use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{Params, customer, id, invalid, missing, rows, says, text, with};

pub(super) const CONFIGURATIONS: &str = "/v1/billing_portal/configurations";
pub(super) const SESSIONS: &str = "/v1/billing_portal/sessions";

/// The least that a configuration says.
const HISTORY: Params<'static> = &[("features[invoice_history][enabled]", "true")];

pub(super) fn configure(api: &Client, params: Params<'_>) -> Answer {
    api.post(CONFIGURATIONS, params)
}

/// A monthly price.
pub(super) fn monthly(api: &Client, amount: &str) -> Value {
    let params = [
        ("currency", "usd"),
        ("unit_amount", amount),
        ("recurring[interval]", "month"),
        ("product_data[name]", "Plan"),
    ];
    api.post("/v1/prices", &params).ok()
}

/// A configuration that lets customers choose from these prices.
pub(super) fn offering(api: &Client, prices: &[&Value]) -> Value {
    let mut params: Vec<(String, String)> = [
        ("features[payment_method_update][enabled]", "true"),
        ("features[subscription_update][enabled]", "true"),
        ("features[subscription_update][default_allowed_updates][]", "price"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    for (n, price) in prices.iter().enumerate() {
        let at = format!("features[subscription_update][products][{n}]");
        params.push((format!("{at}[product]"), text(price, "product").to_owned()));
        params.push((format!("{at}[prices][0]"), id(price)));
    }
    let params: Vec<(&str, &str)> = params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    configure(api, &params).ok()
}

/// A customer with a subscription to a price; the customer, the subscription and its item.
pub(super) fn subscribed(api: &Client, price: &Value) -> (String, String, String) {
    let customer = customer(api, &[("email", "ada@shop.example")]);
    let card = crate::support::flows::attached(api, "pm_card_visa", &customer);
    let params = [
        ("customer", customer.as_str()),
        ("items[0][price]", text(price, "id")),
        ("default_payment_method", card.as_str()),
    ];
    let made = api.post("/v1/subscriptions", &params).ok();
    (customer, id(&made), id(&made["items"]["data"][0]))
}

/// Lets every subscription of the sandbox end with its period.
fn end_with_its_period(api: &Client) {
    let target = format!("/_pinstripe/state?sandbox={}", api.sandbox());
    let state = api.send("GET", &target, None).text;
    let ending = state.replace("\"cancel_at_period_end\":false", "\"cancel_at_period_end\":true");
    let ending = ending.replace("\"cancel_at_period_end\": false", "\"cancel_at_period_end\": true");
    assert_ne!(state, ending);
    let loaded = api.send("PUT", &target, Some(("application/json", ending.as_bytes())));
    assert_eq!(loaded.status, 200, "{}", loaded.text);
}

/// The types of the sandbox's events about the portal, oldest first.
fn events(api: &Client) -> Vec<String> {
    let events = api.get("/v1/events", &[("limit", "100")]).ok();
    let portal = rows(&events).iter().rev().map(|event| text(event, "type").to_owned());
    portal.filter(|name| name.starts_with("billing_portal")).collect()
}

#[test]
fn a_new_configuration_has_its_defaults() {
    let api = sandbox("portal-defaults");
    let made = configure(&api, HISTORY).ok();
    assert!(id(&made).starts_with("bpc_"));
    let reasons = ["too_expensive", "missing_features", "switched_service", "unused", "other"];
    let features = json!({
        "customer_update": {"allowed_updates": [], "enabled": false},
        "invoice_history": {"enabled": true},
        "payment_method_update": {"enabled": false, "payment_method_configuration": null},
        "subscription_cancel": {
            "cancellation_reason": {"enabled": false, "feedback_options": null, "options": reasons},
            "enabled": false, "mode": "at_period_end", "proration_behavior": "none",
        },
        "subscription_pause": {"duration": {"interval_options": [], "type": "indefinite"}, "enabled": false},
        "subscription_update": {
            "billing_cycle_anchor": null, "default_allowed_updates": [], "enabled": false,
            "proration_behavior": "none", "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    });
    assert_eq!(made["features"], features);
    let profile = json!({"headline": null, "privacy_policy_url": null, "terms_of_service_url": null});
    assert_eq!(made["business_profile"], profile);
    assert_eq!(made["login_page"], json!({"enabled": false, "url": null}));
    let plain = ["application", "default_return_url", "name"].map(|key| made[key].clone());
    assert_eq!(plain, [Value::Null, Value::Null, Value::Null]);
    assert_eq!((&made["active"], &made["is_default"]), (&json!(true), &json!(false)));
    assert_eq!((&made["updated"], &made["metadata"]), (&made["created"], &json!({})));
    assert_eq!(api.get(&format!("{CONFIGURATIONS}/{}", id(&made)), &[]).ok(), made);
    assert_eq!(events(&api), ["billing_portal.configuration.created"]);
    invalid(configure(&api, &[]), 400, Some("parameter_missing"), Some("features"));
}

#[test]
fn a_configuration_is_changed_feature_by_feature() {
    let api = sandbox("portal-update");
    let made = configure(&api, HISTORY).ok();
    let path = format!("{CONFIGURATIONS}/{}", id(&made));
    api.advance(60);
    let params = [
        ("features[subscription_cancel][enabled]", "true"),
        ("features[subscription_cancel][mode]", "immediately"),
        ("business_profile[headline]", "Ada's shop"),
        ("default_return_url", "https://shop.example/account"),
        ("name", "Plain"),
        ("metadata[team]", "billing"),
    ];
    let changed = api.post(&path, &params).ok();
    let features = &changed["features"];
    assert_eq!(
        (&features["subscription_cancel"]["mode"], &features["invoice_history"]["enabled"]),
        (&json!("immediately"), &json!(true))
    );
    assert_eq!((&changed["name"], &changed["metadata"]["team"]), (&json!("Plain"), &json!("billing")));
    assert!(changed["updated"].as_i64() > made["updated"].as_i64());
    // A call that changes nothing is no news.
    assert_eq!(api.post(&path, &[("name", "Plain")]).ok(), changed);
    assert_eq!(events(&api), ["billing_portal.configuration.created", "billing_portal.configuration.updated"]);
    missing(api.post(&format!("{CONFIGURATIONS}/bpc_none"), &[]), 404, "configuration", "bpc_none", "configuration");
    invalid(
        api.post(&path, &[("default_return_url", "nowhere")]),
        400,
        Some("url_invalid"),
        Some("default_return_url"),
    );
}

#[test]
fn a_login_page_has_an_address_while_it_is_enabled() {
    let api = sandbox("portal-login");
    let made = configure(&api, &with(HISTORY, &[("login_page[enabled]", "true")])).ok();
    let url = text(&made["login_page"], "url");
    let path = url.strip_prefix(api.url()).unwrap();
    let shown = api.send("GET", path, None);
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert!(shown.text.contains("No email is sent"), "{}", shown.text);
    let off = api.post(&format!("{CONFIGURATIONS}/{}", id(&made)), &[("login_page[enabled]", "false")]).ok();
    assert_eq!(off["login_page"], json!({"enabled": false, "url": null}));
    assert_eq!(api.send("GET", path, None).status, 404);
}

#[test]
fn configurations_are_listed_by_active_and_default() {
    let api = sandbox("portal-list");
    let (one, other) = (configure(&api, HISTORY).ok(), configure(&api, HISTORY).ok());
    api.post(&format!("{CONFIGURATIONS}/{}", id(&one)), &[("active", "false")]).ok();
    let ada = customer(&api, &[]);
    let session = api.post(SESSIONS, &[("customer", &ada)]).ok();
    let found =
        |filter: Params<'_>| -> Vec<String> { rows(&api.get(CONFIGURATIONS, filter).ok()).iter().map(id).collect() };
    let default = text(&session, "configuration").to_owned();
    assert_eq!(found(&[]), [default.clone(), id(&other), id(&one)]);
    assert_eq!(found(&[("active", "false")]), [id(&one)]);
    assert_eq!(found(&[("is_default", "true")]), [default]);
}

#[test]
fn the_products_of_a_configuration_are_shown_when_they_are_expanded() {
    let api = sandbox("portal-products");
    let price = monthly(&api, "900");
    let made = offering(&api, &[&price]);
    assert_eq!(made["features"]["subscription_update"].get("products"), None);
    let path = format!("{CONFIGURATIONS}/{}", id(&made));
    let expand = [("expand[]", "features.subscription_update.products")];
    let products = json!([{
        "adjustable_quantity": {"enabled": true, "maximum": null, "minimum": 1},
        "prices": [id(&price)],
        "product": price["product"],
    }]);
    assert_eq!(api.get(&path, &expand).ok()["features"]["subscription_update"]["products"], products);
    let expand = [("expand[]", "data.features.subscription_update.products")];
    let listed = api.get(CONFIGURATIONS, &expand).ok();
    assert_eq!(listed["data"][0]["features"]["subscription_update"]["products"], products);
    // They stay when something else changes, and are replaced as a whole.
    api.post(&path, &[("name", "Plans")]).ok();
    let other = monthly(&api, "1900");
    let params = [
        ("features[subscription_update][products][0][product]", text(&other, "product")),
        ("features[subscription_update][products][0][prices][0]", text(&other, "id")),
        ("features[subscription_update][products][0][adjustable_quantity][enabled]", "false"),
        ("expand[]", "features.subscription_update.products"),
    ];
    let changed = api.post(&path, &params).ok();
    let product = &changed["features"]["subscription_update"]["products"][0];
    assert_eq!((&product["prices"], &product["adjustable_quantity"]["enabled"]), (&json!([id(&other)]), &json!(false)));
}

#[test]
fn customers_are_offered_recurring_prices_of_the_products_they_stand_under() {
    const ON: Params<'_> =
        &[("features[payment_method_update][enabled]", "true"), ("features[subscription_update][enabled]", "true")];
    const AT: &str = "features[subscription_update][products]";
    let api = sandbox("portal-offers");
    let (price, other) = (monthly(&api, "900"), monthly(&api, "1900"));
    let missing_products = Some("features[subscription_update][products]");
    invalid(configure(&api, ON), 400, Some("parameter_missing"), missing_products);
    let (at_product, at_price) = (format!("{AT}[0][product]"), format!("{AT}[0][prices][0]"));
    let offered = |product: &str, price: &str| {
        configure(&api, &with(ON, &[(at_product.as_str(), product), (at_price.as_str(), price)]))
    };
    let product = text(&price, "product");
    missing(offered("prod_none", text(&price, "id")), 400, "product", "prod_none", &at_product);
    missing(offered(product, "price_none"), 400, "price", "price_none", &at_price);
    let sentence = format!("The price `{}` does not belong to the product `{product}`.", id(&other));
    says(offered(product, text(&other, "id")), 400, &sentence);
    let once = [("currency", "usd"), ("unit_amount", "5"), ("product", product)];
    let once = id(&api.post("/v1/prices", &once).ok());
    says(offered(product, &once), 400, &format!("The price `{once}` is not recurring: no subscription can have it."));
    let sentence = "Cannot enable subscription updates while payment method update is disabled.";
    let alone =
        [("features[subscription_update][enabled]", "true"), (&*at_product, product), (&*at_price, text(&price, "id"))];
    says(configure(&api, &alone), 400, sentence);
    let eleven: Vec<(String, String)> = (0..11)
        .flat_map(|n| {
            [(format!("{AT}[{n}][product]"), product.to_owned()), (format!("{AT}[{n}][prices][0]"), id(&price))]
        })
        .collect();
    let eleven: Vec<(&str, &str)> = eleven.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    says(configure(&api, &with(ON, &eleven)), 400, &format!("Array {AT} exceeded maximum 10 allowed elements."));
    for (least, most, param) in [("-1", "3", "minimum"), ("5", "3", "maximum")] {
        let at = format!("{AT}[0][adjustable_quantity]");
        let (enabled, minimum, maximum) =
            (format!("{at}[enabled]"), format!("{at}[minimum]"), format!("{at}[maximum]"));
        let params = [
            (&*at_product, product),
            (&*at_price, text(&price, "id")),
            (&enabled, "true"),
            (&minimum, least),
            (&maximum, most),
        ];
        let param = format!("{at}[{param}]");
        invalid(configure(&api, &with(ON, &params)), 400, Some("parameter_invalid_integer"), Some(&param));
    }
    assert_eq!(api.get(CONFIGURATIONS, &[]).ok()["data"], json!([]));
}

#[test]
fn a_pause_for_a_chosen_time_needs_times_to_choose_from() {
    const OPTIONS: &str = "features[subscription_pause][duration][interval_options]";
    let api = sandbox("portal-pause");
    let kind = [
        ("features[subscription_pause][enabled]", "true"),
        ("features[subscription_pause][duration][type]", "interval_options"),
    ];
    invalid(configure(&api, &kind), 400, Some("parameter_missing"), Some(OPTIONS));
    let (interval, count) = (format!("{OPTIONS}[0][interval]"), format!("{OPTIONS}[0][interval_count]"));
    let none = [(interval.as_str(), "month"), (count.as_str(), "0")];
    invalid(configure(&api, &with(&kind, &none)), 400, Some("parameter_invalid_integer"), Some(&count));
    let made = configure(&api, &with(&kind, &[(&interval, "month")])).ok();
    let options = &made["features"]["subscription_pause"]["duration"]["interval_options"];
    assert_eq!(*options, json!([{"interval": "month", "interval_count": 1}]));
}

#[test]
fn a_session_leads_to_a_page_that_says_what_its_customer_can_do() {
    let api = sandbox("portal-session");
    let params = [
        ("features[customer_update][enabled]", "true"),
        ("features[customer_update][allowed_updates][]", "phone"),
        ("business_profile[headline]", "Ada's shop"),
        ("default_return_url", "https://shop.example/account"),
    ];
    let configuration = configure(&api, &params).ok();
    let ada = customer(&api, &[("email", "ada@shop.example")]);
    let session = api.post(SESSIONS, &[("customer", &ada), ("configuration", &id(&configuration))]).ok();
    let plain = ["flow", "locale", "on_behalf_of", "return_url", "customer_account"].map(|key| session[key].clone());
    assert_eq!(plain, [const { Value::Null }; 5]);
    assert_eq!((text(&session, "customer"), text(&session, "configuration")), (ada.as_str(), &*id(&configuration)));
    assert!(id(&session).starts_with("bps_"));
    let shown = api.send("GET", text(&session, "url").strip_prefix(api.url()).unwrap(), None);
    assert_eq!(shown.status, 200, "{}", shown.text);
    for part in ["Ada&#39;s shop", "ada@shop.example", "Phone number", "shop.example/account"] {
        assert!(shown.text.contains(part), "{part}: {}", shown.text);
    }
    assert!(!shown.text.contains("Cancel subscription"), "{}", shown.text);
    assert_eq!(api.send("GET", "/p/session/bps_none", None).status, 404);
    // The address of the page in sessions of an older version.
    let old = api.send("GET", &format!("/_pinstripe/portal/{}?sandbox=portal-session", id(&session)), None);
    assert_eq!((old.status, old.header("location")), (303, Some(text(&session, "url"))));
    assert_eq!(events(&api), ["billing_portal.configuration.created", "billing_portal.session.created"]);
    let params = [("customer", ada.as_str()), ("return_url", "https://shop.example/back"), ("locale", "de")];
    let own = api.post(SESSIONS, &params).ok();
    assert_eq!((text(&own, "return_url"), text(&own, "locale")), ("https://shop.example/back", "de"));
}

#[test]
fn a_session_that_names_no_configuration_uses_the_default_one_which_is_made_once() {
    let api = sandbox("portal-default");
    let ada = customer(&api, &[]);
    let (one, two) = (api.post(SESSIONS, &[("customer", &ada)]).ok(), api.post(SESSIONS, &[("customer", &ada)]).ok());
    assert_eq!(one["configuration"], two["configuration"]);
    let path = format!("{CONFIGURATIONS}/{}", text(&one, "configuration"));
    let default = api.get(&path, &[]).ok();
    assert_eq!(default["is_default"], true);
    let enabled = |feature: &str| default["features"][feature]["enabled"].as_bool().unwrap();
    let on = ["customer_update", "invoice_history", "payment_method_update", "subscription_cancel"];
    assert!(on.into_iter().all(enabled));
    assert!(!["subscription_pause", "subscription_update"].into_iter().any(enabled));
    says(
        api.post(&path, &[("active", "false")]),
        400,
        "The default configuration of the customer portal cannot be deactivated.",
    );
    let session = "billing_portal.session.created";
    assert_eq!(events(&api), ["billing_portal.configuration.created", session, session]);
}

#[test]
fn a_session_needs_a_customer_and_an_active_configuration() {
    let api = sandbox("portal-needs");
    let ada = customer(&api, &[]);
    invalid(api.post(SESSIONS, &[]), 400, Some("parameter_missing"), Some("customer"));
    missing(api.post(SESSIONS, &[("customer", "cus_none")]), 400, "customer", "cus_none", "customer");
    let named = [("customer", ada.as_str()), ("configuration", "bpc_none")];
    missing(api.post(SESSIONS, &named), 400, "configuration", "bpc_none", "configuration");
    let off = id(&configure(&api, HISTORY).ok());
    api.post(&format!("{CONFIGURATIONS}/{off}"), &[("active", "false")]).ok();
    let named = [("customer", ada.as_str()), ("configuration", off.as_str())];
    says(api.post(SESSIONS, &named), 400, &format!("The portal configuration `{off}` is not active."));
    let account = [("customer", ada.as_str()), ("customer_account", "acct_1")];
    assert_eq!(api.post(SESSIONS, &account).status, 501);
}

#[test]
fn a_flow_shows_every_key_that_it_could_have() {
    let api = sandbox("portal-flow");
    let price = monthly(&api, "900");
    let (ada, subscription, _) = subscribed(&api, &price);
    let params = [
        ("customer", ada.as_str()),
        ("flow_data[type]", "subscription_cancel"),
        ("flow_data[subscription_cancel][subscription]", subscription.as_str()),
        ("flow_data[after_completion][type]", "redirect"),
        ("flow_data[after_completion][redirect][return_url]", "https://shop.example/done"),
    ];
    let flow = api.post(SESSIONS, &params).ok()["flow"].clone();
    let after = json!({
        "hosted_confirmation": null, "redirect": {"return_url": "https://shop.example/done"}, "type": "redirect",
    });
    assert_eq!(
        flow,
        json!({
            "after_completion": after,
            "customer_update": null,
            "subscription_cancel": {"retention": null, "subscription": subscription},
            "subscription_pause": null,
            "subscription_update": null,
            "subscription_update_confirm": null,
            "type": "subscription_cancel",
        })
    );
    let params = [("customer", ada.as_str()), ("flow_data[type]", "payment_method_update")];
    let session = api.post(SESSIONS, &params).ok();
    let after = json!({"hosted_confirmation": null, "redirect": null, "type": "portal_homepage"});
    assert_eq!(session["flow"]["after_completion"], after);
    assert_eq!(session["flow"]["subscription_cancel"], Value::Null);
    let shown = api.send("GET", text(&session, "url").strip_prefix(api.url()).unwrap(), None).text;
    assert!(shown.contains("Payment methods") && !shown.contains("Billing information"), "{shown}");
    let params = [("customer", ada.as_str()), ("flow_data[type]", "customer_update")];
    assert_eq!(api.post(SESSIONS, &params).ok()["flow"]["customer_update"], json!({}));
}

#[test]
fn a_flow_is_about_a_subscription_of_the_customer_that_goes_on() {
    const AT: &str = "flow_data[subscription_cancel][subscription]";
    let api = sandbox("portal-flow-checks");
    let price = monthly(&api, "900");
    let (ada, subscription, _) = subscribed(&api, &price);
    let (bob, _, _) = subscribed(&api, &price);
    let cancel = |customer: &str, subscription: &str| {
        let flow = [("customer", customer), ("flow_data[type]", "subscription_cancel"), (AT, subscription)];
        api.post(SESSIONS, &flow)
    };
    let bare = [("customer", ada.as_str()), ("flow_data[type]", "subscription_cancel")];
    let param = Some("flow_data[subscription_cancel]");
    invalid(api.post(SESSIONS, &bare), 400, Some("parameter_missing"), param);
    missing(cancel(&ada, "sub_none"), 400, "subscription", "sub_none", AT);
    missing(cancel(&bob, &subscription), 400, "subscription", &subscription, AT);
    let other = [("flow_data[subscription_update][subscription]", subscription.as_str()), (AT, subscription.as_str())];
    let sentence = "`flow_data[subscription_update]` can only be used with `flow_data[type]=subscription_update`, not \
                    with `subscription_cancel`.";
    says(api.post(SESSIONS, &with(&bare, &other)), 400, sentence);
    let no_address = [(AT, subscription.as_str()), ("flow_data[after_completion][type]", "redirect")];
    let param = Some("flow_data[after_completion][redirect]");
    invalid(api.post(SESSIONS, &with(&bare, &no_address)), 400, Some("parameter_missing"), param);
    let path = format!("/v1/subscriptions/{subscription}");
    end_with_its_period(&api);
    let sentence = format!("The subscription {subscription} is already set to be canceled at period end.");
    says(cancel(&ada, &subscription), 400, &sentence);
    api.delete(&path).ok();
    let sentence = format!("The subscription {subscription} has the status `canceled`: it has ended.");
    says(cancel(&ada, &subscription), 400, &sentence);
}

#[test]
fn a_flow_needs_its_feature() {
    let api = sandbox("portal-flow-features");
    let price = monthly(&api, "900");
    let (ada, subscription, _) = subscribed(&api, &price);
    let configuration = id(&configure(&api, HISTORY).ok());
    let refused = |kind: &str, sentence: &str| {
        let at = format!("flow_data[{kind}][subscription]");
        let mut params =
            vec![("customer", ada.as_str()), ("configuration", configuration.as_str()), ("flow_data[type]", kind)];
        if kind.starts_with("subscription") {
            params.push((at.as_str(), subscription.as_str()));
        }
        says(api.post(SESSIONS, &params), 400, sentence);
    };
    refused(
        "subscription_update",
        "This subscription cannot be updated because the subscription update feature in the portal configuration is \
         disabled.",
    );
    refused(
        "subscription_cancel",
        "This subscription cannot be canceled because the subscription cancel feature in the portal configuration is \
         disabled.",
    );
    refused(
        "subscription_pause",
        "This subscription cannot be paused because the subscription pause feature in the portal configuration is \
         disabled.",
    );
    refused(
        "customer_update",
        "This customer cannot be updated because the customer update feature in the portal configuration is disabled.",
    );
    refused(
        "payment_method_update",
        "This customer cannot be updated because the payment method update feature in the portal configuration is \
         disabled.",
    );
}

#[test]
fn a_change_to_confirm_is_one_that_the_configuration_offers() {
    let api = sandbox("portal-confirm");
    let (small, large, other) = (monthly(&api, "900"), monthly(&api, "1900"), monthly(&api, "2900"));
    let (ada, subscription, item) = subscribed(&api, &small);
    let configuration = id(&offering(&api, &[&small, &large]));
    let confirm = |more: Params<'_>| {
        let flow = [
            ("customer", ada.as_str()),
            ("configuration", configuration.as_str()),
            ("flow_data[type]", "subscription_update_confirm"),
            ("flow_data[subscription_update_confirm][subscription]", subscription.as_str()),
        ];
        api.post(SESSIONS, &with(&flow, more))
    };
    let at_id = "flow_data[subscription_update_confirm][items][0][id]";
    let at_price = "flow_data[subscription_update_confirm][items][0][price]";
    let made = confirm(&[(at_id, &item), (at_price, text(&large, "id"))]).ok();
    let shown = &made["flow"]["subscription_update_confirm"];
    assert_eq!((&shown["items"][0]["price"], &shown["discounts"]), (&large["id"], &Value::Null));
    let sentence = format!(
        "The item `{item}` cannot be updated to price `{}` because the configuration `{configuration}` does not include \
         the price in its `features[subscription_update][products]`.",
        id(&other)
    );
    says(confirm(&[(at_id, &item), (at_price, text(&other, "id"))]), 400, &sentence);
    let nothing = "Cannot update the subscription because there are no changes to confirm.";
    says(confirm(&[(at_id, &item)]), 400, nothing);
    says(confirm(&[(at_id, &item), (at_price, text(&small, "id"))]), 400, nothing);
    let quantity = "flow_data[subscription_update_confirm][items][0][quantity]";
    confirm(&[(at_id, &item), (quantity, "3")]).ok();
    missing(confirm(&[(at_id, "si_none"), (quantity, "3")]), 400, "subscription_item", "si_none", at_id);
    let second = "flow_data[subscription_update_confirm][items][1][id]";
    let sentence = "Array flow_data[subscription_update_confirm][items] exceeded maximum 1 allowed elements.";
    says(confirm(&[(at_id, &item), (quantity, "3"), (second, &item)]), 400, sentence);
}

#[test]
fn a_customer_cannot_change_a_subscription_with_several_items() {
    let api = sandbox("portal-items");
    let (small, large) = (monthly(&api, "900"), monthly(&api, "1900"));
    let configuration = id(&offering(&api, &[&small, &large]));
    let ada = customer(&api, &[]);
    let card = crate::support::flows::attached(&api, "pm_card_visa", &ada);
    let params = [
        ("customer", ada.as_str()),
        ("items[0][price]", text(&small, "id")),
        ("items[1][price]", text(&large, "id")),
        ("default_payment_method", card.as_str()),
    ];
    let subscription = id(&api.post("/v1/subscriptions", &params).ok());
    let flow = [
        ("customer", ada.as_str()),
        ("configuration", configuration.as_str()),
        ("flow_data[type]", "subscription_update"),
        ("flow_data[subscription_update][subscription]", subscription.as_str()),
    ];
    let sentence =
        format!("The subscription {subscription} has 2 items: customers can only update a subscription with one item.");
    says(api.post(SESSIONS, &flow), 400, &sentence);
}

#[test]
fn the_configurations_of_a_connected_account_are_its_own() {
    let api = sandbox("portal-connect");
    let account = id(&api.post("/v1/accounts", &[("type", "standard")]).ok());
    let there = api.with("Stripe-Account", &account);
    let made = configure(&there, HISTORY).ok();
    assert!(text(&made, "application").starts_with("ca_"), "{made}");
    missing(
        api.get(&format!("{CONFIGURATIONS}/{}", id(&made)), &[]),
        404,
        "configuration",
        &id(&made),
        "configuration",
    );
}

/// What a customer does in a session.
fn act(api: &Client, session: &Value, params: Params<'_>) -> Answer {
    let target = format!("/_pinstripe/portal/{}?{}", text(session, "id"), crate::support::client::encode(params));
    api.send("POST", &target, None)
}

#[test]
fn a_customer_changes_the_card_and_the_details_that_are_allowed() {
    let api = sandbox("portal-act-customer");
    let ada = customer(&api, &[("email", "ada@shop.example")]);
    let session = api.post(SESSIONS, &[("customer", &ada), ("return_url", "https://shop.example/back")]).ok();
    let done = act(&api, &session, &[("action", "update_payment_method"), ("payment_method", "pm_card_visa")]).ok();
    assert_eq!((text(&done, "id"), text(&done, "return_url")), (&*ada, "https://shop.example/back"));
    let path = format!("/v1/customers/{ada}");
    let method = text(&api.get(&path, &[]).ok()["invoice_settings"], "default_payment_method").to_owned();
    assert_eq!(text(&api.get(&format!("/v1/payment_methods/{method}"), &[]).ok(), "customer"), ada);
    let types: Vec<String> =
        rows(&api.get("/v1/events", &[]).ok()).iter().map(|it| text(it, "type").to_owned()).collect();
    for event in ["setup_intent.created", "setup_intent.succeeded", "payment_method.attached", "customer.updated"] {
        assert!(types.iter().any(|known| known == event), "{event}: {types:?}");
    }
    let details = [("action", "update_customer"), ("email", "eve@shop.example"), ("country", "DE"), ("city", "Bonn")];
    act(&api, &session, &details).ok();
    let changed = api.get(&path, &[]).ok();
    assert_eq!((text(&changed, "email"), text(&changed["address"], "city")), ("eve@shop.example", "Bonn"));
    let name = act(&api, &session, &[("action", "update_customer"), ("name", "Eve")]);
    says(name, 400, "The configuration of the customer portal does not allow `name`.");
    let secured = [("action", "update_payment_method"), ("payment_method", "pm_card_threeDSecure2Required")];
    let sentence =
        "The payment method pm_card_threeDSecure2Required was not set up: its customer has to authenticate first.";
    says(act(&api, &session, &secured), 400, sentence);
    invalid(
        act(&api, &session, &[("action", "update_payment_method")]),
        400,
        Some("parameter_missing"),
        Some("payment_method"),
    );
    assert_eq!(act(&api, &session, &[("action", "fly")]).status, 400);
    let nobody = json!({"id": "bps_none"});
    assert_eq!(act(&api, &nobody, &[("action", "update_customer")]).status, 404);
}

#[test]
fn a_customer_cancels_at_once_and_says_why_where_that_is_allowed() {
    let api = sandbox("portal-act-cancel");
    let price = monthly(&api, "900");
    let (ada, subscription, _) = subscribed(&api, &price);
    let reason = "features[subscription_cancel][cancellation_reason]";
    let (enabled, option) = (format!("{reason}[enabled]"), format!("{reason}[options][0]"));
    let params = [
        ("features[subscription_cancel][enabled]", "true"),
        ("features[subscription_cancel][mode]", "immediately"),
        (enabled.as_str(), "true"),
        (option.as_str(), "unused"),
    ];
    let configuration = id(&configure(&api, &params).ok());
    let session = api.post(SESSIONS, &[("customer", &ada), ("configuration", &configuration)]).ok();
    let cancel = |more: Params<'_>| act(&api, &session, &with(&[("action", "cancel_subscription")], more));
    says(cancel(&[("feedback", "other")]), 400, "The configuration of the customer portal does not allow `other`.");
    invalid(cancel(&[("subscription", "sub_none")]), 400, Some("resource_missing"), Some("subscription"));
    let done = cancel(&[("feedback", "unused"), ("comment", "Too little time")]).ok();
    assert_eq!((text(&done, "id"), text(&done, "object")), (&*subscription, "subscription"));
    let ended = api.get(&format!("/v1/subscriptions/{subscription}"), &[]).ok();
    assert_eq!((text(&ended, "status"), text(&ended["cancellation_details"], "feedback")), ("canceled", "unused"));
    invalid(cancel(&[]), 400, Some("parameter_missing"), Some("subscription"));
    let pause = act(&api, &session, &[("action", "pause_subscription")]);
    let sentence = "This subscription cannot be paused because the subscription pause feature in the portal configuration is disabled.";
    says(pause, 400, sentence);
}

#[test]
fn a_customer_chooses_among_what_the_configuration_offers() {
    let api = sandbox("portal-act-update");
    let (small, large, other) = (monthly(&api, "900"), monthly(&api, "1900"), monthly(&api, "2900"));
    let (ada, _, item) = subscribed(&api, &small);
    let configuration = id(&offering(&api, &[&small, &large]));
    let session = api.post(SESSIONS, &[("customer", &ada), ("configuration", &configuration)]).ok();
    let update = |more: Params<'_>| act(&api, &session, &with(&[("action", "update_subscription")], more));
    says(update(&[]), 400, "Cannot update the subscription because there are no changes to confirm.");
    let refused = update(&[("price", text(&other, "id"))]).refused(400);
    assert!(
        text(&refused, "message").starts_with(&format!("The item `{item}` cannot be updated to price")),
        "{refused}"
    );
    says(update(&[("quantity", "2")]), 400, "The configuration of the customer portal does not allow `quantity`.");
    says(
        update(&[("promotion_code", "TEN")]),
        400,
        "The configuration of the customer portal does not allow `promotion_code`.",
    );
}

#[test]
fn a_customer_cancels_at_the_end_of_the_period_and_takes_it_back() {
    let api = sandbox("portal-act-later");
    let (ada, subscription, _) = subscribed(&api, &monthly(&api, "900"));
    let session = api.post(SESSIONS, &[("customer", &ada)]).ok();
    act(&api, &session, &[("action", "cancel_subscription"), ("feedback", "unused")]).ok();
    let path = format!("/v1/subscriptions/{subscription}");
    let ending = api.get(&path, &[]).ok();
    // A flexible subscription ends with the last period of its items (billing-2 2.2).
    assert_eq!(ending["cancel_at"], ending["items"]["data"][0]["current_period_end"]);
    assert_eq!((text(&ending, "status"), text(&ending["cancellation_details"], "feedback")), ("active", "unused"));
    let sentence = format!("The subscription {subscription} is already set to be canceled at period end.");
    says(act(&api, &session, &[("action", "cancel_subscription")]), 400, &sentence);
    act(&api, &session, &[("action", "keep_subscription")]).ok();
    assert_eq!(api.get(&path, &[]).ok()["cancel_at"], Value::Null);
}

#[test]
fn a_customer_pauses_where_that_is_allowed() {
    let api = sandbox("portal-act-pause");
    let (ada, subscription, _) = subscribed(&api, &monthly(&api, "900"));
    let configuration = id(&configure(&api, &[("features[subscription_pause][enabled]", "true")]).ok());
    let session = api.post(SESSIONS, &[("customer", &ada), ("configuration", &configuration)]).ok();
    act(&api, &session, &[("action", "pause_subscription")]).ok();
    assert_eq!(text(&api.get(&format!("/v1/subscriptions/{subscription}"), &[]).ok(), "status"), "paused");
}

/// A configuration that offers prices, and puts some changes off.
fn putting_off(api: &Client, prices: &[&Value], condition: &str) -> String {
    let configuration = id(&offering(api, prices));
    let params = [
        ("features[subscription_update][schedule_at_period_end][conditions][0][type]", condition),
        ("features[subscription_update][default_allowed_updates][0]", "price"),
        ("features[subscription_update][default_allowed_updates][1]", "promotion_code"),
        ("features[subscription_update][proration_behavior]", "always_invoice"),
    ];
    api.post(&format!("{CONFIGURATIONS}/{configuration}"), &params).ok();
    configuration
}

#[test]
fn a_lower_price_waits_in_a_schedule_until_the_period_is_over() {
    let api = sandbox("portal-act-downgrade");
    let (small, middle, large) = (monthly(&api, "900"), monthly(&api, "1900"), monthly(&api, "2900"));
    let (ada, subscription, _) = subscribed(&api, &middle);
    let configuration = putting_off(&api, &[&small, &middle, &large], "decreasing_item_amount");
    let session = api.post(SESSIONS, &[("customer", &ada), ("configuration", &configuration)]).ok();
    let path = format!("/v1/subscriptions/{subscription}");
    let before = api.get(&path, &[]).ok();
    let update =
        |price: &Value| act(&api, &session, &[("action", "update_subscription"), ("price", text(price, "id"))]);
    assert_eq!(id(&update(&small).ok()), subscription);
    let waiting = api.get(&path, &[]).ok();
    assert_eq!(waiting["items"], before["items"]);
    assert_eq!(waiting["latest_invoice"], before["latest_invoice"]);
    let schedule = format!("/v1/subscription_schedules/{}", text(&waiting, "schedule"));
    let shown = api.get(&schedule, &[]).ok();
    let end = &before["items"]["data"][0]["current_period_end"];
    assert_eq!((&shown["phases"][0]["end_date"], &shown["phases"][1]["items"][0]["price"]), (end, &small["id"]));
    assert_eq!((text(&shown, "end_behavior"), text(&shown["phases"][1], "proration_behavior")), ("release", "none"));
    // Another choice takes its place.
    update(&small).ok();
    let shown = api.get(&schedule, &[]).ok();
    assert_eq!(shown["phases"].as_array().unwrap().len(), 2);
    api.advance(31 * 86_400 + 2 * 3600);
    let after = api.get(&path, &[]).ok();
    assert_eq!(after["items"]["data"][0]["price"]["id"], small["id"]);
    let invoice = api.get(&format!("/v1/invoices/{}", text(&after, "latest_invoice")), &[]).ok();
    assert_eq!((invoice["total"].as_i64(), text(&invoice, "status")), (Some(900), "paid"));
    // What is dearer comes at once.
    update(&large).ok();
    assert_eq!(api.get(&path, &[]).ok()["items"]["data"][0]["price"]["id"], large["id"]);
}

#[test]
fn a_shorter_interval_waits_with_its_promotion_code() {
    let api = sandbox("portal-act-shorter");
    let year =
        [("currency", "usd"), ("unit_amount", "9000"), ("recurring[interval]", "year"), ("product_data[name]", "Plan")];
    let (yearly, cheap) = (api.post("/v1/prices", &year).ok(), monthly(&api, "900"));
    let (ada, subscription, _) = subscribed(&api, &yearly);
    let configuration = putting_off(&api, &[&yearly, &cheap], "shortening_interval");
    let session = api.post(SESSIONS, &[("customer", &ada), ("configuration", &configuration)]).ok();
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "50"), ("duration", "forever")]).ok());
    let code = [("promotion[type]", "coupon"), ("promotion[coupon]", coupon.as_str()), ("code", "HALF")];
    api.post("/v1/promotion_codes", &code).ok();
    let asked = [("action", "update_subscription"), ("price", text(&cheap, "id")), ("promotion_code", "HALF")];
    act(&api, &session, &asked).ok();
    api.advance(366 * 86_400);
    let after = api.get(&format!("/v1/subscriptions/{subscription}"), &[]).ok();
    assert_eq!(after["items"]["data"][0]["price"]["id"], cheap["id"]);
    let invoice = api.get(&format!("/v1/invoices/{}", text(&after, "latest_invoice")), &[]).ok();
    assert_eq!(invoice["total"].as_i64(), Some(450));
}
