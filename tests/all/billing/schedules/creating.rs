//! Creating schedules (billing 5.3, billing-2 11.4, 13.7).

use serde_json::{Value, json};

use super::{DAY, PATH, invoices, managed, schedule, the_schedule, two_weeks};
use crate::billing::invoices::{event_count, events_since, payer};
use crate::billing::subscriptions::{price, subscribe};
use crate::support::client::sandbox;
use crate::support::flows::{customer, id, int, invalid, missing, rows, says, text, with};

#[test]
fn a_schedule_that_begins_now_has_a_subscription_with_a_draft() {
    let api = sandbox("sched-now");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let before = event_count(&api);
    let made = schedule(&api, &customer, &[("start_date", "now"), ("phases[0][items][0][price]", &price)]).ok();
    assert_eq!((text(&made, "status"), text(&made, "end_behavior")), ("active", "release"));
    let phase = &made["phases"][0];
    let span = json!({"start_date": phase["start_date"], "end_date": phase["end_date"]});
    assert_eq!((&made["current_phase"], int(phase, "start_date")), (&span, int(&made, "created")));
    let subscription = managed(&api, &made);
    assert_eq!((&subscription["schedule"], text(&subscription, "status")), (&made["id"], "active"));
    let [invoice] = &invoices(&api, &made)[..] else { panic!("not one invoice") };
    let shown = ["status", "auto_advance", "billing_reason", "total", "automatically_finalizes_at"];
    let expected = json!(["draft", true, "subscription_create", 1000, int(invoice, "created") + 3601]);
    assert_eq!(json!(shown.map(|key| &invoice[key])), expected);
    let told =
        ["customer.updated", "customer.subscription.created", "invoice.created", "subscription_schedule.created"];
    assert_eq!(events_since(&api, before), told);
    let created = rows(&api.get("/v1/events", &[("type", "customer.subscription.created")]).ok())[0].clone();
    assert_eq!(created["data"]["object"]["schedule"], made["id"]);
    api.advance(3601);
    assert_eq!(text(&invoices(&api, &made)[0], "status"), "paid");
}

#[test]
fn a_fresh_schedule_shows_every_member() {
    let api = sandbox("sched-shape");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let made = schedule(&api, &customer, &[("phases[0][items][0][price]", &price)]).ok();
    let settings = json!({
        "application_fee_percent": null,
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null},
        "billing_cycle_anchor": "automatic", "billing_thresholds": null,
        "collection_method": "charge_automatically", "default_payment_method": null, "description": null,
        "invoice_settings": {"account_tax_ids": null, "custom_fields": null, "days_until_due": null,
            "description": null, "footer": null, "issuer": {"type": "self"}},
        "on_behalf_of": null, "transfer_data": null,
    });
    assert_eq!(made["default_settings"], settings);
    let mode = json!({"flexible": {"proration_discounts": "included"}, "type": "flexible"});
    assert_eq!((&made["billing_mode"], &made["pause_schedules"]), (&mode, &json!([])));
    for null in ["application", "canceled_at", "completed_at", "released_at", "released_subscription", "test_clock"] {
        assert_eq!(made[null], Value::Null, "{null}");
    }
    let phase = made["phases"][0].as_object().unwrap();
    let item = json!([{"billing_thresholds": null, "discounts": [], "metadata": {}, "plan": price, "price": price,
        "quantity": 1, "tax_rates": []}]);
    assert_eq!(phase["items"], item);
    for (key, value) in [
        ("add_invoice_items", json!([])),
        ("application_fee_percent", json!(null)),
        ("billing_cycle_anchor", json!(null)),
        ("collection_method", json!(null)),
        ("currency", json!("usd")),
        ("default_payment_method", json!(null)),
        ("default_tax_rates", json!([])),
        ("description", json!(null)),
        ("discounts", json!([])),
        ("invoice_settings", json!(null)),
        ("metadata", json!({})),
        ("on_behalf_of", json!(null)),
        ("proration_behavior", json!("create_prorations")),
        ("transfer_data", json!(null)),
        ("trial_end", json!(null)),
    ] {
        assert_eq!(phase[key], value, "{key}");
    }
    assert!(!phase.contains_key("iterations") && !phase.contains_key("duration"), "{phase:?}");
    let classic = api.version("2024-06-20");
    let made = schedule(&classic, &customer, &[("phases[0][items][0][price]", &price)]).ok();
    assert_eq!(managed(&api, &made)["billing_mode"], json!({"flexible": null, "type": "classic"}));
}

