//! How a session redeems its coupon or promotion code (billing 1.4 to 1.6, intents-and-checkout 3.7).

use serde_json::{Value, json};

use super::{PAYMENT, browse, buy, create, open, pay_with, price, read, try_open};
use crate::events::resource::events;
use crate::support::client::{Client, sandbox};
use crate::support::flows::{customer, id, int, invalid, rows, says, text, with};

fn coupon(api: &Client, params: &[(&str, &str)]) -> String {
    id(&api.post("/v1/coupons", &with(params, &[("percent_off", "50")])).ok())
}

fn code(api: &Client, coupon: &str, params: &[(&str, &str)]) -> String {
    let promotion = [("promotion[type]", "coupon"), ("promotion[coupon]", coupon)];
    id(&api.post("/v1/promotion_codes", &with(params, &promotion)).ok())
}

fn redeemed(api: &Client, kind: &str, id: &str) -> i64 {
    int(&api.get(&format!("/v1/{kind}/{id}"), &[]).ok(), "times_redeemed")
}

fn names(api: &Client) -> Vec<String> {
    events(api, &[]).iter().map(|event| text(event, "type").to_owned()).collect()
}

/// The one discount in the breakdown of a session.
fn discount(api: &Client, session: &Value) -> Value {
    let session = format!("/v1/checkout/sessions/{}", id(session));
    let shown = api.get(&session, &[("expand[]", "total_details.breakdown")]).ok();
    shown["total_details"]["breakdown"]["discounts"][0].clone()
}

#[test]
fn a_complete_session_has_redeemed_its_promotion_code() {
    let api = sandbox("cs-redeems");
    let coupon = coupon(&api, &[]);
    let code = code(&api, &coupon, &[("code", "HALF")]);
    let buyer = customer(&api, &[]);
    let made = open(&api, &[("discounts[0][promotion_code]", &code), ("customer", &buyer)]);
    let offered = discount(&api, &made);
    assert_eq!((int(&offered, "amount"), &offered["discount"]["checkout_session"]), (1000, &made["id"]));
    // An open session, and a declined payment, redeem nothing.
    buy(&api, &made, &[("payment_method", "pm_card_chargeDeclined")]).refused(402);
    assert_eq!((redeemed(&api, "coupons", &coupon), redeemed(&api, "promotion_codes", &code)), (0, 0));
    let paid = pay_with(&api, &made, "pm_card_visa");
    assert_eq!((redeemed(&api, "coupons", &coupon), redeemed(&api, "promotion_codes", &code)), (1, 1));
    assert_eq!(paid["discounts"], json!([{"coupon": null, "promotion_code": code}]));
    let taken = &discount(&api, &paid)["discount"];
    assert_eq!(taken["id"], offered["discount"]["id"]);
    assert_eq!(
        (text(taken, "checkout_session"), text(taken, "customer"), text(taken, "promotion_code")),
        (text(&made, "id"), &*buyer, &*code)
    );
    assert_eq!((taken["source"]["coupon"].as_str(), &taken["invoice"]), (Some(&*coupon), &json!(null)));
    let names = names(&api);
    let at = |name: &str| names.iter().position(|known| known == name).unwrap_or_else(|| panic!("{name}: {names:?}"));
    assert!(at("payment_intent.succeeded") < at("customer.discount.created"), "{names:?}");
    assert!(at("customer.discount.created") < at("checkout.session.completed"), "{names:?}");
    let event = &events(&api, &[("type", "customer.discount.created")])[0];
    assert_eq!(event["data"]["object"], *taken);
}

#[test]
fn a_coupon_that_was_used_up_meanwhile_is_refused_before_the_payment() {
    let api = sandbox("cs-used-up");
    let coupon = coupon(&api, &[("max_redemptions", "1")]);
    let [first, second] = [0, 1].map(|_| open(&api, &[("discounts[0][coupon]", &coupon)]));
    pay_with(&api, &first, "pm_card_visa");
    let refused = buy(&api, &second, &[("payment_method", "pm_card_visa")]);
    let error = invalid(refused, 400, Some("coupon_expired"), Some("discounts[0][coupon]"));
    assert_eq!(text(&error, "message"), format!("Coupon expired: {coupon}"));
    assert_eq!(read(&api, &second), second);
    assert_eq!((rows(&api.get("/v1/charges", &[]).ok()).len(), redeemed(&api, "coupons", &coupon)), (1, 1));
    let late = try_open(&api, &[("discounts[0][coupon]", &coupon)]);
    invalid(late, 400, Some("coupon_expired"), Some("discounts[0][coupon]"));
}

