//! Customers' credit balances (core-payments 3.1, 3.8).

use serde_json::{Value, json};

use crate::support::client::{Client, sandbox};
use crate::support::flows::{customer, id, ids, int, invalid, missing, rows, the_customer};

fn of(customer: &str) -> String {
    format!("/v1/customers/{customer}/balance_transactions")
}

fn change(api: &Client, owner: &str, amount: &str, currency: &str) -> Value {
    api.post(&of(owner), &[("amount", amount), ("currency", currency)]).ok()
}

#[test]
fn a_change_moves_the_customers_balance() {
    let api = sandbox("balances-change");
    let owner = customer(&api, &[]);
    let mut first = change(&api, &owner, "-500", "USD");
    assert_eq!(int(&change(&api, &owner, "200", "usd"), "ending_balance"), -300);
    let now = the_customer(&api, &owner);
    assert_eq!((&now["balance"], &now["currency"]), (&json!(-300), &json!("usd")));
    assert!(id(&first).starts_with("cbtxn_"));
    for made_up in ["id", "created"] {
        first.as_object_mut().unwrap().remove(made_up);
    }
    assert_eq!(
        first,
        json!({"object": "customer_balance_transaction", "amount": -500, "checkout_session": null, "credit_note": null,
            "currency": "usd", "customer": owner, "customer_account": null, "description": null,
            "ending_balance": -500, "invoice": null, "livemode": false, "metadata": {}, "type": "adjustment"})
    );
}

#[test]
fn each_currency_has_a_balance_of_its_own() {
    let api = sandbox("balances-currencies");
    let owner = customer(&api, &[("balance", "100")]);
    change(&api, &owner, "-70", "eur");
    assert_eq!(int(&change(&api, &owner, "-7", "eur"), "ending_balance"), -77);
    let path = format!("/v1/customers/{owner}");
    let shown = api.get(&path, &[("expand[]", "invoice_credit_balance")]).ok();
    assert_eq!((&shown["balance"], &shown["currency"]), (&json!(100), &json!("usd")));
    assert_eq!(shown["invoice_credit_balance"], json!({"eur": -77, "usd": 100}));
    let blank = api.post("/v1/customers", &[("expand[]", "invoice_credit_balance")]).ok();
    assert_eq!(blank["invoice_credit_balance"], json!({}));
}

#[test]
fn setting_the_balance_is_a_change_too() {
    let api = sandbox("balances-set");
    let owner = customer(&api, &[("balance", "100")]);
    let path = format!("/v1/customers/{owner}");
    api.post(&path, &[("balance", "30")]).ok();
    api.post(&path, &[("balance", "30"), ("name", "n")]).ok();
    let list = api.get(&of(&owner), &[]).ok();
    let seen: Vec<(i64, i64, &Value)> =
        rows(&list).iter().map(|row| (int(row, "amount"), int(row, "ending_balance"), &row["type"])).collect();
    assert_eq!(seen, [(-70, 30, &json!("adjustment")), (100, 100, &json!("initial"))]);
}

#[test]
fn a_change_is_retrieved_listed_and_described() {
    let api = sandbox("balances-read");
    let [owner, other] = [customer(&api, &[]), customer(&api, &[])];
    let made = id(&change(&api, &owner, "-500", "usd"));
    let path = format!("{}/{made}", of(&owner));
    let described = api.post(&path, &[("description", "d"), ("metadata[a]", "b")]).ok();
    assert_eq!((&described["description"], &described["metadata"]), (&json!("d"), &json!({"a": "b"})));
    assert_eq!(api.get(&path, &[]).ok(), described);
    assert_eq!(ids(&api.get(&of(&owner), &[]).ok()), std::slice::from_ref(&made));
    assert_eq!(ids(&api.get(&of(&other), &[]).ok()), Vec::<String>::new());
    missing(api.get(&format!("{}/{made}", of(&other)), &[]), 404, "customer_balance_transaction", &made, "transaction");
    invalid(api.post(&path, &[("amount", "1")]), 400, Some("parameter_unknown"), Some("amount"));
}

#[test]
fn a_change_that_cannot_be_is_refused() {
    let api = sandbox("balances-refused");
    let owner = customer(&api, &[]);
    invalid(api.post(&of(&owner), &[("amount", "1")]), 400, Some("parameter_missing"), Some("currency"));
    invalid(api.post(&of(&owner), &[("amount", "1"), ("currency", "xxx")]), 400, None, Some("currency"));
    change(&api, &owner, &i64::MAX.to_string(), "usd");
    let one_more = [("amount", "1"), ("currency", "usd")];
    invalid(api.post(&of(&owner), &one_more), 400, Some("parameter_invalid_integer"), Some("amount"));
    missing(api.post(&of("cus_none"), &one_more), 404, "customer", "cus_none", "customer");
    missing(api.get(&of("cus_none"), &[]), 404, "customer", "cus_none", "customer");
}

#[test]
fn a_credit_that_a_balance_cannot_hold_is_refused() {
    let api = sandbox("balances-below");
    let owner = customer(&api, &[]);
    change(&api, &owner, &i64::MIN.to_string(), "usd");
    let error = invalid(
        api.post(&of(&owner), &[("amount", "-1"), ("currency", "usd")]),
        400,
        Some("parameter_invalid_integer"),
        Some("amount"),
    );
    assert_eq!(error["message"], "This value must be greater than or equal to 0.");
    assert_eq!(change(&api, &owner, "1", "usd")["ending_balance"], i64::MIN + 1);
}
