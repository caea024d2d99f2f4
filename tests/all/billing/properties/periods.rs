//! No period overlaps another or leaves a gap: not those that a subscription shows, and not those that its customer is billed for,
//! whatever changes in the middle of them (billing-2 2.2, 3.1, 4.4).

use std::collections::BTreeMap;

use serde_json::Value;

use super::world::{BEGIN, DAY, World, items, server};
use super::{Acts, hold};
use crate::support::dice::Dice;
use crate::support::flows::{id, int, text};

/// What changes what is billed, always with prorations, and never to nothing.
const ACTS: Acts = &[
    ("subscribe", subscribe),
    ("change", change),
    ("change", change),
    ("add", add),
    ("drop", drop_item),
    ("anchor", anchor),
    ("end trial", end_trial),
    ("cancel", cancel),
    ("end later", end_later),
    ("wait", |_, _| {}),
];

fn behavior(dice: &mut Dice) -> &'static str {
    ["create_prorations", "always_invoice"][dice.roll(2)]
}

fn subscribe(world: &mut World, dice: &mut Dice) {
    let prices = [&world.prices.month[..2], &world.prices.week][dice.roll(2)];
    let first = dice.roll(prices.len());
    let mut form = format!(
        "customer={}&items[0][price]={}&items[0][quantity]={}",
        world.customers[0],
        prices[first],
        1 + dice.roll(3)
    );
    if dice.roll(3) == 0 {
        form += &format!("&items[1][price]={}", prices[(first + 1) % prices.len()]);
    }
    form += ["&billing_mode[type]=classic", "&billing_mode[type]=flexible"][dice.roll(2)];
    form += &match dice.roll(4) {
        0 => format!("&trial_period_days={}", 1 + dice.roll(10)),
        1 => format!("&billing_cycle_anchor={}", world.now + 4 * DAY + 1),
        _ => String::new(),
    };
    if let Some(made) = world.post("/v1/subscriptions", &form) {
        world.subscriptions.push(id(&made));
    }
}

/// One that goes on.
fn alive(world: &World, dice: &mut Dice) -> Option<Value> {
    world.some_subscription(dice).filter(|one| matches!(text(one, "status"), "active" | "trialing"))
}

/// The prices for the interval of a subscription.
fn same<'w>(world: &'w World, subscription: &Value) -> &'w [String] {
    match text(&items(subscription)[0]["price"]["recurring"], "interval") {
        "week" => &world.prices.week,
        _ => &world.prices.month[..2],
    }
}

fn change(world: &mut World, dice: &mut Dice) {
    let Some(old) = alive(world, dice) else { return };
    let all = items(&old);
    let item = &all[dice.roll(all.len())];
    let mut form = format!("items[0][id]={}&items[0][quantity]={}", id(item), 1 + dice.roll(4));
    let own = same(world, &old);
    let next = &own[dice.roll(own.len())];
    if all.iter().all(|other| other["price"]["id"] != next.as_str()) {
        form += &format!("&items[0][price]={next}");
    }
    form += &format!("&proration_behavior={}", behavior(dice));
    world.post(&format!("/v1/subscriptions/{}", id(&old)), &form);
}

fn add(world: &mut World, dice: &mut Dice) {
    let Some(old) = alive(world, dice) else { return };
    let own = same(world, &old);
    let form =
        format!("subscription={}&price={}&proration_behavior={}", id(&old), own[dice.roll(own.len())], behavior(dice));
    world.post("/v1/subscription_items", &form);
}

fn drop_item(world: &mut World, dice: &mut Dice) {
    // A trial's line of nothing stays when its item goes, and no line that follows takes its place.
    let Some(old) = alive(world, dice).filter(|one| one["status"] == "active") else { return };
    let all = items(&old);
    if all.len() > 1 {
        let item = id(&all[dice.roll(all.len())]);
        world.delete(&format!("/v1/subscription_items/{item}?proration_behavior={}", behavior(dice)));
    }
}

fn anchor(world: &mut World, dice: &mut Dice) {
    let Some(old) = alive(world, dice) else { return };
    let form = format!("billing_cycle_anchor=now&proration_behavior={}", behavior(dice));
    world.post(&format!("/v1/subscriptions/{}", id(&old)), &form);
}

fn end_trial(world: &mut World, dice: &mut Dice) {
    let Some(old) = alive(world, dice).filter(|one| one["status"] == "trialing") else { return };
    world.post(&format!("/v1/subscriptions/{}", id(&old)), "trial_end=now");
}

fn cancel(world: &mut World, dice: &mut Dice) {
    let Some(old) = alive(world, dice) else { return };
    // What is pending would be gone, and what is given back does not name its item.
    if world.list("/v1/invoiceitems?pending=true").is_empty() {
        world.delete(&format!("/v1/subscriptions/{}", id(&old)));
    }
}

