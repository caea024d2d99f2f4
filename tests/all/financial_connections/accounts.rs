//! Linked accounts: what their banks tell, and when they do not (connect-accounts 12).

use serde_json::{Value, json};

use super::{ACCOUNTS, TRANSACTIONS, call, link, linked, read, told};
use crate::support::client::{Client, sandbox};
use crate::support::flows::{id, ids, int, invalid, missing, rows, says, text};

const INACTIVE: &str =
    "The Financial Connections account is disconnected. Only an active account can be refreshed or debited.";

fn trigger(api: &Client, event: &str, account: &Value) -> u16 {
    let event = format!("financial_connections.account.{event}");
    let path = format!("/_pinstripe/trigger?sandbox={}&event={event}&id={}", api.sandbox(), id(account));
    api.send("POST", &path, None).status
}

#[test]
fn a_refresh_is_pending_until_the_bank_answers() {
    let api = sandbox("fca-refresh");
    let account = linked(&api, "");
    for key in ["balance", "balance_refresh", "ownership", "ownership_refresh", "transaction_refresh"] {
        assert_eq!(account[key], Value::Null, "{key}");
    }
    let asked = call(&api, &account, "refresh", &[("features[]", "balance"), ("features[]", "ownership")]).ok();
    for key in ["balance_refresh", "ownership_refresh"] {
        assert_eq!(
            (text(&asked[key], "status"), &asked[key]["next_refresh_available_at"]),
            ("pending", &Value::Null),
            "{key}"
        );
    }
    assert_eq!((&asked["balance"], &asked["ownership"]), (&Value::Null, &Value::Null));
    let account = read(&api, &account, &[]);
    assert_eq!(text(&account["balance_refresh"], "status"), "succeeded");
    assert!(account["balance_refresh"]["next_refresh_available_at"].is_i64(), "{account}");
    assert_eq!(
        (&account["balance"]["type"], &account["balance"]["current"]),
        (&json!("cash"), &json!({"usd": 1_000_000}))
    );
    assert_eq!(account["balance"]["cash"], json!({"available": {"usd": 1_000_000}}));
    assert_eq!(told(&api), ["created", "refreshed_balance", "refreshed_ownership"]);
    // By its former name.
    api.post(&format!("/v1/linked_accounts/{}/refresh", id(&account)), &[("features[]", "balance")]).ok();
    assert_eq!(told(&api).last().unwrap(), "refreshed_balance");
    assert_eq!(api.get(&format!("/v1/linked_accounts/{}", id(&account)), &[]).ok()["id"], account["id"]);
}

#[test]
fn the_owners_are_told_by_an_ownership() {
    let api = sandbox("fca-owners");
    let account = linked(&api, "institution=ownership_accounts&accounts=two_owners");
    call(&api, &account, "refresh", &[("features[]", "ownership")]).ok();
    let whole = read(&api, &account, &["ownership"]);
    let ownership = &whole["ownership"];
    let names: Vec<&str> = rows(&ownership["owners"]).iter().map(|owner| text(owner, "name")).collect();
    assert_eq!(names, ["Jane Smith", "John Smith"]);
    let told = text(ownership, "id").to_owned();
    assert_eq!(read(&api, &account, &[])["ownership"], json!(told));
    let path = format!("{ACCOUNTS}/{}/owners", id(&account));
    let owners = api.get(&path, &[("ownership", &told)]).ok();
    assert_eq!(owners["data"].as_array().unwrap().len(), 2);
    assert!(rows(&owners).iter().all(|owner| text(owner, "ownership") == told), "{owners}");
    assert_eq!(
        api.get(&format!("/v1/linked_accounts/{}/owners", id(&account)), &[("ownership", &told)]).ok()["data"],
        owners["data"]
    );
    invalid(api.get(&path, &[]), 400, Some("parameter_missing"), Some("ownership"));
    missing(api.get(&path, &[("ownership", "fcaowns_no")]), 400, "account ownership", "fcaowns_no", "ownership");
    // A refresh tells anew.
    call(&api, &account, "refresh", &[("features[]", "ownership")]).ok();
    assert_ne!(read(&api, &account, &[])["ownership"], json!(told));
    let other = linked(&api, "");
    let path = format!("{ACCOUNTS}/{}/owners", id(&other));
    missing(api.get(&path, &[("ownership", &told)]), 400, "account ownership", &told, "ownership");
}

