//! Lines of drafts (billing 3.5).

use serde_json::{Value, json};

use super::{act, item, payer, the_invoice, with_line};
use crate::support::client::sandbox;
use crate::support::flows::{id, int, invalid, rows, says, text};

fn amounts(invoice: &Value) -> Vec<i64> {
    rows(&invoice["lines"]).iter().map(|line| int(line, "amount")).collect()
}

#[test]
fn lines_are_added_in_front_changed_and_removed() {
    let api = sandbox("inv-lines");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "100", &[]);
    let waiting = id(&item(&api, &customer, "40"));
    let params = [
        ("lines[0][amount]", "20"),
        ("lines[0][description]", "First"),
        ("lines[1][invoice_item]", waiting.as_str()),
        ("invoice_metadata[a]", "b"),
    ];
    let added = act(&api, &invoice, "add_lines", &params).ok();
    assert_eq!((amounts(&added), int(&added, "total"), text(&added["metadata"], "a")), (vec![20, 40, 100], 160, "b"));
    let lines: Vec<String> = rows(&added["lines"]).iter().map(id).collect();
    let params =
        [("lines[0][id]", lines[0].as_str()), ("lines[0][amount]", "30"), ("lines[0][description]", "Changed")];
    let changed = act(&api, &invoice, "update_lines", &params).ok();
    assert_eq!((amounts(&changed), text(&rows(&changed["lines"])[0], "description")), (vec![30, 40, 100], "Changed"));
    assert_eq!(rows(&changed["lines"]).iter().map(id).collect::<Vec<_>>(), lines);
    let line = api.post(&format!("/v1/invoices/{invoice}/lines/{}", lines[2]), &[("amount", "110")]).ok();
    assert_eq!((text(&line, "object"), int(&line, "amount"), int(&line, "subtotal")), ("line_item", 110, 110));
    let params = [
        ("lines[0][id]", lines[0].as_str()),
        ("lines[0][behavior]", "delete"),
        ("lines[1][id]", lines[1].as_str()),
        ("lines[1][behavior]", "unassign"),
    ];
    let left = act(&api, &invoice, "remove_lines", &params).ok();
    assert_eq!((amounts(&left), int(&left, "total")), (vec![110], 110));
    let item = api.get(&format!("/v1/invoiceitems/{waiting}"), &[]).ok();
    assert_eq!((&item["invoice"], int(&item, "amount")), (&json!(null), 40));
}

#[test]
fn bad_lines_change_nothing() {
    let api = sandbox("inv-lines-bad");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "100", &[]);
    let both = [("lines[0][amount]", "20"), ("lines[0][quantity]", "2")];
    let refused = says(
        act(&api, &invoice, "add_lines", &both),
        400,
        "You may only specify one of these parameters: amount, quantity.",
    );
    assert_eq!(refused["param"], "lines[0][amount]");
    let unknown = [("lines[0][id]", "il_none"), ("lines[0][amount]", "2")];
    invalid(act(&api, &invoice, "update_lines", &unknown), 400, Some("resource_missing"), Some("lines[0][id]"));
    let taken =
        rows(&the_invoice(&api, &invoice)["lines"])[0]["parent"]["invoice_item_details"]["invoice_item"].clone();
    let taken = [("lines[0][invoice_item]", taken.as_str().unwrap())];
    invalid(act(&api, &invoice, "add_lines", &taken), 400, None, Some("lines[0][invoice_item]"));
    invalid(
        api.post(&format!("/v1/invoices/{invoice}/lines/il_none"), &[("amount", "1")]),
        404,
        Some("resource_missing"),
        Some("line_item_id"),
    );
    assert_eq!(int(&the_invoice(&api, &invoice), "total"), 100);
    act(&api, &invoice, "finalize", &[]).ok();
    for verb in ["add_lines", "update_lines"] {
        let params = [("lines[0][id]", "il_x"), ("lines[0][amount]", "1")];
        let params = if verb == "add_lines" { &params[1..] } else { &params[..] };
        let refused =
            says(act(&api, &invoice, verb, params), 400, "Invalid invoice: This invoice is no longer editable");
        assert_eq!(refused["code"], "invoice_not_editable");
    }
}

#[test]
fn the_amounts_of_taxes_may_be_given() {
    let api = sandbox("inv-tax-amounts");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "100", &[]);
    let tax = |key: &str| format!("lines[0][tax_amounts][0]{key}");
    let (amount, taxable, name) = (tax("[amount]"), tax("[taxable_amount]"), tax("[tax_rate_data][display_name]"));
    let (percentage, inclusive) = (tax("[tax_rate_data][percentage]"), tax("[tax_rate_data][inclusive]"));
    let params = [
        ("lines[0][amount]", "1000"),
        (amount.as_str(), "77"),
        (&taxable, "1000"),
        (&name, "Sales tax"),
        (&percentage, "7.5"),
        (&inclusive, "false"),
    ];
    let added = act(&api, &invoice, "add_lines", &params).ok();
    assert_eq!((int(&added, "subtotal"), int(&added, "total")), (1100, 1177));
    let taxed = &rows(&added["lines"])[0]["taxes"][0];
    assert_eq!((int(taxed, "amount"), text(taxed, "tax_behavior")), (77, "exclusive"));
    let rate = api.get(&format!("/v1/tax_rates/{}", text(&taxed["tax_rate_details"], "tax_rate")), &[]).ok();
    assert_eq!((&rate["active"], text(&rate, "display_name")), (&json!(false), "Sales tax"));
}

#[test]
fn the_lines_of_an_invoice_are_a_list_of_their_own() {
    let api = sandbox("inv-lines-list");
    let customer = payer(&api);
    for _ in 0..12 {
        item(&api, &customer, "10");
    }
    let invoice = with_line(&api, &customer, "10", &[]);
    let shown = the_invoice(&api, &invoice);
    assert_eq!((rows(&shown["lines"]).len(), &shown["lines"]["has_more"]), (10, &json!(true)));
    assert_eq!((&shown["lines"]["total_count"], int(&shown, "total")), (&json!(13), 130));
    let all = api.get(&format!("/v1/invoices/{invoice}/lines"), &[("limit", "100")]).ok();
    assert_eq!((rows(&all).len(), &all["has_more"]), (13, &json!(false)));
    assert_eq!(rows(&all)[0]["id"], rows(&shown["lines"])[0]["id"]);
}
