//! Invoice items (billing 3.5, billing-2 5.4, 13.4).

use serde_json::json;

use super::invoices::{BASIL_BEFORE, draft, item, payer};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, customer, id, ids, int, invalid, missing, rows, says, text, with};

fn price(api: &Client, params: Params<'_>) -> String {
    let product = id(&api.post("/v1/products", &[("name", "Chair")]).ok());
    id(&api.post("/v1/prices", &with(&[("product", &product), ("currency", "usd")], params)).ok())
}

#[test]
fn an_item_is_of_a_price_of_units_or_of_an_amount() {
    let api = sandbox("ii-ways");
    let (customer, price) = (customer(&api, &[]), price(&api, &[("unit_amount", "250")]));
    let made = |params: Params<'_>| {
        api.post("/v1/invoiceitems", &with(&[("customer", &customer), ("currency", "usd")], params)).ok()
    };
    let priced = made(&[("pricing[price]", &price), ("quantity", "3")]);
    assert_eq!((int(&priced, "amount"), int(&priced, "quantity"), text(&priced, "description")), (750, 3, "Chair"));
    assert_eq!(priced["pricing"]["price_details"]["price"], price);
    assert_eq!(text(&priced["pricing"], "unit_amount_decimal"), "250");
    let units = made(&[("unit_amount_decimal", "12.345"), ("quantity", "7")]);
    assert_eq!((int(&units, "amount"), text(&units["pricing"], "unit_amount_decimal")), (86, "12.345"));
    let amount = made(&[("amount", "1000"), ("description", "Work")]);
    assert_eq!((int(&amount, "amount"), text(&amount, "description")), (1000, "Work"));
    let its = api.get(&format!("/v1/prices/{}", text(&amount["pricing"]["price_details"], "price")), &[]).ok();
    assert_eq!((&its["active"], &its["type"], int(&its, "unit_amount")), (&json!(false), &json!("one_time"), 1000));
    for key in ["invoice", "parent", "test_clock"] {
        assert_eq!(amount[key], json!(null), "{key}");
    }
    for key in ["discounts", "tax_rates", "frozen_fields", "invoicing_rules"] {
        assert_eq!(amount[key], json!([]), "{key}");
    }
    assert_eq!(amount["period"], json!({"end": amount["date"], "start": amount["date"]}));
}

#[test]
fn what_an_item_bills_is_named_once() {
    let api = sandbox("ii-once");
    let (customer, price) = (customer(&api, &[]), price(&api, &[("unit_amount", "250")]));
    let refused = |params: Params<'_>| api.post("/v1/invoiceitems", &with(&[("customer", &customer)], params));
    invalid(refused(&[]), 400, Some("parameter_missing"), Some("amount"));
    let both = says(
        refused(&[("amount", "5"), ("quantity", "2")]),
        400,
        "You may only specify one of these parameters: amount, quantity.",
    );
    assert_eq!(both["param"], "amount");
    invalid(refused(&[("amount", "5"), ("pricing[price]", &price)]), 400, None, Some("amount"));
    invalid(refused(&[("pricing[price]", &price), ("quantity", "-1")]), 400, None, Some("quantity"));
    missing(refused(&[("pricing[price]", "price_none")]), 400, "price", "price_none", "pricing[price]");
    missing(
        api.post("/v1/invoiceitems", &[("customer", "cus_none"), ("amount", "5")]),
        400,
        "customer",
        "cus_none",
        "customer",
    );
    invalid(refused(&[("amount", "5"), ("currency", "xxx")]), 400, None, Some("currency"));
    invalid(
        refused(&[("amount", "5"), ("period[start]", "20"), ("period[end]", "10")]),
        400,
        None,
        Some("period[end]"),
    );
    invalid(refused(&[("unit_amount_decimal", "x")]), 400, None, Some("unit_amount_decimal"));
    assert_eq!(refused(&[("unit_amount", "5"), ("quantity_decimal", "1.5")]).status, 501);
    assert_eq!(rows(&api.get("/v1/invoiceitems", &[]).ok()).len(), 0);
}

#[test]
fn a_recurring_or_archived_price_is_refused() {
    let api = sandbox("ii-recurring");
    let (customer, price) =
        (customer(&api, &[]), price(&api, &[("unit_amount", "250"), ("recurring[interval]", "month")]));
    let refused = api.post("/v1/invoiceitems", &[("customer", &customer), ("pricing[price]", &price)]);
    says(
        refused,
        400,
        "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`",
    );
    let product = id(&api.post("/v1/products", &[("name", "Old")]).ok());
    let params = [("product", product.as_str()), ("currency", "usd"), ("unit_amount", "5"), ("active", "false")];
    let archived = id(&api.post("/v1/prices", &params).ok());
    let refused = api.post("/v1/invoiceitems", &[("customer", &customer), ("pricing[price]", &archived)]);
    says(refused, 400, "The price specified is inactive. This field only accepts active prices.");
}

#[test]
fn a_price_whose_amount_is_chosen_bills_nothing() {
    let api = sandbox("ii-custom");
    let (customer, price) = (customer(&api, &[]), price(&api, &[("custom_unit_amount[enabled]", "true")]));
    says(
        api.post("/v1/invoiceitems", &[("customer", &customer), ("pricing[price]", &price)]),
        400,
        "The price has a `custom_unit_amount`, which a customer chooses at Checkout; an invoice item needs an amount.",
    );
}

