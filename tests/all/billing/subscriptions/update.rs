//! Updates of subscriptions (billing 2.4, 2.10, 2.11, billing-2 2.2, 3.7, 4.3, 4.5, 4.6, 12.5).

use serde_json::{Value, json};

use super::{
    PATH, amounts, change, clock_to, clocked, clocked_with, item, latest, lines, pending, price, subscribe,
    switch_card, the_subscription,
};
use crate::billing::invoices::{event_count, events_since, payer};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, int, invalid, rows, says, text, the_customer, with};

const START: i64 = 1_775_001_600;
/// Half of April 2026.
const HALF: i64 = 1_776_297_600;
const END: i64 = 1_777_593_600;

/// A monthly subscription of a customer on a clock, half a month later: the customer and the subscription.
fn half_over(api: &Client, amount: &str, params: Params<'_>) -> (String, Value) {
    let customer = clocked(api, START);
    let made = subscribe(api, &customer, &price(api, amount, "month", &[]), params).ok();
    clock_to(api, HALF);
    (customer, made)
}

/// Changes the price of the only item.
fn reprice(api: &Client, subscription: &Value, amount: &str, params: Params<'_>) -> Value {
    let (own, price) = (item(subscription), price(api, amount, "month", &[]));
    change(api, subscription, &with(&[("items[0][id]", own.as_str()), ("items[0][price]", &price)], params)).ok()
}

const ALWAYS: (&str, &str) = ("proration_behavior", "always_invoice");

#[test]
fn a_change_waits_for_the_next_invoice_by_itself() {
    let api = sandbox("update-waits");
    let (customer, made) = half_over(&api, "1000", &[]);
    let before = event_count(&api);
    let changed = reprice(&api, &made, "2000", &[]);
    let told = events_since(&api, before);
    let told = &told[told.len() - 3..];
    assert_eq!(told, ["invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"]);
    assert_eq!((&changed["latest_invoice"], text(&changed, "status")), (&made["latest_invoice"], "active"));
    assert_eq!(pending(&api, &customer).len(), 2);
    clock_to(&api, END + 3700);
    let renewal = latest(&api, &the_subscription(&api, &made));
    assert_eq!((amounts(&renewal), int(&renewal, "amount_paid")), (vec![-500, 1000, 2000], 2500));
}

#[test]
fn an_invoice_for_a_change_is_paid_at_once() {
    let api = sandbox("update-always");
    let (_, made) = half_over(&api, "1000", &[]);
    let (own, next) = (item(&made), price(&api, "2000", "month", &[]));
    let before = event_count(&api);
    let params = [("items[0][id]", own.as_str()), ("items[0][price]", &next), ALWAYS];
    let changed = change(&api, &made, &params).ok();
    let invoice = latest(&api, &changed);
    let shown = ["status", "billing_reason", "auto_advance", "attempt_count", "total", "period_start", "period_end"];
    let expected = json!(["paid", "subscription_update", false, 1, 500, START, HALF]);
    assert_eq!(json!(shown.map(|key| &invoice[key])), expected);
    let intents = api.get("/v1/payment_intents", &[("limit", "1")]).ok();
    assert_eq!(rows(&intents)[0]["description"], "Subscription update");
    assert_eq!(
        events_since(&api, before),
        [
            "invoiceitem.created",
            "invoiceitem.created",
            "invoice.created",
            "invoice.finalized",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice_payment.paid",
            "customer.subscription.updated"
        ]
    );
    let given = &lines(&invoice)[0]["parent"]["invoice_item_details"];
    assert_eq!(given["proration"], true);
    assert_eq!(given["proration_details"]["credited_items"]["invoice"], made["latest_invoice"]);
}

#[test]
fn nothing_is_prorated_where_nothing_changes_or_nothing_is_to_be() {
    let api = sandbox("update-none");
    let (customer, made) = half_over(&api, "1000", &[]);
    let before = event_count(&api);
    reprice(&api, &made, "2000", &[("proration_behavior", "none")]);
    assert_eq!(events_since(&api, before).last().map(String::as_str), Some("customer.subscription.updated"));
    let own = item(&made);
    let before = event_count(&api);
    change(&api, &made, &[("items[0][id]", &own), ("items[0][quantity]", "1"), ALWAYS]).ok();
    assert_eq!(events_since(&api, before), Vec::<String>::new());
    for nothing in [("metadata[a]", "b"), ("description", "Ours"), ("cancel_at_period_end", "true")] {
        change(&api, &made, &[nothing, ALWAYS]).ok();
    }
    assert_eq!(pending(&api, &customer).len(), 0);
    assert_eq!(the_subscription(&api, &made)["latest_invoice"], made["latest_invoice"]);
}

