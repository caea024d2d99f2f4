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
        .post("/v1/accounts", &[("type", "custom"), ("country", "US"), ("capabilities[transfers][requested]", "true")])
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
