//! What a schedule says is what happens (billing 5.3, billing-2 11.4).

use serde_json::{Value, json};

use super::world::{DAY, World, items, server};
use super::{Acts, hold};
use crate::support::dice::Dice;
use crate::support::flows::{id, int, text};

/// Schedules, in many forms.
const ACTS: Acts = &[("schedule", schedule), ("take over", take_over), ("rewrite", rewrite)];

/// Some phases that follow one another, from the number `first` on.
fn phases(world: &World, dice: &mut Dice, first: usize) -> String {
    let mut form = String::new();
    let is_weekly = dice.roll(3) == 0;
    let prices = if is_weekly { &world.prices.week[..] } else { &world.prices.month[..2] };
    for n in first..=first + dice.roll(4) {
        let phase = format!("&phases[{n}]");
        form += &format!("{phase}[items][0][price]={}", prices[dice.roll(prices.len())]);
        form += &format!("{phase}[items][0][quantity]={}", 1 + dice.roll(4));
        if dice.roll(4) == 0 && !is_weekly {
            form += &format!("{phase}[items][1][price]={}", world.prices.month[2]);
        }
        let unit = ["day", "week", "month"][dice.roll(3)];
        form += &format!("{phase}[duration][interval]={unit}{phase}[duration][interval_count]={}", 1 + dice.roll(12));
        form +=
            &format!("{phase}[proration_behavior]={}", ["create_prorations", "always_invoice", "none"][dice.roll(3)]);
        form += &format!("{phase}[description]=number {n}{phase}[metadata][number]={n}");
        if dice.roll(3) == 0 {
            form += &format!("{phase}[discounts][0][coupon]={}", world.coupons[0]);
        }
        form += match dice.roll(4) {
            0 => format!("{phase}[trial]=true"),
            1 => format!("{phase}[billing_cycle_anchor]=phase_start"),
            2 => format!("{phase}[collection_method]=send_invoice{phase}[invoice_settings][days_until_due]=3"),
            _ => String::new(),
        }
        .as_str();
    }
    form
}

fn schedule(world: &mut World, dice: &mut Dice) {
    let start = ["now".to_owned(), (world.now + 3 * DAY + 5).to_string()][dice.roll(2)].clone();
    let end = ["release", "cancel"][dice.roll(2)];
    let phases = phases(world, dice, 0);
    let form = format!("customer={}&start_date={start}&end_behavior={end}{phases}", world.customers[0]);
    world.schedules.extend(
        world.api.post("/v1/subscription_schedules", &super::world::pairs(&form)).ok()["id"]
            .as_str()
            .map(str::to_owned),
    );
}

fn take_over(world: &mut World, dice: &mut Dice) {
    let price = &world.prices.month[dice.roll(2)];
    let form = format!("customer={}&items[0][price]={price}", world.customers[0]);
    let Some(made) = world.post("/v1/subscriptions", &form) else { return };
    let Some(made) = world.post("/v1/subscription_schedules", &format!("from_subscription={}", id(&made))) else {
        return;
    };
    let (first, price) = (&made["phases"][0], text(&made["phases"][0]["items"][0], "price"));
    let form = format!(
        "end_behavior={}&phases[0][items][0][price]={price}&phases[0][start_date]={}&phases[0][end_date]={}{}",
        ["release", "cancel"][dice.roll(2)],
        first["start_date"],
        first["end_date"],
        phases(world, dice, 1)
    );
    world.post(&format!("/v1/subscription_schedules/{}", id(&made)), &form);
    world.schedules.push(id(&made));
}

/// The current phase stays, and what comes after it is another.
fn rewrite(world: &mut World, dice: &mut Dice) {
    if world.schedules.is_empty() {
        return;
    }
    let which = world.schedules[dice.roll(world.schedules.len())].clone();
    let old = world.get(&format!("/v1/subscription_schedules/{which}"));
    let (Some(span), "active") = (old["current_phase"].as_object(), text(&old, "status")) else { return };
    let all = old["phases"].as_array().unwrap();
    let phase = all.iter().find(|phase| phase["start_date"] == span["start_date"]).unwrap();
    let mut form = format!("phases[0][start_date]={}&phases[0][end_date]={}", span["start_date"], span["end_date"]);
    for (n, item) in phase["items"].as_array().unwrap().iter().enumerate() {
        form += &format!(
            "&phases[0][items][{n}][price]={}&phases[0][items][{n}][quantity]={}",
            text(item, "price"),
            item["quantity"]
        );
    }
    if let Some(told) = phase["description"].as_str() {
        form += &format!("&phases[0][description]={told}");
    }
    if let Some(end) = phase["trial_end"].as_i64() {
        form += &format!("&phases[0][trial_end]={end}");
    }
    for (n, one) in phase["discounts"].as_array().unwrap().iter().enumerate() {
        form += &format!("&phases[0][discounts][{n}][coupon]={}", text(one, "coupon"));
    }
    form += &phases(world, dice, 1);
    world.post(&format!("/v1/subscription_schedules/{which}"), &form);
}

