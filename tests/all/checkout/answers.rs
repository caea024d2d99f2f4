//! What a session asks its customer for, and what becomes of the answers (stripe-js 1.1, intents-and-checkout 3.1, 3.2).

use serde_json::{Value, json};

use super::{MUGS, PAYMENT, browse, buy, create, intent_of, open, read};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, customer, id, int, invalid, says, text, the_customer, with};

const JENNY: Params<'_> = &[("email", "jenny@example.com"), ("name", "Jenny Rosen")];

#[track_caller]
fn answered(api: &Client, asked: Params<'_>, answers: Params<'_>) -> Value {
    let made = open(api, asked);
    buy(api, &made, &with(JENNY, answers)).ok();
    read(api, &made)
}

/// Sends the page's form as a browser without scripts does.
fn press(api: &Client, made: &Value, inputs: Params<'_>) -> crate::support::client::Answer {
    let card = [
        ("payment_method", "card"),
        ("cardNumber", "4242 4242 4242 4242"),
        ("cardExpiry", "12 / 34"),
        ("cardCvc", "123"),
        ("billingName", "Jenny Rosen"),
        ("billingCountry", "US"),
        ("billingPostalCode", "94107"),
        ("email", "jenny@example.com"),
    ];
    let form = crate::support::client::encode(&with(&card, inputs));
    browse(api, "POST", text(made, "url"), Some(&form))
}

#[test]
fn the_phone_number_is_asked_for_and_kept() {
    let api = sandbox("cs-phone");
    let asked = [("phone_number_collection[enabled]", "true"), ("customer_creation", "always")];
    let paid = answered(&api, &asked, &[("phone", "+1 555 555 0100")]);
    assert_eq!(text(&paid["customer_details"], "phone"), "+1 555 555 0100");
    assert_eq!(text(&the_customer(&api, text(&paid, "customer")), "phone"), "+1 555 555 0100");
    let made = open(&api, &asked);
    let unfit = buy(&api, &made, &[("phone", "call me")]);
    says(unfit, 400, "This value is not valid.");
    let unasked = buy(&api, &open(&api, &[]), &[("phone", "+15555550100")]);
    says(unasked, 400, "This Checkout Session does not ask for `phone`.");
}

#[test]
fn goods_go_to_a_country_that_the_session_names() {
    let api = sandbox("cs-shipping");
    let asked = [
        ("shipping_address_collection[allowed_countries][0]", "DE"),
        ("shipping_address_collection[allowed_countries][1]", "FR"),
        ("customer_creation", "always"),
    ];
    let to =
        [("shipping_name", "Jo"), ("shipping_country", "DE"), ("shipping_line1", "Platz 1"), ("shipping_city", "Bonn")];
    let to = with(&to, &[("shipping_postal_code", "53111")]);
    let paid = answered(&api, &asked, &to);
    let shipping = &paid["collected_information"]["shipping_details"];
    assert_eq!((text(shipping, "name"), text(&shipping["address"], "line1")), ("Jo", "Platz 1"));
    assert_eq!(shipping["address"]["state"], json!(null));
    let intent = intent_of(&api, &paid);
    assert_eq!((text(&intent["shipping"], "name"), text(&intent["shipping"]["address"], "city")), ("Jo", "Bonn"));
    assert_eq!(intent["shipping"]["carrier"], json!(null));
    assert_eq!(text(&the_customer(&api, text(&paid, "customer"))["shipping"], "name"), "Jo");
    let made = open(&api, &asked);
    let elsewhere = [("shipping_name", "Jo"), ("shipping_country", "US"), ("shipping_line1", "1 Main St")];
    says(buy(&api, &made, &elsewhere), 400, "This Checkout Session does not ship to 'US'.");
    let nameless = buy(&api, &made, &[("shipping_country", "DE"), ("shipping_line1", "Platz 1")]);
    says(nameless, 400, "Missing required param: shipping[name].");
    let nowhere = buy(&api, &made, &[("shipping_country", "DE"), ("shipping_name", "Jo")]);
    says(nowhere, 400, "Missing required param: shipping[address][line1].");
    let places = [("shipping_country", "DE"), ("shipping_name", "Jo"), ("shipping_line1", "Platz 1")];
    let placeless = buy(&api, &made, &places);
    says(placeless, 400, "Missing required param: shipping[address][city].");
    let codeless = buy(&api, &made, &with(&places, &[("shipping_city", "Bonn")]));
    says(codeless, 400, "Missing required param: shipping[address][postal_code].");
    // What is not sent is made up, in a country that is allowed.
    buy(&api, &made, &[]).ok();
    let address = &read(&api, &made)["collected_information"]["shipping_details"]["address"];
    assert_eq!(text(address, "country"), "DE");
}

