//! What was used is billed (billing 5.1, billing-2 2.2, 11.2).

use serde_json::{Value, json};

use super::{DAY, amounts, billed, cancel, change, item, latest, lines, pending, price, subscribe, the_subscription};
use crate::billing::invoices::payer;
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, int, rows, text, with};

pub(super) const WEEK: i64 = 7 * DAY;
const CLASSIC: (&str, &str) = ("billing_mode[type]", "classic");

/// A meter with a formula, and a weekly price of five cents by it.
pub(super) fn metered(api: &Client, formula: &str) -> (String, String) {
    let params = [("display_name", "Calls"), ("event_name", "calls"), ("default_aggregation[formula]", formula)];
    let meter = id(&api.post("/v1/billing/meters", &params).ok());
    let price = price_by(api, &meter, &[("unit_amount", "5")]);
    (meter, price)
}

/// A weekly price by a meter.
pub(super) fn price_by(api: &Client, meter: &str, params: Params<'_>) -> String {
    let recurring = [
        ("currency", "usd"),
        ("product_data[name]", "Calls"),
        ("recurring[interval]", "week"),
        ("recurring[usage_type]", "metered"),
        ("recurring[meter]", meter),
    ];
    id(&api.post("/v1/prices", &with(&recurring, params)).ok())
}

/// A customer uses something, now or at a time.
pub(super) fn uses(api: &Client, customer: &str, value: &str, params: Params<'_>) {
    let event = [("event_name", "calls"), ("payload[stripe_customer_id]", customer), ("payload[value]", value)];
    api.post("/v1/billing/meter_events", &with(&event, params)).ok();
}

/// The newest invoice of a subscription as it is now.
pub(super) fn newest(api: &Client, made: &Value) -> Value {
    latest(api, &the_subscription(api, made))
}

#[test]
fn usage_is_billed_when_its_period_is_over() {
    let api = sandbox("metered-arrears");
    let (customer, (_, price)) = (payer(&api), metered(&api, "sum"));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    assert_eq!((text(&made, "status"), &made["latest_invoice"]), ("active", &json!(null)));
    let start = int(&made, "created");
    uses(&api, &customer, "30", &[]);
    api.advance(3 * DAY);
    uses(&api, &customer, "12", &[]);
    api.advance(4 * DAY + 2 * 3600);
    let invoice = newest(&api, &made);
    assert_eq!((text(&invoice, "status"), text(&invoice, "billing_reason")), ("paid", "subscription_cycle"));
    assert_eq!(billed(&invoice), [("42 \u{d7} Calls (at $0.05 / week)", 210)]);
    assert_eq!(int(&lines(&invoice)[0], "quantity"), 42);
    assert_eq!(lines(&invoice)[0]["period"], json!({"start": start, "end": start + WEEK}));
    uses(&api, &customer, "1", &[]);
    api.advance(WEEK);
    assert_eq!(amounts(&newest(&api, &made)), [5]);
}

#[test]
fn every_metered_item_shows_on_a_renewal_also_without_usage() {
    let api = sandbox("metered-zero");
    let (customer, (_, price)) = (payer(&api), metered(&api, "sum"));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    api.advance(WEEK + 2 * 3600);
    let invoice = newest(&api, &made);
    assert_eq!((text(&invoice, "status"), int(&invoice, "total")), ("paid", 0));
    assert_eq!(billed(&invoice), [("0 \u{d7} Calls (at $0.05 / week)", 0)]);
}

#[test]
fn the_meter_says_how_usage_adds_up() {
    for (formula, expected) in [("sum", 50), ("count", 10), ("last", 15)] {
        let api = sandbox(&format!("metered-{formula}"));
        let (customer, (_, price)) = (payer(&api), metered(&api, formula));
        let made = subscribe(&api, &customer, &price, &[]).ok();
        uses(&api, &customer, "7", &[]);
        api.advance(DAY);
        uses(&api, &customer, "3", &[]);
        api.advance(6 * DAY + 60);
        assert_eq!(amounts(&newest(&api, &made)), [expected], "{formula}");
    }
}

