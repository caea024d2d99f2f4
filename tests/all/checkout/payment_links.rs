//! Payment links: what they sell, and the sessions that their pages begin (intents-and-checkout 3.4).

use serde_json::{Value, json};

use super::{browse, buy, price};
use crate::events::resource::{events, types};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, int, invalid, rows, says, text, with};

#[track_caller]
fn link(api: &Client, more: Params<'_>) -> Value {
    let price = price(api, "1000", &[]);
    let line = [("line_items[0][price]", price.as_str()), ("line_items[0][quantity]", "2")];
    api.post("/v1/payment_links", &with(&line, more)).ok()
}

/// Opens the page of a link; returns the session that it began.
#[track_caller]
fn visit(api: &Client, made: &Value, query: &str) -> Value {
    let answer = browse(api, "GET", &format!("{}{query}", text(made, "url")), None);
    assert_eq!(answer.status, 303, "{}", answer.text);
    let session = answer.header("location").unwrap().rsplit('/').next().unwrap();
    let session = session.split('?').next().unwrap().to_owned();
    api.get(&format!("/v1/checkout/sessions/{session}"), &[]).ok()
}

#[test]
fn opening_the_page_begins_a_session_of_the_link() {
    let api = sandbox("plink-visit");
    let more = [
        ("metadata[campaign]", "spring"),
        ("phone_number_collection[enabled]", "true"),
        ("payment_intent_data[description]", "Mugs"),
        ("custom_fields[0][key]", "note"),
        ("custom_fields[0][label][type]", "custom"),
        ("custom_fields[0][label][custom]", "Note"),
        ("custom_fields[0][type]", "text"),
        ("line_items[0][adjustable_quantity][enabled]", "true"),
    ];
    let made = link(&api, &more);
    assert!(text(&made, "url").starts_with(&format!("{}/test_", api.url())), "{made}");
    assert_eq!((&made["active"], text(&made, "currency")), (&json!(true), "usd"));
    let session = visit(&api, &made, "?prefilled_email=jo%40example.com&client_reference_id=7&utm_source=mail");
    assert_eq!((text(&session, "payment_link"), int(&session, "amount_total")), (&*id(&made), 2000));
    assert_eq!((text(&session, "client_reference_id"), &session["metadata"]), ("7", &json!({"campaign": "spring"})));
    assert_eq!(
        (text(&session["customer_details"], "email"), &session["customer_email"]),
        ("jo@example.com", &json!(null))
    );
    assert_eq!(session["phone_number_collection"]["enabled"], true);
    assert_eq!(text(&session["custom_fields"][0], "key"), "note");
    let lines = api.get(&format!("/v1/checkout/sessions/{}/line_items", id(&session)), &[]).ok();
    assert_eq!(lines["data"][0]["adjustable_quantity"]["enabled"], true);
    buy(&api, &session, &[]).ok();
    let intents = api.get("/v1/payment_intents", &[]).ok();
    assert_eq!(text(&intents["data"][0], "description"), "Mugs");
    let second = visit(&api, &made, "");
    assert_ne!(id(&session), id(&second));
    let of_link = api.get("/v1/checkout/sessions", &[("payment_link", &*id(&made))]).ok();
    assert_eq!(rows(&of_link).len(), 2);
}

#[test]
fn a_recurring_price_makes_it_a_subscription() {
    let api = sandbox("plink-subscription");
    let monthly = price(&api, "1500", &[("recurring[interval]", "month")]);
    let params = [
        ("line_items[0][price]", monthly.as_str()),
        ("line_items[0][quantity]", "1"),
        ("subscription_data[trial_period_days]", "7"),
        ("payment_method_collection", "if_required"),
    ];
    let made = api.post("/v1/payment_links", &params).ok();
    let session = visit(&api, &made, "");
    assert_eq!(text(&session, "mode"), "subscription");
    buy(&api, &session, &[]).ok();
    let subscriptions = api.get("/v1/subscriptions", &[("status", "trialing")]).ok();
    assert_eq!(rows(&subscriptions).len(), 1);
}

