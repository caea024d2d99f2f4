//! The page of an invoice, its PDF, and paying without a browser (billing 3.2, billing-2 5.6).

use serde_json::{Value, json};

use super::{act, draft, event_count, events_since, item, payer, payer_with, the_invoice, with_line};
use crate::support::client::{Answer, Client, encode, sandbox};
use crate::support::decisions::path;
use crate::support::flows::{Params, customer, id, text};
use crate::support::pdf;

/// A customer without a payment method.
fn somebody(api: &Client) -> String {
    customer(api, &[("email", "ada@example.com"), ("name", "Ada Ångström <b>")])
}

/// An open invoice over $20.
fn open(api: &Client, customer: &str, params: Params<'_>) -> Value {
    let invoice = with_line(api, customer, "2000", params);
    act(api, &invoice, "finalize", &[("auto_advance", "false")]).ok()
}

/// A page, as a browser asks for it.
fn browse(api: &Client, method: &str, link: &str, form: Params<'_>) -> Answer {
    let form = encode(form);
    let form = (method == "POST").then_some(("application/x-www-form-urlencoded", form.as_bytes()));
    api.with("Accept", "text/html,*/*;q=0.8").send(method, path(api, link), form)
}

fn see(api: &Client, invoice: &Value) -> String {
    let page = browse(api, "GET", text(invoice, "hosted_invoice_url"), &[]);
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    page.text
}

/// Pays on the page.
fn press(api: &Client, invoice: &Value, method: &str) -> Answer {
    browse(api, "POST", text(invoice, "hosted_invoice_url"), &[("payment_method", method)])
}

#[track_caller]
fn shows(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part} is not on the page:\n{page}");
    }
}

/// The text of an invoice's PDF, page by page.
fn printed(api: &Client, invoice: &Value) -> Vec<String> {
    let answer = api.send("GET", path(api, text(invoice, "invoice_pdf")), None);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/pdf")));
    pdf::pages(&answer.bytes)
}

/// An invoice with all that changes its total: the customer's balance gave $5.
fn with_everything(api: &Client) -> Value {
    let customer = somebody(api);
    let address = [
        ("address[line1]", "1 Main Street"),
        ("address[postal_code]", "10115"),
        ("address[city]", "Berlin"),
        ("address[country]", "DE"),
        ("shipping[name]", "Charles"),
        ("shipping[address][line1]", "2 Side Street"),
        ("balance", "-500"),
    ];
    api.post(&format!("/v1/customers/{customer}"), &address).ok();
    let rate = [("display_name", "VAT"), ("percentage", "19"), ("inclusive", "false")];
    let rate = id(&api.post("/v1/tax_rates", &rate).ok());
    let coupon = [("id", "TEN"), ("name", "Ten off"), ("percent_off", "10"), ("duration", "once")];
    api.post("/v1/coupons", &coupon).ok();
    let price = [("currency", "usd"), ("unit_amount", "1000"), ("product_data[name]", "Mug")];
    let price = id(&api.post("/v1/prices", &price).ok());
    api.post("/v1/invoiceitems", &[("customer", &*customer), ("pricing[price]", &price), ("quantity", "2")]).ok();
    let params = [
        ("pending_invoice_items_behavior", "include"),
        ("collection_method", "send_invoice"),
        ("days_until_due", "30"),
        ("default_tax_rates[0]", &*rate),
        ("discounts[0][coupon]", "TEN"),
        ("shipping_cost[shipping_rate_data][display_name]", "Post"),
        ("shipping_cost[shipping_rate_data][type]", "fixed_amount"),
        ("shipping_cost[shipping_rate_data][fixed_amount][amount]", "300"),
        ("shipping_cost[shipping_rate_data][fixed_amount][currency]", "usd"),
        ("custom_fields[0][name]", "Order"),
        ("custom_fields[0][value]", "No. 7"),
        ("description", "A memo"),
        ("footer", "A footer"),
    ];
    let invoice = id(&draft(api, &customer, &params));
    act(api, &invoice, "finalize", &[("auto_advance", "false")]).ok()
}

/// What page and PDF of that invoice say, in order.
const EVERYTHING: &[(&str, &str)] = &[
    ("Subtotal", "$20.00"),
    ("Discount (Ten off)", "-$2.00"),
    ("Shipping", "$3.00"),
    ("Total excluding tax", "$21.00"),
    ("VAT (19%)", "$3.42"),
    ("Total", "$24.42"),
    ("Applied balance", "-$5.00"),
    ("Amount due", "$19.42"),
];