#[test]
fn a_small_total_and_a_negative_one_go_to_the_balance() {
    for (from, to, total, balance, kind) in
        [("1000", "1060", 30, 30, "invoice_too_small"), ("3000", "318", -1341, -1341, "applied_to_invoice")]
    {
        let api = sandbox(&format!("update-balance-{from}"));
        let (customer, made) = half_over(&api, from, &[]);
        let invoice = latest(&api, &reprice(&api, &made, to, &[ALWAYS]));
        let shown = ["status", "total", "amount_due", "attempted", "attempt_count", "ending_balance"];
        assert_eq!(json!(shown.map(|key| &invoice[key])), json!(["paid", total, 0, true, 0, balance]));
        assert_eq!(int(&the_customer(&api, &customer), "balance"), balance);
        let moves = api.get(&format!("/v1/customers/{customer}/balance_transactions"), &[]).ok();
        assert_eq!((text(&rows(&moves)[0], "type"), int(&rows(&moves)[0], "amount")), (kind, balance));
    }
}

#[test]
fn a_change_that_is_declined_stays_or_not_as_the_call_says() {
    let decline = |name: &str, behavior: &str| {
        let api = sandbox(&format!("update-declined-{name}"));
        let (customer, made) = half_over(&api, "1000", &[]);
        switch_card(&api, &customer, "pm_card_chargeCustomerFail");
        let (own, next) = (item(&made), price(&api, "3000", "month", &[]));
        let params =
            [("items[0][id]", own.as_str()), ("items[0][price]", &next), ALWAYS, ("payment_behavior", behavior)];
        let answer = change(&api, &made, &params);
        let stored = the_subscription(&api, &made);
        (api, answer, stored)
    };
    let (api, answer, stored) = decline("allow", "allow_incomplete");
    assert_eq!(text(&answer.ok(), "status"), "past_due");
    assert_eq!((&stored["plan"]["amount"], text(&latest(&api, &stored), "status")), (&json!(3000), "open"));
    let (_, answer, stored) = decline("later", "default_incomplete");
    assert_eq!((text(&answer.ok(), "status"), &stored["plan"]["amount"]), ("past_due", &json!(3000)));
    let (api, answer, stored) = decline("error", "error_if_incomplete");
    assert_eq!(answer.refused(402)["code"], "card_declined");
    assert_eq!((text(&stored, "status"), &stored["plan"]["amount"]), ("active", &json!(1000)));
    assert_eq!(rows(&api.get("/v1/invoices", &[]).ok()).len(), 1);
}

#[test]
fn a_downgrade_needs_no_card() {
    let api = sandbox("update-downgrade");
    let (customer, made) = half_over(&api, "3000", &[]);
    switch_card(&api, &customer, "pm_card_chargeCustomerFail");
    let changed = reprice(&api, &made, "1000", &[ALWAYS]);
    assert_eq!((text(&changed, "status"), int(&latest(&api, &changed), "total")), ("active", -1000));
}

#[test]
fn a_price_without_a_quantity_is_one_of_it() {
    let api = sandbox("update-quantity");
    let customer = payer(&api);
    let made = subscribe(&api, &customer, &price(&api, "1000", "month", &[]), &[("items[0][quantity]", "4")]).ok();
    assert_eq!(int(&reprice(&api, &made, "2000", &[]), "quantity"), 1);
    let own = item(&made);
    let kept = [("items[0][id]", own.as_str()), ("items[0][metadata][a]", "b"), ("items[0][quantity]", "7")];
    let changed = change(&api, &made, &kept).ok();
    assert_eq!((int(&changed, "quantity"), &rows(&changed["items"])[0]["metadata"]), (7, &json!({"a": "b"})));
}

#[test]
fn the_anchor_is_now_in_classic_mode_with_an_invoice_at_once() {
    let api = sandbox("update-anchor-classic");
    let (_, made) = half_over(&api, "1000", &[("billing_mode[type]", "classic")]);
    let changed = change(&api, &made, &[("billing_cycle_anchor[type]", "now")]).ok();
    let invoice = latest(&api, &changed);
    assert_eq!((int(&changed, "billing_cycle_anchor"), amounts(&invoice)), (HALF, vec![-500, 1000]));
    assert_eq!((int(&invoice, "period_start"), int(&invoice, "period_end")), (HALF, HALF));
    assert_eq!(rows(&changed["items"])[0]["current_period_start"], HALF);
}

