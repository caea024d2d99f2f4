//! The pages, pictures and papers of payments that a customer completes elsewhere: at a bank, in an app, in a shop.

use serde_json::Value;

use crate::support::client::{Answer, Client, sandbox};
use crate::support::decisions::path;
use crate::support::flows::{id, pay, text, the_intent};
use crate::support::pdf::pages;

const OFFLINE: [(&str, &str); 5] = [
    ("confirm", "true"),
    ("mandate_data[customer_acceptance][type]", "offline"),
    ("payment_method_types[0]", "acss_debit"),
    ("payment_method_options[acss_debit][mandate_options][payment_schedule]", "sporadic"),
    ("payment_method_options[acss_debit][mandate_options][transaction_type]", "personal"),
];

fn open(api: &Client, link: &str) -> Answer {
    api.with("Accept", "text/html").send("GET", path(api, link), None)
}

/// Sends a page's form.
fn tell(api: &Client, link: &str, form: &str) -> Answer {
    api.with("Accept", "text/html").send(
        "POST",
        path(api, link),
        Some(("application/x-www-form-urlencoded", form.as_bytes())),
    )
}

/// A payment with a type of payment method.
fn waiting(api: &Client, kind: &str, currency: &str, more: &[(&str, &str)]) -> Value {
    let sent = [
        ("amount", "2000"),
        ("currency", currency),
        ("confirm", "true"),
        ("payment_method_types[0]", kind),
        ("payment_method_data[type]", kind),
        ("payment_method_data[billing_details][email]", "ada@example.com"),
        ("payment_method_data[billing_details][name]", "Ada Byron"),
        ("return_url", "https://shop.example/back"),
    ];
    api.post("/v1/payment_intents", &[&sent[..], more].concat()).ok()
}

/// An account that waits for its deposits, and the address of the page.
fn unverified(api: &Client) -> (String, String) {
    let account = [
        ("payment_method_data[acss_debit][institution_number]", "000"),
        ("payment_method_data[acss_debit][transit_number]", "11000"),
        ("payment_method_data[acss_debit][account_number]", "000123456789"),
        ("payment_method_options[acss_debit][verification_method]", "microdeposits"),
    ];
    let made = waiting(api, "acss_debit", "cad", &[&account[..], &OFFLINE[1..2], &OFFLINE[3..]].concat());
    let link = text(&made["next_action"]["verify_with_microdeposits"], "hosted_verification_url").to_owned();
    (id(&made), link)
}

#[test]
fn deposits_are_told_on_the_page_which_verifies_the_account() {
    let api = sandbox("elsewhere-deposits");
    let (intent, link) = unverified(&api);
    let page = open(&api, &link);
    assert!(page.text.contains("First deposit") && page.text.contains("requires_action"), "{}", page.text);
    let wrong = tell(&api, &link, "amount_1=1&amount_2=2");
    assert!(wrong.text.contains("role=\"alert\""), "{}", wrong.text);
    let words = tell(&api, &link, "amount_1=some&amount_2=2");
    assert!(words.text.contains("Invalid integer: some"), "{}", words.text);
    assert_eq!(text(&the_intent(&api, &intent), "status"), "requires_action");
    let right = tell(&api, &link, "amount_1=32&amount_2=45");
    assert!(right.text.contains("There is nothing left to verify."), "{}", right.text);
    assert_ne!(text(&the_intent(&api, &intent), "status"), "requires_action");
}

#[test]
fn a_code_to_scan_is_a_picture_that_leads_to_the_page() {
    let api = sandbox("elsewhere-code");
    let made = waiting(&api, "paynow", "sgd", &[]);
    let action = &made["next_action"]["paynow_display_qr_code"];
    let picture = open(&api, text(action, "image_url_png"));
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/png")));
    assert!(picture.bytes.starts_with(b"\x89PNG\r\n\x1a\n") && picture.bytes.len() > 300);
    let drawing = open(&api, text(action, "image_url_svg"));
    assert_eq!(drawing.header("content-type"), Some("image/svg+xml"));
    assert!(drawing.text.starts_with("<svg xmlns="), "{}", drawing.text);
    let page = open(&api, text(action, "hosted_instructions_url"));
    assert!(page.text.contains("role=\"img\" aria-label=\"QR code\"><svg"), "{}", page.text);
    for wrong in ["image_url_png", "image_url_svg"].map(|key| text(action, key).replace("pa_nonce_", "x")) {
        assert_eq!(open(&api, &wrong).status, 404);
    }
}

#[test]
fn the_data_of_a_code_to_scan_are_a_picture() {
    let api = sandbox("elsewhere-data");
    let client = [("payment_method_options[wechat_pay][client]", "web")];
    let made = waiting(&api, "wechat_pay", "cny", &client);
    let data = text(&made["next_action"]["wechat_pay_display_qr_code"], "image_data_url");
    assert!(data.starts_with("data:image/png;base64,iVBORw0KGgo"), "{data}");
}

#[test]
fn a_voucher_says_what_to_pay_on_its_page_and_on_paper() {
    let api = sandbox("elsewhere-voucher");
    let more = [
        ("payment_method_data[boleto][tax_id]", "00000000000"),
        ("payment_method_data[billing_details][address][line1]", "1 Rua"),
        ("payment_method_data[billing_details][address][city]", "Recife"),
        ("payment_method_data[billing_details][address][state]", "PE"),
        ("payment_method_data[billing_details][address][postal_code]", "50000-000"),
        ("payment_method_data[billing_details][address][country]", "BR"),
    ];
    let made = waiting(&api, "boleto", "brl", &more);
    let action = &made["next_action"]["boleto_display_details"];
    let page = open(&api, text(action, "hosted_voucher_url"));
    assert!(page.text.contains(text(action, "number")) && page.text.contains("Expires"), "{}", page.text);
    let paper = open(&api, text(action, "pdf"));
    assert_eq!(paper.header("content-type"), Some("application/pdf"));
    let printed = pages(&paper.bytes).concat();
    assert!(printed.contains("to pay with Boleto") && printed.contains("Pay until"), "{printed}");
    assert_eq!(open(&api, &text(action, "pdf").replace("pa_nonce_", "x")).status, 404);
}

#[test]
fn a_mandate_has_a_page_that_says_what_was_consented_to() {
    let api = sandbox("elsewhere-mandate");
    let accepted = [
        ("mandate_data[customer_acceptance][type]", "online"),
        ("mandate_data[customer_acceptance][online][ip_address]", "127.0.0.1"),
        ("mandate_data[customer_acceptance][online][user_agent]", "test"),
        ("payment_method_data[sepa_debit][iban]", "DE89370400440532013000"),
        ("expand[]", "latest_charge"),
    ];
    let made = waiting(&api, "sepa_debit", "eur", &accepted);
    let mandate = text(&made["latest_charge"]["payment_method_details"]["sepa_debit"], "mandate").to_owned();
    let mandate = api.get(&format!("/v1/mandates/{mandate}"), &[]).ok();
    let details = &mandate["payment_method_details"]["sepa_debit"];
    let page = open(&api, text(details, "url"));
    for part in ["Mandate", text(details, "reference"), "SEPA", "single use"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
}

#[test]
fn a_card_s_payment_has_nothing_to_scan_and_nothing_to_print() {
    let api = sandbox("elsewhere-nothing");
    let made = pay(&api, "pm_card_visa", &[]).ok();
    for path in
        [format!("/qr/{}.png", id(&made)), format!("/qr/{}.gif", id(&made)), format!("/vouchers/{}/pdf", id(&made))]
    {
        assert_eq!(api.send("GET", &path, None).status, 404, "{path}");
    }
}
