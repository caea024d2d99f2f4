//! Discounts, taxes and shares on the invoices of subscriptions (billing-2 8, 9).

use serde_json::json;

use super::{DAY, latest, lines, price, subscribe, the_subscription};
use crate::billing::invoices::{event_count, events_since, payer};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, int, rows, text, with};

fn coupon(api: &Client, params: Params<'_>) -> String {
    id(&api.post("/v1/coupons", params).ok())
}

#[test]
fn a_coupon_takes_off_as_long_as_it_runs() {
    let api = sandbox("sub-coupon");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let for_a_month = coupon(&api, &[("percent_off", "20"), ("duration", "repeating"), ("duration_in_months", "1")]);
    let since = event_count(&api);
    let made = subscribe(&api, &customer, &price, &[("discounts[0][coupon]", &for_a_month)]).ok();
    assert_eq!(
        events_since(&api, since)[..3],
        ["customer.updated", "customer.discount.created", "customer.subscription.created"]
    );
    let invoice = latest(&api, &made);
    assert_eq!((int(&invoice, "total"), &invoice["discounts"]), (800, &made["discounts"]));
    api.advance(32 * DAY);
    let now = the_subscription(&api, &made);
    assert_eq!((int(&latest(&api, &now), "total"), &now["discounts"]), (1000, &json!([])));
}

#[test]
fn a_coupon_for_one_bill_is_gone_after_the_first_with_money_in_it() {
    let api = sandbox("sub-once");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let once = coupon(&api, &[("amount_off", "300"), ("currency", "usd"), ("duration", "once")]);
    let made = subscribe(&api, &customer, &price, &[("discounts[0][coupon]", &once)]).ok();
    assert_eq!((int(&latest(&api, &made), "total"), &made["discounts"]), (700, &json!([])));
    let trial = [("discounts[0][coupon]", once.as_str()), ("trial_period_days", "4")];
    let trial = subscribe(&api, &customer, &price, &trial).ok();
    assert_eq!(trial["discounts"].as_array().unwrap().len(), 1);
    api.advance(4 * DAY + 2 * 3600);
    let now = the_subscription(&api, &trial);
    assert_eq!((int(&latest(&api, &now), "total"), &now["discounts"]), (700, &json!([])));
}

#[test]
fn an_item_may_have_a_discount_and_taxes_of_its_own() {
    let api = sandbox("sub-item-money");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let half = coupon(&api, &[("percent_off", "50"), ("duration", "forever")]);
    let rate = |percent: &str| {
        id(&api.post("/v1/tax_rates", &[("display_name", "VAT"), ("percentage", percent), ("inclusive", "false")]).ok())
    };
    let (own, usual) = (rate("10"), rate("20"));
    let terms = [
        ("items[0][discounts][0][coupon]", half.as_str()),
        ("items[0][tax_rates][0]", &own),
        ("default_tax_rates[0]", &usual),
    ];
    let made = subscribe(&api, &customer, &price, &terms).ok();
    let item = &rows(&made["items"])[0];
    assert_eq!((item["discounts"].as_array().unwrap().len(), &item["tax_rates"][0]["id"]), (1, &json!(own)));
    let invoice = latest(&api, &made);
    assert_eq!((int(&invoice, "total"), &lines(&invoice)[0]["discounts"]), (550, &item["discounts"]));
    let plain = subscribe(&api, &customer, &price, &[("default_tax_rates[0]", &usual)]).ok();
    assert_eq!(int(&latest(&api, &plain), "total"), 1200);
}

#[test]
fn the_customers_coupon_applies_if_the_subscription_has_none() {
    let api = sandbox("sub-inherit");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let tenth = coupon(&api, &[("percent_off", "10"), ("duration", "forever")]);
    api.version("2024-06-20").post(&format!("/v1/customers/{customer}"), &[("coupon", &tenth)]).ok();
    let made = subscribe(&api, &customer, &price, &[]).ok();
    assert_eq!((int(&latest(&api, &made), "total"), &made["discounts"]), (900, &json!([])));
}

#[test]
fn a_discount_is_taken_from_a_subscription() {
    let api = sandbox("sub-undiscount");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let tenth = coupon(&api, &[("percent_off", "10"), ("duration", "forever")]);
    let made = subscribe(&api, &customer, &price, &[("discounts[0][coupon]", &tenth)]).ok();
    let path = format!("/v1/subscriptions/{}/discount", id(&made));
    let under = format!("/v1/customers/{customer}/subscriptions/{}/discount", id(&made));
    assert_eq!(api.get(&under, &[]).ok()["id"], made["discounts"][0]);
    assert_eq!(api.delete(&path).ok()["deleted"], true);
    assert_eq!(the_subscription(&api, &made)["discounts"], json!([]));
    let error = api.delete(&under).refused(404);
    assert_eq!(text(&error, "message"), "No active discount for subscription");
}

