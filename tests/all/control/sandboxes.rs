//! Sandboxes as wholes: isolation, snapshots, forks and clocks, over the control API.

use std::thread;

use pinstripe::Config;
use serde_json::{Value, json};

use crate::support::client::{Answer, Client, raw, sandbox, start};
use crate::support::flows::{id, ids, int, rows, text};

/// A control call for the sandbox of this name.
fn control(user: &Client, method: &str, path: &str) -> Answer {
    raw(user.url(), method, &format!("/_pinstripe/{path}"), &[], None)
}

fn ok(user: &Client, method: &str, path: &str) -> Value {
    control(user, method, path).ok()
}

fn customers(user: &Client) -> Vec<String> {
    ids(&user.get("/v1/customers", &[]).ok())
}

fn create(user: &Client) -> String {
    id(&user.post("/v1/customers", &[("email", "jenny@example.com")]).ok())
}

#[test]
fn a_snapshot_is_returned_to() {
    let user = sandbox("snap-basic");
    let first = create(&user);
    let taken = ok(&user, "POST", "snapshots/before?sandbox=snap-basic");
    assert_eq!((text(&taken, "sandbox"), text(&taken, "snapshot")), ("snap-basic", "before"));
    user.post(&format!("/v1/customers/{first}"), &[("name", "Changed")]).ok();
    create(&user);
    user.delete(&format!("/v1/customers/{first}")).ok();
    ok(&user, "POST", "snapshots/before/restore?sandbox=snap-basic");
    assert_eq!(customers(&user), std::slice::from_ref(&first));
    let customer = user.get(&format!("/v1/customers/{first}"), &[]).ok();
    assert_eq!(customer["name"], Value::Null);
    // It can be returned to again and again.
    user.delete(&format!("/v1/customers/{first}")).ok();
    ok(&user, "POST", "snapshots/before/restore?sandbox=snap-basic");
    assert_eq!(customers(&user), [first]);
}

#[test]
fn a_snapshot_holds_idempotency_keys_and_the_clock() {
    let user = sandbox("snap-keys");
    ok(&user, "POST", "clock?sandbox=snap-keys&freeze=1800000000");
    let once = user.with("Idempotency-Key", "early");
    let early = once.post("/v1/customers", &[]).ok();
    ok(&user, "POST", "snapshots/s?sandbox=snap-keys");
    ok(&user, "POST", "clock?sandbox=snap-keys&advance=100");
    let late = user.with("Idempotency-Key", "late").post("/v1/customers", &[]).ok();
    assert_eq!(late["created"], 1_800_000_100);
    ok(&user, "POST", "snapshots/s/restore?sandbox=snap-keys");
    let replayed = once.post("/v1/customers", &[]);
    assert_eq!(replayed.header("idempotent-replayed"), Some("true"));
    assert_eq!(replayed.ok()["id"], early["id"]);
    let again = user.with("Idempotency-Key", "late").post("/v1/customers", &[]);
    assert_eq!(again.header("idempotent-replayed"), None, "the key was first used after the snapshot");
    assert_eq!(again.ok()["created"], 1_800_000_000);
}

#[test]
fn snapshots_are_listed_and_forgotten() {
    let user = sandbox("snap-list");
    for name in ["b", "a"] {
        ok(&user, "POST", &format!("snapshots/{name}?sandbox=snap-list"));
    }
    assert_eq!(ok(&user, "GET", "snapshots?sandbox=snap-list")["snapshots"], json!(["a", "b"]));
    ok(&user, "DELETE", "snapshots/a?sandbox=snap-list");
    assert_eq!(ok(&user, "GET", "snapshots?sandbox=snap-list")["snapshots"], json!(["b"]));
    control(&user, "DELETE", "snapshots/a?sandbox=snap-list").refused(404);
    control(&user, "POST", "snapshots/a/restore?sandbox=snap-list").refused(404);
    let long = "x".repeat(101);
    control(&user, "POST", &format!("snapshots/{long}?sandbox=snap-list")).refused(400);
}