#[test]
fn a_promotion_code_is_for_whom_and_what_its_restrictions_say() {
    let api = sandbox("cs-restricted");
    let coupon = coupon(&api, &[]);
    let (buyer, other) = (customer(&api, &[]), customer(&api, &[]));
    let with_code =
        |code: &str, customer: &str| try_open(&api, &[("discounts[0][promotion_code]", code), ("customer", customer)]);
    let own = code(&api, &coupon, &[("customer", &buyer)]);
    invalid(with_code(&own, &other), 400, None, Some("discounts[0][promotion_code]"));
    with_code(&own, &buyer).ok();
    let large = [("restrictions[minimum_amount]", "2001"), ("restrictions[minimum_amount_currency]", "usd")];
    let large = code(&api, &coupon, &large);
    invalid(with_code(&large, &buyer), 400, None, Some("discounts[0][promotion_code]"));
    let first = code(&api, &coupon, &[("restrictions[first_time_transaction]", "true")]);
    let made = with_code(&first, &buyer).ok();
    pay_with(&api, &made, "pm_card_visa");
    says(
        with_code(&first, &buyer),
        400,
        "This promotion code cannot be redeemed because the associated customer has prior transactions.",
    );
    with_code(&first, &other).ok();
}

#[test]
fn a_repeating_coupon_is_for_subscriptions() {
    let api = sandbox("cs-repeating");
    let repeating = coupon(&api, &[("duration", "repeating"), ("duration_in_months", "3")]);
    let refused = try_open(&api, &[("discounts[0][coupon]", &repeating)]);
    invalid(refused, 400, None, Some("discounts[0][coupon]"));
    let monthly = price(&api, "500", &[("recurring[interval]", "month")]);
    let line = [
        ("mode", "subscription"),
        ("line_items[0][price]", monthly.as_str()),
        ("line_items[0][quantity]", "1"),
        ("discounts[0][coupon]", repeating.as_str()),
    ];
    assert_eq!(int(&create(&api, &with(&PAYMENT[1..], &line)).ok(), "amount_total"), 250);
}

#[test]
fn a_customer_enters_a_promotion_code_if_the_session_allows_it() {
    let api = sandbox("cs-enters");
    let coupon = coupon(&api, &[]);
    let code = code(&api, &coupon, &[("code", "Half")]);
    let closed = open(&api, &[]);
    let error = invalid(buy(&api, &closed, &[("promotion_code", "HALF")]), 400, None, Some("promotion_code"));
    assert_eq!(error["message"], "This Checkout Session does not take promotion codes.");
    let made = open(&api, &[("allow_promotion_codes", "true")]);
    let error = invalid(buy(&api, &made, &[("promotion_code", "WHOLE")]), 400, None, Some("promotion_code"));
    assert_eq!(error["message"], "The promotion code 'WHOLE' is invalid.");
    assert_eq!(text(&read(&api, &made), "status"), "open");
    let enter = |code| buy(&api, &made, &[("promotion_code", code), ("step", "details")]).ok();
    enter("half");
    let entered = read(&api, &made);
    assert_eq!((int(&entered, "amount_total"), &entered["discounts"][0]["promotion_code"]), (1000, &json!(code)));
    enter("");
    assert_eq!((int(&read(&api, &made), "amount_total"), redeemed(&api, "promotion_codes", &code)), (2000, 0));
    buy(&api, &made, &[("promotion_code", " HALF "), ("payment_method", "pm_card_visa")]).ok();
    let paid = read(&api, &made);
    assert_eq!((int(&paid, "amount_total"), redeemed(&api, "promotion_codes", &code)), (1000, 1));
}

#[test]
fn a_code_that_leaves_nothing_to_pay_needs_no_payment() {
    let api = sandbox("cs-all-off");
    let all = id(&api.post("/v1/coupons", &[("percent_off", "100")]).ok());
    code(&api, &all, &[("code", "ALL")]);
    let made = open(&api, &[("allow_promotion_codes", "true")]);
    buy(&api, &made, &[("promotion_code", "ALL")]).ok();
    let done = read(&api, &made);
    assert_eq!((text(&done, "payment_status"), &done["payment_intent"]), ("no_payment_required", &json!(null)));
    assert_eq!(redeemed(&api, "coupons", &all), 1);
}

#[test]
fn the_page_has_a_field_for_the_promotion_code() {
    let api = sandbox("cs-code-page");
    code(&api, &coupon(&api, &[]), &[("code", "HALF")]);
    let made = open(&api, &[("allow_promotion_codes", "true")]);
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert!(page.text.contains("name=\"promotionCode\""), "{}", page.text);
    let form = "email=jenny%40example.com&promotionCode=half&payment_method=card&step=details";
    let page = browse(&api, "POST", text(&made, "url"), Some(form));
    assert!(page.text.contains("$10.00") && page.text.contains("value=\"HALF\""), "{}", page.text);
    assert_eq!(text(&read(&api, &made), "status"), "open");
}