#[test]
fn a_schedule_that_begins_later_waits() {
    let api = sandbox("sched-later");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let clock = int(&api.get(&format!("/v1/prices/{price}"), &[]).ok(), "created");
    let start = (clock + 3 * DAY).to_string();
    let since = event_count(&api);
    let made = schedule(&api, &customer, &[("start_date", &start), ("phases[0][items][0][price]", &price)]).ok();
    let shown = ["status", "current_phase", "subscription"].map(|key| &made[key]);
    assert_eq!(json!(shown), json!(["not_started", null, null]));
    assert_eq!(events_since(&api, since), ["subscription_schedule.created"]);
    let since = event_count(&api);
    api.advance(3 * DAY + 60);
    let begun = the_schedule(&api, &made);
    assert_eq!(text(&begun, "status"), "active");
    assert_eq!(int(&managed(&api, &begun), "start_date"), clock + 3 * DAY);
    let told = events_since(&api, since);
    let expected =
        ["customer.updated", "customer.subscription.created", "invoice.created", "subscription_schedule.updated"];
    assert_eq!(told[..4], expected);
}

#[test]
fn a_start_in_the_past_backdates_the_subscription() {
    let api = sandbox("sched-past");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let now = int(&api.get(&format!("/v1/prices/{price}"), &[]).ok(), "created");
    let start = (now - 5 * DAY).to_string();
    let params = [("start_date", &*start), ("phases[0][items][0][price]", &price)];
    let made = schedule(&api, &customer, &params).ok();
    let subscription = managed(&api, &made);
    assert_eq!((text(&made, "status"), int(&subscription, "start_date")), ("active", now - 5 * DAY));
    assert_eq!(int(&made["current_phase"], "start_date"), now - 5 * DAY);
    let over = (now - 70 * DAY).to_string();
    let params = [("start_date", &*over), ("phases[0][items][0][price]", &price)];
    let refused = schedule(&api, &customer, &params);
    let refused = invalid(refused, 400, None, Some("phases[0][end_date]"));
    assert_eq!(text(&refused, "message"), "The first phase of a subscription schedule must end in the future.");
}

#[test]
fn a_phase_lasts_as_it_says() {
    let api = sandbox("sched-ends");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let old = api.version("2024-06-20");
    let now = int(&api.get(&format!("/v1/prices/{price}"), &[]).ok(), "created");
    let end = (now + 10 * DAY).to_string();
    let item = [("phases[0][items][0][price]", &*price), ("phases[0][items][0][quantity]", "2")];
    for (api, ends, days) in [
        (&api, &[][..], 7),
        (&old, &[("phases[0][iterations]", "3")], 21),
        (&api, &[("phases[0][duration][interval]", "week"), ("phases[0][duration][interval_count]", "2")], 14),
        (&api, &[("phases[0][duration][interval]", "day")], 1),
    ] {
        let made = schedule(api, &customer, &with(&item, ends)).ok();
        assert_eq!(int(&made["phases"][0], "end_date") - int(&made, "created"), days * DAY, "{ends:?}");
    }
    let made = schedule(&api, &customer, &with(&item, &[("phases[0][end_date]", &end)])).ok();
    assert_eq!(int(&made["phases"][0], "end_date"), now + 10 * DAY);
    let second = [("phases[1][items][0][price]", &*price), ("phases[1][metadata][tier]", "two")];
    let two = with(&item, &second);
    let made = schedule(&api, &customer, &two).ok();
    assert_eq!(made["phases"][0]["end_date"], made["phases"][1]["start_date"]);
}

#[test]
fn phases_that_cannot_be_are_refused_and_change_nothing() {
    let api = sandbox("sched-refused");
    let (customer, weekly) = (payer(&api), price(&api, "1000", "week", &[]));
    let monthly = price(&api, "1000", "month", &[]);
    let once = [("currency", "usd"), ("unit_amount", "5"), ("product_data[name]", "Mug")];
    let once = id(&api.post("/v1/prices", &once).ok());
    let before = event_count(&api);
    let item = ("phases[0][items][0][price]", &*weekly);
    let refused = |params: &[(&str, &str)], param: &str| {
        text(&invalid(schedule(&api, &customer, params), 400, None, Some(param)), "message").to_owned()
    };
    invalid(api.post(PATH, &[item]), 400, Some("parameter_missing"), Some("customer"));
    invalid(schedule(&api, &customer, &[]), 400, Some("parameter_missing"), Some("phases"));
    missing(schedule(&api, "cus_none", &[item]), 404, "customer", "cus_none", "customer");
    refused(&[("phases[0][items][0][price]", &once)], "phases[0][items][0][price]");
    refused(&[item, ("phases[0][items][1][price]", &monthly)], "phases[0][items]");
    refused(&[item, ("phases[0][items][1][price]", &weekly)], "plan");
    let empty = refused(&[item, ("phases[0][end_date]", "5")], "phases[0][end_date]");
    assert_eq!(empty, "The end date of a phase must be after its start date.");
    let nothing = [item, ("phases[0][duration][interval]", "day"), ("phases[0][duration][interval_count]", "0")];
    let param = Some("phases[0][duration][interval_count]");
    invalid(schedule(&api, &customer, &nothing), 400, Some("parameter_invalid_integer"), param);
    refused(
        &[item, ("phases[0][end_date]", "1990000000"), ("phases[0][duration][interval]", "day")],
        "phases[0][duration]",
    );
    refused(&[item, ("phases[0][trial]", "true"), ("phases[0][trial_end]", "1990000000")], "phases[0][trial]");
    let long = refused(&[item, ("phases[0][trial_end]", "1990000000")], "phases[0][trial_end]");
    assert_eq!(long, "The trial of a phase must end before the phase does.");
    let eleven: Vec<(String, &str)> = (0..11).map(|n| (format!("phases[{n}][items][0][price]"), &*weekly)).collect();
    let eleven: Vec<(&str, &str)> = eleven.iter().map(|(name, value)| (&**name, *value)).collect();
    refused(&eleven, "phases");
    schedule(&api, &customer, &[item, ("end_behavior", "renew")]).refused(501);
    assert_eq!(event_count(&api), before);
}

