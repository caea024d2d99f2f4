//! What older versions show of invoices (billing-2 14).

use serde_json::{Value, json};

use super::{BASIL_BEFORE, act, payer, with_line};
use crate::support::client::sandbox;
use crate::support::flows::{id, int, rows, text};

#[test]
fn before_basil_an_invoice_shows_what_pays_it() {
    let api = sandbox("inv-older");
    let customer = payer(&api);
    let rate = [("display_name", "VAT"), ("percentage", "10"), ("inclusive", "false")];
    let rate = id(&api.post("/v1/tax_rates", &rate).ok());
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "50"), ("duration", "forever")]).ok());
    let params = [("default_tax_rates[0]", rate.as_str()), ("discounts[0][coupon]", &coupon)];
    let invoice = with_line(&api, &customer, "2000", &params);
    act(&api, &invoice, "pay", &[]).ok();
    let path = format!("/v1/invoices/{invoice}");
    let payment = rows(&api.get("/v1/invoice_payments", &[("invoice", &invoice)]).ok())[0].clone();
    let intent = payment["payment"]["payment_intent"].clone();
    let charge =
        api.get(&format!("/v1/payment_intents/{}", intent.as_str().unwrap()), &[]).ok()["latest_charge"].clone();
    for version in ["2020-08-27", "2022-11-15", BASIL_BEFORE] {
        let older = api.version(version).get(&path, &[]).ok();
        assert_eq!((&older["payment_intent"], &older["charge"], &older["paid"]), (&intent, &charge, &json!(true)));
        assert_eq!((&older["subscription"], &older["quote"], int(&older, "tax")), (&json!(null), &json!(null), 100));
        assert_eq!(older["discount"]["coupon"]["id"], coupon);
        let tax = &older["total_tax_amounts"][0];
        assert_eq!((int(tax, "amount"), &tax["inclusive"], &tax["tax_rate"]), (100, &json!(false), &json!(rate)));
        let line = &rows(&older["lines"])[0];
        assert_eq!(
            (text(line, "type"), &line["proration"], &line["plan"]),
            ("invoiceitem", &json!(false), &json!(null))
        );
        assert_eq!((text(&line["price"], "object"), int(&line["price"], "unit_amount")), ("price", 2000));
        assert!(text(line, "invoice_item").starts_with("ii_"), "{line}");
        assert_eq!((line["tax_amounts"][0]["tax_rate"].as_str(), &line["tax_rates"]), (Some(&*rate), &json!([])));
        // What is new is shown as well.
        assert_eq!((text(line, "object"), &older["amount_overpaid"]), ("line_item", &json!(0)));
        assert!(older["total_taxes"].is_array() && line["pricing"].is_object());
    }
    let expanded = api.version(BASIL_BEFORE).get(&path, &[("expand[]", "payment_intent"), ("expand[]", "charge")]).ok();
    assert_eq!(
        (text(&expanded["payment_intent"], "object"), text(&expanded["charge"], "object")),
        ("payment_intent", "charge")
    );
    let newest = api.get(&path, &[]).ok();
    for gone in ["payment_intent", "charge", "paid", "tax", "total_tax_amounts", "discount", "subscription"] {
        assert!(newest.get(gone).is_none(), "{gone}: {newest}");
    }
    // Intents and charges name their invoice.
    for thing in [
        format!("/v1/payment_intents/{}", intent.as_str().unwrap()),
        format!("/v1/charges/{}", charge.as_str().unwrap()),
    ] {
        assert_eq!(api.version(BASIL_BEFORE).get(&thing, &[]).ok()["invoice"], invoice);
        assert_eq!(api.get(&thing, &[]).ok().get("invoice"), None);
    }
}

#[test]
fn the_oldest_versions_have_their_own_names() {
    let api = sandbox("inv-oldest");
    let customer = payer(&api);
    let invoice = with_line(&api, &customer, "2000", &[]);
    let open = act(&api, &invoice, "finalize", &[]).ok();
    let seen = |version: &str| -> Value { api.version(version).get(&format!("/v1/invoices/{invoice}"), &[]).ok() };
    assert_eq!(seen("2019-09-09")["billing"], "charge_automatically");
    let oldest = seen("2018-10-31");
    assert_eq!(
        (&oldest["date"], &oldest["finalized_at"]),
        (&open["created"], &open["status_transitions"]["finalized_at"])
    );
    assert_eq!((&oldest["closed"], &oldest["forgiven"]), (&json!(false), &json!(false)));
    assert_eq!(seen("2023-10-16")["rendering_options"], json!(null));
    assert_eq!(seen("2024-04-10").get("rendering_options"), None);
}
