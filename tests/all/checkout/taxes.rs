//! Taxes of a session that are computed (billing-2 9.2, intents-and-checkout 3.7).

use serde_json::{Value, json};

use super::{browse, buy, create, intent_of, open, read, try_open};
use crate::support::client::sandbox;
use crate::support::decisions::path;
use crate::support::flows::{customer, id, int, invalid, rows, seller_in_germany, text, the_customer};

const ON: (&str, &str) = ("automatic_tax[enabled]", "true");
const GERMANY: [(&str, &str); 2] = [("country", "DE"), ("postal_code", "10115")];

fn status(session: &Value) -> (&str, i64, i64) {
    let tax = &session["automatic_tax"];
    (text(tax, "status"), int(&session["total_details"], "amount_tax"), int(session, "amount_total"))
}

#[test]
fn the_tax_is_computed_when_the_address_arrives() {
    let api = sandbox("cs-tax");
    seller_in_germany(&api);
    let made = open(&api, &[ON]);
    assert_eq!(status(&made), ("requires_location_inputs", 0, 2000));
    let tax = &made["automatic_tax"];
    assert_eq!((&tax["liability"], text(tax, "provider")), (&json!({"type": "self"}), "stripe"));
    // Without a place there is no tax, and nobody pays.
    let refused = buy(&api, &made, &[("payment_method", "pm_card_visa")]);
    invalid(refused, 400, Some("customer_tax_location_invalid"), None);
    assert_eq!(text(&read(&api, &made), "status"), "open");
    buy(&api, &made, &[&GERMANY[..], &[("step", "details")]].concat()).ok();
    assert_eq!(status(&read(&api, &made)), ("complete", 380, 2380));
    buy(&api, &made, &[("payment_method", "pm_card_visa")]).ok();
    let paid = read(&api, &made);
    assert_eq!((status(&paid), text(&paid, "payment_status")), (("complete", 380, 2380), "paid"));
    assert_eq!(int(&intent_of(&api, &paid), "amount_received"), 2380);
    assert_eq!(text(&paid["customer_details"]["address"], "country"), "DE");
}

#[test]
fn the_address_comes_with_the_payment_or_its_method() {
    let api = sandbox("cs-tax-at-once");
    seller_in_germany(&api);
    let made = open(&api, &[ON]);
    buy(&api, &made, &GERMANY).ok();
    assert_eq!(int(&intent_of(&api, &read(&api, &made)), "amount"), 2380);
    let method = [
        ("type", "card"),
        ("card[token]", "tok_visa"),
        ("billing_details[address][country]", "DE"),
        ("billing_details[address][postal_code]", "10115"),
    ];
    let method = id(&api.post("/v1/payment_methods", &method).ok());
    let made = open(&api, &[ON]);
    let confirm = |amount| {
        let params = [("payment_method", method.as_str()), ("expected_amount", amount)];
        api.post(&format!("/v1/payment_pages/{}/confirm", id(&made)), &params)
    };
    invalid(confirm("2000"), 400, Some("checkout_amount_mismatch"), Some("expected_amount"));
    confirm("2380").ok();
    assert_eq!(status(&read(&api, &made)), ("complete", 380, 2380));
}

#[test]
fn lines_and_shipping_show_their_taxes_when_expanded() {
    let api = sandbox("cs-tax-lines");
    seller_in_germany(&api);
    let made = open(
        &api,
        &[
            ON,
            ("shipping_options[0][shipping_rate_data][display_name]", "Ground"),
            ("shipping_options[0][shipping_rate_data][type]", "fixed_amount"),
            ("shipping_options[0][shipping_rate_data][fixed_amount][amount]", "700"),
            ("shipping_options[0][shipping_rate_data][fixed_amount][currency]", "usd"),
        ],
    );
    buy(&api, &made, &[&GERMANY[..], &[("step", "details")]].concat()).ok();
    let session = format!("/v1/checkout/sessions/{}", id(&made));
    let expand = [
        ("expand[]", "line_items.data.taxes"),
        ("expand[]", "shipping_cost.taxes"),
        ("expand[]", "total_details.breakdown"),
    ];
    let shown = api.get(&session, &expand).ok();
    assert_eq!(status(&shown), ("complete", 380 + 133, 2700 + 513));
    let cost = &shown["shipping_cost"];
    assert_eq!((int(cost, "amount_subtotal"), int(cost, "amount_tax"), int(cost, "amount_total")), (700, 133, 833));
    let tax = &rows(&shown["line_items"])[0]["taxes"][0];
    assert_eq!(
        (int(tax, "amount"), text(tax, "taxability_reason"), int(tax, "taxable_amount")),
        (380, "standard_rated", 2000)
    );
    assert_eq!((text(&tax["rate"], "object"), text(&tax["rate"], "country")), ("tax_rate", "DE"));
    assert_eq!(int(&cost["taxes"][0], "amount"), 133);
    let taxes = &shown["total_details"]["breakdown"]["taxes"];
    assert_eq!((taxes.as_array().unwrap().len(), int(&taxes[0], "amount")), (1, 513));
    assert_eq!(shown["total_details"]["breakdown"]["discounts"], json!([]));
    // They are not shown otherwise.
    let plain = api.get(&session, &[("expand[]", "line_items")]).ok();
    assert!(rows(&plain["line_items"])[0].get("taxes").is_none() && plain["shipping_cost"].get("taxes").is_none());
}

