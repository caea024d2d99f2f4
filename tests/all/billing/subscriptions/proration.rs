//! What a change within a period gives back and charges (billing-2 2.2, 3.1 to 3.5).

use serde_json::{Value, json};

use super::{PATH, clock_to, clocked, item, lines, pending, price, price_in, subscribe, the_subscription};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{Params, id, int, rows, text, with};

/// Changes the only item of a subscription at a moment.
fn change(api: &Client, subscription: &Value, to: Params<'_>, moment: i64, more: Params<'_>) -> Value {
    let own = item(subscription);
    let moment = moment.to_string();
    let base = [("items[0][id]", own.as_str()), ("proration_date", &moment)];
    api.post(&format!("{PATH}/{}", id(subscription)), &with(&with(&base, to), more)).ok()
}

/// The amounts of the pending prorations, the newest first.
fn amounts(api: &Client, customer: &str) -> Vec<i64> {
    pending(api, customer).iter().map(|item| int(item, "amount")).collect()
}

struct Row {
    currency: &'static str,
    interval: &'static str,
    start: i64,
    moment: i64,
    old: (i64, i64),
    new: (i64, i64),
    lines: &'static [i64],
}

const MONTH: &str = "month";

const fn row(start: i64, moment: i64, old: (i64, i64), new: (i64, i64), lines: &'static [i64]) -> Row {
    Row { currency: "usd", interval: MONTH, start, moment, old, new, lines }
}

/// The rows of billing-2 3.2: unit amounts and quantities before and after, and the lines.
const ROWS: &[Row] = &[
    row(1_775_001_600, 1_776_297_600, (1000, 1), (2000, 1), &[-500, 1000]),
    row(1_775_001_600, 1_776_729_600, (1000, 1), (2000, 1), &[-333, 667]),
    row(1_775_001_600, 1_776_729_600, (2000, 1), (1000, 1), &[-667, 333]),
    // A part in four hundred of thirty days is 6480 seconds.
    row(1_775_001_600, 1_777_593_600 - 6_480, (1000, 1), (1800, 1), &[-3, 4]),
    row(1_775_001_600, 1_777_593_600 - 6_480, (1000, 1), (1000, 3), &[-3, 7]),
    row(1_768_471_200, 1_769_358_600, (2900, 1), (7900, 1), &[-1939, 5283]),
    row(1_782_864_000, 1_783_836_000, (1250, 3), (1250, 5), &[-2389, 3982]),
    row(1_780_272_000, 1_782_863_940, (1000, 1), (1800, 1), &[0, 0]),
    row(1_780_272_000, 1_780_272_001, (4999, 1), (9999, 1), &[-4999, 9999]),
    Row { currency: "jpy", ..row(1_772_323_200, 1_773_824_400, (5000, 1), (8000, 1), &[-2198, 3516]) },
    Row { interval: "year", ..row(1_775_001_600, 1_775_001_604, (25_000, 1), (25_000, 1), &[-25_000, 25_000]) },
    row(1_596_749_288, 1_598_982_148, (1000, 1), (3252, 1), &[-166, 541]),
    row(1_596_749_288, 1_596_749_288 + 73, (700, 1), (1200, 1), &[-700, 1200]),
    // Nothing is given back or charged at the end of the period.
    row(1_775_001_600, 1_777_593_600, (1000, 1), (2000, 1), &[]),
    // A quantity of zero has no line.
    row(1_775_001_600, 1_776_297_600, (1000, 1), (1000, 0), &[-500]),
    row(1_775_001_600, 1_776_297_600, (1000, 0), (1000, 1), &[500]),
    row(1_775_001_600, 1_776_297_600, (0, 1), (1000, 1), &[500]),
];

