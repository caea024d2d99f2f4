//! The difference between two states of a sandbox.

use pinstripe::error::ApiError;
use serde_json::{Value, json};

use crate::support::client::{Answer, Client, raw, sandbox};
use crate::support::flows::{id, text};

fn control(user: &Client, method: &str, path: &str) -> Answer {
    let joint = if path.contains('?') { '&' } else { '?' };
    raw(user.url(), method, &format!("/_pinstripe/{path}{joint}sandbox={}", user.sandbox()), &[], None)
}

fn snapshot(user: &Client, name: &str) {
    control(user, "POST", &format!("snapshots/{name}")).ok();
}

fn diff(user: &Client, query: &str) -> Value {
    control(user, "GET", &format!("diff?{query}")).ok()
}

fn list(diff: &Value) -> &[Value] {
    diff["differences"].as_array().unwrap()
}

fn counts(diff: &Value) -> [i64; 3] {
    ["created", "changed", "deleted"].map(|what| diff[what].as_i64().unwrap())
}

fn customer(user: &Client, name: &str) -> String {
    id(&user.post("/v1/customers", &[("name", name), ("metadata[order]", "6")]).ok())
}

#[test]
fn what_was_created_changed_and_deleted_is_told_apart() {
    let user = sandbox("diff-apart");
    let (kept, changed, gone) = (customer(&user, "Kept"), customer(&user, "Changed"), customer(&user, "Gone"));
    snapshot(&user, "before");
    let address = [("name", "Other"), ("address[city]", "Ulm"), ("metadata[order]", "7"), ("metadata[new]", "1")];
    user.post(&format!("/v1/customers/{changed}"), &address).ok();
    user.delete(&format!("/v1/customers/{gone}")).ok();
    let made = customer(&user, "Made");
    let found = diff(&user, "from=before");
    assert_eq!(counts(&found), [1, 1, 1], "{found}");
    let of = |id: &str| list(&found).iter().find(|row| row["id"] == id);
    assert_eq!(of(&kept), None);
    let row = of(&changed).unwrap();
    assert_eq!((text(row, "what"), text(row, "object"), &row["account"]), ("changed", "customer", &Value::Null));
    let mut fields = row["fields"].as_array().unwrap().clone();
    fields.retain(|field| field["path"] != "address");
    assert_eq!(
        fields,
        [
            json!({"path": "metadata[new]", "after": "1"}),
            json!({"path": "metadata[order]", "before": "6", "after": "7"}),
            json!({"path": "name", "before": "Changed", "after": "Other"}),
        ]
    );
    let row = of(&gone).unwrap();
    assert_eq!((text(row, "what"), text(&row["before"], "name"), row.get("after")), ("deleted", "Gone", None));
    let row = of(&made).unwrap();
    assert_eq!((text(row, "what"), text(&row["after"], "name"), row.get("before")), ("created", "Made", None));
}

#[test]
fn a_call_that_reads_differs_in_nothing() {
    let user = sandbox("diff-reads");
    let id = customer(&user, "Read");
    snapshot(&user, "before");
    user.get(&format!("/v1/customers/{id}"), &[]).ok();
    user.post(&format!("/v1/customers/{id}"), &[("name", "Read")]).ok();
    user.get("/v1/customers", &[]).ok();
    let found = diff(&user, "from=before");
    assert_eq!((counts(&found), list(&found).len(), &found["next"]), ([0, 0, 0], 0, &Value::Null), "{found}");
}

#[test]
fn everything_that_a_call_does_is_listed_by_kind_and_id() {
    let user = sandbox("diff-charge");
    let customer = id(&user.post("/v1/customers", &[("source", "tok_visa")]).ok());
    snapshot(&user, "before");
    let charge = [("amount", "1000"), ("currency", "usd"), ("customer", customer.as_str())];
    let charge = id(&user.post("/v1/charges", &charge).ok());
    let found = diff(&user, "from=before");
    let all: Vec<_> = list(&found).iter().map(|row| (text(row, "object"), text(row, "id"))).collect();
    let kinds: Vec<_> = all.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, ["balance", "balance_transaction", "charge"], "{found}");
    assert_eq!(all[2].1, charge);
    assert!(all.is_sorted());
}

