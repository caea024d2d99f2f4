//! `POST /_pinstripe/trigger` on a connected account of the user's own, and on what is in it.

use serde_json::{Value, json};

use crate::support::client::{Answer, Client, sandbox};
use crate::support::flows::{id, ids, int, rows, text};

/// A sandbox with an onboarded account of this country and form.
fn seller(name: &str, query: &str) -> (Client, Client, String) {
    let api = sandbox(name);
    let path = format!("/_pinstripe/account?sandbox={name}&state=onboarded&{query}");
    let account = id(&api.send("POST", &path, None).ok());
    let theirs = api.with("Stripe-Account", &account);
    (api, theirs, account)
}

fn trigger(api: &Client, event: &str, id: &str) -> Answer {
    api.send("POST", &format!("/_pinstripe/trigger?sandbox={}&event={event}&id={id}", api.sandbox()), None)
}

/// Makes an event happen to an account; the events of the account that came of it, the first of the type first.
#[track_caller]
fn triggered(api: &Client, event: &str, account: &str) -> Vec<Value> {
    let theirs = api.with("Stripe-Account", account);
    let list = || theirs.get("/v1/events", &[("limit", "100")]).ok();
    let before = ids(&list());
    trigger(api, event, account).ok();
    let mut new: Vec<Value> = rows(&list()).iter().filter(|told| !before.contains(&id(told))).cloned().collect();
    new.sort_by_key(|told| told["type"] != event);
    assert_eq!(new.first().map(|told| text(told, "type")), Some(event), "{new:?}");
    assert!(new.iter().all(|told| told["account"] == account), "{new:?}");
    new
}

/// The object of an event.
fn object(told: &[Value]) -> &Value {
    &told[0]["data"]["object"]
}

#[test]
fn an_account_and_its_capabilities_change() {
    let (api, _, account) = seller("ctr-account", "country=US");
    let told = triggered(&api, "account.updated", &account);
    assert_eq!(told[0]["data"]["previous_attributes"]["metadata"], json!({"triggered": null}));
    let told = triggered(&api, "capability.updated", &account);
    assert_eq!((&object(&told)["id"], &object(&told)["account"]), (&json!("transfers"), &json!(account)));
}

#[test]
fn people_come_change_and_go() {
    for (country, form) in [("US", "business_type=individual"), ("DE", "business_type=company"), ("GB", "type=express")]
    {
        let (api, _, account) = seller(&format!("ctr-people-{country}"), &format!("country={country}&{form}"));
        let people = || rows(&api.get(&format!("/v1/accounts/{account}/persons"), &[]).ok()).len();
        triggered(&api, "person.updated", &account);
        let told = triggered(&api, "person.created", &account);
        assert_eq!((&object(&told)["relationship"]["director"], people()), (&json!(true), 2));
        // The representative stays, and the newest is tried first.
        triggered(&api, "person.deleted", &account);
        assert_eq!(people(), 1);
        let why = trigger(&api, "person.deleted", &account).refused(409)["message"].clone();
        assert!(why.as_str().unwrap().ends_with("The representative of an account cannot be deleted."), "{why}");
    }
}

#[test]
fn external_accounts_come_change_and_go() {
    let (api, _, account) = seller("ctr-external", "country=FR");
    let told = triggered(&api, "account.external_account.created", &account);
    let bank = object(&told);
    assert_eq!((&bank["country"], &bank["currency"], &bank["last4"]), (&json!("FR"), &json!("eur"), &json!("3000")));
    assert_eq!(bank["default_for_currency"], false);
    triggered(&api, "account.external_account.updated", &account);
    let there = || int(&api.get(&format!("/v1/accounts/{account}"), &[]).ok()["external_accounts"], "total_count");
    assert_eq!(there(), 2);
    triggered(&api, "account.external_account.deleted", &account);
    assert_eq!(there(), 1);
}

#[test]
fn an_account_is_paid_out_and_the_bank_decides() {
    for event in ["payout.paid", "payout.failed", "payout.canceled", "payout.updated"] {
        let (api, theirs, account) = seller(&format!("ctr-{}", event.replace('.', "-")), "country=US");
        let nothing = trigger(&api, "payout.created", &account).refused(409);
        assert!(text(&nothing, "message").ends_with("What is available is paid out: nothing happens"), "{nothing}");
        let said = format!("{event} happens to: payout. The account {account} has none.");
        assert_eq!(trigger(&api, event, &account).refused(409)["message"], said);
        let sale = [("amount", "9000"), ("currency", "usd"), ("source", "tok_bypassPending")];
        theirs.post("/v1/charges", &sale).ok();
        let told = triggered(&api, "payout.created", &account);
        let made = object(&told).clone();
        let rest = 9_000 - 9_000 * 29 / 1_000 - 30;
        assert_eq!((int(&made, "amount"), &made["automatic"]), (rest, &json!(true)));
        if event == "payout.canceled" {
            // One that a schedule made, or this, cannot be canceled; one by hand can.
            theirs.post("/v1/charges", &sale).ok();
            theirs.post("/v1/payouts", &[("amount", "500"), ("currency", "usd")]).ok();
        }
        let told = triggered(&api, event, &account);
        assert_eq!(object(&told)["object"], "payout", "{event}");
    }
}

#[test]
fn what_is_in_an_account_is_found_by_the_account() {
    let (api, theirs, account) = seller("ctr-inside", "country=US");
    let sale = [("amount", "9000"), ("currency", "usd"), ("source", "tok_bypassPending")];
    let first = id(&theirs.post("/v1/charges", &sale).ok());
    let second = id(&theirs.post("/v1/charges", &sale).ok());
    let told = triggered(&api, "charge.refunded", &account);
    assert_eq!(object(&told)["id"], second);
    // The newest one has been refunded, so it happens to the one before.
    let told = triggered(&api, "charge.refunded", &account);
    assert_eq!(object(&told)["id"], first);
    // Why it can't happen any more is said of the newest.
    let why = trigger(&api, "charge.refunded", &account).refused(409)["message"].clone();
    let said = format!("charge.refunded can't happen to the charge {second} as it is. Nothing was done.");
    assert!(why.as_str().unwrap().starts_with(&said), "{why}");
    let unknown = trigger(&api, "charge.refunded", "acct_none").refused(404);
    assert_eq!(
        unknown["message"],
        "charge.refunded happens to: charge, payment_intent. The sandbox ctr-inside has no such object 'acct_none'."
    );
}

#[test]
fn a_standard_account_that_is_disconnected_is_not_closed() {
    for event in ["account.application.deauthorized", "delete"] {
        let (api, _, account) = seller(&format!("ctr-gone-{}", event.len()), "type=standard");
        let thin = || ids(&api.get("/v2/core/events", &[("object_id", &account)]).ok());
        let before = thin();
        if event == "delete" {
            api.delete(&format!("/v1/accounts/{account}")).ok();
        } else {
            trigger(&api, event, &account).ok();
        }
        assert_eq!(thin(), before);
    }
    let (api, _, account) = seller("ctr-closed", "type=standard");
    let path = format!("/v2/core/accounts/{account}");
    let applied = api.get(&path, &[]).ok()["applied_configurations"].clone();
    api.post_json(&format!("{path}/close"), &json!({"applied_configurations": applied})).ok();
    let told = api.get("/v2/core/events", &[("object_id", &account)]).ok();
    assert!(rows(&told).iter().any(|told| told["type"] == "v2.core.account.closed"), "{told}");
}
