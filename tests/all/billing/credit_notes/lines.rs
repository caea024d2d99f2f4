//! What a credit note credits: lines, a shipping, an amount.

use serde_json::json;

use super::super::invoices::the_invoice;
use super::{act, coupon, credit, draft, first_line, item, open, payer, rate};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, ids, int, invalid, rows, text};

/// A finalized invoice of one line of three units of 1000.
fn of_three(api: &Client, params: &[(&str, &str)]) -> String {
    let customer = payer(api);
    let units = [("customer", customer.as_str()), ("unit_amount_decimal", "1000"), ("quantity", "3")];
    api.post("/v1/invoiceitems", &[&units[..], &[("currency", "usd")]].concat()).ok();
    let include = [("pending_invoice_items_behavior", "include")];
    let invoice = id(&draft(api, &customer, &[&include[..], params].concat()));
    act(api, &invoice, "finalize", &[]).ok();
    invoice
}

#[test]
fn a_line_is_credited_by_its_quantity() {
    let api = sandbox("cn-quantity");
    let invoice = of_three(&api, &[]);
    let line = first_line(&api, &invoice);
    let part = |quantity: &str| {
        let params = [("lines[0][type]", "invoice_line_item"), ("lines[0][invoice_line_item]", line.as_str())];
        credit(&api, &invoice, &[&params[..], &[("lines[0][quantity]", quantity)]].concat())
    };
    let note = part("2").ok();
    let shown = rows(&note["lines"])[0].clone();
    assert_eq!(
        shown,
        json!({
            "id": shown["id"], "object": "credit_note_line_item", "amount": 2000, "description": null,
            "discount_amount": 0, "discount_amounts": [], "invoice_line_item": line, "livemode": false, "metadata": {},
            "pretax_credit_amounts": [], "quantity": 2, "tax_rates": [], "taxes": [], "type": "invoice_line_item",
            "unit_amount": 1000, "unit_amount_decimal": "1000",
        })
    );
    assert_eq!(int(&note, "amount"), 2000);
    let error = invalid(part("2"), 400, None, Some("lines[0][quantity]"));
    assert_eq!(text(&error, "message"), "The quantity (2) must not be more than what is left of the line (1).");
    // The other way of crediting is closed for this line.
    let by_amount = [
        ("lines[0][type]", "invoice_line_item"),
        ("lines[0][invoice_line_item]", line.as_str()),
        ("lines[0][amount]", "10"),
    ];
    invalid(credit(&api, &invoice, &by_amount), 400, None, Some("lines[0][invoice_line_item]"));
    assert_eq!(int(&part("1").ok(), "amount"), 1000);
    assert_eq!(text(&the_invoice(&api, &invoice), "status"), "paid");
}

#[test]
fn a_line_is_credited_by_an_amount() {
    let api = sandbox("cn-amount");
    let invoice = of_three(&api, &[]);
    let line = first_line(&api, &invoice);
    let part = |amount: &str| {
        let params = [("lines[0][type]", "invoice_line_item"), ("lines[0][invoice_line_item]", line.as_str())];
        credit(&api, &invoice, &[&params[..], &[("lines[0][amount]", amount)]].concat())
    };
    let shown = rows(&part("1200").ok()["lines"])[0].clone();
    assert_eq!((int(&shown, "amount"), &shown["quantity"], &shown["unit_amount"]), (1200, &json!(null), &json!(null)));
    let error = invalid(part("1801"), 400, None, Some("lines[0][amount]"));
    assert_eq!(text(&error, "message"), "The amount (1801) must not be more than what is left of the line (1800).");
    part("1800").ok();
}