#[test]
fn a_known_customer_takes_the_shipping_address_when_the_session_asks_for_it() {
    let api = sandbox("cs-shipping-kept");
    for (mode, name) in [("auto", json!("Jo")), ("never", json!(null))] {
        let buyer = customer(&api, &[("email", "jo@example.com")]);
        let asked = [
            ("customer", buyer.as_str()),
            ("customer_update[shipping]", mode),
            ("shipping_address_collection[allowed_countries][0]", "DE"),
        ];
        let to = [
            ("shipping_name", "Jo"),
            ("shipping_country", "DE"),
            ("shipping_line1", "Platz 1"),
            ("shipping_city", "Bonn"),
            ("shipping_postal_code", "53111"),
        ];
        let made = open(&api, &asked);
        buy(&api, &made, &to).ok();
        assert_eq!(the_customer(&api, &buyer)["shipping"]["name"], name, "{mode}");
    }
}

#[test]
fn the_customer_chooses_among_the_shipping_options() {
    let api = sandbox("cs-shipping-rates");
    let rate = |amount: &str| {
        let params = [
            ("display_name", amount),
            ("type", "fixed_amount"),
            ("fixed_amount[amount]", amount),
            ("fixed_amount[currency]", "usd"),
        ];
        id(&api.post("/v1/shipping_rates", &params).ok())
    };
    let (slow, fast) = (rate("500"), rate("1500"));
    let asked = [("shipping_options[0][shipping_rate]", &*slow), ("shipping_options[1][shipping_rate]", &*fast)];
    let paid = answered(&api, &asked, &[("shipping_rate", &fast)]);
    assert_eq!((text(&paid["shipping_cost"], "shipping_rate"), int(&paid, "amount_total")), (&*fast, 3500));
    let first = answered(&api, &asked, &[]);
    assert_eq!((text(&first["shipping_cost"], "shipping_rate"), int(&first, "amount_total")), (&*slow, 2500));
    let unknown = buy(&api, &open(&api, &asked), &[("shipping_rate", "shr_123")]);
    says(unknown, 400, "This value is not valid.");
}

const FIELDS: Params<'_> = &[
    ("custom_fields[0][key]", "size"),
    ("custom_fields[0][label][type]", "custom"),
    ("custom_fields[0][label][custom]", "Size"),
    ("custom_fields[0][type]", "dropdown"),
    ("custom_fields[0][dropdown][options][0][value]", "s"),
    ("custom_fields[0][dropdown][options][0][label]", "Small"),
    ("custom_fields[0][dropdown][options][1][value]", "l"),
    ("custom_fields[0][dropdown][options][1][label]", "Large"),
    ("custom_fields[1][key]", "pin"),
    ("custom_fields[1][label][type]", "custom"),
    ("custom_fields[1][label][custom]", "Pin"),
    ("custom_fields[1][type]", "numeric"),
    ("custom_fields[1][numeric][minimum_length]", "4"),
    ("custom_fields[1][numeric][maximum_length]", "6"),
    ("custom_fields[2][key]", "note"),
    ("custom_fields[2][label][type]", "custom"),
    ("custom_fields[2][label][custom]", "Note"),
    ("custom_fields[2][type]", "text"),
    ("custom_fields[2][optional]", "true"),
];