#[test]
fn two_snapshots_are_compared_in_either_direction_and_the_present_is_left_alone() {
    let user = sandbox("diff-two");
    snapshot(&user, "a");
    let id = customer(&user, "Between");
    snapshot(&user, "b");
    customer(&user, "Later");
    assert_eq!(counts(&diff(&user, "from=a&to=b")), [1, 0, 0]);
    assert_eq!(counts(&diff(&user, "from=a")), [2, 0, 0]);
    let back = diff(&user, "from=b&to=a");
    assert_eq!((counts(&back), &list(&back)[0]["id"]), ([0, 0, 1], &json!(id)));
    assert_eq!((&back["from"], &back["to"]), (&json!("b"), &json!("a")));
    assert_eq!(counts(&diff(&user, "from=a&to=a")), [0, 0, 0]);
    // What was created and deleted between the two is in neither.
    user.delete(&format!("/v1/customers/{id}")).ok();
    assert_eq!(counts(&diff(&user, "from=a")), [1, 0, 0]);
}

#[test]
fn objects_of_a_connected_account_name_it() {
    let user = sandbox("diff-account");
    let account = id(&user.post("/v1/accounts", &[("type", "standard")]).ok());
    snapshot(&user, "before");
    let inside = customer(&user.with("Stripe-Account", &account), "Inside");
    let found = diff(&user, "from=before");
    let row = &list(&found)[0];
    assert_eq!((list(&found).len(), text(row, "id"), text(row, "account")), (1, &*inside, &*account), "{found}");
}

#[test]
fn pages_fit_together_and_hold_as_many_as_wanted() {
    let user = sandbox("diff-pages");
    snapshot(&user, "before");
    // More than a table keeps unsorted.
    let mut made: Vec<String> = (0..120).map(|n| customer(&user, &n.to_string())).collect();
    made.sort();
    assert_eq!(list(&diff(&user, "from=before")).len(), 100);
    let (mut listed, mut after) = (Vec::new(), String::new());
    loop {
        let page = diff(&user, &format!("from=before&limit=50{after}"));
        assert_eq!(counts(&page), [120, 0, 0], "the counts are of all pages");
        listed.extend(list(&page).iter().map(|row| text(row, "id").to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        assert_eq!(page["has_more"], true);
        after = format!("&after={next}");
    }
    assert_eq!(listed, made);
}

#[test]
fn a_state_that_was_replaced_by_its_own_export_differs_in_nothing() {
    let user = sandbox("diff-replaced");
    for n in 0..60 {
        customer(&user, &n.to_string());
    }
    user.post("/v1/accounts", &[("type", "standard")]).ok();
    snapshot(&user, "before");
    let file = raw(user.url(), "GET", "/_pinstripe/state?sandbox=diff-replaced", &[], None).text;
    let body = Some(("application/json", file.as_bytes()));
    raw(user.url(), "PUT", "/_pinstripe/state?sandbox=diff-replaced", &[], body).ok();
    assert_eq!(counts(&diff(&user, "from=before")), [0, 0, 0]);
}

#[test]
fn subscriptions_that_were_exported_and_read_again_differ_in_nothing() {
    let user = sandbox("diff-saas");
    let target = |path: &str| format!("/_pinstripe/{path}sandbox=diff-saas");
    raw(user.url(), "POST", &target("fixtures?preset=saas&"), &[], None).ok();
    snapshot(&user, "before");
    let file = raw(user.url(), "GET", &target("state?"), &[], None).text;
    raw(user.url(), "PUT", &target("state?"), &[], Some(("application/json", file.as_bytes()))).ok();
    let found = diff(&user, "from=before");
    assert_eq!((counts(&found), list(&found).len()), ([0, 0, 0], 0), "{found}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let user = sandbox("diff-wrong");
    snapshot(&user, "before");
    for (query, status, param, message) in [
        ("", 400, Some("from"), "`from` must be the name of a snapshot."),
        ("from=gone", 404, None, "The sandbox has no snapshot `gone`."),
        ("from=before&to=gone", 404, None, "The sandbox has no snapshot `gone`."),
        ("from=before&limit=0", 400, Some("limit"), "`limit` is a whole number from 1 to 1000."),
        ("from=before&limit=1001", 400, Some("limit"), "`limit` is a whole number from 1 to 1000."),
        ("from=before&after=cus_1", 400, Some("after"), "`after` is the `next` of the answer before."),
    ] {
        let error = control(&user, "GET", &format!("diff?{query}")).refused(status);
        assert_eq!((text(&error, "message"), error["param"].as_str()), (message, param), "{query}");
    }
}

#[test]
fn who_looks_for_a_snapshot_hears_that_some_were_dropped() {
    // A sandbox that keeps so much is not made for one sentence.
    let error = ApiError::snapshot_missing("gone", true);
    let message =
        "The sandbox has no snapshot `gone`. Snapshots kept more than 1073741824 bytes, so the oldest were dropped.";
    assert_eq!((error.status(), error.field("message")), (404, Some(message)));
}
