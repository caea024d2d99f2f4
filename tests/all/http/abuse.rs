//! Bad input, many at once: nothing fails, nothing hangs, and what was refused has changed nothing.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use pinstripe::catalogue::{self, Method};

use crate::support::client::{Client, sandbox};
use crate::support::dice::{Dice, params, target};

/// How many objects a list has in all.
fn count(client: &Client, path: &str) -> usize {
    let mut total = 0;
    let mut last: Option<String> = None;
    loop {
        let mut params = vec![("limit", "100")];
        if let Some(last) = &last {
            params.push(("starting_after", last));
        }
        let page = client.get(path, &params).ok();
        let rows = page["data"].as_array().unwrap();
        total += rows.len();
        if page["has_more"] == false {
            return total;
        }
        last = rows.last().map(|row| row["id"].as_str().unwrap().to_owned());
    }
}

#[test]
fn ten_thousand_random_requests_never_fail_the_server_and_refusals_change_nothing() {
    let seed = 0x5eed_0001;
    let mut dice = Dice(seed);
    let client = sandbox("abuse");
    let operations: Vec<_> = catalogue::operations().iter().filter(|o| o.path.starts_with("/v1/")).collect();
    let (built, rest): (Vec<_>, Vec<_>) =
        operations.into_iter().partition(|operation| pinstripe::resources::behaviour(operation).is_some());
    let mut ids: Vec<String> = Vec::new();
    let (mut customers, mut charges) = (0, 0);
    for round in 0..10_000 {
        // Three of four go where there is behaviour.
        let pool = if dice.roll(4) > 0 { &built } else { &rest };
        let operation = pool[dice.roll(pool.len())];
        let params = params(&mut dice, operation.params, &ids);
        let params: Vec<(&str, &str)> = params.iter().map(|(name, value)| (&**name, &**value)).collect();
        let path = target(&mut dice, operation.path, &ids);
        let answer = match operation.method {
            Method::Get => client.get(&path, &params),
            Method::Post => client.post(&path, &params),
            Method::Delete => client.send("DELETE", &path, None),
        };
        let known = [200, 400, 402, 403, 404, 501];
        assert!(known.contains(&answer.status), "seed {seed:#x}, round {round}: {} {path} {params:?}", operation.name);
        let made = answer.status == 200 && operation.method == Method::Post;
        if made
            && ids.len() < 500
            && let Some(id) = answer.body["id"].as_str()
        {
            ids.push(id.to_owned());
        }
        match operation.name {
            "customers.create" if answer.status == 200 => customers += 1,
            "customers.delete" if answer.status == 200 && answer.body["deleted"] == true => customers -= 1,
            _ => {}
        }
        if answer.status == 402 && answer.body["error"].get("charge").is_some() {
            charges += 1;
        }
        if made && answer.body["object"] == "charge" && operation.name == "charges.create" {
            charges += 1;
        }
        let paid = ["succeeded", "requires_capture"].iter().any(|status| answer.body["status"] == *status);
        let pays = ["payment_intents.create", "payment_intents.confirm"].contains(&operation.name);
        if made && pays && paid {
            charges += 1;
        }
    }
    assert_eq!(count(&client, "/v1/customers"), customers);
    assert_eq!(count(&client, "/v1/charges"), charges);
}

#[test]
fn of_64_parallel_charges_of_a_single_use_source_exactly_one_succeeds_and_nothing_else_changed() {
    let client = sandbox("abuse-single-use");
    let source = client
        .post(
            "/v1/sources",
            &[
                ("type", "card"),
                ("token", "tok_visa"),
                ("usage", "single_use"),
                ("amount", "1099"),
                ("currency", "usd"),
            ],
        )
        .ok();
    let id = source["id"].as_str().unwrap();
    let (paid, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let together = Barrier::new(64);
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                together.wait();
                let params = [("amount", "1099"), ("currency", "usd"), ("source", id)];
                match client.post("/v1/charges", &params).status {
                    200 => paid.fetch_add(1, Ordering::Relaxed),
                    400 => refused.fetch_add(1, Ordering::Relaxed),
                    other => panic!("a parallel charge answered {other}"),
                };
            });
        }
    });
    assert_eq!((paid.into_inner(), refused.into_inner()), (1, 63));
    assert_eq!(count(&client, "/v1/charges"), 1);
    assert_eq!(count(&client, "/v1/balance_transactions"), 1);
    assert_eq!(client.get(&format!("/v1/sources/{id}"), &[]).ok()["status"], "consumed");
}

#[test]
fn sandboxes_do_not_see_each_other() {
    let (one, other) = (sandbox("abuse-one"), sandbox("abuse-other"));
    let id = one.post("/v1/customers", &[]).ok()["id"].as_str().unwrap().to_owned();
    assert_eq!(other.get(&format!("/v1/customers/{id}"), &[]).refused(404)["code"], "resource_missing");
    assert_eq!(count(&other, "/v1/customers"), 0);
}