#[test]
fn each_line_is_rounded_alone_to_the_nearest_and_a_half_to_the_lower_number() {
    for (number, row) in ROWS.iter().enumerate() {
        for mode in ["classic", "flexible"] {
            // In classic mode the first price begins a new period.
            if mode == "classic" && row.old.0 == 0 {
                continue;
            }
            let api = sandbox(&format!("prorate-{mode}-{number}"));
            let customer = clocked(&api, row.start);
            let [old, new] =
                [row.old, row.new].map(|(amount, _)| price_in(&api, row.currency, &amount.to_string(), row.interval));
            let quantities = [row.old.1, row.new.1].map(|quantity| quantity.to_string());
            let params = [("items[0][quantity]", quantities[0].as_str()), ("billing_mode[type]", mode)];
            let made = subscribe(&api, &customer, &old, &params).ok();
            let to = [("items[0][price]", new.as_str()), ("items[0][quantity]", &quantities[1])];
            change(&api, &made, &to, row.moment, &[]);
            assert_eq!(amounts(&api, &customer), row.lines, "{mode} {number}");
        }
    }
}

#[test]
fn an_item_that_is_added_charges_and_one_that_is_removed_gives_back() {
    let api = sandbox("prorate-items");
    let customer = clocked(&api, 1_770_710_400);
    let (first, second) = (price(&api, "700", MONTH, &[]), price(&api, "900", MONTH, &[]));
    let made = subscribe(&api, &customer, &first, &[]).ok();
    let path = format!("{PATH}/{}", id(&made));
    api.post(&path, &[("items[0][price]", &second), ("proration_date", "1771315200")]).ok();
    assert_eq!(amounts(&api, &customer), [675]);
    let removed = [("items[0][id]", item(&made)), ("items[0][deleted]", "true".to_owned())];
    let removed: Vec<(&str, &str)> = removed.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let left = api.post(&path, &with(&removed, &[("proration_date", "1772524800")])).ok();
    assert_eq!(amounts(&api, &customer), [-175, 675]);
    assert_eq!(rows(&left["items"]).len(), 1);
}

#[test]
fn a_proration_says_what_it_is_for_and_what_it_gives_back() {
    let api = sandbox("prorate-body");
    let customer = clocked(&api, 1_775_001_600);
    let (old, new) = (price(&api, "1000", MONTH, &[]), price(&api, "2000", MONTH, &[]));
    let made = subscribe(&api, &customer, &old, &[]).ok();
    change(&api, &made, &[("items[0][price]", &new), ("items[0][quantity]", "3")], 1_776_297_600, &[]);
    let pending = pending(&api, &customer);
    let [credit, debit] = &pending[..] else { panic!("{pending:?}") };
    assert_eq!(text(credit, "description"), "Unused time on Gold after 16 Apr 2026");
    assert_eq!(text(debit, "description"), "Remaining time on 3 \u{d7} Gold after 16 Apr 2026");
    for (one, price, quantity) in [(credit, &old, 1), (debit, &new, 3)] {
        assert_eq!(one["pricing"]["price_details"]["price"], json!(price));
        assert_eq!((&one["pricing"]["unit_amount_decimal"], &one["quantity"]), (&json!(null), &json!(quantity)));
        assert_eq!(one["frozen_fields"], json!(["pricing", "quantity", "discounts"]));
        assert_eq!((&one["proration"], &one["discountable"]), (&json!(true), &json!(false)));
        assert_eq!(one["net_amount"], one["amount"]);
        assert_eq!(one["period"], json!({"start": 1_776_297_600, "end": 1_777_593_600}));
        let of = json!({"subscription": made["id"], "subscription_item": item(&made)});
        assert_eq!(one["parent"], json!({"type": "subscription_details", "subscription_details": of}));
    }
    let invoice = api.get(&format!("/v1/invoices/{}", text(&made, "latest_invoice")), &[]).ok();
    let line = id(&lines(&invoice)[0]);
    let given = json!({"invoice": invoice["id"], "invoice_line_items": [line]});
    assert_eq!(
        credit["proration_details"]["credited_items"],
        json!({"type": "invoice_line_items", "invoice_line_item_details": given})
    );
    assert_eq!(debit["proration_details"]["credited_items"], json!(null));
    let path = format!("/v1/invoiceitems/{}", id(credit));
    for frozen in [("amount", "5"), ("quantity", "2"), ("discounts", "")] {
        let error = api.post(&path, &[frozen]).refused(400);
        let sentence = format!("`{}` cannot be changed on an invoice item that is a proration.", frozen.0);
        assert_eq!((text(&error, "message"), text(&error, "param")), (&*sentence, frozen.0));
    }
    api.post(&path, &[("metadata[a]", "b")]).ok();
}

