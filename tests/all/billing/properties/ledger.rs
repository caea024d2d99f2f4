//! The ledger adds up: what invoices, their payments, charges, balances and the account's balance say of the same money agrees
//! (billing 3.2, 3.3, billing-2 3.7).

use std::collections::BTreeMap;

use serde_json::Value;

use super::world::{DAY, World, server};
use super::{hold, steps};
use crate::support::flows::{id, int, rows, text};

/// The sum of a key over some objects.
fn sum<'v>(all: impl IntoIterator<Item = &'v Value>, key: &str) -> i64 {
    all.into_iter().map(|one| int(one, key)).sum()
}

/// The balance of the account is the sum of its transactions.
fn balance(world: &World) {
    let ledger = world.list("/v1/balance_transactions");
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in &ledger {
        assert_eq!(int(row, "net"), int(row, "amount") - int(row, "fee"), "{row}");
        *sums.entry((text(row, "currency").to_owned(), text(row, "status").to_owned())).or_default() += int(row, "net");
    }
    let balance = world.get("/v1/balance");
    for side in ["available", "pending"] {
        for amount in balance[side].as_array().unwrap() {
            let of = (text(amount, "currency").to_owned(), side.to_owned());
            assert_eq!(int(amount, "amount"), sums.remove(&of).unwrap_or(0), "{of:?}");
        }
    }
    sums.retain(|_, sum| *sum != 0);
    assert!(sums.is_empty(), "the balance lacks {sums:?}");
    let of = |source: &Value| ledger.iter().filter(|row| row["source"] == source["id"]).collect::<Vec<_>>();
    for charge in world.list("/v1/charges") {
        let captured = charge["status"] == "succeeded" && charge["captured"] == true;
        let taken = if captured { int(&charge, "amount_captured") } else { 0 };
        assert_eq!(sum(of(&charge), "amount"), taken, "{charge}");
    }
    // What was never captured moves nothing when it is let go.
    for refund in world.list("/v1/refunds").iter().filter(|it| it["reason"] != "expired_uncaptured_charge") {
        assert_eq!(sum(of(refund), "amount"), -int(refund, "amount"), "{refund}");
    }
}

/// The lines of an invoice, however many.
fn lines(world: &World, invoice: &Value) -> Vec<Value> {
    match invoice["lines"]["has_more"] == true {
        true => world.list(&format!("/v1/invoices/{}/lines", id(invoice))),
        false => rows(&invoice["lines"]).to_vec(),
    }
}

