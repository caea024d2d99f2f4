//! Taxes that are computed (billing-2 9.2).

use serde_json::json;

use super::{act, draft, event_count, events_since, item, payer, the_invoice, with_line};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, int, invalid, rows, seller_in_germany, text};

const ON: (&str, &str) = ("automatic_tax[enabled]", "true");

fn buyer(api: &Client, country: &str) -> String {
    let customer = payer(api);
    let address = [("address[country]", country), ("address[postal_code]", "10115"), ("address[line1]", "Weg 2")];
    api.post(&format!("/v1/customers/{customer}"), &address).ok();
    customer
}

#[test]
fn taxes_are_computed_by_the_customers_place() {
    let api = sandbox("auto-tax");
    seller_in_germany(&api);
    let customer = buyer(&api, "DE");
    let made = the_invoice(&api, &with_line(&api, &customer, "10000", &[ON]));
    let tax = &made["automatic_tax"];
    assert_eq!(
        (text(tax, "status"), text(tax, "provider"), &tax["liability"]),
        ("complete", "stripe", &json!({"type": "self"}))
    );
    assert_eq!((int(&made, "subtotal"), int(&made, "total"), int(&made, "total_excluding_tax")), (10000, 11900, 10000));
    let tax = &made["total_taxes"][0];
    assert_eq!(
        (int(tax, "amount"), text(tax, "taxability_reason"), int(tax, "taxable_amount")),
        (1900, "standard_rated", 10000)
    );
    let line = &rows(&made["lines"])[0]["taxes"][0];
    assert_eq!((int(line, "amount"), text(line, "tax_behavior")), (1900, "exclusive"));
    assert_eq!(text(&act(&api, &id(&made), "pay", &[]).ok(), "status"), "paid");
    // Nothing is collected where there is no registration.
    let abroad = the_invoice(&api, &with_line(&api, &buyer(&api, "GB"), "10000", &[ON]));
    let tax = &abroad["total_taxes"][0];
    assert_eq!((int(&abroad, "total"), text(tax, "taxability_reason")), (10000, "not_collecting"));
}

#[test]
fn inclusive_prices_contain_the_computed_tax() {
    let api = sandbox("auto-tax-inclusive");
    seller_in_germany(&api);
    let customer = buyer(&api, "DE");
    let params =
        [("customer", customer.as_str()), ("amount", "11900"), ("currency", "eur"), ("tax_behavior", "inclusive")];
    api.post("/v1/invoiceitems", &params).ok();
    let made = draft(&api, &customer, &[ON, ("pending_invoice_items_behavior", "include")]);
    assert_eq!((int(&made, "subtotal"), int(&made, "total"), int(&made, "total_excluding_tax")), (11900, 11900, 10000));
    assert_eq!(text(&made["total_taxes"][0], "tax_behavior"), "inclusive");
}

#[test]
fn both_places_have_to_be_known() {
    let api = sandbox("auto-tax-places");
    let customer = payer(&api);
    let asked = || api.post("/v1/invoices", &[("customer", customer.as_str()), ON]);
    assert!(text(&asked().refused(400), "message").starts_with("You must have a valid head office address"));
    seller_in_germany(&api);
    invalid(asked(), 400, Some("customer_tax_location_invalid"), None);
}

#[test]
fn an_invoice_whose_place_got_lost_stays_a_draft() {
    let api = sandbox("auto-tax-lost");
    seller_in_germany(&api);
    let customer = buyer(&api, "DE");
    item(&api, &customer, "500");
    let made = draft(&api, &customer, &[ON, ("pending_invoice_items_behavior", "include"), ("auto_advance", "true")]);
    api.post(&format!("/v1/customers/{customer}"), &[("address", "")]).ok();
    let lost = the_invoice(&api, &id(&made));
    assert_eq!(text(&lost["automatic_tax"], "status"), "requires_location_inputs");
    let before = event_count(&api);
    invalid(act(&api, &id(&made), "finalize", &[]), 400, Some("customer_tax_location_invalid"), None);
    assert_eq!(events_since(&api, before), ["invoice.finalization_failed"]);
    let shown = the_invoice(&api, &id(&made));
    assert_eq!(
        (text(&shown, "status"), text(&shown["last_finalization_error"], "code")),
        ("draft", "customer_tax_location_invalid")
    );
    api.post(&format!("/v1/customers/{customer}"), &[("address[country]", "DE"), ("address[postal_code]", "10115")])
        .ok();
    assert_eq!(text(&act(&api, &id(&made), "finalize", &[]).ok(), "status"), "open");
}

#[test]
fn shipping_is_taxed_too() {
    let api = sandbox("auto-tax-shipping");
    seller_in_germany(&api);
    let customer = buyer(&api, "DE");
    let post = [
        ("display_name", "Post"),
        ("type", "fixed_amount"),
        ("fixed_amount[amount]", "1000"),
        ("fixed_amount[currency]", "usd"),
    ];
    let post = id(&api.post("/v1/shipping_rates", &post).ok());
    let made = the_invoice(&api, &with_line(&api, &customer, "10000", &[ON, ("shipping_cost[shipping_rate]", &post)]));
    assert_eq!((int(&made["shipping_cost"], "amount_tax"), int(&made, "amount_shipping")), (190, 1190));
    assert_eq!((int(&made, "total"), int(&made["total_taxes"][0], "amount")), (13090, 2090));
}