#[test]
fn usage_is_priced_by_tiers_and_by_packages() {
    let api = sandbox("metered-tiers");
    let (customer, (meter, _)) = (payer(&api), metered(&api, "sum"));
    let tiered = [
        ("billing_scheme", "tiered"),
        ("tiers_mode", "graduated"),
        ("tiers[0][up_to]", "100"),
        ("tiers[0][unit_amount]", "0"),
        ("tiers[1][up_to]", "inf"),
        ("tiers[1][unit_amount]", "2"),
    ];
    let by_tiers = price_by(&api, &meter, &tiered);
    let packed = [("unit_amount", "50"), ("transform_quantity[divide_by]", "100"), ("transform_quantity[round]", "up")];
    let by_packages = price_by(&api, &meter, &packed);
    let made = subscribe(&api, &customer, &by_tiers, &[("items[1][price]", &by_packages)]).ok();
    uses(&api, &customer, "130", &[]);
    api.advance(WEEK + 60);
    let invoice = newest(&api, &made);
    let shown: Vec<(i64, i64)> =
        lines(&invoice).iter().map(|line| (int(line, "quantity"), int(line, "amount"))).collect();
    assert_eq!(shown, [(100, 0), (30, 60), (130, 100)]);
    assert_eq!(int(&invoice, "total"), 160);
}

#[test]
fn usage_that_comes_while_the_renewal_is_a_draft_is_billed() {
    let api = sandbox("metered-late");
    let (customer, (_, price)) = (payer(&api), metered(&api, "sum"));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    let start = int(&made, "created");
    uses(&api, &customer, "10", &[]);
    api.advance(WEEK + 60);
    let draft = newest(&api, &made);
    assert_eq!((text(&draft, "status"), amounts(&draft)), ("draft", vec![50]));
    let before = (start + WEEK - 1).to_string();
    uses(&api, &customer, "4", &[("timestamp", &before)]);
    uses(&api, &customer, "1000", &[]);
    let again = newest(&api, &made);
    assert_eq!((billed(&again), int(&again, "amount_due")), (vec![("14 \u{d7} Calls (at $0.05 / week)", 70)], 70));
    assert_eq!(id(&lines(&again)[0]), id(&lines(&draft)[0]), "it is the same line");
    api.advance(3600);
    assert_eq!((text(&newest(&api, &made), "status"), int(&newest(&api, &made), "amount_paid")), ("paid", 70));
    uses(&api, &customer, "4", &[("timestamp", &before)]);
    assert_eq!(amounts(&newest(&api, &made)), [70], "a final invoice stays as it is");
}

#[test]
fn usage_that_is_taken_back_is_not_billed() {
    let api = sandbox("metered-adjusted");
    let (customer, (_, price)) = (payer(&api), metered(&api, "sum"));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    api.advance(WEEK - 60);
    uses(&api, &customer, "10", &[("identifier", "once")]);
    api.advance(120);
    assert_eq!(amounts(&newest(&api, &made)), [50]);
    let adjusted = [("event_name", "calls"), ("type", "cancel"), ("cancel[identifier]", "once")];
    api.post("/v1/billing/meter_event_adjustments", &adjusted).ok();
    assert_eq!(amounts(&newest(&api, &made)), [0]);
}

#[test]
fn usage_of_a_trial_is_free() {
    let api = sandbox("metered-trial");
    let (customer, (_, price)) = (payer(&api), metered(&api, "sum"));
    let made = subscribe(&api, &customer, &price, &[("trial_period_days", "7")]).ok();
    uses(&api, &customer, "10", &[]);
    api.advance(WEEK + 60);
    assert_eq!(amounts(&newest(&api, &made)), [0]);
    let before = (int(&made, "created") + DAY).to_string();
    uses(&api, &customer, "10", &[("timestamp", &before)]);
    assert_eq!(amounts(&newest(&api, &made)), [0]);
    uses(&api, &customer, "3", &[]);
    api.advance(WEEK);
    assert_eq!(amounts(&newest(&api, &made)), [15]);
}

#[test]
fn a_cancellation_bills_usage_when_it_is_asked_for() {
    let api = sandbox("metered-cancel");
    let (customer, (_, price)) = (payer(&api), metered(&api, "sum"));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    uses(&api, &customer, "9", &[]);
    let canceled = cancel(&api, &made, &[]).ok();
    assert_eq!(canceled["latest_invoice"], json!(null), "nothing is billed by itself");
    let other = payer(&api);
    let made = subscribe(&api, &other, &price, &[]).ok();
    uses(&api, &other, "8", &[]);
    let canceled = cancel(&api, &made, &[("invoice_now", "true")]).ok();
    let invoice = latest(&api, &canceled);
    assert_eq!((text(&invoice, "status"), amounts(&invoice)), ("draft", vec![40]));
    let ended = int(&canceled, "ended_at");
    assert_eq!(lines(&invoice)[0]["period"], json!({"start": int(&made, "created"), "end": ended}));
    uses(&api, &other, "2", &[("timestamp", &ended.to_string())]);
    api.advance(2 * 3600);
    let invoice = latest(&api, &canceled);
    assert_eq!((amounts(&invoice), int(&invoice, "total")), (vec![50], 50));
}