#[test]
fn the_page_shows_all_that_the_invoice_says() {
    let api = sandbox("inv-page-all");
    let invoice = with_everything(&api);
    let page = see(&api, &invoice);
    let number = text(&invoice, "number");
    let named = ["Ada Ångström &#60;b&#62;", "1 Main Street", "10115 Berlin", "DE", "ada@example.com", "Charles"];
    shows(&page, &named);
    shows(&page, &[number, "Order", "No. 7", "A memo", "A footer", "2 × $10.00", "Date due", "<strong>open</strong>"]);
    let mut at = 0;
    for (label, amount) in EVERYTHING {
        let row = format!("<th scope=\"row\">{label}</th><td>{amount}</td>");
        at += page[at..].find(&row).unwrap_or_else(|| panic!("{row} is not on the page, or too early:\n{page}"));
    }
    shows(&page, &[">Pay $19.42</button>", "pm_card_visa"]);
}

#[test]
fn the_pdf_shows_all_that_the_invoice_says() {
    let api = sandbox("inv-pdf-all");
    let invoice = with_everything(&api);
    let pages = printed(&api, &invoice);
    let [page] = &*pages else { panic!("{}", pages.len()) };
    let named = ["Ada Ångström <b>\n", "1 Main Street\n", "10115 Berlin\n", "No. 7\n", "A memo\n", "A footer\n"];
    shows(page, &named);
    shows(page, &[text(&invoice, "number"), "2\n$10.00\n$20.00\nMug\n", "Ship to\n", "Charles\n"]);
    let mut at = 0;
    for (label, amount) in EVERYTHING {
        at += page[at..].find(&format!("{label}\n{amount}\n")).unwrap_or_else(|| panic!("{label} {amount}:\n{page}"));
    }
}

#[test]
fn the_pdf_of_an_invoice_is_the_same_each_time_and_is_named_after_it() {
    let api = sandbox("inv-pdf-same");
    let invoice = open(&api, &somebody(&api), &[]);
    let get = || api.send("GET", path(&api, text(&invoice, "invoice_pdf")), None);
    let (one, other) = (get(), get());
    assert!(one.bytes.starts_with(b"%PDF-") && one.bytes == other.bytes);
    let name = format!("attachment; filename=\"Invoice-{}.pdf\"", text(&invoice, "number"));
    assert_eq!(one.header("content-disposition"), Some(&*name));
    // Paid, it says so.
    act(&api, &id(&invoice), "pay", &[("paid_out_of_band", "true")]).ok();
    let paid = get();
    assert_ne!(one.bytes, paid.bytes);
    shows(&pdf::pages(&paid.bytes).concat(), &["$20.00 paid on ", "Date paid\n"]);
}

#[test]
fn an_invoice_of_many_lines_has_several_pages() {
    let api = sandbox("inv-pdf-long");
    let customer = somebody(&api);
    for n in 0..60 {
        let amount = (100 + n).to_string();
        item(&api, &customer, &amount);
    }
    let invoice = id(&draft(&api, &customer, &[("pending_invoice_items_behavior", "include")]));
    let invoice = act(&api, &invoice, "finalize", &[("auto_advance", "false")]).ok();
    let pages = printed(&api, &invoice);
    assert!(pages.len() > 1, "{}", pages.len());
    let all = pages.concat();
    for n in 0..60 {
        let amount = format!("\n$1.{n:02}\n");
        assert_eq!(all.matches(&amount).count(), 1, "{amount}");
    }
}

#[test]
fn a_draft_has_no_page() {
    let api = sandbox("inv-page-draft");
    let invoice = with_line(&api, &somebody(&api), "2000", &[]);
    for path in [format!("/i/{invoice}"), format!("/invoice/{invoice}/pdf")] {
        let answer = api.send("GET", &path, None);
        assert_eq!(answer.refused(404)["message"], "There is nothing here for this link.");
    }
    api.send("POST", &format!("/_pinstripe/invoice/{invoice}"), None).refused(404);
    assert_eq!(the_invoice(&api, &invoice)["status"], "draft");
}

