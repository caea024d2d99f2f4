//! Items that the customer may add to the order on the page (intents-and-checkout 3.1).

use serde_json::{Value, json};

use super::{browse, buy, create, intent_of, open, price, read, try_open};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, int, invalid, rows, says, text, with};

#[track_caller]
fn lines(api: &Client, session: &Value) -> Vec<(i64, i64)> {
    let list = api.get(&format!("/v1/checkout/sessions/{}/line_items", id(session)), &[]).ok();
    rows(&list).iter().map(|line| (int(line, "quantity"), int(line, "amount_total"))).collect()
}

/// A session that offers stickers beside its mugs: the id of their price, and the session.
#[track_caller]
fn with_stickers(api: &Client, more: Params<'_>) -> (String, Value) {
    let sticker = price(api, "300", &[]);
    let offered = [("optional_items[0][price]", sticker.as_str()), ("optional_items[0][quantity]", "2")];
    let made = open(api, &with(&offered, more));
    (sticker, made)
}

#[test]
fn an_optional_item_is_bought_if_the_customer_adds_it() {
    let api = sandbox("cs-optional");
    let (sticker, made) = with_stickers(&api, &[]);
    let item = json!({"adjustable_quantity": null, "price": sticker, "quantity": 2});
    assert_eq!((&made["optional_items"], int(&made, "amount_total")), (&json!([item]), 2000));
    let name = format!("optional_items[{sticker}]");
    buy(&api, &made, &[(&name, "2"), ("step", "details")]).ok();
    let added = read(&api, &made);
    assert_eq!((int(&added, "amount_total"), &added["optional_items"]), (2600, &json!([item])));
    assert_eq!(lines(&api, &made), [(2, 600), (2, 2000)]);
    says(buy(&api, &made, &[(&name, "3")]), 400, "This value is not valid.");
    buy(&api, &made, &[(&name, "0"), ("step", "details")]).ok();
    assert_eq!(lines(&api, &made), [(2, 2000)]);
    buy(&api, &made, &[(&name, "2")]).ok();
    let paid = read(&api, &made);
    assert_eq!((text(&paid, "status"), int(&intent_of(&api, &paid), "amount")), ("complete", 2600));
    let other = open(&api, &[]);
    says(buy(&api, &other, &[(&name, "2")]), 400, &format!("This Checkout Session does not ask for `{name}`."));
}

#[test]
fn the_quantity_of_an_optional_item_is_within_its_bounds() {
    let api = sandbox("cs-optional-quantity");
    let bounds = [
        ("optional_items[0][adjustable_quantity][enabled]", "true"),
        ("optional_items[0][adjustable_quantity][minimum]", "2"),
        ("optional_items[0][adjustable_quantity][maximum]", "5"),
    ];
    let (sticker, made) = with_stickers(&api, &bounds);
    let name = format!("optional_items[{sticker}]");
    invalid(buy(&api, &made, &[(&name, "1")]), 400, Some("parameter_invalid_integer"), Some(&name));
    invalid(buy(&api, &made, &[(&name, "6")]), 400, Some("parameter_invalid_integer"), Some(&name));
    buy(&api, &made, &[(&name, "5"), ("step", "details")]).ok();
    buy(&api, &made, &[(&name, "4"), ("step", "details")]).ok();
    assert_eq!(lines(&api, &made), [(4, 1200), (2, 2000)]);
    // Its line can be changed as any other.
    let list = api.get(&format!("/v1/checkout/sessions/{}/line_items", id(&made)), &[]).ok();
    buy(&api, &made, &[(&format!("quantities[{}]", text(&list["data"][0], "id")), "3")]).ok();
    assert_eq!(int(&read(&api, &made), "amount_total"), 2900);
}

#[test]
fn the_page_adds_optional_items_and_takes_them_off_without_scripts() {
    let api = sandbox("cs-optional-page");
    let (sticker, made) = with_stickers(&api, &[]);
    let page = browse(&api, "GET", text(&made, "url"), None);
    assert!(page.text.contains("Add to your order") && page.text.contains("aria-label=\"Add Mug\""), "{}", page.text);
    let press = |quantity: &str| {
        let form = format!("optionalItems%5B{sticker}%5D={quantity}&cardNumber=4242&email=jo%40example.com");
        browse(&api, "POST", text(&made, "url"), Some(&form))
    };
    let page = press("2");
    assert!(page.text.contains("$26.00") && page.text.contains("aria-label=\"Remove Mug\""), "{}", page.text);
    assert!(page.text.contains("value=\"4242\"") && !page.text.contains("Add to your order"), "{}", page.text);
    assert!(press("0").text.contains("Add to your order"));
    assert_eq!(int(&read(&api, &made), "amount_total"), 2000);
}