#[test]
fn what_was_used_until_the_end_of_the_last_period_is_billed() {
    let api = sandbox("metered-end");
    let (customer, (_, price)) = (payer(&api), metered(&api, "sum"));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    change(&api, &made, &[("cancel_at_period_end", "true")]).ok();
    uses(&api, &customer, "6", &[]);
    api.advance(WEEK + 2 * 3600);
    let now = the_subscription(&api, &made);
    let invoice = latest(&api, &now);
    assert_eq!((text(&now, "status"), text(&invoice, "status")), ("canceled", "paid"));
    assert_eq!(amounts(&invoice), [30]);
}

/// A subscription to a licensed and a metered price, of which ten were used, without the metered item from now on.
fn removed(name: &str, terms: Params<'_>, how: Params<'_>) -> (Client, String, Value) {
    let api = sandbox(name);
    let (customer, (_, by_usage)) = (payer(&api), metered(&api, "sum"));
    let gold = price(&api, "1000", "week", &[]);
    let items = [("items[1][price]", by_usage.as_str())];
    let made = subscribe(&api, &customer, &gold, &with(&items, terms)).ok();
    uses(&api, &customer, "10", &[]);
    let second = id(&rows(&made["items"])[1]);
    let gone = [("items[0][id]", second.as_str()), ("items[0][deleted]", "true")];
    let changed = change(&api, &made, &with(&gone, how)).ok();
    (api, customer, changed)
}

#[test]
fn usage_of_a_removed_item_waits_for_the_next_invoice() {
    let (api, customer, made) = removed("metered-removed", &[], &[]);
    let [waiting] = &pending(&api, &customer)[..] else { panic!("one item") };
    assert_eq!((int(waiting, "amount"), int(waiting, "quantity"), &waiting["proration"]), (50, 10, &json!(false)));
    api.advance(WEEK + 60);
    assert_eq!(amounts(&newest(&api, &made)), [50, 1000]);
}

#[test]
fn usage_of_a_removed_item_is_billed_by_the_proration_behavior() {
    let (api, customer, made) = removed("metered-removed-always", &[], &[("proration_behavior", "always_invoice")]);
    let invoice = latest(&api, &made);
    assert_eq!((text(&invoice, "status"), text(&invoice, "billing_reason")), ("paid", "subscription_update"));
    assert_eq!(billed(&invoice), [("10 \u{d7} Calls (at $0.05 / week)", 50)]);
    assert_eq!(pending(&api, &customer).len(), 0);
    let (api, customer, made) = removed("metered-removed-none", &[], &[("proration_behavior", "none")]);
    assert_eq!((pending(&api, &customer).len(), int(&latest(&api, &made), "total")), (0, 1000));
    let (api, customer, made) = removed("metered-removed-classic", &[CLASSIC], &[]);
    assert_eq!((pending(&api, &customer).len(), int(&latest(&api, &made), "total")), (0, 1000));
}

#[test]
fn usage_of_a_removed_item_may_be_cleared() {
    let (api, customer, made) = removed("metered-cleared", &[], &[("items[0][clear_usage]", "true")]);
    assert_eq!((pending(&api, &customer).len(), int(&latest(&api, &made), "total")), (0, 1000));
    let (customer, by_usage) = (payer(&api), rows(&made["items"])[0]["price"].clone());
    let meter = id(&rows(&api.get("/v1/billing/meters", &[]).ok())[0]);
    let calls = price_by(&api, &meter, &[("unit_amount", "5")]);
    let made = subscribe(&api, &customer, &id(&by_usage), &[("items[1][price]", &calls)]).ok();
    uses(&api, &customer, "10", &[]);
    let path = format!("/v1/subscription_items/{}", id(&rows(&made["items"])[1]));
    api.delete(&format!("{path}?clear_usage=true")).ok();
    assert_eq!(pending(&api, &customer).len(), 0);
}

