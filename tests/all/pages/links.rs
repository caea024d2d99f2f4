//! The addresses of pages: whose copy they lead to, under which host they stand, and where they stood before.

use pinstripe::Config;
use serde_json::Value;

use crate::support::client::{Answer, Client, sandbox, start};
use crate::support::flows::{customer, id, pay, rows, text};

const FORM: &str = "application/x-www-form-urlencoded";

fn control(api: &Client, call: &str) -> Value {
    api.send("POST", &format!("/_pinstripe/{call}"), None).ok()
}

/// Opens a link as a browser does.
fn open(api: &Client, link: &str) -> Answer {
    api.with("Accept", "text/html").send("GET", path(link), None)
}

/// The path and the query of a link.
fn path(link: &str) -> &str {
    let (_, place) = link.split_once("://").unwrap();
    &place[place.find('/').unwrap()..]
}

/// An open invoice of 20 dollars.
fn open_invoice(api: &Client) -> String {
    let somebody = customer(api, &[("email", "ada@example.com")]);
    let sent = [("customer", somebody.as_str()), ("collection_method", "send_invoice"), ("days_until_due", "30")];
    let invoice = id(&api.post("/v1/invoices", &sent).ok());
    let line = [("customer", somebody.as_str()), ("invoice", &invoice), ("amount", "2000"), ("currency", "usd")];
    api.post("/v1/invoiceitems", &line).ok();
    api.post(&format!("/v1/invoices/{invoice}/finalize"), &[]).ok();
    invoice
}

fn the_invoice(api: &Client, invoice: &str) -> Value {
    api.get(&format!("/v1/invoices/{invoice}"), &[]).ok()
}

fn of_a_session(api: &Client) -> Value {
    let line = [("line_items[0][price_data][currency]", "usd"), ("line_items[0][price_data][unit_amount]", "500")];
    let sent =
        [("mode", "payment"), ("success_url", "https://shop.example/p/session/done"), ("line_items[0][quantity]", "1")];
    let product = [("line_items[0][price_data][product_data][name]", "Mug")];
    api.post("/v1/checkout/sessions", &[&line[..], &sent, &product].concat()).ok()
}

#[test]
fn after_a_fork_each_link_leads_to_its_own_copy() {
    let from = sandbox("links-from");
    let invoice = open_invoice(&from);
    control(&from, "fork?sandbox=links-from&into=links-into");
    let into = Client::new(from.url(), "sk_test_sandbox_links-into");
    let link = the_invoice(&into, &invoice)["hosted_invoice_url"].as_str().unwrap().to_owned();
    assert_eq!(link, format!("{}/i/{invoice}?sandbox=links-into", from.url()));
    let paid =
        into.with("Accept", "text/html").send("POST", &format!("{}&payment_method=pm_card_visa", path(&link)), None);
    assert_eq!(paid.status, 303, "{}", paid.text);
    assert_eq!(paid.header("location"), Some(format!("{invoice}?sandbox=links-into").as_str()));
    assert_eq!(
        (&the_invoice(&into, &invoice)["status"], &the_invoice(&from, &invoice)["status"]),
        (&"paid".into(), &"open".into())
    );
}

#[test]
fn a_bank_s_page_of_a_copy_sends_the_customer_back_to_the_copy() {
    let from = sandbox("links-bank");
    let invoice = open_invoice(&from);
    control(&from, "fork?sandbox=links-bank&into=links-bank-copy");
    let copy = Client::new(from.url(), "sk_test_sandbox_links-bank-copy");
    let page = format!("/i/{invoice}?sandbox=links-bank-copy&payment_method=pm_card_authenticationRequired");
    let sent = copy.with("Accept", "text/html").send("POST", &page, None);
    let bank = sent.header("location").unwrap().to_owned();
    assert!(bank.contains("/authorize/pi_") && bank.ends_with("&sandbox=links-bank-copy"), "{bank}");
    let back = copy.send("POST", path(&bank), Some((FORM, b"result=succeeded")));
    let back = back.header("location").unwrap().to_owned();
    assert!(back.contains(&format!("/i/{invoice}?")) && back.ends_with("&sandbox=links-bank-copy"), "{back}");
    assert!(open(&copy, &back).text.contains("paid"));
    assert_eq!(the_invoice(&from, &invoice)["status"], "open");
}

#[test]
fn events_and_deliveries_have_the_links_of_their_sandbox() {
    let api = sandbox("links-events");
    control(&api, "webhooks/mode?sandbox=links-events&mode=collect");
    let charge = pay(&api, "pm_card_visa", &[]).ok();
    let link = format!("{}/receipts/{}?sandbox=links-events", api.url(), text(&charge, "latest_charge"));
    let found = rows(&api.get("/v1/events", &[("type", "charge.succeeded")]).ok())[0].clone();
    assert_eq!(found["data"]["object"]["receipt_url"], link.as_str());
    let collected =
        api.send("GET", "/_pinstripe/webhooks/collected?sandbox=links-events&type=charge.succeeded", None).ok();
    assert!(text(&collected["collected"][0], "body").contains(&link), "{collected}");
    assert!(open(&api, &link).text.contains("Receipt"));
}

