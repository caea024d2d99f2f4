//! Previews (billing 3.8, billing-2 5.8).

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{BASIL_BEFORE, draft, item, payer};
use crate::support::client::{Client, raw, sandbox};
use crate::support::flows::{customer, id, ids, int, invalid, missing, rows, says, text, with};
use crate::support::property::{hold, own_sandbox};

const PREVIEW: &str = "/v1/invoices/create_preview";

/// What a preview and the invoice that follows have in common: all but ids and times.
fn essence(invoice: &Value) -> Value {
    let of_line = |line: &Value| {
        [
            "amount",
            "currency",
            "description",
            "discount_amounts",
            "discountable",
            "period",
            "pricing",
            "quantity",
            "subtotal",
            "taxes",
        ]
        .map(|key| without_ids(&line[key]))
        .to_vec()
    };
    let all = [
        "amount_due",
        "amount_remaining",
        "amount_shipping",
        "currency",
        "customer",
        "ending_balance",
        "starting_balance",
        "status",
        "subtotal",
        "subtotal_excluding_tax",
        "total",
        "total_discount_amounts",
        "total_excluding_tax",
        "total_taxes",
    ]
    .map(|key| without_ids(&invoice[key]));
    json!([all, rows(&invoice["lines"]).iter().map(of_line).collect::<Vec<_>>()])
}

/// The ids of what is made for an invoice alone differ.
fn without_ids(value: &Value) -> Value {
    match value {
        Value::Array(all) => all.iter().map(without_ids).collect(),
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| !["discount", "price", "product"].contains(&key.as_str()));
            Value::Object(kept.map(|(key, value)| (key.clone(), without_ids(value))).collect())
        }
        other => other.clone(),
    }
}

#[test]
fn a_preview_shows_what_is_pending_and_stores_nothing() {
    let api = sandbox("preview");
    let customer = payer(&api);
    item(&api, &customer, "700");
    let shown = api.post(PREVIEW, &[("customer", &customer)]).ok();
    assert!(text(&shown, "id").starts_with("upcoming_in_"), "{shown}");
    assert!(text(&rows(&shown["lines"])[0], "id").starts_with("il_tmp_"), "{shown}");
    assert_eq!(
        (text(&shown, "billing_reason"), text(&shown, "status"), &shown["number"]),
        ("upcoming", "draft", &json!(null))
    );
    assert_eq!((int(&shown, "total"), int(&shown, "amount_due")), (700, 700));
    assert_eq!(rows(&api.get("/v1/invoices", &[]).ok()).len(), 0);
    assert_eq!(rows(&api.get("/v1/invoiceitems", &[("pending", "true")]).ok()).len(), 1);
    missing(api.get(&format!("/v1/invoices/{}", id(&shown)), &[]), 404, "invoice", &id(&shown), "invoice");
    let made = draft(&api, &customer, &[("pending_invoice_items_behavior", "include")]);
    assert_eq!(essence(&shown), essence(&made));
}

#[test]
fn a_preview_takes_items_and_changes_of_its_own() {
    let api = sandbox("preview-items");
    let customer = payer(&api);
    let pending = id(&item(&api, &customer, "700"));
    let params = [
        ("customer", customer.as_str()),
        ("invoice_items[0][amount]", "300"),
        ("invoice_items[0][currency]", "usd"),
        ("invoice_items[1][invoiceitem]", &pending),
        ("invoice_items[1][amount]", "600"),
        ("expand[]", "customer"),
    ];
    let shown = api.post(PREVIEW, &params).ok();
    assert_eq!((int(&shown, "total"), &shown["customer"]["id"]), (900, &json!(customer)));
    assert_eq!(int(&api.get(&format!("/v1/invoiceitems/{pending}"), &[]).ok(), "amount"), 700);
    let bad = with(&params[..2], &[("invoice_items[0][quantity]", "2")]);
    invalid(api.post(PREVIEW, &bad), 400, None, Some("invoice_items[0][amount]"));
}

#[test]
fn a_preview_may_be_for_somebody_who_is_described() {
    let api = sandbox("preview-described");
    let params = [
        ("customer_details[tax_exempt]", "reverse"),
        ("customer_details[address][country]", "DE"),
        ("invoice_items[0][amount]", "500"),
        ("currency", "eur"),
        ("invoice_items[0][currency]", "eur"),
    ];
    let shown = api.post(PREVIEW, &params).ok();
    assert_eq!((int(&shown, "total"), text(&shown, "currency"), &shown["customer"]), (500, "eur", &json!(null)));
    assert_eq!((text(&shown, "customer_tax_exempt"), &shown["customer_address"]["country"]), ("reverse", &json!("DE")));
    assert_eq!(rows(&api.get("/v1/customers", &[]).ok()).len(), 0);
}