#[test]
fn discounts_and_taxes_are_credited_in_proportion_and_to_the_cent() {
    let api = sandbox("cn-proportion");
    let tenth = coupon(&api, &[("percent_off", "10")]);
    let (added, included) = (rate(&api, "7", "false"), rate(&api, "19", "true"));
    let params = [
        ("discounts[0][coupon]", tenth.as_str()),
        ("default_tax_rates[0]", &added),
        ("default_tax_rates[1]", &included),
    ];
    let invoice = of_three(&api, &params);
    let billed = the_invoice(&api, &invoice);
    let line = rows(&billed["lines"])[0].clone();
    let mut sums = [0; 4];
    for quantity in ["1", "1", "1"] {
        let params = [
            ("lines[0][type]", "invoice_line_item"),
            ("lines[0][invoice_line_item]", text(&line, "id")),
            ("lines[0][quantity]", quantity),
        ];
        let note = credit(&api, &invoice, &params).ok();
        let shown = rows(&note["lines"])[0].clone();
        let tax = |place: usize| int(&shown["taxes"][place], "amount");
        assert_eq!((int(&note, "subtotal"), int(&note, "discount_amount")), (1000, 100));
        assert_eq!(int(&note, "total"), 900 + tax(0));
        assert_eq!(int(&note, "total_excluding_tax"), 900 - tax(1));
        assert_eq!(note["total_taxes"], shown["taxes"]);
        assert_eq!(note["pretax_credit_amounts"][0]["type"], "discount");
        assert_eq!(note["discount_amounts"], shown["discount_amounts"]);
        for (sum, part) in sums.iter_mut().zip([int(&shown, "discount_amount"), tax(0), tax(1), int(&note, "total")]) {
            *sum += part;
        }
    }
    let of = |place: usize| int(&line["taxes"][place], "amount");
    assert_eq!(sums, [300, of(0), of(1), int(&billed, "total")]);
    assert_eq!(text(&the_invoice(&api, &invoice), "status"), "paid");
}

#[test]
fn something_of_its_own_is_credited_with_taxes_of_its_own() {
    let api = sandbox("cn-custom");
    let invoice = open(&api, "5000", &[]);
    let rate = rate(&api, "20", "false");
    let custom = [
        ("lines[0][type]", "custom_line_item"),
        ("lines[0][description]", "Late delivery"),
        ("lines[0][unit_amount_decimal]", "250.5"),
        ("lines[0][quantity]", "3"),
        ("lines[0][metadata][a]", "1"),
    ];
    let note = credit(&api, &invoice, &[&custom[..], &[("lines[0][tax_rates][0]", &rate)]].concat()).ok();
    let line = rows(&note["lines"])[0].clone();
    assert!(line.get("invoice_line_item").is_none(), "{line}");
    assert_eq!((text(&line, "description"), int(&line, "amount"), int(&line, "quantity")), ("Late delivery", 752, 3));
    assert_eq!((&line["unit_amount"], text(&line, "unit_amount_decimal")), (&json!(null), "250.5"));
    assert_eq!((int(&line["taxes"][0], "amount"), text(&line["tax_rates"][0], "id")), (150, rate.as_str()));
    assert_eq!((int(&note, "amount"), int(&note, "subtotal"), &line["metadata"]["a"]), (902, 752, &json!("1")));
    let given = [
        ("lines[0][tax_amounts][0][amount]", "33"),
        ("lines[0][tax_amounts][0][tax_rate]", rate.as_str()),
        ("lines[0][tax_amounts][0][taxable_amount]", "700"),
    ];
    let note = credit(&api, &invoice, &[&custom[..], &given].concat()).ok();
    let tax = &rows(&note["lines"])[0]["taxes"][0];
    assert_eq!((int(tax, "amount"), int(tax, "taxable_amount"), int(&note, "total")), (33, 700, 785));
    invalid(
        credit(&api, &invoice, &[&custom[..], &given, &[("lines[0][tax_rates][0]", &rate)]].concat()),
        400,
        None,
        Some("lines[0][tax_amounts]"),
    );
}