#[test]
fn what_was_used_at_a_price_is_billed_at_that_price() {
    let api = sandbox("metered-reprice");
    let (customer, (meter, five)) = (payer(&api), metered(&api, "sum"));
    let ten = price_by(&api, &meter, &[("unit_amount", "10")]);
    let made = subscribe(&api, &customer, &five, &[]).ok();
    uses(&api, &customer, "4", &[]);
    api.advance(2 * DAY);
    change(&api, &made, &[("items[0][id]", &item(&made)), ("items[0][price]", &ten)]).ok();
    uses(&api, &customer, "6", &[]);
    api.advance(5 * DAY + 60);
    assert_eq!(amounts(&newest(&api, &made)), [20, 60]);
}

#[test]
fn in_classic_mode_usage_before_a_new_price_is_lost() {
    let api = sandbox("metered-reprice-classic");
    let (customer, (meter, five)) = (payer(&api), metered(&api, "sum"));
    let ten = price_by(&api, &meter, &[("unit_amount", "10")]);
    let made = subscribe(&api, &customer, &five, &[CLASSIC]).ok();
    assert_eq!(amounts(&latest(&api, &made)), [0]);
    uses(&api, &customer, "4", &[]);
    api.advance(2 * DAY);
    change(&api, &made, &[("items[0][id]", &item(&made)), ("items[0][price]", &ten)]).ok();
    uses(&api, &customer, "6", &[]);
    api.advance(5 * DAY + 60);
    assert_eq!(amounts(&newest(&api, &made)), [60]);
}

#[test]
fn an_item_that_is_added_bills_usage_from_then_on() {
    let api = sandbox("metered-added");
    let (customer, (_, by_usage)) = (payer(&api), metered(&api, "sum"));
    let gold = price(&api, "1000", "week", &[]);
    let made = subscribe(&api, &customer, &gold, &[]).ok();
    uses(&api, &customer, "100", &[]);
    api.advance(2 * DAY);
    let added = change(&api, &made, &[("items[0][price]", &by_usage)]).ok();
    assert_eq!(added["latest_invoice"], made["latest_invoice"]);
    uses(&api, &customer, "3", &[]);
    api.advance(5 * DAY + 60);
    assert_eq!(amounts(&newest(&api, &made)), [1000, 15]);
}

#[test]
fn a_new_anchor_bills_what_was_used_before_it() {
    let api = sandbox("metered-anchor");
    let (customer, (_, price)) = (payer(&api), metered(&api, "sum"));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    uses(&api, &customer, "7", &[]);
    api.advance(2 * DAY);
    let anchored = [("billing_cycle_anchor", "now"), ("proration_behavior", "always_invoice")];
    let changed = change(&api, &made, &anchored).ok();
    assert_eq!(amounts(&latest(&api, &changed)), [35]);
    api.advance(WEEK + 60);
    assert_eq!(amounts(&newest(&api, &made)), [0], "it is billed once");
}

#[test]
fn usage_since_a_backdated_start_is_on_the_first_invoice() {
    let api = sandbox("metered-backdated");
    let (customer, (_, price)) = (payer(&api), metered(&api, "sum"));
    uses(&api, &customer, "5", &[]);
    let start = int(&api.get(&format!("/v1/customers/{customer}"), &[]).ok(), "created");
    api.advance(10 * DAY);
    uses(&api, &customer, "2", &[]);
    let made = subscribe(&api, &customer, &price, &[("backdate_start_date", &start.to_string())]).ok();
    let invoice = latest(&api, &made);
    assert_eq!((text(&invoice, "billing_reason"), amounts(&invoice)), ("subscription_create", vec![25]));
    assert_eq!(lines(&invoice)[0]["period"], json!({"start": start, "end": start + WEEK}));
    api.advance(4 * DAY + 60);
    assert_eq!(amounts(&newest(&api, &made)), [10]);
}

#[test]
fn before_meters_usage_records_are_billed() {
    let api = sandbox("metered-records").version("2024-06-20");
    let params = [
        ("currency", "usd"),
        ("unit_amount", "5"),
        ("product_data[name]", "Calls"),
        ("recurring[interval]", "week"),
        ("recurring[usage_type]", "metered"),
    ];
    let (customer, price) = (payer(&api), id(&api.post("/v1/prices", &params).ok()));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    assert_eq!(amounts(&latest(&api, &made)), [0]);
    let records = format!("/v1/subscription_items/{}/usage_records", item(&made));
    api.post(&records, &[("quantity", "20")]).ok();
    api.advance(WEEK + 60);
    assert_eq!(amounts(&newest(&api, &made)), [100]);
}