#[test]
fn a_preview_of_nothing_is_refused() {
    let api = sandbox("preview-nothing");
    let customer = customer(&api, &[]);
    says(api.post(PREVIEW, &[]), 400, "Missing required param: customer if subscription is not provided");
    let none = says(
        api.post(PREVIEW, &[("customer", &customer)]),
        404,
        &format!("No upcoming invoices for customer: {customer}"),
    );
    assert_eq!(none["code"], "invoice_upcoming_none");
    missing(api.post(PREVIEW, &[("customer", "cus_none")]), 400, "customer", "cus_none", "customer");
    let details = [("customer", customer.as_str()), ("subscription_details[items][0][price]", "price_x")];
    invalid(api.post(PREVIEW, &details), 400, Some("resource_missing"), Some("subscription_details[items][0][price]"));
}

#[test]
fn before_basil_the_upcoming_invoice_is_retrieved() {
    let api = sandbox("preview-upcoming");
    let customer = payer(&api);
    item(&api, &customer, "700");
    let older = api.version(BASIL_BEFORE);
    // It has no id, which the client's check misses.
    let headers = [
        ("Authorization".to_owned(), "Bearer sk_test_sandbox_preview-upcoming".to_owned()),
        ("Stripe-Version".to_owned(), BASIL_BEFORE.to_owned()),
    ];
    let shown = raw(api.url(), "GET", &format!("/v1/invoices/upcoming?customer={customer}"), &headers, None).ok();
    assert_eq!((shown.get("id"), int(&shown, "total"), &shown["paid"]), (None, 700, &json!(false)));
    let lines = older.get("/v1/invoices/upcoming/lines", &[("customer", &customer)]).ok();
    assert_eq!((ids(&lines).len(), &rows(&lines)[0]["price"]["unit_amount"]), (1, &json!(700)));
    let nobody = "You must either provide a `customer` or a `subscription` to the upcoming invoice endpoint.";
    says(older.get("/v1/invoices/upcoming", &[]), 400, nobody);
    missing(api.get("/v1/invoices/upcoming", &[("customer", &customer)]), 404, "invoice", "upcoming", "invoice");
}

#[derive(Clone, Debug)]
struct Case {
    amounts: Vec<i64>,
    balance: i64,
    percent: Option<u8>,
    off: Option<u16>,
}

fn case() -> impl Strategy<Value = Case> {
    let amounts = proptest::collection::vec(-2_000_i64..9_000, 1..5);
    let parts = (amounts, -3_000_i64..3_000, proptest::option::of(1_u8..100), proptest::option::of(1_u16..4_000));
    parts.prop_map(|(amounts, balance, percent, off)| Case { amounts, balance, percent, off })
}

fn discounts(api: &Client, case: &Case) -> Vec<String> {
    let percent = case.percent.map(|percent| vec![("percent_off".to_owned(), percent.to_string())]);
    let off =
        case.off.map(|off| vec![("amount_off".to_owned(), off.to_string()), ("currency".to_owned(), "usd".to_owned())]);
    let make = |params: Vec<(String, String)>| {
        let mut params: Vec<(&str, &str)> = params.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        params.push(("duration", "forever"));
        id(&api.post("/v1/coupons", &params).ok())
    };
    percent.into_iter().chain(off).map(make).collect()
}

#[test]
fn a_preview_is_what_follows() {
    hold(10, &case(), |case| {
        let api = own_sandbox("preview-equal");
        let customer = payer(&api);
        api.post(&format!("/v1/customers/{customer}"), &[("balance", &case.balance.to_string())]).ok();
        case.amounts.iter().for_each(|amount| drop(item(&api, &customer, &amount.to_string())));
        let coupons = discounts(&api, &case);
        let names: Vec<String> = (0..coupons.len()).map(|n| format!("discounts[{n}][coupon]")).collect();
        let given: Vec<(&str, &str)> =
            names.iter().zip(&coupons).map(|(name, coupon)| (name.as_str(), coupon.as_str())).collect();
        let shown = api.post(PREVIEW, &with(&[("customer", &customer)], &given)).ok();
        let made = draft(&api, &customer, &with(&[("pending_invoice_items_behavior", "include")], &given));
        prop_assert_eq!(essence(&shown), essence(&made));
        // Lines, discounts and taxes add up.
        let lines: i64 = rows(&made["lines"]).iter().map(|line| int(line, "amount")).sum();
        let off: i64 = made["total_discount_amounts"].as_array().unwrap().iter().map(|one| int(one, "amount")).sum();
        prop_assert_eq!(int(&made, "total"), lines - off);
        let open = api.post(&format!("/v1/invoices/{}/finalize", id(&made)), &[]).ok();
        prop_assert_eq!(int(&open, "amount_due"), int(&made, "amount_due"));
        let balance = api.get(&format!("/v1/customers/{customer}"), &[]).ok();
        prop_assert_eq!(int(&balance, "balance"), int(&open, "ending_balance"));
        Ok(())
    });
}
