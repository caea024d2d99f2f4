//! Anchors and backdating (billing 2.9, billing-2 4.4).

use serde_json::json;

use super::{DAY, billed, latest, lines, price, subscribe};
use crate::billing::invoices::payer;
use crate::support::client::sandbox;
use crate::support::flows::{int, rows, text, the_customer};

#[test]
fn until_a_later_anchor_a_part_is_billed_or_nothing() {
    let api = sandbox("sub-anchor");
    let (customer, price) = (payer(&api), price(&api, "1000", "week", &[]));
    let now = int(&the_customer(&api, &customer), "created");
    let anchor = (now + 5 * DAY).to_string();
    let part = subscribe(&api, &customer, &price, &[("billing_cycle_anchor", &anchor)]).ok();
    let invoice = latest(&api, &part);
    // About five of seven days.
    assert!((int(&invoice, "total") - 714).abs() <= 1, "{invoice}");
    assert!(text(&lines(&invoice)[0], "description").starts_with("Remaining time on Gold after "));
    assert_eq!(lines(&invoice)[0]["parent"]["subscription_item_details"]["proration"], true);
    assert_eq!(int(&rows(&part["items"])[0], "current_period_end"), now + 5 * DAY);
    let none = [("billing_cycle_anchor", anchor.as_str()), ("proration_behavior", "none")];
    let none = subscribe(&api, &customer, &price, &none).ok();
    assert_eq!((text(&none, "status"), &none["latest_invoice"]), ("active", &json!(null)));
    api.advance(5 * DAY + 60);
    let invoice = latest(&api, &super::the_subscription(&api, &none));
    assert_eq!(billed(&invoice), [("1 \u{d7} Gold (at $10.00 / week)", 1000)]);
}

#[test]
fn an_anchor_may_be_a_day_of_the_month() {
    let api = sandbox("sub-anchor-day");
    let (customer, price) = (payer(&api), price(&api, "100000", "month", &[]));
    let on = [("billing_cycle_anchor_config[day_of_month]", "31"), ("billing_cycle_anchor_config[hour]", "12")];
    let made = subscribe(&api, &customer, &price, &on).ok();
    let anchor = int(&made, "billing_cycle_anchor");
    assert_eq!(anchor.rem_euclid(DAY), DAY / 2);
    assert!(anchor > int(&made, "created") && anchor <= int(&made, "created") + 32 * DAY);
    let shown = json!({"day_of_month": 31, "hour": 12, "minute": null, "month": null, "second": null});
    assert_eq!(made["billing_cycle_anchor_config"], shown);
}

#[test]
fn what_began_before_is_billed_from_there() {
    let api = sandbox("sub-backdate");
    let (customer, price) = (payer(&api), price(&api, "700", "week", &[]));
    let now = int(&the_customer(&api, &customer), "created");
    let start = (now - 16 * DAY).to_string();
    let made = subscribe(&api, &customer, &price, &[("backdate_start_date", &start)]).ok();
    assert_eq!((int(&made, "start_date"), int(&made, "billing_cycle_anchor")), (now - 16 * DAY, now - 16 * DAY));
    let week = "1 \u{d7} Gold (at $7.00 / week)";
    assert_eq!(billed(&latest(&api, &made)), [(week, 700), (week, 700), (week, 700)]);
    assert_eq!(int(&rows(&made["items"])[0], "current_period_start"), now - 2 * DAY);
    let classic = [("backdate_start_date", start.as_str()), ("billing_mode[type]", "classic")];
    let classic = subscribe(&api, &customer, &price, &classic).ok();
    let invoice = latest(&api, &classic);
    assert_eq!((lines(&invoice).len(), lines(&invoice)[1]["amount"].as_i64()), (2, Some(700)));
    assert!((int(&lines(&invoice)[0], "amount") - 1600).abs() <= 1);
    let none = [("backdate_start_date", start.as_str()), ("proration_behavior", "none")];
    assert_eq!(subscribe(&api, &customer, &price, &none).ok()["latest_invoice"], json!(null));
}