#[test]
fn an_amount_is_credited_with_its_part_of_the_taxes() {
    let api = sandbox("cn-by-amount");
    let rate = rate(&api, "20", "false");
    let invoice = open(&api, "1000", &[("default_tax_rates[0]", &rate)]);
    let note = credit(&api, &invoice, &[("amount", "600")]).ok();
    let line = rows(&note["lines"])[0].clone();
    assert_eq!((text(&line, "type"), int(&line, "amount"), int(&line, "quantity")), ("custom_line_item", 500, 1));
    assert_eq!((int(&note, "subtotal"), int(&note, "total"), int(&note, "total_excluding_tax")), (500, 600, 500));
    let tax = &note["total_taxes"][0];
    assert_eq!((int(tax, "amount"), int(tax, "taxable_amount")), (100, 500));
    let rest = credit(&api, &invoice, &[("amount", "600")]).ok();
    assert_eq!(int(&rest["total_taxes"][0], "amount"), 100);
}

#[test]
fn the_shipping_is_credited_by_its_rate() {
    let api = sandbox("cn-shipping");
    let post = [("display_name", "Post"), ("type", "fixed_amount"), ("fixed_amount[amount]", "450")];
    let post = id(&api.post("/v1/shipping_rates", &[&post[..], &[("fixed_amount[currency]", "usd")]].concat()).ok());
    let invoice = open(&api, "1000", &[("shipping_cost[shipping_rate]", &post)]);
    let note = credit(&api, &invoice, &[("shipping_cost[shipping_rate]", &post)]).ok();
    assert_eq!((int(&note, "amount"), int(&note, "amount_shipping"), int(&note, "subtotal")), (450, 450, 0));
    assert_eq!((text(&note["shipping_cost"], "shipping_rate"), rows(&note["lines"]).len()), (post.as_str(), 0));
    let again = credit(&api, &invoice, &[("shipping_cost[shipping_rate]", &post)]);
    assert_eq!(
        text(&invalid(again, 400, None, Some("shipping_cost")), "message"),
        "The shipping of the invoice was credited already."
    );
    let without = open(&api, "1000", &[]);
    let other = credit(&api, &without, &[("shipping_cost[shipping_rate]", &post)]);
    let error = invalid(other, 400, None, Some("shipping_cost[shipping_rate]"));
    assert_eq!(text(&error, "message"), format!("The invoice has no shipping by the rate '{post}'."));
}

#[test]
fn the_lines_of_a_note_are_listed_in_their_order() {
    let api = sandbox("cn-lines");
    let customer = payer(&api);
    let [one, two] = ["300", "500"].map(|amount| id(&item(&api, &customer, amount)));
    let invoice = id(&draft(&api, &customer, &[("pending_invoice_items_behavior", "include")]));
    act(&api, &invoice, "finalize", &[]).ok();
    let billed = rows(&the_invoice(&api, &invoice)["lines"]).to_vec();
    let of_item = |item: &str| {
        id(billed.iter().find(|line| line["parent"]["invoice_item_details"]["invoice_item"] == item).unwrap())
    };
    let params = [
        ("lines[0][type]", "invoice_line_item"),
        ("lines[0][invoice_line_item]", &of_item(&two)),
        ("lines[0][amount]", "500"),
        ("lines[1][type]", "invoice_line_item"),
        ("lines[1][invoice_line_item]", &of_item(&one)),
        ("lines[1][amount]", "100"),
        ("amount", "600"),
    ];
    let note = credit(&api, &invoice, &params).ok();
    let amounts: Vec<i64> = rows(&note["lines"]).iter().map(|line| int(line, "amount")).collect();
    assert_eq!(amounts, [500, 100]);
    let path = format!("/v1/credit_notes/{}/lines", id(&note));
    let listed = api.get(&path, &[]).ok();
    assert_eq!(rows(&listed), rows(&note["lines"]));
    let first = ids(&listed)[0].clone();
    assert_eq!(ids(&api.get(&path, &[("limit", "1")]).ok()), std::slice::from_ref(&first));
    assert_eq!(ids(&api.get(&path, &[("starting_after", &first)]).ok()).len(), 1);
}
