//! The page of a session, as a browser sees it.

use super::{MUGS, browse, create, open, read};
use crate::support::client::sandbox;
use crate::support::flows::{customer, id, text, with};

/// The form with a card, as a browser without scripts sends it.
fn card(number: &str) -> String {
    format!(
        "email=jenny%40example.com&payment_method=card&cardNumber={number}&cardExpiry=12+%2F+34&cardCvc=123&billingName=Jenny+Rosen\
         &billingCountry=US&billingPostalCode=94107"
    )
}

#[test]
fn the_page_shows_what_is_bought_and_what_can_pay() {
    let api = sandbox("cs-page");
    let made = open(&api, &[("customer_email", "jenny@example.com")]);
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for part in
        ["Qty 2", "$20.00", "jenny@example.com", "name=\"cardNumber\"", ">Pay</span>", "https://shop.example/cart"]
    {
        assert!(page.text.contains(part), "{part} is not on the page:\n{}", page.text);
    }
    assert_eq!(page.text.matches("type=\"submit\"").count(), 1, "{}", page.text);
    // Where there are other buttons, Enter presses the one that pays.
    let made = open(&api, &[("allow_promotion_codes", "true")]);
    let page = browse(&api, "GET", text(&made, "url"), None);
    let first = page.text.find("type=\"submit\"").unwrap();
    assert!(page.text[first..].starts_with("type=\"submit\" form=\"payment-form\" hidden>"), "{}", page.text);
}

#[test]
fn paying_on_the_page_leads_to_the_shop() {
    let api = sandbox("cs-page-pays");
    let made = open(&api, &[]);
    let form = &card("4242424242424242");
    let answer = browse(&api, "POST", text(&made, "url"), Some(form));
    let shop = format!("https://shop.example/done?session={}", id(&made));
    assert_eq!((answer.status, answer.header("location")), (303, Some(&*shop)));
    assert_eq!(text(&read(&api, &made)["customer_details"], "name"), "Jenny Rosen");
    // Whoever comes back goes on to the shop.
    let again = browse(&api, "GET", text(&made, "url"), None);
    assert_eq!((again.status, again.header("location")), (303, Some(&*shop)));
}

#[test]
fn a_decline_is_said_on_the_page_where_another_card_can_pay() {
    let api = sandbox("cs-page-declined");
    let made = open(&api, &[]);
    let form = &card("4000000000000002");
    let page = browse(&api, "POST", text(&made, "url"), Some(form));
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("Your card was declined.")
            && page.text.contains(">Pay</span>")
            && page.text.contains("ConfirmPaymentButton-Error"),
        "{}",
        page.text
    );
}

#[test]
fn three_d_secure_sends_the_browser_to_the_banks_page() {
    let api = sandbox("cs-page-3ds");
    let made = open(&api, &[]);
    let form = &card("4000000000003220");
    let answer = browse(&api, "POST", text(&made, "url"), Some(form));
    assert_eq!(answer.status, 303);
    let bank = browse(&api, "GET", answer.header("location").unwrap(), None);
    assert!(bank.text.contains("3D Secure"), "{}", bank.text);
    let back = browse(&api, "POST", answer.header("location").unwrap(), Some("result=succeeded"));
    let back = browse(&api, "GET", back.header("location").unwrap(), None);
    assert_eq!((back.status, back.header("location")), (303, Some(&*format!("../{}?sandbox=cs-page-3ds", id(&made)))));
    let back = browse(&api, "GET", text(&made, "url"), None);
    assert!(back.header("location").unwrap().starts_with("https://shop.example/done"), "{back:?}");
}

#[test]
fn a_banks_page_in_a_frame_stays_there() {
    let api = sandbox("cs-page-frame");
    let made = open(&api, &[]);
    let answer = browse(&api, "POST", text(&made, "url"), Some(&card("4000000000003220")));
    let framed = format!("{}&framed=true", answer.header("location").unwrap());
    let decided = browse(&api, "POST", &framed, Some("result=succeeded"));
    assert_eq!((decided.status, decided.header("location")), (200, None));
    assert_eq!(text(&read(&api, &made), "status"), "complete");
}

