//! Expired sessions that are begun anew (`after_expiration`, intents-and-checkout 3.1).

use serde_json::{Value, json};

use super::{MUGS, PAYMENT, browse, buy, create, open, price, read};
use crate::events::resource::events;
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, int, rows, says, text, with};

const RECOVERS: Params<'_> = &[("after_expiration[recovery][enabled]", "true")];

#[track_caller]
fn expired(api: &Client, made: &Value) -> Value {
    api.post(&format!("/v1/checkout/sessions/{}/expire", id(made)), &[]).ok()
}

/// Opens the address of a recovery; returns the session that it began.
#[track_caller]
fn recovered(api: &Client, old: &Value) -> Value {
    let answer = browse(api, "GET", text(&old["after_expiration"]["recovery"], "url"), None);
    assert_eq!(answer.status, 303, "{}", answer.text);
    let session = answer.header("location").unwrap().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    api.get(&format!("/v1/checkout/sessions/{session}"), &[]).ok()
}

#[test]
fn an_expired_session_says_where_it_is_begun_anew() {
    let api = sandbox("cs-recovery");
    let made = open(&api, RECOVERS);
    let rules = json!({"allow_promotion_codes": false, "enabled": true, "expires_at": null, "url": null});
    assert_eq!(made["after_expiration"], json!({ "recovery": rules }));
    let old = expired(&api, &made);
    let recovery = &old["after_expiration"]["recovery"];
    assert!(text(recovery, "url").starts_with(&format!("{}/r/test_", api.url())), "{recovery}");
    let event = &events(&api, &[("type", "checkout.session.expired")])[0]["data"]["object"];
    assert_eq!(event["after_expiration"]["recovery"], *recovery);
    assert!(int(recovery, "expires_at") - int(&made, "created") >= 30 * 86_400);
    // The page of the old one offers nothing.
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert!(page.text.contains("expired") && !page.text.contains("/r/test_"), "{}", page.text);
    let plain = expired(&api, &open(&api, &[]));
    assert_eq!(plain["after_expiration"], json!(null));
}

#[test]
fn the_new_session_is_a_copy_of_the_old_one() {
    let api = sandbox("cs-recovery-copy");
    let sticker = price(&api, "300", &[]);
    let more = [
        ("metadata[cart]", "7"),
        ("client_reference_id", "7"),
        ("payment_intent_data[description]", "Mugs"),
        ("after_expiration[recovery][allow_promotion_codes]", "true"),
        ("consent_collection[promotions]", "auto"),
        ("optional_items[0][price]", &sticker),
        ("optional_items[0][quantity]", "1"),
    ];
    let made = open(&api, &with(RECOVERS, &more));
    let typed = [("email", "jo@example.com"), ("promotions", "true"), ("step", "details")];
    let added = [(&*format!("optional_items[{sticker}]"), "1")];
    buy(&api, &made, &with(&typed, &added)).ok();
    let old = expired(&api, &made);
    assert_eq!(text(&old["consent"], "promotions"), "opt_in");
    let new = recovered(&api, &old);
    assert_ne!(id(&new), id(&old));
    assert_eq!((text(&new, "recovered_from"), text(&new, "status")), (&*id(&old), "open"));
    assert_eq!((int(&new, "amount_total"), &new["metadata"]), (2300, &json!({"cart": "7"})));
    assert_eq!((&new["allow_promotion_codes"], &new["consent"]), (&json!(true), &json!(null)));
    assert_eq!(text(&new["customer_details"], "email"), "jo@example.com");
    assert_eq!(new["after_expiration"]["recovery"]["url"], json!(null));
    buy(&api, &new, &[(&*format!("optional_items[{sticker}]"), "0")]).ok();
    let paid = read(&api, &new);
    assert_eq!((text(&paid, "payment_status"), int(&paid, "amount_total")), ("paid", 2000));
    assert_eq!(text(&super::intent_of(&api, &paid), "description"), "Mugs");
    let lines =
        |session: &Value| rows(&api.get(&format!("/v1/checkout/sessions/{}/line_items", id(session)), &[]).ok()).len();
    assert_eq!((lines(&old), lines(&paid)), (2, 1));
}

#[test]
fn a_session_is_begun_anew_for_thirty_days() {
    let api = sandbox("cs-recovery-late");
    let made = open(&api, RECOVERS);
    // It expires by itself.
    api.advance(2 * 86_400);
    let old = read(&api, &made);
    assert_eq!(text(&old, "status"), "expired");
    assert_eq!(text(&recovered(&api, &old), "status"), "open");
    api.advance(31 * 86_400);
    let late = browse(&api, "GET", text(&old["after_expiration"]["recovery"], "url"), None);
    assert!(late.status == 200 && late.text.contains("no longer active"), "{}", late.text);
    let unknown = browse(&api, "GET", &format!("{}/r/test_none", api.url()), None);
    assert_eq!(unknown.status, 404);
    let open_one = format!("{}/r/{}", api.url(), id(&open(&api, RECOVERS)).trim_start_matches("cs_"));
    assert!(browse(&api, "GET", &open_one, None).text.contains("no longer active"));
}

#[test]
fn a_discount_that_is_used_up_does_not_keep_a_session_from_being_begun_anew() {
    let api = sandbox("cs-recovery-discount");
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "50")]).ok());
    let made = open(&api, &with(RECOVERS, &[("discounts[0][coupon]", &coupon)]));
    let old = expired(&api, &made);
    assert_eq!(int(&recovered(&api, &old), "amount_total"), 1000);
    api.delete(&format!("/v1/coupons/{coupon}")).ok();
    assert_eq!(int(&recovered(&api, &old), "amount_total"), 2000);
}

#[test]
fn setups_and_subscriptions_are_begun_anew() {
    let api = sandbox("cs-recovery-modes");
    let monthly = price(&api, "1500", &[("recurring[interval]", "month")]);
    let setup = [("mode", "setup"), ("currency", "usd"), ("success_url", super::SHOP)];
    let subscribe = [
        ("mode", "subscription"),
        ("success_url", super::SHOP),
        ("line_items[0][price]", monthly.as_str()),
        ("line_items[0][quantity]", "1"),
    ];
    for params in [&setup[..], &subscribe[..]] {
        let made = create(&api, &with(params, RECOVERS)).ok();
        let new = recovered(&api, &expired(&api, &made));
        assert_eq!(new["setup_intent"].is_null(), made["setup_intent"].is_null());
        assert!(new["setup_intent"].is_null() || new["setup_intent"] != made["setup_intent"]);
        buy(&api, &new, &[]).ok();
        assert_eq!(text(&read(&api, &new), "status"), "complete");
    }
}

#[test]
fn a_page_that_the_shop_puts_together_takes_nothing_of_pages_that_checkout_shows() {
    let api = sandbox("cs-elements-params");
    let own = [("mode", "payment"), ("ui_mode", "elements"), ("return_url", super::SHOP)];
    let made = create(&api, &with(&with(&own, MUGS), RECOVERS));
    says(made, 400, "`after_expiration` is not allowed if `ui_mode` is `elements`.");
    let hosted = create(&api, &with(&with(PAYMENT, MUGS), &[("permissions[update_shipping_details]", "server_only")]));
    says(hosted, 400, "`permissions` is not allowed if `ui_mode` is `hosted_page`.");
}