#[test]
fn optional_items_fit_their_session() {
    let api = sandbox("cs-optional-checks");
    let offer = |price: &str, more: Params<'_>| {
        let params = [("optional_items[0][price]", price), ("optional_items[0][quantity]", "1")];
        try_open(&api, &with(&params, more))
    };
    invalid(offer("price_none", &[]), 400, Some("resource_missing"), Some("optional_items[0][price]"));
    let monthly = price(&api, "300", &[("recurring[interval]", "month")]);
    invalid(offer(&monthly, &[]), 400, None, Some("optional_items"));
    let euros = api.post("/v1/prices", &[("currency", "eur"), ("unit_amount", "300"), ("product_data[name]", "Tasse")]);
    says(offer(&id(&euros.ok()), &[]), 400, "All line items must have the same currency.");
    let archived = price(&api, "300", &[]);
    api.post(&format!("/v1/prices/{archived}"), &[("active", "false")]).ok();
    invalid(offer(&archived, &[]), 400, None, Some("optional_items[0][price]"));
    let sticker = price(&api, "300", &[]);
    let nothing = [("optional_items[0][price]", sticker.as_str()), ("optional_items[0][quantity]", "0")];
    invalid(try_open(&api, &nothing), 400, Some("parameter_invalid_integer"), Some("optional_items[0][quantity]"));
    let many: Vec<(String, &str)> = (0..11)
        .flat_map(|n| {
            [(format!("optional_items[{n}][price]"), &*sticker), (format!("optional_items[{n}][quantity]"), "1")]
        })
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    invalid(try_open(&api, &many), 400, None, Some("optional_items"));
    let setup = [("mode", "setup"), ("currency", "usd"), ("success_url", super::SHOP)];
    let item = [("optional_items[0][price]", sticker.as_str()), ("optional_items[0][quantity]", "1")];
    says(create(&api, &with(&setup, &item)), 400, "You can not pass `optional_items` in `setup` mode.");
}

#[test]
fn a_subscription_bills_what_was_added() {
    let api = sandbox("cs-optional-subscription");
    let [monthly, extra] = ["1500", "500"].map(|amount| price(&api, amount, &[("recurring[interval]", "month")]));
    let params = [
        ("mode", "subscription"),
        ("success_url", super::SHOP),
        ("line_items[0][price]", monthly.as_str()),
        ("line_items[0][quantity]", "1"),
        ("optional_items[0][price]", &extra),
        ("optional_items[0][quantity]", "1"),
    ];
    let made = create(&api, &params).ok();
    buy(&api, &made, &[(&format!("optional_items[{extra}]"), "1")]).ok();
    let paid = read(&api, &made);
    assert_eq!(int(&paid, "amount_total"), 2000);
    let subscription = api.get(&format!("/v1/subscriptions/{}", text(&paid, "subscription")), &[]).ok();
    assert_eq!(rows(&subscription["items"]).len(), 2);
}

#[test]
fn a_link_offers_optional_items() {
    let api = sandbox("plink-optional");
    let (mug, sticker) = (price(&api, "1000", &[]), price(&api, "300", &[]));
    let params = [
        ("line_items[0][price]", mug.as_str()),
        ("line_items[0][quantity]", "1"),
        ("optional_items[0][price]", &sticker),
        ("optional_items[0][quantity]", "1"),
        ("optional_items[0][adjustable_quantity][enabled]", "true"),
    ];
    let made = api.post("/v1/payment_links", &params).ok();
    assert_eq!(text(&made["optional_items"][0], "price"), sticker);
    let visit = || {
        let answer = browse(&api, "GET", text(&made, "url"), None);
        let session =
            answer.header("location").unwrap().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
        api.get(&format!("/v1/checkout/sessions/{session}"), &[]).ok()
    };
    let session = visit();
    buy(&api, &session, &[(&format!("optional_items[{sticker}]"), "3")]).ok();
    assert_eq!(int(&read(&api, &session), "amount_total"), 1900);
    let path = format!("/v1/payment_links/{}", id(&made));
    let monthly = price(&api, "300", &[("recurring[interval]", "month")]);
    let recurring = [("optional_items[0][price]", monthly.as_str()), ("optional_items[0][quantity]", "1")];
    invalid(api.post(&path, &recurring), 400, None, Some("optional_items"));
    api.post(&path, &[("optional_items", "")]).ok();
    assert_eq!(visit()["optional_items"], json!(null));
}