#[test]
fn flexible_credits_are_of_what_was_billed_and_classic_ones_of_the_present_price() {
    for (mode, totals) in [("classic", [-667, 333]), ("flexible", [-333, 333])] {
        let api = sandbox(&format!("prorate-billed-{mode}"));
        let customer = clocked(&api, 1_775_001_600);
        let (low, high) = (price(&api, "1000", MONTH, &[]), price(&api, "2000", MONTH, &[]));
        let made = subscribe(&api, &customer, &low, &[("billing_mode[type]", mode)]).ok();
        let own = item(&made);
        let up = [("items[0][id]", own.as_str()), ("items[0][price]", &high), ("proration_behavior", "none")];
        api.post(&format!("{PATH}/{}", id(&made)), &up).ok();
        assert_eq!(amounts(&api, &customer), [0_i64; 0]);
        change(&api, &made, &[("items[0][price]", &low)], 1_776_729_600, &[]);
        assert_eq!(amounts(&api, &customer), totals, "{mode}");
    }
}

#[test]
fn a_second_change_gives_back_the_charge_of_the_first_once() {
    let api = sandbox("prorate-twice");
    let customer = clocked(&api, 1_775_001_600);
    let prices = ["1000", "2000", "4000"].map(|amount| price(&api, amount, MONTH, &[]));
    let made = subscribe(&api, &customer, &prices[0], &[]).ok();
    change(&api, &made, &[("items[0][price]", &prices[1])], 1_776_297_600, &[]);
    // A quarter of the period is left: half of the charge of the first change.
    change(&api, &made, &[("items[0][price]", &prices[2])], 1_776_945_600, &[]);
    let shown = pending(&api, &customer);
    let given: Vec<_> = shown.iter().filter(|one| int(one, "amount") < 0).collect();
    assert_eq!(given.iter().map(|one| int(one, "amount")).sum::<i64>(), -1000, "{shown:?}");
    let first = shown.iter().find(|one| int(one, "amount") == 1000 && one["period"]["start"] == 1_776_297_600).unwrap();
    let credited = &given[0]["proration_details"]["credited_items"];
    assert_eq!(credited, &json!({"type": "invoice_item", "invoice_item": first["id"]}));
}

#[test]
fn another_interval_keeps_the_anchor_in_flexible_mode() {
    // 15 September 2026 to 15 October.
    let (start, end, year) = (1_789_430_400, 1_792_022_400, 1_820_966_400);
    let days_15 = start + 15 * 86_400;
    for (name, moment, expected) in [("first", start, [-14_900, 149_000]), ("later", days_15, [-7450, 142_877])] {
        let api = sandbox(&format!("prorate-interval-{name}"));
        let customer = clocked(&api, start);
        let (month, yearly) = (price(&api, "14900", MONTH, &[]), price(&api, "149000", "year", &[]));
        let made = subscribe(&api, &customer, &month, &[]).ok();
        let before = text(&made, "latest_invoice").to_owned();
        let changed = change(&api, &made, &[("items[0][price]", &yearly)], moment, &[]);
        assert_eq!(amounts(&api, &customer), expected);
        let item = &rows(&changed["items"])[0];
        assert_eq!((int(item, "current_period_start"), int(item, "current_period_end")), (start, year));
        assert_eq!((int(&changed, "billing_cycle_anchor"), text(&changed, "latest_invoice")), (start, &*before));
        let shown = pending(&api, &customer);
        assert_eq!(shown[0]["period"], json!({"start": moment, "end": end}));
        assert_eq!(shown[1]["period"], json!({"start": moment, "end": year}));
    }
}

