//! A year of a platform that bills: subscriptions and invoices on connected accounts, and on the platform for them
//! (billing 2.9, 6.4 to 6.6).

use serde_json::{Value, json};

use super::funds::{has, ledger, platform, row};
use crate::billing::subscriptions::{clock_to, latest, price, stored, subscribe, switch_card};
use crate::support::client::Client;
use crate::support::flows::{id, int, refund, rows, says, text, the_charge};
use crate::{billing::invoices::payer, support::flows::Params};

/// 2026-04-01, and when the renewals of the next months are paid.
const APRIL: i64 = 1_775_001_600;
const MAY: i64 = 1_777_593_600 + 3_700;
const JUNE: i64 = 1_780_272_000 + 3_700;

/// A customer of an account who subscribes to a price of 100 dollars a month.
fn subscribed(api: &Client, params: Params<'_>) -> (String, Value) {
    let customer = payer(api);
    let made = subscribe(api, &customer, &price(api, "10000", "month", &[]), params).ok();
    (customer, made)
}

/// The charge of the newest invoice of a subscription.
fn newest_charge(api: &Client, subscription: &Value) -> Value {
    let invoice = text(&stored(api, text(subscription, "id")), "latest_invoice").to_owned();
    let payments = api.get("/v1/invoice_payments", &[("invoice", &invoice)]).ok();
    let intent = text(&rows(&payments)[0]["payment"], "payment_intent").to_owned();
    let intent = api.get(&format!("/v1/payment_intents/{intent}"), &[]).ok();
    the_charge(api, text(&intent, "latest_charge"))
}

fn status(api: &Client, subscription: &Value) -> String {
    text(&stored(api, text(subscription, "id")), "status").to_owned()
}

#[test]
fn an_account_bills_its_own_customers_and_the_platform_takes_a_part_of_each_invoice() {
    let (api, theirs, seller) = platform("co-bill-direct");
    clock_to(&api, APRIL);
    let (customer, made) = subscribed(&theirs, &[("application_fee_percent", "10")]);
    assert_eq!((text(&made, "status"), made["application_fee_percent"].as_f64()), ("active", Some(10.0)));
    // The platform has none of it but its fee.
    api.get(&format!("/v1/customers/{customer}"), &[]).refused(404);
    api.get(&format!("/v1/subscriptions/{}", id(&made)), &[]).refused(404);
    assert_eq!(ledger(&theirs), [row("charge", 10000, 1320)]);
    assert_eq!(ledger(&api), [row("application_fee", 1000, 0)]);
    clock_to(&api, MAY);
    assert_eq!(ledger(&theirs), [row("charge", 10000, 1320), row("charge", 10000, 1320)]);
    assert_eq!(ledger(&api), [row("application_fee", 1000, 0), row("application_fee", 1000, 0)]);
    let invoice = latest(&theirs, &stored(&theirs, &id(&made)));
    assert_eq!((text(&invoice, "billing_reason"), text(&invoice, "status")), ("subscription_cycle", "paid"));
    let charge = newest_charge(&theirs, &made);
    let fees = api.get("/v1/application_fees", &[("charge", text(&charge, "id"))]).ok();
    assert_eq!((int(&rows(&fees)[0], "amount"), &rows(&fees)[0]["account"]), (1000, &json!(seller)));
    let told = theirs.get("/v1/events", &[("type", "invoice.paid")]).ok();
    assert_eq!((rows(&told).len(), &rows(&told)[0]["account"]), (2, &json!(seller)));
    assert_eq!(rows(&api.get("/v1/events", &[("type", "invoice.paid")]).ok()).len(), 0);
}

#[test]
fn a_platform_bills_for_an_account_and_sends_the_money_on() {
    let (api, theirs, seller) = platform("co-bill-destination");
    clock_to(&api, APRIL);
    let shares = [
        ("transfer_data[destination]", seller.as_str()),
        ("application_fee_percent", "12.5"),
        ("on_behalf_of", seller.as_str()),
    ];
    let (_, made) = subscribed(&api, &shares);
    let month = [row("charge", 10000, 320), row("transfer", -10000, 0), row("application_fee", 1250, 0)];
    assert_eq!(ledger(&api), month);
    assert_eq!(ledger(&theirs), [row("payment", 10000, 1250)]);
    clock_to(&api, MAY);
    assert_eq!(ledger(&api), [month.clone(), month].concat());
    assert_eq!(ledger(&theirs), [row("payment", 10000, 1250), row("payment", 10000, 1250)]);
    assert_eq!((has(&api), has(&theirs)), (2 * 930, 2 * 8750));
    let (invoice, charge) = (latest(&api, &stored(&api, &id(&made))), newest_charge(&api, &made));
    assert_eq!((&invoice["on_behalf_of"], &charge["on_behalf_of"]), (&json!(seller), &json!(seller)));
    assert_eq!(
        (&charge["transfer_data"]["destination"], int(&charge, "application_fee_amount")),
        (&json!(seller), 1250)
    );
    let transfer = api.get(&format!("/v1/transfers/{}", text(&charge, "transfer")), &[]).ok();
    assert_eq!((int(&transfer, "amount"), &transfer["source_transaction"]), (10000, &charge["id"]));
    // What an older version shows on the invoice itself.
    let older = latest(&api.version("2024-06-20"), &stored(&api, &id(&made)));
    let data = &older["transfer_data"];
    assert_eq!((int(&older, "application_fee_amount"), &data["destination"]), (1250, &json!(seller)));
}

