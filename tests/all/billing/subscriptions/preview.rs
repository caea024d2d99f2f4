//! Previews of what subscriptions bill (billing 3.8, billing-2 5.8).

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{amounts, change, clock_to, clocked, item, latest, lines, pending, price, price_of, stored, subscribe};
use crate::billing::invoices::payer;
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, int, rows, says, text, with};
use crate::support::property::{hold, own_sandbox};

const PREVIEW: &str = "/v1/invoices/create_preview";
const START: i64 = 1_775_001_600;
const HALF: i64 = 1_776_297_600;
const END: i64 = 1_777_593_600;

fn half_over(api: &Client) -> (String, Value) {
    let customer = clocked(api, START);
    let made = subscribe(api, &customer, &price(api, "1000", "month", &[]), &[]).ok();
    clock_to(api, HALF);
    (customer, made)
}

#[test]
fn the_next_invoice_is_the_next_renewal() {
    let api = sandbox("sub-preview-next");
    let (customer, made) = half_over(&api);
    let shown = api.post(PREVIEW, &[("subscription", &id(&made))]).ok();
    assert!(text(&shown, "id").starts_with("upcoming_in_"));
    assert_eq!((amounts(&shown), text(&shown, "status")), (vec![1000], "draft"));
    assert_eq!(json!([shown["period_start"], shown["period_end"], shown["created"]]), json!([START, END, END]));
    assert_eq!(lines(&shown)[0]["period"]["start"], END);
    assert_eq!(api.post(PREVIEW, &[("customer", &customer)]).ok()["total"], shown["total"]);
    assert_eq!(rows(&api.get("/v1/invoices", &[("customer", &customer)]).ok()).len(), 1);
}

#[test]
fn a_change_is_shown_as_it_would_be_billed() {
    let api = sandbox("sub-preview-change");
    let (customer, made) = half_over(&api);
    let (own, next) = (item(&made), price(&api, "2000", "month", &[]));
    let (subscription, moment) = (id(&made), HALF.to_string());
    let before = stored(&api, &subscription);
    let base = [
        ("subscription", subscription.as_str()),
        ("subscription_details[items][0][id]", own.as_str()),
        ("subscription_details[items][0][price]", next.as_str()),
    ];
    for (behavior, expected) in
        [("create_prorations", vec![-500, 1000, 2000]), ("always_invoice", vec![-500, 1000]), ("none", vec![2000])]
    {
        let shown = api.post(PREVIEW, &with(&base, &[("subscription_details[proration_behavior]", behavior)])).ok();
        assert_eq!(amounts(&shown), expected, "{behavior}");
    }
    let dated = [("subscription_details[proration_date]", moment.as_str())];
    assert_eq!(amounts(&api.post(PREVIEW, &with(&base, &dated)).ok()), [-500, 1000, 2000]);
    assert_eq!(amounts(&api.post(PREVIEW, &with(&base, &[("preview_mode", "recurring")])).ok()), [2000]);
    assert_eq!((stored(&api, &subscription), pending(&api, &customer).len()), (before, 0));
}

#[test]
fn a_subscription_that_ends_has_no_next_invoice() {
    let api = sandbox("sub-preview-ends");
    let (_, made) = half_over(&api);
    let subscription = id(&made);
    let base = [("subscription", subscription.as_str())];
    let ends = with(&base, &[("subscription_details[cancel_at_period_end]", "true")]);
    assert_eq!(api.post(PREVIEW, &ends).refused(404)["code"], "invoice_upcoming_none");
    let now = with(&base, &[("subscription_details[cancel_now]", "true")]);
    assert_eq!(amounts(&api.post(PREVIEW, &now).ok()), [-500]);
    change(&api, &made, &[("cancel_at_period_end", "true")]).ok();
    assert_eq!(api.post(PREVIEW, &base).refused(404)["code"], "invoice_upcoming_none");
}