#[test]
fn the_anchor_is_now_in_flexible_mode_with_a_charge_for_what_is_not_billed_yet() {
    let api = sandbox("update-anchor-flexible");
    let (customer, made) = half_over(&api, "1000", &[]);
    let changed = change(&api, &made, &[("billing_cycle_anchor", "now")]).ok();
    assert_eq!((int(&changed, "billing_cycle_anchor"), &changed["latest_invoice"]), (HALF, &made["latest_invoice"]));
    let end = int(&rows(&changed["items"])[0], "current_period_end");
    assert_eq!(end, HALF + 30 * 86_400);
    let due = pending(&api, &customer);
    assert_eq!((due.len(), &due[0]["amount"]), (1, &json!(500)));
    assert_eq!(due[0]["period"], json!({"start": END, "end": end}));
}

#[test]
fn a_new_anchor_with_a_new_price_bills_a_whole_period_at_once() {
    for mode in ["classic", "flexible"] {
        let api = sandbox(&format!("update-anchor-price-{mode}"));
        let (_, made) = half_over(&api, "1000", &[("billing_mode[type]", mode)]);
        let changed = reprice(&api, &made, "2500", &[("billing_cycle_anchor", "now"), ALWAYS]);
        let invoice = latest(&api, &changed);
        assert_eq!((amounts(&invoice), int(&changed, "billing_cycle_anchor")), (vec![-500, 2500], HALF), "{mode}");
        let regular = &lines(&invoice)[1];
        assert_eq!(
            (text(regular, "description"), &regular["discountable"]),
            ("1 \u{d7} Gold (at $25.00 / month)", &json!(true))
        );
    }
}

#[test]
fn the_first_price_that_is_not_free_begins_anew_in_classic_mode_alone() {
    for (mode, anchor, invoiced, waits) in [("classic", HALF, vec![1000], 0), ("flexible", START, Vec::new(), 1)] {
        let api = sandbox(&format!("update-free-{mode}"));
        let (customer, made) = half_over(&api, "0", &[("billing_mode[type]", mode)]);
        let changed = reprice(&api, &made, "1000", &[]);
        assert_eq!(int(&changed, "billing_cycle_anchor"), anchor, "{mode}");
        let is_new = changed["latest_invoice"] != made["latest_invoice"];
        let shown = if is_new { amounts(&latest(&api, &changed)) } else { Vec::new() };
        assert_eq!((shown, pending(&api, &customer).len()), (invoiced, waits), "{mode}");
    }
}

#[test]
fn a_trial_may_begin_move_and_end_by_an_update() {
    let api = sandbox("update-trial");
    let (customer, made) = half_over(&api, "1000", &[]);
    let end = HALF + 10 * 86_400;
    let trial = change(&api, &made, &[("trial_end", &end.to_string())]).ok();
    let shown = ["status", "trial_start", "trial_end", "billing_cycle_anchor"];
    assert_eq!(json!(shown.map(|key| &trial[key])), json!(["trialing", HALF, end, end]));
    let item = &rows(&trial["items"])[0];
    assert_eq!((int(item, "current_period_start"), int(item, "current_period_end")), (HALF, end));
    let invoice = latest(&api, &trial);
    assert_eq!((amounts(&invoice), text(&invoice, "billing_reason")), (vec![-500, 0], "subscription_update"));
    assert_eq!((text(&invoice, "status"), int(&invoice, "attempt_count")), ("paid", 0));
    let later = end + 5 * 86_400;
    let moved = change(&api, &made, &[("trial_end", &later.to_string())]).ok();
    assert_eq!((int(&moved, "trial_end"), &moved["latest_invoice"]), (later, &trial["latest_invoice"]));
    let over = change(&api, &made, &[("trial_end", "now")]).ok();
    assert_eq!((text(&over, "status"), int(&over, "billing_cycle_anchor")), ("active", HALF));
    let invoice = latest(&api, &over);
    assert_eq!((amounts(&invoice), text(&invoice, "billing_reason")), (vec![1000], "subscription_update"));
    assert_eq!((int(&invoice, "period_start"), int(&invoice, "period_end")), (HALF, HALF));
    assert_eq!((int(&invoice, "starting_balance"), int(&invoice, "amount_paid")), (-500, 500));
    let same = change(&api, &made, &[("trial_end", "now")]).ok();
    assert_eq!((int(&same, "billing_cycle_anchor"), &same["latest_invoice"]), (HALF, &over["latest_invoice"]));
    invalid(change(&api, &made, &[("trial_end", "1000")]), 400, None, Some("trial_end"));
    let both = [("trial_from_plan", "true"), ("trial_end", "now")];
    says(
        change(&api, &made, &both),
        400,
        "You cannot set `trial_end` or `trial_period_days` when `trial_from_plan=true`.",
    );
    assert_eq!(int(&the_customer(&api, &customer), "balance"), 0);
}