#[test]
fn a_card_on_the_page_pays_the_invoice() {
    let api = sandbox("inv-page-pays");
    let invoice = open(&api, &somebody(&api), &[]);
    let since = event_count(&api);
    let answer = press(&api, &invoice, "pm_card_visa");
    // The same page again, which a reload does not pay twice.
    let same = format!("{}?sandbox=inv-page-pays", id(&invoice));
    assert_eq!((answer.status, answer.header("location")), (303, Some(same.as_str())));
    let paid = the_invoice(&api, &id(&invoice));
    assert_eq!(json!([paid["status"], paid["amount_paid"], paid["attempt_count"]]), json!(["paid", 2000, 1]));
    let events = events_since(&api, since);
    for event in ["charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded"] {
        assert!(events.iter().any(|known| known == event), "{event}: {events:?}");
    }
    let page = see(&api, &invoice);
    shows(&page, &["<h1>$20.00 paid on ", "<strong>paid</strong>", "Date paid", "Amount paid", "Amount remaining"]);
    assert!(!page.contains("<button"), "{page}");
    // Whoever presses the button of a page from before pays nothing.
    let again = press(&api, &invoice, "pm_card_visa");
    assert_eq!(again.status, 200);
    shows(&again.text, &["role=\"alert\"", "<strong>paid</strong>"]);
    let charges = api.get("/v1/charges", &[]).ok();
    assert_eq!(charges["data"].as_array().unwrap().len(), 1);
}

#[test]
fn what_the_customer_saved_stands_first_and_pays() {
    let api = sandbox("inv-page-saved");
    let customer = payer_with(&api, "pm_card_mastercard");
    let invoice = open(&api, &customer, &[]);
    let page = see(&api, &invoice);
    let saved = page.find("Saved card ending in 4444").expect(&page);
    assert!(saved < page.find("pm_card_visa").unwrap(), "{page}");
    // Without a choice, the first one pays.
    let paid = api.send("POST", &format!("/_pinstripe/invoice/{}", id(&invoice)), None).ok();
    assert_eq!(paid["status"], "paid");
    let charges = api.get("/v1/charges", &[]).ok();
    assert_eq!(charges["data"][0]["payment_method_details"]["card"]["last4"], "4444");
}

#[test]
fn a_decline_is_said_on_the_page_where_another_card_can_pay() {
    let api = sandbox("inv-page-declined");
    let invoice = open(&api, &somebody(&api), &[]);
    let page = press(&api, &invoice, "pm_card_chargeDeclined");
    assert_eq!(page.status, 200);
    shows(&page.text, &["role=\"alert\">Your card was declined.", ">Pay $20.00</button>"]);
    assert_eq!(the_invoice(&api, &id(&invoice))["status"], "open");
    assert_eq!(press(&api, &invoice, "pm_card_visa").status, 303);
    assert_eq!(the_invoice(&api, &id(&invoice))["status"], "paid");
}

/// To the bank's page and back, with this answer there; the page on which the browser ends.
fn through_the_bank(api: &Client, invoice: &Value, result: &str) -> String {
    let sent = press(api, invoice, "pm_card_threeDSecureRequired");
    assert_eq!(sent.status, 303, "{}", sent.text);
    let bank = browse(api, "GET", sent.header("location").unwrap(), &[]);
    shows(&bank.text, &["3D Secure", "$20.00"]);
    let back = browse(api, "POST", sent.header("location").unwrap(), &[("result", result)]);
    let back = back.header("location").unwrap().to_owned();
    assert!(back.starts_with(&format!("{}/i/{}?", api.url(), id(invoice))), "{back}");
    browse(api, "GET", &back, &[]).text
}

#[test]
fn three_d_secure_leads_to_the_banks_page_and_back_to_the_invoice() {
    let api = sandbox("inv-page-3ds");
    let invoice = open(&api, &somebody(&api), &[]);
    let page = through_the_bank(&api, &invoice, "succeeded");
    shows(&page, &["<strong>paid</strong>"]);
    assert_eq!(the_invoice(&api, &id(&invoice))["status"], "paid");
}

#[test]
fn after_a_failed_challenge_the_page_says_so_and_another_card_can_pay() {
    let api = sandbox("inv-page-3ds-failed");
    let invoice = open(&api, &somebody(&api), &[]);
    let page = through_the_bank(&api, &invoice, "failed");
    let failure = "We are unable to authenticate your payment method.";
    shows(&page, &["role=\"alert\"", failure, "<strong>open</strong>", ">Pay $20.00</button>"]);
    shows(&through_the_bank(&api, &invoice, "succeeded"), &["<strong>paid</strong>"]);
}