fn end_later(world: &mut World, dice: &mut Dice) {
    let Some(old) = alive(world, dice) else { return };
    let form = ["cancel_at_period_end=true", "cancel_at_period_end=false"][dice.roll(2)];
    world.post(&format!("/v1/subscriptions/{}", id(&old)), form);
}

/// A span of time that is billed once more, or once less.
type Span = (i64, i64, i64);

fn span(of: &Value, sign: i64) -> Span {
    (int(&of["period"], "start"), int(&of["period"], "end"), sign)
}

/// When the trial that a line of nothing is for was ended, if that was before the end that the line tells.
fn ended_trial(made: i64, world: &World, line: &Value) -> Option<i64> {
    let subscription = text(&line["parent"]["subscription_item_details"], "subscription");
    let ended = |event: &Value| {
        let (object, at) = (&event["data"]["object"], int(event, "created"));
        let is_it = object["id"] == subscription && event["data"]["previous_attributes"]["status"] == "trialing";
        (is_it && at >= made).then_some(at)
    };
    world.events().iter().filter_map(ended).min()
}

/// What is billed of each item, pending or not, as spans.
fn billed(world: &World) -> BTreeMap<String, Vec<Span>> {
    let mut all: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for invoice in world.list("/v1/invoices") {
        for line in invoice["lines"]["data"].as_array().unwrap() {
            let of = &line["parent"]["subscription_item_details"];
            if let Some(item) = of["subscription_item"].as_str() {
                let sign = if int(line, "amount") < 0 { -1 } else { 1 };
                let (start, end, sign) = span(line, sign);
                let free =
                    if int(line, "amount") == 0 { ended_trial(int(&invoice, "created"), world, line) } else { None };
                let span = (start, free.map_or(end, |at| at.min(end)), sign);
                let spans = all.entry(item.to_owned()).or_default();
                // What changes in a trial is told again, in a line of nothing for the same time (billing-2 2.2).
                if int(line, "amount") != 0 || !spans.contains(&span) {
                    spans.push(span);
                }
            }
        }
    }
    for pending in world.list("/v1/invoiceitems") {
        if let Some(item) = pending["parent"]["subscription_details"]["subscription_item"].as_str() {
            let sign = if int(&pending, "amount") < 0 { -1 } else { 1 };
            all.entry(item.to_owned()).or_default().push(span(&pending, sign));
        }
    }
    all
}

/// How often each part of the time is billed: where it changes, and to what.
fn coverage(spans: &[Span]) -> Vec<(i64, i64)> {
    let mut changes: BTreeMap<i64, i64> = BTreeMap::new();
    for (start, end, sign) in spans {
        *changes.entry(*start).or_default() += sign;
        *changes.entry(*end).or_default() -= sign;
    }
    let mut level = 0;
    let mut shown = Vec::new();
    for (at, change) in changes.into_iter().filter(|(_, change)| *change != 0) {
        level += change;
        shown.push((at - BEGIN, level));
    }
    shown
}

/// The life of each item: when it was there first, and until when its customer is billed for it.
fn lives(world: &World) -> BTreeMap<String, (i64, i64)> {
    let mut lives: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut there: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in world.events().iter().filter(|event| text(event, "type").starts_with("customer.subscription.")) {
        let (subscription, at) = (&event["data"]["object"], int(event, "created"));
        if !matches!(text(event, "type").rsplit('.').next().unwrap(), "created" | "updated" | "deleted") {
            continue;
        }
        let now: Vec<String> = items(subscription).iter().map(id).collect();
        for item in items(subscription) {
            let (start, end) = (int(item, "current_period_start"), int(item, "current_period_end"));
            let life = lives.entry(id(item)).or_insert((at, end));
            // A new period begins where the last one ended, or in it when the anchor moves.
            assert!(start <= life.1, "{} begins at {start} after {life:?}: {event}", id(item));
            life.1 = end;
        }
        let before = there.insert(id(subscription), now.clone()).unwrap_or_default();
        for gone in before.iter().filter(|item| !now.contains(item)) {
            lives.get_mut(gone).unwrap().1 = at;
        }
    }
    lives
}

/// Each item is billed once from its beginning to its end.
fn check(world: &World) {
    let lives = lives(world);
    for (item, spans) in billed(world) {
        let (from, to) = lives[&item];
        let expected = if from == to { vec![] } else { vec![(from - BEGIN, 1), (to - BEGIN, 0)] };
        let told: Vec<_> = world.told.iter().filter(|(_, status)| *status == 200).map(|(asked, _)| asked).collect();
        assert_eq!(coverage(&spans), expected, "{item} {spans:?} {told:#?}");
    }
}

#[test]
fn no_period_overlaps_or_leaves_a_gap() {
    let api = server("periods");
    hold(64, ACTS, (16, 200), |script| {
        let mut world = World::begin(&api);
        subscribe(&mut world, &mut Dice(5));
        for step in script {
            step.take(&mut world);
            check(&world);
        }
        world.pass(70 * DAY);
        check(&world);
    });
}
