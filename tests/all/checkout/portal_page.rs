//! The page of a portal session, as a browser sees it (billing-2 11.5).

use serde_json::Value;

use super::browse;
use super::portal::{CONFIGURATIONS, SESSIONS, configure, monthly, offering, subscribed};
use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{Params, id, rows, text, with};

/// Presses a button of the page.
#[track_caller]
fn press(api: &Client, session: &Value, params: Params<'_>) -> Answer {
    let form = crate::support::client::encode(params);
    browse(api, "POST", text(session, "url"), Some(&form))
}

#[test]
fn the_page_does_what_its_buttons_say() {
    let api = sandbox("portal-page");
    let (basic, pro) = (monthly(&api, "1000"), monthly(&api, "2500"));
    let offered = offering(&api, &[&basic, &pro]);
    let (ada, subscription, _) = subscribed(&api, &basic);
    let more = [
        ("features[subscription_cancel][enabled]", "true"),
        ("features[customer_update][enabled]", "true"),
        ("features[customer_update][allowed_updates][]", "name"),
        ("features[invoice_history][enabled]", "true"),
    ];
    api.post(&format!("{CONFIGURATIONS}/{}", id(&offered)), &more).ok();
    let session = api.post(SESSIONS, &[("customer", &ada), ("configuration", &id(&offered))]).ok();
    let page = browse(&api, "GET", text(&session, "url"), None);
    for part in [
        "Plan, $10.00 a month",
        "Renews on",
        "Plan, $25.00 a month",
        "visa ending in 4242",
        "Invoice history",
        "$10.00",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let of = [("subscription", subscription.as_str())];
    let done = press(&api, &session, &with(&of, &[("action", "update_subscription"), ("price", text(&pro, "id"))]));
    assert_eq!(
        (done.status, done.header("location")),
        (303, Some(&*format!("{}?sandbox=portal-page&done=update_subscription", id(&session))))
    );
    let read = || api.get(&format!("/v1/subscriptions/{subscription}"), &[]).ok();
    assert_eq!(text(&read()["items"]["data"][0]["price"], "id"), text(&pro, "id"));
    assert_eq!(press(&api, &session, &with(&of, &[("action", "cancel_subscription")])).status, 303);
    let page = browse(&api, "GET", &format!("{}?done=cancel_subscription", text(&session, "url")), None);
    for part in ["Your subscription is canceled", "Ends on", "Don’t cancel subscription"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert_eq!(press(&api, &session, &with(&of, &[("action", "keep_subscription")])).status, 303);
    assert_eq!(read()["cancel_at"], Value::Null);
    let card = [
        ("action", "update_payment_method"),
        ("cardNumber", "5555 5555 5555 4444"),
        ("cardExpiry", "12 / 34"),
        ("cardCvc", "123"),
        ("billingName", "Ada"),
    ];
    assert_eq!(press(&api, &session, &card).status, 303);
    let customer = api.get(&format!("/v1/customers/{ada}"), &[]).ok();
    let default = text(&customer["invoice_settings"], "default_payment_method").to_owned();
    let methods = api.get(&format!("/v1/customers/{ada}/payment_methods"), &[]).ok();
    let other = rows(&methods).iter().find(|it| text(it, "id") != default).map(id).unwrap();
    assert_eq!(press(&api, &session, &[("action", "remove_payment_method"), ("payment_method", &other)]).status, 303);
    assert_eq!(rows(&api.get(&format!("/v1/customers/{ada}/payment_methods"), &[]).ok()).len(), 1);
    assert_eq!(press(&api, &session, &[("action", "update_customer"), ("name", "Ada L.")]).status, 303);
    assert_eq!(text(&api.get(&format!("/v1/customers/{ada}"), &[]).ok(), "name"), "Ada L.");
    // What is refused is said on the page.
    let declined = [
        ("action", "update_payment_method"),
        ("cardNumber", "4000000000000002"),
        ("cardExpiry", "1234"),
        ("cardCvc", "123"),
    ];
    let page = press(&api, &session, &declined);
    assert!(page.status == 200 && page.text.contains("Your card was declined."), "{}", page.text);
}

#[test]
fn a_flow_shows_its_own_part_and_leads_where_it_says() {
    let api = sandbox("portal-flow-page");
    let basic = monthly(&api, "1000");
    let (ada, subscription, _) = subscribed(&api, &basic);
    let allowed =
        [("features[subscription_cancel][enabled]", "true"), ("features[payment_method_update][enabled]", "true")];
    let configuration = id(&configure(&api, &allowed).ok());
    let flow = [
        ("customer", ada.as_str()),
        ("configuration", configuration.as_str()),
        ("flow_data[type]", "subscription_cancel"),
        ("flow_data[subscription_cancel][subscription]", subscription.as_str()),
        ("flow_data[after_completion][type]", "redirect"),
        ("flow_data[after_completion][redirect][return_url]", "https://shop.example/gone"),
    ];
    let session = api.post(SESSIONS, &flow).ok();
    let page = browse(&api, "GET", text(&session, "url"), None);
    assert!(page.text.contains("Cancel subscription") && !page.text.contains("Payment methods"), "{}", page.text);
    let done = press(&api, &session, &[("action", "cancel_subscription"), ("subscription", &subscription)]);
    assert_eq!((done.status, done.header("location")), (303, Some("https://shop.example/gone")));
}
