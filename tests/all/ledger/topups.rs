//! Top-ups (billing 6.7).

use serde_json::{Value, json};

use crate::support::client::{self, Client, sandbox};
use crate::support::flows::{Params, id, ids, int, invalid, missing, rows, text, with};

fn top_up(api: &Client, params: Params<'_>) -> client::Answer {
    api.post("/v1/topups", &with(&[("amount", "5000"), ("currency", "usd")], params))
}

fn the_topup(api: &Client, topup: &Value) -> Value {
    api.get(&format!("/v1/topups/{}", id(topup)), &[]).ok()
}

/// Moves the clock of a sandbox on to where top-ups have arrived.
fn arrive(api: &Client, name: &str) {
    let answer = client::raw(api.url(), "POST", &format!("/_pinstripe/clock?sandbox={name}&advance=172800"), &[], None);
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[test]
fn a_top_up_is_in_the_balance_once_it_succeeded() {
    let api = sandbox("tu-succeed");
    let made = top_up(&api, &[("description", "More"), ("statement_descriptor", "TOP"), ("transfer_group", "g")]).ok();
    assert!(id(&made).starts_with("tu_1"), "{made}");
    assert_eq!((text(&made, "status"), &made["balance_transaction"]), ("pending", &Value::Null));
    assert_eq!((text(&made, "transfer_group"), text(&made, "description")), ("g", "More"));
    assert!(made["expected_availability_date"].is_i64(), "{made}");
    arrive(&api, "tu-succeed");
    let done = the_topup(&api, &made);
    let row = api.get(&format!("/v1/balance_transactions/{}", text(&done, "balance_transaction")), &[]).ok();
    assert_eq!((text(&done, "status"), text(&row, "type"), int(&row, "net")), ("succeeded", "topup", 5000));
    assert_eq!(int(&api.get("/v1/balance", &[]).ok()["available"][0], "amount"), 5000);
    let events = api.get("/v1/events", &[("type", "topup.*")]).ok();
    let kinds: Vec<&str> = rows(&events).iter().rev().map(|event| text(event, "type")).collect();
    assert_eq!(kinds, ["topup.created", "topup.succeeded"]);
}

#[test]
fn a_failing_bank_account_never_sends_it() {
    let api = sandbox("tu-fail");
    let made = top_up(&api, &[("source", "btok_us_verified_noAccount")]).ok();
    let good = top_up(&api, &[("source", "btok_us_verified")]).ok();
    arrive(&api, "tu-fail");
    let failed = the_topup(&api, &made);
    assert_eq!((text(&failed, "status"), text(&failed, "failure_code")), ("failed", "no_account"));
    assert_eq!(failed["balance_transaction"], Value::Null);
    assert_eq!(text(&the_topup(&api, &good), "status"), "succeeded");
}

#[test]
fn a_pending_top_up_can_be_canceled() {
    let api = sandbox("tu-cancel");
    let made = top_up(&api, &[]).ok();
    let path = format!("/v1/topups/{}/cancel", id(&made));
    assert_eq!(text(&api.post(&path, &[]).ok(), "status"), "canceled");
    invalid(api.post(&path, &[]), 400, None, None);
    arrive(&api, "tu-cancel");
    assert_eq!(text(&the_topup(&api, &made), "status"), "canceled");
}

#[test]
fn a_top_up_is_updated_listed_and_checked() {
    let api = sandbox("tu-list");
    let (small, large) =
        (top_up(&api, &[]).ok(), api.post("/v1/topups", &[("amount", "9000"), ("currency", "usd")]).ok());
    let changed = api.post(&format!("/v1/topups/{}", id(&small)), &[("metadata[a]", "1"), ("description", "x")]).ok();
    assert_eq!((&changed["metadata"], text(&changed, "description")), (&json!({"a": "1"}), "x"));
    let listed = |params: Params<'_>| ids(&api.get("/v1/topups", params).ok());
    assert_eq!(listed(&[]), [id(&large), id(&small)]);
    assert_eq!(listed(&[("amount[gt]", "5000")]), [id(&large)]);
    assert_eq!(listed(&[("status", "pending"), ("amount", "5000")]), [id(&small)]);
    for amount in ["0", "-1"] {
        let answer = api.post("/v1/topups", &[("amount", amount), ("currency", "usd")]);
        invalid(answer, 400, Some("parameter_invalid_integer"), Some("amount"));
    }
    invalid(top_up(&api, &[("source", "tok_visa")]), 400, None, Some("source"));
    missing(top_up(&api, &[("source", "btok_x")]), 400, "source", "btok_x", "source");
    missing(api.get("/v1/topups/tu_x", &[]), 404, "topup", "tu_x", "topup");
}