#[test]
fn a_change_within_a_trial_leaves_it() {
    let api = sandbox("update-in-trial");
    let customer = clocked(&api, START);
    let made = subscribe(&api, &customer, &price(&api, "1000", "month", &[]), &[("trial_period_days", "14")]).ok();
    let changed = reprice(&api, &made, "2000", &[ALWAYS]);
    assert_eq!((text(&changed, "status"), &changed["trial_end"]), ("trialing", &made["trial_end"]));
    assert_eq!((amounts(&latest(&api, &changed)), pending(&api, &customer).len()), (vec![0], 0));
    let error = change(&api, &made, &[("billing_cycle_anchor", "now")]).refused(501);
    assert!(text(&error, "message").contains("a new anchor within a trial"), "{error}");
}

#[test]
fn an_end_within_the_period_gives_back_the_rest_and_takes_it_again() {
    let api = sandbox("update-cancel-at");
    let (customer, made) = half_over(&api, "1000", &[]);
    let ending = change(&api, &made, &[("cancel_at", &(HALF + 648_000).to_string())]).ok();
    let shown = ["cancel_at", "cancel_at_period_end", "canceled_at"];
    assert_eq!(json!(shown.map(|key| &ending[key])), json!([HALF + 648_000, false, HALF]));
    assert_eq!(text(&ending["cancellation_details"], "reason"), "cancellation_requested");
    assert_eq!(pending(&api, &customer)[0]["amount"], -250);
    let going_on = change(&api, &made, &[("cancel_at", "")]).ok();
    assert_eq!(json!(shown.map(|key| &going_on[key])), json!([null, false, null]));
    assert_eq!(going_on["cancellation_details"]["reason"], json!(null));
    assert_eq!(pending(&api, &customer)[0]["amount"], 250);
    let named = change(&api, &made, &[("cancel_at", "max_period_end")]).ok();
    assert_eq!((int(&named, "cancel_at"), pending(&api, &customer).len()), (END, 2));
    let both = [("cancel_at", "min_period_end"), ("cancel_at_period_end", "true")];
    assert_eq!(change(&api, &made, &both).refused(400)["type"], "invalid_request_error");
    invalid(change(&api, &made, &[("cancel_at", "1000")]), 400, None, Some("cancel_at"));
}

#[test]
fn a_cancellation_may_give_back_the_rest() {
    // The last row of billing-2 3.2: a quarter of September 2026 is left.
    let api = sandbox("cancel-prorate");
    let customer = clocked(&api, 1_788_220_800);
    let made = subscribe(&api, &customer, &price(&api, "1999", "month", &[]), &[]).ok();
    clock_to(&api, 1_790_164_800);
    let path = format!("{PATH}/{}", id(&made));
    let ended = api.delete(&format!("{path}?prorate=true")).ok();
    assert_eq!(text(&ended, "status"), "canceled");
    let given = pending(&api, &customer);
    assert_eq!((given.len(), &given[0]["amount"], &given[0]["parent"]), (1, &json!(-500), &json!(null)));
    assert_eq!(given[0].get("proration_details").unwrap_or(&json!(null)), &json!(null));
}

#[test]
fn a_last_invoice_that_gives_money_back_is_written_off() {
    let api = sandbox("cancel-invoice-now");
    let (customer, made) = half_over(&api, "1000", &[]);
    let path = format!("{PATH}/{}", id(&made));
    let ended = api.delete(&format!("{path}?prorate=true&invoice_now=true")).ok();
    let last = latest(&api, &ended);
    let shown = ["billing_reason", "total", "number", "status", "period_start", "period_end"];
    let expected = json!(["subscription_cycle", -500, null, "uncollectible", START, HALF]);
    assert_eq!(json!(shown.map(|key| &last[key])), expected);
    assert_eq!((int(&the_customer(&api, &customer), "balance"), pending(&api, &customer).len()), (0, 0));
}