#[test]
fn a_schedule_takes_over_a_subscription() {
    let api = sandbox("sched-from");
    let (customer, price) = (payer(&api), price(&api, "1000", "month", &[]));
    let subscription = subscribe(&api, &customer, &price, &[("items[0][quantity]", "3")]).ok();
    let before = event_count(&api);
    let from = [("from_subscription", text(&subscription, "id")), ("metadata[team]", "north")];
    let made = api.post(PATH, &from).ok();
    assert_eq!(events_since(&api, before), ["subscription_schedule.created", "customer.subscription.updated"]);
    let shown = ["status", "subscription", "customer", "end_behavior"].map(|key| &made[key]);
    assert_eq!(json!(shown), json!(["active", subscription["id"], customer, "release"]));
    let (phase, item) = (&made["phases"][0], &rows(&subscription["items"])[0]);
    assert_eq!((&phase["items"][0]["price"], int(&phase["items"][0], "quantity")), (&json!(price), 3));
    let period = (&item["current_period_start"], &item["current_period_end"]);
    assert_eq!((&phase["start_date"], &phase["end_date"]), period);
    assert_eq!(managed(&api, &made)["schedule"], made["id"]);
    let second = api.post(PATH, &from[..1]);
    let sentence =
        format!("You cannot migrate a subscription that is already attached to a schedule: `{}`.", text(&made, "id"));
    says(second, 400, &sentence);
    for other in
        [("phases[0][items][0][price]", &*price), ("start_date", "now"), ("default_settings[description]", "a")]
    {
        invalid(api.post(PATH, &[from[0], other]), 400, None, Some("from_subscription"));
    }
    invalid(
        api.post(PATH, &[("from_subscription", "sub_none")]),
        400,
        Some("resource_missing"),
        Some("from_subscription"),
    );
    let ended = subscribe(&api, &customer, &price, &[]).ok();
    api.delete(&format!("/v1/subscriptions/{}", id(&ended))).ok();
    let refused = api.post(PATH, &[("from_subscription", text(&ended, "id"))]);
    says(refused, 400, "You cannot migrate a subscription that is in the `canceled` status.");
}

#[test]
fn the_list_knows_its_filters() {
    let api = sandbox("sched-list");
    let (now, _) = two_weeks(&api, &[]);
    let price = price(&api, "100", "week", &[]);
    let (other, start) = (customer(&api, &[]), "1990000000");
    let later = schedule(&api, &other, &[("start_date", start), ("phases[0][items][0][price]", &price)]).ok();
    let found = |params: &[(&str, &str)]| -> Vec<String> {
        rows(&api.get(PATH, params).ok()).iter().map(|one| text(one, "id").to_owned()).collect()
    };
    let (now_id, later_id) = (id(&now), id(&later));
    assert_eq!(found(&[]), [&*later_id, &now_id]);
    assert_eq!(found(&[("customer", &other)]), [&*later_id]);
    assert_eq!(found(&[("scheduled", "true")]), [&*later_id]);
    assert_eq!(found(&[("scheduled", "false")]), [&*now_id]);
    assert_eq!(found(&[("canceled_at[gte]", "1")]), [""; 0]);
    super::act(&api, &later, "cancel", &[]).ok();
    super::act(&api, &now, "release", &[]).ok();
    assert_eq!(found(&[("canceled_at[gte]", "1")]), [&*later_id]);
    assert_eq!(found(&[("released_at[gte]", "1")]), [&*now_id]);
    assert_eq!(found(&[("completed_at[gte]", "1")]), [""; 0]);
    assert_eq!(found(&[("created[gte]", "1")]), [&*later_id, &now_id]);
}
