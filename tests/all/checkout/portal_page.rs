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
    let page = browse(&api, "GET", &format!("{}&done=cancel_subscription", text(&session, "url")), None);
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

#[test]
fn a_change_of_the_plan_is_confirmed_with_what_it_costs() {
    let api = sandbox("portal-preview");
    let (basic, pro) = (monthly(&api, "1000"), monthly(&api, "2500"));
    let offered = offering(&api, &[&basic, &pro]);
    let more = [("features[subscription_update][proration_behavior]", "create_prorations")];
    api.post(&format!("{CONFIGURATIONS}/{}", id(&offered)), &more).ok();
    let (ada, subscription, _) = subscribed(&api, &basic);
    let session = api.post(SESSIONS, &[("customer", &ada), ("configuration", &id(&offered))]).ok();
    let change = [
        ("action", "update_subscription"),
        ("step", "preview"),
        ("subscription", subscription.as_str()),
        ("price", text(&pro, "id")),
    ];
    let page = press(&api, &session, &change);
    for part in
        ["New plan: Plan, $25.00 a month", "Unused time on", "Remaining time on", "On the invoice of", "-$10.00"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let hidden = format!("name=\"price\" value=\"{}\"", text(&pro, "id"));
    assert!(page.text.contains(&hidden) && page.text.contains("Confirm update"), "{}", page.text);
    // Nothing is changed until it is confirmed.
    let read = || api.get(&format!("/v1/subscriptions/{subscription}"), &[]).ok();
    assert_eq!(read()["items"]["data"][0]["price"]["id"], basic["id"]);
    assert_eq!(rows(&api.get("/v1/invoiceitems", &[]).ok()).len(), 0);
    // What the customer may not choose is refused at once.
    let other = monthly(&api, "7700");
    let page = press(&api, &session, &with(&change[..3], &[("price", text(&other, "id"))]));
    assert!(page.text.contains("role=\"alert\"") && page.text.contains("cannot be updated to price"), "{}", page.text);
}

#[test]
fn what_is_billed_at_once_is_due_today() {
    let api = sandbox("portal-due");
    let (basic, pro) = (monthly(&api, "1000"), monthly(&api, "2500"));
    let offered = offering(&api, &[&basic, &pro]);
    let more = [("features[subscription_update][proration_behavior]", "always_invoice")];
    api.post(&format!("{CONFIGURATIONS}/{}", id(&offered)), &more).ok();
    let (ada, subscription, _) = subscribed(&api, &basic);
    let flow = [
        ("customer", ada.as_str()),
        ("configuration", &id(&offered)),
        ("flow_data[type]", "subscription_update_confirm"),
        ("flow_data[subscription_update_confirm][subscription]", &subscription),
        ("flow_data[subscription_update_confirm][items][0][price]", text(&pro, "id")),
    ];
    let item = api.get(&format!("/v1/subscriptions/{subscription}"), &[]).ok();
    let item = text(&item["items"]["data"][0], "id").to_owned();
    let named = [("flow_data[subscription_update_confirm][items][0][id]", item.as_str())];
    let session = api.post(SESSIONS, &with(&flow, &named)).ok();
    let page = browse(&api, "GET", text(&session, "url"), None);
    for part in ["New plan: Plan, $25.00 a month", "Due today", "$15.00", "Confirm update"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert_eq!(press(&api, &session, &[("action", "update_subscription")]).status, 303);
    let invoices = api.get("/v1/invoices", &[("subscription", &subscription)]).ok();
    assert_eq!(rows(&invoices)[0]["total"], 1500);
}

/// A customer with these details, and a session that lets them be changed.
fn with_details(api: &Client, updates: &[&str]) -> (String, Value) {
    let sent = [
        ("name", "Ada"),
        ("phone", "+15555550123"),
        ("email", "ada@example.com"),
        ("address[line1]", "1 Main St"),
        ("address[country]", "US"),
    ];
    let ada = id(&api.post("/v1/customers", &sent).ok());
    let mut allowed = vec![("features[customer_update][enabled]", "true")];
    allowed.extend(updates.iter().map(|update| ("features[customer_update][allowed_updates][]", *update)));
    let configuration = id(&configure(api, &allowed).ok());
    let session = api.post(SESSIONS, &[("customer", &ada), ("configuration", &configuration)]).ok();
    (ada, session)
}

#[test]
fn a_detail_that_is_emptied_is_cleared() {
    let api = sandbox("portal-clear");
    let (ada, session) = with_details(&api, &["address", "name", "phone", "shipping"]);
    let page = browse(&api, "GET", text(&session, "url"), None);
    assert!(page.text.contains("Shipping: Address line 1"), "{}", page.text);
    let form = [
        ("action", "update_customer"),
        ("name", ""),
        ("phone", "+15555550124"),
        ("line1", ""),
        ("country", " "),
        ("shipping_name", "Bob"),
        ("shipping_line1", "2 Main St"),
        ("shipping_country", "US"),
    ];
    assert_eq!(press(&api, &session, &form).status, 303);
    let read = || api.get(&format!("/v1/customers/{ada}"), &[]).ok();
    assert_eq!((&read()["name"], &read()["address"]), (&Value::Null, &Value::Null));
    assert_eq!((text(&read(), "phone"), text(&read(), "email")), ("+15555550124", "ada@example.com"));
    assert_eq!(
        (text(&read()["shipping"], "name"), text(&read()["shipping"]["address"], "line1")),
        ("Bob", "2 Main St")
    );
    let form = [("action", "update_customer"), ("shipping_name", ""), ("shipping_line1", "")];
    assert_eq!(press(&api, &session, &form).status, 303);
    assert_eq!(read()["shipping"], Value::Null);
    // What may not be changed is not cleared either.
    let page = press(&api, &session, &[("action", "update_customer"), ("email", "")]);
    assert!(page.text.contains("role=\"alert\""), "{}", page.text);
    assert_eq!(text(&read(), "email"), "ada@example.com");
}

#[test]
fn tax_ids_are_added_and_removed() {
    let api = sandbox("portal-tax-ids");
    let (ada, session) = with_details(&api, &["tax_id"]);
    let added =
        press(&api, &session, &[("action", "add_tax_id"), ("tax_id_type", "eu_vat"), ("tax_id", "DE123456789")]);
    assert_eq!(added.status, 303, "{}", added.text);
    let list = || api.get(&format!("/v1/customers/{ada}/tax_ids"), &[]).ok();
    assert_eq!((rows(&list()).len(), text(&rows(&list())[0], "value")), (1, "DE123456789"));
    let page = browse(&api, "GET", text(&session, "url"), None);
    assert!(page.text.contains("EU VAT DE123456789"), "{}", page.text);
    let empty = press(&api, &session, &[("action", "add_tax_id"), ("tax_id_type", "eu_vat"), ("tax_id", "")]);
    assert!(empty.status == 200 && empty.text.contains("role=\"alert\""), "{}", empty.text);
    let own = id(&rows(&list())[0]);
    assert_eq!(press(&api, &session, &[("action", "remove_tax_id"), ("tax_id", &own)]).status, 303);
    assert!(rows(&list()).is_empty());
    let (_, other) = with_details(&api, &["name"]);
    let refused =
        press(&api, &other, &[("action", "add_tax_id"), ("tax_id_type", "eu_vat"), ("tax_id", "DE123456789")]);
    assert!(refused.status == 200 && refused.text.contains("role=\"alert\""), "{}", refused.text);
}

#[test]
fn a_flow_that_ends_elsewhere_allows_nothing_but_itself() {
    let api = sandbox("portal-bound");
    let basic = monthly(&api, "1000");
    let (ada, subscription, _) = subscribed(&api, &basic);
    let allowed = [
        ("features[subscription_cancel][enabled]", "true"),
        ("features[customer_update][enabled]", "true"),
        ("features[customer_update][allowed_updates][]", "name"),
    ];
    let configuration = id(&configure(&api, &allowed).ok());
    let flow = [
        ("customer", ada.as_str()),
        ("configuration", configuration.as_str()),
        ("flow_data[type]", "subscription_cancel"),
        ("flow_data[subscription_cancel][subscription]", subscription.as_str()),
    ];
    let rename = [("action", "update_customer"), ("name", "Bob")];
    let elsewhere = [("flow_data[after_completion][type]", "hosted_confirmation")];
    let bound = api.post(SESSIONS, &with(&flow, &elsewhere)).ok();
    let page = press(&api, &bound, &rename);
    let sentence = "This portal session only leads through the flow `subscription_cancel`.";
    assert!(page.text.replace("&#96;", "`").contains(sentence), "{}", page.text);
    // The portal's first page follows the flow of this one.
    let home = api.post(SESSIONS, &flow).ok();
    assert_eq!(press(&api, &home, &rename).status, 303);
}