#[test]
fn a_cancellation_without_both_drops_pending_prorations() {
    let api = sandbox("cancel-drops");
    let (customer, made) = half_over(&api, "1000", &[]);
    reprice(&api, &made, "2000", &[]);
    api.post("/v1/invoiceitems", &[("customer", &customer), ("amount", "100"), ("currency", "usd")]).ok();
    assert_eq!(pending(&api, &customer).len(), 3);
    api.delete(&format!("{PATH}/{}", id(&made))).ok();
    assert_eq!(pending(&api, &customer).iter().map(|one| int(one, "amount")).collect::<Vec<_>>(), [100]);
}

#[test]
fn what_is_added_once_is_on_the_next_invoice() {
    let api = sandbox("update-extras");
    let (customer, made) = half_over(&api, "1000", &[]);
    let product = id(&api.post("/v1/products", &[("name", "Setup")]).ok());
    let data = [
        ("add_invoice_items[0][price_data][currency]", "usd"),
        ("add_invoice_items[0][price_data][product]", product.as_str()),
        ("add_invoice_items[0][price_data][unit_amount]", "700"),
    ];
    let changed = change(&api, &made, &data).ok();
    assert_eq!((&changed["latest_invoice"], pending(&api, &customer).len()), (&made["latest_invoice"], 1));
    let invoiced = latest(&api, &change(&api, &made, &with(&data, &[ALWAYS])).ok());
    assert_eq!((amounts(&invoiced), pending(&api, &customer).len()), (vec![700, 700], 0));
}

#[test]
fn pending_items_of_other_subscriptions_are_left_alone() {
    let api = sandbox("update-sweeps");
    let (customer, made) = half_over(&api, "1000", &[]);
    let other = subscribe(&api, &customer, &price(&api, "400", "month", &[]), &[]).ok();
    for owner in [None, Some(id(&made)), Some(id(&other))] {
        let base = [("customer", customer.as_str()), ("amount", "100"), ("currency", "usd")];
        let owner: Vec<(&str, &str)> = owner.iter().map(|owner| ("subscription", owner.as_str())).collect();
        api.post("/v1/invoiceitems", &with(&base, &owner)).ok();
    }
    let invoice = latest(&api, &reprice(&api, &made, "2000", &[ALWAYS]));
    assert_eq!(amounts(&invoice), [100, 100, -500, 1000]);
    assert_eq!(pending(&api, &customer).len(), 1);
}

#[test]
fn the_same_coupon_keeps_its_discount_and_one_that_is_left_out_is_gone() {
    let api = sandbox("update-discounts");
    let customer = payer(&api);
    let coupon = |percent| id(&api.post("/v1/coupons", &[("percent_off", percent), ("duration", "forever")]).ok());
    let (one, two) = (coupon("10"), coupon("20"));
    let params = [("discounts[0][coupon]", one.as_str())];
    let made = subscribe(&api, &customer, &price(&api, "1000", "month", &[]), &params).ok();
    let both = change(&api, &made, &with(&params, &[("discounts[1][coupon]", &two)])).ok();
    assert_eq!((&both["discounts"][0], both["discounts"].as_array().unwrap().len()), (&made["discounts"][0], 2));
    let left = change(&api, &made, &[("discounts[0][coupon]", &two)]).ok();
    assert_eq!(left["discounts"], json!([both["discounts"][1]]));
    assert_eq!(change(&api, &made, &[("discounts", "")]).ok()["discounts"], json!([]));
    assert_eq!(int(&api.get(&format!("/v1/coupons/{one}"), &[]).ok(), "times_redeemed"), 1);
}

#[test]
fn a_discount_that_comes_with_a_change_is_for_the_new_charge_alone() {
    let api = sandbox("update-discount-change");
    let (_, made) = half_over(&api, "2500", &[]);
    let coupon = id(&api.post("/v1/coupons", &[("percent_off", "10"), ("duration", "forever")]).ok());
    let invoice = latest(&api, &reprice(&api, &made, "4000", &[ALWAYS, ("discounts[0][coupon]", &coupon)]));
    assert_eq!(amounts(&invoice), [-1250, 1800]);
}