#[test]
fn what_is_left_to_bill_at_a_planned_end_is_shown() {
    let api = sandbox("sub-preview-last");
    let (_, made) = half_over(&api);
    let (subscription, end) = (id(&made), (HALF + 5 * super::DAY).to_string());
    let base = [("subscription", subscription.as_str())];
    change(&api, &made, &[("cancel_at", end.as_str())]).ok();
    let shown = api.post(PREVIEW, &base).ok();
    assert_eq!((amounts(&shown), int(&shown, "created")), (vec![-333], HALF + 5 * super::DAY));
    let recurring = with(&base, &[("preview_mode", "recurring")]);
    assert_eq!(api.post(PREVIEW, &recurring).refused(404)["code"], "invoice_upcoming_none");
    clock_to(&api, HALF + 5 * super::DAY + 7_200);
    let ended = stored(&api, &subscription);
    let billed = latest(&api, &ended);
    assert_eq!((text(&ended, "status"), amounts(&billed)), ("canceled", amounts(&shown)));
}

#[test]
fn a_discount_of_an_item_that_ends_before_the_renewal_is_not_shown() {
    let api = sandbox("sub-preview-ended-discount");
    let customer = clocked(&api, START);
    let coupon = [("percent_off", "20"), ("duration", "repeating"), ("duration_in_months", "1")];
    let coupon = id(&api.post("/v1/coupons", &coupon).ok());
    let made = subscribe(&api, &customer, &price(&api, "1000", "month", &[]), &[]).ok();
    clock_to(&api, START + 5 * super::DAY);
    api.post(&format!("/v1/subscription_items/{}", item(&made)), &[("discounts[0][coupon]", &coupon)]).ok();
    let preview = || api.post(PREVIEW, &[("subscription", &id(&made))]).ok();
    assert_eq!(int(&preview(), "total"), 800);
    clock_to(&api, END + 7_200);
    assert_eq!(int(&latest(&api, &stored(&api, &id(&made))), "total"), 800);
    assert_eq!(int(&preview(), "total"), 1000);
}

#[test]
fn a_new_subscription_is_shown_with_its_first_invoice() {
    let api = sandbox("sub-preview-new");
    let customer = clocked(&api, START);
    let new = price(&api, "1500", "month", &[]);
    let params = [("customer", customer.as_str()), ("subscription_details[items][0][price]", &new)];
    let shown = api.post(PREVIEW, &params).ok();
    assert_eq!((amounts(&shown), text(&shown, "status"), int(&shown, "amount_due")), (vec![1500], "draft", 1500));
    assert_eq!(rows(&api.get("/v1/subscriptions", &[("customer", &customer)]).ok()).len(), 0);
    let made = subscribe(&api, &customer, &new, &[]).ok();
    assert_eq!(amounts(&latest(&api, &made)), amounts(&shown));
    let starts = with(&params, &[("subscription_details[start_date]", "1776297600")]);
    let later = api.post(PREVIEW, &starts).ok();
    assert_eq!((amounts(&later), int(&later, "created")), (vec![1500], HALF));
    let trial = with(&params, &[("subscription_details[trial_end]", "1777000000")]);
    assert_eq!(amounts(&api.post(PREVIEW, &trial).ok()), [0]);
}

#[test]
fn what_a_preview_of_subscriptions_cannot_do_is_said() {
    let api = sandbox("sub-preview-refused");
    let (customer, made) = half_over(&api);
    let none = [("customer", customer.as_str()), ("subscription", "sub_none")];
    assert_eq!(api.post(PREVIEW, &none).refused(400)["param"], "subscription");
    let resumes = [("subscription", id(&made)), ("subscription_details[resume_at]", "now".to_owned())];
    let resumes: Vec<(&str, &str)> = resumes.iter().map(|(key, value)| (*key, value.as_str())).collect();
    says(api.post(PREVIEW, &resumes), 400, "You can only resume a subscription if it is `paused`.");
    let other = payer(&api);
    let foreign = [("customer", other), ("subscription", id(&made))];
    let foreign: Vec<(&str, &str)> = foreign.iter().map(|(key, value)| (*key, value.as_str())).collect();
    assert_eq!(api.post(PREVIEW, &foreign).refused(400)["param"], "subscription");
    let own = id(&made);
    let yen = [("subscription", own.as_str()), ("currency", "jpy")];
    assert_eq!(api.post(PREVIEW, &yen).refused(400)["param"], "items");
    says(api.post(PREVIEW, &[]), 400, "Missing required param: customer if subscription is not provided");
}

