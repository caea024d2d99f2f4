//! Summaries of meters (billing 5.1): what the running totals come to.

use super::*;
use crate::support::dice::Dice;

#[test]
fn a_meter_sums_counts_and_takes_the_last() {
    let api = still("sum-formulas");
    let (who, other) = (customer(&api, &[]), customer(&api, &[]));
    for (formula, wanted) in [("sum", 8.0), ("count", 3.0), ("last", 7.0)] {
        let meter = meter(&api, formula);
        // Of two events of one time the one that comes later is the last.
        for (at, value) in [(-100, "3"), (-60, "-2"), (-60, "7")] {
            event(&api, &who, value, &[("timestamp", &(NOW + at).to_string())]).ok();
        }
        event(&api, &other, "9", &[]).ok();
        assert_eq!(used(&api, &meter, &who), Some(wanted), "{formula}");
        api.post(&format!("/v1/billing/meters/{meter}/deactivate"), &[]).ok();
    }
}

#[test]
fn windows_are_whole_hours_or_days_and_rows_are_paged() {
    let api = still("sum-windows");
    let meter = meter(&api, "sum");
    let who = customer(&api, &[]);
    for (hours, value) in [(-50, "1"), (-3, "2"), (-3, "4"), (-1, "8")] {
        event(&api, &who, value, &[("timestamp", &(NOW + hours * 3600 + 5).to_string())]).ok();
    }
    let path = format!("/v1/billing/meters/{meter}/event_summaries");
    // Both are the beginning of a day.
    let (start, end) = ((NOW - 8 * 3600 - 4 * 86_400).to_string(), (NOW + 16 * 3600).to_string());
    let span = [("customer", who.as_str()), ("start_time", &start), ("end_time", &end)];
    let values = |page: &Value| -> Vec<(i64, f64)> {
        let row = |row: &Value| (int(row, "start_time") - NOW, row["aggregated_value"].as_f64().unwrap());
        rows(page).iter().map(row).collect()
    };
    let hours = api.get(&path, &with(&span, &[("value_grouping_window", "hour")])).ok();
    assert_eq!(values(&hours), [(-3600, 8.0), (-3 * 3600, 6.0), (-50 * 3600, 1.0)]);
    let days = api.get(&path, &with(&span, &[("value_grouping_window", "day")])).ok();
    assert_eq!(values(&days), [(-8 * 3600, 14.0), (-56 * 3600, 1.0)]);
    assert_eq!(int(&rows(&days)[0], "end_time") - int(&rows(&days)[0], "start_time"), 86_400);
    assert_eq!(
        (text(&rows(&days)[0], "meter"), text(&rows(&days)[0], "object")),
        (&*meter, "billing.meter_event_summary")
    );
    let all = ids(&hours);
    let page = |more: &[(&str, &str)]| {
        let page = api.get(&path, &with(&with(&span, &[("value_grouping_window", "hour")]), more)).ok();
        (ids(&page), page["has_more"] == true)
    };
    assert_eq!(page(&[("limit", "2")]), (all[..2].to_vec(), true));
    assert_eq!(page(&[("limit", "2"), ("starting_after", &all[1])]), (all[2..].to_vec(), false));
    assert_eq!(page(&[("limit", "1"), ("ending_before", &all[2])]), (all[1..2].to_vec(), true));
    let none = with(&span, &[("starting_after", "mtrusg_test_none")]);
    invalid(api.get(&path, &none), 400, Some("resource_missing"), Some("starting_after"));
}

#[test]
fn the_bounds_of_a_summary_lie_on_the_boundaries_of_its_windows() {
    let api = still("sum-bounds");
    let path = format!("/v1/billing/meters/{}/event_summaries", meter(&api, "sum"));
    let who = customer(&api, &[]);
    let asked = |start: i64, end: i64, more: &[(&str, &str)]| {
        let (start, end) = (start.to_string(), end.to_string());
        api.get(&path, &with(&[("customer", &who), ("start_time", &start), ("end_time", &end)], more))
    };
    let unaligned = |answer, param: &str, unit: &str| {
        let error = invalid(answer, 400, None, Some(param));
        assert_eq!(text(&error, "message"), format!("The `{param}` must be aligned with {unit} boundaries (UTC)."));
    };
    unaligned(asked(NOW + 1, NOW + 60, &[]), "start_time", "minute");
    unaligned(asked(NOW, NOW + 61, &[]), "end_time", "minute");
    unaligned(asked(NOW + 60, NOW + 3600, &[("value_grouping_window", "hour")]), "start_time", "hour");
    unaligned(asked(NOW, NOW + 86_400, &[("value_grouping_window", "day")]), "start_time", "day");
    invalid(asked(NOW, NOW, &[]), 400, Some("parameter_invalid_integer"), Some("end_time"));
    invalid(asked(-60, NOW, &[]), 400, Some("parameter_invalid_integer"), Some("start_time"));
    asked(0, i64::MAX / 60 * 60, &[]).ok();
    let unknown = [("customer", "cus_none"), ("start_time", "0"), ("end_time", "60")];
    missing(api.get(&path, &unknown), 400, "customer", "cus_none", "customer");
    missing(api.get("/v1/billing/meters/mtr_none/event_summaries", &unknown), 404, "meter", "mtr_none", "id");
}

fn roll(dice: &mut Dice, below: usize) -> i64 {
    i64::try_from(dice.roll(below)).unwrap()
}

#[test]
fn the_running_totals_are_what_the_events_add_up_to() {
    for formula in ["sum", "count", "last"] {
        let api = still(&format!("sum-property-{formula}"));
        let meter = meter(&api, formula);
        let who = customer(&api, &[]);
        let mut dice = Dice(7);
        // Time, value, identifier.
        let mut kept: Vec<(i64, i64, String)> = Vec::new();
        for n in 0..150 {
            let at = NOW - roll(&mut dice, 3 * 3600);
            let value = roll(&mut dice, 100) - 20;
            let name = format!("{formula}-{n}");
            let more = [("timestamp", at.to_string()), ("identifier", name.clone())];
            let more: Vec<(&str, &str)> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
            event(&api, &who, &value.to_string(), &more).ok();
            kept.push((at, value, name));
            if dice.roll(4) == 0 {
                let (_, _, name) = kept.remove(dice.roll(kept.len()));
                let params = [("event_name", "calls"), ("type", "cancel"), ("cancel[identifier]", &name)];
                api.post("/v1/billing/meter_event_adjustments", &params).ok();
            }
        }
        for _ in 0..30 {
            let start = NOW - 60 * roll(&mut dice, 200);
            let end = start + 60 * (1 + roll(&mut dice, 120));
            let inside: Vec<&(i64, i64, String)> =
                kept.iter().filter(|event| (start..end).contains(&event.0)).collect();
            let wanted = match formula {
                "sum" => inside.iter().map(|event| event.1).sum(),
                "count" => i64::try_from(inside.len()).unwrap(),
                _ => inside.iter().max_by_key(|event| event.0).map_or(0, |event| event.1),
            };
            let found = usage(&api, &meter, &who, start, end);
            assert_eq!(found, (!inside.is_empty()).then_some(wanted as f64), "{formula}: {start}..{end}");
        }
    }
}