#[test]
fn an_incomplete_subscription_changes_little() {
    let api = sandbox("update-incomplete");
    let customer = clocked_with(&api, START, "pm_card_chargeCustomerFail");
    let made = subscribe(&api, &customer, &price(&api, "1000", "month", &[]), &[]).ok();
    assert_eq!(text(&made, "status"), "incomplete");
    let own = item(&made);
    let items = [("items[0][id]", own.as_str()), ("items[0][quantity]", "2")];
    invalid(change(&api, &made, &items), 400, None, Some("items"));
    let described = change(&api, &made, &[("description", "Ours"), ("metadata[a]", "b")]).ok();
    assert_eq!((text(&described, "description"), &described["metadata"]), ("Ours", &json!({"a": "b"})));
    invalid(api.post(&format!("/v1/subscription_items/{own}"), &[("quantity", "2")]), 400, None, Some("items"));
}

#[test]
fn a_paused_subscription_changes_without_prorations() {
    let api = sandbox("update-paused");
    let (customer, made) = half_over(&api, "1000", &[]);
    api.post(&format!("{PATH}/{}/pause", id(&made)), &[("bill_for[unused_time_from][type]", "none")]).ok();
    let changed = reprice(&api, &made, "2000", &[ALWAYS]);
    assert_eq!((text(&changed, "status"), pending(&api, &customer).len()), ("paused", 0));
    assert_eq!(changed["latest_invoice"], made["latest_invoice"]);
}

#[test]
fn an_update_of_what_is_sent_makes_an_invoice_that_waits() {
    let api = sandbox("update-sent");
    let (_, made) = half_over(&api, "1000", &[("collection_method", "send_invoice"), ("days_until_due", "30")]);
    let since = event_count(&api);
    let changed = reprice(&api, &made, "3000", &[ALWAYS]);
    let sent = events_since(&api, since).into_iter().filter(|event| event.starts_with("invoice."));
    assert_eq!(sent.collect::<Vec<_>>(), ["invoice.created", "invoice.finalized", "invoice.sent"]);
    let invoice = latest(&api, &changed);
    assert_eq!((text(&invoice, "status"), int(&invoice, "amount_due")), ("open", 1000));
    assert_eq!(text(&changed, "status"), "active");
}

#[test]
fn a_discount_of_one_bill_is_gone_from_an_item_whose_change_was_billed() {
    let api = sandbox("update-once");
    let (_, made) = half_over(&api, "1000", &[]);
    let own = item(&made);
    let once = [("amount_off", "300"), ("currency", "usd"), ("duration", "once")];
    let coupon = id(&api.post("/v1/coupons", &once).ok());
    api.post(&format!("/v1/subscription_items/{own}"), &[("discounts[0][coupon]", &coupon)]).ok();
    let next = price(&api, "3000", "month", &[]);
    let params = [
        ("items[0][id]", own.as_str()),
        ("items[0][price]", &next),
        ("billing_cycle_anchor", "now"),
        ("proration_behavior", "none"),
    ];
    let changed = change(&api, &made, &params).ok();
    assert_eq!(latest(&api, &changed)["total"], 2700);
    assert_eq!(rows(&changed["items"])[0]["discounts"], json!([]));
}

#[test]
fn a_change_that_needs_the_customer_leaves_the_subscription_past_due() {
    let api = sandbox("update-3ds");
    let (customer, made) = half_over(&api, "1000", &[]);
    switch_card(&api, &customer, "pm_card_authenticationRequired");
    let (own, next) = (item(&made), price(&api, "3000", "month", &[]));
    let params = [("items[0][id]", own.as_str()), ("items[0][price]", &next), ALWAYS];
    let changed = change(&api, &made, &params).ok();
    assert_eq!((text(&changed, "status"), &changed["plan"]["amount"]), ("past_due", &json!(3000)));
    assert_eq!(text(&latest(&api, &changed), "status"), "open");
    let refused =
        with(&params[..1], &[("items[0][quantity]", "2"), ALWAYS, ("payment_behavior", "error_if_incomplete")]);
    assert_eq!(change(&api, &made, &refused).refused(402)["code"], "subscription_payment_intent_requires_action");
    let pending =
        with(&params[..1], &[("items[0][quantity]", "2"), ALWAYS, ("payment_behavior", "pending_if_incomplete")]);
    let waiting = change(&api, &made, &pending).ok();
    assert_eq!(
        (&waiting["quantity"], &waiting["pending_update"]["subscription_items"][0]["quantity"]),
        (&json!(1), &json!(2))
    );
}