/// What a preview and the invoice that follows have in common: all but ids and times.
fn essence(invoice: &Value) -> Value {
    let line =
        |line: &Value| ["amount", "description", "discountable", "period", "quantity"].map(|key| line[key].clone());
    let all = ["amount_due", "currency", "starting_balance", "subtotal", "total"].map(|key| invoice[key].clone());
    json!([all, lines(invoice).iter().map(line).collect::<Vec<_>>()])
}

#[derive(Clone, Debug)]
struct Step {
    price: usize,
    quantity: u8,
    added: bool,
    behavior: usize,
    anchored: bool,
    percent: Option<u8>,
    days: i64,
}

fn step() -> impl Strategy<Value = Step> {
    let parts = (0_usize..3, 0_u8..4, any::<bool>(), 0_usize..3, proptest::bool::weighted(0.2));
    (parts, proptest::option::of(1_u8..100), 0_i64..9).prop_map(
        |((price, quantity, added, behavior, anchored), percent, days)| Step {
            price,
            quantity,
            added,
            behavior,
            anchored,
            percent,
            days,
        },
    )
}

const BEHAVIORS: [&str; 3] = ["always_invoice", "create_prorations", "none"];

/// Changes a subscription and checks that the preview of the change was what followed. Returns the time, if that is another.
fn check(api: &Client, subscription: &str, prices: &[String], step: &Step) -> Result<Option<i64>, TestCaseError> {
    let before = stored(api, subscription);
    let known: Vec<&Value> = rows(&before["items"]).iter().collect();
    let has = |price: &str| known.iter().any(|item| item["price"]["id"] == price);
    let price = &prices[step.price];
    let mut changes: Vec<(String, String)> = Vec::new();
    if !has(price) && !step.added {
        changes.push(("items[0][id]".into(), id(known[0])));
    }
    if has(price) {
        let own = known.iter().find(|item| item["price"]["id"] == price.as_str()).unwrap();
        changes.push(("items[0][id]".into(), id(own)));
    } else {
        changes.push(("items[0][price]".into(), price.clone()));
    }
    changes.push(("items[0][quantity]".into(), step.quantity.to_string()));
    changes.push(("proration_behavior".into(), BEHAVIORS[step.behavior].into()));
    if step.anchored {
        changes.push(("billing_cycle_anchor".into(), "now".into()));
    }
    let inside = |(name, value): &(String, String)| {
        let (first, rest) =
            name.split_once('[').map_or((name.as_str(), String::new()), |(first, rest)| (first, format!("[{rest}")));
        (format!("subscription_details[{first}]{rest}"), value.clone())
    };
    let mut asked: Vec<(String, String)> = changes.iter().map(inside).collect();
    asked.push(("subscription".into(), subscription.to_owned()));
    let pairs =
        |all: &[(String, String)]| all.iter().map(|(key, value)| (key.clone(), value.clone())).collect::<Vec<_>>();
    let asked = pairs(&asked);
    let asked: Vec<(&str, &str)> = asked.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let shown = api.post(PREVIEW, &asked);
    let changes: Vec<(&str, &str)> = changes.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let changed = change(api, &before, &changes).ok();
    let shown = shown.ok();
    if changed["latest_invoice"] != before["latest_invoice"] {
        prop_assert_eq!(essence(&shown), essence(&latest(api, &changed)));
        return Ok(None);
    }
    let end = rows(&changed["items"]).iter().map(|item| int(item, "current_period_end")).min().unwrap();
    clock_to(api, end);
    let renewed = latest(api, &stored(api, subscription));
    prop_assert_eq!(essence(&shown), essence(&renewed));
    Ok(Some(end))
}