#[test]
fn shares_in_percent_become_amounts_of_each_invoice() {
    let api = sandbox("sub-shares");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let account = id(&api
        .post(
            "/v1/accounts",
            &[("type", "standard"), ("country", "US"), ("capabilities[transfers][requested]", "true")],
        )
        .ok());
    let shares = [("transfer_data[destination]", account.as_str()), ("transfer_data[amount_percent]", "25")];
    subscribe(&api, &customer, &price, &shares).ok();
    let intents = api.get("/v1/payment_intents", &[]).ok();
    let data = &rows(&intents)[0]["transfer_data"];
    assert_eq!((&data["destination"], &data["amount"]), (&json!(account), &json!(250)));
    let fee = [("transfer_data[destination]", account.as_str()), ("application_fee_percent", "12.5")];
    subscribe(&api, &customer, &price, &fee).ok();
    let intents = api.get("/v1/payment_intents", &[]).ok();
    assert_eq!(rows(&intents)[0]["application_fee_amount"], 125);
    let about = [("on_behalf_of", account.as_str())];
    let made = subscribe(&api, &customer, &price, &about).ok();
    assert_eq!(latest(&api, &made)["on_behalf_of"], account);
}

#[test]
fn an_invoice_shows_what_its_subscription_says_of_invoices() {
    let api = sandbox("sub-settings");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let says = [
        ("invoice_settings[footer]", "Thanks"),
        ("invoice_settings[description]", "Club"),
        ("payment_settings[payment_method_types][0]", "card"),
    ];
    let made = subscribe(&api, &customer, &price, &with(&says, &[])).ok();
    let invoice = latest(&api, &made);
    assert_eq!((text(&invoice, "footer"), text(&invoice, "description")), ("Thanks", "Club"));
    assert_eq!(invoice["payment_settings"]["payment_method_types"], json!(["card"]));
}

#[test]
fn a_discount_is_gone_when_it_ends_and_not_at_the_next_bill() {
    let api = sandbox("sub-discount-ends");
    let (customer, price) = (payer(&api), price(&api, "1000", "year", &[]));
    let months = coupon(&api, &[("percent_off", "20"), ("duration", "repeating"), ("duration_in_months", "2")]);
    let made = subscribe(&api, &customer, &price, &[("discounts[0][coupon]", &months)]).ok();
    api.version("2024-06-20").post(&format!("/v1/customers/{customer}"), &[("coupon", &months)]).ok();
    let of_customer = || api.get(&format!("/v1/customers/{customer}"), &[]).ok()["discount"].clone();
    assert_ne!(of_customer(), json!(null));
    api.advance(55 * DAY);
    assert_ne!(of_customer(), json!(null));
    let since = event_count(&api);
    api.advance(10 * DAY);
    let both = ["customer.discount.deleted", "customer.subscription.updated", "customer.discount.deleted"];
    assert_eq!(events_since(&api, since), both);
    assert_eq!((&the_subscription(&api, &made)["discounts"], of_customer()), (&json!([]), json!(null)));
}

#[test]
fn a_code_asks_for_a_minimum_of_a_whole_period() {
    let api = sandbox("sub-code-minimum");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let off = coupon(&api, &[("percent_off", "20"), ("duration", "forever")]);
    let code = [
        ("promotion[type]", "coupon"),
        ("promotion[coupon]", off.as_str()),
        ("restrictions[minimum_amount]", "2000"),
        ("restrictions[minimum_amount_currency]", "usd"),
    ];
    let code = id(&api.post("/v1/promotion_codes", &code).ok());
    let by = ("discounts[0][promotion_code]", code.as_str());
    let error = subscribe(&api, &customer, &price, &[by]).refused(400);
    assert_eq!(error["param"], "discounts[0][promotion_code]");
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let path = format!("/v1/subscriptions/{}", id(&made));
    assert_eq!(api.post(&path, &[by]).refused(400)["message"], error["message"]);
    let two = [("items[0][quantity]", "2"), by];
    assert_eq!(int(&latest(&api, &subscribe(&api, &customer, &price, &two).ok()), "total"), 1600);
}

#[test]
fn a_share_has_two_decimals_between_0_and_100_on_updates_too() {
    let api = sandbox("sub-share-range");
    let account = id(&api.post("/v1/accounts", &[("type", "standard")]).ok());
    let there = api.with("Stripe-Account", &account);
    let (customer, price) = (payer(&there), price(&there, "1000", "month", &[]));
    let fee = |percent: &'static str| [("application_fee_percent", percent)];
    let made = subscribe(&there, &customer, &price, &fee("12.55")).ok();
    let path = format!("/v1/subscriptions/{}", id(&made));
    for wrong in ["101", "-1", "12.555"] {
        assert_eq!(there.post(&path, &fee(wrong)).refused(400)["param"], "application_fee_percent");
        assert_eq!(subscribe(&there, &customer, &price, &fee(wrong)).refused(400)["param"], "application_fee_percent");
    }
    assert_eq!(the_subscription(&there, &made)["application_fee_percent"], json!(12.55));
    assert_eq!(there.post(&path, &fee("20")).ok()["application_fee_percent"], json!(20.0));
    let shares = [("transfer_data[destination]", account.as_str()), ("transfer_data[amount_percent]", "33.333")];
    let (customer, price) = (payer(&api), super::price(&api, "1000", "month", &[]));
    let error = subscribe(&api, &customer, &price, &shares).refused(400);
    assert_eq!(error["param"], "transfer_data[amount_percent]");
    let made = id(&subscribe(&api, &customer, &price, &[]).ok());
    let error = api.post(&format!("/v1/subscriptions/{made}"), &fee("10")).refused(400);
    assert_eq!(error["type"], "invalid_request_error", "the platform's own");
}
