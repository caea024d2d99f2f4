//! It does not matter in how many steps time passes.

use serde_json::Value;

use super::world::{DAY, World, server};
use super::{Step, hold, steps};
use crate::support::client::raw;
use crate::support::flows::{int, text};

const YEAR: i64 = 365 * DAY;

/// The year after a script, in so many advances: the events, and the whole state.
fn year(world: &mut World, advances: &[i64]) -> (Vec<Value>, String) {
    raw(world.api.url(), "POST", "/_pinstripe/snapshots/then/restore", &[], None).ok();
    let then = world.now;
    advances.iter().for_each(|seconds| world.pass(*seconds));
    world.now = then;
    let state = raw(world.api.url(), "GET", "/_pinstripe/state", &[], None).text;
    (world.events(), state)
}

/// When each event was made, what it tells, and of what.
fn told(events: &[Value]) -> String {
    let one = |event: &Value| {
        let object = &event["data"]["object"];
        let about = object.get("id").unwrap_or(&Value::Null);
        format!("{} {} {about}", int(event, "created"), text(event, "type"))
    };
    events.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// Where two texts of JSON begin to differ.
fn difference(one: &str, other: &str) -> String {
    let differs = |(one, other): &(&str, &str)| one != other;
    let lines = one.lines().zip(other.lines()).filter(differs).take(5);
    lines.map(|(one, other)| format!("\n- {one:.2000}\n+ {other:.2000}")).collect()
}

fn holds(world: &mut World, script: &[Step]) {
    script.iter().for_each(|step| step.take(world));
    raw(world.api.url(), "POST", "/_pinstripe/snapshots/then", &[], None).ok();
    let weeks: Vec<i64> = std::iter::repeat_n(7 * DAY, 52).chain([YEAR - 52 * 7 * DAY]).collect();
    let (at_once, state) = year(world, &[YEAR]);
    let (in_weeks, other) = year(world, &weeks);
    let [one, two] = [told(&at_once), told(&in_weeks)];
    assert!(one == two, "other events: {}", difference(&one, &two));
    for (one, other) in at_once.iter().zip(&in_weeks) {
        let [one, other] = [one, other].map(|event| serde_json::to_string_pretty(event).unwrap());
        assert!(one == other, "an event shows something else: {}\n{one}", difference(&one, &other));
    }
    assert!(state == other, "an object is another: {}", difference(&state, &other));
}

#[test]
fn a_year_at_once_is_the_same_as_fifty_two_weeks_and_a_day() {
    let api = server("time");
    hold(128, steps::ALL, (24, 36), |script| holds(&mut World::begin(&api), script));
}

/// What was saved in a file and loaded from it goes on as what was not.
fn goes_on(world: &mut World, script: &[Step]) {
    script.iter().for_each(|step| step.take(world));
    let url = world.api.url().to_owned();
    let control = |method: &str, call: &str, body: Option<&str>| {
        let body = body.map(|body| ("application/json", body.as_bytes()));
        raw(&url, method, &format!("/_pinstripe/{call}"), &[], body)
    };
    let saved = control("GET", "state", None).text;
    control("POST", "snapshots/then", None).ok();
    let (stayed, _) = year(world, &[YEAR]);
    control("POST", "reset", None).ok();
    control("PUT", "state", Some(&saved)).ok();
    control("POST", "snapshots/then", None).ok();
    let then = world.now;
    let (loaded, _) = year(world, &[YEAR]);
    let later = |events: &[Value]| {
        let later: Vec<Value> = events.iter().filter(|event| int(event, "created") > then).cloned().collect();
        told(&later)
    };
    let [one, two] = [later(&stayed), later(&loaded)];
    assert!(one == two, "other events: {}", difference(&one, &two));
}

#[test]
fn what_was_saved_and_loaded_goes_on_as_what_stayed() {
    let api = server("saved");
    hold(256, steps::ALL, (24, 48), |script| goes_on(&mut World::begin(&api), script));
}