#[test]
fn custom_fields_hold_what_was_entered() {
    let api = sandbox("cs-fields");
    let answers = [("custom_fields[size]", "l"), ("custom_fields[pin]", "12345")];
    let paid = answered(&api, FIELDS, &answers);
    let fields = &paid["custom_fields"];
    assert_eq!((text(&fields[0]["dropdown"], "value"), text(&fields[1]["numeric"], "value")), ("l", "12345"));
    assert_eq!(fields[2]["text"]["value"], json!(null));
    let made = open(&api, FIELDS);
    for (name, value) in [("size", "xl"), ("pin", "12a4"), ("pin", "123"), ("pin", "1234567")] {
        let name = format!("custom_fields[{name}]");
        let error = invalid(buy(&api, &made, &[(&name, value)]), 400, None, Some(&name));
        assert_eq!(text(&error, "message"), "This value is not valid.");
    }
    says(
        buy(&api, &made, &[("custom_fields[colour]", "red")]),
        400,
        "This Checkout Session does not ask for `custom_fields[colour]`.",
    );
    // What is required and not sent is made up.
    buy(&api, &made, &[]).ok();
    let fields = &read(&api, &made)["custom_fields"];
    assert_eq!((text(&fields[0]["dropdown"], "value"), text(&fields[1]["numeric"], "value")), ("s", "1111"));
}

#[test]
fn consent_is_kept_as_it_was_given() {
    let api = sandbox("cs-consent");
    let asked = [("consent_collection[terms_of_service]", "required"), ("consent_collection[promotions]", "auto")];
    let paid = answered(&api, &asked, &[("terms_of_service", "true"), ("promotions", "false")]);
    assert_eq!(paid["consent"], json!({"promotions": "opt_out", "terms_of_service": "accepted"}));
    let paid = answered(&api, &asked, &[("promotions", "true")]);
    assert_eq!(paid["consent"], json!({"promotions": "opt_in", "terms_of_service": "accepted"}));
    let refused = buy(&api, &open(&api, &asked), &[("terms_of_service", "false")]);
    says(refused, 400, "Missing required param: consent[terms_of_service].");
    let flag = buy(&api, &open(&api, &asked), &[("terms_of_service", "yes")]).refused(400);
    assert_eq!(text(&flag, "message"), "`terms_of_service` is not valid.");
}

#[test]
fn names_and_tax_ids_are_collected() {
    let api = sandbox("cs-names");
    let asked = [
        ("name_collection[business][enabled]", "true"),
        ("name_collection[individual][enabled]", "true"),
        ("name_collection[individual][optional]", "true"),
        ("tax_id_collection[enabled]", "true"),
        ("customer_creation", "always"),
    ];
    let paid = answered(
        &api,
        &asked,
        &[("business_name", "Rosen & Co"), ("tax_id_type", "eu_vat"), ("tax_id", "DE123456789")],
    );
    assert_eq!(text(&paid["collected_information"], "business_name"), "Rosen & Co");
    assert_eq!(paid["customer_details"]["tax_ids"], json!([{"type": "eu_vat", "value": "DE123456789"}]));
    let buyer = text(&paid, "customer");
    assert_eq!(text(&the_customer(&api, buyer), "business_name"), "Rosen & Co");
    let ids = api.get(&format!("/v1/customers/{buyer}/tax_ids"), &[]).ok();
    assert_eq!(text(&ids["data"][0], "value"), "DE123456789");
    let made = open(&api, &asked);
    let wrong = [("tax_id_type", "eu_vat"), ("tax_id", "12")];
    invalid(buy(&api, &made, &wrong), 400, Some("tax_id_invalid"), Some("tax_id[value]"));
    let unknown = [("tax_id_type", "xx_vat"), ("tax_id", "12")];
    invalid(buy(&api, &made, &unknown), 400, None, Some("tax_id[type]"));
    let typeless = buy(&api, &made, &[("tax_id", "DE123456789")]);
    says(typeless, 400, "Missing required param: tax_id[type].");
}

#[test]
fn a_customer_changes_the_quantity_where_the_session_lets_them() {
    let api = sandbox("cs-quantity");
    let asked = [
        ("line_items[0][adjustable_quantity][enabled]", "true"),
        ("line_items[0][adjustable_quantity][minimum]", "2"),
        ("line_items[0][adjustable_quantity][maximum]", "5"),
    ];
    let made = open(&api, &asked);
    let lines = api.get(&format!("/v1/checkout/sessions/{}/line_items", id(&made)), &[]).ok();
    let name = format!("quantities[{}]", text(&lines["data"][0], "id"));
    invalid(buy(&api, &made, &[(&name, "1")]), 400, Some("parameter_invalid_integer"), Some(&name));
    invalid(buy(&api, &made, &[(&name, "6")]), 400, Some("parameter_invalid_integer"), Some(&name));
    buy(&api, &made, &[(&name, "4")]).ok();
    assert_eq!(int(&read(&api, &made), "amount_total"), 4000);
    let fixed = open(&api, &[]);
    let lines = api.get(&format!("/v1/checkout/sessions/{}/line_items", id(&fixed)), &[]).ok();
    let name = format!("quantities[{}]", text(&lines["data"][0], "id"));
    says(buy(&api, &fixed, &[(&name, "3")]), 400, &format!("This Checkout Session does not ask for `{name}`."));
}