#[test]
fn after_completion_the_customer_goes_where_the_link_says_or_reads_its_text() {
    let api = sandbox("plink-after");
    let redirect = [
        ("after_completion[type]", "redirect"),
        ("after_completion[redirect][url]", "https://shop.example/{CHECKOUT_SESSION_ID}"),
    ];
    let session = visit(&api, &link(&api, &redirect), "");
    let done = buy(&api, &session, &[]).ok();
    assert_eq!(text(&done, "return_url"), format!("https://shop.example/{}", id(&session)));
    let text_of_own = [
        ("after_completion[type]", "hosted_confirmation"),
        ("after_completion[hosted_confirmation][custom_message]", "See you!"),
    ];
    let session = visit(&api, &link(&api, &text_of_own), "");
    buy(&api, &session, &[]).ok();
    let page = browse(&api, "GET", &format!("{}/c/pay/{}", api.url(), id(&session)), None);
    assert!(page.text.contains("See you!"), "{}", page.text);
    let price = price(&api, "1000", &[]);
    let nowhere = [
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "1"),
        ("after_completion[type]", "redirect"),
    ];
    says(api.post("/v1/payment_links", &nowhere), 400, "Missing required param: after_completion[redirect].");
}

#[test]
fn a_link_sells_until_it_is_turned_off_or_its_sessions_are_used_up() {
    let api = sandbox("plink-limits");
    let made = link(&api, &[("restrictions[completed_sessions][limit]", "1"), ("inactive_message", "All gone")]);
    let (first, second) = (visit(&api, &made, ""), visit(&api, &made, ""));
    buy(&api, &first, &[]).ok();
    let after = api.get(&format!("/v1/payment_links/{}", id(&made)), &[]).ok();
    assert_eq!(after["restrictions"]["completed_sessions"], json!({"count": 1, "limit": 1}));
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert!(
        page.status == 200 && page.text.contains("no longer active") && page.text.contains("All gone"),
        "{}",
        page.text
    );
    // Who had begun goes on.
    buy(&api, &second, &[]).ok();
    let other = link(&api, &[]);
    let path = format!("/v1/payment_links/{}", id(&other));
    let changed = api.post(&path, &[("active", "false"), ("metadata[a]", "b")]).ok();
    assert_eq!((&changed["active"], &changed["metadata"]), (&json!(false), &json!({"a": "b"})));
    assert_eq!(browse(&api, "GET", text(&other, "url"), None).status, 200);
    let active = api.get("/v1/payment_links", &[("active", "true")]).ok();
    assert_eq!(rows(&active).len(), 1);
    let unknown = browse(&api, "GET", &format!("{}x", text(&other, "url")), None);
    assert_eq!(unknown.status, 404);
    let all = events(&api, &[("type", "payment_link.*")]);
    assert_eq!(types(&all), ["payment_link.created", "payment_link.created", "payment_link.updated"]);
}

#[test]
fn the_lines_of_a_link_are_checked_and_can_be_changed() {
    let api = sandbox("plink-lines");
    says(api.post("/v1/payment_links", &[("currency", "usd")]), 400, "Missing required param: line_items.");
    let price = price(&api, "1000", &[]);
    let archived = super::price(&api, "1000", &[]);
    api.post(&format!("/v1/prices/{archived}"), &[("active", "false")]).ok();
    let refused =
        api.post("/v1/payment_links", &[("line_items[0][price]", &*archived), ("line_items[0][quantity]", "1")]);
    invalid(refused, 400, None, Some("line_items[0][price]"));
    let unknown =
        api.post("/v1/payment_links", &[("line_items[0][price]", "price_none"), ("line_items[0][quantity]", "1")]);
    invalid(unknown, 400, Some("resource_missing"), Some("line_items[0][price]"));
    let many: Vec<(String, &str)> = (0..21)
        .flat_map(|n| {
            [(format!("line_items[{n}][price]"), price.as_str()), (format!("line_items[{n}][quantity]"), "1")]
        })
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    invalid(api.post("/v1/payment_links", &many), 400, None, Some("line_items"));
    let made = link(&api, &[]);
    let path = format!("/v1/payment_links/{}", id(&made));
    let lines = api.get(&format!("{path}/line_items"), &[]).ok();
    let line = text(&lines["data"][0], "id");
    api.post(&path, &[("line_items[0][id]", line), ("line_items[0][quantity]", "5")]).ok();
    assert_eq!(int(&visit(&api, &made, ""), "amount_total"), 5000);
    let nothing = api.post(&path, &[("line_items[0][id]", line), ("line_items[0][quantity]", "0")]);
    invalid(nothing, 400, Some("parameter_invalid_integer"), Some("line_items[0][quantity]"));
    let refused = api.post(&path, &[("line_items[0][id]", "li_none"), ("line_items[0][quantity]", "5")]);
    invalid(refused, 400, Some("resource_missing"), Some("line_items[0][id]"));
    let refused = api.post(&path, &[("after_completion[type]", "redirect")]);
    invalid(refused, 400, Some("parameter_missing"), Some("after_completion[redirect]"));
}