#[test]
fn a_bank_may_tell_nothing() {
    let api = sandbox("fca-fails");
    let features = [("features[]", "balance"), ("features[]", "ownership"), ("features[]", "transactions")];
    let account = linked(&api, "accounts=data_unavailable");
    call(&api, &account, "refresh", &features).ok();
    let account = read(&api, &account, &[]);
    for key in ["balance_refresh", "ownership_refresh", "transaction_refresh"] {
        assert_eq!(text(&account[key], "status"), "failed", "{key}");
    }
    assert_eq!((&account["balance"], &account["ownership"]), (&Value::Null, &Value::Null));
    let refused = api.get(TRANSACTIONS, &[("account", &id(&account))]);
    let sentence =
        "The transactions of this Financial Connections account were never refreshed with success. Refresh them first.";
    assert_eq!(says(refused, 400, sentence)["code"], "financial_connections_no_successful_transaction_refresh");
    let account = linked(&api, "institution=ownership_accounts&accounts=no_owners");
    call(&api, &account, "refresh", &features).ok();
    let account = read(&api, &account, &[]);
    assert_eq!(
        (text(&account["balance_refresh"], "status"), text(&account["ownership_refresh"], "status")),
        ("succeeded", "failed")
    );
}

#[test]
fn a_refresh_of_transactions_tells_what_is_new() {
    let api = sandbox("fca-transactions");
    let account = linked(&api, "");
    let refresh = || {
        call(&api, &account, "refresh", &[("features[]", "transactions")]).ok();
        text(&read(&api, &account, &[])["transaction_refresh"], "id").to_owned()
    };
    let list = |more: &[(&str, &str)]| api.get(TRANSACTIONS, &[&[("account", &*id(&account))], more].concat());
    let first = refresh();
    assert!(first.starts_with("fctxnref_"), "{first}");
    let known = list(&[]).ok();
    let newest = &rows(&known)[0];
    assert_eq!(
        (rows(&known).len(), text(newest, "status"), int(newest, "amount"), text(newest, "description")),
        (5, "pending", -1_250, "Coffee")
    );
    let posted = &rows(&known)[1];
    assert_eq!(posted["status_transitions"], json!({"posted_at": posted["transacted_at"], "void_at": null}));
    let second = refresh();
    let changed = list(&[("transaction_refresh[after]", &first)]).ok();
    let states: Vec<&str> = rows(&changed).iter().map(|booking| text(booking, "status")).collect();
    assert_eq!(states, ["pending", "posted"]);
    assert!(rows(&changed).iter().all(|booking| text(booking, "transaction_refresh") == second), "{changed}");
    assert_eq!(ids(&list(&[("transaction_refresh[after]", &second)]).ok()), Vec::<String>::new());
    missing(
        list(&[("transaction_refresh[after]", "fctxnref_no")]),
        400,
        "transaction refresh",
        "fctxnref_no",
        "transaction_refresh[after]",
    );
    let at = int(posted, "transacted_at").to_string();
    assert_eq!(ids(&list(&[("transacted_at[lte]", &at)]).ok()).len(), 4);
    assert_eq!(ids(&list(&[("transacted_at[gt]", &at)]).ok()).len(), 2);
    assert_eq!(api.get(&format!("{TRANSACTIONS}/{}", id(posted)), &[]).ok(), *posted);
    missing(api.get(TRANSACTIONS, &[("account", "fca_no")]), 400, "financial connections account", "fca_no", "account");
}

