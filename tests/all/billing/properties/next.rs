//! What a preview shows is what the next renewal bills (billing 3.8, billing-2 5.8).

use serde_json::{Value, json};

use super::world::{World, is_alive, period_end, server};
use super::{hold, steps};
use crate::support::flows::{id, int, rows, text};

/// What a preview and the invoice that follows have in common: all but ids, and what the customer's balance pays, which changes
/// meanwhile.
fn essence(invoice: &Value) -> Value {
    let line = |line: &Value| {
        let keys = ["amount", "description", "discountable", "period", "quantity", "discount_amounts", "taxes"];
        let mut shown: Vec<Value> = keys.map(|key| line[key].clone()).to_vec();
        // Each has discounts of its own.
        let off = shown[5].as_array().unwrap().iter().map(|one| one["amount"].clone()).collect();
        shown[5] = Value::Array(off);
        Value::Array(shown)
    };
    let keys = ["currency", "customer", "period_end", "period_start", "subtotal", "total"];
    let all = keys.map(|key| invoice[key].clone());
    json!([all, rows(&invoice["lines"]).iter().map(line).collect::<Vec<_>>()])
}

/// The subscription of an invoice.
fn of(invoice: &Value) -> &Value {
    &invoice["parent"]["subscription_details"]["subscription"]
}

/// What the next invoices of all subscriptions are said to be, as long as their customers have one that renews by then: two
/// would share the customer's pending items and balance.
fn shown(world: &World) -> Vec<(Value, Option<Value>)> {
    let all: Vec<Value> = world.list("/v1/subscriptions?status=all");
    let alive: Vec<&Value> = all.iter().filter(|one| is_alive(one)).collect();
    // What a schedule changes then is shown by a preview of the schedule only.
    let is_free = |one: &&&Value| one["schedule"].is_null();
    let alone = |one: &&&Value| alive.iter().filter(|other| other["customer"] == one["customer"]).count() == 1;
    let preview = |one: &&Value| {
        let answer = world.api.post("/v1/invoices/create_preview", &[("subscription", &id(one))]);
        match answer.status {
            200 => ((*one).clone(), Some(answer.body)),
            _ => {
                assert_eq!(answer.refused(404)["code"], "invoice_upcoming_none");
                ((*one).clone(), None)
            }
        }
    };
    // A draft uses up discounts of a single bill, and the customer's balance, when it is final.
    let drafts = world.list("/v1/invoices?status=draft");
    let is_final = |one: &&&Value| !drafts.iter().any(|draft| *of(draft) == one["id"]);
    // What is pending is billed between the periods: the renewal has less than a preview from before.
    let is_plain = |one: &&&Value| one["next_pending_invoice_item_invoice"].is_null();
    alive.iter().filter(alone).filter(is_free).filter(is_final).filter(is_plain).map(preview).collect()
}

/// Moves to the next end of a period, or of a subscription that is to end before, and compares what came with what was shown.
fn check(world: &mut World) {
    let all = shown(world);
    let next = |one: &Value| {
        let trial = one["trial_end"].as_i64().filter(|_| one["status"] == "trialing");
        [trial, one["cancel_at"].as_i64()].into_iter().flatten().fold(period_end(one), i64::min)
    };
    let Some(at) = all.iter().map(|(one, _)| next(one)).min().filter(|at| *at > world.now) else { return };
    world.pass(at - world.now);
    for (before, preview) in all.iter().filter(|(one, _)| next(one) == at) {
        let listed = world.list(&format!("/v1/invoices?subscription={}", id(before)));
        let reasons = ["subscription_cycle"];
        let came =
            listed.iter().find(|one| int(one, "created") == at && reasons.contains(&text(one, "billing_reason")));
        let now = world.get(&format!("/v1/subscriptions/{}", id(before)));
        match (preview, came) {
            (Some(preview), Some(came)) => {
                assert_eq!(of(came), &before["id"]);
                let [one, other] = [preview, came].map(|it| serde_json::to_string_pretty(&essence(it)).unwrap());
                assert!(one == other, "shown {one}\ncame {other}\nbefore {before:#}\ncame {came:#}");
                if preview["starting_balance"] == came["starting_balance"] {
                    assert_eq!(preview["amount_due"], came["amount_due"], "{preview:#}\n{came:#}");
                }
            }
            (None, None) => {}
            // One that is not paid may end before.
            (Some(_), None)
                if now["cancellation_details"]["reason"] == "payment_failed" && int(&now, "ended_at") < at => {}
            (Some(preview), None) => panic!("nothing came of {preview:#}\nbefore {before:#}\nnow {now:#}"),
            (None, Some(came)) => panic!("no preview of {came:#}\nbefore {before:#}"),
        }
    }
}

#[test]
fn the_next_invoice_is_the_one_that_was_shown() {
    let api = server("next");
    hold(64, steps::ALL, (24, 96), |script| {
        let mut world = World::begin(&api);
        for (n, step) in script.iter().enumerate() {
            step.take(&mut world);
            if n % 3 == 2 {
                check(&mut world);
            }
        }
        (0..4).for_each(|_| check(&mut world));
    });
}