#[test]
fn snapshots_of_one_sandbox_are_not_those_of_another() {
    let user = sandbox("snap-mine");
    ok(&user, "POST", "snapshots/mine?sandbox=snap-mine");
    control(&user, "POST", "snapshots/mine/restore?sandbox=snap-other").refused(404);
}

#[test]
fn a_fork_goes_its_own_way() {
    let user = sandbox("fork-from");
    let shared = create(&user);
    let told = ok(&user, "POST", "fork?sandbox=fork-from&into=fork-to");
    assert_eq!(text(&told, "sandbox"), "fork-to");
    let fork = sandbox("fork-to");
    assert_eq!(customers(&fork), std::slice::from_ref(&shared));
    let own = create(&fork);
    assert_eq!(customers(&user), std::slice::from_ref(&shared));
    assert_eq!(customers(&fork), [own, shared.clone()]);
    // A second fork takes the place of the first.
    ok(&user, "POST", "fork?sandbox=fork-from&into=fork-to");
    assert_eq!(customers(&fork), [shared]);
}

#[test]
fn a_fork_into_nothing_the_default_or_itself_is_refused() {
    let user = sandbox("fork-wrong");
    for into in ["", "&into=a_b", "&into=default", "&into=fork-wrong"] {
        control(&user, "POST", &format!("fork?sandbox=fork-wrong{into}")).refused(400);
    }
}

#[test]
fn a_forgotten_sandbox_begins_anew() {
    let user = sandbox("forgotten");
    create(&user);
    let names = |list: &Value| -> Vec<String> {
        list["sandboxes"].as_array().unwrap().iter().map(|row| text(row, "sandbox").to_owned()).collect()
    };
    let listed = names(&ok(&user, "GET", "sandboxes"));
    assert_eq!(listed[0], "default");
    assert!(listed.contains(&"forgotten".to_owned()));
    ok(&user, "DELETE", "sandboxes/forgotten");
    assert!(!names(&ok(&user, "GET", "sandboxes")).contains(&"forgotten".to_owned()));
    control(&user, "DELETE", "sandboxes/forgotten").refused(404);
    control(&user, "DELETE", "sandboxes/default").refused(400);
    assert!(customers(&user).is_empty());
}

#[test]
fn a_frozen_clock_stands_until_it_is_moved() {
    let user = sandbox("clock-frozen");
    let set = ok(&user, "POST", "clock?sandbox=clock-frozen&freeze=1900000000");
    assert_eq!((text(&set, "clock"), int(&set, "now")), ("frozen", 1_900_000_000));
    assert_eq!(int(&user.post("/v1/customers", &[]).ok(), "created"), 1_900_000_000);
    ok(&user, "POST", "clock?sandbox=clock-frozen&advance=60");
    assert_eq!(int(&user.post("/v1/customers", &[]).ok(), "created"), 1_900_000_060);
    assert_eq!(ok(&user, "GET", "clock?sandbox=clock-frozen")["now"], 1_900_000_060);
    ok(&user, "POST", "clock?sandbox=clock-frozen&real=true");
    assert!(int(&user.post("/v1/customers", &[]).ok(), "created") < 1_900_000_000);
}

#[test]
fn a_running_clock_runs_on_after_it_was_advanced() {
    let user = sandbox("clock-ahead");
    let before = int(&user.post("/v1/customers", &[]).ok(), "created");
    let set = ok(&user, "POST", "clock?sandbox=clock-ahead&advance=1000000");
    assert_eq!(text(&set, "clock"), "ahead");
    let after = int(&user.post("/v1/customers", &[]).ok(), "created");
    assert!((1_000_000..1_000_100).contains(&(after - before)));
    ok(&user, "POST", "clock?sandbox=clock-ahead&freeze=now");
    let frozen = ok(&user, "GET", "clock?sandbox=clock-ahead");
    assert_eq!(text(&frozen, "clock"), "frozen");
    assert!(int(&frozen, "now") >= after);
}