#[test]
fn a_known_customer_is_taxed_where_it_is() {
    let api = sandbox("cs-tax-customer");
    seller_in_germany(&api);
    let place = [("address[country]", "DE"), ("address[postal_code]", "10115")];
    let buyer = customer(&api, &place);
    assert_eq!(status(&open(&api, &[ON, ("customer", &buyer)])), ("complete", 380, 2380));
    let exempt = customer(&api, &[&place[..], &[("tax_exempt", "exempt")]].concat());
    assert_eq!(status(&open(&api, &[ON, ("customer", &exempt)])), ("complete", 0, 2000));
    // Nothing is collected where there is no registration.
    let abroad = customer(&api, &[("address[country]", "GB")]);
    assert_eq!(status(&open(&api, &[ON, ("customer", &abroad)])), ("complete", 0, 2000));
}

#[test]
fn the_address_from_the_page_is_kept_for_a_known_customer_when_the_session_asks_for_it() {
    let api = sandbox("cs-tax-kept");
    seller_in_germany(&api);
    let buyer = customer(&api, &[]);
    let refused = try_open(&api, &[ON, ("customer", &buyer)]);
    let error = invalid(refused, 400, Some("customer_tax_location_invalid"), None);
    assert_eq!(
        error["message"],
        "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the \
         Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto' to save the \
         address entered in Checkout to the Customer."
    );
    let made = open(&api, &[ON, ("customer", &buyer), ("customer_update[address]", "auto")]);
    assert_eq!(status(&made), ("requires_location_inputs", 0, 2000));
    buy(&api, &made, &GERMANY).ok();
    assert_eq!(status(&read(&api, &made)), ("complete", 380, 2380));
    assert_eq!(text(&the_customer(&api, &buyer)["address"], "country"), "DE");
}

#[test]
fn the_place_of_the_seller_has_to_be_known() {
    let api = sandbox("cs-tax-seller");
    let error = invalid(try_open(&api, &[ON]), 400, None, None);
    assert!(text(&error, "message").starts_with("You must have a valid head office address"), "{error}");
    seller_in_germany(&api);
    let setup = [("mode", "setup"), ("currency", "usd"), ("success_url", "https://shop.example"), ON];
    invalid(create(&api, &setup), 400, None, Some("automatic_tax"));
}

#[test]
fn inclusive_prices_contain_the_computed_tax() {
    let api = sandbox("cs-tax-inclusive");
    seller_in_germany(&api);
    let made = open(&api, &[ON, ("line_items[0][price_data][tax_behavior]", "inclusive")]);
    buy(&api, &made, &GERMANY).ok();
    let paid = read(&api, &made);
    assert_eq!((int(&paid, "amount_subtotal"), status(&paid)), (2000, ("complete", 319, 2000)));
}

#[test]
fn an_exempt_customer_pays_no_tax_at_a_chosen_rate() {
    let api = sandbox("cs-tax-exempt");
    let rate = [("display_name", "VAT"), ("percentage", "25"), ("inclusive", "false")];
    let rate = id(&api.post("/v1/tax_rates", &rate).ok());
    for (exempt, amount, reason) in
        [("none", 500, None), ("exempt", 0, Some("customer_exempt")), ("reverse", 0, Some("reverse_charge"))]
    {
        let buyer = customer(&api, &[("tax_exempt", exempt)]);
        let line = [("customer", buyer.as_str()), ("line_items[0][tax_rates][]", rate.as_str())];
        let made = open(&api, &[&line[..], &[("expand[]", "total_details.breakdown")]].concat());
        let tax = &made["total_details"]["breakdown"]["taxes"][0];
        assert_eq!((int(tax, "amount"), tax["taxability_reason"].as_str()), (amount, reason));
        assert_eq!((text(&tax["rate"], "id"), int(&made, "amount_total")), (&*rate, 2000 + amount));
    }
}

#[test]
fn the_page_asks_for_the_address_first_and_then_shows_the_tax() {
    let api = sandbox("cs-tax-page");
    seller_in_germany(&api);
    let made = open(&api, &[ON]);
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert!(page.text.contains("name=\"billingCountry\"") && page.text.contains(">Continue</span>"), "{}", page.text);
    assert!(!page.text.contains("cardNumber\""), "{}", page.text);
    let form = "email=jenny%40example.com&billingCountry=DE&billingPostalCode=10115&step=details";
    let page = browse(&api, "POST", text(&made, "url"), Some(form));
    assert!(page.text.contains("$23.80") && page.text.contains(">Pay</span>"), "{}", page.text);
    assert!(page.text.contains("$3.80") && page.text.contains("cardNumber\""), "{}", page.text);
    assert_eq!(path(&api, text(&made, "url")), format!("/c/pay/{}?sandbox=cs-tax-page", id(&made)));
}