#[test]
fn another_interval_begins_anew_in_classic_mode() {
    let api = sandbox("prorate-interval-classic");
    let customer = clocked(&api, 1_775_001_600);
    let (month, year) = (price(&api, "1000", MONTH, &[]), price(&api, "10000", "year", &[]));
    let made = subscribe(&api, &customer, &month, &[("billing_mode[type]", "classic")]).ok();
    clock_to(&api, 1_776_297_600);
    let own = item(&made);
    let path = format!("{PATH}/{}", id(&made));
    let changed = api.post(&path, &[("items[0][id]", &own), ("items[0][price]", &year)]).ok();
    assert_eq!(int(&changed, "billing_cycle_anchor"), 1_776_297_600);
    let invoice = api.get(&format!("/v1/invoices/{}", text(&changed, "latest_invoice")), &[]).ok();
    assert_eq!((int(&invoice, "total"), text(&invoice, "billing_reason")), (9500, "subscription_update"));
    assert_eq!((&invoice["status"], &invoice["auto_advance"]), (&json!("paid"), &json!(false)));
    assert_eq!(lines(&invoice).iter().map(|line| int(line, "amount")).collect::<Vec<_>>(), [-500, 10_000]);
    assert_eq!(the_subscription(&api, &made)["items"]["data"][0]["current_period_start"], 1_776_297_600);
}

#[test]
fn discounts_are_inside_of_a_proration() {
    for mode in ["classic", "flexible"] {
        let api = sandbox(&format!("prorate-discount-{mode}"));
        let customer = clocked(&api, 1_775_001_600);
        let coupon = id(&api.post("/v1/coupons", &[("percent_off", "10"), ("duration", "forever")]).ok());
        let (old, new) = (price(&api, "2500", MONTH, &[]), price(&api, "4000", MONTH, &[]));
        let params = [("discounts[0][coupon]", coupon.as_str()), ("billing_mode[type]", mode)];
        let made = subscribe(&api, &customer, &old, &params).ok();
        let always = [("proration_behavior", "always_invoice")];
        let changed = change(&api, &made, &[("items[0][price]", &new)], 1_776_297_600, &always);
        let invoice = api.get(&format!("/v1/invoices/{}", text(&changed, "latest_invoice")), &[]).ok();
        assert_eq!(lines(&invoice).iter().map(|line| int(line, "amount")).collect::<Vec<_>>(), [-1125, 1800]);
        let off = json!([{"amount": 0, "discount": changed["discounts"][0]}]);
        for line in lines(&invoice) {
            assert_eq!(
                (&line["discountable"], &line["discounts"], &line["discount_amounts"]),
                (&json!(false), &json!([]), &off)
            );
            assert!(text(line, "description").contains(" on Gold (with 10.0% off) after 16 Apr 2026"), "{line}");
        }
        assert_eq!((int(&invoice, "total"), text(&invoice, "status")), (675, "paid"));
    }
}

#[test]
fn a_share_of_an_amount_off_is_given_back_as_it_was_given() {
    for (mode, given) in [("classic", -250), ("flexible", -417)] {
        let api = sandbox(&format!("prorate-share-{mode}"));
        let customer = clocked(&api, 1_775_001_600);
        let off = [("amount_off", "500"), ("currency", "usd"), ("duration", "forever")];
        let coupon = id(&api.post("/v1/coupons", &off).ok());
        let (small, large) = (price(&api, "1000", MONTH, &[]), price(&api, "2000", MONTH, &[]));
        let params =
            [("items[1][price]", large.as_str()), ("discounts[0][coupon]", &coupon), ("billing_mode[type]", mode)];
        let made = subscribe(&api, &customer, &small, &params).ok();
        change(&api, &made, &[("items[0][deleted]", "true")], 1_776_297_600, &[]);
        assert_eq!(amounts(&api, &customer), [given], "{mode}");
    }
}