#[test]
fn a_preview_is_what_follows() {
    hold(20, &(any::<bool>(), proptest::collection::vec(step(), 1..5)), |(classic, steps)| {
        let api = own_sandbox("sub-preview-equal");
        let customer = clocked(&api, START);
        let product = id(&api.post("/v1/products", &[("name", "Gold")]).ok());
        let prices = ["1000", "2999", "125"].map(|amount| price_of(&api, &product, amount, "month", &[]));
        let mode = if classic { "classic" } else { "flexible" };
        let made = subscribe(&api, &customer, &prices[0], &[("billing_mode[type]", mode)]).ok();
        let subscription = id(&made);
        let mut now = START;
        for step in &steps {
            let shown = stored(&api, &subscription);
            let end = rows(&shown["items"]).iter().map(|item| int(item, "current_period_end")).min().unwrap();
            // The draft of a renewal is final by then: what it leaves in the customer's balance is known.
            let next = now + step.days * 86_400 + 7_217;
            if next < end {
                now = next;
                clock_to(&api, now);
            }
            if let Some(percent) = step.percent {
                let coupon = id(&api
                    .post("/v1/coupons", &[("percent_off", &percent.to_string()), ("duration", "forever")])
                    .ok());
                change(&api, &made, &[("discounts[0][coupon]", &coupon)]).ok();
            }
            now = check(&api, &subscription, &prices, step)?.unwrap_or(now);
        }
        Ok(())
    });
}

#[test]
fn what_resuming_costs_is_shown() {
    let api = sandbox("sub-preview-resume");
    let (_, made) = half_over(&api);
    super::act(&api, &made, "pause", &[("bill_for[unused_time_from][type]", "none")]).ok();
    let subscription = id(&made);
    let base = [("subscription", subscription.as_str()), ("subscription_details[resume_at]", "now")];
    assert_eq!(amounts(&api.post(PREVIEW, &base).ok()), [1000]);
    let unchanged = [("subscription_details[billing_cycle_anchor]", "unchanged")];
    assert_eq!(amounts(&api.post(PREVIEW, &with(&base, &unchanged)).ok()), [500]);
    let dated = (HALF - 5 * super::DAY).to_string();
    let dated = [unchanged[0], ("subscription_details[proration_date]", dated.as_str())];
    assert_eq!(amounts(&api.post(PREVIEW, &with(&base, &dated)).ok()), [667]);
    let free = [unchanged[0], ("subscription_details[proration_behavior]", "none")];
    let next = api.post(PREVIEW, &with(&base, &free)).ok();
    assert_eq!((amounts(&next), int(&next, "created")), (vec![1000], END));
    assert_eq!(text(&stored(&api, &subscription), "status"), "paused");
}

#[test]
fn what_credits_would_pay_is_shown() {
    use super::metered::{grant, metered, uses};
    let api = sandbox("sub-preview-credits");
    let (customer, (_, price)) = (payer(&api), metered(&api, "sum"));
    grant(&api, &customer, "60");
    let made = subscribe(&api, &customer, &price, &[]).ok();
    uses(&api, &customer, "42", &[]);
    let shown = api.post(PREVIEW, &[("subscription", &id(&made))]).ok();
    assert_eq!((int(&shown, "subtotal"), int(&shown, "total"), int(&shown, "amount_due")), (210, 150, 150));
    let credit = json!({"amount": 60, "credit_balance_transaction": null, "type": "credit_balance_transaction"});
    assert_eq!(shown["total_pretax_credit_amounts"], json!([credit]));
    assert_eq!(lines(&shown)[0]["pretax_credit_amounts"], json!([credit]));
    let booked = api.get("/v1/billing/credit_balance_transactions", &[("customer", &customer)]).ok();
    assert_eq!(rows(&booked).len(), 1, "the grant alone");
}