#[test]
fn a_subscription_refreshes_the_transactions_every_day() {
    let api = sandbox("fca-subscribe");
    let account = linked(&api, "");
    let subscribed = call(&api, &account, "subscribe", &[("features[]", "transactions")]).ok();
    assert_eq!(
        (&subscribed["subscriptions"], text(&subscribed["transaction_refresh"], "status")),
        (&json!(["transactions"]), "pending")
    );
    let count = || told(&api).iter().filter(|event| *event == "refreshed_transactions").count();
    assert_eq!(count(), 1);
    api.advance(3 * 86_400 + 60);
    assert_eq!(count(), 4);
    let ended = call(&api, &account, "unsubscribe", &[("features[]", "transactions")]).ok();
    assert_eq!(ended["subscriptions"], json!([]));
    api.advance(3 * 86_400);
    assert_eq!(count(), 4);
}

#[test]
fn a_subscription_goes_on_when_the_bank_tells_again() {
    let api = sandbox("fca-goes-on");
    let account = linked(&api, "");
    call(&api, &account, "subscribe", &[("features[]", "transactions")]).ok();
    let count = || told(&api).iter().filter(|event| *event == "refreshed_transactions").count();
    assert_eq!(trigger(&api, "deactivated", &account), 200);
    api.advance(10 * 86_400);
    assert_eq!(count(), 1);
    assert_eq!(trigger(&api, "reactivated", &account), 200);
    assert_eq!(read(&api, &account, &[])["subscriptions"], json!(["transactions"]));
    assert_eq!(count(), 2);
    // What is active is not asked again by this.
    assert_eq!(trigger(&api, "reactivated", &account), 409);
    assert_eq!(count(), 2);
    api.advance(3 * 86_400 + 60);
    assert_eq!(count(), 5);
    call(&api, &account, "unsubscribe", &[("features[]", "transactions")]).ok();
    for event in ["deactivated", "reactivated"] {
        assert_eq!(trigger(&api, event, &account), 200);
    }
    api.advance(3 * 86_400);
    assert_eq!(count(), 5);
}

#[test]
fn an_account_does_not_grow_with_its_refreshes() {
    let api = sandbox("fca-grows");
    let account = linked(&api, "");
    let subscribed = call(&api, &account, "subscribe", &[("features[]", "transactions")]).ok();
    let size = || {
        let state = api.send("GET", &format!("/_pinstripe/state?sandbox={}", api.sandbox()), None);
        let hidden = format!("\"financial_connections.account/{}\":", id(&account));
        state.text.lines().find(|line| line.starts_with(&hidden)).unwrap().len()
    };
    api.advance(20 * 86_400);
    let (before, middle) = (size(), read(&api, &account, &[]));
    api.advance(40 * 86_400);
    assert_eq!(size(), before);
    // What was told after one of its refreshes is known all the same: what was pending, and one more each day.
    for (refreshed, days) in [(subscribed, 60), (middle, 40)] {
        let after = ("transaction_refresh[after]", text(&refreshed["transaction_refresh"], "id"));
        let news = api.get(TRANSACTIONS, &[("account", &id(&account)), ("limit", "100"), after]).ok();
        assert_eq!(rows(&news).len(), days + 1);
    }
}

#[test]
fn nothing_is_told_without_permission() {
    let api = sandbox("fca-permissions");
    let account = link(&api, &[("permissions[]", "payment_method")], "").remove(0);
    let sentence = |permission: &str| {
        format!("The holder of this Financial Connections account was not asked for the permission `{permission}`.")
    };
    for (feature, permission) in [("balance", "balances"), ("ownership", "ownership"), ("transactions", "transactions")]
    {
        says(call(&api, &account, "refresh", &[("features[]", feature)]), 400, &sentence(permission));
    }
    says(call(&api, &account, "subscribe", &[("features[]", "transactions")]), 400, &sentence("transactions"));
    says(api.get(TRANSACTIONS, &[("account", &id(&account))]), 400, &sentence("transactions"));
    let owners = format!("{ACCOUNTS}/{}/owners", id(&account));
    says(api.get(&owners, &[("ownership", "x")]), 400, &sentence("ownership"));
    assert_eq!(told(&api), ["created"]);
}