#[test]
fn a_void_invoice_cannot_be_paid() {
    let api = sandbox("inv-page-void");
    let invoice = open(&api, &payer(&api), &[]);
    act(&api, &id(&invoice), "void", &[]).ok();
    let page = see(&api, &invoice);
    shows(&page, &["<strong>void</strong>", "$20.00 voided on ", "Date voided"]);
    assert!(!page.contains("<button"), "{page}");
    let refused = api.send("POST", &format!("/_pinstripe/invoice/{}", id(&invoice)), None);
    refused.refused(400);
    assert!(api.get("/v1/charges", &[]).ok()["data"].as_array().unwrap().is_empty());
}

#[test]
fn an_uncollectible_invoice_can_still_be_paid() {
    let api = sandbox("inv-page-uncollectible");
    let invoice = open(&api, &somebody(&api), &[]);
    act(&api, &id(&invoice), "mark_uncollectible", &[]).ok();
    shows(&see(&api, &invoice), &["<strong>uncollectible</strong>", ">Pay $20.00</button>"]);
    assert_eq!(press(&api, &invoice, "pm_card_visa").status, 303);
    assert_eq!(the_invoice(&api, &id(&invoice))["status"], "paid");
}

#[test]
fn a_payment_that_takes_days_is_said_on_the_page() {
    let api = sandbox("inv-page-debit");
    let customer = somebody(&api);
    api.post("/v1/invoiceitems", &[("customer", &*customer), ("amount", "2000"), ("currency", "eur")]).ok();
    let debit = [
        ("pending_invoice_items_behavior", "include"),
        ("currency", "eur"),
        ("payment_settings[payment_method_types][0]", "sepa_debit"),
    ];
    let invoice = id(&draft(&api, &customer, &debit));
    let invoice = act(&api, &invoice, "finalize", &[("auto_advance", "false")]).ok();
    shows(&see(&api, &invoice), &["SEPA account: succeeds later"]);
    assert_eq!(press(&api, &invoice, "pm_sepaDebit_successDelayed_fr").status, 303);
    let page = see(&api, &invoice);
    shows(&page, &["role=\"status\">The payment is being processed.", "<strong>open</strong>"]);
    assert!(!page.contains("<button"), "{page}");
}

#[test]
fn an_invoice_is_paid_without_a_browser() {
    let api = sandbox("inv-page-call");
    let invoice = open(&api, &somebody(&api), &[]);
    let pay = |method: &str| {
        let target = format!("/_pinstripe/invoice/{}?sandbox=inv-page-call&payment_method={method}", id(&invoice));
        api.send("POST", &target, None)
    };
    let declined = pay("pm_card_chargeDeclined").refused(402);
    assert_eq!(json!([declined["code"], declined["decline_code"]]), json!(["card_declined", "generic_decline"]));
    let waiting = pay("pm_card_threeDSecureRequired").ok();
    assert_eq!(waiting["status"], "open");
    assert!(waiting["next_url"].as_str().unwrap().contains("/authorize/pi_"), "{waiting}");
    let paid = pay("pm_card_visa").ok();
    let expected = json!({
        "id": invoice["id"], "object": "invoice", "status": "paid", "amount_paid": 2000, "amount_remaining": 0,
        "next_url": null,
    });
    assert_eq!(paid, expected);
    let again = pay("pm_card_visa").refused(400);
    assert_eq!(again["message"], "Invoice is already paid");
    let unknown = api.send("POST", "/_pinstripe/invoice/in_none", None);
    unknown.refused(404);
}

#[test]
fn amounts_have_the_decimals_of_their_currency() {
    let api = sandbox("inv-page-decimals");
    let price = |currency: &str, unit: &str| {
        let params = [("currency", currency), ("unit_amount_decimal", unit), ("product_data[name]", "Drop")];
        id(&api.post("/v1/prices", &params).ok())
    };
    for (currency, unit, shown, total) in [
        ("usd", "12.5", "8 × $0.125", "Pay $1.00"),
        ("jpy", "150", "8 × ¥150", "Pay ¥1,200"),
        ("kwd", "1230", "8 × 1.230 kwd", "Pay 9.840 kwd"),
    ] {
        let customer = somebody(&api);
        let price = price(currency, unit);
        let item = [("customer", &*customer), ("pricing[price]", &price), ("quantity", "8")];
        api.post("/v1/invoiceitems", &item).ok();
        let params = [("pending_invoice_items_behavior", "include"), ("currency", currency)];
        let invoice = id(&draft(&api, &customer, &params));
        let invoice = act(&api, &invoice, "finalize", &[("auto_advance", "false")]).ok();
        shows(&see(&api, &invoice), &[shown, total]);
    }
}