#[test]
fn tiers_are_prorated_as_a_whole() {
    // 8 to 12 seats, with a third and a half of the period left.
    for (tiers, moment, expected) in
        [("graduated", 1_776_729_600, [-1333, 1933]), ("volume", 1_776_297_600, [-2000, 2400])]
    {
        let api = sandbox(&format!("prorate-{tiers}"));
        let customer = clocked(&api, 1_775_001_600);
        let product = id(&api.post("/v1/products", &[("name", "Gold")]).ok());
        let params = [
            ("product", product.as_str()),
            ("currency", "usd"),
            ("recurring[interval]", MONTH),
            ("billing_scheme", "tiered"),
            ("tiers_mode", tiers),
            ("tiers[0][up_to]", "10"),
            ("tiers[0][unit_amount]", "500"),
            ("tiers[1][up_to]", "50"),
            ("tiers[1][unit_amount]", "400"),
            ("tiers[2][up_to]", "inf"),
            ("tiers[2][unit_amount]", "300"),
        ];
        let price = id(&api.post("/v1/prices", &params).ok());
        let made = subscribe(&api, &customer, &price, &[("items[0][quantity]", "8")]).ok();
        change(&api, &made, &[("items[0][quantity]", "12")], moment, &[]);
        assert_eq!(amounts(&api, &customer), expected, "{tiers}");
    }
}

#[test]
fn a_proration_date_lies_in_the_period_and_goes_with_prorations() {
    let api = sandbox("prorate-date");
    let customer = clocked(&api, 1_775_001_600);
    let (old, new) = (price(&api, "1000", MONTH, &[]), price(&api, "2000", MONTH, &[]));
    let made = subscribe(&api, &customer, &old, &[]).ok();
    let (own, path) = (item(&made), format!("{PATH}/{}", id(&made)));
    let base = [("items[0][id]", own.as_str()), ("items[0][price]", &new)];
    for outside in ["1775001599", "1777593601"] {
        let error = api.post(&path, &with(&base, &[("proration_date", outside)])).refused(400);
        let sentence = "Cannot specify a `proration_date` outside of the current period of the subscription.";
        assert_eq!((text(&error, "message"), text(&error, "param")), (sentence, "proration_date"));
    }
    let anchored = [("proration_date", "1776297600"), ("billing_cycle_anchor", "now")];
    let error = api.post(&path, &with(&base, &anchored)).refused(400);
    assert_eq!(error["message"], "You cannot specify `proration_date` when `billing_cycle_anchor=now`");
    let unprorated = [("proration_date", "1776297600"), ("proration_behavior", "none")];
    let error = api.post(&path, &with(&base, &unprorated)).refused(400);
    let sentence = "You cannot specify `proration_date` when `proration_behavior=none`";
    assert_eq!((text(&error, "message"), text(&error, "param")), (sentence, "proration_date"));
    assert_eq!(rows(&the_subscription(&api, &made)["items"])[0]["price"]["id"], json!(old));
    assert_eq!(amounts(&api, &customer), [0_i64; 0]);
}

#[test]
fn in_flexible_mode_a_credit_is_taxed_as_what_it_gives_back_was() {
    let api = sandbox("sub-credit-tax");
    let (customer, price) = (clocked(&api, 1_798_761_600), price(&api, "1000", "month", &[]));
    let rate = |percent: &str, inclusive: &str| {
        let rate = [("display_name", "VAT"), ("percentage", percent), ("inclusive", inclusive)];
        id(&api.post("/v1/tax_rates", &rate).ok())
    };
    let (first, second) = (rate("10", "false"), rate("20", "true"));
    let begun = [("default_tax_rates[0]", first.as_str()), ("items[0][quantity]", "3")];
    let made = subscribe(&api, &customer, &price, &begun).ok();
    let then = [("default_tax_rates[0]", second.as_str()), ("proration_behavior", "always_invoice")];
    let begin = int(&rows(&made["items"])[0], "current_period_start");
    let changed = change(&api, &made, &[("items[0][quantity]", "1")], begin, &then);
    let invoice = super::latest(&api, &changed);
    let taxed: Vec<Value> = lines(&invoice)
        .iter()
        .map(|line| {
            json!([line["amount"], line["taxes"][0]["amount"], line["taxes"][0]["tax_rate_details"]["tax_rate"]])
        })
        .collect();
    assert_eq!(taxed, [json!([-3000, -300, first]), json!([1000, 167, second])]);
}