#[test]
fn a_disconnected_account_tells_nothing_any_more() {
    let api = sandbox("fca-disconnect");
    let account = linked(&api, "");
    call(&api, &account, "subscribe", &[("features[]", "transactions")]).ok();
    assert_eq!(text(&call(&api, &account, "disconnect", &[]).ok(), "status"), "disconnected");
    assert_eq!(told(&api), ["created", "refreshed_transactions", "disconnected"]);
    let refused = call(&api, &account, "refresh", &[("features[]", "balance")]);
    assert_eq!(says(refused, 400, INACTIVE)["code"], "financial_connections_account_inactive");
    for verb in ["subscribe", "unsubscribe"] {
        says(call(&api, &account, verb, &[("features[]", "transactions")]), 400, INACTIVE);
    }
    says(
        call(&api, &account, "disconnect", &[]),
        400,
        "This account has `status` disconnected, so that `disconnect` is not possible; it needs active or inactive.",
    );
    api.advance(3 * 86_400);
    assert_eq!(told(&api).len(), 3);
    let other = linked(&api, "");
    api.post(&format!("/v1/linked_accounts/{}/disconnect", id(&other)), &[]).ok();
    assert_eq!(text(&read(&api, &other, &[]), "status"), "disconnected");
}

#[test]
fn what_was_told_before_can_be_read_for_ever() {
    let api = sandbox("fca-told-before");
    let account = linked(&api, "");
    call(&api, &account, "refresh", &[("features[]", "ownership"), ("features[]", "transactions")]).ok();
    let list = |path: &str, sent: &[(&str, &str)]| api.get(path, sent).ok()["data"].clone();
    let account = read(&api, &account, &[]);
    let owners = format!("{ACCOUNTS}/{}/owners", id(&account));
    let told = || {
        let booked = list(TRANSACTIONS, &[("account", &id(&account))]);
        (booked, list(&owners, &[("ownership", text(&account, "ownership"))]))
    };
    let before = told();
    assert_eq!(before.0.as_array().unwrap().len(), 5);
    assert_eq!(trigger(&api, "deactivated", &account), 200);
    assert_eq!(told(), before);
    call(&api, &account, "disconnect", &[]).ok();
    assert_eq!(told(), before);
}

#[test]
fn a_disconnected_account_stays_so() {
    let api = sandbox("fca-stays");
    let account = linked(&api, "");
    call(&api, &account, "disconnect", &[]).ok();
    let before = read(&api, &account, &[]);
    for event in ["deactivated", "reactivated"] {
        assert_eq!(trigger(&api, event, &account), 409, "{event}");
        assert_eq!(read(&api, &account, &[]), before, "{event}");
    }
    assert_eq!(told(&api), ["created", "disconnected"]);
}

#[test]
fn a_bank_that_tells_nothing_any_more_may_tell_again() {
    let api = sandbox("fca-inactive");
    let account = linked(&api, "");
    assert_eq!(trigger(&api, "deactivated", &account), 200);
    assert_eq!(text(&read(&api, &account, &[]), "status"), "inactive");
    invalid(
        call(&api, &account, "refresh", &[("features[]", "balance")]),
        400,
        Some("financial_connections_account_inactive"),
        None,
    );
    assert_eq!(trigger(&api, "reactivated", &account), 200);
    call(&api, &account, "refresh", &[("features[]", "balance")]).ok();
    assert_eq!(told(&api), ["created", "deactivated", "reactivated", "refreshed_balance"]);
}
