//! The page of a session, as a browser sees it.

use super::{MUGS, browse, create, open, read};
use crate::support::client::sandbox;
use crate::support::flows::{customer, id, text, with};

#[test]
fn the_page_shows_what_is_bought_and_what_can_pay() {
    let api = sandbox("cs-page");
    let made = open(&api, &[("customer_email", "jenny@example.com")]);
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for part in [
        "2 × Mug",
        "$20.00",
        "jenny@example.com",
        "readonly",
        "pm_card_visa",
        ">Pay</button>",
        "https://shop.example/cart",
    ] {
        assert!(page.text.contains(part), "{part} is not on the page:\n{}", page.text);
    }
}

#[test]
fn paying_on_the_page_leads_to_the_shop() {
    let api = sandbox("cs-page-pays");
    let made = open(&api, &[]);
    let form = "email=jenny%40example.com&name=Jenny&payment_method=pm_card_visa";
    let answer = browse(&api, "POST", text(&made, "url"), Some(form));
    let shop = format!("https://shop.example/done?session={}", id(&made));
    assert_eq!((answer.status, answer.header("location")), (303, Some(&*shop)));
    assert_eq!(text(&read(&api, &made)["customer_details"], "name"), "Jenny");
    // Whoever comes back goes on to the shop.
    let again = browse(&api, "GET", text(&made, "url"), None);
    assert_eq!((again.status, again.header("location")), (303, Some(&*shop)));
}

#[test]
fn a_decline_is_said_on_the_page_where_another_card_can_pay() {
    let api = sandbox("cs-page-declined");
    let made = open(&api, &[]);
    let form = "email=jenny%40example.com&payment_method=pm_card_chargeDeclined";
    let page = browse(&api, "POST", text(&made, "url"), Some(form));
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Your card was declined.") && page.text.contains(">Pay</button>"), "{}", page.text);
}

#[test]
fn three_d_secure_sends_the_browser_to_the_banks_page() {
    let api = sandbox("cs-page-3ds");
    let made = open(&api, &[]);
    let form = "email=jenny%40example.com&payment_method=pm_card_threeDSecureRequired";
    let answer = browse(&api, "POST", text(&made, "url"), Some(form));
    assert_eq!(answer.status, 303);
    let bank = browse(&api, "GET", answer.header("location").unwrap(), None);
    assert!(bank.text.contains("3D Secure"), "{}", bank.text);
    let back = browse(&api, "POST", answer.header("location").unwrap(), Some("result=succeeded"));
    let back = browse(&api, "GET", back.header("location").unwrap(), None);
    assert!(back.header("location").unwrap().starts_with("https://shop.example/done"), "{back:?}");
}

#[test]
fn an_expired_session_has_nothing_to_press() {
    let api = sandbox("cs-page-expired");
    let made = open(&api, &[]);
    api.post(&format!("/v1/checkout/sessions/{}/expire", id(&made)), &[]).ok();
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert!(page.text.contains("expired") && !page.text.contains("<button"), "{}", page.text);
    assert_eq!(browse(&api, "GET", &format!("{}x", text(&made, "url")), None).status, 404);
}

#[test]
fn what_the_customer_saved_stands_first() {
    let api = sandbox("cs-page-saved");
    let buyer = customer(&api, &[]);
    let method = crate::support::flows::attached(&api, "pm_card_mastercard", &buyer);
    let made = open(&api, &[("customer", &buyer)]);
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert!(page.text.contains("Saved card ending in 4444"), "{}", page.text);
    assert!(page.text.find(&method) < page.text.find("pm_card_visa"), "{}", page.text);
}

#[test]
fn an_embedded_session_that_never_redirects_stays_on_the_page() {
    let api = sandbox("cs-page-embedded");
    let how = [("mode", "payment"), ("ui_mode", "embedded_page"), ("redirect_on_completion", "never")];
    let made = create(&api, &with(MUGS, &how)).ok();
    let link = format!("{}/_pinstripe/checkout/{}", api.url(), id(&made));
    let page = browse(&api, "POST", &link, Some("email=jenny%40example.com&payment_method=pm_card_visa"));
    assert_eq!(page.status, 200);
    assert!(page.text.contains("<strong>complete</strong>"), "{}", page.text);
}