#[test]
fn the_next_invoice_shows_what_was_used_so_far() {
    let api = sandbox("metered-upcoming");
    let (customer, (_, price)) = (payer(&api), metered(&api, "sum"));
    let made = subscribe(&api, &customer, &price, &[]).ok();
    uses(&api, &customer, "11", &[]);
    let next = api.post("/v1/invoices/create_preview", &[("subscription", &id(&made))]).ok();
    assert_eq!(amounts(&next), [55]);
    let ended = [("subscription", id(&made)), ("subscription_details[cancel_now]", "true".to_owned())];
    let ended: Vec<(&str, &str)> = ended.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let last = api.post("/v1/invoices/create_preview", &ended).ok();
    assert_eq!(amounts(&last), [55]);
}

/// A grant of so many cents for everything metered.
pub(super) fn grant(api: &Client, customer: &str, value: &str) {
    let params = [
        ("customer", customer),
        ("amount[type]", "monetary"),
        ("amount[monetary][currency]", "usd"),
        ("amount[monetary][value]", value),
        ("applicability_config[scope][price_type]", "metered"),
    ];
    api.post("/v1/billing/credit_grants", &params).ok();
}

/// What is left of a customer's credits.
fn left(api: &Client, customer: &str) -> i64 {
    let filter = [("filter[type]", "applicability_scope"), ("filter[applicability_scope][price_type]", "metered")];
    let found = api.get("/v1/billing/credit_balance_summary", &with(&[("customer", customer)], &filter)).ok();
    int(&found["balances"][0]["ledger_balance"]["monetary"], "value")
}

#[test]
fn credits_pay_for_usage_before_its_taxes() {
    let api = sandbox("metered-credits");
    let (customer, (_, by_usage)) = (payer(&api), metered(&api, "sum"));
    grant(&api, &customer, "60");
    let rate = [("display_name", "VAT"), ("percentage", "10"), ("inclusive", "false")];
    let rate = id(&api.post("/v1/tax_rates", &rate).ok());
    let gold = price(&api, "1000", "week", &[]);
    let more = [("items[1][price]", gold.as_str()), ("default_tax_rates[0]", &rate)];
    let made = subscribe(&api, &customer, &by_usage, &more).ok();
    uses(&api, &customer, "42", &[]);
    api.advance(WEEK + 60);
    let draft = newest(&api, &made);
    assert_eq!((int(&draft, "total"), &draft["total_pretax_credit_amounts"]), (1331, &json!([])));
    api.advance(3600);
    let invoice = newest(&api, &made);
    assert_eq!((int(&invoice, "subtotal"), int(&invoice, "total"), text(&invoice, "status")), (1210, 1265, "paid"));
    assert_eq!(int(&invoice, "total_excluding_tax"), 1150);
    assert_eq!(int(&lines(&invoice)[0]["taxes"][0], "amount"), 15);
    let [credit] = invoice["total_pretax_credit_amounts"].as_array().unwrap().as_slice() else { panic!("{invoice}") };
    assert_eq!((int(credit, "amount"), text(credit, "type")), (60, "credit_balance_transaction"));
    assert_eq!(lines(&invoice)[0]["pretax_credit_amounts"], json!([credit]));
    assert_eq!(lines(&invoice)[1]["pretax_credit_amounts"], json!([]), "credits pay for usage alone");
    let booked = text(credit, "credit_balance_transaction");
    let booked = api.get(&format!("/v1/billing/credit_balance_transactions/{booked}"), &[]).ok();
    assert_eq!(booked["debit"]["credits_applied"]["invoice"], invoice["id"]);
    assert_eq!(left(&api, &customer), 0);
}

#[test]
fn a_void_invoice_gives_the_credits_back() {
    let api = sandbox("metered-credits-void");
    let (customer, (_, price)) = (payer(&api), metered(&api, "sum"));
    grant(&api, &customer, "60");
    let sent = [("collection_method", "send_invoice"), ("days_until_due", "10")];
    let made = subscribe(&api, &customer, &price, &sent).ok();
    uses(&api, &customer, "42", &[]);
    api.advance(WEEK + 2 * 3600);
    let invoice = newest(&api, &made);
    assert_eq!((text(&invoice, "status"), int(&invoice, "amount_due"), left(&api, &customer)), ("open", 150, 0));
    api.post(&format!("/v1/invoices/{}/void", id(&invoice)), &[]).ok();
    assert_eq!(left(&api, &customer), 60);
}