#[test]
fn the_page_refuses_what_is_left_out_and_keeps_what_was_typed() {
    let api = sandbox("cs-left-out");
    let asked = [
        ("phone_number_collection[enabled]", "true"),
        ("billing_address_collection", "required"),
        ("shipping_address_collection[allowed_countries][0]", "US"),
        ("consent_collection[terms_of_service]", "required"),
    ];
    let made = create(&api, &with(&with(&with(PAYMENT, MUGS), FIELDS), &asked)).ok();
    let page = press(&api, &made, &[]);
    assert_eq!(page.status, 200);
    for input in [
        "phoneNumber",
        "shippingName",
        "shippingAddressLine1",
        "shippingLocality",
        "shippingAdministrativeArea",
        "shippingPostalCode",
        "billingAddressLine1",
        "customFields[size]",
        "customFields[pin]",
        "termsOfServiceConsentCheckbox",
    ] {
        let said = format!("id=\"error-{input}\" role=\"alert\" data-qa=\"EmptyFieldError\">Required<");
        assert!(page.text.contains(&said), "{input} may be left out:\n{}", page.text);
    }
    assert!(page.text.contains("value=\"4242 4242 4242 4242\"") && page.text.contains("value=\"jenny@example.com\""));
    assert_eq!(text(&read(&api, &made), "status"), "open");
    let answers = [
        ("phoneNumber", "(555) 555-0100"),
        ("shippingName", "Jo"),
        ("shippingCountry", "US"),
        ("shippingAddressLine1", "1 Main St"),
        ("shippingLocality", "Reno"),
        ("shippingPostalCode", "89501"),
        ("shippingAdministrativeArea", "NV"),
        ("cardUseShippingAsBilling", "true"),
        ("customFields[size]", "s"),
        ("customFields[pin]", "1234"),
        ("termsOfServiceConsentCheckbox", "true"),
    ];
    assert_eq!(press(&api, &made, &answers).status, 303);
    let paid = read(&api, &made);
    assert_eq!(text(&paid["customer_details"]["address"], "line1"), "1 Main St");
    assert_eq!(text(&paid["consent"], "terms_of_service"), "accepted");
}

#[test]
fn a_card_payment_always_has_a_country() {
    let api = sandbox("cs-country");
    let made = open(&api, &[]);
    assert_eq!(press(&api, &made, &[]).status, 303);
    let address = &read(&api, &made)["customer_details"]["address"];
    assert_eq!((text(address, "country"), text(address, "postal_code")), ("US", "94107"));
    // Without a page, that of the card.
    let paid = super::pay_with(&api, &open(&api, &[]), "pm_card_visa");
    assert_eq!(text(&paid["customer_details"]["address"], "country"), "US");
}

#[test]
fn where_goods_go_is_the_shops_to_say_where_the_session_says_so() {
    let api = sandbox("cs-server-ships");
    let how = [
        ("mode", "payment"),
        ("ui_mode", "embedded_page"),
        ("return_url", "https://shop.example/back"),
        ("permissions[update_shipping_details]", "server_only"),
        ("shipping_address_collection[allowed_countries][0]", "DE"),
    ];
    let made = create(&api, &with(MUGS, &how)).ok();
    let typed = [("shipping_name", "Jo"), ("shipping_country", "DE"), ("shipping_line1", "Platz 1")];
    says(buy(&api, &made, &typed), 400, "This Checkout Session does not ask for `shipping`.");
    says(buy(&api, &made, &[]), 400, "Missing required param: shipping.");
    let shipping = [
        ("collected_information[shipping_details][name]", "Jo"),
        ("collected_information[shipping_details][address][country]", "DE"),
        ("collected_information[shipping_details][address][line1]", "Platz 1"),
        ("collected_information[shipping_details][address][city]", "Bonn"),
        ("collected_information[shipping_details][address][postal_code]", "53111"),
    ];
    api.post(&format!("/v1/checkout/sessions/{}", id(&made)), &shipping).ok();
    let page = browse(&api, "GET", &format!("{}/c/pay/{}", api.url(), id(&made)), None);
    assert!(page.text.contains("Jo, Platz 1, 53111, Bonn, DE") && !page.text.contains("shippingName"), "{}", page.text);
    buy(&api, &made, &[]).ok();
    let intent = intent_of(&api, &read(&api, &made));
    assert_eq!(text(&intent["shipping"]["address"], "city"), "Bonn");
}

