//! Accounts at other banks, and the sessions in which people link them (connect-accounts 12).

mod accounts;
mod intents;
mod page;
mod sessions;

use serde_json::Value;

use crate::support::client::{self, Answer, Client};
use crate::support::flows::{customer, id, rows, text};

const SESSIONS: &str = "/v1/financial_connections/sessions";
const ACCOUNTS: &str = "/v1/financial_connections/accounts";
const TRANSACTIONS: &str = "/v1/financial_connections/transactions";

/// Every permission.
const ALL: [(&str, &str); 4] = [
    ("permissions[]", "balances"),
    ("permissions[]", "ownership"),
    ("permissions[]", "payment_method"),
    ("permissions[]", "transactions"),
];

/// A session of a new customer.
#[track_caller]
fn open(api: &Client, more: &[(&str, &str)]) -> Value {
    let ada = customer(api, &[]);
    let holder = [("account_holder[type]", "customer"), ("account_holder[customer]", &*ada)];
    api.post(SESSIONS, &[&holder, more].concat()).ok()
}

/// Does without a browser what a person does in a session; `choice` is the query.
fn submit(api: &Client, session: &Value, choice: &str) -> Answer {
    api.send("POST", &format!("/_pinstripe/financial_connections/{}?{choice}", id(session)), None)
}

/// The accounts that are linked in a new session with these parameters.
#[track_caller]
fn link(api: &Client, more: &[(&str, &str)], choice: &str) -> Vec<Value> {
    let session = open(api, more);
    submit(api, &session, choice).ok();
    let session = api.get(&format!("{SESSIONS}/{}", id(&session)), &[]).ok();
    rows(&session["accounts"]).to_vec()
}

/// One linked account with every permission.
#[track_caller]
fn linked(api: &Client, choice: &str) -> Value {
    link(api, &ALL, choice).remove(0)
}

#[track_caller]
fn read(api: &Client, account: &Value, expand: &[&str]) -> Value {
    let expand: Vec<(&str, &str)> = expand.iter().map(|path| ("expand[]", *path)).collect();
    api.get(&format!("{ACCOUNTS}/{}", id(account)), &expand).ok()
}

fn call(api: &Client, account: &Value, verb: &str, sent: &[(&str, &str)]) -> Answer {
    api.post(&format!("{ACCOUNTS}/{}/{verb}", id(account)), sent)
}

/// A page in a browser, which sees less of an object than the catalogue describes.
fn from_page(api: &Client, method: &str, path: &str, sent: &[(&str, &str)]) -> Answer {
    let key = [("Authorization".to_owned(), format!("Bearer pk_test_sandbox_{}", api.sandbox()))];
    let sent = client::encode(sent);
    if method == "GET" {
        return client::raw(api.url(), method, &format!("{path}?{sent}"), &key, None);
    }
    client::raw(api.url(), method, path, &key, Some(("application/x-www-form-urlencoded", sent.as_bytes())))
}

/// The types of the sandbox's events about such accounts, oldest first, without their beginning.
fn told(api: &Client) -> Vec<String> {
    let events = api.get("/v1/events", &[("limit", "100")]).ok();
    let types = rows(&events).iter().rev().map(|event| text(event, "type").to_owned());
    types.filter_map(|kind| kind.strip_prefix("financial_connections.account.").map(str::to_owned)).collect()
}