#[test]
fn a_price_has_its_own_parameter_since_basil() {
    let api = sandbox("ii-basil");
    let (customer, price) = (customer(&api, &[]), price(&api, &[("unit_amount", "250")]));
    let params = [("customer", customer.as_str()), ("price", &price)];
    let refused =
        says(api.post("/v1/invoiceitems", &params), 400, "Received unknown parameter: price. Did you mean pricing?");
    assert_eq!((&refused["code"], &refused["param"]), (&json!("parameter_unknown"), &json!("price")));
    let older = api.version(BASIL_BEFORE).post("/v1/invoiceitems", &params).ok();
    assert_eq!((&older["price"]["id"], &older["plan"], int(&older, "unit_amount")), (&json!(price), &json!(null), 250));
    assert_eq!((&older["subscription"], text(&older, "unit_amount_decimal")), (&json!(null), "250"));
}

#[test]
fn the_price_of_an_amount_has_the_tax_behavior_and_the_product_the_tax_code() {
    let api = sandbox("ii-tax");
    let customer = customer(&api, &[]);
    let params = [
        ("customer", customer.as_str()),
        ("amount", "500"),
        ("tax_behavior", "inclusive"),
        ("tax_code", "txcd_10000000"),
    ];
    let made = api.post("/v1/invoiceitems", &params).ok();
    let details = &made["pricing"]["price_details"];
    assert_eq!(api.get(&format!("/v1/prices/{}", text(details, "price")), &[]).ok()["tax_behavior"], "inclusive");
    assert_eq!(api.get(&format!("/v1/products/{}", text(details, "product")), &[]).ok()["tax_code"], "txcd_10000000");
}

#[test]
fn a_customer_gets_their_currency_with_the_first_item() {
    let api = sandbox("ii-currency");
    let customer = customer(&api, &[]);
    api.post("/v1/invoiceitems", &[("customer", &customer), ("amount", "500"), ("currency", "EUR")]).ok();
    assert_eq!(api.get(&format!("/v1/customers/{customer}"), &[]).ok()["currency"], "eur");
    let next = api.post("/v1/invoiceitems", &[("customer", &customer), ("amount", "500")]).ok();
    assert_eq!(text(&next, "currency"), "eur");
}

#[test]
fn a_credit_is_not_discounted() {
    let api = sandbox("ii-credit");
    let customer = customer(&api, &[]);
    assert_eq!(item(&api, &customer, "-300")["discountable"], false);
    assert_eq!(item(&api, &customer, "300")["discountable"], true);
}

#[test]
fn items_are_listed_by_what_they_wait_for() {
    let api = sandbox("ii-list");
    let customer = payer(&api);
    let first = id(&item(&api, &customer, "300"));
    let invoice = id(&draft(&api, &customer, &[("pending_invoice_items_behavior", "include")]));
    let second = id(&item(&api, &customer, "400"));
    let listed = |name: &str, value: &str| ids(&api.get("/v1/invoiceitems", &[(name, value)]).ok());
    assert_eq!(listed("pending", "true"), std::slice::from_ref(&second));
    assert_eq!(listed("pending", "false"), std::slice::from_ref(&first));
    assert_eq!(listed("invoice", &invoice), std::slice::from_ref(&first));
    assert_eq!(listed("customer", &customer), [second, first]);
}

#[test]
fn a_pending_item_changes_and_goes() {
    let api = sandbox("ii-change");
    let customer = customer(&api, &[]);
    let path = format!("/v1/invoiceitems/{}", id(&item(&api, &customer, "300")));
    let changed = api.post(&path, &[("amount", "450"), ("description", "More"), ("metadata[a]", "b")]).ok();
    assert_eq!(
        (int(&changed, "amount"), text(&changed, "description"), text(&changed["metadata"], "a")),
        (450, "More", "b")
    );
    assert_eq!(int(&api.post(&path, &[("quantity", "3")]).ok(), "amount"), 1350);
    assert_eq!(api.delete(&path).ok()["deleted"], true);
    missing(api.get(&path, &[]), 404, "Invoice Item", path.trim_start_matches("/v1/invoiceitems/"), "id");
}

#[test]
fn what_went_with_a_draft_has_its_own_errors() {
    let api = sandbox("ii-gone");
    let customer = payer(&api);
    let path = format!("/v1/invoiceitems/{}", id(&item(&api, &customer, "300")));
    let invoice = id(&draft(&api, &customer, &[("pending_invoice_items_behavior", "include")]));
    api.delete(&format!("/v1/invoices/{invoice}")).ok();
    let delete = "Can't delete an invoice item that is attached to an invoice that is no longer editable";
    says(api.delete(&path), 400, delete);
    says(api.post(&path, &[("amount", "1")]), 400, "This invoice item has been deleted.");
    assert_eq!(rows(&api.get("/v1/invoiceitems", &[]).ok()).len(), 0);
    let path = format!("/v1/invoiceitems/{}", id(&item(&api, &customer, "300")));
    let invoice = id(&draft(&api, &customer, &[("pending_invoice_items_behavior", "include")]));
    api.post(&format!("/v1/invoices/{invoice}/finalize"), &[]).ok();
    says(api.delete(&path), 400, delete);
    let refused = says(api.post(&path, &[("amount", "1")]), 400, "Invalid invoice: This invoice is no longer editable");
    assert_eq!(refused["code"], "invoice_not_editable");
}