#[test]
fn a_known_customer_takes_the_names_from_the_page_when_the_session_asks_for_it() {
    let api = sandbox("cs-names-kept");
    let buyer = customer(&api, &[("email", "jo@example.com")]);
    let asked = [
        ("customer", buyer.as_str()),
        ("customer_update[name]", "auto"),
        ("name_collection[business][enabled]", "true"),
        ("name_collection[individual][enabled]", "true"),
    ];
    let made = open(&api, &asked);
    buy(&api, &made, &[("business_name", "Rosen & Co"), ("individual_name", "Jo Rosen")]).ok();
    let known = the_customer(&api, &buyer);
    assert_eq!((text(&known, "business_name"), text(&known, "individual_name")), ("Rosen & Co", "Jo Rosen"));
}

#[test]
fn an_address_needs_what_its_country_has() {
    let api = sandbox("cs-address-needs");
    let whole = [("billing_address_collection", "required")];
    let address = |country: &'static str| [("country", country), ("line1", "1 Main St")];
    let made = open(&api, &whole);
    for (country, more, missing) in [
        ("US", &[][..], "address[city]"),
        ("US", &[("city", "Reno")][..], "address[state]"),
        ("US", &[("city", "Reno"), ("state", "NV")][..], "address[postal_code]"),
        ("DE", &[("city", "Bonn")][..], "address[postal_code]"),
        ("JP", &[("city", "Chiyoda")][..], "address[state]"),
        ("SG", &[][..], "address[postal_code]"),
        ("AE", &[("city", "Dubai")][..], "address[state]"),
    ] {
        let refused = buy(&api, &made, &with(&address(country), more));
        says(refused, 400, &format!("Missing required param: {missing}."));
    }
    for (country, more) in [
        ("US", &[("city", "Reno"), ("state", "NV"), ("postal_code", "89501")][..]),
        ("IE", &[("city", "Dublin")][..]),
        ("HK", &[("state", "Kowloon")][..]),
        ("SG", &[("postal_code", "018956")][..]),
    ] {
        let paid = answered(&api, &whole, &with(&address(country), more));
        assert_eq!(text(&paid["customer_details"]["address"], "country"), country);
    }
}

#[test]
fn the_page_has_the_states_of_a_country_and_says_what_others_need() {
    let api = sandbox("cs-address-page");
    let asked = [
        ("shipping_address_collection[allowed_countries][0]", "CA"),
        ("shipping_address_collection[allowed_countries][1]", "DE"),
    ];
    let made = open(&api, &asked);
    let page = browse(&api, "GET", text(&made, "url"), None);
    for part in [
        "<select form=\"payment-form\" id=\"shippingAdministrativeArea\"",
        "<option value=\"ON\">Ontario</option>",
        ">Province</label>",
        "Enter address manually",
        "<template id=\"areas-CA\">",
        "&#34;CA&#34;:&#34;csz|Postal code|Province&#34;",
        "&#34;DE&#34;:&#34;cz|Postal code|State&#34;",
    ] {
        assert!(page.text.contains(part), "{part} is not on the page:\n{}", page.text);
    }
    assert!(!page.text.contains("Alabama"), "{}", page.text);
    let page = press(&api, &made, &[("shippingCountry", "DE"), ("shippingName", "Jo")]);
    assert!(page.text.contains("<input form=\"payment-form\" id=\"shippingAdministrativeArea\""), "{}", page.text);
    assert!(!page.text.contains("id=\"error-shippingAdministrativeArea\""), "{}", page.text);
}