#[test]
fn an_amount_that_changes_while_the_bank_asks_gives_the_payment_up() {
    let api = sandbox("cs-page-pending");
    let made = open(&api, &[("line_items[0][adjustable_quantity][enabled]", "true")]);
    let answer = browse(&api, "POST", text(&made, "url"), Some(&card("4000000000003220")));
    let lines = api.get(&format!("/v1/checkout/sessions/{}/line_items", id(&made)), &[]).ok();
    let more = format!("quantities[{}]", text(&lines["data"][0], "id"));
    super::buy(&api, &made, &[(&more, "5"), ("step", "details")]).ok();
    let late = browse(&api, "POST", answer.header("location").unwrap(), Some("result=succeeded"));
    assert_eq!(late.status, 409);
    assert_eq!(text(&read(&api, &made), "status"), "open");
    assert_eq!(browse(&api, "POST", text(&made, "url"), Some(&card("4242424242424242"))).status, 303);
    let paid = read(&api, &made);
    assert_eq!(super::intent_of(&api, &paid)["amount_received"], paid["amount_total"]);
}

#[test]
fn an_amount_that_nobody_has_seen_is_not_charged() {
    let api = sandbox("cs-page-seen");
    let made = open(&api, &[]);
    let form = format!("{}&expectedAmount=1000", card("4242424242424242"));
    let page = browse(&api, "POST", text(&made, "url"), Some(&form));
    assert!(page.status == 200 && page.text.contains("The amount has changed."), "{}", page.text);
    assert!(page.text.contains("name=\"expectedAmount\" value=\"2000\""), "{}", page.text);
}

#[test]
fn a_form_that_nobody_types_is_refused() {
    let api = sandbox("cs-page-large");
    let made = open(&api, &[]);
    for form in ["a=1&".repeat(600), format!("billingName={}", "x".repeat(6_000))] {
        assert_eq!(browse(&api, "POST", text(&made, "url"), Some(&form)).status, 400);
    }
    let wrong = card("4242424242424242").replace("jenny%40example.com", "jenny");
    let page = browse(&api, "POST", text(&made, "url"), Some(&wrong));
    assert!(page.text.contains("id=\"error-email\" role=\"alert\""), "{}", page.text);
}

#[test]
fn an_expired_session_has_nothing_to_press() {
    let api = sandbox("cs-page-expired");
    let made = open(&api, &[]);
    api.post(&format!("/v1/checkout/sessions/{}/expire", id(&made)), &[]).ok();
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert!(page.text.contains("expired") && !page.text.contains("<button"), "{}", page.text);
    let unknown = browse(&api, "GET", &format!("{}x", text(&made, "url")), None);
    assert_eq!(unknown.status, 404);
    assert!(unknown.text.contains("Something went wrong"), "{}", unknown.text);
    // The address of the page in sessions of an older version.
    let old =
        browse(&api, "GET", &format!("{}/_pinstripe/checkout/{}?sandbox=cs-page-expired", api.url(), id(&made)), None);
    assert_eq!((old.status, old.header("location")), (303, Some(text(&made, "url"))));
}

#[test]
fn what_the_customer_saved_stands_first() {
    let api = sandbox("cs-page-saved");
    let buyer = customer(&api, &[]);
    let method = crate::support::flows::attached(&api, "pm_card_mastercard", &buyer);
    api.post(&format!("/v1/payment_methods/{method}"), &[("allow_redisplay", "always")]).ok();
    let made = open(&api, &[("customer", &buyer)]);
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert!(page.text.contains("Saved card ending in 4444"), "{}", page.text);
    assert!(page.text.find(&method) < page.text.find("name=\"cardNumber\""), "{}", page.text);
}

#[test]
fn an_embedded_session_that_never_redirects_stays_on_the_page() {
    let api = sandbox("cs-page-embedded");
    let how = [("mode", "payment"), ("ui_mode", "embedded_page"), ("redirect_on_completion", "never")];
    let made = create(&api, &with(MUGS, &how)).ok();
    let link = format!("{}/c/pay/{}", api.url(), id(&made));
    let page = browse(&api, "POST", &link, Some(&card("4242424242424242")));
    assert_eq!(page.status, 200);
    assert!(page.text.contains("You’re all done here"), "{}", page.text);
}