#[test]
fn urls_of_the_shop_stay_as_they_are() {
    let session = of_a_session(&sandbox("links-own"));
    assert_eq!(session["success_url"], "https://shop.example/p/session/done");
    assert!(text(&session, "url").ends_with("?sandbox=links-own"), "{session}");
}

#[test]
fn under_a_host_of_the_service_each_page_stands_on_its_own_host() {
    let api = sandbox("links-hosts").with("Host", "api.stripe.com");
    let session = of_a_session(&api);
    let url = text(&session, "url");
    assert!(url.starts_with(&format!("https://checkout.stripe.com/c/pay/{}?", id(&session))), "{url}");
    // The browser comes to that host, by a mapping of hosts or a route.
    let page = api.with("Host", "checkout.stripe.com").with("User-Agent", "Mozilla/5.0").send("GET", path(url), None);
    assert!(page.status == 200 && page.text.contains("Mug"), "{}", page.text);
    let charge = pay(&api, "pm_card_visa", &[("expand[]", "latest_charge")]).ok();
    let receipt = text(&charge["latest_charge"], "receipt_url").to_owned();
    assert!(receipt.starts_with("https://pay.stripe.com/receipts/ch_"), "{receipt}");
    let ported = of_a_session(&sandbox("links-hosts").with("Host", "api.stripe.com:8080"));
    assert!(text(&ported, "url").starts_with("http://checkout.stripe.com:8080/c/pay/"), "{ported}");
}

#[test]
fn with_a_public_url_of_another_name_both_work() {
    let url = start(Config { public_url: Some("https://pay.example.com/stripe".to_owned()), ..Config::default() });
    let api = Client::new(&url, "sk_test_123");
    let session = of_a_session(&api);
    assert_eq!(text(&session, "url"), format!("https://pay.example.com/stripe/c/pay/{}", id(&session)));
    for host in ["pay.example.com", "localhost:12111"] {
        let browser = api.with("Host", host).with("User-Agent", "Mozilla/5.0");
        assert_eq!(browser.send("GET", &format!("/c/pay/{}", id(&session)), None).status, 200, "{host}");
    }
}

#[test]
fn the_former_address_of_a_page_leads_on() {
    let api = sandbox("links-former");
    let former = [
        ("authorize/pi_1?client_secret=a", "/authorize/pi_1?client_secret=a"),
        ("sources/src_1/redirect?client_secret=a", "/authorize/src_1?client_secret=a"),
        ("checkout/cs_1", "/c/pay/cs_1"),
        ("invoice/in_1?sandbox=a", "/i/in_1?sandbox=a"),
        ("invoice/in_1/pdf", "/invoice/in_1/pdf"),
        ("credit_note/cn_1/pdf", "/credit_notes/cn_1/pdf"),
        ("receipts/ch_1", "/receipts/ch_1"),
        ("files/file_1", "/files/file_1/contents"),
        ("portal/bps_1", "/p/session/bps_1"),
        ("portal/bpc_1", "/p/login/bpc_1"),
    ];
    for (from, to) in former {
        let answer = api.send("GET", &format!("/_pinstripe/{from}"), None);
        let to = format!("{}{to}", api.url());
        assert_eq!((answer.status, answer.header("location")), (303, Some(to.as_str())), "{from}");
    }
}

#[test]
fn a_link_that_leads_to_nothing_shows_a_page_to_a_person_and_json_to_a_call() {
    let api = sandbox("links-nothing");
    let paths = [
        "/i/in_1",
        "/invoice/in_1/pdf",
        "/credit_notes/cn_1/pdf",
        "/receipts/ch_1",
        "/files/file_1/contents",
        "/authorize/pi_1",
    ];
    for path in paths {
        let page = api.with("Accept", "text/html").send("GET", path, None);
        assert!(page.status == 404 && page.text.contains("Something went wrong"), "{path}: {}", page.text);
        assert_eq!(
            api.send("GET", path, None).refused(404)["message"],
            "There is nothing here for this link.",
            "{path}"
        );
    }
}

#[test]
fn a_browser_finds_an_icon() {
    let icon = sandbox("links-icon").send("GET", "/favicon.ico", None);
    assert_eq!((icon.status, icon.header("content-type")), (200, Some("image/svg+xml")));
}

#[test]
fn what_was_not_paid_has_no_receipt() {
    let api = sandbox("links-receipt");
    let declined = api.post("/v1/charges", &[("amount", "500"), ("currency", "usd"), ("source", "tok_chargeDeclined")]);
    let charge = text(&declined.refused(402), "charge").to_owned();
    assert_eq!(api.send("GET", &format!("/receipts/{charge}"), None).status, 404);
}