#[test]
fn clocks_of_sandboxes_are_their_own() {
    let (one, other) = (sandbox("clock-one"), sandbox("clock-other"));
    ok(&one, "POST", "clock?sandbox=clock-one&freeze=1000000000");
    assert_eq!(int(&one.post("/v1/customers", &[]).ok(), "created"), 1_000_000_000);
    assert!(int(&other.post("/v1/customers", &[]).ok(), "created") > 1_500_000_000);
}

#[test]
fn a_wrong_clock_is_refused() {
    let user = sandbox("clock-wrong");
    for setting in ["", "&advance=-1", "&advance=x", "&freeze=tomorrow", "&freeze=-5", "&advance=1&real=true"] {
        let error = control(&user, "POST", &format!("clock?sandbox=clock-wrong{setting}")).refused(400);
        assert!(!text(&error, "message").is_empty());
    }
    control(&user, "POST", "clock?sandbox=clock-wrong&advance=9223372036854775807").refused(400);
}

#[test]
fn what_becomes_due_by_an_advanced_clock_happens_before_the_answer() {
    let user = sandbox("clock-due");
    ok(&user, "POST", "clock?sandbox=clock-due&freeze=1800000000");
    user.post("/v1/charges", &[("amount", "1000"), ("currency", "usd"), ("source", "tok_visa")]).ok();
    let row = |user: &Client| rows(&user.get("/v1/balance_transactions", &[]).ok())[0].clone();
    assert_eq!(row(&user)["status"], "pending");
    ok(&user, "POST", "clock?sandbox=clock-due&advance=259200");
    assert_eq!(row(&user)["status"], "available");
}

#[test]
fn a_reset_returns_the_clock_too() {
    let user = sandbox("clock-reset");
    ok(&user, "POST", "clock?sandbox=clock-reset&freeze=1000000000");
    ok(&user, "POST", "reset?sandbox=clock-reset");
    assert_eq!(ok(&user, "GET", "clock?sandbox=clock-reset")["clock"], "real");
}

#[test]
fn many_workers_never_see_each_other() {
    let workers: Vec<_> = (0..32)
        .map(|worker| {
            thread::spawn(move || {
                let name = format!("worker-{worker}");
                let user = sandbox(&name);
                let email = format!("{name}@example.com");
                for round in 0..5 {
                    let customer = user.post("/v1/customers", &[("email", &email), ("source", "tok_visa")]).ok();
                    let charge =
                        [("amount", "1000"), ("currency", "usd"), ("customer", customer["id"].as_str().unwrap())];
                    let once = user.with("Idempotency-Key", &format!("charge-{round}"));
                    let first = id(&once.post("/v1/charges", &charge).ok());
                    assert_eq!(id(&once.post("/v1/charges", &charge).ok()), first);
                }
                let all = user.get("/v1/customers", &[("limit", "100")]).ok();
                assert_eq!(rows(&all).len(), 5);
                assert!(rows(&all).iter().all(|row| row["email"] == email));
                assert_eq!(rows(&user.get("/v1/charges", &[("limit", "100")]).ok()).len(), 5);
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
}

#[test]
fn a_server_holds_ten_thousand_sandboxes() {
    let url = start(Config::default());
    let first = |n: usize| Client::new(&url, &format!("sk_test_sandbox_{n}")).get("/v1/nothing", &[]);
    for n in 1..=pinstripe::limits::SANDBOXES_MAX {
        assert_eq!(first(n).status, 404);
    }
    let refused = first(0);
    assert_eq!(refused.status, 429, "{}", refused.text);
    let sentence = "Pinstripe holds at most 10000 sandboxes; this key names one more. Restart the server.";
    assert_eq!(refused.body["error"]["message"], sentence);
    Client::new(&url, "sk_test_sandbox_1").get("/v1/customers", &[]).ok();
}