/// What a phase says of a subscription.
fn said(phase: &Value) -> Value {
    let item = |item: &Value| json!([item["price"], item["quantity"]]);
    let items: Vec<Value> = phase["items"].as_array().unwrap().iter().map(item).collect();
    let coupons: Vec<&Value> = phase["discounts"].as_array().unwrap().iter().map(|one| &one["coupon"]).collect();
    json!([items, coupons, phase["description"], phase["trial_end"].is_null()])
}

/// What a subscription is, in the same form.
fn is(world: &World, subscription: &Value) -> Value {
    let item = |item: &Value| json!([item["price"]["id"], item["quantity"]]);
    let mut all: Vec<Value> = items(subscription).iter().map(item).collect();
    all.sort_by_key(|item| item[0] == world.prices.month[2].as_str());
    let answer = world.api.get(&format!("/v1/subscriptions/{}", id(subscription)), &[("expand[]", "discounts")]).ok();
    let coupons: Vec<&Value> =
        answer["discounts"].as_array().unwrap().iter().map(|one| &one["source"]["coupon"]).collect();
    json!([all, coupons, subscription["description"], subscription["status"] != "trialing"])
}

/// Whether a schedule and its subscription are as its phases say now.
fn check(world: &World, which: &str) {
    let schedule = world.get(&format!("/v1/subscription_schedules/{which}"));
    let phases = schedule["phases"].as_array().unwrap();
    for pair in phases.windows(2) {
        assert_eq!(pair[0]["end_date"], pair[1]["start_date"], "{schedule:#}");
    }
    let contains = |phase: &&Value| (int(phase, "start_date")..int(phase, "end_date")).contains(&world.now);
    let current = phases.iter().find(contains);
    let begun = int(&phases[0], "start_date") <= world.now;
    let subscription = schedule["subscription"].as_str().or(schedule["released_subscription"].as_str());
    let subscription = subscription.map(|one| world.get(&format!("/v1/subscriptions/{one}")));
    match (current, begun) {
        (Some(phase), _) => {
            let (subscription, status) = (subscription.unwrap(), text(&schedule, "status"));
            assert_eq!(status, "active", "{schedule:#}");
            let span = json!({"start_date": phase["start_date"], "end_date": phase["end_date"]});
            assert_eq!(schedule["current_phase"], span, "{schedule:#}");
            assert_eq!(is(world, &subscription), said(phase), "{schedule:#}\n{subscription:#}");
        }
        (None, false) => assert_eq!((text(&schedule, "status"), subscription), ("not_started", None), "{schedule:#}"),
        (None, true) => {
            let (subscription, end) = (subscription.unwrap(), int(phases.last().unwrap(), "end_date"));
            let (ended, status) = match text(&schedule, "end_behavior") {
                "cancel" => (json!(end), "canceled"),
                _ => (json!(null), text(&subscription, "status")),
            };
            assert_eq!((&subscription["ended_at"], text(&subscription, "status")), (&ended, status), "{schedule:#}");
            assert!(matches!(text(&schedule, "status"), "completed" | "released"), "{schedule:#}");
        }
    }
}

#[test]
fn what_a_schedule_says_is_what_happens() {
    let api = server("schedules");
    hold(64, ACTS, (6, 300), |script| {
        let mut world = World::begin(&api);
        for step in script {
            step.take(&mut world);
            world.schedules.iter().for_each(|one| check(&world, one));
        }
        for _ in 0..12 {
            world.pass(16 * DAY + 4_321);
            world.schedules.iter().for_each(|one| check(&world, one));
        }
    });
}