#[test]
fn a_renewal_that_fails_moves_nothing_until_it_is_paid() {
    let (api, theirs, seller) = platform("co-bill-fails");
    clock_to(&api, APRIL);
    let shares = [("transfer_data[destination]", seller.as_str()), ("application_fee_percent", "10")];
    let (ours, destination) = subscribed(&api, &shares);
    let (own, direct) = subscribed(&theirs, &[("application_fee_percent", "10")]);
    let before = (ledger(&api), ledger(&theirs));
    for (api, customer) in [(&api, &ours), (&theirs, &own)] {
        switch_card(api, customer, "pm_card_chargeCustomerFail");
    }
    clock_to(&api, MAY);
    assert_eq!((status(&api, &destination), status(&theirs, &direct)), ("past_due".to_owned(), "past_due".to_owned()));
    assert_eq!((ledger(&api), ledger(&theirs)), before);
    let failed = newest_charge(&api, &destination);
    assert_eq!((&failed["transfer"], &failed["application_fee"]), (&Value::Null, &Value::Null));
    for (api, customer) in [(&api, &ours), (&theirs, &own)] {
        switch_card(api, customer, "pm_card_visa");
    }
    // The retries are three days later.
    clock_to(&api, MAY + 3 * 86_400);
    assert_eq!((status(&api, &destination), status(&theirs, &direct)), ("active".to_owned(), "active".to_owned()));
    let fresh = |api: &Client, known: usize| {
        let mut all = ledger(api).split_off(known);
        all.sort();
        all
    };
    let fee = row("application_fee", 1000, 0);
    let platform = [fee.clone(), fee, row("charge", 10000, 320), row("transfer", -10000, 0)];
    assert_eq!(fresh(&api, before.0.len()), platform);
    assert_eq!(fresh(&theirs, before.1.len()), [row("charge", 10000, 1320), row("payment", 10000, 1000)]);
}

#[test]
fn a_refund_of_a_renewal_takes_back_what_was_sent_on() {
    let (api, theirs, seller) = platform("co-bill-refund");
    clock_to(&api, APRIL);
    let shares = [("transfer_data[destination]", seller.as_str()), ("application_fee_percent", "10")];
    let (_, made) = subscribed(&api, &shares);
    let (_, direct) = subscribed(&theirs, &[("application_fee_percent", "10")]);
    clock_to(&api, MAY);
    let (ours, own) = (ledger(&api).len(), ledger(&theirs).len());
    let charge = newest_charge(&api, &made);
    let back = [("reverse_transfer", "true"), ("refund_application_fee", "true")];
    let refunded = refund(&api, text(&charge, "id"), &back).ok();
    assert!(refunded["transfer_reversal"].is_string(), "{refunded}");
    let rows = [row("transfer_refund", 10000, 0), row("application_fee_refund", -1000, 0), row("refund", -10000, 0)];
    assert_eq!(ledger(&api).split_off(ours), rows);
    assert_eq!(
        ledger(&theirs).split_off(own),
        [row("payment_refund", -10000, 0), row("application_fee_refund", 1000, 0)]
    );
    // Half of a direct charge, with half of its fee.
    let charge = newest_charge(&theirs, &direct);
    refund(&theirs, text(&charge, "id"), &[("amount", "5000"), ("refund_application_fee", "true")]).ok();
    assert_eq!(ledger(&api).split_off(ours + 3), [row("application_fee_refund", -500, 0)]);
    let last = ledger(&theirs).split_off(own + 2);
    assert_eq!(last, [row("application_fee_refund", 500, 0), row("refund", -5000, 0)]);
    // The subscription goes on.
    clock_to(&api, JUNE);
    assert_eq!(status(&api, &made), "active");
    assert_eq!(ledger(&theirs).len(), own + 4 + 2);
}

#[test]
fn an_invoice_is_made_on_an_account_or_for_it() {
    let (api, theirs, seller) = platform("co-bill-invoices");
    clock_to(&api, APRIL);
    let paid = |api: &Client, params: Params<'_>| {
        let customer = payer(api);
        let line = [("customer", customer.as_str()), ("amount", "4000"), ("currency", "usd")];
        api.post("/v1/invoiceitems", &line).ok();
        let draft = [("customer", customer.as_str()), ("pending_invoice_items_behavior", "include")];
        let draft = id(&api.post("/v1/invoices", &[&draft, params].concat()).ok());
        api.post(&format!("/v1/invoices/{draft}/pay"), &[]).ok()
    };
    paid(&theirs, &[("application_fee_amount", "123")]);
    assert_eq!(ledger(&theirs), [row("charge", 4000, 146 + 123)]);
    assert_eq!(ledger(&api), [row("application_fee", 123, 0)]);
    let part = [("transfer_data[destination]", seller.as_str()), ("transfer_data[amount]", "3000")];
    paid(&api, &part);
    assert_eq!(ledger(&api).split_off(1), [row("charge", 4000, 146), row("transfer", -3000, 0)]);
    assert_eq!(ledger(&theirs).split_off(1), [row("payment", 3000, 0)]);
    let customer = payer(&api);
    let nobody = [("customer", customer.as_str()), ("on_behalf_of", "acct_none")];
    api.post("/v1/invoices", &nobody).refused(400);
    says(theirs.get(&format!("/v1/customers/{customer}"), &[]), 404, &format!("No such customer: '{customer}'"));
}