/// The amounts of an invoice follow from its lines, discounts and taxes, and what is paid is what was charged for it.
fn invoice(world: &World, invoice: &Value) {
    let list = |key: &str| invoice[key].as_array().unwrap();
    let lines = lines(world, invoice);
    // The subtotal is after the discounts of the lines themselves.
    let own = |line: &Value| -> i64 {
        let is_own = |one: &&Value| line["discounts"].as_array().unwrap().contains(&one["discount"]);
        sum(line["discount_amounts"].as_array().unwrap().iter().filter(is_own), "amount")
    };
    let own: i64 = lines.iter().map(own).sum();
    assert_eq!(int(invoice, "subtotal"), sum(&lines, "amount") - own, "{invoice}");
    let off = sum(list("total_discount_amounts"), "amount");
    let of_lines = lines.iter().flat_map(|line| line["discount_amounts"].as_array().unwrap());
    assert_eq!(off, sum(of_lines, "amount"), "{invoice}");
    let added = |tax: &&Value| tax["tax_behavior"] == "exclusive";
    let tax = sum(list("total_taxes").iter().filter(added), "amount");
    let total = int(invoice, "total");
    assert_eq!(total, int(invoice, "subtotal") - (off - own) + tax, "{invoice}");
    let (due, paid, left) = (int(invoice, "amount_due"), int(invoice, "amount_paid"), int(invoice, "amount_remaining"));
    let credited = int(invoice, "pre_payment_credit_notes_amount");
    assert_eq!(due - paid, left, "{invoice}");
    let status = text(invoice, "status");
    if let (Some(end), false) = (invoice["ending_balance"].as_i64(), status == "draft") {
        let applied = end - int(invoice, "starting_balance");
        // A total below zero goes to the balance; one too small to charge, too; otherwise the balance pays a part.
        assert!(total - credited - due == applied || credited > 0 || status == "void", "{invoice}");
    }
    let payments = world.list(&format!("/v1/invoice_payments?invoice={}", id(invoice)));
    let took: Vec<&Value> = payments.iter().filter(|payment| payment["status"] == "paid").collect();
    let mut charged = 0;
    for payment in &took {
        assert_eq!(payment["payment"]["type"], "payment_intent", "{payment}");
        let intent = world.get(&format!("/v1/payment_intents/{}", text(&payment["payment"], "payment_intent")));
        assert_eq!(int(&intent, "amount_received"), int(payment, "amount_paid"), "{payment} {intent}");
        let charge = world.get(&format!("/v1/charges/{}", text(&intent, "latest_charge")));
        assert_eq!((int(&charge, "amount"), &charge["paid"]), (int(payment, "amount_paid"), &true.into()), "{charge}");
        charged += int(payment, "amount_paid");
    }
    let by_hand = status == "paid" && took.is_empty() && paid > 0;
    assert!(paid == charged || by_hand, "{charged} were charged for {invoice}");
    match status {
        "paid" => assert_eq!(left, 0, "{invoice}"),
        "draft" => assert_eq!((paid, payments.len()), (0, 0), "{invoice}"),
        "open" => assert!(left > 0, "{invoice}"),
        "void" | "uncollectible" => {}
        other => panic!("{other}"),
    }
}

/// No charge of an intent that an invoice made is for nothing.
fn charges(world: &World) {
    let paid: Vec<String> = world
        .list("/v1/invoice_payments")
        .iter()
        .filter(|payment| payment["status"] == "paid")
        .map(|payment| text(&payment["payment"], "payment_intent").to_owned())
        .collect();
    for intent in world.list("/v1/payment_intents") {
        let is_of_invoice = text(&intent, "currency") == "usd";
        if is_of_invoice && intent["status"] == "succeeded" {
            assert!(paid.contains(&id(&intent)), "{intent} pays nothing");
        }
    }
}

/// A customer's balance is the sum of what changed it, each time from where it was.
fn customer(world: &World, customer: &str) {
    let shown = world.get(&format!("/v1/customers/{customer}"));
    let mut changes = world.list(&format!("/v1/customers/{customer}/balance_transactions"));
    changes.reverse();
    let mut balance = 0;
    for change in &changes {
        balance += int(change, "amount");
        assert_eq!(int(change, "ending_balance"), balance, "{change}");
    }
    assert_eq!(int(&shown, "balance"), balance, "{shown}");
    let of = |invoice: &Value| {
        let at_finalization = ["applied_to_invoice", "invoice_too_small"];
        let is_its =
            |change: &&Value| change["invoice"] == invoice["id"] && at_finalization.contains(&text(change, "type"));
        sum(changes.iter().filter(is_its), "amount")
    };
    for invoice in world.list(&format!("/v1/invoices?customer={customer}")) {
        if let (Some(end), false) = (invoice["ending_balance"].as_i64(), invoice["status"] == "draft") {
            assert_eq!(of(&invoice), end - int(&invoice, "starting_balance"), "{invoice}");
        }
    }
}

fn adds_up(world: &World) {
    balance(world);
    world.list("/v1/invoices").iter().for_each(|one| invoice(world, one));
    charges(world);
    world.customers.iter().for_each(|one| customer(world, one));
}

#[test]
fn the_ledger_adds_up() {
    let api = server("ledger");
    hold(64, steps::ALL, (40, 240), |script| {
        let mut world = World::begin(&api);
        for (n, step) in script.iter().enumerate() {
            step.take(&mut world);
            if n % 8 == 7 {
                adds_up(&world);
            }
        }
        world.pass(60 * DAY);
        adds_up(&world);
    });
}