#[test]
fn a_link_gives_the_money_to_whom_it_says() {
    let api = sandbox("plink-shared");
    let seller = id(&api.post("/v1/accounts", &[("type", "standard")]).ok());
    let shares = [("transfer_data[destination]", seller.as_str()), ("application_fee_amount", "100")];
    let session = visit(&api, &link(&api, &shares), "");
    buy(&api, &session, &[]).ok();
    let intent = super::intent_of(&api, &super::read(&api, &session));
    assert_eq!(
        (text(&intent["transfer_data"], "destination"), int(&intent, "application_fee_amount")),
        (&*seller, 100)
    );
    let unknown = [("transfer_data[destination]", "acct_none")];
    let price = price(&api, "1000", &[]);
    let line = [("line_items[0][price]", price.as_str()), ("line_items[0][quantity]", "1")];
    invalid(
        api.post("/v1/payment_links", &with(&line, &unknown)),
        400,
        Some("resource_missing"),
        Some("transfer_data[destination]"),
    );
}

#[test]
fn what_the_address_prefills_has_to_fit() {
    let api = sandbox("plink-prefilled");
    let made = link(&api, &[("allow_promotion_codes", "true")]);
    let long = format!(
        "?client_reference_id={}&locale=klingon&prefilled_email=nobody&prefilled_promo_code=NONE",
        "x".repeat(201)
    );
    let session = visit(&api, &made, &long);
    let nothing = (&session["client_reference_id"], &session["locale"], &session["customer_details"]);
    assert_eq!(nothing, (&json!(null), &json!(null), &json!(null)));
    let session = visit(&api, &made, "?prefilled_email=jo%40example.com&prefilled_promo_code=NONE&locale=de");
    assert_eq!((text(&session["customer_details"], "email"), text(&session, "locale")), ("jo@example.com", "de"));
    // What is known stays when the call says nothing of it.
    buy(&api, &session, &[]).ok();
    assert_eq!(text(&super::read(&api, &session)["customer_details"], "email"), "jo@example.com");
    let looked = api.send("HEAD", text(&made, "url").strip_prefix(api.url()).unwrap(), None);
    assert_eq!(looked.status, 200);
    let sessions = api.get("/v1/checkout/sessions", &[("payment_link", &*id(&made))]).ok();
    assert_eq!(rows(&sessions).len(), 2);
}

#[test]
fn a_promotion_code_in_the_address_is_entered() {
    let api = sandbox("plink-code");
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "50")]).ok());
    let code = [("promotion[type]", "coupon"), ("promotion[coupon]", coupon.as_str()), ("code", "HALF")];
    api.post("/v1/promotion_codes", &code).ok();
    let made = link(&api, &[("allow_promotion_codes", "true")]);
    assert_eq!(int(&visit(&api, &made, "?prefilled_promo_code=HALF"), "amount_total"), 1000);
    assert_eq!(int(&visit(&api, &made, "?prefilled_promo_code=NONE"), "amount_total"), 2000);
}
